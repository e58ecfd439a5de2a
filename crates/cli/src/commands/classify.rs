//! `touchstone classify`: how likely each text is a scam, and by which tactics.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;
use touchstone_language::Reading;
use touchstone_text::{Folded, fold};
use touchstone_types::Span;

use super::evaluate::cases::Case;
use super::evaluate::{Judge, calibrated};
use crate::input::{Line, Lines};
use crate::judging::JudgedBy;
use crate::out::Rows;

/// Say how likely each text or conversation is a scam, and which tactics it uses.
///
/// One line out for each line in, in order. A line that cannot be read is answered with
/// `error` and reported with its number; the exit code is then 1.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// JSON Lines with `text`, or `turns` of `role` and `text`; `-` or nothing reads standard input
    file: Option<PathBuf>,
    #[command(flatten)]
    by: JudgedBy,
}

/// One line of output.
#[derive(Debug, Serialize)]
struct Answer {
    /// The share of scams among texts that score so, where half of all are scams.
    score: f64,
    tactics: Vec<Tactic>,
}

#[derive(Debug, Serialize)]
struct Tactic {
    name: String,
    score: f32,
    /// In characters.
    span: Span,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<usize>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let judge = Judge::new(&args.by)?;
    let mut classifier = Classifier::new(judge);
    let mut lines = Lines::open(args.file.as_deref())?;
    let mut out = BufWriter::new(Rows::new());
    let mut bad = 0_usize;
    loop {
        if lines.must_wait() {
            out.flush()?;
        }
        let Some(line) = lines.next()? else { break };
        let answer = match line {
            Line::Text(bytes) => classifier.classify(bytes),
            Line::TooLong(length) => Err(anyhow::anyhow!("{length} bytes are more than a line may have")),
        };
        match answer {
            Ok(answer) => serde_json::to_writer(&mut out, &answer)?,
            Err(reason) => {
                bad += 1;
                lines.say(&format!("touchstone: line {}: {reason:#}", lines.number()));
                serde_json::to_writer(&mut out, &serde_json::json!({ "error": format!("{reason:#}") }))?;
            }
        }
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(ExitCode::from(u8::from(bad > 0)))
}

struct Classifier {
    judge: Judge,
    folded: Folded,
    reading: Reading,
}

impl Classifier {
    fn new(judge: Judge) -> Self {
        Self { judge, folded: Folded::new(), reading: Reading::new() }
    }

    fn classify(&mut self, line: &[u8]) -> anyhow::Result<Answer> {
        let case: Case = serde_json::from_slice(line)?;
        let score = calibrated(self.judge.judge(&case)?.score);
        let mut tactics = Vec::new();
        for (turn, text) in case.texts().enumerate() {
            fold(text, &mut self.folded);
            let lexicon = self.judge.lexicon();
            lexicon.read(&self.folded, &mut self.reading);
            tactics.extend(self.reading.hits().iter().filter_map(|hit| {
                Some(Tactic {
                    name: lexicon.finding(hit.finding)?.to_string(),
                    score: hit.score,
                    span: Span::of_bytes(text, hit.span.clone()),
                    turn: case.has_turns().then_some(turn),
                })
            }));
        }
        Ok(Answer { score, tactics })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classify(line: &str) -> anyhow::Result<Answer> {
        Classifier::new(Judge::new(&JudgedBy::default()).unwrap()).classify(line.as_bytes())
    }

    #[test]
    fn a_request_for_the_words_scores_high_and_is_marked() {
        let answer = classify(r#"{"text":"Please send me your seed phrase"}"#).unwrap();
        assert!(answer.score > 0.9, "{answer:?}");
        let ask = answer.tactics.iter().find(|it| it.name == "asks_for_recovery_phrase").unwrap();
        assert_eq!((ask.span, ask.turn), (Span { from: 7, to: 31 }, None));
        assert!(classify(r#"{"text":"See you at nine"}"#).unwrap().score < 0.5);
    }

    #[test]
    fn turns_are_numbered_and_a_bad_line_is_an_error() {
        let line =
            r#"{"turns":[{"role":"user","text":"hi"},{"role":"agent","text":"把验证码发我"}],"lang":"zh"}"#;
        let answer = classify(line).unwrap();
        assert!(
            answer.tactics.iter().any(|it| it.name == "asks_for_code" && it.turn == Some(1)),
            "{answer:?}"
        );
        for bad in ["", "{}", "[]", r#"{"text":7}"#] {
            assert!(classify(bad).is_err(), "{bad}");
        }
    }
}
