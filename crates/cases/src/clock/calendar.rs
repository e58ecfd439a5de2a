//! Calendars as data: the zone, the hours, and every day that differs from the week.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday};
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use touchstone_types::{Bilingual, Moment};

use super::{ClockError, timestamp};

/// Every calendar, by its id.
#[derive(Clone, Debug, Default)]
pub struct Calendars(BTreeMap<String, Calendar>);

/// The days and hours of one place.
#[derive(Clone, Debug)]
pub struct Calendar {
    id: String,
    name: Bilingual,
    sources: Vec<String>,
    zone: TimeZone,
    zone_name: String,
    hours: Vec<(Time, Time)>,
    first: Date,
    years: (i16, i16),
    // One for each day from `first` on.
    days: Vec<Day>,
    names: Vec<Bilingual>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Day {
    Business,
    Weekend,
    Off(u16),
    Worked(u16),
}

/// What a day is in a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind<'a> {
    /// Open.
    Business,
    /// Closed, as every week.
    Weekend,
    /// Closed, and why.
    Off(&'a Bilingual),
    /// Open on a weekend, and why.
    Worked(&'a Bilingual),
}

impl DayKind<'_> {
    /// Whether the calendar is open.
    #[must_use]
    pub fn is_business(self) -> bool {
        matches!(self, DayKind::Business | DayKind::Worked(_))
    }
}

/// A calendar file that says nothing we understand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct CalendarProblem {
    /// Which file.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    name: Bilingual,
    zone: String,
    hours: Vec<(String, String)>,
    weekend: Vec<String>,
    years: Vec<i16>,
    sources: Vec<String>,
    #[serde(default)]
    days_off: BTreeMap<String, Bilingual>,
    #[serde(default)]
    worked: BTreeMap<String, Bilingual>,
}

/// The calendars in `policies/calendars`, each with its name and text.
const BUILT_IN: [(&str, &str); 10] = [
    ("AU.toml", include_str!("../../../../policies/calendars/AU.toml")),
    ("CN.toml", include_str!("../../../../policies/calendars/CN.toml")),
    ("EU.toml", include_str!("../../../../policies/calendars/EU.toml")),
    ("HK.toml", include_str!("../../../../policies/calendars/HK.toml")),
    ("JP.toml", include_str!("../../../../policies/calendars/JP.toml")),
    ("KR.toml", include_str!("../../../../policies/calendars/KR.toml")),
    ("SG.toml", include_str!("../../../../policies/calendars/SG.toml")),
    ("TW.toml", include_str!("../../../../policies/calendars/TW.toml")),
    ("UK.toml", include_str!("../../../../policies/calendars/UK.toml")),
    ("US.toml", include_str!("../../../../policies/calendars/US.toml")),
];

impl Calendars {
    /// The calendars that come with this version.
    ///
    /// # Errors
    /// None that a test of this crate would let through.
    pub fn built_in() -> Result<Self, Vec<CalendarProblem>> {
        Self::load(BUILT_IN)
    }

    /// Reads calendar files, each with its name and text.
    ///
    /// # Errors
    /// Every file that is wrong; nothing is half-read.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<CalendarProblem>> {
        let (mut calendars, mut problems) = (BTreeMap::new(), Vec::new());
        for (file, text) in files {
            let problem = |reason: String| CalendarProblem { file: file.to_owned(), reason };
            match toml::from_str::<File>(text).map_err(|cause| cause.to_string()).and_then(Calendar::from) {
                Ok(calendar) if calendars.contains_key(&calendar.id) => {
                    problems.push(problem(format!("calendar {} is there twice", calendar.id)));
                }
                Ok(calendar) => {
                    calendars.insert(calendar.id.clone(), calendar);
                }
                Err(reason) => problems.push(problem(reason)),
            }
        }
        if problems.is_empty() { Ok(Self(calendars)) } else { Err(problems) }
    }

    /// The calendar of that id.
    ///
    /// # Errors
    /// [`ClockError::UnknownCalendar`] with those that there are.
    pub fn get(&self, id: &str) -> Result<&Calendar, ClockError> {
        self.0.get(id).ok_or_else(|| {
            let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
            ClockError::UnknownCalendar(id.to_owned(), known.join(", "))
        })
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Calendar> {
        self.0.values()
    }
}

impl Calendar {
    fn from(file: File) -> Result<Self, String> {
        // Not the machine's: every replica must find the same end.
        let zone = TimeZoneDatabase::bundled()
            .get(&file.zone)
            .map_err(|_| format!("unknown time zone `{}`", file.zone))?;
        let weekend = file.weekend.iter().map(|it| weekday(it)).collect::<Result<Vec<_>, _>>()?;
        let hours = hours(&file.hours)?;
        let (Some(&first), Some(&last)) = (file.years.first(), file.years.last()) else {
            return Err("`years` is empty".to_owned());
        };
        if file.years.windows(2).any(|it| it[1] != it[0] + 1) {
            return Err("`years` must follow one another".to_owned());
        }
        let from = Date::new(first, 1, 1).map_err(|cause| cause.to_string())?;
        let end = Date::new(last, 12, 31).map_err(|cause| cause.to_string())?;
        let days = from.series(1.day()).take_while(|it| *it <= end);
        let days = days
            .map(|it| if weekend.contains(&it.weekday()) { Day::Weekend } else { Day::Business })
            .collect();
        let mut calendar = Self {
            id: file.id,
            name: file.name,
            sources: file.sources,
            zone,
            zone_name: file.zone,
            hours,
            first: from,
            years: (first, last),
            days,
            names: Vec::new(),
        };
        for (date, name) in file.days_off {
            calendar.mark(&date, name, Day::Off)?;
        }
        for (date, name) in file.worked {
            let (at, _) = calendar.place(&date)?;
            if !matches!(calendar.days[at], Day::Weekend) {
                return Err(format!("{date} is worked anyway"));
            }
            calendar.mark(&date, name, Day::Worked)?;
        }
        Ok(calendar)
    }

    fn mark(&mut self, date: &str, name: Bilingual, kind: fn(u16) -> Day) -> Result<(), String> {
        let (at, _) = self.place(date)?;
        let number = u16::try_from(self.names.len()).map_err(|_| "too many days".to_owned())?;
        self.names.push(name);
        self.days[at] = kind(number);
        Ok(())
    }

    fn place(&self, date: &str) -> Result<(usize, Date), String> {
        let date: Date = date.parse().map_err(|_| format!("`{date}` is no date such as 2026-10-01"))?;
        self.offset(date).map(|at| (at, date)).ok_or_else(|| format!("{date} is not in `years`"))
    }

    fn offset(&self, date: Date) -> Option<usize> {
        let days = self.first.until(date).ok()?.get_days();
        usize::try_from(days).ok().filter(|at| *at < self.days.len())
    }

    /// Short name, such as `CN`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Name for people.
    #[must_use]
    pub fn name(&self) -> &Bilingual {
        &self.name
    }

    /// Who says so.
    #[must_use]
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// The first and the last year whose days are known.
    #[must_use]
    pub fn years(&self) -> (i16, i16) {
        self.years
    }

    /// IANA name of the time zone.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        &self.zone_name
    }

    /// The time zone.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// When it is open on a business day, local time: from, to.
    #[must_use]
    pub fn hours(&self) -> &[(Time, Time)] {
        &self.hours
    }

    /// What a day is.
    ///
    /// # Errors
    /// [`ClockError::NoData`] outside the years that were published.
    pub fn day(&self, date: Date) -> Result<DayKind<'_>, ClockError> {
        let no_data = || ClockError::NoData {
            calendar: self.id.clone(),
            date,
            first: self.years.0,
            last: self.years.1,
        };
        let day = self.offset(date).and_then(|at| self.days.get(at)).ok_or_else(no_data)?;
        let name = |at: u16| self.names.get(usize::from(at)).ok_or_else(no_data);
        Ok(match *day {
            Day::Business => DayKind::Business,
            Day::Weekend => DayKind::Weekend,
            Day::Off(at) => DayKind::Off(name(at)?),
            Day::Worked(at) => DayKind::Worked(name(at)?),
        })
    }

    /// A point in time as the calendar's clock shows it, RFC 3339.
    #[must_use]
    pub fn show(&self, at: Moment) -> String {
        let at = timestamp(at);
        DateTimePrinter::new().timestamp_with_offset_to_string(&at, self.zone.to_offset(at))
    }

    /// The local date of a point in time.
    pub(super) fn date(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// The point in time that a local clock shows; the later one where it shows it twice.
    pub(super) fn at(&self, date: Date, time: Time) -> Result<Timestamp, ClockError> {
        let ambiguous = self.zone.to_ambiguous_timestamp(date.to_datetime(time));
        ambiguous.later().map_err(|_| ClockError::TooFar)
    }
}

fn weekday(name: &str) -> Result<Weekday, String> {
    Ok(match name {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return Err(format!("`{name}` is no day of the week")),
    })
}

fn hours(hours: &[(String, String)]) -> Result<Vec<(Time, Time)>, String> {
    let time = |text: &str| text.parse::<Time>().map_err(|_| format!("`{text}` is no time such as 09:00"));
    let hours: Vec<_> =
        hours.iter().map(|(from, to)| Ok((time(from)?, time(to)?))).collect::<Result<_, String>>()?;
    let in_order = hours.iter().all(|(from, to)| from < to) && hours.windows(2).all(|it| it[0].1 <= it[1].0);
    match hours.is_empty() || !in_order {
        true => {
            Err("`hours` must be windows in order, such as [[\"09:00\", \"12:00\"], [\"13:00\", \"18:00\"]]"
                .to_owned())
        }
        false => Ok(hours),
    }
}
