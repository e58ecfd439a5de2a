//! Who is official, in the form in which screening asks.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use touchstone_lookalike::{Background, Index, Kind, Official};
use touchstone_registry::{Identity, IdentityKind, Organisation, Registry};
use touchstone_text::{Folded, fold};

/// The registry, and an index of what resembles what is in it.
pub struct Directory {
    registry: Registry,
    index: Index,
    names: Names,
    /// The same with the names shown beside their messages.
    all_names: Names,
    /// The first identities of each organisation, for telling how it is reached.
    of_each: HashMap<Arc<str>, Vec<u32>, FixedState>,
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
        let names = Names::of(&registry);
        let all_names = Names::with_shown(&registry);
        let of_each = of_each(&registry);
        Self { registry, index, names, all_names, of_each, stamp: Stamp::default() }
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

    /// The first few identities of an organisation.
    pub(crate) fn identities_of(&self, organisation: &str) -> impl Iterator<Item = &Identity> {
        let which = self.of_each.get(organisation).map(Vec::as_slice).unwrap_or_default();
        which.iter().filter_map(|at| self.registry.identities().get(*at as usize))
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
        self.registry.organisations().get(self.names.longest_in(folded)? as usize)
    }

    /// The same, where the organisation may also be called as its accounts are.
    pub(crate) fn meant_in(&self, folded: &str) -> Option<&Organisation> {
        self.registry.organisations().get(self.all_names.longest_in(folded)? as usize)
    }
}

/// The folded names of organisations, each with its place, by how they begin: a text is read
/// once, however many names there are.
#[derive(Default)]
struct Names(HashMap<[char; SHORTEST_NAME], Vec<(String, u32)>, FixedState>);

impl Names {
    fn of(registry: &Registry) -> Self {
        Self::default().with(own_names(registry))
    }

    fn with_shown(registry: &Registry) -> Self {
        let is_name = |it: &&Identity| it.kind == IdentityKind::DisplayName;
        let shown = registry.identities().iter().filter(is_name);
        Self::default().with(own_names(registry).chain(shown.map(|it| (&*it.value, it.organisation))))
    }

    fn with<'a>(mut self, names: impl Iterator<Item = (&'a str, u32)>) -> Self {
        let mut folded = Folded::new();
        for (name, at) in names {
            fold(name, &mut folded);
            let Some(head) = head(folded.text()) else { continue };
            self.0.entry(head).or_default().push((folded.text().to_owned(), at));
        }
        for place in self.0.values_mut() {
            place.sort_by(|a, b| (b.0.len(), &a.0, a.1).cmp(&(a.0.len(), &b.0, b.1)));
            place.dedup_by(|later, first| later.0 == first.0);
        }
        self
    }

    /// Whose the longest name in the text is; of names as long, the first in the alphabet.
    fn longest_in(&self, folded: &str) -> Option<u32> {
        if self.0.is_empty() {
            return None;
        }
        let mut best: Option<&(String, u32)> = None;
        for (at, _) in folded.char_indices() {
            let rest = &folded[at..];
            let Some(place) = head(rest).and_then(|head| self.0.get(&head)) else { continue };
            let Some(found) = place.iter().find(|(name, _)| rest.starts_with(name.as_str())) else {
                continue;
            };
            let rank = |it: &(String, u32)| (Reverse(it.0.len()), it.0.clone());
            if best.is_none_or(|best| rank(found) < rank(best)) {
                best = Some(found);
            }
        }
        best.map(|(_, at)| *at)
    }
}

fn own_names(registry: &Registry) -> impl Iterator<Item = (&str, u32)> {
    registry
        .organisations()
        .iter()
        .zip(0u32..)
        .flat_map(|(it, at)| [&*it.id, it.name.zh.as_str(), it.name.en.as_str()].map(|name| (name, at)))
}

/// Of how many identities the way to an organisation is told.
const MAX_OF_EACH: usize = 16;

fn of_each(registry: &Registry) -> HashMap<Arc<str>, Vec<u32>, FixedState> {
    let mut of_each: HashMap<Arc<str>, Vec<u32>, FixedState> = HashMap::default();
    for (identity, at) in registry.identities().iter().zip(0u32..) {
        let tells = !matches!(identity.kind, IdentityKind::Avatar | IdentityKind::DisplayName);
        let Some(holder) = registry.holder(identity).filter(|_| tells) else { continue };
        let few = of_each.entry(Arc::clone(&holder.id)).or_default();
        if few.len() < MAX_OF_EACH {
            few.push(at);
        }
    }
    of_each
}

fn head(text: &str) -> Option<[char; SHORTEST_NAME]> {
    let mut chars = text.chars();
    Some([chars.next()?, chars.next()?, chars.next()?])
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
