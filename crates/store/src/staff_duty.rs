//! Who of the staff can do what, who is there now, and how much they have in hand.

use touchstone_accounts::Role;
use touchstone_types::Moment;

use crate::case_desk::MAX_LOAD;
use crate::value::{Row, values};
use crate::{Store, StoreError};

/// Somebody of the staff who may be given cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Number.
    pub member: i64,
    /// Login name.
    pub login: String,
    /// Name that colleagues read.
    pub name: String,
    /// What they are there for.
    pub roles: Vec<Role>,
    /// What they can do: `chain:…`, `wallet:…`, `language:…`, `jurisdiction:…`.
    pub skills: Vec<String>,
    /// How many open cases they have; [`MAX_LOAD`] says that many or more.
    pub load: u64,
    /// Until when they are on duty; none if they are not.
    pub duty: Option<Moment>,
}

impl Store {
    /// What somebody can do.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn skills(&self, member: i64) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT skill FROM staff_skills WHERE staff = $1 ORDER BY skill";
        let found = self.shared.db.query(sql, values![member]).await?;
        found.into_iter().map(|mut row| row.text()).collect()
    }

    /// Sets what somebody can do. Audited.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn set_skills(
        &self,
        member: i64,
        skills: &[String],
        by: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        tx.run("DELETE FROM staff_skills WHERE staff = $1", values![member]).await?;
        let sql =
            "INSERT INTO staff_skills (staff, skill) VALUES ($1, $2) ON CONFLICT (staff, skill) DO NOTHING";
        for skill in skills {
            tx.run(sql, values![member, skill.as_str()]).await?;
        }
        let (object, detail) = (member.to_string(), skills.join(" "));
        let deed = crate::Deed { at: now, by, act: "staff.skills", object: &object, detail: &detail };
        crate::audit::record(&mut tx, &deed).await?;
        tx.commit().await
    }

    /// Until when somebody is on duty; none if they are not at that moment.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn duty(&self, member: i64, now: Moment) -> Result<Option<Moment>, StoreError> {
        let sql = "SELECT until FROM staff_duty WHERE staff = $1 AND until > $2";
        self.shared.db.one(sql, values![member, now]).await?.map(|mut row| row.moment()).transpose()
    }

    /// Somebody comes on duty until then, or goes off it. Audited.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn set_duty(
        &self,
        member: i64,
        until: Option<Moment>,
        by: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut tx = self.shared.db.begin().await?;
        let sql = "INSERT INTO staff_duty (staff, since, until) VALUES ($1, $2, $3) \
             ON CONFLICT (staff) DO UPDATE SET since = excluded.since, until = excluded.until";
        tx.run(sql, values![member, now, until.unwrap_or(now)]).await?;
        let (object, act) = (member.to_string(), if until.is_some() { "duty.on" } else { "duty.off" });
        crate::audit::record(&mut tx, &crate::Deed { at: now, by, act, object: &object, detail: "" }).await?;
        tx.commit().await
    }

    /// Everybody who may be given cases and is on duty, by login name.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn on_duty(&self, now: Moment) -> Result<Vec<Worker>, StoreError> {
        let everybody = self.workers(now).await?;
        Ok(everybody.into_iter().filter(|it| it.duty.is_some()).collect())
    }

    /// Everybody who is not disabled, with skills, load and duty, by login name.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn workers(&self, now: Moment) -> Result<Vec<Worker>, StoreError> {
        let sql = format!(
            "SELECT s.id, s.login, s.name, s.roles, d.until, \
             (SELECT COUNT(*) FROM (SELECT 1 FROM cases c WHERE c.owner = s.login AND c.closed IS NULL LIMIT {MAX_LOAD}) x) \
             FROM staff s LEFT JOIN staff_duty d ON d.staff = s.id AND d.until > $1 WHERE s.disabled IS NULL ORDER BY s.login"
        );
        let mut workers = Vec::new();
        for mut row in self.shared.db.query(sql, values![now]).await? {
            let row = &mut row;
            workers.push(Worker {
                member: row.int()?,
                login: row.text()?,
                name: row.text()?,
                roles: crate::staff::words(&row.text()?)?,
                duty: row.maybe(Row::moment)?,
                load: row.count()?,
                skills: Vec::new(),
            });
        }
        let sql = "SELECT staff, skill FROM staff_skills ORDER BY staff, skill";
        for mut row in self.shared.db.query(sql, values![]).await? {
            let (staff, skill) = (row.int()?, row.text()?);
            if let Some(worker) = workers.iter_mut().find(|it| it.member == staff) {
                worker.skills.push(skill);
            }
        }
        Ok(workers)
    }
}
