//! Who is official, for people: `/registry`, the history of one identity, and the feed.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use touchstone_registry::{Identity, Registry, Statement};
use touchstone_types::{Bilingual, Moment};

use super::changes::{self, Happened};
use super::ledger::Listed;
use super::serve::Visitor;
use crate::api::error::ApiError;
use crate::console::i18n::Lang;
use crate::console::shell::Shell;
use crate::console::web;
use crate::ctx::Ctx;
use crate::feed;

/// How many identities a page shows.
const PAGE: usize = 50;
/// How many things that happened a page or feed shows.
const NEWEST: usize = 50;
/// How much of the history of one identity is shown.
const HISTORY: usize = 200;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
    status: String,
    from: usize,
}

/// One identity, as it is shown.
pub(crate) struct Shown {
    pub(crate) href: String,
    pub(crate) kind: String,
    pub(crate) value: String,
    pub(crate) platform: String,
    pub(crate) organisation: String,
    pub(crate) status: &'static str,
    pub(crate) since: String,
    pub(crate) ends: String,
    pub(crate) reason: String,
    pub(crate) purposes: String,
}

/// One thing that happened, as it is shown.
pub(crate) struct Event {
    pub(crate) index: u64,
    pub(crate) at: String,
    pub(crate) what: String,
    pub(crate) href: String,
    pub(crate) more: String,
}

/// A choice of what to see.
pub(crate) struct Filter {
    pub(crate) name: &'static str,
    pub(crate) here: bool,
}

#[derive(Template)]
#[template(path = "registry.html")]
struct Page {
    s: Shell,
    query: String,
    status: String,
    filters: Vec<Filter>,
    list: Vec<Shown>,
    found: usize,
    next: Option<String>,
    news: Vec<Event>,
    is_proved: bool,
    size: u64,
    taken: Option<String>,
}

#[derive(Template)]
#[template(path = "registry_one.html")]
struct OnePage {
    s: Shell,
    it: Shown,
    history: Vec<Event>,
}

#[derive(Template)]
#[template(path = "message.html")]
struct NothingHere {
    s: Shell,
    title: String,
    text: String,
    href: String,
    link: String,
}

const STATUSES: [&str; 6] = ["", "listed", "not_yet", "voided", "lapsed", "revoked"];

/// `GET /registry`
pub(crate) async fn list(
    _: Visitor,
    State(ctx): State<Ctx>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let s = Shell::public(&headers, "registry", "/registry");
    let (listed, now) = (ctx.registry.now(), ctx.clock.now());
    let status = STATUSES.iter().copied().find(|it| *it == asked.status).unwrap_or_default();
    let query: String = asked.q.trim().chars().take(200).collect();
    let (list, found) = find(&listed, &query, status, asked.from, s.lang, now);
    let shown = asked.from.saturating_add(list.len());
    let next =
        (shown < found).then(|| format!("/registry?q={}&status={status}&from={shown}", web::encoded(&query)));
    let news = match ctx.registry.ledger().is_some() && query.is_empty() && asked.from == 0 {
        true => changes::newest(&ctx, 10).await.map_err(ApiError::store)?,
        false => Vec::new(),
    };
    let news = news.iter().map(|it| event(it, &listed.registry, s.lang)).collect();
    let filters = STATUSES.map(|name| Filter { name, here: name == status }).into();
    let (is_proved, size) = (listed.checkpoint.is_some(), listed.size);
    let taken = listed.at().map(|it| it.to_string());
    let status = status.to_owned();
    let page = Page { s, query, status, filters, list, found, next, news, is_proved, size, taken };
    Ok(web::page(StatusCode::OK, &page))
}

/// What fits, newest first, and how many there are in all.
fn find(
    listed: &Listed,
    query: &str,
    status: &str,
    from: usize,
    lang: Lang,
    now: Moment,
) -> (Vec<Shown>, usize) {
    let needle = query.trim_start_matches('@').to_lowercase();
    let fits = |it: &&Identity| {
        let of = || listed.registry.holder(it);
        let said = |text: &str| text.to_lowercase().contains(&needle);
        let named = || of().is_some_and(|it| said(&it.name.zh) || said(&it.name.en) || said(&it.id));
        (status.is_empty() || it.status(now).name() == status)
            && (needle.is_empty() || said(&it.shown) || it.value.contains(&needle) || named())
    };
    let mut found = 0;
    let mut list = Vec::new();
    for it in listed.registry.identities().iter().rev().filter(fits) {
        if found >= from && list.len() < PAGE {
            list.push(shown(it, &listed.registry, lang, now));
        }
        found += 1;
    }
    (list, found)
}

fn shown(it: &Identity, registry: &Registry, lang: Lang, now: Moment) -> Shown {
    let status = it.status(now);
    Shown {
        href: it.id.as_deref().map(|id| format!("/registry/{}", web::encoded(id))).unwrap_or_default(),
        kind: lang.text(&format!("identity-{}", it.kind.name().replace('_', "-"))),
        value: it.shown.to_string(),
        platform: it.platform.as_deref().or(it.chain.as_deref()).unwrap_or_default().to_owned(),
        organisation: registry.holder(it).map(|it| lang.of(&it.name).to_owned()).unwrap_or_default(),
        status: status.name(),
        since: status.since().map(|it| it.to_string()).unwrap_or_default(),
        ends: match (status.counts(), it.ends()) {
            (true, Some((until, _))) => until.to_string(),
            _ => String::new(),
        },
        reason: status.reason().map(|it| lang.of(&it).to_owned()).unwrap_or_default(),
        purposes: it.purposes.join(lang.text("list-comma").as_str()),
    }
}

/// `GET /registry/{id}`: one identity and everything the log says of it.
pub(crate) async fn one(
    _: Visitor,
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let s = Shell::public(&headers, "registry", "/registry");
    let listed = ctx.registry.now();
    let Some(identity) = listed.registry.identity(&id) else {
        let (title, text) = (s.t("not-found-title"), s.t("registry-no-such"));
        let link = s.t("registry-title");
        let page = NothingHere { s, title, text, href: "/registry".to_owned(), link };
        return Ok(web::page(StatusCode::NOT_FOUND, &page));
    };
    let it = shown(identity, &listed.registry, s.lang, ctx.clock.now());
    let leaves = ctx.store.leaves_about(&id, HISTORY).await.map_err(ApiError::store)?;
    let known = leaves.iter().filter(|it| it.index < listed.size);
    let happened = known.filter_map(|it| changes::happened(it, &listed.registry));
    let history = happened.map(|it| event(&it, &listed.registry, s.lang)).collect();
    Ok(web::page(StatusCode::OK, &OnePage { s, it, history }))
}

/// The name of what a statement is about, for people.
fn named(it: &Happened, registry: &Registry, lang: Lang) -> String {
    let organisation = registry.organisation(&it.organisation);
    let name = organisation.map(|it| lang.of(&it.name).to_owned()).unwrap_or_default();
    let value = match &it.statement {
        Statement::Identity(it) => it.value.clone(),
        Statement::Key(it) => it.uses.name().to_owned(),
        Statement::Announcement(it) => lang.of(&it.title).to_owned(),
        _ => registry.identity(&it.about).map(|it| it.shown.to_string()).unwrap_or_default(),
    };
    match (value.is_empty(), name.is_empty()) {
        (false, false) => lang.text_with("registry-of", &[("value", value.into()), ("name", name.into())]),
        (true, _) => name,
        (false, true) => value,
    }
}

fn event(it: &Happened, registry: &Registry, lang: Lang) -> Event {
    let said = lang.text(&format!("stated-{}", it.statement.name()));
    let more: Option<Bilingual> = match &it.statement {
        Statement::Voided(it) => Some(it.reason.sentence()),
        Statement::Revoked(it) => Some(it.reason.clone()),
        _ => None,
    };
    let href = match &it.statement {
        Statement::Organisation(_)
        | Statement::Key(_)
        | Statement::Announcement(_)
        | Statement::Snapshot(_) => String::new(),
        _ => format!("/registry/{}", web::encoded(&it.about)),
    };
    Event {
        index: it.index,
        at: it.at.to_string(),
        what: lang.text_with(
            "registry-happened",
            &[("what", said.into()), ("of", named(it, registry, lang).into())],
        ),
        href,
        more: more.map(|it| lang.of(&it).to_owned()).unwrap_or_default(),
    }
}

/// `GET /registry/feed.atom`
pub(crate) async fn atom(
    _: Visitor,
    State(ctx): State<Ctx>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let ledger = ctx.registry.ledger().ok_or(ApiError::NotFound)?;
    let (base, listed) = (ctx.config.public_url(), ctx.registry.now());
    let lang = Shell::public(&headers, "registry", "/registry").lang;
    let news = changes::newest(&ctx, NEWEST).await.map_err(ApiError::store)?;
    let entries = news.iter().map(|it| {
        let shown = event(it, &listed.registry, lang);
        feed::Entry {
            id: format!("{base}/log/proof/{}", it.index),
            page: format!("{base}{}", if shown.href.is_empty() { "/registry" } else { &shown.href }),
            title: shown.what,
            updated: it.at,
            categories: vec![it.statement.name().to_owned()],
            text: shown.more,
        }
    });
    let feed = feed::Feed {
        id: format!("{base}/registry/feed.atom"),
        title: lang.text("registry-feed"),
        page: format!("{base}/registry"),
        author: ledger.origin().to_owned(),
        updated: news.first().map_or(Moment::MIN, |it| it.at),
        entries: entries.collect(),
    };
    Ok(feed.into_response())
}
