//! Memory as bytes, so that a start need not read the whole log.

use serde::{Deserialize, Serialize};
use touchstone_policy::{FeatureKind, FeatureSpec};

use super::campaigns::{Campaigns, KeptCampaigns};
use super::table::{Kept, Table};
use super::tallies::{Distinct, Pressure, Recent, Ring, Seen, Steps};
use super::{Limits, Memory, Part};

/// Raised when what is kept, or how it is hashed, changes.
const VERSION: u32 = 2;

/// Why a snapshot was not taken back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Not a snapshot, or a damaged one. Next: read the log from its start.
    #[error("damaged memory snapshot: {0}")]
    Damaged(String),
    /// Written by another version of this program. Next: read the log from its start.
    #[error("memory snapshot of version {0}, this is version {VERSION}")]
    Version(u32),
    /// Made for other features. Next: read the log from its start.
    #[error("the memory snapshot was made for other features")]
    OtherFeatures,
}

#[derive(Serialize, Deserialize)]
struct Snapshot {
    parts: Vec<KeptPart>,
    campaigns: KeptCampaigns,
}

#[derive(Serialize, Deserialize)]
enum KeptPart {
    Count(Kept<Ring>),
    Distinct(Kept<Distinct>),
    Seen(Kept<Seen>),
    Recent(Kept<Recent>),
    Sequence(Kept<Steps>),
    Pressure(Kept<Pressure>),
}

/// Everything about features that decides what is kept under which key.
pub(super) fn shape(features: &[FeatureSpec]) -> [u8; 32] {
    // The parts of a feature print alike wherever they mean the same; programs do too.
    let mut lanes = [1u64, 2, 3, 4];
    for spec in features {
        let text = format!(
            "{:?}",
            (
                spec.index,
                &spec.name,
                spec.kind,
                &spec.pick,
                &spec.of,
                spec.number,
                spec.window,
                spec.limit,
                &spec.steps
            )
        );
        for (nth, lane) in lanes.iter_mut().enumerate() {
            *lane = super::hash::of_text(&format!("{lane}{nth}{text}"));
        }
    }
    let mut shape = [0; 32];
    for (bytes, lane) in shape.chunks_exact_mut(8).zip(lanes) {
        bytes.copy_from_slice(&lane.to_le_bytes());
    }
    shape
}

impl Memory {
    /// Everything remembered, as bytes. The same memory gives the same bytes.
    ///
    /// # Errors
    /// [`SnapshotError::Damaged`] if it cannot be written; no memory made by events is such.
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        let parts = self.parts.iter().map(|part| match part {
            Part::Count(table) => KeptPart::Count(table.keep()),
            Part::Distinct(table) => KeptPart::Distinct(table.keep()),
            Part::Seen(table) => KeptPart::Seen(table.keep()),
            Part::Recent(table) => KeptPart::Recent(table.keep()),
            Part::Sequence(table) => KeptPart::Sequence(table.keep()),
            Part::Pressure(table) => KeptPart::Pressure(table.keep()),
        });
        let snapshot = Snapshot { parts: parts.collect(), campaigns: self.campaigns.keep() };
        let mut bytes = VERSION.to_le_bytes().to_vec();
        bytes.extend(self.shape);
        postcard::to_extend(&snapshot, bytes).map_err(|cause| SnapshotError::Damaged(cause.to_string()))
    }

    /// The memory that [`Memory::snapshot`] wrote.
    ///
    /// # Errors
    /// [`SnapshotError`] if the bytes are damaged, or were written for other features or by
    /// another version: a memory is never read as something it is not.
    pub fn restore(features: &[FeatureSpec], limits: Limits, bytes: &[u8]) -> Result<Self, SnapshotError> {
        let short = || SnapshotError::Damaged("too short".to_owned());
        let (version, rest) = bytes.split_first_chunk::<4>().ok_or_else(short)?;
        let version = u32::from_le_bytes(*version);
        if version != VERSION {
            return Err(SnapshotError::Version(version));
        }
        let (written, rest) = rest.split_first_chunk::<32>().ok_or_else(short)?;
        let shape = shape(features);
        if *written != shape {
            return Err(SnapshotError::OtherFeatures);
        }
        let (kept, rest): (Snapshot, _) =
            postcard::take_from_bytes(rest).map_err(|cause| SnapshotError::Damaged(cause.to_string()))?;
        if kept.parts.len() != features.len() || !rest.is_empty() {
            return Err(SnapshotError::Damaged("of another length".to_owned()));
        }
        let parts = kept.parts.into_iter().zip(features).map(|(part, spec)| part.restore(spec, limits));
        Ok(Self {
            parts: parts.collect::<Result<_, _>>()?,
            campaigns: Campaigns::restore(kept.campaigns, limits.campaigns),
            limits,
            shape,
        })
    }
}

impl KeptPart {
    fn restore(self, spec: &FeatureSpec, limits: Limits) -> Result<Part, SnapshotError> {
        use FeatureKind as Kind;
        let entries = limits.entries;
        Ok(match (self, spec.kind) {
            (KeptPart::Count(kept), Kind::Count | Kind::Sum) => Part::Count(Table::restore(kept, entries)),
            (KeptPart::Distinct(kept), Kind::Distinct) => Part::Distinct(Table::restore(kept, entries)),
            (KeptPart::Seen(kept), Kind::FirstSeen | Kind::LastSeen) => {
                Part::Seen(Table::restore(kept, entries))
            }
            (KeptPart::Recent(kept), Kind::Recent) => Part::Recent(Table::restore(kept, entries)),
            (KeptPart::Sequence(kept), Kind::Sequence) => Part::Sequence(Table::restore(kept, entries)),
            (KeptPart::Pressure(kept), Kind::Pressure) => Part::Pressure(Table::restore(kept, entries)),
            _ => return Err(SnapshotError::Damaged(format!("`{}` is of another kind", spec.name))),
        })
    }
}
