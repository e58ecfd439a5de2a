//! How somebody joins: a one-time link, then a passkey, or a password with codes from an app.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, Form, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use touchstone_accounts::Totp;
use touchstone_store::{CredentialKind, Invitation, NewMember, StoreError};
use touchstone_types::Moment;

use super::door::{
    Answer, Whence, ask, check_password, csrf_header, hashed, is_ours, open_session, refuse, refuse_busy,
    tied, totp_view, with_cookie,
};
use super::shell::Shell;
use super::staff::{Fields, Instead, done, expired, failed, say};
use super::views::SetupPage;
use super::web;
use crate::ctx::Ctx;
use crate::keys;

fn roles_of(s: &Shell, invitation: &Invitation) -> String {
    let words: Vec<String> =
        invitation.roles.iter().map(|role| s.t(&format!("role-{}", role.name().replace('_', "-")))).collect();
    words.join(" · ")
}

fn gone(s: Shell) -> Response {
    say(s, StatusCode::NOT_FOUND, "setup-gone-title", "setup-gone", "/console/login", "log-in")
}

/// `GET /console/setup/{token}`
pub(crate) async fn setup_page(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Instead> {
    let (s, cookie) = tied(&headers, "setup", &format!("/console/setup/{}", web::encoded(&token)));
    let now = ctx.clock.now();
    let invitation = match ctx.store.invitation(&keys::hash(&token), now).await {
        Ok(invitation) => invitation,
        Err(StoreError::NotFound) => return Ok(gone(s)),
        Err(error) => return Err(failed(&s)(error)),
    };
    let (role, totp) = (roles_of(&s, &invitation), totp_view(&ctx.console.code(&token, now), ""));
    let (problem, name, login) = (None, String::new(), String::new());
    let open = ctx.console.passkeys.is_none();
    let page = SetupPage { s, token, role, problem, name, login, open, totp };
    Ok(with_cookie(cookie, web::page(StatusCode::OK, &page)))
}

/// `POST /console/setup/{token}`: with password and code.
pub(crate) async fn setup(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Instead> {
    let fields = Fields::new(pairs);
    let (s, _) = tied(&headers, "setup", &format!("/console/setup/{}", web::encoded(&token)));
    if !is_ours(&headers, fields.get("csrf")) {
        return Ok(expired(&s));
    }
    let now = ctx.clock.now();
    let invitation = match ctx.store.invitation(&keys::hash(&token), now).await {
        Ok(invitation) => invitation,
        Err(StoreError::NotFound) => return Ok(gone(s)),
        Err(error) => return Err(failed(&s)(error)),
    };
    let (name, login, given) = (fields.get("name"), fields.get("login"), fields.raw("password"));
    let totp = ctx.console.code(&token, now);
    let credentials = first_credentials(&s, &totp, name, login, given, fields.get("code"), now).await;
    let problem = match credentials {
        Ok(credentials) => {
            let new = NewMember { login, name, language: s.lang.code(), credentials: &credentials };
            match ctx.store.join(&keys::hash(&token), &new, now).await {
                Ok(member) => {
                    ctx.console.code_used(&token, now);
                    let from = Whence::of(&info, &headers);
                    let cookie =
                        open_session(&ctx, &headers, &member, &from, false).await.map_err(failed(&s))?;
                    return Ok(with_cookie(Some(cookie), done("/console", "setup-done", None, None)));
                }
                Err(StoreError::Conflict(_)) => s.t("login-taken"),
                Err(StoreError::NotFound) => return Ok(gone(s)),
                Err(error) => return Err(failed(&s)(error)),
            }
        }
        Err(problem) => problem,
    };
    let page = SetupPage {
        role: roles_of(&s, &invitation),
        problem: Some(problem),
        name: name.to_owned(),
        login: login.to_owned(),
        open: true,
        totp: totp_view(&totp, login),
        token,
        s,
    };
    Ok(web::page(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// A password and an app for codes, or what is wrong with them.
async fn first_credentials(
    s: &Shell,
    totp: &Totp,
    name: &str,
    login: &str,
    given: &str,
    code: &str,
    now: Moment,
) -> Result<Vec<(CredentialKind, &'static str, String)>, String> {
    if name.is_empty() || login.is_empty() {
        return Err(s.t("fields-missing"));
    }
    check_password(s, given, &[name, login])?;
    let used = totp.accept(code, now).map_err(|_| s.t("wrong-code"))?;
    let app = serde_json::to_string(&used).map_err(|_| s.t("wrong-code"))?;
    let hash = hashed(given.to_owned()).await.ok_or_else(|| s.t("password-too-long"))?;
    Ok(vec![(CredentialKind::Password, "", hash), (CredentialKind::Totp, "", app)])
}

/// `POST /console/setup/{token}/passkey/start`
pub(crate) async fn setup_passkey_start(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Answer>,
) -> Result<Response, Instead> {
    let (s, _) = tied(&headers, "setup", "/console/login");
    if !is_ours(&headers, csrf_header(&headers)) {
        return Ok(refuse(StatusCode::FORBIDDEN, s.t("form-expired")));
    }
    match ctx.store.invitation(&keys::hash(&token), ctx.clock.now()).await {
        Ok(_) => {}
        Err(StoreError::NotFound) => return Ok(refuse(StatusCode::NOT_FOUND, s.t("setup-gone"))),
        Err(error) => return Err(refuse_busy(&s)(error)),
    }
    let (name, login) = (body.name.trim(), body.login.trim());
    if name.is_empty() || login.is_empty() {
        return Ok(refuse(StatusCode::UNPROCESSABLE_ENTITY, s.t("fields-missing")));
    }
    let Some(passkeys) = &ctx.console.passkeys else {
        return Ok(refuse(StatusCode::BAD_REQUEST, s.t("no-passkey-here")));
    };
    // There is no member yet: the device gets an id that nobody else has.
    let id = i64::from(rand::random::<u32>()) << 31;
    Ok(match passkeys.start_registration(id, login, name, &[]) {
        Ok(challenge) => ask(&ctx, &s, &token, challenge.question, challenge.state),
        Err(error) => {
            tracing::warn!(%error, "a passkey cannot be asked for");
            refuse(StatusCode::BAD_REQUEST, s.t("passkey-failed"))
        }
    })
}

/// `POST /console/setup/{token}/passkey/finish`
pub(crate) async fn setup_passkey_finish(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(body): Json<Answer>,
) -> Result<Response, Instead> {
    let (s, _) = tied(&headers, "setup", "/console/login");
    if !is_ours(&headers, csrf_header(&headers)) {
        return Ok(refuse(StatusCode::FORBIDDEN, s.t("form-expired")));
    }
    let now = ctx.clock.now();
    let Some(made) = made_passkey(&ctx, &token, &body) else {
        return Ok(refuse(StatusCode::BAD_REQUEST, s.t("passkey-failed")));
    };
    let label = s.t("guard-passkey");
    let credentials = [(CredentialKind::Passkey, label.as_str(), made)];
    let (name, login) = (body.name.trim(), body.login.trim());
    let new = NewMember { login, name, language: s.lang.code(), credentials: &credentials };
    let member = match ctx.store.join(&keys::hash(&token), &new, now).await {
        Ok(member) => member,
        Err(StoreError::Conflict(_)) => return Ok(refuse(StatusCode::CONFLICT, s.t("login-taken"))),
        Err(StoreError::NotFound) => return Ok(refuse(StatusCode::NOT_FOUND, s.t("setup-gone"))),
        Err(error) => return Err(refuse_busy(&s)(error)),
    };
    let from = Whence::of(&info, &headers);
    let cookie = open_session(&ctx, &headers, &member, &from, true).await.map_err(refuse_busy(&s))?;
    let next = Json(serde_json::json!({ "next": "/console" }));
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), next).into_response())
}

/// The passkey that answers a question which was put to the same person.
pub(super) fn made_passkey(ctx: &Ctx, whom: &str, body: &Answer) -> Option<String> {
    let asked = ctx.console.answered(&body.ceremony, ctx.clock.now()).filter(|it| it.whom == whom)?;
    let passkeys = ctx.console.passkeys.as_ref()?;
    passkeys.finish_registration(body.credential.as_ref()?.get(), &asked.state).ok()
}
