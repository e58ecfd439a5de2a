//! What was decided: lists, search, sums.

use serde::{Deserialize, Serialize};
use touchstone_types::{Decision, EventKey, Moment};

use crate::db::Db;
use crate::log::{cap, decision, rank};
use crate::tally::HOUR;
use crate::value::{Row, Value, values};
use crate::{Entity, Label, Seq, Store, StoreError};

/// The longest page, in rows.
pub const MAX_PAGE: usize = 500;

/// How many of the newest texts are read through for a phrase that is too short for the index:
/// of fewer than three characters on SQLite, of one on PostgreSQL.
pub const SCANNED_TEXTS: i64 = 200_000;

/// Which verdicts are wanted; what is left out does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VerdictFilter {
    /// One of these decisions; empty: any.
    pub decisions: Vec<Decision>,
    /// With this finding (or rule in shadow).
    pub finding: Option<String>,
    /// The account acts.
    pub actor: Option<String>,
    /// The account may come to harm.
    pub user: Option<String>,
    /// The account is one of the two.
    pub account: Option<String>,
    /// In this conversation.
    pub conversation: Option<String>,
    /// Of this campaign.
    pub campaign: Option<String>,
    /// Of this CloudEvents `type`.
    pub kind: Option<String>,
    /// Mentions this.
    pub entity: Option<Entity>,
    /// The text has these words, in any case. Only texts of events with a finding are searched.
    pub phrase: Option<String>,
    /// Labelled so by a person.
    pub label: Option<Label>,
    /// Came in at or after this.
    pub from: Option<Moment>,
    /// Came in before this.
    pub to: Option<Moment>,
}

/// A page of a list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Give this as `before` to get the next page; none on the last one.
    pub next: Option<Seq>,
}

/// One verdict with the event it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVerdict {
    /// Place in the log.
    pub seq: Seq,
    /// Key of the event.
    pub key: EventKey,
    /// CloudEvents `type`.
    pub kind: String,
    /// When it happened, by the platform's clock.
    pub time: Moment,
    /// When it came in.
    pub received: Moment,
    /// Account id of who acts.
    pub actor: Option<String>,
    /// Account id of who may come to harm.
    pub user: Option<String>,
    /// Conversation id.
    pub conversation: Option<String>,
    /// Campaign.
    pub campaign: Option<String>,
    /// None if the event was not screened.
    pub decision: Option<Decision>,
    /// Sum of the weights.
    pub score: u32,
    /// The event as it came.
    pub raw: Vec<u8>,
    /// The verdict as it was answered, JSON.
    pub verdict: Option<Vec<u8>>,
    /// What a person said of it.
    pub label: Option<Label>,
}

const COLUMNS: &str = "e.seq, e.source, e.id, e.kind, e.time, e.received, e.actor, e.user_id, e.conversation, e.campaign, \
     e.decision, e.score, e.raw, e.verdict, (SELECT r.label FROM reviews r WHERE r.seq = e.seq)";

fn stored(mut row: Row) -> Result<StoredVerdict, StoreError> {
    let row = &mut row;
    Ok(StoredVerdict {
        seq: row.seq()?,
        key: EventKey { source: row.text()?, id: row.text()? },
        kind: row.text()?,
        time: row.moment()?,
        received: row.moment()?,
        actor: row.maybe(Row::text)?,
        user: row.maybe(Row::text)?,
        conversation: row.maybe(Row::text)?,
        campaign: row.maybe(Row::text)?,
        decision: row.maybe(Row::int)?.map(decision).transpose()?,
        score: u32::try_from(row.int()?).map_err(|_| StoreError::corrupt("a score"))?,
        raw: row.bytes()?,
        verdict: row.maybe(Row::bytes)?,
        label: row.maybe(Row::int)?.map(Label::read).transpose()?,
    })
}

/// Clauses with their values, numbered as they come.
#[derive(Default)]
struct Clauses {
    text: Vec<String>,
    values: Vec<Value>,
}

impl Clauses {
    /// `clause` has one `$` for each value.
    fn add(&mut self, clause: &str, values: Vec<Value>) {
        let mut text = String::with_capacity(clause.len() + 4);
        let mut number = self.values.len();
        for it in clause.chars() {
            text.push(it);
            if it == '$' {
                number += 1;
                text.push_str(&number.to_string());
            }
        }
        self.text.push(text);
        self.values.extend(values);
    }

    fn equal(&mut self, column: &str, value: &Option<String>) {
        if let Some(value) = value {
            self.add(&format!("{column} = $"), values![value.as_str()]);
        }
    }
}

/// The table whose order is followed, and the column that is the place in the log there.
/// The rarest condition leads, so that a page is found without reading what is not on it.
struct Lead {
    table: &'static str,
    seq: &'static str,
}

fn lead(filter: &VerdictFilter, sqlite: bool, clauses: &mut Clauses) -> Lead {
    if let Some(phrase) = &filter.phrase {
        return phrase_lead(&phrase.to_lowercase(), sqlite, clauses);
    }
    if let Some(entity) = &filter.entity {
        clauses.add("x.kind = $ AND x.value = $", values![entity.kind.name(), entity.value.as_str()]);
        return Lead { table: "entities x JOIN events e ON e.seq = x.seq", seq: "x.seq" };
    }
    if let Some(finding) = &filter.finding {
        clauses.add("x.name = $", values![finding.as_str()]);
        return Lead { table: "findings x JOIN events e ON e.seq = x.seq", seq: "x.seq" };
    }
    if let Some(label) = filter.label {
        clauses.add("x.label = $", values![label.number()]);
        return Lead { table: "reviews x JOIN events e ON e.seq = x.seq", seq: "x.seq" };
    }
    Lead { table: "events e", seq: "e.seq" }
}

/// The hot path that is written twice: triples of characters have an index on SQLite, pairs on
/// PostgreSQL; what is shorter is looked for in the newest texts.
fn phrase_lead(phrase: &str, sqlite: bool, clauses: &mut Clauses) -> Lead {
    let length = phrase.chars().count();
    if sqlite && length >= 3 {
        // Quoted, a phrase has no operators.
        let quoted = format!("\"{}\"", phrase.replace('"', "\"\""));
        clauses.add("texts_index MATCH $", values![quoted]);
        return Lead { table: "texts_index x JOIN events e ON e.seq = x.rowid", seq: "x.rowid" };
    }
    clauses.add("x.body LIKE $ ESCAPE '\\'", values![format!("%{}%", escape_like(phrase))]);
    if !sqlite && length >= 2 {
        clauses.add("bigrams(x.body) @> bigrams($)", values![phrase]);
    } else {
        let newest = "x.seq >= COALESCE((SELECT t.seq FROM texts t ORDER BY t.seq DESC LIMIT 1 OFFSET $), 0)";
        clauses.add(newest, values![SCANNED_TEXTS]);
    }
    Lead { table: "texts x JOIN events e ON e.seq = x.seq", seq: "x.seq" }
}

fn escape_like(phrase: &str) -> String {
    let mut escaped = String::with_capacity(phrase.len());
    for it in phrase.chars() {
        if matches!(it, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(it);
    }
    escaped
}

fn rest(filter: &VerdictFilter, clauses: &mut Clauses) {
    if !filter.decisions.is_empty() {
        let ranks: Vec<String> = filter.decisions.iter().map(|it| rank(*it).to_string()).collect();
        // A plus hides the column from the index by decision, which would have several decisions
        // sorted for each page; `> 0` names the index of what is flagged, which is in order.
        let hidden = if ranks.len() > 1 { "+" } else { "" };
        let mut clause = format!("{hidden}e.decision IN ({})", ranks.join(", "));
        if !filter.decisions.contains(&Decision::Allow) {
            clause.push_str(" AND e.decision > 0");
        }
        clauses.add(&clause, Vec::new());
    }
    if (filter.phrase.is_some() || filter.entity.is_some())
        && let Some(finding) = &filter.finding
    {
        let clause = "EXISTS (SELECT 1 FROM findings f WHERE f.name = $ AND f.seq = e.seq)";
        clauses.add(clause, values![finding.as_str()]);
    }
    if let (Some(_), Some(entity)) = (&filter.phrase, &filter.entity) {
        let clause = "EXISTS (SELECT 1 FROM entities n WHERE n.kind = $ AND n.value = $ AND n.seq = e.seq)";
        clauses.add(clause, values![entity.kind.name(), entity.value.as_str()]);
    }
    clauses.equal("e.actor", &filter.actor);
    clauses.equal("e.user_id", &filter.user);
    clauses.equal("e.conversation", &filter.conversation);
    clauses.equal("e.campaign", &filter.campaign);
    clauses.equal("e.kind", &filter.kind);
    if let Some(account) = &filter.account {
        clauses.add("(e.actor = $ OR e.user_id = $)", values![account.as_str(), account.as_str()]);
    }
    if let (Some(label), true) =
        (filter.label, filter.phrase.is_some() || filter.entity.is_some() || filter.finding.is_some())
    {
        let clause = "EXISTS (SELECT 1 FROM reviews v WHERE v.seq = e.seq AND v.label = $)";
        clauses.add(clause, values![label.number()]);
    }
    if let Some(from) = filter.from {
        clauses.add("e.received >= $", values![from]);
    }
    if let Some(to) = filter.to {
        clauses.add("e.received < $", values![to]);
    }
}

/// How many events of one finding came in within an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hits {
    /// Finding or rule.
    pub name: String,
    /// Whether the rule only watched.
    pub shadow: bool,
    /// When the hour began.
    pub hour: Moment,
    /// How many events.
    pub events: u64,
}

/// How many events came in within an hour, by decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourlyCounts {
    /// When the hour began.
    pub hour: Moment,
    /// Of an unknown kind.
    pub unscreened: u64,
    /// [`Decision::Allow`].
    pub allowed: u64,
    /// [`Decision::Warn`].
    pub warned: u64,
    /// [`Decision::Hold`].
    pub held: u64,
    /// [`Decision::Block`].
    pub blocked: u64,
}

/// The same text to many, as one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// The id that verdicts carry.
    pub id: String,
    /// The first event: the sample.
    pub sample: Seq,
    /// The newest event.
    pub last: Seq,
    /// When the first came in.
    pub first_received: Moment,
    /// When the newest came in.
    pub last_received: Moment,
    /// How many.
    pub events: u64,
}

fn hour_of(moment: Moment) -> i64 {
    moment.as_micros().div_euclid(HOUR)
}

fn hour_moment(row: &mut Row) -> Result<Moment, StoreError> {
    let micros = row.int()?.saturating_mul(HOUR);
    Moment::from_micros(micros).map_err(|_| StoreError::corrupt("an hour"))
}

impl Store {
    /// The verdicts that fit, newest first; `before` is the `next` of the page before.
    /// At most [`MAX_PAGE`] a page.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn verdicts(
        &self,
        filter: &VerdictFilter,
        before: Option<Seq>,
        limit: usize,
    ) -> Result<Page<StoredVerdict>, StoreError> {
        let sqlite = matches!(self.shared.db, Db::Sqlite(_));
        let limit = limit.clamp(1, MAX_PAGE);
        let mut clauses = Clauses::default();
        let lead = lead(filter, sqlite, &mut clauses);
        rest(filter, &mut clauses);
        if let Some((first, last)) = self.range(filter).await? {
            clauses.add(&format!("{} BETWEEN $ AND $", lead.seq), values![first, last]);
        }
        if let Some(before) = before {
            clauses.add(&format!("{} < $", lead.seq), values![before]);
        }
        let condition = if clauses.text.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", clauses.text.join(" AND "))
        };
        let number = clauses.values.len() + 1;
        let Lead { table, seq } = lead;
        let sql = format!("SELECT {COLUMNS} FROM {table} {condition} ORDER BY {seq} DESC LIMIT ${number}");
        clauses.values.push(Value::Int(cap(limit + 1)));
        let rows = self.shared.db.query(sql, clauses.values).await?;
        let mut items = rows.into_iter().map(stored).collect::<Result<Vec<_>, _>>()?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|it| it.seq);
        Ok(Page { items, next })
    }

    /// The stretch of the log in which a range of time lies.
    async fn range(&self, filter: &VerdictFilter) -> Result<Option<(Seq, Seq)>, StoreError> {
        if filter.from.is_none() && filter.to.is_none() {
            return Ok(None);
        }
        let from = hour_of(filter.from.unwrap_or(Moment::MIN));
        let to = filter.to.map_or(i64::MAX, hour_of);
        let sql = "SELECT COALESCE(MIN(first_seq), 0), COALESCE(MAX(last_seq), 0) FROM hours WHERE hour BETWEEN $1 AND $2";
        let row = self.shared.db.one(sql, values![from, to]).await?;
        let mut row = row.ok_or(StoreError::NotFound)?;
        Ok(Some((row.seq()?, row.seq()?)))
    }

    /// One verdict.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn verdict(&self, seq: Seq) -> Result<StoredVerdict, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM events e WHERE e.seq = $1");
        stored(self.shared.db.one(sql, values![seq]).await?.ok_or(StoreError::NotFound)?)
    }

    /// The verdict on one event.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn verdict_on(&self, key: &EventKey) -> Result<StoredVerdict, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM events e WHERE e.source = $1 AND e.id = $2");
        let values = values![key.source.as_str(), key.id.as_str()];
        stored(self.shared.db.one(sql, values).await?.ok_or(StoreError::NotFound)?)
    }

    /// Events by hour and finding from `from` until `to`, oldest hour first; of one finding or
    /// of all.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn hits(&self, name: Option<&str>, from: Moment, to: Moment) -> Result<Vec<Hits>, StoreError> {
        let mut clauses = Clauses::default();
        clauses.add("hour BETWEEN $ AND $", values![hour_of(from), hour_of(to)]);
        clauses.equal("name", &name.map(str::to_owned));
        let condition = clauses.text.join(" AND ");
        let sql = format!(
            "SELECT name, shadow, hour, events FROM hits WHERE {condition} ORDER BY hour, name, shadow"
        );
        let rows = self.shared.db.query(sql, clauses.values).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Hits {
                    name: row.text()?,
                    shadow: row.flag()?,
                    hour: hour_moment(&mut row)?,
                    events: row.count()?,
                })
            })
            .collect()
    }

    /// Events by hour and decision from `from` until `to`, oldest first; hours without events
    /// are left out.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn hourly_counts(&self, from: Moment, to: Moment) -> Result<Vec<HourlyCounts>, StoreError> {
        let sql = "SELECT hour, unscreened, allowed, warned, held, blocked FROM hours WHERE hour BETWEEN $1 AND $2 ORDER BY hour";
        let rows = self.shared.db.query(sql, values![hour_of(from), hour_of(to)]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(HourlyCounts {
                    hour: hour_moment(&mut row)?,
                    unscreened: row.count()?,
                    allowed: row.count()?,
                    warned: row.count()?,
                    held: row.count()?,
                    blocked: row.count()?,
                })
            })
            .collect()
    }

    /// Campaigns, the one seen last first; `before` is the `last` of the last one on the page
    /// before. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn campaigns(&self, before: Option<Seq>, limit: usize) -> Result<Vec<Campaign>, StoreError> {
        let sql = "SELECT id, first_seq, last_seq, first_time, last_time, events FROM campaigns \
             WHERE last_seq < $1 ORDER BY last_seq DESC LIMIT $2";
        let values = values![before.unwrap_or(Seq(i64::MAX)), cap(limit.clamp(1, MAX_PAGE))];
        self.shared.db.query(sql, values).await?.into_iter().map(campaign).collect()
    }

    /// One campaign.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn campaign(&self, id: &str) -> Result<Campaign, StoreError> {
        let sql =
            "SELECT id, first_seq, last_seq, first_time, last_time, events FROM campaigns WHERE id = $1";
        campaign(self.shared.db.one(sql, values![id]).await?.ok_or(StoreError::NotFound)?)
    }
}

fn campaign(mut row: Row) -> Result<Campaign, StoreError> {
    Ok(Campaign {
        id: row.text()?,
        sample: row.seq()?,
        last: row.seq()?,
        first_received: row.moment()?,
        last_received: row.moment()?,
        events: row.count()?,
    })
}
