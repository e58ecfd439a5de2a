//! What a password must be, and how it is kept.
//!
//! The rules are those of NIST SP 800-63B-4 (3.1.1.2) and OWASP ASVS 5 (6.2): length, not a
//! known one, nothing personal, hard to guess; no classes of characters, no change by calendar,
//! pasting welcome.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use zxcvbn::Score;
use zxcvbn::matching::patterns::MatchPattern;

/// The least characters of a password that stands alone.
pub const SHORTEST: usize = 15;

/// The least characters of one with a passkey or a time-based code beside it.
pub const SHORTEST_WITH_SECOND: usize = 12;

/// The most characters: room for any sentence, and an end to the work of hashing.
pub const LONGEST: usize = 256;

/// Why a password is refused; each is one sentence to its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Fewer characters than this.
    #[error("it needs at least {0} characters")]
    TooShort(usize),
    /// More characters than this.
    #[error("it has more than {0} characters")]
    TooLong(usize),
    /// It is known from leaks.
    #[error("it is on lists that attackers try first")]
    Known,
    /// It is built of the owner's name, login name or the like, or of the operator's.
    #[error("it has something about you or this place in it")]
    Personal,
    /// It is a pattern or a few common words.
    #[error("it follows a pattern that is quickly guessed")]
    Guessable,
}

/// What is known of the owner and is looked for in the password.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// Login name, name, handle, mail address, phone number, name of the operator, …
    pub words: &'a [&'a str],
    /// Whether a passkey or a time-based code is asked for beside the password.
    pub has_second: bool,
}

/// Whether somebody may have this password. `is_listed` is the operator's own list of leaked
/// passwords, if there is one; the 30,000 most common ones, which `zxcvbn` brings, are always
/// looked at.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub fn check(password: &str, about: &About<'_>, is_listed: impl Fn(&str) -> bool) -> Result<(), Refusal> {
    let shortest = if about.has_second { SHORTEST_WITH_SECOND } else { SHORTEST };
    let length = password.chars().count();
    if length < shortest {
        return Err(Refusal::TooShort(shortest));
    }
    if length > LONGEST {
        return Err(Refusal::TooLong(LONGEST));
    }
    let words: Vec<String> = about.words.iter().flat_map(|it| pieces(it)).collect();
    if is_personal(password, &words, shortest) {
        return Err(Refusal::Personal);
    }
    // Its work grows with the square of the length; 72 characters show any pattern.
    let start: String = password.chars().take(72).collect();
    let inputs: Vec<&str> = words.iter().map(String::as_str).collect();
    let strength = zxcvbn::zxcvbn(&start, &inputs);
    let one_known_word = match strength.sequence() {
        [only] => matches!(only.pattern, MatchPattern::Dictionary(_)),
        _ => false,
    };
    if one_known_word || is_listed(password) {
        return Err(Refusal::Known);
    }
    if strength.score() < Score::Four {
        return Err(Refusal::Guessable);
    }
    Ok(())
}

/// A personal word and the parts of it that say something alone: of a mail address the name,
/// of a full name each name. Short ones would be found in anything.
fn pieces(word: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let says_enough = |it: &str| {
        let length = it.chars().count();
        length >= 4 || (length >= 2 && !it.is_ascii())
    };
    let parts = word.split(|it: char| !it.is_alphanumeric()).filter(|it| says_enough(it)).map(str::to_owned);
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    parts.chain((digits.len() >= 6).then_some(digits)).collect()
}

/// Whether too little is left of the password when what is personal in it is taken out. A
/// sentence in which a name occurs is good enough; the name with a year behind it is not.
fn is_personal(password: &str, words: &[String], shortest: usize) -> bool {
    let mut rest = password.to_lowercase();
    let whole = rest.chars().count();
    for word in words {
        rest = rest.replace(word.as_str(), "");
    }
    let left = rest.chars().count();
    left < whole && left < shortest - 3
}

/// argon2id with 19 MiB, two passes, one lane: what the OWASP Password Storage Cheat Sheet asks.
fn hasher() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// What is stored of a password: a PHC string. `salt` is random, for this password alone.
/// Takes tens of milliseconds on purpose: keep it off the threads that serve requests.
///
/// # Errors
/// None for a password that [`check`] let pass; for one that is absurdly long.
pub fn hash(password: &str, salt: &[u8; 16]) -> Result<String, HashError> {
    let hashed = hasher().hash_password_with_salt(password.as_bytes(), salt).map_err(|_| HashError)?;
    Ok(hashed.to_string())
}

/// The password could not be hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashError;

/// Whether it is the password of which `stored` was kept; not if `stored` is damaged. For a
/// login name that nobody has, verify against [`nobodys`]: the answer takes as long.
#[must_use]
pub fn verify(password: &str, stored: &str) -> bool {
    // The parameters are those in the hash, so that old ones go on to work.
    hasher().verify_password(password.as_bytes(), stored).is_ok()
}

/// Whether a hash was made with other parameters than [`hash`] uses today, so that it should be
/// made again at the next log-in.
#[must_use]
pub fn is_outdated(stored: &str) -> bool {
    !stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
}

/// A hash that no password fits, with the cost of a real one.
#[must_use]
pub fn nobodys() -> &'static str {
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: &[&str] =
        &["ann.winter@desk.example", "Ann Winter", "+86 138 0013 8000", "冬安娜", "Touchstone"];

    fn verdict(password: &str, has_second: bool) -> Result<(), Refusal> {
        check(password, &About { words: ANN, has_second }, |it| it == "leaked but long enough 1")
    }

    #[test]
    fn good_passwords_are_taken_without_rules_of_composition() {
        for good in [
            "seven grey geese over the ferry",
            "zqmvtrkwpelsdhx",
            "雨后长街灯火可亲旧书店里一只猫睡着了",
            "the day ann winter met a purple ferryman",
        ] {
            assert_eq!(verdict(good, false), Ok(()), "{good}");
        }
        assert_eq!(verdict("mvt9rkwp-lsd", true), Ok(()));
    }

    #[test]
    fn each_bad_password_is_told_why() {
        for (bad, has_second, why) in [
            ("mvt9rkwp-lsdxq", false, Refusal::TooShort(15)),
            ("mvt9rkwp-ls", true, Refusal::TooShort(12)),
            ("短密码", false, Refusal::TooShort(15)),
            (&"x".repeat(257), false, Refusal::TooLong(256)),
            ("ann.winter.2026!", false, Refusal::Personal),
            ("AnnWinterAnnWinter", false, Refusal::Personal),
            ("touchstone-123456", false, Refusal::Personal),
            ("13800138000138001", false, Refusal::Personal),
            ("冬安娜冬安娜冬安娜冬安娜冬安娜", false, Refusal::Personal),
            ("aaaaaaaaaaaaaaaaaaaa", false, Refusal::Guessable),
            ("qwertyuiopasdfghjkl", false, Refusal::Guessable),
            ("passwordpassword", false, Refusal::Guessable),
            ("1234567890123456", false, Refusal::Guessable),
            ("leaked but long enough 1", false, Refusal::Known),
        ] {
            assert_eq!(verdict(bad, has_second), Err(why), "{bad}");
        }
    }

    #[test]
    fn a_common_password_is_known_without_a_list_of_ones_own() {
        assert_eq!(verdict("unbelievable", true), Err(Refusal::Known));
    }

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let stored = hash("seven grey geese over the ferry", &[7; 16]).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify("seven grey geese over the ferry", &stored));
        assert!(!verify("seven grey geese over the Ferry", &stored));
        assert!(!verify("", nobodys()) && !verify("x", "no hash"));
        assert!(!is_outdated(&stored) && is_outdated("$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"));
        let other = hash("seven grey geese over the ferry", &[8; 16]).unwrap();
        assert_ne!(stored, other);
    }
}
