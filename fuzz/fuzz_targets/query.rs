#![no_main]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use touchstone_policy::SourceFile;
use touchstone_registry::Registry;
use touchstone_screening::answer::{MAX_ITEMS, Standing, answer};
use touchstone_screening::{Directory, Policy};

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(root, &path, files);
            } else if path.extension().is_some_and(|ending| ending == "toml") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.push(SourceFile { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/default");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    Policy::load(files).unwrap()
});

static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| {
    let list = include_str!("../../corpus/queries/registry.jsonl");
    Directory::new(Registry::from_json_lines(list).unwrap())
});

fuzz_target!(|bytes: &[u8]| {
    let query = String::from_utf8_lossy(bytes);
    let now = "2026-11-20T08:00:00Z".parse().unwrap();
    let Ok(found) = answer(&query, &DIRECTORY, &POLICY, now) else { return };
    assert_eq!(Ok(&found), answer(&query, &DIRECTORY, &POLICY, now).as_ref());
    assert!(found.items.len() <= MAX_ITEMS && !found.advice.is_empty());
    let trimmed: Vec<char> = query.trim().chars().collect();
    for item in &found.items {
        let there: String = trimmed[item.span.from as usize..item.span.to as usize].iter().collect();
        assert_eq!(there, item.text);
    }
    if found.standing == Standing::Listed {
        assert!(found.forbidden.is_empty() && found.items.iter().all(|it| it.standing == Standing::Listed));
    }
});
