use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use schemars::JsonSchema;
use serde::Serialize;

use super::endpoint::{Content, Endpoint};
use super::error::ApiError;
use crate::ctx::{self, Ctx};

/// Whether the server can take events in.
#[derive(Debug, Serialize, JsonSchema)]
struct Readiness {
    /// Whether it can.
    ready: bool,
    /// `ready`, `replaying`, `store_failed` or `stopping`.
    state: &'static str,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let plain = |path, id, summary, description, answers, problems, handler| Endpoint {
        method: "get",
        path,
        id,
        summary,
        description,
        scope: None,
        parameters: Vec::new(),
        bodies: Vec::new(),
        answers,
        problems,
        handler,
    };
    vec![
        plain(
            "/healthz",
            "alive",
            ("进程是否在运行", "Whether the process runs"),
            "Asks nothing of the store; for restarting a process that hangs.",
            vec![Content::text("text/plain")],
            &[],
            get(async || "ok\n"),
        ),
        plain(
            "/readyz",
            "ready",
            ("是否可以接收事件", "Whether events can be taken in"),
            "Answers 503 while the memory is built from the log, when the store fails, and when stopping; \
             for sending traffic elsewhere.",
            vec![Content::of::<Readiness>("application/json")],
            &["unavailable"],
            get(ready),
        ),
        plain(
            "/metrics",
            "metrics",
            ("Prometheus 指标", "Counters for Prometheus"),
            "OpenMetrics text. No label holds anything about a person.",
            vec![Content::text("application/openmetrics-text")],
            &[],
            get(metrics),
        ),
    ]
}

async fn ready(State(ctx): State<Ctx>) -> impl IntoResponse {
    let (ready, state) = match ctx.health.state() {
        ctx::State::Ready => (true, "ready"),
        ctx::State::Replaying => (false, "replaying"),
        ctx::State::StoreFailed => (false, "store_failed"),
        ctx::State::Stopping => (false, "stopping"),
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, state }))
}

async fn metrics(State(ctx): State<Ctx>) -> Result<impl IntoResponse, ApiError> {
    let text = ctx.metrics.expose().map_err(|cause| ApiError::Internal(cause.into()))?;
    Ok(([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text))
}
