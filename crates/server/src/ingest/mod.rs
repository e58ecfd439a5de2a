//! Taking events in: many requests, one queue, one order.
//!
//! The way through: a handler takes its body apart ([`body`]) and puts it in the queue
//! ([`Ingest::submit`]); one thread ([`task`]) takes what waits, asks the store which events
//! it knows, judges the others in order ([`judge`]), hands the batch to the store, and goes
//! on with the next one while this one is made durable. Only then the requests are answered.
//!
//! Always true here:
//! - Nothing is acknowledged that is not on the disk; a full queue refuses, it never drops.
//! - The memory is a fold over the log. When the store refuses a batch that was learnt
//!   already, the memory is thrown away and read again from the log before anything else
//!   is judged.
//! - The time at which an event is said to have come never goes back along the log.

pub(crate) mod body;

mod answer;
mod judge;
mod task;

use std::sync::Arc;

use axum::body::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use touchstone_store::{Store, StoreError};

use crate::api::error::ApiError;
use crate::armed::Armed;
use crate::doubt::Opinions;
use crate::metrics::{Kind, Metrics};
use body::{Form, Line};
use judge::Judge;
pub(crate) use task::Surroundings;
use task::{Order, Task};

/// The door to the queue.
#[derive(Clone)]
pub struct Ingest {
    queue: mpsc::Sender<Job>,
    orders: mpsc::Sender<Order>,
    store: Store,
    room: Arc<Semaphore>,
    metrics: Metrics,
}

/// A judge that is ready to take over.
pub(crate) struct Prepared(Box<Judge>);

/// One request on its way through.
pub(crate) struct Job {
    pub(crate) body: Bytes,
    pub(crate) form: Form,
    pub(crate) lines: Vec<Line>,
    /// What a language model said of each event; empty if none was asked.
    pub(crate) opinions: Opinions,
    pub(crate) reply: oneshot::Sender<Result<Vec<u8>, ApiError>>,
    /// Its place among the bytes that may wait; given back when it is answered.
    _room: OwnedSemaphorePermit,
}

/// Bytes are counted in pages, as a semaphore counts at most 2^29 or so.
const PAGE: usize = 4096;

impl Ingest {
    /// Starts the thread, which first reads the memory from the log. Needs a runtime.
    pub(crate) fn start(around: Surroundings, armed: Arc<Armed>) -> std::io::Result<Self> {
        let config = &around.config;
        let (queue, waiting) = mpsc::channel(config.queue_requests.max(1));
        let (orders, ordered) = mpsc::channel(4);
        let pages = (config.queue_bytes / PAGE).clamp(1, Semaphore::MAX_PERMITS);
        let (store, metrics) = (around.store.clone(), around.metrics.clone());
        let runtime = tokio::runtime::Handle::current();
        let task = Task::new(around, armed, waiting, ordered);
        std::thread::Builder::new().name("ingest".to_owned()).spawn(move || runtime.block_on(task.run()))?;
        Ok(Self { queue, orders, store, room: Arc::new(Semaphore::new(pages)), metrics })
    }

    /// A judge that judges by something else, ready to take over from one that judges by
    /// `before`: with other features its memory is read from the log first.
    pub(crate) async fn prepare(&self, before: &Armed, armed: Arc<Armed>) -> Result<Prepared, StoreError> {
        let mut judge = Judge::new(armed);
        if judge.could_inherit(before) {
            return Ok(Prepared(Box::new(judge)));
        }
        let (store, runtime) = (self.store.clone(), tokio::runtime::Handle::current());
        let read = tokio::task::spawn_blocking(move || {
            runtime.block_on(task::recall(&store, &mut judge)).map(|()| Prepared(Box::new(judge)))
        });
        read.await.unwrap_or(Err(StoreError::Unavailable(None)))
    }

    /// Lets a judge take over between two batches; nothing if the thread has ended.
    pub(crate) async fn swap(&self, next: Prepared) -> Option<Result<(), StoreError>> {
        let (done, answer) = oneshot::channel();
        self.orders.send(Order::Swap(next.0, done)).await.ok()?;
        answer.await.ok()
    }

    /// Takes in what waits, writes the memory down, and ends the thread.
    pub(crate) async fn finish(&self) {
        let (done, answer) = oneshot::channel();
        if self.orders.send(Order::Finish(done)).await.is_ok() {
            // An error says that it has ended already.
            let _ = answer.await;
        }
    }

    /// Judges and stores the events of a request, with what a language model said of each (or
    /// nothing of any); comes back with the body of the answer when
    /// they are on the disk.
    ///
    /// # Errors
    /// [`ApiError::Unavailable`] if the queue is full or the store fails: nothing is
    /// acknowledged, the same request may be sent again.
    pub(crate) async fn submit(
        &self,
        body: Bytes,
        form: Form,
        lines: Vec<Line>,
        opinions: Opinions,
    ) -> Result<Vec<u8>, ApiError> {
        let events = lines.len() as u64;
        let outcome = self.wait(body, form, lines, opinions).await;
        if outcome.is_err() {
            self.metrics.events.get_or_create(&Kind { kind: "refused" }).inc_by(events);
        }
        outcome
    }

    async fn wait(
        &self,
        body: Bytes,
        form: Form,
        lines: Vec<Line>,
        opinions: Opinions,
    ) -> Result<Vec<u8>, ApiError> {
        let full = || ApiError::Unavailable { reason: "too many requests are waiting", wait: 1, cause: None };
        let pages = u32::try_from(body.len() / PAGE + 1).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(pages).map_err(|_| full())?;
        let (reply, answer) = oneshot::channel();
        self.queue.try_send(Job { body, form, lines, opinions, reply, _room: room }).map_err(|refused| {
            match refused {
                mpsc::error::TrySendError::Full(_) => full(),
                mpsc::error::TrySendError::Closed(_) => stopping(),
            }
        })?;
        self.metrics.queue_requests.inc();
        let answer = answer.await;
        self.metrics.queue_requests.dec();
        answer.unwrap_or_else(|_| Err(stopping()))
    }
}

fn stopping() -> ApiError {
    ApiError::Unavailable { reason: "the server is stopping", wait: 5, cause: None }
}
