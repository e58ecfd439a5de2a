//! A log that was tampered with does not pass: with the real binary, over files and over HTTP, and
//! before a real witness.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use touchstone_signed_log::witness::{Request, cosignatures};
use touchstone_signed_log::{
    Checkpoint, Held, Note, SigningKey, VerifierKey, append, bundle, consistency, open_checkpoint, root,
};

const ORIGIN: &str = "log.example/registry";

fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap()
}

fn entries(count: u64, what: &str) -> Vec<Vec<u8>> {
    (0..count).map(|it| format!("{{\"{what}\":{it}}}").into_bytes()).collect()
}

fn grown(entries: &[Vec<u8>]) -> Held {
    let mut tiles = Held::new();
    tiles.extend(append(&Held::new(), 0, entries).unwrap());
    tiles
}

fn signed(tiles: &Held, size: u64, key: &SigningKey) -> Note {
    Checkpoint::new(ORIGIN, size, root(tiles, size).unwrap()).sign(&[key]).unwrap()
}

/// A log in a folder, as it is served.
fn publish(folder: &Path, tiles: &Held, note: &Note) {
    for (path, bytes) in tiles.iter() {
        let path = folder.join(path.to_string());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    std::fs::write(folder.join("checkpoint"), note.to_string()).unwrap();
}

fn log(folder: &Path, size: u64) -> Held {
    let tiles = grown(&entries(size, "entry"));
    publish(folder, &tiles, &signed(&tiles, size, &key()));
    tiles
}

fn touchstone(args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_touchstone")).args(args).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn verify(place: &str, more: &[&str]) -> (i32, String) {
    let vkey = key().verifier().to_string();
    touchstone(&[&["log", "verify", place, "--key", &vkey], more].concat())
}

#[test]
fn a_whole_log_is_verified_and_says_what_and_by_whom() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 70_000);
    let place = folder.path().to_str().unwrap();
    let (code, text) = verify(place, &[]);
    assert_eq!(code, 0, "{text}");
    for part in ["VERIFIED: 70000 entries", &key().verifier().to_string(), "witness none"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let (code, text) = touchstone(&[
        "log",
        "show",
        place,
        "--key",
        &key().verifier().to_string(),
        "--from",
        "65535",
        "--count",
        "2",
    ]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("65535\t{\"entry\":65535}\n65536\t{\"entry\":65536}"), "{text}");
}

/// What `head` does: it reads a line, or nothing, and closes the pipe.
#[test]
fn a_reader_that_stops_ends_a_command_quietly() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 5_000);
    let place = folder.path().to_str().unwrap();
    let vkey = key().verifier().to_string();
    let events = concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus/events/demo.jsonl");
    let stop = |args: &[&str], lines: usize| {
        let (out, err) = (Stdio::piped(), Stdio::piped());
        let mut child = Command::new(env!("CARGO_BIN_EXE_touchstone"))
            .args(args)
            .stdout(out)
            .stderr(err)
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        (0..lines).for_each(|_| assert!(out.read_line(&mut line).unwrap() > 0, "{args:?}"));
        drop(out);
        let ended = child.wait_with_output().unwrap();
        (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
    };
    let quiet = (Some(0), String::new());
    assert_eq!(stop(&["log", "verify", place, "--key", &vkey], 0), quiet);
    assert_eq!(stop(&["log", "verify", place, "--key", &vkey], 1), quiet);
    assert_eq!(stop(&["log", "show", place, "--key", &vkey, "--count", "5000"], 1), quiet);
    assert_eq!(stop(&["screen", events], 1), quiet);
    assert_eq!(stop(&["schema"], 0), quiet);
    assert_eq!(stop(&["policy", "fields"], 0), quiet);
    // Nobody reads, and the answer stays what it is: 4, unknown.
    assert_eq!(stop(&["check", "@nobody_knows_this"], 0), (Some(4), String::new()));
}

/// As the README says it.
#[test]
fn the_log_in_the_repository_is_what_the_readme_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let said = |name: &str| {
        let after = readme.split_once(&format!("\n{name}='")).unwrap().1;
        after.split_once('\'').unwrap().0.to_owned()
    };
    let log = root.join("corpus/log");
    let (code, text) = touchstone(&[
        "log",
        "verify",
        log.to_str().unwrap(),
        "--key",
        &said("KEY"),
        "--witness",
        &said("WITNESS"),
    ]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("VERIFIED: 41 entries") && text.contains("witness witness.example/w1+"), "{text}");
}

#[test]
fn without_a_key_the_logs_own_are_used_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 3);
    let place = folder.path().to_str().unwrap();
    let (code, text) = touchstone(&["log", "verify", place]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("give --key"), "{text}");
    let keys = format!("{{\"origin\":\"{ORIGIN}\",\"log\":[\"{}\"],\"witnesses\":[]}}", key().verifier());
    std::fs::write(folder.path().join("keys"), keys).unwrap();
    let (code, text) = touchstone(&["log", "verify", place]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("does not say whose it is"), "{text}");
}

/// What was done to a log, and the words by which one learns of it.
#[test]
fn whatever_is_changed_in_a_log_is_found_and_named() {
    type Change = fn(&Path);
    let cases: [(&str, Change, &[&str]); 8] = [
        (
            "an entry in a full bundle",
            |folder| {
                let mut all = entries(256, "entry");
                all[77] = b"{\"entry\":\"other\"}".to_vec();
                std::fs::write(folder.join("tile/entries/001"), bundle(&all).unwrap()).unwrap();
            },
            &["entry 256 (in tile/entries/001) was altered"],
        ),
        (
            "one bit of one entry",
            |folder| flip(&folder.join("tile/entries/000"), 300),
            &["was altered", "tile/entries/000"],
        ),
        (
            "an entry in the last bundle",
            |folder| flip(&folder.join("tile/entries/002.p/88"), 2),
            &["entry 512 (in tile/entries/002.p/88) was altered"],
        ),
        (
            "a full tile",
            |folder| flip(&folder.join("tile/0/001"), 32 * 5),
            &["tile/0/001 is damaged", "another copy of the log may be whole"],
        ),
        (
            "a tile at the edge",
            |folder| flip(&folder.join("tile/1/000.p/2"), 40),
            &["tile/1/000.p/2 is damaged"],
        ),
        (
            "a tile that is gone",
            |folder| std::fs::remove_file(folder.join("tile/0/000")).unwrap(),
            &["tile/0/000 is missing"],
        ),
        (
            "a bundle that is cut off",
            |folder| {
                let path = folder.join("tile/entries/001");
                let bytes = std::fs::read(&path).unwrap();
                std::fs::write(path, &bytes[..bytes.len() - 1]).unwrap();
            },
            &["tile/entries/001 is damaged", "ends within entry 255"],
        ),
        (
            "the checkpoint",
            |folder| {
                let path = folder.join("checkpoint");
                let text = std::fs::read_to_string(&path).unwrap().replace("\n600\n", "\n599\n");
                std::fs::write(path, text).unwrap();
            },
            &["the signature by log.example/registry"],
        ),
    ];
    for (what, change, words) in cases {
        let folder = tempfile::tempdir().unwrap();
        log(folder.path(), 600);
        change(folder.path());
        let (code, text) = verify(folder.path().to_str().unwrap(), &[]);
        assert_eq!(code, 1, "{what}: {text}");
        assert!(text.starts_with("NOT VERIFIED"), "{what}: {text}");
        for word in words {
            assert!(text.contains(word), "{what}: {word:?} in {text}");
        }
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn an_altered_leaf_with_all_its_tiles_redone_is_not_what_was_signed() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 600);
    let mut all = entries(600, "entry");
    all[300] = b"{\"entry\":\"other\"}".to_vec();
    let note = std::fs::read(folder.path().join("checkpoint")).unwrap();
    publish(folder.path(), &grown(&all), &Note::parse(&note).unwrap());
    let (code, text) = verify(folder.path().to_str().unwrap(), &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("the 600 entries amount to the root"), "{text}");
}

#[test]
fn a_split_view_and_a_rewind_are_told_apart_and_both_checkpoints_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (folder.path().join("ours"), folder.path().join("other"));
    let kept = folder.path().join("kept");
    log(&ours, 400);
    let (code, text) = verify(ours.to_str().unwrap(), &["--keep", kept.to_str().unwrap()]);
    assert_eq!(code, 0, "{text}");
    log(&ours, 500);
    let (code, text) = verify(ours.to_str().unwrap(), &["--since", kept.to_str().unwrap()]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("continues the checkpoint of 400 entries"), "{text}");

    // Another history, rightly signed by the same key: whole in itself.
    let tiles = grown(&entries(500, "lie"));
    publish(&other, &tiles, &signed(&tiles, 500, &key()));
    assert_eq!(verify(other.to_str().unwrap(), &[]).0, 0);
    let (code, text) = verify(other.to_str().unwrap(), &["--since", kept.to_str().unwrap()]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("split view") && text.contains("signed two histories"), "{text}");
    assert_eq!(text.matches("— log.example/registry").count(), 2, "{text}");

    let (shorter, tiles) = (folder.path().join("shorter"), grown(&entries(399, "entry")));
    publish(&shorter, &tiles, &signed(&tiles, 399, &key()));
    let (code, text) = verify(shorter.to_str().unwrap(), &["--since", kept.to_str().unwrap()]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("rewound: the log had 400 entries and now has 399"), "{text}");
}

#[test]
fn a_log_signed_by_another_key_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let tiles = grown(&entries(5, "entry"));
    let stranger = SigningKey::from_seed(ORIGIN, &[8; 32]).unwrap();
    publish(folder.path(), &tiles, &signed(&tiles, 5, &stranger));
    let (code, text) = verify(folder.path().to_str().unwrap(), &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("unknown signer"), "{text}");
}

#[test]
fn a_log_is_verified_over_http_as_well() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 600);
    let place = serve_files(folder.path().to_owned());
    let (code, text) = verify(&place, &[]);
    assert_eq!(code, 0, "{text}");
    flip(&folder.path().join("tile/entries/001"), 9);
    let (code, text) = verify(&place, &[]);
    assert_eq!((code, text.contains("was altered")), (1, true), "{text}");
    let (code, text) = verify("http://127.0.0.1:1/log", &[]);
    assert_eq!(code, 2, "{text}");
}

#[test]
fn a_copy_is_whole_continues_and_keeps_nothing_of_what_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, copy) = (folder.path().join("ours"), folder.path().join("copy"));
    let vkey = key().verifier().to_string();
    let take = |from: &str| touchstone(&["log", "copy", from, copy.to_str().unwrap(), "--key", &vkey]);
    log(&ours, 300);
    let (code, text) = take(&serve_files(ours.clone()));
    assert_eq!(code, 0, "{text}");
    assert_eq!(verify(copy.to_str().unwrap(), &[]).0, 0);
    log(&ours, 700);
    assert_eq!(take(ours.to_str().unwrap()).0, 0);
    assert!(verify(copy.to_str().unwrap(), &[]).1.contains("VERIFIED: 700 entries"));

    let lies = folder.path().join("lies");
    let tiles = grown(&entries(900, "lie"));
    publish(&lies, &tiles, &signed(&tiles, 900, &key()));
    let (code, text) = take(lies.to_str().unwrap());
    assert_eq!((code, text.contains("split view")), (1, true), "{text}");
    assert!(!copy.join("tile/entries/003.p/132").exists());
    assert!(verify(copy.to_str().unwrap(), &[]).1.contains("VERIFIED: 700 entries"), "the copy is as it was");
}

/// The smallest file server there is, for as long as the test runs.
fn serve_files(folder: PathBuf) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|it| !it.unwrap().is_empty()) {}
            let path = first.split(' ').nth(1).unwrap().trim_start_matches('/');
            let (status, body) = match std::fs::read(folder.join(path)) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let head =
                format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all(&[head.into_bytes(), body].concat()).unwrap();
        }
    });
    format!("http://{address}/")
}

/// A witness as a process of its own.
struct Witness {
    child: Child,
    address: String,
}

impl Witness {
    fn start(folder: &Path, watched: &VerifierKey) -> Result<Self, String> {
        let child = Command::new(env!("CARGO_BIN_EXE_touchstone"))
            .args(["witness", "--listen", "127.0.0.1:0", "--log", &watched.to_string(), "--key"])
            .arg(folder.join("witness.key"))
            .arg("--state")
            .arg(folder.join("witness.state"))
            .env("TOUCHSTONE_WITNESS_PASSPHRASE", "a long passphrase")
            .env("NO_COLOR", "1")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut witness = Self { child, address: String::new() };
        let mut said = String::new();
        let mut lines = BufReader::new(witness.child.stderr.take().unwrap());
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line).unwrap() == 0 {
                return Err(said);
            }
            if let Some((_, rest)) = line.split_once("address=") {
                witness.address = rest.split(' ').next().unwrap().to_owned();
                std::thread::spawn(move || lines.read_to_string(&mut String::new())); // Keeps the pipe open.
                return Ok(witness);
            }
            said += &line;
        }
    }

    fn ask(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "POST /add-checkpoint HTTP/1.1\r\nhost: w\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            request.len()
        );
        stream.write_all((head + request).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    fn add(&self, tiles: &Held, old: u64, checkpoint: &Note) -> (u16, String) {
        let size = checkpoint.text().parse::<Checkpoint>().unwrap().size;
        let proof = consistency(tiles, old, size).unwrap_or_default();
        self.ask(&Request { old, proof, checkpoint: checkpoint.clone() }.to_string())
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn make_witness(folder: &Path) -> VerifierKey {
    let output = Command::new(env!("CARGO_BIN_EXE_touchstone"))
        .args(["witness", "init", "--name", "witness.example/w1", "--key"])
        .arg(folder.join("witness.key"))
        .arg("--state")
        .arg(folder.join("witness.state"))
        .env("TOUCHSTONE_WITNESS_PASSPHRASE", "a long passphrase")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn a_witness_signs_what_continues_and_nothing_else_even_after_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let (key, vkey) = (key(), make_witness(folder.path()));
    let tiles = grown(&entries(300, "entry"));
    let lies = grown(&entries(300, "lie"));
    let mut witness = Witness::start(folder.path(), key.verifier()).unwrap();

    // The first checkpoint, and one that continues it.
    let mut note = signed(&tiles, 100, &key);
    let (status, answer) = witness.add(&tiles, 0, &note);
    assert_eq!(status, 200, "{answer}");
    cosignatures(&answer).unwrap().into_iter().for_each(|it| note.add(it).unwrap());
    let seen = open_checkpoint(
        note.to_string().as_bytes(),
        &[key.verifier().clone()],
        std::slice::from_ref(&vkey),
        1,
    )
    .unwrap();
    assert!(seen.witnesses[0].time.unwrap() > 1_700_000_000);
    assert_eq!(witness.add(&tiles, 100, &signed(&tiles, 200, &key)).0, 200);

    // It was killed as hard as can be, and remembers.
    witness.child.kill().unwrap();
    drop(witness);
    let witness = Witness::start(folder.path(), key.verifier()).unwrap();
    let before = std::fs::read(folder.path().join("witness.state")).unwrap();
    let stranger = SigningKey::from_seed(ORIGIN, &[8; 32]).unwrap();
    let elsewhere = SigningKey::from_seed("log.example/other", &[7; 32]).unwrap();
    let other =
        Checkpoint::new("log.example/other", 300, root(&tiles, 300).unwrap()).sign(&[&elsewhere]).unwrap();
    let cases: [(&str, (u16, String), u16, &str); 9] = [
        ("a split view", witness.add(&lies, 200, &signed(&lies, 200, &key)), 409, "split view"),
        ("a rewind", witness.add(&tiles, 100, &signed(&tiles, 150, &key)), 409, "200\n"),
        (
            "a rewind that claims to know better",
            witness.add(&tiles, 200, &signed(&tiles, 150, &key)),
            400,
            "beyond",
        ),
        (
            "another history that grew",
            witness.add(&lies, 200, &signed(&lies, 300, &key)),
            422,
            "does not continue",
        ),
        ("a new beginning", witness.add(&lies, 0, &signed(&lies, 300, &key)), 409, "200\n"),
        (
            "a stranger's signature",
            witness.add(&tiles, 200, &signed(&tiles, 300, &stranger)),
            403,
            "not signed",
        ),
        ("another log", witness.add(&tiles, 0, &other), 404, "not watched"),
        (
            "no proof",
            witness.ask(&format!("old 200\n\n{}", signed(&tiles, 300, &key))),
            422,
            "does not continue",
        ),
        ("nonsense", witness.ask("hello"), 400, "old SIZE"),
    ];
    for (what, (status, answer), expected, words) in cases {
        assert_eq!(status, expected, "{what}: {answer}");
        assert!(answer.contains(words), "{what}: {words:?} in {answer:?}");
    }
    assert_eq!(std::fs::read(folder.path().join("witness.state")).unwrap(), before, "nothing of it is kept");
    let evidence = std::fs::read_to_string(folder.path().join("witness.state.split-view")).unwrap();
    assert_eq!(evidence.matches("— log.example/registry").count(), 2, "{evidence}");
    assert_eq!(
        witness.add(&tiles, 200, &signed(&tiles, 300, &key)).0,
        200,
        "the right one still goes through"
    );
    assert_eq!(witness.add(&tiles, 300, &signed(&tiles, 300, &key)).0, 200, "and again, at a later time");
}

#[test]
fn many_at_once_get_one_history() {
    let folder = tempfile::tempdir().unwrap();
    let key = key();
    make_witness(folder.path());
    let witness = Witness::start(folder.path(), key.verifier()).unwrap();
    let histories: Vec<Held> = (0..8).map(|it| grown(&entries(10, &format!("history {it}")))).collect();
    let signed_by_witness = std::thread::scope(|scope| {
        let asking: Vec<_> = histories
            .iter()
            .map(|tiles| {
                let (witness, key) = (&witness, &key);
                scope.spawn(move || witness.add(tiles, 0, &signed(tiles, 10, key)).0)
            })
            .collect();
        asking.into_iter().map(|it| it.join().unwrap()).filter(|it| *it == 200).count()
    });
    assert_eq!(signed_by_witness, 1);
}

#[test]
fn a_witness_that_forgot_does_not_sign_and_two_do_not_share_a_memory() {
    let folder = tempfile::tempdir().unwrap();
    let key = key();
    make_witness(folder.path());
    let state = folder.path().join("witness.state");
    let first = Witness::start(folder.path(), key.verifier()).unwrap();
    let second = Witness::start(folder.path(), key.verifier()).err().unwrap();
    assert!(second.contains("another witness already works"), "{second}");
    drop(first);
    std::fs::write(&state, "{}").unwrap();
    assert!(Witness::start(folder.path(), key.verifier()).err().unwrap().contains("is damaged"));
    std::fs::remove_file(&state).unwrap();
    assert!(Witness::start(folder.path(), key.verifier()).err().unwrap().contains("must not sign again"));
}
