//! Features: what is to be remembered.

use toml::Spanned;

use super::Load;
use super::raw::{FeaturesFile, RawFeature, Word};
use crate::expression::Names;
use crate::feature::{FeatureKind, FeatureSpec, KeyField, MAX_KEY_FIELDS, MAX_STEPS, Pick};
use crate::inputs::KindSet;
use crate::schema::{Field, IntField, ListField, TextField};
use crate::source::did_you_mean;

/// The most features of one policy.
const MAX_FEATURES: usize = 256;
/// The most different values that are told apart.
const MAX_DISTINCT: u16 = 256;
/// The most last values that are kept.
const MAX_RECENT: u16 = 16;

impl Load {
    pub(super) fn features(&mut self, files: &[(usize, FeaturesFile)]) -> Vec<FeatureSpec> {
        // A feature's condition sees findings and lists, not features: no feature waits for another.
        let names = Names { features: Vec::new(), ..self.names.clone() };
        let mut features = Vec::new();
        for (file, raw) in files.iter().flat_map(|(at, file)| file.features.iter().map(|it| (*at, it))) {
            let index = u16::try_from(features.len()).unwrap_or(u16::MAX);
            if usize::from(index) >= MAX_FEATURES {
                self.problem(file, &raw.name, format!("a policy has at most {MAX_FEATURES} features"), None);
                break;
            }
            if let Some(feature) = self.feature(file, raw, index, &names) {
                self.names.features.push((feature.name.clone(), feature.kind));
                features.push(feature);
            }
        }
        features
    }

    fn feature(&mut self, file: usize, raw: &RawFeature, index: u16, names: &Names) -> Option<FeatureSpec> {
        let name = self.name(file, &raw.name);
        if self.names.features.iter().any(|(known, _)| Some(known) == name.as_ref()) {
            self.problem(file, &raw.name, format!("`{}` is named twice", raw.name.get_ref()), None);
        }
        let kind = self.choice(file, &raw.kind, "kind of feature", &FeatureKind::ALL);
        let window = self.lapse(file, &raw.window);
        let by = self.key(file, &raw.by);
        let filter = raw.filter.as_ref().and_then(|word| self.expression(file, word, names));
        let kind = kind?;
        let on = self.learns_on(file, raw, kind);
        let of = if kind == FeatureKind::Sum { None } else { self.of(file, raw, kind) };
        let number = if kind == FeatureKind::Sum { self.number(file, raw) } else { None };
        let limit = self.limit(file, raw, kind);
        let pick = Pick { on, by: by.unwrap_or_default(), filter };
        let read_by = match &raw.read_by {
            Some(read_by) => self.other_key(file, read_by, &pick.by),
            None => pick.by.clone(),
        };
        let steps = self.steps(file, raw, kind, &pick, names);
        let about = raw.about.clone();
        Some(FeatureSpec {
            index,
            name: name?,
            kind,
            about,
            pick,
            read_by,
            of,
            number,
            window: window?,
            limit,
            steps,
        })
    }

    fn learns_on(&mut self, file: usize, raw: &RawFeature, kind: FeatureKind) -> KindSet {
        if kind == FeatureKind::Sequence {
            if let Some(word) = raw.on.first().or(raw.filter.as_ref()) {
                let hint = "write it in each [[feature.step]]".to_owned();
                self.problem(file, word, "a sequence learns from its steps", Some(hint));
            }
            return KindSet::ALL;
        }
        if raw.on.is_empty() {
            let message = format!("`{}` says not which events it learns from", raw.name.get_ref());
            self.problem(file, &raw.name, message, Some("on = [\"message.sent\"]".to_owned()));
        }
        self.kinds(file, &raw.on)
    }

    fn of(&mut self, file: usize, raw: &RawFeature, kind: FeatureKind) -> Option<KeyField> {
        match (&raw.of, kind.takes_of()) {
            (Some(word), true) => self.key_field(file, word),
            (Some(word), false) => {
                self.problem(file, word, format!("`{}` takes no `of`", kind.name()), None);
                None
            }
            (None, true) => {
                let message = format!("`{}` needs `of`: which values?", kind.name());
                self.problem(file, &raw.kind, message, None);
                None
            }
            (None, false) => None,
        }
    }

    fn number(&mut self, file: usize, raw: &RawFeature) -> Option<IntField> {
        let named = raw.of.as_ref().and_then(|word| Field::from_name(word.get_ref()));
        if let Some(Field::Int(field)) = named {
            return Some(field);
        }
        let numbers = IntField::ALL.iter().map(|it| it.name()).collect::<Vec<_>>().join(", ");
        let place = raw.of.as_ref().unwrap_or(&raw.kind);
        self.problem(file, place, "`sum` needs `of`: which number?", Some(numbers));
        None
    }

    fn limit(&mut self, file: usize, raw: &RawFeature, kind: FeatureKind) -> u16 {
        let most = if kind == FeatureKind::Recent { MAX_RECENT } else { MAX_DISTINCT };
        match &raw.limit {
            Some(limit) if !kind.takes_of() || kind == FeatureKind::Sum => {
                self.problem(file, limit, format!("`{}` takes no `limit`", kind.name()), None);
                most
            }
            Some(limit) if !(1..=most).contains(limit.get_ref()) => {
                self.problem(file, limit, format!("the limit of `{}` is 1 to {most}", kind.name()), None);
                most
            }
            Some(limit) => *limit.get_ref(),
            None => most,
        }
    }

    fn steps(
        &mut self,
        file: usize,
        raw: &RawFeature,
        kind: FeatureKind,
        pick: &Pick,
        names: &Names,
    ) -> Vec<Pick> {
        let fits = if kind == FeatureKind::Sequence { 2..=MAX_STEPS } else { 0..=0 };
        if !fits.contains(&raw.steps.len()) {
            let message = match kind {
                FeatureKind::Sequence => format!("a sequence has 2 to {MAX_STEPS} steps"),
                _ => format!("`{}` takes no steps", kind.name()),
            };
            self.problem(file, &raw.name, message, None);
        }
        let mut steps = Vec::new();
        for step in raw.steps.iter().take(MAX_STEPS) {
            if step.on.is_empty() {
                let message = "each step says which events it learns from";
                self.problem(file, &raw.name, message, Some("on = [\"message.sent\"]".to_owned()));
            }
            let on = self.kinds(file, &step.on);
            let by = match &step.by {
                Some(by) => self.other_key(file, by, &pick.by),
                None => pick.by.clone(),
            };
            let filter = step.filter.as_ref().and_then(|word| self.expression(file, word, names));
            steps.push(Pick { on, by, filter });
        }
        steps
    }

    /// A key beside the feature's own.
    fn other_key(&mut self, file: usize, by: &Spanned<Vec<Word>>, own: &[KeyField]) -> Vec<KeyField> {
        let other = self.key(file, by).unwrap_or_default();
        if other.len() != own.len() {
            self.problem(file, by, format!("expected as many fields as `by` has: {}", own.len()), None);
        }
        other
    }

    fn key(&mut self, file: usize, words: &Spanned<Vec<Word>>) -> Option<Vec<KeyField>> {
        let count = words.get_ref().len();
        if !(1..=MAX_KEY_FIELDS).contains(&count) {
            self.problem(file, words, format!("a key is made of 1 to {MAX_KEY_FIELDS} fields"), None);
            return None;
        }
        let fields: Vec<_> = words.get_ref().iter().filter_map(|word| self.key_field(file, word)).collect();
        if fields.iter().filter(|field| matches!(field, KeyField::List(_))).count() > 1 {
            self.problem(file, words, "at most one field of a key may be a list", None);
        }
        (fields.len() == count).then_some(fields)
    }

    fn key_field(&mut self, file: usize, word: &Word) -> Option<KeyField> {
        match Field::from_name(word.get_ref()) {
            Some(Field::Text(field)) => Some(KeyField::Text(field)),
            Some(Field::List(field)) => Some(KeyField::List(field)),
            Some(field) => {
                let message = format!("expected string or list of strings, found {}", field.of_type());
                self.problem(file, word, message, None);
                None
            }
            None => {
                let texts = TextField::ALL.iter().map(|it| it.name());
                let lists = ListField::ALL.iter().map(|it| it.name());
                let hint = did_you_mean(word.get_ref(), texts.chain(lists))
                    .unwrap_or_else(|| "such as user.identity, actor.id, links".to_owned());
                self.problem(file, word, format!("no field is called `{}`", word.get_ref()), Some(hint));
                None
            }
        }
    }
}
