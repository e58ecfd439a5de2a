//! What the browser's verifier is held against: the registry's small snapshot, and a log that holds it.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::Path;

use serde_json::{Value, json};
use touchstone_registry::{Digest, Statement};
use touchstone_signed_log::{Checkpoint, Cosigner, Held, Proof, SigningKey, append, root};

/// The vectors.
pub(crate) struct Vectors {
    /// The snapshot's bytes.
    pub(crate) snapshot: Vec<u8>,
    /// What it must answer.
    pub(crate) json: String,
    /// That the log holds its statement.
    pub(crate) proof: String,
    /// `log`, `witness`, `other`.
    pub(crate) keys: Value,
}

impl Vectors {
    pub(crate) fn make() -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../registry/tests/vectors");
        let snapshot = std::fs::read(format!("{folder}/small.snapshot")).unwrap();
        let json = std::fs::read_to_string(format!("{folder}/small.json")).unwrap();
        let leaves = std::fs::read_to_string(format!("{folder}/small.leaves")).unwrap();
        let mut leaves: Vec<Vec<u8>> = leaves.lines().map(|line| line.as_bytes().to_vec()).collect();
        let text = format!(
            r#"{{"statement":"snapshot","entries":{},"sha256":"{}","at":"2026-01-04T00:00:00Z"}}"#,
            leaves.len(),
            Digest::of(&snapshot)
        );
        let leaf = Statement::from_leaf(text.as_bytes()).unwrap().to_leaf();
        leaves.push(leaf.clone());
        // Entries after it give the proof a way to go.
        leaves.extend((0..5).map(|number| format!("later entry {number}").into_bytes()));
        let mut tiles = Held::new();
        let new = append(&tiles, 0, &leaves).unwrap();
        tiles.extend(new);
        let size = leaves.len() as u64;
        let key = SigningKey::from_seed("log.example/registry", &[7; 32]).unwrap();
        let other = SigningKey::from_seed("log.example/registry", &[8; 32]).unwrap();
        let witness = Cosigner::from_seed("witness.example", &[9; 32]).unwrap();
        let checkpoint = Checkpoint::new("log.example/registry", size, root(&tiles, size).unwrap());
        let mut note = checkpoint.sign(&[&key]).unwrap();
        let cosignature = witness.cosign(note.text(), 1_767_484_800);
        note.add(cosignature).unwrap();
        let index = (leaves.iter().position(|it| *it == leaf).unwrap()) as u64;
        let proof = Proof::make(&tiles, index, size, &note, Some(leaf)).unwrap();
        let keys = json!({
            "log": key.verifier().to_string(), "witness": witness.verifier().to_string(),
            "other": other.verifier().to_string(),
        });
        Self { snapshot, json, proof: proof.to_string(), keys }
    }

    /// As files.
    pub(crate) fn write_to(&self, folder: &Path) {
        std::fs::write(folder.join("snapshot"), &self.snapshot).unwrap();
        std::fs::write(folder.join("small.json"), &self.json).unwrap();
        std::fs::write(folder.join("proof"), &self.proof).unwrap();
        std::fs::write(folder.join("keys.json"), self.keys.to_string()).unwrap();
    }
}
