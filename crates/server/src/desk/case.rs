//! `/console/cases/{reference}`: everything about one case, and the forms that move it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use touchstone_accounts::{Permission, one_may};
use touchstone_cases::{Agent, ClockState, Level, Life, Outcome};
use touchstone_store::{EntryKind, Session, StoreError, Worker};
use touchstone_types::Moment;

use super::left::{Left, without_time};
use super::rows::{Drawing, Names, person, worded};
use super::told::Titles;
use super::views::{
    CasePage, ClockView, ClosedView, Draft, Head, LiveParts, Person, Preview, ReasonPage, World,
};
use super::{LOOK, books, calls, powers, tell, told};
use crate::cases::{FlowError, Open, flow, levels_of};
use crate::console::shell::Shell;
use crate::console::staff::{Instead, Sent, Staff, failed, still_there};
use crate::console::views::Choice;
use crate::console::web;
use crate::ctx::Ctx;
use crate::stream::{self, Look};

/// How many entries of the timeline a page shows.
const ENTRIES: i64 = 100;
/// How many looks at the case.
const VIEWS: usize = 100;
/// How many linked cases.
const LINKED: usize = 20;
/// The shortest reason for opening a case that is not one's own, in characters.
pub(super) const SHORTEST_REASON: usize = 8;

/// What of a case is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    wording: String,
    before: Option<i64>,
}

/// `GET /console/cases/{reference}`
pub(super) async fn one(
    State(ctx): State<Ctx>,
    Path(reference): Path<String>,
    Query(asked): Query<Asked>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::WorkCases)?;
    let open = match flow::open_for_staff(&ctx, &staff.member, &reference, None).await {
        Ok(open) => open,
        Err(FlowError::NeedsReason) => return Ok(ask(staff, &reference, Draft::default(), false)),
        Err(error) => return Err(tell::page(&staff.shell, error)),
    };
    let mut showing = Showing { before: asked.before, ..Showing::default() };
    if let Some(wording) = books::wording(&ctx.cases.playbooks, &asked.wording) {
        let agent = tell::public_name(&ctx, &staff.member).await;
        let due = due(&ctx, &open);
        let known = books::Known {
            row: &open.row,
            report: &open.report,
            agent: &agent,
            due: &due,
            firm: books::firm(&ctx),
        };
        showing.draft = Draft { form: "say".into(), text: known.fill(wording), ..Draft::default() };
    }
    show(&ctx, staff, open, showing).await
}

/// The page that asks why; what was typed elsewhere goes along.
pub(super) fn ask(staff: Staff, reference: &str, draft: Draft, problem: bool) -> Response {
    let status = if problem { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::FORBIDDEN };
    let s = staff.at("cases");
    web::page(status, &ReasonPage { s, reference: reference.to_owned(), draft, problem })
}

/// `POST /console/cases/{reference}/open`: opens it for a reason that the victim reads.
pub(super) async fn open(
    State(ctx): State<Ctx>,
    Path(reference): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::WorkCases)?;
    let reason: String = sent.fields.get("reason").chars().take(300).collect();
    let field = |name: &str| sent.fields.get(name).to_owned();
    let draft = Draft { form: field("form"), text: field("text"), extra: field("extra"), problem: None };
    if reason.chars().count() < SHORTEST_REASON {
        return Ok(ask(sent.staff, &reference, draft, true));
    }
    match flow::open_for_staff(&ctx, &sent.staff.member, &reference, Some(&reason)).await {
        Ok(open) => show(&ctx, sent.staff, open, Showing { draft, ..Showing::default() }).await,
        Err(error) => Err(tell::page(&sent.staff.shell, error)),
    }
}

/// What of a page is not in the case itself.
#[derive(Default)]
pub(super) struct Showing {
    /// What was typed and not done.
    pub(super) draft: Draft,
    /// What the victim would read.
    pub(super) preview: Option<Preview>,
    /// Entries before that one.
    pub(super) before: Option<i64>,
}

/// When the next answer is due, as the victim reads it.
pub(super) fn due(ctx: &Ctx, open: &Open) -> String {
    let zone = ctx.cases.charter.zone_of(open.report.jurisdiction.as_deref());
    open.next().map_or_else(String::new, |next| local(next.by, zone, "%Y-%m-%d %H:%M"))
}

/// A time as a wall clock there shows it.
pub(super) fn local(at: Moment, zone: jiff::tz::TimeZone, form: &str) -> String {
    jiff::Timestamp::from_microsecond(at.as_micros())
        .map_or_else(|_| at.to_string(), |it| it.to_zoned(zone).strftime(form).to_string())
}

/// The page of a case.
pub(super) async fn show(ctx: &Ctx, staff: Staff, open: Open, showing: Showing) -> Result<Response, Instead> {
    let status = match showing.draft.problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let Staff { member, shell, .. } = staff;
    let s = Shell { here: "cases", ..shell };
    let fail = |error: FlowError| tell::page(&s, error);
    let parts = parts(ctx, &s, &member.login, &open, showing.before).await.map_err(fail)?;
    let names = Names::read(ctx).await.map_err(failed(&s))?;
    let now = ctx.clock.now();
    let workers = ctx.store.workers(now).await.map_err(failed(&s))?;
    let done = ctx.store.case_steps(open.row.id).await.map_err(failed(&s))?;
    let agent = tell::public_name(ctx, &member).await;
    let due = due(ctx, &open);
    let known = books::Known {
        row: &open.row,
        report: &open.report,
        agent: &agent,
        due: &due,
        firm: books::firm(ctx),
    };
    let steps = books::Drawing { s: &s, names: &names, roles: &member.roles, done: &done };
    let drawing = Drawing { ctx, s: &s, names: &names, me: &member.login, now };
    let kin = ctx.store.kin(open.row.id, LINKED).await.map_err(failed(&s))?;
    let world = powers::views(ctx, &s, &names, &member, &open).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "what was done about a case could not be read");
        World::default()
    });
    let files = flow::files(ctx, &open.row).await.map_err(fail)?;
    let page = CasePage {
        head: parts.head,
        clocks: parts.clocks,
        timeline: parts.timeline,
        views: parts.views,
        older: parts.older,
        seen: open.row.entries,
        told: tell::told(ctx, &s, &open),
        files: files.into_iter().map(|it| tell::file(&s, &names, &open.row.reference, it)).collect(),
        playbooks: books::views(&ctx.cases.playbooks, &known, &steps),
        outcomes: outcomes(&s, showing.draft.extra_of("close")),
        suggestion: suggestion(ctx, &s, &open, &workers, now),
        people: people(&s, &open, workers),
        linked: kin.iter().map(|it| drawing.kin(&it.row, &it.by)).collect(),
        world,
        draft: showing.draft,
        preview: showing.preview,
        s,
    };
    Ok(web::page(status, &page))
}

/// What of the page brings itself up to date.
struct Parts {
    head: Head,
    clocks: Vec<ClockView>,
    timeline: Vec<super::views::EntryView>,
    views: Vec<super::views::EntryView>,
    older: Option<String>,
}

async fn parts(ctx: &Ctx, s: &Shell, me: &str, open: &Open, before: Option<i64>) -> Result<Parts, FlowError> {
    let now = ctx.clock.now();
    let names = Names::read(ctx).await?;
    let drawing = Drawing { ctx, s, names: &names, me, now };
    let end = before.map_or(open.row.entries, |it| it - 1).clamp(0, open.row.entries);
    let after = (end - ENTRIES).max(0);
    let count = usize::try_from(end - after).unwrap_or(0);
    let mut entries = match count {
        0 => Vec::new(),
        count => flow::timeline(ctx, &open.row, after, count).await?,
    };
    entries.retain(|it| it.kind != EntryKind::Viewed);
    let views = flow::views(ctx, &open.row, VIEWS).await?;
    let titles = Titles::of(ctx, open);
    Ok(Parts {
        head: head(&drawing, open),
        clocks: clocks(s, open, now),
        timeline: told::entries(s, &names, &titles, entries.into_iter().rev()),
        views: told::entries(s, &names, &titles, views),
        older: (after > 0)
            .then(|| format!("/console/cases/{}?before={}#case-timeline", open.row.reference, after + 1)),
    })
}

fn head(drawing: &Drawing<'_>, open: &Open) -> Head {
    let (s, report) = (drawing.s, &open.report);
    let harm = touchstone_cases::harm(report, open.row.opened, &drawing.ctx.cases.charter);
    let closed = match &open.case.life {
        Life::Closed(closing) => Some(ClosedView {
            outcome: worded(s, "outcome", closing.outcome().as_str()),
            reason: closing.reason().to_owned(),
            by: drawing.names.of(&closing.by().0),
            at: closing.told().to_string(),
        }),
        Life::Open { .. } => None,
    };
    Head {
        line: drawing.line(&open.row),
        why: harm.why.iter().map(|(_, why)| s.lang.of(why).to_owned()).collect(),
        by: open.next().map(|it| it.by.to_string()),
        closed,
        level: s.t(&format!("desk-level-{}", open.case.level as u8)),
        can_rise: open.case.level < Level::Outside,
    }
}

fn clocks(s: &Shell, open: &Open, now: Moment) -> Vec<ClockView> {
    let mut clocks: Vec<_> = open.case.clocks.iter().collect();
    // Those that run first, then by when they end.
    clocks.sort_by_key(|it| (!it.is_open(), it.due));
    let view = |it: &touchstone_cases::Clock| {
        let (key, class) = match (it.state, it.due) {
            (ClockState::Running, Some(_)) => ("", "ok"),
            (ClockState::Running, None) => ("desk-clock-no-date", "late"),
            (ClockState::Paused(_), _) => ("desk-clock-paused", "still"),
            (ClockState::Stopped(_), _) => ("desk-clock-stopped", "done"),
            (ClockState::Breached(_), _) => ("desk-clock-breached", "late"),
        };
        let runs = it.state == ClockState::Running;
        ClockView {
            name: s.lang.of(&it.rule.title).to_owned(),
            whose: worded(s, "whose", it.rule.whose.as_str()),
            source: s.lang.of(&it.rule.source).to_owned(),
            state: if key.is_empty() { String::new() } else { s.t(key) },
            class,
            left: it.due.filter(|_| runs).map(|due| Left::until(s, it.started, due, now)),
            due: it.due.map(|due| due.to_string()),
            pauses: it.pauses.len(),
        }
    };
    clocks.into_iter().map(view).collect()
}

pub(super) fn outcomes(s: &Shell, here: &str) -> Vec<Choice> {
    let choice = |it: &Outcome| Choice {
        name: it.as_str().to_owned(),
        label: worded(s, "outcome", it.as_str()),
        about: String::new(),
        here: it.as_str() == here,
    };
    Outcome::ALL.iter().map(choice).collect()
}

/// Who should have it, and what speaks for it.
fn suggestion(
    ctx: &Ctx,
    s: &Shell,
    open: &Open,
    workers: &[Worker],
    now: Moment,
) -> Option<(Person, String)> {
    let next = open.next()?;
    let skills = ctx.cases.charter.skills();
    let agents = workers.iter().filter(|it| Some(it.login.as_str()) != open.owner()).flat_map(agents);
    let needs = skills.needs(&open.report, open.case.level, next.by, now);
    let best = skills.assign(&needs, &agents.collect::<Vec<_>>())?;
    let worker = workers.iter().find(|it| it.login == best.login)?;
    let why: Vec<&str> = best.why.iter().map(|it| s.lang.of(it)).collect();
    Some((person(s, worker), why.join(" · ")))
}

fn agents(it: &Worker) -> Vec<Agent> {
    let level = |level: u8| Level::ALL.get(usize::from(level)).copied().filter(|it| *it != Level::Outside);
    let agent = |level| Agent {
        login: it.login.clone(),
        skills: it.skills.clone(),
        load: u32::try_from(it.load).unwrap_or(u32::MAX),
        on_duty: it.duty.is_some(),
        level,
    };
    levels_of(&it.roles).into_iter().filter_map(level).map(agent).collect()
}

/// To whom it may be given: those on duty first, the lighter load first.
fn people(s: &Shell, open: &Open, mut workers: Vec<Worker>) -> Vec<Person> {
    let owner = open.owner();
    workers.retain(|it| one_may(&it.roles, Permission::WorkCases) && Some(it.login.as_str()) != owner);
    workers.sort_by_key(|it| (it.duty.is_none(), it.load));
    workers.iter().map(|it| person(s, it)).collect()
}

/// Everybody to whom cases may be given.
pub(super) async fn everybody(ctx: &Ctx, s: &Shell) -> Result<Vec<Person>, StoreError> {
    let mut workers = ctx.store.workers(ctx.clock.now()).await?;
    workers.retain(|it| one_may(&it.roles, Permission::WorkCases));
    workers.sort_by_key(|it| (it.duty.is_none(), it.load));
    Ok(workers.iter().map(|it| person(s, it)).collect())
}

/// `GET /console/cases/{reference}/stream`: the top, the clocks, the timeline and the calls,
/// whenever they change. That somebody looks is noted when they open the page; a page that lies
/// open is no new look.
pub(super) async fn live(
    State(ctx): State<Ctx>,
    Path(reference): Path<String>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::WorkCases)?;
    let entered = tell::enter(&ctx, &staff.member, &reference).await;
    entered.map_err(|error| tell::page(&staff.shell, error))?;
    let session = staff.session.clone();
    let s = staff.at("cases");
    let followed = stream::follow(&ctx, ctx.cases.watch(), LOOK, move |ctx: Ctx| {
        let (s, session, reference) = (s.clone(), session.clone(), reference.clone());
        async move {
            match look(&ctx, s, &session, &reference).await {
                Ok(found) => found,
                Err(FlowError::NotFound) => Look::Gone,
                Err(_) => Look::Busy,
            }
        }
    });
    followed.map_err(|error| error.into_response().into())
}

/// What of a page that lies open is to be seen now.
async fn look(ctx: &Ctx, mut s: Shell, session: &Session, reference: &str) -> Result<Look, FlowError> {
    let member = still_there(ctx, session).await?.filter(|it| one_may(&it.roles, Permission::WorkCases));
    let Some(member) = member else { return Ok(Look::Gone) };
    let open = flow::open_by_reference(ctx, reference).await?;
    if !flow::may_look(ctx, &member, &open).await? {
        return Ok(Look::Gone);
    }
    s.calls = calls::open(ctx, &member).await?;
    let Parts { head, clocks, timeline, views, older } = parts(ctx, &s, &member.login, &open, None).await?;
    let (head, clocks, timeline, views, older) = (&head, &clocks, &timeline, &views, &older);
    let live = LiveParts { s: &s, head, clocks, timeline, views, older }.render().ok();
    let html = live.and_then(|live| Some(live + &calls::part(&s)?));
    Ok(html.map_or(Look::Busy, |data| Look::Now { what: without_time(&data), data }))
}
