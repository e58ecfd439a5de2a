//! A text with signatures under it (c2sp.org/signed-note).

use std::fmt;
use std::str::FromStr;

use crate::encoding::{base64, unbase64};
use crate::key::{KeyKind, VerifierKey, check_name, cosigned, verify_ed25519};

/// The longest note that is read, in bytes.
pub const MAX_NOTE: usize = 256 * 1024;

/// The most signatures under a note that is read.
const MAX_SIGNATURES: usize = 64;

/// One line under a note: who, and the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    id: u32,
    bytes: Vec<u8>, // Invariant: not empty.
}

impl NoteSignature {
    pub(crate) fn of(key: &VerifierKey, bytes: Vec<u8>) -> Self {
        Self { name: key.name().to_owned(), id: key.id(), bytes }
    }

    /// The name of the key that claims to have signed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key that claims to have signed.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Whether it claims to be by this key.
    #[must_use]
    pub fn is_by(&self, key: &VerifierKey) -> bool {
        self.id == key.id() && self.name == key.name()
    }

    /// Whether this key signed that text; for a witness also when it says it did, in seconds since 1970.
    fn check(&self, key: &VerifierKey, text: &str) -> Option<Option<u64>> {
        match key.kind() {
            KeyKind::Note => {
                let signature = <[u8; 64]>::try_from(self.bytes.as_slice()).ok()?;
                verify_ed25519(key.public(), text.as_bytes(), &signature).then_some(None)
            }
            KeyKind::Cosignature => {
                let (time, signature) = self.bytes.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                let signature = <[u8; 64]>::try_from(signature).ok()?;
                let is_good = i64::try_from(time).is_ok()
                    && verify_ed25519(key.public(), cosigned(text, time).as_bytes(), &signature);
                is_good.then_some(Some(time))
            }
        }
    }
}

/// The line without its end: `— name base64`.
impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.id.to_be_bytes().to_vec();
        bytes.extend(&self.bytes);
        write!(f, "— {} {}", self.name, base64(&bytes))
    }
}

impl FromStr for NoteSignature {
    type Err = NoteError;

    fn from_str(line: &str) -> Result<Self, NoteError> {
        let parse = || {
            let (name, rest) = line.strip_prefix("— ")?.split_once(' ')?;
            check_name(name).ok()?;
            let bytes = unbase64(rest)?;
            let (id, bytes) = bytes.split_first_chunk::<4>()?;
            let id = u32::from_be_bytes(*id);
            (!bytes.is_empty()).then(|| Self { name: name.to_owned(), id, bytes: bytes.to_vec() })
        };
        parse().ok_or(NoteError::Signature)
    }
}

/// Why a note is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than [`MAX_NOTE`], or more than 64 signatures.
    #[error("the note is too long")]
    TooLong,
    /// Not a text that ends with a line, an empty line, and signatures.
    #[error("this is no signed note: it needs a text, an empty line and signature lines")]
    Form,
    /// A line under the text is no signature.
    #[error("a line under the note is no signature")]
    Signature,
    /// A signature that claims to be by a known key is wrong: the text or the signature was altered.
    #[error("the signature by {0} is wrong: the text or the signature was altered")]
    Wrong(VerifierKey),
    /// Nobody who signed is known.
    #[error("not signed by a known key, only by {}", if .0.is_empty() { "nobody".to_owned() } else { .0.join(", ") })]
    Unknown(Vec<String>),
}

/// A text and who signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String, // Invariant: ends with a new line; no control characters but new lines.
    signatures: Vec<NoteSignature>,
}

/// A signature that was checked and is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// By whom.
    pub key: VerifierKey,
    /// When a witness says it saw this, in seconds since 1970; `None` for other keys.
    pub time: Option<u64>,
}

impl Note {
    /// A note that nobody signed yet. (Without a signature it is written, but not read.)
    ///
    /// # Errors
    /// [`NoteError::Form`] if the text does not end with a new line or has control characters,
    /// [`NoteError::TooLong`].
    pub fn new(text: &str) -> Result<Self, NoteError> {
        if text.len() > MAX_NOTE {
            return Err(NoteError::TooLong);
        }
        if !text.ends_with('\n') || text.bytes().any(|it| it < b' ' && it != b'\n') {
            return Err(NoteError::Form);
        }
        Ok(Self { text: text.to_owned(), signatures: Vec::new() })
    }

    /// Reads a note. Nothing is checked yet: see [`signers`](Self::signers).
    ///
    /// # Errors
    /// [`NoteError::Form`], [`NoteError::Signature`], [`NoteError::TooLong`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::TooLong);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::Form)?;
        let end = whole.rfind("\n\n").ok_or(NoteError::Form)?;
        let mut note = Self::new(&whole[..=end])?;
        let lines = whole[end + 2..].strip_suffix('\n').ok_or(NoteError::Form)?;
        for line in lines.split('\n') {
            if note.signatures.len() == MAX_SIGNATURES {
                return Err(NoteError::TooLong);
            }
            note.signatures.push(line.parse()?); // As it stands, repeated lines too.
        }
        Ok(note)
    }

    /// What is signed, with its last new line.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, unchecked.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Puts a signature under the note. One that is there already is not put twice; a newer
    /// one by the same key takes the older's place.
    ///
    /// # Errors
    /// [`NoteError::TooLong`] beyond 64 signatures.
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), NoteError> {
        let same = |it: &&mut NoteSignature| it.id == signature.id && it.name == signature.name;
        if let Some(older) = self.signatures.iter_mut().find(same) {
            *older = signature;
            return Ok(());
        }
        if self.signatures.len() >= MAX_SIGNATURES {
            return Err(NoteError::TooLong);
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Which of the known keys signed. Signatures by others are passed over.
    ///
    /// # Errors
    /// [`NoteError::Wrong`] if one that claims to be by a known key is not, [`NoteError::Unknown`] if
    /// no known key signed.
    pub fn signers(&self, known: &[VerifierKey]) -> Result<Vec<Signed>, NoteError> {
        let mut signers: Vec<Signed> = Vec::new();
        for signature in &self.signatures {
            let Some(key) = known.iter().find(|it| signature.is_by(it)) else { continue };
            let time = signature.check(key, &self.text).ok_or_else(|| NoteError::Wrong(key.clone()))?;
            if !signers.iter().any(|it| it.key == *key) {
                signers.push(Signed { key: key.clone(), time });
            }
        }
        if signers.is_empty() {
            let names = self.signatures.iter().map(|it| format!("{}+{:08x}", it.name, it.id)).collect();
            return Err(NoteError::Unknown(names));
        }
        Ok(signers)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|it| writeln!(f, "{it}"))
    }
}
