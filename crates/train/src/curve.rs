//! From scores of held-out cases to shares of scams: the fit of Platt (1999), with every
//! source and label counted alike, so that half of all are scams.

/// Scores, whether it was a scam, and how much each counts.
pub(crate) type Scored = (f32, bool, f64);

/// Points of the curve that are stored, in log-odds.
const POINTS: [f64; 19] =
    [-6.9, -4.6, -3.5, -2.5, -1.7, -1.0, -0.5, 0.0, 0.5, 1.0, 1.4, 1.8, 2.2, 2.8, 3.4, 4.0, 4.6, 5.5, 6.9];

/// The points of the curve through these scores; a single point if they tell nothing.
pub(crate) fn fit(scored: &[Scored]) -> Vec<(f32, f32)> {
    let total = |scam: bool| -> f64 { scored.iter().filter(|it| it.1 == scam).map(|it| it.2).sum() };
    let (scams, genuine) = (total(true), total(false));
    if scams <= 0.0 || genuine <= 0.0 {
        return vec![(0.0, 0.5)];
    }
    let weigh = |it: &Scored| it.2 / if it.1 { scams } else { genuine };
    let (mut slope, mut shift) = (1.0_f64, 0.0_f64);
    // Newton's steps on two numbers; a hundredth of curvature keeps them finite.
    for _ in 0..50 {
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 1e-6, 0.0, 1e-6);
        for it in scored {
            let score = f64::from(it.0);
            let share = 1.0 / (1.0 + (-(slope * score + shift)).exp());
            let (weight, error) = (weigh(it), share - f64::from(u8::from(it.1)));
            let bend = weight * share * (1.0 - share);
            g0 += weight * error * score;
            g1 += weight * error;
            h00 += bend * score * score;
            h01 += bend * score;
            h11 += bend;
        }
        let det = h00 * h11 - h01 * h01;
        if det.abs() < 1e-12 {
            break;
        }
        let (ds, dt) = ((h11 * g0 - h01 * g1) / det, (h00 * g1 - h01 * g0) / det);
        slope = (slope - ds.clamp(-0.5, 0.5)).max(0.01);
        shift -= dt.clamp(-0.5, 0.5);
    }
    let point = |odds: f64| (((odds - shift) / slope) as f32, (1.0 / (1.0 + (-odds).exp())) as f32);
    POINTS.map(point).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_finds_again_what_made_the_scores() {
        // Scams around 2, genuine around -1, spread evenly: at the middle it is even.
        let scored: Vec<Scored> = (0..200)
            .flat_map(|nth| {
                let spread = nth as f32 / 50.0 - 2.0;
                [(2.0 + spread, true, 1.0), (-1.0 + spread, false, 3.0)]
            })
            .collect();
        let points = fit(&scored);
        assert!(points.windows(2).all(|it| it[0].0 < it[1].0 && it[0].1 < it[1].1));
        let even = points.iter().find(|it| (it.1 - 0.5).abs() < 1e-6).unwrap();
        assert!((even.0 - 0.5).abs() < 0.1, "{even:?}");
    }

    #[test]
    fn scores_of_one_kind_give_a_flat_curve() {
        assert_eq!(fit(&[(1.0, true, 1.0)]), [(0.0, 0.5)]);
        assert_eq!(fit(&[]), [(0.0, 0.5)]);
    }
}
