//! Whatever happens to the process, what it acknowledged is there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{Events, Server, key};
use serde_json::Value;

const LINES: &str = "application/x-ndjson";

/// Posts until the server dies; gives the answers that came.
fn post_until_it_dies(server: &Server, key: &str, name: &str, alone: bool) -> Vec<Value> {
    let mut client = server.client(key);
    let mut events = Events::new(name);
    let mut acknowledged = Vec::new();
    let size = if alone { 1 } else { 25 };
    while let Ok(answer) = client.post("/v1/events", LINES, &events.lines(size)) {
        assert_eq!(answer.status, 200, "{}", answer.text());
        acknowledged.extend(answer.lines());
    }
    acknowledged
}

#[test]
fn an_acknowledged_event_survives_kill_9_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("touchstone.db");
    let key = key(&database, &["events:write", "admin"]);
    let mut acknowledged: HashMap<String, Value> = HashMap::new();
    for round in 0..8u64 {
        let server = Server::start(&database, &[]);
        let pause = Duration::from_millis(60 + 70 * (round * 7 % 5));
        let answers = std::thread::scope(|scope| {
            let posting: Vec<_> = (0..3)
                .map(|writer| {
                    let (server, key) = (&server, &key);
                    scope.spawn(move || {
                        post_until_it_dies(server, key, &format!("r{round}w{writer}"), writer == 0)
                    })
                })
                .collect();
            std::thread::sleep(pause);
            let id = server.child.id().to_string();
            assert!(std::process::Command::new("kill").args(["-9", &id]).status().unwrap().success());
            posting.into_iter().flat_map(|it| it.join().unwrap()).collect::<Vec<_>>()
        });
        server.kill();
        for answer in answers {
            let before = acknowledged.insert(answer["id"].as_str().unwrap().to_owned(), answer);
            assert!(before.is_none());
        }
    }
    assert!(acknowledged.len() > 200, "only {} events were taken in", acknowledged.len());

    let server = Server::start(&database, &[]);
    let log = server.client(&key).get("/v1/log").unwrap();
    let mut stored: HashMap<String, Value> = HashMap::new();
    for (line, seq) in log.lines().into_iter().zip(1..) {
        assert_eq!(line["seq"], seq, "the log has no gaps");
        let before = stored.insert(line["event"]["id"].as_str().unwrap().to_owned(), line);
        assert!(before.is_none(), "an event is in the log once");
    }
    for (id, answer) in &acknowledged {
        let line = stored.get(id).unwrap_or_else(|| panic!("{id} was acknowledged and is lost"));
        assert_eq!(line["verdict"], answer["verdict"], "{id}");
    }
    eprintln!("{} acknowledged, {} stored", acknowledged.len(), stored.len());
}

#[test]
fn feeding_the_log_into_screen_gives_the_same_verdicts_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("touchstone.db");
    let key = key(&database, &["events:write", "admin"]);
    let mut events = Events::new("replay");
    // Two lives, one that ends well and one that does not: the memory goes on in both.
    for life in 0..3 {
        let server = Server::start(&database, &[]);
        let answer = server.client(&key).post("/v1/events", LINES, &events.lines(300)).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        if life == 0 {
            assert!(server.stop().success());
        } else {
            server.kill();
        }
    }
    let server = Server::start(&database, &[]);
    let log = server.client(&key).get("/v1/log").unwrap();
    let registry = common::repository("corpus/registry/demo.jsonl");
    let screened = common::run(&["screen", "--registry", &registry.display().to_string()], &log.body);
    assert!(screened.status.success(), "{}", String::from_utf8_lossy(&screened.stderr));

    let ours = log.text().lines();
    let theirs = std::str::from_utf8(&screened.stdout).unwrap().lines();
    let verdict = |line: &str| line.split_once("\"verdict\":").map(|(_, rest)| rest.to_owned());
    let mut warned = 0;
    for (ours, theirs) in ours.zip(theirs) {
        assert_eq!(verdict(ours), verdict(theirs), "{ours}");
        warned += usize::from(!theirs.contains("\"decision\":\"allow\""));
    }
    assert_eq!(log.text().lines().count(), 900);
    assert_eq!(std::str::from_utf8(&screened.stdout).unwrap().lines().count(), 900);
    assert!(warned > 10, "{warned} of 900 were not simply allowed");
}

#[test]
fn ctrl_c_answers_what_is_under_way_and_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("touchstone.db");
    let key = key(&database, &["events:write", "verdicts:read"]);
    let server = Server::start(&database, &[]);
    let stopped = Arc::new(AtomicBool::new(false));
    let mut stream = server.client(&key);
    stream.send("GET", "/v1/verdicts", &[("accept", "text/event-stream")], b"").unwrap();
    assert_eq!(stream.head().unwrap().0, 200);
    let posting = {
        let (stopped, mut client) = (Arc::clone(&stopped), server.client(&key));
        std::thread::spawn(move || {
            let mut events = Events::new("last");
            let mut taken = 0;
            while let Ok(answer) = client.post("/v1/events", LINES, &events.lines(20)) {
                match answer.status {
                    200 => taken += answer.lines().len(),
                    503 if stopped.load(Ordering::SeqCst) => break,
                    other => panic!("{other}: {}", answer.text()),
                }
            }
            taken
        })
    };
    std::thread::sleep(Duration::from_millis(300));
    stopped.store(true, Ordering::SeqCst);
    assert!(server.stop().success(), "an open stream does not hold up the end");
    let taken = posting.join().unwrap();
    assert!(taken > 0);

    let server = Server::start(&database, &[]);
    let page = server.client(&key).get("/v1/verdicts?limit=1").unwrap();
    assert_eq!(page.json()["items"][0]["seq"], taken, "all that was taken in is there, and nothing else");
}
