//! What an expression may name: the fields of events, with their types.
//!
//! One table for each type, so that the compiler proves that a text field gives text. A
//! field that the event lacks gives nothing, which expressions see as `unknown`.

use std::fmt;

use touchstone_types::{Account, Data, Device, EventKind, Flag};

use crate::inputs::{Inputs, KindSet};

/// The type of a value in an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Float,
    /// A string.
    Text,
    /// A point in time.
    Time,
    /// A length of time.
    Duration,
    /// A list of strings.
    Texts,
}

impl Type {
    /// The name that problems and the reference use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Float => "float",
            Type::Text => "string",
            Type::Time => "timestamp",
            Type::Duration => "duration",
            Type::Texts => "list of strings",
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The set of the given kinds.
const fn kinds(list: &[EventKind]) -> KindSet {
    let (mut set, mut at) = (KindSet::NONE, 0);
    while at < list.len() {
        set = set.with(list[at]);
        at += 1;
    }
    set
}

const EVERY: KindSet = KindSet::ALL;
const MESSAGE: KindSet = kinds(&[EventKind::MessageSent]);
const WRITTEN: KindSet = kinds(&[EventKind::MessageSent, EventKind::ContactAdded]);
const SPOKEN: KindSet = kinds(&[EventKind::MessageSent, EventKind::CallStarted]);
const PROFILE: KindSet = kinds(&[EventKind::ProfileChanged]);
const LOGIN: KindSet = kinds(&[EventKind::LoginAttempted]);
const DEVICE: KindSet = kinds(&[EventKind::LoginAttempted, EventKind::TransferRequested]);
const TRANSFER: KindSet = kinds(&[EventKind::TransferRequested]);
const APPROVAL: KindSet = kinds(&[EventKind::ApprovalRequested]);
const CALL: KindSet = kinds(&[EventKind::CallStarted]);
const CLIENT: KindSet = kinds(&[EventKind::ClientSeen]);
const WITH_USER: KindSet = kinds(&[
    EventKind::MessageSent,
    EventKind::ContactAdded,
    EventKind::LoginAttempted,
    EventKind::TransferRequested,
    EventKind::ApprovalRequested,
    EventKind::CallStarted,
    EventKind::ClientSeen,
]);

macro_rules! only {
    ($name:ident, $variant:ident) => {
        macro_rules! $name {
            ($inputs:expr) => {
                match &$inputs.event.data {
                    Data::$variant(data) => data,
                    _ => return None,
                }
            };
        }
    };
}

only!(message, MessageSent);
only!(profile, ProfileChanged);
only!(login, LoginAttempted);
only!(transfer, TransferRequested);
only!(approval, ApprovalRequested);
only!(call, CallStarted);
only!(client, ClientSeen);

macro_rules! fields {
    (
        $(#[doc = $about:literal])+ $table:ident gives $out:ty as $type:ident, from $inputs:ident;
        $($variant:ident $name:literal $kinds:ident $doc:literal => $read:expr;)+
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $table { $(#[doc = $doc] $variant),+ }

        impl $table {
            /// Every field of this type.
            pub const ALL: &'static [$table] = &[$($table::$variant),+];

            /// As expressions spell it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($table::$variant => $name),+ }
            }

            /// What it is.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $($table::$variant => $doc),+ }
            }

            /// The kinds of event that can have it.
            #[must_use]
            pub const fn kinds(self) -> KindSet {
                match self { $($table::$variant => $kinds),+ }
            }

            /// What this event says; nothing if it lacks the field.
            #[inline]
            #[must_use]
            pub fn read<'a>(self, $inputs: &Inputs<'a>) -> Option<$out> {
                match self { $($table::$variant => $read),+ }
            }
        }
    };
}

fields! {
    /// Fields that are strings.
    TextField gives &'a str as Text, from it;
    EventType "event.type" EVERY "Kind of the event, such as `message.sent`." => Some(&it.event.kind);
    EventSource "event.source" EVERY "Who sent the event." => Some(&it.event.source);
    ActorId "actor.id" EVERY "Who acts: the platform's id." => Some(&actor(it)?.id);
    ActorIdentity "actor.identity" EVERY "Who acts: the operator's id of the person, else the platform's id." => Some(actor(it)?.identity());
    ActorHandle "actor.handle" EVERY "Public name of who acts." => actor(it)?.handle.as_deref();
    ActorDisplayName "actor.display_name" EVERY "Name shown of who acts." => actor(it)?.display_name.as_deref();
    ActorAvatar "actor.avatar" EVERY "PDQ hash of the picture of who acts." => actor(it)?.avatar.as_ref()?.pdq.as_deref();
    UserId "user.id" WITH_USER "Who may come to harm: the platform's id." => Some(&user(it)?.id);
    UserIdentity "user.identity" WITH_USER "Who may come to harm: the operator's id of the person, else the platform's id." => Some(user(it)?.identity());
    UserHandle "user.handle" WITH_USER "Public name of who may come to harm." => user(it)?.handle.as_deref();
    UserDisplayName "user.display_name" WITH_USER "Name shown of who may come to harm." => user(it)?.display_name.as_deref();
    ConversationId "conversation.id" SPOKEN "The platform's id of the conversation." => Some(&it.event.data.conversation()?.id);
    ConversationKind "conversation.kind" SPOKEN "`direct`, `group` or `channel`." => Some(it.event.data.conversation()?.kind.name());
    ConversationStartedBy "conversation.started_by" SPOKEN "Id of the account that wrote first." => it.event.data.conversation()?.started_by.as_deref();
    Text "text" WRITTEN "What was written: the message, or the greeting of a contact request." => it.event.data.text();
    Campaign "campaign" WRITTEN "The group of near-duplicates that the text belongs to." => it.campaign;
    MessageLanguage "message.language" MESSAGE "BCP 47 language, if the platform knows." => message!(it).language.as_deref();
    PreviousHandle "profile.previous_handle" PROFILE "Handle before the change." => profile!(it).previous_handle.as_deref();
    PreviousDisplayName "profile.previous_display_name" PROFILE "Display name before the change." => profile!(it).previous_display_name.as_deref();
    DeviceId "device.id" DEVICE "The operator's id of the device." => device(it)?.id.as_deref();
    DeviceCountry "device.country" DEVICE "ISO 3166 country of the network address." => device(it)?.country.as_deref();
    TransferTo "transfer.to" TRANSFER "CAIP-10 account the money goes to." => Some(transfer!(it).to.as_str());
    TransferToAddress "transfer.to_address" TRANSFER "The address the money goes to, without its chain." => Some(transfer!(it).to.address());
    TransferChain "transfer.chain" TRANSFER "CAIP-2 chain the money goes over." => Some(transfer!(it).to.chain());
    TransferFrom "transfer.from" TRANSFER "CAIP-10 account the money comes from." => Some(transfer!(it).from.as_ref()?.as_str());
    TransferAsset "transfer.asset" TRANSFER "Symbol or CAIP-19 id." => Some(&transfer!(it).asset);
    ApprovalChain "approval.chain" APPROVAL "CAIP-2 chain." => Some(approval!(it).chain.as_str());
    ApprovalSpender "approval.spender" APPROVAL "CAIP-10 account that may spend afterwards." => Some(approval!(it).spender.as_str());
    ApprovalSpenderAddress "approval.spender_address" APPROVAL "The spender's address without its chain." => Some(approval!(it).spender.address());
    ApprovalMethod "approval.method" APPROVAL "What is signed: `approve`, `permit`, `setApprovalForAll`, …" => Some(&approval!(it).method);
    ApprovalAsset "approval.asset" APPROVAL "Symbol or CAIP-19 id." => approval!(it).asset.as_deref();
    ApprovalSite "approval.site" APPROVAL "The web site or app that asks, as it came." => approval!(it).site.as_deref();
    ApprovalHost "approval.host" APPROVAL "Host name of the site that asks." => approval!(it).site.as_deref().map(host);
    CallNumber "call.number" CALL "Phone number of the caller, E.164." => call!(it).number.as_deref();
    ClientPackage "client.package" CLIENT "Application id." => Some(&client!(it).package);
    ClientVersion "client.version" CLIENT "Its version." => client!(it).version.as_deref();
    ClientCertificate "client.certificate_sha256" CLIENT "SHA-256 of the signing certificate." => client!(it).certificate_sha256.as_deref();
    ClientFile "client.file_sha256" CLIENT "SHA-256 of the file." => client!(it).file_sha256.as_deref();
}

fields! {
    /// Fields that are true or false.
    BoolField gives bool as Bool, from it;
    ActorStaff "actor.staff" EVERY "Works for the operator, says the platform." => Some(actor(it)?.flags.has(Flag::Staff));
    ActorModerator "actor.moderator" EVERY "Keeps order in a group." => Some(actor(it)?.flags.has(Flag::Moderator));
    ActorBot "actor.bot" EVERY "Is a program." => Some(actor(it)?.flags.has(Flag::Bot));
    ActorVerified "actor.verified" EVERY "Bears the platform's own mark of verification." => Some(actor(it)?.flags.has(Flag::Verified));
    UserStaff "user.staff" WITH_USER "Works for the operator, says the platform." => Some(user(it)?.flags.has(Flag::Staff));
    ConversationMutual "conversation.mutual" SPOKEN "The two have each other as contacts." => it.event.data.conversation()?.mutual;
    LoginSucceeded "login.succeeded" LOGIN "The attempt succeeded." => Some(login!(it).succeeded);
    ApprovalUnlimited "approval.unlimited" APPROVAL "It lets the other spend without limit." => Some(approval!(it).amount.is_none());
    CallScreenShared "call.screen_shared" CALL "The one called shares a screen or gives remote control." => Some(call!(it).screen_shared);
}

fields! {
    /// Fields that are whole numbers.
    IntField gives i64 as Int, from it;
    MessageAttachments "message.attachments" MESSAGE "How many files came with it." => i64::try_from(message!(it).attachments.len()).ok();
    PhraseWords "message.phrase_words" MESSAGE "How many words of a recovery phrase the message is, if it is nothing else; 0 for other messages." => { message!(it); Some(i64::from(it.phrase_words)) };
}

fields! {
    /// Fields that are numbers with a fraction.
    FloatField gives f64 as Float, from it;
    TransferAmount "transfer.amount" TRANSFER "How much of the asset." => Some(transfer!(it).amount.to_f64());
    TransferUsd "transfer.usd" TRANSFER "What it was worth in US dollars." => Some(transfer!(it).usd.as_ref()?.to_f64());
    ApprovalAmount "approval.amount" APPROVAL "How much may be spent; missing if without limit." => Some(approval!(it).amount.as_ref()?.to_f64());
    ApprovalUsd "approval.usd" APPROVAL "What it is worth in US dollars." => Some(approval!(it).usd.as_ref()?.to_f64());
}

fields! {
    /// Fields that are points in time, in microseconds since the Unix epoch.
    TimeField gives i64 as Time, from it;
    EventTime "event.time" EVERY "When it happened, by the platform's clock." => Some(it.event.time.as_micros());
    ReceivedTime "received.time" EVERY "When Touchstone took it in." => Some(it.received.as_micros());
    ActorCreatedAt "actor.created_at" EVERY "When the account that acts came to be." => Some(actor(it)?.created_at?.as_micros());
    UserCreatedAt "user.created_at" WITH_USER "When the account that may come to harm came to be." => Some(user(it)?.created_at?.as_micros());
}

/// Fields that are lists of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListField {
    /// Host names of the links in the text.
    Links,
    /// Blockchain addresses in the text.
    Addresses,
    /// Media types of the files that came with a message.
    AttachmentTypes,
    /// Names of the files that came with a message.
    AttachmentNames,
}

impl ListField {
    /// Every field of this type.
    pub const ALL: &'static [ListField] =
        &[ListField::Links, ListField::Addresses, ListField::AttachmentTypes, ListField::AttachmentNames];

    /// As expressions spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ListField::Links => "links",
            ListField::Addresses => "addresses",
            ListField::AttachmentTypes => "message.attachment_types",
            ListField::AttachmentNames => "message.attachment_names",
        }
    }

    /// What it is.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            ListField::Links => "Host names of the links in the text, lower case.",
            ListField::Addresses => "Blockchain addresses in the text, as written.",
            ListField::AttachmentTypes => "Media types of the files that came with it.",
            ListField::AttachmentNames => "Names of the files that came with it.",
        }
    }

    /// The kinds of event that can have it.
    #[must_use]
    pub const fn kinds(self) -> KindSet {
        match self {
            ListField::Links | ListField::Addresses => WRITTEN,
            ListField::AttachmentTypes | ListField::AttachmentNames => MESSAGE,
        }
    }

    /// Hands over each string until `stop` says so; gives whether it was stopped. Nothing
    /// if the event lacks the field.
    pub(crate) fn any<'a>(self, it: &Inputs<'a>, mut stop: impl FnMut(&'a str) -> bool) -> Option<bool> {
        Some(match self {
            ListField::Links => it.event.data.text().map(|_| it.links.iter().any(|host| stop(host)))?,
            ListField::Addresses => it.event.data.text().map(|_| it.addresses.iter().any(|a| stop(a)))?,
            ListField::AttachmentTypes => {
                message!(it).attachments.iter().filter_map(|file| file.media_type.as_deref()).any(stop)
            }
            ListField::AttachmentNames => {
                message!(it).attachments.iter().filter_map(|file| file.name.as_deref()).any(stop)
            }
        })
    }
}

/// A field of any type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// A string.
    Text(TextField),
    /// True or false.
    Bool(BoolField),
    /// A whole number.
    Int(IntField),
    /// A number with a fraction.
    Float(FloatField),
    /// A point in time.
    Time(TimeField),
    /// A list of strings.
    List(ListField),
}

macro_rules! each {
    ($self:ident, $it:ident => $out:expr) => {
        match $self {
            Field::Text($it) => $out,
            Field::Bool($it) => $out,
            Field::Int($it) => $out,
            Field::Float($it) => $out,
            Field::Time($it) => $out,
            Field::List($it) => $out,
        }
    };
}

impl Field {
    /// Every field there is, in the order of the reference.
    pub fn all() -> impl Iterator<Item = Field> {
        let texts = TextField::ALL.iter().map(|it| Field::Text(*it));
        let bools = BoolField::ALL.iter().map(|it| Field::Bool(*it));
        let ints = IntField::ALL.iter().map(|it| Field::Int(*it));
        let floats = FloatField::ALL.iter().map(|it| Field::Float(*it));
        let times = TimeField::ALL.iter().map(|it| Field::Time(*it));
        let lists = ListField::ALL.iter().map(|it| Field::List(*it));
        texts.chain(bools).chain(ints).chain(floats).chain(times).chain(lists)
    }

    /// The field of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Field> {
        Field::all().find(|field| field.name() == name)
    }

    /// As expressions spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        each!(self, it => it.name())
    }

    /// What it is.
    #[must_use]
    pub const fn about(self) -> &'static str {
        each!(self, it => it.about())
    }

    /// The kinds of event that can have it.
    #[must_use]
    pub const fn kinds(self) -> KindSet {
        each!(self, it => it.kinds())
    }

    /// Its type.
    #[must_use]
    pub const fn of_type(self) -> Type {
        match self {
            Field::Text(_) => Type::Text,
            Field::Bool(_) => Type::Bool,
            Field::Int(_) => Type::Int,
            Field::Float(_) => Type::Float,
            Field::Time(_) => Type::Time,
            Field::List(_) => Type::Texts,
        }
    }

    /// Whether this event has it.
    #[must_use]
    pub fn present(self, inputs: &Inputs<'_>) -> bool {
        match self {
            Field::Text(it) => it.read(inputs).is_some(),
            Field::Bool(it) => it.read(inputs).is_some(),
            Field::Int(it) => it.read(inputs).is_some(),
            Field::Float(it) => it.read(inputs).is_some(),
            Field::Time(it) => it.read(inputs).is_some(),
            Field::List(it) => it.any(inputs, |_| true).is_some(),
        }
    }
}

fn actor<'a>(it: &Inputs<'a>) -> Option<&'a Account<'a>> {
    it.event.data.actor()
}

fn user<'a>(it: &Inputs<'a>) -> Option<&'a Account<'a>> {
    it.event.data.user()
}

fn device<'a>(it: &Inputs<'a>) -> Option<&'a Device<'a>> {
    match &it.event.data {
        Data::LoginAttempted(login) => login.device.as_ref(),
        Data::TransferRequested(transfer) => transfer.device.as_ref(),
        _ => None,
    }
}

/// The host name in a site as platforms write it: a URL, a host with a path, a bare host.
fn host(site: &str) -> &str {
    let rest = site.split_once("://").map_or(site, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    name.map_or(host, |(name, _)| name).trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_fields_share_a_name() {
        let mut names: Vec<_> = Field::all().map(Field::name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(Field::all().all(|field| Field::from_name(field.name()) == Some(field)));
    }

    #[test]
    fn the_host_of_a_site_is_found_however_it_is_written() {
        for site in [
            "https://claims.example/airdrop?x=1",
            "claims.example",
            "claims.example:8443/path",
            "https://metamask.io@claims.example/#",
            "https://claims.example.",
        ] {
            assert_eq!(host(site), "claims.example", "{site}");
        }
    }
}
