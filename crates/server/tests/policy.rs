//! Policies change while events come in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::{JSON, LINES, Running, assert_log_is_a_fold, lines, message, policy_files};
use serde_json::{Value, json};

fn body(status: &str, change: impl Fn(&str, String) -> String) -> Vec<u8> {
    let files: Vec<Value> = policy_files()
        .into_iter()
        .map(|it| json!({"path": it.path, "text": change(&it.path, it.text)}))
        .collect();
    json!({"files": files, "note": "a test", "status": status}).to_string().into_bytes()
}

/// The same rules with thresholds that nothing reaches.
fn blind(path: &str, text: String) -> String {
    if path != "policy.toml" {
        return text;
    }
    let digits = |line: &str| line.split('=').nth(1).is_some_and(|it| it.trim().parse::<u32>().is_ok());
    let never = [("warn", 100_000), ("hold", 200_000), ("block", 300_000)];
    let line = |line: &str| match never.iter().find(|(name, _)| line.starts_with(name) && digits(line)) {
        Some((name, score)) => format!("{name} = {score}\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn scam(id: &str) -> Vec<u8> {
    let text = "Hello, I am official support. Your wallet will be frozen today, send me your 12-word recovery phrase.";
    lines(&[message(id, &format!("a{id}"), "b", text)])
}

fn decision(running: &Running, id: &str) -> (String, String) {
    let answer = running.client().post("/v1/events", LINES, &scam(id)).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let verdict = &answer.lines()[0]["verdict"];
    (verdict["decision"].as_str().unwrap().to_owned(), verdict["policy"].as_str().unwrap().to_owned())
}

#[test]
fn a_policy_that_does_not_compile_is_refused_with_its_place_and_the_old_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let (before, hash) = decision(&running, "1");
    let broken =
        body("live", |path, text| if path == "policy.toml" { format!("{text}\nwarm = 5\n") } else { text });
    let refused = running.client().post("/v1/policy", JSON, &broken).unwrap();
    assert_eq!(refused.status, 422, "{}", refused.text());
    let place = &refused.json()["places"][0];
    assert_eq!(place["file"], "policy.toml", "{place}");
    assert!(place["line"].as_u64().unwrap() > 1 && !place["reason"].as_str().unwrap().is_empty());
    assert_eq!(decision(&running, "2"), (before, hash));
    running.stop();
}

#[test]
fn another_policy_judges_from_the_next_event_on_and_no_event_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let (before, old) = decision(&running, "first");
    assert_ne!(before, "allow");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let posting = scope.spawn(|| {
            let (mut client, mut count) = (running.client(), 0);
            while !done.load(Ordering::Relaxed) {
                let answer = client.post("/v1/events", LINES, &scam(&format!("p{count}"))).unwrap();
                assert_eq!(answer.status, 200, "{}", answer.text());
                count += 1;
            }
            count
        });
        let changed = running.client().post("/v1/policy", JSON, &body("live", blind)).unwrap();
        done.store(true, Ordering::Relaxed);
        assert_eq!(changed.status, 200, "{}", changed.text());
        assert!(posting.join().unwrap() > 0);
    });
    let (after, new) = decision(&running, "last");
    assert_eq!(after, "allow");
    assert_ne!(old, new);
    assert_eq!(running.client().get("/v1/policy").unwrap().json()["live"]["hash"], new);
    let kept = running.block_on(running.ctx.store.live_policy()).unwrap().unwrap();
    assert_eq!(kept.hash.to_string(), new, "it is in use after a restart too");
    running.stop();
}

#[test]
fn a_candidate_watches_and_answers_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let before = decision(&running, "1");
    let proposed = running.client().post("/v1/policy", JSON, &body("candidate", blind)).unwrap();
    assert_eq!(proposed.status, 200, "{}", proposed.text());
    assert!(proposed.json()["candidate"]["hash"].is_string());
    assert_eq!(decision(&running, "2"), before, "the live policy still answers");
    let differing = running.client().get("/v1/verdicts?finding=candidate:allow").unwrap().json();
    assert_eq!(differing["items"].as_array().unwrap().len(), 1);
    assert_eq!(differing["items"][0]["id"], "2");
    let metrics = running.client().get("/metrics").unwrap();
    assert!(metrics.text().contains("touchstone_candidate_differences_total 1"), "{}", metrics.text());
    assert_eq!(running.client().post("/v1/policy/withdraw", JSON, b"").unwrap().status, 200);
    assert_eq!(decision(&running, "3"), before);
    assert_eq!(running.client().post("/v1/policy/withdraw", JSON, b"").unwrap().status, 404);
    assert_log_is_a_fold(&running);
    running.stop();
}
