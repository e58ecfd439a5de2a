use std::sync::Arc;

use touchstone_language::entities;
use touchstone_screening::{Limits, MAX_SKEW, Memory, Opinion, Policy, Screener, SnapshotError};
use touchstone_store::{Entity, EntityKind, Logged, Seq};
use touchstone_types::{Decision, Event, Moment, Name, Verdict};

use crate::armed::Armed;

/// Judges one event after another and remembers them; knows how far along the log it is.
pub(crate) struct Judge {
    armed: Arc<Armed>,
    live: Screener,
    /// Judges the same events by another policy, with a memory of its own, and only watches.
    candidate: Option<Screener>,
    /// The last event of the log that it has learnt, and knows to be stored.
    pub(crate) learnt: Seq,
    /// When that event came.
    pub(crate) last_received: Moment,
    found: Vec<entities::Entity>,
}

/// What was made of one event.
pub(crate) struct Judgement {
    pub(crate) verdict: Verdict,
    /// The verdict as it is stored and answered.
    pub(crate) json: Vec<u8>,
    /// What the text mentions.
    pub(crate) entities: Vec<Entity>,
    /// What the candidate would have decided, if something else.
    pub(crate) candidate: Option<Decision>,
}

/// Under this name the events are found on which the candidate decides otherwise.
pub(crate) fn difference(decision: Decision) -> Name {
    match decision {
        Decision::Allow => "candidate:allow".into(),
        Decision::Warn => "candidate:warn".into(),
        Decision::Hold => "candidate:hold".into(),
        Decision::Block => "candidate:block".into(),
    }
}

impl Judge {
    /// A judge that has learnt nothing yet.
    pub(crate) fn new(armed: Arc<Armed>) -> Self {
        let screener = |policy: &Arc<_>| Screener::new(Arc::clone(policy), Arc::clone(&armed.directory));
        Self {
            live: screener(&armed.policy),
            candidate: armed.candidate.as_ref().map(screener),
            armed,
            learnt: Seq::START,
            last_received: Moment::MIN,
            found: Vec::new(),
        }
    }

    /// Whether the event's time is so far ahead of ours that windows take it as less.
    pub(crate) fn is_ahead(time: Moment, received: Moment) -> bool {
        time > received + MAX_SKEW
    }

    /// Judges an event and remembers it; nothing for an event of an unknown kind.
    pub(crate) fn judge(
        &mut self,
        event: &Event<'_>,
        received: Moment,
        opinion: Option<Opinion<'_>>,
    ) -> Option<Judgement> {
        event.data.kind()?;
        let verdict = self.live.process_with(event, received, opinion, &[]);
        let candidate = self.candidate.as_mut();
        let other = candidate.map(|it| it.process_with(event, received, opinion, &[]).decision);
        let mut json = Vec::with_capacity(512);
        serde_json::to_writer(&mut json, &verdict).ok()?; // Writing a verdict into memory does not fail.
        let entities = self.mentions(event);
        Some(Judgement { candidate: other.filter(|it| *it != verdict.decision), verdict, json, entities })
    }

    fn mentions(&mut self, event: &Event<'_>) -> Vec<Entity> {
        let Some(text) = event.data.text() else { return Vec::new() };
        self.found.clear();
        entities::find(text, &mut self.found);
        let mut mentioned: Vec<Entity> = self.found.iter().filter_map(|it| entity(text, it)).collect();
        mentioned.sort_unstable_by(|a, b| (a.kind.name(), &a.value).cmp(&(b.kind.name(), &b.value)));
        mentioned.dedup();
        mentioned
    }

    /// Remembers an event that stands in the log.
    pub(crate) fn learn(&mut self, logged: &Logged) {
        self.learnt = logged.seq;
        self.last_received = self.last_received.max(logged.received);
        let Some(json) = &logged.verdict else { return };
        // What was stored was an event and a verdict when it was stored; if a later version reads
        // it no more, it is left out by every replica alike.
        let (Ok(event), Ok(verdict)) = (Event::parse(&logged.raw), serde_json::from_slice::<Verdict>(json))
        else {
            tracing::error!(seq = logged.seq.0, "an event of the log does not read back");
            return;
        };
        self.live.learn(&event, logged.received, &verdict);
        if let Some(candidate) = &mut self.candidate {
            candidate.learn(&event, logged.received, &verdict);
        }
    }

    /// Whether the memory of a judge that judges by `before` is as good as its own.
    pub(crate) fn could_inherit(&self, before: &Armed) -> bool {
        let same = |a: &Screener, b: &Policy| a.memory().fits(b.core().features());
        let candidate = self.candidate.as_ref().is_none_or(|it| {
            let kept = before.candidate.as_ref().is_some_and(|old| old.hash() == it.policy().hash());
            kept || same(it, &before.policy)
        });
        same(&self.live, &before.policy) && candidate
    }

    /// Takes over the memory of another judge, if it is as good as its own.
    pub(crate) fn inherit(&mut self, before: &Judge) -> bool {
        if !self.could_inherit(&before.armed) {
            return false;
        }
        self.live.set_memory(before.live.memory().clone());
        if let Some(candidate) = &mut self.candidate {
            let old =
                before.candidate.as_ref().filter(|old| old.policy().hash() == candidate.policy().hash());
            candidate.set_memory(old.unwrap_or(&before.live).memory().clone());
        }
        (self.learnt, self.last_received) = (before.learnt, before.last_received);
        true
    }

    /// Forgets everything.
    pub(crate) fn forget(&mut self) {
        *self = Self::new(Arc::clone(&self.armed));
    }

    /// The memory as bytes.
    pub(crate) fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        self.live.memory().snapshot()
    }

    /// Names the features that the memory is of, so that a snapshot of others is not taken.
    pub(crate) fn shape(&self) -> String {
        self.live.memory().shape().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Goes on from a snapshot that was taken after the event at `seq`. A candidate starts
    /// from the same memory if its features are the same, else from nothing.
    pub(crate) fn restore(&mut self, seq: Seq, bytes: &[u8]) -> Result<(), SnapshotError> {
        let read = |policy: &Policy| Memory::restore(policy.core().features(), Limits::default(), bytes);
        self.live.set_memory(read(&self.armed.policy)?);
        if let Some(candidate) = &mut self.candidate
            && let Ok(memory) = read(&Arc::clone(candidate.policy()))
        {
            candidate.set_memory(memory);
        }
        self.learnt = seq;
        Ok(())
    }
}

fn entity(text: &str, it: &entities::Entity) -> Option<Entity> {
    use entities::EntityKind as Found;
    let written = text.get(it.span.clone())?;
    Some(match it.kind {
        Found::Url | Found::Domain => Entity::new(EntityKind::Domain, &it.host(text)?),
        Found::Email => Entity::new(EntityKind::Email, written),
        Found::Handle => Entity::new(EntityKind::Handle, written),
        Found::Phone => Entity::new(EntityKind::Phone, written),
        Found::EvmAddress | Found::TronAddress | Found::BitcoinAddress | Found::SolanaAddress => {
            Entity::new(EntityKind::Address, written)
        }
    })
}
