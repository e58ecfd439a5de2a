//! `touchstone screen`: verdicts for a file of events, with the memory that a stream has.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use comfy_table::{ContentArrangement, Table, presets::UTF8_HORIZONTAL_ONLY};
use serde::Serialize;
use touchstone_screening::Screener;
use touchstone_types::{Decision, Event, Verdict};

use crate::input::{self, Line, Lines};
use crate::judging::JudgedBy;
pub(crate) use crate::judging::directory;
use crate::out::{Rows, say};
use crate::policy_files;

/// Judge events, one JSON object a line, in the order of the file: events as they are posted,
/// or the log of a server (`GET /v1/log`), which gives the same verdicts as the server gave.
///
/// A line that is no event is reported on standard error with its number, and the rest goes
/// on; the exit code is then 1.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Events as JSON Lines; `-` or nothing reads standard input
    file: Option<PathBuf>,
    #[command(flatten)]
    by: JudgedBy,
    /// Language model in shadow: verdicts say what it would have added
    #[arg(long, value_name = "FILE")]
    shadow_model: Option<PathBuf>,
    /// What to print: a verdict a line, or a table of what was not simply allowed
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Jsonl,
    Table,
}

/// One line of output.
#[derive(Serialize)]
struct Answer<'a> {
    id: &'a str,
    source: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'a Verdict>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut policy = args.by.policy()?;
    if let Some(file) = &args.shadow_model {
        policy = policy.with_shadow_model(&policy_files::model(Some(file))?);
    }
    let mut screener = Screener::new(Arc::new(policy), Arc::new(args.by.directory()?));
    let mut lines = Lines::open(args.file.as_deref())?;
    let mut out = Output::new(args.format);
    let mut bad = 0usize;
    loop {
        if lines.must_wait() {
            out.flush()?; // Whoever feeds us line by line gets each answer before the next line.
        }
        let Some(line) = lines.next()? else { break };
        let parsed = match line {
            Line::Text(bytes) => input::event(bytes).map_err(|cause| cause.to_string()),
            Line::TooLong(length) => Err(format!("{length} bytes are more than an event may have")),
        };
        match parsed {
            Ok((event, received)) => {
                let verdict = event.data.kind().map(|_| screener.process(&event, received));
                out.answer(&event, verdict.as_ref())?;
            }
            Err(reason) => {
                bad += 1;
                lines.say(&format!("touchstone: line {}: {reason}", lines.number()));
            }
        }
    }
    out.finish()?;
    for part in screener.memory().fullness(screener.policy().core().features()) {
        if part.dropped > 0 {
            eprintln!(
                "touchstone: memory of `{}` is full ({} keys): {} had to go early",
                part.part, part.limit, part.dropped
            );
        }
    }
    Ok(ExitCode::from(u8::from(bad > 0)))
}

/// Where answers go.
enum Output {
    Lines(BufWriter<Rows>),
    Table { rows: Vec<[String; 5]>, counts: [usize; Decision::ALL.len()], not_screened: usize },
}

impl Output {
    fn new(format: Format) -> Self {
        match format {
            Format::Jsonl => Output::Lines(BufWriter::with_capacity(1 << 16, Rows::new())),
            Format::Table => Output::Table { rows: Vec::new(), counts: [0; 4], not_screened: 0 },
        }
    }

    fn answer(&mut self, event: &Event<'_>, verdict: Option<&Verdict>) -> anyhow::Result<()> {
        match self {
            Output::Lines(out) => {
                let status = if verdict.is_some() { "screened" } else { "not_screened" };
                let answer = Answer { id: &event.id, source: &event.source, status, verdict };
                serde_json::to_writer(&mut *out, &answer)?;
                out.write_all(b"\n")?;
            }
            Output::Table { rows, counts, not_screened } => match verdict {
                None => *not_screened += 1,
                Some(verdict) => {
                    counts[verdict.decision as usize] += 1;
                    if verdict.decision != Decision::Allow {
                        rows.push(row(event, verdict));
                    }
                }
            },
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Lines(out) => out.flush(),
            Output::Table { .. } => Ok(()),
        }
    }

    fn finish(self) -> anyhow::Result<()> {
        match self {
            Output::Lines(mut out) => out.flush()?,
            Output::Table { rows, counts, not_screened } => {
                if !rows.is_empty() {
                    let mut table = Table::new();
                    table.load_style(UTF8_HORIZONTAL_ONLY);
                    table.set_content_arrangement(ContentArrangement::Dynamic);
                    table.set_header(["time", "event", "who", "decision", "why"]);
                    table.add_rows(rows);
                    say!("{table}")?;
                }
                let said: Vec<String> = Decision::ALL
                    .iter()
                    .map(|decision| format!("{} {decision}", counts[*decision as usize]))
                    .collect();
                say!("{}, {not_screened} not screened", said.join(", "))?;
            }
        }
        Ok(())
    }
}

fn row(event: &Event<'_>, verdict: &Verdict) -> [String; 5] {
    let actor = event.data.actor();
    let who = actor.map(|it| it.display_name.as_deref().or(it.handle.as_deref()).unwrap_or(&it.id));
    let why: Vec<String> = verdict.findings.iter().map(|it| format!("{} {}", it.name, it.weight)).collect();
    let person = if verdict.needs_person { " (a person decides)" } else { "" };
    [
        event.time.to_string(),
        format!("{} {}/{}", event.kind, event.source, event.id),
        visible(who.unwrap_or_default()),
        format!("{} {}{person}", verdict.decision, verdict.score),
        why.join(" + "),
    ]
}

/// Strangers' text for a terminal: nothing in it moves the cursor or turns the line round.
pub(crate) fn visible(text: &str) -> String {
    let hidden = |c: &char| {
        c.is_control()
            || matches!(*c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().map(|c| if hidden(&c) { '\u{fffd}' } else { c }).collect()
}
