//! Time itself: sleeps until the next case is due, looks at it, sleeps again.
//!
//! What is due is in the database, so that a server that died finds it again; a case is claimed
//! before it is looked at, so that several servers share the work.

use std::time::Duration;

use touchstone_cases::Event;
use touchstone_store::StoreError;
use touchstone_types::Lapse;

use super::By;
use super::flow::{Doing, FlowError, happen};
use crate::ctx::Ctx;

/// How many cases are claimed at once.
const AT_ONCE: usize = 100;
/// Whoever claimed a case and died loses it after this.
const CLAIM: Lapse = Lapse::from_secs(60);
/// Another server may have a case that is due sooner than what is known here: so often one asks
/// when the next one is, which is one look at an index.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Runs until the server stops.
pub(super) async fn run(ctx: Ctx) {
    let mut changes = ctx.cases.watch();
    loop {
        changes.mark_unchanged();
        let pause = match once(&ctx).await {
            Ok(0) => until_next(&ctx).await,
            Ok(_) => continue, // There may be more.
            Err(cause) => {
                tracing::warn!(%cause, "deadlines cannot be looked at; trying again");
                ASK_AGAIN
            }
        };
        tokio::select! {
            () = ctx.stop.wait() => return,
            _ = changes.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn until_next(ctx: &Ctx) -> Duration {
    let Ok(Some(due)) = ctx.store.next_case_due().await else { return ASK_AGAIN };
    let wait = due.since(ctx.clock.now()).as_micros().max(1_000);
    Duration::from_micros(wait).min(ASK_AGAIN)
}

/// Looks at what is due; how many cases were.
pub(crate) async fn once(ctx: &Ctx) -> Result<usize, StoreError> {
    let now = ctx.clock.now();
    let due = ctx.store.claim_due_cases(now, now + CLAIM, AT_ONCE).await?;
    for id in &due {
        match happen(ctx, *id, &By::System, Doing::new(Event::Tick)).await {
            Ok(_) | Err(FlowError::NotFound) => {}
            Err(FlowError::Store(cause)) => return Err(cause),
            // One case that cannot be read must not keep the others waiting; it comes up again.
            Err(cause) => tracing::error!(case = *id, %cause, "a case that is due cannot be looked at"),
        }
    }
    Ok(due.len())
}
