//! What the model reads of a text: stretches of up to four Chinese characters, words, pairs of
//! words, pieces of words, and stand-ins for links, numbers and amounts.
//!
//! Every scam has another number and another link; that there is one is what counts.

use crate::entities;

/// Takes what [`grams`] finds, in the order of the text.
pub trait Sink {
    /// One stretch, word, pair or piece, as a hash that never changes between versions of the
    /// program.
    fn gram(&mut self, hash: u64);
    /// The end of a sentence.
    fn sentence(&mut self);
}

/// Stand-ins, above every character.
const LINK: u32 = 0x11_0001;
const MAIL: u32 = 0x11_0002;
const HANDLE: u32 = 0x11_0003;
const AMOUNT: u32 = 0x11_0004;
const SHARE: u32 = 0x11_0005;
/// Numbers of one or two digits, three or four, five or six, and more.
const NUMBERS: [u32; 4] = [0x11_0006, 0x11_0007, 0x11_0008, 0x11_0009];
/// The edge of a word, for pieces at its beginning and end.
const EDGE: u32 = 0x11_000A;

/// Signs and words beside a number that make it an amount of money.
const MONEY: &[&str] = &[
    "$", "£", "€", "¥", "₽", "₹", "₩", "元", "万", "块", "円", "원", "usd", "usdt", "usdc", "btc", "eth",
    "eur", "gbp", "rmb", "cny", "inr", "dollar", "pound", "euro", "yuan", "руб",
];

/// The longest word that is looked at piece by piece; what is longer is no word.
const LONGEST_WORD: usize = 40;

/// Reads a folded text in one pass; nothing is allocated.
pub fn grams(text: &str, sink: &mut impl Sink) {
    let mut reader = Reader { sink, last: [0; 3], word: 0 };
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        at = match c {
            'a'..='z' | '0'..='9' | '@' => reader.token(text, at),
            ' ' | '$' | '+' | '\'' => at + 1,
            '\n' | '.' | '!' | '?' | ';' | '。' | '…' | '！' | '？' | '；' => {
                reader.pause();
                reader.sink.sentence();
                at + c.len_utf8()
            }
            _ if stands_alone(c) => {
                reader.unit(u32::from(c));
                at + c.len_utf8()
            }
            _ if c.is_alphabetic() => reader.word(text, at),
            _ if c.is_numeric() => reader.token(text, at),
            _ => {
                reader.pause();
                at + c.len_utf8()
            }
        };
    }
}

/// Whether a character is a word by itself, or nearly: Han, kana, Hangul.
fn stands_alone(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xAC00..=0xD7A3 | 0x2_0000..=0x3_FFFF)
}

/// The multiplicative step of FxHash, over characters.
fn mix(hash: u64, code: u32) -> u64 {
    (hash.rotate_left(5) ^ u64::from(code)).wrapping_mul(0x51_7C_C1_B7_27_22_0A_95)
}

/// Begins of hashes, so that a word is no stretch of characters.
const STRETCH: u64 = 0x243F_6A88_85A3_08D3;
const WORD: u64 = 0x1319_8A2E_0370_7344;
const PAIR: u64 = 0xA409_3822_299F_31D0;
const PIECE: u64 = 0x082E_FA98_EC4E_6C89;

struct Reader<'s, S> {
    sink: &'s mut S,
    /// The characters before this one, the nearest first; 0 where there is none.
    last: [u32; 3],
    /// The hash of the word before; 0 if there is none.
    word: u64,
}

impl<S: Sink> Reader<'_, S> {
    fn pause(&mut self) {
        (self.last, self.word) = ([0; 3], 0);
    }

    /// A character that is a word by itself, or a stand-in.
    fn unit(&mut self, code: u32) {
        let mut hash = mix(STRETCH, code);
        self.sink.gram(hash);
        for before in self.last {
            if before == 0 {
                break;
            }
            hash = mix(hash, before);
            self.sink.gram(hash);
        }
        self.last = [code, self.last[0], self.last[1]];
        self.word = 0;
    }

    fn stand_in(&mut self, code: u32) {
        let word = self.word;
        self.unit(code);
        let hash = mix(WORD, code);
        if word != 0 {
            self.sink.gram(mix(word ^ PAIR, hash as u32));
        }
        self.word = hash;
    }

    /// The word that begins here; gives where it ends.
    fn word(&mut self, text: &str, start: usize) -> usize {
        self.last = [0; 3];
        let (mut hash, mut letters, mut end) = (WORD, 0_usize, start);
        let mut ring = [EDGE, 0, 0, 0];
        let of_word = |c: char| (c.is_alphabetic() && !stands_alone(c)) || is_mark(c);
        for c in text[start..].chars().take_while(|c| of_word(*c)) {
            end += c.len_utf8();
            letters += 1;
            hash = mix(hash, u32::from(c));
            if letters <= LONGEST_WORD {
                self.pieces(&mut ring, u32::from(c));
            }
        }
        if letters > 2 {
            self.pieces(&mut ring, EDGE);
        }
        self.sink.gram(hash);
        if self.word != 0 {
            self.sink.gram(mix(self.word ^ PAIR, hash as u32 ^ (hash >> 32) as u32));
        }
        self.word = hash;
        end.max(start + 1)
    }

    /// Pieces of three to five letters that end with this one.
    fn pieces(&mut self, ring: &mut [u32; 4], code: u32) {
        let mut hash = mix(PIECE, code);
        for (nth, before) in ring.iter().enumerate() {
            if *before == 0 {
                break;
            }
            hash = mix(hash, *before);
            if nth >= 1 {
                self.sink.gram(hash);
            }
        }
        *ring = [code, ring[0], ring[1], ring[2]];
    }

    /// A run of ASCII that may be a link, an address, a number or just words.
    fn token(&mut self, text: &str, start: usize) -> usize {
        let bytes = &text.as_bytes()[start..];
        let inside = |b: &u8| b.is_ascii_alphanumeric() || b"@.:/_-+&=#~%?".contains(b);
        let length = bytes.iter().position(|b| !inside(b)).unwrap_or(bytes.len());
        let run = text[start..start + length].trim_end_matches(['.', ':', '-', '/', '?', '%', '=', '+']);
        if run.is_empty() || run.bytes().all(|b| b.is_ascii_lowercase()) {
            return self.word_or_number(text, start);
        }
        if let Some(code) = pointer(run) {
            self.stand_in(code);
            return start + run.len();
        }
        self.word_or_number(text, start)
    }

    fn word_or_number(&mut self, text: &str, start: usize) -> usize {
        let rest = &text[start..];
        let Some(first) = rest.chars().next() else { return text.len() };
        if first.is_numeric() {
            return self.number(text, start);
        }
        if first.is_alphabetic() {
            return self.word(text, start);
        }
        start + first.len_utf8()
    }

    fn number(&mut self, text: &str, start: usize) -> usize {
        let rest = &text[start..];
        let (mut end, mut digits) = (0, 0_usize);
        for (at, c) in rest.char_indices() {
            if c.is_numeric() {
                digits += 1;
                end = at + c.len_utf8();
            } else if !(matches!(c, '.' | ',' | ':' | '-' | '/') && end == at) {
                break;
            }
        }
        let before = text[..start].trim_end();
        let after = rest[end..].trim_start();
        let code = if after.starts_with('%') {
            SHARE
        } else if MONEY.iter().any(|it| after.starts_with(it) || before.ends_with(it)) {
            AMOUNT
        } else {
            NUMBERS[match digits {
                0..=2 => 0,
                3..=4 => 1,
                5..=6 => 2,
                _ => 3,
            }]
        };
        self.stand_in(code);
        start + end.max(1)
    }
}

/// A sign that belongs to the letter before it, as in Hindi.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x0300..=0x036F | 0x0900..=0x0DFF) && !c.is_numeric()
}

/// What a run of ASCII points to.
fn pointer(run: &str) -> Option<u32> {
    if let Some(name) = run.strip_prefix('@') {
        return (name.len() >= 3).then_some(HANDLE);
    }
    if run.contains("://") || run.starts_with("www.") {
        return Some(LINK);
    }
    let host = &run[..run.find(['/', ':', '?', '#']).unwrap_or(run.len())];
    if let Some((_, domain)) = host.split_once('@') {
        return domain.contains('.').then_some(MAIL);
    }
    entities::is_domain(host, false).then_some(LINK)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[derive(Default)]
    struct All(BTreeSet<u64>, usize);

    impl Sink for All {
        fn gram(&mut self, hash: u64) {
            self.0.insert(hash);
        }
        fn sentence(&mut self) {
            self.1 += 1;
        }
    }

    fn read(text: &str) -> All {
        let mut all = All::default();
        grams(text, &mut all);
        all
    }

    #[test]
    fn another_number_or_link_is_the_same_to_the_model() {
        for (one, other) in [
            ("pay 4471 now", "pay 9920 now"),
            ("see https://one.example/a?b=1 today", "see https://other.test/zz today"),
            ("go to good-one.com", "go to bad.net/x"),
            ("write to me@one.com", "write to you@other.org"),
            ("ask @helper_one", "ask @somebody"),
            ("您已中奖5000元", "您已中奖88元"),
            ("月息0.8%起", "月息12%起"),
            ("call 0900 or 0900-555-0143", "call 1234 or 0800-555-0199"),
        ] {
            assert_eq!(read(one).0, read(other).0, "{one} / {other}");
        }
        assert_ne!(read("pay 44 now").0, read("pay 447100 now").0);
        assert_ne!(read("ok.thanks").0, read("ok.com").0);
    }

    #[test]
    fn words_pairs_and_stretches_are_read() {
        assert!(read("send the code").0.is_superset(&read("the code").0));
        assert_ne!(read("code the send").0, read("send the code").0);
        assert!(read("请发验证码").0.is_superset(&read("验证码").0));
        assert_eq!(read("码").0.len(), 1);
        assert_eq!(read("验证码").0.len(), 6);
        assert_eq!(read("好。好！好").1, 2);
        assert!(read("विवरण भेजें").0.len() > 4);
        assert!(read("").0.is_empty());
    }

    #[test]
    fn hashes_stay_what_they_are() {
        // A model file would mean something else if these changed.
        let first: Vec<u64> = read("验证码 code 123456").0.into_iter().take(2).collect();
        assert_eq!(first, [1_202_232_936_865_323_565, 2_783_603_157_341_972_680]);
    }
}
