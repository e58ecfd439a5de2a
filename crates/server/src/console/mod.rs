//! The pages: what staff, newcomers and passers-by see of it.
//!
//! The way through: a handler gathers from the store, [`views`] hold what is shown,
//! the templates in `templates/` lay it out, [`shell`] is what all pages have around them.
//!
//! Always true here:
//! - What others wrote is shown by [`shown`] only: escaped, isolated, nothing hidden.
//! - Pages run no script but ours, from our own files, and load nothing from elsewhere.
//! - Every form of staff carries a token of its session, and a request from another site
//!   changes nothing.

#![allow(dead_code, reason = "the handlers of the staff pages come with the store")]

mod assets;
mod chart;
mod i18n;
mod icons;
mod public;
mod shell;
mod shown;
mod views;
mod web;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};

use crate::ctx::Ctx;

/// All pages.
pub(crate) fn router() -> Router<Ctx> {
    Router::new()
        .route("/", get(public::landing))
        .route("/preferences", post(public::preferences))
        .layer(from_fn(web::around))
        .route("/assets/{name}", get(assets::serve))
}
