use touchstone_accounts::Role;
use touchstone_actions::{Account, Action, Authority, Event, Freeze, Kind, Staff, State, Who};
use touchstone_store::{ActionChange, CaseChange, NewApproval, Store, StoreError, VictimLimit};

use crate::engine::{at, on_both};

const MARK: [u8; 16] = [7; 16];

fn freeze(id: &str, case: &str, by: Who, simulated: bool) -> Action {
    let account: Account = "u-1".parse().unwrap();
    let leave = Authority::built_in().unwrap().authorise(Freeze(account), by, None, at(100)).unwrap();
    Action::ask(id.into(), case, leave, "", simulated)
}

fn victim() -> Who {
    Who::Victim { confirmed: false }
}

fn ann() -> Who {
    Who::Staff(Staff { login: "ann".into(), roles: vec![Role::Agent] })
}

fn asked(action: Action) -> ActionChange {
    ActionChange::New { action, sealed: vec![9; 30], mark: MARK }
}

/// Number `n` with the case's version, changed by these.
async fn change(store: &Store, n: u8, version: i64, actions: Vec<ActionChange>) -> Result<i64, StoreError> {
    let row = store.case_columns(n.into()).await?;
    let mut change = CaseChange::new(at(101), row.standing, vec![1]);
    change.actions = actions;
    store.save_case(n.into(), version, &change).await
}

async fn cases(store: &Store, n: u8) {
    for n in 1..=n {
        store.create_case(&crate::cases::new(n, 3, 60)).await.unwrap();
    }
}

on_both! {
    async fn an_action_is_claimed_changed_and_found_by_how_it_stands(place: &Place) {
        let store = place.open().await;
        cases(&store, 1).await;
        let new = [("act_1", false), ("act_2", true)].map(|(id, trial)| asked(freeze(id, "TS-1", ann(), trial)));
        change(&store, 1, 1, new.into()).await.unwrap();
        assert_eq!(store.next_action().await.unwrap(), Some(at(100)));
        assert!(store.claim_due_actions(at(99), at(130), 9).await.unwrap().is_empty());
        let claimed = store.claim_due_actions(at(100), at(130), 9).await.unwrap();
        assert_eq!(claimed.iter().map(|it| it.action.id.as_str()).collect::<Vec<_>>(), ["act_1", "act_2"]);
        assert_eq!(store.next_action().await.unwrap(), Some(at(130)));
        let (kept, found) = (&claimed[0], freeze("act_1", "TS-1", ann(), false));
        assert_eq!((kept.case, kept.version, kept.sealed.as_slice()), (1, 1, &[9; 30][..]));
        assert_eq!(kept.clone().open("u-1".parse().unwrap(), String::new()), found);
        let next = found.advance(Event::Due, at(101)).unwrap().action;
        store.save_action(&next, 1, Some((touchstone_actions::Call::Ask, at(101)))).await.unwrap();
        assert!(matches!(store.save_action(&next, 1, None).await, Err(StoreError::Conflict(_))));
        store.called("act_1", 1, "no answer").await.unwrap();
        let calls = store.action_calls("act_1").await.unwrap();
        assert_eq!(calls.iter().map(|it| (it.at, it.call.as_str(), it.outcome.as_str())).collect::<Vec<_>>(), [(at(101), "ask", "no answer")]);
        let ids = async |state, trials| {
            let found = store.actions_in(state, trials, 9).await.unwrap();
            found.into_iter().map(|it| it.action.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(Some(State::Sent), false).await, ["act_1"]);
        assert!(ids(Some(State::Sent), true).await.is_empty() && ids(Some(State::Dead), false).await.is_empty());
        assert_eq!((ids(None, true).await, ids(None, false).await), (vec!["act_2".to_owned()], vec!["act_1".to_owned()]));
        assert_eq!(store.action_counts().await.unwrap(), [(State::Sent, 1)]);
        assert_eq!(store.actions_of(1).await.unwrap().len(), 2);
    }

    /// Several servers, several cases about one account, all at the same moment.
    async fn a_limit_is_used_up_once_however_many_ask(place: &Place) {
        let stores = [place.open().await, place.open().await];
        cases(&stores[0], 6).await;
        let within = |most, since| ActionChange::Within(VictimLimit { kind: Kind::Freeze, mark: MARK, since, most: Some(most) });
        let wish = |n: u8, store: Store| async move {
            let action = freeze(&format!("act_{n}"), &format!("TS-{n}"), victim(), false);
            change(&store, n, 1, vec![within(1, at(0)), asked(action)]).await
        };
        let asking: Vec<_> = (1..=6u8).map(|n| tokio::spawn(wish(n, stores[usize::from(n) % 2].clone()))).collect();
        let mut given = Vec::new();
        for (n, it) in (1..=6u8).zip(asking) {
            match it.await.unwrap() {
                Ok(_) => given.push(n),
                Err(StoreError::NotFound) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(given.len(), 1, "{given:?}");
        let store = &stores[0];
        let counted = VictimLimit { kind: Kind::Freeze, mark: MARK, since: at(0), most: None };
        assert_eq!(store.done_by_victims(&counted).await.unwrap(), 1);
        // Who was refused left nothing behind, and may try again when the time is over.
        let n = (1..=6).find(|n| !given.contains(n)).unwrap();
        assert_eq!(store.case_columns(n.into()).await.unwrap().version, 1);
        assert!(store.actions_of(n.into()).await.unwrap().is_empty());
        let again = |most, since| vec![within(most, since), asked(freeze("act_9", "TS-9", victim(), false))];
        assert!(matches!(change(store, n, 1, again(1, at(99))).await, Err(StoreError::NotFound)));
        change(store, n, 1, again(1, at(100))).await.unwrap();
        // What the staff freeze does not count.
        let n = (1..=6).rfind(|it| !given.contains(it)).unwrap();
        change(store, n, 1, vec![asked(freeze("act_8", "TS-8", ann(), false))]).await.unwrap();
        assert_eq!(store.done_by_victims(&counted).await.unwrap(), 2);
    }

    async fn what_waits_for_a_second_person_is_decided_once(place: &Place) {
        let store = place.open().await;
        cases(&store, 1).await;
        let wanted = NewApproval {
            power: "refund".into(),
            amount: "90 USDT".into(),
            undoes: None,
            sealed: vec![1],
            simulated: false,
            asked_by: "ann".into(),
            until: at(1_900),
        };
        change(&store, 1, 1, vec![ActionChange::Wanted(wanted.clone())]).await.unwrap();
        let open = store.open_approvals(None, at(1_900)).await.unwrap();
        assert_eq!((open.len(), &open[0].wanted, open[0].reference.as_str()), (1, &wanted, "TS-1"));
        assert!(store.open_approvals(Some(2), at(102)).await.unwrap().is_empty());
        assert!(store.open_approvals(Some(1), at(1_901)).await.unwrap().is_empty(), "it lapsed");
        let id = open[0].id;
        let decided = |agreed| vec![ActionChange::Decided { id, agreed, by: "bob".into() }];
        change(&store, 1, 2, decided(true)).await.unwrap();
        // Whoever comes second changes nothing, neither there nor in the case.
        assert!(matches!(change(&store, 1, 3, decided(false)).await, Err(StoreError::NotFound)));
        let kept = store.approval(id).await.unwrap();
        assert_eq!((kept.agreed, kept.decided_by.as_deref()), (Some(true), Some("bob")));
        assert_eq!(store.case_columns(1).await.unwrap().version, 3);
        assert!(store.open_approvals(None, at(102)).await.unwrap().is_empty());
    }
}
