//! Labelled lines, and what each teaches.

use std::collections::BTreeSet;

use serde::Deserialize;

/// One text of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// As written.
    pub text: String,
    /// What it is an example of; none if it is only judged, as part of its conversation.
    pub scam: Option<bool>,
}

/// One labelled case: a message, or a conversation by turns.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// One, or one for each turn.
    pub texts: Vec<Text>,
    /// Whether the case is a scam.
    pub scam: bool,
    /// Where it comes from: cases of one source are alike, and are held out together.
    pub source: String,
    /// BCP 47, or empty.
    pub lang: String,
    /// How much it counts, 1 for most.
    pub weight: f32,
}

/// Why a line teaches nothing.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// No JSON, or not of this shape.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// Nothing to read.
    #[error("the case has neither text nor turns nor an event with a text")]
    NoText,
    /// Nothing to learn.
    #[error("the case has no label")]
    NoLabel,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    turns: Option<Vec<Turn>>,
    #[serde(default)]
    event: Option<Event>,
    #[serde(default)]
    label: Option<Label>,
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    noisy: bool,
    #[serde(default)]
    tactics: Vec<Tactic>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Label {
    Scam,
    Spam,
    Benign,
}

#[derive(Deserialize)]
struct Turn {
    #[serde(default)]
    role: String,
    text: String,
}

#[derive(Deserialize)]
struct Event {
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    #[serde(default)]
    text: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Tactic {
    Turn { turn: usize },
    Message(serde::de::IgnoredAny),
}

/// A turn with fewer characters than this is a greeting or a yes, whoever says it.
const SHORTEST_TURN: usize = 12;

impl Row {
    /// Reads one line of the file `set`. None for advertising, which is neither, and for lines
    /// whose label is in doubt.
    ///
    /// # Errors
    /// [`RowError`] for a line that cannot be used.
    pub fn parse(line: &[u8], set: &str, weight: f32) -> Result<Option<Self>, RowError> {
        let line: Line = serde_json::from_slice(line)?;
        let scam = match line.label.ok_or(RowError::NoLabel)? {
            Label::Spam => return Ok(None),
            _ if line.noisy => return Ok(None),
            Label::Scam => true,
            Label::Benign => false,
        };
        let marked: BTreeSet<usize> = line
            .tactics
            .iter()
            .filter_map(|it| if let Tactic::Turn { turn } = it { Some(*turn) } else { None })
            .collect();
        let texts = match (line.text, line.turns, line.event) {
            (Some(text), ..) => vec![Text { text, scam: Some(scam) }],
            (None, Some(turns), _) if !turns.is_empty() => of_turns(turns, scam, &marked),
            (None, None, Some(Event { data: EventData { text: Some(text) } })) => {
                vec![Text { text, scam: Some(scam) }]
            }
            _ => return Err(RowError::NoText),
        };
        // Files of one hand have one style, whatever their source is called.
        let source = match line.source {
            Some(source) if source != "written" => source,
            _ => set.to_owned(),
        };
        Ok(Some(Self { texts, scam, source, lang: line.lang.unwrap_or_default(), weight }))
    }
}

/// In a genuine conversation every turn is genuine. In a scam it is the turns that are marked,
/// or, where none is, what the side says that begins.
fn of_turns(turns: Vec<Turn>, scam: bool, marked: &BTreeSet<usize>) -> Vec<Text> {
    let first = turns.first().map(|it| it.role.clone()).unwrap_or_default();
    let teaches = |nth: usize, turn: &Turn| match (scam, marked.is_empty()) {
        (false, _) => Some(false),
        (true, false) => marked.contains(&nth).then_some(true),
        (true, true) => (turn.role == first && turn.text.chars().count() > SHORTEST_TURN).then_some(true),
    };
    let one = |(nth, turn): (usize, Turn)| Text { scam: teaches(nth, &turn), text: turn.text };
    turns.into_iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Row>, RowError> {
        Row::parse(line.as_bytes(), "file", 1.0)
    }

    #[test]
    fn messages_conversations_and_reviewed_events_are_read() {
        let row = parse(r#"{"text":"a","label":"scam","source":"x","lang":"en","tactics":["asks_code"]}"#);
        let row = row.unwrap().unwrap();
        assert_eq!((&*row.source, row.scam, row.texts[0].scam), ("x", true, Some(true)));
        let event = r#"{"seq":4,"label":"benign","at":"2026-01-01T00:00:00Z","event":{"data":{"text":"b"}}}"#;
        let row = parse(event).unwrap().unwrap();
        assert_eq!((&*row.source, &*row.texts[0].text, row.scam), ("file", "b", false));
        let turns = r#"{"source":"written","label":"scam","turns":[{"role":"user","text":"help"},
            {"role":"agent","text":"give it"}],"tactics":[{"turn":1,"name":"asks_code"}]}"#;
        let row = parse(turns).unwrap().unwrap();
        assert_eq!(row.source, "file");
        assert_eq!(row.texts.iter().map(|it| it.scam).collect::<Vec<_>>(), [None, Some(true)]);
    }

    #[test]
    fn without_marks_the_side_that_begins_is_the_scammer() {
        let turns = r#"{"label":"scam","turns":[{"role":"caller","text":"this is the court, you must pay"},
            {"role":"callee","text":"what have I done, please tell me"},{"role":"caller","text":"ok"}]}"#;
        let row = parse(turns).unwrap().unwrap();
        assert_eq!(row.texts.iter().map(|it| it.scam).collect::<Vec<_>>(), [Some(true), None, None]);
    }

    #[test]
    fn advertising_and_doubtful_lines_teach_nothing_and_bad_ones_are_errors() {
        assert!(parse(r#"{"text":"a","label":"spam"}"#).unwrap().is_none());
        assert!(parse(r#"{"text":"a","label":"scam","noisy":true}"#).unwrap().is_none());
        for bad in ["", "[]", r#"{"text":"a"}"#, r#"{"label":"scam"}"#, r#"{"label":"scam","turns":[]}"#] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
