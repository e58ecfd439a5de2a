//! Calls in the bar of whoever is on duty, until somebody says that they are on it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use touchstone_accounts::{Permission, Role};
use touchstone_store::{DutyPage, Member, StoreError};

use crate::cases::levels_of;
use crate::console::shell::{Call, Shell};
use crate::console::staff::{Instead, Sent, done, failed};
use crate::console::web;
use crate::ctx::Ctx;

/// How many calls are shown.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "desk_calls.html")]
struct Part<'a> {
    s: &'a Shell,
}

/// The calls by themselves, for a stream.
pub(super) fn part(s: &Shell) -> Option<String> {
    Part { s }.render().ok()
}

/// The levels at which something may reach somebody with these roles: who has a case is called
/// by name, at whatever level it is.
fn levels(roles: &[Role]) -> Vec<u8> {
    match levels_of(roles).into_iter().max() {
        Some(highest) => (0..=highest).collect(),
        None => Vec::new(),
    }
}

/// Whether a call is for somebody with these roles: by name, or to all of their level.
fn is_for(it: &DutyPage, roles: &[Role]) -> bool {
    it.to.is_some() || levels_of(roles).contains(&it.level)
}

/// The calls that reach somebody now; none while they are off duty.
pub(crate) async fn open(ctx: &Ctx, member: &Member) -> Result<Vec<Call>, StoreError> {
    let levels = levels(&member.roles);
    if levels.is_empty() || ctx.store.duty(member.id, ctx.clock.now()).await?.is_none() {
        return Ok(Vec::new());
    }
    let pages = ctx.store.open_pages(&levels, &member.login, SHOWN).await?;
    let call = |it: DutyPage| Call {
        id: it.id,
        reference: it.reference,
        why: format!("pages-why-{}", it.why.replace('_', "-")),
        at: it.at.to_string(),
    };
    Ok(pages.into_iter().filter(|it| is_for(it, &member.roles)).map(call).collect())
}

/// `POST /console/calls/{id}`: somebody is on it.
pub(super) async fn see(
    State(ctx): State<Ctx>,
    Path(id): Path<i64>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::WorkCases)?;
    let back = web::local(sent.fields.get("back"));
    // Who is not called does not silence a call.
    let theirs = open(&ctx, &sent.staff.member).await.map_err(failed(&sent.staff.shell))?;
    if !theirs.iter().any(|it| it.id == id) {
        return Ok(done(&back, "desk-changed-nothing", None, None));
    }
    match ctx.store.see_page(id, sent.staff.login(), ctx.clock.now()).await {
        // Somebody else may have been quicker: then it is settled as well.
        Ok(()) | Err(StoreError::NotFound) => {
            ctx.cases.changed();
            Ok(done(&back, "desk-page-seen", None, None))
        }
        Err(error) => Err(failed(&sent.staff.shell)(error)),
    }
}

#[cfg(test)]
mod tests {
    use touchstone_types::Moment;

    use super::*;

    #[test]
    fn a_call_reaches_its_level_and_whoever_it_names() {
        let call = |level: u8, to: Option<&str>| DutyPage {
            id: 1,
            case: 1,
            reference: "T".into(),
            level,
            to: to.map(str::to_owned),
            why: "new".into(),
            detail: String::new(),
            at: Moment::from_micros(0).unwrap(),
        };
        for (roles, level, to, reaches) in [
            (&[Role::Agent][..], 0, None, true),
            (&[Role::Agent], 1, None, false),
            (&[Role::Lead], 0, None, false),
            (&[Role::Lead], 0, Some("ann"), true),
            (&[Role::Lead], 1, None, true),
            (&[Role::ComplaintsOfficer], 3, None, true),
            (&[Role::Analyst], 0, None, false),
        ] {
            let found = levels(roles).contains(&level) && is_for(&call(level, to), roles);
            assert_eq!(found, reaches, "{roles:?} {level} {to:?}");
        }
    }
}
