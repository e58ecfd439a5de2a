//! The fold: what the statements of the log amount to.
//!
//! The way through: [`Registry::apply`] takes one statement after another; what contradicts the
//! log so far is refused and changes nothing. A publisher asks it before it appends.

use std::sync::Arc;

use crate::statement::{
    Announcement, BadStatement, Renewed, Revoked, SnapshotTaken, StatedIdentity, StatedKey,
    StatedOrganisation, Statement, Voided,
};
use crate::{FactSet, Identity, IdentityKind, Organisation, Registry, normal, pair_key};

/// A statement that cannot be true after what the log said before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {index}: {reason}")]
pub struct Contradiction {
    /// The place of the statement in the log, counted from 0.
    pub index: u64,
    /// What it contradicts.
    pub reason: Contradicts,
}

/// What a statement contradicts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradicts {
    /// It cannot be true by itself.
    #[error(transparent)]
    Itself(#[from] BadStatement),
    /// It does not come after the statement before it.
    #[error("entries must come in the order of the log; the next is {next}")]
    Order {
        /// The lowest index that may come.
        next: u64,
    },
    /// It speaks of an organisation that was never stated.
    #[error("organisation `{0}` was never stated")]
    UnknownOrganisation(String),
    /// It speaks of an identity that was never stated.
    #[error("identity `{0}` was never stated")]
    UnknownIdentity(String),
    /// Its id was used before.
    #[error("the id `{0}` was used before")]
    IdTwice(String),
    /// It renews, voids or revokes what is revoked.
    #[error("identity `{0}` is revoked, for good")]
    IsRevoked(String),
    /// It voids what is void.
    #[error("identity `{0}` is void already")]
    IsVoid(String),
    /// It renews a void identity with proofs from before it was voided.
    #[error("identity `{0}` was not proved again since it was voided")]
    ProvedBefore(String),
    /// It gives one organisation what another holds.
    #[error("{what} is listed for `{holder}`; revoke that first")]
    HeldByAnother {
        /// The domain or account.
        what: String,
        /// The id of who holds it.
        holder: String,
    },
    /// A snapshot of leaves that did not exist yet, or of fewer than the one before.
    #[error("a snapshot of {0} entries cannot be at this place")]
    SnapshotEntries(u64),
    /// More than the registry can hold.
    #[error("too many {0}")]
    TooMany(&'static str),
}

impl Registry {
    /// What the statements amount to, each with its place in the log.
    ///
    /// # Errors
    /// [`Contradiction`] names the first statement that contradicts those before it.
    pub fn from_statements(
        statements: impl IntoIterator<Item = (u64, Statement)>,
    ) -> Result<Self, Contradiction> {
        let mut registry = Registry::default();
        for (index, statement) in statements {
            registry.apply(index, &statement)?;
        }
        Ok(registry)
    }

    /// Takes the next statement of the log.
    ///
    /// # Errors
    /// [`Contradiction`] if it contradicts what is known; then nothing has changed.
    pub fn apply(&mut self, index: u64, statement: &Statement) -> Result<(), Contradiction> {
        self.take_statement(index, statement).map_err(|reason| Contradiction { index, reason })?;
        self.size = index + 1;
        Ok(())
    }

    /// How many entries of the log it knows; 0 if it was read from a file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Every key stated, with its place in the log, in that order.
    #[must_use]
    pub fn keys(&self) -> &[(u64, StatedKey)] {
        &self.keys
    }

    /// Every announcement, with its place in the log, in that order.
    #[must_use]
    pub fn announcements(&self) -> &[(u64, Announcement)] {
        &self.announcements
    }

    /// The newest statement about a snapshot, with its place in the log.
    #[must_use]
    pub fn snapshot_taken(&self) -> Option<&(u64, SnapshotTaken)> {
        self.snapshot.as_ref()
    }

    fn take_statement(&mut self, index: u64, statement: &Statement) -> Result<(), Contradicts> {
        if index < self.size || index == u64::MAX {
            return Err(Contradicts::Order { next: self.size });
        }
        statement.check_fields()?;
        match statement {
            Statement::Organisation(it) => self.take_stated_organisation(it),
            Statement::Identity(it) => self.take_stated_identity(index, it),
            Statement::Renewed(it) => self.renew(index, it),
            Statement::Voided(it) => self.void(index, it),
            Statement::Revoked(it) => self.revoke(index, it),
            Statement::Key(it) => {
                self.keys.push((index, it.clone()));
                Ok(())
            }
            Statement::Announcement(it) => self.announce(index, it),
            Statement::Snapshot(it) => {
                let before = self.snapshot.as_ref().map_or(0, |(_, it)| it.entries);
                if it.entries > index || it.entries < before {
                    return Err(Contradicts::SnapshotEntries(it.entries));
                }
                self.snapshot = Some((index, it.clone()));
                Ok(())
            }
        }
    }

    fn take_stated_organisation(&mut self, stated: &StatedOrganisation) -> Result<(), Contradicts> {
        let known = self.by_id.get(stated.id.as_str()).copied();
        let owned: Vec<Arc<str>> = stated.owned_domains.iter().map(|it| it.as_str().into()).collect();
        owned.iter().try_for_each(|it| self.may_claim(it, known))?;
        let organisation = Organisation {
            id: stated.id.as_str().into(),
            name: stated.name.clone(),
            facts: stated.facts.iter().fold(FactSet::default(), |set, it| set.with(*it)),
            ways_in: stated.ways_in.clone(),
            owned_domains: owned.clone(),
        };
        let holder = match known {
            Some(at) => {
                self.replace(at, organisation);
                at
            }
            None => self.push_organisation(organisation)?,
        };
        self.owners.extend(owned.into_iter().map(|it| (it, holder)));
        Ok(())
    }

    fn push_organisation(&mut self, organisation: Organisation) -> Result<u32, Contradicts> {
        let at =
            u32::try_from(self.organisations.len()).map_err(|_| Contradicts::TooMany("organisations"))?;
        self.by_id.insert(Arc::clone(&organisation.id), at);
        self.organisations.push(organisation);
        Ok(at)
    }

    fn replace(&mut self, at: u32, organisation: Organisation) {
        let Some(place) = self.organisations.get_mut(at as usize) else { return };
        let before = std::mem::replace(place, organisation);
        for domain in before.owned_domains {
            self.release(at, &domain);
        }
    }

    fn take_stated_identity(&mut self, index: u64, stated: &StatedIdentity) -> Result<(), Contradicts> {
        if self.by_identity.contains_key(stated.id.as_str()) {
            return Err(Contradicts::IdTwice(stated.id.clone()));
        }
        let organisation = self
            .by_id
            .get(stated.organisation.as_str())
            .copied()
            .ok_or_else(|| Contradicts::UnknownOrganisation(stated.organisation.clone()))?;
        let identity = from_stated(index, organisation, stated);
        if identity.kind == IdentityKind::Domain {
            self.may_claim(&identity.value, Some(organisation))?;
        }
        self.may_hold_account(&identity)?;
        let at = u32::try_from(self.identities.len()).map_err(|_| Contradicts::TooMany("identities"))?;
        if identity.kind == IdentityKind::Domain {
            self.owners.insert(Arc::clone(&identity.value), organisation);
        }
        self.by_identity.insert(stated.id.as_str().into(), at);
        self.insert(at, identity);
        Ok(())
    }

    /// One account speaks for one organisation at a time.
    fn may_hold_account(&self, identity: &Identity) -> Result<(), Contradicts> {
        let (Some(platform), Some(account)) = (&identity.platform, &identity.account) else { return Ok(()) };
        let other = self
            .accounts_of(platform, account)
            .find(|it| it.revoked.is_none() && it.organisation != identity.organisation);
        match other {
            None => Ok(()),
            Some(other) => Err(Contradicts::HeldByAnother {
                what: format!("account `{account}` on `{platform}`"),
                holder: self.holder_id(other.organisation),
            }),
        }
    }

    fn may_claim(&self, domain: &str, holder: Option<u32>) -> Result<(), Contradicts> {
        match self.owners.get(domain) {
            Some(other) if Some(*other) != holder => Err(Contradicts::HeldByAnother {
                what: format!("domain `{domain}`"),
                holder: self.holder_id(*other),
            }),
            _ => Ok(()),
        }
    }

    fn holder_id(&self, at: u32) -> String {
        self.organisations.get(at as usize).map_or_else(String::new, |it| it.id.to_string())
    }

    /// Gives a domain up, if nothing else of that holder claims it.
    fn release(&mut self, holder: u32, domain: &str) {
        let owned = self
            .organisations
            .get(holder as usize)
            .is_some_and(|it| it.owned_domains.iter().any(|it| **it == *domain));
        let listed = self
            .find(IdentityKind::Domain, domain)
            .any(|it| it.organisation == holder && it.revoked.is_none());
        if !owned && !listed {
            self.owners.remove(domain);
        }
    }

    /// The place of an identity that may still change.
    fn living(&mut self, id: &str) -> Result<&mut Identity, Contradicts> {
        let at = self.by_identity.get(id).copied();
        let identity = at.and_then(|at| self.identities.get_mut(at as usize));
        let identity = identity.ok_or_else(|| Contradicts::UnknownIdentity(id.to_owned()))?;
        if identity.revoked.is_some() { Err(Contradicts::IsRevoked(id.to_owned())) } else { Ok(identity) }
    }

    fn renew(&mut self, index: u64, renewed: &Renewed) -> Result<(), Contradicts> {
        let identity = self.living(&renewed.identity)?;
        let proved = renewed.proofs.iter().map(|it| it.at).max();
        if let Some((since, _)) = identity.voided
            && proved < Some(since)
        {
            return Err(Contradicts::ProvedBefore(renewed.identity.clone()));
        }
        identity.voided = None;
        identity.proved = proved;
        identity.until = Some(renewed.until);
        identity.changed = Some(index);
        Ok(())
    }

    fn void(&mut self, index: u64, voided: &Voided) -> Result<(), Contradicts> {
        let identity = self.living(&voided.identity)?;
        if identity.voided.is_some() {
            return Err(Contradicts::IsVoid(voided.identity.clone()));
        }
        identity.voided = Some((voided.at, voided.reason));
        identity.changed = Some(index);
        Ok(())
    }

    fn revoke(&mut self, index: u64, revoked: &Revoked) -> Result<(), Contradicts> {
        let identity = self.living(&revoked.identity)?;
        identity.revoked = Some(revoked.at);
        identity.revoked_because = Some(Arc::new(revoked.reason.clone()));
        identity.changed = Some(index);
        if identity.kind == IdentityKind::Domain {
            let (holder, domain) = (identity.organisation, Arc::clone(&identity.value));
            self.release(holder, &domain);
        }
        Ok(())
    }

    fn announce(&mut self, index: u64, announcement: &Announcement) -> Result<(), Contradicts> {
        if !self.by_id.contains_key(announcement.organisation.as_str()) {
            return Err(Contradicts::UnknownOrganisation(announcement.organisation.clone()));
        }
        if self.announcements.iter().any(|(_, it)| it.id == announcement.id) {
            return Err(Contradicts::IdTwice(announcement.id.clone()));
        }
        self.announcements.push((index, announcement.clone()));
        Ok(())
    }

    /// Enters an identity into every table by which it is found.
    pub(crate) fn insert(&mut self, at: u32, identity: Identity) {
        if let (Some(platform), Some(account)) = (&identity.platform, &identity.account) {
            self.accounts.entry(pair_key(platform, account)).or_default().push(at);
        }
        self.values.entry(pair_key(identity.kind.name(), &identity.value)).or_default().push(at);
        for hash in identity.hashes() {
            self.hashes.entry(hash).or_default().push(at);
        }
        self.identities.push(identity);
    }
}

fn from_stated(index: u64, organisation: u32, stated: &StatedIdentity) -> Identity {
    let shared = |text: &Option<String>| text.as_deref().map(Arc::<str>::from);
    let all = |texts: &[String]| texts.iter().map(|it| it.as_str().into()).collect();
    let value = normal(stated.kind, &stated.value).unwrap_or_default(); // Checked before: it is of its kind.
    Identity {
        organisation,
        kind: stated.kind,
        value: Arc::from(&*value),
        shown: stated.value.as_str().into(),
        platform: shared(&stated.platform),
        account: shared(&stated.account),
        chain: shared(&stated.chain),
        purposes: all(&stated.purposes),
        from: Some(stated.from),
        until: Some(stated.until),
        revoked: None,
        id: Some(stated.id.as_str().into()),
        index: Some(index),
        changed: Some(index),
        proved: stated.proofs.iter().map(|it| it.at).max(),
        voided: None,
        revoked_because: None,
        certificate: stated.certificate,
        files: stated.files.clone(),
        newest_safe: shared(&stated.newest_safe),
        languages: all(&stated.languages),
        role: shared(&stated.role),
    }
}
