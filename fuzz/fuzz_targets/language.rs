#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use touchstone_language::{Lexicon, Reading, entities, fingerprint, secrets};
use touchstone_policy::Policy;
use touchstone_text::{Folded, fold};

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let policy = Policy::load(touchstone_policy::default_files()).expect("the default policy loads");
    Lexicon::build(policy.phrases()).expect("its phrases mean something")
});

fuzz_target!(|text: &str| {
    let (mut folded, mut reading) = (Folded::new(), Reading::new());
    fold(text, &mut folded);
    LEXICON.read(&folded, &mut reading);
    for hit in reading.hits() {
        assert!(text.get(hit.span.clone()).is_some_and(|it| !it.is_empty()));
    }
    let mut found = Vec::new();
    secrets::find(text, &folded, &mut found);
    for secret in &found {
        assert!(text.get(secret.span.clone()).is_some_and(|it| !it.is_empty()));
        assert!(secret.certainty > 0.0 && secret.certainty <= 1.0);
    }
    let mut pointed = Vec::new();
    entities::find(text, &mut pointed);
    for entity in &pointed {
        assert!(text.get(entity.span.clone()).is_some());
        let _ = entity.host(text);
    }
    let _ = fingerprint(&folded);
});
