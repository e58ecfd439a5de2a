//! What waits for a second person.

use serde_json::json;
use touchstone_actions::{NotAuthorised, Permit, Power, PowerName, Second};
use touchstone_store::{ActionChange, EntryKind, Member, NewApproval};

use super::ask::{Asking, Given, Wanted, person, staff};
use super::error::ActionError;
use super::record::{Sealed, record, unseal};
use super::shown::ApprovalView;
use crate::cases::{Damaged, Doing, Note, by_staff as named, flow};
use crate::ctx::Ctx;

/// A second person agrees, or not, to what another one asked for. Whoever asked may take it back.
///
/// # Errors
/// [`ActionError`]: then it waits as before.
pub async fn approve(ctx: &Ctx, member: &Member, id: i64, agreed: bool) -> Result<Given, ActionError> {
    let approval = ctx.store.approval(id).await?;
    if approval.agreed.is_some() {
        return Err(ActionError::Changed);
    }
    let open = flow::open(ctx, approval.case).await?;
    let sealed = unseal(ctx, &approval.reference, "approvals", &approval.wanted.sealed)?;
    let wanted = wanted_before(&approval.wanted, &sealed)?;
    let decides = ActionChange::Decided { id, agreed, by: member.login.clone() };
    if !agreed {
        let may = ctx.actions.authority.permit(&staff(member), &wanted.power());
        if may == Permit::No && approval.wanted.asked_by != member.login {
            let (who, power) = (member.login.clone(), wanted.power());
            return Err(NotAuthorised::No { who, power }.into());
        }
        let detail = json!({ "power": approval.wanted.power, "amount": approval.wanted.amount,
            "state": "declined", "simulated": approval.wanted.simulated });
        let note = Note::plain(EntryKind::Action, detail).internal();
        let by = named(ctx, member).await?;
        record(ctx, approval.case, &by, Doing::record(note), vec![decides]).await?;
        return Ok(Given::Allowed);
    }
    // Whoever asked must still be here, and still have the power.
    let first = ctx.store.member_by_login(&approval.wanted.asked_by).await?;
    if first.disabled.is_some() {
        let (who, power) = (first.login, wanted.power());
        return Err(NotAuthorised::No { who, power }.into());
    }
    let asking = Asking {
        member: &first,
        open: &open,
        reason: &sealed.reason,
        simulated: approval.wanted.simulated,
        second: Some(Second { staff: person(member), asked: approval.asked }),
        decides: Some(decides),
    };
    asking.leave(ctx, &wanted).await
}

fn wanted_before(it: &NewApproval, sealed: &Sealed) -> Result<Wanted, ActionError> {
    let power = power_of(&it.power, &it.amount).ok_or(Damaged)?;
    Ok(match power {
        Power::Freeze => Wanted::Freeze(sealed.account.parse()?),
        Power::RevokeSessions => Wanted::RevokeSessions(sealed.account.parse()?),
        Power::Unfreeze => {
            let action = it.undoes.clone().ok_or(ActionError::NotFound)?;
            Wanted::Unfreeze { action, proof: sealed.reason.parse()? }
        }
        other => Wanted::Other(other),
    })
}

/// The power of that name, with its amount.
pub(super) fn power_of(name: &str, amount: &str) -> Option<Power> {
    Some(match name.parse().ok()? {
        PowerName::Freeze => Power::Freeze,
        PowerName::Unfreeze => Power::Unfreeze,
        PowerName::RevokeSessions => Power::RevokeSessions,
        PowerName::Refund => Power::Refund(amount.parse().ok()?),
        PowerName::Disclose => Power::Disclose,
        PowerName::Close => Power::Close,
        PowerName::Override => Power::Override,
    })
}

/// What waits for a second person now; of one case, or of all.
///
/// # Errors
/// [`ActionError`].
pub async fn waiting(ctx: &Ctx, case: Option<i64>) -> Result<Vec<ApprovalView>, ActionError> {
    let open = ctx.store.open_approvals(case, ctx.clock.now()).await?;
    let view = |it: touchstone_store::Approval| {
        let Sealed { reason, .. } = unseal(ctx, &it.reference, "approvals", &it.wanted.sealed)?;
        Ok(ApprovalView {
            id: it.id,
            case: it.reference,
            power: it.wanted.power,
            amount: it.wanted.amount,
            asked_by: it.wanted.asked_by,
            asked: it.asked,
            until: it.wanted.until,
            reason,
            simulated: it.wanted.simulated,
        })
    };
    open.into_iter().map(view).collect()
}
