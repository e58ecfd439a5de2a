//! Proofs from stored tiles: what a proof needs is found out by trying, and fetched.

use touchstone_signed_log::{
    Held, Level, Note, Proof, ProofError, Tile, TileError, TilePath, bundle, consistency,
};
use touchstone_store::{Store, StoreError};

/// More tiles than any proof needs.
const MOST: usize = 64;

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoProof {
    /// The log has no such entry, or what is stored is damaged.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

async fn with_tiles<T>(store: &Store, make: impl Fn(&Held) -> Result<T, ProofError>) -> Result<T, NoProof> {
    let mut held = Held::new();
    for _ in 0..MOST {
        match make(&held) {
            Err(ProofError::Tile(TileError::Missing(path))) => match tile(store, &path).await? {
                Some(bytes) => held.keep(Tile { path, bytes }),
                None => return Err(ProofError::Tile(TileError::Missing(path)).into()),
            },
            done => return done.map_err(Into::into),
        }
    }
    make(&held).map_err(Into::into)
}

/// The bytes of a tile as they are served; none if the log does not reach so far.
pub(crate) async fn tile(store: &Store, path: &TilePath) -> Result<Option<Vec<u8>>, StoreError> {
    let width = usize::from(path.width());
    match path.level() {
        Level::Hashes(level) => {
            let row = store.log_tile(level, path.index()).await?;
            Ok(row.filter(|it| it.len() >= width * 32).map(|mut it| {
                it.truncate(width * 32);
                it
            }))
        }
        Level::Entries => {
            let leaves = store.leaves(path.index() * 256, width).await?;
            if leaves.len() < width {
                return Ok(None);
            }
            Ok(bundle(&leaves.iter().map(|it| it.bytes.as_slice()).collect::<Vec<_>>()))
        }
    }
}

/// The proof that leaf `index` is in the log of a checkpoint, with the leaf beside it.
pub(crate) async fn of_leaf(
    store: &Store,
    index: u64,
    size: u64,
    checkpoint: &Note,
    leaf: Vec<u8>,
) -> Result<Proof, NoProof> {
    with_tiles(store, |held| Proof::make(held, index, size, checkpoint, Some(leaf.clone()))).await
}

/// The proof that a smaller log is the beginning of a larger one.
pub(crate) async fn of_growth(
    store: &Store,
    old: u64,
    new: u64,
) -> Result<Vec<touchstone_signed_log::Hash>, NoProof> {
    with_tiles(store, |held| consistency(held, old, new)).await
}
