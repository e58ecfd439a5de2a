use tokio::sync::watch;
use touchstone_store::Seq;

/// Tells whoever watches how far the event log reaches.
///
/// It carries no events: a watcher reads them from the store, from where it last was. So a
/// slow watcher loses nothing, a returning one resumes anywhere, and all see one order.
#[derive(Clone, Debug)]
pub struct Hub {
    head: watch::Sender<Seq>,
}

impl Hub {
    /// A hub that knows of no event yet.
    #[must_use]
    pub fn new() -> Self {
        Self { head: watch::Sender::new(Seq::START) }
    }

    /// The log reaches to `seq` now. Going back is not possible.
    pub fn reached(&self, seq: Seq) {
        self.head.send_if_modified(|head| {
            let forward = seq > *head;
            if forward {
                *head = seq;
            }
            forward
        });
    }

    /// How far the log reaches.
    #[must_use]
    pub fn head(&self) -> Seq {
        *self.head.borrow()
    }

    /// Waits on this for the log to grow.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Seq> {
        self.head.subscribe()
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}
