//! Block lists: strings known to be bad, each with where that is known from.

use std::sync::Arc;

use foldhash::HashMap;
use touchstone_types::{Moment, Name};

/// How the strings of a list are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// Host names; an entry also covers what is below it.
    Domain,
    /// Blockchain addresses; hexadecimal ones whatever their case.
    Address,
    /// Anything else (handles, phone numbers, packages, hashes), whatever the ASCII case.
    Text,
}

impl ListKind {
    /// Every kind with the name policies use.
    pub const ALL: [(ListKind, &'static str); 3] =
        [(ListKind::Domain, "domain"), (ListKind::Address, "address"), (ListKind::Text, "text")];
}

/// What is known of one listed string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEntry {
    /// The string, as the list compares it.
    pub value: Name,
    /// Where it is known from, if not from where the list is.
    pub source: Option<Name>,
    /// From then on it counts no more.
    pub expires: Option<Moment>,
}

/// A named list of strings known to be bad.
#[derive(Clone, Debug)]
pub struct BlockList {
    /// Expressions call it `list("NAME", …)`.
    pub name: Name,
    /// How it compares.
    pub kind: ListKind,
    /// Where it comes from.
    pub source: String,
    /// The finding that a link, address or name on it raises, by number.
    pub finding: Option<u16>,
    entries: HashMap<Arc<str>, ListEntry>,
}

/// Longer strings are on no list.
const MAX_VALUE_BYTES: usize = 256;

impl BlockList {
    pub(crate) fn new(
        name: Name,
        kind: ListKind,
        source: String,
        finding: Option<u16>,
        entries: impl IntoIterator<Item = ListEntry>,
    ) -> Self {
        let entries = entries.into_iter().map(|entry| (entry.value.clone(), entry)).collect();
        Self { name, kind, source, finding, entries }
    }

    /// The string as this list compares it: lower case where case means nothing.
    #[must_use]
    pub fn normal(kind: ListKind, value: &str) -> String {
        let value = value.trim();
        match kind {
            ListKind::Domain => value.trim_end_matches('.').to_ascii_lowercase(),
            ListKind::Address if !is_hex(value) => value.to_owned(),
            ListKind::Address | ListKind::Text => value.to_ascii_lowercase(),
        }
    }

    /// The entry that covers the string at that time. Allocates nothing.
    #[must_use]
    pub fn find(&self, value: &str, at: Moment) -> Option<&ListEntry> {
        if value.len() > MAX_VALUE_BYTES || self.entries.is_empty() {
            return None;
        }
        let mut lower = [0; MAX_VALUE_BYTES];
        let value = match self.kind {
            ListKind::Address if !is_hex(value) => value,
            _ => {
                let lower = &mut lower[..value.len()];
                lower.copy_from_slice(value.as_bytes());
                lower.make_ascii_lowercase();
                std::str::from_utf8(lower).ok()?
            }
        };
        let found = match self.kind {
            ListKind::Domain => above(value.trim_end_matches('.')).find_map(|host| self.entries.get(host)),
            ListKind::Address | ListKind::Text => self.entries.get(value),
        };
        found.filter(|entry| entry.expires.is_none_or(|end| at < end))
    }

    /// Every entry, by value.
    #[must_use]
    pub fn entries(&self) -> Vec<&ListEntry> {
        let mut all: Vec<_> = self.entries.values().collect();
        all.sort_by(|a, b| a.value.cmp(&b.value));
        all
    }

    /// How many entries there are, lapsed ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// The host and every domain above it.
fn above(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |host| host.split_once('.').map(|(_, above)| above))
}

fn is_hex(address: &str) -> bool {
    address
        .strip_prefix("0x")
        .or_else(|| address.strip_prefix("0X"))
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(kind: ListKind, values: &[&str], expires: Option<&str>) -> BlockList {
        let entries = values.iter().map(|value| ListEntry {
            value: BlockList::normal(kind, value).into(),
            source: None,
            expires: expires.map(|at| at.parse().unwrap()),
        });
        BlockList::new("l".into(), kind, String::new(), None, entries)
    }

    fn now() -> Moment {
        "2026-06-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_listed_domain_covers_what_is_below_it_and_not_its_neighbours() {
        let list = list(ListKind::Domain, &["Claims.Example"], None);
        for bad in ["claims.example", "WWW.claims.example", "a.b.claims.example."] {
            assert!(list.find(bad, now()).is_some(), "{bad}");
        }
        for other in ["example", "myclaims.example", "claims.example.org", ""] {
            assert!(list.find(other, now()).is_none(), "{other}");
        }
    }

    #[test]
    fn the_case_of_an_address_counts_only_where_it_means_something() {
        let list = list(ListKind::Address, &["0xABCDEF", "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"], None);
        assert!(list.find("0xabcdef", now()).is_some());
        assert!(list.find("TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE", now()).is_some());
        assert!(list.find("tqn9y2khesljw1chvwfmsmerdow5kcblse", now()).is_none());
    }

    #[test]
    fn an_entry_counts_no_more_when_it_has_lapsed() {
        let before = list(ListKind::Text, &["bad"], Some("2026-06-01T00:00:01Z"));
        let after = list(ListKind::Text, &["bad"], Some("2026-06-01T00:00:00Z"));
        assert!(before.find("BAD", now()).is_some());
        assert!(after.find("bad", now()).is_none());
        assert!(before.find(&"b".repeat(10_000), now()).is_none());
    }
}
