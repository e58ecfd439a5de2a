//! A bounded table: the entry that was touched longest ago goes first.
//!
//! Always true here:
//! - Never more entries than the capacity; what had to go before its time is counted.
//! - The same calls give the same table, in the same order.
//! - A place that is used again keeps the room of what was in it.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::hash::AsIs;

const NONE: u32 = u32::MAX;

/// What a table can hold.
pub(crate) trait Entry: Default + Clone + Serialize + DeserializeOwned {
    /// Makes it as good as new, keeping its room.
    fn reset(&mut self);
}

#[derive(Clone, Debug)]
struct Place<V> {
    key: u64,
    /// Microseconds since the Unix epoch, never before that of the entry before it.
    touched: i64,
    older: u32,
    newer: u32,
    value: V,
}

/// Entries by the hash of their key.
#[derive(Clone, Debug)]
pub(crate) struct Table<V> {
    index: HashMap<u64, u32, BuildHasherDefault<AsIs>>,
    places: Vec<Place<V>>,
    free: Vec<u32>,
    oldest: u32,
    newest: u32,
    capacity: usize,
    /// How many entries had to go before they had expired.
    dropped: u64,
}

/// A table as it is kept in a snapshot: oldest entry first.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept<V> {
    entries: Vec<(u64, i64, V)>,
    dropped: u64,
}

impl<V: Entry> Table<V> {
    pub(crate) fn new(capacity: usize) -> Self {
        let capacity = capacity.clamp(1, NONE as usize - 1);
        Self {
            index: HashMap::default(),
            places: Vec::new(),
            free: Vec::new(),
            oldest: NONE,
            newest: NONE,
            capacity,
            dropped: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    #[inline]
    pub(crate) fn get(&self, key: u64) -> Option<&V> {
        let at = *self.index.get(&key)?;
        Some(&self.places[at as usize].value)
    }

    /// The entry of the key, made if there is none, now the newest. Whatever was not touched
    /// since `expired` may go.
    pub(crate) fn touch(&mut self, key: u64, now: i64, expired: i64) -> &mut V {
        let found = self.index.get(&key).copied();
        // Two at a time: more than one call can add, so the table does not outgrow its window.
        for _ in 0..2 {
            if self.oldest != NONE
                && Some(self.oldest) != found
                && self.places[self.oldest as usize].touched < expired
            {
                self.remove_oldest();
            }
        }
        let at = match found {
            Some(at) => {
                self.unlink(at);
                at
            }
            None => self.place(key),
        };
        // An event that comes late does not make the entry before it look younger.
        let floor = if self.newest == NONE { i64::MIN } else { self.places[self.newest as usize].touched };
        self.link_newest(at, now.max(floor));
        &mut self.places[at as usize].value
    }

    fn place(&mut self, key: u64) -> u32 {
        if self.index.len() >= self.capacity {
            self.remove_oldest();
            self.dropped += 1;
        }
        let at = match self.free.pop() {
            Some(at) => {
                let place = &mut self.places[at as usize];
                place.key = key;
                place.value.reset();
                at
            }
            None => {
                let place = Place { key, touched: 0, older: NONE, newer: NONE, value: V::default() };
                self.places.push(place);
                (self.places.len() - 1) as u32 // Less than the capacity, which fits.
            }
        };
        self.index.insert(key, at);
        at
    }

    fn remove_oldest(&mut self) {
        let at = self.oldest;
        if at == NONE {
            return;
        }
        self.unlink(at);
        self.index.remove(&self.places[at as usize].key);
        self.free.push(at);
    }

    fn unlink(&mut self, at: u32) {
        let (older, newer) = (self.places[at as usize].older, self.places[at as usize].newer);
        match older {
            NONE => self.oldest = newer,
            older => self.places[older as usize].newer = newer,
        }
        match newer {
            NONE => self.newest = older,
            newer => self.places[newer as usize].older = older,
        }
    }

    fn link_newest(&mut self, at: u32, touched: i64) {
        let older = self.newest;
        let place = &mut self.places[at as usize];
        (place.touched, place.older, place.newer) = (touched, older, NONE);
        match older {
            NONE => self.oldest = at,
            older => self.places[older as usize].newer = at,
        }
        self.newest = at;
    }

    pub(crate) fn keep(&self) -> Kept<V> {
        let mut entries = Vec::with_capacity(self.index.len());
        let mut at = self.oldest;
        while at != NONE {
            let place = &self.places[at as usize];
            entries.push((place.key, place.touched, place.value.clone()));
            at = place.newer;
        }
        Kept { entries, dropped: self.dropped }
    }

    pub(crate) fn restore(kept: Kept<V>, capacity: usize) -> Self {
        let mut table = Self::new(capacity);
        for (key, touched, value) in kept.entries {
            *table.touch(key, touched, i64::MIN) = value;
        }
        table.dropped += kept.dropped;
        table
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Sum(u64);

    impl Entry for Sum {
        fn reset(&mut self) {
            self.0 = 0;
        }
    }

    #[test]
    fn the_entry_touched_longest_ago_goes_first_and_is_counted() {
        let mut table = Table::<Sum>::new(2);
        for (key, now) in [(1, 10), (2, 20), (1, 30), (3, 40)] {
            table.touch(key, now, i64::MIN).0 += 1;
        }
        assert_eq!(table.get(1), Some(&Sum(2)));
        assert_eq!(table.get(2), None);
        assert_eq!((table.len(), table.dropped()), (2, 1));
    }

    #[test]
    fn what_expired_goes_without_being_counted() {
        let mut table = Table::<Sum>::new(10);
        table.touch(1, 10, i64::MIN).0 = 7;
        table.touch(2, 100, 50).0 = 1;
        assert_eq!((table.get(1), table.len(), table.dropped()), (None, 1, 0));
        assert_eq!(table.touch(1, 101, 50).0, 0, "a place used again starts from nothing");
    }

    proptest! {
        #[test]
        fn a_table_behaves_like_a_list_in_order_of_touch(
            calls in proptest::collection::vec((0u64..12, 0i64..1000), 0..200),
        ) {
            let mut table = Table::<Sum>::new(5);
            let mut list: Vec<(u64, u64)> = Vec::new();
            for (key, now) in calls {
                table.touch(key, now, i64::MIN).0 += 1;
                let old = list.iter().position(|it| it.0 == key).map(|at| list.remove(at));
                if old.is_none() && list.len() == 5 {
                    list.remove(0);
                }
                list.push((key, old.map_or(1, |it| it.1 + 1)));
            }
            let kept = table.keep();
            let plain: Vec<_> = kept.entries.iter().map(|it| (it.0, it.2.0)).collect();
            prop_assert_eq!(&plain, &list);
            prop_assert!(kept.entries.is_sorted_by_key(|it| it.1));
            let again: Vec<_> = Table::restore(kept, 5).keep().entries.iter().map(|it| (it.0, it.2.0)).collect();
            prop_assert_eq!(again, list);
        }
    }
}
