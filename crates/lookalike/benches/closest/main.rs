//! Can every name, link and message's sender be compared with every official string?
//!
//! Budget: 3,000,000 ordinary names a second at 1,000 official strings and 1,000,000 at a
//! million, on one core; a full check 2 µs on average and 20 µs at the 99th percentile; a million
//! official strings ready in 5 s and 128 MB. Beside it the usual ways on the same names.
//! All names are made from the built-in word list and a counter: the same ones every time.

mod names;
mod peers;

use std::time::Instant;

use divan::counter::ItemsCount;
use touchstone_lookalike::{Background, Index, Kind, Scratch};

fn main() {
    divan::main();
    if std::env::args().any(|it| it == "--bench") {
        report();
    }
}

fn index(officials: usize) -> Index {
    Index::build(names::officials(officials), &Background::new())
}

fn compare(bencher: divan::Bencher, index: &Index, names: &[String], kind: Kind) {
    let mut scratch = Scratch::default();
    bencher.counter(ItemsCount::new(names.len())).bench_local(|| count(index, names, kind, &mut scratch));
}

fn count(index: &Index, names: &[String], kind: Kind, scratch: &mut Scratch) -> usize {
    names.iter().filter(|name| index.closest(divan::black_box(name), kind, scratch).is_some()).count()
}

#[divan::bench(args = [1_000, 10_000, 100_000, 1_000_000], sample_count = 100, sample_size = 1)]
fn ordinary_names(bencher: divan::Bencher, officials: usize) {
    compare(bencher, &index(officials), &names::ordinary(), Kind::Handle);
}

#[divan::bench(args = [1_000, 1_000_000], sample_count = 100, sample_size = 1)]
fn chinese_names(bencher: divan::Bencher, officials: usize) {
    compare(bencher, &index(officials), &names::chinese(), Kind::DisplayName);
}

#[divan::bench(args = [1_000, 1_000_000], sample_count = 100, sample_size = 1)]
fn domains(bencher: divan::Bencher, officials: usize) {
    compare(bencher, &index(officials), &names::domains(), Kind::Domain);
}

#[divan::bench(args = [1_000], sample_count = 100, sample_size = 1)]
fn links(bencher: divan::Bencher, officials: usize) {
    compare(bencher, &index(officials), &names::links(), Kind::Url);
}

#[divan::bench(args = [1_000], sample_count = 100, sample_size = 1)]
fn imitations(bencher: divan::Bencher, officials: usize) {
    compare(bencher, &index(officials), &names::imitations(officials), Kind::Handle);
}

/// The usual ways, at 1,000 official strings.
#[divan::bench(args = peers::ALL, sample_count = 5, sample_size = 1)]
fn usual_ways(bencher: divan::Bencher, way: &str) {
    let (finds, names) = (peers::way(way, 1_000), names::ordinary());
    let few = &names[..names.len() / 4];
    bencher
        .counter(ItemsCount::new(few.len()))
        .bench_local(|| few.iter().filter(|it| finds(divan::black_box(it))).count());
}

/// What no average shows: single calls, building, and the longest input.
fn report() {
    println!("\nsingle calls, 1,000 official strings (the clock's own 25 ns included)");
    let (small, mut scratch) = (index(1_000), Scratch::default());
    let rows = [
        ("ordinary names", names::ordinary(), Kind::Handle),
        ("Chinese names", names::chinese(), Kind::DisplayName),
        ("domains", names::domains(), Kind::Domain),
        ("links", names::links(), Kind::Url),
        ("imitations", names::imitations(1_000), Kind::Handle),
    ];
    for (what, names, kind) in rows {
        count(&small, &names, kind, &mut scratch);
        let mut times: Vec<u64> = (0..40).flat_map(|_| each(&small, &names, kind, &mut scratch)).collect();
        times.sort_unstable();
        let mean = times.iter().sum::<u64>() / times.len() as u64;
        let at = |share: usize| times[times.len() * share / 1_000];
        let found = count(&small, &names, kind, &mut scratch);
        println!(
            "{what:16} mean {mean:6} ns  median {:6}  p99 {:6}  p99.9 {:6}  resemble {found} of {}",
            at(500),
            at(990),
            at(999),
            names.len()
        );
    }
    for officials in [1_000, 10_000, 100_000, 1_000_000] {
        let texts = names::officials(officials);
        let start = Instant::now();
        let built = Index::build(texts, &Background::new());
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "build {officials:9}: {seconds:6.3} s, {:7.1} MiB",
            built.bytes() as f64 / f64::from(1 << 20)
        );
    }
    for piece in ["a", "support ", "\u{200b}", "支付", "a.", "xn--a."] {
        let long = piece.repeat(1_000_000 / piece.len());
        let slowest = [Kind::DisplayName, Kind::Url, Kind::Email].map(|kind| {
            let start = Instant::now();
            small.closest(&long, kind, &mut scratch);
            start.elapsed().as_micros()
        });
        println!("1 MB of {piece:?}: {} µs at most", slowest.iter().max().unwrap_or(&0));
    }
}

fn each(index: &Index, names: &[String], kind: Kind, scratch: &mut Scratch) -> Vec<u64> {
    let mut times = Vec::with_capacity(names.len());
    for name in names {
        let start = Instant::now();
        divan::black_box(index.closest(divan::black_box(name), kind, scratch));
        times.push(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX));
    }
    times
}
