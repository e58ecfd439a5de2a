//! Finds the terms in a name: as a whole, as its parts, without role words, with a letter or
//! two amiss, by its sound.

use crate::index::{HEAD, Index, TWO_EDIT_LEN};
use crate::letters::{BACK, Letters, TWICE_BACK, WIDE};
use crate::words::{self, ROLES};

/// A term that a stretch of the name's key may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) term: u32,
    pub(crate) from: u16,
    pub(crate) to: u16,
}

/// Stretches of a key that are looked up, and what they led to; reused.
#[derive(Clone, Debug, Default)]
pub(crate) struct Finder {
    windows: Vec<(u16, u16)>,
    pub(crate) hits: Vec<Hit>,
    left_out: LeftOut,
}

/// Hashes of a stretch with symbols left out: each is the sum of what stands before and behind
/// them, shifted together. What can be is computed once for all pairs.
#[derive(Clone, Debug)]
struct LeftOut {
    whole: u64,
    /// The hash from each symbol to the end.
    rests: [u64; MAX_WINDOW + 1],
    /// `heads[a] + tails[b]` is the hash without the symbols `a` and `b`.
    heads: [u64; MAX_WINDOW],
    tails: [u64; MAX_WINDOW],
}

impl Default for LeftOut {
    fn default() -> Self {
        Self { whole: 0, rests: [0; MAX_WINDOW + 1], heads: [0; MAX_WINDOW], tails: [0; MAX_WINDOW] }
    }
}

impl LeftOut {
    /// For the stretch `from..to`, of at most [`MAX_WINDOW`] symbols.
    #[inline]
    fn prepare(&mut self, letters: &Letters, from: usize, to: usize) {
        let len = (to - from).min(MAX_WINDOW);
        self.whole = letters.hash(from, to);
        for (at, rest) in self.rests[..=len].iter_mut().enumerate() {
            *rest = letters.hash(from + at, to);
        }
        for at in 0..len {
            let (rest, next) = (self.rests[at], self.rests[at + 1]);
            let before = self.whole.wrapping_sub(rest);
            self.heads[at] = before.wrapping_mul(TWICE_BACK).wrapping_add(next.wrapping_mul(BACK));
            self.tails[at] = next.wrapping_sub(rest.wrapping_mul(BACK));
        }
    }

    /// Without the symbol at that place.
    #[inline]
    fn one(&self, at: usize) -> u64 {
        self.whole.wrapping_sub(self.rests[at]).wrapping_mul(BACK).wrapping_add(self.rests[at + 1])
    }
}

/// At most so many stretches and hits are looked at.
const MAX_WINDOWS: usize = 48;
const MAX_HITS: usize = 64;

/// Longer stretches are no single name.
const MAX_WINDOW: usize = 40;

/// In longer stretches no two symbols are left out.
const MAX_TWO_EDITS: usize = 32;

/// At most so many neighbouring parts of a name are read as one.
const MAX_JOINED: usize = 5;

impl Finder {
    /// Gathers the hits in `letters`.
    pub(crate) fn find(&mut self, index: &Index, letters: &Letters) {
        self.hits.clear();
        self.windows.clear();
        if letters.len() == 0 {
            return;
        }
        self.cut_windows(letters);
        for at in 0..self.windows.len() {
            let (from, to) = self.windows[at];
            self.look_up(index, letters, usize::from(from), usize::from(to));
        }
        if index.edits > 0 {
            self.look_within(index, letters);
        }
    }

    fn window(&mut self, from: usize, to: usize) {
        if from >= to || to - from > MAX_WINDOW || self.windows.len() >= MAX_WINDOWS {
            return;
        }
        #[allow(clippy::cast_possible_truncation)] // At most MAX_LETTERS.
        let window = (from as u16, to as u16);
        if !self.windows.contains(&window) {
            self.windows.push(window);
        }
    }

    /// The whole name, its parts, neighbouring parts together, and each without role words.
    fn cut_windows(&mut self, letters: &Letters) {
        let len = letters.len();
        self.window(0, len);
        self.without_roles(letters, 0, len);
        let mut starts = [0usize; 12];
        let mut count = 0;
        for at in 0..len {
            if letters.is_boundary(at) && count < starts.len() {
                starts[count] = at;
                count += 1;
            }
        }
        for first in 0..count {
            for last in first..count.min(first + MAX_JOINED) {
                let to = if last + 1 < count { starts[last + 1] } else { len };
                self.window(starts[first], to);
                if last == first || letters.han {
                    self.without_roles(letters, starts[first], to);
                }
            }
        }
    }

    /// What remains when a role word or digits at either end are taken off.
    fn without_roles(&mut self, letters: &Letters, from: usize, to: usize) {
        if to - from > 2 * MAX_WINDOW {
            return;
        }
        let least = if letters.han { 2 } else { 3 };
        let (mut left, mut right) = (from, to);
        for _ in 0..2 {
            let before = (left, right);
            if let Some(cut) = role_ahead(letters, left, right, least) {
                self.window(cut, right);
                self.window(cut, to);
                left = cut;
            }
            let digits = letters.digits_before(right);
            if let Some(cut) = role_behind(letters, left, right, least) {
                self.window(left, cut);
                self.window(from, cut);
                right = cut;
            } else if digits > 0 && right > left + least + digits {
                right -= digits.min(right - left - least);
                self.window(left, right);
            }
            if (left, right) == before {
                break;
            }
        }
    }

    /// Looks one stretch up, exactly and with symbols left out.
    fn look_up(&mut self, index: &Index, letters: &Letters, from: usize, to: usize) {
        let len = to - from;
        probe(index, letters.hash(from, to), (from, to), &mut self.hits);
        let wide = letters.wide && letters.key[from..to].iter().any(|it| *it >= WIDE);
        if len >= 2 {
            for term in index.sounds.get(&letters.all[letters.letters(from, to)]) {
                hit(term, (from, to), &mut self.hits);
            }
        }
        if index.edits == 0 || len < 3 && !wide {
            return;
        }
        if index.edits >= 2 && !wide && !index.edges.may_hold(letters, from, to) {
            return;
        }
        let with_two = index.edits >= 2 && len + 2 >= TWO_EDIT_LEN && len <= MAX_TWO_EDITS;
        self.left_out.prepare(letters, from, to);
        if wide {
            self.without_few(index, letters, from, to);
        } else {
            let Self { left_out, hits, .. } = self;
            for at in 0..len {
                probe(index, left_out.one(at), (from, to), hits);
            }
        }
        if with_two {
            let Self { left_out, hits, .. } = self;
            without_two(index, left_out, (from, to), hits);
        }
    }

    /// One symbol left out, or several side by side: of Chinese characters one may be written as many.
    fn without_few(&mut self, index: &Index, letters: &Letters, from: usize, to: usize) {
        for gap in from..to {
            probe(index, letters.hash_without(from, to, gap, gap + 1), (from, to), &mut self.hits);
            for gap_end in gap + 2..=(gap + 4).min(to) {
                probe(index, letters.hash_without(from, to, gap, gap_end), (from, to), &mut self.hits);
            }
        }
    }

    /// Looks for whole terms anywhere within.
    fn look_within(&mut self, index: &Index, letters: &Letters) {
        let len = letters.len();
        for from in 0..len {
            let is_han = letters.key[from] >= WIDE;
            let sizes = if is_han { 2..=HEAD } else { HEAD..=HEAD };
            let known = sizes
                .into_iter()
                .any(|size| from + size <= len && index.heads.may_hold(letters.hash(from, from + size)));
            if !known {
                continue;
            }
            for term_len in &index.lengths {
                let to = from + usize::from(*term_len);
                if to > len {
                    break;
                }
                let hash = letters.hash(from, to);
                if index.keys_sieve.may_hold(hash) {
                    for term in index.keys.get(hash) {
                        if index
                            .terms
                            .get(term as usize)
                            .is_some_and(|it| it.len == *term_len && it.is_distinctive())
                        {
                            hit(term, (from, to), &mut self.hits);
                        }
                    }
                }
            }
        }
    }
}

/// Any two symbols left out.
fn without_two(index: &Index, left_out: &LeftOut, (from, to): (usize, usize), hits: &mut Vec<Hit>) {
    let (heads, tails) = (&left_out.heads[..to - from], &left_out.tails[..to - from]);
    for (head, first) in heads.iter().zip(1..) {
        for tail in &tails[first..] {
            probe(index, head.wrapping_add(*tail), (from, to), hits);
        }
    }
}

#[inline]
fn probe(index: &Index, hash: u64, window: (usize, usize), hits: &mut Vec<Hit>) {
    if index.keys_sieve.may_hold(hash) {
        take(index, hash, window, hits);
    }
}

#[cold]
fn take(index: &Index, hash: u64, window: (usize, usize), hits: &mut Vec<Hit>) {
    for term in index.keys.get(hash) {
        hit(term, window, hits);
    }
}

fn hit(term: u32, (from, to): (usize, usize), hits: &mut Vec<Hit>) {
    #[allow(clippy::cast_possible_truncation)] // At most MAX_LETTERS.
    let hit = Hit { term, from: from as u16, to: to as u16 };
    if hits.len() < MAX_HITS && !hits.contains(&hit) {
        hits.push(hit);
    }
}

/// Where the longest role word at the beginning of a stretch ends.
fn role_ahead(letters: &Letters, left: usize, right: usize, least: usize) -> Option<usize> {
    if left + 2 > right || !ROLES.may_begin(letters, left) {
        return None;
    }
    let last = right.saturating_sub(least);
    let first = (left + 2).max((last + 1).saturating_sub(ROLES.longest * 2));
    (first..=last.min(left + ROLES.longest)).rev().find(|cut| ROLES.get(letters.hash(left, *cut)).is_some())
}

/// Where the longest role word at the end of a stretch begins.
fn role_behind(letters: &Letters, left: usize, right: usize, least: usize) -> Option<usize> {
    if left + 2 > right || !ROLES.may_end(letters, right) {
        return None;
    }
    let first = (left + least).max(right.saturating_sub(ROLES.longest));
    (first..right.saturating_sub(1)).find(|cut| ROLES.get(letters.hash(*cut, right)).is_some())
}

/// What a stretch beside the name at the heart holds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Beside {
    pub(crate) strong: bool,
    pub(crate) weak: bool,
    pub(crate) digits: usize,
    /// Letters that are neither role words nor digits, and how strange they are, in bits.
    pub(crate) others: usize,
    pub(crate) strangeness: f32,
    /// Letters of those that are in no whole word of the dictionary.
    pub(crate) unknown: usize,
}

impl Beside {
    /// Reads the key's symbols `from..to`.
    pub(crate) fn read(&mut self, letters: &Letters, from: usize, to: usize, costs: &mut Vec<f32>) {
        if from < to && self.read_role(letters, from, to) {
            return;
        }
        let mut start = from;
        for end in from + 1..=to {
            if end <= start || end < to && !letters.is_apart(end) {
                continue;
            }
            // A role of two words, neither of which need be one: hoàn tiền.
            let next = (end + 1..=to).find(|it| *it == to || letters.is_apart(*it));
            let both = next.filter(|it| ROLES.get(letters.hash(start, *it)) == Some(words::Role::Strong));
            self.read_part(letters, start, both.unwrap_or(end), costs);
            start = both.unwrap_or(end);
        }
    }

    /// Reads a stretch that is a role word, perhaps with a number behind it and signs within:
    /// 客服001, 客.服, `help_desk`.
    fn read_role(&mut self, letters: &Letters, from: usize, to: usize) -> bool {
        const BAR: u32 = '丨' as u32;
        let is_digit = |at: &usize| (48..58).contains(&letters.all[usize::from(letters.starts[*at])].code);
        let mut end = to;
        while end > from && letters.key[end - 1] == BAR {
            end -= 1;
        }
        let number = (from..end).rev().take_while(is_digit).count();
        let core = end - number;
        if core <= from {
            return false;
        }
        let part = &letters.all[letters.letters(from, core)];
        let role = match ROLES.of(letters, from, core) {
            Some(role) => role,
            None if is_nearly_role(part) => words::Role::Strong,
            None => return false,
        };
        match role {
            words::Role::Strong => self.strong = true,
            words::Role::Weak => self.weak = true,
        }
        self.digits += number;
        true
    }

    fn read_part(&mut self, letters: &Letters, from: usize, to: usize, costs: &mut Vec<f32>) {
        if self.read_role(letters, from, to) {
            return;
        }
        let range = letters.letters(from, to);
        let part = &letters.all[range];
        if part.iter().all(|it| (48..58).contains(&it.code)) {
            self.digits += part.len();
            return;
        }
        self.others += part.len();
        let word = words::word(part.iter().map(|it| it.code));
        if part.len() < 3 || !matches!(word, Some(words::Word::Dictionary(_))) {
            self.unknown += part.len();
        }
        let mut codes = [0u32; 24];
        let count = part.len().min(codes.len());
        for (code, letter) in codes.iter_mut().zip(part) {
            *code = letter.code;
        }
        self.strangeness += words::strangeness(&codes[..count], costs);
    }
}

/// A Chinese role word with one character amiss: 喀服, 官仿, 客月艮.
fn is_nearly_role(part: &[crate::letters::Letter]) -> bool {
    let has_han = part.iter().any(|it| it.code > 0x2e80);
    if !has_han || part.len() > 10 {
        return false;
    }
    ROLES.han.iter().any(|(word, role)| {
        *role == words::Role::Strong
            && (sounds_the_same(word, part)
                || part.len() + 1 >= word.len()
                    && part.len() <= word.len() + 5
                    && crate::align::differs_in_one_han(word, part))
    })
}

/// A Chinese word written with other characters of the same sound: 倌芳.
fn sounds_the_same(word: &[u32], part: &[crate::letters::Letter]) -> bool {
    word.len() >= 2
        && word.len() == part.len()
        && word.iter().zip(part).all(|(a, b)| *a == b.code || crate::han::same_sound(*a, b.code))
}
