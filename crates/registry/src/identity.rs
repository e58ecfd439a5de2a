//! One official identity, and how each kind of value is compared.

use std::borrow::Cow;
use std::sync::Arc;

use touchstone_types::{Bilingual, Moment};

use crate::Digest;
use crate::statement::VoidReason;

macro_rules! kinds {
    ($($variant:ident $name:literal $doc:literal),+ $(,)?) => {
        /// What kind of thing is vouched for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum IdentityKind { $(#[doc = $doc] $variant),+ }

        impl IdentityKind {
            /// Every kind, in a fixed order.
            pub const ALL: &'static [IdentityKind] = &[$(IdentityKind::$variant),+];

            /// The name in registry files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(IdentityKind::$variant => $name),+ }
            }

            /// The kind of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(IdentityKind::$variant),)+ _ => None }
            }
        }

        crate::names::by_name!(IdentityKind, "a kind of identity");
    };
}

kinds! {
    Handle "handle" "Public account name, without `@`.",
    DisplayName "display_name" "Name shown beside messages.",
    Avatar "avatar" "PDQ hash of a profile picture, 64 hexadecimal digits, or with 192 more (docs/lookalike.md).",
    Domain "domain" "Domain name from which users are answered.",
    Email "email" "Mail address.",
    Phone "phone" "Phone number, E.164.",
    Address "address" "Deposit address on a blockchain, without the chain.",
    App "app" "Package name, bundle id or extension id of an app.",
    Agent "agent" "Pseudonym of a support agent.",
}

/// One thing that an organisation vouches for, from one time to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// Index of its holder in [`crate::Registry::organisations`].
    pub organisation: u32,
    /// What it is.
    pub kind: IdentityKind,
    /// As compared; see [`normal`].
    pub value: Arc<str>,
    /// As written by the operator, for people.
    pub shown: Arc<str>,
    /// The platform it is on: the `source` of that platform's events.
    pub platform: Option<Arc<str>>,
    /// The platform's immutable id of the account.
    pub account: Option<Arc<str>>,
    /// The CAIP-2 chain of an address.
    pub chain: Option<Arc<str>>,
    /// What it is for: "answers tickets", "announcements only".
    pub purposes: Vec<Arc<str>>,
    /// In force from then on; always, if absent.
    pub from: Option<Moment>,
    /// In force until then; without end, if absent.
    pub until: Option<Moment>,
    /// Withdrawn at that moment.
    pub revoked: Option<Moment>,
    /// Its own id in the log.
    pub id: Option<Arc<str>>,
    /// The place in the log of the statement that listed it.
    pub index: Option<u64>,
    /// The place in the log of the last statement about it.
    pub changed: Option<u64>,
    /// When control of it was last proved; unknown for what the operator brought along.
    pub proved: Option<Moment>,
    /// Does not count since then until proved again, and why.
    pub voided: Option<(Moment, VoidReason)>,
    /// Why it was withdrawn.
    pub revoked_because: Option<Arc<Bilingual>>,
    /// SHA-256 of an app's signing certificate.
    pub certificate: Option<Digest>,
    /// SHA-256 of an app's files in circulation.
    pub files: Vec<Digest>,
    /// The lowest version of an app without a known weakness.
    pub newest_safe: Option<Arc<str>>,
    /// BCP 47 languages in which it answers.
    pub languages: Vec<Arc<str>>,
    /// What an agent is.
    pub role: Option<Arc<str>>,
}

impl Identity {
    /// The hashes by which an app is known, each once: certificate first, then files.
    pub(crate) fn hashes(&self) -> Vec<Digest> {
        let mut hashes: Vec<Digest> = self.certificate.into_iter().collect();
        for file in &self.files {
            if !hashes.contains(file) {
                hashes.push(*file);
            }
        }
        hashes
    }
}

/// The value as it is compared: handles without `@` and in lower case, domains in lower-case
/// ASCII (IDNA) without the last dot, phone numbers as digits with a plus, hexadecimal addresses
/// in lower case. `None` if nothing is left or the value cannot be of that kind.
#[must_use]
pub fn normal(kind: IdentityKind, value: &str) -> Option<Cow<'_, str>> {
    let trimmed = value.trim();
    let lower = |text: &'_ str| text.to_lowercase();
    let value: Cow<'_, str> = match kind {
        IdentityKind::Handle => lowered(trimmed.trim_start_matches(|c: char| c == '@' || c.is_whitespace())),
        IdentityKind::Domain => domain(trimmed)?,
        IdentityKind::Email => {
            let (name, host) = trimmed.rsplit_once('@')?;
            let host = domain(host)?;
            if name.is_empty() { return None } else { format!("{}@{host}", lower(name)).into() }
        }
        IdentityKind::Phone => phone(trimmed)?.into(),
        IdentityKind::Address if trimmed.starts_with("0x") || trimmed.starts_with("0X") => lowered(trimmed),
        IdentityKind::Avatar => {
            let is_hash = trimmed.len() == 64 && trimmed.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_hash { lowered(trimmed) } else { return None }
        }
        IdentityKind::DisplayName | IdentityKind::Address | IdentityKind::App | IdentityKind::Agent => {
            trimmed.into()
        }
    };
    let bad = value.is_empty() || value.chars().any(char::is_control);
    if bad { None } else { Some(value) }
}

/// The host of a site as platforms and people write it: a URL, a host with a path, a bare host.
/// Not normalised; see [`normal`].
#[must_use]
pub fn host_of(site: &str) -> &str {
    let rest = site.split_once("://").map_or(site, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
    // What stands before an `@` is made to be read as the host; it is not.
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    port.map_or(host, |(name, _)| name).trim_end_matches('.')
}

fn lowered(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_uppercase) { text.to_lowercase().into() } else { text.into() }
}

fn domain(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim_end_matches('.');
    let ascii: Cow<'_, str> =
        if text.is_ascii() { lowered(text) } else { idna::domain_to_ascii(text).ok()?.into() };
    let fits = ascii.len() <= 253
        && ascii.split('.').count() >= 2
        && ascii.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        });
    fits.then_some(ascii)
}

fn phone(text: &str) -> Option<String> {
    let mut digits = String::from("+");
    for c in text.strip_prefix('+')?.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '(' | ')' | '.' => {}
            _ => return None,
        }
    }
    (8..=16).contains(&digits.len()).then_some(digits)
}
