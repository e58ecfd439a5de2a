//! Is the one I am talking to now an agent of theirs, for me, until when?
//!
//! The way through: the log names a key for sessions ([`SessionsKey`]). With it the server signs
//! an [`AgentKey`]: a key that one listed agent holds for some hours. With that key the agent's
//! browser signs a [`Session`] for one user's nonce. [`verify`] follows the chain back and gives
//! what was signed, or the one reason why not ([`NotVerified`]). The server also signs an entry
//! for each message that it sends a user ([`Message`]); [`read_inbox`] and [`find_message`] tell
//! whether a text was among them.
//!
//! Always true here:
//! - Pure. The moment, the nonce, the keys and the listed agents come as arguments.
//! - What is verified is the text that was signed, byte for byte, and only its canonical form.
//! - A signature for one thing is worth nothing for another: each text starts with what it is.
//! - Nothing that verifies says that a conversation is harmless, only who holds it and for what.

mod message;
mod phrase;
mod refusal;
mod signed;

use serde::{Deserialize, Serialize};
use touchstone_signed_log::VerifierKey;
use touchstone_types::{Lapse, Moment};

use crate::Identity;
use crate::statement::{KeyUse, StatedKey};

pub use message::{Message, MessageDraft, find_message, inbox_of, message_hash, read_inbox};
pub use phrase::{Phrase, PhraseDraw};
pub use refusal::NotVerified;
pub use signed::{Bytes32, Signed};

/// The longest that a session may last from its start to its end.
pub const LONGEST_SESSION: Lapse = Lapse::from_secs(2 * 3_600);

/// The longest that an agent may keep one key.
pub const LONGEST_AGENT_KEY: Lapse = Lapse::from_secs(12 * 3_600);

/// The most bytes of a signed text; a longer one is refused unread.
pub const LONGEST_TEXT: usize = 8 * 1024;

/// A key that the log names for sessions, from one moment to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsKey {
    /// Ed25519 public key.
    pub key: Bytes32,
    /// From then on.
    pub from: Moment,
    /// Until then.
    pub until: Moment,
}

impl SessionsKey {
    /// The key of a statement, if it is one for sessions.
    #[must_use]
    pub fn of(stated: &StatedKey) -> Option<Self> {
        if stated.uses != KeyUse::Sessions {
            return None;
        }
        let key = match stated.key.parse::<VerifierKey>() {
            Ok(key) => Bytes32(*key.public()),
            Err(_) => Bytes32::from_base64(&stated.key)?,
        };
        Some(Self { key, from: stated.from, until: stated.until })
    }

    fn in_force(&self, at: Moment) -> bool {
        self.from <= at && at < self.until
    }
}

/// What the sessions key signs: this key is that agent's, from one moment to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentKey {
    /// Pseudonym, as listed.
    pub agent: String,
    /// Ed25519 public key that the agent's browser made.
    pub key: Bytes32,
    /// From then on.
    pub from: Moment,
    /// Until then.
    pub until: Moment,
}

/// What the agent's key signs: I talk to that user, as whom, for what, until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Number of the session at the operator's.
    pub session: String,
    /// The case that it is about; empty if there is none.
    pub case: String,
    /// Where they talk: `phone`, `chat`, or the operator's own word.
    pub channel: String,
    /// Pseudonym, as listed.
    pub agent: String,
    /// What the agent is, as listed; empty if the list says nothing.
    pub role: String,
    /// What the agent is there for; each is one of those listed.
    pub purposes: Vec<String>,
    /// From then on.
    pub from: Moment,
    /// Until then.
    pub expiry: Moment,
    /// 32 random bytes that the user's own app chose for this conversation.
    pub user_nonce: Bytes32,
}

/// The chain below the log's key: what a user's device is given to check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// An [`AgentKey`], signed with the sessions key.
    pub agent_key: Signed,
    /// A [`Session`], signed with the agent's key.
    pub session: Signed,
}

/// An agent as the registry lists them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedAgent {
    /// Pseudonym.
    pub name: String,
    /// What the agent is; empty if the list says nothing.
    pub role: String,
    /// What the agent is there for.
    pub purposes: Vec<String>,
    /// From then on; always, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// Until then; without end, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// Withdrawn at that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Moment>,
}

impl ListedAgent {
    /// As the registry has them; a listing that is void until it is proved again has ended.
    #[must_use]
    pub fn of(identity: &Identity) -> Self {
        let end = identity.ends().map(|(end, _)| end);
        let void = identity.voided.map(|(since, _)| since);
        Self {
            name: identity.value.to_string(),
            role: identity.role.as_deref().unwrap_or_default().to_owned(),
            purposes: identity.purposes.iter().map(ToString::to_string).collect(),
            from: identity.from,
            until: end.into_iter().chain(void).min(),
            revoked: identity.revoked,
        }
    }
}

/// What the one who checks knows by themselves.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Now.
    pub now: Moment,
    /// The nonce of this user's own app.
    pub user_nonce: Bytes32,
    /// The case that the user came from, where there is one.
    pub case: Option<&'a str>,
    /// The channel on which the user is being talked to, where the app knows it.
    pub channel: Option<&'a str>,
    /// The keys that the log names for sessions, whatever their validity.
    pub keys: &'a [SessionsKey],
    /// The agents that the registry lists, whatever their validity; those of other names are
    /// passed over.
    pub agents: &'a [ListedAgent],
}

/// Follows the chain from the log's key to the session.
///
/// # Errors
/// The first thing that is wrong, in this order: form, sessions key, agent's key, session,
/// agent, user, time.
pub fn verify(proof: &Proof, expected: &Expected<'_>) -> Result<Session, NotVerified> {
    let certificate: AgentKey = proof.agent_key.read("agent_key")?;
    let session: Session = proof.session.read("session")?;
    if session.purposes.is_empty() {
        return Err(NotVerified::Malformed("purposes"));
    }
    check_certificate(&proof.agent_key, &certificate, expected)?;
    if !proof.session.is_signed_by(&certificate.key) {
        return Err(NotVerified::SessionForged);
    }
    if session.agent != certificate.agent {
        return Err(NotVerified::OtherAgent);
    }
    check_agent(&session, expected)?;
    check_user(&session, expected)?;
    check_time(&session, &certificate, expected.now)?;
    Ok(session)
}

fn check_certificate(
    signed: &Signed,
    certificate: &AgentKey,
    expected: &Expected<'_>,
) -> Result<(), NotVerified> {
    key_of(signed, expected.keys, expected.now).map_err(|why| why.unwrap_or(NotVerified::AgentKeyForged))?;
    if certificate.until.since(certificate.from) > LONGEST_AGENT_KEY || certificate.until <= certificate.from
    {
        return Err(NotVerified::AgentKeyTooLong);
    }
    if expected.now < certificate.from {
        return Err(NotVerified::AgentKeyNotYet);
    }
    if certificate.until <= expected.now {
        return Err(NotVerified::AgentKeyExpired);
    }
    Ok(())
}

/// Whether one of the log's keys that was in force at `at` signed this. `Err(None)`: none of
/// them did, whenever.
fn key_of(signed: &Signed, keys: &[SessionsKey], at: Moment) -> Result<(), Option<NotVerified>> {
    let mut why = None;
    for key in keys.iter().filter(|it| signed.is_signed_by(&it.key)) {
        if key.in_force(at) {
            return Ok(());
        }
        let early = at < key.from;
        why = Some(if early { NotVerified::SessionsKeyNotYet } else { NotVerified::SessionsKeyExpired });
    }
    Err(why)
}

fn check_agent(session: &Session, expected: &Expected<'_>) -> Result<(), NotVerified> {
    let now = expected.now;
    let of_that_name = || expected.agents.iter().filter(|it| it.name == session.agent);
    let in_time = |it: &&ListedAgent| {
        it.from.is_none_or(|from| from <= now) && it.until.is_none_or(|until| now < until)
    };
    let in_force = |it: &&ListedAgent| in_time(it) && it.revoked.is_none_or(|revoked| now < revoked);
    let Some(listed) = of_that_name().find(in_force) else {
        let revoked = of_that_name().any(|it| it.revoked.is_some_and(|revoked| revoked <= now));
        return Err(if revoked { NotVerified::AgentRevoked } else { NotVerified::AgentNotListed });
    };
    if listed.role != session.role {
        return Err(NotVerified::RoleNotListed);
    }
    if !session.purposes.iter().all(|it| listed.purposes.contains(it)) {
        return Err(NotVerified::PurposeNotListed);
    }
    Ok(())
}

fn check_user(session: &Session, expected: &Expected<'_>) -> Result<(), NotVerified> {
    if session.user_nonce != expected.user_nonce {
        return Err(NotVerified::OtherUser);
    }
    if expected.case.is_some_and(|case| case != session.case) {
        return Err(NotVerified::OtherCase);
    }
    if expected.channel.is_some_and(|channel| channel != session.channel) {
        return Err(NotVerified::OtherChannel);
    }
    Ok(())
}

fn check_time(session: &Session, certificate: &AgentKey, now: Moment) -> Result<(), NotVerified> {
    let backwards = session.expiry <= session.from;
    if backwards || session.expiry.since(session.from) > LONGEST_SESSION {
        return Err(NotVerified::SessionTooLong);
    }
    if certificate.until < session.expiry || session.from < certificate.from {
        return Err(NotVerified::OutlivesKey);
    }
    if now < session.from {
        return Err(NotVerified::SessionNotYet);
    }
    if session.expiry <= now {
        return Err(NotVerified::SessionExpired);
    }
    Ok(())
}
