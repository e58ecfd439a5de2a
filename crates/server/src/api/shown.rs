//! How verdicts are shown to programs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use touchstone_store::{Label, Logged, StoredVerdict};
use touchstone_types::{Decision, Event, Moment, Verdict};

/// One verdict with the event it is about.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct VerdictView {
    /// Place in the log.
    seq: i64,
    /// CloudEvents `id`.
    id: String,
    /// CloudEvents `source`.
    source: String,
    /// CloudEvents `type`.
    #[serde(rename = "type")]
    kind: String,
    /// When it happened, by the platform's clock.
    time: Moment,
    /// When it came in, by ours.
    received: Moment,
    /// What a reviewer said of it: `scam` or `benign`.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'static str>,
    /// The verdict; absent if the event is of a kind that is not screened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Verdict>")]
    verdict: Option<Box<RawValue>>,
    /// The event as it came, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    event: Option<Box<RawValue>>,
}

/// The word that labelled examples use.
pub(super) fn label(label: Label) -> &'static str {
    match label {
        Label::Fraud => "scam",
        Label::Benign => "benign",
    }
}

/// What was kept as JSON, as JSON.
pub(super) fn raw(bytes: Vec<u8>) -> Option<Box<RawValue>> {
    RawValue::from_string(String::from_utf8(bytes).ok()?).ok()
}

impl VerdictView {
    pub(super) fn of(stored: StoredVerdict, with_event: bool) -> Self {
        Self {
            seq: stored.seq.0,
            id: stored.key.id,
            source: stored.key.source,
            kind: stored.kind,
            time: stored.time,
            received: stored.received,
            label: stored.label.map(label),
            verdict: stored.verdict.and_then(raw),
            event: if with_event { raw(stored.raw) } else { None },
        }
    }

    /// The same from the log; none if what is there does not read back.
    pub(super) fn of_logged(logged: Logged, wanted: &Wanted) -> Option<Self> {
        let event = Event::parse(&logged.raw).ok()?;
        if !wanted.fits(&event, logged.verdict.as_deref()) {
            return None;
        }
        let view = Self {
            seq: logged.seq.0,
            id: event.id.to_string(),
            source: event.source.to_string(),
            kind: event.kind.to_string(),
            time: event.time,
            received: logged.received,
            label: None,
            verdict: logged.verdict.and_then(raw),
            event: None,
        };
        Some(Self { event: if wanted.with_event { raw(logged.raw) } else { None }, ..view })
    }
}

/// Which verdicts a live stream shows; what is left out does not matter.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) decisions: Vec<Decision>,
    pub(super) kind: Option<String>,
    pub(super) actor: Option<String>,
    pub(super) user: Option<String>,
    pub(super) account: Option<String>,
    pub(super) conversation: Option<String>,
    pub(super) campaign: Option<String>,
    pub(super) finding: Option<String>,
    pub(super) with_event: bool,
}

/// The parts of a verdict that are asked about.
#[derive(Deserialize)]
struct Parts<'a> {
    decision: Decision,
    #[serde(default, borrow)]
    findings: Vec<FindingName<'a>>,
    #[serde(default, borrow)]
    campaign: Option<touchstone_types::Str<'a>>,
}

#[derive(Deserialize)]
struct FindingName<'a> {
    #[serde(borrow)]
    name: touchstone_types::Str<'a>,
}

impl Wanted {
    fn fits(&self, event: &Event<'_>, verdict: Option<&[u8]>) -> bool {
        let is = |wanted: &Option<String>, id: Option<&str>| wanted.is_none() || wanted.as_deref() == id;
        let actor = event.data.actor().map(|it| it.id.as_str());
        let user = event.data.user().map(|it| it.id.as_str());
        let conversation = event.data.conversation().map(|it| it.id.as_str());
        let named = is(&self.kind, Some(&event.kind))
            && is(&self.actor, actor)
            && is(&self.user, user)
            && is(&self.conversation, conversation)
            && (is(&self.account, actor) || is(&self.account, user));
        named && self.fits_verdict(verdict)
    }

    fn fits_verdict(&self, verdict: Option<&[u8]>) -> bool {
        if self.decisions.is_empty() && self.campaign.is_none() && self.finding.is_none() {
            return true;
        }
        let Some(parts) = verdict.and_then(|json| serde_json::from_slice::<Parts<'_>>(json).ok()) else {
            return false;
        };
        let finding = |wanted: &String| parts.findings.iter().any(|it| it.name == **wanted);
        (self.decisions.is_empty() || self.decisions.contains(&parts.decision))
            && self
                .campaign
                .as_ref()
                .is_none_or(|wanted| parts.campaign.as_ref().is_some_and(|it| *it == **wanted))
            && self.finding.as_ref().is_none_or(finding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &[u8] = br#"{"id":"1","source":"/im","type":"message.sent","time":"2026-01-01T00:00:00Z",
        "data":{"sender":{"id":"a"},"recipient":{"id":"b"},"text":"hi"}}"#;
    const VERDICT: &[u8] =
        br#"{"decision":"warn","score":5,"campaign":"c1","findings":[{"name":"claims_support"}]}"#;

    #[test]
    fn a_stream_shows_what_fits_and_nothing_else() {
        let event = Event::parse(EVENT).unwrap();
        let text = |it: &str| Some(it.to_owned());
        for (wanted, expected) in [
            (Wanted::default(), true),
            (Wanted { actor: text("a"), user: text("b"), ..Wanted::default() }, true),
            (Wanted { actor: text("b"), ..Wanted::default() }, false),
            (Wanted { account: text("b"), ..Wanted::default() }, true),
            (Wanted { account: text("c"), ..Wanted::default() }, false),
            (Wanted { kind: text("call.started"), ..Wanted::default() }, false),
            (Wanted { decisions: vec![Decision::Warn, Decision::Block], ..Wanted::default() }, true),
            (Wanted { decisions: vec![Decision::Hold], ..Wanted::default() }, false),
            (Wanted { finding: text("claims_support"), campaign: text("c1"), ..Wanted::default() }, true),
            (Wanted { finding: text("claims_support"), campaign: text("c2"), ..Wanted::default() }, false),
        ] {
            assert_eq!(wanted.fits(&event, Some(VERDICT)), expected, "{wanted:?}");
        }
        let screened = Wanted { decisions: vec![Decision::Allow], ..Wanted::default() };
        assert!(!screened.fits(&event, None), "an event that was not screened was not allowed");
    }
}
