//! Asking witnesses to cosign (c2sp.org/tlog-witness). Nobody waits for it: a checkpoint is
//! served at once, and signatures are added to it as they come.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use touchstone_connectors::Caller;
use touchstone_signed_log::witness::{Request, cosignatures};
use touchstone_signed_log::{Note, Seen, open_checkpoint};

use super::ledger::Ledger;
use super::proofs;
use super::settings::Witness;
use crate::metrics::{Kind, Metrics};

/// What a witness said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It signed a checkpoint of that many leaves.
    Signed(u64),
    /// It refused, with that HTTP status: somebody should look.
    Refused(u16),
    /// It did not answer.
    Silent,
}

impl Said {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Said::Signed(_) => "signed",
            Said::Refused(_) => "refused",
            Said::Silent => "unreachable",
        }
    }
}

/// What is remembered of each witness, by its address.
#[derive(Default)]
pub(crate) struct Witnesses(Mutex<HashMap<String, Said>>);

impl Witnesses {
    pub(crate) fn said(&self, url: &str) -> Option<Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(url).copied()
    }

    fn note(&self, url: &str, said: Said) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), said);
    }
}

/// Asks every witness that has not signed the newest checkpoint yet; gives the note with the
/// signatures that came.
pub(crate) async fn ask(
    ledger: &Ledger,
    asked: &Witnesses,
    caller: &Caller,
    metrics: &Metrics,
    seen: &Seen,
) -> Option<Note> {
    let mut note = seen.note.clone();
    let mut changed = false;
    for witness in &ledger.keys.witnesses {
        if note.signatures().iter().any(|it| it.is_by(&witness.key)) {
            asked.note(&witness.url, Said::Signed(seen.checkpoint.size));
            continue;
        }
        let from = match asked.said(&witness.url) {
            Some(Said::Signed(size)) => size,
            _ => 0,
        };
        let said = match one(ledger, caller, witness, from, seen).await {
            Ok(next) => {
                let mut with = note.clone();
                if next
                    .signatures()
                    .iter()
                    .filter(|it| it.is_by(&witness.key))
                    .all(|it| with.add(it.clone()).is_ok())
                {
                    (note, changed) = (with, true);
                }
                Said::Signed(seen.checkpoint.size)
            }
            Err(said) => said,
        };
        metrics.witnesses.get_or_create(&Kind { kind: said.name() }).inc();
        if !matches!(said, Said::Signed(_)) {
            tracing::warn!(witness = witness.key.name(), outcome = ?said, "a witness did not sign");
        }
        asked.note(&witness.url, said);
    }
    changed.then_some(note)
}

/// Asks one witness, once more if it remembers another size than we thought.
async fn one(
    ledger: &Ledger,
    caller: &Caller,
    witness: &Witness,
    from: u64,
    seen: &Seen,
) -> Result<Note, Said> {
    let mut from = from.min(seen.checkpoint.size);
    for _ in 0..2 {
        let size = seen.checkpoint.size;
        let proof = proofs::of_growth(&ledger.store, from, size).await.map_err(|_| Said::Silent)?;
        let request = Request { old: from, proof, checkpoint: seen.note.clone() }.to_string();
        let (caller, url) = (caller.clone(), format!("{}/add-checkpoint", witness.url));
        let answer = tokio::task::spawn_blocking(move || caller.post(&url, &[], request.as_bytes())).await;
        let answer = answer.ok().and_then(Result::ok).ok_or(Said::Silent)?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        match answer.status {
            200 => return signed(ledger, witness, seen, &text).ok_or(Said::Refused(200)),
            409 => match text.trim().parse() {
                Ok(size) if size != from && size <= seen.checkpoint.size => from = size,
                _ => return Err(Said::Refused(409)),
            },
            status => return Err(Said::Refused(status)),
        }
    }
    Err(Said::Refused(409))
}

/// The checkpoint with the witness's signature, if it is a good one.
fn signed(ledger: &Ledger, witness: &Witness, seen: &Seen, answer: &str) -> Option<Note> {
    let mut note = seen.note.clone();
    for signature in cosignatures(answer).ok()?.into_iter().filter(|it| it.is_by(&witness.key)) {
        note.add(signature).ok()?;
    }
    let bytes = note.to_string();
    let keys = [witness.key.clone()];
    open_checkpoint(bytes.as_bytes(), &ledger.keys.public(), &keys, 1).ok().map(|it| it.note)
}
