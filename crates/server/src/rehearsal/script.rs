//! The written desk: who works there and when, and what happened in each case and when.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use touchstone_accounts::Role;
use touchstone_cases::{Fact, Outcome, RawReport};
use touchstone_types::{Lapse, Moment};

use crate::staffing::DAYS;

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {reason}")]
pub struct BadScript {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// Somebody who works at the desk. Nobody can log in as them: they have no credentials.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) login: String,
    pub(super) name: String,
    pub(super) language: String,
    pub(super) roles: Vec<Role>,
    pub(super) skills: Vec<String>,
}

/// So many agents are planned for those hours of each week.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shift {
    days: Vec<String>,
    from: u8,
    to: u8,
    pub(super) agents: u32,
}

impl Shift {
    fn is_whole(&self) -> bool {
        let is_day = |day: &String| DAYS.contains(&day.as_str());
        !self.days.is_empty() && self.days.iter().all(is_day) && self.from < self.to && self.to <= 24
    }

    /// Its hours, each with its day.
    pub(super) fn hours(&self) -> Vec<(String, u8)> {
        self.days.iter().flat_map(|day| (self.from..self.to).map(|hour| (day.clone(), hour))).collect()
    }
}

/// How long: days, hours and minutes, such as `1d2h` or `45m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Long(pub(super) Lapse);

impl<'de> Deserialize<'de> for Long {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        long(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not like 1d2h or 45m")))
    }
}

fn long(text: &str) -> Option<Lapse> {
    let mut seconds = 0_u64;
    let mut number = None;
    for c in text.chars() {
        let unit = match c {
            '0'..='9' => {
                let digit = u64::from(c.to_digit(10)?);
                number = Some(number.unwrap_or(0_u64).checked_mul(10)?.checked_add(digit)?);
                continue;
            }
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            _ => return None,
        };
        seconds = seconds.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    (number.is_none() && !text.is_empty()).then(|| Lapse::from_secs(seconds))
}

/// A case as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    pub(super) id: String,
    /// How long ago it was reported.
    pub(super) ago: Long,
    /// How long before that it happened.
    pub(super) happened: Long,
    pub(super) report: RawReport,
    pub(super) way: Vec<Act>,
}

/// What somebody did, so long after what was before it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Act {
    pub(super) after: Long,
    #[serde(rename = "do")]
    pub(super) what: What,
    /// Who of the staff, by name; the victim if nobody.
    pub(super) by: Option<String>,
    #[serde(default)]
    pub(super) text: String,
    /// Of a file.
    #[serde(default)]
    pub(super) name: String,
    /// To whom a case is handed over.
    #[serde(default)]
    pub(super) to: String,
    /// Which step of the plan or playbook, from 1.
    #[serde(default)]
    pub(super) which: usize,
    pub(super) outcome: Option<Outcome>,
    pub(super) fact: Option<Fact>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    Take,
    Answer,
    Ask,
    Template,
    Note,
    Write,
    Complain,
    Escalate,
    HandOver,
    Fact,
    Plan,
    Step,
    File,
    Close,
}

/// A written desk.
#[derive(Clone, Debug, Default)]
pub struct Script {
    pub(super) people: Vec<Person>,
    pub(super) shifts: Vec<Shift>,
    pub(super) cases: Vec<Written>,
}

/// One thing at its time: a report (`act` is none), or what followed it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Happening<'a> {
    pub(super) at: Moment,
    pub(super) case: &'a Written,
    pub(super) act: Option<&'a Act>,
}

impl Script {
    /// Reads files with their names: `desk.jsonl` has the people, `shifts.jsonl` how many are
    /// planned, every other cases.
    ///
    /// # Errors
    /// [`BadScript`] names the first line that says nothing that can be played.
    pub fn read(files: &[(String, String)]) -> Result<Self, BadScript> {
        let mut script = Self::default();
        for (file, text) in files {
            if file.ends_with("desk.jsonl") {
                script.people.extend(lines(file, text)?);
            } else if file.ends_with("shifts.jsonl") {
                script.shifts.extend(lines(file, text)?);
            } else {
                script.cases.extend(lines(file, text)?);
            }
        }
        script.hangs_together()?;
        Ok(script)
    }

    /// Each act is by somebody who works there, and has what it needs.
    fn hangs_together(&self) -> Result<(), BadScript> {
        if let Some(at) = self.shifts.iter().position(|it| !it.is_whole()) {
            let reason = "a shift has days from mon to sun and hours from 0 to 24".to_owned();
            return Err(BadScript { file: "shifts.jsonl".to_owned(), line: at + 1, reason });
        }
        let named = |name: &str| self.people.iter().any(|it| it.name == name);
        for case in &self.cases {
            let bad = |reason: String| BadScript { file: case.id.clone(), line: 0, reason };
            let mut past = Lapse::from_secs(0);
            for act in &case.way {
                past = Lapse::from_micros(past.as_micros() + act.after.0.as_micros());
                let by_staff = !matches!(
                    act.what,
                    What::Write | What::Complain | What::Escalate | What::Fact | What::Plan | What::File
                );
                if act.by.as_deref().map_or(by_staff, |it| !named(it)) {
                    return Err(bad(format!("{:?} is by {:?}, who does not work here", act.what, act.by)));
                }
                if (act.what == What::Close && act.outcome.is_none())
                    || (act.what == What::Fact && act.fact.is_none())
                    || (act.what == What::HandOver && !named(&act.to))
                {
                    return Err(bad(format!("{:?} does not say what or to whom", act.what)));
                }
            }
            if past > case.ago.0 {
                return Err(bad("it goes on after the end".to_owned()));
            }
        }
        Ok(())
    }

    /// How long before the end it begins.
    #[must_use]
    pub fn length(&self) -> Lapse {
        self.cases.iter().map(|it| it.ago.0).max().unwrap_or(Lapse::from_secs(0))
    }

    /// Everything in the order of time, for a desk whose now is `end`.
    pub(super) fn happenings(&self, end: Moment) -> Vec<Happening<'_>> {
        let mut all = Vec::new();
        for case in &self.cases {
            let mut at = end - case.ago.0;
            all.push(Happening { at, case, act: None });
            for act in &case.way {
                at = at + act.after.0;
                all.push(Happening { at, case, act: Some(act) });
            }
        }
        all.sort_by_key(|it| it.at); // Stable: what is written first comes first.
        all
    }
}

fn lines<T: DeserializeOwned>(file: &str, text: &str) -> Result<Vec<T>, BadScript> {
    let read = |(at, line)| {
        serde_json::from_str(line).map_err(|cause: serde_json::Error| BadScript {
            file: file.to_owned(),
            line: at + 1,
            reason: cause.to_string(),
        })
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(read).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

    use super::*;

    fn person(name: &str) -> String {
        format!(
            r#"{{"login":"{name}@desk.example","name":"{name}","language":"en","roles":["agent"],"skills":[]}}"#
        )
    }

    fn script(way: &str) -> Result<Script, BadScript> {
        let case = format!(
            r#"{{"id":"c","ago":"1h","happened":"5m","report":{{"kind":"other","story":"x"}},"way":[{way}]}}"#
        );
        Script::read(&[("desk.jsonl".into(), person("heron")), ("zh.jsonl".into(), case)])
    }

    #[test]
    fn lengths_are_days_hours_and_minutes() {
        let minutes = |text: &str| long(text).map(|it| it.as_micros() / 60_000_000);
        assert_eq!(minutes("1d2h3m"), Some(1_563));
        assert_eq!(minutes("45m"), Some(45));
        for bad in ["", "45", "m", "1w", "1h 2m", "99999999999999999999d"] {
            assert_eq!(minutes(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_played_is_refused_by_name() {
        assert!(script(r#"{"after":"5m","do":"take","by":"heron"}"#).is_ok());
        assert!(script(r#"{"after":"5m","do":"write","text":"x"}"#).is_ok());
        for bad in [
            r#"{"after":"5m","do":"take","by":"nobody"}"#,
            r#"{"after":"5m","do":"answer","text":"by whom?"}"#,
            r#"{"after":"5m","do":"close","by":"heron","text":"with what outcome?"}"#,
            r#"{"after":"5m","do":"hand_over","by":"heron","text":"x","to":"nobody"}"#,
            r#"{"after":"2h","do":"take","by":"heron"}"#,
            r#"{"after":"5m","do":"dance","by":"heron"}"#,
        ] {
            assert!(script(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_shift_names_days_and_hours() {
        let read = |shift: &str| Script::read(&[("x/shifts.jsonl".into(), shift.into())]);
        let script = read(r#"{"days":["mon","sun"],"from":22,"to":24,"agents":1}"#).unwrap();
        let hours = script.shifts[0].hours();
        assert_eq!(hours, [("mon", 22), ("mon", 23), ("sun", 22), ("sun", 23)].map(|it| (it.0.into(), it.1)));
        for bad in [
            r#"{"days":["monday"],"from":22,"to":24,"agents":1}"#,
            r#"{"days":[],"from":22,"to":24,"agents":1}"#,
            r#"{"days":["mon"],"from":8,"to":8,"agents":1}"#,
            r#"{"days":["mon"],"from":8,"to":25,"agents":1}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn happenings_come_in_the_order_of_time() {
        let script =
            script(r#"{"after":"5m","do":"take","by":"heron"},{"after":"10m","do":"write","text":"x"}"#);
        let end: Moment = "2026-03-01T12:00:00Z".parse().unwrap();
        let script = script.unwrap();
        let at: Vec<String> = script.happenings(end).iter().map(|it| it.at.to_string()).collect();
        assert_eq!(at, ["2026-03-01T11:00:00Z", "2026-03-01T11:05:00Z", "2026-03-01T11:15:00Z"]);
    }
}
