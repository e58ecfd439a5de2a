//! Proves the types of an expression against the schema, and writes its program.

use std::ops::Range;

use touchstone_types::Lapse;

use super::program::{Compare, Expression, Float, Int, List, Look, Mention, Step, Text};
use super::tree::{Part, What, parse};
use super::{ExpressionError, Names};
use crate::feature::FeatureKind;
use crate::schema::{Field, Type};
use crate::source::did_you_mean;

/// The functions there are, for hints.
const FUNCTIONS: [&str; 4] = ["has", "size", "duration", "list"];
const METHODS: [&str; 4] = ["startsWith", "endsWith", "contains", "size"];

/// A typed part: where its step is, or the step itself where it is small.
enum Typed {
    Bool(u16),
    Int(Int),
    Float(Float),
    Text(Text),
    Time(Int),
    Duration(Int),
    Texts(List),
    /// Strings or numbers between `[` and `]`.
    TextSet(Vec<Box<str>>),
    IntSet(Vec<i64>),
}

impl Typed {
    fn name(&self) -> &'static str {
        match self {
            Typed::Bool(_) => Type::Bool.name(),
            Typed::Int(_) => Type::Int.name(),
            Typed::Float(_) => Type::Float.name(),
            Typed::Text(_) => Type::Text.name(),
            Typed::Time(_) => Type::Time.name(),
            Typed::Duration(_) => Type::Duration.name(),
            Typed::Texts(_) | Typed::TextSet(_) => Type::Texts.name(),
            Typed::IntSet(_) => "list of ints",
        }
    }
}

impl Expression {
    /// Reads an expression that must give true or false.
    ///
    /// # Errors
    /// [`ExpressionError`] with the place of the first thing wrong.
    pub fn compile(source: &str, names: &Names) -> Result<Expression, ExpressionError> {
        let tree = parse(source)?;
        let empty = Expression {
            source: source.into(),
            steps: Vec::new(),
            spans: Vec::new(),
            children: Vec::new(),
            ints: Vec::new(),
            floats: Vec::new(),
            texts: Vec::new(),
            text_sets: Vec::new(),
            int_sets: Vec::new(),
            lists: names.lists.clone(),
            root: 0,
            mentions: Vec::new(),
        };
        let mut checker = Checker { out: empty, names };
        let root = checker.truth(&tree)?;
        checker.out.root = root;
        Ok(checker.out)
    }
}

struct Checker<'n> {
    out: Expression,
    names: &'n Names,
}

type Checked<T> = Result<T, ExpressionError>;

fn wrong(span: &Range<usize>, message: impl Into<String>) -> ExpressionError {
    ExpressionError::new(span.clone(), message, None)
}

/// Numbers parts. [`super::MAX_PARTS`] keeps every table far below 65,536.
fn index(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

fn small(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

impl Checker<'_> {
    fn step(&mut self, step: Step, span: &Range<usize>) -> u16 {
        self.out.steps.push(step);
        self.out.spans.push(small(span.start)..small(span.end));
        index(self.out.steps.len() - 1)
    }

    fn int(&mut self, int: Int) -> u16 {
        self.out.ints.push(int);
        index(self.out.ints.len() - 1)
    }

    fn float(&mut self, float: Float) -> u16 {
        self.out.floats.push(float);
        index(self.out.floats.len() - 1)
    }

    fn text(&mut self, text: Text) -> u16 {
        self.out.texts.push(text);
        index(self.out.texts.len() - 1)
    }

    fn mention(&mut self, part: &Part, mention: Mention) {
        self.out.mentions.push((small(part.span.start), mention));
    }

    fn truth(&mut self, part: &Part) -> Checked<u16> {
        match self.typed(part)? {
            Typed::Bool(step) => Ok(step),
            other => {
                let hint = match other {
                    Typed::Texts(_) => Some("compare its size: `size(…) > 0`".to_owned()),
                    Typed::Int(_) => Some("compare it: `… > 0`".to_owned()),
                    _ => None,
                };
                let message = format!("expected bool, found {}", other.name());
                Err(ExpressionError::new(part.span.clone(), message, hint))
            }
        }
    }

    fn typed(&mut self, part: &Part) -> Checked<Typed> {
        let span = &part.span;
        Ok(match &part.what {
            What::Bool(value) => Typed::Bool(self.step(Step::Constant(*value), span)),
            What::Int(value) => Typed::Int(Int::Constant(*value)),
            What::Float(value) => Typed::Float(Float::Constant(*value)),
            What::Text(text) => Typed::Text(Text::Constant(text.as_str().into())),
            What::List(items) => list_literal(items, span)?,
            What::Path(path) => self.path(part, path)?,
            What::Not(inner) => {
                let inner = self.truth(inner)?;
                Typed::Bool(self.step(Step::Not(inner), span))
            }
            What::Minus(inner) => self.negative(inner)?,
            What::All(list) => self.several(list, span, Step::All)?,
            What::Any(list) => self.several(list, span, Step::Any)?,
            What::Binary("in", sides) => self.membership(&sides.0, &sides.1, span)?,
            What::Binary(sign @ ("+" | "-"), sides) => self.arithmetic(sign, &sides.0, &sides.1, span)?,
            What::Binary(sign, sides) => self.comparison(sign, &sides.0, &sides.1, span)?,
            What::If(parts) => self.choice(&parts.0, &parts.1, &parts.2, span)?,
            What::Call { name, name_span, method: false, arguments } => {
                self.function(name, name_span, arguments, span)?
            }
            What::Call { name, name_span, method: true, arguments } => {
                self.method(name, name_span, arguments, span)?
            }
        })
    }

    fn several(
        &mut self,
        list: &[Part],
        span: &Range<usize>,
        step: impl Fn(u16, u16) -> Step,
    ) -> Checked<Typed> {
        let children = list.iter().map(|part| self.truth(part)).collect::<Checked<Vec<_>>>()?;
        let from = self.out.children.len();
        self.out.children.extend(children);
        let step = step(index(from), index(self.out.children.len()));
        Ok(Typed::Bool(self.step(step, span)))
    }

    fn path(&mut self, part: &Part, path: &str) -> Checked<Typed> {
        if let Some(name) = path.strip_prefix("found.") {
            let finding = self.finding(name, &part.span)?;
            self.mention(part, Mention::Found(finding));
            return Ok(Typed::Bool(self.step(Step::Found(finding), &part.span)));
        }
        if let Some(name) = path.strip_prefix("feature.") {
            let (feature, kind) = self.feature(name, &part.span)?;
            self.mention(part, Mention::Feature(feature));
            return Ok(match kind.gives() {
                Type::Duration => Typed::Duration(Int::Feature(feature)),
                Type::Texts => Typed::Texts(List::Feature(feature)),
                _ => Typed::Int(Int::Feature(feature)),
            });
        }
        let field = self.field(path, &part.span)?;
        self.mention(part, Mention::Field(field));
        Ok(match field {
            Field::Text(field) => Typed::Text(Text::Field(field)),
            Field::Bool(field) => Typed::Bool(self.step(Step::Field(field), &part.span)),
            Field::Int(field) => Typed::Int(Int::Field(field)),
            Field::Float(field) => Typed::Float(Float::Field(field)),
            Field::Time(field) => Typed::Time(Int::Time(field)),
            Field::List(field) => Typed::Texts(List::Field(field)),
        })
    }

    fn finding(&self, name: &str, span: &Range<usize>) -> Checked<u16> {
        let known = &self.names.findings;
        known.iter().position(|it| **it == *name).map(index).ok_or_else(|| {
            let hint = did_you_mean(name, known.iter().map(|it| &**it));
            ExpressionError::new(span.clone(), format!("no finding is called `{name}`"), hint)
        })
    }

    fn feature(&self, name: &str, span: &Range<usize>) -> Checked<(u16, FeatureKind)> {
        let known = &self.names.features;
        let at = known.iter().position(|(it, _)| **it == *name).ok_or_else(|| {
            let hint = did_you_mean(name, known.iter().map(|(it, _)| &**it));
            ExpressionError::new(span.clone(), format!("no feature is called `{name}`"), hint)
        })?;
        Ok((index(at), known[at].1))
    }

    fn field(&self, path: &str, span: &Range<usize>) -> Checked<Field> {
        Field::from_name(path).ok_or_else(|| {
            let hint = if self.names.findings.iter().any(|it| **it == *path) {
                Some(format!("findings are written `found.{path}`"))
            } else if self.names.features.iter().any(|(it, _)| **it == *path) {
                Some(format!("features are written `feature.{path}`"))
            } else {
                let inside = format!("{path}.");
                let parts: Vec<_> =
                    Field::all().map(Field::name).filter(|it| it.starts_with(&inside)).collect();
                match parts.is_empty() {
                    true => did_you_mean(path, Field::all().map(Field::name)),
                    false => Some(format!("it has the parts {}", parts.join(", "))),
                }
            };
            ExpressionError::new(span.clone(), format!("no field is called `{path}`"), hint)
        })
    }

    fn negative(&mut self, inner: &Part) -> Checked<Typed> {
        Ok(match self.typed(inner)? {
            Typed::Int(Int::Constant(value)) => Typed::Int(Int::Constant(value.saturating_neg())),
            Typed::Float(Float::Constant(value)) => Typed::Float(Float::Constant(-value)),
            Typed::Int(value) => Typed::Int(Int::Negative(self.int(value))),
            Typed::Float(value) => Typed::Float(Float::Negative(self.float(value))),
            other => return Err(wrong(&inner.span, format!("`-` needs a number, found {}", other.name()))),
        })
    }

    fn arithmetic(&mut self, sign: &str, left: &Part, right: &Part, span: &Range<usize>) -> Checked<Typed> {
        let (a, b) = meet(self.typed(left)?, self.typed(right)?);
        let plus = sign == "+";
        Ok(match (a, b) {
            (Typed::Int(a), Typed::Int(b)) => Typed::Int(self.ints(plus, a, b)),
            (Typed::Duration(a), Typed::Duration(b)) => Typed::Duration(self.ints(plus, a, b)),
            (Typed::Time(a), Typed::Duration(b)) => Typed::Time(self.ints(plus, a, b)),
            (Typed::Duration(a), Typed::Time(b)) if plus => Typed::Time(self.ints(plus, a, b)),
            (Typed::Time(a), Typed::Time(b)) if !plus => Typed::Duration(self.ints(plus, a, b)),
            (Typed::Float(a), Typed::Float(b)) => {
                let (a, b) = (self.float(a), self.float(b));
                Typed::Float(if plus { Float::Sum(a, b) } else { Float::Difference(a, b) })
            }
            (a, b) => return Err(mismatch(sign, &a, &b, span)),
        })
    }

    fn ints(&mut self, plus: bool, a: Int, b: Int) -> Int {
        let (a, b) = (self.int(a), self.int(b));
        if plus { Int::Sum(a, b) } else { Int::Difference(a, b) }
    }

    fn comparison(&mut self, sign: &str, left: &Part, right: &Part, span: &Range<usize>) -> Checked<Typed> {
        let compare = match sign {
            "==" => Compare::Equal,
            "!=" => Compare::Different,
            "<" => Compare::Less,
            "<=" => Compare::LessOrEqual,
            ">" => Compare::Greater,
            _ => Compare::GreaterOrEqual,
        };
        let (a, b) = meet(self.typed(left)?, self.typed(right)?);
        let step = match (a, b) {
            (Typed::Int(a), Typed::Int(b))
            | (Typed::Time(a), Typed::Time(b))
            | (Typed::Duration(a), Typed::Duration(b)) => Step::Ints(compare, a, b),
            (Typed::Float(a), Typed::Float(b)) => Step::Floats(compare, a, b),
            (Typed::Text(a), Typed::Text(b)) => Step::Texts(compare, a, b),
            (Typed::Bool(a), Typed::Bool(b)) if matches!(sign, "==" | "!=") => Step::Same(sign == "==", a, b),
            (a, b) => return Err(mismatch(sign, &a, &b, span)),
        };
        Ok(Typed::Bool(self.step(step, span)))
    }

    fn membership(&mut self, left: &Part, right: &Part, span: &Range<usize>) -> Checked<Typed> {
        let step = match (self.typed(left)?, self.typed(right)?) {
            (Typed::Text(text), Typed::TextSet(set)) => {
                self.out.text_sets.push(set.into());
                Step::TextInSet(text, index(self.out.text_sets.len() - 1))
            }
            (Typed::Int(int), Typed::IntSet(set)) => {
                self.out.int_sets.push(set.into());
                Step::IntInSet(int, index(self.out.int_sets.len() - 1))
            }
            (Typed::Text(text), Typed::Texts(list)) => Step::TextIn(text, list),
            (a, b @ Typed::Text(_)) => {
                let hint = "for a part of a string write `text.contains(\"…\")`".to_owned();
                let message = format!("`in` needs a list on its right, found {} and {}", a.name(), b.name());
                return Err(ExpressionError::new(span.clone(), message, Some(hint)));
            }
            (a, b) => return Err(mismatch("in", &a, &b, span)),
        };
        Ok(Typed::Bool(self.step(step, span)))
    }

    fn choice(
        &mut self,
        condition: &Part,
        then: &Part,
        otherwise: &Part,
        span: &Range<usize>,
    ) -> Checked<Typed> {
        let condition = self.truth(condition)?;
        let (a, b) = meet(self.typed(then)?, self.typed(otherwise)?);
        Ok(match (a, b) {
            (Typed::Bool(a), Typed::Bool(b)) => Typed::Bool(self.step(Step::If(condition, a, b), span)),
            (Typed::Int(a), Typed::Int(b)) => Typed::Int(Int::If(condition, self.int(a), self.int(b))),
            (Typed::Time(a), Typed::Time(b)) => Typed::Time(Int::If(condition, self.int(a), self.int(b))),
            (Typed::Duration(a), Typed::Duration(b)) => {
                Typed::Duration(Int::If(condition, self.int(a), self.int(b)))
            }
            (Typed::Float(a), Typed::Float(b)) => {
                Typed::Float(Float::If(condition, self.float(a), self.float(b)))
            }
            (Typed::Text(a), Typed::Text(b)) => Typed::Text(Text::If(condition, self.text(a), self.text(b))),
            (a, b) => {
                let message = format!("`? :` must give one type, found {} and {}", a.name(), b.name());
                return Err(wrong(span, message));
            }
        })
    }

    fn function(
        &mut self,
        name: &str,
        name_span: &Range<usize>,
        arguments: &[Part],
        span: &Range<usize>,
    ) -> Checked<Typed> {
        match (name, arguments) {
            ("has", [Part { what: What::Path(path), span: at, .. }]) => {
                self.has(path, at, &arguments[0], span)
            }
            ("has", [_]) => Err(wrong(span, "`has` asks for a field or a feature: `has(actor.handle)`")),
            ("size", [of]) => self.size(of, span),
            ("duration", [Part { what: What::Text(text), span: at, .. }]) => duration(text, at),
            ("duration", [other]) => {
                Err(wrong(&other.span, "`duration` needs a string such as \"15m\", \"24h\" or \"30d\""))
            }
            ("list", [Part { what: What::Text(list), span: at, .. }, value]) => {
                self.listed(list, at, value, span)
            }
            ("list", [_, _]) => Err(wrong(span, "the name of a list is a string: `list(\"scam_sites\", …)`")),
            _ => Err(unknown_call(name, name_span, arguments.len(), &FUNCTIONS)),
        }
    }

    fn has(&mut self, path: &str, at: &Range<usize>, part: &Part, span: &Range<usize>) -> Checked<Typed> {
        let step = if let Some(name) = path.strip_prefix("feature.") {
            let (feature, _) = self.feature(name, at)?;
            self.mention(part, Mention::Feature(feature));
            Step::HasFeature(feature)
        } else if path.starts_with("found.") {
            let hint = Some(format!("write `{path}` by itself"));
            return Err(ExpressionError::new(at.clone(), "a finding is found or not, never missing", hint));
        } else {
            let field = self.field(path, at)?;
            self.mention(part, Mention::Field(field));
            Step::Has(field)
        };
        Ok(Typed::Bool(self.step(step, span)))
    }

    fn size(&mut self, of: &Part, span: &Range<usize>) -> Checked<Typed> {
        Ok(Typed::Int(match self.typed(of)? {
            Typed::Text(text) => Int::TextSize(self.text(text)),
            Typed::Texts(list) => Int::ListSize(list),
            other => {
                let message = format!("`size` needs a string or a list, found {}", other.name());
                return Err(wrong(span, message));
            }
        }))
    }

    fn listed(&mut self, name: &str, at: &Range<usize>, value: &Part, span: &Range<usize>) -> Checked<Typed> {
        let lists = &self.names.lists;
        let Some(list) = lists.iter().position(|list| *list.name == *name).map(index) else {
            let hint = did_you_mean(name, lists.iter().map(|list| &*list.name));
            return Err(ExpressionError::new(at.clone(), format!("no list is called `{name}`"), hint));
        };
        let step = match self.typed(value)? {
            Typed::Text(text) => Step::TextListed(text, list),
            Typed::Texts(values) => Step::ListListed(values, list),
            other => {
                let message =
                    format!("`list` looks up a string or a list of strings, found {}", other.name());
                return Err(wrong(&value.span, message));
            }
        };
        Ok(Typed::Bool(self.step(step, span)))
    }

    fn method(
        &mut self,
        name: &str,
        name_span: &Range<usize>,
        arguments: &[Part],
        span: &Range<usize>,
    ) -> Checked<Typed> {
        let look = match (name, arguments) {
            ("size", [of]) => return self.size(of, span),
            ("startsWith", [_, _]) => Look::Start,
            ("endsWith", [_, _]) => Look::End,
            ("contains", [_, _]) => Look::Anywhere,
            ("matches", _) => {
                let hint = "patterns are findings: write a phrase list and ask `found.NAME`".to_owned();
                let message = "there are no regular expressions here";
                return Err(ExpressionError::new(name_span.clone(), message, Some(hint)));
            }
            _ => return Err(unknown_call(name, name_span, arguments.len().saturating_sub(1), &METHODS)),
        };
        match (self.typed(&arguments[0])?, self.typed(&arguments[1])?) {
            (Typed::Text(text), Typed::Text(part)) => {
                Ok(Typed::Bool(self.step(Step::Look(look, text, part), span)))
            }
            (a, b) => {
                let message = format!("`{name}` needs two strings, found {} and {}", a.name(), b.name());
                Err(wrong(span, message))
            }
        }
    }
}

/// A whole number beside a decimal is read as a decimal, if it is written out and exact.
fn meet(a: Typed, b: Typed) -> (Typed, Typed) {
    let exact = |value: i64| (value.unsigned_abs() <= 1 << 53).then_some(Float::Constant(value as f64));
    match (a, b) {
        (Typed::Int(Int::Constant(a)), Typed::Float(b)) => match exact(a) {
            Some(a) => (Typed::Float(a), Typed::Float(b)),
            None => (Typed::Int(Int::Constant(a)), Typed::Float(b)),
        },
        (Typed::Float(a), Typed::Int(Int::Constant(b))) => match exact(b) {
            Some(b) => (Typed::Float(a), Typed::Float(b)),
            None => (Typed::Float(a), Typed::Int(Int::Constant(b))),
        },
        both => both,
    }
}

fn mismatch(sign: &str, a: &Typed, b: &Typed, span: &Range<usize>) -> ExpressionError {
    let hint = match (sign, a, b) {
        ("+", Typed::Text(_), Typed::Text(_)) => Some("strings are compared here, never joined".to_owned()),
        (_, Typed::Duration(_), Typed::Int(_) | Typed::Text(_))
        | (_, Typed::Int(_) | Typed::Text(_), Typed::Duration(_)) => {
            Some("a duration is written `duration(\"24h\")`".to_owned())
        }
        (_, Typed::Time(_), Typed::Duration(_)) | (_, Typed::Duration(_), Typed::Time(_)) => {
            Some("an age is the difference of two times: `event.time - actor.created_at`".to_owned())
        }
        _ => None,
    };
    let message = format!("`{sign}` does not fit {} and {}", a.name(), b.name());
    ExpressionError::new(span.clone(), message, hint)
}

fn list_literal(items: &[Part], span: &Range<usize>) -> Checked<Typed> {
    let texts = || {
        let text = |part: &Part| match &part.what {
            What::Text(text) => Some(text.as_str().into()),
            _ => None,
        };
        items.iter().map(text).collect::<Option<Vec<_>>>()
    };
    let ints = || {
        let int = |part: &Part| match &part.what {
            What::Int(int) => Some(*int),
            What::Minus(inner) => match inner.what {
                What::Int(int) => Some(-int),
                _ => None,
            },
            _ => None,
        };
        items.iter().map(int).collect::<Option<Vec<_>>>()
    };
    texts()
        .map(Typed::TextSet)
        .or_else(|| ints().map(Typed::IntSet))
        .ok_or_else(|| wrong(span, "a list holds strings only, or whole numbers only"))
}

fn duration(text: &str, span: &Range<usize>) -> Checked<Typed> {
    let lapse: Result<Lapse, _> = text.parse();
    let micros = lapse.ok().and_then(|lapse| i64::try_from(lapse.as_micros()).ok());
    micros.map(|micros| Typed::Duration(Int::Constant(micros))).ok_or_else(|| {
        let hint = "a whole number and one unit: \"90s\", \"15m\", \"24h\", \"30d\"".to_owned();
        ExpressionError::new(span.clone(), format!("`{text}` is no duration"), Some(hint))
    })
}

fn unknown_call(name: &str, span: &Range<usize>, given: usize, known: &[&'static str]) -> ExpressionError {
    let (message, hint) = match known.contains(&name) {
        true => (format!("`{name}` does not take {given} arguments"), None),
        false => {
            let hint = did_you_mean(name, known.iter().copied())
                .unwrap_or_else(|| format!("there are {}", known.join(", ")));
            (format!("no function is called `{name}`"), Some(hint))
        }
    };
    ExpressionError::new(span.clone(), message, hint)
}
