//! Where the edges of a picture run.
//!
//! A picture of 64 by 64 samples is divided into eight by eight cells. How much of an edge a cell
//! has in each of eight directions is summed over its samples (as histograms of oriented gradients
//! do: Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005), the
//! strongest of red, green and blue together, so that neither another hue nor an inverted picture
//! moves anything. What is strong for the picture becomes a bit.

use crate::avatar::Edges;

/// Samples a side; cells a side; samples of a cell.
const SIDE: usize = 64;
const CELLS: usize = Edges::SIDE;
const CELL: usize = SIDE / CELLS;
const DIRECTIONS: usize = 8;

/// A step of brightness (0 to 255, over two samples) that counts half as much as any stronger one.
const HALF: f32 = 24.0;

/// The picture at `side` by `side`: means of larger ones, smooth steps of smaller ones.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Within the picture.
pub(crate) fn small(width: usize, height: usize, rgb: &[u8], side: usize) -> Vec<[f32; 3]> {
    let pixel = |x: usize, y: usize| {
        let at = (y * width + x) * 3;
        [rgb[at], rgb[at + 1], rgb[at + 2]].map(f32::from)
    };
    let span = |at: usize, size: usize| {
        let from = at * size / side;
        from..((at + 1) * size / side).max(from + 1)
    };
    let between = |at: usize, size: usize| {
        let place = ((at as f32 + 0.5) * size as f32 / side as f32 - 0.5).clamp(0.0, (size - 1) as f32);
        let first = place as usize;
        (first, (first + 1).min(size - 1), place - first as f32)
    };
    let mean = |row: usize, column: usize| {
        let (rows, columns) = (span(row, height), span(column, width));
        let count = (rows.len() * columns.len()) as f32;
        let mut sum = [0.0; 3];
        for (y, x) in rows.flat_map(|y| columns.clone().map(move |x| (y, x))) {
            let it = pixel(x, y);
            (0..3).for_each(|at| sum[at] += it[at]);
        }
        sum.map(|it| it / count)
    };
    let blend = |row: usize, column: usize| {
        let ((top, bottom, down), (left, right, across)) = (between(row, height), between(column, width));
        std::array::from_fn(|it| {
            let upper = pixel(left, top)[it] * (1.0 - across) + pixel(right, top)[it] * across;
            let lower = pixel(left, bottom)[it] * (1.0 - across) + pixel(right, bottom)[it] * across;
            upper * (1.0 - down) + lower * down
        })
    };
    let is_large = width >= side && height >= side;
    (0..side * side)
        .map(|at| if is_large { mean(at / side, at % side) } else { blend(at / side, at % side) })
        .collect()
}

/// The edges of a picture of `side` by `side` pixels; `side` is a multiple of 64.
pub(crate) fn edges(colours: &[[f32; 3]], side: usize) -> Edges {
    let strengths = strengths(&samples(colours, side));
    let mut sorted: Vec<f32> = strengths.iter().copied().filter(|it| *it > FAINT).collect();
    sorted.sort_by(f32::total_cmp);
    let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(FAINT);
    Edges::of(|row, column, direction| strengths[(row * CELLS + column) * DIRECTIONS + direction] > middle)
}

/// Less than this in a cell and direction is no edge.
const FAINT: f32 = 0.5;

/// Means of the pixels, each with a little of its neighbours.
#[allow(clippy::cast_precision_loss)] // Small numbers.
fn samples(colours: &[[f32; 3]], side: usize) -> Vec<[f32; 3]> {
    let step = side / SIDE;
    (0..SIDE * SIDE)
        .map(|at| {
            let (row, column) = (at / SIDE * step, at % SIDE * step);
            let mut sum = [0.0; 3];
            for y in row.saturating_sub(1)..(row + step + 1).min(side) {
                for x in column.saturating_sub(1)..(column + step + 1).min(side) {
                    (0..3).for_each(|it| sum[it] += colours[y * side + x][it]);
                }
            }
            let rows = (row + step + 1).min(side) - row.saturating_sub(1);
            let columns = (column + step + 1).min(side) - column.saturating_sub(1);
            sum.map(|it| it / (rows * columns) as f32)
        })
        .collect()
}

/// How much of an edge each cell has in each direction.
fn strengths(samples: &[[f32; 3]]) -> Vec<f32> {
    let mut strengths = vec![0.0; CELLS * CELLS * DIRECTIONS];
    for row in 1..SIDE - 1 {
        for column in 1..SIDE - 1 {
            let at = row * SIDE + column;
            let (mut xx, mut yy, mut xy) = (0.0f32, 0.0f32, 0.0f32);
            let around = [at + 1, at - 1, at + SIDE, at - SIDE].map(|it| samples[it]);
            for (((right, left), below), above) in
                around[0].iter().zip(around[1]).zip(around[2]).zip(around[3])
            {
                let (x, y) = (right - left, below - above);
                (xx, yy, xy) = (xx + x * x, yy + y * y, xy + x * y);
            }
            let strength = (xx + yy).sqrt();
            if strength < 4.0 {
                continue; // What compression leaves behind.
            }
            let angle = (2.0 * xy).atan2(xx - yy) / (2.0 * std::f32::consts::PI); // Half a turn is 1.
            spread(&mut strengths, row, column, angle, strength / (strength + HALF));
        }
    }
    strengths
}

/// Adds a sample's edge to the two nearest directions in the four nearest cells.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Wrapped and checked.
fn spread(strengths: &mut [f32], row: usize, column: usize, angle: f32, weight: f32) {
    let place = |at: usize| (at as f32 + 0.5) / CELL as f32 - 0.5;
    let ((y, x), turn) = ((place(row), place(column)), angle.rem_euclid(1.0) * DIRECTIONS as f32);
    let (top, left, first) = (y.floor(), x.floor(), turn.floor());
    for (cell_y, share_y) in [(top, 1.0 - (y - top)), (top + 1.0, y - top)] {
        for (cell_x, share_x) in [(left, 1.0 - (x - left)), (left + 1.0, x - left)] {
            let inside = |it: f32| (0.0..CELLS as f32).contains(&it);
            if !inside(cell_y) || !inside(cell_x) {
                continue;
            }
            let cell = (cell_y as usize * CELLS + cell_x as usize) * DIRECTIONS;
            for (direction, share) in [(first, 1.0 - (turn - first)), (first + 1.0, turn - first)] {
                strengths[cell + direction as usize % DIRECTIONS] += weight * share_y * share_x * share;
            }
        }
    }
}
