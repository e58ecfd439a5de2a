//! `/case/{token}/packets`: the same packets, for the victim, who may hand them in alone.
//! `cases::doors` sees to it that nobody else learns the address.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::show::{self, Line, Paper};
use super::{as_html, as_json, fill_in, gather, packet};
use crate::cases::{By, Open, failed, flow};
use crate::console::shell::Shell;
use crate::console::staff::Fields;
use crate::console::web;
use crate::ctx::Ctx;

#[derive(Template)]
#[template(path = "packet_mine_list.html")]
struct ListPage {
    s: Shell,
    home: String,
    list: Vec<Line>,
}

#[derive(Template)]
#[template(path = "packet_mine.html")]
struct OnePage {
    s: Shell,
    home: String,
    base: String,
    fill: String,
    it: Paper,
}

/// The case behind the link, and the page in the reader's language.
async fn open(ctx: &Ctx, headers: &HeaderMap, token: &str) -> Result<(Shell, Open), Response> {
    let s = Shell::public(headers, "case", &format!("{}/packets", home(token)));
    let open = flow::open_by_link(ctx, token).await.map_err(|error| failed(headers, &error))?;
    Ok((s, open))
}

fn home(token: &str) -> String {
    format!("/case/{}", web::encoded(token))
}

/// `GET /case/{token}/packets`
pub(super) async fn list(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let (s, open) = open(&ctx, &headers, &token).await?;
    let all = gather(&ctx, &open).await.map_err(|error| failed(&headers, &error))?;
    let zone = ctx.cases.charter.zone_of(open.report.jurisdiction.as_deref());
    let home = home(&token);
    let list = all.iter().map(|it| show::line(it, &s, &zone, &format!("{home}/packets"))).collect();
    Ok(web::page(StatusCode::OK, &ListPage { s, home, list }))
}

async fn paper(
    ctx: &Ctx,
    headers: &HeaderMap,
    token: &str,
    channel: &str,
) -> Result<(Shell, Paper), Response> {
    let (s, open) = open(ctx, headers, token).await?;
    let packet = packet(ctx, &open, channel).await.map_err(|error| failed(headers, &error))?;
    let zone = ctx.cases.charter.zone_of(open.report.jurisdiction.as_deref());
    let paper = show::paper(&packet, &s, &zone, ctx.clock.now());
    Ok((s, paper))
}

/// `GET /case/{token}/packets/{channel}`
pub(super) async fn one(
    State(ctx): State<Ctx>,
    Path((token, channel)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let (s, it) = paper(&ctx, &headers, &token, &channel).await?;
    let home = home(&token);
    let base = format!("{home}/packets");
    let fill = format!("{base}/{}", it.channel);
    Ok(web::page(StatusCode::OK, &OnePage { s, home, base, fill, it }))
}

/// `POST …/{channel}/fill`
pub(super) async fn fill(
    State(ctx): State<Ctx>,
    Path((token, channel)): Path<(String, String)>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Response> {
    let (_, open) = open(&ctx, &headers, &token).await?;
    let fields = Fields::new(pairs);
    let (id, text) = (fields.get("field"), fields.get("text"));
    let kept = fill_in(&ctx, &open, &By::Victim, &channel, id, text).await;
    kept.map_err(|error| failed(&headers, &error))?;
    let to = format!("{}/packets/{}#{}", home(&token), web::encoded(&channel), web::encoded(id));
    Ok(Redirect::to(&to).into_response())
}

/// `GET …/{channel}/packet.json`
pub(super) async fn json(
    State(ctx): State<Ctx>,
    Path((token, channel)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let (_, open) = open(&ctx, &headers, &token).await?;
    let packet = packet(&ctx, &open, &channel).await.map_err(|error| failed(&headers, &error))?;
    Ok(as_json(&packet))
}

/// `GET …/{channel}/packet.html`
pub(super) async fn html(
    State(ctx): State<Ctx>,
    Path((token, channel)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let (s, it) = paper(&ctx, &headers, &token, &channel).await?;
    Ok(as_html(&s, &it))
}
