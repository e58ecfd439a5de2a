//! Pictures: how many copies are found after which edits, and how many other pictures are
//! flagged, against a hundred official ones.
//!
//! ```text
//! python3 tools/avatars.py node_modules PHOTOGRAPHS avatars.ppm
//! cargo run --release --example avatars -p touchstone-lookalike -- avatars.ppm held [EVERY]
//! cargo run --release --example avatars -p touchstone-lookalike -- avatars.ppm dev 4 --fit
//! ```
//!
//! `held` are sets that nothing was fitted on; of the edited pictures every EVERYth is tried.

#[path = "../measure/fit.rs"]
mod fit;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

use touchstone_lookalike::avatar::Hash;
use touchstone_lookalike::picture::Picture;
use touchstone_lookalike::{Background, Index, Kind, Official, Resemblance, Scratch, Tier};

type Failure = Box<dyn std::error::Error>;

/// A picture's hash, whose it is, and what was done to it.
struct Shown {
    name: String,
    edit: String,
    hash: Hash,
}

#[derive(Default)]
struct Pictures {
    officials: Vec<(String, Vec<Hash>)>,
    edited: Vec<Shown>,
    others: Vec<Shown>,
}

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (Some(path), Some(part)) = (args.first(), args.get(1)) else {
        return Err("usage: avatars FILE.ppm dev|held [EVERY] [--fit]".into());
    };
    let every = args.get(2).and_then(|it| it.parse().ok()).unwrap_or(1);
    let pictures = Pictures::read(path, part, every)?;
    if args.iter().any(|it| it == "--fit") {
        fit_weights(&pictures);
        return Ok(());
    }
    println!(
        "{} official pictures, {} edited, {} others",
        pictures.officials.len(),
        pictures.edited.len(),
        pictures.others.len()
    );
    report("all that is known of a picture", &pictures, |hash| hash);
    report("PDQ alone", &pictures, |hash| Hash { detail: None, ..hash });
    Ok(())
}

impl Pictures {
    /// Reads pictures one after another and keeps their hashes.
    fn read(path: &str, part: &str, every: usize) -> Result<Self, Failure> {
        let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
        let (mut pictures, mut number) = (Self::default(), 0);
        while let Some((comment, (width, height), rgb)) = read_ppm(&mut reader)? {
            let mut words = comment.splitn(4, ' ').map(str::to_owned);
            let mut word = || words.next().unwrap_or_default();
            if word() != part {
                continue;
            }
            let (role, name, edit) = (word(), word(), word());
            number += 1;
            if role == "edited" && number % every != 0 {
                continue;
            }
            let picture = Picture::from_rgb(width, height, &rgb)?;
            match role.as_str() {
                "official" => pictures.officials.push((name, picture.variants())),
                "edited" => pictures.edited.push(Shown { name, edit, hash: picture.hash().0 }),
                _ => pictures.others.push(Shown { name, edit, hash: picture.hash().0 }),
            }
        }
        Ok(pictures)
    }
}

type Ppm = (String, (usize, usize), Vec<u8>);

fn read_ppm(reader: &mut impl BufRead) -> Result<Option<Ppm>, Failure> {
    let mut lines = [const { String::new() }; 4];
    for line in &mut lines {
        if reader.read_line(line)? == 0 {
            return Ok(None);
        }
    }
    let [_, comment, size, _] = &lines;
    let (width, height) = size.trim().split_once(' ').ok_or("a PPM has a width and a height")?;
    let size = (width.parse()?, height.parse()?);
    let mut rgb = vec![0; size.0 * size.1 * 3];
    reader.read_exact(&mut rgb)?;
    Ok(Some((comment.trim_start_matches("# ").trim().to_owned(), size, rgb)))
}

fn report(what: &str, pictures: &Pictures, known: impl Fn(Hash) -> Hash) {
    let officials = pictures.officials.iter().flat_map(|(name, hashes)| {
        let official = |hash: &Hash| Official {
            brand: name.as_str().into(),
            kind: Kind::Avatar,
            text: known(*hash).to_string().into(),
        };
        hashes.iter().map(official).collect::<Vec<_>>()
    });
    let index = Index::build(officials, &Background::new());
    let closest =
        |it: &Shown| index.closest(&known(it.hash).to_string(), Kind::Avatar, &mut Scratch::default());
    let brand = |it: &Resemblance| index.official(it.official).map_or("", |it| &*it.brand).to_owned();
    println!("\n{what}: {} hashes, {} KiB", index.len(), index.bytes() / 1024);
    let mut rows: BTreeMap<String, [u32; 3]> = BTreeMap::new();
    for it in &pictures.edited {
        let found = closest(it).filter(|found| brand(found) == it.name);
        let group = it.edit.split('/').next().unwrap_or_default();
        for key in ["all".to_owned(), group.to_owned(), format!("  {}", it.edit)] {
            count(rows.entry(key).or_default(), found);
        }
    }
    println!("{:50} {:>5} {:>6} {:>6}", "edit", "tried", "act", "any");
    for (key, [all, act, any]) in rows {
        let share = |it: u32| f64::from(it) / f64::from(all);
        println!("{key:50} {all:5} {:6.3} {:6.3}", share(act), share(any));
    }
    let mut alarms: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
    let mut worst = Vec::new();
    let start = std::time::Instant::now();
    for it in &pictures.others {
        let found = closest(it);
        let set = it.name.split([':', '-']).next().unwrap_or_default();
        count(alarms.entry(set).or_default(), found);
        count(alarms.entry("all").or_default(), found);
        worst.extend(found.map(|found| (found.closeness, brand(&found), &it.name)));
    }
    println!("{:.0} µs a picture", start.elapsed().as_secs_f64() * 1e6 / pictures.others.len() as f64);
    for (set, [all, act, any]) in alarms {
        println!("other pictures, {set:32} {all:5} {act:6} {any:6}");
    }
    worst.sort_by(|a, b| b.0.total_cmp(&a.0));
    worst.iter().take(12).for_each(|(closeness, brand, it)| println!("  {closeness:.3} {brand} <- {it}"));
}

fn count(row: &mut [u32; 3], found: Option<Resemblance>) {
    row[0] += 1;
    row[1] += u32::from(found.is_some_and(|it| it.tier == Tier::Act));
    row[2] += u32::from(found.is_some());
}

/// Prints the weights that tell copies from the official pictures most like each other one.
fn fit_weights(pictures: &Pictures) {
    let officials: Vec<(&str, Vec<Hash>)> = pictures
        .officials
        .iter()
        .map(|(name, hashes)| (name.as_str(), hashes.iter().flat_map(|it| it.turned()).collect()))
        .collect();
    let mut examples = Vec::new();
    let mut add = |hash: &Hash, hashes: &[Hash], imitates| {
        let likeness = hashes.iter().filter_map(|it| it.likeness(hash));
        let Some(it) = likeness.reduce(|a, b| if b.score > a.score { b } else { a }) else { return };
        let observed = (0u16..).zip(it.observed).collect();
        examples.push(fit::Example { observed, imitates, weight: 1.0 });
    };
    for it in &pictures.edited {
        officials.iter().filter(|(name, _)| *name == it.name).for_each(|(_, all)| add(&it.hash, all, true));
    }
    for it in &pictures.others {
        officials.iter().for_each(|(_, all)| add(&it.hash, all, false));
    }
    println!("{:.3?}", &fit::fit(&examples, 40, 0.01)[..6]);
}
