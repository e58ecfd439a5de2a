//! Are there enough people? The page for leads.
//!
//! The way through: [`known`] gathers what was counted and planned, `touchstone_cases::staffing`
//! reckons with it, [`show`] makes the page; [`asked`] reads what a form was sent with.
//!
//! Always true here:
//! - Every time on the page is that of the desk's clock, and the page says which.
//! - What was assumed for want of history is called so.
//! - Elsewhere than on its own page it is gathered anew every few minutes at most.
//! - A form that cannot be read comes back with what was typed.

mod asked;
mod known;
mod show;
#[cfg(test)]
mod tests;
mod views;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use tokio::sync::Mutex;
use touchstone_accounts::Permission;
use touchstone_store::StoreError;
use touchstone_types::{Lapse, Moment};

use crate::console::shell::Shell;
use crate::console::staff::{Instead, Sent, Staff, done, failed};
use crate::console::web;
use crate::ctx::Ctx;

pub(crate) use known::DAYS;

use asked::{PlanForm, WhatIf};
use known::Known;

/// How long what was gathered serves the warnings of other pages.
const FRESH: Lapse = Lapse::from_secs(300);

/// What was gathered last, and when.
#[derive(Default)]
pub(crate) struct Foreseen(Mutex<Option<(Moment, Arc<Known>)>>);

/// When too few are planned, one sentence a stretch, for the pages of leads; nothing if it cannot
/// be read.
pub(crate) async fn warnings(ctx: &Ctx, s: &Shell) -> Vec<String> {
    match lately(ctx).await {
        Ok(known) => show::warnings(s, &known, ctx.clock.now()),
        Err(error) => {
            tracing::warn!(%error, "whether there are enough people could not be read");
            Vec::new()
        }
    }
}

async fn lately(ctx: &Ctx) -> Result<Arc<Known>, StoreError> {
    // Whoever comes while it is gathered waits for it.
    let mut kept = ctx.cases.foreseen.0.lock().await;
    let now = ctx.clock.now();
    if let Some((at, known)) = kept.as_ref()
        && *at <= now
        && now.since(*at) < FRESH
    {
        return Ok(Arc::clone(known));
    }
    let known = Arc::new(known::known(ctx, now).await?);
    *kept = Some((now, Arc::clone(&known)));
    Ok(known)
}

/// The page of leads.
pub(crate) fn pages() -> Router<Ctx> {
    Router::new().route("/console/staffing", get(open).post(plan))
}

/// `GET /console/staffing`
async fn open(
    State(ctx): State<Ctx>,
    Query(asked): Query<WhatIf>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::LeadCases)?;
    page(&ctx, staff, &asked, PlanForm::default(), None).await
}

/// `POST /console/staffing`: so many agents for those hours from now on.
async fn plan(State(ctx): State<Ctx>, sent: Sent) -> Result<Response, Instead> {
    sent.staff.must(Permission::SetDuty)?;
    let form = PlanForm::of(&sent.fields);
    match form.parse() {
        Ok((hours, agents)) => {
            let now = ctx.clock.now();
            let planned = ctx.store.plan_shifts(&hours, agents, sent.staff.login(), now).await;
            planned.map_err(failed(&sent.staff.shell))?;
            *ctx.cases.foreseen.0.lock().await = None;
            Ok(done("/console/staffing", "staffing-planned", None, None))
        }
        Err(problem) => page(&ctx, sent.staff, &WhatIf::default(), form, Some(problem)).await,
    }
}

async fn page(
    ctx: &Ctx,
    staff: Staff,
    asked: &WhatIf,
    form: PlanForm,
    problem: Option<&'static str>,
) -> Result<Response, Instead> {
    let s = staff.at("staffing");
    let now = ctx.clock.now();
    let known = known::known(ctx, now).await.map_err(failed(&s))?;
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(web::page(status, &show::page(s, &known, now, asked, form, problem)))
}
