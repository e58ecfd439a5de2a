//! PostgreSQL: a pool of connections, statements prepared once on each.
//!
//! Traffic is not encrypted here: reach the server by a socket, loopback or a private
//! network, or through a TLS proxy beside it.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Config, NoTls};

use crate::db::Lock;
use crate::value::{ROWS, Row, Value};
use crate::{Options, StoreError};

mod append;

pub(crate) struct Postgres {
    pool: Pool,
}

impl Postgres {
    pub(crate) async fn open(url: &str, options: &Options) -> Result<Self, StoreError> {
        let mut config: Config = url.parse().map_err(|_| StoreError::Address)?;
        let patience = options.patience;
        config.application_name("touchstone");
        config.connect_timeout(patience);
        config.tcp_user_timeout(Duration::from_secs(10)); // A silent network is a lost one.
        // Evidence waits for the disk, whatever the server's default is.
        let wait = patience.as_millis();
        config.options(format!(
            "-c synchronous_commit=on -c lock_timeout={wait} -c statement_timeout=30000 \
             -c idle_in_transaction_session_timeout=30000"
        ));
        let manager =
            Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let pool = Pool::builder(manager)
            .max_size(options.readers.max(1) + 2)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(patience))
            .create_timeout(Some(patience))
            .build()
            .map_err(|cause| StoreError::Unavailable(Some(cause.into())))?;
        drop(pool.get().await?);
        Ok(Self { pool })
    }

    pub(crate) async fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        query(&self.pool.get().await?, sql, values).await
    }

    pub(crate) async fn begin(&self) -> Result<PostgresTx, StoreError> {
        let client = self.pool.get().await?;
        let mut tx = PostgresTx { client: Some(client) };
        tx.script("BEGIN").await?;
        Ok(tx)
    }

    pub(crate) fn close(&self) {
        self.pool.close();
    }
}

/// An open transaction on a connection of its own.
pub(crate) struct PostgresTx {
    client: Option<Object>,
}

impl Drop for PostgresTx {
    /// A connection with an open transaction does not go back to the pool: it is closed, and
    /// the server rolls back.
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

impl PostgresTx {
    fn client(&self) -> Result<&Object, StoreError> {
        self.client.as_ref().ok_or(StoreError::Unavailable(None))
    }

    pub(crate) async fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        query(self.client()?, sql, values).await
    }

    pub(crate) async fn run(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        let client = self.client()?;
        let statement = client.prepare_cached(sql).await?;
        Ok(client.execute(&statement, &by_reference(values)).await?)
    }

    /// The statements are under way together: the server takes them one after another, and nobody
    /// waits for an answer in between.
    pub(crate) async fn run_each(&mut self, sql: &str, many: &[Vec<Value>]) -> Result<Vec<u64>, StoreError> {
        let client = self.client()?;
        let statement = client.prepare_cached(sql).await?;
        let mut touched = Vec::with_capacity(many.len());
        for part in many.chunks(ROWS) {
            let statement = &statement;
            let each = part.iter().map(|values| async move {
                let values = by_reference(values);
                client.execute(statement, &values).await
            });
            for rows in together(each.collect()).await {
                touched.push(rows?);
            }
        }
        Ok(touched)
    }

    pub(crate) async fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(self.client()?.batch_execute(sql).await?)
    }

    pub(crate) async fn lock(&mut self, what: Lock) -> Result<(), StoreError> {
        self.script(&format!("SELECT pg_advisory_xact_lock({})", what.key())).await
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        self.script("COMMIT").await?;
        drop(self.client.take()); // Back to the pool.
        Ok(())
    }
}

/// What comes of all, in their order; each is begun before the first has ended.
async fn together<F: Future>(all: Vec<F>) -> Vec<F::Output> {
    let mut all: Vec<_> = all.into_iter().map(|it| (Box::pin(it), None)).collect();
    poll_fn(|cx| {
        let mut waits = false;
        for (future, done) in all.iter_mut().filter(|(_, done)| done.is_none()) {
            match future.as_mut().poll(cx) {
                Poll::Ready(it) => *done = Some(it),
                Poll::Pending => waits = true,
            }
        }
        if waits { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    all.into_iter().filter_map(|(_, done)| done).collect()
}

async fn query(client: &Object, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query(&statement, &by_reference(values)).await?;
    rows.iter().map(row).collect()
}

fn by_reference(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|it| it as &(dyn ToSql + Sync)).collect()
}

fn row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let value = |at: usize| -> Result<Value, StoreError> {
        Ok(match *row.columns()[at].type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map_or(Value::Null, Value::Int),
            Type::INT4 => row.try_get::<_, Option<i32>>(at)?.map_or(Value::Null, |it| Value::Int(it.into())),
            Type::BOOL => row.try_get::<_, Option<bool>>(at)?.map_or(Value::Null, |it| Value::Int(it.into())),
            Type::FLOAT8 => row.try_get::<_, Option<f64>>(at)?.map_or(Value::Null, Value::Real),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.map_or(Value::Null, Value::Bytes),
            _ => row.try_get::<_, Option<String>>(at)?.map_or(Value::Null, Value::Text),
        })
    };
    Ok(Row::new((0..row.len()).map(value).collect::<Result<_, _>>()?))
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(it) if *kind == Type::INT4 => i32::try_from(*it)?.to_sql(kind, out),
            Value::Int(it) => it.to_sql(kind, out),
            Value::Real(it) => it.to_sql(kind, out),
            Value::Text(it) => it.to_sql(kind, out),
            Value::Bytes(it) => it.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true // The statements say which columns they mean; a mistake is the server's to refuse.
    }

    to_sql_checked!();
}
