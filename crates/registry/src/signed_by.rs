//! Whether a text was signed with the key of a blockchain address.
//!
//! Ethereum and its kin (`eip155:`): `personal_sign` as EIP-191 version `0x45` has it, a
//! recoverable secp256k1 signature over Keccak-256; the address is what the recovered key
//! hashes to. Solana (`solana:`): Ed25519 over the bytes of the text; the address is the key.
//!
//! Always true here: pure, bounded, and no input makes it panic.

use ed25519_dalek::{Signature as EdSignature, VerifyingKey as EdKey};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use sha3::{Digest, Keccak256};

/// The longest text that is checked, in bytes.
const MAX_TEXT: usize = 4096;

/// Why a signature does not show control of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// Signatures of that chain are not read here. Next: another proof.
    #[error("signatures of this chain cannot be checked")]
    Chain,
    /// The address is none of that chain. Next: correct it.
    #[error("not an address of this chain")]
    Address,
    /// Not a signature: wrong length, wrong digits. Next: copy it whole.
    #[error("not a signature of this chain")]
    Form,
    /// A signature, but of another text or with another key. Next: sign exactly the text.
    #[error("not signed with the key of this address")]
    OtherKey,
}

/// Checks a signature as wallets print it: hexadecimal with or without `0x` for Ethereum, base58
/// (or hexadecimal) for Solana.
///
/// # Errors
/// [`NotSigned`] unless it is that address's signature of that text.
pub fn check(chain: &str, address: &str, text: &str, signature: &str) -> Result<(), NotSigned> {
    let signature = signature.trim();
    if text.len() > MAX_TEXT || signature.len() > 256 {
        return Err(NotSigned::Form);
    }
    match chain.split_once(':').map(|(namespace, _)| namespace) {
        Some("eip155") => ethereum(address.trim(), text, signature),
        Some("solana") => solana(address.trim(), text, signature),
        _ => Err(NotSigned::Chain),
    }
}

fn ethereum(address: &str, text: &str, signature: &str) -> Result<(), NotSigned> {
    let address: [u8; 20] = hex(address.strip_prefix("0x").ok_or(NotSigned::Address)?)
        .and_then(|it| it.try_into().ok())
        .ok_or(NotSigned::Address)?;
    let bytes = hex(signature.strip_prefix("0x").unwrap_or(signature)).ok_or(NotSigned::Form)?;
    let (Some(pair), [v]) = (bytes.get(..64), bytes.get(64..).unwrap_or_default()) else {
        return Err(NotSigned::Form);
    };
    // Wallets write 27 or 28 as in the yellow paper, some hardware 0 or 1.
    let parity = match v {
        0 | 27 => 0,
        1 | 28 => 1,
        _ => return Err(NotSigned::Form),
    };
    let pair = Signature::from_slice(pair).map_err(|_| NotSigned::Form)?;
    let which = RecoveryId::from_byte(parity).ok_or(NotSigned::Form)?;
    let mut hash = Keccak256::new();
    hash.update(format!("\x19Ethereum Signed Message:\n{}", text.len()).as_bytes());
    hash.update(text.as_bytes());
    let key = VerifyingKey::recover_from_prehash(&hash.finalize(), &pair, which)
        .map_err(|_| NotSigned::OtherKey)?;
    let point = key.to_sec1_point(false);
    let hashed = Keccak256::digest(point.as_bytes().get(1..).unwrap_or_default());
    if hashed.get(12..) == Some(&address[..]) { Ok(()) } else { Err(NotSigned::OtherKey) }
}

fn solana(address: &str, text: &str, signature: &str) -> Result<(), NotSigned> {
    let key: [u8; 32] = base58(address).and_then(|it| it.try_into().ok()).ok_or(NotSigned::Address)?;
    let key = EdKey::from_bytes(&key).map_err(|_| NotSigned::Address)?;
    let read = base58(signature).filter(|it| it.len() == 64).or_else(|| hex(signature));
    let signature: [u8; 64] = read.and_then(|it| it.try_into().ok()).ok_or(NotSigned::Form)?;
    key.verify_strict(text.as_bytes(), &EdSignature::from_bytes(&signature)).map_err(|_| NotSigned::OtherKey)
}

fn base58(text: &str) -> Option<Vec<u8>> {
    bs58::decode(text).into_vec().ok()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};
    use proptest::prelude::*;

    use super::*;

    fn written(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn ethereum_key(seed: u8) -> (k256::ecdsa::SigningKey, String) {
        let key = k256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap();
        let point = key.verifying_key().to_sec1_point(false);
        let address = format!("0x{}", written(&Keccak256::digest(&point.as_bytes()[1..])[12..]));
        (key, address)
    }

    fn personal_sign(key: &k256::ecdsa::SigningKey, text: &str, base: u8) -> String {
        let prefixed = format!("\x19Ethereum Signed Message:\n{}{text}", text.len());
        let (pair, which) = key.sign_prehash_recoverable(&Keccak256::digest(prefixed.as_bytes()));
        format!("0x{}{:02x}", written(&pair.to_bytes()), which.to_byte() + base)
    }

    #[test]
    fn an_address_signs_for_itself_and_for_no_other_text_or_address() {
        let (key, address) = ethereum_key(7);
        let (_, other) = ethereum_key(8);
        for base in [0, 27] {
            let signature = personal_sign(&key, "touchstone: abc", base);
            assert_eq!(check("eip155:1", &address, "touchstone: abc", &signature), Ok(()));
            assert_eq!(
                check(
                    "eip155:56",
                    &address.to_uppercase().replace("0X", "0x"),
                    "touchstone: abc",
                    &signature
                ),
                Ok(())
            );
            assert_eq!(check("eip155:1", &address, "touchstone: abd", &signature), Err(NotSigned::OtherKey));
            assert_eq!(check("eip155:1", &other, "touchstone: abc", &signature), Err(NotSigned::OtherKey));
        }
    }

    /// The key of EIP-155's own example (46 repeated) has this address in every wallet.
    #[test]
    fn addresses_are_those_that_wallets_show() {
        assert_eq!(ethereum_key(0x46).1, "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
    }

    #[test]
    fn a_solana_address_signs_for_itself() {
        let key = SigningKey::from_bytes(&[9; 32]);
        let address = bs58::encode(key.verifying_key().to_bytes()).into_string();
        let bytes = key.sign(b"touchstone: abc").to_bytes();
        let chain = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp";
        for signature in [bs58::encode(bytes).into_string(), written(&bytes)] {
            assert_eq!(check(chain, &address, "touchstone: abc", &signature), Ok(()));
            assert_eq!(check(chain, &address, "another", &signature), Err(NotSigned::OtherKey));
        }
    }

    #[test]
    fn what_is_no_signature_or_address_is_said_to_be_none() {
        let (key, address) = ethereum_key(7);
        let signature = personal_sign(&key, "x", 27);
        for bad in
            ["", "0x", "0xzz", &signature[..100], &format!("{signature}00"), &signature.replace("0x", "0y")]
        {
            assert_eq!(check("eip155:1", &address, "x", bad), Err(NotSigned::Form), "{bad}");
        }
        assert_eq!(check("eip155:1", "me", "x", &signature), Err(NotSigned::Address));
        assert_eq!(check("solana:x", "0OIl", "x", &signature), Err(NotSigned::Address));
        assert_eq!(check("bip122:0", &address, "x", &signature), Err(NotSigned::Chain));
    }

    proptest! {
        #[test]
        fn no_input_breaks_it(chain in "(eip155|solana):[a-z0-9]{1,4}", address in "\\PC{0,60}", text in "\\PC{0,60}", signature in "\\PC{0,140}") {
            prop_assert!(check(&chain, &address, &text, &signature).is_err());
        }
    }
}
