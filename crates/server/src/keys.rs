//! API keys: a public part that finds the key, and a secret part of which only a hash is kept.
//!
//! A key reads `tsk_PUBLIC_SECRET`: the public part has 16 hexadecimal digits, the secret
//! part 64. 256 random bits need no slow hash; SHA-256 is enough to keep them.

use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use touchstone_accounts::Scope;
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
    let id = random::<8>()?;
    let secret = random::<32>()?;
    let key = ApiKey {
        secret_hash: hash(&secret),
        name: name.to_owned(),
        scopes: scopes.to_vec(),
        made_by: by.to_owned(),
        created: now,
        last_used: None,
        revoked: None,
        id,
    };
    store.add_api_key(&key).await?;
    Ok(format!("tsk_{}_{secret}", key.id))
}

/// The key that the text is, if there is one and it was not revoked.
///
/// # Errors
/// Those of reading; a wrong key is none.
pub async fn find(store: &Store, text: &str) -> Result<Option<ApiKey>, StoreError> {
    let Some((id, secret)) = parts(text) else { return Ok(None) };
    match store.api_key(id).await {
        Ok(key) => Ok(opens(&key, secret).then_some(key)),
        Err(StoreError::NotFound) => Ok(None),
        Err(cause) => Err(cause),
    }
}

/// The public and the secret part of a key.
pub(crate) fn parts(text: &str) -> Option<(&str, &str)> {
    let (id, secret) = text.strip_prefix("tsk_")?.split_once('_')?;
    let hexadecimal = |it: &str| it.bytes().all(|byte| byte.is_ascii_hexdigit());
    (id.len() == 16 && secret.len() == 64 && hexadecimal(id) && hexadecimal(secret)).then_some((id, secret))
}

/// Whether the secret is that of the key; takes as long whether it is or not.
pub(crate) fn opens(key: &ApiKey, secret: &str) -> bool {
    let given = hash(secret);
    let differing = given.iter().zip(&key.secret_hash).fold(0, |differing, (a, b)| differing | (a ^ b));
    differing == 0
}

/// SHA-256 of a secret, as it is kept.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// `N` random bytes as hexadecimal digits.
pub(crate) fn random<const N: usize>() -> Result<String, KeyError> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map_err(KeyError::NoRandomness)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_nothing_else_is() {
        let (id, secret) = ("0123456789abcdef", "f".repeat(64));
        let text = format!("tsk_{id}_{secret}");
        assert_eq!(parts(&text), Some((id, secret.as_str())));
        let cut = &text[..text.len() - 1];
        for wrong in ["", "tsk_", cut, &text[1..], &format!("{text}0"), &text.replace('f', "g")] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }
}
