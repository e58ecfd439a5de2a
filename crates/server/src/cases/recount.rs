//! When a calendar changes, every clock that runs is counted anew: a holiday that was announced
//! late moves the end of a term for those who wait already.
//!
//! A clock keeps the rule that it was started with: a promise that was made is not taken back.

use std::collections::HashMap;
use std::sync::Arc;

use touchstone_cases::clock::{Columns, Unreadable, recompute};
use touchstone_cases::{Case, Rule};
use touchstone_store::{Computable, Recomputed, StoreError};

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
        let changed = match recounted(ctx, found) {
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

/// Those of them whose clocks end at another time than they say.
fn recounted(ctx: &Ctx, found: Vec<Computable>) -> Result<Vec<Recomputed>, Unreadable> {
    let calendars = ctx.cases.charter.calendars();
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
            // A clock without a date has been told to a person, who sets one; a calendar that is
            // gone says nothing new.
            if !clock.is_open() || clock.due.is_none() || calendars.get(&clock.rule.calendar).is_err() {
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
            && due.is_some()
            && clock.due != due
        {
            clock.due = due;
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
