//! Announcements before and after they are in the log, and who agreed to each.
//!
//! Always true here:
//! - Each act and its entry in the trail are one transaction.
//! - What is published is the text that was agreed to: a draft with an agreement is not changed
//!   any more.

use touchstone_types::{Bilingual, Moment};

use crate::db::Tx;
use crate::log::cap;
use crate::value::{Row, values};
use crate::verdicts::MAX_PAGE;
use crate::{Deed, Store, StoreError, audit};

/// Where an announcement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnnouncementState {
    /// Written, not published.
    Draft,
    /// In the log.
    Published,
    /// In the log, and taken back there.
    Withdrawn,
    /// Thrown away before it was published.
    Dropped,
}

impl AnnouncementState {
    const fn number(self) -> i64 {
        match self {
            AnnouncementState::Draft => 0,
            AnnouncementState::Published => 1,
            AnnouncementState::Withdrawn => 2,
            AnnouncementState::Dropped => 3,
        }
    }

    fn read(number: i64) -> Result<Self, StoreError> {
        match number {
            0 => Ok(AnnouncementState::Draft),
            1 => Ok(AnnouncementState::Published),
            2 => Ok(AnnouncementState::Withdrawn),
            3 => Ok(AnnouncementState::Dropped),
            other => Err(StoreError::corrupt(format!("an announcement in state {other}"))),
        }
    }
}

/// A notice to everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Its name in the log.
    pub id: String,
    /// `notice`, `safety` or `urgent`.
    pub severity: String,
    /// Whose it is.
    pub organisation: String,
    /// Title.
    pub title: Bilingual,
    /// Text.
    pub text: Bilingual,
    /// Until when it holds, if it ends by itself.
    pub until: Option<Moment>,
    /// Who wrote it.
    pub made_by: String,
    /// When.
    pub made: Moment,
    /// Where it stands.
    pub state: AnnouncementState,
    /// Since when.
    pub changed: Moment,
    /// Its place in the log; once withdrawn, that of the statement that says so.
    pub log_index: Option<u64>,
    /// Who agreed to it, besides its author: login names.
    pub approvals: Vec<String>,
}

const COLUMNS: &str = "SELECT id, severity, organisation, title_zh, title_en, text_zh, text_en, until_when, made_by, made, state, changed, log_index \
     FROM announcements";

fn announcement(mut row: Row) -> Result<Announcement, StoreError> {
    let row = &mut row;
    Ok(Announcement {
        id: row.text()?,
        severity: row.text()?,
        organisation: row.text()?,
        title: Bilingual { zh: row.text()?, en: row.text()? },
        text: Bilingual { zh: row.text()?, en: row.text()? },
        until: row.maybe(Row::moment)?,
        made_by: row.text()?,
        made: row.moment()?,
        state: AnnouncementState::read(row.int()?)?,
        changed: row.moment()?,
        log_index: row.maybe(Row::count)?,
        approvals: Vec::new(),
    })
}

impl Store {
    /// Keeps a new draft. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the name is taken, or those of writing.
    pub async fn draft_announcement(&self, new: &Announcement) -> Result<(), StoreError> {
        let sql = "INSERT INTO announcements (id, severity, organisation, title_zh, title_en, text_zh, text_en, until_when, made_by, made, state, changed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $10)";
        let it = new;
        let values = values![
            it.id.as_str(),
            it.severity.as_str(),
            it.organisation.as_str(),
            it.title.zh.as_str(),
            it.title.en.as_str(),
            it.text.zh.as_str(),
            it.text.en.as_str(),
            it.until,
            it.made_by.as_str(),
            it.made
        ];
        let mut tx = self.shared.db.begin().await?;
        tx.run(sql, values).await?;
        record(&mut tx, it.made, &it.made_by, "announcement.draft", &it.id, &it.severity).await?;
        tx.commit().await
    }

    /// One announcement with who agreed to it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn announcement(&self, id: &str) -> Result<Announcement, StoreError> {
        let row = self.shared.db.one(format!("{COLUMNS} WHERE id = $1"), values![id]).await?;
        let mut found = announcement(row.ok_or(StoreError::NotFound)?)?;
        found.approvals = self.approvals(id).await?;
        Ok(found)
    }

    async fn approvals(&self, id: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT by_whom FROM announcement_approvals WHERE announcement = $1 ORDER BY at, by_whom";
        let rows = self.shared.db.query(sql, values![id]).await?;
        rows.into_iter().map(|mut row| row.text()).collect()
    }

    /// Announcements of all states but those thrown away, newest change first, each with who
    /// agreed to it. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn announcements(&self, limit: usize) -> Result<Vec<Announcement>, StoreError> {
        let sql = format!("{COLUMNS} WHERE state <> 3 ORDER BY changed DESC, id LIMIT $1");
        let rows = self.shared.db.query(sql, values![cap(limit.clamp(1, MAX_PAGE))]).await?;
        let mut list = Vec::with_capacity(rows.len());
        for row in rows {
            let mut found = announcement(row)?;
            if found.state == AnnouncementState::Draft {
                found.approvals = self.approvals(&found.id).await?;
            }
            list.push(found);
        }
        Ok(list)
    }

    /// Notes that somebody other than its author agrees to a draft. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it is no draft, is their own, or they agreed before; or those
    /// of writing.
    pub async fn approve_announcement(&self, id: &str, by: &str, now: Moment) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let open = "SELECT id FROM announcements WHERE id = $1 AND state = 0 AND made_by <> $2";
        if tx.one(open, values![id, by]).await?.is_none() {
            return Err(StoreError::Conflict("no draft of somebody else"));
        }
        let sql = "INSERT INTO announcement_approvals (announcement, by_whom, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        if tx.run(sql, values![id, by, now]).await? == 0 {
            return Err(StoreError::Conflict("agreed to before"));
        }
        record(&mut tx, now, by, "announcement.approve", id, "").await?;
        tx.commit().await
    }

    /// Moves an announcement from one state to another. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it is not in the state `from`, or those of writing.
    pub async fn move_announcement(
        &self,
        id: &str,
        from: AnnouncementState,
        to: AnnouncementState,
        log_index: Option<u64>,
        by: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let index = log_index.and_then(|it| i64::try_from(it).ok());
        let sql = "UPDATE announcements SET state = $3, changed = $4, log_index = COALESCE($5, log_index) WHERE id = $1 AND state = $2";
        let mut tx = self.shared.db.begin().await?;
        if tx.run(sql, values![id, from.number(), to.number(), now, index]).await? == 0 {
            return Err(StoreError::Conflict("the announcement has changed in between"));
        }
        let act = match to {
            AnnouncementState::Draft => "announcement.redraft",
            AnnouncementState::Published => "announcement.publish",
            AnnouncementState::Withdrawn => "announcement.withdraw",
            AnnouncementState::Dropped => "announcement.drop",
        };
        let detail = log_index.map(|it| it.to_string()).unwrap_or_default();
        record(&mut tx, now, by, act, id, &detail).await?;
        tx.commit().await
    }

    /// Notes where in the log an announcement, or what takes it back, stands.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn place_announcement(&self, id: &str, log_index: u64) -> Result<(), StoreError> {
        let sql = "UPDATE announcements SET log_index = $2 WHERE id = $1";
        let index = i64::try_from(log_index).map_err(|_| StoreError::corrupt("a place in the log"))?;
        self.shared.db.run(sql, values![id, index]).await.map(drop)
    }
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
