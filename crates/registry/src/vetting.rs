//! From an application to a statement: proofs, a look for clashes, two officers, a public wait.
//!
//! The way through: [`Application::new`] → [`Application::prove`] → [`Application::clear`] →
//! [`Application::review`] (twice) → [`Application::wait`] → [`Application::publish`], which is
//! the only place that makes a [`StatedIdentity`] out of an application. Each step takes the
//! application by value and gives it back in the next state, so none can be left out; what is
//! kept between two steps is a [`Record`], and [`Record::read`] checks it again.
//!
//! Always true here:
//! - Pure: what was seen, who is listed and what time it is come from the caller.
//! - The two officers are different people, came by passkey, and did not file it; a proof that an officer gave is not enough
//!   where a machine can check one ([`sufficient`]).
//! - What is published carries the proofs and the pseudonyms of the officers.
//! - Nothing is added to a listed organisation without its own word, or both officers' ([`backing()`]).

mod backing;
mod sufficient;

pub use backing::{Backing, Consent, Standing, backing, consents};
pub use sufficient::{sufficient, table};

use serde::{Deserialize, Serialize};
use touchstone_types::{Bilingual, Lapse, Moment};

use crate::statement::{BadStatement, Renewed, StatedIdentity, StatedOrganisation};
use crate::{Digest, Fact, IdentityKind, Proof, ProofMethod, Statement};

/// How long things take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long anybody may object before something is listed.
    pub wait: Lapse,
    /// How long a proof holds.
    pub proof_holds: Lapse,
    /// How long before its end the holder is reminded.
    pub remind: Lapse,
}

impl Default for Terms {
    fn default() -> Self {
        let days = |days: u64| Lapse::from_secs(days * 24 * 3600);
        Self { wait: days(3), proof_holds: days(90), remind: days(14) }
    }
}

/// What an applicant wants listed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The organisation that vouches.
    pub organisation: String,
    /// How that organisation describes itself, if it is not listed yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub describes: Option<Described>,
    /// What it is.
    pub kind: IdentityKind,
    /// As people write it.
    pub value: String,
    /// The platform it is on: the `source` of that platform's events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The platform's immutable id of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The CAIP-2 chain of an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// SHA-256 of an app's signing certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Digest>,
    /// SHA-256 of an app's files.
    #[serde(default)]
    pub files: Vec<Digest>,
    /// The lowest version of an app without a known weakness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_safe: Option<String>,
    /// The site that vouches for an app: where `assetlinks.json` or the well-known file is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub purposes: Vec<String>,
    /// Languages in which it answers.
    #[serde(default)]
    pub languages: Vec<String>,
    /// What an agent is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// An organisation that is not listed yet, in its own words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// Its name as people write it.
    pub name: Bilingual,
    /// What its support never does.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// The real ways in.
    #[serde(default)]
    pub ways_in: Vec<Bilingual>,
}

/// Something listed that the application resembles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clash {
    /// Whose it is: the id of the organisation.
    pub organisation: String,
    /// What is listed, as people write it.
    pub value: String,
    /// From 0 (nothing alike) to 1 (the same).
    pub closeness: f32,
}

/// What an officer said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// The officer's pseudonym.
    pub officer: String,
    /// When.
    pub at: Moment,
    /// Why: needed where something clashes.
    pub note: String,
    /// Whether the officer came by passkey, as deciding asks for.
    pub passkey: bool,
    /// Why the officer does without the word of an organisation that is listed already; published
    /// with the application.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instead: String,
}

/// How an application ended without being listed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The officer's pseudonym; none if the applicant took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
    /// When.
    pub at: Moment,
    /// Why, as the applicant reads it.
    pub reason: String,
}

crate::names::worded! {
    /// How far an application has come.
    Stage, "a stage":
    Draft "draft" "等待证明" "waiting for proof of control",
    Proved "proved" "已证明，等待比对" "control proved",
    Cleared "cleared" "等待两位身份专员审核" "waiting for two identity officers",
    Reviewed "reviewed" "两位专员已同意" "two officers agreed",
    Waiting "waiting" "公示期内，任何人可以提出异议" "on public notice: anybody may object",
    Published "published" "已列入" "listed",
    Refused "refused" "未列入" "not listed",
}

/// An application as it is kept between two steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its id, which becomes the identity's.
    pub id: String,
    /// How far it has come.
    pub stage: Stage,
    /// What is wanted.
    pub wanted: Wanted,
    /// When it was made.
    pub made: Moment,
    /// The pseudonym of the officer who filed it, if one did: an agent of the house, or on behalf
    /// of an applicant who called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filed_by: Option<String>,
    /// What was proved so far.
    pub proofs: Vec<Proof>,
    /// The word of the organisation that it is to be listed for, if that is listed already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// What it resembles, once looked for.
    #[serde(default)]
    pub clashes: Vec<Clash>,
    /// Who agreed.
    #[serde(default)]
    pub reviews: Vec<Review>,
    /// Until when anybody may object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Moment>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
}

/// Why a step cannot be taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotYet {
    /// What is wanted can never be published so. Next: correct it.
    #[error(transparent)]
    Form(#[from] BadStatement),
    /// More has to be proved. Next: one of these sets, whole.
    #[error("control is not proved yet")]
    Unproved,
    /// A proof is too old to count. Next: prove again.
    #[error("a proof is older than it may be")]
    Stale,
    /// Another organisation has exactly this listed. Next: that one gives it up, or nothing.
    #[error("{0} has the same listed")]
    Taken(String),
    /// The officer has agreed already. Next: somebody else.
    #[error("two different officers have to agree")]
    SameOfficer,
    /// The officer filed the application. Next: somebody else.
    #[error("who filed an application cannot agree to it")]
    OwnApplication,
    /// The officer did not come by passkey. Next: log in with one.
    #[error("agreeing needs a log-in by passkey")]
    NoPasskey,
    /// It resembles something listed; who agrees says why.
    #[error("it resembles something listed: say why you agree")]
    NeedsReason,
    /// The organisation is listed and nobody stands behind the application. Next: a proof on one
    /// of its domains, or a reason that will be published.
    #[error("the organisation is listed: it has to say so itself, or both officers why not")]
    NeedsBacking,
    /// The time for objections is not over.
    #[error("anybody may object until {0}")]
    Waiting(Moment),
    /// Somebody objected and nobody has answered. Next: an officer decides.
    #[error("{0} objections are open")]
    Objections(u64),
    /// The record says what cannot be.
    #[error("the record of the application contradicts itself: {0}")]
    Contradiction(&'static str),
}

/// Made, and nothing proved that suffices.
#[derive(Clone, Copy, Debug)]
pub struct Draft;
/// Control is proved.
#[derive(Clone, Copy, Debug)]
pub struct Proved;
/// It was compared with everything listed.
#[derive(Clone, Copy, Debug)]
pub struct Cleared;
/// Two officers agreed.
#[derive(Clone, Copy, Debug)]
pub struct Reviewed;
/// Anybody may object.
#[derive(Clone, Copy, Debug)]
pub struct Waiting;

/// An application in a state; the state says which step comes next.
#[derive(Clone, Debug)]
pub struct Application<State> {
    record: Record,
    state: std::marker::PhantomData<State>,
}

/// A kept application, in whatever state.
#[derive(Clone, Debug)]
pub enum AnyApplication {
    /// See [`Draft`].
    Draft(Application<Draft>),
    /// See [`Proved`].
    Proved(Application<Proved>),
    /// See [`Cleared`].
    Cleared(Application<Cleared>),
    /// See [`Reviewed`].
    Reviewed(Application<Reviewed>),
    /// See [`Waiting`].
    Waiting(Application<Waiting>),
    /// Ended: listed or refused.
    Ended(Record),
}

impl AnyApplication {
    /// The application with the word of the listed organisation, unless it has ended.
    #[must_use]
    pub fn with_consent(self, consent: Consent) -> Option<Record> {
        Some(match self {
            Self::Draft(it) => it.with_consent(consent).record,
            Self::Proved(it) => it.with_consent(consent).record,
            Self::Cleared(it) => it.with_consent(consent).record,
            Self::Reviewed(it) => it.with_consent(consent).record,
            Self::Waiting(it) => it.with_consent(consent).record,
            Self::Ended(_) => return None,
        })
    }
}

/// What follows from a review.
#[derive(Clone, Debug)]
pub enum AfterReview {
    /// Another officer has to agree.
    OneMore(Application<Cleared>),
    /// Both did.
    Both(Application<Reviewed>),
}

fn empty(kind: IdentityKind) -> Wanted {
    Wanted {
        organisation: String::new(),
        describes: None,
        kind,
        value: String::new(),
        platform: None,
        account: None,
        chain: None,
        certificate: None,
        files: Vec::new(),
        newest_safe: None,
        site: None,
        purposes: Vec::new(),
        languages: Vec::new(),
        role: None,
    }
}

impl Wanted {
    /// A wish for one value of a kind, everything else left open.
    #[must_use]
    pub fn of(organisation: &str, kind: IdentityKind, value: &str) -> Self {
        Self { organisation: organisation.to_owned(), value: value.to_owned(), ..empty(kind) }
    }

    /// The host that has to vouch by DNS, file or asset links: the domain itself, or an app's site.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        let named = if self.kind == IdentityKind::Domain { Some(&self.value) } else { self.site.as_ref() };
        named.and_then(|it| crate::normal(IdentityKind::Domain, crate::host_of(it)).map(|it| it.into_owned()))
    }

    /// Whether a set of methods that proves control is whole.
    #[must_use]
    pub fn is_proved_by(&self, proofs: &[Proof]) -> bool {
        let has = |method: &ProofMethod| proofs.iter().any(|it| it.method == *method);
        sufficient(self).iter().any(|set| set.iter().all(has))
    }

    fn identity(&self, id: &str, record: &Record, at: Moment, until: Moment) -> StatedIdentity {
        StatedIdentity {
            id: id.to_owned(),
            organisation: self.organisation.clone(),
            kind: self.kind,
            value: self.value.clone(),
            platform: self.platform.clone(),
            account: self.account.clone(),
            chain: self.chain.clone(),
            certificate: self.certificate,
            files: self.files.clone(),
            newest_safe: self.newest_safe.clone(),
            purposes: self.purposes.clone(),
            languages: self.languages.clone(),
            role: self.role.clone(),
            proofs: record.proofs.clone(),
            reviewers: record.reviews.iter().map(|it| it.officer.clone()).collect(),
            from: at,
            until,
            at,
        }
    }

    /// Whether it could be published at all, with what is not known yet made up.
    fn check(&self, id: &str, at: Moment) -> Result<(), NotYet> {
        let far = at + Lapse::from_secs(1);
        let record = Record { reviews: Vec::new(), proofs: Vec::new(), ..Record::new(id, self.clone(), at) };
        Statement::Identity(Box::new(self.identity(id, &record, at, far))).check()?;
        if let Some(described) = &self.describes {
            described.statement(&self.organisation, at).check()?;
        }
        let missing =
            |field, reason: &str| Err(NotYet::Form(BadStatement::Field { field, reason: reason.to_owned() }));
        match self.kind {
            IdentityKind::Handle if self.account.is_none() => {
                missing("account", "a handle needs its platform and the platform's own id of the account")
            }
            IdentityKind::Address if self.chain.is_none() => missing("chain", "an address is on a chain"),
            IdentityKind::App if self.host().is_none() => {
                missing("site", "the site that vouches for the app, such as wallet.example")
            }
            _ => Ok(()),
        }
    }
}

impl Described {
    fn statement(&self, id: &str, at: Moment) -> Statement {
        let mut facts = self.facts.clone();
        facts.sort_unstable();
        facts.dedup();
        Statement::Organisation(StatedOrganisation {
            id: id.to_owned(),
            name: self.name.clone(),
            facts,
            ways_in: self.ways_in.clone(),
            owned_domains: Vec::new(),
            at,
        })
    }
}

impl Record {
    fn new(id: &str, wanted: Wanted, made: Moment) -> Self {
        Self {
            id: id.to_owned(),
            stage: Stage::Draft,
            wanted,
            made,
            filed_by: None,
            proofs: Vec::new(),
            consent: None,
            clashes: Vec::new(),
            reviews: Vec::new(),
            waits_until: None,
            refusal: None,
        }
    }

    /// The application in the state it was kept in.
    ///
    /// # Errors
    /// [`NotYet::Contradiction`] if it cannot have come there by the steps.
    pub fn read(self) -> Result<AnyApplication, NotYet> {
        let no = |why| Err(NotYet::Contradiction(why));
        let past = |stage| self.stage >= stage && self.stage <= Stage::Published;
        if past(Stage::Proved) && !self.wanted.is_proved_by(&self.proofs) {
            return no("its proofs do not suffice");
        }
        let two = matches!(self.reviews.as_slice(), [a, b] if a.officer != b.officer);
        if self.reviews.iter().any(|it| !it.passkey || Some(&it.officer) == self.filed_by.as_ref()) {
            return no("somebody agreed who may not");
        }
        if past(Stage::Reviewed) && !two {
            return no("two different officers did not agree");
        }
        if past(Stage::Waiting) && self.waits_until.is_none() {
            return no("it never waited");
        }
        if self.stage == Stage::Refused && self.refusal.is_none() {
            return no("nobody refused it");
        }
        Ok(match self.stage {
            Stage::Draft => AnyApplication::Draft(Application::of(self)),
            Stage::Proved => AnyApplication::Proved(Application::of(self)),
            Stage::Cleared => AnyApplication::Cleared(Application::of(self)),
            Stage::Reviewed => AnyApplication::Reviewed(Application::of(self)),
            Stage::Waiting => AnyApplication::Waiting(Application::of(self)),
            Stage::Published | Stage::Refused => AnyApplication::Ended(self),
        })
    }
}

impl<State> Application<State> {
    fn of(record: Record) -> Self {
        Self { record, state: std::marker::PhantomData }
    }

    fn next<Then>(mut self, stage: Stage) -> Application<Then> {
        self.record.stage = stage;
        Application::of(self.record)
    }

    /// What there is to keep.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Adds the word of the listed organisation; a newer one takes the place of the older. It
    /// counts at any step before the last, and only for what [`backing()`] asks.
    #[must_use]
    pub fn with_consent(mut self, consent: Consent) -> Self {
        self.record.consent = Some(consent);
        self
    }

    /// Ends it: an officer with a reason, or the applicant. One person is enough to say no.
    #[must_use]
    pub fn refuse(mut self, refusal: Refusal) -> Record {
        self.record.refusal = Some(refusal);
        self.record.stage = Stage::Refused;
        self.record
    }
}

impl Application<Draft> {
    /// A new one. `id` becomes the identity's and is never used again.
    ///
    /// # Errors
    /// [`NotYet::Form`] if what is wanted could never be published.
    pub fn new(id: &str, wanted: Wanted, now: Moment) -> Result<Self, NotYet> {
        wanted.check(id, now)?;
        Ok(Self::of(Record::new(id, wanted, now)))
    }

    /// Notes that an officer filed it, who then cannot agree to it.
    #[must_use]
    pub fn filed_by(mut self, officer: &str) -> Self {
        self.record.filed_by = Some(officer.to_owned());
        self
    }

    /// Adds a proof; a newer one of the same method takes the place of the older.
    #[must_use]
    pub fn with_proof(mut self, proof: Proof) -> Self {
        self.record.proofs.retain(|it| it.method != proof.method);
        self.record.proofs.push(proof);
        self
    }

    /// On to the comparison, if what was proved suffices and is no older than it may be.
    ///
    /// # Errors
    /// The draft unchanged with [`NotYet::Unproved`] or [`NotYet::Stale`].
    pub fn prove(self, now: Moment, terms: &Terms) -> Result<Application<Proved>, (Box<Self>, NotYet)> {
        if !self.record.wanted.is_proved_by(&self.record.proofs) {
            return Err((Box::new(self), NotYet::Unproved));
        }
        if self.record.proofs.iter().any(|it| now.since(it.at) >= terms.proof_holds) {
            return Err((Box::new(self), NotYet::Stale));
        }
        Ok(self.next(Stage::Proved))
    }
}

impl Application<Proved> {
    /// On to the officers, with what the application resembles. What is listed for *another*
    /// organisation under the very same value stops it.
    ///
    /// # Errors
    /// The application unchanged with [`NotYet::Taken`].
    pub fn clear(mut self, clashes: Vec<Clash>) -> Result<Application<Cleared>, (Box<Self>, NotYet)> {
        let taken = clashes.iter().find(|it| {
            it.organisation != self.record.wanted.organisation
                && crate::normal(self.record.wanted.kind, &it.value)
                    == crate::normal(self.record.wanted.kind, &self.record.wanted.value)
        });
        if let Some(taken) = taken.map(|it| it.organisation.clone()) {
            return Err((Box::new(self), NotYet::Taken(taken)));
        }
        self.record.clashes = clashes;
        Ok(self.next(Stage::Cleared))
    }
}

impl Application<Cleared> {
    /// An officer agrees.
    ///
    /// # Errors
    /// The application unchanged with [`NotYet::NoPasskey`], [`NotYet::OwnApplication`],
    /// [`NotYet::SameOfficer`], [`NotYet::NeedsReason`] or [`NotYet::NeedsBacking`].
    pub fn review(
        mut self,
        review: Review,
        standing: &Standing,
        terms: &Terms,
    ) -> Result<AfterReview, (Box<Self>, NotYet)> {
        if !review.passkey {
            return Err((Box::new(self), NotYet::NoPasskey));
        }
        if self.record.filed_by.as_ref() == Some(&review.officer) {
            return Err((Box::new(self), NotYet::OwnApplication));
        }
        if self.record.reviews.iter().any(|it| it.officer == review.officer) {
            return Err((Box::new(self), NotYet::SameOfficer));
        }
        if !self.record.clashes.is_empty() && review.note.trim().is_empty() {
            return Err((Box::new(self), NotYet::NeedsReason));
        }
        // One silent officer would make the other's reason worth nothing in the end.
        let unbacked = backing(&self.record, standing, review.at, terms) == Backing::Nobody;
        if unbacked && review.instead.trim().is_empty() {
            return Err((Box::new(self), NotYet::NeedsBacking));
        }
        self.record.reviews.push(review);
        Ok(if self.record.reviews.len() == 2 {
            AfterReview::Both(self.next(Stage::Reviewed))
        } else {
            AfterReview::OneMore(self)
        })
    }
}

impl Application<Reviewed> {
    /// Begins the public notice.
    #[must_use]
    pub fn wait(mut self, now: Moment, terms: &Terms) -> Application<Waiting> {
        self.record.waits_until = Some(now + terms.wait);
        self.next(Stage::Waiting)
    }
}

impl Application<Waiting> {
    /// What to publish, and the record as it is once that is done: the organisation if it is not
    /// listed yet, then the identity.
    ///
    /// # Errors
    /// [`NotYet`]: the time is not over, somebody objected, a proof has grown too old meanwhile,
    /// somebody else (`taken`, looked for again) was listed with the same value, or nobody stands
    /// behind it at an organisation that is listed by now.
    pub fn publish(
        mut self,
        taken: Option<&str>,
        open_objections: u64,
        standing: &Standing,
        now: Moment,
        terms: &Terms,
    ) -> Result<(Vec<Statement>, Record), NotYet> {
        let Some(until) = self.record.waits_until else {
            return Err(NotYet::Contradiction("it never waited"));
        };
        if now < until {
            return Err(NotYet::Waiting(until));
        }
        if let Some(taken) = taken {
            return Err(NotYet::Taken(taken.to_owned()));
        }
        if open_objections > 0 {
            return Err(NotYet::Objections(open_objections));
        }
        if backing(&self.record, standing, now, terms) == Backing::Nobody {
            return Err(NotYet::NeedsBacking);
        }
        let Some(oldest) = self.record.proofs.iter().map(|it| it.at).min() else {
            return Err(NotYet::Unproved);
        };
        let ends = oldest + terms.proof_holds;
        if ends <= now {
            return Err(NotYet::Stale);
        }
        let wanted = &self.record.wanted;
        let mut said = Vec::new();
        if let (Some(described), false) = (&wanted.describes, standing.listed) {
            said.push(described.statement(&wanted.organisation, now));
        }
        let identity = wanted.identity(&self.record.id, &self.record, now, ends);
        said.push(Statement::Identity(Box::new(identity)));
        for statement in &said {
            statement.check()?;
        }
        self.record.stage = Stage::Published;
        Ok((said, self.record))
    }
}

/// Proved again: the statement that gives a listing its next term.
///
/// # Errors
/// [`NotYet::Unproved`] if these proofs would not have sufficed the first time, [`NotYet::Stale`]
/// if one of them is too old.
pub fn renew(record: &Record, proofs: &[Proof], now: Moment, terms: &Terms) -> Result<Statement, NotYet> {
    if !record.wanted.is_proved_by(proofs) {
        return Err(NotYet::Unproved);
    }
    let ends = proofs.iter().map(|it| it.at).min().map_or(now, |it| it + terms.proof_holds);
    if ends <= now {
        return Err(NotYet::Stale);
    }
    let renewed = Renewed { identity: record.id.clone(), proofs: proofs.to_vec(), until: ends, at: now };
    let statement = Statement::Renewed(renewed);
    statement.check()?;
    Ok(statement)
}

#[cfg(test)]
#[path = "vetting_tests.rs"]
mod tests;
