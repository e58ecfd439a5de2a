//! `touchstone key`: who may use the API.

use std::process::ExitCode;

use anyhow::Context;
use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};
use touchstone_accounts::Scope;
use touchstone_server::{Clock, SystemClock, keys};
use touchstone_store::{Store, StoreError};

use crate::out::say;

/// Make, list and revoke keys for programs.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Make a key; it is printed once, on standard output, and never shown again
    Create {
        #[command(flatten)]
        database: Database,
        /// What to call it, so that it is known later
        #[arg(long)]
        name: String,
        /// What it opens; may be given several times
        #[arg(long, required = true, value_parser = scope, value_name = "SCOPE")]
        scope: Vec<Scope>,
    },
    /// Show all keys, without what is secret of them
    List {
        #[command(flatten)]
        database: Database,
    },
    /// Make a key open nothing any more; a running server heeds it within five seconds
    Revoke {
        #[command(flatten)]
        database: Database,
        /// The public part of the key, as `list` shows it
        id: String,
    },
}

#[derive(clap::Args)]
struct Database {
    /// Where everything is kept: `sqlite:PATH` or `postgres://…`
    #[arg(
        long = "database",
        env = "TOUCHSTONE_DATABASE",
        hide_env_values = true,
        default_value = "sqlite:touchstone.db",
        value_name = "URL"
    )]
    url: String,
}

fn scope(name: &str) -> Result<Scope, String> {
    let known: Vec<&str> = Scope::ALL.iter().map(|it| it.name()).collect();
    name.parse().map_err(|_| format!("the scopes are {}", known.join(", ")))
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(act(&args.what))
}

async fn act(what: &What) -> anyhow::Result<ExitCode> {
    let now = SystemClock.now();
    let (What::Create { database, .. } | What::List { database } | What::Revoke { database, .. }) = what;
    let store = Store::open(&database.url, now).await.context("cannot open the database")?;
    match what {
        What::Create { name, scope, .. } => {
            say!("{}", keys::create(&store, name, scope, "command line", now).await?)?;
        }
        What::List { .. } => say!("{}", table(&store).await?)?,
        What::Revoke { id, .. } => match store.revoke_api_key(id, "command line", now).await {
            Ok(()) => say!("{id} opens nothing any more")?,
            Err(StoreError::NotFound) => anyhow::bail!("there is no such key, or it was revoked before"),
            Err(cause) => return Err(cause.into()),
        },
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn table(store: &Store) -> anyhow::Result<Table> {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(["id", "name", "scopes", "made", "last used", "revoked"]);
    for key in store.api_keys().await? {
        let scopes: Vec<&str> = key.scopes.iter().map(|it| it.name()).collect();
        let when =
            |moment: Option<touchstone_types::Moment>| moment.map(|it| it.to_string()).unwrap_or_default();
        table.add_row([
            key.id,
            key.name,
            scopes.join(" "),
            format!("{} by {}", key.created, key.made_by),
            when(key.last_used),
            when(key.revoked),
        ]);
    }
    Ok(table)
}
