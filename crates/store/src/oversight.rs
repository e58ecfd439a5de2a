//! What watches over the registry: objections, alerts, which sessions may vet, and how far
//! the event log was read for changed profiles.

use touchstone_types::Moment;

use crate::log::{Logged, cap, logged};
use crate::value::{Row, Value, values};
use crate::verdicts::MAX_PAGE;
use crate::{Deed, Seq, Store, StoreError, audit};

/// Somebody says that an application must not be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// Number.
    pub id: i64,
    /// Against which.
    pub application: String,
    /// When.
    pub at: Moment,
    /// Why.
    pub said: String,
    /// Where an answer reaches them; may be empty.
    pub contact: String,
    /// When an officer answered, who, and what.
    pub answer: Option<(Moment, String, String)>,
}

/// Something that an officer has to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Number.
    pub id: i64,
    /// A word: `changed`, `resembles`, `objection`, `lapses`, `stuck`.
    pub kind: String,
    /// The identity or application.
    pub about: String,
    /// When.
    pub at: Moment,
    /// Particulars, JSON.
    pub detail: String,
}

/// At most so many accounts are asked for at once.
const ACCOUNTS: usize = 500;

impl Store {
    /// Takes an objection. Audited.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn object(
        &self,
        application: &str,
        said: &str,
        contact: &str,
        deed: &Deed<'_>,
    ) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "INSERT INTO objections (application, at, said, contact) VALUES ($1, $2, $3, $4)";
        tx.run(sql, values![application, deed.at, said, contact]).await?;
        audit::record(&mut tx, deed).await?;
        tx.commit().await
    }

    /// Objections to an application, oldest first.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn objections(&self, application: &str) -> Result<Vec<Objection>, StoreError> {
        let sql = "SELECT id, application, at, said, contact, answered, by_whom, answer FROM objections WHERE application = $1 ORDER BY id LIMIT 200";
        let rows = self.shared.db.query(sql, values![application]).await?;
        rows.into_iter()
            .map(|mut row| {
                let row = &mut row;
                let mut it = Objection {
                    id: row.int()?,
                    application: row.text()?,
                    at: row.moment()?,
                    said: row.text()?,
                    contact: row.text()?,
                    answer: None,
                };
                let (at, by) = (row.maybe(Row::moment)?, row.maybe(Row::text)?);
                if let (Some(at), Some(by), Some(text)) = (at, by, row.maybe(Row::text)?) {
                    it.answer = Some((at, by, text));
                }
                Ok(it)
            })
            .collect()
    }

    /// How many objections to an application nobody has answered.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn open_objections(&self, application: &str) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM objections WHERE application = $1 AND answered IS NULL";
        let row = self.shared.db.one(sql, values![application]).await?;
        row.map_or(Ok(0), |mut row| row.count())
    }

    /// Answers an objection, which no longer stops the application then. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it is answered already, or those of writing.
    pub async fn answer_objection(
        &self,
        id: i64,
        application: &str,
        answer: &str,
        deed: &Deed<'_>,
    ) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "UPDATE objections SET answered = $3, by_whom = $4, answer = $5 WHERE id = $1 AND application = $2 AND answered IS NULL";
        if tx.run(sql, values![id, application, deed.at, deed.by, answer]).await? == 0 {
            return Err(StoreError::Conflict("it is answered already"));
        }
        audit::record(&mut tx, deed).await?;
        tx.commit().await
    }

    /// Raises an alert.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn raise_alert(
        &self,
        kind: &str,
        about: &str,
        detail: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO alerts (kind, about, at, detail) VALUES ($1, $2, $3, $4)";
        self.shared.db.run(sql, values![kind, about, now, detail]).await.map(drop)
    }

    /// Alerts that nobody has seen to, newest first. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn open_alerts(&self, limit: usize) -> Result<Vec<Alert>, StoreError> {
        let sql =
            "SELECT id, kind, about, at, detail FROM alerts WHERE seen IS NULL ORDER BY id DESC LIMIT $1";
        let rows = self.shared.db.query(sql, values![cap(limit.clamp(1, MAX_PAGE))]).await?;
        rows.into_iter()
            .map(|mut row| {
                let row = &mut row;
                Ok(Alert {
                    id: row.int()?,
                    kind: row.text()?,
                    about: row.text()?,
                    at: row.moment()?,
                    detail: row.text()?,
                })
            })
            .collect()
    }

    /// Somebody has seen to an alert. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it was seen to already, or those of writing.
    pub async fn see_alert(&self, id: i64, deed: &Deed<'_>) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "UPDATE alerts SET seen = $2, seen_by = $3 WHERE id = $1 AND seen IS NULL";
        if tx.run(sql, values![id, deed.at, deed.by]).await? == 0 {
            return Err(StoreError::Conflict("it was seen to already"));
        }
        audit::record(&mut tx, deed).await?;
        tx.commit().await
    }

    /// Notes that a session began with a passkey.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn began_with_passkey(&self, token_hash: &[u8; 32], now: Moment) -> Result<(), StoreError> {
        let sql = "INSERT INTO passkey_sessions (token_hash, at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.shared.db.run(sql, values![&token_hash[..], now]).await.map(drop)
    }

    /// Whether a session began with a passkey.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn is_by_passkey(&self, token_hash: &[u8; 32]) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM passkey_sessions WHERE token_hash = $1";
        Ok(self.shared.db.one(sql, values![&token_hash[..]]).await?.is_some())
    }

    /// How far the event log was read for nonces and changed profiles.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn vetting_head(&self) -> Result<Seq, StoreError> {
        let row = self.shared.db.one("SELECT last FROM vetting_head", Vec::<Value>::new()).await?;
        row.ok_or_else(|| StoreError::corrupt("the head of vetting is missing"))?.seq()
    }

    /// Moves it on; false if somebody else has.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn move_vetting_head(&self, from: Seq, to: Seq) -> Result<bool, StoreError> {
        let sql = "UPDATE vetting_head SET last = $2 WHERE last = $1";
        Ok(self.shared.db.run(sql, values![from, to]).await? == 1)
    }

    /// Changed profiles after one place of the log up to another, in order. At most `limit`.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn profile_changes(
        &self,
        after: Seq,
        to: Seq,
        limit: usize,
    ) -> Result<Vec<Logged>, StoreError> {
        let sql = "SELECT seq, received, raw, verdict FROM events WHERE seq > $1 AND seq <= $2 AND kind = 'profile.changed' ORDER BY seq LIMIT $3";
        let rows = self.shared.db.query(sql, values![after, to, cap(limit)]).await?;
        rows.into_iter().map(logged).collect()
    }

    /// What these accounts wrote or changed after one place of the log up to another. At most
    /// `limit` of each.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn acts_of(
        &self,
        accounts: &[(String, String)],
        after: Seq,
        to: Seq,
        limit: usize,
    ) -> Result<Vec<Logged>, StoreError> {
        let mut found = Vec::new();
        for (platform, account) in accounts.iter().take(ACCOUNTS) {
            let sql = "SELECT seq, received, raw, verdict FROM events WHERE actor = $1 AND source = $2 AND seq > $3 AND seq <= $4 \
                 AND kind IN ('message.sent', 'profile.changed') ORDER BY seq LIMIT $5";
            let values = values![account.as_str(), platform.as_str(), after, to, cap(limit)];
            for row in self.shared.db.query(sql, values).await? {
                found.push(logged(row)?);
            }
        }
        Ok(found)
    }
}
