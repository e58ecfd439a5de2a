use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Str;

/// A blockchain, as CAIP-2 names it: `eip155:1`, `tron:0x2b6653dc`, `solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chain<'a>(Str<'a>); // Invariant: `namespace:reference`, as the CAIP-2 grammar has it.

/// An account on a blockchain, as CAIP-10 names it: `eip155:1:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChainAccount<'a>(Str<'a>); // Invariant: a CAIP-2 chain, a colon, an address of 1 to 128 characters.

/// Why a text names no chain, or no account on one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidChain {
    /// Not `namespace:reference` (CAIP-2).
    #[error("not a CAIP-2 chain such as eip155:1")]
    Chain,
    /// Not `namespace:reference:address` (CAIP-10).
    #[error("not a CAIP-10 account such as eip155:1:0x…")]
    Account,
}

fn is_chain(namespace: &str, reference: &str) -> bool {
    // CAIP-2: namespace [-a-z0-9]{3,8}, reference [-_a-zA-Z0-9]{1,32}.
    (3..=8).contains(&namespace.len())
        && namespace.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && (1..=32).contains(&reference.len())
        && reference.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

impl<'a> Chain<'a> {
    /// Checks the grammar of CAIP-2.
    ///
    /// # Errors
    /// [`InvalidChain::Chain`] if the text does not fit it.
    pub fn parse(text: impl Into<Str<'a>>) -> Result<Self, InvalidChain> {
        let text = text.into();
        match text.split_once(':') {
            Some((namespace, reference)) if is_chain(namespace, reference) => Ok(Self(text)),
            _ => Err(InvalidChain::Chain),
        }
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'a> ChainAccount<'a> {
    /// Checks the grammar of CAIP-10.
    ///
    /// # Errors
    /// [`InvalidChain::Account`] if the text does not fit it.
    pub fn parse(text: impl Into<Str<'a>>) -> Result<Self, InvalidChain> {
        let text = text.into();
        let mut parts = text.splitn(3, ':');
        let fits = matches!(
            (parts.next(), parts.next(), parts.next()),
            (Some(namespace), Some(reference), Some(address))
                if is_chain(namespace, reference)
                    && (1..=128).contains(&address.len())
                    && address.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.%".contains(&b))
        );
        if fits { Ok(Self(text)) } else { Err(InvalidChain::Account) }
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without its chain.
    #[must_use]
    pub fn address(&self) -> &str {
        self.0.splitn(3, ':').nth(2).unwrap_or_default()
    }

    /// The chain without the address.
    #[must_use]
    pub fn chain(&self) -> &str {
        let address = self.address().len();
        &self.0[..self.0.len() - address - 1]
    }
}

macro_rules! wire {
    ($name:ident, $what:literal) => {
        impl Serialize for $name<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }
        impl<'de: 'a, 'a> Deserialize<'de> for $name<'a> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $name::parse(Str::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
        impl schemars::JsonSchema for $name<'_> {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": $what })
            }
        }
        impl fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

wire!(Chain, "CAIP-2 chain, such as eip155:1.");
wire!(ChainAccount, "CAIP-10 account, such as eip155:1:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standards_are_read() {
        for good in
            ["eip155:1", "bip122:000000000019d6689c085ae165831e93", "cosmos:cosmoshub-3", "tron:0x2b6653dc"]
        {
            assert!(Chain::parse(good).is_ok(), "{good}");
        }
        let account = ChainAccount::parse("eip155:1:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb").unwrap();
        assert_eq!(account.chain(), "eip155:1");
        assert_eq!(account.address(), "0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb");
    }

    #[test]
    fn what_the_standards_forbid_is_refused() {
        for bad in ["", "eip155", "EIP155:1", "eip155:", ":1", "ab:1", "eip155:1 "] {
            assert!(Chain::parse(bad).is_err(), "{bad}");
        }
        for bad in ["eip155:1", "eip155:1:", "eip155:1:0x ab", "0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb"] {
            assert!(ChainAccount::parse(bad).is_err(), "{bad}");
        }
    }
}
