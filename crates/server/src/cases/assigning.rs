//! Who gets a case that nobody has, and who may look at one.

use touchstone_accounts::{Permission, Role, one_may};
use touchstone_cases::{Agent, Choice, Level, Next, Report};
use touchstone_store::{CaseRow, Member, StoreError, Worker};
use touchstone_types::Moment;

use crate::ctx::Ctx;

/// The level at which a role answers for cases.
fn level_of(role: Role) -> Option<Level> {
    match role {
        Role::Agent => Some(Level::Agent),
        Role::Lead => Some(Level::Lead),
        Role::ComplaintsOfficer => Some(Level::ComplaintsOfficer),
        Role::Analyst | Role::IdentityOfficer | Role::Administrator => None,
    }
}

/// The levels at which somebody with these roles is called, as the store counts them.
#[must_use]
pub fn levels_of(roles: &[Role]) -> Vec<u8> {
    let mut levels: Vec<u8> = roles.iter().filter_map(|role| level_of(*role)).map(|it| it as u8).collect();
    if levels.contains(&(Level::ComplaintsOfficer as u8)) {
        levels.push(Level::Outside as u8); // The complaints officer keeps what goes outside.
    }
    levels
}

/// Somebody with two roles may have cases at two levels.
fn agents(worker: Worker) -> impl Iterator<Item = Agent> {
    let Worker { login, roles, skills, load, duty, .. } = worker;
    let load = u32::try_from(load).unwrap_or(u32::MAX);
    roles.into_iter().filter_map(level_of).map(move |level| Agent {
        login: login.clone(),
        skills: skills.clone(),
        load,
        on_duty: duty.is_some(),
        level,
    })
}

/// Who of those on duty should have a case; nobody, if nobody is.
pub(super) async fn choose(
    ctx: &Ctx,
    report: &Report,
    level: Level,
    next: Next,
    now: Moment,
) -> Result<Option<Choice>, StoreError> {
    let workers = ctx.store.on_duty(now).await?;
    let agents: Vec<Agent> = workers.into_iter().flat_map(agents).collect();
    let skills = ctx.cases.charter.skills();
    Ok(skills.assign(&skills.needs(report, level, next.by, now), &agents))
}

/// Whether somebody may look at a case without saying why: it is theirs, or everybody's on duty
/// at its level and they are; they did something on it before; or it needs what they can do.
pub(super) async fn may_look(
    ctx: &Ctx,
    member: &Member,
    row: &CaseRow,
    report: &Report,
    now: Moment,
) -> Result<bool, StoreError> {
    let owner = row.standing.owner.as_deref();
    if owner == Some(member.login.as_str()) {
        return Ok(true);
    }
    let theirs = levels_of(&member.roles).contains(&row.standing.level);
    if owner.is_none() && theirs && ctx.store.duty(member.id, now).await?.is_some() {
        return Ok(true);
    }
    if ctx.store.worked_on(row.id, &member.login).await? {
        return Ok(true);
    }
    Ok(theirs && can_do(ctx, report, &ctx.store.skills(member.id).await?, now))
}

/// Whether a case asks for what somebody can do.
pub(super) fn can_do(ctx: &Ctx, report: &Report, has: &[String], now: Moment) -> bool {
    let skills = ctx.cases.charter.skills();
    skills.open(&skills.needs(report, Level::Agent, now, now).skills, has)
}

/// Whether somebody may be handed a case.
pub(super) fn may_have(member: &Member) -> bool {
    member.disabled.is_none() && one_may(&member.roles, Permission::WorkCases)
}
