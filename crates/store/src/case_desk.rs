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

/// What of a filter says along which index the queue is walked; all else is looked at on the way. The
/// planner is not left to guess: without statistics it takes an agent's ten cases for as many as all of
/// a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leads {
    Mark,
    Owner,
    Chain,
    Jurisdiction,
    Kind,
    Level,
    Language,
    /// The queue itself, or what is overdue in it.
    Nothing,
}

impl Leads {
    /// What leaves fewest, as a rule.
    fn of(filter: &DeskFilter) -> Self {
        match filter {
            DeskFilter { mark: Some(_), .. } => Leads::Mark,
            DeskFilter { owner: Some(_), .. } => Leads::Owner,
            DeskFilter { chain: Some(_), .. } => Leads::Chain,
            DeskFilter { jurisdiction: Some(_), .. } => Leads::Jurisdiction,
            DeskFilter { kind: Some(_), .. } => Leads::Kind,
            DeskFilter { level: Some(_), .. } => Leads::Level,
            DeskFilter { language: Some(_), .. } => Leads::Language,
            _ => Leads::Nothing,
        }
    }
}

/// A question to the queue: the statement but for its columns, and its values.
struct Asked {
    leads: Leads,
    conditions: String,
    values: Vec<Value>,
}

impl Asked {
    fn of(filter: &DeskFilter, after: Option<&DeskCursor>) -> Self {
        let (leads, conditions) = (Leads::of(filter), String::from("closed IS NULL"));
        let mut asked = Self { leads, conditions, values: Vec::new() };
        match &filter.owner {
            Some(Whose::Of(login)) => asked.text("owner", login, Leads::Owner),
            Some(Whose::Nobodys) => asked.conditions.push_str(" AND owner IS NULL"),
            None => {}
        }
        if let Some(level) = filter.level {
            let column = if leads == Leads::Level { "level" } else { "level + 0" };
            asked.add(&format!("{column} = ?"), i64::from(level).into());
        }
        for (column, wanted, lead) in [
            ("kind", &filter.kind, Leads::Kind),
            ("language", &filter.language, Leads::Language),
            ("jurisdiction", &filter.jurisdiction, Leads::Jurisdiction),
        ] {
            if let Some(wanted) = wanted {
                asked.text(column, wanted, lead);
            }
        }
        match &filter.chain {
            Some(chain) if leads == Leads::Chain => asked.add("chain = ?", chain.as_str().into()),
            Some(chain) => {
                let plain = chain.replace(['\\', '%', '_'], "");
                asked.add("chains LIKE ?", format!("% {plain} %").into());
            }
            None => {}
        }
        if let Some(harm) = filter.harm {
            asked.add(&format!("{} = ?", asked.order()[0]), rank(harm).into());
        }
        if let Some(at) = filter.overdue_at {
            asked.add(&format!("{} <= ?", asked.order()[1]), at.into());
        }
        if let Some(mark) = filter.mark {
            asked.add("id IN (SELECT case_id FROM case_marks WHERE mark = ?)", mark[..].into());
        }
        if let Some(it) = after {
            let n = asked.values.len();
            let (order, first) = (asked.order().join(", "), n + 1);
            asked.conditions.push_str(&format!(" AND ({order}) > (${first}, ${}, ${})", n + 2, n + 3));
            asked.values.extend(values![rank(it.harm), it.next_by, it.id]);
        }
        asked
    }

    fn add(&mut self, condition: &str, value: Value) {
        self.values.push(value);
        self.conditions.push_str(" AND ");
        self.conditions.push_str(&condition.replace('?', &format!("${}", self.values.len())));
    }

    /// A column is that text; what does not lead is written so that no index fits it.
    fn text(&mut self, column: &str, wanted: &str, lead: Leads) {
        let beside = if self.leads == lead { "" } else { " || ''" };
        self.add(&format!("{column}{beside} = ?"), wanted.into());
    }

    /// By harm, then by what is due next, then by number.
    fn order(&self) -> [&'static str; 3] {
        match self.leads {
            Leads::Chain => ["chain_rank", "chain_by", "case_id"],
            _ => ["rank", "next_by", "id"],
        }
    }

    fn sql(&self) -> String {
        // In SQLite, CROSS JOIN says which comes first.
        let from = match self.leads {
            Leads::Chain => "case_chains CROSS JOIN cases WHERE id = case_id AND chain_by IS NOT NULL AND",
            _ => "cases WHERE",
        };
        let (conditions, order, limit) = (&self.conditions, self.order().join(", "), self.values.len() + 1);
        format!("SELECT {COLUMNS} FROM {from} {conditions} ORDER BY {order} LIMIT ${limit}")
    }
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
        let limit = limit.clamp(1, MAX_PAGE);
        if filter.overdue_at.is_none() || filter.harm.is_some() {
            return self.walk(filter, after, limit).await;
        }
        // What is overdue comes first within its harm: a walk for each ends where nothing is any more.
        let mut found = Vec::new();
        for harm in (0..=after.map_or(3, |it| it.harm)).rev() {
            let one = DeskFilter { harm: Some(harm), ..filter.clone() };
            found.extend(self.walk(&one, after, limit - found.len()).await?);
            if found.len() >= limit {
                break;
            }
        }
        Ok(found)
    }

    async fn walk(
        &self,
        filter: &DeskFilter,
        after: Option<&DeskCursor>,
        limit: usize,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let asked = Asked::of(filter, after);
        let sql = asked.sql();
        let mut values = asked.values;
        values.push(cap(limit).into());
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

    /// Cases that share a mark with this one, newest first: open and closed. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn kin(&self, case: i64, limit: usize) -> Result<Vec<Kin>, StoreError> {
        let limit = limit.clamp(1, MAX_PAGE);
        // Two cases may share several marks: some more lines than cases are wanted.
        let sql = format!(
            "SELECT mark_kind, mark, {COLUMNS} FROM cases JOIN (SELECT b.case_id AS other, b.kind AS mark_kind, b.mark AS mark \
             FROM case_marks a JOIN case_marks b ON b.mark = a.mark WHERE a.case_id = $1 AND b.case_id <> $1 \
             ORDER BY b.case_id DESC, b.kind, b.mark LIMIT $2) shared ON id = other ORDER BY id DESC, mark_kind, mark"
        );
        let told = self.case_columns(case).await?.fingerprint;
        let mut kin: Vec<Kin> = Vec::new();
        for mut row in self.shared.db.query(sql, values![case, cap(limit * 8)]).await? {
            let (kind, mark) = (row.text()?, row.bytes()?);
            let mark = mark.try_into().map_err(|_| StoreError::corrupt("a mark"))?;
            let row = case_row(&mut row)?;
            // Texts that share a mark may be far apart all the same.
            if kind == "text" && (row.fingerprint ^ told).count_ones() > NEAR {
                continue;
            }
            match kin.last_mut().filter(|it| it.row.id == row.id) {
                Some(last) if !last.by.contains(&kind) => last.by.push(kind),
                Some(_) => {}
                None => kin.push(Kin { row, by: vec![kind], mark }),
            }
        }
        kin.truncate(limit);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Without statistics, as a database is that was never analysed: by which index each is walked, and
    /// that nothing is sorted.
    #[test]
    fn every_filter_walks_an_index_in_the_order_of_the_queue() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.db");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let now = Moment::from_micros(0).unwrap();
        let store = runtime.block_on(Store::open(&format!("sqlite:{}", path.display()), now)).unwrap();
        let all = DeskFilter::default;
        let after = DeskCursor { harm: 2, next_by: now, id: 1 };
        let ann = Some(Whose::Of("ann".into()));
        let word = || Some(String::from("x"));
        for (filter, index) in [
            (all(), "cases_queue"),
            (DeskFilter { harm: Some(2), overdue_at: Some(now), ..all() }, "cases_queue"),
            (DeskFilter { owner: ann.clone(), ..all() }, "cases_owned"),
            (DeskFilter { owner: Some(Whose::Nobodys), ..all() }, "cases_owned"),
            (DeskFilter { owner: ann, kind: word(), chain: word(), level: Some(1), ..all() }, "cases_owned"),
            (DeskFilter { chain: word(), ..all() }, "case_chains_queue"),
            (
                DeskFilter { chain: word(), harm: Some(2), overdue_at: Some(now), kind: word(), ..all() },
                "case_chains_queue",
            ),
            (DeskFilter { jurisdiction: word(), kind: word(), ..all() }, "cases_jurisdiction"),
            (DeskFilter { kind: word(), level: Some(1), language: word(), ..all() }, "cases_kind"),
            (DeskFilter { kind: word(), harm: Some(2), overdue_at: Some(now), ..all() }, "cases_kind"),
            (DeskFilter { level: Some(1), language: word(), ..all() }, "cases_level"),
            (DeskFilter { language: word(), ..all() }, "cases_language"),
        ] {
            for after in [None, Some(&after)] {
                let asked = Asked::of(&filter, after);
                let mut values = asked.values.clone();
                values.push(25i64.into());
                let sql = format!("EXPLAIN QUERY PLAN {}", asked.sql());
                let lines = runtime.block_on(store.shared.db.query(sql, values)).unwrap();
                let read = |mut line: Row| {
                    (0..3).try_for_each(|_| line.int().map(drop))?;
                    line.text()
                };
                let plan: Vec<String> =
                    lines.into_iter().map(read).collect::<Result<_, StoreError>>().unwrap();
                let plan = plan.join(" ; ") + " ";
                assert!(plan.contains(&format!("INDEX {index} ")), "{filter:?}: {plan}");
                assert!(
                    !plan.contains("TEMP B-TREE") && !plan.contains("SCAN case_chains"),
                    "{filter:?}: {plan}"
                );
            }
        }
    }
}
