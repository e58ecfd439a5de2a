//! A snapshot answers what the registry answers, or is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

#[path = "common/answers.rs"]
mod answers;
mod common;

use answers::{Questions, by_registry, by_snapshot, content_of_registry, content_of_snapshot, questions};
use common::{any_statement, at, both, hour, identity, organisation, proof};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use touchstone_registry::snapshot::write;
use touchstone_registry::statement::{
    KeyUse, Renewed, Revoked, StatedIdentity, StatedKey, VoidReason, Voided,
};
use touchstone_registry::{
    Digest, IdentityKind, ProofMethod, Registry, Snapshot, SnapshotError, Statement, normal,
};
use touchstone_types::{Bilingual, Lapse, Moment};

/// The log behind the vectors: something of every kind and in every state.
fn small_log() -> Vec<Statement> {
    let mut log =
        vec![organisation("acme", &["acme-cdn.example"], hour(0)), organisation("bolt", &[], hour(0))];
    let mut list = |id: &str, kind, value: &str, change: &dyn Fn(&mut StatedIdentity)| {
        let mut it = identity(id, if id.starts_with('b') { "bolt" } else { "acme" }, kind, value, hour(1));
        it.until = hour(365 * 24);
        change(&mut it);
        log.push(Statement::Identity(Box::new(it)));
    };
    let on_chat = |account: &'static str| {
        move |it: &mut StatedIdentity| {
            (it.platform, it.account) = (Some("chat".to_owned()), Some(account.to_owned()));
        }
    };
    list("handle", IdentityKind::Handle, "@Acme_Help", &on_chat("u1"));
    list("name", IdentityKind::DisplayName, "顶点钱包 Support", &on_chat("u1"));
    list("avatar", IdentityKind::Avatar, &"F0".repeat(32), &on_chat("u1"));
    list("domain", IdentityKind::Domain, "Acme.example", &|it| it.until = hour(30 * 24));
    list("idn", IdentityKind::Domain, "bücher.example", &|_| ());
    list("email", IdentityKind::Email, "Help@Acme.example", &|_| ());
    list("phone", IdentityKind::Phone, "+44 20 7946 0123", &|it| it.purposes.clear());
    list("address", IdentityKind::Address, "0x52908400098527886E0F7030069857D2E4169EE7", &|it| {
        it.chain = Some("eip155:1".to_owned());
    });
    list("app", IdentityKind::App, "com.acme.wallet", &|it| {
        it.certificate = Some(Digest::of(b"certificate"));
        it.files = vec![Digest::of(b"7.2.0"), Digest::of(b"7.3.0")];
        it.newest_safe = Some("7.2.0".to_owned());
    });
    list("agent", IdentityKind::Agent, "青竹", &|it| {
        it.role = Some("support agent".to_owned());
        it.languages = vec!["zh".to_owned(), "en".to_owned()];
    });
    list("later", IdentityKind::Handle, "acme_news", &|it| it.from = hour(200 * 24));
    list("b-handle", IdentityKind::Handle, "acme_help", &|it| it.platform = None);
    list("b-old", IdentityKind::Domain, "bolt.example", &|_| ());
    list("b-void", IdentityKind::Handle, "bolt", &on_chat("u2"));
    let proofs = vec![proof(ProofMethod::Posted, hour(48))];
    log.extend([
        Statement::Revoked(Revoked {
            identity: "b-old".to_owned(),
            reason: Bilingual { zh: "域名已出售".to_owned(), en: "the domain was sold".to_owned() },
            at: hour(24),
        }),
        Statement::Voided(Voided {
            identity: "b-void".to_owned(),
            reason: VoidReason::NameChanged,
            at: hour(36) + Lapse::from_micros(250_000),
        }),
        Statement::Renewed(Renewed {
            identity: "name".to_owned(),
            proofs,
            until: hour(100 * 24),
            at: hour(48),
        }),
        Statement::Key(StatedKey {
            uses: KeyUse::Sessions,
            key: "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".to_owned(),
            from: hour(0),
            until: hour(365 * 24),
            at: hour(0),
        }),
    ]);
    log
}

fn vector(name: &str) -> String {
    format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The expected answers, as the registry (not the snapshot) gives them.
fn expected(registry: &Registry, bytes: &[u8]) -> serde_json::Value {
    let mut ask = questions(registry);
    ask.values.extend([
        (IdentityKind::Handle, "ACME_HELP".to_owned()),
        (IdentityKind::Handle, "acme-help".to_owned()),
        (IdentityKind::DisplayName, "acme_help".to_owned()),
        (IdentityKind::Domain, "xn--bcher-kva.example".to_owned()),
        (IdentityKind::Phone, "+44 (20) 7946-0123".to_owned()),
        (IdentityKind::Phone, "call us".to_owned()),
    ]);
    ask.accounts.push(("mail".to_owned(), "u1".to_owned()));
    ask.hashes.push(Digest::of(b"7.1.0"));
    let hosts =
        ["acme.example", "notacme.example", "bolt.example", "acme.example.evil.example", "example", ""];
    ask.hosts.extend(hosts.map(str::to_owned));
    let when = [hour(2), hour(60), hour(60 * 24), hour(95 * 24), hour(300 * 24)];
    let normals = [
        (IdentityKind::Handle, " @ACME_Help "),
        (IdentityKind::Handle, "@"),
        (IdentityKind::DisplayName, " 顶点钱包 Support "),
        (IdentityKind::Avatar, "00"),
        (IdentityKind::Domain, "ACME.Example."),
        (IdentityKind::Domain, "bücher.example"),
        (IdentityKind::Domain, "localhost"),
        (IdentityKind::Domain, "a b.example"),
        (IdentityKind::Email, "Help@BÜCHER.example"),
        (IdentityKind::Email, "@acme.example"),
        (IdentityKind::Phone, "+44 (20) 7946-0123"),
        (IdentityKind::Phone, "020 7946 0123"),
        (IdentityKind::Address, "0X52908400098527886E0F7030069857D2E4169EE7"),
        (IdentityKind::Address, "TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC"),
        (IdentityKind::App, "com.Acme.wallet"),
        (IdentityKind::Agent, "青竹"),
    ];
    serde_json::json!({
        "sha256": Digest::of(bytes),
        "entries": registry.size(),
        "at": hour(72),
        "normal": normals.map(|(kind, raw)| serde_json::json!({ "kind": kind, "raw": raw, "normal": normal(kind, raw) })),
        "content": content_of_registry(registry),
        "answers": when.map(|at| serde_json::json!({ "at": at, "of": by_registry(registry, &ask, at) })),
    })
}

#[test]
fn the_vectors_hold() {
    let log = small_log();
    let lines: String = log.iter().map(|it| String::from_utf8(it.to_leaf()).unwrap() + "\n").collect();
    let registry = Registry::from_statements((0..).zip(log)).unwrap();
    let bytes = write(&registry, registry.size(), hour(72)).unwrap();
    let answers = serde_json::to_string_pretty(&expected(&registry, &bytes)).unwrap() + "\n";
    let files = [
        ("small.leaves", lines.into_bytes()),
        ("small.snapshot", bytes.clone()),
        ("small.json", answers.into_bytes()),
    ];
    for (name, content) in files {
        if std::env::var_os("TOUCHSTONE_BLESS").is_some() {
            std::fs::write(vector(name), &content).unwrap();
        }
        assert!(std::fs::read(vector(name)).unwrap() == content, "{name} is not what is written today");
    }
}

/// What the kept answers answer.
fn asked(of: &serde_json::Value) -> Questions {
    let text = |it: &serde_json::Value, field: &str| it[field].as_str().unwrap().to_owned();
    let list = |field: &str| of[field].as_array().unwrap().clone();
    Questions {
        values: list("find")
            .iter()
            .map(|it| (IdentityKind::from_name(&text(it, "kind")).unwrap(), text(it, "value")))
            .collect(),
        accounts: list("account").iter().map(|it| (text(it, "platform"), text(it, "account"))).collect(),
        hashes: list("hash").iter().map(|it| text(it, "sha256").parse().unwrap()).collect(),
        hosts: list("owner_of").iter().map(|it| text(it, "host")).collect(),
    }
}

#[test]
fn the_snapshot_of_the_vectors_gives_their_answers() {
    let snapshot = Snapshot::open(std::fs::read(vector("small.snapshot")).unwrap()).unwrap();
    let kept: serde_json::Value =
        serde_json::from_slice(&std::fs::read(vector("small.json")).unwrap()).unwrap();
    assert_eq!(kept["sha256"], snapshot.digest().to_string());
    assert_eq!((kept["entries"].as_u64(), snapshot.at()), (Some(snapshot.entries()), hour(72)));
    assert_eq!(content_of_snapshot(&snapshot), kept["content"]);
    for answers in kept["answers"].as_array().unwrap() {
        let of = &answers["of"];
        let ask = asked(of);
        assert_eq!(&by_snapshot(&snapshot, &ask, at(answers["at"].as_str().unwrap())), of);
    }
}

#[test]
fn a_registry_made_of_the_vectors_gives_their_answers() {
    let snapshot = Snapshot::open(std::fs::read(vector("small.snapshot")).unwrap()).unwrap();
    let registry = Registry::from_snapshot(&snapshot).unwrap();
    let kept: serde_json::Value =
        serde_json::from_slice(&std::fs::read(vector("small.json")).unwrap()).unwrap();
    assert_eq!(registry.size(), snapshot.entries());
    let content = content_of_registry(&registry);
    assert_eq!(content["records"], kept["content"]["records"]);
    assert_eq!(content["organisations"], kept["content"]["organisations"]);
    for answers in kept["answers"].as_array().unwrap() {
        let ask = asked(&answers["of"]);
        assert_eq!(by_registry(&registry, &ask, at(answers["at"].as_str().unwrap())), answers["of"]);
    }
}

#[test]
fn the_vectors_show_every_status_and_every_kind() {
    let kept = std::fs::read_to_string(vector("small.json")).unwrap();
    for status in ["listed", "not_yet", "lapsed", "voided", "revoked"] {
        assert!(kept.contains(&format!("\"name\": \"{status}\"")), "{status}");
    }
    for kind in IdentityKind::ALL {
        assert!(kept.contains(&format!("\"kind\": \"{kind}\"")), "{kind}");
    }
}

#[test]
fn kinds_keep_their_numbers() {
    let names: Vec<_> = IdentityKind::ALL.iter().map(|it| (*it as u8, it.name())).collect();
    let expected =
        ["handle", "display_name", "avatar", "domain", "email", "phone", "address", "app", "agent"];
    assert_eq!(names, (0..).zip(expected).collect::<Vec<_>>(), "the form of snapshots depends on them");
}

#[test]
fn one_changed_or_missing_byte_is_noticed() {
    let bytes = std::fs::read(vector("small.snapshot")).unwrap();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(Snapshot::open(damaged).is_err(), "byte {at}");
        assert!(Snapshot::open(bytes[..at].to_vec()).is_err(), "cut at {at}");
    }
    let longer = [bytes.as_slice(), b"\0"].concat();
    assert!(matches!(Snapshot::open(longer), Err(SnapshotError::Length { .. })));
    assert!(matches!(Snapshot::open(b"not a snapshot".to_vec()), Err(SnapshotError::Form)));
}

#[test]
fn an_empty_registry_has_a_snapshot_in_which_nobody_is_official() {
    let bytes = write(&Registry::default(), 0, hour(0)).unwrap();
    let snapshot = Snapshot::open(bytes.as_slice()).unwrap();
    assert!(snapshot.is_empty() && snapshot.organisations().next().is_none());
    assert!(snapshot.find(IdentityKind::Handle, "acme").next().is_none());
    assert!(snapshot.owner_of("acme.example").is_none());
}

/// As much of a random log as holds together.
fn folded(statements: &[Statement]) -> Registry {
    let mut registry = Registry::default();
    for statement in statements {
        let _ = registry.apply(registry.size(), statement);
    }
    registry
}

/// Asks everything; what matters is that it ends.
fn ask_everything(snapshot: &Snapshot<&[u8]>, when: Moment) {
    for it in snapshot.records() {
        let _ = (it.status(when), it.shown(), it.purposes().count(), it.files().count(), it.index());
        let found = snapshot.find(it.kind(), it.value()).count();
        assert!(found <= snapshot.len());
        if let (Some(platform), Some(account)) = (it.platform(), it.account()) {
            let _ = snapshot.account(platform, account).count();
        }
        let _ = snapshot.owner_of(it.value());
    }
    for it in snapshot.organisations() {
        let _ = (it.id(), it.name(), it.facts(), it.ways_in().count());
        it.owned_domains()
            .for_each(|domain| assert!(snapshot.owner_of(domain).is_none_or(|it| it.number() < 9_999)));
    }
    snapshot
        .keys()
        .for_each(|it| assert!(it.uses().is_some() && it.times().is_some() && it.key().len() < 9_999));
    let _ = snapshot.find_hash(&Digest::of(b"")).count();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn it_answers_exactly_as_the_registry_does(
        statements in proptest::collection::vec(any_statement(), 0..60),
        hours in 0u64..40_000,
    ) {
        let registry = folded(&statements);
        let bytes = write(&registry, registry.size(), hour(hours)).unwrap();
        prop_assert_eq!(&write(&registry, registry.size(), hour(hours)).unwrap(), &bytes);
        let snapshot = Snapshot::open(bytes.as_slice()).unwrap();
        let mut ask = questions(&registry);
        for kind in IdentityKind::ALL {
            ask.values.extend(["a", "b", "@A", "a.example", "+442079460100"].map(|it| (*kind, it.to_owned())));
        }
        ask.accounts.extend([("chat".to_owned(), "u0".to_owned()), ("mail".to_owned(), "u3".to_owned())]);
        ask.hosts.extend(["a.example", "x.b.test", "www.example", "example"].map(str::to_owned));
        prop_assert_eq!(by_snapshot(&snapshot, &ask, hour(hours)), by_registry(&registry, &ask, hour(hours)));
        prop_assert_eq!(content_of_snapshot(&snapshot), content_of_registry(&registry));
        let again = Registry::from_snapshot(&snapshot).unwrap();
        prop_assert_eq!(by_registry(&again, &ask, hour(hours)), by_registry(&registry, &ask, hour(hours)));
        prop_assert_eq!(snapshot.len(), registry.identities().len());
    }

    #[test]
    fn whatever_a_writer_with_a_right_checksum_writes_does_no_harm(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
    ) {
        let mut bytes = std::fs::read(vector("small.snapshot")).unwrap();
        let content = bytes.len() - 32;
        for (place, to) in changes {
            let at = place.index(content);
            bytes[at] = to;
        }
        let checksum = Sha256::digest(&bytes[..content]);
        bytes[content..].copy_from_slice(&checksum);
        if let Ok(snapshot) = Snapshot::open(bytes.as_slice()) {
            ask_everything(&snapshot, hour(60));
            let _refused_or_not = Registry::from_snapshot(&snapshot);
        }
    }
}

#[test]
fn a_reason_is_kept_in_both_languages() {
    let log = [
        organisation("acme", &[], hour(0)),
        Statement::Identity(Box::new(identity("h", "acme", IdentityKind::Handle, "acme", hour(0)))),
        Statement::Revoked(Revoked { identity: "h".to_owned(), reason: both("lost"), at: hour(1) }),
    ];
    let registry = Registry::from_statements((0..).zip(log)).unwrap();
    let bytes = write(&registry, 3, hour(2)).unwrap();
    let snapshot = Snapshot::open(bytes).unwrap();
    let record = snapshot.find(IdentityKind::Handle, "acme").next().unwrap();
    assert_eq!(record.status(hour(2)).reason(), Some(both("lost")));
    assert_eq!((record.index(), record.changed()), (Some(1), Some(2)));
}
