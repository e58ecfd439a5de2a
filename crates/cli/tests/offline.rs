//! A downloaded list is believed with its proof only, and answers without a network: with the real binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use touchstone_registry::statement::{Revoked, SnapshotTaken};
use touchstone_registry::{Digest, Registry, Statement, snapshot};
use touchstone_signed_log::{Checkpoint, Cosigner, Held, Proof, SigningKey, append, root};
use touchstone_types::{Bilingual, Lapse, Moment};

const ORIGIN: &str = "log.example/registry";

fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap()
}

fn witness() -> Cosigner {
    Cosigner::from_seed("witness.example/w1", &[8; 32]).unwrap()
}

fn ago(hours: u64) -> Moment {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
    Moment::from_micros(i64::try_from(now).unwrap()).unwrap() - Lapse::from_secs(hours * 3600)
}

fn statements() -> Vec<Statement> {
    let at = ago(100);
    let until = ago(0) + Lapse::from_secs(86_400);
    let identity = |id: &str, kind: &str, value: &str| {
        format!(
            r#"{{"statement":"identity","id":"{id}","organisation":"acme","kind":"{kind}","value":"{value}","files":[],"purposes":["answers tickets"],"languages":[],"proofs":[{{"method":"officer_seen","at":"{at}","evidence":"{}"}}],"reviewers":["one","two"],"from":"{at}","until":"{until}","at":"{at}"}}"#,
            Digest::of(b"evidence")
        )
    };
    let organisation = format!(
        r#"{{"statement":"organisation","id":"acme","name":{{"zh":"顶点钱包","en":"Acme Wallet"}},"facts":["has_no_phone_line"],"ways_in":[{{"zh":"应用内客服","en":"the app"}}],"owned_domains":[],"at":"{at}"}}"#
    );
    let mut all: Vec<Statement> = [
        organisation,
        identity("handle", "handle", "@acme_wallet_help"),
        identity("domain", "domain", "help.acme.example"),
        identity("old", "domain", "old-acme.example"),
    ]
    .iter()
    .map(|it| serde_json::from_str(it).unwrap_or_else(|why| panic!("{why} in {it}")))
    .collect();
    all.push(Statement::Revoked(Revoked {
        identity: "old".to_owned(),
        reason: Bilingual { zh: "域名已出售".to_owned(), en: "the domain was sold".to_owned() },
        at: ago(90),
    }));
    all
}

/// A list that was taken so many hours ago, and its proof, as a log serves them.
fn download(folder: &Path, hours: u64) -> (PathBuf, PathBuf) {
    let mut all = statements();
    let registry = Registry::from_statements((0..).zip(all.clone())).unwrap();
    let bytes = snapshot::write(&registry, registry.size(), ago(hours)).unwrap();
    let taken = SnapshotTaken { entries: registry.size(), sha256: Digest::of(&bytes), at: ago(hours) };
    all.push(Statement::Snapshot(taken));
    let leaves: Vec<Vec<u8>> = all.iter().map(Statement::to_leaf).collect();
    let mut tiles = Held::new();
    tiles.extend(append(&Held::new(), 0, &leaves).unwrap());
    let size = leaves.len() as u64;
    let checkpoint = Checkpoint::new(ORIGIN, size, root(&tiles, size).unwrap());
    let mut note = checkpoint.sign(&[&key()]).unwrap();
    note.add(witness().cosign(note.text(), 1_790_000_000)).unwrap();
    let proof = |index: u64| {
        let entry = leaves.get(usize::try_from(index).unwrap()).cloned();
        Proof::make(&tiles, index, size, &note, entry).unwrap().to_string()
    };
    std::fs::write(folder.join("other.proof"), proof(1)).unwrap();
    let (list, proven) = (folder.join("snapshot"), folder.join("snapshot.proof"));
    std::fs::write(&list, bytes).unwrap();
    std::fs::write(&proven, proof(size - 1)).unwrap();
    (list, proven)
}

fn touchstone(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_touchstone")).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn check(what: &str, files: &(PathBuf, PathBuf), more: &[&str]) -> (i32, String, String) {
    check_in("en", what, files, more)
}

fn check_in(
    lang: &str,
    what: &str,
    (list, proof): &(PathBuf, PathBuf),
    more: &[&str],
) -> (i32, String, String) {
    let vkey = key().verifier().to_string();
    let (list, proof) = (list.to_str().unwrap(), proof.to_str().unwrap());
    let args = ["check", what, "--lang", lang, "--snapshot", list, "--proof", proof, "--key", &vkey];
    touchstone(&[&args, more].concat())
}

#[test]
fn a_proven_list_answers_like_the_log_itself() {
    let folder = tempfile::tempdir().unwrap();
    let files = download(folder.path(), 3);
    let witness = witness().verifier().to_string();
    for (what, code, says) in [
        ("@acme_wallet_help", 0, "[LISTED]"),
        ("https://help.acme.example/ticket", 0, "answers tickets"),
        ("@acme_wa1let_help", 1, "[CONTRADICTED]"),
        ("https://old-acme.example", 3, "the domain was sold"),
        ("@somebody_else_entirely", 4, "[UNKNOWN]"),
    ] {
        let (found, said, errors) = check(what, &files, &["--witness", &witness]);
        assert_eq!(found, code, "{what}: {said}{errors}");
        assert!(said.contains(says), "{what}: {said}");
        assert!(said.contains("3 h old. Entry 5 of the log log.example/registry"), "{said}");
        assert!(said.contains("witnesses: 1."), "{said}");
        assert!(!said.contains("stale"), "{said}");
    }
    let (_, said, _) = check("@acme_wallet_help", &files, &["--json"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["standing"], "listed");
    assert_eq!(said["list"]["stale"], false);
    assert_eq!(said["list"]["log_index"], 5);
    assert_eq!(said["list"]["entries"], 5);
}

#[test]
fn a_list_older_than_a_day_is_called_stale() {
    let folder = tempfile::tempdir().unwrap();
    let files = download(folder.path(), 25);
    let (code, said, _) = check("@acme_wallet_help", &files, &[]);
    assert_eq!(code, 0);
    assert!(said.contains("25 h old") && said.contains("This list is stale"), "{said}");
    let (_, said, _) = check_in("zh", "@acme_wallet_help", &files, &[]);
    assert!(said.contains("距今 25 小时") && said.contains("这份名单已超过 24 小时"), "{said}");
    let (_, said, _) = check("@acme_wallet_help", &files, &["--json"]);
    assert!(said.contains("\"stale\":true"), "{said}");
}

#[test]
fn what_is_damaged_or_not_proven_gives_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let files = download(folder.path(), 3);
    let refused = |files: &(PathBuf, PathBuf), more: &[&str], says: &str| {
        let (code, said, why) = check("@acme_wallet_help", files, more);
        assert_eq!((code, said.as_str()), (2, ""), "{why}");
        assert!(why.contains(says), "{why}");
    };
    let whole = std::fs::read(&files.0).unwrap();
    for at in (0..whole.len()).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&files.0, &bytes).unwrap();
        refused(&files, &[], "is not the list that entry 5 of the log vouches for: it is damaged");
    }
    std::fs::write(&files.0, &whole[..whole.len() - 1]).unwrap();
    refused(&files, &[], "it is damaged");
    std::fs::write(&files.0, &whole).unwrap();

    let text = std::fs::read_to_string(&files.1).unwrap();
    let altered = folder.path().join("altered.proof");
    let with = |text: &str| {
        std::fs::write(&altered, text).unwrap();
        (files.0.clone(), altered.clone())
    };
    refused(&with(&text.replacen("extra ", "extra A", 1)), &[], "is not the proof of a list");
    refused(&with(&text.replacen(ORIGIN, "other.example/log", 1)), &[], "is not believed");
    refused(&with("nothing"), &[], "altered.proof is not the proof of a list");
    let without: Vec<&str> = text.lines().filter(|it| !it.starts_with("extra ")).collect();
    refused(&with(&(without.join("\n") + "\n")), &[], "does not carry the entry");
    let other = (files.0.clone(), folder.path().join("other.proof"));
    refused(&other, &[], "the proof is of entry 1, which is not about a list");

    let stranger = Cosigner::from_seed("witness.example/w2", &[9; 32]).unwrap().verifier().to_string();
    refused(&files, &["--witness", &stranger], "seen by 0 of the witnesses, 1 are needed");
    refused(&files, &["--quorum", "1"], "only 0 are named");
    refused(&files, &["--registry", "list.jsonl"], "cannot be used with");
}

#[test]
fn a_proof_by_an_unknown_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (list, proof) = download(folder.path(), 3);
    let (list, proof) = (list.to_str().unwrap(), proof.to_str().unwrap());
    let other = SigningKey::from_seed(ORIGIN, &[6; 32]).unwrap().verifier().to_string();
    let args = ["check", "@acme_wallet_help", "--snapshot", list, "--proof", proof];
    let (code, said, why) = touchstone(&[&args[..], &["--key", &other]].concat());
    assert_eq!((code, said.as_str()), (2, ""), "{why}");
    assert!(why.contains("is not believed: unknown signer"), "{why}");
    let (code, said, why) = touchstone(&args);
    assert_eq!((code, said.as_str()), (2, ""), "a list without a key proves nothing: {why}");
}
