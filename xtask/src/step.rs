//! Progress: one line when a step begins, one when it ends, with how long it took.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

/// Steps of one long command, numbered as they go by.
pub(crate) struct Steps {
    total: usize,
    done: usize,
    started: Instant,
}

impl Steps {
    pub(crate) fn new(total: usize) -> Self {
        Self { total, done: 0, started: Instant::now() }
    }

    /// Does one step; says before what it is and after how long it took.
    pub(crate) fn run<T>(&mut self, what: &str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        self.done += 1;
        eprintln!("\n[{}/{}] {what} …", self.done, self.total);
        let begun = Instant::now();
        let outcome = step().with_context(|| format!("step {} of {}: {what}", self.done, self.total))?;
        eprintln!("[{}/{}] {what}: done in {:.0} s", self.done, self.total, begun.elapsed().as_secs_f32());
        Ok(outcome)
    }

    /// Says how long all of it took.
    pub(crate) fn finish(self, what: &str) {
        eprintln!("\n{what} ({:.0} s)", self.started.elapsed().as_secs_f32());
    }
}

/// Runs a program with its output shown.
pub(crate) fn shown(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {:?}", command.get_program()))?;
    if !status.success() {
        bail!("{:?} failed ({status})", command.get_program());
    }
    Ok(())
}

/// `cargo` of the toolchain that built this program.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// The folder of the workspace.
pub(crate) fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
