//! What the engine said is to be done becomes entries, calls, breaches and columns of one change.

use serde_json::{Value, json};
use touchstone_cases::complaint::fitting;
use touchstone_cases::{Case, ClockState, Event, Level, Life, Owner, Report, Rule, Step};
use touchstone_store::{
    CaseChange, CaseDeed, CaseRow, EntryKind, NewBreach, NewDutyPage, NewEntry, Standing,
};
use touchstone_types::Moment;

use super::flow::Note;
use super::vault::{Place, Vault, VaultError};
use super::{By, Cases};

/// A change while it is put together.
pub(super) struct Work<'a> {
    cases: &'a Cases,
    reference: &'a str,
    now: Moment,
    /// The number of the last entry that is kept already.
    last: i64,
    level: Level,
    /// Why people are called, and by which rule or task.
    cause: (&'static str, String),
    pub(super) change: CaseChange,
}

impl<'a> Work<'a> {
    /// On a case that is kept already.
    pub(super) fn on(cases: &'a Cases, row: &'a CaseRow, case: &Case, now: Moment) -> Self {
        Self::begin(cases, &row.reference, row.entries, case.level, now)
    }

    /// On a case that is about to be kept.
    pub(super) fn new(cases: &'a Cases, reference: &'a str, now: Moment) -> Self {
        Self::begin(cases, reference, 0, Level::Agent, now)
    }

    fn begin(cases: &'a Cases, reference: &'a str, last: i64, level: Level, now: Moment) -> Self {
        let change = CaseChange::new(now, Standing::default(), Vec::new());
        Self { cases, reference, now, last, level, cause: ("new", String::new()), change }
    }

    /// Adds an entry; what staff and programs do goes into the audit trail too.
    pub(super) fn note(&mut self, by: &By, note: &Note) -> Result<(), VaultError> {
        let length = i64::try_from(self.change.entries.len()).unwrap_or(i64::MAX);
        let place = Place { reference: self.reference, table: "case_entries", n: self.last + length + 1 };
        let seal = |text: &String| self.cases.vault.seal(place, text.as_bytes());
        let text = note.text.as_ref().map(seal).transpose()?;
        self.change.entries.push(NewEntry {
            at: self.now,
            kind: note.kind,
            by: by.clone(),
            text,
            detail: note.detail.to_string(),
            visible: note.visible,
        });
        if matches!(by, By::Staff { .. } | By::Key(_)) {
            let act = format!("case.{}", note.kind);
            self.change.deeds.push(CaseDeed { by: by.clone(), act, detail: String::new() });
        }
        Ok(())
    }

    fn system(&mut self, kind: EntryKind, detail: Value, visible: bool) -> Result<(), VaultError> {
        self.note(&By::System, &Note { kind, text: None, detail, visible })
    }

    /// Why people are called from now on.
    pub(super) fn because(&mut self, event: &Event) {
        let why = match event {
            Event::Escalated { .. } => "escalated",
            Event::Written | Event::Complained => "written",
            _ => return,
        };
        self.cause = (why, String::new());
    }

    /// Performs what the engine said, in its order.
    pub(super) fn steps(&mut self, steps: &[Step], case: &Case, report: &Report) -> Result<(), VaultError> {
        for step in steps {
            self.step(step, case, report)?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step, case: &Case, report: &Report) -> Result<(), VaultError> {
        match step {
            // Everything told is on the victim's page the moment it is saved.
            Step::TellVictim => Ok(()),
            Step::Page(level) => self.call(*level),
            Step::Warn(rule, percent) => {
                let detail =
                    json!({ "rule": &*rule.name, "whose": rule.whose.as_str(), "percent": percent.get() });
                let owner = match &case.life {
                    Life::Open { owner: Owner::Person(staff), .. } => Some(staff.0.to_string()),
                    _ => None,
                };
                self.page(self.level, owner, "warned", &rule.name);
                self.system(EntryKind::Warned, detail, false)
            }
            Step::RemindVictim(rule, percent) => {
                let percent = percent.map_or(100, |it| it.get());
                let detail = json!({ "rule": &*rule.name, "whose": rule.whose.as_str(), "percent": percent });
                self.system(EntryKind::Warned, detail, true)
            }
            Step::RecordBreach(rule) => self.breach(rule, case),
            Step::RecordLapse(task) => {
                self.cause = ("lapsed", task.as_str().to_owned());
                self.system(EntryKind::Lapsed, json!({ "task": task.as_str() }), true)
            }
            Step::NoDate(rule, why) => {
                self.page(Level::Lead, None, "no_date", &rule.name);
                self.system(EntryKind::NoDate, json!({ "rule": &*rule.name, "why": why }), false)
            }
            Step::PreparePacket => {
                let (charter, forms) = (&self.cases.charter, &self.cases.forms);
                let fitting = fitting(report, &self.cases.firm_kinds, charter, forms);
                let channels: Vec<&str> = fitting.iter().map(|it| it.id.as_str()).collect();
                self.system(EntryKind::PacketPrepared, json!({ "channels": channels }), true)
            }
            Step::RecordUnexpected(event) => {
                self.system(EntryKind::Unexpected, json!({ "event": name(event) }), false)
            }
        }
    }

    fn breach(&mut self, rule: &Rule, case: &Case) -> Result<(), VaultError> {
        let at = case.clocks.iter().rev().find_map(|it| match it.state {
            ClockState::Breached(at) if it.rule.name == rule.name => Some(at),
            _ => None,
        });
        let at = at.unwrap_or(self.now);
        let (name, whose) = (rule.name.to_string(), rule.whose.as_str());
        self.cause = ("breached", name.clone());
        let level = self.level as u8;
        self.change.breaches.push(NewBreach { rule: name, whose: whose.to_owned(), level, at });
        let detail = json!({ "rule": &*rule.name, "whose": whose, "at": at.to_string() });
        self.system(EntryKind::Breached, detail, true)
    }

    /// People are called; if that is because the case went up, this is told too, unless somebody
    /// who brought it up has told it.
    fn call(&mut self, level: Level) -> Result<(), VaultError> {
        let from = std::mem::replace(&mut self.level, level);
        let (why, about) = self.cause.clone();
        if level > from && why != "escalated" {
            let detail =
                json!({ "from": from.as_str(), "to": level.as_str(), "because": why, "about": about });
            self.system(EntryKind::Escalated, detail, true)?;
        }
        self.page(level, None, why, &about);
        Ok(())
    }

    fn page(&mut self, level: Level, to: Option<String>, why: &str, detail: &str) {
        let (why, detail) = (why.to_owned(), detail.to_owned());
        self.change.pages.push(NewDutyPage { level: level as u8, to, why, detail });
    }

    /// It was given to somebody: they are called, and nobody else of that level.
    pub(super) fn assigned(&mut self, login: &str, detail: Value) -> Result<(), VaultError> {
        let level = self.level as u8;
        for page in self.change.pages.iter_mut().filter(|it| it.level == level && it.to.is_none()) {
            page.to = Some(login.to_owned());
        }
        self.system(EntryKind::Assigned, detail, true)
    }

    /// How the case stands now, as columns.
    pub(super) fn stands(&mut self, case: &Case, before: Standing) {
        let mut it = Standing { level: case.level as u8, due: case.due(), ..before };
        match &case.life {
            Life::Open { owner, next } => {
                it.owner = match owner {
                    Owner::Person(staff) => Some(staff.0.to_string()),
                    Owner::Duty => None,
                };
                (it.next_task, it.next_by) = (Some(next.task.as_str().to_owned()), Some(next.by));
                (it.closed, it.outcome) = (None, None);
            }
            Life::Closed(closing) => {
                (it.next_task, it.next_by) = (None, None);
                it.owner = Some(closing.by().0.to_string());
                it.closed = Some(closing.told());
                it.outcome = Some(closing.outcome().as_str().to_owned());
                // A reason in a person's words is an answer.
                it.answered = it.answered.or(Some(self.now));
            }
        }
        self.change.standing = it;
        self.change.state = case.to_bytes();
    }

    pub(super) fn vault(&self) -> &Vault {
        &self.cases.vault
    }
}

/// The name of an event, without what was said with it.
fn name(event: &Event) -> &'static str {
    match event {
        Event::Written => "written",
        Event::Answered(_) => "answered",
        Event::Asked(_) => "asked",
        Event::Complained => "complained",
        Event::Done(_) => "done",
        Event::Happened(_) => "happened",
        Event::Assigned(_) => "assigned",
        Event::Taken(_) => "taken",
        Event::HandedOver { .. } => "handed_over",
        Event::Escalated { .. } => "escalated",
        Event::PacketSent(_) => "packet_sent",
        Event::Closed(_) => "closed",
        Event::Tick => "tick",
    }
}
