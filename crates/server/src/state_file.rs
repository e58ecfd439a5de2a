//! What the witness and the receiver remember: one file that one process holds and replaces whole.

use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

/// `STATE.ending`, beside the state file.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

/// Takes the file for this process as long as what is given lives; `None` if another one has it.
/// What is read before may be old by then.
///
/// # Errors
/// Those of the disk.
pub(crate) fn hold(path: &Path) -> io::Result<Option<File>> {
    // The state file itself is replaced at each change, so its lock has a file of its own.
    let lock = File::create(beside(path, "lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(cause)) => Err(cause),
    }
}

/// Replaces the file in one step that survives a power cut: the old or the new content is there, whole.
///
/// # Errors
/// Those of the disk.
pub(crate) fn replace(path: &Path, kept: &impl Serialize) -> io::Result<()> {
    let next = beside(path, "next");
    let mut file = File::create(&next)?;
    file.write_all(&serde_json::to_vec(kept)?)?;
    file.sync_all()?;
    std::fs::rename(&next, path)?;
    // The new name is on disk only when its directory is.
    let directory = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}
