//! Which names cannot be within two edits of any term, told by how they begin and end.
//!
//! Of two edits both fall into the first half of a name, or both into the second, or one into
//! each. So a few symbols at one of its ends are those of a term, or at both ends they are but for
//! one edit: each side may have one symbol there that the other has not.

use crate::letters::Letters;
use crate::table::Sieve;

/// How the terms begin and end, each also with one symbol left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edges {
    sieve: Sieve,
}

/// Names with so many symbols in their key are asked about, by that many symbols of an end: both
/// ends fit into what two symbols left out leave, with one to spare between them. Shorter names
/// have few pairs of symbols anyway.
const SIZES: [(usize, usize); 2] = [(13, 5), (11, 4)];

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
                let ends = Ends { letters, from, to, size };
                found(ends.head(None));
                found(ends.tail(None));
                (0..size).for_each(|gap| found(ends.head(Some(gap))));
                (0..size).for_each(|gap| found(ends.tail(Some(gap))));
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
        let Some(size) = Self::size(to - from) else { return true };
        let ends = Ends { letters, from, to, size };
        let has = |hash| self.sieve.may_hold(hash);
        has(ends.head(None))
            || has(ends.tail(None))
            || (0..size).any(|gap| has(ends.head(Some(gap))))
                && (0..size).any(|gap| has(ends.tail(Some(gap))))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.sieve.bytes()
    }
}

/// The ends of a stretch.
struct Ends<'a> {
    letters: &'a Letters,
    from: usize,
    to: usize,
    size: usize,
}

impl Ends<'_> {
    /// The first `size` symbols, or those of the first `size + 1` without one.
    #[inline]
    fn head(&self, gap: Option<usize>) -> u64 {
        let (from, to) = (self.from, self.from + self.size);
        match gap {
            Some(gap) => self.letters.hash_without(from, to + 1, from + gap, from + gap + 1),
            None => self.letters.hash(from, to),
        }
    }

    /// The last symbols likewise.
    #[inline]
    fn tail(&self, gap: Option<usize>) -> u64 {
        const AT_END: u64 = 0x5851_F42D_4C95_7F2D; // So that a beginning is no ending.
        let (from, to) = (self.to - self.size, self.to);
        AT_END
            ^ match gap {
                Some(gap) => self.letters.hash_without(from - 1, to, from + gap, from + gap + 1),
                None => self.letters.hash(from, to),
            }
    }
}
