//! Who may come in, and how well is an account guarded?

mod role;

pub use role::{Permission, Role, Scope, UnknownWord, may, one_may, opens, who_may};
