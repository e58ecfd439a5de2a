//! The whole registry in one file that an app keeps and asks offline.
//!
//! The way through: [`write`] lays a [`Registry`](crate::Registry) out, the same bytes for the
//! same statements on every machine; [`Snapshot::open`] checks such bytes once and then answers
//! from them where they lie: [`Snapshot::find`], [`Snapshot::account`], [`Snapshot::find_hash`],
//! [`Snapshot::owner_of`]. The bytes are described in `docs/snapshot.md`. Who asks for what
//! resembles as well makes a registry of them again: [`Registry::from_snapshot`](crate::Registry::from_snapshot).
//!
//! Always true here:
//! - It answers what the registry answers, with the same statuses; "not listed" is as certain
//!   as "listed".
//! - Damaged bytes are refused whole: a checksum covers every one, and every place is checked
//!   before anything is answered.
//! - A snapshot proves nothing by itself. Its [`Snapshot::digest`] is in a `snapshot` statement of
//!   the log, and the proof of that statement is kept beside it.

mod layout;
mod read;
mod view;
mod write;

use sha2::{Digest as _, Sha256};
use touchstone_types::Moment;

use crate::{Digest, IdentityKind, normal};
use layout::{CHECKSUM, Counts, Key, Layout, RECORD, fnv1a};

pub use view::{KeyView, OrganisationView, RecordView};
pub use write::write;

/// Why bytes are no snapshot, or a registry cannot be written as one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// It does not begin as one: another file, or a later version of the form.
    #[error("not a snapshot of a form known here")]
    Form,
    /// Shorter or longer than it says: an interrupted download.
    #[error("{found} bytes, where its header says {expected}")]
    Length {
        /// As the header has it.
        expected: u64,
        /// As it is.
        found: u64,
    },
    /// Some byte changed since it was written.
    #[error("damaged: its checksum does not fit")]
    Checksum,
    /// The checksum fits, but the content does not hold together: whoever wrote it wrote it wrong.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// More than the form can hold (a billion identities, 4 GiB of text).
    #[error("too large for a snapshot: {0}")]
    TooLarge(&'static str),
}

/// An opened snapshot. `B` is whatever holds the bytes: a `Vec`, an `Arc<[u8]>`, a mapped file.
#[derive(Clone)]
pub struct Snapshot<B = Vec<u8>> {
    bytes: B,
    layout: Layout,
    digest: Digest,
}

impl<B: AsRef<[u8]>> Snapshot<B> {
    /// Checks the bytes, all of them, once.
    ///
    /// # Errors
    /// [`SnapshotError`]; a damaged snapshot is not used in part.
    pub fn open(bytes: B) -> Result<Self, SnapshotError> {
        let all = bytes.as_ref();
        let layout = Layout::read(all)?;
        let (content, checksum) = all.split_at(all.len() - CHECKSUM);
        let mut hasher = Sha256::new();
        hasher.update(content);
        if hasher.clone().finalize().as_slice() != checksum {
            return Err(SnapshotError::Checksum);
        }
        hasher.update(checksum);
        let digest = Digest::from_bytes(hasher.finalize().into());
        let opened = Self { bytes, layout, digest };
        opened.check()?;
        Ok(opened)
    }

    /// The bytes, as they are served.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// SHA-256 of the whole file, as a `snapshot` statement has it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// How many entries of the log it covers.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.layout.entries
    }

    /// When it was taken.
    #[must_use]
    pub fn at(&self) -> Moment {
        self.layout.at
    }

    /// How many identities it holds, whatever their status.
    #[must_use]
    pub fn len(&self) -> usize {
        self.layout.counts.records as usize
    }

    /// Whether it holds no identity at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every organisation, in the order of the log.
    pub fn organisations(&self) -> impl Iterator<Item = OrganisationView<'_>> {
        (0..self.layout.counts.organisations).filter_map(|at| self.organisation(at))
    }

    /// The organisation of that number; see [`RecordView::organisation`].
    #[must_use]
    pub fn organisation(&self, at: u32) -> Option<OrganisationView<'_>> {
        (at < self.layout.counts.organisations).then_some(())?;
        Some(OrganisationView { number: at, item: self.item(at)? })
    }

    /// Every key that the log has named, in its order.
    pub fn keys(&self) -> impl Iterator<Item = KeyView<'_>> {
        let Counts { organisations, keys, .. } = self.layout.counts;
        (organisations..organisations + keys).filter_map(|at| Some(KeyView { item: self.item(at)? }))
    }

    /// Every identity, in the order of the log.
    pub fn records(&self) -> impl Iterator<Item = RecordView<'_>> {
        (0..self.layout.counts.records).filter_map(|at| self.record(at))
    }

    /// Every identity with exactly this value, whatever its status, in the order of the log;
    /// the value is normalised first.
    pub fn find<'a>(&'a self, kind: IdentityKind, value: &'a str) -> impl Iterator<Item = RecordView<'a>> {
        normal(kind, value).into_iter().flat_map(move |value| self.exactly(kind, value))
    }

    /// Every identity of the account that `platform` knows by `account`, likewise.
    pub fn account<'a>(
        &'a self,
        platform: &'a str,
        account: &'a str,
    ) -> impl Iterator<Item = RecordView<'a>> {
        let hash = fnv1a(Key::Account.code(), &[platform, account]);
        self.places(Key::Account, hash)
            .filter_map(|at| self.record(at))
            .filter(move |it| it.platform() == Some(platform) && it.account() == Some(account))
    }

    /// Every app with this certificate or file, likewise.
    pub fn find_hash(&self, hash: &Digest) -> impl Iterator<Item = RecordView<'_>> {
        let text = hash.to_string();
        let mut seen = Vec::new();
        self.places(Key::Hash, fnv1a(Key::Hash.code(), &[&text]))
            .filter(move |at| {
                // The slot of another file of the same app may lie on the way.
                let new = !seen.contains(at);
                seen.push(*at);
                new
            })
            .filter_map(|at| self.record(at))
            .filter(move |it| it.certificate() == Some(&text) || it.files().any(|file| file == text))
    }

    /// Whose a host is: the organisation that lists (and has not withdrawn) or owns it or a domain
    /// above it. Expects lower-case ASCII, as [`normal`] gives.
    #[must_use]
    pub fn owner_of(&self, host: &str) -> Option<OrganisationView<'_>> {
        let mut rest = host.trim_end_matches('.');
        loop {
            if let Some(owner) = self.claimed(rest) {
                return self.organisation(owner);
            }
            rest = rest.split_once('.')?.1;
        }
    }

    fn claimed(&self, domain: &str) -> Option<u32> {
        let mut listed = self.exactly(IdentityKind::Domain, domain);
        let holder = listed.find(|it| it.revoked().is_none()).map(|it| it.organisation());
        holder.or_else(|| {
            let mut owners = self.places(Key::Owned, fnv1a(Key::Owned.code(), &[domain]));
            owners.find(|at| {
                self.organisation(*at).is_some_and(|it| it.owned_domains().any(|owned| owned == domain))
            })
        })
    }

    fn exactly<'a>(
        &'a self,
        kind: IdentityKind,
        value: impl AsRef<str> + 'a,
    ) -> impl Iterator<Item = RecordView<'a>> {
        let hash = fnv1a(Key::Value(kind).code(), &[value.as_ref()]);
        self.places(Key::Value(kind), hash)
            .filter_map(|at| self.record(at))
            .filter(move |it| it.kind() == kind && it.value() == value.as_ref())
    }

    /// The numbers in the slots from that hash on, up to the first empty one.
    fn places(&self, key: Key, hash: u32) -> impl Iterator<Item = u32> {
        let mask = self.layout.counts.slots - 1;
        (0..self.layout.counts.slots)
            .map(move |step| self.slot(hash.wrapping_add(step) & mask))
            .take_while(|slot| *slot != 0)
            .filter_map(move |slot| (slot >> 30 == key.mark()).then_some((slot & 0x3fff_ffff) - 1))
    }

    fn slot(&self, at: u32) -> u32 {
        let place = self.layout.slots + at as usize * 4;
        layout::u32_at(self.bytes.as_ref(), place).unwrap_or_default()
    }

    fn record(&self, at: u32) -> Option<RecordView<'_>> {
        let counts = self.layout.counts;
        (at < counts.records).then_some(())?;
        let place = self.layout.records + at as usize * RECORD;
        let fixed = self.bytes.as_ref().get(place..place + RECORD)?;
        Some(RecordView { fixed, item: self.item(counts.organisations + counts.keys + at)? })
    }

    /// The text of the item of that number: organisations first, then keys, then identities.
    /// An item ends where the next begins.
    fn item(&self, number: u32) -> Option<&[u8]> {
        let text = self.bytes.as_ref().get(self.layout.text..self.layout.text_end)?;
        let start = self.offset(number)?;
        let last = number + 1 >= self.layout.counts.items();
        let end = if last { text.len() } else { self.offset(number + 1)? };
        text.get(start..end)
    }

    fn offset(&self, number: u32) -> Option<usize> {
        let Counts { organisations, keys, .. } = self.layout.counts;
        let place = match number.checked_sub(organisations + keys) {
            None => layout::HEADER + number as usize * 4,
            Some(record) => self.layout.records + record as usize * RECORD,
        };
        layout::u32_at(self.bytes.as_ref(), place).map(|it| it as usize)
    }

    /// That everything is where it says and of the form it says.
    fn check(&self) -> Result<(), SnapshotError> {
        let malformed = |what| Err(SnapshotError::Malformed(what));
        let counts = self.layout.counts;
        let text = self.layout.text_end - self.layout.text;
        if counts.items() == 0 && text != 0 || counts.items() > 0 && self.offset(0) != Some(0) {
            return malformed("the text does not begin with its first item");
        }
        // Offsets that run backwards give no item here.
        let organisations =
            (0..counts.organisations).all(|at| self.organisation(at).is_some_and(|it| it.is_whole()));
        if !organisations {
            return malformed("an organisation");
        }
        if self.keys().filter(KeyView::is_whole).count() != counts.keys as usize {
            return malformed("a key");
        }
        let records =
            (0..counts.records).all(|at| self.record(at).is_some_and(|it| it.is_whole(counts.organisations)));
        if !records {
            return malformed("an identity");
        }
        self.check_slots()
    }

    fn check_slots(&self) -> Result<(), SnapshotError> {
        let counts = self.layout.counts;
        let mut empty = false;
        for at in 0..counts.slots {
            let slot = self.slot(at);
            let most = if slot >> 30 == Key::Owned.mark() { counts.organisations } else { counts.records };
            match slot & 0x3fff_ffff {
                0 if slot == 0 => empty = true,
                number if (1..=most).contains(&number) => {}
                _ => return Err(SnapshotError::Malformed("a slot of the table")),
            }
        }
        if empty { Ok(()) } else { Err(SnapshotError::Malformed("a table without an empty slot")) }
    }
}

impl<B> std::fmt::Debug for Snapshot<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("layout", &self.layout).field("digest", &self.digest).finish()
    }
}
