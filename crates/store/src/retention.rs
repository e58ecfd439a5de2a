//! What is not kept for ever.

use touchstone_types::Moment;

use crate::db::{Db, Tx};
use crate::log::cap;
use crate::value::{Row, values};
use crate::{Store, StoreError};

/// What one batch of forgetting did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// How many events are gone.
    pub events: u64,
    /// Whether there are more to forget.
    pub more: bool,
}

impl Store {
    /// Deletes up to `limit` of the oldest events that came in before `before`, with all that
    /// makes them findable and their open reviews. What a person labelled is kept if
    /// `keep_labelled`. The sums by hour, acts and the audit trail stay; the order of the log
    /// goes on where it was. Call it again while there is more.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn forget(
        &self,
        before: Moment,
        keep_labelled: bool,
        limit: usize,
    ) -> Result<Forgotten, StoreError> {
        let limit = limit.clamp(1, 10_000);
        let kept = if keep_labelled {
            "AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.seq = e.seq AND r.label IS NOT NULL)"
        } else {
            ""
        };
        // The hours say how far into the log the time reaches; without them this would read
        // the whole log when there is nothing to forget.
        let sql = format!(
            "SELECT e.seq FROM events e WHERE e.received < $1 AND e.seq <= \
             (SELECT COALESCE(MAX(h.last_seq), 0) FROM hours h WHERE h.hour <= $3) {kept} ORDER BY e.seq LIMIT $2"
        );
        let hour = before.as_micros().div_euclid(crate::tally::HOUR);
        let mut tx = self.shared.db.begin().await?;
        let rows = tx.query(sql, values![before, cap(limit), hour]).await?;
        let seqs: Vec<i64> = rows.into_iter().map(|mut row: Row| row.int()).collect::<Result<_, _>>()?;
        let sqlite = matches!(self.shared.db, Db::Sqlite(_));
        for part in seqs.chunks(500) {
            delete(&mut tx, part, sqlite).await?;
        }
        tx.commit().await?;
        Ok(Forgotten { events: seqs.len() as u64, more: seqs.len() == limit })
    }
}

async fn delete(tx: &mut Tx, seqs: &[i64], sqlite: bool) -> Result<(), StoreError> {
    // Numbers, not text from outside.
    let list = seqs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut script = String::new();
    if sqlite {
        script.push_str(&format!(
            "INSERT INTO texts_index (texts_index, rowid, body) SELECT 'delete', seq, body FROM texts WHERE seq IN ({list});"
        ));
    }
    for table in ["texts", "findings", "entities", "reviews", "events"] {
        script.push_str(&format!("DELETE FROM {table} WHERE seq IN ({list});"));
    }
    tx.script(script).await
}
