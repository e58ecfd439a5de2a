use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Name;

/// One file of phrases, as analysts write it (`policies/*/phrases/*.toml`).
///
/// It is plain data here; `touchstone_language::Lexicon` says what a phrase means and
/// refuses one that means nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhraseFile {
    /// Named alternatives, for use as `<name>` in the phrases of every file of the policy.
    #[serde(default)]
    pub words: BTreeMap<String, Vec<String>>,
    /// The lists of the file: `[[list]]`.
    #[serde(default, rename = "list")]
    pub lists: Vec<PhraseList>,
}

/// Phrases that all mean the same finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhraseList {
    /// The finding that a phrase of the list makes; it must be in the policy's catalogue.
    pub finding: Name,
    /// How sure one phrase is of it: above 0, at most 1.
    #[serde(default = "certain")]
    pub score: f32,
    /// Names of words that take the meaning back when they stand before the phrase in its
    /// clause: "never share your recovery phrase".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless_before: Vec<String>,
    /// Names of words that take the meaning back anywhere in the clause of the phrase:
    /// "asking for your recovery phrase is fraud".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless_beside: Vec<String>,
    /// Names of words of which one must have stood in the text by then, where this is not
    /// empty: it keeps the phrases of one language out of texts in another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_with: Vec<String>,
    /// What is looked for.
    pub phrases: Vec<String>,
}

fn certain() -> f32 {
    1.0
}
