//! Versions of the policy, and snapshots of the screening memory.

use serde::{Deserialize, Serialize};
use touchstone_types::{Moment, PolicyHash};

use crate::log::cap;
use crate::value::{Row, values};
use crate::verdicts::MAX_PAGE;
use crate::{Deed, Seq, Store, StoreError, audit};

/// What a policy is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyStatus {
    /// Gives the verdicts.
    Live,
    /// Runs beside it and only watches.
    Candidate,
    /// Was a candidate.
    Withdrawn,
}

impl PolicyStatus {
    /// The name in the database and in the audit trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            PolicyStatus::Live => "live",
            PolicyStatus::Candidate => "candidate",
            PolicyStatus::Withdrawn => "withdrawn",
        }
    }

    fn read(name: &str) -> Result<Self, StoreError> {
        match name {
            "live" => Ok(PolicyStatus::Live),
            "candidate" => Ok(PolicyStatus::Candidate),
            "withdrawn" => Ok(PolicyStatus::Withdrawn),
            other => Err(StoreError::corrupt(format!("the policy status {other}"))),
        }
    }
}

/// A policy as its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Hash of the files, as verdicts carry it.
    pub hash: PolicyHash,
    /// Path and text of every file.
    pub files: Vec<(String, String)>,
    /// Why it was made.
    pub note: String,
    /// Login name, or `system` for the one that came with the program.
    pub by: String,
    /// When it was first kept.
    pub at: Moment,
}

/// One change of what a policy is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyChange {
    /// Which.
    pub hash: PolicyHash,
    /// What for, from then on.
    pub status: PolicyStatus,
    /// Login name.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// The screening memory at one place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// After this event.
    pub seq: Seq,
    /// The memory, as `screening` writes it.
    pub bytes: Vec<u8>,
}

fn policy_hash(text: String) -> Result<PolicyHash, StoreError> {
    PolicyHash::try_from(text).map_err(StoreError::corrupt)
}

fn version(mut row: Row) -> Result<PolicyVersion, StoreError> {
    let row = &mut row;
    let hash = policy_hash(row.text()?)?;
    let files = serde_json::from_str(&row.text()?)
        .map_err(|cause| StoreError::Corrupt { what: "a policy".into(), cause: Some(cause.into()) })?;
    Ok(PolicyVersion { hash, files, note: row.text()?, by: row.text()?, at: row.moment()? })
}

fn change(mut row: Row) -> Result<PolicyChange, StoreError> {
    let hash = policy_hash(row.text()?)?;
    Ok(PolicyChange { hash, status: PolicyStatus::read(&row.text()?)?, by: row.text()?, at: row.moment()? })
}

impl Store {
    /// Keeps a policy and sets what it is used for. A version that is kept already is not
    /// written again. Making one live ends the one before; so does a new candidate. Audited.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn set_policy(
        &self,
        policy: &PolicyVersion,
        status: PolicyStatus,
        by: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let files =
            serde_json::to_string(&policy.files).map_err(|cause| StoreError::Refused(cause.into()))?;
        let hash = policy.hash.to_string();
        let mut tx = self.shared.db.begin().await?;
        let sql = "INSERT INTO policy_versions (hash, files, note, by_whom, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hash) DO NOTHING";
        tx.run(sql, values![hash.as_str(), files, policy.note.as_str(), policy.by.as_str(), policy.at])
            .await?;
        let sql = "INSERT INTO policy_changes (hash, status, by_whom, at) VALUES ($1, $2, $3, $4)";
        tx.run(sql, values![hash.as_str(), status.name(), by, now]).await?;
        let act = format!("policy.{}", status.name());
        audit::record(&mut tx, &Deed { at: now, by, act: &act, object: &hash, detail: &policy.note }).await?;
        tx.commit().await
    }

    /// The policy that gives the verdicts; none before the first start.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn live_policy(&self) -> Result<Option<PolicyVersion>, StoreError> {
        self.newest_policy("c.status = 'live'").await
    }

    /// The policy that runs beside it, unless it was withdrawn or made live since.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn candidate_policy(&self) -> Result<Option<PolicyVersion>, StoreError> {
        let newest = "c.status = 'candidate' AND NOT EXISTS (SELECT 1 FROM policy_changes n WHERE n.id > c.id \
             AND (n.status = 'candidate' OR n.hash = c.hash))";
        self.newest_policy(newest).await
    }

    async fn newest_policy(&self, which: &str) -> Result<Option<PolicyVersion>, StoreError> {
        let sql = format!(
            "SELECT v.hash, v.files, v.note, v.by_whom, v.at FROM policy_changes c \
             JOIN policy_versions v ON v.hash = c.hash WHERE {which} ORDER BY c.id DESC LIMIT 1"
        );
        self.shared.db.one(sql, values![]).await?.map(version).transpose()
    }

    /// One version by its hash.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn policy_version(&self, hash: PolicyHash) -> Result<PolicyVersion, StoreError> {
        let sql = "SELECT hash, files, note, by_whom, at FROM policy_versions WHERE hash = $1";
        let row = self.shared.db.one(sql, values![hash.to_string()]).await?;
        version(row.ok_or(StoreError::NotFound)?)
    }

    /// What policies were used for, newest change first. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn policy_changes(&self, limit: usize) -> Result<Vec<PolicyChange>, StoreError> {
        let sql = "SELECT hash, status, by_whom, at FROM policy_changes ORDER BY id DESC LIMIT $1";
        let rows = self.shared.db.query(sql, values![cap(limit.clamp(1, MAX_PAGE))]).await?;
        rows.into_iter().map(change).collect()
    }

    /// Keeps the memory as it is after `seq`, for the features with that hash. The two newest
    /// of each are kept.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn save_snapshot(
        &self,
        features: &str,
        snapshot: Snapshot,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "INSERT INTO snapshots (seq, features, taken, bytes) VALUES ($1, $2, $3, $4) ON CONFLICT (features, seq) DO NOTHING";
        tx.run(sql, values![snapshot.seq, features, now, snapshot.bytes]).await?;
        let sql = "DELETE FROM snapshots WHERE features = $1 AND seq < (SELECT MIN(seq) FROM \
             (SELECT seq FROM snapshots WHERE features = $1 ORDER BY seq DESC LIMIT 2) AS newest)";
        tx.run(sql, values![features]).await?;
        tx.commit().await
    }

    /// The newest memory kept for those features, at or before `until` where given.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn snapshot(&self, features: &str, until: Option<Seq>) -> Result<Option<Snapshot>, StoreError> {
        let sql =
            "SELECT seq, bytes FROM snapshots WHERE features = $1 AND seq <= $2 ORDER BY seq DESC LIMIT 1";
        let row = self.shared.db.one(sql, values![features, until.unwrap_or(Seq(i64::MAX))]).await?;
        row.map(|mut row| Ok(Snapshot { seq: row.seq()?, bytes: row.bytes()? })).transpose()
    }
}
