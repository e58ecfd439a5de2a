//! What the log says: one statement is one leaf.
//!
//! The way through: a [`Statement`] is written by [`Statement::to_leaf`] as canonical JSON
//! (fields in the order of the types below, no white space, UTF-8, absent fields left out,
//! lists always there) and read back by [`Statement::from_leaf`], which takes nothing else.
//! [`crate::Registry::from_statements`] folds them into who is official.
//!
//! Always true here:
//! - One statement has one spelling: what is read, written again, gives the same bytes.
//! - What is read has been checked: ids, lengths, times in order, values that can be of their
//!   kind. What it says about *earlier* statements is for the fold to check.
//! - No statement holds a secret, nor any person's real name: officers and agents appear under
//!   pseudonyms, evidence as a hash.

use serde::{Deserialize, Serialize};
use touchstone_types::{Bilingual, Chain, Moment};

use crate::names::{by_name, worded};
use crate::{Digest, Fact, IdentityKind, Proof, normal};

/// The longest leaf, in bytes: the public log formats write the length in 16 bits.
pub const MAX_LEAF_BYTES: usize = 65_535;

/// One statement of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "statement", rename_all = "snake_case")]
pub enum Statement {
    /// Who vouches, and what its support never does.
    Organisation(StatedOrganisation),
    /// One identity, vetted.
    Identity(Box<StatedIdentity>),
    /// Control of an identity was proved again.
    Renewed(Renewed),
    /// An identity does not count until it is proved again.
    Voided(Voided),
    /// An identity never counts again.
    Revoked(Revoked),
    /// A key that signs something other than this statement's log position: shown to all.
    Key(StatedKey),
    /// An official notice.
    Announcement(Announcement),
    /// What the whole registry amounted to.
    Snapshot(SnapshotTaken),
}

/// An organisation as it is from now on; replaces what was said of that id before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatedOrganisation {
    /// Its short name: see [`is_id`].
    pub id: String,
    /// Its name as people write it.
    pub name: Bilingual,
    /// What its support never does, in the order of [`Fact::ALL`], each once.
    pub facts: Vec<Fact>,
    /// The real ways in.
    pub ways_in: Vec<Bilingual>,
    /// Domains it owns without answering users from them; as compared ([`normal`]).
    pub owned_domains: Vec<String>,
    /// When this was said.
    pub at: Moment,
}

/// One identity that passed vetting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatedIdentity {
    /// Its own id, never used again: see [`is_id`].
    pub id: String,
    /// The id of the organisation that vouches.
    pub organisation: String,
    /// What it is.
    pub kind: IdentityKind,
    /// As people write it.
    pub value: String,
    /// The platform it is on; a social account is a handle with a platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The platform's immutable id of the account; comes with `platform`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The CAIP-2 chain of an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// SHA-256 of an app's signing certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Digest>,
    /// SHA-256 of an app's files that are in circulation.
    pub files: Vec<Digest>,
    /// The lowest version of an app without a known weakness: `7.2.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_safe: Option<String>,
    /// What it is for: "answers tickets", "announcements only".
    pub purposes: Vec<String>,
    /// BCP 47 languages in which it answers: `zh`, `en`.
    pub languages: Vec<String>,
    /// What an agent is: "support agent", "complaints officer".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// How control was proved; empty for what the operator brought along when the log began.
    pub proofs: Vec<Proof>,
    /// Pseudonyms of the two officers who reviewed it; empty as `proofs` may be.
    pub reviewers: Vec<String>,
    /// Counts from then on.
    pub from: Moment,
    /// Counts until then, if not renewed.
    pub until: Moment,
    /// When this was said.
    pub at: Moment,
}

/// Control proved again. Ends a voided state; brings nothing revoked back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewed {
    /// The id of the identity.
    pub identity: String,
    /// How; not empty.
    pub proofs: Vec<Proof>,
    /// Counts until then.
    pub until: Moment,
    /// When this was said.
    pub at: Moment,
}

worded! {
    /// Why a listing does not count until it is proved again.
    VoidReason, "a reason to void":
    NameChanged "name_changed" "显示名称改变了" "its display name changed",
    HandleChanged "handle_changed" "账号名改变了" "its handle changed",
    AvatarChanged "avatar_changed" "头像改变了" "its picture changed",
    ProofFailed "proof_failed" "再次验证没有通过" "it failed to prove control again",
}

/// Not counting until proved again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voided {
    /// The id of the identity.
    pub identity: String,
    /// Why.
    pub reason: VoidReason,
    /// Since then, and when this was said.
    pub at: Moment,
}

/// Withdrawn for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    /// The id of the identity.
    pub identity: String,
    /// Why, for people; who writes only one language writes it into both.
    pub reason: Bilingual,
    /// Since then, and when this was said.
    pub at: Moment,
}

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyUse {
    /// Checkpoints of this log.
    Log,
    /// Short-lived keys of agents in live conversations, and what was sent in them.
    Sessions,
    /// Announcements outside the log.
    Announcements,
}

impl KeyUse {
    /// Every use, in a fixed order.
    pub const ALL: &'static [KeyUse] = &[KeyUse::Log, KeyUse::Sessions, KeyUse::Announcements];

    /// The name in statements.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            KeyUse::Log => "log",
            KeyUse::Sessions => "sessions",
            KeyUse::Announcements => "announcements",
        }
    }

    /// The use of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }
}

by_name!(KeyUse, "a use of a key");

/// A key of the operator. Rotation is a second one whose times overlap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatedKey {
    /// What it signs.
    #[serde(rename = "use")]
    pub uses: KeyUse,
    /// The public key: a vkey text (`name+hash+base64`) or an Ed25519 key in base64.
    pub key: String,
    /// Signs from then on.
    pub from: Moment,
    /// Signs until then.
    pub until: Moment,
    /// When this was said.
    pub at: Moment,
}

/// How much an announcement matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// Bears on how to stay out of harm.
    Safety,
    /// Act now.
    Urgent,
}

impl Severity {
    /// Every one, mildest first.
    pub const ALL: &'static [Severity] = &[Severity::Notice, Severity::Safety, Severity::Urgent];

    /// The name in statements.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Notice => "notice",
            Severity::Safety => "safety",
            Severity::Urgent => "urgent",
        }
    }

    /// The severity of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }
}

by_name!(Severity, "a severity");

/// An official notice or safety bulletin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// Its own id, never used again: see [`is_id`].
    pub id: String,
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub title: Bilingual,
    /// The text, plain.
    pub text: Bilingual,
    /// The id of the organisation that says it.
    pub organisation: String,
    /// When it was said.
    pub at: Moment,
    /// Of interest until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

/// The snapshot with this SHA-256 is what the first `entries` leaves amount to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotTaken {
    /// How many leaves it covers: 0 to `entries` - 1.
    pub entries: u64,
    /// SHA-256 of the whole snapshot file.
    pub sha256: Digest,
    /// When it was taken.
    pub at: Moment,
}

/// Why some bytes are no statement, or a statement cannot be published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadStatement {
    /// Longer than [`MAX_LEAF_BYTES`].
    #[error("{0} bytes; a statement has at most {MAX_LEAF_BYTES}")]
    TooLong(usize),
    /// Not JSON, or not of the form of any statement: unknown tag, unknown or missing field.
    #[error("not a statement: {0}")]
    Form(String),
    /// Says something, but not in the one spelling.
    #[error("not written canonically (white space, order of fields, or spelling of a value)")]
    NotCanonical,
    /// A field holds what it must not.
    #[error("`{field}`: {reason}")]
    Field {
        /// The field, as it is spelled.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl Statement {
    /// The leaf: canonical JSON. A statement that was not read from a leaf should pass
    /// [`Statement::check`] first.
    #[must_use]
    pub fn to_leaf(&self) -> Vec<u8> {
        // Strings, numbers and lists only: nothing in it can fail to be written.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a leaf.
    ///
    /// # Errors
    /// [`BadStatement`] for anything that [`Statement::to_leaf`] would not have written from a
    /// statement that passes [`Statement::check`].
    pub fn from_leaf(leaf: &[u8]) -> Result<Self, BadStatement> {
        if leaf.len() > MAX_LEAF_BYTES {
            return Err(BadStatement::TooLong(leaf.len()));
        }
        let statement: Statement =
            serde_json::from_slice(leaf).map_err(|cause| BadStatement::Form(cause.to_string()))?;
        if statement.to_leaf() != leaf {
            return Err(BadStatement::NotCanonical);
        }
        statement.check_fields()?;
        Ok(statement)
    }

    /// Whether it may be published as it stands, whatever the log says so far.
    ///
    /// # Errors
    /// [`BadStatement::Field`] or [`BadStatement::TooLong`].
    pub fn check(&self) -> Result<(), BadStatement> {
        self.check_fields()?;
        match self.to_leaf().len() {
            fits if fits <= MAX_LEAF_BYTES => Ok(()),
            long => Err(BadStatement::TooLong(long)),
        }
    }

    /// When it was said.
    #[must_use]
    pub fn at(&self) -> Moment {
        match self {
            Statement::Organisation(it) => it.at,
            Statement::Identity(it) => it.at,
            Statement::Renewed(it) => it.at,
            Statement::Voided(it) => it.at,
            Statement::Revoked(it) => it.at,
            Statement::Key(it) => it.at,
            Statement::Announcement(it) => it.at,
            Statement::Snapshot(it) => it.at,
        }
    }

    /// Its tag: `organisation`, `identity`, …
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Statement::Organisation(_) => "organisation",
            Statement::Identity(_) => "identity",
            Statement::Renewed(_) => "renewed",
            Statement::Voided(_) => "voided",
            Statement::Revoked(_) => "revoked",
            Statement::Key(_) => "key",
            Statement::Announcement(_) => "announcement",
            Statement::Snapshot(_) => "snapshot",
        }
    }

    pub(crate) fn check_fields(&self) -> Result<(), BadStatement> {
        match self {
            Statement::Organisation(it) => it.check(),
            Statement::Identity(it) => it.check(),
            Statement::Renewed(it) => {
                id("identity", &it.identity)?;
                if it.proofs.is_empty() {
                    return bad("proofs", "nothing was proved");
                }
                few("proofs", &it.proofs, 16)?;
                ordered("until", it.at, it.until)
            }
            Statement::Voided(it) => id("identity", &it.identity),
            Statement::Revoked(it) => {
                id("identity", &it.identity)?;
                both("reason", &it.reason, 500)
            }
            Statement::Key(it) => {
                line("key", &it.key, 300)?;
                ordered("until", it.from, it.until)
            }
            Statement::Announcement(it) => it.check(),
            Statement::Snapshot(_) => Ok(()),
        }
    }
}

impl StatedOrganisation {
    fn check(&self) -> Result<(), BadStatement> {
        id("id", &self.id)?;
        both("name", &self.name, 200)?;
        if !self.facts.is_sorted_by(|a, b| a < b) {
            return bad("facts", "each once, in their fixed order");
        }
        few("ways_in", &self.ways_in, 32)?;
        self.ways_in.iter().try_for_each(|it| both("ways_in", it, 500))?;
        few("owned_domains", &self.owned_domains, 2_000)?;
        self.owned_domains.iter().try_for_each(|it| {
            if normal(IdentityKind::Domain, it).as_deref() == Some(it) {
                Ok(())
            } else {
                bad("owned_domains", format!("`{it}` is no domain as it is compared"))
            }
        })
    }
}

impl StatedIdentity {
    fn check(&self) -> Result<(), BadStatement> {
        id("id", &self.id)?;
        id("organisation", &self.organisation)?;
        line("value", &self.value, 512)?;
        if normal(self.kind, &self.value).is_none() || self.value.trim() != self.value {
            return bad("value", format!("no {}", self.kind.name().replace('_', " ")));
        }
        if self.account.is_some() != self.platform.is_some() {
            return bad("account", "`platform` and `account` belong together");
        }
        for (field, text, most) in [
            ("platform", &self.platform, 64),
            ("account", &self.account, 256),
            ("newest_safe", &self.newest_safe, 64),
            ("role", &self.role, 100),
        ] {
            text.as_ref().map_or(Ok(()), |it| line(field, it, most))?;
        }
        if let Some(chain) = &self.chain {
            Chain::parse(chain.as_str()).or_else(|cause| bad("chain", cause.to_string()))?;
        }
        self.check_kind()?;
        self.check_lists()?;
        ordered("until", self.from, self.until)
    }

    /// What only some kinds have.
    fn check_kind(&self) -> Result<(), BadStatement> {
        let app = self.certificate.is_some() || !self.files.is_empty() || self.newest_safe.is_some();
        if app && self.kind != IdentityKind::App {
            return bad("certificate", "only an app has a certificate, files and versions");
        }
        if self.role.is_some() && self.kind != IdentityKind::Agent {
            return bad("role", "only an agent has a role");
        }
        if self.chain.is_some() && self.kind != IdentityKind::Address {
            return bad("chain", "only an address is on a chain");
        }
        Ok(())
    }

    fn check_lists(&self) -> Result<(), BadStatement> {
        few("files", &self.files, 256)?;
        few("purposes", &self.purposes, 16)?;
        self.purposes.iter().try_for_each(|it| line("purposes", it, 200))?;
        few("languages", &self.languages, 32)?;
        self.languages.iter().try_for_each(|it| line("languages", it, 35))?;
        few("proofs", &self.proofs, 16)?;
        self.reviewers.iter().try_for_each(|it| line("reviewers", it, 64))?;
        match self.reviewers.as_slice() {
            [] if self.proofs.is_empty() => Ok(()),
            [first, second] if first != second => Ok(()),
            _ => bad("reviewers", "two different officers review what was proved"),
        }
    }
}

impl Announcement {
    fn check(&self) -> Result<(), BadStatement> {
        id("id", &self.id)?;
        id("organisation", &self.organisation)?;
        both("title", &self.title, 200)?;
        for text in [&self.text.zh, &self.text.en] {
            let odd = |c: char| c.is_control() && c != '\n';
            if text.trim().is_empty() || text.len() > 16_000 || text.chars().any(odd) {
                return bad("text", "1 to 16,000 bytes in both languages, no control characters");
            }
        }
        self.until.map_or(Ok(()), |until| ordered("until", self.at, until))
    }
}

/// Whether a text may be the id of an organisation, identity or announcement: 1 to 64
/// characters, lower-case ASCII letters, digits, `-`, `_`, `.`, or letters beyond ASCII (a brand
/// may be known by its Chinese name); no white space, no upper case.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let fits = |c: char| {
        c.is_ascii_lowercase()
            || c.is_ascii_digit()
            || "-_.".contains(c)
            || (!c.is_ascii() && c.is_alphanumeric() && !c.is_uppercase())
    };
    (1..=64).contains(&text.chars().count()) && text.chars().all(fits)
}

fn bad<T>(field: &'static str, reason: impl Into<String>) -> Result<T, BadStatement> {
    Err(BadStatement::Field { field, reason: reason.into() })
}

fn id(field: &'static str, text: &str) -> Result<(), BadStatement> {
    if is_id(text) {
        Ok(())
    } else {
        bad(field, "an id has 1 to 64 lower-case letters, digits, `-`, `_` or `.`")
    }
}

/// One line of text: not empty, at most so many bytes.
fn line(field: &'static str, text: &str, most: usize) -> Result<(), BadStatement> {
    if text.trim().is_empty() || text.len() > most || text.chars().any(char::is_control) {
        return bad(field, format!("one line of 1 to {most} bytes"));
    }
    Ok(())
}

fn both(field: &'static str, text: &Bilingual, most: usize) -> Result<(), BadStatement> {
    line(field, &text.zh, most)?;
    line(field, &text.en, most)
}

fn few<T>(field: &'static str, list: &[T], most: usize) -> Result<(), BadStatement> {
    if list.len() <= most { Ok(()) } else { bad(field, format!("at most {most}")) }
}

fn ordered(field: &'static str, earlier: Moment, later: Moment) -> Result<(), BadStatement> {
    if earlier < later { Ok(()) } else { bad(field, "must be later than the start") }
}
