//! Who wants to be told of what is new, and what they have still to be told.
//!
//! A delivery is written in the transaction of what it tells of, tried until the receiver
//! takes it or the sender gives up, and then stays to be seen. It may come twice: its
//! `message` is the same each time.

use touchstone_types::Moment;

use crate::db::{Lock, Tx};
use crate::log::cap;
use crate::value::{Row, values};
use crate::verdicts::MAX_PAGE;
use crate::{Deed, Store, StoreError, audit};

/// Somebody who wants to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Number.
    pub id: i64,
    /// Where to.
    pub url: String,
    /// What deliveries are signed with.
    pub secret: Vec<u8>,
    /// Id of an organisation; empty for every statement; [`crate::DUTY_CALLS`] for calls to staff.
    pub follows: String,
    /// Login name.
    pub made_by: String,
    /// When.
    pub created: Moment,
}

/// What is to be told to those who follow an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Names it: the same for every receiver and every attempt.
    pub message: String,
    /// Id of the organisation it is about, or [`crate::DUTY_CALLS`]; empty if it is about none.
    pub about: String,
    /// Whether those who follow everything are told too.
    pub public: bool,
    /// What is sent.
    pub body: String,
}

/// What has become of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// To be tried (again).
    Waiting,
    /// The receiver took it.
    Delivered,
    /// Tried too often; a person may try again.
    GivenUp,
}

impl DeliveryState {
    const fn number(self) -> i64 {
        self as i64
    }

    fn read(number: i64) -> Result<Self, StoreError> {
        match number {
            0 => Ok(DeliveryState::Waiting),
            1 => Ok(DeliveryState::Delivered),
            2 => Ok(DeliveryState::GivenUp),
            other => Err(StoreError::corrupt(format!("the state {other} of a delivery"))),
        }
    }
}

/// One thing to be told to one subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Number.
    pub id: i64,
    /// To whom.
    pub subscription: i64,
    /// Names what is told.
    pub message: String,
    /// What is sent.
    pub body: String,
    /// When it came up.
    pub created: Moment,
    /// When it is tried next.
    pub due: Moment,
    /// How often it was tried.
    pub attempts: u32,
    /// What has become of it.
    pub state: DeliveryState,
    /// What the receiver said last; empty before the first attempt.
    pub outcome: String,
}

const COLUMNS: &str =
    "SELECT id, subscription, message, body, created, due, attempts, state, outcome FROM deliveries";

fn delivery(mut row: Row) -> Result<Delivery, StoreError> {
    let row = &mut row;
    Ok(Delivery {
        id: row.int()?,
        subscription: row.int()?,
        message: row.text()?,
        body: row.text()?,
        created: row.moment()?,
        due: row.moment()?,
        attempts: u32::try_from(row.int()?).map_err(|_| StoreError::corrupt("a count of attempts"))?,
        state: DeliveryState::read(row.int()?)?,
        outcome: row.text()?,
    })
}

/// Adds what is to be told, in the transaction of what it tells of.
pub(crate) async fn enqueue(tx: &mut Tx, notices: &[Notice], now: Moment) -> Result<(), StoreError> {
    let sql = "INSERT INTO deliveries (subscription, message, body, created, due, attempts, state, outcome) \
         SELECT id, $1, $2, $3, $3, 0, 0, '' FROM subscriptions \
         WHERE ended IS NULL AND ((follows = $4 AND follows <> '') OR (follows = '' AND $5 = 1)) \
         ON CONFLICT (subscription, message) DO NOTHING";
    for it in notices {
        let public = i64::from(it.public);
        tx.run(sql, values![it.message.as_str(), it.body.as_str(), now, it.about.as_str(), public]).await?;
    }
    Ok(())
}

impl Store {
    /// Keeps a new subscription; gives its number. Audited.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn subscribe(
        &self,
        url: &str,
        secret: &[u8],
        follows: &str,
        by: &str,
        now: Moment,
    ) -> Result<i64, StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "INSERT INTO subscriptions (url, secret, follows, made_by, created) \
             VALUES ($1, $2, $3, $4, $5) RETURNING id";
        let row = tx.one(sql, values![url, secret, follows, by, now]).await?;
        let id = row.ok_or_else(|| StoreError::corrupt("a subscription without a number"))?.int()?;
        let (object, act) = (id.to_string(), "webhook.subscribe");
        audit::record(&mut tx, &Deed { at: now, by, act, object: &object, detail: url }).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Ends a subscription: what waits for it is given up. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is none that goes on; those of writing.
    pub async fn unsubscribe(&self, id: i64, by: &str, now: Moment) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "UPDATE subscriptions SET ended = $2 WHERE id = $1 AND ended IS NULL";
        if tx.run(sql, values![id, now]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        let sql =
            "UPDATE deliveries SET state = 2, outcome = 'unsubscribed' WHERE subscription = $1 AND state = 0";
        tx.run(sql, values![id]).await?;
        let (object, act) = (id.to_string(), "webhook.unsubscribe");
        audit::record(&mut tx, &Deed { at: now, by, act, object: &object, detail: "" }).await?;
        tx.commit().await
    }

    /// The subscriptions that go on, oldest first.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError> {
        let sql = "SELECT id, url, secret, follows, made_by, created FROM subscriptions \
             WHERE ended IS NULL ORDER BY id";
        let read = |mut row: Row| {
            let row = &mut row;
            Ok(Subscription {
                id: row.int()?,
                url: row.text()?,
                secret: row.bytes()?,
                follows: row.text()?,
                made_by: row.text()?,
                created: row.moment()?,
            })
        };
        self.shared.db.query(sql, values![]).await?.into_iter().map(read).collect()
    }

    /// Adds what is to be told and belongs to nothing else that is written.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn notify(&self, notices: &[Notice], now: Moment) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        enqueue(&mut tx, notices, now).await?;
        tx.commit().await
    }

    /// Takes deliveries that are due, oldest first, and counts the attempt; nobody else gets
    /// them before `until`.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn due_deliveries(
        &self,
        now: Moment,
        until: Moment,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let waiting = "SELECT 1 FROM deliveries WHERE state = 0 AND due <= $1 LIMIT 1";
        if self.shared.db.one(waiting, values![now]).await?.is_none() {
            return Ok(Vec::new());
        }
        let mut tx = self.shared.db.begin().await?;
        tx.lock(Lock::Deliveries).await?;
        let sql = format!("{COLUMNS} WHERE state = 0 AND due <= $1 ORDER BY due, id LIMIT $2");
        let rows = tx.query(sql, values![now, cap(limit.clamp(1, MAX_PAGE))]).await?;
        let mut taken = rows.into_iter().map(delivery).collect::<Result<Vec<_>, _>>()?;
        for it in &mut taken {
            it.attempts += 1;
            it.due = until;
            let sql = "UPDATE deliveries SET due = $2, attempts = $3 WHERE id = $1";
            tx.run(sql, values![it.id, until, it.attempts]).await?;
        }
        tx.commit().await?;
        Ok(taken)
    }

    /// When the next delivery is due; none if none waits.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn next_delivery(&self) -> Result<Option<Moment>, StoreError> {
        let row = self.shared.db.one("SELECT MIN(due) FROM deliveries WHERE state = 0", values![]).await?;
        row.map_or(Ok(None), |mut row| row.maybe(Row::moment))
    }

    /// Writes down how an attempt ended, and when the next one is.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn attempted(
        &self,
        id: i64,
        state: DeliveryState,
        outcome: &str,
        due: Moment,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE deliveries SET state = $2, outcome = $3, due = $4 WHERE id = $1 AND state = 0";
        self.shared.db.run(sql, values![id, state.number(), outcome, due]).await.map(drop)
    }

    /// Deliveries in one state, newest first; [`MAX_PAGE`] at most.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn deliveries(&self, state: DeliveryState, limit: usize) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!("{COLUMNS} WHERE state = $1 ORDER BY id DESC LIMIT $2");
        let rows = self.shared.db.query(sql, values![state.number(), cap(limit.clamp(1, MAX_PAGE))]).await?;
        rows.into_iter().map(delivery).collect()
    }

    /// How many deliveries are in each state: waiting, delivered, given up.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn delivery_counts(&self) -> Result<[u64; 3], StoreError> {
        let sql = "SELECT state, COUNT(*) FROM deliveries GROUP BY state";
        let mut counts = [0; 3];
        for mut row in self.shared.db.query(sql, values![]).await? {
            let state = DeliveryState::read(row.int()?)?;
            counts[state as usize] = row.count()?;
        }
        Ok(counts)
    }

    /// Tries a delivery that was given up once more, with all its attempts. Audited.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is none that was given up; those of writing.
    pub async fn retry_delivery(&self, id: i64, by: &str, now: Moment) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "UPDATE deliveries SET state = 0, attempts = 0, due = $2 WHERE id = $1 AND state = 2 \
             AND subscription IN (SELECT id FROM subscriptions WHERE ended IS NULL)";
        if tx.run(sql, values![id, now]).await? == 0 {
            return Err(StoreError::NotFound);
        }
        let (object, act) = (id.to_string(), "webhook.retry");
        audit::record(&mut tx, &Deed { at: now, by, act, object: &object, detail: "" }).await?;
        tx.commit().await
    }

    /// Forgets what was delivered before a moment; how much.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn forget_deliveries(&self, before: Moment) -> Result<u64, StoreError> {
        self.shared.db.run("DELETE FROM deliveries WHERE state = 1 AND created < $1", values![before]).await
    }
}
