//! The same words to many, seen and settled as one.

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use touchstone_accounts::Permission;
use touchstone_store::{
    Campaign, Label, MAX_BULK, MAX_PAGE, Ruling, Seq, StoreError, StoredVerdict, VerdictFilter,
};
use touchstone_types::Event;

use super::reviews::ruling;
use super::show;
use super::staff::{Instead, Sent, Staff, done, failed};
use super::views::{CampaignPage, CampaignView, CampaignsPage};
use super::web;
use crate::ctx::Ctx;

/// How many campaigns a page shows.
const PAGE: usize = 50;
/// How many of a campaign's messages a page shows.
const MEMBERS: usize = 100;

/// `GET /console/campaigns`
pub(crate) async fn list(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Instead> {
    staff.must(Permission::ReadVerdicts)?;
    let s = staff.at("campaigns");
    let mut list = Vec::new();
    for campaign in ctx.store.campaigns(None, PAGE).await.map_err(failed(&s))? {
        // One message alone is no campaign yet.
        if campaign.events > 1 {
            let members = members(&ctx, &campaign.id, None, MEMBERS).await.map_err(failed(&s))?;
            list.push(view(&campaign, &members.items));
        }
    }
    Ok(web::page(StatusCode::OK, &CampaignsPage { s, list }))
}

/// `GET /console/campaigns/{id}`
pub(crate) async fn one(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::ReadVerdicts)?;
    let s = staff.at("campaigns");
    let campaign = ctx.store.campaign(&id).await.map_err(failed(&s))?;
    let members = members(&ctx, &id, None, MEMBERS).await.map_err(failed(&s))?;
    let it = view(&campaign, &members.items);
    let list = members.items.iter().map(show::row).collect();
    Ok(web::page(StatusCode::OK, &CampaignPage { s, it, list }))
}

async fn members(
    ctx: &Ctx,
    id: &str,
    before: Option<Seq>,
    limit: usize,
) -> Result<touchstone_store::Page<StoredVerdict>, StoreError> {
    let filter = VerdictFilter { campaign: Some(id.to_owned()), ..VerdictFilter::default() };
    ctx.store.verdicts(&filter, before, limit).await
}

/// The campaign by its newest messages: who wrote and who was written to is counted there.
fn view(campaign: &Campaign, members: &[StoredVerdict]) -> CampaignView {
    let worst = members.iter().max_by_key(|it| (it.decision, it.score));
    let text = members
        .first()
        .and_then(|it| Event::parse(&it.raw).ok().and_then(|event| event.data.text().map(str::to_owned)));
    let count = |ids: BTreeSet<&String>| u64::try_from(ids.len()).unwrap_or(u64::MAX);
    let labels: BTreeSet<Option<&str>> = members.iter().map(|it| it.label.map(show::label)).collect();
    CampaignView {
        href: format!("/console/campaigns/{}", web::encoded(&campaign.id)),
        text: text.unwrap_or_default(),
        decision: show::decision(worst.and_then(|it| it.decision)),
        score: worst.map_or(0, |it| it.score),
        messages: campaign.events,
        senders: count(members.iter().filter_map(|it| it.actor.as_ref()).collect()),
        people: count(members.iter().filter_map(|it| it.user.as_ref()).collect()),
        first: campaign.first_received.to_string(),
        last: campaign.last_received.to_string(),
        // Decided as a whole only if all of it has one and the same label.
        decided: match labels.iter().collect::<Vec<_>>().as_slice() {
            [Some("fraud")] => Some(show::label(Label::Fraud)),
            [Some("benign")] => Some(show::label(Label::Benign)),
            _ => None,
        },
    }
}

/// `POST /console/campaigns/{id}/decide`: one act about all of it, undone as one.
pub(crate) async fn decide(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::ReviewInBulk)?;
    let (s, login) = (&sent.staff.shell, sent.staff.login());
    let here = format!("/console/campaigns/{}", web::encoded(&id));
    let ruling = ruling(sent.fields.get("decision")).filter(|it| *it != Ruling::Escalate);
    let Some(ruling) = ruling else { return Ok(Redirect::to(&here).into_response()) };
    let reason = sent.fields.get("reason");
    if reason.is_empty() {
        return Ok(done(&here, "reason-needed", None, None));
    }
    let mut seqs = Vec::new();
    let mut before = None;
    while seqs.len() < MAX_BULK {
        let page = members(&ctx, &id, before, MAX_PAGE).await.map_err(failed(s))?;
        seqs.extend(page.items.iter().map(|it| it.seq));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    seqs.truncate(MAX_BULK);
    let now = ctx.clock.now();
    let act = match ctx.store.decide_campaign(ruling, &id, &seqs, login, reason, now).await {
        Ok(act) => act,
        Err(StoreError::Conflict(_)) => return Ok(done(&here, "cannot-decide", None, None)),
        Err(error) => return Err(failed(s)(error)),
    };
    Ok(done(&here, "bulk-done", u64::try_from(seqs.len()).ok(), Some(act)))
}
