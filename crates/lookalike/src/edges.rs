//! Which names cannot be within two edits of any term, told by how they begin and end.
//!
//! Of two edits at most one falls into the first half of a name, or at most one into the second.
//! So the few symbols at one of its ends agree with a term's but for one edit there: each side
//! may have one symbol that the other has not.

use crate::letters::Letters;
use crate::table::Sieve;

/// How the terms begin and end, each also with one symbol left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edges {
    sieve: Sieve,
}

/// Names with so many symbols in their key are asked about, by that many symbols of an end: both
/// ends fit into what two symbols left out leave. Shorter ones have few pairs of symbols anyway.
const SIZES: [(usize, usize); 2] = [(12, 5), (10, 4)];

/// How many symbols longer or shorter a name can be.
const EDITS: usize = 2;

impl Edges {
    /// Are names of that many symbols told by their ends?
    #[inline]
    pub(crate) fn size(len: usize) -> Option<usize> {
        SIZES.iter().find(|it| len >= it.0).map(|it| it.1)
    }

    /// The hashes under which a term is to be found: `from..to` of its letters.
    pub(crate) fn of(letters: &Letters, from: usize, to: usize, mut found: impl FnMut(u64)) {
        let mut before = usize::MAX;
        for (least, size) in SIZES {
            let reached = to - from + EDITS >= least && to - from < before.saturating_add(EDITS);
            if reached && to - from > size {
                each(letters, (from, to), size, |hash| {
                    found(hash);
                    false
                });
            }
            before = least;
        }
    }

    pub(crate) fn with(hashes: &[u64]) -> Self {
        let mut sieve = Sieve::with_room_for(hashes.len());
        hashes.iter().for_each(|hash| sieve.insert(*hash));
        Self { sieve }
    }

    /// May the stretch be within two edits of a term?
    #[inline]
    pub(crate) fn may_hold(&self, letters: &Letters, from: usize, to: usize) -> bool {
        match Self::size(to - from) {
            Some(size) => each(letters, (from, to), size, |hash| self.sieve.may_hold(hash)),
            None => true,
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.sieve.bytes()
    }
}

/// Tells `size` symbols of either end, as they are and with one before left out; stops at a yes.
#[inline]
fn each(
    letters: &Letters,
    (from, to): (usize, usize),
    size: usize,
    mut tell: impl FnMut(u64) -> bool,
) -> bool {
    const AT_END: u64 = 0x5851_F42D_4C95_7F2D; // So that a beginning is no ending.
    if tell(letters.hash(from, from + size)) || tell(letters.hash(to - size, to) ^ AT_END) {
        return true;
    }
    let (head, tail) = (from + size + 1, to - size - 1);
    (from..head - 1).any(|gap| tell(letters.hash_without(from, head, gap, gap + 1)))
        || (tail + 1..to).any(|gap| tell(letters.hash_without(tail, to, gap, gap + 1) ^ AT_END))
}
