//! One way to ask either database: one SQL text with `$1, $2, …`, five types of value.
//!
//! A statement that fails inside a transaction ends it; statements that may meet what is
//! already there say `ON CONFLICT` and look at the number of rows.

use std::borrow::Cow;

use crate::postgres::{Postgres, PostgresTx};
use crate::sqlite::{Lease, Sqlite};
use crate::value::{Row, Value};
use crate::{Options, StoreError};

pub(crate) type Sql = Cow<'static, str>;

pub(crate) enum Db {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// A transaction; dropped without [`Tx::commit`] it leaves nothing behind.
pub(crate) enum Tx {
    Sqlite(Lease),
    Postgres(Box<PostgresTx>),
}

impl Db {
    pub(crate) async fn open(url: &str, options: &Options) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Db::Sqlite(Sqlite::open(path, options).await?));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Db::Postgres(Postgres::open(url, options).await?));
        }
        Err(StoreError::Address)
    }

    /// Reads what was committed when it is asked.
    pub(crate) async fn query(
        &self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Db::Sqlite(it) => it.query(sql.into(), values).await,
            Db::Postgres(it) => it.query(&sql.into(), &values).await,
        }
    }

    pub(crate) async fn one(
        &self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, values).await?.into_iter().next())
    }

    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        match self {
            Db::Sqlite(it) => it.lease().await.map(Tx::Sqlite),
            Db::Postgres(it) => it.begin().await.map(|tx| Tx::Postgres(Box::new(tx))),
        }
    }

    /// One statement in a transaction of its own: how many rows it touched.
    pub(crate) async fn run(&self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let rows = tx.run(sql, values).await?;
        tx.commit().await?;
        Ok(rows)
    }
}

impl Tx {
    pub(crate) async fn query(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Tx::Sqlite(it) => it.query(sql.into(), values).await,
            Tx::Postgres(it) => it.query(&sql.into(), &values).await,
        }
    }

    pub(crate) async fn one(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, values).await?.into_iter().next())
    }

    /// How many rows it touched.
    pub(crate) async fn run(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Result<u64, StoreError> {
        match self {
            Tx::Sqlite(it) => it.run(sql.into(), values).await,
            Tx::Postgres(it) => it.run(&sql.into(), &values).await,
        }
    }

    /// One statement once for each of `many`, on one way to the database and back: how many rows each
    /// touched.
    pub(crate) async fn run_each(
        &mut self,
        sql: impl Into<Sql>,
        many: Vec<Vec<Value>>,
    ) -> Result<Vec<u64>, StoreError> {
        match self {
            Tx::Sqlite(it) => it.run_each(sql.into(), many).await,
            Tx::Postgres(it) => it.run_each(&sql.into(), &many).await,
        }
    }

    /// Several statements without values, as migrations are.
    pub(crate) async fn script(&mut self, sql: String) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(it) => it.script(sql).await,
            Tx::Postgres(it) => it.script(&sql).await,
        }
    }

    /// Makes one writer wait for another where only rows would not: held until the end.
    pub(crate) async fn lock(&mut self, what: Lock) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(_) => Ok(()), // There is one writer.
            Tx::Postgres(it) => it.lock(what).await,
        }
    }

    /// Durable when this returns.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Tx::Sqlite(it) => it.commit().await,
            Tx::Postgres(it) => it.commit().await,
        }
    }
}

/// What replicas take turns at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lock {
    Migrations,
    Log,
    Audit,
    Ledger,
    Deliveries,
    Inbox,
    Actions,
    Cases,
}

impl Lock {
    /// The key of the advisory lock: "touc" and a number, so that no other program has it by chance.
    pub(crate) const fn key(self) -> i64 {
        0x746f_7563_0001 + self as i64
    }
}
