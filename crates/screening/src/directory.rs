//! Who is official, in the form in which screening asks.

use std::sync::Arc;

use touchstone_lookalike::{Background, Index, Kind, Official};
use touchstone_registry::{IdentityKind, Organisation, Registry};
use touchstone_text::{Folded, fold};

/// The registry, and an index of what resembles what is in it.
pub struct Directory {
    registry: Registry,
    index: Index,
    /// The folded names of each organisation, longest first, with its place.
    names: Vec<(String, u32)>,
    stamp: Stamp,
}

/// Equal only to itself and its copies: tells one directory from any other for as long as a
/// copy is held.
#[derive(Clone, Default)]
pub(crate) struct Stamp(Arc<()>);

impl PartialEq for Stamp {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// A name with fewer characters than this is too common to be looked for in texts.
const SHORTEST_NAME: usize = 3;

impl Directory {
    /// Indexes a registry.
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        Self::with_background(registry, &Background::default())
    }

    /// Indexes a registry; `background` says which official strings are ordinary words among
    /// the operator's own users.
    #[must_use]
    pub fn with_background(registry: Registry, background: &Background) -> Self {
        let officials = registry.identities().iter().filter_map(|identity| {
            let brand = registry.holder(identity)?.id.clone();
            Some(Official { brand, kind: kind(identity.kind)?, text: identity.value.clone() })
        });
        let index = Index::build(officials, background);
        let names = names(&registry);
        Self { registry, index, names, stamp: Stamp::default() }
    }

    /// A directory in which nobody is official.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(Registry::default())
    }

    /// Who is official.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What resembles it.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Tells this directory from others.
    pub(crate) fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// Whose the official string of that number is.
    pub(crate) fn holder(&self, official: u32) -> Option<&Organisation> {
        self.registry.organisation(&self.index.official(official)?.brand)
    }

    /// The organisation whose name stands in a folded text, the longest name first.
    pub(crate) fn named_in(&self, folded: &str) -> Option<&Organisation> {
        let (_, at) = self.names.iter().find(|(name, _)| folded.contains(name.as_str()))?;
        self.registry.organisations().get(*at as usize)
    }
}

fn names(registry: &Registry) -> Vec<(String, u32)> {
    let mut folded = Folded::new();
    let mut names = Vec::new();
    for (organisation, at) in registry.organisations().iter().zip(0u32..) {
        for name in [&*organisation.id, &organisation.name.zh, &organisation.name.en] {
            fold(name, &mut folded);
            if folded.text().chars().count() >= SHORTEST_NAME {
                names.push((folded.text().to_owned(), at));
            }
        }
    }
    names.sort_by(|a, b| (b.0.len(), &a.0, a.1).cmp(&(a.0.len(), &b.0, b.1)));
    names.dedup();
    names
}

fn kind(kind: IdentityKind) -> Option<Kind> {
    Some(match kind {
        IdentityKind::Handle => Kind::Handle,
        IdentityKind::DisplayName => Kind::DisplayName,
        IdentityKind::Domain => Kind::Domain,
        IdentityKind::Email => Kind::Email,
        IdentityKind::Phone => Kind::Phone,
        IdentityKind::Address => Kind::Address,
        IdentityKind::App => Kind::Package,
        IdentityKind::Avatar => Kind::Avatar,
        IdentityKind::Agent => return None,
    })
}
