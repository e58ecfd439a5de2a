//! Who may come in, and how well is an account guarded?
//!
//! The way through: [`password::check`] and [`password::hash`] when somebody joins,
//! [`password::verify`], [`Totp`] and [`Passkeys`] when they come back, [`throttle::wait`]
//! before any of these, [`Token`] and [`Expiry`] while they stay, [`may`] for each thing they
//! do. Programs come with an [`ApiKeyText`].
//!
//! Always true here:
//! - No clock, no network, no database: times, random bytes and stored state come as
//!   arguments. The one exception is the challenge of a passkey, which its library draws.
//! - What has to be stored of a token, key or password is a hash: it opens nothing.
//! - Nobody is locked out for ever: every wait has an end.

mod key;
mod passkey;
pub mod password;
mod role;
mod session;
pub mod throttle;
mod totp;

pub use key::{ApiKeyText, InvalidKey};
pub use passkey::{Challenge, PasskeyError, Passkeys};
pub use role::{Permission, Role, Scope, may, one_may, opens, who_may};
pub use session::{Expiry, InvalidToken, Token};
pub use throttle::Failures;
pub use totp::{Totp, TotpError};

/// Hexadecimal digits, lower case.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(half.into(), 16).unwrap_or('0'));
        }
        text
    })
}

/// Bytes from exactly so many hexadecimal digits.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let half = |digit: u8| (digit as char).to_digit(16).and_then(|it| u8::try_from(it).ok());
        *byte = half(pair[0])? << 4 | half(pair[1])?;
    }
    Some(bytes)
}

/// Whether two hashes are the same, without telling by time where they differ.
fn same(left: &[u8; 32], right: &[u8; 32]) -> bool {
    std::hint::black_box(left.iter().zip(right).fold(0, |sum, (a, b)| sum | (a ^ b))) == 0
}
