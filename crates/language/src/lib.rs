//! What is being asked of the user? Phrases, tactics, secrets and near-duplicates.
//!
//! The way through: a [`Lexicon`] is built once from the policy's phrases; it reads folded
//! texts into a [`Reading`]; a [`model`] says how likely a scam that is. [`secrets`] finds what a user is about to give away,
//! [`entities`] what a text points to, [`fingerprint`] which texts are nearly the same.
//!
//! Always true here:
//! - Pure. No clock, no network, no file: same text, same reading.
//! - Every range is in bytes of the text as the sender wrote it, on character boundaries.
//! - What a secret is never leaves this room: a [`secrets::Secret`] says where and what
//!   kind, not what.
//! - A text in which nothing is found costs no allocation once the buffers are warm.

pub mod entities;
mod fingerprint;
mod leet;
mod lexicon;
pub mod model;
mod phrase;
mod reading;
pub mod secrets;

pub use fingerprint::{NEAR, bands, distance, fingerprint};
pub use lexicon::{Lexicon, LexiconError};
pub use phrase::PhraseError;
pub use reading::{Hit, Reading};
