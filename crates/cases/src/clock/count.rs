//! The counting itself. `say` is told what had a say, as a closure, so that a plain count
//! builds no sentence.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};
use touchstone_types::Moment;

use super::calendar::DayKind;
use super::{Calendar, ClockError, Pauses, Reason, Roll, Term, Unit, moment, timestamp};

/// Takes what had a say.
pub(super) type Say<'a> = &'a mut dyn FnMut(&dyn Fn() -> Reason);

const DAYS_OF_A_WEEK: i64 = 7;
const LAST_SECOND: Time = Time::constant(23, 59, 59, 0);

pub(super) fn due(
    calendar: &Calendar,
    start: Moment,
    term: Term,
    pauses: &Pauses,
    say: Say<'_>,
) -> Result<Moment, ClockError> {
    if term.duration == 0 {
        return Err(ClockError::NoDuration);
    }
    let number = i64::from(term.duration);
    if term.roll.is_some() && !term.unit.is_by_the_day() {
        return Err(ClockError::RollOfHours);
    }
    let begin = calendar.date(timestamp(start));
    let last = match term.unit {
        Unit::Minute => return by_the_wall(start, number * 60, pauses, say),
        Unit::Hour => return by_the_wall(start, number * 3_600, pauses, say),
        Unit::BusinessHour => return while_open(calendar, start, number * 3_600, pauses, say),
        Unit::CalendarDay => days(calendar, begin, number, pauses, say)?,
        Unit::Week => days(calendar, begin, number * DAYS_OF_A_WEEK, pauses, say)?,
        Unit::Month => {
            let end = months(begin, number, say)?;
            let length = i64::from(begin.until(end).map_err(|_| ClockError::TooFar)?.get_days());
            days(calendar, begin, length, pauses, say)?
        }
        Unit::BusinessDay => business_days(calendar, begin, number, pauses, say)?,
    };
    let last = match term.roll {
        Some(Roll::NextBusinessDay) => rolled(calendar, last, say)?,
        None => last,
    };
    moment(calendar.at(last, LAST_SECOND)?)
}

/// So many seconds, and as many more as the clock stood still meanwhile.
fn by_the_wall(start: Moment, seconds: i64, pauses: &Pauses, say: Say<'_>) -> Result<Moment, ClockError> {
    let mut left = seconds.checked_mul(1_000_000).ok_or(ClockError::TooFar)?;
    let mut now = start.as_micros();
    for (from, to) in pauses.iter().filter(|(_, to)| *to > start) {
        let runs = (from.as_micros() - now).max(0);
        // A pause that begins when the term is over comes too late.
        if runs >= left {
            break;
        }
        left -= runs;
        let stood = now.max(from.as_micros());
        now = to.as_micros();
        say(&|| Reason::Stood(Moment::from_micros(stood).unwrap_or(from), to));
    }
    let end = now.checked_add(left).ok_or(ClockError::TooFar)?;
    Moment::from_micros(end).map_err(|_| ClockError::TooFar)
}

/// So many seconds of the calendar's hours.
fn while_open(
    calendar: &Calendar,
    start: Moment,
    seconds: i64,
    pauses: &Pauses,
    say: Say<'_>,
) -> Result<Moment, ClockError> {
    let start = timestamp(start);
    let mut left = SignedDuration::from_secs(seconds);
    let mut date = calendar.date(start);
    loop {
        if counts(calendar, date, say)? {
            for &(opens, closes) in calendar.hours() {
                let (opens_at, closes_at) =
                    (calendar.at(date, opens)?.max(start), calendar.at(date, closes)?);
                if opens_at >= closes_at {
                    continue;
                }
                say(&|| Reason::Open(date, opens, closes));
                if let Some(end) = within(opens_at, closes_at, &mut left, pauses, say) {
                    return moment(end);
                }
            }
        }
        date = date.tomorrow().map_err(|_| ClockError::TooFar)?;
    }
}

/// Runs from one moment to another; when it ends, if it ends there.
fn within(
    from: Timestamp,
    to: Timestamp,
    left: &mut SignedDuration,
    pauses: &Pauses,
    say: Say<'_>,
) -> Option<Timestamp> {
    let mut now = from;
    let later = pauses.iter().map(|(from, to)| (timestamp(from), timestamp(to)));
    for (stands, goes_on) in later.filter(|(stands, goes_on)| *goes_on > from && *stands < to) {
        let runs = stands.duration_since(now).max(SignedDuration::ZERO);
        if runs >= *left {
            return Some(now + *left);
        }
        *left -= runs;
        let until = goes_on.min(to);
        if let (Ok(a), Ok(b)) = (moment(stands.max(now)), moment(until)) {
            say(&|| Reason::Stood(a, b));
        }
        now = until.max(now);
    }
    let runs = to.duration_since(now);
    if runs >= *left {
        return Some(now + *left);
    }
    *left -= runs;
    None
}

/// The day that is so many days later, those on which the clock stood still left out.
fn days(
    calendar: &Calendar,
    begin: Date,
    number: i64,
    pauses: &Pauses,
    say: Say<'_>,
) -> Result<Date, ClockError> {
    say(&|| Reason::TriggerDay(begin));
    let (mut last, mut left) = (begin, number);
    for (from, to) in stood(calendar, pauses) {
        let free = i64::from(last.until(from).map_err(|_| ClockError::TooFar)?.get_days()) - 1;
        if left <= free {
            break;
        }
        if to <= last {
            continue;
        }
        left -= free.max(0);
        for date in from.max(later(last, 1)?).series(1.day()).take_while(|it| *it <= to) {
            say(&|| Reason::Paused(date));
        }
        last = to;
    }
    later(last, left)
}

fn later(date: Date, days: i64) -> Result<Date, ClockError> {
    date.checked_add(SignedDuration::from_hours(days.saturating_mul(24))).map_err(|_| ClockError::TooFar)
}

/// The local days on which the clock stood still, from and to.
fn stood<'a>(calendar: &'a Calendar, pauses: &'a Pauses) -> impl Iterator<Item = (Date, Date)> + 'a {
    let mut before: Option<Date> = None;
    pauses.iter().filter_map(move |(from, to)| {
        let last_moment = Timestamp::from_microsecond(to.as_micros() - 1).unwrap_or_else(|_| timestamp(to));
        let (mut from, to) = (calendar.date(timestamp(from)), calendar.date(last_moment));
        // Two pauses on one day make it stand still once.
        if let Some(before) = before.filter(|before| from <= *before) {
            from = before.tomorrow().ok()?;
        }
        before = Some(to);
        (from <= to).then_some((from, to))
    })
}

fn months(begin: Date, number: i64, say: Say<'_>) -> Result<Date, ClockError> {
    let span = 0.days().try_months(number).map_err(|_| ClockError::TooFar)?;
    let end = begin.checked_add(span).map_err(|_| ClockError::TooFar)?;
    if end.day() != begin.day() {
        say(&|| Reason::MonthEnd(end));
    }
    Ok(end)
}

fn business_days(
    calendar: &Calendar,
    begin: Date,
    number: i64,
    pauses: &Pauses,
    say: Say<'_>,
) -> Result<Date, ClockError> {
    say(&|| Reason::TriggerDay(begin));
    let mut pauses = stood(calendar, pauses).peekable();
    let (mut date, mut left) = (begin, number);
    while left > 0 {
        date = date.tomorrow().map_err(|_| ClockError::TooFar)?;
        while pauses.next_if(|(_, to)| *to < date).is_some() {}
        if !counts(calendar, date, say)? {
            continue;
        }
        if pauses.peek().is_some_and(|(from, _)| *from <= date) {
            say(&|| Reason::Paused(date));
        } else {
            left -= 1;
        }
    }
    Ok(date)
}

/// Whether the calendar is open that day; says why, where the week alone would say otherwise.
fn counts(calendar: &Calendar, date: Date, say: Say<'_>) -> Result<bool, ClockError> {
    let kind = calendar.day(date)?;
    match kind {
        DayKind::Business => {}
        DayKind::Weekend => say(&|| Reason::Weekend(date)),
        DayKind::Off(name) => say(&|| Reason::DayOff(date, name.clone())),
        DayKind::Worked(name) => say(&|| Reason::Worked(date, name.clone())),
    }
    Ok(kind.is_business())
}

fn rolled(calendar: &Calendar, last: Date, say: Say<'_>) -> Result<Date, ClockError> {
    let mut date = last;
    while !counts(calendar, date, say)? {
        date = date.tomorrow().map_err(|_| ClockError::TooFar)?;
    }
    if date != last {
        say(&|| Reason::Rolled(last, date));
    }
    Ok(date)
}
