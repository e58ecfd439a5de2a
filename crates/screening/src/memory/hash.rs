//! Hashes of what is counted but not kept.
//!
//! Memory is a fold over the log that every replica must repeat bit for bit, and a snapshot
//! may be read on another machine: so the hash is written out here, without a seed and the
//! same on every platform. It is no cryptographic hash; whoever can choose ids freely can
//! make two of them count as one.

const ODD: [u64; 3] = [0x9E37_79B9_7F4A_7C15, 0xD1B5_4A32_D192_ED03, 0x8CB9_2BA7_2F3D_8DD7];

/// The hash of one text.
pub(crate) fn of_text(text: &str) -> u64 {
    let mut state = ODD[2] ^ text.len() as u64;
    let mut chunks = text.as_bytes().chunks_exact(16);
    for chunk in &mut chunks {
        state = fold(state ^ word(&chunk[..8]), word(&chunk[8..]) ^ ODD[1]);
    }
    let rest = chunks.remainder();
    let (head, tail) = rest.split_at(rest.len().min(8));
    state = fold(state ^ word(head) ^ ODD[0], word(tail) ^ ODD[2]);
    fold(state ^ ODD[1], ODD[0])
}

#[inline]
fn word(bytes: &[u8]) -> u64 {
    if let Ok(eight) = <[u8; 8]>::try_from(bytes) {
        return u64::from_le_bytes(eight);
    }
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b | 1);
    (wide as u64) ^ (wide >> 64) as u64
}

/// Gives a key that is a hash already to the table as it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AsIs(u64);

impl std::hash::Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |state, byte| fold(state ^ u64::from(*byte), ODD[0]));
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_hash_is_the_same_today_and_tomorrow() {
        assert_eq!(
            of_text("account-7"),
            6_158_615_686_538_504_606,
            "raise the version of snapshots when this changes"
        );
        assert_eq!(of_text("a longer text of more than sixteen bytes"), 844_435_712_335_932_367);
    }

    #[test]
    fn names_that_are_counted_up_do_not_collide() {
        let hashes: HashSet<u64> = (0..200_000).map(|n| of_text(&format!("u{n}"))).collect();
        assert_eq!(hashes.len(), 200_000);
        assert_ne!(of_text("a\0"), of_text("a"));
    }
}
