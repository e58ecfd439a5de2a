//! Live conversations: who talks to whom, proven to the user; and what staff tells everybody.
//!
//! The way through: the operator's own app begins one ([`api`]), the user's page shows the
//! phrase ([`page`]), an agent takes it and signs ([`desk`]), the user's page verifies in the
//! browser; every step is one function of [`flow`]. Announcements are written and agreed to in
//! [`announce`] and read by everybody in [`bulletin`].
//!
//! Always true here:
//! - Only the operator's app begins a conversation, with a nonce that it chose for its user.
//! - The key with which an agent signs never leaves the agent's browser.
//! - Nothing is stored that does not verify here as it will on the user's side.
//! - A user is asked for nothing; what they paste is hashed in their browser and not sent.

mod announce;
pub(crate) mod api;
pub(crate) mod bulletin;
mod desk;
mod flow;
mod page;
mod shown;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::sync::watch;
use touchstone_registry::session::{Bytes32, Signed};
use touchstone_signed_log::SigningKey;

use crate::console::web;
use crate::ctx::Ctx;
use crate::limits::{Rate, RateLimiter};

/// How often an open page is looked after without a change: for what other replicas did.
const LOOK: Duration = Duration::from_secs(2);
/// The largest form, in bytes: an announcement in two languages.
const FORM_BYTES: usize = 64 * 1024;

/// What an operator may set about live conversations. The key is `[log] sessions_key`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionsConfig {
    /// How many minutes a conversation lasts at most, waiting included: 1 to 118.
    pub minutes: u32,
}

impl Default for SessionsConfig {
    fn default() -> Self {
        Self { minutes: 60 }
    }
}

/// What conversations need to know between requests.
pub struct Talk {
    key: Option<SigningKey>,
    changes: watch::Sender<u64>,
    visitors: RateLimiter<[u8; 32]>,
}

/// How often one user's page or app may ask.
const VISITS: Rate = Rate { per_second: 5.0, burst: 60.0 };

impl Talk {
    /// With the key that the log names for sessions; without one nothing can be proven, and the
    /// doors say so.
    #[must_use]
    pub fn new(key: Option<SigningKey>) -> Self {
        Self { key, changes: watch::Sender::new(0), visitors: RateLimiter::new(VISITS) }
    }

    /// Something changed: whoever watches looks again.
    fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Signs one of the texts of `registry::session`.
    fn sign(key: &SigningKey, text: String) -> Signed {
        let signature = key.sign_bytes(text.as_bytes());
        Signed::new(text, &signature)
    }

    fn public(key: &SigningKey) -> Bytes32 {
        Bytes32(*key.verifier().public())
    }
}

/// All pages of this part.
pub(crate) fn router() -> Router<Ctx> {
    Router::new()
        .route("/session", get(page::page))
        .route("/announcements", get(bulletin::page))
        .route("/announcements/feed.atom", get(bulletin::feed))
        .route("/console/sessions", get(desk::list))
        .route("/console/sessions/stream", get(desk::stream))
        .route("/console/sessions/agents", post(desk::bind))
        .route("/console/sessions/{id}", get(desk::one))
        .route("/console/sessions/{id}/take", post(desk::take))
        .route("/console/sessions/{id}/sign", post(desk::sign))
        .route("/console/sessions/{id}/end", post(desk::end))
        .route("/console/announcements", get(announce::list).post(announce::draft))
        .route("/console/announcements/{id}", get(announce::one))
        .route("/console/announcements/{id}/approve", post(announce::approve))
        .route("/console/announcements/{id}/publish", post(announce::publish))
        .route("/console/announcements/{id}/withdraw", post(announce::withdraw))
        .route("/console/announcements/{id}/drop", post(announce::discard))
        .layer(from_fn(web::around))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
}
