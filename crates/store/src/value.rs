use touchstone_types::Moment;

use crate::StoreError;

/// One value of the dialect that both engines share.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

macro_rules! into_value {
    ($($from:ty => |$it:ident| $to:expr),+ $(,)?) => {
        $(impl From<$from> for Value { fn from($it: $from) -> Self { $to } })+
    };
}

into_value! {
    i64 => |it| Value::Int(it),
    u32 => |it| Value::Int(it.into()),
    bool => |it| Value::Int(it.into()),
    Moment => |it| Value::Int(it.as_micros()),
    crate::Seq => |it| Value::Int(it.0),
    &str => |it| Value::Text(clean(it)),
    String => |it| if it.contains('\0') { Value::Text(clean(&it)) } else { Value::Text(it) },
    &[u8] => |it| Value::Bytes(it.to_vec()),
    Vec<u8> => |it| Value::Bytes(it),
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(it: Option<T>) -> Self {
        it.map_or(Value::Null, Into::into)
    }
}

/// PostgreSQL keeps no NUL in a text; both engines get the same replacement.
pub(crate) fn clean(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// The values of a statement, in the order of `$1, $2, …`.
macro_rules! values {
    ($($it:expr),* $(,)?) => { vec![$($crate::value::Value::from($it)),*] };
}
pub(crate) use values;

/// How many rows one statement writes at most: a statement has room for some thousand values.
pub(crate) const ROWS: usize = 100;

/// `($1, $2), ($3, $4)`: the places of so many rows of so many values. One statement for many rows is
/// one way to the database and back.
pub(crate) fn places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let place = |column: usize| format!("${}", row * columns + column + 1);
        format!("({})", (0..columns).map(place).collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// One row of an answer, read from left to right.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    fn next(&mut self) -> Result<Value, StoreError> {
        self.0.next().ok_or_else(|| StoreError::corrupt("a row with too few columns"))
    }

    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        match self.next()? {
            Value::Int(it) => Ok(it),
            other => Err(unexpected("an integer", &other)),
        }
    }

    pub(crate) fn count(&mut self) -> Result<u64, StoreError> {
        let it = self.int()?;
        u64::try_from(it).map_err(|_| StoreError::corrupt(format!("a count of {it}")))
    }

    pub(crate) fn flag(&mut self) -> Result<bool, StoreError> {
        Ok(self.int()? != 0)
    }

    pub(crate) fn seq(&mut self) -> Result<crate::Seq, StoreError> {
        self.int().map(crate::Seq)
    }

    pub(crate) fn moment(&mut self) -> Result<Moment, StoreError> {
        let micros = self.int()?;
        Moment::from_micros(micros).map_err(|_| StoreError::corrupt(format!("the time {micros}")))
    }

    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        match self.next()? {
            Value::Text(it) => Ok(it),
            other => Err(unexpected("a text", &other)),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        match self.next()? {
            Value::Bytes(it) => Ok(it),
            other => Err(unexpected("bytes", &other)),
        }
    }

    pub(crate) fn hash(&mut self) -> Result<[u8; 32], StoreError> {
        let bytes = self.bytes()?;
        let length = bytes.len();
        bytes.try_into().map_err(|_| StoreError::corrupt(format!("a hash of {length} bytes")))
    }

    /// `None` for NULL, else what `read` makes of the value.
    pub(crate) fn maybe<T>(
        &mut self,
        read: impl FnOnce(&mut Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        if let Some(Value::Null) = self.0.as_slice().first() {
            self.0.next();
            return Ok(None);
        }
        read(self).map(Some)
    }
}

fn unexpected(wanted: &str, found: &Value) -> StoreError {
    let found = match found {
        Value::Null => "nothing",
        Value::Int(_) => "an integer",
        Value::Real(_) => "a fraction",
        Value::Text(_) => "a text",
        Value::Bytes(_) => "bytes",
    };
    StoreError::corrupt(format!("{wanted} was expected, {found} is stored"))
}
