//! Is this really support? The answer engine's doors for everybody: the page `/` and `/v1/check`.
//!
//! Always true here:
//! - No account, no key, no cookie is needed.
//! - A query is answered and forgotten: it is in no log, no metric and no address that we make.
//! - How much one address may ask is limited.

mod page;
mod show;

use std::net::IpAddr;

use axum::Router;
use axum::routing::get;
use touchstone_screening::answer::{Answer, Refusal, answer};

use crate::ctx::Ctx;
use crate::limits::{Rate, RateLimiter, Wait};

/// How much one address may ask: a question a second, and a handful at once. Long ones cost more.
const RATE: Rate = Rate { per_second: 1.0, burst: 30.0 };
/// So many bytes cost as much as one question.
const BYTES_A_QUESTION: usize = 4_096;

/// The words that the page's script needs; it makes none of its own.
pub(crate) const KEPT_WORDS: [&str; 20] = [
    "kept-ready",
    "kept-stale",
    "kept-unsupported",
    "kept-refused",
    "kept-older",
    "kept-keys-changed",
    "kept-none",
    "kept-offline",
    "kept-advice",
    "kept-proven",
    "kept-denied",
    "kept-word-listed",
    "kept-word-name",
    "kept-word-revoked",
    "kept-word-unknown",
    "kept-listed",
    "kept-name",
    "kept-ended",
    "kept-not-found",
    "kept-way-in",
];

/// Who has asked how much.
pub(crate) fn limiter() -> RateLimiter<IpAddr> {
    RateLimiter::new(RATE)
}

/// The pages.
pub(crate) fn router() -> Router<Ctx> {
    Router::new().route("/", get(page::open).post(page::ask)).route("/sw.js", get(page::worker))
}

/// Why there is no answer.
pub(crate) enum NoAnswer {
    /// There is nothing to look up, or too much. Next: ask something else.
    Refused(Refusal),
    /// Too many questions from there. Next: wait.
    TooMany(Wait),
    /// Our own fault.
    Broken(anyhow::Error),
}

/// Answers one question from an address.
pub(crate) async fn ask(ctx: Ctx, from: IpAddr, query: String) -> Result<Answer, NoAnswer> {
    let cost = u32::try_from(1 + query.len() / BYTES_A_QUESTION).unwrap_or(u32::MAX);
    ctx.checks.take(from, cost, ctx.clock.now()).map_err(NoAnswer::TooMany)?;
    let work = move || {
        let armed = ctx.live.now();
        answer(&query, &armed.directory, &armed.policy, ctx.clock.now())
    };
    // A long query takes milliseconds, in which a thread of the server would serve nobody else.
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer.map_err(NoAnswer::Refused),
        Err(cause) => Err(NoAnswer::Broken(cause.into())),
    }
}
