//! When does it have to be done?
//!
//! The way through: [`Calendars::load`] reads the calendars, [`due`] counts a [`Term`] from its
//! start over the [`Pauses`] and says when it ends; [`explain`] says how that came about.
//!
//! The rules, as in Regulation (EEC, Euratom) No 1182/71 and in the civil codes that count alike:
//! - Minutes and hours run by the wall; hours of business only while the calendar is open.
//! - Of days, business days, weeks (seven days) and months the day of the trigger is not counted,
//!   and the term ends with the last second of its last day, local time. A month ends on the day
//!   of the same number, or on the month's last.
//! - A pause shifts minutes and hours by its exact length within the running time. Of days,
//!   those on which the clock stood still at any moment are not counted.
//! - `next_business_day` moves an end that falls on a day off to the next business day.

mod calendar;
mod count;
mod pauses;
mod question;
mod recompute;
mod say;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use touchstone_types::{Bilingual, Moment};

pub use calendar::{Calendar, CalendarProblem, Calendars, DayKind};
pub use pauses::{InvalidPause, Pauses};
pub use question::Question;
pub use recompute::{Columns, Dues, Unreadable, one_by_one, recompute};

/// In what a term is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// By the wall.
    Minute,
    /// By the wall.
    Hour,
    /// While the calendar is open.
    BusinessHour,
    /// Every day.
    CalendarDay,
    /// Days on which the calendar is open.
    BusinessDay,
    /// Seven days.
    Week,
    /// To the day of the same number, or the month's last.
    Month,
}

impl Unit {
    /// All of them, the shortest first.
    pub const ALL: [Unit; 7] = [
        Unit::Minute,
        Unit::Hour,
        Unit::BusinessHour,
        Unit::CalendarDay,
        Unit::BusinessDay,
        Unit::Week,
        Unit::Month,
    ];

    /// Whether it ends with a day, and not at a minute of its own.
    #[must_use]
    pub const fn is_by_the_day(self) -> bool {
        !matches!(self, Unit::Minute | Unit::Hour | Unit::BusinessHour)
    }
}

/// What happens to a term that ends on a day off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    /// It ends with the next business day.
    NextBusinessDay,
}

/// How long there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Term {
    /// How many; at least one.
    pub duration: u32,
    /// Of what.
    pub unit: Unit,
    /// What if it ends on a day off.
    pub roll: Option<Roll>,
}

/// Why there is no date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// No such calendar.
    #[error("unknown calendar `{0}`; known are {1}")]
    UnknownCalendar(String, String),
    /// A term of nothing.
    #[error("the duration must be at least 1")]
    NoDuration,
    /// Minutes and hours do not end on a day.
    #[error("`roll` moves the end of days, weeks and months, not of minutes or hours")]
    RollOfHours,
    /// The count left the years for which the calendar's days are published.
    #[error("calendar {calendar} has no data for {date}; it covers {first} to {last}")]
    NoData {
        /// Which calendar.
        calendar: String,
        /// The first date asked for and not known.
        date: Date,
        /// First year with data.
        first: i16,
        /// Last year with data.
        last: i16,
    },
    /// A pause that cannot be.
    #[error(transparent)]
    Pause(#[from] InvalidPause),
    /// Beyond the year 9999.
    #[error("the term ends beyond the year 9999")]
    TooFar,
}

/// One thing that had a say in a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The day of the trigger is not counted.
    TriggerDay(Date),
    /// A weekend is not counted.
    Weekend(Date),
    /// A day off is not counted.
    DayOff(Date, Bilingual),
    /// A day of a weekend that is worked is counted.
    Worked(Date, Bilingual),
    /// The clock stood still on that day.
    Paused(Date),
    /// The clock stood still from one moment to another within the running time.
    Stood(Moment, Moment),
    /// Outside working hours nothing runs; this window was used.
    Open(Date, Time, Time),
    /// The month has no such day.
    MonthEnd(Date),
    /// The end fell on a day off and moved.
    Rolled(Date, Date),
}

/// When the term ends.
///
/// # Errors
/// [`ClockError`].
pub fn due(calendar: &Calendar, start: Moment, term: Term, pauses: &Pauses) -> Result<Moment, ClockError> {
    count::due(calendar, start, term, pauses, &mut |_| ())
}

/// When the term ends, and everything that had a say in it, in the order of time.
///
/// # Errors
/// [`ClockError`].
pub fn explain(
    calendar: &Calendar,
    start: Moment,
    term: Term,
    pauses: &Pauses,
) -> Result<(Moment, Vec<Reason>), ClockError> {
    let mut reasons = Vec::new();
    let due = count::due(calendar, start, term, pauses, &mut |reason: &dyn Fn() -> Reason| {
        // A long term would fill a page with weekends; what matters is at its ends.
        if reasons.len() < MOST_REASONS {
            reasons.push(reason());
        }
    })?;
    Ok((due, reasons))
}

/// How much of an explanation is kept.
const MOST_REASONS: usize = 4_000;

impl fmt::Display for Reason {
    /// In English; pages have words of their own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::TriggerDay(date) => write!(f, "{date}: the day of the trigger is not counted"),
            Reason::Weekend(date) => write!(f, "{date}: weekend"),
            Reason::DayOff(date, name) => write!(f, "{date}: day off, {} ({})", name.en, name.zh),
            Reason::Worked(date, name) => write!(f, "{date}: a working day, {} ({})", name.en, name.zh),
            Reason::Paused(date) => write!(f, "{date}: the clock stood still on that day"),
            Reason::Stood(from, to) => write!(f, "{from} to {to}: the clock stood still"),
            Reason::Open(date, from, to) => {
                write!(f, "{date}: open {} to {}", from.strftime("%H:%M"), to.strftime("%H:%M"))
            }
            Reason::MonthEnd(date) => write!(f, "{date}: the month's last day, it has no such number"),
            Reason::Rolled(from, to) => write!(f, "{from} is a day off: the end moves to {to}"),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::BusinessHour => "business_hour",
            Unit::CalendarDay => "calendar_day",
            Unit::BusinessDay => "business_day",
            Unit::Week => "week",
            Unit::Month => "month",
        })
    }
}

fn timestamp(moment: Moment) -> Timestamp {
    // A moment lies within what timestamps can hold; the fallback is never taken.
    Timestamp::from_microsecond(moment.as_micros()).unwrap_or(Timestamp::MAX)
}

fn moment(timestamp: Timestamp) -> Result<Moment, ClockError> {
    Moment::from_micros(timestamp.as_microsecond()).map_err(|_| ClockError::TooFar)
}
