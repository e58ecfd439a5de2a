//! Splits an expression into words.

use std::ops::Range;

use super::ExpressionError;

/// A word of the language.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Int(i64),
    Float(f64),
    Text(String),
    Name(String),
    /// An operator or a bracket, as written.
    Sign(&'static str),
    End,
}

impl Token {
    pub(crate) fn describe(&self) -> String {
        match self {
            Token::Int(number) => format!("the number {number}"),
            Token::Float(number) => format!("the number {number}"),
            Token::Text(text) => format!("the string {text:?}"),
            Token::Name(name) => format!("`{name}`"),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::End => "the end".to_owned(),
        }
    }
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [&str; 20] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "?", ":", ".", ",", "(", ")", "[", "]", "=",
];

/// Signs that CEL has, or other languages, and we do not, with what to do instead.
const FOREIGN: [(&str, &str); 7] = [
    ("&", "`and` is written `&&`"),
    ("|", "`or` is written `||`"),
    ("*", "only + and - are there"),
    ("/", "only + and - are there"),
    ("%", "only + and - are there"),
    ("{", "there are no maps"),
    (";", "an expression is one line of thought: join parts with `&&`"),
];

pub(crate) type Spanned = (Token, Range<usize>);

/// The words of `source`, with [`Token::End`] last.
pub(crate) fn tokens(source: &str) -> Result<Vec<Spanned>, ExpressionError> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else {
            let (token, used) = word(rest, first).map_err(|error| error.moved(at))?;
            words.push((token, at..at + used));
            at += used;
        }
    }
    words.push((Token::End, source.len()..source.len()));
    Ok(words)
}

fn word(rest: &str, first: char) -> Result<(Token, usize), ExpressionError> {
    match first {
        'a'..='z' | 'A'..='Z' | '_' => {
            let used = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            match rest[used..].starts_with(['"', '\'']) {
                true => Err(ExpressionError::new(0..used, "strings have no prefix here", None)),
                false => Ok((Token::Name(rest[..used].to_owned()), used)),
            }
        }
        '0'..='9' => number(rest),
        '"' | '\'' => text(rest, first),
        _ => SIGNS
            .iter()
            .find(|sign| rest.starts_with(**sign))
            .map(|sign| (Token::Sign(sign), sign.len()))
            .ok_or_else(|| {
                let hint = FOREIGN.iter().find(|(sign, _)| rest.starts_with(sign)).map(|(_, hint)| *hint);
                ExpressionError::new(
                    0..first.len_utf8(),
                    format!("`{}` means nothing here", first.escape_default()),
                    hint.map(str::to_owned),
                )
            }),
    }
}

fn number(rest: &str) -> Result<(Token, usize), ExpressionError> {
    let used = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len());
    let written = &rest[..used];
    let token = match written.contains('.') {
        true if written.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !written.ends_with('.') => {
            written.parse().ok().filter(|number: &f64| number.is_finite()).map(Token::Float)
        }
        true => None,
        false => written.parse().ok().map(Token::Int),
    };
    token.map(|token| (token, used)).ok_or_else(|| {
        let hint = "whole numbers up to 9223372036854775807, or decimals such as 0.5";
        ExpressionError::new(0..used, format!("`{written}` is no number"), Some(hint.to_owned()))
    })
}

fn text(rest: &str, quote: char) -> Result<(Token, usize), ExpressionError> {
    let mut out = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            _ if c == quote => return Ok((Token::Text(out), at + 1)),
            '\n' => break,
            '\\' => out.push(escape(&mut chars).ok_or_else(|| {
                let hint = r#"\\, \", \', \n, \t, \r and \u0041 are understood"#;
                ExpressionError::new(at..at + 1, "unknown escape in a string", Some(hint.to_owned()))
            })?),
            _ => out.push(c),
        }
    }
    Err(ExpressionError::new(0..1, "the string does not end on its line", None))
}

fn escape(chars: &mut impl Iterator<Item = (usize, char)>) -> Option<char> {
    Some(match chars.next()?.1 {
        c @ ('\\' | '"' | '\'') => c,
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'u' => {
            let code = (0..4).try_fold(0, |code, _| Some(code * 16 + chars.next()?.1.to_digit(16)?))?;
            char::from_u32(code)?
        }
        _ => return None,
    })
}
