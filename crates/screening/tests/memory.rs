//! What earlier events say.

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

mod common;

use common::{at, directory, event, files, judge, message, policy, screener, summary};
use proptest::prelude::*;
use serde_json::json;
use touchstone_screening::{Limits, Memory, Policy, Screener, SnapshotError};
use touchstone_types::{Check, Decision, Event};

fn minute(minute: u32) -> String {
    format!("2026-11-20T{:02}:{:02}:00Z", 8 + minute / 60, minute % 60)
}

fn transfer(to: &str, time: &str) -> String {
    let data = json!({"account": {"id": "w1", "person": "victim"}, "to": format!("eip155:1:{to}"), "amount": "5", "asset": "ETH", "usd": "9000"});
    event("transfer.requested", time, data)
}

#[test]
fn an_account_that_writes_to_many_strangers_is_noticed() {
    let mut screener = screener();
    for (at, user) in ["u1", "u2", "u3", "u1"].iter().enumerate() {
        let verdict = judge(&mut screener, &message("a", user, &minute(at as u32), "hello"));
        let noticed = verdict.findings.iter().any(|it| &*it.name == "many_strangers");
        assert_eq!(noticed, at == 3, "the event itself is not counted: {at}");
    }
    let later = judge(&mut screener, &message("a", "u9", "2026-11-22T00:00:00Z", "hello"));
    assert!(later.findings.is_empty(), "a day later it is forgotten");
}

#[test]
fn the_conversation_and_the_transfer_are_joined_by_the_person() {
    let mut screener = screener();
    let to_victim = |time: &str, text: &str| {
        let data = json!({"sender": {"id": "x"}, "recipient": {"id": "m1", "person": "victim"},
            "conversation": {"id": "c", "mutual": false}, "text": text});
        event("message.sent", time, data)
    };
    judge(&mut screener, &to_victim(&minute(0), "send me your recovery phrase"));
    judge(&mut screener, &to_victim(&minute(5), "or enter it on restore.example"));
    let verdict = judge(&mut screener, &transfer("0x9999999999999999999999999999999999999999", &minute(30)));
    assert_eq!(summary(&verdict), "hold 60 = transfer_after_ask 60");
    let because = &verdict.findings[0].details[0];
    assert!(because.1.contains("feature.drain = 2"), "{because:?}");
    assert_eq!(verdict.hold.unwrap().until, at("2026-11-21T08:30:00Z"));
    let late =
        judge(&mut screener, &transfer("0x9999999999999999999999999999999999999999", "2026-11-21T09:00:00Z"));
    assert_eq!(late.decision, Decision::Allow);
}

#[test]
fn an_address_made_to_be_taken_for_a_known_one_is_held() {
    let mut screener = screener();
    let known = "0xab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb";
    assert_eq!(judge(&mut screener, &transfer(known, &minute(0))).decision, Decision::Allow);
    let poisoned = judge(&mut screener, &transfer("0xab160000000000000000000000000000000bfcdb", &minute(1)));
    assert_eq!(summary(&poisoned), "hold 60 = address_imitates_recent 60");
    assert_eq!(poisoned.findings[0].likeness.as_ref().unwrap().official, known);
    assert_eq!(judge(&mut screener, &transfer(known, &minute(2))).decision, Decision::Allow);
}

#[test]
fn the_same_text_to_many_is_one_campaign() {
    let mut screener = screener();
    let mut campaigns = Vec::new();
    for user in 0..5 {
        let text =
            format!("Dear user {user}, your wallet will be closed, come to our page {user} to keep it open");
        let verdict =
            judge(&mut screener, &message(&format!("s{user}"), &format!("u{user}"), &minute(user), &text));
        campaigns.push((verdict.campaign.is_some(), verdict.shadow.len()));
    }
    assert_eq!(campaigns, [(false, 0), (false, 0), (false, 1), (true, 1), (true, 1)]);
}

#[test]
fn a_clock_that_runs_ahead_empties_no_window() {
    let mut screener = screener();
    for user in ["u1", "u2", "u3"] {
        judge(&mut screener, &message("a", user, &minute(0), "hello"));
    }
    let ahead = message("a", "u4", "2099-01-01T00:00:00Z", "hello");
    let event = Event::parse(ahead.as_bytes()).unwrap();
    let verdict = screener.process(&event, at(&minute(1)));
    assert_eq!(summary(&verdict), "warn 35 = many_strangers 35");
}

#[test]
fn without_memory_the_verdict_says_so_and_the_event_is_still_learned() {
    let mut screener = screener();
    for (at_minute, user) in ["u1", "u2", "u3"].iter().enumerate() {
        let line = message("a", user, &minute(at_minute as u32), "hello");
        let event = Event::parse(line.as_bytes()).unwrap();
        let verdict = screener.process_with(&event, event.time, None, &[(Check::Memory, "timeout")]);
        assert_eq!(verdict.decision, Decision::Hold, "the policy's fail mode");
    }
    let verdict = judge(&mut screener, &message("a", "u4", &minute(9), "hello"));
    assert_eq!(summary(&verdict), "warn 35 = many_strangers 35");
}

#[test]
fn a_full_memory_says_so_and_stays_within_its_limit() {
    let policy = policy();
    let features = policy.core().features();
    let limits = Limits { entries: 10, campaigns: 10 };
    let mut screener = Screener::with_memory(policy.clone(), directory(), Memory::new(features, limits));
    for user in 0..100 {
        judge(&mut screener, &message(&format!("a{user}"), "b", &minute(user), "hello"));
    }
    let fullness = screener.memory().fullness(features);
    let sent = fullness.iter().find(|it| &*it.part == "sent").unwrap();
    assert!(sent.kept <= 10 && sent.dropped > 0, "{sent:?}");
    assert!(fullness.iter().all(|it| it.kept <= it.limit));
}

#[test]
fn a_snapshot_of_other_features_or_with_damage_is_refused() {
    let policy = policy();
    let features = policy.core().features();
    let mut screener = screener();
    judge(&mut screener, &message("a", "b", &minute(0), "hello"));
    let bytes = screener.memory().snapshot().unwrap();
    assert!(Memory::restore(features, Limits::default(), &bytes).is_ok());
    for (at, byte) in [(0, 9), (7, 9)] {
        let mut damaged = bytes.clone();
        damaged[at] ^= byte;
        let error = Memory::restore(features, Limits::default(), &damaged).unwrap_err();
        assert!(matches!(error, SnapshotError::Version(_) | SnapshotError::OtherFeatures), "{error}");
    }
    for cut in [0, 3, 20, bytes.len() - 1] {
        assert!(Memory::restore(features, Limits::default(), &bytes[..cut]).is_err());
    }
    let mut other = files();
    for file in other.iter_mut().filter(|file| file.path == "features.toml") {
        file.text = file.text.replace("window = \"1h\"", "window = \"2h\"");
    }
    let other = Policy::load(other).unwrap();
    let error = Memory::restore(other.core().features(), Limits::default(), &bytes).unwrap_err();
    assert_eq!(error, SnapshotError::OtherFeatures);
}

/// A stream of lines in no particular order of time.
fn any_stream() -> impl Strategy<Value = Vec<String>> {
    let text = prop_oneof![
        Just("hello"),
        Just("send me your recovery phrase"),
        Just("see restore.example"),
        Just("Dear user, your wallet will be closed, come to our page to keep it open"),
    ];
    let message = (0u8..4, 0u8..4, 0u32..600, text)
        .prop_map(|(from, to, at, text)| message(&format!("a{from}"), &format!("u{to}"), &minute(at), text));
    let transfer = (0u32..600, 0u8..3).prop_map(|(at, to)| {
        transfer(&format!("0xab1600000000000000000000000000000{to:03}fcdb"), &minute(at))
    });
    proptest::collection::vec(prop_oneof![4 => message, 1 => transfer], 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn replaying_a_stream_gives_the_same_verdicts_bit_for_bit(stream in any_stream()) {
        let run = || {
            let mut screener = screener();
            let verdicts: Vec<_> =
                stream.iter().map(|line| serde_json::to_string(&judge(&mut screener, line)).unwrap()).collect();
            (verdicts, screener.memory().snapshot().unwrap())
        };
        prop_assert_eq!(run(), run());
    }

    #[test]
    fn a_restored_memory_goes_on_as_if_nothing_had_happened(stream in any_stream(), cut in 0usize..40) {
        let policy = policy();
        let (before, after) = stream.split_at(cut.min(stream.len()));
        let mut whole = screener();
        before.iter().for_each(|line| { judge(&mut whole, line); });
        let bytes = whole.memory().snapshot().unwrap();
        let memory = Memory::restore(policy.core().features(), Limits::default(), &bytes).unwrap();
        prop_assert_eq!(memory.snapshot().unwrap(), bytes);
        let mut restored = Screener::with_memory(policy, directory(), memory);
        for line in after {
            prop_assert_eq!(judge(&mut whole, line), judge(&mut restored, line));
        }
    }

    #[test]
    fn learning_what_another_judged_leaves_the_same_memory(stream in any_stream()) {
        let (mut judging, mut learning) = (screener(), screener());
        for line in &stream {
            let event = Event::parse(line.as_bytes()).unwrap();
            let verdict = judging.process(&event, event.time);
            learning.learn(&event, event.time, &verdict);
        }
        prop_assert_eq!(judging.memory().snapshot().unwrap(), learning.memory().snapshot().unwrap());
    }
}
