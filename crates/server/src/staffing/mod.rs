//! Are there enough people? The page for leads.
//!
//! The way through: [`known`] gathers what was counted and planned, `touchstone_cases::staffing`
//! reckons with it, [`show`] makes the page; [`asked`] reads what a form was sent with.
//!
//! Always true here:
//! - Every time on the page is that of the desk's clock, and the page says which.
//! - What was assumed for want of history is called so.
//! - A form that cannot be read comes back with what was typed.

mod asked;
mod known;
mod show;
#[cfg(test)]
mod tests;
mod views;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use touchstone_accounts::Permission;

use crate::console::staff::{Instead, Sent, Staff, done, failed};
use crate::console::web;
use crate::ctx::Ctx;

use asked::{PlanForm, WhatIf};

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
