//! From the hash of a key to the terms that have it, or nearly have it.

/// Open addressing: each slot holds 32 bits of the hash and a term; equal keys lie side by side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    slots: Vec<u64>,
    mask: usize,
}

const EMPTY: u64 = u64::MAX;

#[inline]
pub(crate) fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    hash ^ (hash >> 29)
}

impl Table {
    pub(crate) fn with_room_for(entries: usize) -> Self {
        let slots = (entries.max(8) * 2).next_power_of_two();
        Self { slots: vec![EMPTY; slots], mask: slots - 1 }
    }

    pub(crate) fn insert(&mut self, hash: u64, term: u32) {
        let hash = mix(hash);
        let entry = hash & 0xFFFF_FFFF_0000_0000 | u64::from(term);
        let mut at = self.place(hash);
        while self.slots[at] != EMPTY {
            if self.slots[at] == entry {
                return;
            }
            at = (at + 1) & self.mask;
        }
        self.slots[at] = entry;
    }

    #[allow(clippy::cast_possible_truncation)] // Masked.
    fn place(&self, hash: u64) -> usize {
        (hash as usize) & self.mask
    }

    /// The terms under this hash; a few others may be among them.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // The lower half is the term.
    pub(crate) fn get(&self, hash: u64) -> impl Iterator<Item = u32> {
        let hash = mix(hash);
        let mut at = self.place(hash);
        std::iter::from_fn(move || {
            loop {
                let slot = *self.slots.get(at)?;
                if slot == EMPTY {
                    return None;
                }
                at = (at + 1) & self.mask;
                if slot >> 32 == hash >> 32 {
                    return Some(slot as u32);
                }
            }
        })
    }

    /// Bytes taken.
    pub(crate) fn bytes(&self) -> usize {
        self.slots.len() * 8
    }
}

/// A set of hashes that may say yes wrongly, but never no: two bits in one word for each hash,
/// so that asking touches memory once. The hashes are sums of symbols times odd factors, whose
/// upper bits depend on all symbols: they are used as they are.
#[derive(Clone, Debug)]
pub(crate) struct Sieve {
    words: Vec<u64>,
    shift: u32,
}

impl Default for Sieve {
    fn default() -> Self {
        Self::with_room_for(0)
    }
}

impl Sieve {
    pub(crate) fn with_room_for(entries: usize) -> Self {
        let words = (entries.max(64) * 16).next_power_of_two() / 64;
        Self { words: vec![0; words], shift: u64::BITS - words.trailing_zeros() }
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // Fewer bits than there are words.
    fn place(&self, hash: u64) -> usize {
        (hash >> self.shift) as usize
    }

    pub(crate) fn insert(&mut self, hash: u64) {
        let at = self.place(hash);
        self.words[at] |= 1 << (hash >> 20 & 63) | 1 << (hash >> 26 & 63);
    }

    #[inline]
    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        let word = self.words.get(self.place(hash)).copied().unwrap_or(0);
        (word >> (hash >> 20 & 63)) & (word >> (hash >> 26 & 63)) & 1 == 1
    }

    pub(crate) fn bytes(&self) -> usize {
        self.words.len() * 8
    }
}
