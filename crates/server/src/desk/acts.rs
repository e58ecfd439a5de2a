//! What somebody of the staff does to a case: each form one function.
//!
//! Always true here:
//! - What somebody typed comes back when it was not done, with the reason beside it.
//! - Only words for this case are an answer; ready wording is sent as a template.
//! - Who has no place at a case's level does not take, answer, hand over or close it.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::json;
use touchstone_accounts::Permission;
use touchstone_cases::{Answer, Event, Fact, Outcome, Staff as Login};
use touchstone_store::EntryKind;

use super::case::{self, Showing};
use super::rows::worded;
use super::views::{Draft, Preview};
use super::{books, tell, told, wording};
use crate::cases::{By, Doing, FlowError, Note, Open, by_staff, flow, levels_of};
use crate::console::shell::Shell;
use crate::console::staff::{Instead, Sent, done};
use crate::ctx::Ctx;

/// The longest reason, in characters.
const REASON: usize = 300;

/// A form that was sent about a case, with the case.
pub(super) struct Act {
    pub(super) sent: Sent,
    pub(super) open: Open,
    pub(super) by: By,
}

/// What became of it: a message that says so, or what is wrong.
pub(super) enum Came {
    /// It was done.
    To(&'static str),
    /// It was not, and this is why.
    Not(String),
}

impl Act {
    /// Opens the case for whoever sent a form. If they must first say why, they are asked, and
    /// what they typed goes along.
    pub(super) async fn begin(ctx: &Ctx, sent: Sent, reference: &str, form: &str) -> Result<Self, Instead> {
        sent.staff.must(Permission::WorkCases)?;
        let member = &sent.staff.member;
        let fail = |error| tell::page(&sent.staff.shell, error);
        let open = match tell::enter(ctx, member, reference).await {
            Ok(open) => open,
            Err(FlowError::NeedsReason) => {
                let draft = draft(&sent, form, None);
                return Err(case::ask(sent.staff, reference, draft, false).into());
            }
            Err(error) => return Err(fail(error)),
        };
        let by = by_staff(ctx, member).await.map_err(fail)?;
        Ok(Self { sent, open, by })
    }

    fn login(&self) -> Login {
        Login(self.sent.staff.login().into())
    }

    pub(super) fn t(&self, key: &str) -> String {
        self.sent.staff.shell.t(key)
    }

    pub(super) fn field(&self, name: &str) -> &str {
        self.sent.fields.get(name)
    }

    fn reason(&self) -> String {
        self.field("reason").chars().take(REASON).collect()
    }

    /// Whether somebody with their roles has a place at the level where the case is, or above.
    pub(super) fn has_place(&self) -> bool {
        let highest = levels_of(&self.sent.staff.member.roles).into_iter().max();
        highest.is_some_and(|it| it >= self.open.case.level as u8)
    }

    /// Whether it is theirs, nobody's, or theirs to give because they lead.
    fn may_give(&self) -> bool {
        let owner = self.open.owner();
        owner.is_none_or(|it| it == self.sent.staff.login()) || self.sent.staff.may(Permission::LeadCases)
    }

    async fn happen(&self, ctx: &Ctx, doing: Doing) -> Result<Open, FlowError> {
        flow::happen(ctx, self.open.row.id, &self.by, doing).await
    }

    /// Back to the case: with what was done, or with what was typed and why it was not done.
    pub(super) async fn finish(self, ctx: &Ctx, form: &str, came: Came) -> Result<Response, Instead> {
        let here = format!("/console/cases/{}", self.open.row.reference);
        match came {
            Came::To(key) => Ok(done(&here, key, None, None)),
            Came::Not(problem) => {
                let draft = draft(&self.sent, form, Some(problem));
                let Act { sent, open, .. } = self;
                let open = flow::open(ctx, open.row.id).await.unwrap_or(open);
                case::show(ctx, sent.staff, open, Showing { draft, ..Showing::default() }).await
            }
        }
    }
}

/// What was typed into a form.
fn draft(sent: &Sent, form: &str, problem: Option<String>) -> Draft {
    let field = |names: &[&str]| {
        let found = names.iter().map(|name| sent.fields.get(name)).find(|it| !it.is_empty());
        found.unwrap_or_default().to_owned()
    };
    let form = match (form, sent.fields.get("step")) {
        ("step", step) => step.to_owned(),
        (form, _) => form.to_owned(),
    };
    let text = field(&["text", "reason", "proof"]);
    Draft { form, text, extra: field(&["to", "outcome", "how", "amount"]), problem }
}

/// The act's outcome as what is said.
fn came(act: &Act, result: Result<Open, FlowError>, key: &'static str) -> Came {
    match result {
        Ok(_) => Came::To(key),
        Err(error) => {
            if let FlowError::Store(error) = &error {
                tracing::warn!(%error, "an act on a case was not saved");
            }
            Came::Not(tell::problem(&act.sent.staff.shell, &error))
        }
    }
}

/// Defines the handler of a form: opens the case, does it, goes back.
macro_rules! form {
    ($(#[$doc:meta])* $name:ident, $form:literal, $do:ident) => {
        $(#[$doc])*
        pub(super) async fn $name(
            State(ctx): State<Ctx>,
            Path(reference): Path<String>,
            sent: Sent,
        ) -> Result<Response, Instead> {
            let act = Act::begin(&ctx, sent, &reference, $form).await?;
            let came = $do(&ctx, &act).await;
            act.finish(&ctx, $form, came).await
        }
    };
}

form!(/// `POST …/say`: an answer, or a question.
    say, "say", do_say);
form!(/// `POST …/note`: something for colleagues.
    note, "note", do_note);
form!(/// `POST …/call`: a call that was made.
    call, "call", do_call);
form!(/// `POST …/take`
    take, "take", do_take);
form!(/// `POST …/hand`: to somebody else, with a reason.
    hand, "hand", do_hand);
form!(/// `POST …/escalate`: one level up, with a reason.
    escalate, "escalate", do_escalate);
form!(/// `POST …/fact`: something that happened outside.
    fact, "fact", do_fact);
form!(/// `POST …/reopen`: a closed case is looked at again, one level up.
    reopen, "reopen", do_reopen);
form!(/// `POST …/step`: a step of a playbook is done, or taken back.
    step, "step", do_step);

fn unfit(act: &Act, text: &str) -> Option<String> {
    unfit_text(&act.sent.staff.shell, text)
}

/// What is wrong with a text before it is sent to the victim.
pub(super) fn unfit_text(s: &Shell, text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some(s.t("desk-problem-empty"));
    }
    let place = books::open_place(text).or_else(|| wording::unfilled(text).map(str::to_owned));
    if let Some(place) = place {
        return Some(s.t1("desk-problem-hole", "place", place));
    }
    crate::cases::holds_secret(text).then(|| s.t("desk-problem-secret"))
}

/// Whether a text says no more than the playbooks' wording and what the case is known by.
pub(super) fn is_template(ctx: &Ctx, open: &Open, text: &str) -> bool {
    let known = books::known_values(open);
    wording::is_template(text, books::all_wordings(&ctx.cases.playbooks), &known)
}

/// What happened since the page was drawn, by others.
async fn moved(ctx: &Ctx, act: &Act) -> Option<String> {
    let s = &act.sent.staff.shell;
    let seen: i64 = act.field("seen").parse().ok()?;
    let since = flow::timeline(ctx, &act.open.row, seen.max(0), 50).await.ok()?;
    let matters = |kind: EntryKind| {
        matches!(
            kind,
            EntryKind::Message
                | EntryKind::Complained
                | EntryKind::Answer
                | EntryKind::Template
                | EntryKind::Asked
                | EntryKind::Taken
                | EntryKind::HandedOver
                | EntryKind::Escalated
                | EntryKind::Closed
        )
    };
    let me = act.sent.staff.login();
    let others = since.iter().filter(|it| matters(it.kind) && it.by.login() != Some(me));
    let names = super::rows::Names::read(ctx).await.ok()?;
    let what: Vec<String> = others
        .map(|it| format!("{} {}", told::who(s, &names, &it.by), worded(s, "entry", it.kind.name())))
        .collect();
    (!what.is_empty()).then(|| s.t1("desk-problem-moved", "what", what.join(" · ")))
}

async fn do_say(ctx: &Ctx, act: &Act) -> Came {
    let text = act.sent.fields.get("text");
    if !act.has_place() {
        return Came::Not(act.t("desk-problem-may-not"));
    }
    if let Some(problem) = unfit(act, text) {
        return Came::Not(problem);
    }
    if let Some(problem) = moved(ctx, act).await {
        return Came::Not(problem);
    }
    let (kind, key) = match act.field("as") {
        "ask" => (EntryKind::Asked, "desk-sent-ask"),
        _ if is_template(ctx, &act.open, text) => (EntryKind::Template, "desk-sent-template"),
        _ => (EntryKind::Answer, "desk-sent-answer"),
    };
    let sent = flow::answer(ctx, act.open.row.id, &act.by, text, kind).await;
    came(act, sent, key)
}

async fn do_note(ctx: &Ctx, act: &Act) -> Came {
    if crate::cases::holds_secret(act.field("text")) {
        return Came::Not(act.t("desk-problem-secret"));
    }
    let kept = flow::answer(ctx, act.open.row.id, &act.by, act.field("text"), EntryKind::Note).await;
    came(act, kept, "desk-noted")
}

async fn do_call(ctx: &Ctx, act: &Act) -> Came {
    let (text, how) = (act.field("text"), act.field("how"));
    if !act.has_place() {
        return Came::Not(act.t("desk-problem-may-not"));
    }
    if let Some(problem) = unfit(act, text) {
        return Came::Not(problem);
    }
    let spoke = matches!(how, "reached" | "called");
    // A call that nobody took is told to the victim, and is no answer.
    let how = if spoke { how } else { "missed" };
    let detail = json!({ "call": how });
    let (event, kind, key) = match spoke && !is_template(ctx, &act.open, text) {
        true => (Event::Answered(Answer::Person(act.login())), EntryKind::Answer, "desk-call-answered"),
        false => (Event::Answered(Answer::Template), EntryKind::Template, "desk-call-kept"),
    };
    let note = Note { detail, ..Note::text(kind, text) };
    came(act, act.happen(ctx, Doing::new(event).note(note)).await, key)
}

async fn do_take(ctx: &Ctx, act: &Act) -> Came {
    if !act.has_place() {
        return Came::Not(act.t("desk-problem-may-not"));
    }
    if !act.may_give() {
        return Came::To("desk-taken-by-other");
    }
    let lead = act.sent.staff.may(Permission::LeadCases);
    let me = act.sent.staff.login().to_owned();
    // Looked at again when it is saved: of two who take it at once only the first gets it.
    let doing = Doing::new(Event::Taken(act.login()))
        .only_if(move |open| lead || open.owner().is_none_or(|owner| owner == me));
    match act.happen(ctx, doing).await {
        Err(FlowError::Moved) => Came::To("desk-taken-by-other"),
        result => came(act, result, "desk-taken-now"),
    }
}

async fn do_hand(ctx: &Ctx, act: &Act) -> Came {
    let reason = act.reason();
    if reason.is_empty() {
        return Came::Not(act.t("desk-problem-reason"));
    }
    if !act.has_place() {
        return Came::Not(act.t("desk-problem-may-not"));
    }
    if !act.may_give() {
        let owner = act.open.owner().unwrap_or_default().to_owned();
        return Came::Not(act.sent.staff.shell.t1("desk-problem-not-yours", "who", owner));
    }
    let to = Login(act.field("to").into());
    let event = Event::HandedOver { to, reason: reason.as_str().into() };
    came(act, act.happen(ctx, Doing::new(event)).await, "desk-handed")
}

async fn do_escalate(ctx: &Ctx, act: &Act) -> Came {
    let reason = act.reason();
    if reason.is_empty() {
        return Came::Not(act.t("desk-problem-reason"));
    }
    if !act.open.case.is_open() {
        return Came::Not(act.t("desk-problem-closed"));
    }
    let event = Event::Escalated { by: Some(act.login()), reason: reason.as_str().into() };
    came(act, act.happen(ctx, Doing::new(event)).await, "desk-escalated")
}

async fn do_fact(ctx: &Ctx, act: &Act) -> Came {
    let Some(fact) = Fact::parse(act.field("fact")) else { return Came::To("desk-changed-nothing") };
    came(act, act.happen(ctx, Doing::new(Event::Happened(fact))).await, "desk-fact-kept")
}

async fn do_reopen(ctx: &Ctx, act: &Act) -> Came {
    let reason = act.reason();
    if reason.is_empty() {
        return Came::Not(act.t("desk-problem-reason"));
    }
    if act.open.case.is_open() {
        return Came::To("desk-changed-nothing");
    }
    let event = Event::Escalated { by: Some(act.login()), reason: reason.as_str().into() };
    came(act, act.happen(ctx, Doing::new(event)).await, "desk-was-reopened")
}

async fn do_step(ctx: &Ctx, act: &Act) -> Came {
    let id = act.field("step");
    let Some((book, step)) = books::step(&ctx.cases.playbooks, id) else {
        return Came::To("desk-changed-nothing");
    };
    if !books::may(&act.sent.staff.member.roles, step.who) {
        return Came::Not(act.t("desk-problem-may-not"));
    }
    let undone = !act.field("undo").is_empty();
    let proof: String = act.field("proof").chars().take(500).collect();
    if !undone {
        if proof.is_empty() {
            return Came::Not(act.t("desk-problem-proof"));
        }
        if crate::cases::holds_secret(&proof) {
            return Came::Not(act.t("desk-problem-secret"));
        }
        let Ok(before) = ctx.store.case_steps(act.open.row.id).await else {
            return Came::Not(act.t("desk-problem-busy"));
        };
        let is_done = |step: &String| before.iter().any(|it| it.step == books::tick_id(&book.id, step));
        if !step.after.iter().all(is_done) {
            return Came::Not(act.t("desk-problem-after"));
        }
    }
    let title = json!({ "zh": step.text.zh, "en": step.text.en });
    let detail = json!({ "step": id, "title": title, "done": !undone });
    let text = Some(proof).filter(|it| !it.is_empty());
    let note = Note { text, ..Note::plain(EntryKind::Step, detail) }.internal();
    let key = if undone { "desk-step-undone" } else { "desk-step-kept" };
    came(act, act.happen(ctx, Doing::record(note).tick(id, !undone)).await, key)
}

/// `POST …/close`: first what the victim will read, then, if that is agreed to, the closing.
pub(super) async fn close(
    State(ctx): State<Ctx>,
    Path(reference): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    let act = Act::begin(&ctx, sent, &reference, "close").await?;
    let reason: String = act.field("reason").chars().take(4_000).collect();
    let outcome = Outcome::parse(act.field("outcome"));
    let problem = match outcome {
        _ if !act.open.case.is_open() => Some(act.t("desk-problem-closed")),
        _ if !act.has_place() => Some(act.t("desk-problem-may-not")),
        None => Some(act.t("desk-problem-outcome")),
        Some(_) if reason.trim().is_empty() => Some(act.t("desk-problem-reason")),
        Some(_) => unfit(&act, &reason),
    };
    let problem = match problem {
        None => moved(&ctx, &act).await,
        problem => problem,
    };
    let (Some(outcome), None) = (outcome, &problem) else {
        return act.finish(&ctx, "close", Came::Not(problem.unwrap_or_default())).await;
    };
    // What was previewed is what is sent: a reason that was changed since is shown again.
    if act.field("sure").is_empty() || act.sent.fields.get("previewed") != reason {
        let preview = preview(&act, outcome, &reason);
        let draft =
            Draft { form: "close".into(), text: reason, extra: outcome.as_str().to_owned(), problem: None };
        let Act { sent, open, .. } = act;
        return case::show(&ctx, sent.staff, open, Showing { draft, preview: Some(preview), before: None })
            .await;
    }
    let closed = super::powers::close(&ctx, &act, outcome, &reason).await;
    act.finish(&ctx, "close", closed).await
}

/// Exactly what the victim will read, in their language.
fn preview(act: &Act, outcome: Outcome, reason: &str) -> Preview {
    let lang = books::victims_language(&act.open.row.language);
    let outcome = lang.text(&format!("desk-outcome-{}", outcome.as_str().replace('_', "-")));
    let values = [("reference", act.open.row.reference.clone().into()), ("outcome", outcome.into())];
    Preview {
        title: lang.text_with("desk-preview-title", &values),
        text: reason.to_owned(),
        after: lang.text("desk-preview-after"),
        lang: lang.tag(),
    }
}
