//! A report from the command line, with the real binary on both sides.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use std::path::Path;
use std::process::{Command, Output};

use common::{BINARY, Server};

fn report(server: &str, folder: &Path, text: &str, more: &[&str]) -> Output {
    let file = folder.join("report.txt");
    std::fs::write(&file, text).unwrap();
    Command::new(BINARY)
        .arg("report")
        .arg(file)
        .args(["--server", server, "--lang", "en"])
        .args(more)
        .output()
        .unwrap()
}

fn said(output: &Output) -> (String, String) {
    (String::from_utf8(output.stdout.clone()).unwrap(), String::from_utf8(output.stderr.clone()).unwrap())
}

#[test]
fn a_report_in_toml_or_json_makes_a_case_and_what_is_wrong_is_said_by_field() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("touchstone.db"), &[]);
    let url = format!("http://{}", server.address);
    let good = "kind = \"stolen_wallet\"\nstory = \"Gone.\"\n[[losses]]\nasset = \"USDT\"\namount = \"5\"\n";
    let picture = folder.path().join("shot.png");
    std::fs::write(&picture, b"\x89PNG\r\n\x1a\n...").unwrap();

    let done = report(&url, folder.path(), good, &["--attach", picture.to_str().unwrap()]);
    let (out, err) = said(&done);
    assert_eq!(done.status.code(), Some(0), "{out}{err}");
    assert!(out.contains("TS-") && out.contains("/case/") && out.contains("\n1. "), "{out}");

    let json = r#"{"kind": "other", "story": "As JSON."}"#;
    let done = report(&url, folder.path(), json, &["--json"]);
    let receipt: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(receipt["token"].is_string());

    let program = folder.path().join("a.exe");
    std::fs::write(&program, b"MZ\x90\0\x03\0").unwrap();
    let done = report(&url, folder.path(), json, &["--attach", program.to_str().unwrap()]);
    let (out, err) = said(&done);
    assert_eq!(done.status.code(), Some(1));
    assert!(out.contains("TS-") && err.contains("a.exe"), "there is a case all the same: {out}{err}");

    for (text, sentence) in [
        ("kind = \"robbery\"\nstory = \"x\"", "kind: "),
        (
            "kind = \"other\"\nstory = \"x\"\nhappened_from = \"2099-01-01\"",
            "happened_from: “2099-01-01” is in the future",
        ),
        (
            "kind = \"other\"\nstory = \"x\"\nlosses = [{ asset = \"NOSUCHCOIN\" }]",
            "losses.0.asset: No asset called",
        ),
        ("stroy = \"x\"", "a field that there is not"),
        ("{", "the report is no JSON"),
    ] {
        let done = report(&url, folder.path(), text, &[]);
        let (out, err) = said(&done);
        assert_eq!((done.status.code(), out.as_str()), (Some(2), ""), "{text}: {err}");
        assert!(err.contains(sentence), "{text}: {err}");
    }
}

#[test]
fn a_report_is_not_sent_where_others_can_read_it_or_nobody_does() {
    let folder = tempfile::tempdir().unwrap();
    let json = r#"{"kind": "other", "story": "x"}"#;
    for (server, sentence) in [
        ("http://desk.example", "is not encrypted"),
        ("http://localhost.evil.example", "is not encrypted"),
        ("desk.example", "is no address"),
        ("http://127.0.0.1:1", "nothing was reported"),
    ] {
        let done = report(server, folder.path(), json, &[]);
        let (_, err) = said(&done);
        assert!(done.status.code() == Some(2) && err.contains(sentence), "{server}: {err}");
    }
}
