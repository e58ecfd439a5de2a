//! What does a rule cost? Budget: 40 ns for one of six clauses of which all have to be looked at;
//! beside it the same condition in the `cel` crate, its context made beforehand.

use std::collections::HashMap;

use divan::{Bencher, black_box};
use touchstone_policy::{
    Expression, FeatureKind, FeatureValue, FoundSet, Inputs, Names, Policy, default_files,
};
use touchstone_types::Event;

const SIX: &str = r#"found.claims_support && found.asks_for_code && event.type == "message.sent"
    && feature.strangers >= 20 && size(links) > 0 && actor.created_at > event.time - duration("168h")"#;
const FIRST_FAILS: &str = r#"found.offers_prize && found.asks_for_code && event.type == "message.sent"
    && feature.strangers >= 20 && size(links) > 0 && actor.created_at > event.time - duration("168h")"#;
const MESSAGE: &str = r#"{"id":"1","source":"s","type":"message.sent","time":"2026-03-01T12:00:00Z","data":{
    "sender":{"id":"a","handle":"helper","created_at":"2026-02-27T12:00:00Z"},"recipient":{"id":"b"},
    "conversation":{"id":"c","kind":"direct"},"text":"open claim.example"}}"#;

fn main() {
    divan::main();
}

fn names() -> Names {
    Names {
        findings: vec!["claims_support".into(), "asks_for_code".into(), "offers_prize".into()],
        features: vec![("strangers".into(), FeatureKind::Distinct)],
        lists: vec![],
    }
}

fn ours(bencher: Bencher, condition: &str) {
    let Ok(event) = Event::parse(MESSAGE.as_bytes()) else { return };
    let Ok(condition) = Expression::compile(condition, &names()) else { return };
    let features = [FeatureValue::Int(40)];
    let mut inputs = Inputs::new(&event);
    inputs.found = FoundSet::from_iter([0, 1]);
    inputs.features = &features;
    inputs.links = &["claim.example"];
    bencher.bench_local(|| black_box(&condition).holds(black_box(&inputs)));
}

#[divan::bench]
fn six_clauses(bencher: Bencher) {
    ours(bencher, SIX);
}

#[divan::bench]
fn six_clauses_first_fails(bencher: Bencher) {
    ours(bencher, FIRST_FAILS);
}

type Map = HashMap<String, cel::Value>;

fn value(source: &str) -> cel::Value {
    let program = cel::Program::compile(source).ok();
    program.and_then(|it| it.execute(&cel::Context::default()).ok()).unwrap_or(cel::Value::Null)
}

fn theirs(bencher: Bencher, condition: &str) {
    let Ok(program) = cel::Program::compile(condition) else { return };
    let mut context = cel::Context::default();
    let map = |pairs: &[(&str, cel::Value)]| -> Map {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    };
    let found =
        [("claims_support", true.into()), ("asks_for_code", true.into()), ("offers_prize", false.into())];
    context.add_variable_from_value("found", map(&found));
    let event = [("type", "message.sent".into()), ("time", value("timestamp('2026-03-01T12:00:00Z')"))];
    context.add_variable_from_value("event", map(&event));
    context.add_variable_from_value("feature", map(&[("strangers", 40.into())]));
    context
        .add_variable_from_value("actor", map(&[("created_at", value("timestamp('2026-02-27T12:00:00Z')"))]));
    context.add_variable_from_value("links", vec!["claim.example"]);
    bencher.bench_local(|| black_box(&program).execute(black_box(&context)));
}

#[divan::bench]
fn six_clauses_in_cel(bencher: Bencher) {
    theirs(bencher, SIX);
}

#[divan::bench]
fn six_clauses_first_fails_in_cel(bencher: Bencher) {
    theirs(bencher, FIRST_FAILS);
}

/// The default policy on a message in which three things were found.
#[divan::bench]
fn default_rules_on_a_suspect(bencher: Bencher) {
    default_rules(bencher, &["claims_support", "threatens_freeze", "asks_for_code"]);
}

/// The default policy on a message in which nothing was found.
#[divan::bench]
fn default_rules_on_an_ordinary_message(bencher: Bencher) {
    default_rules(bencher, &[]);
}

fn default_rules(bencher: Bencher, found: &[&str]) {
    let Ok(policy) = Policy::load(default_files()) else { return };
    let Ok(event) = Event::parse(MESSAGE.as_bytes()) else { return };
    let mut inputs = Inputs::new(&event);
    inputs.found = found.iter().filter_map(|name| policy.finding_id(name)).collect();
    bencher.bench_local(|| {
        let mut own = black_box(inputs);
        let mut fired = 0;
        policy.apply(&mut own, |_, _| fired += 1);
        fired
    });
}

/// Start-up: reading, checking and compiling the default policy.
#[divan::bench]
fn load_default_policy(bencher: Bencher) {
    bencher.with_inputs(default_files).bench_local_values(|files| Policy::load(files).map(|it| it.hash()));
}
