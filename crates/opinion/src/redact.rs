//! Takes out of a text what names a person or opens anything.

use std::ops::Range;

use touchstone_language::entities::{self, EntityKind};
use touchstone_language::secrets;
use touchstone_text::{Folded, fold};

/// So many characters are shown at most: what is asked stands at the beginning.
const MAX_CHARS: usize = 2_000;

/// Digits in a row that may be a number of somebody's.
const DIGITS: usize = 4;

/// The text without links' paths, mail addresses, telephone numbers, account names, chain
/// addresses, secrets and long numbers: each is replaced by what it was, as in `<phone>`. Of a
/// link its host is kept, because it is evidence and names nobody. At most 2,000 characters.
///
/// Names of people in running text stay: nothing here can tell them from other words.
#[must_use]
pub fn redact(text: &str) -> String {
    let end = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(at, _)| at);
    let text = &text[..end];
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (span, shown) in hidden(text) {
        if span.start < at {
            continue; // Inside what was hidden before.
        }
        out.push_str(&text[at..span.start]);
        out.push_str(&shown);
        at = span.end;
    }
    out.push_str(&text[at..]);
    out
}

/// What is hidden and what is shown instead, by where it begins; the longest first.
fn hidden(text: &str) -> Vec<(Range<usize>, String)> {
    let mut hidden: Vec<(Range<usize>, String)> = Vec::new();
    let mut folded = Folded::new();
    fold(text, &mut folded);
    let mut found = Vec::new();
    secrets::find(text, &folded, &mut found);
    let secrets = found.iter().map(|it| (it.span.clone(), format!("<{}>", it.kind.name().replace('_', " "))));
    hidden.extend(secrets);
    let mut mentioned = Vec::new();
    entities::find(text, &mut mentioned);
    for entity in &mentioned {
        let shown = match entity.kind {
            EntityKind::Url | EntityKind::Domain => match entity.host(text) {
                Some(host) => format!("<link to {host}>"),
                None => "<link>".to_owned(),
            },
            EntityKind::Email => "<mail address>".to_owned(),
            EntityKind::Handle => "<account>".to_owned(),
            EntityKind::Phone => "<phone>".to_owned(),
            EntityKind::EvmAddress
            | EntityKind::TronAddress
            | EntityKind::BitcoinAddress
            | EntityKind::SolanaAddress => "<chain address>".to_owned(),
        };
        hidden.push((entity.span.clone(), shown));
    }
    hidden.extend(numbers(text).map(|span| (span, "<number>".to_owned())));
    hidden.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    hidden
}

/// Runs of digits, of any script, that are long enough.
fn numbers(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, c) = chars.next()?;
            if !c.is_numeric() {
                continue;
            }
            let (mut end, mut digits) = (start + c.len_utf8(), 1);
            while let Some((at, c)) = chars.next_if(|(_, c)| c.is_numeric()) {
                (end, digits) = (at + c.len_utf8(), digits + 1);
            }
            if digits >= DIGITS {
                return Some(start..end);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_person_is_replaced_by_what_it_was() {
        for (text, shown) in [
            ("write to ann.b@mail.example now", "write to <mail address> now"),
            (
                "open https://tallowpay-claims.example/u/ann?t=1 today",
                "open <link to tallowpay-claims.example> today",
            ),
            ("尾号8812的卡已冻结", "尾号<number>的卡已冻结"),
            ("order ８８１２３ is late", "order <number> is late"),
            ("send to 0x52908400098527886E0F7030069857D2E4169EE7 please", "send to <chain address> please"),
            ("ask @lantern_help first", "ask <account> first"),
            ("in 3 days at 10", "in 3 days at 10"),
            ("", ""),
        ] {
            assert_eq!(redact(text), shown);
        }
    }

    #[test]
    fn secrets_stay_in_the_house() {
        let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
        let shown = redact(&format!("my words: {phrase}"));
        assert!(!shown.contains("sausage") && shown.contains("<recovery phrase>"), "{shown}");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(redact(&"界".repeat(5_000)).chars().count(), MAX_CHARS);
    }
}
