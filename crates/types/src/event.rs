//! What happened on a connected platform, version 1.
//!
//! The envelope is CloudEvents 1.0 (`id`, `source`, `type`, `time`); `data` is ours, one
//! struct for each `type`. An unknown `type` parses to [`Data::Unknown`]: it is stored and
//! answered with "not screened". Unknown fields are skipped here and kept by whoever keeps
//! the bytes.

mod account;
mod data;
mod envelope;

use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

pub use self::account::{Account, Avatar, Conversation, ConversationKind, Device, Flag, Flags};
pub use self::data::{
    AccountCreated, ApprovalRequested, Attachment, CallStarted, ClientSeen, ContactAdded, LoginAttempted,
    MessageSent, ProfileChanged, TransferRequested,
};
use crate::{Moment, Str};

/// The largest event that is read, in bytes.
pub const MAX_EVENT_BYTES: usize = 256 * 1024;

/// The longest `id`, `source` and `type`, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// Something that happened on a connected platform.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<'a> {
    /// Who sent the event; with `id` it is the idempotency key.
    pub source: Str<'a>,
    /// Unique within `source`.
    pub id: Str<'a>,
    /// The `type` as it came, known to us or not.
    pub kind: Str<'a>,
    /// When it happened, by the platform's clock.
    pub time: Moment,
    /// What happened.
    pub data: Data<'a>,
}

/// `(source, id)`: two events with the same key are the same event.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct EventKey {
    /// CloudEvents `source`.
    pub source: String,
    /// CloudEvents `id`.
    pub id: String,
}

/// Why bytes are no event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// Larger than [`MAX_EVENT_BYTES`].
    #[error("event of {0} bytes is larger than {MAX_EVENT_BYTES}")]
    TooLarge(usize),
    /// Not UTF-8; the position of the first bad byte.
    #[error("not UTF-8 at byte {0}")]
    NotUtf8(usize),
    /// Not JSON, or JSON of another shape. The message names the field and its place.
    #[error("{0}")]
    Shape(#[from] serde_json::Error),
}

macro_rules! kinds {
    ($($variant:ident $name:literal $doc:literal),+ $(,)?) => {
        /// The kinds of event that are screened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EventKind { $(#[doc = $doc] $variant),+ }

        impl EventKind {
            /// Every kind, in a fixed order.
            pub const ALL: &'static [EventKind] = &[$(EventKind::$variant),+];

            /// The CloudEvents `type`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(EventKind::$variant => $name),+ }
            }

            /// The kind of that name, if it is one of ours.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(EventKind::$variant),)+ _ => None }
            }
        }

        /// What happened; one variant for each kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Data<'a> {
            $(#[doc = $doc] $variant($variant<'a>),)+
            /// A `type` that this version does not know.
            Unknown,
        }

        impl<'a> Data<'a> {
            /// The kind, unless the type is unknown.
            #[must_use]
            pub fn kind(&self) -> Option<EventKind> {
                match self { $(Data::$variant(_) => Some(EventKind::$variant),)+ Data::Unknown => None }
            }

            fn parse<D: Deserializer<'a>>(kind: &str, from: D) -> Result<Self, D::Error> {
                match kind {
                    $($name => Deserialize::deserialize(from).map(Data::$variant),)+
                    _ => IgnoredAny::deserialize(from).map(|_| Data::Unknown),
                }
            }
        }

        impl Event<'_> {
            /// The JSON Schema (2020-12) of events, made from these types.
            #[must_use]
            pub fn json_schema() -> schemars::Schema {
                let mut generator = schemars::SchemaGenerator::default();
                let kinds: Vec<serde_json::Value> = vec![$({
                    let data = generator.subschema_for::<$variant<'static>>();
                    serde_json::json!({
                        "title": $name,
                        "properties": { "type": { "const": $name }, "data": data },
                    })
                }),+];
                envelope::schema(kinds, generator.take_definitions(true))
            }
        }
    };
}

kinds! {
    MessageSent "message.sent" "Somebody wrote a message.",
    ProfileChanged "profile.changed" "An account changed its handle, name or avatar.",
    AccountCreated "account.created" "An account came to be.",
    ContactAdded "contact.added" "One account added another, or asked to.",
    LoginAttempted "login.attempted" "Somebody tried to log in.",
    TransferRequested "transfer.requested" "A user is about to send money.",
    ApprovalRequested "approval.requested" "A user is about to sign something that lets another spend.",
    CallStarted "call.started" "A call began.",
    ClientSeen "client.seen" "An app or browser extension reported itself.",
}

impl<'a> Data<'a> {
    /// Who acts: writes, calls, adds, changes, logs in, sends money.
    #[must_use]
    pub fn actor(&self) -> Option<&Account<'a>> {
        Some(match self {
            Data::MessageSent(it) => &it.sender,
            Data::ProfileChanged(it) => &it.account,
            Data::AccountCreated(it) => &it.account,
            Data::ContactAdded(it) => &it.account,
            Data::LoginAttempted(it) => &it.account,
            Data::TransferRequested(it) => &it.account,
            Data::ApprovalRequested(it) => &it.account,
            Data::CallStarted(it) => &it.caller,
            Data::ClientSeen(it) => &it.account,
            Data::Unknown => return None,
        })
    }

    /// Who may come to harm: is written to, called or added, or owns the money.
    #[must_use]
    pub fn user(&self) -> Option<&Account<'a>> {
        match self {
            Data::MessageSent(it) => it.recipient.as_ref(),
            Data::ContactAdded(it) => Some(&it.contact),
            Data::CallStarted(it) => Some(&it.callee),
            Data::TransferRequested(it) => Some(&it.account),
            Data::ApprovalRequested(it) => Some(&it.account),
            Data::LoginAttempted(it) => Some(&it.account),
            Data::ClientSeen(it) => Some(&it.account),
            Data::ProfileChanged(_) | Data::AccountCreated(_) | Data::Unknown => None,
        }
    }

    /// Where it was written or said.
    #[must_use]
    pub fn conversation(&self) -> Option<&Conversation<'a>> {
        match self {
            Data::MessageSent(it) => it.conversation.as_ref(),
            Data::CallStarted(it) => it.conversation.as_ref(),
            _ => None,
        }
    }

    /// What somebody wrote, if anything.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Data::MessageSent(it) => Some(&it.text),
            Data::ContactAdded(it) => it.greeting.as_deref(),
            _ => None,
        }
    }
}

impl<'a> Event<'a> {
    /// Reads one event; borrows from `bytes`.
    ///
    /// # Errors
    /// [`EventError`] says what is wrong and where. Nothing is half-read.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, EventError> {
        if bytes.len() > MAX_EVENT_BYTES {
            return Err(EventError::TooLarge(bytes.len()));
        }
        let text = std::str::from_utf8(bytes).map_err(|cause| EventError::NotUtf8(cause.valid_up_to()))?;
        Ok(serde_json::from_str(text)?)
    }

    /// The idempotency key, owned.
    #[must_use]
    pub fn key(&self) -> EventKey {
        EventKey { source: self.source.to_string(), id: self.id.to_string() }
    }
}

#[cfg(test)]
mod tests;
