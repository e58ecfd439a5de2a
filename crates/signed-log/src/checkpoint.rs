//! What a log is at one moment (c2sp.org/tlog-checkpoint), and whether it is to be believed.

use std::fmt;
use std::str::FromStr;

use crate::encoding::decimal;
use crate::hash::Hash;
use crate::key::{SigningKey, VerifierKey};
use crate::note::{Note, NoteError, Signed};
use crate::tile::MAX_SIZE;

/// A log's size and root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log. Its keys bear this name.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// What they amount to.
    pub root: Hash,
    /// Further lines, whose meaning is the log's own. None of them is empty.
    pub extension: Vec<String>,
}

/// Why a text is no checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Fewer than three lines, an empty one, or no new line at the end.
    #[error("a checkpoint has a line each for origin, size and root")]
    Form,
    /// The second line is no size up to [`MAX_SIZE`].
    #[error("the second line of the checkpoint is no size")]
    Size,
    /// The third line is no hash.
    #[error("the third line of the checkpoint is no hash")]
    Root,
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Form)?.split('\n');
        let mut line = || lines.next().filter(|it| !it.is_empty()).ok_or(CheckpointError::Form);
        let (origin, size, root) = (line()?, line()?, line()?);
        let size = decimal(size).filter(|it| *it <= MAX_SIZE).ok_or(CheckpointError::Size)?;
        let root = root.parse().map_err(|_| CheckpointError::Root)?;
        let extension: Vec<String> = lines.map(str::to_owned).collect();
        if extension.iter().any(String::is_empty) {
            return Err(CheckpointError::Form);
        }
        Ok(Self { origin: origin.to_owned(), size, root, extension })
    }
}

/// The text of the note that is signed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)?;
        self.extension.iter().try_for_each(|it| writeln!(f, "{it}"))
    }
}

impl Checkpoint {
    /// A checkpoint without further lines.
    #[must_use]
    pub fn new(origin: &str, size: u64, root: Hash) -> Self {
        Self { origin: origin.to_owned(), size, root, extension: Vec::new() }
    }

    /// Signs it with each key: one, or two while a key is being replaced by the next.
    ///
    /// # Errors
    /// [`NoteError::Form`] if the origin or a further line has control characters or new lines.
    pub fn sign(&self, keys: &[&SigningKey]) -> Result<Note, NoteError> {
        let text = self.to_string();
        if text.parse::<Self>().as_ref() != Ok(self) {
            return Err(NoteError::Form); // It would be read as something else.
        }
        let mut note = Note::new(&text)?;
        keys.iter().try_for_each(|key| note.add(key.sign(&text)))?;
        Ok(note)
    }
}

/// A checkpoint that is to be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The note, to be kept and shown.
    pub note: Note,
    /// Which of the log's keys signed.
    pub log: Vec<Signed>,
    /// Which witnesses signed, and when each of them saw it.
    pub witnesses: Vec<Signed>,
}

/// Why a checkpoint is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTrusted {
    /// It is no note, or a signature by a known key is wrong, or none is by the log.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// It is signed, but is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A key signed that is not of the log the checkpoint speaks of.
    #[error("the checkpoint is of {origin:?}, but the key is of {key:?}")]
    Origin {
        /// The log it speaks of.
        origin: String,
        /// The name of the key.
        key: String,
    },
    /// Too few witnesses saw it.
    #[error("seen by {found} of the witnesses, {needed} are needed")]
    Quorum {
        /// How many did.
        found: usize,
        /// How many must.
        needed: usize,
    },
}

/// Reads a checkpoint and believes it if one of the log's keys signed it, if no signature by a known
/// key is wrong, if the keys that signed are of the log it speaks of, and if at least `quorum`
/// of the witnesses saw it. Two names for one witness key count once.
///
/// # Errors
/// [`NotTrusted`].
pub fn open_checkpoint(
    note: &[u8],
    log: &[VerifierKey],
    witnesses: &[VerifierKey],
    quorum: usize,
) -> Result<Seen, NotTrusted> {
    let note = Note::parse(note)?;
    let by_log = note.signers(log)?;
    let checkpoint: Checkpoint = note.text().parse()?;
    if let Some(other) = by_log.iter().find(|it| it.key.name() != checkpoint.origin) {
        let key = other.key.name().to_owned();
        return Err(NotTrusted::Origin { origin: checkpoint.origin, key });
    }
    let by_witnesses = match note.signers(witnesses) {
        Ok(signers) => signers,
        Err(NoteError::Unknown(_)) => Vec::new(),
        Err(other) => return Err(other.into()),
    };
    let mut keys: Vec<&[u8; 32]> = by_witnesses.iter().map(|it| it.key.public()).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() < quorum {
        return Err(NotTrusted::Quorum { found: keys.len(), needed: quorum });
    }
    Ok(Seen { checkpoint, note, log: by_log, witnesses: by_witnesses })
}
