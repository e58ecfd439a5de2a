//! SQLite: one thread that writes, a few connections that read.
//!
//! The writer takes jobs in the order they came. Appends that wait together are committed
//! together, so the cost of a sync to disk is shared (group commit). A transaction of many
//! statements leases the writer until it ends.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc as blocking};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::db::Sql;
use crate::log::{Appended, NewEvent};
use crate::value::{Row, Value};
use crate::{Options, StoreError};

mod append;
mod writer;

pub(crate) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked to do.
pub(crate) enum Job {
    Append { events: Vec<NewEvent>, generation: u64, reply: Reply<Vec<Appended>> },
    Lease { steps: blocking::Receiver<Step>, reply: Reply<()> },
    Stop(oneshot::Sender<()>),
}

/// One step of a leased transaction.
pub(crate) enum Step {
    Query(Sql, Vec<Value>, Reply<Vec<Row>>),
    Run(Sql, Vec<Value>, Reply<u64>),
    RunEach(Sql, Vec<Vec<Value>>, Reply<Vec<u64>>),
    Script(String, Reply<()>),
    Commit(Reply<()>),
}

pub(crate) struct Sqlite {
    jobs: mpsc::Sender<Job>,
    readers: Arc<Readers>,
    // Rises when an append fails: appends prepared before that were screened with a memory
    // of events that were not kept, and are refused.
    generation: Arc<AtomicU64>,
    path: PathBuf,
    patience: Duration,
}

struct Readers {
    free: Semaphore,
    idle: Mutex<Vec<Connection>>,
    home: Home,
}

/// Where the file was when it was opened. A file that is removed while it is open can still
/// be written, and everything written is lost: so it is looked at before anything is said
/// to be kept.
#[derive(Clone)]
pub(crate) struct Home {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl Home {
    fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), identity: identity(path) }
    }

    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.identity.is_some() && identity(&self.path) == self.identity {
            return Ok(());
        }
        let gone = format!("{} was removed or replaced", self.path.display());
        Err(StoreError::Unavailable(Some(gone.into())))
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.dev(), meta.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|_| (0, 0))
}

impl Sqlite {
    pub(crate) async fn open(path: &str, options: &Options) -> Result<Self, StoreError> {
        let path = PathBuf::from(path);
        if path.as_os_str().is_empty() {
            return Err(StoreError::Address);
        }
        let (jobs, inbox) = mpsc::channel(options.queue.max(1));
        let generation = Arc::new(AtomicU64::new(0));
        let (at, settings, seen) = (path.clone(), options.clone(), Arc::clone(&generation));
        let readers = tokio::task::spawn_blocking(move || {
            let main = connect(&at, &settings, true)?;
            let home = Home::of(&at);
            let readers = Readers::open(&at, &settings, home.clone())?;
            let writer = writer::Writer::new(main, home, seen);
            std::thread::Builder::new()
                .name("store-writer".into())
                .spawn(move || writer.work(inbox))
                .map_err(|cause| StoreError::Unavailable(Some(cause.into())))?;
            Ok::<_, StoreError>(readers)
        })
        .await
        .map_err(|cause| StoreError::Unavailable(Some(cause.into())))??;
        Ok(Self { jobs, readers: Arc::new(readers), generation, path, patience: options.patience })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Puts a job in the queue; a queue that stays full is a database that cannot keep up.
    async fn send(&self, job: Job) -> Result<(), StoreError> {
        use tokio::sync::mpsc::error::SendTimeoutError;
        self.jobs.send_timeout(job, self.patience).await.map_err(|cause| match cause {
            SendTimeoutError::Timeout(_) => StoreError::Busy(None),
            SendTimeoutError::Closed(_) => StoreError::Unavailable(None),
        })
    }

    /// Hands the events to the writer. They are in the log's order when this returns, and
    /// durable when the receiver answers.
    pub(crate) async fn append(
        &self,
        events: Vec<NewEvent>,
        generation: u64,
    ) -> Result<oneshot::Receiver<Result<Vec<Appended>, StoreError>>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.send(Job::Append { events, generation, reply }).await;
        if sent.is_err() {
            // Counted before the turn passes on: what was prepared with these events is not to be kept.
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
        sent.map(|()| answer)
    }

    pub(crate) async fn lease(&self) -> Result<Lease, StoreError> {
        let (steps, inbox) = blocking::channel();
        let (reply, ready) = oneshot::channel();
        self.send(Job::Lease { steps: inbox, reply }).await?;
        answer(ready).await?;
        Ok(Lease { steps })
    }

    pub(crate) async fn query(&self, sql: Sql, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.read(move |connection| query(connection, &sql, &values)).await
    }

    /// Runs `work` on a connection that reads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(&self.readers);
        let permit = match tokio::time::timeout(self.patience, readers.free.acquire()).await {
            Ok(permit) => permit.map_err(|_| StoreError::Unavailable(None))?,
            Err(_) => return Err(StoreError::Busy(None)),
        };
        let pool = Arc::clone(&readers);
        let done = tokio::task::spawn_blocking(move || pool.with(work)).await;
        drop(permit);
        done.map_err(|cause| StoreError::Unavailable(Some(cause.into())))?
    }

    /// Waits until everything in the queue is done and the writer has let go of the file.
    pub(crate) async fn close(&self) {
        let (done, finished) = oneshot::channel();
        if self.jobs.send(Job::Stop(done)).await.is_ok() {
            finished.await.ok();
        }
    }
}

impl Readers {
    fn open(path: &Path, options: &Options, home: Home) -> Result<Self, StoreError> {
        let count = options.readers.max(1);
        let idle = (0..count).map(|_| connect(path, options, false)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { free: Semaphore::new(count), idle: Mutex::new(idle), home })
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.home.check()?;
        let taken = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = taken.ok_or(StoreError::Busy(None))?;
        let result = work(&connection);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }
}

fn connect(path: &Path, options: &Options, write: bool) -> Result<Connection, StoreError> {
    let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags |= if write {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    } else {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    };
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(options.patience)?;
    connection.set_prepared_statement_cache_capacity(128);
    if write {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.pragma_update(None, "cache_size", -65_536)?; // 64 MiB
        connection.pragma_update(None, "wal_autocheckpoint", 10_000)?; // pages, 40 MB
        connection.pragma_update(None, "journal_size_limit", 67_108_864)?;
        if let Some(pages) = options.max_pages {
            connection.pragma_update(None, "max_page_count", pages)?;
        }
    } else {
        connection.pragma_update(None, "cache_size", -8_192)?;
    }
    Ok(connection)
}

pub(crate) async fn answer<T>(reply: oneshot::Receiver<Result<T, StoreError>>) -> Result<T, StoreError> {
    reply.await.unwrap_or(Err(StoreError::Unavailable(None)))
}

/// The writer, for the length of one transaction.
pub(crate) struct Lease {
    steps: blocking::Sender<Step>,
}

impl Lease {
    async fn step<T>(&self, make: impl FnOnce(Reply<T>) -> Step) -> Result<T, StoreError> {
        let (reply, done) = oneshot::channel();
        self.steps.send(make(reply)).map_err(|_| StoreError::Unavailable(None))?;
        answer(done).await
    }

    pub(crate) async fn query(&mut self, sql: Sql, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.step(|reply| Step::Query(sql, values, reply)).await
    }

    pub(crate) async fn run(&mut self, sql: Sql, values: Vec<Value>) -> Result<u64, StoreError> {
        self.step(|reply| Step::Run(sql, values, reply)).await
    }

    pub(crate) async fn run_each(&mut self, sql: Sql, many: Vec<Vec<Value>>) -> Result<Vec<u64>, StoreError> {
        self.step(|reply| Step::RunEach(sql, many, reply)).await
    }

    pub(crate) async fn script(&mut self, sql: String) -> Result<(), StoreError> {
        self.step(|reply| Step::Script(sql, reply)).await
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.step(Step::Commit).await
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(it) => ValueRef::Integer(*it),
            Value::Real(it) => ValueRef::Real(*it),
            Value::Text(it) => ValueRef::Text(it.as_bytes()),
            Value::Bytes(it) => ValueRef::Blob(it),
        }))
    }
}

pub(crate) fn query(connection: &Connection, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(&numbered(sql))?;
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let read = (0..columns).map(|at| row.get_ref(at).map_err(StoreError::from).and_then(value));
        found.push(Row::new(read.collect::<Result<_, _>>()?));
    }
    Ok(found)
}

pub(crate) fn run(connection: &Connection, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(&numbered(sql))?;
    Ok(statement.execute(rusqlite::params_from_iter(values))? as u64)
}

fn value(found: ValueRef<'_>) -> Result<Value, StoreError> {
    Ok(match found {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(it) => Value::Int(it),
        ValueRef::Real(it) => Value::Real(it),
        ValueRef::Text(it) => {
            let text = std::str::from_utf8(it).map_err(|_| StoreError::corrupt("a text is not UTF-8"))?;
            Value::Text(text.to_owned())
        }
        ValueRef::Blob(it) => Value::Bytes(it.to_vec()),
    })
}

/// `$1` is the name of a parameter to SQLite and not its place: `?1` is.
fn numbered(sql: &str) -> String {
    let mut quoted = false;
    sql.chars()
        .map(|it| match it {
            '\'' => {
                quoted = !quoted;
                it
            }
            '$' if !quoted => '?',
            _ => it,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_outside_quotes_only() {
        assert_eq!(numbered("SELECT $2, '$1', $10"), "SELECT ?2, '$1', ?10");
    }
}
