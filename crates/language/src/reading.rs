//! What was found in one text, and the room to find it in.

use std::ops::Range;

/// A phrase that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Which finding it makes: a number of the lexicon, see [`crate::Lexicon::finding`].
    pub finding: u16,
    /// Where, in bytes of the original text.
    pub span: Range<usize>,
    /// How sure it is: above 0, at most 1.
    pub score: f32,
}

/// A word of interest in the sentence at hand, in bytes of the folded text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Atom {
    pub(crate) part: u16,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) takes_back: bool,
}

/// The hits of one text. Use it again for the next: it keeps its room, so that a text
/// without hits costs no allocation.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub(crate) hits: Vec<Hit>,
    pub(crate) atoms: Vec<Atom>,
    /// Which parts stand in this sentence, and which stood anywhere up to here.
    present: Vec<u64>,
    ever: Vec<u64>,
    /// For each phrase the sentence in which it was last looked for.
    looked: Vec<u32>,
    sentence: u32,
    /// For each finding the place of its hit, plus one.
    best: Vec<u32>,
    /// The text with letters where digits stood for them.
    pub(crate) letters: String,
}

impl Reading {
    /// Room for readings; nothing is reserved yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// At most one for each finding, in the order of the text.
    #[must_use]
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    pub(crate) fn start(&mut self, phrases: usize, findings: usize, parts: usize) {
        self.hits.clear();
        self.atoms.clear();
        if self.looked.len() != phrases || self.sentence > u32::MAX / 2 {
            self.looked.clear();
            self.looked.resize(phrases, 0);
            self.sentence = 0;
        }
        self.sentence += 1;
        self.best.clear();
        self.best.resize(findings, 0);
        self.present.clear();
        self.present.resize(parts.div_ceil(64), 0);
        self.ever.clear();
        self.ever.resize(parts.div_ceil(64), 0);
    }

    pub(crate) fn note(&mut self, part: u16, range: Range<usize>, takes_back: bool) {
        // Texts of 4 GiB and more are not read to the end; events end at 256 KiB.
        let (Ok(start), Ok(end)) = (u32::try_from(range.start), u32::try_from(range.end)) else { return };
        self.atoms.push(Atom { part, start, end, takes_back });
    }

    /// Drops what was taken back ("don't worry" is no prohibition), then marks what is left.
    pub(crate) fn settle(&mut self) {
        if self.atoms.iter().any(|it| it.takes_back) {
            for at in 0..self.atoms.len() {
                let Atom { part, start, end, takes_back } = self.atoms[at];
                if takes_back {
                    for other in &mut self.atoms {
                        if other.part == part && start <= other.start && other.end <= end {
                            other.takes_back = true;
                        }
                    }
                }
            }
            self.atoms.retain(|it| !it.takes_back);
        }
        for atom in &self.atoms {
            self.present[usize::from(atom.part) / 64] |= 1 << (atom.part % 64);
            self.ever[usize::from(atom.part) / 64] |= 1 << (atom.part % 64);
        }
    }

    pub(crate) fn has(&self, part: u16) -> bool {
        self.present[usize::from(part) / 64] & (1 << (part % 64)) != 0
    }

    pub(crate) fn had(&self, part: u16) -> bool {
        self.ever[usize::from(part) / 64] & (1 << (part % 64)) != 0
    }

    /// Whether the phrase was not yet looked for in this sentence; from now on it was.
    pub(crate) fn is_new(&mut self, phrase: u32) -> bool {
        let last = &mut self.looked[phrase as usize];
        std::mem::replace(last, self.sentence) != self.sentence
    }

    pub(crate) fn best(&self, finding: u16) -> f32 {
        match self.best[usize::from(finding)].checked_sub(1) {
            Some(at) => self.hits[at as usize].score,
            None => 0.0,
        }
    }

    pub(crate) fn hit(&mut self, hit: Hit) {
        let finding = usize::from(hit.finding);
        if let Some(at) = self.best[finding].checked_sub(1) {
            self.hits[at as usize] = hit;
        } else {
            self.hits.push(hit);
            self.best[finding] = self.hits.len() as u32;
        }
    }

    pub(crate) fn next_sentence(&mut self) {
        for atom in &self.atoms {
            self.present[usize::from(atom.part) / 64] = 0;
        }
        self.atoms.clear();
        self.sentence += 1;
    }
}
