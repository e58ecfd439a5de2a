//! The doors for victims, and what is true of all of them: nobody is told where the reader came
//! from or goes to, nothing is kept by the browser or found by search engines.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::{freeze, live, mine, report, status};
use crate::console::web;
use crate::ctx::Ctx;

/// The most bytes of one form with all its files.
const FORM_BYTES: usize = 256 * 1024 * 1024;
/// The most bytes of a form without files.
const SMALL_BYTES: usize = 64 * 1024;
/// The most bytes of what a packet still lacks.
const PACKET_BYTES: usize = 512 * 1024;

/// The pages of those who report.
pub(crate) fn pages() -> Router<Ctx> {
    let with_files = Router::new()
        .route("/report", get(report::form).post(report::send))
        .route("/report/files", post(report::upload))
        .route("/case/{token}/message", post(mine::message))
        .layer(DefaultBodyLimit::max(FORM_BYTES));
    let small = Router::new()
        .route("/report/files/drop", post(report::drop_file))
        .route("/case/{token}", get(mine::page))
        .route("/case/{token}/live", get(live::stream))
        .route("/case/{token}/freeze", post(freeze::freeze))
        .route("/case/{token}/step", post(mine::step))
        .route("/case/{token}/done", post(mine::done))
        .route("/case/{token}/happened", post(mine::happened))
        .route("/case/{token}/escalate", post(mine::escalate))
        .route("/case/{token}/complain", post(mine::complain))
        .route("/case/{token}/share", post(mine::share))
        .route("/case/{token}/files/{n}", get(mine::file))
        .route("/status/{token}", get(status::page))
        .layer(DefaultBodyLimit::max(SMALL_BYTES));
    let packets = crate::complaints::of_victims().layer(DefaultBodyLimit::max(PACKET_BYTES));
    with_files.merge(small).merge(packets).layer(from_fn(around))
}

/// The token in the address is the victim's proof, and no cookie is: a request from another site
/// can do nothing that its sender could not do by themselves. A browser's word that it is from
/// another site is believed all the same.
async fn around(request: Request, next: Next) -> Response {
    let other = |it: &HeaderValue| !matches!(it.as_bytes(), b"same-origin" | b"none");
    let changes = request.method().as_str() == "POST";
    if changes && request.headers().get("sec-fetch-site").is_some_and(other) {
        return (StatusCode::FORBIDDEN, "This request came from another site.\n").into_response();
    }
    if !changes && let Some(response) = web::chosen_language(request.uri(), request.headers()) {
        return response;
    }
    let mut response = next.run(request).await;
    web::guard(&mut response);
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    response
}
