//! Is this event dangerous, and why?
//!
//! The way through: a [`Screener`] takes a stream. For each event it reads the text once,
//! asks its [`Memory`] what came before, lets the detectors look, wakes the policy's rules
//! with what they found, lets [`decide()`] add up, and remembers the event. [`screen()`] is the
//! middle of that as a pure function, for whoever keeps the facts elsewhere. [`answer::answer`]
//! is for people who ask: is this really support?
//!
//! Always true here:
//! - Pure. No clock, no network, no database: same event, facts and policy, same verdict.
//! - The score is the sum of the findings we show, and nothing else.
//! - Nothing the sender adds to a message can lower the score.
//! - An event in which nothing is found costs no allocation once the buffers are warm.

pub mod answer;
mod armed;
mod compared;
mod decide;
mod detect;
mod directory;
mod memory;
mod reading;
mod screen;
mod screener;
mod signals;

pub use armed::Policy;
pub use decide::{Ground, Outcome, Say, decide};
pub use directory::Directory;
pub use memory::{Campaign, Fullness, Limits, MAX_SKEW, Memory, SnapshotError};
pub use screen::{Facts, Opinion, Scratch, screen, screen_with};
pub use screener::Screener;
