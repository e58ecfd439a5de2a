//! Each way to ask for an action, and each thing that becomes of one: leave first, then one
//! transaction with the case's record.

use serde::{Deserialize, Serialize};
use serde_json::json;
use touchstone_actions::{
    Account, Action, Authorised, BadAccount, Call, Deed, Deliverable, Freeze, Kind, Money, Next,
    NotAuthorised, Permit, Power, PowerName, Proof, RevokeSessions, Second, Staff, State, Step, TooLittle,
    Unexpected, Unfreeze, Who,
};
use touchstone_store::{ActionChange, EntryKind, KeptAction, Member, NewApproval, NewDutyPage, StoreError};
use touchstone_types::{Lapse, Moment};

use super::Mode;
use super::shown::{ActionView, ApprovalView};
use crate::cases::{By, Damaged, Doing, FlowError, Note, Open, Place, VaultError, by_staff as named, flow};
use crate::ctx::Ctx;
use crate::keys::{self, KeyError};

/// In which a victim's limit counts.
const A_DAY: Lapse = Lapse::from_secs(86_400);
/// How often what changed meanwhile is read again.
const TRIES: usize = 8;
/// The longest reason, in bytes.
const LONGEST_REASON: usize = 4_000;

/// Why nothing was done; a variant for each thing that is said then.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// The operator's systems cannot be asked. Next: the victim calls the operator.
    #[error("actions are not set up")]
    NotSetUp,
    /// The report names no account at the operator. Next: the victim names it.
    #[error("the case names no account")]
    NoAccount,
    /// Without proof of whose account it is, that was all for today.
    #[error("this account was frozen today already")]
    EnoughForToday,
    /// The case is closed.
    #[error("the case is closed")]
    IsClosed,
    /// No reason was given.
    #[error("a reason of at most {LONGEST_REASON} bytes is needed")]
    NeedsReason,
    /// There is no such action, or it is of another case; or somebody else was quicker.
    #[error("no such action")]
    NotFound,
    /// There is no leave.
    #[error(transparent)]
    NotAuthorised(#[from] NotAuthorised),
    /// The proof says too little.
    #[error(transparent)]
    TooLittle(#[from] TooLittle),
    /// The account is none.
    #[error(transparent)]
    BadAccount(#[from] BadAccount),
    /// It does not fit how the action stands.
    #[error(transparent)]
    Unexpected(#[from] Unexpected),
    /// The case, the vault or the store.
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl ActionError {
    /// The message that a page shows.
    #[must_use]
    pub const fn text_key(&self) -> &'static str {
        match self {
            ActionError::NotSetUp => "wrong-action-not-set-up",
            ActionError::NoAccount | ActionError::BadAccount(_) => "wrong-action-no-account",
            ActionError::EnoughForToday => "wrong-action-enough-today",
            ActionError::IsClosed => "wrong-action-closed",
            ActionError::NeedsReason => "wrong-action-reason",
            ActionError::NotFound | ActionError::Unexpected(_) => "wrong-action-changed",
            ActionError::TooLittle(_) => "wrong-action-proof",
            ActionError::NotAuthorised(NotAuthorised::SamePerson) => "wrong-action-same-person",
            ActionError::NotAuthorised(NotAuthorised::Lapsed(_)) => "wrong-action-too-late",
            ActionError::NotAuthorised(_) => "wrong-action-not-allowed",
            ActionError::Flow(_) => "wrong-action-try-again",
        }
    }
}

impl From<StoreError> for ActionError {
    fn from(cause: StoreError) -> Self {
        match cause {
            StoreError::NotFound => ActionError::NotFound,
            cause => ActionError::Flow(FlowError::Store(cause)),
        }
    }
}

impl From<VaultError> for ActionError {
    fn from(cause: VaultError) -> Self {
        ActionError::Flow(cause.into())
    }
}

impl From<Damaged> for ActionError {
    fn from(cause: Damaged) -> Self {
        ActionError::Flow(cause.into())
    }
}

impl From<KeyError> for ActionError {
    fn from(cause: KeyError) -> Self {
        ActionError::Flow(cause.into())
    }
}

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

/// What is kept sealed with an action or an approval.
#[derive(Serialize, Deserialize)]
struct Sealed {
    id: String,
    account: String,
    reason: String,
}

fn seal(ctx: &Ctx, reference: &str, table: &'static str, it: &Sealed) -> Result<Vec<u8>, ActionError> {
    let place = Place { reference, table, n: 0 };
    let text = serde_json::to_vec(it).map_err(|cause| ActionError::Flow(FlowError::BadReport(cause)))?;
    Ok(ctx.cases.vault.seal(place, &text)?)
}

fn unseal(ctx: &Ctx, reference: &str, table: &'static str, sealed: &[u8]) -> Result<Sealed, ActionError> {
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
    let (now, who) = (ctx.clock.now(), Who::Victim { confirmed });
    let (authority, reference) = (&ctx.actions.authority, &open.row.reference);
    let _turn = ctx.actions.asking.lock().await;
    let kind = match wish {
        VictimWish::Freeze => Kind::Freeze,
        VictimWish::RevokeSessions => Kind::RevokeSessions,
    };
    let going_on = |it: &KeptAction| {
        let it = &it.action;
        it.kind == kind && it.by == "victim" && !it.has_ended() && it.state != State::Refused
    };
    if let Some(kept) = ctx.store.actions_of(open.row.id).await?.into_iter().find(going_on) {
        return Ok(opened(ctx, kept)?.into());
    }
    if let Some(most) = authority.times_a_day(confirmed) {
        let mark = ctx.cases.vault.mark("account", account.as_str());
        if ctx.store.frozen_by_victims(&mark, now - A_DAY).await? >= u64::from(most) {
            return Err(ActionError::EnoughForToday);
        }
    }
    let action = match wish {
        VictimWish::Freeze => {
            let leave = authority.authorise(Freeze(account), who, None, now)?;
            Action::ask(drawn()?, reference, leave, "", simulated)
        }
        VictimWish::RevokeSessions => {
            let leave = authority.authorise(RevokeSessions(account), who, None, now)?;
            Action::ask(drawn()?, reference, leave, "", simulated)
        }
    };
    begin(ctx, open.row.id, &By::Victim, action, None).await
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
enum Wanted {
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
    fn power(&self) -> Power {
        match self {
            Wanted::Freeze(_) => Power::Freeze,
            Wanted::RevokeSessions(_) => Power::RevokeSessions,
            Wanted::Unfreeze { .. } => Power::Unfreeze,
            Wanted::Other(power) => power.clone(),
        }
    }
}

fn person(member: &Member) -> Staff {
    Staff { login: member.login.clone(), roles: member.roles.clone() }
}

/// Somebody of the staff who asks.
struct Asking<'a> {
    member: &'a Member,
    open: &'a Open,
    reason: &'a str,
    simulated: bool,
    second: Option<Second>,
    decides: Option<ActionChange>,
}

impl Asking<'_> {
    /// Leave, and what follows from it.
    async fn leave(&self, ctx: &Ctx, wanted: &Wanted) -> Result<Given, ActionError> {
        let by = named(ctx, self.member).await?;
        match wanted {
            Wanted::Freeze(account) => self.deliver(ctx, &by, Freeze(account.clone())).await,
            Wanted::RevokeSessions(account) => self.deliver(ctx, &by, RevokeSessions(account.clone())).await,
            Wanted::Unfreeze { action, proof } => {
                let kept = ctx.store.action(action).await?;
                if kept.case != self.open.row.id {
                    return Err(ActionError::NotFound);
                }
                let found = opened(ctx, kept.clone())?;
                let account = found.account.clone();
                let deed = Unfreeze { account, freeze: action.clone(), proof: proof.clone() };
                let leave = self.authorised(ctx, deed)?;
                undo(ctx, kept, found, &leave, &by, self.decides.clone())
                    .await
                    .map(|it| Given::Asked(Box::new(it)))
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
        let who = Who::Staff(person(self.member));
        Ok(ctx.actions.authority.authorise(deed, who, self.second.as_ref(), ctx.clock.now())?)
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
        let doing = Doing::record(note).with(move |change| change.actions.extend(changes.iter().cloned()));
        flow::happen(ctx, self.open.row.id, by, doing).await?;
        Ok(())
    }
}

/// A second person agrees, or not, to what another one asked for. Whoever asked may take it back.
///
/// # Errors
/// [`ActionError`]: then it waits as before.
pub async fn approve(ctx: &Ctx, member: &Member, id: i64, agreed: bool) -> Result<Given, ActionError> {
    let approval = ctx.store.approval(id).await?;
    if approval.agreed.is_some() {
        return Err(ActionError::NotFound);
    }
    let open = flow::open(ctx, approval.case).await?;
    let sealed = unseal(ctx, &approval.reference, "approvals", &approval.wanted.sealed)?;
    let wanted = wanted_before(&approval.wanted, &sealed)?;
    let decides = ActionChange::Decided { id, agreed, by: member.login.clone() };
    if !agreed {
        let may = ctx.actions.authority.permit(&Who::Staff(person(member)), &wanted.power());
        if may == Permit::No && approval.wanted.asked_by != member.login {
            let (who, power) = (member.login.clone(), wanted.power());
            return Err(NotAuthorised::No { who, power }.into());
        }
        let detail = json!({ "power": approval.wanted.power, "amount": approval.wanted.amount,
            "state": "declined", "simulated": approval.wanted.simulated });
        let note = Note::plain(EntryKind::Action, detail).internal();
        let doing = Doing::record(note).with(move |change| change.actions.push(decides.clone()));
        flow::happen(ctx, approval.case, &named(ctx, member).await?, doing).await?;
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

/// The operator's own systems end a freeze, with proof.
///
/// # Errors
/// [`ActionError`].
pub async fn undo_by_key(ctx: &Ctx, key: &str, id: &str, proof: &str) -> Result<ActionView, ActionError> {
    let proof: Proof = proof.parse()?;
    let kept = ctx.store.action(id).await?;
    let found = opened(ctx, kept.clone())?;
    let deed = Unfreeze { account: found.account.clone(), freeze: id.to_owned(), proof };
    let who = Who::Operator(key.to_owned());
    let leave = ctx.actions.authority.authorise(deed, who, None, ctx.clock.now())?;
    undo(ctx, kept, found, &leave, &By::Key(key.to_owned()), None).await
}

async fn undo(
    ctx: &Ctx,
    kept: KeptAction,
    found: Action,
    leave: &Authorised<Unfreeze>,
    by: &By,
    decides: Option<ActionChange>,
) -> Result<ActionView, ActionError> {
    let next = found.undo(leave, ctx.clock.now())?;
    keep(ctx, kept.case, kept.version, &next, by, decides).await?;
    ctx.actions.wake.notify_one();
    Ok(next.action.into())
}

/// Something that the other side says by itself, or that a person lets happen, to an action as it
/// is now.
///
/// # Errors
/// [`ActionError`].
pub(super) async fn happens(
    ctx: &Ctx,
    id: &str,
    by: &By,
    event: &touchstone_actions::Event,
) -> Result<Next, ActionError> {
    for _ in 0..TRIES {
        let kept = ctx.store.action(id).await?;
        let (case, version) = (kept.case, kept.version);
        let next = opened(ctx, kept)?.advance(event.clone(), ctx.clock.now())?;
        match keep(ctx, case, version, &next, by, None).await {
            Err(ActionError::NotFound) => {} // Changed meanwhile: read it again.
            other => return other.map(|()| next),
        }
    }
    Err(ActionError::Flow(FlowError::Store(StoreError::Busy(None))))
}

/// A person lets what was given up be tried again. Audited.
///
/// # Errors
/// [`ActionError`].
pub(super) async fn retry(ctx: &Ctx, member: &Member, id: &str) -> Result<(), ActionError> {
    let kept = ctx.store.action(id).await?;
    let (now, version) = (ctx.clock.now(), kept.version);
    let action = opened(ctx, kept)?;
    let power = match action.kind {
        Kind::Freeze => Power::Freeze,
        Kind::Unfreeze => Power::Unfreeze,
        Kind::RevokeSessions => Power::RevokeSessions,
    };
    if ctx.actions.authority.permit(&Who::Staff(person(member)), &power) == Permit::No {
        return Err(NotAuthorised::No { who: member.login.clone(), power }.into());
    }
    let next = action.advance(touchstone_actions::Event::Retry, now)?;
    match ctx.store.retry_action(&next.action, version, &member.login, now).await {
        Err(StoreError::Conflict(_)) => return Err(ActionError::NotFound),
        other => other?,
    }
    ctx.actions.wake.notify_one();
    Ok(())
}

/// The actions of a case, oldest first.
///
/// # Errors
/// [`ActionError`].
pub async fn of_case(ctx: &Ctx, case: i64) -> Result<Vec<ActionView>, ActionError> {
    let kept = ctx.store.actions_of(case).await?;
    kept.into_iter().map(|it| opened(ctx, it).map(ActionView::from)).collect()
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

/// The action and the case's record of it are kept; the sender is woken.
async fn begin(
    ctx: &Ctx,
    case: i64,
    by: &By,
    action: Action,
    decides: Option<ActionChange>,
) -> Result<ActionView, ActionError> {
    let note = told(&action, action.state);
    let mut changes = vec![new(ctx, action.clone())?];
    changes.extend(decides);
    let doing = Doing::record(note).with(move |change| change.actions.extend(changes.iter().cloned()));
    flow::happen(ctx, case, by, doing).await?;
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
            Err(StoreError::Conflict(_)) => Err(ActionError::NotFound),
            other => Ok(other?),
        };
    }
    let mut told = Telling { notes: Vec::new(), pages: false, changes: decides.into_iter().collect() };
    for step in &next.steps {
        told.step(ctx, &action, step)?;
    }
    told.changes.push(ActionChange::Changed { action, version, begins });
    told.write(ctx, case, by, &next.action.id, now).await
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

    async fn write(self, ctx: &Ctx, case: i64, by: &By, id: &str, _now: Moment) -> Result<(), ActionError> {
        let Telling { notes, pages, changes } = self;
        let lifts = changes.iter().any(|it| matches!(it, ActionChange::New { .. }));
        let doing = notes.into_iter().fold(Doing::new(touchstone_cases::Event::Tick), Doing::note);
        let about = id.to_owned();
        let doing = doing.with(move |change| {
            change.actions.extend(changes.iter().cloned());
            if pages {
                let (level, why) = (change.standing.level, "action".to_owned());
                change.pages.push(NewDutyPage { level, to: None, why, detail: about.clone() });
            }
        });
        match flow::happen(ctx, case, by, doing).await {
            Ok(_) => {}
            // The case is there, so it is the action that was changed meanwhile.
            Err(FlowError::NotFound) => return Err(ActionError::NotFound),
            Err(cause) => return Err(cause.into()),
        }
        if lifts {
            ctx.actions.wake.notify_one();
        }
        Ok(())
    }
}

/// What a call is called in counters and in the record of calls.
pub(super) const fn name(call: Call) -> &'static str {
    match call {
        Call::Ask => "ask",
        Call::Query => "query",
    }
}
