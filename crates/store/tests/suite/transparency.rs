use touchstone_store::{
    Author, CaseChange, Counted, EntryKind, Measured, MonthlyCount, NewBreach, NewCase, NewEntry, Standing,
    Store,
};
use touchstone_types::{Lapse, Moment};

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn bounds() -> [Moment; 4] {
    ["2026-08-01T00:00:00Z", "2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"].map(at)
}

fn standing(answered: Option<Moment>) -> Standing {
    Standing {
        harm: 2,
        score: 40,
        level: 0,
        owner: None,
        next_task: None,
        next_by: None,
        due: None,
        answered,
        closed: None,
        outcome: None,
    }
}

fn entry(kind: EntryKind, moment: Moment, detail: &str) -> NewEntry {
    NewEntry { at: moment, kind, by: Author::System, text: None, detail: detail.into(), visible: true }
}

/// A case with what happened to it.
async fn case(
    store: &Store,
    n: u8,
    kind: &str,
    opened: Moment,
    answered: Option<Lapse>,
    entries: Vec<NewEntry>,
) {
    let mut change = CaseChange::new(opened, standing(answered.map(|it| opened + it)), vec![n]);
    change.entries = entries;
    change.breaches = vec![NewBreach { rule: "answer".into(), whose: "ours".into(), level: 0, at: opened }];
    let new = NewCase {
        reference: format!("TS-{n}"),
        kind: kind.into(),
        channel: "page".into(),
        language: "zh".into(),
        jurisdiction: "CN".into(),
        chains: Vec::new(),
        user_ref: None,
        fingerprint: 0,
        link_hash: [n; 32],
        status_hash: [n; 32],
        report: vec![n],
        change,
    };
    store.create_case(&new).await.unwrap();
}

fn told(counts: Vec<MonthlyCount>) -> Vec<(String, String, u64)> {
    counts.into_iter().map(|it| (it.month.to_string()[..7].to_owned(), it.group, it.n)).collect()
}

fn row(month: &str, group: &str, n: u64) -> (String, String, u64) {
    (month.to_owned(), group.to_owned(), n)
}

crate::engine::on_both! {
    async fn what_happened_is_counted_in_the_month_in_which_it_happened(place: &Place) {
        let store = place.open().await;
        assert_eq!(store.first_case().await.unwrap(), None);
        let minutes = |n: u64| Lapse::from_secs(n * 60);
        let last = at("2026-08-31T23:59:59.999999Z");
        let later = at("2026-10-31T12:00:00Z");
        let closed = |outcome: &str, moment| entry(EntryKind::Closed, moment, &format!("{{\"outcome\":\"{outcome}\"}}"));
        let sent = |channel: &str| entry(EntryKind::PacketSent, later, &format!("{{\"channel\":\"{channel}\"}}"));
        // Reported in the last moment of August, answered in September, closed twice in October.
        case(&store, 1, "stolen_wallet", last, Some(minutes(3)), vec![
            closed("frozen", at("2026-10-01T00:00:00Z")), closed("recovered", later), sent("cn-110"),
        ]).await;
        case(&store, 2, "stolen_wallet", at("2026-09-01T00:00:00Z"), Some(Lapse::from_secs(61)), vec![sent("cn-110"), sent("us-ic3")]).await;
        case(&store, 3, "other", at("2026-09-02T00:00:00Z"), None, vec![entry(EntryKind::Closed, later, "{}")]).await;

        assert_eq!(store.first_case().await.unwrap(), Some(last));
        let counts = async |what| told(store.case_counts(what, &bounds()).await.unwrap());
        assert_eq!(counts(Counted::Reports).await, [
            row("2026-08", "stolen_wallet", 1), row("2026-09", "other", 1), row("2026-09", "stolen_wallet", 1),
        ]);
        assert_eq!(counts(Counted::Outcomes).await, [row("2026-10", "frozen", 1), row("2026-10", "recovered", 1)]);
        assert_eq!(counts(Counted::Breaches).await, [row("2026-08", "ours", 1), row("2026-09", "ours", 2)]);
        assert_eq!(counts(Counted::Referrals).await, [row("2026-10", "cn-110", 2), row("2026-10", "us-ic3", 1)]);
        assert!(counts(Counted::Freezes).await.is_empty());
        // What began by the end of the last month only.
        assert_eq!(told(store.case_counts(Counted::Reports, &bounds()[..2]).await.unwrap()), [row("2026-08", "stolen_wallet", 1)]);
        assert!(store.case_counts(Counted::Reports, &bounds()[..1]).await.unwrap().is_empty());

        let lengths = store.case_lengths(Measured::Answer, &bounds()).await.unwrap();
        let lengths: Vec<(String, u64, u64)> = lengths.into_iter().map(|it| (it.month.to_string()[..7].to_owned(), it.minutes, it.n)).collect();
        assert_eq!(lengths, [("2026-09".to_owned(), 2, 1), ("2026-09".to_owned(), 3, 1)]);
        assert_eq!(store.case_lengths_since(Measured::Answer, bounds()[1], bounds()[2]).await.unwrap(), [2, 3]);
        let outcome = store.case_lengths_since(Measured::Outcome, bounds()[2], bounds()[3]).await.unwrap();
        assert_eq!(outcome.len(), 3);
    }
}
