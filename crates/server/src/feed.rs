//! Atom feeds (RFC 4287), written without a library: a dozen elements, and every text escaped.

use std::fmt::Write as _;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use touchstone_types::Moment;

/// A feed.
pub(crate) struct Feed {
    /// A name that never changes: the address of the feed.
    pub(crate) id: String,
    /// Its title.
    pub(crate) title: String,
    /// The page that it belongs to.
    pub(crate) page: String,
    /// Who publishes it.
    pub(crate) author: String,
    /// When it changed last.
    pub(crate) updated: Moment,
    /// Its entries, newest first.
    pub(crate) entries: Vec<Entry>,
}

/// An entry of a feed.
pub(crate) struct Entry {
    /// A name that never changes.
    pub(crate) id: String,
    /// One line.
    pub(crate) title: String,
    /// Where to read it.
    pub(crate) page: String,
    /// When it was published.
    pub(crate) updated: Moment,
    /// Names by which readers sort: severity, kind.
    pub(crate) categories: Vec<String>,
    /// The text, plain.
    pub(crate) text: String,
}

/// For element content and quoted attributes. Characters that XML 1.0 does not have are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\n' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

impl Feed {
    /// The document.
    pub(crate) fn xml(&self) -> String {
        let mut out = String::from(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n",
        );
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "<id>{}</id>\n<title>{}</title>\n<updated>{}</updated>\n<author><name>{}</name></author>\n<link rel=\"self\" href=\"{}\"/>\n<link rel=\"alternate\" href=\"{}\"/>\n",
            escaped(&self.id),
            escaped(&self.title),
            self.updated,
            escaped(&self.author),
            escaped(&self.id),
            escaped(&self.page),
        );
        for entry in &self.entries {
            entry.write(&mut out);
        }
        out.push_str("</feed>\n");
        out
    }
}

impl Entry {
    fn write(&self, out: &mut String) {
        let _ = write!(
            out,
            "<entry>\n<id>{}</id>\n<title>{}</title>\n<updated>{}</updated>\n<link rel=\"alternate\" href=\"{}\"/>\n",
            escaped(&self.id),
            escaped(&self.title),
            self.updated,
            escaped(&self.page),
        );
        for category in &self.categories {
            let _ = writeln!(out, "<category term=\"{}\"/>", escaped(category));
        }
        let _ = write!(out, "<content type=\"text\">{}</content>\n</entry>\n", escaped(&self.text));
    }
}

impl IntoResponse for Feed {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, "application/atom+xml; charset=utf-8"),
            (header::CACHE_CONTROL, "public, max-age=60"),
            // What one reader gets in one language is not kept for readers of the other.
            (header::VARY, "cookie, accept-language"),
        ];
        (headers, self.xml()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_somebody_wrote_becomes_markup() {
        let at: Moment = "2026-11-21T08:30:00Z".parse().unwrap_or(Moment::MIN);
        let bad = "</title><script x='1'>&\u{0}\u{8}\"]]>";
        let feed = Feed {
            id: bad.into(),
            title: bad.into(),
            page: bad.into(),
            author: bad.into(),
            updated: at,
            entries: vec![Entry {
                id: bad.into(),
                title: bad.into(),
                page: bad.into(),
                updated: at,
                categories: vec![bad.into()],
                text: bad.into(),
            }],
        };
        let xml = feed.xml();
        assert!(!xml.contains("<script") && !xml.contains("]]>") && !xml.contains('\u{0}'), "{xml}");
        assert_eq!(xml.matches("<entry>").count(), 1);
        assert_eq!(xml.matches("<title>").count(), xml.matches("</title>").count());
        assert!(xml.contains("2026-11-21T08:30:00Z"));
    }
}
