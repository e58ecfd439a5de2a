//! Who is official, as the server keeps it: the signed log, its snapshot, and whoever follows.
//!
//! The way through: [`publish()`] adds statements to the log and puts them in force; [`serve`]
//! lets anybody read log, snapshot and proofs; [`changes`], [`page`] and [`webhooks`] tell what
//! is new; [`witnesses`] asks others to cosign.
//!
//! Always true here:
//! - What is served was recomputed from the leaves and compared with a signed checkpoint first.
//!   What does not fit is refused whole, and the last good state stays in use.
//! - Nobody waits for a witness or for the receiver of a webhook.

mod export;
mod ledger;
mod proofs;
mod publish;
mod settings;
mod told;
mod witnesses;

pub(crate) mod changes;
mod page;
pub(crate) mod serve;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use touchstone_connectors::{Caller, Settings};
use touchstone_types::Lapse;

pub use export::{ExportError, Exported, export, read};
pub use ledger::{File, Ledger, Listed, MAX_AT_ONCE, PublishError, Published, RegistryHandle};
pub use publish::{alert_brand, publish};
pub use settings::{
    Keys, LogConfig, PASSPHRASE, SettingsError, Witness, WitnessConfig, open_key, passphrase,
};
pub use told::Alert;

use crate::ctx::Ctx;

/// The pages for everybody and for staff.
pub(crate) fn pages() -> Router<Ctx> {
    Router::new()
        .route("/registry", get(page::list))
        .route("/registry/{id}", get(page::one))
        .route("/console/webhooks", get(webhooks::open).post(webhooks::subscribe))
        .route("/console/webhooks/{id}/end", post(webhooks::end))
        .route("/console/deliveries/{id}/retry", post(webhooks::retry))
}

/// What is read by programs, from anywhere.
pub(crate) fn feeds() -> Router<Ctx> {
    Router::new().route("/registry/feed.atom", serve::for_all(get(page::atom)))
}

/// Tells who follows anything, and follows the log from now on, if one is kept here.
pub(crate) fn follow(ctx: &Ctx) {
    let allow_private = ctx.config.log.as_ref().is_some_and(|it| it.webhooks_to_private);
    match Caller::new(Settings { allow_private, ..Settings::default() }) {
        Ok(caller) => drop(tokio::spawn(webhooks::send(ctx.clone(), caller))),
        Err(cause) => tracing::error!(%cause, "webhooks cannot be sent"),
    }
    let Some(ledger) = ctx.registry.ledger() else { return };
    let hours = ctx.config.log.as_ref().map_or(12, |it| it.fresh_hours.max(1));
    let fresh = Lapse::from_secs(u64::from(hours) * 3600);
    tokio::spawn(publish::keep_up(ctx.clone(), Arc::clone(ledger), fresh));
}
