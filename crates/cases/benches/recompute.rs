//! Can every clock be counted anew after a change of the rules? Budget: 1,000,000 in under 2 s on
//! two cores. The floor is copying the same columns; below it stands each row counted by itself.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench ends at what it did not expect")]

use std::sync::{Arc, OnceLock};

use touchstone_cases::clock::{Columns, one_by_one, recompute};
use touchstone_cases::{CaseKey, Charter, Kind, Policy, Rule, Trigger};
use touchstone_types::{Lapse, Moment};

const ROWS: usize = 1_000_000;

struct Data {
    charter: Charter,
    rules: Vec<Arc<Rule>>,
    columns: Columns,
}

/// A year of clocks by every rule of the charter that comes with this version; every fifth stood
/// still, once to three times.
fn data() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| {
        let charter = Charter::built_in().unwrap();
        let rules = rules(&charter);
        let mut columns = Columns::with_capacity(ROWS);
        let begin: Moment = "2025-03-01T00:00:00Z".parse().unwrap();
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let mut below = |most: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % most
        };
        for _ in 0..ROWS {
            let started = begin + Lapse::from_secs(below(365 * 86_400));
            let rule = u16::try_from(below(rules.len() as u64)).unwrap();
            let mut pauses = Vec::new();
            if below(5) == 0 {
                let mut at = started;
                for _ in 0..=below(3) {
                    let from = at + Lapse::from_secs(600 + below(86_400));
                    at = from + Lapse::from_secs(600 + below(86_400));
                    pauses.push((from, at));
                }
            }
            columns.push(started, rule, &pauses);
        }
        Data { charter, rules, columns }
    })
}

fn rules(charter: &Charter) -> Vec<Arc<Rule>> {
    let firm_kinds: Vec<String> = charter
        .jurisdictions()
        .all()
        .iter()
        .flat_map(|place| &place.clocks)
        .flat_map(|it| it.applies_to.iter().cloned())
        .collect();
    let mut rules: Vec<Arc<Rule>> = Vec::new();
    for place in charter.jurisdictions().all() {
        for kind in Kind::ALL {
            let key = CaseKey { kind, jurisdiction: Some(&place.id), firm_kinds: &firm_kinds };
            let policy = charter.policy_for(&key);
            for rule in Trigger::ALL.iter().flat_map(|it| policy.rules(*it)) {
                if !rules.contains(rule) {
                    rules.push(Arc::clone(rule));
                }
            }
        }
    }
    rules
}

fn main() {
    let data = data();
    let none = recompute(&data.columns, &data.rules, data.charter.calendars(), 2).unwrap();
    let dates = none.iter().flatten().count();
    println!("{ROWS} clocks by {} rules, {dates} with a date", data.rules.len());
    divan::main();
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn copying_the_columns(bencher: divan::Bencher<'_, '_>) {
    let data = data();
    bencher.bench(|| divan::black_box(data.columns.clone()));
}

#[divan::bench(args = [1, 2], sample_count = 10, sample_size = 1)]
fn a_million_clocks(bencher: divan::Bencher<'_, '_>, threads: usize) {
    let data = data();
    bencher.bench(|| recompute(&data.columns, &data.rules, data.charter.calendars(), threads).unwrap());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn a_million_clocks_each_by_itself(bencher: divan::Bencher<'_, '_>) {
    let data = data();
    bencher.bench(|| one_by_one(&data.columns, &data.rules, data.charter.calendars()).unwrap());
}
