//! What an operator may set about vetting.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Notify;
use touchstone_connectors::{Caller, MailSettings, Settings, Webhook};
use touchstone_registry::vetting::Terms;
use touchstone_types::Lapse;

use crate::limits::{Rate, RateLimiter};

/// How things come to be listed.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VettingConfig {
    /// Hours during which anybody may object before something is listed.
    pub wait_hours: u64,
    /// Days that a proof holds.
    pub proof_days: u64,
    /// Days before its end that the holder is reminded.
    pub remind_days: u64,
    /// Applications from one address in an hour.
    pub applications_per_hour: u32,
    /// Name servers that are asked for proofs; those of the machine if there are none.
    pub resolvers: Vec<SocketAddr>,
    /// Whether proofs may be fetched from addresses in one's own network: for tests.
    pub allow_private: bool,
    /// Seconds that one look at a proof may take.
    pub call_seconds: u64,
    /// The mail server for codes and reminders; without it neither is sent.
    pub mail: Option<MailConfig>,
    /// Who speaks codes into phones; without it none are.
    pub phone: Option<PhoneConfig>,
}

/// The operator's mail server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// `smtps://HOST[:PORT]`, `smtp://HOST[:PORT]`.
    pub server: String,
    /// Who writes.
    pub from: String,
    /// Name there.
    #[serde(default)]
    pub user: Option<String>,
    /// The file with the password there.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
}

/// The operator's service that calls phones or sends text messages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneConfig {
    /// Gets signed JSON: `{"phone", "code", "language"}`.
    pub url: String,
    /// The file with the secret that signs it.
    pub secret_file: PathBuf,
}

impl Default for VettingConfig {
    fn default() -> Self {
        Self {
            wait_hours: 72,
            proof_days: 90,
            remind_days: 14,
            applications_per_hour: 10,
            resolvers: Vec::new(),
            allow_private: false,
            call_seconds: 10,
            mail: None,
            phone: None,
        }
    }
}

impl VettingConfig {
    /// How long things take.
    #[must_use]
    pub fn terms(&self) -> Terms {
        let hours = |hours: u64| Lapse::from_secs(hours.saturating_mul(3600));
        Terms {
            wait: hours(self.wait_hours),
            proof_holds: hours(self.proof_days.saturating_mul(24)),
            remind: hours(self.remind_days.saturating_mul(24)),
        }
    }
}

/// What vetting keeps in memory: whom to call, and who asked how often.
pub struct Desk {
    /// Makes calls.
    pub caller: Caller,
    /// How long things take.
    pub terms: Terms,
    pub(crate) phone: Option<Webhook>,
    pub(crate) applying: RateLimiter<IpAddr>,
    pub(crate) asking: RateLimiter<IpAddr>,
    pub(crate) checking: RateLimiter<String>,
    /// Tells the clock's task that something is due earlier than it knows.
    pub(crate) wake: Notify,
}

impl Desk {
    /// From what the operator set.
    ///
    /// # Errors
    /// When a file cannot be read, or a mail server's address is none.
    pub fn new(config: &VettingConfig) -> std::io::Result<Self> {
        let secret = |path: &PathBuf| -> std::io::Result<String> {
            Ok(std::fs::read_to_string(path)?.trim().to_owned())
        };
        let mail = match &config.mail {
            None => None,
            Some(it) => {
                let password = it.password_file.as_ref().map(&secret).transpose()?;
                let login = it.user.clone().zip(password);
                Some(MailSettings { server: it.server.clone(), from: it.from.clone(), login })
            }
        };
        let phone = match &config.phone {
            None => None,
            Some(it) => {
                let secret = secret(&it.secret_file)?.into_bytes();
                Some(Webhook { url: it.url.clone(), secret })
            }
        };
        let settings = Settings {
            resolvers: config.resolvers.clone(),
            allow_private: config.allow_private,
            timeout: Duration::from_secs(config.call_seconds.max(1)),
            mail,
        };
        let hourly = f64::from(config.applications_per_hour.max(1));
        Ok(Self {
            caller: Caller::new(settings).map_err(std::io::Error::other)?,
            terms: config.terms(),
            phone,
            applying: RateLimiter::new(Rate { per_second: hourly / 3600.0, burst: hourly }),
            asking: RateLimiter::new(Rate { per_second: 1.0, burst: 30.0 }),
            checking: RateLimiter::new(Rate { per_second: 0.1, burst: 12.0 }),
            wake: Notify::new(),
        })
    }
}
