//! Server-sent events that say that a case changed; the page then fetches itself. They carry a
//! number and nothing of the case.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::flow;
use super::mine::failed;
use crate::api::error::ApiError;
use crate::ctx::Ctx;

/// How often to look without having been told: for what other replicas did.
const LOOK: Duration = Duration::from_secs(5);
/// Changes in a burst are told once.
const CALM: Duration = Duration::from_millis(200);
/// After this long without a change a comment says that the stream lives.
const ALIVE: Duration = Duration::from_secs(15);

/// `GET /case/{token}/live`
pub(super) async fn stream(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let id = match flow::open_by_link(&ctx, &token).await {
        Ok(open) => open.row.id,
        Err(error) => return failed(&headers, &error),
    };
    let Ok(permit) = Arc::clone(&ctx.cases.streams).try_acquire_owned() else {
        let reason = "too many live streams are open";
        return ApiError::Unavailable { reason, wait: 10, cause: None }.into_response();
    };
    let (out, events) = mpsc::channel::<Result<Event, Infallible>>(4);
    tokio::spawn(async move {
        let mut changes = ctx.cases.watch();
        let mut sent = None;
        // A store that does not answer now may answer next time; the stream stays.
        loop {
            if let Ok(row) = ctx.store.case_columns(id).await
                && sent != Some(row.version)
            {
                let event = Event::default().event("version").data(row.version.to_string());
                if out.send(Ok(event)).await.is_err() {
                    break;
                }
                sent = Some(row.version);
            }
            tokio::select! {
                () = ctx.stop.wait() => break,
                () = out.closed() => break,
                changed = changes.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    tokio::time::sleep(CALM).await;
                }
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        drop(permit);
    });
    let alive = KeepAlive::new().interval(ALIVE);
    Sse::new(ReceiverStream::new(events)).keep_alive(alive).into_response()
}
