//! Logistic regression with squared penalty, weights that may be kept from falling below
//! zero, and a step of its own for each weight: FTRL-Proximal (McMahan et al. 2013). Own, not
//! a crate's: the crates at hand want dense matrices, know no bound at zero, or shuffle by a
//! random number; this is a page.

/// One example: its features with their values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Example<'a> {
    /// Each of them counts `value`.
    pub(crate) grams: &'a [u32],
    pub(crate) value: f32,
    /// Each of them counts [`TACTIC`].
    pub(crate) tactics: &'a [u32],
    pub(crate) scam: bool,
    pub(crate) weight: f32,
}

/// What a tactic counts: about as much as two grams of a message.
pub(crate) const TACTIC: f32 = 0.25;

/// How fast weights move, and what holds them back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) epochs: u32,
    pub(crate) rate: f32,
    pub(crate) penalty: f32,
}

/// Weights that are being found.
struct Coordinate {
    weight: f32,
    pull: f32,
    squares: f32,
}

impl Coordinate {
    const fn new() -> Self {
        Self { weight: 0.0, pull: 0.0, squares: 0.0 }
    }

    fn push(&mut self, gradient: f32, pace: Pace, penalty: f32, floor: bool) {
        let squares = self.squares + gradient * gradient;
        self.pull += gradient - (squares.sqrt() - self.squares.sqrt()) / pace.rate * self.weight;
        self.squares = squares;
        let weight = -self.pull / ((1.0 + squares.sqrt()) / pace.rate + penalty);
        self.weight = if floor { weight.max(0.0) } else { weight };
    }
}

/// What was found.
pub(crate) struct Solution {
    pub(crate) grams: Vec<f32>,
    pub(crate) tactics: Vec<f32>,
    pub(crate) bias: f32,
}

/// Finds the weights, always in the same order and so always the same. Grams that are not
/// `used` keep weight 0.
pub(crate) fn solve<'a>(
    count: usize,
    example: impl Fn(usize) -> Example<'a>,
    (used, tactics): (&[bool], usize),
    pace: Pace,
) -> Solution {
    let mut grams: Vec<Coordinate> = used.iter().map(|_| Coordinate::new()).collect();
    let mut tactics: Vec<Coordinate> = (0..tactics).map(|_| Coordinate::new()).collect();
    let mut bias = Coordinate::new();
    let mut order: Vec<usize> = (0..count).collect();
    for epoch in 0..pace.epochs {
        shuffle(&mut order, u64::from(epoch) + 1);
        for nth in &order {
            let it = example(*nth);
            let sum: f32 = it.grams.iter().map(|at| grams[*at as usize].weight).sum();
            let acts: f32 = it.tactics.iter().map(|at| tactics[*at as usize].weight).sum();
            let score = bias.weight + it.value * sum + TACTIC * acts;
            let error = it.weight * (1.0 / (1.0 + (-score).exp()) - f32::from(u8::from(it.scam)));
            bias.push(error, pace, 0.0, false);
            for at in it.grams.iter().filter(|at| used[**at as usize]) {
                grams[*at as usize].push(error * it.value, pace, pace.penalty, false);
            }
            for at in it.tactics {
                tactics[*at as usize].push(error * TACTIC, pace, pace.penalty, true);
            }
        }
    }
    let weights = |all: Vec<Coordinate>| all.into_iter().map(|it| it.weight).collect();
    Solution { grams: weights(grams), tactics: weights(tactics), bias: bias.weight }
}

/// Fisher and Yates, by the generator of SplitMix64 (Steele, Lea, Flood 2014).
fn shuffle(order: &mut [usize], seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for at in (1..order.len()).rev() {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        order.swap(at, ((mixed ^ mixed >> 31) % (at as u64 + 1)) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { epochs: 40, rate: 0.5, penalty: 0.1 };

    fn run(examples: &[(&[u32], &[u32], bool)]) -> Solution {
        let one = |nth: usize| {
            let (grams, tactics, scam) = examples[nth];
            Example { grams, value: 0.5, tactics, scam, weight: 1.0 }
        };
        solve(examples.len(), one, (&[true; 4], 2), PACE)
    }

    #[test]
    fn what_stands_in_scams_weighs_and_what_stands_in_both_does_not() {
        let found =
            run(&[(&[0, 2], &[], true), (&[1, 2], &[], false), (&[0], &[], true), (&[1], &[], false)]);
        assert!(found.grams[0] > 0.3 && found.grams[1] < -0.3, "{:?}", found.grams);
        assert!(found.grams[2].abs() < 0.2 && found.grams[3] == 0.0, "{:?}", found.grams);
    }

    #[test]
    fn a_tactic_never_speaks_for_its_sender() {
        let found = run(&[(&[0], &[0], false), (&[1], &[1], true), (&[0], &[0], false), (&[1], &[1], true)]);
        assert_eq!(found.tactics[0], 0.0);
        assert!(found.tactics[1] > 0.1);
    }

    #[test]
    fn the_same_examples_give_the_same_weights() {
        let examples: &[(&[u32], &[u32], bool)] =
            &[(&[0, 1], &[0], true), (&[2], &[], false), (&[3, 1], &[1], true)];
        assert_eq!(run(examples).grams, run(examples).grams);
        let mut order: Vec<usize> = (0..50).collect();
        shuffle(&mut order, 3);
        let moved = order.iter().enumerate().filter(|(at, it)| at != *it).count();
        order.sort_unstable();
        assert!(moved > 30 && order == (0..50).collect::<Vec<_>>());
    }
}
