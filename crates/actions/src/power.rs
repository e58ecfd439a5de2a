use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::Money;

/// What somebody may be allowed to do.
///
/// There is no variant that moves a user's funds and none that asks for a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Power {
    /// Stop an account from being used, for a while.
    Freeze,
    /// End a freeze before its time.
    Unfreeze,
    /// End every session of an account.
    RevokeSessions,
    /// Give a user some of the firm's own money.
    Refund(Money),
    /// Hand what is known of a case to an authority.
    Disclose,
    /// Close a case.
    Close,
    /// Set aside what somebody else decided.
    Override,
}

/// A power without its amount: the word in the file and in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PowerName {
    /// [`Power::Freeze`].
    Freeze,
    /// [`Power::Unfreeze`].
    Unfreeze,
    /// [`Power::RevokeSessions`].
    RevokeSessions,
    /// [`Power::Refund`].
    Refund,
    /// [`Power::Disclose`].
    Disclose,
    /// [`Power::Close`].
    Close,
    /// [`Power::Override`].
    Override,
}

impl Power {
    /// Its word.
    #[must_use]
    pub const fn name(&self) -> PowerName {
        match self {
            Power::Freeze => PowerName::Freeze,
            Power::Unfreeze => PowerName::Unfreeze,
            Power::RevokeSessions => PowerName::RevokeSessions,
            Power::Refund(_) => PowerName::Refund,
            Power::Disclose => PowerName::Disclose,
            Power::Close => PowerName::Close,
            Power::Override => PowerName::Override,
        }
    }
}

impl PowerName {
    /// All of them, in the order of the table.
    pub const ALL: [PowerName; 7] = [
        PowerName::Freeze,
        PowerName::Unfreeze,
        PowerName::RevokeSessions,
        PowerName::Refund,
        PowerName::Disclose,
        PowerName::Close,
        PowerName::Override,
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            PowerName::Freeze => "freeze",
            PowerName::Unfreeze => "unfreeze",
            PowerName::RevokeSessions => "revoke_sessions",
            PowerName::Refund => "refund",
            PowerName::Disclose => "disclose",
            PowerName::Close => "close",
            PowerName::Override => "override",
        }
    }

    /// Whether what is done with it ends by itself, so that the file has to say when.
    #[must_use]
    pub const fn lapses(self) -> bool {
        matches!(self, PowerName::Freeze | PowerName::RevokeSessions)
    }
}

/// The text is no power.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no power. Powers are freeze, unfreeze, revoke_sessions, refund, disclose, close, override; \
     none moves a user's funds or asks for a secret, and none that does can be written here"
)]
pub struct UnknownPower(String);

impl FromStr for PowerName {
    type Err = UnknownPower;
    fn from_str(word: &str) -> Result<Self, UnknownPower> {
        Self::ALL.into_iter().find(|it| it.as_str() == word).ok_or_else(|| UnknownPower(word.to_owned()))
    }
}

impl fmt::Display for PowerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Power {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Power::Refund(money) => write!(f, "refund {money}"),
            other => other.name().fmt(f),
        }
    }
}

impl Serialize for PowerName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for PowerName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
