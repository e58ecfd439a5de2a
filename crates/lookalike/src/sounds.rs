//! Chinese names by how they are read: `weixin` and 威信 for 微信.

use crate::han;
use crate::letters::Letter;
use crate::table::{Sieve, Table};

/// Terms by their spelt sounds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sounds {
    terms: Table,
    /// How they begin: few names begin so, and only those are spelt.
    beginnings: Sieve,
    /// The most letters that one of them has.
    longest: usize,
}

impl Sounds {
    /// From the letters of each term and its number.
    pub(crate) fn of<'a>(terms: impl ExactSizeIterator<Item = (&'a str, u32)>) -> Self {
        let count = terms.len();
        if count == 0 {
            return Self::default();
        }
        let (beginnings, table) = (Sieve::with_room_for(count), Table::with_room_for(count));
        let mut sounds = Self { terms: table, beginnings, longest: 0 };
        for (text, term) in terms {
            let (mut first, mut length) = ([0; FEW], 0);
            let hash = spell(text.chars().map(|c| c as u32), |letter| {
                if let Some(place) = first.get_mut(length) {
                    *place = letter;
                }
                length += 1;
            });
            sounds.terms.insert(hash, term);
            sounds.beginnings.insert(beginning(first));
            sounds.longest = sounds.longest.max(length);
        }
        sounds
    }

    /// The terms that sound as the letters do.
    #[inline]
    pub(crate) fn get(&self, letters: &[Letter]) -> impl Iterator<Item = u32> {
        let few = letters.len() < 2 || letters.len() > self.longest;
        let hash = (!few && self.may_begin(letters)).then(|| spell(letters.iter().map(|it| it.code), |_| {}));
        hash.into_iter().flat_map(|hash| self.terms.get(hash))
    }

    #[inline]
    fn may_begin(&self, letters: &[Letter]) -> bool {
        match letters {
            [a, b, c, ..] if (a.code | b.code | c.code) < 128 => {
                self.beginnings.may_hold(beginning([a.code, b.code, c.code]))
            }
            _ => true,
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.terms.bytes() + self.beginnings.bytes()
    }
}

/// By so many letters a spelling is recognised.
const FEW: usize = 3;

#[inline]
fn beginning(letters: [u32; FEW]) -> u64 {
    let joined = letters.iter().fold(0u64, |sum, letter| sum << 21 | u64::from(*letter));
    joined.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Hash of a name spelt by its sounds; `each` is told every letter.
fn spell(codes: impl Iterator<Item = u32>, mut each: impl FnMut(u32)) -> u64 {
    let mut hash = 0u64;
    let mut push = |letter: u32| {
        hash = hash.wrapping_mul(0x1000_0000_01B3).wrapping_add(u64::from(letter) + 1);
        each(letter);
    };
    for code in codes {
        match han::sound(code) {
            Some(sound) => sound.bytes().for_each(|letter| push(u32::from(letter))),
            None => push(code),
        }
    }
    hash
}
