//! `/console/cases/{reference}/complaints`: the packets of a case, for the desk.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;
use touchstone_accounts::Permission;
use touchstone_cases::{Event, Staff as Login};
use touchstone_store::EntryKind;

use super::show::{self, Line, Paper};
use super::{as_html, as_json, fill_in, gather, packet};
use crate::cases::{Doing, FlowError, Note, Open, by_staff, flow, without_secrets};
use crate::console::shell::Shell;
use crate::console::staff::{Instead, Sent, Staff, busy, done, not_found};
use crate::console::web;
use crate::ctx::Ctx;

#[derive(Template)]
#[template(path = "packet_list.html")]
struct ListPage {
    s: Shell,
    reference: String,
    list: Vec<Line>,
}

#[derive(Template)]
#[template(path = "packet_one.html")]
struct OnePage {
    s: Shell,
    base: String,
    fill: String,
    it: Paper,
}

/// Where the packets of a case are.
fn base(reference: &str) -> String {
    format!("/console/cases/{}/complaints", web::encoded(reference))
}

/// Opens the case for whoever may see it; who must say why is sent to where that is asked.
async fn open(ctx: &Ctx, staff: &Staff, reference: &str) -> Result<Open, Instead> {
    staff.must(Permission::WorkCases)?;
    match flow::open_for_staff(ctx, &staff.member, reference, None).await {
        Ok(open) => Ok(open),
        Err(FlowError::NeedsReason) => {
            let to = format!("/console/cases/{}", web::encoded(reference));
            Err(Redirect::to(&to).into_response().into())
        }
        Err(error) => Err(went_wrong(&staff.shell)(error)),
    }
}

fn went_wrong(s: &Shell) -> impl Fn(FlowError) -> Instead + '_ {
    |error| match error {
        FlowError::NotFound => not_found(s.clone()).into(),
        FlowError::Store(cause) => busy(s, &cause).into(),
        other => {
            tracing::error!(error = %other, "a packet could not be put together");
            (StatusCode::INTERNAL_SERVER_ERROR, s.t("busy")).into_response().into()
        }
    }
}

/// `GET /console/cases/{reference}/complaints`
pub(super) async fn list(
    State(ctx): State<Ctx>,
    Path(reference): Path<String>,
    staff: Staff,
) -> Result<Response, Instead> {
    let open = open(&ctx, &staff, &reference).await?;
    let all = gather(&ctx, &open).await.map_err(went_wrong(&staff.shell))?;
    let zone = ctx.cases.charter.zone_of(open.report.jurisdiction.as_deref());
    let s = staff.at("cases");
    let base = base(&open.row.reference);
    let list = all.iter().map(|it| show::line(it, &s, &zone, &base)).collect();
    Ok(web::page(StatusCode::OK, &ListPage { s, reference: open.row.reference, list }))
}

/// `GET /console/cases/{reference}/complaints/{channel}`
pub(super) async fn one(
    State(ctx): State<Ctx>,
    Path((reference, channel)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Instead> {
    let (it, base) = paper(&ctx, &staff, &reference, &channel).await?;
    let fill = format!("{base}/{}", it.channel);
    Ok(web::page(StatusCode::OK, &OnePage { s: staff.at("cases"), base, fill, it }))
}

async fn paper(ctx: &Ctx, staff: &Staff, reference: &str, channel: &str) -> Result<(Paper, String), Instead> {
    let open = open(ctx, staff, reference).await?;
    let packet = packet(ctx, &open, channel).await.map_err(went_wrong(&staff.shell))?;
    let zone = ctx.cases.charter.zone_of(open.report.jurisdiction.as_deref());
    Ok((show::paper(&packet, &staff.shell, &zone, ctx.clock.now()), base(&open.row.reference)))
}

/// `POST …/{channel}/fill`: what nobody had said, filled in by hand.
pub(super) async fn fill(
    State(ctx): State<Ctx>,
    Path((reference, channel)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Instead> {
    let (s, fields) = (&sent.staff.shell, &sent.fields);
    let open = open(&ctx, &sent.staff, &reference).await?;
    let by = by_staff(&ctx, &sent.staff.member).await.map_err(went_wrong(s))?;
    let (id, text) = (fields.get("field"), fields.get("text"));
    fill_in(&ctx, &open, &by, &channel, id, text).await.map_err(went_wrong(s))?;
    let to = format!("{}/{}#{}", base(&open.row.reference), web::encoded(&channel), web::encoded(id));
    Ok(done(&to, "packet-field-kept", None, None))
}

/// `POST …/{channel}/sent`: a person sent it.
pub(super) async fn sent(
    State(ctx): State<Ctx>,
    Path((reference, channel)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Instead> {
    let s = &sent.staff.shell;
    let open = open(&ctx, &sent.staff, &reference).await?;
    let packet = packet(&ctx, &open, &channel).await.map_err(went_wrong(s))?;
    let by = by_staff(&ctx, &sent.staff.member).await.map_err(went_wrong(s))?;
    let under: String = without_secrets(sent.fields.get("under")).chars().take(200).collect();
    let note = Note {
        kind: EntryKind::PacketSent,
        text: Some(under).filter(|it| !it.is_empty()),
        detail: json!({ "channel": packet.channel }),
        visible: true,
    };
    let event = Event::PacketSent(Login(sent.staff.login().into()));
    flow::happen(&ctx, open.row.id, &by, Doing::new(event).note(note)).await.map_err(went_wrong(s))?;
    let to = format!("{}/{}", base(&open.row.reference), web::encoded(&packet.channel));
    Ok(done(&to, "packet-sent-kept", None, None))
}

/// `GET …/{channel}/packet.json`
pub(super) async fn json(
    State(ctx): State<Ctx>,
    Path((reference, channel)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Instead> {
    let open = open(&ctx, &staff, &reference).await?;
    Ok(as_json(&packet(&ctx, &open, &channel).await.map_err(went_wrong(&staff.shell))?))
}

/// `GET …/{channel}/packet.html`
pub(super) async fn html(
    State(ctx): State<Ctx>,
    Path((reference, channel)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Instead> {
    let (it, _) = paper(&ctx, &staff, &reference, &channel).await?;
    Ok(as_html(&staff.shell, &it))
}
