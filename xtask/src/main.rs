//! Set-up, demo and tests, so that a newcomer needs two commands and nothing by heart.

mod demo;
mod install;
mod postgres;
mod step;
mod test;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask demo         build, start on an embedded database, load a demo organisation,
                         replay sample events, print the addresses; Ctrl-C stops it
cargo xtask test         install or start what the tests need, then format, lints, all tests
                         on SQLite and PostgreSQL, browser tests
cargo xtask screenshots  run the browser tests and renew docs/img/
cargo xtask bless        rewrite the expected lines below the cases in corpus/ and generated docs
cargo xtask fuzz [SECS]  run every fuzz target for so many seconds (default 60; needs nightly
                         and cargo-fuzz)
cargo xtask bench        all benchmarks; results are kept by hand in docs/benchmarks.md
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let outcome = match arguments.next().as_deref() {
        Some("demo") => demo::run(&arguments.collect::<Vec<_>>()),
        Some("test") => test::run(),
        Some("screenshots") => test::screenshots(),
        Some("bless") => test::bless(),
        Some("fuzz") => test::fuzz(arguments.next().as_deref()),
        Some("bench") => test::bench(),
        Some("help" | "--help" | "-h") | None => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Some(other) => {
            eprint!("xtask: no command `{other}`\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
