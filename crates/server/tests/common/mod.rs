//! A server in this process, on loopback, with a database of its own.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

pub mod http;
pub mod killed;
pub mod somebody;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use touchstone_accounts::{Role, Scope, Token};
use touchstone_policy::SourceFile;
use touchstone_registry::Registry;
use touchstone_screening::{Directory, Policy};
use touchstone_server::{Armed, Clock, Config, Ctx, State, SystemClock};
use touchstone_store::{Invitation, Options, Store};
use touchstone_types::{Lapse, Moment};

pub const LINES: &str = "application/x-ndjson";
pub const JSON: &str = "application/json";

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The files of the default policy.
pub fn policy_files() -> Vec<SourceFile> {
    fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(root, &path, files);
            } else if path.extension().is_some_and(|it| it == "toml") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.push(SourceFile { path: name, text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    let root = repository("policies/default");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files
}

/// What the demo organisation judges by.
pub fn armed() -> Armed {
    let registry = std::fs::read_to_string(repository("corpus/registry/demo.jsonl")).unwrap();
    let registry = Registry::from_json_lines(&registry).unwrap();
    Armed {
        policy: Arc::new(Policy::load(policy_files()).unwrap()),
        directory: Arc::new(Directory::new(registry)),
        candidate: None,
        models: touchstone_server::Models::default(),
    }
}

/// How a server is to be started.
pub struct Start {
    pub config: Config,
    pub clock: Arc<dyn Clock>,
    pub options: Options,
}

impl Default for Start {
    fn default() -> Self {
        let mut config = Config::default();
        config.limits.reads_per_second = 10_000;
        Self { config, clock: Arc::new(SystemClock), options: Options::default() }
    }
}

/// A running server.
pub struct Running {
    pub ctx: Ctx,
    pub address: SocketAddr,
    pub key: String,
    runtime: tokio::runtime::Runtime,
    served: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
}

impl Running {
    pub fn start(folder: &Path) -> Self {
        Self::start_with(folder, Start::default())
    }

    pub fn start_with(folder: &Path, start: Start) -> Self {
        let url = format!("sqlite:{}", folder.join("touchstone.db").display());
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (ctx, address, key, served) = runtime.block_on(async {
            let Start { config, clock, options } = start;
            let store = Store::open_with(&url, clock.now(), &options).await.unwrap();
            let key = touchstone_server::keys::create(&store, "test", Scope::ALL, "test", clock.now())
                .await
                .unwrap();
            let config = Config { database: url.clone(), ..config };
            let ctx = touchstone_server::start(config, store, armed(), clock).await.unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let served = tokio::spawn(touchstone_server::run(ctx.clone(), listener));
            while ctx.health.state() == State::Replaying {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            (ctx, address, key, served)
        });
        Self { ctx, address, key, runtime, served: Some(served) }
    }

    /// A connection with the key.
    pub fn client(&self) -> Client {
        self.stranger().with_key(&self.key)
    }

    /// A connection without a key.
    pub fn stranger(&self) -> Client {
        Client::connect(self.address).unwrap()
    }

    /// Begins something in the server's runtime.
    pub fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.runtime.spawn(task)
    }

    /// Does something in the server's runtime.
    pub fn block_on<F: Future>(&self, what: F) -> F::Output {
        self.runtime.block_on(what)
    }

    /// Ends it as Ctrl-C does.
    pub fn stop(mut self) {
        let served = self.served.take().unwrap();
        self.runtime.block_on(async {
            self.ctx.stop.now();
            served.await.unwrap().unwrap();
            touchstone_server::finish(self.ctx.clone()).await;
        });
    }

    /// Everything in the log, as JSON.
    pub fn log(&self) -> Vec<Value> {
        self.client().get("/v1/log").unwrap().lines()
    }
}

/// A link that works for an hour.
pub fn invitation(token: &Token, roles: &[Role], now: Moment) -> Invitation {
    Invitation {
        token_hash: token.hash(),
        roles: roles.to_vec(),
        made_by: "test".into(),
        created: now,
        expires: now + Lapse::from_secs(3_600),
        used: None,
    }
}

/// A message between two accounts.
pub fn message(id: &str, from: &str, to: &str, text: &str) -> Value {
    at(id, "2026-01-15T08:30:00Z", from, to, text)
}

/// The same at some time.
pub fn at(id: &str, time: &str, from: &str, to: &str, text: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "/im/demo", "type": "message.sent", "time": time,
        "data": {
            "sender": { "id": from, "created_at": time },
            "recipient": { "id": to },
            "conversation": { "id": format!("{from}-{to}"), "kind": "direct", "started_by": from, "mutual": false },
            "text": text,
        },
    })
}

/// As JSON Lines.
pub fn lines(events: &[Value]) -> Vec<u8> {
    events.iter().flat_map(|it| (it.to_string() + "\n").into_bytes()).collect()
}

/// The demo organisation's events, with ids of their own.
pub fn demo_events(count: usize) -> Vec<Value> {
    let text = std::fs::read_to_string(repository("corpus/events/demo.jsonl")).unwrap();
    let pool: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let event = |n: usize| {
        let mut event = pool[n % pool.len()].clone();
        event["id"] = format!("demo-{n}").into();
        event
    };
    (0..count).map(event).collect()
}

/// Judges the whole log again with an empty memory: every verdict must come out as stored,
/// byte for byte. So the memory never held anything that the log does not.
pub fn assert_log_is_a_fold(running: &Running) {
    let armed = running.ctx.live.now();
    let mut screener = touchstone_screening::Screener::new(armed.policy.clone(), armed.directory.clone());
    let log = running.client().get("/v1/log").unwrap();
    for line in log.text().lines() {
        #[derive(serde::Deserialize)]
        struct Line<'a> {
            seq: i64,
            received: touchstone_types::Moment,
            #[serde(borrow)]
            event: &'a serde_json::value::RawValue,
            #[serde(borrow)]
            verdict: Option<&'a serde_json::value::RawValue>,
        }
        let line: Line<'_> = serde_json::from_str(line).unwrap();
        let event = touchstone_types::Event::parse(line.event.get().as_bytes()).unwrap();
        let Some(verdict) = line.verdict else { continue };
        let again = serde_json::to_string(&screener.process(&event, line.received)).unwrap();
        assert_eq!(again, verdict.get(), "event {}", line.seq);
    }
}
