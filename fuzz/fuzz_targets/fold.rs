//! Folding any text: no panic, folded text stays as it is, every part leads back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use touchstone_text::{Folded, fold};

fuzz_target!(|text: &str| {
    let (mut once, mut twice) = (Folded::new(), Folded::new());
    fold(text, &mut once);
    fold(once.text(), &mut twice);
    assert_eq!(once.text(), twice.text());
    for (at, c) in once.text().char_indices() {
        assert!(text.get(once.original(at..at + c.len_utf8())).is_some());
    }
});
