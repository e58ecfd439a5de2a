//! A whole policy, loaded and checked.

use std::sync::Arc;

use touchstone_types::{Bilingual, Check, Decision, EventKind, Lapse, Name, PhraseFile, PolicyHash};

use crate::cases::{CaseResult, Expected};
use crate::expression::Names;
use crate::feature::FeatureSpec;
use crate::finding::FindingSpec;
use crate::inputs::{FoundSet, Inputs};
use crate::list::BlockList;
use crate::rule::{HoldSpec, Rule, Status};

/// From which score on what is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Warn from here.
    pub warn: u32,
    /// Hold from here.
    pub hold: u32,
    /// Block from here.
    pub block: u32,
}

/// What follows when a check could not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailMode {
    /// Go on without it; the verdict says that it is missing.
    Open,
    /// At least warn.
    Warn,
    /// At least hold.
    Hold,
}

impl FailMode {
    /// Every mode with the name policies use.
    pub const ALL: [(FailMode, &'static str); 3] =
        [(FailMode::Open, "open"), (FailMode::Warn, "warn"), (FailMode::Hold, "hold")];

    /// The least decision it asks for.
    #[must_use]
    pub const fn at_least(self) -> Decision {
        match self {
            FailMode::Open => Decision::Allow,
            FailMode::Warn => Decision::Warn,
            FailMode::Hold => Decision::Hold,
        }
    }
}

/// How long a check may take, and what follows if it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckSpec {
    /// The check.
    pub check: Check,
    /// It has failed if it takes longer.
    pub deadline: Lapse,
    /// What follows then.
    pub fail: FailMode,
}

/// A policy: the catalogue of findings, features, rules, phrases, lists and thresholds.
///
/// Loaded with [`Policy::load`]; never changes afterwards. Share it in an `Arc`.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) id: Name,
    pub(crate) version: String,
    pub(crate) owner: String,
    pub(crate) title: Bilingual,
    pub(crate) hash: PolicyHash,
    pub(crate) names: Names,
    pub(crate) findings: Vec<FindingSpec>,
    pub(crate) features: Vec<FeatureSpec>,
    /// What a rule builds on comes before it.
    pub(crate) rules: Vec<Rule>,
    pub(crate) phrases: Vec<PhraseFile>,
    pub(crate) thresholds: ByKind<Thresholds>,
    pub(crate) holds: ByKind<HoldSpec>,
    pub(crate) checks: Vec<CheckSpec>,
    pub(crate) wakes: Wakes,
}

/// A setting with exceptions for kinds of event.
#[derive(Clone, Debug)]
pub(crate) struct ByKind<T> {
    pub(crate) usual: T,
    pub(crate) special: Vec<(EventKind, T)>,
}

impl<T> ByKind<T> {
    fn get(&self, kind: EventKind) -> &T {
        self.special.iter().find(|(it, _)| *it == kind).map_or(&self.usual, |(_, value)| value)
    }
}

/// Which rules are asked after which kinds of event and findings; sets of places in `rules`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wakes {
    by_kind: Vec<FoundSet>,
    by_finding: Vec<FoundSet>,
}

impl Wakes {
    /// Only what runs is ever woken.
    pub(crate) fn new(rules: &[Rule], findings: usize) -> Self {
        let place = |rule: &(usize, &Rule)| u16::try_from(rule.0).unwrap_or(u16::MAX);
        let running: Vec<(usize, &Rule)> =
            rules.iter().enumerate().filter(|(_, rule)| rule.status.runs()).collect();
        let by_kind = EventKind::ALL.iter().map(|kind| {
            running.iter().filter(|(_, rule)| rule.wakes_on_kinds.has(*kind)).map(place).collect()
        });
        let by_finding = (0..findings).map(|finding| {
            let finding = u16::try_from(finding).unwrap_or(u16::MAX);
            running.iter().filter(|(_, rule)| rule.wakes_on_found.has(finding)).map(place).collect()
        });
        Self { by_kind: by_kind.collect(), by_finding: by_finding.collect() }
    }

    fn after(&self, found: &FoundSet, kind: Option<EventKind>) -> FoundSet {
        let mut woken = kind.and_then(|kind| self.by_kind.get(kind as usize)).copied().unwrap_or_default();
        for finding in found.iter() {
            if let Some(more) = self.by_finding.get(usize::from(finding)) {
                woken.union(more);
            }
        }
        woken
    }
}

impl Policy {
    /// What it calls itself.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Which version of it this is, as its authors count.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The team that answers for it.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// For people.
    #[must_use]
    pub fn title(&self) -> &Bilingual {
        &self.title
    }

    /// SHA-256 of every file in it, by path.
    #[must_use]
    pub fn hash(&self) -> PolicyHash {
        self.hash
    }

    /// The names expressions use, for [`Rule::explain`].
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The catalogue; the place of each is its number ([`FindingSpec::id`]).
    #[must_use]
    pub fn findings(&self) -> &[FindingSpec] {
        &self.findings
    }

    /// The finding of that name, by number.
    #[must_use]
    pub fn finding_id(&self, name: &str) -> Option<u16> {
        self.findings.iter().find(|finding| *finding.name == *name).map(|finding| finding.id)
    }

    /// The finding of that number.
    #[must_use]
    pub fn finding(&self, id: u16) -> Option<&FindingSpec> {
        self.findings.get(usize::from(id))
    }

    /// What is to be remembered; the place of each is its number ([`FeatureSpec::index`]).
    #[must_use]
    pub fn features(&self) -> &[FeatureSpec] {
        &self.features
    }

    /// Every rule, drafts and retired ones included. What a rule builds on comes before it.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The phrases, as data for the lexicon.
    #[must_use]
    pub fn phrases(&self) -> &[PhraseFile] {
        &self.phrases
    }

    /// The block lists.
    #[must_use]
    pub fn lists(&self) -> &[Arc<BlockList>] {
        &self.names.lists
    }

    /// The list of that name.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&BlockList> {
        self.names.lists.iter().find(|list| *list.name == *name).map(|list| &**list)
    }

    /// From which score on what is decided about such an event.
    #[must_use]
    pub fn thresholds(&self, kind: EventKind) -> Thresholds {
        *self.thresholds.get(kind)
    }

    /// How such an event is held, unless a rule says otherwise ([`Rule::hold`]).
    #[must_use]
    pub fn hold(&self, kind: EventKind) -> &HoldSpec {
        self.holds.get(kind)
    }

    /// How long the check may take, and what follows if it fails.
    #[must_use]
    pub fn check(&self, check: Check) -> CheckSpec {
        let usual = CheckSpec { check, deadline: Lapse::from_micros(20_000), fail: FailMode::Warn };
        self.checks.iter().find(|spec| spec.check == check).copied().unwrap_or(usual)
    }

    /// The places in [`Policy::rules`] of the rules that these findings and this kind of
    /// event wake; in order, drafts and retired ones left out.
    pub fn woken(&self, found: &FoundSet, kind: Option<EventKind>) -> impl Iterator<Item = usize> + use<> {
        let woken = self.wakes.after(found, kind);
        std::iter::successors(woken.next_from(0), move |at| woken.next_from(at + 1))
    }

    /// Runs every rule that is woken, those woken by other rules too. A rule that fires is
    /// added to `inputs.found` and handed over, in the order of [`Policy::rules`].
    ///
    /// Rules in shadow are handed over as well (see [`Rule::status`]): they are in `found`
    /// for one another, and no live rule may ask about them.
    ///
    /// Allocates nothing.
    pub fn apply<'p>(&'p self, inputs: &mut Inputs<'_>, mut fired: impl FnMut(usize, &'p Rule)) {
        let mut woken = self.wakes.after(&inputs.found, inputs.event.data.kind());
        let mut next = woken.next_from(0);
        while let Some(at) = next {
            if let Some(rule) = self.rules.get(at).filter(|rule| rule.fires(inputs)) {
                inputs.found.insert(rule.finding);
                // Whoever builds on this rule comes after it, so nobody is woken too late.
                if let Some(more) = self.wakes.by_finding.get(usize::from(rule.finding)) {
                    woken.union(more);
                }
                fired(at, rule);
            }
            next = woken.next_from(at + 1);
        }
    }

    /// Runs the rules' own cases: of every rule but retired ones.
    #[must_use]
    pub fn test(&self) -> Vec<CaseResult> {
        let mut results = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.status != Status::Retired) {
            for (cases, expected) in [(&rule.hits, Expected::Hit), (&rule.misses, Expected::Miss)] {
                results.extend(cases.iter().map(|case| case.run(rule, expected, &self.names)));
            }
        }
        results
    }
}
