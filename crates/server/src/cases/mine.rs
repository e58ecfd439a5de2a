//! `/case/{token}`: the case as its victim sees it, and everything they can do there.
//!
//! Always true here:
//! - The token is the only way in; a wrong one and somebody else's look exactly the same.
//! - Everything works without a script; with one the page keeps itself up to date.
//! - What somebody typed comes back with every refusal.

use std::net::SocketAddr;

use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Multipart, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Deserialize;
use serde_json::json;
use touchstone_cases::{Event, Fact, first_hour, plan};
use touchstone_store::EntryKind;

use super::drafts::{self, Goes, NotTaken, Waiting};
use super::freeze::{Panel, panel};
use super::secrets::{self, Mask};
use super::victim::{self, ClockView, EntryView, FileRow, ReaderView, Standing, StepView, Wall, clocks, key};
use super::{By, Doing, FlowError, Incoming, Note, Open, flow, shown, without_secrets};
use crate::console::shell::Shell;
use crate::console::views::Fact as Line;
use crate::console::web;
use crate::ctx::Ctx;
use crate::limits::Wait;

/// The step under which it is kept whether the status page is shared.
pub(crate) const SHARED: &str = "page:share";
/// The most entries of a timeline that are shown.
const ENTRIES: i64 = 300;

#[derive(Template)]
#[template(path = "case_mine.html")]
struct MinePage {
    s: Shell,
    /// The address of this page, without what else it was asked.
    here: String,
    reference: String,
    panel: Panel,
    said: Option<String>,
    problems: Vec<String>,
    message: String,
    standing: Standing,
    first: Vec<StepView>,
    later: Vec<StepView>,
    entries: Vec<EntryView>,
    readers: Vec<ReaderView>,
    clocks: Vec<ClockView>,
    files: Vec<FileRow>,
    told: Vec<Line>,
    facts: Vec<(&'static str, String)>,
    shared: Option<String>,
    complained: bool,
    version: i64,
}

impl MinePage {
    fn done(&self) -> String {
        let all = || self.first.iter().chain(&self.later);
        let done = all().filter(|it| it.done.is_some()).count() as u64;
        let values = [("done", done.into()), ("all", (all().count() as u64).into())];
        self.s.lang.text_with("case-plan-progress", &values)
    }
}

#[derive(Template)]
#[template(path = "case_answer.html")]
struct AnswerPage {
    s: Shell,
    here: String,
    reference: String,
    link: String,
    qr: String,
    masked: Option<String>,
    missing: Option<String>,
    standing: Standing,
    first: Vec<StepView>,
    clocks: Vec<ClockView>,
    panel: Panel,
}

#[derive(Template)]
#[template(path = "case_gone.html")]
struct GonePage {
    s: Shell,
}

/// What else an address of the page says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    new: String,
    masked: String,
    missing: String,
    said: String,
    wrong: String,
}

/// What was done, by name; each has a sentence `case-…`.
const SAID: [&str; 8] =
    ["froze", "write-sent", "file-kept", "escalated", "complained", "shared", "unshared", "saved"];

/// The same page for every link that opens nothing, byte for byte.
pub(super) fn gone(headers: &HeaderMap) -> Response {
    let s = Shell::public(headers, "case", "/report");
    web::page(StatusCode::NOT_FOUND, &GonePage { s })
}

/// What a page says when a case could not be read or changed.
pub(crate) fn failed(headers: &HeaderMap, error: &FlowError) -> Response {
    if matches!(error, FlowError::NotFound) {
        return gone(headers);
    }
    tracing::error!(%error, "a victim's page failed");
    let s = Shell::public(headers, "case", "/report");
    crate::console::staff::say(
        s,
        StatusCode::SERVICE_UNAVAILABLE,
        "busy-title",
        "case-failed",
        "/report",
        "back",
    )
}

fn shell(headers: &HeaderMap, token: &str) -> Shell {
    Shell::public(headers, "case", &format!("/case/{}", web::encoded(token)))
}

/// Everything that the page shows.
async fn gather(
    ctx: &Ctx,
    s: Shell,
    open: &Open,
    problems: Vec<String>,
    message: String,
) -> Result<MinePage, FlowError> {
    let wall = Wall::of(ctx, open);
    let charter = &ctx.cases.charter;
    let (first, later) = (first_hour(&open.report, charter), plan(&open.report, charter));
    let done = ctx.store.case_steps(open.row.id).await?;
    let after = (open.row.entries - ENTRIES).max(0);
    let told = flow::timeline(ctx, &open.row, after, 400).await?;
    let told: Vec<_> = told.into_iter().filter_map(shown::Told::for_victim).collect();
    let seen = flow::views(ctx, &open.row, 100).await?;
    let all: Vec<_> = first.iter().chain(&later).cloned().collect();
    let shared = done.iter().any(|it| it.step == SHARED);
    let link = format!("{}/status/{}", ctx.config.public_url(), open.status_token(ctx));
    let panel = panel(ctx, &s, &wall, open).await?;
    Ok(MinePage {
        here: s.path.clone(),
        reference: open.row.reference.clone(),
        said: None,
        problems,
        message,
        standing: standing(ctx, &s, &wall, open).await?,
        first: panel.told_in(victim::steps(s.lang, &wall, &first, &done)),
        panel,
        later: victim::steps(s.lang, &wall, &later, &done),
        entries: victim::entries(&s, &wall, &told, &all),
        readers: victim::readers(&s, &wall, &seen),
        clocks: clocks(&s, &wall, &open.case.clocks),
        files: victim::files(&wall, flow::files(ctx, &open.row).await?),
        told: victim::told(ctx, &s, &wall, &open.report),
        facts: Fact::ALL.iter().map(|it| (it.as_str(), s.t(&key("happened", it.as_str())))).collect(),
        shared: shared.then_some(link),
        complained: told.iter().any(|it| it.kind == EntryKind::Complained),
        version: open.row.version,
        s,
    })
}

/// How it stands, with the name of whoever has it, as the victim knows them.
pub(super) async fn standing(ctx: &Ctx, s: &Shell, wall: &Wall, open: &Open) -> Result<Standing, FlowError> {
    let name = shown::person(ctx, open).await?;
    Ok(victim::standing(s, wall, open, name.as_deref(), ctx.clock.now()))
}

/// `GET /case/{token}`
pub(super) async fn page(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Response {
    let s = shell(&headers, &token);
    let shown = async {
        let open = flow::open_by_link(&ctx, &token).await?;
        if !asked.new.is_empty() {
            return Ok(web::page(StatusCode::OK, &answer(&ctx, s, &open, &asked).await?));
        }
        let mut page = gather(&ctx, s, &open, Vec::new(), String::new()).await?;
        page.said = SAID.contains(&asked.said.as_str()).then(|| page.s.t(&format!("case-{}", asked.said)));
        if asked.wrong.starts_with("wrong-action-") && page.s.lang.has(&asked.wrong) {
            page.problems.push(page.s.t(&asked.wrong));
        }
        if let Some(masked) = secrets::sentence(page.s.lang, &secrets::named(&asked.masked)) {
            page.problems.push(masked);
        }
        Ok(web::page(StatusCode::OK, &page))
    };
    shown.await.unwrap_or_else(|error: FlowError| failed(&headers, &error))
}

/// The first page after a report.
async fn answer(ctx: &Ctx, s: Shell, open: &Open, asked: &Asked) -> Result<AnswerPage, FlowError> {
    let wall = Wall::of(ctx, open);
    let link = format!("{}{}", ctx.config.public_url(), s.path);
    let done = ctx.store.case_steps(open.row.id).await?;
    let panel = panel(ctx, &s, &wall, open).await?;
    let missing = asked.missing.parse::<u64>().ok().filter(|it| *it > 0);
    Ok(AnswerPage {
        here: s.path.clone(),
        reference: open.row.reference.clone(),
        qr: qr(&link),
        link,
        masked: secrets::sentence(s.lang, &secrets::named(&asked.masked)),
        missing: missing.map(|n| s.n("answer-files-missing", n)),
        standing: standing(ctx, &s, &wall, open).await?,
        first: panel.told_in(victim::steps(
            s.lang,
            &wall,
            &first_hour(&open.report, &ctx.cases.charter),
            &done,
        )),
        panel,
        clocks: clocks(&s, &wall, &open.case.clocks),
        s,
    })
}

/// A drawing of the link, for another device.
fn qr(link: &str) -> String {
    let Ok(code) = QrCode::new(link.as_bytes()) else { return String::new() };
    let image = code.render::<svg::Color<'_>>().min_dimensions(168, 168).quiet_zone(true).build();
    // Only the drawing: a declaration has no place inside a page.
    image.find("<svg").map_or(String::new(), |at| image[at..].to_owned())
}

/// Back to the page, where it says what was done.
fn back(token: &str, said: &str, masked: &[&str], anchor: &str) -> Response {
    let mut to = format!("/case/{}?said={said}", web::encoded(token));
    if !masked.is_empty() {
        to.push_str(&format!("&masked={}", masked.join(",")));
    }
    Redirect::to(&format!("{to}#{anchor}")).into_response()
}

/// The page again, with what is wrong and what was typed.
async fn again(
    ctx: &Ctx,
    headers: &HeaderMap,
    token: &str,
    problems: Vec<String>,
    message: String,
) -> Response {
    let shown = async {
        let open = flow::open_by_link(ctx, token).await?;
        gather(ctx, shell(headers, token), &open, problems, message).await
    };
    match shown.await {
        Ok(page) => web::page(StatusCode::UNPROCESSABLE_ENTITY, &page),
        Err(error) => failed(headers, &error),
    }
}

/// `POST /case/{token}/message`: a text, files, or both.
pub(super) async fn message(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    mut body: Multipart,
) -> Response {
    let open = match flow::open_by_link(&ctx, &token).await {
        Ok(open) => open,
        Err(error) => return failed(&headers, &error),
    };
    let s = shell(&headers, &token);
    let id = open.row.id;
    let parts = drafts::read(&ctx, info.0.ip(), &mut body, Goes::ToCase(id)).await;
    let mut mask = Mask::default();
    let text = mask.text(parts.get("text").to_owned());
    let mut problems: Vec<String> =
        parts.refused.iter().map(|(name, why)| why.sentence(&ctx, &s, name)).collect();
    if parts.cut {
        problems.push(s.t("report-too-large"));
    }
    if text.trim().is_empty() && parts.taken.is_empty() && problems.is_empty() {
        problems.push(s.t("case-write-empty"));
    }
    if problems.is_empty()
        && let Err(Wait(seconds)) = ctx.cases.may_write(info.0.ip(), ctx.clock.now())
    {
        problems.push(s.n("report-busy", seconds.div_ceil(60)));
    }
    if !problems.is_empty() {
        // What was written waits in its box until the files are as they should be.
        return again(&ctx, &headers, &token, problems, text).await;
    }
    if text.trim().is_empty() {
        return back(&token, "file-kept", &[], "files");
    }
    match flow::write(&ctx, id, &text).await {
        Ok(_) => {
            let masked: Vec<&str> = mask.taken().into_iter().collect();
            back(&token, "write-sent", &masked, "timeline")
        }
        Err(FlowError::TextTooLong) => {
            let values = [("n", (flow::LONGEST_TEXT as u64).into())];
            let problem = s.lang.text_with("case-write-long", &values);
            again(&ctx, &headers, &token, vec![problem], text).await
        }
        Err(error) => {
            tracing::error!(%error, "a victim's message could not be kept");
            again(&ctx, &headers, &token, vec![s.t("case-retry")], text).await
        }
    }
}

/// A file of the victim's is something that the victim told: the answer is due anew.
pub(super) async fn attach(ctx: &Ctx, id: i64, name: &str, bytes: Vec<u8>) -> Result<Waiting, NotTaken> {
    drafts::check(&bytes)?;
    let size = drafts::size(bytes.len() as u64);
    let file = Incoming { name: name.to_owned(), bytes };
    match flow::happen(ctx, id, &By::Victim, Doing::new(Event::Written).files(vec![file])).await {
        Ok(open) => Ok(Waiting { file: open.row.files.to_string(), name: name.to_owned(), size }),
        Err(FlowError::FileTooLarge { .. }) => Err(NotTaken::TooLarge),
        Err(FlowError::TooManyFiles { .. }) => Err(NotTaken::TooMany),
        Err(FlowError::EmptyFile) => Err(NotTaken::Empty),
        Err(FlowError::WrongFileKind) => Err(NotTaken::Kind),
        Err(error) => {
            tracing::error!(%error, "a victim's file could not be kept");
            Err(NotTaken::Broken)
        }
    }
}

/// One field of a small form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Small {
    step: String,
    done: String,
    rule: String,
    fact: String,
    why: String,
    on: String,
    back: String,
}

/// One button of the victim's: what it does to the case, if anything, is done, and the answer is
/// the page again.
async fn pressed(
    ctx: &Ctx,
    token: &str,
    headers: &HeaderMap,
    then: Response,
    doing: impl AsyncFnOnce(Open) -> Result<Option<Doing>, FlowError>,
) -> Response {
    let done = async {
        let open = flow::open_by_link(ctx, token).await?;
        let id = open.row.id;
        if let Some(doing) = doing(open).await? {
            flow::happen(ctx, id, &By::Victim, doing).await?;
        }
        Ok(())
    };
    match done.await {
        Ok(()) => then,
        Err(error) => failed(headers, &error),
    }
}

/// A step ticked or taken back; nothing if it is so already.
async fn tick(ctx: &Ctx, open: &Open, step: &str, done: bool) -> Result<Option<Doing>, FlowError> {
    let is = ctx.store.case_steps(open.row.id).await?.iter().any(|it| it.step == step);
    let note = || Note::plain(EntryKind::Step, json!({ "step": step, "done": done }));
    Ok((is != done).then(|| Doing::record(note()).tick(step, done)))
}

/// `POST /case/{token}/step`: a step of the plan is done, or taken back.
pub(super) async fn step(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(small): Form<Small>,
) -> Response {
    let then = if small.back == "new" {
        Redirect::to(&format!("/case/{}?new=1#plan", web::encoded(&token))).into_response()
    } else {
        back(&token, "saved", &[], "plan")
    };
    pressed(&ctx, &token, &headers, then, async |open| {
        let charter = &ctx.cases.charter;
        let steps = [first_hour(&open.report, charter), plan(&open.report, charter)].concat();
        if !steps.iter().any(|it| it.id == small.step) {
            return Ok(None);
        }
        tick(&ctx, &open, &small.step, small.done == "yes").await
    })
    .await
}

/// `POST /case/{token}/done`: what the victim had to do in time is done.
pub(super) async fn done(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(small): Form<Small>,
) -> Response {
    pressed(&ctx, &token, &headers, back(&token, "saved", &[], "clocks"), async |open| {
        let clocks = open.case.clocks.iter();
        let theirs = clocks.filter(|it| victim::waits_for_victim(it)).map(|it| &it.rule.name);
        Ok(theirs.into_iter().find(|it| ***it == small.rule).map(|it| Doing::new(Event::Done(it.clone()))))
    })
    .await
}

/// `POST /case/{token}/happened`: something outside that starts a time limit.
pub(super) async fn happened(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(small): Form<Small>,
) -> Response {
    pressed(&ctx, &token, &headers, back(&token, "saved", &[], "clocks"), async |_| {
        Ok(Fact::parse(&small.fact).map(|fact| Doing::new(Event::Happened(fact))))
    })
    .await
}

/// What somebody gave as a reason, without secrets and of bounded length; none if nothing.
fn reason(why: &str) -> Option<String> {
    Some(without_secrets(why.trim()).chars().take(4_000).collect()).filter(|it: &String| !it.is_empty())
}

/// `POST /case/{token}/escalate`: by right, without a reason.
pub(super) async fn escalate(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(small): Form<Small>,
) -> Response {
    pressed(&ctx, &token, &headers, back(&token, "escalated", &[], "now"), async |open| {
        let text = reason(&small.why);
        let why = text.as_deref().unwrap_or("by right").into();
        let detail = json!({ "to": open.case.level.above().as_str() });
        let note = Note { text, ..Note::plain(EntryKind::Escalated, detail) };
        Ok(Some(Doing::new(Event::Escalated { by: None, reason: why }).note(note)))
    })
    .await
}

/// `POST /case/{token}/complain`: a complaint in form, which starts what the law sets.
pub(super) async fn complain(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(small): Form<Small>,
) -> Response {
    pressed(&ctx, &token, &headers, back(&token, "complained", &[], "clocks"), async |_| {
        let note = Note { text: reason(&small.why), ..Note::plain(EntryKind::Complained, json!({})) };
        Ok(Some(Doing::new(Event::Complained).note(note)))
    })
    .await
}

/// `POST /case/{token}/share`: makes the link to the status page, or withdraws it.
pub(super) async fn share(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(small): Form<Small>,
) -> Response {
    let on = small.on == "yes";
    let then = back(&token, if on { "shared" } else { "unshared" }, &[], "share");
    pressed(&ctx, &token, &headers, then, async |open| tick(&ctx, &open, SHARED, on).await).await
}

/// `GET /case/{token}/files/{n}`: always to be saved, never shown: it may be anything.
pub(super) async fn file(
    State(ctx): State<Ctx>,
    Path((token, n)): Path<(String, i64)>,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let open = flow::open_by_link(&ctx, &token).await?;
        flow::file(&ctx, &open.row, n).await
    };
    match found.await {
        Ok((file, bytes)) if file.visible => download(&file.name, bytes),
        Ok(_) => gone(&headers),
        Err(error) => failed(&headers, &error),
    }
}

/// A file to be saved under its name.
pub(crate) fn download(name: &str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename*=UTF-8''{}", web::encoded(name));
    let disposition =
        HeaderValue::try_from(disposition).unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_static("application/octet-stream");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}
