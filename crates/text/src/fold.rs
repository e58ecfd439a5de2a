use std::ops::Range;

use crate::join::{self, Edit};
use crate::table::{is_han, reading};
use crate::{Reading, Tricks};

/// A text as it reads, with the way back to the original. Reuse it: its buffers are kept.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    text: String,
    pieces: Vec<Piece>,
    tricks: Tricks,
    has_han: bool,
    edits: Vec<Edit>,
    spare: (String, Vec<Piece>),
}

/// A stretch of the folded text, up to where the next begins, and what it was made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    folded: u32,
    original: (u32, u32),
    tricks: Tricks,
    /// Byte for byte as long as the original, so that parts of it can be told apart.
    copied: bool,
}

/// Longer texts are cut to this many bytes: offsets are kept in 32 bits.
const MAX_BYTES: usize = u32::MAX as usize / 4;

#[allow(clippy::cast_possible_truncation)] // `fold` cuts the text to `MAX_BYTES`.
fn offset(at: usize) -> u32 {
    at as u32
}

impl Folded {
    /// An empty text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The text as it reads.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All that had been done to the text.
    #[must_use]
    pub fn tricks(&self) -> Tricks {
        self.tricks
    }

    /// Is there a Chinese character in it?
    #[must_use]
    pub fn has_han(&self) -> bool {
        self.has_han
    }

    /// The bytes of the original that the bytes `range` of [`Self::text`] were made of, cut to
    /// the text. A character that reads as several is never split.
    #[must_use]
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        let Some((first, last)) = self.pieces_of(&range) else { return 0..0 };
        let (first, last) = (self.pieces[first], self.pieces[last]);
        let start = match first.copied {
            true => first.original.0 as usize + range.start.min(self.text.len()) - first.folded as usize,
            false => first.original.0 as usize,
        };
        let end = match last.copied {
            true => last.original.0 as usize + range.end.min(self.text.len()) - last.folded as usize,
            false => last.original.1 as usize,
        };
        start..if range.is_empty() { start } else { end.max(start) }
    }

    /// What had been done to the bytes `range` of [`Self::text`], and between them.
    #[must_use]
    pub fn tricks_in(&self, range: Range<usize>) -> Tricks {
        let Some((first, last)) = self.pieces_of(&range) else { return Tricks::NONE };
        let mut tricks = Tricks::NONE;
        for piece in &self.pieces[first..=last] {
            tricks |= piece.tricks;
        }
        tricks
    }

    /// The pieces in which the range begins and ends.
    fn pieces_of(&self, range: &Range<usize>) -> Option<(usize, usize)> {
        let at = |position: usize| self.pieces.partition_point(|it| it.folded as usize <= position);
        let first = at(range.start.min(self.text.len())).checked_sub(1)?;
        let last = at(range.end.min(self.text.len()).saturating_sub(1)).checked_sub(1)?;
        Some((first, last.max(first)))
    }

    fn clear(&mut self) {
        self.text.clear();
        self.pieces.clear();
        self.tricks = Tricks::NONE;
        self.has_han = false;
    }

    /// Begins or continues a stretch that is as long as its original.
    fn copied(&mut self, from: usize, to: usize) {
        match self.pieces.last_mut() {
            Some(last) if last.copied && last.tricks.is_empty() && last.original.1 as usize == from => {
                last.original.1 = offset(to);
            }
            _ => self.push(from, to, Tricks::NONE, true),
        }
    }

    fn push(&mut self, from: usize, to: usize, tricks: Tricks, copied: bool) {
        let original = (offset(from), offset(to));
        self.pieces.push(Piece { folded: offset(self.text.len()), original, tricks, copied });
    }

    fn changed(&mut self, from: usize, to: usize, reads: &str, tricks: Tricks) {
        self.push(from, to, tricks, false);
        self.text.push_str(reads);
    }

    fn truncate(&mut self, mark: &Word) {
        self.text.truncate(mark.folded);
        while self.pieces.last().is_some_and(|it| it.original.0 as usize >= mark.original) {
            self.pieces.pop();
        }
        if let Some(last) = self.pieces.last_mut() {
            last.original.1 = last.original.1.min(offset(mark.original));
        }
    }

    fn edit(&mut self, find: fn(&str, bool, &mut Vec<Edit>)) {
        self.edits.clear();
        find(&self.text, self.has_han, &mut self.edits);
        if self.edits.is_empty() {
            return;
        }
        let (mut text, mut pieces) = std::mem::take(&mut self.spare);
        text.clear();
        pieces.clear();
        let mut kept_from = 0;
        for edit in &self.edits {
            self.keep(kept_from..edit.range.start, &mut text, &mut pieces);
            let original = self.original(edit.range.clone());
            pieces.push(Piece {
                folded: offset(text.len()),
                original: (offset(original.start), offset(original.end)),
                tricks: edit.trick,
                copied: false,
            });
            text.extend(edit.reads);
            kept_from = edit.range.end;
            self.tricks |= edit.trick;
        }
        self.keep(kept_from..self.text.len(), &mut text, &mut pieces);
        self.spare = (std::mem::replace(&mut self.text, text), std::mem::replace(&mut self.pieces, pieces));
    }

    /// Takes over a stretch of the folded text unchanged.
    fn keep(&self, range: Range<usize>, text: &mut String, pieces: &mut Vec<Piece>) {
        if range.is_empty() {
            return;
        }
        let Some((first, last)) = self.pieces_of(&range) else { return };
        for (at, piece) in self.pieces[first..=last].iter().enumerate() {
            let start = (piece.folded as usize).max(range.start);
            let next = self.pieces.get(first + at + 1).map_or(self.text.len(), |it| it.folded as usize);
            let mut kept = *piece;
            kept.folded = offset(text.len() + start - range.start);
            if piece.copied {
                kept.original.0 += offset(start) - piece.folded;
                kept.original.1 = kept.original.0 + offset(next.min(range.end).saturating_sub(start));
            }
            pieces.push(kept);
        }
        text.push_str(&self.text[range]);
    }
}

/// The word that is being read: where it began, and which alphabets were met in it.
struct Word {
    original: usize,
    folded: usize,
    latin: u32,
    /// Letters of other alphabets that look like Latin ones.
    foreign: u32,
    /// Letters of other alphabets that Latin has no twin for.
    foreign_only: u32,
    /// Those of them that are Cyrillic.
    cyrillic_only: u32,
    /// Latin letters that Cyrillic has no twin for.
    latin_only: u32,
}

impl Word {
    fn begin(original: usize, folded: usize) -> Self {
        Self { original, folded, latin: 0, foreign: 0, foreign_only: 0, cyrillic_only: 0, latin_only: 0 }
    }

    fn count_latin(&mut self, letter: u8) {
        self.latin += 1;
        self.latin_only += u32::from(cyrillic_twin(letter).is_none());
    }

    /// Counts a letter as it reads in its own script.
    fn count(&mut self, letter: char) {
        match u8::try_from(letter) {
            Ok(ascii) if ascii.is_ascii_alphabetic() => self.count_latin(ascii),
            _ if letter.is_ascii() => {}
            _ if is_exact_twin(letter) => self.foreign += 1,
            _ => {
                self.foreign_only += 1;
                self.cyrillic_only += u32::from(matches!(letter, '\u{400}'..='\u{52F}'));
            }
        }
    }

    fn is_mixed(&self) -> bool {
        self.latin > 0 && self.foreign + self.foreign_only > 0
    }

    /// Mixed, and yet Cyrillic: Latin letters were slipped into it, not the other way.
    fn is_cyrillic(&self) -> bool {
        self.latin_only == 0 && self.cyrillic_only > 0 && self.foreign + self.cyrillic_only > self.latin
    }
}

/// The Cyrillic letter that looks the same.
const fn cyrillic_twin(letter: u8) -> Option<&'static str> {
    Some(match letter {
        b'a' => "а",
        b'c' => "с",
        b'e' => "е",
        b'i' => "і",
        b'j' => "ј",
        b'k' => "к",
        b'm' => "м",
        b'o' => "о",
        b'p' => "р",
        b's' => "ѕ",
        b't' => "т",
        b'x' => "х",
        b'y' => "у",
        _ => return None,
    })
}

/// Letters whose Latin twin is the same shape in every font; the others only resemble one.
const fn is_exact_twin(c: char) -> bool {
    matches!(
        c,
        'а' | 'с'
            | 'е'
            | 'о'
            | 'р'
            | 'х'
            | 'у'
            | 'і'
            | 'ѕ'
            | 'ј'
            | 'к'
            | 'м'
            | 'т'
            | 'в'
            | 'н'
            | 'А'
            | 'В'
            | 'С'
            | 'Е'
            | 'Н'
            | 'К'
            | 'М'
            | 'О'
            | 'Р'
            | 'Т'
            | 'Х'
            | 'У'
            | 'І'
            | 'Ѕ'
            | 'Ј'
    )
}

/// Folds `text` into `out`, whose former content is dropped.
///
/// Lower case; full width, styled and enclosed forms as ordinary ones; what cannot be seen
/// is gone; no accents on Latin, Greek and Cyrillic; simplified Chinese; a word that mixes
/// alphabets in one of them; nothing between letters that belong together; numbers in
/// Chinese digits as digits.
///
/// ```
/// let mut folded = touchstone_text::Folded::new();
/// touchstone_text::fold("Sеnd 𝗺𝗲 the ｗords", &mut folded);
/// assert_eq!(folded.text(), "send me the words");
/// assert_eq!(folded.original(0..4), 0..5); // The second letter was a Cyrillic one of two bytes.
/// ```
pub fn fold(text: &str, out: &mut Folded) {
    out.clear();
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    let mut word = Word::begin(0, 0);
    let mut at = 0;
    while at < text.len() {
        at = match text.as_bytes()[at] {
            byte if is_plain_ascii(byte) => fold_ascii(text, at, &mut word, out),
            _ => fold_char(text, at, &mut word, out),
        };
    }
    end_word(text, text.len(), &word, out);
    out.edit(join::separators);
    out.edit(join::gaps);
    out.edit(join::digits); // After the separators: there may be some between the digits.
}

/// Folds the ASCII characters from `at` on; where they end.
fn fold_ascii(text: &str, at: usize, word: &mut Word, out: &mut Folded) -> usize {
    let bytes = &text.as_bytes()[at..];
    let run = bytes.iter().position(|b| !is_plain_ascii(*b)).unwrap_or(bytes.len());
    let in_word = bytes[..run].iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(run);
    copy_ascii(text, at..at + in_word, out);
    count_word(&bytes[..in_word], word);
    if in_word == run {
        return at + run;
    }
    end_word(text, at + in_word, word, out);
    copy_ascii(text, at + in_word..at + run, out);
    let rest = bytes[in_word..run].iter().rev().take_while(|b| b.is_ascii_alphabetic()).count();
    *word = Word::begin(at + run - rest, out.text.len() - rest);
    count_word(&bytes[run - rest..run], word);
    at + run
}

fn count_word(bytes: &[u8], word: &mut Word) {
    for letter in bytes.iter().filter(|b| b.is_ascii_alphabetic()) {
        word.count_latin(letter.to_ascii_lowercase());
    }
}

fn copy_ascii(text: &str, range: Range<usize>, out: &mut Folded) {
    if range.is_empty() {
        return;
    }
    out.copied(range.start, range.end);
    let start = out.text.len();
    out.text.push_str(&text[range]);
    out.text[start..].make_ascii_lowercase();
}

const fn is_plain_ascii(byte: u8) -> bool {
    byte.is_ascii() && (!byte.is_ascii_control() || matches!(byte, b'\t' | b'\n' | b'\r'))
}

/// Folds the character at `at`, which is not ASCII or a control code; where it ends.
fn fold_char(text: &str, at: usize, word: &mut Word, out: &mut Folded) -> usize {
    let Some(c) = text[at..].chars().next() else { return text.len() };
    let next = at + c.len_utf8();
    let known = reading(c);
    if is_regional(c) && is_flag(text, at) {
        end_word(text, at, word, out);
        out.copied(at, next);
        out.text.push(c);
        *word = Word::begin(next, out.text.len());
        return next;
    }
    if !joins_word(c, known.as_ref()) {
        end_word(text, at, word, out);
        emit_plain(c, known.as_ref(), at, out);
        *word = Word::begin(next, out.text.len());
        return next;
    }
    match known {
        Some(known) => known.plain.chars().for_each(|it| word.count(it)),
        None => word.count(c),
    }
    emit_plain(c, known.as_ref(), at, out);
    next
}

/// May it be part of a word that mixes alphabets? Scripts that write without spaces may not.
fn joins_word(c: char, known: Option<&Reading>) -> bool {
    let looks_latin = |part: char| reading(part).is_some_and(|it| !it.look.is_empty());
    let joins = |part: char| match part.is_ascii() {
        true => part.is_ascii_alphabetic(), // A digit ends a word: it may have been a Chinese one.
        false => part.is_alphabetic() && (part as u32) < 0x590 || looks_latin(part),
    };
    match known {
        Some(known) => known.plain.is_empty() || known.plain.chars().any(joins),
        None => joins(c),
    }
}

fn emit_plain(c: char, known: Option<&Reading>, at: usize, out: &mut Folded) {
    let next = at + c.len_utf8();
    match known {
        None => {
            // A capital or a letter that the table does not list, such as Ж.
            out.has_han |= is_han(c);
            out.copied(at, next);
            out.text.push(c);
        }
        Some(known) => {
            let itself = known.plain.len() == c.len_utf8() && known.plain.starts_with(c);
            if itself {
                out.copied(at, next);
                out.text.push(c);
            } else {
                out.has_han |= known.plain.chars().any(is_han);
                let tricks = if known.tricks == Tricks::FLIPPED { Tricks::NONE } else { known.tricks };
                out.changed(at, next, known.plain, tricks);
                out.tricks |= tricks;
            }
        }
    }
}

/// Ends the word before `end`; if it mixes alphabets, reads it again in one of them.
fn end_word(text: &str, end: usize, word: &Word, out: &mut Folded) {
    if !word.is_mixed() || word.original >= end {
        return;
    }
    out.truncate(word);
    let cyrillic = word.is_cyrillic();
    for (at, c) in text[word.original..end].char_indices() {
        let at = word.original + at;
        let known = reading(c);
        let plain = known.map_or("", |it| it.plain);
        if c.is_ascii() && plain.is_empty() && known.is_none() {
            let letter = c.to_ascii_lowercase();
            match cyrillic_twin(letter as u8).filter(|_| cyrillic) {
                Some(twin) => confusable(at, c, twin, Tricks::NONE, out),
                None => copy_ascii(text, at..at + 1, out),
            }
        } else if cyrillic && let Some(known) = known.filter(|it| it.plain.bytes().any(|b| b.is_ascii())) {
            confusable(at, c, "", known.tricks, out);
            for part in known.plain.chars() {
                match u8::try_from(part).ok().and_then(cyrillic_twin) {
                    Some(twin) => out.text.push_str(twin),
                    None => out.text.push(part),
                }
            }
        } else if !cyrillic && let Some(known) = known.filter(|it| !it.plain.is_ascii()) {
            latin_look(at, c, &known, out);
        } else {
            emit_plain(c, known.as_ref(), at, out);
        }
    }
}

/// Reads `c` as what it looks like in Latin, as far as it looks like a letter. What looks like a
/// digit stays: a digit would end the word, and its halves would read otherwise the next time.
fn latin_look(at: usize, c: char, known: &Reading, out: &mut Folded) {
    let is_letter = |look: &str| !look.is_empty() && !look.bytes().any(|it| it.is_ascii_digit());
    if is_letter(known.look) {
        return confusable(at, c, known.look, known.tricks, out);
    }
    let letter_look = |part: char| reading(part).filter(|it| is_letter(it.look));
    if !known.look.is_empty() && known.plain.chars().all(|part| letter_look(part).is_none()) {
        return emit_plain(c, Some(known), at, out);
    }
    confusable(at, c, "", known.tricks, out);
    for part in known.plain.chars() {
        match letter_look(part) {
            Some(it) => out.text.push_str(it.look),
            None => out.text.push(part),
        }
    }
}

fn confusable(at: usize, c: char, reads: &str, tricks: Tricks, out: &mut Folded) {
    let tricks = tricks | Tricks::CONFUSABLE;
    out.changed(at, at + c.len_utf8(), reads, tricks);
    out.tricks |= tricks;
}

const fn is_regional(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

/// Two regional letters alone are a flag; more of them in a row spell a word.
fn is_flag(text: &str, at: usize) -> bool {
    const BYTES: usize = 4; // The length of a regional letter.
    let before = text[..at].chars().rev().take_while(|c| is_regional(*c)).take(3).count();
    let after = text[at + BYTES..].chars().take_while(|c| is_regional(*c)).take(3).count();
    before + after == 1
}
