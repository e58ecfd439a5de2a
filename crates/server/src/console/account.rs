//! `/console/account`: one's own sessions, passkeys and password.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use touchstone_accounts::Totp;
use touchstone_store::{Credential, CredentialKind, StoreError};
use touchstone_types::Moment;

use super::door::{
    Answer, ask, check_password, csrf_header, hashed, of_kind, refuse, refuse_busy, totp_view, verify,
};
use super::setup::made_passkey;
use super::shell::Shell;
use super::staff::{Instead, Sent, Staff, done, failed};
use super::views::{AccountPage, PasskeyView, SessionView};
use super::web;
use crate::ctx::Ctx;

const HERE: &str = "/console/account";

/// `GET /console/account`
pub(crate) async fn account(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Instead> {
    page(&ctx, staff, None).await
}

/// Under which name a new secret for codes waits.
fn code_name(staff: &Staff) -> String {
    format!("member {}", staff.member.id)
}

async fn page(ctx: &Ctx, staff: Staff, problem: Option<String>) -> Result<Response, Instead> {
    let (member, own, code) = (staff.member.clone(), staff.session.token_hash, code_name(&staff));
    let s = staff.at("account");
    let sessions = ctx.store.sessions(member.id).await.map_err(failed(&s))?;
    let credentials = ctx.store.credentials(member.id).await.map_err(failed(&s))?;
    let has_totp = of_kind(&credentials, CredentialKind::Totp).is_some();
    let roles = s.staff.as_ref().map(|me| me.role_text(&s.lang)).unwrap_or_default();
    let totp = (!has_totp).then(|| totp_view(&ctx.console.code(&code, ctx.clock.now()), &member.login));
    let page = AccountPage {
        sessions: sessions
            .into_iter()
            .map(|it| SessionView {
                here: it.token_hash == own,
                id: hex(&it.token_hash),
                agent: browser(&it.user_agent),
                address: it.address,
                began: it.created.to_string(),
                seen: it.last_seen.to_string(),
            })
            .collect(),
        passkeys: credentials.iter().filter(|it| it.kind == CredentialKind::Passkey).map(passkey).collect(),
        has_password: of_kind(&credentials, CredentialKind::Password).is_some(),
        login: member.login,
        roles,
        problem,
        has_totp,
        totp,
        s,
    };
    let status = if page.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(web::page(status, &page))
}

fn passkey(it: &Credential) -> PasskeyView {
    PasskeyView { id: it.id.to_string(), name: it.name.clone(), made: it.created.to_string() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

/// A browser and a system in two words; what it said if it is none we know.
fn browser(agent: &str) -> String {
    let browsers = [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    match (find(&browsers), find(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) if agent.is_empty() => "—".to_owned(),
        (None, None) => agent.chars().take(60).collect(),
    }
}

/// `POST /console/account/sessions/{id}/end`
pub(crate) async fn end_session(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    let (s, now) = (&sent.staff.shell, ctx.clock.now());
    let hash = unhex(&id).ok_or(StoreError::NotFound).map_err(failed(s))?;
    ctx.store.revoke_session(sent.staff.member.id, &hash, now).await.map_err(failed(s))?;
    Ok(done(HERE, "session-ended", None, None))
}

/// `POST /console/account/sessions/others`
pub(crate) async fn end_others(State(ctx): State<Ctx>, sent: Sent) -> Result<Response, Instead> {
    let now = ctx.clock.now();
    let own = sent.staff.session.token_hash;
    let ended = ctx.store.revoke_sessions(sent.staff.member.id, Some(&own), now).await;
    ended.map_err(failed(&sent.staff.shell))?;
    Ok(done(HERE, "sessions-ended", None, None))
}

/// `POST /console/account/password`: a new password; with the first one comes an app for codes.
pub(crate) async fn set_password(State(ctx): State<Ctx>, sent: Sent) -> Result<Response, Instead> {
    let Sent { staff, fields } = sent;
    let now = ctx.clock.now();
    let credentials = ctx.store.credentials(staff.member.id).await.map_err(failed(&staff.shell))?;
    let (old, given) = (fields.raw("old").to_owned(), fields.raw("new").to_owned());
    let stored = of_kind(&credentials, CredentialKind::Password);
    if let Some(stored) = stored
        && !verify(old, stored.secret.clone()).await
    {
        let problem = staff.shell.t("wrong-password");
        return page(&ctx, staff, Some(problem)).await;
    }
    let about = [staff.member.name.as_str(), staff.member.login.as_str()];
    if let Err(problem) = check_password(&staff.shell, &given, &about) {
        return page(&ctx, staff, Some(problem)).await;
    }
    let app = match of_kind(&credentials, CredentialKind::Totp) {
        Some(_) => None,
        None => match accepted(&ctx.console.code(&code_name(&staff), now), fields.get("code"), now) {
            Some(app) => Some(app),
            None => {
                let problem = staff.shell.t("wrong-code");
                return page(&ctx, staff, Some(problem)).await;
            }
        },
    };
    let Some(hash) = hashed(given).await else {
        let problem = staff.shell.t("password-too-long");
        return page(&ctx, staff, Some(problem)).await;
    };
    let (member, own) = (staff.member.id, &staff.session.token_hash);
    let changed = ctx.store.set_password(member, stored, &hash, app.as_deref(), own, now).await;
    changed.map_err(failed(&staff.shell))?;
    ctx.console.code_used(&code_name(&staff), now);
    Ok(done(HERE, "password-changed", None, None))
}

/// The state of the app to keep, if the code is right.
fn accepted(totp: &Totp, code: &str, now: Moment) -> Option<String> {
    serde_json::to_string(&totp.accept(code, now).ok()?).ok()
}

fn is_theirs(staff: &Staff, headers: &HeaderMap) -> bool {
    staff.is_theirs(csrf_header(headers))
}

fn whom(staff: &Staff) -> String {
    hex(&staff.session.token_hash)
}

/// `POST /console/account/passkeys/start`
pub(crate) async fn passkey_start(
    State(ctx): State<Ctx>,
    staff: Staff,
    headers: HeaderMap,
) -> Result<Response, Instead> {
    let s: &Shell = &staff.shell;
    if !is_theirs(&staff, &headers) {
        return Ok(refuse(StatusCode::FORBIDDEN, s.t("form-expired")));
    }
    let Some(passkeys) = &ctx.console.passkeys else {
        return Ok(refuse(StatusCode::BAD_REQUEST, s.t("no-passkey-here")));
    };
    let member = &staff.member;
    let mut known = ctx.store.credentials(member.id).await.map_err(refuse_busy(s))?;
    known.retain(|it| it.kind == CredentialKind::Passkey);
    let known: Vec<String> = known.into_iter().map(|it| it.secret).collect();
    Ok(match passkeys.start_registration(member.id, &member.login, &member.name, &known) {
        Ok(challenge) => ask(&ctx, s, &whom(&staff), challenge.question, challenge.state),
        Err(error) => {
            tracing::warn!(%error, "a passkey cannot be asked for");
            refuse(StatusCode::BAD_REQUEST, s.t("passkey-failed"))
        }
    })
}

/// `POST /console/account/passkeys/finish`
pub(crate) async fn passkey_finish(
    State(ctx): State<Ctx>,
    staff: Staff,
    headers: HeaderMap,
    Json(body): Json<Answer>,
) -> Result<Response, Instead> {
    let s = &staff.shell;
    if !is_theirs(&staff, &headers) {
        return Ok(refuse(StatusCode::FORBIDDEN, s.t("form-expired")));
    }
    let Some(made) = made_passkey(&ctx, &whom(&staff), &body) else {
        return Ok(refuse(StatusCode::BAD_REQUEST, s.t("passkey-failed")));
    };
    let now = ctx.clock.now();
    let label: String = body.label.trim().chars().take(60).collect();
    let added = ctx.store.add_credential(staff.member.id, CredentialKind::Passkey, &label, &made, now).await;
    added.map_err(refuse_busy(s))?;
    let said = done(HERE, "passkey-added", None, None);
    // The flash goes along as a cookie; the script follows `next` by itself.
    let (parts, _) = said.into_parts();
    let cookies = axum::response::AppendHeaders(
        parts
            .headers
            .get(axum::http::header::SET_COOKIE)
            .map(|it| (axum::http::header::SET_COOKIE, it.clone())),
    );
    Ok((cookies, Json(serde_json::json!({ "next": HERE }))).into_response())
}

/// `POST /console/account/passkeys/{id}/remove`
pub(crate) async fn remove_passkey(
    State(ctx): State<Ctx>,
    Path(id): Path<i64>,
    sent: Sent,
) -> Result<Response, Instead> {
    let (s, now) = (&sent.staff.shell, ctx.clock.now());
    let credentials = ctx.store.credentials(sent.staff.member.id).await.map_err(failed(s))?;
    let passkeys = credentials.iter().filter(|it| it.kind == CredentialKind::Passkey);
    let others = passkeys.filter(|it| it.id != id).count();
    if others == 0 && of_kind(&credentials, CredentialKind::Password).is_none() {
        return Ok(done(HERE, "last-way-in", None, None));
    }
    if !credentials.iter().any(|it| it.id == id && it.kind == CredentialKind::Passkey) {
        return Err(failed(s)(StoreError::NotFound));
    }
    ctx.store.revoke_credential(sent.staff.member.id, id, now).await.map_err(failed(s))?;
    Ok(done(HERE, "passkey-removed", None, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_in_two_words() {
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0";
        assert_eq!(browser(edge), "Edge · Windows");
        assert_eq!(browser("curl/8.0"), "curl/8.0");
        assert_eq!(browser(""), "—");
    }

    #[test]
    fn a_session_is_named_by_its_hash() {
        let hash = [0xab; 32];
        assert_eq!(unhex(&hex(&hash)), Some(hash));
        assert!(unhex("zz").is_none() && unhex(&"é".repeat(32)).is_none());
    }
}
