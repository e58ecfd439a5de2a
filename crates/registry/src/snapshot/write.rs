//! Laying a registry out.

use touchstone_types::Moment;

use super::SnapshotError;
use super::layout::{HEADER, Key, MAGIC, MOST, NO_INDEX, RECORD, fnv1a, put};
use super::view::{PROOF_OVERDUE, identity, key, organisation};
use crate::statement::StatedKey;
use crate::{Digest, Identity, Lapsing, Organisation, Registry};

/// The snapshot of what the first `entries` entries of a log amount to, taken at `at`. The same
/// registry gives the same bytes, on every machine.
///
/// # Errors
/// [`SnapshotError::TooLarge`] beyond a billion identities, 4 GiB of text, or four billion entries.
pub fn write(registry: &Registry, entries: u64, at: Moment) -> Result<Vec<u8>, SnapshotError> {
    let mut text = Vec::new();
    let mut heads = Vec::new();
    for organisation in registry.organisations() {
        heads.push(offset(&text)?);
        put_organisation(&mut text, organisation);
    }
    for (_, stated) in registry.keys() {
        heads.push(offset(&text)?);
        put_key(&mut text, stated);
    }
    let mut records = Vec::with_capacity(registry.identities().len() * RECORD);
    for it in registry.identities() {
        put_record(&mut records, offset(&text)?, it)?;
        put_identity(&mut text, it);
    }
    let slots = table(registry)?;
    let counts = [
        registry.organisations().len(),
        registry.keys().len(),
        registry.identities().len(),
        slots.len(),
        text.len(),
    ];
    let mut bytes =
        Vec::with_capacity(HEADER + heads.len() * 4 + records.len() + slots.len() * 4 + text.len() + 32);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&entries.to_le_bytes());
    bytes.extend_from_slice(&at.as_micros().to_le_bytes());
    for count in counts {
        let count = u32::try_from(count).map_err(|_| SnapshotError::TooLarge("text"))?;
        bytes.extend_from_slice(&count.to_le_bytes());
    }
    bytes.extend_from_slice(&0u32.to_le_bytes());
    heads.iter().for_each(|it| bytes.extend_from_slice(&it.to_le_bytes()));
    bytes.append(&mut records);
    slots.iter().for_each(|it| bytes.extend_from_slice(&it.to_le_bytes()));
    bytes.append(&mut text);
    let checksum = Digest::of(&bytes);
    bytes.extend_from_slice(checksum.as_bytes());
    Ok(bytes)
}

fn offset(text: &[u8]) -> Result<u32, SnapshotError> {
    u32::try_from(text.len()).map_err(|_| SnapshotError::TooLarge("text"))
}

fn put_organisation(text: &mut Vec<u8>, it: &Organisation) {
    put(text, organisation::ID, it.id.as_bytes());
    put(text, organisation::NAME_ZH, it.name.zh.as_bytes());
    put(text, organisation::NAME_EN, it.name.en.as_bytes());
    it.facts.iter().for_each(|fact| put(text, organisation::FACT, fact.name().as_bytes()));
    for way in &it.ways_in {
        put(text, organisation::WAY_ZH, way.zh.as_bytes());
        put(text, organisation::WAY_EN, way.en.as_bytes());
    }
    it.owned_domains.iter().for_each(|domain| put(text, organisation::DOMAIN, domain.as_bytes()));
}

fn put_key(text: &mut Vec<u8>, it: &StatedKey) {
    put(text, key::USE, it.uses.name().as_bytes());
    put(text, key::KEY, it.key.as_bytes());
    put(text, key::FROM, &it.from.as_micros().to_le_bytes());
    put(text, key::UNTIL, &it.until.as_micros().to_le_bytes());
}

fn put_record(records: &mut Vec<u8>, offset: u32, it: &Identity) -> Result<(), SnapshotError> {
    let index = |at: Option<u64>| match at {
        None => Ok(NO_INDEX),
        Some(at) => u32::try_from(at)
            .ok()
            .filter(|at| *at != NO_INDEX)
            .ok_or(SnapshotError::TooLarge("entries of the log")),
    };
    for number in [offset, it.organisation, index(it.index)?, index(it.changed)?] {
        records.extend_from_slice(&number.to_le_bytes());
    }
    let from = it.from.map_or(i64::MIN, Moment::as_micros);
    let end = it.ends().map_or(i64::MAX, |(end, _)| end.as_micros());
    records.extend_from_slice(&from.to_le_bytes());
    records.extend_from_slice(&end.to_le_bytes());
    Ok(())
}

fn put_identity(text: &mut Vec<u8>, it: &Identity) {
    let overdue = matches!(it.ends(), Some((_, Lapsing::ProofOverdue)));
    text.push(it.kind as u8 | if overdue { PROOF_OVERDUE } else { 0 });
    put(text, identity::VALUE, it.value.as_bytes());
    if it.shown != it.value {
        put(text, identity::SHOWN, it.shown.as_bytes());
    }
    for (tag, field) in
        [(identity::PLATFORM, &it.platform), (identity::ACCOUNT, &it.account), (identity::CHAIN, &it.chain)]
    {
        field.iter().for_each(|it| put(text, tag, it.as_bytes()));
    }
    let hex = |hash: &Digest| hash.to_string().into_bytes();
    it.certificate.iter().for_each(|hash| put(text, identity::CERTIFICATE, &hex(hash)));
    it.files.iter().for_each(|hash| put(text, identity::FILE, &hex(hash)));
    it.newest_safe.iter().for_each(|it| put(text, identity::NEWEST_SAFE, it.as_bytes()));
    it.purposes.iter().for_each(|it| put(text, identity::PURPOSE, it.as_bytes()));
    it.languages.iter().for_each(|it| put(text, identity::LANGUAGE, it.as_bytes()));
    it.role.iter().for_each(|it| put(text, identity::ROLE, it.as_bytes()));
    let life = it.life();
    if let Some((at, reason)) = life.voided {
        let mut field = at.as_micros().to_le_bytes().to_vec();
        field.extend_from_slice(reason.name().as_bytes());
        put(text, identity::VOIDED, &field);
    }
    if let Some((at, reason)) = life.revoked {
        put(text, identity::REVOKED, &at.as_micros().to_le_bytes());
        put(text, identity::REASON_ZH, reason.zh.as_bytes());
        put(text, identity::REASON_EN, reason.en.as_bytes());
    }
}

/// The open-addressing table: keys are entered in the order of the log, so equal ones are met in
/// that order; seven of ten slots are taken at most.
fn table(registry: &Registry) -> Result<Vec<u32>, SnapshotError> {
    let mut keys: Vec<(u32, u32)> = Vec::with_capacity(registry.identities().len() * 2);
    let number = |at: usize| {
        u32::try_from(at).ok().filter(|it| *it < MOST).ok_or(SnapshotError::TooLarge("identities"))
    };
    let mut enter = |key: Key, texts: &[&str], at: u32| {
        keys.push((fnv1a(key.code(), texts), key.mark() << 30 | (at + 1)));
    };
    for (at, it) in registry.identities().iter().enumerate() {
        let at = number(at)?;
        enter(Key::Value(it.kind), &[&it.value], at);
        if let (Some(platform), Some(account)) = (&it.platform, &it.account) {
            enter(Key::Account, &[platform, account], at);
        }
        it.hashes().iter().for_each(|hash| enter(Key::Hash, &[&hash.to_string()], at));
    }
    for (at, it) in registry.organisations().iter().enumerate() {
        let at = number(at)?;
        it.owned_domains.iter().for_each(|domain| enter(Key::Owned, &[domain], at));
    }
    let slots = (keys.len() * 10 / 7 + 1).next_power_of_two();
    let mask = u32::try_from(slots - 1).map_err(|_| SnapshotError::TooLarge("keys"))?;
    let mut table = vec![0; slots];
    for (hash, entry) in keys {
        let mut at = hash & mask;
        while table.get(at as usize).is_some_and(|it| *it != 0) {
            at = (at + 1) & mask;
        }
        if let Some(slot) = table.get_mut(at as usize) {
            *slot = entry;
        }
    }
    Ok(table)
}
