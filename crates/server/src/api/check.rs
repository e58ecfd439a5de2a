//! `/v1/check`: is this really support? For apps that ask on behalf of their users; no key.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::routing::{get, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use touchstone_screening::answer::{Answer, MAX_QUERY_BYTES};

use super::endpoint::{Content, Endpoint, query};
use super::error::ApiError;
use super::events::read;
use crate::check::{self, NoAnswer};
use crate::ctx::Ctx;

/// The largest body: the longest query with every character escaped.
const MAX_BYTES: usize = 6 * MAX_QUERY_BYTES + 64;

const ABOUT: &str = "One of four answers, never \"safe\": `listed` (all that could be looked up is on the list of official identities), \
     `contradicted` (it imitates a listed identity, is known fraud, or asks for or claims what real support never does), \
     `revoked`, `unknown`; each thing in the query has its own, with the sentence that a person reads in Chinese and English. \
     What is asked for outranks who is listed. Needs no key; limited by address. The query is not kept and not logged.";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let example = json!({ "q": "Lantern Support: send me the code you received" });
    vec![
        Endpoint {
            method: "get",
            path: "/v1/check",
            id: "check",
            summary: ("这是真客服吗？", "Is this really support?"),
            description: ABOUT,
            scope: None,
            parameters: vec![query(
                "q",
                "A handle, name, link, domain, mail address, phone number, chain address, app package or SHA-256. Send \
                 messages with POST: addresses end up in logs of others.",
                json!({ "type": "string", "minLength": 1 }),
            )],
            bodies: Vec::new(),
            answers: vec![Content::of::<Answer>("application/json")],
            problems: &["bad_request", "too_many"],
            handler: get(short),
        },
        Endpoint {
            method: "post",
            path: "/v1/check",
            id: "check_message",
            summary: ("粘贴一段话来查", "Check a pasted message"),
            description: ABOUT,
            scope: None,
            parameters: Vec::new(),
            bodies: vec![
                Content { example: Some(example), ..Content::of::<Asked>("application/json") },
                Content::text("text/plain"),
            ],
            answers: vec![Content::of::<Answer>("application/json")],
            problems: &["bad_request", "too_slow", "too_large", "too_many"],
            handler: post(long),
        },
    ]
}

/// What is to be looked up.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// As it was received.
    q: String,
}

async fn short(
    State(ctx): State<Ctx>,
    from: ConnectInfo<SocketAddr>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Answer>, ApiError> {
    let Query(asked) = asked.map_err(|_| ApiError::BadRequest("ask with `?q=`".to_owned()))?;
    answer(ctx, from, asked.q).await
}

async fn long(
    State(ctx): State<Ctx>,
    from: ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Json<Answer>, ApiError> {
    let (parts, body) = request.into_parts();
    let bytes = read(body, &parts.headers, MAX_BYTES, ctx.config.limits.body_seconds).await?;
    let kind = parts.headers.get(axum::http::header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let query = if kind.is_some_and(|kind| kind.starts_with("application/json")) {
        // The message is not repeated: it could be what was asked.
        let wrong = |_| ApiError::BadRequest("the body is no JSON with a text `q`".to_owned());
        serde_json::from_slice::<Asked>(&bytes).map_err(wrong)?.q
    } else {
        String::from_utf8(bytes.to_vec()).map_err(|_| ApiError::BadRequest("not UTF-8".to_owned()))?
    };
    answer(ctx, from, query).await
}

async fn answer(ctx: Ctx, from: ConnectInfo<SocketAddr>, query: String) -> Result<Json<Answer>, ApiError> {
    match check::ask(ctx, from.0.ip(), query).await {
        Ok(answer) => Ok(Json(answer)),
        Err(NoAnswer::Refused(refusal)) => Err(ApiError::BadRequest(refusal.to_string())),
        Err(NoAnswer::TooMany(wait)) => Err(ApiError::TooMany { wait: wait.0 }),
        Err(NoAnswer::Broken(cause)) => Err(ApiError::Internal(cause)),
    }
}
