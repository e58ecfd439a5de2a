//! Who looks after this, and by when?
//!
//! The way through: [`Report::parse`] checks what came in, [`Charter::policy_for`] gives the rules of
//! its case, [`open`] makes the case, [`advance`] says what follows from an event, [`Case::due`] when
//! to look again if nothing happens; [`clock`] says when a term ends in a calendar. Beside it,
//! [`harm`] says how bad it is, [`first_hour`] and [`plan()`] what the victim does,
//! [`Skills::assign`] who should have it.
//!
//! Always true here:
//! - Pure. No clock, no network, no database: what time it is comes from the caller.
//! - An open case has an owner, a next step and a deadline; nothing closes by itself.
//! - A date for which there is no data is an error, never a guess.

mod advance;
mod case;
pub mod charter;
pub mod clock;
pub mod complaint;
mod harm;
mod plan;
pub mod playbook;
pub mod public;
mod recount;
pub mod report;
mod rule;
mod skill;
pub mod staffing;
mod stored;
mod words;

pub use advance::{Advanced, Answer, Event, Step, advance, open};
pub use case::{Case, Clock, ClockState, Closing, Level, Life, Next, NoReason, Outcome, Owner, Staff, Task};
pub use charter::{CaseKey, CasePolicy, Charter, CharterProblem};
pub use harm::{Harm, HarmLevel, harm};
pub use plan::{Offer, PlanStep, When, first_hour, plan};
pub use report::{FieldError, Kind, MarkKind, RawReport, Report};
pub use rule::{Fact, Ladder, PausePolicy, Percent, Policy, Rule, StopsOn, TooShort, Trigger, Whose};
pub use skill::{Agent, Choice, Needs, SkillGroup, Skills};
pub use stored::BadCase;
