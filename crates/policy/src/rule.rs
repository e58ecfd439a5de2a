//! Rules: a condition over the event, what was found and what is remembered.

use touchstone_types::{Bilingual, Lapse, Name, Releaser};

use crate::cases::RuleCase;
use crate::expression::{Clause, Expression, Names};
use crate::inputs::{FeatureValue, FoundSet, Inputs, KindSet, Truth};

/// How far a rule has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Being written: checked and tested, never run on events.
    Draft,
    /// Run on events and counted, adds nothing to the score.
    Shadow,
    /// Counts.
    Live,
    /// Kept for the record, never run.
    Retired,
}

impl Status {
    /// Every status with the name policies use.
    pub const ALL: [(Status, &'static str); 4] = [
        (Status::Draft, "draft"),
        (Status::Shadow, "shadow"),
        (Status::Live, "live"),
        (Status::Retired, "retired"),
    ];

    /// The name policies use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Shadow => "shadow",
            Status::Live => "live",
            Status::Retired => "retired",
        }
    }

    /// Whether it is run on events.
    #[must_use]
    pub const fn runs(self) -> bool {
        matches!(self, Status::Shadow | Status::Live)
    }
}

/// What a rule does when a field it needs is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnUnknown {
    /// Nothing.
    #[default]
    Skip,
    /// As if it held.
    Fire,
}

/// How long an event is held, and who may release it before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldSpec {
    /// It lapses by itself after so long.
    pub duration: Lapse,
    /// Who may release it before.
    pub release_by: Vec<Releaser>,
}

/// One rule. When it holds, a finding of the same name is raised; its weight, strength
/// and sentence are in the catalogue under [`Rule::finding`].
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name, and the name of its finding.
    pub id: Name,
    /// The number of its finding.
    pub finding: u16,
    /// For analysts.
    pub title: Bilingual,
    /// The team that answers for it.
    pub owner: String,
    /// Why it is there; where the pattern is known from.
    pub notes: String,
    /// How far it has come.
    pub status: Status,
    /// It is asked when one of these was found …
    pub wakes_on_found: FoundSet,
    /// … or when the event is of one of these kinds.
    pub wakes_on_kinds: KindSet,
    /// Its condition.
    pub when: Expression,
    /// What it does when a field it needs is missing.
    pub on_unknown: OnUnknown,
    /// The feature that gives its weight, up to the one in the catalogue.
    pub grows_with: Option<u16>,
    /// How long to hold, if not as usual for the kind of event.
    pub hold: Option<HoldSpec>,
    /// Where it must fire.
    pub hits: Vec<RuleCase>,
    /// Where it must not.
    pub misses: Vec<RuleCase>,
}

impl Rule {
    /// Whether its condition holds. See [`Rule::fires`] for what follows.
    #[inline]
    #[must_use]
    pub fn holds(&self, inputs: &Inputs<'_>) -> Truth {
        self.when.holds(inputs)
    }

    /// Whether it raises its finding: it holds, or cannot be told and [`OnUnknown::Fire`].
    #[inline]
    #[must_use]
    pub fn fires(&self, inputs: &Inputs<'_>) -> bool {
        match self.when.holds(inputs) {
            Truth::True => true,
            Truth::False => false,
            Truth::Unknown => self.on_unknown == OnUnknown::Fire,
        }
    }

    /// What its finding weighs here, of the catalogue's `weight`: all of it, or as much as the
    /// feature says that it grows with.
    #[must_use]
    pub fn weight(&self, weight: u32, inputs: &Inputs<'_>) -> u32 {
        match self.grows_with.map(|at| inputs.features.get(usize::from(at))) {
            None => weight,
            Some(Some(FeatureValue::Int(value))) => u32::try_from(*value).map_or(0, |it| it.min(weight)),
            Some(_) => 0,
        }
    }

    /// Which clause held, with which values. Allocates: call it for what is shown.
    #[must_use]
    pub fn explain(&self, inputs: &Inputs<'_>, names: &Names) -> Vec<Clause> {
        self.when.explain(inputs, names)
    }
}
