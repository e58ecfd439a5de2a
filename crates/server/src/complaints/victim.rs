//! `/case/{token}/packets`: the same packets, for the victim, who may hand them in alone.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::show::{self, Line, Paper};
use super::{as_html, as_json, fill_in, gather, packet};
use crate::api::error::ApiError;
use crate::cases::{By, FlowError, Open, flow};
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

#[derive(Template)]
#[template(path = "message.html")]
struct NoSuchCase {
    s: Shell,
    title: String,
    text: String,
    href: String,
    link: String,
}

/// The address of the page is the secret: no other site learns it from a link.
fn private(mut response: Response) -> Response {
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn shell(headers: &HeaderMap, token: &str) -> Shell {
    Shell::public(headers, "case", &format!("/case/{}/packets", web::encoded(token)))
}

/// A wrong link and a foreign one look alike; anything else is an error of ours.
fn went_wrong(s: &Shell, error: FlowError) -> Response {
    if !matches!(error, FlowError::NotFound) {
        return private(ApiError::from(error).into_response());
    }
    let (title, text, link) = (s.t("not-found-title"), s.t("packet-no-such"), s.t("packet-report"));
    let page = NoSuchCase { s: s.clone(), title, text, href: "/report".to_owned(), link };
    private(web::page(StatusCode::NOT_FOUND, &page))
}

async fn open(ctx: &Ctx, s: &Shell, token: &str) -> Result<Open, Response> {
    flow::open_by_link(ctx, token).await.map_err(|error| went_wrong(s, error))
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
    let s = shell(&headers, &token);
    let open = open(&ctx, &s, &token).await?;
    let all = gather(&ctx, &open).await.map_err(|error| went_wrong(&s, error))?;
    let zone = ctx.cases.charter.zone_of(open.report.jurisdiction.as_deref());
    let home = home(&token);
    let list = all.iter().map(|it| show::line(it, &s, &zone, &format!("{home}/packets"))).collect();
    Ok(private(web::page(StatusCode::OK, &ListPage { s, home, list })))
}

async fn paper(ctx: &Ctx, s: &Shell, token: &str, channel: &str) -> Result<Paper, Response> {
    let open = open(ctx, s, token).await?;
    let packet = packet(ctx, &open, channel).await.map_err(|error| went_wrong(s, error))?;
    let zone = ctx.cases.charter.zone_of(open.report.jurisdiction.as_deref());
    Ok(show::paper(&packet, s, &zone, ctx.clock.now()))
}

/// `GET /case/{token}/packets/{channel}`
pub(super) async fn one(
    State(ctx): State<Ctx>,
    Path((token, channel)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let s = shell(&headers, &token);
    let it = paper(&ctx, &s, &token, &channel).await?;
    let home = home(&token);
    let base = format!("{home}/packets");
    let fill = format!("{base}/{}", it.channel);
    Ok(private(web::page(StatusCode::OK, &OnePage { s, home, base, fill, it })))
}

/// `POST …/{channel}/fill`
pub(super) async fn fill(
    State(ctx): State<Ctx>,
    Path((token, channel)): Path<(String, String)>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Response> {
    let s = shell(&headers, &token);
    let open = open(&ctx, &s, &token).await?;
    let fields = Fields::new(pairs);
    let (id, text) = (fields.get("field"), fields.get("text"));
    let kept = fill_in(&ctx, &open, &By::Victim, &channel, id, text).await;
    kept.map_err(|error| went_wrong(&s, error))?;
    let to = format!("{}/packets/{}#{}", home(&token), web::encoded(&channel), web::encoded(id));
    Ok(private(Redirect::to(&to).into_response()))
}

/// `GET …/{channel}/packet.json`
pub(super) async fn json(
    State(ctx): State<Ctx>,
    Path((token, channel)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let s = shell(&headers, &token);
    let open = open(&ctx, &s, &token).await?;
    let packet = packet(&ctx, &open, &channel).await.map_err(|error| went_wrong(&s, error))?;
    Ok(private(as_json(&packet)))
}

/// `GET …/{channel}/packet.html`
pub(super) async fn html(
    State(ctx): State<Ctx>,
    Path((token, channel)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let s = shell(&headers, &token);
    let it = paper(&ctx, &s, &token, &channel).await?;
    Ok(private(as_html(&s, &it)))
}
