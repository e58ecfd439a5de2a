//! `/session`: what a user sees while somebody says that they are our support.
//!
//! The page is the same for everybody: token and nonce are behind the `#` of its address, which
//! no browser sends. Everything else happens in `session.js`.

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use touchstone_registry::Fact;
use touchstone_registry::session::NotVerified;

use crate::console::shell::Shell;
use crate::console::web;

#[derive(Template)]
#[template(path = "session.html")]
struct SessionPage {
    s: Shell,
    /// Why a proof does not hold, by name.
    refusals: Vec<(&'static str, String)>,
    /// What an organisation never does, by name, as half a sentence.
    facts: Vec<(&'static str, String)>,
}

/// `GET /session`
pub(super) async fn page(headers: HeaderMap) -> Response {
    let s = Shell::public(&headers, "session", "/session");
    let refusals =
        NotVerified::ALL.iter().map(|it| (it.name(), s.lang.of(&it.sentence()).to_owned())).collect();
    let facts = Fact::ALL.iter().map(|it| (it.name(), s.lang.of(&it.sentence()).to_owned())).collect();
    web::page(StatusCode::OK, &SessionPage { refusals, facts, s })
}
