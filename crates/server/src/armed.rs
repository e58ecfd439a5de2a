//! What events are judged by: the live policy, who is official, and a candidate beside it.

use std::sync::{Arc, PoisonError, RwLock};

use touchstone_screening::{Directory, Policy};

/// What events are judged by. Never changes; it is replaced as a whole.
#[derive(Clone)]
pub struct Armed {
    /// Gives the verdicts.
    pub policy: Arc<Policy>,
    /// Who is official.
    pub directory: Arc<Directory>,
    /// Judges the same events and only watches.
    pub candidate: Option<Arc<Policy>>,
}

/// What events are judged by at the moment, for whoever shows it.
#[derive(Clone)]
pub struct Live(Arc<RwLock<Arc<Armed>>>);

impl Live {
    /// Starts with this.
    #[must_use]
    pub fn new(armed: Arc<Armed>) -> Self {
        Self(Arc::new(RwLock::new(armed)))
    }

    /// What is in use now.
    #[must_use]
    pub fn now(&self) -> Arc<Armed> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Shows another one from now on.
    pub(crate) fn set(&self, armed: Arc<Armed>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = armed;
    }
}
