//! `touchstone`: the one binary.
//!
//! Each command is a module in [`commands`] with an `Args` and a `run`; this file only
//! reads the command line and picks one.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tells real support from fake, and sees to it that a stolen-wallet report is never ignored.
#[derive(Parser)]
#[command(name = "touchstone", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the JSON Schema of events
    Schema(commands::schema::Args),
    /// Send a file of events to a running server
    Replay(commands::replay::Args),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Schema(args) => commands::schema::run(&args),
        Command::Replay(args) => commands::replay::run(&args),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("touchstone: {error:#}");
        ExitCode::from(2)
    })
}
