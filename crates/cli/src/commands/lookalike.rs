//! `touchstone lookalike`: which official string each name resembles, if any.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use touchstone_lookalike::{Background, Index, Kind, Official, Scratch};
use touchstone_registry::{IdentityKind, Registry};
use touchstone_types::Moment;

use crate::input::progress;
use crate::judging::{now, registry};
use crate::out::Rows;

/// Say of each name which official one it resembles.
///
/// Reads JSON Lines `{"kind": "handle", "candidate": "..."}`; writes one line for each, in order:
/// the official string, its brand, the closeness, the tier and the techniques, or
/// `"official": null`. A line that cannot be read becomes `{"error": "..."}` and is reported on
/// standard error with its number; the exit code is then 1. Blank lines count as such. Lines of
/// a file are answered many at a time, with a progress bar on a terminal.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Names as JSON Lines; `-` or nothing reads standard input
    file: Option<PathBuf>,
    /// Who is official, as JSON Lines
    #[arg(long, value_name = "FILE")]
    registry: PathBuf,
    /// Ordinary names of your own users, one a line: official strings that are like many of them
    /// are not taken for distinctive
    #[arg(long, value_name = "FILE")]
    ordinary: Option<PathBuf>,
    /// Domains that are known to be no imitations, such as popular ones, one a line
    #[arg(long, value_name = "FILE")]
    known_domains: Option<PathBuf>,
    /// Count what is in force at this moment (RFC 3339) instead of now
    #[arg(long, value_name = "TIME")]
    at: Option<Moment>,
}

#[derive(Deserialize)]
struct Question<'a> {
    #[serde(borrow)]
    kind: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    candidate: std::borrow::Cow<'a, str>,
}

#[derive(Serialize)]
struct Found<'a> {
    candidate: &'a str,
    official: &'a str,
    brand: &'a str,
    closeness: f32,
    tier: &'static str,
    techniques: Vec<&'static str>,
}

#[derive(Serialize)]
struct Nothing<'a> {
    candidate: &'a str,
    official: Option<&'a str>,
}

#[derive(Serialize)]
struct Bad<'a> {
    error: &'a str,
}

/// Lines that are answered together, on two threads.
const BATCH: usize = 8_192;

/// A batch ends with the line that brings it to so many bytes, so that memory stays bounded.
const BATCH_BYTES: u64 = 16 << 20;

/// Longer lines are skipped and reported.
const MAX_LINE: u64 = 16 << 20;

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut background = Background::new();
    if let Some(path) = &args.ordinary {
        background.learn(read(path)?.lines());
    }
    let registry = registry(&args.registry)?;
    let at = args.at.map_or_else(now, Ok)?;
    let mut index = Index::build(officials(&registry, at), &background);
    index.own(registry.organisations().iter().flat_map(|it| it.owned_domains.iter().map(AsRef::as_ref)));
    if let Some(path) = &args.known_domains {
        index.know(read(path)?.lines().map(str::trim));
    }
    let bad = answer_all(&index, Input::open(args.file.as_deref())?)?;
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Where the names come from.
struct Input {
    reader: BufReader<Box<dyn Read>>,
    /// Somebody may be waiting for each answer.
    waits: bool,
    progress: ProgressBar,
}

/// A name, or how long the line was that was too long to be kept.
type Line = Result<Vec<u8>, u64>;

impl Input {
    fn open(file: Option<&Path>) -> anyhow::Result<Self> {
        let (reader, size): (Box<dyn Read>, _) = match file.filter(|path| *path != Path::new("-")) {
            None => (Box::new(io::stdin()), None),
            Some(path) => {
                let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
                let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|it| it.len());
                (Box::new(file), Some(size))
            }
        };
        let progress = size.map_or_else(ProgressBar::hidden, progress);
        Ok(Self { reader: BufReader::with_capacity(1 << 18, reader), waits: size.is_none(), progress })
    }

    /// Reads the lines that are answered next; none at the end.
    fn batch(&mut self, lines: &mut Vec<Line>) -> io::Result<()> {
        lines.clear();
        let mut bytes = 0;
        while lines.len() < BATCH && bytes < BATCH_BYTES {
            let mut line = Vec::new();
            let mut length = self.reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? as u64;
            if length == 0 {
                break;
            }
            if length == MAX_LINE && line.last() != Some(&b'\n') {
                length += self.reader.skip_until(b'\n')? as u64;
            }
            bytes += length;
            lines.push(if length > MAX_LINE { Err(length) } else { Ok(line) });
            if self.waits && self.reader.buffer().is_empty() {
                break; // Whoever writes by hand wants an answer to each line.
            }
        }
        self.progress.inc(bytes);
        Ok(())
    }
}

/// The identities in force at that moment that can be resembled.
fn officials(registry: &Registry, at: Moment) -> impl Iterator<Item = Official> {
    registry.identities().iter().filter(move |it| it.in_force(at)).filter_map(|it| {
        let kind = match it.kind {
            IdentityKind::Handle => Kind::Handle,
            IdentityKind::DisplayName | IdentityKind::Agent => Kind::DisplayName,
            IdentityKind::Avatar => Kind::Avatar,
            IdentityKind::Domain => Kind::Domain,
            IdentityKind::Email => Kind::Email,
            IdentityKind::Phone => Kind::Phone,
            IdentityKind::Address => Kind::Address,
            IdentityKind::App => Kind::Package,
        };
        let brand = registry.holder(it)?.id.clone();
        Some(Official { brand, kind, text: it.shown.clone() })
    })
}

/// Answers line by line, in order; how many lines were bad.
fn answer_all(index: &Index, mut input: Input) -> anyhow::Result<usize> {
    let mut output = BufWriter::with_capacity(1 << 18, Rows::new());
    let (mut lines, mut first, mut bad) = (Vec::new(), 1, 0);
    loop {
        input.batch(&mut lines)?;
        if lines.is_empty() {
            input.progress.finish_and_clear();
            output.flush()?;
            return Ok(bad);
        }
        for (text, problems) in answer_batch(index, &lines, first) {
            output.write_all(&text)?;
            bad += problems.len();
            for problem in problems {
                input.progress.suspend(|| eprintln!("touchstone: {problem}"));
            }
        }
        if input.waits {
            output.flush()?;
        }
        first += lines.len();
    }
}

type Answers = (Vec<u8>, Vec<String>);

fn answer_batch(index: &Index, lines: &[Line], first: usize) -> Vec<Answers> {
    const ALONE: usize = 64; // Fewer lines than this are not worth a thread.
    let size = if lines.len() < ALONE { lines.len() } else { lines.len().div_ceil(2) };
    std::thread::scope(|scope| {
        let threads: Vec<_> = lines
            .chunks(size)
            .enumerate()
            .map(|(part, lines)| scope.spawn(move || answer_lines(index, lines, first + part * size)))
            .collect();
        // No answer may be missing: whatever ended a thread ends the command.
        threads.into_iter().map(|it| it.join().unwrap_or_else(|cause| resume_unwind(cause))).collect()
    })
}

fn answer_lines(index: &Index, lines: &[Line], first: usize) -> Answers {
    let (mut out, mut problems, mut scratch) = (Vec::new(), Vec::new(), Scratch::default());
    for (number, line) in (first..).zip(lines) {
        let answered = match line {
            Ok(line) => answer(index, line, &mut scratch, &mut out),
            Err(length) => Err(format!("{length} bytes long, more than {MAX_LINE}")),
        };
        if let Err(reason) = answered {
            let error = format!("line {number}: {reason}");
            write_line(&Bad { error: &error }, &mut out);
            problems.push(error);
        }
    }
    (out, problems)
}

fn answer(index: &Index, line: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> Result<(), String> {
    let question: Question<'_> = serde_json::from_slice(line).map_err(|it| it.to_string())?;
    let kind = Kind::from_name(&question.kind).ok_or_else(|| format!("unknown kind {:?}", question.kind))?;
    let found = index.closest(&question.candidate, kind, scratch);
    match found.and_then(|it| Some((it, index.official(it.official)?))) {
        Some((it, official)) => write_line(
            &Found {
                candidate: &question.candidate,
                official: &official.text,
                brand: &official.brand,
                closeness: it.closeness,
                tier: it.tier.name(),
                techniques: it.techniques.names().collect(),
            },
            out,
        ),
        None => write_line(&Nothing { candidate: &question.candidate, official: None }, out),
    }
    Ok(())
}

fn write_line(value: &impl Serialize, out: &mut Vec<u8>) {
    // Writing these structures to memory cannot fail.
    if serde_json::to_writer(&mut *out, value).is_ok() {
        out.push(b'\n');
    }
}
