//! A passphrase: from a file, from the environment, or asked without showing it.

use std::path::Path;

use anyhow::{Context, bail};
use console::Term;
use touchstone_server::registry::{PASSPHRASE, SettingsError, passphrase};

/// Shorter ones are guessed from a stolen key file.
const SHORTEST: usize = 15;

/// The passphrase of keys that there are.
pub(crate) fn known(file: Option<&Path>) -> anyhow::Result<String> {
    match passphrase(file) {
        Err(SettingsError::NoPassphrase) if file.is_none() => {
            ask("Passphrase of the log's keys: ", PASSPHRASE)
        }
        other => Ok(other?),
    }
}

/// A passphrase for keys that are being made: asked twice, if it is asked.
pub(crate) fn new(file: Option<&Path>) -> anyhow::Result<String> {
    let chosen = match passphrase(file) {
        Err(SettingsError::NoPassphrase) if file.is_none() => {
            let chosen = ask("A passphrase for the log's keys, 15 characters or more: ", PASSPHRASE)?;
            if ask("Once more: ", PASSPHRASE)? != chosen {
                bail!("the two were different; nothing was made");
            }
            chosen
        }
        other => other?,
    };
    long_enough(&chosen)?;
    Ok(chosen)
}

/// Whether a passphrase may seal a new key.
pub(crate) fn long_enough(chosen: &str) -> anyhow::Result<()> {
    if chosen.chars().count() < SHORTEST {
        bail!("the passphrase is shorter than {SHORTEST} characters; nothing was made");
    }
    Ok(())
}

/// Asks at the terminal; where there is none, says how else to give it.
pub(crate) fn ask(question: &str, variable: &str) -> anyhow::Result<String> {
    let term = Term::stderr();
    if !term.is_term() {
        bail!("the keys need a passphrase: --passphrase-file, or {variable}");
    }
    term.write_str(question).context("the terminal cannot be written to")?;
    term.read_secure_line().context("the terminal cannot be read")
}
