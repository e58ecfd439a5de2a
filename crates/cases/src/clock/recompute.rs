//! When every clock of a million ends, all at once: after a change of the rules or a calendar.
//!
//! The way through: [`Columns`] hold what a date depends on and nothing else, [`recompute`] gives
//! one date for each row, the same as [`crate::clock::due`] gives for it alone.
//!
//! Always true here:
//! - Pure, and the same whatever the number of threads.
//! - What is remembered is remembered because it can be nothing else: a term of days ends alike
//!   for every start on the same day, and open hours add up alike for everybody.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use touchstone_types::Moment;

use super::{Calendar, Calendars, ClockError, Pauses, Term, Unit, due, moment};
use crate::rule::Rule;

/// What the ends of many clocks depend on, a row for each clock.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    started: Vec<Moment>,
    rule: Vec<u16>,
    pauses_end: Vec<u32>, // Where each row's pauses end; they begin where those of the row before end.
    pauses: Vec<(Moment, Moment)>,
}

/// When many clocks end, a row for each; none where a calendar has no date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dues(Vec<i64>);

/// Rows that cannot be counted at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A row names a rule that is not in the list.
    #[error("row {row} goes by rule {rule}, and there are {rules}")]
    NoRule {
        /// The first such row, from 0.
        row: usize,
        /// What it names.
        rule: u16,
        /// How many there are.
        rules: usize,
    },
    /// A rule counts in a calendar that there is not.
    #[error(transparent)]
    Calendar(#[from] ClockError),
}

const NO_DATE: i64 = i64::MIN; // No moment has that many microseconds.
const UNKNOWN: i64 = i64::MAX; // Nor this.
const DAY: i64 = 86_400_000_000;
/// Starts that lie further apart than so many days are counted one by one.
const MOST_DAYS: i64 = 40_000;

impl Columns {
    /// Room for so many rows.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            started: Vec::with_capacity(rows),
            rule: Vec::with_capacity(rows),
            pauses_end: Vec::with_capacity(rows),
            pauses: Vec::new(),
        }
    }

    /// Adds a clock by the rule at that place of the list.
    pub fn push(&mut self, started: Moment, rule: u16, pauses: &[(Moment, Moment)]) {
        self.started.push(started);
        self.rule.push(rule);
        self.pauses.extend_from_slice(pauses);
        self.pauses_end.push(u32::try_from(self.pauses.len()).unwrap_or(u32::MAX));
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.started.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.started.is_empty()
    }

    /// When a row's clock stood still.
    fn pauses(&self, row: usize) -> &[(Moment, Moment)] {
        let place =
            |row: Option<usize>| row.and_then(|row| self.pauses_end.get(row)).map_or(0, |it| *it as usize);
        self.pauses.get(place(row.checked_sub(1))..place(Some(row))).unwrap_or_default()
    }
}

impl Dues {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When the clock of that row ends.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<Moment> {
        self.0.get(row).and_then(|it| Moment::from_micros(*it).ok())
    }

    /// Every row, in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<Moment>> {
        self.0.iter().map(|it| Moment::from_micros(*it).ok())
    }
}

/// When each clock ends, on so many threads.
///
/// # Errors
/// [`Unreadable`] if a row names no rule of the list, or a rule no calendar.
pub fn recompute(
    columns: &Columns,
    rules: &[Arc<Rule>],
    calendars: &Calendars,
    threads: usize,
) -> Result<Dues, Unreadable> {
    let rules = rules.iter().map(|it| Ok((it.term, calendars.get(&it.calendar)?)));
    let rules = rules.collect::<Result<Vec<_>, ClockError>>()?;
    if let Some(row) = columns.rule.iter().position(|it| usize::from(*it) >= rules.len()) {
        return Err(Unreadable::NoRule { row, rule: columns.rule[row], rules: rules.len() });
    }
    let mut dues = vec![NO_DATE; columns.len()];
    let (Some(first), Some(last)) = (columns.started.iter().min(), columns.started.iter().max()) else {
        return Ok(Dues(dues));
    };
    let days = (day(*first), day(*last));
    let part = columns.len().div_ceil(threads.max(1));
    std::thread::scope(|scope| {
        for (at, out) in dues.chunks_mut(part).enumerate() {
            let rules = &rules;
            scope.spawn(move || {
                let mut known: Vec<Known<'_>> = rules.iter().map(|it| Known::new(it.0, it.1, days)).collect();
                for (row, out) in (at * part..).zip(out) {
                    let known = &mut known[usize::from(columns.rule[row])];
                    *out = known.due(columns.started[row], columns.pauses(row));
                }
            });
        }
    });
    Ok(Dues(dues))
}

/// The day that a moment is in, in UTC.
fn day(at: Moment) -> i64 {
    at.as_micros().div_euclid(DAY)
}

/// What is known of the ends of one rule's clocks.
struct Known<'a> {
    term: Term,
    calendar: &'a Calendar,
    how: How,
}

enum How {
    /// So many microseconds later.
    Wall(i64),
    /// By the local day of the start.
    Days(Days),
    /// By the open hours since the calendar began.
    Hours(Hours),
    /// One by one.
    Alone,
}

impl<'a> Known<'a> {
    fn new(term: Term, calendar: &'a Calendar, (first, last): (i64, i64)) -> Self {
        let narrow = last - first < MOST_DAYS;
        let seconds = i64::from(term.duration).checked_mul(1_000_000);
        let how = match (term.unit, seconds) {
            _ if term.duration == 0 || (term.roll.is_some() && !term.unit.is_by_the_day()) => How::Alone,
            (Unit::Minute, Some(it)) => How::Wall(it * 60),
            (Unit::Hour, Some(it)) => How::Wall(it * 3_600),
            (Unit::BusinessHour, Some(it)) => Hours::new(calendar, it * 3_600).map_or(How::Alone, How::Hours),
            _ if narrow => How::Days(Days::new(first, last)),
            _ => How::Alone,
        };
        Self { term, calendar, how }
    }

    fn due(&mut self, started: Moment, pauses: &[(Moment, Moment)]) -> i64 {
        if !pauses.is_empty() {
            return alone(self.calendar, started, self.term, pauses);
        }
        let known = match &mut self.how {
            How::Wall(micros) => {
                started.as_micros().checked_add(*micros).filter(|it| Moment::from_micros(*it).is_ok())
            }
            How::Hours(hours) => hours.due(started),
            How::Days(days) => return days.due(self.calendar, started, self.term),
            How::Alone => None,
        };
        known.unwrap_or_else(|| alone(self.calendar, started, self.term, &[]))
    }
}

fn alone(calendar: &Calendar, started: Moment, term: Term, pauses: &[(Moment, Moment)]) -> i64 {
    let pauses = Pauses::new(pauses.iter().copied()).unwrap_or_default();
    due(calendar, started, term, &pauses).map_or(NO_DATE, Moment::as_micros)
}

/// Ends by the local day of the start.
struct Days {
    first: i64,
    /// For each day of UTC, how far local time is ahead all through it, in microseconds.
    ahead: Vec<i64>,
    /// For each local day, from one before the first.
    ends: Vec<i64>,
}

impl Days {
    fn new(first: i64, last: i64) -> Self {
        let days = usize::try_from(last - first + 1).unwrap_or(0);
        Self { first, ahead: vec![UNKNOWN; days], ends: vec![UNKNOWN; days + 2] }
    }

    fn due(&mut self, calendar: &Calendar, started: Moment, term: Term) -> i64 {
        let begins = day(started);
        let at = usize::try_from(begins - self.first).unwrap_or(usize::MAX);
        let Some(ahead) = self.ahead.get_mut(at) else { return alone(calendar, started, term, &[]) };
        if *ahead == UNKNOWN {
            // A day on which local time jumps is counted one by one.
            *ahead = ahead_all_day(calendar, begins).unwrap_or(NO_DATE);
        }
        if *ahead == NO_DATE {
            return alone(calendar, started, term, &[]);
        }
        let local = (started.as_micros() + *ahead).div_euclid(DAY);
        let Some(end) = usize::try_from(local - self.first + 1).ok().and_then(|at| self.ends.get_mut(at))
        else {
            return alone(calendar, started, term, &[]);
        };
        if *end == UNKNOWN {
            *end = alone(calendar, started, term, &[]);
        }
        *end
    }
}

/// How far local time is ahead of UTC, if it is the same from the day's first moment to its last.
fn ahead_all_day(calendar: &Calendar, day: i64) -> Option<i64> {
    let ahead = |micros: i64| {
        let at = Timestamp::from_microsecond(micros).ok()?;
        Some(i64::from(calendar.zone().to_offset(at).seconds()) * 1_000_000)
    };
    let (first, last) = (ahead(day * DAY)?, ahead(day * DAY + DAY - 1)?);
    (first == last).then_some(first)
}

/// Open hours of a calendar, added up from its first day.
struct Hours {
    term: i64,
    /// From, to, and how much was open up to the end of it; microseconds.
    windows: Vec<(i64, i64, i64)>,
}

impl Hours {
    fn new(calendar: &Calendar, term: i64) -> Option<Self> {
        let (first, last) = calendar.years();
        let mut date = Date::new(first, 1, 1).ok()?;
        let end = Date::new(last, 12, 31).ok()?;
        let (mut windows, mut open) = (Vec::new(), 0);
        while date <= end {
            if calendar.day(date).ok()?.is_business() {
                for &(opens, closes) in calendar.hours() {
                    let (from, to) = (calendar.at(date, opens).ok()?, calendar.at(date, closes).ok()?);
                    let (from, to) = (moment(from).ok()?.as_micros(), moment(to).ok()?.as_micros());
                    open += (to - from).max(0);
                    windows.push((from, to, open));
                }
            }
            date = date.tomorrow().ok()?;
        }
        // Where local time jumps, windows may meet; then each start is counted alone.
        let apart = windows.windows(2).all(|it| it[0].1 <= it[1].0) && windows.iter().all(|it| it.0 < it.1);
        (term > 0 && apart).then_some(Self { term, windows })
    }

    /// When the term ends; `None` outside the days that the calendar knows.
    fn due(&self, started: Moment) -> Option<i64> {
        let started = started.as_micros();
        let first = self.windows.first()?.0;
        // Before the first opening it is not known whether earlier days were open.
        if started < first {
            return None;
        }
        let next = self.windows.partition_point(|it| it.1 <= started);
        let &(from, to, open) = self.windows.get(next)?;
        let before = open - (to - from.max(started));
        let goal = before + self.term;
        let last = next + self.windows[next..].partition_point(|it| it.2 < goal);
        let &(_, to, open) = self.windows.get(last)?;
        Some(to - (open - goal))
    }
}

/// For tests and benches: each row by itself, with nothing remembered.
///
/// # Errors
/// As [`recompute`].
pub fn one_by_one(columns: &Columns, rules: &[Arc<Rule>], calendars: &Calendars) -> Result<Dues, Unreadable> {
    let rules = rules.iter().map(|it| Ok((it.term, calendars.get(&it.calendar)?)));
    let rules = rules.collect::<Result<Vec<_>, ClockError>>()?;
    let due = |row: usize| {
        let rule = columns.rule[row];
        let &(term, calendar) =
            rules.get(usize::from(rule)).ok_or(Unreadable::NoRule { row, rule, rules: rules.len() })?;
        Ok(alone(calendar, columns.started[row], term, columns.pauses(row)))
    };
    (0..columns.len()).map(due).collect::<Result<_, _>>().map(Dues)
}
