use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::json;
use tokio_stream::StreamExt;
use touchstone_accounts::Scope;
use touchstone_types::{Event, EventError};

use super::auth;
use super::endpoint::{Content, Endpoint};
use super::error::ApiError;
use crate::ctx::{Ctx, State as Health};
use crate::ingest::body::{self, Form};

/// The route that takes events in.
const PATH: &str = "/v1/events";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let event = || json!({ "$ref": "#/components/schemas/Event" });
    let example = json!({
        "specversion": "1.0",
        "id": "m-1",
        "source": "/im/demo",
        "type": "message.sent",
        "time": "2026-01-15T08:30:00Z",
        "data": {
            "sender": { "id": "u-81", "handle": "lantern_help", "display_name": "Lantern Support" },
            "recipient": { "id": "u-7" },
            "conversation": { "id": "c-3", "kind": "direct", "started_by": "u-81", "mutual": false },
            "text": "Hello, this is support. Your wallet will be frozen today, send me the 12 words."
        }
    });
    let line = serde_json::to_string(&example).unwrap_or_default();
    let one = |kind| Content { example: Some(example.clone()), ..Content::schema(kind, event()) };
    let many = json!({ "type": "array", "items": event() });
    let item = || Content::of::<Item>("application/json");
    vec![Endpoint {
        method: "post",
        path: PATH,
        id: "post_events",
        summary: ("提交事件，立即得到判断", "Post events, get verdicts at once"),
        description: "One event, an array of events, or one event a line. The answer has the same form and the \
             same order. (source, id) is the idempotency key: an event that was posted before is answered \
             with its first verdict. A line that is no event is answered with what is wrong and where; the \
             others go on. When the answer comes, events and verdicts are on the disk.",
        scope: Some(Scope::EventsWrite),
        parameters: Vec::new(),
        bodies: vec![
            one("application/json"),
            one("application/cloudevents+json"),
            Content {
                example: Some(json!([example])),
                ..Content::schema("application/cloudevents-batch+json", many)
            },
            Content { example: Some(json!(line)), ..Content::text("application/x-ndjson") },
        ],
        answers: vec![item(), Content::text("application/x-ndjson")],
        problems: &["bad_request", "invalid_event", "too_slow", "too_large", "unsupported_media_type"],
        handler: post(post_events),
    }]
}

/// What became of one event.
#[derive(schemars::JsonSchema)]
#[allow(dead_code, reason = "describes what `ingest::answer` writes by hand")]
struct Item {
    /// The event's id, if it could be read.
    id: Option<String>,
    /// The event's source, if it could be read.
    source: Option<String>,
    /// What was done.
    status: Status,
    /// `time_ahead`: the event's time was far ahead of our clock; windows take it as less.
    noted: Option<String>,
    /// Why it was not screened.
    reason: Option<String>,
    /// What follows from it.
    verdict: Option<touchstone_types::Verdict>,
    /// What is wrong with an invalid one.
    error: Option<Wrong>,
}

/// What became of one event.
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[allow(dead_code, reason = "describes what `ingest::answer` writes by hand")]
enum Status {
    /// Judged and stored.
    Screened,
    /// Of a kind that is not judged; stored.
    NotScreened,
    /// Was stored before; the first verdict stands.
    Duplicate,
    /// Is no event; not stored.
    Invalid,
}

/// What is wrong with an invalid event.
#[derive(schemars::JsonSchema)]
#[allow(dead_code, reason = "describes what `ingest::answer` writes by hand")]
struct Wrong {
    /// Line of the body, or element of the array; from 1.
    line: Option<usize>,
    /// `too_large`, `not_utf8` or `shape`.
    code: String,
    /// What is wrong, and where.
    detail: String,
    /// For a person.
    message: touchstone_types::Bilingual,
}

async fn post_events(State(ctx): State<Ctx>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let key = auth::key(&ctx, &parts.headers, parts.extensions.get(), Scope::EventsWrite).await?;
    match ctx.health.state() {
        Health::Ready | Health::StoreFailed => {} // The next batch finds out whether it works again.
        Health::Replaying => return Err(unavailable("the memory is being read from the log", 1)),
        Health::Stopping => return Err(unavailable("the server is stopping", 5)),
    }
    let limits = &ctx.config.limits;
    let bytes = read(body, &parts.headers, limits.body_bytes, limits.body_seconds).await?;
    let form = body::form_of(&parts.headers, &bytes)?;
    let lines = body::split(form, &bytes, limits.events_per_request)?;
    if form == Form::One {
        Event::parse(&bytes).map_err(wrong)?;
    }
    let events = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    ctx.callers
        .events
        .take(key.id.clone(), events, ctx.clock.now())
        .map_err(|wait| ApiError::TooMany { wait: wait.0 })?;
    let opinions = match &ctx.doubt {
        Some(doubt) => doubt.opinions(ctx.live.now(), &bytes, &lines, ctx.clock.now()).await,
        None => Vec::new(),
    };
    let answer = ctx.ingest.submit(bytes, form, lines, opinions).await?;
    let kind = if form == Form::Lines { "application/x-ndjson" } else { "application/json" };
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], answer).into_response())
}

fn unavailable(reason: &'static str, wait: u64) -> ApiError {
    ApiError::Unavailable { reason, wait, cause: None }
}

fn wrong(cause: EventError) -> ApiError {
    match cause {
        EventError::TooLarge(_) => ApiError::TooLarge(cause.to_string()),
        EventError::NotUtf8(_) | EventError::Shape(_) => ApiError::InvalidEvent(cause.to_string()),
    }
}

/// The largest body that is read only to be thrown away.
const DISCARDED: usize = 64 * 1024 * 1024;

async fn discard(body: Body) {
    let mut parts = body.into_data_stream();
    while let Some(Ok(_)) = parts.next().await {}
}

/// Reads a body of at most `limit` bytes that comes within `seconds`.
pub(crate) async fn read(
    body: Body,
    headers: &HeaderMap,
    limit: usize,
    seconds: u64,
) -> Result<axum::body::Bytes, ApiError> {
    let too_large = || ApiError::TooLarge(format!("a body may have {limit} bytes"));
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    if let Some(length) = announced.filter(|length| *length > limit) {
        if length <= DISCARDED {
            // Read to its end, or the caller's system would drop our answer with the connection.
            let _ = tokio::time::timeout(Duration::from_secs(seconds), discard(body)).await;
        }
        return Err(too_large());
    }
    let reading = axum::body::to_bytes(body, limit);
    match tokio::time::timeout(Duration::from_secs(seconds), reading).await {
        Err(_) => Err(ApiError::TooSlow),
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(cause)) => {
            let limited =
                std::error::Error::source(&cause).is_some_and(|it| it.to_string().contains("length limit"));
            if limited {
                Err(too_large())
            } else {
                Err(ApiError::BadRequest("the body broke off".to_owned()))
            }
        }
    }
}
