use axum::Json;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use super::endpoint::{Content, Endpoint, query};
use super::openapi;

/// Only our own script and style run on the page, and they may ask only this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let plain = |path, id, summary, description, answer, handler| Endpoint {
        method: "get",
        path,
        id,
        summary,
        description,
        scope: None,
        parameters: Vec::new(),
        bodies: Vec::new(),
        answers: vec![answer],
        problems: &[],
        handler,
    };
    let page = plain(
        "/docs",
        "docs",
        ("试用接口的页面", "A page to read about the API and try it"),
        "Loads nothing from elsewhere. A key that is typed in stays in the page.",
        Content::text("text/html"),
        get(page),
    );
    let lang = json!({ "type": "string", "enum": ["zh", "en"] });
    vec![
        plain(
            "/openapi.json",
            "openapi",
            ("本接口的 OpenAPI 3.1 描述", "This description, OpenAPI 3.1"),
            "Made from the types that read and write.",
            Content::schema("application/json", json!({ "type": "object" })),
            get(async || Json(openapi::document())),
        ),
        Endpoint { parameters: vec![query("lang", "The language of the page", lang)], ..page },
        plain(
            "/docs/page.js",
            "docs_script",
            ("试用页面的脚本", "The page's script"),
            "",
            Content::text("text/javascript"),
            get(async || file("text/javascript; charset=utf-8", include_str!("docs/page.js"))),
        ),
        plain(
            "/docs/page.css",
            "docs_style",
            ("试用页面的样式", "The page's style"),
            "",
            Content::text("text/css"),
            get(async || file("text/css; charset=utf-8", include_str!("docs/page.css"))),
        ),
    ]
}

async fn page(headers: HeaderMap, uri: axum::http::Uri) -> Response {
    let asked = uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("lang=")));
    let chinese = match asked {
        Some(lang) => lang.starts_with("zh"),
        None => prefers_chinese(&headers),
    };
    let text = if chinese { include_str!("docs/zh.html") } else { include_str!("docs/en.html") };
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(text)).into_response()
}

/// Whether Chinese comes before English in `Accept-Language`; browsers list by preference.
fn prefers_chinese(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let first =
        accepted.split(',').map(str::trim).find(|lang| lang.starts_with("zh") || lang.starts_with("en"));
    first.is_some_and(|lang| lang.starts_with("zh"))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
