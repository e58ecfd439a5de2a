//! A text, what it says, and the signature under it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AgentKey, LONGEST_TEXT, Message, NotVerified, Session};

/// 32 bytes: a key, a nonce, a salt or a hash. On the wire base64 with padding.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bytes32(pub [u8; 32]);

impl Bytes32 {
    /// Reads base64 with padding, in its one canonical form.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// As on the wire.
    #[must_use]
    pub fn base64(&self) -> String {
        STANDARD.encode(self.0)
    }
}

impl fmt::Debug for Bytes32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base64())
    }
}

impl Serialize for Bytes32 {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.base64())
    }
}

impl<'de> Deserialize<'de> for Bytes32 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::from_base64(&text).ok_or_else(|| D::Error::custom("not 32 bytes in base64"))
    }
}

/// A text and an Ed25519 signature over its UTF-8 bytes.
///
/// The text is a line that says what it is, a line feed, and one JSON object without white space
/// whose fields are in the order of the struct.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// What was signed.
    pub text: String,
    /// 64 bytes in base64 with padding.
    pub signature: String,
}

/// What can be signed: its first line says which it is, so that a signature under one is none
/// under another.
pub(super) trait Statement: Serialize + DeserializeOwned {
    /// The first line, without its end.
    const LINE: &'static str;
}

impl Statement for AgentKey {
    const LINE: &'static str = "touchstone agent key 1";
}

impl Statement for Session {
    const LINE: &'static str = "touchstone session 1";
}

impl Statement for Message {
    const LINE: &'static str = "touchstone message 1";
}

pub(super) fn text_of<T: Statement>(what: &T) -> String {
    // Structs of strings, numbers and lists of strings: they always serialise.
    format!("{}\n{}", T::LINE, serde_json::to_string(what).unwrap_or_default())
}

impl AgentKey {
    /// The text to be signed with the sessions key.
    #[must_use]
    pub fn text(&self) -> String {
        text_of(self)
    }
}

impl Session {
    /// The text to be signed with the agent's key.
    #[must_use]
    pub fn text(&self) -> String {
        text_of(self)
    }
}

impl Signed {
    /// A text with the signature that was made over it.
    #[must_use]
    pub fn new(text: String, signature: &[u8; 64]) -> Self {
        Self { text, signature: STANDARD.encode(signature) }
    }

    /// What the text says, whoever signed it.
    pub(super) fn read<T: Statement>(&self, part: &'static str) -> Result<T, NotVerified> {
        let bad = || NotVerified::Malformed(part);
        if self.text.len() > LONGEST_TEXT {
            return Err(bad());
        }
        let body = self.text.strip_prefix(T::LINE).and_then(|it| it.strip_prefix('\n')).ok_or_else(bad)?;
        let read: T = serde_json::from_str(body).map_err(|_| bad())?;
        // Only one text says the same: two programs cannot read it differently.
        if text_of(&read) == self.text { Ok(read) } else { Err(bad()) }
    }

    /// Reads the session that the text says, without believing it: to be shown to the one who is
    /// about to sign it, or held against what was asked to be signed.
    ///
    /// # Errors
    /// [`NotVerified::Malformed`].
    pub fn session(&self) -> Result<Session, NotVerified> {
        self.read("session")
    }

    /// Whether the key made the signature.
    #[must_use]
    pub fn is_signed_by(&self, key: &Bytes32) -> bool {
        let Ok(signature) = STANDARD.decode(&self.signature) else { return false };
        let Ok(signature) = <[u8; 64]>::try_from(signature) else { return false };
        touchstone_signed_log::verify_ed25519(&key.0, self.text.as_bytes(), &signature)
    }
}
