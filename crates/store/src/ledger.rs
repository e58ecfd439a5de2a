//! The registry's signed log: leaves, tiles, checkpoints, and the newest snapshot file.
//!
//! Nothing here knows what a leaf says or how a tree is hashed: rooms above do. What this
//! room sees to is that leaves, tiles, checkpoint and snapshot are written together or not at
//! all, by one writer at a time, and that a writer who did not see the newest leaf is refused.

use touchstone_types::Moment;

use crate::db::{Lock, Tx};
use crate::log::cap;
use crate::value::{Row, Value, values};
use crate::webhooks::{self, Notice};
use crate::{Deed, Store, StoreError, audit};

/// The most leaves that one question is answered with.
pub const MAX_LEAVES: usize = 4_096;

/// One leaf of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Its place, from 0.
    pub index: u64,
    /// When it was written.
    pub at: Moment,
    /// The statement.
    pub bytes: Vec<u8>,
}

/// A leaf to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLeaf {
    /// Id of the identity or organisation that it speaks of; empty if of none.
    pub about: String,
    /// The statement.
    pub bytes: Vec<u8>,
}

/// Hashes of the tree: 1 to 256 of 32 bytes each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTile {
    /// 0 holds the hashes of leaves.
    pub level: u8,
    /// Its place in the level, from 0.
    pub index: u64,
    /// One after the other.
    pub hashes: Vec<u8>,
}

/// A signed statement of how large the log is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// How many leaves.
    pub size: u64,
    /// When it was signed.
    pub at: Moment,
    /// The signed note, as it is served.
    pub note: String,
}

/// The whole registry as one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryFile {
    /// How many leaves it is made of.
    pub entries: u64,
    /// Place of the leaf that vouches for it.
    pub statement: u64,
    /// When it was made.
    pub at: Moment,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What is to be added, all of it or nothing.
#[derive(Clone, Debug)]
pub struct Addition<'a> {
    /// How large the log was when this was worked out.
    pub onto: u64,
    /// The new leaves, from place `onto` on.
    pub leaves: Vec<NewLeaf>,
    /// The tiles that are new or have grown.
    pub tiles: Vec<LogTile>,
    /// The checkpoint for the log with the new leaves.
    pub head: SignedHead,
    /// The registry as it is then.
    pub file: RegistryFile,
    /// Whom to tell what.
    pub notices: Vec<Notice>,
    /// Who did it.
    pub deed: Deed<'a>,
}

fn number(it: u64) -> Result<i64, StoreError> {
    i64::try_from(it).map_err(|_| StoreError::corrupt(format!("the place {it}")))
}

fn head(mut row: Row) -> Result<SignedHead, StoreError> {
    Ok(SignedHead { size: row.count()?, at: row.moment()?, note: row.text()? })
}

const HEAD: &str = "SELECT size, at, note FROM log_checkpoints";

impl Store {
    /// The newest checkpoint; none before anything was published.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn signed_head(&self) -> Result<Option<SignedHead>, StoreError> {
        let sql = format!("{HEAD} ORDER BY size DESC LIMIT 1");
        self.shared.db.one(sql, values![]).await?.map(head).transpose()
    }

    /// How large the log is, by its newest checkpoint: a question that may be asked often.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn signed_size(&self) -> Result<u64, StoreError> {
        let sql = "SELECT COALESCE(MAX(size), 0) FROM log_checkpoints";
        self.shared.db.one(sql, values![]).await?.map_or(Ok(0), |mut row| row.count())
    }

    /// Leaves from `from` on, in order; [`MAX_LEAVES`] at most.
    ///
    /// # Errors
    /// Those of reading; [`StoreError::Corrupt`] if one is missing.
    pub async fn leaves(&self, from: u64, limit: usize) -> Result<Vec<Leaf>, StoreError> {
        let sql = "SELECT place, at, leaf FROM log_entries WHERE place >= $1 ORDER BY place LIMIT $2";
        let limit = cap(limit.min(MAX_LEAVES));
        let rows = self.shared.db.query(sql, values![number(from)?, limit]).await?;
        let mut found = Vec::with_capacity(rows.len());
        for (mut row, place) in rows.into_iter().zip(from..) {
            let leaf = Leaf { index: row.count()?, at: row.moment()?, bytes: row.bytes()? };
            if leaf.index != place {
                return Err(StoreError::corrupt(format!("leaf {place} of the signed log is missing")));
            }
            found.push(leaf);
        }
        Ok(found)
    }

    /// What was said of an identity or organisation, newest first; [`MAX_LEAVES`] at most.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn leaves_about(&self, about: &str, limit: usize) -> Result<Vec<Leaf>, StoreError> {
        let sql = "SELECT place, at, leaf FROM log_entries WHERE about = $1 AND about <> '' \
             ORDER BY place DESC LIMIT $2";
        let rows = self.shared.db.query(sql, values![about, cap(limit.min(MAX_LEAVES))]).await?;
        let leaf = |mut row: Row| Ok(Leaf { index: row.count()?, at: row.moment()?, bytes: row.bytes()? });
        rows.into_iter().map(leaf).collect()
    }

    /// The hashes of one tile, as many as there are.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn log_tile(&self, level: u8, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT hashes FROM log_tiles WHERE level = $1 AND place = $2";
        let row = self.shared.db.one(sql, values![i64::from(level), number(index)?]).await?;
        row.map(|mut row| row.bytes()).transpose()
    }

    /// The newest snapshot file.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn registry_file(&self) -> Result<Option<RegistryFile>, StoreError> {
        let sql = "SELECT entries, statement, at, bytes FROM log_snapshot";
        let row = self.shared.db.one(sql, values![]).await?;
        let file = |mut row: Row| {
            let (entries, statement) = (row.count()?, row.count()?);
            Ok(RegistryFile { entries, statement, at: row.moment()?, bytes: row.bytes()? })
        };
        row.map(file).transpose()
    }

    /// Adds to the log. Durable when it returns; replicas take turns.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the log is not as large as `onto` any more: read on, work it
    /// out again. Else those of writing; then nothing of it was kept.
    pub async fn add_leaves(&self, new: &Addition<'_>) -> Result<(), StoreError> {
        let onto = number(new.onto)?;
        let mut tx = self.shared.db.begin().await?;
        tx.lock(Lock::Ledger).await?;
        let row = tx.one("SELECT COALESCE(MAX(place), -1) + 1 FROM log_entries", values![]).await?;
        if row.map_or(Ok(0), |mut row| row.int())? != onto {
            return Err(StoreError::Conflict("the log has grown meanwhile"));
        }
        let sql = "INSERT INTO log_entries (place, at, about, leaf) VALUES ($1, $2, $3, $4)";
        for (leaf, place) in new.leaves.iter().zip(onto..) {
            tx.run(sql, values![place, new.head.at, leaf.about.as_str(), leaf.bytes.as_slice()]).await?;
        }
        write_tiles(&mut tx, &new.tiles).await?;
        write_head(&mut tx, &new.head).await?;
        write_file(&mut tx, &new.file).await?;
        webhooks::enqueue(&mut tx, &new.notices, new.head.at).await?;
        audit::record(&mut tx, &new.deed).await?;
        tx.commit().await
    }

    /// Puts the same checkpoint with more signatures in the place of the one of that size.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is none of that size; those of writing.
    pub async fn cosigned(&self, size: u64, note: &str) -> Result<(), StoreError> {
        let sql = "UPDATE log_checkpoints SET note = $2 WHERE size = $1";
        match self.shared.db.run(sql, values![number(size)?, note]).await? {
            0 => Err(StoreError::NotFound),
            _ => Ok(()),
        }
    }

    /// Signs anew what was signed before, without new leaves, as a rotation of keys does.
    ///
    /// # Errors
    /// As [`Store::cosigned`].
    pub async fn sign_again(&self, head: &SignedHead, deed: &Deed<'_>) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        tx.lock(Lock::Ledger).await?;
        let sql = "UPDATE log_checkpoints SET note = $2, at = $3 WHERE size = $1";
        if tx.run(sql, values![number(head.size)?, head.note.as_str(), head.at]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        audit::record(&mut tx, deed).await?;
        tx.commit().await
    }
}

async fn write_tiles(tx: &mut Tx, tiles: &[LogTile]) -> Result<(), StoreError> {
    let sql = "INSERT INTO log_tiles (level, place, hashes) VALUES ($1, $2, $3) \
         ON CONFLICT (level, place) DO UPDATE SET hashes = excluded.hashes";
    for tile in tiles {
        let values: Vec<Value> = values![i64::from(tile.level), number(tile.index)?, tile.hashes.as_slice()];
        tx.run(sql, values).await?;
    }
    Ok(())
}

async fn write_head(tx: &mut Tx, head: &SignedHead) -> Result<(), StoreError> {
    let sql = "INSERT INTO log_checkpoints (size, at, note) VALUES ($1, $2, $3)";
    tx.run(sql, values![number(head.size)?, head.at, head.note.as_str()]).await.map(drop)
}

async fn write_file(tx: &mut Tx, file: &RegistryFile) -> Result<(), StoreError> {
    let sql = "INSERT INTO log_snapshot (one, entries, statement, at, bytes) VALUES (1, $1, $2, $3, $4) \
         ON CONFLICT (one) DO UPDATE SET entries = excluded.entries, statement = excluded.statement, \
         at = excluded.at, bytes = excluded.bytes";
    let values = values![number(file.entries)?, number(file.statement)?, file.at, file.bytes.as_slice()];
    tx.run(sql, values).await.map(drop)
}
