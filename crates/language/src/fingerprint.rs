//! Which texts are nearly the same? A 64-bit simhash (Charikar 2002) over letters only, so
//! that another name's number, price or link does not make another text.

use touchstone_text::Folded;

/// A text with fewer letters than this says too little to be told from others.
const FEWEST_LETTERS: usize = 12;
/// How many letters make one feature.
const GRAM: usize = 3;

/// How many bits may differ between texts that count as the same.
pub const NEAR: u32 = 6;

/// The fingerprint of a text; 0 for a text too short to have one.
#[must_use]
pub fn fingerprint(folded: &Folded) -> u64 {
    let mut votes = Votes::default();
    let mut gram = [0_u64; GRAM];
    let mut letters = 0;
    for c in folded.text().chars().filter(|c| c.is_alphabetic()) {
        gram.rotate_left(1);
        gram[GRAM - 1] = u64::from(u32::from(c));
        letters += 1;
        if letters >= GRAM {
            votes.add(mix(gram[0] << 42 ^ gram[1] << 21 ^ gram[2]));
        }
    }
    if letters < FEWEST_LETTERS { 0 } else { votes.majority().max(1) }
}

/// How many features have each of the 64 bits: 64 counters side by side, plane `n` holding
/// bit `n` of every counter, so that one vote for all of them costs a few operations instead
/// of 64 additions.
#[derive(Default)]
struct Votes {
    planes: [u64; 20],
    votes: u32,
}

impl Votes {
    /// Counts one feature. The counters hold a million, more than any event has letters;
    /// what would come after is left out.
    fn add(&mut self, bits: u64) {
        if self.votes >= (1 << self.planes.len()) - 1 {
            return;
        }
        self.votes += 1;
        let mut carry = bits;
        for plane in &mut self.planes {
            (*plane, carry) = (*plane ^ carry, *plane & carry);
            if carry == 0 {
                return;
            }
        }
    }

    /// The bits that more than half of the features have.
    fn majority(&self) -> u64 {
        let half = self.votes / 2;
        let (mut more, mut equal) = (0, u64::MAX);
        for (at, plane) in self.planes.iter().enumerate().rev() {
            if half >> at & 1 == 0 {
                more |= equal & plane;
                equal &= !plane;
            } else {
                equal &= plane;
            }
        }
        more
    }
}

/// Keys to look a fingerprint up by: eight stretches of eight bits, each with its place.
/// Texts at most [`NEAR`] bits apart share at least two.
#[must_use]
pub fn bands(fingerprint: u64) -> [u16; 8] {
    std::array::from_fn(|band| (band as u16) << 8 | u16::from((fingerprint >> (8 * band)) as u8))
}

/// How many bits differ.
#[must_use]
pub fn distance(a: u64, b: u64) -> u32 {
    (a ^ b).count_ones()
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(mut x: u64) -> u64 {
    x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ x >> 31
}

#[cfg(test)]
mod tests {
    use touchstone_text::fold;

    use super::*;

    fn of(text: &str) -> u64 {
        let mut folded = Folded::new();
        fold(text, &mut folded);
        fingerprint(&folded)
    }

    #[test]
    fn another_number_or_link_does_not_make_another_text() {
        let a = of(
            "Your wallet 4471 was suspended, restore it today at restore-one.example/4471 or lose all funds",
        );
        let b = of(
            "Your wallet 9920 was SUSPENDED, restore it today at restore-two.example/9920 or lose all funds!",
        );
        assert!(distance(a, b) <= NEAR, "{}", distance(a, b));
        let (a, b) = (
            of("【通知】您的账户 8812 将于今日冻结，请尽快联系专员小王处理"),
            of("通知：您的账户 3301 将于今日冻结，请尽快联系专员小李处理"),
        );
        assert!(distance(a, b) <= 2 * NEAR, "{}", distance(a, b));
    }

    #[test]
    fn other_texts_are_far_and_short_ones_have_none() {
        let a = of("Your wallet was suspended, restore it today or lose all funds");
        let b = of("Shall we meet at the station at nine, or do you prefer the museum?");
        assert!(distance(a, b) > 16);
        assert_eq!(of("ok thanks"), 0);
        assert_ne!(of("今天晚上一起去吃火锅怎么样啊朋友"), 0);
    }

    #[test]
    fn a_bit_is_set_where_more_than_half_of_the_features_have_it() {
        for count in [1_u64, 2, 3, 7, 8, 100, 1001] {
            let features: Vec<u64> = (0..count).map(|nth| mix(nth * 77 + count)).collect();
            let mut votes = Votes::default();
            features.iter().for_each(|bits| votes.add(*bits));
            for bit in 0..64 {
                let have = features.iter().filter(|it| **it >> bit & 1 == 1).count() as u64;
                assert_eq!(votes.majority() >> bit & 1 == 1, 2 * have > count, "{have} of {count}");
            }
        }
    }

    #[test]
    fn near_texts_share_a_band() {
        let a = 0x0123_4567_89AB_CDEF_u64;
        for flips in [0b1_u64, 0x8001, 0x0100_0001_0001_0101] {
            let shared = bands(a).iter().zip(bands(a ^ flips)).filter(|(x, y)| **x == *y).count();
            assert!(shared >= 2);
        }
    }
}
