//! What the desk looks cases up by: the queue, what is most overdue, what is kin to what.

use touchstone_types::Moment;

use crate::cases::{COLUMNS, CaseRow, case_row, rank};
use crate::log::cap;
use crate::value::{Row, Value, values};
use crate::verdicts::MAX_PAGE;
use crate::{Store, StoreError};

/// How many cases of one owner are counted at most: who has so many gets no more anyway.
pub const MAX_LOAD: i64 = 500;

/// How many bits the fingerprints of two texts may differ in.
const NEAR: u32 = 6;

/// Which open cases are wanted. Everything that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeskFilter {
    /// Whose: somebody's by login name, or nobody's yet.
    pub owner: Option<Whose>,
    /// At which level: 0 agent to 3 outside.
    pub level: Option<u8>,
    /// What happened.
    pub kind: Option<String>,
    /// In which language.
    pub language: Option<String>,
    /// Where the victim lives.
    pub jurisdiction: Option<String>,
    /// About which chain.
    pub chain: Option<String>,
    /// How grave: 3 critical to 0 low.
    pub harm: Option<u8>,
    /// Whose next step had to be done by then.
    pub overdue_at: Option<Moment>,
    /// With that mark.
    pub mark: Option<[u8; 16]>,
}

/// Whose cases are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// That person's, by login name.
    Of(String),
    /// Nobody's yet: everybody's at the level.
    Nobodys,
}

/// After which case of the queue to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeskCursor {
    harm: u8,
    next_by: Moment,
    id: i64,
}

impl DeskCursor {
    /// After that case; none for a closed one, which is in no queue.
    #[must_use]
    pub fn after(row: &CaseRow) -> Option<Self> {
        Some(Self { harm: row.standing.harm, next_by: row.standing.next_by?, id: row.id })
    }

    /// As it stands in an address.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}-{}-{}", self.harm, self.next_by.as_micros(), self.id)
    }

    /// Reads [`DeskCursor::text`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let harm = parts.next()?.parse().ok().filter(|it| *it <= 3)?;
        let next_by = Moment::from_micros(parts.next()?.parse().ok()?).ok()?;
        Some(Self { harm, next_by, id: parts.next()?.parse().ok()? })
    }
}

/// A case that is kin to another, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kin {
    /// The other case.
    pub row: CaseRow,
    /// By what, as words: `address`, `suspect`, `text`, …
    pub by: Vec<String>,
    /// One of the marks that both have, to look up all that have it.
    pub mark: [u8; 16],
}

/// How many open cases there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeskCounts {
    /// At each level, from agent to outside.
    pub level: [u64; 4],
    /// Whose next step is overdue.
    pub overdue: u64,
    /// Nobody's yet.
    pub nobodys: u64,
}

fn rows(found: Vec<Row>) -> Result<Vec<CaseRow>, StoreError> {
    found.into_iter().map(|mut row| case_row(&mut row)).collect()
}

/// The conditions of a filter, with their values.
fn conditions(filter: &DeskFilter, after: Option<&DeskCursor>) -> (String, Vec<Value>) {
    let (mut text, mut values) = (String::from("closed IS NULL"), Vec::new());
    let mut add = |condition: &str, value: Value| {
        values.push(value);
        text.push_str(" AND ");
        text.push_str(&condition.replace('?', &format!("${}", values.len())));
    };
    match &filter.owner {
        Some(Whose::Of(login)) => add("owner = ?", login.as_str().into()),
        Some(Whose::Nobodys) | None => {}
    }
    if let Some(level) = filter.level {
        add("level = ?", i64::from(level).into());
    }
    for (condition, wanted) in [
        ("kind = ?", &filter.kind),
        ("language = ?", &filter.language),
        ("jurisdiction = ?", &filter.jurisdiction),
    ] {
        if let Some(wanted) = wanted {
            add(condition, wanted.as_str().into());
        }
    }
    if let Some(chain) = &filter.chain {
        let plain = chain.replace(['\\', '%', '_'], "");
        add("chains LIKE ?", format!("% {plain} %").into());
    }
    if let Some(harm) = filter.harm {
        add("rank = ?", rank(harm).into());
    }
    if let Some(at) = filter.overdue_at {
        add("next_by <= ?", at.into());
    }
    if let Some(mark) = filter.mark {
        add("id IN (SELECT case_id FROM case_marks WHERE mark = ?)", mark[..].into());
    }
    if filter.owner == Some(Whose::Nobodys) {
        text.push_str(" AND owner IS NULL");
    }
    if let Some(it) = after {
        let n = values.len();
        text.push_str(&format!(" AND (rank, next_by, id) > (${}, ${}, ${})", n + 1, n + 2, n + 3));
        values.extend(values![rank(it.harm), it.next_by, it.id]);
    }
    (text, values)
}

impl Store {
    /// The queue: open cases, the gravest first, then those whose next step is due first. At
    /// most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn desk(
        &self,
        filter: &DeskFilter,
        after: Option<&DeskCursor>,
        limit: usize,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let (conditions, mut values) = conditions(filter, after);
        values.push(cap(limit.clamp(1, MAX_PAGE)).into());
        let sql = format!(
            "SELECT {COLUMNS} FROM cases WHERE {conditions} ORDER BY rank, next_by, id LIMIT ${}",
            values.len()
        );
        rows(self.shared.db.query(sql, values).await?)
    }

    /// The open cases whose next step is, or will be, overdue the longest. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn most_overdue(&self, limit: usize) -> Result<Vec<CaseRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM cases WHERE closed IS NULL ORDER BY next_by, id LIMIT $1");
        rows(self.shared.db.query(sql, values![cap(limit.clamp(1, MAX_PAGE))]).await?)
    }

    /// Closed cases, those closed last first; `before` is the last one on the page before.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn closed_cases(
        &self,
        before: Option<(Moment, i64)>,
        limit: usize,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let (at, id) = before.map_or((i64::MAX, i64::MAX), |(at, id)| (at.as_micros(), id));
        let sql = format!(
            "SELECT {COLUMNS} FROM cases WHERE closed IS NOT NULL AND (closed, id) < ($1, $2) ORDER BY closed DESC, id DESC LIMIT $3"
        );
        rows(self.shared.db.query(sql, values![at, id, cap(limit.clamp(1, MAX_PAGE))]).await?)
    }

    /// Open and closed cases of one of the operator's users, newest first. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn cases_of_user(&self, user: &str, limit: usize) -> Result<Vec<CaseRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM cases WHERE user_ref = $1 ORDER BY id DESC LIMIT $2");
        rows(self.shared.db.query(sql, values![user, cap(limit.clamp(1, MAX_PAGE))]).await?)
    }

    /// Cases that share a mark with this one, newest first: open and closed. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn kin(&self, case: i64, limit: usize) -> Result<Vec<Kin>, StoreError> {
        let limit = limit.clamp(1, MAX_PAGE);
        // Two cases may share several marks: some more lines than cases are wanted.
        let sql = "SELECT b.case_id, b.kind, b.mark, c.fingerprint FROM case_marks a JOIN case_marks b ON b.mark = a.mark \
             JOIN cases c ON c.id = b.case_id WHERE a.case_id = $1 AND b.case_id <> $1 ORDER BY b.case_id DESC LIMIT $2";
        let told = self.case_columns(case).await?.fingerprint;
        let shared = self.shared.db.query(sql, values![case, cap(limit * 8)]).await?;
        let mut found: Vec<(i64, Vec<String>, [u8; 16])> = Vec::new();
        for mut row in shared {
            let (id, kind, mark) = (row.int()?, row.text()?, row.bytes()?);
            let mark = mark.try_into().map_err(|_| StoreError::corrupt("a mark"))?;
            // Texts that share a mark may be far apart all the same.
            if kind == "text" && (row.int()?.cast_unsigned() ^ told).count_ones() > NEAR {
                continue;
            }
            match found.last_mut().filter(|it| it.0 == id) {
                Some(last) if !last.1.contains(&kind) => last.1.push(kind),
                Some(_) => {}
                None => found.push((id, vec![kind], mark)),
            }
        }
        let mut kin = Vec::with_capacity(found.len().min(limit));
        for (id, by, mark) in found.into_iter().take(limit) {
            kin.push(Kin { row: self.case_columns(id).await?, by, mark });
        }
        Ok(kin)
    }

    /// The columns of one case.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn case_columns(&self, id: i64) -> Result<CaseRow, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM cases WHERE id = $1");
        case_row(&mut self.shared.db.one(sql, values![id]).await?.ok_or(StoreError::NotFound)?)
    }

    /// How many open cases there are. Counts them all.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn desk_counts(&self, now: Moment) -> Result<DeskCounts, StoreError> {
        let sql = "SELECT level, COUNT(*), COUNT(CASE WHEN next_by <= $1 THEN 1 END), COUNT(CASE WHEN owner IS NULL THEN 1 END) \
             FROM cases WHERE closed IS NULL GROUP BY level";
        let mut counts = DeskCounts::default();
        for mut row in self.shared.db.query(sql, values![now]).await? {
            let (level, all) = (row.int()?, row.count()?);
            if let Some(slot) = usize::try_from(level).ok().and_then(|it| counts.level.get_mut(it)) {
                *slot = all;
            }
            counts.overdue += row.count()?;
            counts.nobodys += row.count()?;
        }
        Ok(counts)
    }
}
