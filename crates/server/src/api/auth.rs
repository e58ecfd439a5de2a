//! Who asks: API keys in `Authorization: Bearer …`.
//!
//! Always true here:
//! - A key is compared by the hash of its secret part, in constant time; the secret is kept
//!   nowhere.
//! - What was looked up is believed for [`BELIEVED`]: so long a revoked key may still open.
//! - Whoever tries wrong keys is slowed down by address, whoever has one by key.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use touchstone_accounts::{ApiKeyText, Scope, opens};
use touchstone_store::{ApiKey, StoreError};
use touchstone_types::{Lapse, Moment};

use super::error::ApiError;
use crate::config::Limits;
use crate::ctx::Ctx;
use crate::limits::{Rate, RateLimiter};

/// How long a key that was looked up is believed.
const BELIEVED: Lapse = Lapse::from_secs(5);

/// How often the last use of a key is written down.
const NOTED: Lapse = Lapse::from_secs(60);

/// The most keys that are remembered.
const MAX_KEYS: usize = 10_000;

/// What is known of callers.
pub struct Callers {
    /// Events, by key.
    pub events: RateLimiter<String>,
    /// Requests that read, by key.
    pub reads: RateLimiter<String>,
    /// What anybody may read without a key, by address.
    pub visitors: RateLimiter<IpAddr>,
    /// Wrong keys, by address.
    pub wrong_keys: RateLimiter<IpAddr>,
    known: Mutex<HashMap<String, Known>>,
}

struct Known {
    key: Arc<ApiKey>,
    until: Moment,
    noted: Moment,
}

impl Callers {
    /// Nobody has called yet.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let rate =
            |per_second: f64, burst: f64| Rate { per_second: per_second.max(0.001), burst: burst.max(1.0) };
        let (events, reads) = (f64::from(limits.events_per_second), f64::from(limits.reads_per_second));
        let wrong = f64::from(limits.wrong_keys_per_minute);
        Self {
            events: RateLimiter::new(rate(events, f64::from(limits.events_burst))),
            reads: RateLimiter::new(rate(reads, 4.0 * reads)),
            visitors: RateLimiter::new(rate(reads, 4.0 * reads)),
            wrong_keys: RateLimiter::new(rate(wrong / 60.0, wrong)),
            known: Mutex::default(),
        }
    }

    fn recall(&self, id: &str, now: Moment) -> Option<Arc<ApiKey>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(id).filter(|it| now < it.until).map(|it| Arc::clone(&it.key))
    }

    /// Remembers the key; says whether its use is to be written down.
    fn remember(&self, key: &Arc<ApiKey>, now: Moment) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KEYS {
            known.retain(|_, it| now < it.until);
        }
        let noted = known.get(&key.id).map(|it| it.noted);
        let due = noted.is_none_or(|noted| now.since(noted) >= NOTED);
        let noted = if due { now } else { noted.unwrap_or(now) };
        known.insert(key.id.clone(), Known { key: Arc::clone(key), until: now + BELIEVED, noted });
        due
    }
}

/// The key of the request, if it opens what needs `scope`.
///
/// # Errors
/// [`ApiError::NoKey`] and [`ApiError::MissingScope`], and [`ApiError::TooMany`] for an
/// address that keeps trying.
pub(crate) async fn key(
    ctx: &Ctx,
    headers: &HeaderMap,
    from: Option<&ConnectInfo<SocketAddr>>,
    scope: Scope,
) -> Result<Arc<ApiKey>, ApiError> {
    let now = ctx.clock.now();
    let key = match bearer(headers) {
        Some(text) => find(ctx, text, now).await?,
        None => None,
    };
    let Some(key) = key else {
        let address = from.map_or(IpAddr::from([0, 0, 0, 0]), |it| it.0.ip());
        let taken = ctx.callers.wrong_keys.take(address, 1, now);
        return Err(taken.err().map_or(ApiError::NoKey, |wait| ApiError::TooMany { wait: wait.0 }));
    };
    if !opens(&key.scopes, scope) {
        return Err(ApiError::MissingScope(scope.name()));
    }
    Ok(key)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, text) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| text.trim())
}

/// The same for a request that reads, which has a rate of its own.
pub(crate) async fn reader(ctx: &Ctx, parts: &Parts, scope: Scope) -> Result<Arc<ApiKey>, ApiError> {
    let key = key(ctx, &parts.headers, parts.extensions.get(), scope).await?;
    let taken = ctx.callers.reads.take(key.id.clone(), 1, ctx.clock.now());
    taken.map_err(|wait| ApiError::TooMany { wait: wait.0 })?;
    Ok(key)
}

/// Looks the key up, unless that was done a moment ago.
async fn find(ctx: &Ctx, text: &str, now: Moment) -> Result<Option<Arc<ApiKey>>, ApiError> {
    let Ok(text) = ApiKeyText::parse(text) else { return Ok(None) };
    let id = text.id();
    if let Some(key) = ctx.callers.recall(&id, now) {
        return Ok(text.is(&key.secret_hash).then_some(key));
    }
    let key = match ctx.store.api_key(&id).await {
        Ok(key) if text.is(&key.secret_hash) => key,
        Ok(_) | Err(StoreError::NotFound) => return Ok(None),
        Err(cause) => return Err(ApiError::store(cause)),
    };
    let key = Arc::new(key);
    if ctx.callers.remember(&key, now) {
        // Nobody waits for the note, and nothing fails without it.
        let (store, id) = (ctx.store.clone(), key.id.clone());
        tokio::spawn(async move { store.touch_api_key(&id, now).await });
    }
    Ok(Some(key))
}
