//! Address poisoning: how much of it is found, and how often a random address is flagged,
//! against ten thousand official ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use touchstone_lookalike::{Background, Index, Kind, Official, Scratch, Tier};

const OFFICIALS: usize = 10_000;
const RANDOM: u64 = 300_000;

/// An address from a counter: the same ones every time.
fn random(number: u64) -> String {
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678;
    let mut out = String::from("0x");
    for _ in 0..5 {
        state = (state ^ state >> 31).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        out += &format!("{:08x}", state >> 32);
    }
    out
}

/// Prints the share found by technique, and the false alarms.
pub(crate) fn report(folder: &Path) -> std::io::Result<()> {
    let text = std::fs::read_to_string(folder.join("addresses.jsonl"))?;
    let rows: Vec<serde_json::Value> =
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let rows: Vec<&serde_json::Value> = rows.iter().filter(|row| row["is_lookalike"] == true).collect();
    let mut officials: BTreeSet<String> =
        rows.iter().filter_map(|row| row["official"].as_str().map(str::to_owned)).collect();
    let mut number = 1 << 40;
    while officials.len() < OFFICIALS {
        officials.insert(random(number));
        number += 1;
    }
    let officials =
        officials.into_iter().map(|it| Official { brand: "it".into(), kind: Kind::Address, text: it.into() });
    let index = Index::build(officials, &Background::new());
    let mut scratch = Scratch::default();
    let mut counts: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
    for row in rows {
        let (Some(candidate), Some(official)) = (row["candidate"].as_str(), row["official"].as_str()) else {
            continue;
        };
        let found = index.closest(candidate, Kind::Address, &mut scratch);
        let right = found.filter(|it| index.official(it.official).is_some_and(|it| *it.text == *official));
        let count = counts.entry(row["technique"].as_str().unwrap_or("")).or_default();
        count[0] += 1;
        count[1] += u32::from(right.is_some_and(|it| it.tier == Tier::Act));
        count[2] += u32::from(right.is_some());
    }
    println!("addresses, {} official", index.len());
    for (technique, [all, act, review]) in counts {
        let share = |part: u32| f64::from(part) / f64::from(all);
        println!("  {technique:24} {all:6} {:6.3} {:6.3}", share(act), share(review));
    }
    let flagged = |tier| {
        let found = |number| index.closest(&random(number), Kind::Address, &mut Scratch::default());
        (0..RANDOM).filter(|number| found(*number).is_some_and(|it| it.tier >= tier)).count()
    };
    println!("  random addresses: {} act, {} review of {RANDOM}", flagged(Tier::Act), flagged(Tier::Review));
    Ok(())
}
