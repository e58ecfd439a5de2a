use axum::Json;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::routing::{get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use touchstone_accounts::Scope;
use touchstone_policy::{Problem, SourceFile};
use touchstone_types::PolicyHash;

use super::auth;
use super::endpoint::{Content, Endpoint};
use super::error::{ApiError, Place};
use super::events::read;
use crate::armed::Armed;
use crate::ctx::Ctx;
use crate::policies::{self, Change, ChangeError};

/// The largest policy, in bytes of JSON.
const MAX_BYTES: usize = 8 * 1024 * 1024;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let endpoint = |method, path, id, summary, description, scope, bodies, problems, handler| Endpoint {
        method,
        path,
        id,
        summary,
        description,
        scope: Some(scope),
        parameters: Vec::new(),
        bodies,
        answers: vec![Content::of::<PolicyView>("application/json")],
        problems,
        handler,
    };
    let example =
        json!({ "files": [{ "path": "policy.toml", "text": "…" }], "note": "", "status": "candidate" });
    let new = Content { example: Some(example), ..Content::of::<NewPolicy>("application/json") };
    vec![
        endpoint(
            "get",
            "/v1/policy",
            "get_policy",
            ("当前策略", "Which policy judges, and which one watches"),
            "",
            Scope::VerdictsRead,
            Vec::new(),
            &[],
            get(show),
        ),
        endpoint(
            "post",
            "/v1/policy",
            "post_policy",
            ("启用新策略，或先旁路观察", "Make a policy live, or let it watch first"),
            "`live`: judges from the next event on; no event is missed while it is put in place. `candidate`: judges the \
             same events beside the live one, answers nothing; events on which it decides otherwise are counted and found as the finding \
             `candidate:DECISION`. A policy that does not compile is refused with every place that is wrong, and \
             nothing changes.",
            Scope::Admin,
            vec![new],
            &["bad_request", "too_slow", "too_large", "broken_policy"],
            post(replace),
        ),
        endpoint(
            "post",
            "/v1/policy/withdraw",
            "withdraw_candidate",
            ("撤回旁路策略", "Stop the candidate"),
            "",
            Scope::Admin,
            Vec::new(),
            &["not_found"],
            post(withdraw),
        ),
    ]
}

/// A policy to be used.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPolicy {
    /// Every file of it.
    files: Vec<NewFile>,
    /// Why.
    #[serde(default)]
    note: String,
    /// What for.
    status: NewStatus,
}

/// One file of a policy.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewFile {
    /// Path below the policy's directory.
    path: String,
    /// What is in it.
    text: String,
}

/// What a policy is to be used for.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum NewStatus {
    /// Gives the verdicts.
    Live,
    /// Only watches.
    Candidate,
}

/// The policies in use.
#[derive(Serialize, JsonSchema)]
struct PolicyView {
    /// The one that gives the verdicts.
    live: PolicyName,
    /// The one that watches.
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate: Option<PolicyName>,
}

/// Which policy.
#[derive(Serialize, JsonSchema)]
struct PolicyName {
    /// Hash of its files, as verdicts carry it.
    hash: PolicyHash,
    /// Its id, as it says itself.
    id: String,
    /// Its version, as it says itself.
    version: String,
}

impl PolicyView {
    fn of(armed: &Armed) -> Self {
        let name = |policy: &touchstone_screening::Policy| PolicyName {
            hash: policy.hash(),
            id: policy.core().id().to_owned(),
            version: policy.core().version().to_owned(),
        };
        Self { live: name(&armed.policy), candidate: armed.candidate.as_deref().map(name) }
    }
}

async fn show(State(ctx): State<Ctx>, parts: Parts) -> Result<Json<PolicyView>, ApiError> {
    auth::reader(&ctx, &parts, Scope::VerdictsRead).await?;
    Ok(Json(PolicyView::of(&ctx.live.now())))
}

async fn replace(State(ctx): State<Ctx>, request: Request) -> Result<Json<PolicyView>, ApiError> {
    let (parts, body) = request.into_parts();
    let key = auth::reader(&ctx, &parts, Scope::Admin).await?;
    let bytes = read(body, &parts.headers, MAX_BYTES, ctx.config.limits.body_seconds).await?;
    let new: NewPolicy =
        serde_json::from_slice(&bytes).map_err(|cause| ApiError::BadRequest(cause.to_string()))?;
    let files = new.files.into_iter().map(|it| SourceFile { path: it.path, text: it.text }).collect();
    let change = match new.status {
        NewStatus::Live => Change::Live(files),
        NewStatus::Candidate => Change::Candidate(files),
    };
    let by = format!("key:{}", key.id);
    let armed = policies::change(&ctx, change, &by, &new.note).await.map_err(refused)?;
    Ok(Json(PolicyView::of(&armed)))
}

async fn withdraw(State(ctx): State<Ctx>, parts: Parts) -> Result<Json<PolicyView>, ApiError> {
    let key = auth::reader(&ctx, &parts, Scope::Admin).await?;
    if ctx.live.now().candidate.is_none() {
        return Err(ApiError::NotFound);
    }
    let by = format!("key:{}", key.id);
    let armed = policies::change(&ctx, Change::Withdraw, &by, "").await.map_err(refused)?;
    Ok(Json(PolicyView::of(&armed)))
}

fn refused(cause: ChangeError) -> ApiError {
    match cause {
        ChangeError::Broken(problems) => ApiError::BrokenPolicy(problems.into_iter().map(place).collect()),
        ChangeError::Store(cause) => ApiError::store(cause),
        ChangeError::Stopping => {
            ApiError::Unavailable { reason: "the server is stopping", wait: 5, cause: None }
        }
    }
}

fn place(it: Problem) -> Place {
    Place {
        file: it.file,
        line: it.line,
        column: it.column,
        reason: it.message,
        hint: it.hint.unwrap_or_default(),
    }
}
