//! The packet for each authority that fits a case: what its form asks for, filled from the
//! report; what is missing, with the question that would fill it; and how the terms of law stand.
//!
//! The way through: [`Forms`] say which report fits which authority and where each field of its
//! form is to be found, [`packets`] puts the packets together.
//!
//! Always true here:
//! - Pure, and nothing is invented: a field holds what the report, the case, its files or a
//!   person's own hand says, or it is named as missing.
//! - A contact is shown only as the list of authorities has it, with how sure that is.
//! - Only terms of law that run in the case have a date; what is not sure is advice, and where
//!   sources contradict each other, both are shown.

mod fill;
mod forms;
mod terms;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use touchstone_types::{Bilingual, Moment};

use crate::case::{Case, Level};
use crate::charter::{Channel, Charter, Confidence, Jurisdiction, Source};
use crate::report::Report;

pub use forms::{About, FormProblem, Forms, length};
pub use terms::{Longer, PacketClock, Stand};

/// What a packet is made of besides the report.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// What time it is.
    pub now: Moment,
    /// Number of the case.
    pub reference: &'a str,
    /// The case, with its clocks.
    pub case: &'a Case,
    /// When a person answered first.
    pub answered: Option<Moment>,
    /// When it was closed.
    pub closed: Option<Moment>,
    /// The operator.
    pub firm: Firm<'a>,
    /// The zone in which local times are written.
    pub zone: TimeZone,
    /// The files of the case that go along.
    pub files: &'a [Attachment],
    /// What people filled in by hand.
    pub filled: &'a [Hand],
    /// What was sent.
    pub sent: &'a [Sent],
}

/// The operator, as far as it says who it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Firm<'a> {
    /// Its name.
    pub name: Option<&'a str>,
    /// Its address.
    pub address: Option<&'a str>,
    /// What it is by law, in the words of `jurisdictions.json`.
    pub kinds: &'a [String],
}

/// A file of the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its number in the case.
    pub n: i64,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub kind: String,
    /// SHA-256 of what came in, in hexadecimal.
    pub sha256: String,
    /// When it came in.
    pub at: Moment,
}

/// A field that somebody filled in by hand; of several for one field, the last counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    /// The authority.
    pub channel: String,
    /// The field.
    pub field: String,
    /// Its content; an empty one takes back what was there.
    pub text: String,
    /// Who: a name for people.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// That a packet was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// To which authority.
    pub channel: String,
    /// When.
    pub at: Moment,
    /// By whom: a name for people.
    pub by: String,
    /// The authority's own reference, if it gave one.
    pub under: Option<String>,
}

/// A packet for one authority.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Packet {
    /// Short name of the authority.
    pub channel: String,
    /// Its name.
    pub name: Bilingual,
    /// What it is there for.
    pub about: About,
    /// Whether its time has come.
    pub stage: Stage,
    /// How to reach it: `phone`, `url`, as the list has it.
    pub contact: BTreeMap<String, String>,
    /// When it can be reached, as the list has it.
    pub hours: Option<String>,
    /// How sure the list is of it.
    pub confidence: Confidence,
    /// Where the list has it from.
    pub sources: Vec<Source>,
    /// What to beware of.
    pub warnings: Vec<Bilingual>,
    /// What else to know.
    pub notes: Vec<Bilingual>,
    /// What it does not take on.
    pub not_for: Vec<Bilingual>,
    /// What it hands out: ask for it.
    pub produces: Vec<Bilingual>,
    /// The number of the case.
    pub reference: String,
    /// The number of the police report, if there is one.
    pub police_reference: Option<String>,
    /// Whether the fields are those of its own form; otherwise they are what any report holds.
    pub own_form: bool,
    /// The fields, in the order of the form.
    pub fields: Vec<Field>,
    /// The terms of law that concern it.
    pub clocks: Vec<PacketClock>,
    /// When it was sent; newest last.
    pub sent: Vec<Sent>,
}

impl Packet {
    /// The fields that are missing or only half there.
    pub fn missing(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|it| it.question.is_some() && it.state != Filled::ByHand)
    }

    /// Whether nothing is missing but what is done in person.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing().next().is_none()
    }
}

/// Whether the time of a packet has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum Stage {
    /// It can be sent.
    Now,
    /// The firm is asked first: once it decided, or its term ran out.
    AfterFirm {
        /// When the term runs out; `None` if no term of law runs.
        from: Option<Moment>,
    },
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// As `required_fields` of the list spells it.
    pub id: String,
    /// What it is called.
    pub label: Bilingual,
    /// Whether it is filled.
    pub state: Filled,
    /// What is known, a thing a line; empty if nothing is.
    pub value: Bilingual,
    /// Who filled it in by hand, and when.
    pub by_hand: Option<(String, Moment)>,
    /// What to ask for the rest; `None` if nothing is missing.
    pub question: Option<Bilingual>,
}

/// Whether a field is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Filled {
    /// All of it.
    Whole,
    /// Some of it.
    Partly,
    /// Nothing of it.
    Missing,
    /// The victim writes, signs or brings it in person; it is never kept here.
    ByHand,
}

/// The packets for the authorities of the report's jurisdiction that fit it: those whose time has
/// come first, otherwise in the order of the list. Empty where no authority is listed.
#[must_use]
pub fn packets(report: &Report, facts: &Facts<'_>, charter: &Charter, forms: &Forms) -> Vec<Packet> {
    let place = report.jurisdiction.as_deref().and_then(|it| charter.jurisdictions().get(it));
    let Some(place) = place else { return Vec::new() };
    let fitting = fitting(report, facts.firm.kinds, charter, forms).into_iter();
    let mut all: Vec<Packet> =
        fitting.map(|channel| packet(channel, place, report, facts, charter, forms)).collect();
    all.sort_by_key(|it| it.stage != Stage::Now);
    all
}

fn packet(
    channel: &Channel,
    place: &Jurisdiction,
    report: &Report,
    facts: &Facts<'_>,
    charter: &Charter,
    forms: &Forms,
) -> Packet {
    let said = |text: &str| forms.said(channel, text);
    let (ids, own_form) = forms.fields_of(channel);
    let filling = fill::Filling { report, facts, charter, forms, channel: &channel.id };
    let clocks = terms::of(channel, place, facts, forms);
    let response = channel.response.as_ref().and_then(|it| forms.response(channel, it));
    let notes = [&channel.caveat, &channel.note, &channel.limit, &channel.optional_ok];
    let covers = (!channel.covers.is_empty()).then(|| forms.covers(channel));
    Packet {
        name: forms.name(channel),
        about: forms.about(channel),
        stage: stage(channel, place, facts),
        contact: channel.contact.clone(),
        hours: channel.hours.clone(),
        confidence: channel.confidence,
        sources: channel.sources.clone(),
        warnings: channel.warning.iter().map(|it| said(it)).collect(),
        notes: notes.into_iter().flatten().map(|it| said(it)).chain(response).chain(covers).collect(),
        not_for: channel.not_for.iter().map(|it| said(it)).collect(),
        produces: channel.produces.iter().map(|it| said(it)).collect(),
        reference: facts.reference.to_owned(),
        police_reference: report.police_reference.clone(),
        own_form,
        fields: ids.iter().map(|id| filling.field(id)).collect(),
        clocks,
        sent: facts.sent.iter().filter(|it| it.channel == channel.id).cloned().collect(),
        channel: channel.id.clone(),
    }
}

/// An ombudsman listens once the firm decided, its term ran out, or the ladder came to its end.
fn stage(channel: &Channel, place: &Jurisdiction, facts: &Facts<'_>) -> Stage {
    let answered = facts.closed.is_some() || facts.case.level == Level::Outside;
    if !channel.firm_first || answered || terms::firm_is_late(channel, place, facts.case) {
        return Stage::Now;
    }
    Stage::AfterFirm { from: terms::firm_due(channel, place, facts.case) }
}

/// The authorities of the report's jurisdiction that take it on, in the order of the list.
#[must_use]
pub fn fitting<'a>(
    report: &Report,
    firm_kinds: &[String],
    charter: &'a Charter,
    forms: &Forms,
) -> Vec<&'a Channel> {
    let place = report.jurisdiction.as_deref().and_then(|it| charter.jurisdictions().get(it));
    let all = place.into_iter().flat_map(|it| &it.channels);
    all.filter(|it| forms.fits(it, report, firm_kinds)).collect()
}

/// Local time with its offset: `2026-11-21 16:30 (UTC+08:00)`.
#[must_use]
pub fn local_time(zone: &TimeZone, at: Moment) -> String {
    match Timestamp::from_microsecond(at.as_micros()) {
        Ok(stamp) => stamp.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M (UTC%:z)").to_string(),
        Err(_) => at.to_string(),
    }
}
