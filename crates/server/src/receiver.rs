//! A small receiver of actions: what the operator's own systems have to do, to develop and test against.
//!
//! The way through: [`Receiver::open`] takes the state file for itself; each `POST` is verified (Standard
//! Webhooks), held against what was done under its id before, done, kept on disk, and only then
//! answered. `GET /` shows which accounts are frozen now.
//!
//! Always true here:
//! - What comes again under one id is done once, and answered as the first time. With another body it is
//!   refused.
//! - A freeze that was ended stays ended, in whatever order the two messages come.
//! - An account is open again when the last freeze on it has ended.
//! - It holds [`MOST`] ids. Then it says that it is full, and forgets nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use touchstone_actions::{Ask, answer};
use touchstone_connectors::verify;

use crate::clock::Clock;
use crate::state_file;

/// How many ids are remembered.
pub const MOST: usize = 100_000;
/// How far the time of a message may be from now, in seconds: a message that was recorded cannot be
/// sent again later.
const NEAR: i64 = 300;
/// The largest message, in bytes.
const BODY: usize = 64 * 1024;
/// How long nothing is said when it is told to be silent.
const SILENCE: Duration = Duration::from_secs(120);
const VERSION: u32 = 1;

/// What can be made to go wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trouble {
    /// So many requests at the beginning are answered with 500, and nothing is done.
    pub fail: u64,
    /// So long it waits before it answers; what was asked for is done by then.
    pub delay: Duration,
    /// It does what it is asked for and answers nothing.
    pub silent: bool,
}

/// What is kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    /// For each account the freezes that hold it.
    frozen: BTreeMap<String, BTreeSet<String>>,
    /// How often all sessions of an account were ended.
    logged_out: BTreeMap<String, u64>,
    /// Freezes that were ended; one of these that comes late does nothing.
    ended: BTreeSet<String>,
    /// What was done under each id.
    done: BTreeMap<String, Done>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Done {
    hash: String,
    status: String,
    #[serde(default)]
    reason: String,
}

/// Why a receiver cannot begin its work.
#[derive(Debug, thiserror::Error)]
pub enum ReceiverError {
    /// The state file cannot be read or written.
    #[error("the state file {path} cannot be used")]
    State {
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// It is damaged: whoever forgot what was done must not do it again.
    #[error("the state file {0} is damaged; a receiver that forgot what it did must not do it again")]
    Damaged(PathBuf),
    /// Another process works with it.
    #[error("another receiver already works with the state file {0}")]
    Taken(PathBuf),
}

/// Tells what was done, a line each.
pub type Tell = Box<dyn Fn(&str) + Send + Sync>;

/// A receiver at work.
pub struct Receiver {
    secret: Vec<u8>,
    path: PathBuf,
    kept: Mutex<Kept>,
    clock: Arc<dyn Clock>,
    trouble: Trouble,
    failed: AtomicU64,
    tell: Tell,
    _lock: File, // Held as long as the receiver lives.
}

/// An answer, and what is told of it.
struct Said {
    status: StatusCode,
    body: String,
}

fn said(status: StatusCode, word: &str, reason: &str) -> Said {
    Said { status, body: answer(word, reason) }
}

impl Receiver {
    /// Remembers what was done before; a file that is not there is a new beginning.
    ///
    /// # Errors
    /// [`ReceiverError`].
    pub fn open(
        secret: Vec<u8>,
        path: &Path,
        clock: Arc<dyn Clock>,
        trouble: Trouble,
        tell: Tell,
    ) -> Result<Arc<Self>, ReceiverError> {
        let failed = |cause| ReceiverError::State { path: path.to_owned(), cause };
        let lock = state_file::hold(path).map_err(failed)?;
        let lock = lock.ok_or_else(|| ReceiverError::Taken(path.to_owned()))?;
        let kept = match std::fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|_| ReceiverError::Damaged(path.to_owned()))?,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                let kept = Kept { version: VERSION, ..Kept::default() };
                state_file::replace(path, &kept).map_err(failed)?;
                kept
            }
            Err(cause) => return Err(failed(cause)),
        };
        if kept.version != VERSION {
            return Err(ReceiverError::Damaged(path.to_owned()));
        }
        let (path, kept) = (path.to_owned(), Mutex::new(kept));
        Ok(Arc::new(Self {
            secret,
            path,
            kept,
            clock,
            trouble,
            failed: AtomicU64::new(0),
            tell,
            _lock: lock,
        }))
    }

    /// Whether it is to fail this once.
    fn fails(&self) -> bool {
        let more = |count: u64| (count < self.trouble.fail).then_some(count + 1);
        self.failed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Verifies, does, keeps. Blocks on the disk.
    fn take(&self, headers: &HeaderMap, body: &[u8]) -> Said {
        let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let (id, signature) = (text("webhook-id"), text("webhook-signature"));
        let Ok(seconds) = text("webhook-timestamp").parse::<i64>() else {
            return said(StatusCode::BAD_REQUEST, "invalid", "no time stamp");
        };
        if !verify(&self.secret, id, seconds, body, signature) {
            (self.tell)("refused: the signature is not ours");
            return said(StatusCode::UNAUTHORIZED, "invalid", "the signature does not fit");
        }
        let now = self.clock.now();
        if (now.as_micros().div_euclid(1_000_000)).abs_diff(seconds) > NEAR.unsigned_abs() {
            (self.tell)("refused: the message is not of now");
            return said(StatusCode::BAD_REQUEST, "invalid", "the time stamp is too far from now");
        }
        if self.fails() {
            (self.tell)("failed, as told");
            return said(StatusCode::INTERNAL_SERVER_ERROR, "invalid", "failed, as told");
        }
        let Ok(ask) = serde_json::from_slice::<Ask>(body) else {
            return said(StatusCode::BAD_REQUEST, "invalid", "the body is no action");
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner); // Changed in one step.
        if ask.kind == "action.query" {
            let (word, reason) = match kept.done.get(&ask.data.action) {
                Some(done) => (done.status.as_str(), done.reason.as_str()),
                None => ("unknown", ""),
            };
            (self.tell)(&format!("asked about {}: {word}", ask.data.action));
            return said(StatusCode::OK, word, reason);
        }
        if id != ask.data.action {
            return said(
                StatusCode::BAD_REQUEST,
                "invalid",
                "the id of the message is not that of the action",
            );
        }
        let hash: String = Sha256::digest(body).iter().map(|it| format!("{it:02x}")).collect();
        if let Some(done) = kept.done.get(id) {
            if done.hash != hash {
                (self.tell)(&format!("refused {id}: another body under a known id"));
                return said(StatusCode::CONFLICT, "invalid", "another body came under this id");
            }
            (self.tell)(&format!("{id} again: {} before", done.status));
            return said(StatusCode::OK, &done.status, &done.reason);
        }
        if kept.done.len() >= MOST {
            return said(StatusCode::INSUFFICIENT_STORAGE, "invalid", "full");
        }
        let mut next = kept.clone();
        let (word, reason) = next.carry_out(&ask, now);
        let done = Done { hash, status: word.to_owned(), reason: reason.to_owned() };
        next.done.insert(id.to_owned(), done);
        if let Err(error) = state_file::replace(&self.path, &next) {
            (self.tell)(&format!("{id} not done: the state cannot be kept ({error})"));
            return said(StatusCode::SERVICE_UNAVAILABLE, "invalid", "the state cannot be kept");
        }
        *kept = next;
        (self.tell)(format!("{} {} {id}: {word} {reason}", ask.kind, ask.data.account).trim_end());
        said(StatusCode::OK, word, reason)
    }
}

impl Kept {
    fn carry_out(&mut self, ask: &Ask, now: touchstone_types::Moment) -> (&'static str, &'static str) {
        let data = &ask.data;
        match ask.kind.as_str() {
            "action.freeze" if self.ended.contains(&data.action) => ("refused", "it was ended already"),
            "action.freeze" if data.until.is_some_and(|it| it <= now) => ("refused", "its time is over"),
            "action.freeze" => {
                self.frozen.entry(data.account.clone()).or_default().insert(data.action.clone());
                ("done", "")
            }
            "action.unfreeze" => {
                let Some(freeze) = &data.undoes else { return ("refused", "it names no freeze") };
                self.ended.insert(freeze.clone());
                if let Some(holds) = self.frozen.get_mut(&data.account) {
                    holds.remove(freeze);
                    if holds.is_empty() {
                        self.frozen.remove(&data.account);
                    }
                }
                ("done", "")
            }
            "action.revoke_sessions" if data.until.is_some_and(|it| it <= now) => {
                ("refused", "its time is over")
            }
            "action.revoke_sessions" => {
                *self.logged_out.entry(data.account.clone()).or_default() += 1;
                ("done", "")
            }
            _ => ("refused", "this is not known here"),
        }
    }
}

/// `POST /` takes an action or a question; `GET /` shows what is frozen.
pub fn router(receiver: Arc<Receiver>) -> Router {
    Router::new().route("/", get(show).post(take)).layer(DefaultBodyLimit::max(BODY)).with_state(receiver)
}

async fn take(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> Response {
    let trouble = receiver.trouble;
    let said = tokio::task::spawn_blocking(move || receiver.take(&headers, &body)).await;
    let Ok(Said { status, body }) = said else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    tokio::time::sleep(if trouble.silent { SILENCE } else { trouble.delay }).await;
    if trouble.silent {
        return StatusCode::SERVICE_UNAVAILABLE.into_response(); // Nobody waits any more.
    }
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Which accounts are frozen, by which actions, and how often which were logged out.
async fn show(State(receiver): State<Arc<Receiver>>) -> Response {
    let kept = receiver.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let shown = serde_json::json!({
        "frozen": kept.frozen, "logged_out": kept.logged_out, "actions": kept.done.len(),
    });
    ([(header::CONTENT_TYPE, "application/json")], format!("{shown}\n")).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};
    use touchstone_actions::Data;
    use touchstone_connectors::sign;
    use touchstone_types::{Lapse, Moment};

    use super::*;
    use crate::clock::ManualClock;

    const SECRET: &[u8] = b"a secret of the tests";

    fn now() -> Moment {
        "2026-11-22T08:00:00Z".parse().unwrap()
    }

    fn ask(kind: &str, action: &str, undoes: Option<&str>) -> String {
        let data = Data {
            action: action.to_owned(),
            account: "u-1".to_owned(),
            case: "TS-1".to_owned(),
            by: "victim".to_owned(),
            until: Some(now() + Lapse::from_secs(7_200)).filter(|_| undoes.is_none()),
            undoes: undoes.map(str::to_owned),
        };
        serde_json::to_string(&Ask { kind: kind.to_owned(), timestamp: now(), data }).unwrap()
    }

    fn signed(id: &str, body: &str, at: Moment) -> HeaderMap {
        let seconds = at.as_micros() / 1_000_000;
        let signature = sign(SECRET, id, seconds, body.as_bytes());
        let pairs = [
            ("webhook-id", id),
            ("webhook-timestamp", &seconds.to_string()),
            ("webhook-signature", &signature),
        ];
        pairs
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap()))
            .collect()
    }

    fn open(path: &Path, clock: &Arc<ManualClock>, trouble: Trouble) -> Arc<Receiver> {
        let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
        Receiver::open(SECRET.to_vec(), path, clock, trouble, Box::new(|_| {})).unwrap()
    }

    fn send(receiver: &Receiver, id: &str, body: &str) -> (u16, String) {
        let said = receiver.take(&signed(id, body, receiver.clock.now()), body.as_bytes());
        let answer: serde_json::Value = serde_json::from_str(&said.body).unwrap();
        (said.status.as_u16(), answer["status"].as_str().unwrap().to_owned())
    }

    #[test]
    fn what_comes_again_is_done_once_and_another_body_is_refused_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let (path, clock) = (folder.path().join("state"), Arc::new(ManualClock::at(now())));
        let revoke = ask("action.revoke_sessions", "act_1", None);
        for _ in 0..2 {
            let receiver = open(&path, &clock, Trouble::default());
            assert_eq!(send(&receiver, "act_1", &revoke), (200, "done".to_owned()));
            assert_eq!(send(&receiver, "act_1", &revoke.replace("u-1", "u-2")).0, 409);
            assert_eq!(receiver.kept.lock().unwrap().logged_out["u-1"], 1);
            let query = ask("action.query", "act_1", None);
            assert_eq!(send(&receiver, "act_1_q1", &query), (200, "done".to_owned()));
            assert_eq!(send(&receiver, "q2", &query.replace("act_1", "act_9")), (200, "unknown".to_owned()));
            let second =
                Receiver::open(SECRET.to_vec(), &path, clock.clone(), Trouble::default(), Box::new(|_| {}));
            assert!(matches!(second, Err(ReceiverError::Taken(_))));
        }
        std::fs::write(&path, "{}").unwrap();
        let damaged = Receiver::open(SECRET.to_vec(), &path, clock, Trouble::default(), Box::new(|_| {}));
        assert!(matches!(damaged, Err(ReceiverError::Damaged(_))));
    }

    #[test]
    fn an_account_is_open_again_when_its_last_freeze_has_ended_in_whatever_order_they_come() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(now()));
        let receiver = open(&folder.path().join("state"), &clock, Trouble::default());
        let frozen = || receiver.kept.lock().unwrap().frozen.get("u-1").map_or(0, BTreeSet::len);
        let freeze = |id: &str| send(&receiver, id, &ask("action.freeze", id, None)).1;
        let unfreeze = |id: &str, of: &str| send(&receiver, id, &ask("action.unfreeze", id, Some(of))).1;
        assert_eq!((freeze("a"), freeze("b"), frozen()), ("done".into(), "done".into(), 2));
        assert_eq!((unfreeze("a_end", "a"), frozen()), ("done".into(), 1));
        assert_eq!((unfreeze("b_end", "b"), frozen()), ("done".into(), 0));
        assert_eq!((unfreeze("c_end", "c"), freeze("c"), frozen()), ("done".into(), "refused".into(), 0));
        clock.advance(Lapse::from_secs(7_200));
        assert_eq!((freeze("d"), frozen()), ("refused".into(), 0), "its time is over");
    }

    #[test]
    fn what_nobody_signed_or_somebody_recorded_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(now()));
        let receiver = open(&folder.path().join("state"), &clock, Trouble { fail: 1, ..Trouble::default() });
        let body = ask("action.freeze", "a", None);
        let status = |headers: &HeaderMap| receiver.take(headers, body.as_bytes()).status.as_u16();
        assert_eq!(status(&HeaderMap::new()), 400);
        assert_eq!(status(&signed("b", &body.replace('1', "2"), now())), 401);
        assert_eq!(status(&signed("a", &body, now() - Lapse::from_secs(301))), 400);
        assert_eq!(status(&signed("a", &body, now() + Lapse::from_secs(301))), 400);
        assert_eq!(status(&signed("a", &body, now())), 500, "told to fail once");
        assert_eq!(status(&signed("other", &body, now())), 400);
        assert!(receiver.kept.lock().unwrap().frozen.is_empty());
        assert_eq!(status(&signed("a", &body, now())), 200);
    }
}
