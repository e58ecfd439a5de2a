//! Does this name pretend to be that one?
//!
//! The way through: [`Index::build`] reads the official strings once; [`Index::closest`] reads a
//! candidate as the eye does (`letters`), finds the official strings it may stand for
//! (`names`, `links`), lays both side by side (`align`), and weighs what it observed (`score`).
//! [`Index::align`] draws the two for a person.
//!
//! Always true here:
//! - No I/O, no clock, no randomness: the same index and candidate, the same answer.
//! - Any candidate is answered in bounded time: beyond its first letters nothing is compared.
//! - An official string resembles itself.
//! - A name that is an ordinary word, or very short, is never reason enough to act alone.

pub mod avatar;
pub mod picture;

mod address;
mod align;
mod closest;
mod draw;
mod edges;
mod han;
mod hosts;
mod index;
mod letters;
mod links;
mod names;
mod observe;
mod outline;
mod phone;
mod score;
mod sounds;
mod table;
mod techniques;
mod terms;
mod words;

pub use closest::{Judged, Scratch};
pub use index::{Index, Kind, Official, Resemblance, Tier};
pub use score::{OBSERVATION_COUNT, OBSERVATIONS, Observed};
pub use techniques::Techniques;
pub use terms::Class;
pub use words::Background;
