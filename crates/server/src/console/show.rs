//! From a stored verdict to what a page shows of it.
//!
//! Reads the event again from the bytes that came; what no longer parses is shown as far as
//! the columns of the log go.

use touchstone_store::{Label, StoredVerdict};
use touchstone_types::{
    Account, Check, Conversation, Data, Decision, Event, Finding, Flag, Lapse, Likeness, Moment, Span,
    Verdict,
};

use super::i18n::Lang;
use super::shell::Shell;
use super::shown::{Mark, colour};
use super::views::{CheckView, Chip, Fact, LikenessView, PersonView, Row, StepView, SumLine, VerdictView};
use super::web::encoded;

/// The name of a decision in templates; `unscreened` for none.
pub(crate) fn decision(decision: Option<Decision>) -> &'static str {
    decision.map_or("unscreened", Decision::name)
}

/// The name of a label in templates.
pub(crate) fn label(label: Label) -> &'static str {
    match label {
        Label::Fraud => "fraud",
        Label::Benign => "benign",
    }
}

/// Reads the verdict of a stored event.
pub(crate) fn verdict_of(stored: &StoredVerdict) -> Option<Verdict> {
    serde_json::from_slice(stored.verdict.as_deref()?).ok()
}

/// Where the page of one verdict is.
pub(crate) fn href(source: &str, id: &str) -> String {
    format!("/console/verdicts/{}/{}", encoded(source), encoded(id))
}

/// One line of a list.
pub(crate) fn row(stored: &StoredVerdict) -> Row {
    let event = Event::parse(&stored.raw).ok();
    let verdict = verdict_of(stored);
    let actor = event.as_ref().and_then(|event| event.data.actor());
    let text = event.as_ref().map(|event| summary(&event.data)).unwrap_or_default();
    let mut chips: Vec<Chip> = Vec::new();
    for finding in verdict.iter().flat_map(|it| &it.findings) {
        if chips.len() < 3 && !chips.iter().any(|chip| chip.name == *finding.name) {
            chips.push(Chip { name: finding.name.to_string(), weight: finding.weight });
        }
    }
    Row {
        anchor: format!("v{}", stored.seq.0),
        href: href(&stored.key.source, &stored.key.id),
        time: stored.received.to_string(),
        clock: clock(stored.received),
        decision: decision(stored.decision),
        score: stored.score,
        kind: stored.kind.clone(),
        name: actor.and_then(|it| it.display_name.as_deref()).map(str::to_owned),
        handle: actor
            .and_then(|it| it.handle.as_deref().map(|handle| format!("@{handle}")))
            .or_else(|| stored.actor.clone()),
        text,
        chips,
        needs_person: verdict.as_ref().is_some_and(|it| it.needs_person),
        reviewed: stored.label.map(label),
    }
}

/// Hours and minutes, until the script says how long ago.
fn clock(moment: Moment) -> String {
    let text = moment.to_string();
    text.get(11..16).map_or(text.clone(), str::to_owned)
}

/// What happened in a line.
fn summary(data: &Data<'_>) -> String {
    match data {
        Data::TransferRequested(it) => format!("{} {} → {}", it.amount, it.asset, it.to),
        Data::ApprovalRequested(it) => {
            let site = it.site.as_deref().unwrap_or_default();
            format!("{} → {} {site}", it.method, it.spender)
        }
        Data::ProfileChanged(it) => {
            let before = it.previous_display_name.as_deref().or(it.previous_handle.as_deref()).unwrap_or("…");
            let after = it.account.display_name.as_deref().or(it.account.handle.as_deref()).unwrap_or("…");
            format!("{before} → {after}")
        }
        Data::ClientSeen(it) => it.package.to_string(),
        Data::CallStarted(it) => it.number.as_deref().unwrap_or_default().to_owned(),
        other => other.text().unwrap_or_default().to_owned(),
    }
}

/// Numbers the findings as they stand in the sum; those with a place get a colour.
struct Numbered<'a> {
    findings: Vec<(usize, &'a Finding)>,
}

impl<'a> Numbered<'a> {
    fn of(verdict: Option<&'a Verdict>) -> Self {
        Self { findings: (1..).zip(verdict.iter().flat_map(|it| &it.findings)).collect() }
    }

    /// The places found in one of these fields.
    fn marks(&self, fields: &[&str]) -> Vec<Mark> {
        self.findings
            .iter()
            .filter(|(_, it)| it.field.as_deref().is_some_and(|field| fields.contains(&field)))
            .filter_map(|(number, it)| it.span.map(|span| Mark { span, number: *number }))
            .collect()
    }

    /// The whole of a field that was found in without a place.
    fn whole(&self, fields: &[&str], value: &str) -> Vec<Mark> {
        let marks = self.marks(fields);
        if !marks.is_empty() {
            return marks;
        }
        let to = u32::try_from(value.chars().count()).unwrap_or(u32::MAX);
        self.findings
            .iter()
            .find(|(_, it)| it.field.as_deref().is_some_and(|field| fields.contains(&field)))
            .map(|(number, _)| Mark { span: Span { from: 0, to }, number: *number })
            .into_iter()
            .collect()
    }
}

const TEXT_FIELDS: [&str; 3] = ["text", "message.text", "greeting"];

/// The words of a text that a finding stands on.
fn words(finding: &Finding, text: Option<&str>) -> Option<String> {
    let span = finding.span?;
    if !finding.field.as_deref().is_some_and(|field| TEXT_FIELDS.contains(&field)) {
        return None;
    }
    let words: String =
        text?.chars().skip(span.from as usize).take((span.to - span.from.min(span.to)) as usize).collect();
    (!words.is_empty()).then_some(words)
}

/// What a particular is called; as the policy spells it where the pages have no word for it.
fn detail_name(lang: Lang, name: &str) -> String {
    let key = format!("detail-{}", name.replace('_', "-"));
    if lang.has(&key) { lang.text(&key) } else { name.to_owned() }
}

/// The lines of the sum.
pub(crate) fn sum(lang: Lang, verdict: &Verdict, text: Option<&str>) -> Vec<SumLine> {
    (1..)
        .zip(&verdict.findings)
        .map(|(number, finding)| SumLine {
            number,
            colour: if finding.field.is_some() { colour(number) } else { 0 },
            name: finding.name.to_string(),
            sentence: lang.of(&finding.sentence).to_owned(),
            weight: finding.weight,
            strong: finding.strength == touchstone_types::Strength::Strong,
            words: words(finding, text),
            details: finding
                .details
                .iter()
                .map(|(name, value)| (detail_name(lang, name), value.clone()))
                .collect(),
        })
        .collect()
}

/// Where the words of a text stand that findings rest on.
pub(crate) fn text_marks(verdict: &Verdict) -> Vec<Mark> {
    Numbered::of(Some(verdict)).marks(&TEXT_FIELDS)
}

fn likenesses(verdict: &Verdict) -> Vec<LikenessView> {
    let mut seen: Vec<&str> = Vec::new();
    let mut views = Vec::new();
    for it in verdict.findings.iter().filter_map(|it| it.likeness.as_deref()) {
        if !seen.contains(&it.candidate.as_str()) {
            seen.push(&it.candidate);
            views.push(likeness(it));
        }
    }
    views
}

/// An official string and what resembles it, side by side.
pub(crate) fn likeness(likeness: &Likeness) -> LikenessView {
    LikenessView {
        official: likeness.official.clone(),
        candidate: likeness.candidate.clone(),
        brand: likeness.brand.clone(),
        percent: percent(likeness.closeness),
        steps: likeness
            .alignment
            .iter()
            .map(|step| StepView {
                official: step.official.clone(),
                candidate: step.candidate.clone(),
                technique: step.technique.as_ref().map(|it| it.replace('_', " ")),
            })
            .collect(),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 100 before")]
pub(crate) fn percent(closeness: f32) -> u32 {
    (closeness * 100.0).round().clamp(0.0, 100.0) as u32
}

fn checks(s: &Shell, verdict: &Verdict) -> Vec<CheckView> {
    Check::ALL
        .iter()
        .map(|check| {
            let missing = verdict.checks.unavailable.iter().find(|it| it.check == *check);
            let (class, icon, reason) = match missing {
                Some(it) => ("no", "warn", Some(s.t1("check-unavailable", "reason", it.reason.to_string()))),
                None if verdict.checks.done.has(*check) => ("yes", "check", None),
                None => ("off", "minus", Some(s.t("check-not-needed"))),
            };
            CheckView { label: s.t(&format!("check-{}", check.name())), class, icon, reason }
        })
        .collect()
}

fn hold(s: &Shell, verdict: &Verdict) -> Option<String> {
    let hold = verdict.hold.as_ref()?;
    let who: Vec<String> = hold
        .release_by
        .iter()
        .map(|it| {
            s.t(match it {
                touchstone_types::Releaser::User => "releaser-user",
                touchstone_types::Releaser::Guardian => "releaser-guardian",
                touchstone_types::Releaser::Staff => "releaser-staff",
            })
        })
        .collect();
    let comma = if s.lang == Lang::Zh { "、" } else { ", " };
    let values = [("until", minutes(hold.until).into()), ("who", who.join(comma).into())];
    Some(s.lang.text_with("hold-until", &values))
}

/// A moment to the minute, for a person.
pub(crate) fn minutes(moment: Moment) -> String {
    let text = moment.to_string();
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => text,
    }
}

/// One verdict with everything that explains it.
pub(crate) fn explain(s: &Shell, stored: &StoredVerdict) -> VerdictView {
    let event = Event::parse(&stored.raw).ok();
    let verdict = verdict_of(stored);
    let text = event.as_ref().and_then(|it| it.data.text()).filter(|it| !it.is_empty());
    let numbered = Numbered::of(verdict.as_ref());
    let quote = text.map(|text| Fact {
        label: String::new(),
        value: text.to_owned(),
        marks: numbered.marks(&TEXT_FIELDS),
    });
    VerdictView {
        source: stored.key.source.clone(),
        id: stored.key.id.clone(),
        href: href(&stored.key.source, &stored.key.id),
        kind: stored.kind.clone(),
        time: stored.time.to_string(),
        decision: decision(stored.decision),
        score: stored.score,
        quote,
        facts: event.as_ref().map(|it| facts(s, &it.data, &numbered)).unwrap_or_default(),
        sum: verdict.as_ref().map(|it| sum(s.lang, it, text)).unwrap_or_default(),
        turning: verdict
            .as_ref()
            .and_then(|it| it.turning_point.as_ref())
            .map(|it| s.lang.of(&it.sentence).to_owned()),
        likenesses: verdict.as_ref().map(likenesses).unwrap_or_default(),
        checks: verdict.as_ref().map(|it| checks(s, it)).unwrap_or_default(),
        shadow: verdict
            .as_ref()
            .map(|it| it.shadow.iter().map(|(name, weight)| (name.to_string(), *weight)).collect())
            .unwrap_or_default(),
        needs_person: verdict.as_ref().is_some_and(|it| it.needs_person),
        hold: verdict.as_ref().and_then(|it| hold(s, it)),
    }
}

/// Collects facts, leaving out what is not known.
struct Facts<'a> {
    s: &'a Shell,
    numbered: &'a Numbered<'a>,
    facts: Vec<Fact>,
}

impl Facts<'_> {
    fn add(&mut self, key: &str, value: Option<impl Into<String>>, fields: &[&str]) {
        if let Some(value) = value.map(Into::into).filter(|it| !it.is_empty()) {
            let marks = self.numbered.whole(fields, &value);
            self.facts.push(Fact { label: self.s.t(key), value, marks });
        }
    }
}

fn facts(s: &Shell, data: &Data<'_>, numbered: &Numbered<'_>) -> Vec<Fact> {
    let mut facts = Facts { s, numbered, facts: Vec::new() };
    match data {
        Data::MessageSent(it) => {
            for file in &it.attachments {
                let name = file.name.as_deref().or(file.media_type.as_deref());
                facts.add("fact-attachment", name, &["message.attachments", "attachments"]);
            }
        }
        Data::TransferRequested(it) => {
            let usd = it.usd.as_ref().map(|usd| format!(" ({usd} USD)")).unwrap_or_default();
            facts.add("fact-amount", Some(format!("{} {}{usd}", it.amount, it.asset)), &["transfer.usd"]);
            facts.add("fact-to", Some(it.to.to_string()), &["to", "transfer.to"]);
        }
        Data::ApprovalRequested(it) => {
            facts.add("fact-method", Some(it.method.to_string()), &["approval.method"]);
            facts.add("fact-spender", Some(it.spender.to_string()), &["spender", "approval.spender"]);
            facts.add("fact-chain", Some(it.chain.to_string()), &[]);
            facts.add("fact-site", it.site.as_deref(), &["site", "approval.site"]);
        }
        Data::ProfileChanged(it) => {
            facts.add("fact-before", it.previous_display_name.as_deref(), &[]);
            facts.add("fact-before", it.previous_handle.as_deref().map(|it| format!("@{it}")), &[]);
        }
        Data::LoginAttempted(it) => {
            facts.add("fact-succeeded", Some(s.t(if it.succeeded { "yes" } else { "no" })), &[]);
            facts.add("fact-country", it.device.as_ref().and_then(|it| it.country.as_deref()), &[]);
        }
        Data::CallStarted(it) => {
            facts.add("fact-number", it.number.as_deref(), &["call.number", "number"]);
            facts.add("fact-screen", Some(s.t(if it.screen_shared { "yes" } else { "no" })), &[]);
        }
        Data::ClientSeen(it) => {
            facts.add("fact-package", Some(it.package.to_string()), &["client.package", "package"]);
        }
        Data::AccountCreated(_) | Data::ContactAdded(_) | Data::Unknown => {}
    }
    facts.facts
}

/// Who acted, who may be harmed, and the conversation between them.
pub(crate) fn people(s: &Shell, stored: &StoredVerdict) -> Vec<PersonView> {
    let Ok(event) = Event::parse(&stored.raw) else { return Vec::new() };
    let verdict = verdict_of(stored);
    let numbered = Numbered::of(verdict.as_ref());
    let mut views = Vec::new();
    if let Some(actor) = event.data.actor() {
        views.push(person(s, "account-actor", actor, "actor", stored.time, &numbered));
    }
    if let Some(user) = event.data.user()
        && event.data.actor().is_none_or(|actor| actor.id != user.id)
    {
        views.push(person(s, "account-user", user, "user", stored.time, &numbered));
    }
    if let Some(conversation) = event.data.conversation() {
        views.push(conversation_view(s, conversation, event.data.actor(), event.data.user()));
    }
    views
}

fn person(
    s: &Shell,
    title: &str,
    account: &Account<'_>,
    role: &str,
    at: Moment,
    numbered: &Numbered<'_>,
) -> PersonView {
    let mut facts = Facts { s, numbered, facts: Vec::new() };
    let field = |name: &str| format!("{role}.{name}");
    facts.add("fact-display-name", account.display_name.as_deref(), &[&field("display_name")]);
    let handle = account.handle.as_deref();
    facts.add("fact-handle", handle, &[&field("handle")]);
    facts.add("fact-account-id", Some(account.id.to_string()), &[]);
    let age = account.created_at.map(|created| age(s, at.since(created)));
    facts.add("fact-age", age, &[&field("created_at"), &field("age")]);
    let flags = [
        (Flag::Staff, "flag-staff"),
        (Flag::Moderator, "flag-moderator"),
        (Flag::Bot, "flag-bot"),
        (Flag::Verified, "flag-verified"),
    ];
    PersonView {
        title: s.t(title),
        flags: flags.iter().filter(|(flag, _)| account.flags.has(*flag)).map(|(_, key)| s.t(key)).collect(),
        facts: facts.facts,
        href: Some(format!("/console/search?by=account&q={}", encoded(&account.id))),
    }
}

/// How long ago in days, or in hours within the first two days.
pub(crate) fn age(s: &Shell, lapse: Lapse) -> String {
    let hours = lapse.as_secs() / 3600;
    if hours < 48 { s.n("count-hours", hours) } else { s.n("count-days", hours / 24) }
}

fn conversation_view(
    s: &Shell,
    conversation: &Conversation<'_>,
    actor: Option<&Account<'_>>,
    user: Option<&Account<'_>>,
) -> PersonView {
    let none = Numbered { findings: Vec::new() };
    let mut facts = Facts { s, numbered: &none, facts: Vec::new() };
    facts.add("fact-conversation-kind", Some(s.t(&format!("kind-{}", conversation.kind.name()))), &[]);
    let starter = conversation.started_by.as_deref().map(|id| {
        if actor.is_some_and(|it| &*it.id == id) {
            s.t("started-by-actor")
        } else if user.is_some_and(|it| &*it.id == id) {
            s.t("started-by-user")
        } else {
            id.to_owned()
        }
    });
    facts.add("fact-started-by", starter, &[]);
    facts.add("fact-mutual", conversation.mutual.map(|it| s.t(if it { "yes" } else { "no" })), &[]);
    facts.add("fact-id", Some(conversation.id.to_string()), &[]);
    PersonView { title: s.t("conversation"), flags: Vec::new(), facts: facts.facts, href: None }
}

/// Source, id, time and policy of a verdict.
pub(crate) fn origin(s: &Shell, stored: &StoredVerdict) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new(s.t("fact-source"), stored.key.source.as_str()),
        Fact::new(s.t("fact-id"), stored.key.id.as_str()),
        Fact::new(s.t("fact-time"), stored.time.to_string()),
    ];
    if let Some(verdict) = verdict_of(stored) {
        facts.push(Fact::new(s.t("fact-policy"), verdict.policy.to_string()));
    }
    facts
}

/// The sentences of a verdict for the user concerned, each once, heaviest first.
pub(crate) fn sentences(lang: Lang, verdict: &Verdict) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for finding in &verdict.findings {
        let sentence = lang.of(&finding.sentence).to_owned();
        if !sentence.is_empty() && !said.contains(&sentence) {
            said.push(sentence);
        }
    }
    said.truncate(4);
    said
}
