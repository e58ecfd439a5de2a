//! Verdicts as they come, and as they are looked up.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use common::http::Client;
use common::{LINES, Running, lines, message};

const SCAM: &str =
    "Hello, I am official support. Your wallet will be frozen today, send me your 12-word recovery phrase.";

fn follow(running: &Running, path: &str, last: Option<&str>) -> Client {
    let mut client = running.client();
    let mut headers = vec![("accept", "text/event-stream")];
    headers.extend(last.map(|last| ("last-event-id", last)));
    client.send("GET", path, &headers, b"").unwrap();
    let (status, headers) = client.head().unwrap();
    assert_eq!(status, 200);
    assert!(headers.contains(&("content-type".to_owned(), "text/event-stream".to_owned())));
    client
}

/// The id and the data of the next event.
fn next(client: &mut Client) -> (String, serde_json::Value) {
    loop {
        let lines = client.server_sent().unwrap();
        let field = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name)).map(str::trim);
        if let Some(data) = field("data:") {
            assert_eq!(field("event:"), Some("verdict"));
            return (field("id:").unwrap().to_owned(), serde_json::from_str(data).unwrap());
        }
    }
}

fn post(running: &Running, from: usize, count: usize) {
    let events: Vec<_> = (from..from + count)
        .map(|n| {
            message(&n.to_string(), &format!("a{n}"), "b", if n % 5 == 0 { SCAM } else { "see you at eight" })
        })
        .collect();
    assert_eq!(running.client().post("/v1/events", LINES, &lines(&events)).unwrap().status, 200);
}

#[test]
fn a_stream_shows_every_event_once_and_in_order_and_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    post(&running, 0, 10);
    let mut stream = follow(&running, "/v1/verdicts", None);
    post(&running, 10, 30);
    let mut last = String::new();
    for expected in 11..=25 {
        let (id, data) = next(&mut stream);
        assert_eq!((id.as_str(), &data["seq"]), (expected.to_string().as_str(), &expected.into()));
        assert_eq!(data["id"], (expected - 1).to_string());
        last = id;
    }
    drop(stream);
    post(&running, 40, 600);
    let mut stream = follow(&running, "/v1/verdicts?include=event", Some(&last));
    for expected in 26..=640 {
        let (id, data) = next(&mut stream);
        assert_eq!(id, expected.to_string());
        assert_eq!(data["event"]["id"], (expected - 1).to_string());
    }
    running.stop();
}

#[test]
fn a_stream_shows_only_what_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let mut stream = follow(&running, "/v1/verdicts?decision=warn,hold,block&after=0", None);
    post(&running, 0, 20);
    for expected in [1, 6, 11, 16] {
        let (id, data) = next(&mut stream);
        assert_eq!(id, expected.to_string(), "{data}");
        assert_ne!(data["verdict"]["decision"], "allow");
    }
    for bad in ["/v1/verdicts?phrase=x", "/v1/verdicts?decision=kill", "/v1/verdicts?colour=red"] {
        let answer = running.client().request("GET", bad, &[("accept", "text/event-stream")], b"").unwrap();
        assert_eq!(answer.status, 400, "{bad}: {}", answer.text());
    }
    running.stop();
}

#[test]
fn pages_lead_from_the_newest_verdict_to_the_oldest_without_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    post(&running, 0, 45);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = running.client().get(&format!("/v1/verdicts?limit=10&cursor={cursor}")).unwrap().json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|it| it["seq"].as_i64().unwrap()));
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, (1..=45).rev().collect::<Vec<_>>());
    let bad = running.client().get("/v1/verdicts?decision=hold,block,warn&actor=a5").unwrap().json();
    assert_eq!(bad["items"].as_array().unwrap().len(), 1);
    assert_eq!(bad["items"][0]["id"], "5");
    running.stop();
}

#[test]
fn one_verdict_is_found_by_the_key_of_its_event() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    post(&running, 5, 1);
    let found = running.client().get("/v1/verdicts/%2Fim%2Fdemo/5?include=event").unwrap();
    assert_eq!(found.status, 200, "{}", found.text());
    assert_eq!(found.json()["event"]["data"]["text"], SCAM);
    for nowhere in ["/v1/verdicts/%2Fim%2Fdemo/6", "/v1/verdicts/im/5"] {
        assert_eq!(running.client().get(nowhere).unwrap().status, 404);
    }
    running.stop();
}

#[test]
fn what_reviewers_decided_is_exported_as_labelled_examples() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    post(&running, 5, 1);
    let (store, now) = (running.ctx.store.clone(), running.ctx.clock.now());
    running.block_on(async {
        store.open_review(touchstone_store::Seq(1), now).await.unwrap();
        store
            .decide(touchstone_store::Ruling::Confirm, &[touchstone_store::Seq(1)], "analyst", "", now)
            .await
            .unwrap();
    });
    let lines = running.client().get("/v1/labels").unwrap().lines();
    assert_eq!((lines.len(), &lines[0]["label"]), (1, &"scam".into()));
    assert_eq!(lines[0]["event"]["id"], "5");
    assert!(lines[0].get("by").is_none(), "who reviewed is nobody's business outside");
    running.stop();
}
