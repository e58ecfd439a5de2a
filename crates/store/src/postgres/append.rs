//! The hot path on PostgreSQL: one statement a table, columns as arrays.

use std::collections::HashMap;

use touchstone_types::EventKey;

use super::PostgresTx;
use crate::StoreError;
use crate::log::{Appended, NewEvent, Seq, rank};
use crate::tally::Tally;

const KNOWN: &str = "SELECT k.place, e.seq, e.verdict \
     FROM unnest($1::bigint[], $2::text[], $3::text[]) AS k(place, source, id) \
     JOIN events e ON e.source = k.source AND e.id = k.id";

const INSERT: &str = "INSERT INTO events (seq, source, id, kind, time, received, actor, user_id, conversation, campaign, decision, score, raw, verdict) \
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], \
     $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::bytea[], $14::bytea[])";

impl PostgresTx {
    /// For each key what is in the log; in the order of `keys`.
    pub(crate) async fn known(&mut self, keys: &[EventKey]) -> Result<Vec<Option<Appended>>, StoreError> {
        let places: Vec<i64> = (0i64..).take(keys.len()).collect();
        let sources: Vec<&str> = keys.iter().map(|it| it.source.as_str()).collect();
        let ids: Vec<&str> = keys.iter().map(|it| it.id.as_str()).collect();
        let client = self.client()?;
        let statement = client.prepare_cached(KNOWN).await?;
        let mut answers = vec![None; keys.len()];
        for row in client.query(&statement, &[&places, &sources, &ids]).await? {
            let place = usize::try_from(row.try_get::<_, i64>(0)?).unwrap_or(usize::MAX);
            if let Some(answer) = answers.get_mut(place) {
                *answer = Some(Appended::Known { seq: Seq(row.try_get(1)?), verdict: row.try_get(2)? });
            }
        }
        Ok(answers)
    }

    /// Adds the events; the turn must be held (see [`crate::Ingest`]).
    pub(crate) async fn append(&mut self, events: &[NewEvent]) -> Result<Vec<Appended>, StoreError> {
        let keys: Vec<EventKey> = events.iter().map(|it| it.key.clone()).collect();
        let known = self.known(&keys).await?;
        let head = self.query("SELECT last FROM head", &[]).await?.into_iter().next();
        let mut last = head.ok_or_else(|| StoreError::corrupt("the head of the log is missing"))?.int()?;
        let mut answers: Vec<Appended> = Vec::with_capacity(events.len());
        let mut first: HashMap<&EventKey, usize> = HashMap::new();
        let mut fresh: Vec<(Seq, &NewEvent)> = Vec::new();
        for (at, (event, known)) in events.iter().zip(known).enumerate() {
            let answer = match (known, first.get(&event.key)) {
                (Some(known), _) => known,
                (None, Some(&earlier)) => Appended::Known {
                    seq: answers[earlier].seq(),
                    verdict: events[earlier].screened.as_ref().map(|it| it.verdict.clone()),
                },
                (None, None) => {
                    last += 1;
                    first.insert(&event.key, at);
                    fresh.push((Seq(last), event));
                    Appended::New(Seq(last))
                }
            };
            answers.push(answer);
        }
        if !fresh.is_empty() {
            self.insert(&fresh).await?;
            self.beside(&fresh).await?;
            self.run("UPDATE head SET last = $1", &[last.into()]).await?;
        }
        Ok(answers)
    }

    async fn insert(&mut self, fresh: &[(Seq, &NewEvent)]) -> Result<(), StoreError> {
        fn column<'e, T>(fresh: &[(Seq, &'e NewEvent)], of: impl Fn(&'e NewEvent) -> T) -> Vec<T> {
            fresh.iter().map(|(_, event)| of(event)).collect()
        }
        let seqs: Vec<i64> = fresh.iter().map(|(seq, _)| seq.0).collect();
        let client = self.client()?;
        let statement = client.prepare_cached(INSERT).await?;
        client
            .execute(
                &statement,
                &[
                    &seqs,
                    &column(fresh, |it| it.key.source.as_str()),
                    &column(fresh, |it| it.key.id.as_str()),
                    &column(fresh, |it| it.kind.as_str()),
                    &column(fresh, |it| it.time.as_micros()),
                    &column(fresh, |it| it.received.as_micros()),
                    &column(fresh, |it| it.actor.as_deref()),
                    &column(fresh, |it| it.user.as_deref()),
                    &column(fresh, |it| it.conversation.as_deref()),
                    &column(fresh, |it| it.screened.as_ref().and_then(|it| it.campaign.as_deref())),
                    &column(fresh, |it| it.screened.as_ref().map(|it| rank(it.decision))),
                    &column(fresh, |it| it.screened.as_ref().map_or(0, |it| i64::from(it.score))),
                    &column(fresh, |it| it.raw.as_slice()),
                    &column(fresh, |it| it.screened.as_ref().map(|it| it.verdict.as_slice())),
                ],
            )
            .await?;
        Ok(())
    }

    async fn beside(&mut self, fresh: &[(Seq, &NewEvent)]) -> Result<(), StoreError> {
        let mut tally = Tally::default();
        let (mut entities, mut findings) = ((vec![], vec![], vec![]), (vec![], vec![], vec![]));
        let (mut texts, mut reviews) = ((vec![], vec![]), (vec![], vec![], vec![]));
        for &(seq, event) in fresh {
            tally.add(seq, event);
            for entity in &event.entities {
                entities.0.push(entity.kind.name());
                entities.1.push(entity.value.as_str());
                entities.2.push(seq.0);
            }
            let Some(screened) = &event.screened else { continue };
            for (name, shadow) in screened.names() {
                findings.0.push(&**name);
                findings.1.push(seq.0);
                findings.2.push(i64::from(shadow));
            }
            if let Some(body) = event.searchable() {
                texts.0.push(seq.0);
                texts.1.push(body);
            }
            if screened.needs_person {
                reviews.0.push(seq.0);
                reviews.1.push(event.received.as_micros());
                reviews.2.push(i64::from(screened.score));
            }
        }
        let client = self.client()?;
        if !entities.0.is_empty() {
            let sql = "INSERT INTO entities (kind, value, seq) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) ON CONFLICT DO NOTHING";
            let statement = client.prepare_cached(sql).await?;
            client.execute(&statement, &[&entities.0, &entities.1, &entities.2]).await?;
        }
        if !findings.0.is_empty() {
            let sql = "INSERT INTO findings (name, seq, shadow) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) ON CONFLICT DO NOTHING";
            let statement = client.prepare_cached(sql).await?;
            client.execute(&statement, &[&findings.0, &findings.1, &findings.2]).await?;
        }
        if !texts.0.is_empty() {
            let sql = "INSERT INTO texts (seq, body) SELECT * FROM unnest($1::bigint[], $2::text[])";
            let statement = client.prepare_cached(sql).await?;
            client.execute(&statement, &[&texts.0, &texts.1]).await?;
        }
        if !reviews.0.is_empty() {
            let sql = "INSERT INTO reviews (seq, opened, score, state) SELECT seq, opened, score, 0 FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS r(seq, opened, score)";
            let statement = client.prepare_cached(sql).await?;
            client.execute(&statement, &[&reviews.0, &reviews.1, &reviews.2]).await?;
        }
        for (sql, values) in tally.statements() {
            self.run(sql, &values).await?;
        }
        Ok(())
    }
}
