//! Pictures: two perceptual hashes that hardly change when a picture is scaled or compressed
//! again, and how far apart they may be for the pictures to be the same to the eye.

use std::fmt;
use std::str::FromStr;

use crate::index::{Index, Resemblance, Tier};
use crate::techniques::Techniques;

/// What is compared of a picture: its PDQ hash (Facebook, "The TMK+PDQF Video-Hashing Algorithm
/// and the PDQ Image-Hashing Algorithm", 2019), and, where it is known, where its edges run.
///
/// Written as 64 hexadecimal digits, the PDQ hash as everybody writes it; or as these, a hyphen
/// and 192 more: 64 for the heart, 128 for the edges. Both forms may stand in one registry: what
/// one side lacks is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash {
    /// PDQ's 256 bits, the most significant word first.
    pub pdq: [u64; 4],
    /// What PDQ does not see, if the picture itself was at hand.
    pub detail: Option<Detail>,
}

/// What is known of a picture beside its PDQ hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Detail {
    /// PDQ's hash of the middle of the picture, without 19 in a hundred at each side: borders,
    /// badges and banners stand outside.
    pub heart: [u64; 4],
    /// Where edges run.
    pub edges: Edges,
}

/// Where the edges of a picture run, whatever its colours: drawings have large plain areas,
/// of which PDQ says little, and impostors put them before another background.
///
/// A word for each of the eight rows of cells, the upper one first; in it a byte for each of
/// the eight cells, the left one in the most significant; in it a bit for each of eight
/// directions, multiples of 22.5° from an edge that runs upright, in the least significant, on
/// over one that falls to the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Edges(pub [u64; 8]);

/// The text is no hash of 64 hexadecimal digits, nor one with 192 more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a picture's hash has 64 hexadecimal digits, or 64, a hyphen and 192")]
pub struct InvalidHash;

impl Hash {
    /// In how many of PDQ's 256 bits the two differ. Up to 31 the pictures are the same to the
    /// eye, say PDQ's authors.
    #[must_use]
    pub fn distance(self, other: Hash) -> u32 {
        differing(self.pdq, other.pdq)
    }
}

fn differing(a: [u64; 4], b: [u64; 4]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

impl Hash {
    /// The hashes of the picture turned and mirrored in the eight ways, itself first, as far as
    /// they follow from its own: a few of PDQ's bits next to the median may be others.
    #[must_use]
    pub fn turned(self) -> [Hash; 8] {
        std::array::from_fn(|turn| {
            let (mirror, flip, transpose) = (turn & 1 > 0, turn & 2 > 0, turn & 4 > 0);
            Hash {
                pdq: turned_pdq(self.pdq, mirror, flip, transpose),
                detail: self.detail.map(|it| Detail {
                    heart: turned_pdq(it.heart, mirror, flip, transpose),
                    edges: it.edges.turned(mirror, flip, transpose),
                }),
            }
        })
    }
}

/// A mirror changes the sign of each wave that is odd about the middle: of every other one.
fn turned_pdq(pdq: [u64; 4], mirror: bool, flip: bool, transpose: bool) -> [u64; 4] {
    const WAVES: usize = 16;
    let bit = |row: usize, column: usize| {
        let at = row * WAVES + column;
        pdq[3 - at / 64] >> (at % 64) & 1 == 1
    };
    let mut out = [0; 4];
    for at in 0..WAVES * WAVES {
        let (row, column) = (at / WAVES, at % WAVES);
        let old = if transpose { bit(column, row) } else { bit(row, column) };
        let changes = (mirror && column % 2 == 0) != (flip && row % 2 == 0);
        out[3 - at / 64] |= u64::from(old != changes) << (at % 64);
    }
    out
}

impl Edges {
    /// Cells in a row, cells in a column, directions.
    pub(crate) const SIDE: usize = 8;

    /// From how strong edges are by row, column and direction; the strong ones count.
    pub(crate) fn of(strong: impl Fn(usize, usize, usize) -> bool) -> Self {
        let mut rows = [0u64; 8];
        for (row, word) in rows.iter_mut().enumerate() {
            for at in 0..64 {
                *word |= u64::from(strong(row, at / 8, at % 8)) << (56 - at / 8 * 8 + at % 8);
            }
        }
        Self(rows)
    }

    fn has(self, row: usize, column: usize, direction: usize) -> bool {
        self.0[row] >> (56 - column * 8 + direction) & 1 == 1
    }

    fn turned(self, mirror: bool, flip: bool, transpose: bool) -> Self {
        const LAST: usize = Edges::SIDE - 1;
        Self::of(|row, column, direction| {
            let row = if flip { LAST - row } else { row };
            let column = if mirror { LAST - column } else { column };
            let direction = if mirror == flip { direction } else { (8 - direction) % 8 };
            match transpose {
                true => self.has(column, row, (12 - direction) % 8),
                false => self.has(row, column, direction),
            }
        })
    }
}

impl FromStr for Hash {
    type Err = InvalidHash;
    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        let Some((pdq, detail)) = text.split_once('-') else {
            return Ok(Self { pdq: words(text)?, detail: None });
        };
        let [heart @ .., e0, e1, e2, e3, e4, e5, e6, e7] = words::<12>(detail)?;
        let edges = Edges([e0, e1, e2, e3, e4, e5, e6, e7]);
        Ok(Self { pdq: words(pdq)?, detail: Some(Detail { heart, edges }) })
    }
}

/// As many words as wanted, of 16 hexadecimal digits each.
fn words<const COUNT: usize>(text: &str) -> Result<[u64; COUNT], InvalidHash> {
    if text.len() != COUNT * 16 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(InvalidHash);
    }
    let mut words = [0; COUNT];
    for (word, at) in words.iter_mut().zip((0..text.len()).step_by(16)) {
        *word = u64::from_str_radix(&text[at..at + 16], 16).map_err(|_| InvalidHash)?;
    }
    Ok(words)
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pdq.iter().try_for_each(|word| write!(f, "{word:016x}"))?;
        let Some(detail) = self.detail else { return Ok(()) };
        f.write_str("-")?;
        detail.heart.iter().chain(&detail.edges.0).try_for_each(|word| write!(f, "{word:016x}"))
    }
}

/// The distance that PDQ's authors recommend, and the one that 1 in 1,000 other pictures reaches
/// against a hundred official ones.
const SAME_PICTURE: u32 = 31;
const LIKE_PICTURE: u32 = 42;

/// A picture of which all is known is like an official one from here on; nearly all copies are,
/// and 1 in 1,000 others. The first is where of 2,309 pictures only the same signs in other
/// colours were left.
const SAME_SCORE: f32 = 6.0;
const LIKE_SCORE: f32 = 2.0;

/// Weights of a logistic model, fitted by `examples/avatars`; distances in units of 64 bits.
const WEIGHTS: [f32; 6] = [3.544, -1.456, -9.670, 1.339, 15.985, -1.620];

/// Hearts and pictures that differ in more than so many of the 64 lowest frequencies are not
/// compared further.
const FAR: u32 = 24;

/// Two pictures side by side.
pub struct Likeness {
    /// A copy as likely as not at 0; higher is likelier.
    pub score: f32,
    /// What the score is made of, with 1 in front: two distances, the edges in common of all and
    /// of those in the middle, the product of the distances.
    pub observed: [f32; 6],
}

impl Hash {
    /// How like two pictures are, if both hashes have a [`Detail`]. An inverted picture is
    /// as like as one that is not.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // At most 256.
    pub fn likeness(&self, other: &Hash) -> Option<Likeness> {
        let (a, b) = (self.detail.as_ref()?, other.detail.as_ref()?);
        let (whole, heart) = (folded(self.distance(*other)), folded(differing(a.heart, b.heart)));
        let (whole, heart) = (whole as f32 / 64.0, heart as f32 / 64.0);
        let (all, middle) = (a.edges.in_common(b.edges, 0), a.edges.in_common(b.edges, 1));
        let observed = [1.0, whole, heart, all, middle, whole * heart];
        let score = observed.iter().zip(WEIGHTS).map(|(it, weight)| it * weight).sum();
        Some(Likeness { score, observed })
    }
}

/// The distance to a hash or to its inverse, whichever is less.
fn folded(distance: u32) -> u32 {
    distance.min(256 - distance)
}

impl Edges {
    /// The share of the edges of either that both have, `rim` cells at each side left out.
    #[allow(clippy::cast_precision_loss)] // At most 512.
    fn in_common(self, other: Self, rim: usize) -> f32 {
        const FEW: u32 = 16; // Two plain pictures have nothing in common but plainness.
        let inside = (u64::MAX >> (16 * rim)) << (8 * rim);
        let (mut both, mut either) = (0, 0);
        for (a, b) in self.0[rim..Self::SIDE - rim].iter().zip(&other.0[rim..]) {
            both += (a & b & inside).count_ones();
            either += ((a | b) & inside).count_ones();
        }
        both as f32 / either.max(FEW) as f32
    }
}

/// The official pictures, each in its eight turns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pictures {
    /// The lowest frequencies of each and of its heart: most pictures are told apart by them.
    coarse: Vec<[u64; 2]>,
    all: Vec<(Hash, u32)>,
}

/// The lowest frequencies of a picture and of its heart.
fn coarse(hash: &Hash) -> [u64; 2] {
    [hash.pdq[3], hash.detail.map_or(hash.pdq[3], |it| it.heart[3])]
}

/// Do these 64 frequencies agree, as they are or inverted?
fn are_near(a: u64, b: u64) -> bool {
    let differing = (a ^ b).count_ones();
    differing <= FAR || differing >= 64 - FAR
}

impl Pictures {
    /// Text that is no hash is not compared.
    pub(crate) fn add(&mut self, text: &str, official: u32) {
        if let Ok(hash) = text.trim().parse::<Hash>() {
            let turned = hash.turned();
            self.coarse.extend(turned.iter().map(coarse));
            self.all.extend(turned.map(|it| (it, official)));
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.all.capacity() * size_of::<(Hash, u32)>() + self.coarse.capacity() * size_of::<[u64; 2]>()
    }
}

impl Index {
    pub(crate) fn closest_avatar(&self, candidate: &str) -> Option<Resemblance> {
        let candidate: Hash = candidate.trim().parse().ok()?;
        let [whole, heart] = coarse(&candidate);
        let near = |it: &[u64; 2]| are_near(it[0], whole) || are_near(it[1], heart);
        let pictures = self.pictures.coarse.iter().zip(&self.pictures.all).filter(|(it, _)| near(it));
        let compared = pictures.filter_map(|(_, (it, official))| judge(it, &candidate, *official));
        compared.reduce(|best, it| if it.closeness > best.closeness { it } else { best })
    }
}

/// Closeness begins at a half where a person should look, and at nine tenths where the pictures
/// are the same to the eye.
#[allow(clippy::cast_precision_loss)] // At most 256.
fn judge(official: &Hash, candidate: &Hash, number: u32) -> Option<Resemblance> {
    let found =
        |closeness, tier, techniques| Some(Resemblance { official: number, closeness, tier, techniques });
    let far = if official.detail.is_some() && candidate.detail.is_some() {
        let score = official.likeness(candidate)?.score;
        (SAME_SCORE - score) / (SAME_SCORE - LIKE_SCORE)
    } else {
        let distance = folded(official.distance(*candidate));
        (distance as f32 - SAME_PICTURE as f32) / (LIKE_PICTURE - SAME_PICTURE) as f32
    };
    if official == candidate {
        found(1.0, Tier::Act, Techniques::SAME)
    } else if far <= 0.0 {
        found((0.9 - far * 0.02).min(0.999), Tier::Act, Techniques::PICTURE)
    } else if far <= 1.0 {
        found(0.9 - far * 0.4, Tier::Review, Techniques::PICTURE)
    } else {
        None
    }
}
