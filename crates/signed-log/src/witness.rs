//! What a witness asks itself before it signs, and the words it exchanges with a log
//! (c2sp.org/tlog-witness).
//!
//! The way through: a log writes a [`Request`] with the proof from what the witness saw last;
//! [`judge`] says whether the new checkpoint may be signed; the witness keeps it, and only then signs.
//! Keeping is the caller's: between judging and keeping nobody else may judge the same log.

use std::fmt;
use std::str::FromStr;

use crate::checkpoint::{Checkpoint, CheckpointError, NotTrusted, Seen, open_checkpoint};
use crate::encoding::decimal;
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::note::{MAX_NOTE, Note, NoteError, NoteSignature};
use crate::prove::{ProofError, verify_consistency};

/// The most lines of a proof that a request may have.
const MAX_PROOF: usize = 63;

/// The longest request in bytes.
pub const MAX_REQUEST: usize = MAX_NOTE + 64 + MAX_PROOF * 45;

/// "Here is my checkpoint, and the proof from the one you saw": the body of `POST /add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The size of the checkpoint that the witness signed last; 0 if none.
    pub old: u64,
    /// The consistency proof from there.
    pub proof: Vec<Hash>,
    /// The new checkpoint, signed by the log.
    pub checkpoint: Note,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|it| writeln!(f, "{it}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// The request cannot be read (400).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    /// The first line is not `old` and a size, or it is longer than a request can be.
    #[error("the request does not begin with a line `old SIZE`, or is too long")]
    Old,
    /// The lines after it are not at most 63 hashes and an empty line.
    #[error("the request has no proof that ends with an empty line")]
    Proof,
    /// What follows is no note.
    #[error("the request has no checkpoint")]
    Checkpoint(#[source] NoteError),
}

impl FromStr for Request {
    type Err = BadRequest;

    fn from_str(text: &str) -> Result<Self, BadRequest> {
        let rest = text.strip_prefix("old ").filter(|_| text.len() <= MAX_REQUEST).ok_or(BadRequest::Old)?;
        let (old, mut rest) = rest.split_once('\n').ok_or(BadRequest::Old)?;
        let old = decimal(old).ok_or(BadRequest::Old)?;
        let mut proof = Vec::new();
        loop {
            let (line, after) = rest.split_once('\n').ok_or(BadRequest::Proof)?;
            rest = after;
            if line.is_empty() {
                break;
            }
            if proof.len() == MAX_PROOF {
                return Err(BadRequest::Proof);
            }
            proof.push(line.parse().map_err(|_| BadRequest::Proof)?);
        }
        let checkpoint = Note::parse(rest.as_bytes()).map_err(BadRequest::Checkpoint)?;
        Ok(Self { old, proof, checkpoint })
    }
}

/// Why a witness does not sign. Each has its HTTP status in tlog-witness.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text is no checkpoint (400).
    #[error(transparent)]
    Form(#[from] CheckpointError),
    /// The old size is beyond the new one (400).
    #[error("the old size {old} is beyond the new one {new}")]
    Backwards {
        /// As the log says.
        old: u64,
        /// The new checkpoint's.
        new: u64,
    },
    /// Nobody asked this witness to watch that log (404).
    #[error("{0:?} is not watched here")]
    UnknownLog(String),
    /// No key of that log signed (403).
    #[error("the checkpoint is not signed by a known key of the log")]
    Unsigned(#[source] NotTrusted),
    /// The log speaks of another last checkpoint (409; the answer is the size of the last one signed).
    #[error("the last checkpoint signed here has {last} entries")]
    OtherSize {
        /// The size of the last checkpoint signed here.
        last: u64,
    },
    /// The same size with another root (409). The log has shown two histories: keep both notes, they prove it.
    #[error("split view: {size} entries had the root {known}, and now {found}")]
    Split {
        /// Entries in both.
        size: u64,
        /// The root signed here before.
        known: Hash,
        /// The root it shows now.
        found: Hash,
    },
    /// The proof does not lead from the last checkpoint to the new one (422).
    #[error("the new checkpoint does not continue the last one signed here")]
    Inconsistent(#[source] ProofError),
}

impl Refusal {
    /// The HTTP status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Refusal::Form(_) | Refusal::Backwards { .. } => 400,
            Refusal::UnknownLog(_) => 404,
            Refusal::Unsigned(_) => 403,
            Refusal::OtherSize { .. } | Refusal::Split { .. } => 409,
            Refusal::Inconsistent(_) => 422,
        }
    }
}

/// Whether the checkpoint of a request may be signed by a witness that watches the logs with these
/// keys. `last` gives the checkpoint of that origin that it signed last. What comes back must be on
/// disk before it is signed.
///
/// # Errors
/// [`Refusal`]; nothing is to be kept or signed then.
pub fn judge(
    request: &Request,
    watched: &[VerifierKey],
    last: impl FnOnce(&str) -> Option<Checkpoint>,
) -> Result<Seen, Refusal> {
    let claimed: Checkpoint = request.checkpoint.text().parse()?;
    let keys: Vec<VerifierKey> = watched.iter().filter(|it| it.name() == claimed.origin).cloned().collect();
    if keys.is_empty() {
        return Err(Refusal::UnknownLog(claimed.origin));
    }
    let seen = open_checkpoint(request.checkpoint.to_string().as_bytes(), &keys, &[], 0)
        .map_err(Refusal::Unsigned)?;
    let new = &seen.checkpoint;
    if request.old > new.size {
        return Err(Refusal::Backwards { old: request.old, new: new.size });
    }
    let last = last(&new.origin);
    let (size, root) = last.map_or((0, crate::hash::empty_root()), |it| (it.size, it.root));
    if request.old != size {
        return Err(Refusal::OtherSize { last: size });
    }
    if size == new.size && root != new.root {
        return Err(Refusal::Split { size, known: root, found: new.root });
    }
    verify_consistency(size, &root, new.size, &new.root, &request.proof).map_err(Refusal::Inconsistent)?;
    Ok(seen)
}

/// The signature lines in a witness's answer.
///
/// # Errors
/// [`NoteError`] if a line is no signature or there are too many.
pub fn cosignatures(answer: &str) -> Result<Vec<NoteSignature>, NoteError> {
    if answer.len() > MAX_NOTE {
        return Err(NoteError::TooLong);
    }
    answer.lines().map(str::parse).collect()
}
