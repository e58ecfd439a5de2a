//! What people say about verdicts: the queue, who is looking at what, acts that can be
//! undone, and the labels that come of them.
//!
//! An act is never changed and never deleted. Undoing one adds another act, after which the
//! last act before it is in force again.

use serde::{Deserialize, Serialize};
use touchstone_types::{Decision, Moment, Name};

use crate::db::Tx;
use crate::log::{cap, decision};
use crate::value::{Row, values};
use crate::verdicts::MAX_PAGE;
use crate::{Deed, Seq, Store, StoreError, audit};

/// The most events that one act can be about.
pub const MAX_BULK: usize = 10_000;

/// What a person found an event to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// It should be warned of or stopped.
    Fraud,
    /// It should pass.
    Benign,
}

impl Label {
    pub(crate) fn number(self) -> i64 {
        i64::from(self == Label::Fraud)
    }

    pub(crate) fn read(number: i64) -> Result<Self, StoreError> {
        match number {
            0 => Ok(Label::Benign),
            1 => Ok(Label::Fraud),
            _ => Err(StoreError::corrupt(format!("the label {number}"))),
        }
    }
}

/// What a reviewer says of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// The verdict was right.
    Confirm,
    /// The verdict was wrong.
    Overturn,
    /// Somebody with more authority should look.
    Escalate,
    /// An earlier act is taken back. Made by [`Store::undo`] only.
    Undo,
}

impl Ruling {
    const ALL: [Ruling; 4] = [Ruling::Confirm, Ruling::Overturn, Ruling::Escalate, Ruling::Undo];

    /// The word for it, in the trail and in names of texts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Ruling::Confirm => "confirm",
            Ruling::Overturn => "overturn",
            Ruling::Escalate => "escalate",
            Ruling::Undo => "undo",
        }
    }

    fn number(self) -> i64 {
        self as i64
    }

    fn read(number: i64) -> Result<Self, StoreError> {
        let found = usize::try_from(number).ok().and_then(|at| Ruling::ALL.get(at));
        found.copied().ok_or_else(|| StoreError::corrupt(format!("the ruling {number}")))
    }

    /// The label that follows: to confirm that something was stopped is to call it fraud, to
    /// confirm that it passed is to call it benign.
    #[must_use]
    pub fn label(self, decision: Decision) -> Option<Label> {
        match (self, decision) {
            (Ruling::Confirm, Decision::Allow) => Some(Label::Benign),
            (Ruling::Confirm, _) => Some(Label::Fraud),
            (Ruling::Overturn, Decision::Allow) => Some(Label::Fraud),
            (Ruling::Overturn, _) => Some(Label::Benign),
            (Ruling::Escalate | Ruling::Undo, _) => None,
        }
    }
}

/// Where a review stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Nobody decided yet.
    Open,
    /// Confirmed or overturned.
    Decided,
    /// Waits for somebody with more authority.
    Escalated,
}

impl ReviewState {
    fn number(self) -> i64 {
        self as i64
    }

    fn read(number: i64) -> Result<Self, StoreError> {
        match number {
            0 => Ok(ReviewState::Open),
            1 => Ok(ReviewState::Decided),
            2 => Ok(ReviewState::Escalated),
            _ => Err(StoreError::corrupt(format!("the state {number} of a review"))),
        }
    }
}

/// Who is looking at something, until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Login name.
    pub who: String,
    /// Free for others from then on.
    pub until: Moment,
}

/// One review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Which event.
    pub seq: Seq,
    /// Since when it waits.
    pub opened: Moment,
    /// Score of the verdict.
    pub score: u32,
    /// Where it stands.
    pub state: ReviewState,
    /// What it was found to be.
    pub label: Option<Label>,
    /// The act in force.
    pub act: Option<i64>,
    /// Who is looking at it; may have lapsed.
    pub holder: Option<Holder>,
}

/// One act of one person on one or many events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Number, rising.
    pub id: i64,
    /// What was said.
    pub ruling: Ruling,
    /// Login name.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Why, in their words.
    pub note: String,
    /// Which act it takes back.
    pub undoes: Option<i64>,
    /// Which act took it back.
    pub undone_by: Option<i64>,
    /// How many events it is about.
    pub events: u64,
}

/// A labelled event, for teaching and for export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// Which event.
    pub seq: Seq,
    /// What it is.
    pub label: Label,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Moment,
    /// What was decided by machine; none if it was not screened.
    pub decision: Option<Decision>,
    /// The event as it came.
    pub raw: Vec<u8>,
    /// The verdict, JSON.
    pub verdict: Option<Vec<u8>>,
}

/// How often a finding was right, by the labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quality {
    /// Finding or rule.
    pub name: String,
    /// Whether the rule only watched when it hit.
    pub shadow: bool,
    /// Labelled events with it that are fraud.
    pub fraud: u64,
    /// Labelled events with it that are benign.
    pub benign: u64,
    /// All events labelled fraud, with it or without.
    pub all_fraud: u64,
}

impl Quality {
    /// Share of its hits that are fraud; none without labelled hits.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        ratio(self.fraud, self.fraud + self.benign)
    }

    /// Share of the fraud that it hit; none without labelled fraud. Labels come mostly from
    /// what was flagged: the true share is lower.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        ratio(self.fraud, self.all_fraud)
    }
}

#[allow(clippy::cast_precision_loss)] // Counts of labels stay far below 2^52.
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

const REVIEW: &str = "SELECT seq, opened, score, state, label, act, holder, held_until FROM reviews";

fn review(mut row: Row) -> Result<Review, StoreError> {
    let row = &mut row;
    Ok(Review {
        seq: row.seq()?,
        opened: row.moment()?,
        score: u32::try_from(row.int()?).map_err(|_| StoreError::corrupt("a score"))?,
        state: ReviewState::read(row.int()?)?,
        label: row.maybe(Row::int)?.map(Label::read).transpose()?,
        act: row.maybe(Row::int)?,
        holder: match (row.maybe(Row::text)?, row.maybe(Row::moment)?) {
            (Some(who), Some(until)) => Some(Holder { who, until }),
            _ => None,
        },
    })
}

impl Store {
    /// What waits for a person, highest score first, then oldest; `after` is the last one of
    /// the page before. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn queue(
        &self,
        state: ReviewState,
        after: Option<&Review>,
        limit: usize,
    ) -> Result<Vec<Review>, StoreError> {
        let (score, seq) = after.map_or((i64::MAX, Seq::START), |it| (it.score.into(), it.seq));
        // The index has what is not decided, and is used where that is said.
        let waiting = if state == ReviewState::Decided { "" } else { "AND state <> 1" };
        let sql = format!(
            "{REVIEW} WHERE state = $1 {waiting} AND (score < $2 OR (score = $2 AND seq > $3)) ORDER BY score DESC, seq LIMIT $4"
        );
        let values = values![state.number(), score, seq, cap(limit.clamp(1, MAX_PAGE))];
        self.shared.db.query(sql, values).await?.into_iter().map(review).collect()
    }

    /// How many wait, and how many of them were escalated.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn queue_length(&self) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT COUNT(*), COALESCE(CAST(SUM(CASE WHEN state = 2 THEN 1 ELSE 0 END) AS BIGINT), 0) FROM reviews WHERE state <> 1";
        let mut row = self.shared.db.one(sql, values![]).await?.ok_or(StoreError::NotFound)?;
        Ok((row.count()?, row.count()?))
    }

    /// The review of one event; none if nobody asked for one.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn review(&self, seq: Seq) -> Result<Option<Review>, StoreError> {
        self.shared.db.one(format!("{REVIEW} WHERE seq = $1"), values![seq]).await?.map(review).transpose()
    }

    /// Asks for a person to look at an event, or does nothing if it is in the queue.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such event, or those of writing.
    pub async fn open_review(&self, seq: Seq, now: Moment) -> Result<(), StoreError> {
        let sql = "INSERT INTO reviews (seq, opened, score, state) SELECT seq, CAST($2 AS BIGINT), score, 0 FROM events WHERE seq = $1 \
             ON CONFLICT (seq) DO NOTHING";
        if self.shared.db.run(sql, values![seq, now]).await? == 0 && self.review(seq).await?.is_none() {
            return Err(StoreError::NotFound);
        }
        Ok(())
    }

    /// Takes a review so that nobody else works on it until `until`; taking it again renews.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] while somebody else has it, [`StoreError::NotFound`] if there
    /// is no such review, or those of writing.
    pub async fn hold_review(
        &self,
        seq: Seq,
        who: &str,
        now: Moment,
        until: Moment,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE reviews SET holder = $2, held_until = $4 WHERE seq = $1 \
             AND (holder IS NULL OR holder = $2 OR held_until <= $3)";
        if self.shared.db.run(sql, values![seq, who, now, until]).await? == 1 {
            return Ok(());
        }
        let found = self.review(seq).await?;
        Err(found.map_or(StoreError::NotFound, |_| StoreError::Conflict("somebody else is looking at it")))
    }

    /// Takes the first review that nobody has; none if there is none.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn hold_next(
        &self,
        who: &str,
        now: Moment,
        until: Moment,
    ) -> Result<Option<Review>, StoreError> {
        let sql = "UPDATE reviews SET holder = $1, held_until = $3 WHERE seq = (SELECT seq FROM reviews \
             WHERE state = 0 AND state <> 1 AND (holder IS NULL OR holder = $1 OR held_until <= $2) ORDER BY score DESC, seq LIMIT 1) \
             AND (holder IS NULL OR holder = $1 OR held_until <= $2) \
             RETURNING seq, opened, score, state, label, act, holder, held_until";
        for _ in 0..8 {
            let mut tx = self.shared.db.begin().await?;
            let taken = tx.one(sql, values![who, now, until]).await?;
            tx.commit().await?;
            if let Some(row) = taken {
                return review(row).map(Some);
            }
            // Another replica took the same one in between, or there is none.
            let free = "SELECT seq FROM reviews WHERE state = 0 AND state <> 1 AND (holder IS NULL OR held_until <= $1) LIMIT 1";
            if self.shared.db.one(free, values![now]).await?.is_none() {
                return Ok(None);
            }
        }
        Err(StoreError::Busy(None))
    }

    /// Gives a review back.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn release_review(&self, seq: Seq, who: &str) -> Result<(), StoreError> {
        let sql = "UPDATE reviews SET holder = NULL, held_until = NULL WHERE seq = $1 AND holder = $2";
        self.shared.db.run(sql, values![seq, who]).await.map(drop)
    }

    /// Records what somebody says about one or many events, as one act. What somebody else is
    /// looking at, and events that were not screened, refuse the whole act. Audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if one is held by somebody else, or `seqs` is empty or longer
    /// than [`MAX_BULK`]; [`StoreError::NotFound`] for an event that is not there or was not
    /// screened; or those of writing.
    pub async fn decide(
        &self,
        ruling: Ruling,
        seqs: &[Seq],
        by: &str,
        note: &str,
        now: Moment,
    ) -> Result<i64, StoreError> {
        self.decide_about(ruling, seqs, None, by, note, now).await
    }

    /// As [`Store::decide`], about events that belong to one campaign: the trail names it.
    ///
    /// # Errors
    /// Those of [`Store::decide`].
    pub async fn decide_campaign(
        &self,
        ruling: Ruling,
        campaign: &str,
        seqs: &[Seq],
        by: &str,
        note: &str,
        now: Moment,
    ) -> Result<i64, StoreError> {
        self.decide_about(ruling, seqs, Some(campaign), by, note, now).await
    }

    async fn decide_about(
        &self,
        ruling: Ruling,
        seqs: &[Seq],
        campaign: Option<&str>,
        by: &str,
        note: &str,
        now: Moment,
    ) -> Result<i64, StoreError> {
        if ruling == Ruling::Undo || seqs.is_empty() || seqs.len() > MAX_BULK {
            return Err(StoreError::Conflict("an act is about 1 to 10,000 events"));
        }
        let mut sorted = seqs.to_vec();
        sorted.sort_unstable(); // So that two acts at once meet the rows in the same order.
        sorted.dedup();
        let mut tx = self.shared.db.begin().await?;
        let act = record(&mut tx, ruling, by, note, now, None).await?;
        let state = if ruling == Ruling::Escalate { ReviewState::Escalated } else { ReviewState::Decided };
        for &seq in &sorted {
            let sql = "SELECT e.decision, e.score, r.holder, r.held_until FROM events e LEFT JOIN reviews r ON r.seq = e.seq WHERE e.seq = $1";
            let mut row = tx.one(sql, values![seq]).await?.ok_or(StoreError::NotFound)?;
            let decided = decision(row.maybe(Row::int)?.ok_or(StoreError::NotFound)?)?;
            let score = row.int()?;
            if let (Some(who), Some(until)) = (row.maybe(Row::text)?, row.maybe(Row::moment)?)
                && who != by
                && until > now
            {
                return Err(StoreError::Conflict("somebody else is looking at it"));
            }
            let label = ruling.label(decided).map(Label::number);
            let sql = "INSERT INTO reviews (seq, opened, score, state, label, act) VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (seq) DO UPDATE SET state = excluded.state, label = excluded.label, act = excluded.act, \
                 holder = NULL, held_until = NULL";
            tx.run(sql, values![seq, now, score, state.number(), label, act]).await?;
            let sql = "INSERT INTO act_events (act, seq, state, label) VALUES ($1, $2, $3, $4)";
            tx.run(sql, values![act, seq, state.number(), label]).await?;
        }
        let (object, bulk) = match (campaign, sorted.as_slice()) {
            (None, [seq]) => (seq.0.to_string(), None),
            (None, _) => (format!("act {act}"), Some(sorted.len())),
            (Some(campaign), _) => (campaign.to_owned(), Some(sorted.len())),
        };
        let detail = bulk.map_or(note.to_owned(), |count| format!("{} × {count}: {note}", ruling.name()));
        let act_name = bulk.map_or(format!("review.{}", ruling.name()), |_| "review.bulk".to_owned());
        let deed = Deed { at: now, by, act: &act_name, object: &object, detail: &detail };
        audit::record(&mut tx, &deed).await?;
        tx.commit().await?;
        Ok(act)
    }

    /// Takes back an act, on every event where it is still the last word. Gives the number of
    /// the act that does so and how many events went back. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Conflict`] if it was undone before or is itself
    /// an undoing, or those of writing.
    pub async fn undo(&self, act: i64, by: &str, note: &str, now: Moment) -> Result<(i64, u64), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let found = tx.one("SELECT ruling FROM acts WHERE id = $1", values![act]).await?;
        if Ruling::read(found.ok_or(StoreError::NotFound)?.int()?)? == Ruling::Undo {
            return Err(StoreError::Conflict("an undoing cannot be undone: decide again"));
        }
        if tx.one("SELECT id FROM acts WHERE undoes = $1", values![act]).await?.is_some() {
            return Err(StoreError::Conflict("it was undone before"));
        }
        let undoing = record(&mut tx, Ruling::Undo, by, note, now, Some(act)).await?;
        let sql = "SELECT seq FROM reviews WHERE act = $1 ORDER BY seq";
        let mut went_back = 0;
        for mut row in tx.query(sql, values![act]).await? {
            restore(&mut tx, row.seq()?, act).await?;
            went_back += 1;
        }
        let deed = Deed { at: now, by, act: "review.undo", object: &act.to_string(), detail: note };
        audit::record(&mut tx, &deed).await?;
        tx.commit().await?;
        Ok((undoing, went_back))
    }

    /// The newest acts, or those on one event; newest first. At most [`MAX_PAGE`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn acts(&self, about: Option<Seq>, limit: usize) -> Result<Vec<Act>, StoreError> {
        let columns = "a.id, a.ruling, a.by_whom, a.at, a.note, a.undoes, \
             (SELECT u.id FROM acts u WHERE u.undoes = a.id), \
             (SELECT COUNT(*) FROM act_events n WHERE n.act = COALESCE(a.undoes, a.id))";
        let limit = cap(limit.clamp(1, MAX_PAGE));
        let rows = match about {
            None => {
                let sql = format!("SELECT {columns} FROM acts a ORDER BY a.id DESC LIMIT $1");
                self.shared.db.query(sql, values![limit]).await?
            }
            Some(seq) => {
                let sql = format!(
                    "SELECT {columns} FROM acts a JOIN act_events t ON t.act = COALESCE(a.undoes, a.id) \
                     WHERE t.seq = $1 ORDER BY a.id DESC LIMIT $2"
                );
                self.shared.db.query(sql, values![seq, limit]).await?
            }
        };
        rows.into_iter().map(act).collect()
    }

    /// Labelled events after `after` in the log's order, at most `limit`.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn labels(&self, after: Seq, limit: usize) -> Result<Vec<Labelled>, StoreError> {
        let sql = "SELECT r.seq, r.label, a.by_whom, a.at, e.decision, e.raw, e.verdict FROM reviews r \
             JOIN acts a ON a.id = r.act JOIN events e ON e.seq = r.seq \
             WHERE r.label IS NOT NULL AND r.seq > $1 ORDER BY r.seq LIMIT $2";
        let rows = self.shared.db.query(sql, values![after, cap(limit)]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Labelled {
                    seq: row.seq()?,
                    label: Label::read(row.int()?)?,
                    by: row.text()?,
                    at: row.moment()?,
                    decision: row.maybe(Row::int)?.map(decision).transpose()?,
                    raw: row.bytes()?,
                    verdict: row.maybe(Row::bytes)?,
                })
            })
            .collect()
    }

    /// How often each finding was right, by the labels in force.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn quality(&self) -> Result<Vec<Quality>, StoreError> {
        let all = "SELECT COUNT(*) FROM reviews WHERE label = 1";
        let all_fraud = self.shared.db.one(all, values![]).await?.ok_or(StoreError::NotFound)?.count()?;
        let sql = "SELECT f.name, f.shadow, CAST(SUM(r.label) AS BIGINT), COUNT(*) FROM reviews r CROSS JOIN findings f \
             WHERE f.seq = r.seq AND r.label IS NOT NULL GROUP BY f.name, f.shadow ORDER BY f.name, f.shadow";
        let rows = self.shared.db.query(sql, values![]).await?;
        rows.into_iter()
            .map(|mut row| {
                let (name, shadow, fraud) = (Name::from(row.text()?), row.flag()?, row.count()?);
                let benign = row.count()?.saturating_sub(fraud);
                Ok(Quality { name: name.to_string(), shadow, fraud, benign, all_fraud })
            })
            .collect()
    }
}

async fn record(
    tx: &mut Tx,
    ruling: Ruling,
    by: &str,
    note: &str,
    now: Moment,
    undoes: Option<i64>,
) -> Result<i64, StoreError> {
    let sql = "INSERT INTO acts (ruling, by_whom, at, note, undoes) VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let row = tx.one(sql, values![ruling.number(), by, now, note, undoes]).await?;
    row.ok_or(StoreError::NotFound)?.int()
}

/// Puts the last act before `act` that stands in force again, or none.
async fn restore(tx: &mut Tx, seq: Seq, act: i64) -> Result<(), StoreError> {
    let sql = "SELECT t.act, t.state, t.label FROM act_events t WHERE t.seq = $1 AND t.act < $2 \
         AND NOT EXISTS (SELECT 1 FROM acts u WHERE u.undoes = t.act) ORDER BY t.act DESC LIMIT 1";
    let (act, state, label) = match tx.one(sql, values![seq, act]).await? {
        Some(mut row) => (Some(row.int()?), row.int()?, row.maybe(Row::int)?),
        None => (None, ReviewState::Open.number(), None),
    };
    let sql = "UPDATE reviews SET act = $2, state = $3, label = $4 WHERE seq = $1";
    tx.run(sql, values![seq, act, state, label]).await.map(drop)
}

fn act(mut row: Row) -> Result<Act, StoreError> {
    let row = &mut row;
    Ok(Act {
        id: row.int()?,
        ruling: Ruling::read(row.int()?)?,
        by: row.text()?,
        at: row.moment()?,
        note: row.text()?,
        undoes: row.maybe(Row::int)?,
        undone_by: row.maybe(Row::int)?,
        events: row.count()?,
    })
}
