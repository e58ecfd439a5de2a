//! What an event says beside its envelope, one struct for each kind.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Account, Conversation, Device};
use crate::{Amount, Chain, ChainAccount, Str};

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
