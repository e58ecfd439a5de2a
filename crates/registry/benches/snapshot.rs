//! Can an app keep the whole registry and ask it while a message is being read?
//!
//! Budget, for a million identities: opened in 300 ms with its checksum, a question answered in
//! 2 µs whether listed or not, under 60 bytes an identity in memory beyond its text. Half of the
//! identities are accounts on a platform (a third handles, a sixth display names), the rest
//! domains, mail and deposit addresses, phone numbers and agents; nine of ten have a purpose.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use touchstone_registry::snapshot::write;
use touchstone_registry::statement::{StatedIdentity, StatedOrganisation};
use touchstone_registry::{Digest, IdentityKind, Proof, ProofMethod, Registry, Snapshot, Statement};
use touchstone_types::{Bilingual, Lapse, Moment};

const IDENTITIES: u64 = 1_000_000;
const ORGANISATIONS: u64 = 1_000;

static SNAPSHOT: LazyLock<Snapshot> = LazyLock::new(|| Snapshot::open(bytes()).expect("a snapshot"));

fn main() {
    divan::main();
    if std::env::args().any(|it| it == "--bench") {
        report();
    }
}

fn start() -> Moment {
    Moment::from_micros(1_767_225_600_000_000).expect("2026-01-01")
}

fn organisation(number: u64) -> Statement {
    let name = Bilingual { zh: format!("机构{number}"), en: format!("Organisation {number}") };
    Statement::Organisation(StatedOrganisation {
        id: format!("org{number}"),
        name,
        facts: vec![],
        ways_in: vec![],
        owned_domains: vec![],
        at: start(),
    })
}

/// The kind and value of the identity of that number.
fn value(number: u64) -> (IdentityKind, String) {
    match number % 12 {
        0..4 => (IdentityKind::Handle, format!("brand{number}_help")),
        4..6 => (IdentityKind::DisplayName, format!("Brand {number} Support")),
        6 => (IdentityKind::Domain, format!("brand{number}.example")),
        7 => (IdentityKind::Email, format!("help@mail{number}.example")),
        8 => (IdentityKind::Phone, format!("+44{:010}", number)),
        9 | 10 => (IdentityKind::Address, format!("0x{:040x}", u128::from(number) << 64 | 0xa5a5)),
        _ => (IdentityKind::Agent, format!("agent{number}")),
    }
}

fn identity(number: u64) -> Statement {
    let (kind, value) = value(number);
    let on_platform = matches!(kind, IdentityKind::Handle | IdentityKind::DisplayName);
    let proof = Proof { method: ProofMethod::Posted, at: start(), evidence: Digest::from_bytes([7; 32]) };
    Statement::Identity(Box::new(StatedIdentity {
        id: format!("id{number}"),
        organisation: format!("org{}", number % ORGANISATIONS),
        kind,
        value,
        platform: on_platform.then(|| "chat".to_owned()),
        account: on_platform.then(|| format!("u{number}")),
        chain: (kind == IdentityKind::Address).then(|| "eip155:1".to_owned()),
        certificate: None,
        files: vec![],
        newest_safe: None,
        purposes: if number.is_multiple_of(10) { vec![] } else { vec!["answers tickets".to_owned()] },
        languages: vec![],
        role: None,
        proofs: vec![proof],
        reviewers: vec!["heron".to_owned(), "otter".to_owned()],
        from: start(),
        until: start() + Lapse::from_secs(90 * 86_400),
        at: start(),
    }))
}

fn registry() -> Registry {
    let statements = (0..ORGANISATIONS).map(organisation).chain((0..IDENTITIES).map(identity));
    Registry::from_statements((0..).zip(statements)).expect("no contradiction")
}

fn bytes() -> Vec<u8> {
    let registry = registry();
    write(&registry, registry.size(), start()).expect("it fits")
}

#[divan::bench(sample_count = 100, sample_size = 10_000)]
fn a_listed_value_is_found(bencher: divan::Bencher) {
    ask(bencher, &listed());
}

#[divan::bench(sample_count = 100, sample_size = 10_000)]
fn a_value_that_is_not_listed_is_not_found(bencher: divan::Bencher) {
    ask(bencher, &not_listed());
}

fn listed() -> Vec<(IdentityKind, String)> {
    scattered().map(value).collect()
}

fn not_listed() -> Vec<(IdentityKind, String)> {
    let other = |number| match value(number) {
        (IdentityKind::Address, value) => (IdentityKind::Address, value.replace("a5", "b6")),
        (kind, value) => (kind, value.replace(['e', '4'], "3")),
    };
    scattered().map(other).collect()
}

/// Numbers that jump about, so that no answer is in the cache by luck.
fn scattered() -> impl Iterator<Item = u64> {
    (0..200_000u64).map(|it| it * 7_919 % IDENTITIES)
}

/// One question after another.
fn ask(bencher: divan::Bencher, queries: &[(IdentityKind, String)]) {
    let snapshot = &*SNAPSHOT;
    let now = start() + Lapse::from_secs(86_400);
    let mut next = 0;
    bencher.bench_local(|| {
        let (kind, value) = &queries[next];
        next = (next + 1) % queries.len();
        snapshot.find(*kind, divan::black_box(value)).any(|it| it.status(now).counts())
    });
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn a_million_identities_are_opened(bencher: divan::Bencher) {
    let bytes = SNAPSHOT.as_bytes();
    bencher.bench_local(|| Snapshot::open(divan::black_box(bytes)).map(|it| it.len()));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn only_the_checksum_of_as_many_bytes(bencher: divan::Bencher) {
    let bytes = SNAPSHOT.as_bytes();
    bencher.bench_local(|| Digest::of(divan::black_box(bytes)));
}

/// Time on the processor, the least of some runs: what other work on the machine takes is not in
/// it. Wall time where the system does not tell.
fn least(times: u32, mut work: impl FnMut()) -> Duration {
    let on_processor = || {
        let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        told.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    };
    let once = |_| {
        let (started, before) = (Instant::now(), on_processor());
        work();
        on_processor().zip(before).map_or_else(|| started.elapsed(), |(after, before)| after - before)
    };
    (0..times).map(once).min().unwrap_or_default()
}

/// Bytes of text: what is in the fields, without what is needed to find them.
fn text(snapshot: &Snapshot) -> usize {
    let of_organisations: usize =
        snapshot.organisations().map(|it| it.id().len() + it.name().zh.len() + it.name().en.len()).sum();
    let of_records: usize = snapshot
        .records()
        .map(|it| {
            let shown = if it.shown() == it.value() { 0 } else { it.shown().len() };
            let fields = [it.platform(), it.account(), it.chain()];
            let fields: usize = fields.into_iter().flatten().map(str::len).sum();
            it.value().len() + shown + fields + it.purposes().map(str::len).sum::<usize>()
        })
        .sum();
    of_organisations + of_records
}

fn report() {
    let snapshot = &*SNAPSHOT;
    let (bytes, text) = (snapshot.as_bytes().len(), text(snapshot));
    let beyond = (bytes - text) as f64 / snapshot.len() as f64;
    println!(
        "identities {}, file and memory {bytes} bytes, text {text}, beyond text {beyond:.1} bytes each",
        snapshot.len()
    );
    println!("on the processor, least of some runs:");
    let bytes = snapshot.as_bytes();
    println!("  checksum alone {:?}", least(7, || drop(divan::black_box(Digest::of(bytes).to_string()))));
    println!("  opened {:?}", least(7, || drop(divan::black_box(Snapshot::open(bytes)))));
    let now = start() + Lapse::from_secs(86_400);
    for (what, queries) in [("listed", listed()), ("not listed", not_listed())] {
        let spent = least(7, || {
            let found = queries
                .iter()
                .filter(|(kind, value)| snapshot.find(*kind, value).any(|it| it.status(now).counts()));
            divan::black_box(found.count());
        });
        println!("  a question, {what}: {:?}", spent / u32::try_from(queries.len()).expect("a few"));
    }
    let registry = registry();
    println!(
        "  written {:?}",
        least(2, || drop(divan::black_box(write(&registry, registry.size(), start()))))
    );
}
