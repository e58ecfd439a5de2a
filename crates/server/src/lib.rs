//! What runs? The shell that gathers, asks the core once, saves, and shows.
//!
//! The way through: [`router`] has every route; each handler gets the [`Ctx`], parses,
//! calls one thing, shows. Events go through one bounded queue and one task that screens
//! them in the order of the log.
//!
//! Always true here:
//! - An event is acknowledged only when it and its verdict are on disk.
//! - What the memory holds is a fold over the log: nothing that was not stored is remembered.
//! - No log line and no metric holds what somebody wrote, or who.

pub mod actions;
pub mod api;
mod armed;
pub mod cases;
mod check;
mod clock;
mod complaints;
mod config;
mod console;
mod ctx;
pub(crate) mod desk;
mod doubt;
mod feed;
mod hub;
mod ingest;
pub mod keys;
mod limits;
mod metrics;
pub mod policies;
pub mod receiver;
pub mod registry;
pub mod rehearsal;
mod router;
mod run;
mod sessions;
mod setup;
mod staffing;
mod start;
mod state_file;
mod stream;
mod transparency;
pub mod vetting;
mod whence;
pub mod witness;

pub use armed::{Armed, Live, Models};
pub use clock::{Clock, ManualClock, SystemClock};
pub use config::{Config, ConfigError, IngestConfig, Limits};
pub use ctx::{Ctx, Health, Shared, State, Stop};
pub use doubt::{Doubt, DoubtError, SecondOpinion};
pub use hub::Hub;
pub use ingest::Ingest;
pub use limits::{Rate, RateLimiter, Wait};
pub use metrics::Metrics;
pub use router::router;
pub use run::run;
pub use sessions::{SessionsConfig, Talk};
pub use setup::first_invitation;
pub use start::{finish, start};
pub use transparency::Published;
pub use whence::{Network, NoNetwork};
