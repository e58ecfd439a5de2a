//! The clock of vetting: publishes what has waited, reminds, watches accounts.
//!
//! The way through: [`run`] sleeps until something is due or events came in; [`tick`] then
//! looks at what accounts posted and changed, and at every application that is due.
//!
//! Always true here:
//! - Time is the server's [`crate::Clock`]; nothing is due because a thread slept long enough.
//! - An event is looked at after it is stored, by one process; a failure is tried again.

use std::time::Duration;

use touchstone_registry::statement::{VoidReason, Voided};
use touchstone_registry::vetting::{AnyApplication, NotYet, Stage};
use touchstone_registry::watch::{self, Seen};
use touchstone_registry::{IdentityKind, ProofMethod, Registry, Statement, normal};
use touchstone_store::{Attempt, Deed, KeptApplication, Logged, Seq};
use touchstone_types::{Data, Event, Lapse, Moment, ProfileChanged};

use super::flow::{self, FlowError};
use super::{clash, proofs};
use crate::ctx::Ctx;
use crate::registry::publish;

/// The longest sleep: the clock of a test may jump while nobody sleeps by it.
const NAP: Duration = Duration::from_secs(1);
/// Events looked at in one go.
const EVENTS: i64 = 5_000;
/// Applications looked at in one go.
const MANY: usize = 100;
/// When to look again at what could not be published.
const LATER: Lapse = Lapse::from_secs(15 * 60);

/// Runs until the server stops.
pub(crate) async fn run(ctx: Ctx) {
    let mut events = ctx.hub.watch();
    loop {
        if let Err(error) = tick(&ctx).await {
            tracing::warn!(%error, "vetting could not go on; it is tried again");
        }
        tokio::select! {
            () = ctx.stop.wait() => return,
            () = ctx.desk.wake.notified() => {}
            _ = events.changed() => {}
            () = tokio::time::sleep(NAP) => {}
        }
    }
}

/// Does everything that is due by the server's clock.
///
/// # Errors
/// Those of store and log; what was done is done, the rest is tried again.
pub(crate) async fn tick(ctx: &Ctx) -> Result<(), FlowError> {
    look_at_events(ctx).await?;
    let now = ctx.clock.now();
    let mut due = ctx.store.applications_due(now, MANY).await?;
    // Who brings its organisation along goes first: others may wait for that organisation.
    due.sort_by_key(|it| it.record.wanted.describes.is_none());
    for kept in due {
        match kept.record.stage {
            Stage::Waiting => list(ctx, &kept, now).await?,
            Stage::Published => remind(ctx, &kept, now).await?,
            _ => put_off(ctx, &kept, None, "application.rest").await?,
        }
    }
    Ok(())
}

/// Publishes what has waited long enough, unless something speaks against it.
async fn list(ctx: &Ctx, kept: &KeptApplication, now: Moment) -> Result<(), FlowError> {
    let AnyApplication::Waiting(waiting) = kept.record.clone().read()? else {
        return put_off(ctx, kept, None, "application.rest").await;
    };
    let listed = ctx.registry.now();
    let wanted = &kept.record.wanted;
    let taken = clash::taken(&listed.registry, wanted, now);
    let standing = flow::standing(&listed.registry, &wanted.organisation, now);
    let open = ctx.store.open_objections(&kept.record.id).await?;
    let (said, record) = match waiting.publish(taken.as_deref(), open, &standing, now, &ctx.desk.terms) {
        Ok(it) => it,
        Err(NotYet::Waiting(until)) => return put_off(ctx, kept, Some(until), "application.wait").await,
        Err(NotYet::Objections(_)) => return put_off(ctx, kept, None, "application.stopped").await,
        Err(other) => {
            ctx.store.raise_alert("stuck", &kept.record.id, &other.to_string(), now).await?;
            return put_off(ctx, kept, None, "application.stopped").await;
        }
    };
    // If the process ended between publishing and saving, it is listed already.
    if listed.registry.identity(&kept.record.id).is_none()
        && let Err(error) = publish(ctx, said.clone(), "system").await
    {
        tracing::warn!(%error, "an application could not be published");
        ctx.store.raise_alert("stuck", &kept.record.id, &error.to_string(), now).await?;
        return put_off(ctx, kept, Some(now + LATER), "application.stopped").await;
    }
    let ends = said.iter().find_map(|it| match it {
        Statement::Identity(it) => Some(it.until),
        _ => None,
    });
    let due = ends.map(|it| it - ctx.desk.terms.remind);
    let after = KeptApplication { record, due, ..kept.clone() };
    let deed = Deed { at: now, by: "system", act: "identity.list", object: &kept.record.id, detail: "" };
    Ok(ctx.store.save_application(kept, &after, None, &deed).await?)
}

/// Reminds once before a proof ends, and tells the officers when it has.
async fn remind(ctx: &Ctx, kept: &KeptApplication, now: Moment) -> Result<(), FlowError> {
    let listed = ctx.registry.now();
    let Some((ends, _)) = listed.registry.identity(&kept.record.id).and_then(|it| it.ends()) else {
        return put_off(ctx, kept, None, "application.rest").await;
    };
    let (due, alert, act) = if ends <= now {
        (None, "lapsed", "identity.lapse")
    } else if ends - ctx.desk.terms.remind <= now {
        (Some(ends), "lapses", "identity.remind")
    } else {
        (Some(ends - ctx.desk.terms.remind), "", "application.wait")
    };
    if !alert.is_empty() && (alert == "lapsed" || kept.reminded != Some(ends)) {
        ctx.store.raise_alert(alert, &kept.record.id, &kept.record.wanted.value, now).await?;
        proofs::remind(ctx, kept, &crate::console::show::minutes(ends)).await;
    }
    let after = KeptApplication { due, reminded: Some(ends), ..kept.clone() };
    let deed = Deed { at: now, by: "system", act, object: &kept.record.id, detail: "" };
    Ok(ctx.store.save_application(kept, &after, None, &deed).await?)
}

async fn put_off(ctx: &Ctx, kept: &KeptApplication, due: Option<Moment>, act: &str) -> Result<(), FlowError> {
    let after = KeptApplication { due, ..kept.clone() };
    let deed = Deed { at: ctx.clock.now(), by: "system", act, object: &kept.record.id, detail: "" };
    Ok(ctx.store.save_application(kept, &after, None, &deed).await?)
}

/// Reads on in the event log: nonces that were posted, listed accounts that look different.
pub(crate) async fn look_at_events(ctx: &Ctx) -> Result<(), FlowError> {
    loop {
        let (from, head) = (ctx.store.vetting_head().await?, ctx.hub.head());
        if head <= from {
            return Ok(());
        }
        let to = Seq(head.0.min(from.0.saturating_add(EVENTS)));
        let limit = usize::try_from(EVENTS).unwrap_or(usize::MAX);
        for event in ctx.store.profile_changes(from, to, limit).await? {
            profile_changed(ctx, &event).await?;
        }
        let accounts = ctx.store.accounts_that_prove().await?;
        for event in ctx.store.acts_of(&accounts, from, to, limit).await? {
            posted(ctx, &event).await?;
        }
        if !ctx.store.move_vetting_head(from, to).await? {
            return Ok(()); // Another process is at it.
        }
    }
}

/// An account that is listed and looks different no longer counts: somebody may have taken it over.
async fn profile_changed(ctx: &Ctx, logged: &Logged) -> Result<(), FlowError> {
    let Ok(event) = Event::parse(&logged.raw) else { return Ok(()) };
    let Data::ProfileChanged(change) = &event.data else { return Ok(()) };
    let (listed, now) = (ctx.registry.now(), ctx.clock.now());
    let said = match void(&listed.registry, &event.source, change, now) {
        said if said.is_empty() => return Ok(()),
        said => said,
    };
    let about: Vec<(String, &str)> = said
        .iter()
        .filter_map(|it| match it {
            Statement::Voided(it) => Some((it.identity.clone(), it.reason.name())),
            _ => None,
        })
        .collect();
    if ctx.registry.ledger().is_some() {
        publish(ctx, said, "system").await?;
    }
    for (identity, reason) in about {
        ctx.store.raise_alert("changed", &identity, reason, now).await?;
    }
    Ok(())
}

/// What a changed profile voids: everything listed for the account, if it no longer looks as it
/// was vetted, or as it looked before where the listing says nothing of that.
fn void(registry: &Registry, platform: &str, change: &ProfileChanged<'_>, now: Moment) -> Vec<Statement> {
    let account = &change.account;
    let seen = Seen {
        handle: account.handle.as_deref(),
        display_name: account.display_name.as_deref(),
        avatar: account.avatar.as_ref().and_then(|it| it.pdq.as_deref()),
    };
    if let Some(found) = watch::account_changed(registry, platform, &account.id, &seen, now) {
        return found.statements;
    }
    let other = |before: Option<&str>, after: Option<&str>| before.is_some() && before != after;
    let handle = other(change.previous_handle.as_deref(), account.handle.as_deref());
    let name = other(change.previous_display_name.as_deref(), account.display_name.as_deref());
    let reason = match (handle, name) {
        (true, _) => VoidReason::HandleChanged,
        (false, true) => VoidReason::NameChanged,
        // The event says that handle, name or picture changed; if not the first two, the third.
        (false, false) if account.avatar.is_some() => VoidReason::AvatarChanged,
        (false, false) => return Vec::new(),
    };
    let living = registry.accounts_of(platform, &account.id).filter(|it| it.status(now).counts());
    // A handle or picture that is listed was compared above, and is as it was.
    let compared = |kind| registry.accounts_of(platform, &account.id).any(|it| it.kind == kind);
    if (reason == VoidReason::AvatarChanged && compared(IdentityKind::Avatar))
        || (reason == VoidReason::NameChanged && compared(IdentityKind::DisplayName))
    {
        return Vec::new();
    }
    living
        .filter_map(|it| it.id.as_deref())
        .map(|id| Statement::Voided(Voided { identity: id.to_owned(), reason, at: now }))
        .collect()
}

/// A nonce in a message or a profile of the very account proves control of it.
async fn posted(ctx: &Ctx, logged: &Logged) -> Result<(), FlowError> {
    let Ok(event) = Event::parse(&logged.raw) else { return Ok(()) };
    let Some(account) = event.data.actor() else { return Ok(()) };
    let text = match &event.data {
        Data::MessageSent(it) => it.text.as_ref(),
        Data::ProfileChanged(it) => it.account.display_name.as_deref().unwrap_or_default(),
        _ => return Ok(()),
    };
    for kept in ctx.store.applications_of_account(&event.source, &account.id).await? {
        let waits = matches!(kept.record.stage, Stage::Draft | Stage::Published);
        if !waits
            || !text.contains(&kept.nonce)
            || !proofs::ways(&kept.record.wanted).contains(&ProofMethod::Posted)
        {
            continue;
        }
        let wanted = &kept.record.wanted;
        let other_handle = wanted.kind == IdentityKind::Handle
            && account.handle.as_deref().is_some_and(|it| {
                normal(IdentityKind::Handle, it) != normal(IdentityKind::Handle, &wanted.value)
            });
        let now = ctx.clock.now();
        let outcome = if other_handle { "other_handle" } else { "proved" };
        if !other_handle {
            match flow::proved(ctx, &kept, ProofMethod::Posted, logged.raw.clone(), "applicant").await {
                Ok(()) | Err(FlowError::Over) => {}
                Err(other) => return Err(other),
            }
        }
        let attempt = Attempt {
            method: ProofMethod::Posted,
            at: now,
            outcome: outcome.to_owned(),
            code_hash: None,
            expires: None,
            tries: 0,
        };
        ctx.store.note_attempt(&kept.record.id, &attempt).await?;
    }
    Ok(())
}
