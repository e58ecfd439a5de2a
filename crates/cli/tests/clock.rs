//! `touchstone clock` with the real binary: what comes in comes out, line for line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use std::process::{Command, Output};

use common::BINARY;
use serde_json::Value;

fn clock(command: &str, lines: &[u8]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines.jsonl");
    std::fs::write(&file, lines).unwrap();
    Command::new(BINARY).args(["clock", command]).arg(file).output().unwrap()
}

const GOOD: &str =
    r#"{"calendar": "CN", "start": "2026-09-30T10:00:00+08:00", "duration": 1, "unit": "business_day"}"#;

#[test]
fn a_bad_line_is_reported_with_its_number_and_the_rest_goes_on() {
    let long = GOOD.replace("CN", &"C".repeat(1 << 21));
    let bad: [(&[u8], &str); 9] = [
        (b"", "the line is empty"),
        (b" \t\r", "the line is empty"),
        (b"nonsense", "this is not JSON: expected ident, at column 2"),
        (b"{\"calendar\": \"\xff\"}", "this is not JSON: invalid unicode code point, at column 15"),
        (GOOD.replace("CN", "XX").leak().as_bytes(), "unknown calendar `XX`; known are AU, CN,"),
        (GOOD.replace("2026-09", "2027-09").leak().as_bytes(), "calendar CN has no data for 2027-10-01"),
        (
            GOOD.replace(": 1", ": \"1\"").leak().as_bytes(),
            "invalid type: string \"1\", expected a JSON number",
        ),
        (GOOD.replace("\"unit\"", "\"pause\"").leak().as_bytes(), "unknown field `pause`"),
        (long.as_bytes(), "bytes are more than a line may have"),
    ];
    let mut lines = format!("\u{feff}{GOOD}\r\n").into_bytes();
    for (line, _) in &bad {
        lines.extend_from_slice(line);
        lines.push(b'\n');
    }
    lines.extend_from_slice(GOOD.as_bytes()); // The last line may lack its end.

    let done = clock("due", &lines);
    let out = String::from_utf8(done.stdout).unwrap();
    let out: Vec<Value> = out.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let said = String::from_utf8(done.stderr).unwrap();
    let said: Vec<&str> = said.lines().collect();
    assert_eq!((out.len(), said.len(), done.status.code()), (bad.len() + 2, bad.len(), Some(1)), "{said:?}");
    for good in [&out[0], &out[bad.len() + 1]] {
        assert_eq!(*good, serde_json::json!({ "due": "2026-10-08T23:59:59+08:00" }));
    }
    for (at, (_, reason)) in bad.iter().enumerate() {
        let error = out[at + 1]["error"].as_str().unwrap();
        assert!(error.contains(reason), "{error}");
        assert_eq!(said[at], format!("touchstone: line {}: {error}", at + 2));
    }
    assert_eq!(clock("due", GOOD.as_bytes()).status.code(), Some(0));
}

#[test]
fn a_date_is_explained_day_by_day() {
    let done = clock("explain", GOOD.as_bytes());
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(said.contains("2026-10-01: day off, National Day (国庆节)\n"), "{said}");
    assert!(said.ends_with("  ends   2026-10-08T23:59:59+08:00\n"), "{said}");
    assert_eq!(done.status.code(), Some(0));
}
