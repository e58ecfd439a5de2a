//! Who looks after this, and by when?
//!
//! The way through: [`open`] makes a case of a report, [`advance`] says what follows from an event,
//! [`Case::due`] when to look again if nothing happens; [`clock`] says when a term ends in a calendar.
//!
//! Always true here:
//! - Pure. No clock, no network, no database: what time it is comes from the caller.
//! - An open case has an owner, a next step and a deadline; nothing closes by itself.
//! - A date for which there is no data is an error, never a guess.

mod advance;
mod case;
pub mod clock;
pub mod playbook;
pub mod public;
mod rule;
pub mod staffing;
mod stored;
mod words;

pub use advance::{Advanced, Answer, Event, Step, advance, open};
pub use case::{Case, Clock, ClockState, Closing, Level, Life, Next, NoReason, Outcome, Owner, Staff, Task};
pub use rule::{Fact, Ladder, PausePolicy, Percent, Policy, Rule, StopsOn, TooShort, Trigger, Whose};
pub use stored::BadCase;
