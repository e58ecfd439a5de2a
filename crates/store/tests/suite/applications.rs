use touchstone_registry::vetting::{Application, Record, Stage, Wanted};
use touchstone_registry::{IdentityKind, ProofMethod};
use touchstone_store::{Attempt, Deed, Evidence, KeptApplication, Seq, StoreError};
use touchstone_types::Moment;

use crate::engine::{at, benign, on_both};

fn record(id: &str, account: Option<&str>) -> Record {
    let kind = if account.is_some() { IdentityKind::Handle } else { IdentityKind::Domain };
    let wanted = Wanted {
        platform: account.map(|_| "test".to_owned()),
        account: account.map(str::to_owned),
        ..Wanted::of("lantern", kind, "lantern.example")
    };
    Application::new(id, wanted, at(0)).unwrap().record().clone()
}

fn kept(id: &str, account: Option<&str>) -> KeptApplication {
    KeptApplication {
        record: record(id, account),
        nonce: format!("touchstone={id}"),
        contact: String::new(),
        changed: at(0),
        due: None,
        reminded: None,
        version: 0,
    }
}

fn deed(act: &'static str, seconds: i64) -> Deed<'static> {
    Deed { at: at(seconds), by: "applicant", act, object: "a1", detail: "" }
}

on_both! {
    async fn an_application_is_found_by_its_id_and_by_its_link(place: &Place) {
        let store = place.open().await;
        let new = kept("a1", None);
        store.add_application(&new, &[1; 32], &deed("application.make", 0)).await.unwrap();
        assert_eq!(store.application("a1").await.unwrap(), new);
        assert_eq!(store.application_by_secret(&[1; 32]).await.unwrap(), new);
        assert!(matches!(store.application_by_secret(&[2; 32]).await, Err(StoreError::NotFound)));
        let twice = store.add_application(&new, &[3; 32], &deed("application.make", 1)).await;
        assert!(matches!(twice, Err(StoreError::Conflict(_))));
        assert_eq!(store.applications_by_stage().await.unwrap(), [(Stage::Draft, 1)]);
        assert_eq!(store.audit_trail(None, None, 9).await.unwrap().len(), 1, "what failed left no trace");
    }

    async fn who_changes_an_application_second_looks_again(place: &Place) {
        let store = place.open().await;
        store.add_application(&kept("a1", None), &[1; 32], &deed("application.make", 0)).await.unwrap();
        let read = store.application("a1").await.unwrap();
        let after = KeptApplication { due: Some(at(100)), ..read.clone() };
        let seen = Evidence { method: ProofMethod::DnsTxt, at: at(5), seen: b"records".to_vec() };
        store.save_application(&read, &after, Some(&seen), &deed("application.prove", 5)).await.unwrap();
        let second = store.save_application(&read, &after, Some(&seen), &deed("application.prove", 6)).await;
        assert!(matches!(second, Err(StoreError::Conflict(_))));
        assert_eq!(store.evidence("a1").await.unwrap(), [seen]);
        assert_eq!(store.next_application_due().await.unwrap(), Some(at(100)));
        assert!(store.applications_due(at(99), 9).await.unwrap().is_empty());
        let due = store.applications_due(at(100), 9).await.unwrap();
        assert_eq!((due[0].changed, due[0].version), (at(5), 1));
        assert_eq!(store.audit_trail(None, None, 9).await.unwrap().len(), 2);
    }

    async fn codes_run_out_of_tries(place: &Place) {
        let store = place.open().await;
        let sent = Attempt {
            method: ProofMethod::MailboxCode,
            at: at(1),
            outcome: "sent".into(),
            code_hash: Some([7; 32]),
            expires: Some(at(600)),
            tries: 0,
        };
        store.note_attempt("a1", &sent).await.unwrap();
        assert_eq!(store.attempts("a1").await.unwrap(), std::slice::from_ref(&sent));
        for expected in [true, true, true, false, false] {
            let may = store.may_try_code("a1", ProofMethod::MailboxCode, 3).await.unwrap();
            assert_eq!(may, expected);
        }
        store.note_attempt("a1", &sent).await.unwrap();
        assert!(store.may_try_code("a1", ProofMethod::MailboxCode, 3).await.unwrap(), "a new code");
    }

    async fn objections_stay_open_until_an_officer_answers(place: &Place) {
        let store = place.open().await;
        store.object("a1", "that is our name", "legal@brand.example", &deed("objection.make", 1)).await.unwrap();
        assert_eq!(store.open_objections("a1").await.unwrap(), 1);
        let found = store.objections("a1").await.unwrap().remove(0);
        assert_eq!((found.said.as_str(), found.answer.clone()), ("that is our name", None));
        store.answer_objection(found.id, "a1", "they are one company", &deed("objection.answer", 2)).await.unwrap();
        let twice = store.answer_objection(found.id, "a1", "no", &deed("objection.answer", 3)).await;
        assert!(matches!(twice, Err(StoreError::Conflict(_))));
        assert_eq!(store.open_objections("a1").await.unwrap(), 0);
        let (when, _, what) = store.objections("a1").await.unwrap().remove(0).answer.unwrap();
        assert_eq!((when, what.as_str()), (at(2), "they are one company"));
    }

    async fn an_alert_is_seen_to_once(place: &Place) {
        let store = place.open().await;
        store.raise_alert("changed", "a1", "{}", at(1)).await.unwrap();
        let found = store.open_alerts(9).await.unwrap();
        assert_eq!((found.len(), found[0].kind.as_str(), found[0].at), (1, "changed", at(1)));
        store.see_alert(found[0].id, &deed("alert.see", 2)).await.unwrap();
        assert!(store.see_alert(found[0].id, &deed("alert.see", 3)).await.is_err());
        assert!(store.open_alerts(9).await.unwrap().is_empty());
    }

    async fn what_an_account_did_is_read_once_from_where_reading_stopped(place: &Place) {
        let store = place.open().await;
        store.add_application(&kept("a1", Some("alice")), &[1; 32], &deed("application.make", 0)).await.unwrap();
        let accounts = store.accounts_that_prove().await.unwrap();
        assert_eq!(accounts, [("test".to_owned(), "alice".to_owned())]);
        let mut changed = benign("p-1");
        changed.kind = "profile.changed".into();
        store.append(vec![benign("m-1"), changed, benign("m-2")]).await.unwrap();
        let acts = store.acts_of(&accounts, Seq(1), Seq(3), 9).await.unwrap();
        assert_eq!(acts.iter().map(|it| it.seq).collect::<Vec<_>>(), [Seq(2), Seq(3)]);
        let profiles = store.profile_changes(Seq(0), Seq(3), 9).await.unwrap();
        assert_eq!(profiles.iter().map(|it| it.seq).collect::<Vec<_>>(), [Seq(2)]);
        let head = store.vetting_head().await.unwrap();
        assert_eq!(head, Seq::START);
        assert!(store.move_vetting_head(head, Seq(3)).await.unwrap());
        assert!(!store.move_vetting_head(head, Seq(9)).await.unwrap(), "somebody else was first");
    }

    async fn only_a_session_that_began_with_a_passkey_is_known_as_such(place: &Place) {
        let store = place.open().await;
        let now: Moment = at(1);
        store.began_with_passkey(&[4; 32], now).await.unwrap();
        assert!(store.is_by_passkey(&[4; 32]).await.unwrap());
        assert!(!store.is_by_passkey(&[5; 32]).await.unwrap());
    }
}
