//! When the clock stood still: apart from each other and in order of time.

use touchstone_types::Moment;

/// Times during which the clock stood still; none overlaps or touches another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pauses(Vec<(Moment, Moment)>);

/// A pause that ends before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("pause {} ends before it begins", .0 + 1)]
pub struct InvalidPause(pub usize);

impl Pauses {
    /// From pauses in any order, which may overlap; an empty one is no pause.
    ///
    /// # Errors
    /// [`InvalidPause`] with the place of the first that ends before it begins.
    pub fn new(pauses: impl IntoIterator<Item = (Moment, Moment)>) -> Result<Self, InvalidPause> {
        let mut sorted = Vec::new();
        for (at, (from, to)) in pauses.into_iter().enumerate() {
            if to < from {
                return Err(InvalidPause(at));
            }
            if from < to {
                sorted.push((from, to));
            }
        }
        sorted.sort_unstable();
        let mut merged: Vec<(Moment, Moment)> = Vec::with_capacity(sorted.len());
        for (from, to) in sorted {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Ok(Self(merged))
    }

    /// In order of time.
    pub fn iter(&self) -> impl Iterator<Item = (Moment, Moment)> {
        self.0.iter().copied()
    }
}
