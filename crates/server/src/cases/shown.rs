//! Entries and files opened for reading, and the names under which victims know the staff.

use serde_json::Value;
use touchstone_accounts::Role;
use touchstone_cases::{Life, Owner};
use touchstone_store::{CaseFile, CaseRow, Entry, EntryKind, Member};
use touchstone_types::Moment;

use super::vault::Place;
use super::{By, FlowError, Open};
use crate::ctx::Ctx;

/// An entry of the timeline, readable.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Number, from 1 without gaps.
    pub n: i64,
    /// When.
    pub at: Moment,
    /// What.
    pub kind: EntryKind,
    /// By whom.
    pub by: By,
    /// What was written.
    pub text: Option<String>,
    /// Particulars.
    pub detail: Value,
    /// Whether the victim sees it.
    pub visible: bool,
}

impl Told {
    /// As the victim reads it; nothing of an internal one. Login names are left out: whoever knows
    /// them could pose as the person.
    #[must_use]
    pub fn for_victim(mut self) -> Option<Self> {
        if !self.visible {
            return None;
        }
        if let By::Staff { login, .. } = &mut self.by {
            login.clear();
        }
        if let By::Key(id) = &mut self.by {
            id.clear();
        }
        if let Value::Object(fields) = &mut self.detail {
            fields.retain(|name, _| !matches!(name.as_str(), "login" | "why"));
        }
        Some(self)
    }
}

/// A file, with its name readable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileView {
    /// Number within the case, from 1.
    pub n: i64,
    /// When it came in.
    pub at: Moment,
    /// By whom: `victim`, `staff`, `system` or `key`.
    pub by: String,
    /// Login name of the staff; else empty.
    pub login: String,
    /// Its name.
    pub name: String,
    /// Media type, by what is in it.
    pub kind: String,
    /// How many bytes.
    pub size: u64,
    /// SHA-256 of what came in, hexadecimal.
    pub hash: String,
    /// Whether the victim sees it.
    pub visible: bool,
}

pub(super) fn told(ctx: &Ctx, reference: &str, entry: Entry) -> Result<Told, FlowError> {
    let place = Place { reference, table: "case_entries", n: entry.n };
    let text = entry.text.map(|sealed| ctx.cases.vault.open(place, &sealed)).transpose()?;
    Ok(Told {
        n: entry.n,
        at: entry.at,
        kind: entry.kind,
        by: entry.by,
        text: text.map(|it| String::from_utf8_lossy(&it).into_owned()),
        detail: serde_json::from_str(&entry.detail).unwrap_or(Value::Null),
        visible: entry.visible,
    })
}

pub(super) fn file_view(ctx: &Ctx, row: &CaseRow, file: CaseFile) -> Result<FileView, FlowError> {
    let place = Place { reference: &row.reference, table: "case_files", n: file.n };
    let name = ctx.cases.vault.open(place, &file.name)?;
    Ok(FileView {
        n: file.n,
        at: file.at,
        by: file.by,
        login: file.login,
        name: String::from_utf8_lossy(&name).into_owned(),
        kind: file.kind,
        size: file.size,
        hash: file.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        visible: file.visible,
    })
}

/// Somebody of the staff as the author of what they do: the victim knows them as the listed agent
/// that they talk as, else by a short code that stays the same.
///
/// # Errors
/// Those of reading.
pub async fn by_staff(ctx: &Ctx, member: &Member) -> Result<By, FlowError> {
    let name = public_name(ctx, &member.login).await?;
    let first =
        [Role::ComplaintsOfficer, Role::Lead, Role::Agent].into_iter().find(|it| member.roles.contains(it));
    let role = first.or(member.roles.first().copied()).map_or("", Role::name);
    Ok(By::Staff { login: member.login.clone(), name, role: role.to_owned() })
}

/// The name under which victims know somebody of the staff.
pub(super) async fn public_name(ctx: &Ctx, login: &str) -> Result<String, FlowError> {
    let agent = ctx.store.agent_of(login).await?;
    Ok(agent.unwrap_or_else(|| code_name(ctx, login)))
}

/// The name of whoever has the case, or closed it; none if it is everybody's.
pub(super) async fn person(ctx: &Ctx, open: &Open) -> Result<Option<String>, FlowError> {
    let login = match &open.case.life {
        Life::Open { owner: Owner::Person(staff), .. } => &staff.0,
        Life::Open { owner: Owner::Duty, .. } => return Ok(None),
        Life::Closed(closing) => &closing.by().0,
    };
    public_name(ctx, login).await.map(Some)
}

/// Without 0, 1, I and O, which are read for one another.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

fn code_name(ctx: &Ctx, login: &str) -> String {
    letters(&ctx.cases.vault.derive(b"name", &[login.as_bytes()])[..5])
}

/// One letter a byte.
pub(super) fn letters(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect()
}
