//! Files that wait for their report to be sent.
//!
//! Always true here:
//! - Names and contents come sealed and go sealed; of the form's token only a hash is kept.
//! - A draft never holds more than it may: the count and the file are one transaction.
//! - A draft lapses with all its files.

use touchstone_types::Moment;

use crate::log::cap;
use crate::value::values;
use crate::{Store, StoreError};

/// How much one draft may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DraftLimits {
    /// Files.
    pub files: u64,
    /// Bytes of all files together, as they came.
    pub bytes: u64,
    /// How many drafts there may be at once.
    pub drafts: u64,
    /// Bytes of all drafts together.
    pub all_bytes: u64,
}

/// A file of a draft without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftFile {
    /// Its name here.
    pub file: String,
    /// When it came.
    pub at: Moment,
    /// Its size in bytes, as it came.
    pub size: u64,
    /// Its name as the sender has it, sealed.
    pub name: Vec<u8>,
}

/// Why a file was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftFull {
    /// The draft holds as many files as it may.
    Files,
    /// Its files together are as large as they may be.
    Bytes,
    /// The drafts of all people together are too many, or too large.
    Drafts,
}

impl Store {
    /// Keeps a file of the draft; makes the draft if there is none.
    ///
    /// # Errors
    /// Those of writing. That it does not fit is no error.
    pub async fn keep_in_draft(
        &self,
        draft: &[u8; 32],
        file: &DraftFile,
        content: Vec<u8>,
        lapses: Moment,
        limits: DraftLimits,
    ) -> Result<Result<(), DraftFull>, StoreError> {
        let size = i64::try_from(file.size).unwrap_or(i64::MAX);
        let mut tx = self.shared.db.begin().await?;
        let others =
            "SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM case_drafts WHERE draft <> $1";
        if let Some(mut row) = tx.one(others, values![&draft[..]]).await? {
            let (drafts, bytes) = (row.count()?, row.count()?);
            if drafts >= limits.drafts || bytes.saturating_add(file.size) > limits.all_bytes {
                return Ok(Err(DraftFull::Drafts));
            }
        }
        // The insert locks the row, so that two uploads at once are counted one after another.
        let made = "INSERT INTO case_drafts (draft, lapses, files, size) VALUES ($1, $2, 1, $3) \
             ON CONFLICT (draft) DO UPDATE SET files = case_drafts.files + 1, size = case_drafts.size + $3";
        tx.run(made, values![&draft[..], lapses, size]).await?;
        let row = tx.one("SELECT files, size FROM case_drafts WHERE draft = $1", values![&draft[..]]).await?;
        let mut row = row.ok_or(StoreError::NotFound)?;
        if row.count()? > limits.files {
            return Ok(Err(DraftFull::Files)); // Rolled back.
        }
        if row.count()? > limits.bytes {
            return Ok(Err(DraftFull::Bytes));
        }
        let sql = "INSERT INTO case_draft_files (draft, file, at, size, name, content) VALUES ($1, $2, $3, $4, $5, $6)";
        let name = file.name.as_slice();
        tx.run(sql, values![&draft[..], file.file.as_str(), file.at, size, name, content]).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    /// The files of a draft that has not lapsed, in the order in which they came.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn draft_files(&self, draft: &[u8; 32], now: Moment) -> Result<Vec<DraftFile>, StoreError> {
        let sql = "SELECT f.file, f.at, f.size, f.name FROM case_draft_files f JOIN case_drafts d ON d.draft = f.draft \
             WHERE f.draft = $1 AND d.lapses > $2 ORDER BY f.at, f.file LIMIT 1000";
        let rows = self.shared.db.query(sql, values![&draft[..], now]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(DraftFile { file: row.text()?, at: row.moment()?, size: row.count()?, name: row.bytes()? })
            })
            .collect()
    }

    /// The sealed content of one file of a draft.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn draft_file(&self, draft: &[u8; 32], file: &str) -> Result<Vec<u8>, StoreError> {
        let sql = "SELECT content FROM case_draft_files WHERE draft = $1 AND file = $2";
        let row = self.shared.db.one(sql, values![&draft[..], file]).await?;
        row.ok_or(StoreError::NotFound)?.bytes()
    }

    /// Takes one file out of a draft; whether it was there.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn drop_draft_file(&self, draft: &[u8; 32], file: &str) -> Result<bool, StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "SELECT size FROM case_draft_files WHERE draft = $1 AND file = $2";
        let Some(mut row) = tx.one(sql, values![&draft[..], file]).await? else { return Ok(false) };
        let size = row.int()?;
        let gone = tx
            .run("DELETE FROM case_draft_files WHERE draft = $1 AND file = $2", values![&draft[..], file])
            .await?;
        if gone == 0 {
            return Ok(false); // Somebody else took it out in between.
        }
        let sql = "UPDATE case_drafts SET files = files - 1, size = size - $2 WHERE draft = $1";
        tx.run(sql, values![&draft[..], size]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets a draft whose report was sent.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn drop_draft(&self, draft: &[u8; 32]) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        tx.run("DELETE FROM case_draft_files WHERE draft = $1", values![&draft[..]]).await?;
        tx.run("DELETE FROM case_drafts WHERE draft = $1", values![&draft[..]]).await?;
        tx.commit().await
    }

    /// Forgets up to `limit` drafts that have lapsed: how many.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn forget_drafts(&self, now: Moment, limit: usize) -> Result<u64, StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "SELECT draft FROM case_drafts WHERE lapses <= $1 ORDER BY lapses LIMIT $2";
        let rows = tx.query(sql, values![now, cap(limit)]).await?;
        let mut gone = 0;
        for mut row in rows {
            let draft = row.bytes()?;
            tx.run("DELETE FROM case_draft_files WHERE draft = $1", values![draft.as_slice()]).await?;
            gone += tx.run("DELETE FROM case_drafts WHERE draft = $1", values![draft]).await?;
        }
        tx.commit().await?;
        Ok(gone)
    }
}
