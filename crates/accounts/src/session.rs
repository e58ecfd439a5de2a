use sha2::{Digest, Sha256};
use touchstone_types::{Lapse, Moment};

use crate::{hex, unhex};

/// A secret that opens a session, or a one-time link by which somebody joins.
///
/// It has no `Debug`: it does not get into a log by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

/// The text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token")]
pub struct InvalidToken;

impl Token {
    /// From 32 random bytes of the operating system's.
    #[must_use]
    pub const fn from_random(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`InvalidToken`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        unhex(text).map(Self).ok_or(InvalidToken)
    }

    /// As it stands in a cookie or a link: 64 hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        hex(&self.0)
    }

    /// What is stored. A token has 256 random bits, so one pass of a hash is enough.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.derive("touchstone token 1\n")
    }

    /// What every form of the session carries, so that another site cannot send it: it cannot be
    /// made from what is stored, nor the token from it.
    #[must_use]
    pub fn csrf(&self) -> String {
        hex(&self.derive("touchstone form 1\n"))
    }

    /// Whether a form carries the right one.
    #[must_use]
    pub fn is_csrf(&self, text: &str) -> bool {
        unhex(text).is_some_and(|given| crate::same(&given, &self.derive("touchstone form 1\n")))
    }

    fn derive(&self, what_for: &str) -> [u8; 32] {
        Sha256::new().chain_update(what_for).chain_update(self.0).finalize().into()
    }
}

/// How long a session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// Without a request.
    pub idle: Lapse,
    /// In all.
    pub absolute: Lapse,
}

impl Default for Expiry {
    /// An hour without a request, a working day in all: within what NIST SP 800-63B-4 asks of
    /// its second level.
    fn default() -> Self {
        Self { idle: Lapse::from_secs(3_600), absolute: Lapse::from_secs(12 * 3_600) }
    }
}

impl Expiry {
    /// Whether a session still opens anything.
    #[must_use]
    pub fn is_live(&self, created: Moment, last_seen: Moment, now: Moment) -> bool {
        now.since(last_seen) < self.idle && now.since(created) < self.absolute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::from_micros(0).unwrap() + Lapse::from_secs(seconds)
    }

    #[test]
    fn a_token_reads_back_and_what_is_stored_opens_nothing() {
        let token = Token::from_random(std::array::from_fn(|n| u8::try_from(n * 7 % 256).unwrap()));
        assert!(Token::parse(&token.text()).unwrap() == token);
        let stored = Token::from_random(token.hash());
        assert!(stored.hash() != token.hash() && stored.csrf() != token.csrf());
        for bad in ["", "00", &"g".repeat(64), &"0".repeat(65), "é"] {
            assert!(Token::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_form_of_another_session_is_refused() {
        let (ours, theirs) = (Token::from_random([1; 32]), Token::from_random([2; 32]));
        assert!(ours.is_csrf(&ours.csrf()));
        assert!(!ours.is_csrf(&theirs.csrf()) && !ours.is_csrf("") && !ours.is_csrf(&ours.text()));
    }

    #[test]
    fn a_session_ends_when_idle_and_at_the_end_of_the_day() {
        let expiry = Expiry::default();
        for (created, seen, now, live) in [
            (0, 0, 3_599, true),
            (0, 0, 3_600, false),
            (0, 43_100, 43_199, true),
            (0, 43_199, 43_200, false),
            (100, 100, 50, true), // The clock went back.
        ] {
            assert_eq!(expiry.is_live(at(created), at(seen), at(now)), live, "{created} {seen} {now}");
        }
    }
}
