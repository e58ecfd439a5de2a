use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use touchstone_types::Moment;

/// A month of the calendar, in UTC; written `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month(u32); // Months since the year 0. Invariant: the years 1 to 9999.

/// The text is no month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a month such as 2026-11")]
pub struct NoMonth;

impl Month {
    /// The month of that moment.
    #[must_use]
    pub fn of(moment: Moment) -> Self {
        let text = moment.to_string();
        text.get(..7).and_then(|it| it.parse().ok()).unwrap_or(Self(12)) // Not reached: four digits of a year.
    }

    /// The first moment of it.
    #[must_use]
    pub fn start(self) -> Moment {
        format!("{self}-01T00:00:00Z").parse().unwrap_or(Moment::MIN) // Not reached: each month has a first.
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self((self.0 + 1).min(9999 * 12 + 11))
    }

    /// The one so many before it, not before the first of all.
    #[must_use]
    pub fn back(self, months: u32) -> Self {
        Self(self.0.saturating_sub(months).max(12))
    }

    /// From this one to the one before `end`.
    pub fn until(self, end: Month) -> impl Iterator<Item = Month> {
        (self.0..end.0).map(Self)
    }

    /// How many months there are from `earlier` to this one; none if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Month) -> u32 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 12, self.0 % 12 + 1)
    }
}

impl FromStr for Month {
    type Err = NoMonth;
    fn from_str(text: &str) -> Result<Self, NoMonth> {
        let (year, month) = text.split_once('-').ok_or(NoMonth)?;
        if year.len() != 4 || month.len() != 2 || !text.bytes().all(|b| b == b'-' || b.is_ascii_digit()) {
            return Err(NoMonth);
        }
        let (year, month): (u32, u32) =
            (year.parse().map_err(|_| NoMonth)?, month.parse().map_err(|_| NoMonth)?);
        if year == 0 || !(1..=12).contains(&month) { Err(NoMonth) } else { Ok(Self(year * 12 + month - 1)) }
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
