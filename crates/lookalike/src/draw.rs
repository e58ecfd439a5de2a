//! Draws a candidate beside the official string it resembles.

use touchstone_types::{LikenessStep, Name};

use crate::align::{Aligner, Step};
use crate::index::{Index, Kind, Resemblance};
use crate::letters::{Letter, Letters, Reading};
use crate::techniques::Techniques;

impl Index {
    /// Both strings side by side, piece by piece. The pieces' `official` parts together are the
    /// official string, their `candidate` parts the candidate. Allocates; ask only when a person
    /// will see it.
    #[must_use]
    pub fn align(&self, candidate: &str, _kind: Kind, resemblance: &Resemblance) -> Vec<LikenessStep> {
        let Some(official) = self.official(resemblance.official) else { return Vec::new() };
        let reading = if resemblance.techniques.contains(Techniques::FLIPPED) {
            Reading::UpsideDown
        } else if candidate.contains('\u{202e}') && resemblance.techniques.contains(Techniques::BIDI) {
            Reading::Backward
        } else {
            Reading::Forward
        };
        draw(&official.text, candidate, reading)
    }
}

/// At most so many letters are laid side by side; longer strings are drawn in one piece.
const MAX_DRAWN: usize = crate::align::MAX_SIDE;

fn draw(official: &str, candidate: &str, reading: Reading) -> Vec<LikenessStep> {
    let (mut left, mut right) = (Letters::default(), Letters::default());
    left.read(official, Reading::Forward);
    right.read(candidate, reading);
    let codes: Vec<u32> = left.all.iter().map(|it| it.code).collect();
    let mut aligner = Aligner::default();
    let fits = codes.len() <= MAX_DRAWN && right.all.len() <= MAX_DRAWN && reading == Reading::Forward;
    if !fits || aligner.align(&codes, &right.all, u16::MAX / 4, u32::MAX).is_none() {
        let technique = (official != candidate).then_some(match reading {
            Reading::UpsideDown => "flipped",
            Reading::Backward => "bidi",
            Reading::Forward => "added",
        });
        return vec![step(official, candidate, technique)];
    }
    let (mut drawn, mut at, mut to) = (Vec::new(), (0, 0), (0, 0));
    for piece in &aligner.pieces {
        let next = (at.0 + usize::from(piece.official), at.1 + usize::from(piece.candidate));
        let end = (end_of(&left.all[at.0..next.0], to.0), end_of(&right.all[at.1..next.1], to.1));
        let (official_part, candidate_part) = (&official[to.0..end.0], &candidate[to.1..end.1]);
        let tricks =
            right.all[at.1..next.1].iter().fold(touchstone_text::Tricks::NONE, |sum, it| sum | it.tricks);
        let technique = match piece.step {
            Step::Same => {
                Techniques::of_tricks(tricks).names().next().or(separator(official_part, candidate_part))
            }
            other => other.technique().names().next(),
        };
        push(&mut drawn, official_part, candidate_part, technique);
        (at, to) = (next, end);
    }
    push(&mut drawn, &official[to.0..], &candidate[to.1..], separator(&official[to.0..], &candidate[to.1..]));
    drawn
}

/// Where the letters end in their text, but never before `reached`: one character may read as several.
fn end_of(letters: &[Letter], reached: usize) -> usize {
    letters.iter().map(|it| it.at.1 as usize).max().unwrap_or(reached).max(reached)
}

/// Signs that only one side has, or the case of the letters.
fn separator(official: &str, candidate: &str) -> Option<&'static str> {
    (official.to_lowercase() != candidate.to_lowercase()).then_some("separator")
}

/// Adds a piece; neighbours that are the same on both sides become one.
fn push(drawn: &mut Vec<LikenessStep>, official: &str, candidate: &str, technique: Option<&'static str>) {
    if official.is_empty() && candidate.is_empty() {
        return;
    }
    if let Some(last) = drawn.last_mut().filter(|it| it.technique.is_none() && technique.is_none()) {
        last.official.push_str(official);
        last.candidate.push_str(candidate);
        return;
    }
    drawn.push(step(official, candidate, technique));
}

fn step(official: &str, candidate: &str, technique: Option<&'static str>) -> LikenessStep {
    LikenessStep {
        official: official.to_owned(),
        candidate: candidate.to_owned(),
        technique: technique.map(Name::from),
    }
}
