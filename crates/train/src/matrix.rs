//! Rows as numbers: which grams and which tactics each text has.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use touchstone_language::model::{Sink, grams};
use touchstone_language::{Lexicon, Reading};
use touchstone_text::{Folded, fold};

use crate::Row;
use crate::solve::Example;

/// A text that teaches something.
struct Taught {
    row: usize,
    group: usize,
    scam: bool,
    /// How many grams it has, those included that are not in the vocabulary.
    length: u32,
}

/// All texts that teach, as numbers.
pub(crate) struct Matrix {
    texts: Vec<Taught>,
    grams: Vec<u32>,
    gram_ends: Vec<usize>,
    tactics: Vec<u32>,
    tactic_ends: Vec<usize>,
    /// The vocabulary, with the groups in which each gram stands.
    pub(crate) vocabulary: Vec<(u64, Groups)>,
    /// Two different tactics, the lower first; numbers go on after the findings'.
    pub(crate) pairs: Vec<(u32, u32)>,
    pub(crate) findings: usize,
}

/// A set of sources by number; all beyond the 127th are one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Groups(u128);

impl Groups {
    pub(crate) fn all() -> Self {
        Self(u128::MAX)
    }

    pub(crate) fn without(self, group: usize) -> Self {
        Self(self.0 & !(1 << group.min(127)))
    }

    pub(crate) fn has(self, group: usize) -> bool {
        self.0 >> group.min(127) & 1 == 1
    }

    fn add(&mut self, group: usize) {
        self.0 |= 1 << group.min(127);
    }

    /// How many of them are in `among`.
    fn count(self, among: Self) -> u32 {
        (self.0 & among.0).count_ones()
    }
}

/// A gram is kept that stands in so many texts of so many sources: what only one source says
/// is its style, not its meaning.
const FEWEST_TEXTS: u32 = 3;
const FEWEST_SOURCES: u32 = 2;

struct Collect(Vec<u64>);

impl Sink for Collect {
    fn gram(&mut self, hash: u64) {
        self.0.push(hash);
    }
    fn sentence(&mut self) {}
}

impl Matrix {
    /// Reads the texts of all rows, each row being of the group of that number.
    pub(crate) fn read(rows: &[Row], groups: &[usize], lexicon: &Lexicon, mut step: impl FnMut()) -> Self {
        let mut seen: HashMap<u64, (u32, Groups), FixedState> = HashMap::default();
        let (mut folded, mut reading, mut collect) = (Folded::new(), Reading::new(), Collect(Vec::new()));
        let (mut texts, mut hits, mut hashes, mut ends) = (Vec::new(), Vec::new(), Vec::new(), vec![0]);
        for (at, row) in rows.iter().enumerate() {
            for text in &row.texts {
                let Some(scam) = text.scam else { continue };
                fold(&text.text, &mut folded);
                lexicon.read(&folded, &mut reading);
                hits.push(reading.hits().iter().map(|hit| u32::from(hit.finding)).collect::<Vec<_>>());
                collect.0.clear();
                grams(folded.text(), &mut collect);
                let length = collect.0.len() as u32;
                texts.push(Taught { row: at, group: groups[at], scam, length });
                hashes.extend_from_slice(&collect.0);
                ends.push(hashes.len());
                collect.0.sort_unstable();
                collect.0.dedup();
                for hash in &collect.0 {
                    let entry = seen.entry(*hash).or_default();
                    entry.0 += 1;
                    entry.1.add(groups[at]);
                }
            }
            step();
        }
        let mut kept: Vec<(u64, Groups)> = seen
            .into_iter()
            .filter(|(_, (texts, groups))| {
                *texts >= FEWEST_TEXTS && groups.count(Groups::all()) >= FEWEST_SOURCES
            })
            .map(|(hash, (_, groups))| (hash, groups))
            .collect();
        kept.sort_unstable_by_key(|(hash, _)| *hash);
        Self::pack(texts, &hits, (&hashes, &ends), kept, lexicon.findings().len())
    }

    fn pack(
        texts: Vec<Taught>,
        hits: &[Vec<u32>],
        (hashes, ends): (&[u64], &[usize]),
        vocabulary: Vec<(u64, Groups)>,
        findings: usize,
    ) -> Self {
        let places: HashMap<u64, u32, FixedState> =
            vocabulary.iter().enumerate().map(|(at, (hash, _))| (*hash, at as u32)).collect();
        let (mut grams, mut gram_ends) = (Vec::new(), vec![0]);
        for range in ends.windows(2) {
            grams.extend(hashes[range[0]..range[1]].iter().filter_map(|hash| places.get(hash)));
            gram_ends.push(grams.len());
        }
        let mut pairs: Vec<(u32, u32)> = hits.iter().flat_map(|it| pairs_of(it)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let (mut tactics, mut tactic_ends) = (Vec::new(), vec![0]);
        for of in hits {
            tactics.extend_from_slice(of);
            let number = |pair: &(u32, u32)| pairs.binary_search(pair).ok().map(|at| (findings + at) as u32);
            tactics.extend(pairs_of(of).filter_map(|pair| number(&pair)));
            tactic_ends.push(tactics.len());
        }
        Self { texts, grams, gram_ends, tactics, tactic_ends, vocabulary, pairs, findings }
    }

    /// The texts of the rows for which `wanted` holds.
    pub(crate) fn texts_of(&self, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.texts.len()).filter(|at| wanted(self.texts[*at].row)).collect()
    }

    pub(crate) fn group(&self, text: usize) -> (usize, bool) {
        (self.texts[text].group, self.texts[text].scam)
    }

    pub(crate) fn row(&self, text: usize) -> usize {
        self.texts[text].row
    }

    /// One text; a text with fewer than `fewest` grams counts as if it had so many.
    pub(crate) fn example(&self, text: usize, fewest: u32, weight: f32) -> Example<'_> {
        let Taught { scam, length, .. } = self.texts[text];
        Example {
            grams: &self.grams[self.gram_ends[text]..self.gram_ends[text + 1]],
            value: 1.0 / (length.max(fewest) as f32).sqrt(),
            tactics: &self.tactics[self.tactic_ends[text]..self.tactic_ends[text + 1]],
            scam,
            weight,
        }
    }

    /// Whether a gram stands in enough of these sources.
    pub(crate) fn is_common(&self, gram: usize, among: Groups) -> bool {
        self.vocabulary[gram].1.count(among) >= FEWEST_SOURCES
    }
}

fn pairs_of(hits: &[u32]) -> impl Iterator<Item = (u32, u32)> + '_ {
    let all = hits.iter().enumerate();
    all.flat_map(|(nth, one)| hits[..nth].iter().map(move |other| (*one.min(other), *one.max(other))))
}
