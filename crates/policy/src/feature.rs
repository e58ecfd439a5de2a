//! What has to be remembered, as data. This room declares it; whoever keeps the memory
//! fills it: before an event it asks for the values, after it the event is learned.
//!
//! Always true here: a feature says what was before the event, never the event itself. What
//! is not known is unknown, and not zero, unless a whole memory was looked through.

use std::hash::{BuildHasher, Hasher};

use touchstone_types::{EventKind, Lapse, Name};

use crate::expression::Expression;
use crate::hexadecimal::remembered;
use crate::inputs::{Inputs, KindSet, Truth};
use crate::schema::{IntField, ListField, TextField, Type};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeatureKind {
    /// How many events in the window. Int; 0 if none.
    Count,
    /// How many different values of `of` in the window. Int; 0 if none; stops at `limit`.
    Distinct,
    /// How long before this event the first one was. Duration; unknown if there was none.
    FirstSeen,
    /// How long before this event the last one was. Duration; unknown if there was none.
    LastSeen,
    /// The last `limit` different values of `of` in the window, newest first. Strings.
    Recent,
    /// How many steps were taken, in order, within the window. Int; 0 if none.
    Sequence,
    /// The sum of `of`, a number, over the events in the window. Int; 0 if none.
    Sum,
    /// The weights of what was found in the words of the events in the window, each finding
    /// once, and less the longer ago: none at the end of the window. Int; 0 if none.
    Pressure,
}

impl FeatureKind {
    /// Every kind with the name policies use.
    pub const ALL: [(FeatureKind, &'static str); 8] = [
        (FeatureKind::Count, "count"),
        (FeatureKind::Distinct, "distinct"),
        (FeatureKind::FirstSeen, "first_seen"),
        (FeatureKind::LastSeen, "last_seen"),
        (FeatureKind::Recent, "recent"),
        (FeatureKind::Sequence, "sequence"),
        (FeatureKind::Sum, "sum"),
        (FeatureKind::Pressure, "pressure"),
    ];

    /// The name policies use.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The type expressions see.
    #[must_use]
    pub const fn gives(self) -> Type {
        match self {
            FeatureKind::Count
            | FeatureKind::Distinct
            | FeatureKind::Sequence
            | FeatureKind::Sum
            | FeatureKind::Pressure => Type::Int,
            FeatureKind::FirstSeen | FeatureKind::LastSeen => Type::Duration,
            FeatureKind::Recent => Type::Texts,
        }
    }

    /// Whether it has to say of what (`of`).
    #[must_use]
    pub const fn takes_of(self) -> bool {
        matches!(self, FeatureKind::Distinct | FeatureKind::Recent | FeatureKind::Sum)
    }
}

/// A field that gives the strings by which events are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyField {
    /// One string.
    Text(TextField),
    /// Several strings: the event counts once under each.
    List(ListField),
}

impl KeyField {
    /// As expressions spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            KeyField::Text(field) => field.name(),
            KeyField::List(field) => field.name(),
        }
    }

    /// The kinds of event that can have it.
    #[must_use]
    pub const fn kinds(self) -> KindSet {
        match self {
            KeyField::Text(field) => field.kinds(),
            KeyField::List(field) => field.kinds(),
        }
    }

    /// Hands over each string; none if the event lacks the field.
    pub fn each<'a>(self, inputs: &Inputs<'a>, mut take: impl FnMut(&'a str)) {
        match self {
            KeyField::Text(field) => field.read(inputs).into_iter().for_each(take),
            KeyField::List(field) => {
                field.any(inputs, |text| {
                    take(text);
                    false
                });
            }
        }
    }
}

/// The most fields one key is made of.
pub const MAX_KEY_FIELDS: usize = 4;

/// Which events a feature learns from, and under which key.
#[derive(Clone, Debug)]
pub struct Pick {
    /// Only these kinds.
    pub on: KindSet,
    /// Fields that together are the key, 1 to [`MAX_KEY_FIELDS`]; at most one gives several strings.
    pub by: Vec<KeyField>,
    /// Only where this holds; may ask about the event and its findings.
    pub filter: Option<Expression>,
}

impl Pick {
    /// Whether the event is one to learn from.
    #[must_use]
    pub fn applies(&self, kind: EventKind, inputs: &Inputs<'_>) -> Truth {
        match &self.filter {
            _ if !self.on.has(kind) => Truth::False,
            Some(filter) => filter.holds(inputs),
            None => Truth::True,
        }
    }

    /// Hands over the key, or several if a field gives several strings; none if a field
    /// is missing. The same key for the same strings under the same feature.
    pub fn keys(&self, feature: u16, inputs: &Inputs<'_>, take: impl FnMut(u64)) {
        keys(&self.by, feature, inputs, take);
    }
}

/// One feature.
#[derive(Clone, Debug)]
pub struct FeatureSpec {
    /// Its number: the place of its value in [`Inputs::features`].
    pub index: u16,
    /// Expressions call it `feature.NAME`.
    pub name: Name,
    /// What is counted.
    pub kind: FeatureKind,
    /// What it is for.
    pub about: String,
    /// Which events it learns from, under which key. The steps of a sequence say it each for
    /// themselves.
    pub pick: Pick,
    /// The key it is read by: that of `pick`, unless the two who meet change roles.
    pub read_by: Vec<KeyField>,
    /// Of what ([`FeatureKind::takes_of`]).
    pub of: Option<KeyField>,
    /// Of which number ([`FeatureKind::Sum`]).
    pub number: Option<IntField>,
    /// How long back it looks.
    pub window: Lapse,
    /// The most values kept (`distinct`, `recent`).
    pub limit: u16,
    /// The steps of a sequence, 2 to [`MAX_STEPS`].
    pub steps: Vec<Pick>,
}

/// The most steps of a sequence.
pub const MAX_STEPS: usize = 6;

impl FeatureSpec {
    /// Hands over the key under which the value for this event is to be read; several if a
    /// field gives several strings (then the largest value counts, so that a harmless link
    /// beside a bad one hides nothing); none if a field is missing.
    pub fn keys(&self, inputs: &Inputs<'_>, take: impl FnMut(u64)) {
        keys(&self.read_by, self.index, inputs, take);
    }
}

/// A fixed seed: the same key on every machine and in every replay.
const SEED: foldhash::fast::FixedState = foldhash::fast::FixedState::with_seed(0x746f_7563_6873_746f);

fn keys(by: &[KeyField], feature: u16, inputs: &Inputs<'_>, mut take: impl FnMut(u64)) {
    let mut hash = SEED.build_hasher();
    hash.write_u16(feature);
    let mut several = None;
    for field in by {
        match field {
            KeyField::Text(field) => match field.read(inputs) {
                Some(text) => put(&mut hash, text),
                None => return,
            },
            KeyField::List(field) => several = Some(*field),
        }
    }
    match several {
        None => take(hash.finish()),
        Some(list) => KeyField::List(list).each(inputs, |text| {
            let mut hash = hash.clone();
            put(&mut hash, text);
            take(hash.finish());
        }),
    }
}

fn put(hash: &mut impl Hasher, text: &str) {
    remembered(text, |text| hash.write(text.as_bytes()));
    hash.write_u8(0xff); // "a" + "bc" is another key than "ab" + "c"; 0xff is in no UTF-8 text.
}
