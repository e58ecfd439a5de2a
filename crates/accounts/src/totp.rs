use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Secret};
use touchstone_types::Moment;

/// Time-based one-time codes (RFC 6238) of one member: six digits, thirty seconds, SHA-1, which
/// is what every authenticator app can do. Stored as JSON.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totp {
    secret: Vec<u8>,
    /// The step of the code that was used last: no code is good twice.
    used: Option<u64>,
}

/// Why a code is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TotpError {
    /// It is not the code of this half minute, nor of the one before or after.
    #[error("the code is wrong or has run out")]
    Wrong,
    /// It was used before. Next: wait for the next one.
    #[error("the code was used already")]
    Used,
}

impl Totp {
    /// From 20 random bytes of the operating system's.
    #[must_use]
    pub fn from_random(secret: [u8; 20]) -> Self {
        Self { secret: secret.to_vec(), used: None }
    }

    fn codes(&self) -> totp_rs::Totp {
        // The parameters are fixed and fit the standard: there is nothing to check.
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(30)
            .with_secret(self.secret.clone())
            .build_noncompliant()
    }

    /// Accepts a code once; keep the state that is given back. Codes up to the one used last are
    /// no good any more.
    ///
    /// # Errors
    /// [`TotpError`] says which way it is wrong.
    pub fn accept(&self, code: &str, now: Moment) -> Result<Self, TotpError> {
        let code: String = code.chars().filter(|it| !it.is_whitespace()).collect();
        let seconds = u64::try_from(now.as_micros() / 1_000_000).map_err(|_| TotpError::Wrong)?;
        let step = self.codes().check(&code, seconds).ok_or(TotpError::Wrong)?;
        if self.used.is_some_and(|used| step <= used) {
            return Err(TotpError::Used);
        }
        Ok(Self { secret: self.secret.clone(), used: Some(step) })
    }

    /// The secret as it is typed into an app: base32.
    #[must_use]
    pub fn typed(&self) -> String {
        Secret::from(self.secret.clone()).to_base32()
    }

    /// What the app reads from the QR code: an `otpauth:` URI.
    #[must_use]
    pub fn uri(&self, issuer: &str, login: &str) -> String {
        let (issuer, login) = (escape(issuer), escape(login));
        format!("otpauth://totp/{issuer}:{login}?secret={}&issuer={issuer}", self.typed())
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(byte as char);
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use touchstone_types::Lapse;

    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::from_micros(0).unwrap() + Lapse::from_secs(seconds)
    }

    /// RFC 6238, appendix B, SHA-1: the last six of its eight digits.
    const VECTORS: [(u64, &str); 4] =
        [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")];

    #[test]
    fn the_codes_of_the_standard_are_accepted() {
        let totp = Totp::from_random(*b"12345678901234567890");
        for (seconds, code) in VECTORS {
            assert!(totp.accept(code, at(seconds)).is_ok(), "{code}");
            assert!(totp.accept(&format!("{} {}", &code[..3], &code[3..]), at(seconds + 30)).is_ok());
            assert!(matches!(totp.accept(code, at(seconds + 90)), Err(TotpError::Wrong)));
        }
        for bad in ["", "28708", "2870820", "abcdef", "二八七零八二"] {
            assert!(matches!(totp.accept(bad, at(59)), Err(TotpError::Wrong)), "{bad}");
        }
    }

    #[test]
    fn no_code_is_good_twice_nor_one_before_it() {
        let totp = Totp::from_random(*b"12345678901234567890");
        let used = totp.accept("287082", at(59)).unwrap();
        assert!(matches!(used.accept("287082", at(60)), Err(TotpError::Used)));
        let before = totp.codes().generate(20).to_string();
        assert!(matches!(used.accept(&before, at(59)), Err(TotpError::Used)));
        let stored = serde_json::to_string(&used).unwrap();
        let read: Totp = serde_json::from_str(&stored).unwrap();
        assert!(matches!(read.accept("287082", at(60)), Err(TotpError::Used)));
    }

    #[test]
    fn apps_can_read_the_uri() {
        let totp = Totp::from_random(*b"12345678901234567890");
        let uri = totp.uri("试金石 A", "ann:1");
        assert_eq!(
            uri,
            "otpauth://totp/%E8%AF%95%E9%87%91%E7%9F%B3%20A:ann%3A1?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E8%AF%95%E9%87%91%E7%9F%B3%20A"
        );
    }
}
