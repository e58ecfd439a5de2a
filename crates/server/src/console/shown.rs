//! Shows text that others wrote so that it can do nothing but be read.
//!
//! Always true here:
//! - What comes out is escaped: no input opens a tag or leaves an attribute.
//! - Characters that hide or turn text round are shown as a label with their code.
//! - It is isolated (`<bdi>`), so its direction does not leak into the page.
//! - A pile of combining marks is cut, and so is a text without end.

use std::fmt::{self, Write};

use askama::filters::HtmlSafe;
use touchstone_types::Span;

/// A stretch of text to be marked, with the number of the finding it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Which characters.
    pub(crate) span: Span,
    /// Number in the table beside, from 1.
    pub(crate) number: usize,
}

/// A name or line of text, shown without marks.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

/// A whole text with the findings' words marked.
pub(crate) struct Marked<'a> {
    /// The text as it was written.
    pub(crate) text: &'a str,
    /// May overlap; the earlier in the list wins.
    pub(crate) marks: &'a [Mark],
}

/// A whole text without marks.
pub(crate) fn whole(text: &str) -> Marked<'_> {
    Marked { text, marks: &[] }
}

/// Longest text shown on one line, in characters.
const LINE: usize = 280;
/// Longest text shown as a whole, in characters.
const WHOLE: usize = 20_000;
/// Most combining marks shown on one letter.
const MARKS_ON_A_LETTER: usize = 3;

impl HtmlSafe for Shown<'_> {}
impl HtmlSafe for Marked<'_> {}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<bdi>")?;
        let mut writer = Writer::new(f);
        for c in self.0.chars().take(LINE) {
            writer.char(c)?;
        }
        more(f, self.0, LINE)?;
        f.write_str("</bdi>")
    }
}

impl fmt::Display for Marked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut open = None;
        let mut writer = Writer::new(f);
        for (at, c) in (0_u32..).zip(self.text.chars().take(WHOLE)) {
            let mark = self.marks.iter().find(|mark| (mark.span.from..mark.span.to).contains(&at));
            let number = mark.map(|mark| mark.number);
            if number != open {
                close(writer.out, open)?;
                if let Some(number) = number {
                    write!(writer.out, "<mark class=\"m{}\">", colour(number))?;
                }
                open = number;
            }
            writer.char(c)?;
        }
        close(f, open)?;
        more(f, self.text, WHOLE)
    }
}

/// Which of the five mark colours a finding has.
pub(crate) fn colour(number: usize) -> usize {
    (number + 4) % 5 + 1
}

fn close(f: &mut fmt::Formatter<'_>, open: Option<usize>) -> fmt::Result {
    match open {
        Some(number) => write!(f, "<sup>{number}</sup></mark>"),
        None => Ok(()),
    }
}

fn more(f: &mut fmt::Formatter<'_>, text: &str, limit: usize) -> fmt::Result {
    match text.chars().skip(limit).count() {
        0 => Ok(()),
        left => write!(f, "<span class=\"inv\">… +{left}</span>"),
    }
}

struct Writer<'a, 'b> {
    out: &'a mut fmt::Formatter<'b>,
    previous: char,
    combining: usize,
}

impl<'a, 'b> Writer<'a, 'b> {
    fn new(out: &'a mut fmt::Formatter<'b>) -> Self {
        Self { out, previous: ' ', combining: 0 }
    }

    fn char(&mut self, c: char) -> fmt::Result {
        self.combining = if is_combining(c) { self.combining + 1 } else { 0 };
        let joins_pictures = c == '\u{200d}' && is_picture(self.previous);
        self.previous = c;
        match c {
            '&' => self.out.write_str("&amp;"),
            '<' => self.out.write_str("&lt;"),
            '>' => self.out.write_str("&gt;"),
            '"' => self.out.write_str("&quot;"),
            '\'' => self.out.write_str("&#39;"),
            '\n' | '\t' => self.out.write_char(c),
            _ if self.combining > MARKS_ON_A_LETTER => Ok(()),
            _ if is_hidden(c) && !joins_pictures => {
                write!(self.out, "<span class=\"inv\" title=\"U+{:04X}\">{}</span>", u32::from(c), label(c))
            }
            _ => self.out.write_char(c),
        }
    }
}

/// A short name for a character that cannot be seen.
fn label(c: char) -> String {
    match c {
        '\u{200b}' => "ZWSP".to_owned(),
        '\u{200c}' => "ZWNJ".to_owned(),
        '\u{200d}' => "ZWJ".to_owned(),
        '\u{200e}' => "LRM".to_owned(),
        '\u{200f}' => "RLM".to_owned(),
        '\u{202a}' => "LRE".to_owned(),
        '\u{202b}' => "RLE".to_owned(),
        '\u{202c}' => "PDF".to_owned(),
        '\u{202d}' => "LRO".to_owned(),
        '\u{202e}' => "RLO".to_owned(),
        '\u{2060}' => "WJ".to_owned(),
        '\u{2066}' => "LRI".to_owned(),
        '\u{2067}' => "RLI".to_owned(),
        '\u{2068}' => "FSI".to_owned(),
        '\u{2069}' => "PDI".to_owned(),
        '\u{00ad}' => "SHY".to_owned(),
        '\u{feff}' => "BOM".to_owned(),
        other => format!("{:04X}", u32::from(other)),
    }
}

/// Characters that leave no trace on the page or change its direction.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

fn is_picture(c: char) -> bool {
    matches!(c, '\u{fe0f}' | '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, marks: &[(u32, u32)]) -> String {
        let marks: Vec<Mark> =
            (1..).zip(marks).map(|(number, &(from, to))| Mark { span: Span { from, to }, number }).collect();
        Marked { text, marks: &marks }.to_string()
    }

    #[test]
    fn no_text_opens_a_tag() {
        let shown = Shown("<script>alert(1)</script>\"'&").to_string();
        assert_eq!(shown, "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;</bdi>");
    }

    #[test]
    fn hidden_characters_are_shown_with_their_name() {
        let shown = Shown("su\u{200b}pport\u{202e}txt\u{0}").to_string();
        for name in ["ZWSP", "U+202E", "RLO", "U+0000"] {
            assert!(shown.contains(name), "{shown} should name {name}");
        }
        assert!(!shown.contains(['\u{200b}', '\u{202e}', '\u{0}']));
    }

    #[test]
    fn a_family_of_pictures_stays_one() {
        assert!(Shown("👨\u{200d}👩\u{200d}👧").to_string().contains("👨\u{200d}👩\u{200d}👧"));
    }

    #[test]
    fn words_are_marked_by_character_and_escaped_inside() {
        assert_eq!(
            marked("请发送<助记词>", &[(3, 6)]),
            "请发送<mark class=\"m1\">&lt;助记<sup>1</sup></mark>词&gt;"
        );
        assert_eq!(
            marked("abcd", &[(0, 2), (1, 4)]),
            "<mark class=\"m1\">ab<sup>1</sup></mark><mark class=\"m2\">cd<sup>2</sup></mark>"
        );
        assert_eq!(marked("ab", &[(1, 99)]), "a<mark class=\"m1\">b<sup>1</sup></mark>");
    }

    #[test]
    fn endless_names_and_piles_of_marks_are_cut() {
        let long = Shown(&"長".repeat(5000)).to_string();
        assert!(long.chars().count() < 400 && long.contains("+4720"), "{}", long.len());
        let pile = Shown(&format!("a{}", "\u{301}".repeat(500))).to_string();
        assert!(pile.chars().filter(|c| *c == '\u{301}').count() <= 3);
    }
}
