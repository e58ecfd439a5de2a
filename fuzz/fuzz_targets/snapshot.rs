//! Bytes whose checksum fits, as a hostile writer would make them: refused, or answered from
//! without panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};
use touchstone_registry::{Digest, Snapshot};

fuzz_target!(|bytes: &[u8]| {
    let _ = Snapshot::open(bytes);
    let mut whole = bytes.to_vec();
    whole.extend_from_slice(&Sha256::digest(bytes));
    let Ok(snapshot) = Snapshot::open(whole) else { return };
    let now = snapshot.at();
    for it in snapshot.records() {
        let _ = (it.status(now), it.shown(), it.ends(), it.index(), it.changed(), it.role());
        let _ = it.purposes().count() + it.languages().count() + it.files().count();
        assert!(snapshot.organisation(it.organisation()).is_some());
        assert!(snapshot.find(it.kind(), it.value()).count() <= snapshot.len());
        if let (Some(platform), Some(account)) = (it.platform(), it.account()) {
            assert!(snapshot.account(platform, account).count() <= snapshot.len());
        }
        let _ = snapshot.owner_of(it.value());
    }
    for it in snapshot.organisations() {
        let _ = (it.id(), it.name(), it.facts(), it.ways_in().count());
        for domain in it.owned_domains() {
            let _ = snapshot.owner_of(domain);
        }
    }
    assert!(snapshot.keys().all(|it| it.uses().is_some() && it.times().is_some()));
    assert!(snapshot.find_hash(&Digest::of(bytes)).count() <= snapshot.len());
});
