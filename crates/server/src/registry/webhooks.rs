//! Telling followers by signed webhook (Standard Webhooks): the sender, and its page for staff.
//!
//! At least once, in no promised order; the same `webhook-id` again is the same message. A
//! receiver that fails is asked again after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h,
//! each a little sooner or later; then a person decides.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use rand::Rng as _;
use rand::TryRngCore as _;
use touchstone_accounts::Permission;
use touchstone_connectors::{CallError, Caller, Webhook};
use touchstone_store::{DUTY_CALLS, Delivery, DeliveryState, StoreError, Subscription};
use touchstone_types::{Lapse, Moment};

use crate::console::shell::Shell;
use crate::console::staff::{Instead, Sent, Staff, done, failed};
use crate::console::web;
use crate::ctx::Ctx;
use crate::metrics::Kind;

/// How long after each failure the next attempt is, in seconds.
const PAUSES: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// A sender that dies with a delivery in hand loses it after this; longer than any call.
const IN_HAND: Lapse = Lapse::from_secs(60);
/// How many are sent at once.
const AT_ONCE: usize = 8;
/// How often to look for what is due.
const LOOK: Duration = Duration::from_secs(1);
/// What was delivered is forgotten after this.
const KEPT: Lapse = Lapse::from_secs(30 * 86_400);
/// The longest address.
const MAX_URL: usize = 1_000;
/// The most subscriptions: each multiplies what is written with an entry.
const MAX_SUBSCRIPTIONS: usize = 200;

/// Sends what is due until the server stops.
pub(crate) async fn send(ctx: Ctx, caller: Caller) {
    let mut rounds: u64 = 0;
    loop {
        match once(&ctx, &caller).await {
            Ok(AT_ONCE..) => continue, // There may be more.
            Ok(_) => {}
            Err(cause) => tracing::warn!(%cause, "webhooks cannot be read from the store"),
        }
        rounds += 1;
        if rounds.is_multiple_of(3_600)
            && let Some(before) = earlier(ctx.clock.now(), KEPT)
            && let Err(cause) = ctx.store.forget_deliveries(before).await
        {
            tracing::warn!(%cause, "old deliveries could not be forgotten");
        }
        tokio::select! {
            () = ctx.stop.wait() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

fn earlier(now: Moment, by: Lapse) -> Option<Moment> {
    let by = i64::try_from(by.as_micros()).ok()?;
    Moment::from_micros(now.as_micros().checked_sub(by)?).ok()
}

/// One round; how many were due.
async fn once(ctx: &Ctx, caller: &Caller) -> Result<usize, StoreError> {
    let now = ctx.clock.now();
    let due = ctx.store.due_deliveries(now, now + IN_HAND, AT_ONCE).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let subscriptions = Arc::new(ctx.store.subscriptions().await?);
    let count = due.len();
    let mut sending = tokio::task::JoinSet::new();
    for delivery in due {
        let (ctx, caller, subscriptions) = (ctx.clone(), caller.clone(), Arc::clone(&subscriptions));
        sending.spawn(async move { deliver(&ctx, caller, &subscriptions, delivery).await });
    }
    while sending.join_next().await.is_some() {}
    Ok(count)
}

async fn deliver(ctx: &Ctx, caller: Caller, subscriptions: &[Subscription], it: Delivery) {
    let to = subscriptions.iter().find(|to| to.id == it.subscription);
    let Some(to) = to else { return }; // Ended a moment ago: what waits for it was given up.
    let webhook = Webhook { url: to.url.clone(), secret: to.secret.clone() };
    let (message, body, at) = (it.message.clone(), it.body.clone(), ctx.clock.now());
    let sent =
        tokio::task::spawn_blocking(move || caller.webhook(&webhook, &message, at, body.as_bytes())).await;
    let outcome = sent.unwrap_or_else(|_| Err(CallError::Failed("the sender stopped".to_owned())));
    let now = ctx.clock.now();
    let (state, said, due) = match (&outcome, pause(it.attempts, rand::rng().random_range(0.8..1.2))) {
        (Ok(()), _) => (DeliveryState::Delivered, "delivered".to_owned(), now),
        (Err(cause), Some(pause)) => (DeliveryState::Waiting, cause.to_string(), now + pause),
        (Err(cause), None) => (DeliveryState::GivenUp, cause.to_string(), now),
    };
    let kind = match state {
        DeliveryState::Delivered => "delivered",
        DeliveryState::Waiting => "failed",
        DeliveryState::GivenUp => "given_up",
    };
    ctx.metrics.webhooks.get_or_create(&Kind { kind }).inc();
    if let Err(cause) = ctx.store.attempted(it.id, state, &said, due).await {
        tracing::warn!(%cause, "the outcome of a webhook could not be noted; it will be sent again");
    }
}

/// How long to wait after so many attempts; none when it is enough.
fn pause(attempts: u32, jitter: f64) -> Option<Lapse> {
    let seconds = PAUSES.get(usize::try_from(attempts.max(1) - 1).ok()?)?;
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a day and a bit"
    )]
    Some(Lapse::from_micros((*seconds as f64 * jitter * 1e6) as u64))
}

/// A subscription, as it is shown.
struct SubscriptionView {
    id: i64,
    url: String,
    follows: String,
    /// Whether it is calls to staff that it is told of.
    calls: bool,
    made_by: String,
    created: String,
}

/// A delivery, as it is shown.
struct DeliveryView {
    id: i64,
    url: String,
    message: String,
    created: String,
    attempts: u64,
    outcome: String,
}

#[derive(Template)]
#[template(path = "webhooks.html")]
struct WebhooksPage {
    s: Shell,
    fresh: Option<String>,
    problem: Option<String>,
    list: Vec<SubscriptionView>,
    waiting: u64,
    delivered: u64,
    dead: Vec<DeliveryView>,
}

/// `GET /console/webhooks`
pub(crate) async fn open(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Instead> {
    page(&ctx, staff, None, None).await
}

async fn page(
    ctx: &Ctx,
    staff: Staff,
    fresh: Option<String>,
    problem: Option<String>,
) -> Result<Response, Instead> {
    staff.must(Permission::ManageKeys)?;
    let s = staff.at("webhooks");
    let subscriptions = ctx.store.subscriptions().await.map_err(failed(&s))?;
    let dead = ctx.store.deliveries(DeliveryState::GivenUp, 100).await.map_err(failed(&s))?;
    let [waiting, delivered, _] = ctx.store.delivery_counts().await.map_err(failed(&s))?;
    let url_of = |id: i64| subscriptions.iter().find(|it| it.id == id).map(|it| it.url.clone());
    let dead = dead.into_iter().filter_map(|it| {
        Some(DeliveryView {
            id: it.id,
            url: url_of(it.subscription)?, // Of ended subscriptions nothing can be sent again.
            message: it.message,
            created: it.created.to_string(),
            attempts: it.attempts.into(),
            outcome: it.outcome,
        })
    });
    let dead = dead.collect();
    let list = subscriptions.into_iter().map(|it| SubscriptionView {
        id: it.id,
        url: it.url,
        calls: it.follows == DUTY_CALLS,
        follows: it.follows,
        made_by: it.made_by,
        created: it.created.to_string(),
    });
    let list = list.collect();
    Ok(web::page(StatusCode::OK, &WebhooksPage { s, fresh, problem, list, waiting, delivered, dead }))
}

/// `POST /console/webhooks`: a new subscription; its secret is shown once.
pub(crate) async fn subscribe(State(ctx): State<Ctx>, sent: Sent) -> Result<Response, Instead> {
    let (staff, fields) = (sent.staff, sent.fields);
    staff.must(Permission::ManageKeys)?;
    let url = fields.get("url").to_owned();
    let follows = match fields.get("what") {
        "calls" => DUTY_CALLS.to_owned(),
        "organisation" => fields.get("follows").to_owned(),
        _ => String::new(),
    };
    let named = fields.get("what") == "organisation";
    let s = staff.shell.clone();
    let count = ctx.store.subscriptions().await.map_err(failed(&s))?.len();
    let problem = match () {
        () if !may_be_called(&url, private_allowed(&ctx)) => Some("webhook-bad-url"),
        () if named && ctx.registry.now().registry.organisation(&follows).is_none() => {
            Some("webhook-bad-organisation")
        }
        () if count >= MAX_SUBSCRIPTIONS => Some("webhook-too-many"),
        () => None,
    };
    if let Some(problem) = problem {
        return page(&ctx, staff, None, Some(s.lang.text(problem))).await;
    }
    let mut secret = [0; 32];
    if rand::rngs::OsRng.try_fill_bytes(&mut secret).is_err() {
        return page(&ctx, staff, None, Some(s.t("busy"))).await;
    }
    let now = ctx.clock.now();
    ctx.store.subscribe(&url, &secret, &follows, staff.login(), now).await.map_err(failed(&s))?;
    page(&ctx, staff, Some(shown_secret(&secret)), None).await
}

fn private_allowed(ctx: &Ctx) -> bool {
    ctx.config.log.as_ref().is_some_and(|it| it.webhooks_to_private)
}

/// As the Standard Webhooks specification writes secrets: `whsec_` and base 64.
fn shown_secret(secret: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::from("whsec_");
    for three in secret.chunks(3) {
        let bits = three.iter().fold(0u32, |all, it| all << 8 | u32::from(*it)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= three.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

fn may_be_called(url: &str, allow_private: bool) -> bool {
    let fits = url.starts_with("https://") || (allow_private && url.starts_with("http://"));
    fits && url.len() <= MAX_URL && url.parse::<axum::http::Uri>().is_ok_and(|it| it.host().is_some())
}

/// `POST /console/webhooks/{id}/end`
pub(crate) async fn end(
    State(ctx): State<Ctx>,
    Path(id): Path<i64>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::ManageKeys)?;
    let now = ctx.clock.now();
    ctx.store.unsubscribe(id, sent.staff.login(), now).await.map_err(failed(&sent.staff.shell))?;
    Ok(done("/console/webhooks", "webhook-ended", None, None))
}

/// `POST /console/deliveries/{id}/retry`
pub(crate) async fn retry(
    State(ctx): State<Ctx>,
    Path(id): Path<i64>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::ManageKeys)?;
    let now = ctx.clock.now();
    ctx.store.retry_delivery(id, sent.staff.login(), now).await.map_err(failed(&sent.staff.shell))?;
    Ok(done("/console/webhooks", "webhook-retried", None, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_that_fails_is_asked_nine_times_more() {
        let pauses: Vec<u64> =
            (1..).map_while(|it| pause(it, 1.0)).map(|it| it.as_micros() / 1_000_000).collect();
        assert_eq!(pauses, PAUSES);
        assert!(pause(1, 0.8) < pause(1, 1.2));
    }

    #[test]
    fn a_secret_is_written_as_the_specification_does() {
        assert_eq!(shown_secret(b"foobar"), "whsec_Zm9vYmFy");
        assert_eq!(shown_secret(b"fooba"), "whsec_Zm9vYmE=");
        assert_eq!(shown_secret(b"foob"), "whsec_Zm9vYg==");
    }

    #[test]
    fn only_addresses_that_can_be_called_are_taken() {
        assert!(may_be_called("https://brand.example/hook", false));
        for bad in ["http://brand.example/", "ftp://brand.example/", "https://", "", "https://a b/"] {
            assert!(!may_be_called(bad, false), "{bad}");
        }
        assert!(may_be_called("http://127.0.0.1:9/", true));
    }
}
