//! Publishing, and keeping up with what other processes published.
//!
//! The way through: [`publish`] adds to the log, then shows what the log amounts to: the answer
//! of [`RegistryHandle::now`] and the directory that events are judged by. [`keep_up`] does the
//! same for what others added, refreshes the snapshot, and asks the witnesses.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use touchstone_registry::Statement;
use touchstone_screening::Directory;
use touchstone_store::Notice;
use touchstone_types::{Lapse, Moment};

use super::ledger::{Known, Ledger, Listed, PublishError};
use super::told::{self, Alert};
use super::witnesses;
use crate::armed::Armed;
use crate::ctx::Ctx;
use crate::policies::ChangeError;

/// How long to wait before a witness that did not sign is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(60);

/// Adds statements to the log, in force when it returns: gives their places. A statement's `at` is
/// the caller's; a fresh snapshot is added behind them. `by` goes to the audit trail.
///
/// # Errors
/// [`PublishError`].
pub async fn publish(ctx: &Ctx, statements: Vec<Statement>, by: &str) -> Result<Vec<u64>, PublishError> {
    let ledger = ctx.registry.ledger().ok_or(PublishError::NoLog)?;
    let published = ledger.publish(&statements, by, ctx.clock.now()).await?;
    tracing::info!(size = published.size, what = told::counted(&statements), by, "published");
    show(ctx, ledger).await?;
    ctx.registry.wake();
    Ok(published.places)
}

/// Tells those who follow an organisation that somebody applies for what resembles it. The same
/// application is told once.
///
/// # Errors
/// [`PublishError::Store`].
pub async fn alert_brand(
    ctx: &Ctx,
    organisation: &str,
    application: &str,
    alert: &Alert,
) -> Result<(), PublishError> {
    let now = ctx.clock.now();
    let notice: Notice = told::alert(organisation, application, alert, now);
    ctx.store.notify(&[notice], now).await?;
    Ok(())
}

/// Reads on, and lets everybody see what is known then. Never goes back.
pub(crate) async fn show(ctx: &Ctx, ledger: &Ledger) -> Result<(), PublishError> {
    let _one_at_a_time = ctx.registry.showing().await;
    let known = ledger.advance().await?;
    let before = ctx.registry.now();
    let same = match (&before.checkpoint, &known.checkpoint) {
        (Some(before), Some(now)) => before.note == now.note,
        (None, None) => true,
        _ => false,
    };
    if same || known.size() < before.size {
        return Ok(());
    }
    let directory = directory(ctx, &before, &known).await?;
    ctx.metrics.registry_size.set(i64::try_from(known.size()).unwrap_or(i64::MAX));
    let signed = known.checkpoint.as_ref().map_or(0, |it| signatures(ledger, it));
    ctx.metrics.registry_cosignatures.set(i64::try_from(signed).unwrap_or(i64::MAX));
    if let Some(file) = &known.file {
        ctx.metrics.registry_snapshot.set(file.taken.at.as_micros() / 1_000_000);
    }
    ctx.registry.set(Arc::new(Listed {
        registry: Arc::clone(&known.registry),
        directory,
        size: known.size(),
        listings: known.listings,
        checkpoint: known.checkpoint.clone(),
        file: known.file.clone(),
    }));
    Ok(())
}

/// How many of the witnesses signed.
pub(crate) fn signatures(ledger: &Ledger, seen: &touchstone_signed_log::Seen) -> usize {
    let signed =
        |key: &touchstone_signed_log::VerifierKey| seen.note.signatures().iter().any(|it| it.is_by(key));
    ledger.keys.witnesses.iter().filter(|it| signed(&it.key)).count()
}

/// What screening asks: made anew only if a statement bears on it, and then put to use.
async fn directory(ctx: &Ctx, before: &Listed, known: &Known) -> Result<Arc<Directory>, PublishError> {
    if before.listings == known.listings {
        return Ok(Arc::clone(&before.directory));
    }
    let registry = (*known.registry).clone();
    let made = tokio::task::spawn_blocking(move || Arc::new(Directory::new(registry))).await;
    let directory = made.map_err(|_| PublishError::Stopping)?;
    let swapped =
        crate::policies::swap(ctx, |armed| Armed { directory: Arc::clone(&directory), ..armed.clone() });
    match swapped.await {
        Ok(_) => Ok(directory),
        Err(ChangeError::Store(cause)) => Err(cause.into()),
        Err(_) => Err(PublishError::Stopping),
    }
}

/// Keeps up with the log until the server stops.
pub(crate) async fn keep_up(ctx: Ctx, ledger: Arc<Ledger>, fresh: Lapse) {
    let pause = ctx.config.ingest.follow();
    let asking = Arc::new(AtomicBool::new(false));
    let mut complaint = String::new();
    let mut asked: Option<(String, tokio::time::Instant)> = None;
    loop {
        let outcome = once(&ctx, &ledger, fresh).await;
        let problem =
            outcome.err().map(|cause| format!("{:#}", anyhow::Error::from(cause))).unwrap_or_default();
        if !problem.is_empty() {
            ctx.metrics.registry_failures.inc();
            if problem != complaint {
                tracing::error!(problem, "the log is not followed; what was known before stays in use");
            }
        }
        complaint = problem;
        if let Some(seen) = wants_witnesses(&ctx, &ledger) {
            let text = seen.note.text().to_owned();
            let due = asked.as_ref().is_none_or(|(last, at)| *last != text || at.elapsed() >= ASK_AGAIN);
            if due && !asking.swap(true, Ordering::AcqRel) {
                asked = Some((text, tokio::time::Instant::now()));
                tokio::spawn(ask_witnesses(ctx.clone(), Arc::clone(&ledger), Arc::clone(&asking)));
            }
        }
        tokio::select! {
            () = ctx.stop.wait() => return,
            () = ctx.registry.woken() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn once(ctx: &Ctx, ledger: &Ledger, fresh: Lapse) -> Result<(), PublishError> {
    show(ctx, ledger).await?;
    if is_stale(ctx.registry.now().at(), ctx.clock.now(), fresh) {
        // Of several replicas one is first; the others find on trying again that it is done.
        ledger.refresh(fresh, ctx.clock.now()).await?;
        show(ctx, ledger).await?;
    }
    Ok(())
}

/// Whether a snapshot of that time is to be made anew; a log that was never begun has none.
pub(crate) fn is_stale(taken: Option<Moment>, now: Moment, fresh: Lapse) -> bool {
    taken.is_some_and(|taken| now >= taken + fresh)
}

fn wants_witnesses(ctx: &Ctx, ledger: &Ledger) -> Option<Arc<touchstone_signed_log::Seen>> {
    let seen = ctx.registry.now().checkpoint.clone()?;
    (signatures(ledger, &seen) < ledger.keys.witnesses.len()).then_some(seen)
}

async fn ask_witnesses(ctx: Ctx, ledger: Arc<Ledger>, asking: Arc<AtomicBool>) {
    if let (Some(seen), Some((asked, caller))) = (wants_witnesses(&ctx, &ledger), ctx.registry.witnesses()) {
        let note = witnesses::ask(&ledger, asked, caller, &ctx.metrics, &seen).await;
        if let Some(note) = note {
            let kept = ledger.store.cosigned(seen.checkpoint.size, &note.to_string()).await;
            if let Err(cause) = kept {
                tracing::warn!(%cause, "signatures of witnesses could not be kept");
            }
        }
    }
    asking.store(false, Ordering::Release);
    ctx.registry.wake();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_made_anew_when_it_is_twelve_hours_old() {
        let taken: Moment = "2026-11-22T00:00:00Z".parse().unwrap();
        let fresh = Lapse::from_secs(12 * 3600);
        assert!(!is_stale(Some(taken), taken + Lapse::from_secs(12 * 3600 - 1), fresh));
        assert!(is_stale(Some(taken), taken + fresh, fresh));
        assert!(!is_stale(None, taken, fresh), "a log that was never begun is not begun by itself");
    }
}
