#![no_main]

use libfuzzer_sys::fuzz_target;
use touchstone_types::{Event, EventKind, MAX_EVENT_BYTES};

fuzz_target!(|bytes: &[u8]| {
    match Event::parse(bytes) {
        Ok(event) => {
            assert!(bytes.len() <= MAX_EVENT_BYTES);
            assert!(!event.id.is_empty() && !event.source.is_empty());
            assert_eq!(event.data.kind(), EventKind::from_name(&event.kind));
        }
        Err(reason) => assert!(!reason.to_string().is_empty()),
    }
});
