//! `/status/{token}`: how a case stands, for whoever the victim shows it to. Nothing personal.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::mine::{SHARED, failed, standing};
use super::victim::{At, ClockView, Standing, Wall, clocks, key};
use super::{FlowError, flow};
use crate::console::shell::Shell;
use crate::console::web;
use crate::ctx::Ctx;

#[derive(Template)]
#[template(path = "case_status.html")]
struct StatusPage {
    s: Shell,
    reference: String,
    standing: Standing,
    level: String,
    opened: At,
    answered: Option<At>,
    updated: At,
    clocks: Vec<ClockView>,
}

/// `GET /status/{token}`
pub(super) async fn page(State(ctx): State<Ctx>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    match gather(&ctx, &headers, &token).await {
        Ok(page) => web::page(StatusCode::OK, &page),
        Err(error) => failed(&headers, &error),
    }
}

async fn gather(ctx: &Ctx, headers: &HeaderMap, token: &str) -> Result<StatusPage, FlowError> {
    let open = flow::open_by_status(ctx, token).await?;
    // Withdrawn, it looks like one that never was.
    if !ctx.store.case_steps(open.row.id).await?.iter().any(|it| it.step == SHARED) {
        return Err(FlowError::NotFound);
    }
    let s = Shell::public(headers, "case", &format!("/status/{}", web::encoded(token)));
    let wall = Wall::of(ctx, &open);
    let mut standing = standing(ctx, &s, &wall, &open).await?;
    standing.reason = String::new(); // In words for the victim alone.
    Ok(StatusPage {
        reference: open.row.reference.clone(),
        level: s.t(&key("level", open.case.level.as_str())),
        opened: wall.at(open.row.opened),
        answered: open.row.standing.answered.map(|it| wall.at(it)),
        updated: wall.at(ctx.clock.now()),
        clocks: clocks(&s, &wall, &open.case.clocks),
        standing,
        s,
    })
}
