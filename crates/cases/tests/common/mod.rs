//! A desk whose time is counted in minutes from the beginning of 1970.

use std::sync::Arc;

use touchstone_cases::clock::{ClockError, Pauses, Term, Unit};
use touchstone_cases::{Ladder, PausePolicy, Percent, Policy, Rule, StopsOn, Trigger, Whose};
use touchstone_types::{Bilingual, Lapse, Moment};

pub(crate) fn minute(minutes: i64) -> Moment {
    Moment::from_micros(minutes * 60_000_000).unwrap()
}

pub(crate) fn lapse(minutes: u64) -> Lapse {
    Lapse::from_secs(minutes * 60)
}

pub(crate) struct Desk {
    rules: Vec<(Trigger, Vec<Arc<Rule>>)>,
    ladder: Ladder,
}

pub(crate) fn rule(name: &str, whose: Whose, trigger: Trigger, stops_on: StopsOn, minutes: u32) -> Rule {
    Rule {
        name: name.into(),
        title: Bilingual::default(),
        source: Bilingual::default(),
        whose,
        trigger,
        stops_on,
        term: Term { duration: minutes, unit: Unit::Minute, roll: None },
        calendar: "any".into(),
        pause: PausePolicy::Never,
        warnings: [50, 80].into_iter().filter_map(Percent::new).collect(),
    }
}

impl Desk {
    pub(crate) fn new(rules: impl IntoIterator<Item = Rule>, ladder: Ladder) -> Self {
        let rules: Vec<_> = rules.into_iter().map(Arc::new).collect();
        let of = |trigger| (trigger, rules.iter().filter(|it| it.trigger == trigger).cloned().collect());
        Self { rules: Trigger::ALL.map(of).into(), ladder }
    }
}

impl Policy for Desk {
    fn rules(&self, trigger: Trigger) -> &[Arc<Rule>] {
        self.rules.iter().find(|it| it.0 == trigger).map_or(&[], |it| &it.1)
    }

    fn due(&self, rule: &Rule, started: Moment, pauses: &[(Moment, Moment)]) -> Result<Moment, ClockError> {
        // By the wall, in which no calendar has a say.
        let mut end = started + lapse(u64::from(rule.term.duration));
        for (from, to) in Pauses::new(pauses.iter().copied()).unwrap().iter().filter(|it| it.1 > started) {
            if from.max(started) < end {
                end = end + to.since(from.max(started));
            }
        }
        Ok(end)
    }

    fn ladder(&self) -> &Ladder {
        &self.ladder
    }
}
