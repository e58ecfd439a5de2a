//! All phrases of a policy in one automaton.

use std::collections::BTreeMap;
use std::ops::Range;

use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder};
use touchstone_text::{Folded, fold};
use touchstone_types::{Name, PhraseFile, PhraseList};

use crate::leet;
use crate::phrase::{self, Literal, PhraseError, Words};
use crate::reading::{Atom, Hit, Reading};

/// What breaks a sentence; nothing reaches across.
const SENTENCE_ENDS: &[&str] = &[".", "!", "?", ";", "。", "…", "！", "？", "；"];
/// What breaks a clause; a prohibition does not reach across.
const CLAUSE_ENDS: &[&str] = &[",", "、", "，", ":", "：", "\n", "—", "|", "/", ")", "("];
/// A sentence with more words of interest than this is read in pieces, which bounds the time.
const MAX_ATOMS: usize = 256;

/// The part numbers that stand for breaks.
const SENTENCE: u16 = 0;
const CLAUSE: u16 = 1;

/// Why phrases cannot be made into a lexicon.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LexiconError {
    /// A phrase or word that means nothing. `place` is the finding, or the name of the words.
    #[error("{place}: {phrase:?}: {cause}")]
    Phrase {
        /// The finding of the list, or the name of the words.
        place: String,
        /// The phrase as written.
        phrase: String,
        /// What is wrong with it.
        cause: PhraseError,
    },
    /// A score that is not above 0 and at most 1.
    #[error("{finding}: the score {score} is not above 0 and at most 1")]
    Score {
        /// The finding of the list.
        finding: Name,
        /// As written.
        score: f32,
    },
    /// Two files give words of one name.
    #[error("the words <{0}> are given twice")]
    WordsTwice(String),
    /// More than the tables hold, or an automaton that cannot be built.
    #[error("the phrases are too many: {0}")]
    TooMany(String),
}

/// One literal as part of something, with what must hold around it.
#[derive(Clone, Copy, Debug)]
struct Entry {
    part: u16,
    open: (bool, bool),
    takes_back: bool,
}

/// Parts in their order, and what follows when they are found.
#[derive(Clone, Debug)]
struct Compiled {
    finding: u16,
    list: u16,
    score: f32,
    /// Part and greatest distance to the part before.
    parts: Vec<(u16, u16)>,
}

#[derive(Clone, Debug, Default)]
struct Guards {
    before: Vec<u16>,
    beside: Vec<u16>,
    only_with: Vec<u16>,
}

/// All phrases, ready to be looked for in one pass.
pub struct Lexicon {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    /// For each pattern of the automaton its entries.
    entries: Vec<Vec<Entry>>,
    /// For each part the phrases that it wakes.
    wakes: Vec<Vec<u32>>,
    phrases: Vec<Compiled>,
    guards: Vec<Guards>,
    findings: Vec<Name>,
}

/// What [`Lexicon::build`] collects.
#[derive(Default)]
struct Builder {
    folded: Folded,
    patterns: BTreeMap<String, u32>,
    entries: Vec<Vec<Entry>>,
    parts: BTreeMap<Vec<Literal>, u16>,
    phrases: Vec<Compiled>,
    guards: Vec<Guards>,
    findings: Vec<Name>,
}

impl Lexicon {
    /// Compiles the phrases of a policy; the words of every file are known to all.
    ///
    /// # Errors
    /// [`LexiconError`] with the phrase that cannot be understood.
    pub fn build(files: &[PhraseFile]) -> Result<Self, LexiconError> {
        let words = collect_words(files)?;
        let mut builder = Builder::default();
        builder.breaks();
        for list in files.iter().flat_map(|file| &file.lists) {
            builder.list(list, &words)?;
        }
        builder.finish()
    }

    /// How many findings the phrases can make.
    #[must_use]
    pub fn findings(&self) -> &[Name] {
        &self.findings
    }

    /// The finding of that number, as hits carry it.
    #[must_use]
    pub fn finding(&self, number: u16) -> Option<&Name> {
        self.findings.get(usize::from(number))
    }

    /// How many phrases there are, every order of their parts counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.phrases.len()
    }

    /// Whether there is no phrase at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    /// Reads one text: at most one hit for each finding, the surest one, the first of equals.
    ///
    /// Nothing is allocated once `reading` has been used on a text of this kind.
    pub fn read(&self, text: &Folded, reading: &mut Reading) {
        reading.start(self.phrases.len(), self.findings.len(), self.wakes.len());
        self.read_as(text.text(), reading);
        // Read once more where digits and signs stand for letters: "d3p0sit". They are as
        // long as the letters, so that places stay the same.
        let mut letters = std::mem::take(&mut reading.letters);
        if leet::read(text.text(), &mut letters) {
            self.read_as(&letters, reading);
        }
        reading.letters = letters;
        for hit in &mut reading.hits {
            hit.span = text.original(hit.span.clone());
        }
        reading.hits.sort_unstable_by_key(|hit| (hit.span.start, hit.finding));
    }

    fn read_as(&self, folded: &str, reading: &mut Reading) {
        for found in self.automaton.find_overlapping_iter(folded) {
            let range = found.start()..found.end();
            for entry in &self.entries[found.value() as usize] {
                if entry.part == SENTENCE {
                    if ends_a_sentence(folded, range.end) {
                        self.weigh(folded, reading);
                    }
                } else if entry.part == CLAUSE || stands_alone(folded, range.start, range.end, entry.open) {
                    reading.note(entry.part, whole_word(folded, range.clone(), entry.open), entry.takes_back);
                }
            }
            if reading.atoms.len() >= MAX_ATOMS {
                self.weigh(folded, reading);
            }
        }
        self.weigh(folded, reading);
    }

    /// Looks for phrases among the words of one sentence, then forgets the words.
    fn weigh(&self, folded: &str, reading: &mut Reading) {
        if reading.atoms.is_empty() {
            return;
        }
        reading.settle();
        for at in 0..reading.atoms.len() {
            for number in &self.wakes[usize::from(reading.atoms[at].part)] {
                let phrase = &self.phrases[*number as usize];
                if reading.is_new(*number)
                    && phrase.parts.iter().all(|(part, _)| reading.has(*part))
                    && reading.best(phrase.finding) < phrase.score
                    && self.is_of_its_language(phrase, reading)
                {
                    self.look_for(phrase, folded, reading);
                }
            }
        }
        reading.next_sentence();
    }

    /// One pass over the sentence's words: for each part, where the chain up to it ends last.
    fn look_for(&self, phrase: &Compiled, folded: &str, reading: &mut Reading) {
        let mut chain: [Option<(u32, u32)>; 4] = [None; 4];
        let last = phrase.parts.len() - 1;
        for at in 0..reading.atoms.len() {
            let Atom { part, start, end, .. } = reading.atoms[at];
            for nth in (0..phrase.parts.len()).rev().filter(|nth| phrase.parts[*nth].0 == part) {
                let reached = match nth.checked_sub(1).map(|before| chain[before]) {
                    None => Some((start, end)),
                    Some(Some((from, to))) if to <= start && near(folded, to, start, phrase.parts[nth].1) => {
                        Some((from, end))
                    }
                    Some(_) => None,
                };
                let Some(reached) = reached else { continue };
                chain[nth] = Some(reached);
                if nth == last && !self.is_taken_back(phrase, reached, &reading.atoms) {
                    reading.hit(Hit {
                        finding: phrase.finding,
                        span: reached.0 as usize..reached.1 as usize,
                        score: phrase.score,
                    });
                    return;
                }
            }
        }
    }

    fn is_of_its_language(&self, phrase: &Compiled, reading: &Reading) -> bool {
        let words = &self.guards[usize::from(phrase.list)].only_with;
        words.is_empty() || words.iter().any(|part| reading.had(*part))
    }

    fn is_taken_back(&self, phrase: &Compiled, (start, end): (u32, u32), atoms: &[Atom]) -> bool {
        let guards = &self.guards[usize::from(phrase.list)];
        if guards.before.is_empty() && guards.beside.is_empty() {
            return false;
        }
        let breaks = |atom: &&Atom| atom.part == CLAUSE;
        let from = atoms.iter().filter(breaks).map(|it| it.end).filter(|it| *it <= start).max().unwrap_or(0);
        let to = atoms.iter().filter(breaks).map(|it| it.start).find(|it| *it >= end).unwrap_or(u32::MAX);
        atoms.iter().any(|atom| {
            (from <= atom.start && atom.start < end && guards.before.contains(&atom.part))
                || (from <= atom.start && atom.end <= to && guards.beside.contains(&atom.part))
        })
    }
}

fn collect_words(files: &[PhraseFile]) -> Result<Words, LexiconError> {
    let mut words = Words::new();
    for (name, raw) in files.iter().flat_map(|file| &file.words) {
        let read = |it: &String| {
            phrase::literal(it).map_err(|cause| LexiconError::Phrase {
                place: format!("<{name}>"),
                phrase: it.clone(),
                cause,
            })
        };
        let literals = raw.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        if words.insert(name.clone(), literals).is_some() {
            return Err(LexiconError::WordsTwice(name.clone()));
        }
    }
    Ok(words)
}

impl Builder {
    fn breaks(&mut self) {
        for (part, marks) in [(SENTENCE, SENTENCE_ENDS), (CLAUSE, CLAUSE_ENDS)] {
            for mark in marks {
                self.entry(mark, Entry { part, open: (true, true), takes_back: false });
            }
        }
    }

    fn entry(&mut self, folded: &str, entry: Entry) {
        let next = self.patterns.len() as u32;
        let pattern = *self.patterns.entry(folded.to_owned()).or_insert(next);
        if pattern == next {
            self.entries.push(Vec::new());
        }
        self.entries[pattern as usize].push(entry);
    }

    fn part(&mut self, literals: &[Literal]) -> Result<u16, (String, PhraseError)> {
        if let Some(known) = self.parts.get(literals) {
            return Ok(*known);
        }
        let part = self.parts.len() as u16 + 2; // After the two kinds of break.
        for literal in literals {
            fold(&literal.text, &mut self.folded);
            let folded = self.folded.text().trim().to_owned();
            if folded.is_empty() {
                return Err((literal.text.clone(), PhraseError::TooShort(literal.text.clone())));
            }
            self.entry(&folded, Entry { part, open: literal.open, takes_back: literal.takes_back });
        }
        self.parts.insert(literals.to_vec(), part);
        Ok(part)
    }

    fn list(&mut self, list: &PhraseList, words: &Words) -> Result<(), LexiconError> {
        let wrong = |phrase: &str, cause| LexiconError::Phrase {
            place: list.finding.to_string(),
            phrase: phrase.to_owned(),
            cause,
        };
        if !(list.score > 0.0 && list.score <= 1.0) {
            return Err(LexiconError::Score { finding: list.finding.clone(), score: list.score });
        }
        let finding = self.finding(&list.finding);
        let mut guards = Guards::default();
        for (names, parts) in [
            (&list.unless_before, &mut guards.before),
            (&list.unless_beside, &mut guards.beside),
            (&list.only_with, &mut guards.only_with),
        ] {
            for name in names {
                let literals =
                    words.get(name).ok_or_else(|| wrong(name, PhraseError::UnknownWords(name.clone())))?;
                parts.push(self.part(literals).map_err(|(literal, cause)| wrong(&literal, cause))?);
            }
        }
        self.guards.push(guards);
        let number = (self.guards.len() - 1) as u16;
        for raw in &list.phrases {
            for sequence in phrase::parse(raw, words).map_err(|cause| wrong(raw, cause))? {
                if let [(alone, _)] = sequence.parts.as_slice()
                    && let Some(short) = alone.iter().find(|it| it.text.len() < 2)
                {
                    return Err(wrong(raw, PhraseError::TooShort(short.text.clone())));
                }
                let parts = sequence
                    .parts
                    .iter()
                    .map(|(literals, gap)| Ok((self.part(literals)?, *gap)))
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(|(_, cause)| wrong(raw, cause))?;
                self.phrases.push(Compiled { finding, list: number, score: list.score, parts });
            }
        }
        self.fits()
    }

    fn finding(&mut self, name: &Name) -> u16 {
        let at = self.findings.iter().position(|it| it == name).unwrap_or_else(|| {
            self.findings.push(name.clone());
            self.findings.len() - 1
        });
        at as u16
    }

    /// Part, list and finding numbers have 16 bits.
    fn fits(&self) -> Result<(), LexiconError> {
        let most = self.parts.len().max(self.guards.len()).max(self.findings.len());
        if most < usize::from(u16::MAX) - 2 {
            Ok(())
        } else {
            Err(LexiconError::TooMany(format!("{most} parts, lists or findings; at most 65,533")))
        }
    }

    fn finish(self) -> Result<Lexicon, LexiconError> {
        let automaton = CharwiseDoubleArrayAhoCorasickBuilder::new()
            .build_with_values(self.patterns.iter().map(|(text, number)| (text.as_str(), *number)))
            .map_err(|error| LexiconError::TooMany(error.to_string()))?;
        let parts = self.parts.len() + 2;
        let mut literals = vec![0_usize; parts]; // How common a part is: the number of its literals.
        for entry in self.entries.iter().flatten() {
            literals[usize::from(entry.part)] += 1;
        }
        let mut wakes = vec![Vec::new(); parts];
        for (number, phrase) in self.phrases.iter().enumerate() {
            if let Some((rarest, _)) =
                phrase.parts.iter().min_by_key(|(part, _)| literals[usize::from(*part)])
            {
                wakes[usize::from(*rarest)].push(number as u32);
            }
        }
        Ok(Lexicon {
            automaton,
            entries: self.entries,
            wakes,
            phrases: self.phrases,
            guards: self.guards,
            findings: self.findings,
        })
    }
}

/// Scripts that are written without spaces have no word ends to look at.
fn has_word_ends(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric(); // Most texts need no table of characters.
    }
    let spaceless = matches!(u32::from(c),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1100..=0x11FF | 0x1780..=0x17FF
        | 0x2E80..=0x9FFF | 0xAC00..=0xD7FF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF);
    !spaceless && c.is_alphanumeric()
}

/// Whether the literal does not begin or end in the middle of a word.
fn stands_alone(folded: &str, start: usize, end: usize, open: (bool, bool)) -> bool {
    let inside = |outer: Option<char>, inner: Option<char>| {
        outer.is_some_and(has_word_ends) && inner.is_some_and(has_word_ends)
    };
    let (before, within, after) = (&folded[..start], &folded[start..end], &folded[end..]);
    (open.0 || !inside(before.chars().next_back(), within.chars().next()))
        && (open.1 || !inside(after.chars().next(), within.chars().next_back()))
}

/// The range with the rest of the word that an open literal stands in: what is marked are
/// whole words. Longer "words" are none, and reading to their ends would take forever.
fn whole_word(folded: &str, range: Range<usize>, open: (bool, bool)) -> Range<usize> {
    const LONGEST: usize = 24;
    let letters = |more: &mut dyn Iterator<Item = char>| -> usize {
        more.take(LONGEST).take_while(|c| has_word_ends(*c)).map(char::len_utf8).sum()
    };
    let within = &folded[range.clone()];
    let before = match open.0 && within.starts_with(has_word_ends) {
        true => letters(&mut folded[..range.start].chars().rev()),
        false => 0,
    };
    let after = match open.1 && within.ends_with(has_word_ends) {
        true => letters(&mut folded[range.end..].chars()),
        false => 0,
    };
    range.start - before..range.end + after
}

/// `3.5` and `example.com` go on; `Hello. Send…` does not.
fn ends_a_sentence(folded: &str, end: usize) -> bool {
    let ascii = folded.as_bytes()[end - 1].is_ascii();
    !ascii || folded[end..].chars().next().is_none_or(|next| next.is_whitespace() || !next.is_ascii())
}

/// Whether at most `gap` characters stand between the two.
fn near(folded: &str, from: u32, to: u32, gap: u16) -> bool {
    let (from, to, gap) = (from as usize, to as usize, usize::from(gap));
    to - from <= gap || (to - from <= 4 * gap && folded[from..to].chars().count() <= gap)
}
