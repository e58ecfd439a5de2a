//! A witness: a process of its own that cosigns checkpoints of logs, and only such as continue what it
//! signed before (c2sp.org/tlog-witness).
//!
//! The way through: [`Witness::open`] takes the state file for itself; `POST /add-checkpoint` reads a
//! request, `signed_log::witness::judge` decides, the new checkpoint is written and synced, and
//! only then is it signed.
//!
//! Always true here:
//! - Never two roots for one size: judging, keeping and signing happen under one lock, and the state file
//!   is locked against a second process.
//! - A witness without its memory does not sign: a state file that is missing or damaged is an
//!   error, not a new beginning.
//! - Two histories of one log are kept beside the state file; both are signed by the log, so they
//!   prove it to anybody.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use touchstone_signed_log::witness::{MAX_REQUEST, Refusal, Request, judge};
use touchstone_signed_log::{Checkpoint, Cosigner, Note, VerifierKey};

use crate::clock::Clock;
use crate::state_file;

/// What is kept: for each log the last checkpoint signed here, as the log signed it.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    logs: BTreeMap<String, String>,
}

const VERSION: u32 = 1;

/// Why a witness cannot begin its work.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The state file is not there or cannot be read. Next: bring it back from the backup. If it is
    /// lost for good, so is the key: a witness that forgot what it signed must not sign again.
    #[error("the state file {path} cannot be read; a witness that forgot what it signed must not sign again")]
    State {
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The state file is damaged. Next: as above.
    #[error("the state file {0} is damaged; a witness that forgot what it signed must not sign again")]
    Damaged(PathBuf),
    /// Another process works with this state file.
    #[error("another witness already works with the state file {0}")]
    Taken(PathBuf),
    /// There is a state file already where a new one is to be made.
    #[error("there is a state file at {0} already")]
    Exists(PathBuf),
}

/// A witness at work.
pub struct Witness {
    key: Cosigner,
    watched: Vec<VerifierKey>,
    path: PathBuf,
    kept: Mutex<Kept>,
    clock: Arc<dyn Clock>,
    _lock: File, // Held as long as the witness lives.
}

/// Makes an empty memory for a new witness.
///
/// # Errors
/// [`WitnessError::Exists`] if there is one, [`WitnessError::State`] if it cannot be written.
pub fn make_state(path: &Path) -> Result<(), WitnessError> {
    if path.exists() {
        return Err(WitnessError::Exists(path.to_owned()));
    }
    let kept = Kept { version: VERSION, logs: BTreeMap::new() };
    state_file::replace(path, &kept).map_err(|cause| WitnessError::State { path: path.to_owned(), cause })
}

impl Witness {
    /// Remembers what was signed before, and lets no other process sign from the same memory.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn open(
        key: Cosigner,
        watched: Vec<VerifierKey>,
        path: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, WitnessError> {
        let failed = |cause| WitnessError::State { path: path.to_owned(), cause };
        // Read under the lock: whoever had it before may have signed until now.
        let lock = state_file::hold(path).map_err(failed)?;
        let lock = lock.ok_or_else(|| WitnessError::Taken(path.to_owned()))?;
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let kept: Kept = serde_json::from_str(&text).map_err(|_| WitnessError::Damaged(path.to_owned()))?;
        let whole = |(origin, note): (&String, &String)| {
            Note::parse(note.as_bytes())
                .is_ok_and(|it| checkpoint(&it).is_some_and(|it| it.origin == *origin))
        };
        if kept.version != VERSION || !kept.logs.iter().all(whole) {
            return Err(WitnessError::Damaged(path.to_owned()));
        }
        let kept = Mutex::new(kept);
        Ok(Arc::new(Self { key, watched, path: path.to_owned(), kept, clock, _lock: lock }))
    }

    /// Judges one request and, if all is well, keeps the checkpoint and signs it. Blocks on the disk.
    fn add(&self, body: &[u8]) -> Answer {
        let Ok(text) = std::str::from_utf8(body) else { return Answer::refused(400, "not UTF-8") };
        let request: Request = match text.parse() {
            Ok(request) => request,
            Err(error) => return Answer::refused(400, &error),
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner); // Changed in one step.
        let last = |origin: &str| {
            kept.logs.get(origin).and_then(|it| Note::parse(it.as_bytes()).ok()).as_ref().and_then(checkpoint)
        };
        let seen = match judge(&request, &self.watched, last) {
            Ok(seen) => seen,
            Err(refusal) => return self.refuse(&refusal, &request, &kept),
        };
        let mut next = kept.clone();
        next.logs.insert(seen.checkpoint.origin.clone(), seen.note.to_string());
        if let Err(error) = state_file::replace(&self.path, &next) {
            tracing::error!(%error, "the state could not be kept, so nothing is signed");
            return Answer::refused(500, "the state could not be kept, so nothing is signed");
        }
        *kept = next;
        let time = u64::try_from(self.clock.now().as_micros() / 1_000_000).unwrap_or(0);
        let signature = self.key.cosign(seen.note.text(), time);
        tracing::info!(log = seen.checkpoint.origin, size = seen.checkpoint.size, "cosigned");
        Answer { status: 200, kind: "text/plain; charset=utf-8", body: format!("{signature}\n") }
    }

    fn refuse(&self, refusal: &Refusal, request: &Request, kept: &Kept) -> Answer {
        match refusal {
            Refusal::OtherSize { last } => {
                let body = format!("{last}\n");
                return Answer { status: refusal.status(), kind: "text/x.tlog.size", body };
            }
            Refusal::Split { size, .. } => self.keep_evidence(*size, request, kept),
            Refusal::Inconsistent(_) => tracing::warn!(%refusal, "refused"),
            _ => tracing::info!(%refusal, "refused"),
        }
        Answer::refused(refusal.status(), refusal)
    }

    /// Keeps the two notes that contradict each other. One pair is proof enough, so a file that is
    /// there already is left alone.
    fn keep_evidence(&self, size: u64, request: &Request, kept: &Kept) {
        let path = state_file::beside(&self.path, "split-view");
        tracing::error!(size, evidence = %path.display(), "split view: the log signed two histories");
        let origin = request.checkpoint.text().lines().next().unwrap_or_default();
        let known = kept.logs.get(origin).map_or("", String::as_str);
        let evidence = format!("{known}\n{}", request.checkpoint);
        let write = || File::create_new(&path)?.write_all(evidence.as_bytes());
        match write() {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                tracing::error!(%error, "the evidence could not be kept");
            }
            _ => {}
        }
    }
}

fn checkpoint(note: &Note) -> Option<Checkpoint> {
    note.text().parse().ok()
}

struct Answer {
    status: u16,
    kind: &'static str,
    body: String,
}

impl Answer {
    fn refused(status: u16, why: &(impl std::fmt::Display + ?Sized)) -> Self {
        Self { status, kind: "text/plain; charset=utf-8", body: format!("{why}\n") }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, self.kind)], self.body).into_response()
    }
}

/// `POST /add-checkpoint`; `GET /` says whose witness this is.
pub fn router(witness: Arc<Witness>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/", get(whose))
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .with_state(witness)
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Bytes) -> Response {
    match tokio::task::spawn_blocking(move || witness.add(&body)).await {
        Ok(answer) => answer.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The public key, as others must name it.
async fn whose(State(witness): State<Arc<Witness>>) -> String {
    format!("{}\n", witness.key.verifier())
}
