use touchstone_store::{AuditState, PolicyStatus, PolicyVersion, Seq, Snapshot, StoreError};
use touchstone_types::PolicyHash;

use crate::engine::{at, on_both};

fn version(n: u8) -> PolicyVersion {
    PolicyVersion {
        hash: PolicyHash([n; 32]),
        files: vec![
            ("policy.toml".into(), format!("version = {n} # 词表")),
            ("rules/a.toml".into(), String::new()),
        ],
        note: "why".into(),
        by: "ann".into(),
        at: at(i64::from(n)),
    }
}

on_both! {
    async fn one_policy_is_live_and_one_watches(place: &Place) {
        let store = place.open().await;
        assert_eq!(store.live_policy().await.unwrap(), None);
        store.set_policy(&version(1), PolicyStatus::Live, "system", at(1)).await.unwrap();
        store.set_policy(&version(2), PolicyStatus::Candidate, "ann", at(2)).await.unwrap();
        assert_eq!(store.live_policy().await.unwrap(), Some(version(1)));
        assert_eq!(store.candidate_policy().await.unwrap(), Some(version(2)));
        store.set_policy(&version(3), PolicyStatus::Candidate, "ann", at(3)).await.unwrap();
        assert_eq!(store.candidate_policy().await.unwrap(), Some(version(3)));
        store.set_policy(&version(3), PolicyStatus::Withdrawn, "ann", at(4)).await.unwrap();
        assert_eq!(store.candidate_policy().await.unwrap(), None);
        store.set_policy(&version(2), PolicyStatus::Candidate, "ann", at(5)).await.unwrap();
        store.set_policy(&version(2), PolicyStatus::Live, "lea", at(6)).await.unwrap();
        assert_eq!(store.live_policy().await.unwrap(), Some(version(2)));
        assert_eq!(store.candidate_policy().await.unwrap(), None);
        let newest = &store.policy_changes(9).await.unwrap()[0];
        assert_eq!((newest.hash, newest.status, newest.by.as_str()), (version(2).hash, PolicyStatus::Live, "lea"));
        assert_eq!(store.policy_version(version(1).hash).await.unwrap(), version(1));
        assert!(matches!(store.policy_version(PolicyHash([9; 32])).await, Err(StoreError::NotFound)));
        assert!(matches!(store.verify_audit().await.unwrap(), AuditState::Whole { entries: 6, .. }));
    }

    async fn the_two_newest_snapshots_of_each_memory_are_kept(place: &Place) {
        let store = place.open().await;
        for seq in [10, 20, 30] {
            let bytes = vec![u8::try_from(seq).unwrap(); 5];
            store.save_snapshot("f1", Snapshot { seq: Seq(seq), bytes }, at(seq)).await.unwrap();
        }
        store.save_snapshot("f2", Snapshot { seq: Seq(5), bytes: vec![] }, at(0)).await.unwrap();
        let newest = store.snapshot("f1", None).await.unwrap().unwrap();
        assert_eq!((newest.seq, newest.bytes), (Seq(30), vec![30; 5]));
        assert_eq!(store.snapshot("f1", Some(Seq(29))).await.unwrap().unwrap().seq, Seq(20));
        assert_eq!(store.snapshot("f1", Some(Seq(19))).await.unwrap(), None);
        assert_eq!(store.snapshot("f2", None).await.unwrap().unwrap().seq, Seq(5));
        assert_eq!(store.snapshot("f3", None).await.unwrap(), None);
    }
}
