//! What an expression is read against: the event, what was found in it, and what is
//! remembered.

use touchstone_types::{Event, EventKind, Lapse, Moment};

/// The most findings, rules included, that a policy may have.
pub const MAX_FINDINGS: usize = 1024;

const WORDS: usize = MAX_FINDINGS / 64;

/// A set of findings by number. Small, copied freely, never allocates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct FoundSet([u64; WORDS]);

impl FoundSet {
    /// Whether the finding is in the set.
    #[inline]
    #[must_use]
    pub fn has(&self, finding: u16) -> bool {
        self.0.get(usize::from(finding) / 64).is_some_and(|word| word >> (finding % 64) & 1 == 1)
    }

    /// Adds a finding; a number no policy has ([`MAX_FINDINGS`] and above) is left out.
    #[inline]
    pub fn insert(&mut self, finding: u16) {
        if let Some(word) = self.0.get_mut(usize::from(finding) / 64) {
            *word |= 1 << (finding % 64);
        }
    }

    /// Takes a finding out.
    #[inline]
    pub fn remove(&mut self, finding: u16) {
        if let Some(word) = self.0.get_mut(usize::from(finding) / 64) {
            *word &= !(1 << (finding % 64));
        }
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.0 = [0; WORDS];
    }

    /// Adds all of the other set.
    pub fn union(&mut self, other: &FoundSet) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine |= theirs);
    }

    /// What is in the set, in the order of the numbers.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        std::iter::successors(self.next_from(0), |at| self.next_from(at + 1)).map(|at| at as u16)
    }

    /// The lowest number from `from` on.
    #[must_use]
    pub(crate) fn next_from(&self, from: usize) -> Option<usize> {
        let mut at = from / 64;
        let mut word = self.0.get(at)? & (u64::MAX << (from % 64));
        while word == 0 {
            at += 1;
            word = *self.0.get(at)?;
        }
        Some(at * 64 + word.trailing_zeros() as usize)
    }
}

impl FromIterator<u16> for FoundSet {
    fn from_iter<I: IntoIterator<Item = u16>>(findings: I) -> Self {
        let mut set = FoundSet::default();
        findings.into_iter().for_each(|finding| set.insert(finding));
        set
    }
}

/// A set of event kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindSet(u16);

impl KindSet {
    /// No kind.
    pub const NONE: KindSet = KindSet(0);

    /// Every kind.
    pub const ALL: KindSet = KindSet((1 << EventKind::ALL.len()) - 1);

    /// Whether the kind is in the set.
    #[inline]
    #[must_use]
    pub const fn has(self, kind: EventKind) -> bool {
        self.0 >> kind as u16 & 1 == 1
    }

    /// The set with the kind added.
    #[must_use]
    pub const fn with(self, kind: EventKind) -> Self {
        Self(self.0 | 1 << kind as u16)
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the two have a kind in common.
    #[must_use]
    pub const fn meets(self, other: KindSet) -> bool {
        self.0 & other.0 != 0
    }

    /// What is in the set.
    pub fn iter(self) -> impl Iterator<Item = EventKind> {
        EventKind::ALL.iter().copied().filter(move |kind| self.has(*kind))
    }
}

/// What a feature said before this event.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum FeatureValue<'a> {
    /// Nothing is known: no key in this event, nothing seen before, or memory unavailable.
    #[default]
    Unknown,
    /// A `count`, a `distinct`, or how many steps of a `sequence` were taken.
    Int(i64),
    /// How long ago (`first_seen`, `last_seen`).
    Lapse(Lapse),
    /// The last values (`recent`), newest first.
    Texts(&'a [&'a str]),
}

/// Everything an expression may ask about. Borrowed; making one allocates nothing.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// What happened.
    pub event: &'a Event<'a>,
    /// When Touchstone took it in, by its own clock.
    pub received: Moment,
    /// What was found so far. Rules that hold add themselves ([`crate::Policy::apply`]).
    pub found: FoundSet,
    /// By feature number; a missing tail is [`FeatureValue::Unknown`].
    pub features: &'a [FeatureValue<'a>],
    /// Host names of the links in the text, lower case, IDNA ASCII.
    pub links: &'a [&'a str],
    /// Blockchain addresses in the text, as written.
    pub addresses: &'a [&'a str],
    /// The group of near-duplicates that the text belongs to.
    pub campaign: Option<&'a str>,
    /// How many words of a recovery phrase the text is, if it is nothing else.
    pub phrase_words: u16,
    /// What was found in the words of the event: a hash of each finding's name, and its
    /// weight. Given when the event is learned.
    pub told: &'a [(u64, u32)],
}

impl<'a> Inputs<'a> {
    /// An event about which nothing else is known yet, received at its own time.
    #[must_use]
    pub fn new(event: &'a Event<'a>) -> Self {
        Self {
            event,
            received: event.time,
            found: FoundSet::default(),
            features: &[],
            links: &[],
            addresses: &[],
            campaign: None,
            phrase_words: 0,
            told: &[],
        }
    }
}

/// What is known of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Truth {
    /// It does not hold.
    False,
    /// A field it needs is missing, so nobody can tell.
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    /// `holds` made of a plain answer, [`Truth::Unknown`] of none.
    #[inline]
    pub(crate) fn of(answer: Option<bool>) -> Self {
        match answer {
            Some(true) => Truth::True,
            Some(false) => Truth::False,
            None => Truth::Unknown,
        }
    }

    /// As a word: `true`, `false`, `unknown`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Truth::False => "false",
            Truth::Unknown => "unknown",
            Truth::True => "true",
        }
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;
    #[inline]
    fn not(self) -> Truth {
        match self {
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
            Truth::True => Truth::False,
        }
    }
}

impl From<bool> for Truth {
    #[inline]
    fn from(holds: bool) -> Self {
        if holds { Truth::True } else { Truth::False }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_gives_back_what_was_put_in_and_nothing_else() {
        let numbers = [0, 1, 63, 64, 500, 1023];
        let mut set: FoundSet = numbers.into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), numbers);
        assert_eq!(set.next_from(65), Some(500));
        assert_eq!(set.next_from(1024), None);
        set.insert(9999);
        set.remove(63);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 1, 64, 500, 1023]);
        set.clear();
        assert!(set.is_empty() && !set.has(0));
    }

    #[test]
    fn the_set_of_all_kinds_has_all_kinds() {
        assert_eq!(KindSet::ALL.iter().count(), EventKind::ALL.len());
    }
}
