//! SHA-256 as RFC 6962 section 2.1 uses it: a leaf and a node never hash alike.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::encoding::{base64, unbase64};

/// The hash of a leaf, of a node, or of a whole tree. Written in base 64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

/// The text is no hash: not 32 bytes in base 64.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no SHA-256 hash in base 64")]
pub struct BadHash(pub String);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = BadHash;

    fn from_str(text: &str) -> Result<Self, BadHash> {
        let bytes = (text.len() == 44).then(|| unbase64(text)).flatten();
        let hash = bytes.and_then(|it| <[u8; 32]>::try_from(it).ok()).map(Hash);
        hash.ok_or_else(|| BadHash(text.chars().take(64).collect()))
    }
}

/// What an entry is in the tree: SHA-256 of `0x00` and the entry.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut state = Sha256::new();
    state.update([0]);
    state.update(entry);
    Hash(state.finalize().into())
}

/// What two neighbours amount to: SHA-256 of `0x01`, the left and the right.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut state = Sha256::new();
    state.update([1]);
    state.update(left.0);
    state.update(right.0);
    Hash(state.finalize().into())
}

/// The root of a tree without entries: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

/// The root over a power of two of neighbours (1, 2, 4, … 256).
pub(crate) fn fold(hashes: &[Hash]) -> Hash {
    debug_assert!(hashes.len().is_power_of_two());
    match hashes {
        [] => empty_root(),
        [one] => *one,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            node_hash(&fold(left), &fold(right))
        }
    }
}

/// The root of a tree from what stands at its right edge: for each level the hashes of the tile that
/// is not full yet, lowest level first.
pub(crate) fn fold_edge<'a>(levels: impl Iterator<Item = &'a [Hash]>) -> Hash {
    let mut root: Option<Hash> = None;
    for hashes in levels {
        // The full subtrees in a row of `w` hashes are as long as the bits of `w`, longest first;
        // going from the right, shortest first.
        let mut rest = hashes;
        while !rest.is_empty() {
            let (left, subtree) = rest.split_at(rest.len() - (1 << rest.len().trailing_zeros()));
            let subtree = fold(subtree);
            root = Some(root.map_or(subtree, |right| node_hash(&subtree, &right)));
            rest = left;
        }
    }
    root.unwrap_or_else(empty_root)
}
