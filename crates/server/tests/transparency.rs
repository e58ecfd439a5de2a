//! What is published of all cases, over the network.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may end at once")]

mod common;

use std::sync::Arc;

use common::http::Answer;
use common::{Running, Start};
use serde_json::{Value, json};
use touchstone_accounts::{Role, Token};
use touchstone_cases::{Outcome, Report};
use touchstone_server::cases::{By, Intake, flow};
use touchstone_server::{Config, ManualClock};
use touchstone_store::{EntryKind, Invitation, NewMember};
use touchstone_types::{Lapse, Moment};

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn site(folder: &tempfile::TempDir, clock: &Arc<ManualClock>) -> Running {
    let mut config = Config::default();
    config.limits.reads_per_second = 10_000;
    config.cases.key_file = Some(folder.path().join("cases.key"));
    config.cases.firm_name = Some("Lantern Wallet Ltd".to_owned());
    Running::start_with(folder.path(), Start { config, clock: clock.clone(), ..Start::default() })
}

fn agent(site: &Running) -> By {
    let now = site.ctx.clock.now();
    let token = Token::from_random([7; 32]);
    site.block_on(async {
        let (token_hash, roles, expires) = (token.hash(), vec![Role::Agent], now + Lapse::from_secs(60));
        let invitation =
            Invitation { token_hash, roles, made_by: "test".into(), created: now, expires, used: None };
        site.ctx.store.invite(&invitation).await.unwrap();
        let new = NewMember { login: "chen", name: "Chen", language: "en", credentials: &[] };
        site.ctx.store.join(&token_hash, &new, now).await.unwrap();
    });
    By::Staff { login: "chen".into(), name: "K7".into(), role: "agent".into() }
}

fn reported(site: &Running, kind: &str) -> i64 {
    let raw =
        json!({ "kind": kind, "language": "en", "country": "BR", "story": "It is gone, please help me." });
    let ctx = &site.ctx;
    let report =
        Report::parse(&serde_json::from_value(raw).unwrap(), ctx.clock.now(), &ctx.cases.charter).unwrap();
    let intake = Intake { channel: "page", by: By::Victim, user: None, files: Vec::new(), once: None };
    site.block_on(flow::report(ctx, report, intake)).unwrap().open.row.id
}

/// A report of that kind, answered after so many minutes and closed an hour later.
fn happened(site: &Running, clock: &ManualClock, by: &By, kind: &str, minutes: u64) {
    let (ctx, id) = (&site.ctx, reported(site, kind));
    clock.advance(Lapse::from_secs(minutes * 60));
    let answer = "I looked at the three transfers and wrote to the exchange.";
    site.block_on(flow::answer(ctx, id, by, answer, EntryKind::Answer)).unwrap();
    clock.advance(Lapse::from_secs(3_600));
    site.block_on(flow::close(ctx, id, by, Outcome::Recovered, "It came back.")).unwrap();
}

fn get(site: &Running, path: &str, lang: &str) -> Answer {
    site.stranger().request("GET", path, &[("cookie", &format!("lang={lang}"))], b"").unwrap()
}

fn edition(site: &Running) -> Value {
    get(site, "/transparency.json", "en").json()["edition"].clone()
}

#[test]
fn what_became_of_the_reports_is_told_and_of_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(at("2026-01-05T08:00:00Z")));
    let site = site(&folder, &clock);

    // Nothing yet: a page that says so, and no numbers.
    assert!(edition(&site).is_null());
    for (lang, words) in [("en", "No reports yet"), ("zh", "还没有报案")] {
        let page = get(&site, "/transparency", lang);
        assert!(page.status == 200 && page.text().contains(words), "{}", page.text());
    }

    let by = agent(&site);
    for _ in 0..6 {
        happened(&site, &clock, &by, "stolen_wallet", 10);
    }
    happened(&site, &clock, &by, "other", 200);
    clock.advance(Lapse::from_secs(61));
    // While the month runs: fives, and nothing that one more would change.
    let running = edition(&site);
    assert_eq!(running["reports"]["running"], json!({ "since": "2026-01", "n": 5 }));
    assert_eq!(running["reports"]["finished"], json!([]));
    assert_eq!(running["first_answer"]["running"]["median_minutes"], 10);

    clock.advance(Lapse::from_secs(40 * 86_400));
    let over = edition(&site);
    let reports = &over["reports"]["finished"][0];
    // One of another kind would be found: they are told together.
    assert_eq!(
        (&reports["from"], &reports["n"], &reports["groups"], &reports["other"]),
        (&json!("2026-01"), &json!(7), &json!([]), &json!(7))
    );
    assert_eq!(over["outcomes"]["finished"][0]["groups"], json!([{ "name": "recovered", "n": 7 }]));
    assert_eq!(
        over["first_answer"]["finished"][0],
        json!({ "from": "2026-01", "to": "2026-01", "median_minutes": 10, "p90_minutes": 200 })
    );
    assert_eq!(over["referrals"]["finished"][0]["n"], 0);

    for (lang, words) in [
        ("en", ["What became of the reports", "Reports", "10 min", "3 h 20 min", "How it is counted"]),
        ("zh", ["报案处理公开数据", "报案", "10 分钟", "3 小时 20 分", "怎样统计"]),
    ] {
        let page = get(&site, "/transparency", lang);
        assert!(words.iter().all(|it| page.text().contains(it)), "{}", page.text());
        assert!(page.text().contains("<svg class=\"plot\""));
    }
    let feed = get(&site, "/transparency/feed.atom", "en");
    assert!(feed.header("content-type").unwrap().starts_with("application/atom+xml"));
    assert_eq!(feed.header("vary"), Some("cookie, accept-language"));
    assert_eq!(feed.text().matches("<entry>").count(), 1);
    assert!(
        feed.text().contains("#2026-01</id>")
            && feed.text().contains("Reports, 2026-01: 7")
            && feed.text().contains("Lantern Wallet Ltd"),
        "{}",
        feed.text()
    );
    site.stop();
}

#[test]
fn an_edition_is_made_once_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(at("2026-01-05T08:00:00Z")));
    let site = site(&folder, &clock);
    assert!(edition(&site).is_null());
    reported(&site, "other");
    clock.advance(Lapse::from_secs(59));
    assert!(edition(&site).is_null(), "the edition of this minute");
    clock.advance(Lapse::from_secs(2));
    assert!(edition(&site).is_object());
    site.stop();
}

#[test]
fn the_document_is_described() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(at("2026-01-05T08:00:00Z")));
    let site = site(&folder, &clock);
    let described = site.stranger().get("/openapi.json").unwrap().json();
    let schema = &described["paths"]["/transparency.json"]["get"]["responses"]["200"]["content"]["application/json"]
        ["schema"];
    let document = site.stranger().get("/transparency.json").unwrap().json();
    for name in schema["required"].as_array().unwrap() {
        assert!(document.get(name.as_str().unwrap()).is_some(), "{name}");
    }
    assert_eq!(document["schema"], "touchstone-transparency/1");
    site.stop();
}
