//! What is said to the other side and what it says: JSON bodies of Standard Webhooks.

use serde::{Deserialize, Serialize};
use touchstone_types::Moment;

use crate::{Action, Call, Kind, Reply};

/// The most of a reason that is kept, in characters.
const REASON: usize = 300;

/// A message to the operator's systems: the specification's `type`, `timestamp` and `data`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// `action.freeze`, `action.unfreeze`, `action.revoke_sessions` or `action.query`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When the action was asked for: the same in every attempt.
    pub timestamp: Moment,
    /// What is asked for.
    pub data: Data,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The action's id: what comes again under it is the same and is done once.
    pub action: String,
    /// The operator's name of the account.
    pub account: String,
    /// Reference of the case.
    pub case: String,
    /// `staff`, `victim`, `operator` or `lapse`. Who of the staff it was stays here.
    pub by: String,
    /// When it ends by itself; whoever hears of it later does nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// The freeze that is to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
}

impl Action {
    /// The id of the message and its body. The same action gives the same body each time it is asked
    /// for, under the same id; a question has an id of its own each time.
    #[must_use]
    pub fn message(&self, call: Call) -> (String, String) {
        let (id, kind) = match call {
            Call::Ask => (self.id.clone(), self.kind.message()),
            Call::Query => (format!("{}_q{}", self.id, self.queries), "action.query"),
        };
        let by = match self.by.as_str() {
            known @ ("victim" | "lapse") => known,
            key if key.starts_with("key:") => "operator",
            _ => "staff",
        };
        let data = Data {
            action: self.id.clone(),
            account: self.account.as_str().to_owned(),
            case: self.case.clone(),
            by: by.to_owned(),
            until: self.lapses,
            undoes: self.undoes.clone(),
        };
        let ask = Ask { kind: kind.to_owned(), timestamp: self.requested, data };
        // Text and numbers only: it cannot fail.
        (id, serde_json::to_string(&ask).unwrap_or_default())
    }
}

impl Kind {
    /// The `type` of the message.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Kind::Freeze => "action.freeze",
            Kind::Unfreeze => "action.unfreeze",
            Kind::RevokeSessions => "action.revoke_sessions",
        }
    }
}

/// The body of an answer.
#[derive(Serialize, Deserialize)]
struct Answer {
    status: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reason: String,
}

/// What the other side writes: `status` is `done`, `pending`, `refused` or `unknown`.
#[must_use]
pub fn answer(status: &str, reason: &str) -> String {
    let answer = Answer { status: status.to_owned(), reason: reason.to_owned() };
    serde_json::to_string(&answer).unwrap_or_default()
}

/// What an HTTP answer says of an action. A success without a word means that the message was taken
/// (as Standard Webhooks has it), not that anything was done. Below 500 a "no" is sure: nothing was
/// done; all else may have been done.
#[must_use]
pub fn read_reply(call: Call, http: u16, body: &[u8]) -> Reply {
    let said: Option<Answer> = serde_json::from_slice(body).ok();
    let status = said.as_ref().map_or("", |it| it.status.as_str());
    let reason = || match said.as_ref().map(|it| it.reason.as_str()).filter(|it| !it.is_empty()) {
        Some(reason) => reason.chars().filter(|it| !it.is_control()).take(REASON).collect(),
        None => format!("HTTP {http}"),
    };
    match (http, status, call) {
        (200..500, "refused", _) => Reply::Refused(reason()),
        (200..300, "done", _) => Reply::Done,
        (200..300, "pending", _) => Reply::Pending,
        (200..300, "unknown", Call::Query) => Reply::Unknown,
        (200..300, _, Call::Ask) => Reply::Pending,
        (400..500, _, Call::Ask) => Reply::NotDone(reason()),
        _ => Reply::Unclear(reason()),
    }
}
