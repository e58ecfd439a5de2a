//! What was acknowledged is there: after `kill -9` at any moment, and in a database that is
//! locked, full or gone. PostgreSQL as in `suite.rs`.

#![allow(clippy::unwrap_used, clippy::panic)] // The helpers of the tests are tests too; the lint knows only `#[test]`.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use touchstone_store::{Options, Seq, Store, StoreError};

#[path = "suite/engine.rs"]
#[allow(dead_code, unused_imports, unused_macros)] // Shared with `suite.rs`, which needs more of it.
mod engine;

use engine::{Place, at, benign, command, key, runtime};

const CHILD: &str = "TOUCHSTONE_TEST_CHILD";

/// What the child does: adds batches and says on its output which were acknowledged. The
/// other tests run it in a process of its own; without them it does nothing.
#[test]
fn child_that_adds_until_it_is_killed() {
    let Ok(task) = std::env::var(CHILD) else { return };
    let (round, url) = task.split_once(' ').unwrap();
    runtime().block_on(async {
        let store = Store::open(url, at(0)).await.unwrap();
        let add = |hand: u64| {
            let (store, round) = (store.clone(), round.to_owned());
            tokio::spawn(async move {
                for batch in 0_u64.. {
                    let ids: Vec<_> = (0..20).map(|n| format!("{round}-{hand}-{batch}-{n}")).collect();
                    store.append(ids.iter().map(|it| benign(it)).collect()).await.unwrap();
                    let line = format!("acknowledged {}\n", ids.join(" ")); // Written whole or not at all.
                    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                }
            })
        };
        for hand in [add(0), add(1), add(2)] {
            hand.await.unwrap();
        }
    });
}

fn start(round: u64, url: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_adds_until_it_is_killed", "--nocapture"])
        .env(CHILD, format!("{round} {url}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills the child a moment after its first acknowledgement; gives the keys of all.
fn kill_after(mut child: Child, moment: Duration) -> Vec<String> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (first, seen) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut all = Vec::new();
        for line in lines.map_while(Result::ok) {
            // The name of the test stands before the first line, without a line break of its own.
            let Some((_, ids)) = line.split_once("acknowledged ") else { continue };
            all.extend(ids.split(' ').map(str::to_owned));
            first.send(()).ok();
        }
        all
    });
    seen.recv_timeout(Duration::from_secs(60)).unwrap();
    std::thread::sleep(moment);
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    reader.join().unwrap()
}

async fn kept(store: &Store) -> Vec<(i64, String)> {
    let (mut all, mut since) = (Vec::new(), Seq::START);
    loop {
        let more = store.after(since, 10_000).await.unwrap();
        let Some(last) = more.last() else { return all };
        since = last.seq;
        let id = |raw: &[u8]| String::from_utf8(raw[7..raw.len() - 2].to_vec()).unwrap(); // {"id":"…"}
        all.extend(more.iter().map(|it| (it.seq.0, id(&it.raw))));
    }
}

/// Twenty children one after the other in one database.
async fn survives_kill_9(place: &Place) {
    let mut acknowledged = BTreeSet::new();
    for round in 0..20_u64 {
        // 0 to 95 ms, in an order that repeats from run to run.
        let moment = Duration::from_millis(round * 7 % 20 * 5);
        let (url, in_child) = (place.url.clone(), move |url: String| kill_after(start(round, &url), moment));
        let newly = tokio::task::spawn_blocking(move || in_child(url)).await.unwrap();
        assert!(!newly.is_empty());
        acknowledged.extend(newly);
        let store = place.open().await;
        let log = kept(&store).await;
        store.close().await;
        let ids: BTreeSet<String> = log.iter().map(|(_, id)| id.clone()).collect();
        let lost: Vec<_> = acknowledged.difference(&ids).collect();
        assert!(lost.is_empty(), "round {round}: acknowledged and lost: {lost:?}");
        assert_eq!(ids.len(), log.len(), "an event is in the log twice");
        assert!(log.iter().map(|(seq, _)| *seq).eq(1..=log.len() as i64), "the order has gaps");
        assert_eq!(log.len() % 20, 0, "half of a batch was kept");
    }
}

#[test]
fn an_acknowledged_event_survives_kill_9_on_sqlite() {
    runtime().block_on(async { survives_kill_9(&Place::sqlite()).await });
}

#[test]
fn an_acknowledged_event_survives_kill_9_on_postgres() {
    runtime().block_on(async {
        let Some(place) = Place::postgres().await else { return };
        survives_kill_9(&place).await;
        place.remove().await;
    });
}

fn impatient() -> Options {
    Options { patience: Duration::from_millis(300), ..Options::default() }
}

async fn with(place: &Place, options: &Options) -> Store {
    Store::open_with(&place.url, at(0), options).await.unwrap()
}

async fn add(store: &Store, id: &str) -> Result<i64, StoreError> {
    Ok(store.append(vec![benign(id)]).await?[0].seq().0)
}

fn path(place: &Place) -> &str {
    place.url.strip_prefix("sqlite:").unwrap()
}

#[test]
fn a_locked_sqlite_file_is_busy_and_what_was_prepared_meanwhile_is_refused() {
    runtime().block_on(async {
        let place = Place::sqlite();
        let store = with(&place, &impatient()).await;
        add(&store, "a").await.unwrap();
        let other = rusqlite::Connection::open(path(&place)).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let later = |id: &'static str| {
            let store = store.clone();
            tokio::spawn(async move { add(&store, id).await })
        };
        let first = later("b");
        tokio::time::sleep(Duration::from_millis(50)).await;
        let second = later("c"); // In the queue behind it: its screening knew of "b".
        assert!(matches!(first.await.unwrap(), Err(StoreError::Busy(_))));
        assert!(matches!(second.await.unwrap(), Err(StoreError::Unavailable(_))));
        assert!(matches!(store.check().await, Err(StoreError::Busy(_))));
        assert_eq!(store.last_seq().await.unwrap(), Seq(1)); // Reading goes on.
        other.execute_batch("ROLLBACK").unwrap();
        assert_eq!(add(&store, "b").await.unwrap(), 2);
    });
}

#[test]
fn a_full_sqlite_file_refuses_and_keeps_what_it_has() {
    runtime().block_on(async {
        let place = Place::sqlite();
        let store = with(&place, &Options { max_pages: Some(240), ..impatient() }).await;
        let mut acknowledged = 0;
        let refused = loop {
            let mut event = benign(&format!("e{acknowledged}"));
            event.raw = vec![b'x'; 20_000];
            match store.append(vec![event]).await {
                Ok(_) => acknowledged += 1,
                Err(cause) => break cause,
            }
        };
        assert!(matches!(refused, StoreError::Full(_)), "{refused:?}");
        assert!(acknowledged > 0);
        assert_eq!(store.last_seq().await.unwrap(), Seq(acknowledged));
        store.close().await;
        let roomy = place.open().await;
        assert_eq!(roomy.after(Seq::START, 999).await.unwrap().len() as i64, acknowledged);
        assert_eq!(add(&roomy, "next").await.unwrap(), acknowledged + 1);
    });
}

#[test]
fn a_removed_sqlite_file_acknowledges_nothing() {
    runtime().block_on(async {
        let place = Place::sqlite();
        let store = with(&place, &impatient()).await;
        add(&store, "a").await.unwrap();
        let away = format!("{}-away", path(&place));
        std::fs::rename(path(&place), &away).unwrap();
        assert!(matches!(add(&store, "b").await, Err(StoreError::Unavailable(_))));
        assert!(matches!(store.check().await, Err(StoreError::Unavailable(_))));
        assert!(matches!(store.last_seq().await, Err(StoreError::Unavailable(_))));
        std::fs::write(path(&place), b"another file of that name").unwrap();
        assert!(matches!(add(&store, "b").await, Err(StoreError::Unavailable(_))));
        std::fs::rename(&away, path(&place)).unwrap();
        assert_eq!(add(&store, "b").await.unwrap(), 2);
    });
}

#[test]
fn what_cannot_be_opened_says_why() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let garbage = folder.path().join("garbage.db");
        std::fs::write(&garbage, vec![b'?'; 8192]).unwrap();
        let open = async |url: String| Store::open_with(&url, at(0), &impatient()).await.err().unwrap();
        let within = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
        assert!(matches!(open(within("missing/store.db")).await, StoreError::Unavailable(_)));
        assert!(matches!(open(within("")).await, StoreError::Unavailable(_)));
        assert!(matches!(open(within("garbage.db")).await, StoreError::Corrupt { .. }));
        for url in ["", "sqlite:", "mysql://localhost/x", "postgres://host:port/"] {
            assert!(matches!(open(url.to_owned()).await, StoreError::Address), "{url}");
        }
        let nobody = "postgres://touchstone@127.0.0.1:9/touchstone".to_owned(); // The discard port.
        assert!(matches!(open(nobody).await, StoreError::Unavailable(_)));
    });
}

#[test]
fn two_servers_never_add_to_one_sqlite_file() {
    runtime().block_on(async {
        let place = Place::sqlite();
        let (first, second) = (place.open().await, place.open().await);
        add(&first, "a").await.unwrap();
        assert!(matches!(add(&second, "b").await, Err(StoreError::Busy(_))));
        assert_eq!(second.last_seq().await.unwrap(), Seq(1)); // It may read.
        first.close().await;
        assert_eq!(add(&second, "b").await.unwrap(), 2);
    });
}

#[test]
fn a_closed_store_acknowledges_nothing() {
    runtime().block_on(async {
        let place = Place::sqlite();
        let (store, hand) = {
            let store = place.open().await;
            (store.clone(), store)
        };
        store.close().await;
        assert!(matches!(add(&hand, "a").await, Err(StoreError::Unavailable(_))));
    });
}

#[test]
fn a_locked_postgres_is_busy() {
    runtime().block_on(async {
        let Some(place) = Place::postgres().await else { return };
        let store = with(&place, &impatient()).await;
        add(&store, "a").await.unwrap();
        let (other, connection) = tokio_postgres::connect(&place.url, tokio_postgres::NoTls).await.unwrap();
        let driving = tokio::spawn(connection);
        other.batch_execute("BEGIN; LOCK TABLE head IN ACCESS EXCLUSIVE MODE").await.unwrap();
        assert!(matches!(add(&store, "b").await, Err(StoreError::Busy(_))));
        other.batch_execute("ROLLBACK").await.unwrap();
        let stuck = store.ingest().await.unwrap(); // A replica that does not pass on the turn.
        assert!(matches!(add(&store, "b").await, Err(StoreError::Busy(_))));
        drop(stuck);
        assert_eq!(add(&store, "b").await.unwrap(), 2);
        drop(other);
        driving.await.unwrap().unwrap();
        place.remove().await;
    });
}

#[test]
fn a_full_postgres_refuses_and_keeps_what_it_has() {
    runtime().block_on(async {
        let Some(place) = Place::postgres().await else { return };
        let store = with(&place, &impatient()).await;
        add(&store, "a").await.unwrap();
        // What the server says when the disk is full (SQLSTATE 53100), said by a trigger.
        let full = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$; \
             CREATE TRIGGER full_disk BEFORE INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION full_disk()";
        command(&place.url, full).await;
        assert!(matches!(add(&store, "b").await, Err(StoreError::Full(_))));
        assert_eq!(store.last_seq().await.unwrap(), Seq(1));
        command(&place.url, "DROP TRIGGER full_disk ON events").await;
        assert_eq!(add(&store, "b").await.unwrap(), 2);
        place.remove().await;
    });
}

#[test]
fn a_postgres_that_goes_away_acknowledges_nothing_and_comes_back() {
    runtime().block_on(async {
        let Some(place) = Place::postgres().await else { return };
        let store = with(&place, &impatient()).await;
        add(&store, "a").await.unwrap();
        let server = std::env::var("TOUCHSTONE_TEST_POSTGRES").unwrap();
        let name = place.url.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
        let turn = store.ingest().await.unwrap();
        command(&server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        command(&server, &end).await;
        assert!(matches!(turn.append(vec![benign("b")]).await, Err(StoreError::Unavailable(_))));
        for _ in 0..3 {
            let refused = add(&store, "b").await;
            assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        }
        command(&server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
        assert_eq!(add(&store, "b").await.unwrap(), 2);
        assert!(store.known(&[key("a")]).await.unwrap()[0].is_some());
        place.remove().await;
    });
}

#[test]
fn replicas_on_postgres_see_what_the_others_added() {
    runtime().block_on(async {
        let Some(place) = Place::postgres().await else { return };
        let (one, two) = (place.open().await, place.open().await);
        add(&one, "a").await.unwrap();
        let mut turn = two.ingest().await.unwrap();
        let missed = turn.missed(Seq::START, 10).await.unwrap();
        assert_eq!(missed.iter().map(|it| it.seq.0).collect::<Vec<_>>(), [1]);
        assert!(turn.known(&[key("a")]).await.unwrap()[0].is_some());
        turn.append(vec![benign("b")]).await.unwrap();
        assert_eq!(one.ingest().await.unwrap().missed(Seq(1), 10).await.unwrap().len(), 1);
        let both = |store: Store, hand: &'static str| {
            tokio::spawn(async move {
                for n in 0..25 {
                    add(&store, &format!("{hand}{n}")).await.unwrap();
                }
            })
        };
        let (first, second) = (both(one.clone(), "x"), both(two, "y"));
        first.await.unwrap();
        second.await.unwrap();
        assert!(kept(&one).await.iter().map(|(seq, _)| *seq).eq(1..=52));
        place.remove().await;
    });
}
