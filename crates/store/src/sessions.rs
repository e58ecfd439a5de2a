//! Who is logged in, from where.
//!
//! A token comes here as its hash: what is stored opens nothing.

use touchstone_types::Moment;

use crate::db::Tx;
use crate::staff::record_own;
use crate::value::{Row, values};
use crate::{Member, Store, StoreError};

/// A log-in that lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Hash of the token: its name here.
    pub token_hash: [u8; 32],
    /// Whose.
    pub member: i64,
    /// Since when.
    pub created: Moment,
    /// Last request.
    pub last_seen: Moment,
    /// Network address at log-in.
    pub address: String,
    /// Browser at log-in.
    pub user_agent: String,
    /// Since when it opens nothing.
    pub revoked: Option<Moment>,
}

const SESSION: &str =
    "SELECT token_hash, staff, created, last_seen, address, user_agent, revoked FROM sessions";

fn session(mut row: Row) -> Result<Session, StoreError> {
    let row = &mut row;
    Ok(Session {
        token_hash: row.hash()?,
        member: row.int()?,
        created: row.moment()?,
        last_seen: row.moment()?,
        address: row.text()?,
        user_agent: row.text()?,
        revoked: row.maybe(Row::moment)?,
    })
}

impl Store {
    /// Keeps a new session. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such member, or those of writing.
    pub async fn add_session(&self, new: &Session) -> Result<(), StoreError> {
        let sql = "INSERT INTO sessions (token_hash, staff, created, last_seen, address, user_agent) VALUES ($1, $2, $3, $4, $5, $6)";
        let Session { token_hash, member, created, last_seen, address, user_agent, .. } = new;
        let values =
            values![&token_hash[..], *member, *created, *last_seen, address.as_str(), user_agent.as_str()];
        let mut tx = self.shared.db.begin().await?;
        tx.run(sql, values).await?;
        record_own(&mut tx, *member, "login", address, *created).await?;
        tx.commit().await
    }

    /// The session of a token with the member it belongs to; not if it was revoked or the
    /// member is disabled. Whether it has expired is for `accounts` to say.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn session(&self, token_hash: &[u8; 32]) -> Result<(Session, Member), StoreError> {
        let sql = format!("{SESSION} WHERE token_hash = $1 AND revoked IS NULL");
        let row = self.shared.db.one(sql, values![&token_hash[..]]).await?;
        let found = session(row.ok_or(StoreError::NotFound)?)?;
        let whose = self.member(found.member).await?;
        if whose.disabled.is_some() {
            return Err(StoreError::NotFound);
        }
        Ok((found, whose))
    }

    /// Notes that a session was used. Once a minute is enough.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn touch_session(&self, token_hash: &[u8; 32], now: Moment) -> Result<(), StoreError> {
        let sql = "UPDATE sessions SET last_seen = $2 WHERE token_hash = $1 AND last_seen < $2";
        self.shared.db.run(sql, values![&token_hash[..], now]).await.map(drop)
    }

    /// Somebody's sessions that were not revoked, newest first.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn sessions(&self, member: i64) -> Result<Vec<Session>, StoreError> {
        let sql = format!("{SESSION} WHERE staff = $1 AND revoked IS NULL ORDER BY last_seen DESC");
        self.shared.db.query(sql, values![member]).await?.into_iter().map(session).collect()
    }

    /// Ends one session of a member, at another of theirs. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of writing.
    pub async fn revoke_session(
        &self,
        member: i64,
        token_hash: &[u8; 32],
        now: Moment,
    ) -> Result<(), StoreError> {
        self.end_session(member, token_hash, "session.end", now).await
    }

    /// Ends the session that asks for it. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of writing.
    pub async fn log_out(&self, member: i64, token_hash: &[u8; 32], now: Moment) -> Result<(), StoreError> {
        self.end_session(member, token_hash, "logout", now).await
    }

    async fn end_session(
        &self,
        member: i64,
        token_hash: &[u8; 32],
        act: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "UPDATE sessions SET revoked = $3 WHERE token_hash = $1 AND staff = $2 AND revoked IS NULL";
        found(tx.run(sql, values![&token_hash[..], member, now]).await?)?;
        record_own(&mut tx, member, act, "", now).await?;
        tx.commit().await
    }

    /// Ends all sessions of a member, but for one where given; how many. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such member, or those of writing.
    pub async fn revoke_sessions(
        &self,
        member: i64,
        but: Option<&[u8; 32]>,
        now: Moment,
    ) -> Result<u64, StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let ended = end_sessions(&mut tx, member, but, now).await?;
        record_own(&mut tx, member, "session.end_others", &ended.to_string(), now).await?;
        tx.commit().await?;
        Ok(ended)
    }
}

/// Ends the sessions of a member, but for one where given; how many.
pub(crate) async fn end_sessions(
    tx: &mut Tx,
    member: i64,
    but: Option<&[u8; 32]>,
    now: Moment,
) -> Result<u64, StoreError> {
    let kept = but.map_or(Vec::new(), |it| it.to_vec()); // No hash is empty.
    let sql = "UPDATE sessions SET revoked = $3 WHERE staff = $1 AND token_hash <> $2 AND revoked IS NULL";
    tx.run(sql, values![member, kept, now]).await
}

fn found(rows: u64) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}
