//! What statements amount to: each listing from its first day to its last, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use common::{any_statement, at, both, hour, identity, organisation, proof};
use proptest::prelude::*;
use touchstone_registry::statement::{Renewed, Revoked, SnapshotTaken, StatedIdentity, VoidReason, Voided};
use touchstone_registry::{Contradiction, Digest, IdentityKind, ProofMethod, Registry, Statement};
use touchstone_types::{Lapse, Moment};

const DAY: u64 = 24;

fn listed(it: StatedIdentity) -> Statement {
    Statement::Identity(Box::new(it))
}

fn renewed(identity: &str, when: Moment) -> Statement {
    let proofs = vec![proof(ProofMethod::DnsTxt, when)];
    let until = when + Lapse::from_secs(365 * 86_400);
    Statement::Renewed(Renewed { identity: identity.to_owned(), proofs, until, at: when })
}

fn voided(identity: &str, when: Moment) -> Statement {
    Statement::Voided(Voided { identity: identity.to_owned(), reason: VoidReason::NameChanged, at: when })
}

fn revoked(identity: &str, when: Moment) -> Statement {
    Statement::Revoked(Revoked { identity: identity.to_owned(), reason: both("the key was lost"), at: when })
}

fn fold(statements: impl IntoIterator<Item = Statement>) -> Result<Registry, Contradiction> {
    Registry::from_statements((0..).zip(statements))
}

fn standing(registry: &Registry, id: &str, when: Moment) -> String {
    let status = registry.identity(id).unwrap().status(when);
    let reason = status.reason().map_or_else(String::new, |it| it.en);
    format!("{} {} {reason}", status.name(), status.since().map_or_else(String::new, |it| it.to_string()))
}

#[test]
fn a_listing_goes_from_its_first_day_to_its_last() {
    let mut it = identity("h1", "acme", IdentityKind::Handle, "@acme_help", hour(0));
    it.from = hour(72);
    it.until = hour(400 * DAY);
    let log = [
        organisation("acme", &[], hour(0)),
        listed(it),
        renewed("h1", hour(80 * DAY)),
        voided("h1", hour(100 * DAY)),
        renewed("h1", hour(101 * DAY)),
        revoked("h1", hour(120 * DAY)),
    ];
    for (entries, when, expected) in [
        (2, hour(71), "not_yet 2026-01-04T00:00:00Z it does not count yet"),
        (2, hour(72), "listed 2026-01-04T00:00:00Z "),
        (2, hour(90 * DAY - 1), "listed 2026-01-04T00:00:00Z "),
        (2, hour(90 * DAY), "lapsed 2026-04-01T00:00:00Z control of it was not proved again within 90 days"),
        (3, hour(90 * DAY), "listed 2026-01-04T00:00:00Z "),
        (4, hour(100 * DAY), "voided 2026-04-11T00:00:00Z its display name changed"),
        (4, hour(300 * DAY), "voided 2026-04-11T00:00:00Z its display name changed"),
        (5, hour(110 * DAY), "listed 2026-01-04T00:00:00Z "),
        (5, hour(191 * DAY), "lapsed 2026-07-11T00:00:00Z control of it was not proved again within 90 days"),
        (6, hour(119 * DAY), "listed 2026-01-04T00:00:00Z "),
        (6, hour(120 * DAY), "revoked 2026-05-01T00:00:00Z the key was lost"),
        (6, hour(9_999 * DAY), "revoked 2026-05-01T00:00:00Z the key was lost"),
    ] {
        let registry = fold(log[..entries].iter().cloned()).unwrap();
        assert_eq!(standing(&registry, "h1", when), expected, "{entries} entries, {when}");
        let now = registry.official(IdentityKind::Handle, "acme_help", when).is_some();
        assert_eq!(now, expected.starts_with("listed"), "in_force follows the status");
        assert_eq!(registry.find(IdentityKind::Handle, "ACME_help").count(), 1, "it is found whatever it is");
        assert_eq!(registry.size(), entries as u64);
    }
    let registry = fold(log).unwrap();
    let it = registry.identity("h1").unwrap();
    assert_eq!((it.index, it.changed), (Some(1), Some(5)));
}

#[test]
fn what_the_operator_brought_along_ends_only_with_its_time() {
    let mut it = identity("h1", "acme", IdentityKind::Handle, "acme", hour(0));
    it.proofs.clear();
    it.reviewers.clear();
    it.until = hour(365 * DAY);
    let registry = fold([organisation("acme", &[], hour(0)), listed(it)]).unwrap();
    assert_eq!(standing(&registry, "h1", hour(364 * DAY)), "listed 2026-01-01T00:00:00Z ");
    assert_eq!(standing(&registry, "h1", hour(365 * DAY)), "lapsed 2027-01-01T00:00:00Z its time ran out");
}

#[test]
fn contradictions_name_the_entry_and_the_reason() {
    let handle = |id: &str, of: &str| listed(identity(id, of, IdentityKind::Handle, "help", hour(1)));
    let domain = |id: &str, of: &str| listed(identity(id, of, IdentityKind::Domain, "Acme.example", hour(1)));
    let account = |id: &str, of: &str| {
        let mut it = identity(id, of, IdentityKind::Handle, "help", hour(1));
        (it.platform, it.account) = (Some("chat".to_owned()), Some("u1".to_owned()));
        listed(it)
    };
    let taken =
        |entries| Statement::Snapshot(SnapshotTaken { entries, sha256: Digest::of(b""), at: hour(1) });
    let mut unchecked = identity("h1", "acme", IdentityKind::Phone, "call us", hour(1));
    unchecked.proofs.clear();
    let two = [organisation("acme", &["own.example"], hour(0)), organisation("bolt", &[], hour(0))];
    for (then, expected) in [
        (vec![handle("h1", "nobody")], "entry 2: organisation `nobody` was never stated"),
        (vec![renewed("h1", hour(2))], "entry 2: identity `h1` was never stated"),
        (vec![revoked("h1", hour(2))], "entry 2: identity `h1` was never stated"),
        (vec![handle("h1", "acme"), handle("h1", "bolt")], "entry 3: the id `h1` was used before"),
        (
            vec![handle("h1", "acme"), revoked("h1", hour(2)), revoked("h1", hour(3))],
            "entry 4: identity `h1` is revoked, for good",
        ),
        (
            vec![handle("h1", "acme"), revoked("h1", hour(2)), renewed("h1", hour(3))],
            "entry 4: identity `h1` is revoked, for good",
        ),
        (
            vec![handle("h1", "acme"), voided("h1", hour(2)), voided("h1", hour(3))],
            "entry 4: identity `h1` is void already",
        ),
        (
            vec![handle("h1", "acme"), voided("h1", hour(5)), renewed("h1", hour(4))],
            "entry 4: identity `h1` was not proved again since it was voided",
        ),
        (
            vec![domain("d1", "acme"), domain("d2", "bolt")],
            "entry 3: domain `acme.example` is listed for `acme`; revoke that first",
        ),
        (
            vec![organisation("bolt", &["own.example"], hour(1))],
            "entry 2: domain `own.example` is listed for `acme`; revoke that first",
        ),
        (
            vec![account("h1", "acme"), account("h2", "bolt")],
            "entry 3: account `u1` on `chat` is listed for `acme`; revoke that first",
        ),
        (vec![taken(3)], "entry 2: a snapshot of 3 entries cannot be at this place"),
        (vec![taken(2), taken(1)], "entry 3: a snapshot of 1 entries cannot be at this place"),
        (vec![listed(unchecked)], "entry 2: `value`: no phone"),
    ] {
        let refused = fold(two.iter().cloned().chain(then)).unwrap_err();
        assert_eq!(refused.to_string(), expected);
    }
    let mut registry = fold(two).unwrap();
    let refused = registry.apply(1, &handle("h1", "acme")).unwrap_err();
    assert_eq!(refused.to_string(), "entry 1: entries must come in the order of the log; the next is 2");
}

#[test]
fn an_organisation_is_replaced_and_keeps_its_identities() {
    let mut registry = fold([
        organisation("acme", &["a.example", "b.example"], hour(0)),
        listed(identity("d1", "acme", IdentityKind::Domain, "b.example", hour(0))),
        organisation("acme", &["c.example"], hour(1)),
    ])
    .unwrap();
    let owner = |registry: &Registry, host: &str| registry.owner_of(host).map(|it| it.id.to_string());
    assert_eq!(owner(&registry, "x.a.example"), None, "given up");
    assert_eq!(owner(&registry, "x.b.example").as_deref(), Some("acme"), "still listed");
    assert_eq!(owner(&registry, "c.example").as_deref(), Some("acme"));
    registry.apply(3, &revoked("d1", hour(2))).unwrap();
    assert_eq!(owner(&registry, "b.example"), None, "revoked");
    registry.apply(4, &organisation("bolt", &["b.example"], hour(3))).unwrap();
    assert_eq!(owner(&registry, "b.example").as_deref(), Some("bolt"), "free for another");
    assert_eq!(registry.organisations().len(), 2);
}

#[test]
fn an_app_is_found_by_its_certificate_and_its_files() {
    let mut it = identity("app", "acme", IdentityKind::App, "com.acme.wallet", hour(0));
    it.certificate = Some(Digest::of(b"certificate"));
    it.files = vec![Digest::of(b"7.2.0"), Digest::of(b"7.3.0"), Digest::of(b"certificate")];
    it.newest_safe = Some("7.2.0".to_owned());
    let registry = fold([organisation("acme", &[], hour(0)), listed(it)]).unwrap();
    for (what, times) in [("certificate", 1), ("7.2.0", 1), ("7.3.0", 1), ("7.1.0", 0)] {
        assert_eq!(registry.find_hash(&Digest::of(what.as_bytes())).count(), times, "{what}");
    }
}

#[test]
fn a_withdrawn_domain_in_a_file_is_nobodys() {
    let list = concat!(
        r#"{"record":"organisation","id":"acme"}"#,
        "\n",
        r#"{"record":"identity","organisation":"acme","kind":"domain","value":"acme.example","revoked":"2026-01-02T00:00:00Z"}"#,
    );
    let registry = Registry::from_json_lines(list).unwrap();
    assert!(registry.owner_of("acme.example").is_none());
    assert_eq!(registry.identities()[0].status(at("2026-01-02T00:00:00Z")).reason().unwrap().en, "withdrawn");
}

/// As much of a random log as holds together.
fn folded(statements: &[Statement]) -> Registry {
    let mut registry = Registry::default();
    let mut index = 0;
    for statement in statements {
        if registry.apply(index, statement).is_ok() {
            index += 1;
        }
    }
    registry
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_refused_statement_changes_nothing(statements in proptest::collection::vec(any_statement(), 0..12)) {
        let mut registry = Registry::default();
        for statement in &statements {
            let before = format!("{registry:?}");
            if registry.apply(registry.size(), statement).is_err() {
                prop_assert_eq!(&format!("{registry:?}"), &before);
            }
        }
    }

    #[test]
    fn an_export_lists_the_same(statements in proptest::collection::vec(any_statement(), 0..40), hours in 0u64..40_000) {
        let registry = folded(&statements);
        let text = registry.to_json_lines();
        let again = Registry::from_json_lines(&text).unwrap();
        prop_assert_eq!(&again.to_json_lines(), &text);
        prop_assert_eq!(again.organisations(), registry.organisations());
        for (one, other) in again.identities().iter().zip(registry.identities()) {
            prop_assert_eq!((one.kind, &one.value, &one.account), (other.kind, &other.value, &other.account));
            prop_assert_eq!(one.in_force(hour(hours)), other.in_force(hour(hours)));
        }
        prop_assert_eq!(again.identities().len(), registry.identities().len());
        for host in ["a.example", "b.example", "x.c.example", "a.test", "a.www.example"] {
            prop_assert_eq!(again.owner_of(host), registry.owner_of(host), "{}", host);
        }
    }
}
