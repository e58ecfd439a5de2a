//! What earlier events say: the features of a policy, and groups of near-duplicate texts.
//!
//! The way through: before an event [`Memory::recall`] gives the value of every feature for
//! it, after it [`Memory::learn`] counts it where the policy says so.
//!
//! Always true here:
//! - A deterministic fold over events in the order of the log: same events, same memory, on
//!   every replica.
//! - A value says what was before the event, never the event itself.
//! - Bounded: each feature keeps at most [`Limits::entries`] keys; the one touched longest
//!   ago makes room, and [`Memory::fullness`] says how many had to before their time.
//! - Time is the platform's, but a clock that runs ahead of ours by more than
//!   [`MAX_SKEW`] is taken to be that much ahead, so that one bad clock empties no window.

mod campaigns;
mod hash;
mod snapshot;
mod table;
mod tallies;

use touchstone_policy::{FeatureKind, FeatureSpec, FeatureValue, Inputs, KeyField, Pick, Truth, remembered};
use touchstone_types::{EventKind, Lapse, Moment};

use crate::reading::Strings;
use campaigns::Campaigns;
pub use snapshot::SnapshotError;
use table::Table;
use tallies::{Distinct, Pressure, Recent, Ring, Seen, Steps};

/// A platform's clock is believed up to so far ahead of ours.
pub const MAX_SKEW: Lapse = Lapse::from_secs(300);

/// Texts that are nearly the same belong together over this long.
const CAMPAIGN_WINDOW: Lapse = Lapse::from_secs(7 * 86_400);

/// As many features have their values on the stack.
const USUAL_FEATURES: usize = 64;
/// As many `recent` features, and texts of them.
const USUAL_RECENT: usize = 8;
const USUAL_TEXTS: usize = 64;

/// How much may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Keys of one feature.
    pub entries: usize,
    /// Groups of near-duplicate texts.
    pub campaigns: usize,
}

impl Default for Limits {
    /// About 10 MB for each counting feature and 20 MB for campaigns when full.
    fn default() -> Self {
        Self { entries: 100_000, campaigns: 50_000 }
    }
}

/// How full one part of the memory is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fullness {
    /// The feature, or `campaigns`.
    pub part: touchstone_types::Name,
    /// Keys kept.
    pub kept: usize,
    /// Keys that may be kept.
    pub limit: usize,
    /// Keys that had to go before they had expired, ever.
    pub dropped: u64,
}

/// The group of near-duplicates that a text belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Campaign {
    group: u64,
    digits: [u8; 16],
    /// Different people that were written to, before this one.
    pub people: i64,
}

impl Campaign {
    /// Its name: 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        std::str::from_utf8(&self.digits).unwrap_or_default()
    }
}

/// Everything that is remembered.
#[derive(Clone, Debug)]
pub struct Memory {
    parts: Vec<Part>,
    campaigns: Campaigns,
    limits: Limits,
    /// What the features are, so that no memory is read with others.
    shape: [u8; 32],
}

#[derive(Clone, Debug)]
enum Part {
    Count(Table<Ring>),
    Distinct(Table<Distinct>),
    Seen(Table<Seen>),
    Recent(Table<Recent>),
    Sequence(Table<Steps>),
    Pressure(Table<Pressure>),
}

impl Memory {
    /// An empty memory for these features.
    #[must_use]
    pub fn new(features: &[FeatureSpec], limits: Limits) -> Self {
        let part = |spec: &FeatureSpec| match spec.kind {
            FeatureKind::Count | FeatureKind::Sum => Part::Count(Table::new(limits.entries)),
            FeatureKind::Distinct => Part::Distinct(Table::new(limits.entries)),
            FeatureKind::FirstSeen | FeatureKind::LastSeen => Part::Seen(Table::new(limits.entries)),
            FeatureKind::Recent => Part::Recent(Table::new(limits.entries)),
            FeatureKind::Sequence => Part::Sequence(Table::new(limits.entries)),
            FeatureKind::Pressure => Part::Pressure(Table::new(limits.entries)),
        };
        Self {
            parts: features.iter().map(part).collect(),
            campaigns: Campaigns::new(limits.campaigns),
            limits,
            shape: snapshot::shape(features),
        }
    }

    /// Whether the memory was made for these features.
    #[must_use]
    pub fn fits(&self, features: &[FeatureSpec]) -> bool {
        self.shape == snapshot::shape(features)
    }

    /// Names the features that it was made for: snapshots are kept under it.
    #[must_use]
    pub fn shape(&self) -> [u8; 32] {
        self.shape
    }

    /// How much it may keep.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// When the event happened, as far as its clock is believed.
    #[must_use]
    pub fn moment(time: Moment, received: Moment) -> Moment {
        time.min(received + MAX_SKEW)
    }

    /// Gives the value of every feature, in the order of `features`, which must be those that
    /// the memory was made for.
    pub fn recall<R>(
        &self,
        features: &[FeatureSpec],
        inputs: &Inputs<'_>,
        then: impl FnOnce(&[FeatureValue<'_>]) -> R,
    ) -> R {
        let at = Self::moment(inputs.event.time, inputs.received).as_micros();
        // Where the texts of each `recent` feature end among all texts.
        let mut texts: Strings<'_, USUAL_TEXTS> = Strings::default();
        let mut ends = [0usize; USUAL_RECENT];
        let mut more_ends = Vec::new();
        let recents = features.iter().zip(&self.parts).filter_map(|(spec, part)| match part {
            Part::Recent(table) => Some((spec, table)),
            _ => None,
        });
        for (nth, (spec, table)) in recents.enumerate() {
            recent(table, spec, inputs, at, &mut texts);
            match ends.get_mut(nth) {
                Some(end) => *end = texts.as_slice().len(),
                None => more_ends.push(texts.as_slice().len()),
            }
        }
        let mut ends = ends.iter().chain(&more_ends);
        let mut start = 0;

        let mut usual = [FeatureValue::Unknown; USUAL_FEATURES];
        let mut many = Vec::new();
        let values = match usual.get_mut(..features.len()) {
            Some(values) => values,
            None => {
                many.resize(features.len(), FeatureValue::Unknown);
                &mut many[..]
            }
        };
        for ((spec, part), value) in features.iter().zip(&self.parts).zip(values.iter_mut()) {
            *value = match part {
                Part::Recent(_) => {
                    let end = ends.next().copied().unwrap_or(start);
                    let mine = texts.as_slice().get(start..end).unwrap_or_default();
                    start = end;
                    if mine.is_empty() { FeatureValue::Unknown } else { FeatureValue::Texts(mine) }
                }
                part => part.value(spec, inputs, at),
            };
        }
        then(values)
    }

    /// The group that a text of this fingerprint belongs to.
    #[must_use]
    pub fn campaign(&self, fingerprint: u64, at: Moment) -> Campaign {
        let found = self.campaigns.find(fingerprint, window(CAMPAIGN_WINDOW), at.as_micros());
        let mut digits = [0; 16];
        for (place, digit) in digits.iter_mut().enumerate() {
            let nibble = (found.group >> (60 - 4 * place) & 0xF) as usize;
            *digit = b"0123456789abcdef"[nibble];
        }
        Campaign { group: found.group, digits, people: found.people }
    }

    /// Counts the event under every feature that learns from it. `inputs.found` must hold
    /// what was found in it, and `campaign` be what [`Memory::campaign`] said before.
    pub fn learn(
        &mut self,
        features: &[FeatureSpec],
        kind: EventKind,
        inputs: &Inputs<'_>,
        campaign: Option<&Campaign>,
    ) {
        let at = Self::moment(inputs.event.time, inputs.received).as_micros();
        for (spec, part) in features.iter().zip(&mut self.parts) {
            match part {
                Part::Sequence(table) => {
                    for (step, pick) in spec.steps.iter().enumerate() {
                        each_key(spec, pick, kind, inputs, |key| {
                            let expired = at.saturating_sub(window(spec.window));
                            table.touch(key, at, expired).take(window(spec.window), step, at);
                        });
                    }
                }
                part => each_key(spec, &spec.pick, kind, inputs, |key| part.add(spec, key, inputs, at)),
            }
        }
        if let Some(campaign) = campaign {
            let person = inputs.event.data.user().map(|user| user.identity());
            let place = || inputs.event.data.conversation().map(|it| it.id.as_str());
            let person = hash::of_text(person.or_else(place).unwrap_or_default());
            self.campaigns.add(campaign.group, person, window(CAMPAIGN_WINDOW), at);
        }
    }

    /// How full each part is.
    #[must_use]
    pub fn fullness(&self, features: &[FeatureSpec]) -> Vec<Fullness> {
        let parts = features.iter().zip(&self.parts).map(|(spec, part)| {
            let (kept, dropped) = part.size();
            Fullness { part: spec.name.clone(), kept, limit: self.limits.entries, dropped }
        });
        let (kept, dropped) = (self.campaigns.len(), self.campaigns.dropped());
        let campaigns = Fullness { part: "campaigns".into(), kept, limit: self.limits.campaigns, dropped };
        parts.chain([campaigns]).collect()
    }
}

impl Part {
    /// The value of a feature that is no `recent`.
    fn value(&self, spec: &FeatureSpec, inputs: &Inputs<'_>, at: i64) -> FeatureValue<'static> {
        // Most of what is looked out for has not happened yet: no key needs to be made then.
        if matches!(self, Part::Seen(table) if table.len() == 0) {
            return FeatureValue::Unknown;
        }
        let window = window(spec.window);
        let mut largest: Option<i64> = None;
        let mut newest: Option<Option<u64>> = None;
        spec.keys(inputs, |key| {
            let counted = match self {
                Part::Count(table) => table.get(key).map_or(0, |it| it.count(window, at)),
                Part::Distinct(table) => table.get(key).map_or(0, |it| it.count(window, at)),
                Part::Sequence(table) => table.get(key).map_or(0, |it| it.taken(window, at)),
                Part::Pressure(table) => table.get(key).map_or(0, |it| it.left(window, at)),
                Part::Seen(table) => {
                    let seen = table.get(key).and_then(|it| match spec.kind {
                        FeatureKind::LastSeen => it.last_ago(at),
                        _ => it.first_ago(at),
                    });
                    let seen = seen.filter(|ago| *ago < window as u64);
                    // Of several (links, addresses) the one known for the shortest time, or not
                    // at all, decides: an old friend beside a stranger makes him no friend.
                    newest = Some(newest.map_or(seen, |other| other.zip(seen).map(|(a, b)| a.min(b))));
                    return;
                }
                Part::Recent(_) => return,
            };
            largest = Some(largest.map_or(counted, |other| other.max(counted)));
        });
        match (largest, newest) {
            (Some(count), _) => FeatureValue::Int(count),
            (None, Some(Some(ago))) => FeatureValue::Lapse(Lapse::from_micros(ago)),
            (None, _) => FeatureValue::Unknown,
        }
    }

    fn add(&mut self, spec: &FeatureSpec, key: u64, inputs: &Inputs<'_>, at: i64) {
        let window = window(spec.window);
        let expired = at.saturating_sub(window);
        match self {
            Part::Count(table) => match spec.number.map(|it| it.read(inputs)) {
                None => table.touch(key, at, expired).add(window, at),
                Some(number) => {
                    let number = number.and_then(|it| u16::try_from(it).ok()).unwrap_or(0);
                    if number > 0 {
                        table.touch(key, at, expired).add_many(window, at, number);
                    }
                }
            },
            Part::Pressure(table) => {
                if !inputs.told.is_empty() {
                    let entry = table.touch(key, at, expired);
                    inputs.told.iter().for_each(|(name, weight)| entry.add(*name, *weight, window, at));
                }
            }
            Part::Seen(table) => table.touch(key, at, expired).add(at),
            Part::Distinct(table) => {
                let entry = table.touch(key, at, expired);
                each_of(spec.of, inputs, |text| {
                    entry.add(window, spec.limit, remembered(text, hash::of_text), at);
                });
            }
            Part::Recent(table) => {
                let entry = table.touch(key, at, expired);
                each_of(spec.of, inputs, |text| entry.add(usize::from(spec.limit), text, at));
            }
            Part::Sequence(_) => {}
        }
    }

    fn size(&self) -> (usize, u64) {
        match self {
            Part::Count(table) => (table.len(), table.dropped()),
            Part::Distinct(table) => (table.len(), table.dropped()),
            Part::Seen(table) => (table.len(), table.dropped()),
            Part::Recent(table) => (table.len(), table.dropped()),
            Part::Sequence(table) => (table.len(), table.dropped()),
            Part::Pressure(table) => (table.len(), table.dropped()),
        }
    }
}

fn recent<'m>(
    table: &'m Table<Recent>,
    spec: &FeatureSpec,
    inputs: &Inputs<'_>,
    at: i64,
    texts: &mut Strings<'m, USUAL_TEXTS>,
) {
    if table.len() == 0 {
        return;
    }
    spec.keys(inputs, |key| {
        let known = table.get(key).into_iter().flat_map(|it| it.values(window(spec.window), at));
        known.for_each(|text| texts.push(text));
    });
}

fn each_key(
    spec: &FeatureSpec,
    pick: &Pick,
    kind: EventKind,
    inputs: &Inputs<'_>,
    mut take: impl FnMut(u64),
) {
    if pick.applies(kind, inputs) == Truth::True {
        pick.keys(spec.index, inputs, &mut take);
    }
}

fn each_of<'a>(of: Option<KeyField>, inputs: &Inputs<'a>, take: impl FnMut(&'a str)) {
    if let Some(of) = of {
        of.each(inputs, take);
    }
}

/// A name as memory keeps it.
pub(crate) fn hash_of(name: &str) -> u64 {
    hash::of_text(name)
}

/// In microseconds, at least one.
fn window(lapse: Lapse) -> i64 {
    i64::try_from(lapse.as_micros()).unwrap_or(i64::MAX).max(1)
}
