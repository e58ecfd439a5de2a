//! Reads playbooks from their files and refuses what is not whole, with file, line and reason.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;
use touchstone_types::Bilingual;

use super::fill::{PLACES, places};
use super::fit::folded;
use super::{Escalation, Playbook, Playbooks, Sign, Step, Who, Wording};
use crate::report::Kind;

/// A file of a playbook that is not whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct PlaybookProblem {
    /// Which file.
    pub file: String,
    /// In which line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
}

/// Powers over the world, as the authority names them.
const POWERS: [&str; 7] =
    ["freeze", "unfreeze", "revoke_sessions", "refund", "disclose", "close", "override"];

/// The longest text, in characters: a screen of a phone.
const LONGEST: usize = 900;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: Spanned<String>,
    kinds: Vec<Spanned<String>>,
    #[serde(default)]
    words: Vec<Spanned<String>>,
    #[serde(default)]
    signs: Vec<Sign>,
    title: Spanned<Bilingual>,
    about: Spanned<Bilingual>,
    sources: Spanned<Vec<String>>,
    first_contact: Vec<Spanned<Bilingual>>,
    step: Vec<StepFile>,
    #[serde(default)]
    escalate: Vec<EscalateFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    id: Spanned<String>,
    who: Who,
    text: Spanned<Bilingual>,
    why: Spanned<Bilingual>,
    proves: Spanned<Bilingual>,
    #[serde(default)]
    after: Vec<Spanned<String>>,
    power: Option<Spanned<String>>,
    #[serde(default)]
    wording: Vec<Spanned<Bilingual>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EscalateFile {
    to: Who,
    when: Spanned<Bilingual>,
}

impl Playbooks {
    /// The playbooks that come with this version.
    ///
    /// # Errors
    /// None that a test of this crate would let through.
    pub fn built_in() -> Result<Self, Vec<PlaybookProblem>> {
        Self::load(BUILT_IN)
    }

    /// Those that come with this version and files of one's own, each with its name (the path before
    /// it does not matter) and text: a file takes the place of the built-in one of its name, and
    /// one of another name comes to them.
    ///
    /// # Errors
    /// Everything that is wrong in any of them; nothing is half-read.
    pub fn with_own<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<PlaybookProblem>> {
        let own: Vec<_> = files.into_iter().collect();
        let replaced = |name: &str| own.iter().any(|it| last_part(it.0) == name);
        let built_in = BUILT_IN.into_iter().filter(|it| !replaced(it.0));
        Self::load(built_in.chain(own.iter().copied()))
    }

    /// Reads files, each with its name and text. The order of the result is that of the ids.
    ///
    /// # Errors
    /// Everything that is wrong in any of them; nothing is half-read.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<PlaybookProblem>> {
        let (mut playbooks, mut problems) = (Vec::<Playbook>::new(), Vec::new());
        for (file, text) in files {
            let mut checked = Checked { file, text, problems: Vec::new() };
            let playbook = checked.playbook();
            if let Some((at, playbook)) = playbook {
                if playbooks.iter().any(|it| it.id == playbook.id) {
                    checked.refuse(at, format!("there is another playbook `{}`", playbook.id));
                }
                playbooks.push(playbook);
            }
            problems.append(&mut checked.problems);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        playbooks.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self(playbooks))
    }
}

/// The name of a file without the path before it.
fn last_part(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// One file while it is read.
struct Checked<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<PlaybookProblem>,
}

impl Checked<'_> {
    fn refuse(&mut self, at: usize, reason: String) {
        let line = self.text.bytes().take(at).filter(|it| *it == b'\n').count() + 1;
        self.problems.push(PlaybookProblem { file: self.file.to_owned(), line, reason });
    }

    /// Where its id stands, and the playbook.
    fn playbook(&mut self) -> Option<(usize, Playbook)> {
        let file: File = match toml::from_str(self.text) {
            Ok(file) => file,
            Err(cause) => {
                self.refuse(cause.span().map_or(0, |it| it.start), cause.message().to_owned());
                return None;
            }
        };
        let at = file.id.span().start;
        let id = self.id(file.id);
        let stem = last_part(self.file).strip_suffix(".toml");
        if stem != Some(id.as_str()) {
            self.refuse(at, format!("the file of `{id}` is called {id}.toml"));
        }
        let kinds = self.kinds(at, file.kinds);
        let words = file.words.into_iter().filter_map(|it| self.word(it)).collect();
        if file.sources.get_ref().iter().all(|it| it.trim().is_empty()) {
            self.refuse(file.sources.span().start, "`sources` names nothing".to_owned());
        }
        if file.first_contact.is_empty() {
            self.refuse(at, "`first_contact` says nothing".to_owned());
        }
        let playbook = Playbook {
            kinds,
            words,
            signs: file.signs,
            title: self.plain(file.title),
            about: self.plain(file.about),
            sources: file.sources.into_inner(),
            first_contact: file.first_contact.into_iter().map(|it| self.wording(it)).collect(),
            steps: self.steps(at, file.step),
            escalate: file.escalate.into_iter().map(|it| self.escalation(it)).collect(),
            id,
        };
        Some((at, playbook))
    }

    fn kinds(&mut self, at: usize, kinds: Vec<Spanned<String>>) -> Vec<Kind> {
        if kinds.is_empty() {
            self.refuse(at, "`kinds` names no kind of report".to_owned());
        }
        let known = Kind::ALL.map(Kind::as_str).join(", ");
        let mut found = Vec::new();
        for kind in kinds {
            match Kind::parse(kind.get_ref()) {
                Some(it) => found.push(it),
                None => {
                    let reason =
                        format!("no kind of report is called `{}`; there are {known}", kind.get_ref());
                    self.refuse(kind.span().start, reason);
                }
            }
        }
        found
    }

    fn steps(&mut self, at: usize, steps: Vec<StepFile>) -> Vec<Step> {
        if steps.is_empty() {
            self.refuse(at, "there is no step".to_owned());
        }
        let mut before = BTreeSet::new();
        steps.into_iter().map(|step| self.step(step, &mut before)).collect()
    }

    fn step(&mut self, step: StepFile, before: &mut BTreeSet<String>) -> Step {
        for after in step.after.iter().filter(|it| !before.contains(it.get_ref())) {
            self.refuse(
                after.span().start,
                format!("no step before this one is called `{}`", after.get_ref()),
            );
        }
        let at = step.id.span().start;
        let id = self.id(step.id);
        if !before.insert(id.clone()) {
            self.refuse(at, format!("there is another step `{id}`"));
        }
        if let Some(power) = &step.power
            && !POWERS.contains(&power.get_ref().as_str())
        {
            let reason = format!("no power is called `{}`; there are {}", power.get_ref(), POWERS.join(", "));
            self.refuse(power.span().start, reason);
        }
        Step {
            id,
            who: step.who,
            text: self.plain(step.text),
            why: self.plain(step.why),
            proves: self.plain(step.proves),
            after: step.after.into_iter().map(Spanned::into_inner).collect(),
            power: step.power.map(Spanned::into_inner),
            wording: step.wording.into_iter().map(|it| self.wording(it)).collect(),
        }
    }

    fn escalation(&mut self, it: EscalateFile) -> Escalation {
        if matches!(it.to, Who::Victim) {
            self.refuse(it.when.span().start, "a case is not escalated to its victim".to_owned());
        }
        Escalation { to: it.to, when: self.plain(it.when) }
    }

    fn id(&mut self, id: Spanned<String>) -> String {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if id.get_ref().is_empty() || !id.get_ref().chars().all(good) {
            let reason = format!("`{}` is no name: lower-case letters, digits and _ only", id.get_ref());
            self.refuse(id.span().start, reason);
        }
        id.into_inner()
    }

    fn word(&mut self, word: Spanned<String>) -> Option<String> {
        let folded = folded(word.get_ref());
        if folded.is_empty() {
            self.refuse(word.span().start, "a blank in `words` would fit every story".to_owned());
            return None;
        }
        Some(folded)
    }

    /// A text in both languages, of some length.
    fn both(&mut self, text: &Spanned<Bilingual>) {
        let Bilingual { zh, en } = text.get_ref();
        for (language, text_of) in [("zh", zh), ("en", en)] {
            let length = text_of.chars().count();
            if text_of.trim().is_empty() {
                self.refuse(text.span().start, format!("the text in `{language}` is empty"));
            } else if length > LONGEST {
                let reason =
                    format!("the text in `{language}` has {length} characters, at most {LONGEST} are read");
                self.refuse(text.span().start, reason);
            }
        }
    }

    /// A text without places.
    fn plain(&mut self, text: Spanned<Bilingual>) -> Bilingual {
        self.both(&text);
        let found = [places(&text.get_ref().zh), places(&text.get_ref().en)].concat();
        if let Some(place) = found.first() {
            let reason = format!("`{{{place}}}` is filled in only in `wording` and `first_contact`");
            self.refuse(text.span().start, reason);
        }
        text.into_inner()
    }

    /// A text with places that we know, the same in both languages.
    fn wording(&mut self, text: Spanned<Bilingual>) -> Wording {
        self.both(&text);
        let sorted = |text: &str| places(text).into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
        let (zh, en) = (sorted(&text.get_ref().zh), sorted(&text.get_ref().en));
        for place in zh.union(&en).filter(|it| PLACES.iter().all(|known| known.name != it.as_str())) {
            let known: Vec<&str> = PLACES.iter().map(|it| it.name).collect();
            let reason = format!("nothing is known as `{{{place}}}`; there are {}", known.join(", "));
            self.refuse(text.span().start, reason);
        }
        for place in zh.symmetric_difference(&en) {
            self.refuse(text.span().start, format!("`{{{place}}}` is in one language only"));
        }
        Wording(text.into_inner())
    }
}

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        [$((concat!($name, ".toml"), include_str!(concat!("../../../../policies/playbooks/", $name, ".toml")))),+]
    };
}

static BUILT_IN: [(&str, &str); 13] = built_in![
    "account_locked",
    "account_taken_over",
    "address_poisoning",
    "asked_for_phrase",
    "fake_police",
    "fake_wallet_app",
    "friend_in_need",
    "investment_fraud",
    "phone_number_lost",
    "phrase_leaked",
    "recovery_agent",
    "remote_control",
    "token_approval",
];
