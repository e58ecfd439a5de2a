#![no_main]

use libfuzzer_sys::fuzz_target;
use touchstone_registry::{IdentityKind, Registry, host_of, normal};

fuzz_target!(|text: &str| {
    if let Err(refused) = Registry::from_json_lines(text) {
        assert!(refused.0.iter().all(|bad| bad.line >= 1 && !bad.reason.is_empty()));
    }
    for kind in IdentityKind::ALL {
        if let Some(once) = normal(*kind, text) {
            let again = normal(*kind, &once);
            assert_eq!(again.as_deref(), Some(&*once));
        }
    }
    let _ = host_of(text);
});
