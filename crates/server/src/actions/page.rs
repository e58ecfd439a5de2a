//! `/console/actions`: what nobody did, what was refused, what waits for a second person, and trials.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use touchstone_accounts::Permission;
use touchstone_actions::{State as Stage, Who};
use touchstone_store::{KeptAction, StoreError};

use super::{ActionError, ActionView, ApprovalView, Given, Mode, Wish, ask, becomes, second};
use crate::cases::FlowError;
use crate::console::shell::Shell;
use crate::console::staff::{Instead, Sent, Staff, busy, done, not_allowed, not_found};
use crate::console::web;
use crate::ctx::Ctx;

const HERE: &str = "/console/actions";
/// How many of each kind are shown.
const SHOWN: usize = 100;

/// The pages of this part.
pub(crate) fn pages() -> Router<Ctx> {
    Router::new()
        .route(HERE, get(open))
        .route("/console/actions/{id}", get(one))
        .route("/console/actions/{id}/retry", post(retry))
        .route("/console/actions/{id}/undo", post(undo))
        .route("/console/approvals/{id}/agree", post(agree))
        .route("/console/approvals/{id}/decline", post(decline))
}

/// How many actions are in one state.
struct CountView {
    state: &'static str,
    count: u64,
}

/// What waits, and whether whoever looks may agree to it.
struct WaitingView {
    it: ApprovalView,
    may_agree: bool,
    mine: bool,
}

/// One call.
struct CallView {
    at: String,
    call: String,
    outcome: String,
}

#[derive(Template)]
#[template(path = "action_list.html")]
struct ListPage {
    s: Shell,
    mode: Mode,
    counts: Vec<CountView>,
    waiting: Vec<WaitingView>,
    stuck: Vec<ActionView>,
    under_way: Vec<ActionView>,
    holding: Vec<ActionView>,
    trials: Vec<ActionView>,
}

#[derive(Template)]
#[template(path = "action_one.html")]
struct OnePage {
    s: Shell,
    it: ActionView,
    calls: Vec<CallView>,
}

/// What a page does when an action cannot be read.
fn failed(s: &Shell) -> impl Fn(ActionError) -> Instead + '_ {
    |error| match error {
        ActionError::NotFound => not_found(s.clone()).into(),
        ActionError::Flow(FlowError::Store(cause)) => busy(s, &cause).into(),
        other => {
            tracing::error!(cause = %other, "a page of actions could not be made");
            busy(s, &StoreError::Busy(None)).into()
        }
    }
}

/// For a list: without what is sealed, which is on the page of the case.
fn listed(kept: Vec<KeptAction>) -> Vec<ActionView> {
    kept.into_iter().map(|it| it.action.into()).collect()
}

async fn open(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Instead> {
    staff.must(Permission::WorkCases)?;
    let (login, who) = (staff.login().to_owned(), ask::staff(&staff.member));
    let s = staff.at("actions");
    let read = async |state, simulated| {
        ctx.store.actions_in(state, simulated, SHOWN).await.map(listed).map_err(|it| failed(&s)(it.into()))
    };
    let mut stuck = read(Some(Stage::Dead), false).await?;
    stuck.extend(read(Some(Stage::Refused), false).await?);
    let mut under_way = read(Some(Stage::Unclear), false).await?;
    under_way.extend(read(Some(Stage::Sent), false).await?);
    under_way.extend(read(Some(Stage::Asked), false).await?);
    let mut holding = read(Some(Stage::Acknowledged), false).await?;
    holding.retain(|it| it.may_be_undone);
    let trials = read(None, true).await?;
    let counts = ctx.store.action_counts().await.map_err(|it| failed(&s)(it.into()))?;
    let counts = counts.into_iter().map(|(state, count)| CountView { state: state.name(), count }).collect();
    let waiting = second::waiting(&ctx, None).await.map_err(failed(&s))?.into_iter().map(|it| WaitingView {
        mine: it.asked_by == login,
        may_agree: it.asked_by != login && may(&ctx, &who, &it),
        it,
    });
    let (waiting, mode) = (waiting.collect(), ctx.actions.mode());
    Ok(web::page(StatusCode::OK, &ListPage { s, mode, counts, waiting, stuck, under_way, holding, trials }))
}

/// Whether somebody has the power that is waited for.
fn may(ctx: &Ctx, who: &Who, it: &ApprovalView) -> bool {
    second::power_of(&it.power, &it.amount)
        .is_some_and(|power| ctx.actions.authority.permit(who, &power) != touchstone_actions::Permit::No)
}

async fn one(State(ctx): State<Ctx>, Path(id): Path<String>, staff: Staff) -> Result<Response, Instead> {
    staff.must(Permission::WorkCases)?;
    let s = staff.at("actions");
    let kept = ctx.store.action(&id).await.map_err(|it| failed(&s)(it.into()))?;
    let calls = ctx.store.action_calls(&id).await.map_err(|it| failed(&s)(it.into()))?;
    let calls =
        calls.into_iter().map(|it| CallView { at: it.at.to_string(), call: it.call, outcome: it.outcome });
    let (it, calls) = (kept.action.into(), calls.collect());
    Ok(web::page(StatusCode::OK, &OnePage { s, it, calls }))
}

/// Where a form leads back to: the case's page if it came from there.
fn back(sent: &Sent) -> String {
    match sent.fields.get("back") {
        "" => HERE.to_owned(),
        reference => format!("/console/cases/{}", web::encoded(reference)),
    }
}

fn said(sent: &Sent, outcome: Result<&'static str, ActionError>) -> Result<Response, Instead> {
    match outcome {
        Ok(key) => Ok(done(&back(sent), key, None, None)),
        Err(ActionError::Flow(cause)) => Err(failed(&sent.staff.shell)(ActionError::Flow(cause))),
        Err(error) => Ok(done(&back(sent), error.text_key(), None, None)),
    }
}

async fn retry(State(ctx): State<Ctx>, Path(id): Path<String>, sent: Sent) -> Result<Response, Instead> {
    sent.staff.must(Permission::WorkCases)?;
    let outcome = becomes::retry(&ctx, &sent.staff.member, &id).await;
    said(&sent, outcome.map(|()| "action-retried"))
}

async fn undo(State(ctx): State<Ctx>, Path(id): Path<String>, sent: Sent) -> Result<Response, Instead> {
    sent.staff.must(Permission::WorkCases)?;
    let proof = sent.fields.get("proof").to_owned();
    let member = &sent.staff.member;
    let outcome = async {
        let kept = ctx.store.action(&id).await?;
        // The look at the case is on record before anything is done to it.
        let seen = crate::cases::flow::open_for_staff(&ctx, member, &kept.action.case, Some(&proof)).await?;
        let wish = Wish::Unfreeze { action: id.clone(), proof: proof.clone() };
        ask::by_staff(&ctx, member, &seen, wish, None, &proof, kept.action.simulated).await
    };
    let outcome: Result<Given, ActionError> =
        if proof.is_empty() { Err(touchstone_actions::TooLittle.into()) } else { outcome.await };
    said(&sent, outcome.map(text_of))
}

/// What a page says of what came of a wish.
fn text_of(given: Given) -> &'static str {
    match given {
        Given::Asked(_) => "action-asked",
        Given::Allowed => "action-allowed",
        Given::WaitsForSecond(_) => "action-waits-for-second",
    }
}

async fn agree(State(ctx): State<Ctx>, Path(id): Path<i64>, sent: Sent) -> Result<Response, Instead> {
    decided(&ctx, id, &sent, true).await
}

async fn decline(State(ctx): State<Ctx>, Path(id): Path<i64>, sent: Sent) -> Result<Response, Instead> {
    decided(&ctx, id, &sent, false).await
}

async fn decided(ctx: &Ctx, id: i64, sent: &Sent, agreed: bool) -> Result<Response, Instead> {
    if !sent.staff.may(Permission::WorkCases) {
        return Err(not_allowed(sent.staff.shell.clone()).into());
    }
    let outcome = second::approve(ctx, &sent.staff.member, id, agreed).await;
    said(sent, outcome.map(|_| if agreed { "action-agreed" } else { "action-declined" }))
}
