//! What does a language model say of it? A second opinion from any endpoint that speaks the
//! OpenAI chat-completions protocol, asked only about texts that the policy is unsure of.
//!
//! The way through: [`redact()`] takes out what names a person or opens anything,
//! [`Asker::ask`] looks into its cache, asks the endpoint within a time limit, and reads the
//! answer as a number and a reason ([`Opinion`]).
//!
//! Always true here:
//! - What leaves the house is the redacted text and nothing else: no account, no time, no id.
//! - An opinion can only speak for a scam. Whatever a text makes the model say, it never
//!   lowers what was found without it; no answer, a late one or a senseless one is no opinion.
//! - Bounded: questions under way, questions a minute, bytes read, answers kept.

mod answer;
mod ask;
mod cache;
mod redact;

pub use answer::Opinion;
pub use ask::{AskError, Asker, Settings, SettingsError};
pub use redact::redact;
