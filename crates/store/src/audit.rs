//! Who of the staff did what: a chain in which each entry holds the hash of the one before.
//!
//! Entries are added, never changed: triggers refuse it, and [`Store::verify_audit`] finds it
//! if somebody took the triggers away. Whoever can rewrite the whole chain can still do so;
//! keep the newest hash somewhere else to notice that too.

use sha2::{Digest, Sha256};
use touchstone_types::Moment;

use crate::db::{Lock, Tx};
use crate::log::cap;
use crate::value::{Row, clean, values};
use crate::verdicts::MAX_PAGE;
use crate::{Store, StoreError};

/// One thing that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Number, from 1 without gaps.
    pub n: i64,
    /// When.
    pub at: Moment,
    /// Login name, or `key:…` for an API key, or `system`.
    pub by: String,
    /// What, as a word: `login`, `review.confirm`, `policy.activate`, …
    pub act: String,
    /// On what: a login name, the place of an event, a policy hash.
    pub object: String,
    /// Particulars, JSON or a sentence. No secrets.
    pub detail: String,
    /// Hash of the entry before; zeros before the first.
    pub previous: [u8; 32],
    /// Hash of this entry.
    pub hash: [u8; 32],
}

/// What an audited act is about.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// When.
    pub at: Moment,
    /// Login name, or `key:…` for an API key, or `system`.
    pub by: &'a str,
    /// What, as a word: `login`, `review.confirm`, `policy.activate`, …
    pub act: &'a str,
    /// On what.
    pub object: &'a str,
    /// Particulars, JSON or a sentence. No secrets.
    pub detail: &'a str,
}

/// Where the chain stands, or where it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditState {
    /// Every entry follows from the one before. Holds the number of entries and the last hash.
    Whole {
        /// How many.
        entries: i64,
        /// Hash of the newest; zeros if there is none.
        newest: [u8; 32],
    },
    /// This entry is the first that does not follow, or is missing.
    Broken {
        /// Its number.
        at: i64,
    },
}

/// Every field with its length before it, so that no two entries hash alike.
fn hash(n: i64, deed: &Deed<'_>, previous: &[u8; 32]) -> [u8; 32] {
    let mut sum = Sha256::new();
    sum.update(b"touchstone audit 1\n");
    sum.update(previous);
    sum.update(n.to_be_bytes());
    sum.update(deed.at.as_micros().to_be_bytes());
    for field in [deed.by, deed.act, deed.object, deed.detail] {
        sum.update((field.len() as u64).to_be_bytes());
        sum.update(field.as_bytes());
    }
    sum.finalize().into()
}

const COLUMNS: &str = "SELECT n, at, by_whom, act, object, detail, previous, hash FROM audit";

fn entry(mut row: Row) -> Result<AuditEntry, StoreError> {
    let row = &mut row;
    Ok(AuditEntry {
        n: row.int()?,
        at: row.moment()?,
        by: row.text()?,
        act: row.text()?,
        object: row.text()?,
        detail: row.text()?,
        previous: row.hash()?,
        hash: row.hash()?,
    })
}

/// Adds an entry in a transaction that does what it tells of.
pub(crate) async fn record(tx: &mut Tx, deed: &Deed<'_>) -> Result<i64, StoreError> {
    tx.lock(Lock::Audit).await?;
    let (last, previous) =
        match tx.one("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1", values![]).await? {
            Some(mut row) => (row.int()?, row.hash()?),
            None => (0, [0; 32]),
        };
    let [by, act, object, detail] = [deed.by, deed.act, deed.object, deed.detail].map(clean);
    let kept = Deed { at: deed.at, by: &by, act: &act, object: &object, detail: &detail };
    let n = last + 1;
    let hash = hash(n, &kept, &previous);
    let sql = "INSERT INTO audit (n, at, by_whom, act, object, detail, previous, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    tx.run(sql, values![n, deed.at, by, act, object, detail, &previous[..], &hash[..]]).await?;
    Ok(n)
}

impl Store {
    /// Adds an entry; gives its number.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn audit(&self, deed: &Deed<'_>) -> Result<i64, StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let n = record(&mut tx, deed).await?;
        tx.commit().await?;
        Ok(n)
    }

    /// Entries, newest first; `before` is the number of the last one on the page before. Of
    /// one person, or of all. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn audit_trail(
        &self,
        by: Option<&str>,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let (before, limit) = (before.unwrap_or(i64::MAX), cap(limit.clamp(1, MAX_PAGE)));
        let rows = match by {
            None => {
                let sql = format!("{COLUMNS} WHERE n < $1 ORDER BY n DESC LIMIT $2");
                self.shared.db.query(sql, values![before, limit]).await?
            }
            Some(by) => {
                let sql = format!("{COLUMNS} WHERE n < $1 AND by_whom = $3 ORDER BY n DESC LIMIT $2");
                self.shared.db.query(sql, values![before, limit, by]).await?
            }
        };
        rows.into_iter().map(entry).collect()
    }

    /// Reads the whole chain and checks every link.
    ///
    /// # Errors
    /// Those of reading; a broken chain is an answer, not an error.
    pub async fn verify_audit(&self) -> Result<AuditState, StoreError> {
        let (mut entries, mut newest) = (0, [0; 32]);
        loop {
            let sql = format!("{COLUMNS} WHERE n > $1 ORDER BY n LIMIT 1000");
            let rows = self.shared.db.query(sql, values![entries]).await?;
            if rows.is_empty() {
                return Ok(AuditState::Whole { entries, newest });
            }
            for row in rows {
                let found = entry(row)?;
                let deed = Deed {
                    at: found.at,
                    by: &found.by,
                    act: &found.act,
                    object: &found.object,
                    detail: &found.detail,
                };
                let follows = found.n == entries + 1 && found.previous == newest;
                if !follows || hash(found.n, &deed, &newest) != found.hash {
                    return Ok(AuditState::Broken { at: entries + 1 });
                }
                (entries, newest) = (found.n, found.hash);
            }
        }
    }
}
