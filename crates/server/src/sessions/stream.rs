//! Server-sent events that say how things stand, whenever they changed.
//!
//! Another replica's changes are not heard here, so each stream also looks by itself every
//! [`LOOK`]; so does it notice what ends by the clock.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::api::error::ApiError;
use crate::ctx::Ctx;

/// How often to look without having been told.
const LOOK: Duration = Duration::from_secs(2);

/// After this long without a change a comment says that the stream lives.
const ALIVE: Duration = Duration::from_secs(15);

/// Sends what `look` gives, at first and whenever it differs from what was sent last; ends when
/// `look` gives nothing any more.
pub(super) fn follow<F, R>(ctx: &Ctx, look: F) -> Result<Response, ApiError>
where
    F: Fn(Ctx) -> R + Send + 'static,
    R: Future<Output = Option<String>> + Send,
{
    let permit = Arc::clone(&ctx.streams).try_acquire_owned().map_err(|_| ApiError::Unavailable {
        reason: "too many live streams are open",
        wait: 10,
        cause: None,
    })?;
    let (out, events) = mpsc::channel::<Result<Event, Infallible>>(8);
    let ctx = ctx.clone();
    tokio::spawn(async move {
        let mut changes = ctx.talk.changes.subscribe();
        let mut sent = None;
        loop {
            let Some(now) = look(ctx.clone()).await else { break };
            if sent.as_ref() != Some(&now) {
                if out.send(Ok(Event::default().event("now").data(&now))).await.is_err() {
                    break;
                }
                sent = Some(now);
            }
            tokio::select! {
                () = ctx.stop.wait() => break,
                () = out.closed() => break,
                changed = changes.changed() => if changed.is_err() { break },
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        drop(permit);
    });
    let alive = KeepAlive::new().interval(ALIVE);
    Ok(Sse::new(ReceiverStream::new(events)).keep_alive(alive).into_response())
}
