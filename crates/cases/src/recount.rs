//! A case after the rules have changed: clocks that still run are counted anew.

use std::sync::Arc;

use crate::case::{Case, Clock};
use crate::rule::{Policy, Rule};

impl Case {
    /// The case with the rules that the policy has now, for the clocks that are still open; `None`
    /// if that changes nothing. A rule that is gone is kept to its end by the clocks it started,
    /// and what was breached or stopped stays so. What has become due by it is dealt with by the
    /// next [`crate::advance`].
    #[must_use]
    pub fn recount(&self, policy: &impl Policy) -> Option<Self> {
        let clocks: Vec<Clock> = self.clocks.iter().map(|it| recounted(it, policy)).collect();
        (clocks != self.clocks).then(|| Self { clocks, ..self.clone() })
    }
}

fn recounted(clock: &Clock, policy: &impl Policy) -> Clock {
    if !clock.is_open() {
        return clock.clone();
    }
    let same = |it: &&Arc<Rule>| it.name == clock.rule.name;
    let rule = policy.rules(clock.rule.trigger).iter().find(same).unwrap_or(&clock.rule);
    let due = policy.due(rule, clock.started, &clock.pauses).ok();
    Clock { rule: Arc::clone(rule), due, ..clock.clone() }
}
