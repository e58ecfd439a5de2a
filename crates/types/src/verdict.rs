use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use crate::{Bilingual, Finding, Moment, Name};

/// What is to be done about an event. Never "safe": `allow` says only that nothing stops it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Let it pass.
    #[default]
    Allow,
    /// Let it pass with a warning to the user.
    Warn,
    /// Keep it until a time, or until somebody who may releases it.
    Hold,
    /// Stop it.
    Block,
}

impl Decision {
    /// Every decision, mildest first.
    pub const ALL: [Decision; 4] = [Decision::Allow, Decision::Warn, Decision::Hold, Decision::Block];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Decision::Allow => "allow",
            Decision::Warn => "warn",
            Decision::Hold => "hold",
            Decision::Block => "block",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Who may let a held event go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Releaser {
    /// The user concerned, after the warning.
    User,
    /// Someone the user chose beforehand.
    Guardian,
    /// A reviewer.
    Staff,
}

/// Until when an event is held, and who may let it go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hold {
    /// It lapses by itself then.
    pub until: Moment,
    /// Who may release it before.
    pub release_by: Vec<Releaser>,
}

/// SHA-256 of the policy that gave a verdict: of every file in it, by name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct PolicyHash(pub [u8; 32]);

impl fmt::Display for PolicyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PolicyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for PolicyHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // On the stack: every verdict carries one.
        let mut digits = [0; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
            pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
            pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
        }
        serializer.serialize_str(std::str::from_utf8(&digits).unwrap_or_default())
    }
}

impl TryFrom<String> for PolicyHash {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bad = "a policy hash has 64 hexadecimal digits";
        if text.len() != 64 || !text.is_ascii() {
            return Err(bad);
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| bad)?;
        }
        Ok(Self(bytes))
    }
}

impl JsonSchema for PolicyHash {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PolicyHash".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
    }
}

macro_rules! checks {
    ($($variant:ident $name:literal $doc:literal),+ $(,)?) => {
        /// A part of screening that can be done or be unavailable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Check { $(#[doc = $doc] $variant),+ }

        impl Check {
            /// Every check, in a fixed order.
            pub const ALL: &'static [Check] = &[$(Check::$variant),+];

            /// The name on the wire and in policies.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Check::$variant => $name),+ }
            }

            /// The check of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Check::$variant),)+ _ => None }
            }
        }
    };
}

checks! {
    Identity "identity" "Does a name, handle or avatar imitate an official identity?",
    Language "language" "What is being asked, threatened or offered?",
    Secrets "secrets" "Is a user about to give away a secret?",
    Links "links" "Are links and domains listed as bad, or imitations?",
    Addresses "addresses" "Are blockchain addresses listed as bad, or imitations?",
    Memory "memory" "What do earlier events say? (features, campaigns, sequences)",
}

/// A set of [`Check`]s: on the wire a list of names. Copying it does not allocate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(from = "Vec<Check>")]
pub struct CheckSet(u8);

impl CheckSet {
    /// Whether the check is in the set.
    #[must_use]
    pub fn has(self, check: Check) -> bool {
        self.0 & (1 << check as u8) != 0
    }

    /// The set with the check added.
    #[must_use]
    pub fn with(self, check: Check) -> Self {
        Self(self.0 | 1 << check as u8)
    }

    /// What is in the set, in the order of [`Check::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Check> {
        Check::ALL.iter().copied().filter(move |check| self.has(*check))
    }
}

impl Serialize for CheckSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl From<Vec<Check>> for CheckSet {
    fn from(checks: Vec<Check>) -> Self {
        checks.into_iter().fold(CheckSet::default(), CheckSet::with)
    }
}

impl JsonSchema for CheckSet {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CheckSet".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<Check>::json_schema(generator)
    }
}

/// A check that could not be done, and what followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unavailable {
    /// Which.
    pub check: Check,
    /// Why: `timeout`, `stale`, `not configured`, …
    pub reason: Name,
    /// The least decision its fail mode asks for.
    pub at_least: Decision,
}

/// Which checks stand behind a verdict, and which do not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckReport {
    /// Done.
    pub done: CheckSet,
    /// Not done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unavailable: Vec<Unavailable>,
}

/// The one fact without which the decision would have been milder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TurningPoint {
    /// The finding.
    pub finding: Name,
    /// What the decision would have been without it.
    pub otherwise: Decision,
    /// The same as a sentence.
    pub sentence: Bilingual,
}

/// What follows from what was found.
///
/// Always true: `score` is the sum of the weights of `findings`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// What is to be done.
    pub decision: Decision,
    /// Sum of the findings' weights.
    pub score: u32,
    /// Heaviest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// Present if and only if the decision is [`Decision::Hold`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// Whether the score asked for more than a machine may do here (a protected account):
    /// a person has to decide.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_person: bool,
    /// What the checks were.
    pub checks: CheckReport,
    /// For reviewers; absent for `allow`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turning_point: Option<TurningPoint>,
    /// Which campaign (same text to many) the event belongs to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Rules in `shadow` that would have fired, with the weight they would have added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shadow: Vec<(Name, u32)>,
    /// Which policy said so.
    pub policy: PolicyHash,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_and_a_set_read_back_as_written() {
        let hash = PolicyHash(std::array::from_fn(|at| at as u8 * 7));
        let written = serde_json::to_string(&hash).unwrap();
        assert_eq!(written, format!("\"{hash}\""));
        assert_eq!(serde_json::from_str::<PolicyHash>(&written).unwrap(), hash);
        let set = CheckSet::default().with(Check::Links).with(Check::Identity);
        assert_eq!(serde_json::to_string(&set).unwrap(), r#"["identity","links"]"#);
        assert_eq!(serde_json::from_str::<CheckSet>(r#"["links","identity"]"#).unwrap(), set);
    }
}
