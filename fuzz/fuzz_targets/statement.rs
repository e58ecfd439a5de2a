//! Lines taken as leaves of a log: each is refused or has one spelling; what they amount to is
//! folded or refused, and goes into a snapshot.

#![no_main]

use libfuzzer_sys::fuzz_target;
use touchstone_registry::snapshot::write;
use touchstone_registry::{Registry, Snapshot, Statement};
use touchstone_types::Moment;

fuzz_target!(|bytes: &[u8]| {
    let mut registry = Registry::default();
    for leaf in bytes.split(|it| *it == b'\n') {
        let Ok(statement) = Statement::from_leaf(leaf) else { continue };
        assert_eq!(statement.to_leaf(), leaf);
        assert_eq!(statement.check(), Ok(()));
        let size = registry.size();
        let taken = registry.apply(size, &statement).is_ok();
        assert_eq!(registry.size(), size + u64::from(taken));
    }
    let written = write(&registry, registry.size(), Moment::MIN).expect("small enough");
    let snapshot = Snapshot::open(written).expect("what is written opens");
    assert_eq!(snapshot.len(), registry.identities().len());
    for it in registry.identities() {
        assert!(snapshot.find(it.kind, &it.shown).count() >= 1);
    }
    assert!(Registry::from_json_lines(&registry.to_json_lines()).is_ok());
});
