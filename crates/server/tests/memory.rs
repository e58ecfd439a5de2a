//! What the server remembers is what the log says, whatever happened in between.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use std::time::Duration;

use common::{LINES, Running, Start, assert_log_is_a_fold, at, lines};
use serde_json::Value;

fn often() -> Start {
    let mut start = Start::default();
    start.config.ingest.snapshot_events = 10;
    start.config.ingest.follow_millis = 10;
    start
}

/// Contact, request, link, transfer: one victim, one stranger, over two hours.
fn sequence() -> Vec<Value> {
    let event = |id: &str, time: &str, kind: &str, data: Value| serde_json::json!({"specversion": "1.0", "id": id, "source": "/wallet/demo", "type": kind, "time": time, "data": data});
    vec![
        event(
            "s1",
            "2026-01-15T08:00:00Z",
            "contact.added",
            serde_json::json!({
                "account": {"id": "stranger", "display_name": "Lantern Support", "created_at": "2026-01-14T00:00:00Z"},
                "contact": {"id": "victim"}, "greeting": "Hello, this is official support"
            }),
        ),
        at(
            "s2",
            "2026-01-15T08:10:00Z",
            "stranger",
            "victim",
            "I am official support, your wallet will be frozen. Send me your 12-word recovery phrase",
        ),
        at(
            "s3",
            "2026-01-15T08:20:00Z",
            "stranger",
            "victim",
            "Verify here: https://lantern-verify.example/unlock",
        ),
        event(
            "s4",
            "2026-01-15T09:00:00Z",
            "transfer.requested",
            serde_json::json!({
                "account": {"id": "victim"}, "to": "eip155:1:0x1111111111111111111111111111111111111111", "amount": "2500", "asset": "USDT", "usd": "2500"
            }),
        ),
    ]
}

#[test]
fn a_sequence_is_found_across_restarts() {
    let whole = tempfile::tempdir().unwrap();
    let running = Running::start(whole.path());
    let expected = running.client().post("/v1/events", LINES, &lines(&sequence())).unwrap().lines();
    running.stop();
    assert_ne!(expected[3]["verdict"]["decision"], "allow", "{}", expected[3]);

    let parts = tempfile::tempdir().unwrap();
    for (event, expected) in sequence().iter().zip(&expected) {
        let running = Running::start_with(parts.path(), often());
        let answers =
            running.client().post("/v1/events", LINES, &lines(std::slice::from_ref(event))).unwrap().lines();
        let without_times = |verdict: &Value| {
            let mut verdict = verdict.clone();
            verdict["hold"]["until"] = Value::Null; // Counted from when the event came.
            verdict
        };
        assert_eq!(without_times(&answers[0]["verdict"]), without_times(&expected["verdict"]));
        running.stop();
    }
}

#[test]
fn a_snapshot_with_what_came_after_it_is_as_good_as_the_whole_log() {
    let folder = tempfile::tempdir().unwrap();
    let events = common::demo_events(240);
    for part in events.chunks(60) {
        let running = Running::start_with(folder.path(), often());
        for few in part.chunks(20) {
            assert_eq!(running.client().post("/v1/events", LINES, &lines(few)).unwrap().status, 200);
            std::thread::sleep(Duration::from_millis(30)); // A tick in which the memory is written down.
        }
        // Dropped, not stopped: only the ticks have written the memory down.
        drop(running);
    }
    let running = Running::start_with(folder.path(), often());
    let text = running.client().get("/metrics").unwrap();
    assert!(text.text().contains("touchstone_memory_snapshot_bytes"));
    let shape = running.ctx.live.now();
    assert!(!shape.policy.core().features().is_empty());
    assert_eq!(running.log().len(), 240);
    assert_log_is_a_fold(&running);
    running.stop();
}
