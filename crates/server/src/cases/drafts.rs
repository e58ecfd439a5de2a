//! Files that were uploaded before the report was sent: kept under the form's own token, sealed,
//! for a day.
//!
//! Always true here:
//! - What was uploaded once survives every mistake in the form.
//! - A file is read to its end even if it is not taken, so that the fields behind it are read too.
//! - Only whoever has the form's token sees, drops or sends its files; only a hash of it is kept.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::multipart::{Field, Multipart, MultipartError};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use touchstone_accounts::Token;
use touchstone_cases::report::RawReport;
use touchstone_store::{DraftFile, DraftFull, DraftLimits};
use touchstone_types::Lapse;

use super::kinds::media_type;
use super::vault::Place;
use super::without_secrets;
use crate::console::shell::Shell;
use crate::console::shown::is_hidden;
use crate::ctx::Ctx;
use crate::keys;
use crate::limits::Wait;

/// How long a file waits for its report.
const LIFE: Lapse = Lapse::from_secs(24 * 3600);
/// How often lapsed drafts are looked for, and how many are forgotten at once.
const LOOK: Duration = Duration::from_secs(600);
const AT_ONCE: usize = 20;
/// The most bytes of all files of one draft.
const DRAFT_BYTES: u64 = 200 * 1024 * 1024;
/// The most drafts of all people together.
const DRAFTS: u64 = 2_000;
/// The most bytes of all drafts together: whoever sends files needs no case, and a disk is finite.
const ALL_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// The most bytes of all texts of a form.
const TEXT_BYTES: usize = 512 * 1024;
/// The most fields of a form.
const FIELDS: usize = 2_000;
/// How many files are read into memory at once.
static READING: Semaphore = Semaphore::const_new(12);

/// Why a file was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// It is larger than a file may be.
    TooLarge,
    /// There are as many as there may be.
    TooMany,
    /// There is nothing in it.
    Empty,
    /// It is of a kind that is not taken.
    Kind,
    /// The draft, or the room for drafts, is full.
    Full,
    /// Its sender sent too many; they must wait so many seconds.
    Often(Wait),
    /// It did not arrive whole, or could not be kept.
    Broken,
}

impl NotTaken {
    /// The name of the problem for programs.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            NotTaken::TooLarge => "file_too_large",
            NotTaken::TooMany => "too_many_files",
            NotTaken::Empty => "file_empty",
            NotTaken::Kind => "file_kind",
            NotTaken::Full => "files_full",
            NotTaken::Often(_) => "too_many",
            NotTaken::Broken => "file_broken",
        }
    }

    /// A sentence for whoever sent it.
    pub(crate) fn sentence(&self, ctx: &Ctx, s: &Shell, name: &str) -> String {
        let key = match self {
            NotTaken::TooLarge => "report-file-too-large",
            NotTaken::TooMany => "report-file-too-many",
            NotTaken::Empty => "report-file-empty",
            NotTaken::Kind => "report-file-kind",
            NotTaken::Full => "report-file-full",
            NotTaken::Often(_) => "report-file-often",
            NotTaken::Broken => "report-file-broken",
        };
        let n = match self {
            NotTaken::Often(Wait(seconds)) => seconds.div_ceil(60),
            _ => ctx.config.cases.files_per_case as u64,
        };
        let values = [
            ("name", name.into()),
            ("size", size(ctx.config.cases.file_bytes as u64).into()),
            ("n", n.into()),
        ];
        s.lang.text_with(key, &values)
    }
}

/// So many bytes, for people.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KB", bytes.div_ceil(1024)),
        _ if bytes.is_multiple_of(1_048_576) => format!("{} MB", bytes / 1_048_576),
        _ => format!("{}.{} MB", bytes / 1_048_576, (bytes % 1_048_576) * 10 / 1_048_576),
    }
}

/// A file of a draft, with its name.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// Its name here.
    pub(crate) file: String,
    /// Its name as the sender has it.
    pub(crate) name: String,
    /// Its size.
    pub(crate) size: String,
}

/// The files of one form.
pub(crate) struct Draft {
    token: Token,
}

impl Draft {
    /// Of a new form.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self { token: keys::token()? })
    }

    /// Of a form with that token; the new one if it has none.
    pub(crate) fn of(text: &str, new: &Self) -> Self {
        let token = Token::parse(text.trim()).unwrap_or_else(|_| new.token.clone());
        Self { token }
    }

    /// What the form carries.
    pub(crate) fn text(&self) -> String {
        self.token.text()
    }

    fn hash(&self) -> [u8; 32] {
        self.token.hash()
    }

    /// What a report of this form is known by, so that the same one twice makes one case. Another
    /// one, written after going back to the form, is another case: nothing of it may be lost.
    pub(crate) fn once(&self, raw: &RawReport) -> [u8; 32] {
        let hash = Sha256::new().chain_update("report\n").chain_update(self.hash());
        hash.chain_update(serde_json::to_vec(raw).unwrap_or_default()).finalize().into()
    }

    /// By what a draft is sealed: nobody but the form can name it, and it is no case.
    fn place(&self) -> String {
        let hash = self.hash();
        hash.iter().take(16).fold(String::from("draft-"), |mut text, byte| {
            use std::fmt::Write as _;
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Keeps one file.
    pub(crate) async fn keep(&self, ctx: &Ctx, name: &str, bytes: &[u8]) -> Result<Waiting, NotTaken> {
        let lost = |error: anyhow::Error| {
            tracing::warn!(%error, "a file of a draft could not be kept");
            NotTaken::Broken
        };
        let now = ctx.clock.now();
        let place = self.place();
        let file = keys::token().map_err(|error| lost(error.into()))?.text()[..16].to_owned();
        let place = |table| Place { reference: &place, table, n: 0 };
        let seal = |table, text: &[u8]| ctx.cases.vault.seal(place(table), text);
        let sealed = seal("draft_file", bytes).map_err(|error| lost(error.into()))?;
        let new = DraftFile {
            file: file.clone(),
            at: now,
            size: bytes.len() as u64,
            name: seal("draft_name", name.as_bytes()).map_err(|error| lost(error.into()))?,
        };
        let limits = DraftLimits {
            files: ctx.config.cases.files_per_case as u64,
            bytes: DRAFT_BYTES,
            drafts: DRAFTS,
            all_bytes: ALL_BYTES,
        };
        let kept = ctx.store.keep_in_draft(&self.hash(), &new, sealed, now + LIFE, limits).await;
        match kept.map_err(|error| lost(error.into()))? {
            Ok(()) => Ok(Waiting { file, name: name.to_owned(), size: size(bytes.len() as u64) }),
            Err(DraftFull::Files) => Err(NotTaken::TooMany),
            Err(DraftFull::Bytes | DraftFull::Drafts) => Err(NotTaken::Full),
        }
    }

    /// What waits; nothing if the store does not say.
    pub(crate) async fn files(&self, ctx: &Ctx) -> Vec<Waiting> {
        let found = ctx.store.draft_files(&self.hash(), ctx.clock.now()).await;
        let found = found.unwrap_or_else(|error| {
            tracing::warn!(%error, "the files of a draft could not be read");
            Vec::new()
        });
        let place = self.place();
        let place = Place { reference: &place, table: "draft_name", n: 0 };
        let name = |sealed: &[u8]| {
            let open = ctx.cases.vault.open(place, sealed).ok()?;
            String::from_utf8(open).ok()
        };
        found
            .into_iter()
            .map(|it| Waiting {
                name: name(&it.name).unwrap_or_default(),
                size: size(it.size),
                file: it.file,
            })
            .collect()
    }

    /// The content of one of its files; nothing if there is none.
    pub(crate) async fn content(&self, ctx: &Ctx, file: &str) -> Option<Vec<u8>> {
        let sealed = ctx.store.draft_file(&self.hash(), file).await.ok()?;
        let place = self.place();
        ctx.cases.vault.open(Place { reference: &place, table: "draft_file", n: 0 }, &sealed).ok()
    }

    /// Forgets one file.
    pub(crate) async fn drop_file(&self, ctx: &Ctx, file: &str) {
        if let Err(error) = ctx.store.drop_draft_file(&self.hash(), file).await {
            tracing::warn!(%error, "a file of a draft could not be dropped");
        }
    }

    /// Forgets all of it.
    pub(crate) async fn forget(&self, ctx: &Ctx) {
        if let Err(error) = ctx.store.drop_draft(&self.hash()).await {
            tracing::warn!(%error, "a draft could not be dropped; it lapses by itself");
        }
    }
}

/// What a form brought.
#[derive(Default)]
pub(crate) struct Parts {
    /// Its texts.
    pub(crate) pairs: Vec<(String, String)>,
    /// Files that were not taken, by their names.
    pub(crate) refused: Vec<(String, NotTaken)>,
    /// Files that were taken.
    pub(crate) taken: Vec<Waiting>,
    /// Whether it did not arrive whole.
    pub(crate) cut: bool,
}

impl Parts {
    /// The first text of that name.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }
}

/// Where the files of a form go.
#[derive(Clone, Copy)]
pub(crate) enum Goes<'a> {
    /// Into the draft that the form names before them; into this one if it names none.
    ToDraft(&'a Draft),
    /// Into this case.
    ToCase(i64),
    /// Nowhere: the form has none.
    Nowhere,
}

impl Goes<'_> {
    async fn keep(self, ctx: &Ctx, parts: &Parts, name: &str, bytes: Vec<u8>) -> Result<Waiting, NotTaken> {
        match self {
            Goes::ToDraft(new) => Draft::of(parts.get("draft"), new).keep(ctx, name, &bytes).await,
            Goes::ToCase(id) => super::mine::attach(ctx, id, name, bytes).await,
            Goes::Nowhere => Err(NotTaken::Broken),
        }
    }
}

/// Reads a form to its end. The texts before a file are at hand when it goes where it goes.
pub(crate) async fn read(ctx: &Ctx, from: IpAddr, form: &mut Multipart, goes: Goes<'_>) -> Parts {
    let mut parts = Parts::default();
    let mut left = TEXT_BYTES;
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return parts,
            Err(_) => {
                parts.cut = true;
                return parts;
            }
        };
        let Some(file) = field.file_name().map(str::to_owned) else {
            let name = field.name().unwrap_or_default().to_owned();
            match text(field, left).await {
                Ok(value) if parts.pairs.len() < FIELDS => {
                    left -= value.len();
                    parts.pairs.push((name, value));
                }
                Ok(_) => {}
                Err(_) => parts.cut = true,
            }
            continue;
        };
        if file.is_empty() {
            continue; // A box for files in which none was chosen.
        }
        let name = clean_name(&file);
        let kept = match bytes(ctx, field).await {
            Ok(bytes) => match ctx.cases.may_write(from, ctx.clock.now()) {
                Ok(()) => goes.keep(ctx, &parts, &name, bytes).await,
                Err(wait) => Err(NotTaken::Often(wait)),
            },
            Err(why) => Err(why),
        };
        match kept {
            Ok(waiting) => parts.taken.push(waiting),
            Err(why) => parts.refused.push((name, why)),
        }
    }
}

/// A text of at most so many bytes; what is behind them is left out.
async fn text(mut field: Field<'_>, left: usize) -> Result<String, MultipartError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        let room = left.saturating_sub(bytes.len());
        bytes.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A file that may be taken. It is read to its end in any case.
async fn bytes(ctx: &Ctx, mut field: Field<'_>) -> Result<Vec<u8>, NotTaken> {
    let _turn = READING.acquire().await;
    let limit = ctx.config.cases.file_bytes;
    let mut bytes = Vec::new();
    let mut large = false;
    while let Some(chunk) = field.chunk().await.map_err(|_| NotTaken::Broken)? {
        large |= bytes.len() + chunk.len() > limit;
        if large {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&chunk);
        }
    }
    if large { Err(NotTaken::TooLarge) } else { check(&bytes).map(|()| bytes) }
}

/// Whether a file of a size that fits may be taken.
pub(crate) fn check(bytes: &[u8]) -> Result<(), NotTaken> {
    match bytes {
        [] => Err(NotTaken::Empty),
        _ if media_type(bytes).is_none() => Err(NotTaken::Kind),
        _ => Ok(()),
    }
}

/// A name without path, secrets, and characters that nobody sees or that turn the direction of
/// writing (`exe.png` would read `gnp.exe`), of bounded length; never empty.
pub(crate) fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = without_secrets(last).chars().filter(|it| !is_hidden(*it)).take(150).collect();
    let kept = kept.trim().trim_start_matches('.');
    if kept.is_empty() { "file".to_owned() } else { kept.to_owned() }
}

/// Forgets drafts that have lapsed, until the server stops: nobody may come who would.
pub(super) async fn forget_lapsed(ctx: Ctx) {
    loop {
        match ctx.store.forget_drafts(ctx.clock.now(), AT_ONCE).await {
            Ok(gone) if gone >= AT_ONCE as u64 => continue, // There may be more.
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "lapsed drafts could not be forgotten"),
        }
        tokio::select! {
            () = ctx.stop.wait() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_said_in_words_of_people() {
        for (bytes, expected) in
            [(0, "0 B"), (1023, "1023 B"), (1025, "2 KB"), (20 * 1_048_576, "20 MB"), (1_600_000, "1.5 MB")]
        {
            assert_eq!(size(bytes), expected);
        }
    }

    #[test]
    fn a_name_says_nothing_about_folders() {
        for (name, expected) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\a\\b.png", "b.png"),
            ("截图 1.png", "截图 1.png"),
            ("wallet\u{202e}gnp.exe", "walletgnp.exe"),
            ("a\u{200b}b\u{2066}.png", "ab.png"),
            (".\0\n", "file"),
            ("", "file"),
        ] {
            assert_eq!(clean_name(name), expected);
        }
    }
}
