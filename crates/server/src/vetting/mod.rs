//! How something comes to be listed: applications, proofs, two officers, the public notice.
//!
//! The way through: [`apply`] are the pages of applicants and of those who object, [`officers`]
//! those of identity officers; each calls one thing in [`flow`],
//! which asks `registry::vetting` and saves. [`lifecycle`] is the clock.
//!
//! Always true here:
//! - Nothing is listed but through [`touchstone_registry::vetting`]; no page can skip a step.
//! - Officers come in with a passkey, and no officer counts twice.
//! - Public doors are limited by address, and take texts of bounded length.

mod apply;
mod backing;
mod clash;
mod flow;
mod lifecycle;
mod officers;
mod proofs;
mod settings;
mod views;

use axum::Router;
use axum::routing::{get, post};

pub use settings::{Desk, MailConfig, PhoneConfig, VettingConfig};

use crate::ctx::Ctx;

/// Lets the clock of vetting run until the server stops.
pub(crate) fn follow(ctx: &Ctx) {
    tokio::spawn(lifecycle::run(ctx.clone()));
}

/// The pages; `console::router` puts around them what is around every page.
pub(crate) fn pages() -> Router<Ctx> {
    Router::new()
        .route("/registry/apply", get(apply::form).post(apply::send))
        .route("/registry/apply/{token}", get(apply::one))
        .route("/registry/apply/{token}/prove/{method}", post(apply::prove))
        .route("/registry/apply/{token}/consent/{method}", post(apply::consent))
        .route("/registry/apply/{token}/withdraw", post(apply::withdraw))
        .route("/registry/notices", get(apply::notices))
        .route("/registry/notices/{id}", get(apply::notice).post(apply::object))
        .route("/console/registry", get(officers::queue))
        .route("/console/registry/listed", get(officers::listed))
        .route("/console/registry/alerts/{id}/see", post(officers::see))
        .route("/console/registry/{id}", get(officers::one))
        .route("/console/registry/{id}/agree", post(officers::agree))
        .route("/console/registry/{id}/refuse", post(officers::refuse))
        .route("/console/registry/{id}/attest", post(officers::attest))
        .route("/console/registry/{id}/answer/{objection}", post(officers::answer))
        .route("/console/registry/{id}/void", post(officers::void))
        .route("/console/registry/{id}/revoke", post(officers::revoke))
}
