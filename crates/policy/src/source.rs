//! Where a policy is written, and how we say what is wrong with it.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// One file of a policy. Whoever reads the disk makes these; this room does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path below the policy's directory, with `/`: `rules/support.toml`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// Something wrong in a policy, with its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// Path below the policy's directory.
    pub file: String,
    /// From 1; 0 if it is about the file as a whole.
    pub line: u32,
    /// In characters, from 1; 0 if it is about the file as a whole.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What may have been meant, or what is allowed here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message)?,
            line => write!(f, "{}:{line}:{}: {}", self.file, self.column, self.message)?,
        }
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

/// A stretch of one file, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) bytes: Range<usize>,
}

/// The files of a policy in the order of their paths, and what was found wrong in them.
#[derive(Default)]
pub(crate) struct Sources {
    pub(crate) files: Vec<SourceFile>,
    pub(crate) problems: Vec<Problem>,
}

/// So many problems are enough to start mending.
const MAX_PROBLEMS: usize = 200;

impl Sources {
    pub(crate) fn new(mut files: Vec<SourceFile>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files, problems: Vec::new() }
    }

    pub(crate) fn problem(&mut self, place: &Place, message: impl Into<String>, hint: Option<String>) {
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        let file = &self.files[place.file];
        let (line, column) = line_and_column(&file.text, place.bytes.start);
        self.problems.push(Problem { file: file.path.clone(), line, column, message: message.into(), hint });
    }

    pub(crate) fn whole_file(&mut self, path: &str, message: impl Into<String>, hint: Option<String>) {
        if self.problems.len() < MAX_PROBLEMS {
            let (file, message) = (path.to_owned(), message.into());
            self.problems.push(Problem { file, line: 0, column: 0, message, hint });
        }
    }

    /// The bytes of the file that a part of a decoded TOML string was written with.
    ///
    /// `token` is the string with its quotes; `within` counts bytes of the decoded text. A
    /// string whose escapes we cannot follow gives the start of the token.
    pub(crate) fn inside(&self, token: &Place, within: Range<usize>) -> Place {
        let raw = &self.files[token.file].text[token.bytes.clone()];
        let at = |decoded: usize| token.bytes.start + raw_offset(raw, decoded);
        Place { file: token.file, bytes: at(within.start)..at(within.end) }
    }
}

fn line_and_column(text: &str, byte: usize) -> (u32, u32) {
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before[before.rfind('\n').map_or(0, |at| at + 1)..].chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// Where byte `decoded` of a TOML string stands in its raw token, quotes included.
fn raw_offset(raw: &str, decoded: usize) -> usize {
    let long = raw.starts_with("'''") || raw.starts_with("\"\"\"");
    let mut at = if long { 3 } else { 1 };
    if long {
        // A line end right after the opening quotes is not part of the string.
        at += if raw[at..].starts_with("\r\n") { 2 } else { usize::from(raw[at..].starts_with('\n')) };
    }
    if raw.starts_with('\'') {
        return (at + decoded).min(raw.len());
    }
    let mut left = decoded;
    while left > 0 && at < raw.len() {
        let (used, made) = escape_len(&raw[at..]);
        if made > left {
            break;
        }
        at += used;
        left -= made;
    }
    at.min(raw.len())
}

/// How many raw bytes the first character of a basic string takes, and how many it makes.
fn escape_len(raw: &str) -> (usize, usize) {
    let mut chars = raw.chars();
    let first = chars.next().map_or(1, char::len_utf8);
    if !raw.starts_with('\\') {
        return (first, first);
    }
    let hex = |digits: usize| {
        let code = raw.get(2..2 + digits).and_then(|it| u32::from_str_radix(it, 16).ok());
        (2 + digits, code.and_then(char::from_u32).map_or(1, char::len_utf8))
    };
    match chars.next() {
        Some('x') => hex(2),
        Some('u') => hex(4),
        Some('U') => hex(8),
        Some(c) if c.is_whitespace() => {
            let rest = raw[1..].trim_start();
            (raw.len() - rest.len(), 0)
        }
        _ => (2, 1),
    }
}

/// The candidate that looks most like what was written, if one is near enough to be meant.
pub(crate) fn closest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = written.chars().count();
    let allowed = (length / 3).clamp(1, 4);
    let parts = |name: &str| {
        let mut parts: Vec<String> = name.split(['_', '.']).map(str::to_owned).collect();
        parts.sort();
        parts
    };
    let written_parts = parts(written);
    candidates
        .into_iter()
        .map(|candidate| {
            let same_words = parts(candidate) == written_parts;
            (if same_words { 1 } else { distance(written, candidate) }, candidate)
        })
        .filter(|(far, _)| *far <= allowed)
        .min_by_key(|(far, _)| *far)
        .map(|(_, candidate)| candidate)
}

/// "did you mean …?", if something is near enough.
pub(crate) fn did_you_mean<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    closest(written, candidates).map(|name| format!("did you mean `{name}`?"))
}

/// Edits (insert, delete, replace, swap neighbours) between two short names.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_inside_an_escaped_string_is_where_it_was_written() {
        for (raw, decoded, expected) in [
            ("'found.x'", 6, "x"),
            ("\"a \\\"b\\\" c\"", 6, "c"),
            ("\"\\u52a9 z\"", 4, "z"),
            ("'''\nx && y'''", 5, "y"),
            ("\"\"\"\nx \\\n   y\"\"\"", 2, "\\\n   y"),
        ] {
            let at = raw_offset(raw, decoded);
            assert!(raw[at..].starts_with(expected), "{raw}: {}", &raw[at..]);
        }
    }

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        assert_eq!(line_and_column("a\n助记 x", "a\n助记 ".len()), (2, 4));
        assert_eq!(line_and_column("", 9), (1, 1));
    }

    #[test]
    fn a_slip_is_answered_with_the_name_that_was_meant() {
        let names = ["claims_support", "asks_for_code", "transfer.usd"];
        assert_eq!(closest("claims_suport", names), Some("claims_support"));
        assert_eq!(closest("support_claims", names), Some("claims_support"));
        assert_eq!(closest("trasnfer.usd", names), Some("transfer.usd"));
        assert_eq!(closest("weather", names), None);
    }
}
