//! Verdicts as they come, as server-sent events.
//!
//! Always true here:
//! - Every stream reads the log itself, in its order, from where it last was: none misses an
//!   event, none sees one twice, however slow it is.
//! - The id of each event is its place in the log: a client that comes back with
//!   `Last-Event-ID` goes on there, on whichever replica.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use touchstone_store::Seq;

use super::error::ApiError;
use super::shown::{VerdictView, Wanted};
use crate::ctx::Ctx;

/// How many events are read from the log at a time.
const PAGE: usize = 256;

/// Watchers look at most this often: a person reads no faster.
const BREATH: Duration = Duration::from_millis(25);

/// After this long without an event a comment says that the stream lives.
const ALIVE: Duration = Duration::from_secs(15);

type Out = mpsc::Sender<Result<Event, Infallible>>;

/// The answer that goes on and on.
pub(super) fn stream(ctx: &Ctx, after: Seq, wanted: Wanted) -> Result<Response, ApiError> {
    let permit = Arc::clone(&ctx.streams).try_acquire_owned();
    let permit = permit.map_err(|_| ApiError::Unavailable {
        reason: "too many live streams are open",
        wait: 10,
        cause: None,
    })?;
    let (out, events) = mpsc::channel(PAGE);
    tokio::spawn(follow(ctx.clone(), after, wanted, out, permit));
    let alive = KeepAlive::new().interval(ALIVE);
    Ok(Sse::new(ReceiverStream::new(events)).keep_alive(alive).into_response())
}

async fn follow(ctx: Ctx, mut at: Seq, wanted: Wanted, out: Out, permit: OwnedSemaphorePermit) {
    ctx.metrics.streams.inc();
    let mut head = ctx.hub.watch();
    loop {
        tokio::select! {
            biased;
            () = ctx.stop.wait() => break,
            () = out.closed() => break,
            grown = head.wait_for(|head| *head > at) => if grown.is_err() { break },
        }
        match show(&ctx, &mut at, &wanted, &out).await {
            Ok(()) => tokio::time::sleep(BREATH).await,
            Err(Gone) => break,
        }
    }
    ctx.metrics.streams.dec();
    drop(permit);
}

/// Nobody listens any more, or the log cannot be read: the client comes back by itself.
struct Gone;

async fn show(ctx: &Ctx, at: &mut Seq, wanted: &Wanted, out: &Out) -> Result<(), Gone> {
    loop {
        let page = ctx.store.after(*at, PAGE).await.map_err(|cause| {
            tracing::warn!(%cause, "a live stream cannot read the log");
            Gone
        })?;
        let last = page.len() < PAGE;
        for logged in page {
            *at = logged.seq;
            let Some(view) = VerdictView::of_logged(logged, wanted) else { continue };
            let event = Event::default().event("verdict").id(at.to_string()).json_data(view);
            out.send(Ok(event.map_err(|_| Gone)?)).await.map_err(|_| Gone)?;
        }
        if last {
            return Ok(());
        }
    }
}
