//! What the desk is given to say: nothing in it may sound like the people it warns of.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::path::Path;

use touchstone_cases::playbook::{PLACES, Playbook, Playbooks, Wording};
use touchstone_language::secrets;
use touchstone_language::{Lexicon, Reading};
use touchstone_text::{Folded, fold};

fn lexicon() -> Lexicon {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/default/phrases");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    let files: Vec<_> =
        paths.iter().map(|it| toml::from_str(&std::fs::read_to_string(it).unwrap()).unwrap()).collect();
    Lexicon::build(&files).unwrap()
}

fn wordings(playbook: &Playbook) -> impl Iterator<Item = (String, &Wording)> {
    let first = playbook.first_contact.iter().map(|it| ("first_contact".to_owned(), it));
    let steps = playbook.steps.iter().flat_map(|step| step.wording.iter().map(|it| (step.id.clone(), it)));
    first.chain(steps)
}

/// Every text that is said to a victim, with where it stands: as it is, and filled in.
fn said() -> Vec<(String, String)> {
    let sample = |place: &str| {
        Some(match place {
            "address" | "transaction" => "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed".to_owned(),
            "link" => "https://support.example/case/9f2c".to_owned(),
            "amount" => "1200".to_owned(),
            "asset" => "USDT".to_owned(),
            "due" => "19:00".to_owned(),
            "authority" => "派出所".to_owned(),
            other => PLACES.iter().find(|it| it.name == other)?.zh.to_owned(),
        })
    };
    let mut said = Vec::new();
    let playbooks = Playbooks::built_in().unwrap();
    for playbook in playbooks.iter() {
        for (step, wording) in wordings(playbook) {
            let at = format!("{}.{step}", playbook.id);
            let filled = wording.fill(sample);
            assert!(filled.missing.is_empty(), "{at}");
            for text in [&wording.text().zh, &wording.text().en, &filled.text.zh, &filled.text.en] {
                said.push((at.clone(), text.clone()));
            }
        }
    }
    said
}

/// What the desk may sound like: it is support, it speaks of police and bank, it freezes accounts,
/// and of some things it says that they cannot wait.
const OURS: [&str; 6] =
    ["claims_support", "claims_authority", "claims_police", "threatens_freeze", "hurries", "complies"];

#[test]
fn no_wording_reads_like_a_fraud() {
    let lexicon = lexicon();
    let (mut folded, mut reading, mut found) = (Folded::new(), Reading::new(), Vec::new());
    let mut bad = Vec::new();
    for (at, text) in said() {
        fold(&text, &mut folded);
        lexicon.read(&folded, &mut reading);
        for hit in reading.hits() {
            let name = lexicon.finding(hit.finding).unwrap();
            if OURS.contains(&&**name) {
                continue;
            }
            bad.push(format!("{at}: {name}: {}", &text[hit.span.clone()]));
        }
        found.clear();
        secrets::find(&text, &folded, &mut found);
        assert!(found.is_empty(), "{at}: {text}");
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn no_wording_promises_what_nobody_can_keep() {
    let promises = [
        "保证",
        "一定能",
        "肯定能",
        "必定",
        "百分之百",
        "100%",
        "放心",
        "安全无虞",
        "绝对安全",
        "已经安全",
        "会追回",
        "能追回",
        "帮您追回",
        "guarantee",
        "we will recover",
        "get your money back",
        "get it back",
        "is safe",
        "are safe",
        "be safe",
        "don't worry",
        "rest assured",
        "certainly",
    ];
    // A word that is there to be denied, or that names what the other side asks for.
    let denied = ["guarantee, ", "guarantee or", "almost certainly"];
    for (at, text) in said() {
        let text = denied.iter().fold(text.to_lowercase(), |it, denied| it.replace(denied, ""));
        let text = text.replace("保证金", "");
        for promise in promises {
            assert!(!text.contains(promise), "{at} says `{promise}`: {text}");
        }
    }
}

#[test]
fn every_playbook_tells_a_victim_who_speaks_and_which_case_it_is() {
    let playbooks = Playbooks::built_in().unwrap();
    assert!(playbooks.iter().count() >= 10);
    for playbook in playbooks.iter() {
        for wording in &playbook.first_contact {
            for place in ["name", "agent", "firm", "reference"] {
                assert!(wording.places().contains(&place), "{} says no {place}", playbook.id);
            }
        }
        assert!(playbook.steps.len() >= 7 && playbook.escalate.len() >= 2, "{}", playbook.id);
        assert!(playbook.steps.iter().any(|it| !it.wording.is_empty()), "{}", playbook.id);
    }
}
