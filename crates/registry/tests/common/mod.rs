//! Statements drawn at random, and the ones that several tests speak of.

#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use proptest::prelude::*;
use touchstone_registry::statement::{
    Announcement, KeyUse, Renewed, Revoked, Severity, SnapshotTaken, StatedIdentity, StatedKey,
    StatedOrganisation, VoidReason, Voided,
};
use touchstone_registry::{Digest, Fact, IdentityKind, Proof, ProofMethod, Statement, normal};
use touchstone_types::{Bilingual, Lapse, Moment};

pub fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

/// So many hours after the first moment of 2026.
pub fn hour(hours: u64) -> Moment {
    at("2026-01-01T00:00:00Z") + Lapse::from_secs(hours * 3_600)
}

pub fn both(text: &str) -> Bilingual {
    Bilingual { zh: text.to_owned(), en: text.to_owned() }
}

pub fn organisation(id: &str, domains: &[&str], when: Moment) -> Statement {
    Statement::Organisation(StatedOrganisation {
        id: id.to_owned(),
        name: Bilingual { zh: format!("{id}钱包"), en: format!("{id} Wallet") },
        facts: vec![Fact::NeverWritesFirst, Fact::NeverAsksForRecoveryPhrase],
        ways_in: vec![Bilingual {
            zh: "应用内：我的 → 帮助".to_owned(),
            en: "In the app: Me → Help".to_owned(),
        }],
        owned_domains: domains.iter().map(|it| (*it).to_owned()).collect(),
        at: when,
    })
}

pub fn proof(method: ProofMethod, when: Moment) -> Proof {
    Proof { method, at: when, evidence: Digest::of(method.name().as_bytes()) }
}

/// A vetted identity of that organisation, in force for 90 days.
pub fn identity(
    id: &str,
    organisation: &str,
    kind: IdentityKind,
    value: &str,
    when: Moment,
) -> StatedIdentity {
    StatedIdentity {
        id: id.to_owned(),
        organisation: organisation.to_owned(),
        kind,
        value: value.to_owned(),
        platform: None,
        account: None,
        chain: None,
        certificate: None,
        files: vec![],
        newest_safe: None,
        purposes: vec!["answers tickets".to_owned()],
        languages: vec![],
        role: None,
        proofs: vec![proof(ProofMethod::DnsTxt, when)],
        reviewers: vec!["heron".to_owned(), "otter".to_owned()],
        from: when,
        until: when + Lapse::from_secs(90 * 86_400),
        at: when,
    }
}

pub fn any_moment() -> impl Strategy<Value = Moment> {
    (0u64..2_000_000, 0u64..3).prop_map(|(seconds, micros)| {
        hour(0) + Lapse::from_secs(seconds * 60) + Lapse::from_micros(micros * 1_234)
    })
}

fn any_id() -> impl Strategy<Value = String> {
    "[abc]"
}

fn any_text() -> impl Strategy<Value = Bilingual> {
    ("[^\\p{C}\\s]\\PC{0,12}", "[^\\p{C}\\s]\\PC{0,12}").prop_map(|(zh, en)| Bilingual { zh, en })
}

fn any_digest() -> impl Strategy<Value = Digest> {
    any::<u8>().prop_map(|byte| Digest::of(&[byte]))
}

fn any_proof() -> impl Strategy<Value = Proof> {
    (proptest::sample::select(ProofMethod::ALL), any_moment(), any_digest())
        .prop_map(|(method, at, evidence)| Proof { method, at, evidence })
}

fn any_organisation() -> impl Strategy<Value = Statement> {
    (
        any_id(),
        any_text(),
        proptest::sample::subsequence(Fact::ALL, 0..4),
        proptest::collection::vec(any_text(), 0..3),
        proptest::collection::vec("[a-c]\\.(example|test)", 0..3),
        any_moment(),
    )
        .prop_map(|(id, name, facts, ways_in, owned_domains, at)| {
            Statement::Organisation(StatedOrganisation { id, name, facts, ways_in, owned_domains, at })
        })
}

/// A value of that kind, of which there are few, so that they meet.
pub fn any_value(kind: IdentityKind) -> BoxedStrategy<String> {
    match kind {
        IdentityKind::Domain => "[a-c]\\.(example|test|www\\.example)".boxed(),
        IdentityKind::Email => "[A-C]@[a-c]\\.example".boxed(),
        IdentityKind::Phone => "\\+4420794601[0-3][0-9]".boxed(),
        IdentityKind::Address => "0x[aA]{40}|T[a-c]{33}".boxed(),
        IdentityKind::Avatar => "[ab]{64}".boxed(),
        _ => "@?[a-cA客]{1,3}".prop_filter("of its kind", move |it| normal(kind, it).is_some()).boxed(),
    }
}

pub fn any_identity() -> impl Strategy<Value = StatedIdentity> {
    let what =
        proptest::sample::select(IdentityKind::ALL).prop_flat_map(|kind| (Just(kind), any_value(kind)));
    let account = proptest::option::of(("chat|mail", "u[0-3]"));
    let lists = (
        proptest::collection::vec("[a-z ]{0,6}[a-z]", 0..3),
        proptest::collection::vec("zh|en", 0..2),
        proptest::collection::vec(any_proof(), 1..3),
        proptest::collection::vec(any_digest(), 0..3),
        proptest::option::of(any_digest()),
    );
    (any_id(), any_id(), what, account, lists, any_moment(), 1u64..4_000, any::<bool>()).prop_map(
        |(id, organisation, (kind, value), account, lists, from, hours, brought_along)| {
            let (purposes, languages, proofs, files, certificate) = lists;
            let app = kind == IdentityKind::App;
            let (platform, account) = account.unzip();
            StatedIdentity {
                platform,
                account,
                chain: (kind == IdentityKind::Address).then(|| "eip155:1".to_owned()),
                certificate: certificate.filter(|_| app),
                files: if app { files } else { vec![] },
                newest_safe: app.then(|| "7.2.0".to_owned()),
                purposes,
                languages,
                role: (kind == IdentityKind::Agent).then(|| "support agent".to_owned()),
                proofs: if brought_along { vec![] } else { proofs },
                reviewers: if brought_along { vec![] } else { vec!["heron".to_owned(), "otter".to_owned()] },
                from,
                until: from + Lapse::from_secs(hours * 3_600),
                at: from,
                ..identity(&id, &organisation, kind, &value, from)
            }
        },
    )
}

pub fn any_statement() -> impl Strategy<Value = Statement> {
    let later = |at: Moment, hours: u64| at + Lapse::from_secs(hours * 3_600);
    prop_oneof![
        any_organisation(),
        any_identity().prop_map(|it| Statement::Identity(Box::new(it))),
        (any_id(), proptest::collection::vec(any_proof(), 1..3), any_moment(), 1u64..4_000).prop_map(
            move |(identity, proofs, at, hours)| {
                Statement::Renewed(Renewed { identity, proofs, until: later(at, hours), at })
            }
        ),
        (any_id(), proptest::sample::select(VoidReason::ALL), any_moment())
            .prop_map(|(identity, reason, at)| Statement::Voided(Voided { identity, reason, at })),
        (any_id(), any_text(), any_moment()).prop_map(|(identity, reason, at)| Statement::Revoked(Revoked {
            identity,
            reason,
            at
        })),
        (proptest::sample::select(KeyUse::ALL), "[a-z+]{3,9}", any_moment(), 1u64..4_000).prop_map(
            move |(uses, key, at, hours)| {
                Statement::Key(StatedKey { uses, key, from: at, until: later(at, hours), at })
            }
        ),
        (any_id(), proptest::sample::select(Severity::ALL), any_text(), any_id(), any_moment()).prop_map(
            |(id, severity, title, organisation, at)| {
                let text = title.clone();
                Statement::Announcement(Announcement {
                    id,
                    severity,
                    title,
                    text,
                    organisation,
                    at,
                    until: None,
                })
            }
        ),
        (any::<u64>(), any_digest(), any_moment())
            .prop_map(|(entries, sha256, at)| Statement::Snapshot(SnapshotTaken { entries, sha256, at })),
    ]
}
