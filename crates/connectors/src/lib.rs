//! Whom do we call? The only outbound network besides the second opinion.
//!
//! The way through: [`Caller::new`] takes the [`Settings`]; [`Caller::txt`] asks the domain name
//! system, [`Caller::get`] and [`Caller::post`] speak HTTP, [`Caller::mail`] hands a letter to
//! the operator's mail server, [`Caller::webhook`] posts signed JSON.
//!
//! Always true here:
//! - Every call blocks, and ends within [`Settings::timeout`]: async callers use a thread for it.
//! - Nobody from outside decides that we call into our own network: addresses that are not
//!   public are refused at the moment of connecting, whatever name led there.
//! - Nothing is followed: a redirect is an answer, and not the one that was wanted.
//! - What comes back is bounded, and is data: nothing of it is executed or shown unescaped.

mod address;
mod call;
mod dns;
mod fetch;
mod mail;
mod webhook;

pub use address::is_public;
pub use call::{CallError, Caller, Settings, SettingsError};
pub use fetch::{Answer, MAX_ANSWER};
pub use mail::{Letter, MailSettings};
pub use webhook::{BadSecret, Webhook, read_secret, sign, verify, write_secret};
