//! `/console/sessions`: conversations that wait for an agent, and the one that an agent holds.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use touchstone_accounts::Permission;
use touchstone_registry::IdentityKind;
use touchstone_registry::session::{Bytes32, Signed};
use touchstone_store::{Conversation, StoreError};

use super::flow::{self, TalkError};
use crate::api::error::ApiError;
use crate::console::shell::Shell;
use crate::console::staff::{Instead, Sent, Staff, done, failed};
use crate::console::web;
use crate::ctx::Ctx;
use crate::stream::{self, Look};

/// How many conversations are shown.
const SHOWN: usize = 100;

/// The longest reason, in characters.
const REASON: usize = 300;

/// One conversation in the list.
struct Row {
    id: String,
    case: String,
    channel: String,
    since: String,
    /// `waiting`, `mine`, `taken`.
    state: &'static str,
    agent: String,
}

impl Row {
    fn of(it: Conversation, me: &str) -> Self {
        let state = match &it.taken {
            None => "waiting",
            Some(taken) if taken.holder == me => "mine",
            Some(taken) if taken.proof.is_none() => "waiting",
            Some(_) => "taken",
        };
        Self {
            id: it.id,
            case: it.case,
            channel: it.channel,
            since: it.created.to_string(),
            state,
            agent: it.taken.map(|it| it.agent).unwrap_or_default(),
        }
    }
}

/// Somebody who may be bound to a listed agent.
struct Person {
    id: i64,
    name: String,
    login: String,
    agent: String,
    listed: bool,
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct DeskPage {
    s: Shell,
    set_up: bool,
    talks: bool,
    agent: Option<String>,
    list: Vec<Row>,
    people: Vec<Person>,
    agents: Vec<String>,
    may_bind: bool,
}

#[derive(Template)]
#[template(path = "sessions_list.html")]
struct ListPart<'a> {
    s: &'a Shell,
    list: &'a [Row],
}

/// `GET /console/sessions`
pub(super) async fn list(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Instead> {
    let (talks, may_bind) = (staff.may(Permission::TalkToUsers), staff.may(Permission::BindAgent));
    if !talks {
        staff.must(Permission::BindAgent)?;
    }
    let agent = flow::agent_of(&ctx, &staff.member).await.ok().map(|it| it.name);
    let me = staff.login().to_owned();
    let s = staff.at("sessions");
    let list = if talks { rows(&ctx, &me).await.map_err(failed(&s))? } else { Vec::new() };
    let people = if may_bind { people(&ctx).await.map_err(failed(&s))? } else { Vec::new() };
    let agents = if may_bind { agents(&ctx) } else { Vec::new() };
    let set_up = flow::signing_key(&ctx).is_ok();
    let page = DeskPage { s, set_up, talks, agent, list, people, agents, may_bind };
    Ok(web::page(StatusCode::OK, &page))
}

async fn rows(ctx: &Ctx, me: &str) -> Result<Vec<Row>, StoreError> {
    let open = ctx.store.open_conversations(ctx.clock.now(), SHOWN).await?;
    let mut rows: Vec<Row> = open.into_iter().map(|it| Row::of(it, me)).collect();
    rows.sort_by_key(|it| match it.state {
        "mine" => 0,
        "waiting" => 1,
        _ => 2,
    });
    Ok(rows)
}

async fn people(ctx: &Ctx) -> Result<Vec<Person>, StoreError> {
    let bound = ctx.store.bound_agents().await?;
    let members = ctx.store.members().await?;
    let one = |it: touchstone_store::Member| {
        let agent = bound.iter().find(|at| at.member == it.id).map(|at| at.agent.clone()).unwrap_or_default();
        let listed = flow::in_force(ctx, &agent).is_some();
        Person { id: it.id, name: it.name, login: it.login, agent, listed }
    };
    Ok(members.into_iter().filter(|it| it.disabled.is_none()).map(one).collect())
}

/// The pseudonyms that are listed now.
fn agents(ctx: &Ctx) -> Vec<String> {
    let (listed, now) = (ctx.registry.now(), ctx.clock.now());
    let is_agent = |it: &&touchstone_registry::Identity| it.kind == IdentityKind::Agent && it.in_force(now);
    listed.registry.identities().iter().filter(is_agent).map(|it| it.value.to_string()).collect()
}

/// `GET /console/sessions/stream`: the list as HTML, whenever it changed.
pub(super) async fn stream(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Instead> {
    staff.must(Permission::TalkToUsers)?;
    let me = staff.login().to_owned();
    let s = staff.at("sessions");
    let look = move |ctx: Ctx| {
        let (s, me) = (s.clone(), me.clone());
        async move {
            let list = rows(&ctx, &me).await.ok();
            Look::same(list.and_then(|list| ListPart { s: &s, list: &list }.render().ok()))
        }
    };
    stream::follow(&ctx, ctx.talk.changes.subscribe(), super::LOOK, look)
        .map_err(|error| error.into_response().into())
}

#[derive(Template)]
#[template(path = "session_desk.html")]
struct OnePage {
    s: Shell,
    id: String,
    case: String,
    channel: String,
    since: String,
    expires: String,
    /// `waiting`, `mine`, `signed`, `taken`, `over`.
    state: &'static str,
    agent: Option<String>,
    role: String,
    purposes: Vec<String>,
    purpose: String,
    phrase_zh: String,
    phrase_en: String,
}

/// `GET /console/sessions/{id}`
pub(super) async fn one(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::TalkToUsers)?;
    let agent = flow::agent_of(&ctx, &staff.member).await.ok();
    let me = staff.login().to_owned();
    let s = staff.at("sessions");
    let it = ctx.store.conversation(&id).await.map_err(failed(&s))?;
    let state = state(&ctx, &it, &me);
    let signed = it.taken.as_ref().and_then(|taken| flow::proof(&taken.agent_key, taken.proof.as_deref()?));
    let purpose = signed.and_then(|it| it.session.session().ok()).map(|it| it.purposes.join(", "));
    // The phrase is for the one who is to say it.
    let phrase = if matches!(state, "signed") { (it.phrase_zh, it.phrase_en) } else { Default::default() };
    let page = OnePage {
        s,
        id: it.id,
        case: it.case,
        channel: it.channel,
        since: it.created.to_string(),
        expires: it.expires.to_string(),
        state,
        role: agent.as_ref().map(|it| it.role.clone()).unwrap_or_default(),
        purposes: agent.as_ref().map(|it| it.purposes.clone()).unwrap_or_default(),
        agent: agent.map(|it| it.name),
        purpose: purpose.unwrap_or_default(),
        phrase_zh: phrase.0,
        phrase_en: phrase.1,
    };
    Ok(web::page(StatusCode::OK, &page))
}

fn state(ctx: &Ctx, it: &Conversation, me: &str) -> &'static str {
    match &it.taken {
        _ if !it.is_open(ctx.clock.now()) => "over",
        None => "waiting",
        Some(taken) if taken.holder == me && taken.proof.is_some() => "signed",
        Some(taken) if taken.proof.is_some() => "taken",
        Some(_) => "waiting",
    }
}

/// What the agent's browser sends first: the public half of the key that it just made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Take {
    key: String,
    purpose: String,
}

/// `POST /console/sessions/{id}/take`
pub(super) async fn take(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    headers: HeaderMap,
    staff: Staff,
    Json(asked): Json<Take>,
) -> Response {
    answer(&staff, &headers, async || {
        let key = Bytes32::from_base64(&asked.key).ok_or(TalkError::Form("`key` is 32 bytes in base64"))?;
        let (agent_key, text) = flow::take(&ctx, &staff.member, &id, key, &asked.purpose).await?;
        Ok(json!({ "agent_key": agent_key, "text": text }))
    })
    .await
}

/// `POST /console/sessions/{id}/sign`
pub(super) async fn sign(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    headers: HeaderMap,
    staff: Staff,
    Json(signed): Json<Signed>,
) -> Response {
    answer(&staff, &headers, async || {
        flow::sign(&ctx, &staff.member, &id, signed).await?;
        Ok(json!({ "next": format!("/console/sessions/{id}") }))
    })
    .await
}

/// Does it for an agent whose browser brings the token of their pages, and says what became of
/// it in their language.
async fn answer(
    staff: &Staff,
    headers: &HeaderMap,
    act: impl AsyncFnOnce() -> Result<serde_json::Value, TalkError>,
) -> Response {
    let s = &staff.shell;
    let csrf = headers.get("x-csrf-token").and_then(|it| it.to_str().ok()).unwrap_or_default();
    if !staff.is_theirs(csrf) || !staff.may(Permission::TalkToUsers) {
        return (StatusCode::FORBIDDEN, Json(json!({ "message": s.t("form-expired") }))).into_response();
    }
    match act().await {
        Ok(value) => Json(value).into_response(),
        Err(error) => {
            let message = words(s, &error);
            let status = ApiError::from(error).into_response().status();
            (status, Json(json!({ "message": message }))).into_response()
        }
    }
}

/// What an agent reads when a step was not done.
fn words(s: &Shell, error: &TalkError) -> String {
    match error {
        TalkError::NotSetUp => s.t("sessions-not-set-up"),
        TalkError::NoAgent => s.t("sessions-no-agent"),
        TalkError::NotVerified(why) => s.lang.of(&why.sentence()).to_owned(),
        TalkError::Store(StoreError::Conflict(_)) => s.t("sessions-taken-meanwhile"),
        TalkError::Store(StoreError::NotFound) => s.t("not-found"),
        TalkError::Form(_) | TalkError::Store(_) | TalkError::Random(_) => s.t("busy"),
    }
}

/// `POST /console/sessions/{id}/end`: ends a conversation or hands it over, with a reason.
pub(super) async fn end(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::TalkToUsers)?;
    let here = format!("/console/sessions/{id}");
    let reason: String = sent.fields.get("reason").chars().take(REASON).collect();
    if reason.is_empty() {
        return Ok(done(&here, "reason-needed", None, None));
    }
    let me = sent.staff.login();
    let over = sent.fields.get("what") == "hand_over";
    let result = if over {
        flow::hand_over(&ctx, &sent.staff.member, &id, &reason).await
    } else {
        flow::end(&ctx, &id, Some(me), me, &reason).await
    };
    match result {
        Ok(()) => Ok(done(
            "/console/sessions",
            if over { "session-handed-over" } else { "session-was-ended" },
            None,
            None,
        )),
        Err(TalkError::Store(StoreError::Conflict(_))) => Ok(done(&here, "session-over-already", None, None)),
        Err(TalkError::Store(error)) => Err(failed(&sent.staff.shell)(error)),
        Err(error) => Err(ApiError::from(error).into_response().into()),
    }
}

/// `POST /console/sessions/agents`: says as which listed agent somebody talks.
pub(super) async fn bind(State(ctx): State<Ctx>, sent: Sent) -> Result<Response, Instead> {
    sent.staff.must(Permission::BindAgent)?;
    let s = &sent.staff.shell;
    let member: i64 = sent.fields.get("member").parse().unwrap_or(0);
    let agent = Some(sent.fields.get("agent")).filter(|it| !it.is_empty());
    if agent.is_some_and(|name| flow::in_force(&ctx, name).is_none()) {
        return Ok(done("/console/sessions", "agent-not-listed-now", None, None));
    }
    match ctx.store.bind_agent(member, agent, sent.staff.login(), ctx.clock.now()).await {
        Ok(()) => Ok(done("/console/sessions", "people-saved", None, None)),
        Err(StoreError::Conflict(_)) => Ok(done("/console/sessions", "agent-is-somebody-else", None, None)),
        Err(error) => Err(failed(s)(error)),
    }
}
