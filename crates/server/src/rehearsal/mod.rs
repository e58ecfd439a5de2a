//! A written desk, played through the real service on a clock of its own: a newcomer finds a full
//! queue, and every page has something to show.
//!
//! The way through: [`Script::read`] reads what happened, [`play`] puts the clock back to its
//! beginning and lets it happen, and deadlines run out in between as they would have.
//!
//! Always true here:
//! - Nothing is written but by the functions that pages, API and desk call.
//! - Only a database without staff and without cases takes it.

mod script;

use std::collections::HashMap;

use serde_json::json;
use touchstone_accounts::{Role, Token};
use touchstone_cases::{Event, FieldError, Report, Staff, plan};
use touchstone_store::{EntryKind, Invitation, Member, NewMember, StoreError};
use touchstone_types::{Lapse, Moment};

use script::{Act, Person, What, Written};
pub use script::{BadScript, Script};

use crate::cases::flow::{self, Doing, FlowError, Intake, Note};
use crate::cases::{self, By};
use crate::clock::ManualClock;
use crate::ctx::Ctx;
use crate::keys::{self, KeyError};

/// How long an invitation works.
const INVITED: Lapse = Lapse::from_secs(86_400);
/// How long everybody is on duty from the end on.
const SHIFT: Lapse = Lapse::from_secs(8 * 3_600);

/// Why a desk cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// Somebody works here already.
    #[error("this database is in use: a written desk is played in an empty one only")]
    InUse,
    /// A report that the form would not take.
    #[error("case {case}: {field}: {reason}")]
    Report {
        /// Which case.
        case: String,
        /// Which field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something that the service refused.
    #[error("case {case}, {what}")]
    Refused {
        /// Which case.
        case: String,
        /// What was to be done.
        what: String,
        /// Why not.
        #[source]
        cause: FlowError,
    },
    /// The store.
    #[error("the store")]
    Store(#[from] StoreError),
    /// The service.
    #[error("the service")]
    Flow(#[from] FlowError),
    /// No random numbers.
    #[error("no randomness")]
    Random(#[from] KeyError),
}

/// A case as it stands at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// Its id in the script.
    pub id: String,
    /// What people call it.
    pub reference: String,
    /// The token in the victim's link.
    pub link: String,
    /// The token in the link that may be shared.
    pub status: String,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The token of a link with which a newcomer makes their log-in, in every role.
    pub invitation: String,
    /// Every case, in the order of the script.
    pub cases: Vec<Played>,
}

struct Desk {
    members: HashMap<String, (Member, By)>,
    cases: HashMap<String, (i64, Played)>,
}

/// Lets everything happen, until it is `end`. The clock is the one that `ctx` was started with,
/// and stands at the script's beginning or before.
///
/// # Errors
/// [`RehearsalError`]: then the database is to be thrown away.
pub async fn play(
    ctx: &Ctx,
    clock: &ManualClock,
    script: &Script,
    end: Moment,
) -> Result<Outcome, RehearsalError> {
    if !ctx.store.is_without_staff().await? || !ctx.store.most_overdue(1).await?.is_empty() {
        return Err(RehearsalError::InUse);
    }
    let mut desk = Desk { members: HashMap::new(), cases: HashMap::new() };
    for person in &script.people {
        let member = hire(ctx, person, end).await?;
        let by = cases::by_staff(ctx, &member).await?;
        desk.members.insert(person.name.clone(), (member, by));
    }
    plan_shifts(ctx, script).await?;
    for it in script.happenings(end) {
        pass_time(ctx, clock, it.at).await?;
        match it.act {
            None => desk.report(ctx, it.case).await?,
            Some(act) => {
                let refused = |cause| RehearsalError::Refused {
                    case: it.case.id.clone(),
                    what: format!("{:?}", act.what),
                    cause,
                };
                desk.act(ctx, &it.case.id, act).await.map_err(refused)?;
            }
        }
    }
    pass_time(ctx, clock, end).await?;
    for person in &script.people {
        if let Some((member, _)) = desk.members.get(&person.name) {
            // Since when somebody is there is what they see: they came this morning.
            ctx.store.set_duty(member.id, Some(end + SHIFT), &member.login, end).await?;
        }
    }
    let invitation = invite(ctx, Role::ALL.to_vec(), end).await?.text();
    let found = script.cases.iter().filter_map(|it| desk.cases.get(&it.id));
    Ok(Outcome { invitation, cases: found.map(|(_, it)| it.clone()).collect() })
}

async fn invite(ctx: &Ctx, roles: Vec<Role>, now: Moment) -> Result<Token, RehearsalError> {
    let token = keys::token()?;
    let invitation = Invitation {
        token_hash: token.hash(),
        roles,
        made_by: "system".to_owned(),
        created: now,
        expires: now + INVITED,
        used: None,
    };
    ctx.store.invite(&invitation).await?;
    Ok(token)
}

/// Somebody joins as everybody does, but without credentials, and is on duty all the time.
async fn hire(ctx: &Ctx, person: &Person, end: Moment) -> Result<Member, RehearsalError> {
    let now = ctx.clock.now();
    let token = invite(ctx, person.roles.clone(), now).await?;
    let new =
        NewMember { login: &person.login, name: &person.name, language: &person.language, credentials: &[] };
    let member = ctx.store.join(&token.hash(), &new, now).await?;
    ctx.store.set_skills(member.id, &person.skills, "system", now).await?;
    ctx.store.set_duty(member.id, Some(end + SHIFT), &member.login, now).await?;
    Ok(member)
}

/// The plan that the lead of the desk has made.
async fn plan_shifts(ctx: &Ctx, script: &Script) -> Result<(), StoreError> {
    let lead = script.people.iter().find(|it| it.roles.contains(&Role::Lead));
    let by = lead.map_or("system", |it| it.login.as_str());
    for shift in &script.shifts {
        ctx.store.plan_shifts(&shift.hours(), Some(shift.agents), by, ctx.clock.now()).await?;
    }
    Ok(())
}

/// The clock goes on to that time, and what is due on the way is looked at when it is due.
async fn pass_time(ctx: &Ctx, clock: &ManualClock, to: Moment) -> Result<(), RehearsalError> {
    while let Some(due) = ctx.store.next_case_due().await?.filter(|it| *it <= to) {
        let now = ctx.clock.now();
        if due > now {
            clock.advance(due.since(now));
        }
        if cases::look_at_what_is_due(ctx).await? == 0 {
            break; // The server's own task has it.
        }
    }
    let now = ctx.clock.now();
    if to > now {
        clock.advance(to.since(now));
    }
    Ok(())
}

impl Desk {
    async fn report(&mut self, ctx: &Ctx, case: &Written) -> Result<(), RehearsalError> {
        let now = ctx.clock.now();
        let mut raw = case.report.clone();
        raw.happened_from = (now - case.happened.0).to_string();
        let wrong = |problems: Vec<FieldError>| {
            let first = problems.into_iter().next();
            let (field, reason) = first.map(|it| (it.field.clone(), it.sentence().en)).unwrap_or_default();
            RehearsalError::Report { case: case.id.clone(), field, reason }
        };
        let report = Report::parse(&raw, now, &ctx.cases.charter).map_err(wrong)?;
        let user = report.account.clone();
        let intake = Intake { channel: "api", by: By::Victim, user, files: Vec::new(), once: None };
        let receipt = flow::report(ctx, report, intake).await?;
        let played = Played {
            id: case.id.clone(),
            reference: receipt.open.row.reference.clone(),
            link: receipt.link_token,
            status: receipt.status_token,
        };
        self.cases.insert(case.id.clone(), (receipt.open.row.id, played));
        Ok(())
    }

    async fn act(&self, ctx: &Ctx, case: &str, act: &Act) -> Result<(), FlowError> {
        let (id, played) = self.cases.get(case).ok_or(FlowError::NotFound)?;
        let id = *id;
        let member = act.by.as_ref().and_then(|it| self.members.get(it));
        let (by, staff) = match member {
            Some((member, by)) => (by.clone(), Some(Staff(member.login.as_str().into()))),
            None => (By::Victim, None),
        };
        if let Some((member, _)) = member {
            let why = (!act.text.is_empty()).then_some("for the act that follows");
            flow::open_for_staff(ctx, member, &played.reference, why.or(Some("on duty"))).await?;
        }
        let doing = match (act.what, staff) {
            (What::Take, Some(staff)) => Doing::new(Event::Taken(staff)),
            (What::Answer, _) => return answered(ctx, id, &by, act, EntryKind::Answer).await,
            (What::Ask, _) => return answered(ctx, id, &by, act, EntryKind::Asked).await,
            (What::Template, _) => return answered(ctx, id, &by, act, EntryKind::Template).await,
            (What::Note, _) => return answered(ctx, id, &by, act, EntryKind::Note).await,
            (What::Write, _) => return flow::write(ctx, id, &act.text).await.map(|_| ()),
            (What::File, _) => {
                return flow::attach(ctx, id, &by, &act.name, act.text.clone().into_bytes())
                    .await
                    .map(|_| ());
            }
            (What::Complain, _) => {
                flow::write(ctx, id, &act.text).await?;
                Doing::new(Event::Complained)
            }
            (What::Escalate, staff) => {
                Doing::new(Event::Escalated { by: staff, reason: act.text.as_str().into() })
            }
            (What::HandOver, _) => {
                let (to, _) = self.members.get(&act.to).ok_or(FlowError::NoSuchColleague)?;
                let to = Staff(to.login.as_str().into());
                Doing::new(Event::HandedOver { to, reason: act.text.as_str().into() })
            }
            (What::Fact, _) => Doing::new(Event::Happened(act.fact.ok_or(FlowError::NotFound)?)),
            (What::Plan, _) => return plan_step(ctx, id, act.which).await,
            (What::Step, _) => return playbook_step(ctx, id, &by, act.which, &act.text).await,
            (What::Close, _) => {
                let outcome = act.outcome.ok_or(FlowError::NotFound)?;
                return flow::close(ctx, id, &by, outcome, &act.text).await.map(|_| ());
            }
            (What::Take, None) => return Err(FlowError::NotFound),
        };
        flow::happen(ctx, id, &by, doing).await.map(|_| ())
    }
}

async fn answered(ctx: &Ctx, id: i64, by: &By, act: &Act, kind: EntryKind) -> Result<(), FlowError> {
    flow::answer(ctx, id, by, &act.text, kind).await.map(|_| ())
}

/// The victim ticks a step of the plan, counted from 1.
async fn plan_step(ctx: &Ctx, id: i64, which: usize) -> Result<(), FlowError> {
    let open = flow::open(ctx, id).await?;
    let steps = plan(&open.report, &ctx.cases.charter);
    let Some(step) = steps.get(which.saturating_sub(1)) else { return Ok(()) };
    let note = Note::plain(EntryKind::Step, json!({ "step": step.id, "done": true }));
    flow::happen(ctx, id, &By::Victim, Doing::record(note).tick(&step.id, true)).await.map(|_| ())
}

/// Somebody does a step of the playbook that fits best, counted from 1.
async fn playbook_step(ctx: &Ctx, id: i64, by: &By, which: usize, proof: &str) -> Result<(), FlowError> {
    let open = flow::open(ctx, id).await?;
    let fitting = ctx.cases.playbooks.for_report(&open.report);
    let Some(step) = fitting.first().and_then(|book| Some((book, book.steps.get(which.saturating_sub(1))?)))
    else {
        return Ok(());
    };
    let name = format!("{}/{}", step.0.id, step.1.id);
    let note = Note { detail: json!({ "step": name, "done": true }), ..Note::text(EntryKind::Step, proof) };
    flow::happen(ctx, id, by, Doing::record(note.internal()).tick(&name, true)).await.map(|_| ())
}
