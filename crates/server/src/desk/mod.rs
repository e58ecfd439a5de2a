//! The desk: who has which case, what comes next, and everything that is done about it.
//!
//! The way through: [`queue`] lists cases by harm and deadline, [`case`] shows one with its
//! playbooks ([`books`]), timeline ([`told`]) and report ([`tell`]), [`acts`] does what a form asks
//! through `cases::flow`, [`together`] does it to many, [`duty`] says who is there, [`calls`] rings
//! them. Open pages bring themselves up to date by `crate::stream`.
//!
//! Always true here:
//! - Nothing of what a victim told is in a list; a case, and each part of it that has an address of
//!   its own, is opened by its owner, by skill, or with a reason, and the victim can read who did.
//! - Every act is an entry of the case and a line of the audit trail, in one transaction.
//! - Every form works without scripts.

mod acts;
mod books;
mod calls;
mod case;
mod duty;
mod left;
mod powers;
mod queue;
mod rows;
mod tell;
mod together;
mod told;
pub(crate) mod views;
mod wording;

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use touchstone_store::{DeskFilter, Member, Whose};

use crate::console::shell::Call;
use crate::ctx::Ctx;

/// How often an open page is looked after without a change: for what time and other replicas did.
const LOOK: Duration = Duration::from_secs(5);
/// Cases that nobody has are counted up to here for the side bar.
const COUNTED: usize = 99;

/// The pages of the desk.
pub(crate) fn pages() -> Router<Ctx> {
    Router::new()
        .route("/console/cases", get(queue::queue))
        .route("/console/cases/stream", get(queue::live))
        .route("/console/cases/together", get(together::page).post(together::act))
        .route("/console/cases/{reference}", get(case::one))
        .route("/console/cases/{reference}/open", post(case::open))
        .route("/console/cases/{reference}/stream", get(case::live))
        .route("/console/cases/{reference}/files/{n}", get(tell::fetch))
        .route("/console/cases/{reference}/say", post(acts::say))
        .route("/console/cases/{reference}/note", post(acts::note))
        .route("/console/cases/{reference}/call", post(acts::call))
        .route("/console/cases/{reference}/take", post(acts::take))
        .route("/console/cases/{reference}/hand", post(acts::hand))
        .route("/console/cases/{reference}/escalate", post(acts::escalate))
        .route("/console/cases/{reference}/fact", post(acts::fact))
        .route("/console/cases/{reference}/step", post(acts::step))
        .route("/console/cases/{reference}/close", post(acts::close))
        .route("/console/cases/{reference}/reopen", post(acts::reopen))
        .route("/console/cases/{reference}/power", post(powers::ask))
        .route("/console/calls/{id}", post(calls::see))
        .route("/console/duty", get(duty::page).post(duty::set))
        .route("/console/duty/{id}/skills", post(duty::skills))
}

/// How many cases nobody has taken, for the side bar: at most [`COUNTED`].
pub(crate) async fn untaken(ctx: &Ctx) -> u64 {
    let filter = DeskFilter { owner: Some(Whose::Nobodys), ..DeskFilter::default() };
    let found = ctx.store.desk(&filter, None, COUNTED).await;
    found.map_or(0, |it| u64::try_from(it.len()).unwrap_or(0))
}

/// The calls that reach somebody now, for the bar of every page; none if they cannot be read.
pub(crate) async fn calls_of(ctx: &Ctx, member: &Member) -> Vec<Call> {
    calls::open(ctx, member).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "calls to whoever is on duty could not be read");
        Vec::new()
    })
}
