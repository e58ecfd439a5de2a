//! The way from a candidate to the official string it resembles most.

use crate::align::{Aligner, Step};
use crate::hosts::Link;
use crate::index::{Index, Kind, Resemblance, Tier};
use crate::letters::{Letters, Reading};
use crate::names::{Beside, Finder, Hit};
use crate::observe::{View, allowed_edits};
use crate::score::{self, OBSERVATION_COUNT, Observed, Seen};
use crate::techniques::Techniques;
use crate::terms::Class;
use crate::words::{self, Role, Word};

/// Room to work in. Keep one for each thread: nothing is allocated once it has grown.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    pub(crate) letters: Letters,
    finder: Finder,
    pub(crate) aligner: Aligner,
    official: Vec<u32>,
    codes: Vec<u32>,
    costs: Vec<f32>,
    pub(crate) link: Link,
    pub(crate) text: String,
    /// What was aligned last in this name, and whether it could be.
    aligned: Option<(Hit, bool)>,
}

/// Where in a candidate a name stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Zone {
    #[default]
    Name,
    Domain,
    Subdomain,
    Path,
    User,
    LocalPart,
    Displayed,
    Package,
}

/// What is known of a candidate beside the name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    pub(crate) zone: Zone,
    pub(crate) free: bool,
    pub(crate) punycode: bool,
}

/// A resemblance together with what it was judged by.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The resemblance, of whatever closeness.
    pub resemblance: Resemblance,
    /// What was observed.
    pub observed: Observed,
    /// The official string is of the candidate's kind.
    pub(crate) fits: bool,
}

impl Index {
    /// The official string that the candidate resembles most, if it resembles one closely enough.
    ///
    /// Exact equality is a resemblance too (technique `same`): whether the candidate is the
    /// official one is for a registry to say. A host below an official domain is the brand's
    /// own, and resembles nothing.
    pub fn closest(&self, candidate: &str, kind: Kind, scratch: &mut Scratch) -> Option<Resemblance> {
        if self.is_empty() {
            return None;
        }
        let candidate = cut(candidate);
        let found = match kind {
            Kind::Phone => self.closest_phone(candidate),
            Kind::Address => self.closest_address(candidate),
            Kind::Avatar => self.closest_avatar(candidate),
            Kind::Package if self.same_package(candidate).is_some() => self.same_package(candidate),
            _ => self.judge(candidate, kind, scratch).map(|it| it.resemblance),
        };
        found.filter(|it| it.closeness >= score::review_from())
    }

    /// As [`Index::closest`] for names, domains, links, mail and packages, however far away, and
    /// with what the judgement rests on. For fitting and explaining the weights.
    pub fn judge(&self, candidate: &str, kind: Kind, scratch: &mut Scratch) -> Option<Judged> {
        let candidate = cut(candidate);
        match kind {
            Kind::Domain | Kind::Url => self.judge_link(candidate, scratch),
            Kind::Email => self.judge_mail(candidate, scratch),
            Kind::Package => {
                let place = Place { zone: Zone::Package, ..Place::default() };
                self.judge_name(candidate, place, kind, scratch)
            }
            _ => self.judge_name(candidate.trim_start_matches('@'), Place::default(), kind, scratch),
        }
    }

    /// Judges one name: read forward, and as it would be read when turned round.
    pub(crate) fn judge_name(
        &self,
        name: &str,
        place: Place,
        kind: Kind,
        scratch: &mut Scratch,
    ) -> Option<Judged> {
        scratch.letters.read(name, Reading::Forward);
        let mut best = self.judge_letters(place, kind, scratch);
        let (flipped, overridden) = (scratch.letters.flipped, scratch.letters.overridden);
        for (is_needed, reading, trick) in [
            (flipped > 0, Reading::UpsideDown, Techniques::FLIPPED),
            (overridden, Reading::Backward, Techniques::BIDI),
        ] {
            if !is_needed {
                continue;
            }
            scratch.letters.read(name, reading);
            let mut found = self.judge_letters(place, kind, scratch);
            if let Some(found) = &mut found {
                found.resemblance.techniques |= trick;
            }
            best = better(best, found);
        }
        best
    }

    fn judge_letters(&self, place: Place, kind: Kind, scratch: &mut Scratch) -> Option<Judged> {
        scratch.finder.find(self, &scratch.letters);
        scratch.aligned = None;
        let mut best: Option<(Judged, Hit)> = None;
        let (mut widest, mut whose) = ((0, 0), u32::MAX);
        for at in 0..scratch.finder.hits.len() {
            let hit = scratch.finder.hits[at];
            let Some(found) = self.judge_hit(hit, place, kind, scratch) else { continue };
            if found.is_whole() && hit.to - hit.from > widest.1 - widest.0 {
                (widest, whose) = ((hit.from, hit.to), found.resemblance.official);
            }
            best = Some(match best {
                Some((best, at)) if rank(&best) >= rank(&found) => (best, at),
                _ => (found, hit),
            });
        }
        let (best, hit) = best?;
        // A name within another official name is not meant: the telegra of telegram.
        let is_part = widest.0 <= hit.from && hit.to <= widest.1 && (hit.from, hit.to) != widest;
        let brand = |official: u32| self.official(official).map(|it| &it.brand);
        if !is_part || brand(whose) == brand(best.resemblance.official) {
            return Some(best);
        }
        let mut best = None;
        for at in 0..scratch.finder.hits.len() {
            let hit = scratch.finder.hits[at];
            if (hit.from, hit.to) == widest || hit.from < widest.0 || hit.to > widest.1 {
                best = better(best, self.judge_hit(hit, place, kind, scratch));
            }
        }
        best
    }

    /// Compares one stretch of the name with one term.
    fn judge_hit(&self, hit: Hit, place: Place, kind: Kind, scratch: &mut Scratch) -> Option<Judged> {
        let term = self.terms.get(hit.term as usize)?;
        let (from, to) = (usize::from(hit.from), usize::from(hit.to));
        let before = scratch.aligned;
        let Scratch { letters, aligner, official, codes, costs, link, aligned, .. } = scratch;
        // A brand's handle, name and domain are often the same letters, and hit one after another.
        let is_same = |it: Hit| {
            (it.from, it.to) == (hit.from, hit.to)
                && self
                    .terms
                    .get(it.term as usize)
                    .is_some_and(|it| self.term_text(it) == self.term_text(term))
        };
        let known = before.filter(|(last, _)| is_same(*last)).map(|(_, could)| could);
        if known.is_none() {
            official.clear();
            official.extend(self.term_text(term).chars().map(|c| c as u32));
        }
        let range = shared_letters(letters, from, to, official);
        let could = known.unwrap_or_else(|| {
            let limit = if term.han { 34 } else { 24 };
            let edits = allowed_edits(official.len());
            aligner.align(official, &letters.all[range.clone()], limit, edits).is_some()
        });
        *aligned = Some((hit, could));
        if !could {
            return None;
        }
        let mut view = View {
            term,
            official,
            letters,
            range,
            from,
            to,
            observed: [0.0; OBSERVATION_COUNT],
            techniques: Techniques::NONE,
        };
        let steps = view.count_steps(aligner);
        if !steps.is_allowed(term, official) || is_inside_word(letters, from, to) {
            return None;
        }
        // A doubled letter at the seam begins or ends what stands beside the name: 1inc-h-help.
        let full = letters.letters(from, to);
        let own = &view.range;
        let (before, after) =
            (from + usize::from(own.start > full.start), to - usize::from(own.end < full.end));
        let mut beside = Beside::default();
        beside.read(letters, 0, before, costs);
        beside.read(letters, after, letters.len(), costs);
        if term.role == Some(Role::Weak) && !beside.strong {
            return None;
        }
        view.observe_tricks(self, &steps);
        view.observe_name(&steps, &beside, codes, costs);
        view.observe_place(self, place);
        if place.zone == Zone::Domain {
            view.observe_suffix(self, link.suffix(), steps.edits > 0);
        }
        let View { observed, mut techniques, .. } = view;
        let alone = steps.is_same && beside.is_empty() && techniques.is_empty();
        let mut closeness = score::closeness(&observed);
        if alone && term.role.is_none() && place.zone == Zone::Name {
            techniques |= Techniques::SAME;
            closeness = 1.0;
        } else if alone && place.zone != Zone::Domain {
            techniques |= Techniques::DROPPED; // The role word of MetaMask Support.
        }
        if beside.strong && from > 0 && term.role.is_some() {
            techniques |= Techniques::WORD_ORDER;
        }
        // Nobody mixes alphabets or hides characters in an ordinary word by chance.
        let disguises = Techniques::CONFUSABLE.or(Techniques::INVISIBLE).or(Techniques::BIDI);
        let disguised = steps.edits == 0 && beside.others == 0 && techniques.intersects(disguises);
        // Nor does anybody register another alphabet's letters for a word under the brand's own ending.
        let registered = place.punycode && steps.edits == 0 && beside.others == 0 && official.len() >= 4;
        let claims = beside.strong && beside.others == 0 && steps.edits == 0
            || disguised
            || registered
            || observed[Seen::SameSuffix as usize] > 0.0 && steps.edits == 0
            || term.role.is_some() && place.zone == Zone::Displayed;
        let glued = observed[Seen::ExactGlued as usize] + observed[Seen::DisguisedGlued as usize] > 0.0;
        // Five letters within a longer word are found there by chance: tbank in trustbank.
        let by_chance = glued && !term.han && official.len() < 6 && beside.unknown > 0;
        // Another character that has nothing to do with the first makes another bank's name.
        let unlike = term.han
            && steps.of(Step::OtherHan) + steps.of(Step::Dropped) > 0
            && unchanged(aligner, term.generic) < 2;
        let class = if by_chance || unlike { Class::Short } else { term.class };
        let resemblance = Resemblance {
            official: term.official,
            closeness,
            tier: tier(closeness, class, claims || observed[Seen::Embedded as usize] > 0.0),
            techniques,
        };
        let fits = self.official(term.official).is_some_and(|it| it.kind == kind);
        Some(Judged { resemblance, observed, fits })
    }

    fn same_package(&self, candidate: &str) -> Option<Resemblance> {
        let (_, official) = self.packages.iter().find(|it| it.0.eq_ignore_ascii_case(candidate.trim()))?;
        Some(Resemblance {
            official: *official,
            closeness: 1.0,
            tier: Tier::Act,
            techniques: Techniques::SAME,
        })
    }
}

/// Nothing longer is a name, a link or an address; what follows is not read at all.
fn cut(candidate: &str) -> &str {
    const MAX_BYTES: usize = 32 << 10;
    if candidate.len() <= MAX_BYTES {
        candidate
    } else {
        &candidate[..candidate.floor_char_boundary(MAX_BYTES)]
    }
}

/// The letters of the stretch: without a doubled one that belongs to what stands beside it
/// (`it-tallowpay`), and with the one that both words share (`financetallowpay`).
fn shared_letters(letters: &Letters, from: usize, to: usize, official: &[u32]) -> std::ops::Range<usize> {
    let mut range = letters.letters(from, to);
    let code = |at: usize| letters.all.get(at).map(|it| it.code);
    let (first, last) = (official.first().copied(), official.last().copied());
    if from > 0 && code(range.start) == first {
        while range.len() > 1 && code(range.start + 1) == first && official.get(1).copied() != first {
            range.start += 1;
        }
    } else if range.start > 1 && code(range.start - 1) == first && code(range.start - 2) == first {
        range.start -= 1;
    }
    if to < letters.len() && code(range.end - 1) == last {
        let before = official.len().checked_sub(2).and_then(|it| official.get(it).copied());
        while range.len() > 1 && code(range.end - 2) == last && before != last {
            range.end -= 1;
        }
    }
    range
}

/// Is the stretch only a part of a longer ordinary word, as `telegra` is of `telegram`?
fn is_inside_word(letters: &Letters, from: usize, to: usize) -> bool {
    const BEFORE: usize = 3;
    const AFTER: usize = 4;
    let is_word = |start: usize, end: usize| {
        let range = letters.letters(start, end);
        matches!(words::word(letters.all[range].iter().map(|it| it.code)), Some(Word::Dictionary(_)))
    };
    let start = (0..=from).rev().find(|at| letters.is_apart(*at)).unwrap_or(0);
    let end = (to..=letters.len()).find(|at| letters.is_apart(*at)).unwrap_or(to);
    if (start, end) == (from, to) {
        return false;
    }
    if is_word(start, end) {
        return true;
    }
    // The stretch and whole words beside it: not goggle-d ownload, but goggle download.
    let is_full = |start: usize, end: usize| start == end || end - start >= 3 && is_word(start, end);
    if is_full(start, from) && is_full(to, end) {
        return false;
    }
    for start in start.max(from.saturating_sub(BEFORE))..=from {
        for end in to..=(to + AFTER).min(end) {
            if (start, end) != (from, to) && is_word(start, end) {
                return true;
            }
        }
    }
    false
}

/// How many characters of the official name stand unchanged, those of general words aside: 银行.
fn unchanged(aligner: &Aligner, generic: u32) -> u32 {
    let (mut at, mut count) = (0u32, 0);
    for piece in &aligner.pieces {
        let is_own = generic.checked_shr(at).unwrap_or(0) & 1 == 0;
        count += u32::from(piece.step == Step::Same && is_own);
        at += u32::from(piece.official);
    }
    count
}

/// The tier that a closeness reaches. An ordinary word or a short name needs more than itself.
fn tier(closeness: f32, class: Class, claims_role: bool) -> Tier {
    if closeness >= score::act_from() && (class == Class::Unique || claims_role) {
        Tier::Act
    } else {
        Tier::Review
    }
}

impl Judged {
    /// Is the official name there in full, if disguised?
    fn is_whole(&self) -> bool {
        self.observed[Seen::ExactAlone as usize..=Seen::DisguisedGlued as usize].iter().any(|it| *it > 0.0)
    }
}

fn rank(it: &Judged) -> (bool, f32, bool) {
    let reaches = it.resemblance.closeness >= score::act_from() && it.resemblance.tier == Tier::Act;
    (reaches, it.resemblance.closeness, it.fits)
}

/// The closer of two; at the same closeness the one whose official string is of the same kind.
pub(crate) fn better(a: Option<Judged>, b: Option<Judged>) -> Option<Judged> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if rank(&b) > rank(&a) { b } else { a }),
        (a, b) => a.or(b),
    }
}
