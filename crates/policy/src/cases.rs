//! A rule's own cases: where it must fire, and where it must not.
//!
//! A case states the kind of event, what was found and what is remembered; so it tests the
//! rule and nothing else, and stays true when phrases and weights change.

use touchstone_types::{Event, EventKind, Lapse, Moment, Name};

use crate::expression::{Clause, Names};
use crate::inputs::{FeatureValue, FoundSet, Inputs};
use crate::rule::Rule;

/// The value a case gives a feature.
#[derive(Clone, Debug, PartialEq)]
pub enum CaseValue {
    /// Not given: unknown.
    Unknown,
    /// A number.
    Int(i64),
    /// A length of time.
    Lapse(Lapse),
    /// Strings.
    Texts(Vec<String>),
}

/// One case of one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleCase {
    /// What it is an example of.
    pub about: String,
    /// The event as JSON; what the case leaves out is made up and neutral.
    pub event: Vec<u8>,
    /// When it was received.
    pub received: Moment,
    /// What was found.
    pub found: FoundSet,
    /// By feature number.
    pub features: Vec<CaseValue>,
    /// Host names of the links in the text.
    pub links: Vec<String>,
    /// Blockchain addresses in the text.
    pub addresses: Vec<String>,
    /// The group of near-duplicates.
    pub campaign: Option<String>,
    /// How many words of a recovery phrase the text is, if it is nothing else.
    pub phrase_words: u16,
}

/// What a case should have shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// That the rule fires.
    Hit,
    /// That it does not.
    Miss,
}

/// What a case showed.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// The rule.
    pub rule: Name,
    /// What the case is an example of.
    pub about: String,
    /// What it should have shown.
    pub expected: Expected,
    /// Whether it did.
    pub passed: bool,
    /// The clauses with their values.
    pub clauses: Vec<Clause>,
}

/// When cases happen that do not say when.
pub(crate) const CASE_TIME: &str = "2026-01-15T12:00:00Z";

impl RuleCase {
    /// Runs the rule on this case alone.
    pub(crate) fn run(&self, rule: &Rule, expected: Expected, names: &Names) -> CaseResult {
        let texts: Vec<Vec<&str>> = self
            .features
            .iter()
            .map(|value| match value {
                CaseValue::Texts(texts) => texts.iter().map(String::as_str).collect(),
                _ => Vec::new(),
            })
            .collect();
        let features: Vec<FeatureValue<'_>> = self
            .features
            .iter()
            .zip(&texts)
            .map(|(value, texts)| match value {
                CaseValue::Unknown => FeatureValue::Unknown,
                CaseValue::Int(number) => FeatureValue::Int(*number),
                CaseValue::Lapse(lapse) => FeatureValue::Lapse(*lapse),
                CaseValue::Texts(_) => FeatureValue::Texts(texts),
            })
            .collect();
        let links: Vec<&str> = self.links.iter().map(String::as_str).collect();
        let addresses: Vec<&str> = self.addresses.iter().map(String::as_str).collect();
        // Loading parsed the event already; one that does not parse fails the case.
        let (fired, clauses) = Event::parse(&self.event).map_or((None, Vec::new()), |event| {
            let inputs = Inputs {
                received: self.received,
                found: self.found,
                features: &features,
                links: &links,
                addresses: &addresses,
                campaign: self.campaign.as_deref(),
                event: &event,
                phrase_words: self.phrase_words,
                told: &[],
            };
            (Some(wakes(rule, &inputs) && rule.fires(&inputs)), rule.explain(&inputs, names))
        });
        let passed = fired == Some(expected == Expected::Hit);
        CaseResult { rule: rule.id.clone(), about: self.about.clone(), expected, passed, clauses }
    }
}

/// Whether the rule would be asked at all.
fn wakes(rule: &Rule, inputs: &Inputs<'_>) -> bool {
    let kind = inputs.event.data.kind();
    kind.is_some_and(|kind| rule.wakes_on_kinds.has(kind))
        || inputs.found.iter().any(|finding| rule.wakes_on_found.has(finding))
}

/// A neutral event of the kind, over which a case lays what it states.
pub(crate) fn neutral(kind: EventKind) -> serde_json::Value {
    let account = |id: &str| serde_json::json!({ "id": id });
    let address = "eip155:1:0x1111111111111111111111111111111111111111";
    match kind {
        EventKind::MessageSent => serde_json::json!({
            "sender": account("sender"), "recipient": account("user"), "text": "",
            "conversation": { "id": "conversation", "kind": "direct" },
        }),
        EventKind::ProfileChanged | EventKind::AccountCreated => {
            serde_json::json!({ "account": account("sender") })
        }
        EventKind::ContactAdded => {
            serde_json::json!({ "account": account("sender"), "contact": account("user") })
        }
        EventKind::LoginAttempted => serde_json::json!({ "account": account("user"), "succeeded": true }),
        EventKind::TransferRequested => serde_json::json!({
            "account": account("user"), "to": address, "amount": "1", "asset": "USDT",
        }),
        EventKind::ApprovalRequested => serde_json::json!({
            "account": account("user"), "chain": "eip155:1", "spender": address, "method": "approve",
        }),
        EventKind::CallStarted => {
            serde_json::json!({ "caller": account("sender"), "callee": account("user") })
        }
        EventKind::ClientSeen => serde_json::json!({ "account": account("user"), "package": "app" }),
    }
}

/// Lays `over` on `under`: tables are joined, anything else replaces.
pub(crate) fn lay(under: &mut serde_json::Value, over: serde_json::Value) {
    match (under, over) {
        (serde_json::Value::Object(under), serde_json::Value::Object(over)) => {
            for (key, value) in over {
                lay(under.entry(key).or_insert(serde_json::Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}
