//! Counts, shares and how far they can be trusted.

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, Table, presets::UTF8_HORIZONTAL_ONLY};
use serde::Serialize;
use touchstone_types::Decision;

use super::Judged;
use super::cases::Label;

use crate::out::say;

/// A share with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Share {
    pub(crate) count: usize,
    pub(crate) of: usize,
    pub(crate) share: f64,
    /// The 95 % interval of Wilson (1927).
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Share {
    pub(crate) fn new(count: usize, of: usize) -> Self {
        const Z: f64 = 1.959_964;
        if of == 0 {
            return Share { count, of, share: 0.0, low: 0.0, high: 1.0 };
        }
        let (n, p) = (of as f64, count as f64 / of as f64);
        let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let reach = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        Share { count, of, share: p, low: (centre - reach).max(0.0), high: (centre + reach).min(1.0) }
    }

    fn percent(self) -> String {
        format!("{:.1} [{:.1}–{:.1}]", 100.0 * self.share, 100.0 * self.low, 100.0 * self.high)
    }
}

/// The lowest score that at most a share of genuine text reaches.
#[derive(Debug, Serialize)]
struct Threshold {
    /// The share asked for, in percent.
    alarms: f64,
    score: u32,
    /// The share reached.
    reached: Share,
    /// Of all that is flagged here, advertising left out, how much is scam. It depends on
    /// how much scam was put in.
    precision: Share,
}

/// One source, label, language and class.
#[derive(Debug, Serialize)]
struct Row {
    label: Label,
    source: String,
    language: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    cases: usize,
    /// At each threshold: recall for scams, false alarms for genuine text.
    flagged: Vec<Share>,
    /// Not simply allowed by the policy as it stands.
    warned: Share,
    /// Conversations flagged at each threshold by the turn that does the harm, and the mean
    /// turn of those.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_time: Option<Vec<(Share, f64)>>,
}

/// Everything that is reported.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    thresholds: Vec<Threshold>,
    rows: Vec<Row>,
}

/// The scores of the genuine text that sets the thresholds, highest first.
pub(crate) fn genuine_scores(judged: &[Judged], genuine: &[String]) -> Vec<u32> {
    let counts =
        |it: &&Judged| it.label == Label::Benign && (genuine.is_empty() || genuine.contains(&it.source));
    let mut scores: Vec<u32> = judged.iter().filter(counts).map(|it| it.score).collect();
    scores.sort_unstable_by(|a, b| b.cmp(a));
    scores
}

/// The lowest score that at most `share` of the scores (highest first) reach; at least 1.
fn threshold(scores: &[u32], share: f64) -> u32 {
    let allowed = (scores.len() as f64 * share).floor() as usize;
    scores.get(allowed).map_or(1, |first_too_many| first_too_many + 1).max(1)
}

impl Report {
    pub(crate) fn of(judged: &[Judged], alarms: &[f64], genuine: &[String]) -> anyhow::Result<Self> {
        let scores = genuine_scores(judged, genuine);
        anyhow::ensure!(!scores.is_empty(), "there is no genuine text to set thresholds by");
        let thresholds: Vec<Threshold> = alarms
            .iter()
            .map(|percent| {
                let score = threshold(&scores, percent / 100.0);
                let flagged =
                    |label| judged.iter().filter(|it| it.label == label && it.score >= score).count();
                let (scam, benign) = (flagged(Label::Scam), flagged(Label::Benign));
                Threshold {
                    alarms: *percent,
                    score,
                    reached: Share::new(scores.iter().filter(|it| **it >= score).count(), scores.len()),
                    precision: Share::new(scam, scam + benign),
                }
            })
            .collect();
        let cuts: Vec<u32> = thresholds.iter().map(|it| it.score).collect();
        Ok(Self { thresholds, rows: rows(judged, &cuts) })
    }

    pub(crate) fn print(&self) -> std::io::Result<()> {
        for it in &self.thresholds {
            say!(
                "{} % false alarms asked: score {} and more, {} reached; {} % of what is flagged is scam",
                it.alarms,
                it.score,
                it.reached.percent(),
                it.precision.percent()
            )?;
        }
        let mut table = Table::new();
        table.load_style(UTF8_HORIZONTAL_ONLY);
        let heads = self.thresholds.iter().map(|it| format!("% at {} %", it.alarms));
        let late = self.thresholds.iter().map(|it| format!("in time at {} %", it.alarms));
        let fixed = ["label", "source", "lang", "class", "cases"].map(str::to_owned);
        table.set_header(fixed.into_iter().chain(heads).chain(["% warned".to_owned()]).chain(late));
        for row in &self.rows {
            table.add_row(row.cells(self.thresholds.len()));
        }
        table.column_iter_mut().skip(4).for_each(|it| it.set_cell_alignment(CellAlignment::Right));
        say!("{table}")?;
        Ok(())
    }
}

impl Row {
    fn of(key: Key, all: &[&Judged], cuts: &[u32]) -> Self {
        let share = |holds: &dyn Fn(&Judged) -> bool| {
            Share::new(all.iter().filter(|it| holds(it)).count(), all.len())
        };
        let timed: Vec<(&Judged, usize)> = all.iter().filter_map(|it| Some((*it, it.harm_turn?))).collect();
        let in_time = |cut: &u32| {
            let first = |it: &Judged| it.turns.iter().position(|score| score >= cut);
            let turns: Vec<usize> =
                timed.iter().filter_map(|(it, harm)| first(it).filter(|turn| turn <= harm)).collect();
            let mean = turns.iter().sum::<usize>() as f64 / turns.len().max(1) as f64;
            (Share::new(turns.len(), timed.len()), mean)
        };
        Row {
            label: key.0,
            source: key.1,
            language: key.2,
            class: key.3,
            cases: all.len(),
            flagged: cuts.iter().map(|cut| share(&|it| it.score >= *cut)).collect(),
            warned: share(&|it| it.decision > Decision::Allow),
            in_time: (key.0 == Label::Scam && !timed.is_empty()).then(|| cuts.iter().map(in_time).collect()),
        }
    }

    fn cells(&self, thresholds: usize) -> Vec<String> {
        let label = format!("{:?}", self.label).to_lowercase();
        let class = self.class.clone().unwrap_or_default();
        let mut cells =
            vec![label, self.source.clone(), self.language.clone(), class, self.cases.to_string()];
        cells.extend(self.flagged.iter().map(|it| it.percent()));
        cells.push(self.warned.percent());
        match &self.in_time {
            Some(all) => {
                cells.extend(all.iter().map(|(share, turn)| format!("{}, turn {turn:.1}", share.percent())))
            }
            None => cells.extend(vec![String::new(); thresholds]),
        }
        cells
    }
}

type Key = (Label, String, String, Option<String>);

/// A row for each source, label and language, then one for each class within it.
fn rows(judged: &[Judged], cuts: &[u32]) -> Vec<Row> {
    let mut groups: BTreeMap<Key, Vec<&Judged>> = BTreeMap::new();
    for it in judged {
        let key = |class| (it.label, it.source.clone(), it.language.clone(), class);
        groups.entry(key(None)).or_default().push(it);
        if it.class.is_some() && it.label == Label::Scam {
            groups.entry(key(it.class.clone())).or_default().push(it);
        }
    }
    groups.into_iter().map(|(key, all)| Row::of(key, &all, cuts)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_wilson() {
        let share = Share::new(8, 10);
        assert!((share.low - 0.4902).abs() < 1e-3 && (share.high - 0.9433).abs() < 1e-3, "{share:?}");
        assert_eq!(Share::new(0, 50).low, 0.0);
        assert!(Share::new(0, 50).high > 0.05);
    }

    #[test]
    fn a_threshold_lets_through_no_more_than_asked() {
        let scores = [90, 50, 50, 20, 0, 0, 0, 0, 0, 0];
        for (share, score) in [(0.0, 91), (0.1, 51), (0.2, 51), (0.3, 21), (0.4, 1), (0.99, 1)] {
            assert_eq!(threshold(&scores, share), score, "{share}");
        }
    }
}
