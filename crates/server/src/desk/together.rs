//! Several cases at once, such as all that one impostor made: each keeps its own record.
//!
//! Always true here:
//! - One that cannot be done does not hold up the others, and what became of each is said.
//! - A form does its work once for each case, however often it is sent.
//! - What is the same for everybody is a template: only words for one case answer it.

use std::convert::Infallible;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use touchstone_accounts::Permission;
use touchstone_cases::{Answer, Event, Staff as Login};
use touchstone_store::{EntryKind, Kin, StoreError};

use super::rows::{Drawing, Names};
use super::views::{Draft, Line, ResultLine, ResultsPage, TogetherPage, Typed};
use super::{case, tell, wording};
use crate::cases::{By, Doing, FlowError, Note, Open, by_staff, flow, levels_of};
use crate::console::shell::Shell;
use crate::console::staff::{Instead, Sent, Staff, done, failed};
use crate::console::web;
use crate::ctx::Ctx;
use crate::keys;

/// How many cases one form takes.
const MOST: usize = 200;
/// How far back a case's timeline is searched for what this form did.
const BACK: i64 = 200;

/// The cases that are named in an address or a form, each once.
fn named<'a>(pairs: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for it in pairs {
        if !it.is_empty() && !found.iter().any(|known| known == it) && found.len() < MOST {
            found.push(it.to_owned());
        }
    }
    found
}

/// `GET /console/cases/together?case=…&case=…`, or `?of=…` for one and all that are linked to it.
pub(super) async fn page(
    State(ctx): State<Ctx>,
    Query(pairs): Query<Vec<(String, String)>>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::WorkCases)?;
    let of = pairs.iter().find(|it| it.0 == "of").map(|it| it.1.clone());
    if let Some(reference) = &of {
        // Which cases belong together is a part of what was told.
        match tell::enter(&ctx, &staff.member, reference).await {
            Ok(_) => {}
            Err(FlowError::NeedsReason) => return Ok(case::ask(staff, reference, Draft::default(), false)),
            Err(error) => return Err(tell::page(&staff.shell, error)),
        }
    }
    let cases = named(pairs.iter().filter(|it| it.0 == "case").map(|it| it.1.as_str()));
    let once = keys::random::<16>().map(|it| it.iter().map(|byte| format!("{byte:02x}")).collect());
    let typed = Typed { once: once.unwrap_or_default(), ..Typed::default() };
    show(&ctx, staff, of, &cases, typed).await
}

async fn show(
    ctx: &Ctx,
    staff: Staff,
    of: Option<String>,
    cases: &[String],
    typed: Typed,
) -> Result<Response, Instead> {
    let status = if typed.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let login = staff.login().to_owned();
    let s = staff.at("cases");
    let list = list(ctx, &s, &login, of.as_deref(), cases).await.map_err(failed(&s))?;
    let people = case::everybody(ctx, &s).await.map_err(failed(&s))?;
    Ok(web::page(status, &TogetherPage { s, of, list, people, typed }))
}

/// What was typed into the form, to come back with what is wrong.
fn typed(sent: &Sent, own: Vec<(String, String)>, problem: String) -> Typed {
    let field = |name: &str| sent.fields.get(name).to_owned();
    Typed {
        once: field("once"),
        what: field("what"),
        text: field("text"),
        to: field("to"),
        reason: field("reason"),
        open: field("open"),
        own,
        problem: Some(problem),
    }
}

async fn list(
    ctx: &Ctx,
    s: &Shell,
    me: &str,
    of: Option<&str>,
    cases: &[String],
) -> Result<Vec<Line>, StoreError> {
    let names = Names::read(ctx).await?;
    let drawing = Drawing { ctx, s, names: &names, me, now: ctx.clock.now() };
    let mut list = Vec::new();
    if let Some(of) = of {
        let first = ctx.store.case_by_reference(of).await?.row;
        list.push(drawing.line(&first));
        let open = |it: &Kin| it.row.standing.closed.is_none();
        let kin = ctx.store.kin(first.id, MOST - 1).await?;
        list.extend(kin.iter().filter(|it| open(it)).map(|it| drawing.kin(&it.row, &it.by)));
    }
    for reference in cases {
        match ctx.store.case_by_reference(reference).await {
            Ok(found) => list.push(drawing.line(&found.row)),
            Err(StoreError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(list)
}

/// What is to be done to each of them.
#[derive(Clone)]
enum Wish {
    /// The text, and for some cases words of their own.
    Answer(String),
    Note(String),
    Hand {
        to: String,
        reason: String,
    },
}

impl Wish {
    fn read(s: &Shell, sent: &Sent) -> Result<Self, String> {
        let field = |name: &str| sent.fields.get(name).to_owned();
        match sent.fields.get("what") {
            "answer" => Ok(Wish::Answer(field("text"))),
            "note" if field("text").is_empty() => Err(s.t("desk-problem-empty")),
            "note" => Ok(Wish::Note(field("text"))),
            "hand" if field("reason").is_empty() => Err(s.t("desk-problem-reason")),
            "hand" => Ok(Wish::Hand { to: field("to"), reason: field("reason").chars().take(300).collect() }),
            _ => Err(s.t("desk-changed-nothing")),
        }
    }
}

/// Everything that is needed to work on the cases after the form is gone.
struct Job {
    ctx: Ctx,
    s: Shell,
    staff: Staff,
    by: By,
    wish: Wish,
    once: String,
    reason: Option<String>,
    /// Words of their own by case.
    own: Vec<(String, String)>,
}

/// `POST /console/cases/together`: the results appear one by one; the work goes on if the reader
/// leaves.
pub(super) async fn act(State(ctx): State<Ctx>, sent: Sent) -> Result<Response, Instead> {
    sent.staff.must(Permission::WorkCases)?;
    let s = Shell { here: "cases", ..sent.staff.shell.clone() };
    let cases = named(sent.fields.all("case"));
    let once = sent.fields.get("once").to_owned();
    if cases.is_empty() || once.len() != 32 {
        return Ok(done("/console/cases", "desk-changed-nothing", None, None));
    }
    let own: Vec<(String, String)> = cases
        .iter()
        .map(|it| (it.clone(), sent.fields.get(&format!("own:{it}")).to_owned()))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    let wish = match Wish::read(&s, &sent) {
        Ok(wish) => wish,
        Err(problem) => {
            let typed = typed(&sent, own, problem);
            return show(&ctx, sent.staff, None, &cases, typed).await;
        }
    };
    let reason: String = sent.fields.get("open").chars().take(300).collect();
    let by = by_staff(&ctx, &sent.staff.member).await.map_err(|error| tell::page(&s, error))?;
    let page = ResultsPage { s: s.clone(), count: cases.len() }.render().unwrap_or_default();
    let Some((head, foot)) = page.split_once("<!--results-->") else {
        return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response().into());
    };
    let (out, lines) = mpsc::channel::<String>(cases.len() + 3);
    let (head, foot) = (head.to_owned(), foot.to_owned());
    let reason = Some(reason).filter(|it| it.chars().count() >= case::SHORTEST_REASON);
    let job = Job { ctx, s, staff: sent.staff, by, wish, once, reason, own };
    tokio::spawn(async move {
        // The channel holds them all, so an error says only that nobody reads any more.
        let _ = out.send(head).await;
        let (mut good, mut bad) = (0_u64, 0_u64);
        for reference in cases {
            let (done, text) = job.one(&reference).await;
            *(if done { &mut good } else { &mut bad }) += 1;
            let line = ResultLine { s: &job.s, reference: &reference, good: done, text: &text }.render();
            let _ = out.send(line.unwrap_or_default()).await;
        }
        let values = [("done", good.into()), ("failed", bad.into())];
        let over = job.s.lang.text_with("desk-together-over", &values);
        let _ = out.send(format!("<li class=\"strong\" id=\"over\">{over}</li>")).await;
        let _ = out.send(foot).await;
    });
    let body = Body::from_stream(ReceiverStream::new(lines).map(|it| Ok::<_, Infallible>(Bytes::from(it))));
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response())
}

impl Job {
    /// Does it to one case; says whether, and what became of it.
    async fn one(&self, reference: &str) -> (bool, String) {
        match self.work(reference).await {
            Ok(key) => (true, self.s.t(key)),
            Err(why) => (false, why),
        }
    }

    fn text_of(&self, open: &Open, text: &str) -> String {
        let name = open.report.contact.name.clone().unwrap_or_default();
        wording::fill(text, &[("reference", &open.row.reference), ("name", &name)])
    }

    async fn work(&self, reference: &str) -> Result<&'static str, String> {
        let (ctx, s) = (&self.ctx, &self.s);
        let said = |error: &FlowError| match error {
            FlowError::NeedsReason => s.t("desk-together-not-opened"),
            FlowError::NotFound => s.t("desk-together-missing"),
            FlowError::IsClosed => s.t("desk-together-closed"),
            error => tell::problem(s, error),
        };
        let member = &self.staff.member;
        let open = match flow::open_for_staff(ctx, member, reference, None).await {
            Err(FlowError::NeedsReason) if self.reason.is_some() => {
                flow::open_for_staff(ctx, member, reference, self.reason.as_deref()).await
            }
            opened => opened,
        };
        let open = open.map_err(|error| said(&error))?;
        if self.was_done(&open).await.map_err(|error| said(&error))? {
            return Err(s.t("desk-together-twice"));
        }
        if !open.case.is_open() && !matches!(self.wish, Wish::Note(_)) {
            return Err(s.t("desk-together-closed"));
        }
        let (doing, key) = self.doing(&open)?;
        flow::happen(ctx, open.row.id, &self.by, doing).await.map_err(|error| said(&error))?;
        Ok(key)
    }

    /// Whether this very form has done its work here already.
    async fn was_done(&self, open: &Open) -> Result<bool, FlowError> {
        let from = (open.row.entries - BACK).max(0);
        let told = flow::timeline(&self.ctx, &open.row, from, 200).await?;
        Ok(told.iter().any(|it| it.detail.get("bulk").and_then(Value::as_str) == Some(&self.once)))
    }

    /// What happens to a case.
    fn doing(&self, open: &Open) -> Result<(Doing, &'static str), String> {
        let s = &self.s;
        let highest = levels_of(&self.staff.member.roles).into_iter().max();
        let has_place = highest.is_some_and(|it| it >= open.case.level as u8);
        let detail = json!({ "bulk": self.once });
        let with = |kind, text: &str| Note { detail: detail.clone(), ..Note::text(kind, text) };
        match &self.wish {
            Wish::Note(text) if crate::cases::holds_secret(text) => Err(s.t("desk-problem-secret")),
            Wish::Note(text) => {
                Ok((Doing::record(with(EntryKind::Note, text).internal()), "desk-together-ok"))
            }
            _ if !has_place => Err(s.t("desk-problem-may-not")),
            Wish::Hand { to, reason } => {
                let (owner, me) = (open.owner(), self.staff.login());
                if owner.is_some_and(|it| it != me) && !self.staff.may(Permission::LeadCases) {
                    return Err(s.t1("desk-problem-not-yours", "who", owner.unwrap_or_default().to_owned()));
                }
                let event =
                    Event::HandedOver { to: Login(to.as_str().into()), reason: reason.as_str().into() };
                let mut note = with(EntryKind::HandedOver, reason);
                note.detail["login"] = json!(to);
                Ok((Doing::new(event).note(note), "desk-together-ok"))
            }
            Wish::Answer(text) => {
                let own =
                    self.own.iter().find(|it| it.0 == open.row.reference).map_or("", |it| it.1.as_str());
                let all = self.text_of(open, text);
                let text = [all.as_str(), own].into_iter().filter(|it| !it.trim().is_empty());
                let text = text.collect::<Vec<_>>().join("\n\n");
                if let Some(problem) = super::acts::unfit_text(s, &text) {
                    return Err(problem);
                }
                // Its own words answer it; what everybody gets does not.
                let answers = !own.is_empty()
                    && !super::acts::is_template(&self.ctx, open, own)
                    && !wording::same(own, &all);
                Ok(match answers {
                    true => {
                        let event = Event::Answered(Answer::Person(Login(self.staff.login().into())));
                        (Doing::new(event).note(with(EntryKind::Answer, &text)), "desk-together-ok")
                    }
                    false => {
                        let event = Event::Answered(Answer::Template);
                        let note = with(EntryKind::Template, &text);
                        (Doing::new(event).note(note), "desk-together-ok-template")
                    }
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_is_worked_on_once() {
        assert_eq!(named(["a", "b", "a", ""].into_iter()), ["a", "b"]);
        let many: Vec<String> = (0..300).map(|it| it.to_string()).collect();
        assert_eq!(named(many.iter().map(String::as_str)).len(), MOST);
    }
}
