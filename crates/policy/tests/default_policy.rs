//! The policy that Touchstone starts with: it loads, its cases hold, and what it says to
//! people is calm and promises nothing.

use touchstone_policy::{Placeholder, Policy, Status, default_files};
use touchstone_types::{EventKind, Strength};

fn policy() -> Result<Policy, String> {
    Policy::load(default_files())
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

#[test]
fn every_case_of_every_rule_holds() {
    let results = policy().unwrap().test();
    let failed: Vec<_> = results.iter().filter(|it| !it.passed).collect();
    assert!(results.len() >= 60, "only {} cases", results.len());
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn no_sentence_promises_that_anything_is_safe() {
    for finding in policy().unwrap().findings() {
        let said = finding.sentence.fill(|_| None);
        for word in ["safe", "trusted", "guarantee", "no risk"] {
            assert!(!said.en.to_lowercase().contains(word), "{}: {}", finding.name, said.en);
        }
        for word in ["是安全的", "很安全", "放心", "无风险", "保证安全"] {
            assert!(!said.zh.contains(word), "{}: {}", finding.name, said.zh);
        }
        assert!(said.zh.ends_with(['。', '？']), "{}", said.zh);
        assert!(said.en.ends_with('.'), "{}", said.en);
    }
}

#[test]
fn both_languages_leave_the_same_places_open() {
    for finding in policy().unwrap().findings() {
        let mut open: Vec<&str> = finding.sentence.placeholders().map(Placeholder::name).collect();
        open.sort_unstable();
        assert!(open.chunk_by(|a, b| a == b).all(|same| same.len() % 2 == 0), "{}: {open:?}", finding.name);
    }
}

#[test]
fn no_weak_finding_reaches_more_than_half_of_the_block_threshold_alone() {
    let policy = policy().unwrap();
    let block = EventKind::ALL.iter().map(|kind| policy.thresholds(*kind).block).min().unwrap();
    let own = |name: &str| name.starts_with("sends_");
    for finding in policy.findings().iter().filter(|it| it.strength == Strength::Weak && !own(&it.name)) {
        assert!(finding.weight <= block / 2, "{} weighs {}", finding.name, finding.weight);
    }
}

#[test]
fn a_user_who_sends_a_secret_is_held_and_not_blocked() {
    let policy = policy().unwrap();
    let limits = policy.thresholds(EventKind::MessageSent);
    let rule =
        policy.finding_id("sends_secret_to_stranger").and_then(|id| policy.finding(id)).unwrap().weight;
    for finding in policy.findings().iter().filter(|it| it.name.starts_with("sends_") && it.check.is_some()) {
        assert_eq!(
            finding.strength,
            Strength::Weak,
            "{}: two secrets in one message would block",
            finding.name
        );
        assert!(finding.weight + rule < limits.block, "{}", finding.name);
    }
    let held = policy.finding_id("sends_recovery_phrase").and_then(|id| policy.finding(id)).unwrap();
    assert!(held.weight >= limits.hold);
}

#[test]
fn every_rule_that_runs_has_an_owner_and_says_why_in_both_languages() {
    let policy = policy().unwrap();
    assert!(policy.rules().iter().filter(|it| it.status == Status::Live).count() >= 20);
    for rule in policy.rules() {
        assert!(!rule.owner.is_empty() && !rule.title.zh.is_empty() && !rule.title.en.is_empty());
        let asked = rule.when.findings();
        assert!(!asked.has(rule.finding), "{} asks about itself", rule.id);
    }
}
