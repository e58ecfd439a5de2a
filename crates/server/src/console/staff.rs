//! Who is at the door: the session behind a cookie, and forms that carry its token.
//!
//! A handler with [`Staff`] or [`Sent`] as an argument is for people who have logged in;
//! one without is public.

use axum::Form;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use touchstone_accounts::{Expiry, Permission, Token, one_may};
use touchstone_store::{Member, Session, StoreError};
use touchstone_types::Lapse;

use super::i18n::Lang;
use super::shell::{Flash, Me, Shell, cookie};
use super::views::MessagePage;
use super::web;
use crate::ctx::Ctx;

/// The last request of a session is noted at most this often.
const NOTE_EVERY: Lapse = Lapse::from_secs(60);

/// Somebody who has logged in.
pub(crate) struct Staff {
    /// Who.
    pub(crate) member: Member,
    /// Their session.
    pub(crate) session: Session,
    token: Token,
    /// What their pages have around them.
    pub(crate) shell: Shell,
}

/// A page or redirection instead of what was asked for. Boxed: it is large and rare.
pub(crate) struct Instead(Box<Response>);

impl From<Response> for Instead {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl IntoResponse for Instead {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl Staff {
    /// Goes on only if one of their roles has the permission.
    pub(crate) fn must(&self, permission: Permission) -> Result<(), Instead> {
        if self.may(permission) { Ok(()) } else { Err(not_allowed(self.shell.clone()).into()) }
    }

    /// Whether one of their roles has the permission.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        one_may(&self.member.roles, permission)
    }

    /// Their pages, at that place in the side bar.
    pub(crate) fn at(self, here: &'static str) -> Shell {
        Shell { here, ..self.shell }
    }

    /// Whether a request of theirs carries the token of its session.
    pub(crate) fn is_theirs(&self, csrf: &str) -> bool {
        self.token.is_csrf(csrf)
    }

    /// Login name, as acts are signed.
    pub(crate) fn login(&self) -> &str {
        &self.member.login
    }
}

/// The name of the session cookie. With https it is bound to the host and to https.
pub(crate) fn session_cookie_name(headers: &HeaderMap) -> &'static str {
    if web::is_secure(headers) { "__Host-session" } else { "session" }
}

impl FromRequestParts<Ctx> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Response> {
        let path = parts.uri.path_and_query().map_or("/console", |it| it.as_str()).to_owned();
        let token = cookie(&parts.headers, session_cookie_name(&parts.headers)).map(Token::parse);
        let Some(Ok(token)) = token else { return Err(to_log_in(&parts.method, &path)) };
        let hash = token.hash();
        let (session, member) = match live_session(ctx, &hash).await {
            Ok(found) => found,
            Err(StoreError::NotFound) => return Err(to_log_in(&parts.method, &path)),
            Err(error) => return Err(busy(&Shell::public(&parts.headers, "", &path), &error)),
        };
        let now = ctx.clock.now();
        if now.since(session.last_seen) > NOTE_EVERY
            && let Err(error) = ctx.store.touch_session(&hash, now).await
        {
            tracing::warn!(%error, "a session's use could not be noted");
        }
        let shell = shell(ctx, &parts.headers, &member, &token, path).await;
        Ok(Self { member, session, token, shell })
    }
}

/// A session that has not ended, and whose it is.
async fn live_session(ctx: &Ctx, hash: &[u8; 32]) -> Result<(Session, Member), StoreError> {
    let (session, member) = ctx.store.session(hash).await?;
    let lives = Expiry::default().is_live(session.created, session.last_seen, ctx.clock.now());
    if lives { Ok((session, member)) } else { Err(StoreError::NotFound) }
}

/// Whoever opened a page that lies open, as they are now; nobody once they have logged out.
pub(crate) async fn still_there(ctx: &Ctx, session: &Session) -> Result<Option<Member>, StoreError> {
    match live_session(ctx, &session.token_hash).await {
        Ok((_, member)) => Ok(Some(member)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn shell(ctx: &Ctx, headers: &HeaderMap, member: &Member, token: &Token, path: String) -> Shell {
    let public = Shell::public(headers, "", &path);
    let lang = match cookie(headers, "lang") {
        Some(_) => public.lang,
        None => Lang::from_tag(&member.language).unwrap_or(public.lang),
    };
    let may: Vec<&'static str> = Permission::ALL
        .iter()
        .filter(|permission| one_may(&member.roles, **permission))
        .map(|permission| permission.name())
        .collect();
    let waiting = match may.contains(&Permission::Review.name()) {
        true => ctx.store.queue_length().await.map_or(0, |(waiting, _)| waiting),
        false => 0,
    };
    let (untaken, calls) = match may.contains(&Permission::WorkCases.name()) {
        true => (crate::desk::untaken(ctx).await, crate::desk::calls_of(ctx, member).await),
        false => (0, Vec::new()),
    };
    Shell {
        lang,
        csrf: token.csrf(),
        staff: Some(Me {
            name: member.name.clone(),
            roles: member.roles.iter().map(|role| role.name().replace('_', "-")).collect(),
            may,
        }),
        waiting,
        untaken,
        calls,
        flash: cookie(headers, "flash").and_then(|it| read_flash(lang, it)),
        ..public
    }
}

fn to_log_in(method: &Method, path: &str) -> Response {
    let next = if *method == Method::GET && !path.starts_with("/console/stream") { path } else { "/console" };
    Redirect::to(&format!("/console/login?next={}", web::encoded(next))).into_response()
}

/// The fields of a form, each name as often as it was sent.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// From pairs.
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The first value of that name, without space around it; empty if there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// The first value of that name just as it was sent.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// All values of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A form sent by somebody who has logged in, from a page of theirs.
pub(crate) struct Sent {
    /// Who sent it.
    pub(crate) staff: Staff,
    /// What is in it.
    pub(crate) fields: Fields,
}

impl FromRequest<Ctx> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, ctx: &Ctx) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let staff = Staff::from_request_parts(&mut parts, ctx).await?;
        let request = Request::from_parts(parts, body);
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, ctx)
            .await
            .map_err(IntoResponse::into_response)?;
        let fields = Fields::new(pairs);
        if staff.token.is_csrf(fields.get("csrf")) {
            Ok(Self { staff, fields })
        } else {
            Err(expired(&staff.shell))
        }
    }
}

/// Goes to a page and says there what was done. `undo` is the number of the act.
pub(crate) fn done(to: &str, key: &str, count: Option<u64>, undo: Option<i64>) -> Response {
    let count = count.map(|it| it.to_string()).unwrap_or_default();
    let undo = undo.map(|it| it.to_string()).unwrap_or_default();
    let flash = format!("flash={key}.{count}.{undo}; Path=/; Max-Age=20; HttpOnly; SameSite=Lax");
    ([(header::SET_COOKIE, flash)], Redirect::to(to)).into_response()
}

fn read_flash(lang: Lang, value: &str) -> Option<Flash> {
    let mut parts = value.split('.');
    let (key, count, undo) = (parts.next()?, parts.next()?, parts.next()?);
    if !lang.has(key) {
        return None;
    }
    let text = match count.parse::<u64>() {
        Ok(count) => lang.text_with(key, &[("n", count.into())]),
        Err(_) => lang.text(key),
    };
    let bad = [
        "cannot-decide",
        "reason-needed",
        "agent-is-somebody-else",
        "agent-not-listed-now",
        "announcement-changed",
        "announcement-needs-another",
        "announcement-not-published",
        "last-administrator",
        "last-way-in",
        "nothing-left",
        "session-over-already",
        "wrong-password",
        "registry-conflict",
        "registry-not-published",
        "registry-say-more",
        "desk-changed-nothing",
        "desk-taken-by-other",
        "desk-sent-template",
    ];
    let flash =
        if bad.contains(&key) || key.starts_with("wrong-") { Flash::bad(text) } else { Flash::good(text) };
    let undo = undo.parse::<i64>().ok().map(|act| format!("/console/acts/{act}/undo"));
    Some(Flash { undo, ..flash })
}

/// A page that says that their roles do not include this.
pub(crate) fn not_allowed(s: Shell) -> Response {
    say(s, StatusCode::FORBIDDEN, "not-allowed-title", "not-allowed", "/console", "back-to-live")
}

/// A page that says that there is no such thing.
pub(crate) fn not_found(s: Shell) -> Response {
    say(s, StatusCode::NOT_FOUND, "not-found-title", "not-found", "/console", "back-to-live")
}

/// A page that says that the form came too late or from elsewhere.
pub(crate) fn expired(s: &Shell) -> Response {
    say(s.clone(), StatusCode::FORBIDDEN, "form-expired", "form-expired", &s.path, "back-to-live")
}

/// What a page does when the store fails.
pub(crate) fn busy(s: &Shell, error: &StoreError) -> Response {
    match error {
        StoreError::NotFound => not_found(s.clone()),
        _ => {
            tracing::error!(%error, "a page could not be read from the store");
            say(s.clone(), StatusCode::SERVICE_UNAVAILABLE, "busy-title", "busy", "/console", "back-to-live")
        }
    }
}

/// The same, to be used with `map_err`.
pub(crate) fn failed(s: &Shell) -> impl Fn(StoreError) -> Instead + '_ {
    |error| busy(s, &error).into()
}

/// A page that says one thing.
pub(crate) fn say(s: Shell, status: StatusCode, title: &str, text: &str, href: &str, link: &str) -> Response {
    let (title, text, link) = (s.t(title), s.t(text), s.t(link));
    web::page(status, &MessagePage { s, title, text, href: href.to_owned(), link })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_may_come_several_times() {
        let pairs = [("role", "lead"), ("name", " a "), ("role", "agent")];
        let fields = Fields::new(pairs.map(|(key, value)| (key.into(), value.into())).to_vec());
        assert_eq!(fields.all("role").collect::<Vec<_>>(), ["lead", "agent"]);
        assert_eq!((fields.get("name"), fields.raw("name"), fields.get("none")), ("a", " a ", ""));
    }

    #[test]
    fn a_flash_shows_only_messages_of_ours() {
        let flash = read_flash(Lang::En, "bulk-done.3.7").unwrap();
        assert_eq!(flash.text, "3 messages decided.");
        assert_eq!(flash.undo.as_deref(), Some("/console/acts/7/undo"));
        assert!(read_flash(Lang::En, "<b>.1.2").is_none() && read_flash(Lang::En, "x").is_none());
        assert_eq!(read_flash(Lang::En, "reason-needed..").unwrap().class, "bad");
    }
}
