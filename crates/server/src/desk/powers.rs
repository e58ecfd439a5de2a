//! What can be done to the world from a case: by whose leave is `actions`' to say.

use axum::extract::{Path, State};
use axum::response::Response;
use touchstone_actions::{Permit, Power, PowerName, Staff as Person, Who};
use touchstone_cases::Outcome;
use touchstone_store::{EntryKind, Member};
use touchstone_types::Lapse;

use super::acts::{Act, Came};
use super::rows::{Names, dashed};
use super::tell;
use super::views::{ActionView, ApprovalView, PowerView, World};
use crate::actions::{self, ActionError, Given, Mode, Wish};
use crate::cases::{FlowError, Open, flow};
use crate::console::shell::Shell;
use crate::console::staff::{Instead, Sent};
use crate::ctx::Ctx;

/// What a case's page offers; ending a freeze is beside the freeze, and closing has its own form.
const OFFERED: [PowerName; 5] = [
    PowerName::Freeze,
    PowerName::RevokeSessions,
    PowerName::Refund,
    PowerName::Disclose,
    PowerName::Override,
];
/// How far back leave for closing is looked for, in entries.
const BACK: i64 = 100;

fn who(member: &Member) -> Who {
    Who::Staff(Person { login: member.login.clone(), roles: member.roles.clone() })
}

/// Leave for a power; of a refund that for the smallest amount, as its limit depends on the amount.
fn permit(ctx: &Ctx, member: &Member, power: PowerName) -> Permit {
    let least = |money: &str| money.parse().ok().map(Power::Refund);
    let powers = match power {
        PowerName::Freeze => vec![Power::Freeze],
        PowerName::Unfreeze => vec![Power::Unfreeze],
        PowerName::RevokeSessions => vec![Power::RevokeSessions],
        PowerName::Refund => ["1 USDT", "1 USDC", "1 CNY"].into_iter().filter_map(least).collect(),
        PowerName::Disclose => vec![Power::Disclose],
        PowerName::Close => vec![Power::Close],
        PowerName::Override => vec![Power::Override],
    };
    let who = who(member);
    powers.iter().map(|it| ctx.actions.authority.permit(&who, it)).max().unwrap_or(Permit::No)
}

/// What may be done from a case by whoever reads it, what was done, and what waits.
pub(super) async fn views(
    ctx: &Ctx,
    s: &Shell,
    names: &Names,
    member: &Member,
    open: &Open,
) -> Result<World, ActionError> {
    let may_end = permit(ctx, member, PowerName::Unfreeze) > Permit::No;
    let done = actions::of_case(ctx, open.row.id).await?;
    let waiting = actions::waiting(ctx, Some(open.row.id)).await?;
    let powers = match open.case.is_open() {
        true => OFFERED.iter().filter_map(|it| power(ctx, s, member, *it)).collect(),
        false => Vec::new(),
    };
    let action = |it: actions::ActionView| ActionView {
        what: s.t(&format!("power-{}", dashed(it.kind))),
        state: s.t(&format!("action-state-{}", it.state)),
        class: match it.state {
            "acknowledged" => "good",
            "refused" | "dead" => "bad",
            "unclear" => "warn",
            _ => "",
        },
        until: it.until.map(|until| until.to_string()),
        simulated: it.simulated,
        undo: (it.may_be_undone && may_end).then_some(it.id),
    };
    let approval = |it: actions::ApprovalView| ApprovalView {
        what: format!("{} {}", s.t(&format!("power-{}", dashed(&it.power))), it.amount),
        why: it.reason,
        asked_by: names.of(&it.asked_by),
        until: it.until.to_string(),
    };
    Ok(World {
        powers,
        actions: done.into_iter().map(action).collect(),
        approvals: waiting.into_iter().map(approval).collect(),
        off: ctx.actions.mode() == Mode::Off,
    })
}

fn power(ctx: &Ctx, s: &Shell, member: &Member, name: PowerName) -> Option<PowerView> {
    let delivered = matches!(name, PowerName::Freeze | PowerName::RevokeSessions);
    let permit = permit(ctx, member, name);
    if permit == Permit::No || (delivered && ctx.actions.mode() == Mode::Off) {
        return None;
    }
    Some(PowerView {
        name: name.as_str(),
        label: s.t(&format!("power-{}", dashed(name.as_str()))),
        about: s.t(&format!("desk-power-{}", dashed(name.as_str()))),
        amount: name == PowerName::Refund,
        danger: delivered,
        second: permit == Permit::WithSecond,
    })
}

/// What a form asks for.
fn wish(act: &Act) -> Option<Result<Wish, &'static str>> {
    let reason = act.field("reason").to_owned();
    Some(Ok(match act.field("power") {
        "freeze" => Wish::Freeze,
        "revoke_sessions" => Wish::RevokeSessions,
        "unfreeze" => Wish::Unfreeze { action: act.field("action").to_owned(), proof: reason },
        "refund" => match act.field("amount").parse() {
            Ok(money) => Wish::Refund(money),
            Err(_) => return Some(Err("desk-problem-amount")),
        },
        "disclose" => Wish::Disclose,
        "override" => Wish::Override,
        _ => return None,
    }))
}

/// `POST …/power`: something is asked for, at once or of a second person.
pub(super) async fn ask(
    State(ctx): State<Ctx>,
    Path(reference): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    let act = Act::begin(&ctx, sent, &reference, "power").await?;
    let came = do_ask(&ctx, &act).await;
    act.finish(&ctx, "power", came).await
}

async fn do_ask(ctx: &Ctx, act: &Act) -> Came {
    let wish = match wish(act) {
        Some(Ok(wish)) => wish,
        Some(Err(key)) => return Came::Not(act.t(key)),
        None => return Came::To("desk-changed-nothing"),
    };
    if crate::cases::holds_secret(act.field("reason")) {
        return Came::Not(act.t("desk-problem-secret"));
    }
    let member = &act.sent.staff.member;
    match actions::by_staff(ctx, member, &act.open, wish, None, act.field("reason"), false).await {
        Ok(Given::WaitsForSecond(_)) => Came::To("desk-power-waits"),
        Ok(_) => Came::To("desk-power-asked"),
        Err(error) => Came::Not(act.t(error.text_key())),
    }
}

/// Whether somebody else agreed a while ago that this person may close this case.
async fn has_leave(ctx: &Ctx, act: &Act) -> Result<bool, FlowError> {
    let open = &act.open;
    let told = flow::timeline(ctx, &open.row, (open.row.entries - BACK).max(0), 200).await?;
    let within: Lapse = ctx.actions.authority.second_within();
    let recent = |at| ctx.clock.now().since(at) <= within;
    Ok(told.iter().any(|it| {
        let says = |name: &str, value: &str| it.detail.get(name).is_some_and(|it| it == value);
        it.kind == EntryKind::Action
            && says("power", "close")
            && says("state", "allowed")
            && it.by.login() == Some(act.sent.staff.login())
            && recent(it.at)
    }))
}

/// Closes a case with what the victim has been shown to read; where the operator wants two people
/// for it, another one agrees first.
pub(super) async fn close(ctx: &Ctx, act: &Act, outcome: Outcome, reason: &str) -> Came {
    let s = &act.sent.staff.shell;
    match permit(ctx, &act.sent.staff.member, PowerName::Close) {
        Permit::No => return Came::Not(act.t("desk-problem-may-not")),
        Permit::WithSecond if !has_leave(ctx, act).await.unwrap_or(false) => {
            let member = &act.sent.staff.member;
            return match actions::by_staff(ctx, member, &act.open, Wish::Close, None, reason, false).await {
                Ok(_) => Came::Not(act.t("desk-close-waits")),
                Err(error) => Came::Not(act.t(error.text_key())),
            };
        }
        Permit::WithSecond | Permit::Alone => {}
    }
    match flow::close(ctx, act.open.row.id, &act.by, outcome, reason).await {
        Ok(_) => Came::To("desk-was-closed"),
        Err(error) => Came::Not(tell::problem(s, &error)),
    }
}
