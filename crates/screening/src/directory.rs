//! Who is official, in the form in which screening asks.

use std::sync::Arc;

use touchstone_registry::{Identity, IdentityKind, Organisation, Registry};
use touchstone_text::{Folded, fold};

use crate::detect::identity::pdq;
use crate::likeness::{Index, Kind, Official};

/// The registry, and an index of what resembles what is in it.
pub struct Directory {
    registry: Registry,
    index: Index,
    /// The holder of each official string of the index.
    holders: Vec<u32>,
    /// PDQ hashes of official pictures, with the place of their identity in the registry.
    pictures: Vec<([u64; 4], u32)>,
    /// The folded names of each organisation, longest first, with its place.
    names: Vec<(String, u32)>,
}

/// A name with fewer characters than this is too common to be looked for in texts.
const SHORTEST_NAME: usize = 3;

impl Directory {
    /// Indexes a registry.
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        let mut officials = Vec::new();
        let mut holders = Vec::new();
        let mut add = |organisation: u32, kind: Kind, text: &Arc<str>| {
            let brand = registry.organisations().get(organisation as usize).map(|it| Arc::clone(&it.id));
            officials.push(Official { brand: brand.unwrap_or_default(), kind, text: Arc::clone(text) });
            holders.push(organisation);
        };
        for identity in registry.identities() {
            if let Some(kind) = kind(identity.kind) {
                add(identity.organisation, kind, &identity.shown);
            }
        }
        let index = Index::build(officials);
        let pictures = pictures(&registry);
        let names = names(&registry);
        Self { registry, index, holders, pictures, names }
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
    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// Whose the official string of that number is.
    pub(crate) fn holder(&self, official: u32) -> Option<&Organisation> {
        let holder = self.holders.get(official as usize)?;
        self.registry.organisations().get(*holder as usize)
    }
}

impl Directory {
    /// Official pictures.
    pub(crate) fn pictures(&self) -> impl Iterator<Item = (&[u64; 4], &Identity)> {
        let identity = |at: u32| self.registry.identities().get(at as usize);
        self.pictures.iter().filter_map(move |(hash, at)| Some((hash, identity(*at)?)))
    }

    /// The organisation whose name stands in a folded text, the longest name first.
    pub(crate) fn named_in(&self, folded: &str) -> Option<&Organisation> {
        let (_, at) = self.names.iter().find(|(name, _)| folded.contains(name.as_str()))?;
        self.registry.organisations().get(*at as usize)
    }
}

fn pictures(registry: &Registry) -> Vec<([u64; 4], u32)> {
    let all = registry.identities().iter().zip(0u32..);
    all.filter(|(it, _)| it.kind == IdentityKind::Avatar)
        .filter_map(|(it, at)| Some((pdq(&it.value)?, at)))
        .collect()
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
        IdentityKind::DisplayName => Kind::Name,
        IdentityKind::Domain => Kind::Domain,
        IdentityKind::Email => Kind::Email,
        IdentityKind::Phone => Kind::Phone,
        IdentityKind::Address => Kind::Address,
        IdentityKind::App => Kind::Package,
        IdentityKind::Avatar | IdentityKind::Agent => return None,
    })
}
