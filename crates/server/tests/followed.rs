//! Whoever follows is told: on the page, in the feed, by signed webhook.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it did not expect")]

mod common;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use common::somebody::Somebody;
use common::{JSON, Running, Start};
use touchstone_accounts::Role;
use touchstone_registry::statement::{Revoked, StatedIdentity, StatedOrganisation};
use touchstone_registry::{IdentityKind, Statement};
use touchstone_server::registry::{self, Alert, LogConfig};
use touchstone_server::{Config, ManualClock};
use touchstone_signed_log::{Cost, SealedKey, SigningKey};
use touchstone_store::DeliveryState;
use touchstone_types::{Bilingual, Lapse, Moment};

fn at(seconds: u64) -> Moment {
    "2026-11-22T00:00:00Z".parse::<Moment>().unwrap() + Lapse::from_secs(seconds)
}

fn both(zh: &str, en: &str) -> Bilingual {
    Bilingual { zh: zh.into(), en: en.into() }
}

fn start(folder: &Path, clock: &Arc<ManualClock>) -> Running {
    let (key, passphrase) = (folder.join("log.key"), folder.join("passphrase"));
    let signing = SigningKey::from_seed("log.harbour.example", &[7; 32]).unwrap();
    let sealed = SealedKey::seal(&signing, "on paper", [1; 16], [2; 12], Cost::LEAST).unwrap();
    std::fs::write(&key, sealed.to_string()).unwrap();
    std::fs::write(&passphrase, "on paper\n").unwrap();
    let log =
        LogConfig { passphrase_file: Some(passphrase), webhooks_to_private: true, ..LogConfig::of(key) };
    let mut config = Config { log: Some(log), ..Config::default() };
    config.limits.reads_per_second = 10_000;
    let clock: Arc<ManualClock> = Arc::clone(clock);
    Running::start_with(folder, Start { config, clock, ..Start::default() })
}

fn listed(now: Moment) -> Vec<Statement> {
    let organisation = StatedOrganisation {
        id: "harbour".into(),
        name: both("海港钱包", "Harbour Wallet"),
        facts: vec![],
        ways_in: vec![],
        owned_domains: vec![],
        at: now,
    };
    let identity = StatedIdentity {
        id: "harbour-desk".into(),
        organisation: "harbour".into(),
        kind: IdentityKind::Handle,
        value: "@harbour_desk".into(),
        platform: Some("messenger".into()),
        account: Some("id-1".into()),
        chain: None,
        certificate: None,
        files: vec![],
        newest_safe: None,
        purposes: vec!["answers tickets".into()],
        languages: vec![],
        role: None,
        proofs: vec![],
        reviewers: vec![],
        from: now,
        until: now + Lapse::from_secs(365 * 86_400),
        at: now,
    };
    vec![Statement::Organisation(organisation), Statement::Identity(Box::new(identity))]
}

fn revoked(now: Moment) -> Statement {
    let reason = both("账号 <b>被盗", "the account was <b>taken over");
    Statement::Revoked(Revoked { identity: "harbour-desk".into(), reason, at: now })
}

/// What a receiver was sent: headers with lower-case names, and the body.
type Received = (HashMap<String, String>, String);

/// A receiver that answers with each status in turn, and with the last one from then on.
fn receiver(statuses: &'static [u16]) -> (String, mpsc::Receiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (told, received) = mpsc::channel();
    std::thread::spawn(move || {
        for n in 0.. {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut headers = HashMap::new();
            for line in reader.by_ref().lines().map_while(Result::ok).take_while(|it| !it.is_empty()) {
                if let Some((name, value)) = line.split_once(": ") {
                    headers.insert(name.to_lowercase(), value.to_owned());
                }
            }
            let length = headers.get("content-length").map_or(0, |it| it.parse().unwrap());
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let status = statuses[statuses.len().min(n + 1) - 1];
            let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
            if told.send((headers, String::from_utf8(body).unwrap())).is_err() {
                return;
            }
        }
    });
    (url, received)
}

fn next(received: &mpsc::Receiver<Received>) -> Received {
    received.recv_timeout(Duration::from_secs(15)).unwrap()
}

#[test]
fn a_follower_is_told_with_a_signature_and_again_if_it_failed() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(at(0)));
    let server = start(folder.path(), &clock);
    let (url, received) = receiver(&[500, 200]);
    server.block_on(server.ctx.store.subscribe(&url, &[9; 32], "", "ann", at(0))).unwrap();
    server.block_on(registry::publish(&server.ctx, listed(at(0))[..1].to_vec(), "ann")).unwrap();
    let (headers, body) = next(&received);
    assert_eq!(headers["webhook-id"], "entry_0");
    let seconds: i64 = headers["webhook-timestamp"].parse().unwrap();
    assert_eq!(seconds, at(0).as_micros() / 1_000_000);
    let signature = touchstone_connectors::sign(&[9; 32], "entry_0", seconds, body.as_bytes());
    assert_eq!(headers["webhook-signature"], signature);
    let json: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (json["type"].as_str(), json["data"]["index"].as_u64()),
        (Some("registry.organisation"), Some(0))
    );
    assert!(received.recv_timeout(Duration::from_secs(2)).is_err(), "not before it is due");
    clock.advance(Lapse::from_secs(10));
    let (again, same) = next(&received);
    assert_eq!((&again["webhook-id"], same), (&headers["webhook-id"], body));
    for _ in 0..100 {
        if server.block_on(server.ctx.store.delivery_counts()).unwrap() == [0, 1, 0] {
            return server.stop();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the delivery was not noted");
}

#[test]
fn a_brand_is_told_once_of_what_resembles_it_and_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), &Arc::new(ManualClock::at(at(0))));
    let (url, received) = receiver(&[200]);
    let (everything, other) = receiver(&[200]);
    server.block_on(server.ctx.store.subscribe(&url, &[9; 32], "harbour", "ann", at(0))).unwrap();
    server.block_on(server.ctx.store.subscribe(&everything, &[8; 32], "", "ann", at(0))).unwrap();
    let alert = Alert {
        kind: "handle".into(),
        value: "@harb0ur_desk".into(),
        applicant: "Harb0ur".into(),
        resembles: "@harbour_desk".into(),
        reason: both("零换成了 o", "a zero for an o"),
        object_until: None,
    };
    for _ in 0..2 {
        server.block_on(registry::alert_brand(&server.ctx, "harbour", "a17", &alert)).unwrap();
    }
    let (headers, body) = next(&received);
    assert_eq!(headers["webhook-id"], "application_a17_harbour");
    assert!(body.contains("@harb0ur_desk") && body.contains("\"type\":\"application.resembles\""), "{body}");
    assert!(received.recv_timeout(Duration::from_secs(2)).is_err() && other.try_recv().is_err());
    let waiting = server.block_on(server.ctx.store.deliveries(DeliveryState::Waiting, 9)).unwrap();
    assert!(waiting.is_empty());
    server.stop();
}

#[test]
fn a_pager_is_told_who_is_called_and_nothing_that_a_victim_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), &Arc::new(ManualClock::at(at(0))));
    let ada = Somebody::joins(&server, "ada", &[Role::Administrator]);
    let (url, received) = receiver(&[200]);
    let (changes, other) = receiver(&[200]);
    let subscribe = |what: &str, url: &str| {
        ada.post(&server, "/console/webhooks", &format!("what={what}&follows=nobody&url={url}"))
    };
    assert!(subscribe("organisation", &url).text().contains("There is no such organisation"));
    for (what, url) in [("calls", &url), ("changes", &changes)] {
        let page = subscribe(what, url);
        assert!(page.text().contains("whsec_"), "{}", page.text());
    }
    assert!(ada.get(&server, "/console/webhooks").text().contains("Calls to whoever is on duty"));
    let report = r#"{"kind": "stolen_wallet", "language": "en", "story": "It was emptied at the harbour."}"#;
    let answer = server.stranger().post("/v1/reports", JSON, report.as_bytes()).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let (headers, body) = next(&received);
    let json: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(json["type"], "duty.called");
    assert_eq!(json["data"]["case"], answer.json()["case"]["reference"]);
    assert_eq!((json["data"]["level"].as_str(), json["data"]["why"].as_str()), (Some("agent"), Some("new")));
    assert_eq!(headers["webhook-id"], format!("call_{}", json["data"]["call"]));
    assert!(!body.contains("harbour"), "{body}");
    assert!(other.recv_timeout(Duration::from_secs(2)).is_err(), "who follows the list is not a pager");
    server.stop();
}

fn page(server: &Running, path: &str, language: &str) -> (u16, String) {
    let answer = server.stranger().request("GET", path, &[("accept-language", language)], b"").unwrap();
    (answer.status, answer.text().to_owned())
}

#[test]
fn everybody_sees_who_is_listed_and_what_became_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), &Arc::new(ManualClock::at(at(0))));
    server.block_on(registry::publish(&server.ctx, listed(at(0)), "ann")).unwrap();
    let (status, text) = page(&server, "/registry", "en");
    assert_eq!(status, 200);
    for it in ["@harbour_desk", "Harbour Wallet", "Listed", "answers tickets", "3 entries", "/log/proof/1"] {
        assert!(text.contains(it), "{it} not in {text}");
    }
    server.block_on(registry::publish(&server.ctx, vec![revoked(at(0))], "ann")).unwrap();
    let (_, text) = page(&server, "/registry?status=revoked", "zh-CN");
    for it in ["海港钱包", "已撤销", "账号 &lt;b&gt;被盗"] {
        assert!(text.contains(it), "{it} not in {text}");
    }
    let (_, none) = page(&server, "/registry?status=listed&q=harbour", "en");
    assert!(none.contains("Nothing found"), "{none}");
    let (status, history) = page(&server, "/registry/harbour-desk", "en");
    assert_eq!(status, 200);
    for it in
        ["Revoked: @harbour_desk (Harbour Wallet)", "Listed: @harbour_desk", "/log/proof/3", "/log/proof/1"]
    {
        assert!(history.contains(it), "{it} not in {history}");
    }
    assert_eq!(page(&server, "/registry/nobody", "en").0, 404);
    let (status, feed) = page(&server, "/registry/feed.atom", "en");
    assert_eq!(status, 200);
    assert!(feed.contains("<title>Revoked: @harbour_desk (Harbour Wallet)</title>"), "{feed}");
    assert!(feed.contains("the account was &lt;b&gt;taken over"), "{feed}");
    assert!(!feed.contains("Snapshot"), "snapshots are no news");
    server.stop();
}

#[test]
fn without_a_log_the_page_says_that_nothing_is_proved() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path());
    let (status, text) = page(&server, "/registry", "en");
    assert!(status == 200 && text.contains("No public log is kept here"), "{text}");
    assert_eq!(page(&server, "/registry/feed.atom", "en").0, 404);
    server.stop();
}
