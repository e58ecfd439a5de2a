//! A statement has one spelling, and nothing else is taken for one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use common::{any_statement, identity, organisation};
use proptest::prelude::*;
use touchstone_registry::statement::{MAX_LEAF_BYTES, StatedIdentity};
use touchstone_registry::{BadStatement, IdentityKind, Statement};

#[test]
fn a_leaf_is_spelled_in_one_way() {
    let statement = identity("id-1", "acme", IdentityKind::Handle, "@acme_help", common::hour(0));
    let leaf = Statement::Identity(Box::new(statement)).to_leaf();
    assert_eq!(
        String::from_utf8(leaf).unwrap(),
        concat!(
            r#"{"statement":"identity","id":"id-1","organisation":"acme","kind":"handle","value":"@acme_help","#,
            r#""files":[],"purposes":["answers tickets"],"languages":[],"#,
            r#""proofs":[{"method":"dns_txt","at":"2026-01-01T00:00:00Z","#,
            r#""evidence":"5b3be50f525faa669b3f7513fd4d6fcac492137c056bd3adac1475353f7a17f0"}],"#,
            r#""reviewers":["heron","otter"],"from":"2026-01-01T00:00:00Z","until":"2026-04-01T00:00:00Z","#,
            r#""at":"2026-01-01T00:00:00Z"}"#
        )
    );
}

#[test]
fn other_spellings_are_refused() {
    let good =
        r#"{"statement":"voided","identity":"id-1","reason":"name_changed","at":"2026-01-01T00:00:00Z"}"#;
    assert!(Statement::from_leaf(good.as_bytes()).is_ok());
    for (change, to, words) in [
        (":\"voided\"", ": \"voided\"", "canonically"),
        ("}", "}\n", "canonically"),
        ("Z\"", "+00:00\"", "canonically"),
        ("00:00Z", "00:00.000Z", "canonically"),
        ("id-1", "id\\u002d1", "canonically"),
        (
            "\"identity\":\"id-1\",\"reason\":\"name_changed\"",
            "\"reason\":\"name_changed\",\"identity\":\"id-1\"",
            "canonically",
        ),
        ("\"at\"", "\"note\":1,\"at\"", "unknown field `note`"),
        ("\"at\"", "\"identity\":\"id-2\",\"at\"", "duplicate field"),
        ("name_changed", "moved", "not a reason to void"),
        ("voided", "forgotten", "unknown variant"),
        ("2026-01-01", "2026-13-01", "not an RFC 3339 time"),
        ("id-1", "ID 1", "`identity`: an id has"),
        ("}", "", "EOF"),
    ] {
        assert!(good.contains(change), "{change}");
        let leaf = good.replacen(change, to, 1);
        let refused = Statement::from_leaf(leaf.as_bytes()).unwrap_err().to_string();
        assert!(refused.contains(words), "{leaf}: {refused}");
    }
    assert!(Statement::from_leaf(&[0xff, b'{']).is_err());
    let long = vec![b' '; MAX_LEAF_BYTES + 1];
    assert_eq!(Statement::from_leaf(&long), Err(BadStatement::TooLong(MAX_LEAF_BYTES + 1)));
}

#[test]
fn what_a_field_must_not_hold_is_named() {
    type Change = fn(&mut StatedIdentity);
    let changes: [(&str, Change); 14] = [
        ("id", |it| it.id = "Id 1".to_owned()),
        ("value", |it| it.value = "bell\u{7}".to_owned()),
        ("value", |it| it.value = " acme".to_owned()),
        ("value", |it| it.value = "@".to_owned()),
        ("account", |it| it.account = Some("u1".to_owned())),
        ("chain", |it| it.chain = Some("mainnet".to_owned())),
        ("chain", |it| it.chain = Some("eip155:1".to_owned())),
        ("certificate", |it| it.newest_safe = Some("1.0".to_owned())),
        ("role", |it| it.role = Some("support agent".to_owned())),
        ("reviewers", |it| it.reviewers = vec!["heron".to_owned(); 2]),
        ("reviewers", |it| it.reviewers.truncate(1)),
        ("reviewers", |it| it.reviewers.clear()),
        ("until", |it| it.until = it.from),
        ("purposes", |it| it.purposes = vec!["x".to_owned(); 17]),
    ];
    for (at, (field, change)) in changes.into_iter().enumerate() {
        let mut stated = identity("id-1", "acme", IdentityKind::Handle, "acme", common::hour(0));
        change(&mut stated);
        let leaf = Statement::Identity(Box::new(stated)).to_leaf();
        match Statement::from_leaf(&leaf) {
            Err(BadStatement::Field { field: named, .. }) => assert_eq!(named, field, "change {at}"),
            other => panic!("change {at}: {other:?}"),
        }
    }
    let odd = organisation("acme", &["ACME.example"], common::hour(0));
    assert!(matches!(odd.check(), Err(BadStatement::Field { field: "owned_domains", .. })));
}

proptest! {
    #[test]
    fn every_statement_is_read_back_as_it_was_written(statement in any_statement()) {
        prop_assert_eq!(statement.check(), Ok(()));
        let leaf = statement.to_leaf();
        prop_assert_eq!(Statement::from_leaf(&leaf), Ok(statement));
    }

    #[test]
    fn a_changed_byte_is_another_statement_or_none(
        statement in any_statement(), place in any::<prop::sample::Index>(), to in any::<u8>()
    ) {
        let leaf = statement.to_leaf();
        let mut changed = leaf.clone();
        *place.get_mut(&mut changed) = to;
        if let Ok(read) = Statement::from_leaf(&changed) {
            prop_assert_eq!(read == statement, changed == leaf);
            prop_assert_eq!(read.to_leaf(), changed);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Statement::from_leaf(&bytes);
    }
}
