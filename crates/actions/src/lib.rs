//! What may be done, by whose leave, until when?
//!
//! The way through: [`Authority::authorise`] turns a deed into an [`Authorised`] one, or says what
//! is missing; [`Action::ask`] takes it by value and becomes what is delivered;
//! [`Action::advance`] says what follows from each answer, from silence, and from time.
//!
//! Always true here:
//! - Pure. No clock, no network, no database, no chance: same input, same result.
//! - No [`Power`] moves a user's funds or asks for a secret. There is no word for it, so no file and
//!   no call can ask for it.
//! - An [`Authorised`] deed is made by [`Authority::authorise`] alone, so what nobody may do does not compile.
//! - Above a limit two people agree, and the second is another person who has the power.
//! - An action is asked for at least once, under one key that never changes. What became of a call is asked
//!   before the call is made again. A freeze ends by itself.
//! - A simulated action takes the same way and is never delivered.

mod action;
mod advance;
mod authority;
mod body;
mod deed;
mod file;
mod money;
mod power;
mod table;

pub use action::{Action, Kind, PAGE_AFTER, State};
pub use advance::{Call, Event, Jitter, Next, Reply, Step, Unexpected};
pub use authority::{Authority, Permit};
pub use body::{Ask, Data, answer, read_reply};
pub use deed::{
    Account, Authorised, BadAccount, Close, Deed, Deliverable, Disclose, Freeze, NotAuthorised, Override,
    Proof, Refund, RevokeSessions, Second, Staff, TooLittle, Unfreeze, Who,
};
pub use file::BadAuthority;
pub use money::{BadMoney, Money};
pub use power::{Power, PowerName};
pub use table::table;
