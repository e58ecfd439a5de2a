//! The log as files that any web server or delivery network can carry: the same names under one
//! folder as under `/log/`. The checkpoint is written last, so that whoever reads meanwhile sees
//! a log that is whole.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;
use touchstone_registry::statement::KeyUse;
use touchstone_registry::{Registry, Statement};
use touchstone_signed_log::{Builder, Checkpoint, Level, Note, TilePath, tiles_at};
use touchstone_store::{MAX_LEAVES, Store, StoreError};

use super::ledger::PublishError;
use super::proofs;
use super::settings::WitnessConfig;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// How many leaves the log has.
    pub size: u64,
    /// Files that are new or different.
    pub written: usize,
    /// Files that were there already.
    pub kept: usize,
}

/// Why the files are not complete.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Nothing was published yet.
    #[error("the log has no entries yet")]
    Empty,
    /// A file cannot be written.
    #[error("cannot write {path}")]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// The log cannot be read, or is damaged.
    #[error(transparent)]
    Log(#[from] PublishError),
}

impl From<StoreError> for ExportError {
    fn from(cause: StoreError) -> Self {
        ExportError::Log(cause.into())
    }
}

fn damaged(what: impl ToString) -> PublishError {
    PublishError::Damaged(what.to_string())
}

/// What a log amounts to, its leaves compared with the checkpoint, whose signature is not looked
/// at: for whoever trusts the database but not the disk. None if nothing was published.
///
/// # Errors
/// [`PublishError::Damaged`] and [`PublishError::Store`].
pub async fn read(store: &Store) -> Result<Option<(Registry, Note)>, PublishError> {
    let Some(head) = store.signed_head().await? else { return Ok(None) };
    let note = Note::parse(head.note.as_bytes()).map_err(damaged)?;
    let checkpoint: Checkpoint = note.text().parse().map_err(damaged)?;
    let (mut tree, mut registry) = (Builder::new(), Registry::default());
    while tree.size() < checkpoint.size {
        let left = usize::try_from(checkpoint.size - tree.size()).unwrap_or(usize::MAX);
        let leaves = store.leaves(tree.size(), left.min(MAX_LEAVES)).await?;
        if leaves.is_empty() {
            return Err(damaged(format!("leaf {} is missing", tree.size())));
        }
        for leaf in leaves {
            let statement = Statement::from_leaf(&leaf.bytes).map_err(damaged)?;
            registry.apply(leaf.index, &statement).map_err(damaged)?;
            tree.push(&leaf.bytes, &mut |_| {}).map_err(damaged)?;
        }
    }
    if tree.root() != checkpoint.root {
        return Err(damaged("its leaves are not what was signed"));
    }
    Ok(Some((registry, note)))
}

/// Writes log and snapshot into a folder; what is there already and cannot change is left alone.
///
/// # Errors
/// [`ExportError`]; the checkpoint in the folder is then the one before.
pub async fn export(
    store: &Store,
    witnesses: &[WitnessConfig],
    folder: &Path,
) -> Result<Exported, ExportError> {
    let (registry, note) = read(store).await?.ok_or(ExportError::Empty)?;
    let checkpoint: Checkpoint = note.text().parse().map_err(damaged)?;
    let mut done = Exported { size: checkpoint.size, ..Exported::default() };
    for path in every_tile(checkpoint.size) {
        let file = folder.join(path.to_string());
        if file.exists() {
            done.kept += 1;
            continue;
        }
        let bytes = proofs::tile(store, &path).await?.ok_or_else(|| damaged(format!("{path} is missing")))?;
        write(&file, &bytes, &mut done)?;
    }
    let kept = store.registry_file().await?.filter(|it| it.statement < checkpoint.size);
    let file = kept.ok_or_else(|| damaged("the snapshot is newer than the checkpoint; export once more"))?;
    let leaf = store.leaves(file.statement, 1).await?.into_iter().next().ok_or_else(|| damaged("no leaf"))?;
    let proof = proofs::of_leaf(store, file.statement, checkpoint.size, &note, leaf.bytes.clone()).await;
    let proof = proof.map_err(damaged)?;
    write(&folder.join("snapshot"), &file.bytes, &mut done)?;
    write(&folder.join("snapshot.statement"), &leaf.bytes, &mut done)?;
    write(&folder.join("snapshot.proof"), proof.to_string().as_bytes(), &mut done)?;
    write(&folder.join("keys"), &keys(&registry, &checkpoint.origin, witnesses), &mut done)?;
    write(&folder.join("checkpoint"), note.to_string().as_bytes(), &mut done)?;
    Ok(done)
}

fn keys(registry: &Registry, origin: &str, witnesses: &[WitnessConfig]) -> Vec<u8> {
    let stated = registry.keys().iter().filter(|(_, it)| it.uses == KeyUse::Log);
    let log: Vec<&str> = stated.map(|(_, it)| it.key.as_str()).collect();
    let witnesses: Vec<_> = witnesses.iter().map(|it| json!({ "key": it.vkey })).collect();
    format!("{:#}\n", json!({ "origin": origin, "log": log, "witnesses": witnesses })).into_bytes()
}

/// Every tile of a log of that size: the full ones, then the right edge.
fn every_tile(size: u64) -> Vec<TilePath> {
    let mut all = Vec::new();
    let full = |level, count: u64| (0..count / 256).filter_map(move |at| TilePath::new(level, at, 256));
    all.extend(full(Level::Entries, size));
    for level in 0..7 {
        all.extend(full(Level::Hashes(level), size >> (8 * u32::from(level))));
    }
    all.extend(tiles_at(size));
    all
}

/// Whole or not at all: written beside, then moved.
fn write(path: &Path, bytes: &[u8], done: &mut Exported) -> Result<(), ExportError> {
    let failed = |cause| ExportError::Write { path: path.to_owned(), cause };
    if std::fs::read(path).is_ok_and(|it| it == bytes) {
        done.kept += 1;
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let beside = path.with_extension("part");
    std::fs::write(&beside, bytes).map_err(failed)?;
    std::fs::rename(&beside, path).map_err(failed)?;
    done.written += 1;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tile_is_named_once() {
        let names: Vec<String> = every_tile(513).iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            [
                "tile/entries/000",
                "tile/entries/001",
                "tile/0/000",
                "tile/0/001",
                "tile/entries/002.p/1",
                "tile/0/002.p/1",
                "tile/1/000.p/2",
            ]
        );
    }
}
