//! Findings, lists, and what phrases refer to.

use std::sync::Arc;

use toml::Spanned;
use touchstone_types::{Bilingual, Check, Moment, Name, PhraseFile, Strength};

use super::Load;
use super::raw::{FindingsFile, ListFile, RawFinding, RulesFile, Word};
use crate::finding::{FindingSpec, Placeholder, Sentence};
use crate::inputs::MAX_FINDINGS;
use crate::list::{BlockList, ListEntry, ListKind};
use crate::source::{Place, did_you_mean};

const STRENGTHS: [(Strength, &str); 2] = [(Strength::Weak, "weak"), (Strength::Strong, "strong")];

/// The most that one finding weighs.
const MAX_WEIGHT: u32 = 1_000;

/// The most bytes of one sentence in one language.
const MAX_SENTENCE_BYTES: usize = 600;

impl Load {
    pub(super) fn add_findings(&mut self, files: &[(usize, FindingsFile)]) {
        let checks: Vec<_> = Check::ALL.iter().map(|check| (*check, check.name())).collect();
        for (file, finding) in files.iter().flat_map(|(at, file)| file.findings.iter().map(|it| (*at, it))) {
            let RawFinding { name, check, weight, strength, sentence } = finding;
            let check = self.choice(file, check, "check", &checks);
            self.add_finding(file, name, check, weight, strength.as_ref(), sentence);
        }
    }

    /// A rule's hit is a finding too: its name is known before any condition is read.
    pub(super) fn add_rule_names(&mut self, files: &[(usize, RulesFile)]) {
        for (file, rule) in files.iter().flat_map(|(at, file)| file.rules.iter().map(|it| (*at, it))) {
            self.add_finding(file, &rule.id, None, &rule.weight, rule.strength.as_ref(), &rule.sentence);
        }
    }

    fn add_finding(
        &mut self,
        file: usize,
        name: &Word,
        check: Option<Check>,
        weight: &Spanned<u32>,
        strength: Option<&Word>,
        sentence: &Spanned<Bilingual>,
    ) {
        let strength =
            strength.map_or(Some(Strength::Weak), |word| self.choice(file, word, "strength", &STRENGTHS));
        if *weight.get_ref() > MAX_WEIGHT {
            self.problem(file, weight, format!("a weight is at most {MAX_WEIGHT}"), None);
        }
        let sentence = self.sentence(file, sentence);
        let Some(known) = self.name(file, name) else { return };
        if !self.is_new(file, name, &known) {
            return;
        }
        let id = match u16::try_from(self.findings.len()) {
            Ok(id) if usize::from(id) < MAX_FINDINGS => id,
            _ => {
                let message = format!("a policy has at most {MAX_FINDINGS} findings and rules");
                return self.problem(file, name, message, None);
            }
        };
        self.names.findings.push(known.clone());
        self.findings.push(FindingSpec {
            id,
            name: known,
            weight: *weight.get_ref(),
            strength: strength.unwrap_or_default(),
            sentence: sentence.unwrap_or_default(),
            check,
        });
    }

    fn is_new(&mut self, file: usize, word: &Word, name: &Name) -> bool {
        let path = self.sources.files[file].path.clone();
        match self.named.get(name).cloned() {
            Some(first) => {
                self.problem(
                    file,
                    word,
                    format!("`{name}` is named twice"),
                    Some(format!("first in {first}")),
                );
                false
            }
            None => {
                self.named.insert(name.clone(), path);
                true
            }
        }
    }

    /// Both languages, neither empty nor endless.
    pub(super) fn bilingual(&mut self, file: usize, at: &Spanned<Bilingual>, what: &str) -> Bilingual {
        let both = at.get_ref();
        for (language, text) in [("zh", &both.zh), ("en", &both.en)] {
            if text.trim().is_empty() {
                self.problem(file, at, format!("the {what} says nothing in {language}"), None);
            } else if text.len() > MAX_SENTENCE_BYTES {
                let message = format!("the {what} is longer than {MAX_SENTENCE_BYTES} bytes in {language}");
                self.problem(file, at, message, None);
            }
        }
        both.clone()
    }

    fn sentence(&mut self, file: usize, at: &Spanned<Bilingual>) -> Option<Sentence> {
        let both = self.bilingual(file, at, "sentence");
        match Sentence::parse(&both) {
            Ok(sentence) => Some(sentence),
            Err(name) => {
                let names = Placeholder::ALL.iter().map(|it| it.name());
                let hint = did_you_mean(&name, names.clone())
                    .unwrap_or_else(|| format!("there are {}", names.collect::<Vec<_>>().join(", ")));
                self.problem(file, at, format!("nothing is called {{{name}}} in a sentence"), Some(hint));
                None
            }
        }
    }

    /// What a phrase means is the lexicon's business; that its finding exists is ours.
    pub(super) fn check_phrases(&mut self, files: &[(usize, PhraseFile)]) {
        for (file, list) in files.iter().flat_map(|(at, file)| file.lists.iter().map(|it| (*at, it))) {
            let spec = self.findings.iter().find(|it| it.name == list.finding);
            let (message, hint) = match spec {
                Some(spec) if spec.check == Some(Check::Language) => continue,
                Some(_) => {
                    let message = format!("`{}` is no finding of the check `language`", list.finding);
                    (message, Some("phrases make findings of that check only".to_owned()))
                }
                None => {
                    let all = self.findings.iter().filter(|it| it.check == Some(Check::Language));
                    let hint = did_you_mean(&list.finding, all.map(|it| &*it.name));
                    (format!("no finding is called `{}`", list.finding), hint)
                }
            };
            let text = &self.sources.files[file].text;
            let at = text.find(&format!("\"{}\"", list.finding)).unwrap_or(0);
            self.sources.problem(&Place { file, bytes: at..at }, message, hint);
        }
    }

    pub(super) fn add_lists(&mut self, files: &[(usize, ListFile)]) {
        for (file, list) in files {
            if let Some(list) = self.list(*file, list) {
                self.names.lists.push(Arc::new(list));
            }
        }
    }

    fn list(&mut self, file: usize, raw: &ListFile) -> Option<BlockList> {
        let name = self.name(file, &raw.name);
        if self.names.lists.iter().any(|list| *list.name == **raw.name.get_ref()) {
            self.problem(file, &raw.name, format!("the list `{}` is named twice", raw.name.get_ref()), None);
        }
        if raw.source.get_ref().trim().is_empty() {
            self.problem(file, &raw.source, "a list says where it comes from", None);
        }
        let kind = self.choice(file, &raw.kind, "kind of list", &ListKind::ALL)?;
        let finding = raw.finding.as_ref().and_then(|word| self.finding_named(file, word));
        let usual = raw.expires.as_ref().and_then(|word| self.moment(file, word));
        let mut entries = Vec::new();
        for value in &raw.values {
            entries.extend(self.entry(file, kind, value, None, usual));
        }
        for entry in &raw.entries {
            let expires = entry.expires.as_ref().and_then(|word| self.moment(file, word)).or(usual);
            entries.extend(self.entry(file, kind, &entry.value, entry.source.as_deref(), expires));
        }
        Some(BlockList::new(name?, kind, raw.source.get_ref().clone(), finding, entries))
    }

    fn entry(
        &mut self,
        file: usize,
        kind: ListKind,
        value: &Word,
        source: Option<&str>,
        expires: Option<Moment>,
    ) -> Option<ListEntry> {
        let normal = BlockList::normal(kind, value.get_ref());
        // `com` on a block list would stop half of the web.
        let too_broad = kind == ListKind::Domain && !normal.contains('.');
        if normal.is_empty() || too_broad || normal.contains(char::is_whitespace) && kind != ListKind::Text {
            self.problem(file, value, format!("`{}` cannot be listed", value.get_ref()), None);
            return None;
        }
        Some(ListEntry { value: normal.into(), source: source.map(Into::into), expires })
    }

    pub(super) fn moment(&mut self, file: usize, word: &Word) -> Option<Moment> {
        let moment = word.get_ref().parse().ok();
        if moment.is_none() {
            let hint = "RFC 3339, such as \"2026-11-21T08:30:00Z\"".to_owned();
            self.problem(file, word, format!("`{}` is no time", word.get_ref()), Some(hint));
        }
        moment
    }
}
