//! The usual ways of finding lookalikes, on the same registry and the same names: what they
//! find, and at how many false alarms. Written from their descriptions.

use std::collections::{BTreeMap, HashSet};

use touchstone_lookalike::{Kind, Official};

use crate::data::{Brand, Case, Ordinary, group};

/// The brand that a candidate of that kind resembles, by number.
type Finds = dyn Fn(&str, Kind) -> Option<usize> + Sync;

/// One way: does the candidate, in lower case, resemble any official string of its brand?
struct Peer {
    name: &'static str,
    finds: Box<Finds>,
}

/// One ordinary name in so many is tried: these ways take long.
const EVERY: usize = 40;

/// Prints recall by group of techniques and the share of ordinary names flagged.
pub(crate) fn report(brands: &[Brand], cases: &[&Case], ordinary: &[Ordinary]) {
    let officials: Vec<(usize, String)> = brands
        .iter()
        .enumerate()
        .flat_map(|(at, brand)| brand.officials.iter().map(move |it| (at, comparable(it))))
        .collect();
    let names: Vec<&Ordinary> =
        ordinary.iter().filter(|it| !it.mention && it.kind != Kind::Domain).step_by(EVERY).collect();
    for peer in peers(&officials) {
        let mut rows: BTreeMap<&str, [u32; 2]> = BTreeMap::new();
        for case in cases.iter().step_by(4) {
            let found = (peer.finds)(&label(&case.candidate, case.kind), case.kind);
            let right = found.is_some_and(|at| brands[at].name == case.brand);
            for key in [group(&case.technique), "ALL"] {
                let row = rows.entry(key).or_default();
                row[0] += 1;
                row[1] += u32::from(right);
            }
        }
        let start = std::time::Instant::now();
        let alarms =
            names.iter().filter(|it| (peer.finds)(&label(&it.text, it.kind), it.kind).is_some()).count();
        let each = start.elapsed().as_secs_f64() * 1e6 / names.len() as f64;
        println!(
            "peer {}: {alarms} of {} ordinary names ({:.1e}), {each:.0} µs a name",
            peer.name,
            names.len(),
            alarms as f64 / names.len() as f64
        );
        for (name, [all, right]) in rows {
            println!("  {name:24} {all:6} {:6.3}", f64::from(right) / f64::from(all));
        }
    }
}

fn comparable(official: &Official) -> String {
    label(&official.text, official.kind)
}

/// What the peers compare: a name in lower case, a domain without its last label.
fn label(text: &str, kind: Kind) -> String {
    let text = text.to_lowercase();
    match kind {
        Kind::Domain => text.rsplit_once('.').map_or(text.clone(), |it| it.0.to_owned()),
        _ => text,
    }
}

fn peers(officials: &[(usize, String)]) -> Vec<Peer> {
    let near = |limit: usize, domains_only: bool, officials: Vec<(usize, String)>| {
        Box::new(move |candidate: &str, kind: Kind| {
            if domains_only && !matches!(kind, Kind::Domain | Kind::Handle | Kind::DisplayName) {
                return None;
            }
            let length = candidate.chars().count();
            officials
                .iter()
                .filter(|(_, text)| text.chars().count().abs_diff(length) <= limit)
                .filter(|(_, text)| text != candidate && strsim::osa_distance(text, candidate) <= limit)
                .map(|it| it.0)
                .next()
        })
    };
    let skeletons: std::collections::HashMap<String, usize> =
        officials.iter().map(|(at, text)| (skeleton(text), *at)).collect();
    let enumerated: std::collections::HashMap<String, usize> = officials
        .iter()
        .flat_map(|(at, text)| enumerate(text).into_iter().map(move |it| (it, *at)))
        .collect();
    let exact: HashSet<String> = officials.iter().map(|it| it.1.clone()).collect();
    vec![
        Peer {
            name: "skeleton equality (UTS #39)",
            finds: Box::new(move |it, _| {
                skeletons.get(&skeleton(it)).copied().filter(|_| !exact.contains(it))
            }),
        },
        Peer { name: "edit distance <= 1", finds: near(1, false, officials.to_vec()) },
        Peer { name: "edit distance <= 2", finds: near(2, false, officials.to_vec()) },
        Peer { name: "tolerance 2 without the last label", finds: near(2, true, officials.to_vec()) },
        Peer { name: "enumerated typos", finds: Box::new(move |it, _| enumerated.get(it).copied()) },
    ]
}

fn skeleton(text: &str) -> String {
    unicode_security::skeleton(text).collect()
}

/// Omissions, repetitions, swaps, neighbouring keys and bit flips.
fn enumerate(text: &str) -> HashSet<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = HashSet::new();
    let with = |at: usize, width: usize, new: &[char]| -> String {
        letters[..at].iter().chain(new).chain(&letters[(at + width).min(letters.len())..]).collect()
    };
    for at in 0..letters.len() {
        found.insert(with(at, 1, &[]));
        found.insert(with(at, 1, &[letters[at], letters[at]]));
        if let Some(next) = letters.get(at + 1) {
            found.insert(with(at, 2, &[*next, letters[at]]));
        }
        for row in ["qwertyuiop", "asdfghjkl", "zxcvbnm"] {
            let keys: Vec<char> = row.chars().collect();
            if let Some(place) = keys.iter().position(|key| *key == letters[at]) {
                for neighbour in [place.wrapping_sub(1), place + 1].iter().filter_map(|it| keys.get(*it)) {
                    found.insert(with(at, 1, &[*neighbour]));
                }
            }
        }
        for bit in 0..8 {
            let flipped = u8::try_from(letters[at]).ok().map(|it| char::from(it ^ (1 << bit)));
            if let Some(flipped) = flipped.filter(|it| it.is_ascii_lowercase() || it.is_ascii_digit()) {
                found.insert(with(at, 1, &[flipped]));
            }
        }
    }
    found.remove(text);
    found
}
