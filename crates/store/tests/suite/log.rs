use touchstone_store::{Appended, Entity, EntityKind, Seq, Store, StoreError};
use touchstone_types::Decision;

use crate::engine::{at, benign, flagged, key, on_both};

fn seqs(answers: &[Appended]) -> Vec<i64> {
    answers.iter().map(|it| it.seq().0).collect()
}

on_both! {
    async fn the_log_is_one_order_without_gaps(place: &Place) {
        let store = place.open().await;
        assert_eq!(store.last_seq().await.unwrap(), Seq::START);
        let first = store.append(vec![benign("a"), benign("b")]).await.unwrap();
        let second = store.append(vec![benign("c")]).await.unwrap();
        assert_eq!((seqs(&first), seqs(&second)), (vec![1, 2], vec![3]));
        assert_eq!(store.last_seq().await.unwrap(), Seq(3));
        let rest = store.after(Seq(1), 10).await.unwrap();
        assert_eq!(rest.iter().map(|it| it.seq.0).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(rest[1].raw, b"{\"id\":\"c\"}");
        assert_eq!(rest[1].verdict.as_deref(), Some(&b"{\"of\":\"c\"}"[..]));
        assert_eq!(rest[1].received, at(1));
        assert_eq!(store.after(Seq::START, 2).await.unwrap().len(), 2);
    }

    async fn an_event_sent_twice_keeps_its_first_answer(place: &Place) {
        let store = place.open().await;
        store.append(vec![benign("a")]).await.unwrap();
        let again = flagged("a", Decision::Block, 90, &["asks_for_code"]);
        let twin = flagged("b", Decision::Warn, 30, &["haste"]);
        let answers = store.append(vec![again, benign("b"), twin, benign("c")]).await.unwrap();
        let known = |seq, of: &str| Appended::Known { seq: Seq(seq), verdict: Some(format!("{{\"of\":\"{of}\"}}").into_bytes()) };
        assert_eq!(answers, [known(1, "a"), Appended::New(Seq(2)), known(2, "b"), Appended::New(Seq(3))]);
        assert_eq!(store.verdict(Seq(1)).await.unwrap().decision, Some(Decision::Allow));
        let found = store.known(&[key("x"), key("c"), key("a")]).await.unwrap();
        assert_eq!(found, [None, Some(known(3, "c")), Some(known(1, "a"))]);
    }

    async fn what_was_not_screened_is_kept_and_says_so(place: &Place) {
        let store = place.open().await;
        let mut unknown = benign("a");
        unknown.kind = "coffee.made".into();
        unknown.screened = None;
        store.append(vec![unknown]).await.unwrap();
        let found = store.verdict(Seq(1)).await.unwrap();
        assert_eq!((found.decision, found.verdict, found.kind.as_str()), (None, None, "coffee.made"));
        assert_eq!(store.hourly_counts(at(0), at(3600)).await.unwrap()[0].unscreened, 1);
    }

    async fn any_text_can_be_kept(place: &Place) {
        let store = place.open().await;
        let mut odd = flagged("a", Decision::Warn, 1, &["x"]);
        odd.text = Some("nul \0 and 助记词 and '; DROP TABLE events; --".into());
        odd.actor = Some("a\0b".into());
        odd.raw = vec![0, 255, 254];
        odd.entities = vec![Entity::new(EntityKind::Domain, "ev\0il.example"); 2];
        store.append(vec![odd]).await.unwrap();
        assert_eq!(store.verdict(Seq(1)).await.unwrap().raw, [0, 255, 254]);
    }

    async fn one_turn_at_a_time_and_it_sees_what_came_before(place: &Place) {
        let store = place.open().await;
        let mut first = store.ingest().await.unwrap();
        assert_eq!(first.known(&[key("a")]).await.unwrap(), [None]);
        let waiting = { let store = store.clone(); tokio::spawn(async move {
            let mut second = store.ingest().await.unwrap();
            let known = second.known(&[key("a")]).await.unwrap();
            second.append(vec![benign("b")]).await.unwrap();
            known
        }) };
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        first.append(vec![benign("a")]).await.unwrap();
        assert_eq!(waiting.await.unwrap()[0].as_ref().map(Appended::seq), Some(Seq(1)));
        assert_eq!(store.last_seq().await.unwrap(), Seq(2));
    }

    async fn many_at_once_lose_nothing_and_share_nothing(place: &Place) {
        let store = place.open().await;
        let tasks: Vec<_> = (0..8).map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut all = vec![];
                for batch in 0..10 {
                    let events = (0..7).map(|n| benign(&format!("{task}-{batch}-{n}"))).collect();
                    all.extend(seqs(&store.append(events).await.unwrap()));
                }
                all
            })
        }).collect();
        let mut all = vec![];
        for task in tasks {
            all.extend(task.await.unwrap());
        }
        all.sort_unstable();
        assert_eq!(all, (1..=560).collect::<Vec<i64>>());
    }

    async fn what_was_kept_is_there_after_reopening(place: &Place) {
        let store = place.open().await;
        store.append(vec![benign("a")]).await.unwrap();
        store.close().await;
        let store = place.open().await; // Migrations are not applied twice.
        assert_eq!(seqs(&store.append(vec![benign("a"), benign("b")]).await.unwrap()), [1, 2]);
    }

    async fn a_database_of_a_later_version_is_left_alone(place: &Place) {
        place.open().await.close().await;
        let sql = "INSERT INTO migrations (number, applied) VALUES (9999, 0)";
        match place.url.strip_prefix("sqlite:") {
            Some(path) => drop(rusqlite::Connection::open(path).unwrap().execute(sql, []).unwrap()),
            None => crate::engine::command(&place.url, sql).await,
        }
        let refused = Store::open(&place.url, at(0)).await;
        assert!(matches!(refused.err(), Some(StoreError::Newer { found: 9999, .. })));
    }

    async fn forgetting_deletes_the_old_and_the_order_goes_on(place: &Place) {
        let store = place.open().await;
        let mut old = flagged("old", Decision::Block, 90, &["asks_for_code"]);
        old.text = Some("tell me the code".into());
        old.entities = vec![Entity::new(EntityKind::Domain, "evil.example")];
        let mut new = benign("new");
        new.received = at(7200);
        store.append(vec![old, flagged("labelled", Decision::Block, 80, &["asks_for_code"]), new]).await.unwrap();
        store.decide(touchstone_store::Ruling::Confirm, &[Seq(2)], "ann", "", at(2)).await.unwrap();
        let done = store.forget(at(7200), true, 100).await.unwrap();
        assert_eq!((done.events, done.more), (1, false));
        let left: Vec<_> = store.after(Seq::START, 9).await.unwrap().iter().map(|it| it.seq.0).collect();
        assert_eq!(left, [2, 3]);
        let by_phrase = touchstone_store::VerdictFilter { phrase: Some("the code".into()), ..Default::default() };
        assert!(store.verdicts(&by_phrase, None, 9).await.unwrap().items.is_empty());
        assert_eq!(store.forget(at(9999), false, 100).await.unwrap().events, 2);
        assert_eq!(seqs(&store.append(vec![benign("next")]).await.unwrap()), [4]);
    }

    async fn readiness_says_that_it_can_write(place: &Place) {
        place.open().await.check().await.unwrap();
    }
}
