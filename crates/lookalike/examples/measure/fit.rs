//! Logistic regression by Newton's method, with a small penalty on large weights.

use touchstone_lookalike::OBSERVATION_COUNT;

const N: usize = OBSERVATION_COUNT;

/// One example: what was observed, whether it imitates, and how much it counts.
pub(crate) struct Example {
    pub(crate) observed: Vec<(u16, f32)>,
    pub(crate) imitates: bool,
    pub(crate) weight: f32,
}

/// The weights that explain the examples best.
pub(crate) fn fit(examples: &[Example], rounds: usize, penalty: f64) -> Vec<f64> {
    let mut weights = vec![0.0; N];
    for round in 0..rounds {
        let (gradient, hessian, loss) = derivatives(examples, &weights);
        let step = solve(gradient, hessian, &weights, penalty);
        let largest = step.iter().fold(0.0f64, |sum, it| sum.max(it.abs()));
        let scale = if largest > 4.0 { 4.0 / largest } else { 1.0 };
        weights.iter_mut().zip(&step).for_each(|(weight, it)| *weight += scale * it);
        eprintln!("round {round}: loss {loss:.5}, largest step {largest:.4}");
        if largest < 1e-3 {
            break;
        }
    }
    weights
}

fn derivatives(examples: &[Example], weights: &[f64]) -> (Vec<f64>, Vec<f64>, f64) {
    let halves = examples.chunks(examples.len().div_ceil(2).max(1));
    let parts: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = halves.map(|half| scope.spawn(|| half_derivatives(half, weights))).collect();
        threads.into_iter().filter_map(|it| it.join().ok()).collect()
    });
    parts.into_iter().fold((vec![0.0; N], vec![0.0; N * N], 0.0), |mut sum, part| {
        sum.0.iter_mut().zip(part.0).for_each(|(a, b)| *a += b);
        sum.1.iter_mut().zip(part.1).for_each(|(a, b)| *a += b);
        sum.2 += part.2;
        sum
    })
}

fn half_derivatives(examples: &[Example], weights: &[f64]) -> (Vec<f64>, Vec<f64>, f64) {
    let (mut gradient, mut hessian, mut loss) = (vec![0.0; N], vec![0.0; N * N], 0.0);
    for example in examples {
        let sum: f64 =
            example.observed.iter().map(|(at, value)| weights[usize::from(*at)] * f64::from(*value)).sum();
        let odds = 1.0 / (1.0 + (-sum).exp());
        let target = f64::from(u8::from(example.imitates));
        let weight = f64::from(example.weight);
        loss -= weight * if example.imitates { odds.max(1e-12).ln() } else { (1.0 - odds).max(1e-12).ln() };
        let curve = (odds * (1.0 - odds)).max(1e-6) * weight;
        for (at, value) in &example.observed {
            let (at, value) = (usize::from(*at), f64::from(*value));
            gradient[at] += weight * (target - odds) * value;
            for (other, other_value) in &example.observed {
                hessian[at * N + usize::from(*other)] += curve * value * f64::from(*other_value);
            }
        }
    }
    (gradient, hessian, loss)
}

/// Solves the Newton step by Gaussian elimination; the penalty keeps it regular.
fn solve(mut gradient: Vec<f64>, mut hessian: Vec<f64>, weights: &[f64], penalty: f64) -> Vec<f64> {
    for at in 0..N {
        gradient[at] -= penalty * weights[at];
        hessian[at * N + at] += penalty;
    }
    for pivot in 0..N {
        let best = (pivot..N)
            .max_by(|a, b| hessian[a * N + pivot].abs().total_cmp(&hessian[b * N + pivot].abs()))
            .unwrap_or(pivot);
        for column in 0..N {
            hessian.swap(pivot * N + column, best * N + column);
        }
        gradient.swap(pivot, best);
        for row in pivot + 1..N {
            let factor = hessian[row * N + pivot] / hessian[pivot * N + pivot];
            if factor != 0.0 {
                for column in pivot..N {
                    hessian[row * N + column] -= factor * hessian[pivot * N + column];
                }
                gradient[row] -= factor * gradient[pivot];
            }
        }
    }
    for row in (0..N).rev() {
        let rest: f64 = (row + 1..N).map(|column| hessian[row * N + column] * gradient[column]).sum();
        gradient[row] = (gradient[row] - rest) / hessian[row * N + row];
    }
    gradient
}
