//! What in a query can be looked up.

use std::collections::HashSet;
use std::ops::Range;

use touchstone_language::entities::{Entity, EntityKind};
use touchstone_registry::{IdentityKind, Registry, normal};

use super::{ItemKind, MAX_ITEMS};

/// A name longer than this is a message.
const LONGEST_NAME: usize = 64;

/// One thing that can be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) kind: ItemKind,
    /// In bytes of the query.
    pub(super) span: Range<usize>,
    /// The host of a link, domain or mail address, in ASCII; as it is written if it cannot be.
    pub(super) host: Option<String>,
    /// Whether the host can be written in ASCII.
    pub(super) decodes: bool,
}

impl Part {
    fn new(kind: ItemKind, span: Range<usize>) -> Self {
        Self { kind, span, host: None, decodes: true }
    }
}

/// Everything that can be looked up, each thing once, and how many more there were than
/// [`MAX_ITEMS`].
pub(super) fn find(query: &str, entities: &[Entity], registry: &Registry) -> (Vec<Part>, u32) {
    if let Some(whole) = whole(query, entities, registry) {
        return (vec![whole], 0);
    }
    let mut all: Vec<Part> = entities.iter().filter_map(|it| of_entity(query, it)).collect();
    let taken: Vec<Range<usize>> = all.iter().map(|it| it.span.clone()).collect();
    all.extend(words(query).filter_map(|span| {
        let free = !overlaps(&taken, &span);
        of_word(query, span, free, registry)
    }));
    all.sort_by_key(|it| (it.span.start, it.span.end));
    // A package that is listed may read as a domain: the listing knows better.
    all.dedup_by(|later, first| {
        let same = later.span == first.span;
        if same && later.kind == ItemKind::App {
            first.clone_from(later);
        }
        same
    });
    let mut seen = HashSet::new();
    all.retain(|it| seen.insert((it.kind, key(query, it))));
    let more = all.len().saturating_sub(MAX_ITEMS);
    all.truncate(MAX_ITEMS);
    if all.is_empty() && is_name(query) && !is_sentence(query) {
        all.push(Part::new(ItemKind::Name, 0..query.len()));
    }
    (all, u32::try_from(more).unwrap_or(u32::MAX))
}

/// A query that is one listed thing as it stands, whatever it looks like: a name with a dot in
/// it, a number written in another way.
fn whole(query: &str, entities: &[Entity], registry: &Registry) -> Option<Part> {
    if !is_name(query) || entities.iter().any(|it| it.span == (0..query.len())) {
        return None;
    }
    let kinds = [
        (IdentityKind::App, ItemKind::App),
        (IdentityKind::Phone, ItemKind::Phone),
        (IdentityKind::Address, ItemKind::Address),
        (IdentityKind::Handle, ItemKind::Handle),
        (IdentityKind::DisplayName, ItemKind::Name),
        (IdentityKind::Agent, ItemKind::Name),
    ];
    let (_, kind) = kinds.into_iter().find(|(kind, _)| registry.find(*kind, query).next().is_some())?;
    Some(Part::new(kind, 0..query.len()))
}

fn is_name(query: &str) -> bool {
    query.chars().take(LONGEST_NAME + 1).count() <= LONGEST_NAME && !query.contains('\n')
}

/// Whether it says something rather than names somebody.
fn is_sentence(query: &str) -> bool {
    query.contains(['?', '!', ',', ';', '？', '！', '，', '。', '；'])
        || query.split_whitespace().count() > MOST_WORDS
}

/// More words than this are no name.
const MOST_WORDS: usize = 6;

fn of_entity(query: &str, entity: &Entity) -> Option<Part> {
    let kind = match entity.kind {
        EntityKind::Url => ItemKind::Link,
        EntityKind::Domain => ItemKind::Domain,
        EntityKind::Email => ItemKind::Email,
        EntityKind::Handle => ItemKind::Handle,
        EntityKind::Phone => ItemKind::Phone,
        EntityKind::EvmAddress
        | EntityKind::TronAddress
        | EntityKind::BitcoinAddress
        | EntityKind::SolanaAddress => ItemKind::Address,
    };
    let text = query.get(entity.span.clone())?;
    // Hexadecimal digits with dots or colons between them are a hash, not a place.
    if hash_of(text).is_some() {
        return Some(Part::new(ItemKind::Hash, entity.span.clone()));
    }
    let host = entity.host(query).map(|host| match normal(IdentityKind::Domain, &host) {
        Some(name) => (name.into_owned(), is_sound(&host)),
        None => (host.into_owned(), false),
    });
    let is_number = |host: &str| host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let decodes = host.as_ref().is_none_or(|(host, sound)| *sound || is_number(host));
    let host = host.map(|(host, _)| host);
    Some(Part { kind, span: entity.span.clone(), host, decodes })
}

/// Whether every label in punycode says something.
fn is_sound(host: &str) -> bool {
    let encoded = |label: &str| label.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("xn--"));
    !host.split('.').any(encoded) || idna::domain_to_unicode(host).1.is_ok()
}

/// Words between white space and quotation marks, in bytes.
fn words(query: &str) -> impl Iterator<Item = Range<usize>> {
    let is_edge = |c: char| c.is_whitespace() || ",;\"'()，。：“”（）".contains(c);
    let mut start = 0;
    let end = std::iter::once((query.len(), 0));
    let edges = query.char_indices().filter(move |(_, c)| is_edge(*c)).map(|(at, c)| (at, c.len_utf8()));
    edges.chain(end).filter_map(move |(at, len)| {
        let word = start..at;
        start = at + len;
        (word.len() >= SHORTEST_WORD).then_some(word)
    })
}

/// Shorter words are no packages and no hashes.
const SHORTEST_WORD: usize = 5;

/// A hash, a listed app, or what is written as a package name.
fn of_word(query: &str, span: Range<usize>, free: bool, registry: &Registry) -> Option<Part> {
    let word = query.get(span.clone())?;
    if hash_of(word).is_some() {
        return Some(Part::new(ItemKind::Hash, span));
    }
    let looks = free && is_package(word);
    let listed = || word.contains('.') && registry.find(IdentityKind::App, word).next().is_some();
    (looks || listed()).then(|| Part::new(ItemKind::App, span))
}

/// `com.example.app`: at least two dots, the first word a common beginning.
fn is_package(word: &str) -> bool {
    let is_label = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_alphabetic())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    const HEADS: [&str; 8] = ["com", "org", "net", "io", "app", "me", "co", "cn"];
    let mut labels = word.split('.');
    labels.next().is_some_and(|head| HEADS.contains(&head))
        && word.len() <= 256
        && word.matches('.').count() >= 2
        && word.split('.').all(is_label)
}

/// The SHA-256 that the word is, in lower case: 64 digits, or 32 pairs with colons between.
pub(super) fn hash_of(word: &str) -> Option<String> {
    if !matches!(word.len(), 64 | 95) || !word.is_ascii() {
        return None;
    }
    let digits: String = if word.len() == 95 {
        word.split(':').all(|pair| pair.len() == 2).then(|| word.replace(':', ""))?
    } else {
        word.to_owned()
    };
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| digits.to_ascii_lowercase())
}

fn overlaps(taken: &[Range<usize>], span: &Range<usize>) -> bool {
    let after = taken.partition_point(|it| it.end <= span.start);
    taken.get(after).is_some_and(|it| it.start < span.end)
}

/// What makes two parts one.
fn key(query: &str, part: &Part) -> String {
    let text = query.get(part.span.clone()).unwrap_or_default();
    match (part.kind, &part.host) {
        (ItemKind::Domain, Some(host)) => host.clone(),
        (ItemKind::Handle, _) => text.to_lowercase(),
        _ => text.to_owned(),
    }
}
