//! What is published is proved to anyone, followed by other processes, and never replaced by
//! what is damaged.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it did not expect")]

mod common;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use common::{Running, Start};
use serde_json::Value;
use touchstone_registry::statement::{Revoked, StatedIdentity, StatedOrganisation};
use touchstone_registry::{Digest, Fact, IdentityKind, Snapshot, Statement};
use touchstone_server::registry::{self, Keys, Ledger, LogConfig, PublishError};
use touchstone_server::{Config, ManualClock};
use touchstone_signed_log::{
    Checkpoint, Cost, Fault, Proof, SealedKey, SigningKey, TileError, TilePath, Tiles, open_checkpoint,
    verify_log,
};
use touchstone_store::Store;
use touchstone_types::{Bilingual, Lapse, Moment};

const ORIGIN: &str = "log.lantern.example";

fn at(seconds: u64) -> Moment {
    "2026-11-22T00:00:00Z".parse::<Moment>().unwrap() + Lapse::from_secs(seconds)
}

fn both(zh: &str, en: &str) -> Bilingual {
    Bilingual { zh: zh.into(), en: en.into() }
}

/// A configuration with a key that lies in the folder.
fn log(folder: &Path) -> LogConfig {
    let (key, passphrase) = (folder.join("log.key"), folder.join("passphrase"));
    if !key.exists() {
        let signing = SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap();
        let sealed = SealedKey::seal(&signing, "on paper", [1; 16], [2; 12], Cost::LEAST).unwrap();
        std::fs::write(&key, sealed.to_string()).unwrap();
        std::fs::write(&passphrase, "on paper\n").unwrap();
    }
    let text = format!("key = {:?}\npassphrase_file = {:?}", key, passphrase);
    toml::from_str(&text).unwrap()
}

fn start(folder: &Path, follow_millis: u64, clock: &Arc<ManualClock>) -> Running {
    let mut config = Config { log: Some(log(folder)), ..Config::default() };
    config.limits.reads_per_second = 10_000;
    config.ingest.follow_millis = follow_millis;
    let clock: Arc<ManualClock> = Arc::clone(clock);
    Running::start_with(folder, Start { config, clock, ..Start::default() })
}

fn organisation(now: Moment) -> Statement {
    Statement::Organisation(StatedOrganisation {
        id: "harbour".into(),
        name: both("海港钱包", "Harbour Wallet"),
        facts: vec![Fact::NeverWritesFirst],
        ways_in: vec![both("应用内", "in the app")],
        owned_domains: vec!["harbour.example".into()],
        at: now,
    })
}

fn handle(n: u32, now: Moment) -> Statement {
    Statement::Identity(Box::new(StatedIdentity {
        id: format!("harbour-{n}"),
        organisation: "harbour".into(),
        kind: IdentityKind::Handle,
        value: format!("@harbour_help_{n}"),
        platform: Some("messenger".into()),
        account: Some(format!("id-{n}")),
        chain: None,
        certificate: None,
        files: vec![],
        newest_safe: None,
        purposes: vec!["answers tickets".into()],
        languages: vec!["zh".into()],
        role: None,
        proofs: vec![],
        reviewers: vec![],
        from: now,
        until: now + Lapse::from_secs(365 * 86_400),
        at: now,
    }))
}

/// The log as a stranger reads it over HTTP.
struct Served<'r>(&'r Running);

impl Tiles for Served<'_> {
    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, TileError> {
        let answer = self.0.stranger().get(&format!("/log/{path}")).unwrap();
        if answer.status == 200 { Ok(answer.body) } else { Err(TileError::Missing(*path)) }
    }
}

fn checkpoint(server: &Running) -> Checkpoint {
    let note = server.stranger().get("/log/checkpoint").unwrap();
    assert_eq!(note.status, 200);
    let key = SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap().verifier().clone();
    open_checkpoint(&note.body, &[key], &[], 0).unwrap().checkpoint
}

fn verified(server: &Running) -> Vec<Statement> {
    let mut found = Vec::new();
    verify_log(&Served(server), &checkpoint(server), None, |_, leaf| {
        found.push(Statement::from_leaf(leaf).unwrap())
    })
    .unwrap();
    found
}

fn publish(server: &Running, statements: Vec<Statement>) -> Result<Vec<u64>, PublishError> {
    server.block_on(registry::publish(&server.ctx, statements, "ann"))
}

fn wait_until(what: impl Fn() -> bool) {
    for _ in 0..500 {
        if what() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it did not come about within five seconds");
}

#[test]
fn what_is_published_is_proved_to_strangers() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(at(0)));
    let server = start(folder.path(), 60_000, &clock);
    assert_eq!(server.stranger().get("/log/checkpoint").unwrap().status, 404, "nothing is published yet");
    let mut all = vec![organisation(at(0))];
    all.extend((0..300).map(|n| handle(n, at(0))));
    assert_eq!(publish(&server, all.clone()).unwrap(), (0..301).collect::<Vec<_>>());
    assert!(server.ctx.live.now().directory.registry().is_listed("messenger", "id-299", at(1)).is_some());
    let statements = verified(&server);
    assert_eq!(statements[..301], all);
    let Statement::Snapshot(taken) = &statements[301] else { panic!("no snapshot") };

    let snapshot = server.stranger().get("/log/snapshot").unwrap();
    assert_eq!((taken.entries, Digest::of(&snapshot.body)), (301, taken.sha256));
    let opened = Snapshot::open(snapshot.body).unwrap();
    assert_eq!(opened.find(IdentityKind::Handle, "harbour_help_17").count(), 1);
    let key = SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap().verifier().clone();
    let leaf = server.stranger().get("/log/snapshot.statement").unwrap().body;
    for (path, entry) in [("/log/snapshot.proof", leaf), ("/log/proof/5", all[5].to_leaf())] {
        let proof: Proof = server.stranger().get(path).unwrap().text().parse().unwrap();
        assert_eq!(proof.extra.as_ref(), Some(&entry), "{path}");
        proof.verify(&entry, std::slice::from_ref(&key), &[], 0).unwrap();
    }
    for missing in
        ["/log/proof/302", "/log/proof/x", "/log/tile/0/002", "/log/tile/0/001.p/99", "/log/tile/9"]
    {
        assert_eq!(server.stranger().get(missing).unwrap().status, 404, "{missing}");
    }
    server.stop();
}

#[test]
fn caches_keep_tiles_for_ever_and_ask_again_for_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), 60_000, &Arc::new(ManualClock::at(at(0))));
    publish(&server, vec![organisation(at(0))]).unwrap();
    let tile = server.stranger().get("/log/tile/0/000.p/2").unwrap();
    assert_eq!(tile.header("cache-control"), Some("public, max-age=31536000, immutable"));
    for path in ["/log/checkpoint", "/log/snapshot", "/log/snapshot.proof", "/log/proof/0"] {
        let answer = server.stranger().get(path).unwrap();
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("public, no-cache"), "{path}");
        let tag = answer.header("etag").unwrap().to_owned();
        let again = server.stranger().request("GET", path, &[("if-none-match", &tag)], b"").unwrap();
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
    let keys: Value = server.stranger().get("/log/keys").unwrap().json();
    assert_eq!((keys["origin"].as_str(), keys["size"].as_u64()), (Some(ORIGIN), Some(2)));
    server.stop();
}

#[test]
fn a_revocation_is_in_force_when_it_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), 60_000, &Arc::new(ManualClock::at(at(0))));
    publish(&server, vec![organisation(at(0)), handle(1, at(0))]).unwrap();
    let reason = both("账号被盗", "the account was taken over");
    let revoked = Statement::Revoked(Revoked { identity: "harbour-1".into(), reason, at: at(0) });
    publish(&server, vec![revoked.clone()]).unwrap();
    assert!(server.ctx.live.now().directory.registry().is_listed("messenger", "id-1", at(1)).is_none());
    let again = publish(&server, vec![revoked]).unwrap_err();
    assert!(matches!(again, PublishError::Contradiction(_)), "{again}");
    let changes: Value = server.stranger().get("/v1/registry/changes?after=3").unwrap().json();
    assert_eq!(changes["entries"][0]["statement"]["statement"], "revoked");
    assert_eq!((changes["next"].as_u64(), changes["size"].as_u64()), (Some(5), Some(5)));
    server.stop();
}

#[test]
fn other_processes_follow() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(at(0)));
    let (one, other) = (start(folder.path(), 20, &clock), start(folder.path(), 20, &clock));
    for (n, server) in [(1, &one), (2, &other), (3, &one)] {
        let mut statements = vec![handle(n, at(0))];
        if n == 1 {
            statements.insert(0, organisation(at(0)));
        }
        publish(server, statements).unwrap(); // Reads what the other published before it adds.
    }
    let sees = |server: &Running| {
        server.ctx.live.now().directory.registry().is_listed("messenger", "id-3", at(1)).is_some()
    };
    wait_until(|| sees(&one) && sees(&other));
    assert_eq!(verified(&other).len(), 7);
    one.stop();
    other.stop();
}

#[test]
fn a_snapshot_does_not_go_stale() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(at(0)));
    let (one, other) = (start(folder.path(), 20, &clock), start(folder.path(), 20, &clock));
    publish(&one, vec![organisation(at(0))]).unwrap();
    clock.advance(Lapse::from_secs(12 * 3600));
    wait_until(|| one.ctx.registry.now().size == 3 && other.ctx.registry.now().size == 3);
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(one.ctx.registry.now().size, 3, "one of two replicas made it anew");
    assert_eq!(one.ctx.registry.now().at(), Some(at(12 * 3600)));
    one.stop();
    other.stop();
}

/// Changes what is stored, as somebody with the password of the database can.
fn tamper(folder: &Path, sql: &str) {
    rusqlite::Connection::open(folder.join("touchstone.db")).unwrap().execute_batch(sql).unwrap();
}

const LEAF: &str = "DROP TRIGGER log_entries_are_never_changed;
    UPDATE log_entries SET leaf = CAST(replace(CAST(leaf AS TEXT), 'harbour_help_2', 'harbour_he1p_2') AS BLOB)";
const SNAPSHOT: &str =
    "UPDATE log_snapshot SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'00' AS BLOB)";
const CHECKPOINT: &str = "UPDATE log_checkpoints SET note = replace(note, char(10) || '5' || char(10), char(10) || '6' || char(10))";

#[test]
fn what_is_damaged_is_refused_whole_and_the_last_good_state_stays() {
    for sql in [LEAF, SNAPSHOT, CHECKPOINT] {
        let folder = tempfile::tempdir().unwrap();
        let server = start(folder.path(), 60_000, &Arc::new(ManualClock::at(at(0))));
        publish(&server, vec![organisation(at(0)), handle(1, at(0))]).unwrap();
        let before = checkpoint(&server);
        server.block_on(async {
            let url = format!("sqlite:{}", folder.path().join("touchstone.db").display());
            let store = Store::open(&url, at(0)).await.unwrap();
            let other = Ledger::new(store, Keys::open(&log(folder.path())).unwrap());
            other.publish(&[handle(2, at(0))], "ben", at(0)).await.unwrap();
        });
        tamper(folder.path(), sql);
        let refused = publish(&server, vec![handle(3, at(0))]).unwrap_err();
        assert!(matches!(refused, PublishError::Damaged(_)), "{sql}: {refused}");
        assert_eq!(checkpoint(&server), before);
        assert_eq!(verified(&server).len(), 3, "{sql}");
        let now = server.ctx.registry.now();
        assert!(now.registry.is_listed("messenger", "id-1", at(1)).is_some());
        assert!(now.registry.is_listed("messenger", "id-2", at(1)).is_none());
        server.stop();
    }
}

#[test]
fn an_altered_leaf_or_tile_is_named_by_whoever_verifies() {
    for (sql, wanted) in [
        (LEAF, "entry"),
        (
            "DROP TRIGGER log_tiles_only_grow; UPDATE log_tiles SET hashes = CAST(x'00' || substr(hashes, 2) AS BLOB)",
            "tile",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let server = start(folder.path(), 60_000, &Arc::new(ManualClock::at(at(0))));
        publish(&server, vec![organisation(at(0)), handle(2, at(0))]).unwrap();
        tamper(folder.path(), sql);
        let fault: Fault = verify_log(&Served(&server), &checkpoint(&server), None, |_, _| {}).unwrap_err();
        assert!(fault.to_string().contains(wanted), "{sql}: {fault}");
        assert_eq!(server.stranger().get("/log/proof/1").unwrap().status, 500, "no wrong proof is given out");
        server.stop();
    }
}

#[test]
fn without_a_log_there_is_none_and_the_file_counts() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path());
    for path in ["/log/checkpoint", "/log/keys", "/log/snapshot", "/v1/registry/changes"] {
        assert_eq!(server.stranger().get(path).unwrap().status, 404, "{path}");
    }
    assert!(matches!(publish(&server, vec![]), Err(PublishError::NoLog)));
    assert!(!server.ctx.registry.now().registry.identities().is_empty());
    server.stop();
}
