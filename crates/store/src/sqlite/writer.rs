//! The thread that writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc as blocking;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::{Home, Job, Reply, Step, append, query, run};
use crate::StoreError;
use crate::log::{Appended, NewEvent};

/// How many events are committed together at most: enough to hide the sync, few enough
/// that the first of them does not wait long.
const GROUP: usize = 4_096;

/// A lease whose holder says nothing for this long is ended.
const LEASE_SILENCE: Duration = Duration::from_secs(10);

struct Waiting {
    events: Vec<NewEvent>,
    generation: u64,
    reply: Reply<Vec<Appended>>,
}

pub(super) struct Writer {
    connection: Connection,
    home: Home,
    generation: Arc<AtomicU64>,
}

impl Writer {
    pub(super) fn new(connection: Connection, home: Home, generation: Arc<AtomicU64>) -> Self {
        Self { connection, home, generation }
    }

    /// Works until told to stop or until nobody is left who could ask.
    pub(super) fn work(self, mut inbox: mpsc::Receiver<Job>) {
        let mut next = inbox.blocking_recv();
        while let Some(job) = next.take() {
            match job {
                Job::Append { events, generation, reply } => {
                    let mut group = vec![Waiting { events, generation, reply }];
                    next = gather(&mut group, &mut inbox);
                    self.append(group);
                }
                Job::Lease { steps, reply } => self.lease(&steps, reply),
                Job::Stop(done) => {
                    drop(self.connection);
                    done.send(()).ok();
                    return;
                }
            }
            if next.is_none() {
                next = inbox.blocking_recv();
            }
        }
    }

    fn append(&self, group: Vec<Waiting>) {
        let now = self.generation.load(Ordering::Acquire);
        let (fresh, stale): (Vec<_>, Vec<_>) = group.into_iter().partition(|it| it.generation == now);
        for late in stale {
            late.reply.send(Err(StoreError::Unavailable(None))).ok();
        }
        if fresh.is_empty() {
            return;
        }
        let done = self.transaction(|connection| {
            let mut log = append::Append::begin(connection)?;
            let answers = fresh.iter().map(|it| log.write(&it.events)).collect::<Result<Vec<_>, _>>()?;
            log.finish()?;
            Ok(answers)
        });
        match done {
            Ok(answers) => {
                for (waiting, answer) in fresh.into_iter().zip(answers) {
                    waiting.reply.send(Ok(answer)).ok();
                }
            }
            Err(cause) => {
                self.generation.fetch_add(1, Ordering::AcqRel);
                let rest = fresh.len() - 1;
                let mut copies: Vec<_> = (0..rest).map(|_| cause.again()).collect();
                copies.push(cause);
                for (waiting, cause) in fresh.into_iter().zip(copies) {
                    waiting.reply.send(Err(cause)).ok();
                }
            }
        }
    }

    fn begin(&self) -> Result<(), StoreError> {
        self.home.check()?;
        Ok(self.connection.execute_batch("BEGIN IMMEDIATE")?)
    }

    /// The file is looked at before and after: a commit to a removed file is no commit.
    fn commit(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("COMMIT")?;
        self.home.check()
    }

    fn rollback(&self) {
        if !self.connection.is_autocommit()
            && let Err(cause) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%cause, "a transaction could not be rolled back");
        }
    }

    fn transaction<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.begin()?;
        let done = work(&self.connection).and_then(|it| self.commit().map(|()| it));
        if done.is_err() {
            self.rollback();
        }
        done
    }

    fn lease(&self, steps: &blocking::Receiver<Step>, ready: Reply<()>) {
        let begun = self.begin();
        let open = begun.is_ok();
        if ready.send(begun).is_err() || !open {
            self.rollback();
            return;
        }
        loop {
            match steps.recv_timeout(LEASE_SILENCE) {
                Ok(Step::Query(sql, values, reply)) => {
                    reply.send(query(&self.connection, &sql, &values)).ok();
                }
                Ok(Step::Run(sql, values, reply)) => {
                    reply.send(run(&self.connection, &sql, &values)).ok();
                }
                Ok(Step::RunEach(sql, many, reply)) => {
                    let each = many.iter().map(|values| run(&self.connection, &sql, values));
                    reply.send(each.collect()).ok();
                }
                Ok(Step::Script(sql, reply)) => {
                    reply.send(self.connection.execute_batch(&sql).map_err(StoreError::from)).ok();
                }
                Ok(Step::Commit(reply)) => {
                    let done = self.commit();
                    self.rollback();
                    reply.send(done).ok();
                    return;
                }
                Err(_) => return self.rollback(), // Dropped, or forgotten.
            }
        }
    }
}

/// Takes the appends that already wait; gives back the first job that is none.
fn gather(group: &mut Vec<Waiting>, inbox: &mut mpsc::Receiver<Job>) -> Option<Job> {
    let mut events: usize = group.iter().map(|it| it.events.len()).sum();
    while events < GROUP {
        match inbox.try_recv() {
            Ok(Job::Append { events: more, generation, reply }) => {
                events += more.len();
                group.push(Waiting { events: more, generation, reply });
            }
            Ok(other) => return Some(other),
            Err(_) => return None,
        }
    }
    None
}
