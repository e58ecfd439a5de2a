//! What a caller is told when something cannot be done: RFC 9457 `application/problem+json`.
//!
//! The only place that knows status codes of failures. It says one thing to the caller and
//! another to the log; what the caller may not see looks like what does not exist.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use touchstone_types::Bilingual;

/// The body of every failed request, and (without `status`) of every refused line.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Problem {
    /// A reference that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem, in English.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with this request, for whoever wrote the caller.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What a person is to read.
    pub message: Bilingual,
    /// After how many seconds to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// For a policy that does not compile: what is wrong, and where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// For a report: each field that is wrong, and what is wrong with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<BadField>,
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BadField {
    /// Which: `losses.0.asset`, counted from 0.
    pub field: String,
    /// What is wrong, for programs.
    pub code: &'static str,
    /// What was given, its first characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub given: String,
    /// What is wrong, for whoever filled it in.
    pub message: Bilingual,
}

impl From<touchstone_cases::FieldError> for BadField {
    fn from(it: touchstone_cases::FieldError) -> Self {
        Self { message: it.sentence(), field: it.field, code: it.code, given: it.given }
    }
}

/// A place in a file that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// Which file.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What is wrong.
    pub reason: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
}

/// A kind of problem, for the documentation and for programs that switch on it.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name; the `type` of a problem ends with it.
    pub name: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// For whoever wrote the caller.
    pub title: &'static str,
    /// For a person who reads Chinese.
    pub zh: &'static str,
    /// For a person who reads English.
    pub en: &'static str,
}

impl Kind {
    /// What a person reads.
    #[must_use]
    pub fn message(&self) -> Bilingual {
        Bilingual { zh: self.zh.to_owned(), en: self.en.to_owned() }
    }
}

/// The kind of that name; our own fault if there is none.
#[must_use]
pub fn kind(name: &str) -> &'static Kind {
    const KINDS: &[Kind] = &ApiError::KINDS;
    const OURS: &Kind = &KINDS[14];
    KINDS.iter().find(|it| it.name == name).unwrap_or(OURS)
}

/// Why a request is refused; a variant for each thing the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The body or a parameter is wrong. Next: mend the request.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// A single event that is none; says where.
    #[error("invalid event: {0}")]
    InvalidEvent(String),
    /// No key, or a wrong one. Next: bring a key.
    #[error("no valid key")]
    NoKey,
    /// The key does not have the scope. Next: ask for another key.
    #[error("the key lacks the scope {0}")]
    MissingScope(&'static str),
    /// There is none, or it is not yours.
    #[error("not found")]
    NotFound,
    /// It contradicts what is there now. Next: look at what is there.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The operator has not set this up. Next: ask the operator; trying again does not help.
    #[error("not set up: {0}")]
    NotSetUp(&'static str),
    /// The route has no such method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// Nothing that was asked for can be given.
    #[error("not acceptable: {0}")]
    NotAcceptable(&'static str),
    /// The body took too long to come. Next: try again.
    #[error("the body took too long")]
    TooSlow,
    /// The body, or what is in it, is too large. Next: send less at once.
    #[error("too large: {0}")]
    TooLarge(String),
    /// The body is of a kind that is not read. Next: send another kind.
    #[error("unsupported media type: {0}")]
    UnsupportedMediaType(String),
    /// Too much in too short a time. Next: wait.
    #[error("too many: wait {wait} s")]
    TooMany {
        /// Seconds.
        wait: u64,
    },
    /// Fields of a report are wrong. Next: mend them; nothing was kept.
    #[error("{} fields are wrong", .0.len())]
    BadFields(Vec<BadField>),
    /// A policy that does not compile; the old one stays live. Next: mend the policy.
    #[error("the policy does not compile: {} problems", .0.len())]
    BrokenPolicy(Vec<Place>),
    /// Nothing was stored. Next: send the same again after a while.
    #[error("unavailable: {reason}")]
    Unavailable {
        /// For the caller.
        reason: &'static str,
        /// Seconds.
        wait: u64,
        /// For the log.
        #[source]
        cause: Option<anyhow::Error>,
    },
    /// Our fault.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

impl ApiError {
    /// The store could not be reached or did not do what it was asked.
    pub fn store(cause: impl Into<anyhow::Error>) -> Self {
        ApiError::Unavailable { reason: "the store does not answer", wait: 2, cause: Some(cause.into()) }
    }

    /// All kinds of problem: name, status, title, and what a person reads.
    pub const KINDS: [Kind; 17] = [
        Kind {
            name: "bad_request",
            status: 400,
            title: "The request is not understood",
            zh: "请求内容有误，请对照说明修改后再发送。",
            en: "Please mend the request and send it again.",
        },
        Kind {
            name: "invalid_event",
            status: 400,
            title: "This is no event",
            zh: "这不是一个有效的事件，请按所指位置修改后再发送。",
            en: "This is no event; please mend it where it says and send it again.",
        },
        Kind {
            name: "no_key",
            status: 401,
            title: "A valid key is needed",
            zh: "请在 Authorization 头中提供有效的 API 密钥。",
            en: "Please give a valid API key in the Authorization header.",
        },
        Kind {
            name: "missing_scope",
            status: 403,
            title: "The key does not allow this",
            zh: "此密钥没有这项权限，请向管理员申请。",
            en: "This key may not do that; ask an administrator.",
        },
        Kind {
            name: "not_found",
            status: 404,
            title: "There is nothing here",
            zh: "这里没有您要找的内容。",
            en: "What you asked for is not here.",
        },
        Kind {
            name: "method_not_allowed",
            status: 405,
            title: "Not with this method",
            zh: "此地址不支持这种请求方法。",
            en: "This address does not take that method.",
        },
        Kind {
            name: "not_acceptable",
            status: 406,
            title: "Nothing of that kind can be given",
            zh: "无法按所要求的格式回答。",
            en: "The answer cannot be given in that form.",
        },
        Kind {
            name: "too_slow",
            status: 408,
            title: "The request took too long to arrive",
            zh: "请求传输时间过长，请重新发送。",
            en: "The request took too long to arrive; please send it again.",
        },
        Kind {
            name: "conflict",
            status: 409,
            title: "It has changed in between",
            zh: "情况已经变化，请先查看最新状态。",
            en: "Things have changed in between; please look at them as they are now.",
        },
        Kind {
            name: "too_large",
            status: 413,
            title: "The request is too large",
            zh: "内容过大，请分成几次发送。",
            en: "This is too large; please send it in parts.",
        },
        Kind {
            name: "unsupported_media_type",
            status: 415,
            title: "This kind of body is not read",
            zh: "不支持这种内容类型，请使用 JSON 或 NDJSON。",
            en: "This kind of body is not read; please send JSON or NDJSON.",
        },
        Kind {
            name: "broken_policy",
            status: 422,
            title: "The policy does not compile",
            zh: "策略未通过检查，原有策略继续生效。",
            en: "The policy does not compile; the one before stays live.",
        },
        Kind {
            name: "bad_fields",
            status: 422,
            title: "Some fields are wrong",
            zh: "有几处需要改一下，请看每一项后面的说明。",
            en: "Some fields need a second look; each says why.",
        },
        Kind {
            name: "too_many",
            status: 429,
            title: "Too many requests",
            zh: "请求过于频繁，请稍候再试。",
            en: "Too many requests; please wait and try again.",
        },
        Kind {
            name: "internal",
            status: 500,
            title: "Something went wrong here",
            zh: "服务器内部出错，我们已记录。",
            en: "Something went wrong here; it has been noted.",
        },
        Kind {
            name: "not_set_up",
            status: 501,
            title: "The operator has not set this up",
            zh: "运营方尚未开通这项功能。",
            en: "The operator has not set this up.",
        },
        Kind {
            name: "unavailable",
            status: 503,
            title: "Not available at the moment",
            zh: "服务暂时不可用，本次内容没有保存，请稍后重新发送。",
            en: "Not available at the moment. Nothing was stored; please send it again shortly.",
        },
    ];

    fn name(&self) -> &'static str {
        match self {
            ApiError::BadRequest(_) => "bad_request",
            ApiError::InvalidEvent(_) => "invalid_event",
            ApiError::NoKey => "no_key",
            ApiError::MissingScope(_) => "missing_scope",
            ApiError::NotFound => "not_found",
            ApiError::Conflict(_) => "conflict",
            ApiError::NotSetUp(_) => "not_set_up",
            ApiError::MethodNotAllowed => "method_not_allowed",
            ApiError::NotAcceptable(_) => "not_acceptable",
            ApiError::TooSlow => "too_slow",
            ApiError::TooLarge(_) => "too_large",
            ApiError::UnsupportedMediaType(_) => "unsupported_media_type",
            ApiError::TooMany { .. } => "too_many",
            ApiError::BrokenPolicy(_) => "broken_policy",
            ApiError::BadFields(_) => "bad_fields",
            ApiError::Unavailable { .. } => "unavailable",
            ApiError::Internal(_) => "internal",
        }
    }

    fn detail(&self) -> String {
        match self {
            ApiError::BadRequest(detail)
            | ApiError::InvalidEvent(detail)
            | ApiError::TooLarge(detail)
            | ApiError::UnsupportedMediaType(detail) => detail.clone(),
            ApiError::NotAcceptable(detail) | ApiError::Conflict(detail) | ApiError::NotSetUp(detail) => {
                (*detail).to_owned()
            }
            ApiError::MissingScope(scope) => format!("the key needs the scope `{scope}`"),
            ApiError::Unavailable { reason, .. } => (*reason).to_owned(),
            ApiError::BrokenPolicy(_) => "the policy that was live stays live".to_owned(),
            _ => String::new(),
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            ApiError::TooMany { wait } | ApiError::Unavailable { wait, .. } => Some(*wait),
            _ => None,
        }
    }

    /// The body of the answer.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let kind = kind(self.name());
        let places = match self {
            ApiError::BrokenPolicy(places) => places.clone(),
            _ => Vec::new(),
        };
        let fields = match self {
            ApiError::BadFields(fields) => fields.clone(),
            _ => Vec::new(),
        };
        Problem {
            fields,
            kind: format!("/docs#{}", kind.name),
            title: kind.title,
            status: kind.status,
            detail: self.detail(),
            message: kind.message(),
            retry_after: self.retry_after(),
            places,
        }
    }

    fn log(&self) {
        match self {
            ApiError::Internal(cause) => tracing::error!(cause = format!("{cause:#}"), "request failed"),
            ApiError::Unavailable { reason, cause, .. } => {
                let cause = cause.as_ref().map(|cause| format!("{cause:#}")).unwrap_or_default();
                tracing::warn!(reason, cause, "request refused");
            }
            _ => {}
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let wait = problem.retry_after;
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = wait {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_never_reads_the_cause() {
        let error = ApiError::store(anyhow::anyhow!("password=hunter2 at 10.0.0.3"));
        let body = serde_json::to_string(&error.problem()).unwrap();
        assert!(!body.contains("hunter2") && !body.contains("10.0.0.3"), "{body}");
        assert!(body.contains("\"retry_after\":2"), "{body}");
    }

    #[test]
    fn every_refusal_speaks_both_languages_and_is_of_its_own_kind() {
        let errors = [
            ApiError::BadRequest(String::new()),
            ApiError::InvalidEvent(String::new()),
            ApiError::NoKey,
            ApiError::MissingScope("events:write"),
            ApiError::NotFound,
            ApiError::Conflict("x"),
            ApiError::NotSetUp("x"),
            ApiError::MethodNotAllowed,
            ApiError::NotAcceptable("x"),
            ApiError::TooSlow,
            ApiError::TooLarge(String::new()),
            ApiError::UnsupportedMediaType(String::new()),
            ApiError::TooMany { wait: 3 },
            ApiError::BrokenPolicy(Vec::new()),
            ApiError::store(anyhow::anyhow!("gone")),
            ApiError::Internal(anyhow::anyhow!("oh")),
        ];
        let mut seen = std::collections::BTreeSet::new();
        for error in errors {
            let problem = error.problem();
            assert!(!problem.message.zh.is_empty() && !problem.message.en.is_empty());
            assert!(seen.insert(problem.kind.clone()), "{} twice", problem.kind);
        }
        assert_eq!(kind("no such kind").name, "internal");
        for status in ApiError::KINDS.map(|it| it.status) {
            assert!((400..600).contains(&status));
        }
    }
}
