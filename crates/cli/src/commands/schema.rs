//! `touchstone schema`: what an event looks like, made from the types that read it.

use std::process::ExitCode;

use touchstone_types::Event;

use crate::out::say;

/// Nothing to choose yet.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> anyhow::Result<ExitCode> {
    say!("{}", serde_json::to_string_pretty(&Event::json_schema())?)?;
    Ok(ExitCode::SUCCESS)
}
