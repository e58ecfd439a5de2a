//! Actions as pages and programs see them.

use schemars::JsonSchema;
use serde::Serialize;
use touchstone_actions::{Action, State};
use touchstone_types::Moment;

/// An action.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ActionView {
    /// Its name, and the key under which it is done once.
    pub id: String,
    /// `freeze`, `unfreeze` or `revoke_sessions`.
    pub kind: &'static str,
    /// `asked`, `sent`, `unclear`, `acknowledged`, `refused`, `dead`, `lapsed` or `undone`.
    pub state: &'static str,
    /// Since when.
    pub since: Moment,
    /// When it was asked for.
    pub requested: Moment,
    /// When it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// Reference of the case.
    pub case: String,
    /// The freeze that it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
    /// Whether it is a trial, which nobody was asked for.
    pub simulated: bool,
    /// Who asked; for the staff.
    #[serde(skip)]
    pub by: String,
    /// Who agreed; for the staff.
    #[serde(skip)]
    pub second: Option<String>,
    /// What the other side said last; for the staff.
    #[serde(skip)]
    pub said: String,
    /// How many calls were made; for the staff.
    #[serde(skip)]
    pub calls: u32,
    /// Whether it is a freeze that may still be ended.
    #[serde(skip)]
    pub may_be_undone: bool,
    /// Whether a person may let it be tried again.
    #[serde(skip)]
    pub may_be_retried: bool,
}

impl From<Action> for ActionView {
    fn from(it: Action) -> Self {
        let freeze = it.kind == touchstone_actions::Kind::Freeze;
        Self {
            kind: it.kind.name(),
            state: it.state.name(),
            since: it.since,
            requested: it.requested,
            until: it.lapses,
            simulated: it.simulated,
            calls: it.calls(),
            may_be_undone: freeze && !it.has_ended() && it.state != State::Refused,
            may_be_retried: matches!(it.state, State::Dead | State::Refused),
            id: it.id,
            case: it.case,
            undoes: it.undoes,
            by: it.by,
            second: it.second,
            said: it.said,
        }
    }
}

/// Something that waits for a second person.
#[derive(Clone, Debug)]
pub struct ApprovalView {
    /// Number.
    pub id: i64,
    /// Reference of the case.
    pub case: String,
    /// What for, as a word.
    pub power: String,
    /// Of a refund how much; else empty.
    pub amount: String,
    /// Login name of whoever asks.
    pub asked_by: String,
    /// When.
    pub asked: Moment,
    /// Until when somebody may agree.
    pub until: Moment,
    /// Why, in the words of whoever asks.
    pub reason: String,
    /// Whether it is a trial.
    pub simulated: bool,
}
