//! From a database, a policy and a registry to a server that takes events in; and back.

use std::sync::Arc;

use tokio::sync::{Mutex, Semaphore};
use touchstone_signed_log::SigningKey;
use touchstone_store::Store;

use crate::actions::{self, Actions};
use crate::api::Callers;
use crate::armed::{Armed, Live};
use crate::cases::{self, Cases};
use crate::clock::Clock;
use crate::config::Config;
use crate::console::Ceremonies;
use crate::ctx::{Ctx, Health, Shared, Stop};
use crate::doubt::Doubt;
use crate::hub::Hub;
use crate::ingest::{Ingest, Surroundings};
use crate::metrics::Metrics;
use crate::registry::{self, Keys, Ledger, RegistryHandle};
use crate::sessions::Talk;
use crate::transparency::Published;
use crate::vetting;

/// Puts everything together and begins to read the memory from the log. The server can
/// answer at once; it takes events in when [`crate::State::Ready`].
///
/// # Errors
/// When no thread can be had, when what is set for second opinions is wrong, when the keys of the
/// log do not open, when it is set wrong who may act, or when the key of cases is not the one that they were sealed with.
pub async fn start(
    config: Config,
    store: Store,
    armed: Armed,
    clock: Arc<dyn Clock>,
) -> std::io::Result<Ctx> {
    let (metrics, hub, health) = (Metrics::new(), Hub::new(), Health::default());
    let armed = Arc::new(armed);
    let doubt = config.second_opinion.as_ref().map(|it| Doubt::new(it, metrics.clone()));
    let doubt = doubt.transpose().map_err(std::io::Error::other)?;
    let talk = Talk::new(sessions_key(&config)?);
    let around = Surroundings {
        store: store.clone(),
        clock: Arc::clone(&clock),
        metrics: metrics.clone(),
        hub: hub.clone(),
        health: health.clone(),
        config: config.ingest.clone(),
        model: doubt.as_ref().map_or_else(String::new, |it| it.model().to_owned()),
    };
    let registry = registry(&config, &store, &armed)?;
    let cases = Cases::open(&config, &store, clock.now()).await.map_err(std::io::Error::other)?;
    let actions = Actions::open(&config.actions).map_err(std::io::Error::other)?;
    let ingest = Ingest::start(around, Arc::clone(&armed))?;
    let ctx = Ctx::new(Shared {
        registry,
        desk: vetting::Desk::new(&config.vetting)?,
        callers: Callers::new(&config.limits),
        console: Ceremonies::at(&config.public_url()),
        streams: Arc::new(Semaphore::new(config.limits.streams)),
        live: Live::new(armed),
        checks: crate::check::limiter(),
        cases,
        actions,
        published: Published::default(),
        doubt,
        talk,
        changing: Mutex::new(()),
        stop: Stop::new(),
        config,
        store,
        ingest,
        clock,
        metrics,
        hub,
        health,
    });
    registry::follow(&ctx);
    vetting::follow(&ctx);
    cases::follow(&ctx);
    actions::follow(&ctx);
    Ok(ctx)
}

/// The key that signs what proves live conversations, if there is one.
fn sessions_key(config: &Config) -> std::io::Result<Option<SigningKey>> {
    let Some((log, path)) = config.log.as_ref().and_then(|log| Some((log, log.sessions_key.as_ref()?)))
    else {
        return Ok(None);
    };
    let passphrase = registry::passphrase(log.passphrase_file.as_deref()).map_err(std::io::Error::other)?;
    registry::open_key(path, &passphrase).map(Some).map_err(std::io::Error::other)
}

/// The log, if one is kept; until it was read, what events are judged by is what is known.
fn registry(config: &Config, store: &Store, armed: &Armed) -> std::io::Result<RegistryHandle> {
    let directory = Arc::clone(&armed.directory);
    let Some(log) = &config.log else { return Ok(RegistryHandle::of(directory)) };
    let keys = Keys::open(log).map_err(std::io::Error::other)?;
    Ok(RegistryHandle::with_log(directory, Ledger::new(store.clone(), keys)))
}

/// Takes in what waits, writes the memory down and lets go of the database.
pub async fn finish(ctx: Ctx) {
    ctx.stop.now();
    ctx.ingest.finish().await;
    ctx.store.clone().close().await;
}
