//! Packets for authorities, from the report to what was sent, without a browser.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may end at once")]

mod common;

use common::http::Answer;
use common::somebody::Somebody;
use common::{Running, Start};
use serde_json::{Value, json};
use touchstone_accounts::Role;
use touchstone_cases::Report;
use touchstone_server::Config;
use touchstone_server::cases::{By, Intake, Receipt, flow};
use touchstone_store::EntryKind;

const FORM: &str = "application/x-www-form-urlencoded";
const PHRASE: &str = "abandon ability able about above absent absorb abstract absurd abuse access accident";

fn site(folder: &tempfile::TempDir) -> Running {
    let mut config = Config::default();
    config.limits.reads_per_second = 10_000;
    config.cases.key_file = Some(folder.path().join("cases.key"));
    config.cases.firm_kinds = vec!["CASP".to_owned()];
    config.cases.firm_name = Some("Lantern Wallet Ltd".to_owned());
    Running::start_with(folder.path(), Start { config, ..Start::default() })
}

fn reported(site: &Running, country: &str) -> Receipt {
    let raw = json!({
        "kind": "stolen_wallet", "language": "en", "country": country,
        "happened_from": "2026-01-14T20:30:00Z",
        "story": "A page asked me to confirm <b>my wallet</b> and then it was empty.",
        "losses": [{ "asset": "USDT", "chain": "tron", "amount": "1250.50" }],
        "addresses": [{ "text": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "chain": "tron", "whose": "theirs" }],
        "suspects": [{ "platform": "telegram", "account": "@helpdesk_1" }],
        "contact": { "name": "Lin", "email": "lin@mail.example" },
    });
    let ctx = &site.ctx;
    let report =
        Report::parse(&serde_json::from_value(raw).unwrap(), ctx.clock.now(), &ctx.cases.charter).unwrap();
    let intake = Intake { channel: "page", by: By::Victim, user: None, files: Vec::new(), once: None };
    site.block_on(flow::report(ctx, report, intake)).unwrap()
}

/// Somebody of the desk who looked at the case with a reason.
fn at_the_desk(site: &Running, reference: &str) -> Somebody {
    let somebody = Somebody::joins(site, "chen", &[Role::Lead]);
    site.block_on(async {
        let member = site.ctx.store.member_by_login("chen").await.unwrap();
        flow::open_for_staff(&site.ctx, &member, reference, Some("Complaint came by phone.")).await.unwrap();
    });
    somebody
}

fn visitor(site: &Running, path: &str, lang: &str) -> Answer {
    site.stranger().request("GET", path, &[("cookie", &format!("lang={lang}"))], b"").unwrap()
}

fn fill(site: &Running, path: &str, fields: &str) -> Answer {
    let headers = [("content-type", FORM), ("origin", "http://loopback"), ("host", "loopback")];
    site.stranger().request("POST", path, &headers, fields.as_bytes()).unwrap()
}

#[test]
fn the_victim_sees_prints_and_completes_packets_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(&folder);
    let receipt = reported(&site, "US");
    let base = format!("/case/{}/packets", receipt.link_token);
    for (lang, words) in
        [("en", ["Papers for police", "FBI IC3"]), ("zh", ["给警方和主管机关的材料", "联邦调查局"])]
    {
        let list = visitor(&site, &base, lang);
        assert_eq!(list.status, 200);
        assert!(words.iter().all(|it| list.text().contains(it)), "{}", list.text());
    }
    let page = visitor(&site, &format!("{base}/us-ic3"), "en");
    for text in [
        "1250.50 USDT (Tron)",
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        "https://www.ic3.gov",
        "Confidence A",
        "Transaction hash",
        "交易哈希",
        &receipt.open.row.reference,
    ] {
        assert!(page.text().contains(text), "{text} is not on the page");
    }
    assert!(!page.text().contains("<b>my wallet</b>"), "what somebody wrote is no markup");

    // The address is the secret: no other site and no search engine learns it.
    for path in ["", "/us-ic3", "/us-ic3/packet.html", "/us-ic3/packet.json"] {
        let answer = visitor(&site, &format!("{base}{path}"), "en");
        for (name, value) in [
            ("referrer-policy", "no-referrer"),
            ("x-robots-tag", "noindex, nofollow"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
    }

    let json: Value = visitor(&site, &format!("{base}/us-ic3/packet.json"), "en").json();
    let state = |json: &Value, id: &str| {
        let fields = json["fields"].as_array().unwrap();
        let field = fields.iter().find(|it| it["id"] == id).unwrap();
        (field["state"].as_str().unwrap().to_owned(), field["value"]["en"].as_str().unwrap().to_owned())
    };
    assert_eq!(state(&json, "tx_hash"), ("missing".to_owned(), String::new()));

    // A field is filled in; a secret that came along is not kept.
    let filled = fill(
        &site,
        &format!("{base}/us-ic3/fill"),
        &format!("field=how_contact_began&text=They+wrote+first.+My+phrase:+{}", PHRASE.replace(' ', "+")),
    );
    assert_eq!(filled.status, 303, "{}", filled.text());
    let json: Value = visitor(&site, &format!("{base}/us-ic3/packet.json"), "en").json();
    let (how, text) = state(&json, "how_contact_began");
    assert!(how == "whole" && text.contains("They wrote first.") && !text.contains("absurd"), "{text}");

    // As a file it needs nothing from anywhere.
    let file = visitor(&site, &format!("{base}/us-ic3/packet.html"), "en");
    assert!(file.header("content-disposition").unwrap().contains("attachment"));
    assert!(
        file.text().contains("<style>")
            && !file.text().contains("<link")
            && !file.text().contains("<script")
            && !file.text().contains("<form")
    );
    site.stop();
}

#[test]
fn a_wrong_link_and_a_foreign_one_look_alike() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(&folder);
    let receipt = reported(&site, "US");
    let wrong = "ab".repeat(32);
    let texts: Vec<String> = [
        format!("/case/{wrong}/packets"),
        format!("/case/{wrong}/packets/us-ic3"),
        format!("/case/{}/packets/us-ic3", receipt.status_token),
        format!("/case/{}/packets/cn-110", receipt.link_token),
        format!("/case/{}/packets/nothing", receipt.link_token),
    ]
    .iter()
    .map(|path| {
        let answer = visitor(&site, path, "en");
        assert_eq!(answer.status, 404, "{path}");
        answer.text().replace(&wrong, "").replace(&receipt.status_token, "").replace(&receipt.link_token, "")
    })
    .collect();
    assert!(texts.windows(2).all(|it| it[0] == it[1]));
    for path in ["packets/us-ic3/fill", "packets/cn-110/fill"] {
        assert_eq!(fill(&site, &format!("/case/{wrong}/{path}"), "field=tx_time&text=x").status, 404);
    }
    site.stop();
}

#[test]
fn the_desk_fills_in_sends_and_the_case_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(&folder);
    let receipt = reported(&site, "DE");
    let reference = receipt.open.row.reference.clone();
    let base = format!("/console/cases/{reference}/complaints");
    let stranger = visitor(&site, &base, "en");
    assert_eq!(stranger.status, 303);
    assert!(stranger.header("location").unwrap().starts_with("/console/login"));

    let chen = at_the_desk(&site, &reference);
    let list = chen.get(&site, &base);
    assert_eq!(list.status, 200, "{}", list.text());
    assert!(list.text().contains("National competent authority") && list.text().contains("missing"));
    let page = chen.get(&site, &format!("{base}/eu-nca"));
    for text in [
        "Lantern Wallet Ltd",
        "Crypto-asset service provider decides",
        "Not complete:",
        "no verified contact",
    ] {
        assert!(page.text().contains(text), "{text}: {}", page.text());
    }
    assert_eq!(
        chen.post(
            &site,
            &format!("{base}/eu-nca/fill"),
            "field=business_name_address&text=Lantern+Wallet+Ltd,+Pier+1"
        )
        .status,
        303
    );
    let json: Value = chen.get(&site, &format!("{base}/eu-nca/packet.json")).json();
    let field = &json["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["id"] == "business_name_address")
        .unwrap()
        .clone();
    assert_eq!(
        (field["state"].as_str(), field["value"]["en"].as_str()),
        (Some("whole"), Some("Lantern Wallet Ltd, Pier 1"))
    );
    // Without the session's token nothing happens.
    let forged = site
        .stranger()
        .request(
            "POST",
            &format!("{base}/eu-nca/sent"),
            &[("cookie", &chen.cookie), ("content-type", FORM), ("origin", "http://loopback")],
            b"csrf=x&under=1",
        )
        .unwrap();
    assert_eq!(forged.status, 403);

    assert_eq!(chen.post(&site, &format!("{base}/eu-nca/sent"), "under=NCA-2026-77").status, 303);
    let page = chen.get(&site, &format!("{base}/eu-nca"));
    assert!(page.text().contains("under reference NCA-2026-77"), "{}", page.text());
    let entries = site.block_on(site.ctx.store.case_entries(receipt.open.row.id, 0, 100)).unwrap();
    let sent = entries.iter().find(|it| it.kind == EntryKind::PacketSent).unwrap();
    assert!(sent.visible && sent.by.login() == Some("chen") && sent.detail.contains("eu-nca"));
    for entry in &entries {
        let sealed = entry.text.clone().unwrap_or_default();
        let shown = String::from_utf8_lossy(&sealed);
        assert!(
            !shown.contains("NCA-2026-77") && !shown.contains("Pier 1") && !entry.detail.contains("Pier 1"),
            "it is sealed"
        );
    }
    let open = site.block_on(flow::open(&site.ctx, receipt.open.row.id)).unwrap();
    assert_eq!(
        (open.owner(), open.next().map(|it| it.task.to_string())),
        (Some("chen"), Some("follow_up".to_owned()))
    );
    site.stop();
}

#[test]
fn where_no_authority_is_listed_none_is_made_up() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(&folder);
    let receipt = reported(&site, "BR");
    let page = visitor(&site, &format!("/case/{}/packets", receipt.link_token), "en");
    assert!(page.status == 200 && page.text().contains("no authority is in our list"), "{}", page.text());
    site.stop();
}
