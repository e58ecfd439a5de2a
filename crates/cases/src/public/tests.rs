use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;

use super::*;

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn tally(at: &str, group: &str, n: u64) -> Tally {
    Tally { month: month(at), group: group.to_owned(), n }
}

fn names(groups: &[Group]) -> Vec<(&str, u64)> {
    groups.iter().map(|it| (it.name.as_str(), it.n)).collect()
}

fn cells(values: &[u64]) -> Cells {
    values.iter().enumerate().map(|(at, n)| (format!("g{at}"), *n)).filter(|it| it.1 > 0).collect()
}

#[test]
fn months_are_read_and_written_and_follow_each_other() {
    for text in ["2026-01", "2026-12", "0001-01", "9999-12"] {
        assert_eq!(month(text).to_string(), text);
        assert_eq!(Month::of(month(text).start()), month(text));
    }
    for bad in ["2026-13", "2026-00", "0000-01", "2026-1", "26-01", "2026-+1", "2026", "", "2026-01-01"] {
        assert!(bad.parse::<Month>().is_err(), "{bad}");
    }
    assert_eq!(month("2026-12").next(), month("2027-01"));
    assert_eq!(month("2026-02").back(3), month("2025-11"));
    assert_eq!(month("2025-11").until(month("2026-02")).count(), 3);
    assert_eq!(Month::of("2026-10-31T23:59:59.999999Z".parse().unwrap()), month("2026-10"));
}

#[test]
fn a_month_is_published_a_day_after_its_end() {
    for (now, running) in [
        ("2026-11-30T23:59:59Z", "2026-11"),
        ("2026-12-01T23:59:59Z", "2026-11"),
        ("2026-12-02T00:00:00Z", "2026-12"),
    ] {
        assert_eq!(running_at(now.parse().unwrap()), month(running));
    }
    assert_eq!(running_at(published_at(month("2026-11"))), month("2026-12"));
}

#[test]
fn a_small_group_is_in_other_and_takes_the_next_one_with_it_if_it_would_stand_alone() {
    for (values, shown, other) in [
        (&[20, 7, 6][..], &[20, 7, 6][..], 0),
        (&[20, 7, 3], &[20], 10),
        (&[7, 20, 3], &[7], 23),
        (&[20, 4, 4], &[], 28),
        (&[20, 4, 3], &[20], 7),
        (&[20, 3, 3], &[20], 6),
        (&[6, 1], &[], 7),
        (&[4, 1], &[], 5),
        (&[4, 4], &[], 8),
        (&[5, 5, 5, 1], &[5, 5], 6),
        (&[0, 0], &[], 0),
    ] {
        let (groups, rest) = merged(cells(values), &[]);
        assert_eq!((groups.iter().map(|it| it.n).collect::<Vec<_>>(), rest), (shown.to_vec(), other));
    }
}

/// Whoever knows how we merge may try all tables that give what we published: none of its small
/// groups may be the same in all of them.
#[test]
fn no_small_group_can_be_computed_from_what_is_published() {
    for groups in 2..=4_usize {
        let most: u64 = if groups == 4 { 18 } else { 40 };
        let base = usize::try_from(most + 1).unwrap();
        let mut by_page: HashMap<(Vec<Group>, u64), Vec<BTreeSet<u64>>> = HashMap::new();
        for number in 0..base.pow(u32::try_from(groups).unwrap()) {
            let table: Vec<u64> =
                (0..groups).map(|at| (number / base.pow(u32::try_from(at).unwrap()) % base) as u64).collect();
            // Tables that publish the same have the same total, so none of them is left out.
            if !(SMALLEST..=most).contains(&table.iter().sum()) {
                continue;
            }
            let seen = by_page
                .entry(merged(cells(&table), &["g1"]))
                .or_insert_with(|| vec![BTreeSet::new(); groups]);
            for (values, n) in seen.iter_mut().zip(&table) {
                values.insert(*n);
            }
        }
        for (page, seen) in by_page {
            for values in seen {
                let only = (values.len() == 1).then(|| values.first().copied()).flatten();
                assert!(only.is_none_or(|n| n == 0 || n >= SMALLEST), "{page:?} gives {only:?} away");
            }
        }
    }
}

/// The same for whoever also kept the page of each time before: all that it said while the month
/// ran, and what it says when the month is over.
#[test]
fn no_small_group_can_be_computed_from_pages_kept_while_the_month_ran() {
    let (first, running, next) = (month("2026-01"), month("2026-01"), month("2026-02"));
    let mut by_pages: HashMap<_, BTreeSet<u64>> = HashMap::new();
    for (large, small) in (0..=24).flat_map(|large| (0..=24).map(move |small| (large, small))) {
        let page = |large, small, running| {
            let freezes = vec![tally("2026-01", "in_time", large), tally("2026-01", "late", small)];
            publish(&Tallies { freezes, ..Tallies::default() }, first, running).freezes
        };
        // Whichever of the two came first: what was seen is a chain of pages up to the end.
        let pages = (0..=large).map(|n| (n, 0)).chain((0..=small).map(|n| (large, n)));
        let mut seen: Vec<String> =
            pages.map(|(large, small)| format!("{:?}", page(large, small, running).running)).collect();
        seen.dedup();
        let over = page(large, small, next);
        let told = over.finished.iter().map(|it| (it.groups.clone(), it.other)).collect::<Vec<_>>();
        by_pages.entry((seen, told, over.running.n)).or_default().insert(small);
    }
    for (pages, values) in by_pages {
        let only = (values.len() == 1).then(|| values.first().copied()).flatten();
        assert!(only.is_none_or(|n| n == 0 || n >= SMALLEST), "{pages:?} give {only:?} away");
    }
}

#[test]
fn a_month_with_fewer_than_five_waits_for_the_next() {
    let tallies = Tallies {
        reports: vec![
            tally("2026-01", "stolen_wallet", 12),
            tally("2026-02", "stolen_wallet", 2),
            tally("2026-02", "fake_support", 1),
            tally("2026-03", "fake_support", 6),
            tally("2026-05", "fake_support", 4),
            tally("2026-06", "fake_support", 2),
        ],
        ..Tallies::default()
    };
    let series = publish(&tallies, month("2026-01"), month("2026-06")).reports;
    let spans: Vec<_> =
        series.finished.iter().map(|it| (it.from.to_string(), it.to.to_string(), it.n)).collect();
    let span = |from: &str, to: &str, n| (from.to_owned(), to.to_owned(), n);
    assert_eq!(
        spans,
        [span("2026-01", "2026-01", 12), span("2026-02", "2026-03", 9), span("2026-04", "2026-04", 0)]
    );
    // Two thefts: alone they would be a small group, so the seven go with them.
    assert_eq!((names(&series.finished[1].groups), series.finished[1].other), (vec![], 9));
    assert_eq!(series.running, Running { since: month("2026-05"), n: 5 });
}

#[test]
fn the_cases_still_open_are_no_small_difference_either() {
    let tallies = |closed| Tallies {
        reports: vec![tally("2026-01", "other", 10)],
        outcomes: vec![tally("2026-01", "recovered", closed)],
        ..Tallies::default()
    };
    let ended =
        |closed| publish(&tallies(closed), month("2026-01"), month("2026-02")).outcomes.finished.len();
    assert_eq!([5, 6, 8, 9, 10].map(ended), [1, 0, 0, 0, 1]);
}

#[test]
fn half_and_nine_in_ten_are_by_rank_and_of_five_at_least() {
    let took = |minutes, n| Took { month: month("2026-01"), minutes, n };
    let finished = |list: &[Took]| {
        let lasted = Lasted { finished: list.to_vec(), running: Vec::new() };
        durations(&lasted, month("2026-01"), month("2026-02")).finished
    };
    for (list, median, p90) in [
        (vec![took(10, 5)], 10, 10),
        (vec![took(1, 4), took(2, 1), took(900, 5)], 2, 900),
        (vec![took(3, 9), took(44, 1)], 3, 3),
        (vec![took(3, 8), took(44, 2)], 3, 44),
        (vec![took(4321, 5)], 4400, 4400),
        (vec![took(0, 5)], 0, 0),
    ] {
        let all = finished(&list);
        assert_eq!(
            all.iter().map(|it| (it.median_minutes, it.p90_minutes)).collect::<Vec<_>>(),
            [(median, p90)]
        );
    }
    assert!(finished(&[took(10, 4)]).is_empty());
}

#[test]
fn times_of_the_running_month_change_with_every_five() {
    let lasted = |running: &[u64]| Lasted {
        finished: vec![Took { month: month("2026-01"), minutes: 1, n: 2 }],
        running: running.to_vec(),
    };
    let told = |running: &[u64]| {
        let of = durations(&lasted(running), month("2026-01"), month("2026-02"));
        assert!(of.finished.is_empty());
        of.running.map(|it| (it.from.to_string(), it.median_minutes, it.p90_minutes))
    };
    assert_eq!(told(&[7, 8]), None);
    let five = Some(("2026-01".to_owned(), 7, 9));
    assert_eq!(told(&[7, 8, 9]), five);
    assert_eq!(told(&[7, 8, 9, 90, 90, 90, 90]), five);
    assert_eq!(told(&[7, 8, 9, 90, 90, 90, 90, 90]), Some(("2026-01".to_owned(), 9, 90)));
}

fn any_tallies() -> impl Strategy<Value = Vec<Tally>> {
    let one = (0_u32..14, 0_usize..4, prop_oneof![0_u64..4, 0_u64..30]);
    prop::collection::vec(one, 0..24).prop_map(|list| {
        let first = month("2025-11");
        let at = |months| first.until(month("2030-01")).nth(months as usize).unwrap();
        list.into_iter()
            .map(|(months, group, n)| Tally { month: at(months), group: format!("g{group}"), n })
            .collect()
    })
}

fn fair(n: u64) -> bool {
    n == 0 || n >= SMALLEST
}

proptest! {
    #[test]
    fn nothing_small_is_published_and_nothing_is_lost(reports in any_tallies(), outcomes in any_tallies(), months in 0_u32..14) {
        let first = month("2025-11");
        let running = first.until(month("2030-01")).nth(months as usize).unwrap();
        let tallies = Tallies { reports, outcomes, ..Tallies::default() };
        let edition = publish(&tallies, first, running);
        for (series, all) in [(&edition.reports, &tallies.reports), (&edition.outcomes, &tallies.outcomes)] {
            let mut expected = first;
            for it in &series.finished {
                prop_assert_eq!(it.from, expected);
                expected = it.to.next();
                prop_assert!(fair(it.n) && fair(it.other) && it.groups.iter().all(|group| group.n >= SMALLEST));
                prop_assert_eq!(it.n, it.groups.iter().map(|group| group.n).sum::<u64>() + it.other);
            }
            prop_assert_eq!(series.running.since, expected);
            let over: u64 = all.iter().filter(|it| it.month < expected).map(|it| it.n).sum();
            prop_assert_eq!(over, series.finished.iter().map(|it| it.n).sum::<u64>());
            prop_assert_eq!(series.running.n % SMALLEST, 0);
        }
        // What is told of all months up to one, less what is told of fewer, is fair by addition;
        // reports less outcomes is checked wherever both end.
        let ends = |series: &Series| -> BTreeMap<Month, u64> {
            let mut sum = 0;
            series.finished.iter().map(|it| { sum += it.n; (it.to, sum) }).collect()
        };
        let (came, went) = (ends(&edition.reports), ends(&edition.outcomes));
        for (month, went) in went {
            if let Some(came) = came.get(&month) {
                prop_assert!(fair(came.abs_diff(went)), "{came} - {went} in {month}");
            }
        }
    }

    #[test]
    fn what_was_published_never_changes(reports in any_tallies(), months in 0_u32..13) {
        let first = month("2025-11");
        let at = |months| first.until(month("2030-01")).nth(months as usize).unwrap();
        let known = |until: Month| Tallies { reports: reports.iter().filter(|it| it.month <= until).cloned().collect(), ..Tallies::default() };
        let earlier = publish(&known(at(months)), first, at(months)).reports.finished;
        let later = publish(&known(at(months + 1)), first, at(months + 1)).reports.finished;
        prop_assert!(later.starts_with(&earlier));
    }
}
