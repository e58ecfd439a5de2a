//! How is the language model made, and how good is it on sources it never saw?
//!
//! The way through: [`Row::parse`] reads labelled lines; [`train`] turns them into numbers
//! (`matrix`), finds weights (`solve`) once with all sources and once without each source of
//! scams in turn, judges every case by the model that never saw its source, fits the share of
//! scams to those scores (`curve`), and packs the weights of all sources into a [`Model`].
//!
//! Always true here:
//! - The same rows in the same order give the same model, byte for byte.
//! - A case is never judged by a model that saw its source, except that genuine sources
//!   without scams are held out in groups.
//! - No row leaves this room: a [`Trained`] has weights of hashes, and scores.

mod curve;
mod matrix;
mod measure;
mod rows;
mod solve;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use touchstone_language::model::{Model, Score, Weights};
use touchstone_language::{Lexicon, Reading};
use touchstone_text::{Folded, fold};

pub use measure::{Measured, measure};
pub use rows::{Row, RowError, Text};

use crate::matrix::{Groups, Matrix};
use crate::solve::{Pace, Solution, solve};

/// How to train. The defaults are what the shipped model was made with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Of each source and label at most so many texts are used.
    pub most_of_one: usize,
    /// How often each text is looked at.
    pub epochs: u32,
    /// How fast weights move.
    pub rate: f32,
    /// What holds weights back.
    pub penalty: f32,
    /// A text with fewer grams than this is weighed as if it had so many.
    pub fewest: u32,
    /// The table has `1 << bits` places of two bytes.
    pub bits: u32,
    /// Whether to judge each source by a model without it; needed for the curve.
    pub hold_out: bool,
    /// How many processors to use; the result is the same.
    pub threads: usize,
    /// What is said of the training in the model.
    pub about: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            most_of_one: 5_000,
            epochs: 12,
            rate: 0.15,
            penalty: 2.0,
            fewest: 16,
            bits: 19,
            hold_out: true,
            threads: 2,
            about: String::new(),
        }
    }
}

/// Why nothing can be trained.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrainError {
    /// One of the two labels does not occur.
    #[error("there are {scams} scams and {genuine} genuine cases to learn from; both are needed")]
    OneSided {
        /// Cases of scams.
        scams: usize,
        /// Genuine cases.
        genuine: usize,
    },
}

/// What came of it.
pub struct Trained {
    /// The model of all sources.
    pub model: Model,
    /// For each row its score by a model that never saw its source: the highest of its texts.
    /// None for rows that were not held out.
    pub held_out: Vec<Option<Score>>,
    /// How many grams have a weight.
    pub grams: usize,
}

/// What is being done, for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many rows of so many were read.
    Read(usize, usize),
    /// So many models of so many were trained.
    Trained(usize, usize),
}

/// Trains a model on rows.
///
/// # Errors
/// [`TrainError`] if there is nothing to tell apart.
pub fn train(
    rows: &[Row],
    lexicon: &Lexicon,
    options: &Options,
    progress: &(dyn Fn(Step) + Sync),
) -> Result<Trained, TrainError> {
    let scams = rows.iter().filter(|row| row.scam).count();
    if scams == 0 || scams == rows.len() {
        return Err(TrainError::OneSided { scams, genuine: rows.len() - scams });
    }
    let sources = Sources::of(rows);
    let mut read = 0;
    let matrix = Matrix::read(rows, &sources.of_row, lexicon, || {
        read += 1;
        if read % 1_000 == 0 {
            progress(Step::Read(read, rows.len()));
        }
    });
    let trainer = Trainer { rows, lexicon, options, sources: &sources, matrix: &matrix };
    let parts = if options.hold_out { sources.parts() } else { Vec::new() };
    let held_out = trainer.hold_out(&parts, progress);
    let mut weights = trainer.weights(Groups::all());
    let scored = sources.scored(rows, &held_out);
    weights.curve = curve::fit(&scored);
    weights.about.clone_from(&options.about);
    progress(Step::Trained(parts.len() + 1, parts.len() + 1));
    let grams = weights.grams.len();
    Ok(Trained { model: Model::pack(&weights, options.bits), held_out, grams })
}

/// The sources by number, and the source of each row.
struct Sources {
    names: Vec<String>,
    of_row: Vec<usize>,
    has_scams: Vec<bool>,
}

impl Sources {
    fn of(rows: &[Row]) -> Self {
        let names: BTreeSet<&str> = rows.iter().map(|row| row.source.as_str()).collect();
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let number = |row: &Row| names.binary_search(&row.source).unwrap_or(0);
        let of_row: Vec<usize> = rows.iter().map(number).collect();
        let mut has_scams = vec![false; names.len()];
        rows.iter().zip(&of_row).filter(|(row, _)| row.scam).for_each(|(_, at)| has_scams[*at] = true);
        Self { names, of_row, has_scams }
    }

    /// What is held out together: each source of scams alone, and the genuine sources dealt
    /// out among them, so that none of them is judged by a model that saw it.
    fn parts(&self) -> Vec<Groups> {
        let of_scams: Vec<usize> = (0..self.names.len()).filter(|at| self.has_scams[*at]).collect();
        let genuine = (0..self.names.len()).filter(|at| !self.has_scams[*at]);
        let mut parts: Vec<Groups> = of_scams.iter().map(|at| Groups::all().without(*at)).collect();
        for (nth, at) in genuine.enumerate() {
            let part = nth % parts.len();
            parts[part] = parts[part].without(at);
        }
        parts
    }

    /// Held-out scores, each source and label counting as one.
    fn scored(&self, rows: &[Row], held_out: &[Option<Score>]) -> Vec<curve::Scored> {
        let mut counts: BTreeMap<(usize, bool), f64> = BTreeMap::new();
        let key = |at: usize| (self.of_row[at], rows[at].scam);
        for at in (0..rows.len()).filter(|at| held_out[*at].is_some()) {
            *counts.entry(key(at)).or_default() += 1.0;
        }
        let one = |at: usize| {
            let count = counts.get(&key(at)).copied().unwrap_or(1.0);
            held_out[at].map(|score| (score.0, rows[at].scam, 1.0 / count))
        };
        (0..rows.len()).filter_map(one).collect()
    }
}

struct Trainer<'a> {
    rows: &'a [Row],
    lexicon: &'a Lexicon,
    options: &'a Options,
    sources: &'a Sources,
    matrix: &'a Matrix,
}

/// A source and label with so many texts counts as much as its number; larger ones count by
/// the root, so that none drowns the others.
const USUAL: f32 = 1_000.0;
/// How far one text of a small or large source may count more or less than its share.
const SPREAD: (f32, f32) = (0.3, 4.0);

impl Trainer<'_> {
    /// Scores every row by a model without its source.
    fn hold_out(&self, parts: &[Groups], progress: &(dyn Fn(Step) + Sync)) -> Vec<Option<Score>> {
        let scores = Mutex::new(vec![None; self.rows.len()]);
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..self.options.threads.max(1) {
                scope.spawn(|| {
                    while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let model = Arc::new(Model::pack(&self.weights(*part), self.options.bits));
                        let held = |at: &usize| !part.has(self.sources.of_row[*at]);
                        let found = self.judge(&model, (0..self.rows.len()).filter(held));
                        if let Ok(mut scores) = scores.lock() {
                            found.into_iter().for_each(|(at, score)| scores[at] = Some(score));
                        }
                        progress(Step::Trained(done.fetch_add(1, Ordering::Relaxed) + 1, parts.len() + 1));
                    }
                });
            }
        });
        scores.into_inner().unwrap_or_default()
    }

    /// The highest score of each row's texts.
    fn judge(&self, model: &Arc<Model>, rows: impl Iterator<Item = usize>) -> Vec<(usize, Score)> {
        let bound = model.bind(self.lexicon.findings());
        let (mut folded, mut reading) = (Folded::new(), Reading::new());
        rows.filter_map(|at| {
            let scores = self.rows[at].texts.iter().map(|text| {
                fold(&text.text, &mut folded);
                self.lexicon.read(&folded, &mut reading);
                bound.score(&folded, &reading)
            });
            Some((at, scores.max_by(|a, b| a.0.total_cmp(&b.0))?))
        })
        .collect()
    }

    /// The weights that the sources of `among` teach.
    fn weights(&self, among: Groups) -> Weights {
        let texts = self.texts(among);
        let matrix = self.matrix;
        let common: Vec<bool> = (0..matrix.vocabulary.len()).map(|at| matrix.is_common(at, among)).collect();
        let pace =
            Pace { epochs: self.options.epochs, rate: self.options.rate, penalty: self.options.penalty };
        let example = |nth: usize| {
            let (text, weight) = texts[nth];
            matrix.example(text, self.options.fewest, weight)
        };
        let features = (&common[..], matrix.findings + matrix.pairs.len());
        let Solution { grams, tactics, bias } = solve(texts.len(), example, features, pace);
        let (alone, pairs) = tactics.split_at(matrix.findings);
        let names = self.lexicon.findings().iter().cloned();
        Weights {
            grams: grams
                .iter()
                .zip(&matrix.vocabulary)
                .filter(|(weight, _)| **weight != 0.0)
                .map(|(weight, (hash, _))| (*hash, *weight))
                .collect(),
            tactics: names.zip(alone).map(|(name, weight)| (name, weight * solve::TACTIC)).collect(),
            pairs: matrix
                .pairs
                .iter()
                .zip(pairs)
                .filter(|(_, weight)| **weight > 0.0)
                .map(|((one, other), weight)| ((*one as usize, *other as usize), weight * solve::TACTIC))
                .collect(),
            bias,
            fewest: self.options.fewest,
            curve: vec![(0.0, 0.5)],
            about: String::new(),
        }
    }

    /// The texts of these sources with what each counts.
    fn texts(&self, among: Groups) -> Vec<(usize, f32)> {
        let mut by_source: BTreeMap<(usize, bool), Vec<usize>> = BTreeMap::new();
        for text in self.matrix.texts_of(|row| among.has(self.sources.of_row[row])) {
            by_source.entry(self.matrix.group(text)).or_default().push(text);
        }
        let mut all = Vec::new();
        for texts in by_source.into_values() {
            // Evenly over the source: its order may have a meaning.
            let step = texts.len().div_ceil(self.options.most_of_one).max(1);
            let used: Vec<usize> = texts.into_iter().step_by(step).collect();
            let weight = (USUAL / used.len() as f32).sqrt().clamp(SPREAD.0, SPREAD.1);
            all.extend(used.into_iter().map(|text| (text, weight * self.rows[self.matrix.row(text)].weight)));
        }
        all
    }
}
