//! Hour by hour: how many agents the promise needs, and what those who are planned can keep.

use touchstone_types::{Lapse, Moment};

use super::erlang::Traffic;
use super::forecast::{Forecast, Rates, Zone, hour_of};

/// Below so many measured cases a mean is no measure.
const ENOUGH_CASES: usize = 20;
const SECONDS_OF_A_MINUTE: u64 = 60;

/// What a desk promises of its urgent reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Promise {
    /// A person answers within that time.
    pub target: Lapse,
    /// Of so many of them, 0 to 1.
    pub share: f64,
}

impl Promise {
    /// 80 % within 15 minutes.
    pub const DEFAULT: Promise = Promise { target: Lapse::from_secs(15 * SECONDS_OF_A_MINUTE), share: 0.8 };
}

/// How long a report keeps an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// All the time that a case takes of agents, on average.
    pub handling: Lapse,
    /// From taking a case to its first answer, on average: that much of the promise is writing,
    /// not waiting.
    pub writing: Lapse,
    /// How many cases it was measured on; none for an assumption.
    pub measured: Option<usize>,
}

impl Work {
    /// What is assumed until enough was measured: 25 minutes in all, 6 of them to the first
    /// answer.
    pub const ASSUMED: Work = Work {
        handling: Lapse::from_secs(25 * SECONDS_OF_A_MINUTE),
        writing: Lapse::from_secs(6 * SECONDS_OF_A_MINUTE),
        measured: None,
    };

    /// The means of what was measured, each case with its handling and writing time; what is
    /// assumed where these are fewer than 20 cases.
    #[must_use]
    pub fn measured(cases: &[(Lapse, Lapse)]) -> Self {
        let (Ok(count), true) = (u64::try_from(cases.len()), cases.len() >= ENOUGH_CASES) else {
            return Self::ASSUMED;
        };
        let mean = |of: fn(&(Lapse, Lapse)) -> Lapse| {
            let sum: u64 = cases.iter().map(|it| of(it).as_secs()).sum();
            Lapse::from_secs((sum / count).max(1))
        };
        Self { handling: mean(|it| it.0), writing: mean(|it| it.1), measured: Some(cases.len()) }
    }

    /// How long an urgent report may wait so that it is answered in time.
    #[must_use]
    pub fn wait(&self, promise: Promise) -> Lapse {
        Lapse::from_secs(promise.target.as_secs().saturating_sub(self.writing.as_secs()))
    }
}

/// One hour to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HourPlan {
    /// Hours since 1970, UTC.
    pub hour: i64,
    /// What to expect.
    pub rates: Rates,
    /// How many agents the promise needs; `None` if no number of them keeps it.
    pub needed: Option<u32>,
    /// How many are planned; `None` if nobody said.
    pub planned: Option<u32>,
    /// The share of urgent reports that those planned answer in time, 0 to 1.
    pub kept: Option<f64>,
    /// The share of their time that those planned work, 0 to 1.
    pub occupancy: Option<f64>,
}

impl HourPlan {
    /// Whether fewer are planned than are needed.
    #[must_use]
    pub fn is_short(&self) -> bool {
        match (self.planned, self.needed) {
            (Some(planned), Some(needed)) => planned < needed,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }
}

/// The hours from the one in which `now` is, as many as asked for. `planned` says how many
/// agents are planned in an hour.
#[must_use]
pub fn plan(
    forecast: &Forecast,
    zone: &Zone,
    now: Moment,
    hours: u16,
    (promise, work): (Promise, Work),
    planned: impl Fn(i64) -> Option<u32>,
) -> Vec<HourPlan> {
    let from = hour_of(now);
    (from..from + i64::from(hours))
        .map(|hour| {
            let rates = forecast.at(zone.slot(hour));
            let traffic = Traffic::new(rates.urgent, rates.others, work.handling);
            let wait = work.wait(promise);
            let in_time = promise.target > work.writing;
            let planned = planned(hour);
            let kept = |agents| if in_time { traffic.answered_within(agents, wait) } else { 0.0 };
            HourPlan {
                hour,
                rates,
                needed: if in_time { traffic.agents_needed(wait, promise.share) } else { None },
                planned,
                kept: planned.map(kept),
                occupancy: planned.map(|it| traffic.all.occupancy(it)),
            }
        })
        .collect()
}

/// The first hour for which too few are planned.
#[must_use]
pub fn shortfall(hours: &[HourPlan]) -> Option<&HourPlan> {
    hours.iter().find(|it| it.is_short())
}

/// Something that staff did in one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act<'a> {
    /// When.
    pub at: Moment,
    /// Who.
    pub by: &'a str,
    /// Whether it answered the victim.
    pub answers: bool,
}

/// A pause longer than this was spent on something else.
const LONGEST_PAUSE: Lapse = Lapse::from_secs(30 * SECONDS_OF_A_MINUTE);
/// The least that an act takes.
const SHORTEST: u64 = SECONDS_OF_A_MINUTE;

/// How long a case kept its agents, and how long the first answer took of that, from what they
/// did in it in order of time: the time between two acts of the same person counts if it is no
/// longer than half an hour. `None` for a case that nobody answered.
#[must_use]
pub fn time_spent(acts: &[Act<'_>]) -> Option<(Lapse, Lapse)> {
    let (mut handling, mut writing) = (0, None);
    for (place, act) in acts.iter().enumerate() {
        let before = acts[..place].iter().rev().find(|it| it.by == act.by);
        let since = before.map_or(SHORTEST, |it| act.at.since(it.at).as_secs());
        handling += if since > LONGEST_PAUSE.as_secs() { SHORTEST } else { since };
        if act.answers && writing.is_none() {
            let began = acts[..=place].iter().find(|it| it.by == act.by).map_or(act.at, |it| it.at);
            let took = act.at.since(began).as_secs().clamp(SHORTEST, LONGEST_PAUSE.as_secs());
            writing = Some(Lapse::from_secs(took));
        }
    }
    writing.map(|writing| (Lapse::from_secs(handling.max(writing.as_secs())), writing))
}
