//! What is answered for each event, written while the events are judged.

use serde::Serialize;
use touchstone_types::{Event, EventError, MAX_EVENT_BYTES, Str};

use super::body::Form;
use crate::api::error;

/// The answers to one request, in the order of its events.
#[derive(Debug)]
pub(super) struct Answers {
    form: Form,
    out: Vec<u8>,
    empty: bool,
}

#[derive(Serialize)]
struct Item<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    noted: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// JSON already.
    #[serde(skip)]
    verdict: Option<&'a [u8]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Wrong<'a>>,
}

/// What is wrong with one event, and where.
#[derive(Serialize)]
struct Wrong<'a> {
    /// Line of the body for JSON Lines, element for an array; from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// `too_large`, `not_utf8` or `shape`.
    code: &'static str,
    detail: &'a str,
    message: touchstone_types::Bilingual,
}

/// The envelope of an event that is otherwise wrong, to say which one it was.
#[derive(Default, serde::Deserialize)]
struct Ident<'a> {
    #[serde(default, borrow)]
    id: Option<Str<'a>>,
    #[serde(default, borrow)]
    source: Option<Str<'a>>,
}

/// The event was of a time far ahead of our clock.
pub(super) const AHEAD: &str = "time_ahead";

impl Answers {
    pub(super) fn new(form: Form, events: usize) -> Self {
        let mut out = Vec::with_capacity(64 + 512 * events);
        if form == Form::Array {
            out.push(b'[');
        }
        Self { form, out, empty: true }
    }

    fn item(&mut self, item: &Item<'_>) {
        if self.form == Form::Array && !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        // Writing JSON of strings into memory does not fail.
        let _ = serde_json::to_writer(&mut self.out, item);
        if let Some(verdict) = item.verdict {
            self.out.pop(); // The closing brace: there is one more field.
            self.out.extend_from_slice(b",\"verdict\":");
            self.out.extend_from_slice(verdict);
            self.out.push(b'}');
        }
        if self.form == Form::Lines {
            self.out.push(b'\n');
        }
    }

    /// The event was judged.
    pub(super) fn screened(&mut self, event: &Event<'_>, verdict: &[u8], noted: Option<&'static str>) {
        self.item(&Item {
            status: "screened",
            verdict: Some(verdict),
            noted,
            ..of(&event.id, &event.source)
        });
    }

    /// The event is of a kind that is not judged; it is stored.
    pub(super) fn not_screened(&mut self, event: &Event<'_>) {
        let reason = Some("unknown_type");
        self.item(&Item { status: "not_screened", reason, ..of(&event.id, &event.source) });
    }

    /// The event was there before; its first answer stands.
    pub(super) fn duplicate(&mut self, event: &Event<'_>, verdict: Option<&[u8]>) {
        let reason = if verdict.is_none() { Some("unknown_type") } else { None };
        self.item(&Item { status: "duplicate", verdict, reason, ..of(&event.id, &event.source) });
    }

    /// The bytes are no event.
    pub(super) fn invalid(&mut self, line: usize, bytes: &[u8], why: &EventError) {
        let small = bytes.len() <= MAX_EVENT_BYTES;
        let ident: Ident<'_> =
            if small { serde_json::from_slice(bytes).unwrap_or_default() } else { Ident::default() };
        let code = match why {
            EventError::TooLarge(_) => "too_large",
            EventError::NotUtf8(_) => "not_utf8",
            EventError::Shape(_) => "shape",
        };
        let error = Wrong {
            line: (self.form != Form::One).then_some(line),
            code,
            detail: &why.to_string(),
            message: error::kind("invalid_event").message(),
        };
        self.item(&Item {
            id: ident.id.as_deref(),
            source: ident.source.as_deref(),
            status: "invalid",
            noted: None,
            reason: None,
            verdict: None,
            error: Some(error),
        });
    }

    /// The body of the answer.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.form == Form::Array {
            self.out.push(b']');
        }
        self.out
    }
}

fn of<'a>(id: &'a str, source: &'a str) -> Item<'a> {
    Item {
        id: Some(id),
        source: Some(source),
        status: "",
        noted: None,
        reason: None,
        verdict: None,
        error: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_event_is_named_if_it_says_its_name() {
        let bytes = br#"{"id":"7","source":"/im","type":"client.seen","time":"2026-02-30T00:00:00Z"}"#;
        let why = Event::parse(bytes).unwrap_err();
        for (form, line) in [(Form::Lines, true), (Form::Array, true), (Form::One, false)] {
            let mut answers = Answers::new(form, 1);
            answers.invalid(3, bytes, &why);
            let body = answers.finish();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            let item = body.get(0).unwrap_or(&body);
            assert_eq!(item["id"], "7");
            assert_eq!(item["status"], "invalid");
            assert_eq!(item["error"]["line"].is_number(), line);
            assert_eq!(item["error"]["code"], "shape");
        }
    }

    #[test]
    fn an_empty_array_is_answered_with_one() {
        assert_eq!(Answers::new(Form::Array, 0).finish(), b"[]");
    }
}
