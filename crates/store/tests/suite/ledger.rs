use touchstone_store::{
    Addition, AuditState, Deed, DeliveryState, LogTile, NewLeaf, Notice, RegistryFile, SignedHead, Store,
    StoreError,
};

use crate::engine::{at, on_both, tamper};

fn addition(onto: u64, leaves: &[&str], notices: Vec<Notice>) -> Addition<'static> {
    let size = onto + leaves.len() as u64;
    Addition {
        onto,
        leaves: leaves
            .iter()
            .map(|it| NewLeaf { about: format!("of-{it}"), bytes: it.as_bytes().to_vec() })
            .collect(),
        tiles: vec![LogTile { level: 0, index: 0, hashes: vec![7; 32 * usize::try_from(size).unwrap()] }],
        head: SignedHead { size, at: at(5), note: format!("size {size}") },
        file: RegistryFile { entries: size - 1, statement: size - 1, at: at(5), bytes: vec![1, 2, 3] },
        notices,
        deed: Deed { at: at(5), by: "ann", act: "registry.publish", object: "log", detail: "" },
    }
}

fn notice(message: &str, about: &str, public: bool) -> Notice {
    Notice { message: message.into(), about: about.into(), public, body: format!("{{\"of\":\"{message}\"}}") }
}

async fn waiting(store: &Store) -> Vec<(i64, String)> {
    let found = store.deliveries(DeliveryState::Waiting, 99).await.unwrap();
    found.into_iter().rev().map(|it| (it.subscription, it.message)).collect()
}

on_both! {
    async fn what_is_published_is_there_whole(place: &Place) {
        let store = place.open().await;
        assert_eq!((store.signed_head().await.unwrap(), store.signed_size().await.unwrap()), (None, 0));
        assert_eq!(store.registry_file().await.unwrap(), None);
        store.add_leaves(&addition(0, &["a", "b"], vec![])).await.unwrap();
        store.add_leaves(&addition(2, &["c"], vec![])).await.unwrap();
        assert_eq!(store.signed_size().await.unwrap(), 3);
        assert_eq!(store.signed_head().await.unwrap().unwrap().note, "size 3");
        let leaves = store.leaves(1, 9).await.unwrap();
        assert_eq!(leaves.iter().map(|it| (it.index, it.bytes.as_slice())).collect::<Vec<_>>(), [(1, &b"b"[..]), (2, b"c")]);
        assert_eq!(store.leaves_about("of-b", 9).await.unwrap(), leaves[..1]);
        assert!(store.leaves_about("", 9).await.unwrap().is_empty());
        assert_eq!(store.log_tile(0, 0).await.unwrap().unwrap().len(), 96);
        assert_eq!(store.log_tile(1, 0).await.unwrap(), None);
        assert_eq!(store.registry_file().await.unwrap().unwrap().statement, 2);
        assert!(matches!(store.verify_audit().await.unwrap(), AuditState::Whole { entries: 2, .. }));
    }

    async fn who_did_not_see_the_newest_leaf_adds_nothing(place: &Place) {
        let store = place.open().await;
        store.add_leaves(&addition(0, &["a", "b"], vec![])).await.unwrap();
        for onto in [0, 1, 3] {
            let refused = store.add_leaves(&addition(onto, &["x"], vec![notice("m", "", true)])).await;
            assert!(matches!(refused, Err(StoreError::Conflict(_))), "{onto}");
        }
        assert_eq!((store.leaves(0, 9).await.unwrap().len(), store.signed_size().await.unwrap()), (2, 2));
        assert!(matches!(store.verify_audit().await.unwrap(), AuditState::Whole { entries: 1, .. }));
    }

    async fn of_many_who_publish_at_once_one_is_first(place: &Place) {
        let store = place.open().await;
        let tasks: Vec<_> = (0..5).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.add_leaves(&addition(0, &["a"], vec![])).await.is_ok() })
        }).collect();
        let mut first = 0;
        for task in tasks {
            first += u32::from(task.await.unwrap());
        }
        assert_eq!((first, store.signed_size().await.unwrap()), (1, 1));
    }

    async fn signatures_of_witnesses_are_added_to_a_checkpoint(place: &Place) {
        let store = place.open().await;
        store.add_leaves(&addition(0, &["a"], vec![])).await.unwrap();
        store.cosigned(1, "size 1, seen").await.unwrap();
        assert_eq!(store.signed_head().await.unwrap().unwrap().note, "size 1, seen");
        assert!(matches!(store.cosigned(9, "").await, Err(StoreError::NotFound)));
        let head = SignedHead { size: 1, at: at(9), note: "another key".into() };
        let deed = Deed { at: at(9), by: "ann", act: "registry.rotate", object: "log", detail: "" };
        store.sign_again(&head, &deed).await.unwrap();
        assert_eq!(store.signed_head().await.unwrap(), Some(head));
    }

    async fn the_database_refuses_to_change_the_log(place: &Place) {
        let store = place.open().await;
        store.add_leaves(&addition(0, &["a", "b"], vec![])).await.unwrap();
        for sql in [
            "UPDATE log_entries SET at = 0 WHERE place = 1",
            "DELETE FROM log_entries WHERE place = 1",
            "UPDATE log_tiles SET hashes = substr(hashes, 1, 32)",
            "UPDATE log_tiles SET place = 4",
            "DELETE FROM log_tiles",
            "DELETE FROM log_checkpoints",
        ] {
            assert!(!tamper(place, sql).await, "{sql}");
        }
        let mut other = addition(2, &["c"], vec![]);
        other.tiles[0].hashes = vec![8; 96];
        assert!(store.add_leaves(&other).await.is_err(), "a hash that was written is another one");
        assert_eq!(store.signed_size().await.unwrap(), 2);
    }

    async fn followers_are_told_of_what_they_follow(place: &Place) {
        let store = place.open().await;
        let all = store.subscribe("https://all.example/", &[1; 32], "", "ann", at(1)).await.unwrap();
        let one = store.subscribe("https://one.example/", &[2; 32], "lantern", "ann", at(1)).await.unwrap();
        let gone = store.subscribe("https://gone.example/", &[3; 32], "", "ann", at(1)).await.unwrap();
        store.unsubscribe(gone, "ann", at(2)).await.unwrap();
        assert!(matches!(store.unsubscribe(gone, "ann", at(2)).await, Err(StoreError::NotFound)));
        assert_eq!(store.subscriptions().await.unwrap().iter().map(|it| it.id).collect::<Vec<_>>(), [all, one]);
        let told = vec![notice("entry_0", "lantern", true), notice("entry_1", "other", true)];
        store.add_leaves(&addition(0, &["a", "b"], told)).await.unwrap();
        store.notify(&[notice("alert", "lantern", false), notice("alert", "lantern", false)], at(6)).await.unwrap();
        let told = [(all, "entry_0"), (one, "entry_0"), (all, "entry_1"), (one, "alert")].map(|(to, it)| (to, it.to_owned()));
        let mut found = waiting(&store).await;
        found.sort_by_key(|it| (&it.1 != "entry_0", &it.1 != "entry_1", it.0));
        assert_eq!(found, told);
    }

    async fn a_delivery_is_tried_by_one_at_a_time_until_it_is_given_up(place: &Place) {
        let store = place.open().await;
        let to = store.subscribe("https://all.example/", &[1; 32], "", "ann", at(1)).await.unwrap();
        store.notify(&[notice("m", "", true)], at(10)).await.unwrap();
        assert_eq!(store.next_delivery().await.unwrap(), Some(at(10)));
        assert!(store.due_deliveries(at(9), at(40), 9).await.unwrap().is_empty());
        let taken = store.due_deliveries(at(10), at(40), 9).await.unwrap();
        assert_eq!((taken.len(), taken[0].attempts, taken[0].subscription), (1, 1, to));
        assert!(store.due_deliveries(at(39), at(90), 9).await.unwrap().is_empty(), "somebody is at it");
        let again = store.due_deliveries(at(40), at(70), 9).await.unwrap();
        assert_eq!(again[0].attempts, 2, "whoever was at it has died");
        store.attempted(again[0].id, DeliveryState::GivenUp, "HTTP 500", at(40)).await.unwrap();
        assert_eq!((store.delivery_counts().await.unwrap(), store.next_delivery().await.unwrap()), ([0, 0, 1], None));
        assert_eq!(store.deliveries(DeliveryState::GivenUp, 9).await.unwrap()[0].outcome, "HTTP 500");
        store.retry_delivery(again[0].id, "ann", at(100)).await.unwrap();
        let last = store.due_deliveries(at(100), at(130), 9).await.unwrap();
        assert_eq!(last[0].attempts, 1);
        store.attempted(last[0].id, DeliveryState::Delivered, "HTTP 200", at(100)).await.unwrap();
        assert!(matches!(store.retry_delivery(last[0].id, "ann", at(100)).await, Err(StoreError::NotFound)));
        assert_eq!(store.forget_deliveries(at(11)).await.unwrap(), 1);
    }
}
