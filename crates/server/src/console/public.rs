//! Pages for everybody: what this is, and the choice of language and colours.

use axum::Form;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::i18n::Lang;
use super::shell::{Shell, Theme};
use super::views::LandingPage;
use super::web;

/// `GET /about`: what this is, and where to go.
pub(crate) async fn landing(headers: HeaderMap) -> Response {
    web::page(StatusCode::OK, &LandingPage { s: Shell::public(&headers, "about", "/about") })
}

/// What a reader chose.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Preferences {
    lang: Option<String>,
    theme: Option<String>,
    back: String,
}

/// `POST /preferences`: keeps the choice in cookies and goes back.
pub(crate) async fn preferences(headers: HeaderMap, Form(chosen): Form<Preferences>) -> Response {
    let secure = web::is_secure(&headers);
    let mut cookies = Vec::new();
    if let Some(lang) = chosen.lang.as_deref().and_then(Lang::from_tag) {
        cookies.push((header::SET_COOKIE, web::preference("lang", lang.code(), secure)));
    }
    if let Some(theme) = chosen.theme.as_deref().map(Theme::from_name) {
        cookies.push((header::SET_COOKIE, web::preference("theme", theme.name().unwrap_or("auto"), secure)));
    }
    (AppendHeaders(cookies), Redirect::to(&web::local(&chosen.back))).into_response()
}
