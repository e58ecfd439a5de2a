//! Conversations that users began, who took them, and the proof that was signed for each.
//!
//! Always true here:
//! - What staff does with a conversation is in the trail, in the same transaction.
//! - A conversation that ended or expired opens nothing and is not taken again.
//! - No secret: tokens come as hashes, agents' keys never come here at all.

use touchstone_types::{Lapse, Moment};

use crate::db::Tx;
use crate::log::cap;
use crate::value::{Row, values};
use crate::verdicts::MAX_PAGE;
use crate::{Deed, Store, StoreError, audit};

/// A conversation that was taken, but for which nothing was signed, may be taken by somebody
/// else after so long.
pub const SIGN_WITHIN: Lapse = Lapse::from_secs(60);

/// A conversation between one user and the operator's staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Its name.
    pub id: String,
    /// Hash of the user's token.
    pub token_hash: [u8; 32],
    /// The operator's id of the user.
    pub user: String,
    /// The user's inbox.
    pub inbox: [u8; 32],
    /// The case that it is about; empty if there is none.
    pub case: String,
    /// Where they talk.
    pub channel: String,
    /// What the user's app chose.
    pub user_nonce: [u8; 32],
    /// What the agent is to say first, in Chinese.
    pub phrase_zh: String,
    /// The same in English.
    pub phrase_en: String,
    /// The API key that asked for it.
    pub made_by: String,
    /// Since when.
    pub created: Moment,
    /// Until when at most.
    pub expires: Moment,
    /// Who has it, and what they signed.
    pub taken: Option<Taken>,
    /// Whether it ended before its time.
    pub ended: Option<Ended>,
}

/// Who has a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Login name.
    pub holder: String,
    /// As which listed agent.
    pub agent: String,
    /// Since when.
    pub at: Moment,
    /// The agent's certified key, JSON.
    pub agent_key: String,
    /// What was signed with it, JSON; absent for the moment that signing takes.
    pub proof: Option<String>,
}

/// How a conversation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Moment,
    /// Login name, or `user`.
    pub by: String,
    /// Why, in words.
    pub reason: String,
}

impl Conversation {
    /// Whether it goes on at that moment.
    #[must_use]
    pub fn is_open(&self, now: Moment) -> bool {
        self.ended.is_none() && now < self.expires
    }
}

const COLUMNS: &str = "SELECT id, token_hash, user_id, inbox, case_id, channel, user_nonce, phrase_zh, phrase_en, made_by, created, expires, \
     holder, agent, taken, agent_key, proof, ended, ended_by, reason FROM conversations";

fn conversation(mut row: Row) -> Result<Conversation, StoreError> {
    let row = &mut row;
    Ok(Conversation {
        id: row.text()?,
        token_hash: row.hash()?,
        user: row.text()?,
        inbox: row.hash()?,
        case: row.text()?,
        channel: row.text()?,
        user_nonce: row.hash()?,
        phrase_zh: row.text()?,
        phrase_en: row.text()?,
        made_by: row.text()?,
        created: row.moment()?,
        expires: row.moment()?,
        taken: taken(row)?,
        ended: ended(row)?,
    })
}

fn taken(row: &mut Row) -> Result<Option<Taken>, StoreError> {
    let (holder, agent) = (row.maybe(Row::text)?, row.maybe(Row::text)?);
    let (at, agent_key, proof) = (row.maybe(Row::moment)?, row.maybe(Row::text)?, row.maybe(Row::text)?);
    let (Some(holder), Some(agent), Some(at), Some(agent_key)) = (holder, agent, at, agent_key) else {
        return Ok(None);
    };
    Ok(Some(Taken { holder, agent, at, agent_key, proof }))
}

fn ended(row: &mut Row) -> Result<Option<Ended>, StoreError> {
    let (at, by, reason) = (row.maybe(Row::moment)?, row.maybe(Row::text)?, row.maybe(Row::text)?);
    Ok(at.zip(by).zip(reason).map(|((at, by), reason)| Ended { at, by, reason }))
}

impl Store {
    /// Keeps a new conversation, which waits for an agent. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the name or token is taken, or those of writing.
    pub async fn begin_conversation(&self, new: &Conversation) -> Result<(), StoreError> {
        let sql = "INSERT INTO conversations (id, token_hash, user_id, inbox, case_id, channel, user_nonce, phrase_zh, phrase_en, made_by, created, expires, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0)";
        let it = new;
        let values = values![
            it.id.as_str(),
            &it.token_hash[..],
            it.user.as_str(),
            &it.inbox[..],
            it.case.as_str(),
            it.channel.as_str(),
            &it.user_nonce[..],
            it.phrase_zh.as_str(),
            it.phrase_en.as_str(),
            it.made_by.as_str(),
            it.created,
            it.expires
        ];
        let by = format!("key:{}", it.made_by);
        let mut tx = self.shared.db.begin().await?;
        tx.run(sql, values).await?;
        record(&mut tx, it.created, &by, "session.begin", &it.id, &it.channel).await?;
        tx.commit().await
    }

    /// One conversation, whatever its state.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn conversation(&self, id: &str) -> Result<Conversation, StoreError> {
        let row = self.shared.db.one(format!("{COLUMNS} WHERE id = $1"), values![id]).await?;
        conversation(row.ok_or(StoreError::NotFound)?)
    }

    /// The conversation that a user's token opens, whatever its state.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn conversation_of(&self, token_hash: &[u8; 32]) -> Result<Conversation, StoreError> {
        let sql = format!("{COLUMNS} WHERE token_hash = $1");
        let row = self.shared.db.one(sql, values![&token_hash[..]]).await?;
        conversation(row.ok_or(StoreError::NotFound)?)
    }

    /// Conversations that go on, those that wait longest first. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn open_conversations(
        &self,
        now: Moment,
        limit: usize,
    ) -> Result<Vec<Conversation>, StoreError> {
        let sql = format!("{COLUMNS} WHERE state <> 2 AND expires > $1 ORDER BY state, created, id LIMIT $2");
        let rows = self.shared.db.query(sql, values![now, cap(limit.clamp(1, MAX_PAGE))]).await?;
        rows.into_iter().map(conversation).collect()
    }

    /// Gives a conversation that waits, or for which nobody signed within [`SIGN_WITHIN`], to one
    /// member of staff. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if somebody has it or it is over, or those of writing.
    pub async fn take_conversation(&self, id: &str, taken: &Taken) -> Result<(), StoreError> {
        let Taken { holder, agent, at, agent_key, .. } = taken;
        let sql = "UPDATE conversations SET state = 1, holder = $2, agent = $3, taken = $4, agent_key = $5, proof = NULL \
             WHERE id = $1 AND expires > $4 AND (state = 0 OR (state = 1 AND proof IS NULL AND (holder = $2 OR taken <= $6)))";
        let values = values![id, holder.as_str(), agent.as_str(), *at, agent_key.as_str(), *at - SIGN_WITHIN];
        let mut tx = self.shared.db.begin().await?;
        changed(tx.run(sql, values).await?)?;
        record(&mut tx, *at, holder, "session.take", id, agent).await?;
        tx.commit().await
    }

    /// Keeps what the agent signed with the key that the conversation was taken with. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the conversation is not theirs any more, was taken with
    /// another key, or is over; or those of writing.
    pub async fn sign_conversation(
        &self,
        id: &str,
        holder: &str,
        agent_key: &str,
        proof: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE conversations SET proof = $4 \
             WHERE id = $1 AND state = 1 AND holder = $2 AND agent_key = $3 AND proof IS NULL AND expires > $5";
        let mut tx = self.shared.db.begin().await?;
        changed(tx.run(sql, values![id, holder, agent_key, proof, now]).await?)?;
        record(&mut tx, now, holder, "session.sign", id, "").await?;
        tx.commit().await
    }

    /// Puts a conversation back among those that wait, with a new phrase: the next agent is
    /// another person. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it is not theirs or is over, or those of writing.
    pub async fn hand_over_conversation(
        &self,
        id: &str,
        holder: &str,
        phrase: (&str, &str),
        reason: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE conversations SET state = 0, holder = NULL, agent = NULL, taken = NULL, agent_key = NULL, proof = NULL, \
             phrase_zh = $3, phrase_en = $4 WHERE id = $1 AND state = 1 AND holder = $2 AND expires > $5";
        let mut tx = self.shared.db.begin().await?;
        changed(tx.run(sql, values![id, holder, phrase.0, phrase.1, now]).await?)?;
        record(&mut tx, now, holder, "session.hand_over", id, reason).await?;
        tx.commit().await
    }

    /// Ends a conversation: the user (`by` is `user`), its holder, or, where `of` is none, whoever
    /// may. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it is over or not theirs, or those of writing.
    pub async fn end_conversation(
        &self,
        id: &str,
        of: Option<&str>,
        by: &str,
        reason: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE conversations SET state = 2, ended = $2, ended_by = $3, reason = $4 \
             WHERE id = $1 AND state <> 2 AND expires > $2 AND ($5 = '' OR holder = $5)";
        let mut tx = self.shared.db.begin().await?;
        changed(tx.run(sql, values![id, now, by, reason, of.unwrap_or_default()]).await?)?;
        record(&mut tx, now, by, "session.end", id, reason).await?;
        tx.commit().await
    }

    /// Forgets conversations that were over before `before`: who talked to whom is not kept for
    /// longer than it is needed. The trail keeps that there was one. How many.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn forget_conversations(&self, before: Moment) -> Result<u64, StoreError> {
        self.shared.db.run("DELETE FROM conversations WHERE expires < $1", values![before]).await
    }
}

fn changed(rows: u64) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::Conflict("the conversation is over, or not theirs")) } else { Ok(()) }
}

async fn record(
    tx: &mut Tx,
    at: Moment,
    by: &str,
    act: &str,
    object: &str,
    detail: &str,
) -> Result<(), StoreError> {
    audit::record(tx, &Deed { at, by, act, object, detail }).await.map(drop)
}
