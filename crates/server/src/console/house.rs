//! What administrators and leads look after: the audit trail, people, API keys.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use touchstone_accounts::{Permission, Role, Scope};
use touchstone_store::{AuditState, CredentialKind, Invitation, Member, StoreError};
use touchstone_types::{Lapse, Moment};

use super::shell::Shell;
use super::staff::{Fields, Instead, Sent, Staff, busy, done, failed};
use super::views::{AuditLine, AuditPage, Choice, KeyView, KeysPage, PeoplePage, StaffView};
use super::web;
use crate::ctx::Ctx;
use crate::keys::{self, KeyError};

/// How many acts a page shows.
const PAGE: usize = 100;
/// How long an invitation is good for.
const INVITED_FOR: Lapse = Lapse::from_secs(3 * 86_400);
/// The chain is verified on the page up to this many entries; beyond, on the command line.
const VERIFIED_ON_PAGE: i64 = 20_000;

/// Which page of the trail.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Before {
    before: Option<i64>,
}

/// `GET /console/audit`
pub(crate) async fn audit(
    State(ctx): State<Ctx>,
    Query(before): Query<Before>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::ReadAudit)?;
    let s = staff.at("audit");
    let entries = ctx.store.audit_trail(None, before.before, PAGE).await.map_err(failed(&s))?;
    let chain = if entries.first().is_some_and(|it| it.n <= VERIFIED_ON_PAGE) {
        let state = ctx.store.verify_audit().await.map_err(failed(&s))?;
        Some(matches!(state, AuditState::Whole { .. }))
    } else {
        None
    };
    let older = entries.last().filter(|it| it.n > 1 && entries.len() == PAGE);
    let older = older.map(|it| format!("/console/audit?before={}", it.n));
    let list = entries
        .into_iter()
        .map(|it| AuditLine {
            time: it.at.to_string(),
            who: it.by,
            act: it.act,
            target: it.object,
            details: it.detail,
        })
        .collect();
    Ok(web::page(StatusCode::OK, &AuditPage { s, chain, list, older }))
}

fn role_key(role: Role) -> String {
    format!("role-{}", role.name().replace('_', "-"))
}

fn role_choices(s: &Shell, held: &[Role]) -> Vec<Choice> {
    Role::ALL
        .iter()
        .map(|role| Choice {
            name: role.name().to_owned(),
            label: s.t(&role_key(*role)),
            about: s.t(&format!("{}-about", role_key(*role))),
            here: held.contains(role),
        })
        .collect()
}

/// `GET /console/people`
pub(crate) async fn people(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Instead> {
    people_page(&ctx, staff, None, None).await
}

async fn people_page(
    ctx: &Ctx,
    staff: Staff,
    invite: Option<String>,
    problem: Option<String>,
) -> Result<Response, Instead> {
    staff.must(Permission::ManageStaff)?;
    let me = staff.member.id;
    let s = staff.at("people");
    let mut list = Vec::new();
    for member in ctx.store.members().await.map_err(failed(&s))? {
        let guard = guard(ctx, &s, member.id).await.map_err(failed(&s))?;
        list.push(StaffView {
            id: member.id.to_string(),
            active: member.disabled.is_none(),
            me: member.id == me,
            choices: role_choices(&s, &member.roles),
            name: member.name,
            login: member.login,
            guard,
        });
    }
    let roles = role_choices(&s, &[Role::Analyst]);
    Ok(web::page(StatusCode::OK, &PeoplePage { s, invite, problem, list, roles }))
}

async fn guard(ctx: &Ctx, s: &Shell, member: i64) -> Result<String, StoreError> {
    let kinds: Vec<CredentialKind> = ctx.store.credentials(member).await?.iter().map(|it| it.kind).collect();
    let mut words = Vec::new();
    if kinds.contains(&CredentialKind::Passkey) {
        words.push(s.t("guard-passkey"));
    }
    if kinds.contains(&CredentialKind::Password) {
        words.push(s.t("guard-password"));
    }
    Ok(words.join(" · "))
}

fn chosen_roles(fields: &Fields) -> Vec<Role> {
    fields.all("role").filter_map(|name| name.parse().ok()).collect()
}

/// `POST /console/people`: makes a link by which somebody can join once.
pub(crate) async fn invite(State(ctx): State<Ctx>, sent: Sent) -> Result<Response, Instead> {
    sent.staff.must(Permission::ManageStaff)?;
    let roles = chosen_roles(&sent.fields);
    if roles.is_empty() {
        let problem = sent.staff.shell.t("invite-no-role");
        return people_page(&ctx, sent.staff, None, Some(problem)).await;
    }
    let now = ctx.clock.now();
    let token = keys::token().map_err(|error| no_key(&sent.staff.shell, error))?;
    let invitation = Invitation {
        token_hash: token.hash(),
        roles,
        made_by: sent.staff.login().to_owned(),
        created: now,
        expires: now + INVITED_FOR,
        used: None,
    };
    ctx.store.invite(&invitation).await.map_err(failed(&sent.staff.shell))?;
    let link = format!("{}/console/setup/{}", ctx.config.public_url(), token.text());
    people_page(&ctx, sent.staff, Some(link), None).await
}

/// Whether somebody could still manage staff if that member could not.
fn another_administrator(members: &[Member], but: i64) -> bool {
    members.iter().any(|it| it.id != but && it.disabled.is_none() && it.roles.contains(&Role::Administrator))
}

/// `POST /console/people/{id}/roles`
pub(crate) async fn roles(
    State(ctx): State<Ctx>,
    Path(id): Path<i64>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::ManageStaff)?;
    let s = &sent.staff.shell;
    let roles = chosen_roles(&sent.fields);
    let members = ctx.store.members().await.map_err(failed(s))?;
    if !roles.contains(&Role::Administrator) && !another_administrator(&members, id) {
        return Ok(done("/console/people", "last-administrator", None, None));
    }
    ctx.store.set_roles(id, &roles, sent.staff.login(), ctx.clock.now()).await.map_err(failed(s))?;
    Ok(done("/console/people", "people-saved", None, None))
}

/// `POST /console/people/{id}/disable`
pub(crate) async fn disable(ctx: State<Ctx>, id: Path<i64>, sent: Sent) -> Result<Response, Instead> {
    set_disabled(ctx, id, sent, true).await
}

/// `POST /console/people/{id}/enable`
pub(crate) async fn enable(ctx: State<Ctx>, id: Path<i64>, sent: Sent) -> Result<Response, Instead> {
    set_disabled(ctx, id, sent, false).await
}

async fn set_disabled(
    State(ctx): State<Ctx>,
    Path(id): Path<i64>,
    sent: Sent,
    disabled: bool,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::ManageStaff)?;
    let s = &sent.staff.shell;
    let members = ctx.store.members().await.map_err(failed(s))?;
    if disabled && !another_administrator(&members, id) {
        return Ok(done("/console/people", "last-administrator", None, None));
    }
    ctx.store.set_disabled(id, disabled, sent.staff.login(), ctx.clock.now()).await.map_err(failed(s))?;
    Ok(done("/console/people", "people-saved", None, None))
}

fn scope_key(scope: Scope) -> String {
    format!("scope-{}", scope.name().replace(':', "-"))
}

/// `GET /console/keys`
pub(crate) async fn api_keys(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Instead> {
    keys_page(&ctx, staff, None, None).await
}

async fn keys_page(
    ctx: &Ctx,
    staff: Staff,
    fresh: Option<String>,
    problem: Option<String>,
) -> Result<Response, Instead> {
    staff.must(Permission::ManageKeys)?;
    let s = staff.at("keys");
    let list = ctx.store.api_keys().await.map_err(failed(&s))?;
    let list = list
        .into_iter()
        .map(|key| KeyView {
            prefix: key.id.clone(),
            id: key.id,
            name: key.name,
            scopes: key.scopes.iter().map(ToString::to_string).collect(),
            made: key.created.to_string(),
            used: key.last_used.as_ref().map(Moment::to_string),
            revoked: key.revoked.is_some(),
        })
        .collect();
    let scopes = Scope::ALL
        .iter()
        .map(|scope| Choice {
            name: scope.name().to_owned(),
            label: s.t(&scope_key(*scope)),
            about: String::new(),
            here: *scope == Scope::EventsWrite,
        })
        .collect();
    Ok(web::page(StatusCode::OK, &KeysPage { s, fresh, problem, list, scopes }))
}

/// `POST /console/keys`: the key is shown this once.
pub(crate) async fn make_key(State(ctx): State<Ctx>, sent: Sent) -> Result<Response, Instead> {
    sent.staff.must(Permission::ManageKeys)?;
    let scopes: Vec<Scope> = sent.fields.all("scope").filter_map(|name| name.parse().ok()).collect();
    let name: String = sent.fields.get("name").chars().take(80).collect();
    if name.is_empty() || scopes.is_empty() {
        let problem = sent.staff.shell.t("key-bad");
        return keys_page(&ctx, sent.staff, None, Some(problem)).await;
    }
    match keys::create(&ctx.store, &name, &scopes, sent.staff.login(), ctx.clock.now()).await {
        Ok(text) => keys_page(&ctx, sent.staff, Some(text), None).await,
        Err(error) => Err(no_key(&sent.staff.shell, error)),
    }
}

fn no_key(s: &Shell, error: KeyError) -> Instead {
    Instead::from(match error {
        KeyError::Store(error) => busy(s, &error),
        KeyError::NoRandomness(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    })
}

/// `POST /console/keys/{id}/revoke`
pub(crate) async fn revoke_key(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::ManageKeys)?;
    let now = ctx.clock.now();
    ctx.store.revoke_api_key(&id, sent.staff.login(), now).await.map_err(failed(&sent.staff.shell))?;
    Ok(done("/console/keys", "revoked", None, None))
}

#[cfg(test)]
mod tests {
    use super::super::i18n::Lang;
    use super::*;

    #[test]
    fn every_role_and_scope_has_words() {
        for role in Role::ALL {
            assert!(Lang::Zh.has(&role_key(*role)), "{role}");
            assert!(Lang::Zh.has(&format!("{}-about", role_key(*role))), "{role}");
        }
        for scope in Scope::ALL {
            assert!(Lang::En.has(&scope_key(*scope)), "{scope}");
        }
    }

    #[test]
    fn the_last_administrator_stays() {
        let now: Moment = "2026-11-21T00:00:00Z".parse().unwrap();
        let member = |id, roles: &[Role], disabled| Member {
            id,
            login: id.to_string(),
            name: String::new(),
            roles: roles.to_vec(),
            language: "zh".into(),
            created: now,
            disabled,
        };
        let one = member(1, &[Role::Administrator], None);
        let away = member(2, &[Role::Administrator], Some(now));
        let other = member(3, &[Role::Lead, Role::Administrator], None);
        assert!(!another_administrator(&[one.clone(), away.clone()], 1));
        assert!(another_administrator(&[one, away, other], 1));
    }
}
