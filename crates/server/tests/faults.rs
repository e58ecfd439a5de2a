//! What happens when the database is locked, full or gone: events are refused, none that was
//! acknowledged is lost, and the memory holds what is in the log and nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{LINES, Running, Start, assert_log_is_a_fold, lines, message};
use rusqlite::Connection;
use serde_json::Value;
use touchstone_store::Options;

fn impatient() -> Start {
    let mut start = Start {
        options: Options { patience: Duration::from_millis(150), ..Options::default() },
        ..Start::default()
    };
    start.config.ingest.follow_millis = 20;
    start
}

/// The same text to one stranger after another: each event counts on those before.
fn spam(name: &str, from: usize, count: usize) -> Vec<u8> {
    let text =
        "Congratulations! Claim your reward now at https://lantern-bonus.example/claim before midnight";
    let event = |n| message(&format!("{name}-{n}"), "spammer", &format!("{name}-user-{n}"), text);
    lines(&(from..from + count).map(event).collect::<Vec<_>>())
}

fn lock(running_in: &std::path::Path) -> Connection {
    let connection = Connection::open(running_in.join("touchstone.db")).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

#[test]
fn a_locked_database_refuses_events_and_then_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start_with(folder.path(), impatient());
    let mut client = running.client();
    assert_eq!(client.post("/v1/events", LINES, &spam("a", 0, 10)).unwrap().status, 200);
    let lock = lock(folder.path());
    let refused = client.post("/v1/events", LINES, &spam("a", 10, 10)).unwrap();
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")), "{}", refused.text());
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    assert_eq!(client.get("/readyz").unwrap().status, 503);
    assert_eq!(client.get("/healthz").unwrap().status, 200);
    assert_eq!(running.log().len(), 10, "what is there can still be read");
    drop(lock);
    let taken = client.post("/v1/events", LINES, &spam("a", 5, 20)).unwrap();
    assert_eq!(taken.status, 200, "{}", taken.text());
    let status = |at: usize| taken.lines()[at]["status"].as_str().unwrap().to_owned();
    assert_eq!(
        (status(0).as_str(), status(4).as_str(), status(5).as_str()),
        ("duplicate", "duplicate", "screened")
    );
    assert_eq!(client.get("/readyz").unwrap().status, 200);
    assert_eq!(running.log().len(), 25);
    assert_log_is_a_fold(&running);
    running.stop();
}

#[test]
fn a_database_that_is_locked_now_and_then_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start_with(folder.path(), impatient());
    let done = AtomicBool::new(false);
    let (acknowledged, refused) = std::thread::scope(|scope| {
        let posting: Vec<_> = (0..4)
            .map(|writer| {
                let (running, done) = (&running, &done);
                scope.spawn(move || {
                    let (mut client, name) = (running.client(), format!("w{writer}"));
                    let (mut acknowledged, mut refused) = (Vec::<Value>::new(), 0);
                    let mut at = 0;
                    while !done.load(Ordering::Relaxed) {
                        let answer = client.post("/v1/events", LINES, &spam(&name, at, 5)).unwrap();
                        match answer.status {
                            200 => {
                                acknowledged.extend(answer.lines());
                                at += 5;
                            }
                            503 => refused += 1, // The same events are sent again.
                            other => panic!("{other}: {}", answer.text()),
                        }
                    }
                    (acknowledged, refused)
                })
            })
            .collect();
        for _ in 0..4 {
            std::thread::sleep(Duration::from_millis(120));
            let lock = lock(folder.path());
            std::thread::sleep(Duration::from_millis(400));
            drop(lock);
        }
        std::thread::sleep(Duration::from_millis(200));
        done.store(true, Ordering::Relaxed);
        let (mut all, mut refused) = (Vec::new(), 0);
        for (acknowledged, times) in posting.into_iter().map(|it| it.join().unwrap()) {
            all.extend(acknowledged);
            refused += times;
        }
        (all, refused)
    });
    assert!(refused > 0, "no batch met the lock");
    let log = running.log();
    let verdicts: std::collections::HashMap<&str, &Value> =
        log.iter().map(|it| (it["event"]["id"].as_str().unwrap(), &it["verdict"])).collect();
    assert_eq!(verdicts.len(), log.len(), "an event is in the log once");
    for answer in &acknowledged {
        assert_eq!(verdicts[answer["id"].as_str().unwrap()], &answer["verdict"]);
    }
    assert_log_is_a_fold(&running);
    running.stop();
}

#[test]
fn a_full_database_refuses_events_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let mut start = impatient();
    start.options.max_pages = Some(400);
    let running = Running::start_with(folder.path(), start);
    let mut client = running.client();
    let (mut taken, mut refused) = (0, 0);
    for round in 0..200 {
        let answer = client.post("/v1/events", LINES, &spam("full", 20 * round, 20)).unwrap();
        match answer.status {
            200 => {
                assert_eq!(refused, 0, "a full database does not take in by halves");
                taken += 20;
            }
            503 => {
                assert!(answer.json()["detail"].as_str().unwrap().contains("full"), "{}", answer.text());
                refused += 1;
            }
            other => panic!("{other}: {}", answer.text()),
        }
        if refused == 3 {
            break;
        }
    }
    assert!(taken > 0 && refused == 3, "{taken} taken, {refused} refused");
    assert_eq!(running.log().len(), taken);
    assert_log_is_a_fold(&running);
    running.stop();
}

#[test]
fn a_database_that_is_gone_acknowledges_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start_with(folder.path(), impatient());
    let mut client = running.client();
    assert_eq!(client.post("/v1/events", LINES, &spam("a", 0, 10)).unwrap().status, 200);
    for name in ["touchstone.db", "touchstone.db-wal", "touchstone.db-shm"] {
        std::fs::rename(folder.path().join(name), folder.path().join(format!("away-{name}"))).unwrap();
    }
    for _ in 0..3 {
        let refused = client.post("/v1/events", LINES, &spam("b", 0, 10)).unwrap();
        assert_eq!(refused.status, 503, "{}", refused.text());
    }
    assert_eq!(client.get("/readyz").unwrap().status, 503);
    running.stop();
}

#[test]
fn a_queue_that_is_full_refuses_and_never_drops() {
    let folder = tempfile::tempdir().unwrap();
    let mut start = impatient();
    start.config.ingest.queue_requests = 2;
    let running = Running::start_with(folder.path(), start);
    let lock = lock(folder.path());
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let posting: Vec<_> = (0..40)
            .map(|n| {
                let running = &running;
                scope.spawn(move || {
                    running.client().post("/v1/events", LINES, &spam(&format!("q{n}"), 0, 1)).unwrap().status
                })
            })
            .collect();
        posting.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert!(statuses.iter().all(|it| *it == 503), "{statuses:?}");
    drop(lock);
    assert_eq!(running.client().post("/v1/events", LINES, &spam("q", 0, 1)).unwrap().status, 200);
    assert_eq!(running.log().len(), 1);
    running.stop();
}
