//! How many reports an hour to expect, by the hour of the week, from what was counted.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::Deserialize;
use touchstone_types::Moment;

/// How many weeks back are looked at.
pub const WEEKS: i64 = 12;

/// A week counts half as much as the one four weeks later.
const HALF_LIFE_WEEKS: f64 = 4.0;
/// So many weeks of the mean of its hour of the day are added to each hour of the week, so
/// that one busy Tuesday is no pattern.
const LEANING: f64 = 1.0;
const HOURS_OF_A_WEEK: usize = 168;
const HOURS_OF_A_DAY: usize = 24;
/// Below this the hours of the week are not told apart.
const WEEK_FROM: i64 = 14 * 24;
/// Below this not even the hours of the day are.
const DAY_FROM: i64 = 2 * 24;

/// A time zone by its name in the IANA database; it is in the binary.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Zone(TimeZone, String);

/// A name that no time zone has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no time zone is called `{0}`; one is, for example, `Asia/Shanghai`")]
pub struct NotAZone(pub String);

/// An hour of the week as the desk's clock shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// 0 is Monday.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
}

impl TryFrom<String> for Zone {
    type Error = NotAZone;
    fn try_from(name: String) -> Result<Self, NotAZone> {
        Self::new(&name)
    }
}

impl Zone {
    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC, "UTC".to_owned())
    }

    /// The zone of that name.
    ///
    /// # Errors
    /// [`NotAZone`] if there is none.
    pub fn new(name: &str) -> Result<Self, NotAZone> {
        let zone = TimeZone::get(name).map_err(|_| NotAZone(name.to_owned()))?;
        Ok(Self(zone, name.to_owned()))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.1
    }

    /// The hour of the week in which an hour, counted from 1970 in UTC, begins there.
    #[must_use]
    pub fn slot(&self, hour: i64) -> Slot {
        let at = self.at(hour);
        let day = u8::try_from(at.weekday().to_monday_zero_offset()).unwrap_or_default();
        Slot { day, hour: u8::try_from(at.hour()).unwrap_or_default() }
    }

    /// The day there, as `2026-11-22`.
    #[must_use]
    pub fn date(&self, hour: i64) -> String {
        self.at(hour).strftime("%Y-%m-%d").to_string()
    }

    /// The time there, as `19:00`.
    #[must_use]
    pub fn time(&self, hour: i64) -> String {
        self.at(hour).strftime("%H:%M").to_string()
    }

    /// How far it is from UTC then, as `+08:00`.
    #[must_use]
    pub fn offset(&self, hour: i64) -> String {
        self.at(hour).strftime("%:z").to_string()
    }

    fn at(&self, hour: i64) -> Zoned {
        Timestamp::from_second(hour.saturating_mul(3_600)).unwrap_or_default().to_zoned(self.0.clone())
    }
}

/// The hour, counted from 1970 in UTC, in which a moment is.
#[must_use]
pub(super) fn hour_of(at: Moment) -> i64 {
    at.as_micros().div_euclid(3_600_000_000)
}

/// The reports of one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Hours since 1970, UTC.
    pub hour: i64,
    /// Reports that go first.
    pub urgent: u32,
    /// The others.
    pub others: u32,
}

/// What was counted, from the first hour to the last whole one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The first hour that was counted whole.
    pub from: i64,
    /// The hour after the last that was: the one that is not over yet.
    pub until: i64,
    /// Hours with reports, in any order; an hour between that is not here had none.
    pub counted: Vec<Counted>,
}

impl History {
    /// What was counted up to `now`, at most [`WEEKS`] back. `began` is when reports were first
    /// taken; the hour it is in was not counted whole.
    #[must_use]
    pub fn new(began: Option<Moment>, now: Moment, counted: Vec<Counted>) -> Self {
        let until = hour_of(now);
        let from = began.map_or(until, |it| hour_of(it) + 1).max(until - WEEKS * 168).min(until);
        let counted = counted.into_iter().filter(|it| (from..until).contains(&it.hour)).collect();
        Self { from, until, counted }
    }

    /// How many hours it covers.
    #[must_use]
    pub fn hours(&self) -> i64 {
        (self.until - self.from).max(0)
    }
}

/// On what a forecast rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The same hour of the week before, leaning on that hour of all days. Whole weeks.
    HourOfWeek(i64),
    /// Too short for that: the same hour of all days. Whole days.
    HourOfDay(i64),
    /// Too short even for that: all hours alike. Hours.
    AllHours(i64),
    /// Nothing was counted yet.
    Nothing,
}

/// Reports an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// That go first.
    pub urgent: f64,
    /// The others.
    pub others: f64,
}

/// Reports an hour, by the hour of the week.
#[derive(Clone, Debug)]
pub struct Forecast {
    basis: Basis,
    rates: Vec<Rates>, // Invariant: HOURS_OF_A_WEEK of them.
}

#[derive(Clone, Copy, Default)]
struct Sum {
    urgent: f64,
    others: f64,
    weight: f64,
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.urgent += other.urgent;
        self.others += other.others;
        self.weight += other.weight;
    }

    /// The mean, leaning on another one with so much weight.
    fn mean(self, leaning: f64, on: Rates) -> Rates {
        let weight = self.weight + leaning;
        if weight <= 0.0 {
            return on;
        }
        Rates {
            urgent: (self.urgent + leaning * on.urgent) / weight,
            others: (self.others + leaning * on.others) / weight,
        }
    }
}

impl Forecast {
    /// What history says of each hour of the week at the desk's clock. Recent weeks count more.
    #[must_use]
    pub fn of(history: &History, zone: &Zone) -> Self {
        let by_week = sums(history, zone);
        let mut by_day = [Sum::default(); HOURS_OF_A_DAY];
        let mut all = Sum::default();
        for (slot, sum) in by_week.iter().enumerate() {
            by_day[slot % HOURS_OF_A_DAY].add(*sum);
            all.add(*sum);
        }
        let overall = all.mean(0.0, Rates::default());
        let hours = history.hours();
        let basis = match hours {
            0 => Basis::Nothing,
            _ if hours >= WEEK_FROM => Basis::HourOfWeek(hours / 168),
            _ if hours >= DAY_FROM => Basis::HourOfDay(hours / 24),
            _ => Basis::AllHours(hours),
        };
        let rate = |slot: usize| {
            let of_day = by_day[slot % HOURS_OF_A_DAY].mean(LEANING, overall);
            match basis {
                Basis::HourOfWeek(_) => by_week[slot].mean(LEANING, of_day),
                Basis::HourOfDay(_) => of_day,
                Basis::AllHours(_) | Basis::Nothing => overall,
            }
        };
        Self { basis, rates: (0..HOURS_OF_A_WEEK).map(rate).collect() }
    }

    /// On what it rests.
    #[must_use]
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// What to expect in an hour of the week.
    #[must_use]
    pub fn at(&self, slot: Slot) -> Rates {
        self.rates.get(place(slot)).copied().unwrap_or_default()
    }
}

fn place(slot: Slot) -> usize {
    usize::from(slot.day) * HOURS_OF_A_DAY + usize::from(slot.hour)
}

/// Weighted counts by hour of the week; hours without a report count as well.
fn sums(history: &History, zone: &Zone) -> Vec<Sum> {
    let mut sums = vec![Sum::default(); HOURS_OF_A_WEEK];
    for hour in history.from..history.until {
        if let Some(sum) = sums.get_mut(place(zone.slot(hour))) {
            sum.weight += weight(history.until - hour);
        }
    }
    for it in &history.counted {
        let weight = weight(history.until - it.hour);
        if let Some(sum) = sums.get_mut(place(zone.slot(it.hour))) {
            sum.urgent += weight * f64::from(it.urgent);
            sum.others += weight * f64::from(it.others);
        }
    }
    sums
}

/// How much an hour counts that is so many hours back.
fn weight(hours_back: i64) -> f64 {
    let weeks = f64::from(u32::try_from(hours_back).unwrap_or(u32::MAX)) / 168.0;
    (-weeks / HALF_LIFE_WEEKS).exp2()
}
