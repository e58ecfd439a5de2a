//! `/console/search`: by account, link, address or phrase.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use touchstone_accounts::Permission;
use touchstone_store::{Entity, EntityKind, StoreError, StoredVerdict, VerdictFilter};

use super::show;
use super::staff::{Instead, Staff, failed};
use super::views::{Choice, SearchPage};
use super::web;
use crate::ctx::Ctx;

/// How many results a page shows.
const PAGE: usize = 100;
/// The longest question, in characters.
const LONGEST: usize = 400;

const KINDS: [(&str, &str); 5] = [
    ("", "by-any"),
    ("account", "by-account"),
    ("link", "by-link"),
    ("address", "by-address"),
    ("phrase", "by-phrase"),
];

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Question {
    q: String,
    by: String,
}

/// `GET /console/search`
pub(crate) async fn search(
    State(ctx): State<Ctx>,
    Query(question): Query<Question>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::ReadVerdicts)?;
    let s = staff.at("search");
    let query: String = question.q.trim().chars().take(LONGEST).collect();
    let mut found = BTreeMap::new();
    if !query.is_empty() {
        for filter in filters(&query, &question.by) {
            for it in ask(&ctx, &filter).await.map_err(failed(&s))? {
                found.insert(it.seq, it);
            }
        }
    }
    let more = found.len() > PAGE;
    let list = found.values().rev().take(PAGE).map(show::row).collect();
    let kinds = KINDS
        .iter()
        .map(|(name, label)| Choice {
            name: (*name).to_owned(),
            label: s.t(label),
            about: String::new(),
            here: question.by == *name,
        })
        .collect();
    Ok(web::page(StatusCode::OK, &SearchPage { s, query, kinds, list, more }))
}

async fn ask(ctx: &Ctx, filter: &VerdictFilter) -> Result<Vec<StoredVerdict>, StoreError> {
    Ok(ctx.store.verdicts(filter, None, PAGE + 1).await?.items)
}

/// The questions to the store that one search makes: each is answered by an index.
fn filters(query: &str, by: &str) -> Vec<VerdictFilter> {
    let entity = |kind| VerdictFilter { entity: Some(Entity::new(kind, query)), ..VerdictFilter::default() };
    let handle = query.trim_start_matches('@');
    let account = || {
        let named = VerdictFilter {
            entity: Some(Entity::new(EntityKind::Handle, handle)),
            ..VerdictFilter::default()
        };
        vec![VerdictFilter { account: Some(query.to_owned()), ..VerdictFilter::default() }, named]
    };
    let link = || {
        let host = host(query);
        vec![VerdictFilter {
            entity: Some(Entity::new(EntityKind::Domain, host)),
            ..VerdictFilter::default()
        }]
    };
    let phrase = || vec![VerdictFilter { phrase: Some(query.to_owned()), ..VerdictFilter::default() }];
    let rest = [EntityKind::Address, EntityKind::Email, EntityKind::Phone, EntityKind::Package];
    match by {
        "account" => account(),
        "link" => link(),
        "address" => vec![entity(EntityKind::Address)],
        "phrase" => phrase(),
        _ => [account(), link(), rest.map(entity).to_vec(), phrase()].concat(),
    }
}

/// The host of a link, or the text itself.
fn host(query: &str) -> &str {
    let rest = query.split_once("://").map_or(query, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_by_its_host() {
        for (query, expected) in [
            ("https://a.example/x?y", "a.example"),
            ("a.example", "a.example"),
            ("http://b.example", "b.example"),
        ] {
            assert_eq!(host(query), expected);
        }
    }

    #[test]
    fn every_kind_asks_what_it_says() {
        assert!(filters("x", "phrase").iter().all(|it| it.phrase.is_some()));
        assert!(filters("x", "account").iter().any(|it| it.account.as_deref() == Some("x")));
        assert!(filters("@lantern", "account")[1].entity.as_ref().is_some_and(|it| it.value == "lantern"));
        assert!(filters("x", "").len() > 5);
    }
}
