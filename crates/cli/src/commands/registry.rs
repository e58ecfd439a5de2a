//! `touchstone registry`: the keys of the log, and lists that go into it and come out of it.

mod import;
mod keys;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use touchstone_server::registry::{Keys, Ledger, LogConfig, open_key};
use touchstone_server::{Clock, Config, SystemClock};
use touchstone_store::Store;

use crate::passphrase;

/// Make the keys of the log, bring a list into it, take one out
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Begin a log: make its sealed keys, and state them as its first entries
    Init {
        #[command(flatten)]
        place: Place,
        /// What the log is called, for ever: a name without `https://`, such as log.wallet.example
        #[arg(long)]
        origin: String,
    },
    /// Make the next key of the log, stated and signed by the one before
    Rotate {
        #[command(flatten)]
        place: Place,
        /// Where the next sealed key goes
        #[arg(long, value_name = "FILE")]
        next_key: PathBuf,
    },
    /// Show the public keys that the log names
    Keys {
        #[command(flatten)]
        place: Place,
    },
    /// Bring a list (JSON Lines) into the log; what is listed already stays as it is
    Import {
        #[command(flatten)]
        place: Place,
        /// The list, as `--registry` reads it
        file: PathBuf,
        /// How many days a listing counts for which the list gives no end
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u64).range(1..=3650))]
        days: u64,
    },
    /// Print what the log amounts to as JSON Lines
    Export {
        #[command(flatten)]
        place: Place,
    },
}

/// Where the log and its keys are.
#[derive(clap::Args)]
pub(crate) struct Place {
    /// Configuration file, TOML: `database` and `[log]` are taken from it
    #[arg(long, env = "TOUCHSTONE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where everything is kept: `sqlite:PATH` or `postgres://…`
    #[arg(long, env = "TOUCHSTONE_DATABASE", hide_env_values = true, value_name = "URL")]
    database: Option<String>,
    /// The sealed key of the log
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The sealed key for live conversations
    #[arg(long, value_name = "FILE")]
    sessions_key: Option<PathBuf>,
    /// A file whose first line is the passphrase; else TOUCHSTONE_LOG_PASSPHRASE, else it is asked
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Place {
    /// What the file says, with what was given here instead.
    fn config(&self) -> anyhow::Result<Config> {
        let mut config = self.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
        if let Some(database) = &self.database {
            config.database.clone_from(database);
        }
        let mut log = config.log.take();
        if let Some(key) = &self.key {
            let given = LogConfig::of(key.clone());
            log = Some(LogConfig { key: key.clone(), ..log.unwrap_or(given) });
        }
        if let Some(log) = &mut log {
            log.sessions_key = self.sessions_key.clone().or(log.sessions_key.take());
            log.passphrase_file = self.passphrase_file.clone().or(log.passphrase_file.take());
        }
        config.log = log;
        Ok(config)
    }

    pub(crate) async fn store(&self) -> anyhow::Result<(Store, Config)> {
        let config = self.config()?;
        let store =
            Store::open(&config.database, SystemClock.now()).await.context("cannot open the database")?;
        Ok((store, config))
    }
}

fn log(config: &Config) -> anyhow::Result<LogConfig> {
    config.log.clone().context("which log? Give --key, or --config with a section [log]")
}

/// The log with its keys open.
fn ledger(store: &Store, log: &LogConfig) -> anyhow::Result<Ledger> {
    let passphrase = passphrase::known(log.passphrase_file.as_deref())?;
    let mut signing = vec![open_key(&log.key, &passphrase)?];
    for path in &log.previous_keys {
        signing.push(open_key(path, &passphrase)?);
    }
    let Some(keys) = Keys::new(signing, Vec::new(), 0) else { bail!("there is no key") };
    Ok(Ledger::new(store.clone(), keys))
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(act(&args.what))
}

async fn act(what: &What) -> anyhow::Result<ExitCode> {
    match what {
        What::Init { place, origin } => keys::init(place, origin).await,
        What::Rotate { place, next_key } => keys::rotate(place, next_key).await,
        What::Keys { place } => keys::show(place).await,
        What::Import { place, file, days } => import::import(place, file, *days).await,
        What::Export { place } => import::export(place).await,
    }
}
