//! API keys and one-time links: made here from the system's random numbers, as `accounts`
//! lays them out; only their hashes are kept.

use rand::TryRngCore;
use rand::rngs::OsRng;
use touchstone_accounts::{ApiKeyText, Scope, Token};
use touchstone_store::{ApiKey, Store, StoreError};
use touchstone_types::Moment;

/// Why no key was made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The system gives no random numbers.
    #[error("no randomness")]
    NoRandomness(#[source] rand::rand_core::OsError),
    /// It could not be kept.
    #[error("the key was not kept")]
    Store(#[from] StoreError),
}

/// Makes a key and keeps its hash; the text is given once and never again.
///
/// # Errors
/// [`KeyError`]; then there is no key.
pub async fn create(
    store: &Store,
    name: &str,
    scopes: &[Scope],
    by: &str,
    now: Moment,
) -> Result<String, KeyError> {
    let text = ApiKeyText::from_random(random()?, random()?);
    let key = ApiKey {
        id: text.id(),
        secret_hash: text.hash(),
        name: name.to_owned(),
        scopes: scopes.to_vec(),
        made_by: by.to_owned(),
        created: now,
        last_used: None,
        revoked: None,
    };
    store.add_api_key(&key).await?;
    Ok(text.text())
}

/// A token that nobody can guess.
///
/// # Errors
/// [`KeyError::NoRandomness`].
pub(crate) fn token() -> Result<Token, KeyError> {
    Ok(Token::from_random(random()?))
}

/// What is kept of the token in a link. A text that is no token finds nothing: no hash is all
/// zeros.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    Token::parse(text).map_or([0; 32], |token| token.hash())
}

/// Random bytes of the system's.
///
/// # Errors
/// [`KeyError::NoRandomness`].
pub(crate) fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map_err(KeyError::NoRandomness)?;
    Ok(bytes)
}
