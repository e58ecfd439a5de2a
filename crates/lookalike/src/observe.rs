//! What is seen when a stretch of a name lies beside an official one: the differences, what stands
//! beside them, and where.

use touchstone_text::Tricks;

use crate::align::{Aligner, Step};
use crate::closest::{Place, Zone};
use crate::han;
use crate::index::{Index, Kind};
use crate::letters::Letters;
use crate::names::Beside;
use crate::score::{Observed, Seen};
use crate::techniques::Techniques;
use crate::terms::{Class, Term};
use crate::words::{self, Word};

/// How many separators the official name itself has.
fn own_separators(index: &Index, term: &Term, len: usize) -> usize {
    let Some(official) = index.official(term.official) else { return 0 };
    let name = match official.kind {
        Kind::Domain | Kind::Url => crate::hosts::name_of(&official.text),
        _ => &official.text,
    };
    let letters = name.chars().filter(|c| c.is_alphanumeric()).count();
    let text = if letters < len { official.text.as_ref() } else { name };
    text.chars().filter(|c| !c.is_alphanumeric()).count()
}

/// The steps of an alignment, counted.
pub(crate) struct Steps {
    pub(crate) counts: [u8; Step::ALL.len()],
    pub(crate) edits: u32,
    pub(crate) first: bool,
    pub(crate) last: bool,
    pub(crate) is_same: bool,
}

impl Steps {
    pub(crate) fn of(&self, step: Step) -> u8 {
        self.counts[step as usize]
    }

    /// Changes that stand for a Chinese character, and could each be meant.
    pub(crate) fn meant(&self) -> u32 {
        [Step::Sound, Step::Shape, Step::Split, Step::Small, Step::Initial]
            .iter()
            .map(|it| u32::from(self.of(*it)))
            .sum()
    }

    pub(crate) fn is_allowed(&self, term: &Term, official: &[u32]) -> bool {
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
pub(crate) const fn allowed_edits(len: usize) -> u32 {
    match len {
        0..=3 => 0,
        4..=5 => 1,
        _ => 2,
    }
}

impl Beside {
    pub(crate) fn is_empty(&self) -> bool {
        !self.strong && !self.weak && self.digits == 0 && self.others == 0
    }
}

/// One stretch of a name beside one term, while it is observed.
pub(crate) struct View<'a> {
    pub(crate) term: &'a Term,
    pub(crate) official: &'a [u32],
    pub(crate) letters: &'a Letters,
    pub(crate) range: std::ops::Range<usize>,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) observed: Observed,
    pub(crate) techniques: Techniques,
}

#[allow(clippy::cast_precision_loss)] // Small counts.
impl View<'_> {
    fn see(&mut self, seen: Seen, value: f32) {
        self.observed[seen as usize] = value;
    }

    fn see_if(&mut self, seen: Seen, holds: bool) {
        self.see(seen, f32::from(u8::from(holds)));
    }

    pub(crate) fn count_steps(&mut self, aligner: &Aligner) -> Steps {
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
        // Whether one letter or all of them look alike, the name reads the same.
        self.see_if(Seen::Looks, steps.of(Step::Look) > 0);
        self.see_if(Seen::FirstLetter, steps.first);
        self.see_if(Seen::LastLetter, steps.last);
        steps
    }

    pub(crate) fn observe_tricks(&mut self, index: &Index, steps: &Steps) {
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
        let own_apart = own_separators(index, self.term, self.official.len());
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

    pub(crate) fn observe_name(
        &mut self,
        steps: &Steps,
        beside: &Beside,
        codes: &mut Vec<u32>,
        costs: &mut Vec<f32>,
    ) {
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
            self.observe_words(steps, codes, costs);
        }
        let own = words::strangeness(self.official, costs) / len.max(1) as f32;
        if beside.others > 0 {
            self.see_if(Seen::ResidueWords, beside.unknown == 0);
            self.see(Seen::OwnEaseBeside, own.min(6.0));
        } else if level <= 1 {
            self.see(Seen::OwnEaseAlone, own.min(6.0));
        } else {
            self.see(Seen::OwnEaseEdited, own.min(6.0));
        }
        if beside.others > 0 {
            self.observe_crossing(codes, costs);
        }
        self.observe_han(steps);
    }

    /// Does the word that the stretch stands in read better when it is cut elsewhere?
    fn observe_crossing(&mut self, codes: &mut Vec<u32>, costs: &mut Vec<f32>) {
        const MAX: usize = 32;
        let all = &self.letters.all;
        let start = (0..=self.range.start).rev().find(|at| *at == 0 || all[*at].apart).unwrap_or(0);
        let end = (self.range.end..all.len()).find(|at| all[*at].apart).unwrap_or(all.len());
        if (start, end) == (self.range.start, self.range.end) || end - start > MAX || self.term.han {
            return;
        }
        codes.clear();
        codes.extend(all[start..end].iter().map(|it| it.code));
        let bits = words::crossing(codes, self.range.start - start..self.range.end - start, costs);
        self.see(Seen::Crossing, (bits / 10.0).clamp(-2.0, 2.0));
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
    fn observe_words(&mut self, steps: &Steps, codes: &mut Vec<u32>, costs: &mut Vec<f32>) {
        let window = &self.letters.all[self.range.clone()];
        codes.clear();
        codes.extend(window.iter().map(|it| it.code));
        let cost = words::strangeness(codes, costs);
        let own = words::strangeness(self.official, costs);
        self.see(Seen::Stranger, ((cost - own) / 10.0).clamp(-3.0, 3.0));
        self.see(Seen::Ease, (cost / window.len().max(1) as f32).min(6.0));
        let word = words::word(codes.iter().copied());
        if steps.edits > 0 {
            let own_bits = words::improbability(self.official) / self.official.len().max(1) as f32;
            let bits = words::improbability(codes);
            self.see(Seen::OwnBits, (own_bits - 3.5).clamp(-2.0, 3.0));
            self.see(Seen::MoreBits, ((bits - own_bits * self.official.len() as f32) / 8.0).clamp(-2.0, 2.0));
            self.see(Seen::Crowd, f32::from(self.term.crowd).ln_1p());
        }
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
        self.see(Seen::HanDropped, f32::from(steps.of(Step::Dropped)));
        self.see(Seen::HanRatio, steps.edits as f32 / self.official.len() as f32);
    }

    pub(crate) fn observe_place(&mut self, index: &Index, place: Place) {
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

    /// Under the ending of the brand's own domain a changed name is no accident, if it is a rare one.
    pub(crate) fn observe_suffix(&mut self, index: &Index, suffix: &str, edited: bool) {
        let Some(official) = index.official(self.term.official) else { return };
        if official.kind != Kind::Domain {
            return;
        }
        let is_same = official.text.strip_suffix(suffix).is_some_and(|it| it.ends_with('.'));
        let is_rare = !matches!(suffix, "com" | "net" | "org" | "cn" | "ru" | "io" | "co");
        self.see_if(Seen::SameSuffix, is_same && is_rare);
        self.see_if(Seen::OtherSuffix, !is_same && edited);
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
