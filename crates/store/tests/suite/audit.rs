use touchstone_store::{AuditState, Deed, Ruling, Seq, Store};
use touchstone_types::Decision;

use crate::engine::{Place, at, flagged, on_both, tamper};

fn deed<'a>(by: &'a str, act: &'a str) -> Deed<'a> {
    Deed { at: at(5), by, act, object: "x", detail: "助记词 \0" }
}

async fn three(place: &Place) -> Store {
    let store = place.open().await;
    for act in ["login", "review.confirm", "logout"] {
        store.audit(&deed("ann", act)).await.unwrap();
    }
    store
}

on_both! {
    async fn the_trail_is_a_chain(place: &Place) {
        let store = three(place).await;
        let newest = store.audit_trail(None, None, 2).await.unwrap();
        assert_eq!(newest.iter().map(|it| (it.n, it.act.as_str())).collect::<Vec<_>>(), [(3, "logout"), (2, "review.confirm")]);
        assert_eq!(newest[0].previous, newest[1].hash);
        let older = store.audit_trail(Some("ann"), Some(2), 9).await.unwrap();
        assert_eq!((older.len(), older[0].previous), (1, [0; 32]));
        assert!(store.audit_trail(Some("ben"), None, 9).await.unwrap().is_empty());
        assert_eq!(store.verify_audit().await.unwrap(), AuditState::Whole { entries: 3, newest: newest[0].hash });
    }

    async fn the_database_refuses_to_change_what_was_recorded(place: &Place) {
        let store = three(place).await;
        store.append(vec![flagged("1", Decision::Hold, 60, &["haste"])]).await.unwrap();
        store.decide(Ruling::Confirm, &[Seq(1)], "ann", "", at(10)).await.unwrap();
        for sql in [
            "UPDATE audit SET by_whom = 'ben' WHERE n = 2",
            "DELETE FROM audit WHERE n = 2",
            "UPDATE acts SET by_whom = 'ben'",
            "DELETE FROM acts",
        ] {
            assert!(!tamper(place, sql).await, "{sql}");
        }
        assert!(matches!(store.verify_audit().await.unwrap(), AuditState::Whole { entries: 4, .. }));
    }

    async fn an_act_and_its_entry_are_written_together(place: &Place) {
        let store = place.open().await;
        let events = ["1", "2", "3"].map(|it| flagged(it, Decision::Hold, 60, &["haste"]));
        store.append(events.into()).await.unwrap();
        let told = async || {
            let trail = store.audit_trail(None, None, 9).await.unwrap();
            trail.into_iter().map(|it| format!("{} {} {} {}", it.by, it.act, it.object, it.detail)).collect::<Vec<_>>()
        };
        store.hold_review(Seq(1), "ben", at(10), at(99)).await.unwrap();
        assert!(store.decide(Ruling::Confirm, &[Seq(1)], "ann", "", at(11)).await.is_err());
        assert!(told().await.is_empty()); // What was refused did not happen.
        let act = store.decide(Ruling::Overturn, &[Seq(2)], "ann", "a joke", at(12)).await.unwrap();
        assert_eq!(told().await, ["ann review.overturn 2 a joke"]);
        store.decide_campaign(Ruling::Confirm, "link:x", &[Seq(2), Seq(3)], "ann", "one hand", at(13)).await.unwrap();
        assert_eq!(told().await[0], "ann review.bulk link:x confirm × 2: one hand");
        store.undo(act, "lea", "", at(14)).await.unwrap();
        assert_eq!(told().await[0], format!("lea review.undo {act} "));
        assert!(store.undo(act, "lea", "", at(15)).await.is_err());
        assert_eq!(told().await.len(), 3);
    }

    async fn whoever_takes_the_triggers_away_is_found_out(place: &Place) {
        let store = three(place).await;
        let disarm = if place.url.starts_with("sqlite:") {
            "DROP TRIGGER audit_is_never_changed; UPDATE audit SET by_whom = 'ben' WHERE n = 2"
        } else {
            "DROP TRIGGER audit_is_append_only ON audit; UPDATE audit SET by_whom = 'ben' WHERE n = 2"
        };
        assert!(tamper(place, disarm).await);
        assert_eq!(store.verify_audit().await.unwrap(), AuditState::Broken { at: 2 });
    }

    async fn entries_made_at_once_still_make_one_chain(place: &Place) {
        let store = place.open().await;
        let tasks: Vec<_> = (0..6).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { for _ in 0..5 { store.audit(&deed("ann", "login")).await.unwrap(); } })
        }).collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert!(matches!(store.verify_audit().await.unwrap(), AuditState::Whole { entries: 30, .. }));
    }
}
