//! A case as bytes, for whoever keeps it: the rules of its clocks are in it, so that a change of
//! the charter does not reach back, and no file is needed to read it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use touchstone_types::Moment;

use crate::case::{Case, Clock, ClockState, Level, Life};
use crate::rule::{Percent, Rule};

/// The first byte. Another layout gets another one.
const LAYOUT: u8 = 1;

/// Bytes that are no case of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCase {
    /// Nothing at all.
    #[error("the stored case is empty")]
    Empty,
    /// Written by another version.
    #[error("the stored case has layout {0}; this version reads layout {LAYOUT}")]
    Layout(u8),
    /// Damaged.
    #[error("the stored case is damaged: {0}")]
    Damaged(String),
}

#[derive(Serialize, Deserialize)]
struct Stored {
    opened: Moment,
    level: Level,
    life: Life,
    // Each rule once, however many clocks ran by it.
    rules: Vec<Arc<Rule>>,
    clocks: Vec<StoredClock>,
}

#[derive(Serialize, Deserialize)]
struct StoredClock {
    rule: u32,
    started: Moment,
    pauses: Vec<(Moment, Moment)>,
    due: Option<Moment>,
    warned: Option<Percent>,
    state: ClockState,
}

impl Case {
    /// As bytes that [`Case::from_bytes`] reads.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut rules: Vec<Arc<Rule>> = Vec::new();
        let clocks = self.clocks.iter().map(|clock| {
            let known = rules.iter().position(|it| *it == clock.rule);
            let at = known.unwrap_or_else(|| {
                rules.push(Arc::clone(&clock.rule));
                rules.len() - 1
            });
            StoredClock {
                rule: u32::try_from(at).unwrap_or(u32::MAX), // Not reached: a case has a handful of rules.
                started: clock.started,
                pauses: clock.pauses.clone(),
                due: clock.due,
                warned: clock.warned,
                state: clock.state,
            }
        });
        let clocks = clocks.collect();
        let stored =
            Stored { opened: self.opened, level: self.level, life: self.life.clone(), rules, clocks };
        // Writing to memory fails only for types that have no length in advance; there are none.
        postcard::to_extend(&stored, vec![LAYOUT]).unwrap_or_default()
    }

    /// Reads what [`Case::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`BadCase`]: the bytes are of another layout, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadCase> {
        let (layout, rest) = bytes.split_first().ok_or(BadCase::Empty)?;
        if *layout != LAYOUT {
            return Err(BadCase::Layout(*layout));
        }
        let damaged = |what: &dyn std::fmt::Display| BadCase::Damaged(what.to_string());
        let (stored, left) = postcard::take_from_bytes::<Stored>(rest).map_err(|cause| damaged(&cause))?;
        if !left.is_empty() {
            return Err(damaged(&"there is more after its end"));
        }
        let clock = |it: StoredClock| {
            let rule = usize::try_from(it.rule).ok().and_then(|at| stored.rules.get(at));
            let rule = Arc::clone(rule.ok_or_else(|| damaged(&"a clock names no rule"))?);
            let StoredClock { started, pauses, due, warned, state, .. } = it;
            Ok(Clock { rule, started, pauses, due, warned, state })
        };
        let clocks = stored.clocks.into_iter().map(clock).collect::<Result<_, _>>()?;
        Ok(Self { opened: stored.opened, level: stored.level, life: stored.life, clocks })
    }
}
