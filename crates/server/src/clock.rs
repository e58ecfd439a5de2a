use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use touchstone_types::{Lapse, Moment};

/// What time it is. The only clock in the project; tests bring their own.
pub trait Clock: Send + Sync + 'static {
    /// Now, in UTC.
    fn now(&self) -> Moment;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        // A machine whose clock stands before 1970 reads as the first moment there is.
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|since| i64::try_from(since.as_micros()).ok())
            .and_then(|micros| Moment::from_micros(micros).ok())
            .unwrap_or(Moment::MIN)
    }
}

/// A clock that stands still until it is moved, for tests and replays.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: Moment) -> Self {
        Self(AtomicI64::new(now.as_micros()))
    }

    /// Moves the hands forward.
    pub fn advance(&self, by: Lapse) {
        let next = self.now() + by;
        self.0.store(next.as_micros(), Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        Moment::from_micros(self.0.load(Ordering::Relaxed)).unwrap_or(Moment::MIN)
    }
}
