//! `desk.toml`: the ladder, the desk's own promises, and what harm weighs.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use touchstone_types::{Bilingual, Lapse};

use super::{CharterProblem, File, Jurisdictions};
use crate::clock::{Calendars, Roll, Term, Unit};
use crate::report::Kind;
use crate::rule::{Ladder, PausePolicy, Percent, Rule, StopsOn, Trigger, Whose};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeskFile {
    id: String,
    version: u32,
    calendar: String,
    ladder: Vec<LadderEntry>,
    promise: Vec<Promise>,
    harm: HarmScale,
    #[serde(default)]
    calendars: BTreeMap<String, String>,
    jurisdictions: BTreeMap<String, String>,
    #[serde(default)]
    countries: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LadderEntry {
    #[serde(default)]
    kinds: Vec<Kind>,
    agent: String,
    lead: String,
    complaints_officer: String,
    outside: String,
    ask_again: String,
    follow_up: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Promise {
    name: String,
    title: Bilingual,
    source: Bilingual,
    #[serde(default)]
    kinds: Vec<Kind>,
    starts: Trigger,
    stops: StopsOn,
    term: String,
    roll: Option<Roll>,
    calendar: Option<String>,
    pause: PausePolicy,
    #[serde(default)]
    warnings: Vec<u8>,
}

/// What each part of a report adds to its place in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HarmScale {
    pub(crate) critical: u16,
    pub(crate) high: u16,
    pub(crate) normal: u16,
    pub(crate) device_compromised: u16,
    pub(crate) lost_unknown: u16,
    /// US dollars at least, and what they add; rising.
    pub(crate) loss: Vec<(u64, u16)>,
    /// Hours at most, and what they add; rising.
    pub(crate) age: Vec<(u64, u16)>,
    pub(crate) kinds: BTreeMap<Kind, u16>,
}

/// What the desk promises.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) id: String,
    pub(super) version: u32,
    pub(super) calendar: String,
    pub(super) ladders: Vec<(Vec<Kind>, Ladder)>,
    pub(super) promises: Vec<(Vec<Kind>, Arc<Rule>)>,
    pub(super) harm: HarmScale,
    /// Other names of calendars.
    pub(super) calendars: BTreeMap<String, String>,
    /// Chinese names of the places with rules of their own.
    pub(super) places: BTreeMap<String, String>,
    pub(super) countries: BTreeMap<String, String>,
}

impl Desk {
    pub(super) fn read(file: File<'_>, calendars: &Calendars) -> Result<Self, Vec<CharterProblem>> {
        let desk: DeskFile = file.toml().map_err(|it| vec![it])?;
        let mut problems = Vec::new();
        if let Err(cause) = calendars.get(&desk.calendar) {
            problems.push(file.about("calendar", cause.to_string()));
        }
        for (name, calendar) in &desk.calendars {
            if let Err(cause) = calendars.get(calendar) {
                problems.push(file.about(&format!("\"{name}\""), cause.to_string()));
            }
        }
        problems.extend(desk.harm.problems(file));
        let mut ladders = Vec::new();
        for (at, entry) in desk.ladder.iter().enumerate() {
            match entry.ladder() {
                Ok(ladder) => ladders.push((entry.kinds.clone(), ladder)),
                Err(reason) => {
                    problems.push(file.about("[[ladder]]", format!("ladder {}: {reason}", at + 1)))
                }
            }
        }
        for kind in Kind::ALL {
            if !ladders.iter().any(|(kinds, _)| kinds.is_empty() || kinds.contains(&kind)) {
                problems.push(file.about("[[ladder]]", format!("no ladder fits `{kind}`")));
            }
        }
        let mut promises: Vec<(Vec<Kind>, Arc<Rule>)> = Vec::new();
        for promise in desk.promise {
            let name = promise.name.clone();
            let kinds = promise.kinds.clone();
            match promise.rule(&desk.calendar, calendars) {
                Ok(_) if promises.iter().any(|it| *it.1.name == name) => {
                    problems.push(file.about(&name, format!("promise `{name}` is there twice")));
                }
                Ok(rule) => promises.push((kinds, Arc::new(rule))),
                Err(reason) => problems.push(file.about(&name, format!("promise `{name}`: {reason}"))),
            }
        }
        for kind in Kind::ALL {
            let answers = |it: &&(Vec<Kind>, Arc<Rule>)| {
                (it.0.is_empty() || it.0.contains(&kind))
                    && it.1.trigger == Trigger::Written
                    && it.1.stops_on == StopsOn::Answer
            };
            if promises.iter().filter(answers).count() != 1 {
                let reason =
                    format!("`{kind}` needs exactly one promise that `written` starts and `answer` stops");
                problems.push(file.about("[[promise]]", reason));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            id: desk.id,
            version: desk.version,
            calendar: desk.calendar,
            ladders,
            promises,
            harm: desk.harm,
            calendars: desk.calendars,
            places: desk.jurisdictions,
            countries: desk.countries,
        })
    }

    /// Every country must lead to a place with rules.
    pub(super) fn check_places(&self, file: File<'_>, places: &Jurisdictions) -> Vec<CharterProblem> {
        let lost = self.countries.iter().filter(|(_, place)| places.get(place).is_none());
        lost.map(|(country, place)| {
            file.about(
                &format!("{country} = "),
                format!("{country} leads to `{place}`, of which nothing is known"),
            )
        })
        .collect()
    }
}

impl LadderEntry {
    fn ladder(&self) -> Result<Ladder, String> {
        let lapse = |text: &str| text.parse::<Lapse>().map_err(|cause| cause.to_string());
        let answer = [
            lapse(&self.agent)?,
            lapse(&self.lead)?,
            lapse(&self.complaints_officer)?,
            lapse(&self.outside)?,
        ];
        Ladder::new(answer, lapse(&self.ask_again)?, lapse(&self.follow_up)?).map_err(|it| it.to_string())
    }
}

impl Promise {
    fn rule(self, calendar: &str, calendars: &Calendars) -> Result<Rule, String> {
        let calendar = self.calendar.as_deref().unwrap_or(calendar);
        calendars.get(calendar).map_err(|it| it.to_string())?;
        if self.stops == StopsOn::Done {
            return Err("a promise is kept by an `answer` or an `outcome`, not by the victim".to_owned());
        }
        let warnings =
            self.warnings.iter().map(|it| Percent::try_from(*it)).collect::<Result<Vec<_>, _>>()?;
        if warnings.windows(2).any(|it| it[0] >= it[1]) {
            return Err("`warnings` must rise".to_owned());
        }
        Ok(Rule {
            name: self.name.into(),
            title: self.title,
            source: self.source,
            whose: Whose::Ours,
            trigger: self.starts,
            stops_on: self.stops,
            term: term(&self.term, self.roll)?,
            calendar: calendar.into(),
            pause: self.pause,
            warnings,
        })
    }
}

/// `15 minute`, `4 business_hour`, `10 business_day`.
fn term(text: &str, roll: Option<Roll>) -> Result<Term, String> {
    let bad = || format!("`{text}` is no term such as `15 minute` or `10 business_day`");
    let (number, unit) = text.split_once(' ').ok_or_else(bad)?;
    let duration = number.parse::<u32>().ok().filter(|it| *it > 0).ok_or_else(bad)?;
    let unit = unit.trim();
    let unit = Unit::ALL.into_iter().find(|it| it.to_string() == unit).ok_or_else(bad)?;
    Ok(Term { duration, unit, roll })
}

impl HarmScale {
    fn problems(&self, file: File<'_>) -> Vec<CharterProblem> {
        let mut problems = Vec::new();
        if !(self.normal < self.high && self.high < self.critical) {
            problems.push(file.about("critical", "`normal`, `high` and `critical` must rise"));
        }
        for (name, steps) in [("loss = ", &self.loss), ("age = ", &self.age)] {
            if steps.windows(2).any(|it| it[0].0 >= it[1].0) {
                problems.push(file.about(name, "the steps must rise"));
            }
        }
        for kind in Kind::ALL.into_iter().filter(|it| !self.kinds.contains_key(it)) {
            problems.push(file.about("[harm.kinds]", format!("`{kind}` is missing")));
        }
        problems
    }
}
