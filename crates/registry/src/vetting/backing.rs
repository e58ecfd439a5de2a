//! Who stands behind an application that names an organisation: what keeps an impostor from
//! listing an account of their own in the name of somebody who is listed already.
//!
//! The way through: the shell says how the organisation stands ([`Standing`]), [`backing`]
//! decides; officers are asked before they agree, and the clock asks again before it publishes.
//!
//! Always true here:
//! - Nothing is added to an organisation that is listed but with a proof on one of its domains,
//!   or the written reasons of two officers; control of the *new* identity says nothing of that.
//! - What was an organisation nobody had listed may be one by the time of publishing: the answer
//!   is of the moment.

use serde::{Deserialize, Serialize};
use touchstone_types::Moment;

use super::{Record, Terms};
use crate::{IdentityKind, Proof, ProofMethod, normal};

/// How the organisation that an application names stands in the log at some moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether it was ever stated.
    pub listed: bool,
    /// Its domains that count at that moment, as [`normal`] gives them.
    pub domains: Vec<String>,
}

impl Standing {
    /// Whether a host is one of its domains; a host below one is not, as those are lent and lost.
    #[must_use]
    pub fn speaks_from(&self, host: &str) -> bool {
        normal(IdentityKind::Domain, host).is_some_and(|it| self.domains.iter().any(|has| **has == *it))
    }
}

/// A listed domain of the organisation says that the application is its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The domain.
    pub domain: String,
    /// What was found there: a DNS record or a file.
    pub proof: Proof,
}

/// Who stands behind an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backing {
    /// The organisation is not listed yet: the application brings it along or waits for it.
    Founding,
    /// One of the organisation's own domains says so.
    Consented,
    /// Two officers wrote why they do without.
    Reasoned,
    /// Nobody: it cannot be listed so.
    Nobody,
}

/// The methods by which a domain can say something.
#[must_use]
pub fn consents(method: ProofMethod) -> bool {
    matches!(method, ProofMethod::DnsTxt | ProofMethod::WellKnown)
}

/// Who stands behind an application at this moment.
#[must_use]
pub fn backing(record: &Record, standing: &Standing, now: Moment, terms: &Terms) -> Backing {
    if !standing.listed {
        return Backing::Founding;
    }
    let holds = |proof: &Proof| consents(proof.method) && now.since(proof.at) < terms.proof_holds;
    let given =
        record.consent.as_ref().is_some_and(|it| holds(&it.proof) && standing.speaks_from(&it.domain));
    // An app whose site is the organisation's, proved there, needs no second proof.
    let at_home = record.wanted.host().is_some_and(|it| standing.speaks_from(&it));
    let officers = record.reviews.iter().filter(|it| !it.instead.trim().is_empty()).count();
    match (given || (at_home && record.proofs.iter().any(holds)), officers) {
        (true, _) => Backing::Consented,
        (false, 2..) => Backing::Reasoned,
        (false, _) => Backing::Nobody,
    }
}
