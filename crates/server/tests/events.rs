//! The door through which events come in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use common::{JSON, LINES, Running, Start, at, lines, message};
use serde_json::{Value, json};

const SCAM: &str =
    "Hello, I am official support. Your wallet will be frozen today, send me your 12-word recovery phrase.";

fn post(running: &Running, kind: &str, body: &[u8]) -> common::http::Answer {
    running.client().post("/v1/events", kind, body).unwrap()
}

#[test]
fn the_same_event_gives_the_same_verdict_however_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let one = message("1", "a", "b", SCAM);
    let answer = post(&running, JSON, one.to_string().as_bytes());
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let first = answer.json();
    assert_eq!(first["status"], "screened");
    assert_ne!(first["verdict"]["decision"], "allow", "{first}");

    let array = post(&running, JSON, json!([one, one]).to_string().as_bytes()).json();
    let text = post(&running, LINES, &lines(std::slice::from_ref(&one)));
    assert_eq!(text.header("content-type"), Some(LINES));
    for again in [&array[0], &array[1], &text.lines()[0]] {
        assert_eq!(again["status"], "duplicate");
        assert_eq!(again["verdict"], first["verdict"]);
    }
    assert_eq!(running.log().len(), 1);
    running.stop();
}

#[test]
fn an_event_that_comes_twice_in_one_request_is_judged_once() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let event = message("1", "a", "b", SCAM);
    let answers = post(&running, LINES, &lines(&[event.clone(), event])).lines();
    assert_eq!((&answers[0]["status"], &answers[1]["status"]), (&json!("screened"), &json!("duplicate")));
    assert_eq!(answers[0]["verdict"], answers[1]["verdict"]);
    assert_eq!(running.log().len(), 1);
    running.stop();
}

#[test]
fn answers_come_in_the_order_of_the_events() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let ids: Vec<String> = (0..500).map(|n| (n * 7919 % 500).to_string()).collect();
    let events: Vec<Value> = ids.iter().map(|id| message(id, "a", "b", "see you at eight")).collect();
    for (kind, body) in [(LINES, lines(&events)), (JSON, json!(events).to_string().into_bytes())] {
        let answer = post(&running, kind, &body);
        let answers = if kind == LINES { answer.lines() } else { answer.json().as_array().unwrap().clone() };
        let answered: Vec<&str> = answers.iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!(answered, ids);
    }
    let logged: Vec<String> =
        running.log().iter().map(|it| it["event"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(logged, ids);
    running.stop();
}

#[test]
fn many_who_post_the_same_event_at_once_get_one_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let body = message("1", "a", "b", SCAM).to_string();
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let posting: Vec<_> =
            (0..16).map(|_| scope.spawn(|| post(&running, JSON, body.as_bytes()).json())).collect();
        posting.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|it| it["status"] == "screened").count(), 1);
    assert!(answers.iter().all(|it| it["verdict"] == answers[0]["verdict"]));
    assert_eq!(running.log().len(), 1);
    running.stop();
}

#[test]
fn an_unknown_type_is_stored_and_answered_as_not_screened() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let event = json!({"id": "1", "source": "/x", "type": "wallet.opened", "time": "2026-01-01T00:00:00Z", "extra": 1});
    for status in ["not_screened", "duplicate"] {
        let answer = post(&running, JSON, event.to_string().as_bytes()).json();
        assert_eq!((&answer["status"], &answer["reason"]), (&json!(status), &json!("unknown_type")));
    }
    assert_eq!(running.log()[0]["event"], event, "unknown fields are kept");
    running.stop();
}

#[test]
fn bad_lines_are_named_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let good = |id: &str| message(id, "a", "b", "hello").to_string().into_bytes();
    let huge = message("huge", "a", "b", &"x".repeat(10_000_000)).to_string().into_bytes();
    let deep =
        format!(r#"{{"id":"deep","x":{}{}}}"#, "[".repeat(200_000 / 2), "]".repeat(200_000 / 2)).into_bytes();
    let twice = br#"{"id":"1","id":"2","source":"/x","type":"t","time":"2026-01-01T00:00:00Z"}"#.to_vec();
    let dated = at("dated", "2026-02-30T00:00:00Z", "a", "b", "hello").to_string().into_bytes();
    let far = at("far", "99999-01-01T00:00:00Z", "a", "b", "hello").to_string().into_bytes();
    let wrong: Vec<(&str, Vec<u8>, &str)> = vec![
        ("not_utf8", b"{\"id\":\"\xff\"}".to_vec(), "byte 7"),
        ("too_large", huge, "larger than"),
        ("shape", deep, ""),
        ("shape", twice, "duplicate field"),
        ("shape", dated, "RFC 3339"),
        ("shape", far, "RFC 3339"),
        ("shape", b"not json".to_vec(), "line 1 column"),
        ("shape", b"{\"id\":\"cut".to_vec(), "EOF"),
        ("shape", b"[]".to_vec(), "an event"),
        ("shape", b"{}".to_vec(), "missing field"),
    ];
    let mut body = Vec::new();
    for (at, (_, bytes, _)) in wrong.iter().enumerate() {
        body.extend_from_slice(bytes);
        body.push(b'\n');
        body.extend_from_slice(&good(&format!("good-{at}")));
        body.push(b'\n');
    }
    let answer = post(&running, LINES, &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answers = answer.lines();
    assert_eq!(answers.len(), 2 * wrong.len());
    for (at, ((code, _, detail), pair)) in wrong.iter().zip(answers.chunks(2)).enumerate() {
        assert_eq!(pair[0]["status"], "invalid", "{}", pair[0]);
        assert_eq!(pair[0]["error"]["code"], *code, "{}", pair[0]);
        assert_eq!(pair[0]["error"]["line"], 2 * at + 1);
        assert!(pair[0]["error"]["detail"].as_str().unwrap().contains(detail), "{}", pair[0]);
        assert_eq!(pair[1]["status"], "screened", "{}", pair[1]);
        assert_eq!(pair[1]["id"], format!("good-{at}"));
    }
    assert_eq!(running.log().len(), wrong.len());
    running.stop();
}

#[test]
fn a_single_wrong_event_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let huge = message("1", "a", "b", &"x".repeat(300_000)).to_string();
    let too_much = vec![b' '; 17 * 1024 * 1024];
    for (body, kind, status, problem) in [
        (b"{\"id\":7}".as_slice(), JSON, 400, "invalid_event"),
        (b"\xff", JSON, 400, "invalid_event"),
        (b"", JSON, 400, "invalid_event"),
        (b"", LINES, 400, "bad_request"),
        (b"[{},", JSON, 400, "bad_request"),
        (b"{}", "application/cloudevents-batch+json", 400, "bad_request"),
        (huge.as_bytes(), JSON, 413, "too_large"),
        (&too_much, JSON, 413, "too_large"),
        (b"{}", "text/plain", 415, "unsupported_media_type"),
    ] {
        let answer = post(&running, kind, body);
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let problem_ = answer.json();
        assert_eq!(problem_["type"], format!("/docs#{problem}"));
        assert!(!problem_["message"]["zh"].as_str().unwrap().is_empty());
    }
    let zipped = running.client().request(
        "POST",
        "/v1/events",
        &[("content-type", JSON), ("content-encoding", "gzip")],
        b"x",
    );
    assert_eq!(zipped.unwrap().status, 415);
    assert!(running.log().is_empty());
    running.stop();
}

#[test]
fn a_key_that_asks_too_much_waits_as_long_as_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut start = Start::default();
    start.config.limits.events_per_second = 10;
    start.config.limits.events_burst = 20;
    start.config.limits.events_per_request = 50;
    let running = Running::start_with(folder.path(), start);
    let batch = |name: &str, count: usize| {
        lines(&(0..count).map(|n| message(&format!("{name}{n}"), "a", "b", "hi")).collect::<Vec<_>>())
    };
    assert_eq!(post(&running, LINES, &batch("a", 20)).status, 200);
    let refused = post(&running, LINES, &batch("b", 15));
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("2")));
    assert_eq!(post(&running, LINES, &batch("c", 51)).status, 413);
    assert_eq!(running.log().len(), 20);
    running.stop();
}

#[test]
fn nobody_comes_in_without_a_key_that_opens() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let body = message("1", "a", "b", "hello").to_string();
    let stranger = running.stranger().post("/v1/events", JSON, body.as_bytes()).unwrap();
    assert_eq!((stranger.status, stranger.header("www-authenticate")), (401, Some("Bearer")));
    let now = running.ctx.clock.now();
    let narrow = touchstone_server::keys::create(
        &running.ctx.store,
        "reads",
        &[touchstone_accounts::Scope::VerdictsRead],
        "test",
        now,
    );
    let narrow = running.block_on(narrow).unwrap();
    let refused = running.stranger().with_key(&narrow).post("/v1/events", JSON, body.as_bytes()).unwrap();
    assert_eq!(refused.status, 403);
    let mut last = 0;
    for attempt in 0..40 {
        let wrong = format!("{narrow}{attempt}");
        last = running.stranger().with_key(&wrong).get("/v1/verdicts").unwrap().status;
        assert!(last == 401 || last == 429);
    }
    assert_eq!(last, 429, "who keeps trying wrong keys is slowed down");
    assert_eq!(running.client().get("/v1/verdicts").unwrap().status, 200, "who has one is not");
    running.stop();
}

#[test]
fn a_clock_that_runs_ahead_is_noted_and_empties_no_window() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path());
    let now = running.ctx.clock.now().to_string();
    let to_many =
        |n: usize, time: &str| at(&format!("{n}"), time, "a", &format!("victim-{n}"), "hello there, friend");
    let first: Vec<Value> = (0..30).map(|n| to_many(n, &now)).collect();
    let steady = post(&running, LINES, &lines(&first)).lines();
    assert!(steady.iter().all(|it| it["noted"].is_null()));
    let ahead = post(&running, LINES, &lines(&[to_many(30, "2090-01-01T00:00:00Z")])).lines();
    assert_eq!(ahead[0]["noted"], "time_ahead");
    let after = post(&running, LINES, &lines(&[to_many(31, &now)])).lines();
    let findings = |it: &Value| it["verdict"]["findings"].as_array().map_or(0, Vec::len);
    assert!(
        findings(&after[0]) >= findings(&steady[29]),
        "what was counted before is still counted: {}",
        after[0]
    );
    running.stop();
}
