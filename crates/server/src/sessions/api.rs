//! The doors for programs: the operator's app begins conversations and proves messages; a user's
//! app or page asks how things stand.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::{get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use touchstone_accounts::Scope;
use touchstone_registry::session::{Bytes32, NotVerified, Signed, find_message, read_inbox};
use touchstone_types::Moment;

use super::flow::{self, INBOX, TalkError, Wanted};
use super::shown::{Current, InboxView, SignedView};
use crate::api::auth;
use crate::api::endpoint::{Content, Endpoint, Parameter};
use crate::api::error::ApiError;
use crate::ctx::Ctx;
use crate::keys;
use crate::stream::{self, Look};

const JSON: &str = "application/json";

/// The longest message that is proven, in bytes.
const MESSAGE_BYTES: usize = 64 * 1024;

/// Every endpoint of this part.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    let mut all = for_operators();
    all.extend(for_users());
    all
}

fn for_operators() -> Vec<Endpoint> {
    let begin = Content {
        example: Some(json!({
            "user": "u-20417", "case": "C-2041", "channel": "phone",
            "user_nonce": "q6s1mF0Z3sPq1J1b8o4m7sQ2v5y8B0E3H6K9N2Q5T8U="
        })),
        ..Content::of::<NewSession>(JSON)
    };
    vec![
        Endpoint {
            method: "post",
            path: "/v1/sessions",
            id: "begin_session",
            summary: ("为一位用户发起会话", "Begin a live conversation with one user"),
            description: "Only the operator's own app does this, from the user's side. It draws `user_nonce` \
                          (32 random bytes, base64) itself and opens `page` for the user, or shows the phrase \
                          and checks the proof itself. The agent must say the phrase first.",
            scope: Some(Scope::SessionsWrite),
            parameters: Vec::new(),
            bodies: vec![begin],
            answers: vec![Content::of::<BegunSession>(JSON)],
            problems: &["bad_request", "not_set_up"],
            handler: post(begin_session),
        },
        Endpoint {
            method: "post",
            path: "/v1/sessions/{id}/messages",
            id: "prove_message",
            summary: ("为发出的消息留下证明", "Prove a message that is being sent"),
            description: "Signs an entry with the message's salted hash into the user's inbox. The text is \
                          hashed and not kept.",
            scope: Some(Scope::SessionsWrite),
            parameters: vec![path("id", "The session")],
            bodies: vec![Content::of::<NewMessage>(JSON)],
            answers: vec![Content::of::<ProvenMessage>(JSON)],
            problems: &["bad_request", "not_found", "conflict", "too_large", "not_set_up"],
            handler: post(prove_message),
        },
    ]
}

fn for_users() -> Vec<Endpoint> {
    let read = |path, id, summary, description, answer, handler| Endpoint {
        method: "get",
        path,
        id,
        summary,
        description,
        scope: None,
        parameters: Vec::new(),
        bodies: Vec::new(),
        answers: vec![answer],
        problems: &["no_key", "too_many"],
        handler,
    };
    vec![
        read(
            "/v1/sessions/current",
            "current_session",
            ("现在是否有人在与我通话", "Who talks to this user now, with the proof"),
            "Needs the user's token in `Authorization: Bearer`. `none` means: nobody of ours is talking to \
             this user; end the conversation. An unknown token gets the same answer.",
            Content::of::<Current>(JSON),
            get(current),
        ),
        read(
            "/v1/sessions/current/stream",
            "follow_session",
            ("同上，有变化时随即告知", "The same, again whenever it changes"),
            "Server-sent events named `now`, each with the JSON of `current_session`.",
            Content::text("text/event-stream"),
            get(follow),
        ),
        Endpoint {
            method: "post",
            ..read(
                "/v1/sessions/current/end",
                "end_session",
                ("用户结束会话", "The user ends the conversation"),
                "Needs the user's token in `Authorization: Bearer`.",
                Content::of::<Current>(JSON),
                post(end),
            )
        },
        read(
            "/v1/inbox",
            "read_inbox",
            ("发给我的消息的证明", "Proofs of the messages that were sent to this user"),
            "Needs the user's token in `Authorization: Bearer`. Signed entries with salted hashes, to be \
             checked on the user's own device; no texts.",
            Content::of::<InboxView>(JSON),
            get(inbox),
        ),
        Endpoint {
            method: "post",
            bodies: vec![Content::of::<NewMessage>(JSON)],
            problems: &["no_key", "too_many", "bad_request", "too_large"],
            ..read(
                "/v1/messages/check",
                "find_sent_message",
                ("这条消息是不是发给我的", "Whether a message was sent to this user, unaltered"),
                "For an app that cannot hash. Needs the user's token in `Authorization: Bearer`. Our own page \
                 does not use it: there the text stays in the browser.",
                Content::of::<CheckedMessage>(JSON),
                post(check_message),
            )
        },
    ]
}

fn path(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, place: "path", about, schema: json!({ "type": "string" }) }
}

/// A conversation that is to begin.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewSession {
    /// The operator's id of the user, opaque to us.
    user: String,
    /// The case that it is about.
    #[serde(default)]
    case: String,
    /// Where they talk: `phone`, `chat`, or a word of the operator's.
    channel: String,
    /// 32 random bytes in base64 that the user's app chose for this conversation.
    user_nonce: String,
}

impl NewSession {
    fn parse(self) -> Result<Wanted, ApiError> {
        let line = |name: &str, text: String, least: usize, most: usize| {
            let fits = (least..=most).contains(&text.len()) && !text.chars().any(char::is_control);
            if fits {
                Ok(text)
            } else {
                Err(ApiError::BadRequest(format!("`{name}` has {least} to {most} bytes")))
            }
        };
        let user_nonce = Bytes32::from_base64(&self.user_nonce)
            .filter(|it| it.0 != [0; 32])
            .ok_or_else(|| ApiError::BadRequest("`user_nonce` is 32 random bytes in base64".to_owned()))?;
        Ok(Wanted {
            user: line("user", self.user, 1, 256)?,
            case: line("case", self.case, 0, 128)?,
            channel: line("channel", self.channel, 1, 64)?,
            user_nonce,
        })
    }
}

/// A conversation that began.
#[derive(Serialize, JsonSchema)]
struct BegunSession {
    /// Its name.
    session: String,
    /// For the user's side only; shown once.
    user_token: String,
    /// The page for the user. Token and nonce are behind the `#` and are not sent to any server.
    page: String,
    /// What the agent is to say first, for the user's side to show.
    phrase: super::shown::PhraseView,
    /// Until when at most.
    expires: Moment,
}

async fn begin_session(
    State(ctx): State<Ctx>,
    parts: Parts,
    body: axum::body::Bytes,
) -> Result<Json<BegunSession>, ApiError> {
    let key = auth::reader(&ctx, &parts, Scope::SessionsWrite).await?;
    let wanted = read::<NewSession>(&body)?.parse()?;
    let nonce = wanted.user_nonce.base64();
    let (begun, token) = flow::begin(&ctx, &key.id, wanted).await?;
    let fragment: String = nonce
        .chars()
        .map(|c| {
            if c == '+' {
                '-'
            } else if c == '/' {
                '_'
            } else {
                c
            }
        })
        .collect();
    Ok(Json(BegunSession {
        page: format!(
            "{}/session#{}.{}",
            ctx.config.public_url(),
            token.text(),
            fragment.trim_end_matches('=')
        ),
        phrase: super::shown::phrase(&begun),
        expires: begun.expires,
        session: begun.id,
        user_token: token.text(),
    }))
}

/// A message of the operator's, as it is sent.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewMessage {
    /// The text as the user sees it.
    text: String,
}

impl NewMessage {
    fn parse(self) -> Result<String, ApiError> {
        match self.text.len() {
            long if long > MESSAGE_BYTES => Err(ApiError::TooLarge(format!("at most {MESSAGE_BYTES} bytes"))),
            _ if self.text.trim().is_empty() => Err(ApiError::BadRequest("`text` is empty".to_owned())),
            _ => Ok(self.text),
        }
    }
}

/// A message's place in the user's inbox.
#[derive(Serialize, JsonSchema)]
struct ProvenMessage {
    /// Its number there.
    n: u64,
    /// The entry.
    entry: SignedView,
}

async fn prove_message(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    parts: Parts,
    body: axum::body::Bytes,
) -> Result<Json<ProvenMessage>, ApiError> {
    auth::reader(&ctx, &parts, Scope::SessionsWrite).await?;
    let text = read::<NewMessage>(&body)?.parse()?;
    let sent = flow::send(&ctx, &id, &text).await?;
    let entry = Signed { text: sent.text, signature: sent.signature };
    Ok(Json(ProvenMessage { n: sent.n, entry: entry.into() }))
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|cause| ApiError::BadRequest(cause.to_string()))
}

/// The user's token, if there is one that does not ask too often. Nobody guesses one of 256 bits.
fn token<'a>(ctx: &Ctx, headers: &'a HeaderMap) -> Result<&'a str, ApiError> {
    let value = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let text =
        value.and_then(|it| it.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let text = text.map(|(_, token)| token.trim()).ok_or(ApiError::NoKey)?;
    let taken = ctx.talk.visitors.take(keys::hash(text), 1, ctx.clock.now());
    taken.map_err(|wait| ApiError::TooMany { wait: wait.0 })?;
    Ok(text)
}

/// How things stand for whoever has this token; an unknown one stands as one whose conversation
/// is over.
async fn look(ctx: &Ctx, token: &str) -> Result<Current, ApiError> {
    match flow::of_token(ctx, token).await {
        Ok(found) => Ok(Current::of(ctx, &found)),
        Err(TalkError::Store(touchstone_store::StoreError::NotFound)) => Ok(Current::unknown()),
        Err(error) => Err(error.into()),
    }
}

async fn current(State(ctx): State<Ctx>, parts: Parts) -> Result<Json<Current>, ApiError> {
    Ok(Json(look(&ctx, token(&ctx, &parts.headers)?).await?))
}

async fn follow(State(ctx): State<Ctx>, parts: Parts) -> Result<Response, ApiError> {
    let token = token(&ctx, &parts.headers)?.to_owned();
    stream::follow(&ctx, ctx.talk.changes.subscribe(), super::LOOK, move |ctx| {
        let token = token.clone();
        async move {
            let now = look(&ctx, &token).await.ok();
            Look::same(now.and_then(|it| serde_json::to_string(&it).ok()))
        }
    })
}

async fn end(State(ctx): State<Ctx>, parts: Parts) -> Result<Json<Current>, ApiError> {
    let token = token(&ctx, &parts.headers)?;
    if let Ok(found) = flow::of_token(&ctx, token).await
        && found.is_open(ctx.clock.now())
    {
        flow::end(&ctx, &found.id, None, "user", "").await?;
    }
    Ok(Json(look(&ctx, token).await?))
}

async fn inbox(State(ctx): State<Ctx>, parts: Parts) -> Result<Json<InboxView>, ApiError> {
    let found = flow::of_token(&ctx, token(&ctx, &parts.headers)?).await?;
    let entries = ctx.store.inbox(&found.inbox, INBOX).await.map_err(ApiError::store)?;
    Ok(Json(InboxView::of(&ctx, &found.inbox, entries)))
}

/// Whether a message was sent.
#[derive(Serialize, JsonSchema)]
struct CheckedMessage {
    /// Whether exactly this text was sent to this user.
    sent: bool,
    /// Its number in the inbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<u64>,
    /// When it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Moment>,
    /// What a person reads.
    message: touchstone_types::Bilingual,
}

async fn check_message(
    State(ctx): State<Ctx>,
    parts: Parts,
    body: axum::body::Bytes,
) -> Result<Json<CheckedMessage>, ApiError> {
    let found = flow::of_token(&ctx, token(&ctx, &parts.headers)?).await?;
    let text = read::<NewMessage>(&body)?.parse()?;
    let entries = ctx.store.inbox(&found.inbox, INBOX).await.map_err(ApiError::store)?;
    let entries: Vec<Signed> =
        entries.into_iter().map(|it| Signed { text: it.text, signature: it.signature }).collect();
    let keys = flow::named_keys(&ctx);
    let read = read_inbox(&entries, &Bytes32(found.inbox), &keys, ctx.clock.now());
    Ok(Json(checked(read.map(|it| find_message(&it, &text).map(|it| (it.n, it.at))))))
}

fn checked(found: Result<Option<(u64, Moment)>, NotVerified>) -> CheckedMessage {
    let say = |zh: &str, en: &str| touchstone_types::Bilingual { zh: zh.to_owned(), en: en.to_owned() };
    match found {
        Ok(Some((n, at))) => CheckedMessage {
            sent: true,
            n: Some(n),
            at: Some(at),
            message: say(
                "这条消息确由我们发给您，内容一字未改。",
                "We sent you this message, and it is unaltered.",
            ),
        },
        Ok(None) => CheckedMessage {
            sent: false,
            n: None,
            at: None,
            message: say(
                "我们没有给您发过这样的消息。请不要照它说的做。",
                "We did not send you this message. Please do not do what it says.",
            ),
        },
        Err(why) => CheckedMessage { sent: false, n: None, at: None, message: why.sentence() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_needs_a_user_a_channel_and_a_nonce_that_somebody_drew() {
        let ask = |user: &str, channel: &str, nonce: String| {
            NewSession { user: user.into(), case: String::new(), channel: channel.into(), user_nonce: nonce }
                .parse()
        };
        let nonce = || Bytes32([5; 32]).base64();
        assert!(ask("u", "phone", nonce()).is_ok());
        for (user, channel, nonce) in [
            ("", "phone", nonce()),
            ("u", "", nonce()),
            ("u\n", "phone", nonce()),
            ("u", "phone", Bytes32([0; 32]).base64()),
            ("u", "phone", "AAAA".to_owned()),
            ("u", "phone", nonce().replace('=', "")),
        ] {
            assert!(ask(user, channel, nonce).is_err());
        }
    }

    #[test]
    fn no_answer_about_a_message_is_without_words() {
        assert!(checked(Ok(Some((1, Moment::MIN)))).sent);
        for other in [Ok(None), Err(NotVerified::ChainBroken)] {
            let answer = checked(other);
            assert!(!answer.sent && !answer.message.zh.is_empty() && !answer.message.en.is_empty());
        }
    }
}
