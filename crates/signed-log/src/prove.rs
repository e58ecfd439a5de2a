//! Proofs over the tree: made from tiles, checked with nothing but hashes (RFC 6962 section 2.1).

use std::collections::BTreeMap;

use crate::hash::{Hash, fold, fold_edge, node_hash};
use crate::tile::{Level, MAX_SIZE, TileError, TilePath, Tiles, WIDTH, hashes, tiles_at};

/// Why a proof cannot be made, or does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A tile cannot be read.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// The entry or the older size is beyond the tree, or the tree beyond [`MAX_SIZE`].
    #[error("{asked} is beyond a tree of {size}")]
    Beyond {
        /// The entry's index, or the older size.
        asked: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The proof has too many or too few hashes for these sizes.
    #[error("the proof has {found} hashes, which is not what these sizes need")]
    Length {
        /// Hashes in the proof.
        found: usize,
    },
    /// The proof leads to another root: the entry, an older root or the proof is not of this tree.
    #[error("the proof leads to the root {computed} instead of {expected}")]
    Root {
        /// Where the proof leads.
        computed: Hash,
        /// Where it should lead.
        expected: Hash,
    },
}

/// Tiles that were read for one proof, so that each is read once.
struct Once<'a, T> {
    reader: &'a T,
    size: u64,
    read: BTreeMap<TilePath, Vec<Hash>>,
}

impl<'a, T: Tiles> Once<'a, T> {
    fn new(reader: &'a T, size: u64) -> Self {
        Self { reader, size, read: BTreeMap::new() }
    }

    /// The hash over the entries `from..to`, which is a range that RFC 6962 names: a left part is
    /// a power of two long and begins at a multiple of it.
    fn over(&mut self, from: u64, to: u64) -> Result<Hash, ProofError> {
        let length = to - from;
        if length.is_power_of_two() {
            return self.full(from, length.trailing_zeros());
        }
        let split = from + split(length);
        let left = self.over(from, split)?;
        Ok(node_hash(&left, &self.over(split, to)?))
    }

    fn full(&mut self, from: u64, height: u32) -> Result<Hash, ProofError> {
        let (level, within) = (height / 8, height % 8);
        let beyond = ProofError::Beyond { asked: from, size: self.size };
        let first = from >> (8 * level);
        let level = Level::Hashes(u8::try_from(level).map_err(|_| beyond.clone())?);
        let path = TilePath::in_tree(level, first / u64::from(WIDTH), self.size).ok_or(beyond.clone())?;
        if let std::collections::btree_map::Entry::Vacant(slot) = self.read.entry(path) {
            slot.insert(hashes(self.reader, &path)?);
        }
        let start = (first % u64::from(WIDTH)) as usize;
        let row = self.read.get(&path).and_then(|it| it.get(start..start + (1 << within)));
        row.map(fold).ok_or(beyond)
    }
}

/// The largest power of two below `length`, which is at least 2.
fn split(length: u64) -> u64 {
    1 << (63 - (length - 1).leading_zeros())
}

/// The root of the tree of the first `size` entries, from the tiles at its right edge.
///
/// # Errors
/// [`ProofError::Tile`], [`ProofError::Beyond`].
pub fn root(reader: &impl Tiles, size: u64) -> Result<Hash, ProofError> {
    within(size, MAX_SIZE)?;
    let mut edge = Vec::new();
    for path in tiles_at(size) {
        if path.level() != Level::Entries {
            edge.push(hashes(reader, &path)?);
        }
    }
    Ok(fold_edge(edge.iter().map(Vec::as_slice)))
}

fn within(asked: u64, size: u64) -> Result<(), ProofError> {
    if asked <= size && size <= MAX_SIZE { Ok(()) } else { Err(ProofError::Beyond { asked, size }) }
}

/// The proof that entry `index` is in the tree of the first `size` entries: the siblings on its way
/// to the root, lowest first.
///
/// # Errors
/// [`ProofError::Tile`], [`ProofError::Beyond`].
pub fn inclusion(reader: &impl Tiles, index: u64, size: u64) -> Result<Vec<Hash>, ProofError> {
    within(index.saturating_add(1), size)?;
    let mut tiles = Once::new(reader, size);
    let (mut from, mut to, mut path) = (0, size, Vec::new());
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(tiles.over(middle, to)?);
            to = middle;
        } else {
            path.push(tiles.over(from, middle)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `old` entries is the beginning of the tree of `new` entries.
///
/// # Errors
/// [`ProofError::Tile`], [`ProofError::Beyond`].
pub fn consistency(reader: &impl Tiles, old: u64, new: u64) -> Result<Vec<Hash>, ProofError> {
    within(old, new)?;
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let mut tiles = Once::new(reader, new);
    let (mut from, mut to, mut path) = (0, new, Vec::new());
    while to != old {
        let middle = from + split(to - from);
        if old <= middle {
            path.push(tiles.over(middle, to)?);
            to = middle;
        } else {
            path.push(tiles.over(from, middle)?);
            from = middle;
        }
    }
    if from > 0 {
        path.push(tiles.over(from, to)?); // The old tree's own root is known to whoever checks.
    }
    path.reverse();
    Ok(path)
}

/// Whether `leaf` is entry `index` of the tree with that size and root.
///
/// # Errors
/// [`ProofError::Beyond`], [`ProofError::Length`], [`ProofError::Root`].
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    expected: &Hash,
) -> Result<(), ProofError> {
    within(index.saturating_add(1), size)?;
    let (mut node, mut last, mut computed) = (index, size - 1, *leaf);
    let length = ProofError::Length { found: path.len() };
    for sibling in path {
        if last == 0 {
            return Err(length);
        }
        if node % 2 == 1 || node == last {
            computed = node_hash(sibling, &computed);
            while node % 2 == 0 && node != 0 {
                (node, last) = (node / 2, last / 2);
            }
        } else {
            computed = node_hash(&computed, sibling);
        }
        (node, last) = (node / 2, last / 2);
    }
    if last != 0 { Err(length) } else { same(computed, *expected) }
}

fn same(computed: Hash, expected: Hash) -> Result<(), ProofError> {
    if computed == expected { Ok(()) } else { Err(ProofError::Root { computed, expected }) }
}

/// Whether the tree of `old` entries with `old_root` is the beginning of the tree of `new` entries
/// with `new_root`. The empty tree is the beginning of every tree.
///
/// # Errors
/// [`ProofError::Beyond`], [`ProofError::Length`], [`ProofError::Root`].
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    path: &[Hash],
) -> Result<(), ProofError> {
    within(old, new)?;
    let length = ProofError::Length { found: path.len() };
    if old == 0 || old == new {
        if !path.is_empty() {
            return Err(length);
        }
        let expected = if old == 0 { *old_root } else { *new_root };
        return same(*old_root, expected);
    }
    let (mut node, mut last) = (old - 1, new - 1);
    while node % 2 == 1 {
        (node, last) = (node / 2, last / 2);
    }
    // A full old tree is itself the first node; otherwise the proof begins with it.
    let mut rest = path.iter();
    let seed = if node == 0 { old_root } else { rest.next().ok_or(length.clone())? };
    let (mut of_old, mut of_new) = (*seed, *seed);
    for sibling in rest {
        if last == 0 {
            return Err(length);
        }
        if node % 2 == 1 || node == last {
            of_old = node_hash(sibling, &of_old);
            of_new = node_hash(sibling, &of_new);
            while node % 2 == 0 && node != 0 {
                (node, last) = (node / 2, last / 2);
            }
        } else {
            of_new = node_hash(&of_new, sibling);
        }
        (node, last) = (node / 2, last / 2);
    }
    if last != 0 {
        return Err(length);
    }
    same(of_old, *old_root)?;
    same(of_new, *new_root)
}
