//! "Is this really support?", over HTTP: for programs and for people without scripts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may end at once")]

mod common;

use common::{JSON, Running, Start};
use std::sync::Arc;
use touchstone_server::ManualClock;

const FORM: &str = "application/x-www-form-urlencoded";

fn start() -> (tempfile::TempDir, Running) {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    (folder, running)
}

#[test]
fn anybody_may_ask_and_gets_one_of_four_answers() {
    let (_folder, running) = start();
    let mut stranger = running.stranger();
    for (query, standing) in [
        ("%40lantern_support", "listed"),
        ("%40lantern_supp0rt", "contradicted"),
        ("https%3A%2F%2Fweather.example", "unknown"),
        ("send+me+your+recovery+phrase", "contradicted"),
    ] {
        let answer = stranger.get(&format!("/v1/check?q={query}")).unwrap();
        assert_eq!((answer.status, &answer.json()["standing"]), (200, &standing.into()), "{query}");
    }
}

#[test]
fn a_message_is_posted_as_text_or_as_json() {
    let (_folder, running) = start();
    let mut stranger = running.stranger();
    let message = "我是灯塔钱包客服，请把验证码发给我";
    let json = serde_json::json!({ "q": message }).to_string();
    for (kind, body) in [(JSON, json.as_str()), ("text/plain; charset=utf-8", message)] {
        let answer = stranger.post("/v1/check", kind, body.as_bytes()).unwrap();
        let answer = answer.json();
        assert_eq!(answer["forbidden"][0]["name"], "asks_for_code", "{answer}");
        assert_eq!(answer["denied"][0]["fact"], "never_asks_for_code");
        assert!(answer["support"][0]["ways_in"][0]["zh"].is_string());
    }
}

#[test]
fn what_cannot_be_answered_is_refused_clearly() {
    let (_folder, running) = start();
    let mut stranger = running.stranger();
    let mut refused = |kind: &str, body: &[u8]| stranger.post("/v1/check", kind, body).unwrap();
    let long = "a".repeat(70_000);
    for (kind, body, status) in [
        ("text/plain", &b""[..], 400),
        ("text/plain", "\u{200b}".as_bytes(), 400),
        ("text/plain", b"\xff\xfe", 400),
        ("text/plain", long.as_bytes(), 400),
        (JSON, b"{", 400),
        (JSON, b"{\"q\":1}", 400),
    ] {
        let answer = refused(kind, body);
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.text().contains("\"zh\""));
    }
    assert_eq!(running.stranger().get("/v1/check").unwrap().status, 400);
    assert_eq!(running.stranger().post("/v1/check", "text/plain", &vec![b'a'; 1 << 20]).unwrap().status, 413);
}

#[test]
fn one_address_may_not_ask_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at("2026-11-20T08:00:00Z".parse().unwrap()));
    let running = Running::start_with(folder.path(), Start { clock, ..Start::default() });
    let mut stranger = running.stranger();
    let statuses: Vec<u16> = (0..40).map(|_| stranger.get("/v1/check?q=lantern").unwrap().status).collect();
    assert_eq!(statuses[0], 200);
    assert_eq!(statuses.last(), Some(&429));
    let page = stranger.post("/", FORM, b"q=lantern").unwrap();
    assert_eq!(page.status, 429, "the page and the API count together");
    assert!(page.text().contains("role=\"alert\""));
}

#[test]
fn the_page_answers_without_scripts_and_shows_what_it_was_given_as_text() {
    let (_folder, running) = start();
    let mut stranger = running.stranger();
    let empty = stranger.get("/").unwrap();
    assert!(empty.text().contains("<form id=\"ask\" method=\"post\" action=\"/\""));
    assert!(empty.header("content-security-policy").unwrap().contains("script-src 'self'"));
    let page = stranger.post("/", FORM, b"q=%40lantern_supp0rt+%3Cscript%3Ealert(1)%3C%2Fscript%3E").unwrap();
    let text = page.text();
    assert!(text.contains("answer contradicted") && text.contains("class=\"letters\""), "{text}");
    assert!(!text.contains("<script>alert"), "{text}");
    let link = stranger.get("/?q=%40lantern_support").unwrap();
    assert!(link.text().contains("answer listed"));
    let message = format!("/?q={}", "a".repeat(400));
    assert!(!stranger.get(&message).unwrap().text().contains("class=\"answer"), "no messages in addresses");
}

#[test]
fn the_worker_is_served_for_the_whole_site_with_the_files_that_it_keeps() {
    let (_folder, running) = start();
    let mut stranger = running.stranger();
    let worker = stranger.get("/sw.js").unwrap();
    assert_eq!(worker.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert!(worker.header("content-security-policy").unwrap().contains("connect-src 'self'"));
    let text = worker.text().to_owned();
    assert!(!text.contains("/* files */"));
    for name in ["check.js", "kept.js", "verify.js", "check.css"] {
        let address = text.split('"').find(|it| it.starts_with(&format!("/assets/{name}?v="))).expect(name);
        assert_eq!(stranger.get(address).unwrap().status, 200);
    }
}
