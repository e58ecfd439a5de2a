//! `touchstone serve`: takes events in, judges, keeps, shows.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use touchstone_policy::SourceFile;
use touchstone_screening::{Directory, Policy};
use touchstone_server::policies::{self, Change};
use touchstone_server::{Armed, Clock, Config, Ctx, Models, SystemClock};
use touchstone_store::{PolicyStatus, PolicyVersion, Store};
use tracing_subscriber::EnvFilter;

use super::screen::directory;
use crate::out::say;
use crate::policy_files;

/// Take events in over HTTP, judge them, keep them, show them.
///
/// What is not given here comes from the environment, then from the configuration file,
/// then from the defaults. SIGHUP reads the policy's folder again; Ctrl-C stops after what
/// is under way is done.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to keep everything: `sqlite:PATH` or `postgres://…` [default: sqlite:touchstone.db]
    #[arg(long, env = "TOUCHSTONE_DATABASE", hide_env_values = true, value_name = "URL")]
    database: Option<String>,
    /// The address to answer on [default: 127.0.0.1:8787]
    #[arg(long, env = "TOUCHSTONE_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Who is official, as JSON Lines
    #[arg(long, env = "TOUCHSTONE_REGISTRY", value_name = "FILE")]
    registry: Option<PathBuf>,
    /// Policy to judge by; without it the one that was live last, at first the one in this binary
    #[arg(long, env = "TOUCHSTONE_POLICY", value_name = "DIR")]
    policy: Option<PathBuf>,
    /// The address under which people reach the console, for links and passkeys
    #[arg(long, env = "TOUCHSTONE_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Configuration file, TOML
    #[arg(long, env = "TOUCHSTONE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// How to write the log
    #[arg(long, env = "TOUCHSTONE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// What to log, such as `info` or `touchstone_server=debug`
    #[arg(long, env = "TOUCHSTONE_LOG", default_value = "info", value_name = "FILTER")]
    log: String,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    start_log(args)?;
    let config = config(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(config))?;
    Ok(ExitCode::SUCCESS)
}

fn start_log(args: &Args) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&args.log).context("--log is no filter")?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match args.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|cause| anyhow::anyhow!("the log cannot be started: {cause}"))
}

fn config(args: &Args) -> anyhow::Result<Config> {
    let mut config = args.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
    if let Some(database) = &args.database {
        config.database.clone_from(database);
    }
    if let Some(listen) = args.listen {
        config.listen = listen;
    }
    config.registry = args.registry.clone().or(config.registry);
    config.policy = args.policy.clone().or(config.policy);
    config.public_url = args.public_url.clone().or(config.public_url);
    Ok(config)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    // Bound first: a port that is taken is no reason to touch the database.
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let store = Store::open(&config.database, clock.now()).await.context("cannot open the database")?;
    let armed = armed(&config, &store, clock.now()).await?;
    let config = Config { listen: address, ..config };
    let (folder, public_url) = (config.policy.clone(), config.public_url());
    let (policy, database) = (armed.policy.hash(), kind_of(&config.database).to_owned());
    let ctx = touchstone_server::start(config, store, armed, clock).await?;
    tracing::info!(%address, database, %policy, version = env!("CARGO_PKG_VERSION"), "touchstone listens");
    welcome(&ctx, &public_url).await?;
    tokio::spawn(wait_for_end(ctx.clone()));
    if let Some(folder) = folder {
        tokio::spawn(reload_on_hangup(ctx.clone(), folder));
    }
    let served = touchstone_server::run(ctx.clone(), listener).await;
    touchstone_server::finish(ctx).await;
    tracing::info!("stopped");
    Ok(served?)
}

/// Only what kind of database: the address may hold a password.
fn kind_of(database: &str) -> &str {
    database.split(':').next().unwrap_or_default()
}

/// What to judge by: the policy's folder if one is given, else what was live last, else what
/// the binary carries; and the candidate that watched last.
pub(super) async fn armed(
    config: &Config,
    store: &Store,
    now: touchstone_types::Moment,
) -> anyhow::Result<Armed> {
    let kept = store.live_policy().await?;
    let files = match (&config.policy, &kept) {
        (Some(folder), _) => policy_files::files_in(folder)?,
        (None, Some(kept)) => source_files(kept),
        (None, None) => policy_files::read(None)?,
    };
    let models = Models::of(config)?;
    let policy = models.arm(policy_files::compile(config.policy.as_deref(), files.clone())?);
    if kept.is_none_or(|kept| kept.hash != policy.hash()) {
        let files = files.into_iter().map(|it| (it.path, it.text)).collect();
        let note = "at start".to_owned();
        let version = PolicyVersion { hash: policy.hash(), files, note, by: "system".to_owned(), at: now };
        store.set_policy(&version, PolicyStatus::Live, "system", now).await?;
    }
    let candidate = match store.candidate_policy().await? {
        Some(kept) if kept.hash != policy.hash() => match Policy::load(source_files(&kept)) {
            Ok(candidate) => Some(Arc::new(models.arm(candidate))),
            Err(_) => {
                tracing::warn!(policy = %kept.hash, "the candidate no longer compiles and does not watch");
                None
            }
        },
        _ => None,
    };
    let directory = Arc::new(official(config, store).await?);
    Ok(Armed { policy: Arc::new(policy), directory, candidate, models })
}

/// Who is official: what the log says, if one is kept, else the file.
async fn official(config: &Config, store: &Store) -> anyhow::Result<Directory> {
    if config.log.is_none() {
        return directory(config.registry.as_deref());
    }
    if config.registry.is_some() {
        tracing::warn!(
            "the log says who is official; the file is not read (`touchstone registry import` takes it in)"
        );
    }
    let registry = touchstone_server::registry::read(store).await.context("the log cannot be read")?;
    Ok(Directory::new(registry.map(|(registry, _)| registry).unwrap_or_default()))
}

fn source_files(kept: &PolicyVersion) -> Vec<SourceFile> {
    kept.files.iter().map(|(path, text)| SourceFile { path: path.clone(), text: text.clone() }).collect()
}

/// On the first run, how to get in; always, where to look.
async fn welcome(ctx: &Ctx, public_url: &str) -> anyhow::Result<()> {
    say!("Touchstone listens on http://{}", ctx.config.listen)?;
    say!("  API to try      {public_url}/docs")?;
    if let Some(token) = touchstone_server::first_invitation(ctx).await? {
        say!("  Set up the first log-in (works once, for a day):")?;
        say!("    {public_url}/console/setup/{token}")?;
        say!("  A key for programs: touchstone key create --name NAME --scope events:write")?;
    } else {
        say!("  Console         {public_url}/console")?;
    }
    Ok(())
}

async fn wait_for_end(ctx: Ctx) {
    let asked = async {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            if let Ok(mut terminate) = signal(SignalKind::terminate()) {
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => {}
                    _ = terminate.recv() => {}
                }
                return;
            }
        }
        // An error says that nobody can ask: then the server runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    asked.await;
    tracing::info!("stopping: what is under way is finished first");
    ctx.stop.now();
}

#[cfg(unix)]
async fn reload_on_hangup(ctx: Ctx, folder: PathBuf) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
    while hangup.recv().await.is_some() {
        reload(&ctx, &folder).await;
    }
}

#[cfg(not(unix))]
async fn reload_on_hangup(_: Ctx, _: PathBuf) {}

async fn reload(ctx: &Ctx, folder: &Path) {
    let files = match policy_files::files_in(folder) {
        Ok(files) => files,
        Err(cause) => return tracing::error!(cause = format!("{cause:#}"), "the policy cannot be read"),
    };
    if let Err(policies::ChangeError::Broken(problems)) =
        policies::change(ctx, Change::Live(files), "system", "read again").await
    {
        for problem in problems {
            tracing::error!(%problem, "the policy is refused; the one before stays live");
        }
    }
}
