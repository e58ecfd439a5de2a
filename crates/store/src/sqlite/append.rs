//! The hot path on SQLite: prepared statements in a loop, inside one transaction.

use rusqlite::{Connection, params};

use crate::StoreError;
use crate::log::{Appended, NewEvent, Seq, rank};
use crate::tally::Tally;

pub(super) struct Append<'c> {
    connection: &'c Connection,
    last: i64,
    tally: Tally,
}

impl<'c> Append<'c> {
    /// Expects an open transaction.
    pub(super) fn begin(connection: &'c Connection) -> Result<Self, StoreError> {
        let last = connection.prepare_cached("SELECT last FROM head")?.query_row([], |row| row.get(0))?;
        Ok(Self { connection, last, tally: Tally::default() })
    }

    pub(super) fn write(&mut self, events: &[NewEvent]) -> Result<Vec<Appended>, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO events (seq, source, id, kind, time, received, actor, user_id, conversation, campaign, decision, score, raw, verdict) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT (source, id) DO NOTHING",
        )?;
        let mut answers = Vec::with_capacity(events.len());
        for event in events {
            let screened = event.screened.as_ref();
            let rows = insert.execute(params![
                self.last + 1,
                event.key.source,
                event.key.id,
                event.kind,
                event.time.as_micros(),
                event.received.as_micros(),
                event.actor,
                event.user,
                event.conversation,
                screened.and_then(|it| it.campaign.as_deref()),
                screened.map(|it| rank(it.decision)),
                screened.map_or(0, |it| it.score),
                event.raw,
                screened.map(|it| it.verdict.as_slice()),
            ])?;
            answers.push(if rows == 1 {
                self.last += 1;
                let seq = Seq(self.last);
                self.beside(seq, event)?;
                self.tally.add(seq, event);
                Appended::New(seq)
            } else {
                self.known(event)?
            });
        }
        Ok(answers)
    }

    fn known(&self, event: &NewEvent) -> Result<Appended, StoreError> {
        let mut find = self
            .connection
            .prepare_cached("SELECT seq, verdict FROM events WHERE source = ?1 AND id = ?2")?;
        Ok(find.query_row(params![event.key.source, event.key.id], |row| {
            Ok(Appended::Known { seq: Seq(row.get(0)?), verdict: row.get(1)? })
        })?)
    }

    /// What makes the event findable. Most events have nothing of it.
    fn beside(&self, seq: Seq, event: &NewEvent) -> Result<(), StoreError> {
        for entity in &event.entities {
            self.connection
                .prepare_cached(
                    "INSERT INTO entities (kind, value, seq) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                )?
                .execute(params![entity.kind.name(), entity.value, seq.0])?;
        }
        let Some(screened) = &event.screened else { return Ok(()) };
        for (name, shadow) in screened.names() {
            self.connection
                .prepare_cached(
                    "INSERT INTO findings (name, seq, shadow) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                )?
                .execute(params![name, seq.0, shadow])?;
        }
        if let Some(body) = event.searchable() {
            self.connection
                .prepare_cached("INSERT INTO texts (seq, body) VALUES (?1, ?2)")?
                .execute(params![seq.0, body])?;
            self.connection
                .prepare_cached("INSERT INTO texts_index (rowid, body) VALUES (?1, ?2)")?
                .execute(params![seq.0, body])?;
        }
        if screened.needs_person {
            self.connection
                .prepare_cached("INSERT INTO reviews (seq, opened, score, state) VALUES (?1, ?2, ?3, 0)")?
                .execute(params![seq.0, event.received.as_micros(), screened.score])?;
        }
        Ok(())
    }

    /// Writes the sums; the commit is left to the caller.
    pub(super) fn finish(self) -> Result<(), StoreError> {
        for (sql, values) in self.tally.statements() {
            super::run(self.connection, sql, &values)?;
        }
        self.connection.prepare_cached("UPDATE head SET last = ?1")?.execute([self.last])?;
        Ok(())
    }
}
