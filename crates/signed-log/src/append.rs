//! New entries into tiles.

use crate::hash::{Hash, fold, fold_edge, leaf_hash};
use crate::tile::{
    BadBundle, LEVELS, Level, MAX_ENTRY, MAX_SIZE, Tile, TileError, TilePath, Tiles, WIDTH, extend_bundle,
    fetch, hashes, tiles_at,
};

/// Why entries cannot be appended. The tree is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// A tile at the right edge cannot be read. Next: mend the store; do not append.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// The bundle at the right edge cannot be read. Next: mend the store; do not append.
    #[error("{path} is damaged")]
    Bundle {
        /// Which.
        path: TilePath,
        /// What is wrong with it.
        #[source]
        cause: BadBundle,
    },
    /// An entry is too long. Next: shorten it.
    #[error("entry {index} is {length} bytes long; at most {MAX_ENTRY} go into a log")]
    TooLong {
        /// Where it would have stood.
        index: u64,
        /// Its length in bytes.
        length: usize,
    },
    /// The log is full.
    #[error("a log holds at most {MAX_SIZE} entries")]
    Full,
}

/// The right edge of a growing tree: what is needed to append, and no more (under 16 MiB + 60 KiB).
#[derive(Clone, Debug, Default)]
pub struct Builder {
    size: u64,
    edge: Vec<Vec<Hash>>, // For each level the hashes after its last full tile, fewer than 256.
    bundle: Vec<u8>,
}

impl Builder {
    /// A tree without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The right edge of a tree that is there already.
    ///
    /// # Errors
    /// [`AppendError::Tile`] or [`AppendError::Bundle`] where the edge cannot be read, [`AppendError::Full`]
    /// beyond [`MAX_SIZE`].
    pub fn resume(reader: &impl Tiles, size: u64) -> Result<Self, AppendError> {
        if size > MAX_SIZE {
            return Err(AppendError::Full);
        }
        let mut edge = vec![Vec::new(); usize::from(LEVELS)];
        let mut bundle = Vec::new();
        for path in tiles_at(size) {
            match path.level() {
                Level::Hashes(level) => edge[usize::from(level)] = hashes(reader, &path)?,
                Level::Entries => {
                    let (bytes, width) = fetch(reader, &path)?;
                    let entries = crate::tile::entries(&bytes, width)
                        .map_err(|cause| AppendError::Bundle { path, cause })?;
                    for entry in entries.into_iter().take(usize::from(path.width())) {
                        extend_bundle(&mut bundle, entry);
                    }
                }
            }
        }
        Ok(Self { size, edge, bundle })
    }

    /// How many entries the tree has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold_edge(self.edge.iter().map(Vec::as_slice))
    }

    /// Adds an entry, and hands each tile that it fills to `full`.
    ///
    /// # Errors
    /// [`AppendError::TooLong`] and [`AppendError::Full`]; nothing is added then.
    pub fn push(&mut self, entry: &[u8], full: &mut impl FnMut(Tile)) -> Result<(), AppendError> {
        let index = self.size;
        if index >= MAX_SIZE {
            return Err(AppendError::Full);
        }
        extend_bundle(&mut self.bundle, entry).ok_or(AppendError::TooLong { index, length: entry.len() })?;
        self.size += 1;
        if self.size.is_multiple_of(u64::from(WIDTH)) {
            let bytes = std::mem::take(&mut self.bundle);
            full_tile(Level::Entries, self.size, bytes, full);
        }
        let mut carried = leaf_hash(entry);
        for level in 0..LEVELS {
            if self.edge.len() <= usize::from(level) {
                self.edge.push(Vec::new());
            }
            let row = &mut self.edge[usize::from(level)];
            row.push(carried);
            if row.len() < usize::from(WIDTH) {
                break;
            }
            let row = std::mem::take(row);
            full_tile(Level::Hashes(level), self.size >> (8 * u32::from(level)), flat(&row), full);
            carried = fold(&row);
        }
        Ok(())
    }

    /// The tiles at the right edge that are not full. Full ones were handed out by [`push`](Self::push).
    #[must_use]
    pub fn partial(&self) -> Vec<Tile> {
        let content = |path: TilePath| match path.level() {
            Level::Entries => self.bundle.clone(),
            Level::Hashes(level) => self.edge.get(usize::from(level)).map_or(Vec::new(), |it| flat(it)),
        };
        tiles_at(self.size).into_iter().map(|path| Tile { path, bytes: content(path) }).collect()
    }
}

/// Hands out the tile that ends at `count` hashes (or entries) of its level.
fn full_tile(level: Level, count: u64, bytes: Vec<u8>, full: &mut impl FnMut(Tile)) {
    if let Some(path) = TilePath::new(level, (count - 1) / u64::from(WIDTH), WIDTH) {
        full(Tile { path, bytes });
    }
}

pub(crate) fn flat(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|it| it.0).collect()
}

/// Appends entries to a tree of `size` entries, and gives the tiles that are new: write them all
/// before the checkpoint. A tile never changes: one that was partial comes under a new name.
///
/// # Errors
/// [`AppendError`]; then nothing should be written.
pub fn append<E: AsRef<[u8]>>(
    reader: &impl Tiles,
    size: u64,
    entries: &[E],
) -> Result<Vec<Tile>, AppendError> {
    let mut tree = Builder::resume(reader, size)?;
    let mut tiles = Vec::new();
    for entry in entries {
        tree.push(entry.as_ref(), &mut |tile| tiles.push(tile))?;
    }
    // Levels that the new entries did not reach have their tiles already.
    let before = tiles_at(size);
    tiles.extend(tree.partial().into_iter().filter(|it| !before.contains(&it.path)));
    Ok(tiles)
}
