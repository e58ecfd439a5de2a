use std::sync::Arc;

use crate::address::Addresses;
use crate::avatar::Pictures;
use crate::edges::Edges;
use crate::han;
use crate::letters::{Letter, Letters, joined};
use crate::sounds::Sounds;
use crate::table::{Sieve, Table};
use crate::techniques::Techniques;
use crate::terms::{Class, Parts, Term};
use crate::words::{self, Background};

/// What a string is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Public account name, without `@`.
    Handle,
    /// Name shown beside messages; also the name of a company or an app.
    DisplayName,
    /// Host name.
    Domain,
    /// Link.
    Url,
    /// E-mail address, with or without a displayed name.
    Email,
    /// Telephone number.
    Phone,
    /// Blockchain address.
    Address,
    /// App package or bundle name, such as `io.metamask`.
    Package,
    /// Perceptual hash of a picture, as [`crate::avatar::Hash`] writes it.
    Avatar,
}

impl Kind {
    const NAMES: [(Kind, &'static str); 9] = [
        (Kind::Handle, "handle"),
        (Kind::DisplayName, "display_name"),
        (Kind::Domain, "domain"),
        (Kind::Url, "url"),
        (Kind::Email, "email"),
        (Kind::Phone, "phone"),
        (Kind::Address, "address"),
        (Kind::Package, "package"),
        (Kind::Avatar, "avatar"),
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|it| it.0 == self).map_or("", |it| it.1)
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|it| it.1 == name).map(|it| it.0)
    }
}

/// An official string and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Official {
    /// Whose it is.
    pub brand: Arc<str>,
    /// What it is.
    pub kind: Kind,
    /// The string itself.
    pub text: Arc<str>,
}

/// What follows from a resemblance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// Show it to a person, or join it with other findings.
    Review,
    /// The name alone is reason enough to act.
    Act,
}

impl Tier {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Tier::Act => "act",
            Tier::Review => "review",
        }
    }
}

/// How a candidate resembles an official string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resemblance {
    /// Which: see [`Index::official`].
    pub official: u32,
    /// 0 to 1; calibrated so that equal values mean equal odds, whatever the technique.
    pub closeness: f32,
    /// What follows.
    pub tier: Tier,
    /// By which techniques.
    pub techniques: Techniques,
}

/// Official strings, ready to be compared with any number of candidates.
#[derive(Clone, Debug)]
pub struct Index {
    pub(crate) officials: Vec<Official>,
    pub(crate) classes: Vec<Class>,
    pub(crate) terms: Vec<Term>,
    pub(crate) pool: String,
    /// Keys with up to `edits` symbols left out.
    pub(crate) keys: Table,
    pub(crate) keys_sieve: Sieve,
    pub(crate) edges: Edges,
    /// Beginnings of the terms that are looked for within longer names.
    pub(crate) heads: Sieve,
    /// The lengths that such terms have, shortest first.
    pub(crate) lengths: Vec<u8>,
    /// Chinese terms as they sound.
    pub(crate) sounds: Sounds,
    pub(crate) edits: u8,
    pub(crate) domains: Domains,
    /// Hosts that are no imitations: owned by a brand, or known to everybody.
    pub(crate) owned: Hosts,
    pub(crate) known: Hosts,
    pub(crate) addresses: Addresses,
    pub(crate) phones: Vec<(String, u32)>,
    pub(crate) packages: Vec<(String, u32)>,
    pub(crate) pictures: Pictures,
}

pub(crate) type Domains = std::collections::HashMap<Arc<str>, u32, foldhash::fast::FixedState>;

pub(crate) type Hosts = std::collections::HashSet<Box<str>, foldhash::fast::FixedState>;

/// Up to this many officials two letters may differ, up to the next one; beyond, none: with a
/// million ordinary names nearly every name is a letter away from one of them.
const TWO_EDITS: usize = 10_000;
const ONE_EDIT: usize = 100_000;

/// The symbols by which the beginning of a term is recognised.
pub(crate) const HEAD: usize = 4;

impl Index {
    /// Prepares the comparison. Duplicates are kept once per brand and kind.
    #[must_use]
    pub fn build(officials: impl IntoIterator<Item = Official>, background: &Background) -> Self {
        let officials: Vec<Official> = officials.into_iter().collect();
        let edits = u8::from(officials.len() <= TWO_EDITS) + u8::from(officials.len() <= ONE_EDIT);
        words::prepare();
        let mut builder = Builder::new(edits, officials.len());
        let mut parts = Parts::new();
        let mut index = Self::empty(edits);
        for (at, official) in officials.iter().enumerate() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            index.add_exact(official, at);
            let class = builder.add(official, at, background, &mut parts);
            index.classes.push(class);
        }
        index.addresses.finish(officials.len());
        index.phones.sort();
        index.officials = officials;
        builder.finish(&mut index);
        index
    }

    fn empty(edits: u8) -> Self {
        Self {
            officials: Vec::new(),
            classes: Vec::new(),
            terms: Vec::new(),
            pool: String::new(),
            keys: Table::default(),
            keys_sieve: Sieve::default(),
            edges: Edges::default(),
            heads: Sieve::default(),
            lengths: Vec::new(),
            sounds: Sounds::default(),
            edits,
            domains: Domains::default(),
            owned: Hosts::default(),
            known: Hosts::default(),
            addresses: Addresses::default(),
            phones: Vec::new(),
            packages: Vec::new(),
            pictures: Pictures::default(),
        }
    }

    fn add_exact(&mut self, official: &Official, at: u32) {
        let text = official.text.trim();
        match official.kind {
            Kind::Domain => {
                let host = text.trim_start_matches("www.").to_lowercase();
                self.domains.entry(host.into()).or_insert(at);
            }
            Kind::Email => {
                let host = text.rsplit('@').next().unwrap_or_default().to_lowercase();
                if !crate::hosts::is_mailbox(&host) {
                    self.domains.entry(host.into()).or_insert(at);
                }
            }
            Kind::Address => self.addresses.add(text, at),
            Kind::Phone => self.phones.push((crate::phone::digits(text), at)),
            Kind::Package => self.packages.push((text.to_lowercase(), at)),
            Kind::Avatar => self.pictures.add(text, at),
            Kind::Handle | Kind::DisplayName | Kind::Url => {}
        }
    }

    /// Domains that a brand owns without answering users from them: they and the hosts below
    /// them resemble nothing.
    pub fn own<'a>(&mut self, domains: impl IntoIterator<Item = &'a str>) {
        self.owned.extend(domains.into_iter().map(|it| it.to_lowercase().into()));
    }

    /// Domains that are known to be no imitations, such as popular ones. They and the hosts
    /// below them are left alone, unless a disguise makes them read as an official domain.
    pub fn know<'a>(&mut self, domains: impl IntoIterator<Item = &'a str>) {
        self.known.extend(domains.into_iter().map(|it| it.to_lowercase().into()));
    }

    /// The official string of that number.
    #[must_use]
    pub fn official(&self, number: u32) -> Option<&Official> {
        self.officials.get(usize::try_from(number).ok()?)
    }

    /// How many official strings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.officials.len()
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.officials.is_empty()
    }

    /// How much the official string of that number says by itself.
    #[must_use]
    pub fn class(&self, number: u32) -> Option<Class> {
        self.classes.get(usize::try_from(number).ok()?).copied()
    }

    /// Bytes that the index takes beside the official strings themselves.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.keys.bytes()
            + self.keys_sieve.bytes()
            + self.edges.bytes()
            + self.heads.bytes()
            + self.sounds.bytes()
            + self.pool.capacity()
            + self.terms.capacity() * size_of::<Term>()
            + self.classes.capacity()
            + self.pictures.bytes()
            + self.domains.capacity() * size_of::<(Arc<str>, u32)>() * 8 / 7
            + self.domains.keys().map(|it| it.len() + 2 * size_of::<usize>()).sum::<usize>()
    }

    pub(crate) fn term_text(&self, term: &Term) -> &str {
        let from = term.text.0 as usize;
        &self.pool[from..from + usize::from(term.text.1)]
    }
}

/// Gathers terms and keys before the tables' sizes are known.
struct Builder {
    edits: u8,
    terms: Vec<Term>,
    pool: String,
    keys: Vec<(u64, u32)>,
    edges: Vec<u64>,
    heads: Vec<u64>,
    sounds: Vec<u32>,
    lengths: [bool; 256],
    whole_only: bool,
    seen: std::collections::HashSet<(u64, u64), foldhash::fast::FixedState>,
}

impl Builder {
    fn new(edits: u8, officials: usize) -> Self {
        Self {
            edits,
            terms: Vec::with_capacity(officials),
            pool: String::new(),
            keys: Vec::with_capacity(officials),
            edges: Vec::new(),
            heads: Vec::new(),
            sounds: Vec::new(),
            lengths: [false; 256],
            whole_only: edits == 0,
            seen: Default::default(),
        }
    }

    fn add(&mut self, official: &Official, at: u32, background: &Background, parts: &mut Parts) -> Class {
        let mut found: Vec<(Letters, (usize, usize), Option<words::Role>)> = Vec::new();
        let whole_only = self.whole_only;
        parts.each(official, |letters, part, role| {
            if !(whole_only && role.is_some()) {
                found.push((letters.clone(), part, role));
            }
        });
        let mut heart = Class::Unique;
        let is_stump = parts.is_spelt_with_ending(official);
        for (at_part, (letters, part, role)) in found.iter().enumerate() {
            let mut class = parts.class(letters, *part, background);
            if is_stump && at_part == 0 {
                class = class.max(Class::Common);
            }
            if at_part == 0 || *role == Some(words::Role::Strong) {
                heart = class; // Of the name itself, without its role word.
            } else if role.is_none() {
                class = class.max(Class::Common); // A weak name and its ending say little more together.
            }
            self.add_term(official, at, letters, *part, *role, class);
        }
        heart
    }

    fn add_term(
        &mut self,
        official: &Official,
        at: u32,
        letters: &Letters,
        (from, to): (usize, usize),
        role: Option<words::Role>,
        class: Class,
    ) {
        const MAX_KEY: usize = 48;
        let hash = letters.hash(from, to);
        let (Ok(number), Ok(start)) = (u32::try_from(self.terms.len()), u32::try_from(self.pool.len()))
        else {
            return;
        };
        if to - from > MAX_KEY {
            return;
        }
        if !self.whole_only {
            use std::hash::BuildHasher;
            let brand = foldhash::fast::FixedState::default().hash_one((&official.brand, official.kind));
            let range = letters.letters(from, to);
            let exact =
                letters.all[range].iter().fold(hash, |sum, it| sum.rotate_left(5) ^ u64::from(it.code));
            if !self.seen.insert((brand, exact)) {
                return;
            }
        }
        let codes = letters.letters(from, to);
        self.pool.extend(letters.all[codes.clone()].iter().filter_map(|it| char::from_u32(it.code)));
        let han = letters.all[codes.clone()].iter().any(|it| han::is_han(it.code));
        #[allow(clippy::cast_possible_truncation)] // At most MAX_KEY symbols of a few letters.
        let term = Term {
            text: (start, (self.pool.len() - start as usize) as u16),
            official: at,
            class,
            len: (to - from) as u8,
            role,
            han,
            generic: if han { generic(&letters.all[codes.clone()]) } else { 0 },
            crowd: self.crowd(letters, codes.clone()),
        };
        let long_enough = term.is_distinctive();
        self.terms.push(term);
        self.add_keys(letters, (from, to), number, han);
        if !self.whole_only && long_enough {
            let head = HEAD.min(to - from);
            self.heads.push(letters.hash(from, from + head));
            self.lengths[to - from] = true;
        }
        if han {
            self.sounds.push(number);
        }
    }

    /// Among so many official strings that two letters may not differ it is not asked for.
    fn crowd(&self, letters: &Letters, codes: std::ops::Range<usize>) -> u8 {
        if self.edits < 2 || !(4..=12).contains(&codes.len()) {
            return 0;
        }
        let codes: Vec<u32> = letters.all[codes].iter().map(|it| it.code).collect();
        words::neighbours(&codes)
    }

    fn add_keys(&mut self, letters: &Letters, (from, to): (usize, usize), number: u32, han: bool) {
        let len = to - from;
        self.keys.push((letters.hash(from, to), number));
        if self.edits >= 1 && (len >= 4 || han && len >= 2) {
            self.keys.extend((from..to).map(|gap| (letters.hash_without(from, to, gap, gap + 1), number)));
        }
        if self.edits >= 2 && len >= TWO_EDIT_LEN {
            Edges::of(letters, from, to, |hash| self.edges.push(hash));
            for first in from..to {
                for second in first + 1..to {
                    let left = joined(
                        letters.hash(from, first),
                        letters.hash(first + 1, second),
                        second - first - 1,
                    );
                    let hash = joined(left, letters.hash(second + 1, to), to - second - 1);
                    self.keys.push((hash, number));
                }
            }
        }
    }

    fn finish(self, index: &mut Index) {
        let mut keys = Table::with_room_for(self.keys.len());
        let mut sieve = Sieve::with_room_for(self.keys.len());
        for (hash, term) in &self.keys {
            keys.insert(*hash, *term);
            sieve.insert(*hash);
        }
        let mut heads = Sieve::with_room_for(self.heads.len());
        self.heads.iter().for_each(|hash| heads.insert(*hash));
        (index.keys, index.keys_sieve, index.heads) = (keys, sieve, heads);
        index.edges = Edges::with(&self.edges);
        index.lengths = (0..=255).filter(|len| self.lengths[usize::from(*len)]).collect();
        (index.terms, index.pool) = (self.terms, self.pool);
        let spelt = self.sounds.iter().map(|at| (index.term_text(&index.terms[*at as usize]), *at));
        index.sounds = Sounds::of(spelt);
    }
}

/// Which of the first letters belong to Chinese role words, as bits.
fn generic(letters: &[Letter]) -> u32 {
    let mut mask = 0;
    for at in 0..letters.len().min(32) {
        for (word, _) in &words::ROLES.han {
            let is_here = letters[at..].len() >= word.len()
                && word.iter().zip(&letters[at..]).all(|(a, b)| *a == b.code);
            if is_here {
                mask |= (at..(at + word.len()).min(32)).fold(0u32, |mask, at| mask | 1 << at);
            }
        }
    }
    mask
}

/// Terms with keys as long as this may differ in two symbols.
pub(crate) const TWO_EDIT_LEN: usize = 6;
