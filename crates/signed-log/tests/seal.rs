//! A sealed key opens for its passphrase, for nothing else, and says what is wrong with it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

use proptest::prelude::*;
use touchstone_signed_log::{Cosigner, Cost, SealError, SealedKey, SigningKey};

const SALT: [u8; 16] = [1; 16];
const NONCE: [u8; 12] = [2; 12];

fn key() -> SigningKey {
    SigningKey::from_seed("log.example/registry", &[7; 32]).unwrap()
}

fn sealed() -> SealedKey {
    SealedKey::seal(&key(), "a long passphrase", SALT, NONCE, Cost::LEAST).unwrap()
}

#[test]
fn a_key_comes_back_through_a_file() {
    let text = sealed().to_string();
    assert_eq!(text.lines().next().unwrap(), key().verifier().to_string(), "anyone may read whose it is");
    let read: SealedKey = text.parse().unwrap();
    assert_eq!((&read, read.public()), (&sealed(), key().verifier()));
    let opened = read.open("a long passphrase").unwrap();
    assert_eq!(opened.sign("text\n"), key().sign("text\n"));
    // Line ends of another system, and none at the end, do no harm.
    assert!(text.replace('\n', "\r\n").parse::<SealedKey>().unwrap().open("a long passphrase").is_ok());
    assert!(text.trim_end().parse::<SealedKey>().is_ok());
}

#[test]
fn the_secret_is_neither_in_the_file_nor_in_what_is_printed() {
    let secret = [7u8; 32];
    let text = sealed().to_string();
    let printed = format!("{:?} {:?} {text}", sealed(), key());
    assert!(!text.as_bytes().windows(8).any(|it| it == &secret[..8]));
    assert!(!printed.contains("BwcHBwcH") && !printed.contains("7, 7, 7"), "{printed}");
    let other = SealedKey::seal(&key(), "a long passphrase", [3; 16], NONCE, Cost::LEAST).unwrap();
    assert_ne!(other.to_string(), text);
}

#[test]
fn each_thing_that_can_be_wrong_has_its_own_answer() {
    assert_eq!(sealed().open("another").unwrap_err(), SealError::Passphrase);
    assert_eq!(sealed().open("").unwrap_err(), SealError::Passphrase);
    assert!(matches!(sealed().open_cosigner("a long passphrase"), Err(SealError::Kind(_))));
    let witness = Cosigner::from_seed("w.example", &[7; 32]).unwrap();
    let witness = SealedKey::seal_cosigner(&witness, "p", SALT, NONCE, Cost::LEAST).unwrap();
    assert!(matches!(witness.open("p"), Err(SealError::Kind(_))));
    assert_eq!(witness.open_cosigner("p").unwrap().verifier(), witness.public());
    assert_eq!("".parse::<SealedKey>(), Err(SealError::Form));
    assert_eq!("hello\n".parse::<SealedKey>(), Err(SealError::Form));
    // The first byte of the second line is the version.
    let newer = sealed().to_string().replace("\nAQ", "\nAg");
    assert_eq!(newer.parse::<SealedKey>(), Err(SealError::Version(2)));
    let heavy = Cost { memory: u32::MAX, ..Cost::LEAST };
    assert_eq!(SealedKey::seal(&key(), "p", SALT, NONCE, heavy), Err(SealError::Cost));
}

#[test]
fn the_standard_cost_is_within_what_is_allowed() {
    let sealed = SealedKey::seal(&key(), "p", SALT, NONCE, Cost::STANDARD).unwrap();
    assert_eq!(sealed.open("p").unwrap().verifier(), key().verifier());
}

proptest! {
    #[test]
    fn a_file_with_any_letter_changed_is_refused_before_the_passphrase_is_tried(
        at in any::<prop::sample::Index>(), letter in "[A-Za-z0-9+/=.]",
    ) {
        let text = sealed().to_string();
        let at = at.index(text.len() - 1);
        let changed = format!("{}{letter}{}", &text[..at], &text[at + 1..]);
        prop_assume!(changed != text);
        let refused = changed.parse::<SealedKey>().unwrap_err();
        let is_clear = matches!(refused, SealError::Damaged | SealError::Version(_) | SealError::Form);
        prop_assert!(is_clear, "{refused:?}");
    }

    #[test]
    fn nothing_that_is_read_panics(text in "\\PC{0,60}\n[A-Za-z0-9+/]{0,200}") {
        let _ = text.parse::<SealedKey>();
    }
}
