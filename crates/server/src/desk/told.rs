//! The timeline of a case as staff read it.

use serde_json::Value;
use touchstone_cases::playbook::Playbooks;
use touchstone_cases::{Clock, PlanStep, first_hour, plan};
use touchstone_store::EntryKind;
use touchstone_types::Bilingual;

use super::rows::{Names, dashed, worded};
use super::views::EntryView;
use crate::cases::{By, Open, SHARED, Told};
use crate::console::shell::Shell;
use crate::ctx::Ctx;

/// What rules and steps are called, of which an entry has the short name.
pub(super) struct Titles<'a> {
    clocks: &'a [Clock],
    books: &'a Playbooks,
    plan: Vec<PlanStep>,
}

impl<'a> Titles<'a> {
    /// Those of a case.
    pub(super) fn of(ctx: &'a Ctx, open: &'a Open) -> Self {
        let charter = &ctx.cases.charter;
        let plan = [first_hour(&open.report, charter), plan(&open.report, charter)].concat();
        Self { clocks: &open.case.clocks, books: &ctx.cases.playbooks, plan }
    }

    fn rule(&self, name: &str) -> Option<&Bilingual> {
        Some(&self.clocks.iter().find(|it| &*it.rule.name == name)?.rule.title)
    }

    fn step(&self, id: &str) -> Option<&Bilingual> {
        let of_plan = || Some(&self.plan.iter().find(|it| it.id == id)?.title);
        super::books::step(self.books, id).map(|it| &it.1.text).or_else(of_plan)
    }
}

/// Entries as they are shown, in the order that they come in.
pub(super) fn entries(
    s: &Shell,
    names: &Names,
    titles: &Titles<'_>,
    told: impl IntoIterator<Item = Told>,
) -> Vec<EntryView> {
    told.into_iter().map(|it| entry(s, names, titles, it)).collect()
}

fn entry(s: &Shell, names: &Names, titles: &Titles<'_>, it: Told) -> EntryView {
    let (class, icon) = look(it.kind, &it.by);
    let call = it.detail.get("call").and_then(Value::as_str);
    EntryView {
        n: it.n,
        at: it.at.to_string(),
        icon: if call.is_some() { "live" } else { icon },
        class,
        what: what(s, &it, call),
        who: who(s, names, &it.by),
        more: more(s, names, titles, &it),
        text: it.text.filter(|text| !text.is_empty()),
        visible: it.visible,
    }
}

fn what(s: &Shell, it: &Told, call: Option<&str>) -> String {
    match call {
        Some(how) => s.t1("desk-entry-call", "how", worded(s, "call", how)),
        None => worded(s, "entry", it.kind.name()),
    }
}

/// Class and drawing of an entry.
fn look(kind: EntryKind, by: &By) -> (&'static str, &'static str) {
    match kind {
        EntryKind::Reported | EntryKind::Message | EntryKind::Complained => ("victim", "chat"),
        EntryKind::File if matches!(by, By::Victim) => ("victim", "audit"),
        EntryKind::Answer => ("answer", "chat"),
        EntryKind::Asked => ("answer", "question"),
        EntryKind::Note => ("memo", "lock"),
        EntryKind::Breached | EntryKind::Lapsed | EntryKind::NoDate | EntryKind::Unexpected => {
            ("bad", "warn")
        }
        EntryKind::Warned => ("plain", "clock"),
        EntryKind::Escalated | EntryKind::Paged => ("plain", "flag"),
        EntryKind::Taken | EntryKind::Assigned | EntryKind::HandedOver => ("plain", "people"),
        EntryKind::Closed | EntryKind::Step => ("plain", "check"),
        EntryKind::Reopened => ("plain", "undo"),
        EntryKind::Action => ("plain", "stop"),
        EntryKind::Viewed => ("plain", "search"),
        _ => ("plain", "audit"),
    }
}

/// Who did it, as colleagues know them.
pub(super) fn who(s: &Shell, names: &Names, by: &By) -> String {
    match by {
        By::Victim => s.t("desk-by-victim"),
        By::Staff { login, name, .. } if login.is_empty() => name.clone(),
        By::Staff { login, name, .. } => format!("{} ({name})", names.of(login)),
        By::System => s.t("desk-by-system"),
        By::Key(_) => s.t("desk-by-key"),
    }
}

/// Particulars that say something to a person.
fn more(s: &Shell, names: &Names, titles: &Titles<'_>, it: &Told) -> Vec<String> {
    let field = |name: &str| it.detail.get(name).and_then(Value::as_str).filter(|it| !it.is_empty());
    let mut more = Vec::new();
    if let Some(to) = field("login") {
        more.push(s.t1("desk-detail-to", "who", names.of(to)));
    }
    let named = |id: &str, title: Option<&Bilingual>| title.map_or(id, |it| s.lang.of(it)).to_owned();
    let step = || field("step").map(|id| named(id, titles.step(id)));
    let undone = it.detail.get("done") == Some(&Value::Bool(false));
    if field("step") == Some(SHARED) {
        more.push(s.t(if undone { "desk-detail-unshared" } else { "desk-detail-shared" }));
    } else if let Some(step) = title(s, it.detail.get("title")).or_else(step) {
        let key = if undone { "desk-detail-step-undone" } else { "desk-detail-step-done" };
        more.push(s.t1(key, "step", step));
    }
    if let Some(outcome) = field("outcome") {
        more.push(s.t1("desk-detail-outcome", "outcome", worded(s, "outcome", outcome)));
    }
    if it.kind == EntryKind::Action {
        more.extend(action(s, field("kind").or_else(|| field("power")), field("amount"), field("state")));
    }
    if let Some(fact) = field("fact") {
        more.push(worded(s, "fact", fact));
    }
    if let Some(level) = it.detail.get("level").and_then(Value::as_u64) {
        more.push(s.t1("desk-detail-level", "level", s.t(&format!("desk-level-{}", level.min(3)))));
    } else if let Some(level) = field("to").filter(|_| it.kind == EntryKind::Escalated) {
        more.push(s.t1("desk-detail-level", "level", worded(s, "role", level)));
    }
    if let Some(percent) = it.detail.get("percent").and_then(Value::as_u64) {
        more.push(s.t1("desk-detail-percent", "percent", percent));
    }
    if let Some(task) = field("task") {
        more.push(worded(s, "task", task));
    }
    if let Some(because) = field("because") {
        let key = format!("pages-why-{}", dashed(because));
        more.push(if s.lang.has(&key) { s.t(&key) } else { because.to_owned() });
    }
    if it.kind != EntryKind::Step {
        more.extend(title(s, it.detail.get("title")));
    }
    more.extend(field("rule").map(|name| named(name, titles.rule(name))));
    for why in it.detail.get("why").and_then(Value::as_array).into_iter().flatten() {
        more.extend(title(s, Some(why)));
    }
    if it.detail.get("bulk").is_some() {
        more.push(s.t("desk-detail-bulk"));
    }
    more
}

/// What was asked of the operator's systems, or of a second person, and what became of it.
fn action(s: &Shell, what: Option<&str>, amount: Option<&str>, state: Option<&str>) -> Option<String> {
    let what = s.t(&format!("power-{}", dashed(what?)));
    let state = state.map(|it| {
        let key = format!("action-state-{it}");
        if s.lang.has(&key) { s.t(&key) } else { worded(s, "action", it) }
    });
    Some([Some(what), amount.map(str::to_owned), state].into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// A text, or a pair of them, of which the one in the language of the page.
fn title(s: &Shell, value: Option<&Value>) -> Option<String> {
    let value = value?;
    let text = match value {
        Value::Object(pair) => pair.get(s.lang.code())?.as_str()?,
        other => other.as_str()?,
    };
    Some(text.to_owned())
}
