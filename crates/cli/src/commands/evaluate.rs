//! `touchstone evaluate`: how much of labelled text is caught, and how often others are
//! alarmed. Each set is reported apart: a pooled figure says only how many rows each has.

mod cases;
mod curve;
mod report;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use touchstone_policy::Policy as Core;
use touchstone_screening::{Limits, Memory, Screener};
use touchstone_types::{Decision, Event, Moment};

use self::cases::Case;
use self::report::Report;
use super::screen::directory;
use crate::policy_files;

/// Measure the policy on labelled cases.
///
/// A case is a JSON line with `label` (scam, spam or benign), `lang`, `source`, perhaps `fine`
/// (a class within the source) and `harm_turn`, and one of `text`, `turns` (`role`, `text`) or
/// `event`. Every text is judged as a message from a stranger, every conversation from an
/// empty memory, by the same screening that everything else uses. A line that cannot be read
/// is reported with its number; the exit code is then 1.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Cases as JSON Lines, plain or gzip
    #[arg(required = true, value_name = "CASES")]
    files: Vec<PathBuf>,
    /// Share of genuine text that may be alarmed, in percent
    #[arg(long, value_delimiter = ',', default_values_t = [0.5, 0.1], value_name = "PERCENT")]
    alarms: Vec<f64>,
    /// Sources whose genuine text sets the thresholds, instead of all
    #[arg(long, value_delimiter = ',', value_name = "SOURCE")]
    genuine: Vec<String>,
    /// Who is official, as JSON Lines
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// Policy to judge by, instead of the one in this binary
    #[arg(long, value_name = "DIR")]
    policy: Option<PathBuf>,
    /// Draw recall over false alarms, a line for each language
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Table,
    Json,
}

/// What became of one case.
pub(crate) struct Judged {
    pub(crate) label: cases::Label,
    pub(crate) language: String,
    pub(crate) source: String,
    pub(crate) class: Option<String>,
    /// The highest score of its turns.
    pub(crate) score: u32,
    /// What the policy would have done at worst.
    pub(crate) decision: Decision,
    /// For conversations: the score by each turn, and the turn that does the harm.
    pub(crate) turns: Vec<u32>,
    pub(crate) harm_turn: Option<usize>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        args.alarms.iter().all(|it| (0.0..100.0).contains(it)),
        "--alarms are shares in percent, from 0 to under 100"
    );
    let mut judge = Judge::new(args)?;
    let (mut judged, mut bad) = (Vec::new(), 0);
    let progress = progress();
    for file in &args.files {
        cases::read(file, |number, case| {
            progress.inc(1);
            match case.and_then(|case| judge.judge(&case)) {
                Ok(one) => judged.push(one),
                Err(reason) => {
                    bad += 1;
                    let place = format!("{}:{number}", file.display());
                    progress.suspend(|| eprintln!("touchstone: {place}: {reason:#}"));
                }
            }
        })?;
    }
    progress.finish_and_clear();
    let report = Report::of(&judged, &args.alarms, &args.genuine)?;
    match args.format {
        Format::Table => report.print(),
        Format::Json => println!("{}", serde_json::to_string_pretty(&report)?),
    }
    if let Some(file) = &args.svg {
        curve::draw(file, &judged, &args.genuine)?;
    }
    Ok(ExitCode::from(u8::from(bad > 0)))
}

fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {pos} cases  {per_sec}  {elapsed}");
    ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

/// The screening that is measured.
struct Judge {
    screener: Screener,
    blank: Memory,
}

impl Judge {
    fn new(args: &Args) -> anyhow::Result<Self> {
        let policy = Arc::new(policy_files::load(args.policy.as_deref())?);
        // A case has few turns: what it teaches fits into little room.
        let limits = Limits { entries: 1_000, ..Limits::default() };
        let core: &Core = policy.core();
        let blank = Memory::new(core.features(), limits);
        let directory = Arc::new(directory(args.registry.as_deref())?);
        Ok(Self { screener: Screener::new(policy, directory), blank })
    }

    fn judge(&mut self, case: &Case) -> anyhow::Result<Judged> {
        self.screener.set_memory(self.blank.clone());
        let (mut turns, mut decision) = (Vec::new(), Decision::Allow);
        for bytes in case.events()? {
            let event = Event::parse(&bytes)?;
            let verdict = self.screener.process(&event, received(&event));
            turns.push(verdict.score);
            decision = decision.max(verdict.decision);
        }
        Ok(Judged {
            label: case.label,
            language: case.lang.clone(),
            source: case.source.clone(),
            class: case.fine.clone(),
            score: turns.iter().copied().max().unwrap_or(0),
            decision,
            harm_turn: case.harm_turn,
            turns,
        })
    }
}

/// Cases say nothing of when they were taken in: the time of the event serves.
fn received(event: &Event<'_>) -> Moment {
    event.time
}
