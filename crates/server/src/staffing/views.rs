//! What the page is given.

use askama::Template;

use super::asked::{PlanForm, WhatIf};
use crate::console::shell::Shell;

/// `/console/staffing`
#[derive(Template)]
#[template(path = "staffing.html")]
pub(super) struct StaffingPage {
    pub(super) s: Shell,
    /// Which clock the times are of.
    pub(super) zone: String,
    /// How it stands, in one sentence.
    pub(super) said: String,
    /// When too few are planned, one sentence a stretch.
    pub(super) short: Vec<String>,
    /// The next 24 hours as a drawing.
    pub(super) chart: String,
    /// The same as a table.
    pub(super) hours: Vec<HourRow>,
    /// On what the forecast rests.
    pub(super) basis: String,
    /// Whether nothing was counted yet.
    pub(super) empty: bool,
    /// How long a report takes.
    pub(super) work: String,
    pub(super) works: Vec<WorkRow>,
    /// What was asked, and the answer.
    pub(super) asked: WhatIf,
    pub(super) what: Option<Answer>,
    pub(super) what_problem: Option<String>,
    /// One row an hour of the day.
    pub(super) week: Vec<WeekRow>,
    pub(super) days: Vec<Day>,
    pub(super) form: PlanForm,
    pub(super) problem: Option<String>,
}

/// One hour to come.
pub(super) struct HourRow {
    pub(super) time: String,
    pub(super) expected: String,
    pub(super) needed: String,
    pub(super) planned: String,
    pub(super) kept: String,
    pub(super) occupancy: String,
    pub(super) is_short: bool,
}

/// How long reports of a kind take.
pub(super) struct WorkRow {
    pub(super) kind: String,
    pub(super) cases: usize,
    pub(super) handling: String,
    pub(super) writing: String,
}

/// What so many agents would do.
pub(super) struct Answer {
    /// In a sentence.
    pub(super) said: String,
    pub(super) rows: Vec<AnswerRow>,
}

/// One number of agents.
pub(super) struct AnswerRow {
    pub(super) agents: u32,
    pub(super) kept: String,
    pub(super) wait: String,
    pub(super) occupancy: String,
    pub(super) is_asked: bool,
    pub(super) is_enough: bool,
}

/// One hour of the day, from Monday to Sunday.
pub(super) struct WeekRow {
    pub(super) time: String,
    pub(super) cells: Vec<WeekCell>,
}

/// One hour of the week: needed and planned.
pub(super) struct WeekCell {
    pub(super) needed: String,
    pub(super) planned: String,
    pub(super) is_short: bool,
}

/// A day of the week.
pub(super) struct Day {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) here: bool,
}
