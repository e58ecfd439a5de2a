//! A log that nobody can change unseen: an append-only Merkle tree in public formats.
//!
//! The way through: [`append`] turns new entries into tiles, which are files; [`root`] is what they
//! amount to; a [`Checkpoint`] says size and root and is signed as a [`Note`]; witnesses add
//! cosignatures to it ([`witness`]); [`inclusion`] and [`consistency`] make proofs from the tiles,
//! [`verify_inclusion`] and [`verify_consistency`] check them; a [`Proof`] holds all that is needed
//! to check one entry without a network, and [`verify_log`] recomputes a whole log from its entries.
//!
//! Formats: RFC 6962 section 2 (tree and proofs), and of c2sp.org: signed-note, tlog-checkpoint,
//! tlog-tiles, tlog-cosignature (Ed25519, v1), tlog-witness and tlog-proof. Keys are Ed25519
//! (RFC 8032); [`SealedKey`] keeps one in a file under a passphrase.
//!
//! Always true here:
//! - Pure. No clock, no network, no files, no randomness: times, salts and nonces come in as arguments.
//! - Whatever is read is bounded, and nothing that is read makes this crate panic.
//! - A note whose signature by a known key is wrong is refused whole, however many others are right.
//! - A text is read in exactly one way: what parses is written back byte for byte.

mod append;
mod checkpoint;
mod encoding;
mod hash;
mod key;
mod note;
mod prove;
mod seal;
mod tile;
mod tlog_proof;
mod verify;
pub mod witness;

pub use append::{AppendError, Builder, append};
pub use checkpoint::{Checkpoint, CheckpointError, NotTrusted, Seen, open_checkpoint};
pub use hash::{BadHash, Hash, empty_root, leaf_hash, node_hash};
pub use key::{Cosigner, KeyError, KeyKind, SigningKey, VerifierKey, verify_ed25519};
pub use note::{MAX_NOTE, Note, NoteError, NoteSignature, Signed};
pub use prove::{ProofError, consistency, inclusion, root, verify_consistency, verify_inclusion};
pub use seal::{Cost, SealError, SealedKey};
pub use tile::{
    BadBundle, BadPath, Held, Level, MAX_ENTRY, MAX_SIZE, Tile, TileError, TilePath, Tiles, WIDTH, bundle,
    entries, fetch, tiles_at,
};
pub use tlog_proof::{Proof, ProofTextError, Unproven};
pub use verify::{Fault, verify_log};
