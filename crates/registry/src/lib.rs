//! Who is official?
//!
//! The way through: [`Registry::from_statements`] folds what the log says, or
//! [`Registry::from_json_lines`] reads the operator's list from a file (either form);
//! [`Registry::find`] gives what is listed under a value and [`Identity::status`] where it stands,
//! [`Registry::is_listed`] answers for one account at one moment, [`Registry::owner_of`] says
//! whose a domain is, and [`Organisation::facts`] what its support never does. How something gets
//! into the log is [`vetting`], what becomes of it afterwards [`watch`]; [`snapshot`] is the whole
//! of it in a file that apps ask offline, [`session`] who is talking to a user right now.
//!
//! Always true here:
//! - Pure. The whole registry is in memory; nothing is fetched, no clock is asked.
//! - An account is listed by the platform's own id of it, never by a name: names are copied.
//! - A listing counts from its start to its end and not a moment after it is revoked.
//! - A list with one bad line is refused whole, and every bad line is named: half a registry
//!   would call real support fake.

mod digest;
mod facts;
mod fold;
mod identity;
mod names;
mod proof;
mod read;
pub mod session;
pub mod signed_by;
pub mod snapshot;
pub mod statement;
mod status;
pub mod vetting;
pub mod watch;
mod write;

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use statement::{Announcement, SnapshotTaken, StatedKey};
use touchstone_types::{Bilingual, Moment};

pub use digest::{Digest, InvalidDigest};
pub use facts::{Fact, FactSet};
pub use fold::{Contradiction, Contradicts};
pub use identity::{Identity, IdentityKind, host_of, normal};
pub use proof::{Proof, ProofMethod};
pub use read::{BadLine, RegistryError};
pub use snapshot::{Snapshot, SnapshotError};
pub use statement::{BadStatement, Statement};
pub use status::{Lapsing, REPROOF, Reason, Status};

/// Someone who vouches for identities: the operator itself, or a brand it lists.
#[derive(Clone, Debug, PartialEq)]
pub struct Organisation {
    /// Its short name, unique in the registry.
    pub id: Arc<str>,
    /// Its name as people write it.
    pub name: Bilingual,
    /// What its support never does.
    pub facts: FactSet,
    /// The real ways in (a web address, a menu path in the app), as shown to users.
    pub ways_in: Vec<Bilingual>,
    /// Domains it owns without answering users from them.
    pub owned_domains: Vec<Arc<str>>,
}

/// Everything the operator vouches for.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    organisations: Vec<Organisation>,
    identities: Vec<Identity>,
    by_id: HashMap<Arc<str>, u32, FixedState>,
    // Keyed by the hash of two strings; what is found is compared in full.
    accounts: HashMap<u64, Vec<u32>, FixedState>,
    values: HashMap<u64, Vec<u32>, FixedState>,
    hashes: HashMap<Digest, Vec<u32>, FixedState>,
    by_identity: HashMap<Arc<str>, u32, FixedState>,
    owners: HashMap<Arc<str>, u32, FixedState>,
    keys: Vec<(u64, StatedKey)>,
    announcements: Vec<(u64, Announcement)>,
    snapshot: Option<(u64, SnapshotTaken)>,
    size: u64,
}

impl Registry {
    /// Every organisation, in the order of the list.
    #[must_use]
    pub fn organisations(&self) -> &[Organisation] {
        &self.organisations
    }

    /// Every identity, in the order of the list, whatever its validity.
    #[must_use]
    pub fn identities(&self) -> &[Identity] {
        &self.identities
    }

    /// The organisation of that id.
    #[must_use]
    pub fn organisation(&self, id: &str) -> Option<&Organisation> {
        self.by_id.get(id).and_then(|at| self.organisations.get(*at as usize))
    }

    /// Whose the identity is.
    #[must_use]
    pub fn holder(&self, identity: &Identity) -> Option<&Organisation> {
        self.organisations.get(identity.organisation as usize)
    }

    /// The listing of the account that `platform` (an event's `source`) knows by `account`, if
    /// it is in force at `at`. Asks the platform's immutable id only.
    #[must_use]
    pub fn is_listed(&self, platform: &str, account: &str, at: Moment) -> Option<&Identity> {
        self.accounts_of(platform, account).find(|it| it.in_force(at))
    }

    /// Every identity of the account that `platform` knows by `account`, whatever its status, in
    /// the order of the list.
    pub fn accounts_of<'a>(&'a self, platform: &str, account: &str) -> impl Iterator<Item = &'a Identity> {
        self.at(self.accounts.get(&pair_key(platform, account))).filter(move |it| {
            it.platform.as_deref() == Some(platform) && it.account.as_deref() == Some(account)
        })
    }

    /// Every identity with exactly this value, whatever its status, in the order of the list; the
    /// value is normalised first.
    pub fn find<'a>(&'a self, kind: IdentityKind, value: &str) -> impl Iterator<Item = &'a Identity> {
        normal(kind, value).into_iter().flat_map(move |value| {
            let found = self.at(self.values.get(&pair_key(kind.name(), &value)));
            found.filter(move |it| it.kind == kind && *it.value == *value)
        })
    }

    /// Every app with this certificate or file, whatever its status, in the order of the list.
    pub fn find_hash(&self, hash: &Digest) -> impl Iterator<Item = &Identity> {
        self.at(self.hashes.get(hash))
    }

    /// The identity of that id in the log.
    #[must_use]
    pub fn identity(&self, id: &str) -> Option<&Identity> {
        self.by_identity.get(id).and_then(|at| self.identities.get(*at as usize))
    }

    fn at<'a>(&'a self, places: Option<&'a Vec<u32>>) -> impl Iterator<Item = &'a Identity> {
        places.into_iter().flatten().filter_map(|at| self.identities.get(*at as usize))
    }

    /// The identity with exactly this value, in force at `at`; the value is normalised first.
    #[must_use]
    pub fn official(&self, kind: IdentityKind, value: &str, at: Moment) -> Option<&Identity> {
        let value = normal(kind, value)?;
        let mut found = self.at(self.values.get(&pair_key(kind.name(), &value)));
        found.find(|it| it.kind == kind && *it.value == *value && it.in_force(at))
    }

    /// Whose a host is: the organisation that lists or owns it or a domain above it. Expects
    /// lower-case ASCII, as [`normal`] gives. A host under a public suffix that somebody lists
    /// by mistake would make everything under it official; [`Registry::from_json_lines`]
    /// therefore refuses names without a dot.
    #[must_use]
    pub fn owner_of(&self, host: &str) -> Option<&Organisation> {
        let mut rest = host.trim_end_matches('.');
        loop {
            if let Some(at) = self.owners.get(rest) {
                return self.organisations.get(*at as usize);
            }
            rest = rest.split_once('.')?.1;
        }
    }
}

fn pair_key(first: &str, second: &str) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = FixedState::default().build_hasher();
    hasher.write(first.as_bytes());
    hasher.write_u8(0);
    hasher.write(second.as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests;
