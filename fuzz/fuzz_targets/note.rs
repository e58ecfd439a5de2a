#![no_main]

use libfuzzer_sys::fuzz_target;
use touchstone_signed_log::witness::Request;
use touchstone_signed_log::{Checkpoint, Note, Proof, SealedKey, SigningKey, VerifierKey, open_checkpoint};

fuzz_target!(|bytes: &[u8]| {
    let key = SigningKey::from_seed("log.example", &[7; 32]).unwrap();
    let known = [key.verifier().clone()];
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        assert!(note.signers(&known).is_err(), "nobody here has the key");
    }
    assert!(open_checkpoint(bytes, &known, &known, 0).is_err());
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(checkpoint) = text.parse::<Checkpoint>() {
        assert_eq!(checkpoint.to_string(), text);
        // What can be read can be signed, and is then believed if the log is ours.
        if let Ok(note) = checkpoint.sign(&[&key]) {
            let opened = open_checkpoint(note.to_string().as_bytes(), &known, &[], 0);
            assert_eq!(opened.is_ok(), checkpoint.origin == "log.example");
        }
    }
    if let Ok(proof) = text.parse::<Proof>() {
        assert_eq!(proof.to_string(), text);
        assert!(proof.verify(bytes, &known, &[], 0).is_err());
    }
    if let Ok(request) = text.parse::<Request>() {
        assert_eq!(request.to_string(), text);
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text.trim());
    }
    let _ = text.parse::<SealedKey>();
});
