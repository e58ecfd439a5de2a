//! Cases that cannot be ignored: who looks after what, by when, and who has read it.
//!
//! The way through: every way in (page, API, desk, time itself) calls one function of [`flow`],
//! which reads the case, asks `touchstone_cases` once what follows, and saves all of it in one
//! transaction; [`deadlines`] is what time does; [`vault`] seals what victims tell.
//!
//! Always true here:
//! - A case that was acknowledged is on disk, with its deadline.
//! - What a victim or an agent wrote is sealed before it is kept; a recovery phrase, key or code
//!   is masked before that.
//! - Each look of the staff at a case is an entry that the victim can read.
//! - Two who act at once lose nothing: who comes second reads again and acts on what is there.

mod api;
mod assigning;
pub(crate) mod deadlines;
mod doing;
mod doors;
mod drafts;
pub mod flow;
mod form;
mod freeze;
mod kinds;
mod letters;
mod live;
mod mine;
mod perform;
mod recount;
mod report;
mod secrets;
mod shown;
mod status;
pub mod vault;
mod victim;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::{Semaphore, watch};
use touchstone_cases::complaint::{FormProblem, Forms};
use touchstone_cases::playbook::{PlaybookProblem, Playbooks};
use touchstone_cases::staffing::Zone;
use touchstone_cases::{Charter, CharterProblem};
use touchstone_store::Store;
use touchstone_types::Moment;

pub(crate) use api::endpoints;
pub use assigning::levels_of;
pub(crate) use deadlines::once as look_at_what_is_due;
pub(crate) use doors::pages;
pub use flow::{Doing, FlowError, Incoming, Intake, Note, Open, Receipt};
pub(crate) use mine::{SHARED, failed};
pub use secrets::holds_secret;
pub use shown::{FileView, Told, by_staff};
pub use touchstone_store::Author as By;
pub use vault::{Damaged, Place, Vault, VaultError};

use crate::config::Config;
use crate::ctx::Ctx;
use crate::limits::{Rate, RateLimiter, Wait};
use crate::staffing::Foreseen;

/// How many cases one address may fill with files and messages each hour.
const FULL_CASES: u32 = 4;

/// What an operator may set about cases.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CasesConfig {
    /// The key by which what victims tell is sealed; made at the first start. Without it
    /// `cases.key` beside the SQLite file, or in the working folder.
    pub key_file: Option<PathBuf>,
    /// A folder with files of a charter; what is not in it is as built in.
    pub charter: Option<PathBuf>,
    /// A folder with playbooks of one's own; what is not in it is as built in.
    pub playbooks: Option<PathBuf>,
    /// What the operator is in the eyes of the law, such as `CASP`: decides which terms of law run.
    pub firm_kinds: Vec<String>,
    /// The operator's full name, as complaints to authorities have it.
    pub firm_name: Option<String>,
    /// Its address, as complaints to authorities have it.
    pub firm_address: Option<String>,
    /// The largest file that a case takes, in bytes.
    pub file_bytes: usize,
    /// How many files a case takes.
    pub files_per_case: usize,
    /// How many reports one address may send each hour.
    pub reports_per_address_per_hour: u32,
    /// The desk's clock, by its name in the IANA database: for planning how many are there.
    pub time_zone: Zone,
}

impl Default for CasesConfig {
    fn default() -> Self {
        Self {
            key_file: None,
            charter: None,
            playbooks: None,
            firm_kinds: Vec::new(),
            firm_name: None,
            firm_address: None,
            file_bytes: 20 * 1024 * 1024,
            files_per_case: 50,
            reports_per_address_per_hour: 20,
            time_zone: Zone::utc(),
        }
    }
}

/// Why cases cannot be looked after as it is set.
#[derive(Debug, thiserror::Error)]
pub enum CasesError {
    /// The key.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A file of the charter, or of a playbook, cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// The charter is not whole; each problem has file and line.
    #[error("the charter is not whole: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Charter(Vec<CharterProblem>),
    /// A playbook is not whole; each problem has file and line.
    #[error("the playbooks are not whole: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Playbooks(Vec<PlaybookProblem>),
    /// The charter lists authorities, fields or texts that the forms do not know.
    #[error("the forms of authorities are not whole: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Forms(Vec<FormProblem>),
}

/// What cases need to know between requests.
pub struct Cases {
    /// Seals and opens what was told.
    pub vault: Vault,
    /// What the desk promises, and what the law asks.
    pub charter: Charter,
    /// What staff does about each kind of case.
    pub playbooks: Playbooks,
    /// Which report fits which authority, and how its form is filled.
    pub forms: Forms,
    /// What the operator is in the eyes of the law.
    pub firm_kinds: Vec<String>,
    /// As many victims' pages may still keep themselves up to date; the desk has streams of its own.
    streams: Arc<Semaphore>,
    /// Whether there will be enough people, as it was gathered last.
    pub(crate) foreseen: Foreseen,
    changes: watch::Sender<u64>,
    reporters: RateLimiter<IpAddr>,
    writers: RateLimiter<IpAddr>,
}

impl Cases {
    /// Reads charter and playbooks, and opens the vault.
    ///
    /// # Errors
    /// [`CasesError`]: then the server must not start.
    pub async fn open(config: &Config, store: &Store, now: Moment) -> Result<Self, CasesError> {
        let charter = charter(config.cases.charter.as_deref())?;
        let playbooks = playbooks(config.cases.playbooks.as_deref())?;
        let forms = Forms::built_in(&charter).map_err(CasesError::Forms)?;
        let vault = Vault::unlock(&key_file(config), store, now).await?;
        let hourly = |n: u32| {
            let n = f64::from(n.max(1));
            RateLimiter::new(Rate { per_second: n / 3600.0, burst: n })
        };
        let files = u32::try_from(config.cases.files_per_case).unwrap_or(u32::MAX);
        let firm_kinds = config.cases.firm_kinds.clone();
        Ok(Self {
            vault,
            charter,
            playbooks,
            forms,
            firm_kinds,
            streams: Arc::new(Semaphore::new(config.limits.streams)),
            foreseen: Foreseen::default(),
            changes: watch::Sender::new(0),
            reporters: hourly(config.cases.reports_per_address_per_hour),
            writers: hourly(files.saturating_mul(FULL_CASES)),
        })
    }

    /// Something changed: whoever watches looks again.
    pub fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Waits on this for something to change.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Counts a report of that address.
    ///
    /// # Errors
    /// [`Wait`] if it sent too many.
    pub fn may_report(&self, address: IpAddr, now: Moment) -> Result<(), Wait> {
        self.reporters.take(network(address), 1, now)
    }

    /// Counts a file or message of that address.
    ///
    /// # Errors
    /// [`Wait`] if it sent too many.
    pub fn may_write(&self, address: IpAddr, now: Moment) -> Result<(), Wait> {
        self.writers.take(network(address), 1, now)
    }
}

/// Whoever has one address of IPv6 mostly has the 2^64 beside it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(it) => IpAddr::V6((u128::from(it) >> 64 << 64).into()),
        it => it,
    }
}

/// Where the key is.
fn key_file(config: &Config) -> PathBuf {
    if let Some(path) = &config.cases.key_file {
        return path.clone();
    }
    let folder = config.database.strip_prefix("sqlite:").and_then(|it| Path::new(it).parent());
    folder.unwrap_or(Path::new("")).join("cases.key")
}

/// The files of a folder whose names end like that: path and text.
fn files(folder: &Path, endings: &[&str]) -> Result<Vec<(String, String)>, CasesError> {
    let wrong = |path: &Path| {
        let path = path.to_owned();
        move |cause| CasesError::Read { path, cause }
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(wrong(folder))? {
        let path = entry.map_err(wrong(folder))?.path();
        if path.extension().is_some_and(|it| endings.iter().any(|ending| it == *ending)) {
            let text = std::fs::read_to_string(&path).map_err(wrong(&path))?;
            files.push((path.display().to_string(), text));
        }
    }
    files.sort();
    Ok(files)
}

fn charter(folder: Option<&Path>) -> Result<Charter, CasesError> {
    let Some(folder) = folder else { return Charter::built_in().map_err(CasesError::Charter) };
    let files = files(folder, &["toml", "json"])?;
    let calendars = touchstone_cases::clock::Calendars::built_in().map_err(|problems| {
        let problem = |it: touchstone_cases::clock::CalendarProblem| CharterProblem {
            file: it.file,
            line: 1,
            reason: it.reason,
        };
        CasesError::Charter(problems.into_iter().map(problem).collect())
    })?;
    let named = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Charter::load(named, calendars).map_err(CasesError::Charter)
}

/// Masks the secrets in every text of it; gives their kinds.
pub fn mask(value: &mut serde_json::Value) -> Vec<&'static str> {
    let mut mask = secrets::Mask::default();
    mask.all(value);
    mask.taken().into_iter().collect()
}

fn playbooks(folder: Option<&Path>) -> Result<Playbooks, CasesError> {
    let files = folder.map_or_else(|| Ok(Vec::new()), |it| files(it, &["toml"]))?;
    let named = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Playbooks::with_own(named).map_err(CasesError::Playbooks)
}

/// A text without the secrets that somebody typed into it.
pub(crate) fn without_secrets(text: &str) -> String {
    secrets::Mask::default().text(text.to_owned())
}

/// Lets deadlines run until the server stops.
pub(crate) fn follow(ctx: &Ctx) {
    tokio::spawn(recount::run(ctx.clone()));
    tokio::spawn(deadlines::run(ctx.clone()));
    tokio::spawn(drafts::forget_lapsed(ctx.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_playbook_stops_the_start_with_file_line_and_reason() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(playbooks(Some(folder.path())).unwrap(), playbooks(None).unwrap());
        std::fs::write(folder.path().join("notes.md"), "not a playbook").unwrap();
        std::fs::write(folder.path().join("lost.toml"), "id = \"lost\"\nkinds = [\"other\"]\ntitel = 1\n")
            .unwrap();
        let said = playbooks(Some(folder.path())).unwrap_err().to_string();
        assert!(said.contains("lost.toml:3: ") && said.contains("unknown field `titel`"), "{said}");
        let none = folder.path().join("none");
        let said = playbooks(Some(&none)).unwrap_err().to_string();
        assert_eq!(said, format!("cannot read {}", none.display()));
    }
}
