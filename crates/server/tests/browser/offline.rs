//! The check page without a network: it opens, answers from the list that the browser has verified,
//! says how old that is, and believes nothing that was changed on the way.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use touchstone_registry::statement::{Revoked, StatedIdentity, StatedOrganisation};
use touchstone_registry::{Fact, IdentityKind, Statement};
use touchstone_server::{Clock, Config, SystemClock, registry};
use touchstone_signed_log::{Cost, SealedKey, SigningKey};
use touchstone_types::{Bilingual, Lapse, Moment};

use super::way::{Passage, Way};
use super::{Browser, Site, inspect, look, wanted};

fn log(config: &mut Config, folder: &Path, seed: u8) {
    let (key, passphrase) = (folder.join("log.key"), folder.join("passphrase"));
    let signing = SigningKey::from_seed("log.lantern.example", &[seed; 32]).unwrap();
    let sealed = SealedKey::seal(&signing, "on paper", [1; 16], [2; 12], Cost::LEAST).unwrap();
    std::fs::write(&key, sealed.to_string()).unwrap();
    std::fs::write(&passphrase, "on paper\n").unwrap();
    config.log = Some(toml::from_str(&format!("key = {key:?}\npassphrase_file = {passphrase:?}")).unwrap());
}

fn both(zh: &str, en: &str) -> Bilingual {
    Bilingual { zh: zh.into(), en: en.into() }
}

fn handle(value: &str, now: Moment) -> Statement {
    Statement::Identity(Box::new(StatedIdentity {
        id: format!("lantern-{value}"),
        organisation: "lantern".into(),
        kind: IdentityKind::Handle,
        value: format!("@{value}"),
        platform: Some("pelican".into()),
        account: Some(format!("id-{value}")),
        chain: None,
        certificate: None,
        files: vec![],
        newest_safe: None,
        purposes: vec!["answers tickets".into()],
        languages: vec!["zh".into(), "en".into()],
        role: None,
        proofs: vec![],
        reviewers: vec![],
        from: now,
        until: now + Lapse::from_secs(365 * 86_400),
        at: now,
    }))
}

/// A site with a public log, signed by the key of that seed, that lists one account and has withdrawn another.
fn site(seed: u8) -> Site {
    let site = Site::start_with(|config, folder| log(config, folder, seed));
    let now = SystemClock.now();
    let organisation = Statement::Organisation(StatedOrganisation {
        id: "lantern".into(),
        name: both("灯塔钱包", "Lantern Wallet"),
        facts: vec![Fact::NeverWritesFirst],
        ways_in: vec![both("应用内：设置 → 联系客服", "In the app: Settings → Contact support")],
        owned_domains: vec!["lantern-wallet.example".into()],
        at: now,
    });
    let reason = both("账号被盗", "the account was taken over");
    let revoked = Statement::Revoked(Revoked { identity: "lantern-lantern_desk".into(), reason, at: now });
    publish(&site, vec![organisation, handle("lantern_support", now), handle("lantern_desk", now), revoked]);
    site
}

fn publish(site: &Site, statements: Vec<Statement>) {
    site.block_on(registry::publish(&site.ctx, statements, "ann")).unwrap();
}

/// Waits until the page says this of the list that the browser keeps.
fn kept(browser: &Browser, state: &str) {
    browser.until(state, &format!("return document.querySelector('#kept').dataset.state === '{state}'"));
}

/// Asks without leaving the page; each word of the query is answered.
fn ask(browser: &Browser, query: &str, class: &str) {
    browser.run("document.querySelector('#asked').replaceChildren()");
    browser.fill("#q", query);
    browser.click("#ask button");
    browser.until(class, &format!("return document.querySelector('#asked > .answer.{class}') !== null"));
    let text = browser.run("return document.querySelector('#asked').innerText").to_string();
    for word in query.split(' ') {
        assert!(text.contains(word), "{word}: {text}");
    }
}

/// What the snapshot alone can say, and that it is said to come from there.
fn answers_offline(browser: &Browser) {
    for (query, class) in [
        ("@Lantern_Support", "listed"),
        ("@lantern_desk", "revoked"),
        ("@lantern_supp0rt", "unknown"),
        ("https://help.lantern-wallet.example", "listed"),
        ("https://lantern-wallet.example.evil.top", "unknown"),
    ] {
        ask(browser, query, class);
        browser.sees("No network: looked up in the list kept in this browser.");
    }
    ask(browser, "@lantern_support @lantern_desk", "revoked");
    ask(browser, "@lantern_support @lantern_supp0rt", "unknown");
    browser.sees("In the app: Settings → Contact support");
}

#[test]
fn without_a_network_the_page_answers_from_the_list_that_it_verified() {
    if !wanted() {
        return;
    }
    let site = site(7);
    let way = Way::to(site.port);
    let there = format!("http://localhost:{}/", way.port);
    let browser = Browser::start("en-GB");
    browser.go(&there);
    kept(&browser, "ready");
    browser.sees("has checked it against the public log");
    ask(&browser, "@lantern_support", "listed");
    browser.sees("Checked by this browser itself: entry 1 of the signed log");
    inspect(&browser, "online, with a list kept");
    browser.run("navigator.serviceWorker.ready.then(() => { document.body.dataset.worker = 'yes' })");
    browser.until("the worker", "return document.body.dataset.worker === 'yes'");

    way.set(Passage::Cut);
    browser.forget_cache(); // Only what the worker keeps is left.
    browser.go(&there);
    kept(&browser, "unreachable");
    browser.sees("has checked it against the public log");
    answers_offline(&browser);
    browser.resize(390, 844);
    ask(&browser, "@lantern_desk", "revoked");
    browser.complaints(); // Of the network.
    look(&browser, "check-offline-phone-en");

    way.set(Passage::Damaged);
    publish(&site, vec![handle("lantern_help", SystemClock.now())]);
    browser.go(&there);
    kept(&browser, "refused");
    browser.sees("The list offered by the server could not be verified.");
    ask(&browser, "@lantern_help", "listed");
    browser.sees("This browser's own signed list does not have it.");
    inspect(&browser, "a list that was changed on the way");
    way.set(Passage::Cut);
    browser.go(&there);
    kept(&browser, "unreachable");
    ask(&browser, "@lantern_help", "unknown");
    ask(&browser, "@lantern_support", "listed");

    way.set(Passage::Open);
    browser.go(&format!("{there}?lang=zh"));
    kept(&browser, "ready");
    way.set(Passage::Cut);
    browser.advance(Duration::from_secs(25 * 3600));
    browser.go(&there);
    browser.sees("保存的名单已超过一天");
    ask(&browser, "@lantern_help", "listed");
    let warned = "return document.querySelector('#asked > [role=alert]').innerText.includes('超过一天')";
    assert_eq!(browser.run(warned), json!(true), "an old list says so beside the answer");
    browser.complaints();
    look(&browser, "check-offline-phone-zh");
}

#[test]
fn another_log_or_an_older_list_never_takes_the_place_of_the_kept_one() {
    if !wanted() {
        return;
    }
    let (real, foreign, older) = (site(7), site(8), site(7));
    publish(&real, vec![handle("lantern_help", SystemClock.now())]);
    publish(&foreign, vec![handle("lantern_thief", SystemClock.now())]);
    let way = Way::to(real.port);
    let there = format!("http://localhost:{}/", way.port);
    let browser = Browser::start("en-GB");
    browser.go(&there);
    kept(&browser, "ready");
    for (site, state, says) in [
        (&foreign, "keys-changed", "The keys of the log are not the ones this browser knows"),
        (&older, "older", "The server offered an older list than this browser has seen."),
    ] {
        way.lead_to(site.port);
        browser.go(&there);
        kept(&browser, state);
        browser.sees(says);
        inspect(&browser, state);
    }
    way.set(Passage::Cut);
    browser.go(&there);
    kept(&browser, "unreachable");
    ask(&browser, "@lantern_thief", "unknown");
    ask(&browser, "@lantern_help", "listed");
    way.lead_to(real.port);
    way.set(Passage::Open);
    browser.go(&there);
    kept(&browser, "ready");
}

#[test]
fn what_the_worker_keeps_is_what_the_page_asks_for() {
    if !wanted() {
        return;
    }
    let site = site(7);
    let browser = Browser::start("en-GB");
    browser.go(&site.at("/"));
    kept(&browser, "ready");
    browser.run(
        "navigator.serviceWorker.ready.then(async () => { \
        const stores = await caches.keys(); \
        const store = await caches.open(stores.find((it) => it.startsWith('page '))); \
        const has = (await store.keys()).map((it) => new URL(it.url)).map((it) => it.pathname + it.search); \
        window.keptFiles = has.filter((it) => it.startsWith('/assets')).sort(); })",
    );
    browser.until("the store", "return Array.isArray(window.keptFiles)");
    let asked = "const all = performance.getEntriesByType('resource').map((it) => new URL(it.name)); \
        const files = all.map((it) => it.pathname + it.search).filter((it) => it.startsWith('/assets')); \
        files.push(document.querySelector('link[rel=icon]').getAttribute('href')); \
        return [...new Set(files)].sort()";
    assert_eq!(browser.run("return window.keptFiles"), browser.run(asked));
}
