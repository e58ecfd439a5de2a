use touchstone_store::{Label, ReviewState, Ruling, Seq, Store, StoreError};
use touchstone_types::Decision;

use crate::engine::{Place, at, benign, flagged, on_both};

async fn filled(place: &Place) -> Store {
    let store = place.open().await;
    let events = vec![
        flagged("1", Decision::Hold, 60, &["haste"]),
        flagged("2", Decision::Block, 90, &["haste", "asks_for_code"]),
        benign("3"),
        flagged("4", Decision::Hold, 60, &["asks_for_code"]),
    ];
    store.append(events).await.unwrap();
    store
}

async fn labels(store: &Store) -> Vec<(i64, Label)> {
    store.labels(Seq::START, 99).await.unwrap().into_iter().map(|it| (it.seq.0, it.label)).collect()
}

on_both! {
    async fn the_queue_has_the_worst_first_then_the_oldest(place: &Place) {
        let store = filled(place).await;
        let all = store.queue(ReviewState::Open, None, 10).await.unwrap();
        assert_eq!(all.iter().map(|it| it.seq.0).collect::<Vec<_>>(), [2, 1, 4]);
        let rest = store.queue(ReviewState::Open, Some(&all[1]), 10).await.unwrap();
        assert_eq!(rest, all[2..]);
        assert_eq!(store.queue_length().await.unwrap(), (3, 0));
        store.open_review(Seq(3), at(5)).await.unwrap();
        store.open_review(Seq(3), at(6)).await.unwrap();
        assert_eq!(store.review(Seq(3)).await.unwrap().unwrap().opened, at(5));
        assert!(matches!(store.open_review(Seq(99), at(6)).await, Err(StoreError::NotFound)));
    }

    async fn two_people_never_hold_the_same_review(place: &Place) {
        let store = filled(place).await;
        let ann = store.hold_next("ann", at(10), at(100)).await.unwrap().unwrap();
        let ben = store.hold_next("ben", at(10), at(100)).await.unwrap().unwrap();
        assert_eq!((ann.seq, ben.seq), (Seq(2), Seq(1)));
        assert!(matches!(store.hold_review(Seq(2), "ben", at(20), at(200)).await, Err(StoreError::Conflict(_))));
        assert!(matches!(store.decide(Ruling::Confirm, &[Seq(2)], "ben", "", at(20)).await, Err(StoreError::Conflict(_))));
        assert_eq!(store.review(Seq(2)).await.unwrap().unwrap().state, ReviewState::Open);
        store.hold_review(Seq(2), "ann", at(20), at(150)).await.unwrap(); // Renewed.
        store.hold_review(Seq(2), "ben", at(150), at(200)).await.unwrap(); // Lapsed.
        store.release_review(Seq(2), "ann").await.unwrap(); // Not hers any more.
        assert_eq!(store.review(Seq(2)).await.unwrap().unwrap().holder.unwrap().who, "ben");
        store.hold_next("cem", at(10), at(300)).await.unwrap().unwrap();
        assert!(store.hold_next("dan", at(20), at(300)).await.unwrap().is_none());
        assert!(matches!(store.hold_review(Seq(77), "ben", at(0), at(1)).await, Err(StoreError::NotFound)));
    }

    async fn decisions_become_labels_and_labels_measure_rules(place: &Place) {
        let store = filled(place).await;
        store.decide(Ruling::Confirm, &[Seq(2)], "ann", "clear", at(10)).await.unwrap();
        store.decide(Ruling::Overturn, &[Seq(1)], "ann", "a joke", at(11)).await.unwrap();
        store.decide(Ruling::Overturn, &[Seq(3)], "ben", "missed", at(12)).await.unwrap();
        store.decide(Ruling::Escalate, &[Seq(4)], "ben", "", at(13)).await.unwrap();
        assert_eq!(labels(&store).await, [(1, Label::Benign), (2, Label::Fraud), (3, Label::Fraud)]);
        assert_eq!(store.queue_length().await.unwrap(), (1, 1));
        let quality = store.quality().await.unwrap();
        let haste = quality.iter().find(|it| it.name == "haste").unwrap();
        assert_eq!((haste.fraud, haste.benign, haste.all_fraud), (1, 1, 2));
        assert_eq!((haste.precision(), haste.recall()), (Some(0.5), Some(0.5)));
        let exported = &store.labels(Seq(1), 1).await.unwrap()[0];
        assert_eq!((exported.by.as_str(), exported.at, exported.decision), ("ann", at(10), Some(Decision::Block)));
    }

    async fn a_bulk_act_is_undone_as_one_and_nothing_is_deleted(place: &Place) {
        let store = filled(place).await;
        store.decide(Ruling::Overturn, &[Seq(1)], "ann", "", at(10)).await.unwrap();
        let bulk = store.decide(Ruling::Confirm, &[Seq(4), Seq(1), Seq(2), Seq(2)], "ben", "campaign", at(11)).await.unwrap();
        assert_eq!(labels(&store).await, [(1, Label::Fraud), (2, Label::Fraud), (4, Label::Fraud)]);
        store.decide(Ruling::Overturn, &[Seq(4)], "ann", "this one was real", at(12)).await.unwrap();
        let (undoing, went_back) = store.undo(bulk, "lea", "wrong campaign", at(13)).await.unwrap();
        assert_eq!(went_back, 2); // Not the one that was decided again since.
        assert_eq!(labels(&store).await, [(1, Label::Benign), (4, Label::Benign)]);
        assert_eq!(store.review(Seq(2)).await.unwrap().unwrap().state, ReviewState::Open);
        assert!(matches!(store.undo(bulk, "lea", "", at(14)).await, Err(StoreError::Conflict(_))));
        assert!(matches!(store.undo(undoing, "lea", "", at(14)).await, Err(StoreError::Conflict(_))));
        assert!(matches!(store.undo(999, "lea", "", at(14)).await, Err(StoreError::NotFound)));
        let acts = store.acts(None, 10).await.unwrap();
        assert_eq!(acts.iter().map(|it| it.id).collect::<Vec<_>>(), [4, 3, 2, 1]);
        assert_eq!((acts[2].undone_by, acts[2].events, acts[0].undoes), (Some(undoing), 3, Some(bulk)));
        let about: Vec<_> = store.acts(Some(Seq(1)), 10).await.unwrap().iter().map(|it| it.id).collect();
        assert_eq!(about, [4, 2, 1]);
    }

    async fn acts_undone_out_of_order_leave_nothing_in_force(place: &Place) {
        let store = filled(place).await;
        let first = store.decide(Ruling::Confirm, &[Seq(1)], "ann", "", at(10)).await.unwrap();
        let second = store.decide(Ruling::Overturn, &[Seq(1)], "ann", "", at(11)).await.unwrap();
        assert_eq!(store.undo(first, "ann", "", at(12)).await.unwrap().1, 0);
        assert_eq!(labels(&store).await, [(1, Label::Benign)]);
        assert_eq!(store.undo(second, "ann", "", at(13)).await.unwrap().1, 1);
        assert!(labels(&store).await.is_empty());
    }

    async fn an_act_on_what_is_not_there_is_refused_whole(place: &Place) {
        let store = filled(place).await;
        assert!(matches!(store.decide(Ruling::Confirm, &[Seq(1), Seq(99)], "ann", "", at(10)).await, Err(StoreError::NotFound)));
        assert!(matches!(store.decide(Ruling::Confirm, &[], "ann", "", at(10)).await, Err(StoreError::Conflict(_))));
        assert!(matches!(store.decide(Ruling::Undo, &[Seq(1)], "ann", "", at(10)).await, Err(StoreError::Conflict(_))));
        assert!(labels(&store).await.is_empty());
        assert!(store.acts(None, 10).await.unwrap().is_empty());
    }
}
