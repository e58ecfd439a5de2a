//! Cases: one row each with what they are looked for by, and what the engine made of them.
//!
//! Always true here:
//! - A change is one transaction: the case, its timeline, marks, breaches, calls to the desk,
//!   files and the audit trail are written together or not at all.
//! - A change names the version that it was made from; whoever comes second is refused and
//!   reads again. Nothing is overwritten unseen.
//! - What somebody wrote comes sealed, links come as hashes: what is here opens nothing.

use touchstone_types::Moment;

use crate::actions::{self, ActionChange};
use crate::case_entries::{self, NewEntry};
use crate::case_files::{self, NewFile};
use crate::db::Tx;
use crate::duty_pages::{self, NewDutyPage};
use crate::value::{ROWS, Row, places, values};
use crate::{Author, Deed, Store, StoreError, audit};

/// What a case is looked for by, without what was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Number.
    pub id: i64,
    /// What people call it.
    pub reference: String,
    /// Grows with each change.
    pub version: i64,
    /// What happened, as a word.
    pub kind: String,
    /// Where it was reported: `page`, `api`, `desk`.
    pub channel: String,
    /// Language of the victim: `zh` or `en`.
    pub language: String,
    /// Where the victim lives, as a code; empty if unknown.
    pub jurisdiction: String,
    /// Chains that it is about.
    pub chains: Vec<String>,
    /// The operator's own id of the user, vouched for by its key.
    pub user_ref: Option<String>,
    /// When it was reported.
    pub opened: Moment,
    /// When it was last changed.
    pub changed: Moment,
    /// Whose it is, what comes next, how it ended.
    pub standing: Standing,
    /// How many entries its timeline has.
    pub entries: i64,
    /// How many files.
    pub files: i64,
    /// Fingerprint of what was told; 0 if it was too short to have one.
    pub fingerprint: u64,
}

/// How a case stands: the columns that move.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// 3 critical, 2 high, 1 normal, 0 low.
    pub harm: u8,
    /// The same, finer.
    pub score: u16,
    /// 0 agent, 1 lead, 2 complaints officer, 3 outside.
    pub level: u8,
    /// Login name; none: everybody on duty at the level.
    pub owner: Option<String>,
    /// What comes next, as a word; none once it is closed.
    pub next_task: Option<String>,
    /// By when.
    pub next_by: Option<Moment>,
    /// When to look again if nothing happens.
    pub due: Option<Moment>,
    /// When a person answered the first time.
    pub answered: Option<Moment>,
    /// When it was closed.
    pub closed: Option<Moment>,
    /// How it ended, as a word.
    pub outcome: Option<String>,
}

/// A case with what the engine made of it, and what was told, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCase {
    /// Its columns.
    pub row: CaseRow,
    /// The engine's own form of it.
    pub state: Vec<u8>,
    /// What was told, sealed.
    pub report: Vec<u8>,
}

/// A case to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCase {
    /// What people will call it; nobody else's.
    pub reference: String,
    /// What happened, as a word.
    pub kind: String,
    /// Where it was reported: `page`, `api`, `desk`.
    pub channel: String,
    /// Language of the victim: `zh` or `en`.
    pub language: String,
    /// Where the victim lives, as a code; empty if unknown.
    pub jurisdiction: String,
    /// Chains that it is about.
    pub chains: Vec<String>,
    /// The operator's own id of the user, vouched for by its key.
    pub user_ref: Option<String>,
    /// Fingerprint of what was told; 0 if it was too short to have one.
    pub fingerprint: u64,
    /// Hash of the token in the victim's link.
    pub link_hash: [u8; 32],
    /// Hash of the token in the link that may be shared.
    pub status_hash: [u8; 32],
    /// What was told, sealed.
    pub report: Vec<u8>,
    /// How it stands, and what is written with it.
    pub change: CaseChange,
}

/// How a case stands from now on, and what is written with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseChange {
    /// When.
    pub at: Moment,
    /// How it stands.
    pub standing: Standing,
    /// The engine's own form of it.
    pub state: Vec<u8>,
    /// Added to its timeline.
    pub entries: Vec<NewEntry>,
    /// Added to what makes it kin to others.
    pub marks: Vec<Mark>,
    /// Clocks that ran out.
    pub breaches: Vec<NewBreach>,
    /// Calls to whoever is on duty.
    pub pages: Vec<NewDutyPage>,
    /// Files that came in.
    pub files: Vec<NewFile>,
    /// Steps of the plan or playbook that were done or taken back.
    pub steps: Vec<StepTick>,
    /// Who looked after it, by login name: calls that nobody has seen yet are settled.
    pub settles: Option<String>,
    /// What goes into the audit trail; on the case's reference.
    pub deeds: Vec<CaseDeed>,
    /// What is asked of the operator's systems because of it, and what waits for a second person.
    pub actions: Vec<ActionChange>,
}

impl CaseChange {
    /// A change that only says how the case stands.
    #[must_use]
    pub fn new(at: Moment, standing: Standing, state: Vec<u8>) -> Self {
        Self {
            at,
            standing,
            state,
            entries: Vec::new(),
            marks: Vec::new(),
            breaches: Vec::new(),
            pages: Vec::new(),
            files: Vec::new(),
            steps: Vec::new(),
            settles: None,
            deeds: Vec::new(),
            actions: Vec::new(),
        }
    }
}

/// Something that makes cases kin, as a keyed hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Of what, as a word: `address`, `transaction`, `suspect`, `text`.
    pub kind: String,
    /// The keyed hash.
    pub mark: [u8; 16],
}

/// A clock that ran out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBreach {
    /// By which rule.
    pub rule: String,
    /// Whose duty: `ours` or `firm`.
    pub whose: String,
    /// At which level the case was.
    pub level: u8,
    /// When.
    pub at: Moment,
}

/// A step of the plan or playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepTick {
    /// Which.
    pub step: String,
    /// Whether it is done now.
    pub done: bool,
    /// Who says so.
    pub by: Author,
}

/// A step that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepDone {
    /// Which.
    pub step: String,
    /// When.
    pub at: Moment,
    /// Who said so: `victim`, `staff`, `system` or `key`.
    pub by: String,
    /// Login name of the staff; else empty.
    pub login: String,
}

/// What goes into the audit trail about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseDeed {
    /// Who.
    pub by: Author,
    /// What, as a word: `case.view`, `case.close`, …
    pub act: String,
    /// Particulars. No secrets, nothing that the victim told.
    pub detail: String,
}

pub(crate) const COLUMNS: &str = "id, reference, version, kind, channel, language, jurisdiction, chains, user_ref, opened, changed, \
     rank, score, level, owner, next_task, next_by, due, answered, closed, outcome, entries, files, fingerprint";

pub(crate) fn case_row(row: &mut Row) -> Result<CaseRow, StoreError> {
    Ok(CaseRow {
        id: row.int()?,
        reference: row.text()?,
        version: row.int()?,
        kind: row.text()?,
        channel: row.text()?,
        language: row.text()?,
        jurisdiction: row.text()?,
        chains: row.text()?.split_whitespace().map(str::to_owned).collect(),
        user_ref: row.maybe(Row::text)?,
        opened: row.moment()?,
        changed: row.moment()?,
        standing: standing(row)?,
        entries: row.int()?,
        files: row.int()?,
        fingerprint: row.int()?.cast_unsigned(),
    })
}

fn standing(row: &mut Row) -> Result<Standing, StoreError> {
    Ok(Standing {
        harm: 3 - small(row)?.min(3),
        score: u16::try_from(row.int()?).map_err(|_| StoreError::corrupt("the score of a case"))?,
        level: small(row)?,
        owner: row.maybe(Row::text)?,
        next_task: row.maybe(Row::text)?,
        next_by: row.maybe(Row::moment)?,
        due: row.maybe(Row::moment)?,
        answered: row.maybe(Row::moment)?,
        closed: row.maybe(Row::moment)?,
        outcome: row.maybe(Row::text)?,
    })
}

pub(crate) fn small(row: &mut Row) -> Result<u8, StoreError> {
    let it = row.int()?;
    u8::try_from(it).map_err(|_| StoreError::corrupt(format!("a small number of {it}")))
}

/// The order of the queue counts up: the gravest first.
pub(crate) fn rank(harm: u8) -> i64 {
    3 - i64::from(harm.min(3))
}

fn kept(mut row: Row) -> Result<KeptCase, StoreError> {
    let found = case_row(&mut row)?;
    Ok(KeptCase { row: found, state: row.bytes()?, report: row.bytes()? })
}

impl Store {
    /// Keeps a new case with all that is written with it; gives its number. Durable.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the reference or a token is taken, or those of writing.
    pub async fn create_case(&self, new: &NewCase) -> Result<i64, StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let id = insert(&mut tx, new).await?;
        let sql = "INSERT INTO case_reports (case_id, report) VALUES ($1, $2)";
        tx.run(sql, values![id, new.report.as_slice()]).await?;
        chains(&mut tx, id, new).await?;
        let place = Place {
            id,
            reference: &new.reference,
            kind: &new.kind,
            jurisdiction: &new.jurisdiction,
            entries: 0,
            files: 0,
        };
        write_with(&mut tx, &place, &new.change).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// One case.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn case(&self, id: i64) -> Result<KeptCase, StoreError> {
        self.case_where("id = $1", values![id]).await
    }

    /// The case that people call so.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn case_by_reference(&self, reference: &str) -> Result<KeptCase, StoreError> {
        self.case_where("reference = $1", values![reference]).await
    }

    /// The case that a victim's link opens.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn case_by_link(&self, link_hash: &[u8; 32]) -> Result<KeptCase, StoreError> {
        self.case_where("link_hash = $1", values![&link_hash[..]]).await
    }

    /// The case that a link opens which may be shared.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn case_by_status(&self, status_hash: &[u8; 32]) -> Result<KeptCase, StoreError> {
        self.case_where("status_hash = $1", values![&status_hash[..]]).await
    }

    async fn case_where(
        &self,
        condition: &str,
        values: Vec<crate::value::Value>,
    ) -> Result<KeptCase, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, state, report FROM cases JOIN case_reports ON case_id = id WHERE {condition}"
        );
        kept(self.shared.db.one(sql, values).await?.ok_or(StoreError::NotFound)?)
    }

    /// Changes a case that is still at that version; gives the next version. Durable.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it was changed meanwhile: read it again. Else those of writing.
    pub async fn save_case(&self, id: i64, version: i64, change: &CaseChange) -> Result<i64, StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "UPDATE cases SET version = version + 1, changed = $3, rank = $4, score = $5, level = $6, owner = $7, next_task = $8, \
             next_by = $9, due = $10, answered = $11, closed = $12, outcome = $13, state = $14, entries = entries + $15, files = files + $16 \
             WHERE id = $1 AND version = $2 RETURNING reference, kind, jurisdiction, entries, files";
        let it = &change.standing;
        let (more, files) = (count(change.entries.len()), count(change.files.len()));
        let values = values![
            id,
            version,
            change.at,
            rank(it.harm),
            i64::from(it.score),
            i64::from(it.level),
            it.owner.as_deref(),
            it.next_task.as_deref(),
            it.next_by,
            it.due,
            it.answered,
            it.closed,
            it.outcome.as_deref(),
            change.state.as_slice(),
            more,
            files
        ];
        let Some(mut row) = tx.one(sql, values).await? else {
            return Err(StoreError::Conflict("the case was changed meanwhile"));
        };
        let (reference, kind, jurisdiction) = (row.text()?, row.text()?, row.text()?);
        let place = Place {
            id,
            reference: &reference,
            kind: &kind,
            jurisdiction: &jurisdiction,
            entries: row.int()? - more,
            files: row.int()? - files,
        };
        // A closed case is in no queue.
        let by = if it.closed.is_some() { None } else { it.next_by };
        let sql = "UPDATE case_chains SET chain_rank = $2, chain_by = $3 WHERE case_id = $1";
        tx.run(sql, values![id, rank(it.harm), by]).await?;
        write_with(&mut tx, &place, change).await?;
        tx.commit().await?;
        Ok(version + 1)
    }

    /// The steps of the plan or playbook that were done.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn case_steps(&self, case: i64) -> Result<Vec<StepDone>, StoreError> {
        let sql = "SELECT step, at, by_kind, by_whom FROM case_steps WHERE case_id = $1 ORDER BY at, step";
        let read = |mut row: Row| {
            let row = &mut row;
            Ok(StepDone { step: row.text()?, at: row.moment()?, by: row.text()?, login: row.text()? })
        };
        self.shared.db.query(sql, values![case]).await?.into_iter().map(read).collect()
    }

    /// The fingerprint of the key by which columns are sealed, if there is one yet.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn kept_vault_fingerprint(&self) -> Result<Option<[u8; 32]>, StoreError> {
        let row = self.shared.db.one("SELECT fingerprint FROM vault WHERE one = 1", values![]).await?;
        row.map(|mut row| row.hash()).transpose()
    }

    /// The fingerprint of the key by which columns are sealed; keeps the given one if there is
    /// none yet.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn vault_fingerprint(&self, given: &[u8; 32], now: Moment) -> Result<[u8; 32], StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql =
            "INSERT INTO vault (one, fingerprint, made) VALUES (1, $1, $2) ON CONFLICT (one) DO NOTHING";
        tx.run(sql, values![&given[..], now]).await?;
        let row = tx.one("SELECT fingerprint FROM vault WHERE one = 1", values![]).await?;
        let found = row.ok_or_else(|| StoreError::corrupt("no fingerprint of the vault"))?.hash()?;
        tx.commit().await?;
        Ok(found)
    }
}

/// What is written with a case needs of it.
struct Place<'a> {
    id: i64,
    reference: &'a str,
    kind: &'a str,
    jurisdiction: &'a str,
    entries: i64,
    files: i64,
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

async fn insert(tx: &mut Tx, new: &NewCase) -> Result<i64, StoreError> {
    let sql = "INSERT INTO cases (reference, version, kind, channel, language, jurisdiction, chains, user_ref, opened, changed, \
         rank, score, level, owner, next_task, next_by, due, answered, closed, outcome, entries, files, fingerprint, link_hash, status_hash, state) \
         VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) RETURNING id";
    let (change, it) = (&new.change, &new.change.standing);
    let chains = new.chains.iter().fold(String::from(" "), |all, chain| all + chain + " ");
    let values = values![
        new.reference.as_str(),
        new.kind.as_str(),
        new.channel.as_str(),
        new.language.as_str(),
        new.jurisdiction.as_str(),
        chains,
        new.user_ref.as_deref(),
        change.at,
        rank(it.harm),
        i64::from(it.score),
        i64::from(it.level),
        it.owner.as_deref(),
        it.next_task.as_deref(),
        it.next_by,
        it.due,
        it.answered,
        it.closed,
        it.outcome.as_deref(),
        count(change.entries.len()),
        count(change.files.len()),
        new.fingerprint.cast_signed(),
        &new.link_hash[..],
        &new.status_hash[..],
        change.state.as_slice()
    ];
    tx.one(sql, values).await?.ok_or_else(|| StoreError::corrupt("a case without a number"))?.int()
}

/// Its place in the queue of each chain.
async fn chains(tx: &mut Tx, id: i64, new: &NewCase) -> Result<(), StoreError> {
    let it = &new.change.standing;
    let by = if it.closed.is_some() { None } else { it.next_by };
    for part in new.chains.chunks(ROWS) {
        let sql = format!(
            "INSERT INTO case_chains (case_id, chain, chain_rank, chain_by) VALUES {} ON CONFLICT (case_id, chain) DO NOTHING",
            places(part.len(), 4)
        );
        let row = |chain: &String| values![id, chain.as_str(), rank(it.harm), by];
        tx.run(sql, part.iter().flat_map(row).collect()).await?;
    }
    Ok(())
}

/// Everything that is written with a case, in the same transaction.
async fn write_with(tx: &mut Tx, place: &Place<'_>, change: &CaseChange) -> Result<(), StoreError> {
    case_entries::add(tx, place.id, place.entries, &change.entries).await?;
    case_files::add(tx, place.id, place.files, change.at, &change.files).await?;
    for part in change.marks.chunks(ROWS) {
        let sql = format!(
            "INSERT INTO case_marks (mark, case_id, kind) VALUES {} ON CONFLICT (mark, case_id) DO NOTHING",
            places(part.len(), 3)
        );
        let row = |it: &Mark| values![&it.mark[..], place.id, it.kind.as_str()];
        tx.run(sql, part.iter().flat_map(row).collect()).await?;
    }
    let sql = "INSERT INTO case_breaches (case_id, rule, whose, kind, jurisdiction, level, at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    for it in &change.breaches {
        let (rule, whose, level) = (it.rule.as_str(), it.whose.as_str(), i64::from(it.level));
        tx.run(sql, values![place.id, rule, whose, place.kind, place.jurisdiction, level, it.at]).await?;
    }
    for it in &change.steps {
        tick(tx, place.id, change.at, it).await?;
    }
    if let Some(login) = &change.settles {
        duty_pages::settle(tx, place.id, login, change.at).await?;
    }
    actions::write(tx, place.id, place.reference, change.at, &change.actions).await?;
    duty_pages::add(tx, place.id, place.reference, change.at, &change.pages).await?;
    // Last, because the trail is one for all: others wait for it no longer than they must.
    for it in &change.deeds {
        let (by, object) = (it.by.audited(), place.reference);
        audit::record(tx, &Deed { at: change.at, by: &by, act: &it.act, object, detail: &it.detail }).await?;
    }
    Ok(())
}

async fn tick(tx: &mut Tx, case: i64, at: Moment, it: &StepTick) -> Result<(), StoreError> {
    let step = it.step.as_str();
    if it.done {
        let sql = "INSERT INTO case_steps (case_id, step, at, by_kind, by_whom) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (case_id, step) DO NOTHING";
        tx.run(sql, values![case, step, at, it.by.kind(), it.by.whom()]).await?;
    } else {
        tx.run("DELETE FROM case_steps WHERE case_id = $1 AND step = $2", values![case, step]).await?;
    }
    Ok(())
}
