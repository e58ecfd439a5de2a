//! What was sent to each user, as signed entries that hold no text; and as which listed agent a
//! member of staff talks.

use touchstone_types::Moment;

use crate::db::Lock;
use crate::log::cap;
use crate::value::{Row, values};
use crate::verdicts::MAX_PAGE;
use crate::{Deed, Store, StoreError, audit};

/// One entry of a user's inbox, as signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMessage {
    /// Number in the inbox, from 1.
    pub n: u64,
    /// What was signed.
    pub text: String,
    /// Base64 of the signature.
    pub signature: String,
}

/// As which listed agent somebody talks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundAgent {
    /// Number of the member.
    pub member: i64,
    /// Pseudonym.
    pub agent: String,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Moment,
}

fn sent(mut row: Row) -> Result<SentMessage, StoreError> {
    Ok(SentMessage { n: row.count()?, text: row.text()?, signature: row.text()? })
}

impl Store {
    /// Adds the entry that `make` signs after the newest one of the inbox; gives it as kept. Two
    /// writers take turns, so that the chain has one order.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the conversation is over, or those of writing.
    pub async fn add_sent_message(
        &self,
        inbox: &[u8; 32],
        conversation: &str,
        now: Moment,
        make: impl FnOnce(Option<&SentMessage>) -> SentMessage,
    ) -> Result<SentMessage, StoreError> {
        let mut tx = self.shared.db.begin().await?;
        tx.lock(Lock::Inbox).await?;
        let open =
            "SELECT id FROM conversations WHERE id = $1 AND inbox = $2 AND state <> 2 AND expires > $3";
        if tx.one(open, values![conversation, &inbox[..], now]).await?.is_none() {
            return Err(StoreError::Conflict("the conversation is over"));
        }
        let newest = "SELECT n, text, signature FROM sent_messages WHERE inbox = $1 ORDER BY n DESC LIMIT 1";
        let last = tx.one(newest, values![&inbox[..]]).await?.map(sent).transpose()?;
        let new = make(last.as_ref());
        let n = i64::try_from(new.n).map_err(|_| StoreError::corrupt("the number of a message"))?;
        let sql = "INSERT INTO sent_messages (inbox, n, conversation, at, text, signature) VALUES ($1, $2, $3, $4, $5, $6)";
        let values = values![&inbox[..], n, conversation, now, new.text.as_str(), new.signature.as_str()];
        tx.run(sql, values).await?;
        tx.commit().await?;
        Ok(new)
    }

    /// The newest entries of an inbox, oldest first. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn inbox(&self, inbox: &[u8; 32], limit: usize) -> Result<Vec<SentMessage>, StoreError> {
        let sql = "SELECT n, text, signature FROM sent_messages WHERE inbox = $1 ORDER BY n DESC LIMIT $2";
        let rows = self.shared.db.query(sql, values![&inbox[..], cap(limit.clamp(1, MAX_PAGE))]).await?;
        rows.into_iter().rev().map(sent).collect()
    }

    /// Says as which listed agent a member talks to users; `None`: as none. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such member, [`StoreError::Conflict`] if somebody
    /// else talks as this agent, or those of writing.
    pub async fn bind_agent(
        &self,
        member: i64,
        agent: Option<&str>,
        by: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let row = tx.one("SELECT login FROM staff WHERE id = $1", values![member]).await?;
        let login = row.ok_or(StoreError::NotFound)?.text()?;
        match agent {
            Some(agent) => {
                let taken = "SELECT staff FROM agents WHERE agent = $1 AND staff <> $2";
                if tx.one(taken, values![agent, member]).await?.is_some() {
                    return Err(StoreError::Conflict("somebody else talks as this agent"));
                }
                let sql = "INSERT INTO agents (staff, agent, by_whom, at) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (staff) DO UPDATE SET agent = excluded.agent, by_whom = excluded.by_whom, at = excluded.at";
                tx.run(sql, values![member, agent, by, now]).await?;
            }
            None => {
                tx.run("DELETE FROM agents WHERE staff = $1", values![member]).await?;
            }
        }
        let deed = Deed { at: now, by, act: "agent.bind", object: &login, detail: agent.unwrap_or_default() };
        audit::record(&mut tx, &deed).await?;
        tx.commit().await
    }

    /// The listed agent that somebody of the staff talks as.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn agent_of(&self, login: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT a.agent FROM agents a JOIN staff s ON s.id = a.staff WHERE s.login = $1";
        self.shared.db.one(sql, values![login]).await?.map(|mut row| row.text()).transpose()
    }

    /// Everybody who talks as a listed agent.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn bound_agents(&self) -> Result<Vec<BoundAgent>, StoreError> {
        let sql = "SELECT staff, agent, by_whom, at FROM agents ORDER BY agent";
        let rows = self.shared.db.query(sql, values![]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(BoundAgent { member: row.int()?, agent: row.text()?, by: row.text()?, at: row.moment()? })
            })
            .collect()
    }
}
