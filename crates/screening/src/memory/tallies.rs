//! What is kept for one key of one feature.
//!
//! Time here is the platform's (`event.time`, in microseconds), so that a replay counts as
//! the day did. Late events are put where they belong if the window still covers that, and
//! left out otherwise; nothing is read that lies after the moment asked about.

use serde::{Deserialize, Serialize};

use super::table::Entry;

/// A window is counted in this many stretches: its edge is exact to a sixteenth.
const STRETCHES: usize = 16;
/// As many different values are told apart at most, whatever the policy asks for.
const MAX_DISTINCT: usize = 4_096;
/// As many last values a `recent` feature may keep.
const MAX_RECENT: usize = 16;
/// As many steps a sequence may have.
const MAX_STEPS: usize = 8;
/// "Never."
const NEVER: i64 = i64::MIN;

/// A count over a sliding window, in a ring of stretches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ring {
    /// The number of the newest stretch since the epoch.
    head: i64,
    counts: [u16; STRETCHES],
}

impl Ring {
    fn stretch(window: i64, at: i64) -> i64 {
        at.div_euclid((window / STRETCHES as i64).max(1))
    }

    pub(crate) fn add(&mut self, window: i64, at: i64) {
        self.add_many(window, at, 1);
    }

    pub(crate) fn add_many(&mut self, window: i64, at: i64, many: u16) {
        let stretch = Self::stretch(window, at);
        if self.is_empty() {
            self.head = stretch;
        }
        let ahead = stretch.saturating_sub(self.head);
        if ahead >= STRETCHES as i64 {
            self.counts = [0; STRETCHES];
        } else {
            for step in 1..=ahead.max(0) {
                self.counts[slot(self.head + step)] = 0;
            }
        }
        self.head = self.head.max(stretch);
        if self.head - stretch < STRETCHES as i64 {
            let count = &mut self.counts[slot(stretch)];
            *count = count.saturating_add(many);
        }
    }

    /// How many from `at` back over the window.
    pub(crate) fn count(&self, window: i64, at: i64) -> i64 {
        let now = Self::stretch(window, at);
        let first = (now - STRETCHES as i64 + 1).max(self.head - STRETCHES as i64 + 1);
        (first..=now.min(self.head)).map(|stretch| i64::from(self.counts[slot(stretch)])).sum()
    }

    fn is_empty(&self) -> bool {
        self.counts == [0; STRETCHES]
    }
}

fn slot(stretch: i64) -> usize {
    stretch.rem_euclid(STRETCHES as i64) as usize
}

impl Entry for Ring {
    fn reset(&mut self) {
        *self = Self::default();
    }
}

/// The different values of a window, each with when it was last seen. Exact up to the limit
/// that the policy states; from there on it says that many.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Distinct(Vec<(u64, i64)>);

impl Distinct {
    pub(crate) fn add(&mut self, window: i64, limit: u16, value: u64, at: i64) {
        let limit = usize::from(limit).clamp(1, MAX_DISTINCT);
        if let Some(known) = self.0.iter_mut().find(|it| it.0 == value) {
            known.1 = known.1.max(at);
            return;
        }
        // Not by capacity: that may differ after a restore, and replicas must forget alike.
        if self.0.len().is_power_of_two() || self.0.len() >= limit {
            self.0.retain(|it| it.1.saturating_add(window) > at);
        }
        if self.0.len() < limit {
            self.0.push((value, at));
        } else if let Some(oldest) = self.0.iter_mut().min_by_key(|it| it.1)
            && oldest.1 <= at
        {
            *oldest = (value, at);
        }
    }

    pub(crate) fn count(&self, window: i64, at: i64) -> i64 {
        self.0.iter().filter(|it| it.1 <= at && it.1.saturating_add(window) > at).count() as i64
    }
}

impl Entry for Distinct {
    fn reset(&mut self) {
        self.0.clear();
    }
}

/// When something was first and last seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Seen {
    first: i64,
    last: i64,
}

impl Default for Seen {
    fn default() -> Self {
        Self { first: NEVER, last: NEVER }
    }
}

impl Seen {
    pub(crate) fn add(&mut self, at: i64) {
        self.first = if self.first == NEVER { at } else { self.first.min(at) };
        self.last = self.last.max(at);
    }

    /// Microseconds since the first time, if that is not after `at`.
    pub(crate) fn first_ago(&self, at: i64) -> Option<u64> {
        ago(self.first, at)
    }

    /// Microseconds since the last time.
    pub(crate) fn last_ago(&self, at: i64) -> Option<u64> {
        // An event that comes late asks about a moment before the last time: then it was just now.
        ago(self.last.min(at), at).filter(|_| self.first <= at)
    }
}

fn ago(then: i64, at: i64) -> Option<u64> {
    if then == NEVER { None } else { u64::try_from(at.checked_sub(then)?).ok() }
}

impl Entry for Seen {
    fn reset(&mut self) {
        *self = Self::default();
    }
}

/// The last different values, oldest first, each with when it was last seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Recent(Vec<(String, i64)>);

impl Recent {
    pub(crate) fn add(&mut self, keep: usize, value: &str, at: i64) {
        let keep = keep.clamp(1, MAX_RECENT);
        if let Some(known) = self.0.iter().position(|it| it.0 == value) {
            self.0[known..].rotate_left(1);
        } else if self.0.len() >= keep {
            self.0.rotate_left(1);
            if let Some((text, _)) = self.0.last_mut() {
                text.clear();
                text.push_str(value);
            }
        } else {
            self.0.push((value.to_owned(), at));
        }
        if let Some((_, seen)) = self.0.last_mut() {
            *seen = at;
        }
    }

    /// Newest first, within the window before `at`.
    pub(crate) fn values(&self, window: i64, at: i64) -> impl Iterator<Item = &str> {
        let within = move |seen: i64| seen <= at && seen.saturating_add(window) > at;
        self.0.iter().rev().filter(move |it| within(it.1)).map(|it| it.0.as_str())
    }
}

impl Entry for Recent {
    fn reset(&mut self) {
        self.0.clear();
    }
}

/// What was found in the words of one conversation: each finding with its greatest weight
/// and when it was last found. Names are kept as hashes, words not at all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pressure(Vec<(u64, u16, i64)>);

/// As many findings of one conversation are told apart; the oldest makes room.
const MAX_TOLD: usize = 24;

impl Pressure {
    pub(crate) fn add(&mut self, name: u64, weight: u32, window: i64, at: i64) {
        let weight = u16::try_from(weight).unwrap_or(u16::MAX);
        if let Some(known) = self.0.iter_mut().find(|it| it.0 == name) {
            // What has faded does not come back whole with a weaker finding.
            let faded = faded(known.1, known.2, window, at);
            *known = (name, weight.max(u16::try_from(faded).unwrap_or(u16::MAX)), known.2.max(at));
        } else if self.0.len() < MAX_TOLD {
            self.0.push((name, weight, at));
        } else if let Some(oldest) = self.0.iter_mut().min_by_key(|it| it.2)
            && oldest.2 <= at
        {
            *oldest = (name, weight, at);
        }
    }

    /// What is left of it all at this moment.
    pub(crate) fn left(&self, window: i64, at: i64) -> i64 {
        self.0.iter().map(|(_, weight, last)| faded(*weight, *last, window, at)).sum()
    }
}

/// A weight fades evenly, to nothing at the end of the window.
fn faded(weight: u16, last: i64, window: i64, at: i64) -> i64 {
    let left = window.saturating_sub(at.saturating_sub(last));
    if last > at || left <= 0 {
        return 0;
    }
    (i128::from(weight) * i128::from(left) / i128::from(window)) as i64
}

impl Entry for Pressure {
    fn reset(&mut self) {
        self.0.clear();
    }
}

/// How far a sequence of steps has come: for each step the start of the youngest chain that
/// took it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Steps([i64; MAX_STEPS]);

impl Default for Steps {
    fn default() -> Self {
        Self([NEVER; MAX_STEPS])
    }
}

impl Steps {
    /// Takes step number `step` (from 0): the first starts a chain, a later one goes on with
    /// the youngest chain that is not older than the window.
    pub(crate) fn take(&mut self, window: i64, step: usize, at: i64) {
        let start = match step.checked_sub(1) {
            None => at,
            Some(before) => self.0.get(before).copied().unwrap_or(NEVER),
        };
        let fresh = start != NEVER && start <= at && at - start < window;
        if let (true, Some(place)) = (fresh, self.0.get_mut(step)) {
            *place = (*place).max(start);
        }
    }

    /// How many steps a chain that is not older than the window has taken.
    pub(crate) fn taken(&self, window: i64, at: i64) -> i64 {
        let within = |start: i64| start != NEVER && start <= at && at - start < window;
        self.0.iter().rposition(|start| within(*start)).map_or(0, |step| step as i64 + 1)
    }
}

impl Entry for Steps {
    fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOW: i64 = 1_600;

    #[test]
    fn a_late_event_counts_where_it_belongs_or_not_at_all() {
        let mut ring = Ring::default();
        for at in [10_000, 9_500, 8_000, -5] {
            ring.add(WINDOW, at);
        }
        assert_eq!(ring.count(WINDOW, 10_000), 2);
        assert_eq!(ring.count(WINDOW, 9_700), 1, "nothing is read that lies after the moment");
        assert_eq!(ring.count(WINDOW, 20_000), 0);
    }

    #[test]
    fn a_flood_is_counted_to_the_end_of_the_counter() {
        let mut ring = Ring::default();
        for _ in 0..70_000 {
            ring.add(WINDOW, 50);
        }
        assert_eq!(ring.count(WINDOW, 50), i64::from(u16::MAX));
    }

    #[test]
    fn the_first_time_may_become_known_late() {
        let mut seen = Seen::default();
        assert_eq!(seen.first_ago(100), None);
        seen.add(100);
        seen.add(40);
        assert_eq!((seen.first_ago(100), seen.last_ago(130)), (Some(60), Some(30)));
        assert_eq!((seen.first_ago(30), seen.last_ago(30)), (None, None));
        assert_eq!(seen.last_ago(50), Some(0));
    }

    #[test]
    fn the_last_values_are_kept_once_each_newest_first() {
        let mut recent = Recent::default();
        for (at, value) in ["a", "b", "a", "c", "d"].iter().enumerate() {
            recent.add(3, value, at as i64);
        }
        assert_eq!(recent.values(WINDOW, 10).collect::<Vec<_>>(), ["d", "c", "a"]);
        assert_eq!(recent.values(2, 5).collect::<Vec<_>>(), ["d"]);
    }

    #[test]
    fn pressure_counts_each_finding_once_and_fades() {
        let mut pressure = Pressure::default();
        pressure.add(1, 20, 1_000, 0);
        pressure.add(1, 10, 1_000, 100);
        pressure.add(2, 30, 1_000, 100);
        assert_eq!(pressure.left(1_000, 100), 18 + 30, "the stronger one, faded a tenth");
        assert_eq!(pressure.left(1_000, 600), 9 + 15);
        assert_eq!(
            (pressure.left(1_000, 1_100), pressure.left(1_000, 50)),
            (0, 0),
            "neither after nor before"
        );
        (0..100).for_each(|name| pressure.add(name, 1, 1_000, 200));
        assert!(pressure.0.len() <= MAX_TOLD);
    }

    #[test]
    fn a_sequence_needs_its_order_and_its_time() {
        let taken = |steps: &[(usize, i64)], at| {
            let mut state = Steps::default();
            steps.iter().for_each(|(step, at)| state.take(100, *step, *at));
            state.taken(100, at)
        };
        assert_eq!(taken(&[(0, 0), (1, 50), (2, 90)], 99), 3);
        assert_eq!(taken(&[(1, 50), (0, 60), (2, 90)], 99), 1, "out of order");
        assert_eq!(taken(&[(0, 0), (1, 50), (2, 120)], 120), 0, "too late");
        assert_eq!(taken(&[(0, 0), (0, 80), (1, 110), (2, 150)], 150), 3, "a younger start goes on");
        assert_eq!(taken(&[], 0), 0);
    }

    proptest! {
        #[test]
        fn a_window_is_exact_to_a_sixteenth(
            mut times in proptest::collection::vec(-5_000i64..5_000, 0..100), later in 0i64..3_000,
        ) {
            times.sort_unstable();
            let mut ring = Ring::default();
            times.iter().for_each(|at| ring.add(WINDOW, *at));
            let now = times.last().copied().unwrap_or(0) + later;
            let within = |window: i64| times.iter().filter(|at| now - **at < window).count() as i64;
            let counted = ring.count(WINDOW, now);
            prop_assert!(within(WINDOW - WINDOW / 16) <= counted && counted <= within(WINDOW), "{counted}");
        }

        #[test]
        fn different_values_are_told_apart_exactly_up_to_the_limit(
            values in proptest::collection::vec((0u64..400, 0i64..2_000), 0..600),
        ) {
            let mut values = values;
            values.sort_by_key(|it| it.1);
            let mut distinct = Distinct::default();
            values.iter().for_each(|(value, at)| distinct.add(WINDOW, 256, *value, *at));
            let now = values.last().map_or(0, |it| it.1);
            let exact: std::collections::HashSet<u64> =
                values.iter().filter(|it| it.1 + WINDOW > now).map(|it| it.0).collect();
            prop_assert_eq!(distinct.count(WINDOW, now), exact.len().min(256) as i64);
        }
    }
}
