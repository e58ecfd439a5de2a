//! What the victim's pages show of a case: plain data, in the victim's language and local time.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use touchstone_cases::clock::Unit;
use touchstone_cases::{Clock, ClockState, Fact, Kind, Level, Life, PlanStep, Report, Task, Whose};
use touchstone_store::{EntryKind, StepDone};
use touchstone_types::Moment;

use super::drafts::size;
use super::{By, FileView, Open, Told};
use crate::console::i18n::Lang;
use crate::console::shell::Shell;
use crate::console::views::Fact as Line;
use crate::ctx::Ctx;

/// A moment, for programs and for people.
#[derive(Clone, Debug, Default)]
pub(crate) struct At {
    /// RFC 3339.
    pub(crate) exact: String,
    /// Local, to the minute, with the distance from UTC.
    pub(crate) local: String,
}

/// The clock on the victim's wall.
#[derive(Clone)]
pub(crate) struct Wall(TimeZone);

impl Wall {
    /// Where the case's rules apply.
    pub(crate) fn of(ctx: &Ctx, open: &Open) -> Self {
        Self(ctx.cases.charter.zone_of(open.report.jurisdiction.as_deref()))
    }

    /// A moment on it.
    pub(crate) fn at(&self, moment: Moment) -> At {
        let exact = moment.to_string();
        let Ok(stamp) = Timestamp::from_microsecond(moment.as_micros()) else {
            return At { local: exact.clone(), exact };
        };
        let zoned = stamp.to_zoned(self.0.clone());
        let seconds = zoned.offset().seconds();
        let (hours, minutes) = (seconds / 3600, seconds.abs() % 3600 / 60);
        let zone = match (seconds, minutes) {
            (0, _) => "UTC".to_owned(),
            (_, 0) => format!("UTC{hours:+}"),
            _ => format!("UTC{hours:+}:{minutes:02}"),
        };
        At { local: format!("{} ({zone})", zoned.strftime("%Y-%m-%d %H:%M")), exact }
    }
}

/// A name of the engine as the end of a key: `complaints_officer` is `complaints-officer`.
pub(crate) fn key(prefix: &str, name: &str) -> String {
    format!("{prefix}-{}", name.replace('_', "-"))
}

/// Who has it, what is next, by when; or how it ended.
pub(crate) struct Standing {
    pub(crate) open: bool,
    /// Who has it, or closed it.
    pub(crate) who: String,
    pub(crate) next: String,
    /// By when the next step is due, or since when it is closed.
    pub(crate) by: At,
    pub(crate) overdue: bool,
    pub(crate) outcome: String,
    pub(crate) reason: String,
    pub(crate) top: bool,
}

/// How it stands; `name` is that of whoever has it, or closed it, as the victim knows them.
pub(crate) fn standing(s: &Shell, wall: &Wall, open: &Open, name: Option<&str>, now: Moment) -> Standing {
    let level = s.t(&key("level", open.case.level.as_str()));
    let who = match name {
        Some(name) => {
            s.lang.text_with("case-who-person", &[("name", name.into()), ("level", level.as_str().into())])
        }
        None => s.t1("case-who-duty", "level", level.as_str()),
    };
    let mut standing = Standing {
        open: true,
        who,
        next: String::new(),
        by: At::default(),
        overdue: false,
        outcome: String::new(),
        reason: String::new(),
        top: matches!(open.case.level, Level::Outside),
    };
    match &open.case.life {
        Life::Open { next, .. } => {
            standing.next = task(s, next.task);
            standing.by = wall.at(next.by);
            standing.overdue = next.by <= now;
        }
        Life::Closed(closing) => {
            standing.open = false;
            standing.who = name.unwrap_or_default().to_owned();
            standing.by = wall.at(closing.told());
            standing.outcome = s.t(&key("outcome", closing.outcome().as_str()));
            standing.reason = closing.reason().to_owned();
        }
    }
    standing
}

fn task(s: &Shell, task: Task) -> String {
    s.t(&key("task", task.as_str()))
}

/// A step of the plan.
pub(crate) struct StepView {
    pub(crate) id: String,
    pub(crate) n: usize,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) needs: Option<String>,
    pub(crate) offer: &'static str,
    pub(crate) done: Option<At>,
}

/// The steps with what was done of them.
pub(crate) fn steps(lang: Lang, wall: &Wall, plan: &[PlanStep], done: &[StepDone]) -> Vec<StepView> {
    let view = |(at, it): (usize, &PlanStep)| StepView {
        id: it.id.clone(),
        n: at + 1,
        title: lang.of(&it.title).to_owned(),
        text: lang.of(&it.text).to_owned(),
        needs: it.needs.as_ref().map(|it| lang.of(it).to_owned()),
        offer: it.offer.map_or("", |it| it.as_str()),
        done: done.iter().find(|tick| tick.step == it.id).map(|tick| wall.at(tick.at)),
    };
    plan.iter().enumerate().map(view).collect()
}

/// A time limit and what it is based on.
pub(crate) struct ClockView {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) whose: String,
    pub(crate) state: String,
    pub(crate) class: &'static str,
    pub(crate) started: At,
    pub(crate) due: Option<At>,
    pub(crate) ended: Option<At>,
    pub(crate) length: String,
    pub(crate) calendar: String,
    pub(crate) source: String,
    pub(crate) pauses: Vec<(At, At)>,
    /// Whether the victim says when it is done.
    pub(crate) theirs: bool,
}

/// All time limits: those that run first, then by when they end.
pub(crate) fn clocks(s: &Shell, wall: &Wall, clocks: &[Clock]) -> Vec<ClockView> {
    let mut sorted: Vec<&Clock> = clocks.iter().collect();
    sorted.sort_by_key(|it| (!it.is_open(), it.due, it.started));
    sorted.into_iter().map(|it| clock(s, wall, it)).collect()
}

fn clock(s: &Shell, wall: &Wall, it: &Clock) -> ClockView {
    let (state, class, ended) = match it.state {
        ClockState::Running => ("clock-running", "accent", None),
        ClockState::Paused(_) => ("clock-paused", "warn", None),
        ClockState::Stopped(at) => ("clock-stopped", "good", Some(at)),
        ClockState::Breached(at) => ("clock-breached", "block", Some(at)),
    };
    let rule = &it.rule;
    ClockView {
        name: rule.name.to_string(),
        title: s.lang.of(&rule.title).to_owned(),
        whose: s.t(&key("whose", rule.whose.as_str())),
        state: s.t(state),
        class,
        started: wall.at(it.started),
        due: it.due.map(|at| wall.at(at)),
        ended: ended.map(|at| wall.at(at)),
        length: s.n(length(rule.term.unit), u64::from(rule.term.duration)),
        calendar: calendar(s, rule.term.unit, &rule.calendar),
        source: s.lang.of(&rule.source).to_owned(),
        pauses: it.pauses.iter().map(|(from, to)| (wall.at(*from), wall.at(*to))).collect(),
        theirs: waits_for_victim(it),
    }
}

/// The key of a length in that unit.
fn length(unit: Unit) -> &'static str {
    match unit {
        Unit::Minute => "unit-minute",
        Unit::Hour => "unit-hour",
        Unit::BusinessHour => "unit-business-hour",
        Unit::CalendarDay => "unit-calendar-day",
        Unit::BusinessDay => "unit-business-day",
        Unit::Week => "unit-week",
        Unit::Month => "unit-month",
    }
}

fn calendar(s: &Shell, unit: Unit, calendar: &str) -> String {
    match unit {
        Unit::Minute | Unit::Hour => s.t("case-clock-wall"),
        _ => calendar.to_owned(),
    }
}

/// An entry of the timeline.
pub(crate) struct EntryView {
    pub(crate) n: i64,
    pub(crate) class: &'static str,
    pub(crate) title: String,
    pub(crate) who: String,
    pub(crate) at: At,
    pub(crate) text: Option<String>,
    /// Whether it is shown as a letter.
    pub(crate) letter: bool,
}

/// Somebody who opened the case.
pub(crate) struct ReaderView {
    pub(crate) who: String,
    pub(crate) at: At,
    pub(crate) why: Option<String>,
}

fn name_of(s: &Shell, by: &By) -> String {
    match by {
        By::Victim => s.t("case-you"),
        By::Staff { name, role, .. } => {
            let role_key = key("role", role);
            if role.is_empty() || !s.lang.has(&role_key) {
                name.clone()
            } else {
                s.lang.text_with(
                    "case-who-person",
                    &[("name", name.as_str().into()), ("level", s.t(&role_key).into())],
                )
            }
        }
        By::System => s.t("case-system"),
        By::Key(_) => s.t("case-operator"),
    }
}

/// What happened, newest first, as the victim reads it; looks at the case are listed apart.
pub(crate) fn entries(s: &Shell, wall: &Wall, told: &[Told], plan: &[PlanStep]) -> Vec<EntryView> {
    let shown = |it: &&Told| !matches!(it.kind, EntryKind::Viewed);
    told.iter().rev().filter(shown).map(|it| entry(s, wall, it, plan)).collect()
}

fn entry(s: &Shell, wall: &Wall, it: &Told, plan: &[PlanStep]) -> EntryView {
    let class = match (it.kind, &it.by) {
        (EntryKind::Message | EntryKind::Reported | EntryKind::Complained, By::Victim) => "mine",
        (EntryKind::Answer | EntryKind::Asked, _) => "theirs",
        (EntryKind::Breached | EntryKind::Lapsed | EntryKind::Escalated, _) => "up",
        _ => "small",
    };
    EntryView {
        n: it.n,
        class,
        title: title(s, it, plan),
        who: name_of(s, &it.by),
        at: wall.at(it.at),
        letter: matches!(
            it.kind,
            EntryKind::Message
                | EntryKind::Answer
                | EntryKind::Asked
                | EntryKind::Template
                | EntryKind::Complained
        ),
        text: it.text.clone().filter(|text| !text.trim().is_empty()),
    }
}

/// What of an entry's particulars names: a step, a level, a person.
fn detail<'a>(it: &'a Told, name: &str) -> &'a str {
    it.detail.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn title(s: &Shell, it: &Told, plan: &[PlanStep]) -> String {
    match it.kind {
        EntryKind::Taken | EntryKind::Assigned | EntryKind::HandedOver => {
            let who = match detail(it, "name") {
                "" => name_of(s, &it.by),
                name => name.to_owned(),
            };
            s.t1(&key("entry", it.kind.name()), "who", who)
        }
        EntryKind::Escalated => {
            let level = Level::parse(detail(it, "to")).unwrap_or(Level::Lead);
            s.t1("entry-escalated", "level", s.t(&key("level", level.as_str())))
        }
        EntryKind::Step => step_title(s, it, plan),
        EntryKind::Unexpected | EntryKind::Note | EntryKind::NoDate => s.t("entry-other"),
        kind => {
            let name = key("entry", kind.name());
            if s.lang.has(&name) { s.t(&name) } else { s.t("entry-other") }
        }
    }
}

fn step_title(s: &Shell, it: &Told, plan: &[PlanStep]) -> String {
    if let Some(fact) = Fact::parse(detail(it, "fact")) {
        return s.t(&key("happened", fact.as_str()));
    }
    let done = it.detail.get("done").and_then(Value::as_bool).unwrap_or(true);
    let step = [detail(it, "step"), detail(it, "rule")].into_iter().find(|it| !it.is_empty());
    match (step.unwrap_or_default(), done) {
        (super::mine::SHARED, true) => s.t("entry-step-share"),
        (super::mine::SHARED, false) => s.t("entry-step-unshare"),
        (id, done) => {
            let step = plan.iter().find(|it| it.id == id).map_or(id, |it| s.lang.of(&it.title));
            s.t1(if done { "entry-step-done" } else { "entry-step-undone" }, "step", step)
        }
    }
}

/// Who looked at it, in that order.
pub(crate) fn readers(s: &Shell, wall: &Wall, views: &[Told]) -> Vec<ReaderView> {
    views
        .iter()
        .map(|it| ReaderView {
            who: name_of(s, &it.by),
            at: wall.at(it.at),
            why: it.text.clone().filter(|text| !text.trim().is_empty()),
        })
        .collect()
}

/// A file of the case.
pub(crate) struct FileRow {
    pub(crate) n: i64,
    pub(crate) name: String,
    pub(crate) size: String,
    pub(crate) hash: String,
    pub(crate) at: At,
}

/// Files that the victim sees.
pub(crate) fn files(wall: &Wall, files: Vec<FileView>) -> Vec<FileRow> {
    let shown = files.into_iter().filter(|it| it.visible);
    shown
        .map(|it| FileRow { n: it.n, size: size(it.size), at: wall.at(it.at), hash: it.hash, name: it.name })
        .collect()
}

/// Whether a clock waits for the victim.
pub(crate) fn waits_for_victim(clock: &Clock) -> bool {
    clock.rule.whose == Whose::Victim && clock.is_open()
}

/// What was reported, line by line.
pub(crate) fn told(ctx: &Ctx, s: &Shell, wall: &Wall, report: &Report) -> Vec<Line> {
    let charter = &ctx.cases.charter;
    let chain = |id: &Option<String>| {
        let id = id.as_deref().unwrap_or_default();
        charter.chain(id).map_or_else(|| id.to_owned(), |it| s.lang.of(&it.name).to_owned())
    };
    let kind = match report.kind {
        Kind::Other => "kind-other-report".to_owned(),
        kind => key("kind", kind.as_str()),
    };
    let mut lines = vec![Line::new(s.t("report-kind"), s.t(&kind))];
    let mut line = |label: &str, value: Option<String>| {
        if let Some(value) = value.filter(|it| !it.is_empty()) {
            lines.push(Line::new(s.t(label), value));
        }
    };
    line("report-story", Some(report.story.clone()));
    line("report-when", report.happened_from.map(|it| wall.at(it).local));
    for it in &report.losses {
        let parts = [it.amount.clone().unwrap_or_default(), it.asset.clone(), chain(&it.chain)];
        line("report-losses", Some(parts.join(" ").trim().to_owned()));
    }
    for it in &report.addresses {
        line("report-pasted", Some(it.text.clone()));
    }
    for it in &report.transactions {
        line("report-pasted", Some(it.id.clone()));
    }
    for it in &report.suspects {
        let parts = [it.platform.clone(), Some(it.account.clone()), it.name.clone()];
        line("report-suspects", Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")));
    }
    line("report-account", report.account.clone());
    line("report-name", report.contact.name.clone());
    line("report-email", report.contact.email.clone());
    line("report-phone", report.contact.phone.clone());
    line("report-wallet", report.wallet.clone());
    line("report-police", report.police_reference.clone());
    for name in super::form::QUESTIONS {
        line(&format!("ask-{name}"), report.answers.get(name).cloned());
    }
    lines
}
