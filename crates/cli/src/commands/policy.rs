//! `touchstone policy`: check a policy, run its cases, see what conditions may name.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use comfy_table::{Cell, Color, Table, presets};
use touchstone_policy::{CaseResult, Expected, Policy, Problem, Status, reference};

use crate::out::{print, say};
use crate::policy_files;

/// What to do with a policy.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Say what is wrong in a policy, with file, line and hint
    Check {
        /// Directory of the policy; the built-in one if left out
        directory: Option<PathBuf>,
        /// Print the problems as JSON
        #[arg(long)]
        json: bool,
    },
    /// Run the cases of every rule: where it must fire, and where it must not
    Test {
        /// Directory of the policy; the built-in one if left out
        directory: Option<PathBuf>,
        /// List every case, not only those that failed
        #[arg(long)]
        all: bool,
    },
    /// Print the fields, functions and settings that policies may use
    Fields,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.command {
        Command::Check { directory, json } => check(directory.as_deref(), *json),
        Command::Test { directory, all } => test(directory.as_deref(), *all),
        Command::Fields => {
            print(format_args!("{}", reference()))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Loads the policy and compiles its phrases: all that the server would refuse it for.
fn load(directory: Option<&Path>) -> anyhow::Result<Result<Policy, Vec<Problem>>> {
    let files = policy_files::read(directory)?;
    Ok(Policy::load(files).and_then(|policy| {
        match touchstone_screening::Policy::arm(policy.clone().into()) {
            Ok(_) => Ok(policy),
            Err(problems) => Err(problems),
        }
    }))
}

fn check(directory: Option<&Path>, json: bool) -> anyhow::Result<ExitCode> {
    match load(directory)? {
        Ok(policy) if json => say!("{}", serde_json::json!({ "problems": [], "hash": policy.hash() }))?,
        Ok(policy) => say!("{}", summary(&policy))?,
        Err(problems) => {
            if json {
                say!("{}", serde_json::json!({ "problems": problems }))?;
            } else {
                report(directory, &problems);
            }
            return Ok(ExitCode::from(1));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn summary(policy: &Policy) -> String {
    let with = |status: Status| policy.rules().iter().filter(|rule| rule.status == status).count();
    let phrases: usize =
        policy.phrases().iter().flat_map(|file| &file.lists).map(|list| list.phrases.len()).sum();
    format!(
        "{} {}: {} live rules, {} in shadow, {} drafts, {} retired; {} findings, {} features, {phrases} phrases, {} listed\n{}",
        policy.id(),
        policy.version(),
        with(Status::Live),
        with(Status::Shadow),
        with(Status::Draft),
        with(Status::Retired),
        policy.findings().len(),
        policy.features().len(),
        policy.lists().iter().map(|list| list.len()).sum::<usize>(),
        policy.hash(),
    )
}

fn report(directory: Option<&Path>, problems: &[Problem]) {
    for problem in problems {
        let file =
            directory.map_or_else(|| problem.file.clone(), |it| it.join(&problem.file).display().to_string());
        let place = match problem.line {
            0 => file,
            line => format!("{file}:{line}:{}", problem.column),
        };
        eprintln!("{place}: {}", problem.message);
        if let Some(hint) = &problem.hint {
            eprintln!("    {hint}");
        }
    }
    let (count, s) = (problems.len(), if problems.len() == 1 { "" } else { "s" });
    eprintln!("{count} problem{s}: the policy cannot be used");
}

fn test(directory: Option<&Path>, all: bool) -> anyhow::Result<ExitCode> {
    let policy = match load(directory)? {
        Ok(policy) => policy,
        Err(problems) => {
            report(directory, &problems);
            return Ok(ExitCode::from(1));
        }
    };
    let results = policy.test();
    let failed: Vec<&CaseResult> = results.iter().filter(|it| !it.passed).collect();
    say!("{}", rule_table(&policy, &results))?;
    for case in results.iter().filter(|it| all || !it.passed) {
        print_case(case)?;
    }
    say!("{} cases of {} rules, {} failed", results.len(), policy.rules().len(), failed.len())?;
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn rule_table(policy: &Policy, results: &[CaseResult]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["rule", "status", "weight", "hits", "misses", "owner"]);
    for rule in policy.rules() {
        let of = |expected: Expected| {
            let cases = results.iter().filter(|it| it.rule == rule.id && it.expected == expected);
            let (passed, all) =
                cases.fold((0, 0), |(passed, all), it| (passed + u32::from(it.passed), all + 1));
            let cell = Cell::new(format!("{passed}/{all}"));
            if passed < all { cell.fg(Color::Red) } else { cell }
        };
        let weight = policy.finding(rule.finding).map_or(0, |it| it.weight);
        table.add_row([
            Cell::new(&rule.id),
            Cell::new(rule.status.name()),
            Cell::new(weight),
            of(Expected::Hit),
            of(Expected::Miss),
            Cell::new(&rule.owner),
        ]);
    }
    table
}

fn print_case(case: &CaseResult) -> std::io::Result<()> {
    let (what, says) = match case.expected {
        Expected::Hit => ("hit", "should fire"),
        Expected::Miss => ("miss", "should not fire"),
    };
    let mark = if case.passed { "ok    " } else { "FAILED" };
    say!("{mark} {} {what}: {} ({says})", case.rule, case.about)?;
    if !case.passed {
        for clause in &case.clauses {
            let values = clause
                .values
                .iter()
                .map(|(name, value)| format!("{name} = {}", value.as_deref().unwrap_or("missing")));
            say!("         {:7} {}", clause.truth.name(), clause.text)?;
            say!("                 {}", values.collect::<Vec<_>>().join(", "))?;
        }
    }
    Ok(())
}
