//! What became of cases, for forecasts and for what is published: no names, no texts.

use touchstone_types::Moment;

use crate::log::cap;
use crate::value::{Row, values};
use crate::{Store, StoreError};

/// The most that one call gives.
const MAX_FACTS: usize = 10_000;

/// What became of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFact {
    /// Number, to go on after.
    pub id: i64,
    /// What happened.
    pub kind: String,
    /// Where the victim lives.
    pub jurisdiction: String,
    /// In which language.
    pub language: String,
    /// How grave: 3 critical to 0 low.
    pub harm: u8,
    /// How far up it went: 0 agent to 3 outside.
    pub level: u8,
    /// When it was reported.
    pub opened: Moment,
    /// When a person answered the first time.
    pub answered: Option<Moment>,
    /// When it was closed.
    pub closed: Option<Moment>,
    /// How it ended.
    pub outcome: Option<String>,
}

/// A clock that ran out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreachFact {
    /// Of which case.
    pub case: i64,
    /// By which rule.
    pub rule: String,
    /// Whose duty: `ours` or `firm`.
    pub whose: String,
    /// What happened.
    pub kind: String,
    /// Where the victim lives.
    pub jurisdiction: String,
    /// At which level the case was.
    pub level: u8,
    /// When.
    pub at: Moment,
}

fn small(row: &mut Row) -> Result<u8, StoreError> {
    crate::cases::small(row)
}

fn fact(mut row: Row) -> Result<CaseFact, StoreError> {
    let row = &mut row;
    Ok(CaseFact {
        id: row.int()?,
        kind: row.text()?,
        jurisdiction: row.text()?,
        language: row.text()?,
        harm: 3 - small(row)?.min(3),
        level: small(row)?,
        opened: row.moment()?,
        answered: row.maybe(Row::moment)?,
        closed: row.maybe(Row::moment)?,
        outcome: row.maybe(Row::text)?,
    })
}

fn breach(mut row: Row) -> Result<BreachFact, StoreError> {
    let row = &mut row;
    Ok(BreachFact {
        case: row.int()?,
        rule: row.text()?,
        whose: row.text()?,
        kind: row.text()?,
        jurisdiction: row.text()?,
        level: small(row)?,
        at: row.moment()?,
    })
}

impl Store {
    /// What became of the cases that were reported from `from` up to `to`, by time of report,
    /// after that one. At most 10,000: go on after the last.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn case_facts(
        &self,
        from: Moment,
        to: Moment,
        after: Option<(Moment, i64)>,
        limit: usize,
    ) -> Result<Vec<CaseFact>, StoreError> {
        let (at, id) = after.unwrap_or((from, 0));
        let sql = "SELECT id, kind, jurisdiction, language, rank, level, opened, answered, closed, outcome FROM cases \
             WHERE (opened, id) > ($1, $2) AND opened < $3 ORDER BY opened, id LIMIT $4";
        let found = self.shared.db.query(sql, values![at, id, to, cap(limit.clamp(1, MAX_FACTS))]).await?;
        found.into_iter().map(fact).collect()
    }

    /// The clocks that ran out from `from` up to `to`, by time. At most 10,000.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn breach_facts(
        &self,
        from: Moment,
        to: Moment,
        limit: usize,
    ) -> Result<Vec<BreachFact>, StoreError> {
        let sql = "SELECT case_id, rule, whose, kind, jurisdiction, level, at FROM case_breaches \
             WHERE at >= $1 AND at < $2 ORDER BY at, id LIMIT $3";
        let found = self.shared.db.query(sql, values![from, to, cap(limit.clamp(1, MAX_FACTS))]).await?;
        found.into_iter().map(breach).collect()
    }

    /// The clocks of one case that ran out, by time.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn breaches_of(&self, case: i64) -> Result<Vec<BreachFact>, StoreError> {
        let sql = "SELECT case_id, rule, whose, kind, jurisdiction, level, at FROM case_breaches \
             WHERE case_id = $1 ORDER BY at, id";
        self.shared.db.query(sql, values![case]).await?.into_iter().map(breach).collect()
    }

    /// To which authorities packets were sent from `from` up to `to`: the particulars of each
    /// entry, as they were written. At most 10,000.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn referrals(
        &self,
        from: Moment,
        to: Moment,
        limit: usize,
    ) -> Result<Vec<(i64, Moment, String)>, StoreError> {
        let sql = "SELECT case_id, at, detail FROM case_entries WHERE kind = 'packet_sent' AND at >= $1 AND at < $2 \
             ORDER BY at, case_id LIMIT $3";
        let read = |mut row: Row| Ok((row.int()?, row.moment()?, row.text()?));
        let found = self.shared.db.query(sql, values![from, to, cap(limit.clamp(1, MAX_FACTS))]).await?;
        found.into_iter().map(read).collect()
    }
}
