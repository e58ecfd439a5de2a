//! What happened on a connected platform, version 1.
//!
//! The envelope is CloudEvents 1.0 (`id`, `source`, `type`, `time`); `data` is ours, one
//! struct for each `type`. An unknown `type` parses to [`Data::Unknown`]: it is stored and
//! answered with "not screened". Unknown fields are skipped here and kept by whoever keeps
//! the bytes.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::{Amount, Chain, ChainAccount, Moment, Str};

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
                envelope_schema(kinds, generator.take_definitions(true))
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

/// An account on a platform.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Account<'a> {
    /// The platform's own id, which never changes.
    #[serde(borrow)]
    pub id: Str<'a>,
    /// The operator's id of the person, where accounts on several platforms belong to one:
    /// it joins the conversation on one with the transfer on another.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub person: Option<Str<'a>>,
    /// Public name by which others find the account.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub handle: Option<Str<'a>>,
    /// Name shown beside messages.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<Str<'a>>,
    /// Picture shown beside messages.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<Avatar<'a>>,
    /// When the account came to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Moment>,
    /// What the platform says of the account.
    #[serde(default, skip_serializing_if = "Flags::is_empty")]
    pub flags: Flags,
}

impl Account<'_> {
    /// The id of the person if the operator gave one, else of the account.
    #[must_use]
    pub fn identity(&self) -> &str {
        self.person.as_ref().map_or(&self.id, |person| person)
    }
}

/// A profile picture, as the hash of it or as the file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Avatar<'a> {
    /// PDQ perceptual hash, 64 hexadecimal digits.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub pdq: Option<Str<'a>>,
    /// The image file (PNG, JPEG or WebP), base64.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub image: Option<Str<'a>>,
}

/// What a platform says of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flag {
    /// Works for the operator.
    Staff,
    /// Keeps order in a group.
    Moderator,
    /// Is a program.
    Bot,
    /// Bears the platform's own mark of verification.
    Verified,
}

impl Flag {
    /// Every flag with its name on the wire.
    pub const ALL: [(Flag, &'static str); 4] = [
        (Flag::Staff, "staff"),
        (Flag::Moderator, "moderator"),
        (Flag::Bot, "bot"),
        (Flag::Verified, "verified"),
    ];
}

/// A set of [`Flag`]s: on the wire a list of words, of which unknown ones are skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    /// Whether the set has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// Whether the flag is in the set.
    #[must_use]
    pub fn has(self, flag: Flag) -> bool {
        self.0 & (1 << flag as u8) != 0
    }

    /// The set with the flag added.
    #[must_use]
    pub fn with(self, flag: Flag) -> Self {
        Self(self.0 | 1 << flag as u8)
    }
}

impl<'de> Deserialize<'de> for Flags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = Flags;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of flags")
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Flags, A::Error> {
                let mut flags = Flags::default();
                while let Some(word) = seq.next_element::<Str<'de>>()? {
                    if let Some((flag, _)) = Flag::ALL.iter().find(|(_, name)| word == **name) {
                        flags = flags.with(*flag);
                    }
                }
                Ok(flags)
            }
        }
        deserializer.deserialize_seq(Words)
    }
}

impl Serialize for Flags {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(Flag::ALL.iter().filter(|(flag, _)| self.has(*flag)).map(|(_, name)| name))
    }
}

impl JsonSchema for Flags {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Flags".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "array",
            "items": { "type": "string", "examples": Flag::ALL.map(|(_, name)| name) }
        })
    }
}

/// How many can read a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// Two accounts.
    #[default]
    Direct,
    /// Several who may all write.
    Group,
    /// One who writes, many who read.
    Channel,
}

impl ConversationKind {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ConversationKind::Direct => "direct",
            ConversationKind::Group => "group",
            ConversationKind::Channel => "channel",
        }
    }
}

/// Where a message was written.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Conversation<'a> {
    /// The platform's id of it.
    #[serde(borrow)]
    pub id: Str<'a>,
    /// How many can read it.
    #[serde(default)]
    pub kind: ConversationKind,
    /// The account id of who wrote first, if the platform knows.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub started_by: Option<Str<'a>>,
    /// Whether the two have each other as contacts, if the platform knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutual: Option<bool>,
}

/// `message.sent`
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct MessageSent<'a> {
    /// Who wrote it.
    #[serde(borrow)]
    pub sender: Account<'a>,
    /// To whom, in a direct conversation.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Account<'a>>,
    /// Where.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Conversation<'a>>,
    /// What it says.
    #[serde(default, borrow)]
    pub text: Str<'a>,
    /// BCP 47 language, if the platform knows.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub language: Option<Str<'a>>,
    /// Files that came with it.
    #[serde(default, borrow, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment<'a>>,
}

/// A file sent with a message.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Attachment<'a> {
    /// File name as shown.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub name: Option<Str<'a>>,
    /// Media type, such as `application/vnd.android.package-archive`.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<Str<'a>>,
    /// SHA-256 of the file, hexadecimal.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Str<'a>>,
}

/// `profile.changed`
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct ProfileChanged<'a> {
    /// The account as it is now.
    #[serde(borrow)]
    pub account: Account<'a>,
    /// Handle before the change.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub previous_handle: Option<Str<'a>>,
    /// Display name before the change.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub previous_display_name: Option<Str<'a>>,
}

/// `account.created`
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct AccountCreated<'a> {
    /// The new account.
    #[serde(borrow)]
    pub account: Account<'a>,
}

/// `contact.added`
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct ContactAdded<'a> {
    /// Who adds or asks.
    #[serde(borrow)]
    pub account: Account<'a>,
    /// Who is added or asked.
    #[serde(borrow)]
    pub contact: Account<'a>,
    /// What was written with the request.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub greeting: Option<Str<'a>>,
}

/// The device a user is on.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct Device<'a> {
    /// The operator's id of the device.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub id: Option<Str<'a>>,
    /// ISO 3166 country of the network address.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub country: Option<Str<'a>>,
}

/// `login.attempted`
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct LoginAttempted<'a> {
    /// Into which account.
    #[serde(borrow)]
    pub account: Account<'a>,
    /// From where.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device<'a>>,
    /// Whether it succeeded.
    #[serde(default)]
    pub succeeded: bool,
}

/// `transfer.requested`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct TransferRequested<'a> {
    /// Whose money.
    #[serde(borrow)]
    pub account: Account<'a>,
    /// From which chain account.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub from: Option<ChainAccount<'a>>,
    /// To which chain account.
    #[serde(borrow)]
    pub to: ChainAccount<'a>,
    /// How much of it.
    #[serde(borrow)]
    pub amount: Amount<'a>,
    /// Of what: a symbol or a CAIP-19 id.
    #[serde(borrow)]
    pub asset: Str<'a>,
    /// What it was worth in US dollars.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub usd: Option<Amount<'a>>,
    /// From where the user asked for it.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device<'a>>,
}

/// `approval.requested`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct ApprovalRequested<'a> {
    /// Whose money.
    #[serde(borrow)]
    pub account: Account<'a>,
    /// On which chain.
    #[serde(borrow)]
    pub chain: Chain<'a>,
    /// Who may spend afterwards.
    #[serde(borrow)]
    pub spender: ChainAccount<'a>,
    /// What is signed: `approve`, `permit`, `setApprovalForAll`, …
    #[serde(borrow)]
    pub method: Str<'a>,
    /// Of what: a symbol or a CAIP-19 id.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub asset: Option<Str<'a>>,
    /// How much; absent if without limit.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount<'a>>,
    /// What it is worth in US dollars.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub usd: Option<Amount<'a>>,
    /// The web site or app that asks for the signature.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub site: Option<Str<'a>>,
}

/// `call.started`
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct CallStarted<'a> {
    /// Who calls.
    #[serde(borrow)]
    pub caller: Account<'a>,
    /// Who is called.
    #[serde(borrow)]
    pub callee: Account<'a>,
    /// Where, if the call belongs to a conversation.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Conversation<'a>>,
    /// Phone number of the caller, E.164, for a call from the phone network.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub number: Option<Str<'a>>,
    /// Whether the one called shares a screen or gives remote control.
    #[serde(default)]
    pub screen_shared: bool,
}

/// `client.seen`
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct ClientSeen<'a> {
    /// On whose account.
    #[serde(borrow)]
    pub account: Account<'a>,
    /// Application id: package name, bundle id or extension id.
    #[serde(borrow)]
    pub package: Str<'a>,
    /// Its version.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub version: Option<Str<'a>>,
    /// SHA-256 of the signing certificate, hexadecimal.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub certificate_sha256: Option<Str<'a>>,
    /// SHA-256 of the file, hexadecimal.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub file_sha256: Option<Str<'a>>,
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

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Field {
    Id,
    Source,
    Type,
    Time,
    Data,
    #[serde(other)]
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for Event<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Envelope)
    }
}

struct Envelope;

impl<'de> Visitor<'de> for Envelope {
    type Value = Event<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event: {id, source, type, time, data}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Event<'de>, A::Error> {
        let (mut id, mut source, mut kind, mut time) = (None, None, None, None);
        // `data` is read at once when `type` came before it, as it mostly does, else it waits.
        let mut data: Option<Data<'de>> = None;
        let mut waiting: Option<&'de RawValue> = None;
        while let Some(field) = map.next_key::<Field>()? {
            match field {
                Field::Id => put(&mut id, name(map.next_value()?, "id")?, "id")?,
                Field::Source => put(&mut source, name(map.next_value()?, "source")?, "source")?,
                Field::Type => put(&mut kind, name(map.next_value()?, "type")?, "type")?,
                Field::Time => put(&mut time, map.next_value::<Moment>()?, "time")?,
                Field::Data if data.is_some() || waiting.is_some() => {
                    return Err(A::Error::duplicate_field("data"));
                }
                Field::Data => match &kind {
                    Some(kind) => data = Some(map.next_value_seed(DataOf(kind))?),
                    None => waiting = Some(map.next_value()?),
                },
                Field::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let kind: Str<'de> = kind.ok_or_else(|| A::Error::missing_field("type"))?;
        let data = match (data, waiting) {
            (Some(data), _) => data,
            (None, Some(raw)) => {
                let mut inner = serde_json::Deserializer::from_str(raw.get());
                Data::parse(&kind, &mut inner).map_err(A::Error::custom)?
            }
            (None, None) if EventKind::from_name(&kind).is_some() => {
                return Err(A::Error::missing_field("data"));
            }
            (None, None) => Data::Unknown,
        };
        Ok(Event {
            source: source.ok_or_else(|| A::Error::missing_field("source"))?,
            id: id.ok_or_else(|| A::Error::missing_field("id"))?,
            kind,
            time: time.ok_or_else(|| A::Error::missing_field("time"))?,
            data,
        })
    }
}

struct DataOf<'k>(&'k str);

impl<'de> serde::de::DeserializeSeed<'de> for DataOf<'_> {
    type Value = Data<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data<'de>, D::Error> {
        Data::parse(self.0, deserializer)
    }
}

fn put<T, E: serde::de::Error>(slot: &mut Option<T>, value: T, field: &'static str) -> Result<(), E> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(field)),
    }
}

fn name<'a, E: serde::de::Error>(text: Str<'a>, field: &str) -> Result<Str<'a>, E> {
    if (1..=MAX_NAME_BYTES).contains(&text.len()) && !text.chars().any(char::is_control) {
        Ok(text)
    } else {
        Err(E::custom(format!("`{field}` must have 1 to {MAX_NAME_BYTES} bytes and no control characters")))
    }
}

fn envelope_schema(
    kinds: Vec<serde_json::Value>,
    definitions: serde_json::Map<String, serde_json::Value>,
) -> schemars::Schema {
    let name = serde_json::json!({ "type": "string", "minLength": 1, "maxLength": MAX_NAME_BYTES });
    schemars::json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Touchstone event, version 1",
        "description": "A CloudEvents 1.0 envelope; (source, id) is the idempotency key. Unknown fields are kept. An event of an unknown type is stored and answered with \"not screened\".",
        "type": "object",
        "required": ["id", "source", "type", "time"],
        "properties": {
            "specversion": { "const": "1.0" },
            "id": name,
            "source": name,
            "type": name,
            "time": { "type": "string", "format": "date-time" },
        },
        "anyOf": kinds.into_iter().chain([serde_json::json!({
            "title": "unknown type",
            "properties": { "type": { "not": { "enum": EventKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>() } } },
        })]).collect::<Vec<_>>(),
        "$defs": definitions,
    })
}

#[cfg(test)]
mod tests;
