//! How much of each source is caught at a share of false alarms.

use std::collections::BTreeMap;

use touchstone_language::model::Score;

use crate::Row;

/// One source, language and label.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The source.
    pub source: String,
    /// BCP 47.
    pub lang: String,
    /// Whether these are scams.
    pub scam: bool,
    /// How many cases.
    pub cases: usize,
    /// At each threshold the share that is flagged.
    pub flagged: Vec<f64>,
}

/// Of each genuine source so many cases set the thresholds at most.
const MOST_GENUINE: usize = 1_200;

/// Flags each case that scores more than all but a share of genuine cases do.
#[must_use]
pub fn measure(rows: &[Row], scores: &[Option<Score>], alarms: &[f64]) -> Vec<Measured> {
    let mut groups: BTreeMap<(bool, &str, &str), Vec<f32>> = BTreeMap::new();
    for (row, score) in rows.iter().zip(scores) {
        if let Some(score) = score {
            groups.entry((!row.scam, &row.source, &row.lang)).or_default().push(score.0);
        }
    }
    let mut by_source: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
    for ((_, source, _), scores) in groups.iter().filter(|((genuine, ..), _)| *genuine) {
        by_source.entry(source).or_default().extend(scores);
    }
    let evenly = |it: Vec<f32>| {
        let step = it.len().div_ceil(MOST_GENUINE).max(1);
        it.into_iter().step_by(step)
    };
    let mut genuine: Vec<f32> = by_source.into_values().flat_map(evenly).collect();
    genuine.sort_unstable_by(|a, b| b.total_cmp(a));
    let cut = |share: &f64| {
        let allowed = (genuine.len() as f64 * share).floor() as usize;
        genuine.get(allowed).copied().unwrap_or(f32::NEG_INFINITY)
    };
    let cuts: Vec<f32> = alarms.iter().map(cut).collect();
    let one = |((genuine, source, lang), scores): ((bool, &str, &str), Vec<f32>)| Measured {
        source: source.to_owned(),
        lang: lang.to_owned(),
        scam: !genuine,
        cases: scores.len(),
        flagged: cuts
            .iter()
            .map(|cut| scores.iter().filter(|it| *it > cut).count() as f64 / scores.len() as f64)
            .collect(),
    };
    groups.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_come_from_the_genuine_and_each_source_is_told_apart() {
        let row = |source: &str, scam| Row {
            texts: Vec::new(),
            scam,
            source: source.to_owned(),
            lang: "en".to_owned(),
            weight: 1.0,
        };
        let rows: Vec<Row> =
            (0..10).map(|_| row("talk", false)).chain((0..4).map(|_| row("calls", true))).collect();
        let scores: Vec<Option<Score>> = (0..10)
            .map(|it| Some(Score(it as f32)))
            .chain([0.0, 7.5, 8.5, 9.5].map(|it| Some(Score(it))))
            .collect();
        let measured = measure(&rows, &scores, &[0.0, 0.1]);
        assert_eq!(measured.len(), 2);
        assert!(measured[0].scam && measured[0].flagged == [0.25, 0.5], "{measured:?}");
        assert_eq!(measured[1].flagged, [0.0, 0.1]);
    }
}
