//! A database for one test, and events to put into it.

use std::sync::atomic::{AtomicU32, Ordering};

use touchstone_store::{NewEvent, Screened, Store};
use touchstone_types::{Decision, EventKey, Moment, Name};

pub(crate) struct Place {
    pub(crate) url: String,
    _folder: tempfile::TempDir,
    server: Option<(String, String)>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("store.db").display());
        Self { url, _folder: folder, server: None }
    }

    /// None where no server was given.
    pub(crate) async fn postgres() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("TOUCHSTONE_TEST_POSTGRES") else {
            eprintln!("not run on PostgreSQL: TOUCHSTONE_TEST_POSTGRES is not set");
            return None;
        };
        let name =
            format!("touchstone_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        command(&server, &format!("CREATE DATABASE {name}")).await;
        let (before, rest) = server.rsplit_once('/').unwrap();
        let parameters = rest.split_once('?').map_or(String::new(), |(_, it)| format!("?{it}"));
        let url = format!("{before}/{name}{parameters}");
        Some(Self { url, _folder: tempfile::tempdir().unwrap(), server: Some((server, name)) })
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url, at(0)).await.unwrap()
    }

    pub(crate) async fn remove(self) {
        if let Some((server, name)) = &self.server {
            command(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

pub(crate) async fn command(server: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await.unwrap();
    let driving = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    driving.await.unwrap().unwrap();
}

/// Runs statements beside the program, as an intruder would; whether they were let through.
pub(crate) async fn tamper(place: &Place, sql: &'static str) -> bool {
    match place.url.strip_prefix("sqlite:") {
        Some(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).is_ok(),
        None => {
            let (client, connection) =
                tokio_postgres::connect(&place.url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(sql).await.is_ok()
        }
    }
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Runs each test on both engines. The place is given too, for those who reopen it.
macro_rules! on_both {
    ($($(#[$doc:meta])* async fn $name:ident($place:ident: &Place) $body:block)+) => {
        $(
            $(#[$doc])*
            mod $name {
                #[allow(unused_imports)]
                use super::*;

                async fn check($place: &$crate::engine::Place) $body

                #[test]
                fn on_sqlite() {
                    $crate::engine::runtime().block_on(async {
                        check(&$crate::engine::Place::sqlite()).await;
                    });
                }

                #[test]
                fn on_postgres() {
                    $crate::engine::runtime().block_on(async {
                        let Some(place) = $crate::engine::Place::postgres().await else { return };
                        check(&place).await;
                        place.remove().await;
                    });
                }
            }
        )+
    };
}
pub(crate) use on_both;

/// Seconds after the start of 2026.
pub(crate) fn at(seconds: i64) -> Moment {
    Moment::from_micros((1_767_225_600 + seconds) * 1_000_000).unwrap()
}

pub(crate) fn key(id: &str) -> EventKey {
    EventKey { source: "test".into(), id: id.into() }
}

/// A message that passes.
pub(crate) fn benign(id: &str) -> NewEvent {
    NewEvent {
        key: key(id),
        kind: "message.sent".into(),
        time: at(0),
        received: at(1),
        raw: format!("{{\"id\":\"{id}\"}}").into_bytes(),
        actor: Some("alice".into()),
        user: Some("bob".into()),
        conversation: Some("c1".into()),
        entities: vec![],
        text: Some("see you at noon".into()),
        screened: Some(Screened {
            decision: Decision::Allow,
            score: 0,
            findings: vec![],
            shadow: vec![],
            campaign: None,
            needs_person: false,
            verdict: format!("{{\"of\":\"{id}\"}}").into_bytes(),
        }),
    }
}

/// A message that is flagged.
pub(crate) fn flagged(id: &str, decision: Decision, score: u32, findings: &[&str]) -> NewEvent {
    let mut event = benign(id);
    let screened = event.screened.as_mut().unwrap();
    screened.decision = decision;
    screened.score = score;
    screened.findings = findings.iter().map(|it| Name::from(*it)).collect();
    screened.needs_person = decision >= Decision::Hold;
    event
}
