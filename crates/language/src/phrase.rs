//! The syntax of a phrase: `<give> ~ recovery phrase|seed phrase ~20 <me>`.
//!
//! | written | means |
//! |---|---|
//! | `seed phrase` | these words, as they stand after folding |
//! | `verif*` | a word that begins so; without `*` a literal ends where a word ends (scripts without spaces have no such ends) |
//! | `a\|b` | either |
//! | `<give>` | any of the words named `give` |
//! | `A ~ B` | A, then B, in one sentence, at most 40 characters between them |
//! | `A ~12 B` | the same with at most 12 |
//! | `A & B` | both in either order, at most 40 characters between them (`&12`: 12) |

use std::collections::BTreeMap;

/// How far two parts may stand apart when the phrase does not say, in characters.
const DEFAULT_GAP: u16 = 40;
/// A phrase with more parts would say nothing more; it bounds the permutations of `&`.
const MAX_PARTS: usize = 4;

/// One thing to look for: its alternatives, as the analyst wrote them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Literal {
    pub(crate) text: String,
    /// The word may go on to the left, to the right.
    pub(crate) open: (bool, bool),
    /// Takes back the alternatives that stand inside it: `-don't worry` beside `don't`.
    pub(crate) takes_back: bool,
}

/// Parts that must come in this order, each with the greatest distance to the one before it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sequence {
    pub(crate) parts: Vec<(Vec<Literal>, u16)>,
}

/// Why a phrase means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Nothing is written where a word should be.
    #[error("nothing stands where a word should be")]
    Empty,
    /// `<name>` without words of that name.
    #[error("no words are named <{0}>")]
    UnknownWords(String),
    /// `*` stands for the rest of a word, so only at its beginning or end.
    #[error("{0:?} has a * in the middle; write two parts with ~ between them")]
    Star(String),
    /// More parts than can be told apart.
    #[error("more than {MAX_PARTS} parts")]
    TooManyParts,
    /// A distance that is no number up to 200.
    #[error("the distance {0:?} is no number up to 200")]
    Distance(String),
    /// A literal that folds to nothing, or is a phrase of one letter: it would be everywhere.
    #[error("{0:?} is too short: it would be everywhere")]
    TooShort(String),
}

pub(crate) type Words = BTreeMap<String, Vec<Literal>>;

/// Reads one alternative.
pub(crate) fn literal(raw: &str) -> Result<Literal, PhraseError> {
    let raw = raw.trim();
    let (takes_back, raw) = match raw.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, raw),
    };
    let (left, raw) = raw.strip_prefix('*').map_or((false, raw), |rest| (true, rest));
    let (right, raw) = raw.strip_suffix('*').map_or((false, raw), |rest| (true, rest));
    if raw.is_empty() {
        return Err(PhraseError::Empty);
    }
    if raw.contains('*') {
        return Err(PhraseError::Star(raw.to_owned()));
    }
    Ok(Literal { text: raw.to_owned(), open: (left, right), takes_back })
}

fn part(raw: &str, words: &Words) -> Result<Vec<Literal>, PhraseError> {
    let mut alternatives = Vec::new();
    for one in raw.split('|') {
        let one = one.trim();
        match one.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
            Some(name) => alternatives.extend(
                words.get(name).ok_or_else(|| PhraseError::UnknownWords(name.to_owned()))?.iter().cloned(),
            ),
            None => alternatives.push(literal(one)?),
        }
    }
    alternatives.sort();
    alternatives.dedup();
    Ok(alternatives)
}

struct Link {
    either_order: bool,
    gap: u16,
}

/// Splits at `~` and `&`; the distance is written right after the sign.
fn split(raw: &str) -> Result<(Vec<&str>, Vec<Link>), PhraseError> {
    let (mut pieces, mut links) = (Vec::new(), Vec::new());
    let mut rest = raw;
    while let Some(at) = rest.find(['~', '&']) {
        pieces.push(&rest[..at]);
        let either_order = rest[at..].starts_with('&');
        let after = &rest[at + 1..];
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let gap = match &after[..digits] {
            "" => DEFAULT_GAP,
            number => number
                .parse()
                .ok()
                .filter(|gap| *gap <= 200)
                .ok_or_else(|| PhraseError::Distance(number.to_owned()))?,
        };
        links.push(Link { either_order, gap });
        rest = &after[digits..];
    }
    pieces.push(rest);
    Ok((pieces, links))
}

/// Every order in which the parts of a phrase may come.
pub(crate) fn parse(raw: &str, words: &Words) -> Result<Vec<Sequence>, PhraseError> {
    let (pieces, links) = split(raw)?;
    if pieces.len() > MAX_PARTS {
        return Err(PhraseError::TooManyParts);
    }
    let parts = pieces.iter().map(|piece| part(piece, words)).collect::<Result<Vec<_>, _>>()?;
    let mut orders: Vec<Vec<(usize, u16)>> = vec![vec![(0, 0)]];
    for (at, link) in links.iter().enumerate() {
        let mut longer = Vec::new();
        for order in &orders {
            longer.push([order.as_slice(), &[(at + 1, link.gap)]].concat());
            if link.either_order {
                let mut turned = vec![(at + 1, 0)];
                turned.extend(
                    order
                        .iter()
                        .enumerate()
                        .map(|(nth, (part, gap))| (*part, if nth == 0 { link.gap } else { *gap })),
                );
                longer.push(turned);
            }
        }
        orders = longer;
    }
    let sequence = |order: &Vec<(usize, u16)>| Sequence {
        parts: order.iter().map(|(part, gap)| (parts[*part].clone(), *gap)).collect(),
    };
    Ok(orders.iter().map(sequence).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(raw: &str) -> Vec<Vec<(String, u16)>> {
        let words =
            Words::from([("give".to_owned(), vec![literal("send").unwrap(), literal("tell").unwrap()])]);
        let text =
            |literals: &[Literal]| literals.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join("/");
        parse(raw, &words)
            .unwrap()
            .iter()
            .map(|it| it.parts.iter().map(|(literals, gap)| (text(literals), *gap)).collect())
            .collect()
    }

    #[test]
    fn parts_are_read_with_their_distances() {
        let own =
            |it: &[(&str, u16)]| it.iter().map(|(text, gap)| ((*text).to_owned(), *gap)).collect::<Vec<_>>();
        assert_eq!(shape("seed phrase"), [own(&[("seed phrase", 0)])]);
        assert_eq!(shape("<give> ~12 code|pin"), [own(&[("send/tell", 0), ("code/pin", 12)])]);
        assert_eq!(shape("a1 & b1"), [own(&[("a1", 0), ("b1", 40)]), own(&[("b1", 0), ("a1", 40)])]);
        assert_eq!(shape("a1 & b1 ~5 c1").len(), 2);
    }

    #[test]
    fn a_phrase_that_means_nothing_is_refused() {
        for (raw, error) in [
            ("", PhraseError::Empty),
            ("a1 ~", PhraseError::Empty),
            ("ma*ny", PhraseError::Star("ma*ny".into())),
            ("<nobody>", PhraseError::UnknownWords("nobody".into())),
            ("a1 ~999 b1", PhraseError::Distance("999".into())),
            ("a1 ~ b1 ~ c1 ~ d1 ~ e1", PhraseError::TooManyParts),
        ] {
            assert_eq!(parse(raw, &Words::new()).unwrap_err(), error, "{raw}");
        }
    }
}
