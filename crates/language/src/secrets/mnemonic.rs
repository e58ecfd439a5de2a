//! Recovery phrases: BIP-39, all ten word lists.
//!
//! Words of a list in a row are not enough: English has such rows of eight, and nearly all
//! Chinese text is made of the Chinese list, which is the commonest characters. What tells
//! is the length (12, 15, 18, 21 or 24), the checksum, and for Chinese that words are drawn
//! evenly while text is made of the first few hundred.

use std::ops::Range;
use std::sync::LazyLock;

use foldhash::fast::FixedState;
use sha2::{Digest, Sha256};
use touchstone_text::{Folded, fold};

use super::{Secret, SecretKind};

/// The languages whose words stand apart, by the order of [`LISTS`].
const SPACED: usize = 8;
const LISTS: [&str; SPACED] = [
    include_str!("../../data/bip39/english.txt"),
    include_str!("../../data/bip39/japanese.txt"),
    include_str!("../../data/bip39/korean.txt"),
    include_str!("../../data/bip39/spanish.txt"),
    include_str!("../../data/bip39/french.txt"),
    include_str!("../../data/bip39/italian.txt"),
    include_str!("../../data/bip39/czech.txt"),
    include_str!("../../data/bip39/portuguese.txt"),
];
const SIMPLIFIED: &str = include_str!("../../data/bip39/chinese_simplified.txt");
const TRADITIONAL: &str = include_str!("../../data/bip39/chinese_traditional.txt");

/// A phrase of twelve words, one of them forgotten.
const SHORTEST: usize = 11;
const LENGTHS: [usize; 5] = [24, 21, 18, 15, 12];
const NONE: u16 = u16::MAX;

type Map<K, V> = std::collections::HashMap<K, V, FixedState>;

struct Tables {
    /// For each folded word its place in each list.
    words: Map<Box<str>, [u16; SPACED]>,
    /// For each Han character, from [`FIRST_HAN`] on, its place in both lists.
    han: Vec<[u16; 2]>,
}

const FIRST_HAN: u32 = 0x3400;
const LAST_HAN: u32 = 0x9FFF;

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let han = vec![[NONE; 2]; (LAST_HAN - FIRST_HAN + 1) as usize];
    let mut tables = Tables { words: Map::default(), han };
    let mut folded = Folded::new();
    for (list, words) in LISTS.iter().enumerate() {
        for (place, word) in words.lines().enumerate() {
            fold(word, &mut folded);
            tables.words.entry(folded.text().into()).or_insert([NONE; SPACED])[list] = place as u16;
        }
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

pub(super) fn find(text: &str, folded: &Folded, found: &mut Vec<Secret>) {
    if text.len() < SHORTEST * 3 {
        return;
    }
    if may_hold_words(folded.text()) {
        for list in 0..SPACED {
            in_list(list, folded, found);
        }
    }
    han::find(text, folded, found);
}

fn is_han(c: char) -> bool {
    (FIRST_HAN..=LAST_HAN).contains(&u32::from(c))
}

fn is_letter(c: char) -> bool {
    match u32::from(c) {
        ..0x80 => c.is_ascii_alphabetic(),
        0x3400..=0x9FFF | 0xFF00..=0xFFEF | 0x3000..=0x3020 | 0x2000..=0x206F => false, // Han is read by itself.
        0x3041..=0x3096 | 0x30A1..=0x30FA | 0xAC00..=0xD7A3 | 0x0300..=0x036F | 0x3099 | 0x309A => true,
        _ => c.is_alphabetic(),
    }
}

/// The words of a folded text with their ranges.
fn words(folded: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &folded[at..];
        let start = at + rest.find(is_letter)?;
        let length = folded[start..].find(|c| !is_letter(c)).unwrap_or(folded.len() - start);
        at = start + length;
        Some((start..at, &folded[start..at]))
    })
}

/// Whether some list has eleven words in a row here, at most one of them misspelt. Counts
/// only; nothing is kept.
fn may_hold_words(folded: &str) -> bool {
    let mut run = [0_u8; SPACED];
    let mut since_miss = [0_u8; SPACED];
    let tables = &*TABLES;
    for (_, word) in words(folded) {
        // The shortest word of the lists has three bytes, the longest 24.
        let places = if (3..=32).contains(&word.len()) { tables.words.get(word) } else { None };
        let Some(places) = places else {
            run = since_miss;
            since_miss = [0; SPACED];
            continue;
        };
        for list in 0..SPACED {
            if places[list] != NONE {
                run[list] = run[list].saturating_add(1);
                since_miss[list] = since_miss[list].saturating_add(1);
                if run[list] as usize >= SHORTEST - 1 {
                    return true;
                }
            } else if run[list] > 0 {
                run[list] = since_miss[list];
                since_miss[list] = 0;
            }
        }
    }
    false
}

/// A word of a text as one list sees it.
struct Slot {
    range: Range<usize>,
    /// Its place in the list, or [`NONE`].
    place: u16,
}

/// Reads the text by one list: rows of known words with at most one unknown inside.
fn in_list(list: usize, folded: &Folded, found: &mut Vec<Secret>) {
    let slots: Vec<Slot> = words(folded.text())
        .map(|(range, word)| Slot { range, place: TABLES.words.get(word).map_or(NONE, |it| it[list]) })
        .collect();
    let mut from = 0;
    while from < slots.len() {
        if slots[from].place == NONE {
            from += 1;
            continue;
        }
        let row = row_end(&slots[from..]);
        match judge(list, &slots[from..from + row], folded.text()) {
            Some((words, certainty)) => {
                let span = slots[from + words.start].range.start..slots[from + words.end - 1].range.end;
                from += words.end;
                found.push(Secret {
                    kind: SecretKind::RecoveryPhrase,
                    span: folded.original(span),
                    certainty,
                });
            }
            // The next row may begin behind the unknown word inside this one.
            None => {
                from +=
                    slots[from..from + row].iter().position(|it| it.place == NONE).map_or(row, |at| at + 1)
            }
        }
    }
}

/// How many slots the row has: it ends before the second unknown word and never with one.
fn row_end(slots: &[Slot]) -> usize {
    let mut unknown = 0;
    let mut end = 0;
    for (at, slot) in slots.iter().enumerate() {
        if slot.place == NONE {
            unknown += 1;
            if unknown > 1 {
                break;
            }
        } else {
            end = at + 1;
        }
    }
    end
}

/// Which words of the row are a phrase, and how surely.
fn judge(list: usize, row: &[Slot], folded: &str) -> Option<(Range<usize>, f32)> {
    let known = row.iter().position(|it| it.place == NONE).unwrap_or(row.len());
    // The checksum decides first, wherever the phrase begins.
    for length in LENGTHS {
        for start in 0..=row.len().saturating_sub(length) {
            let words = &row[start..(start + length).min(row.len())];
            if words.len() == length
                && words.iter().all(|it| it.place != NONE)
                && has_checksum(words.iter().map(|it| it.place), length)
                && is_varied(words)
            {
                return Some((start..start + length, 0.98));
            }
        }
    }
    if known >= SHORTEST && is_varied(&row[..known]) && (known >= 12 || row.len() == known) {
        // Right length and wrong order or word, or one word forgotten.
        return Some((0..known, if LENGTHS.contains(&known) { 0.7 } else { 0.6 }));
    }
    if known < row.len()
        && row.len() >= 12
        && is_misspelt(list, &folded[row[known].range.clone()])
        && is_varied(row)
    {
        return Some((0..row.len(), if LENGTHS.contains(&row.len()) { 0.7 } else { 0.6 }));
    }
    None
}

/// A phrase hardly repeats a word; refrains and counting do.
fn is_varied(row: &[Slot]) -> bool {
    let again = |at: usize| row[..at].iter().any(|it| it.place == row[at].place);
    (0..row.len()).filter(|at| again(*at)).count() <= row.len() / 6
}

/// Short words that every text has: one letter from a word of a list, and no misspelling of it.
const ORDINARY: &[&str] = &[
    "the", "and", "was", "for", "are", "not", "but", "his", "her", "had", "has", "our", "its", "did", "let",
    "get", "got", "see", "say", "too", "why", "how", "may", "she", "him", "los", "las", "una", "con", "por",
    "que", "les", "des", "est", "une", "pas", "qui", "nao", "uma", "dos", "com", "sua", "seu", "del", "per",
    "non", "che", "gli", "sei", "jak", "ale", "then", "they", "with", "will", "para", "como", "esta", "dans",
    "pour",
];

/// Whether one change makes it a word of the list. Shorter words are words of other kinds.
fn is_misspelt(list: usize, word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let shortest = if matches!(list, 1 | 2) { 1 } else { 3 }; // A kana or Hangul block is a syllable.
    if ORDINARY.contains(&word) {
        return false;
    }
    if !(shortest..=12).contains(&letters.len()) {
        return false;
    }
    TABLES.words.iter().any(|(known, places)| {
        places[list] != NONE && one_edit_apart(&letters, &known.chars().collect::<Vec<_>>())
    })
}

/// One letter added, lost, changed, or two neighbours swapped.
fn one_edit_apart(a: &[char], b: &[char]) -> bool {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    matches!((a, b), ([], [_]) | ([_], []) | ([_], [_]))
        || matches!((a, b), ([p, q], [r, s]) if p == s && q == r)
}

/// BIP-39: eleven bits a word; behind the entropy stand the first bits of its SHA-256.
fn has_checksum(places: impl Iterator<Item = u16>, words: usize) -> bool {
    let mut bytes = [0_u8; 33];
    for (nth, place) in places.enumerate() {
        for bit in 0..11 {
            let at = nth * 11 + bit;
            bytes[at / 8] |= ((place >> (10 - bit) & 1) as u8) << (7 - at % 8);
        }
    }
    let entropy = words * 11 * 32 / 33 / 8;
    let bits = words / 3;
    let sum = Sha256::digest(&bytes[..entropy])[0];
    (bytes[entropy] ^ sum) >> (8 - bits) == 0
}

/// Chinese: a word is one character.
mod han {
    use std::ops::Range;

    use touchstone_text::Folded;

    use super::super::context;
    use super::{FIRST_HAN, LENGTHS, NONE, SHORTEST, Secret, SecretKind, TABLES, has_checksum, is_han};

    /// Of two thousand words drawn evenly one in eight is among the first of these; of
    /// characters in a text two in three.
    const COMMON: u16 = 256;
    /// The certainty of a row without gaps, where the text says what it is.
    const DENSE: f32 = 0.9;

    /// Characters of one list in a row, no more than a phrase has.
    #[derive(Clone)]
    struct Row {
        start: usize,
        end: usize,
        places: [[u16; 2]; 25],
        count: usize,
    }

    impl Row {
        fn new() -> Self {
            Row { start: 0, end: 0, places: [[NONE; 2]; 25], count: 0 }
        }

        fn push(&mut self, range: Range<usize>, places: [u16; 2]) {
            if self.count == 0 {
                self.start = range.start;
            }
            if self.count < 25 {
                self.places[self.count] = places;
            }
            self.count += 1;
            self.end = range.end;
        }

        /// `spaced`: the characters stand apart, as wallets print them.
        fn judge(&self, spaced: bool) -> Option<f32> {
            if !(SHORTEST..=24).contains(&self.count) {
                return None;
            }
            let row = &self.places[..self.count];
            (0..2).filter_map(|list| judge(row, list, spaced)).reduce(f32::max)
        }
    }

    fn judge(row: &[[u16; 2]], list: usize, spaced: bool) -> Option<f32> {
        if row.iter().any(|it| it[list] == NONE) {
            return None;
        }
        let common = row.iter().filter(|it| it[list] < COMMON).count();
        let again = (0..row.len()).filter(|at| row[..*at].contains(&row[*at])).count();
        if again > row.len() / 6 {
            return None;
        }
        let fits = LENGTHS.contains(&row.len()) && has_checksum(row.iter().map(|it| it[list]), row.len());
        let third = row.len() / 3;
        match (fits, spaced) {
            (true, true) if common <= third + 2 => Some(0.97),
            (true, false) if common < third => Some(DENSE),
            (false, true) if common <= third => Some(0.6),
            _ => None,
        }
    }

    /// Two readings at once: characters side by side between other signs, and characters
    /// that each stand apart.
    pub(super) fn find(text: &str, folded: &Folded, found: &mut Vec<Secret>) {
        let (mut dense, mut spaced) = (Row::new(), Row::new());
        let tables = &*TABLES;
        let mut apart = true; // Whether something stands between this character and the last.
        for (at, c) in text.char_indices() {
            if !is_han(c) {
                finish(&mut dense, false, found);
                if c.is_alphabetic() {
                    finish(&mut spaced, true, found);
                }
                apart = true;
                continue;
            }
            let range = at..at + c.len_utf8();
            let places = tables.han[(u32::from(c) - FIRST_HAN) as usize];
            dense.push(range.clone(), places);
            if !apart {
                spaced.count = spaced.count.saturating_sub(1); // The last one had a neighbour too.
                finish(&mut spaced, true, found);
            } else {
                spaced.push(range, places);
            }
            apart = false;
        }
        finish(&mut dense, false, found);
        finish(&mut spaced, true, found);
        // One line in some thousands fits by chance; characters that stand apart do not.
        if found.iter().any(|it| it.certainty == DENSE)
            && !context::has(folded.text(), context::RECOVERY_PHRASE)
        {
            found.iter_mut().filter(|it| it.certainty == DENSE).for_each(|it| it.certainty = 0.3);
        }
    }

    fn finish(row: &mut Row, spaced: bool, found: &mut Vec<Secret>) {
        if row.count == 0 {
            return; // Between the letters of other scripts, at every one of them.
        }
        if let Some(certainty) = row.judge(spaced)
            && super::super::is_free(found, &(row.start..row.end))
        {
            found.push(Secret { kind: SecretKind::RecoveryPhrase, span: row.start..row.end, certainty });
        }
        row.count = 0;
    }
}
