//! `/transparency`: what became of all cases, for everybody, as page, JSON and feed.
//!
//! The way through: [`edition`] asks the store for counts by month, never for cases, and
//! `touchstone_cases::public` makes an edition of them in which nobody can be found.
//!
//! Always true here:
//! - Nothing of a single case reaches this part: the store counts.
//! - An edition is made once a minute at most, however many ask.
//! - Page, JSON and feed say the same numbers.

mod page;
mod shown;

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use touchstone_cases::public::{Edition, Lasted, Month, Tallies, Tally, Took, publish, running_at};
use touchstone_store::{Counted, MAX_MONTHS, Measured, StoreError};
use touchstone_types::{Bilingual, Lapse, Moment};

use crate::api::endpoint::{Content, Endpoint};
use crate::api::error::ApiError;
use crate::console::i18n::Lang;
use crate::ctx::Ctx;

/// How long an edition is good for.
const FRESH: Lapse = Lapse::from_secs(60);

/// The last edition that was made, and when; it is `None` inside while there is no case.
#[derive(Default)]
pub struct Published(Mutex<Option<(Moment, Option<Arc<Edition>>)>>);

/// The edition of this minute; `None` while there is no case.
async fn edition(ctx: &Ctx) -> Result<Option<Arc<Edition>>, StoreError> {
    // Whoever comes while it is made waits for it: a crowd asks the store once.
    let mut kept = ctx.published.0.lock().await;
    let now = ctx.clock.now();
    if let Some((at, edition)) = kept.as_ref()
        && *at <= now
        && now.since(*at) < FRESH
    {
        return Ok(edition.clone());
    }
    let made = make(ctx, now).await?.map(Arc::new);
    *kept = Some((now, made.clone()));
    Ok(made)
}

async fn make(ctx: &Ctx, now: Moment) -> Result<Option<Edition>, StoreError> {
    let Some(first) = ctx.store.first_case().await? else { return Ok(None) };
    let running = running_at(now);
    let most = u32::try_from(MAX_MONTHS).unwrap_or(u32::MAX) - 1;
    let first = Month::of(first).min(running).max(running.back(most));
    let bounds: Vec<Moment> =
        first.until(running).chain([running, running.next()]).map(Month::start).collect();
    let tallies = Tallies {
        reports: count(ctx, Counted::Reports, &bounds).await?,
        outcomes: count(ctx, Counted::Outcomes, &bounds).await?,
        breaches: count(ctx, Counted::Breaches, &bounds).await?,
        referrals: count(ctx, Counted::Referrals, &bounds).await?,
        freezes: count(ctx, Counted::Freezes, &bounds).await?,
        answered: lasted(ctx, Measured::Answer, &bounds, running).await?,
        ended: lasted(ctx, Measured::Outcome, &bounds, running).await?,
    };
    Ok(Some(publish(&tallies, first, running)))
}

async fn count(ctx: &Ctx, what: Counted, bounds: &[Moment]) -> Result<Vec<Tally>, StoreError> {
    let counts = ctx.store.case_counts(what, bounds).await?;
    Ok(counts.into_iter().map(|it| Tally { month: Month::of(it.month), group: it.group, n: it.n }).collect())
}

async fn lasted(ctx: &Ctx, what: Measured, bounds: &[Moment], running: Month) -> Result<Lasted, StoreError> {
    let finished = &bounds[..bounds.len().saturating_sub(1)];
    let took = ctx.store.case_lengths(what, finished).await?;
    let finished = took
        .into_iter()
        .map(|it| Took { month: Month::of(it.month), minutes: it.minutes, n: it.n })
        .collect();
    let running = ctx.store.case_lengths_since(what, running.start(), running.next().start()).await?;
    Ok(Lasted { finished, running })
}

/// The pages for everybody.
pub(crate) fn pages() -> Router<Ctx> {
    Router::new().route("/transparency", get(page::page)).route("/transparency/feed.atom", get(page::feed))
}

/// How it is counted, said wherever the numbers are.
fn counting() -> Vec<(&'static str, Bilingual)> {
    let of = |key| {
        let key = format!("published-how-{key}");
        Bilingual { zh: Lang::Zh.text(&key), en: Lang::En.text(&key) }
    };
    ["when", "reports", "first-answer", "outcome", "breaches", "referrals", "freezes", "small", "running"]
        .map(|it| (it, of(it)))
        .into()
}

/// The document at `/transparency.json`.
#[derive(Serialize)]
struct Document<'a> {
    /// Name and version of this form.
    schema: &'static str,
    /// How it is counted.
    counting: serde_json::Map<String, Value>,
    /// Groups of fewer than this are merged.
    smallest_group: u64,
    /// The numbers; null while there is no case.
    edition: Option<&'a Edition>,
}

async fn json_document(State(ctx): State<Ctx>) -> Result<Response, ApiError> {
    let edition = edition(&ctx).await.map_err(ApiError::store)?;
    let counting = counting().into_iter().map(|(key, text)| (key.replace('-', "_"), json!(text))).collect();
    let document = Document {
        schema: "touchstone-transparency/1",
        counting,
        smallest_group: touchstone_cases::public::SMALLEST,
        edition: edition.as_deref(),
    };
    Ok(([(header::CACHE_CONTROL, "public, max-age=60")], Json(json!(document))).into_response())
}

/// `GET /transparency.json`
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint {
        method: "get",
        path: "/transparency.json",
        id: "transparency",
        summary: ("报案处理公开数据", "What became of the reports"),
        description: "Reports, time to the first human answer and to the outcome, outcomes, broken time \
            limits, referrals and freezes, by month (UTC), for everybody. Each number of a finished month is 0 \
            or 5 and more; of the month that is not published yet only totals are told, rounded down to fives. \
            A month is published a day after its end. `counting` says how each is counted. Made anew once a \
            minute.",
        scope: None,
        parameters: Vec::new(),
        bodies: Vec::new(),
        answers: vec![Content::schema("application/json", schema())],
        problems: &[],
        handler: get(json_document),
    }]
}

/// The JSON Schema of the document.
fn schema() -> Value {
    let month = json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$" });
    let n = json!({ "type": "integer", "minimum": 0, "description": "0, or 5 and more" });
    let object = |properties: Value| {
        let required: Vec<String> =
            properties.as_object().map(|it| it.keys().cloned().collect()).unwrap_or_default();
        json!({ "type": "object", "properties": properties, "required": required })
    };
    let list = |items: &Value| json!({ "type": "array", "items": items });
    let groups = list(&object(json!({ "name": { "type": "string" }, "n": n })));
    let period = object(json!({ "from": month, "to": month, "n": n, "groups": groups, "other": n }));
    let running = object(json!({ "since": month, "n": n }));
    let series = object(json!({ "finished": list(&period), "running": running }));
    let minutes =
        json!({ "type": "integer", "minimum": 0, "description": "minutes, rounded up to two digits" });
    let times =
        object(json!({ "from": month, "to": month, "median_minutes": minutes, "p90_minutes": minutes }));
    let durations =
        object(json!({ "finished": list(&times), "running": { "anyOf": [times, { "type": "null" }] } }));
    let edition = object(json!({
        "first": month, "running": month,
        "reports": series, "outcomes": series, "breaches": series, "referrals": series, "freezes": series,
        "first_answer": durations, "outcome_after": durations,
    }));
    object(json!({
        "schema": { "const": "touchstone-transparency/1" },
        "counting": { "type": "object", "additionalProperties": object(json!({ "zh": { "type": "string" }, "en": { "type": "string" } })) },
        "smallest_group": { "type": "integer" },
        "edition": { "anyOf": [edition, { "type": "null" }] },
    }))
}
