//! The real server and the real receiver, each a process: whichever dies, fails or says nothing, an
//! account is frozen once, and what was acknowledged is on the other side's disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::http::Client;
use common::{BINARY, Server, key};
use serde_json::{Value, json};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// A receiver that ends with the test.
struct Receiver {
    child: Child,
    address: std::net::SocketAddr,
}

impl Receiver {
    fn start(folder: &Path, listen: &str, more: &[&str]) -> Self {
        let mut child = Command::new(BINARY)
            .args(["receiver", "--listen", listen])
            .arg("--secret-file")
            .arg(folder.join("actions.secret"))
            .arg("--state")
            .arg(folder.join("receiver.state"))
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the receiver ended at once").unwrap();
        // Read on, so that it never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        let address = first.rsplit('/').next().unwrap().parse().unwrap_or_else(|_| panic!("{first}"));
        Self { child, address }
    }

    fn holds(&self) -> Value {
        Client::connect(self.address).unwrap().get("/").unwrap().json()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill(); // It may have ended already.
        let _ = self.child.wait();
    }
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(90), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Reports as the operator's app does for its user, and presses the button; the id of the freeze.
fn frozen(server: &Server, key: &str, user: &str) -> String {
    let body = json!({
        "kind": "stolen_wallet", "language": "en", "country": "SG", "user": user,
        "story": "A support account asked me to install an app; an hour later it was gone.",
    });
    let answer = server.client(key).post("/v1/reports", JSON, body.to_string().as_bytes()).unwrap();
    assert!(answer.status < 300, "{}", answer.text());
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    let path = format!("/case/{token}/freeze");
    let answer = Client::connect(server.address).unwrap().post(&path, FORM, b"").unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
    let shown = server.client(key).get(&format!("/v1/reports/{token}")).unwrap().json();
    let entries = shown["timeline"].as_array().unwrap();
    let id = entries.iter().find_map(|it| it["detail"]["action"].as_str());
    id.unwrap_or_else(|| panic!("{shown}")).to_owned()
}

fn state(server: &Server, key: &str, id: &str) -> String {
    let answer = server.client(key).get(&format!("/v1/actions/{id}")).unwrap();
    answer.json()["state"].as_str().unwrap().to_owned()
}

#[test]
fn whichever_side_dies_an_account_is_frozen_once() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("touchstone.db");
    std::fs::write(folder.path().join("actions.secret"), touchstone_connectors::write_secret(&[9; 32]))
        .unwrap();
    let key = key(&database, &["reports:write", "actions:write"]);
    let receiver = Receiver::start(folder.path(), "127.0.0.1:0", &["--silent"]);
    let address = receiver.address.to_string();
    let config = folder.path().join("touchstone.toml");
    let secret = folder.path().join("actions.secret");
    let text = format!(
        "[actions]\nurl = \"http://{address}/\"\nsecret_file = \"{}\"\ncall_seconds = 1\n",
        secret.display()
    );
    std::fs::write(&config, text).unwrap();
    let more = ["--config", config.to_str().unwrap()];
    // It does what it is asked for, and says nothing: nobody knows.
    let server = Server::start(&database, &more);
    let first = frozen(&server, &key, "u-1");
    until("it is done", || receiver.holds()["frozen"]["u-1"].is_array());
    until("nobody knows", || state(&server, &key, &first) == "unclear");
    // Both die, and both remember.
    drop(receiver);
    server.kill();
    let server = Server::start(&database, &more);
    let second = frozen(&server, &key, "u-2");
    until("nobody answers", || state(&server, &key, &second) == "unclear");
    let receiver = Receiver::start(folder.path(), &address, &["--fail", "3"]);
    for id in [&first, &second] {
        until("it is known", || state(&server, &key, id) == "acknowledged");
    }
    let holds = receiver.holds();
    for user in ["u-1", "u-2"] {
        assert_eq!(holds["frozen"][user].as_array().unwrap().len(), 1, "{holds}");
        assert!(holds["logged_out"][user].as_u64().is_none_or(|it| it == 1), "{holds}");
    }
    // The operator's systems end one, with proof; the other side hears of it.
    let path = format!("/v1/actions/{first}/undo");
    let proof = json!({ "proof": "came to the counter with a passport" }).to_string();
    assert_eq!(server.client(&key).post(&path, JSON, proof.as_bytes()).unwrap().status, 200);
    until("it is open again", || receiver.holds()["frozen"]["u-1"].is_null());
    assert!(receiver.holds()["frozen"]["u-2"].is_array());
}

#[test]
fn a_slow_receiver_is_waited_for_by_asking_and_not_by_doing_again() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("touchstone.db");
    let secret = folder.path().join("actions.secret");
    std::fs::write(&secret, touchstone_connectors::write_secret(&[9; 32])).unwrap();
    let key = key(&database, &["reports:write", "actions:write"]);
    let receiver = Receiver::start(folder.path(), "127.0.0.1:0", &["--delay", "2"]);
    let address = receiver.address.to_string();
    let config = folder.path().join("touchstone.toml");
    let text = format!(
        "[actions]\nurl = \"http://{address}/\"\nsecret_file = \"{}\"\ncall_seconds = 1\n",
        secret.display()
    );
    std::fs::write(&config, text).unwrap();
    let server = Server::start(&database, &["--config", config.to_str().unwrap()]);
    let id = frozen(&server, &key, "u-1");
    until("nobody knows", || state(&server, &key, &id) == "unclear");
    drop(receiver);
    let receiver = Receiver::start(folder.path(), &address, &[]);
    until("it is known", || state(&server, &key, &id) == "acknowledged");
    let holds = receiver.holds();
    assert_eq!(holds["frozen"]["u-1"].as_array().unwrap().len(), 1, "{holds}");
}
