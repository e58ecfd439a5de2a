//! The same text to many: groups of near-duplicates by their fingerprints.
//!
//! Fingerprints at most [`NEAR`] bits apart share a band ([`bands`]), so that the groups
//! listed under the bands of a text hold every neighbour of it that is still listed. A list
//! is short and holds the groups heard of last; a campaign that goes on stays on it.

use serde::{Deserialize, Serialize};
use touchstone_language::{NEAR, bands, distance};

use super::table::{Entry, Kept, Table};
use super::tallies::Distinct;

/// As many groups are listed for one value of one band.
const LISTED: usize = 64;
/// As many people are told apart; that is many enough to know what it is.
const PEOPLE: u16 = 256;
/// Eight bands of eight bits.
const BAND_VALUES: usize = 8 * 256;

/// Texts that are nearly the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Group {
    messages: u32,
    people: Distinct,
}

impl Entry for Group {
    fn reset(&mut self) {
        self.messages = 0;
        self.people.reset();
    }
}

/// The groups that have one value of one band.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Listed(Vec<u64>);

impl Entry for Listed {
    fn reset(&mut self) {
        self.0.clear();
    }
}

/// What is known of the group that a text belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Belonging {
    /// The fingerprint of the first text of the group.
    pub(crate) group: u64,
    /// Different people written to within the window, without this one.
    pub(crate) people: i64,
}

/// Every group of the window.
#[derive(Clone, Debug)]
pub(crate) struct Campaigns {
    groups: Table<Group>,
    bands: Table<Listed>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct KeptCampaigns {
    groups: Kept<Group>,
    bands: Kept<Listed>,
}

impl Campaigns {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { groups: Table::new(capacity), bands: Table::new(BAND_VALUES) }
    }

    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.groups.dropped() + self.bands.dropped()
    }

    /// The group of the text: the nearest one listed, or a new one of its own.
    pub(crate) fn find(&self, fingerprint: u64, window: i64, at: i64) -> Belonging {
        let nearest = bands(fingerprint)
            .iter()
            .filter_map(|band| self.bands.get(band_key(*band)))
            .flat_map(|listed| listed.0.iter().copied())
            .filter(|group| distance(*group, fingerprint) <= NEAR)
            .min_by_key(|group| (distance(*group, fingerprint), *group));
        let known = nearest.and_then(|group| Some((group, self.groups.get(group)?)));
        match known {
            Some((group, it)) => Belonging { group, people: it.people.count(window, at) },
            None => Belonging { group: fingerprint, people: 0 },
        }
    }

    /// Adds a text to the group that [`Campaigns::find`] gave.
    pub(crate) fn add(&mut self, group: u64, person: u64, window: i64, at: i64) {
        let expired = at.saturating_sub(window);
        let entry = self.groups.touch(group, at, expired);
        entry.messages = entry.messages.saturating_add(1);
        entry.people.add(window, PEOPLE, person, at);
        for band in bands(group) {
            let listed = &mut self.bands.touch(band_key(band), at, expired).0;
            match listed.iter().position(|it| *it == group) {
                Some(known) => listed[known..].rotate_left(1),
                None if listed.len() < LISTED => listed.push(group),
                None => {
                    listed.rotate_left(1);
                    listed[LISTED - 1] = group;
                }
            }
        }
    }

    pub(crate) fn keep(&self) -> KeptCampaigns {
        KeptCampaigns { groups: self.groups.keep(), bands: self.bands.keep() }
    }

    pub(crate) fn restore(kept: KeptCampaigns, capacity: usize) -> Self {
        Self { groups: Table::restore(kept.groups, capacity), bands: Table::restore(kept.bands, BAND_VALUES) }
    }
}

fn band_key(band: u16) -> u64 {
    // The table takes the key as a hash: the odd factor spreads it.
    (u64::from(band) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOW: i64 = 1_000;

    #[test]
    fn people_are_counted_once_each_and_only_within_the_window() {
        let mut campaigns = Campaigns::new(100);
        for (person, at) in [(1, 0), (2, 10), (2, 20), (3, 30)] {
            campaigns.add(0xABCD, person, WINDOW, at);
        }
        assert_eq!(campaigns.find(0xABCD, WINDOW, 40), Belonging { group: 0xABCD, people: 3 });
        assert_eq!(campaigns.find(0xABCD, WINDOW, 1_015).people, 2);
        assert_eq!(campaigns.find(!0xABCD, WINDOW, 40), Belonging { group: !0xABCD, people: 0 });
    }

    proptest! {
        #[test]
        fn every_near_duplicate_finds_its_group(first in any::<u64>(), bits in proptest::collection::vec(0u32..64, 0..=NEAR as usize)) {
            let mut campaigns = Campaigns::new(100);
            campaigns.add(first, 1, WINDOW, 0);
            let near = bits.iter().fold(first, |print, bit| print ^ 1u64 << bit);
            prop_assert_eq!(campaigns.find(near, WINDOW, 0).group, first);
        }

        #[test]
        fn memory_stays_within_its_limits(prints in proptest::collection::vec(any::<u64>(), 0..200)) {
            let mut campaigns = Campaigns::new(20);
            prints.iter().enumerate().for_each(|(at, print)| campaigns.add(*print, 1, WINDOW, at as i64));
            prop_assert!(campaigns.len() <= 20);
            prop_assert!(campaigns.bands.len() <= BAND_VALUES);
        }
    }
}
