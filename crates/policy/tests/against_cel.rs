//! Conditions mean what the `cel` crate takes them to mean, over generated conditions and
//! events: where ours is true or false, CEL gives the same; where ours is unknown, CEL gives an
//! error, which is how it treats a missing field.
//!
//! Left out, as not in CEL: `list(…)`, durations in days, conditions that only differ in what
//! `has` says of a name without a dot.

#![allow(clippy::unwrap_used, clippy::panic)] // Helpers of tests fail the test.

use std::collections::HashMap;

use proptest::prelude::*;
use touchstone_policy::{Expression, FeatureKind, FeatureValue, FoundSet, Inputs, Names, Truth};
use touchstone_types::{Event, Lapse};

type Map = HashMap<String, cel::Value>;

/// One event with everything that may be missing.
#[derive(Clone, Debug)]
struct World {
    transfer: bool,
    handle: Option<&'static str>,
    started_by: Option<&'static str>,
    mutual: Option<bool>,
    text: &'static str,
    files: usize,
    created_hours_ago: Option<u32>,
    usd: Option<u32>,
    amount: u32,
    staff: bool,
    found: (bool, bool),
    count: Option<i64>,
    age_hours: Option<u32>,
    hosts: Option<Vec<&'static str>>,
    links: Vec<&'static str>,
}

const WORDS: [&str; 5] = ["", "a", "user", "support.example", "助记词 now"];
const NOW: &str = "2026-03-01T12:00:00Z";

fn words() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&WORDS[..])
}

fn world() -> impl Strategy<Value = World> {
    let who = (
        any::<bool>(),
        prop::option::of(words()),
        prop::option::of(words()),
        prop::option::of(any::<bool>()),
    );
    let what =
        (words(), 0..3usize, prop::option::of(0..72u32), prop::option::of(0..40u32), 0..40u32, any::<bool>());
    let known = (
        any::<(bool, bool)>(),
        prop::option::of(-3..5i64),
        prop::option::of(0..72u32),
        prop::option::of(prop::collection::vec(words(), 0..3)),
        prop::collection::vec(words(), 0..3),
    );
    (who, what, known).prop_map(|(who, what, known)| World {
        transfer: who.0,
        handle: who.1,
        started_by: who.2,
        mutual: who.3,
        text: what.0,
        files: what.1,
        created_hours_ago: what.2,
        usd: what.3,
        amount: what.4,
        staff: what.5,
        found: known.0,
        count: known.1,
        age_hours: known.2,
        hosts: known.3,
        links: known.4,
    })
}

/// A quarter of the number with its fraction, so that it is exact as text and as float.
fn quarters(number: u32) -> String {
    format!("{}.{:02}", number / 4, number % 4 * 25)
}

fn hours_before(hours: u32) -> String {
    // 2026-03-01T12:00 minus up to 72 hours: stays in February 26 to March 1.
    let left = 4 * 24 - 12 - hours as i64;
    let (day, hour) = (left.div_euclid(24), left.rem_euclid(24));
    let date = ["2026-02-26", "2026-02-27", "2026-02-28", "2026-03-01"][day as usize];
    format!("{date}T{hour:02}:00:00Z")
}

impl World {
    fn json(&self) -> String {
        let mut account = serde_json::json!({ "id": "a" });
        if let Some(handle) = self.handle {
            account["handle"] = handle.into();
        }
        if let Some(hours) = self.created_hours_ago {
            account["created_at"] = hours_before(hours).into();
        }
        if self.staff {
            account["flags"] = serde_json::json!(["staff"]);
        }
        let (kind, data) = if self.transfer {
            let mut data = serde_json::json!({ "account": account, "to": "eip155:1:0xab", "amount": quarters(self.amount), "asset": "USDT" });
            if let Some(usd) = self.usd {
                data["usd"] = quarters(usd).into();
            }
            ("transfer.requested", data)
        } else {
            let mut conversation = serde_json::json!({ "id": "c", "kind": "direct" });
            if let Some(account) = self.started_by {
                conversation["started_by"] = account.into();
            }
            if let Some(mutual) = self.mutual {
                conversation["mutual"] = mutual.into();
            }
            let files = vec![serde_json::json!({}); self.files];
            let data = serde_json::json!({ "sender": account, "conversation": conversation, "text": self.text, "attachments": files });
            ("message.sent", data)
        };
        serde_json::json!({ "id": "1", "source": "s", "type": kind, "time": NOW, "data": data }).to_string()
    }

    fn ours(&self, condition: &str) -> Truth {
        let names = Names {
            findings: vec!["one".into(), "two".into()],
            features: vec![
                ("count".into(), FeatureKind::Count),
                ("age".into(), FeatureKind::FirstSeen),
                ("hosts".into(), FeatureKind::Recent),
            ],
            lists: vec![],
        };
        let json = self.json();
        let event = Event::parse(json.as_bytes()).unwrap();
        let mut inputs = Inputs::new(&event);
        let hosts = self.hosts.clone().unwrap_or_default();
        let features = [
            self.count.map_or(FeatureValue::Unknown, FeatureValue::Int),
            self.age_hours.map_or(FeatureValue::Unknown, |it| {
                FeatureValue::Lapse(Lapse::from_secs(u64::from(it) * 3_600))
            }),
            self.hosts.as_ref().map_or(FeatureValue::Unknown, |_| FeatureValue::Texts(&hosts)),
        ];
        inputs.found = FoundSet::from_iter(
            [(0, self.found.0), (1, self.found.1)].iter().filter(|it| it.1).map(|it| it.0),
        );
        inputs.features = &features;
        inputs.links = &self.links;
        Expression::compile(condition, &names).map(|it| it.holds(&inputs)).unwrap()
    }

    fn theirs(&self, condition: &str) -> Truth {
        let context = self.context();
        let program = cel::Program::compile(condition).unwrap();
        match program.execute(&context) {
            Ok(cel::Value::Bool(true)) => Truth::True,
            Ok(cel::Value::Bool(false)) => Truth::False,
            Ok(other) => panic!("{condition}: {other:?}"),
            Err(_) => Truth::Unknown,
        }
    }

    fn context(&self) -> cel::Context<'static, 'static> {
        let mut actor = Map::from([("staff".into(), self.staff.into())]);
        put(&mut actor, "handle", self.handle.map(Into::into));
        put(
            &mut actor,
            "created_at",
            self.created_hours_ago.map(|it| computed(&format!("timestamp('{}')", hours_before(it)))),
        );
        let event = Map::from([("time".into(), computed(&format!("timestamp('{NOW}')")))]);
        let (mut conversation, mut message, mut transfer) = (Map::new(), Map::new(), Map::new());
        if self.transfer {
            transfer.insert("amount".into(), (f64::from(self.amount) / 4.0).into());
            put(&mut transfer, "usd", self.usd.map(|it| (f64::from(it) / 4.0).into()));
        } else {
            message.insert("attachments".into(), (self.files as i64).into());
            put(&mut conversation, "started_by", self.started_by.map(Into::into));
            put(&mut conversation, "mutual", self.mutual.map(Into::into));
        }
        let found = Map::from([("one".into(), self.found.0.into()), ("two".into(), self.found.1.into())]);
        let mut feature = Map::new();
        put(&mut feature, "count", self.count.map(Into::into));
        put(&mut feature, "age", self.age_hours.map(|it| computed(&format!("duration('{it}h')"))));
        put(&mut feature, "hosts", self.hosts.clone().map(Into::into));
        let mut context = cel::Context::default();
        for (name, map) in [
            ("actor", actor),
            ("event", event),
            ("conversation", conversation),
            ("message", message),
            ("transfer", transfer),
            ("found", found),
            ("feature", feature),
        ] {
            context.add_variable_from_value(name, map);
        }
        if !self.transfer {
            context.add_variable_from_value("text", self.text);
            context.add_variable_from_value("links", self.links.clone());
        }
        context
    }
}

fn put(map: &mut Map, name: &str, value: Option<cel::Value>) {
    map.extend(value.map(|value| (name.to_owned(), value)));
}

fn computed(source: &str) -> cel::Value {
    cel::Program::compile(source).unwrap().execute(&cel::Context::default()).unwrap()
}

fn literal() -> impl Strategy<Value = String> {
    words().prop_map(|word| format!("{word:?}"))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec!["actor.handle", "conversation.started_by", "text"]).prop_map(str::to_owned),
        literal(),
    ]
}

fn int() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (-3..5i64).prop_map(|number| number.to_string()),
        Just(i64::MAX.to_string()),
        prop::sample::select(vec![
            "message.attachments",
            "feature.count",
            "size(text)",
            "size(links)",
            "size(feature.hosts)"
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        (inner.clone(), prop::sample::select(vec!["+", "-"]), inner)
            .prop_map(|(a, sign, b)| format!("({a} {sign} {b})"))
    })
}

fn float() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0..40u32).prop_map(quarters),
        prop::sample::select(vec!["transfer.usd", "transfer.amount"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        (inner.clone(), prop::sample::select(vec!["+", "-"]), inner)
            .prop_map(|(a, sign, b)| format!("({a} {sign} {b})"))
    })
}

fn lapse() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (1..72u32).prop_map(|hours| format!("duration(\"{hours}h\")")),
        Just("feature.age".to_owned()),
        Just("(event.time - actor.created_at)".to_owned()),
    ];
    leaf.prop_recursive(1, 3, 2, |inner| {
        (inner.clone(), prop::sample::select(vec!["+", "-"]), inner)
            .prop_map(|(a, sign, b)| format!("({a} {sign} {b})"))
    })
}

fn time() -> impl Strategy<Value = String> {
    let base = prop::sample::select(vec!["event.time", "actor.created_at"]);
    (base, prop::sample::select(vec!["+", "-"]), lapse())
        .prop_map(|(base, sign, by)| format!("({base} {sign} {by})"))
}

fn compared<S: Strategy<Value = String>>(value: fn() -> S) -> impl Strategy<Value = String> {
    let signs = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    (value(), signs, value()).prop_map(|(a, sign, b)| format!("({a} {sign} {b})"))
}

fn condition() -> impl Strategy<Value = String> {
    let names = [
        "true",
        "false",
        "found.one",
        "found.two",
        "actor.staff",
        "conversation.mutual",
        "has(actor.handle)",
        "has(transfer.usd)",
        "has(feature.age)",
        "has(conversation.mutual)",
    ];
    let look = prop::sample::select(vec!["startsWith", "endsWith", "contains"]);
    let list = prop::sample::select(vec!["links", "feature.hosts", "[\"a\", \"user\", \"助记词 now\"]"]);
    let leaf = prop_oneof![
        3 => prop::sample::select(names.to_vec()).prop_map(str::to_owned),
        1 => compared(text),
        1 => compared(int),
        1 => compared(float),
        1 => compared(lapse),
        1 => compared(time),
        1 => (text(), look, text()).prop_map(|(a, look, b)| format!("{a}.{look}({b})")),
        1 => (text(), list).prop_map(|(a, list)| format!("({a} in {list})")),
        1 => int().prop_map(|a| format!("({a} in [-1, 0, 2])")),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let joined = prop::sample::select(vec!["&&", "||", "==", "!="]);
        prop_oneof![
            4 => (inner.clone(), joined, inner.clone()).prop_map(|(a, sign, b)| format!("({a} {sign} {b})")),
            1 => inner.clone().prop_map(|a| format!("!({a})")),
            1 => (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn conditions_mean_what_cel_takes_them_to_mean(world in world(), condition in condition()) {
        prop_assert_eq!(world.ours(&condition), world.theirs(&condition), "{} over {}", condition, world.json());
    }
}

#[test]
fn operators_bind_as_in_cel() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let worlds: Vec<World> = (0..24)
        .map(|_| {
            world().new_tree(&mut runner).map(|tree| proptest::strategy::ValueTree::current(&tree)).unwrap()
        })
        .collect();
    for condition in [
        "found.one || found.two && actor.staff",
        "!found.one && found.two || !actor.staff",
        "found.one == found.two || actor.staff",
        "found.one ? found.two : actor.staff ? found.one : found.two",
        "found.one || found.two ? actor.staff : found.two",
        "feature.count + 1 - 2 > -1 - -2",
        "feature.count - 1 - 1 == feature.count - (1 - 1)",
        "feature.count in [-1, 0] == found.one",
        "!has(transfer.usd) || transfer.usd - 1.5 < transfer.amount + 0.25",
        "event.time - duration(\"24h\") < actor.created_at && found.one",
    ] {
        for world in &worlds {
            assert_eq!(world.ours(condition), world.theirs(condition), "{condition} over {}", world.json());
        }
    }
}
