//! What may be told in public of all cases, without telling anything of one.
//!
//! The way through: [`Tallies`] are counts by month; [`publish`] makes an [`Edition`] of them.
//! Everything is counted in the month in which it happened, so that a month that is over stays
//! as it was published.
//!
//! Always true here (held by property tests, and by trying every small table):
//! - Each number of a finished month is nothing, or five and more; so is each difference of two.
//! - A month with fewer than five waits and is published together with those after it.
//! - Groups of fewer than five are in "other", and a larger one with them where "other" alone
//!   would give them away.
//! - Of the running month only totals are told, rounded down to fives: no change of them tells of
//!   one, and no group that was large while it ran is found in "other" when it is over.
//! - What was published once never changes.

mod month;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;
use touchstone_types::{Lapse, Moment};

pub use month::Month;

/// Fewer than so many are told of nobody.
pub const SMALLEST: u64 = 5;

/// How long after its end a month is published: what happened in it may be noted a little later,
/// and what was published does not change.
pub const SETTLED: Lapse = Lapse::from_secs(86_400);

/// The month that is not published yet at that time.
#[must_use]
pub fn running_at(now: Moment) -> Month {
    Month::of(now - SETTLED)
}

/// When a month is published.
#[must_use]
pub fn published_at(month: Month) -> Moment {
    month.next().start() + SETTLED
}

/// So many of a group in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// In which month it happened.
    pub month: Month,
    /// Which group: a kind of report, an outcome, an authority.
    pub group: String,
    /// How many.
    pub n: u64,
}

/// So many things took so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Took {
    /// In which month they ended.
    pub month: Month,
    /// How long each took, in minutes, rounded up.
    pub minutes: u64,
    /// How many took that long.
    pub n: u64,
}

/// How long things took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lasted {
    /// Those that ended in finished months.
    pub finished: Vec<Took>,
    /// Those that ended in the running month: minutes, rounded up, in the order of their ends.
    pub running: Vec<u64>,
}

/// The counts of which an edition is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallies {
    /// Reports, by kind, in the month in which they came.
    pub reports: Vec<Tally>,
    /// Cases that were closed, by outcome.
    pub outcomes: Vec<Tally>,
    /// Time limits that were broken, by whose they were.
    pub breaches: Vec<Tally>,
    /// Packets that were sent, by authority.
    pub referrals: Vec<Tally>,
    /// Freezes that were asked for, by whether they were acknowledged in time.
    pub freezes: Vec<Tally>,
    /// From report to the first answer of a person.
    pub answered: Lasted,
    /// From report to outcome.
    pub ended: Lasted,
}

/// So many of a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// How many.
    pub n: u64,
}

/// One or more finished months in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    /// The first month.
    pub from: Month,
    /// The last month, which is in it.
    pub to: Month,
    /// How many in all: nothing, or five and more.
    pub n: u64,
    /// Groups of five and more, the largest first.
    pub groups: Vec<Group>,
    /// All that are in no group above: nothing, or five and more.
    pub other: u64,
}

/// What is not over yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Running {
    /// The first month that is not published yet.
    pub since: Month,
    /// At least so many: rounded down to fives.
    pub n: u64,
}

/// One thing that is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Series {
    /// What is over, oldest first, without gaps.
    pub finished: Vec<Period>,
    /// What is not.
    pub running: Running,
}

/// How long half of them took at most, and nine in ten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Times {
    /// The first month.
    pub from: Month,
    /// The last month, which is in it.
    pub to: Month,
    /// Half took no longer, in minutes, rounded up to two digits.
    pub median_minutes: u64,
    /// Nine in ten took no longer, in minutes, rounded up to two digits.
    pub p90_minutes: u64,
}

/// How long things took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Durations {
    /// Of what is over, oldest first; months with fewer than five are in with those after them.
    pub finished: Vec<Times>,
    /// Of what is not: it changes with every five, never with one. `None` with fewer than five.
    pub running: Option<Times>,
}

/// What is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edition {
    /// The first month of all.
    pub first: Month,
    /// The month that is not over.
    pub running: Month,
    /// Reports, by kind.
    pub reports: Series,
    /// Outcomes, by outcome.
    pub outcomes: Series,
    /// Broken time limits, by whose they were.
    pub breaches: Series,
    /// Packets sent, by authority.
    pub referrals: Series,
    /// Freezes asked for, by whether they were acknowledged in time.
    pub freezes: Series,
    /// From report to the first answer of a person.
    pub first_answer: Durations,
    /// From report to outcome.
    pub outcome_after: Durations,
}

/// Makes an edition of what was counted from `first` on; `running` is the month that is not over.
#[must_use]
pub fn publish(tallies: &Tallies, first: Month, running: Month) -> Edition {
    let free = |_: Month| true;
    let span = (first, running);
    // Reports less outcomes are the cases still open: a difference that must not be small either.
    let open = |month: Month| {
        let until = |of: &[Tally]| of.iter().filter(|it| it.month <= month).map(|it| it.n).sum::<u64>();
        let gap = until(&tallies.reports).abs_diff(until(&tallies.outcomes));
        gap == 0 || gap >= SMALLEST
    };
    Edition {
        first,
        running,
        reports: series(&tallies.reports, &["other", "locked_account"], span, free),
        outcomes: series(&tallies.outcomes, &["not_a_case", "not_recoverable"], span, open),
        breaches: series(&tallies.breaches, &[], span, free),
        referrals: series(&tallies.referrals, &[], span, free),
        freezes: series(&tallies.freezes, &[], span, free),
        first_answer: durations(&tallies.answered, first, running),
        outcome_after: durations(&tallies.ended, first, running),
    }
}

/// Cells of one table.
type Cells = BTreeMap<String, u64>;

fn series(
    tallies: &[Tally],
    vague: &[&str],
    (first, running): (Month, Month),
    may_end: impl Fn(Month) -> bool,
) -> Series {
    let mut by_month: BTreeMap<Month, Cells> = BTreeMap::new();
    for it in tallies.iter().filter(|it| it.n > 0) {
        *by_month.entry(it.month).or_default().entry(it.group.clone()).or_default() += it.n;
    }
    let mut finished = Vec::new();
    let (mut since, mut cells) = (first, Cells::new());
    for month in first.until(running) {
        add(&mut cells, by_month.remove(&month));
        let n: u64 = cells.values().sum();
        if (n == 0 || n >= SMALLEST) && may_end(month) {
            let (groups, other) = merged(std::mem::take(&mut cells), vague);
            finished.push(Period { from: since, to: month, n, groups, other });
            since = month.next();
        }
    }
    add(&mut cells, by_month.remove(&running));
    // No groups: who saw one of five while the month ran would know how small the rest of the
    // "other" is into which it is merged at the end.
    let n = cells.values().sum::<u64>() / SMALLEST * SMALLEST;
    Series { finished, running: Running { since, n } }
}

fn add(cells: &mut Cells, more: Option<Cells>) {
    for (group, n) in more.into_iter().flatten() {
        *cells.entry(group).or_default() += n;
    }
}

/// Puts small groups into "other", and with them larger ones while "other" would give them away.
///
/// Which larger one goes along depends on the names alone: those of `first`, then the last by
/// name. If it were the next larger, whoever knows that could compute the small one from the
/// sizes of those that stayed.
fn merged(cells: Cells, first: &[&str]) -> (Vec<Group>, u64) {
    let (mut groups, small): (Vec<Group>, Vec<Group>) =
        cells.into_iter().map(|(name, n)| Group { name, n }).partition(|it| it.n >= SMALLEST);
    let place = |it: &Group| first.iter().position(|name| *name == it.name);
    groups.sort_by_cached_key(|it| (place(it).map(Reverse), it.name.clone()));
    let mut other: u64 = small.iter().map(|it| it.n).sum();
    // All of them as large as small ones can be: the sum says so.
    let full = small.iter().all(|it| it.n == SMALLEST - 1);
    while other > 0 && (other < SMALLEST || full && other == (SMALLEST - 1) * small.len() as u64) {
        let Some(next) = groups.pop() else { break };
        other += next.n;
    }
    groups.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| a.name.cmp(&b.name)));
    (groups, other)
}

fn durations(lasted: &Lasted, first: Month, running: Month) -> Durations {
    let mut finished = Vec::new();
    let (mut since, mut counts) = (first, BTreeMap::<u64, u64>::new());
    for month in first.until(running) {
        for it in lasted.finished.iter().filter(|it| it.month == month) {
            *counts.entry(it.minutes).or_default() += it.n;
        }
        let n: u64 = counts.values().sum();
        if n == 0 || n >= SMALLEST {
            finished.extend(times(&counts, since, month));
            counts.clear();
            since = month.next();
        }
    }
    // Fives of them, whatever the rest: so one more changes nothing that can be seen.
    let waiting: u64 = counts.values().sum();
    let all = waiting + lasted.running.len() as u64;
    let fives = (all - all % SMALLEST).saturating_sub(waiting);
    for minutes in lasted.running.iter().zip(0..fives).map(|it| it.0) {
        *counts.entry(*minutes).or_default() += 1;
    }
    Durations { finished, running: times(&counts, since, running) }
}

fn times(counts: &BTreeMap<u64, u64>, from: Month, to: Month) -> Option<Times> {
    let n: u64 = counts.values().sum();
    (n >= SMALLEST).then(|| Times {
        from,
        to,
        median_minutes: quantile(counts, n, 50),
        p90_minutes: quantile(counts, n, 90),
    })
}

/// The smallest value that so many of a hundred do not exceed, rounded up to two digits.
fn quantile(counts: &BTreeMap<u64, u64>, n: u64, percent: u64) -> u64 {
    let rank = (n * percent).div_ceil(100);
    let mut passed = 0;
    for (minutes, n) in counts {
        passed += n;
        if passed >= rank {
            return two_digits(*minutes);
        }
    }
    0 // Not reached: the ranks go up to n.
}

/// Rounded up to two digits: the exact time of somebody is nobody's business.
fn two_digits(number: u64) -> u64 {
    let mut unit = 1;
    while number / unit >= 100 {
        unit *= 10;
    }
    number.div_ceil(unit) * unit
}

#[cfg(test)]
mod tests;
