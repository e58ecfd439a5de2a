//! When a calendar changes, every clock that runs is counted anew: a holiday that was announced
//! late moves the end of a term for those who wait already.
//!
//! A clock keeps the rule that it was started with: a promise that was made is not taken back.

use std::collections::HashMap;
use std::sync::Arc;

use touchstone_cases::clock::{Calendars, Columns, Unreadable, recompute};
use touchstone_cases::{Case, Rule};
use touchstone_store::{Computable, Recomputed, StoreError};
use touchstone_types::Moment;

use crate::ctx::Ctx;

/// How many cases are read at once.
const AT_ONCE: usize = 5_000;
/// How often what moved meanwhile is looked at again.
const ROUNDS: usize = 3;

/// Counts all of them once, as a server starts; only what comes out otherwise is written.
pub(super) async fn run(ctx: Ctx) {
    for _ in 0..ROUNDS {
        match once(&ctx).await {
            Ok((0, 0)) => return,
            Ok((moved, again)) => {
                tracing::info!(moved, again, "ends of terms were counted anew");
                ctx.cases.changed();
                if again == 0 {
                    return;
                }
            }
            Err(cause) => return tracing::warn!(%cause, "ends of terms could not be counted anew"),
        }
    }
}

/// How many cases were written, and how many moved meanwhile.
async fn once(ctx: &Ctx) -> Result<(usize, usize), StoreError> {
    let (mut after, mut moved, mut again) = (0, 0, 0);
    loop {
        let found = ctx.store.computable_cases(after, AT_ONCE).await?;
        let Some(last) = found.last() else { return Ok((moved, again)) };
        after = last.id;
        let changed = match recounted(ctx.cases.charter.calendars(), found, ctx.clock.now()) {
            Ok(changed) => changed,
            Err(cause) => {
                tracing::error!(%cause, "a page of cases was left as it is");
                continue;
            }
        };
        if !changed.is_empty() {
            let left = ctx.store.write_recomputed(&changed).await?.len();
            moved += changed.len() - left;
            again += left;
        }
        tokio::task::yield_now().await;
    }
}

/// Those of them whose clocks end at another time than they say. A term that would have ended
/// before ends now: nobody was late for a day that was not known.
fn recounted(
    calendars: &Calendars,
    found: Vec<Computable>,
    now: Moment,
) -> Result<Vec<Recomputed>, Unreadable> {
    let mut cases: Vec<(Computable, Case)> = Vec::with_capacity(found.len());
    for it in found {
        match Case::from_bytes(&it.state) {
            Ok(case) => cases.push((it, case)),
            Err(cause) => tracing::error!(case = it.id, %cause, "a case does not read"),
        }
    }
    let mut columns = Columns::with_capacity(cases.len() * 4);
    let mut rules: Vec<Arc<Rule>> = Vec::new();
    let mut numbers: HashMap<Arc<Rule>, u16> = HashMap::new();
    let mut rows: Vec<(usize, usize)> = Vec::new();
    for (at, (_, case)) in cases.iter().enumerate() {
        for (n, clock) in case.clocks.iter().enumerate() {
            // A clock without a date gets one as soon as its calendar has the year; a calendar that
            // is gone says nothing new.
            if !clock.is_open() || calendars.get(&clock.rule.calendar).is_err() {
                continue;
            }
            let next = u16::try_from(rules.len()).unwrap_or(u16::MAX);
            let number = *numbers.entry(Arc::clone(&clock.rule)).or_insert_with(|| {
                rules.push(Arc::clone(&clock.rule));
                next
            });
            columns.push(clock.started, number, &clock.pauses);
            rows.push((at, n));
        }
    }
    let dues = recompute(&columns, &rules, calendars, 1)?;
    let mut touched = vec![false; cases.len()];
    for ((at, n), due) in rows.into_iter().zip(dues.iter()) {
        if let Some((_, case)) = cases.get_mut(at)
            && let Some(clock) = case.clocks.get_mut(n)
            && let Some(due) = due
            && clock.due != Some(due)
        {
            clock.due = Some(due.max(now));
            if let Some(it) = touched.get_mut(at) {
                *it = true;
            }
        }
    }
    let changed = cases.into_iter().zip(touched).filter(|(_, touched)| *touched);
    let written = changed.map(|((it, case), _)| Recomputed {
        id: it.id,
        version: it.version,
        due: case.due(),
        state: case.to_bytes(),
    });
    Ok(written.collect())
}

#[cfg(test)]
mod tests {
    use touchstone_cases::{CaseKey, Charter, Kind, open};

    use super::*;

    fn moment(text: &str) -> Moment {
        text.parse().unwrap()
    }

    /// A report of a Wednesday, and when its outcome is due after a recount.
    fn outcome_after(
        kept: impl Fn(Moment) -> Option<Moment>,
        now: Option<Moment>,
    ) -> (Moment, Option<Moment>) {
        let charter = Charter::built_in().unwrap();
        let key = CaseKey { kind: Kind::StolenWallet, jurisdiction: None, firm_kinds: &[] };
        let opened = moment("2026-09-30T02:00:00Z");
        let mut case = open(opened, &charter.policy_for(&key)).case;
        let at = case.clocks.iter().position(|it| &*it.rule.name == "outcome").unwrap();
        let right = case.clocks[at].due.unwrap();
        case.clocks[at].due = kept(right);
        let found = Computable { id: 1, version: 1, state: case.to_bytes() };
        let changed = recounted(charter.calendars(), vec![found], now.unwrap_or(opened)).unwrap();
        let case = changed.first().map(|it| Case::from_bytes(&it.state).unwrap());
        (right, case.and_then(|it| it.clocks[at].due))
    }

    #[test]
    fn a_clock_without_a_date_gets_one_when_its_calendar_has_the_year() {
        let (right, due) = outcome_after(|_| None, None);
        assert_eq!(due, Some(right));
    }

    #[test]
    fn an_end_that_is_right_is_left_alone() {
        assert_eq!(outcome_after(Some, None).1, None);
    }

    #[test]
    fn an_end_that_comes_to_lie_in_the_past_is_now() {
        let late = moment("2026-12-01T00:00:00Z");
        let (right, due) = outcome_after(|_| Some(late + touchstone_types::Lapse::from_secs(60)), Some(late));
        assert!(right < late);
        assert_eq!(due, Some(late), "each breach raises one level, and leaves that level its time");
    }
}
