//! `cargo xtask test` and the commands beside it.

use std::process::Command;

use anyhow::{Result, bail};

use crate::install::{self, Missing};
use crate::postgres;
use crate::step::{Steps, cargo, root, shown};

/// Everything that must be green before a change lands.
pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::new(5);
    let missing = steps.run("see what the tests need, install what is missing", install::needs)?;
    steps.run("formatting", || shown(cargo().args(["fmt", "--all", "--check"])))?;
    steps.run("lints, warnings are errors", || {
        shown(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })?;
    steps.run("build the tests", || shown(cargo().args(["test", "--workspace", "--no-run"])))?;
    steps.run("all tests: SQLite, PostgreSQL, browser", || tests(&missing, &[]))?;
    steps.finish("all green");
    Ok(())
}

/// The browser tests alone, renewing the pictures in `docs/img/`.
pub(crate) fn screenshots() -> Result<()> {
    let mut steps = Steps::new(2);
    let missing = steps.run("see what the browser tests need", install::needs)?;
    if missing.any_of(&["Chrom"]) {
        bail!("no browser, no screenshots");
    }
    steps.run("browser tests with screenshots", || {
        shown(
            browser(cargo().args([
                "test",
                "--package",
                "touchstone-server",
                "--test",
                "browser",
                "--test",
                "sessions_browser",
                "--test",
                "cases_browser",
            ]))
            .env("TOUCHSTONE_SCREENSHOTS", "1"),
        )
    })?;
    steps.finish("docs/img is renewed");
    Ok(())
}

/// Rewrites what tests compare with: the lines below the cases in `corpus/`, generated pages.
pub(crate) fn bless() -> Result<()> {
    shown(cargo().args(["test", "--workspace"]).env("TOUCHSTONE_BLESS", "1"))
}

/// Every benchmark of the workspace.
pub(crate) fn bench() -> Result<()> {
    shown(cargo().args(["bench", "--workspace", "--benches"]))
}

/// Every fuzz target for `seconds` each.
pub(crate) fn fuzz(seconds: Option<&str>) -> Result<()> {
    let seconds: u32 = match seconds.map(str::parse).transpose() {
        Ok(seconds) => seconds.unwrap_or(60),
        Err(_) => bail!("fuzz takes a number of seconds"),
    };
    let list = Command::new("cargo").args(["+nightly", "fuzz", "list"]).current_dir(root()).output()?;
    if !list.status.success() {
        bail!(
            "cargo-fuzz and a nightly toolchain are needed: cargo install cargo-fuzz; rustup toolchain install nightly"
        );
    }
    let targets = String::from_utf8(list.stdout)?;
    let targets: Vec<&str> = targets.split_whitespace().collect();
    let mut steps = Steps::new(targets.len());
    for target in targets {
        steps.run(&format!("fuzz {target} for {seconds} s"), || {
            let limit = format!("-max_total_time={seconds}");
            shown(
                Command::new("cargo")
                    .current_dir(root())
                    .args(["+nightly", "fuzz", "run", target, "--", &limit]),
            )
        })?;
    }
    steps.finish("no crash found");
    Ok(())
}

fn browser(command: &mut Command) -> &mut Command {
    command.env("TOUCHSTONE_TEST_BROWSER", "1")
}

/// Runs `cargo test` with what the machine has; says what is left out.
fn tests(missing: &Missing, more: &[&str]) -> Result<()> {
    let mut command = cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]).args(more);
    if missing.any_of(&["Chrom"]) {
        eprintln!("left out: browser tests (no Chromium or ChromeDriver)");
    } else {
        browser(&mut command);
    }
    if missing.any_of(&["PostgreSQL"]) {
        eprintln!("left out: tests on PostgreSQL (no server)");
        return shown(&mut command);
    }
    let server = postgres::Server::start()?; // Stopped when it goes out of scope.
    shown(command.env("TOUCHSTONE_TEST_POSTGRES", server.url()))
}
