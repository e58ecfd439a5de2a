//! A term to count as somebody asks for it, in JSON.

use serde::{Deserialize, Deserializer, de};
use touchstone_types::Moment;

use super::{Calendar, Calendars, ClockError, Pauses, Roll, Term, Unit};

/// When does this term end?
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// In which calendar.
    pub calendar: String,
    /// When it begins.
    pub start: Moment,
    /// How many.
    #[serde(deserialize_with = "duration")]
    pub duration: u32,
    /// Of what.
    pub unit: Unit,
    /// What if it ends on a day off.
    pub roll: Option<Roll>,
    /// When the clock stood still: from, to.
    pub pauses: Option<Vec<(Moment, Moment)>>,
}

impl Question {
    /// What it is counted with: [`super::due`] and [`super::explain`] answer it.
    ///
    /// # Errors
    /// [`ClockError`] for a calendar that there is not, or a pause that ends before it begins.
    pub fn parts<'a>(&self, calendars: &'a Calendars) -> Result<(&'a Calendar, Term, Pauses), ClockError> {
        let term = Term { duration: self.duration, unit: self.unit, roll: self.roll };
        let pauses = Pauses::new(self.pauses.iter().flatten().copied())?;
        Ok((calendars.get(&self.calendar)?, term, pauses))
    }
}

fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let number = serde_json::Number::deserialize(from)?;
    number.as_u64().and_then(|it| u32::try_from(it).ok()).ok_or_else(|| {
        de::Error::custom(format!("the duration must be a whole number from 1 to {}, not {number}", u32::MAX))
    })
}
