//! Are there enough people, and from when on not?
//!
//! The way through: [`History`] is what was counted, [`Forecast::of`] makes of it the reports to
//! expect in each hour of the week, [`Work`] how long a report keeps an agent; [`plan`] says for
//! each hour to come how many agents the [`Promise`] needs and what those who are planned can keep.
//!
//! The arithmetic is Erlang's (A. K. Erlang, 1917) with reports that go first: while all agents
//! are busy an urgent report waits only behind urgent ones, and its wait is exponential with the
//! rate that the agents have left beside the urgent work (R. H. Davis, Operations Research 14,
//! 1966; O. Kella and U. Yechiali, Operations Research 33, 1985). With nothing but urgent work it
//! is the plain Erlang C formula.
//!
//! What it leaves out: people who give up waiting (a victim of theft does not), agents who fall
//! ill, and reports that come in a burst because one attack hit many. So it is a floor.
//!
//! Always true here:
//! - Another agent never makes it worse; another report never makes it better.
//! - A forecast says on what it rests, and what it used where history is too short.
//! - Stable from 1 to 500 agents: no factorial, no power that overflows.

mod erlang;
mod forecast;
mod plan;
#[cfg(test)]
mod tests;

pub use erlang::{Load, MOST_AGENTS, Traffic};
pub use forecast::{Basis, Counted, Forecast, History, NotAZone, Rates, Slot, WEEKS, Zone};
pub use plan::{Act, HourPlan, Promise, Work, plan, shortfall, time_spent};

use touchstone_types::Lapse;

/// The share of reports, 0 to 1, that wait at most `target` when that many agents share what
/// arrives: Erlang C.
#[must_use]
pub fn answered_within(agents: u32, arrivals_per_hour: f64, handling: Lapse, target: Lapse) -> f64 {
    Traffic::plain(arrivals_per_hour, handling).answered_within(agents, target)
}

/// How many agents it takes so that at least `share` of the reports wait at most `target`;
/// `None` if [`MOST_AGENTS`] are too few.
#[must_use]
pub fn agents_needed(arrivals_per_hour: f64, handling: Lapse, target: Lapse, share: f64) -> Option<u32> {
    Traffic::plain(arrivals_per_hour, handling).agents_needed(target, share)
}
