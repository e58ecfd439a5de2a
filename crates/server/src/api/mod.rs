//! The programmable door: JSON over HTTP under `/v1`, its description, and health.
//!
//! The way through: [`endpoints`] is the one table of what there is; the router is made
//! from it, and so is the OpenAPI document, so that neither can have what the other lacks.

pub mod error;

pub(crate) mod auth;
mod check;
mod docs;
pub(crate) mod endpoint;
mod events;
mod health;
mod labels;
mod live;
mod openapi;
mod policy;
mod registry;
mod shown;
mod verdicts;

pub use auth::Callers;
use axum::Router;
pub(crate) use events::read;
pub use openapi::document;
pub(crate) use verdicts::asked;

use crate::ctx::Ctx;
use endpoint::Endpoint;

/// Every endpoint, in the order of the documentation.
fn endpoints() -> Vec<Endpoint> {
    let mut all = Vec::new();
    all.extend(events::endpoints());
    all.extend(verdicts::endpoints());
    all.extend(labels::endpoints());
    all.extend(policy::endpoints());
    all.extend(registry::endpoints());
    all.extend(crate::sessions::api::endpoints());
    all.extend(crate::sessions::bulletin::endpoints());
    all.extend(crate::actions::api::endpoints());
    all.extend(crate::transparency::endpoints());
    all.extend(check::endpoints());
    all.extend(crate::cases::endpoints());
    all.extend(health::endpoints());
    all.extend(docs::endpoints());
    all
}

/// The routes of the API.
pub fn router() -> Router<Ctx> {
    endpoints().into_iter().fold(registry::tiles(), |router, it| router.route(it.path, it.handler))
}
