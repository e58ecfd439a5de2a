//! All that is needed to check one entry without a network (c2sp.org/tlog-proof).

use std::fmt;
use std::str::FromStr;

use crate::checkpoint::{NotTrusted, Seen, open_checkpoint};
use crate::encoding::{base64, decimal, unbase64};
use crate::hash::{Hash, leaf_hash};
use crate::key::VerifierKey;
use crate::note::{MAX_NOTE, Note, NoteError};
use crate::prove::{ProofError, inclusion, verify_inclusion};
use crate::tile::Tiles;

const HEAD: &str = "c2sp.org/tlog-proof@v1";

/// The longest `extra` that is read, in bytes.
const MAX_EXTRA: usize = 128 * 1024;

/// No tree up to [`crate::MAX_SIZE`] is higher.
const MAX_PATH: usize = 64;

/// An entry's place in a log, its way to the root, and the signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What came along. Nobody signed it: here it is the entry itself, which the proof then proves.
    pub extra: Option<Vec<u8>>,
    /// The entry's index.
    pub index: u64,
    /// The siblings on the way to the root, lowest first.
    pub path: Vec<Hash>,
    /// The checkpoint with its signatures.
    pub checkpoint: Note,
}

/// Why a text is no proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofTextError {
    /// Longer than any proof.
    #[error("the proof is too long")]
    TooLong,
    /// The first line is another.
    #[error("the first line is not {HEAD}")]
    Head,
    /// `extra` is not base 64.
    #[error("the extra line is not in base 64")]
    Extra,
    /// There is no index.
    #[error("the index line is missing or is no number")]
    Index,
    /// A line of the path is no hash, or there are too many, or no empty line ends them.
    #[error("the path is not a list of hashes that ends with an empty line")]
    Path,
    /// The checkpoint is no note.
    #[error("the checkpoint in the proof cannot be read")]
    Checkpoint(#[source] NoteError),
}

/// Why a proof does not prove.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// The checkpoint is not believed.
    #[error(transparent)]
    NotTrusted(#[from] NotTrusted),
    /// The checkpoint is good, but the entry is not in it at this place.
    #[error("the log does not hold this entry at {index}")]
    NotInLog {
        /// Where it was said to be.
        index: u64,
        /// How the proof fails.
        #[source]
        cause: ProofError,
    },
}

impl Proof {
    /// Proves entry `index` against a signed checkpoint of a tree of `size` entries.
    ///
    /// # Errors
    /// [`ProofError`] where tiles are missing or the index is beyond the size.
    pub fn make(
        reader: &impl Tiles,
        index: u64,
        size: u64,
        checkpoint: &Note,
        extra: Option<Vec<u8>>,
    ) -> Result<Self, ProofError> {
        let path = inclusion(reader, index, size)?;
        Ok(Self { extra, index, path, checkpoint: checkpoint.clone() })
    }

    /// Checks that `entry` is in a log that is to be believed (see [`open_checkpoint`]), and gives
    /// the checkpoint with who signed it.
    ///
    /// # Errors
    /// [`Unproven`].
    pub fn verify(
        &self,
        entry: &[u8],
        log: &[VerifierKey],
        witnesses: &[VerifierKey],
        quorum: usize,
    ) -> Result<Seen, Unproven> {
        let seen = open_checkpoint(self.checkpoint.to_string().as_bytes(), log, witnesses, quorum)?;
        let (size, root) = (seen.checkpoint.size, seen.checkpoint.root);
        verify_inclusion(&leaf_hash(entry), self.index, size, &self.path, &root)
            .map_err(|cause| Unproven::NotInLog { index: self.index, cause })?;
        Ok(seen)
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|it| writeln!(f, "{it}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for Proof {
    type Err = ProofTextError;

    fn from_str(text: &str) -> Result<Self, ProofTextError> {
        if text.len() > MAX_NOTE + MAX_EXTRA * 2 {
            return Err(ProofTextError::TooLong);
        }
        let rest =
            text.strip_prefix(HEAD).and_then(|it| it.strip_prefix('\n')).ok_or(ProofTextError::Head)?;
        let (head, note) = rest.split_once("\n\n").ok_or(ProofTextError::Path)?;
        let mut lines = head.split('\n').peekable();
        let extra = match lines.peek().and_then(|it| it.strip_prefix("extra ")) {
            Some(extra) => {
                lines.next();
                Some(unbase64(extra).filter(|it| it.len() <= MAX_EXTRA).ok_or(ProofTextError::Extra)?)
            }
            None => None,
        };
        let index = lines.next().and_then(|it| it.strip_prefix("index ")).and_then(decimal);
        let index = index.ok_or(ProofTextError::Index)?;
        let path: Result<Vec<Hash>, _> = lines.take(MAX_PATH + 1).map(str::parse).collect();
        let path = path.ok().filter(|it| it.len() <= MAX_PATH).ok_or(ProofTextError::Path)?;
        let checkpoint = Note::parse(note.as_bytes()).map_err(ProofTextError::Checkpoint)?;
        Ok(Self { extra, index, path, checkpoint })
    }
}
