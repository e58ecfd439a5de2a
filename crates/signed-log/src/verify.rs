//! A whole log, recomputed from its entries.

use crate::append::Builder;
use crate::checkpoint::Checkpoint;
use crate::hash::{Hash, fold, leaf_hash};
use crate::prove::{ProofError, root};
use crate::tile::{
    BadBundle, Level, MAX_SIZE, Tile, TileError, TilePath, Tiles, WIDTH, entries, fetch, hashes,
};

/// The first thing that is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A file of the log is missing, cannot be read, or has the wrong length.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// A bundle of entries cannot be cut into entries.
    #[error("{path} is damaged")]
    Bundle {
        /// Which.
        path: TilePath,
        /// What is wrong with it.
        #[source]
        cause: BadBundle,
    },
    /// The entry is not the one that the tree was made of.
    #[error("entry {index} (in {path}) was altered: it is not what the signed tree holds")]
    Altered {
        /// Which entry.
        index: u64,
        /// In which bundle.
        path: TilePath,
    },
    /// The entries are right, but a tile is not what they amount to.
    #[error("{path} is damaged: it is not what the entries amount to, from its hash {at} on")]
    Damaged {
        /// Which tile.
        path: TilePath,
        /// The first hash in it that is wrong, from 0.
        at: usize,
    },
    /// Entries and tiles fit together, but the checkpoint says something else: what is served is
    /// not what was signed.
    #[error("the {size} entries amount to the root {computed}, but {signed} was signed")]
    Root {
        /// Entries in the checkpoint.
        size: u64,
        /// What they amount to.
        computed: Hash,
        /// What was signed.
        signed: Hash,
    },
    /// The log is whole, but it is not the one that was known: it showed another history before, or
    /// shows another one to others.
    #[error(
        "split view: a signed checkpoint of {size} entries had the root {known}, but the first {size} entries now amount to {found}"
    )]
    Split {
        /// Entries in the known checkpoint.
        size: u64,
        /// Its root.
        known: Hash,
        /// What as many entries amount to now.
        found: Hash,
    },
    /// The log is shorter than it was.
    #[error("rewound: the log had {known} entries and now has {found}")]
    Rewound {
        /// Entries in the known checkpoint.
        known: u64,
        /// Entries now.
        found: u64,
    },
    /// The known checkpoint is of another log.
    #[error("the known checkpoint is of {known:?}, this log is {found:?}")]
    Origin {
        /// The log of the known checkpoint.
        known: String,
        /// This log.
        found: String,
    },
    /// A log has at most [`MAX_SIZE`] entries.
    #[error("the checkpoint says {0} entries, more than a log can have")]
    Size(u64),
}

/// Reads every entry of a log, recomputes every tile and the root, and compares them with what is
/// served and with the checkpoint; if an older checkpoint is known, also whether it is a beginning of
/// this log. Gives each entry to `on_entry` once its bundle has proven right. The checkpoints must have
/// been opened with [`crate::open_checkpoint`].
///
/// Where an entry and its tile differ, the tile is followed up to the root to tell which was altered.
/// Memory: the right edge and one tile for each level.
///
/// # Errors
/// The first [`Fault`].
pub fn verify_log(
    reader: &impl Tiles,
    checkpoint: &Checkpoint,
    known: Option<&Checkpoint>,
    mut on_entry: impl FnMut(u64, &[u8]),
) -> Result<(), Fault> {
    if checkpoint.size > MAX_SIZE {
        return Err(Fault::Size(checkpoint.size));
    }
    if let Some(known) = known {
        compare(known, checkpoint)?;
    }
    let mut walk = Walk {
        reader,
        size: checkpoint.size,
        edge_is_signed: edge(reader, checkpoint.size)? == checkpoint.root,
        first: None,
    };
    let mut tree = Builder::new();
    if let Some(known) = known {
        split(known, &tree)?;
    }
    let bundles = checkpoint.size.div_ceil(u64::from(WIDTH));
    for index in 0..bundles {
        walk.bundle(index, &mut tree, known, &mut on_entry)?;
    }
    for tile in tree.partial() {
        walk.compare(&tile)?;
    }
    let (computed, signed) = (tree.root(), checkpoint.root);
    match walk.first {
        // The entries are what was signed, so what differed was the tile.
        Some(found) if computed == signed => Err(found.damaged()),
        _ if computed != signed => Err(Fault::Root { size: checkpoint.size, computed, signed }),
        _ => Ok(()),
    }
}

fn compare(known: &Checkpoint, now: &Checkpoint) -> Result<(), Fault> {
    if known.origin != now.origin {
        return Err(Fault::Origin { known: known.origin.clone(), found: now.origin.clone() });
    }
    if known.size > now.size {
        return Err(Fault::Rewound { known: known.size, found: now.size });
    }
    if known.size == now.size && known.root != now.root {
        return Err(Fault::Split { size: now.size, known: known.root, found: now.root });
    }
    Ok(())
}

fn split(known: &Checkpoint, tree: &Builder) -> Result<(), Fault> {
    if tree.size() == known.size && tree.root() != known.root {
        return Err(Fault::Split { size: known.size, known: known.root, found: tree.root() });
    }
    Ok(())
}

fn edge(reader: &impl Tiles, size: u64) -> Result<Hash, Fault> {
    root(reader, size).map_err(|error| match error {
        ProofError::Tile(error) => Fault::Tile(error),
        _ => Fault::Size(size),
    })
}

/// Where a tile and what was computed differ.
struct Difference {
    path: TilePath,
    at: usize,
}

impl Difference {
    fn damaged(self) -> Fault {
        Fault::Damaged { path: self.path, at: self.at }
    }
}

struct Walk<'a, T> {
    reader: &'a T,
    size: u64,
    /// Whether the tiles at the right edge amount to the signed root. If so, each tile can be
    /// followed up to it.
    edge_is_signed: bool,
    /// The first difference, kept until the end where it cannot be told yet who is wrong.
    first: Option<Difference>,
}

impl<T: Tiles> Walk<'_, T> {
    fn bundle(
        &mut self,
        index: u64,
        tree: &mut Builder,
        known: Option<&Checkpoint>,
        on_entry: &mut impl FnMut(u64, &[u8]),
    ) -> Result<(), Fault> {
        let path = self.path(Level::Entries, index)?;
        let (bytes, width) = fetch(self.reader, &path)?;
        let mut found = entries(&bytes, width).map_err(|cause| Fault::Bundle { path, cause })?;
        found.truncate(usize::from(path.width()));
        self.leaves(path, &found)?;
        let mut full = Vec::new();
        for entry in &found {
            tree.push(entry, &mut |tile| full.push(tile)).map_err(|_| Fault::Size(self.size))?;
            if let Some(known) = known {
                split(known, tree)?;
            }
        }
        for tile in full {
            self.compare(&tile)?;
        }
        let first = index * u64::from(WIDTH);
        found.iter().zip(first..).for_each(|(entry, index)| on_entry(index, entry));
        Ok(())
    }

    /// Compares the entries of a bundle with the served leaf hashes.
    fn leaves(&mut self, path: TilePath, found: &[&[u8]]) -> Result<(), Fault> {
        let tile = self.path(Level::Hashes(0), path.index())?;
        let served = hashes(self.reader, &tile)?;
        let differs = |(entry, hash): (&&[u8], &Hash)| leaf_hash(entry) != *hash;
        let Some(at) = found.iter().zip(&served).position(differs) else { return Ok(()) };
        if !self.edge_is_signed {
            self.first.get_or_insert(Difference { path: tile, at });
            return Ok(());
        }
        let index = path.index() * u64::from(WIDTH) + at as u64;
        match self.follow(tile)? {
            None => Err(Fault::Altered { index, path }),
            Some(damaged) => Err(damaged.damaged()),
        }
    }

    /// Follows a tile up to the signed edge: the first that does not fit the one above it.
    fn follow(&self, tile: TilePath) -> Result<Option<Difference>, Fault> {
        let mut below = tile;
        // Who is wrong is known only from above, so the highest that does not fit counts.
        let mut wrong = None;
        while below.is_full() {
            let Level::Hashes(level) = below.level() else { break };
            let above = self.path(Level::Hashes(level + 1), below.index() / u64::from(WIDTH))?;
            let at = (below.index() % u64::from(WIDTH)) as usize;
            if hashes(self.reader, &above)?.get(at) != Some(&fold(&hashes(self.reader, &below)?)) {
                wrong = Some(Difference { path: below, at: 0 });
            }
            below = above;
        }
        Ok(wrong)
    }

    /// Compares a computed tile with the served one. The entries below it were found right.
    fn compare(&mut self, computed: &Tile) -> Result<(), Fault> {
        let path = computed.path;
        if path.level() == Level::Entries {
            return Ok(()); // Computed from the bundle itself.
        }
        let served = hashes(self.reader, &path)?;
        let differs = |(ours, theirs): (&[u8], &Hash)| *ours != theirs.0;
        let at = computed.bytes.chunks_exact(32).zip(&served).position(differs);
        match at {
            Some(at) if self.edge_is_signed => Err(Fault::Damaged { path, at }),
            Some(at) => {
                self.first.get_or_insert(Difference { path, at });
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn path(&self, level: Level, index: u64) -> Result<TilePath, Fault> {
        TilePath::in_tree(level, index, self.size).ok_or(Fault::Size(self.size))
    }
}
