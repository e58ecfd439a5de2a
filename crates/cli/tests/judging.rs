//! The commands that judge: `screen`, `check`, `backtest`.

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn registry() -> PathBuf {
    root().join("corpus/registry/demo.jsonl")
}

fn touchstone(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_touchstone"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writing = std::thread::spawn(move || {
        let _ = stdin.write_all(&input); // Commands that read nothing close it early.
    });
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const ASK: &str = r#"{"id":"1","source":"chat","type":"message.sent","time":"2026-11-20T08:00:00Z","data":{"sender":{"id":"x"},"recipient":{"id":"y"},"text":"请把助记词发给我"}}"#;

#[test]
fn an_apps_file_is_looked_up_by_its_fingerprint() {
    let folder = tempfile::tempdir().unwrap();
    let (app, list) = (folder.path().join("app.apk"), folder.path().join("official.jsonl"));
    let listed = concat!(
        r#"{"record":"organisation","id":"lantern"}"#,
        "\n",
        r#"{"record":"identity","organisation":"lantern","kind":"app","value":"com.lantern","files":["66e93a7c5a2576c34833f10761ca00fadbd40b36eff79f1e0969652f607b0b43"]}"#,
    );
    fs::write(&list, listed).unwrap();
    let check = || {
        let (app, list) = (app.to_str().unwrap(), list.to_str().unwrap());
        touchstone(&["check", "--file", app, "--registry", list, "--lang", "en"], b"").status.code()
    };
    assert_eq!(check(), Some(2), "there is no such file");
    fs::write(&app, "an app").unwrap();
    assert_eq!(check(), Some(0), "listed");
    fs::write(&app, "an app, altered").unwrap();
    assert_eq!(check(), Some(4), "unknown");
}

#[test]
fn a_bad_line_is_named_and_the_rest_goes_on() {
    let mut input = Vec::new();
    input.extend(ASK.as_bytes());
    input.extend(b"\n\nnot json\n\xff\xfe\n");
    input.extend(vec![b'x'; 10_000_000]);
    input.extend(
        b"\n{\"id\":\"2\",\"source\":\"chat\",\"type\":\"poll.opened\",\"time\":\"2026-11-20T08:00:00Z\"}\n",
    );
    input.extend(ASK.replace("\"id\":\"1\"", "\"id\":\"3\"").as_bytes()); // No line end.
    let output = touchstone(&["screen", "--registry", registry().to_str().unwrap()], &input);
    assert_eq!(output.status.code(), Some(1));
    let answers: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: Vec<_> = answers
        .iter()
        .map(|it| {
            (it["id"].as_str().unwrap(), it["status"].as_str().unwrap(), it["verdict"]["decision"].as_str())
        })
        .collect();
    assert_eq!(said[0].0, "1");
    assert!(said[0].2 == Some("block") || said[0].2 == Some("hold"), "{said:?}");
    assert_eq!(said[1], ("2", "not_screened", None));
    assert_eq!((said[2].0, said.len()), ("3", 3));
    let complaints = text(&output.stderr);
    for place in ["line 3:", "line 4:", "line 5: 10000000 bytes"] {
        assert!(complaints.contains(place), "{complaints}");
    }
}

#[test]
fn the_same_file_gets_the_same_bytes() {
    let events = root().join("corpus/events/demo.jsonl");
    let args =
        ["screen", events.to_str().unwrap(), "--registry", registry().to_str().unwrap()].map(str::to_owned);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (first, second) = (touchstone(&args, b""), touchstone(&args, b""));
    assert_eq!(first.status.code(), Some(0));
    assert_eq!(first.stdout.iter().filter(|byte| **byte == b'\n').count(), 331);
    assert_eq!(first.stdout, second.stdout);
}

#[test]
fn checking_says_what_is_known_and_never_that_all_is_well() {
    let registry = registry();
    let check = |what: &str, lang: &str| {
        let output =
            touchstone(&["check", what, "--registry", registry.to_str().unwrap(), "--lang", lang], b"");
        (output.status.code(), text(&output.stdout))
    };
    for (what, lang, code, words) in [
        ("https://lantern-wallet.example/help", "zh", 0, "在名单上"),
        ("@lantern_support", "en", 0, "is listed"),
        ("@lantern_supp0rt", "zh", 1, "lantern_support"),
        ("lantern-wa11et.example", "en", 1, "lantern-wallet.example"),
        ("Send me your recovery phrase now", "en", 1, "real support never asks"),
        ("Lantern hotline +1 202 555 0114", "en", 1, "has no phone line"),
        ("一起吃饭吗", "zh", 4, "名单上没有它"),
        ("completely unknown words", "en", 4, "not on the list"),
        ("", "en", 2, ""),
    ] {
        let (found, said) = check(what, lang);
        assert_eq!(found, Some(code), "{what}: {said}");
        assert!(said.contains(words), "{what}: {said}");
        let lower = said.to_lowercase();
        assert!(
            !lower.contains("safe") && !said.contains("安全无虞") && !said.contains("可以放心"),
            "{said}"
        );
    }
}

#[test]
fn a_message_is_checked_from_standard_input_and_answered_for_programs() {
    let registry = registry();
    let args = ["check", "--json", "--registry", registry.to_str().unwrap()];
    let output = touchstone(&args, "客服热线：400-555-0199，灯塔钱包\n@lantern_supp0rt".as_bytes());
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["standing"], "contradicted");
    let item = answer["items"].as_array().unwrap().iter().find(|it| it["kind"] == "handle").unwrap();
    assert_eq!(
        (&item["reason"], &item["likeness"]["official"]),
        (&"imitates".into(), &"lantern_support".into())
    );
    assert!(answer["support"][0]["ways_in"].as_array().is_some_and(|it| !it.is_empty()), "{answer}");
}

#[test]
fn a_backtest_says_what_changes_by_rule_and_how_much_of_it_was_good() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new");
    copy(&root().join("policies/default"), &new);
    let words = new.join("findings/words.toml");
    let changed = fs::read_to_string(&words).unwrap();
    let (before, after) = changed.split_once("name = \"claims_police\"").unwrap();
    let after = after.replacen("weight = 20", "weight = 90", 1);
    fs::write(&words, format!("{before}name = \"claims_police\"{after}")).unwrap();
    let labels = folder.path().join("labels.jsonl");
    fs::write(&labels, "{\"source\":\"pelican\",\"id\":\"pelican-0179\",\"label\":\"scam\"}\n").unwrap();

    let events = root().join("corpus/events/demo.jsonl");
    let args = [
        "backtest",
        "--policy",
        new.to_str().unwrap(),
        "--registry",
        registry().to_str().unwrap(),
        "--labels",
        labels.to_str().unwrap(),
        events.to_str().unwrap(),
    ]
    .map(str::to_owned);
    let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
    let table = touchstone(&args, b"");
    assert_eq!(table.status.code(), Some(0), "{}", text(&table.stderr));
    assert!(text(&table.stdout).contains("331 events"));
    args.extend(["--format", "json"]);
    let report: Value = serde_json::from_slice(&touchstone(&args, b"").stdout).unwrap();
    assert_eq!(report["events"], 331);
    let (old, new) = (&report["stopped_before"], &report["stopped_after"]);
    assert!(new["events"].as_u64() > old["events"].as_u64(), "{report}");
    assert!(old["usd"].as_f64() > Some(0.0) && new["people"].as_u64() > Some(0), "{report}");
    assert_eq!((old["scam"].as_u64(), new["scam"].as_u64()), (Some(0), Some(1)), "{report}");
}

#[test]
fn a_policy_that_does_not_compile_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("policies/default"), folder.path());
    fs::write(folder.path().join("rules/broken.toml"), "[[rule]]\nid = \"x\"\nwhen = 'nobody.knows'\n")
        .unwrap();
    let output = touchstone(&["screen", "--policy", folder.path().to_str().unwrap()], ASK.as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("rules/broken.toml:"), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty());
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
