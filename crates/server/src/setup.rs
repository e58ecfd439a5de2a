use touchstone_accounts::Role;
use touchstone_store::Invitation;
use touchstone_types::Lapse;

use crate::ctx::Ctx;
use crate::keys::{self, KeyError};

/// How long the link for the first log-in works.
const WORKS_FOR: Lapse = Lapse::from_secs(86_400);

/// The token of a link with which the first log-in is made; none once somebody works here.
/// Who comes first has every role and can pass them on.
///
/// # Errors
/// Those of the store and of the system's random numbers.
pub async fn first_invitation(ctx: &Ctx) -> Result<Option<String>, KeyError> {
    if !ctx.store.is_without_staff().await? {
        return Ok(None);
    }
    let (token, now) = (keys::token()?, ctx.clock.now());
    let invitation = Invitation {
        token_hash: token.hash(),
        roles: Role::ALL.to_vec(),
        made_by: "system".to_owned(),
        created: now,
        expires: now + WORKS_FOR,
        used: None,
    };
    ctx.store.invite(&invitation).await?;
    Ok(Some(token.text()))
}
