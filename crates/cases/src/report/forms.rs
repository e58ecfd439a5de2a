//! How addresses and transaction ids look on each chain, down to their checksums: EIP-55 and
//! base58check, bech32 (BIP-173) and bech32m (BIP-350), and TON's CRC-16 (TEP-2).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use sha3::Keccak256;

use crate::words::words;

words! {
    /// The form of addresses and transaction ids of a group of chains.
    Form {
        /// Ethereum and its like.
        Evm = "evm",
        /// Bitcoin.
        Bitcoin = "bitcoin",
        /// Litecoin.
        Litecoin = "litecoin",
        /// Dogecoin.
        Dogecoin = "dogecoin",
        /// Tron.
        Tron = "tron",
        /// Solana.
        Solana = "solana",
        /// TON.
        Ton = "ton",
        /// The XRP Ledger.
        Xrpl = "xrpl",
        /// Sui.
        Sui = "sui",
        /// Aptos.
        Aptos = "aptos",
        /// Cosmos Hub.
        Cosmos = "cosmos",
        /// Cardano.
        Cardano = "cardano",
    }
}

/// How a text compares with a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It has the form, and its checksum fits, where there is one.
    Yes,
    /// It has the form, but a character is wrong.
    Checksum,
    /// It has another form.
    No,
}

impl Form {
    /// Whether the text is an address of this form.
    pub(super) fn address(self, text: &str) -> Fit {
        match self {
            Form::Evm => evm(text),
            Form::Bitcoin => either(base58check(text, &[&[0x00], &[0x05]], 20), || bech32(text, "bc")),
            Form::Litecoin => either(base58check(text, &[&[0x30], &[0x32]], 20), || bech32(text, "ltc")),
            Form::Dogecoin => base58check(text, &[&[0x1e], &[0x16]], 20),
            Form::Tron => base58check(text, &[&[0x41]], 20),
            Form::Solana => fits(base58(text, bs58::Alphabet::BITCOIN).is_some_and(|it| it.len() == 32)),
            Form::Ton => ton(text),
            Form::Xrpl => {
                checked(base58(text, bs58::Alphabet::RIPPLE), &[&[0x00]], 20, text.starts_with('r'))
            }
            Form::Sui => fits(hexadecimal(text, 64..=64)),
            Form::Aptos => fits(hexadecimal(text, 60..=64)),
            Form::Cosmos => bech32(text, "cosmos"),
            Form::Cardano => either(bech32(text, "addr"), || bech32(text, "stake")),
        }
    }

    /// Whether the text is a transaction's id of this form.
    pub(super) fn transaction(self, text: &str) -> bool {
        let bare = |text: &str| text.len() == 64 && text.bytes().all(|it| it.is_ascii_hexdigit());
        let base58_of =
            |length: usize| base58(text, bs58::Alphabet::BITCOIN).is_some_and(|it| it.len() == length);
        match self {
            Form::Evm | Form::Aptos => hexadecimal(text, 64..=64),
            Form::Solana => base58_of(64),
            Form::Sui => base58_of(32),
            Form::Ton => bare(text) || STANDARD.decode(text).is_ok_and(|it| it.len() == 32),
            Form::Tron => bare(text.strip_prefix("0x").unwrap_or(text)),
            Form::Bitcoin | Form::Litecoin | Form::Dogecoin | Form::Xrpl | Form::Cosmos | Form::Cardano => {
                bare(text)
            }
        }
    }

    /// The address in the one form in which equal ones are equal.
    #[must_use]
    pub fn same(self, address: &str) -> String {
        match self {
            Form::Evm | Form::Sui | Form::Aptos => address.to_ascii_lowercase(),
            // Bech32 may be written in capitals; base58 may not be touched.
            Form::Bitcoin | Form::Litecoin | Form::Cosmos | Form::Cardano
                if !address.bytes().any(|it| it.is_ascii_lowercase()) =>
            {
                address.to_ascii_lowercase()
            }
            _ => address.to_owned(),
        }
    }

    /// A transaction's id in the one form in which equal ones are equal.
    pub(super) fn same_id(id: &str) -> String {
        let bare = id.strip_prefix("0x").unwrap_or(id);
        if bare.bytes().all(|it| it.is_ascii_hexdigit()) { bare.to_ascii_lowercase() } else { id.to_owned() }
    }
}

const fn fits(it: bool) -> Fit {
    if it { Fit::Yes } else { Fit::No }
}

fn either(first: Fit, second: impl FnOnce() -> Fit) -> Fit {
    match (first, second) {
        (Fit::Yes, _) => Fit::Yes,
        (first, second) => match (first, second()) {
            (_, Fit::Yes) => Fit::Yes,
            (Fit::Checksum, _) | (_, Fit::Checksum) => Fit::Checksum,
            _ => Fit::No,
        },
    }
}

fn hexadecimal(text: &str, digits: std::ops::RangeInclusive<usize>) -> bool {
    let body = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    body.is_some_and(|it| digits.contains(&it.len()) && it.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

/// EIP-55: letters in one case carry no checksum, mixed ones do.
fn evm(text: &str) -> Fit {
    if !hexadecimal(text, 40..=40) {
        return Fit::No;
    }
    let digits = &text.as_bytes()[2..];
    let (lower, upper) =
        (digits.iter().any(u8::is_ascii_lowercase), digits.iter().any(u8::is_ascii_uppercase));
    if !(lower && upper) {
        return Fit::Yes;
    }
    let hash = Keccak256::digest(digits.to_ascii_lowercase());
    let right =
        digits.iter().enumerate().filter(|(_, digit)| digit.is_ascii_alphabetic()).all(|(at, digit)| {
            let nibble = if at % 2 == 0 { hash[at / 2] >> 4 } else { hash[at / 2] & 15 };
            digit.is_ascii_uppercase() == (nibble >= 8)
        });
    if right { Fit::Yes } else { Fit::Checksum }
}

fn base58(text: &str, alphabet: &bs58::Alphabet) -> Option<Vec<u8>> {
    // Decoding takes time with the square of the length; no address or id is longer.
    (text.len() <= 100).then(|| bs58::decode(text).with_alphabet(alphabet).into_vec().ok()).flatten()
}

fn base58check(text: &str, versions: &[&[u8]], length: usize) -> Fit {
    checked(base58(text, bs58::Alphabet::BITCOIN), versions, length, true)
}

/// A version, so many bytes, and the first four of their double hash.
fn checked(bytes: Option<Vec<u8>>, versions: &[&[u8]], length: usize, looks: bool) -> Fit {
    let Some(bytes) = bytes.filter(|_| looks) else { return Fit::No };
    let has = |it: &&[u8]| bytes.starts_with(it) && bytes.len() == it.len() + length + 4;
    if !versions.iter().any(has) {
        return Fit::No;
    }
    let (body, sum) = bytes.split_at(bytes.len() - 4);
    if Sha256::digest(Sha256::digest(body))[..4] == *sum { Fit::Yes } else { Fit::Checksum }
}

const BECH32: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// BIP-173 and BIP-350, with either constant: which of them fits follows from the version, and
/// a slip passes neither.
fn bech32(text: &str, prefix: &str) -> Fit {
    let mixed =
        text.bytes().any(|it| it.is_ascii_lowercase()) && text.bytes().any(|it| it.is_ascii_uppercase());
    let lower = text.to_ascii_lowercase();
    let Some(body) = lower.strip_prefix(prefix).and_then(|it| it.strip_prefix('1')) else { return Fit::No };
    if mixed || !(14..=110).contains(&body.len()) {
        return Fit::No;
    }
    let Some(data) = body.chars().map(|it| BECH32.find(it)).collect::<Option<Vec<_>>>() else {
        return Fit::No;
    };
    let high = prefix.bytes().map(|it| u32::from(it >> 5));
    let low = prefix.bytes().map(|it| u32::from(it & 31));
    let data = data.into_iter().map(|it| u32::try_from(it).unwrap_or(0)); // Below 32.
    let sum = high.chain([0]).chain(low).chain(data).fold(1_u32, |sum, value| {
        let top = sum >> 25;
        let mixed = ((sum & 0x01ff_ffff) << 5) ^ value;
        let generators = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
        generators
            .iter()
            .enumerate()
            .fold(mixed, |sum, (at, it)| if top >> at & 1 == 1 { sum ^ it } else { sum })
    });
    if sum == 1 || sum == 0x2bc8_30a3 { Fit::Yes } else { Fit::Checksum }
}

/// `0:` and 64 digits, or 36 bytes in base64 that end with a CRC-16 of the others.
fn ton(text: &str) -> Fit {
    if let Some((workchain, digits)) = text.split_once(':') {
        let raw = matches!(workchain, "0" | "-1") && digits.len() == 64;
        return fits(raw && digits.bytes().all(|it| it.is_ascii_hexdigit()));
    }
    let plain = text.replace('+', "-").replace('/', "_");
    let Some(bytes) =
        URL_SAFE_NO_PAD.decode(plain).ok().filter(|it| it.len() == 36 && it[0] & 0x7f & 0x91 == 0x11)
    else {
        return Fit::No;
    };
    let sum = bytes[..34].iter().fold(0_u16, |sum, byte| {
        (0..8).fold(
            sum ^ u16::from(*byte) << 8,
            |sum, _| if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 },
        )
    });
    if sum.to_be_bytes() == bytes[34..] { Fit::Yes } else { Fit::Checksum }
}
