//! Reads a name as the eye does: letter by letter, with what each letter looks like, where it
//! stood, and what had been done to it.

use touchstone_text::{Tricks, reading};

/// At most this many letters of a name are read; longer names are cut.
pub(crate) const MAX_LETTERS: usize = 512;

/// Multiplier of the rolling hash over keys; odd, with well mixed bits.
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// The inverses of [`BASE`] and of its square, as odd numbers have them modulo 2^64.
pub(crate) const BACK: u64 = inverse(BASE);
pub(crate) const TWICE_BACK: u64 = BACK.wrapping_mul(BACK);

/// From this symbol on a symbol is a syllable or a word rather than a letter.
pub(crate) const WIDE: u32 = 0x2e81;

const fn inverse(odd: u64) -> u64 {
    let mut found = odd; // Right in its lowest three bits; each round doubles their number.
    let mut round = 0;
    while round < 5 {
        found = found.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(found)));
        round += 1;
    }
    found
}

/// One letter of a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Letter {
    /// As it reads: lower case, digits as digits, simplified Chinese.
    pub(crate) code: u32,
    /// The bytes of the name it came from.
    pub(crate) at: (u32, u32),
    /// What had been done to it, or just before it.
    pub(crate) tricks: Tricks,
    /// Is there a separator before it?
    pub(crate) apart: bool,
    /// Does a new word seem to begin here (separator, capital, digit after letter)?
    pub(crate) fresh: bool,
}

/// A name as letters, and its key: letters that look alike are one, doubled ones are single.
#[derive(Clone, Debug, Default)]
pub(crate) struct Letters {
    pub(crate) all: Vec<Letter>,
    /// The key's symbols, and the letter each begins with (one more at the end). These and the
    /// hashes stay as long as the longest name so far; `count` symbols hold.
    pub(crate) key: Vec<u32>,
    pub(crate) starts: Vec<u16>,
    /// Hash of the first `i` symbols of the key.
    hashes: Vec<u64>,
    count: usize,
    /// Has it a Chinese character?
    pub(crate) han: bool,
    /// Has the key symbols from [`WIDE`] on, which are few in a name and have many variants?
    pub(crate) wide: bool,
    /// Letters that stand on their head, and controls of direction.
    pub(crate) flipped: u32,
    pub(crate) overridden: bool,
    /// All that had been done to it.
    pub(crate) tricks: Tricks,
    /// Signs that are neither letters nor plain separators, such as emoji.
    pub(crate) decorated: bool,
}

/// In which order, and which way up, the letters are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Forward,
    Backward,
    UpsideDown,
}

struct State {
    pending: Tricks,
    apart: bool,
    last: Sort,
}

/// What an ASCII character is; all others are `Other`, as are control codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Lower,
    Upper,
    Digit,
    Sign,
    Other,
}

/// Does a new word seem to begin with a letter or digit after the character before it?
#[inline]
fn is_fresh(sort: Sort, before: Sort) -> bool {
    sort == Sort::Upper && before != Sort::Upper || (sort == Sort::Digit) != (before == Sort::Digit)
}

static SORTS: [Sort; 256] = {
    let mut sorts = [Sort::Other; 256];
    let mut at = 0;
    while at < 256 {
        sorts[at] = match at as u8 {
            b'a'..=b'z' => Sort::Lower,
            b'A'..=b'Z' => Sort::Upper,
            b'0'..=b'9' => Sort::Digit,
            b' '..=b'~' => Sort::Sign,
            _ => Sort::Other,
        };
        at += 1;
    }
    sorts
};

impl Letters {
    pub(crate) fn read(&mut self, text: &str, how: Reading) {
        self.all.clear();
        (self.han, self.flipped, self.overridden) = (false, 0, false);
        (self.tricks, self.decorated) = (Tricks::NONE, false);
        let mut state = State { pending: Tricks::NONE, apart: true, last: Sort::Sign };
        match how {
            Reading::Forward => self.read_forward(text, &mut state),
            _ => self.read_chars(text.char_indices().rev(), text, how, &mut state),
        }
        if let Some(last) = self.all.last_mut() {
            last.tricks |= state.pending;
        }
        self.make_key();
    }

    /// Nearly all names are ASCII letters and plain separators: those take no more than a look at a table.
    fn read_forward(&mut self, text: &str, state: &mut State) {
        self.all.reserve(text.len().min(MAX_LETTERS));
        let mut at = 0;
        while let Some(byte) = text.as_bytes().get(at).copied()
            && self.all.len() < MAX_LETTERS
        {
            let sort = SORTS[usize::from(byte)];
            if matches!(sort, Sort::Lower | Sort::Upper | Sort::Digit) {
                let before = std::mem::replace(&mut state.last, sort);
                let fresh = is_fresh(sort, before);
                self.push_plain(byte, at, fresh, state);
                at += 1;
                continue;
            }
            let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
            self.read_char(at, c, text, Reading::Forward, state);
            at += c.len_utf8();
        }
    }

    fn read_chars(
        &mut self,
        chars: impl Iterator<Item = (usize, char)>,
        text: &str,
        how: Reading,
        state: &mut State,
    ) {
        for (at, c) in chars {
            if self.all.len() >= MAX_LETTERS {
                break;
            }
            self.read_char(at, c, text, how, state);
        }
    }

    #[inline]
    fn read_char(&mut self, at: usize, c: char, text: &str, how: Reading, state: &mut State) {
        #[allow(clippy::cast_possible_truncation)] // Names are cut long before.
        let place = (at as u32, (at + c.len_utf8()) as u32);
        let sort = if c.is_ascii() { SORTS[c as usize] } else { Sort::Other };
        let before = std::mem::replace(&mut state.last, sort);
        if matches!(sort, Sort::Lower | Sort::Upper | Sort::Digit) {
            let turned = if how == Reading::UpsideDown { upside_down(c) } else { c };
            let fresh = is_fresh(sort, before);
            self.push(turned.to_ascii_lowercase(), place, Tricks::NONE, fresh, state);
        } else if let Some(letter) = leet_sign(c, text, at) {
            self.push(letter, place, Tricks::NONE, false, state);
        } else if sort == Sort::Sign {
            state.apart = true;
        } else {
            self.read_other(c, place, state);
        }
    }

    fn read_other(&mut self, c: char, place: (u32, u32), state: &mut State) {
        let known = reading(c).filter(|_| !matches!(c, '™' | '℠' | '©' | '®'));
        let Some(known) = known else {
            if c.is_alphanumeric() {
                self.push(c, place, Tricks::NONE, false, state);
            } else if !is_within_words(c) {
                self.decorated |= !c.is_whitespace();
                state.apart = true;
            }
            return;
        };
        if known.plain.is_empty() {
            self.tricks |= known.tricks;
            self.overridden |= c == '\u{202e}';
            match self.all.last_mut() {
                Some(last) if known.tricks.contains(Tricks::MARKS) => last.tricks |= known.tricks,
                _ => state.pending |= known.tricks,
            }
            return;
        }
        let mut tricks = known.tricks;
        let shown = if known.look.is_empty() { known.plain } else { known.look };
        if !known.look.is_empty() && !known.plain.is_ascii() {
            tricks |= Tricks::CONFUSABLE;
        }
        self.flipped += u32::from(tricks.contains(Tricks::FLIPPED));
        for letter in shown.chars() {
            if letter.is_alphanumeric() {
                self.push(letter, place, tricks, false, state);
            } else {
                state.apart = true;
            }
        }
    }

    #[inline]
    fn push_plain(&mut self, byte: u8, at: usize, fresh: bool, state: &mut State) {
        let tricks = state.pending;
        #[allow(clippy::cast_possible_truncation)] // Names are cut long before.
        let at = (at as u32, at as u32 + 1);
        self.tricks |= tricks;
        let (apart, code) = (state.apart, u32::from(byte.to_ascii_lowercase()));
        let fresh = fresh || apart || self.han && self.all.last().is_some_and(|it| it.code > 0x2e80);
        self.all.push(Letter { code, at, tricks, apart, fresh });
        (state.apart, state.pending) = (false, Tricks::NONE);
    }

    #[inline]
    fn push(&mut self, c: char, at: (u32, u32), tricks: Tricks, fresh: bool, state: &mut State) {
        let tricks = tricks | state.pending;
        let is_han = !c.is_ascii() && touchstone_text::is_han(c);
        self.han |= is_han;
        // Bybit客服: where the writing changes a word begins.
        let fresh = fresh || self.han && self.all.last().is_some_and(|it| (it.code > 0x2e80) != is_han);
        self.tricks |= tricks;
        self.all.push(Letter { code: c as u32, at, tricks, apart: state.apart, fresh: fresh || state.apart });
        (state.apart, state.pending) = (false, Tricks::NONE);
    }

    fn make_key(&mut self) {
        self.wide = false;
        let most = self.all.len();
        if self.key.len() <= most {
            self.key.resize(most + 1, 0);
            self.starts.resize(most + 1, 0);
            self.hashes.resize(most + 1, 0);
        }
        let all = self.all.as_slice();
        let symbols =
            self.key[..most].iter_mut().zip(&mut self.starts[..most]).zip(&mut self.hashes[1..=most]);
        let (mut at, mut hash, mut count) = (0, 0u64, 0);
        for ((key, start), hash_after) in symbols {
            let Some(letter) = all.get(at) else { break };
            let code = letter.code;
            #[allow(clippy::cast_possible_truncation)] // At most MAX_LETTERS.
            let (mut symbol, begin) = (class(code), at as u16);
            let mut last = code;
            at += 1;
            if let Some(next) = all.get(at)
                && let Some(pair) = pair_symbol(code, next.code)
                && !next.apart
                && !is_number(all, at)
            {
                (symbol, last) = (pair, next.code);
                at += 1;
            }
            if code < 128 && !(48..58).contains(&code) {
                while all.get(at).is_some_and(|it| it.code == last) {
                    at += 1;
                }
            }
            self.wide |= symbol >= WIDE;
            hash = hash.wrapping_mul(BASE).wrapping_add(spread(symbol));
            (*key, *start, *hash_after) = (symbol, begin, hash);
            count += 1;
        }
        #[allow(clippy::cast_possible_truncation)]
        let end = at as u16;
        self.starts[count] = end;
        self.count = count;
    }

    /// How many symbols the key has.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Hash of the key's symbols `from..to`.
    #[inline]
    pub(crate) fn hash(&self, from: usize, to: usize) -> u64 {
        self.hashes[to].wrapping_sub(self.hashes[from].wrapping_mul(power(to - from)))
    }

    /// Hash of `from..to` without the symbols `gap..gap_end`.
    #[inline]
    pub(crate) fn hash_without(&self, from: usize, to: usize, gap: usize, gap_end: usize) -> u64 {
        self.hash(from, gap).wrapping_mul(power(to - gap_end)).wrapping_add(self.hash(gap_end, to))
    }

    /// The letters of the key's symbols `from..to`.
    pub(crate) fn letters(&self, from: usize, to: usize) -> std::ops::Range<usize> {
        usize::from(self.starts[from])..usize::from(self.starts[to])
    }

    /// How many digits stand right before the key's symbol `at`.
    #[inline]
    pub(crate) fn digits_before(&self, at: usize) -> usize {
        let before = &self.all[..usize::from(self.starts[at])];
        before.iter().rev().take_while(|it| (48..58).contains(&it.code)).count()
    }

    /// Does something new begin with the key's symbol `at`, or is it the end?
    pub(crate) fn is_boundary(&self, at: usize) -> bool {
        self.all.get(usize::from(self.starts[at])).is_none_or(|it| it.fresh)
    }

    /// Is there a separator before the key's symbol `at`, or is it an end?
    pub(crate) fn is_apart(&self, at: usize) -> bool {
        self.all.get(usize::from(self.starts[at])).is_none_or(|it| it.apart)
    }
}

/// Joins two hashes of keys: that of `left`, then `right` of `len` symbols.
#[inline]
pub(crate) fn joined(left: u64, right: u64, len: usize) -> u64 {
    left.wrapping_mul(power(len)).wrapping_add(right)
}

#[inline]
fn spread(symbol: u32) -> u64 {
    (u64::from(symbol) + 1).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// Powers of [`BASE`].
#[inline]
fn power(exponent: usize) -> u64 {
    static POWERS: [u64; MAX_LETTERS + 1] = {
        let mut powers = [1u64; MAX_LETTERS + 1];
        let mut at = 1;
        while at <= MAX_LETTERS {
            powers[at] = powers[at - 1].wrapping_mul(BASE);
            at += 1;
        }
        powers
    };
    POWERS[exponent.min(MAX_LETTERS)]
}

/// Signs of Indian scripts and of Thai that stand within words without being letters: what joins
/// consonants (virama), what tells them apart (nukta), tones.
fn is_within_words(c: char) -> bool {
    let code = c as u32;
    let in_block = code & 0x7f; // The Indian blocks are laid out alike.
    matches!(code, 0x0900..0x0d80) && matches!(in_block, 0x3c | 0x4d) || matches!(code, 0x0e47..=0x0e4e)
}

/// Is the letter a digit at the end of a word: a number, and not the half of a letter?
#[inline]
fn is_number(all: &[Letter], at: usize) -> bool {
    all[at].code == u32::from(b'1') && all.get(at + 1).is_none_or(|it| it.apart || it.code < 97)
}

/// Two letters that look like one.
#[inline]
fn pair_symbol(first: u32, second: u32) -> Option<u32> {
    const fn pair(first: u8, second: u8) -> u32 {
        (first as u32) << 8 | second as u32
    }
    const RN: u32 = pair(b'r', b'n');
    const NN: u32 = pair(b'n', b'n');
    const VV: u32 = pair(b'v', b'v');
    const CL: u32 = pair(b'c', b'l');
    const C1: u32 = pair(b'c', b'1');
    const R1: u32 = pair(b'r', b'1');
    const ONE_C: u32 = pair(b'1', b'c');
    if !matches!(first, 0x72 | 0x6e | 0x76 | 0x63 | 0x31) || second > 127 {
        return None; // Not r, n, v, c, 1.
    }
    match first << 8 | second {
        RN | NN => Some(u32::from(b'm')),
        VV => Some(u32::from(b'w')),
        CL | C1 => Some(u32::from(b'd')),
        R1 => Some(u32::from(b'n')),
        ONE_C => Some(u32::from(b'k')),
        _ => None,
    }
}

static CLASSES: [u8; 128] = {
    let mut classes = [0u8; 128];
    let mut at = 0;
    while at < 128 {
        classes[at] = class_of(at as u8);
        at += 1;
    }
    classes
};

/// Letters and digits that look alike, each with the one symbol for them.
const fn class_of(code: u8) -> u8 {
    let pairs = b"il1ljl0o5s4a3e7t8b9gqg6gvu2z";
    let mut at = 0;
    while at < pairs.len() {
        if pairs[at] == code {
            return pairs[at + 1];
        }
        at += 2;
    }
    code
}

/// The one symbol for letters and digits that look alike.
#[inline]
pub(crate) const fn class(code: u32) -> u32 {
    if code < 128 { CLASSES[code as usize] as u32 } else { code }
}

/// A sign that is written for a letter, where it stands within a word.
#[inline]
fn leet_sign(c: char, text: &str, at: usize) -> Option<char> {
    let letter = match c {
        '$' => 's',
        '@' => 'a',
        '!' | '|' => 'i',
        '+' => 't',
        _ => return None,
    };
    let bytes = text.as_bytes();
    let byte = |at: Option<usize>| at.and_then(|it| bytes.get(it)).copied().unwrap_or(b' ');
    let before = [byte(at.checked_sub(1)), byte(at.checked_sub(2))];
    let after = [byte(Some(at + 1)), byte(Some(at + 2))];
    let is_letter = |b: u8| b.is_ascii_alphabetic();
    // In 50|@na the neighbours are themselves disguised.
    let is_written = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'$' | b'@' | b'!' | b'|' | b'+');
    if !before.iter().chain(&after).any(|it| is_letter(*it)) {
        return None;
    }
    let is_within = is_written(before[0]) && is_written(after[0]);
    let is_letter_here = match c {
        '$' => is_written(before[0]) || is_written(after[0]),
        '@' => is_within || is_written(before[0]) && at > 0 && at + 1 == bytes.len(),
        // Notepad+Tools: between plain letters it is only a sign, if nothing else is disguised.
        '+' => {
            let plain = is_letter(before[0]) && is_letter(after[0]);
            let is_disguise = |b: &u8| matches!(b, b'$' | b'@' | b'!' | b'|' | b'0'..=b'9');
            is_written(before[0])
                && (is_written(after[0]) || at + 1 == bytes.len())
                && (!plain || bytes.len() < 32 && bytes.iter().any(is_disguise))
        }
        // t|a|l|l|o|w: what stands between all letters parts them.
        '|' => {
            let parts = (before[1] == b'|' || at < 2) && (after[1] == b'|' || at + 2 >= bytes.len());
            is_within && !parts && !(before[0].is_ascii_lowercase() && after[0].is_ascii_uppercase())
        }
        _ => is_within,
    };
    is_letter_here.then_some(letter)
}

/// What an ordinary letter is when the page is turned.
fn upside_down(c: char) -> char {
    match c.to_ascii_lowercase() {
        'u' => 'n',
        'n' => 'u',
        'd' => 'p',
        'p' => 'd',
        'b' => 'q',
        'q' => 'b',
        'w' => 'm',
        'm' => 'w',
        '6' => '9',
        '9' => '6',
        other => other,
    }
}
