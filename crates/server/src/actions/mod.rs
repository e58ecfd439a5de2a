//! Actions on accounts: who asks for one, how it is delivered, what came of it.
//!
//! The way through: [`ask`] asks `touchstone_actions` for leave, [`second`] has another person agree
//! where that is needed, [`record`] keeps the action with the case's own change; [`sender`] looks at
//! what is due, calls the operator's systems by signed webhook, and keeps what [`becomes`] of it;
//! [`api`] is where those say by themselves what they did; [`page`] is for the staff.
//!
//! Always true here:
//! - Nothing is delivered that nobody had leave for: only an `Authorised` deed becomes an action.
//! - An action is on disk, in the transaction that tells of it, before anybody calls.
//! - That a call begins is on disk before it is made: a process that dies during it leaves a
//!   question behind, never a second request.
//! - A trial takes the same way and reaches nobody.

pub(crate) mod api;
mod ask;
mod becomes;
mod error;
mod page;
mod record;
mod second;
mod sender;
mod shown;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Notify;
use touchstone_actions::{Authority, BadAuthority};
use touchstone_connectors::{BadSecret, Caller, Settings, SettingsError, Webhook, read_secret};

pub use ask::{Given, VictimWish, Wish, by_staff, by_victim};
pub use becomes::{of_case, undo_by_key};
pub use error::ActionError;
pub(crate) use page::pages;
pub use second::{approve, waiting};
pub use shown::{ActionView, ApprovalView};

use crate::ctx::Ctx;

/// The longest that a call may take, in seconds: shorter than what counts as lost.
const LONGEST_CALL: u64 = 15;

/// What an operator may set about actions.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActionsConfig {
    /// Where the operator's systems take requests; without it none are made.
    pub url: Option<String>,
    /// The file with the secret that signs them, `whsec_…`.
    pub secret_file: Option<PathBuf>,
    /// Who may do what; without it as built in.
    pub authority: Option<PathBuf>,
    /// Whether all actions are trials: kept and shown, never delivered.
    pub simulate: bool,
    /// How long one call may take, in seconds.
    pub call_seconds: u64,
}

impl Default for ActionsConfig {
    fn default() -> Self {
        Self { url: None, secret_file: None, authority: None, simulate: false, call_seconds: 5 }
    }
}

/// Why actions cannot be taken as it is set.
#[derive(Debug, thiserror::Error)]
pub enum ActionsError {
    /// A file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// Who may do what is not written as it should be.
    #[error("{path}: {cause}")]
    Authority {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and where.
        cause: BadAuthority,
    },
    /// There is an address and no secret.
    #[error("[actions] has a `url` and no `secret_file`: nobody could tell our requests from others'")]
    NoSecret,
    /// What is in the file is no secret.
    #[error("{path}: {cause}")]
    Secret {
        /// Which file.
        path: PathBuf,
        /// What is expected.
        cause: BadSecret,
    },
    /// Nobody can be called.
    #[error(transparent)]
    Caller(#[from] SettingsError),
}

/// Whether actions reach anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// None can be asked for: the operator set no address.
    Off,
    /// All are trials.
    Trial,
    /// They are delivered.
    Real,
}

/// What actions need to know between requests.
pub struct Actions {
    /// Who may do what.
    pub authority: Authority,
    mode: Mode,
    to: Option<(Caller, Webhook)>,
    wake: Notify,
}

impl Actions {
    /// Reads who may do what, and how the operator's systems are reached.
    ///
    /// # Errors
    /// [`ActionsError`]: then the server must not start.
    pub fn open(config: &ActionsConfig) -> Result<Self, ActionsError> {
        let authority = match &config.authority {
            None => (PathBuf::from("policies/authority.toml"), Authority::built_in()),
            Some(path) => (path.clone(), Authority::load(&read(path)?)),
        };
        let (path, authority) = authority;
        let authority = authority.map_err(|cause| ActionsError::Authority { path, cause })?;
        let to = match (&config.url, &config.secret_file) {
            (None, _) => None,
            (Some(_), None) => return Err(ActionsError::NoSecret),
            (Some(url), Some(path)) => {
                let secret = read_secret(&read(path)?)
                    .map_err(|cause| ActionsError::Secret { path: path.clone(), cause })?;
                let timeout = Duration::from_secs(config.call_seconds.clamp(1, LONGEST_CALL));
                // The operator's own address, so it may be in the operator's own network.
                let settings = Settings { allow_private: true, timeout, ..Settings::default() };
                Some((Caller::new(settings)?, Webhook { url: url.clone(), secret }))
            }
        };
        let mode = match (config.simulate, &to) {
            (true, _) => Mode::Trial,
            (false, Some(_)) => Mode::Real,
            (false, None) => Mode::Off,
        };
        Ok(Self { authority, mode, to, wake: Notify::new() })
    }

    /// Whether actions reach anybody.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }
}

fn read(path: &Path) -> Result<String, ActionsError> {
    std::fs::read_to_string(path).map_err(|cause| ActionsError::Read { path: path.to_owned(), cause })
}

/// Lets actions be delivered until the server stops.
pub(crate) fn follow(ctx: &Ctx) {
    tokio::spawn(sender::run(ctx.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_wrong_is_said_before_the_first_action() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let url = Some("http://127.0.0.1:9/".to_owned());
        let open = |config: ActionsConfig| Actions::open(&config);
        assert_eq!(open(ActionsConfig::default()).unwrap().mode(), Mode::Off);
        let trial = ActionsConfig { simulate: true, ..ActionsConfig::default() };
        assert_eq!(open(trial).unwrap().mode(), Mode::Trial);
        let good = path("good", &touchstone_connectors::write_secret(&[7; 32]));
        let set = |secret: Option<PathBuf>| ActionsConfig {
            url: url.clone(),
            secret_file: secret,
            ..ActionsConfig::default()
        };
        assert_eq!(open(set(Some(good))).unwrap().mode(), Mode::Real);
        let bad = |config| open(config).err().unwrap().to_string();
        assert!(bad(set(None)).contains("no `secret_file`"));
        assert!(bad(set(Some(path("bad", "hunter2")))).contains("whsec_"));
        assert!(bad(set(Some(folder.path().join("none")))).contains("cannot read"));
        let text = "version = 1\nsecond_within = \"30m\"\n[powers.move_funds]\nlead = {}\n";
        let authority = Some(path("authority.toml", text));
        let said = bad(ActionsConfig { authority, ..ActionsConfig::default() });
        assert!(said.contains("authority.toml") && said.contains("`move_funds` is no power"), "{said}");
    }
}
