//! `touchstone witness`: a process that vouches for logs, apart from the logs themselves.

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use tokio::net::TcpListener;
use touchstone_server::SystemClock;
use touchstone_server::witness::{Witness, make_state, router};
use touchstone_signed_log::{Cosigner, Cost, KeyKind, SealedKey, VerifierKey};
use zeroize::Zeroizing;

use crate::out::say;
use crate::passphrase;

/// Cosign checkpoints of logs that continue what was signed before
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// The witness's sealed key, as `witness init` made it
    #[arg(long, required = true, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Where to listen (http only; put TLS in front of it)
    #[arg(long, required = true, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// A key of a log to watch; may be given several times
    #[arg(long, required = true, value_name = "VKEY")]
    log: Vec<VerifierKey>,
    /// What was signed before, as `witness init` made it. Never go back to an older copy of it
    #[arg(long, required = true, value_name = "FILE")]
    state: Option<PathBuf>,
    /// The passphrase of the key is in this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

#[derive(clap::Subcommand)]
enum What {
    /// Make a witness's key and its empty memory
    Init {
        /// Where the sealed key goes
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// What the witness is called: an address without `https://`, such as witness.example/w1
        #[arg(long)]
        name: String,
        /// Where it will remember what it signed
        #[arg(long, value_name = "FILE")]
        state: PathBuf,
        /// The passphrase of the key is in this file
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
}

const PASSPHRASE: &str = "TOUCHSTONE_WITNESS_PASSPHRASE";

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if let Some(What::Init { key, name, state, passphrase_file }) = &args.what {
        return init(key, name, state, passphrase_file.as_deref());
    }
    let (Some(key), Some(listen), Some(state)) = (&args.key, args.listen, &args.state) else {
        bail!("--key, --listen and --state are needed");
    };
    if let Some(other) = args.log.iter().find(|it| it.kind() != KeyKind::Note) {
        bail!("{other} is a witness's key, not a log's");
    }
    let sealed = std::fs::read_to_string(key).with_context(|| format!("{} cannot be read", key.display()))?;
    let sealed: SealedKey = sealed.parse().with_context(|| key.display().to_string())?;
    if args.log.iter().any(|it| it.public() == sealed.public().public()) {
        bail!("a log cannot be its own witness: both have the same key");
    }
    let cosigner = sealed.open_cosigner(&opened_by(args.passphrase_file.as_deref())?)?;
    let witness = Witness::open(cosigner, args.log.clone(), state, Arc::new(SystemClock))?;
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .try_init()
        .map_err(|cause| anyhow::anyhow!("the log cannot be started: {cause}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(witness, listen, sealed.public()))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(witness: Arc<Witness>, listen: SocketAddr, key: &VerifierKey) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    tracing::info!(address = %listener.local_addr()?, %key, "witness listens");
    let stop = async {
        let mut end = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
        let asked = async {
            match &mut end {
                Some(end) => end.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! { _ = tokio::signal::ctrl_c() => (), _ = asked => () }
    };
    axum::serve(listener, router(witness)).with_graceful_shutdown(stop).await?;
    Ok(())
}

fn init(key: &Path, name: &str, state: &Path, passphrase_file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let passphrase = opened_by(passphrase_file)?;
    passphrase::long_enough(&passphrase)?;
    let mut seed = Zeroizing::new([0; 32]);
    OsRng.try_fill_bytes(seed.as_mut()).context("the system gives no random bytes")?;
    let cosigner = Cosigner::from_seed(name, &seed)?;
    let (mut salt, mut nonce) = ([0; 16], [0; 12]);
    OsRng.try_fill_bytes(&mut salt).context("the system gives no random bytes")?;
    OsRng.try_fill_bytes(&mut nonce).context("the system gives no random bytes")?;
    let sealed = SealedKey::seal_cosigner(&cosigner, &passphrase, salt, nonce, Cost::STANDARD)?;
    write_new(key, &sealed.to_string())?;
    make_state(state)?;
    say!("{}", cosigner.verifier())?;
    eprintln!(
        "This is the witness's public key. Give it to those who follow the log, by another way than the log."
    );
    Ok(ExitCode::SUCCESS)
}

/// Writes a secret file that only its owner reads, and never over another.
fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let file = File::options().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.with_context(|| format!("{} cannot be made", path.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(())
}

fn opened_by(file: Option<&Path>) -> anyhow::Result<Zeroizing<String>> {
    let text = match file {
        Some(path) => {
            std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?
        }
        None => match std::env::var(PASSPHRASE) {
            Ok(text) => text,
            Err(_) => passphrase::ask("Passphrase of the witness's key: ", PASSPHRASE)?,
        },
    };
    let text = Zeroizing::new(text);
    let passphrase = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
    if passphrase.is_empty() {
        bail!("the passphrase is empty");
    }
    Ok(passphrase)
}
