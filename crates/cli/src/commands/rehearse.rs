//! `touchstone rehearse`: a written desk, played into an empty database.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use touchstone_server::rehearsal::{self, Script};
use touchstone_server::{Clock, Config, ManualClock, SystemClock};
use touchstone_store::Store;

use super::serve::armed;
use crate::out::say;

/// Play written cases into an empty database, through the service itself, on a clock that begins
/// weeks ago: for demos and for training a desk.
///
/// Prints a set-up link for a newcomer with every role, then a line a case: its name in the
/// script, its reference, the victim's link and the one that may be shared.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A folder with `desk.jsonl` (who works there) and files of cases, such as corpus/cases
    #[arg(value_name = "DIR")]
    script: PathBuf,
    /// Configuration file, TOML, as for `serve`
    #[arg(long, env = "TOUCHSTONE_CONFIG", value_name = "FILE")]
    config: PathBuf,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let script = Script::read(&files(&args.script)?)?;
    let config = Config::read(&args.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(play(config, script))?;
    Ok(ExitCode::SUCCESS)
}

fn files(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "jsonl") {
            let text = std::fs::read_to_string(&path)?;
            files.push((path.display().to_string(), text));
        }
    }
    files.sort();
    Ok(files)
}

async fn play(config: Config, script: Script) -> anyhow::Result<()> {
    let end = SystemClock.now();
    let clock = Arc::new(ManualClock::at(end - script.length()));
    let store = Store::open(&config.database, clock.now()).await.context("cannot open the database")?;
    let armed = armed(&config, &store, clock.now()).await?;
    let public_url = config.public_url();
    let time: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
    let ctx = touchstone_server::start(config, store, armed, time).await?;
    let played = rehearsal::play(&ctx, &clock, &script, end).await;
    touchstone_server::finish(ctx).await;
    let played = played?;
    say!("{public_url}/console/setup/{}", played.invitation)?;
    for it in &played.cases {
        let (link, status) =
            (format!("{public_url}/case/{}", it.link), format!("{public_url}/status/{}", it.status));
        say!("{} {} {link} {status}", it.id, it.reference)?;
    }
    Ok(())
}
