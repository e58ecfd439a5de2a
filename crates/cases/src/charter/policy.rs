//! The rules of one case: the desk's promises, and the terms of law where the victim lives.

use std::sync::Arc;

use touchstone_types::Moment;

use super::{Charter, Inner};
use crate::clock::{Calendars, ClockError, Pauses, due};
use crate::report::{Kind, Report};
use crate::rule::{Ladder, Policy, Rule, Trigger};

/// What decides which rules a case has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseKey<'a> {
    /// What happened.
    pub kind: Kind,
    /// Whose law applies: an id of [`super::Jurisdictions`].
    pub jurisdiction: Option<&'a str>,
    /// What the operator is in the eyes of the law, such as `CASP`; the words are those of
    /// `applies_to` in `jurisdictions.json`.
    pub firm_kinds: &'a [String],
}

/// The rules of one case. Cloning it copies a handful of pointers.
#[derive(Clone, Debug)]
pub struct CasePolicy {
    calendars: Arc<Calendars>,
    ladder: Ladder,
    rules: Vec<Vec<Arc<Rule>>>, // One list for each trigger.
}

impl Report {
    /// What decides which rules this report's case has.
    #[must_use]
    pub fn key<'a>(&'a self, firm_kinds: &'a [String]) -> CaseKey<'a> {
        CaseKey { kind: self.kind, jurisdiction: self.jurisdiction.as_deref(), firm_kinds }
    }
}

impl Charter {
    /// The rules of a case. A clock that runs keeps the rule it was started with.
    #[must_use]
    pub fn policy_for(&self, key: &CaseKey<'_>) -> CasePolicy {
        let Inner { desk, calendars, jurisdictions, .. } = &*self.0;
        let fits = |kinds: &[Kind]| kinds.is_empty() || kinds.contains(&key.kind);
        let promises = desk.promises.iter().filter(|it| fits(&it.0)).map(|it| &it.1);
        let place = key.jurisdiction.and_then(|it| jurisdictions.get(it));
        let laws = place.into_iter().flat_map(|it| &it.clocks);
        let laws = laws.filter(|it| it.applies_to_any(key.firm_kinds)).flat_map(|it| &it.rules);
        let mut rules: Vec<Vec<Arc<Rule>>> = Trigger::ALL.iter().map(|_| Vec::new()).collect();
        for rule in promises.chain(laws) {
            rules[rule.trigger as usize].push(Arc::clone(rule));
        }
        // Loading made sure that a ladder fits each kind.
        let ladder = desk.ladders.iter().find(|it| fits(&it.0)).or(desk.ladders.last());
        CasePolicy {
            calendars: Arc::clone(calendars),
            ladder: ladder.map_or_else(Ladder::default, |it| it.1),
            rules,
        }
    }
}

impl Policy for CasePolicy {
    fn rules(&self, trigger: Trigger) -> &[Arc<Rule>] {
        &self.rules[trigger as usize]
    }

    fn due(&self, rule: &Rule, started: Moment, pauses: &[(Moment, Moment)]) -> Result<Moment, ClockError> {
        let calendar = self.calendars.get(&rule.calendar)?;
        // A case's own pauses end after they begin; were it otherwise, none would be subtracted.
        let pauses = Pauses::new(pauses.iter().copied()).unwrap_or_default();
        due(calendar, started, rule.term, &pauses)
    }

    fn ladder(&self) -> &Ladder {
        &self.ladder
    }
}
