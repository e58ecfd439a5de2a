//! What a registry and a snapshot of it answer, in one form that can be compared and kept.

#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use serde_json::{Value, json};
use touchstone_registry::snapshot::{RecordView, Snapshot};
use touchstone_registry::{Identity, IdentityKind, Registry, Status};
use touchstone_types::Moment;

fn status(status: Status<'_>) -> Value {
    json!({ "name": status.name(), "since": status.since(), "reason": status.reason() })
}

/// One identity, all but its status.
pub fn of_identity(registry: &Registry, it: &Identity) -> Value {
    json!({
        "organisation": registry.holder(it).unwrap().id, "kind": it.kind, "value": it.value, "shown": it.shown,
        "platform": it.platform, "account": it.account, "chain": it.chain, "certificate": it.certificate,
        "files": it.files, "newest_safe": it.newest_safe, "purposes": it.purposes, "languages": it.languages,
        "role": it.role, "index": it.index, "changed": it.changed, "from": it.from,
        "ends": it.ends().map(|(at, _)| at),
    })
}

pub fn of_record<B: AsRef<[u8]>>(snapshot: &Snapshot<B>, it: RecordView<'_>) -> Value {
    json!({
        "organisation": snapshot.organisation(it.organisation()).unwrap().id(), "kind": it.kind(),
        "value": it.value(), "shown": it.shown(), "platform": it.platform(), "account": it.account(),
        "chain": it.chain(), "certificate": it.certificate(), "files": it.files().collect::<Vec<_>>(),
        "newest_safe": it.newest_safe(), "purposes": it.purposes().collect::<Vec<_>>(),
        "languages": it.languages().collect::<Vec<_>>(), "role": it.role(), "index": it.index(),
        "changed": it.changed(), "from": it.from(), "ends": it.ends().map(|(at, _)| at),
    })
}

/// Everything that can be asked of the registry by what is in it.
pub fn questions(registry: &Registry) -> Questions {
    let mut ask = Questions::default();
    for it in registry.identities() {
        ask.values.push((it.kind, it.shown.to_string()));
        if let (Some(platform), Some(account)) = (&it.platform, &it.account) {
            ask.accounts.push((platform.to_string(), account.to_string()));
        }
        ask.hashes.extend(it.certificate);
        ask.hashes.extend(&it.files);
        if it.kind == IdentityKind::Domain {
            ask.hosts.push(format!("help.{}", it.value));
        }
    }
    for it in registry.organisations() {
        ask.hosts.extend(it.owned_domains.iter().map(|it| format!("a.b.{it}")));
    }
    ask
}

#[derive(Default)]
pub struct Questions {
    pub values: Vec<(IdentityKind, String)>,
    pub accounts: Vec<(String, String)>,
    pub hashes: Vec<touchstone_registry::Digest>,
    pub hosts: Vec<String>,
}

/// What is in it, whatever the time.
pub fn content_of_registry(registry: &Registry) -> Value {
    json!({
        "records": registry.identities().iter().map(|it| of_identity(registry, it)).collect::<Vec<_>>(),
        "organisations": registry.organisations().iter().map(|it| json!({
            "id": it.id, "name": it.name, "facts": it.facts.iter().collect::<Vec<_>>(), "ways_in": it.ways_in,
            "owned_domains": it.owned_domains,
        })).collect::<Vec<_>>(),
        "keys": registry.keys().iter().map(|(_, it)| json!({
            "use": it.uses, "key": it.key, "from": it.from, "until": it.until,
        })).collect::<Vec<_>>(),
    })
}

/// What it answers at that moment.
pub fn by_registry(registry: &Registry, ask: &Questions, at: Moment) -> Value {
    let all = |found: Vec<&Identity>| -> Vec<Value> {
        found.into_iter().map(|it| json!({ "index": it.index, "status": status(it.status(at)) })).collect()
    };
    json!({
        "find": ask.values.iter().map(|(kind, value)| json!({
            "kind": kind, "value": value, "answers": all(registry.find(*kind, value).collect()),
        })).collect::<Vec<_>>(),
        "account": ask.accounts.iter().map(|(platform, account)| json!({
            "platform": platform, "account": account,
            "answers": all(registry.accounts_of(platform, account).collect()),
        })).collect::<Vec<_>>(),
        "hash": ask.hashes.iter().map(|hash| json!({
            "sha256": hash, "answers": all(registry.find_hash(hash).collect()),
        })).collect::<Vec<_>>(),
        "owner_of": ask.hosts.iter().map(|host| json!({
            "host": host, "owner": registry.owner_of(host).map(|it| &it.id),
        })).collect::<Vec<_>>(),
    })
}

pub fn content_of_snapshot<B: AsRef<[u8]>>(snapshot: &Snapshot<B>) -> Value {
    json!({
        "records": snapshot.records().map(|it| of_record(snapshot, it)).collect::<Vec<_>>(),
        "organisations": snapshot.organisations().map(|it| json!({
            "id": it.id(), "name": { "zh": it.name().zh, "en": it.name().en },
            "facts": it.facts().iter().collect::<Vec<_>>(),
            "ways_in": it.ways_in().map(|it| json!({ "zh": it.zh, "en": it.en })).collect::<Vec<_>>(),
            "owned_domains": it.owned_domains().collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "keys": snapshot.keys().map(|it| json!({
            "use": it.uses(), "key": it.key(), "from": it.times().map(|it| it.0), "until": it.times().map(|it| it.1),
        })).collect::<Vec<_>>(),
    })
}

pub fn by_snapshot<B: AsRef<[u8]>>(snapshot: &Snapshot<B>, ask: &Questions, at: Moment) -> Value {
    let all = |found: Vec<RecordView<'_>>| -> Vec<Value> {
        found.into_iter().map(|it| json!({ "index": it.index(), "status": status(it.status(at)) })).collect()
    };
    json!({
        "find": ask.values.iter().map(|(kind, value)| json!({
            "kind": kind, "value": value, "answers": all(snapshot.find(*kind, value).collect()),
        })).collect::<Vec<_>>(),
        "account": ask.accounts.iter().map(|(platform, account)| json!({
            "platform": platform, "account": account,
            "answers": all(snapshot.account(platform, account).collect()),
        })).collect::<Vec<_>>(),
        "hash": ask.hashes.iter().map(|hash| json!({
            "sha256": hash, "answers": all(snapshot.find_hash(hash).collect()),
        })).collect::<Vec<_>>(),
        "owner_of": ask.hosts.iter().map(|host| json!({
            "host": host, "owner": snapshot.owner_of(host).map(|it| it.id()),
        })).collect::<Vec<_>>(),
    })
}
