use sha2::{Digest, Sha256};

use crate::{hex, same, unhex};

/// An API key as its owner keeps it: `ts_<16 digits>_<64 digits>`. The first part is public and
/// finds the record, the second is secret. The prefix lets scanners of source code find keys
/// that leaked.
///
/// It has no `Debug`: it does not get into a log by accident.
pub struct ApiKeyText {
    public: [u8; 8],
    secret: [u8; 32],
}

/// The text is no API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an API key")]
pub struct InvalidKey;

impl ApiKeyText {
    /// From random bytes of the operating system's.
    #[must_use]
    pub const fn from_random(public: [u8; 8], secret: [u8; 32]) -> Self {
        Self { public, secret }
    }

    /// Reads a key.
    ///
    /// # Errors
    /// [`InvalidKey`] for anything of another form.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let (public, secret) =
            text.strip_prefix("ts_").and_then(|it| it.split_once('_')).ok_or(InvalidKey)?;
        let (public, secret) = (unhex(public).ok_or(InvalidKey)?, unhex(secret).ok_or(InvalidKey)?);
        Ok(Self { public, secret })
    }

    /// As it is shown, once.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}_{}", self.id(), hex(&self.secret))
    }

    /// The public part, by which the record is found: `ts_<16 digits>`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("ts_{}", hex(&self.public))
    }

    /// What is stored. The secret has 256 random bits, so one pass of a hash is enough.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::new().chain_update("touchstone key 1\n").chain_update(self.secret).finalize().into()
    }

    /// Whether the key is the one that was stored.
    #[must_use]
    pub fn is(&self, stored: &[u8; 32]) -> bool {
        same(&self.hash(), stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_shown() {
        let key = ApiKeyText::from_random([0xab; 8], [0x0c; 32]);
        let text = key.text();
        assert_eq!(&text[..22], "ts_abababababababab_0c");
        let read = ApiKeyText::parse(&text).unwrap();
        assert_eq!(read.id(), "ts_abababababababab");
        assert!(read.is(&key.hash()));
        assert!(!ApiKeyText::from_random([0xab; 8], [0x0d; 32]).is(&key.hash()));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let good = ApiKeyText::from_random([1; 8], [2; 32]).text();
        for bad in ["", "ts_", "ts__", &good[1..], &good[..good.len() - 1], &format!("{good}0"), "ts_é_ü"] {
            assert!(ApiKeyText::parse(bad).is_err(), "{bad}");
        }
    }
}
