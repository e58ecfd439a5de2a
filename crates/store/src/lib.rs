//! Where is it kept? The only SQL.
//!
//! The way through: [`Store::open`] takes `sqlite:PATH` or `postgres://…` and applies the
//! migrations; [`Store::ingest`] gives the turn to add to the log; the other methods of
//! [`Store`] ask and record, one module a subject.
//!
//! Always true here:
//! - What was acknowledged is on the disk: it survives the death of the process.
//! - The log is a total order ([`Seq`]); an event is in it once, by `(source, id)`.
//! - One text of SQL for both engines (`$1, $2, …`); two hot paths are written twice:
//!   the append, and the search for a phrase.
//! - The audit trail, the acts of reviewers, the timelines of cases and the registry's signed log
//!   are only ever added to, by a trigger too.
//! - No clock and no randomness: times and tokens come from the caller.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use touchstone_types::Moment;

mod actions;
mod announcements;
mod applications;
mod audit;
mod case_breaches;
mod case_desk;
mod case_due;
mod case_entries;
mod case_files;
mod cases;
mod conversations;
mod db;
mod drafts;
mod duty_pages;
mod error;
mod inbox;
mod ledger;
mod log;
mod migrate;
mod oversight;
mod policies;
mod postgres;
mod retention;
mod reviews;
mod sessions;
mod shifts;
mod sqlite;
mod staff;
mod staff_duty;
mod tally;
mod transparency;
mod value;
mod verdicts;
mod webhooks;

pub use actions::{ActionCall, ActionChange, Approval, KeptAction, NewApproval, VictimLimit};
pub use announcements::{Announcement, AnnouncementState};
pub use applications::{Attempt, Evidence, KeptApplication};
pub use audit::{AuditEntry, AuditState, Deed};
pub use case_breaches::BreachFact;
pub use case_desk::{DeskCounts, DeskCursor, DeskFilter, Kin, MAX_LOAD, Whose};
pub use case_due::{Computable, Recomputed};
pub use case_entries::{Author, Entry, EntryKind, NewEntry};
pub use case_files::{CaseFile, NewFile};
pub use cases::{
    CaseChange, CaseDeed, CaseRow, KeptCase, Mark, NewBreach, NewCase, Standing, StepDone, StepTick,
};
pub use conversations::{Conversation, Ended, SIGN_WITHIN, Taken};
pub use drafts::{DraftFile, DraftFull, DraftLimits};
pub use duty_pages::{DUTY_CALLS, DutyPage, NewDutyPage};
pub use error::{BoxedCause, StoreError};
pub use inbox::{BoundAgent, SentMessage};
pub use ledger::{Addition, Leaf, LogTile, MAX_LEAVES, NewLeaf, RegistryFile, SignedHead};
pub use log::{Appended, Entity, EntityKind, Ingest, Logged, NewEvent, Screened, Seq};
pub use oversight::{Alert, Objection};
pub use policies::{PolicyChange, PolicyStatus, PolicyVersion, Snapshot};
pub use retention::Forgotten;
pub use reviews::{Act, Holder, Label, Labelled, MAX_BULK, Quality, Review, ReviewState, Ruling};
pub use sessions::Session;
pub use shifts::{Arrivals, Shift, StaffAct};
pub use staff::{ApiKey, Credential, CredentialKind, Invitation, Member, NewMember};
pub use staff_duty::Worker;
pub use touchstone_accounts::Failures;
pub use transparency::{Counted, MAX_MONTHS, Measured, MonthlyCount, MonthlyLength};
pub use verdicts::{
    Campaign, Hits, HourlyCounts, MAX_PAGE, Page, SCANNED_TEXTS, StoredVerdict, VerdictFilter,
};
pub use webhooks::{Delivery, DeliveryState, Notice, Subscription};

use db::Db;

/// How a database is used. The defaults suit a server.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long to wait for a lock, a connection or a place in the queue before
    /// [`StoreError::Busy`]. 5 s.
    pub patience: Duration,
    /// How many batches may wait for the SQLite writer. 64.
    pub queue: usize,
    /// How many connections read. 4.
    pub readers: usize,
    /// The most pages (of 4 KiB) that the SQLite file may have; beyond it writes fail with
    /// [`StoreError::Full`]. None: as many as the disk holds.
    pub max_pages: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self { patience: Duration::from_secs(5), queue: 64, readers: 4, max_pages: None }
    }
}

/// An open database. Cloning it gives another hand on the same one.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    db: Db,
    turn: Arc<tokio::sync::Mutex<()>>,
    flying: Arc<log::InFlight>,
    claimed: Mutex<Option<File>>,
}

impl Shared {
    /// Makes this process the one that adds to the SQLite file, until it ends.
    fn claim(&self, path: &Path) -> Result<(), StoreError> {
        let mut claimed = self.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        if claimed.is_some() {
            return Ok(());
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push("-ingest");
        let gone = |cause: std::io::Error| StoreError::Unavailable(Some(cause.into()));
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(beside).map_err(gone)?;
        match file.try_lock() {
            Ok(()) => *claimed = Some(file),
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Busy(Some("another process adds to this log".into())));
            }
            Err(TryLockError::Error(cause)) => return Err(gone(cause)),
        }
        Ok(())
    }
}

impl Store {
    /// Opens `sqlite:PATH` (made if it does not exist) or `postgres://…` and applies the
    /// migrations that are missing; `now` is written beside them.
    ///
    /// # Errors
    /// [`StoreError::Address`] for any other form, [`StoreError::Newer`] for a database of a
    /// later version, else why it cannot be opened.
    pub async fn open(url: &str, now: Moment) -> Result<Self, StoreError> {
        Self::open_with(url, now, &Options::default()).await
    }

    /// The same with options.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with(url: &str, now: Moment, options: &Options) -> Result<Self, StoreError> {
        let db = Db::open(url, options).await?;
        migrate::migrate(&db, now.as_micros()).await?;
        Ok(Self {
            shared: Arc::new(Shared {
                db,
                turn: Arc::default(),
                flying: Arc::default(),
                claimed: Mutex::default(),
            }),
        })
    }

    /// Whether the database answers and can be written to: for readiness. Changes nothing.
    ///
    /// # Errors
    /// Why not.
    pub async fn check(&self) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        tx.run("UPDATE head SET last = last", Vec::new()).await?;
        Ok(()) // Rolled back.
    }

    /// Waits for what is in the queue and lets go of the database. Other hands on it get
    /// [`StoreError::Unavailable`] from then on.
    pub async fn close(self) {
        match &self.shared.db {
            Db::Sqlite(it) => it.close().await,
            Db::Postgres(it) => it.close(),
        }
        self.shared.claimed.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
