//! From the scores of verdicts to shares of scams: what the fit of `classify` is made with.
//!
//! Neighbouring scores are put together until each point stands for enough text, then points
//! that run the wrong way are pooled (isotonic regression; Ayer et al., 1955).

use std::collections::BTreeMap;

use super::Judged;
use super::cases::Label;

/// Sets with fewer cases say nothing of how their scores are spread.
const FEWEST: usize = 25;
/// Of all weight, what each point but the one of score 0 stands for at least.
const LEAST: f64 = 0.02;
/// Of all weight, what is added to each point on both sides: nothing is ever sure.
const DOUBT: f64 = 0.000_2;

/// Scams and genuine text, by weight, of neighbouring scores.
#[derive(Clone, Copy, Default)]
struct Block {
    scams: f64,
    genuine: f64,
    /// The scores, times their weight.
    sum: f64,
}

impl Block {
    fn weight(self) -> f64 {
        self.scams + self.genuine
    }

    fn with(self, other: Block) -> Block {
        let Block { scams, genuine, sum } = other;
        Block { scams: self.scams + scams, genuine: self.genuine + genuine, sum: self.sum + sum }
    }

    fn share(self) -> f64 {
        (self.scams + DOUBT) / (self.weight() + 2.0 * DOUBT)
    }

    fn point(self) -> (f64, f64) {
        (self.sum / self.weight(), self.share())
    }
}

/// Scores and the share of scams at them, both rising. Each set (source and language) of a
/// label counts alike and both labels weigh the same; advertising counts as neither.
pub(crate) fn fit(judged: &[Judged]) -> Vec<(f64, f64)> {
    let mut sets: BTreeMap<(Label, &str, &str), Vec<u32>> = BTreeMap::new();
    for it in judged.iter().filter(|it| it.label != Label::Spam) {
        sets.entry((it.label, &it.source, &it.language)).or_default().push(it.score);
    }
    sets.retain(|_, scores| scores.len() >= FEWEST);
    let mut by_score: BTreeMap<u32, Block> = BTreeMap::new();
    for ((label, ..), scores) in &sets {
        let alike = sets.keys().filter(|it| it.0 == *label).count() as f64;
        let weight = 0.5 / (alike * scores.len() as f64);
        for score in scores {
            let sum = weight * f64::from(*score);
            let (scams, genuine) = if *label == Label::Scam { (weight, 0.0) } else { (0.0, weight) };
            let block = by_score.entry(*score).or_default();
            *block = block.with(Block { scams, genuine, sum });
        }
    }
    pool(&gather(&by_score)).into_iter().map(Block::point).collect()
}

/// Neighbouring scores together until they are enough; what is left joins the last.
fn gather(by_score: &BTreeMap<u32, Block>) -> Vec<Block> {
    let (mut blocks, mut open) = (Vec::new(), Block::default());
    for (score, block) in by_score {
        open = open.with(*block);
        if *score == 0 || open.weight() >= LEAST {
            blocks.push(std::mem::take(&mut open));
        }
    }
    if open.weight() > 0.0 {
        let last = blocks.pop().unwrap_or_default();
        blocks.push(last.with(open));
    }
    blocks
}

/// Pools neighbours until each has a higher share than the one before.
fn pool(blocks: &[Block]) -> Vec<Block> {
    let mut pooled: Vec<Block> = Vec::new();
    for block in blocks {
        let mut block = *block;
        while let Some(before) = pooled.pop_if(|it| it.share() >= block.share()) {
            block = before.with(block);
        }
        pooled.push(block);
    }
    pooled
}

#[cfg(test)]
mod tests {
    use touchstone_types::Decision;

    use super::*;

    fn set(label: Label, source: &str, scores: impl Iterator<Item = u32>) -> Vec<Judged> {
        let one = |score| Judged {
            label,
            language: "en".to_owned(),
            source: source.to_owned(),
            class: None,
            score,
            decision: Decision::Allow,
            turns: vec![score],
            harm_turn: None,
        };
        scores.map(one).collect()
    }

    #[test]
    fn the_fit_rises_and_a_large_set_counts_no_more_than_a_small_one() {
        // Half of the scams and nine tenths of the genuine lines score nothing.
        let scams = || set(Label::Scam, "a", (0..100).map(|nth| if nth % 2 == 0 { 0 } else { nth }));
        let genuine = || set(Label::Benign, "b", (0..100).map(|nth| if nth < 90 { 0 } else { nth - 85 }));
        let small = fit(&scams().into_iter().chain(genuine()).collect::<Vec<_>>());
        assert!((small[0].1 - 0.5 / 1.4).abs() < 0.01, "{small:?}");
        assert!(small.windows(2).all(|it| it[0].0 < it[1].0 && it[0].1 < it[1].1), "{small:?}");
        assert!(small.last().unwrap().1 > 0.9, "{small:?}");
        let large = fit(&(0..9).flat_map(|_| scams()).chain(genuine()).collect::<Vec<_>>());
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert_eq!(small.len(), large.len());
        assert!(small.iter().zip(&large).all(|(a, b)| near(a.0, b.0) && near(a.1, b.1)), "{large:?}");
    }

    #[test]
    fn without_cases_there_are_no_points() {
        assert!(fit(&[]).is_empty());
        assert!(fit(&set(Label::Spam, "a", 0..100)).is_empty());
    }
}
