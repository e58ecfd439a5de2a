//! Pictures: perceptual hashes that hardly change when a picture is scaled or compressed again.

use std::fmt;
use std::str::FromStr;

use crate::index::{Index, Kind, Resemblance, Tier};
use crate::techniques::Techniques;

/// A PDQ hash: 256 bits (Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ
/// Image-Hashing Algorithm", 2019). Written as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u64; 4]);

/// The text is no hash of 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a picture's hash has 64 hexadecimal digits")]
pub struct InvalidHash;

impl Hash {
    /// In how many of the 256 bits the two differ. Up to 31 the pictures are the same to the eye.
    #[must_use]
    pub fn distance(self, other: Hash) -> u32 {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

impl FromStr for Hash {
    type Err = InvalidHash;
    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidHash);
        }
        let mut words = [0; 4];
        for (word, at) in words.iter_mut().zip((0..64).step_by(16)) {
            *word = u64::from_str_radix(&text[at..at + 16], 16).map_err(|_| InvalidHash)?;
        }
        Ok(Self(words))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|word| write!(f, "{word:016x}"))
    }
}

/// The distance that PDQ's authors recommend, and the one up to which a person should look.
const SAME_PICTURE: u32 = 31;
const LIKE_PICTURE: u32 = 60;

impl Index {
    pub(crate) fn closest_avatar(&self, candidate: &str) -> Option<Resemblance> {
        let candidate: Hash = candidate.trim().parse().ok()?;
        let pictures = self.officials.iter().enumerate().filter(|(_, it)| it.kind == Kind::Avatar);
        let distances = pictures.filter_map(|(at, it)| {
            let hash: Hash = it.text.parse().ok()?;
            Some((hash.distance(candidate), u32::try_from(at).ok()?))
        });
        let (distance, official) = distances.min()?;
        #[allow(clippy::cast_precision_loss)] // At most 256.
        let closeness = 1.0 - distance as f32 / 256.0;
        if distance > LIKE_PICTURE {
            return None;
        }
        let tier = if distance <= SAME_PICTURE { Tier::Act } else { Tier::Review };
        let techniques = if distance == 0 { Techniques::SAME } else { Techniques::PICTURE };
        Some(Resemblance { official, closeness, tier, techniques })
    }
}
