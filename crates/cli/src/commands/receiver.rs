//! `touchstone receiver`: a small receiver of actions, to develop against.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use touchstone_connectors::read_secret;
use touchstone_server::SystemClock;
use touchstone_server::receiver::{Receiver, Trouble, router};

use crate::out::say;

/// Take freezes, log-outs and questions as the operator's systems have to, and remember them in a file
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to listen (http only)
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The secret that signs requests, `whsec_…`: the same file as in [actions] of the server
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// Where to remember what was done; made if it is not there
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// Answer the first N requests with an error and do nothing
    #[arg(long, value_name = "N", default_value_t = 0)]
    fail: u64,
    /// Wait so many seconds before each answer
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    delay: u64,
    /// Do what is asked for and answer nothing
    #[arg(long)]
    silent: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let path = &args.secret_file;
    let secret =
        std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let secret = read_secret(&secret).with_context(|| path.display().to_string())?;
    let trouble = Trouble { fail: args.fail, delay: Duration::from_secs(args.delay), silent: args.silent };
    let tell = |line: &str| {
        let _ = say!("{line}"); // Nobody may be reading any more; the work goes on.
    };
    let receiver = Receiver::open(secret, &args.state, Arc::new(SystemClock), trouble, Box::new(tell))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(args.listen)
            .await
            .with_context(|| format!("cannot listen on {}", args.listen))?;
        say!("receiver listens on http://{}", listener.local_addr()?)?;
        axum::serve(listener, router(receiver)).await?;
        Ok(ExitCode::SUCCESS)
    })
}
