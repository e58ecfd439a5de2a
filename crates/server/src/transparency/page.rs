//! The page and the feed.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use touchstone_cases::public::{Edition, Month, published_at};
use touchstone_types::Moment;

use super::shown::{self, Figure, Plot, Table, TimeTable};
use super::{counting, edition};
use crate::api::error::ApiError;
use crate::console::shell::{Shell, language};
use crate::console::web;
use crate::ctx::Ctx;
use crate::feed::{Entry, Feed};

/// How many months a feed holds.
const ENTRIES: usize = 24;

#[derive(Template)]
#[template(path = "transparency.html")]
struct Page {
    s: Shell,
    numbers: Option<Numbers>,
    counting: Vec<(String, String)>,
}

struct Numbers {
    figures: Vec<Figure>,
    plots: Vec<Plot>,
    times: Vec<TimeTable>,
    tables: Vec<Table>,
}

/// `GET /transparency`
pub(super) async fn page(State(ctx): State<Ctx>, headers: HeaderMap) -> Result<Response, ApiError> {
    let s = Shell::public(&headers, "transparency", "/transparency");
    let edition = edition(&ctx).await.map_err(ApiError::store)?;
    let numbers = edition.as_deref().map(|it| Numbers {
        figures: shown::figures(it, &s),
        plots: shown::plots(it, &s),
        times: shown::times(it, &s),
        tables: shown::tables(it, &s, &ctx.cases),
    });
    let named = |(key, text): (&str, _)| (s.t(&format!("published-what-{key}")), s.lang.of(&text).to_owned());
    let counting = counting().into_iter().map(named).collect();
    Ok(web::page(StatusCode::OK, &Page { numbers, counting, s }))
}

/// `GET /transparency/feed.atom`: one entry for each month that is over, newest first.
pub(super) async fn feed(State(ctx): State<Ctx>, headers: HeaderMap) -> Result<Response, ApiError> {
    let (lang, url) = (language(&headers), ctx.config.public_url());
    let s = Shell { lang, ..Shell::public(&headers, "transparency", "/transparency") };
    let edition = edition(&ctx).await.map_err(ApiError::store)?;
    let entries = edition.as_deref().map(|it| entries(it, &s, &ctx, &url)).unwrap_or_default();
    let author = ctx.config.cases.firm_name.clone().unwrap_or_else(|| s.t("name"));
    Ok(Feed {
        id: format!("{url}/transparency/feed.atom"),
        title: s.t("transparency-title"),
        page: format!("{url}/transparency"),
        author,
        updated: entries.first().map_or(Moment::MIN, |it| it.updated),
        entries,
    }
    .into_response())
}

fn entries(edition: &Edition, s: &Shell, ctx: &Ctx, url: &str) -> Vec<Entry> {
    let months: Vec<Month> = edition.first.until(edition.running).collect();
    let entry = |month: &Month| Entry {
        id: format!("{url}/transparency#{month}"),
        title: s.t1("published-entry", "month", month.to_string()),
        page: format!("{url}/transparency#{month}"),
        updated: published_at(*month),
        categories: Vec::new(),
        text: shown::sentences(edition, *month, s, &ctx.cases).join("\n"),
    };
    months.iter().rev().take(ENTRIES).map(entry).collect()
}
