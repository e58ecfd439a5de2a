use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use touchstone_accounts::Scope;
use touchstone_store::{Labelled, Logged, Seq, StoreError};
use touchstone_types::{Decision, Moment};

use super::auth;
use super::endpoint::{Content, Endpoint, Parameter, query};
use super::error::ApiError;
use super::shown;
use super::verdicts::asked;
use crate::ctx::Ctx;

/// How many lines are read at a time.
const PAGE: usize = 500;

const LINES: &str = "application/x-ndjson";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let place = || json!({ "type": "integer", "minimum": 0 });
    let parameters = || -> Vec<Parameter> {
        vec![
            query("after", "Go on after this place in the log", place()),
            query("limit", "How many at most; all if absent", json!({ "type": "integer", "minimum": 1 })),
        ]
    };
    let export = |path, id, summary, description, scope, example, handler| Endpoint {
        method: "get",
        path,
        id,
        summary,
        description,
        scope: Some(scope),
        parameters: parameters(),
        bodies: Vec::new(),
        answers: vec![example],
        problems: &["bad_request"],
        handler,
    };
    vec![
        export(
            "/v1/labels",
            "export_labels",
            ("导出审核标签", "What reviewers decided, as labelled examples"),
            "One JSON object a line, in the order of the log: as `touchstone evaluate` reads them.",
            Scope::LabelsRead,
            Content::of::<LabelLine>(LINES),
            get(labels),
        ),
        export(
            "/v1/log",
            "export_log",
            ("导出事件日志", "The event log, for replay and back-test"),
            "One JSON object a line, in the order of the log: the event as it came, when it came, and the \
             verdict that was answered.",
            Scope::Admin,
            Content::of::<LogLine>(LINES),
            get(log),
        ),
    ]
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    after: i64,
    limit: Option<usize>,
}

/// One labelled event.
#[derive(Serialize, JsonSchema)]
struct LabelLine {
    /// Place in the log.
    seq: i64,
    /// `scam` or `benign`.
    label: &'static str,
    /// When a person said so.
    at: Moment,
    /// What the machine had decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Decision>,
    /// The event as it came.
    #[schemars(with = "serde_json::Value")]
    event: Option<Box<RawValue>>,
}

impl From<Labelled> for LabelLine {
    fn from(it: Labelled) -> Self {
        Self {
            seq: it.seq.0,
            label: shown::label(it.label),
            at: it.at,
            decision: it.decision,
            event: shown::raw(it.raw),
        }
    }
}

/// One event of the log.
#[derive(Serialize, JsonSchema)]
struct LogLine {
    /// Place in the log.
    seq: i64,
    /// When it came in, by our clock: windows are bounded by it.
    received: Moment,
    /// The event as it came.
    #[schemars(with = "serde_json::Value")]
    event: Option<Box<RawValue>>,
    /// The verdict as it was answered; absent if it was not screened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<touchstone_types::Verdict>")]
    verdict: Option<Box<RawValue>>,
}

impl From<Logged> for LogLine {
    fn from(it: Logged) -> Self {
        Self {
            seq: it.seq.0,
            received: it.received,
            event: shown::raw(it.raw),
            verdict: it.verdict.and_then(shown::raw),
        }
    }
}

async fn labels(State(ctx): State<Ctx>, parts: Parts) -> Result<Response, ApiError> {
    auth::reader(&ctx, &parts, Scope::LabelsRead).await?;
    let asked: Asked = asked(&parts)?;
    let read = move |after, limit| {
        let store = ctx.store.clone();
        async move {
            let lines = store.labels(after, limit).await?;
            Ok(lines.into_iter().map(|it| (it.seq, line(LabelLine::from(it)))).collect())
        }
    };
    Ok(export(asked, read))
}

async fn log(State(ctx): State<Ctx>, parts: Parts) -> Result<Response, ApiError> {
    auth::reader(&ctx, &parts, Scope::Admin).await?;
    let asked: Asked = asked(&parts)?;
    let read = move |after, limit| {
        let store = ctx.store.clone();
        async move {
            let lines = store.after(after, limit).await?;
            Ok(lines.into_iter().map(|it| (it.seq, line(LogLine::from(it)))).collect())
        }
    };
    Ok(export(asked, read))
}

fn line(value: impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(&value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Reads page after page while the caller takes them; a page that cannot be read breaks the
/// answer off, so that nobody takes a part for the whole.
fn export<F, R>(asked: Asked, mut read: F) -> Response
where
    F: FnMut(Seq, usize) -> R + Send + 'static,
    R: Future<Output = Result<Vec<(Seq, Vec<u8>)>, StoreError>> + Send,
{
    let (out, pages) = mpsc::channel::<Result<Bytes, StoreError>>(4);
    tokio::spawn(async move {
        let (mut at, mut left) = (Seq(asked.after), asked.limit.unwrap_or(usize::MAX));
        while left > 0 {
            let page = match read(at, left.min(PAGE)).await {
                Ok(page) => page,
                Err(cause) => return drop(out.send(Err(cause)).await),
            };
            let Some((last, _)) = page.last() else { return };
            (at, left) = (*last, left - page.len());
            let bytes: Vec<u8> = page.into_iter().flat_map(|(_, line)| line).collect();
            if out.send(Ok(bytes.into())).await.is_err() {
                return;
            }
        }
    });
    let body = Body::from_stream(ReceiverStream::new(pages));
    ([(header::CONTENT_TYPE, LINES)], body).into_response()
}
