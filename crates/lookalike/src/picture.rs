//! From pixels to a PDQ hash, and to the hashes of what impostors make of a picture.
//!
//! The steps are those of Facebook's paper of 2019: brightness, two passes of a box filter in
//! both directions (Jarosz), 64 by 64 samples, the 16 by 16 lowest frequencies of a discrete
//! cosine transform, and one bit for each: above the median or not.

use crate::avatar::{Detail, Hash};
use crate::outline;

/// A picture: its brightness, row by row, and its colours, much smaller.
#[derive(Clone, Debug)]
pub struct Picture {
    width: usize,
    height: usize,
    luma: Vec<f32>,
    colours: Vec<Colour>,
}

/// Red, green and blue, 0 to 255.
type Colour = [f32; 3];

/// The pixels are not as many as width and height say, or there are too few or too many.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a picture has from 5 by 5 to 4096 by 4096 pixels of three bytes each")]
pub struct InvalidPicture;

const SIDE: usize = 64;
const FREQUENCIES: usize = 16;
const LEAST: usize = 5;
const MOST: usize = 4_096;

/// The side of the small picture whose colours are kept.
const SMALL: usize = 128;

/// The share of a picture at each side that is not its heart.
const RIM: f32 = 0.19;

/// What stands at a place of a picture drawn anew: what stood elsewhere, or one shade of grey.
enum Spot {
    From(f32, f32),
    Shade(f32),
}

impl Picture {
    /// From red, green and blue bytes, row by row.
    ///
    /// # Errors
    /// [`InvalidPicture`] if the sizes do not fit.
    pub fn from_rgb(width: usize, height: usize, rgb: &[u8]) -> Result<Self, InvalidPicture> {
        let fits = (LEAST..=MOST).contains(&width) && (LEAST..=MOST).contains(&height);
        if !fits || rgb.len() != width * height * 3 {
            return Err(InvalidPicture);
        }
        let luma = rgb.chunks_exact(3).map(|it| brightness([it[0], it[1], it[2]].map(f32::from))).collect();
        Ok(Self { width, height, luma, colours: outline::small(width, height, rgb, SMALL) })
    }

    /// Its hash, and PDQ's quality from 0 (plain) to 100: below about 50 PDQ says little.
    #[must_use]
    pub fn hash(&self) -> (Hash, u8) {
        let samples = self.samples();
        let edges = outline::edges(&self.colours, SMALL);
        let heart = self.drawn(&|x, y| Spot::From(RIM + x * (1.0 - 2.0 * RIM), RIM + y * (1.0 - 2.0 * RIM)));
        let detail = Some(Detail { heart: bits(&frequencies(&heart.samples())), edges });
        (Hash { pdq: bits(&frequencies(&samples)), detail }, quality(&samples))
    }

    /// The hashes of the picture and of what impostors make of it: cut at the edges, framed,
    /// made smaller, rounded, tilted, with a badge in a corner. List them all as official.
    /// Turned, mirrored and inverted ones need none of their own: [`Index::build`] makes them.
    ///
    /// [`Index::build`]: crate::Index::build
    #[must_use]
    pub fn variants(&self) -> Vec<Hash> {
        let mut hashes = vec![self.hash().0];
        let mut add = |spot: &dyn Fn(f32, f32) -> Spot| hashes.push(self.drawn(spot).hash().0);
        cuts(&mut add);
        frames(&mut add);
        covers(&mut add);
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    }

    /// A picture drawn anew, place by place; places are from 0 to 1 in both directions, and the
    /// edges go on beyond the picture.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Clamped.
    fn drawn(&self, spot: &dyn Fn(f32, f32) -> Spot) -> Picture {
        let pick = |place: f32, size: usize| ((place.max(0.0) * size as f32) as usize).min(size - 1);
        let place = |at: usize| (at as f32 + 0.5) / SMALL as f32;
        let (luma, colours) = (0..SMALL * SMALL)
            .map(|at| match spot(place(at % SMALL), place(at / SMALL)) {
                Spot::From(x, y) => (
                    self.luma[pick(y, self.height) * self.width + pick(x, self.width)],
                    self.colours[pick(y, SMALL) * SMALL + pick(x, SMALL)],
                ),
                Spot::Shade(shade) => (shade, [shade; 3]),
            })
            .unzip();
        Picture { width: SMALL, height: SMALL, luma, colours }
    }

    /// 64 by 64 samples of the smoothed picture.
    fn samples(&self) -> Vec<f32> {
        let window = |size: usize| size.div_ceil(2 * SIDE);
        let (mut from, mut to) = (self.luma.clone(), vec![0.0; self.luma.len()]);
        for _ in 0..2 {
            for row in 0..self.height {
                smooth(&from, &mut to, row * self.width, 1, self.width, window(self.width));
            }
            for column in 0..self.width {
                smooth(&to, &mut from, column, self.width, self.height, window(self.height));
            }
        }
        let place = |at: usize, size: usize| (2 * at + 1) * size / (2 * SIDE);
        (0..SIDE * SIDE)
            .map(|at| from[place(at / SIDE, self.height) * self.width + place(at % SIDE, self.width)])
            .collect()
    }
}

/// The mean over a window around each of `count` values, `stride` apart; smaller at the ends.
#[allow(clippy::cast_precision_loss)] // Small windows.
fn smooth(from: &[f32], to: &mut [f32], start: usize, stride: usize, count: usize, window: usize) {
    let ahead = usize::midpoint(window, 2); // As the reference has it: one more ahead than behind.
    let (mut sum, mut enters, mut leaves) = (0.0f32, 0, 0);
    for at in 0..count {
        while enters < (at + ahead).min(count) {
            sum += from[start + enters * stride];
            enters += 1;
        }
        while leaves + window < at + ahead {
            sum -= from[start + leaves * stride];
            leaves += 1;
        }
        to[start + at * stride] = sum / (enters - leaves) as f32;
    }
}

type Add<'a> = dyn FnMut(&dyn Fn(f32, f32) -> Spot) + 'a;

/// Cut at the edges, in the middle or aside; tilted.
fn cuts(add: &mut Add<'_>) {
    for cut in [0.02, 0.035, 0.05, 0.065, 0.08, 0.1] {
        let scale = 1.0 - 2.0 * cut;
        add(&|x, y| Spot::From(cut + x * scale, cut + y * scale));
    }
    for (left, top) in [(0.015, 0.085), (0.085, 0.015), (0.015, 0.015), (0.085, 0.085)] {
        add(&|x, y| Spot::From(left + x * 0.9, top + y * 0.9));
    }
    for angle in [-0.16f32, -0.08, 0.08, 0.16] {
        let (sin, cos) = angle.sin_cos();
        add(&|x, y| {
            let (x, y) = (x - 0.5, y - 0.5);
            Spot::From(0.5 + x * cos - y * sin, 0.5 + x * sin + y * cos)
        });
    }
}

/// Framed, made smaller on its own ground, rounded.
fn frames(add: &mut Add<'_>) {
    for frame in [0.04, 0.08, 0.14] {
        let scale = 1.0 - 2.0 * frame;
        let inside = |x: f32| (frame..1.0 - frame).contains(&x);
        for shade in [Some(0.0), Some(255.0), None] {
            add(&|x, y| match shade {
                Some(shade) if !inside(x) || !inside(y) => Spot::Shade(shade),
                _ => Spot::From((x - frame) / scale, (y - frame) / scale), // Its ground goes on.
            });
        }
    }
    for shade in [0.0, 255.0] {
        let is_round = |x: f32, y: f32| (x - 0.5).hypot(y - 0.5) < 0.5;
        add(&|x, y| if is_round(x, y) { Spot::From(x, y) } else { Spot::Shade(shade) });
    }
}

/// Covered in part: a badge in a corner, a banner.
fn covers(add: &mut Add<'_>) {
    const RING: f32 = 1.15;
    for radius in [0.12, 0.14, 0.155, 0.17, 0.185, 0.2] {
        let (near, far) = (radius + 0.02, 0.98 - radius);
        for (x0, y0) in [(far, far), (far, near), (near, far)] {
            add(&|x, y| match (x - x0).hypot(y - y0) / radius {
                ..1.0 => Spot::Shade(120.0),
                1.0..RING => Spot::Shade(255.0),
                _ => Spot::From(x, y),
            });
        }
    }
    for band in [0.0..0.2, 0.7..0.88, 0.78..1.01] {
        for shade in [40.0, 120.0] {
            add(&|x, y| if band.contains(&y) { Spot::Shade(shade) } else { Spot::From(x, y) });
        }
    }
}

/// How bright a colour is.
fn brightness([red, green, blue]: Colour) -> f32 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// The lowest frequencies, without the mean.
#[allow(clippy::cast_precision_loss)] // Small numbers.
fn frequencies(samples: &[f32]) -> Vec<f32> {
    let wave: Vec<f32> = (0..FREQUENCIES * SIDE)
        .map(|at| {
            let (frequency, place) = (at / SIDE + 1, at % SIDE);
            let angle = std::f64::consts::PI / (2 * SIDE) as f64 * (frequency * (2 * place + 1)) as f64;
            ((2.0 / SIDE as f64).sqrt() * angle.cos()) as f32
        })
        .collect();
    let mut half = vec![0.0f32; FREQUENCIES * SIDE];
    for row in 0..FREQUENCIES {
        for column in 0..SIDE {
            half[row * SIDE + column] =
                (0..SIDE).map(|at| wave[row * SIDE + at] * samples[at * SIDE + column]).sum();
        }
    }
    (0..FREQUENCIES * FREQUENCIES)
        .map(|at| {
            let (row, column) = (at / FREQUENCIES, at % FREQUENCIES);
            (0..SIDE).map(|it| half[row * SIDE + it] * wave[column * SIDE + it]).sum()
        })
        .collect()
}

fn bits(frequencies: &[f32]) -> [u64; 4] {
    let mut sorted = frequencies.to_vec();
    sorted.sort_by(f32::total_cmp);
    let median = sorted[(sorted.len() - 1) / 2];
    let mut words = [0u64; 4];
    for (at, _) in frequencies.iter().enumerate().filter(|(_, it)| **it > median) {
        words[3 - at / 64] |= 1 << (at % 64); // The last bit is written first.
    }
    words
}

/// How much there is to see: the sum of the differences between neighbouring samples.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // At most 100.
fn quality(samples: &[f32]) -> u8 {
    let step = |a: f32, b: f32| ((a - b) * 100.0 / 255.0).trunc().abs();
    let mut sum = 0.0;
    for row in 0..SIDE {
        for column in 0..SIDE {
            let here = samples[row * SIDE + column];
            if row + 1 < SIDE {
                sum += step(here, samples[(row + 1) * SIDE + column]);
            }
            if column + 1 < SIDE {
                sum += step(here, samples[row * SIDE + column + 1]);
            }
        }
    }
    (sum / 90.0).trunc().min(100.0) as u8
}
