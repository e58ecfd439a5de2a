//! How much does one small machine take in? The real binary on loopback, with its load
//! generator on the same cores.
//!
//! Targets on two cores: 50,000 events/s as NDJSON of 100, durable on SQLite; single events
//! at half load with p99 under 5 ms; start under 1 s; under 200 MB of memory. What the server
//! uses of the processor is shown beside, as the wall clock of a shared machine says little.
//!
//! `cargo bench -p touchstone-cli --bench serve` (half a minute).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::http::Client;
use common::{Server, key, repository};

/// How long each load lasts.
const LOAD: Duration = Duration::from_secs(6);
/// How many connections post at once.
const CONNECTIONS: u64 = 4;
const BATCH: u64 = 100;

/// The demo organisation's events, taken apart around their ids.
struct Pool(Vec<(Vec<u8>, Vec<u8>)>);

impl Pool {
    fn read() -> Self {
        let text = std::fs::read_to_string(repository("corpus/events/demo.jsonl")).expect("the corpus");
        let apart = |line: &str| {
            let event: serde_json::Value = serde_json::from_str(line).expect("an event");
            let id = event["id"].as_str().expect("an id").to_owned();
            let at = line.find(&id).expect("the id is in the line");
            (line.as_bytes()[..at].to_vec(), line.as_bytes()[at + id.len()..].to_vec())
        };
        Self(text.lines().map(apart).collect())
    }

    fn write(&self, number: u64, out: &mut Vec<u8>) {
        let (before, after) = &self.0[number as usize % self.0.len()];
        out.extend_from_slice(before);
        out.extend_from_slice(format!("load-{number}").as_bytes());
        out.extend_from_slice(after);
        out.push(b'\n');
    }

    fn bytes_each(&self) -> usize {
        self.0.iter().map(|(a, b)| a.len() + b.len() + 12).sum::<usize>() / self.0.len()
    }
}

/// Processor time that the process has used, in seconds.
fn processor(id: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0 // USER_HZ, fixed by the kernel's interface.
}

/// A line of `/proc/ID/status`, in MB.
fn memory(id: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|it| it.parse::<f64>().ok()).unwrap_or_default() / 1000.0
}

fn start(database: &Path) -> (Server, Duration) {
    let begun = Instant::now();
    let server = Server::start(database, &[]);
    (server, begun.elapsed())
}

/// Posts as fast as the answers come; gives events taken in and the seconds that took.
fn closed_loop(server: &Server, key: &str, pool: &Pool, next: &AtomicU64, batch: u64) -> (u64, f64) {
    let begun = Instant::now();
    let taken: u64 = std::thread::scope(|scope| {
        let posting: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                scope.spawn(|| {
                    let (mut client, mut body, mut taken) = (server.client(key), Vec::new(), 0);
                    while begun.elapsed() < LOAD {
                        body.clear();
                        let first = next.fetch_add(batch, Ordering::Relaxed);
                        (first..first + batch).for_each(|number| pool.write(number, &mut body));
                        let answer =
                            client.post("/v1/events", "application/x-ndjson", &body).expect("an answer");
                        assert_eq!(answer.status, 200, "{}", answer.text());
                        taken += batch;
                    }
                    taken
                })
            })
            .collect();
        posting.into_iter().map(|it| it.join().expect("a thread")).sum()
    });
    (taken, begun.elapsed().as_secs_f64())
}

/// Posts single events at a rate, whether answers come or not: a late start counts as waiting.
/// Gives how long each waited, in ms, shortest first.
fn open_loop(server: &Server, key: &str, pool: &Pool, next: &AtomicU64, rate: f64) -> Vec<f64> {
    let connections = 2 * CONNECTIONS;
    let begun = Instant::now();
    let one = |nth: u64| {
        let (mut client, mut body, mut waited) = (server.client(key), Vec::new(), Vec::new());
        for turn in 0.. {
            let due = Duration::from_secs_f64((turn * connections + nth) as f64 / rate);
            if due > LOAD {
                break;
            }
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
            body.clear();
            pool.write(next.fetch_add(1, Ordering::Relaxed), &mut body);
            let answer = client.post("/v1/events", "application/json", &body).expect("an answer");
            assert_eq!(answer.status, 200, "{}", answer.text());
            waited.push((begun.elapsed() - due).as_secs_f64() * 1e3);
        }
        waited
    };
    let one = &one;
    let mut waited: Vec<f64> = std::thread::scope(|scope| {
        let posting: Vec<_> = (0..connections).map(|nth| scope.spawn(move || one(nth))).collect();
        posting.into_iter().flat_map(|it| it.join().expect("a thread")).collect()
    });
    waited.sort_by(f64::total_cmp);
    waited
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("touchstone.db");
    let key = key(&database, &["events:write", "admin"]);
    let (pool, next) = (Pool::read(), AtomicU64::new(0));
    let (server, first_start) = start(&database);
    let id = server.child.id();
    println!("start, new database           {:>9.0} ms", first_start.as_secs_f64() * 1e3);
    println!("memory before load            {:>9.1} MB", memory(id, "VmRSS"));

    let before = processor(id);
    let (taken, seconds) = closed_loop(&server, &key, &pool, &next, BATCH);
    let used = processor(id) - before;
    println!(
        "NDJSON of {BATCH}                 {:>9.0} events/s of {} bytes",
        taken as f64 / seconds,
        pool.bytes_each()
    );
    println!(
        "  processor of the server     {:>9.1} µs/event ({used:.1} s of {seconds:.1} s)",
        used / taken as f64 * 1e6
    );

    let before = processor(id);
    let (taken, seconds) = closed_loop(&server, &key, &pool, &next, 1);
    let used = processor(id) - before;
    let capacity = taken as f64 / seconds;
    println!("single events, {CONNECTIONS} connections  {capacity:>9.0} events/s");
    println!("  processor of the server     {:>9.1} µs/event", used / taken as f64 * 1e6);

    let waited = open_loop(&server, &key, &pool, &next, capacity / 2.0);
    let at = |share: f64| waited[((waited.len() - 1) as f64 * share) as usize];
    let (middle, most, worst) = (at(0.5), at(0.99), at(1.0));
    println!(
        "single events, half load      {middle:>9.2} ms p50, {most:.2} ms p99, {worst:.2} ms worst of {}",
        waited.len()
    );
    println!(
        "memory after load             {:>9.1} MB, at most {:.1} MB",
        memory(id, "VmRSS"),
        memory(id, "VmHWM")
    );

    let mut reader = Client::connect(server.address).expect("a connection").with_key(&key);
    let head = reader.get("/v1/verdicts?limit=1").expect("an answer").json()["items"][0]["seq"].clone();
    server.stop();
    let (server, again) = start(&database);
    println!("start, {head} events          {:>9.0} ms", again.as_secs_f64() * 1e3);
    server.kill();
    let (server, after_kill) = start(&database);
    println!("start again after kill -9     {:>9.0} ms", after_kill.as_secs_f64() * 1e3);
    server.stop();
}
