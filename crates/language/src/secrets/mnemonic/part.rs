//! A phrase that is sent in parts: messages that are nothing but a few of its words.

use touchstone_text::Folded;

use super::is_common;
use super::tables::{NONE, SHORT_ENGLISH, SPACED, TABLES, is_han, words};

/// As many words has the longest phrase.
const LONGEST: usize = 24;

/// How many words of a recovery phrase the text is, if it is nothing else: numbers and signs
/// between them do not count, and one word may be misspelt in six. 0 for every other text.
pub(in super::super) fn words_of_a_phrase(text: &str, folded: &Folded) -> usize {
    // Nobody asks or exclaims in a phrase.
    if text.len() > 300 || text.contains(['?', '!', '？', '！']) {
        return 0;
    }
    let mut counts = [0_usize; SPACED];
    let (mut all, mut common, mut unknown) = (0, 0, 0);
    for (_, word) in words(folded.text()) {
        all += 1;
        if let Some(places) = TABLES.places(word) {
            common += usize::from(is_common(places[0]));
            for (list, count) in counts.iter_mut().enumerate() {
                *count += usize::from(places[list] != NONE && list != SHORT_ENGLISH);
            }
            continue;
        }
        unknown += 1;
        if unknown > LONGEST / 6 {
            return 0; // Most texts end here, after their first few words.
        }
    }
    let most = counts.into_iter().max().unwrap_or(0);
    let spaced =
        if (1..=LONGEST).contains(&all) && most * 6 >= all * 5 && common * 3 <= all { most } else { 0 };
    match (spaced, han(text)) {
        (0, Some(count)) if all == 0 => count,
        (count, None) => count,
        _ => 0,
    }
}

/// How many Han characters the text has, if each stands apart and none is common; nothing if
/// it has none at all.
fn han(text: &str) -> Option<usize> {
    let (mut count, mut common, mut outside) = (0, 0, 0);
    let mut beside = false;
    for c in text.chars() {
        if !is_han(c) {
            beside = false;
            continue;
        }
        if beside {
            return Some(0);
        }
        beside = true;
        let place = TABLES.han(c).into_iter().min().unwrap_or(NONE);
        count += 1;
        outside += usize::from(place == NONE);
        common += usize::from(place < 128);
    }
    match count {
        0 => None,
        count if outside * 6 <= count && common * 3 <= count => Some(count),
        _ => Some(0),
    }
}
