//! What can be done to an application and to a listing: each gathers, asks
//! `registry::vetting` once, and saves with an entry in the audit trail.

use touchstone_accounts::Token;
use touchstone_registry::statement::VoidReason;
use touchstone_registry::vetting::{
    AfterReview, AnyApplication, Application, Consent, NotYet, Record, Refusal, Review, Stage, Standing,
    Wanted, renew,
};
use touchstone_registry::{Digest, IdentityKind, Proof, ProofMethod, Registry, Status, normal, watch};
use touchstone_store::{Deed, Evidence, KeptApplication, StoreError};
use touchstone_types::{Bilingual, Moment};

use super::clash;
use crate::ctx::Ctx;
use crate::registry::{Alert, PublishError, alert_brand, publish};

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FlowError {
    /// The store failed, or somebody else was first.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The application is not that far.
    #[error(transparent)]
    NotYet(#[from] NotYet),
    /// The log did not take it.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// It is not in the stage in which this can be done.
    #[error("this cannot be done any more")]
    Over,
}

/// Letters and digits that nobody mistakes for one another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstvwxyz0123456789";

fn random_letters<const N: usize>() -> String {
    let bytes: [u8; N] = rand::random();
    bytes.iter().map(|it| char::from(LETTERS[usize::from(*it % 32)])).collect()
}

/// Takes an application in: gives it with the secret of its link.
pub(crate) async fn apply(
    ctx: &Ctx,
    wanted: Wanted,
    contact: &str,
    by: &str,
) -> Result<(KeptApplication, Token), FlowError> {
    let (now, token) = (ctx.clock.now(), Token::from_random(rand::random()));
    let id = format!("id-{}", random_letters::<12>());
    let draft = Application::new(&id, wanted, now)?;
    let new = KeptApplication {
        record: draft.record().clone(),
        nonce: format!("touchstone={}", random_letters::<24>()),
        contact: contact.to_owned(),
        changed: now,
        due: None,
        reminded: None,
        version: 0,
    };
    let detail = format!("{} {}", new.record.wanted.kind.name(), new.record.wanted.value);
    let deed = Deed { at: now, by, act: "application.make", object: &id, detail: &detail };
    ctx.store.add_application(&new, &token.hash(), &deed).await?;
    Ok((new, token))
}

/// Something was proved: a draft goes on if that suffices, a listing gets its next term.
pub(crate) async fn proved(
    ctx: &Ctx,
    kept: &KeptApplication,
    method: ProofMethod,
    seen: Vec<u8>,
    by: &str,
) -> Result<(), FlowError> {
    let now = ctx.clock.now();
    let proof = Proof { method, at: now, evidence: Digest::of(&seen) };
    let seen = Evidence { method, at: now, seen };
    let after = match kept.record.clone().read()? {
        AnyApplication::Draft(draft) => {
            KeptApplication { record: gone_on(ctx, draft.with_proof(proof), now), ..kept.clone() }
        }
        AnyApplication::Ended(record) if record.stage == Stage::Published => {
            proved_again(ctx, kept, record, proof, now, by).await?
        }
        _ => return Err(FlowError::Over),
    };
    let detail = format!("{} {}", method.name(), proof.evidence);
    let deed = Deed { at: now, by, act: "application.prove", object: &kept.record.id, detail: &detail };
    ctx.store.save_application(kept, &after, Some(&seen), &deed).await?;
    if after.record.stage == Stage::Cleared && !after.record.clashes.is_empty() {
        tell_brands(ctx, &after.record).await?;
    }
    ctx.desk.wake.notify_one();
    Ok(())
}

/// As far as an application goes by itself: until officers have to look.
fn gone_on(ctx: &Ctx, draft: Application<touchstone_registry::vetting::Draft>, now: Moment) -> Record {
    let proved = match draft.prove(now, &ctx.desk.terms) {
        Ok(proved) => proved,
        Err((draft, _)) => return draft.record().clone(),
    };
    let listed = ctx.registry.now();
    let wanted = proved.record().wanted.clone();
    let clashes = clash::look(&listed.registry, listed.directory.index(), &wanted, now);
    match proved.clear(clashes) {
        Ok(cleared) => cleared.record().clone(),
        Err((proved, _)) => proved.record().clone(), // Taken by another: officers see why it stays.
    }
}

async fn proved_again(
    ctx: &Ctx,
    kept: &KeptApplication,
    mut record: Record,
    proof: Proof,
    now: Moment,
    by: &str,
) -> Result<KeptApplication, FlowError> {
    let listed = ctx.registry.now();
    let identity = listed.registry.identity(&record.id).ok_or(FlowError::Over)?;
    record.proofs.retain(|it| it.method != proof.method);
    record.proofs.push(proof);
    // After a change only what was proved since then counts.
    let since = match identity.status(now) {
        Status::Revoked { .. } => return Err(FlowError::Over),
        Status::Voided { since, .. } => since,
        _ => Moment::MIN,
    };
    let fresh: Vec<Proof> = record.proofs.iter().copied().filter(|it| it.at >= since).collect();
    let mut after = KeptApplication { record, ..kept.clone() };
    match renew(&after.record, &fresh, now, &ctx.desk.terms) {
        Ok(statement) => {
            let ends = fresh.iter().map(|it| it.at).min().unwrap_or(now) + ctx.desk.terms.proof_holds;
            publish(ctx, vec![statement], by).await?;
            after.due = Some(ends - ctx.desk.terms.remind);
        }
        Err(NotYet::Unproved | NotYet::Stale) => {} // One of several proofs: the others have to follow.
        Err(other) => return Err(other.into()),
    }
    Ok(after)
}

/// How the organisation that an application names stands in the log now.
pub(crate) fn standing(registry: &Registry, organisation: &str, now: Moment) -> Standing {
    let Some(it) = registry.organisation(organisation) else { return Standing::default() };
    let of_it = |identity: &&touchstone_registry::Identity| {
        identity.kind == IdentityKind::Domain
            && registry.holder(identity).is_some_and(|holder| holder.id == it.id)
            && identity.status(now).counts()
    };
    let listed = registry.identities().iter().filter(of_it).map(|it| it.value.to_string());
    let owned = it.owned_domains.iter().filter_map(|it| normal(IdentityKind::Domain, it));
    let mut domains: Vec<String> = listed.chain(owned.map(std::borrow::Cow::into_owned)).collect();
    domains.sort_unstable();
    domains.dedup();
    Standing { listed: true, domains }
}

/// A domain of the listed organisation says that the application is its own.
pub(crate) async fn consented(
    ctx: &Ctx,
    kept: &KeptApplication,
    domain: &str,
    method: ProofMethod,
    seen: Vec<u8>,
) -> Result<(), FlowError> {
    let now = ctx.clock.now();
    let proof = Proof { method, at: now, evidence: Digest::of(&seen) };
    let consent = Consent { domain: domain.to_owned(), proof };
    let record = kept.record.clone().read()?.with_consent(consent).ok_or(FlowError::Over)?;
    // What was stopped for want of it goes on by itself.
    let due = kept.record.waits_until.map(|it| it.max(now)).or(kept.due);
    let after = KeptApplication { record, due, ..kept.clone() };
    let detail = format!("{domain} {} {}", method.name(), proof.evidence);
    let id = &kept.record.id;
    let deed = Deed { at: now, by: "applicant", act: "application.consent", object: id, detail: &detail };
    let seen = Evidence { method, at: now, seen };
    ctx.store.save_application(kept, &after, Some(&seen), &deed).await?;
    ctx.desk.wake.notify_one();
    Ok(())
}

/// An officer agrees. With the second the public notice begins.
pub(crate) async fn agree(
    ctx: &Ctx,
    kept: &KeptApplication,
    review: Review,
    by: &str,
) -> Result<(), FlowError> {
    let AnyApplication::Cleared(cleared) = kept.record.clone().read()? else {
        return Err(FlowError::Over);
    };
    let (now, note) = (review.at, [review.note.as_str(), &review.instead].join(" ").trim().to_owned());
    let standing = standing(&ctx.registry.now().registry, &kept.record.wanted.organisation, now);
    let mut after = kept.clone();
    match cleared.review(review, &standing, &ctx.desk.terms).map_err(|(_, why)| why)? {
        AfterReview::OneMore(it) => after.record = it.record().clone(),
        AfterReview::Both(it) => {
            after.record = it.wait(now, &ctx.desk.terms).record().clone();
            after.due = after.record.waits_until;
        }
    }
    let deed = Deed { at: now, by, act: "application.agree", object: &kept.record.id, detail: &note };
    ctx.store.save_application(kept, &after, None, &deed).await?;
    ctx.desk.wake.notify_one();
    Ok(())
}

/// Ends an application that is not listed yet.
pub(crate) async fn refuse(
    ctx: &Ctx,
    kept: &KeptApplication,
    officer: Option<String>,
    reason: &str,
    by: &str,
) -> Result<(), FlowError> {
    let now = ctx.clock.now();
    let refusal = Refusal { officer, at: now, reason: reason.to_owned() };
    let record = match kept.record.clone().read()? {
        AnyApplication::Draft(it) => it.refuse(refusal),
        AnyApplication::Proved(it) => it.refuse(refusal),
        AnyApplication::Cleared(it) => it.refuse(refusal),
        AnyApplication::Reviewed(it) => it.refuse(refusal),
        AnyApplication::Waiting(it) => it.refuse(refusal),
        AnyApplication::Ended(_) => return Err(FlowError::Over),
    };
    let after = KeptApplication { record, due: None, ..kept.clone() };
    let deed = Deed { at: now, by, act: "application.refuse", object: &kept.record.id, detail: reason };
    Ok(ctx.store.save_application(kept, &after, None, &deed).await?)
}

/// Somebody objects to what is on public notice.
pub(crate) async fn object(
    ctx: &Ctx,
    kept: &KeptApplication,
    said: &str,
    contact: &str,
) -> Result<(), FlowError> {
    if kept.record.stage != Stage::Waiting {
        return Err(FlowError::Over);
    }
    let (now, id) = (ctx.clock.now(), kept.record.id.as_str());
    let deed = Deed { at: now, by: "public", act: "objection.make", object: id, detail: "" };
    ctx.store.object(id, said, contact, &deed).await?;
    ctx.store.raise_alert("objection", id, &kept.record.wanted.value, now).await?;
    Ok(())
}

/// An officer answers an objection; the clock looks at the application again.
pub(crate) async fn answer(
    ctx: &Ctx,
    kept: &KeptApplication,
    objection: i64,
    text: &str,
    by: &str,
) -> Result<(), FlowError> {
    let (now, id) = (ctx.clock.now(), kept.record.id.as_str());
    let deed = Deed { at: now, by, act: "objection.answer", object: id, detail: text };
    ctx.store.answer_objection(objection, id, text, &deed).await?;
    if kept.record.stage == Stage::Waiting {
        let due = kept.record.waits_until.map(|it| it.max(now));
        let after = KeptApplication { due, ..kept.clone() };
        let deed = Deed { at: now, by, act: "application.resume", object: id, detail: "" };
        ctx.store.save_application(kept, &after, None, &deed).await?;
    }
    ctx.desk.wake.notify_one();
    Ok(())
}

/// Ends a listing until it is proved again: an officer saw that it is no longer what was vetted.
/// The log says which of the four reasons it is; what was seen is in the audit trail.
pub(crate) async fn void(
    ctx: &Ctx,
    identity: &str,
    reason: VoidReason,
    seen: &str,
    by: &str,
) -> Result<(), FlowError> {
    let (listed, now) = (ctx.registry.now(), ctx.clock.now());
    let statement = watch::void(&listed.registry, identity, reason, now).map_err(|_| FlowError::Over)?;
    publish(ctx, vec![statement], by).await?;
    ctx.store.raise_alert("changed", identity, reason.name(), now).await?;
    let detail = format!("{}: {seen}", reason.name());
    let deed = Deed { at: now, by, act: "identity.void", object: identity, detail: &detail };
    ctx.store.audit(&deed).await?;
    Ok(())
}

/// Withdraws a listing for good, at once. One officer is enough.
pub(crate) async fn revoke(ctx: &Ctx, identity: &str, reason: &str, by: &str) -> Result<(), FlowError> {
    let both = Bilingual { zh: reason.to_owned(), en: reason.to_owned() };
    let listed = ctx.registry.now();
    let statement =
        watch::revoke(&listed.registry, identity, both, ctx.clock.now()).map_err(|_| FlowError::Over)?;
    publish(ctx, vec![statement], by).await?;
    match ctx.store.application(identity).await {
        Ok(kept) => {
            let after = KeptApplication { due: None, ..kept.clone() };
            let deed =
                Deed { at: ctx.clock.now(), by, act: "identity.revoke", object: identity, detail: reason };
            Ok(ctx.store.save_application(&kept, &after, None, &deed).await?)
        }
        Err(StoreError::NotFound) => Ok(()), // Listed before there were applications.
        Err(error) => Err(error.into()),
    }
}

/// Those whose own identities an application resembles get to know, and so do the officers.
async fn tell_brands(ctx: &Ctx, record: &Record) -> Result<(), FlowError> {
    let wanted = &record.wanted;
    for it in &record.clashes {
        let reason = Bilingual {
            zh: format!("有人申请把「{}」列为官方，它与贵方的「{}」相似。", wanted.value, it.value),
            en: format!("Somebody applies to list “{}”, which resembles your “{}”.", wanted.value, it.value),
        };
        let alert = Alert {
            kind: wanted.kind.name().to_owned(),
            value: wanted.value.clone(),
            applicant: wanted.organisation.clone(),
            resembles: it.value.clone(),
            reason,
            object_until: None, // The notice begins once two officers agreed.
        };
        alert_brand(ctx, &it.organisation, &record.id, &alert).await?;
        let detail = format!("{} ≈ {} ({})", wanted.value, it.value, it.organisation);
        ctx.store.raise_alert("resembles", &record.id, &detail, ctx.clock.now()).await?;
    }
    Ok(())
}
