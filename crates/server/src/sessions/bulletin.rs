//! `/announcements`: what the log announces, for everybody, as page, feed and JSON.
//!
//! Read from the log, not from the drafts: what is shown is what is proven.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use schemars::JsonSchema;
use serde::Serialize;
use touchstone_registry::statement::Announcement;
use touchstone_types::{Bilingual, Moment};

use crate::api::endpoint::{Content, Endpoint};
use crate::console::i18n::Lang;
use crate::console::shell::{Shell, language};
use crate::console::web;
use crate::ctx::Ctx;
use crate::feed::{Entry, Feed};

/// Behind the id of an announcement: the one that takes it back.
pub(super) const WITHDRAWN: &str = ".withdrawn";

/// How many are shown.
const SHOWN: usize = 100;

/// An announcement of the log.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Notice {
    /// Its name.
    id: String,
    /// `notice`, `safety` or `urgent`.
    severity: &'static str,
    /// One line.
    title: Bilingual,
    /// The text, plain.
    text: Bilingual,
    /// The name of the organisation that says it.
    organisation: Bilingual,
    /// When it was said.
    at: Moment,
    /// Of interest until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Moment>,
    /// Its place in the log; its proof is at `/log/proof/<index>`.
    index: u64,
    /// If it was taken back: when, why, and the place of the statement that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn: Option<Withdrawn>,
}

/// How an announcement was taken back.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Withdrawn {
    /// When.
    at: Moment,
    /// Why.
    reason: Bilingual,
    /// The place in the log.
    index: u64,
}

/// What is announced, newest first.
fn notices(ctx: &Ctx) -> Vec<Notice> {
    let listed = ctx.registry.now();
    let registry = &listed.registry;
    let name = |id: &str| registry.organisation(id).map(|it| it.name.clone());
    fold(registry.announcements(), name)
}

/// Puts withdrawals where they belong; a withdrawal counts only by the organisation that spoke.
fn fold(all: &[(u64, Announcement)], name: impl Fn(&str) -> Option<Bilingual>) -> Vec<Notice> {
    let withdrawal = |it: &Announcement| {
        let id = format!("{}{WITHDRAWN}", it.id);
        let found = all.iter().find(|(_, other)| other.id == id && other.organisation == it.organisation);
        found.map(|(index, other)| Withdrawn { at: other.at, reason: other.text.clone(), index: *index })
    };
    let is_withdrawal = |it: &Announcement| {
        it.id.strip_suffix(WITHDRAWN).is_some_and(|id| all.iter().any(|(_, other)| other.id == id))
    };
    let shown = all.iter().rev().filter(|(_, it)| !is_withdrawal(it)).take(SHOWN);
    shown
        .map(|(index, it)| Notice {
            id: it.id.clone(),
            severity: it.severity.name(),
            title: it.title.clone(),
            text: it.text.clone(),
            organisation: name(&it.organisation)
                .unwrap_or_else(|| Bilingual { zh: it.organisation.clone(), en: it.organisation.clone() }),
            at: it.at,
            until: it.until,
            index: *index,
            withdrawn: withdrawal(it),
        })
        .collect()
}

/// `GET /v1/announcements`
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint {
        method: "get",
        path: "/v1/announcements",
        id: "announcements",
        summary: ("官方公告", "Official notices and safety bulletins"),
        description: "Newest first, as the log has them. Each can be proven: `/log/proof/<index>`.",
        scope: None,
        parameters: Vec::new(),
        bodies: Vec::new(),
        answers: vec![Content::of::<Vec<Notice>>("application/json")],
        problems: &[],
        handler: get(json),
    }]
}

async fn json(State(ctx): State<Ctx>) -> Json<Vec<Notice>> {
    Json(notices(&ctx))
}

/// One announcement on the page.
struct Card {
    id: String,
    severity: &'static str,
    title: String,
    text: String,
    who: String,
    at: String,
    index: u64,
    over: bool,
    withdrawn: Option<(String, String, u64)>,
}

#[derive(Template)]
#[template(path = "bulletin.html")]
struct BulletinPage {
    s: Shell,
    list: Vec<Card>,
    proven: bool,
}

/// `GET /announcements`
pub(super) async fn page(State(ctx): State<Ctx>, headers: HeaderMap) -> Response {
    let s = Shell::public(&headers, "announcements", "/announcements");
    let (lang, now) = (s.lang, ctx.clock.now());
    let card = |it: Notice| Card {
        over: it.withdrawn.is_some() || it.until.is_some_and(|until| until <= now),
        id: it.id,
        severity: it.severity,
        title: lang.of(&it.title).to_owned(),
        text: lang.of(&it.text).to_owned(),
        who: lang.of(&it.organisation).to_owned(),
        at: it.at.to_string(),
        index: it.index,
        withdrawn: it.withdrawn.map(|it| (it.at.to_string(), lang.of(&it.reason).to_owned(), it.index)),
    };
    let list = notices(&ctx).into_iter().map(card).collect();
    web::page(StatusCode::OK, &BulletinPage { list, proven: ctx.registry.ledger().is_some(), s })
}

/// `GET /announcements/feed.atom`
pub(super) async fn feed(State(ctx): State<Ctx>, headers: HeaderMap) -> Response {
    let (lang, url) = (language(&headers), ctx.config.public_url());
    let notices = notices(&ctx);
    Feed {
        id: format!("{url}/announcements/feed.atom"),
        title: lang.text("bulletin-title"),
        page: format!("{url}/announcements"),
        author: notices.first().map_or_else(|| lang.text("name"), |it| lang.of(&it.organisation).to_owned()),
        updated: notices.iter().map(changed).max().unwrap_or(Moment::MIN),
        entries: notices.iter().map(|it| entry(it, lang, &url)).collect(),
    }
    .into_response()
}

fn changed(it: &Notice) -> Moment {
    it.withdrawn.as_ref().map_or(it.at, |gone| gone.at)
}

fn entry(it: &Notice, lang: Lang, url: &str) -> Entry {
    let (title, text) = match &it.withdrawn {
        None => (lang.of(&it.title).to_owned(), lang.of(&it.text).to_owned()),
        Some(gone) => {
            let title = lang.text_with("bulletin-withdrawn-title", &[("title", lang.of(&it.title).into())]);
            (title, lang.of(&gone.reason).to_owned())
        }
    };
    Entry {
        id: format!("{url}/announcements#{}", it.id),
        title,
        page: format!("{url}/announcements#{}", it.id),
        updated: changed(it),
        categories: vec![it.severity.to_owned()],
        text,
    }
}

#[cfg(test)]
mod tests {
    use touchstone_registry::statement::Severity;

    use super::*;

    fn said(index: u64, id: &str, organisation: &str) -> (u64, Announcement) {
        let words = |text: &str| Bilingual { zh: text.to_owned(), en: text.to_owned() };
        let it = Announcement {
            id: id.to_owned(),
            severity: Severity::Safety,
            title: words(id),
            text: words("text"),
            organisation: organisation.to_owned(),
            at: Moment::from_micros(i64::try_from(index).unwrap_or(0)).unwrap_or(Moment::MIN),
            until: None,
        };
        (index, it)
    }

    #[test]
    fn the_newest_comes_first_and_a_withdrawal_stands_at_what_it_takes_back() {
        let all = [said(3, "a", "demo"), said(5, "b", "demo"), said(8, "a.withdrawn", "demo")];
        let shown = fold(&all, |_| None);
        assert_eq!(shown.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(shown[1].withdrawn.as_ref().map(|it| it.index), Some(8));
        assert!(shown[0].withdrawn.is_none());
    }

    #[test]
    fn nobody_takes_back_what_another_said() {
        let shown = fold(&[said(3, "a", "demo"), said(8, "a.withdrawn", "other")], |_| None);
        assert!(shown.iter().all(|it| it.withdrawn.is_none()));
    }
}
