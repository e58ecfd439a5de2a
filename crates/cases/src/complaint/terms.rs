//! How the terms of law stand that concern an authority.

use serde::Serialize;
use touchstone_types::{Bilingual, Moment};

use super::{Facts, Forms};
use crate::case::{Case, Clock, ClockState};
use crate::charter::{Channel, Confidence, Jurisdiction, LegalClock, Length, Source};
use crate::rule::{Trigger, Whose};

/// A term of law, and how it stands in the case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PacketClock {
    /// Short name.
    pub id: String,
    /// What it measures.
    pub title: Bilingual,
    /// Whose duty it is.
    pub whose: Whose,
    /// How long it is; `None` for a duty without a number.
    pub duration: Option<Length>,
    /// Longer or other terms in certain cases.
    pub longer: Vec<Longer>,
    /// Where sources contradict each other: what the others say.
    pub conflict: Option<Bilingual>,
    /// What else to know.
    pub notes: Vec<Bilingual>,
    /// How it stands.
    pub stand: Stand,
    /// What it is based on.
    pub sources: Vec<Source>,
    /// How sure that is.
    pub confidence: Confidence,
}

/// Another length of a term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Longer {
    /// This long from the start; `None` if no number is given.
    pub to: Option<Length>,
    /// So much longer.
    pub plus: Option<Length>,
    /// In which cases.
    pub when: Bilingual,
}

/// How a term stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Stand {
    /// It runs.
    Running {
        /// Since when.
        from: Moment,
        /// Until when; `None` where the calendar has no date.
        due: Option<Moment>,
    },
    /// It stands still.
    Paused {
        /// Since when.
        since: Moment,
    },
    /// What it waits for was done.
    Met {
        /// When.
        at: Moment,
    },
    /// It ran out.
    Breached {
        /// When.
        at: Moment,
    },
    /// What starts it has not happened.
    NotStarted {
        /// What starts it.
        starts: Vec<Trigger>,
    },
    /// It is advice and never runs here.
    Advice {
        /// Why.
        reason: Bilingual,
    },
}

/// The terms that concern an authority: those that lead to it when they are breached, and those
/// that its packet names.
pub(super) fn of(
    channel: &Channel,
    place: &Jurisdiction,
    facts: &Facts<'_>,
    forms: &Forms,
) -> Vec<PacketClock> {
    let named = forms.clocks(channel);
    let concerns = |it: &&LegalClock| {
        let leads = it.on_breach.contains(&channel.id) && it.applies_to_any(facts.firm.kinds);
        leads || named.contains(&it.id)
    };
    place.clocks.iter().filter(concerns).map(|it| clock(it, facts.case, channel, forms)).collect()
}

fn clock(it: &LegalClock, case: &Case, channel: &Channel, forms: &Forms) -> PacketClock {
    let said = |text: &str| forms.said(channel, text);
    let extensions =
        it.extensions.iter().map(|one| Longer { to: one.to, plus: one.plus, when: said(&one.when) });
    let variants =
        it.variants.iter().map(|one| Longer { to: Some(one.duration), plus: None, when: said(&one.case) });
    PacketClock {
        id: it.id.clone(),
        title: it.title.clone(),
        whose: it.whose,
        duration: it.duration,
        longer: extensions.chain(variants).collect(),
        conflict: it.conflict.as_deref().map(said),
        notes: it.notes.iter().chain(&it.must_contain).map(|it| said(it)).collect(),
        stand: stand(it, case),
        sources: it.sources.clone(),
        confidence: it.confidence,
    }
}

/// The newest clock of that term speaks for it.
fn stand(it: &LegalClock, case: &Case) -> Stand {
    let newest = case.clocks.iter().rev().find(|clock| *clock.rule.name == *it.id);
    match (newest, it.advice) {
        (Some(clock), _) => match clock.state {
            ClockState::Running => Stand::Running { from: clock.started, due: clock.due },
            ClockState::Paused(since) => Stand::Paused { since },
            ClockState::Stopped(at) => Stand::Met { at },
            ClockState::Breached(at) => Stand::Breached { at },
        },
        (None, Some(advice)) => Stand::Advice { reason: advice.reason() },
        (None, None) => Stand::NotStarted { starts: it.rules.iter().map(|rule| rule.trigger).collect() },
    }
}

/// The firm's terms in the case whose end leads to that authority: that the firm did not
/// acknowledge a complaint in a day is not yet a matter for the ombudsman.
fn leading<'a>(
    channel: &'a Channel,
    place: &'a Jurisdiction,
    case: &'a Case,
) -> impl Iterator<Item = &'a Clock> {
    let leads = |clock: &&Clock| {
        let law = place.clocks.iter().find(|it| *it.id == *clock.rule.name);
        clock.rule.whose == Whose::Firm && law.is_some_and(|it| it.on_breach.contains(&channel.id))
    };
    case.clocks.iter().filter(leads)
}

/// Whether a term that the law sets the firm ran out, so that the authority listens.
pub(super) fn firm_is_late(channel: &Channel, place: &Jurisdiction, case: &Case) -> bool {
    leading(channel, place, case).any(|it| matches!(it.state, ClockState::Breached(_)))
}

/// When the last of the firm's running terms that lead to the authority runs out.
pub(super) fn firm_due(channel: &Channel, place: &Jurisdiction, case: &Case) -> Option<Moment> {
    leading(channel, place, case).filter(|it| it.is_open()).filter_map(|it| it.due).max()
}
