//! What a user is about to give away.
//!
//! A checksum speaks for itself ([`SecretKind::RecoveryPhrase`], cards, ID numbers); what
//! has none (a code, 64 hexadecimal digits) counts only beside a word that says what it is.
//!
//! Recovery phrases follow BIP-39, private keys Bitcoin's WIF and BIP-32, ID numbers
//! GB 11643-1999, card numbers ISO/IEC 7812.

mod context;
mod keys;
mod mnemonic;
mod numbers;

use std::ops::Range;

use touchstone_text::Folded;

/// What kind of secret it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretKind {
    /// The words that restore a wallet (BIP-39).
    RecoveryPhrase,
    /// A key that spends: hexadecimal, WIF, extended private key, Solana key pair, PEM.
    PrivateKey,
    /// A wallet file (keystore JSON): with its password it spends.
    Keystore,
    /// A code that is good once.
    OneTimeCode,
    /// A password that is called one.
    Password,
    /// The number of a Chinese identity card.
    IdNumber,
    /// A passport number.
    Passport,
    /// The number of a bank card.
    CardNumber,
    /// The three or four digits on the back of a card.
    CardCode,
    /// The secret half of an exchange's API key.
    ApiSecret,
}

impl SecretKind {
    /// Every kind, in a fixed order.
    pub const ALL: [SecretKind; 10] = [
        SecretKind::RecoveryPhrase,
        SecretKind::PrivateKey,
        SecretKind::Keystore,
        SecretKind::OneTimeCode,
        SecretKind::Password,
        SecretKind::IdNumber,
        SecretKind::Passport,
        SecretKind::CardNumber,
        SecretKind::CardCode,
        SecretKind::ApiSecret,
    ];

    /// The name in policies and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            SecretKind::RecoveryPhrase => "recovery_phrase",
            SecretKind::PrivateKey => "private_key",
            SecretKind::Keystore => "keystore",
            SecretKind::OneTimeCode => "one_time_code",
            SecretKind::Password => "password",
            SecretKind::IdNumber => "id_number",
            SecretKind::Passport => "passport",
            SecretKind::CardNumber => "card_number",
            SecretKind::CardCode => "card_code",
            SecretKind::ApiSecret => "api_secret",
        }
    }
}

/// Where a secret stands. Not what it is: that must not be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Secret {
    /// What kind.
    pub kind: SecretKind,
    /// Where, in bytes of the original text.
    pub span: Range<usize>,
    /// 0 to 1. From 0.9 a checksum or a plain word speaks for it; under that it is worth a
    /// warning; at most 0.3 it counts only if somebody has just asked for it.
    pub certainty: f32,
}

/// Finds every secret in a text, given as written and as folded; `found` is emptied first.
///
/// Allocates only for what it finds and for texts that look like a recovery phrase.
pub fn find(text: &str, folded: &Folded, found: &mut Vec<Secret>) {
    found.clear();
    mnemonic::find(text, folded, found);
    keys::find(text, folded, found);
    numbers::find(text, folded, found);
    if found.is_empty() {
        return;
    }
    found.sort_by_key(|it| (it.span.start, it.kind));
}

/// How many words of a recovery phrase the text is, if it is nothing else; 0 for every other
/// text. A phrase that is sent in parts shows by the sum over a few messages, for which
/// nothing but this number has to be kept.
#[must_use]
pub fn words_of_a_phrase(text: &str, folded: &Folded) -> usize {
    mnemonic::words_of_a_phrase(text, folded)
}

/// `range` is taken already: a phrase's line numbers are no codes.
fn is_free(found: &[Secret], range: &Range<usize>) -> bool {
    found.iter().all(|it| it.span.end <= range.start || range.end <= it.span.start)
}
