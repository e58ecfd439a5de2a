//! A copy of a log in a folder, file by file as it was verified.

use std::cell::RefCell;
use std::fs::{File, create_dir_all, remove_file, rename};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use touchstone_signed_log::{TileError, TilePath, Tiles};

use super::source::Source;

/// Reads from a log and keeps what it read. Call [`keep`](Copying::keep) once all of it has proven right;
/// dropped before, it leaves the folder as it was.
pub(crate) struct Copying<'a> {
    source: &'a Source,
    folder: &'a Path,
    written: RefCell<Vec<PathBuf>>,
}

impl<'a> Copying<'a> {
    pub(crate) fn new(source: &'a Source, folder: &'a Path) -> Self {
        Self { source, folder, written: RefCell::default() }
    }

    fn write(&self, path: &TilePath, bytes: &[u8]) -> std::io::Result<()> {
        let file = self.folder.join(path.to_string());
        if file.exists() {
            return Ok(()); // Tiles never change; what is there was verified when it came.
        }
        if let Some(folder) = file.parent() {
            create_dir_all(folder)?;
        }
        self.written.borrow_mut().push(file.clone());
        std::fs::write(file, bytes)
    }

    /// Keeps the copy; the checkpoint last, and in one step.
    pub(crate) fn keep(self, checkpoint: &str, keys: Option<&[u8]>) -> anyhow::Result<()> {
        let failed = || format!("the copy in {} cannot be written", self.folder.display());
        create_dir_all(self.folder).with_context(failed)?;
        if let Some(keys) = keys {
            std::fs::write(self.folder.join("keys"), keys).with_context(failed)?;
        }
        let next = self.folder.join("checkpoint.next");
        let mut file = File::create(&next).with_context(failed)?;
        file.write_all(checkpoint.as_bytes()).with_context(failed)?;
        file.sync_all().with_context(failed)?;
        rename(&next, self.folder.join("checkpoint")).with_context(failed)?;
        self.written.borrow_mut().clear();
        Ok(())
    }
}

impl Drop for Copying<'_> {
    fn drop(&mut self) {
        for file in self.written.borrow_mut().drain(..) {
            let _ = remove_file(file); // What cannot be removed will not be believed without a checkpoint.
        }
    }
}

impl Tiles for Copying<'_> {
    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, TileError> {
        let bytes = self.source.tile(path)?;
        self.write(path, &bytes).map_err(|error| TileError::Unreadable {
            path: *path,
            reason: format!("its copy cannot be written: {error}"),
        })?;
        Ok(bytes)
    }
}
