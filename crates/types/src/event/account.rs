//! Who takes part in an event: accounts, where they talk, and on what device.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{Moment, Str};

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
