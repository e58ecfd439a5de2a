//! The one thread that judges, in the order of the log.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use touchstone_screening::Opinion;
use touchstone_store::{Appended, NewEvent, Screened, Seq, Snapshot, Store, StoreError};
use touchstone_types::{Event, EventError, EventKey, Moment};

use super::answer::{AHEAD, Answers};
use super::judge::{Judge, Judgement, difference};
use super::{Job, stopping};
use crate::api::error::ApiError;
use crate::armed::Armed;
use crate::clock::Clock;
use crate::config::IngestConfig;
use crate::ctx::{Health, State};
use crate::hub::Hub;
use crate::metrics::{Kind, Metrics};

/// How many batches may be on their way to the disk while the next one is judged.
const ON_THEIR_WAY: usize = 4;

/// How many events are read from the log at a time.
const PAGE: usize = 2_000;

/// What the task can be told.
pub(crate) enum Order {
    /// Judge with this from now on; it has learnt the log up to some place. Says so when done.
    Swap(Box<Judge>, oneshot::Sender<Result<(), StoreError>>),
    /// Take in what waits, write the memory down, and end. Says so when done.
    Finish(oneshot::Sender<()>),
}

/// What the task shares with the rest of the server.
pub(crate) struct Surroundings {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Metrics,
    pub(crate) hub: Hub,
    pub(crate) health: Health,
    pub(crate) config: IngestConfig,
    /// The model that gives second opinions, if one is asked.
    pub(crate) model: String,
}

pub(crate) struct Task {
    around: Surroundings,
    judge: Judge,
    queue: mpsc::Receiver<Job>,
    orders: mpsc::Receiver<Order>,
    on_their_way: VecDeque<JoinHandle<Result<Seq, Failure>>>,
    /// The memory holds something that may not be in the log.
    torn: bool,
    /// The store's count of failures when the memory was last known to be whole.
    failures: u64,
    /// When the last event came; the next one does not come before it.
    last_received: Moment,
    written_down: Seq,
    written_at: Instant,
}

/// Why a batch was not kept, for each request in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    reason: &'static str,
    wait: u64,
}

impl Failure {
    fn of(cause: &StoreError) -> Self {
        tracing::warn!(cause = cause as &dyn std::error::Error, "the store refused");
        match cause {
            StoreError::Busy(_) => Self { reason: "the database is busy", wait: 1 },
            StoreError::Full(_) => Self { reason: "the database is full", wait: 30 },
            StoreError::Unavailable(_) => Self { reason: "the database cannot be reached", wait: 2 },
            _ => Self { reason: "the database does not work", wait: 10 },
        }
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        ApiError::Unavailable { reason: failure.reason, wait: failure.wait, cause: None }
    }
}

/// What is to be answered when the batch is on the disk.
type Replies = Vec<(oneshot::Sender<Result<Vec<u8>, ApiError>>, Vec<u8>)>;

impl Task {
    pub(crate) fn new(
        around: Surroundings,
        armed: Arc<Armed>,
        queue: mpsc::Receiver<Job>,
        orders: mpsc::Receiver<Order>,
    ) -> Self {
        Self {
            around,
            judge: Judge::new(armed),
            queue,
            orders,
            on_their_way: VecDeque::new(),
            torn: true, // Nothing has been learnt yet.
            failures: 0,
            last_received: Moment::MIN,
            written_down: Seq::START,
            written_at: Instant::now(),
        }
    }

    /// Works until told to finish, or until nobody is left who could ask.
    pub(crate) async fn run(mut self) {
        let mut tick = tokio::time::interval(self.around.config.follow());
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while let Err(failure) = self.mend().await {
            tracing::error!(reason = failure.reason, "the memory cannot be read yet");
            if self.closed_within(Duration::from_secs(1)).await {
                return;
            }
        }
        loop {
            let free = self.on_their_way.len() < ON_THEIR_WAY;
            tokio::select! {
                biased;
                landed = first(&mut self.on_their_way), if !self.on_their_way.is_empty() => self.landed(landed),
                order = self.orders.recv() => match order {
                    Some(Order::Swap(judge, done)) => {
                        let swapped = self.swap(*judge).await;
                        done.send(swapped).ok();
                    }
                    Some(Order::Finish(done)) => {
                        self.finish().await;
                        done.send(()).ok();
                        return;
                    }
                    None => return self.finish().await,
                },
                job = self.queue.recv(), if free => match job {
                    Some(job) => {
                        let jobs = self.gather(job);
                        self.take_in(jobs).await;
                    }
                    None => return self.finish().await,
                },
                _ = tick.tick() => self.tick().await,
            }
        }
    }

    /// Waits a little; says whether the server was told to end meanwhile.
    async fn closed_within(&mut self, pause: Duration) -> bool {
        match tokio::time::timeout(pause, self.orders.recv()).await {
            Err(_) => false,
            Ok(Some(Order::Swap(next, done))) => {
                self.judge = *next;
                done.send(Ok(())).ok();
                false
            }
            Ok(Some(Order::Finish(done))) => {
                done.send(()).ok();
                true
            }
            Ok(None) => true,
        }
    }

    /// The job with others that wait already, up to the size of a batch.
    fn gather(&mut self, first: Job) -> Vec<Job> {
        let mut events = first.lines.len();
        let mut jobs = vec![first];
        while events < self.around.config.batch_events {
            let Ok(job) = self.queue.try_recv() else { break };
            events += job.lines.len();
            jobs.push(job);
        }
        jobs
    }

    async fn take_in(&mut self, jobs: Vec<Job>) {
        if let Err(failure) = self.try_take_in(jobs).await {
            self.around.metrics.store_failures.inc();
            self.around.health.set(State::StoreFailed);
            tracing::warn!(reason = failure.reason, "a batch was refused");
        }
    }

    async fn try_take_in(&mut self, jobs: Vec<Job>) -> Result<(), Failure> {
        let mut turn = match self.turn().await {
            Ok(turn) => turn,
            Err(failure) => {
                refuse(jobs, failure);
                return Err(failure);
            }
        };
        let read: Vec<Vec<Result<Event<'_>, EventError>>> = jobs.iter().map(read).collect();
        let keys: Vec<EventKey> = read.iter().flatten().flatten().map(Event::key).collect();
        let known = match turn.known(&keys).await {
            Ok(known) => known,
            Err(cause) => {
                let failure = Failure::of(&cause);
                drop(read);
                refuse(jobs, failure);
                return Err(failure);
            }
        };
        let started = Instant::now();
        let (answers, rows) = self.judge_all(&jobs, &read, &keys, &known);
        drop(read);
        self.around.metrics.ingest_seconds.get_or_create(&Kind { kind: "screen" }).observe(seconds(started));
        let replies: Replies = jobs.into_iter().map(|job| job.reply).zip(answers).collect();
        if rows.is_empty() {
            answer(replies);
            return Ok(());
        }
        self.around.metrics.batch_events.observe(rows.len() as f64);
        let (metrics, hub) = (self.around.metrics.clone(), self.around.hub.clone());
        self.on_their_way.push_back(tokio::spawn(async move {
            let started = Instant::now();
            let stored = turn.append(rows).await;
            metrics.ingest_seconds.get_or_create(&Kind { kind: "store" }).observe(seconds(started));
            land(stored, replies, &hub)
        }));
        Ok(())
    }

    /// The turn to add to the log, with everything learnt that others added.
    async fn turn(&mut self) -> Result<touchstone_store::Ingest, Failure> {
        if self.torn {
            self.mend().await?;
        }
        let mut turn = self.around.store.ingest().await.map_err(|cause| Failure::of(&cause))?;
        if turn.failed_batches() != self.failures {
            // A batch failed after we last looked: what was learnt from it has to go first.
            drop(turn);
            self.torn = true;
            self.mend().await?;
            turn = self.around.store.ingest().await.map_err(|cause| Failure::of(&cause))?;
            if turn.failed_batches() != self.failures {
                return Err(Failure { reason: "the database does not work", wait: 2 });
            }
        }
        if self.around.store.is_shared() {
            // Whoever has the turn has waited for our own batches already.
            self.settle().await;
            if self.torn {
                return Err(Failure { reason: "the database does not work", wait: 2 });
            }
            loop {
                let missed =
                    turn.missed(self.judge.learnt, PAGE).await.map_err(|cause| Failure::of(&cause))?;
                if missed.is_empty() {
                    break;
                }
                missed.iter().for_each(|event| self.judge.learn(event));
            }
            self.around.hub.reached(self.judge.learnt);
        }
        Ok(turn)
    }

    fn judge_all(
        &mut self,
        jobs: &[Job],
        read: &[Vec<Result<Event<'_>, EventError>>],
        keys: &[EventKey],
        known: &[Option<Appended>],
    ) -> (Vec<Vec<u8>>, Vec<NewEvent>) {
        let received = self.around.clock.now().max(self.last_received);
        self.last_received = received;
        let mut batch = Batch { rows: Vec::new(), new: HashMap::new(), counts: Counts::default() };
        let mut ids = keys.iter().zip(known);
        let mut bodies = Vec::with_capacity(jobs.len());
        for (job, events) in jobs.iter().zip(read) {
            let mut answers = Answers::new(job.form, events.len());
            for (at, (line, event)) in job.lines.iter().zip(events).enumerate() {
                let bytes = &job.body[line.at.clone()];
                let opinion = job.opinions.get(at).and_then(Option::as_ref).map(|it| Opinion {
                    scam: it.scam,
                    why: &it.why,
                    model: &self.around.model,
                });
                match event {
                    Err(why) => {
                        batch.counts.invalid += 1;
                        answers.invalid(line.number, bytes, why);
                    }
                    Ok(event) => {
                        let Some((key, known)) = ids.next() else { continue };
                        batch.take(
                            &mut self.judge,
                            &mut answers,
                            event,
                            opinion,
                            bytes,
                            key,
                            known.as_ref(),
                            received,
                        );
                    }
                }
            }
            bodies.push(answers.finish());
        }
        batch.counts.publish(&self.around.metrics);
        (bodies, batch.rows)
    }

    fn landed(&mut self, landed: Result<Seq, Failure>) {
        match landed {
            Ok(seq) => {
                self.judge.learnt = seq;
                self.around.metrics.log_head.set(seq.0);
                if !self.torn {
                    self.around.health.set(State::Ready);
                }
            }
            Err(failure) => {
                self.torn = true;
                self.around.metrics.store_failures.inc();
                self.around.health.set(State::StoreFailed);
                tracing::warn!(reason = failure.reason, "a batch was refused; the memory will be read again");
            }
        }
    }

    /// Waits for everything that is on its way to the disk.
    async fn settle(&mut self) {
        while !self.on_their_way.is_empty() {
            let landed = first(&mut self.on_their_way).await;
            self.landed(landed);
        }
    }

    /// Throws the memory away and reads it again from what is in the log.
    async fn mend(&mut self) -> Result<(), Failure> {
        self.settle().await;
        self.judge.forget();
        // Looked at before the log is read: what fails from now on shows as another count.
        self.failures = self.around.store.failed_batches();
        recall(&self.around.store, &mut self.judge).await.map_err(|cause| Failure::of(&cause))?;
        self.torn = false;
        self.last_received = self.last_received.max(self.judge.last_received);
        self.around.hub.reached(self.judge.learnt);
        self.around.health.set(State::Ready);
        tracing::info!(seq = self.judge.learnt.0, "the memory was read again from the log");
        Ok(())
    }

    /// Puts another judge in place, once it has learnt what came in meanwhile.
    async fn swap(&mut self, mut next: Judge) -> Result<(), StoreError> {
        self.settle().await;
        if self.torn || !next.inherit(&self.judge) {
            learn_after(&self.around.store, &mut next).await?;
        }
        self.judge = next;
        Ok(())
    }

    async fn tick(&mut self) {
        if !self.on_their_way.is_empty() {
            return; // Busy, so the store is being asked anyway.
        }
        if self.torn {
            // Ready only if it could be written to again; the next event need not wait for this.
            if self.around.store.check().await.is_ok() {
                let _ = self.mend().await; // An error is told by the readiness.
            }
            return;
        }
        if self.around.store.is_shared() {
            match learn_after(&self.around.store, &mut self.judge).await {
                Ok(()) => self.around.hub.reached(self.judge.learnt),
                Err(cause) => drop(Failure::of(&cause)),
            }
        }
        let new = u64::try_from(self.judge.learnt.0 - self.written_down.0).unwrap_or(0);
        let old = self.written_at.elapsed() >= Duration::from_secs(self.around.config.snapshot_seconds);
        if new >= self.around.config.snapshot_events.max(1) || (new > 0 && old) {
            self.write_down().await;
        }
    }

    /// Keeps the memory, so that the next start need not read the whole log.
    async fn write_down(&mut self) {
        self.written_at = Instant::now();
        let bytes = match self.judge.snapshot() {
            Ok(bytes) => bytes,
            Err(cause) => return tracing::error!(%cause, "the memory cannot be written down"),
        };
        let (seq, now) = (self.judge.learnt, self.around.clock.now());
        self.around.metrics.snapshot_bytes.set(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
        let shape = self.judge.shape();
        match self.around.store.save_snapshot(&shape, Snapshot { seq, bytes }, now).await {
            Ok(()) => self.written_down = seq,
            Err(cause) => tracing::warn!(%cause, "the memory was not written down"),
        }
    }

    async fn finish(&mut self) {
        self.queue.close();
        while let Ok(job) = self.queue.try_recv() {
            let jobs = self.gather(job);
            self.take_in(jobs).await;
        }
        self.settle().await;
        if !self.torn && self.judge.learnt > self.written_down {
            self.write_down().await;
        }
        while let Ok(job) = self.queue.try_recv() {
            job.reply.send(Err(stopping())).ok();
        }
    }
}

/// Reads the memory from the last snapshot and the log after it.
pub(crate) async fn recall(store: &Store, judge: &mut Judge) -> Result<(), StoreError> {
    if let Some(Snapshot { seq, bytes }) = store.snapshot(&judge.shape(), None).await? {
        match judge.restore(seq, &bytes) {
            Ok(()) => tracing::debug!(seq = seq.0, bytes = bytes.len(), "memory snapshot read"),
            Err(cause) => {
                tracing::warn!(%cause, "memory snapshot not usable: the log is read from its start")
            }
        }
    }
    learn_after(store, judge).await
}

/// Learns what is in the log after the place that the judge has learnt.
async fn learn_after(store: &Store, judge: &mut Judge) -> Result<(), StoreError> {
    loop {
        let events = store.after(judge.learnt, PAGE).await?;
        events.iter().for_each(|event| judge.learn(event));
        if events.len() < PAGE {
            return Ok(());
        }
    }
}

/// The events of a request in the order of its lines, each read or refused.
fn read(job: &Job) -> Vec<Result<Event<'_>, EventError>> {
    job.lines.iter().map(|line| Event::parse(&job.body[line.at.clone()])).collect()
}

/// Waits for the batch that set out first.
async fn first(on_their_way: &mut VecDeque<JoinHandle<Result<Seq, Failure>>>) -> Result<Seq, Failure> {
    let Some(landing) = on_their_way.front_mut() else { return std::future::pending().await };
    let landed = landing.await;
    on_their_way.pop_front();
    landed.unwrap_or(Err(Failure { reason: "the server failed", wait: 2 }))
}

/// Answers the requests of a batch that the store has kept or refused.
fn land(stored: Result<Vec<Appended>, StoreError>, replies: Replies, hub: &Hub) -> Result<Seq, Failure> {
    let failure = match stored {
        Ok(places) if places.iter().all(|it| matches!(it, Appended::New(_))) => {
            let last = places.last().map_or(Seq::START, Appended::seq);
            answer(replies);
            hub.reached(last);
            return Ok(last);
        }
        // Somebody else stored one of them between our look and our turn. What we judged is not
        // what was answered there: the caller asks again and gets that answer.
        Ok(_) => Failure { reason: "the same event came twice at once", wait: 1 },
        Err(cause) => Failure::of(&cause),
    };
    for (reply, _) in replies {
        reply.send(Err(failure.into())).ok(); // Whoever has gone away needs no answer.
    }
    Err(failure)
}

fn answer(replies: Replies) {
    for (reply, body) in replies {
        reply.send(Ok(body)).ok();
    }
}

fn refuse(jobs: Vec<Job>, failure: Failure) {
    for job in jobs {
        job.reply.send(Err(failure.into())).ok();
    }
}

fn seconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64()
}

/// What is about to be stored together.
struct Batch<'k> {
    rows: Vec<NewEvent>,
    /// Which row an event of this batch became.
    new: HashMap<&'k EventKey, usize>,
    counts: Counts,
}

impl<'k> Batch<'k> {
    #[allow(clippy::too_many_arguments, reason = "one event with everything that is known of it")]
    fn take(
        &mut self,
        judge: &mut Judge,
        answers: &mut Answers,
        event: &Event<'_>,
        opinion: Option<Opinion<'_>>,
        bytes: &[u8],
        key: &'k EventKey,
        known: Option<&Appended>,
        received: Moment,
    ) {
        if let Some(Appended::Known { verdict, .. }) = known {
            self.counts.duplicate += 1;
            return answers.duplicate(event, verdict.as_deref());
        }
        if let Some(row) = self.new.get(key) {
            self.counts.duplicate += 1;
            let verdict = self.rows[*row].screened.as_ref().map(|it| it.verdict.as_slice());
            return answers.duplicate(event, verdict);
        }
        let ahead = Judge::is_ahead(event.time, received);
        self.counts.ahead += u64::from(ahead);
        let judged = judge.judge(event, received, opinion);
        match &judged {
            Some(it) => {
                self.counts.decided(it);
                answers.screened(event, &it.json, ahead.then_some(AHEAD));
            }
            None => {
                self.counts.not_screened += 1;
                answers.not_screened(event);
            }
        }
        self.new.insert(key, self.rows.len());
        self.rows.push(row(event, bytes, received, judged));
    }
}

fn row(event: &Event<'_>, bytes: &[u8], received: Moment, judged: Option<Judgement>) -> NewEvent {
    match judged {
        None => NewEvent::of(event, bytes.to_vec(), received, None),
        Some(it) => {
            let mut screened = Screened::of(&it.verdict, it.json);
            screened.shadow.extend(it.candidate.map(difference));
            let mut row = NewEvent::of(event, bytes.to_vec(), received, Some(screened));
            row.entities.extend(it.entities);
            row
        }
    }
}

/// What became of the events of a batch.
#[derive(Default)]
struct Counts {
    invalid: u64,
    duplicate: u64,
    not_screened: u64,
    ahead: u64,
    differing: u64,
    decisions: [u64; 4],
}

impl Counts {
    fn decided(&mut self, it: &Judgement) {
        self.decisions[it.verdict.decision as usize] += 1;
        self.differing += u64::from(it.candidate.is_some());
    }

    fn publish(&self, metrics: &Metrics) {
        let screened: u64 = self.decisions.iter().sum();
        for (kind, count) in [
            ("screened", screened),
            ("not_screened", self.not_screened),
            ("duplicate", self.duplicate),
            ("invalid", self.invalid),
        ] {
            if count > 0 {
                metrics.events.get_or_create(&Kind { kind }).inc_by(count);
            }
        }
        for decision in touchstone_types::Decision::ALL {
            let count = self.decisions[decision as usize];
            if count > 0 {
                metrics.verdicts.get_or_create(&Kind { kind: decision.name() }).inc_by(count);
            }
        }
        metrics.skewed_events.inc_by(self.ahead);
        metrics.candidate_differences.inc_by(self.differing);
    }
}
