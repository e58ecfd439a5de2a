//! Each step of a conversation, once: gather, ask the registry's rules, save, tell who watches.

use touchstone_accounts::Token;
use touchstone_registry::session::{
    AgentKey, Bytes32, Expected, LONGEST_SESSION, ListedAgent, Message, MessageDraft, NotVerified, Phrase,
    Proof, Session, SessionsKey, Signed, inbox_of, verify,
};
use touchstone_registry::{IdentityKind, Registry};
use touchstone_signed_log::SigningKey;
use touchstone_store::{Conversation, Member, SentMessage, StoreError, Taken};
use touchstone_types::{Lapse, Moment};

use super::Talk;
use crate::api::error::ApiError;
use crate::ctx::Ctx;
use crate::keys::{self, KeyError};

/// A proof counts from so long before it was signed: a user's clock may be behind.
const CLOCKS_DIFFER: Lapse = Lapse::from_secs(120);

/// How long a conversation that is over is kept.
const KEPT: Lapse = Lapse::from_secs(30 * 86_400);

/// How many messages of an inbox are shown.
pub(super) const INBOX: usize = 500;

/// Why a step was not done; a variant for each thing that is said then.
#[derive(Debug, thiserror::Error)]
pub(super) enum TalkError {
    /// There is no sessions key, or the log does not name it.
    #[error("no sessions key that the log names")]
    NotSetUp,
    /// Whoever asks is bound to no agent that is listed now.
    #[error("not a listed agent")]
    NoAgent,
    /// What was signed does not verify.
    #[error("the proof does not verify: {0}")]
    NotVerified(#[from] NotVerified),
    /// What was sent is of no form that is read.
    #[error("{0}")]
    Form(&'static str),
    /// The store.
    #[error("the store")]
    Store(#[from] StoreError),
    /// No random numbers.
    #[error("no randomness")]
    Random(#[from] KeyError),
}

impl From<TalkError> for ApiError {
    fn from(error: TalkError) -> Self {
        match error {
            TalkError::NotSetUp => ApiError::NotSetUp(
                "live conversations need a sessions key that the log names; see docs/sessions.md",
            ),
            TalkError::NoAgent => ApiError::NotFound,
            TalkError::NotVerified(why) => ApiError::BadRequest(why.to_string()),
            TalkError::Form(what) => ApiError::BadRequest(what.to_owned()),
            TalkError::Store(StoreError::NotFound) => ApiError::NotFound,
            TalkError::Store(StoreError::Conflict(what)) => ApiError::Conflict(what),
            TalkError::Store(cause) => ApiError::store(cause),
            TalkError::Random(cause) => ApiError::Internal(cause.into()),
        }
    }
}

/// Whole seconds: what is signed has no use for less, and every language reads them.
pub(super) fn seconds(at: Moment) -> Moment {
    let micros = at.as_micros();
    Moment::from_micros(micros - micros.rem_euclid(1_000_000)).unwrap_or(at)
}

/// What the operator's app asks for.
pub(super) struct Wanted {
    pub(super) user: String,
    pub(super) case: String,
    pub(super) channel: String,
    pub(super) user_nonce: Bytes32,
}

/// Our key, if the log names it now.
pub(super) fn signing_key(ctx: &Ctx) -> Result<&SigningKey, TalkError> {
    let key = ctx.talk.key.as_ref().ok_or(TalkError::NotSetUp)?;
    let (public, now) = (Talk::public(key), ctx.clock.now());
    let named = named_keys(ctx).iter().any(|it| it.key == public && it.from <= now && now < it.until);
    if named { Ok(key) } else { Err(TalkError::NotSetUp) }
}

/// The keys that the log names for sessions, whatever their validity.
pub(super) fn named_keys(ctx: &Ctx) -> Vec<SessionsKey> {
    ctx.registry.now().registry.keys().iter().filter_map(|(_, key)| SessionsKey::of(key)).collect()
}

/// The agents of that name, whatever their validity.
pub(super) fn listed(registry: &Registry, name: &str) -> Vec<ListedAgent> {
    registry.find(IdentityKind::Agent, name).map(ListedAgent::of).collect()
}

/// The agent of that name, if the listing is in force.
pub(super) fn in_force(ctx: &Ctx, name: &str) -> Option<ListedAgent> {
    let registry = &ctx.registry.now().registry;
    registry.official(IdentityKind::Agent, name, ctx.clock.now()).map(ListedAgent::of)
}

/// Begins a conversation; gives it with the user's token.
pub(super) async fn begin(
    ctx: &Ctx,
    key_id: &str,
    wanted: Wanted,
) -> Result<(Conversation, Token), TalkError> {
    signing_key(ctx)?;
    let token = keys::token()?;
    let now = seconds(ctx.clock.now());
    let phrase = Phrase::draw(keys::random()?);
    let longest = LONGEST_SESSION.as_secs() - CLOCKS_DIFFER.as_secs();
    let lasts = Lapse::from_secs((60 * u64::from(ctx.config.sessions.minutes)).clamp(60, longest));
    let id: [u8; 12] = keys::random()?;
    let conversation = Conversation {
        id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
        token_hash: token.hash(),
        inbox: inbox_of(&wanted.user).0,
        user: wanted.user,
        case: wanted.case,
        channel: wanted.channel,
        user_nonce: wanted.user_nonce.0,
        phrase_zh: phrase.zh,
        phrase_en: phrase.en,
        made_by: key_id.to_owned(),
        created: now,
        expires: now + lasts,
        taken: None,
        ended: None,
    };
    ctx.store.forget_conversations(now - KEPT).await?;
    ctx.store.begin_conversation(&conversation).await?;
    ctx.talk.changed();
    Ok((conversation, token))
}

/// As which listed agent somebody talks.
pub(super) async fn agent_of(ctx: &Ctx, member: &Member) -> Result<ListedAgent, TalkError> {
    let bound = ctx.store.bound_agents().await?;
    let name = bound.into_iter().find(|it| it.member == member.id).ok_or(TalkError::NoAgent)?.agent;
    in_force(ctx, &name).ok_or(TalkError::NoAgent)
}

/// Certifies the key that an agent's browser made for one conversation, and gives with it the
/// text that the browser is to sign.
pub(super) async fn take(
    ctx: &Ctx,
    member: &Member,
    id: &str,
    key: Bytes32,
    purpose: &str,
) -> Result<(Signed, String), TalkError> {
    let signing = signing_key(ctx)?;
    let agent = agent_of(ctx, member).await?;
    if !agent.purposes.iter().any(|it| it == purpose) {
        return Err(NotVerified::PurposeNotListed.into());
    }
    let conversation = ctx.store.conversation(id).await?;
    let from = seconds(ctx.clock.now()) - CLOCKS_DIFFER;
    let certificate = AgentKey { agent: agent.name.clone(), key, from, until: conversation.expires };
    let certificate = Talk::sign(signing, certificate.text());
    let session = Session {
        session: conversation.id.clone(),
        case: conversation.case,
        channel: conversation.channel,
        agent: agent.name.clone(),
        role: agent.role,
        purposes: vec![purpose.to_owned()],
        from,
        expiry: conversation.expires,
        user_nonce: Bytes32(conversation.user_nonce),
    };
    let taken = Taken {
        holder: member.login.clone(),
        agent: agent.name,
        at: ctx.clock.now(),
        agent_key: json(&certificate),
        proof: None,
    };
    ctx.store.take_conversation(id, &taken).await?;
    ctx.talk.changed();
    Ok((certificate, session.text()))
}

fn json(signed: &Signed) -> String {
    // Two strings: they always serialise.
    serde_json::to_string(signed).unwrap_or_default()
}

/// Keeps what the agent's browser signed, if it verifies as it will on the user's side.
pub(super) async fn sign(ctx: &Ctx, member: &Member, id: &str, signed: Signed) -> Result<(), TalkError> {
    let conversation = ctx.store.conversation(id).await?;
    let taken = conversation.taken.as_ref().filter(|it| it.holder == member.login);
    let taken = taken.ok_or(StoreError::Conflict("the conversation is over, or not theirs"))?;
    let proof = proof(&taken.agent_key, &json(&signed)).ok_or(NotVerified::Malformed("session"))?;
    let verified = check(ctx, &conversation, &proof)?;
    if verified.session != conversation.id || verified.expiry != conversation.expires {
        return Err(NotVerified::OtherCase.into());
    }
    ctx.store.sign_conversation(id, &member.login, &taken.agent_key, &json(&signed), ctx.clock.now()).await?;
    ctx.talk.changed();
    Ok(())
}

/// The proof of a conversation as it is stored.
pub(super) fn proof(agent_key: &str, session: &str) -> Option<Proof> {
    Some(Proof {
        agent_key: serde_json::from_str(agent_key).ok()?,
        session: serde_json::from_str(session).ok()?,
    })
}

/// Whether a proof holds for its conversation now.
pub(super) fn check(ctx: &Ctx, conversation: &Conversation, proof: &Proof) -> Result<Session, NotVerified> {
    let name = proof.session.session()?.agent;
    let agents = listed(&ctx.registry.now().registry, &name);
    let expected = Expected {
        now: ctx.clock.now(),
        user_nonce: Bytes32(conversation.user_nonce),
        case: Some(&conversation.case),
        channel: Some(&conversation.channel),
        keys: &named_keys(ctx),
        agents: &agents,
    };
    verify(proof, &expected)
}

/// Puts a conversation back among those that wait, under a new phrase.
pub(super) async fn hand_over(ctx: &Ctx, member: &Member, id: &str, reason: &str) -> Result<(), TalkError> {
    let phrase = Phrase::draw(keys::random()?);
    let phrase = (phrase.zh.as_str(), phrase.en.as_str());
    ctx.store.hand_over_conversation(id, &member.login, phrase, reason, ctx.clock.now()).await?;
    ctx.talk.changed();
    Ok(())
}

/// Ends a conversation, for the one who holds it (`of`) or for the user.
pub(super) async fn end(
    ctx: &Ctx,
    id: &str,
    of: Option<&str>,
    by: &str,
    reason: &str,
) -> Result<(), TalkError> {
    ctx.store.end_conversation(id, of, by, reason, ctx.clock.now()).await?;
    ctx.talk.changed();
    Ok(())
}

/// Signs an entry for a message that the operator sends in a conversation; the text is not kept.
pub(super) async fn send(ctx: &Ctx, id: &str, text: &str) -> Result<SentMessage, TalkError> {
    let signing = signing_key(ctx)?;
    let conversation = ctx.store.conversation(id).await?;
    let salt = Bytes32(keys::random()?);
    let inbox = Bytes32(conversation.inbox);
    let at = seconds(ctx.clock.now());
    let make = |last: Option<&SentMessage>| {
        let draft = MessageDraft { inbox, session: &conversation.id, at, salt, text };
        let message = Message::after(last.map(|it| (it.n, it.text.as_str())), &draft);
        let signed = Talk::sign(signing, message.text());
        SentMessage { n: message.n, text: signed.text, signature: signed.signature }
    };
    let sent = ctx.store.add_sent_message(&conversation.inbox, id, ctx.clock.now(), make).await?;
    ctx.talk.changed();
    Ok(sent)
}

/// The conversation that a user's token opens, whatever its state.
pub(super) async fn of_token(ctx: &Ctx, token: &str) -> Result<Conversation, TalkError> {
    Ok(ctx.store.conversation_of(&keys::hash(token)).await?)
}
