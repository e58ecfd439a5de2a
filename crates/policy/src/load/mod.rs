//! Reads the files of a policy, checks them against each other, and puts them together.
//!
//! The way through: every file is read by its place ([`raw`]); then come the names that
//! others refer to (findings, lists, features), then what refers to them (rules and their
//! cases). All that is wrong is told at once, not the first thing only.

mod catalogue;
mod features;
mod raw;
mod rules;
mod settings;

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use toml::Spanned;
use touchstone_types::{EventKind, Lapse, Name, PhraseFile, PolicyHash};

use crate::expression::{Expression, Names};
use crate::finding::FindingSpec;
use crate::inputs::KindSet;
use crate::policy::{Policy, Wakes};
use crate::source::{Place, Problem, SourceFile, Sources, did_you_mean};
use raw::{FeaturesFile, FindingsFile, ListFile, PolicyFile, RulesFile, Word};

/// The most bytes of all files together.
pub const MAX_POLICY_BYTES: usize = 64 * 1024 * 1024;

impl Policy {
    /// Reads and checks a policy: `policy.toml`, `features.toml` and the `.toml` files below
    /// `findings/`, `rules/`, `phrases/` and `lists/`. Other files are ignored.
    ///
    /// # Errors
    /// Every [`Problem`] that was found, by file and line. Nothing is half-loaded.
    pub fn load(files: Vec<SourceFile>) -> Result<Policy, Vec<Problem>> {
        let bytes: usize = files.iter().map(|file| file.text.len()).sum();
        let files: Vec<_> = files.into_iter().filter(|file| file.path.ends_with(".toml")).collect();
        let mut load = Load { sources: Sources::new(files), ..Load::default() };
        if bytes > MAX_POLICY_BYTES {
            let message = format!("the files have {bytes} bytes together, more than {MAX_POLICY_BYTES}");
            load.sources.whole_file("policy.toml", message, None);
            return Err(load.sources.problems);
        }
        let read = load.read();
        let policy = read.and_then(|read| load.put_together(read));
        let mut problems = std::mem::take(&mut load.sources.problems);
        problems.sort();
        match policy {
            Some(policy) if problems.is_empty() => Ok(policy),
            _ => Err(problems),
        }
    }
}

/// What the files say, each with the number of its file.
#[derive(Default)]
struct Read {
    policy: Option<(usize, PolicyFile)>,
    findings: Vec<(usize, FindingsFile)>,
    features: Vec<(usize, FeaturesFile)>,
    rules: Vec<(usize, RulesFile)>,
    lists: Vec<(usize, ListFile)>,
    phrases: Vec<(usize, PhraseFile)>,
}

#[derive(Default)]
struct Load {
    sources: Sources,
    names: Names,
    findings: Vec<FindingSpec>,
    /// Where each finding was first named.
    named: HashMap<Name, String>,
}

impl Load {
    fn read(&mut self) -> Option<Read> {
        let mut read = Read::default();
        for at in 0..self.sources.files.len() {
            let path = self.sources.files[at].path.clone();
            match path.split_once('/').map_or(path.as_str(), |(folder, _)| folder) {
                "policy.toml" => read.policy = self.file(at).map(|file| (at, file)),
                "features.toml" => read.features.extend(self.file(at).map(|file| (at, file))),
                "findings" => read.findings.extend(self.file(at).map(|file| (at, file))),
                "rules" => read.rules.extend(self.file(at).map(|file| (at, file))),
                "lists" => read.lists.extend(self.file(at).map(|file| (at, file))),
                "phrases" => read.phrases.extend(self.file(at).map(|file| (at, file))),
                _ => {
                    let hint = "a policy has policy.toml, features.toml, findings/, rules/, phrases/, lists/";
                    self.sources.whole_file(&path, "no such place in a policy", Some(hint.to_owned()));
                }
            }
        }
        if read.policy.is_none() && self.sources.problems.is_empty() {
            self.sources.whole_file("policy.toml", "the file is missing", None);
        }
        // What a broken file would have named is missing everywhere: say only what broke.
        self.sources.problems.is_empty().then_some(read)
    }

    fn file<T: DeserializeOwned>(&mut self, at: usize) -> Option<T> {
        match toml::from_str(&self.sources.files[at].text) {
            Ok(file) => Some(file),
            Err(error) => {
                let bytes = error.span().unwrap_or(0..0);
                let mut lines = error.message().lines();
                let message = lines.next().unwrap_or("not TOML").to_owned();
                let rest = lines.collect::<Vec<_>>().join(", ");
                let hint = Some(rest).filter(|rest| !rest.is_empty());
                self.sources.problem(&Place { file: at, bytes }, message, hint);
                None
            }
        }
    }

    fn put_together(&mut self, read: Read) -> Option<Policy> {
        let (file, settings) = read.policy?;
        self.add_findings(&read.findings);
        self.add_rule_names(&read.rules);
        self.check_phrases(&read.phrases);
        self.add_lists(&read.lists);
        let features = self.features(&read.features);
        let rules = self.rules(&read.rules);
        let thresholds = self.thresholds(file, &settings);
        let holds = self.holds(file, &settings);
        let checks = self.checks(file, &settings);
        let title = self.bilingual(file, &settings.title, "title");
        if !self.sources.problems.is_empty() {
            return None;
        }
        Some(Policy {
            id: settings.id.into_inner().into(),
            version: settings.version,
            owner: settings.owner.into_inner(),
            title,
            hash: hash(&self.sources.files),
            names: std::mem::take(&mut self.names),
            wakes: Wakes::new(&rules, self.findings.len()),
            findings: std::mem::take(&mut self.findings),
            features,
            rules,
            phrases: read.phrases.into_iter().map(|(_, file)| file).collect(),
            thresholds: thresholds?,
            holds: holds?,
            checks,
        })
    }

    fn problem<T>(&mut self, file: usize, at: &Spanned<T>, message: impl Into<String>, hint: Option<String>) {
        self.sources.problem(&Place { file, bytes: at.span() }, message, hint);
    }

    /// One of a fixed set of words.
    fn choice<T: Copy>(&mut self, file: usize, word: &Word, what: &str, all: &[(T, &str)]) -> Option<T> {
        let found = all.iter().find(|(_, name)| name == word.get_ref()).map(|(value, _)| *value);
        if found.is_none() {
            let names: Vec<&str> = all.iter().map(|(_, name)| *name).collect();
            let hint = did_you_mean(word.get_ref(), names.iter().copied())
                .unwrap_or_else(|| format!("one of {}", names.join(", ")));
            let message = format!("`{}` is no {what}", word.get_ref());
            self.problem(file, word, message, Some(hint));
        }
        found
    }

    fn kind(&mut self, file: usize, word: &Word) -> Option<EventKind> {
        let all: Vec<_> = EventKind::ALL.iter().map(|kind| (*kind, kind.name())).collect();
        self.choice(file, word, "kind of event", &all)
    }

    fn kinds(&mut self, file: usize, words: &[Word]) -> KindSet {
        words.iter().filter_map(|word| self.kind(file, word)).fold(KindSet::NONE, KindSet::with)
    }

    fn lapse(&mut self, file: usize, word: &Word) -> Option<Lapse> {
        let lapse: Option<Lapse> = word.get_ref().parse().ok();
        if lapse.is_none_or(|lapse| lapse == Lapse::ZERO) {
            let hint = "a whole number above 0 and one unit: 90s, 15m, 24h, 30d".to_owned();
            self.problem(file, word, format!("`{}` is no duration", word.get_ref()), Some(hint));
            return None;
        }
        lapse
    }

    /// A name as findings, rules, features and lists have it.
    fn name(&mut self, file: usize, word: &Word) -> Option<Name> {
        let text = word.get_ref();
        let fits = text.len() <= MAX_NAME_BYTES
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !fits {
            let hint = format!("small letters, digits and `_`, a letter first, up to {MAX_NAME_BYTES}");
            self.problem(file, word, format!("`{text}` cannot be a name"), Some(hint));
        }
        fits.then(|| text.as_str().into())
    }

    fn finding_named(&mut self, file: usize, word: &Word) -> Option<u16> {
        let name = word.get_ref();
        let found = self.findings.iter().find(|it| *it.name == **name).map(|it| it.id);
        if found.is_none() {
            let hint = did_you_mean(name, self.findings.iter().map(|it| &*it.name));
            self.problem(file, word, format!("no finding is called `{name}`"), hint);
        }
        found
    }

    /// A condition that may ask about the given names.
    fn expression(&mut self, file: usize, word: &Word, names: &Names) -> Option<Expression> {
        match Expression::compile(word.get_ref(), names) {
            Ok(expression) => Some(expression),
            Err(error) => {
                let place = self.sources.inside(&Place { file, bytes: word.span() }, error.span);
                self.sources.problem(&place, error.message, error.hint);
                None
            }
        }
    }
}

/// The longest name of a finding, rule, feature or list.
const MAX_NAME_BYTES: usize = 64;

fn hash(files: &[SourceFile]) -> PolicyHash {
    let mut sha = Sha256::new();
    for part in files.iter().flat_map(|file| [&file.path, &file.text]) {
        // With lengths, so that text cannot move from one file to the next unseen.
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part.as_bytes());
    }
    PolicyHash(sha.finalize().into())
}
