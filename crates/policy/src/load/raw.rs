//! The files of a policy as they are written, with places for what may be wrong.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use touchstone_types::Bilingual;

pub(crate) type Word = Spanned<String>;

/// `policy.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyFile {
    pub(crate) id: Word,
    pub(crate) version: String,
    pub(crate) owner: Word,
    pub(crate) title: Spanned<Bilingual>,
    pub(crate) thresholds: Spanned<RawThresholds>,
    /// Exceptions for kinds of event.
    #[serde(default)]
    pub(crate) thresholds_for: BTreeMap<Word, Spanned<RawThresholds>>,
    pub(crate) hold: RawHold,
    /// Exceptions for kinds of event.
    #[serde(default)]
    pub(crate) hold_for: BTreeMap<Word, RawHold>,
    #[serde(default)]
    pub(crate) checks: BTreeMap<Word, RawCheck>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawThresholds {
    pub(crate) warn: u32,
    pub(crate) hold: u32,
    pub(crate) block: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawHold {
    pub(crate) duration: Word,
    pub(crate) release_by: Spanned<Vec<Word>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCheck {
    pub(crate) deadline_ms: Spanned<u64>,
    pub(crate) fail: Word,
}

/// `findings/*.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindingsFile {
    #[serde(default, rename = "finding")]
    pub(crate) findings: Vec<RawFinding>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFinding {
    pub(crate) name: Word,
    pub(crate) check: Word,
    pub(crate) weight: Spanned<u32>,
    #[serde(default)]
    pub(crate) strength: Option<Word>,
    pub(crate) sentence: Spanned<Bilingual>,
}

/// `features.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeaturesFile {
    #[serde(default, rename = "feature")]
    pub(crate) features: Vec<RawFeature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFeature {
    pub(crate) name: Word,
    pub(crate) kind: Word,
    #[serde(default)]
    pub(crate) about: String,
    #[serde(default)]
    pub(crate) on: Vec<Word>,
    pub(crate) by: Spanned<Vec<Word>>,
    #[serde(default)]
    pub(crate) read_by: Option<Spanned<Vec<Word>>>,
    #[serde(default)]
    pub(crate) of: Option<Word>,
    #[serde(default, rename = "where")]
    pub(crate) filter: Option<Word>,
    pub(crate) window: Word,
    #[serde(default)]
    pub(crate) limit: Option<Spanned<u16>>,
    #[serde(default, rename = "step")]
    pub(crate) steps: Vec<RawStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawStep {
    #[serde(default)]
    pub(crate) on: Vec<Word>,
    #[serde(default)]
    pub(crate) by: Option<Spanned<Vec<Word>>>,
    #[serde(default, rename = "where")]
    pub(crate) filter: Option<Word>,
}

/// `rules/*.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesFile {
    #[serde(default, rename = "rule")]
    pub(crate) rules: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRule {
    pub(crate) id: Word,
    pub(crate) title: Spanned<Bilingual>,
    pub(crate) owner: Word,
    pub(crate) status: Word,
    #[serde(default)]
    pub(crate) notes: String,
    pub(crate) wakes_on: Spanned<Vec<Word>>,
    pub(crate) when: Word,
    #[serde(default)]
    pub(crate) on_unknown: Option<Word>,
    pub(crate) weight: Spanned<u32>,
    #[serde(default)]
    pub(crate) grows_with: Option<Word>,
    #[serde(default)]
    pub(crate) strength: Option<Word>,
    pub(crate) sentence: Spanned<Bilingual>,
    #[serde(default)]
    pub(crate) hold: Option<RawHold>,
    #[serde(default)]
    pub(crate) hits: Vec<Spanned<RawCase>>,
    #[serde(default)]
    pub(crate) misses: Vec<Spanned<RawCase>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCase {
    pub(crate) about: String,
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    #[serde(default)]
    pub(crate) time: Option<Word>,
    #[serde(default)]
    pub(crate) received: Option<Word>,
    #[serde(default)]
    pub(crate) data: Option<Spanned<toml::Table>>,
    #[serde(default)]
    pub(crate) found: Vec<Word>,
    #[serde(default)]
    pub(crate) features: BTreeMap<Word, Spanned<toml::Value>>,
    #[serde(default)]
    pub(crate) links: Vec<String>,
    #[serde(default)]
    pub(crate) addresses: Vec<String>,
    #[serde(default)]
    pub(crate) campaign: Option<String>,
    #[serde(default)]
    pub(crate) phrase_words: u16,
}

/// `lists/*.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListFile {
    pub(crate) name: Word,
    pub(crate) kind: Word,
    pub(crate) source: Word,
    #[serde(default)]
    pub(crate) finding: Option<Word>,
    #[serde(default)]
    pub(crate) expires: Option<Word>,
    #[serde(default)]
    pub(crate) values: Vec<Word>,
    #[serde(default, rename = "entry")]
    pub(crate) entries: Vec<RawEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawEntry {
    pub(crate) value: Word,
    #[serde(default)]
    pub(crate) source: Option<String>,
    #[serde(default)]
    pub(crate) expires: Option<Word>,
}
