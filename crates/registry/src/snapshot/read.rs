//! A registry from a snapshot, for who asks more than what is listed exactly.

use std::sync::Arc;

use touchstone_types::{Bilingual, Moment};

use super::{OrganisationView, RecordView, Snapshot, SnapshotError};
use crate::{Digest, Identity, IdentityKind, Lapsing, Organisation, REPROOF, Reason, Registry};

impl Registry {
    /// The registry that a snapshot was written from, with the same answers. What a snapshot does
    /// not hold is not in it: the ids of identities, announcements, and where in the log a key was
    /// named (for keys ask [`Snapshot::keys`]).
    ///
    /// # Errors
    /// [`SnapshotError::Malformed`] if two organisations have one id, or a hash of an app is none.
    pub fn from_snapshot<B: AsRef<[u8]>>(snapshot: &Snapshot<B>) -> Result<Self, SnapshotError> {
        let mut registry = Self { size: snapshot.entries(), ..Self::default() };
        for view in snapshot.organisations() {
            let organisation = organisation(view);
            let earlier = registry.by_id.insert(Arc::clone(&organisation.id), view.number());
            if earlier.is_some() {
                return Err(SnapshotError::Malformed("two organisations with one id"));
            }
            registry.organisations.push(organisation);
        }
        for (at, record) in (0..).zip(snapshot.records()) {
            let identity = identity(record)?;
            // Whoever lists a domain comes before who only owns it, as in `Snapshot::owner_of`.
            if identity.kind == IdentityKind::Domain && identity.revoked.is_none() {
                registry.owners.entry(Arc::clone(&identity.value)).or_insert(identity.organisation);
            }
            registry.insert(at, identity);
        }
        for view in snapshot.organisations() {
            for domain in view.owned_domains() {
                registry.owners.entry(domain.into()).or_insert(view.number());
            }
        }
        Ok(registry)
    }
}

fn organisation(view: OrganisationView<'_>) -> Organisation {
    Organisation {
        id: view.id().into(),
        name: bilingual(view.name()),
        facts: view.facts(),
        ways_in: view.ways_in().map(bilingual).collect(),
        owned_domains: view.owned_domains().map(Arc::from).collect(),
    }
}

fn identity(record: RecordView<'_>) -> Result<Identity, SnapshotError> {
    let hash =
        |text: &str| text.parse::<Digest>().map_err(|_| SnapshotError::Malformed("the hash of an app"));
    let life = record.life();
    let (until, proved) = ends(life.end);
    Ok(Identity {
        organisation: record.organisation(),
        kind: record.kind(),
        value: record.value().into(),
        shown: record.shown().into(),
        platform: record.platform().map(Arc::from),
        account: record.account().map(Arc::from),
        chain: record.chain().map(Arc::from),
        purposes: record.purposes().map(Arc::from).collect(),
        from: life.from,
        until,
        revoked: life.revoked.map(|(at, _)| at),
        id: None,
        index: record.index(),
        changed: record.changed(),
        proved,
        voided: life.voided,
        revoked_because: life.revoked.map(|(_, reason)| Arc::new(bilingual(reason))),
        certificate: record.certificate().map(hash).transpose()?,
        files: record.files().map(hash).collect::<Result<_, _>>()?,
        newest_safe: record.newest_safe().map(Arc::from),
        languages: record.languages().map(Arc::from).collect(),
        role: record.role().map(Arc::from),
    })
}

/// What makes it end then: its time, or the age of its proof.
fn ends(end: Option<(Moment, Lapsing)>) -> (Option<Moment>, Option<Moment>) {
    match end {
        None => (None, None),
        Some((until, Lapsing::Ended)) => (Some(until), None),
        Some((due, Lapsing::ProofOverdue)) => (None, Some(due - REPROOF)),
    }
}

fn bilingual(text: Reason<'_>) -> Bilingual {
    Bilingual { zh: text.zh.to_owned(), en: text.en.to_owned() }
}
