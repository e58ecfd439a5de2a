//! Says which part of an expression held, with which values.

use touchstone_types::Moment;

use super::Names;
use super::program::{Expression, Mention, Step, feature_of};
use crate::inputs::{FeatureValue, Inputs, Truth};
use crate::schema::Field;

/// One part of a rule's condition (what stands between its outermost `&&`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// As written, with white space made single.
    pub text: String,
    /// Whether it held.
    pub truth: Truth,
    /// Each name in it once, with its value; none where it was missing.
    pub values: Vec<(String, Option<String>)>,
}

/// Longer strings are cut in explanations.
const MAX_SHOWN_CHARS: usize = 120;

impl Expression {
    /// The clauses with their truths and values. Allocates: call it for what is shown.
    #[must_use]
    pub fn explain(&self, inputs: &Inputs<'_>, names: &Names) -> Vec<Clause> {
        let root = [self.root];
        let clauses = match &self.steps[usize::from(self.root)] {
            Step::All(from, to) => &self.children[usize::from(*from)..usize::from(*to)],
            _ => &root,
        };
        clauses.iter().map(|clause| self.clause(*clause, inputs, names)).collect()
    }

    fn clause(&self, step: u16, inputs: &Inputs<'_>, names: &Names) -> Clause {
        let span = self.spans[usize::from(step)].clone();
        let text = self.source.get(span.start as usize..span.end as usize).unwrap_or_default();
        let mut values: Vec<(String, Option<String>)> = Vec::new();
        for (_, mention) in self.mentions.iter().filter(|(at, _)| span.contains(at)) {
            let (name, value) = shown(*mention, inputs, names);
            if !values.iter().any(|(known, _)| *known == name) {
                values.push((name, value));
            }
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Clause { text, truth: self.truth(step, inputs), values }
    }
}

fn shown(mention: Mention, it: &Inputs<'_>, names: &Names) -> (String, Option<String>) {
    match mention {
        Mention::Found(finding) => {
            let name = names.findings.get(usize::from(finding)).map_or("?", |name| &**name);
            (format!("found.{name}"), Some(it.found.has(finding).to_string()))
        }
        Mention::Feature(feature) => {
            let name = names.features.get(usize::from(feature)).map_or("?", |(name, _)| &**name);
            let value = match feature_of(it, feature) {
                FeatureValue::Unknown => None,
                FeatureValue::Int(value) => Some(value.to_string()),
                FeatureValue::Lapse(lapse) => Some(span_of_time(lapse.as_secs())),
                FeatureValue::Texts(texts) => Some(list(texts.iter().copied())),
            };
            (format!("feature.{name}"), value)
        }
        Mention::Field(field) => (field.name().to_owned(), field_value(field, it)),
    }
}

fn field_value(field: Field, it: &Inputs<'_>) -> Option<String> {
    match field {
        Field::Text(field) => field.read(it).map(cut),
        Field::Bool(field) => field.read(it).map(|value| value.to_string()),
        Field::Int(field) => field.read(it).map(|value| value.to_string()),
        Field::Float(field) => field.read(it).map(|value| value.to_string()),
        Field::Time(field) => {
            field.read(it).and_then(|micros| Moment::from_micros(micros).ok()).map(|at| at.to_string())
        }
        Field::List(field) => {
            let mut items = Vec::new();
            field.any(it, |item| {
                items.push(item);
                false
            })?;
            Some(list(items))
        }
    }
}

fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    cut(&items.into_iter().collect::<Vec<_>>().join(", "))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// The two largest units: `3d 4h`, `12m`, `8s`.
fn span_of_time(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let mut left = seconds;
    let parts: Vec<String> = units
        .iter()
        .filter_map(|(size, unit)| {
            let count = left / size;
            left %= size;
            (count > 0).then(|| format!("{count}{unit}"))
        })
        .take(2)
        .collect();
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}
