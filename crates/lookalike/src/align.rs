//! Lays two strings side by side at the least cost, and tells each difference by its kind.

use crate::han;
use crate::letters::{Letter, class};
use crate::techniques::Techniques;

/// One step of an alignment, from the official string to the candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Same,
    /// Looks alike: digits for letters, `rn` for `m`.
    Look,
    Repeated,
    Dropped,
    Inserted,
    Swapped,
    Vowel,
    Keyboard,
    BitFlip,
    Replaced,
    Sound,
    Shape,
    Split,
    /// A Chinese character by the first letter of its sound.
    Initial,
    /// A small Chinese character put in.
    Small,
    /// One Chinese character for another that has nothing to do with it.
    OtherHan,
}

impl Step {
    pub(crate) const ALL: [Step; 16] = [
        Step::Same,
        Step::Look,
        Step::Repeated,
        Step::Dropped,
        Step::Inserted,
        Step::Swapped,
        Step::Vowel,
        Step::Keyboard,
        Step::BitFlip,
        Step::Replaced,
        Step::Sound,
        Step::Shape,
        Step::Split,
        Step::Initial,
        Step::Small,
        Step::OtherHan,
    ];

    const fn cost(self) -> u16 {
        match self {
            Step::Same => 0,
            Step::Look => 2,
            Step::Repeated => 4,
            Step::Sound | Step::Shape | Step::Split | Step::Small => 5,
            Step::Swapped | Step::Vowel | Step::Keyboard | Step::Initial => 7,
            Step::BitFlip | Step::Dropped | Step::Inserted => 8,
            Step::Replaced | Step::OtherHan => 9,
        }
    }

    pub(crate) const fn technique(self) -> Techniques {
        match self {
            Step::Same => Techniques::NONE,
            Step::Look => Techniques::LEET,
            Step::Repeated => Techniques::REPEATED,
            Step::Dropped => Techniques::DROPPED,
            Step::Inserted | Step::Small => Techniques::INSERTED,
            Step::Swapped => Techniques::SWAPPED,
            Step::Vowel => Techniques::VOWEL,
            Step::Keyboard => Techniques::KEYBOARD,
            Step::BitFlip => Techniques::BIT_FLIP,
            Step::Replaced | Step::OtherHan => Techniques::REPLACED,
            Step::Sound | Step::Initial => Techniques::SOUND,
            Step::Shape => Techniques::SHAPE,
            Step::Split => Techniques::SPLIT,
        }
    }
}

/// One piece: how many letters of either side it takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) step: Step,
    pub(crate) official: u8,
    pub(crate) candidate: u8,
}

/// Room to work in; reused.
#[derive(Clone, Debug)]
pub(crate) struct Aligner {
    /// For each symbol the places in the official string where it stands; all zero between calls.
    places: [u64; 128],
    costs: Vec<u16>,
    from: Vec<Piece>,
    /// The least cost to come to a cell, and the last step on the way.
    cells: Vec<(u16, Piece)>,
    /// The pieces of the last alignment, in order.
    pub(crate) pieces: Vec<Piece>,
}

const NOTHING: Piece = Piece { step: Step::Same, official: 0, candidate: 0 };

/// The diagonals of the matrix that a path within the limit can reach and come back from. Row by
/// row, each has its place, with one that nothing reaches at either end.
struct Band {
    width: usize,
    /// How far the first diagonal lies before the main one, the empty place included.
    before: usize,
    pairs: bool,
}

impl Band {
    fn of(official: &[u32], candidate: &[Letter], limit: u16, pairs: bool) -> Option<Self> {
        let doubled = official.windows(2).any(|it| it[0] == it[1])
            || candidate.windows(2).any(|it| it[0].code == it[1].code);
        // Each step off a diagonal costs at least this.
        let step = match (pairs, doubled) {
            (true, _) => Step::Look.cost(),
            (_, true) => Step::Repeated.cost(),
            _ => Step::Dropped.cost(),
        };
        let steps = usize::from(limit / step);
        let (rows, columns) = (official.len(), candidate.len());
        let spare = steps.checked_sub(rows.abs_diff(columns))? / 2;
        let before = (rows.saturating_sub(columns) + spare).min(rows) + 1;
        let behind = (columns.saturating_sub(rows) + spare).min(columns) + 1;
        Some(Self { width: before + 1 + behind, before, pairs })
    }

    /// The column at that place of row `i`, if there is one.
    #[inline]
    fn column(&self, i: usize, at: usize, columns: usize) -> Option<usize> {
        let inside = at > 0 && at + 1 < self.width;
        (i + at).checked_sub(self.before).filter(|j| inside && *j <= columns)
    }

    #[inline]
    fn place(&self, i: usize, j: usize) -> usize {
        j + self.before - i
    }
}

/// Longer strings are not aligned.
pub(crate) const MAX_SIDE: usize = 64;

impl Default for Aligner {
    fn default() -> Self {
        let (costs, from, pieces) = (Vec::new(), Vec::new(), Vec::new());
        Self { places: [0; 128], costs, from, cells: Vec::new(), pieces }
    }
}

/// Dearer than any alignment, and far from overflow.
const NEVER: u16 = u16::MAX / 2;

impl Aligner {
    /// Aligns; `None` if a side is too long, or they differ by more than `limit`, or surely by more
    /// than so many edits.
    pub(crate) fn align(
        &mut self,
        official: &[u32],
        candidate: &[Letter],
        limit: u16,
        edits: u32,
    ) -> Option<u16> {
        self.pieces.clear();
        let short = 1..=MAX_SIDE;
        if official.len() > MAX_SIDE || candidate.len() > MAX_SIDE {
            return None;
        }
        let is_plain = short.contains(&official.len())
            && short.contains(&candidate.len())
            && official.iter().all(|it| *it < 128)
            && candidate.iter().all(|it| it.code < 128);
        if !is_plain {
            return self.align_any(official, candidate, limit);
        }
        let distance = self.distance(official, candidate);
        let pairs = count_pairs(official, candidate);
        // Two letters that look like one are no edit, but a replaced and an inserted one there.
        if distance > edits.saturating_add(2 * pairs) {
            return None;
        }
        self.align_plain(official, candidate, limit, pairs > 0)
    }

    /// Edit distance with swapped neighbours, a column of the matrix at a time as bits of words.
    /// Hyyrö (2003), "A bit-vector algorithm for computing Levenshtein and Damerau edit distances".
    fn distance(&mut self, official: &[u32], candidate: &[Letter]) -> u32 {
        for (at, code) in official.iter().enumerate() {
            self.places[class(*code) as usize & 127] |= 1 << at;
        }
        let distance = self.count(official.len(), candidate);
        for code in official {
            self.places[class(*code) as usize & 127] = 0;
        }
        distance
    }

    fn count(&self, rows: usize, candidate: &[Letter]) -> u32 {
        let last = 1u64 << (rows - 1);
        let (mut more, mut less, mut diagonal, mut before) = (u64::MAX, 0u64, 0u64, 0u64);
        #[allow(clippy::cast_possible_truncation)] // At most MAX_SIDE.
        let mut distance = rows as u32;
        for letter in candidate {
            let equal = self.places[class(letter.code) as usize & 127];
            let swapped = (!diagonal & equal) << 1 & before;
            diagonal = ((equal & more).wrapping_add(more) ^ more) | equal | less | swapped;
            let (up, down) = (less | !(diagonal | more), diagonal & more);
            distance += u32::from(up & last != 0);
            distance -= u32::from(down & last != 0);
            let up = up << 1 | 1;
            more = down << 1 | !(diagonal | up);
            less = up & diagonal;
            before = equal;
        }
        distance
    }

    /// Aligns letters and digits: only cells that a path within the limit can pass.
    fn align_plain(
        &mut self,
        official: &[u32],
        candidate: &[Letter],
        limit: u16,
        pairs: bool,
    ) -> Option<u16> {
        let (rows, columns) = (official.len(), candidate.len());
        let band = Band::of(official, candidate, limit, pairs)?;
        self.cells.resize(((rows + 1) * band.width).max(self.cells.len()), (NEVER, NOTHING));
        for i in 0..=rows {
            for at in 0..band.width {
                let cell =
                    band.column(i, at, columns).map(|j| self.cell(official, candidate, &band, i, j, at));
                self.cells[i * band.width + at] = cell.unwrap_or((NEVER, NOTHING));
            }
        }
        let (mut i, mut j) = (rows, columns);
        let total = self.cells[i * band.width + band.place(i, j)].0;
        if total > limit {
            return None;
        }
        while i > 0 || j > 0 {
            let piece = self.cells[i * band.width + band.place(i, j)].1;
            self.pieces.push(piece);
            i -= usize::from(piece.official);
            j -= usize::from(piece.candidate);
        }
        self.pieces.reverse();
        Some(total)
    }

    /// The cheapest way to `(i, j)`; among equals the one that took a step earliest.
    #[inline]
    fn cell(
        &self,
        official: &[u32],
        candidate: &[Letter],
        band: &Band,
        i: usize,
        j: usize,
        at: usize,
    ) -> (u16, Piece) {
        if i == 0 && j == 0 {
            return (0, NOTHING);
        }
        let mut best = (NEVER, NOTHING);
        let mut come = |rows: u8, columns: u8, step: Step| {
            let (i, at) = (i - usize::from(rows), at + usize::from(rows) - usize::from(columns));
            let cost = self.cells[i * band.width + at].0 + step.cost();
            if cost < best.0 {
                best = (cost, Piece { step, official: rows, candidate: columns });
            }
        };
        let (a, b) = (i.checked_sub(1).map(|it| official[it]), j.checked_sub(1).map(|it| candidate[it].code));
        let (a0, b0) =
            (i.checked_sub(2).map(|it| official[it]), j.checked_sub(2).map(|it| candidate[it].code));
        if let (Some(a), Some(b)) = (a, b) {
            if let (Some(a0), Some(b0)) = (a0, b0)
                && (a0, a) == (b, b0)
                && a != a0
            {
                come(2, 2, Step::Swapped);
            }
            if band.pairs && a0.is_some_and(|a0| is_pair(a0, a, b)) {
                come(2, 1, Step::Look);
            }
            if band.pairs && b0.is_some_and(|b0| is_pair(b0, b, a)) {
                come(1, 2, Step::Look);
            }
            come(1, 1, substitution(a, b));
        }
        if a.is_some() {
            come(1, 0, if a == a0 { Step::Repeated } else { Step::Dropped });
        }
        if b.is_some() {
            come(0, 1, if b == b0 { Step::Repeated } else { Step::Inserted });
        }
        best
    }

    /// Aligns letters of any writing.
    fn align_any(&mut self, official: &[u32], candidate: &[Letter], limit: u16) -> Option<u16> {
        let (rows, columns) = (official.len(), candidate.len());
        let width = columns + 1;
        self.costs.clear();
        self.costs.resize((rows + 1) * width, u16::MAX / 2);
        self.from.clear();
        self.from.resize((rows + 1) * width, Piece { step: Step::Same, official: 0, candidate: 0 });
        self.costs[0] = 0;
        for i in 0..=rows {
            let mut least = u16::MAX;
            for j in 0..=columns {
                least = least.min(self.costs[i * width + j]);
                self.leave(official, candidate, i, j);
            }
            if least > limit {
                return None;
            }
        }
        let total = self.costs[rows * width + columns];
        if total > limit {
            return None;
        }
        let (mut i, mut j) = (rows, columns);
        while i > 0 || j > 0 {
            let piece = self.from[i * width + j];
            self.pieces.push(piece);
            i -= usize::from(piece.official);
            j -= usize::from(piece.candidate);
        }
        self.pieces.reverse();
        Some(total)
    }

    /// Tries every step that leads on from `(i, j)`.
    #[inline]
    fn leave(&mut self, official: &[u32], candidate: &[Letter], i: usize, j: usize) {
        let width = candidate.len() + 1;
        let here = self.costs[i * width + j];
        let mut step = |step: Step, di: u8, dj: u8| {
            let to = (i + usize::from(di)) * width + j + usize::from(dj);
            let cost = here.saturating_add(step.cost());
            if cost < self.costs[to] {
                self.costs[to] = cost;
                self.from[to] = Piece { step, official: di, candidate: dj };
            }
        };
        let a = official.get(i).copied();
        let b = candidate.get(j).map(|it| it.code);
        let (a2, b2) = (official.get(i + 1).copied(), candidate.get(j + 1).map(|it| it.code));
        if let (Some(a), Some(b)) = (a, b) {
            step(substitution(a, b), 1, 1);
            if a2 == Some(b) && b2 == Some(a) && a != b {
                step(Step::Swapped, 2, 2);
            }
            if b2.is_some_and(|b2| is_pair(b, b2, a)) {
                step(Step::Look, 1, 2);
            }
            if a2.is_some_and(|a2| is_pair(a, a2, b)) {
                step(Step::Look, 2, 1);
            }
        }
        if let Some(a) = a {
            let doubled = i > 0 && official[i - 1] == a;
            step(if doubled { Step::Repeated } else { Step::Dropped }, 1, 0);
        }
        if let Some(b) = b {
            let doubled = j > 0 && candidate[j - 1].code == b;
            let small = b > 0x3000 && han::is_small(b);
            step(
                if doubled {
                    Step::Repeated
                } else if small {
                    Step::Small
                } else {
                    Step::Inserted
                },
                0,
                1,
            );
        }
        if let Some(a) = a.filter(|it| *it > 0x3000) {
            leave_han(a, &candidate[j.min(candidate.len())..], &mut step);
        }
    }
}

/// A Chinese character that was written as its parts, or as its sound.
fn leave_han(a: u32, rest: &[Letter], step: &mut impl FnMut(Step, u8, u8)) {
    for parts in 2..=3u8 {
        let Some(letters) = rest.get(..usize::from(parts)) else { break };
        let mut codes = [0; 3];
        for (code, letter) in codes.iter_mut().zip(letters) {
            *code = letter.code;
        }
        if letters[0].code > 0x2e00 && han::is_split(a, &codes[..usize::from(parts)]) {
            step(Step::Split, 1, parts);
        }
    }
    if rest.first().is_some_and(|it| it.code < 128) {
        for sound in han::sounds(a) {
            let spelt = rest.len() >= sound.len()
                && sound.bytes().zip(rest).all(|(letter, it)| u32::from(letter) == it.code);
            if spelt && let Ok(length) = u8::try_from(sound.len()) {
                step(Step::Sound, 1, length);
            }
        }
    }
}

/// How `b` stands for `a`.
fn substitution(a: u32, b: u32) -> Step {
    if a == b {
        return Step::Same;
    }
    if a < 128 && b < 128 {
        return latin(a, b);
    }
    if han::is_han(a) && b < 128 {
        let initial = han::sounds(a).any(|it| it.bytes().next().map(u32::from) == Some(b));
        return if initial { Step::Initial } else { Step::OtherHan };
    }
    if han::is_han(a) && han::is_han(b) {
        return match (han::same_sound(a, b), han::same_look(a, b)) {
            (true, _) => Step::Sound,
            (_, true) => Step::Shape,
            _ => Step::OtherHan,
        };
    }
    Step::Replaced
}

/// Digits and Latin letters: those that names are mostly made of.
const LATIN: usize = 36;

/// How one digit or letter stands for another; looked up for each pair of letters laid side by side.
static STEPS: [[Step; LATIN]; LATIN] = {
    let mut steps = [[Step::Same; LATIN]; LATIN];
    let mut at = 0;
    while at < LATIN * LATIN {
        let (a, b) = (at / LATIN, at % LATIN);
        if a != b {
            steps[a][b] = compare(code_of(a), code_of(b));
        }
        at += 1;
    }
    steps
};

const fn code_of(place: usize) -> u32 {
    if place < 10 { 48 + place as u32 } else { 87 + place as u32 }
}

#[inline]
fn place_of(code: u32) -> Option<usize> {
    match code {
        48..=57 => Some(code as usize - 48),
        97..=122 => Some(code as usize - 87),
        _ => None,
    }
}

#[inline]
fn latin(a: u32, b: u32) -> Step {
    match (place_of(a), place_of(b)) {
        (Some(a), Some(b)) => STEPS[a][b],
        _ => compare(a, b),
    }
}

/// How one ASCII letter stands for another.
const fn compare(a: u32, b: u32) -> Step {
    if class(a) == class(b) {
        // Two different digits of a number never stand for one another.
        let digits = a >= 48 && a < 58 && b >= 48 && b < 58;
        return if digits { Step::Replaced } else { Step::Look };
    }
    if is_vowel(a) && is_vowel(b) {
        Step::Vowel
    } else if is_neighbour(a, b) {
        Step::Keyboard
    } else if (a ^ b).count_ones() == 1 {
        Step::BitFlip
    } else {
        Step::Replaced
    }
}

const fn is_vowel(code: u32) -> bool {
    matches!(code, 97 | 101 | 105 | 111 | 117)
}

/// The letter that two letters, side by side, look like.
#[inline]
#[allow(clippy::cast_possible_truncation)] // Both are ASCII.
fn pair(first: u32, second: u32) -> Option<u32> {
    if (first | second) > 127 {
        return None;
    }
    let one = match [first as u8, second as u8] {
        [b'r' | b'n', b'n'] | [b'r', b'r'] => b'm',
        [b'v', b'v'] | [b'u', b'u'] => b'w',
        [b'c', b'l' | b'1'] => b'd',
        [b'l', b'o' | b'b'] => b'b',
        [b'l', b'k' | b'c'] | [b'1', b'c'] => b'k',
        [b'r', b'1'] => b'n',
        _ => return None,
    };
    Some(u32::from(one))
}

/// Do the two letters, side by side, look like the one?
#[inline]
fn is_pair(first: u32, second: u32, one: u32) -> bool {
    pair(first, second) == Some(one)
}

/// How many pairs on either side might be one letter on the other.
#[allow(clippy::cast_possible_truncation)] // At most MAX_SIDE.
fn count_pairs(official: &[u32], candidate: &[Letter]) -> u32 {
    let written = candidate.windows(2).filter_map(|it| pair(it[0].code, it[1].code));
    let meant = official.windows(2).filter_map(|it| pair(it[0], it[1]));
    let written = written.filter(|one| official.contains(one)).count();
    (written + meant.filter(|one| candidate.iter().any(|it| it.code == *one)).count()) as u32
}

/// Are they neighbours on a QWERTY, QWERTZ or AZERTY keyboard?
const fn is_neighbour(a: u32, b: u32) -> bool {
    let (Some((row_a, at_a)), Some((row_b, at_b))) = (key_of(a), key_of(b)) else { return false };
    match row_a.abs_diff(row_b) {
        0 => at_a.abs_diff(at_b) == 1,
        1 => {
            let (upper, lower) = if row_a < row_b { (at_a, at_b) } else { (at_b, at_a) };
            upper == lower || upper == lower + 1
        }
        _ => false,
    }
}

/// Row and place of a key.
const fn key_of(code: u32) -> Option<(usize, usize)> {
    const ROWS: [&[u8]; 4] = [b"1234567890", b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];
    let mut row = 0;
    while row < ROWS.len() {
        let mut at = 0;
        while at < ROWS[row].len() {
            if ROWS[row][at] as u32 == code {
                return Some((row, at));
            }
            at += 1;
        }
        row += 1;
    }
    None
}

/// Does the Chinese word differ from the letters in one character only, by sound, look or split?
pub(crate) fn differs_in_one_han(word: &[u32], letters: &[Letter]) -> bool {
    let head = word.iter().zip(letters).take_while(|(a, b)| **a == b.code).count();
    let tail = word.iter().rev().zip(letters.iter().rev()).take_while(|(a, b)| **a == b.code).count();
    if head == word.len() && letters.len() == word.len() {
        return true;
    }
    if head + tail + 1 < word.len() || head >= word.len() || letters.len() < word.len() {
        return false;
    }
    let tail = (word.len() - 1 - head).min(tail);
    let rest = &letters[head..letters.len() - tail];
    match rest {
        [one] => !matches!(substitution(word[head], one.code), Step::OtherHan | Step::Replaced),
        [first, ..] if first.code < 128 => {
            han::sounds(word[head]).any(|it| it.bytes().map(u32::from).eq(rest.iter().map(|it| it.code)))
        }
        [first, second] => han::is_split(word[head], &[first.code, second.code]),
        [first, second, third] => han::is_split(word[head], &[first.code, second.code, third.code]),
        _ => false,
    }
}
