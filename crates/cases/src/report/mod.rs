//! What happened, to whom, and what is gone: the report a case is made of.
//!
//! The way through: a [`RawReport`] is the body of `POST /v1/reports` and the fields of the form,
//! [`Report::parse`] checks it against the charter's chains and assets, [`Report::marks`] says by
//! what it can be linked with other cases.
//!
//! Always true here:
//! - All that is wrong is said at once, each beside its field, in Chinese and English.
//! - What nobody knows is left out: only the kind and the story are asked of everybody.
//! - What is checked keeps the words it was given in; only addresses are brought to one form.

mod errors;
mod forms;
mod marks;
mod parse;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use touchstone_types::Moment;

use crate::words::words;

pub use errors::{CODES, FieldError, code};
pub use forms::Form;
pub use marks::MarkKind;

words! {
    /// What kind of thing happened.
    Kind {
        /// Somebody played support.
        FakeSupport = "fake_support",
        /// A wallet or an account was emptied, or is being emptied.
        StolenWallet = "stolen_wallet",
        /// The account is locked, or somebody else has it.
        LockedAccount = "locked_account",
        /// A recovery phrase, key or code came into other hands.
        LeakedSecret = "leaked_secret",
        /// Something else.
        Other = "other",
    }
}

impl Kind {
    /// Whether minutes count: somebody may be taking what is left.
    #[must_use]
    pub const fn is_theft(self) -> bool {
        matches!(self, Kind::FakeSupport | Kind::StolenWallet | Kind::LeakedSecret)
    }
}

words! {
    /// Whose an address is, as far as the victim knows.
    Belongs {
        /// The victim's own.
        Mine = "mine",
        /// Where it went, or whoever took it.
        Theirs = "theirs",
        /// Not known.
        Unknown = "unknown",
    }
}

/// A report as it comes in: every field may be missing or nonsense.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawReport {
    /// What happened: `fake_support`, `stolen_wallet`, `locked_account`, `leaked_secret`, `other`.
    pub kind: String,
    /// The language the victim reads: `zh`, `en`, or another of two letters.
    pub language: String,
    /// Where the victim lives: two letters (ISO 3166-1), `UK` or `EU`.
    pub country: String,
    /// When it began: RFC 3339, or local time such as `2026-11-22T14:30` or `2026-11-22`.
    pub happened_from: String,
    /// When it ended, in the same forms.
    pub happened_until: String,
    /// The time zone of local times (IANA name); that of the country if empty.
    pub time_zone: String,
    /// What happened, in the victim's words.
    pub story: String,
    /// What is gone.
    pub losses: Vec<RawLoss>,
    /// Addresses that play a part.
    pub addresses: Vec<RawAddress>,
    /// Transactions that play a part.
    pub transactions: Vec<RawTransaction>,
    /// Accounts of whoever did it.
    pub suspects: Vec<RawSuspect>,
    /// The victim's account at the operator.
    pub account: String,
    /// How to reach the victim.
    pub contact: RawContact,
    /// The wallet that was used, by name.
    pub wallet: String,
    /// Whether the device itself may be in other hands.
    pub device_compromised: Option<bool>,
    /// The number of the police report.
    pub police_reference: String,
    /// Answers to further questions, by the name of the question.
    pub answers: BTreeMap<String, String>,
}

/// One loss as it comes in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawLoss {
    /// The asset: a symbol or name, such as `USDT`.
    pub asset: String,
    /// The chain: a CAIP-2 id, or a name such as `tron` or `TRC20`.
    pub chain: String,
    /// How much: a decimal number.
    pub amount: String,
    /// The contract of a token that is not in the list.
    pub token_contract: String,
}

/// One address as it comes in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawAddress {
    /// The address.
    pub text: String,
    /// The chain, if known.
    pub chain: String,
    /// `mine`, `theirs` or `unknown`.
    pub whose: String,
}

/// One transaction as it comes in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawTransaction {
    /// The transaction's id.
    pub id: String,
    /// The chain, if known.
    pub chain: String,
}

/// One account of a suspect as it comes in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawSuspect {
    /// The platform, such as `telegram`.
    pub platform: String,
    /// The account on it: a handle, number or link.
    pub account: String,
    /// The name that was shown.
    pub name: String,
}

/// How to reach the victim, as it comes in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawContact {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Telephone number.
    pub phone: String,
}

/// A report that was checked. Texts are trimmed; an empty one is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What happened.
    pub kind: Kind,
    /// The language the victim reads, lower case: `zh`, `en`, `ja`, ….
    pub language: String,
    /// Where the victim lives: ISO 3166-1, upper case.
    pub country: Option<String>,
    /// Whose rules apply: an id of `jurisdictions.json`.
    pub jurisdiction: Option<String>,
    /// When it began.
    pub happened_from: Option<Moment>,
    /// When it ended.
    pub happened_until: Option<Moment>,
    /// What happened, in the victim's words.
    pub story: String,
    /// What is gone.
    pub losses: Vec<Loss>,
    /// Addresses that play a part.
    pub addresses: Vec<Address>,
    /// Transactions that play a part.
    pub transactions: Vec<Transaction>,
    /// Accounts of whoever did it.
    pub suspects: Vec<Suspect>,
    /// The victim's account at the operator.
    pub account: Option<String>,
    /// How to reach the victim.
    pub contact: Contact,
    /// The wallet that was used, by name.
    pub wallet: Option<String>,
    /// Whether the device itself may be in other hands.
    pub device_compromised: Option<bool>,
    /// The number of the police report.
    pub police_reference: Option<String>,
    /// Answers to further questions, by the name of the question.
    pub answers: BTreeMap<String, String>,
}

/// One thing that is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// Symbol of the asset; as the victim wrote it where it is known by its contract alone.
    pub asset: String,
    /// CAIP-2 id of the chain; none for money.
    pub chain: Option<String>,
    /// How much, a decimal number as written; `None` if the victim does not know.
    pub amount: Option<String>,
    /// The contract of the token.
    pub token_contract: Option<String>,
    /// Roughly in whole US dollars, for the order of the queue alone.
    pub rough_usd: Option<f64>,
}

/// An address that plays a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The address, as its chain writes it.
    pub text: String,
    /// CAIP-2 id of the chain, if it is known.
    pub chain: Option<String>,
    /// What form it has.
    pub form: Form,
    /// Whose it is.
    pub whose: Belongs,
}

/// A transaction that plays a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// The transaction's id.
    pub id: String,
    /// CAIP-2 id of the chain, if it is known.
    pub chain: Option<String>,
}

/// An account of whoever did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspect {
    /// The platform, lower case.
    pub platform: Option<String>,
    /// The account on it, as the victim wrote it.
    pub account: String,
    /// The name that was shown.
    pub name: Option<String>,
}

/// How to reach the victim; all of it may be missing, as the case link is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

impl Report {
    /// What is gone, roughly in US dollars: the sum of what is known; `None` if nothing is.
    #[must_use]
    pub fn rough_usd(&self) -> Option<f64> {
        self.losses.iter().filter_map(|it| it.rough_usd).reduce(|sum, it| sum + it)
    }

    /// The chains that play a part (CAIP-2), each once, in the order of the report.
    #[must_use]
    pub fn chains(&self) -> Vec<&str> {
        let losses = self.losses.iter().filter_map(|it| it.chain.as_deref());
        let addresses = self.addresses.iter().filter_map(|it| it.chain.as_deref());
        let transactions = self.transactions.iter().filter_map(|it| it.chain.as_deref());
        let mut chains = Vec::new();
        for chain in losses.chain(addresses).chain(transactions) {
            if !chains.contains(&chain) {
                chains.push(chain);
            }
        }
        chains
    }
}
