//! Chinese: a word is one character.
//!
//! Rows are read in two ways: characters that each stand apart, as wallets print them, and
//! characters side by side between other signs. Every clause of Chinese is a row of the
//! second kind, so it counts for little without a word that says what it is.

use std::ops::Range;

use touchstone_text::Folded;

use super::super::context;
use super::tables::{NONE, TABLES, is_han};
use super::{LENGTHS, SHORTEST, Secret, SecretKind, has_checksum};

/// From which place on, and how much more likely (in half bits) a character of that place is
/// drawn evenly than written: counted over 766,000 characters of Chinese chat.
const DRAWN: [(u16, i32); 14] = [
    (0, -10),
    (8, -7),
    (16, -6),
    (32, -4),
    (64, -3),
    (96, -4),
    (128, -3),
    (192, -1),
    (256, -1),
    (384, 0),
    (512, 1),
    (768, 1),
    (1024, 4),
    (1536, 6),
];
/// In half bits: 99.9 % of phrases have more where a checksum speaks for them …
const WITH_CHECKSUM: i32 = -10;
/// … and 99 % have more without one.
const WITHOUT: i32 = 1;
/// The certainty of a row without gaps, where the text says what it is.
const DENSE: f32 = 0.9;
/// The longest row that is looked at, in characters.
const LONGEST: usize = 48;

#[derive(Clone, Copy)]
struct Character {
    start: usize,
    end: usize,
    places: [u16; 2],
}

/// How much the characters look drawn rather than written, in half bits; those that are in
/// no list count nothing.
fn drawn(row: &[Character], list: usize) -> i32 {
    let one = |place: u16| DRAWN.iter().rev().find(|(from, _)| *from <= place).map_or(0, |it| it.1);
    row.iter().map(|it| it.places[list]).filter(|it| *it != NONE).map(one).sum()
}

pub(super) fn find(text: &str, folded: &Folded, found: &mut Vec<Secret>) {
    // Where the row of each reading began, and how many characters it has.
    let (mut dense, mut apart) = ((0, 0), (0, 0));
    let mut last_apart = true; // Whether something stood before the last character.
    let mut gap = true;
    let mut some = false;
    for (at, c) in text.char_indices() {
        if is_han(c) {
            if dense.1 == 0 {
                dense.0 = at;
            }
            dense.1 += 1;
            if gap {
                if apart.1 == 0 {
                    apart.0 = at;
                }
                apart.1 += 1;
                last_apart = true;
            } else {
                // The one before had a neighbour, so it was no word by itself either.
                let count = if last_apart { apart.1 - 1 } else { 0 };
                some |= count >= SHORTEST && spaced(text, apart.0..at, count, found);
                (apart, last_apart) = ((at, 0), false);
            }
            gap = false;
            continue;
        }
        if (SHORTEST..=LENGTHS[0]).contains(&dense.1) {
            some |= side_by_side(text, dense.0..at, found);
        }
        dense.1 = 0;
        if !c.is_ascii() && !gap && c.is_alphabetic() || c.is_ascii_alphabetic() {
            some |= apart.1 >= SHORTEST && spaced(text, apart.0..at, apart.1, found);
            apart.1 = 0;
        }
        gap = true;
    }
    if (SHORTEST..=LENGTHS[0]).contains(&dense.1) {
        some |= side_by_side(text, dense.0..text.len(), found);
    }
    some |= apart.1 >= SHORTEST && spaced(text, apart.0..text.len(), apart.1, found);
    // One line in some thousands fits by chance; characters that stand apart do not.
    if some && !context::has(folded.text(), context::RECOVERY_PHRASE) {
        found.iter_mut().filter(|it| it.certainty == DENSE).for_each(|it| it.certainty = 0.3);
    }
}

fn row(text: &str, range: Range<usize>, count: usize) -> ([Character; LONGEST], usize) {
    let mut row = [Character { start: 0, end: 0, places: [NONE; 2] }; LONGEST];
    let mut used = 0;
    for (at, c) in text[range.clone()].char_indices().filter(|(_, c)| is_han(*c)).take(count.min(LONGEST)) {
        let start = range.start + at;
        row[used] = Character { start, end: start + c.len_utf8(), places: TABLES.han(c) };
        used += 1;
    }
    (row, used)
}

/// Characters that each stand apart.
fn spaced(text: &str, range: Range<usize>, count: usize, found: &mut Vec<Secret>) -> bool {
    let (row, used) = row(text, range, count);
    let row = &row[..used];
    // Whole phrases first, by either list: most characters are in both, at other places.
    for list in 0..2 {
        for length in LENGTHS {
            for words in row.windows(length) {
                if drawn(words, list) >= WITH_CHECKSUM && fits(words, list) {
                    return push(words, 0.97, found);
                }
            }
        }
    }
    for list in 0..2 {
        let unknown = row.iter().filter(|it| it.places[list] == NONE).count();
        let enough = used <= 25 && unknown <= 1 && used - unknown >= SHORTEST;
        if enough && drawn(row, list) >= WITHOUT && is_varied(row, list) && alike(text, row) {
            return push(row, 0.6, found);
        }
    }
    false
}

/// Whether the same stands between all of them, but for numbers: a sentence that is written
/// with gaps has its commas too.
fn alike(text: &str, row: &[Character]) -> bool {
    let between = |pair: &[Character]| {
        let gap = text.get(pair[0].end..pair[1].start).unwrap_or_default().chars();
        gap.filter(|c| !c.is_numeric())
    };
    let mut gaps = row.windows(2).map(between);
    let first = gaps.next();
    gaps.all(|gap| first.clone().is_some_and(|it| it.eq(gap)))
}

/// Characters side by side between other signs.
fn side_by_side(text: &str, range: Range<usize>, found: &mut Vec<Secret>) -> bool {
    let (row, used) = row(text, range, LONGEST);
    let row = &row[..used];
    // How it is drawn is asked first: it costs less than a checksum, and no clause has it.
    let fits = |list: usize| drawn(row, list) >= WITHOUT && fits(row, list);
    LENGTHS.contains(&used) && (0..2).any(fits) && push(row, DENSE, found)
}

fn push(words: &[Character], certainty: f32, found: &mut Vec<Secret>) -> bool {
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let span = first.start..last.end;
    let free = super::super::is_free(found, &span);
    if free {
        found.push(Secret { kind: SecretKind::RecoveryPhrase, span, certainty });
    }
    free
}

fn fits(words: &[Character], list: usize) -> bool {
    words.iter().all(|it| it.places[list] != NONE)
        && has_checksum(words.iter().map(|it| it.places[list]), words.len())
        && (is_varied(words, list) || is_drawn(words, list))
}

fn is_varied(words: &[Character], list: usize) -> bool {
    let again = |at: usize| words[..at].iter().any(|it| it.places[list] == words[at].places[list]);
    (0..words.len()).filter(|at| again(*at)).count() <= words.len() / 6
}

/// The test vectors: see [`super::is_drawn`].
fn is_drawn(words: &[Character], list: usize) -> bool {
    let place = |at: usize| words[at].places[list];
    let last = words.len() - 1;
    if (1..last).all(|at| place(at) == place(0)) {
        return place(last) != place(0);
    }
    (8..last).all(|at| place(at) == place(at - 8))
}
