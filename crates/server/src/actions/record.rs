//! An action and the record of its case: sealed, kept in one transaction, opened again.

use serde::{Deserialize, Serialize};
use serde_json::json;
use touchstone_actions::{Action, Call, Next, State, Step};
use touchstone_store::{ActionChange, EntryKind, KeptAction, NewDutyPage, StoreError};

use super::error::ActionError;
use super::shown::ActionView;
use crate::cases::{By, Damaged, Doing, FlowError, Note, Place, flow};
use crate::ctx::Ctx;

/// What is kept sealed with an action or an approval.
#[derive(Serialize, Deserialize)]
pub(super) struct Sealed {
    pub id: String,
    pub account: String,
    pub reason: String,
}

pub(super) fn seal(
    ctx: &Ctx,
    reference: &str,
    table: &'static str,
    it: &Sealed,
) -> Result<Vec<u8>, ActionError> {
    let place = Place { reference, table, n: 0 };
    let text = serde_json::to_vec(it).map_err(|cause| ActionError::Flow(FlowError::BadReport(cause)))?;
    Ok(ctx.cases.vault.seal(place, &text)?)
}

pub(super) fn unseal(
    ctx: &Ctx,
    reference: &str,
    table: &'static str,
    sealed: &[u8],
) -> Result<Sealed, ActionError> {
    let text = ctx.cases.vault.open(Place { reference, table, n: 0 }, sealed)?;
    serde_json::from_slice(&text).map_err(|cause| ActionError::Flow(FlowError::BadReport(cause)))
}

/// An action with what was sealed.
pub(super) fn opened(ctx: &Ctx, kept: KeptAction) -> Result<Action, ActionError> {
    let Sealed { id, account, reason } = unseal(ctx, &kept.action.case, "actions", &kept.sealed)?;
    if id != kept.action.id {
        return Err(Damaged.into());
    }
    Ok(kept.open(account.parse()?, reason))
}

/// As it is written for the first time.
fn new(ctx: &Ctx, action: Action) -> Result<ActionChange, ActionError> {
    let account = action.account.as_str();
    let mark = ctx.cases.vault.mark("account", account);
    let it = Sealed { id: action.id.clone(), account: account.to_owned(), reason: action.reason.clone() };
    let sealed = seal(ctx, &action.case, "actions", &it)?;
    Ok(ActionChange::New { action, sealed, mark })
}

/// The action and the case's record of it are kept, after what else belongs to it; the sender is
/// woken.
///
/// # Errors
/// [`ActionError`]; [`ActionError::Changed`] if what comes `first` no longer fits.
pub(super) async fn begin(
    ctx: &Ctx,
    case: i64,
    by: &By,
    action: Action,
    first: Option<ActionChange>,
) -> Result<ActionView, ActionError> {
    let note = told(&action, action.state);
    let mut changes: Vec<_> = first.into_iter().collect();
    changes.push(new(ctx, action.clone())?);
    record(ctx, case, by, Doing::record(note), changes).await?;
    ctx.actions.wake.notify_one();
    Ok(action.into())
}

/// What the case's record says of an action. A trial of the staff's is none of the victim's business.
fn told(action: &Action, state: State) -> Note {
    let detail = json!({
        "action": action.id, "kind": action.kind.name(), "state": state.name(),
        "until": action.lapses.map(|it| it.to_string()), "simulated": action.simulated,
    });
    let visible = !action.simulated || action.by == "victim";
    Note { kind: EntryKind::Action, text: None, detail, visible }
}

/// Keeps what follows from an event; where there is something to tell, with the case.
pub(super) async fn keep(
    ctx: &Ctx,
    case: i64,
    version: i64,
    next: &Next,
    by: &By,
    decides: Option<ActionChange>,
) -> Result<(), ActionError> {
    let (action, now) = (next.action.clone(), ctx.clock.now());
    let begins = next.steps.iter().find_map(|it| match it {
        Step::Call(call) => Some(*call),
        _ => None,
    });
    if next.steps.iter().all(|it| matches!(it, Step::Call(_))) && decides.is_none() {
        return match ctx.store.save_action(&action, version, begins.map(|it| (it, now))).await {
            Err(StoreError::Conflict(_)) => Err(ActionError::Changed),
            other => Ok(other?),
        };
    }
    let mut told = Telling { notes: Vec::new(), pages: false, changes: decides.into_iter().collect() };
    for step in &next.steps {
        told.step(ctx, &action, step)?;
    }
    told.changes.push(ActionChange::Changed { action, version, begins });
    told.write(ctx, case, by, &next.action.id).await
}

/// What a case's change says of an action.
struct Telling {
    notes: Vec<Note>,
    pages: bool,
    changes: Vec<ActionChange>,
}

impl Telling {
    fn step(&mut self, ctx: &Ctx, action: &Action, step: &Step) -> Result<(), ActionError> {
        match step {
            Step::Call(_) => {}
            Step::Record(state) => self.notes.push(told(action, *state)),
            Step::Lift(lift) => self.changes.push(new(ctx, (**lift).clone())?),
            Step::Page => {
                self.pages = true;
                let detail = json!({ "because": "action", "action": action.id, "kind": action.kind.name() });
                self.notes.push(Note::plain(EntryKind::Paged, detail));
            }
        }
        Ok(())
    }

    async fn write(self, ctx: &Ctx, case: i64, by: &By, id: &str) -> Result<(), ActionError> {
        let Telling { notes, pages, changes } = self;
        let lifts = changes.iter().any(|it| matches!(it, ActionChange::New { .. }));
        let mut doing = notes.into_iter().fold(Doing::new(touchstone_cases::Event::Tick), Doing::note);
        if pages {
            let about = id.to_owned();
            doing = doing.with(move |change| {
                let (level, why) = (change.standing.level, "action".to_owned());
                change.pages.push(NewDutyPage { level, to: None, why, detail: about.clone() });
            });
        }
        record(ctx, case, by, doing, changes).await?;
        if lifts {
            ctx.actions.wake.notify_one();
        }
        Ok(())
    }
}

/// What a case's record says, and what is written of actions with it.
pub(super) async fn record(
    ctx: &Ctx,
    case: i64,
    by: &By,
    doing: Doing,
    changes: Vec<ActionChange>,
) -> Result<(), ActionError> {
    let doing = doing.with(move |change| change.actions.extend(changes.iter().cloned()));
    match flow::happen(ctx, case, by, doing).await {
        // The case is there, so it is the action, or its approval, that was changed meanwhile.
        Err(FlowError::NotFound) => Err(ActionError::Changed),
        other => Ok(other.map(drop)?),
    }
}

/// What a call is called in counters and in the record of calls.
pub(super) const fn name(call: Call) -> &'static str {
    match call {
        Call::Ask => "ask",
        Call::Query => "query",
    }
}
