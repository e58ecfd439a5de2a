//! Who signs: Ed25519 keys with a name (c2sp.org/signed-note, c2sp.org/tlog-cosignature).

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::Signer as _;
use sha2::{Digest, Sha256};

use crate::encoding::{base64, unbase64};
use crate::note::NoteSignature;

/// The longest name of a key in bytes.
const MAX_NAME: usize = 255;

/// What a key says when it signs. The byte is the signature type of signed-note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyKind {
    /// "This is my text." What a log signs its checkpoints with (`0x01`).
    Note,
    /// "At this time I saw this checkpoint, and all that I saw before is in it." A witness (`0x04`).
    Cosignature,
}

impl KeyKind {
    pub(crate) const fn byte(self) -> u8 {
        match self {
            KeyKind::Note => 1,
            KeyKind::Cosignature => 4,
        }
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        [KeyKind::Note, KeyKind::Cosignature].into_iter().find(|it| it.byte() == byte)
    }
}

/// Why a text or a name makes no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A name is 1 to 255 bytes without white space, control characters and `+`.
    #[error("{0:?} cannot be the name of a key: no white space, no control characters, no +")]
    Name(String),
    /// Not `name+id+key`.
    #[error("this is no verifier key; one looks like log.example/registry+1a2b3c4d+AZ…")]
    Form,
    /// A key, but of a kind that is not read here.
    #[error("keys of type {0} are not read here; Ed25519 keys have type 1, witness keys type 4")]
    Kind(u8),
    /// The id is not that of this name and key: one of them was altered.
    #[error("the key says {said} and is {found}: its name or its bytes were altered")]
    Id {
        /// As written.
        said: String,
        /// As computed.
        found: String,
    },
    /// Not a point that can be verified with.
    #[error("the bytes are no Ed25519 public key")]
    Point,
}

/// The public half. Its text form (a vkey) is what one hands out: `name+id+base64`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    public: [u8; 32], // Invariant: a valid point.
}

impl VerifierKey {
    /// A key of that kind from its 32 bytes (RFC 8032).
    ///
    /// # Errors
    /// [`KeyError::Name`], [`KeyError::Point`].
    pub fn new(name: &str, kind: KeyKind, public: [u8; 32]) -> Result<Self, KeyError> {
        check_name(name)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&public).map_err(|_| KeyError::Point)?;
        if key.is_weak() {
            return Err(KeyError::Point); // Signatures of such a key say nothing.
        }
        Ok(Self { name: name.to_owned(), kind, public })
    }

    /// Whose it is; for a log's key the origin of the log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says when it signs.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The 32 bytes of the key (RFC 8032).
    #[must_use]
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// The first four bytes of SHA-256 over name, new line, kind and key.
    #[must_use]
    pub fn id(&self) -> u32 {
        let mut state = Sha256::new();
        state.update(self.name.as_bytes());
        state.update([b'\n', self.kind.byte()]);
        state.update(self.public);
        let hash: [u8; 32] = state.finalize().into();
        u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
    }

    /// Whether this key signed these bytes, which are not a note. Only for messages that begin with
    /// a line which says what they are.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        verify_ed25519(&self.public, message, signature)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![self.kind.byte()];
        bytes.extend(self.public);
        write!(f, "{}+{:08x}+{}", self.name, self.id(), base64(&bytes))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let (name, rest) = text.split_once('+').ok_or(KeyError::Form)?;
        let (id, key) = rest.split_once('+').ok_or(KeyError::Form)?;
        if text.len() > 4096 || id.len() != 8 {
            return Err(KeyError::Form);
        }
        let bytes = unbase64(key).ok_or(KeyError::Form)?;
        let (kind, public) = bytes.split_first().ok_or(KeyError::Form)?;
        let kind = KeyKind::from_byte(*kind).ok_or(KeyError::Kind(*kind))?;
        let public = <[u8; 32]>::try_from(public).map_err(|_| KeyError::Form)?;
        let key = Self::new(name, kind, public)?;
        let found = format!("{:08x}", key.id());
        if found == id { Ok(key) } else { Err(KeyError::Id { said: id.to_owned(), found }) }
    }
}

pub(crate) fn check_name(name: &str) -> Result<(), KeyError> {
    let good = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    if (1..=MAX_NAME).contains(&name.len()) && name.chars().all(good) {
        Ok(())
    } else {
        Err(KeyError::Name(name.chars().take(MAX_NAME).collect()))
    }
}

/// Whether the holder of `public` signed `message` (RFC 8032, the strict reading: no weak keys, no
/// second spelling of a signature).
#[must_use]
pub fn verify_ed25519(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(signature);
    ed25519_dalek::VerifyingKey::from_bytes(public)
        .is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

/// A key that signs notes. Never shown, wiped when let go.
pub struct SigningKey(Pair);

/// A witness's key: what it signs is "I saw this at that time".
pub struct Cosigner(Pair);

struct Pair {
    public: VerifierKey,
    secret: ed25519_dalek::SigningKey,
}

impl Pair {
    fn new(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        let public = VerifierKey::new(name, kind, secret.verifying_key().to_bytes())?;
        Ok(Self { public, secret })
    }
}

impl SigningKey {
    /// The key of that name with these 32 secret bytes, which must come from the system's source of
    /// randomness.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        Pair::new(name, KeyKind::Note, seed).map(Self)
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.0.public
    }

    /// Signs the text of a note.
    #[must_use]
    pub fn sign(&self, text: &str) -> NoteSignature {
        let signature = self.0.secret.sign(text.as_bytes());
        NoteSignature::of(&self.0.public, signature.to_bytes().to_vec())
    }

    /// Signs bytes that are not a note. They must begin with a line which says what they are, so that
    /// they can never be taken for a checkpoint.
    #[must_use]
    pub fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        self.0.secret.sign(message).to_bytes()
    }

    pub(crate) fn seed(&self) -> &[u8; 32] {
        self.0.secret.as_bytes()
    }
}

impl Cosigner {
    /// The witness key of that name with these 32 secret bytes, which must come from the system's
    /// source of randomness and be used for nothing else.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        Pair::new(name, KeyKind::Cosignature, seed).map(Self)
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.0.public
    }

    /// Says that at `time` (seconds since 1970) this was the largest checkpoint seen of its log.
    /// `text` is the text of the checkpoint's note. Only for one that was checked: see
    /// [`crate::witness::judge`].
    #[must_use]
    pub fn cosign(&self, text: &str, time: u64) -> NoteSignature {
        let signature = self.0.secret.sign(cosigned(text, time).as_bytes());
        let mut bytes = time.to_be_bytes().to_vec();
        bytes.extend(signature.to_bytes());
        NoteSignature::of(&self.0.public, bytes)
    }

    pub(crate) fn seed(&self) -> &[u8; 32] {
        self.0.secret.as_bytes()
    }
}

/// What a witness signs.
pub(crate) fn cosigned(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.0.public)
    }
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosigner({})", self.0.public)
    }
}
