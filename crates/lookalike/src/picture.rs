//! From pixels to a PDQ hash, and to the hashes of what impostors make of a picture.
//!
//! The steps are those of Facebook's paper of 2019: brightness, two passes of a box filter in
//! both directions (Jarosz), 64 by 64 samples, the 16 by 16 lowest frequencies of a discrete
//! cosine transform, and one bit for each: above the median or not.

use crate::avatar::Hash;

/// A picture as brightness, row by row.
#[derive(Clone, Debug)]
pub struct Picture {
    width: usize,
    height: usize,
    luma: Vec<f32>,
}

/// The pixels are not as many as width and height say, or there are too few or too many.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a picture has from 5 by 5 to 4096 by 4096 pixels of three bytes each")]
pub struct InvalidPicture;

const SIDE: usize = 64;
const FREQUENCIES: usize = 16;
const LEAST: usize = 5;
const MOST: usize = 4_096;

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
        let luma = rgb
            .chunks_exact(3)
            .map(|it| 0.299 * f32::from(it[0]) + 0.587 * f32::from(it[1]) + 0.114 * f32::from(it[2]))
            .collect();
        Ok(Self { width, height, luma })
    }

    /// Its hash, and its quality from 0 (plain) to 100: hashes below about 50 say little.
    #[must_use]
    pub fn hash(&self) -> (Hash, u8) {
        let samples = self.samples();
        (bits(&frequencies(&samples)), quality(&samples))
    }

    /// The hashes of the picture and of what impostors make of it: turned, mirrored, inverted,
    /// cut at the edges, framed, rounded, with a badge in a corner. List them all as official.
    #[must_use]
    pub fn variants(&self) -> Vec<Hash> {
        let mut hashes: Vec<Hash> = (0..8).map(|turn| self.turned(turn).hash().0).collect();
        hashes.push(self.drawn(|x, y| 255.0 - self.at(x, y)).hash().0);
        for cut in [0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16] {
            let scale = 1.0 - 2.0 * cut;
            hashes.push(self.drawn(|x, y| self.at(cut + x * scale, cut + y * scale)).hash().0);
        }
        for (frame, shade) in
            [(0.04, 0.0), (0.04, 255.0), (0.1, 0.0), (0.1, 255.0), (0.16, 0.0), (0.16, 255.0)]
        {
            let scale = 1.0 - 2.0 * frame;
            let inside = |x: f32| (frame..1.0 - frame).contains(&x);
            let pixel = |x, y| match inside(x) && inside(y) {
                true => self.at((x - frame) / scale, (y - frame) / scale),
                false => shade,
            };
            hashes.push(self.drawn(pixel).hash().0);
        }
        for shade in [0.0, 255.0] {
            let round = |x: f32, y: f32| (x - 0.5).hypot(y - 0.5) < 0.5;
            hashes.push(self.drawn(|x, y| if round(x, y) { self.at(x, y) } else { shade }).hash().0);
        }
        for angle in [-0.26f32, -0.13, 0.13, 0.26] {
            let (sin, cos) = angle.sin_cos();
            let pixel = |x: f32, y: f32| {
                self.at(0.5 + (x - 0.5) * cos - (y - 0.5) * sin, 0.5 + (x - 0.5) * sin + (y - 0.5) * cos)
            };
            hashes.push(self.drawn(pixel).hash().0);
        }
        for (x0, y0) in [(0.82, 0.82), (0.82, 0.18), (0.18, 0.82)] {
            for (radius, shade) in [(0.14, 110.0), (0.2, 110.0), (0.2, 255.0)] {
                let badge = |x: f32, y: f32| (x - x0).hypot(y - y0) < radius;
                hashes.push(self.drawn(|x, y| if badge(x, y) { shade } else { self.at(x, y) }).hash().0);
            }
        }
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    }

    /// The brightness at a place from 0 to 1 in both directions; edges go on beyond the picture.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // Clamped.
    fn at(&self, x: f32, y: f32) -> f32 {
        let pick = |place: f32, size: usize| ((place * size as f32) as usize).min(size - 1);
        self.luma[pick(y.max(0.0), self.height) * self.width + pick(x.max(0.0), self.width)]
    }

    /// A picture drawn anew, place by place.
    #[allow(clippy::cast_precision_loss)] // At most DRAWN.
    fn drawn(&self, pixel: impl Fn(f32, f32) -> f32) -> Picture {
        const DRAWN: usize = 128;
        let place = |at: usize| (at as f32 + 0.5) / DRAWN as f32;
        let luma = (0..DRAWN * DRAWN).map(|at| pixel(place(at % DRAWN), place(at / DRAWN))).collect();
        Picture { width: DRAWN, height: DRAWN, luma }
    }

    /// One of the eight ways to turn and mirror it; the first is the picture itself.
    fn turned(&self, turn: usize) -> Picture {
        if turn == 0 {
            return self.clone();
        }
        self.drawn(|x, y| {
            let (x, y) = if turn & 1 > 0 { (1.0 - x, y) } else { (x, y) };
            let (x, y) = if turn & 2 > 0 { (x, 1.0 - y) } else { (x, y) };
            if turn & 4 > 0 { self.at(y, x) } else { self.at(x, y) }
        })
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

fn bits(frequencies: &[f32]) -> Hash {
    let mut sorted = frequencies.to_vec();
    sorted.sort_by(f32::total_cmp);
    let median = sorted[(sorted.len() - 1) / 2];
    let mut words = [0u64; 4];
    for (at, _) in frequencies.iter().enumerate().filter(|(_, it)| **it > median) {
        words[3 - at / 64] |= 1 << (at % 64); // The last bit is written first.
    }
    Hash(words)
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
