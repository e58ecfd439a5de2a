//! `touchstone`: the one binary.
//!
//! Each command is a module in [`commands`] with an `Args` and a `run`; this file only
//! reads the command line and picks one.

mod commands;
mod input;
mod judging;
mod out;
mod passphrase;
mod policy_files;
mod web;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    /// Take events in over HTTP, judge them, keep them, show them
    Serve(commands::serve::Args),
    /// Make, list and revoke keys for programs
    Key(commands::key::Args),
    /// Make the keys of the log of who is official, bring a list into it, take one out
    Registry(commands::registry::Args),
    /// Judge a file of events
    Screen(commands::screen::Args),
    /// Say what is known of a message, name, link or address
    Check(commands::check::Args),
    /// Report fraud or theft to a running server, and get a case
    Report(commands::report::Args),
    /// Replay events under two policies and show what changes
    Backtest(commands::backtest::Args),
    /// Say how likely each text is a scam, and by which tactics
    Classify(commands::classify::Args),
    /// Measure the policy on labelled cases
    Evaluate(commands::evaluate::Args),
    /// Train the language model and measure it on sources it never saw
    Train(commands::train::Args),
    /// Say of each name which official one it resembles
    Lookalike(commands::lookalike::Args),
    /// Print the JSON Schema of events
    Schema(commands::schema::Args),
    /// Check a policy, run its cases, see what conditions may name
    Policy(commands::policy::Args),
    /// Say when a term ends in a calendar, and how that comes about
    Clock(commands::clock::Args),
    /// Send a file of events to a running server
    Replay(commands::replay::Args),
    /// Play written cases into an empty database: for demos
    Rehearse(commands::rehearse::Args),
    /// Read and verify a public log
    Log(commands::log::Args),
    /// Take freezes and log-outs as the operator's systems have to, to develop against
    Receiver(commands::receiver::Args),
    /// Cosign checkpoints of logs, in a process of its own
    Witness(commands::witness::Args),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(args) => commands::serve::run(&args),
        Command::Key(args) => commands::key::run(&args),
        Command::Registry(args) => commands::registry::run(&args),
        Command::Screen(args) => commands::screen::run(&args),
        Command::Check(args) => commands::check::run(&args),
        Command::Report(args) => commands::report::run(&args),
        Command::Backtest(args) => commands::backtest::run(&args),
        Command::Classify(args) => commands::classify::run(&args),
        Command::Evaluate(args) => commands::evaluate::run(&args),
        Command::Train(args) => commands::train::run(&args),
        Command::Lookalike(args) => commands::lookalike::run(&args),
        Command::Schema(args) => commands::schema::run(&args),
        Command::Policy(args) => commands::policy::run(&args),
        Command::Clock(args) => commands::clock::run(&args),
        Command::Replay(args) => commands::replay::run(&args),
        Command::Rehearse(args) => commands::rehearse::run(&args),
        Command::Log(args) => commands::log::run(&args),
        Command::Receiver(args) => commands::receiver::run(&args),
        Command::Witness(args) => commands::witness::run(&args),
    };
    outcome.unwrap_or_else(|error| {
        if out::nobody_reads(&error) {
            return ExitCode::SUCCESS;
        }
        eprintln!("touchstone: {error:#}");
        ExitCode::from(2)
    })
}
