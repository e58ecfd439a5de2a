//! What is new in the log, for programs (`GET /v1/registry/changes`) and readers of feeds
//! (`GET /registry/feed.atom`).

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use touchstone_registry::{Registry, Statement};
use touchstone_store::{Leaf, StoreError};
use touchstone_types::Moment;

use super::serve::Visitor;
use super::told;
use crate::api::asked;
use crate::api::error::ApiError;
use crate::ctx::Ctx;

/// How many entries one answer has at most.
pub(crate) const MOST: usize = 1000;
/// How many it has if nobody says.
const USUAL: usize = 256;
/// How many entries the feed looks back for.
const LOOK_BACK: u64 = 400;

/// What the log says from one place on.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Changes {
    /// The entries, in the order of the log.
    entries: Vec<Entry>,
    /// Ask with this `after` for what follows.
    next: u64,
    /// How many entries the log has.
    size: u64,
}

/// One entry of the log.
#[derive(Serialize, JsonSchema)]
struct Entry {
    /// Its place, from 0; `/log/proof/{index}` proves it.
    index: u64,
    /// When it was written.
    at: Moment,
    /// The statement as it is in the log: docs/registry.md.
    #[schemars(with = "serde_json::Value")]
    statement: Box<RawValue>,
}

/// From where on.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Asked {
    after: u64,
    limit: Option<usize>,
}

/// `GET /v1/registry/changes?after=N`
pub(crate) async fn changes(_: Visitor, State(ctx): State<Ctx>, parts: Parts) -> Result<Response, ApiError> {
    let asked: Asked = asked(&parts)?;
    let size = ctx.registry.now().size;
    if ctx.registry.ledger().is_none() {
        return Err(ApiError::NotFound);
    }
    let limit = asked.limit.unwrap_or(USUAL).clamp(1, MOST);
    let left = usize::try_from(size.saturating_sub(asked.after)).unwrap_or(usize::MAX);
    let leaves = match limit.min(left) {
        0 => Vec::new(), // Nobody asks the store for what is not there.
        count => ctx.store.leaves(asked.after, count).await.map_err(ApiError::store)?,
    };
    let next = leaves.last().map_or(asked.after.min(size), |it| it.index + 1);
    let entries = leaves.into_iter().map(entry).collect::<Result<_, _>>()?;
    Ok(([(header::CACHE_CONTROL, "public, no-cache")], Json(Changes { entries, next, size })).into_response())
}

fn entry(leaf: Leaf) -> Result<Entry, ApiError> {
    let text = String::from_utf8(leaf.bytes).map_err(|cause| ApiError::Internal(cause.into()))?;
    let statement = RawValue::from_string(text).map_err(|cause| ApiError::Internal(cause.into()))?;
    Ok(Entry { index: leaf.index, at: leaf.at, statement })
}

/// One thing that happened, for people.
pub(crate) struct Happened {
    pub(crate) index: u64,
    pub(crate) at: Moment,
    pub(crate) statement: Statement,
    /// Id of the identity or organisation concerned.
    pub(crate) about: String,
    /// Id of the organisation concerned.
    pub(crate) organisation: String,
}

/// The newest things that happened, newest first; not the snapshots.
///
/// # Errors
/// Those of reading.
pub(crate) async fn newest(ctx: &Ctx, most: usize) -> Result<Vec<Happened>, StoreError> {
    let listed = ctx.registry.now();
    let from = listed.size.saturating_sub(LOOK_BACK);
    let count = usize::try_from(listed.size - from).unwrap_or_default();
    if count == 0 {
        return Ok(Vec::new());
    }
    let leaves = ctx.store.leaves(from, count).await?;
    let happened = leaves.iter().rev().filter_map(|it| happened(it, &listed.registry));
    Ok(happened.filter(|it| !matches!(it.statement, Statement::Snapshot(_))).take(most).collect())
}

/// What a leaf says; none if it cannot be read, which was refused before.
pub(crate) fn happened(leaf: &Leaf, registry: &Registry) -> Option<Happened> {
    let statement = Statement::from_leaf(&leaf.bytes).ok()?;
    let (about, organisation) = told::about(&statement, registry);
    Some(Happened { index: leaf.index, at: leaf.at, statement, about, organisation })
}
