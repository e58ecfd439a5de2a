//! Counts of all cases by month, for what is published: no case, no name, no text.
//!
//! Each thing is counted in the month in which it happened. The timeline and the breaches are
//! append-only, so a month that is over is counted the same for ever.

use std::fmt::Write as _;

use touchstone_types::Moment;

use crate::log::cap;
use crate::value::{Row, values};
use crate::{Store, StoreError};

/// The most months that are counted at once: ten years.
pub const MAX_MONTHS: usize = 120;
/// The most lengths that are given one by one.
const MAX_LENGTHS: usize = 100_000;

/// What is counted by groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// Cases by what happened, when they were reported.
    Reports,
    /// Closings, by outcome.
    Outcomes,
    /// Clocks that ran out, by whose they were: `ours`, `firm`.
    Breaches,
    /// Packets that a person sent, by authority.
    Referrals,
    /// Freezes asked for, by whether nobody had to be called (`in_time`) or somebody (`late`).
    Freezes,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measured {
    /// From report to the first answer of a person.
    Answer,
    /// From report to each closing.
    Outcome,
}

/// So many of a group in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthlyCount {
    /// The first moment of the month.
    pub month: Moment,
    /// Which group.
    pub group: String,
    /// How many.
    pub n: u64,
}

/// So many that took so long in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthlyLength {
    /// The first moment of the month in which they ended.
    pub month: Moment,
    /// How long each took, in minutes, rounded up.
    pub minutes: u64,
    /// How many.
    pub n: u64,
}

/// The months as a table of one's own: `[a, b)` each.
fn months(bounds: &[Moment]) -> Option<String> {
    let mut rows = String::new();
    for pair in bounds.windows(2).take(MAX_MONTHS) {
        let comma = if rows.is_empty() { "" } else { ", " };
        // Writing to a string does not fail. Only numbers of ours get into the statement.
        let _ = write!(
            rows,
            "{comma}(CAST({} AS BIGINT), CAST({} AS BIGINT))",
            pair[0].as_micros(),
            pair[1].as_micros()
        );
    }
    (!rows.is_empty()).then(|| format!("WITH months (a, b) AS (VALUES {rows}) "))
}

/// The word of that name in the particulars of an entry.
fn word(detail: &str, name: &str) -> Option<String> {
    let detail: serde_json::Value = serde_json::from_str(detail).ok()?;
    detail.get(name)?.as_str().map(str::to_owned)
}

impl Counted {
    fn sql(self) -> String {
        let entries = |kind: &str| {
            format!(
                "SELECT m.a, e.detail, COUNT(*) FROM months m JOIN case_entries e ON e.kind = '{kind}' \
                 AND e.at >= m.a AND e.at < m.b GROUP BY m.a, e.detail ORDER BY m.a, e.detail"
            )
        };
        let sql = match self {
            Counted::Outcomes => return entries("closed"),
            Counted::Referrals => return entries("packet_sent"),
            Counted::Reports => {
                "SELECT m.a, c.kind, COUNT(*) FROM months m JOIN cases c ON c.opened >= m.a AND c.opened < m.b \
                 GROUP BY m.a, c.kind ORDER BY m.a, c.kind"
            }
            Counted::Breaches => {
                "SELECT m.a, r.whose, COUNT(*) FROM months m JOIN case_breaches r ON r.at >= m.a AND r.at < m.b \
                 GROUP BY m.a, r.whose ORDER BY m.a, r.whose"
            }
            // Nobody is called about one that is acknowledged within its 30 seconds.
            Counted::Freezes => {
                "SELECT m.a, CASE WHEN x.paged = 0 THEN 'in_time' ELSE 'late' END AS answer, COUNT(*) FROM months m \
                 JOIN actions x ON x.kind = 'freeze' AND x.simulated = 0 AND x.requested >= m.a AND x.requested < m.b \
                 GROUP BY m.a, answer ORDER BY m.a, answer"
            }
        };
        sql.to_owned()
    }

    /// What the group is called; `None` for an entry that does not say.
    fn group(self, text: String) -> Option<String> {
        match self {
            Counted::Reports | Counted::Breaches | Counted::Freezes => Some(text),
            Counted::Outcomes => word(&text, "outcome"),
            Counted::Referrals => word(&text, "channel"),
        }
    }
}

impl Measured {
    /// What happened when, in how many minutes.
    fn from(self) -> &'static str {
        match self {
            Measured::Answer => {
                "SELECT answered AS at, (answered - opened + 59999999) / 60000000 AS minutes, id FROM cases \
                 WHERE answered IS NOT NULL"
            }
            Measured::Outcome => {
                "SELECT e.at AS at, (e.at - c.opened + 59999999) / 60000000 AS minutes, c.id FROM case_entries e \
                 JOIN cases c ON c.id = e.case_id WHERE e.kind = 'closed'"
            }
        }
    }
}

impl Store {
    /// When the first case was reported.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn first_case(&self) -> Result<Option<Moment>, StoreError> {
        let sql = "SELECT MIN(opened) FROM cases";
        self.shared.db.one(sql, values![]).await?.map_or(Ok(None), |mut row| row.maybe(Row::moment))
    }

    /// How many there were in each month, by group: months from each moment of `bounds` to the
    /// next, at most 120. Groups without any are left out.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn case_counts(
        &self,
        what: Counted,
        bounds: &[Moment],
    ) -> Result<Vec<MonthlyCount>, StoreError> {
        let Some(months) = months(bounds) else { return Ok(Vec::new()) };
        let found = self.shared.db.query(months + &what.sql(), values![]).await?;
        let read = |mut row: Row| Ok((row.moment()?, row.text()?, row.count()?));
        let rows: Vec<(Moment, String, u64)> =
            found.into_iter().map(read).collect::<Result<_, StoreError>>()?;
        let named = |(month, text, n)| what.group(text).map(|group| MonthlyCount { month, group, n });
        Ok(rows.into_iter().filter_map(named).collect())
    }

    /// How long they took, by month, as in [`Store::case_counts`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn case_lengths(
        &self,
        what: Measured,
        bounds: &[Moment],
    ) -> Result<Vec<MonthlyLength>, StoreError> {
        let Some(months) = months(bounds) else { return Ok(Vec::new()) };
        let sql = format!(
            "{months}SELECT m.a, f.minutes, COUNT(*) FROM months m JOIN ({}) f ON f.at >= m.a AND f.at < m.b \
             GROUP BY m.a, f.minutes ORDER BY m.a, f.minutes",
            what.from()
        );
        let read =
            |mut row: Row| Ok(MonthlyLength { month: row.moment()?, minutes: row.count()?, n: row.count()? });
        self.shared.db.query(sql, values![]).await?.into_iter().map(read).collect()
    }

    /// How long each took that ended from `from` up to `to`, in minutes, in the order of their
    /// ends. At most 100,000.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn case_lengths_since(
        &self,
        what: Measured,
        from: Moment,
        to: Moment,
    ) -> Result<Vec<u64>, StoreError> {
        let sql = format!(
            "SELECT f.minutes FROM ({}) f WHERE f.at >= $1 AND f.at < $2 ORDER BY f.at, f.id LIMIT $3",
            what.from()
        );
        let found = self.shared.db.query(sql, values![from, to, cap(MAX_LENGTHS)]).await?;
        found.into_iter().map(|mut row| row.count()).collect()
    }
}
