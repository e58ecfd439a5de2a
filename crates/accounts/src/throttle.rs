//! How long a log-in has to wait after failures, by account and by address.
//!
//! The wait doubles with each failure and has an end. For one account it is short: whoever
//! fails on purpose can delay its owner by a minute, not keep them out. For one address it is
//! long: it is the guesser's own. Sixty guesses an hour against fifteen characters are none.

use touchstone_types::{Lapse, Moment};

/// Failed log-ins of one account or from one address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    /// In a row.
    pub count: u32,
    /// The newest.
    pub last: Option<Moment>,
}

/// After this long without a failure the count starts again.
pub const FORGET_AFTER: Lapse = Lapse::from_secs(24 * 3_600);

/// How many failures are free, and how long the wait gets.
struct Steps {
    free: u32,
    longest: u64, // seconds
}

const ACCOUNT: Steps = Steps { free: 4, longest: 60 };
const ADDRESS: Steps = Steps { free: 20, longest: 3_600 }; // An office shares one address.

/// How much longer the next log-in has to wait: nothing, if it may come now.
#[must_use]
pub fn wait(account: Failures, address: Failures, now: Moment) -> Lapse {
    rest(&ACCOUNT, account, now).max(rest(&ADDRESS, address, now))
}

fn rest(steps: &Steps, failures: Failures, now: Moment) -> Lapse {
    let Some(last) = failures.last else { return Lapse::ZERO };
    let Some(beyond) = failures.count.checked_sub(steps.free + 1) else { return Lapse::ZERO };
    let seconds = 1_u64.checked_shl(beyond).unwrap_or(u64::MAX).min(steps.longest);
    // From the failure on, also if the clock went back: `since` is nothing then.
    let passed = now.since(last);
    Lapse::from_micros(Lapse::from_secs(seconds).as_micros().saturating_sub(passed.as_micros()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn failed(count: u32) -> Failures {
        Failures { count, last: Some(Moment::from_micros(0).unwrap()) }
    }

    #[test]
    fn the_wait_doubles_and_then_stays() {
        let now = Moment::from_micros(0).unwrap();
        let none = Failures::default();
        let by_account: Vec<u64> = (0..=12).map(|n| wait(failed(n), none, now).as_secs()).collect();
        assert_eq!(by_account, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(wait(none, failed(20), now), Lapse::ZERO);
        assert_eq!(wait(none, failed(21), now).as_secs(), 1);
        assert_eq!(wait(none, failed(u32::MAX), now).as_secs(), 3_600);
    }

    proptest! {
        #[test]
        fn nobody_is_locked_out_for_ever(account: u32, address: u32, later in 3_600_u64..) {
            let now = Moment::from_micros(0).unwrap() + Lapse::from_secs(later);
            prop_assert_eq!(wait(failed(account), failed(address), now), Lapse::ZERO);
        }

        #[test]
        fn one_more_failure_never_shortens_the_wait(count in 0_u32..1_000, passed in 0_u64..4_000) {
            let now = Moment::from_micros(0).unwrap() + Lapse::from_secs(passed);
            let none = Failures::default();
            prop_assert!(wait(failed(count + 1), none, now) >= wait(failed(count), none, now));
            prop_assert!(wait(none, failed(count + 1), now) >= wait(none, failed(count), now));
        }
    }
}
