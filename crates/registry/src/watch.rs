//! What becomes of a listing afterwards: taken over, withdrawn, or due for its next proof.
//!
//! The way through: the shell tells [`account_changed`] how a listed account looks now, asks
//! [`due`] from time to time whom to remind, and calls [`revoke`] when one officer says so. Each
//! gives statements to publish; none publishes anything.
//!
//! Always true here:
//! - A listed account that looks different from what was vetted stops counting, under every one
//!   of its names, until it is proved again: a take-over begins with a rename.
//! - Revoking and voiding need one person and a reason, and wait for nothing.

use std::sync::Arc;

use touchstone_types::{Bilingual, Lapse, Moment};

use crate::fold::Contradicts;
use crate::statement::{Revoked, Statement, VoidReason, Voided};
use crate::{Identity, IdentityKind, Lapsing, Registry, normal};

/// How an account looks now, as far as its platform says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen<'a> {
    /// Its handle.
    pub handle: Option<&'a str>,
    /// Its display name.
    pub display_name: Option<&'a str>,
    /// PDQ hash of its picture, 64 hexadecimal digits.
    pub avatar: Option<&'a str>,
}

/// One difference between what was vetted and what is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What changed.
    pub reason: VoidReason,
    /// As it was vetted.
    pub listed: Arc<str>,
    /// As it is seen.
    pub seen: String,
}

/// A listed account no longer looks as it was vetted: statements to publish, and what to tell
/// the organisation and the officers.
#[derive(Clone, Debug, PartialEq)]
pub struct TakeOver {
    /// Whose account it is: the id of the organisation.
    pub organisation: Arc<str>,
    /// The platform it is on.
    pub platform: String,
    /// The platform's id of it.
    pub account: String,
    /// How it differs; never empty.
    pub changes: Vec<Change>,
    /// One `voided` for each identity of the account that still could count.
    pub statements: Vec<Statement>,
}

/// Two PDQ hashes further apart than this, of 256 bits, are different pictures: the distance
/// that PDQ's authors recommend. Platforms compress pictures again, which moves some bits.
const SAME_PICTURE: u32 = 31;

/// What follows from how an account looks now; `None` if it is not listed, looks as it was
/// vetted, or was voided before. What the platform does not say is not compared.
#[must_use]
pub fn account_changed(
    registry: &Registry,
    platform: &str,
    account: &str,
    seen: &Seen<'_>,
    now: Moment,
) -> Option<TakeOver> {
    let living: Vec<&Identity> = registry
        .accounts_of(platform, account)
        .filter(|it| it.revoked.is_none() && it.voided.is_none() && it.ends().is_none_or(|end| now < end.0))
        .collect();
    let changes: Vec<Change> = [
        (IdentityKind::Handle, seen.handle, VoidReason::HandleChanged),
        (IdentityKind::DisplayName, seen.display_name, VoidReason::NameChanged),
        (IdentityKind::Avatar, seen.avatar, VoidReason::AvatarChanged),
    ]
    .into_iter()
    .filter_map(|(kind, seen, reason)| changed(&living, kind, seen?, reason))
    .collect();
    let (reason, holder) = (changes.first()?.reason, living.first().and_then(|it| registry.holder(it))?);
    let statements = living
        .iter()
        .filter_map(|it| it.id.as_deref())
        .map(|id| Statement::Voided(Voided { identity: id.to_owned(), reason, at: now }));
    Some(TakeOver {
        organisation: Arc::clone(&holder.id),
        platform: platform.to_owned(),
        account: account.to_owned(),
        statements: statements.collect(),
        changes,
    })
}

/// The difference, if something of that kind is listed for the account and none of it is seen.
fn changed(living: &[&Identity], kind: IdentityKind, seen: &str, reason: VoidReason) -> Option<Change> {
    let mut listed = living.iter().filter(|it| it.kind == kind).peekable();
    let first = Arc::clone(&listed.peek()?.shown);
    let now = normal(kind, seen);
    let same = listed.any(|it| match (kind, now.as_deref()) {
        (IdentityKind::Avatar, Some(now)) => apart(&it.value, now).is_some_and(|it| it <= SAME_PICTURE),
        (_, now) => now == Some(&*it.value),
    });
    // A picture that cannot be compared says nothing; a name that cannot be one is a change.
    let comparable = now.is_some() || kind != IdentityKind::Avatar;
    (!same && comparable).then(|| Change { reason, listed: first, seen: seen.to_owned() })
}

/// In how many bits two hashes differ; `None` if they are not equally long hexadecimal digits.
fn apart(one: &str, other: &str) -> Option<u32> {
    if one.len() != other.len() {
        return None;
    }
    one.chars()
        .zip(other.chars())
        .map(|(one, other)| Some((one.to_digit(16)? ^ other.to_digit(16)?).count_ones()))
        .sum()
}

/// The statement that withdraws an identity, for good and at once.
///
/// # Errors
/// [`Contradicts`]: there is no such identity, it is revoked already, or no reason is given.
pub fn revoke(
    registry: &Registry,
    id: &str,
    reason: Bilingual,
    now: Moment,
) -> Result<Statement, Contradicts> {
    match registry.identity(id) {
        None => Err(Contradicts::UnknownIdentity(id.to_owned())),
        Some(it) if it.revoked.is_some() => Err(Contradicts::IsRevoked(id.to_owned())),
        Some(_) => {
            let statement = Statement::Revoked(Revoked { identity: id.to_owned(), reason, at: now });
            statement.check()?;
            Ok(statement)
        }
    }
}

/// The statement that ends an identity until it is proved again, as an officer saw to it.
///
/// # Errors
/// [`Contradicts`]: there is no such identity, or it is revoked or void already.
pub fn void(
    registry: &Registry,
    id: &str,
    reason: VoidReason,
    now: Moment,
) -> Result<Statement, Contradicts> {
    match registry.identity(id) {
        None => Err(Contradicts::UnknownIdentity(id.to_owned())),
        Some(it) if it.revoked.is_some() => Err(Contradicts::IsRevoked(id.to_owned())),
        Some(it) if it.voided.is_some() => Err(Contradicts::IsVoid(id.to_owned())),
        Some(_) => Ok(Statement::Voided(Voided { identity: id.to_owned(), reason, at: now })),
    }
}

/// A listing that will lapse by itself.
#[derive(Clone, Copy, Debug)]
pub struct Due<'a> {
    /// Which.
    pub identity: &'a Identity,
    /// When.
    pub ends: Moment,
    /// Why: a proof grows too old, or its time runs out.
    pub reason: Lapsing,
}

/// Listings that count now and will have lapsed in so long, the most pressing first; those in
/// files without statements have no id and are not among them.
#[must_use]
pub fn due(registry: &Registry, now: Moment, ahead: Lapse) -> Vec<Due<'_>> {
    let mut due: Vec<Due<'_>> = registry
        .identities()
        .iter()
        .filter(|it| it.id.is_some() && it.in_force(now))
        .filter_map(|identity| {
            let (ends, reason) = identity.ends()?;
            (ends <= now + ahead).then_some(Due { identity, ends, reason })
        })
        .collect();
    due.sort_by_key(|it| (it.ends, it.identity.index));
    due
}
