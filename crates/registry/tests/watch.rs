//! A listed account that looks different stops counting; who withdraws says why.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use common::{both, hour, identity, organisation};
use touchstone_registry::statement::VoidReason;
use touchstone_registry::watch::{Seen, account_changed, due, revoke};
use touchstone_registry::{IdentityKind, Registry, Statement};
use touchstone_types::{Bilingual, Lapse};

const PICTURE: &str = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";

/// One account with handle, name and picture, and another handle of the same organisation.
fn registry() -> Registry {
    let on_chat = |id: &str, kind, value: &str, account: &str| {
        let mut it = identity(id, "acme", kind, value, hour(0));
        (it.platform, it.account) = (Some("chat".to_owned()), Some(account.to_owned()));
        Statement::Identity(Box::new(it))
    };
    let log = [
        organisation("acme", &[], hour(0)),
        on_chat("handle", IdentityKind::Handle, "@Acme_Help", "u1"),
        on_chat("name", IdentityKind::DisplayName, "Acme Support", "u1"),
        on_chat("picture", IdentityKind::Avatar, PICTURE, "u1"),
        on_chat("other", IdentityKind::Handle, "acme_news", "u2"),
    ];
    Registry::from_statements((0..).zip(log)).unwrap()
}

fn publish(registry: &mut Registry, statements: &[Statement]) {
    for statement in statements {
        registry.apply(registry.size(), statement).unwrap();
    }
}

#[test]
fn a_changed_name_handle_or_picture_is_told_and_what_looks_the_same_is_not() {
    let recompressed = PICTURE.replacen("f8f8", "f9f8", 1);
    let other: String = PICTURE.chars().rev().collect();
    for (seen, reason) in [
        (Seen { handle: Some("acme_help"), display_name: Some("Acme Support"), avatar: Some(PICTURE) }, None),
        (Seen { handle: Some(" @ACME_HELP"), ..Seen::default() }, None),
        (Seen { avatar: Some(&recompressed), ..Seen::default() }, None),
        (Seen { avatar: Some("not a hash"), ..Seen::default() }, None),
        (Seen::default(), None),
        (Seen { handle: Some("acme_he1p"), ..Seen::default() }, Some(VoidReason::HandleChanged)),
        (Seen { display_name: Some("Acme Airdrop"), ..Seen::default() }, Some(VoidReason::NameChanged)),
        (Seen { display_name: Some(""), ..Seen::default() }, Some(VoidReason::NameChanged)),
        (Seen { avatar: Some(&other), ..Seen::default() }, Some(VoidReason::AvatarChanged)),
    ] {
        let found = account_changed(&registry(), "chat", "u1", &seen, hour(10));
        assert_eq!(found.map(|it| it.changes[0].reason), reason, "{seen:?}");
    }
}

#[test]
fn a_taken_over_account_counts_under_none_of_its_names() {
    let mut registry = registry();
    let seen = Seen { display_name: Some("Acme Airdrop"), ..Seen::default() };
    let found = account_changed(&registry, "chat", "u1", &seen, hour(10)).unwrap();
    assert_eq!((&*found.organisation, found.statements.len()), ("acme", 3));
    assert_eq!((&*found.changes[0].listed, &*found.changes[0].seen), ("Acme Support", "Acme Airdrop"));
    assert!(registry.is_listed("chat", "u1", hour(10)).is_some());
    publish(&mut registry, &found.statements);
    assert!(registry.is_listed("chat", "u1", hour(10)).is_none());
    assert!(registry.is_listed("chat", "u2", hour(10)).is_some(), "the other account is untouched");
    assert!(account_changed(&registry, "chat", "u1", &seen, hour(11)).is_none(), "told once");
    assert!(account_changed(&registry, "mail", "u1", &seen, hour(11)).is_none(), "another platform");
}

#[test]
fn revoking_needs_a_reason_and_somebody_to_revoke() {
    let mut registry = registry();
    let empty = Bilingual { zh: String::new(), en: "lost".to_owned() };
    for (id, reason, words) in [
        ("nobody", both("lost"), "identity `nobody` was never stated"),
        ("handle", empty, "`reason`: one line of 1 to 500 bytes"),
    ] {
        assert_eq!(revoke(&registry, id, reason, hour(10)).unwrap_err().to_string(), words);
    }
    let said = revoke(&registry, "handle", both("the phone was stolen"), hour(10)).unwrap();
    publish(&mut registry, &[said]);
    assert!(registry.official(IdentityKind::Handle, "acme_help", hour(10)).is_none(), "at once");
    let again = revoke(&registry, "handle", both("lost"), hour(11)).unwrap_err();
    assert_eq!(again.to_string(), "identity `handle` is revoked, for good");
}

#[test]
fn holders_are_reminded_before_their_listing_lapses() {
    let registry = registry();
    let fortnight = Lapse::from_secs(14 * 86_400);
    assert_eq!(due(&registry, hour(75 * 24), fortnight).len(), 0);
    let ids: Vec<_> = due(&registry, hour(76 * 24), fortnight).iter().map(|it| it.identity.index).collect();
    assert_eq!(ids, [Some(1), Some(2), Some(3), Some(4)]);
    assert_eq!(due(&registry, hour(90 * 24), fortnight).len(), 0, "what has lapsed is not due any more");
}
