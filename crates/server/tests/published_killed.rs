//! `kill -9` in the middle of publishing: the log is whole, and what was acknowledged is in it.
//! PostgreSQL too when `TOUCHSTONE_TEST_POSTGRES` is the URL of a server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it did not expect")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use touchstone_registry::statement::StatedOrganisation;
use touchstone_registry::{Digest, Snapshot, Statement};
use touchstone_server::registry::{Keys, Ledger, export};
use touchstone_signed_log::{
    Proof, SigningKey, TileError, TilePath, Tiles, VerifierKey, open_checkpoint, verify_log,
};
use touchstone_store::Store;
use touchstone_types::{Bilingual, Lapse, Moment};

#[path = "common/killed.rs"]
mod killed;

const CHILD: &str = "TOUCHSTONE_TEST_PUBLISHER";

fn at(seconds: u64) -> Moment {
    "2026-11-22T00:00:00Z".parse::<Moment>().unwrap() + Lapse::from_secs(seconds)
}

fn keys() -> Keys {
    Keys::new(vec![SigningKey::from_seed("log.harbour.example", &[7; 32]).unwrap()], vec![], 0).unwrap()
}

fn public() -> VerifierKey {
    keys().public()[0].clone()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn organisation(id: &str) -> Statement {
    let name = Bilingual { zh: id.to_owned(), en: id.to_owned() };
    let (facts, ways_in, owned_domains) = (vec![], vec![], vec![]);
    Statement::Organisation(StatedOrganisation {
        id: id.to_owned(),
        name,
        facts,
        ways_in,
        owned_domains,
        at: at(0),
    })
}

/// What the child does: publishes and says what was acknowledged. The other tests run it in a
/// process of its own; without them it does nothing.
#[test]
fn child_that_publishes_until_it_is_killed() {
    let Ok(task) = std::env::var(CHILD) else { return };
    let (round, url) = task.split_once(' ').unwrap();
    runtime().block_on(async {
        let store = Store::open(url, at(0)).await.unwrap();
        let ledger = Ledger::new(store, keys());
        for batch in 0u64.. {
            let ids: Vec<_> = (0..40).map(|n| format!("o-{round}-{batch}-{n}")).collect();
            let statements: Vec<_> = ids.iter().map(|it| organisation(it)).collect();
            ledger.publish(&statements, "child", at(batch)).await.unwrap();
            let line = format!("acknowledged {}\n", ids.join(" "));
            std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
        }
    });
}

/// Kills a child a moment after its first acknowledgement; gives the ids of all.
fn publish_and_kill(round: u64, url: &str, moment: Duration) -> Vec<String> {
    let task = format!("{round} {url}");
    let said = killed::after("child_that_publishes_until_it_is_killed", (CHILD, &task), 1, moment);
    said.iter().flat_map(|it| it.split(' ')).map(str::to_owned).collect()
}

/// The exported files, as a stranger with the public key reads them.
struct Files(PathBuf);

impl Tiles for Files {
    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, TileError> {
        std::fs::read(self.0.join(path.to_string())).map_err(|_| TileError::Missing(*path))
    }
}

async fn verified(store: &Store, folder: &Path) -> Vec<Statement> {
    export(store, &[], folder).await.unwrap();
    let note = std::fs::read(folder.join("checkpoint")).unwrap();
    let seen = open_checkpoint(&note, &[public()], &[], 0).unwrap();
    let mut found = Vec::new();
    let files = Files(folder.to_owned());
    verify_log(&files, &seen.checkpoint, None, |_, leaf| found.push(Statement::from_leaf(leaf).unwrap()))
        .unwrap();
    let proof: Proof = std::fs::read_to_string(folder.join("snapshot.proof")).unwrap().parse().unwrap();
    let leaf = std::fs::read(folder.join("snapshot.statement")).unwrap();
    proof.verify(&leaf, &[public()], &[], 0).unwrap();
    let Statement::Snapshot(taken) = Statement::from_leaf(&leaf).unwrap() else { panic!("no snapshot") };
    let snapshot = std::fs::read(folder.join("snapshot")).unwrap();
    assert_eq!(Digest::of(&snapshot), taken.sha256);
    Snapshot::open(snapshot).unwrap();
    found
}

async fn survives(url: &str) {
    let mut acknowledged = Vec::new();
    let folder = tempfile::tempdir().unwrap();
    for round in 0..8u64 {
        let moment = Duration::from_millis(round * 7 % 8 * 11);
        let place = url.to_owned();
        let newly =
            tokio::task::spawn_blocking(move || publish_and_kill(round, &place, moment)).await.unwrap();
        acknowledged.extend(newly);
        let store = Store::open(url, at(0)).await.unwrap();
        // Into the same folder each time: a log that grows never changes a file that is there.
        let log = verified(&store, folder.path()).await;
        let ids: Vec<&str> = log
            .iter()
            .filter_map(|it| match it {
                Statement::Organisation(it) => Some(it.id.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(ids.len() % 40, 0, "half of what was published at once was kept");
        let lost: Vec<_> = acknowledged.iter().filter(|it| !ids.contains(&it.as_str())).collect();
        assert!(lost.is_empty(), "round {round}: acknowledged and lost: {lost:?}");
        let ledger = Ledger::new(store.clone(), keys());
        assert_eq!(ledger.registry().await.unwrap().size(), log.len() as u64);
        store.close().await;
    }
    assert!(acknowledged.len() >= 8 * 40);
    eprintln!("{} acknowledged", acknowledged.len());
}

#[test]
fn the_log_verifies_after_kill_9_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(survives(&format!("sqlite:{}", folder.path().join("touchstone.db").display())));
}

#[test]
fn the_log_verifies_after_kill_9_on_postgres() {
    let Ok(server) = std::env::var("TOUCHSTONE_TEST_POSTGRES") else {
        eprintln!("not run on PostgreSQL: TOUCHSTONE_TEST_POSTGRES is not set");
        return;
    };
    let (before, rest) = server.rsplit_once('/').unwrap();
    let parameters = rest.split_once('?').map_or(String::new(), |(_, it)| format!("?{it}"));
    let name = format!("touchstone_killed_{}", std::process::id());
    runtime().block_on(async {
        command(&server, &format!("CREATE DATABASE {name}")).await;
        survives(&format!("{before}/{name}{parameters}")).await;
        command(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    });
}

async fn command(server: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await.unwrap();
    let driving = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    driving.await.unwrap().unwrap();
}
