//! What an operator may set: in a TOML file, in the environment, on the command line.
//!
//! The command line wins over the environment, the environment over the file, the file
//! over what stands here. An unknown key is an error: a typing mistake in a limit must not
//! pass for the limit.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::actions::ActionsConfig;
use crate::cases::CasesConfig;
use crate::doubt::SecondOpinion;
use crate::registry::LogConfig;
use crate::sessions::SessionsConfig;
use crate::vetting::VettingConfig;
use crate::whence::Network;

/// Everything `touchstone serve` can be told.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where to keep events, verdicts, staff and keys: `sqlite:PATH` or `postgres://…`.
    pub database: String,
    /// On which address to answer.
    pub listen: SocketAddr,
    /// The file of official identities, JSON Lines.
    pub registry: Option<PathBuf>,
    /// The folder of the policy; the built-in one if absent.
    pub policy: Option<PathBuf>,
    /// A language model instead of the one in the program, made by `touchstone train`.
    pub model: Option<PathBuf>,
    /// A language model that only watches.
    pub shadow_model: Option<PathBuf>,
    /// The address under which people reach the console, for links and passkeys.
    pub public_url: Option<String>,
    /// Proxies before us: what they say of a caller's address (`X-Forwarded-For`) is believed.
    pub proxies: Vec<Network>,
    /// What one caller may ask of us.
    pub limits: Limits,
    /// How events are taken in.
    pub ingest: IngestConfig,
    /// A language model that is asked about texts in doubt; without it nobody is asked.
    pub second_opinion: Option<SecondOpinion>,
    /// The signed log of who is official; without it `registry` says so, and nothing is proved.
    pub log: Option<LogConfig>,
    /// Live conversations.
    pub sessions: SessionsConfig,
    /// Cases.
    pub cases: CasesConfig,
    /// Actions on accounts.
    pub actions: ActionsConfig,
    /// How things come to be listed.
    pub vetting: VettingConfig,
    /// Whether `/metrics` asks for a key with the scope `metrics:read`.
    pub metrics_need_key: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: "sqlite:touchstone.db".to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8787)),
            registry: None,
            policy: None,
            model: None,
            shadow_model: None,
            public_url: None,
            proxies: Vec::new(),
            limits: Limits::default(),
            ingest: IngestConfig::default(),
            second_opinion: None,
            log: None,
            sessions: SessionsConfig::default(),
            cases: CasesConfig::default(),
            actions: ActionsConfig::default(),
            vetting: VettingConfig::default(),
            metrics_need_key: false,
        }
    }
}

/// What one caller may ask of us. More is answered with 413 or 429.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The largest request body, in bytes.
    pub body_bytes: usize,
    /// How many events one request may carry.
    pub events_per_request: usize,
    /// How many events a key may post each second, on average.
    pub events_per_second: u32,
    /// How many events a key may post at once after a pause.
    pub events_burst: u32,
    /// How many requests that read a key may make each second, on average.
    pub reads_per_second: u32,
    /// How many wrong keys one address may try each minute.
    pub wrong_keys_per_minute: u32,
    /// How many seconds a caller may take to send a request body.
    pub body_seconds: u64,
    /// How many live streams may be open at once.
    pub streams: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 16 * 1024 * 1024,
            events_per_request: 10_000,
            events_per_second: 100_000,
            events_burst: 200_000,
            reads_per_second: 50,
            wrong_keys_per_minute: 30,
            body_seconds: 30,
            streams: 200,
        }
    }
}

/// How events are taken in.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IngestConfig {
    /// How many requests may wait; the next one is answered with 503.
    pub queue_requests: usize,
    /// How many bytes of events may wait; the next request is answered with 503.
    pub queue_bytes: usize,
    /// How many events are stored with one commit at most.
    pub batch_events: usize,
    /// After how many events the memory is written down.
    pub snapshot_events: u64,
    /// After how many seconds the memory is written down, if anything came in.
    pub snapshot_seconds: u64,
    /// How often to look for events that other processes stored, in milliseconds.
    pub follow_millis: u64,
}

impl Default for IngestConfig {
    fn default() -> Self {
        Self {
            queue_requests: 1024,
            queue_bytes: 64 * 1024 * 1024,
            batch_events: 4096,
            snapshot_events: 100_000,
            snapshot_seconds: 300,
            follow_millis: 500,
        }
    }
}

impl IngestConfig {
    /// How often to look for events that other processes stored.
    #[must_use]
    pub fn follow(&self) -> Duration {
        Duration::from_millis(self.follow_millis.max(10))
    }
}

/// Why a configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// It is not TOML, or has a key or value that is not known. The message has line and column.
    #[error("{path}: {cause}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and where.
        cause: Box<toml::de::Error>,
    },
}

impl Config {
    /// Reads a TOML file.
    ///
    /// # Errors
    /// [`ConfigError`] if it cannot be read or says something unknown.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| ConfigError::Read { path: path.to_owned(), cause })?;
        toml::from_str(&text)
            .map_err(|cause| ConfigError::Syntax { path: path.to_owned(), cause: Box::new(cause) })
    }

    /// The address under which people reach the console.
    #[must_use]
    pub fn public_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            // Browsers give passkeys to `localhost` without https, and to no bare address.
            None if self.listen.ip().is_loopback() => format!("http://localhost:{}", self.listen.port()),
            None => format!("http://{}", self.listen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_file_says_what_holds_without_it() {
        let text = include_str!("../../../docs/touchstone.toml");
        let read: Config = toml::from_str(text).unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", Config::default()));
        // With the examples switched on it is still a configuration.
        let (head, tail) = text.split_once("# [second_opinion]").unwrap();
        let on = format!("{head}[second_opinion]{}", tail.replace("\n# ", "\n"));
        let read: Config = toml::from_str(&on).unwrap();
        let wanted =
            "url = \"http://127.0.0.1:11434/v1\"\nmodel = \"a-small-model\"\nkey_file = \"model.key\"";
        assert_eq!(read.second_opinion, Some(toml::from_str(wanted).unwrap()));
    }

    #[test]
    fn the_documented_log_is_one() {
        let text = include_str!("../../../docs/touchstone.toml");
        let (_, tail) = text.split_once("# [log]").unwrap();
        let section = tail.lines().skip(1).take_while(|it| it.starts_with('#'));
        let on = section.map(|it| it.trim_start_matches("# ").trim_start_matches('#')).collect::<Vec<_>>();
        let read: Config = toml::from_str(&format!("[log]\n{}", on.join("\n"))).unwrap();
        let log = read.log.unwrap();
        assert_eq!(
            (log.quorum, log.witnesses.len(), log.fresh_hours),
            (1, 1, LogConfig::of("x".into()).fresh_hours)
        );
    }

    #[test]
    fn a_misspelt_limit_is_an_error_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("touchstone.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:1\"\n[limits]\nbody_byte = 3\n").unwrap();
        let message = Config::read(&path).unwrap_err().to_string();
        assert!(message.contains("line 3") && message.contains("body_byte"), "{message}");
    }

    #[test]
    fn a_file_changes_only_what_it_names() {
        let config: Config = toml::from_str("[limits]\nstreams = 3\n").unwrap();
        assert_eq!(config.limits.streams, 3);
        assert_eq!(config.limits.body_bytes, Limits::default().body_bytes);
        assert_eq!(config.public_url(), "http://localhost:8787");
    }
}
