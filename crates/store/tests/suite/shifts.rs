use touchstone_store::{Author, CaseChange, EntryKind, NewCase, NewEntry, Shift, Standing, Store};

use crate::engine::{at, on_both};

/// A case opened at `opened` whose staff did that, each so many seconds later.
async fn case(store: &Store, number: u8, kind: &str, opened: i64, acts: &[(i64, EntryKind)]) {
    let answered = acts.iter().find(|it| it.1 == EntryKind::Answer).map(|it| at(opened + it.0));
    let mut change = CaseChange::new(at(opened), Standing { answered, ..Standing::default() }, vec![1]);
    let by = Author::Staff { login: "ann".into(), name: "A".into(), role: "agent".into() };
    change.entries = acts
        .iter()
        .map(|(after, kind)| NewEntry {
            at: at(opened + after),
            kind: *kind,
            by: by.clone(),
            text: None,
            detail: "{}".into(),
            visible: true,
        })
        .collect();
    let new = NewCase {
        reference: format!("TS-{number}"),
        kind: kind.into(),
        channel: "page".into(),
        language: "zh".into(),
        jurisdiction: String::new(),
        chains: Vec::new(),
        user_ref: None,
        fingerprint: 0,
        link_hash: [number; 32],
        status_hash: [number; 32],
        report: vec![number],
        change,
    };
    store.create_case(&new).await.unwrap();
}

fn hours(day: &str, from: u8, to: u8) -> Vec<(String, u8)> {
    (from..=to).map(|hour| (day.to_owned(), hour)).collect()
}

async fn planned(store: &Store, from_date: &str) -> Vec<(String, u8, u32)> {
    let shifts = store.shifts(from_date).await.unwrap();
    shifts.into_iter().map(|Shift { day, hour, agents }| (day, hour, agents)).collect()
}

on_both! {
    async fn a_plan_is_kept_changed_taken_out_and_in_the_trail(place: &Place) {
        let store = place.open().await;
        assert_eq!(store.first_case().await.unwrap(), None);
        store.plan_shifts(&hours("mon", 9, 10), Some(4), "lead", at(10)).await.unwrap();
        store.plan_shifts(&hours("mon", 10, 10), Some(6), "lead", at(20)).await.unwrap();
        store.plan_shifts(&hours("2026-11-20", 9, 9), Some(1), "lead", at(30)).await.unwrap();
        store.plan_shifts(&hours("2026-11-23", 9, 9), Some(2), "lead", at(40)).await.unwrap();
        let monday = [("mon".to_owned(), 9, 4), ("mon".to_owned(), 10, 6)];
        assert_eq!(
            planned(&store, "2026-11-22").await,
            [vec![("2026-11-23".to_owned(), 9, 2)], monday.to_vec()].concat(),
            "a date that is over is left out"
        );
        store.plan_shifts(&hours("2026-11-23", 9, 9), None, "lead", at(50)).await.unwrap();
        assert_eq!(planned(&store, "2026-11-22").await, monday);
        let trail = store.audit_trail(None, None, 10).await.unwrap();
        assert!(trail.iter().filter(|it| it.act == "shifts.plan").count() == 5);
        assert_eq!(trail[0].detail, "09:00 to 09:59: none said");
    }

    async fn reports_are_counted_by_hour_and_kind(place: &Place) {
        let store = place.open().await;
        for (number, (kind, opened)) in
            [("stolen_wallet", 0), ("stolen_wallet", 3_599), ("other", 20), ("other", 3_600)].into_iter().enumerate()
        {
            case(&store, u8::try_from(number).unwrap(), kind, opened, &[]).await;
        }
        assert_eq!(store.first_case().await.unwrap(), Some(at(0)));
        let first = at(0).as_micros() / 3_600_000_000;
        let counted = async |until| {
            let found = store.arrivals(at(0), at(until)).await.unwrap();
            found.into_iter().map(|it| (it.hour - first, it.kind, it.reports)).collect::<Vec<_>>()
        };
        let (stolen, other) = ("stolen_wallet".to_owned(), "other".to_owned());
        assert_eq!(counted(3_600).await, [(0, other.clone(), 1), (0, stolen.clone(), 2)]);
        assert_eq!(counted(3_601).await, [(1, other.clone(), 1), (0, other, 1), (0, stolen, 2)]);
    }

    async fn what_staff_did_is_told_of_the_newest_answered_cases_alone(place: &Place) {
        let store = place.open().await;
        let answered = [(60, EntryKind::Taken), (400, EntryKind::Answer)];
        case(&store, 1, "other", 0, &answered).await;
        case(&store, 2, "stolen_wallet", 1_000, &answered).await;
        case(&store, 3, "stolen_wallet", 2_000, &[(60, EntryKind::Taken)]).await;
        let acts = store.staff_acts(at(0), 1).await.unwrap();
        let told: Vec<_> = acts.iter().map(|it| (it.kind.as_str(), it.at, it.by.as_str(), it.act.as_str())).collect();
        assert_eq!(
            told,
            [("stolen_wallet", at(1_060), "ann", "taken"), ("stolen_wallet", at(1_400), "ann", "answer")]
        );
        assert_eq!(store.staff_acts(at(0), 9).await.unwrap().len(), 4);
        assert_eq!(store.staff_acts(at(500), 9).await.unwrap().len(), 2, "older cases say less");
    }
}
