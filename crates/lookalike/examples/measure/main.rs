//! How many imitations are found, and at how many false alarms?
//!
//! `measure FOLDER` prints recall by technique and false alarms by set; `--half` measures brands
//! that the weights were not fitted on; `--fit` fits the weights, half by half, and writes
//! `data/weights.tsv`; `--misses TECHNIQUE` and `--alarms SOURCE` list what goes wrong, on one's
//! own screen only: most of the data may not be shared; `--peers` measures other ways.

mod addresses;
mod data;
mod fit;
mod peers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use touchstone_lookalike::{
    Background, Class, Index, Judged, Kind, OBSERVATIONS, Official, Resemblance, Scratch, Tier,
};

use data::{Brand, Case, Ordinary, by_name, group};
use fit::Example;

struct Options {
    folder: PathBuf,
    fit: bool,
    half: Option<u64>,
    misses: Option<String>,
    alarms: Option<String>,
    peers: bool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options =
        Options { folder: PathBuf::new(), fit: false, half: None, misses: None, alarms: None, peers: false };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--peers" => options.peers = true,
            "--fit" => options.fit = true,
            "--half" => options.half = args.next().and_then(|it| it.parse().ok()),
            "--misses" => options.misses = args.next(),
            "--alarms" => options.alarms = args.next(),
            _ => options.folder = arg.into(),
        }
    }
    let brands = data::brands(&options.folder)?;
    let cases = data::cases(&options.folder)?;
    let ordinary = data::ordinary(&options.folder)?;
    if options.peers {
        let known = by_name(&brands);
        let unique = |it: &&Case| known.get(it.brand.as_str()).is_some_and(|brand| brand.unique);
        let unique: Vec<&Case> =
            cases.iter().filter(unique).filter(|it| !it.technique.starts_with("real:")).collect();
        peers::report(&brands, &unique, &ordinary);
        return Ok(());
    }
    if options.fit {
        return fit_weights(&brands, &cases, &ordinary);
    }
    report(&options, &brands, &cases, &ordinary);
    addresses::report(&options.folder)?;
    Ok(())
}

/// Which half of the brands one belongs to; by its name, so that it never changes.
fn half_of(brand: &str) -> u64 {
    brand.bytes().fold(7u64, |sum, b| sum.wrapping_mul(31).wrapping_add(u64::from(b))) >> 3 & 1
}

fn index_of(brands: &[Brand], half: Option<u64>) -> Index {
    let chosen = brands.iter().filter(|it| half.is_none_or(|half| half_of(&it.name) == half));
    let officials: Vec<Official> = chosen.flat_map(|it| it.officials.iter().cloned()).collect();
    Index::build(officials, &Background::new())
}

/// Applies `judge` to every item on two threads, in order.
fn each<T: Sync, R: Send>(items: &[T], judge: impl Fn(&T, &mut Scratch) -> R + Sync) -> Vec<R> {
    let judge = &judge;
    let halves = items.chunks(items.len().div_ceil(2).max(1));
    std::thread::scope(|scope| {
        let threads: Vec<_> = halves
            .map(|half| {
                scope.spawn(move || {
                    let mut scratch = Scratch::default();
                    half.iter().map(|it| judge(it, &mut scratch)).collect::<Vec<R>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|it| it.join().unwrap_or_default()).collect()
    })
}

fn examples(index: &Index, cases: &[&Case], ordinary: &[&Ordinary]) -> Vec<Example> {
    let mut sizes: BTreeMap<&str, f32> = BTreeMap::new();
    cases.iter().for_each(|it| *sizes.entry(it.technique.as_str()).or_default() += 1.0);
    let found = each(cases, |case, scratch| {
        let judged = index.judge(&case.candidate, case.kind, scratch)?;
        let official = index.official(judged.resemblance.official)?;
        (*official.brand == *case.brand).then_some(judged)
    });
    let mut examples = Vec::new();
    for (case, judged) in cases.iter().zip(found) {
        if let Some(judged) = judged {
            let size = sizes.get(case.technique.as_str()).copied().unwrap_or(1.0);
            examples.push(example(&judged, true, (500.0 / size).sqrt().clamp(0.3, 3.0)));
        }
    }
    let found = each(ordinary, |it, scratch| index.judge(&it.text, it.kind, scratch));
    // Who writes an official name exactly mentions it, whatever the set says.
    let exact = ["exact_alone", "exact_digits", "exact_weak", "exact_role", "exact_apart"];
    let exact = exact.map(|name| OBSERVATIONS.iter().position(|it| *it == name).unwrap_or(0));
    for (it, judged) in ordinary.iter().zip(&found) {
        let Some(judged) = judged else { continue };
        let unique = index.class(judged.resemblance.official) == Some(Class::Unique);
        // Within a longer word only where that word does not read better when cut elsewhere.
        let seen = |name: &str| judged.observed[OBSERVATIONS.iter().position(|it| *it == name).unwrap_or(0)];
        let glued = seen("exact_glued") > 0.0 && seen("crossing") < 0.0;
        let mentions = unique && (glued || exact.iter().any(|at| judged.observed[*at] > 0.0));
        // Wallets and exchanges by the hundred: their names are meant to be like one another.
        let same_trade = it.source.starts_with("MetaMask allowlist");
        if !mentions && !same_trade {
            examples.push(example(judged, false, 1.0));
        }
    }
    examples
}

#[allow(clippy::cast_possible_truncation)] // About a hundred observations.
fn example(judged: &Judged, imitates: bool, weight: f32) -> Example {
    let observed = judged.observed.iter().enumerate().filter(|(_, value)| **value != 0.0);
    Example { observed: observed.map(|(at, value)| (at as u16, *value)).collect(), imitates, weight }
}

/// Fits on one half of the brands, chooses the tiers there, and writes the weights.
fn fit_weights(
    brands: &[Brand],
    cases: &[Case],
    ordinary: &[Ordinary],
) -> Result<(), Box<dyn std::error::Error>> {
    let half = std::env::var("FIT_HALF").ok().and_then(|it| it.parse().ok());
    let index = index_of(brands, half);
    let of_half: Vec<&Case> =
        cases.iter().filter(|it| half.is_none_or(|half| half_of(&it.brand) == half)).collect();
    let plain: Vec<&Ordinary> = ordinary.iter().filter(|it| !it.mention).collect();
    let examples = examples(&index, &of_half, &plain);
    let imitations = examples.iter().filter(|it| it.imitates).count();
    eprintln!("{} examples, {imitations} of them imitations", examples.len());
    let weights = fit::fit(&examples, 40, 0.5);
    // Domains are set apart: their false alarms are those of popular and owned ones.
    let closeness = |it: &Example| {
        let sum: f64 =
            it.observed.iter().map(|(at, value)| weights[usize::from(*at)] * f64::from(*value)).sum();
        1.0 / (1.0 + (-sum).exp())
    };
    let of_domain = OBSERVATIONS.iter().position(|it| *it == "domain").unwrap_or(0);
    let capped = ["common", "short"].map(|name| OBSERVATIONS.iter().position(|it| *it == name).unwrap_or(0));
    let has = |it: &Example, at: usize| it.observed.iter().any(|(seen, _)| usize::from(*seen) == at);
    let alarms = |all: bool| {
        let chosen = examples.iter().filter(|it| !it.imitates && !has(it, of_domain));
        let mut alarms: Vec<f64> =
            chosen.filter(|it| all || !capped.iter().any(|at| has(it, *at))).map(closeness).collect();
        alarms.sort_by(|a, b| b.total_cmp(a));
        alarms
    };
    let count = plain.iter().filter(|it| it.kind != Kind::Domain).count();
    let at_rate = |alarms: Vec<f64>, per_million: usize| {
        alarms.get(count * per_million / 1_000_000).copied().unwrap_or(0.5)
    };
    // These names hold many true imitations that nobody marked: on names that nobody looked at
    // while developing, a sixth of these rates was measured.
    let (act, review) = (at_rate(alarms(false), 45), at_rate(alarms(true), 800));
    let mut out =
        String::from("# Weights of the model over what `score.rs` names, fitted by `examples/measure`.\n");
    out += &format!("act_from\t{act:.6}\nreview_from\t{review:.6}\n");
    for (name, weight) in OBSERVATIONS.iter().zip(&weights).filter(|(_, weight)| weight.abs() > 1e-6) {
        out += &format!("{name}\t{weight:.4}\n");
    }
    std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/weights.tsv"), out)?;
    Ok(())
}

fn report(options: &Options, brands: &[Brand], cases: &[Case], ordinary: &[Ordinary]) {
    let index = index_of(brands, options.half);
    println!("{} official strings, {} KiB", index.len(), index.bytes() / 1024);
    recall(options, &index, brands, cases);
    false_alarms(options, &index, ordinary);
}

fn recall(options: &Options, index: &Index, brands: &[Brand], cases: &[Case]) {
    let known = by_name(brands);
    let chosen: Vec<&Case> =
        cases.iter().filter(|it| options.half.is_none_or(|half| half_of(&it.brand) == half)).collect();
    let found = each(&chosen, |case, scratch| {
        let found = index.closest(&case.candidate, case.kind, scratch)?;
        let official = index.official(found.official)?;
        (*official.brand == *case.brand).then_some(found)
    });
    let ordinary: std::collections::HashSet<&str> = (0..index.len())
        .filter_map(|at| u32::try_from(at).ok())
        .filter(|at| index.class(*at) == Some(Class::Common))
        .filter_map(|at| index.official(at).map(|it| it.text.as_ref()))
        .collect();
    let mut rows: BTreeMap<(&str, String), [u32; 3]> = BTreeMap::new();
    for (case, found) in chosen.iter().zip(&found) {
        let Some(brand) = known.get(case.brand.as_str()) else { continue };
        let size = data::size(&case.official, case.kind);
        let class = if !brand.unique {
            "common"
        } else if size < 5 {
            "short"
        } else {
            "unique"
        };
        let mut keys = vec![
            (class, format!("  {}", case.technique)),
            (class, format!("{} *", group(&case.technique))),
            (class, "ALL".into()),
        ];
        if size >= 8
            && group(&case.technique) == "typo"
            && !["two_edits", "typo+keyword"].contains(&case.technique.as_str())
        {
            keys.push((class, "single typo, 8 letters and more *".into()));
        }
        if class == "unique" && !ordinary.contains(case.official.as_str()) {
            let more: Vec<_> = keys[1..].iter().map(|it| ("no word", it.1.clone())).collect();
            keys.extend(more);
        }
        if case.source.starts_with("CryptoScam") || case.technique.contains("csdb") {
            keys.truncate(1);
        }
        for key in keys {
            let row = rows.entry(key).or_default();
            row[0] += 1;
            row[1] += u32::from(found.is_some_and(|it| it.tier == Tier::Act));
            row[2] += u32::from(found.is_some());
        }
        if options.misses.as_deref() == Some(case.technique.as_str())
            && class == "unique"
            && found.is_none_or(|it| it.tier != Tier::Act)
        {
            println!("miss {:?} {} -> {}", found.map(|it| it.closeness), case.official, case.candidate);
        }
    }
    let unique = chosen.iter().zip(&found).filter(|(case, _)| {
        known.get(case.brand.as_str()).is_some_and(|it| it.unique)
            && data::size(&case.official, case.kind) >= 5
            && !(case.source.starts_with("CryptoScam") || case.technique.contains("csdb"))
    });
    let unique: Vec<_> = unique.map(|(_, found)| *found).collect();
    let acts =
        |from: f32| unique.iter().flatten().filter(|it| it.tier == Tier::Act && it.closeness >= from).count();
    let sweep = STRICTER.map(|from| format!("{from} {:.3}", acts(from) as f64 / unique.len().max(1) as f64));
    println!("unique names found if tier one began at: {}", sweep.join(", "));
    println!("{:8} {:34} {:>6} {:>6} {:>6}", "class", "technique", "cases", "act", "review");
    for ((class, name), [all, act, review]) in rows {
        let share = |part: u32| f64::from(part) / f64::from(all);
        println!("{class:8} {name:34} {all:6} {:6.3} {:6.3}", share(act), share(review));
    }
}

/// How many ordinary names would be left if tier one began higher.
fn stricter(index: &Index, found: &[Option<Resemblance>], ordinary: &[Ordinary]) {
    let acts = |from: f32| {
        let alarms = found.iter().zip(ordinary).filter(|(_, it)| !it.mention && it.kind != Kind::Domain);
        let acts = alarms.filter_map(|(found, _)| *found).filter(|it| it.tier == Tier::Act);
        acts.filter(|it| it.closeness >= from && index.official(it.official).is_some()).count()
    };
    let rows = STRICTER.map(|from| format!("{from} {}", acts(from)));
    println!("names flagged if tier one began at: {}", rows.join(", "));
}

/// Where tier one might begin instead.
const STRICTER: [f32; 7] = [0.9, 0.92, 0.94, 0.96, 0.97, 0.98, 0.99];

fn false_alarms(options: &Options, index: &Index, ordinary: &[Ordinary]) {
    let start = std::time::Instant::now();
    let found = each(ordinary, |it, scratch| index.closest(&it.text, it.kind, scratch));
    println!("{:.2} µs a name on two threads", start.elapsed().as_secs_f64() * 2e6 / ordinary.len() as f64);
    let mut rows: BTreeMap<(&str, &str), [u32; 3]> = BTreeMap::new();
    for (it, found) in ordinary.iter().zip(&found) {
        let total = if it.kind == Kind::Domain { "ALL domains" } else { "ALL names" };
        let set = if it.mention { "(mentions a brand)" } else { it.source.as_str() };
        for key in [(it.kind.name(), set), ("", if it.mention { "ALL mentions" } else { total })] {
            let row = rows.entry(key).or_default();
            row[0] += 1;
            row[1] += u32::from(found.is_some_and(|it| it.tier == Tier::Act));
            row[2] += u32::from(found.is_some());
        }
        let listed = options.alarms.as_deref().is_some_and(|source| {
            source == "all" && it.kind != Kind::Domain || it.source.starts_with(source)
        });
        if let Some(found) = found.filter(|it| it.tier == Tier::Act && listed)
            && !it.mention
        {
            let official = index.official(found.official).map_or("", |it| it.text.as_ref());
            let class = index.class(found.official).unwrap_or(Class::Unique);
            println!(
                "alarm {:.4} {class:?} {} <- {} {:?}",
                found.closeness,
                official,
                it.text,
                found.techniques.names().collect::<Vec<_>>()
            );
        }
    }
    stricter(index, &found, ordinary);
    println!("{:14} {:38} {:>8} {:>5} {:>6}", "kind", "set", "names", "act", "review");
    for ((kind, set), [all, act, review]) in rows {
        println!(
            "{kind:14} {set:38} {all:8} {act:5} {review:6}   {:.1e} {:.1e}",
            f64::from(act) / f64::from(all),
            f64::from(review) / f64::from(all)
        );
    }
}
