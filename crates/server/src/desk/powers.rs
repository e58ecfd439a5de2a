//! What can be done to the world from a case.

use touchstone_cases::Outcome;
use touchstone_store::Member;

use super::acts::{Act, Came};
use super::tell;
use super::views::World;
use crate::cases::{FlowError, Open, flow};
use crate::console::shell::Shell;
use crate::ctx::Ctx;

/// What may be done from a case by whoever reads it, what was done, and what waits.
pub(super) async fn views(
    _ctx: &Ctx,
    _s: &Shell,
    _member: &Member,
    _open: &Open,
) -> Result<World, FlowError> {
    Ok(World::default())
}

/// Closes a case with what the victim has been shown to read.
pub(super) async fn close(ctx: &Ctx, act: &Act, outcome: Outcome, reason: &str) -> Came {
    match flow::close(ctx, act.open.row.id, &act.by, outcome, reason).await {
        Ok(_) => Came::To("desk-was-closed"),
        Err(error) => Came::Not(tell::problem(&act.sent.staff.shell, &error)),
    }
}
