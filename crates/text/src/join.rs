//! Takes out what was put between letters that belong together, and reads Chinese digits.
//!
//! Works on text that has been folded already, so that no trick hides a separator.

use std::ops::Range;

use crate::Tricks;
use crate::table::is_han;

/// Bytes of the folded text that read as one character, or as nothing.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub(crate) range: Range<usize>,
    pub(crate) reads: Option<char>,
    pub(crate) trick: Tricks,
}

/// As many letters must stand alone in a row before they are read as a word.
const MIN_SPELT: usize = 4;

/// As many digits make a number of which some may be Chinese; fewer are ordinary words.
const MIN_NUMBER: usize = 4;

/// Decorations between two Chinese characters: at most this many are taken out.
const MAX_DECORATIONS: usize = 3;

/// Finds the separators: `s e e d`, `微❤信`, `客 服`.
pub(crate) fn separators(text: &str, has_han: bool, edits: &mut Vec<Edit>) {
    spelt_letters(text, edits);
    if has_han {
        let spelt = edits.len();
        between_han(text, edits);
        if spelt > 0 && edits.len() > spelt {
            edits.sort_by_key(|it| it.range.start);
        }
    }
}

/// Finds every space of a gap between words but the first: `seed   phrase`. A gap between two
/// letters that stand alone is left, or they would read as one word the next time.
pub(crate) fn gaps(text: &str, _: bool, edits: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(start) = text[from..].find("  ").map(|at| from + at) {
        let end = start + bytes[start..].iter().take_while(|it| **it == b' ').count();
        let letter =
            |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        let words = letter(start.checked_sub(1)) && letter(Some(end));
        if words && (letter(start.checked_sub(2)) || letter(Some(end + 1))) {
            let one = |at| Edit { range: at..at + 1, reads: None, trick: Tricks::NONE };
            edits.extend((start + 1..end).map(one));
        }
        from = end;
    }
}

/// Finds Chinese digits in numbers: `一三八零零` reads as 13800.
pub(crate) fn digits(text: &str, has_han: bool, edits: &mut Vec<Edit>) {
    if !has_han {
        return;
    }
    let (mut first_edit, mut length) = (edits.len(), 0);
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if let Some(digit) = chinese_digit(c) {
            let range = at..at + c.len_utf8();
            edits.push(Edit { range, reads: Some(digit), trick: Tricks::DIGITS });
            length += 1;
        } else if c.is_ascii_digit() {
            length += 1;
        } else {
            if length < MIN_NUMBER {
                edits.truncate(first_edit);
            }
            (first_edit, length) = (edits.len(), 0);
        }
    }
}

const fn chinese_digit(c: char) -> Option<char> {
    Some(match c {
        '〇' | '零' => '0',
        '一' | '壹' => '1',
        '二' | '贰' => '2',
        '三' | '叁' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' => '6',
        '七' | '柒' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        _ => return None,
    })
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'.' | b'-' | b'_' | b'*' | b',' | b'/' | b'|' | b'~' | b'+')
}

/// Letters that stand alone, each followed by the same separator.
fn spelt_letters(text: &str, edits: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    let alone = |at: usize| {
        let open = |byte: Option<&u8>| byte.is_none_or(|b| b.is_ascii() && !b.is_ascii_alphanumeric());
        bytes.get(at).is_some_and(u8::is_ascii_alphanumeric)
            && open(at.checked_sub(1).and_then(|before| bytes.get(before)))
            && open(bytes.get(at + 1))
    };
    let mut at = 1;
    while at + 1 < bytes.len() {
        // Most text ends here: two letters that stand alone are rare.
        if !(is_separator(bytes[at]) && alone(at - 1) && alone(at + 1)) {
            at += 1;
            continue;
        }
        let start = at - 1;
        let mut last = start;
        while bytes.get(last + 1) == Some(&bytes[at]) && alone(last + 2) {
            last += 2;
        }
        let letters = (start..=last).step_by(2);
        let is_number = letters.clone().all(|it| bytes[it].is_ascii_digit());
        // Dates, versions and network addresses are numbers with separators.
        let is_word = !is_number || bytes[at] == b' ';
        if letters.clone().count() >= MIN_SPELT && is_word {
            edits.extend((start + 1..last).step_by(2).map(|it| Edit {
                range: it..it + 1,
                reads: None,
                trick: Tricks::SEPARATED,
            }));
        }
        at = last + 1;
    }
}

/// Decorations between two Chinese characters, and spaces between ones that stand alone.
fn between_han(text: &str, edits: &mut Vec<Edit>) {
    let mut before: [Option<char>; 2] = [None, None]; // The character before the gap, and the one before that.
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let gap = if before[0].is_some_and(is_han) { gap_at(&text[at..]) } else { 0 };
        if gap > 0 && is_separating(&text[at..], gap, before[1]) {
            let range = at..at + gap;
            edits.push(Edit { range, reads: None, trick: Tricks::SEPARATED });
            if &text[at..at + gap] == " " {
                before = [None, None]; // What stood alone before the gap still does behind it.
            }
            at += gap;
            continue;
        }
        before = [Some(c), before[0]];
        at += c.len_utf8();
    }
}

/// The length in bytes of the decorations and spaces at the beginning of `rest`.
fn gap_at(rest: &str) -> usize {
    rest.chars()
        .take(MAX_DECORATIONS)
        .take_while(|c| *c == ' ' || is_decoration(*c))
        .map(char::len_utf8)
        .sum()
}

fn is_separating(rest: &str, gap: usize, before_last: Option<char>) -> bool {
    let mut after = rest[gap..].chars();
    if !after.next().is_some_and(is_han) {
        return false;
    }
    if &rest[..gap] != " " {
        return rest[..gap].chars().any(is_decoration);
    }
    // A space is put between words, too: only characters that stand alone are joined.
    !before_last.is_some_and(is_han) && !after.next().is_some_and(is_han)
}

const fn is_decoration(c: char) -> bool {
    matches!(
        c,
        '*' | '~' | '^' | '|' | '_' | '+' | '#' | '.' | '-' | '/' | '\\' | '·' | '•' | '●' | '∙' | '⋅' | '丨'
            | '〜' | '●'..='◯' | '\u{2600}'..='\u{27BF}' | '\u{1F300}'..='\u{1FAFF}' | '\u{2190}'..='\u{21FF}'
            | '■'..='◎'
    )
}
