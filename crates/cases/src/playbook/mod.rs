//! What is done about a case of that kind, in which order, by whom, and what proves it done.
//!
//! The way through: [`Playbooks::with_own`] reads the files of `policies/playbooks` and an
//! operator's own in their place; [`Playbooks::for_report`] orders them; a [`Step`] has [`Wording`] that
//! [`Wording::fill`] completes with what the case knows.
//!
//! Always true here:
//! - Each text is there in Chinese and in English, with the same `{places}` to fill in.
//! - A step waits only for steps before it.
//! - What is not known is left open and named; nothing is invented to fill a place.

mod fill;
mod fit;
mod load;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use touchstone_types::Bilingual;

use crate::report::Kind;
use crate::words::words;

pub use fill::{Filled, PLACES, Place};
pub use fit::Hints;
pub use load::PlaybookProblem;

words! {
    /// Who does a step. Staff above may do it too.
    Who {
        /// The victim, told by the desk how.
        Victim = "victim",
        /// Whoever owns the case.
        Agent = "agent",
        /// Whoever answers for the desk.
        Lead = "lead",
        /// Whoever answers for the firm.
        ComplaintsOfficer = "complaints_officer",
        /// Whoever looks after lists and rules.
        Analyst = "analyst",
    }
}

/// Something to say, to be adapted. `{places}` are filled in from the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording(pub(crate) Bilingual);

impl Wording {
    /// As it is in the file, with its places.
    #[must_use]
    pub fn text(&self) -> &Bilingual {
        &self.0
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Short name, unique in its playbook; ticks in a case are kept by it.
    pub id: String,
    /// Who does it.
    pub who: Who,
    /// What to do.
    pub text: Bilingual,
    /// Why now, and not later.
    pub why: Bilingual,
    /// What has to be in the case before it counts as done.
    pub proves: Bilingual,
    /// Steps before this one that must be done first, by their ids.
    pub after: Vec<String>,
    /// The power over the world that it takes, such as `freeze`; given by the authority, not here.
    pub power: Option<String>,
    /// What can be said to the victim meanwhile.
    pub wording: Vec<Wording>,
}

/// When to bring the case up, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// To whom.
    pub to: Who,
    /// When.
    pub when: Bilingual,
}

/// What is done about one kind of case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playbook {
    /// Short name: that of its file, unique.
    pub id: String,
    /// The kinds of report that it is for, the likeliest first.
    pub kinds: Vec<Kind>,
    /// Title.
    pub title: Bilingual,
    /// How such a case comes about and what decides it, in two or three sentences.
    pub about: Bilingual,
    /// Laws, standards and guidelines behind it: name and where it is published.
    pub sources: Vec<String>,
    /// The first thing said to the victim.
    pub first_contact: Vec<Wording>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// When to bring it up.
    pub escalate: Vec<Escalation>,
    words: Vec<String>, // Folded. Any of them in a story speaks for this playbook.
    signs: Vec<Sign>,
}

impl Playbook {
    /// The step of that id.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|it| it.id == id)
    }
}

/// What the form of a report shows, besides its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// Somebody's account or number is named.
    Suspect,
    /// A transaction is named.
    Transaction,
    /// An amount is lost.
    Loss,
    /// Nothing is lost yet, as far as the report says.
    NoLoss,
    /// The victim thinks the device is not theirs alone.
    DeviceCompromised,
    /// The victim has an account with the operator.
    Account,
}

/// All playbooks, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Playbooks(Vec<Playbook>);

impl Playbooks {
    /// The playbook of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Playbook> {
        self.0.iter().find(|it| it.id == id)
    }

    /// All, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Playbook> {
        self.0.iter()
    }
}
