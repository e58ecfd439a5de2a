//! Actions on accounts: the outbox, every call with what came of it, and what waits for a second
//! person.
//!
//! Always true here:
//! - An action is written in the transaction of the case's change that tells of it
//!   ([`crate::CaseChange::actions`]).
//! - A change names the version that it was made from; whoever comes second is refused.
//! - Account and reason come sealed.

use touchstone_actions::{Account, Action, Call, Kind, State};
use touchstone_types::Moment;

use crate::db::{Lock, Tx};
use crate::log::cap;
use crate::value::{Row, Value, values};
use crate::verdicts::MAX_PAGE;
use crate::{Deed, Store, StoreError, audit};

/// An action as it is kept: all but what is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAction {
    /// Number of its case.
    pub case: i64,
    /// Grows with each change.
    pub version: i64,
    /// Account and reason, sealed.
    pub sealed: Vec<u8>,
    /// The rest; its reason is empty, and its account is a dash, until they are opened.
    pub action: Action,
}

impl KeptAction {
    /// The action, with what was sealed.
    #[must_use]
    pub fn open(self, account: Account, reason: String) -> Action {
        Action { account, reason, ..self.action }
    }
}

/// What is written of an action with its case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionChange {
    /// What follows is a victim's, and is only written within these limits; looked up in the same
    /// transaction, so that of two requests at once one comes too late. Beyond them it is
    /// [`StoreError::NotFound`], as with [`ActionChange::Changed`].
    Within(VictimLimit),
    /// It is new.
    New {
        /// The action.
        action: Action,
        /// Its account and reason, sealed.
        sealed: Vec<u8>,
        /// Keyed hash of the account.
        mark: [u8; 16],
    },
    /// It was at that version and stands like this now.
    Changed {
        /// The action.
        action: Action,
        /// The version that it was made from. Another one is [`StoreError::NotFound`]: the case may be
        /// as it was, so that trying again with the same action leads nowhere.
        version: i64,
        /// The call that begins now.
        begins: Option<Call>,
    },
    /// Two people have to agree, and one has asked.
    Wanted(NewApproval),
    /// The second has decided.
    Decided {
        /// Which approval.
        id: i64,
        /// Whether they agreed.
        agreed: bool,
        /// Login name.
        by: String,
    },
}

/// How often a victim may have something done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VictimLimit {
    /// What it is. Not while another one of that kind is under way, or holds, in the case.
    pub kind: Kind,
    /// Keyed hash of the account.
    pub mark: [u8; 16],
    /// Since when those of that kind are counted, over all cases.
    pub since: Moment,
    /// How many there may have been before; none for any number.
    pub most: Option<u32>,
}

/// Something for which a second person is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApproval {
    /// What for, as a word.
    pub power: String,
    /// Of a refund how much; else empty.
    pub amount: String,
    /// The freeze that is to end.
    pub undoes: Option<String>,
    /// Account and reason, sealed.
    pub sealed: Vec<u8>,
    /// Whether it is a trial.
    pub simulated: bool,
    /// Login name of whoever asks.
    pub asked_by: String,
    /// Until when somebody may agree.
    pub until: Moment,
}

/// The same, kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Number.
    pub id: i64,
    /// Number of the case.
    pub case: i64,
    /// What people call the case.
    pub reference: String,
    /// What is wanted.
    pub wanted: NewApproval,
    /// When it was asked for.
    pub asked: Moment,
    /// Whether somebody agreed; none while it waits.
    pub agreed: Option<bool>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided: Option<Moment>,
}

/// One call to the operator's systems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionCall {
    /// When.
    pub at: Moment,
    /// `ask` or `query`.
    pub call: String,
    /// What came of it; empty while it is under way, or if the process died.
    pub outcome: String,
}

const COLUMNS: &str = "SELECT case_id, version, sealed, id, reference, kind, by_whom, second, requested, lapses, undoes, \
     simulated, state, since, said, asks, queries, tries, call, paged FROM actions";

const BY_VICTIMS: &str = "SELECT COUNT(*) FROM actions WHERE mark = $1 AND requested > $2 \
     AND kind = $3 AND by_whom = 'victim'";

fn kept(mut row: Row) -> Result<KeptAction, StoreError> {
    let row = &mut row;
    let (case, version, sealed) = (row.int()?, row.int()?, row.bytes()?);
    let id = row.text()?;
    let corrupt = |what: &str| StoreError::corrupt(format!("{what} of the action {id}"));
    let action = Action {
        id: id.clone(),
        case: row.text()?,
        kind: row.text()?.parse().map_err(|_| corrupt("the kind"))?,
        account: "-".parse().map_err(|_| corrupt("the account"))?,
        by: row.text()?,
        second: row.maybe(Row::text)?,
        reason: String::new(),
        requested: row.moment()?,
        lapses: row.maybe(Row::moment)?,
        undoes: row.maybe(Row::text)?,
        simulated: row.flag()?,
        state: row.text()?.parse().map_err(|_| corrupt("the state"))?,
        since: row.moment()?,
        said: row.text()?,
        asks: u32::try_from(row.int()?).map_err(|_| corrupt("a count"))?,
        queries: u32::try_from(row.int()?).map_err(|_| corrupt("a count"))?,
        tries: u32::try_from(row.int()?).map_err(|_| corrupt("a count"))?,
        call: row.maybe(Row::moment)?,
        paged: row.flag()?,
    };
    Ok(KeptAction { case, version, sealed, action })
}

const APPROVALS: &str = "SELECT id, case_id, reference, power, amount, undoes, sealed, simulated, asked_by, asked, \
     until_when, state, decided_by, decided FROM approvals";

fn approval(mut row: Row) -> Result<Approval, StoreError> {
    let row = &mut row;
    let (id, case, reference) = (row.int()?, row.int()?, row.text()?);
    let (power, amount, undoes) = (row.text()?, row.text()?, row.maybe(Row::text)?);
    let (sealed, simulated, asked_by) = (row.bytes()?, row.flag()?, row.text()?);
    let (asked, until) = (row.moment()?, row.moment()?);
    let agreed = match row.int()? {
        0 => None,
        state => Some(state == 1),
    };
    let wanted = NewApproval { power, amount, undoes, sealed, simulated, asked_by, until };
    let (decided_by, decided) = (row.maybe(Row::text)?, row.maybe(Row::moment)?);
    Ok(Approval { id, case, reference, wanted, asked, agreed, decided_by, decided })
}

/// Writes what a case's change says of actions, in its transaction.
pub(crate) async fn write(
    tx: &mut Tx,
    case: i64,
    reference: &str,
    at: Moment,
    changes: &[ActionChange],
) -> Result<(), StoreError> {
    for it in changes {
        match it {
            ActionChange::Within(limit) => within(tx, case, limit).await?,
            ActionChange::New { action, sealed, mark } => insert(tx, case, action, sealed, mark).await?,
            ActionChange::Changed { action, version, begins } => {
                save(tx, action, *version, begins.map(|it| (it, at))).await.map_err(|error| match error {
                    StoreError::Conflict(_) => StoreError::NotFound,
                    other => other,
                })?;
            }
            ActionChange::Wanted(wanted) => want(tx, case, reference, at, wanted).await?,
            ActionChange::Decided { id, agreed, by } => {
                let sql = "UPDATE approvals SET state = $2, decided_by = $3, decided = $4 \
                     WHERE id = $1 AND state = 0";
                let state = if *agreed { 1i64 } else { 2 };
                if tx.run(sql, values![*id, state, by.as_str(), at]).await? == 0 {
                    return Err(StoreError::NotFound); // Somebody decided meanwhile.
                }
            }
        }
    }
    Ok(())
}

/// Whether a victim's limits leave room for one more.
async fn within(tx: &mut Tx, case: i64, limit: &VictimLimit) -> Result<(), StoreError> {
    // Cases are written side by side on some databases; the account's count is of all of them.
    tx.lock(Lock::Actions).await?;
    let sql = "SELECT 1 FROM actions WHERE case_id = $1 AND kind = $2 AND by_whom = 'victim' \
         AND state NOT IN ('lapsed', 'undone', 'refused') AND (state <> 'acknowledged' OR kind = 'freeze') LIMIT 1";
    if tx.one(sql, values![case, limit.kind.name()]).await?.is_some() {
        return Err(StoreError::NotFound);
    }
    let Some(most) = limit.most else { return Ok(()) };
    let row = tx.one(BY_VICTIMS, values![&limit.mark[..], limit.since, limit.kind.name()]).await?;
    let before = row.map_or(Ok(0), |mut row| row.count())?;
    if before < u64::from(most) { Ok(()) } else { Err(StoreError::NotFound) }
}

/// The columns that move, in their order.
fn moving(it: &Action) -> [Value; 9] {
    let (state, said) = (it.state.name().into(), it.said.as_str().into());
    [
        state,
        it.since.into(),
        said,
        it.asks.into(),
        it.queries.into(),
        it.tries.into(),
        it.call.into(),
        it.paged.into(),
        it.due().into(),
    ]
}

async fn insert(
    tx: &mut Tx,
    case: i64,
    it: &Action,
    sealed: &[u8],
    mark: &[u8; 16],
) -> Result<(), StoreError> {
    // A freeze ends once: whoever comes second to end it finds that done.
    let sql = "INSERT INTO actions (id, case_id, reference, kind, by_whom, second, sealed, mark, requested, lapses, undoes, \
         simulated, state, since, said, asks, queries, tries, call, paged, due, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, 1) \
         ON CONFLICT DO NOTHING";
    let mut values = values![
        it.id.as_str(),
        case,
        it.case.as_str(),
        it.kind.name(),
        it.by.as_str(),
        it.second.as_deref(),
        sealed,
        &mark[..],
        it.requested,
        it.lapses,
        it.undoes.as_deref(),
        it.simulated
    ];
    values.extend(moving(it));
    tx.run(sql, values).await.map(drop)
}

async fn save(
    tx: &mut Tx,
    it: &Action,
    version: i64,
    begins: Option<(Call, Moment)>,
) -> Result<(), StoreError> {
    let sql = "UPDATE actions SET version = version + 1, state = $3, since = $4, said = $5, asks = $6, queries = $7, tries = $8, \
         call = $9, paged = $10, due = $11 WHERE id = $1 AND version = $2";
    let mut values = values![it.id.as_str(), version];
    values.extend(moving(it));
    if tx.run(sql, values).await? == 0 {
        return Err(StoreError::Conflict("the action was changed meanwhile"));
    }
    let Some((call, at)) = begins else { return Ok(()) };
    let call = match call {
        Call::Ask => "ask",
        Call::Query => "query",
    };
    let sql = "INSERT INTO action_deliveries (action, n, at, call, outcome) VALUES ($1, $2, $3, $4, '') \
         ON CONFLICT (action, n) DO NOTHING";
    tx.run(sql, values![it.id.as_str(), it.calls(), at, call]).await.map(drop)
}

async fn want(
    tx: &mut Tx,
    case: i64,
    reference: &str,
    at: Moment,
    it: &NewApproval,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO approvals (case_id, reference, power, amount, undoes, sealed, simulated, asked_by, asked, until_when, state) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)";
    let values = values![
        case,
        reference,
        it.power.as_str(),
        it.amount.as_str(),
        it.undoes.as_deref(),
        it.sealed.as_slice(),
        it.simulated,
        it.asked_by.as_str(),
        at,
        it.until
    ];
    tx.run(sql, values).await.map(drop)
}

impl Store {
    /// Takes actions that are due, oldest first; nobody else gets them before `until`.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn claim_due_actions(
        &self,
        now: Moment,
        until: Moment,
        limit: usize,
    ) -> Result<Vec<KeptAction>, StoreError> {
        let waiting = "SELECT 1 FROM actions WHERE due <= $1 LIMIT 1";
        if self.shared.db.one(waiting, values![now]).await?.is_none() {
            return Ok(Vec::new());
        }
        let mut tx = self.shared.db.begin().await?;
        tx.lock(Lock::Actions).await?;
        let sql = format!("{COLUMNS} WHERE due <= $1 ORDER BY due, id LIMIT $2");
        let rows = tx.query(sql, values![now, cap(limit.clamp(1, MAX_PAGE))]).await?;
        let taken = rows.into_iter().map(kept).collect::<Result<Vec<_>, _>>()?;
        let each = taken.iter().map(|it| values![it.action.id.as_str(), until]).collect();
        tx.run_each("UPDATE actions SET due = $2 WHERE id = $1", each).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// When the next action is due; none if none is.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn next_action(&self) -> Result<Option<Moment>, StoreError> {
        let row = self.shared.db.one("SELECT MIN(due) FROM actions WHERE due IS NOT NULL", values![]).await?;
        row.map_or(Ok(None), |mut row| row.maybe(Row::moment))
    }

    /// Changes an action that is still at that version, where the case has nothing to tell of; with a
    /// call, that it begins. Durable.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it was changed meanwhile: read it again. Else those of writing.
    pub async fn save_action(
        &self,
        action: &Action,
        version: i64,
        begins: Option<(Call, Moment)>,
    ) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        save(&mut tx, action, version, begins).await?;
        tx.commit().await
    }

    /// Writes down what came of a call.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn called(&self, id: &str, n: u32, outcome: &str) -> Result<(), StoreError> {
        let sql = "UPDATE action_deliveries SET outcome = $3 WHERE action = $1 AND n = $2";
        self.shared.db.run(sql, values![id, n, outcome]).await.map(drop)
    }

    /// One action.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn action(&self, id: &str) -> Result<KeptAction, StoreError> {
        let sql = format!("{COLUMNS} WHERE id = $1");
        kept(self.shared.db.one(sql, values![id]).await?.ok_or(StoreError::NotFound)?)
    }

    /// The actions of a case, oldest first; [`MAX_PAGE`] at most.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn actions_of(&self, case: i64) -> Result<Vec<KeptAction>, StoreError> {
        let sql = format!("{COLUMNS} WHERE case_id = $1 ORDER BY requested, id LIMIT $2");
        let rows = self.shared.db.query(sql, values![case, cap(MAX_PAGE)]).await?;
        rows.into_iter().map(kept).collect()
    }

    /// Actions in one state, or trials in any, newest first; [`MAX_PAGE`] at most.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn actions_in(
        &self,
        state: Option<State>,
        simulated: bool,
        limit: usize,
    ) -> Result<Vec<KeptAction>, StoreError> {
        let limit = cap(limit.clamp(1, MAX_PAGE));
        let order = "ORDER BY since DESC, id LIMIT $1";
        let simulated = i64::from(simulated);
        let rows = match state {
            Some(state) => {
                let sql = format!("{COLUMNS} WHERE state = $2 AND simulated = {simulated} {order}");
                self.shared.db.query(sql, values![limit, state.name()]).await?
            }
            None => {
                let sql = format!("{COLUMNS} WHERE simulated = {simulated} {order}");
                self.shared.db.query(sql, values![limit]).await?
            }
        };
        rows.into_iter().map(kept).collect()
    }

    /// How many actions that are no trials are in each state.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn action_counts(&self) -> Result<Vec<(State, u64)>, StoreError> {
        let sql = "SELECT state, COUNT(*) FROM actions WHERE simulated = $1 GROUP BY state ORDER BY state";
        let read = |mut row: Row| {
            let state = row.text()?.parse().map_err(|_| StoreError::corrupt("the state of an action"))?;
            Ok((state, row.count()?))
        };
        self.shared.db.query(sql, values![false]).await?.into_iter().map(read).collect()
    }

    /// How often victims had that done to the account since then, in all cases, trials too: what
    /// [`ActionChange::Within`] holds against [`VictimLimit::most`].
    ///
    /// # Errors
    /// Those of reading.
    pub async fn done_by_victims(&self, limit: &VictimLimit) -> Result<u64, StoreError> {
        let values = values![&limit.mark[..], limit.since, limit.kind.name()];
        let row = self.shared.db.one(BY_VICTIMS, values).await?;
        row.map_or(Ok(0), |mut row| row.count())
    }

    /// The calls that were made for an action, oldest first; [`MAX_PAGE`] at most.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn action_calls(&self, id: &str) -> Result<Vec<ActionCall>, StoreError> {
        let sql = "SELECT at, call, outcome FROM action_deliveries WHERE action = $1 ORDER BY n LIMIT $2";
        let read = |mut row: Row| {
            let row = &mut row;
            Ok(ActionCall { at: row.moment()?, call: row.text()?, outcome: row.text()? })
        };
        self.shared.db.query(sql, values![id, cap(MAX_PAGE)]).await?.into_iter().map(read).collect()
    }

    /// A person lets it be tried again: like [`Store::save_action`], and audited.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it was changed meanwhile; else those of writing.
    pub async fn retry_action(
        &self,
        action: &Action,
        version: i64,
        by: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        save(&mut tx, action, version, None).await?;
        let deed = Deed { at: now, by, act: "action.retry", object: &action.case, detail: &action.id };
        audit::record(&mut tx, &deed).await?;
        tx.commit().await
    }

    /// One approval.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], or those of reading.
    pub async fn approval(&self, id: i64) -> Result<Approval, StoreError> {
        let sql = format!("{APPROVALS} WHERE id = $1");
        approval(self.shared.db.one(sql, values![id]).await?.ok_or(StoreError::NotFound)?)
    }

    /// What waits for a second person now, soonest to lapse first; of one case, or of all.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn open_approvals(&self, case: Option<i64>, now: Moment) -> Result<Vec<Approval>, StoreError> {
        let sql = format!(
            "{APPROVALS} WHERE state = 0 AND until_when >= $1 AND (case_id = $2 OR $2 = 0) ORDER BY until_when, id LIMIT $3"
        );
        let rows = self.shared.db.query(sql, values![now, case.unwrap_or(0), cap(MAX_PAGE)]).await?;
        rows.into_iter().map(approval).collect()
    }
}
