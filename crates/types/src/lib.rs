//! What do we call things?
//!
//! The words of the whole project, as types that cannot be wrong: what happened
//! ([`Event`]), what was noticed ([`Finding`]), what follows ([`Verdict`]).
//! Every other room takes and gives these.
//!
//! Always true here:
//! - Nothing does I/O, asks a clock or draws a random number.
//! - What is parsed has been checked: a [`Chain`] is a CAIP-2 id, an [`Amount`] is a
//!   decimal number, a [`Moment`] is a point in time that RFC 3339 can write.
//! - An [`Event`] borrows from the bytes it was parsed from and allocates only where
//!   a string holds JSON escapes.

mod amount;
mod chain;
mod event;
mod finding;
mod moment;
mod phrase;
mod string;
mod verdict;
mod words;

pub use amount::{Amount, InvalidAmount};
pub use chain::{Chain, ChainAccount, InvalidChain};
pub use event::{
    Account, AccountCreated, ApprovalRequested, Attachment, Avatar, CallStarted, ClientSeen, ContactAdded,
    Conversation, ConversationKind, Data, Device, Event, EventError, EventKey, EventKind, Flag, Flags,
    LoginAttempted, MAX_EVENT_BYTES, MessageSent, ProfileChanged, TransferRequested,
};
pub use finding::{Bilingual, Finding, Likeness, LikenessStep, Name, Span, Strength};
pub use moment::{InvalidMoment, Lapse, Moment};
pub use phrase::{PhraseFile, PhraseList};
pub use string::Str;
pub use verdict::{
    Check, CheckReport, CheckSet, Decision, Hold, PolicyHash, Releaser, TurningPoint, Unavailable, Verdict,
};
pub use words::UnknownWord;
