use std::error::Error as Cause;

/// Why something could not be kept or read: one variant for each thing the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else holds the database. Next: try again in a moment (503, `Retry-After`).
    #[error("the database is busy")]
    Busy(#[source] Option<BoxedCause>),
    /// The database is gone: file removed, server stopped, connection lost. Nothing of the
    /// call was acknowledged; it may have been kept. Next: try again later (503); events are
    /// idempotent.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Option<BoxedCause>),
    /// No room left. Next: refuse events (503) and tell the operator.
    #[error("the database is full")]
    Full(#[source] Option<BoxedCause>),
    /// It would contradict what is there: the name is taken, the item was decided by somebody
    /// else, the link was used. Next: show what is there now (409).
    #[error("{0}")]
    Conflict(&'static str),
    /// There is no such thing (404).
    #[error("not found")]
    NotFound,
    /// What is stored does not read back as it was written. Next: stop and restore.
    #[error("stored data is damaged: {what}")]
    Corrupt {
        /// Which data, and how.
        what: String,
        /// What the database said, if it was the one to notice.
        #[source]
        cause: Option<BoxedCause>,
    },
    /// The database was written by a newer version of this program. Next: start that one.
    #[error("the database is at migration {found}, this program knows {known}")]
    Newer {
        /// The last migration that was applied.
        found: i64,
        /// The last one that this program has.
        known: i64,
    },
    /// The database did not understand or accept a statement: a mistake of ours (500).
    #[error("the database refused a statement")]
    Refused(#[source] BoxedCause),
    /// The address given to [`crate::Store::open`] is of no known form.
    #[error("not a database address: `sqlite:PATH` or `postgres://…` is expected")]
    Address,
}

/// What a driver said.
pub type BoxedCause = Box<dyn Cause + Send + Sync>;

impl StoreError {
    /// Whether the same call may succeed later without anybody changing anything else.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, StoreError::Busy(_) | StoreError::Unavailable(_) | StoreError::Full(_))
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        StoreError::Corrupt { what: what.into(), cause: None }
    }

    /// The same kind of error once more, for each of several callers that failed together.
    pub(crate) fn again(&self) -> Self {
        match self {
            StoreError::Busy(_) => StoreError::Busy(None),
            StoreError::Full(_) => StoreError::Full(None),
            StoreError::Conflict(what) => StoreError::Conflict(what),
            StoreError::Corrupt { what, .. } => StoreError::corrupt(what.clone()),
            _ => StoreError::Unavailable(None),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(cause: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match cause.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked | Code::OperationInterrupted) => {
                StoreError::Busy(Some(cause.into()))
            }
            Some(Code::DiskFull) => StoreError::Full(Some(cause.into())),
            Some(Code::CannotOpen | Code::SystemIoFailure | Code::ReadOnly | Code::PermissionDenied) => {
                StoreError::Unavailable(Some(cause.into()))
            }
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => {
                StoreError::Corrupt { what: "the file".into(), cause: Some(cause.into()) }
            }
            Some(Code::ConstraintViolation) if is_unique(&cause) => StoreError::Conflict("it exists already"),
            _ => StoreError::Refused(cause.into()),
        }
    }
}

fn is_unique(cause: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
    let code = cause.sqlite_error().map(|it| it.extended_code);
    code == Some(SQLITE_CONSTRAINT_UNIQUE) || code == Some(SQLITE_CONSTRAINT_PRIMARYKEY)
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(cause: tokio_postgres::Error) -> Self {
        // Classes of SQLSTATE, appendix A of the PostgreSQL manual.
        let Some(state) = cause.code().map(|it| it.code().to_owned()) else {
            let ours = cause.is_closed() || cause.source().is_some_and(|it| it.is::<std::io::Error>());
            return if ours || !is_conversion(&cause) {
                StoreError::Unavailable(Some(cause.into()))
            } else {
                StoreError::Refused(cause.into())
            };
        };
        match (&state[..2], state.as_str()) {
            (_, "23505") => StoreError::Conflict("it exists already"),
            (_, "53100" | "53200" | "53400") => StoreError::Full(Some(cause.into())),
            ("53" | "40", _) | (_, "55P03" | "57014") => StoreError::Busy(Some(cause.into())),
            ("08" | "57" | "58" | "28", _) | (_, "25006" | "3D000" | "55000") => {
                StoreError::Unavailable(Some(cause.into()))
            }
            (_, "XX001" | "XX002") => {
                StoreError::Corrupt { what: "a table or index".into(), cause: Some(cause.into()) }
            }
            _ => StoreError::Refused(cause.into()),
        }
    }
}

fn is_conversion(cause: &tokio_postgres::Error) -> bool {
    // The crate has no public kinds; these two start like this in every version so far.
    let text = cause.to_string();
    text.starts_with("error serializing") || text.starts_with("error deserializing")
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(cause: deadpool_postgres::PoolError) -> Self {
        match cause {
            deadpool_postgres::PoolError::Backend(inner) => inner.into(),
            deadpool_postgres::PoolError::Timeout(deadpool_postgres::TimeoutType::Wait) => {
                StoreError::Busy(None)
            }
            other => StoreError::Unavailable(Some(other.into())),
        }
    }
}
