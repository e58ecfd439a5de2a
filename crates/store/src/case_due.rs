//! Deadlines are driven by the next due time: nothing scans.
//!
//! A case says in `due` when to look at it again. Whoever looks claims it first by moving `due`
//! a little ahead, so that replicas share the work, and a case whose claimer dies comes up again.

use touchstone_types::Moment;

use crate::db::Lock;
use crate::log::cap;
use crate::value::{Row, values};
use crate::verdicts::MAX_PAGE;
use crate::{Store, StoreError};

/// What a recomputation makes of one case that is still at that version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recomputed {
    /// Which case.
    pub id: i64,
    /// The version that it was made from.
    pub version: i64,
    /// When to look again.
    pub due: Option<Moment>,
    /// The engine's own form of it.
    pub state: Vec<u8>,
}

/// What a recomputation reads of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computable {
    /// Which case.
    pub id: i64,
    /// Its version.
    pub version: i64,
    /// The engine's own form of it.
    pub state: Vec<u8>,
}

impl Store {
    /// Takes cases that are due, those due first, by their numbers; nobody else gets them
    /// before `until`, unless something happens to them.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn claim_due_cases(
        &self,
        now: Moment,
        until: Moment,
        limit: usize,
    ) -> Result<Vec<i64>, StoreError> {
        if self.next_case_due().await?.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        let mut tx = self.shared.db.begin().await?;
        tx.lock(Lock::Cases).await?;
        let sql = "SELECT id FROM cases WHERE due IS NOT NULL AND due <= $1 ORDER BY due, id LIMIT $2";
        let found = tx.query(sql, values![now, cap(limit.clamp(1, MAX_PAGE))]).await?;
        let claimed = found.into_iter().map(|mut row| row.int()).collect::<Result<Vec<_>, _>>()?;
        let each = claimed.iter().map(|id| values![*id, until]).collect();
        tx.run_each("UPDATE cases SET due = $2 WHERE id = $1", each).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// When the next case is due; none if none waits.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn next_case_due(&self) -> Result<Option<Moment>, StoreError> {
        let sql = "SELECT MIN(due) FROM cases WHERE due IS NOT NULL";
        self.shared.db.one(sql, values![]).await?.map_or(Ok(None), |mut row| row.maybe(Row::moment))
    }

    /// Cases as a recomputation reads them, by number, after that one. Closed ones too: their
    /// clocks may still run. At most 10,000.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn computable_cases(&self, after: i64, limit: usize) -> Result<Vec<Computable>, StoreError> {
        let sql =
            "SELECT id, version, state FROM cases WHERE id > $1 AND due IS NOT NULL ORDER BY id LIMIT $2";
        let read = |mut row: Row| {
            let row = &mut row;
            Ok(Computable { id: row.int()?, version: row.int()?, state: row.bytes()? })
        };
        let found = self.shared.db.query(sql, values![after, cap(limit.clamp(1, 10_000))]).await?;
        found.into_iter().map(read).collect()
    }

    /// Writes back what a recomputation found, in one transaction. A case that was changed
    /// meanwhile is left alone: its number is given back, and it is to be computed again.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn write_recomputed(&self, found: &[Recomputed]) -> Result<Vec<i64>, StoreError> {
        let sql =
            "UPDATE cases SET version = version + 1, due = $3, state = $4 WHERE id = $1 AND version = $2";
        let each = found.iter().map(|it| values![it.id, it.version, it.due, it.state.as_slice()]).collect();
        let mut tx = self.shared.db.begin().await?;
        let written = tx.run_each(sql, each).await?;
        tx.commit().await?;
        Ok(found.iter().zip(written).filter(|(_, rows)| *rows == 0).map(|(it, _)| it.id).collect())
    }
}
