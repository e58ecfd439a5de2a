//! Whose word counts about a log.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use serde::Deserialize;
use touchstone_signed_log::{
    KeyKind, NotTrusted, NoteError, Proof, Seen, Unproven, VerifierKey, open_checkpoint,
};

use super::Of;
use super::source::Source;

pub(crate) struct Trust {
    log: Vec<VerifierKey>,
    witnesses: Vec<VerifierKey>,
    quorum: usize,
    /// Nobody gave a key, so the log's own are used.
    pub(crate) keys_are_its_own: bool,
}

/// Whether a checkpoint is to be believed; if not, why.
pub(crate) enum Verdict {
    Believed(Box<Seen>),
    Not(String),
}

/// What `keys` of a log says.
#[derive(Deserialize)]
struct Named {
    log: Vec<Key>,
    #[serde(default)]
    witnesses: Vec<Key>,
}

/// A key alone, or with words about it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Key {
    Alone(String),
    With {
        #[serde(alias = "key")]
        vkey: String,
    },
}

impl Key {
    fn text(self) -> String {
        match self {
            Key::Alone(text) | Key::With { vkey: text } => text,
        }
    }
}

impl Trust {
    /// Who was given counts, and nobody else; all witnesses, if it is not said how many.
    pub(crate) fn given(log: &[String], witnesses: &[String], quorum: Option<usize>) -> anyhow::Result<Self> {
        let (log, witnesses) = (keys(log, KeyKind::Note)?, keys(witnesses, KeyKind::Cosignature)?);
        let quorum = quorum.unwrap_or(witnesses.len());
        enough(quorum, &witnesses)?;
        Ok(Self { log, witnesses, quorum, keys_are_its_own: false })
    }

    pub(super) fn from(of: &Of, source: &Source) -> anyhow::Result<Self> {
        let mut log = keys(&of.key, KeyKind::Note)?;
        let mut witnesses = keys(&of.witness, KeyKind::Cosignature)?;
        let keys_are_its_own = log.is_empty();
        if keys_are_its_own {
            let Some(named) = source.keys()? else { bail!("{source} does not name its keys: give --key") };
            let named: Named = serde_json::from_slice(&named).context("the log's keys make no sense")?;
            log = keys(&named.log.into_iter().map(Key::text).collect::<Vec<_>>(), KeyKind::Note)?;
            if witnesses.is_empty() {
                let texts: Vec<String> = named.witnesses.into_iter().map(Key::text).collect();
                witnesses = keys(&texts, KeyKind::Cosignature)?;
            }
        }
        // Who names witnesses wants to hear them; the log's own word about them binds nobody.
        let quorum = of.quorum.unwrap_or(of.witness.len());
        enough(quorum, &witnesses)?;
        Ok(Self { log, witnesses, quorum, keys_are_its_own })
    }

    pub(crate) fn open(&self, note: &[u8]) -> Verdict {
        match open_checkpoint(note, &self.log, &self.witnesses, self.quorum) {
            Ok(seen) => Verdict::Believed(Box::new(seen)),
            Err(why) => Verdict::Not(in_words(&why)),
        }
    }

    /// Checks that `entry` is in the log, by a proof that came with it.
    pub(crate) fn prove(&self, proof: &Proof, entry: &[u8]) -> anyhow::Result<Seen> {
        proof.verify(entry, &self.log, &self.witnesses, self.quorum).map_err(|why| match why {
            Unproven::NotTrusted(why) => anyhow!(in_words(&why)),
            other => other.into(),
        })
    }

    /// A checkpoint from a file. It must be signed as well, or it proves nothing; how many witnesses
    /// there were then does not matter now.
    pub(crate) fn open_known(&self, path: &Path) -> anyhow::Result<Verdict> {
        let note = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let then = Self { log: self.log.clone(), witnesses: self.witnesses.clone(), ..*self };
        Ok(match (Self { quorum: 0, ..then }).open(&note) {
            Verdict::Not(why) => Verdict::Not(format!(
                "in {}: {why}. If the log has had a new key since, give the old one as well (--key twice)",
                path.display()
            )),
            believed @ Verdict::Believed(_) => believed,
        })
    }
}

fn in_words(why: &NotTrusted) -> String {
    match why {
        NotTrusted::Note(NoteError::Unknown(by)) => format!(
            "unknown signer: the checkpoint is signed by {}, not by a key of this log that is known here",
            if by.is_empty() { "nobody".to_owned() } else { by.join(", ") }
        ),
        other => other.to_string(),
    }
}

fn enough(quorum: usize, witnesses: &[VerifierKey]) -> anyhow::Result<()> {
    if quorum > witnesses.len() {
        bail!("{quorum} witnesses are asked for, but only {} are named", witnesses.len());
    }
    Ok(())
}

fn keys(texts: &[String], kind: KeyKind) -> anyhow::Result<Vec<VerifierKey>> {
    texts
        .iter()
        .map(|text| {
            let key: VerifierKey = text.parse().with_context(|| format!("{text:?}"))?;
            match (key.kind() == kind, kind) {
                (true, _) => Ok(key),
                (false, KeyKind::Note) => bail!("{key} is a witness's key, not a log's"),
                (false, KeyKind::Cosignature) => bail!("{key} is a log's key, not a witness's"),
            }
        })
        .collect()
}
