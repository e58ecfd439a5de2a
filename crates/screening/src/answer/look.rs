//! What is known of one part of a query.

use touchstone_lookalike::{Kind, Tier};
use touchstone_policy::ListKind;
use touchstone_registry::{Digest, Fact, Identity, IdentityKind, Organisation, Status};
use touchstone_text::{Folded, fold};
use touchstone_types::{Likeness, Moment, Span};

use super::parts::{Part, hash_of};
use super::{Item, ItemKind, Listing, Reason, Standing, words};
use crate::compared::Compared;
use crate::detect::identity::Match;
use crate::detect::{Look, lists};

/// Looks at parts of one query.
pub(super) struct Eye<'a> {
    look: Look<'a>,
    query: &'a str,
    compared: Compared,
    /// Characters counted so far, and up to which byte: spans are asked for in order.
    counted: (u32, usize),
}

/// What was found out about a part.
struct Found<'a> {
    reason: Reason,
    identity: Option<&'a Identity>,
    organisation: Option<&'a Organisation>,
    likeness: Option<Box<Likeness>>,
    /// Where a list of known fraud has it from.
    source: Option<String>,
}

impl<'a> Found<'a> {
    fn of(reason: Reason) -> Self {
        Self { reason, identity: None, organisation: None, likeness: None, source: None }
    }
}

impl<'a> Eye<'a> {
    pub(super) fn new(look: Look<'a>, query: &'a str) -> Self {
        Self { look, query, compared: Compared::default(), counted: (0, 0) }
    }

    /// The answer about one part.
    pub(super) fn item(&mut self, part: &Part) -> Item {
        let text = self.query.get(part.span.clone()).unwrap_or_default();
        let found = self.known(part, text).unwrap_or_else(|| self.strange(part, text));
        let listing = self.listing(&found);
        let standing = match found.reason {
            Reason::Listed | Reason::NameOnly | Reason::OwnedDomain => Standing::Listed,
            Reason::Revoked | Reason::Lapsed | Reason::Voided => Standing::Revoked,
            Reason::Imitates | Reason::Blocklisted | Reason::NoPhoneLine => Standing::Contradicted,
            _ => Standing::Unknown,
        };
        let told = words::Told {
            kind: part.kind,
            text,
            listing: listing.as_ref(),
            organisation: found.organisation.map(|it| &it.name),
            likeness: found.likeness.as_deref(),
            source: found.source.as_deref(),
        };
        let sentence = words::item(found.reason, &told);
        Item {
            text: text.to_owned(),
            span: self.span(part),
            kind: part.kind,
            standing,
            reason: found.reason,
            sentence,
            listing,
            likeness: found.likeness,
        }
    }

    /// Characters are counted once for all parts together.
    fn span(&mut self, part: &Part) -> Span {
        let (mut chars, mut byte) = self.counted;
        if part.span.start < byte {
            (chars, byte) = (0, 0);
        }
        let count = |from: usize, to: usize| {
            u32::try_from(self.query.get(from..to).map_or(0, |it| it.chars().count())).unwrap_or(u32::MAX)
        };
        let from = chars.saturating_add(count(byte, part.span.start));
        self.counted = (from, part.span.start);
        Span { from, to: from.saturating_add(count(part.span.start, part.span.end)) }
    }

    /// What the registry has under exactly this value.
    fn known(&mut self, part: &Part, text: &str) -> Option<Found<'a>> {
        match part.kind {
            ItemKind::Handle => self.exactly(IdentityKind::Handle, text),
            ItemKind::Email => self.exactly(IdentityKind::Email, text),
            ItemKind::Phone => self.exactly(IdentityKind::Phone, text),
            ItemKind::Address => self.exactly(IdentityKind::Address, text),
            ItemKind::App => self.exactly(IdentityKind::App, text),
            ItemKind::Hash => self.hash(text),
            ItemKind::Link | ItemKind::Domain => self.site(part.host.as_deref()?),
            ItemKind::Name => self.name(text),
        }
    }

    fn exactly(&self, kind: IdentityKind, value: &str) -> Option<Found<'a>> {
        let identity = best(self.look.facts.registry.registry().find(kind, value), self.now())?;
        Some(self.of_identity(identity))
    }

    fn of_identity(&self, identity: &'a Identity) -> Found<'a> {
        let organisation = self.look.facts.registry.registry().holder(identity);
        Found { identity: Some(identity), organisation, ..Found::of(reason(identity, self.now())) }
    }

    fn hash(&self, text: &str) -> Option<Found<'a>> {
        let hash: Digest = hash_of(text)?.parse().ok()?;
        let identity = best(self.look.facts.registry.registry().find_hash(&hash), self.now())?;
        Some(self.of_identity(identity))
    }

    /// The nearest name above that is listed decides, then who owns the domain.
    fn site(&self, host: &str) -> Option<Found<'a>> {
        let registry = self.look.facts.registry.registry();
        let mut rest = host.trim_end_matches('.');
        loop {
            if let Some(found) = self.exactly(IdentityKind::Domain, rest) {
                return Some(found);
            }
            match rest.split_once('.') {
                Some((_, above)) => rest = above,
                None => break,
            }
        }
        let organisation = registry.owner_of(host)?;
        Some(Found { organisation: Some(organisation), ..Found::of(Reason::OwnedDomain) })
    }

    /// A handle without its sign, a name shown beside messages, or an organisation's own name.
    fn name(&mut self, text: &str) -> Option<Found<'a>> {
        for kind in [IdentityKind::Handle, IdentityKind::DisplayName, IdentityKind::Agent] {
            if let Some(found) = self.exactly(kind, text) {
                return Some(found);
            }
        }
        let directory = self.look.facts.registry;
        let folded = self.look.text.folded.text();
        let is_name = |it: &Organisation| {
            let mut name = Folded::new();
            [&*it.id, &it.name.zh, &it.name.en].into_iter().any(|one| {
                fold(one, &mut name);
                name.text() == folded
            })
        };
        let plain = self.look.text.folded.tricks().is_empty();
        let organisation = directory.named_in(folded).filter(|it| plain && is_name(it))?;
        Some(Found { organisation: Some(organisation), ..Found::of(Reason::NameOnly) })
    }

    /// What is not listed: on a list of fraud, an imitation, or unknown.
    fn strange(&mut self, part: &Part, text: &str) -> Found<'a> {
        if !part.decodes {
            return Found::of(Reason::Undecodable);
        }
        if let Some(source) = self.blocked(part, text) {
            return Found { source: Some(source), ..Found::of(Reason::Blocklisted) };
        }
        let resembling = self.resembling(part, text);
        if let Some(Found { reason: Reason::Imitates | Reason::NameOnly, .. }) = &resembling {
            return resembling.unwrap_or_else(|| Found::of(Reason::Unknown));
        }
        let registry = self.look.facts.registry.registry();
        let owner = || part.host.as_deref().and_then(|host| registry.owner_of(host));
        if part.kind == ItemKind::Email
            && let Some(organisation) = owner()
        {
            return Found { organisation: Some(organisation), ..Found::of(Reason::ListedDomain) };
        }
        let alone = part.kind == ItemKind::Phone && part.span == (0..self.query.len());
        let organisations = registry.organisations();
        if alone
            && !organisations.is_empty()
            && organisations.iter().all(|it| it.facts.has(Fact::HasNoPhoneLine))
        {
            return Found { organisation: organisations.first(), ..Found::of(Reason::NoPhoneLine) };
        }
        resembling.unwrap_or_else(|| Found::of(Reason::Unknown))
    }

    /// Who says that it is known fraud.
    fn blocked(&self, part: &Part, text: &str) -> Option<String> {
        let hash = hash_of(text);
        let (kind, value) = match part.kind {
            ItemKind::Link | ItemKind::Domain => (ListKind::Domain, part.host.as_deref()?),
            ItemKind::Address => (ListKind::Address, text),
            ItemKind::Hash => (ListKind::Text, hash.as_deref()?),
            _ => (ListKind::Text, text.trim_start_matches('@')),
        };
        let (list, entry) = lists::entries(self.look, kind, value).next()?;
        Some(entry.source.as_deref().unwrap_or(&list.source).to_owned())
    }

    /// What is official and like it.
    fn resembling(&mut self, part: &Part, text: &str) -> Option<Found<'a>> {
        let host = part.host.as_deref().unwrap_or(text);
        let ways: &[(&str, Kind)] = &match part.kind {
            ItemKind::Handle => vec![(text.trim_start_matches('@'), Kind::Handle)],
            ItemKind::Email => vec![(text, Kind::Email)],
            ItemKind::Phone => vec![(text, Kind::Phone)],
            ItemKind::Address => vec![(text, Kind::Address)],
            ItemKind::App => vec![(text, Kind::Package)],
            ItemKind::Domain => vec![(host, Kind::Domain)],
            ItemKind::Link => vec![(host, Kind::Domain), (text, Kind::Url)],
            ItemKind::Hash => Vec::new(),
            ItemKind::Name if text.contains(char::is_whitespace) => vec![(text, Kind::DisplayName)],
            ItemKind::Name => vec![(text, Kind::Handle), (text, Kind::DisplayName)],
        };
        let directory = self.look.facts.registry;
        let mut closest: Option<Match<'_>> = None;
        for (candidate, kind) in ways {
            let Some(resemblance) = self.compared.closest(directory, candidate, *kind) else { continue };
            let found = Match { candidate, kind: *kind, resemblance };
            if found.beats(closest.as_ref()) {
                closest = Some(found);
            }
        }
        let closest = closest?;
        let likeness = closest.likeness(self.look);
        let organisation = directory.holder(closest.resemblance.official);
        let reason = match closest.resemblance.tier {
            // The same letters in another case are the name itself, which anybody can take.
            _ if part.kind == ItemKind::Name
                && likeness.candidate.to_lowercase() == likeness.official.to_lowercase() =>
            {
                Reason::NameOnly
            }
            Tier::Act => Reason::Imitates,
            Tier::Review => Reason::Resembles,
        };
        let likeness = (reason != Reason::NameOnly).then_some(likeness);
        Some(Found { organisation, likeness, ..Found::of(reason) })
    }

    fn listing(&self, found: &Found<'_>) -> Option<Listing> {
        let organisation = found.organisation.filter(|_| {
            !matches!(found.reason, Reason::Imitates | Reason::Resembles | Reason::NoPhoneLine)
        })?;
        let listing = Listing {
            organisation: organisation.id.to_string(),
            name: organisation.name.clone(),
            shown: String::new(),
            kind: String::new(),
            platform: None,
            purposes: Vec::new(),
            role: None,
            languages: Vec::new(),
            since: None,
            until: None,
            ended: None,
            because: None,
            newest_safe: None,
            log_index: None,
        };
        let Some(identity) = found.identity else { return Some(listing) };
        Some(of_identity(identity, listing, self.now()))
    }

    fn now(&self) -> Moment {
        self.look.facts.now
    }
}

fn of_identity(identity: &Identity, listing: Listing, now: Moment) -> Listing {
    let status = identity.status(now);
    let ended = match status {
        Status::Lapsed { since, .. } | Status::Voided { since, .. } | Status::Revoked { since, .. } => {
            Some(since)
        }
        Status::Listed { .. } | Status::NotYet { .. } => None,
    };
    Listing {
        shown: identity.shown.to_string(),
        kind: identity.kind.name().to_owned(),
        platform: identity.platform.as_deref().map(str::to_owned),
        purposes: identity.purposes.iter().map(ToString::to_string).collect(),
        role: identity.role.as_deref().map(str::to_owned),
        languages: identity.languages.iter().map(ToString::to_string).collect(),
        since: identity.from,
        until: identity.ends().map(|(at, _)| at),
        ended,
        because: status.reason(),
        newest_safe: identity.newest_safe.as_deref().map(str::to_owned),
        log_index: identity.index,
        ..listing
    }
}

/// Of several listings of one value the one in force; else the one that began last.
fn best<'a>(found: impl Iterator<Item = &'a Identity>, now: Moment) -> Option<&'a Identity> {
    found.max_by_key(|it| (it.in_force(now), it.from))
}

fn reason(identity: &Identity, now: Moment) -> Reason {
    let is_name = matches!(identity.kind, IdentityKind::DisplayName | IdentityKind::Agent);
    match identity.status(now) {
        Status::Listed { .. } if is_name => Reason::NameOnly,
        Status::Listed { .. } => Reason::Listed,
        Status::NotYet { .. } => Reason::NotYet,
        Status::Lapsed { .. } => Reason::Lapsed,
        Status::Voided { .. } => Reason::Voided,
        Status::Revoked { .. } => Reason::Revoked,
    }
}
