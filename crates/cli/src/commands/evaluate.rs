//! `touchstone evaluate`: how much of labelled text is caught, and how often others are
//! alarmed. Each set is reported apart: a pooled figure says only how many rows each has.

mod calibrate;
pub(crate) mod cases;
mod curve;
mod report;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use touchstone_language::Lexicon;
use touchstone_screening::{Limits, Memory, Screener};
use touchstone_types::{Decision, Event};

use self::cases::Case;
use self::report::Report;
use crate::judging::JudgedBy;
use crate::out::say;

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
    #[command(flatten)]
    by: JudgedBy,
    /// A second model: the same cases are judged by it too, and reported beside the first
    #[arg(long, value_name = "FILE")]
    shadow: Option<PathBuf>,
    /// Draw recall over false alarms, a line for each source and language of scams
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Print scores and the share of scams at them as well: the curve of `classify`
    #[arg(long, conflicts_with = "format")]
    fit: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Table,
    Json,
}

/// What the screening made of one case.
pub(crate) struct Screened {
    /// The highest score of its turns.
    pub(crate) score: u32,
    /// The score of each turn.
    turns: Vec<u32>,
    /// What the policy would have done at worst.
    decision: Decision,
}

/// What became of one labelled case.
pub(crate) struct Judged {
    pub(crate) label: cases::Label,
    pub(crate) language: String,
    pub(crate) source: String,
    pub(crate) class: Option<String>,
    pub(crate) score: u32,
    pub(crate) decision: Decision,
    /// For conversations: the score of each turn, and the turn that does the harm.
    pub(crate) turns: Vec<u32>,
    pub(crate) harm_turn: Option<usize>,
}

impl Judged {
    fn of(case: &Case, judge: &mut Judge) -> anyhow::Result<Self> {
        let label = case.label.context("the case has no label")?;
        let Screened { score, turns, decision } = judge.judge(case)?;
        Ok(Judged {
            label,
            language: case.lang.clone(),
            source: case.source.clone(),
            class: case.fine.clone(),
            score,
            decision,
            turns,
            harm_turn: case.harm_turn,
        })
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        args.alarms.iter().all(|it| (0.0..100.0).contains(it)),
        "--alarms are shares in percent, from 0 to under 100"
    );
    let mut live = Judge::new(&args.by)?;
    let shadow = args.shadow.as_ref().map(|file| Judge::new(&args.by.with_model(file.clone())));
    let mut shadow = shadow.transpose()?;
    let (mut judged, mut beside, mut bad) = (Vec::new(), Vec::new(), 0);
    let progress = progress();
    for file in &args.files {
        cases::read(file, |number, case| {
            progress.inc(1);
            let both = case.and_then(|case| {
                let second = shadow.as_mut().map(|judge| Judged::of(&case, judge)).transpose()?;
                Ok((Judged::of(&case, &mut live)?, second))
            });
            match both {
                Ok((one, second)) => {
                    judged.push(one);
                    beside.extend(second);
                }
                Err(reason) => {
                    bad += 1;
                    let place = format!("{}:{number}", file.display());
                    progress.suspend(|| eprintln!("touchstone: {place}: {reason:#}"));
                }
            }
        })?;
    }
    progress.finish_and_clear();
    show(args, &judged, (!beside.is_empty()).then_some(&beside))?;
    if args.fit {
        for (score, share) in calibrate::fit(&judged) {
            say!("({score:.1}, {share:.3}),")?;
        }
    }
    if let Some(file) = &args.svg {
        curve::draw(file, &judged, &args.genuine)?;
    }
    Ok(ExitCode::from(u8::from(bad > 0)))
}

/// Prints the report, and beside it that of the model in shadow.
fn show(args: &Args, judged: &[Judged], beside: Option<&Vec<Judged>>) -> anyhow::Result<()> {
    let live = Report::of(judged, &args.alarms, &args.genuine)?;
    let shadow = beside.map(|it| Report::of(it, &args.alarms, &args.genuine)).transpose()?;
    match (args.format, shadow) {
        (Format::Table, None) => live.print()?,
        (Format::Table, Some(shadow)) => {
            say!("the live model")?;
            live.print()?;
            say!("\nthe model in shadow")?;
            shadow.print()?;
        }
        (Format::Json, None) => say!("{}", serde_json::to_string_pretty(&live)?)?,
        (Format::Json, Some(shadow)) => {
            let both = serde_json::json!({ "live": live, "shadow": shadow });
            say!("{}", serde_json::to_string_pretty(&both)?)?;
        }
    }
    Ok(())
}

fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {pos} cases  {per_sec}  {elapsed}");
    ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

/// Scores and the share of scams among the texts that have them, each set and label counted
/// alike, so that half of all texts are scams. Between them it is a line.
///
/// Rounded from `evaluate --fit` on the sets of docs/benchmarks.md, at most 1,200 rows of each
/// and none of the written corpus, which the model has learnt from. The last point is beyond
/// what was measured: it only keeps the order.
const CURVE: [(f64, f64); 9] = [
    (0.0, 0.16),
    (5.0, 0.36),
    (16.0, 0.68),
    (23.0, 0.84),
    (41.0, 0.95),
    (65.0, 0.98),
    (100.0, 0.989),
    (157.0, 0.997),
    (300.0, 0.999),
];

/// The score of a verdict as a probability.
pub(crate) fn calibrated(score: u32) -> f64 {
    let score = f64::from(score);
    let after = CURVE.partition_point(|(at, _)| *at <= score);
    match (CURVE.get(after.saturating_sub(1)), CURVE.get(after)) {
        (Some((from, low)), Some((to, high))) => low + (high - low) * (score - from) / (to - from),
        (Some((_, last)), None) => *last,
        (None, _) => 0.0,
    }
}

/// The screening that is measured.
pub(crate) struct Judge {
    screener: Screener,
    blank: Memory,
}

impl Judge {
    pub(crate) fn new(by: &JudgedBy) -> anyhow::Result<Self> {
        let policy = Arc::new(by.policy()?);
        // A case has few turns: what it teaches fits into little room.
        let limits = Limits { entries: 1_000, ..Limits::default() };
        let blank = Memory::new(policy.core().features(), limits);
        let directory = Arc::new(by.directory()?);
        Ok(Self { screener: Screener::new(policy, directory), blank })
    }

    /// The phrases that it judges by.
    pub(crate) fn lexicon(&self) -> &Lexicon {
        self.screener.policy().lexicon()
    }

    /// Judges the turns of a case, from an empty memory.
    pub(crate) fn judge(&mut self, case: &Case) -> anyhow::Result<Screened> {
        self.screener.set_memory(self.blank.clone());
        let (mut turns, mut decision) = (Vec::new(), Decision::Allow);
        for bytes in case.events()? {
            let event = Event::parse(&bytes)?;
            // Cases say nothing of when they were taken in: the time of the event serves.
            let verdict = self.screener.process(&event, event.time);
            turns.push(verdict.score);
            decision = decision.max(verdict.decision);
        }
        Ok(Screened { score: turns.iter().copied().max().unwrap_or(0), turns, decision })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_nothing_in_it_is_unlikely_and_a_warning_more_likely_than_not() {
        assert!(calibrated(0) < 0.2);
        assert!(calibrated(30) > 0.5);
        assert!(calibrated(u32::MAX) < 1.0);
    }

    #[test]
    fn a_higher_score_is_never_less_likely_a_scam() {
        let all: Vec<f64> = (0..1_000).map(calibrated).collect();
        assert!(all.windows(2).all(|it| it[0] <= it[1]));
        assert!(all.iter().all(|it| (0.0..=1.0).contains(it)));
        assert!(all[..300].windows(2).all(|it| it[0] < it[1]), "the order of scores is lost");
    }
}
