//! `/`: one box for whatever claims to be support, and the answer below it.

use std::net::SocketAddr;

use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use touchstone_screening::answer::Refusal;

use super::show::{AnswerView, view};
use super::{NoAnswer, ask as answer_of};
use crate::console::shell::Shell;
use crate::console::{assets, web};
use crate::ctx::Ctx;

/// A query in an address is a name or a link. Longer ones are messages, which do not belong there.
const LONGEST_IN_ADDRESS: usize = 300;

/// `/`
#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage {
    s: Shell,
    /// Whether there is a signed list that the browser can keep.
    log: bool,
    query: String,
    answer: Option<AnswerView>,
    problem: Option<String>,
}

/// What was asked.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
}

/// `GET /`: the empty box; with `?q=`, for links from elsewhere, the answer as well.
pub(super) async fn open(
    State(ctx): State<Ctx>,
    from: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Response {
    let s = Shell::public(&headers, "check", "/");
    if asked.q.trim().is_empty() || asked.q.len() > LONGEST_IN_ADDRESS {
        return web::page(
            StatusCode::OK,
            &CheckPage { s, log: has_log(&ctx), query: String::new(), answer: None, problem: None },
        );
    }
    answered(ctx, from, s, asked.q).await
}

/// `POST /`: the answer. What was asked stands in no address.
pub(super) async fn ask(
    State(ctx): State<Ctx>,
    from: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(asked): Form<Asked>,
) -> Response {
    let s = Shell::public(&headers, "check", "/");
    answered(ctx, from, s, asked.q).await
}

fn has_log(ctx: &Ctx) -> bool {
    ctx.registry.now().file.is_some()
}

async fn answered(ctx: Ctx, from: ConnectInfo<SocketAddr>, s: Shell, query: String) -> Response {
    let log = has_log(&ctx);
    let (status, answer, problem) = match answer_of(ctx, from.0.ip(), query.clone()).await {
        Ok(answer) => (StatusCode::OK, Some(view(&s, &answer)), None),
        Err(NoAnswer::Refused(Refusal::Empty)) => (StatusCode::OK, None, Some(s.t("ask-empty"))),
        Err(NoAnswer::Refused(Refusal::TooLong(_))) => (StatusCode::OK, None, Some(s.t("ask-too-long"))),
        Err(NoAnswer::TooMany(wait)) => (StatusCode::TOO_MANY_REQUESTS, None, Some(s.n("ask-busy", wait.0))),
        Err(NoAnswer::Broken(error)) => {
            tracing::error!(%error, "a question was not answered");
            (StatusCode::INTERNAL_SERVER_ERROR, None, Some(s.t("ask-broken")))
        }
    };
    web::page(status, &CheckPage { s, log, query, answer, problem })
}

/// What the page needs when there is no network.
const OFFLINE: [&str; 8] = [
    "touchstone.css",
    "pages.css",
    "check.css",
    "touchstone.js",
    "check.js",
    "verify.js",
    "kept.js",
    "mark.svg",
];

/// `GET /sw.js`: keeps the page and its files for when there is no network. It has its own address
/// because a service worker rules what lies below it.
pub(super) async fn worker() -> Response {
    let files: Vec<&str> = OFFLINE.iter().map(|name| assets::address(name)).collect();
    let list = serde_json::to_string(&files).unwrap_or_else(|_| "[]".to_owned());
    let script = include_str!("../../assets/sw.js").replacen("[/* files */]", &list, 1);
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], script)
        .into_response()
}
