use touchstone_accounts::Role;
use touchstone_store::{
    Author, CaseChange, CaseDeed, DeskCursor, DeskFilter, EntryKind, Invitation, Mark, NewBreach, NewCase,
    NewDutyPage, NewEntry, NewFile, NewMember, Recomputed, Standing, StepTick, Store, StoreError, Whose,
};

use crate::engine::{at, on_both, tamper};

fn staff(login: &str) -> Author {
    Author::Staff { login: login.into(), name: "K7Q2M".into(), role: "agent".into() }
}

fn entry(kind: EntryKind, by: Author) -> NewEntry {
    NewEntry { at: at(10), kind, by, text: Some(b"sealed".to_vec()), detail: "{}".into(), visible: true }
}

fn standing(harm: u8, next_by: i64) -> Standing {
    Standing {
        harm,
        score: 40,
        next_task: Some("take".into()),
        next_by: Some(at(next_by)),
        due: Some(at(next_by)),
        ..Standing::default()
    }
}

/// Number `n`: its tokens are made of it.
pub(crate) fn new(n: u8, harm: u8, next_by: i64) -> NewCase {
    let mut change = CaseChange::new(at(0), standing(harm, next_by), vec![1, n]);
    change.entries = vec![entry(EntryKind::Reported, Author::Victim)];
    NewCase {
        reference: format!("TS-{n}"),
        kind: "stolen_wallet".into(),
        channel: "page".into(),
        language: "zh".into(),
        jurisdiction: "HK".into(),
        chains: vec!["tron:0x2b6653dc".into(), "eip155:1".into()],
        user_ref: Some("u-1".into()),
        fingerprint: u64::MAX - u64::from(n),
        link_hash: [n; 32],
        status_hash: [n ^ 0x80; 32],
        report: vec![9; 100],
        change,
    }
}

fn names(rows: &[touchstone_store::CaseRow]) -> Vec<&str> {
    rows.iter().map(|it| it.reference.as_str()).collect()
}

async fn join(store: &Store, n: u8, login: &str, roles: &[Role]) -> i64 {
    let invitation = Invitation {
        token_hash: [n; 32],
        roles: roles.to_vec(),
        made_by: "system".into(),
        created: at(0),
        expires: at(1_000),
        used: None,
    };
    store.invite(&invitation).await.unwrap();
    let new = NewMember { login, name: login, language: "zh", credentials: &[] };
    store.join(&[n; 32], &new, at(1)).await.unwrap();
    store.member_by_login(login).await.unwrap().id
}

on_both! {
    async fn a_case_is_found_by_number_name_and_links(place: &Place) {
        let store = place.open().await;
        let id = store.create_case(&new(1, 3, 60)).await.unwrap();
        let kept = store.case(id).await.unwrap();
        assert_eq!((kept.state.as_slice(), kept.report.len()), (&[1, 1][..], 100));
        let row = &kept.row;
        assert_eq!((row.id, row.version, row.entries, row.files), (id, 1, 1, 0));
        assert_eq!(row.chains, ["tron:0x2b6653dc", "eip155:1"]);
        assert_eq!(row.standing, standing(3, 60));
        assert_eq!((row.opened, row.fingerprint), (at(0), u64::MAX - 1));
        for found in [
            store.case_by_reference("TS-1").await,
            store.case_by_link(&[1; 32]).await,
            store.case_by_status(&[0x81; 32]).await,
        ] {
            assert_eq!(found.unwrap(), kept);
        }
        for missing in [store.case(99).await, store.case_by_link(&[0; 32]).await, store.case_by_link(&[0x81; 32]).await] {
            assert!(matches!(missing, Err(StoreError::NotFound)));
        }
        assert!(matches!(store.create_case(&new(1, 0, 9)).await, Err(StoreError::Conflict(_))));
    }

    async fn a_change_is_written_whole_or_not_at_all(place: &Place) {
        let store = place.open().await;
        let id = store.create_case(&new(1, 3, 60)).await.unwrap();
        let mut change = CaseChange::new(at(20), Standing { level: 1, owner: Some("ann".into()), answered: Some(at(15)), ..standing(2, 90) }, vec![1, 77]);
        change.entries = vec![entry(EntryKind::Answer, staff("ann")), entry(EntryKind::File, Author::Victim)];
        change.marks = vec![Mark { kind: "address".into(), mark: [5; 16] }];
        change.breaches = vec![NewBreach { rule: "first_answer".into(), whose: "ours".into(), level: 0, at: at(18) }];
        change.pages = vec![NewDutyPage { level: 1, to: None, why: "breached".into(), detail: "first_answer".into() }];
        change.files = vec![NewFile { by: Author::Victim, name: b"n".to_vec(), kind: "image/png".into(), size: 3, hash: [3; 32], body: vec![7; 9], visible: true }];
        change.steps = vec![StepTick { step: "freeze".into(), done: true, by: Author::Victim }];
        change.deeds = vec![CaseDeed { by: staff("ann"), act: "case.answer".into(), detail: String::new() }];
        assert_eq!(store.save_case(id, 1, &change).await.unwrap(), 2);
        // From a version that was passed: nothing of it is there.
        assert!(matches!(store.save_case(id, 1, &change).await, Err(StoreError::Conflict(_))));
        let kept = store.case(id).await.unwrap();
        assert_eq!((kept.row.version, kept.row.entries, kept.row.files, kept.state), (2, 3, 1, vec![1, 77]));
        assert_eq!(kept.row.standing, change.standing);
        let entries = store.case_entries(id, 0, 9).await.unwrap();
        assert_eq!(entries.iter().map(|it| (it.n, it.kind)).collect::<Vec<_>>(), [(1, EntryKind::Reported), (2, EntryKind::Answer), (3, EntryKind::File)]);
        assert_eq!(entries[1].by, staff("ann"));
        assert_eq!(store.case_entries(id, 2, 9).await.unwrap().len(), 1);
        let (file, body) = store.case_file(id, 1).await.unwrap();
        assert_eq!((file.size, body, store.case_files(id).await.unwrap().len()), (3, vec![7; 9], 1));
        assert_eq!(store.case_steps(id).await.unwrap().len(), 1);
        let breaches = store.breaches_of(id).await.unwrap();
        assert_eq!((breaches.len(), breaches[0].at, breaches[0].jurisdiction.as_str()), (1, at(18), "HK"));
        let trail = store.audit_trail(Some("ann"), None, 9).await.unwrap();
        assert_eq!((trail.len(), trail[0].act.as_str(), trail[0].object.as_str()), (1, "case.answer", "TS-1"));
        change.steps[0].done = false;
        store.save_case(id, 2, &change).await.unwrap();
        assert!(store.case_steps(id).await.unwrap().is_empty());
    }

    async fn the_timeline_and_breaches_are_never_changed(place: &Place) {
        let store = place.open().await;
        let mut case = new(1, 3, 60);
        case.change.breaches = vec![NewBreach { rule: "r".into(), whose: "ours".into(), level: 0, at: at(1) }];
        store.create_case(&case).await.unwrap();
        for sql in [
            "UPDATE case_entries SET visible = 0",
            "DELETE FROM case_entries",
            "UPDATE case_breaches SET at = 0",
            "DELETE FROM case_breaches",
        ] {
            assert!(!tamper(place, sql).await, "{sql}");
        }
    }

    /// However many write at once, each entry is there once, and the numbers have no gap.
    async fn who_comes_second_loses_nothing(place: &Place) {
        let store = place.open().await;
        let id = store.create_case(&new(1, 3, 60)).await.unwrap();
        let write = |hand: i64| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut conflicts = 0;
                for n in 0..10 {
                    loop {
                        let kept = store.case(id).await.unwrap();
                        let mut state = kept.state;
                        state.push(u8::try_from(hand * 10 + n).unwrap());
                        let mut change = CaseChange::new(at(n), kept.row.standing, state);
                        change.entries = vec![NewEntry { detail: format!("{{\"n\":{}}}", hand * 10 + n), ..entry(EntryKind::Message, Author::Victim) }];
                        match store.save_case(id, kept.row.version, &change).await {
                            Ok(_) => break,
                            Err(StoreError::Conflict(_)) => conflicts += 1,
                            Err(other) => panic!("{other}"),
                        }
                    }
                }
                conflicts
            })
        };
        let hands: Vec<_> = (0..4).map(write).collect();
        let mut conflicts = 0;
        for hand in hands {
            conflicts += hand.await.unwrap();
        }
        let entries = store.case_entries(id, 1, 99).await.unwrap();
        assert!(entries.iter().map(|it| it.n).eq(2..=41));
        let mut said: Vec<_> = entries.iter().map(|it| it.detail.clone()).collect();
        said.sort();
        said.dedup();
        assert_eq!(said.len(), 40, "after {conflicts} conflicts");
        let kept = store.case(id).await.unwrap();
        assert_eq!((kept.row.version, kept.state.len()), (41, 42));
    }

    async fn the_queue_is_ordered_by_harm_and_then_by_what_is_due_next(place: &Place) {
        let store = place.open().await;
        for (n, harm, next_by) in [(1, 1, 10), (2, 3, 50), (3, 3, 20), (4, 0, 5), (5, 2, 99), (6, 3, 20)] {
            store.create_case(&new(n, harm, next_by)).await.unwrap();
        }
        let all = DeskFilter::default();
        let queue = store.desk(&all, None, 99).await.unwrap();
        assert_eq!(names(&queue), ["TS-3", "TS-6", "TS-2", "TS-5", "TS-1", "TS-4"]);
        let mut paged = Vec::new();
        let mut after: Option<DeskCursor> = None;
        loop {
            let page = store.desk(&all, after.as_ref(), 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = DeskCursor::parse(&DeskCursor::after(last).unwrap().text());
            paged.extend(page);
        }
        assert_eq!(paged, queue);
        assert_eq!(names(&store.most_overdue(3).await.unwrap()), ["TS-4", "TS-1", "TS-3"]);
        let closed = Standing { closed: Some(at(30)), outcome: Some("recovered".into()), owner: Some("ann".into()), harm: 3, ..Standing::default() };
        store.save_case(queue[0].id, 1, &CaseChange::new(at(30), closed, vec![1])).await.unwrap();
        assert_eq!(names(&store.desk(&all, None, 1).await.unwrap()), ["TS-6"]);
        assert_eq!(names(&store.closed_cases(None, 9).await.unwrap()), ["TS-3"]);
        let counts = store.desk_counts(at(20)).await.unwrap();
        assert_eq!((counts.level, counts.overdue, counts.nobodys), ([5, 0, 0, 0], 3, 5));
    }

    async fn each_filter_leaves_what_fits(place: &Place) {
        let store = place.open().await;
        let mut one = new(1, 3, 10);
        one.change.standing.owner = Some("ann".into());
        one.change.marks = vec![Mark { kind: "suspect".into(), mark: [5; 16] }];
        let mut two = new(2, 1, 20);
        (two.language, two.jurisdiction, two.kind) = ("en".into(), "SG".into(), "fake_support".into());
        (two.chains, two.change.standing.level) = (vec!["solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp".into()], 2);
        store.create_case(&one).await.unwrap();
        store.create_case(&two).await.unwrap();
        let all = DeskFilter::default;
        for (filter, found) in [
            (DeskFilter { owner: Some(Whose::Of("ann".into())), ..all() }, "TS-1"),
            (DeskFilter { owner: Some(Whose::Nobodys), ..all() }, "TS-2"),
            (DeskFilter { level: Some(2), ..all() }, "TS-2"),
            (DeskFilter { kind: Some("fake_support".into()), ..all() }, "TS-2"),
            (DeskFilter { language: Some("zh".into()), ..all() }, "TS-1"),
            (DeskFilter { jurisdiction: Some("SG".into()), ..all() }, "TS-2"),
            (DeskFilter { chain: Some("eip155:1".into()), ..all() }, "TS-1"),
            (DeskFilter { harm: Some(1), ..all() }, "TS-2"),
            (DeskFilter { overdue_at: Some(at(10)), ..all() }, "TS-1"),
            (DeskFilter { mark: Some([5; 16]), ..all() }, "TS-1"),
            // However many are asked for at once, and whichever of them leads.
            (DeskFilter { owner: Some(Whose::Of("ann".into())), level: Some(0), kind: Some("stolen_wallet".into()), language: Some("zh".into()), jurisdiction: Some("HK".into()), chain: Some("eip155:1".into()), harm: Some(3), overdue_at: Some(at(10)), mark: Some([5; 16]) }, "TS-1"),
            (DeskFilter { level: Some(2), kind: Some("fake_support".into()), language: Some("en".into()), jurisdiction: Some("SG".into()), chain: Some("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp".into()), harm: Some(1), overdue_at: Some(at(20)), ..all() }, "TS-2"),
        ] {
            assert_eq!(names(&store.desk(&filter, None, 9).await.unwrap()), [found], "{filter:?}");
        }
        let chain = |chain: &str| DeskFilter { chain: Some(chain.into()), ..all() };
        assert!(store.desk(&chain("eip155"), None, 9).await.unwrap().is_empty());
        assert!(store.desk(&chain("%"), None, 9).await.unwrap().is_empty());
    }

    /// By chain, and by what is overdue: each has a walk of its own.
    async fn a_filtered_queue_has_the_order_of_the_queue_and_goes_on_where_it_stopped(place: &Place) {
        let store = place.open().await;
        for (n, harm, next_by) in [(1, 1, 10), (2, 3, 50), (3, 3, 20), (4, 0, 5), (5, 2, 99), (6, 3, 20), (7, 1, 3)] {
            let mut case = new(n, harm, next_by);
            if n == 7 {
                case.chains = vec!["bitcoin:1".into()];
            }
            store.create_case(&case).await.unwrap();
        }
        let by_chain = DeskFilter { chain: Some("eip155:1".into()), ..DeskFilter::default() };
        let overdue = DeskFilter { overdue_at: Some(at(20)), ..DeskFilter::default() };
        let paged = async |filter: &DeskFilter| {
            let (mut all, mut after): (_, Option<DeskCursor>) = (Vec::new(), None);
            loop {
                let page = store.desk(filter, after.as_ref(), 2).await.unwrap();
                let Some(last) = page.last() else { break };
                after = DeskCursor::after(last);
                all.extend(page.into_iter().map(|it| it.reference));
            }
            let whole = store.desk(filter, None, 99).await.unwrap();
            assert_eq!(names(&whole), all, "{filter:?}");
            all
        };
        assert_eq!(paged(&by_chain).await, ["TS-3", "TS-6", "TS-2", "TS-5", "TS-1", "TS-4"]);
        assert_eq!(paged(&overdue).await, ["TS-3", "TS-6", "TS-7", "TS-1", "TS-4"]);
        assert_eq!(paged(&DeskFilter { chain: by_chain.chain.clone(), ..overdue }).await, ["TS-3", "TS-6", "TS-1", "TS-4"]);
        // A case that moves, is closed and is opened again is found where it stands.
        let id = store.case_by_reference("TS-4").await.unwrap().row.id;
        store.save_case(id, 1, &CaseChange::new(at(6), standing(3, 30), vec![1])).await.unwrap();
        assert_eq!(paged(&by_chain).await, ["TS-3", "TS-6", "TS-4", "TS-2", "TS-5", "TS-1"]);
        let closed = Standing { closed: Some(at(7)), outcome: Some("other".into()), ..Standing::default() };
        store.save_case(id, 2, &CaseChange::new(at(7), closed, vec![1])).await.unwrap();
        assert_eq!(paged(&by_chain).await, ["TS-3", "TS-6", "TS-2", "TS-5", "TS-1"]);
        store.save_case(id, 3, &CaseChange::new(at(8), standing(2, 8), vec![1])).await.unwrap();
        assert_eq!(paged(&by_chain).await, ["TS-3", "TS-6", "TS-2", "TS-4", "TS-5", "TS-1"]);
    }

    async fn cases_are_kin_by_marks_and_texts_that_are_near(place: &Place) {
        let store = place.open().await;
        let told = |n: u8, marks: &[(&str, u8)], fingerprint: u64| {
            let mut case = new(n, 1, 10);
            case.fingerprint = fingerprint;
            case.change.marks = marks.iter().map(|(kind, it)| Mark { kind: (*kind).into(), mark: [*it; 16] }).collect();
            case
        };
        let id = store.create_case(&told(1, &[("address", 1), ("suspect", 2), ("text", 3)], 0xff00)).await.unwrap();
        store.create_case(&told(2, &[("address", 1), ("suspect", 2)], 1)).await.unwrap();
        store.create_case(&told(3, &[("text", 3)], 0xff01)).await.unwrap();
        store.create_case(&told(4, &[("text", 3)], u64::MAX)).await.unwrap(); // Shares a band by chance.
        store.create_case(&told(5, &[("address", 9)], 0xff00)).await.unwrap();
        let kin = store.kin(id, 9).await.unwrap();
        let found: Vec<_> = kin.iter().map(|it| (it.row.reference.as_str(), it.by.join(" "))).collect();
        assert_eq!(found, [("TS-3", "text".to_owned()), ("TS-2", "address suspect".to_owned())]);
    }

    async fn what_is_due_is_claimed_once(place: &Place) {
        let store = place.open().await;
        for (n, due) in [(1, 10), (2, 20), (3, 30)] {
            store.create_case(&new(n, 1, due)).await.unwrap();
        }
        assert_eq!(store.next_case_due().await.unwrap(), Some(at(10)));
        assert!(store.claim_due_cases(at(9), at(70), 9).await.unwrap().is_empty());
        let other = place.open().await;
        let (one, two) = tokio::join!(store.claim_due_cases(at(25), at(85), 9), other.claim_due_cases(at(25), at(85), 9));
        let mut claimed = [one.unwrap(), two.unwrap()].concat();
        claimed.sort_unstable();
        assert_eq!(claimed, [1, 2]);
        assert_eq!(store.next_case_due().await.unwrap(), Some(at(30)));
        // Whoever claimed them died: they come up again.
        assert_eq!(store.claim_due_cases(at(85), at(145), 9).await.unwrap().len(), 3);
    }

    async fn a_recomputation_leaves_alone_what_moved_meanwhile(place: &Place) {
        let store = place.open().await;
        for n in 1..=3 {
            store.create_case(&new(n, 1, 10)).await.unwrap();
        }
        let read = store.computable_cases(0, 9).await.unwrap();
        assert_eq!(read.iter().map(|it| (it.id, it.version, it.state.clone())).collect::<Vec<_>>(), [(1, 1, vec![1, 1]), (2, 1, vec![1, 2]), (3, 1, vec![1, 3])]);
        let row = store.case_columns(2).await.unwrap();
        store.save_case(2, 1, &CaseChange::new(at(5), row.standing, vec![1, 9])).await.unwrap();
        let found: Vec<_> = read.iter().map(|it| Recomputed { id: it.id, version: it.version, due: Some(at(40)), state: vec![2] }).collect();
        assert_eq!(store.write_recomputed(&found).await.unwrap(), [2]);
        let one = store.case(1).await.unwrap();
        assert_eq!((one.row.standing.next_by, one.row.standing.due, one.state, one.row.version), (Some(at(10)), Some(at(40)), vec![2], 2));
        assert_eq!(store.case(2).await.unwrap().state, vec![1, 9]);
        assert_eq!(store.computable_cases(2, 9).await.unwrap().len(), 1);
    }

    async fn people_on_duty_are_called_until_somebody_has_seen_it(place: &Place) {
        let store = place.open().await;
        let call = |level, to: Option<&str>, why: &str| NewDutyPage { level, to: to.map(str::to_owned), why: why.into(), detail: String::new() };
        let mut case = new(1, 3, 10);
        case.change.pages = vec![call(0, None, "new"), call(0, None, "new"), call(0, Some("ann"), "warned"), call(1, None, "breached")];
        let id = store.create_case(&case).await.unwrap();
        let seen = async |levels: &[u8], login: &str| {
            let pages = store.open_pages(levels, login, 9).await.unwrap();
            pages.into_iter().map(|it| (it.id, it.why)).collect::<Vec<_>>()
        };
        let anns = seen(&[0], "ann").await;
        assert_eq!(anns.iter().map(|it| it.1.as_str()).collect::<Vec<_>>(), ["new", "warned"]); // Called once.
        assert_eq!(seen(&[0], "ben").await.len(), 1);
        assert_eq!(seen(&[1, 2], "lea").await.len(), 1);
        assert!(seen(&[], "eve").await.is_empty());
        store.see_page(anns[0].0, "ben", at(11)).await.unwrap();
        assert!(matches!(store.see_page(anns[0].0, "ann", at(12)).await, Err(StoreError::NotFound)));
        assert_eq!(seen(&[0], "ann").await.len(), 1);
        let row = store.case_columns(id).await.unwrap();
        let mut change = CaseChange::new(at(13), row.standing, vec![1]);
        (change.settles, change.pages) = (Some("ann".into()), vec![call(0, None, "written")]);
        store.save_case(id, 1, &change).await.unwrap();
        assert_eq!(seen(&[0, 1], "ann").await.iter().map(|it| it.1.as_str()).collect::<Vec<_>>(), ["written"]);
    }

    async fn who_is_on_duty_is_known_with_skills_and_load(place: &Place) {
        let store = place.open().await;
        let ann = join(&store, 1, "ann", &[Role::Agent]).await;
        let ben = join(&store, 2, "ben", &[Role::Agent, Role::Lead]).await;
        store.set_skills(ann, &["language:zh".into(), "chain:eip155:1".into()], "lea", at(2)).await.unwrap();
        store.set_duty(ann, Some(at(100)), "ann", at(2)).await.unwrap();
        let mut case = new(1, 3, 60);
        case.change.standing.owner = Some("ann".into());
        store.create_case(&case).await.unwrap();
        let there = store.on_duty(at(50)).await.unwrap();
        assert_eq!(there.len(), 1);
        assert_eq!((there[0].login.as_str(), there[0].load, there[0].duty), ("ann", 1, Some(at(100))));
        assert_eq!(there[0].skills, ["chain:eip155:1", "language:zh"]);
        assert!(store.on_duty(at(100)).await.unwrap().is_empty());
        assert_eq!(store.workers(at(50)).await.unwrap().len(), 2);
        store.set_duty(ben, Some(at(200)), "ben", at(3)).await.unwrap();
        store.set_duty(ben, None, "ben", at(4)).await.unwrap();
        assert_eq!(store.duty(ben, at(50)).await.unwrap(), None);
        store.set_disabled(ann, true, "lea", at(5)).await.unwrap();
        assert!(store.on_duty(at(50)).await.unwrap().is_empty());
        store.set_skills(ann, &[], "lea", at(6)).await.unwrap();
        assert!(store.skills(ann).await.unwrap().is_empty());
    }

    async fn the_first_key_of_the_vault_stays_its_key(place: &Place) {
        let store = place.open().await;
        assert_eq!(store.kept_vault_fingerprint().await.unwrap(), None);
        assert_eq!(store.vault_fingerprint(&[1; 32], at(0)).await.unwrap(), [1; 32]);
        assert_eq!(store.vault_fingerprint(&[2; 32], at(1)).await.unwrap(), [1; 32]);
        assert_eq!(store.kept_vault_fingerprint().await.unwrap(), Some([1; 32]));
    }
}

#[test]
fn a_cursor_that_is_none_is_refused() {
    for text in ["", "1", "1-2", "9-2-3", "1-x-3", "1-2-x", "-1-2-3"] {
        assert_eq!(DeskCursor::parse(text), None, "{text}");
    }
}

#[test]
fn every_kind_of_entry_is_read_back() {
    assert_eq!(EntryKind::ALL.len(), 27);
    let mut names: Vec<_> = EntryKind::ALL.iter().map(|it| it.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), EntryKind::ALL.len());
}
