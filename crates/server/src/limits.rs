//! How much one caller may ask: a token bucket for each, in memory.
//!
//! Always true here:
//! - A refused request takes nothing from the bucket and says how long to wait.
//! - The table is bounded: when it is full, the buckets that have long been full again are
//!   dropped, which forgets nothing that matters.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use touchstone_types::Moment;

/// The most callers remembered at once.
const MAX_CALLERS: usize = 65_536;

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Tokens that come in each second.
    pub per_second: f64,
    /// Tokens it holds at most.
    pub burst: f64,
}

/// The caller must wait this many whole seconds, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub u64);

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    seen: Moment,
}

/// One bucket for each caller.
pub struct RateLimiter<K> {
    rate: Rate,
    buckets: Mutex<HashMap<K, Bucket>>,
}

impl<K: Hash + Eq> RateLimiter<K> {
    /// A limiter at which nobody has called yet.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self { rate, buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes `cost` tokens from the caller's bucket.
    ///
    /// A cost above the burst is let through when the bucket is full, and then owed.
    ///
    /// # Errors
    /// [`Wait`] if the bucket does not hold that many.
    pub fn take(&self, caller: K, cost: u32, now: Moment) -> Result<(), Wait> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_CALLERS && !buckets.contains_key(&caller) {
            let rate = self.rate;
            buckets.retain(|_, bucket| refill(*bucket, rate, now) < rate.burst);
            if buckets.len() >= MAX_CALLERS {
                return Err(Wait(1)); // Too many at once: a new caller waits, the known ones go on.
            }
        }
        let bucket = buckets.entry(caller).or_insert(Bucket { tokens: self.rate.burst, seen: now });
        let tokens = refill(*bucket, self.rate, now);
        let cost = f64::from(cost);
        let needed = cost.min(self.rate.burst);
        if tokens < needed {
            let seconds = ((needed - tokens) / self.rate.per_second).ceil().clamp(1.0, 3600.0);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped above")]
            return Err(Wait(seconds as u64));
        }
        *bucket = Bucket { tokens: tokens - cost, seen: now };
        Ok(())
    }
}

fn refill(bucket: Bucket, rate: Rate, now: Moment) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a rate needs no more than 52 bits")]
    let seconds = now.since(bucket.seen).as_micros() as f64 / 1e6;
    seconds.mul_add(rate.per_second, bucket.tokens).min(rate.burst)
}

#[cfg(test)]
mod tests {
    use touchstone_types::Lapse;

    use super::*;

    fn start() -> Moment {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_caller_who_asks_too_much_is_told_how_long_to_wait() {
        let limiter = RateLimiter::new(Rate { per_second: 10.0, burst: 20.0 });
        assert_eq!(limiter.take("a", 20, start()), Ok(()));
        assert_eq!(limiter.take("a", 15, start()), Err(Wait(2)));
        assert_eq!(limiter.take("b", 15, start()), Ok(()), "another caller is not concerned");
        assert_eq!(limiter.take("a", 15, start() + Lapse::from_secs(2)), Ok(()));
    }

    #[test]
    fn a_refusal_costs_nothing() {
        let limiter = RateLimiter::new(Rate { per_second: 1.0, burst: 2.0 });
        assert!(limiter.take("a", 2, start()).is_ok());
        for _ in 0..100 {
            assert!(limiter.take("a", 1, start()).is_err());
        }
        assert!(limiter.take("a", 1, start() + Lapse::from_secs(1)).is_ok());
    }

    #[test]
    fn a_request_larger_than_the_burst_is_let_through_once_and_owed() {
        let limiter = RateLimiter::new(Rate { per_second: 10.0, burst: 10.0 });
        assert_eq!(limiter.take("a", 100, start()), Ok(()));
        assert_eq!(limiter.take("a", 1, start() + Lapse::from_secs(5)), Err(Wait(5)));
    }

    #[test]
    fn a_flood_of_callers_does_not_grow_the_table_without_end() {
        let limiter = RateLimiter::new(Rate { per_second: 1.0, burst: 1.0 });
        for caller in 0..MAX_CALLERS {
            assert!(limiter.take(caller, 1, start()).is_ok());
        }
        assert_eq!(limiter.take(MAX_CALLERS, 1, start()), Err(Wait(1)));
        assert!(limiter.take(MAX_CALLERS, 1, start() + Lapse::from_secs(2)).is_ok());
    }
}
