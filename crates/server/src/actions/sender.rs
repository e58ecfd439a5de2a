//! Looks at each action when it is due, calls, and keeps what follows.
//!
//! What is due is in the database: a server that died finds it again, and several share the work
//! because an action is claimed before it is looked at.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng as _;
use tokio::sync::Semaphore;
use touchstone_actions::{Action, Call, Event, Jitter, Reply, Step, read_reply};
use touchstone_connectors::CallError;
use touchstone_store::KeptAction;
use touchstone_types::Lapse;

use super::becomes::happens;
use super::error::ActionError;
use super::record::{keep, name, opened};
use crate::cases::By;
use crate::ctx::Ctx;
use crate::metrics::Kind;

/// How many calls are under way at once.
const AT_ONCE: usize = 16;
/// Whoever claimed an action and died before anything was kept loses it after this.
const CLAIM: Lapse = Lapse::from_secs(5);
/// Another server may have put down what is due sooner than what is known here.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// Runs until the server stops.
pub(super) async fn run(ctx: Ctx) {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let free = slots.available_permits();
        let now = ctx.clock.now();
        let claimed = if free == 0 {
            Ok(Vec::new())
        } else {
            ctx.store.claim_due_actions(now, now + CLAIM, free).await
        };
        let found = claimed.unwrap_or_else(|cause| {
            tracing::warn!(%cause, "actions cannot be read from the store; trying again");
            Vec::new()
        });
        for kept in found {
            // There are as many as were free, and only this task takes any.
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
            let ctx = ctx.clone();
            tokio::spawn(async move {
                let id = kept.action.id.clone();
                match look(&ctx, kept).await {
                    // Somebody else was quicker, and has said when to look again.
                    Ok(()) | Err(ActionError::Changed) => {}
                    Err(cause) => {
                        tracing::error!(action = id, %cause, "an action that is due cannot be looked at")
                    }
                }
                drop(slot);
                ctx.actions.wake.notify_one();
            });
        }
        tokio::select! {
            () = ctx.stop.wait() => return,
            () = ctx.actions.wake.notified() => {}
            () = tokio::time::sleep(until_next(&ctx).await) => {}
        }
    }
}

async fn until_next(ctx: &Ctx) -> Duration {
    let Ok(Some(due)) = ctx.store.next_action().await else { return ASK_AGAIN };
    let wait = due.since(ctx.clock.now()).as_micros().max(10_000);
    Duration::from_micros(wait).min(ASK_AGAIN)
}

/// What follows from time; if that is a call, what follows from its answer.
async fn look(ctx: &Ctx, kept: KeptAction) -> Result<(), ActionError> {
    let (case, version) = (kept.case, kept.version);
    let next = opened(ctx, kept)?.advance(Event::Due, ctx.clock.now())?;
    keep(ctx, case, version, &next, &By::System, None).await?;
    for step in &next.steps {
        match step {
            Step::Page => count(ctx, "paged"),
            Step::Call(call) => called(ctx, &next.action, *call).await?,
            _ => {}
        }
    }
    Ok(())
}

async fn called(ctx: &Ctx, action: &Action, call: Call) -> Result<(), ActionError> {
    let reply = make(ctx, action, call).await;
    let (word, why) = match &reply {
        Reply::Done => ("done", ""),
        Reply::Pending => ("pending", ""),
        Reply::Refused(why) => ("refused", why.as_str()),
        Reply::Unknown => ("unknown", ""),
        Reply::NotDone(why) => ("not_done", why.as_str()),
        Reply::Unclear(why) => ("unclear", why.as_str()),
    };
    count(ctx, word);
    tracing::info!(action = action.id, call = name(call), outcome = word, "asked the operator's systems");
    let outcome = if why.is_empty() { word.to_owned() } else { format!("{word}: {why}") };
    ctx.store.called(&action.id, action.calls(), &outcome).await?;
    let jitter = Jitter::new(rand::rng().random_range(800..=1_200));
    let event = Event::Answered(call, reply, jitter);
    let next = happens(ctx, &action.id, &By::System, &event).await?;
    if next.steps.contains(&Step::Page) {
        count(ctx, "paged");
    }
    if next.action.state == touchstone_actions::State::Dead {
        count(ctx, "given_up");
        tracing::error!(action = action.id, "an action was tried too often; a person has to look");
    }
    Ok(())
}

async fn make(ctx: &Ctx, action: &Action, call: Call) -> Reply {
    let Some((caller, webhook)) = ctx.actions.to.clone() else {
        // The address was taken out since this was asked for: nothing was done, and nothing is known.
        return Reply::Unclear("no address is set up".to_owned());
    };
    let ((id, body), at) = (action.message(call), ctx.clock.now());
    let sent = tokio::task::spawn_blocking(move || caller.signed(&webhook, &id, at, body.as_bytes())).await;
    match sent.unwrap_or_else(|_| Err(CallError::Failed("the sender stopped".to_owned()))) {
        Ok(answer) => read_reply(call, answer.status, &answer.body),
        Err(cause) => Reply::Unclear(cause.to_string()),
    }
}

fn count(ctx: &Ctx, kind: &'static str) {
    ctx.metrics.actions.get_or_create(&Kind { kind }).inc();
}
