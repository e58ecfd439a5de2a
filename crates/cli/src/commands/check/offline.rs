//! Who is official by a downloaded list, without a network: believed only with its proof.
//!
//! The way through: the proof shows that a log of the given keys holds a `snapshot` statement; the
//! statement names the SHA-256 of the file; only then is the file opened.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Serialize;
use touchstone_registry::statement::SnapshotTaken;
use touchstone_registry::{Digest, Registry, Snapshot, Statement};
use touchstone_screening::Directory;
use touchstone_signed_log::{Proof, Seen};
use touchstone_types::{Lapse, Moment};

use super::Lang;
use crate::commands::log::trust::Trust;

/// A list older than this may lack what matters; docs/snapshot.md.
const FRESH: Lapse = Lapse::from_secs(24 * 3600);

/// Clocks differ by this much without anything being wrong.
const CLOCKS_DIFFER: Lapse = Lapse::from_secs(300);

/// A downloaded list, and whose word counts about it.
#[derive(clap::Args)]
pub(super) struct Downloaded {
    /// A downloaded list of who is official (`/log/snapshot`), instead of --registry
    #[arg(long, value_name = "FILE", requires_all = ["proof", "key"], conflicts_with = "registry")]
    snapshot: Option<PathBuf>,
    /// What proves that list (`/log/snapshot.proof`)
    #[arg(long, value_name = "FILE", requires = "snapshot")]
    proof: Option<PathBuf>,
    /// A key of the log (`name+id+base64`); two while one is being replaced
    #[arg(long, value_name = "VKEY", requires = "snapshot")]
    key: Vec<String>,
    /// A witness whose word counts
    #[arg(long, value_name = "VKEY", requires = "snapshot")]
    witness: Vec<String>,
    /// How many of the witnesses must have seen the log's checkpoint; all of them if absent
    #[arg(long, value_name = "N", requires = "snapshot")]
    quorum: Option<usize>,
}

/// The list an answer comes from.
#[derive(Serialize)]
pub(super) struct List {
    /// When it was taken, as the log says.
    at: Moment,
    /// How old it is.
    age_seconds: u64,
    /// Whether it is older than a day.
    stale: bool,
    /// Whether it is of a time that this machine's clock has not reached.
    ahead_of_clock: bool,
    /// How many entries of the log it covers.
    entries: u64,
    /// Which log.
    origin: String,
    /// The place in the log of the statement that vouches for it.
    log_index: u64,
    /// How many of the given witnesses saw that log.
    witnesses: usize,
}

impl Downloaded {
    /// Reads and proves the list, if one was given.
    pub(super) fn read(&self, now: Moment) -> anyhow::Result<Option<(Directory, List)>> {
        let (Some(file), Some(proof)) = (&self.snapshot, &self.proof) else { return Ok(None) };
        let trust = Trust::given(&self.key, &self.witness, self.quorum)?;
        let text = read(proof)?;
        let text = std::str::from_utf8(&text).ok().with_context(|| no_proof(proof))?;
        let proof: Proof = text.parse().with_context(|| no_proof(proof))?;
        let (taken, seen) = proven(&proof, &trust)
            .map_err(|why| why.context(format!("the list in {} is not believed", file.display())))?;
        let bytes = read(file)?;
        if Digest::of(&bytes) != taken.sha256 {
            bail!(
                "{} is not the list that entry {} of the log vouches for: it is damaged, or of another time \
                 than the proof. Download both again",
                file.display(),
                proof.index
            );
        }
        let refused = || format!("the list in {} is refused", file.display());
        let snapshot = Snapshot::open(bytes).with_context(refused)?;
        let registry = Registry::from_snapshot(&snapshot).with_context(refused)?;
        let list = List {
            at: taken.at,
            age_seconds: now.since(taken.at).as_secs(),
            stale: now > taken.at + FRESH,
            ahead_of_clock: taken.at > now + CLOCKS_DIFFER,
            entries: snapshot.entries(),
            origin: seen.checkpoint.origin,
            log_index: proof.index,
            witnesses: seen.witnesses.len(),
        };
        Ok(Some((Directory::new(registry), list)))
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn no_proof(file: &Path) -> String {
    format!("{} is not the proof of a list", file.display())
}

/// What a log that is to be believed says about a list.
fn proven(proof: &Proof, trust: &Trust) -> anyhow::Result<(SnapshotTaken, Seen)> {
    let Some(entry) = &proof.extra else { bail!("the proof does not carry the entry that it proves") };
    let seen = trust.prove(proof, entry)?;
    match Statement::from_leaf(entry) {
        Ok(Statement::Snapshot(taken)) => Ok((taken, seen)),
        _ => bail!("the proof is of entry {}, which is not about a list", proof.index),
    }
}

impl List {
    /// For people: how old it is and what vouches for it.
    pub(super) fn words(&self, lang: Lang) -> String {
        let (at, age, index, origin) = (self.at, self.age(lang), self.log_index, &self.origin);
        let witnesses = self.witnesses;
        let mut text = match lang {
            Lang::Zh => format!(
                "依据 {at} 的名单（距今 {age}）；日志 {origin} 第 {index} 条为它作证，见证人 {witnesses} 个。\n"
            ),
            Lang::En => format!(
                "By the list of {at}, {age} old. Entry {index} of the log {origin} vouches for it; witnesses: \
                 {witnesses}.\n"
            ),
        };
        if self.stale {
            text += lang.say(
                "这份名单已超过 24 小时，之后的新增和撤销都不在其中，请重新下载。\n",
                "This list is stale: it is over 24 hours old, and what was listed or withdrawn since is not in \
                 it. Download it again.\n",
            );
        }
        if self.ahead_of_clock {
            text += lang.say(
                "名单的时间晚于本机时钟，请核对时钟。\n",
                "The list is of a later time than this machine's clock: check the clock.\n",
            );
        }
        text
    }

    fn age(&self, lang: Lang) -> String {
        let minutes = self.age_seconds / 60;
        match minutes {
            0..120 => format!("{minutes} {}", lang.say("分钟", "min")),
            120..2880 => format!("{} {}", minutes / 60, lang.say("小时", "h")),
            _ => format!("{} {}", minutes / 1440, lang.say("天", "days")),
        }
    }
}
