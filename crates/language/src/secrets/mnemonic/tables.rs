//! The word lists of BIP-39, and where each word stands in them.

use std::sync::LazyLock;

use foldhash::fast::FixedState;
use touchstone_text::{Folded, fold};

/// The languages whose words stand apart, by the order of `LISTS`, and English cut to four
/// letters, which is all that tells its words apart.
pub(super) const SPACED: usize = 9;
/// The list of English words cut to four letters.
pub(super) const SHORT_ENGLISH: usize = 8;
const LISTS: [&str; SPACED - 1] = [
    include_str!("../../../data/bip39/english.txt"),
    include_str!("../../../data/bip39/japanese.txt"),
    include_str!("../../../data/bip39/korean.txt"),
    include_str!("../../../data/bip39/spanish.txt"),
    include_str!("../../../data/bip39/french.txt"),
    include_str!("../../../data/bip39/italian.txt"),
    include_str!("../../../data/bip39/czech.txt"),
    include_str!("../../../data/bip39/portuguese.txt"),
];
const SIMPLIFIED: &str = include_str!("../../../data/bip39/chinese_simplified.txt");
const TRADITIONAL: &str = include_str!("../../../data/bip39/chinese_traditional.txt");

/// The place of a word that is not in the list.
pub(super) const NONE: u16 = u16::MAX;
/// A word's place in each of the spaced lists.
pub(super) type Places = [u16; SPACED];

pub(super) const FIRST_HAN: u32 = 0x3400;
pub(super) const LAST_HAN: u32 = 0x9FFF;

pub(super) struct Tables {
    /// By the folded word.
    pub(super) words: std::collections::HashMap<Box<str>, Places, FixedState>,
    /// For each Han character, from [`FIRST_HAN`] on, its place in both lists.
    han: Vec<[u16; 2]>,
}

pub(super) static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let han = vec![[NONE; 2]; (LAST_HAN - FIRST_HAN + 1) as usize];
    let mut tables = Tables { words: Default::default(), han };
    let mut folded = Folded::new();
    for (list, words) in LISTS.iter().enumerate() {
        for (place, word) in words.lines().enumerate() {
            fold(word, &mut folded);
            tables.words.entry(folded.text().into()).or_insert([NONE; SPACED])[list] = place as u16;
        }
    }
    for (place, word) in LISTS[0].lines().enumerate() {
        let short = word.get(..4).unwrap_or(word);
        tables.words.entry(short.into()).or_insert([NONE; SPACED])[SHORT_ENGLISH] = place as u16;
    }
    for (list, words) in [SIMPLIFIED, TRADITIONAL].iter().enumerate() {
        for (place, word) in words.lines().enumerate() {
            let han = word.chars().find(|c| is_han(*c)).map(|c| (u32::from(c) - FIRST_HAN) as usize);
            if let Some(places) = han.and_then(|at| tables.han.get_mut(at)) {
                places[list] = place as u16;
            }
        }
    }
    tables
});

impl Tables {
    /// The shortest word of the lists has three bytes, the longest 33: Hangul in its letters.
    #[inline]
    pub(super) fn places(&self, word: &str) -> Option<&Places> {
        if (3..=33).contains(&word.len()) { self.words.get(word) } else { None }
    }

    /// The places of a Han character in the simplified and the traditional list.
    #[inline]
    pub(super) fn han(&self, c: char) -> [u16; 2] {
        self.han.get((u32::from(c).wrapping_sub(FIRST_HAN)) as usize).copied().unwrap_or([NONE; 2])
    }
}

#[inline]
pub(super) fn is_han(c: char) -> bool {
    (FIRST_HAN..=LAST_HAN).contains(&u32::from(c))
}

/// Letters of scripts whose words stand apart; Han is read by itself.
#[inline]
pub(super) fn is_letter(c: char) -> bool {
    match u32::from(c) {
        ..0x80 => c.is_ascii_alphabetic(),
        0x3400..=0x9FFF | 0xFF00..=0xFFEF | 0x3000..=0x3020 | 0x2000..=0x206F => false,
        0x3041..=0x3096 | 0x30A1..=0x30FA | 0xAC00..=0xD7A3 | 0x0300..=0x036F | 0x3099 | 0x309A => true,
        _ => c.is_alphabetic(),
    }
}

/// The words of a folded text, each with where it begins.
pub(super) struct WordsOf<'t> {
    text: &'t str,
    at: usize,
}

pub(super) fn words(text: &str) -> WordsOf<'_> {
    WordsOf { text, at: 0 }
}

impl WordsOf<'_> {
    /// How long the character here is, if it is (not) a letter as wanted.
    #[inline]
    fn step(&self, at: usize, letters: bool) -> Option<usize> {
        let byte = *self.text.as_bytes().get(at)?;
        if byte < 0x80 {
            return (byte.is_ascii_alphabetic() == letters).then_some(1);
        }
        let c = self.text[at..].chars().next()?;
        (is_letter(c) == letters).then_some(c.len_utf8())
    }
}

impl<'t> Iterator for WordsOf<'t> {
    type Item = (usize, &'t str);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let mut start = self.at;
        while let Some(length) = self.step(start, false) {
            start += length;
        }
        let mut end = start;
        while let Some(length) = self.step(end, true) {
            end += length;
        }
        self.at = end;
        (end > start).then(|| (start, &self.text[start..end]))
    }
}
