//! A list of official identities into the log, and out of it.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use touchstone_registry::statement::{Revoked, StatedIdentity, StatedOrganisation};
use touchstone_registry::{Digest, Identity, Organisation, Registry, Statement};
use touchstone_server::registry::read;
use touchstone_server::{Clock, SystemClock};
use touchstone_types::{Bilingual, Lapse, Moment};

use super::Place;

use crate::out::{print, say};

/// What came of each line of a list.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    organisations: usize,
    identities: usize,
    revoked: usize,
    known: usize,
}

pub(super) async fn import(place: &Place, file: &Path, days: u64) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let list = Registry::from_json_lines(&text).with_context(|| format!("{}", file.display()))?;
    let (store, config) = place.store().await?;
    let ledger = super::ledger(&store, &super::log(&config)?)?;
    let now = SystemClock.now();
    let known = ledger.registry().await?;
    let (statements, counts) = statements(&list, &known, now, Lapse::from_secs(days * 86_400));
    let size = match statements.is_empty() {
        true => known.size(),
        false => ledger.publish(&statements, "command line", now).await?.size,
    };
    store.close().await;
    say!(
        "{} organisations, {} identities, {} revocations went into the log; {} were there already. \
         The log {} has {size} entries.",
        counts.organisations,
        counts.identities,
        counts.revoked,
        counts.known,
        ledger.origin(),
    )?;
    if counts.identities > 0 {
        eprintln!(
            "They are listed without proof of control, as what the operator brought along; vetting proves them."
        );
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn export(place: &Place) -> anyhow::Result<ExitCode> {
    let (store, _) = place.store().await?;
    let (registry, _) = read(&store).await?.context("no log was begun in this database")?;
    store.close().await;
    print(format_args!("{}", registry.to_json_lines()))?;
    Ok(ExitCode::SUCCESS)
}

/// What of the list the log does not say yet.
fn statements(list: &Registry, log: &Registry, now: Moment, counts_for: Lapse) -> (Vec<Statement>, Counts) {
    let (mut new, mut counts) = (Vec::new(), Counts::default());
    for it in list.organisations() {
        if log.organisation(&it.id) == Some(it) {
            counts.known += 1;
            continue;
        }
        counts.organisations += 1;
        new.push(organisation(it, now));
    }
    for it in list.identities() {
        let Some(holder) = list.holder(it) else { continue };
        let id = id_of(it, holder);
        if log.identity(&id).is_some() || is_listed(log, it, holder) {
            counts.known += 1;
            continue;
        }
        counts.identities += 1;
        new.push(identity(it, holder, id.clone(), now, counts_for));
        if it.revoked.is_some_and(|at| at <= now) {
            counts.revoked += 1;
            new.push(Statement::Revoked(Revoked { identity: id, reason: reason(it), at: now }));
        }
    }
    (new, counts)
}

/// The same identity gets the same id however often the list is imported.
fn id_of(it: &Identity, holder: &Organisation) -> String {
    let part = |text: &Option<std::sync::Arc<str>>| text.as_deref().unwrap_or_default().to_owned();
    let all = [
        holder.id.to_string(),
        it.kind.name().to_owned(),
        it.value.to_string(),
        part(&it.platform),
        part(&it.account),
        part(&it.chain),
    ];
    let digest = Digest::of(all.join("\0").as_bytes()).to_string();
    format!("{}-{}", it.kind.name(), digest.get(..20).unwrap_or(&digest))
}

/// Under an id of its own, as vetting gives.
fn is_listed(log: &Registry, it: &Identity, holder: &Organisation) -> bool {
    log.find(it.kind, &it.value).any(|known| {
        let same_holder = log.holder(known).is_some_and(|by| by.id == holder.id);
        let same_place =
            (&known.platform, &known.account, &known.chain) == (&it.platform, &it.account, &it.chain);
        same_holder && same_place && known.revoked.is_none()
    })
}

fn organisation(it: &Organisation, at: Moment) -> Statement {
    Statement::Organisation(StatedOrganisation {
        id: it.id.to_string(),
        name: it.name.clone(),
        facts: it.facts.iter().collect(),
        ways_in: it.ways_in.clone(),
        owned_domains: it.owned_domains.iter().map(ToString::to_string).collect(),
        at,
    })
}

fn identity(it: &Identity, holder: &Organisation, id: String, now: Moment, counts_for: Lapse) -> Statement {
    let owned = |text: &Option<std::sync::Arc<str>>| text.as_ref().map(ToString::to_string);
    let all = |texts: &[std::sync::Arc<str>]| texts.iter().map(ToString::to_string).collect();
    let from = it.from.unwrap_or(now);
    Statement::Identity(Box::new(StatedIdentity {
        id,
        organisation: holder.id.to_string(),
        kind: it.kind,
        value: it.shown.trim().to_owned(),
        platform: owned(&it.platform),
        account: owned(&it.account),
        chain: owned(&it.chain),
        certificate: it.certificate,
        files: it.files.clone(),
        newest_safe: owned(&it.newest_safe),
        purposes: all(&it.purposes),
        languages: all(&it.languages),
        role: owned(&it.role),
        proofs: Vec::new(),
        reviewers: Vec::new(),
        from,
        until: it.until.unwrap_or_else(|| from.max(now) + counts_for),
        at: now,
    }))
}

fn reason(it: &Identity) -> Bilingual {
    let said = it.revoked_because.as_deref().cloned();
    said.unwrap_or_else(|| Bilingual {
        zh: "导入前已撤销".into(), en: "revoked before the log began".into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_in_whole_and_the_second_time_nothing_does() {
        let text = include_str!("../../../../../corpus/registry/demo.jsonl");
        let list = Registry::from_json_lines(text).unwrap();
        let now: Moment = "2026-11-22T04:00:00Z".parse().unwrap();
        let (first, counts) = statements(&list, &Registry::default(), now, Lapse::from_secs(86_400));
        assert_eq!(counts.organisations, list.organisations().len());
        assert_eq!(counts.identities, list.identities().len());
        for statement in &first {
            statement.check().unwrap();
        }
        let log = Registry::from_statements((0..).zip(first)).unwrap();
        for it in list.identities() {
            let found = log.find(it.kind, &it.value).find(|found| found.account == it.account).unwrap();
            assert_eq!((&found.shown, found.in_force(now)), (&it.shown, it.in_force(now)), "{}", it.shown);
        }
        let (again, counts) = statements(&list, &log, now, Lapse::from_secs(86_400));
        assert_eq!((again, counts.identities), (vec![], 0));
    }
}
