//! Is a case acknowledged at once, and does the desk see at once what is most overdue? Budgets:
//! creating one has a median under 5 ms on SQLite with the write on disk; the 25 most overdue of a
//! million, and the first page of the queue, whole or by what is rare, under 20 ms on SQLite and on
//! PostgreSQL. Reading a million for a recomputation, and reading and writing back all of them, goes by
//! ten thousand cases: a hundred samples are the million. PostgreSQL when `TOUCHSTONE_TEST_POSTGRES` is set. The
//! floor of creating is the same bytes appended to a file with one sync.

#![allow(missing_docs, clippy::unwrap_used)]

use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use tokio::runtime::Runtime;
use touchstone_store::{
    Author, CaseChange, DeskFilter, EntryKind, Mark, NewCase, NewDutyPage, NewEntry, Recomputed, Standing,
    Store,
};
use touchstone_types::{Lapse, Moment};

/// On the chain of ten cases of a million.
const RARE_CHAIN: &str = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp";
/// Each about one chain.
const CHAINS: &str = "INSERT INTO case_chains (case_id, chain, chain_rank, chain_by) \
     SELECT id, trim(chains), rank, next_by FROM cases";

/// How many cases are on the desk where nothing else is said.
const CASES: u64 = 1_000_000;
/// What one case is on disk: the report of a theft with two losses, sealed, and the engine's form of
/// a case with five clocks.
const REPORT: usize = 2_000;
const STATE: usize = 900;

fn main() {
    divan::main();
}

fn at(n: u64) -> Moment {
    Moment::from_micros(1_767_225_600_000_000).unwrap() + Lapse::from_secs(n)
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
    })
}

fn entry(kind: EntryKind, by: Author) -> NewEntry {
    NewEntry {
        at: at(0),
        kind,
        by,
        text: Some(vec![7; 120]),
        detail: "{\"channel\":\"page\"}".into(),
        visible: true,
    }
}

fn bytes<const N: usize>(n: u64) -> [u8; N] {
    let mut it = [0; N];
    for (at, byte) in it.iter_mut().enumerate() {
        *byte =
            (n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(u32::try_from(at % 64).unwrap()) >> 32) as u8;
    }
    it[..8].copy_from_slice(&n.to_be_bytes());
    it
}

fn new(n: u64) -> NewCase {
    let standing = Standing {
        harm: 3,
        score: 90,
        owner: Some("ann".into()),
        next_task: Some("take".into()),
        next_by: Some(at(n + 900)),
        due: Some(at(n + 450)),
        ..Standing::default()
    };
    let mut change = CaseChange::new(at(n), standing, vec![5; STATE]);
    change.entries = [EntryKind::Reported, EntryKind::AutoReply, EntryKind::Assigned]
        .map(|it| entry(it, Author::System))
        .into();
    change.marks = (0..8).map(|it| Mark { kind: "address".into(), mark: bytes(n * 8 + it) }).collect();
    change.pages =
        vec![NewDutyPage { level: 0, to: Some("ann".into()), why: "new".into(), detail: String::new() }];
    NewCase {
        reference: format!("TS-{n:08X}"),
        kind: "stolen_wallet".into(),
        channel: "page".into(),
        language: "zh".into(),
        jurisdiction: "HK".into(),
        chains: vec!["tron:0x2b6653dc".into()],
        user_ref: None,
        fingerprint: n,
        link_hash: bytes(n),
        status_hash: bytes(n | 1 << 63),
        report: vec![3; REPORT],
        change,
    }
}

/// Where the databases of this run are.
fn folder() -> &'static std::path::Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| tempfile::tempdir().unwrap()).path()
}

fn open(url: &str) -> Store {
    runtime().block_on(Store::open(url, at(0))).unwrap()
}

/// A database of its own on the server that was named, dropped by hand: the URL is printed.
fn postgres(name: &str) -> Option<String> {
    let server = std::env::var("TOUCHSTONE_TEST_POSTGRES").ok()?;
    let name = format!("touchstone_bench_{}_{name}", std::process::id());
    statement(&server, &format!("CREATE DATABASE {name}"));
    let (before, _) = server.rsplit_once('/')?;
    Some(format!("{before}/{name}"))
}

fn statement(url: &str, sql: &str) {
    runtime().block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
    });
}

/// A million open cases, spread over four grades of harm and thirty days. Ten in a million are of another
/// kind, language, place and chain.
fn columns(n: &str, bytes: &str) -> String {
    let rare =
        |one: &str, other: &str| format!("CASE WHEN {n} % 100000 = 77 THEN '{one}' ELSE '{other}' END");
    let (kind, language, place, chain) = (
        rare("fake_support", "stolen_wallet"),
        rare("en", "zh"),
        rare("IS", "HK"),
        rare(&format!(" {RARE_CHAIN} "), " tron:0x2b6653dc "),
    );
    format!(
        "INSERT INTO cases (reference, version, kind, rank, score, level, owner, next_task, next_by, due, language, jurisdiction, \
         chains, channel, opened, changed, entries, files, fingerprint, link_hash, status_hash, state) \
         SELECT 'TS-' || {n}, 1, {kind}, ({n} * 7) % 4, 50, ({n} * 11) % 3, 'agent' || (({n} * 13) % 40), 'answer', \
         1767225600000000 + (({n} * 7919) % 2592000) * 1000000, 1767225600000000 + (({n} * 104729) % 2592000) * 1000000, \
         {language}, {place}, {chain}, 'page', 1767225600000000 + {n} * 1000000, 1767225600000000, 3, 0, {n}, {bytes}"
    )
}

fn sqlite_million() -> &'static Store {
    static STORE: OnceLock<Store> = OnceLock::new();
    STORE.get_or_init(|| {
        let path = folder().join("million.db");
        let store = open(&format!("sqlite:{}", path.display()));
        let numbers =
            format!("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {CASES})");
        let insert = columns("n", "randomblob(32), randomblob(32), randomblob(900) FROM c");
        let insert = insert.replacen("SELECT", &format!("{numbers} SELECT"), 1);
        // Not analysed: nothing here does that in an installation that runs.
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute_batch(&format!(
                "PRAGMA cache_size = -800000; PRAGMA synchronous = OFF; {insert}; {CHAINS}; \
                 PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE);"
            ))
            .unwrap();
        store
    })
}

fn postgres_million() -> Option<&'static Store> {
    static STORE: OnceLock<Option<Store>> = OnceLock::new();
    let make = || {
        let url = postgres("million")?;
        let store = open(&url);
        let hash = "sha256(int8send(n))";
        let tail = format!(
            "{hash}, sha256(int8send(-n)), (SELECT string_agg(sha256(int8send(n * 40 + k)), ''::bytea) FROM generate_series(1, 28) k) \
             FROM generate_series(1::bigint, {CASES}::bigint) n"
        );
        statement(&url, &columns("n", &tail));
        statement(&url, CHAINS);
        // As autovacuum leaves them.
        statement(&url, "VACUUM ANALYZE cases");
        statement(&url, "VACUUM ANALYZE case_chains");
        Some(store)
    };
    STORE.get_or_init(make).as_ref()
}

static NEXT: AtomicU64 = AtomicU64::new(CASES + 1);

fn create(bencher: Bencher<'_, '_>, store: &Store) {
    bencher
        .with_inputs(|| new(NEXT.fetch_add(1, Ordering::Relaxed)))
        .bench_local_values(|case| runtime().block_on(store.create_case(&case)).unwrap());
}

#[divan::bench(sample_count = 1000, sample_size = 1)]
fn create_sqlite(bencher: Bencher<'_, '_>) {
    create(bencher, &open(&format!("sqlite:{}", folder().join("create.db").display())));
}

#[divan::bench(sample_count = 1000, sample_size = 1)]
fn create_sqlite_among_a_million(bencher: Bencher<'_, '_>) {
    create(bencher, sqlite_million());
}

#[divan::bench(sample_count = 1000, sample_size = 1)]
fn create_postgres(bencher: Bencher<'_, '_>) {
    if let Some(url) = postgres("create") {
        create(bencher, &open(&url));
    }
}

/// The bytes of one case in a plain file, with one sync.
#[divan::bench(sample_count = 1000, sample_size = 1)]
fn create_floor_file(bencher: Bencher<'_, '_>) {
    let mut file = tempfile::tempfile_in(folder()).unwrap();
    let case = vec![3; REPORT + STATE + 3 * 250 + 8 * 40 + 400];
    bencher.bench_local(|| {
        file.write_all(black_box(&case)).unwrap();
        file.sync_data().unwrap();
    });
}

fn most_overdue(bencher: Bencher<'_, '_>, store: &Store) {
    bencher.bench_local(|| {
        let rows = runtime().block_on(store.most_overdue(25)).unwrap();
        assert_eq!(rows.len(), 25);
    });
}

#[divan::bench(sample_count = 200, sample_size = 1)]
fn most_overdue_sqlite(bencher: Bencher<'_, '_>) {
    most_overdue(bencher, sqlite_million());
}

#[divan::bench(sample_count = 200, sample_size = 1)]
fn most_overdue_postgres(bencher: Bencher<'_, '_>) {
    if let Some(store) = postgres_million() {
        most_overdue(bencher, store);
    }
}

fn queue(bencher: Bencher<'_, '_>, store: &Store) {
    bencher.bench_local(|| {
        let rows = runtime().block_on(store.desk(&DeskFilter::default(), None, 25)).unwrap();
        assert_eq!(rows.len(), 25);
    });
}

#[divan::bench(sample_count = 200, sample_size = 1)]
fn queue_sqlite(bencher: Bencher<'_, '_>) {
    queue(bencher, sqlite_million());
}

#[divan::bench(sample_count = 200, sample_size = 1)]
fn queue_postgres(bencher: Bencher<'_, '_>) {
    if let Some(store) = postgres_million() {
        queue(bencher, store);
    }
}

/// By one thing that ten cases of the million have.
fn rare(what: &str) -> DeskFilter {
    let (all, some) = (DeskFilter::default(), |it: &str| Some(it.to_owned()));
    match what {
        "kind" => DeskFilter { kind: some("fake_support"), ..all },
        "language" => DeskFilter { language: some("en"), ..all },
        "jurisdiction" => DeskFilter { jurisdiction: some("IS"), ..all },
        "chain" => DeskFilter { chain: some(RARE_CHAIN), ..all },
        // About a hundred of the gravest and of the rest: the earliest of thirty days.
        "overdue" => DeskFilter { overdue_at: Some(at(300)), ..all },
        _ => all,
    }
}

const RARE: &[&str] = &["kind", "language", "jurisdiction", "chain", "overdue"];

fn rare_queue(bencher: Bencher<'_, '_>, store: &Store, what: &str) {
    let filter = rare(what);
    bencher.bench_local(|| {
        let rows = runtime().block_on(store.desk(&filter, None, 25)).unwrap();
        assert!((10..=25).contains(&rows.len()), "{}", rows.len());
    });
}

#[divan::bench(sample_count = 200, sample_size = 1, args = RARE)]
fn rare_queue_sqlite(bencher: Bencher<'_, '_>, what: &str) {
    rare_queue(bencher, sqlite_million(), what);
}

#[divan::bench(sample_count = 200, sample_size = 1, args = RARE)]
fn rare_queue_postgres(bencher: Bencher<'_, '_>, what: &str) {
    if let Some(store) = postgres_million() {
        rare_queue(bencher, store, what);
    }
}

/// Ten thousand of the million, each time the next, when nothing comes out otherwise.
fn read_for_recompute(bencher: Bencher<'_, '_>, store: &Store) {
    let after = AtomicU64::new(0);
    bencher.counter(ItemsCount::new(10_000_u64)).bench_local(|| {
        let from = i64::try_from(after.fetch_add(10_000, Ordering::Relaxed)).unwrap();
        let read = runtime().block_on(store.computable_cases(from, 10_000)).unwrap();
        assert_eq!(read.len(), 10_000);
        read
    });
}

#[divan::bench(sample_count = 100, sample_size = 1)]
fn read_ten_thousand_sqlite(bencher: Bencher<'_, '_>) {
    read_for_recompute(bencher, sqlite_million());
}

#[divan::bench(sample_count = 100, sample_size = 1)]
fn read_ten_thousand_postgres(bencher: Bencher<'_, '_>) {
    if let Some(store) = postgres_million() {
        read_for_recompute(bencher, store);
    }
}

/// Ten thousand of the million, each time the next, when all come out otherwise.
fn write_back(bencher: Bencher<'_, '_>, store: &Store) {
    let after = AtomicU64::new(0);
    bencher.counter(ItemsCount::new(10_000_u64)).bench_local(|| {
        runtime().block_on(async {
            let from = i64::try_from(after.fetch_add(10_000, Ordering::Relaxed)).unwrap();
            let read = store.computable_cases(from, 10_000).await.unwrap();
            assert_eq!(read.len(), 10_000);
            let found: Vec<_> = read
                .into_iter()
                .map(|it| Recomputed {
                    due: Some(at(it.id.unsigned_abs() % 7_777)),
                    id: it.id,
                    version: it.version,
                    state: it.state,
                })
                .collect();
            assert!(store.write_recomputed(&found).await.unwrap().is_empty());
        });
    });
}

#[divan::bench(sample_count = 100, sample_size = 1)]
fn write_back_ten_thousand_sqlite(bencher: Bencher<'_, '_>) {
    write_back(bencher, sqlite_million());
}

#[divan::bench(sample_count = 100, sample_size = 1)]
fn write_back_ten_thousand_postgres(bencher: Bencher<'_, '_>) {
    if let Some(store) = postgres_million() {
        write_back(bencher, store);
    }
}
