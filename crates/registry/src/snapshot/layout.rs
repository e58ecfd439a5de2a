//! Where things lie in the file, and how a key is hashed. All numbers are little-endian.

use touchstone_types::Moment;

use super::SnapshotError;
use crate::IdentityKind;

pub(super) const MAGIC: &[u8; 8] = b"TSSNAP1\n";
pub(super) const HEADER: usize = 48;
pub(super) const RECORD: usize = 32;
pub(super) const CHECKSUM: usize = 32;
/// The log index of what is in no log; the highest that can be written is one less.
pub(super) const NO_INDEX: u32 = u32::MAX;
/// Organisations and identities are numbered in 30 bits of a slot, counted from 1.
pub(super) const MOST: u32 = 0x3fff_fffe;

/// How many there are of each thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) organisations: u32,
    pub(super) keys: u32,
    pub(super) records: u32,
    pub(super) slots: u32,
}

impl Counts {
    pub(super) fn items(&self) -> u32 {
        self.organisations + self.keys + self.records
    }
}

/// The header, and the places in bytes that follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) entries: u64,
    pub(super) at: Moment,
    pub(super) counts: Counts,
    pub(super) records: usize,
    pub(super) slots: usize,
    pub(super) text: usize,
    pub(super) text_end: usize,
}

impl Layout {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, SnapshotError> {
        if bytes.len() < HEADER + CHECKSUM || !bytes.starts_with(MAGIC) {
            return Err(SnapshotError::Form);
        }
        let number = |at| u32_at(bytes, at).unwrap_or_default();
        let counts =
            Counts { organisations: number(24), keys: number(28), records: number(32), slots: number(36) };
        let start = (HEADER as u64) + 4 * (u64::from(counts.organisations) + u64::from(counts.keys));
        let slots = start + RECORD as u64 * u64::from(counts.records);
        let text = slots + 4 * u64::from(counts.slots);
        let text_end = text + u64::from(number(40));
        let (expected, found) = (text_end + CHECKSUM as u64, bytes.len() as u64);
        if expected != found {
            return Err(SnapshotError::Length { expected, found });
        }
        let small = [counts.organisations, counts.keys, counts.records].iter().all(|it| *it <= MOST);
        if !small || !counts.slots.is_power_of_two() || number(44) != 0 {
            return Err(SnapshotError::Malformed("the header"));
        }
        let at = i64_at(bytes, 16).and_then(|it| Moment::from_micros(it).ok());
        // All below the length of the bytes, which is a `usize`.
        let place = |at: u64| usize::try_from(at).map_err(|_| SnapshotError::TooLarge("bytes"));
        Ok(Self {
            entries: u64_at(bytes, 8).unwrap_or_default(),
            at: at.ok_or(SnapshotError::Malformed("the time"))?,
            counts,
            records: place(start)?,
            slots: place(slots)?,
            text: place(text)?,
            text_end: place(text_end)?,
        })
    }
}

/// By what an entry of the table is found.
#[derive(Clone, Copy)]
pub(super) enum Key {
    Value(IdentityKind),
    Account,
    Hash,
    Owned,
}

impl Key {
    /// The first byte that is hashed.
    pub(super) fn code(self) -> u8 {
        match self {
            Key::Value(kind) => kind as u8,
            Key::Account => 0x40,
            Key::Hash => 0x80,
            Key::Owned => 0xc0,
        }
    }

    /// The two highest bits of the slot.
    pub(super) fn mark(self) -> u32 {
        u32::from(self.code() >> 6)
    }
}

/// FNV-1a, 32 bits, of the code and each text after a zero byte.
pub(super) fn fnv1a(code: u8, texts: &[&str]) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let mut hash = step(0x811c_9dc5, code);
    for text in texts {
        hash = text.bytes().fold(step(hash, 0), step);
    }
    hash
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn i64_at(bytes: &[u8], at: usize) -> Option<i64> {
    Some(i64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The fields of an item: a tag, a length (LEB128), so many bytes; one after another. Ends with
/// an `Err` at the first that does not fit.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u8, &'a [u8]), ()>;

    fn next(&mut self) -> Option<Self::Item> {
        let (tag, rest) = self.0.split_first()?;
        let field = length(rest).and_then(|(length, rest)| rest.split_at_checked(length));
        let (value, rest) = match field {
            Some(split) => split,
            None => {
                self.0 = &[];
                return Some(Err(()));
            }
        };
        self.0 = rest;
        Some(Ok((*tag, value)))
    }
}

/// A length in LEB128, the shortest form of it, at most five bytes.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0u64;
    for (at, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            let shortest = at == 0 || *byte != 0;
            return shortest.then_some((usize::try_from(value).ok()?, bytes.get(at + 1..)?));
        }
    }
    None
}

/// Appends a field.
pub(super) fn put(text: &mut Vec<u8>, tag: u8, value: &[u8]) {
    text.push(tag);
    let mut rest = value.len();
    loop {
        let low = u8::try_from(rest & 0x7f).unwrap_or_default();
        rest >>= 7;
        if rest == 0 {
            text.push(low);
            break;
        }
        text.push(low | 0x80);
    }
    text.extend_from_slice(value);
}
