//! All routes, and what is true of every answer: headers that keep a browser strict, a
//! bound on the body, a count, and no panic that reaches the caller.

use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use crate::api;
use crate::api::error::ApiError;
use crate::console;
use crate::ctx::Ctx;
use crate::sessions;

/// What every answer says unless its handler said something stricter or more fitting.
const HEADERS: [(HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// The whole server as one service.
pub fn router(ctx: Ctx) -> Router {
    let body_bytes = ctx.config.limits.body_bytes;
    Router::new()
        .merge(api::router())
        .merge(console::router())
        .merge(crate::registry::feeds())
        .merge(sessions::router())
        .merge(crate::cases::pages())
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(body_bytes))
        .layer(CatchPanicLayer::custom(|_| {
            ApiError::Internal(anyhow::anyhow!("a handler panicked")).into_response()
        }))
        .layer(middleware::from_fn_with_state(ctx.clone(), around))
        .with_state(ctx)
}

/// Counts the answer and sets the headers that it lacks.
async fn around(State(ctx): State<Ctx>, mut request: Request, next: Next) -> Response {
    crate::whence::see_through(&ctx.config.proxies, &mut request);
    let started = Instant::now();
    let method = name(request.method());
    let path = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    let route = path.as_ref().map_or("unmatched", MatchedPath::as_str);
    ctx.metrics.answered(route, method, response.status().as_u16(), started.elapsed());
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Only methods that there are: a caller must not be able to make up labels.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
