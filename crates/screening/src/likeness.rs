//! Names that read the same as an official one once their tricks are folded away.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use touchstone_text::{Folded, fold};
use touchstone_types::LikenessStep;

/// What kind of name it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub(crate) enum Kind {
    Handle,
    Name,
    Domain,
    Email,
    Phone,
    Address,
    Package,
}

#[derive(Clone, Debug)]
pub(crate) struct Official {
    pub(crate) brand: Arc<str>,
    pub(crate) kind: Kind,
    pub(crate) text: Arc<str>,
}

#[derive(Default)]
pub(crate) struct Scratch(Folded);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tier {
    Act,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Resemblance {
    pub(crate) official: u32,
    pub(crate) closeness: f32,
    pub(crate) tier: Tier,
}

pub(crate) struct Index {
    officials: Vec<Official>,
    folded: HashMap<String, Vec<u32>, FixedState>,
}

impl Index {
    pub(crate) fn build(officials: Vec<Official>) -> Self {
        let mut folded: HashMap<String, Vec<u32>, FixedState> = HashMap::default();
        let mut buffer = Folded::new();
        for (official, at) in officials.iter().zip(0u32..) {
            fold(&official.text, &mut buffer);
            folded.entry(buffer.text().to_owned()).or_default().push(at);
        }
        Self { officials, folded }
    }

    pub(crate) fn official(&self, at: u32) -> Option<&Official> {
        self.officials.get(at as usize)
    }

    pub(crate) fn closest(&self, candidate: &str, kind: Kind, scratch: &mut Scratch) -> Option<Resemblance> {
        if self.officials.is_empty() {
            return None;
        }
        fold(candidate, &mut scratch.0);
        let found = self.folded.get(scratch.0.text())?;
        let official = *found.iter().find(|at| self.official(**at).is_some_and(|it| it.kind == kind))?;
        Some(Resemblance { official, closeness: 1.0, tier: Tier::Act })
    }

    pub(crate) fn align(&self, candidate: &str, found: &Resemblance) -> Vec<LikenessStep> {
        let official = self.official(found.official).map(|it| it.text.to_string()).unwrap_or_default();
        vec![LikenessStep { official, candidate: candidate.to_owned(), technique: None }]
    }
}
