//! Server-sent events that bring the desk's pages up to date.
//!
//! Changes of this process are heard at once; those of another, and what time does, are found by
//! looking every [`LOOK`]. The words for the time that is left run on in the browser and are no
//! reason to send anything.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::console::staff::Instead;
use crate::ctx::Ctx;

/// How often to look without having been told.
const LOOK: Duration = Duration::from_secs(5);
/// After this long without a change a comment says that the stream lives.
const ALIVE: Duration = Duration::from_secs(15);
/// However much happens, a page is not drawn anew more often.
const BREATH: Duration = Duration::from_millis(250);

/// How things stand.
pub(super) struct Look {
    /// What is compared.
    pub(super) what: String,
    /// What is sent.
    pub(super) html: String,
}

/// Sends what `look` gives whenever it differs from what was sent last; ends when it gives
/// nothing any more.
pub(super) fn follow<F, R>(ctx: &Ctx, look: F) -> Result<Response, Instead>
where
    F: Fn(Ctx) -> R + Send + 'static,
    R: Future<Output = Option<Look>> + Send,
{
    let Ok(permit) = Arc::clone(&ctx.streams).try_acquire_owned() else {
        return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
    };
    let (out, events) = mpsc::channel::<Result<Event, Infallible>>(8);
    let ctx = ctx.clone();
    tokio::spawn(async move {
        let mut changes = ctx.cases.watch();
        let mut sent = None;
        loop {
            let Some(now) = look(ctx.clone()).await else {
                let _ = out.send(Ok(Event::default().event("gone").data("-"))).await;
                break;
            };
            if sent.as_ref() != Some(&now.what) {
                if out.send(Ok(Event::default().event("now").data(&now.html))).await.is_err() {
                    break;
                }
                sent = Some(now.what);
            }
            tokio::time::sleep(BREATH).await;
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

/// The same without what time alone changes: the words and the bar of a deadline.
pub(super) fn without_time(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<progress") {
        let end = rest[at..].find("</span></span>").map_or(rest.len(), |it| at + it);
        kept.push_str(&rest[..at]);
        rest = &rest[end..];
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_alone_is_no_change() {
        let at = |words: &str, class: &str, owner: &str| {
            without_time(&format!(
                "<li>{owner}<span class=\"left {class}\"><progress max=\"100\" value=\"3\"></progress><span class=\"words\">{words}</span></span></li>"
            ))
        };
        assert_eq!(at("3 min left", "ok", "ann"), at("2 min left", "ok", "ann"));
        assert_ne!(at("3 min left", "ok", "ann"), at("1 min late", "late", "ann"));
        assert_ne!(at("3 min left", "ok", "ann"), at("3 min left", "ok", "bob"));
    }
}
