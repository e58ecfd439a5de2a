//! Lines of events from a file or standard input, with a progress bar on a terminal.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::Path;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use serde_json::value::RawValue;
use touchstone_types::{Event, EventError, MAX_EVENT_BYTES, Moment};

/// A line of a server's log holds a verdict beside the event.
const MAX_LINE_BYTES: usize = 2 * MAX_EVENT_BYTES;

/// Where lines come from.
pub(crate) struct Lines {
    reader: BufReader<Box<dyn Read + Send>>,
    line: Vec<u8>,
    length: usize,
    number: usize,
    progress: ProgressBar,
    unreported: u64,
}

/// One line.
pub(crate) enum Line<'a> {
    /// Its bytes without the end of the line.
    Text(&'a [u8]),
    /// So many bytes, more than any event may have; they were skipped.
    TooLong(usize),
}

/// An event of a file, and when it was taken in. A line is an event as it is posted, or one of
/// a server's log (`GET /v1/log`); a posted one says nothing of when it was taken in: the
/// platform's time serves.
pub(crate) fn event(line: &[u8]) -> Result<(Event<'_>, Moment), EventError> {
    #[derive(Deserialize)]
    struct Logged<'a> {
        received: Moment,
        #[serde(borrow)]
        event: &'a RawValue,
    }
    if line.starts_with(b"{\"seq\":") {
        let logged: Logged<'_> = serde_json::from_slice(line)?;
        return Ok((Event::parse(logged.event.get().as_bytes())?, logged.received));
    }
    let event = Event::parse(line)?;
    let received = event.time;
    Ok((event, received))
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// How often the progress bar hears of progress, in bytes.
const REPORT: u64 = 1 << 18;

impl Lines {
    /// Opens a file; `-` or nothing is standard input.
    pub(crate) fn open(file: Option<&Path>) -> anyhow::Result<Self> {
        let path = file.filter(|path| *path != Path::new("-"));
        let (reader, size): (Box<dyn Read + Send>, Option<u64>) = match path {
            None => (Box::new(io::stdin()), None),
            Some(path) => {
                let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
                let size = file.metadata().ok().filter(|it| it.is_file()).map(|it| it.len());
                (Box::new(file), size)
            }
        };
        let progress = progress(size);
        let reader = BufReader::with_capacity(1 << 18, reader);
        Ok(Self { reader, line: Vec::new(), length: 0, number: 0, progress, unreported: 0 })
    }

    /// The number of the last line, from 1.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Whether the next line would have to be waited for.
    pub(crate) fn must_wait(&self) -> bool {
        self.reader.buffer().is_empty()
    }

    /// The next line that is not blank.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        while self.read()? {
            if self.length > MAX_LINE_BYTES || !self.line.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(self.last()));
            }
        }
        Ok(None)
    }

    /// The next line, blank or not.
    pub(crate) fn next_of_all(&mut self) -> io::Result<Option<Line<'_>>> {
        Ok(if self.read()? { Some(self.last()) } else { None })
    }

    fn last(&self) -> Line<'_> {
        match self.length {
            length if length > MAX_LINE_BYTES => Line::TooLong(length),
            _ => Line::Text(self.line.strip_suffix(b"\r").unwrap_or(&self.line)),
        }
    }

    /// Reads a line, if there is one. Memory stays bounded however long it is.
    fn read(&mut self) -> io::Result<bool> {
        self.line.clear();
        self.length = 0;
        let mut ended = false;
        while !ended {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            self.length += part.len();
            if self.length <= MAX_LINE_BYTES {
                self.line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            self.unreported += used as u64;
            ended = end.is_some();
        }
        self.report();
        if self.length == 0 && !ended {
            self.progress.finish_and_clear();
            return Ok(false);
        }
        self.number += 1;
        // Some editors begin a file with a mark of its encoding, which is no part of the first line.
        if self.number == 1 && self.line.starts_with(BYTE_ORDER_MARK) {
            self.line.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(true)
    }

    /// Says something on standard error without tearing the progress bar.
    pub(crate) fn say(&self, message: &str) {
        self.progress.suspend(|| eprintln!("{message}"));
    }

    fn report(&mut self) {
        if self.unreported >= REPORT {
            self.progress.inc(self.unreported);
            self.unreported = 0;
        }
    }
}

/// A bar for so many bytes, on standard error if that is a terminal.
pub(crate) fn progress(size: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, template) = match size {
        Some(size) => {
            (ProgressBar::new(size), "{bar:30} {percent:>3}%  {bytes}/{total_bytes}  {bytes_per_sec}  {eta}")
        }
        None => (ProgressBar::new_spinner(), "{spinner} {bytes}  {bytes_per_sec}  {elapsed}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
