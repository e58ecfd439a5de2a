//! The real binary on loopback, for tests that end it and start it again.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

#[path = "../../../server/tests/common/http.rs"]
pub mod http;

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use http::Client;

pub const BINARY: &str = env!("CARGO_BIN_EXE_touchstone");

/// A file of the repository.
pub fn repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// A server that ends with the test.
pub struct Server {
    pub child: Child,
    pub address: SocketAddr,
    /// What it said before it listened.
    pub said: String,
}

impl Server {
    pub fn start(database: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(BINARY)
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn"])
            .arg("--database")
            .arg(format!("sqlite:{}", database.display()))
            .arg("--registry")
            .arg(repository("corpus/registry/demo.jsonl"))
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the server ended at once").unwrap();
        let address = first.rsplit('/').next().unwrap().parse().unwrap_or_else(|_| panic!("{first}"));
        // Read on, so that it never waits for us.
        let rest = std::thread::spawn(move || lines.map_while(Result::ok).take(8).collect::<Vec<_>>());
        let server = Self { child, address, said: first };
        server.wait_until_ready();
        drop(rest);
        server
    }

    pub fn wait_until_ready(&self) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            let ready = Client::connect(self.address).and_then(|mut it| it.get("/readyz"));
            if ready.is_ok_and(|it| it.status == 200) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server is not ready after 30 s");
    }

    /// As `kill -9` does: nothing is written, nothing is said.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// As Ctrl-C does.
    pub fn stop(mut self) -> std::process::ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        self.child.wait().unwrap()
    }

    pub fn client(&self, key: &str) -> Client {
        Client::connect(self.address).unwrap().with_key(key)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill(); // It may have ended already.
        let _ = self.child.wait();
    }
}

/// Makes a key as an operator does.
pub fn key(database: &Path, scopes: &[&str]) -> String {
    let mut command = Command::new(BINARY);
    command.args(["key", "create", "--name", "test", "--database"]);
    command.arg(format!("sqlite:{}", database.display()));
    for scope in scopes {
        command.args(["--scope", scope]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Runs the binary with something on its standard input.
pub fn run(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(BINARY)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// The demo organisation's events, again and again, each time with ids of their own.
pub struct Events {
    pool: Vec<serde_json::Value>,
    next: usize,
    name: String,
}

impl Events {
    pub fn new(name: &str) -> Self {
        let text = std::fs::read_to_string(repository("corpus/events/demo.jsonl")).unwrap();
        let pool = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Self { pool, next: 0, name: name.to_owned() }
    }

    /// As many as wanted, one a line.
    pub fn lines(&mut self, count: usize) -> Vec<u8> {
        let mut lines = Vec::new();
        for _ in 0..count {
            let mut event = self.pool[self.next % self.pool.len()].clone();
            event["id"] = format!("{}-{}", self.name, self.next).into();
            self.next += 1;
            serde_json::to_writer(&mut lines, &event).unwrap();
            lines.push(b'\n');
        }
        lines
    }
}
