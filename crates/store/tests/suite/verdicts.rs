use touchstone_store::{Entity, EntityKind, Label, Ruling, Seq, Store, StoreError, VerdictFilter};
use touchstone_types::{Decision, Name};

use crate::engine::{Place, at, benign, flagged, key, on_both};

async fn find(store: &Store, filter: VerdictFilter) -> Vec<i64> {
    store.verdicts(&filter, None, 100).await.unwrap().items.iter().map(|it| it.seq.0).collect()
}

async fn filled(place: &Place) -> Store {
    let store = place.open().await;
    let mut phrase = flagged("2", Decision::Block, 90, &["asks_for_phrase", "haste"]);
    phrase.text = Some("请发送您的助记词 NOW, 100% safe_".into());
    phrase.entities = vec![
        Entity::new(EntityKind::Domain, "Claim.Example"),
        Entity::new(EntityKind::Address, "0xAbC0000000000000000000000000000000000001"),
    ];
    let screened = phrase.screened.as_mut().unwrap();
    screened.shadow = vec![Name::from("new_rule"), Name::from("haste")];
    screened.campaign = Some("c-7".into());
    let mut late = flagged("3", Decision::Warn, 30, &["haste"]);
    late.received = at(3 * 3600);
    late.actor = Some("mallory".into());
    late.text = Some("Hurry up, your account is frozen".into());
    late.screened.as_mut().unwrap().campaign = Some("c-7".into());
    store.append(vec![benign("1"), phrase, late, benign("4")]).await.unwrap();
    store
}

on_both! {
    async fn each_filter_finds_what_fits_newest_first(place: &Place) {
        let store = filled(place).await;
        let any = VerdictFilter::default;
        let text = |it: &str| Some(it.to_owned());
        let domain = |it: &str| Some(Entity::new(EntityKind::Domain, it));
        let address = Some(Entity::new(EntityKind::Address, "0xabc0000000000000000000000000000000000001"));
        let table: Vec<(VerdictFilter, &[i64])> = vec![
            (any(), &[4, 3, 2, 1]),
            (VerdictFilter { decisions: vec![Decision::Block], ..any() }, &[2]),
            (VerdictFilter { decisions: vec![Decision::Warn, Decision::Block], ..any() }, &[3, 2]),
            (VerdictFilter { decisions: vec![Decision::Allow], ..any() }, &[4, 1]),
            (VerdictFilter { finding: text("haste"), ..any() }, &[3, 2]),
            (VerdictFilter { finding: text("new_rule"), ..any() }, &[2]),
            (VerdictFilter { finding: text("haste"), actor: text("mallory"), ..any() }, &[3]),
            (VerdictFilter { actor: text("alice"), ..any() }, &[4, 2, 1]),
            (VerdictFilter { user: text("bob"), ..any() }, &[4, 3, 2, 1]),
            (VerdictFilter { account: text("mallory"), ..any() }, &[3]),
            (VerdictFilter { conversation: text("c1"), decisions: vec![Decision::Warn], ..any() }, &[3]),
            (VerdictFilter { campaign: text("c-7"), ..any() }, &[3, 2]),
            (VerdictFilter { kind: text("login.attempted"), ..any() }, &[]),
            (VerdictFilter { entity: domain("claim.example"), ..any() }, &[2]),
            (VerdictFilter { entity: domain("laim.example"), ..any() }, &[]),
            (VerdictFilter { entity: address, finding: text("haste"), ..any() }, &[2]),
            (VerdictFilter { phrase: text("助记词"), ..any() }, &[2]),
            (VerdictFilter { phrase: text("助记"), ..any() }, &[2]),
            (VerdictFilter { phrase: text("助"), ..any() }, &[2]),
            (VerdictFilter { phrase: text("hurry UP"), ..any() }, &[3]),
            (VerdictFilter { phrase: text("100% safe_"), ..any() }, &[2]),
            (VerdictFilter { phrase: text("100_ safe%"), ..any() }, &[]),
            (VerdictFilter { phrase: text("\" OR NEAR("), ..any() }, &[]),
            (VerdictFilter { phrase: text("助记词"), entity: domain("claim.example"), finding: text("haste"), ..any() }, &[2]),
            (VerdictFilter { from: Some(at(3600)), ..any() }, &[3]),
            (VerdictFilter { from: Some(at(0)), to: Some(at(3600)), ..any() }, &[4, 2, 1]),
            (VerdictFilter { from: Some(at(999_999_999)), ..any() }, &[]),
            (VerdictFilter { phrase: text("hurry"), from: Some(at(3600)), decisions: vec![Decision::Warn], ..any() }, &[3]),
            (VerdictFilter { label: Some(Label::Fraud), ..any() }, &[]),
        ];
        for (filter, expected) in table {
            assert_eq!(find(&store, filter.clone()).await, expected, "{filter:?}");
        }
        store.decide(Ruling::Confirm, &[Seq(2)], "ann", "", at(9)).await.unwrap();
        assert_eq!(find(&store, VerdictFilter { label: Some(Label::Fraud), ..any() }).await, [2]);
    }

    async fn pages_follow_each_other_without_gap_or_repetition(place: &Place) {
        let store = place.open().await;
        store.append((0..25).map(|n| flagged(&n.to_string(), Decision::Warn, 9, &["haste"])).collect()).await.unwrap();
        for filter in [VerdictFilter::default(), VerdictFilter { finding: Some("haste".into()), ..Default::default() }] {
            let (mut seen, mut before) = (vec![], None);
            loop {
                let page = store.verdicts(&filter, before, 10).await.unwrap();
                seen.extend(page.items.iter().map(|it| it.seq.0));
                before = page.next;
                if before.is_none() { break }
            }
            assert_eq!(seen, (1..=25).rev().collect::<Vec<i64>>());
        }
    }

    async fn one_verdict_is_found_by_place_and_by_key(place: &Place) {
        let store = filled(place).await;
        let found = store.verdict_on(&key("2")).await.unwrap();
        assert_eq!(found, store.verdict(Seq(2)).await.unwrap());
        assert_eq!((found.score, found.campaign.as_deref(), found.label), (90, Some("c-7"), None));
        assert!(matches!(store.verdict(Seq(99)).await, Err(StoreError::NotFound)));
        assert!(matches!(store.verdict_on(&key("99")).await, Err(StoreError::NotFound)));
    }

    async fn sums_by_hour_add_up_over_batches(place: &Place) {
        let store = filled(place).await;
        store.append(vec![flagged("5", Decision::Warn, 30, &["haste"])]).await.unwrap();
        let hits = store.hits(Some("haste"), at(0), at(4 * 3600)).await.unwrap();
        let shown: Vec<_> = hits.iter().map(|it| (it.hour, it.events, it.shadow)).collect();
        assert_eq!(shown, [(at(0), 2, false), (at(3 * 3600), 1, false)]);
        let all = store.hits(None, at(0), at(3600)).await.unwrap();
        let names: Vec<_> = all.iter().map(|it| (it.name.as_str(), it.shadow)).collect();
        assert_eq!(names, [("asks_for_phrase", false), ("haste", false), ("new_rule", true)]);
        let hours = store.hourly_counts(at(0), at(4 * 3600)).await.unwrap();
        let shown: Vec<_> = hours.iter().map(|it| (it.allowed, it.warned, it.held, it.blocked)).collect();
        assert_eq!(shown, [(2, 1, 0, 1), (0, 1, 0, 0)]);
    }

    async fn a_campaign_is_one_thing_with_a_first_and_a_last(place: &Place) {
        let store = filled(place).await;
        let found = store.campaign("c-7").await.unwrap();
        assert_eq!((found.sample, found.last, found.events), (Seq(2), Seq(3), 2));
        assert_eq!((found.first_received, found.last_received), (at(1), at(3 * 3600)));
        assert_eq!(store.campaigns(None, 10).await.unwrap(), std::slice::from_ref(&found));
        assert!(store.campaigns(Some(found.last), 10).await.unwrap().is_empty());
        assert!(matches!(store.campaign("c-8").await, Err(StoreError::NotFound)));
    }
}
