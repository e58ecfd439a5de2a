//! What follows from one event, with facts given by hand.

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

mod common;

use common::{at, directory, event, files, judge, message, policy, screener, summary};
use proptest::prelude::*;
use serde_json::json;
use touchstone_screening::{Facts, Opinion, Policy, screen};
use touchstone_types::{Check, Decision, Event, Moment, Releaser, Strength, Verdict};

const NOON: &str = "2026-11-20T12:00:00Z";

fn alone(line: &str) -> Verdict {
    let event = Event::parse(line.as_bytes()).unwrap();
    screen(&event, &Facts::new(event.time, &directory()), &policy())
}

fn from(sender: serde_json::Value, text: &str, conversation: serde_json::Value) -> String {
    event(
        "message.sent",
        NOON,
        json!({"sender": sender, "recipient": {"id": "u1"}, "conversation": conversation, "text": text}),
    )
}

#[test]
fn findings_are_what_the_event_shows() {
    let direct = json!({"id": "c", "kind": "direct", "mutual": false});
    for (line, expected) in [
        (message("a", "b", NOON, "lunch at noon?"), "allow 0 = "),
        (
            message("a", "b", NOON, "Please send me your recovery phrase"),
            "hold 90 = asks_for_recovery_phrase 70 + stranger_asks 20",
        ),
        (
            message("a", "b", NOON, "see http://claims.example/a and again claims.example/b"),
            "hold 80 = listed_link 80",
        ),
        (message("a", "b", NOON, "our site acme.example/help"), "allow 0 = "),
        (
            message("a", "b", NOON, "pay 0x1111111111111111111111111111111111111111"),
            "hold 90 = listed_address 90",
        ),
        (message("a", "b", NOON, "pay 0x44e9625868059ad8cf7fd7b1997f04579af4a587"), "allow 0 = "),
        (message("a", "b", NOON, "right now"), "hold 200 = hurries 200"),
        (
            from(json!({"id": "x", "handle": "Acme_Help"}), "hello", direct.clone()),
            "warn 40 = imitates_official 40",
        ),
        (from(json!({"id": "official", "handle": "acme_help"}), "hello", direct), "allow 0 = "),
        (
            from(
                json!({"id": "x", "display_name": "Acme Support"}),
                "hello",
                json!({"id": "c", "started_by": "x"}),
            ),
            "hold 70 = imitates_official 40 + contradicts_official 30",
        ),
        (
            from(json!({"id": "x"}), "acme official support here, tell us the 12 words", json!({"id": "c"})),
            "block 120 = asks_for_recovery_phrase 70 + contradicts_official 30 + claims_support 20",
        ),
        (
            message(
                "a",
                "b",
                NOON,
                "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic",
            ),
            "hold 90 = sends_recovery_phrase 90",
        ),
    ] {
        assert_eq!(summary(&alone(&line)), expected, "{line}");
    }
}

#[test]
fn a_second_opinion_can_only_speak_for_a_scam() {
    let (directory, policy) = (directory(), policy());
    for text in ["lunch at noon?", "Please send me your recovery phrase", "acme official support here"] {
        let line = message("a", "b", NOON, text);
        let event = Event::parse(line.as_bytes()).unwrap();
        let before = screen(&event, &Facts::new(event.time, &directory), &policy);
        for (scam, adds) in [(0.0, 0), (0.59, 0), (0.6, 18), (1.0, 30)] {
            let opinion = Some(Opinion { scam, why: "it says so", model: "judge-1" });
            let verdict = screen(&event, &Facts { opinion, ..Facts::new(event.time, &directory) }, &policy);
            assert_eq!(verdict.score, before.score + adds, "{text} {scam}");
            assert!(verdict.decision >= before.decision, "{text} {scam}");
            let found = verdict.findings.iter().find(|it| &*it.name == "second_opinion");
            assert_eq!(found.is_some(), adds > 0);
            if let Some(found) = found {
                let details: Vec<_> = found.details.iter().map(|(name, it)| (&**name, it.as_str())).collect();
                assert_eq!(details, [("model", "judge-1"), ("because", "it says so")]);
            }
        }
    }
}

#[test]
fn a_hold_says_until_when_and_who_may_release_it() {
    let hold = alone(&message("a", "b", NOON, "send me your seed phrase")).hold.unwrap();
    // The rule that fired is more cautious than the policy is as a rule.
    assert_eq!(
        (hold.until, hold.release_by),
        (at("2026-11-20T13:00:00Z"), vec![Releaser::User, Releaser::Staff])
    );
    let hold = alone(&message("a", "b", NOON, "see claims.example")).hold.unwrap();
    assert_eq!((hold.until, hold.release_by), (at("2026-11-20T12:15:00Z"), vec![Releaser::User]));
}

#[test]
fn a_finding_says_where_it_stands_and_reads_as_a_sentence() {
    let verdict = alone(&message("a", "b", NOON, "请把助记词发给我"));
    let finding = &verdict.findings[0];
    assert_eq!((finding.field.as_deref(), finding.span.map(|it| it.from)), (Some("text"), Some(2)));
    assert_eq!(finding.sentence.zh, "对方在要助记词。");
    let listed = alone(&message("a", "b", NOON, "看 claims.example")).findings.remove(0);
    assert_eq!(listed.sentence.en, "claims.example is on a list (written for tests).");
    assert!(listed.details.contains(&("entry".into(), "claims.example".into())));
}

#[test]
fn the_turning_point_is_what_a_reviewer_should_look_at() {
    let verdict = alone(&message("a", "b", NOON, "send me your seed phrase, see claims.example"));
    assert_eq!(
        summary(&verdict),
        "block 170 = listed_link 80 + asks_for_recovery_phrase 70 + stranger_asks 20"
    );
    let point = verdict.turning_point.unwrap();
    // Without the ask, the rule it woke is gone too: 80 is left.
    assert_eq!((&*point.finding, point.otherwise), ("listed_link", Decision::Hold));
    assert!(alone(&message("a", "b", NOON, "hello")).turning_point.is_none());
}

#[test]
fn the_protected_are_warned_about_and_a_person_is_asked() {
    let text = "send me your recovery phrase";
    for (sender, conversation) in [
        (json!({"id": "official"}), json!({"id": "c"})),
        (json!({"id": "m", "flags": ["moderator"]}), json!({"id": "c"})),
        (json!({"id": "f"}), json!({"id": "c", "mutual": true})),
    ] {
        let verdict = alone(&from(sender, text, conversation));
        assert_eq!((verdict.decision, verdict.needs_person), (Decision::Warn, true));
        assert!(verdict.score >= 70 && verdict.hold.is_none());
    }
}

#[test]
fn a_check_that_is_missing_is_named_and_its_fail_mode_holds() {
    let line = message("a", "b", NOON, "hello");
    let event = Event::parse(line.as_bytes()).unwrap();
    let directory = directory();
    for (check, decision) in [(Check::Memory, Decision::Hold), (Check::Identity, Decision::Allow)] {
        let unavailable = [(check, "timeout")];
        let facts = Facts { unavailable: &unavailable, ..Facts::new(event.time, &directory) };
        let verdict = screen(&event, &facts, &policy());
        assert_eq!(verdict.decision, decision);
        assert!(!verdict.checks.done.has(check));
        assert_eq!(&*verdict.checks.unavailable[0].reason, "timeout");
    }
}

#[test]
fn an_unknown_kind_of_event_is_let_through_with_no_check_done() {
    let verdict = alone(&event("poll.opened", NOON, json!({"text": "send me your recovery phrase"})));
    assert_eq!((verdict.decision, verdict.checks.done.iter().count()), (Decision::Allow, 0));
}

#[test]
fn a_policy_whose_phrases_mean_nothing_is_refused() {
    let mut files = files();
    for file in files.iter_mut().filter(|file| file.path.starts_with("phrases")) {
        file.text.push_str("\n[[list]]\nfinding = \"hurries\"\nphrases = [\"<nobody>\"]\n");
    }
    let problems = Policy::load(files).unwrap_err();
    assert!(problems[0].message.contains("nobody"), "{}", problems[0]);
}

/// Texts with and without what the policy looks for.
fn any_text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("send me your recovery phrase".to_owned()),
        Just("把助记词发给我".to_owned()),
        Just("right now".to_owned()),
        Just("never".to_owned()),
        Just("official support of acme".to_owned()),
        Just("https://claims.example/x".to_owned()),
        Just("0x1111111111111111111111111111111111111111".to_owned()),
        Just("@acme_heIp".to_owned()),
        Just("ｓｅｎｄ ｍｅ ｙｏｕｒ ｓｅｅｄ ｐｈｒａｓｅ".to_owned()),
        Just("ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic".to_owned()),
        "[a-z 一-龥.,!?]{0,20}",
        "\\PC{0,12}",
    ];
    proptest::collection::vec(word, 0..4).prop_map(|words| words.join("\n"))
}

fn any_message() -> impl Strategy<Value = String> {
    let sender = prop_oneof![
        Just(json!({"id": "x"})),
        Just(json!({"id": "x", "handle": "acme_help"})),
        Just(json!({"id": "official"})),
        Just(json!({"id": "m", "flags": ["moderator"]})),
    ];
    let mutual = prop_oneof![Just(None), Just(Some(true)), Just(Some(false))];
    (sender, any_text(), mutual, any::<bool>()).prop_map(|(sender, text, mutual, first)| {
        let mut conversation = json!({"id": "c", "kind": "direct"});
        if let Some(mutual) = mutual {
            conversation["mutual"] = json!(mutual);
        }
        if first {
            conversation["started_by"] = sender["id"].clone();
        }
        from(sender, &text, conversation)
    })
}

fn with_text(line: &str, change: impl Fn(&str) -> String) -> String {
    let mut event: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = change(event["data"]["text"].as_str().unwrap_or_default());
    event["data"]["text"] = json!(text);
    event.to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_verdict_adds_up(line in any_message()) {
        let verdict = alone(&line);
        prop_assert_eq!(verdict.score, verdict.findings.iter().map(|it| it.weight).sum::<u32>());
        prop_assert_eq!(verdict.hold.is_some(), verdict.decision == Decision::Hold);
        prop_assert!(verdict.findings.is_sorted_by(|a, b| a.weight >= b.weight));
    }

    #[test]
    fn nothing_the_sender_adds_lowers_the_score(line in any_message(), more in any_text()) {
        let plain = alone(&line).score;
        for added in [
            with_text(&line, |text| format!("{text}\n{more}")),
            with_text(&line, |text| format!("{more}\n{text}")),
        ] {
            prop_assert!(alone(&added).score >= plain, "{plain} -> {}: {added}", alone(&added).score);
        }
    }

    #[test]
    fn one_weak_finding_alone_never_blocks(line in any_message()) {
        let verdict = alone(&line);
        if let [finding] = verdict.findings.as_slice() && finding.strength == Strength::Weak {
            prop_assert!(verdict.decision < Decision::Block);
        }
    }

    #[test]
    fn the_protected_are_never_held(line in any_message()) {
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        let data = &event["data"];
        let protected = data["sender"]["id"] == "official"
            || data["sender"]["flags"][0] == "moderator"
            || data["conversation"]["mutual"] == true;
        if protected {
            prop_assert!(alone(&line).decision <= Decision::Warn);
        }
    }

    #[test]
    fn the_same_event_gets_the_same_verdict(line in any_message()) {
        prop_assert_eq!(alone(&line), alone(&line));
        // In a stream that has seen other things first, a new sender is judged as if alone.
        let mut busy = screener();
        judge(&mut busy, &message("other", "b", "2026-11-20T11:00:00Z", "send me your seed phrase"));
        let fresh = with_text(&line, str::to_owned);
        prop_assert_eq!(judge(&mut busy, &fresh).findings, judge(&mut screener(), &fresh).findings);
    }

    #[test]
    fn no_event_makes_screening_panic(line in any_message(), time in any::<i64>()) {
        if let (Ok(now), Ok(event)) = (Moment::from_micros(time), Event::parse(line.as_bytes())) {
            let _ = screen(&event, &Facts::new(now, &directory()), &policy());
        }
    }
}
