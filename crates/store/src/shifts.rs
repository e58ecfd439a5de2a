//! What the planning of staff needs: reports by the hour, what staff did when, and how many are
//! planned.
//!
//! Always true here:
//! - Each question is bounded, however many cases there are.
//! - A change of the plan and its entry in the trail are one transaction.

use touchstone_types::Moment;

use crate::log::cap;
use crate::tally::HOUR;
use crate::value::values;
use crate::{Deed, Store, StoreError, audit};

/// The most rows that are read of each: twelve weeks of hours and kinds; the acts of a few hundred
/// cases; the plan of a week and of a year of dates.
const MAX_ARRIVALS: i64 = 20_000;
const MAX_ACTS: usize = 20_000;
const MAX_SHIFTS: i64 = 168 + 366 * 24;

/// So many reports of a kind that came in an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrivals {
    /// Hours since 1970, UTC.
    pub hour: i64,
    /// The kind of report.
    pub kind: String,
    /// How many.
    pub reports: u64,
}

/// Something that staff did in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffAct {
    /// The case's number.
    pub case: i64,
    /// The kind of its report.
    pub kind: String,
    /// When.
    pub at: Moment,
    /// Login name.
    pub by: String,
    /// What: the kind of the entry in its timeline.
    pub act: String,
}

/// How many agents are planned for an hour of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// `mon` to `sun` for every week, or a date such as `2026-11-22`, which goes first.
    pub day: String,
    /// 0 to 23, at the desk's clock.
    pub hour: u8,
    /// How many.
    pub agents: u32,
}

impl Store {
    /// Reports that came from `from` on and before `until`, by hour and kind, newest hour first.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn arrivals(&self, from: Moment, until: Moment) -> Result<Vec<Arrivals>, StoreError> {
        // The division rounds down on both engines: no case is older than 1970.
        let sql = format!(
            "SELECT opened / {HOUR}, kind, COUNT(*) FROM cases WHERE opened >= $1 AND opened < $2 \
             GROUP BY opened / {HOUR}, kind ORDER BY 1 DESC, 2 LIMIT {MAX_ARRIVALS}"
        );
        let rows = self.shared.db.query(sql, values![from, until]).await?;
        rows.into_iter()
            .map(|mut row| Ok(Arrivals { hour: row.int()?, kind: row.text()?, reports: row.count()? }))
            .collect()
    }

    /// What staff did in the newest answered cases opened since then, case by case in order of
    /// time. At most so many cases.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn staff_acts(&self, since: Moment, cases: usize) -> Result<Vec<StaffAct>, StoreError> {
        let sql = "SELECT e.case_id, c.kind, e.at, e.by_whom, e.kind FROM case_entries e \
             JOIN (SELECT id, kind FROM cases WHERE opened >= $1 AND answered IS NOT NULL \
                   ORDER BY opened DESC, id DESC LIMIT $2) c ON c.id = e.case_id \
             WHERE e.by_kind = 'staff' ORDER BY e.case_id, e.n LIMIT $3";
        let rows = self.shared.db.query(sql, values![since, cap(cases), cap(MAX_ACTS)]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(StaffAct {
                    case: row.int()?,
                    kind: row.text()?,
                    at: row.moment()?,
                    by: row.text()?,
                    act: row.text()?,
                })
            })
            .collect()
    }

    /// The plan of every week, and of the dates from that one on, by day and hour.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn shifts(&self, from_date: &str) -> Result<Vec<Shift>, StoreError> {
        let sql = format!(
            "SELECT day, hour, agents FROM shifts WHERE length(day) = 3 OR day >= $1 \
             ORDER BY day, hour LIMIT {MAX_SHIFTS}"
        );
        let rows = self.shared.db.query(sql, values![from_date]).await?;
        rows.into_iter()
            .map(|mut row| {
                let (day, hour, agents) = (row.text()?, row.count()?, row.count()?);
                match (u8::try_from(hour), u32::try_from(agents)) {
                    (Ok(hour), Ok(agents)) => Ok(Shift { day, hour, agents }),
                    _ => Err(StoreError::corrupt(format!("a shift of {agents} at {hour}"))),
                }
            })
            .collect()
    }

    /// Plans those hours anew, or takes them out of the plan where `agents` is none. Audited.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn plan_shifts(
        &self,
        hours: &[(String, u8)],
        agents: Option<u32>,
        by: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        for (day, hour) in hours {
            let hour = i64::from(*hour);
            match agents {
                Some(agents) => {
                    let sql = "INSERT INTO shifts (day, hour, agents, by_whom, at) VALUES ($1, $2, $3, $4, $5) \
                         ON CONFLICT (day, hour) DO UPDATE SET agents = excluded.agents, by_whom = excluded.by_whom, at = excluded.at";
                    tx.run(sql, values![day.as_str(), hour, agents, by, now]).await?
                }
                None => {
                    tx.run("DELETE FROM shifts WHERE day = $1 AND hour = $2", values![day.as_str(), hour])
                        .await?
                }
            };
        }
        let mut days: Vec<&str> = hours.iter().map(|(day, _)| day.as_str()).collect();
        days.dedup();
        let span = match (hours.first(), hours.last()) {
            (Some((_, first)), Some((_, last))) => format!("{first:02}:00 to {last:02}:59"),
            _ => String::new(),
        };
        let detail = agents.map_or_else(|| format!("{span}: none said"), |it| format!("{span}: {it} agents"));
        let deed = Deed { at: now, by, act: "shifts.plan", object: &days.join(" "), detail: &detail };
        audit::record(&mut tx, &deed).await?;
        tx.commit().await
    }
}
