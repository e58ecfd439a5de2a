//! Pages for everybody: to apply, to prove, to see what is on notice and to object.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use touchstone_accounts::Token;
use touchstone_registry::vetting::{Described, Stage, Wanted, sufficient};
use touchstone_registry::{Fact, IdentityKind, ProofMethod, statement};
use touchstone_store::{Attempt, KeptApplication, StoreError};
use touchstone_types::Bilingual;

use super::flow::{self, FlowError};
use super::proofs::{self, Look};
use super::views::{self, ApplicationPage, Choice, FormPage, NoticePage, NoticeView, NoticesPage};
use super::{backing, lifecycle};
use crate::console::shell::Shell;
use crate::console::show::minutes;
use crate::console::staff::{Fields, Instead, busy, failed, not_found, say};
use crate::console::web;
use crate::ctx::Ctx;
use crate::limits::Wait;

/// The most characters of a longer text that somebody types.
pub(super) const TEXT: usize = 2_000;

/// What is to be listed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Which {
    kind: String,
}

fn form_page(
    ctx: &Ctx,
    s: Shell,
    kind: Option<IdentityKind>,
    given: Vec<(String, String)>,
    problem: Option<String>,
) -> FormPage {
    let kinds = IdentityKind::ALL.iter().map(|it| Choice {
        name: it.name().to_owned(),
        label: views::kind_name(&s, *it),
        here: kind == Some(*it),
    });
    let chosen: Vec<Fact> = given
        .iter()
        .filter(|(name, _)| name == "fact")
        .filter_map(|(_, value)| Fact::from_name(value))
        .collect();
    FormPage {
        open: ctx.registry.ledger().is_some(),
        problem,
        kinds: kinds.collect(),
        kind: kind.map(IdentityKind::name),
        facts: views::fact_choices(&s, &chosen),
        given,
        s,
    }
}

/// `GET /registry/apply`
pub(crate) async fn form(State(ctx): State<Ctx>, headers: HeaderMap, Query(which): Query<Which>) -> Response {
    let s = Shell::public(&headers, "apply", "/registry/apply");
    let kind = IdentityKind::from_name(&which.kind);
    web::page(StatusCode::OK, &form_page(&ctx, s, kind, Vec::new(), None))
}

/// `POST /registry/apply`
pub(crate) async fn send(
    State(ctx): State<Ctx>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Instead> {
    let s = Shell::public(&headers, "apply", "/registry/apply");
    let fields = Fields::new(pairs.clone());
    let kind = IdentityKind::from_name(fields.get("kind"));
    let again = |status, problem| {
        Ok(web::page(status, &form_page(&ctx, s.clone(), kind, pairs.clone(), Some(problem))))
    };
    if ctx.registry.ledger().is_none() {
        return again(StatusCode::SERVICE_UNAVAILABLE, s.t("apply-closed"));
    }
    let Some(wanted) = kind.and_then(|kind| wanted(&fields, kind)) else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, s.t("apply-incomplete"));
    };
    if let Err(Wait(seconds)) = ctx.desk.applying.take(info.0.ip(), 1, ctx.clock.now()) {
        return again(StatusCode::TOO_MANY_REQUESTS, s.n("apply-too-many", seconds.div_ceil(60)));
    }
    match flow::apply(&ctx, wanted, fields.get("contact"), "applicant").await {
        Ok((_, token)) => {
            Ok(Redirect::to(&format!("/registry/apply/{}?fresh=1", token.text())).into_response())
        }
        Err(FlowError::NotYet(why)) => again(StatusCode::UNPROCESSABLE_ENTITY, views::wrong(&s, &why)),
        Err(FlowError::Store(error)) => Err(busy(&s, &error).into()),
        Err(_) => again(StatusCode::SERVICE_UNAVAILABLE, s.t("apply-closed")),
    }
}

/// What the form says is wanted; `None` if what is always needed is missing or too long.
fn wanted(fields: &Fields, kind: IdentityKind) -> Option<Wanted> {
    let text = |name| Some(fields.get(name)).filter(|it| !it.is_empty()).map(str::to_owned);
    let list = |name: &str| -> Vec<String> {
        let cut = fields.get(name).split(['\n', '\r', ';', '；']);
        cut.map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).take(16).collect()
    };
    let organisation = fields.get("organisation").to_lowercase().replace(' ', "-");
    if !statement::is_id(&organisation) || fields.get("value").is_empty() {
        return None;
    }
    let both = |zh: &str, en: &str| {
        let or = |it: &str, other: &str| if it.is_empty() { other.to_owned() } else { it.to_owned() };
        (!zh.is_empty() || !en.is_empty()).then(|| Bilingual { zh: or(zh, en), en: or(en, zh) })
    };
    let describes = both(fields.get("name_zh"), fields.get("name_en")).map(|name| Described {
        name,
        facts: fields.all("fact").filter_map(Fact::from_name).collect(),
        ways_in: list("ways_in").into_iter().map(|it| Bilingual { zh: it.clone(), en: it }).collect(),
    });
    let languages = fields.get("languages").split([',', '，', ' ']).map(str::trim);
    Some(Wanted {
        describes,
        platform: text("platform"),
        account: text("account"),
        chain: text("chain"),
        certificate: text("certificate").and_then(|it| it.parse().ok()),
        newest_safe: text("newest_safe"),
        site: text("site"),
        purposes: list("purposes"),
        languages: languages.filter(|it| !it.is_empty()).map(str::to_owned).collect(),
        role: text("role"),
        ..Wanted::of(&organisation, kind, fields.get("value"))
    })
}

/// Whether the link is new.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Fresh {
    fresh: String,
    consent: String,
}

/// A page instead, for an address that asks too often.
fn not_too_often(ctx: &Ctx, s: &Shell, info: &ConnectInfo<SocketAddr>) -> Result<(), Instead> {
    let Err(Wait(_)) = ctx.desk.asking.take(info.0.ip(), 1, ctx.clock.now()) else { return Ok(()) };
    Err(say(s.clone(), StatusCode::TOO_MANY_REQUESTS, "busy-title", "busy", "/registry", "back").into())
}

/// An application, opened by its link.
struct Opened {
    path: String,
    s: Shell,
    kept: KeptApplication,
}

async fn opened(
    ctx: &Ctx,
    token: &str,
    info: &ConnectInfo<SocketAddr>,
    headers: &HeaderMap,
) -> Result<Opened, Instead> {
    let path = format!("/registry/apply/{}", web::encoded(token));
    let s = Shell::public(headers, "apply", &path);
    not_too_often(ctx, &s, info)?;
    let Ok(token) = Token::parse(token) else { return Err(not_found(s).into()) };
    let kept = ctx.store.application_by_secret(&token.hash()).await.map_err(failed(&s))?;
    Ok(Opened { path, s, kept })
}

/// `GET /registry/apply/{token}`
pub(crate) async fn one(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Query(fresh): Query<Fresh>,
) -> Result<Response, Instead> {
    let Opened { path, s, kept } = opened(&ctx, &token, &info, &headers).await?;
    let attempts = ctx.store.attempts(&kept.record.id).await.map_err(failed(&s))?;
    let record = &kept.record;
    let now = ctx.clock.now();
    let listed = ctx.registry.now();
    let status = listed.registry.identity(&record.id).map(|it| views::listed(&s, &listed.registry, it, now));
    let lead = match (record.stage, &status) {
        (Stage::Published, Some(it)) => {
            let ends = it.ends.clone().unwrap_or_default();
            format!("{} {}", it.status, s.t1("application-ends", "ends", ends))
        }
        (Stage::Waiting, _) => {
            let until = record.waits_until.map(minutes).unwrap_or_default();
            s.t1("application-waiting", "until", until)
        }
        (stage, _) => s.t(&format!("application-{}", stage.name())),
    };
    let proves = matches!(record.stage, Stage::Draft | Stage::Published);
    let page = ApplicationPage {
        link: format!("{}{path}", ctx.config.public_url()),
        fresh: !fresh.fresh.is_empty(),
        title: record.wanted.value.clone(),
        kind: views::kind_name(&s, record.wanted.kind),
        stages: views::stages(&s, record.stage),
        lead,
        reason: record.refusal.as_ref().map(|it| it.reason.clone()),
        steps: if proves { views::steps(&s, &kept, &attempts) } else { Vec::new() },
        sets: sets(&s, &record.wanted),
        backing: backing::view(&ctx, &s, &kept, now),
        consent: Some(fresh.consent).filter(|it| !it.is_empty()).map(|it| views::outcome(&s, &it)),
        may_withdraw: !matches!(record.stage, Stage::Published | Stage::Refused),
        facts: views::facts(&s, &record.wanted),
        token,
        s,
    };
    Ok(web::page(StatusCode::OK, &page))
}

/// Which proofs suffice together, in words.
fn sets(s: &Shell, wanted: &Wanted) -> String {
    let title = |it: &ProofMethod| s.t(&format!("prove-{}", it.name().replace('_', "-")));
    let sets = sufficient(wanted).iter().map(|set| {
        let names: Vec<String> = set.iter().map(title).collect();
        names.join(" + ")
    });
    sets.collect::<Vec<_>>().join(&s.t("prove-or"))
}

/// `POST /registry/apply/{token}/prove/{method}`
pub(crate) async fn prove(
    State(ctx): State<Ctx>,
    Path((token, method)): Path<(String, String)>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Instead> {
    let Opened { path, s, kept } = opened(&ctx, &token, &info, &headers).await?;
    let fields = Fields::new(pairs);
    let back = || Ok(Redirect::to(&format!("{path}#steps")).into_response());
    let Some(method) = ProofMethod::from_name(&method).filter(|it| may_try(&kept, *it)) else {
        return back();
    };
    check(&ctx, &kept, method, fields.get("given")).await.map_err(failed(&s))?;
    back()
}

/// An officer's word is for officers.
pub(super) fn may_try(kept: &KeptApplication, method: ProofMethod) -> bool {
    method != ProofMethod::OfficerSeen && proofs::ways(&kept.record.wanted).contains(&method)
}

/// Looks whether something was done, and notes what came of it: the word for it.
pub(super) async fn check(
    ctx: &Ctx,
    kept: &KeptApplication,
    method: ProofMethod,
    given: &str,
) -> Result<&'static str, StoreError> {
    let (now, id) = (ctx.clock.now(), kept.record.id.as_str());
    if ctx.desk.checking.take(id.to_owned(), 1, now).is_err() {
        return note(ctx, id, method, "too_often").await;
    }
    let given: String = given.chars().take(TEXT).collect();
    if method == ProofMethod::Posted {
        if let Err(error) = lifecycle::look_at_events(ctx).await {
            tracing::warn!(%error, "the event log could not be looked at");
        }
        let attempts = ctx.store.attempts(id).await?;
        let found = attempts.iter().any(|it| it.method == method && it.outcome != "not_posted");
        return if found { Ok("proved") } else { note(ctx, id, method, "not_posted").await };
    }
    match proofs::look(ctx, kept, method, &given).await? {
        Look::Not("sent") => Ok("sent"), // Noted with the code.
        Look::Not(word @ ("wrong_code" | "too_many" | "expired" | "no_code")) => {
            // The code stays as it was sent; only the word changes.
            let before = ctx.store.attempts(id).await?.into_iter().find(|it| it.method == method);
            if let Some(before) = before {
                let after = Attempt { outcome: word.to_owned(), ..before };
                ctx.store.note_attempt(id, &after).await?;
            }
            Ok(word)
        }
        Look::Not(word) => note(ctx, id, method, word).await,
        Look::Seen(seen) => match flow::proved(ctx, kept, method, seen, "applicant").await {
            Ok(()) => note(ctx, id, method, "proved").await,
            Err(FlowError::Store(error)) => Err(error),
            Err(error) => {
                tracing::warn!(%error, "what was proved could not be used");
                note(ctx, id, method, "not_used").await
            }
        },
    }
}

async fn note(
    ctx: &Ctx,
    id: &str,
    method: ProofMethod,
    word: &'static str,
) -> Result<&'static str, StoreError> {
    let attempt = Attempt {
        method,
        at: ctx.clock.now(),
        outcome: word.to_owned(),
        code_hash: None,
        expires: None,
        tries: 0,
    };
    ctx.store.note_attempt(id, &attempt).await?;
    Ok(word)
}

/// `POST /registry/apply/{token}/consent/{method}`: looks whether the listed organisation says so.
pub(crate) async fn consent(
    State(ctx): State<Ctx>,
    Path((token, method)): Path<(String, String)>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Instead> {
    let Opened { path, s, kept } = opened(&ctx, &token, &info, &headers).await?;
    let (fields, now, listed) = (Fields::new(pairs), ctx.clock.now(), ctx.registry.now());
    let standing = flow::standing(&listed.registry, &kept.record.wanted.organisation, now);
    let back = |word: &str| Ok(Redirect::to(&format!("{path}?consent={word}#consent")).into_response());
    let Some((domain, method)) = backing::place(&standing, fields.get("domain"), &method) else {
        return back("not_used");
    };
    if ctx.desk.checking.take(kept.record.id.clone(), 1, now).is_err() {
        return back("too_often");
    }
    match proofs::look_for_consent(&ctx, &kept, &domain, method).await {
        Look::Not(word) => back(word),
        Look::Seen(seen) => match flow::consented(&ctx, &kept, &domain, method, seen).await {
            Ok(()) => back("proved"),
            Err(FlowError::Store(error)) => Err(failed(&s)(error)),
            Err(_) => back("not_used"),
        },
    }
}

/// `POST /registry/apply/{token}/withdraw`
pub(crate) async fn withdraw(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, Instead> {
    let Opened { path, s, kept } = opened(&ctx, &token, &info, &headers).await?;
    match flow::refuse(&ctx, &kept, None, &s.t("withdrawn"), "applicant").await {
        Err(FlowError::Store(error)) => Err(busy(&s, &error).into()),
        _ => Ok(Redirect::to(&path).into_response()),
    }
}

fn notice_view(s: &Shell, kept: &KeptApplication) -> NoticeView {
    let record = &kept.record;
    NoticeView {
        id: record.id.clone(),
        organisation: record.wanted.organisation.clone(),
        kind: views::kind_name(s, record.wanted.kind),
        value: record.wanted.value.clone(),
        until: record.waits_until.map(minutes).unwrap_or_default(),
    }
}

/// `GET /registry/notices`
pub(crate) async fn notices(
    State(ctx): State<Ctx>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, Instead> {
    let s = Shell::public(&headers, "notices", "/registry/notices");
    not_too_often(&ctx, &s, &info)?;
    let list = ctx.store.applications(Stage::Waiting, 200).await.map_err(failed(&s))?;
    let list = list.iter().map(|it| notice_view(&s, it)).collect();
    Ok(web::page(StatusCode::OK, &NoticesPage { s, list }))
}

async fn on_notice(ctx: &Ctx, s: &Shell, id: &str) -> Result<KeptApplication, Instead> {
    let kept = ctx.store.application(id).await.map_err(failed(s))?;
    // What was never on notice is nobody's business.
    if kept.record.waits_until.is_none() { Err(not_found(s.clone()).into()) } else { Ok(kept) }
}

fn notice_page(
    ctx: &Ctx,
    s: Shell,
    kept: &KeptApplication,
    said: bool,
    problem: Option<String>,
) -> NoticePage {
    NoticePage {
        backing: backing::view(ctx, &s, kept, ctx.clock.now()),
        it: notice_view(&s, kept),
        facts: views::facts(&s, &kept.record.wanted),
        said,
        over: kept.record.stage != Stage::Waiting,
        problem,
        s,
    }
}

/// `GET /registry/notices/{id}`
pub(crate) async fn notice(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, Instead> {
    let s = Shell::public(&headers, "notices", &format!("/registry/notices/{}", web::encoded(&id)));
    not_too_often(&ctx, &s, &info)?;
    let kept = on_notice(&ctx, &s, &id).await?;
    Ok(web::page(StatusCode::OK, &notice_page(&ctx, s, &kept, false, None)))
}

/// `POST /registry/notices/{id}`: an objection.
pub(crate) async fn object(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Instead> {
    let s = Shell::public(&headers, "notices", &format!("/registry/notices/{}", web::encoded(&id)));
    let kept = on_notice(&ctx, &s, &id).await?;
    let fields = Fields::new(pairs);
    let said: String = fields.get("said").chars().take(TEXT).collect();
    let contact: String = fields.get("contact").chars().take(200).collect();
    let again =
        |status, problem| Ok(web::page(status, &notice_page(&ctx, s.clone(), &kept, false, Some(problem))));
    if said.chars().count() < 10 {
        return again(StatusCode::UNPROCESSABLE_ENTITY, s.t("object-too-short"));
    }
    if let Err(Wait(seconds)) = ctx.desk.applying.take(info.0.ip(), 1, ctx.clock.now()) {
        return again(StatusCode::TOO_MANY_REQUESTS, s.n("apply-too-many", seconds.div_ceil(60)));
    }
    match flow::object(&ctx, &kept, &said, &contact).await {
        Ok(()) => Ok(web::page(StatusCode::OK, &notice_page(&ctx, s.clone(), &kept, true, None))),
        Err(FlowError::Store(error)) => Err(busy(&s, &error).into()),
        Err(_) => {
            let text = "object-over";
            Ok(say(s, StatusCode::CONFLICT, "notices-title", text, "/registry/notices", "back"))
        }
    }
}
