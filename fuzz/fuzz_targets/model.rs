#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use touchstone_language::Reading;
use touchstone_language::model::{Model, VERSION};
use touchstone_text::{Folded, fold};

// As bytes that came from anywhere, and as a file made with intent, whose checksum fits.
fuzz_target!(|bytes: &[u8]| {
    let _ = Model::read(bytes);
    let mut sealed = b"TSTNMODL".to_vec();
    sealed.extend_from_slice(&VERSION.to_le_bytes());
    sealed.extend_from_slice(&Sha256::digest(bytes));
    sealed.extend_from_slice(bytes);
    if let Ok(model) = Model::read(&sealed) {
        assert_eq!(Model::read(&model.write()).as_ref(), Ok(&model));
        let mut folded = Folded::new();
        fold(&String::from_utf8_lossy(bytes), &mut folded);
        let share = Arc::new(model).bind(&[]).probability(&folded, &Reading::new());
        assert!((0.0..=1.0).contains(&share));
    }
});
