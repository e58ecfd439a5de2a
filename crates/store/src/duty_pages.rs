//! Calls to whoever is on duty, shown until somebody says that they have seen them.

use serde_json::json;
use touchstone_types::Moment;

use crate::db::Tx;
use crate::log::cap;
use crate::value::{Row, values};
use crate::verdicts::MAX_PAGE;
use crate::webhooks::{self, Notice};
use crate::{Deed, Store, StoreError, audit};

/// What a [`crate::Subscription`] follows to be told of calls to staff; no organisation has that id.
pub const DUTY_CALLS: &str = "duty:calls";

/// A call to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDutyPage {
    /// To whom: 0 agents, 1 leads, 2 and 3 complaints officers.
    pub level: u8,
    /// To one person among them, by login name.
    pub to: Option<String>,
    /// Why, as a word: `new`, `warned`, `breached`, `lapsed`, `escalated`, `written`, `no_date`,
    /// `action`.
    pub why: String,
    /// Which rule or task; empty if none.
    pub detail: String,
}

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyPage {
    /// Number.
    pub id: i64,
    /// About which case.
    pub case: i64,
    /// What people call it.
    pub reference: String,
    /// To whom: 0 agents, 1 leads, 2 and 3 complaints officers.
    pub level: u8,
    /// To one person among them, by login name.
    pub to: Option<String>,
    /// Why, as a word.
    pub why: String,
    /// Which rule or task; empty if none.
    pub detail: String,
    /// Since when.
    pub at: Moment,
}

fn page(mut row: Row) -> Result<DutyPage, StoreError> {
    let row = &mut row;
    Ok(DutyPage {
        id: row.int()?,
        case: row.int()?,
        reference: row.text()?,
        level: crate::cases::small(row)?,
        to: row.maybe(Row::text)?,
        why: row.text()?,
        detail: row.text()?,
        at: row.moment()?,
    })
}

/// Calls people in the transaction of what they are called for. A call that nobody has seen yet
/// is not made twice.
pub(crate) async fn add(
    tx: &mut Tx,
    case: i64,
    reference: &str,
    at: Moment,
    pages: &[NewDutyPage],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO duty_pages (case_id, reference, level, to_whom, why, detail, at) \
         SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (SELECT 1 FROM duty_pages \
         WHERE case_id = $1 AND seen IS NULL AND level = $3 AND COALESCE(to_whom, '') = $8 AND why = $5 AND detail = $6) RETURNING id";
    for it in pages {
        let (to, why, detail) = (it.to.as_deref(), it.why.as_str(), it.detail.as_str());
        let level = i64::from(it.level);
        let values = values![case, reference, level, to, why, detail, at, to.unwrap_or_default()];
        if let Some(mut row) = tx.one(sql, values).await? {
            webhooks::enqueue(tx, &[notice(row.int()?, reference, at, it)], at).await?;
        }
    }
    Ok(())
}

/// What whoever calls people out of the console is told: who is called to which case and why, nothing
/// that a victim told.
fn notice(id: i64, reference: &str, at: Moment, it: &NewDutyPage) -> Notice {
    let level = match it.level {
        0 => "agent",
        1 => "lead",
        _ => "complaints_officer",
    };
    let data = json!({ "call": id, "case": reference, "level": level, "to": it.to, "why": it.why,
        "detail": it.detail });
    Notice {
        message: format!("call_{id}"),
        about: DUTY_CALLS.to_owned(),
        public: false,
        body: json!({ "type": "duty.called", "timestamp": at, "data": data }).to_string(),
    }
}

/// Somebody looked after the case: nobody else is called for what was before.
pub(crate) async fn settle(tx: &mut Tx, case: i64, login: &str, at: Moment) -> Result<(), StoreError> {
    let sql = "UPDATE duty_pages SET seen = $2, seen_by = $3 WHERE case_id = $1 AND seen IS NULL";
    tx.run(sql, values![case, at, login]).await.map(drop)
}

impl Store {
    /// Calls that nobody has seen yet, to those levels, or to that person by name; oldest first.
    /// At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn open_pages(
        &self,
        levels: &[u8],
        login: &str,
        limit: usize,
    ) -> Result<Vec<DutyPage>, StoreError> {
        let levels = levels.iter().map(|it| it.to_string()).collect::<Vec<_>>().join(", ");
        if levels.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT id, case_id, reference, level, to_whom, why, detail, at FROM duty_pages \
             WHERE seen IS NULL AND level IN ({levels}) AND (to_whom IS NULL OR to_whom = $1) ORDER BY id LIMIT $2"
        );
        let found = self.shared.db.query(sql, values![login, cap(limit.clamp(1, MAX_PAGE))]).await?;
        found.into_iter().map(page).collect()
    }

    /// Somebody has seen a call. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if somebody has already, or those of writing.
    pub async fn see_page(&self, id: i64, login: &str, now: Moment) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "UPDATE duty_pages SET seen = $2, seen_by = $3 WHERE id = $1 AND seen IS NULL RETURNING reference, why";
        let mut row = tx.one(sql, values![id, now, login]).await?.ok_or(StoreError::NotFound)?;
        let (object, detail) = (row.text()?, row.text()?);
        let deed = Deed { at: now, by: login, act: "page.seen", object: &object, detail: &detail };
        audit::record(&mut tx, &deed).await?;
        tx.commit().await
    }
}
