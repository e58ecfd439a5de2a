//! Files that belong to a case, sealed. They come with the change that tells of them.

use touchstone_types::Moment;

use crate::db::Tx;
use crate::value::{Row, values};
use crate::{Author, Store, StoreError};

/// A file to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// By whom.
    pub by: Author,
    /// Its name, sealed for the number that it will have.
    pub name: Vec<u8>,
    /// Media type, by what is in it.
    pub kind: String,
    /// How many bytes it had when it came in.
    pub size: u64,
    /// SHA-256 of these.
    pub hash: [u8; 32],
    /// What is in it, sealed for the number that it will have.
    pub body: Vec<u8>,
    /// Whether the victim sees it.
    pub visible: bool,
}

/// A file without what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFile {
    /// Number within the case, from 1 without gaps.
    pub n: i64,
    /// When it came in.
    pub at: Moment,
    /// By whom: `victim`, `staff`, `system` or `key`.
    pub by: String,
    /// Login name of the staff; else empty.
    pub login: String,
    /// Its name, sealed.
    pub name: Vec<u8>,
    /// Media type, by what is in it.
    pub kind: String,
    /// How many bytes it had when it came in.
    pub size: u64,
    /// SHA-256 of these.
    pub hash: [u8; 32],
    /// Whether the victim sees it.
    pub visible: bool,
}

fn file(mut row: Row) -> Result<CaseFile, StoreError> {
    let row = &mut row;
    Ok(CaseFile {
        n: row.int()?,
        at: row.moment()?,
        by: row.text()?,
        login: row.text()?,
        name: row.bytes()?,
        kind: row.text()?,
        size: row.count()?,
        hash: row.hash()?,
        visible: row.flag()?,
    })
}

const COLUMNS: &str =
    "SELECT n, at, by_kind, by_whom, name, kind, size, hash, visible FROM case_files WHERE case_id = $1";

/// Adds files with the numbers after `last`.
pub(crate) async fn add(
    tx: &mut Tx,
    case: i64,
    last: i64,
    at: Moment,
    files: &[NewFile],
) -> Result<(), StoreError> {
    for (n, it) in (last + 1..).zip(files) {
        let size = i64::try_from(it.size).unwrap_or(i64::MAX);
        let sql = "INSERT INTO case_files (case_id, n, at, by_kind, by_whom, name, kind, size, hash, visible) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let (name, kind) = (it.name.as_slice(), it.kind.as_str());
        let (by, whom) = (it.by.kind(), it.by.whom());
        tx.run(sql, values![case, n, at, by, whom, name, kind, size, &it.hash[..], it.visible]).await?;
        let sql = "INSERT INTO case_file_bodies (case_id, n, body) VALUES ($1, $2, $3)";
        tx.run(sql, values![case, n, it.body.as_slice()]).await?;
    }
    Ok(())
}

impl Store {
    /// The files of a case, oldest first, without what is in them.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn case_files(&self, case: i64) -> Result<Vec<CaseFile>, StoreError> {
        let rows = self.shared.db.query(format!("{COLUMNS} ORDER BY n"), values![case]).await?;
        rows.into_iter().map(file).collect()
    }

    /// One file with what is in it, sealed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn case_file(&self, case: i64, n: i64) -> Result<(CaseFile, Vec<u8>), StoreError> {
        let row = self.shared.db.one(format!("{COLUMNS} AND n = $2"), values![case, n]).await?;
        let found = file(row.ok_or(StoreError::NotFound)?)?;
        let sql = "SELECT body FROM case_file_bodies WHERE case_id = $1 AND n = $2";
        let row = self.shared.db.one(sql, values![case, n]).await?;
        Ok((found, row.ok_or_else(|| StoreError::corrupt("a file without a body"))?.bytes()?))
    }
}
