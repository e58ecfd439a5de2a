//! Who looks after this, and by when?
//!
//! The way through: [`clock`] says when a term ends in a calendar.
//!
//! Always true here:
//! - Pure. No clock, no network, no database: what time it is comes from the caller.
//! - A date for which there is no data is an error, never a guess.

pub mod clock;
