//! `/console`: verdicts as they come.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use touchstone_accounts::Permission;
use touchstone_store::{Seq, StoredVerdict, VerdictFilter};
use touchstone_types::{Decision, Lapse};

use super::shell::Shell;
use super::show;
use super::staff::{Instead, Staff, failed};
use super::views::{LivePage, LiveRow, Stat, Tab};
use super::web;
use crate::ctx::Ctx;

/// How many verdicts a page shows.
const PAGE: usize = 60;
/// How often a stream looks for more: a person reads no faster.
const BREATH: Duration = Duration::from_millis(200);
/// How many verdicts a stream sends at a time; of a flood the newest are shown.
const BURST: i64 = 40;

/// What is wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    show: String,
    finding: String,
    before: Option<i64>,
    after: Option<i64>,
}

const TABS: [(&str, &str); 5] = [
    ("", "tab-all"),
    ("acted", "tab-acted"),
    ("warn", "decision-warn"),
    ("hold", "decision-hold"),
    ("block", "decision-block"),
];

impl Wanted {
    fn decisions(&self) -> Vec<Decision> {
        match self.show.as_str() {
            "acted" => vec![Decision::Warn, Decision::Hold, Decision::Block],
            "warn" => vec![Decision::Warn],
            "hold" => vec![Decision::Hold],
            "block" => vec![Decision::Block],
            _ => Vec::new(),
        }
    }

    fn fits(&self, stored: &StoredVerdict) -> bool {
        let decisions = self.decisions();
        // A list of one finding is for looking back: nothing is added to it.
        self.finding.is_empty()
            && (decisions.is_empty() || stored.decision.is_some_and(|it| decisions.contains(&it)))
    }
}

/// `GET /console`
pub(crate) async fn live(
    State(ctx): State<Ctx>,
    Query(wanted): Query<Wanted>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::ReadVerdicts)?;
    let s = staff.at("live");
    let last = ctx.store.last_seq().await.map_err(failed(&s))?;
    let finding = Some(wanted.finding.clone()).filter(|it| !it.is_empty());
    let filter = VerdictFilter { decisions: wanted.decisions(), finding, ..VerdictFilter::default() };
    let page = ctx.store.verdicts(&filter, wanted.before.map(Seq), PAGE).await.map_err(failed(&s))?;
    let stats = stats(&ctx, &s).await?;
    let tabs = TABS
        .iter()
        .map(|(name, label)| Tab {
            href: if name.is_empty() { "/console".into() } else { format!("/console?show={name}") },
            label: s.t(label),
            here: wanted.show == *name && wanted.finding.is_empty(),
        })
        .collect();
    let show = format!("{}&finding={}", web::encoded(&wanted.show), web::encoded(&wanted.finding));
    let page = LivePage {
        stats,
        tabs,
        stream: format!("/console/stream?show={show}&after={}", last.0),
        list: page.items.iter().map(show::row).collect(),
        older: page.next.map(|seq| format!("/console?show={show}&before={}", seq.0)),
        s,
    };
    Ok(web::page(StatusCode::OK, &page))
}

async fn stats(ctx: &Ctx, s: &Shell) -> Result<Vec<Stat>, Instead> {
    let now = ctx.clock.now();
    let hours = ctx.store.hourly_counts(now - Lapse::from_secs(86_400), now).await.map_err(failed(s))?;
    let (waiting, _) = ctx.store.queue_length().await.map_err(failed(s))?;
    let sum = |of: fn(&touchstone_store::HourlyCounts) -> u64| hours.iter().map(of).sum::<u64>();
    let stat = |value: u64, key: &str| Stat { value: grouped(value), label: s.t(key) };
    Ok(vec![
        stat(sum(|it| it.unscreened + it.allowed + it.warned + it.held + it.blocked), "stat-events"),
        stat(sum(|it| it.warned), "stat-warned"),
        stat(sum(|it| it.held), "stat-held"),
        stat(sum(|it| it.blocked), "stat-blocked"),
        stat(waiting, "stat-waiting"),
    ])
}

/// A number with thin groups of three digits.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `GET /console/stream`: each verdict as a row of HTML, in the order of the log.
pub(crate) async fn stream(
    State(ctx): State<Ctx>,
    Query(wanted): Query<Wanted>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::ReadVerdicts)?;
    let Ok(permit) = Arc::clone(&ctx.streams).try_acquire_owned() else {
        return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
    };
    let (out, rows) = mpsc::channel(64);
    tokio::spawn(follow(ctx, wanted, staff.shell, out, permit));
    let alive = KeepAlive::new().interval(Duration::from_secs(15));
    Ok(Sse::new(ReceiverStream::new(rows)).keep_alive(alive).into_response())
}

type Out = mpsc::Sender<Result<Event, Infallible>>;

async fn follow(ctx: Ctx, wanted: Wanted, s: Shell, out: Out, permit: OwnedSemaphorePermit) {
    let mut head = ctx.hub.watch();
    let mut at = Seq(wanted.after.unwrap_or_else(|| ctx.hub.head().0));
    loop {
        tokio::select! {
            biased;
            () = ctx.stop.wait() => break,
            () = out.closed() => break,
            grown = head.wait_for(|head| *head > at) => if grown.is_err() { break },
        }
        let to = ctx.hub.head();
        let from = at.0.max(to.0.saturating_sub(BURST)) + 1;
        for seq in from..=to.0 {
            let Ok(stored) = ctx.store.verdict(Seq(seq)).await else { continue };
            if wanted.fits(&stored)
                && let Ok(html) = (LiveRow { s: &s, row: &show::row(&stored) }).render()
                && out
                    .send(Ok(Event::default().event("verdict").id(seq.to_string()).data(html)))
                    .await
                    .is_err()
            {
                drop(permit);
                return;
            }
        }
        at = to;
        tokio::time::sleep(BREATH).await;
    }
    drop(permit);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        for (value, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(value), text);
        }
    }

    #[test]
    fn a_tab_shows_what_it_says() {
        let wanted = |show: &str| Wanted { show: show.into(), ..Wanted::default() };
        assert!(wanted("").decisions().is_empty());
        assert!(!wanted("acted").decisions().contains(&Decision::Allow));
        assert!(wanted("rubbish").decisions().is_empty());
    }
}
