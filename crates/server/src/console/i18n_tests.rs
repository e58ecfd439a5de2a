use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_bundle::FluentResource;

use super::{EN_FILES, Lang, ZH_FILES};

/// Keys with the names of their arguments, as the files of a language have them.
fn messages(files: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    for file in files {
        FluentResource::try_new((*file).to_owned()).expect("every line of a locale file parses");
    }
    let source = files.join("\n");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in source.lines() {
        if let Some((name, _)) = line.split_once(" =")
            && !line.starts_with([' ', '#'])
        {
            key = name.to_owned();
            assert!(found.insert(key.clone(), BTreeSet::new()).is_none(), "{key} is there twice");
        }
        for piece in line.split('$').skip(1) {
            let name: String =
                piece.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
            found.get_mut(&key).expect("an argument belongs to a message").insert(name);
        }
    }
    found
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_arguments() {
    let (zh, en) = (messages(ZH_FILES), messages(EN_FILES));
    for (key, args) in &zh {
        assert_eq!(en.get(key), Some(args), "{key} in zh, against en");
    }
    for key in en.keys() {
        assert!(zh.contains_key(key), "{key} is only in en");
    }
}

/// Text literals given to `t("…")`, `t1("…"`, `n("…"` and the like.
fn keys_used(source: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for call in [".t(\"", ".t1(\"", ".n(\"", ".text(\"", ".text_with(\"", ".t2(\""] {
        for piece in source.split(call).skip(1) {
            keys.insert(piece.split('"').next().unwrap_or_default().to_owned());
        }
    }
    keys
}

#[test]
fn every_key_that_pages_use_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let zh = messages(ZH_FILES);
    let mut seen = 0;
    let mut folders = vec![root.join("templates"), root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.ends_with("i18n_tests.rs") {
                continue;
            }
            let source = std::fs::read_to_string(&path).expect("readable");
            for key in keys_used(&source) {
                assert!(zh.contains_key(&key), "{} uses {key}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "only {seen} uses found: does the search still work?");
}

#[test]
fn the_browsers_wish_decides_the_language() {
    for (header, expected) in [
        ("zh-CN,zh;q=0.9,en;q=0.8", Some(Lang::Zh)),
        ("en-GB,en;q=0.9,zh;q=0.5", Some(Lang::En)),
        ("fr, en;q=0.3, zh-TW;q=0.6", Some(Lang::Zh)),
        ("fr,de", None),
        ("", None),
        ("zh;q=abc", Some(Lang::Zh)),
    ] {
        assert_eq!(Lang::from_accept(header), expected, "{header}");
    }
}

#[test]
fn a_missing_key_shows_itself_instead_of_nothing() {
    assert_eq!(Lang::En.text("no-such-key"), "no-such-key");
}
