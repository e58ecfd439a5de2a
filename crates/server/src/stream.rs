//! Server-sent events that say how things stand, whenever they changed.
//!
//! Always true here:
//! - What another replica changed, and what time changes, is found by looking from time to time.
//! - A store that does not answer now may answer next time: the stream stays.
//! - However much happens, nothing is drawn anew more often than every [`BREATH`].

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;

use crate::api::error::ApiError;
use crate::ctx::Ctx;

/// After this long without a change a comment says that the stream lives.
const ALIVE: Duration = Duration::from_secs(15);
/// The shortest time between two looks.
const BREATH: Duration = Duration::from_millis(250);

/// What a look found.
pub(crate) enum Look {
    /// How things stand: what is compared with the last time, and what is sent.
    Now {
        /// What is compared.
        what: String,
        /// What is sent.
        data: String,
    },
    /// Nothing could be read now.
    Busy,
    /// Whoever looks may look no longer: they are told, and the stream ends.
    Gone,
}

impl Look {
    /// What is sent is what is compared.
    pub(crate) fn same(data: Option<String>) -> Self {
        data.map_or(Look::Busy, |data| Look::Now { what: data.clone(), data })
    }
}

/// Sends what `look` finds, at first and whenever it differs from what was sent last. It looks
/// after each of the `changes`, and every so often without having been told.
pub(crate) fn follow<F, R>(
    ctx: &Ctx,
    mut changes: watch::Receiver<u64>,
    every: Duration,
    look: F,
) -> Result<Response, ApiError>
where
    F: Fn(Ctx) -> R + Send + 'static,
    R: Future<Output = Look> + Send,
{
    let permit = Arc::clone(&ctx.streams).try_acquire_owned().map_err(|_| ApiError::Unavailable {
        reason: "too many live streams are open",
        wait: 10,
        cause: None,
    })?;
    let (out, events) = mpsc::channel::<Result<Event, Infallible>>(8);
    let ctx = ctx.clone();
    tokio::spawn(async move {
        let mut sent = None;
        loop {
            match look(ctx.clone()).await {
                Look::Now { what, data } if sent.as_ref() != Some(&what) => {
                    if out.send(Ok(Event::default().event("now").data(&data))).await.is_err() {
                        break;
                    }
                    sent = Some(what);
                }
                Look::Now { .. } | Look::Busy => {}
                Look::Gone => {
                    let _ = out.send(Ok(Event::default().event("gone").data("-"))).await;
                    break;
                }
            }
            tokio::time::sleep(BREATH).await;
            tokio::select! {
                () = ctx.stop.wait() => break,
                () = out.closed() => break,
                changed = changes.changed() => if changed.is_err() { break },
                () = tokio::time::sleep(every) => {}
            }
        }
        drop(permit);
    });
    let alive = KeepAlive::new().interval(ALIVE);
    Ok(Sse::new(ReceiverStream::new(events)).keep_alive(alive).into_response())
}
