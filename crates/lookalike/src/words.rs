//! What is an ordinary word, a person's name, or a word by which an account claims a role.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::letters::{Letters, Reading};
use crate::table::Sieve;

type Map<V> = HashMap<u64, V, foldhash::fast::FixedState>;

/// How ordinary words are; made from `data/words.txt` (see `tools/words.py`) and what an
/// operator adds with [`Background::learn`].
#[derive(Clone, Debug, Default)]
pub struct Background {
    learned: Map<u32>,
}

/// What a word of the list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// In dictionaries; the commonest have rank 0, rare ones 9.
    Dictionary(u8),
    /// Met in texts, but in no dictionary in lower case.
    Proper(u8),
    /// A person's name.
    Person,
}

static WORDS: LazyLock<Map<Word>> = LazyLock::new(|| {
    let mut words = Map::default();
    let mut before = String::new();
    for line in include_str!("../data/words.txt").lines() {
        let bytes = line.as_bytes();
        let (Some(shared), Some(kind)) = (bytes.first(), bytes.last()) else { continue };
        before.truncate(usize::from(shared.saturating_sub(b'a')));
        before.push_str(&line[1..line.len() - 1]);
        let word = match kind {
            b'0'..=b'9' => Word::Dictionary(kind - b'0'),
            b'A'..=b'J' => Word::Proper(kind - b'A'),
            _ => Word::Person,
        };
        words.insert(hash_of(before.bytes().map(u32::from)), word);
    }
    words
});

fn hash_of(letters: impl Iterator<Item = u32>) -> u64 {
    letters.fold(0, step)
}

#[inline]
fn step(hash: u64, letter: u32) -> u64 {
    (hash.rotate_left(23) ^ u64::from(letter)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The word that the letters spell.
pub(crate) fn word(letters: impl Iterator<Item = u32>) -> Option<Word> {
    WORDS.get(&hash_of(letters)).copied()
}

/// The longest word that is looked for in a name.
const MAX_WORD: usize = 15;

/// How unlike ordinary words the letters are, in bits: the cheapest way to spell them with
/// words of the list, and letter by letter where there is none.
pub(crate) fn strangeness(letters: &[u32], costs: &mut Vec<f32>) -> f32 {
    const LETTER: f32 = 5.5;
    costs.clear();
    costs.resize(letters.len() + 1, f32::MAX);
    costs[0] = 0.0;
    for from in 0..letters.len() {
        let here = costs[from];
        let single = here + if (48..58).contains(&letters[from]) { 3.3 } else { LETTER };
        costs[from + 1] = costs[from + 1].min(single);
        let mut hash = 0;
        for (length, letter) in letters[from..].iter().take(MAX_WORD).enumerate() {
            hash = step(hash, *letter);
            if length < 1 {
                continue;
            }
            let Some(word) = WORDS.get(&hash) else { continue };
            let bits = match word {
                Word::Dictionary(rank) | Word::Proper(rank) => 6.0 + f32::from(*rank) * 1.2,
                Word::Person => 14.0,
            };
            let end = from + length + 1;
            costs[end] = costs[end].min(here + bits);
        }
    }
    costs[letters.len()]
}

/// By how many bits `letters` are read more easily across the bounds of `stretch` than with it as
/// a word of its own: trust bank, and not trus tbank.
pub(crate) fn crossing(letters: &[u32], stretch: std::ops::Range<usize>, costs: &mut Vec<f32>) -> f32 {
    const NAME: f32 = 10.0;
    let apart = strangeness(&letters[..stretch.start], costs) + strangeness(&letters[stretch.end..], costs);
    apart + NAME - strangeness(letters, costs)
}

/// How many ordinary words and names are one letter away: replaced, put in, left out or swapped.
pub(crate) fn neighbours(letters: &[u32]) -> u8 {
    const ALPHABET: std::ops::RangeInclusive<u32> = 97..=122;
    let is_word = |left: &[u32], middle: &[u32], right: &[u32]| {
        let letters = left.iter().chain(middle).chain(right).copied();
        u8::from(matches!(word(letters), Some(Word::Dictionary(_) | Word::Proper(_) | Word::Person)))
    };
    let mut count = 0u8;
    for at in 0..=letters.len() {
        let (left, right) = letters.split_at(at);
        let mut found = ALPHABET.map(|it| is_word(left, &[it], right)).fold(0u8, u8::saturating_add);
        if let [first, rest @ ..] = right {
            found = found.saturating_add(is_word(left, &[], rest));
            found = ALPHABET
                .filter(|it| it != first)
                .map(|it| is_word(left, &[it], rest))
                .fold(found, u8::saturating_add);
            if let [second, rest @ ..] = rest {
                found = found.saturating_add(is_word(left, &[*second, *first], rest));
            }
        }
        count = count.saturating_add(found);
    }
    count
}

/// How often two letters are followed by a third in ordinary words and names, in bits.
static TRIGRAMS: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let mut counts = vec![0.3f32; SIGNS * SIGNS * SIGNS];
    let mut before = String::new();
    for line in include_str!("../data/words.txt").lines() {
        let Some(shared) = line.as_bytes().first() else { continue };
        before.truncate(usize::from(shared.saturating_sub(b'a')));
        before.push_str(&line[1..line.len() - 1]);
        trigrams(before.bytes().map(u32::from), |at| counts[at] += 1.0);
    }
    for next in counts.chunks_mut(SIGNS) {
        let all: f32 = next.iter().sum();
        next.iter_mut().for_each(|it| *it = -(*it / all).log2());
    }
    counts
});

/// Reads the tables, so that no candidate waits for them.
pub(crate) fn prepare() {
    LazyLock::force(&WORDS);
    LazyLock::force(&TRIGRAMS);
    LazyLock::force(&ROLES);
}

/// The letters, the end of a word, and whatever else there is.
const SIGNS: usize = 28;

fn trigrams(letters: impl Iterator<Item = u32>, mut found: impl FnMut(usize)) {
    let sign =
        |code: u32| usize::try_from(code).ok().filter(|it| (97..=122).contains(it)).map_or(27, |it| it - 96);
    let (mut first, mut second) = (0, 0);
    for third in letters.map(sign).chain([0]) {
        found((first * SIGNS + second) * SIGNS + third);
        (first, second) = (second, third);
    }
}

/// How unlike the letters of ordinary words and names these follow one another, in bits.
pub(crate) fn improbability(letters: &[u32]) -> f32 {
    let mut bits = 0.0;
    trigrams(letters.iter().copied(), |at| bits += TRIGRAMS[at]);
    bits
}

impl Background {
    /// What is built in: English words and people's names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts ordinary names of one's own users, so that official strings that are like many
    /// of them are not taken for distinctive. Give names that no impostor chose.
    pub fn learn<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        let mut letters = Letters::default();
        for name in names {
            letters.read(name, Reading::Forward);
            for (from, to) in tokens(&letters) {
                *self.learned.entry(letters.hash(from, to)).or_default() += 1;
            }
        }
    }

    /// How often a word with this key was learned.
    pub(crate) fn count(&self, hash: u64) -> u32 {
        self.learned.get(&hash).copied().unwrap_or(0)
    }
}

/// The parts of a name between its separators, as ranges of its key.
pub(crate) fn tokens(letters: &Letters) -> impl Iterator<Item = (usize, usize)> {
    let ends = (1..=letters.len()).filter(|to| letters.is_apart(*to));
    ends.scan(0, |from, to| Some((std::mem::replace(from, to), to)))
}

/// How much a role word claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Goes along with brands: "wallet", "app", "中国".
    Weak,
    /// Claims to act for somebody: "support", "official", "客服".
    Strong,
}

/// Role words by the hash of their key, and the Chinese ones as letters.
#[derive(Default)]
pub(crate) struct Roles {
    /// Most stretches of a name are no role word, nor begin or end as one does: asked first.
    sieve: Sieve,
    beginnings: Sieve,
    endings: Sieve,
    by_hash: Map<Role>,
    pub(crate) han: Vec<(Vec<u32>, Role)>,
    /// The lengths of keys that there are, longest first.
    pub(crate) longest: usize,
}

pub(crate) static ROLES: LazyLock<Roles> = LazyLock::new(|| {
    let few = || Sieve::with_room_for(1 << 10); // Twice as many as there are role words.
    let mut roles = Roles { beginnings: few(), endings: few(), ..Roles::default() };
    let mut letters = Letters::default();
    for line in include_str!("../data/roles.tsv").lines().filter(|line| !line.starts_with('#')) {
        let Some((strength, words)) = line.split_once('\t') else { continue };
        let role = if strength == "strong" { Role::Strong } else { Role::Weak };
        for word in words.split(' ') {
            letters.read(word, Reading::Forward);
            // A short word of another alphabet that reads as Latin letters would be met everywhere.
            let chance = !word.is_ascii()
                && letters.len() < 6
                && letters.key[..letters.len()].iter().all(|it| *it < 128);
            if letters.len() == 0 || chance {
                continue;
            }
            let known = roles.by_hash.entry(letters.hash(0, letters.len())).or_insert(role);
            *known = (*known).max(role);
            roles.longest = roles.longest.max(letters.len());
            let (len, few) = (letters.len(), letters.len().min(Roles::FEW));
            roles.beginnings.insert(letters.hash(0, few));
            roles.endings.insert(letters.hash(len - few, len));
            if letters.han && letters.len() >= 2 {
                roles.han.push((letters.all.iter().map(|it| it.code).collect(), role));
            }
        }
    }
    roles.sieve = Sieve::with_room_for(roles.by_hash.len());
    roles.by_hash.keys().for_each(|hash| roles.sieve.insert(*hash));
    roles
});

impl Roles {
    /// By so many symbols a role word is recognised.
    const FEW: usize = 3;

    /// May a role word begin at the key's symbol `from`?
    #[inline]
    pub(crate) fn may_begin(&self, letters: &Letters, from: usize) -> bool {
        (2..=Self::FEW.min(letters.len() - from))
            .any(|few| self.beginnings.may_hold(letters.hash(from, from + few)))
    }

    /// May a role word end before the key's symbol `to`?
    #[inline]
    pub(crate) fn may_end(&self, letters: &Letters, to: usize) -> bool {
        (2..=Self::FEW.min(to)).any(|few| self.endings.may_hold(letters.hash(to - few, to)))
    }

    /// The role that a key with this hash claims.
    #[inline]
    pub(crate) fn get(&self, hash: u64) -> Option<Role> {
        if self.sieve.may_hold(hash) { self.by_hash.get(&hash).copied() } else { None }
    }

    /// Is the stretch one or two strong role words, and nothing else?
    pub(crate) fn are_strong(&self, letters: &Letters, from: usize, to: usize) -> bool {
        let strong = |from, to| self.get(letters.hash(from, to)) == Some(Role::Strong);
        strong(from, to) || (from + 2..to.saturating_sub(1)).any(|cut| strong(from, cut) && strong(cut, to))
    }

    /// The role of a stretch of a name: one role word, or up to three one after another.
    pub(crate) fn of(&self, letters: &Letters, from: usize, to: usize) -> Option<Role> {
        self.chain(letters, from, to, 3)
    }

    fn chain(&self, letters: &Letters, from: usize, to: usize, words: usize) -> Option<Role> {
        if from >= to || words == 0 || to - from > words * self.longest {
            return None;
        }
        if let Some(role) = self.get(letters.hash(from, to)) {
            return Some(role);
        }
        // Two letters in a row with others are no word of their own: tr-us-tbank.
        let least = if letters.key[from..to].iter().all(|it| *it < 128) { 3 } else { 2 };
        (from + least..(to + 1).saturating_sub(least)).take(self.longest).find_map(|cut| {
            let first = self.get(letters.hash(from, cut))?;
            Some(first.max(self.chain(letters, cut, to, words - 1)?))
        })
    }
}
