//! What conditions mean: missing fields, memory, lists, explanations, and rules that wake
//! each other.

use proptest::prelude::*;
use touchstone_policy::{
    Clause, Expression, FeatureKind, FeatureValue, FoundSet, Inputs, Names, Policy, SourceFile, Truth,
    default_files,
};
use touchstone_types::{Event, EventKind, Lapse};

const MESSAGE: &str = r#"{"id":"1","source":"s","type":"message.sent","time":"2026-03-01T12:00:00Z","data":{
    "sender":{"id":"a","handle":"helper","created_at":"2026-02-27T12:00:00Z"},"recipient":{"id":"b"},
    "conversation":{"id":"c","kind":"direct"},"text":"请打开 claim.example"}}"#;

fn names() -> Names {
    Names {
        findings: vec!["claims_support".into(), "asks_for_code".into()],
        features: vec![
            ("strangers".into(), FeatureKind::Distinct),
            ("known_for".into(), FeatureKind::FirstSeen),
        ],
        lists: vec![],
    }
}

fn truth(condition: &str, inputs: &Inputs<'_>) -> Result<Truth, String> {
    Expression::compile(condition, &names()).map(|it| it.holds(inputs)).map_err(|error| error.message)
}

#[test]
fn a_missing_field_is_unknown_and_only_what_hangs_on_it() {
    let event = Event::parse(MESSAGE.as_bytes()).unwrap();
    let inputs = Inputs::new(&event);
    for (condition, expected) in [
        ("conversation.mutual", Truth::Unknown),
        ("!conversation.mutual", Truth::Unknown),
        ("conversation.mutual || actor.handle == \"helper\"", Truth::True),
        ("conversation.mutual && actor.handle == \"helper\"", Truth::Unknown),
        ("conversation.mutual && actor.handle == \"other\"", Truth::False),
        ("conversation.mutual ? true : true", Truth::Unknown),
        ("has(conversation.mutual)", Truth::False),
        ("has(conversation.mutual) ? conversation.mutual : true", Truth::True),
        ("transfer.usd > 5", Truth::Unknown),
        ("feature.strangers > 5", Truth::Unknown),
        ("has(feature.strangers)", Truth::False),
        ("found.claims_support", Truth::False),
        ("event.time - actor.created_at == duration(\"2d\")", Truth::True),
        ("received.time == event.time", Truth::True),
        ("size(text) == 17 && text.contains(\"打开\")", Truth::True),
        ("9223372036854775807 + message.attachments + 1 > 0", Truth::Unknown),
        ("\"x\" in links // nobody read the text for links", Truth::False),
    ] {
        assert_eq!(truth(condition, &inputs), Ok(expected), "{condition}");
    }
}

#[test]
fn an_explanation_names_each_clause_its_truth_and_its_values() {
    let event = Event::parse(MESSAGE.as_bytes()).unwrap();
    let features = [FeatureValue::Int(40), FeatureValue::Lapse(Lapse::from_secs(100_000))];
    let mut inputs = Inputs::new(&event);
    inputs.features = &features;
    inputs.found = FoundSet::from_iter([0]);
    let condition = "found.claims_support\n  && (conversation.mutual || feature.strangers >= 20)\n && feature.known_for > duration(\"2d\")";
    let shown = Expression::compile(condition, &names()).unwrap().explain(&inputs, &names());
    let clause = |text: &str, truth, values: &[(&str, Option<&str>)]| Clause {
        text: text.into(),
        truth,
        values: values.iter().map(|(name, value)| ((*name).into(), value.map(str::to_owned))).collect(),
    };
    let expected = [
        clause("found.claims_support", Truth::True, &[("found.claims_support", Some("true"))]),
        clause(
            "(conversation.mutual || feature.strangers >= 20)",
            Truth::True,
            &[("conversation.mutual", None), ("feature.strangers", Some("40"))],
        ),
        clause("feature.known_for > duration(\"2d\")", Truth::False, &[("feature.known_for", Some("1d 3h"))]),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn rules_wake_those_that_build_on_them_and_nobody_else() {
    let policy = Policy::load(default_files()).unwrap();
    let event = Event::parse(MESSAGE.as_bytes()).unwrap();
    let fired = |names: &[&str]| {
        let mut inputs = Inputs::new(&event);
        inputs.found = names.iter().filter_map(|name| policy.finding_id(name)).collect();
        let mut fired = Vec::new();
        policy.apply(&mut inputs, |_, rule| fired.push(rule.id.to_string()));
        fired
    };
    assert_eq!(fired(&[]), Vec::<String>::new());
    let story = fired(&["claims_relative", "asks_for_transfer"]);
    assert!(story.contains(&"first_contact".to_owned()), "{story:?}");
    assert!(story.contains(&"friend_in_need".to_owned()), "{story:?}");
    assert_eq!(policy.woken(&FoundSet::default(), Some(EventKind::MessageSent)).count(), 0);
    assert!(policy.woken(&FoundSet::default(), Some(EventKind::TransferRequested)).count() > 0);
}

#[test]
fn a_listed_value_is_found_in_texts_and_in_lists() {
    let list = r#"
name = "bad"
kind = "domain"
source = "test"
values = ["claim.example"]
"#;
    let rule = r#"
[[rule]]
id = "r"
title = { zh = "规则", en = "rule" }
owner = "team"
status = "live"
wakes_on = ["message.sent"]
when = 'list("bad", links) && !list("bad", actor.handle)'
weight = 10
sentence = { zh = "看到了。", en = "Seen." }
[[rule.hits]]
about = "below a listed host"
type = "message.sent"
data = { sender = { handle = "x" } }
links = ["ok.example", "www.claim.example"]
[[rule.misses]]
about = "another host"
type = "message.sent"
data = { sender = { handle = "x" } }
links = ["ok.example"]
"#;
    let mut files = default_files();
    for (path, text) in [("lists/test.toml", list), ("rules/test.toml", rule)] {
        files.push(SourceFile { path: path.into(), text: text.into() });
    }
    let results = Policy::load(files).unwrap().test();
    assert!(results.iter().filter(|it| &*it.rule == "r").all(|it| it.passed));
    assert_eq!(results.iter().filter(|it| &*it.rule == "r").count(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_the_compiler_and_errors_point_into_it(
        words in prop::collection::vec(
            prop_oneof![
                3 => prop::sample::select(vec![
                    "found.claims_support", "feature.known_for", "actor.handle", "text", "(", ")", "[", "]", "&&", "||",
                    "!", "==", "<", "in", "+", "-", "?", ":", ",", "size(", "has(", "duration(", "\"24h\"", "'x'", "1",
                    "2.5", ".contains(", "true", "list(", "message.attachments", "// x\n", "=", ".", "\\", "\"",
                ]).prop_map(str::to_owned),
                1 => "\\PC{0,4}",
            ],
            0..24,
        ),
    ) {
        let source = words.join(" ");
        if let Err(error) = Expression::compile(&source, &names()) {
            prop_assert!(error.span.start <= error.span.end && error.span.end <= source.len() + 1, "{error:?}");
            prop_assert!(!error.message.is_empty());
        }
    }
}
