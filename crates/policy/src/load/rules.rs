//! Rules, the order in which they build on each other, and their cases.

use toml::Spanned;
use touchstone_types::{Event, EventKind, Lapse, Moment};

use super::Load;
use super::raw::{RawCase, RawRule, RulesFile, Word};
use crate::cases::{CASE_TIME, CaseValue, RuleCase, lay, neutral};
use crate::expression::Mention;
use crate::inputs::{FoundSet, KindSet};
use crate::rule::{OnUnknown, Rule, Status};
use crate::schema::Type;
use crate::source::did_you_mean;

const ON_UNKNOWN: [(OnUnknown, &str); 2] = [(OnUnknown::Skip, "skip"), (OnUnknown::Fire, "fire")];

/// A rule with where it was written.
struct Written {
    rule: Rule,
    file: usize,
    id: Word,
}

impl Load {
    pub(super) fn rules(&mut self, files: &[(usize, RulesFile)]) -> Vec<Rule> {
        let mut written: Vec<Written> = Vec::new();
        for (file, raw) in files.iter().flat_map(|(at, file)| file.rules.iter().map(|it| (*at, it))) {
            // A second rule of the same name was told already; it has no finding of its own.
            let twice = written.iter().any(|it| it.id.get_ref() == raw.id.get_ref());
            if let Some(rule) = self.rule(file, raw).filter(|_| !twice) {
                written.push(Written { rule, file, id: raw.id.clone() });
            }
        }
        self.ask_only_what_counts(&written);
        self.in_order(written)
    }

    fn rule(&mut self, file: usize, raw: &RawRule) -> Option<Rule> {
        let finding = self.findings.iter().find(|it| *it.name == **raw.id.get_ref()).map(|it| it.id);
        let title = self.bilingual(file, &raw.title, "title");
        if raw.owner.get_ref().trim().is_empty() {
            self.problem(file, &raw.owner, "a rule has an owner", None);
        }
        let status = self.choice(file, &raw.status, "status", &Status::ALL);
        let on_unknown = match &raw.on_unknown {
            Some(word) => self.choice(file, word, "answer to unknown", &ON_UNKNOWN).unwrap_or_default(),
            None => OnUnknown::Skip,
        };
        let (wakes_on_found, wakes_on_kinds) = self.wakes_on(file, &raw.wakes_on);
        let names = std::mem::take(&mut self.names);
        let when = self.expression(file, &raw.when, &names);
        self.names = names;
        let grows_with = raw.grows_with.as_ref().and_then(|word| self.feature_number(file, word));
        let hold = raw.hold.as_ref().and_then(|hold| self.hold(file, hold));
        let hits: Vec<_> = raw.hits.iter().filter_map(|case| self.case(file, case)).collect();
        let misses: Vec<_> = raw.misses.iter().filter_map(|case| self.case(file, case)).collect();
        let when = when?;
        self.can_be_told(file, raw, &when, wakes_on_found, wakes_on_kinds);
        let status = status?;
        if status.runs() && (raw.hits.is_empty() || raw.misses.is_empty()) {
            let hint = "add [[rule.hits]] and [[rule.misses]], or make it a draft".to_owned();
            let message = format!("a {} rule needs a hit and a miss", status.name());
            self.problem(file, &raw.id, message, Some(hint));
        }
        Some(Rule {
            id: raw.id.get_ref().as_str().into(),
            finding: finding?,
            title,
            owner: raw.owner.get_ref().clone(),
            notes: raw.notes.clone(),
            status,
            wakes_on_found,
            wakes_on_kinds,
            when,
            on_unknown,
            grows_with,
            hold,
            hits,
            misses,
        })
    }

    /// The number of a feature that is an Int.
    fn feature_number(&mut self, file: usize, word: &Word) -> Option<u16> {
        let name = word.get_ref().strip_prefix("feature.").unwrap_or(word.get_ref());
        let at = self.names.features.iter().position(|(it, kind)| **it == *name && kind.gives() == Type::Int);
        if at.is_none() {
            let known: Vec<_> = self.names.features.iter().map(|(it, _)| it.clone()).collect();
            let hint = did_you_mean(name, known.iter().map(|it| &**it));
            self.problem(file, word, format!("no feature `{name}` is a number"), hint);
        }
        at.and_then(|at| u16::try_from(at).ok())
    }

    fn wakes_on(&mut self, file: usize, words: &Spanned<Vec<Word>>) -> (FoundSet, KindSet) {
        let (mut found, mut kinds) = (FoundSet::default(), KindSet::NONE);
        if words.get_ref().is_empty() {
            let hint = "name the findings or kinds of event after which it is asked".to_owned();
            self.problem(file, words, "nothing wakes this rule", Some(hint));
        }
        for word in words.get_ref() {
            if let Some(kind) = EventKind::from_name(word.get_ref()) {
                kinds = kinds.with(kind);
            } else if let Some(it) = self.findings.iter().find(|it| *it.name == **word.get_ref()) {
                found.insert(it.id);
            } else {
                let findings = self.findings.iter().map(|it| &*it.name);
                let all = findings.chain(EventKind::ALL.iter().map(|kind| kind.name()));
                let hint = did_you_mean(word.get_ref(), all);
                let message = format!("`{}` is neither a finding nor a kind of event", word.get_ref());
                self.problem(file, word, message, hint);
            }
        }
        (found, kinds)
    }

    /// A rule that only wakes on events which never have the fields it asks for is a slip.
    fn can_be_told(
        &mut self,
        file: usize,
        raw: &RawRule,
        when: &crate::expression::Expression,
        found: FoundSet,
        kinds: KindSet,
    ) {
        if !found.is_empty() || kinds.is_empty() {
            return;
        }
        for mention in when.mentions() {
            if let Mention::Field(field) = mention
                && !field.kinds().meets(kinds)
            {
                let message = format!("`{}` is in none of the events that wake this rule", field.name());
                let hint = field.kinds().iter().map(EventKind::name).collect::<Vec<_>>().join(", ");
                self.problem(file, &raw.when, message, Some(format!("it is in {hint}")));
            }
        }
    }

    /// What counts must not hang on what does not: a live rule asks about live rules only, a
    /// rule in shadow about rules that run.
    fn ask_only_what_counts(&mut self, written: &[Written]) {
        for it in written.iter().filter(|it| it.rule.status.runs()) {
            let mut asked = it.rule.when.findings();
            asked.union(&it.rule.wakes_on_found);
            for other in written.iter().filter(|other| asked.has(other.rule.finding)) {
                let (own, its) = (it.rule.status, other.rule.status);
                if !its.runs() || own == Status::Live && its != Status::Live {
                    let message = format!(
                        "`{}` is {} but builds on `{}`, which is {}",
                        it.rule.id,
                        own.name(),
                        other.rule.id,
                        its.name()
                    );
                    self.problem(it.file, &it.id, message, None);
                }
            }
        }
    }

    /// Rules after those they build on, otherwise as written. Rules that build on each other
    /// in a circle are a problem.
    fn in_order(&mut self, written: Vec<Written>) -> Vec<Rule> {
        let of_rules: FoundSet = written.iter().map(|it| it.rule.finding).collect();
        let needs = |rule: &Rule| -> Vec<u16> {
            let mut asked = rule.when.findings();
            asked.union(&rule.wakes_on_found);
            asked.iter().filter(|finding| of_rules.has(*finding)).collect()
        };
        let mut done = FoundSet::default();
        let mut left: Vec<(Vec<u16>, Written)> =
            written.into_iter().map(|it| (needs(&it.rule), it)).collect();
        let mut ordered = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let ready = left.iter().position(|(needs, _)| needs.iter().all(|it| done.has(*it)));
            let Some(at) = ready else {
                let circle: Vec<&str> = left.iter().map(|(_, it)| &*it.rule.id).collect();
                let message = format!("these rules build on each other in a circle: {}", circle.join(", "));
                let (file, id) = (left[0].1.file, left[0].1.id.clone());
                self.problem(file, &id, message, None);
                break;
            };
            let (_, it) = left.remove(at);
            done.insert(it.rule.finding);
            ordered.push(it.rule);
        }
        ordered
    }

    fn case(&mut self, file: usize, at: &Spanned<RawCase>) -> Option<RuleCase> {
        let raw = at.get_ref();
        let kind = self.kind(file, &raw.kind)?;
        let time = match &raw.time {
            Some(word) => self.moment(file, word)?,
            None => CASE_TIME.parse().unwrap_or(Moment::MIN),
        };
        let received = match &raw.received {
            Some(word) => self.moment(file, word)?,
            None => time,
        };
        let mut data = neutral(kind);
        if let Some(stated) = &raw.data {
            lay(&mut data, json(toml::Value::Table(stated.get_ref().clone())));
        }
        let event = serde_json::json!({
            "id": "case", "source": "case", "type": kind.name(), "time": time.to_string(), "data": data,
        });
        let event = event.to_string().into_bytes();
        if let Err(error) = Event::parse(&event) {
            match &raw.data {
                Some(stated) => self.problem(file, stated, format!("no such event: {error}"), None),
                None => self.problem(file, &raw.kind, format!("no such event: {error}"), None),
            }
            return None;
        }
        let found = raw.found.iter().filter_map(|word| self.finding_named(file, word)).collect();
        let mut features = vec![CaseValue::Unknown; self.names.features.len()];
        for (name, value) in &raw.features {
            if let Some((index, value)) = self.case_value(file, name, value) {
                features[index] = value;
            }
        }
        Some(RuleCase {
            about: raw.about.clone(),
            event,
            received,
            found,
            phrase_words: raw.phrase_words,
            features,
            links: raw.links.clone(),
            addresses: raw.addresses.clone(),
            campaign: raw.campaign.clone(),
        })
    }

    fn case_value(
        &mut self,
        file: usize,
        name: &Word,
        value: &Spanned<toml::Value>,
    ) -> Option<(usize, CaseValue)> {
        let known = &self.names.features;
        let Some(index) = known.iter().position(|(it, _)| **it == **name.get_ref()) else {
            let hint = did_you_mean(name.get_ref(), known.iter().map(|(it, _)| &**it));
            self.problem(file, name, format!("no feature is called `{}`", name.get_ref()), hint);
            return None;
        };
        let gives = known[index].1.gives();
        let text = |value: &toml::Value| value.as_str().map(str::to_owned);
        let read = match (gives, value.get_ref()) {
            (Type::Int, toml::Value::Integer(number)) => Some(CaseValue::Int(*number)),
            (Type::Duration, toml::Value::String(text)) => text.parse::<Lapse>().ok().map(CaseValue::Lapse),
            (Type::Texts, toml::Value::Array(items)) => {
                items.iter().map(text).collect::<Option<Vec<_>>>().map(CaseValue::Texts)
            }
            _ => None,
        };
        if read.is_none() {
            let message = format!("`feature.{}` gives {gives}, not this", name.get_ref());
            self.problem(file, value, message, None);
        }
        read.map(|read| (index, read))
    }
}

fn json(value: toml::Value) -> serde_json::Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(value) => value.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(json).collect(),
        toml::Value::Table(table) => {
            serde_json::Value::Object(table.into_iter().map(|(key, value)| (key, json(value))).collect())
        }
    }
}
