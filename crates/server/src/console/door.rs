//! How staff come in and go: log-in by passkey or by password with a code, log-out.
//!
//! Always true here:
//! - Whatever was wrong with a log-in, the answer is the same and takes as long.
//! - Failures slow down by account and by address; the wait is said and has an end.
//! - Who comes in with a password also has a code from an app.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use touchstone_accounts::{Token, Totp, password, throttle};
use touchstone_store::{Credential, CredentialKind, Member, Session, StoreError};
use touchstone_types::Lapse;

use super::ceremony::Asked;
use super::shell::{Shell, cookie};
use super::staff::{Fields, Instead, Sent, expired, failed, session_cookie_name};
use super::views::{LoginPage, TotpView};
use super::web;
use crate::ctx::Ctx;

/// The cookie that ties the forms before log-in to one browser.
const DOOR: &str = "door";

/// Where somebody is, for sessions and throttling.
pub(crate) struct Whence {
    pub(crate) address: String,
    pub(crate) agent: String,
}

impl Whence {
    pub(super) fn of(info: &ConnectInfo<SocketAddr>, headers: &HeaderMap) -> Self {
        let agent = headers.get(header::USER_AGENT).and_then(|it| it.to_str().ok()).unwrap_or_default();
        Self { address: info.0.ip().to_string(), agent: agent.chars().take(300).collect() }
    }
}

/// A page before log-in: its forms are tied to the browser by a cookie.
pub(super) fn tied(headers: &HeaderMap, here: &'static str, path: &str) -> (Shell, Option<String>) {
    let mut shell = Shell::public(headers, here, path);
    if let Some(Ok(token)) = cookie(headers, DOOR).map(Token::parse) {
        shell.csrf = token.csrf();
        return (shell, None);
    }
    let token = Token::from_random(rand::random());
    shell.csrf = token.csrf();
    let secure = if web::is_secure(headers) { "; Secure" } else { "" };
    (shell, Some(format!("{DOOR}={}; Path=/console; HttpOnly; SameSite=Strict{secure}", token.text())))
}

pub(super) fn with_cookie(cookie: Option<String>, response: Response) -> Response {
    match cookie {
        Some(cookie) => (AppendHeaders([(header::SET_COOKIE, cookie)]), response).into_response(),
        None => response,
    }
}

/// Whether a form before log-in comes from a page of this browser.
pub(super) fn is_ours(headers: &HeaderMap, csrf: &str) -> bool {
    matches!(cookie(headers, DOOR).map(Token::parse), Some(Ok(token)) if token.is_csrf(csrf))
}

/// Where to go after log-in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Next {
    next: String,
}

fn after(next: &str) -> String {
    let next = web::local(next);
    if next.starts_with("/console") { next } else { "/console".to_owned() }
}

/// `GET /console/login`
pub(crate) async fn login_page(headers: HeaderMap, Query(next): Query<Next>) -> Response {
    let (s, cookie) = tied(&headers, "login", "/console/login");
    let page = LoginPage { s, problem: None, login: String::new(), next: after(&next.next), open: false };
    with_cookie(cookie, web::page(StatusCode::OK, &page))
}

/// `POST /console/login`: password and code.
pub(crate) async fn login(
    State(ctx): State<Ctx>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Instead> {
    let fields = Fields::new(pairs);
    let (s, _) = tied(&headers, "login", "/console/login");
    if !is_ours(&headers, fields.get("csrf")) {
        return Ok(expired(&s));
    }
    let (from, login, next) = (Whence::of(&info, &headers), fields.get("login"), after(fields.get("next")));
    let again = |status, problem| {
        let (s, login, next) = (s.clone(), login.to_owned(), next.clone());
        Ok(web::page(status, &LoginPage { s, problem: Some(problem), login, next, open: true }))
    };
    if let Some(wait) = wait(&ctx, login, &from).await.map_err(failed(&s))? {
        return again(StatusCode::TOO_MANY_REQUESTS, s.n("log-in-throttled", wait.as_secs().max(1)));
    }
    let member = by_password(&ctx, login, fields.raw("password"), fields.get("code")).await;
    match member.map_err(failed(&s))? {
        Some(member) => welcome(&ctx, &headers, &member, &from, &next).await.map_err(failed(&s)),
        None => {
            missed(&ctx, login, &from).await.map_err(failed(&s))?;
            again(StatusCode::UNAUTHORIZED, s.t("log-in-failed"))
        }
    }
}

/// How long this log-in has to wait, if it has to.
async fn wait(ctx: &Ctx, login: &str, from: &Whence) -> Result<Option<Lapse>, StoreError> {
    let account = failures(ctx, &subject_account(login)).await?;
    let address = failures(ctx, &subject_address(from)).await?;
    let wait = throttle::wait(account, address, ctx.clock.now());
    Ok((wait > Lapse::ZERO).then_some(wait))
}

async fn failures(ctx: &Ctx, subject: &str) -> Result<touchstone_accounts::Failures, StoreError> {
    let found = ctx.store.failures(subject).await?;
    Ok(touchstone_accounts::Failures { count: found.count, last: found.last })
}

/// The account as throttling knows it; a hash, since people also type passwords there.
fn subject_account(login: &str) -> String {
    let digest = Sha256::digest(login.trim().to_lowercase().as_bytes());
    let hex: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("account:{hex}")
}

fn subject_address(from: &Whence) -> String {
    format!("address:{}", from.address)
}

async fn missed(ctx: &Ctx, login: &str, from: &Whence) -> Result<(), StoreError> {
    let now = ctx.clock.now();
    ctx.store.count_failure(&subject_account(login), now, throttle::FORGET_AFTER).await?;
    ctx.store.count_failure(&subject_address(from), now, throttle::FORGET_AFTER).await?;
    Ok(())
}

/// The member with that log-in name, password and code, if all three are right. Takes as long
/// for a name that nobody has.
async fn by_password(ctx: &Ctx, login: &str, given: &str, code: &str) -> Result<Option<Member>, StoreError> {
    let member = match ctx.store.member_by_login(login).await {
        Ok(member) => Some(member).filter(|it| it.disabled.is_none()),
        Err(StoreError::NotFound) => None,
        Err(error) => return Err(error),
    };
    let credentials = match &member {
        Some(member) => ctx.store.credentials(member.id).await?,
        None => Vec::new(),
    };
    let stored = of_kind(&credentials, CredentialKind::Password).map(|it| it.secret.clone());
    let fits = verify(given.to_owned(), stored.unwrap_or_else(|| password::nobodys().to_owned())).await;
    let now = ctx.clock.now();
    let (Some(member), true) = (member, fits) else { return Ok(None) };
    let Some(app) = of_kind(&credentials, CredentialKind::Totp) else { return Ok(None) };
    let Ok(totp) = serde_json::from_str::<Totp>(&app.secret) else { return Ok(None) };
    let Ok(used) = totp.accept(code, now) else { return Ok(None) };
    let Ok(after) = serde_json::to_string(&used) else { return Ok(None) };
    match ctx.store.use_credential(app.id, &app.secret, &after, now).await {
        Ok(()) => Ok(Some(member)),
        Err(StoreError::Conflict(_)) => Ok(None), // The code was used by another request.
        Err(error) => Err(error),
    }
}

/// The credential of that kind.
pub(super) fn of_kind(credentials: &[Credential], kind: CredentialKind) -> Option<&Credential> {
    credentials.iter().find(|it| it.kind == kind)
}

/// Compares off the threads that serve requests: it takes tens of milliseconds on purpose.
pub(super) async fn verify(given: String, stored: String) -> bool {
    tokio::task::spawn_blocking(move || password::verify(&given, &stored)).await.unwrap_or(false)
}

/// Hashes off the threads that serve requests.
pub(super) async fn hashed(given: String) -> Option<String> {
    let salt: [u8; 16] = rand::random();
    tokio::task::spawn_blocking(move || password::hash(&given, &salt)).await.ok()?.ok()
}

/// Opens a session and goes on.
async fn welcome(
    ctx: &Ctx,
    headers: &HeaderMap,
    member: &Member,
    from: &Whence,
    next: &str,
) -> Result<Response, StoreError> {
    let cookie = open_session(ctx, headers, member, from, false).await?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(next)).into_response())
}

pub(super) async fn open_session(
    ctx: &Ctx,
    headers: &HeaderMap,
    member: &Member,
    from: &Whence,
    by_passkey: bool,
) -> Result<String, StoreError> {
    let (token, now) = (Token::from_random(rand::random()), ctx.clock.now());
    let session = Session {
        token_hash: token.hash(),
        member: member.id,
        created: now,
        last_seen: now,
        address: from.address.clone(),
        user_agent: from.agent.clone(),
        revoked: None,
    };
    ctx.store.add_session(&session).await?;
    if by_passkey {
        ctx.store.began_with_passkey(&session.token_hash, now).await?;
    }
    ctx.store.clear_failures(&subject_account(&member.login)).await?;
    let (name, secure) = (session_cookie_name(headers), web::is_secure(headers));
    let secure = if secure { "; Secure" } else { "" };
    Ok(format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}", token.text()))
}

/// `POST /console/logout`
pub(crate) async fn logout(
    State(ctx): State<Ctx>,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, Instead> {
    let (s, now) = (&sent.staff.shell, ctx.clock.now());
    let ended = ctx.store.log_out(sent.staff.member.id, &sent.staff.session.token_hash, now).await;
    ended.map_err(failed(s))?;
    let secure = if web::is_secure(&headers) { "; Secure" } else { "" };
    let gone =
        format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}", session_cookie_name(&headers));
    Ok((AppendHeaders([(header::SET_COOKIE, gone)]), Redirect::to("/console/login")).into_response())
}

/// What a passkey's page sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    pub(crate) login: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) label: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    pub(crate) ceremony: String,
    #[serde(default)]
    pub(crate) credential: Option<Box<RawValue>>,
}

/// What it gets.
#[derive(Debug, Serialize)]
pub(crate) struct Question {
    ceremony: String,
    options: Box<RawValue>,
}

/// A failure in a passkey's way: a status and a sentence.
pub(crate) fn refuse(status: StatusCode, message: String) -> Response {
    (status, Json(serde_json::json!({ "message": message }))).into_response()
}

/// The same for a store that failed.
pub(crate) fn refuse_busy(s: &Shell) -> impl Fn(StoreError) -> Instead + '_ {
    |error| {
        tracing::error!(%error, "a log-in could not be read from the store");
        refuse(StatusCode::SERVICE_UNAVAILABLE, s.t("busy")).into()
    }
}

/// Sends a question to the browser and remembers it.
pub(crate) fn ask(ctx: &Ctx, s: &Shell, whom: &str, question: String, state: String) -> Response {
    let ceremony = Token::from_random(rand::random()).text();
    let Ok(options) = RawValue::from_string(question) else {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, s.t("passkey-failed"));
    };
    ctx.console.ask(ceremony.clone(), Asked { whom: whom.to_owned(), state }, ctx.clock.now());
    Json(Question { ceremony, options }).into_response()
}

pub(super) fn csrf_header(headers: &HeaderMap) -> &str {
    headers.get("x-csrf-token").and_then(|it| it.to_str().ok()).unwrap_or_default()
}

async fn passkeys_of(ctx: &Ctx, login: &str) -> Result<Option<(Member, Vec<Credential>)>, StoreError> {
    let member = match ctx.store.member_by_login(login).await {
        Ok(member) if member.disabled.is_none() => member,
        Ok(_) | Err(StoreError::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut credentials = ctx.store.credentials(member.id).await?;
    credentials.retain(|it| it.kind == CredentialKind::Passkey);
    Ok((!credentials.is_empty()).then_some((member, credentials)))
}

fn secrets(credentials: &[Credential]) -> Vec<String> {
    credentials.iter().map(|it| it.secret.clone()).collect()
}

/// `POST /console/login/passkey/start`
pub(crate) async fn passkey_start(
    State(ctx): State<Ctx>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(body): Json<Answer>,
) -> Result<Response, Instead> {
    let (s, _) = tied(&headers, "login", "/console/login");
    if !is_ours(&headers, csrf_header(&headers)) {
        return Ok(refuse(StatusCode::FORBIDDEN, s.t("form-expired")));
    }
    let from = Whence::of(&info, &headers);
    if let Some(wait) = wait(&ctx, &body.login, &from).await.map_err(refuse_busy(&s))? {
        let message = s.n("log-in-throttled", wait.as_secs().max(1));
        return Ok(refuse(StatusCode::TOO_MANY_REQUESTS, message));
    }
    let Some(passkeys) = &ctx.console.passkeys else {
        return Ok(refuse(StatusCode::BAD_REQUEST, s.t("passkey-failed")));
    };
    let found = passkeys_of(&ctx, body.login.trim()).await.map_err(refuse_busy(&s))?;
    let started = found.map(|(_, credentials)| passkeys.start_authentication(&secrets(&credentials)));
    Ok(match started {
        Some(Ok(challenge)) => ask(&ctx, &s, body.login.trim(), challenge.question, challenge.state),
        Some(Err(error)) => {
            tracing::error!(%error, "a stored passkey cannot be asked for");
            refuse(StatusCode::BAD_REQUEST, s.t("passkey-failed"))
        }
        None => ask(&ctx, &s, body.login.trim(), decoy(&ctx, body.login.trim()), String::new()),
    })
}

/// A question like any other, to a passkey that does not exist: whether somebody has this
/// log-in name cannot be seen from here.
fn decoy(ctx: &Ctx, login: &str) -> String {
    let id = Sha256::new().chain_update(ctx.console.decoy).chain_update(login.to_lowercase()).finalize();
    let url = ctx.config.public_url();
    let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let host = host.split([':', '/']).next().unwrap_or_default();
    serde_json::json!({ "publicKey": {
        "challenge": base64url(&rand::random::<[u8; 32]>()),
        "timeout": 300_000,
        "rpId": host,
        "allowCredentials": [{ "type": "public-key", "id": base64url(&id) }],
        "userVerification": "required",
    }})
    .to_string()
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 2);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().enumerate().fold(0_u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
        for digit in 0..=chunk.len() {
            let index = (word >> (18 - 6 * digit)) & 63;
            out.push(char::from(DIGITS[index as usize]));
        }
    }
    out
}

/// `POST /console/login/passkey/finish`
pub(crate) async fn passkey_finish(
    State(ctx): State<Ctx>,
    info: ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(body): Json<Answer>,
) -> Result<Response, Instead> {
    let (s, _) = tied(&headers, "login", "/console/login");
    if !is_ours(&headers, csrf_header(&headers)) {
        return Ok(refuse(StatusCode::FORBIDDEN, s.t("form-expired")));
    }
    let (from, login) = (Whence::of(&info, &headers), body.login.trim());
    let member = by_passkey(&ctx, login, &body).await.map_err(refuse_busy(&s))?;
    let Some(member) = member else {
        missed(&ctx, login, &from).await.map_err(refuse_busy(&s))?;
        return Ok(refuse(StatusCode::UNAUTHORIZED, s.t("passkey-failed")));
    };
    let cookie = open_session(&ctx, &headers, &member, &from, true).await.map_err(refuse_busy(&s))?;
    let next = Json(serde_json::json!({ "next": after(&body.next) }));
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), next).into_response())
}

async fn by_passkey(ctx: &Ctx, login: &str, body: &Answer) -> Result<Option<Member>, StoreError> {
    let now = ctx.clock.now();
    let asked = ctx.console.answered(&body.ceremony, now).filter(|it| it.whom == login);
    let (Some(asked), Some(credential), Some(passkeys)) = (asked, &body.credential, &ctx.console.passkeys)
    else {
        return Ok(None);
    };
    let Some((member, credentials)) = passkeys_of(ctx, login).await? else { return Ok(None) };
    let proven = passkeys.finish_authentication(credential.get(), &asked.state, &secrets(&credentials));
    let Ok((place, after)) = proven else { return Ok(None) };
    let Some(used) = credentials.get(place) else { return Ok(None) };
    match ctx.store.use_credential(used.id, &used.secret, &after, now).await {
        Ok(()) => Ok(Some(member)),
        Err(StoreError::Conflict(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The picture of a secret for an authenticator app.
pub(super) fn totp_view(totp: &Totp, login: &str) -> TotpView {
    let login = if login.is_empty() { "staff" } else { login };
    let qr = QrCode::new(totp.uri("Touchstone", login).as_bytes()).map_or_else(
        |_| String::new(),
        |code| {
            let image = code.render::<svg::Color<'_>>().min_dimensions(168, 168).quiet_zone(true).build();
            // Only the drawing: a declaration has no place inside a page.
            image.find("<svg").map_or(String::new(), |at| image[at..].to_owned())
        },
    );
    let secret: Vec<String> =
        totp.typed().as_bytes().chunks(4).map(|it| String::from_utf8_lossy(it).into_owned()).collect();
    TotpView { qr, secret: secret.join(" ") }
}

/// Whether somebody may have this password, or a sentence that says why not.
pub(super) fn check_password(s: &Shell, given: &str, about: &[&str]) -> Result<(), String> {
    let mut words = about.to_vec();
    words.push("Touchstone");
    // The page says 15 also where a code stands beside it: one rule is easier to keep.
    let about = password::About { words: &words, has_second: false };
    password::check(given, &about, |_| false).map_err(|refusal| {
        s.t(match refusal {
            password::Refusal::TooShort(_) => "password-too-short",
            password::Refusal::TooLong(_) => "password-too-long",
            password::Refusal::Known => "password-breached",
            password::Refusal::Personal => "password-personal",
            password::Refusal::Guessable => "password-weak",
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_log_in_one_stays_in_the_console() {
        for (next, expected) in [
            ("/console/rules?status=live", "/console/rules?status=live"),
            ("https://evil.example", "/console"),
            ("//evil.example", "/console"),
            ("/playground", "/console"),
            ("", "/console"),
        ] {
            assert_eq!(after(next), expected, "{next}");
        }
    }

    #[test]
    fn bytes_are_written_as_webauthn_wants_them() {
        for (bytes, text) in
            [(&b""[..], ""), (b"f", "Zg"), (b"fo", "Zm8"), (b"foo", "Zm9v"), (b"\xff\xfe", "__4")]
        {
            assert_eq!(base64url(bytes), text);
        }
    }

    #[test]
    fn the_throttle_does_not_keep_what_was_typed() {
        let subject = subject_account("Hunter2 Is My Password");
        assert!(!subject.to_lowercase().contains("hunter2"));
        assert_eq!(subject, subject_account(" hunter2 is my password "));
    }

    #[test]
    fn an_app_can_be_set_up_without_an_inline_style() {
        let view = totp_view(&Totp::from_random([7; 20]), "ann");
        assert!(view.qr.starts_with("<svg") && !view.qr.contains("style="));
        assert_eq!(view.secret.replace(' ', "").len(), 32);
    }
}
