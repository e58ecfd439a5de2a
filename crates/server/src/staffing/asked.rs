//! What the two forms of the page are sent with.

use serde::Deserialize;
use touchstone_cases::staffing::MOST_AGENTS;

use super::known::DAYS;
use crate::console::staff::Fields;

/// What somebody wants to know: what if. Empty fields are as the forecast has them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WhatIf {
    /// Agents.
    pub(super) agents: String,
    /// Within so many minutes.
    pub(super) minutes: String,
    /// Of so many in a hundred.
    pub(super) share: String,
    /// Reports an hour that go first.
    pub(super) urgent: String,
    /// Other reports an hour.
    pub(super) others: String,
    /// Minutes that a report takes.
    pub(super) handling: String,
}

impl WhatIf {
    /// Whether anything was asked.
    pub(super) fn is_asked(&self) -> bool {
        [&self.agents, &self.minutes, &self.share, &self.urgent, &self.others, &self.handling]
            .iter()
            .any(|it| !it.trim().is_empty())
    }
}

/// A number from `least` to `most`, or `else_` for an empty field; `None` for anything else.
pub(super) fn number(text: &str, (least, most): (f64, f64), else_: f64) -> Option<f64> {
    let text = text.trim().replace(',', ".");
    if text.is_empty() {
        return Some(else_);
    }
    text.parse::<f64>().ok().filter(|it| (least..=most).contains(it))
}

/// A whole number of agents.
pub(super) fn agents(text: &str) -> Option<u32> {
    text.trim().parse::<u32>().ok().filter(|it| *it <= MOST_AGENTS)
}

/// So many agents for those hours.
#[derive(Clone, Debug, Default)]
pub(super) struct PlanForm {
    /// Days of the week.
    pub(super) days: Vec<String>,
    /// One date, instead of days.
    pub(super) date: String,
    /// From that hour on, 0 to 23.
    pub(super) from: String,
    /// Until that hour, 1 to 24.
    pub(super) to: String,
    /// How many; empty: nothing is said any more.
    pub(super) agents: String,
}

/// Days with hours, and how many agents; `None`: nothing is said any more.
type Planned = (Vec<(String, u8)>, Option<u32>);

impl PlanForm {
    /// As it was sent.
    pub(super) fn of(fields: &Fields) -> Self {
        let field = |name: &str| fields.get(name).to_owned();
        let days = fields.all("day").map(str::to_owned).collect();
        Self { days, date: field("date"), from: field("from"), to: field("to"), agents: field("agents") }
    }

    /// What it says, or the key of the sentence that says what is wrong.
    pub(super) fn parse(&self) -> Result<Planned, &'static str> {
        let days: Vec<String> = match self.date.is_empty() {
            false => {
                let date: jiff::civil::Date = self.date.parse().map_err(|_| "staffing-bad-date")?;
                vec![date.to_string()]
            }
            true => DAYS
                .iter()
                .filter(|it| self.days.iter().any(|day| day == *it))
                .map(|it| (*it).into())
                .collect(),
        };
        if days.is_empty() {
            return Err("staffing-no-day");
        }
        let hour = |text: &str| text.parse::<u8>().ok().filter(|it| *it <= 24);
        let (Some(from), Some(to)) = (hour(&self.from), hour(&self.to)) else {
            return Err("staffing-bad-hours");
        };
        if from >= to {
            return Err("staffing-bad-hours");
        }
        let agents = match self.agents.is_empty() {
            true => None,
            false => Some(agents(&self.agents).ok_or("staffing-bad-agents")?),
        };
        let hours = days.iter().flat_map(|day| (from..to).map(|hour| (day.clone(), hour))).collect();
        Ok((hours, agents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(days: &[&str], date: &str, (from, to): (&str, &str), agents: &str) -> PlanForm {
        let days = days.iter().map(|it| (*it).to_owned()).collect();
        PlanForm { days, date: date.into(), from: from.into(), to: to.into(), agents: agents.into() }
    }

    #[test]
    fn a_plan_names_days_hours_and_agents_or_says_what_is_wrong() {
        let (hours, agents) = form(&["tue", "mon"], "", ("22", "24"), "3").parse().unwrap();
        let named: Vec<_> = hours.iter().map(|(day, hour)| format!("{day}{hour}")).collect();
        assert_eq!(
            (named, agents),
            (["mon22", "mon23", "tue22", "tue23"].map(str::to_owned).to_vec(), Some(3))
        );
        assert_eq!(
            form(&["mon"], "2026-12-24", ("8", "9"), "").parse().unwrap(),
            (vec![("2026-12-24".into(), 8)], None)
        );
        for (form, problem) in [
            (form(&[], "", ("8", "9"), "3"), "staffing-no-day"),
            (form(&["someday"], "", ("8", "9"), "3"), "staffing-no-day"),
            (form(&[], "2026-02-30", ("8", "9"), "3"), "staffing-bad-date"),
            (form(&["mon"], "", ("9", "9"), "3"), "staffing-bad-hours"),
            (form(&["mon"], "", ("8", "25"), "3"), "staffing-bad-hours"),
            (form(&["mon"], "", ("8", "9"), "-1"), "staffing-bad-agents"),
            (form(&["mon"], "", ("8", "9"), "501"), "staffing-bad-agents"),
        ] {
            assert_eq!(form.parse(), Err(problem), "{form:?}");
        }
    }

    #[test]
    fn a_number_is_within_its_bounds_or_none() {
        assert_eq!(number(" 2,5 ", (0.0, 10.0), 1.0), Some(2.5));
        assert_eq!(number("", (0.0, 10.0), 1.0), Some(1.0));
        for bad in ["11", "-1", "NaN", "inf", "two"] {
            assert_eq!(number(bad, (0.0, 10.0), 1.0), None, "{bad}");
        }
    }
}
