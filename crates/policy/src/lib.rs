//! What follows from what was found? Rules, weights and features, as data.
//!
//! The way through: [`Policy::load`] reads the files of a policy and checks them against
//! each other and against the schema of events ([`schema`]); conditions become flat programs
//! ([`expression`]). For an event, [`Policy::apply`] asks the rules that the findings wake;
//! [`Rule::explain`] says which clause held with which values. [`FeatureSpec`] says what has
//! to be remembered for that; the memory itself is kept elsewhere.
//!
//! Always true here:
//! - Pure: no clock, no network, no disk, no chance. Same files, same policy, same hash.
//! - A policy with anything wrong in it is refused as a whole, with file, line and hint.
//! - What runs on an event allocates nothing, cannot fail and is bounded.
//! - A field that an event lacks makes a condition unknown, never silently false or true.

mod cases;
mod default_files;
mod feature;
mod finding;
mod hexadecimal;
mod inputs;
mod list;
mod load;
mod policy;
mod reference;
mod rule;
mod source;

pub mod expression;
pub mod schema;

pub use cases::{CaseResult, CaseValue, Expected, RuleCase};
pub use default_files::default_files;
pub use expression::{Clause, Expression, ExpressionError, Names};
pub use feature::{FeatureKind, FeatureSpec, KeyField, MAX_KEY_FIELDS, MAX_STEPS, Pick};
pub use finding::{FindingSpec, Placeholder, Sentence};
pub use hexadecimal::remembered;
pub use inputs::{FeatureValue, FoundSet, Inputs, KindSet, MAX_FINDINGS, Truth};
pub use list::{BlockList, ListEntry, ListKind};
pub use load::MAX_POLICY_BYTES;
pub use policy::{CheckSpec, FailMode, Policy, Thresholds};
pub use reference::reference;
pub use rule::{HoldSpec, OnUnknown, Rule, Status};
pub use source::{Problem, SourceFile};
