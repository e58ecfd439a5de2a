use touchstone_accounts::{Role, Scope};
use touchstone_store::{
    ApiKey, CredentialKind, Failures, Invitation, Member, NewMember, Session, Store, StoreError,
};
use touchstone_types::Lapse;

use crate::engine::{at, on_both};

fn invitation(token: u8) -> Invitation {
    Invitation {
        token_hash: [token; 32],
        roles: vec![Role::Administrator, Role::Lead],
        made_by: "system".into(),
        created: at(0),
        expires: at(100),
        used: None,
    }
}

async fn joined(store: &Store, token: u8, login: &str) -> Result<Member, StoreError> {
    store.invite(&invitation(token)).await.unwrap();
    let credentials = [(CredentialKind::Password, "password", "$argon2id$…".to_owned())];
    let new = NewMember { login, name: "Ann", language: "zh", credentials: &credentials };
    store.join(&[token; 32], &new, at(10)).await
}

fn session(token: u8, member: i64) -> Session {
    Session {
        token_hash: [token; 32],
        member,
        created: at(20),
        last_seen: at(20),
        address: "127.0.0.1".into(),
        user_agent: "browser".into(),
        revoked: None,
    }
}

on_both! {
    async fn a_set_up_link_works_once_and_not_too_late(place: &Place) {
        let store = place.open().await;
        assert!(store.is_without_staff().await.unwrap());
        let ann = joined(&store, 1, "Ann").await.unwrap();
        assert_eq!((ann.login.as_str(), &ann.roles[..]), ("ann", &[Role::Administrator, Role::Lead][..]));
        assert!(!store.is_without_staff().await.unwrap());
        let again = NewMember { login: "eve", name: "Eve", language: "en", credentials: &[] };
        assert!(matches!(store.join(&[1; 32], &again, at(11)).await, Err(StoreError::NotFound)));
        store.invite(&invitation(2)).await.unwrap();
        assert_eq!(store.invitation(&[2; 32], at(99)).await.unwrap(), invitation(2));
        assert!(matches!(store.invitation(&[2; 32], at(100)).await, Err(StoreError::NotFound)));
        assert!(matches!(store.join(&[2; 32], &again, at(100)).await, Err(StoreError::NotFound)));
        assert!(matches!(store.join(&[9; 32], &again, at(11)).await, Err(StoreError::NotFound)));
    }

    async fn a_taken_login_name_uses_up_no_link(place: &Place) {
        let store = place.open().await;
        joined(&store, 1, "ann").await.unwrap();
        assert!(matches!(joined(&store, 2, "ANN").await, Err(StoreError::Conflict(_))));
        assert!(store.invitation(&[2; 32], at(11)).await.is_ok());
        assert_eq!(store.members().await.unwrap().len(), 1);
    }

    async fn a_code_presented_twice_at_once_is_good_once(place: &Place) {
        let store = place.open().await;
        let ann = joined(&store, 1, "ann").await.unwrap();
        let id = store.add_credential(ann.id, CredentialKind::Totp, "phone", "step 1", at(11)).await.unwrap();
        store.use_credential(id, "step 1", "step 2", at(12)).await.unwrap();
        assert!(matches!(store.use_credential(id, "step 1", "step 2", at(12)).await, Err(StoreError::Conflict(_))));
        let all = store.credentials(ann.id).await.unwrap();
        assert_eq!((all.len(), all[1].secret.as_str(), all[1].last_used), (2, "step 2", Some(at(12))));
        store.revoke_credential(ann.id, id, at(13)).await.unwrap();
        assert_eq!(store.credentials(ann.id).await.unwrap().len(), 1);
        assert!(matches!(store.revoke_credential(ann.id, id, at(13)).await, Err(StoreError::NotFound)));
        assert!(matches!(store.use_credential(id, "step 2", "step 3", at(14)).await, Err(StoreError::Conflict(_))));
    }

    async fn sessions_end_one_by_one_all_at_once_and_with_the_member(place: &Place) {
        let store = place.open().await;
        let ann = joined(&store, 1, "ann").await.unwrap();
        for token in [1, 2, 3, 4] {
            store.add_session(&session(token, ann.id)).await.unwrap();
        }
        store.touch_session(&[1; 32], at(30)).await.unwrap();
        let (found, whose) = store.session(&[1; 32]).await.unwrap();
        assert_eq!((found.last_seen, whose), (at(30), ann.clone()));
        store.revoke_session(ann.id, &[2; 32], at(31)).await.unwrap();
        assert!(matches!(store.session(&[2; 32]).await, Err(StoreError::NotFound)));
        assert!(matches!(store.revoke_session(99, &[1; 32], at(31)).await, Err(StoreError::NotFound)));
        assert_eq!(store.revoke_sessions(ann.id, Some(&[1; 32]), at(32)).await.unwrap(), 2);
        assert_eq!(store.sessions(ann.id).await.unwrap().len(), 1);
        store.set_disabled(ann.id, true, "lea", at(33)).await.unwrap();
        assert!(matches!(store.session(&[1; 32]).await, Err(StoreError::NotFound)));
        store.set_disabled(ann.id, false, "lea", at(34)).await.unwrap();
        assert!(matches!(store.session(&[1; 32]).await, Err(StoreError::NotFound))); // Ended for good.
        assert!(matches!(store.set_disabled(99, true, "lea", at(34)).await, Err(StoreError::NotFound)));
    }

    async fn what_members_do_with_their_own_keys_is_in_the_trail(place: &Place) {
        let store = place.open().await;
        let ann = joined(&store, 1, "ann").await.unwrap();
        for token in [1, 2, 3] {
            store.add_session(&session(token, ann.id)).await.unwrap();
        }
        let key = store.add_credential(ann.id, CredentialKind::Passkey, "blue key", "{}", at(21)).await.unwrap();
        store.revoke_credential(ann.id, key, at(22)).await.unwrap();
        let first = store.credentials(ann.id).await.unwrap().remove(0);
        store.set_password(ann.id, Some(&first), "hash 2", Some("step 1"), &[1; 32], at(23)).await.unwrap();
        let stale = store.set_password(ann.id, Some(&first), "hash 3", None, &[2; 32], at(24)).await;
        assert!(matches!(stale, Err(StoreError::Conflict(_))));
        assert_eq!(store.sessions(ann.id).await.unwrap().len(), 1); // The one at which it was changed.
        store.log_out(ann.id, &[1; 32], at(25)).await.unwrap();
        let trail = store.audit_trail(Some("ann"), None, 99).await.unwrap();
        let told: Vec<_> = trail.iter().rev().map(|it| (it.act.as_str(), it.detail.as_str())).skip(1).collect();
        let login = ("login", "127.0.0.1");
        let rest = [("passkey.add", "blue key"), ("passkey.remove", "blue key"), ("password.change", ""), ("logout", "")];
        assert_eq!(told, [[login; 3].as_slice(), rest.as_slice()].concat());
    }

    async fn roles_change_and_the_trail_tells_of_it(place: &Place) {
        let store = place.open().await;
        let ann = joined(&store, 1, "ann").await.unwrap();
        store.set_roles(ann.id, &[Role::Analyst], "lea", at(50)).await.unwrap();
        store.set_language(ann.id, "en").await.unwrap();
        let now = store.member_by_login("ANN").await.unwrap();
        assert_eq!((&now.roles[..], now.language.as_str()), (&[Role::Analyst][..], "en"));
        let trail = store.audit_trail(None, None, 9).await.unwrap();
        let told: Vec<_> = trail.iter().map(|it| (it.by.as_str(), it.act.as_str(), it.object.as_str())).collect();
        assert_eq!(told, [("lea", "staff.roles", "ann"), ("ann", "staff.join", "ann"), ("system", "staff.invite", "administrator lead")]);
        assert!(matches!(store.set_roles(99, &[], "lea", at(50)).await, Err(StoreError::NotFound)));
    }

    async fn a_revoked_key_opens_nothing(place: &Place) {
        let store = place.open().await;
        let key = ApiKey {
            id: "ts_abc".into(),
            secret_hash: [7; 32],
            name: "chat".into(),
            scopes: vec![Scope::EventsWrite, Scope::VerdictsRead],
            made_by: "ann".into(),
            created: at(1),
            last_used: None,
            revoked: None,
        };
        store.add_api_key(&key).await.unwrap();
        assert_eq!(store.api_key("ts_abc").await.unwrap(), key);
        assert!(matches!(store.add_api_key(&key).await, Err(StoreError::Conflict(_))));
        store.touch_api_key("ts_abc", at(9)).await.unwrap();
        store.revoke_api_key("ts_abc", "ann", at(10)).await.unwrap();
        assert!(matches!(store.api_key("ts_abc").await, Err(StoreError::NotFound)));
        assert!(matches!(store.revoke_api_key("ts_abc", "ann", at(11)).await, Err(StoreError::NotFound)));
        let all = store.api_keys().await.unwrap();
        assert_eq!((all[0].last_used, all[0].revoked), (Some(at(9)), Some(at(10))));
    }

    async fn failures_add_up_and_are_forgotten(place: &Place) {
        let store = place.open().await;
        let day = Lapse::from_secs(86_400);
        assert_eq!(store.failures("account:ann").await.unwrap(), Failures::default());
        store.count_failure("account:ann", at(0), day).await.unwrap();
        let twice = store.count_failure("account:ann", at(10), day).await.unwrap();
        assert_eq!(twice, Failures { count: 2, last: Some(at(10)) });
        assert_eq!(store.failures("address:1.2.3.4").await.unwrap().count, 0);
        assert_eq!(store.count_failure("account:ann", at(90_000), day).await.unwrap().count, 1);
        store.clear_failures("account:ann").await.unwrap();
        assert_eq!(store.failures("account:ann").await.unwrap().count, 0);
    }
}
