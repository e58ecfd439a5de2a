//! What is true of every answer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use common::{JSON, Running};

#[test]
fn every_documented_endpoint_is_there_and_answers_strictly() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let document = running.stranger().get("/openapi.json").unwrap().json();
    let mut seen = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let asked = path
            .replace("{source}", "x")
            .replace("{id}", "y")
            .replace("{index}", "0")
            .replace("{token}", "z");
        for (method, operation) in methods.as_object().unwrap() {
            let method = method.to_uppercase();
            let answer =
                running.stranger().request(&method, &asked, &[("content-type", JSON)], b"{}").unwrap();
            let status = answer.status.to_string();
            if operation["security"].is_array() {
                assert_eq!(status, "401", "{method} {path}: {}", answer.text());
            } else {
                // This server has no log and was asked nothing sensible, which is answered as described.
                let described = operation["responses"].as_object().unwrap();
                assert!(described.contains_key(&status), "{method} {path}: {}", answer.text());
            }
            let other = running.stranger().request("PATCH", &asked, &[], b"").unwrap();
            assert_eq!(other.status, 405, "{path} is there, for other methods");
            for header in
                ["content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy"]
            {
                assert!(answer.header(header).is_some(), "{method} {path} lacks {header}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 14, "{seen}");
    running.stop();
}

#[test]
fn what_is_not_there_is_a_problem_too() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    for (method, path, status) in
        [("GET", "/v1/nothing", 404), ("DELETE", "/v1/events", 405), ("GET", "/v1/events", 405)]
    {
        let answer = running.client().request(method, path, &[], b"").unwrap();
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, Some("application/problem+json")),
            "{path}"
        );
        assert!(answer.header("content-security-policy").is_some());
    }
    running.stop();
}

#[test]
fn the_page_to_try_the_api_loads_nothing_from_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    for path in ["/docs", "/docs?lang=zh", "/docs/page.js", "/docs/page.css"] {
        let answer = running.stranger().get(path).unwrap();
        assert_eq!(answer.status, 200);
        let text = answer.text();
        for outside in ["http://", "https://", "//cdn", "innerHTML", "eval(", "style=", "onclick"] {
            assert!(!text.contains(outside), "{path} has {outside}");
        }
    }
    let page = running
        .stranger()
        .request("GET", "/docs", &[("accept-language", "zh-CN,zh;q=0.9,en;q=0.8")], b"")
        .unwrap();
    assert!(page.text().contains("lang=\"zh-Hans\""));
    assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    let page =
        running.stranger().request("GET", "/docs", &[("accept-language", "de,en;q=0.8")], b"").unwrap();
    assert!(page.text().contains("lang=\"en\""));
    running.stop();
}

#[test]
fn counters_say_what_was_done_and_nothing_about_anybody() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let event = common::message("secret-id", "secret-account", "b", "secret text");
    running.client().post("/v1/events", JSON, event.to_string().as_bytes()).unwrap();
    running.client().post("/v1/events", JSON, event.to_string().as_bytes()).unwrap();
    let began = std::time::Instant::now();
    let text = loop {
        let text = running.stranger().get("/metrics").unwrap().text().to_owned();
        // Answers leave when the batch is stored; the head is noted a moment later.
        if text.contains("touchstone_log_head 1") || began.elapsed().as_secs() >= 10 {
            break text;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    for line in [
        "touchstone_events_total{kind=\"screened\"} 1",
        "touchstone_events_total{kind=\"duplicate\"} 1",
        "touchstone_log_head 1",
        "touchstone_http_requests_total{route=\"/v1/events\",method=\"POST\",status=\"200\"} 2",
    ] {
        assert!(text.contains(line), "{line} not in\n{text}");
    }
    assert!(!text.contains("secret"));
    running.stop();
}
