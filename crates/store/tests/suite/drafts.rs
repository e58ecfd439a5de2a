use touchstone_store::{DraftFile, DraftFull, DraftLimits, Store};

use crate::engine::{at, on_both};

const LIMITS: DraftLimits = DraftLimits { files: 2, bytes: 100, drafts: 2, all_bytes: 150 };

fn file(name: &str, size: u64) -> DraftFile {
    DraftFile { file: name.into(), at: at(10), size, name: vec![7, 0, 255] }
}

async fn keep(store: &Store, draft: u8, it: &DraftFile) -> Result<(), DraftFull> {
    store.keep_in_draft(&[draft; 32], it, vec![draft], at(1_000), LIMITS).await.unwrap()
}

on_both! {
    async fn a_draft_holds_what_it_may_and_no_more(place: &Place) {
        let store = place.open().await;
        assert_eq!(keep(&store, 1, &file("a", 60)).await, Ok(()));
        assert_eq!(keep(&store, 1, &file("b", 60)).await, Err(DraftFull::Bytes));
        assert_eq!(keep(&store, 1, &file("b", 40)).await, Ok(()));
        assert_eq!(keep(&store, 1, &file("c", 0)).await, Err(DraftFull::Files));
        assert_eq!(keep(&store, 2, &file("a", 51)).await, Err(DraftFull::Drafts), "together too large");
        assert_eq!(keep(&store, 2, &file("a", 1)).await, Ok(()));
        assert_eq!(keep(&store, 3, &file("a", 1)).await, Err(DraftFull::Drafts));
        assert_eq!(store.draft_files(&[1; 32], at(999)).await.unwrap(), [file("a", 60), file("b", 40)]);
        assert_eq!(store.draft_file(&[2; 32], "a").await.unwrap(), [2]);
        assert!(store.draft_file(&[2; 32], "b").await.is_err(), "another draft's file is not there");

        assert!(store.drop_draft_file(&[1; 32], "a").await.unwrap());
        assert!(!store.drop_draft_file(&[1; 32], "a").await.unwrap());
        assert_eq!(keep(&store, 1, &file("c", 60)).await, Ok(()), "what was taken out makes room");
    }

    async fn a_draft_lapses_with_its_files(place: &Place) {
        let store = place.open().await;
        keep(&store, 1, &file("a", 1)).await.unwrap();
        keep(&store, 2, &file("a", 1)).await.unwrap();
        assert_eq!(store.forget_drafts(at(999), 10).await.unwrap(), 0);
        assert!(store.draft_files(&[1; 32], at(1_000)).await.unwrap().is_empty());
        store.drop_draft(&[2; 32]).await.unwrap();
        assert!(store.draft_file(&[2; 32], "a").await.is_err());
        assert_eq!(store.forget_drafts(at(1_000), 10).await.unwrap(), 1);
        assert!(store.draft_file(&[1; 32], "a").await.is_err());
    }
}
