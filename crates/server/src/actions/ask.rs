//! Each way to ask for an action: leave first, then the record.

use serde_json::json;
use touchstone_actions::{
    Account, Action, Authorised, Deed, Deliverable, Freeze, Kind, Money, NotAuthorised, Power, Proof,
    RevokeSessions, Second, Staff, State, Unfreeze, Who,
};
use touchstone_store::{ActionChange, EntryKind, KeptAction, Member, NewApproval, VictimLimit};
use touchstone_types::Lapse;

use super::Mode;
use super::becomes::change;
use super::error::{ActionError, LONGEST_REASON};
use super::record::{Sealed, begin, opened, record, seal};
use super::shown::ActionView;
use crate::cases::{By, Doing, Note, Open, by_staff as named};
use crate::ctx::Ctx;
use crate::keys;

/// In which a victim's limit counts.
const A_DAY: Lapse = Lapse::from_secs(86_400);
/// How often what changed meanwhile is looked at again.
const TRIES: usize = 4;

/// What a victim may do in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VictimWish {
    /// Let nobody use the account.
    Freeze,
    /// Log everybody out.
    RevokeSessions,
}

/// What somebody of the staff wants.
#[derive(Clone, Debug)]
pub enum Wish {
    /// Let nobody use the account.
    Freeze,
    /// Log everybody out.
    RevokeSessions,
    /// End a freeze before its time.
    Unfreeze {
        /// Which.
        action: String,
        /// What proves that it may end.
        proof: String,
    },
    /// Give the user some of the firm's money.
    Refund(Money),
    /// Hand what is known to an authority.
    Disclose,
    /// Close the case.
    Close,
    /// Set a decision of somebody else aside.
    Override,
}

/// What came of a wish.
#[derive(Clone, Debug)]
pub enum Given {
    /// It is asked for.
    Asked(Box<ActionView>),
    /// Leave is on record; doing it is up to whoever asked.
    Allowed,
    /// Another person has to agree; the number of what waits.
    WaitsForSecond(i64),
}

/// Whose account the case is about, and whether the operator's key says so.
fn account(open: &Open) -> Result<(Account, bool), ActionError> {
    let confirmed = open.row.user_ref.is_some();
    let text = open.row.user_ref.as_ref().or(open.report.account.as_ref()).ok_or(ActionError::NoAccount)?;
    Ok((text.parse()?, confirmed))
}

/// A victim acts from the page of the case, in one step. Asked for twice it is done once.
///
/// # Errors
/// [`ActionError`].
pub async fn by_victim(ctx: &Ctx, open: &Open, wish: VictimWish) -> Result<ActionView, ActionError> {
    let simulated = trial(ctx)?;
    if open.row.standing.closed.is_some() {
        return Err(ActionError::IsClosed);
    }
    let (account, confirmed) = account(open)?;
    let kind = match wish {
        VictimWish::Freeze => Kind::Freeze,
        VictimWish::RevokeSessions => Kind::RevokeSessions,
    };
    // Pressed twice at once, on two servers even, one comes too late and finds the other's.
    for _ in 0..TRIES {
        if let Some(kept) = ctx.store.actions_of(open.row.id).await?.into_iter().find(|it| holds(it, kind)) {
            return Ok(opened(ctx, kept)?.into());
        }
        let limit = limit(ctx, &account, confirmed, kind);
        if let Some(most) = limit.most
            && ctx.store.done_by_victims(&limit).await? >= u64::from(most)
        {
            return Err(ActionError::EnoughForToday);
        }
        let action = victims(ctx, open, account.clone(), Who::Victim { confirmed }, wish, simulated)?;
        match begin(ctx, open.row.id, &By::Victim, action, Some(ActionChange::Within(limit))).await {
            Err(ActionError::Changed) => {}
            other => return other,
        }
    }
    Err(ActionError::Changed)
}

/// Whether it is a victim's of that kind, and under way or in force.
fn holds(it: &KeptAction, kind: Kind) -> bool {
    let it = &it.action;
    it.kind == kind && it.by == "victim" && !it.has_ended() && it.state != State::Refused
}

fn limit(ctx: &Ctx, account: &Account, confirmed: bool, kind: Kind) -> VictimLimit {
    let mark = ctx.cases.vault.mark("account", account.as_str());
    let most = ctx.actions.authority.times_a_day(confirmed);
    VictimLimit { kind, mark, since: ctx.clock.now() - A_DAY, most }
}

fn victims(
    ctx: &Ctx,
    open: &Open,
    account: Account,
    who: Who,
    wish: VictimWish,
    simulated: bool,
) -> Result<Action, ActionError> {
    let (now, authority, reference) = (ctx.clock.now(), &ctx.actions.authority, &open.row.reference);
    Ok(match wish {
        VictimWish::Freeze => {
            let leave = authority.authorise(Freeze(account), who, None, now)?;
            Action::ask(drawn()?, reference, leave, "", simulated)
        }
        VictimWish::RevokeSessions => {
            let leave = authority.authorise(RevokeSessions(account), who, None, now)?;
            Action::ask(drawn()?, reference, leave, "", simulated)
        }
    })
}

/// Somebody of the staff acts, or asks a second person for leave. Without `named_account` it is the
/// account that the case is about. A `trial` reaches nobody.
///
/// # Errors
/// [`ActionError`].
pub async fn by_staff(
    ctx: &Ctx,
    member: &Member,
    open: &Open,
    wish: Wish,
    named_account: Option<&str>,
    reason: &str,
    trial_only: bool,
) -> Result<Given, ActionError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.len() > LONGEST_REASON {
        return Err(ActionError::NeedsReason);
    }
    let simulated = match wish {
        Wish::Freeze | Wish::RevokeSessions | Wish::Unfreeze { .. } => trial_only || trial(ctx)?,
        _ => trial_only,
    };
    let wanted = wanted(open, wish, named_account)?;
    let ask = Asking { member, open, reason, simulated, second: None, decides: None };
    match ask.leave(ctx, &wanted).await {
        Err(ActionError::NotAuthorised(NotAuthorised::NeedsSecond(_))) => {
            ask.wait(ctx, &wanted).await.map(Given::WaitsForSecond)
        }
        other => other,
    }
}

/// What is wanted, with whatever belongs to it.
pub(super) enum Wanted {
    Freeze(Account),
    RevokeSessions(Account),
    Unfreeze { action: String, proof: Proof },
    Other(Power),
}

fn wanted(open: &Open, wish: Wish, named_account: Option<&str>) -> Result<Wanted, ActionError> {
    let account = || match named_account.map(str::trim).filter(|it| !it.is_empty()) {
        Some(text) => Ok::<_, ActionError>(text.parse()?),
        None => Ok(account(open)?.0),
    };
    Ok(match wish {
        Wish::Freeze => Wanted::Freeze(account()?),
        Wish::RevokeSessions => Wanted::RevokeSessions(account()?),
        Wish::Unfreeze { action, proof } => Wanted::Unfreeze { action, proof: proof.parse()? },
        Wish::Refund(money) => Wanted::Other(Power::Refund(money)),
        Wish::Disclose => Wanted::Other(Power::Disclose),
        Wish::Close => Wanted::Other(Power::Close),
        Wish::Override => Wanted::Other(Power::Override),
    })
}

impl Wanted {
    pub(super) fn power(&self) -> Power {
        match self {
            Wanted::Freeze(_) => Power::Freeze,
            Wanted::RevokeSessions(_) => Power::RevokeSessions,
            Wanted::Unfreeze { .. } => Power::Unfreeze,
            Wanted::Other(power) => power.clone(),
        }
    }
}

/// Somebody of the staff, as leave is given to them.
pub(super) fn person(member: &Member) -> Staff {
    Staff { login: member.login.clone(), roles: member.roles.clone() }
}

/// The same, as whoever acts.
pub(super) fn staff(member: &Member) -> Who {
    Who::Staff(person(member))
}

/// Somebody of the staff who asks.
pub(super) struct Asking<'a> {
    pub member: &'a Member,
    pub open: &'a Open,
    pub reason: &'a str,
    pub simulated: bool,
    pub second: Option<Second>,
    pub decides: Option<ActionChange>,
}

impl Asking<'_> {
    /// Leave, and what follows from it.
    pub(super) async fn leave(&self, ctx: &Ctx, wanted: &Wanted) -> Result<Given, ActionError> {
        let by = named(ctx, self.member).await?;
        match wanted {
            Wanted::Freeze(account) => self.deliver(ctx, &by, Freeze(account.clone())).await,
            Wanted::RevokeSessions(account) => self.deliver(ctx, &by, RevokeSessions(account.clone())).await,
            Wanted::Unfreeze { action, proof } => {
                let kept = ctx.store.action(action).await?;
                if kept.case != self.open.row.id {
                    return Err(ActionError::NotFound);
                }
                let account = opened(ctx, kept)?.account;
                let deed = Unfreeze { account, freeze: action.clone(), proof: proof.clone() };
                let leave = self.authorised(ctx, deed)?;
                let undo = |it: Action, now| it.undo(&leave, now);
                let next = change(ctx, action, &by, self.decides.as_ref(), undo).await?;
                ctx.actions.wake.notify_one();
                Ok(Given::Asked(Box::new(next.action.into())))
            }
            Wanted::Other(power) => {
                let leave = self.authorised(ctx, power.clone())?;
                let amount = match power {
                    Power::Refund(money) => money.to_string(),
                    _ => String::new(),
                };
                let detail = json!({ "power": power.name().as_str(), "amount": amount, "state": "allowed",
                    "second": leave.second(), "simulated": self.simulated });
                let note =
                    Note { text: Some(self.reason.to_owned()), ..Note::plain(EntryKind::Action, detail) };
                self.record(ctx, &by, note.internal(), Vec::new()).await?;
                Ok(Given::Allowed)
            }
        }
    }

    fn authorised<A: Deed>(&self, ctx: &Ctx, deed: A) -> Result<Authorised<A>, ActionError> {
        Ok(ctx.actions.authority.authorise(
            deed,
            staff(self.member),
            self.second.as_ref(),
            ctx.clock.now(),
        )?)
    }

    async fn deliver<A: Deliverable>(&self, ctx: &Ctx, by: &By, deed: A) -> Result<Given, ActionError> {
        let leave = self.authorised(ctx, deed)?;
        let action = Action::ask(drawn()?, &self.open.row.reference, leave, self.reason, self.simulated);
        begin(ctx, self.open.row.id, by, action, self.decides.clone())
            .await
            .map(|it| Given::Asked(Box::new(it)))
    }

    /// It waits for a second person; the case's people are called to it.
    async fn wait(&self, ctx: &Ctx, wanted: &Wanted) -> Result<i64, ActionError> {
        let power = wanted.power();
        let (account, undoes, reason) = match wanted {
            Wanted::Freeze(it) | Wanted::RevokeSessions(it) => (it.as_str(), None, self.reason),
            Wanted::Unfreeze { action, proof } => ("", Some(action.clone()), proof.as_str()),
            Wanted::Other(_) => ("", None, self.reason),
        };
        let reference = &self.open.row.reference;
        let it = Sealed { id: String::new(), account: account.to_owned(), reason: reason.to_owned() };
        let approval = NewApproval {
            power: power.name().as_str().to_owned(),
            amount: match &power {
                Power::Refund(money) => money.to_string(),
                _ => String::new(),
            },
            undoes,
            sealed: seal(ctx, reference, "approvals", &it)?,
            simulated: self.simulated,
            asked_by: self.member.login.clone(),
            until: ctx.clock.now() + ctx.actions.authority.second_within(),
        };
        let detail = json!({ "power": approval.power, "amount": approval.amount, "state": "waits",
            "simulated": self.simulated });
        let note = Note { text: Some(self.reason.to_owned()), ..Note::plain(EntryKind::Action, detail) };
        let by = named(ctx, self.member).await?;
        self.record(ctx, &by, note.internal(), vec![ActionChange::Wanted(approval)]).await?;
        let open = ctx.store.open_approvals(Some(self.open.row.id), ctx.clock.now()).await?;
        let mine = open.iter().filter(|it| it.wanted.asked_by == self.member.login).map(|it| it.id).max();
        mine.ok_or(ActionError::NotFound)
    }

    async fn record(
        &self,
        ctx: &Ctx,
        by: &By,
        note: Note,
        mut changes: Vec<ActionChange>,
    ) -> Result<(), ActionError> {
        changes.extend(self.decides.clone());
        record(ctx, self.open.row.id, by, Doing::record(note), changes).await
    }
}

/// Whether all actions are trials.
fn trial(ctx: &Ctx) -> Result<bool, ActionError> {
    match ctx.actions.mode() {
        Mode::Off => Err(ActionError::NotSetUp),
        mode => Ok(mode == Mode::Trial),
    }
}

/// A name that nobody else has.
fn drawn() -> Result<String, ActionError> {
    let random = keys::random::<16>()?;
    Ok(random.iter().fold(String::from("act_"), |all, byte| all + &format!("{byte:02x}")))
}
