//! How likely is a text a scam? A linear model over tactics and over what is written.
//!
//! The way through: [`Model::bind`] looks up which of a lexicon's findings the model knows;
//! [`Bound::score`] reads a folded text by [`grams`] in one pass, adds what the tactics of its
//! [`Reading`] weigh alone and in pairs, and gives a [`Score`]; [`Model::probability`] says
//! what share of texts with that score were scams, where half of all are. [`format`] reads
//! and writes model files; `touchstone-train` makes them.
//!
//! Always true here:
//! - Same text, same score, on every machine: weights are whole numbers until the last step.
//! - Nothing is allocated while a text is scored.
//! - A tactic never lowers the score, nor does a sentence that is added behind others: the
//!   worst of all beginnings and of all single sentences counts.

mod format;
mod grams;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use touchstone_text::Folded;
use touchstone_types::Name;

pub use format::{ModelError, VERSION};
pub use grams::{Sink, grams};

use crate::Reading;

/// The model inside the binary: see `docs/model.md`.
static BUILT_IN: &[u8] = include_bytes!("../../data/scam.model");

/// What a trainer found out, before it is packed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    /// Of each gram.
    pub grams: BTreeMap<u64, f32>,
    /// The tactics by the names of their findings; weights are not negative.
    pub tactics: Vec<(Name, f32)>,
    /// Of two tactics together, by their places in `tactics`, the lower first; not negative.
    pub pairs: BTreeMap<(usize, usize), f32>,
    /// What a text without anything scores.
    pub bias: f32,
    /// A text with fewer grams than this is weighed as if it had so many.
    pub fewest: u32,
    /// Scores in rising order, with the share of scams among texts that have them.
    pub curve: Vec<(f32, f32)>,
    /// What it was trained on, for people.
    pub about: String,
}

/// A model, ready to score. It never changes.
#[derive(Clone, PartialEq)]
pub struct Model {
    /// For each place a tag in the upper byte, so that grams never seen weigh nothing, and the
    /// weight in the lower.
    slots: Vec<u16>,
    /// How many bits of a hash are the place.
    bits: u32,
    /// What one step of a weight in `slots` is worth.
    step: f32,
    bias: f32,
    fewest: u32,
    tactics: Vec<(Name, f32)>,
    /// A triangle: for each tactic its pairs with those before it.
    pairs: Vec<f32>,
    curve: Vec<(f32, f32)>,
    about: String,
    /// The first bytes of its checksum.
    id: [u8; 8],
}

/// How a text scores, in units of log-odds.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Score(pub f32);

impl Model {
    /// The one inside the binary.
    #[must_use]
    pub fn built_in() -> Arc<Self> {
        static MODEL: LazyLock<Arc<Model>> =
            LazyLock::new(|| Arc::new(Model::read(BUILT_IN).unwrap_or_else(|_| Model::mute())));
        Arc::clone(&MODEL)
    }

    /// A model that knows nothing and holds nothing to be a scam.
    #[must_use]
    pub fn mute() -> Self {
        Self::pack(&Weights { curve: vec![(0.0, 0.0)], ..Weights::default() }, 0)
    }

    /// What it was trained on.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Sixteen hexadecimal digits that tell it from others.
    #[must_use]
    pub fn id(&self) -> String {
        self.id.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Looks up which findings of a lexicon the model knows, by their numbers there.
    #[must_use]
    pub fn bind(self: &Arc<Self>, findings: &[Name]) -> Bound {
        let place = |name: &Name| self.tactics.iter().position(|(known, _)| known == name);
        Bound { model: Arc::clone(self), known: findings.iter().map(place).collect() }
    }

    /// The share of scams among texts with that score, where half of all texts are scams.
    #[must_use]
    pub fn probability(&self, score: Score) -> f32 {
        let after = self.curve.partition_point(|(at, _)| *at <= score.0);
        match (after.checked_sub(1).and_then(|it| self.curve.get(it)), self.curve.get(after)) {
            (Some((from, low)), Some((to, high))) => low + (high - low) * (score.0 - from) / (to - from),
            (None, Some((_, only))) | (Some((_, only)), None) => *only,
            (None, None) => 0.0,
        }
    }

    /// The weight of a gram, in steps.
    fn weight(&self, gram: u64) -> i32 {
        let (place, tag) = place(gram, self.bits);
        match self.slots.get(place) {
            Some(slot) if slot >> 8 == tag => i32::from(*slot as u8 as i8),
            _ => 0,
        }
    }

    fn pair(&self, one: usize, other: usize) -> f32 {
        let (low, high) = (one.min(other), one.max(other));
        if low == high { 0.0 } else { self.pairs.get(high * (high - 1) / 2 + low).copied().unwrap_or(0.0) }
    }
}

/// Where a gram stands in a table of `1 << bits` places, and its tag, which is never 0.
fn place(gram: u64, bits: u32) -> (usize, u16) {
    let mixed = (gram ^ gram >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed >> 40) as usize & ((1 << bits) - 1), (mixed >> 30 & 0xFF).max(1) as u16)
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("id", &self.id()).field("about", &self.about).finish_non_exhaustive()
    }
}

/// A model and what it knows of one lexicon's findings.
#[derive(Clone, Debug)]
pub struct Bound {
    model: Arc<Model>,
    known: Vec<Option<usize>>,
}

impl Bound {
    /// The model.
    #[must_use]
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Scores a text that the lexicon has read.
    #[must_use]
    pub fn score(&self, text: &Folded, reading: &Reading) -> Score {
        let mut weighing = Weighing::new(&self.model);
        grams(text.text(), &mut weighing);
        Score(self.model.bias + weighing.end() + self.tactics(reading))
    }

    /// How likely a scam it is.
    #[must_use]
    pub fn probability(&self, text: &Folded, reading: &Reading) -> f32 {
        self.model.probability(self.score(text, reading))
    }

    fn tactics(&self, reading: &Reading) -> f32 {
        let known = |number: u16| self.known.get(usize::from(number)).copied().flatten();
        let hits = reading.hits();
        let mut sum = 0.0;
        for (nth, hit) in hits.iter().enumerate() {
            let Some(tactic) = known(hit.finding) else { continue };
            sum += self.model.tactics[tactic].1;
            for other in hits[..nth].iter().filter_map(|it| known(it.finding)) {
                sum += self.model.pair(tactic, other);
            }
        }
        sum
    }
}

/// Adds up a text: up to here, and in this sentence.
struct Weighing<'m> {
    model: &'m Model,
    whole: (i32, u32),
    sentence: (i32, u32),
    worst: f32,
}

impl<'m> Weighing<'m> {
    fn new(model: &'m Model) -> Self {
        Self { model, whole: (0, 0), sentence: (0, 0), worst: f32::NEG_INFINITY }
    }

    /// A sum over the root of how many there are: long texts do not win by length alone.
    fn value(&self, (sum, count): (i32, u32)) -> f32 {
        sum as f32 * self.model.step / (count.max(self.model.fewest).max(1) as f32).sqrt()
    }

    fn end(mut self) -> f32 {
        self.sentence();
        if self.worst == f32::NEG_INFINITY { 0.0 } else { self.worst }
    }
}

impl Sink for Weighing<'_> {
    fn gram(&mut self, hash: u64) {
        let weight = self.model.weight(hash);
        for (sum, count) in [&mut self.whole, &mut self.sentence] {
            *sum = sum.saturating_add(weight);
            *count = count.saturating_add(1);
        }
    }

    fn sentence(&mut self) {
        if self.sentence.1 > 0 {
            self.worst = self.worst.max(self.value(self.whole)).max(self.value(self.sentence));
            self.sentence = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use touchstone_text::fold;
    use touchstone_types::{PhraseFile, PhraseList};

    use super::*;
    use crate::Lexicon;

    struct One(Vec<u64>);

    impl Sink for One {
        fn gram(&mut self, hash: u64) {
            self.0.push(hash);
        }
        fn sentence(&mut self) {}
    }

    fn weights(good: &str, bad: &str) -> Weights {
        let mut weights = Weights {
            tactics: vec![(Name::from("asks"), 1.0), (Name::from("claims"), 0.5)],
            pairs: [((0, 1), 2.0)].into(),
            fewest: 4,
            bias: -1.0,
            curve: vec![(-2.0, 0.01), (0.0, 0.5), (2.0, 0.9)],
            about: "two texts".to_owned(),
            ..Weights::default()
        };
        for (text, weight) in [(good, -0.5), (bad, 0.5)] {
            let mut one = One(Vec::new());
            grams(text, &mut one);
            weights.grams.extend(one.0.into_iter().map(|gram| (gram, weight)));
        }
        weights
    }

    fn lexicon() -> Lexicon {
        let list = |finding: &str, phrase: &str| PhraseList {
            finding: Name::from(finding),
            score: 1.0,
            phrases: vec![phrase.to_owned()],
            unless_before: Vec::new(),
            unless_beside: Vec::new(),
            only_with: Vec::new(),
        };
        let lists = vec![list("claims", "i am support"), list("asks", "give me"), list("other", "nothing")];
        Lexicon::build(&[PhraseFile { lists, ..PhraseFile::default() }]).unwrap()
    }

    fn score(bound: &Bound, lexicon: &Lexicon, text: &str) -> f32 {
        let (mut folded, mut reading) = (Folded::new(), Reading::new());
        fold(text, &mut folded);
        lexicon.read(&folded, &mut reading);
        bound.score(&folded, &reading).0
    }

    #[test]
    fn what_was_seen_weighs_and_tactics_add_alone_and_in_pairs() {
        let (lexicon, model) =
            (lexicon(), Arc::new(Model::pack(&weights("see you at nine", "release fee"), 12)));
        let bound = model.bind(lexicon.findings());
        let of = |text: &str| score(&bound, &lexicon, text);
        assert!(of("pay the release fee") > of("zzz") && of("zzz") > of("see you at nine"));
        assert_eq!(of(""), -1.0);
        assert_eq!(of("i am support"), -0.5);
        assert_eq!(of("give me"), 0.0);
        assert_eq!(of("i am support, give me"), 2.5);
        assert_eq!(of("nothing"), -1.0);
    }

    #[test]
    fn kind_words_behind_a_sentence_take_nothing_back() {
        let (lexicon, model) =
            (lexicon(), Arc::new(Model::pack(&weights("see you at nine", "release fee"), 12)));
        let bound = model.bind(lexicon.findings());
        let of = |text: &str| score(&bound, &lexicon, text);
        let alone = of("pay the release fee.");
        for more in [" See you at nine.", " see you at nine, see you at nine", "\nsee you\nat nine"] {
            assert!(of(&format!("pay the release fee.{more}")) >= alone);
            assert!(of(&format!("{more}. release fee")) > of(more));
        }
    }

    #[test]
    fn the_curve_is_read_between_its_points_and_flat_beyond() {
        let model = Model::pack(&weights("a", "b"), 10);
        for (score, share) in [(-9.0, 0.01), (-2.0, 0.01), (-1.0, 0.255), (1.0, 0.7), (2.0, 0.9), (9.0, 0.9)]
        {
            assert!((model.probability(Score(score)) - share).abs() < 1e-6, "{score}");
        }
        assert_eq!(Model::mute().probability(Score(5.0)), 0.0);
    }

    #[test]
    fn the_model_in_the_binary_loads_and_knows_a_scam() {
        let model = Model::read(BUILT_IN).unwrap();
        let bound = Arc::new(model).bind(&[]);
        let of = |text: &str| {
            let mut folded = Folded::new();
            fold(text, &mut folded);
            bound.probability(&folded, &Reading::new())
        };
        assert!(of("把验证码和助记词发给我，不然账户冻结") > of("明天下午三点老地方见，记得带书"));
        assert!(
            of("Send me your recovery phrase or your wallet will be frozen")
                > of("See you at nine, bring the book")
        );
    }
}
