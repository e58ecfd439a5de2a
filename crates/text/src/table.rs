//! What each character reads as and looks like; made by `build.rs` from `data/fold.tsv`.

use crate::Tricks;

/// Place and length of the plain reading and of the look in the pool, and the tricks.
#[derive(Clone, Copy)]
struct Entry(u16, u8, u16, u8, u16);

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// What is known of one character.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// What it reads as in its own script, in lower case; empty for what cannot be seen.
    pub plain: &'static str,
    /// What it looks like in `a-z0-9`; empty if like nothing.
    pub look: &'static str,
    /// By which tricks the two differ from the character.
    pub tricks: Tricks,
}

/// What is known of `c`, or `None` if it reads as itself and looks like no other.
/// Of ASCII only the control codes are listed, as characters that cannot be seen.
#[inline]
#[must_use]
pub fn reading(c: char) -> Option<Reading> {
    if c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r') {
        return Some(Reading { plain: "", look: "", tricks: Tricks::INVISIBLE });
    }
    let code = c as usize;
    let block = usize::from(STAGE[code >> 8]);
    if block == 0 {
        return None;
    }
    let at = BLOCKS[block][code & 255];
    if at == 0 {
        return None;
    }
    let Entry(plain, plain_len, look, look_len, tricks) = ENTRIES[usize::from(at)];
    let text = |from: u16, len: u8| {
        let from = usize::from(from);
        &POOL[from..from + usize::from(len)]
    };
    Some(Reading {
        plain: text(plain, plain_len),
        look: text(look, look_len),
        tricks: Tricks::from_bits(tricks),
    })
}

/// The simplified form of a traditional Chinese character, or the character itself.
///
/// ```
/// assert_eq!(touchstone_text::simplify('錢'), '钱');
/// assert_eq!(touchstone_text::simplify('钱'), '钱');
/// ```
#[must_use]
pub fn simplify(c: char) -> char {
    match reading(c) {
        Some(known) if known.tricks.contains(Tricks::TRADITIONAL) => known.plain.chars().next().unwrap_or(c),
        _ => c,
    }
}

/// Is it a Chinese character (a unified or compatibility ideograph)?
#[inline]
#[must_use]
pub const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' | '〇')
}
