//! The event log: what came in and what was answered, in one total order.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, OwnedMutexGuard};
use touchstone_types::{Data, Decision, Event, EventKey, Moment, Name, Verdict};

use crate::db::{Db, Lock};
use crate::postgres::PostgresTx;
use crate::value::{Value, values};
use crate::{Store, StoreError, sqlite};

/// A place in the log. The first event has 1; the next has one more, without gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Seq(pub i64);

impl Seq {
    /// Before the first event.
    pub const START: Seq = Seq(0);
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What can be searched for besides accounts and phrases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// Host name of a link, or a domain: `metamask.example`.
    Domain,
    /// Address on a blockchain, without its chain.
    Address,
    /// E-mail address.
    Email,
    /// Phone number, digits with a leading `+` where known.
    Phone,
    /// Public account name, without `@`.
    Handle,
    /// App package or browser extension id.
    Package,
}

impl EntityKind {
    /// Every kind, in a fixed order.
    pub const ALL: [EntityKind; 6] = [
        EntityKind::Domain,
        EntityKind::Address,
        EntityKind::Email,
        EntityKind::Phone,
        EntityKind::Handle,
        EntityKind::Package,
    ];

    /// The name in the database and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            EntityKind::Domain => "domain",
            EntityKind::Address => "address",
            EntityKind::Email => "email",
            EntityKind::Phone => "phone",
            EntityKind::Handle => "handle",
            EntityKind::Package => "package",
        }
    }
}

/// Something an event mentions that others may mention too.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// What it is.
    pub kind: EntityKind,
    /// Lower case, except where case carries meaning (base58 addresses): see [`Entity::new`].
    pub value: String,
}

impl Entity {
    /// Writes the value as it is compared: trimmed, lower case; `0x…` addresses too, others
    /// (base58) keep their case.
    #[must_use]
    pub fn new(kind: EntityKind, value: &str) -> Self {
        let value = crate::value::clean(value.trim());
        let value = match kind {
            EntityKind::Address if !value.starts_with("0x") && !value.starts_with("0X") => value,
            EntityKind::Handle => value.trim_start_matches('@').to_lowercase(),
            _ => value.to_lowercase(),
        };
        Self { kind, value }
    }
}

/// An event with what the screening made of it, ready to be kept.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Idempotency key.
    pub key: EventKey,
    /// CloudEvents `type`.
    pub kind: String,
    /// When it happened, by the platform's clock.
    pub time: Moment,
    /// When it came in, by ours.
    pub received: Moment,
    /// The event as it came.
    pub raw: Vec<u8>,
    /// Account id of who acts.
    pub actor: Option<String>,
    /// Account id of who may come to harm.
    pub user: Option<String>,
    /// Conversation id.
    pub conversation: Option<String>,
    /// What it mentions. [`NewEvent::of`] takes what has a field of its own; the caller adds
    /// what was found in the text.
    pub entities: Vec<Entity>,
    /// What somebody wrote, as it should be found: searched without regard to case.
    pub text: Option<String>,
    /// The verdict; none for an event of an unknown kind.
    pub screened: Option<Screened>,
}

/// A verdict with the parts that are searched.
#[derive(Clone, Debug)]
pub struct Screened {
    /// What is to be done.
    pub decision: Decision,
    /// Sum of the weights.
    pub score: u32,
    /// Names of the findings that count.
    pub findings: Vec<Name>,
    /// Names of rules in shadow that would have fired.
    pub shadow: Vec<Name>,
    /// Campaign, if any.
    pub campaign: Option<String>,
    /// Whether a person has to decide: opens a review.
    pub needs_person: bool,
    /// The verdict as it was answered, JSON.
    pub verdict: Vec<u8>,
}

impl Screened {
    /// Takes the searched parts from a verdict; `json` is the answer that was or will be given.
    #[must_use]
    pub fn of(verdict: &Verdict, json: Vec<u8>) -> Self {
        let mut findings: Vec<Name> = verdict.findings.iter().map(|it| Name::clone(&it.name)).collect();
        findings.sort_unstable();
        findings.dedup();
        Self {
            decision: verdict.decision,
            score: verdict.score,
            findings,
            shadow: verdict.shadow.iter().map(|(name, _)| Name::clone(name)).collect(),
            campaign: verdict.campaign.clone(),
            needs_person: verdict.needs_person,
            verdict: json,
        }
    }

    /// Every finding with whether it only watched, each once.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&Name, bool)> {
        let shadow = self.shadow.iter().filter(|it| !self.findings.contains(it));
        self.findings.iter().map(|it| (it, false)).chain(shadow.map(|it| (it, true)))
    }
}

impl NewEvent {
    /// Takes the searched parts from an event; `raw` are the bytes it was parsed from.
    #[must_use]
    pub fn of(event: &Event<'_>, raw: Vec<u8>, received: Moment, screened: Option<Screened>) -> Self {
        let id = |account: &touchstone_types::Account<'_>| crate::value::clean(&account.id);
        let mut new = Self {
            key: event.key(),
            kind: event.kind.to_string(),
            time: event.time,
            received,
            raw,
            actor: event.data.actor().map(id),
            user: event.data.user().map(id),
            conversation: event.data.conversation().map(|it| crate::value::clean(&it.id)),
            entities: Vec::new(),
            text: event.data.text().filter(|it| !it.is_empty()).map(str::to_owned),
            screened,
        };
        new.mention(event);
        new
    }

    fn mention(&mut self, event: &Event<'_>) {
        let mut add = |kind, value: &str| self.entities.push(Entity::new(kind, value));
        match &event.data {
            Data::TransferRequested(it) => add(EntityKind::Address, it.to.address()),
            Data::ApprovalRequested(it) => {
                add(EntityKind::Address, it.spender.address());
                if let Some(site) = &it.site {
                    add(EntityKind::Domain, host(site));
                }
            }
            Data::ClientSeen(it) => add(EntityKind::Package, &it.package),
            Data::CallStarted(it) => {
                if let Some(number) = &it.number {
                    add(EntityKind::Phone, number);
                }
            }
            _ => {}
        }
        // Handles of every event would be the largest index of all; those under suspicion are enough.
        let suspect = self.screened.as_ref().is_some_and(|it| !it.findings.is_empty());
        if let (true, Some(handle)) = (suspect, event.data.actor().and_then(|it| it.handle.as_ref())) {
            self.entities.push(Entity::new(EntityKind::Handle, handle));
        }
    }

    /// PostgreSQL keeps no NUL in a text: it is replaced, alike on both engines.
    fn clean(&mut self) {
        let texts = [&mut self.key.source, &mut self.key.id, &mut self.kind].into_iter();
        let others = [&mut self.actor, &mut self.user, &mut self.conversation].into_iter().flatten();
        let mentioned = self.entities.iter_mut().map(|it| &mut it.value);
        for text in texts.chain(others).chain(mentioned) {
            if text.contains('\0') {
                *text = crate::value::clean(text);
            }
        }
    }

    /// The text, if it is to be found by phrase: of events with a finding only.
    pub(crate) fn searchable(&self) -> Option<String> {
        let screened = self.screened.as_ref()?;
        let text = self.text.as_deref().filter(|_| screened.names().next().is_some())?;
        Some(crate::value::clean(&text.to_lowercase()))
    }
}

/// The host of a link, or the text itself if it is none.
fn host(site: &str) -> &str {
    let rest = site.split_once("://").map_or(site, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    host.split(':').next().unwrap_or(host)
}

/// What became of one event of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is in the log now.
    New(Seq),
    /// It was there already: the first answer stands.
    Known {
        /// Where.
        seq: Seq,
        /// What was answered then, JSON; none if it was not screened.
        verdict: Option<Vec<u8>>,
    },
}

impl Appended {
    /// The place in the log.
    #[must_use]
    pub fn seq(&self) -> Seq {
        match self {
            Appended::New(seq) | Appended::Known { seq, .. } => *seq,
        }
    }
}

/// One event as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Where.
    pub seq: Seq,
    /// When it came in.
    pub received: Moment,
    /// The event as it came.
    pub raw: Vec<u8>,
    /// The verdict as it was answered, JSON; none if it was not screened.
    pub verdict: Option<Vec<u8>>,
}

pub(crate) fn rank(decision: Decision) -> i64 {
    match decision {
        Decision::Allow => 0,
        Decision::Warn => 1,
        Decision::Hold => 2,
        Decision::Block => 3,
    }
}

pub(crate) fn decision(rank: i64) -> Result<Decision, StoreError> {
    let found = usize::try_from(rank).ok().and_then(|at| Decision::ALL.get(at));
    found.copied().ok_or_else(|| StoreError::corrupt(format!("the decision {rank}")))
}

/// Events on their way to the disk, by a hash of their key (SQLite).
#[derive(Default)]
pub(crate) struct InFlight {
    keys: Mutex<HashMap<u64, u32>>,
    landed: Notify,
    hasher: std::hash::RandomState,
}

impl InFlight {
    fn hash(&self, key: &EventKey) -> u64 {
        std::hash::BuildHasher::hash_one(&self.hasher, key)
    }

    fn add(&self, keys: &[u64]) {
        let mut flying = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().for_each(|key| *flying.entry(*key).or_default() += 1);
    }

    fn remove(&self, keys: &[u64]) {
        let mut flying = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            match flying.get_mut(key) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(flying.remove(key)),
            }
        }
        drop(flying);
        self.landed.notify_waiters();
    }

    /// Waits until none of the keys is on its way.
    async fn clear_of(&self, keys: &[EventKey]) {
        let hashes: Vec<u64> = keys.iter().map(|key| self.hash(key)).collect();
        loop {
            let landed = self.landed.notified();
            let mut landed = std::pin::pin!(landed);
            landed.as_mut().enable();
            {
                let flying = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
                if flying.is_empty() || !hashes.iter().any(|key| flying.contains_key(key)) {
                    return;
                }
            }
            landed.await;
        }
    }
}

/// Takes keys out again even when the one who waits has gone away.
struct Flight {
    flying: Arc<InFlight>,
    keys: Vec<u64>,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.flying.remove(&self.keys);
    }
}

/// The turn to add to the log: whoever has it is the only one.
///
/// The way through: [`Ingest::missed`] (what other replicas added since), [`Ingest::known`]
/// (which events were answered before), screen the rest, [`Ingest::append`].
/// On PostgreSQL the turn is an advisory lock and one transaction until `append` is durable;
/// on SQLite it passes on as soon as `append` has put the batch in the writer's queue, so
/// the next batch is screened while this one is synced.
pub struct Ingest {
    store: Store,
    turn: Turn,
}

enum Turn {
    Sqlite { guard: OwnedMutexGuard<()>, generation: u64 },
    Postgres { tx: Box<PostgresTx> },
}

impl Ingest {
    pub(crate) async fn begin(store: &Store) -> Result<Self, StoreError> {
        let turn = match &store.shared.db {
            Db::Sqlite(db) => {
                let guard = Arc::clone(&store.shared.turn).lock_owned().await;
                store.shared.claim(db.path())?;
                Turn::Sqlite { guard, generation: db.generation() }
            }
            Db::Postgres(db) => {
                let mut tx = db.begin().await?;
                tx.lock(Lock::Log).await?;
                Turn::Postgres { tx: Box::new(tx) }
            }
        };
        Ok(Self { store: store.clone(), turn })
    }

    /// How many batches had failed when the turn was taken ([`Store::failed_batches`]).
    #[must_use]
    pub fn failed_batches(&self) -> u64 {
        match &self.turn {
            Turn::Sqlite { generation, .. } => *generation,
            Turn::Postgres { .. } => 0, // The turn passes on when the batch before has failed or not.
        }
    }

    /// What other replicas added after `since`, in order, at most `limit`. Always empty on
    /// SQLite: there one process adds at a time, and knows what it added.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn missed(&mut self, since: Seq, limit: usize) -> Result<Vec<Logged>, StoreError> {
        match &mut self.turn {
            Turn::Sqlite { .. } => Ok(Vec::new()),
            Turn::Postgres { tx } => {
                let rows = tx.query(AFTER, &[since.into(), cap(limit).into()]).await?;
                rows.into_iter().map(logged).collect()
            }
        }
    }

    /// For each key what was answered before, if it is in the log; in the order of `keys`.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn known(&mut self, keys: &[EventKey]) -> Result<Vec<Option<Appended>>, StoreError> {
        match &mut self.turn {
            Turn::Sqlite { .. } => {
                self.store.shared.flying.clear_of(keys).await;
                self.store.known(keys).await
            }
            Turn::Postgres { tx } => tx.known(keys).await,
        }
    }

    /// Adds the events in their order. Durable when it returns: an acknowledged event
    /// survives the death of the process. An event that is there already is left as it is,
    /// also within the batch.
    ///
    /// # Errors
    /// On any error nothing of the batch is acknowledged, and on SQLite nothing that was
    /// prepared after it is kept: take a new turn and screen again from what is in the log.
    pub async fn append(self, mut events: Vec<NewEvent>) -> Result<Vec<Appended>, StoreError> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        events.iter_mut().for_each(NewEvent::clean);
        match (self.turn, &self.store.shared.db) {
            (Turn::Sqlite { guard, generation }, Db::Sqlite(db)) => {
                let flying = Arc::clone(&self.store.shared.flying);
                let keys: Vec<u64> = events.iter().map(|it| flying.hash(&it.key)).collect();
                flying.add(&keys);
                let flight = Flight { flying, keys };
                let answer = db.append(events, generation).await?;
                drop(guard);
                // A task of its own: the keys stay in flight until the writer has answered, even if
                // the caller goes away.
                let landed = tokio::spawn(async move {
                    let done = sqlite::answer(answer).await;
                    drop(flight);
                    done
                });
                landed.await.unwrap_or(Err(StoreError::Unavailable(None)))
            }
            (Turn::Postgres { mut tx }, _) => {
                let answers = tx.append(&events).await?;
                tx.commit().await?;
                Ok(answers)
            }
            (Turn::Sqlite { .. }, Db::Postgres(_)) => Err(StoreError::Unavailable(None)), // No such turn is made.
        }
    }
}

const AFTER: &str = "SELECT seq, received, raw, verdict FROM events WHERE seq > $1 ORDER BY seq LIMIT $2";

pub(crate) fn cap(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(crate) fn logged(mut row: crate::value::Row) -> Result<Logged, StoreError> {
    Ok(Logged {
        seq: row.seq()?,
        received: row.moment()?,
        raw: row.bytes()?,
        verdict: row.maybe(crate::value::Row::bytes)?,
    })
}

impl Store {
    /// Waits for the turn to add to the log.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if another process adds to this SQLite file, or if other replicas
    /// do not pass on the turn.
    pub async fn ingest(&self) -> Result<Ingest, StoreError> {
        Ingest::begin(self).await
    }

    /// Whether other processes may add to the log too. Then the turn is kept until the batch is
    /// durable, and what was missed has to be asked for.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.shared.db, Db::Postgres(_))
    }

    /// How many batches have failed so far. Whoever keeps a memory of what was added compares
    /// it with [`Ingest::failed_batches`]: if it has grown, a batch that was learnt may not be there.
    #[must_use]
    pub fn failed_batches(&self) -> u64 {
        match &self.shared.db {
            Db::Sqlite(db) => db.generation(),
            Db::Postgres(_) => 0,
        }
    }

    /// Adds events that need no look at the log first: a turn with nothing but
    /// [`Ingest::append`].
    ///
    /// # Errors
    /// Those of [`Store::ingest`] and [`Ingest::append`].
    pub async fn append(&self, events: Vec<NewEvent>) -> Result<Vec<Appended>, StoreError> {
        self.ingest().await?.append(events).await
    }

    /// For each key what was answered before, if it is in the log; in the order of `keys`.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn known(&self, keys: &[EventKey]) -> Result<Vec<Option<Appended>>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        match &self.shared.db {
            Db::Sqlite(db) => {
                let keys = keys.to_vec();
                db.read(move |connection| {
                    let mut find = connection
                        .prepare_cached("SELECT seq, verdict FROM events WHERE source = ?1 AND id = ?2")?;
                    let mut answers = Vec::with_capacity(keys.len());
                    for key in &keys {
                        let mut rows = find.query([&key.source, &key.id])?;
                        answers.push(match rows.next()? {
                            Some(row) => {
                                Some(Appended::Known { seq: Seq(row.get(0)?), verdict: row.get(1)? })
                            }
                            None => None,
                        });
                    }
                    Ok(answers)
                })
                .await
            }
            Db::Postgres(db) => {
                let mut tx = db.begin().await?;
                let answers = tx.known(keys).await?;
                tx.commit().await?;
                Ok(answers)
            }
        }
    }

    /// The events after `since` in their order, at most `limit`: for catching up, replay and
    /// back-test. Events that retention has deleted are missing.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn after(&self, since: Seq, limit: usize) -> Result<Vec<Logged>, StoreError> {
        let rows = self.shared.db.query(AFTER, values![since, cap(limit)]).await?;
        rows.into_iter().map(logged).collect()
    }

    /// The place of the newest event; [`Seq::START`] if there was none yet.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn last_seq(&self) -> Result<Seq, StoreError> {
        let row = self.shared.db.one("SELECT last FROM head", Vec::<Value>::new()).await?;
        row.ok_or_else(|| StoreError::corrupt("the head of the log is missing"))?.seq()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_reduced_to_its_host() {
        for (site, expected) in [
            ("https://claim.example/x?y", "claim.example"),
            ("claim.example", "claim.example"),
            ("https://metamask.io@claim.example:8443/", "claim.example"),
        ] {
            assert_eq!(host(site), expected);
        }
    }

    #[test]
    fn case_is_kept_only_where_it_means_something() {
        let base58 = "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8";
        assert_eq!(Entity::new(EntityKind::Address, base58).value, base58);
        assert_eq!(Entity::new(EntityKind::Address, "0xAB").value, "0xab");
        assert_eq!(Entity::new(EntityKind::Handle, " @Help ").value, "help");
    }
}
