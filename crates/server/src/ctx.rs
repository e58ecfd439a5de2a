use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::{Mutex, Semaphore, watch};
use touchstone_store::Store;

use crate::actions::Actions;
use crate::api::Callers;
use crate::armed::Live;
use crate::cases::Cases;
use crate::clock::Clock;
use crate::config::Config;
use crate::console::Ceremonies;
use crate::doubt::Doubt;
use crate::hub::Hub;
use crate::ingest::Ingest;
use crate::limits::RateLimiter;
use crate::metrics::Metrics;
use crate::registry::RegistryHandle;
use crate::sessions::Talk;
use crate::transparency::Published;
use crate::vetting::Desk;

/// Everything a handler may need. Cloning it is cheap and shares all of it.
#[derive(Clone)]
pub struct Ctx(Arc<Shared>);

/// What all handlers share.
pub struct Shared {
    /// What the operator set.
    pub config: Config,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What is counted.
    pub metrics: Metrics,
    /// How far the event log reaches.
    pub hub: Hub,
    /// Where everything is kept.
    pub store: Store,
    /// The door to the queue of events.
    pub ingest: Ingest,
    /// Whom to ask about texts in doubt.
    pub doubt: Option<Doubt>,
    /// Who is official now, and how that is proved.
    pub registry: RegistryHandle,
    /// How things come to be listed: whom to call, who asked how often.
    pub desk: Desk,
    /// What events are judged by now; [`crate::policies::change`] changes it.
    pub live: Live,
    /// Held while the policy changes.
    pub changing: Mutex<()>,
    /// What is known of callers with API keys.
    pub callers: Callers,
    /// Who has asked how much at the public check.
    pub checks: RateLimiter<IpAddr>,
    /// As many live streams may still be opened.
    pub streams: Arc<Semaphore>,
    /// What the pages keep in memory between two requests of one person.
    pub(crate) console: Ceremonies,
    /// Live conversations: the key that proves them, and who watches.
    pub talk: Talk,
    /// Cases: what seals them, what they are led by, who watches.
    pub cases: Cases,
    /// Actions: who may do what, and how the operator's systems are reached.
    pub actions: Actions,
    /// What was last published of all cases.
    pub published: Published,
    /// Whether events can be taken in.
    pub health: Health,
    /// Whether the server is about to stop.
    pub stop: Stop,
}

impl Deref for Ctx {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Ctx {
    /// Puts the parts together.
    #[must_use]
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

/// Whether events can be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The memory is being built from the log.
    Replaying,
    /// Yes.
    Ready,
    /// The store did not do what it was asked; each new batch tries again.
    StoreFailed,
    /// The server is about to stop.
    Stopping,
}

/// The [`State`], seen and set from anywhere.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<AtomicU8>);

impl Health {
    /// What it is now.
    #[must_use]
    pub fn state(&self) -> State {
        match self.0.load(Ordering::Acquire) {
            0 => State::Replaying,
            1 => State::Ready,
            2 => State::StoreFailed,
            _ => State::Stopping,
        }
    }

    /// Changes it; a server that is stopping stays so.
    pub fn set(&self, state: State) {
        let next = match state {
            State::Replaying => 0,
            State::Ready => 1,
            State::StoreFailed => 2,
            State::Stopping => 3,
        };
        // An error says only that the server is stopping, which stays.
        let _ = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| (now != 3).then_some(next));
    }
}

/// Tells everything that lives long that the server is about to stop.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// Not yet.
    #[must_use]
    pub fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Now.
    pub fn now(&self) {
        self.0.send_replace(true);
    }

    /// Comes back when the server is about to stop.
    pub async fn wait(&self) {
        let mut asked = self.0.subscribe();
        // An error says that nobody can ask any more, which is a stop as well.
        let _ = asked.wait_for(|asked| *asked).await;
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_stops_never_says_ready_again() {
        let health = Health::default();
        assert_eq!(health.state(), State::Replaying);
        for state in [State::Ready, State::StoreFailed, State::Ready, State::Stopping] {
            health.set(state);
            assert_eq!(health.state(), state);
        }
        health.set(State::Ready);
        assert_eq!(health.state(), State::Stopping);
    }
}
