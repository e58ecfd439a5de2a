use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use touchstone_accounts::Scope;
use touchstone_store::{Entity, EntityKind, Label, Seq, StoreError, VerdictFilter};
use touchstone_types::{Decision, EventKey, Moment};

use super::endpoint::{Content, Endpoint, Parameter, query};
use super::error::ApiError;
use super::shown::{VerdictView, Wanted};
use super::{auth, live};
use crate::ctx::Ctx;

/// How many verdicts a page has unless told otherwise.
const USUAL_PAGE: usize = 50;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let text = || json!({ "type": "string" });
    let moment = || json!({ "type": "string", "format": "date-time" });
    let path = |name, about| Parameter { name, place: "path", about, schema: json!({ "type": "string" }) };
    let include = || {
        query("include", "`event`: with the event as it came", json!({ "type": "string", "enum": ["event"] }))
    };
    vec![
        Endpoint {
            method: "get",
            path: "/v1/verdicts",
            id: "list_verdicts",
            summary: ("查询判断，或实时接收", "Verdicts, listed or live"),
            description: "As JSON: a page, newest first; `next` is the `cursor` of the page after it. \
                 As text/event-stream: each new verdict as it is stored, with its place in the log as \
                 the event id; send `Last-Event-ID` (or `after`) to go on from there. A stream knows the filters \
                 decision, type, actor, user, account, conversation, campaign and finding.",
            scope: Some(Scope::VerdictsRead),
            parameters: vec![
                query("decision", "One or more of allow, warn, hold, block, with commas", text()),
                query("type", "CloudEvents type", text()),
                query("actor", "Account id of who acts", text()),
                query("user", "Account id of who may come to harm", text()),
                query("account", "Account id of either", text()),
                query("conversation", "Conversation id", text()),
                query("campaign", "Campaign id", text()),
                query("finding", "Name of a finding or rule", text()),
                query("domain", "A domain that the event mentions", text()),
                query("address", "A chain address that the event mentions", text()),
                query("phrase", "Words in the text of events with a finding", text()),
                query(
                    "label",
                    "What a reviewer said",
                    json!({ "type": "string", "enum": ["scam", "benign"] }),
                ),
                query("from", "Came in at or after", moment()),
                query("to", "Came in before", moment()),
                query(
                    "limit",
                    "How many, 1 to 500",
                    json!({ "type": "integer", "minimum": 1, "maximum": 500 }),
                ),
                query("cursor", "The `next` of the page before", text()),
                query("after", "Live: go on after this place in the log", json!({ "type": "integer" })),
                include(),
                Parameter {
                    name: "Last-Event-ID",
                    place: "header",
                    about: "Live: go on after this place in the log",
                    schema: json!({ "type": "integer" }),
                },
            ],
            bodies: Vec::new(),
            answers: vec![Content::of::<VerdictPage>("application/json"), Content::text("text/event-stream")],
            problems: &["bad_request", "not_acceptable"],
            handler: get(list),
        },
        Endpoint {
            method: "get",
            path: "/v1/verdicts/{source}/{id}",
            id: "get_verdict",
            summary: ("查询某个事件的判断", "The verdict on one event"),
            description: "Both parts are percent-encoded: the source `/im/demo` is `%2Fim%2Fdemo`.",
            scope: Some(Scope::VerdictsRead),
            parameters: vec![path("source", "CloudEvents source"), path("id", "CloudEvents id"), include()],
            bodies: Vec::new(),
            answers: vec![Content::of::<VerdictView>("application/json")],
            problems: &["not_found"],
            handler: get(one),
        },
    ]
}

/// A page of verdicts, newest first.
#[derive(Serialize, JsonSchema)]
struct VerdictPage {
    /// What is on it.
    items: Vec<VerdictView>,
    /// Give it as `cursor` to get the next page; null on the last one.
    next: Option<String>,
}

/// What a caller may ask for.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    decision: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    actor: Option<String>,
    user: Option<String>,
    account: Option<String>,
    conversation: Option<String>,
    campaign: Option<String>,
    finding: Option<String>,
    domain: Option<String>,
    address: Option<String>,
    phrase: Option<String>,
    label: Option<String>,
    from: Option<Moment>,
    to: Option<Moment>,
    limit: Option<usize>,
    cursor: Option<String>,
    after: Option<i64>,
    include: Option<String>,
}

impl Asked {
    fn with_event(&self) -> Result<bool, ApiError> {
        match self.include.as_deref() {
            None | Some("") => Ok(false),
            Some("event") => Ok(true),
            Some(_) => Err(bad("`include` may be `event`")),
        }
    }

    fn decisions(&self) -> Result<Vec<Decision>, ApiError> {
        let words = self.decision.as_deref().unwrap_or_default().split(',').map(str::trim);
        words
            .filter(|word| !word.is_empty())
            .map(|word| {
                let found = Decision::ALL.into_iter().find(|it| it.name() == word);
                found.ok_or_else(|| bad("`decision` may be allow, warn, hold and block"))
            })
            .collect()
    }

    fn label(&self) -> Result<Option<Label>, ApiError> {
        match self.label.as_deref() {
            None | Some("") => Ok(None),
            Some("scam") => Ok(Some(Label::Fraud)),
            Some("benign") => Ok(Some(Label::Benign)),
            Some(_) => Err(bad("`label` may be scam or benign")),
        }
    }

    fn entity(&self) -> Result<Option<Entity>, ApiError> {
        match (&self.domain, &self.address) {
            (None, None) => Ok(None),
            (Some(domain), None) => Ok(Some(Entity::new(EntityKind::Domain, domain))),
            (None, Some(address)) => Ok(Some(Entity::new(EntityKind::Address, address))),
            (Some(_), Some(_)) => Err(bad("ask for a domain or an address, not both")),
        }
    }

    fn before(&self) -> Result<Option<Seq>, ApiError> {
        let cursor = self.cursor.as_deref().filter(|it| !it.is_empty());
        cursor.map(|it| it.parse().map(Seq).map_err(|_| bad("`cursor` is not one of ours"))).transpose()
    }

    fn filter(self) -> Result<VerdictFilter, ApiError> {
        Ok(VerdictFilter {
            decisions: self.decisions()?,
            label: self.label()?,
            entity: self.entity()?,
            finding: self.finding,
            actor: self.actor,
            user: self.user,
            account: self.account,
            conversation: self.conversation,
            campaign: self.campaign,
            kind: self.kind,
            phrase: self.phrase.filter(|it| !it.trim().is_empty()),
            from: self.from,
            to: self.to,
        })
    }

    fn wanted(self) -> Result<Wanted, ApiError> {
        let listed_only = self.domain.is_some()
            || self.address.is_some()
            || self.phrase.is_some()
            || self.label.is_some()
            || self.from.is_some()
            || self.to.is_some();
        if listed_only {
            return Err(bad("a live stream does not know domain, address, phrase, label, from and to"));
        }
        Ok(Wanted {
            decisions: self.decisions()?,
            with_event: self.with_event()?,
            kind: self.kind,
            actor: self.actor,
            user: self.user,
            account: self.account,
            conversation: self.conversation,
            campaign: self.campaign,
            finding: self.finding,
        })
    }
}

pub(super) fn bad(detail: &str) -> ApiError {
    ApiError::BadRequest(detail.to_owned())
}

/// The query as `T`; an unknown name in it is an error.
pub(crate) fn asked<T: serde::de::DeserializeOwned>(parts: &Parts) -> Result<T, ApiError> {
    let query = Query::<T>::try_from_uri(&parts.uri);
    query.map(|it| it.0).map_err(|cause| ApiError::BadRequest(cause.body_text()))
}

pub(super) fn read_failed(cause: StoreError) -> ApiError {
    match cause {
        StoreError::NotFound => ApiError::NotFound,
        other => ApiError::store(other),
    }
}

async fn list(State(ctx): State<Ctx>, parts: Parts) -> Result<Response, ApiError> {
    auth::reader(&ctx, &parts, Scope::VerdictsRead).await?;
    let asked: Asked = asked(&parts)?;
    if wants_stream(&parts.headers) {
        let after = match parts.headers.get("last-event-id") {
            Some(id) => Some(
                id.to_str()
                    .ok()
                    .and_then(|it| it.parse().ok())
                    .ok_or_else(|| bad("`Last-Event-ID` is not one of ours"))?,
            ),
            None => asked.after,
        };
        let after = after.map_or_else(|| ctx.hub.head(), Seq);
        return live::stream(&ctx, after, asked.wanted()?);
    }
    let (with_event, before) = (asked.with_event()?, asked.before()?);
    let limit = asked.limit.unwrap_or(USUAL_PAGE);
    let page = ctx.store.verdicts(&asked.filter()?, before, limit).await.map_err(read_failed)?;
    Ok(Json(VerdictPage {
        items: page.items.into_iter().map(|it| VerdictView::of(it, with_event)).collect(),
        next: page.next.map(|it| it.0.to_string()),
    })
    .into_response())
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|kind| kind.split(';').next().unwrap_or_default().trim() == "text/event-stream")
}

async fn one(
    State(ctx): State<Ctx>,
    Path((source, id)): Path<(String, String)>,
    parts: Parts,
) -> Result<Json<VerdictView>, ApiError> {
    auth::reader(&ctx, &parts, Scope::VerdictsRead).await?;
    let asked: Asked = asked(&parts)?;
    let stored = ctx.store.verdict_on(&EventKey { source, id }).await.map_err(read_failed)?;
    Ok(Json(VerdictView::of(stored, asked.with_event()?)))
}
