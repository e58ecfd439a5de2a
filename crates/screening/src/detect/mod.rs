//! The detectors: each looks at one side of an event and raises what it sees.

pub(crate) mod addresses;
pub(crate) mod contradictions;
pub(crate) mod identity;
pub(crate) mod links;
pub(crate) mod lists;
pub(crate) mod words;

use touchstone_types::Event;

use crate::reading::Text;
use crate::{Facts, Policy};

/// What every detector looks at.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) event: &'a Event<'a>,
    pub(crate) text: &'a Text,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) policy: &'a Policy,
}
