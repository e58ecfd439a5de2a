//! verify.js passes the test vectors of the Rust rooms: a snapshot, and the proof that a log holds
//! it, made here by `signed-log` and `registry`. Run by node where there is one; the browser test
//! runs the same in Chromium.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may end at once")]

#[path = "browser/vectors.rs"]
mod vectors;

use std::process::Command;

#[test]
fn the_browsers_verifier_agrees_with_the_rust_rooms_in_node() {
    let Ok(version) = Command::new("node").arg("--version").output() else {
        eprintln!("skipped: there is no node here");
        return;
    };
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let major: u32 = version.trim_start_matches('v').split('.').next().unwrap().parse().unwrap();
    if major < 20 {
        eprintln!("skipped: node {version} has no Ed25519 in WebCrypto");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let vectors = vectors::Vectors::make();
    vectors.write_to(folder.path());
    let assets = format!("{}/assets", env!("CARGO_MANIFEST_DIR"));
    let js = format!("{}/tests/js/vectors.mjs", env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(format!("{assets}/verify.js"), folder.path().join("verify.mjs")).unwrap();
    std::fs::copy(js, folder.path().join("vectors.mjs")).unwrap();
    let script = "
        import { readFileSync } from 'node:fs';
        import * as verify from './verify.mjs';
        import { check } from './vectors.mjs';
        const text = (name) => readFileSync(name, 'utf8');
        const wrong = await check(verify, {
            snapshot: new Uint8Array(readFileSync('snapshot')), json: JSON.parse(text('small.json')),
            proof: text('proof'), keys: JSON.parse(text('keys.json')),
        });
        if (!(await verify.canVerify())) wrong.push('no Ed25519');
        if (wrong.length) { console.error(wrong.join('\\n')); process.exit(1); }
    ";
    std::fs::write(folder.path().join("run.mjs"), script).unwrap();
    let output = Command::new("node").arg("run.mjs").current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
