//! What victims tell is sealed before it is kept: whoever has the database alone reads nothing.
//!
//! The key is a file on the operator's machine, made at the first start. AES-256-GCM (NIST SP
//! 800-38D) with a key of its own for each case, so that random nonces stay far below their limit;
//! what is sealed is bound to its place, so that no text can be moved to another case or entry.
//!
//! Always true here:
//! - The fingerprint of the key is in the database: another key is refused before anything is
//!   written with it.
//! - Marks by which cases are linked are keyed hashes: who has the database alone cannot try
//!   addresses against them.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hmac::{Hmac, Mac};
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use sha2::Sha256;
use touchstone_store::{Store, StoreError};
use touchstone_types::Moment;
use zeroize::Zeroizing;

/// The first line of the file.
const TITLE: &str = "touchstone cases key 1";
const NONCE: usize = 12;

/// Why the vault does not open.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The file cannot be read or made.
    #[error("cannot read or make the key of cases, {path}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// It is no key file.
    #[error("{0} is no key of cases: its first line is not `{TITLE}`, or 64 digits do not follow")]
    Form(PathBuf),
    /// Cases were sealed with another key.
    #[error(
        "the key of cases in {0} is not the one that the cases in this database were sealed with: put the right file back, or name it in [cases] key_file"
    )]
    OtherKey(PathBuf),
    /// There is no file, but cases are there that need one.
    #[error(
        "the key of cases, {0}, is not there, but the cases in this database were sealed with one: put the file back, or name it in [cases] key_file"
    )]
    Missing(PathBuf),
    /// No random numbers.
    #[error("no randomness")]
    Random(#[source] rand::rand_core::OsError),
    /// The database.
    #[error("the database")]
    Store(#[from] StoreError),
}

/// What is sealed does not open: it was changed, or moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealed text is damaged")]
pub struct Damaged;

/// Where something sealed stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Of which case.
    pub reference: &'a str,
    /// In which table.
    pub table: &'static str,
    /// Which of the case's there; 0 where there is one.
    pub n: i64,
}

/// The key of cases, ready for use.
pub struct Vault {
    key: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the key of cases") // Never what it is.
    }
}

impl Vault {
    /// Reads the key, or makes one if there is no file, and holds it against the database.
    ///
    /// # Errors
    /// [`VaultError`]: then nothing may be kept.
    pub async fn unlock(path: &Path, store: &Store, now: Moment) -> Result<Self, VaultError> {
        // A new key in the place of the lost one would only hide that it is lost.
        if !path.exists() && store.kept_vault_fingerprint().await?.is_some() {
            return Err(VaultError::Missing(path.to_owned()));
        }
        let vault = Self::read_or_make(path)?;
        let kept = store.vault_fingerprint(&vault.fingerprint(), now).await?;
        if kept == vault.fingerprint() { Ok(vault) } else { Err(VaultError::OtherKey(path.to_owned())) }
    }

    /// With a key that is known already.
    #[must_use]
    pub fn of(key: [u8; 32]) -> Self {
        Self { key: Zeroizing::new(key) }
    }

    fn read_or_make(path: &Path) -> Result<Self, VaultError> {
        let wrong = |cause| VaultError::File { path: path.to_owned(), cause };
        match std::fs::read_to_string(path) {
            Ok(text) => read(&Zeroizing::new(text)).ok_or_else(|| VaultError::Form(path.to_owned())),
            Err(cause) if cause.kind() == ErrorKind::NotFound => {
                let mut key = Zeroizing::new([0; 32]);
                OsRng.try_fill_bytes(key.as_mut_slice()).map_err(VaultError::Random)?;
                let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
                let text = Zeroizing::new(format!("{TITLE}\n{digits}\n"));
                match make(path, &text) {
                    // Another process made it a moment ago.
                    Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Self::read_or_make(path),
                    Err(cause) => Err(wrong(cause)),
                    Ok(()) => Ok(Self { key }),
                }
            }
            Err(cause) => Err(wrong(cause)),
        }
    }

    /// What the key is known by in the database.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.derive(b"fingerprint", &[])
    }

    /// Seals a text for its place. No two sealed texts look alike.
    ///
    /// # Errors
    /// [`VaultError::Random`] if the system gives no random numbers.
    pub fn seal(&self, place: Place<'_>, text: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; NONCE];
        OsRng.try_fill_bytes(&mut nonce).map_err(VaultError::Random)?;
        let payload = Payload { msg: text, aad: &bound_to(place) };
        // It fails for texts of more than 64 GiB only; what comes in is bounded far below.
        let sealed = self.cipher(place).encrypt(&Nonce::from(nonce), payload).unwrap_or_default();
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for that place.
    ///
    /// # Errors
    /// [`Damaged`] if it was sealed for another place, or changed since.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, Damaged> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or(Damaged)?;
        let payload = Payload { msg: body, aad: &bound_to(place) };
        self.cipher(place).decrypt(&Nonce::from(*nonce), payload).map_err(|_| Damaged)
    }

    /// What two cases that share a thing have in common, and nobody else can make.
    #[must_use]
    pub fn mark(&self, kind: &str, text: &str) -> [u8; 16] {
        let whole = self.derive(b"mark", &[kind.as_bytes(), text.as_bytes()]);
        let mut mark = [0; 16];
        mark.copy_from_slice(&whole[..16]);
        mark
    }

    /// A secret of this installation's for that purpose and thing.
    #[must_use]
    pub(crate) fn derive(&self, purpose: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        // A key of any length is taken; there is no other error.
        let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(self.key.as_slice()) else {
            return [0; 32];
        };
        for part in std::iter::once(&purpose).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn cipher(&self, place: Place<'_>) -> Aes256Gcm {
        let key = Zeroizing::new(self.derive(b"seal", &[place.reference.as_bytes()]));
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
    }
}

fn bound_to(place: Place<'_>) -> Vec<u8> {
    format!("touchstone {} {} {}", place.table, place.reference, place.n).into_bytes()
}

fn read(text: &str) -> Option<Vault> {
    let mut lines = text.lines();
    if lines.next()?.trim() != TITLE {
        return None;
    }
    let digits = lines.next()?.trim().as_bytes();
    let mut key = Zeroizing::new([0; 32]);
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let half = |digit: u8| char::from(digit).to_digit(16).and_then(|it| u8::try_from(it).ok());
        *byte = half(pair[0])? << 4 | half(pair[1])?;
    }
    Some(Vault { key })
}

/// Makes the file, for its owner alone, and waits for the disk: a case that is kept and a key that
/// is not would be a case that nobody reads. It is there whole or not at all, and is never replaced.
fn make(path: &Path, text: &str) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(beside);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    let made = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let made = made.and_then(|()| std::fs::hard_link(&beside, path));
    std::fs::remove_file(&beside).and(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place { reference: "TS-AAAA-AAAA", table: "case_entries", n: 3 };

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let vault = Vault::of([7; 32]);
        let sealed = vault.seal(PLACE, "助记词被骗走了".as_bytes()).unwrap();
        assert_eq!(vault.open(PLACE, &sealed).unwrap(), "助记词被骗走了".as_bytes());
        for elsewhere in [
            Place { n: 4, ..PLACE },
            Place { table: "case_files", ..PLACE },
            Place { reference: "TS-AAAA-AAAB", ..PLACE },
        ] {
            assert_eq!(vault.open(elsewhere, &sealed), Err(Damaged), "{elsewhere:?}");
        }
        assert_eq!(Vault::of([8; 32]).open(PLACE, &sealed), Err(Damaged));
    }

    #[test]
    fn one_changed_bit_is_noticed() {
        let vault = Vault::of([7; 32]);
        let sealed = vault.seal(PLACE, b"text").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(vault.open(PLACE, &changed), Err(Damaged), "byte {at}");
        }
        for length in 0..sealed.len() {
            assert_eq!(vault.open(PLACE, &sealed[..length]), Err(Damaged));
        }
    }

    #[test]
    fn the_same_text_looks_different_each_time_and_its_mark_the_same() {
        let vault = Vault::of([7; 32]);
        assert_ne!(vault.seal(PLACE, b"text").unwrap(), vault.seal(PLACE, b"text").unwrap());
        assert_eq!(vault.mark("address", "0xab"), vault.mark("address", "0xab"));
        assert_ne!(vault.mark("address", "0xab"), vault.mark("suspect", "0xab"));
        assert_ne!(vault.mark("address", "0xab"), Vault::of([8; 32]).mark("address", "0xab"));
        // Where one part ends and the next begins is part of what is hashed.
        assert_ne!(vault.mark("a", "bc"), vault.mark("ab", "c"));
    }

    #[tokio::test]
    async fn another_key_than_the_first_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let now = "2026-11-22T00:00:00Z".parse().unwrap();
        let url = format!("sqlite:{}", folder.path().join("store.db").display());
        let store = Store::open(&url, now).await.unwrap();
        let path = folder.path().join("cases.key");
        let first = Vault::unlock(&path, &store, now).await.unwrap().fingerprint();
        assert_eq!(Vault::unlock(&path, &store, now).await.unwrap().fingerprint(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let other = folder.path().join("other.key");
        let refused = Vault::unlock(&other, &store, now).await.unwrap_err();
        assert!(matches!(&refused, VaultError::Missing(it) if *it == other) && !other.exists(), "{refused}");
        std::fs::write(&other, format!("{TITLE}\n{}\n", "ab".repeat(32))).unwrap();
        let refused = Vault::unlock(&other, &store, now).await.unwrap_err();
        assert!(matches!(&refused, VaultError::OtherKey(it) if *it == other), "{refused}");
        for text in ["", "touchstone cases key 1\n", "touchstone cases key 1\n0g\n", "something else\n"] {
            std::fs::write(&other, text).unwrap();
            let refused = Vault::unlock(&other, &store, now).await.unwrap_err();
            assert!(matches!(refused, VaultError::Form(_)), "{text:?}: {refused}");
        }
    }
}
