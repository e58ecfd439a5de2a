//! What becomes of an action after it was asked for.

use touchstone_actions::{
    Action, Event, Kind, Next, NotAuthorised, Permit, Power, Proof, Unexpected, Unfreeze, Who,
};
use touchstone_store::{ActionChange, Member};
use touchstone_types::Moment;

use super::error::ActionError;
use super::record::{keep, opened};
use super::shown::ActionView;
use crate::cases::By;
use crate::ctx::Ctx;

/// How often what changed meanwhile is read again.
const TRIES: usize = 8;

/// Lets an action go on from how it stands now. What `goes_on` decides is kept with what is decided
/// about the approval behind it; was the action changed meanwhile, it is read and decided again.
///
/// # Errors
/// [`ActionError`]; [`ActionError::Changed`] if others were quicker each time, or if the approval was
/// decided by somebody else.
pub(super) async fn change(
    ctx: &Ctx,
    id: &str,
    by: &By,
    decides: Option<&ActionChange>,
    goes_on: impl Fn(Action, Moment) -> Result<Next, Unexpected>,
) -> Result<Next, ActionError> {
    for _ in 0..TRIES {
        let kept = ctx.store.action(id).await?;
        let (case, version) = (kept.case, kept.version);
        let action = opened(ctx, kept)?;
        let next = goes_on(action.clone(), ctx.clock.now())?;
        if next.action == action && next.steps.is_empty() && decides.is_none() {
            return Ok(next); // An answer that comes late, or twice.
        }
        match keep(ctx, case, version, &next, by, decides.cloned()).await {
            Err(ActionError::Changed) => {}
            other => return other.map(|()| next),
        }
    }
    Err(ActionError::Changed)
}

/// Something that the other side says by itself, or that a person lets happen.
///
/// # Errors
/// [`ActionError`].
pub(super) async fn happens(ctx: &Ctx, id: &str, by: &By, event: &Event) -> Result<Next, ActionError> {
    change(ctx, id, by, None, |action, now| action.advance(event.clone(), now)).await
}

/// The operator's own systems end a freeze, with proof.
///
/// # Errors
/// [`ActionError`].
pub async fn undo_by_key(ctx: &Ctx, key: &str, id: &str, proof: &str) -> Result<ActionView, ActionError> {
    let proof: Proof = proof.parse()?;
    let account = opened(ctx, ctx.store.action(id).await?)?.account;
    let deed = Unfreeze { account, freeze: id.to_owned(), proof };
    let who = Who::Operator(key.to_owned());
    let leave = ctx.actions.authority.authorise(deed, who, None, ctx.clock.now())?;
    let next = change(ctx, id, &By::Key(key.to_owned()), None, |it, now| it.undo(&leave, now)).await?;
    ctx.actions.wake.notify_one();
    Ok(next.action.into())
}

/// A person lets what was given up be tried again. Audited.
///
/// # Errors
/// [`ActionError`].
pub(super) async fn retry(ctx: &Ctx, member: &Member, id: &str) -> Result<(), ActionError> {
    let kept = ctx.store.action(id).await?;
    let (now, version) = (ctx.clock.now(), kept.version);
    let action = opened(ctx, kept)?;
    let power = match action.kind {
        Kind::Freeze => Power::Freeze,
        Kind::Unfreeze => Power::Unfreeze,
        Kind::RevokeSessions => Power::RevokeSessions,
    };
    if ctx.actions.authority.permit(&super::ask::staff(member), &power) == Permit::No {
        return Err(NotAuthorised::No { who: member.login.clone(), power }.into());
    }
    let next = action.advance(Event::Retry, now)?;
    ctx.store.retry_action(&next.action, version, &member.login, now).await?;
    ctx.actions.wake.notify_one();
    Ok(())
}

/// The actions of a case, oldest first.
///
/// # Errors
/// [`ActionError`].
pub async fn of_case(ctx: &Ctx, case: i64) -> Result<Vec<ActionView>, ActionError> {
    let kept = ctx.store.actions_of(case).await?;
    kept.into_iter().map(|it| opened(ctx, it).map(ActionView::from)).collect()
}
