//! The clocks of a case that ran out. They are written with the change that tells of them
//! ([`crate::CaseChange::breaches`]), and counted in [`crate::Store::case_counts`].

use touchstone_types::Moment;

use crate::cases::small;
use crate::value::{Row, values};
use crate::{Store, StoreError};

/// A clock that ran out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreachFact {
    /// Of which case.
    pub case: i64,
    /// By which rule.
    pub rule: String,
    /// Whose duty: `ours` or `firm`.
    pub whose: String,
    /// What happened.
    pub kind: String,
    /// Where the victim lives.
    pub jurisdiction: String,
    /// At which level the case was.
    pub level: u8,
    /// When.
    pub at: Moment,
}

fn breach(mut row: Row) -> Result<BreachFact, StoreError> {
    let row = &mut row;
    Ok(BreachFact {
        case: row.int()?,
        rule: row.text()?,
        whose: row.text()?,
        kind: row.text()?,
        jurisdiction: row.text()?,
        level: small(row)?,
        at: row.moment()?,
    })
}

impl Store {
    /// The clocks of one case that ran out, by time.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn breaches_of(&self, case: i64) -> Result<Vec<BreachFact>, StoreError> {
        let sql = "SELECT case_id, rule, whose, kind, jurisdiction, level, at FROM case_breaches \
             WHERE case_id = $1 ORDER BY at, id";
        self.shared.db.query(sql, values![case]).await?.into_iter().map(breach).collect()
    }
}
