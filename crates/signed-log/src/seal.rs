//! A key in a file, under a passphrase: Argon2id (RFC 9106) and AES-256-GCM.
//!
//! The file is text of two lines: the public key, which anyone may read, and one line in base 64:
//! version, Argon2 cost, salt, nonce, the sealed secret and a checksum. Everything before the sealed
//! secret, the public key included, is authenticated with it.

use std::fmt;
use std::str::FromStr;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use argon2::{Algorithm, Argon2, Params, Version};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::encoding::{base64, unbase64};
use crate::key::{Cosigner, KeyError, KeyKind, SigningKey, VerifierKey};

const VERSION: u8 = 1;
const SALT: usize = 16;
const NONCE: usize = 12;
const SEALED: usize = 32 + 16;
const CHECKSUM: usize = 8;
const HEADER: usize = 1 + 4 + 4 + 4 + SALT + NONCE;
const LENGTH: usize = HEADER + SEALED + CHECKSUM;

/// What it costs to try one passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// 64 MiB, three passes, four lanes: the second choice of RFC 9106 section 4, for machines
    /// that do not have 2 GiB to spare.
    pub const STANDARD: Self = Self { memory: 64 * 1024, passes: 3, lanes: 4 };

    /// The least that there is. For tests.
    pub const LEAST: Self = Self { memory: 8, passes: 1, lanes: 1 };

    /// A file may not ask for more: it would only be there to tie up the machine.
    const MOST: Self = Self { memory: 1024 * 1024, passes: 16, lanes: 16 };

    fn params(self) -> Result<Params, SealError> {
        let Self { memory, passes, lanes } = self;
        let most = Self::MOST;
        if memory > most.memory || passes > most.passes || lanes > most.lanes {
            return Err(SealError::Cost);
        }
        Params::new(memory, passes, lanes, Some(32)).map_err(|_| SealError::Cost)
    }
}

/// Why a sealed key is not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not a file of this kind.
    #[error(
        "this is no sealed key: it needs a public key on the first line and the sealed secret on the second"
    )]
    Form,
    /// Written by a newer version. Next: use that one.
    #[error("sealed in version {0}, which is not read here")]
    Version(u8),
    /// The checksum does not fit. Next: take the file from the backup; the passphrase was not tried.
    #[error("the key file is damaged")]
    Damaged,
    /// The file is whole, but this passphrase does not open it. (Somebody who altered the file on
    /// purpose, checksum and all, gets the same answer.)
    #[error("the passphrase is wrong")]
    Passphrase,
    /// A log's key where a witness's is wanted, or the other way round.
    #[error("the key {0} is for another use: logs and witnesses have keys of different kinds")]
    Kind(VerifierKey),
    /// The file asks for a cost out of all measure.
    #[error("the file asks for more memory or time than a key may cost")]
    Cost,
    /// The public key on the first line is none.
    #[error("the public key on the first line cannot be read")]
    Key(#[from] KeyError),
}

/// A key that only its passphrase opens.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedKey {
    public: VerifierKey,
    cost: Cost,
    salt: [u8; SALT],
    nonce: [u8; NONCE],
    sealed: [u8; SEALED],
}

impl SealedKey {
    /// Seals a log's key. Salt and nonce must be new random bytes each time.
    ///
    /// # Errors
    /// [`SealError::Cost`] if it is out of bounds.
    pub fn seal(
        key: &SigningKey,
        passphrase: &str,
        salt: [u8; SALT],
        nonce: [u8; NONCE],
        cost: Cost,
    ) -> Result<Self, SealError> {
        Self::seal_seed(key.verifier(), key.seed(), passphrase, (salt, nonce), cost)
    }

    /// Seals a witness's key. Salt and nonce must be new random bytes each time.
    ///
    /// # Errors
    /// [`SealError::Cost`] if it is out of bounds.
    pub fn seal_cosigner(
        key: &Cosigner,
        passphrase: &str,
        salt: [u8; SALT],
        nonce: [u8; NONCE],
        cost: Cost,
    ) -> Result<Self, SealError> {
        Self::seal_seed(key.verifier(), key.seed(), passphrase, (salt, nonce), cost)
    }

    fn seal_seed(
        public: &VerifierKey,
        seed: &[u8; 32],
        passphrase: &str,
        (salt, nonce): ([u8; SALT], [u8; NONCE]),
        cost: Cost,
    ) -> Result<Self, SealError> {
        let mut key = Self { public: public.clone(), cost, salt, nonce, sealed: [0; SEALED] };
        let cipher = key.cipher(passphrase)?;
        let aad = key.header();
        let sealed = cipher
            .encrypt(&Nonce::from(nonce), Payload { msg: seed, aad: &aad })
            .map_err(|_| SealError::Cost)?;
        key.sealed = sealed.try_into().map_err(|_| SealError::Form)?;
        Ok(key)
    }

    /// Whose key it is. Not proven before the key is opened.
    #[must_use]
    pub fn public(&self) -> &VerifierKey {
        &self.public
    }

    /// Opens a log's key. Takes a moment, on purpose.
    ///
    /// # Errors
    /// [`SealError::Passphrase`], [`SealError::Kind`], [`SealError::Cost`].
    pub fn open(&self, passphrase: &str) -> Result<SigningKey, SealError> {
        let seed = self.open_seed(passphrase, KeyKind::Note)?;
        let key = SigningKey::from_seed(self.public.name(), &seed)?;
        if *key.verifier() == self.public { Ok(key) } else { Err(SealError::Damaged) }
    }

    /// Opens a witness's key. Takes a moment, on purpose.
    ///
    /// # Errors
    /// [`SealError::Passphrase`], [`SealError::Kind`], [`SealError::Cost`].
    pub fn open_cosigner(&self, passphrase: &str) -> Result<Cosigner, SealError> {
        let seed = self.open_seed(passphrase, KeyKind::Cosignature)?;
        let key = Cosigner::from_seed(self.public.name(), &seed)?;
        if *key.verifier() == self.public { Ok(key) } else { Err(SealError::Damaged) }
    }

    fn open_seed(&self, passphrase: &str, kind: KeyKind) -> Result<Zeroizing<[u8; 32]>, SealError> {
        if self.public.kind() != kind {
            return Err(SealError::Kind(self.public.clone()));
        }
        let cipher = self.cipher(passphrase)?;
        let payload = Payload { msg: &self.sealed, aad: &self.header() };
        let opened = cipher.decrypt(&Nonce::from(self.nonce), payload).map_err(|_| SealError::Passphrase)?;
        let opened = Zeroizing::new(opened);
        let seed = <[u8; 32]>::try_from(opened.as_slice()).map_err(|_| SealError::Damaged)?;
        Ok(Zeroizing::new(seed))
    }

    fn cipher(&self, passphrase: &str) -> Result<Aes256Gcm, SealError> {
        let params = self.cost.params()?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &self.salt, key.as_mut())
            .map_err(|_| SealError::Cost)?;
        Ok(Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key)))
    }

    /// What is in the clear but authenticated: the public key, version, cost, salt and nonce.
    fn header(&self) -> Vec<u8> {
        let mut bytes = format!("{}\n", self.public).into_bytes();
        bytes.push(VERSION);
        for number in [self.cost.memory, self.cost.passes, self.cost.lanes] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(self.salt);
        bytes.extend(self.nonce);
        bytes
    }
}

fn checksum(body: &[u8]) -> Vec<u8> {
    Sha256::digest(body).iter().copied().take(CHECKSUM).collect()
}

impl fmt::Display for SealedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut body = self.header();
        body.extend(self.sealed);
        body.extend(checksum(&body));
        let first = self.public.to_string();
        writeln!(f, "{first}\n{}", base64(&body[first.len() + 1..]))
    }
}

impl fmt::Debug for SealedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedKey({})", self.public)
    }
}

impl FromStr for SealedKey {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        let (first, second) = text.trim_end().split_once('\n').ok_or(SealError::Form)?;
        let first = first.trim_end();
        let bytes = unbase64(second).ok_or(SealError::Damaged)?;
        match bytes.first() {
            Some(&VERSION) => {}
            Some(&other) => return Err(SealError::Version(other)),
            None => return Err(SealError::Form),
        }
        let (body, sum) = bytes.split_at_checked(LENGTH - CHECKSUM).ok_or(SealError::Damaged)?;
        if checksum(&[first.as_bytes(), b"\n", body].concat()) != sum {
            return Err(SealError::Damaged);
        }
        let mut rest = &body[1..];
        let cost = Cost { memory: number(&mut rest)?, passes: number(&mut rest)?, lanes: number(&mut rest)? };
        let salt = take(&mut rest)?;
        let nonce = take(&mut rest)?;
        Ok(Self { public: first.parse()?, cost, salt, nonce, sealed: take(&mut rest)? })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], SealError> {
    let (taken, after) = rest.split_first_chunk::<N>().ok_or(SealError::Damaged)?;
    *rest = after;
    Ok(*taken)
}

fn number(rest: &mut &[u8]) -> Result<u32, SealError> {
    take(rest).map(u32::from_be_bytes)
}
