//! The log as this process knows it: read from the store, checked, and added to.
//!
//! Always true here:
//! - What is known was recomputed: every leaf was hashed again, the root compared with a
//!   checkpoint that one of our keys signed, the snapshot file with the statement about it.
//!   What does not fit is refused whole, and what was known before stays.
//! - A new leaf is durable before anybody is told of it, and never contradicts those before.

use std::sync::{Arc, PoisonError, RwLock};

use touchstone_connectors::Caller;
use touchstone_registry::snapshot::{self, Snapshot};
use touchstone_registry::statement::SnapshotTaken;
use touchstone_registry::{BadStatement, Contradiction, Digest, Registry, Statement};
use touchstone_screening::Directory;
use touchstone_signed_log::{Builder, Checkpoint, Level, Note, Seen, Tile, open_checkpoint};
use touchstone_store::{
    Addition, Deed, LogTile, MAX_LEAVES, NewLeaf, RegistryFile, SignedHead, Store, StoreError,
};
use touchstone_types::{Lapse, Moment};

use super::publish::is_stale;
use super::settings::Keys;
use super::told;
use super::witnesses::Witnesses;

/// How often to work an addition out again when others were first.
const TRIES: usize = 16;

/// The most statements that are published at once: with all hashes they stay in one transaction.
pub const MAX_AT_ONCE: usize = 2_000_000;

/// Who is official as of now, and how that is proved. Never changes; replaced as a whole.
#[derive(Clone)]
pub struct Listed {
    /// What the log amounts to; without a log, what the file says.
    pub registry: Arc<Registry>,
    /// The same, in the form in which screening asks.
    pub directory: Arc<Directory>,
    /// How many leaves the log has; 0 without a log.
    pub size: u64,
    /// How many statements bear on who is listed; none for a file.
    pub(crate) listings: Option<u64>,
    /// The newest checkpoint.
    pub checkpoint: Option<Arc<Seen>>,
    /// The newest snapshot.
    pub file: Option<Arc<File>>,
}

/// The snapshot file, and which leaf vouches for it.
pub struct File {
    /// As it is downloaded.
    pub bytes: Arc<[u8]>,
    /// The same, for asking.
    pub snapshot: Snapshot<Arc<[u8]>>,
    /// Place of the statement in the log.
    pub statement: u64,
    /// What the statement says.
    pub taken: SnapshotTaken,
}

impl Listed {
    /// A registry that no log proves.
    #[must_use]
    pub fn of(directory: Arc<Directory>) -> Self {
        let registry = Arc::new(directory.registry().clone());
        Self { registry, directory, size: 0, listings: None, checkpoint: None, file: None }
    }

    /// When the newest snapshot was taken.
    #[must_use]
    pub fn at(&self) -> Option<Moment> {
        self.file.as_ref().map(|it| it.taken.at)
    }
}

/// Shows what is known to whoever asks, and never waits for it.
#[derive(Clone)]
pub struct RegistryHandle {
    now: Arc<RwLock<Arc<Listed>>>,
    kept: Option<Arc<Kept>>,
}

/// What belongs to a log that is kept here.
struct Kept {
    ledger: Arc<Ledger>,
    showing: tokio::sync::Mutex<()>,
    wake: tokio::sync::Notify,
    witnesses: Witnesses,
    caller: Option<Caller>,
}

impl RegistryHandle {
    /// Without a log.
    #[must_use]
    pub fn of(directory: Arc<Directory>) -> Self {
        Self { now: Arc::new(RwLock::new(Arc::new(Listed::of(directory)))), kept: None }
    }

    /// With a log; until it was read, `directory` is what is known.
    #[must_use]
    pub fn with_log(directory: Arc<Directory>, ledger: Ledger) -> Self {
        // The operator names the witnesses: one in the own network may be called.
        let settings = touchstone_connectors::Settings { allow_private: true, ..Default::default() };
        let caller = match Caller::new(settings) {
            Ok(caller) => Some(caller),
            Err(cause) => {
                tracing::error!(%cause, "witnesses cannot be asked");
                None
            }
        };
        let kept = Kept {
            ledger: Arc::new(ledger),
            showing: tokio::sync::Mutex::default(),
            wake: tokio::sync::Notify::new(),
            witnesses: Witnesses::default(),
            caller,
        };
        Self { kept: Some(Arc::new(kept)), ..Self::of(directory) }
    }

    /// What is known now.
    #[must_use]
    pub fn now(&self) -> Arc<Listed> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The log, if one is kept.
    #[must_use]
    pub fn ledger(&self) -> Option<&Arc<Ledger>> {
        self.kept.as_ref().map(|it| &it.ledger)
    }

    /// Held while what is known is replaced.
    pub(crate) async fn showing(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        match &self.kept {
            Some(kept) => Some(kept.showing.lock().await),
            None => None,
        }
    }

    /// Lets whoever keeps up look at once.
    pub(crate) fn wake(&self) {
        if let Some(kept) = &self.kept {
            kept.wake.notify_one();
        }
    }

    /// Comes back when somebody wants it to look.
    pub(crate) async fn woken(&self) {
        match &self.kept {
            Some(kept) => kept.wake.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Who calls witnesses, and what is remembered of them.
    pub(crate) fn witnesses(&self) -> Option<(&Witnesses, &Caller)> {
        let kept = self.kept.as_ref()?;
        Some((&kept.witnesses, kept.caller.as_ref()?))
    }

    pub(crate) fn set(&self, listed: Arc<Listed>) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = listed;
    }
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The operator keeps no log. Next: `touchstone registry init`, and `[log]` in the configuration.
    #[error("no log is kept here")]
    NoLog,
    /// A statement cannot stand. Next: mend it.
    #[error(transparent)]
    Bad(#[from] BadStatement),
    /// A statement contradicts the log. Next: look at what the log says.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    /// More than [`MAX_AT_ONCE`]. Next: publish in parts.
    #[error("{0} statements at once are too many")]
    TooMany(usize),
    /// What is stored does not fit together. Next: restore it; nothing is added to it.
    #[error("the stored log is damaged: {0}")]
    Damaged(String),
    /// The store failed. Next: try again; it may have been published.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
}

fn damaged(what: impl Into<String>) -> PublishError {
    PublishError::Damaged(what.into())
}

/// What was recomputed so far.
#[derive(Clone, Default)]
pub(crate) struct Known {
    tree: Builder,
    /// How many statements bear on who is listed.
    pub(crate) listings: Option<u64>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) checkpoint: Option<Arc<Seen>>,
    pub(crate) file: Option<Arc<File>>,
}

impl Known {
    pub(crate) fn size(&self) -> u64 {
        self.tree.size()
    }

    /// A statement that bears on who is listed makes what screening asks out of date.
    fn count(&mut self, statement: &Statement) {
        let apart =
            matches!(statement, Statement::Key(_) | Statement::Announcement(_) | Statement::Snapshot(_));
        let before = self.listings.unwrap_or_default();
        self.listings = Some(before + u64::from(!apart));
    }
}

/// The log, its keys and its store.
pub struct Ledger {
    pub(crate) store: Store,
    pub(crate) keys: Keys,
    known: tokio::sync::Mutex<Known>,
}

/// What came of publishing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The places of the statements.
    pub places: Vec<u64>,
    /// How many leaves the log has now.
    pub size: u64,
}

impl Ledger {
    /// The log in a store; nothing is read yet.
    #[must_use]
    pub fn new(store: Store, keys: Keys) -> Self {
        Self { store, keys, known: tokio::sync::Mutex::default() }
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.keys.origin()
    }

    /// Reads on from where it was, and gives what is known then.
    ///
    /// # Errors
    /// [`PublishError::Damaged`] and [`PublishError::Store`]; what was known before stays.
    pub(crate) async fn advance(&self) -> Result<Known, PublishError> {
        let mut known = self.known.lock().await;
        self.catch_up(&mut known).await?;
        Ok(known.clone())
    }

    /// Reads on, and gives what the log amounts to.
    ///
    /// # Errors
    /// As publishing.
    pub async fn registry(&self) -> Result<Arc<Registry>, PublishError> {
        Ok(self.advance().await?.registry)
    }

    async fn catch_up(&self, known: &mut Known) -> Result<(), PublishError> {
        for _ in 0..TRIES {
            let Some(head) = self.store.signed_head().await? else {
                return if known.size() == 0 { Ok(()) } else { Err(damaged("its checkpoints are gone")) };
            };
            let same = known.checkpoint.as_ref().is_some_and(|it| it.note.to_string() == head.note);
            if same {
                return Ok(());
            }
            let seen = open_checkpoint(head.note.as_bytes(), &self.keys.public(), &[], 0)
                .map_err(|cause| damaged(format!("checkpoint {}: {cause}", head.size)))?;
            if seen.checkpoint.size != head.size || seen.checkpoint.size < known.size() {
                return Err(damaged(format!("the checkpoint of {} is of another size", head.size)));
            }
            if let Some(next) = self.read_on(known, seen).await? {
                *known = next;
                return Ok(());
            }
        }
        Err(StoreError::Busy(None).into())
    }

    /// What is known with a newer checkpoint; none if the log grew on while it was read.
    async fn read_on(&self, known: &Known, seen: Seen) -> Result<Option<Known>, PublishError> {
        let mut next = known.clone();
        let size = seen.checkpoint.size;
        if size == known.size() && size > 0 {
            return if known.tree.root() == seen.checkpoint.root {
                next.checkpoint = Some(Arc::new(seen)); // More signatures under the same.
                Ok(Some(next))
            } else {
                Err(damaged(format!("another root was signed for {size} leaves")))
            };
        }
        let mut registry = (*known.registry).clone();
        while next.tree.size() < size {
            let from = next.tree.size();
            let wanted = usize::try_from(size - from).unwrap_or(usize::MAX).min(MAX_LEAVES);
            let leaves = self.store.leaves(from, wanted).await?;
            if leaves.is_empty() {
                return Err(damaged(format!("leaf {from} is missing")));
            }
            for leaf in leaves {
                let statement = Statement::from_leaf(&leaf.bytes)
                    .map_err(|cause| damaged(format!("leaf {}: {cause}", leaf.index)))?;
                registry.apply(leaf.index, &statement).map_err(|cause| damaged(cause.to_string()))?;
                next.count(&statement);
                push(&mut next.tree, &leaf.bytes, &mut Vec::new())
                    .map_err(|cause| damaged(cause.to_string()))?;
            }
        }
        if next.tree.root() != seen.checkpoint.root {
            return Err(damaged(format!("its first {size} leaves are not what was signed")));
        }
        let file = self.store.registry_file().await?;
        let file = file.ok_or_else(|| damaged("the snapshot is missing"))?;
        if file.statement >= size {
            return Ok(None);
        }
        next.file = Some(self.file(known, &registry, file)?);
        next.registry = Arc::new(registry);
        next.checkpoint = Some(Arc::new(seen));
        Ok(Some(next))
    }

    fn file(
        &self,
        known: &Known,
        registry: &Registry,
        file: RegistryFile,
    ) -> Result<Arc<File>, PublishError> {
        let (place, taken) =
            registry.snapshot_taken().ok_or_else(|| damaged("no statement of a snapshot"))?;
        let unchanged = known.file.as_ref().filter(|it| it.statement == *place);
        if let Some(unchanged) = unchanged {
            return Ok(Arc::clone(unchanged));
        }
        if file.statement != *place || Digest::of(&file.bytes) != taken.sha256 {
            return Err(damaged("the snapshot is not the one that the log vouches for"));
        }
        open_file(file.bytes, *place, taken.clone())
    }

    /// Adds statements and a fresh snapshot of them; durable when it returns.
    ///
    /// # Errors
    /// [`PublishError`]; but for [`PublishError::Store`] nothing was written then.
    pub async fn publish(
        &self,
        statements: &[Statement],
        by: &str,
        now: Moment,
    ) -> Result<Published, PublishError> {
        let added = self.add(statements, by, now, |_| true).await?;
        added.ok_or_else(|| damaged("nothing was added"))
    }

    /// Adds statements if that is still wanted when all that others added is known.
    async fn add(
        &self,
        statements: &[Statement],
        by: &str,
        now: Moment,
        wanted: impl Fn(&Known) -> bool,
    ) -> Result<Option<Published>, PublishError> {
        if statements.len() > MAX_AT_ONCE {
            return Err(PublishError::TooMany(statements.len()));
        }
        statements.iter().try_for_each(Statement::check)?;
        let detail = told::counted(statements);
        let mut known = self.known.lock().await;
        for _ in 0..TRIES {
            self.catch_up(&mut known).await?;
            if !wanted(&known) {
                return Ok(None);
            }
            let deed = Deed { at: now, by, act: "registry.publish", object: self.origin(), detail: &detail };
            let (next, addition) = self.work_out(&known, statements, deed)?;
            match self.store.add_leaves(&addition).await {
                Ok(()) => {
                    let first = known.size();
                    let places = (first..).take(statements.len()).collect();
                    *known = next;
                    return Ok(Some(Published { places, size: known.size() }));
                }
                Err(StoreError::Conflict(_)) => {}
                Err(cause) => return Err(cause.into()),
            }
        }
        Err(StoreError::Busy(None).into())
    }

    /// Publishes a fresh snapshot of the same, unless another process just did.
    pub(crate) async fn refresh(&self, fresh: Lapse, now: Moment) -> Result<(), PublishError> {
        let stale = |known: &Known| is_stale(known.file.as_ref().map(|it| it.taken.at), now, fresh);
        self.add(&[], "system", now, stale).await.map(drop)
    }

    /// Nothing is written here: what would be known, and what is to be written for it.
    fn work_out<'d>(
        &self,
        known: &Known,
        statements: &[Statement],
        deed: Deed<'d>,
    ) -> Result<(Known, Addition<'d>), PublishError> {
        let (onto, now) = (known.size(), deed.at);
        let mut registry = (*known.registry).clone();
        let mut next = Known { tree: known.tree.clone(), listings: known.listings, ..Known::default() };
        let (mut leaves, mut notices, mut tiles) = (Vec::new(), Vec::new(), Vec::new());
        for (statement, index) in statements.iter().zip(onto..) {
            registry.apply(index, statement)?;
            next.count(statement);
            let (about, organisation) = told::about(statement, &registry);
            let bytes = statement.to_leaf();
            push(&mut next.tree, &bytes, &mut tiles)?;
            notices.push(told::notice(index, statement, organisation));
            leaves.push(NewLeaf { about, bytes });
        }
        let entries = next.tree.size();
        let bytes = snapshot::write(&registry, entries, now).map_err(|cause| damaged(cause.to_string()))?;
        let taken = SnapshotTaken { entries, sha256: Digest::of(&bytes), at: now };
        let statement = Statement::Snapshot(taken.clone());
        registry.apply(entries, &statement)?;
        let leaf = statement.to_leaf();
        push(&mut next.tree, &leaf, &mut tiles)?;
        leaves.push(NewLeaf { about: String::new(), bytes: leaf });
        tiles.extend(next.tree.partial());
        let checkpoint = Checkpoint::new(self.origin(), next.tree.size(), next.tree.root());
        let note = checkpoint.sign(&self.keys.signing()).map_err(|cause| damaged(cause.to_string()))?;
        let head = SignedHead { size: checkpoint.size, at: now, note: note.to_string() };
        let file = RegistryFile { entries, statement: entries, at: now, bytes: bytes.clone() };
        next.file = Some(open_file(bytes, entries, taken)?);
        next.registry = Arc::new(registry);
        next.checkpoint = Some(Arc::new(self.seen(&note)?));
        let tiles = tiles.into_iter().filter_map(stored).collect();
        Ok((next, Addition { onto, leaves, tiles, head, file, notices, deed }))
    }

    fn seen(&self, note: &Note) -> Result<Seen, PublishError> {
        let seen = open_checkpoint(note.to_string().as_bytes(), &self.keys.public(), &[], 0);
        seen.map_err(|cause| damaged(cause.to_string()))
    }
}

fn open_file(bytes: Vec<u8>, statement: u64, taken: SnapshotTaken) -> Result<Arc<File>, PublishError> {
    let bytes: Arc<[u8]> = bytes.into();
    let snapshot = Snapshot::open(Arc::clone(&bytes)).map_err(|cause| damaged(cause.to_string()))?;
    Ok(Arc::new(File { bytes, snapshot, statement, taken }))
}

fn push(tree: &mut Builder, leaf: &[u8], tiles: &mut Vec<Tile>) -> Result<(), PublishError> {
    tree.push(leaf, &mut |tile| tiles.push(tile)).map_err(|cause| damaged(cause.to_string()))
}

/// Bundles of entries are put together from the leaves when they are asked for.
fn stored(tile: Tile) -> Option<LogTile> {
    match tile.path.level() {
        Level::Entries => None,
        Level::Hashes(level) => Some(LogTile { level, index: tile.path.index(), hashes: tile.bytes }),
    }
}
