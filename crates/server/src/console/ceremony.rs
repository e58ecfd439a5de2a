//! What the console keeps in memory between two requests of one person: questions to their
//! passkey, and secrets for codes that they have not confirmed yet. Each is good once and
//! for some minutes, in the process that asked.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use touchstone_accounts::{PasskeyError, Passkeys, Totp};
use touchstone_types::{Lapse, Moment};

use crate::limits::{Rate, RateLimiter};

/// How long an answer may take.
const PATIENCE: Lapse = Lapse::from_secs(600);
/// How many are kept at most; the ones that end first go first.
const MOST: usize = 4_096;

/// Things by a name, each for a while.
struct Shelf<T>(Mutex<HashMap<String, (Moment, T)>>);

impl<T> Shelf<T> {
    fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    fn put(&self, name: String, thing: T, now: Moment) {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.retain(|_, (until, _)| *until > now);
        if shelf.len() >= MOST
            && let Some(first) =
                shelf.iter().min_by_key(|(_, (until, _))| *until).map(|(name, _)| name.clone())
        {
            shelf.remove(&first);
        }
        shelf.insert(name, (now + PATIENCE, thing));
    }

    fn take(&self, name: &str, now: Moment) -> Option<T> {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.remove(name).filter(|(until, _)| *until > now).map(|(_, thing)| thing)
    }
}

impl<T: Clone> Shelf<T> {
    fn look(&self, name: &str, now: Moment) -> Option<T> {
        let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.get(name).filter(|(until, _)| *until > now).map(|(_, thing)| thing.clone())
    }
}

/// A question that a passkey has not answered yet.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// For whom: the login name, the hash of an invitation, or of a session.
    pub(crate) whom: String,
    /// What the library keeps.
    pub(crate) state: String,
}

/// What the console keeps in memory.
pub(crate) struct Ceremonies {
    asked: Shelf<Asked>,
    codes: Shelf<Totp>,
    /// None where passkeys cannot work, with the reason in the log.
    pub(crate) passkeys: Option<Passkeys>,
    /// Lines in the playground, by address.
    pub(crate) playing: RateLimiter<IpAddr>,
    /// Makes the questions for log-in names that nobody has look like others.
    pub(crate) decoy: [u8; 32],
}

impl Ceremonies {
    /// For a console at that address.
    pub(crate) fn at(public_url: &str) -> Self {
        let passkeys = match Passkeys::at(public_url, "Touchstone") {
            Ok(passkeys) => Some(passkeys),
            Err(error @ PasskeyError::Address(_)) => {
                tracing::warn!(%error, public_url, "staff can log in with password and code only");
                None
            }
            Err(error) => {
                tracing::error!(%error, "no passkeys");
                None
            }
        };
        Self {
            asked: Shelf::new(),
            codes: Shelf::new(),
            passkeys,
            playing: RateLimiter::new(Rate { per_second: 2.0, burst: 40.0 }),
            decoy: rand::random(),
        }
    }

    /// Keeps a question under a name.
    pub(crate) fn ask(&self, name: String, asked: Asked, now: Moment) {
        self.asked.put(name, asked, now);
    }

    /// The question of that name, once.
    pub(crate) fn answered(&self, name: &str, now: Moment) -> Option<Asked> {
        self.asked.take(name, now)
    }

    /// The secret for codes under that name: the same until it is used or lapses.
    pub(crate) fn code(&self, name: &str, now: Moment) -> Totp {
        if let Some(totp) = self.codes.look(name, now) {
            return totp;
        }
        let totp = Totp::from_random(rand::random());
        self.codes.put(name.to_owned(), totp.clone(), now);
        totp
    }

    /// The secret is in use now.
    pub(crate) fn code_used(&self, name: &str, now: Moment) {
        self.codes.take(name, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_good_once_and_not_for_ever() {
        let now: Moment = "2026-11-21T00:00:00Z".parse().unwrap();
        let console = Ceremonies::at("http://localhost:8787");
        assert!(console.passkeys.is_some());
        let asked = Asked { whom: "ann".into(), state: "{}".into() };
        console.ask("a".into(), asked.clone(), now);
        assert_eq!(console.answered("a", now).unwrap().whom, "ann");
        assert!(console.answered("a", now).is_none());
        console.ask("b".into(), asked, now);
        assert!(console.answered("b", now + PATIENCE).is_none());
    }

    #[test]
    fn a_code_stays_until_it_is_used() {
        let now: Moment = "2026-11-21T00:00:00Z".parse().unwrap();
        let console = Ceremonies::at("http://192.0.2.1:8787");
        assert!(console.passkeys.is_none(), "an address without a name has no passkeys");
        let first = console.code("x", now);
        assert!(console.code("x", now).typed() == first.typed());
        console.code_used("x", now);
        assert!(console.code("x", now).typed() != first.typed());
    }

    #[test]
    fn the_shelf_does_not_grow_without_end() {
        let now: Moment = "2026-11-21T00:00:00Z".parse().unwrap();
        let shelf = Shelf::new();
        for n in 0..MOST + 10 {
            shelf.put(n.to_string(), n, now + Lapse::from_micros(n as u64));
        }
        assert_eq!(shelf.0.lock().unwrap().len(), MOST);
    }
}
