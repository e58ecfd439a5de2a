//! What is said of a conversation on the wire and on the pages.

use schemars::JsonSchema;
use serde::Serialize;
use touchstone_registry::IdentityKind;
use touchstone_registry::session::{Bytes32, Phrase};
use touchstone_store::Conversation;
use touchstone_types::{Bilingual, Moment};

use super::flow;
use crate::ctx::Ctx;

/// A text and an Ed25519 signature over its UTF-8 bytes; docs/sessions.md has the texts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct SignedView {
    /// What was signed.
    text: String,
    /// 64 bytes in base64 with padding.
    signature: String,
}

impl From<touchstone_registry::session::Signed> for SignedView {
    fn from(it: touchstone_registry::session::Signed) -> Self {
        Self { text: it.text, signature: it.signature }
    }
}

/// The chain from the log's key to the session.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct ProofView {
    /// The agent's key, signed with the sessions key.
    agent_key: SignedView,
    /// The session, signed with the agent's key.
    session: SignedView,
}

/// What the agent says first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct PhraseView {
    zh: String,
    en: String,
}

/// A key that the log names for sessions.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct KeyView {
    /// 32 bytes in base64.
    key: String,
    /// From then on.
    from: Moment,
    /// Until then.
    until: Moment,
    /// The place of its statement in the log; its proof is `/log/proof/<index>`.
    index: u64,
}

/// An agent as the registry lists them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct AgentView {
    /// Pseudonym.
    name: String,
    /// What the agent is.
    role: String,
    /// What the agent is there for.
    purposes: Vec<String>,
    /// From then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Moment>,
    /// Until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Moment>,
    /// Withdrawn at that moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<Moment>,
    /// The name of the organisation that lists them.
    organisation: Bilingual,
    /// What its support never does.
    never: Vec<Bilingual>,
    /// The place of the listing in the log, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
}

/// A conversation as its user sees it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Current {
    /// `none`: nobody of ours is talking to this user; `waiting`: no agent yet; `live`: an agent
    /// has signed, see `proof`.
    state: &'static str,
    /// Why there is none: `ended_by_user`, `ended_by_staff`, `expired`.
    #[serde(skip_serializing_if = "Option::is_none")]
    over: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phrase: Option<PhraseView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<ProofView>,
    /// The keys that the log names for sessions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<KeyView>,
    /// The agents of that name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    agents: Vec<AgentView>,
}

impl Current {
    fn none(over: Option<&'static str>) -> Self {
        Self {
            state: "none",
            over,
            session: None,
            case: None,
            channel: None,
            expires: None,
            phrase: None,
            proof: None,
            keys: Vec::new(),
            agents: Vec::new(),
        }
    }

    /// For a token that opens nothing.
    pub(super) fn unknown() -> Self {
        Self::none(None)
    }

    /// A conversation as it is now. A proof that does not hold any more is not shown as one: the
    /// agent may have been revoked a moment ago.
    pub(super) fn of(ctx: &Ctx, it: &Conversation) -> Self {
        if !it.is_open(ctx.clock.now()) {
            let by = it.ended.as_ref().map(|ended| ended.by.as_str());
            let over = match by {
                Some("user") => "ended_by_user",
                Some(_) => "ended_by_staff",
                None => "expired",
            };
            return Self::none(Some(over));
        }
        let stored = it.taken.as_ref().and_then(|it| flow::proof(&it.agent_key, it.proof.as_deref()?));
        let verified = stored.as_ref().and_then(|proof| flow::check(ctx, it, proof).ok());
        let proof = stored.filter(|_| verified.is_some());
        let agents = verified.map_or_else(Vec::new, |session| agents(ctx, &session.agent));
        Self {
            state: if proof.is_some() { "live" } else { "waiting" },
            over: None,
            session: Some(it.id.clone()),
            case: Some(it.case.clone()),
            channel: Some(it.channel.clone()),
            expires: Some(it.expires),
            phrase: Some(phrase(it)),
            proof: proof.map(|it| ProofView { agent_key: it.agent_key.into(), session: it.session.into() }),
            keys: keys(ctx),
            agents,
        }
    }
}

/// The phrase of a conversation.
pub(super) fn phrase(it: &Conversation) -> PhraseView {
    let Phrase { zh, en } = Phrase { zh: it.phrase_zh.clone(), en: it.phrase_en.clone() };
    PhraseView { zh, en }
}

/// The keys that the log names for sessions.
pub(super) fn keys(ctx: &Ctx) -> Vec<KeyView> {
    let view = |(index, stated): &(u64, _)| {
        let key = touchstone_registry::session::SessionsKey::of(stated)?;
        Some(KeyView { key: key.key.base64(), from: key.from, until: key.until, index: *index })
    };
    ctx.registry.now().registry.keys().iter().filter_map(view).collect()
}

fn agents(ctx: &Ctx, name: &str) -> Vec<AgentView> {
    let registry = &ctx.registry.now().registry;
    let view = |it: &touchstone_registry::Identity| {
        let listed = touchstone_registry::session::ListedAgent::of(it);
        let organisation = registry.holder(it);
        AgentView {
            name: listed.name,
            role: listed.role,
            purposes: listed.purposes,
            from: listed.from,
            until: listed.until,
            revoked: listed.revoked,
            organisation: organisation
                .map_or_else(|| Bilingual { zh: String::new(), en: String::new() }, |it| it.name.clone()),
            never: organisation.map_or_else(Vec::new, |it| {
                it.facts.iter().map(touchstone_registry::Fact::sentence).collect()
            }),
            index: it.index,
        }
    };
    registry.find(IdentityKind::Agent, name).map(view).collect()
}

/// What a user's page and app get to read an inbox.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct InboxView {
    /// Whose: 32 bytes in base64. An app computes it from its own id of the user.
    inbox: String,
    /// The newest entries, oldest first, as signed with the sessions key.
    entries: Vec<SignedView>,
    /// The keys that the log names for sessions.
    keys: Vec<KeyView>,
}

impl InboxView {
    /// The inbox of the user of a conversation.
    pub(super) fn of(ctx: &Ctx, inbox: &[u8; 32], entries: Vec<touchstone_store::SentMessage>) -> Self {
        Self {
            inbox: Bytes32(*inbox).base64(),
            entries: entries
                .into_iter()
                .map(|it| SignedView { text: it.text, signature: it.signature })
                .collect(),
            keys: keys(ctx),
        }
    }
}
