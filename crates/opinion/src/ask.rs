//! Asks the endpoint, within limits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::answer::{self, Opinion};
use crate::cache::Cache;
use crate::redact;

/// The most bytes of an answer that are read.
const MAX_ANSWER: u64 = 64 * 1024;

/// After so many failures in a row nothing is asked for [`REST`].
const FAILURES: u32 = 5;
const REST: Duration = Duration::from_secs(30);

/// Whom to ask, and how much.
#[derive(Clone)]
pub struct Settings {
    /// The base of the endpoint, such as `http://127.0.0.1:11434/v1`; `/chat/completions` is added.
    pub url: String,
    /// The model's name there.
    pub model: String,
    /// Sent as `Authorization: Bearer …` if there is one.
    pub key: Option<String>,
    /// From the question to the whole answer.
    pub timeout: Duration,
    /// Questions a minute at most; cached answers do not count.
    pub per_minute: u32,
    /// Answers that are kept.
    pub cache: usize,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { url, model, timeout, per_minute, cache, .. } = self; // Never the key.
        write!(f, "{model} at {url}, {timeout:?}, {per_minute} a minute, {cache} kept")
    }
}

/// Why nobody can be asked.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Next: give an address that begins with `https://`, or `http://` on this machine.
    #[error("{0:?} is no http or https address")]
    Url(String),
    /// This machine trusts nobody, so nobody can prove who they are. Next: install the system's
    /// root certificates (`ca-certificates` on Debian).
    #[error("no root certificates are installed on this machine")]
    Roots,
    /// A key and a text in the clear over a network. Next: use `https://`.
    #[error("{0:?} is not encrypted and not on this machine: use https")]
    InClear(String),
}

/// Why there is no opinion. None of these is more than a line in a counter: screening goes on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// As many questions were asked this minute as may be.
    #[error("asked as often as may be this minute")]
    Budget,
    /// The endpoint failed several times in a row and is left alone for a while.
    #[error("the endpoint is left alone after failures")]
    Resting,
    /// It did not answer in time.
    #[error("no answer in time")]
    Timeout,
    /// It could not be reached or said no.
    #[error("the endpoint failed: {0}")]
    Failed(String),
    /// What it said is no opinion.
    #[error("the answer makes no sense")]
    Senseless,
}

impl AskError {
    /// A word for metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            AskError::Budget => "budget",
            AskError::Resting => "resting",
            AskError::Timeout => "timeout",
            AskError::Failed(_) => "failed",
            AskError::Senseless => "senseless",
        }
    }
}

/// Asks one endpoint. Share it: the limits are of the whole process.
pub struct Asker {
    settings: Settings,
    agent: ureq::Agent,
    state: Mutex<State>,
}

struct State {
    cache: Cache,
    minute: Instant,
    asked: u32,
    failures: u32,
    rests_until: Option<Instant>,
}

impl Asker {
    /// Makes ready; asks nothing yet.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        check(&settings.url)?;
        let tls = TlsConfig::builder()
            .root_certs(roots(&settings.url)?)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(settings.timeout))
            .max_redirects(0) // The key goes where the operator said, and nowhere else.
            .tls_config(tls)
            .user_agent("touchstone")
            .build()
            .new_agent();
        let state = State {
            cache: Cache::new(settings.cache),
            minute: Instant::now(),
            asked: 0,
            failures: 0,
            rests_until: None,
        };
        Ok(Self { settings, agent, state: Mutex::new(state) })
    }

    /// The model that is asked.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.settings.model
    }

    /// How long one question may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.settings.timeout
    }

    /// What the model says of a text. Blocks until the answer or the time limit.
    ///
    /// # Errors
    /// [`AskError`]: there is no opinion, and nothing changes.
    pub fn ask(&self, text: &str) -> Result<Opinion, AskError> {
        let redacted = redact(text);
        let key: [u8; 32] = Sha256::digest(redacted.as_bytes()).into();
        if let Some(known) = self.may_ask(&key, Instant::now())? {
            return Ok(known);
        }
        let outcome = self.request(&redacted);
        self.note(key, &outcome, Instant::now());
        outcome
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner) // Only counters: never half-written.
    }

    /// What is known already; else whether there is budget for a question, which is then taken.
    fn may_ask(&self, key: &[u8; 32], now: Instant) -> Result<Option<Opinion>, AskError> {
        let mut state = self.state();
        if let Some(known) = state.cache.get(key) {
            return Ok(Some(known));
        }
        if state.rests_until.is_some_and(|until| until > now) {
            return Err(AskError::Resting);
        }
        if now.duration_since(state.minute) >= Duration::from_secs(60) {
            (state.minute, state.asked) = (now, 0);
        }
        if state.asked >= self.settings.per_minute {
            return Err(AskError::Budget);
        }
        state.asked += 1;
        Ok(None)
    }

    fn note(&self, key: [u8; 32], outcome: &Result<Opinion, AskError>, now: Instant) {
        let mut state = self.state();
        match outcome {
            Ok(opinion) => {
                state.cache.put(key, opinion.clone());
                (state.failures, state.rests_until) = (0, None);
            }
            Err(AskError::Timeout | AskError::Failed(_)) => {
                state.failures += 1;
                if state.failures >= FAILURES {
                    (state.failures, state.rests_until) = (0, Some(now + REST));
                }
            }
            Err(_) => {}
        }
    }

    fn request(&self, redacted: &str) -> Result<Opinion, AskError> {
        let Settings { url, model, key, .. } = &self.settings;
        let mut request = self
            .agent
            .post(format!("{}/chat/completions", url.trim_end_matches('/')))
            .header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut response = request.send(&answer::question(model, redacted)).map_err(|it| failed(&it))?;
        let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec();
        answer::read(&body.map_err(|it| failed(&it))?).ok_or(AskError::Senseless)
    }
}

fn failed(cause: &ureq::Error) -> AskError {
    match cause {
        ureq::Error::Timeout(_) => AskError::Timeout,
        ureq::Error::StatusCode(code) => AskError::Failed(format!("status {code}")),
        // The cause may hold the address, never the key or the text.
        other => AskError::Failed(other.to_string()),
    }
}

/// Whom this machine trusts; not asked for where nothing is encrypted.
fn roots(url: &str) -> Result<RootCerts, SettingsError> {
    if url.starts_with("http://") {
        return Ok(RootCerts::new_with_certs(&[]));
    }
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        return Err(SettingsError::Roots);
    }
    Ok(found.iter().map(|it| Certificate::from_der(it).to_owned()).into())
}

/// Encrypted, or on this machine.
fn check(url: &str) -> Result<(), SettingsError> {
    let wrong = || SettingsError::Url(url.to_owned());
    let uri: ureq::http::Uri = url.parse().map_err(|_| wrong())?;
    let host = uri.host().ok_or_else(wrong)?;
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    let is_here = host == "localhost" || address.is_ok_and(|it| it.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if is_here => Ok(()),
        Some("http") => Err(SettingsError::InClear(url.to_owned())),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_encrypted_or_on_this_machine() {
        for good in [
            "https://models.example/v1",
            "http://127.0.0.1:11434/v1",
            "http://[::1]:80",
            "http://localhost/v1",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        assert!(matches!(check("http://models.example/v1"), Err(SettingsError::InClear(_))));
        for bad in ["", "models.example", "ftp://models.example", "/v1", "file:///x"] {
            assert!(matches!(check(bad), Err(SettingsError::Url(_))), "{bad}");
        }
    }

    #[test]
    fn a_key_is_not_written_anywhere() {
        let settings = Settings {
            url: "http://127.0.0.1:1/v1".to_owned(),
            model: "m".to_owned(),
            key: Some("sk-1".to_owned()),
            timeout: Duration::from_millis(200),
            per_minute: 1,
            cache: 1,
        };
        assert!(!format!("{settings:?}").contains("sk-1"));
    }
}
