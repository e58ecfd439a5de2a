//! Recovery phrases: BIP-39, all ten word lists.
//!
//! Words of a list in a row are not enough: English has such rows of eight, and nearly all
//! Chinese text is made of the Chinese list, which is the commonest characters. What tells
//! is the length (12, 15, 18, 21 or 24), the checksum, and for Chinese that words are drawn
//! evenly while text is made of the first few hundred.
//!
//! The way through: a look at every third word says for nearly every text that there is no
//! row; then rows are counted; only then are they weighed.

mod han;
mod part;
mod tables;

use std::ops::Range;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};
use touchstone_text::Folded;

use super::{Secret, SecretKind};
pub(super) use part::words_of_a_phrase;
use tables::{NONE, Places, SHORT_ENGLISH, SPACED, TABLES, words};

/// A phrase of twelve words, one of them forgotten.
const SHORTEST: usize = 11;
const LENGTHS: [usize; 5] = [24, 21, 18, 15, 12];

pub(super) fn find(text: &str, folded: &Folded, found: &mut Vec<Secret>) {
    if text.len() < SHORTEST * 3 {
        return;
    }
    if may_hold_words(folded.text()) && holds_words(folded.text()) {
        for list in 0..SPACED {
            in_list(list, folded, found);
        }
    }
    han::find(text, folded, found);
}

/// Eleven words in a row, at most one of them misspelt, show at every third word: of three
/// that follow each other two are words of one list, and all three if they are cut short.
fn may_hold_words(folded: &str) -> bool {
    const SHORT: u16 = 1 << SHORT_ENGLISH;
    let tables = &*TABLES;
    let (mut first, mut second) = (0_u16, 0_u16);
    for (nth, (_, word)) in words(folded).enumerate() {
        if nth % 3 != 1 {
            continue;
        }
        let third = tables.places(word).map_or(0, lists);
        let two = (first & second | first & third | second & third) & !SHORT;
        if two != 0 || first & second & third != 0 {
            return true;
        }
        (first, second) = (second, third);
    }
    false
}

/// The lists that have the word, a bit each.
fn lists(places: &Places) -> u16 {
    places.iter().enumerate().fold(0, |lists, (at, place)| lists | u16::from(*place != NONE) << at)
}

/// Whether some list has eleven words in a row here, at most one of them misspelt. Counts
/// only; nothing is kept.
fn holds_words(folded: &str) -> bool {
    let mut run = [0_u8; SPACED];
    let mut since_miss = [0_u8; SPACED];
    let tables = &*TABLES;
    for (_, word) in words(folded) {
        let Some(places) = tables.places(word) else {
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
    let place = |it: &Places| it[list];
    let slots: Vec<Slot> = words(folded.text())
        .map(|(start, word)| Slot {
            range: start..start + word.len(),
            place: TABLES.places(word).map_or(NONE, place),
        })
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
                let span = folded.original(span);
                // What is a phrase in two lists, or in one and cut short, is one phrase.
                if super::is_free(found, &span) {
                    found.push(Secret { kind: SecretKind::RecoveryPhrase, span, certainty });
                }
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
        for (start, words) in row.windows(length).enumerate() {
            // One row of talk in sixteen has a checksum by chance.
            if matches!(list, 0 | SHORT_ENGLISH) && is_talk(words) {
                continue;
            }
            if fits(words) || in_order(words, folded).is_some_and(|ordered| fits(&ordered)) {
                return Some((start..start + length, 0.98));
            }
        }
    }
    if list == SHORT_ENGLISH {
        return None; // Every text has words of four letters; only the checksum tells.
    }
    if list == 0 && is_talk(&row[..row.len().min(LENGTHS[0])]) {
        return None;
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

/// All of a list, with its checksum, and not a refrain.
fn fits(words: &[Slot]) -> bool {
    words.iter().all(|it| it.place != NONE)
        && has_checksum(words.iter().map(|it| it.place), words.len())
        && (is_varied(words) || is_drawn(words))
}

/// The words by the numbers that stand before them, if each has one, from 1 on.
fn in_order(words: &[Slot], folded: &str) -> Option<Vec<Slot>> {
    let mut ordered: Vec<Option<Slot>> = words.iter().map(|_| None).collect();
    for word in words {
        let before = folded[..word.range.start].trim_end_matches([' ', '.', ')', ':', '-', '\t', '、']);
        let digits = before.len() - before.bytes().rev().take(2).take_while(u8::is_ascii_digit).count();
        let number: usize = before[digits..].parse().ok()?;
        let place = ordered.get_mut(number.checked_sub(1)?)?;
        if place.is_some() {
            return None;
        }
        *place = Some(Slot { range: word.range.clone(), place: word.place });
    }
    ordered.into_iter().collect()
}

/// A phrase hardly repeats a word; refrains and counting do.
fn is_varied(row: &[Slot]) -> bool {
    let mut seen = [0_u64; 2048 / 64];
    let mut again = 0;
    for slot in row.iter().filter(|it| it.place != NONE) {
        let (word, bit) = (usize::from(slot.place) / 64, slot.place % 64);
        again += usize::from(seen[word] >> bit & 1 == 1);
        seen[word] |= 1 << bit;
    }
    again <= row.len() / 6
}

/// The phrases of entropy that repeats itself, which the published test vectors are: one word
/// and another at the end, or a few that come round again.
fn is_drawn(words: &[Slot]) -> bool {
    let Some((last, rest)) = words.split_last() else { return false };
    let first = words[0].place;
    if rest.iter().all(|it| it.place == first) {
        return last.place != first;
    }
    let rounds = |by: usize| (by..rest.len()).all(|at| rest[at].place == rest[at - by].place);
    rounds(8) // 64 bits and more come round after eight words.
}

/// Short words that every text has: one letter from a word of a list, and no misspelling of it.
const ORDINARY: &[&str] = &[
    "the", "and", "was", "for", "are", "not", "but", "his", "her", "had", "has", "our", "its", "did", "let",
    "get", "got", "see", "say", "too", "why", "how", "may", "she", "him", "los", "las", "una", "con", "por",
    "que", "les", "des", "est", "une", "pas", "qui", "nao", "uma", "dos", "com", "sua", "seu", "del", "per",
    "non", "che", "gli", "sei", "jak", "ale", "then", "they", "with", "will", "para", "como", "esta", "dans",
    "pour",
];

/// Words of the English list that everyday talk is made of: of a phrase one in sixteen.
const COMMON: &[&str] = &[
    "about", "again", "all", "also", "always", "any", "before", "best", "better", "book", "boy", "call",
    "can", "car", "cat", "city", "come", "cool", "country", "crazy", "cute", "day", "dinner", "dog", "drink",
    "drive", "easy", "end", "enough", "family", "few", "find", "first", "food", "friend", "fun", "funny",
    "game", "girl", "give", "good", "great", "happy", "hard", "have", "hello", "help", "home", "hope",
    "into", "job", "just", "keep", "know", "learn", "like", "little", "live", "long", "love", "make", "man",
    "more", "morning", "movie", "much", "music", "must", "need", "never", "next", "nice", "night", "now",
    "off", "often", "okay", "one", "only", "open", "other", "over", "own", "perfect", "phone", "play",
    "pretty", "put", "right", "run", "sad", "same", "school", "seven", "someone", "song", "sorry", "sound",
    "sport", "state", "still", "story", "stuff", "such", "summer", "super", "sure", "talk", "team", "tell",
    "thank", "that", "then", "there", "they", "thing", "this", "time", "today", "tomorrow", "true", "try",
    "two", "under", "until", "use", "very", "wait", "walk", "want", "way", "weekend", "what", "when",
    "where", "will", "winter", "work", "world", "year", "you", "young",
];

/// Whether more than a third of an English row is such words: that is talk.
fn is_talk(row: &[Slot]) -> bool {
    row.iter().filter(|it| is_common(it.place)).count() * 3 > row.len()
}

/// Whether the word of the English list at this place is one of everyday.
fn is_common(place: u16) -> bool {
    static PLACES: LazyLock<[bool; 2048]> = LazyLock::new(|| {
        let mut common = [false; 2048];
        let places = COMMON.iter().filter_map(|word| TABLES.places(word)).map(|it| it[0]);
        places.for_each(|place| common.get_mut(usize::from(place)).into_iter().for_each(|it| *it = true));
        common
    });
    PLACES.get(usize::from(place)) == Some(&true)
}

/// Whether one change makes it a word of the list. Shorter words are words of other kinds.
fn is_misspelt(list: usize, word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let shortest = if matches!(list, 1 | 2) { 1 } else { 2 }; // A kana or Hangul block is a syllable.
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
