//! The written corpus keeps its own promises: see `corpus/README.md`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use serde::Deserialize;
use touchstone_types::{Event, Moment};

/// What an impostor does, as the corpus marks it.
const TACTICS: &[&str] = &[
    "asks_approval",
    "asks_code",
    "asks_connect_wallet",
    "asks_fee",
    "asks_identity",
    "asks_install",
    "asks_link",
    "asks_screen_share",
    "asks_secret",
    "asks_transfer",
    "claims_acquaintance",
    "claims_authority",
    "claims_support",
    "hurries",
    "isolates",
    "moves_channel",
    "offers_loan",
    "offers_prize",
    "offers_recovery",
    "offers_refund",
    "offers_return",
    "romance",
    "threatens",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    pair: String,
    label: String,
    lang: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    turns: Option<Vec<Turn>>,
    tactics: Vec<Tactic>,
    #[serde(default)]
    harm_turn: Option<usize>,
    #[allow(dead_code, reason = "its presence and type are what is checked")]
    evasion: bool,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    role: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Tactic {
    Message(String),
    Turn { turn: usize, name: String },
}

/// Every row with the file and line it stands in.
fn rows() -> Vec<(String, Row)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../corpus/written");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "jsonl"))
        .collect();
    files.sort();
    let read = |path: &PathBuf| -> Vec<(String, Row)> {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).unwrap();
        text.lines()
            .enumerate()
            .map(|(at, line)| {
                let place = format!("{name}:{}", at + 1);
                let row = serde_json::from_str(line).unwrap_or_else(|cause| panic!("{place}: {cause}"));
                (place, row)
            })
            .collect()
    };
    files.iter().flat_map(read).collect()
}

#[test]
fn ids_are_unique_and_every_scam_has_its_innocent_neighbour() {
    let mut ids = BTreeSet::new();
    let mut pairs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (place, row) in rows() {
        assert!(ids.insert(row.id.clone()), "{place}: id {} is not unique", row.id);
        pairs.entry(row.pair).or_default().push(row.label);
    }
    for (pair, mut labels) in pairs {
        labels.sort();
        assert_eq!(labels, ["benign", "scam"], "pair {pair} has one row of each label");
    }
}

#[test]
fn marks_point_at_turns_that_exist_and_use_known_names() {
    for (place, row) in rows() {
        assert!(row.text.is_some() != row.turns.is_some(), "{place}: a text or turns, not both");
        assert!(["scam", "benign"].contains(&&*row.label), "{place}: label {}", row.label);
        assert!(row.source == "written" && !row.lang.is_empty(), "{place}: source or language");
        let turns = row.turns.as_deref().unwrap_or_default();
        for tactic in &row.tactics {
            let name = match tactic {
                Tactic::Message(name) => {
                    assert!(row.text.is_some(), "{place}: marks of a conversation name their turn");
                    name
                }
                Tactic::Turn { turn, name } => {
                    assert!(*turn < turns.len(), "{place}: no turn {turn}");
                    name
                }
            };
            assert!(TACTICS.contains(&&**name), "{place}: unknown tactic {name}");
        }
        assert!(row.harm_turn.is_none_or(|turn| turn < turns.len()), "{place}: harm_turn");
        for turn in turns {
            assert!(
                ["user", "stranger", "agent", "friend"].contains(&&*turn.role),
                "{place}: role {}",
                turn.role
            );
            assert!(!turn.text.trim().is_empty(), "{place}: an empty turn");
        }
    }
}

#[test]
fn no_message_stands_twice() {
    let mut seen: HashMap<String, String> = HashMap::new();
    for (place, row) in rows() {
        let Some(text) = row.text else { continue };
        let bare: String =
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        if let Some(before) = seen.insert(bare, place.clone()) {
            panic!("{place} says the same as {before}");
        }
    }
}

#[test]
fn the_readme_of_the_corpus_defines_every_tactic() {
    let page = include_str!("../../../corpus/README.md");
    for tactic in TACTICS {
        assert!(page.contains(&format!("`{tactic}`")), "corpus/README.md does not define {tactic}");
    }
}

#[test]
fn the_demo_events_are_events_of_one_day_in_order() {
    let text = include_str!("../../../corpus/events/demo.jsonl");
    let (mut keys, mut last) = (BTreeSet::new(), Moment::MIN);
    for (at, line) in text.lines().enumerate() {
        let event = Event::parse(line.as_bytes()).unwrap_or_else(|cause| panic!("line {}: {cause}", at + 1));
        assert!(keys.insert(event.key()), "line {}: the key stands twice", at + 1);
        assert!(event.time >= last, "line {}: time runs backward", at + 1);
        last = event.time;
    }
    assert!(keys.len() >= 200);
}
