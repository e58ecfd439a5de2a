//! Where the operator's systems say by themselves what became of an action, and end a freeze.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::routing::{get, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use touchstone_accounts::Scope;
use touchstone_actions::{Event, NotAuthorised};

use super::becomes::{happens, undo_by_key};
use super::error::ActionError;
use super::record::opened;
use super::shown::ActionView;
use crate::api::auth;
use crate::api::endpoint::{Content, Endpoint, Parameter};
use crate::api::error::ApiError;
use crate::cases::By;
use crate::ctx::Ctx;

const JSON: &str = "application/json";
/// The most of a reason that is kept, in characters.
const REASON: usize = 300;

/// Every endpoint of this part.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    let id = || {
        vec![Parameter {
            name: "id",
            place: "path",
            about: "The action, as `data.action` of the webhook names it",
            schema: json!({ "type": "string" }),
        }]
    };
    let body = |content: Content, example| vec![Content { example: Some(example), ..content }];
    vec![
        Endpoint {
            method: "get",
            path: "/v1/actions/{id}",
            id: "get_action",
            summary: ("查看一项处置的进展", "How an action stands"),
            description: "`acknowledged`, `refused`, `lapsed` and `undone` are known; `sent` and `unclear` are not \
                          yet.",
            scope: Some(Scope::ActionsWrite),
            parameters: id(),
            bodies: Vec::new(),
            answers: vec![Content::of::<ActionView>(JSON)],
            problems: &["not_found"],
            handler: get(show),
        },
        Endpoint {
            method: "post",
            path: "/v1/actions/{id}/ack",
            id: "acknowledge_action",
            summary: ("回报一项处置已完成或被拒绝", "Say that an action is done, or will not be"),
            description: "For systems that answer a webhook with `pending` and finish later. Saying it twice changes \
                          nothing. A refusal calls a person at once.",
            scope: Some(Scope::ActionsWrite),
            parameters: id(),
            bodies: body(Content::of::<Acknowledgement>(JSON), json!({ "status": "done" })),
            answers: vec![Content::of::<ActionView>(JSON)],
            problems: &["bad_request", "not_found", "conflict"],
            handler: post(acknowledge),
        },
        Endpoint {
            method: "post",
            path: "/v1/actions/{id}/undo",
            id: "undo_action",
            summary: ("凭证明提前解除冻结", "End a freeze before its time, with proof"),
            description: "The proof is kept with the case. The end is sent as `action.unfreeze`, until it is \
                          acknowledged.",
            scope: Some(Scope::ActionsWrite),
            parameters: id(),
            bodies: body(
                Content::of::<Undo>(JSON),
                json!({ "proof": "Owner came to the counter with passport; two questions answered." }),
            ),
            answers: vec![Content::of::<ActionView>(JSON)],
            problems: &["bad_request", "not_found", "conflict"],
            handler: post(undo),
        },
    ]
}

impl From<ActionError> for ApiError {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::NotFound => ApiError::NotFound,
            ActionError::Changed => ApiError::Conflict("it was changed meanwhile"),
            ActionError::NotSetUp => ApiError::NotSetUp("no address for actions is set up"),
            ActionError::EnoughForToday => ApiError::Conflict("this account was frozen today already"),
            ActionError::IsClosed => ApiError::Conflict("the case is closed"),
            ActionError::Unexpected(_) => ApiError::Conflict("it does not fit how the action stands"),
            ActionError::NotAuthorised(NotAuthorised::NeedsSecond(_)) => {
                ApiError::Conflict("a second person has to agree")
            }
            ActionError::NotAuthorised(_) => ApiError::Conflict("nobody gave leave for this"),
            ActionError::NoAccount
            | ActionError::NeedsReason
            | ActionError::TooLittle(_)
            | ActionError::BadAccount(_) => ApiError::BadRequest(error.to_string()),
            ActionError::Flow(cause) => cause.into(),
        }
    }
}

/// What became of an action.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Acknowledgement {
    /// `done` or `refused`.
    status: Came,
    /// Why it was refused; for the staff, at most 300 characters.
    #[serde(default)]
    reason: String,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Came {
    /// It is done.
    Done,
    /// It will not be done.
    Refused,
}

impl Acknowledgement {
    fn parse(self) -> Event {
        match self.status {
            Came::Done => Event::Acknowledged,
            Came::Refused => {
                let why: String = self.reason.chars().filter(|it| !it.is_control()).take(REASON).collect();
                Event::Refused(if why.is_empty() { "refused".to_owned() } else { why })
            }
        }
    }
}

/// What proves that a freeze may end.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Undo {
    /// 10 to 2000 characters: how it was known that it is the owner.
    proof: String,
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|cause| ApiError::BadRequest(cause.to_string()))
}

async fn show(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    parts: Parts,
) -> Result<Json<ActionView>, ApiError> {
    auth::reader(&ctx, &parts, Scope::ActionsWrite).await?;
    let kept = ctx.store.action(&id).await.map_err(ActionError::from)?;
    Ok(Json(opened(&ctx, kept)?.into()))
}

async fn acknowledge(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    parts: Parts,
    body: axum::body::Bytes,
) -> Result<Json<ActionView>, ApiError> {
    let key = auth::reader(&ctx, &parts, Scope::ActionsWrite).await?;
    let event = read::<Acknowledgement>(&body)?.parse();
    let next = happens(&ctx, &id, &By::Key(key.id.clone()), &event).await?;
    Ok(Json(next.action.into()))
}

async fn undo(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    parts: Parts,
    body: axum::body::Bytes,
) -> Result<Json<ActionView>, ApiError> {
    let key = auth::reader(&ctx, &parts, Scope::ActionsWrite).await?;
    let Undo { proof } = read(&body)?;
    Ok(Json(undo_by_key(&ctx, &key.id, &id, &proof).await?))
}
