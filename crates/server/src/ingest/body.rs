//! From a request's body to the events in it, without reading them yet.

use std::ops::Range;

use axum::http::{HeaderMap, header};
use serde_json::value::RawValue;
use touchstone_types::MAX_EVENT_BYTES;

use crate::api::error::ApiError;

/// How a request carries its events, and how the answer carries the verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One JSON object.
    One,
    /// A JSON array of objects.
    Array,
    /// JSON Lines.
    Lines,
}

/// One event in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// For JSON Lines the line, for an array the element; from 1.
    pub number: usize,
    /// Where it is in the body.
    pub at: Range<usize>,
}

const ONE: [&str; 2] = ["application/json", "application/cloudevents+json"];
const BATCH: &str = "application/cloudevents-batch+json";
const LINES: [&str; 3] = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

/// What the headers say of the body: one value, a batch, or lines.
///
/// # Errors
/// [`ApiError::UnsupportedMediaType`] for anything else.
pub(crate) fn form_of(headers: &HeaderMap, body: &[u8]) -> Result<Form, ApiError> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|it| it != "identity") {
        return Err(ApiError::UnsupportedMediaType("send the body without Content-Encoding".to_owned()));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if LINES.contains(&kind.as_str()) {
        return Ok(Form::Lines);
    }
    if kind == BATCH {
        return Ok(Form::Array);
    }
    if ONE.contains(&kind.as_str()) {
        let array = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
        return Ok(if array { Form::Array } else { Form::One });
    }
    let known = [ONE.as_slice(), &[BATCH], &LINES].concat().join(", ");
    Err(ApiError::UnsupportedMediaType(format!("Content-Type must be one of {known}")))
}

/// Finds the events in the body; at most `limit`.
///
/// # Errors
/// Where the body as a whole cannot be taken apart, or has too many.
pub(crate) fn split(form: Form, body: &[u8], limit: usize) -> Result<Vec<Line>, ApiError> {
    let lines = match form {
        Form::One if body.len() > MAX_EVENT_BYTES => {
            return Err(ApiError::TooLarge(format!("an event may have {MAX_EVENT_BYTES} bytes")));
        }
        Form::One => vec![Line { number: 1, at: 0..body.len() }],
        Form::Array => elements(body)?,
        Form::Lines => lines(body, limit),
    };
    if lines.len() > limit {
        return Err(ApiError::TooLarge(format!("a request may carry {limit} events")));
    }
    if lines.is_empty() && form == Form::Lines {
        return Err(ApiError::BadRequest("the body is empty".to_owned()));
    }
    Ok(lines)
}

fn lines(body: &[u8], limit: usize) -> Vec<Line> {
    let mut found = Vec::new();
    let mut start = 0;
    for (number, line) in body.split(|byte| *byte == b'\n').enumerate() {
        let blank = line.iter().all(u8::is_ascii_whitespace);
        if !blank {
            found.push(Line { number: number + 1, at: start..start + line.len() });
        }
        if found.len() > limit {
            break;
        }
        start += line.len() + 1;
    }
    found
}

fn elements(body: &[u8]) -> Result<Vec<Line>, ApiError> {
    let text = std::str::from_utf8(body)
        .map_err(|cause| ApiError::BadRequest(format!("not UTF-8 at byte {}", cause.valid_up_to())))?;
    let parts: Vec<&RawValue> = serde_json::from_str(text)
        .map_err(|cause| ApiError::BadRequest(format!("not a JSON array: {cause}")))?;
    let origin = text.as_ptr() as usize;
    let place = |(index, part): (usize, &&RawValue)| {
        let start = part.get().as_ptr() as usize - origin; // Each part is a slice of `text`.
        Line { number: index + 1, at: start..start + part.get().len() }
    };
    Ok(parts.iter().enumerate().map(place).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(kind: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, axum::http::HeaderValue::from_static(kind));
        headers
    }

    fn texts(form: Form, body: &str) -> Vec<(usize, &str)> {
        split(form, body.as_bytes(), 100).unwrap().into_iter().map(|it| (it.number, &body[it.at])).collect()
    }

    #[test]
    fn the_headers_say_how_events_come() {
        for (kind, body, expected) in [
            ("application/json", "{}", Form::One),
            ("application/json; charset=utf-8", " \n[{}]", Form::Array),
            ("application/cloudevents+json", "{}", Form::One),
            ("application/cloudevents-batch+json", "[]", Form::Array),
            ("Application/X-NDJSON", "{}\n{}", Form::Lines),
        ] {
            assert_eq!(form_of(&headers(kind), body.as_bytes()).unwrap(), expected, "{kind}");
        }
        for kind in ["text/plain", "", "application/x-www-form-urlencoded"] {
            assert!(
                matches!(form_of(&headers(kind), b"{}"), Err(ApiError::UnsupportedMediaType(_))),
                "{kind}"
            );
        }
    }

    #[test]
    fn lines_are_numbered_as_an_editor_numbers_them() {
        assert_eq!(texts(Form::Lines, "{\"a\":1}\r\n\n {}\n"), [(1, "{\"a\":1}\r"), (3, " {}")]);
    }

    #[test]
    fn elements_of_an_array_are_found_where_they_are() {
        assert_eq!(
            texts(Form::Array, " [ {\"a\":[1,2]} , 7,\"x\" ] "),
            [(1, "{\"a\":[1,2]}"), (2, "7"), (3, "\"x\"")]
        );
        assert_eq!(texts(Form::Array, "[]"), []);
    }

    #[test]
    fn a_broken_array_says_where() {
        let error = split(Form::Array, b"[{},\n{]", 100).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
        assert!(split(Form::Array, b"[\"\xff\"]", 100).unwrap_err().to_string().contains("byte 2"));
    }

    #[test]
    fn nesting_a_million_deep_does_not_overflow_the_stack() {
        let deep = format!("[{}{}]", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(split(Form::Array, deep.as_bytes(), 10).unwrap().len(), 1);
    }

    #[test]
    fn too_many_events_are_refused_before_they_are_read() {
        let body = "{}\n".repeat(101);
        assert!(matches!(split(Form::Lines, body.as_bytes(), 100), Err(ApiError::TooLarge(_))));
    }
}
