//! Making, replacing and showing keys.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use touchstone_registry::Statement;
use touchstone_registry::statement::{KeyUse, StatedKey};
use touchstone_server::registry::{Keys, Ledger, open_key, read};
use touchstone_server::{Clock, SystemClock};
use touchstone_signed_log::{Cost, SealedKey, SigningKey, VerifierKey};
use touchstone_types::{Lapse, Moment};

use super::Place;
use crate::out::say;
use crate::passphrase;

/// How long a key is stated to be in use: a rotation comes before.
const IN_USE: Lapse = Lapse::from_secs(2 * 365 * 86_400);

pub(super) async fn init(place: &Place, origin: &str) -> anyhow::Result<ExitCode> {
    let (store, config) = place.store().await?;
    let log = super::log(&config)?;
    let sessions = log.sessions_key.clone().unwrap_or_else(|| log.key.with_file_name("sessions.key"));
    if store.signed_head().await?.is_some() {
        bail!("a log was begun in this database; `touchstone registry rotate` replaces its key");
    }
    for path in [&log.key, &sessions] {
        if path.exists() {
            bail!("{} is there already and was left alone", path.display());
        }
    }
    let passphrase = passphrase::new(log.passphrase_file.as_deref())?;
    let signing = make(&log.key, origin, &passphrase)?;
    let for_sessions = make(&sessions, &format!("{origin}/sessions"), &passphrase)?;
    let now = SystemClock.now();
    let statements = [(KeyUse::Log, signing.verifier()), (KeyUse::Sessions, for_sessions.verifier())]
        .map(|(uses, key)| stated(uses, key, now));
    let public = signing.verifier().clone();
    let Some(keys) = Keys::new(vec![signing], Vec::new(), 0) else { bail!("there is no key") };
    Ledger::new(store.clone(), keys).publish(&statements, "command line", now).await?;
    store.close().await;
    say!("{public}")?;
    eprintln!("This is the public key of the log: followers need it, by another way than the log itself.");
    eprintln!("The log has begun; both keys are its first entries. In the configuration:\n");
    eprintln!("[log]\nkey = {:?}\nsessions_key = {:?}\n", log.key.display(), sessions.display());
    eprintln!("Keep the key files and their passphrase apart from each other, and copies of both elsewhere.");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn rotate(place: &Place, next: &Path) -> anyhow::Result<ExitCode> {
    let (store, config) = place.store().await?;
    let log = super::log(&config)?;
    if next.exists() {
        bail!("{} is there already and was left alone", next.display());
    }
    if store.signed_head().await?.is_none() {
        bail!("no log was begun in this database; `touchstone registry init` does");
    }
    let passphrase = passphrase::known(log.passphrase_file.as_deref())?;
    let before = open_key(&log.key, &passphrase)?;
    let origin = before.verifier().name().to_owned();
    let after = make(next, &origin, &passphrase)?;
    let now = SystemClock.now();
    let public = after.verifier().clone();
    let Some(keys) = Keys::new(vec![before, after], Vec::new(), 0) else { bail!("there is no key") };
    let statement = stated(KeyUse::Log, &public, now);
    Ledger::new(store.clone(), keys).publish(&[statement], "command line", now).await?;
    store.close().await;
    say!("{public}")?;
    eprintln!("The next key is stated in the log, signed by both. In the configuration, on every replica:\n");
    eprintln!("[log]\nkey = {:?}\nprevious_keys = [{:?}]\n", next.display(), log.key.display());
    eprintln!("Take the previous key out when followers have learnt the next one; a month is usual.");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn show(place: &Place) -> anyhow::Result<ExitCode> {
    let (store, _) = place.store().await?;
    let Some((registry, note)) = read(&store).await? else { bail!("no log was begun in this database") };
    store.close().await;
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(["entry", "use", "from", "until", "key", "newest checkpoint"]);
    for (index, key) in registry.keys() {
        let public: Option<VerifierKey> = key.key.parse().ok();
        let signed = public.is_some_and(|public| note.signatures().iter().any(|it| it.is_by(&public)));
        table.add_row([
            index.to_string(),
            key.uses.name().to_owned(),
            key.from.to_string(),
            key.until.to_string(),
            key.key.clone(),
            if signed { "signed by it".to_owned() } else { String::new() },
        ]);
    }
    say!("{table}")?;
    Ok(ExitCode::SUCCESS)
}

fn stated(uses: KeyUse, key: &VerifierKey, now: Moment) -> Statement {
    Statement::Key(StatedKey { uses, key: key.to_string(), from: now, until: now + IN_USE, at: now })
}

/// A new key, sealed in a file that only its owner reads, and never over another.
fn make(path: &Path, name: &str, passphrase: &str) -> anyhow::Result<SigningKey> {
    let (mut seed, mut salt, mut nonce) = ([0; 32], [0; 16], [0; 12]);
    for bytes in [&mut seed[..], &mut salt, &mut nonce] {
        OsRng.try_fill_bytes(bytes).context("the system gives no random bytes")?;
    }
    let key = SigningKey::from_seed(name, &seed).context("the name of the log")?;
    let sealed = SealedKey::seal(&key, passphrase, salt, nonce, Cost::STANDARD)?;
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("{} cannot be made", path.display()))?;
    file.write_all(sealed.to_string().as_bytes())?;
    file.sync_all()?;
    Ok(key)
}
