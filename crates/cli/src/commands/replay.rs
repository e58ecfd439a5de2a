//! `touchstone replay`: sends a file of events to a running server, as a platform would.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use touchstone_types::{Lapse, Moment};

use crate::out::say;

/// Send a file of events to a running server
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Events, one JSON object a line
    file: PathBuf,
    /// Where the server listens (http only; put TLS in front of it)
    #[arg(long, default_value = "http://127.0.0.1:8787")]
    to: String,
    /// API key with the scope events:write
    #[arg(long, env = "TOUCHSTONE_KEY", hide_env_values = true)]
    key: String,
    /// Move all times so that the last event happens now
    #[arg(long)]
    now: bool,
    /// Events a second; as fast as the server takes them if absent
    #[arg(long)]
    pace: Option<u32>,
    /// Events in one request
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
    batch: u16,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut events = read(args)?;
    ensure!(!events.is_empty(), "{} has no events", args.file.display());
    if args.now {
        let now = Moment::from_micros(jiff::Timestamp::now().as_microsecond())?;
        shift(&mut events, now)?;
    }
    let bar = ProgressBar::new(events.len() as u64)
        .with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} events  {msg}")?);
    let mut tally = Tally::default();
    let begun = Instant::now();
    for batch in events.chunks(args.batch.into()) {
        let answers = send(args, batch)?;
        tally.add(&answers);
        bar.inc(batch.len() as u64);
        bar.set_message(tally.to_string());
        if let Some(pace) = args.pace {
            let due = Duration::from_secs_f64(bar.position() as f64 / f64::from(pace.max(1)));
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
    }
    bar.finish();
    say!("{} events: {tally}", events.len())?;
    Ok(if tally.refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn read(args: &Args) -> anyhow::Result<Vec<Value>> {
    let file = File::open(&args.file).with_context(|| format!("cannot open {}", args.file.display()))?;
    let mut events = Vec::new();
    for (at, line) in BufReader::new(file).lines().enumerate() {
        let line = line.with_context(|| format!("line {}", at + 1))?;
        if !line.trim().is_empty() {
            events.push(serde_json::from_str(&line).with_context(|| format!("line {}", at + 1))?);
        }
    }
    Ok(events)
}

/// Moves every `time` and `created_at` by the same length, so that the last `time` is `now`.
fn shift(events: &mut [Value], now: Moment) -> anyhow::Result<()> {
    let time = |event: &Value| event["time"].as_str().and_then(|text| text.parse::<Moment>().ok());
    let last = events.iter().filter_map(time).max().context("no event has a time")?;
    let by = now.since(last);
    events.iter_mut().for_each(|event| move_times(event, by));
    Ok(())
}

fn move_times(value: &mut Value, by: Lapse) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let moved = match (name.as_str(), field.as_str()) {
                    ("time" | "created_at", Some(text)) => text.parse::<Moment>().ok().map(|old| old + by),
                    _ => None,
                };
                match moved {
                    Some(moment) => *field = Value::String(moment.to_string()),
                    None => move_times(field, by),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| move_times(item, by)),
        _ => {}
    }
}

fn send(args: &Args, batch: &[Value]) -> anyhow::Result<Vec<Value>> {
    let mut response = ureq::post(format!("{}/v1/events", args.to.trim_end_matches('/')))
        .header("authorization", format!("Bearer {}", args.key))
        .header("content-type", "application/json")
        .send(serde_json::to_string(batch)?)
        .with_context(|| format!("{} did not take the events", args.to))?;
    let text = response.body_mut().with_config().limit(64 * 1024 * 1024).read_to_string()?;
    serde_json::from_str(&text).context("the answer is no list of verdicts")
}

/// How many of each answer.
#[derive(Default)]
struct Tally {
    allow: usize,
    warn: usize,
    hold: usize,
    block: usize,
    unscreened: usize,
    refused: usize,
}

impl Tally {
    fn add(&mut self, answers: &[Value]) {
        for answer in answers {
            let count = match (answer["verdict"]["decision"].as_str(), answer["status"].as_str()) {
                (Some("allow"), _) => &mut self.allow,
                (Some("warn"), _) => &mut self.warn,
                (Some("hold"), _) => &mut self.hold,
                (Some("block"), _) => &mut self.block,
                (_, Some("not_screened")) => &mut self.unscreened,
                _ => &mut self.refused,
            };
            *count += 1;
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Tally { allow, warn, hold, block, unscreened, refused } = self;
        write!(f, "{allow} allow, {warn} warn, {hold} hold, {block} block")?;
        if *unscreened > 0 {
            write!(f, ", {unscreened} not screened")?;
        }
        if *refused > 0 {
            write!(f, ", {refused} refused")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_event_happens_now_and_distances_stay() {
        let mut events = vec![
            serde_json::json!({"time": "2026-01-01T00:00:00Z", "data": {"sender": {"created_at": "2025-12-31T00:00:00Z"}}}),
            serde_json::json!({"time": "2026-01-01T01:00:00Z"}),
        ];
        shift(&mut events, "2026-06-01T12:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(events[1]["time"], "2026-06-01T12:00:00Z");
        assert_eq!(events[0]["time"], "2026-06-01T11:00:00Z");
        assert_eq!(events[0]["data"]["sender"]["created_at"], "2026-05-31T11:00:00Z");
    }
}
