//! What was found so far in one event: one finding for one signal on one target.

use std::ops::Range;

use touchstone_policy::{FindingSpec, FoundSet, Placeholder};
use touchstone_types::{Finding, Likeness, Name, Span};

use crate::Policy;

/// What a sentence may name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known<'a> {
    pub(crate) official: Option<&'a str>,
    pub(crate) brand: Option<&'a str>,
    pub(crate) candidate: Option<&'a str>,
    pub(crate) link: Option<&'a str>,
    pub(crate) address: Option<&'a str>,
    pub(crate) amount: Option<&'a str>,
    pub(crate) site: Option<&'a str>,
    pub(crate) words: Option<&'a str>,
    pub(crate) list: Option<&'a str>,
    pub(crate) count: Option<&'a str>,
}

impl<'a> Known<'a> {
    pub(crate) fn get(&self, open: Placeholder) -> Option<&'a str> {
        match open {
            Placeholder::Official => self.official,
            Placeholder::Brand => self.brand,
            Placeholder::Candidate => self.candidate,
            Placeholder::Link => self.link,
            Placeholder::Address => self.address,
            Placeholder::Amount => self.amount,
            Placeholder::Site => self.site,
            Placeholder::Words => self.words,
            Placeholder::List => self.list,
            Placeholder::Count => self.count,
            Placeholder::Way => None,
        }
    }
}

/// One thing about to be raised.
pub(crate) struct Raise<'a> {
    /// Which finding; nothing is raised if the policy does not know it.
    pub(crate) id: Option<u16>,
    /// What it is about: the same finding on the same target counts once.
    pub(crate) target: &'a str,
    /// 0 to 1; the weight is this share of the catalogue's.
    pub(crate) share: f32,
    pub(crate) field: &'static str,
    /// The text of the field, and the bytes in it that are meant.
    pub(crate) place: Option<(&'a str, Range<usize>)>,
    pub(crate) known: Known<'a>,
    pub(crate) likeness: Option<Box<Likeness>>,
    pub(crate) details: Vec<(Name, String)>,
}

impl<'a> Raise<'a> {
    pub(crate) fn new(id: Option<u16>, target: &'a str, field: &'static str) -> Self {
        let known = Known::default();
        Self { id, target, share: 1.0, field, place: None, known, likeness: None, details: Vec::new() }
    }
}

pub(crate) struct Signal {
    pub(crate) id: u16,
    target: String,
    pub(crate) finding: Finding,
}

/// Everything found so far.
#[derive(Default)]
pub(crate) struct Signals {
    pub(crate) all: Vec<Signal>,
    pub(crate) found: FoundSet,
}

impl Signals {
    pub(crate) fn clear(&mut self) {
        self.all.clear();
        self.found.clear();
    }

    pub(crate) fn has(&self, id: u16) -> bool {
        self.found.has(id)
    }

    /// Adds a finding, unless the same signal on the same target is there with as much weight.
    pub(crate) fn raise(&mut self, policy: &Policy, it: Raise<'_>) {
        let Some(spec) = it.id.and_then(|id| policy.core().finding(id)) else { return };
        let weight = weigh(spec, it.share);
        let known = self.all.iter().position(|signal| signal.id == spec.id && signal.target == it.target);
        if known.is_some_and(|at| self.all[at].finding.weight >= weight) {
            return;
        }
        let finding = Finding {
            name: spec.name.clone(),
            weight,
            strength: spec.strength,
            field: Some(it.field.into()),
            span: it.place.map(|(text, bytes)| Span::of_bytes(text, bytes)),
            likeness: it.likeness,
            details: it.details,
            sentence: spec.sentence.fill(|open| it.known.get(open)),
        };
        self.found.insert(spec.id);
        match known {
            Some(at) => self.all[at].finding = finding,
            None => self.all.push(Signal { id: spec.id, target: it.target.to_owned(), finding }),
        }
    }
}

/// A share of the catalogue's weight, rounded, and at least 1 of what has any.
pub(crate) fn weigh(spec: &FindingSpec, share: f32) -> u32 {
    if share >= 1.0 || spec.weight == 0 {
        return spec.weight;
    }
    let part = (spec.weight as f32 * share.max(0.0)).round();
    (part as u32).clamp(1, spec.weight)
}
