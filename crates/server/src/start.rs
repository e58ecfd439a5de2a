//! From a database, a policy and a registry to a server that takes events in; and back.

use std::sync::Arc;

use tokio::sync::{Mutex, Semaphore};
use touchstone_store::Store;

use crate::api::Callers;
use crate::armed::{Armed, Live};
use crate::clock::Clock;
use crate::config::Config;
use crate::console::Ceremonies;
use crate::ctx::{Ctx, Health, Shared, Stop};
use crate::doubt::Doubt;
use crate::hub::Hub;
use crate::ingest::{Ingest, Surroundings};
use crate::metrics::Metrics;

/// Puts everything together and begins to read the memory from the log. The server can
/// answer at once; it takes events in when [`crate::State::Ready`].
///
/// # Errors
/// When no thread can be had, or what is set for second opinions is wrong.
pub fn start(config: Config, store: Store, armed: Armed, clock: Arc<dyn Clock>) -> std::io::Result<Ctx> {
    let (metrics, hub, health) = (Metrics::new(), Hub::new(), Health::default());
    let armed = Arc::new(armed);
    let doubt = config.second_opinion.as_ref().map(|it| Doubt::new(it, metrics.clone()));
    let doubt = doubt.transpose().map_err(std::io::Error::other)?;
    let around = Surroundings {
        store: store.clone(),
        clock: Arc::clone(&clock),
        metrics: metrics.clone(),
        hub: hub.clone(),
        health: health.clone(),
        config: config.ingest.clone(),
        model: doubt.as_ref().map_or_else(String::new, |it| it.model().to_owned()),
    };
    let ingest = Ingest::start(around, Arc::clone(&armed))?;
    Ok(Ctx::new(Shared {
        callers: Callers::new(&config.limits),
        console: Ceremonies::at(&config.public_url()),
        streams: Arc::new(Semaphore::new(config.limits.streams)),
        live: Live::new(armed),
        doubt,
        changing: Mutex::new(()),
        stop: Stop::new(),
        config,
        store,
        ingest,
        clock,
        metrics,
        hub,
        health,
    }))
}

/// Takes in what waits, writes the memory down and lets go of the database.
pub async fn finish(ctx: Ctx) {
    ctx.stop.now();
    ctx.ingest.finish().await;
    ctx.store.clone().close().await;
}
