//! The timeline of a case: what was said and done, by whom, and whether the victim sees it.
//!
//! Entries are added with the change that they tell of ([`crate::CaseChange`]), numbered from 1
//! without gaps, and never changed: a trigger refuses it. What somebody wrote comes sealed.

use std::fmt;

use touchstone_types::Moment;

use crate::db::Tx;
use crate::log::cap;
use crate::value::{ROWS, Row, Value, places, values};
use crate::verdicts::MAX_PAGE;
use crate::{Store, StoreError};

/// Who did something to a case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Author {
    /// Whoever has the case's secret link.
    Victim,
    /// Somebody of the staff.
    Staff {
        /// Login name.
        login: String,
        /// The name under which the victim knows them.
        name: String,
        /// What they are there for.
        role: String,
    },
    /// The desk itself, as time goes by.
    System,
    /// A program of the operator's, by the public part of its key.
    Key(String),
}

impl Author {
    /// `victim`, `staff`, `system` or `key`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Author::Victim => "victim",
            Author::Staff { .. } => "staff",
            Author::System => "system",
            Author::Key(_) => "key",
        }
    }

    /// As the audit trail names them: a login name, `victim`, `system` or `key:…`.
    #[must_use]
    pub fn audited(&self) -> String {
        match self {
            Author::Victim => "victim".to_owned(),
            Author::Staff { login, .. } => login.clone(),
            Author::System => "system".to_owned(),
            Author::Key(id) => format!("key:{id}"),
        }
    }

    /// The login name, if it is somebody of the staff.
    #[must_use]
    pub fn login(&self) -> Option<&str> {
        match self {
            Author::Staff { login, .. } => Some(login),
            _ => None,
        }
    }

    pub(crate) fn whom(&self) -> &str {
        match self {
            Author::Staff { login, .. } => login,
            Author::Key(id) => id,
            Author::Victim | Author::System => "",
        }
    }

    pub(crate) fn read(kind: &str, whom: String, name: String, role: String) -> Result<Self, StoreError> {
        match kind {
            "victim" => Ok(Author::Victim),
            "staff" => Ok(Author::Staff { login: whom, name, role }),
            "system" => Ok(Author::System),
            "key" => Ok(Author::Key(whom)),
            other => Err(StoreError::corrupt(format!("an author of kind {other}"))),
        }
    }
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal),+ $(,)?) => {
        /// What an entry tells of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EntryKind { $($(#[doc = $doc])+ $variant),+ }

        impl EntryKind {
            /// All of them.
            pub const ALL: &'static [EntryKind] = &[$(EntryKind::$variant),+];

            /// Its name in the database and on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(EntryKind::$variant => $name),+ }
            }

            fn read(name: &str) -> Result<Self, StoreError> {
                match name {
                    $($name => Ok(EntryKind::$variant),)+
                    other => Err(StoreError::corrupt(format!("an entry of kind {other}"))),
                }
            }
        }
    };
}

kinds! {
    /// The case was reported.
    Reported = "reported",
    /// The victim wrote.
    Message = "message",
    /// A person answered, in words for this case.
    Answer = "answer",
    /// A person asked the victim something.
    Asked = "asked",
    /// Staff noted something for themselves.
    Note = "note",
    /// Somebody took it.
    Taken = "taken",
    /// It was given to somebody by itself.
    Assigned = "assigned",
    /// It was handed to somebody else.
    HandedOver = "handed_over",
    /// It went one level up.
    Escalated = "escalated",
    /// Part of a clock has run.
    Warned = "warned",
    /// A clock ran out.
    Breached = "breached",
    /// A next step was not done in time.
    Lapsed = "lapsed",
    /// The packets for authorities were put together.
    PacketPrepared = "packet_prepared",
    /// A person sent one.
    PacketSent = "packet_sent",
    /// A person filled in a field of one by hand.
    PacketFilled = "packet_filled",
    /// A file came in.
    File = "file",
    /// A step of the plan or playbook was done, or taken back.
    Step = "step",
    /// Something was done to the world, or asked for.
    Action = "action",
    /// Somebody of the staff looked at the case.
    Viewed = "viewed",
    /// It was closed.
    Closed = "closed",
    /// It was opened again.
    Reopened = "reopened",
    /// A text that fits every case was sent; it stops no clock.
    Template = "template",
    /// A confirmation of receipt was sent; it stops no clock.
    AutoReply = "auto_reply",
    /// The victim complained in form.
    Complained = "complained",
    /// The people on duty were called.
    Paged = "paged",
    /// A clock started for which there is no date.
    NoDate = "no_date",
    /// Something did not fit the case as it was; kept, because it is evidence.
    Unexpected = "unexpected",
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An entry to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// When.
    pub at: Moment,
    /// What.
    pub kind: EntryKind,
    /// By whom.
    pub by: Author,
    /// What was written, sealed for the number that the entry will have.
    pub text: Option<Vec<u8>>,
    /// Particulars as a JSON object; nothing that somebody wrote.
    pub detail: String,
    /// Whether the victim sees it.
    pub visible: bool,
}

/// An entry of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Number, from 1 without gaps.
    pub n: i64,
    /// When.
    pub at: Moment,
    /// What.
    pub kind: EntryKind,
    /// By whom.
    pub by: Author,
    /// What was written, sealed.
    pub text: Option<Vec<u8>>,
    /// Particulars as a JSON object.
    pub detail: String,
    /// Whether the victim sees it.
    pub visible: bool,
}

const COLUMNS: &str =
    "SELECT n, at, kind, by_kind, by_whom, by_name, by_role, text, detail, visible FROM case_entries";

fn entry(mut row: Row) -> Result<Entry, StoreError> {
    let row = &mut row;
    let (n, at, kind) = (row.int()?, row.moment()?, EntryKind::read(&row.text()?)?);
    let by = Author::read(&row.text()?, row.text()?, row.text()?, row.text()?)?;
    Ok(Entry { n, at, kind, by, text: row.maybe(Row::bytes)?, detail: row.text()?, visible: row.flag()? })
}

/// Adds entries with the numbers after `last`.
pub(crate) async fn add(tx: &mut Tx, case: i64, last: i64, entries: &[NewEntry]) -> Result<(), StoreError> {
    let numbered: Vec<(i64, &NewEntry)> = (last + 1..).zip(entries).collect();
    for part in numbered.chunks(ROWS) {
        let sql = format!(
            "INSERT INTO case_entries (case_id, n, at, kind, by_kind, by_whom, by_name, by_role, text, detail, visible) VALUES {}",
            places(part.len(), 11)
        );
        tx.run(sql, part.iter().flat_map(|(n, it)| row_of(case, *n, it)).collect()).await?;
    }
    Ok(())
}

fn row_of(case: i64, n: i64, it: &NewEntry) -> Vec<Value> {
    let (name, role) = match &it.by {
        Author::Staff { name, role, .. } => (name.as_str(), role.as_str()),
        _ => ("", ""),
    };
    values![
        case,
        n,
        it.at,
        it.kind.name(),
        it.by.kind(),
        it.by.whom(),
        name,
        role,
        it.text.clone(),
        it.detail.as_str(),
        it.visible
    ]
}

impl Store {
    /// The timeline of a case, oldest first, after the entry with that number. At most
    /// [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn case_entries(&self, case: i64, after: i64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let sql = format!("{COLUMNS} WHERE case_id = $1 AND n > $2 ORDER BY n LIMIT $3");
        let rows = self.shared.db.query(sql, values![case, after, cap(limit.clamp(1, MAX_PAGE))]).await?;
        rows.into_iter().map(entry).collect()
    }

    /// Who of the staff looked at a case, newest first. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn case_views(&self, case: i64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let sql = format!("{COLUMNS} WHERE case_id = $1 AND kind = 'viewed' ORDER BY n DESC LIMIT $2");
        let rows = self.shared.db.query(sql, values![case, cap(limit.clamp(1, MAX_PAGE))]).await?;
        rows.into_iter().map(entry).collect()
    }

    /// When somebody of the staff last looked at a case.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn last_look(&self, case: i64, login: &str) -> Result<Option<Moment>, StoreError> {
        let sql = "SELECT at FROM case_entries WHERE case_id = $1 AND kind = 'viewed' AND by_whom = $2 ORDER BY n DESC LIMIT 1";
        self.shared.db.one(sql, values![case, login]).await?.map(|mut row| row.moment()).transpose()
    }

    /// Whether somebody of the staff did something on a case other than look at it.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn worked_on(&self, case: i64, login: &str) -> Result<bool, StoreError> {
        let sql = "SELECT n FROM case_entries WHERE case_id = $1 AND by_kind = 'staff' AND by_whom = $2 AND kind <> 'viewed' LIMIT 1";
        Ok(self.shared.db.one(sql, values![case, login]).await?.is_some())
    }
}
