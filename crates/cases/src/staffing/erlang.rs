//! Erlang's formulas, and those of reports that go first.

use std::time::Duration;

use touchstone_types::Lapse;

/// The most agents that are reckoned with.
pub const MOST_AGENTS: u32 = 500;

const SECONDS_OF_AN_HOUR: f64 = 3_600.0;

/// Work, in Erlang: how many agents it would keep busy without a pause.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Load(f64); // Invariant: finite, not negative.

impl Load {
    /// So many reports an hour, each of which keeps an agent that long. What is no number, or
    /// below nothing, is no work.
    #[must_use]
    pub fn new(arrivals_per_hour: f64, handling: Lapse) -> Self {
        let erlang = arrivals_per_hour * seconds(handling) / SECONDS_OF_AN_HOUR;
        Self(if erlang.is_finite() { erlang.max(0.0) } else { 0.0 })
    }

    /// In Erlang.
    #[must_use]
    pub const fn erlang(self) -> f64 {
        self.0
    }

    /// The share of the time, 0 to 1, that each of the agents works; 1 where the work is too much.
    #[must_use]
    pub fn occupancy(self, agents: u32) -> f64 {
        if agents == 0 { if self.0 > 0.0 { 1.0 } else { 0.0 } } else { (self.0 / f64::from(agents)).min(1.0) }
    }

    /// The chance, 0 to 1, that all agents are busy when a report comes: Erlang C. 1 where the
    /// work is more than the agents can ever do.
    #[must_use]
    pub fn all_busy(self, agents: u32) -> f64 {
        if self.0 <= 0.0 {
            return if agents == 0 { 1.0 } else { 0.0 };
        }
        // Erlang B agent by agent: every number stays between 0 and 1.
        let lost = (1..=agents).fold(1.0, |lost, agent| self.with_one_more(lost, agent));
        self.busy_after(lost, agents)
    }

    /// Erlang B with one agent more.
    fn with_one_more(self, lost: f64, agent: u32) -> f64 {
        self.0 * lost / (f64::from(agent) + self.0 * lost)
    }

    /// Erlang C from Erlang B.
    fn busy_after(self, lost: f64, agents: u32) -> f64 {
        let agents = f64::from(agents);
        if agents <= self.0 {
            1.0
        } else {
            (agents * lost / (agents - self.0 * (1.0 - lost))).clamp(0.0, 1.0)
        }
    }
}

/// What comes to a desk, and what of it goes first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traffic {
    /// All work.
    pub all: Load,
    /// The part of it that goes first.
    pub urgent: Load,
    /// How long a report keeps an agent, on average.
    pub handling: Lapse,
}

impl Traffic {
    /// Reports of which none goes first.
    #[must_use]
    pub fn plain(arrivals_per_hour: f64, handling: Lapse) -> Self {
        let all = Load::new(arrivals_per_hour, handling);
        Self { all, urgent: all, handling }
    }

    /// So many urgent reports an hour, and so many others.
    #[must_use]
    pub fn new(urgent_per_hour: f64, others_per_hour: f64, handling: Lapse) -> Self {
        let (urgent, others) = (Load::new(urgent_per_hour, handling), Load::new(others_per_hour, handling));
        Self { all: Load(urgent.0 + others.0), urgent, handling }
    }

    /// The share of the urgent reports, 0 to 1, that wait at most `target`.
    #[must_use]
    pub fn answered_within(&self, agents: u32, target: Lapse) -> f64 {
        self.share(self.all.all_busy(agents), agents, target)
    }

    fn share(&self, busy: f64, agents: u32, target: Lapse) -> f64 {
        let left = f64::from(agents) - self.urgent.0;
        if self.all.0 <= 0.0 {
            return if agents == 0 { 0.0 } else { 1.0 };
        }
        if left <= 0.0 {
            return 0.0; // The queue grows without end.
        }
        let handling = seconds(self.handling);
        let longer = busy * (-left * seconds(target) / handling).exp();
        (1.0 - longer).clamp(0.0, 1.0)
    }

    /// How long an urgent report waits on average; `None` where the queue grows without end.
    #[must_use]
    pub fn mean_wait(&self, agents: u32) -> Option<Lapse> {
        let left = f64::from(agents) - self.urgent.0;
        if agents == 0 || left <= 0.0 {
            return None;
        }
        let wait = self.all.all_busy(agents) * seconds(self.handling) / left;
        Some(Lapse::from_secs(Duration::try_from_secs_f64(wait).ok()?.as_secs()))
    }

    /// The fewest agents with whom at least `share` of the urgent reports wait at most `target`
    /// and the others, too, are done at last; none for no work, `None` above [`MOST_AGENTS`].
    #[must_use]
    pub fn agents_needed(&self, target: Lapse, share: f64) -> Option<u32> {
        if self.all.0 <= 0.0 {
            return Some(0);
        }
        let mut lost = 1.0;
        for agents in 1..=MOST_AGENTS {
            lost = self.all.with_one_more(lost, agents);
            let enough = f64::from(agents) > self.all.0;
            if enough && self.share(self.all.busy_after(lost, agents), agents, target) >= share {
                return Some(agents);
            }
        }
        None
    }
}

#[expect(clippy::cast_precision_loss, reason = "no report takes 2^52 seconds")]
fn seconds(lapse: Lapse) -> f64 {
    lapse.as_secs() as f64
}
