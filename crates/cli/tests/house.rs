//! The house itself: which room stands on which, and under what licences.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// The rooms from the ground up. A room may stand only on rooms above it in this list, and only
/// on those named here; ARCHITECTURE.md shows the same table.
const ROOMS: &[(&str, &[&str])] = &[
    ("types", &[]),
    ("text", &[]),
    ("lookalike", &["types", "text"]),
    ("language", &["types", "text"]),
    ("train", &["types", "text", "language"]),
    ("policy", &["types"]),
    ("signed-log", &[]),
    ("registry", &["types", "signed-log"]),
    ("screening", &["types", "text", "lookalike", "language", "policy", "signed-log", "registry"]),
    ("accounts", &["types"]),
    ("cases", &["types"]),
    ("actions", &["types", "accounts"]),
    (
        "store",
        &[
            "types",
            "text",
            "language",
            "policy",
            "signed-log",
            "registry",
            "screening",
            "accounts",
            "actions",
        ],
    ),
    ("opinion", &["types", "text", "language"]),
    ("connectors", &["types"]),
    (
        "server",
        &[
            "types",
            "text",
            "lookalike",
            "language",
            "policy",
            "signed-log",
            "registry",
            "screening",
            "accounts",
            "cases",
            "actions",
            "store",
            "opinion",
            "connectors",
        ],
    ),
    (
        "cli",
        &[
            "types",
            "text",
            "lookalike",
            "language",
            "train",
            "policy",
            "signed-log",
            "registry",
            "screening",
            "accounts",
            "cases",
            "actions",
            "store",
            "opinion",
            "connectors",
            "server",
        ],
    ),
];

/// Crates that do I/O, ask a clock or reach the network: none below `store` may stand on one.
const SHELL_ONLY: &[&str] = &[
    "tokio",
    "axum",
    "rusqlite",
    "tokio-postgres",
    "deadpool-postgres",
    "tower-http",
    "tracing-subscriber",
    "ureq",
];

const PURE_ROOMS: &[&str] = &[
    "types",
    "text",
    "lookalike",
    "language",
    "train",
    "policy",
    "signed-log",
    "registry",
    "screening",
    "accounts",
    "actions",
];

const LICENCES: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
    "0BSD",
    "BSL-1.0",
    "Unlicense",
];

fn metadata() -> Metadata {
    MetadataCommand::new().other_options(["--offline".to_owned()]).exec().expect("cargo metadata")
}

fn room(package: &Package) -> Option<&str> {
    package.name.strip_prefix("touchstone-")
}

#[test]
fn rooms_stand_only_on_the_rooms_of_the_table() {
    let metadata = metadata();
    let table: BTreeMap<&str, &[&str]> = ROOMS.iter().copied().collect();
    let found: BTreeSet<&str> = metadata.workspace_packages().into_iter().filter_map(room).collect();
    assert_eq!(found, table.keys().copied().collect(), "the table lists each room once");
    for package in metadata.workspace_packages() {
        let Some(name) = room(package) else { continue };
        for dependency in package.dependencies.iter().filter(|it| it.kind == DependencyKind::Normal) {
            if let Some(below) = dependency.name.strip_prefix("touchstone-") {
                assert!(table[name].contains(&below), "{name} may not stand on {below}");
            }
            if PURE_ROOMS.contains(&name) {
                assert!(
                    !SHELL_ONLY.contains(&dependency.name.as_str()),
                    "{name} is a room without I/O, but uses {}",
                    dependency.name
                );
            }
        }
    }
}

#[test]
fn arrows_point_only_downward() {
    for (at, (name, below)) in ROOMS.iter().enumerate() {
        for other in *below {
            let place = ROOMS.iter().position(|(room, _)| room == other).expect("a room of the table");
            assert!(place < at, "{name} stands above {other} in the table");
        }
    }
}

#[test]
fn the_architecture_page_shows_the_same_rooms() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../ARCHITECTURE.md")).unwrap();
    for (name, below) in ROOMS {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")))
            .unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for {name}"));
        let last = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        let shown: BTreeSet<&str> = last.split(',').map(str::trim).filter(|it| *it != "nothing").collect();
        assert_eq!(shown, below.iter().copied().collect(), "the row of {name} in ARCHITECTURE.md");
    }
}

#[test]
fn every_dependency_has_a_licence_that_fits() {
    for package in &metadata().packages {
        if package.source.is_none() {
            continue;
        }
        let licence = package.license.as_deref().unwrap_or_default().replace('/', " OR ");
        // An expression fits when one side of each OR fits, and every part of an AND.
        let fits = |expression: &str| {
            expression
                .replace(['(', ')'], "")
                .split(" AND ")
                .all(|part| part.split(" OR ").any(|one| LICENCES.contains(&one.trim())))
        };
        assert!(fits(&licence), "{} {} is under {licence:?}", package.name, package.version);
    }
}
