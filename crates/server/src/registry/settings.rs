//! What the operator sets for the log: keys, witnesses, how fresh the snapshot is kept.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use touchstone_signed_log::{KeyKind, SealError, SealedKey, SigningKey, VerifierKey};

/// The environment variable that holds the passphrase, where no file is named.
pub const PASSPHRASE: &str = "TOUCHSTONE_LOG_PASSPHRASE";

/// The signed log. Without this section there is none, and the registry is a file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// The sealed key that signs, made by `touchstone registry init`. Its name is the origin.
    pub key: PathBuf,
    /// Keys that sign too, while followers learn the new one.
    #[serde(default)]
    pub previous_keys: Vec<PathBuf>,
    /// The sealed key that signs the short-lived keys of live conversations.
    #[serde(default)]
    pub sessions_key: Option<PathBuf>,
    /// A file whose first line is the passphrase of all of them; else the environment has it.
    #[serde(default)]
    pub passphrase_file: Option<PathBuf>,
    /// Who is asked to cosign every checkpoint.
    #[serde(default)]
    pub witnesses: Vec<WitnessConfig>,
    /// How many of them must have signed for a follower to believe it. Shown, not enforced here:
    /// a witness that is down delays nothing.
    #[serde(default)]
    pub quorum: usize,
    /// After how many hours a snapshot is made anew even if nothing changed.
    #[serde(default = "fresh_hours")]
    pub fresh_hours: u32,
    /// Whether webhooks may go to addresses in the own network, without TLS too. Staff choose the
    /// addresses: they could then reach what only this machine can.
    #[serde(default)]
    pub webhooks_to_private: bool,
}

impl LogConfig {
    /// A log with that key, and nothing else set.
    #[must_use]
    pub fn of(key: PathBuf) -> Self {
        Self {
            key,
            previous_keys: Vec::new(),
            sessions_key: None,
            passphrase_file: None,
            witnesses: Vec::new(),
            quorum: 0,
            fresh_hours: fresh_hours(),
            webhooks_to_private: false,
        }
    }
}

fn fresh_hours() -> u32 {
    12
}

/// A witness.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    /// Where `/add-checkpoint` is.
    pub url: String,
    /// Its public key.
    pub vkey: String,
}

/// Why the log cannot be kept as it is set.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A key or the passphrase file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// A key does not open.
    #[error("the key {path} does not open")]
    Key {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: SealError,
    },
    /// Nobody said the passphrase.
    #[error(
        "the passphrase of the log's keys is missing: name a file in [log] passphrase_file or set {PASSPHRASE}"
    )]
    NoPassphrase,
    /// Keys of different logs.
    #[error("the key {path} is of the log {found}, and not of {wanted}")]
    Origin {
        /// Which file.
        path: PathBuf,
        /// Its name.
        found: String,
        /// The name of the first key.
        wanted: String,
    },
    /// A witness whose key is none.
    #[error("{0:?} is no public key of a witness")]
    Witness(String),
    /// More signatures are wanted than there are witnesses.
    #[error("the quorum is {quorum}, but there are {witnesses} witnesses")]
    Quorum {
        /// As set.
        quorum: usize,
        /// As set.
        witnesses: usize,
    },
}

/// A witness that may be asked.
#[derive(Clone, Debug)]
pub struct Witness {
    /// Where `/add-checkpoint` is, without a slash at the end.
    pub url: String,
    /// Its public key.
    pub key: VerifierKey,
}

/// The keys of a log, open, and its witnesses.
pub struct Keys {
    signing: Vec<SigningKey>,
    /// Who is asked to cosign.
    pub witnesses: Vec<Witness>,
    /// How many of them a follower needs.
    pub quorum: usize,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the keys of {}", self.origin()) // Never what is secret of them.
    }
}

impl Keys {
    /// Keys that are open already, the one in use first; none is refused.
    #[must_use]
    pub fn new(signing: Vec<SigningKey>, witnesses: Vec<Witness>, quorum: usize) -> Option<Self> {
        (!signing.is_empty()).then_some(Self { signing, witnesses, quorum })
    }

    /// Opens the keys that the configuration names. Takes a second for each, on purpose.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn open(config: &LogConfig) -> Result<Self, SettingsError> {
        let passphrase = passphrase(config.passphrase_file.as_deref())?;
        let first = open_key(&config.key, &passphrase)?;
        let mut signing = vec![first];
        for path in &config.previous_keys {
            let key = open_key(path, &passphrase)?;
            let (found, wanted) = (key.verifier().name(), signing[0].verifier().name());
            if found != wanted {
                let (found, wanted) = (found.to_owned(), wanted.to_owned());
                return Err(SettingsError::Origin { path: path.clone(), found, wanted });
            }
            signing.push(key);
        }
        let witnesses = config.witnesses.iter().map(witness).collect::<Result<Vec<_>, _>>()?;
        if config.quorum > witnesses.len() {
            let (quorum, witnesses) = (config.quorum, witnesses.len());
            return Err(SettingsError::Quorum { quorum, witnesses });
        }
        Ok(Self { signing, witnesses, quorum: config.quorum })
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.signing.first().map_or("", |it| it.verifier().name())
    }

    /// The keys that sign, the one in use first.
    pub(crate) fn signing(&self) -> Vec<&SigningKey> {
        self.signing.iter().collect()
    }

    /// The public halves, the one in use first.
    #[must_use]
    pub fn public(&self) -> Vec<VerifierKey> {
        self.signing.iter().map(|it| it.verifier().clone()).collect()
    }

    /// The public keys of the witnesses.
    #[must_use]
    pub fn witness_keys(&self) -> Vec<VerifierKey> {
        self.witnesses.iter().map(|it| it.key.clone()).collect()
    }
}

fn witness(it: &WitnessConfig) -> Result<Witness, SettingsError> {
    let key: Option<VerifierKey> = it.vkey.parse().ok();
    let key = key.filter(|it| it.kind() == KeyKind::Cosignature);
    let key = key.ok_or_else(|| SettingsError::Witness(it.vkey.clone()))?;
    Ok(Witness { url: it.url.trim_end_matches('/').to_owned(), key })
}

/// The first line of the file, else the environment.
///
/// # Errors
/// [`SettingsError::Read`] and [`SettingsError::NoPassphrase`].
pub fn passphrase(file: Option<&Path>) -> Result<String, SettingsError> {
    let Some(path) = file else {
        let said = std::env::var(PASSPHRASE).ok().filter(|it| !it.is_empty());
        return said.ok_or(SettingsError::NoPassphrase);
    };
    let text = read(path)?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() { Err(SettingsError::NoPassphrase) } else { Ok(line.to_owned()) }
}

/// Opens one sealed key.
///
/// # Errors
/// [`SettingsError::Read`] and [`SettingsError::Key`].
pub fn open_key(path: &Path, passphrase: &str) -> Result<SigningKey, SettingsError> {
    let wrong = |cause| SettingsError::Key { path: path.to_owned(), cause };
    let sealed: SealedKey = read(path)?.parse().map_err(wrong)?;
    sealed.open(passphrase).map_err(wrong)
}

fn read(path: &Path) -> Result<String, SettingsError> {
    std::fs::read_to_string(path).map_err(|cause| SettingsError::Read { path: path.to_owned(), cause })
}
