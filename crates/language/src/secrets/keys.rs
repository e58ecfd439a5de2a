//! Private keys, wallet files and API secrets. Case matters here, so the text is read as
//! it was written; only the words around a key are read folded.

use std::ops::Range;

use sha2::{Digest, Sha256};
use touchstone_text::Folded;

use super::{Secret, SecretKind, context, is_free};

/// The shortest key there is (WIF) has 51 characters; an API secret at least this many.
const SHORTEST: usize = 24;
/// The longest (an extended private key) has 111; longer runs are data of another kind.
const LONGEST: usize = 128;

pub(super) fn find(text: &str, folded: &Folded, found: &mut Vec<Secret>) {
    let bytes = text.as_bytes();
    // A token of the least length lies over one of these places: words end long before.
    let mut at = SHORTEST - 1;
    while at < bytes.len() {
        if !bytes[at].is_ascii_alphanumeric() {
            at += SHORTEST;
            continue;
        }
        let before = bytes[..at].iter().rev().take_while(|it| it.is_ascii_alphanumeric()).count();
        let after = bytes[at..].iter().take_while(|it| it.is_ascii_alphanumeric()).count();
        if (SHORTEST..=LONGEST).contains(&(before + after)) {
            token(text, at - before..at + after, folded, found);
        }
        at += after + SHORTEST;
    }
    // Documents have brackets or a ruled line; chat of this length mostly has neither.
    let mut signs = [false; 256];
    if bytes.len() > 60 {
        bytes.iter().for_each(|it| signs[usize::from(*it)] = true);
        let ruled = signs[usize::from(b'-')] && text.contains("-----");
        if ruled || signs[usize::from(b'{')] || signs[usize::from(b'[')] {
            documents(text, found);
        }
    }
}

fn token(text: &str, range: Range<usize>, folded: &Folded, found: &mut Vec<Secret>) {
    let token = &text[range.clone()];
    let (kind, certainty) = if is_wif(token) || is_extended_key(token) {
        (SecretKind::PrivateKey, 1.0)
    } else if is_hex_key(token) || is_key_pair(token) {
        // The same form as a transaction's hash or signature: only a word can tell.
        if !context::has(folded_around(text, &range, folded), context::PRIVATE_KEY) {
            return;
        }
        (SecretKind::PrivateKey, 0.9)
    } else if is_mixed(token) && context::has(folded_around(text, &range, folded), context::API_SECRET) {
        (SecretKind::ApiSecret, 0.85)
    } else {
        return;
    };
    if is_free(found, &range) {
        found.push(Secret { kind, span: range, certainty });
    }
}

/// The folded text near a range of the original; both are searched by share of length, and
/// then widened, because the way back goes from folded to original only.
fn folded_around<'a>(text: &str, range: &Range<usize>, folded: &'a Folded) -> &'a str {
    let whole = folded.text();
    if whole.len() <= 400 {
        return whole;
    }
    let scale = |at: usize| at.saturating_mul(whole.len()) / text.len().max(1);
    context::around(whole, scale(range.start).min(whole.len()), scale(range.end).min(whole.len()))
}

fn is_hex_key(token: &str) -> bool {
    let digits = token.strip_prefix("0x").unwrap_or(token);
    digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

fn checked(token: &str) -> Option<Vec<u8>> {
    let mut bytes = bs58::decode(token).into_vec().ok()?;
    let body = bytes.len().checked_sub(4)?;
    let sum = Sha256::digest(Sha256::digest(&bytes[..body]));
    (bytes[body..] == sum[..4]).then(|| {
        bytes.truncate(body);
        bytes
    })
}

/// Wallet import format: version, 32 bytes, and a 1 where the public key is compressed.
fn is_wif(token: &str) -> bool {
    matches!(token.len(), 51 | 52)
        && checked(token).is_some_and(|it| {
            matches!(it[0], 0x80 | 0xEF | 0xB0 | 0x9E) && (it.len() == 33 || it.len() == 34 && it[33] == 1)
        })
}

/// BIP-32 and its kin (SLIP-132): xprv, yprv, zprv, tprv …
fn is_extended_key(token: &str) -> bool {
    token.len() == 111
        && token.get(1..4) == Some("prv")
        && checked(token).is_some_and(|it| it.len() == 78 && it[45] == 0)
}

/// Solana: seed and public key, 64 bytes.
fn is_key_pair(token: &str) -> bool {
    matches!(token.len(), 86..=88) && bs58::decode(token).into_vec().is_ok_and(|it| it.len() == 64)
}

/// Letters of both cases and digits, as random strings have them.
fn is_mixed(token: &str) -> bool {
    let (mut upper, mut lower, mut digit) = (0, 0, 0);
    for byte in token.bytes() {
        match byte {
            b'A'..=b'Z' => upper += 1,
            b'a'..=b'z' => lower += 1,
            _ => digit += 1,
        }
    }
    digit >= 2 && (upper >= 2 && lower >= 2 || token.len() >= 32 && upper + lower >= 4)
}

/// Keys that come as a whole document.
fn documents(text: &str, found: &mut Vec<Secret>) {
    if let Some(begin) = text.find("-----BEGIN ") {
        let rest = &text[begin..];
        if rest.find("PRIVATE KEY-----").is_some_and(|at| at < 60) {
            let end = rest.find("-----END").map_or(text.len(), |at| begin + at);
            found.push(Secret { kind: SecretKind::PrivateKey, span: begin..end, certainty: 1.0 });
        }
    }
    if let (Some(open), Some(close)) = (text.find('{'), text.rfind('}'))
        && text.contains("\"ciphertext\"")
        && text.contains("\"kdf")
        && open < close
    {
        found.push(Secret { kind: SecretKind::Keystore, span: open..close + 1, certainty: 0.95 });
    }
    if let Some(span) = byte_array(text) {
        found.push(Secret { kind: SecretKind::PrivateKey, span, certainty: 0.95 });
    }
}

/// A Solana key file: `[174,47,…]`, 64 bytes in decimal.
fn byte_array(text: &str) -> Option<Range<usize>> {
    let mut from = 0;
    while let Some(open) = text[from..].find('[').map(|at| from + at) {
        let rest = &text[open + 1..];
        let close = rest.find([']', '[']).unwrap_or(rest.len());
        let inner = &rest[..close];
        if (127..=500).contains(&inner.len())
            && inner.split(',').count() == 64
            && inner.split(',').all(|it| it.trim().parse::<u8>().is_ok())
        {
            return Some(open..open + 1 + close);
        }
        from = open + 1;
    }
    None
}
