//! `touchstone lookalike`: a line out for each line in, whatever comes in.

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const SIMPLE: &str = r#"{"brand": "tallowpay", "domains": ["tallowpay.example"], "handles": ["tallowpay"], "names": ["Tallowpay Support"], "zh": ["牛脂钱包"], "cls": "unique"}"#;

const EXPORT: &str = r#"{"record": "organisation", "id": "tallowpay", "name": {"zh": "牛脂钱包", "en": "Tallowpay"}}
{"record": "identity", "organisation": "tallowpay", "kind": "handle", "value": "tallowpay"}
{"record": "identity", "organisation": "tallowpay", "kind": "domain", "value": "tallowpay.example"}
{"record": "identity", "organisation": "tallowpay", "kind": "handle", "value": "suetwallet", "revoked": "2026-01-02T00:00:00Z"}"#;

fn lookalike(registry: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touchstone"));
    command.arg("lookalike").arg("--registry").arg(registry);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ask(mut command: Command, input: &[u8]) -> Output {
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    output
}

fn answers(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn only_what_is_in_force_at_that_moment_can_be_resembled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.jsonl");
    let until = r#"{"record": "organisation", "id": "tallowpay", "name": {"zh": "牛脂钱包", "en": "Tallowpay"}}
{"record": "identity", "organisation": "tallowpay", "kind": "handle", "value": "tallowpay", "until": "2026-03-01T00:00:00Z"}
{"record": "identity", "organisation": "tallowpay", "kind": "handle", "value": "suetwallet", "from": "2026-02-01T00:00:00Z", "revoked": "2026-05-01T00:00:00Z"}"#;
    fs::write(&path, until).unwrap();
    let input = concat!(
        r#"{"kind": "handle", "candidate": "t\u0430llowpay"}"#,
        "\n",
        r#"{"kind": "handle", "candidate": "suetwa11et"}"#,
    );
    let times: [(Option<&str>, [bool; 2]); 5] = [
        (Some("2026-01-15T00:00:00Z"), [true, false]),
        (Some("2026-02-15T00:00:00Z"), [true, true]),
        (Some("2026-04-15T00:00:00Z"), [false, true]),
        (Some("2026-05-01T00:00:00Z"), [false, false]),
        (None, [false, false]), // Now: all that is over by any clock that has run until today.
    ];
    for (at, expected) in times {
        let mut command = lookalike(&path);
        command.args(at.map(|at| format!("--at={at}")));
        let output = ask(command, input.as_bytes());
        let found: Vec<bool> = answers(&output).iter().map(|it| !it["official"].is_null()).collect();
        assert_eq!((output.status.code(), &*found), (Some(0), &expected[..]), "{at:?}");
    }
}

#[test]
fn both_forms_of_the_registry_are_read_and_what_resembles_is_told_in_full() {
    let folder = tempfile::tempdir().unwrap();
    for (name, registry) in [("simple.jsonl", SIMPLE), ("export.jsonl", EXPORT)] {
        let path = folder.path().join(name);
        fs::write(&path, registry).unwrap();
        let input = concat!(
            r#"{"kind": "handle", "candidate": "t\u0430llowpay"}"#,
            "\n",
            r#"{"candidate":"morning rain","kind":"display_name","more":1}"#,
            "\n",
            r#"{"kind": "domain", "candidate": "tallowpay.example"}"#,
            "\n",
            r#"{"kind": "handle", "candidate": "suetwallet"}"#, // No line end; nobody's any more.
        );
        let output = ask(lookalike(&path), input.as_bytes());
        assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]), "{name}");
        let answers = answers(&output);
        assert_eq!(answers.len(), 4, "{name}");
        let found = answers[0].as_object().unwrap();
        let mut keys: Vec<_> = found.keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["brand", "candidate", "closeness", "official", "techniques", "tier"], "{name}");
        assert_eq!(found["candidate"], "tаllowpay", "{name}");
        assert_eq!(
            (&found["official"], &found["brand"]),
            (&json!("tallowpay"), &json!("tallowpay")),
            "{name}"
        );
        assert_eq!((&found["tier"], &found["techniques"]), (&json!("act"), &json!(["confusable"])), "{name}");
        assert!(found["closeness"].as_f64().is_some_and(|it| (0.5..=1.0).contains(&it)), "{name}");
        assert_eq!(answers[1], json!({"candidate": "morning rain", "official": null}), "{name}");
        assert_eq!(answers[2]["techniques"], json!(["same"]), "{name}");
        assert_eq!(answers[3], json!({"candidate": "suetwallet", "official": null}), "{name}");
    }
}

#[test]
fn each_line_has_its_answer_in_order_and_bad_ones_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (registry, names) = (folder.path().join("registry.jsonl"), folder.path().join("names.jsonl"));
    fs::write(&registry, SIMPLE).unwrap();
    let mut input = Vec::new();
    let bad: [(usize, &[u8], &str); 6] = [
        (0, b"", "EOF"),
        (70, b"not json", "expected"),
        (71, b"{\"kind\":\"handle\",\"candidate\":\"\xff\xfe\"}", "unicode"),
        (9_000, br#"{"kind":"shoe","candidate":"x"}"#, "unknown kind \"shoe\""),
        (9_001, br#"{"kind":"handle"}"#, "missing field `candidate`"),
        (19_999, &[b'x'; 17 << 20], "17825793 bytes long"),
    ];
    for number in 0..20_000 {
        match bad.iter().find(|(at, ..)| *at == number) {
            Some((_, line, _)) => input.extend_from_slice(line),
            None => write!(input, r#"{{"kind":"handle","candidate":"name {number}"}}"#).unwrap(),
        }
        input.push(b'\n');
    }
    fs::write(&names, &input).unwrap();
    let mut from_file = lookalike(&registry);
    from_file.arg(&names);
    let mut from_dash = lookalike(&registry);
    from_dash.arg("-");
    for output in [ask(from_file, b""), ask(from_dash, &input)] {
        assert_eq!(output.status.code(), Some(1));
        let answers = answers(&output);
        assert_eq!(answers.len(), 20_000);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.lines().count(), bad.len(), "{said}"); // And no progress bar: no terminal.
        let mut said = said.lines();
        for (number, answer) in answers.iter().enumerate() {
            match bad.iter().find(|(at, ..)| *at == number) {
                Some((_, _, why)) => {
                    let error = answer["error"].as_str().unwrap();
                    assert!(error.starts_with(&format!("line {}: ", number + 1)), "{error}");
                    assert!(error.contains(why), "{error}");
                    assert_eq!(said.next().unwrap(), format!("touchstone: {error}"));
                }
                None => assert_eq!(answer, &json!({"candidate": format!("name {number}"), "official": null})),
            }
        }
    }
}

#[test]
fn whoever_writes_line_by_line_is_answered_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let registry = folder.path().join("registry.jsonl");
    fs::write(&registry, SIMPLE).unwrap();
    let mut child = lookalike(&registry).spawn().unwrap();
    let (mut stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut stdout = BufReader::new(stdout);
    for (candidate, official) in [("tallowpay", "\"tallowpay\""), ("quiet morning", "null")] {
        writeln!(stdin, r#"{{"kind":"handle","candidate":"{candidate}"}}"#).unwrap();
        let mut answer = String::new();
        stdout.read_line(&mut answer).unwrap();
        assert!(answer.contains(&format!("\"official\":{official}")), "{answer}");
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}
