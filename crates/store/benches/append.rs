//! Can the log keep up with the events? Budget: 50,000 events/s durable on SQLite, in batches of
//! 100 that several requests send at once, with one in fifty flagged. PostgreSQL when
//! `TOUCHSTONE_TEST_POSTGRES` is set. The floor is the same bytes appended to a plain file with a
//! sync for each batch.

#![allow(missing_docs, clippy::unwrap_used)]

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use tokio::runtime::Runtime;
use touchstone_store::{Entity, EntityKind, NewEvent, Screened, Store};
use touchstone_types::{Decision, EventKey, Moment, Name};

/// Events in each measured round: enough that opening and closing do not show.
const EVENTS: u64 = 20_000;

/// Requests under way at once.
const HANDS: u64 = 8;

fn main() {
    divan::main();
}

fn event(n: u64) -> NewEvent {
    let now = Moment::from_micros(1_767_225_600_000_000 + i64::try_from(n).unwrap() * 20).unwrap();
    let flagged = n.is_multiple_of(50);
    let name = |it: &str| Name::from(it);
    NewEvent {
        key: EventKey { source: "im.example".into(), id: format!("{n:012x}") },
        kind: "message.sent".into(),
        time: now,
        received: now,
        raw: vec![b'x'; 343],
        actor: Some(format!("account-{}", n.wrapping_mul(2_654_435_761) % 100_000)),
        user: Some(format!("account-{}", n.wrapping_mul(40_503) % 100_000)),
        conversation: Some(format!("c-{}", n % 50_000)),
        entities: if flagged {
            vec![Entity::new(EntityKind::Domain, &format!("d{n}.example"))]
        } else {
            vec![]
        },
        text: Some("Your wallet is suspended. Send me the 12 words to restore it, 请尽快处理".into()),
        screened: Some(Screened {
            decision: if flagged { Decision::Warn } else { Decision::Allow },
            score: 0,
            findings: if flagged { vec![name("asks_for_phrase"), name("haste")] } else { vec![] },
            shadow: vec![],
            campaign: None,
            needs_person: false,
            verdict: vec![b'v'; 150],
        }),
    }
}

fn events(from: u64, count: u64) -> Vec<NewEvent> {
    (from..from + count).map(event).collect()
}

async fn fill(store: &Store, from: u64, batch: u64) {
    let hands: Vec<_> = (0..HANDS)
        .map(|hand| {
            let share = EVENTS / HANDS;
            let first = from + hand * share;
            let batches: Vec<_> = (0..share / batch).map(|it| events(first + it * batch, batch)).collect();
            let store = store.clone();
            tokio::spawn(async move {
                for batch in batches {
                    store.append(batch).await.unwrap();
                }
            })
        })
        .collect();
    for hand in hands {
        hand.await.unwrap();
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

static NEXT: AtomicU64 = AtomicU64::new(0);

fn measure(bencher: Bencher<'_, '_>, url: &str, batch: u64) {
    let runtime = runtime();
    let store = runtime.block_on(Store::open(url, Moment::from_micros(0).unwrap())).unwrap();
    bencher
        .counter(ItemsCount::new(EVENTS))
        .bench_local(|| runtime.block_on(fill(&store, NEXT.fetch_add(EVENTS, Ordering::Relaxed), batch)));
    runtime.block_on(store.close());
}

#[divan::bench(args = [100, 500], sample_count = 10, sample_size = 1)]
fn sqlite(bencher: Bencher<'_, '_>, batch: u64) {
    let folder = tempfile::tempdir().unwrap();
    measure(bencher, &format!("sqlite:{}", folder.path().join("store.db").display()), batch);
}

#[divan::bench(args = [100, 500], sample_count = 10, sample_size = 1)]
fn postgres(bencher: Bencher<'_, '_>, batch: u64) {
    let Ok(server) = std::env::var("TOUCHSTONE_TEST_POSTGRES") else { return };
    let name = format!("touchstone_bench_{}_{batch}", std::process::id());
    let run = |sql: String| {
        runtime().block_on(async {
            let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(&sql).await.unwrap();
        });
    };
    run(format!("CREATE DATABASE {name}"));
    let (before, _) = server.rsplit_once('/').unwrap();
    measure(bencher, &format!("{before}/{name}"), batch);
    run(format!("DROP DATABASE {name} WITH (FORCE)"));
}

/// The bytes of the events in a plain file, synced after each batch, by one hand.
#[divan::bench(args = [100, 500], sample_count = 10, sample_size = 1)]
fn floor_file(bencher: Bencher<'_, '_>, batch: usize) {
    let mut file = tempfile::tempfile().unwrap();
    let bytes: Vec<Vec<u8>> = events(0, EVENTS).chunks(batch).map(|it| vec![b'x'; it.len() * 560]).collect();
    bencher.counter(ItemsCount::new(EVENTS)).bench_local(|| {
        for batch in &bytes {
            file.write_all(black_box(batch)).unwrap();
            file.sync_data().unwrap();
        }
    });
}
