//! Standard output: whoever reads it may stop, as `head` does, and nothing is wrong then.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind, StdoutLock, Write};

/// Prints a line. That nobody reads it any more is not an error, and the command goes on: its work
/// and its exit code do not depend on its reader.
macro_rules! say {
    ($($text:tt)*) => { $crate::out::print(format_args!("{}\n", format_args!($($text)*))) };
}

pub(crate) use say;

/// Prints a text, without an end of line of its own; see [`say`].
pub(crate) fn print(text: fmt::Arguments<'_>) -> io::Result<()> {
    match io::stdout().lock().write_fmt(text) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Standard output for long rows of answers. That nobody reads any more ends the command, by an
/// error that [`nobody_reads`] knows.
pub(crate) struct Rows(StdoutLock<'static>);

impl Rows {
    pub(crate) fn new() -> Self {
        Self(io::stdout().lock())
    }
}

impl Write for Rows {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(marked)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(marked)
    }
}

#[derive(Debug)]
struct NobodyReads;

impl fmt::Display for NobodyReads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads standard output any more")
    }
}

impl Error for NobodyReads {}

/// A pipe to elsewhere that breaks (a connection) stays an error.
fn marked(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::BrokenPipe {
        io::Error::new(ErrorKind::BrokenPipe, NobodyReads)
    } else {
        error
    }
}

/// Whether a command only ended because nobody reads what it prints.
pub(crate) fn nobody_reads(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        // JSON hides the error of what it is written to; nothing but standard output is piped there.
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.is_some_and(|it| it.is::<NobodyReads>()) || json == Some(ErrorKind::BrokenPipe)
    })
}
