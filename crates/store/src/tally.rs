//! Sums kept beside the log, so that charts and lists need no scan.

use std::collections::BTreeMap;

use touchstone_types::{Decision, Name};

use crate::Seq;
use crate::log::NewEvent;
use crate::value::{Value, values};

/// Microseconds in an hour.
pub(crate) const HOUR: i64 = 3_600_000_000;

/// The sums of one transaction. Sorted, so that two writers meet rows in the same order.
#[derive(Default)]
pub(crate) struct Tally {
    hours: BTreeMap<i64, Hour>,
    hits: BTreeMap<(Name, bool, i64), i64>,
    campaigns: BTreeMap<String, Campaign>,
}

struct Hour {
    first: Seq,
    last: Seq,
    counts: [i64; 5], // not screened, allow, warn, hold, block
}

struct Campaign {
    first: Seq,
    last: Seq,
    from: i64,
    to: i64,
    events: i64,
}

impl Tally {
    pub(crate) fn add(&mut self, seq: Seq, event: &NewEvent) {
        let hour = event.received.as_micros().div_euclid(HOUR);
        let sums = self.hours.entry(hour).or_insert(Hour { first: seq, last: seq, counts: [0; 5] });
        sums.last = seq;
        let Some(screened) = &event.screened else {
            sums.counts[0] += 1;
            return;
        };
        sums.counts[match screened.decision {
            Decision::Allow => 1,
            Decision::Warn => 2,
            Decision::Hold => 3,
            Decision::Block => 4,
        }] += 1;
        for (name, shadow) in screened.names() {
            *self.hits.entry((name.clone(), shadow, hour)).or_default() += 1;
        }
        if let Some(id) = &screened.campaign {
            let at = event.received.as_micros();
            let new = Campaign { first: seq, last: seq, from: at, to: at, events: 0 };
            let campaign = self.campaigns.entry(id.clone()).or_insert(new);
            campaign.last = seq;
            campaign.to = campaign.to.max(at);
            campaign.events += 1;
        }
    }

    /// The statements that add the sums to what is there.
    pub(crate) fn statements(self) -> Vec<(&'static str, Vec<Value>)> {
        let mut all = Vec::new();
        for (hour, Hour { first, last, counts: [unscreened, allowed, warned, held, blocked] }) in self.hours {
            all.push((ADD_HOUR, values![hour, first, last, unscreened, allowed, warned, held, blocked]));
        }
        for ((name, shadow, hour), events) in self.hits {
            all.push((ADD_HITS, values![&*name, shadow, hour, events]));
        }
        for (id, it) in self.campaigns {
            all.push((ADD_CAMPAIGN, values![id, it.first, it.last, it.from, it.to, it.events]));
        }
        all
    }
}

const ADD_HOUR: &str = "INSERT INTO hours (hour, first_seq, last_seq, unscreened, allowed, warned, held, blocked) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (hour) DO UPDATE SET last_seq = excluded.last_seq, \
     unscreened = hours.unscreened + excluded.unscreened, allowed = hours.allowed + excluded.allowed, \
     warned = hours.warned + excluded.warned, held = hours.held + excluded.held, \
     blocked = hours.blocked + excluded.blocked";

const ADD_HITS: &str = "INSERT INTO hits (name, shadow, hour, events) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (name, shadow, hour) DO UPDATE SET events = hits.events + excluded.events";

const ADD_CAMPAIGN: &str = "INSERT INTO campaigns (id, first_seq, last_seq, first_time, last_time, events) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET last_seq = excluded.last_seq, \
     last_time = CASE WHEN excluded.last_time > campaigns.last_time THEN excluded.last_time ELSE campaigns.last_time END, \
     events = campaigns.events + excluded.events";
