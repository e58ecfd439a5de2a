//! From an event and facts to a verdict.

use std::cmp::Reverse;

use touchstone_policy::{FeatureValue, HoldSpec, Inputs, Rule, Status, Thresholds};
use touchstone_types::{
    Check, CheckReport, CheckSet, Data, Decision, Event, Finding, Flag, Hold, Moment, Name, Unavailable,
    Verdict,
};

use crate::compared::Compared;
use crate::decide::{Ground, Outcome, Say, decide, turning_point};
use crate::detect::{Look, addresses, contradictions, identity, links, lists, words};
use crate::memory::Campaign;
use crate::reading::{Strings, Text};
use crate::signals::{Known, Signals, weigh};
use crate::{Directory, Policy};

/// What a verdict depends on besides the event and the policy.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// When the event was taken in; holds are counted from then.
    pub now: Moment,
    /// Who is official.
    pub registry: &'a Directory,
    /// What earlier events say, by feature number; empty if memory was not asked.
    pub features: &'a [FeatureValue<'a>],
    /// The group of near-duplicates that the text belongs to.
    pub campaign: Option<&'a Campaign>,
    /// What a language model said of the text, where it was asked.
    pub opinion: Option<Opinion<'a>>,
    /// Checks that could not be done, and why: `timeout`, `stale`, `not configured`, …
    pub unavailable: &'a [(Check, &'a str)],
}

impl<'a> Facts<'a> {
    /// Facts about an event of which nothing else is known.
    #[must_use]
    pub fn new(now: Moment, registry: &'a Directory) -> Self {
        Self { now, registry, features: &[], campaign: None, opinion: None, unavailable: &[] }
    }
}

/// What a language model outside the house says of a text. It can only speak for a scam: below
/// [`Opinion::SPEAKS_FROM`] it says nothing, whatever the text made the model answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Opinion<'a> {
    /// How likely it is a scam, 0 to 1.
    pub scam: f32,
    /// Why, in the model's words.
    pub why: &'a str,
    /// Which model.
    pub model: &'a str,
}

impl Opinion<'_> {
    /// From here on an opinion is a finding.
    pub const SPEAKS_FROM: f32 = 0.6;
}

/// Room to work in, used again for every event; remembers what names resemble, for a few
/// megabytes.
pub struct Scratch {
    pub(crate) text: Text,
    pub(crate) work: Work,
}

/// What is used while one event is judged.
#[derive(Default)]
pub(crate) struct Work {
    compared: Compared,
    pub(crate) signals: Signals,
    fired: Vec<usize>,
}

impl Scratch {
    /// Room that has not been used yet.
    #[must_use]
    pub fn new() -> Self {
        Self { text: Text::default(), work: Work { compared: Compared::remembering(), ..Work::default() } }
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

/// A campaign is one when the same text has gone to so many people.
const CAMPAIGN_FROM: i64 = 3;

/// Judges one event. Pure: the same arguments give the same verdict. An event of an unknown
/// type is allowed with no check done; callers answer it with "not screened".
#[must_use]
pub fn screen(event: &Event<'_>, facts: &Facts<'_>, policy: &Policy) -> Verdict {
    // Nothing to remember for a single event.
    screen_with(&mut Scratch { text: Text::default(), work: Work::default() }, event, facts, policy)
}

/// [`screen()`] with room to work in, which allocates nothing for an event without findings.
#[must_use]
pub fn screen_with(scratch: &mut Scratch, event: &Event<'_>, facts: &Facts<'_>, policy: &Policy) -> Verdict {
    scratch.text.read(event, policy);
    judge(&scratch.text, &mut scratch.work, event, facts, policy)
}

/// Judges an event whose text has been read.
pub(crate) fn judge(
    text: &Text,
    work: &mut Work,
    event: &Event<'_>,
    facts: &Facts<'_>,
    policy: &Policy,
) -> Verdict {
    let Work { compared, signals, fired } = work;
    signals.clear();
    fired.clear();
    let look = Look { event, text, facts, policy };
    let unavailable = unavailable(facts, policy);
    let checks = CheckReport { done: done(look), unavailable };
    if event.data.kind().is_none() {
        return Verdict { policy: policy.hash(), ..empty(checks) };
    }
    detect(look, checks.done, compared, signals);

    with_inputs(text, event, facts, |inputs| {
        inputs.found = signals.found;
        policy.core().apply(inputs, |at, _| fired.push(at));
        signals.found = inputs.found;
        Weighing { look, inputs, checks, fired }.verdict(signals)
    })
}

/// Makes what expressions are read against: everything but what was found.
pub(crate) fn with_inputs<R>(
    text: &Text,
    event: &Event<'_>,
    facts: &Facts<'_>,
    then: impl FnOnce(&mut Inputs<'_>) -> R,
) -> R {
    let hosts: Strings<'_, 16> = text.hosts().iter().map(|host| host.name.as_str()).collect();
    let written = event.data.text().unwrap_or_default();
    let addresses: Strings<'_, 16> = text.addresses(written).map(|(address, _)| address).collect();
    then(&mut Inputs {
        received: facts.now,
        features: facts.features,
        links: hosts.as_slice(),
        addresses: addresses.as_slice(),
        campaign: facts.campaign.map(Campaign::id),
        phrase_words: text.phrase_words,
        ..Inputs::new(event)
    })
}

fn detect(look: Look<'_>, done: CheckSet, compared: &mut Compared, signals: &mut Signals) {
    if done.has(Check::Language) {
        words::phrases(look, signals);
        words::model(look, signals);
        words::opinion(look, signals);
    }
    if done.has(Check::Secrets) {
        words::secrets(look, signals);
    }
    if done.has(Check::Links) {
        links::check(look, compared, signals);
        lists::names(look, signals);
    }
    if done.has(Check::Addresses) {
        addresses::check(look, compared, signals);
    }
    if done.has(Check::Identity) {
        let copied = identity::check(look, compared, signals);
        contradictions::check(look, copied, signals);
    }
}

/// The checks that apply to the event and can be done.
fn done(look: Look<'_>) -> CheckSet {
    let applies = |check: Check| match (check, &look.event.data) {
        (_, Data::Unknown) => false,
        (Check::Language, _) => look.event.data.text().is_some(),
        (Check::Secrets, data) => matches!(data, Data::MessageSent(_)),
        (Check::Memory, _) => !look.facts.features.is_empty(),
        (Check::Identity | Check::Links | Check::Addresses, _) => true,
    };
    let missing = |check: Check| look.facts.unavailable.iter().any(|(it, _)| *it == check);
    Check::ALL
        .iter()
        .filter(|check| applies(**check) && !missing(**check))
        .fold(CheckSet::default(), |set, check| set.with(*check))
}

fn unavailable(facts: &Facts<'_>, policy: &Policy) -> Vec<Unavailable> {
    let each = |(check, reason): &(Check, &str)| Unavailable {
        check: *check,
        reason: Name::from(*reason),
        at_least: policy.core().check(*check).fail.at_least(),
    };
    facts.unavailable.iter().map(each).collect()
}

fn empty(checks: CheckReport) -> Verdict {
    Verdict {
        decision: Decision::Allow,
        score: 0,
        findings: Vec::new(),
        hold: None,
        needs_person: false,
        checks,
        turning_point: None,
        campaign: None,
        shadow: Vec::new(),
        policy: touchstone_types::PolicyHash([0; 32]),
    }
}

/// Everything that the last step, from findings to verdict, looks at.
struct Weighing<'a> {
    look: Look<'a>,
    inputs: &'a Inputs<'a>,
    checks: CheckReport,
    /// Places of the rules that fired, live ones and those in shadow.
    fired: &'a [usize],
}

impl<'a> Weighing<'a> {
    fn verdict(self, signals: &mut Signals) -> Verdict {
        let Look { event, facts, policy, .. } = self.look;
        let mut findings: Vec<Finding> = signals.all.iter().map(|it| it.finding.clone()).collect();
        let mut shadow = Vec::new();
        for rule in self.rules() {
            match rule.status {
                Status::Live => findings.push(self.of_rule(rule)),
                _ => shadow.push((rule.id.clone(), self.weight(rule, self.inputs))),
            }
        }
        shadow.extend(self.shadow_model());
        findings.sort_by(|a, b| {
            (Reverse(a.weight), &a.name, &a.field, &a.span).cmp(&(
                Reverse(b.weight),
                &b.name,
                &b.field,
                &b.span,
            ))
        });
        let Outcome { decision, score, needs_person } = self.decide(findings.iter().map(Say::from));
        let turning_point = match decision {
            Decision::Allow => None,
            _ => turning_point(decision, &findings, |name| self.without(name, signals)),
        };
        let campaign = facts.campaign.filter(|it| it.people >= CAMPAIGN_FROM).map(|it| it.id().to_owned());
        let hold = (decision == Decision::Hold).then(|| self.hold(event)).flatten();
        Verdict {
            decision,
            score,
            findings,
            hold,
            needs_person,
            turning_point,
            campaign,
            shadow,
            policy: policy.hash(),
            checks: self.checks,
        }
    }

    /// What the model in shadow would have added.
    fn shadow_model(&self) -> Option<(Name, u32)> {
        let Look { text, policy, .. } = self.look;
        let share = words::share_of(text.likelihood.1?)?;
        let spec = policy.core().finding(policy.ids.reads_like_scam?)?;
        Some((spec.name.clone(), weigh(spec, share)))
    }

    fn rules(&self) -> impl Iterator<Item = &'a Rule> {
        let rules = self.look.policy.core().rules();
        self.fired.iter().filter_map(move |at| rules.get(*at))
    }

    fn weight(&self, rule: &Rule, inputs: &Inputs<'_>) -> u32 {
        self.look.policy.core().finding(rule.finding).map_or(0, |spec| rule.weight(spec.weight, inputs))
    }

    /// The finding that a rule raises, with the clauses that held and their values.
    fn of_rule(&self, rule: &Rule) -> Finding {
        let core = self.look.policy.core();
        let clauses = rule.explain(self.inputs, core.names());
        let mut details = Vec::new();
        let mut count = None;
        for clause in clauses.iter().filter(|clause| clause.truth == touchstone_policy::Truth::True) {
            let values = clause
                .values
                .iter()
                .map(|(name, value)| format!("{name} = {}", value.as_deref().unwrap_or("?")));
            let values: Vec<_> = values.collect();
            details.push((Name::from("because"), format!("{} ({})", clause.text, values.join(", "))));
            let number = clause.values.iter().find(|(name, _)| name.starts_with("feature."));
            count = count.or_else(|| number.and_then(|(_, value)| value.clone()));
        }
        let spec = core.finding(rule.finding);
        let known = self.known(count.as_deref());
        Finding {
            name: rule.id.clone(),
            weight: self.weight(rule, self.inputs),
            strength: spec.map(|it| it.strength).unwrap_or_default(),
            field: None,
            span: None,
            likeness: None,
            details,
            sentence: spec.map(|it| it.sentence.fill(|open| known.get(open))).unwrap_or_default(),
        }
    }

    /// What the sentence of a rule may name.
    fn known<'k>(&'k self, count: Option<&'k str>) -> Known<'k> {
        let actor = self.look.event.data.actor();
        let name = actor.and_then(|it| it.display_name.as_deref().or(it.handle.as_deref()));
        let (amount, address, site) = match &self.look.event.data {
            Data::TransferRequested(it) => (Some(it.amount.as_str()), Some(it.to.address()), None),
            Data::ApprovalRequested(it) => (
                it.amount.as_ref().map(|amount| amount.as_str()),
                Some(it.spender.address()),
                it.site.as_deref(),
            ),
            _ => (None, self.inputs.addresses.first().copied(), None),
        };
        Known {
            candidate: name,
            link: self.inputs.links.first().copied(),
            address,
            amount,
            site,
            count,
            ..Known::default()
        }
    }

    fn decide(&self, says: impl IntoIterator<Item = Say>) -> Outcome {
        let ground = Ground {
            thresholds: self.thresholds(),
            protected: is_protected(self.look),
            unavailable: &self.checks.unavailable,
        };
        decide(says, &ground)
    }

    fn thresholds(&self) -> Thresholds {
        let never = Thresholds { warn: u32::MAX, hold: u32::MAX, block: u32::MAX };
        self.look.event.data.kind().map_or(never, |kind| self.look.policy.core().thresholds(kind))
    }

    /// The decision if the finding of that name had not been there: rules are asked again.
    fn without(&self, name: &Name, signals: &Signals) -> Decision {
        let core = self.look.policy.core();
        let mut inputs = *self.inputs;
        inputs.found.clear();
        let (mut says, features) = (Vec::new(), inputs);
        for signal in signals.all.iter().filter(|it| it.finding.name != *name) {
            inputs.found.insert(signal.id);
            says.push(Say::from(&signal.finding));
        }
        core.apply(&mut inputs, |_, rule| {
            if rule.status == Status::Live && rule.id != *name {
                let spec = core.finding(rule.finding);
                let strength = spec.map(|it| it.strength).unwrap_or_default();
                says.push(Say { weight: self.weight(rule, &features), strength });
            }
        });
        self.decide(says).decision
    }

    /// Until when, and who may release it: as usual for the kind of event, or as long as the
    /// most cautious rule that fired says.
    fn hold(&self, event: &Event<'_>) -> Option<Hold> {
        let usual = self.look.policy.core().hold(event.data.kind()?);
        let special =
            self.rules().filter(|rule| rule.status == Status::Live).filter_map(|rule| rule.hold.as_ref());
        let spec: &HoldSpec = special.max_by_key(|it| it.duration).unwrap_or(usual);
        Some(Hold { until: self.look.facts.now + spec.duration, release_by: spec.release_by.clone() })
    }
}

/// Whether a machine alone may not hold or block what this account does: listed staff, staff
/// and moderators by the platform's word, and mutual contacts. A user's own transfer is held
/// for the user's sake, whoever the user is.
fn is_protected(look: Look<'_>) -> bool {
    let (Data::MessageSent(_)
    | Data::ProfileChanged(_)
    | Data::AccountCreated(_)
    | Data::ContactAdded(_)
    | Data::CallStarted(_)) = &look.event.data
    else {
        return false;
    };
    let Some(actor) = look.event.data.actor() else { return false };
    let mutual = look.event.data.conversation().is_some_and(|it| it.mutual == Some(true));
    let registry = look.facts.registry.registry();
    mutual
        || actor.flags.has(Flag::Moderator)
        || actor.flags.has(Flag::Staff)
        || registry.is_listed(&look.event.source, &actor.id, look.facts.now).is_some()
}
