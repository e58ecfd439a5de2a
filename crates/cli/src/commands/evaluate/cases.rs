//! Labelled cases, and the events that they are judged as.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What a case is known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Label {
    /// Genuine.
    Benign,
    /// Advertising: neither.
    Spam,
    /// Must be caught.
    Scam,
}

/// One labelled line.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    /// Absent where the case is only to be classified.
    #[serde(default)]
    pub(crate) label: Option<Label>,
    #[serde(default = "unknown")]
    pub(crate) lang: String,
    #[serde(default = "unknown")]
    pub(crate) source: String,
    /// A class within the source.
    #[serde(default)]
    pub(crate) fine: Option<String>,
    /// The turn that does the harm, from 0.
    #[serde(default)]
    pub(crate) harm_turn: Option<usize>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    turns: Option<Vec<Turn>>,
    #[serde(default)]
    event: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct Turn {
    #[serde(default)]
    role: String,
    text: String,
}

fn unknown() -> String {
    "unknown".to_owned()
}

/// Longer lines are no case; it bounds the memory.
const MAX_LINE: u64 = 16 << 20;

/// Reads a file, plain or gzip; each case is given with its number.
pub(crate) fn read(file: &Path, mut each: impl FnMut(usize, anyhow::Result<Case>)) -> anyhow::Result<()> {
    lines(file, |number, line| each(number, serde_json::from_slice(line).map_err(Into::into)))
}

/// Reads the lines of a file, plain or gzip, that are not empty.
pub(crate) fn lines(file: &Path, mut each: impl FnMut(usize, &[u8])) -> anyhow::Result<()> {
    let mut opened = File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    let mut magic = [0_u8; 2];
    let gzip = opened.read(&mut magic).is_ok_and(|it| it == 2) && magic == [0x1F, 0x8B];
    opened.seek(SeekFrom::Start(0)).with_context(|| format!("cannot read {}", file.display()))?;
    let mut reader: Box<dyn BufRead> = match gzip {
        true => Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(opened))),
        false => Box::new(BufReader::new(opened)),
    };
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let length = (&mut reader)
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .with_context(|| format!("cannot read {}", file.display()))?;
        if length == 0 {
            break;
        }
        anyhow::ensure!((length as u64) < MAX_LINE, "{}:{number}: the line is too long", file.display());
        if !line.iter().all(u8::is_ascii_whitespace) {
            each(number, &line);
        }
    }
    Ok(())
}

impl Case {
    /// Whether it is a conversation.
    pub(crate) fn has_turns(&self) -> bool {
        self.turns.is_some()
    }

    /// What is written in it, by turn.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let turns = self.turns.iter().flatten().map(|turn| turn.text.as_str());
        self.text.as_deref().into_iter().chain(turns)
    }

    /// The events to judge, in their order: texts come from a stranger who writes first.
    pub(crate) fn events(&self) -> anyhow::Result<Vec<Vec<u8>>> {
        if let Some(event) = &self.event {
            return Ok(vec![serde_json::to_vec(event)?]);
        }
        let lone = self.text.as_deref().map(|text| vec![("stranger", text)]);
        let turns = || {
            self.turns
                .as_ref()
                .map(|it| it.iter().map(|turn| (turn.role.as_str(), turn.text.as_str())).collect())
        };
        let turns: Vec<(&str, &str)> =
            lone.or_else(turns).context("the case has neither text nor turns nor event")?;
        let first = turns.first().map_or("stranger", |it| it.0);
        let events = turns.iter().enumerate().map(|(nth, (role, text))| {
            let other = turns.iter().map(|it| it.0).find(|it| it != role).unwrap_or("somebody");
            serde_json::to_vec(&json!({
                "specversion": "1.0",
                "type": "message.sent",
                "source": "evaluate",
                "id": nth.to_string(),
                "time": format!("2026-01-01T{:02}:{:02}:{:02}Z", nth / 120 % 24, nth / 2 % 60, nth % 2 * 30),
                "data": {
                    "sender": {"id": role},
                    "recipient": {"id": other},
                    "conversation": {"id": "case", "kind": "direct", "started_by": first},
                    "text": text,
                },
            }))
        });
        Ok(events.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn plain_and_packed_files_read_alike_and_bad_lines_have_numbers() {
        let lines = "{\"label\":\"scam\",\"text\":\"a\"}\n\nnonsense\n{\"label\":\"benign\",\"turns\":[{\"role\":\"user\",\"text\":\"b\"},{\"role\":\"agent\",\"text\":\"c\"}]}";
        let folder = tempfile::tempdir().unwrap();
        let (plain, packed) = (folder.path().join("a.jsonl"), folder.path().join("a.jsonl.gz"));
        std::fs::write(&plain, lines).unwrap();
        let mut pack =
            flate2::write::GzEncoder::new(File::create(&packed).unwrap(), flate2::Compression::fast());
        pack.write_all(lines.as_bytes()).unwrap();
        pack.finish().unwrap();
        for file in [plain, packed] {
            let mut seen = Vec::new();
            read(&file, |number, case| seen.push((number, case.map(|it| it.events().unwrap().len()).ok())))
                .unwrap();
            assert_eq!(seen, [(1, Some(1)), (3, None), (4, Some(2))]);
        }
    }

    #[test]
    fn a_case_is_judged_as_messages_between_its_roles() {
        let case: Case = serde_json::from_str(
            r#"{"label":"scam","turns":[{"role":"stranger","text":"hi"},{"role":"user","text":"who?"}]}"#,
        )
        .unwrap();
        let events = case.events().unwrap();
        let second = touchstone_types::Event::parse(&events[1]).unwrap();
        let touchstone_types::Data::MessageSent(message) = second.data else { panic!("no message") };
        assert_eq!(message.sender.id, "user");
        assert_eq!(message.recipient.unwrap().id, "stranger");
        assert_eq!(message.conversation.unwrap().started_by.unwrap(), "stranger");
    }
}
