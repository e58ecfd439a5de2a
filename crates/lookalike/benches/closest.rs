//! Can every name, link and message's sender be compared with every official string?
//! Budget: 2 µs a name on average at 1,000 officials; a million names a second at a million.
//! Beside it what the usual ways cost on the same names: edit distance to every official, and
//! skeleton equality.

use divan::counter::ItemsCount;
use touchstone_lookalike::{Background, Index, Kind, Official, Scratch};

fn main() {
    divan::main();
}

/// Pronounceable names from a counter: the same ones every time.
fn name(number: u64) -> String {
    const HEADS: [&str; 16] =
        ["ba", "ke", "mi", "to", "lu", "ra", "ne", "si", "po", "du", "fa", "ge", "vi", "zo", "ja", "he"];
    const TAILS: [&str; 8] = ["n", "r", "l", "x", "st", "nd", "m", "s"];
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number >> 7;
    let mut out = String::new();
    for at in 0..3 + mixed % 3 {
        out.push_str(HEADS[usize::try_from(mixed >> (4 * at + 8) & 15).unwrap_or(0)]);
    }
    out.push_str(TAILS[usize::try_from(mixed >> 40 & 7).unwrap_or(0)]);
    out
}

fn index(officials: u64) -> Index {
    let official = |number| Official {
        brand: format!("b{number}").into(),
        kind: Kind::Handle,
        text: format!("{}{}", name(number), name(number * 31 + 7)).into(),
    };
    Index::build((0..officials).map(official), &Background::new())
}

fn ordinary() -> Vec<String> {
    let people = ["maria", "john", "wei", "fatima", "ivan", "chloe", "raj", "yuki"];
    (0..4_096u64)
        .map(|number| match number % 4 {
            0 => format!("{}.{}", people[usize::try_from(number % 8).unwrap_or(0)], name(number + 1_000_000)),
            1 => format!("{}{}", name(number + 2_000_000), number % 100),
            2 => format!("{} {}", name(number + 3_000_000), name(number + 4_000_000)),
            _ => ["王小明", "山田太郎", "城市之光", "春风十里"][usize::try_from(number / 4 % 4).unwrap_or(0)]
                .to_owned(),
        })
        .collect()
}

#[divan::bench(args = [1_000, 10_000, 100_000, 1_000_000], sample_count = 10, sample_size = 1)]
fn ordinary_names(bencher: divan::Bencher, officials: u64) {
    let (index, names, mut scratch) = (index(officials), ordinary(), Scratch::default());
    bencher.counter(ItemsCount::new(names.len())).bench_local(|| {
        names
            .iter()
            .filter(|name| index.closest(divan::black_box(name), Kind::Handle, &mut scratch).is_some())
            .count()
    });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn building_a_million(bencher: divan::Bencher) {
    bencher.bench_local(|| index(1_000_000).bytes());
}
