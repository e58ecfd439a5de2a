//! A compiled expression: flat tables of small steps, one table for each type, so that no
//! type is looked at while it runs. Parts refer to each other by number, always backwards.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use crate::hexadecimal::same;
use crate::inputs::{FeatureValue, FoundSet, Inputs, Truth};
use crate::list::BlockList;
use crate::schema::{BoolField, Field, FloatField, IntField, ListField, TextField, TimeField};

/// A compiled expression that gives a [`Truth`].
///
/// Made when a policy is loaded; running it allocates nothing and cannot fail.
#[derive(Clone, Debug)]
pub struct Expression {
    pub(super) source: Box<str>,
    pub(super) steps: Vec<Step>,
    /// The place of each step in the source.
    pub(super) spans: Vec<Range<u32>>,
    pub(super) children: Vec<u16>,
    pub(super) ints: Vec<Int>,
    pub(super) floats: Vec<Float>,
    pub(super) texts: Vec<Text>,
    pub(super) text_sets: Vec<Box<[Box<str>]>>,
    pub(super) int_sets: Vec<Box<[i64]>>,
    pub(super) lists: Vec<Arc<BlockList>>,
    pub(super) root: u16,
    /// Every name in it, with its place.
    pub(super) mentions: Vec<(u32, Mention)>,
}

/// A name that an expression uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mention {
    /// `found.NAME`, by number.
    Found(u16),
    /// `feature.NAME`, by number.
    Feature(u16),
    /// A field.
    Field(Field),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    Different,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Compare {
    #[inline]
    fn holds(self, order: Option<Ordering>) -> bool {
        match self {
            Compare::Equal => order == Some(Ordering::Equal),
            Compare::Different => order != Some(Ordering::Equal),
            Compare::Less => order == Some(Ordering::Less),
            Compare::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Compare::Greater => order == Some(Ordering::Greater),
            Compare::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

/// How one string is looked for in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Start,
    End,
    Anywhere,
}

/// A step that gives a truth.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Constant(bool),
    Found(u16),
    Field(BoolField),
    Has(Field),
    HasFeature(u16),
    Not(u16),
    /// `&&` over a stretch of the children.
    All(u16, u16),
    /// `||` over a stretch of the children.
    Any(u16, u16),
    If(u16, u16, u16),
    /// Two truths are the same (`true`) or differ (`false`).
    Same(bool, u16, u16),
    Ints(Compare, Int, Int),
    Floats(Compare, Float, Float),
    Texts(Compare, Text, Text),
    Look(Look, Text, Text),
    TextInSet(Text, u16),
    IntInSet(Int, u16),
    TextIn(Text, List),
    TextListed(Text, u16),
    ListListed(List, u16),
}

/// A step that gives a whole number; points in time and durations are microseconds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Int {
    Constant(i64),
    Field(IntField),
    Time(TimeField),
    Feature(u16),
    /// Characters of a text, by its number.
    TextSize(u16),
    ListSize(List),
    Sum(u16, u16),
    Difference(u16, u16),
    Negative(u16),
    If(u16, u16, u16),
}

/// A step that gives a number with a fraction.
#[derive(Clone, Copy, Debug)]
pub(super) enum Float {
    Constant(f64),
    Field(FloatField),
    Sum(u16, u16),
    Difference(u16, u16),
    Negative(u16),
    If(u16, u16, u16),
}

/// A step that gives a string.
#[derive(Clone, Debug)]
pub(super) enum Text {
    Constant(Box<str>),
    Field(TextField),
    If(u16, u16, u16),
}

/// A list that the event or a feature gives.
#[derive(Clone, Copy, Debug)]
pub(super) enum List {
    Field(ListField),
    Feature(u16),
}

impl Expression {
    /// Whether it holds for these inputs.
    #[inline]
    #[must_use]
    pub fn holds(&self, inputs: &Inputs<'_>) -> Truth {
        self.truth(self.root, inputs)
    }

    /// As it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Every name it uses.
    pub fn mentions(&self) -> impl Iterator<Item = Mention> + '_ {
        self.mentions.iter().map(|(_, mention)| *mention)
    }

    /// The findings it asks about.
    #[must_use]
    pub fn findings(&self) -> FoundSet {
        self.mentions()
            .filter_map(|it| match it {
                Mention::Found(finding) => Some(finding),
                _ => None,
            })
            .collect()
    }

    pub(super) fn truth(&self, step: u16, it: &Inputs<'_>) -> Truth {
        match &self.steps[usize::from(step)] {
            Step::Constant(value) => Truth::from(*value),
            Step::Found(finding) => Truth::from(it.found.has(*finding)),
            Step::Field(field) => Truth::of(field.read(it)),
            Step::Has(field) => Truth::from(field.present(it)),
            Step::HasFeature(feature) => Truth::from(feature_of(it, *feature) != FeatureValue::Unknown),
            Step::Not(inner) => !self.truth(*inner, it),
            Step::All(from, to) => self.all(*from, *to, it),
            Step::Any(from, to) => self.any(*from, *to, it),
            Step::If(condition, then, otherwise) => match self.truth(*condition, it) {
                Truth::True => self.truth(*then, it),
                Truth::False => self.truth(*otherwise, it),
                Truth::Unknown => Truth::Unknown,
            },
            Step::Same(wanted, left, right) => match (self.truth(*left, it), self.truth(*right, it)) {
                (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
                (left, right) => Truth::from((left == right) == *wanted),
            },
            Step::Ints(compare, left, right) => {
                let both = self.int(left, it).zip(self.int(right, it));
                Truth::of(both.map(|(left, right)| compare.holds(Some(left.cmp(&right)))))
            }
            Step::Floats(compare, left, right) => {
                let both = self.float(left, it).zip(self.float(right, it));
                Truth::of(both.map(|(left, right)| compare.holds(left.partial_cmp(&right))))
            }
            Step::Texts(compare, left, right) => {
                let both = self.text(left, it).zip(self.text(right, it));
                Truth::of(both.map(|(left, right)| compare_texts(*compare, left, right)))
            }
            Step::Look(look, text, part) => {
                let both = self.text(text, it).zip(self.text(part, it));
                Truth::of(both.map(|(text, part)| match look {
                    Look::Start => text.starts_with(part),
                    Look::End => text.ends_with(part),
                    Look::Anywhere => text.contains(part),
                }))
            }
            Step::TextInSet(text, set) => {
                let set = &self.text_sets[usize::from(*set)];
                Truth::of(self.text(text, it).map(|text| set.iter().any(|item| same(item, text))))
            }
            Step::IntInSet(int, set) => {
                let set = &self.int_sets[usize::from(*set)];
                Truth::of(self.int(int, it).map(|int| set.contains(&int)))
            }
            Step::TextIn(text, list) => {
                let text = self.text(text, it);
                Truth::of(text.and_then(|text| any(*list, it, |item| same(item, text))))
            }
            Step::TextListed(text, list) => {
                let list = &self.lists[usize::from(*list)];
                Truth::of(self.text(text, it).map(|text| list.find(text, it.received).is_some()))
            }
            Step::ListListed(values, list) => {
                let list = &self.lists[usize::from(*list)];
                Truth::of(any(*values, it, |value| list.find(value, it.received).is_some()))
            }
        }
    }

    fn all(&self, from: u16, to: u16, it: &Inputs<'_>) -> Truth {
        let mut all = Truth::True;
        for child in &self.children[usize::from(from)..usize::from(to)] {
            match self.truth(*child, it) {
                Truth::False => return Truth::False,
                Truth::Unknown => all = Truth::Unknown,
                Truth::True => {}
            }
        }
        all
    }

    fn any(&self, from: u16, to: u16, it: &Inputs<'_>) -> Truth {
        let mut any = Truth::False;
        for child in &self.children[usize::from(from)..usize::from(to)] {
            match self.truth(*child, it) {
                Truth::True => return Truth::True,
                Truth::Unknown => any = Truth::Unknown,
                Truth::False => {}
            }
        }
        any
    }

    fn int(&self, int: &Int, it: &Inputs<'_>) -> Option<i64> {
        let at = |index: &u16| self.int(&self.ints[usize::from(*index)], it);
        match int {
            Int::Constant(value) => Some(*value),
            Int::Field(field) => field.read(it),
            Int::Time(field) => field.read(it),
            Int::Feature(feature) => match feature_of(it, *feature) {
                FeatureValue::Int(value) => Some(value),
                FeatureValue::Lapse(lapse) => i64::try_from(lapse.as_micros()).ok(),
                FeatureValue::Texts(_) | FeatureValue::Unknown => None,
            },
            Int::TextSize(text) => {
                let text = self.text(&self.texts[usize::from(*text)], it)?;
                i64::try_from(text.chars().count()).ok()
            }
            Int::ListSize(list) => size(*list, it),
            Int::Sum(left, right) => at(left)?.checked_add(at(right)?),
            Int::Difference(left, right) => at(left)?.checked_sub(at(right)?),
            Int::Negative(inner) => at(inner)?.checked_neg(),
            Int::If(condition, then, otherwise) => match self.truth(*condition, it) {
                Truth::True => at(then),
                Truth::False => at(otherwise),
                Truth::Unknown => None,
            },
        }
    }

    fn float(&self, float: &Float, it: &Inputs<'_>) -> Option<f64> {
        let at = |index: &u16| self.float(&self.floats[usize::from(*index)], it);
        match float {
            Float::Constant(value) => Some(*value),
            Float::Field(field) => field.read(it),
            Float::Sum(left, right) => Some(at(left)? + at(right)?),
            Float::Difference(left, right) => Some(at(left)? - at(right)?),
            Float::Negative(inner) => Some(-at(inner)?),
            Float::If(condition, then, otherwise) => match self.truth(*condition, it) {
                Truth::True => at(then),
                Truth::False => at(otherwise),
                Truth::Unknown => None,
            },
        }
    }

    fn text<'t>(&'t self, text: &'t Text, it: &Inputs<'t>) -> Option<&'t str> {
        match text {
            Text::Constant(value) => Some(value),
            Text::Field(field) => field.read(it),
            Text::If(condition, then, otherwise) => match self.truth(*condition, it) {
                Truth::True => self.text(&self.texts[usize::from(*then)], it),
                Truth::False => self.text(&self.texts[usize::from(*otherwise)], it),
                Truth::Unknown => None,
            },
        }
    }
}

#[inline]
pub(super) fn feature_of<'a>(it: &Inputs<'a>, feature: u16) -> FeatureValue<'a> {
    it.features.get(usize::from(feature)).copied().unwrap_or_default()
}

#[inline]
fn compare_texts(compare: Compare, left: &str, right: &str) -> bool {
    match compare {
        Compare::Equal => same(left, right), // Lengths first: no need to find out which is less.
        Compare::Different => !same(left, right),
        _ => compare.holds(Some(left.cmp(right))),
    }
}

fn any(list: List, it: &Inputs<'_>, mut test: impl FnMut(&str) -> bool) -> Option<bool> {
    match list {
        List::Field(field) => field.any(it, test),
        List::Feature(feature) => match feature_of(it, feature) {
            FeatureValue::Texts(texts) => Some(texts.iter().any(|text| test(text))),
            _ => None,
        },
    }
}

fn size(list: List, it: &Inputs<'_>) -> Option<i64> {
    let mut count = 0;
    any(list, it, |_| {
        count += 1;
        false
    })?;
    Some(count)
}
