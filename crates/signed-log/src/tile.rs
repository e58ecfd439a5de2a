//! Tiles and entry bundles: the tree as files (c2sp.org/tlog-tiles, height 8).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::encoding::decimal;
use crate::hash::Hash;

/// Hashes in a full tile, entries in a full bundle.
pub const WIDTH: u16 = 256;

/// The largest size of a log that is read or written.
pub const MAX_SIZE: u64 = (1 << 56) - 1;

/// The longest entry in bytes: its length is written in 16 bits.
pub const MAX_ENTRY: usize = u16::MAX as usize;

/// Levels that a tree up to [`MAX_SIZE`] has.
pub(crate) const LEVELS: u8 = 7;

/// Which files of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// The entries themselves.
    Entries,
    /// Hashes over 256^n entries each; level 0 holds the leaf hashes.
    Hashes(u8),
}

/// The name of a tile: `tile/0/x001/x234/067`, `tile/entries/000.p/12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TilePath {
    level: Level,
    index: u64,
    width: u16, // Invariant: 1..=256; index and level within MAX_SIZE.
}

/// The text names no tile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no tile")]
pub struct BadPath(pub String);

impl TilePath {
    /// Names a tile; `None` where no tree has such a one: a width of 0 or over 256, a level or an
    /// index beyond [`MAX_SIZE`].
    #[must_use]
    pub fn new(level: Level, index: u64, width: u16) -> Option<Self> {
        let height = match level {
            Level::Entries => 0,
            Level::Hashes(level) => u32::from(level),
        };
        let most = (height < u32::from(LEVELS)).then(|| MAX_SIZE >> (8 * (height + 1)))?;
        (index <= most && (1..=WIDTH).contains(&width)).then_some(Self { level, index, width })
    }

    /// Entries, or hashes of which level.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Which tile of its level, from 0.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it holds.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it will never grow again.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.width == WIDTH
    }

    /// The same tile when it is full.
    #[must_use]
    pub fn full(&self) -> Self {
        Self { width: WIDTH, ..*self }
    }

    /// The tile of this level and index in a tree of that size; `None` if the tree has none.
    #[must_use]
    pub fn in_tree(level: Level, index: u64, size: u64) -> Option<Self> {
        let hashes = match level {
            Level::Entries => size,
            Level::Hashes(level) if level < LEVELS => size >> (8 * u32::from(level)),
            Level::Hashes(_) => return None,
        };
        let left = hashes.checked_sub(index.checked_mul(u64::from(WIDTH))?)?;
        Self::new(level, index, u16::try_from(left.min(u64::from(WIDTH))).ok()?)
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Level::Entries => f.write_str("tile/entries/")?,
            Level::Hashes(level) => write!(f, "tile/{level}/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups.iter().skip(1).rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups[0])?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for TilePath {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        let path = (text.len() <= 64).then(|| parse(text)).flatten();
        // Only the one spelling: leading groups of zeros and the like are no names.
        path.filter(|it| it.to_string() == text).ok_or_else(|| BadPath(text.chars().take(64).collect()))
    }
}

fn parse(text: &str) -> Option<TilePath> {
    let (level, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let level = match level {
        "entries" => Level::Entries,
        number => Level::Hashes(u8::try_from(decimal(number)?).ok()?),
    };
    let (groups, width) = match rest.split_once(".p/") {
        Some((groups, width)) => (groups, u16::try_from(decimal(width)?).ok()?),
        None => (rest, WIDTH),
    };
    let mut index = 0u64;
    for group in groups.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    TilePath::new(level, index, width)
}

/// A tile and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Its name.
    pub path: TilePath,
    /// Its content: hashes of 32 bytes each, or a bundle.
    pub bytes: Vec<u8>,
}

/// Why a tile cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// It is not there. Next: a log that lacks a tile of its own checkpoint is not whole.
    #[error("{0} is missing")]
    Missing(TilePath),
    /// It could not be read. Next: try again.
    #[error("{path} could not be read: {reason}")]
    Unreadable {
        /// Which.
        path: TilePath,
        /// What the reader said.
        reason: String,
    },
    /// It is not as long as its name says.
    #[error("{path} should be {expected} bytes and is {found}")]
    Length {
        /// Which.
        path: TilePath,
        /// Bytes by its name.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
}

/// Where tiles are read from: a directory, a database, a web server.
pub trait Tiles {
    /// The content of one tile.
    ///
    /// # Errors
    /// [`TileError::Missing`] if it is not there, [`TileError::Unreadable`] if that cannot be known.
    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, TileError>;
}

impl<T: Tiles + ?Sized> Tiles for &T {
    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, TileError> {
        (**self).tile(path)
    }
}

/// Tiles in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held(BTreeMap<TilePath, Vec<u8>>);

impl Held {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a tile, in place of the one of the same name.
    pub fn keep(&mut self, tile: Tile) {
        self.0.insert(tile.path, tile.bytes);
    }

    /// Lets a tile go.
    pub fn drop_tile(&mut self, path: &TilePath) -> Option<Vec<u8>> {
        self.0.remove(path)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&TilePath, &[u8])> {
        self.0.iter().map(|(path, bytes)| (path, bytes.as_slice()))
    }
}

impl Extend<Tile> for Held {
    fn extend<I: IntoIterator<Item = Tile>>(&mut self, tiles: I) {
        tiles.into_iter().for_each(|it| self.keep(it));
    }
}

impl Tiles for Held {
    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, TileError> {
        self.0.get(path).cloned().ok_or(TileError::Missing(*path))
    }
}

/// The names of the tiles at the right edge of a tree: those that are not full, and that [`crate::append`]
/// and [`crate::root`] read. The bundle of entries comes first.
#[must_use]
pub fn tiles_at(size: u64) -> Vec<TilePath> {
    let edge = |level, height: u32| {
        let width = (size.checked_shr(8 * height)? & 255) as u16;
        TilePath::new(level, size.checked_shr(8 * (height + 1)).unwrap_or(0), width)
    };
    let hashes = (0..LEVELS).filter_map(|level| edge(Level::Hashes(level), u32::from(level)));
    edge(Level::Entries, 0).into_iter().chain(hashes).collect()
}

/// Reads a tile, or the full one where the partial one was let go since; with the width of what was read.
///
/// # Errors
/// [`TileError`].
pub fn fetch(reader: &impl Tiles, path: &TilePath) -> Result<(Vec<u8>, u16), TileError> {
    match reader.tile(path) {
        Ok(bytes) => Ok((bytes, path.width)),
        Err(TileError::Missing(_)) if !path.is_full() => match reader.tile(&path.full()) {
            Ok(bytes) => Ok((bytes, WIDTH)),
            Err(TileError::Missing(_)) => Err(TileError::Missing(*path)),
            Err(other) => Err(other),
        },
        Err(other) => Err(other),
    }
}

/// The hashes of a tile.
pub(crate) fn hashes(reader: &impl Tiles, path: &TilePath) -> Result<Vec<Hash>, TileError> {
    let (bytes, width) = fetch(reader, path)?;
    let expected = usize::from(width) * 32;
    if bytes.len() != expected {
        return Err(TileError::Length { path: *path, expected, found: bytes.len() });
    }
    let mut hashes = Vec::with_capacity(usize::from(path.width));
    for chunk in bytes.chunks_exact(32).take(usize::from(path.width)) {
        hashes.extend(<[u8; 32]>::try_from(chunk).ok().map(Hash));
    }
    Ok(hashes)
}

/// Why a bundle cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBundle {
    /// It ends within an entry.
    #[error("it ends within entry {0}")]
    CutShort(usize),
    /// It holds more or fewer entries than its name says.
    #[error("it holds {found} entries instead of {expected}")]
    Count {
        /// Entries by its name.
        expected: usize,
        /// Entries found (one more than expected if there is anything left over).
        found: usize,
    },
}

/// Entries one after the other, each after its length in two bytes, high byte first.
/// `None` if one is longer than [`MAX_ENTRY`].
#[must_use]
pub fn bundle<E: AsRef<[u8]>>(entries: &[E]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in entries {
        extend_bundle(&mut bytes, entry.as_ref())?;
    }
    Some(bytes)
}

pub(crate) fn extend_bundle(bytes: &mut Vec<u8>, entry: &[u8]) -> Option<()> {
    bytes.extend(u16::try_from(entry.len()).ok()?.to_be_bytes());
    bytes.extend_from_slice(entry);
    Some(())
}

/// The entries of a bundle, which must hold exactly `width` of them.
///
/// # Errors
/// [`BadBundle`] names the entry at which it goes wrong.
pub fn entries(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, BadBundle> {
    let expected = usize::from(width);
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        if found.len() == expected {
            return Err(BadBundle::Count { expected, found: expected + 1 });
        }
        let cut = BadBundle::CutShort(found.len());
        let Some((length, after)) = rest.split_first_chunk::<2>() else { return Err(cut) };
        let Some((entry, after)) = after.split_at_checked(usize::from(u16::from_be_bytes(*length))) else {
            return Err(cut);
        };
        found.push(entry);
        rest = after;
    }
    if found.len() == expected { Ok(found) } else { Err(BadBundle::Count { expected, found: found.len() }) }
}
