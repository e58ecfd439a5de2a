//! `touchstone backtest`: what another policy would have said, with the state as it was then.
//!
//! Both policies start with an empty memory and see the same events in the same order, each
//! on its own thread, so that a rule over the last day finds the last day of its own policy.

mod report;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::Context;
use serde::Deserialize;
use touchstone_screening::{Directory, Policy, Screener};
use touchstone_types::{Data, Decision, Name};

use crate::input::{self, Line, Lines};
use crate::judging::directory;
use crate::out::{print, say};
use crate::policy_files;

use report::{Label, Report};

/// Replay events under two policies and show what changes, by rule.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Events as JSON Lines; `-` reads standard input
    events: PathBuf,
    /// The policy to try
    #[arg(long, value_name = "DIR")]
    policy: PathBuf,
    /// The policy to compare it with, instead of the one in this binary
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
    /// Who is official, as JSON Lines
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// What the events were, as JSON Lines of {source, id, label}; labels are `benign` and `scam`
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Table,
    Json,
}

/// Events that one thread takes at a time.
const BATCH: usize = 512;

/// Lines that are handed to both threads.
type Batch = Arc<Vec<Vec<u8>>>;

/// What a policy said about one event, as far as the report needs it.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) decision: Decision,
    pub(crate) score: u32,
    /// Findings, each once; empty for most events.
    pub(crate) findings: Vec<Name>,
    pub(crate) shadow: Vec<Name>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let new = Arc::new(policy_files::load(Some(&args.policy))?);
    let old = Arc::new(policy_files::load(args.against.as_deref())?);
    let directory = Arc::new(directory(args.registry.as_deref())?);
    let labels = args.labels.as_deref().map(read_labels).transpose()?.unwrap_or_default();
    let mut lines = Lines::open(Some(&args.events))?;
    let mut report = Report::new(&old, &new, labels);

    thread::scope(|scope| -> anyhow::Result<()> {
        let worker = |policy: &Arc<Policy>| {
            let (policy, directory) = (Arc::clone(policy), Arc::clone(&directory));
            let (to, batches) = sync_channel::<Batch>(4);
            let (answers, from) = sync_channel(4);
            scope.spawn(move || judge(policy, directory, batches, answers));
            (to, from)
        };
        let ((to_old, from_old), (to_new, from_new)) = (worker(&old), worker(&new));
        // One batch is on its way to the threads while the one before it is counted.
        let mut waiting: Option<Batch> = None;
        loop {
            let batch = next_batch(&mut lines, &mut report)?;
            let more = batch.is_some();
            if let Some(batch) = &batch {
                to_old.send(Arc::clone(batch)).context("a thread stopped")?;
                to_new.send(Arc::clone(batch)).context("a thread stopped")?;
            }
            if let Some(done) = waiting.take() {
                let (old, new) = (from_old.recv()?, from_new.recv()?);
                for ((line, old), new) in done.iter().zip(old).zip(new) {
                    report.count(line, &old, &new);
                }
            }
            waiting = batch;
            if !more {
                return Ok(());
            }
        }
    })?;
    match args.format {
        Format::Table => print(format_args!("{}", report.table()))?,
        Format::Json => say!("{}", serde_json::to_string_pretty(&report.json())?)?,
    }
    Ok(ExitCode::from(u8::from(report.bad_lines() > 0)))
}

/// Reads up to a batch of lines that are events; the others are reported and left out.
fn next_batch(lines: &mut Lines, report: &mut Report) -> anyhow::Result<Option<Batch>> {
    let mut batch = Vec::with_capacity(BATCH);
    while batch.len() < BATCH {
        let reason = match lines.next()? {
            None => break,
            Some(Line::TooLong(length)) => format!("{length} bytes are more than an event may have"),
            Some(Line::Text(bytes)) => match input::event(bytes) {
                Ok((event, _)) => {
                    report.saw(&event);
                    if event.data != Data::Unknown {
                        batch.push(bytes.to_owned());
                    }
                    continue;
                }
                Err(cause) => cause.to_string(),
            },
        };
        report.bad_line();
        lines.say(&format!("touchstone: line {}: {reason}", lines.number()));
    }
    Ok((!batch.is_empty()).then(|| Arc::new(batch)))
}

/// One thread: a policy and its own memory.
fn judge(
    policy: Arc<Policy>,
    directory: Arc<Directory>,
    batches: Receiver<Batch>,
    answers: SyncSender<Vec<Said>>,
) {
    let mut screener = Screener::new(policy, directory);
    for batch in batches {
        let said = batch.iter().map(|line| match input::event(line) {
            Ok((event, received)) => {
                let verdict = screener.process(&event, received);
                let mut findings: Vec<Name> = verdict.findings.into_iter().map(|it| it.name).collect();
                findings.sort_unstable();
                findings.dedup();
                let shadow = verdict.shadow.into_iter().map(|(name, _)| name).collect();
                Said { decision: verdict.decision, score: verdict.score, findings, shadow }
            }
            Err(_) => Said::default(), // Not reached: the line was an event a moment ago.
        });
        if answers.send(said.collect()).is_err() {
            return;
        }
    }
}

#[derive(Deserialize)]
struct LabelLine {
    source: String,
    id: String,
    label: Label,
}

fn read_labels(file: &Path) -> anyhow::Result<HashMap<(String, String), Label>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            let line: LabelLine =
                serde_json::from_str(line).with_context(|| format!("{} line {}", file.display(), at + 1))?;
            Ok(((line.source, line.id), line.label))
        })
        .collect()
}
