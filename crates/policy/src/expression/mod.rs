//! The language of rules: a typed subset of CEL's syntax.
//!
//! The way through: [`token`] splits the source into words, [`tree`] reads them with a
//! Pratt parser, [`check`] proves the types against the schema and writes a flat program,
//! [`program`] runs it.
//!
//! Always true here:
//! - An unknown name or a wrong type is an error before anything runs.
//! - A field that the event lacks makes what depends on it [`Truth::Unknown`], and nothing
//!   else: `false && unknown` is false, `true || unknown` is true, as in Kleene's logic.
//! - Running allocates nothing, cannot fail and cannot loop: a program has at most
//!   [`MAX_PARTS`] steps and [`MAX_DEPTH`] levels.

mod check;
mod explain;
mod program;
mod token;
mod tree;

use std::ops::Range;
use std::sync::Arc;

use touchstone_types::Name;

pub use explain::Clause;
pub use program::{Expression, Mention};

use crate::feature::FeatureKind;
use crate::list::BlockList;

/// The longest source of an expression, in bytes.
pub const MAX_SOURCE_BYTES: usize = 8 * 1024;

/// The most parts (values, operators, calls) of one expression.
pub const MAX_PARTS: usize = 512;

/// The most levels of brackets and operators.
pub const MAX_DEPTH: usize = 32;

/// Why a text is no expression, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpressionError {
    /// The bytes of the source that are meant.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What may have been meant, or what is allowed here.
    pub hint: Option<String>,
}

impl ExpressionError {
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>, hint: Option<String>) -> Self {
        Self { span, message: message.into(), hint }
    }

    fn moved(mut self, by: usize) -> Self {
        self.span = self.span.start + by..self.span.end + by;
        self
    }
}

/// The names an expression may use besides the fields of events.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Findings by number: `found.NAME`.
    pub findings: Vec<Name>,
    /// Features by number, with their kind: `feature.NAME`.
    pub features: Vec<(Name, FeatureKind)>,
    /// Block lists: `list("NAME", value)`.
    pub lists: Vec<Arc<BlockList>>,
}
