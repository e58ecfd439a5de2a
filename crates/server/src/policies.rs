//! Changing the policy while events come in.
//!
//! Always true here:
//! - What does not compile changes nothing.
//! - A policy is in use only after it is kept: a verdict's hash can always be looked up.
//! - With other features, the new memory is read from the log beside the old one, which goes
//!   on judging; then the new one takes over between two batches.

use std::sync::Arc;

use touchstone_policy::{Problem, SourceFile};
use touchstone_screening::Policy;
use touchstone_store::{PolicyStatus, PolicyVersion, StoreError};

use crate::armed::{Armed, Models};
use crate::ctx::Ctx;
use crate::metrics::Kind;

/// What is to change.
pub enum Change {
    /// These files give the verdicts from now on.
    Live(Vec<SourceFile>),
    /// These files watch from now on.
    Candidate(Vec<SourceFile>),
    /// Nothing watches any more.
    Withdraw,
}

/// Why nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The policy does not compile. Next: mend it where it says.
    #[error("the policy does not compile: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Broken(Vec<Problem>),
    /// It could not be kept, or the log could not be read. Next: try again.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// Next: try again after the start.
    #[error("the server is stopping")]
    Stopping,
}

/// Puts a change into use; gives what is in use from then on. `by` and `note` go to the audit
/// trail.
///
/// # Errors
/// [`ChangeError`]; then everything is as it was.
pub async fn change(ctx: &Ctx, change: Change, by: &str, note: &str) -> Result<Arc<Armed>, ChangeError> {
    let _one_at_a_time = ctx.changing.lock().await;
    let before = ctx.live.now();
    let outcome = try_change(ctx, &before, change, by, note).await;
    let kind = match &outcome {
        Ok(_) => "loaded",
        Err(ChangeError::Broken(_)) => "broken",
        Err(_) => "failed",
    };
    ctx.metrics.policy_loads.get_or_create(&Kind { kind }).inc();
    match &outcome {
        Ok(armed) => tracing::info!(policy = %armed.policy.hash(), by, "policy in use"),
        Err(cause) => tracing::warn!(%cause, by, "policy not changed"),
    }
    outcome
}

/// Judges by something else than before from now on, with the memory that there is; what is
/// kept of policies stays as it is.
pub(crate) async fn swap(ctx: &Ctx, next: impl FnOnce(&Armed) -> Armed) -> Result<Arc<Armed>, ChangeError> {
    let _one_at_a_time = ctx.changing.lock().await;
    let before = ctx.live.now();
    let armed = Arc::new(next(&before));
    let judge = ctx.ingest.prepare(&before, Arc::clone(&armed)).await?;
    ctx.ingest.swap(judge).await.ok_or(ChangeError::Stopping)??;
    ctx.live.set(Arc::clone(&armed));
    Ok(armed)
}

async fn try_change(
    ctx: &Ctx,
    before: &Armed,
    change: Change,
    by: &str,
    note: &str,
) -> Result<Arc<Armed>, ChangeError> {
    let (files, status, armed) = match change {
        Change::Live(files) => {
            let policy = compile(files.clone(), &before.models).await?;
            // A candidate that becomes live has nothing left to watch.
            let candidate = before.candidate.clone().filter(|it| it.hash() != policy.hash());
            (files, PolicyStatus::Live, Armed { policy, candidate, ..before.clone() })
        }
        Change::Candidate(files) => {
            let candidate = Some(compile(files.clone(), &before.models).await?);
            (files, PolicyStatus::Candidate, Armed { candidate, ..before.clone() })
        }
        Change::Withdraw => {
            let Some(candidate) = &before.candidate else { return Ok(Arc::new(before.clone())) };
            let version = ctx.store.policy_version(candidate.hash()).await?;
            let files = version.files.into_iter().map(|(path, text)| SourceFile { path, text }).collect();
            (files, PolicyStatus::Withdrawn, Armed { candidate: None, ..before.clone() })
        }
    };
    let hash = match status {
        PolicyStatus::Live => armed.policy.hash(),
        _ => {
            armed.candidate.as_ref().or(before.candidate.as_ref()).map_or(armed.policy.hash(), |it| it.hash())
        }
    };
    let armed = Arc::new(armed);
    let judge = ctx.ingest.prepare(before, Arc::clone(&armed)).await?;
    keep(ctx, hash, files, status, by, note).await?;
    ctx.ingest.swap(judge).await.ok_or(ChangeError::Stopping)??;
    ctx.live.set(Arc::clone(&armed));
    Ok(armed)
}

async fn keep(
    ctx: &Ctx,
    hash: touchstone_types::PolicyHash,
    files: Vec<SourceFile>,
    status: PolicyStatus,
    by: &str,
    note: &str,
) -> Result<(), StoreError> {
    let now = ctx.clock.now();
    let files = files.into_iter().map(|it| (it.path, it.text)).collect();
    let version = PolicyVersion { hash, files, note: note.to_owned(), by: by.to_owned(), at: now };
    ctx.store.set_policy(&version, status, by, now).await
}

/// Compiles a policy beside what is going on.
async fn compile(files: Vec<SourceFile>, models: &Models) -> Result<Arc<Policy>, ChangeError> {
    let models = models.clone();
    let compiled =
        tokio::task::spawn_blocking(move || Policy::load(files).map(|policy| models.arm(policy))).await;
    let compiled = compiled.map_err(|_| ChangeError::Stopping)?;
    compiled.map(Arc::new).map_err(ChangeError::Broken)
}
