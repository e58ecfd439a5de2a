//! The way from a candidate to the official string it resembles most.

use touchstone_text::Tricks;

use crate::align::{Aligner, Step};
use crate::han;
use crate::hosts::Link;
use crate::index::{Index, Kind, Resemblance, Tier};
use crate::letters::{Letters, Reading};
use crate::names::{Beside, Finder, Hit};
use crate::score::{self, OBSERVATION_COUNT, Observed, Seen};
use crate::techniques::Techniques;
use crate::terms::{Class, Term};
use crate::words::{self, Word};

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
        let mut best: Option<Judged> = None;
        for at in 0..scratch.finder.hits.len() {
            let hit = scratch.finder.hits[at];
            let found = self.judge_hit(hit, place, kind, scratch);
            best = better(best, found);
        }
        best
    }

    /// Compares one stretch of the name with one term.
    fn judge_hit(&self, hit: Hit, place: Place, kind: Kind, scratch: &mut Scratch) -> Option<Judged> {
        let term = self.terms.get(hit.term as usize)?;
        let (from, to) = (usize::from(hit.from), usize::from(hit.to));
        let before = scratch.aligned;
        let Scratch { letters, aligner, official, codes, costs, aligned, .. } = scratch;
        let range = letters.letters(from, to);
        // A brand's handle, name and domain are often the same letters, and hit one after another.
        let is_same = |it: Hit| {
            (it.from, it.to) == (hit.from, hit.to)
                && self
                    .terms
                    .get(it.term as usize)
                    .is_some_and(|it| self.term_text(it) == self.term_text(term))
        };
        let could = match before {
            Some((last, could)) if is_same(last) => could,
            _ => {
                official.clear();
                official.extend(self.term_text(term).chars().map(|c| c as u32));
                let limit = if term.han { 34 } else { 24 };
                let edits = allowed_edits(official.len());
                aligner.align(official, &letters.all[range.clone()], limit, edits).is_some()
            }
        };
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
        let mut beside = Beside::default();
        beside.read(letters, 0, from, costs);
        beside.read(letters, to, letters.len(), costs);
        view.observe_tricks(self, &steps);
        view.observe_name(&steps, &beside, codes, costs);
        view.observe_place(self, place);
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
        let claims = beside.strong && beside.others == 0 && steps.edits == 0
            || disguised
            || term.role.is_some() && place.zone == Zone::Displayed;
        let glued = observed[Seen::ExactGlued as usize] + observed[Seen::DisguisedGlued as usize] > 0.0;
        // Five letters within a longer word are found there by chance: tbank in trustbank.
        let class = if glued && official.len() < 6 { Class::Short } else { term.class };
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

/// Is the stretch only a part of a longer ordinary word, as `telegra` is of `telegram`?
fn is_inside_word(letters: &Letters, from: usize, to: usize) -> bool {
    const BEFORE: usize = 3;
    const AFTER: usize = 4;
    let is_word = |start: usize, end: usize| {
        let range = letters.letters(start, end);
        matches!(words::word(letters.all[range].iter().map(|it| it.code)), Some(Word::Dictionary(_)))
    };
    for start in (from.saturating_sub(BEFORE)..=from).rev() {
        if (start + 1..=from).any(|at| letters.is_apart(at)) {
            break;
        }
        for end in to..=(to + AFTER).min(letters.len()) {
            if end > to && letters.is_apart(end - 1) {
                break;
            }
            if (start, end) != (from, to) && is_word(start, end) {
                return true;
            }
        }
    }
    false
}

/// The tier that a closeness reaches. An ordinary word or a short name needs more than itself.
fn tier(closeness: f32, class: Class, claims_role: bool) -> Tier {
    if closeness >= score::act_from() && (class == Class::Unique || claims_role) {
        Tier::Act
    } else {
        Tier::Review
    }
}

/// The closer of two; at the same closeness the one whose official string is of the same kind.
pub(crate) fn better(a: Option<Judged>, b: Option<Judged>) -> Option<Judged> {
    let rank = |it: &Judged| {
        let reaches = it.resemblance.closeness >= score::act_from() && it.resemblance.tier == Tier::Act;
        (reaches, it.resemblance.closeness, it.fits)
    };
    match (a, b) {
        (Some(a), Some(b)) => Some(if rank(&b) > rank(&a) { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// The steps of an alignment, counted.
struct Steps {
    counts: [u8; Step::ALL.len()],
    edits: u32,
    first: bool,
    last: bool,
    is_same: bool,
}

impl Steps {
    fn of(&self, step: Step) -> u8 {
        self.counts[step as usize]
    }

    /// Changes that stand for a Chinese character, and could each be meant.
    fn meant(&self) -> u32 {
        [Step::Sound, Step::Shape, Step::Split, Step::Small, Step::Initial]
            .iter()
            .map(|it| u32::from(self.of(*it)))
            .sum()
    }

    fn is_allowed(&self, term: &Term, official: &[u32]) -> bool {
        let len = official.len();
        let others = self.edits - self.meant();
        // In Signal客服 the name is what counts: the rest may not be changed beyond recognition.
        let mixed = term.han && official.iter().filter(|it| **it < 128).count() >= 3;
        if mixed && self.edits > 1 {
            return false;
        }
        if term.han {
            let unchanged = len.saturating_sub(self.edits as usize);
            let all_by_sound = u32::from(self.of(Step::Sound)) == self.edits;
            return others <= 1 && (unchanged * 2 >= len || all_by_sound) && !(others == 1 && len < 3);
        }
        self.edits <= allowed_edits(len)
    }
}

/// In how many letters a name of that length may differ.
const fn allowed_edits(len: usize) -> u32 {
    match len {
        0..=3 => 0,
        4..=5 => 1,
        _ => 2,
    }
}

impl Beside {
    fn is_empty(&self) -> bool {
        !self.strong && !self.weak && self.digits == 0 && self.others == 0
    }
}

/// One stretch of a name beside one term, while it is observed.
struct View<'a> {
    term: &'a Term,
    official: &'a [u32],
    letters: &'a Letters,
    range: std::ops::Range<usize>,
    from: usize,
    to: usize,
    observed: Observed,
    techniques: Techniques,
}

#[allow(clippy::cast_precision_loss)] // Small counts.
impl View<'_> {
    fn see(&mut self, seen: Seen, value: f32) {
        self.observed[seen as usize] = value;
    }

    fn see_if(&mut self, seen: Seen, holds: bool) {
        self.see(seen, f32::from(u8::from(holds)));
    }

    fn count_steps(&mut self, aligner: &Aligner) -> Steps {
        let mut steps =
            Steps { counts: [0; Step::ALL.len()], edits: 0, first: false, last: false, is_same: true };
        let last = aligner.pieces.len().saturating_sub(1);
        for (at, piece) in aligner.pieces.iter().enumerate() {
            if piece.step == Step::Same {
                continue;
            }
            steps.is_same = false;
            self.techniques |= piece.step.technique();
            let count = &mut steps.counts[piece.step as usize];
            *count = count.saturating_add(1);
            if piece.step != Step::Look {
                steps.edits += 1;
                steps.first |= at == 0;
                steps.last |= at == last;
            }
        }
        let pairs = [
            (Step::Look, Seen::Looks),
            (Step::Repeated, Seen::Repeated),
            (Step::Dropped, Seen::Dropped),
            (Step::Inserted, Seen::Inserted),
            (Step::Swapped, Seen::Swapped),
            (Step::Vowel, Seen::Vowel),
            (Step::Keyboard, Seen::Keyboard),
            (Step::BitFlip, Seen::BitFlip),
            (Step::Replaced, Seen::Replaced),
            (Step::Sound, Seen::Sound),
            (Step::Shape, Seen::Shape),
            (Step::Split, Seen::Split),
            (Step::Initial, Seen::Initial),
            (Step::Small, Seen::Small),
            (Step::OtherHan, Seen::OtherHan),
        ];
        for (step, seen) in pairs {
            self.see(seen, f32::from(steps.of(step)));
        }
        self.see_if(Seen::FirstLetter, steps.first);
        self.see_if(Seen::LastLetter, steps.last);
        steps
    }

    fn observe_tricks(&mut self, index: &Index, steps: &Steps) {
        let window = &self.letters.all[self.range.clone()];
        let mut tricks = Tricks::NONE;
        window.iter().for_each(|it| tricks |= it.tricks);
        let whole = self.from == 0 && self.to == self.letters.len();
        if whole || tricks.intersects(Tricks::INVISIBLE | Tricks::BIDI) {
            tricks |= self.letters.tricks;
        }
        // An official string may itself be written in another alphabet, or with an accent.
        let text = index.official(self.term.official).map_or("", |it| it.text.as_ref());
        if !text.is_ascii()
            && steps.is_same
            && !tricks.intersects(Tricks::INVISIBLE | Tricks::BIDI | Tricks::STYLED)
        {
            let simplified = text.chars().all(|c| touchstone_text::simplify(c) == c);
            let other_script = simplified && tricks.intersects(Tricks::TRADITIONAL);
            tricks = if other_script { Tricks::TRADITIONAL } else { Tricks::NONE };
        }
        self.techniques |= Techniques::of_tricks(tricks);
        self.see_if(Seen::Invisible, tricks.intersects(Tricks::INVISIBLE | Tricks::BIDI));
        self.see_if(Seen::Styled, tricks.intersects(Tricks::STYLED | Tricks::FLIPPED));
        self.see_if(Seen::Marks, tricks.intersects(Tricks::MARKS));
        self.see_if(Seen::Confusable, tricks.intersects(Tricks::CONFUSABLE));
        self.see_if(Seen::Wide, tricks.intersects(Tricks::WIDE | Tricks::TRADITIONAL));
        let apart = window.iter().skip(1).filter(|it| it.apart).count();
        let own_apart = text.chars().filter(|c| !c.is_alphanumeric()).count();
        let separated = apart > own_apart;
        if separated {
            self.techniques |= Techniques::SEPARATOR;
        }
        self.see_if(Seen::Separated, separated);
        self.see_if(Seen::SeparatedEdited, separated && steps.edits > 0);
        if self.letters.decorated && whole {
            self.techniques |= Techniques::DECORATED;
        }
        self.see_if(Seen::Decorated, self.letters.decorated);
    }

    fn observe_name(&mut self, steps: &Steps, beside: &Beside, codes: &mut Vec<u32>, costs: &mut Vec<f32>) {
        let tricked =
            [Seen::Invisible, Seen::Styled, Seen::Marks, Seen::Confusable, Seen::Wide, Seen::Separated]
                .iter()
                .any(|it| self.observed[*it as usize] > 0.0);
        let level = match steps.edits {
            0 if !tricked && steps.of(Step::Look) == 0 => 0,
            0 => 1,
            1 => 2,
            _ => 3,
        };
        let open = |at: usize| self.letters.is_boundary(at);
        let company = if beside.others > 0 {
            if open(self.from) && open(self.to) { 4 } else { 5 }
        } else if beside.strong {
            3
        } else if beside.weak {
            2
        } else {
            usize::from(beside.digits > 0)
        };
        self.observed[Seen::ExactAlone as usize + level * 6 + company] = 1.0;
        self.see(Seen::Always, 1.0);
        if beside.strong {
            self.techniques |= Techniques::ROLE;
        }
        if beside.digits > 0 {
            self.techniques |= Techniques::DIGITS;
        }
        if beside.others > 0 || beside.weak {
            self.techniques |= Techniques::ADDED;
        }
        let len = self.official.len();
        self.see(Seen::Length, (len.min(16) as f32) / 8.0);
        self.see(Seen::LongExact, if level <= 1 { (len.min(14) as f32) / 8.0 } else { 0.0 });
        self.observe_length(len, steps.edits);
        self.observe_class(steps.edits > 0, beside.strong, tricked || steps.of(Step::Look) > 0);
        self.see(Seen::Residue, (beside.others.min(16) as f32) / 4.0);
        if beside.others > 0 {
            self.see(Seen::ResidueEase, (beside.strangeness / beside.others as f32).min(6.0));
        }
        if steps.edits > 0 || steps.of(Step::Look) > 0 {
            self.observe_words(codes, costs);
        }
        self.observe_han(steps);
    }

    fn observe_length(&mut self, len: usize, edits: u32) {
        let seen = match (edits, len) {
            (0, _) => return,
            (1, 0..=5) => Seen::OneShort,
            (1, 6) => Seen::OneSix,
            (1, 7) => Seen::OneSeven,
            (1, 8) => Seen::OneEight,
            (1, _) => Seen::OneLong,
            (_, 0..=7) => Seen::TwoShort,
            (_, 8..=9) => Seen::TwoEight,
            _ => Seen::TwoLong,
        };
        self.see(seen, 1.0);
    }

    fn observe_class(&mut self, edited: bool, role: bool, tricked: bool) {
        let (alone, with_edits, with_role, with_trick) = match self.term.class {
            Class::Unique => return,
            Class::Common => (Seen::Common, Seen::CommonEdited, Seen::CommonRole, Seen::CommonTrick),
            Class::Short => (Seen::Short, Seen::ShortEdited, Seen::ShortRole, Seen::ShortTrick),
        };
        self.see(alone, 1.0);
        self.see_if(with_edits, edited);
        self.see_if(with_role, role);
        self.see_if(with_trick, tricked);
    }

    /// Is what the letters were changed into itself an ordinary word or name?
    fn observe_words(&mut self, codes: &mut Vec<u32>, costs: &mut Vec<f32>) {
        let window = &self.letters.all[self.range.clone()];
        codes.clear();
        codes.extend(window.iter().map(|it| it.code));
        let cost = words::strangeness(codes, costs);
        let own = words::strangeness(self.official, costs);
        self.see(Seen::Stranger, ((cost - own) / 10.0).clamp(-3.0, 3.0));
        self.see(Seen::Ease, (cost / window.len().max(1) as f32).min(6.0));
        let word = words::word(codes.iter().copied());
        self.see_if(Seen::Ordinary, matches!(word, Some(Word::Dictionary(_) | Word::Proper(_))));
        self.see_if(Seen::PersonName, matches!(word, Some(Word::Person)));
    }

    fn observe_han(&mut self, steps: &Steps) {
        let count = self.official.iter().filter(|it| han::is_han(**it)).count();
        if count == 0 {
            return;
        }
        self.see(Seen::Han, 1.0);
        self.see_if(Seen::HanTwo, self.official.len() <= 2);
        self.see_if(Seen::HanEdited, steps.edits > 0);
        self.see_if(Seen::HanTwoEdited, steps.edits > 0 && self.official.len() <= 2);
        self.see(Seen::HanRatio, steps.edits as f32 / self.official.len() as f32);
    }

    fn observe_place(&mut self, index: &Index, place: Place) {
        let seen = match place.zone {
            Zone::Name => return,
            Zone::Domain => Seen::Domain,
            Zone::Subdomain => Seen::Subdomain,
            Zone::Path => Seen::Path,
            Zone::User => Seen::User,
            Zone::LocalPart => Seen::LocalPart,
            Zone::Displayed => Seen::Displayed,
            Zone::Package => Seen::Package,
        };
        self.see(seen, 1.0);
        self.see_if(Seen::Free, place.free);
        self.see_if(Seen::Punycode, place.punycode);
        if matches!(place.zone, Zone::Domain | Zone::Subdomain) {
            let edited =
                self.observed[Seen::OneAlone as usize..=Seen::TwoGlued as usize].iter().any(|it| *it > 0.0);
            self.see_if(Seen::DomainEdited, edited);
            self.see_if(Seen::CommonDomain, self.term.class == Class::Common);
            self.see_if(Seen::ShortDomain, self.term.class == Class::Short);
        }
        if matches!(place.zone, Zone::Subdomain | Zone::User | Zone::Path) && self.is_embedded(index) {
            self.see(Seen::Embedded, 1.0);
        }
        self.techniques |= match place.zone {
            Zone::Subdomain => Techniques::SUBDOMAIN,
            Zone::Path => Techniques::PATH,
            Zone::User => Techniques::USER_INFO,
            Zone::Displayed => Techniques::DISPLAYED,
            _ => Techniques::NONE,
        };
        if place.free {
            self.techniques |= Techniques::FREE_HOST;
        }
        if place.punycode {
            self.techniques |= Techniques::PUNYCODE;
        }
    }

    /// Does the ending of the brand's own domain follow: metamask.io.example.org?
    fn is_embedded(&self, index: &Index) -> bool {
        let Some(official) = index.official(self.term.official) else { return false };
        let after = &self.letters.all[self.range.end..];
        let follows = |suffix: &str| {
            let mut letters = after.iter();
            suffix
                .chars()
                .filter(|c| c.is_alphanumeric())
                .all(|c| letters.next().is_some_and(|it| it.code == c as u32))
                && letters.next().is_none_or(|it| it.apart)
        };
        let ending = |text: &str| text.find('.').map(|at| follows(&text[at + 1..])).unwrap_or(false);
        // A brand's domains stand beside its names in every registry we read.
        const NEAR: usize = 16;
        let at = self.term.official as usize;
        let near = at.saturating_sub(NEAR)..(at + NEAR).min(index.officials.len());
        ending(&official.text)
            || index.officials[near]
                .iter()
                .any(|it| it.kind == Kind::Domain && it.brand == official.brand && ending(&it.text))
    }
}
