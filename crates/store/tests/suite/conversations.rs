use touchstone_accounts::Role;
use touchstone_store::{
    Announcement, AnnouncementState, Conversation, Invitation, NewMember, SIGN_WITHIN, SentMessage, Store,
    StoreError, Taken,
};
use touchstone_types::{Bilingual, Lapse};

use crate::engine::{Place, at, on_both};

fn begun(id: &str, token: u8) -> Conversation {
    Conversation {
        id: id.into(),
        token_hash: [token; 32],
        user: "u-17".into(),
        inbox: [9; 32],
        case: "C-1".into(),
        channel: "phone".into(),
        user_nonce: [token; 32],
        phrase_zh: "茶壶 风筝 42".into(),
        phrase_en: "teapot kite 42".into(),
        made_by: "ts_1".into(),
        created: at(10),
        expires: at(1_000),
        taken: None,
        ended: None,
    }
}

fn taken(holder: &str, seconds: i64) -> Taken {
    Taken {
        holder: holder.into(),
        agent: format!("Agent {holder}"),
        at: at(seconds),
        agent_key: format!("key of {holder} at {seconds}"),
        proof: None,
    }
}

fn is_conflict<T: std::fmt::Debug>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Conflict(_)))
}

async fn member(store: &Store, token: u8, login: &str) -> i64 {
    let invitation = Invitation {
        token_hash: [token; 32],
        roles: vec![Role::Agent],
        made_by: "system".into(),
        created: at(0),
        expires: at(100),
        used: None,
    };
    store.invite(&invitation).await.unwrap();
    let new = NewMember { login, name: login, language: "zh", credentials: &[] };
    store.join(&[token; 32], &new, at(1)).await.unwrap().id
}

fn draft(id: &str, by: &str) -> Announcement {
    Announcement {
        id: id.into(),
        severity: "urgent".into(),
        organisation: "demo".into(),
        title: Bilingual { zh: "提醒".into(), en: "Notice".into() },
        text: Bilingual { zh: "有人冒充客服。".into(), en: "Somebody poses as support.".into() },
        until: Some(at(9_000)),
        made_by: by.into(),
        made: at(5),
        state: AnnouncementState::Draft,
        changed: at(5),
        log_index: None,
        approvals: vec![],
    }
}

async fn acts(place: &Place, store: &Store) -> Vec<String> {
    let _ = place;
    let trail = store.audit_trail(None, None, 99).await.unwrap();
    trail.into_iter().rev().map(|it| format!("{} {} {} {}", it.by, it.act, it.object, it.detail)).collect()
}

on_both! {
    async fn a_conversation_is_taken_by_one_and_signed_by_the_same(place: &Place) {
        let store = place.open().await;
        store.begin_conversation(&begun("s1", 1)).await.unwrap();
        assert!(is_conflict(store.begin_conversation(&begun("s1", 2)).await));
        assert_eq!(store.conversation("s1").await.unwrap(), begun("s1", 1));
        assert_eq!(store.conversation_of(&[1; 32]).await.unwrap().id, "s1");
        assert!(matches!(store.conversation_of(&[2; 32]).await, Err(StoreError::NotFound)));
        store.take_conversation("s1", &taken("ann", 20)).await.unwrap();
        assert!(is_conflict(store.take_conversation("s1", &taken("ben", 21)).await), "it is ann's");
        assert!(is_conflict(store.sign_conversation("s1", "ben", "key of ann at 20", "p", at(22)).await));
        assert!(is_conflict(store.sign_conversation("s1", "ann", "another key", "p", at(22)).await));
        store.sign_conversation("s1", "ann", "key of ann at 20", "proof", at(22)).await.unwrap();
        assert!(is_conflict(store.sign_conversation("s1", "ann", "key of ann at 20", "other", at(23)).await));
        let now = store.conversation("s1").await.unwrap();
        assert_eq!(now.taken, Some(Taken { proof: Some("proof".into()), ..taken("ann", 20) }));
        assert!(is_conflict(store.take_conversation("s1", &taken("ben", 900)).await), "a signed one stays");
        let told = acts(place, &store).await;
        assert_eq!(told, ["key:ts_1 session.begin s1 phone", "ann session.take s1 Agent ann", "ann session.sign s1 "]);
    }

    async fn what_nobody_signs_can_be_taken_by_another(place: &Place) {
        let store = place.open().await;
        store.begin_conversation(&begun("s1", 1)).await.unwrap();
        store.take_conversation("s1", &taken("ann", 20)).await.unwrap();
        store.take_conversation("s1", &taken("ann", 25)).await.unwrap(); // Her browser was closed.
        let after = i64::try_from(SIGN_WITHIN.as_secs()).unwrap();
        assert!(is_conflict(store.take_conversation("s1", &taken("ben", 24 + after)).await));
        store.take_conversation("s1", &taken("ben", 25 + after)).await.unwrap();
        assert!(is_conflict(store.sign_conversation("s1", "ann", "key of ann at 25", "p", at(99)).await));
    }

    async fn a_conversation_ends_is_handed_over_and_expires(place: &Place) {
        let store = place.open().await;
        for (id, token) in [("s1", 1), ("s2", 2), ("s3", 3)] {
            store.begin_conversation(&begun(id, token)).await.unwrap();
            store.take_conversation(id, &taken("ann", 20)).await.unwrap();
        }
        assert!(is_conflict(store.end_conversation("s1", Some("ben"), "ben", "", at(30)).await), "not his");
        store.end_conversation("s1", Some("ann"), "ann", "solved", at(30)).await.unwrap();
        assert!(is_conflict(store.end_conversation("s1", None, "user", "", at(31)).await), "over is over");
        assert!(is_conflict(store.take_conversation("s1", &taken("ben", 400)).await));
        let over = store.conversation("s1").await.unwrap();
        assert!(!over.is_open(at(31)));
        assert_eq!(over.ended.map(|it| (it.by, it.reason)), Some(("ann".into(), "solved".into())));
        store.hand_over_conversation("s2", "ann", ("风筝 茶壶 24", "kite teapot 24"), "needs the wallet team", at(40)).await.unwrap();
        let waits = store.conversation("s2").await.unwrap();
        assert_eq!((waits.taken, waits.phrase_en.as_str()), (None, "kite teapot 24"));
        store.end_conversation("s2", None, "user", "", at(50)).await.unwrap();
        assert_eq!(store.open_conversations(at(60), 9).await.unwrap().len(), 1);
        assert!(store.open_conversations(at(1_000), 9).await.unwrap().is_empty(), "s3 has expired");
        assert!(is_conflict(store.sign_conversation("s3", "ann", "key of ann at 20", "p", at(1_000)).await));
        assert!(is_conflict(store.end_conversation("s3", None, "user", "", at(1_000)).await));
        assert_eq!(store.forget_conversations(at(1_000)).await.unwrap(), 0);
        assert_eq!(store.forget_conversations(at(1_001)).await.unwrap(), 3);
    }

    async fn an_inbox_is_one_chain_however_many_write(place: &Place) {
        let store = place.open().await;
        store.begin_conversation(&begun("s1", 1)).await.unwrap();
        let one = |last: Option<&SentMessage>| SentMessage {
            n: last.map_or(1, |it| it.n + 1),
            text: format!("after {}", last.map_or("nothing", |it| it.text.as_str())),
            signature: "s".into(),
        };
        let writers = (0..8).map(|_| { let store = store.clone(); tokio::spawn(async move {
            store.add_sent_message(&[9; 32], "s1", at(20), one).await.unwrap()
        }) });
        for writer in writers.collect::<Vec<_>>() { writer.await.unwrap(); }
        let all = store.inbox(&[9; 32], 99).await.unwrap();
        assert_eq!(all.iter().map(|it| it.n).collect::<Vec<_>>(), (1..=8).collect::<Vec<_>>());
        assert!(all.windows(2).all(|pair| pair[1].text == format!("after {}", pair[0].text)));
        assert_eq!(store.inbox(&[9; 32], 2).await.unwrap(), all[6..]);
        assert!(store.inbox(&[8; 32], 9).await.unwrap().is_empty());
        assert!(is_conflict(store.add_sent_message(&[8; 32], "s1", at(20), one).await), "not this user's");
        assert!(is_conflict(store.add_sent_message(&[9; 32], "s1", at(1_000), one).await), "expired");
    }

    async fn one_pseudonym_is_one_persons(place: &Place) {
        let store = place.open().await;
        let (ann, ben) = (member(&store, 1, "ann").await, member(&store, 2, "ben").await);
        store.bind_agent(ann, Some("Lin"), "ida", at(5)).await.unwrap();
        assert!(is_conflict(store.bind_agent(ben, Some("Lin"), "ida", at(6)).await));
        store.bind_agent(ann, Some("Mei"), "ida", at(7)).await.unwrap();
        store.bind_agent(ben, Some("Lin"), "ida", at(8)).await.unwrap();
        store.bind_agent(ann, None, "ida", at(9)).await.unwrap();
        let bound = store.bound_agents().await.unwrap();
        assert_eq!(bound.iter().map(|it| (it.member, it.agent.as_str(), it.by.as_str())).collect::<Vec<_>>(), [(ben, "Lin", "ida")]);
        assert!(matches!(store.bind_agent(99, Some("Zoe"), "ida", at(9)).await, Err(StoreError::NotFound)));
        let told = acts(place, &store).await;
        assert_eq!(told.last().unwrap(), "ida agent.bind ann ");
    }

    async fn an_announcement_is_agreed_to_by_others_and_moves_once(place: &Place) {
        use AnnouncementState::{Draft, Dropped, Published, Withdrawn};
        let store = place.open().await;
        store.draft_announcement(&draft("a1", "ida")).await.unwrap();
        store.draft_announcement(&draft("a2", "ida")).await.unwrap();
        assert_eq!(store.announcement("a1").await.unwrap(), draft("a1", "ida"));
        assert!(is_conflict(store.approve_announcement("a1", "ida", at(6)).await), "her own");
        store.approve_announcement("a1", "lea", at(7)).await.unwrap();
        assert!(is_conflict(store.approve_announcement("a1", "lea", at(8)).await), "once is enough");
        assert_eq!(store.announcement("a1").await.unwrap().approvals, ["lea"]);
        store.move_announcement("a1", Draft, Published, Some(7), "lea", at(9)).await.unwrap();
        assert!(is_conflict(store.move_announcement("a1", Draft, Published, Some(8), "lea", at(9)).await));
        assert!(is_conflict(store.approve_announcement("a1", "max", at(9)).await), "no draft any more");
        store.move_announcement("a1", Published, Withdrawn, Some(9), "ida", at(10)).await.unwrap();
        let gone = store.announcement("a1").await.unwrap();
        assert_eq!((gone.state, gone.log_index, gone.changed), (Withdrawn, Some(9), at(10)));
        store.move_announcement("a2", Draft, Dropped, None, "ida", at(11)).await.unwrap();
        let list = store.announcements(9).await.unwrap();
        assert_eq!(list.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["a1"]);
        assert!(matches!(store.announcement("a9").await, Err(StoreError::NotFound)));
        assert_eq!(acts(place, &store).await.last().unwrap(), "ida announcement.drop a2 ");
    }

    async fn nothing_expires_before_its_time(place: &Place) {
        let store = place.open().await;
        let mut it = begun("s1", 1);
        it.expires = it.created + Lapse::from_secs(1);
        store.begin_conversation(&it).await.unwrap();
        assert!(it.is_open(at(10)) && !it.is_open(at(11)));
        assert_eq!(store.open_conversations(at(10), 9).await.unwrap().len(), 1);
        assert!(store.open_conversations(at(11), 9).await.unwrap().is_empty());
    }
}
