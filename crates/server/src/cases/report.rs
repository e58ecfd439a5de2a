//! `/report`: a frightened person with a phone tells what happened.
//!
//! The way through: [`form`] shows it, [`send`] reads it; with a mistake in it the same page comes
//! back with everything in its place, else [`super::flow::report`] makes the case and the answer
//! page is that of the case.

use std::net::SocketAddr;

use askama::Template;
use axum::Json;
use axum::extract::{ConnectInfo, Multipart, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;
use touchstone_cases::report::Report;
use touchstone_cases::{Charter, FieldError};

use super::drafts::{self, Draft, Goes, Parts, Waiting, size};
use super::form::{Form, QUESTIONS, place};
use super::secrets::{self, Mask, Taken};
use super::{By, Intake, flow, letters};
use crate::actions::Mode;
use crate::console::i18n::Lang;
use crate::console::shell::Shell;
use crate::console::web;
use crate::ctx::Ctx;
use crate::limits::Wait;

/// Time zones to choose from without a script; with one the browser's own is taken.
const ZONES: [&str; 16] = [
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Dubai",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Moscow",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Australia/Sydney",
    "UTC",
];

/// One of several to choose from.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
}

/// A kind of report with its words.
pub(crate) struct KindChoice {
    pub(crate) value: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) label: String,
    pub(crate) about: String,
}

#[derive(Template)]
#[template(path = "case_report.html")]
struct ReportPage {
    s: Shell,
    form: Form,
    errors: Vec<(String, String)>,
    problem: Option<String>,
    masked: Option<String>,
    draft: String,
    files: Vec<Waiting>,
    refused: Vec<String>,
    kinds: Vec<KindChoice>,
    chains: Vec<Choice>,
    assets: Vec<Choice>,
    countries: Vec<Choice>,
    zones: Vec<&'static str>,
    losses: usize,
    suspects: usize,
    limit: String,
    file_bytes: usize,
    /// What to do if money is leaving right now.
    now: &'static str,
}

impl ReportPage {
    fn v(&self, name: &str) -> &str {
        self.form.get(name)
    }

    fn row(&self, list: &str, row: &usize, name: &str) -> &str {
        self.form.get(&self.row_name(list, row, name))
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.form.get(name) == value
    }

    fn row_is(&self, list: &str, row: &usize, name: &str, value: &str) -> bool {
        self.row(list, row, name) == value
    }

    /// What is wrong with a field.
    fn e(&self, name: &str) -> Vec<&str> {
        self.errors.iter().filter(|(field, _)| field == name).map(|(_, text)| text.as_str()).collect()
    }

    fn row_e(&self, list: &str, row: &usize, name: &str) -> Vec<&str> {
        self.e(&self.row_name(list, row, name))
    }

    fn row_name(&self, list: &str, row: &usize, name: &str) -> String {
        format!("{list}.{row}.{name}")
    }

    /// Says of a field that it is wrong, and where that is said; nothing of one that is not.
    fn bad(&self, name: impl AsRef<str>) -> String {
        let name = name.as_ref();
        if self.e(name).is_empty() {
            return String::new();
        }
        format!(" aria-invalid=\"true\" aria-describedby=\"wrong-{name}\"")
    }

    /// Whether a folded part is open: something was typed there, or is wrong.
    fn open(&self, prefixes: &[&str]) -> bool {
        let wrong = |(field, _): &(String, String)| prefixes.iter().any(|it| field.starts_with(it));
        self.form.has_any(prefixes) || self.errors.iter().any(wrong)
    }

    /// What is wrong but has no field of its own on the page.
    fn elsewhere(&self) -> Vec<&str> {
        let lists = ["losses", "suspects", "answers", "language", "time_zone"];
        let here = |(field, _): &&(String, String)| lists.contains(&field.as_str());
        self.errors.iter().filter(here).map(|(_, text)| text.as_str()).collect()
    }

    fn questions(&self) -> Vec<(&'static str, String)> {
        QUESTIONS.iter().map(|name| (*name, self.s.t(&format!("ask-{name}")))).collect()
    }

    fn zone(&self) -> &str {
        match self.form.get("time_zone") {
            "" if self.s.lang == Lang::Zh => "Asia/Shanghai",
            "" => "UTC",
            zone => zone,
        }
    }

    fn other_zone(&self) -> Option<&str> {
        Some(self.form.get("time_zone")).filter(|it| !it.is_empty() && !ZONES.contains(it))
    }
}

fn kinds(s: &Shell) -> Vec<KindChoice> {
    let kind = |value, icon, key: &str| KindChoice {
        value,
        icon,
        label: s.t(key),
        about: s.t(&format!("{key}-about")),
    };
    vec![
        kind("fake_support", "mask", "kind-fake-support"),
        kind("stolen_wallet", "exit", "kind-stolen-wallet"),
        kind("leaked_secret", "key", "kind-leaked-secret"),
        kind("locked_account", "lock", "kind-locked-account"),
        kind("other", "question", "kind-other-report"),
    ]
}

fn chains(lang: Lang, charter: &Charter) -> Vec<Choice> {
    let choice = |it: &touchstone_cases::charter::Chain| Choice {
        value: it.id.clone(),
        label: lang.of(&it.name).to_owned(),
    };
    charter.chains().iter().map(choice).collect()
}

fn assets(lang: Lang, charter: &Charter) -> Vec<Choice> {
    let choice = |it: &touchstone_cases::charter::Asset| Choice {
        value: it.symbol.clone(),
        label: lang.of(&it.name).to_owned(),
    };
    charter.assets().iter().map(choice).collect()
}

fn countries(s: &Shell) -> Vec<Choice> {
    const CODES: [&str; 11] = ["CN", "HK", "TW", "SG", "JP", "KR", "US", "UK", "EU", "AU", "CA"];
    CODES.iter().map(|it| Choice { value: (*it).to_owned(), label: s.t(&format!("country-{it}")) }).collect()
}

/// What came back with a form that was not sent on.
#[derive(Default)]
struct Again {
    form: Form,
    errors: Vec<FieldError>,
    problem: Option<String>,
    taken: Taken,
    refused: Vec<String>,
    more: Option<&'static str>,
}

async fn page(ctx: &Ctx, s: Shell, draft: &Draft, again: Again) -> ReportPage {
    let errors = again.errors.iter().map(|it| {
        let sentence = it.sentence();
        (place(&it.field).to_owned(), s.lang.of(&sentence).to_owned())
    });
    let mut errors: Vec<(String, String)> = errors.collect();
    errors.dedup();
    let rows = |list| again.form.rows(list).max(1) + usize::from(again.more == Some(list));
    ReportPage {
        errors,
        problem: again.problem,
        masked: secrets::sentence(s.lang, &again.taken),
        draft: draft.text(),
        files: draft.files(ctx).await,
        refused: again.refused,
        kinds: kinds(&s),
        chains: chains(s.lang, &ctx.cases.charter),
        assets: assets(s.lang, &ctx.cases.charter),
        countries: countries(&s),
        zones: ZONES.to_vec(),
        losses: rows("losses"),
        suspects: rows("suspects"),
        limit: s.lang.text_with(
            "report-files-limit",
            &[
                ("size", size(ctx.config.cases.file_bytes as u64).into()),
                ("n", (ctx.config.cases.files_per_case as u64).into()),
            ],
        ),
        file_bytes: ctx.config.cases.file_bytes,
        now: if ctx.actions.mode() == Mode::Off { "report-now-call" } else { "report-now" },
        form: again.form,
        s,
    }
}

fn shell(headers: &HeaderMap) -> Shell {
    Shell::public(headers, "report", "/report")
}

/// `GET /report`
pub(super) async fn form(State(ctx): State<Ctx>, headers: HeaderMap) -> Response {
    match Draft::new() {
        Ok(draft) => web::page(StatusCode::OK, &page(&ctx, shell(&headers), &draft, Again::default()).await),
        Err(error) => broken(&error),
    }
}

fn broken(error: &anyhow::Error) -> Response {
    tracing::error!(%error, "no randomness");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// What a form brought, and its draft, in which the files are already.
async fn received(
    ctx: &Ctx,
    info: ConnectInfo<SocketAddr>,
    body: &mut Multipart,
) -> anyhow::Result<(Draft, Parts)> {
    let new = Draft::new()?;
    let parts = drafts::read(ctx, info.0.ip(), body, Goes::ToDraft(&new)).await;
    Ok((Draft::of(parts.get("draft"), &new), parts))
}

/// `POST /report`
pub(super) async fn send(
    State(ctx): State<Ctx>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    mut body: Multipart,
) -> Response {
    let s = shell(&headers);
    let (draft, parts) = match received(&ctx, info, &mut body).await {
        Ok(form) => form,
        Err(error) => return broken(&error),
    };
    let act = parts.get("act").to_owned();
    let (again, status) = take(&ctx, &s, info, &draft, parts, &act).await;
    let again = match again {
        Next::Done(response) => return response,
        Next::Again(again) => again,
    };
    web::page(status, &page(&ctx, s, &draft, *again).await)
}

enum Next {
    Done(Response),
    Again(Box<Again>),
}

async fn take(
    ctx: &Ctx,
    s: &Shell,
    info: ConnectInfo<SocketAddr>,
    draft: &Draft,
    parts: Parts,
    act: &str,
) -> (Next, StatusCode) {
    let mut again = Again {
        refused: parts.refused.iter().map(|(name, why)| why.sentence(ctx, s, name)).collect(),
        ..Again::default()
    };
    let mut mask = Mask::default();
    again.form = Form::read(parts.pairs, &mut mask);
    again.taken = mask.taken();
    if parts.cut {
        again.problem = Some(s.t("report-too-large"));
        return (Next::Again(Box::new(again)), StatusCode::PAYLOAD_TOO_LARGE);
    }
    match act {
        "add_loss" => again.more = Some("losses"),
        "add_suspect" => again.more = Some("suspects"),
        "upload" => {}
        _ => match act.strip_prefix("drop:") {
            Some(file) => draft.drop_file(ctx, file).await,
            None => return open(ctx, s, info, draft, again).await,
        },
    }
    let status = if again.refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    (Next::Again(Box::new(again)), status)
}

/// Makes the case, if nothing is wrong.
async fn open(
    ctx: &Ctx,
    s: &Shell,
    info: ConnectInfo<SocketAddr>,
    draft: &Draft,
    mut again: Again,
) -> (Next, StatusCode) {
    let now = ctx.clock.now();
    let raw = again.form.report(s.lang);
    let parsed = Report::parse(&raw, now, &ctx.cases.charter);
    let report = match parsed {
        Ok(report) if again.refused.is_empty() => report,
        Ok(_) => return (Next::Again(Box::new(again)), StatusCode::UNPROCESSABLE_ENTITY),
        Err(errors) => {
            again.errors = errors;
            return (Next::Again(Box::new(again)), StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    if let Err(Wait(seconds)) = ctx.cases.may_report(info.0.ip(), now) {
        again.problem = Some(s.n("report-busy", seconds.div_ceil(60)));
        return (Next::Again(Box::new(again)), StatusCode::TOO_MANY_REQUESTS);
    }
    let once = Some(draft.once(&raw));
    let intake = Intake { channel: "page", by: By::Victim, user: None, files: Vec::new(), once };
    let receipt = match flow::report(ctx, report, intake).await {
        Ok(receipt) => receipt,
        Err(error) => {
            tracing::error!(%error, "a report could not be kept");
            again.problem = Some(s.t("report-failed"));
            return (Next::Again(Box::new(again)), StatusCode::SERVICE_UNAVAILABLE);
        }
    };
    let missing = attach(ctx, receipt.open.row.id, draft).await;
    letters::received(ctx, &receipt);
    let masked: Vec<&str> = again.taken.iter().copied().chain(receipt.masked.iter().copied()).collect();
    let mut to = format!("/case/{}?new=1", receipt.link_token);
    if !masked.is_empty() {
        to.push_str(&format!("&masked={}", masked.join(",")));
    }
    if missing > 0 {
        to.push_str(&format!("&missing={missing}"));
    }
    (Next::Done(Redirect::to(&to).into_response()), StatusCode::SEE_OTHER)
}

/// Puts the files of the draft into the case: how many could not be.
async fn attach(ctx: &Ctx, case: i64, draft: &Draft) -> usize {
    let mut missing = 0;
    for it in draft.files(ctx).await {
        let Some(bytes) = draft.content(ctx, &it.file).await else {
            missing += 1;
            continue;
        };
        match flow::attach(ctx, case, &By::Victim, &it.name, bytes).await {
            // Taken out one by one, so that a form that is sent again attaches nothing twice.
            Ok(_) => draft.drop_file(ctx, &it.file).await,
            Err(error) => {
                tracing::warn!(%error, "a file could not be put into its case");
                missing += 1;
            }
        }
    }
    if missing == 0 {
        draft.forget(ctx).await;
    }
    missing
}

/// `POST /report/files`: one or more files, while the form is still being filled in; with none it
/// says what waits already.
pub(super) async fn upload(
    State(ctx): State<Ctx>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    mut body: Multipart,
) -> Response {
    let s = shell(&headers);
    let (draft, parts) = match received(&ctx, info, &mut body).await {
        Ok(form) => form,
        Err(error) => return broken(&error),
    };
    let row = |it: &Waiting| json!({ "file": it.file, "name": it.name, "size": it.size });
    let files: Vec<_> = parts.taken.iter().map(row).collect();
    let all: Vec<_> = draft.files(&ctx).await.iter().map(row).collect();
    let mut refused: Vec<_> = parts
        .refused
        .iter()
        .map(|(name, why)| json!({ "name": name, "code": why.code(), "message": why.sentence(&ctx, &s, name) }))
        .collect();
    if parts.cut {
        refused.push(json!({ "name": "", "code": "file_broken", "message": s.t("report-too-large") }));
    }
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    (status, Json(json!({ "files": files, "all": all, "refused": refused }))).into_response()
}

/// `POST /report/files/drop`
pub(super) async fn drop_file(
    State(ctx): State<Ctx>,
    info: ConnectInfo<SocketAddr>,
    mut body: Multipart,
) -> Response {
    let parts = drafts::read(&ctx, info.0.ip(), &mut body, Goes::Nowhere).await;
    if let Ok(new) = Draft::new() {
        Draft::of(parts.get("draft"), &new).drop_file(&ctx, parts.get("file")).await;
    }
    StatusCode::NO_CONTENT.into_response()
}
