//! What is true of every page: strict headers, no request from another site, cookies.

use std::fmt::Write as _;

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::i18n::Lang;
use super::shell::cookie;

/// Only our own files; no inline script or style; forms go to us; nobody frames us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// How long a choice of language or colours lasts, in seconds.
const A_YEAR: u32 = 31_536_000;

/// Refuses what another site sends, takes `?lang=` off the address, sets the headers.
pub(crate) async fn around(request: Request, next: Next) -> Response {
    if is_change(request.method()) && is_foreign(request.headers()) {
        return (StatusCode::FORBIDDEN, "This request came from another site.\n").into_response();
    }
    if request.method() == Method::GET
        && let Some(response) = chosen_language(request.uri(), request.headers())
    {
        return response;
    }
    let said_before = request.method() == Method::GET && cookie(request.headers(), "flash").is_some();
    let mut response = next.run(request).await;
    if said_before && response.status() == StatusCode::OK && is_page(&response) {
        let gone = HeaderValue::from_static("flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    guard(&mut response);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// A page runs our own files only, and sends forms to us only.
pub(crate) fn guard(response: &mut Response) {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
}

fn is_page(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

fn is_change(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a browser says that another site made the request. Programs say nothing; they
/// have no cookies either.
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    // A browser that says it is from here is believed: a page that names itself to nobody
    // (`no-referrer`) is sent with `Origin: null`.
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    match (headers.get(header::ORIGIN), text(header::HOST)) {
        (None, _) => false,
        (Some(origin), Some(host)) => {
            origin.to_str().ok().and_then(|origin| origin.split_once("://")).is_none_or(|(_, it)| it != host)
        }
        (Some(_), None) => true,
    }
}

/// `?lang=en` sets the cookie and goes to the same address without it.
pub(crate) fn chosen_language(uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let query = uri.query()?;
    let lang = query.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(Lang::from_tag)?;
    let rest: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("lang=")).collect();
    let mut to = uri.path().to_owned();
    if !rest.is_empty() {
        let _ = write!(to, "?{}", rest.join("&"));
    }
    let cookie = preference("lang", lang.code(), is_secure(headers));
    Some(([(header::SET_COOKIE, cookie)], Redirect::to(&local(&to))).into_response())
}

/// Whether the browser reached us by https, through a proxy that says so.
pub(crate) fn is_secure(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https")
}

/// A cookie for a choice that is no secret.
pub(crate) fn preference(name: &str, value: &str, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={A_YEAR}; SameSite=Lax{secure}")
}

/// The address if it is one of ours, else the start page: no form sends anybody elsewhere.
pub(crate) fn local(address: &str) -> String {
    let ours = address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains(['\\', '\r', '\n', '\t'])
        && address.len() <= 2000;
    if ours { address.to_owned() } else { "/".to_owned() }
}

/// A page as an answer.
pub(crate) fn page(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// For a query or a path segment.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn another_sites_request_is_known_as_such() {
        for (pairs, foreign) in [
            (&[("origin", "http://localhost:8787"), ("host", "localhost:8787")][..], false),
            (
                &[
                    ("origin", "https://desk.example"),
                    ("host", "desk.example"),
                    ("sec-fetch-site", "same-origin"),
                ],
                false,
            ),
            (&[("host", "localhost:8787")], false),
            (&[("origin", "null"), ("host", "desk.example"), ("sec-fetch-site", "same-origin")], false),
            (&[("origin", "null"), ("host", "desk.example"), ("sec-fetch-site", "cross-site")], true),
            (&[("origin", "https://evil.example"), ("host", "desk.example")], true),
            (&[("origin", "null"), ("host", "desk.example")], true),
            (&[("origin", "https://desk.example.evil.example"), ("host", "desk.example")], true),
            (&[("host", "desk.example"), ("sec-fetch-site", "cross-site")], true),
            (
                &[
                    ("origin", "https://a.desk.example"),
                    ("host", "desk.example"),
                    ("sec-fetch-site", "same-site"),
                ],
                true,
            ),
        ] {
            assert_eq!(is_foreign(&headers(pairs)), foreign, "{pairs:?}");
        }
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(local("/console?x=1"), "/console?x=1");
        for bad in
            ["https://evil.example", "//evil.example", "/\\evil.example", "/a\r\nb", "", "javascript:x"]
        {
            assert_eq!(local(bad), "/", "{bad}");
        }
    }

    #[test]
    fn an_address_is_encoded_byte_by_byte() {
        assert_eq!(encoded("a b/是?"), "a%20b%2F%E6%98%AF%3F");
    }
}
