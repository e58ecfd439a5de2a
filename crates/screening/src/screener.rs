//! One stream of events, judged in order.

use std::sync::Arc;

use touchstone_policy::{FoundSet, Inputs};
use touchstone_types::{Check, Event, Moment, Name, Verdict};

use crate::memory::{self, Campaign, Limits, Memory};
use crate::reading::Text;
use crate::screen::{Facts, Opinion, Scratch, judge, with_inputs};
use crate::{Directory, Policy};

/// Judges events in the order of the log, and remembers them.
pub struct Screener {
    policy: Arc<Policy>,
    directory: Arc<Directory>,
    memory: Memory,
    scratch: Scratch,
}

impl Screener {
    /// A screener that remembers nothing yet.
    #[must_use]
    pub fn new(policy: Arc<Policy>, directory: Arc<Directory>) -> Self {
        let memory = Memory::new(policy.core().features(), Limits::default());
        Self::with_memory(policy, directory, memory)
    }

    /// A screener that goes on from a memory, which must have been made for the features of
    /// this policy ([`Memory::fits`]); with another one it starts from nothing.
    #[must_use]
    pub fn with_memory(policy: Arc<Policy>, directory: Arc<Directory>, memory: Memory) -> Self {
        let features = policy.core().features();
        let memory = if memory.fits(features) { memory } else { Memory::new(features, memory.limits()) };
        Self { policy, directory, memory, scratch: Scratch::new() }
    }

    /// What it judges by.
    #[must_use]
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Who is official.
    #[must_use]
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// What it remembers.
    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Takes another registry into use from the next event on.
    pub fn set_directory(&mut self, directory: Arc<Directory>) {
        self.directory = directory;
    }

    /// Takes another policy into use from the next event on. Memory is kept if the features
    /// are the same; otherwise it starts from nothing, and this says `false`: whoever has the
    /// log should let it be learned again.
    pub fn set_policy(&mut self, policy: Arc<Policy>) -> bool {
        let features = policy.core().features();
        let fits = self.memory.fits(features);
        if !fits {
            self.memory = Memory::new(features, self.memory.limits());
        }
        self.policy = policy;
        fits
    }

    /// Puts the memory back to what it was, for a batch that could not be written.
    pub fn set_memory(&mut self, memory: Memory) {
        if memory.fits(self.policy.core().features()) {
            self.memory = memory;
        }
    }

    /// Judges an event and remembers it. `received` is when it was taken in; from a log, what
    /// the log says.
    pub fn process(&mut self, event: &Event<'_>, received: Moment) -> Verdict {
        self.process_with(event, received, None, &[])
    }

    /// [`Screener::process`] with what a language model said of the text, where it was asked, or
    /// when some checks could not be done, with the reason for each.
    /// Without [`Check::Memory`] nothing is recalled, but the event is remembered.
    pub fn process_with(
        &mut self,
        event: &Event<'_>,
        received: Moment,
        opinion: Option<Opinion<'_>>,
        unavailable: &[(Check, &str)],
    ) -> Verdict {
        let Self { policy, directory, memory, scratch: Scratch { text, work } } = self;
        text.read(event, policy);
        let campaign = campaign(memory, text, event, received);
        let facts =
            Facts { campaign: campaign.as_ref(), opinion, unavailable, ..Facts::new(received, directory) };
        let forgets = unavailable.iter().any(|(check, _)| *check == Check::Memory);
        let verdict = if forgets {
            judge(text, work, event, &facts, policy)
        } else {
            with_inputs(text, event, &facts, |inputs| {
                memory.recall(policy.core().features(), inputs, |features| {
                    judge(text, work, event, &Facts { features, ..facts }, policy)
                })
            })
        };
        let found = work.signals.found;
        learn(memory, policy, text, event, &facts, &Lesson { found, verdict: &verdict });
        verdict
    }

    /// Remembers an event that was judged before, as a replica does with what others wrote.
    /// Findings that the verdict names and this policy does not know are left out.
    pub fn learn(&mut self, event: &Event<'_>, received: Moment, verdict: &Verdict) {
        let Self { policy, directory, memory, scratch: Scratch { text, .. } } = self;
        text.read(event, policy);
        let campaign = campaign(memory, text, event, received);
        let facts = Facts { campaign: campaign.as_ref(), ..Facts::new(received, directory) };
        let names = verdict.findings.iter().map(|it| &it.name).chain(verdict.shadow.iter().map(|it| &it.0));
        let found = names.filter_map(|name| policy.core().finding_id(name)).collect();
        learn(memory, policy, text, event, &facts, &Lesson { found, verdict });
    }
}

/// What is to be learned of an event.
struct Lesson<'a> {
    found: FoundSet,
    verdict: &'a Verdict,
}

fn campaign(memory: &Memory, text: &Text, event: &Event<'_>, received: Moment) -> Option<Campaign> {
    (text.fingerprint != 0).then(|| memory.campaign(text.fingerprint, Memory::moment(event.time, received)))
}

fn learn(
    memory: &mut Memory,
    policy: &Policy,
    text: &Text,
    event: &Event<'_>,
    facts: &Facts<'_>,
    lesson: &Lesson<'_>,
) {
    let Some(kind) = event.data.kind() else { return };
    // Only what was said: what a rule makes of it, or of a name, is no pressure.
    let said = |name: &Name| {
        let check = policy.core().finding_id(name).and_then(|id| policy.core().finding(id)?.check);
        matches!(check, Some(Check::Language | Check::Secrets))
    };
    let told = lesson.verdict.findings.iter().filter(|it| it.weight > 0 && said(&it.name));
    let told: Vec<(u64, u32)> = told.map(|it| (memory::hash_of(&it.name), it.weight)).collect();
    with_inputs(text, event, facts, |inputs| {
        let inputs = Inputs { found: lesson.found, told: &told, ..*inputs };
        memory.learn(policy.core().features(), kind, &inputs, facts.campaign);
    });
}
