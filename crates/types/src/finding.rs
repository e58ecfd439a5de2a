use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of a finding, rule or list, as policies spell it: `asks_for_recovery_phrase`.
/// Cloning it does not allocate.
pub type Name = Arc<str>;

/// A sentence in both languages that everything a person reads is in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Bilingual {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A stretch of a text, in Unicode scalar values ("characters"): `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(into = "(u32, u32)", from = "(u32, u32)")]
#[schemars(with = "(u32, u32)")]
pub struct Span {
    /// The first character in it.
    pub from: u32,
    /// The first character after it.
    pub to: u32,
}

impl From<Span> for (u32, u32) {
    fn from(span: Span) -> Self {
        (span.from, span.to)
    }
}

impl From<(u32, u32)> for Span {
    fn from((from, to): (u32, u32)) -> Self {
        Span { from, to }
    }
}

impl Span {
    /// The span of characters that the byte range covers; a range that does not fit the
    /// text is cut to it.
    #[must_use]
    pub fn of_bytes(text: &str, bytes: std::ops::Range<usize>) -> Self {
        let count = |end: usize| {
            let end = end.min(text.len());
            let chars = text.char_indices().take_while(|(at, _)| *at < end).count();
            u32::try_from(chars).unwrap_or(u32::MAX)
        };
        let from = count(bytes.start);
        Span { from, to: count(bytes.end).max(from) }
    }
}

/// How much one finding may decide.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// A hint: alone it never blocks, whatever its weight.
    #[default]
    Weak,
    /// Enough by itself.
    Strong,
}

/// One signal on one target, with its price and a sentence for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What was found, as the policy names it.
    pub name: Name,
    /// Its share of the score.
    pub weight: u32,
    /// How much it may decide alone.
    pub strength: Strength,
    /// The field it was found in, as rules spell it (`text`, `actor.display_name`, `to`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Name>,
    /// The place in that field's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// Which official identity it resembles, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likeness: Option<Box<Likeness>>,
    /// Other particulars for a reviewer: clauses that held, counts, the list and its entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<(Name, String)>,
    /// What a user reads.
    pub sentence: Bilingual,
}

/// How a candidate resembles an official identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Likeness {
    /// The official string.
    pub official: String,
    /// Whose it is.
    pub brand: String,
    /// What was compared with it.
    pub candidate: String,
    /// 0 to 1.
    pub closeness: f32,
    /// The tricks, by name.
    pub techniques: Vec<Name>,
    /// Both strings side by side, piece by piece; together the pieces cover both.
    pub alignment: Vec<LikenessStep>,
}

/// One piece of two strings laid side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LikenessStep {
    /// The piece of the official string; empty where the candidate has something added.
    pub official: String,
    /// The piece of the candidate; empty where it lacks something.
    pub candidate: String,
    /// How the pieces differ, by name; absent where they are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technique: Option<Name>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::reversed_empty_ranges, reason = "a range that makes no sense must do no harm")]
    fn spans_count_characters_and_never_leave_the_text() {
        let text = "请发送助记词 now";
        let start = text.find("助记词").unwrap();
        assert_eq!(Span::of_bytes(text, start..start + "助记词".len()), Span { from: 3, to: 6 });
        assert_eq!(Span::of_bytes(text, 0..9999).to, 10);
        assert_eq!(Span::of_bytes("", 3..1), Span { from: 0, to: 0 });
        assert_eq!(serde_json::to_string(&Span { from: 3, to: 6 }).unwrap(), "[3,6]");
    }
}
