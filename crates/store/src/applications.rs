//! Applications to be listed: their record, what was tried and seen, who objects.
//!
//! Always true here:
//! - Every change of a record and its entry in the audit trail are one transaction.
//! - Two people who change the same record at once do not undo each other: the second gets
//!   [`StoreError::Conflict`] and looks again.
//! - Of the applicant's link and of codes only hashes are kept.

use touchstone_registry::ProofMethod;
use touchstone_registry::vetting::{Record, Stage};
use touchstone_types::Moment;

use crate::log::cap;
use crate::value::{Row, values};
use crate::verdicts::MAX_PAGE;
use crate::{Deed, Store, StoreError, audit};

/// An application as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptApplication {
    /// What it is and how far it has come.
    pub record: Record,
    /// Shown in public to prove control; no secret.
    pub nonce: String,
    /// Where reminders go; may be empty.
    pub contact: String,
    /// When it last changed.
    pub changed: Moment,
    /// When the clock has something to do with it.
    pub due: Option<Moment>,
    /// The end of the term for which a reminder was sent.
    pub reminded: Option<Moment>,
    /// How often it was changed.
    pub version: i64,
}

/// The last try at one way of proving control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which way.
    pub method: ProofMethod,
    /// When.
    pub at: Moment,
    /// `proved`, `sent`, or a word for why not.
    pub outcome: String,
    /// Hash of a code that was sent.
    pub code_hash: Option<[u8; 32]>,
    /// Until when the code is taken.
    pub expires: Option<Moment>,
    /// Wrong codes since it was sent.
    pub tries: u32,
}

/// What was seen when control was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// How.
    pub method: ProofMethod,
    /// When.
    pub at: Moment,
    /// The DNS records, the file, the signed text, what the officer wrote.
    pub seen: Vec<u8>,
}

const COLUMNS: &str = "SELECT record, nonce, contact, changed, due, reminded, version FROM applications";

fn kept(mut row: Row) -> Result<KeptApplication, StoreError> {
    let row = &mut row;
    let record = serde_json::from_str(&row.text()?)
        .map_err(|cause| StoreError::Corrupt { what: "an application".into(), cause: Some(cause.into()) })?;
    Ok(KeptApplication {
        record,
        nonce: row.text()?,
        contact: row.text()?,
        changed: row.moment()?,
        due: row.maybe(Row::moment)?,
        reminded: row.maybe(Row::moment)?,
        version: row.int()?,
    })
}

fn method(row: &mut Row) -> Result<ProofMethod, StoreError> {
    let name = row.text()?;
    ProofMethod::from_name(&name).ok_or_else(|| StoreError::corrupt(format!("the proof {name}")))
}

fn attempt(mut row: Row) -> Result<Attempt, StoreError> {
    let row = &mut row;
    Ok(Attempt {
        method: method(row)?,
        at: row.moment()?,
        outcome: row.text()?,
        code_hash: row.maybe(Row::hash)?,
        expires: row.maybe(Row::moment)?,
        tries: u32::try_from(row.count()?).unwrap_or(u32::MAX),
    })
}

fn written(record: &Record) -> Result<String, StoreError> {
    serde_json::to_string(record).map_err(|cause| StoreError::Refused(cause.into()))
}

impl Store {
    /// Keeps a new application. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if there is one of that id, or those of writing.
    pub async fn add_application(
        &self,
        new: &KeptApplication,
        secret_hash: &[u8; 32],
        deed: &Deed<'_>,
    ) -> Result<(), StoreError> {
        let it = &new.record;
        let sql = "INSERT INTO applications (id, secret_hash, nonce, contact, stage, organisation, platform, account, record, made, changed, due, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, 0) ON CONFLICT DO NOTHING";
        let values = values![
            it.id.as_str(),
            &secret_hash[..],
            new.nonce.as_str(),
            new.contact.as_str(),
            it.stage.name(),
            it.wanted.organisation.as_str(),
            it.wanted.platform.as_deref(),
            it.wanted.account.as_deref(),
            written(it)?,
            it.made,
            new.due
        ];
        let mut tx = self.shared.db.begin().await?;
        if tx.run(sql, values).await? == 0 {
            return Err(StoreError::Conflict("there is an application of that id"));
        }
        audit::record(&mut tx, deed).await?;
        tx.commit().await
    }

    /// Writes what an application has become, with what was seen if something was proved, and
    /// the deed. `before` is as it was read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if somebody changed it in between, or those of writing.
    pub async fn save_application(
        &self,
        before: &KeptApplication,
        after: &KeptApplication,
        seen: Option<&Evidence>,
        deed: &Deed<'_>,
    ) -> Result<(), StoreError> {
        let it = &after.record;
        let sql = "UPDATE applications SET stage = $3, record = $4, changed = $5, due = $6, reminded = $7, version = version + 1 \
             WHERE id = $1 AND version = $2";
        let values = values![
            before.record.id.as_str(),
            before.version,
            it.stage.name(),
            written(it)?,
            deed.at,
            after.due,
            after.reminded
        ];
        let mut tx = self.shared.db.begin().await?;
        if tx.run(sql, values).await? == 0 {
            return Err(StoreError::Conflict("somebody changed it in between"));
        }
        if let Some(seen) = seen {
            let sql = "INSERT INTO proofs (application, method, at, seen) VALUES ($1, $2, $3, $4)";
            let values = values![it.id.as_str(), seen.method.name(), seen.at, seen.seen.as_slice()];
            tx.run(sql, values).await?;
        }
        audit::record(&mut tx, deed).await?;
        tx.commit().await
    }

    /// One by its id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn application(&self, id: &str) -> Result<KeptApplication, StoreError> {
        let row = self.shared.db.one(format!("{COLUMNS} WHERE id = $1"), values![id]).await?;
        kept(row.ok_or(StoreError::NotFound)?)
    }

    /// One by the hash of the applicant's link.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn application_by_secret(&self, hash: &[u8; 32]) -> Result<KeptApplication, StoreError> {
        let sql = format!("{COLUMNS} WHERE secret_hash = $1");
        kept(self.shared.db.one(sql, values![&hash[..]]).await?.ok_or(StoreError::NotFound)?)
    }

    /// Those of a stage, longest unchanged first. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn applications(&self, stage: Stage, limit: usize) -> Result<Vec<KeptApplication>, StoreError> {
        let sql = format!("{COLUMNS} WHERE stage = $1 ORDER BY changed, id LIMIT $2");
        let rows = self.shared.db.query(sql, values![stage.name(), cap(limit.clamp(1, MAX_PAGE))]).await?;
        rows.into_iter().map(kept).collect()
    }

    /// How many applications are in each stage.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn applications_by_stage(&self) -> Result<Vec<(Stage, u64)>, StoreError> {
        let sql = "SELECT stage, COUNT(*) FROM applications GROUP BY stage";
        let rows = self.shared.db.query(sql, values![]).await?;
        rows.into_iter()
            .map(|mut row| {
                let name = row.text()?;
                let stage = Stage::from_name(&name);
                Ok((stage.ok_or_else(|| StoreError::corrupt(format!("the stage {name}")))?, row.count()?))
            })
            .collect()
    }

    /// Those of an account on a platform, in whatever stage.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn applications_of_account(
        &self,
        platform: &str,
        account: &str,
    ) -> Result<Vec<KeptApplication>, StoreError> {
        let sql = format!("{COLUMNS} WHERE platform = $1 AND account = $2 ORDER BY id LIMIT 100");
        let rows = self.shared.db.query(sql, values![platform, account]).await?;
        rows.into_iter().map(kept).collect()
    }

    /// Accounts that an application is about and that may still prove something: at most 10,000.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn accounts_that_prove(&self) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT DISTINCT platform, account FROM applications WHERE account IS NOT NULL \
             AND platform IS NOT NULL AND stage IN ('draft', 'published') LIMIT 10000";
        let rows = self.shared.db.query(sql, values![]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }

    /// Those with which the clock has something to do by now, most urgent first.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn applications_due(
        &self,
        now: Moment,
        limit: usize,
    ) -> Result<Vec<KeptApplication>, StoreError> {
        let sql = format!("{COLUMNS} WHERE due <= $1 ORDER BY due, id LIMIT $2");
        let rows = self.shared.db.query(sql, values![now, cap(limit.clamp(1, MAX_PAGE))]).await?;
        rows.into_iter().map(kept).collect()
    }

    /// When the clock next has something to do.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn next_application_due(&self) -> Result<Option<Moment>, StoreError> {
        let row = self.shared.db.one("SELECT MIN(due) FROM applications", values![]).await?;
        row.map_or(Ok(None), |mut row| row.maybe(Row::moment))
    }

    /// Writes the last try at a proof.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn note_attempt(&self, application: &str, it: &Attempt) -> Result<(), StoreError> {
        let sql = "INSERT INTO attempts (application, method, at, outcome, code_hash, expires, tries) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (application, method) DO UPDATE SET at = $3, outcome = $4, code_hash = $5, expires = $6, tries = $7";
        let values = values![
            application,
            it.method.name(),
            it.at,
            it.outcome.as_str(),
            it.code_hash.as_ref().map(|it| &it[..]),
            it.expires,
            it.tries
        ];
        self.shared.db.run(sql, values).await.map(drop)
    }

    /// Counts a wrong code, unless as many were tried as may be.
    ///
    /// # Errors
    /// Those of writing. False says that no more tries are left.
    pub async fn may_try_code(
        &self,
        application: &str,
        method: ProofMethod,
        most: u32,
    ) -> Result<bool, StoreError> {
        let sql =
            "UPDATE attempts SET tries = tries + 1 WHERE application = $1 AND method = $2 AND tries < $3";
        Ok(self.shared.db.run(sql, values![application, method.name(), most]).await? == 1)
    }

    /// The last try at each way.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn attempts(&self, application: &str) -> Result<Vec<Attempt>, StoreError> {
        let sql =
            "SELECT method, at, outcome, code_hash, expires, tries FROM attempts WHERE application = $1";
        self.shared.db.query(sql, values![application]).await?.into_iter().map(attempt).collect()
    }

    /// What was seen, oldest first.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn evidence(&self, application: &str) -> Result<Vec<Evidence>, StoreError> {
        let sql = "SELECT method, at, seen FROM proofs WHERE application = $1 ORDER BY id LIMIT 200";
        let rows = self.shared.db.query(sql, values![application]).await?;
        rows.into_iter()
            .map(|mut row| {
                let row = &mut row;
                Ok(Evidence { method: method(row)?, at: row.moment()?, seen: row.bytes()? })
            })
            .collect()
    }
}
