//! Reads an expression into a tree: a Pratt parser with limits.

use std::ops::Range;

use super::token::{Spanned, Token, tokens};
use super::{ExpressionError, MAX_DEPTH, MAX_PARTS, MAX_SOURCE_BYTES};

/// A part of an expression, with its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) what: What,
    pub(crate) span: Range<usize>,
    /// Levels below, itself included.
    height: usize,
}

/// What a part says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Part>),
    /// `actor.handle`, `found.claims_support`: a path of names.
    Path(String),
    Not(Box<Part>),
    Minus(Box<Part>),
    /// `&&`, flattened.
    All(Vec<Part>),
    /// `||`, flattened.
    Any(Vec<Part>),
    /// `==`, `<`, `in`, `+`, … with both sides.
    Binary(&'static str, Box<(Part, Part)>),
    /// `condition ? then : otherwise`
    If(Box<(Part, Part, Part)>),
    /// A function, or a method with what it is called on first.
    Call {
        name: String,
        name_span: Range<usize>,
        method: bool,
        arguments: Vec<Part>,
    },
}

/// How tightly `a ? b : c` binds, the loosest of all.
const TERNARY: u8 = 1;

fn binding(sign: &str) -> Option<(u8, &'static str)> {
    Some(match sign {
        "||" => (2, "||"),
        "&&" => (3, "&&"),
        "==" => (4, "=="),
        "!=" => (4, "!="),
        "<" => (4, "<"),
        "<=" => (4, "<="),
        ">" => (4, ">"),
        ">=" => (4, ">="),
        "in" => (4, "in"),
        "+" => (5, "+"),
        "-" => (5, "-"),
        _ => return None,
    })
}

/// Reads the whole of `source`.
pub(crate) fn parse(source: &str) -> Result<Part, ExpressionError> {
    if source.len() > MAX_SOURCE_BYTES {
        let message = format!("the expression is longer than {MAX_SOURCE_BYTES} bytes");
        return Err(ExpressionError::new(0..1, message, None));
    }
    let mut parser = Parser { words: tokens(source)?, at: 0, parts: 0, depth: 0 };
    let tree = parser.expression(0)?;
    match parser.peek() {
        (Token::End, _) => Ok(tree),
        (token, span) => {
            let hint = match token {
                Token::Sign("=") => Some("`equals` is written `==`".to_owned()),
                Token::Name(word) if word.eq_ignore_ascii_case("and") => Some("write `&&`".to_owned()),
                Token::Name(word) if word.eq_ignore_ascii_case("or") => Some("write `||`".to_owned()),
                _ => None,
            };
            let message = format!("expected an operator or the end, found {}", token.describe());
            Err(ExpressionError::new(span.clone(), message, hint))
        }
    }
}

struct Parser {
    words: Vec<Spanned>,
    at: usize,
    parts: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Spanned {
        &self.words[self.at.min(self.words.len() - 1)]
    }

    fn next(&mut self) -> Spanned {
        let word = self.peek().clone();
        self.at += 1;
        word
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), (Token::Sign(next), _) if *next == sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<Range<usize>, ExpressionError> {
        match self.next() {
            (Token::Sign(found), span) if found == sign => Ok(span),
            (token, span) => {
                let message = format!("expected `{sign}`, found {}", token.describe());
                Err(ExpressionError::new(span, message, None))
            }
        }
    }

    fn part(
        &mut self,
        what: What,
        span: Range<usize>,
        below: impl IntoIterator<Item = usize>,
    ) -> Result<Part, ExpressionError> {
        let height = 1 + below.into_iter().max().unwrap_or(0);
        self.parts += 1;
        if self.parts > MAX_PARTS {
            let message = format!("the expression has more than {MAX_PARTS} parts");
            let hint = "split it into rules that build on each other with `found.`";
            return Err(ExpressionError::new(span, message, Some(hint.to_owned())));
        }
        if height > MAX_DEPTH {
            return Err(too_deep(span));
        }
        Ok(Part { what, span, height })
    }

    fn expression(&mut self, least: u8) -> Result<Part, ExpressionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(too_deep(self.peek().1.clone()));
        }
        let mut left = self.unary()?;
        loop {
            let sign = match &self.peek().0 {
                Token::Sign("?") if least <= TERNARY => {
                    left = self.ternary(left)?;
                    continue;
                }
                Token::Sign(sign) => binding(sign),
                Token::Name(name) if name == "in" => binding("in"),
                _ => None,
            };
            match sign {
                Some((power, sign)) if power >= least.max(TERNARY + 1) => {
                    self.at += 1;
                    let right = self.expression(power + 1)?;
                    left = self.join(sign, left, right)?;
                }
                _ => break,
            }
        }
        self.depth -= 1;
        Ok(left)
    }

    fn ternary(&mut self, condition: Part) -> Result<Part, ExpressionError> {
        self.expect("?")?;
        let then = self.expression(TERNARY + 1)?;
        self.expect(":")?;
        let otherwise = self.expression(TERNARY)?;
        let span = condition.span.start..otherwise.span.end;
        let below = [condition.height, then.height, otherwise.height];
        self.part(What::If(Box::new((condition, then, otherwise))), span, below)
    }

    fn join(&mut self, sign: &'static str, left: Part, right: Part) -> Result<Part, ExpressionError> {
        let span = left.span.start..right.span.end;
        let below = [left.height, right.height];
        let what = match (sign, left) {
            // `a && b && c` is one list of three, so that its length costs no depth.
            ("&&", Part { what: What::All(mut list), height, .. }) => {
                list.push(right);
                let below = [height - 1, below[1]];
                return self.part(What::All(list), span, below);
            }
            ("||", Part { what: What::Any(mut list), height, .. }) => {
                list.push(right);
                let below = [height - 1, below[1]];
                return self.part(What::Any(list), span, below);
            }
            ("&&", left) => What::All(vec![left, right]),
            ("||", left) => What::Any(vec![left, right]),
            (sign, left) => What::Binary(sign, Box::new((left, right))),
        };
        self.part(what, span, below)
    }

    fn unary(&mut self) -> Result<Part, ExpressionError> {
        let start = self.peek().1.start;
        if self.takes("!") {
            let inner = self.nested(Self::unary)?;
            let (span, height) = (start..inner.span.end, inner.height);
            return self.part(What::Not(Box::new(inner)), span, [height]);
        }
        if self.takes("-") {
            let inner = self.nested(Self::unary)?;
            let (span, height) = (start..inner.span.end, inner.height);
            return self.part(What::Minus(Box::new(inner)), span, [height]);
        }
        self.member()
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Part, ExpressionError>,
    ) -> Result<Part, ExpressionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(too_deep(self.peek().1.clone()));
        }
        let part = read(self)?;
        self.depth -= 1;
        Ok(part)
    }

    /// A value, then `.name` and `.method(…)` after it.
    fn member(&mut self) -> Result<Part, ExpressionError> {
        let mut left = self.primary()?;
        while self.takes(".") {
            let (token, name_span) = self.next();
            let Token::Name(name) = token else {
                let message = format!("expected a name after `.`, found {}", token.describe());
                return Err(ExpressionError::new(name_span, message, None));
            };
            let start = left.span.start;
            if self.takes("(") {
                let mut arguments = vec![left];
                let end = self.list(")", &mut arguments)?;
                let below = heights(&arguments);
                let what = What::Call { name, name_span, method: true, arguments };
                left = self.part(what, start..end, below)?;
            } else if let What::Path(path) = left.what {
                left.what = What::Path(format!("{path}.{name}"));
                left.span = start..name_span.end;
            } else {
                return Err(ExpressionError::new(name_span, "only fields of the event have parts", None));
            }
        }
        Ok(left)
    }

    fn primary(&mut self) -> Result<Part, ExpressionError> {
        let (token, span) = self.next();
        let what = match token {
            Token::Int(number) => What::Int(number),
            Token::Float(number) => What::Float(number),
            Token::Text(text) => What::Text(text),
            Token::Name(name) if name == "true" => What::Bool(true),
            Token::Name(name) if name == "false" => What::Bool(false),
            Token::Name(name) if name == "in" => return Err(no_value(&Token::Name(name), span)),
            Token::Name(name) => {
                if !self.takes("(") {
                    return self.part(What::Path(name), span, []);
                }
                let mut arguments = Vec::new();
                let end = self.list(")", &mut arguments)?;
                let below = heights(&arguments);
                let what = What::Call { name, name_span: span.clone(), method: false, arguments };
                return self.part(what, span.start..end, below);
            }
            Token::Sign("(") => {
                let mut inner = self.expression(0)?;
                let end = self.expect(")")?.end;
                inner.span = span.start..end;
                return Ok(inner);
            }
            Token::Sign("[") => {
                let mut items = Vec::new();
                let end = self.list("]", &mut items)?;
                let below = heights(&items);
                return self.part(What::List(items), span.start..end, below);
            }
            token => return Err(no_value(&token, span)),
        };
        self.part(what, span, [])
    }

    /// Values between commas up to the closing bracket; gives where that ends.
    fn list(&mut self, close: &str, into: &mut Vec<Part>) -> Result<usize, ExpressionError> {
        let opened = self.at;
        loop {
            if (self.at == opened || close == "]")
                && matches!(&self.peek().0, Token::Sign(sign) if *sign == close)
            {
                return self.expect(close).map(|span| span.end);
            }
            into.push(self.expression(0)?);
            if !self.takes(",") {
                return self.expect(close).map(|span| span.end);
            }
        }
    }
}

fn heights(parts: &[Part]) -> Vec<usize> {
    parts.iter().map(|part| part.height).collect()
}

fn no_value(token: &Token, span: Range<usize>) -> ExpressionError {
    let message = format!("expected a value, found {}", token.describe());
    let hint = matches!(token, Token::Sign("=")).then(|| "`equals` is written `==`".to_owned());
    ExpressionError::new(span, message, hint)
}

fn too_deep(span: Range<usize>) -> ExpressionError {
    ExpressionError::new(span, format!("more than {MAX_DEPTH} levels of brackets and operators"), None)
}
