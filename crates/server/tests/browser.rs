//! The pages in a real browser: a headless Chromium walks through them as people do.
//!
//! Skipped unless `TOUCHSTONE_TEST_BROWSER` is set. `cargo xtask test` sets it and installs, on
//! Debian and Ubuntu: `chromium chromium-driver fonts-noto-cjk fonts-noto-color-emoji`.
//! `TOUCHSTONE_CHROMEDRIVER` names another chromedriver. With `TOUCHSTONE_SCREENSHOTS=1` the pictures in `docs/img/` are made
//! again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may end at once")]

mod common;

#[path = "browser/check.rs"]
mod check;
#[path = "browser/driver.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod driver;
#[path = "browser/offline.rs"]
mod offline;
#[path = "browser/site.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod site;
#[path = "browser/way.rs"]
mod way;

use std::path::Path;
use std::sync::Arc;

use driver::Browser;
use serde_json::{Value, json};
use site::wanted;
use touchstone_server::{Config, SystemClock};

const PASSWORD: &str = "seven grey geese over the ferry";

/// A server of its own, to which the demo organisation's day can be told.
struct Site(site::Site);

impl std::ops::Deref for Site {
    type Target = site::Site;
    fn deref(&self) -> &site::Site {
        &self.0
    }
}

impl Site {
    fn start() -> Self {
        Self(site::Site::start())
    }

    /// With another configuration; what it names may lie in the folder.
    fn start_with(change: impl FnOnce(&mut Config, &Path)) -> Self {
        Self(site::Site::start_with(Arc::new(SystemClock), change))
    }

    fn post(&self, events: &[Value]) {
        let mut client = self.client();
        for batch in events.chunks(100) {
            let answer = client.post("/v1/events", common::LINES, &common::lines(batch)).unwrap();
            assert!(answer.status < 300, "{} {}", answer.status, answer.text());
        }
    }

    /// The day of the demo organisation.
    fn post_demo(&self) {
        let text = std::fs::read_to_string(common::repository("corpus/events/demo.jsonl")).unwrap();
        let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        self.post(&events);
    }
}

/// Looks at the page as it is now: nobody is shut out of it, and the browser has no complaint.
fn inspect(browser: &Browser, page: &str) {
    site::look(browser, page, &[]);
}

/// The pages that `docs/img/` shows.
const PICTURES: [&str; 16] = [
    "account",
    "campaigns",
    "check-contradicted-en",
    "check-contradicted-phone-zh",
    "check-offline-phone-zh",
    "console-verdict-en",
    "landing-zh",
    "live",
    "live-dark-zh",
    "live-phone-zh",
    "playground",
    "playground-zh",
    "reviews",
    "rule",
    "rules",
    "verdict-phone-zh",
];

fn look(browser: &Browser, name: &str) {
    site::look(browser, name, &PICTURES);
}

fn code(secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    totp_rs::Builder::new().with_secret(secret).build_noncompliant().generate(now).to_string()
}

fn join_with_passkey(browser: &Browser, site: &Site) {
    browser.add_authenticator();
    browser.go(&site.first_invitation());
    browser.sees("Welcome");
    look(browser, "setup");
    browser.fill("#name", "Duty desk");
    browser.fill("#login", "lin@desk.example");
    browser.click("[data-passkey]");
    browser.arrives("/console");
}

#[test]
fn staff_walk_through_the_console() {
    if !wanted() {
        return;
    }
    let site = Site::start();
    let browser = Browser::start("en-GB");
    browser.go(&site.at("/console"));
    browser.arrives("/console/login");
    look(&browser, "login");
    join_with_passkey(&browser, &site);
    browser.sees("No verdicts yet");
    inspect(&browser, "live, empty");
    for empty in ["reviews", "campaigns", "rules", "search", "audit", "people", "keys", "account"] {
        browser.go(&site.at(&format!("/console/{empty}")));
        inspect(&browser, empty);
    }
    verdicts_come_by_themselves(&browser, &site);
    one_verdict_is_explained(&browser, &site);
    a_review_is_decided_and_undone(&browser, &site);
    campaigns_rules_and_search(&browser, &site);
    people_keys_and_trail(&browser, &site);
    language_colours_and_phone(&browser, &site);
    sessions_end(&browser, &site);
}

fn verdicts_come_by_themselves(browser: &Browser, site: &Site) {
    browser.go(&site.at("/console"));
    browser.until("the stream", "return document.querySelector('#pulse').classList.contains('on')");
    site.post_demo();
    browser.until("rows", "return document.querySelectorAll('.list .item').length > 20");
    assert_eq!(browser.complaints(), Vec::<String>::new());
    browser.press("p");
    browser.sees("Paused");
    browser.press("p");
    browser.go(&site.at("/console?show=acted"));
    browser.until("acted", "return document.querySelectorAll('.list .pill.block').length > 0");
    look(browser, "live");
    browser.press("?");
    browser.until("the help", "return document.querySelector('#keys').open");
    browser.press("?");
    browser.press("jj");
    let at = "return [...document.querySelectorAll('[data-item]')].indexOf(document.activeElement)";
    assert_eq!(browser.run(at), json!(1), "j goes down the list");
    browser.press("k/");
    assert_eq!(browser.run("return document.activeElement.name"), json!("q"), "/ goes to the search box");
}

fn one_verdict_is_explained(browser: &Browser, site: &Site) {
    browser.go(&site.at("/console?show=block"));
    let chosen = "const rows = [...document.querySelectorAll('.item')]; \
        return rows.find((it) => it.innerText.includes('imitates_official') && it.innerText.includes('asks_for') && it.innerText.includes('Message')).href";
    browser.go(browser.run(chosen).as_str().unwrap());
    browser.sees("How the score adds up");
    let sum = "const weights = [...document.querySelectorAll('.sum tbody .num')].map((it) => Number(it.innerText)); \
        return weights.reduce((a, b) => a + b, 0) === Number(document.querySelector('.sum tfoot .num').innerText)";
    assert_eq!(browser.run(sum), json!(true), "the lines add up to the score");
    assert_eq!(browser.run("return document.querySelectorAll('mark').length > 0"), json!(true));
    assert_eq!(
        browser.run("return document.querySelectorAll('.letters .pair.off, .letters .pair').length > 0"),
        json!(true)
    );
    browser.resize(1360, 1460);
    look(browser, "console-verdict-en");
    browser.resize(1360, 900);
}

fn a_review_is_decided_and_undone(browser: &Browser, site: &Site) {
    browser.go(&site.at("/console?show=hold"));
    browser.leave(".item");
    browser.leave("form[action$='/queue'] button, .tools a.primary");
    browser.go(&site.at("/console/reviews"));
    browser.press("n");
    browser.sees("Locked for you");
    look(browser, "reviews");
    browser.press("o");
    browser.sees("need a reason");
    browser.fill("#reason", "The agent is the user's own adviser.");
    browser.click("[value=overturn]");
    browser.sees("Verdict wrong");
    inspect(browser, "after a decision");
    browser.press("u");
    browser.sees("Undone; it is back in the queue.");
    browser.press("n");
    browser.sees("Locked for you");
    browser.press("c");
    browser.sees("Verdict right");
    browser.go(&site.at("/console/reviews?part=done"));
    browser.sees("Precision from labels");
    inspect(browser, "decided");
}

fn campaigns_rules_and_search(browser: &Browser, site: &Site) {
    browser.go(&site.at("/console/campaigns"));
    browser.until("a campaign", "return document.querySelectorAll('.item').length > 0");
    look(browser, "campaigns");
    browser.leave(".item");
    browser.sees("Decide all at once");
    look(browser, "campaign");
    browser.fill("#reason", "The same fake desk wrote to everybody.");
    browser.click("[value=confirm]");
    browser.agree();
    browser.sees("messages decided.");
    browser.click(".flash button");
    browser.sees("undone");
    browser.go(&site.at("/console/rules"));
    browser.until("rules", "return document.querySelectorAll('[data-item]').length > 3");
    look(browser, "rules");
    browser.leave("[data-item]");
    browser.until("a plot", "return document.querySelectorAll('.plot rect').length === 30");
    look(browser, "rule");
    browser.go(&site.at("/console/search?q=lantern&by=phrase"));
    inspect(browser, "search");
    browser.go(&site.at("/console/search"));
    let actor = site.block_on(async {
        let filter = touchstone_store::VerdictFilter {
            decisions: vec![touchstone_types::Decision::Block],
            ..Default::default()
        };
        site.ctx.store.verdicts(&filter, None, 1).await.unwrap().items[0].actor.clone().unwrap()
    });
    browser.fill("input[name=q]", &actor);
    browser.press("\u{e007}");
    browser.until("results", "return document.querySelectorAll('.item').length > 0");
    look(browser, "search");
}

fn people_keys_and_trail(browser: &Browser, site: &Site) {
    browser.go(&site.at("/console/people"));
    browser.click("form[action='/console/people'] button");
    browser.sees("The invitation link");
    look(browser, "people");
    browser.go(&site.at("/console/keys"));
    browser.fill("#key-name", "chat server");
    browser.click("form[action='/console/keys'] button");
    browser.sees("Copy it now");
    assert!(browser.run("return document.querySelector('#fresh').value").as_str().unwrap().len() > 60);
    inspect(browser, "keys");
    browser.go(&site.at("/console/audit"));
    browser.sees("Chain intact");
    for act in ["staff.join", "login", "review.overturn", "review.undo", "review.bulk", "key.make"] {
        assert!(browser.text().contains(act), "{act} is in the audit trail");
    }
    look(browser, "audit");
}

fn language_colours_and_phone(browser: &Browser, site: &Site) {
    browser.go(&site.at("/console?show=acted"));
    browser.leave(".prefs [name=lang]");
    browser.sees("实时判定");
    browser.leave(".prefs [name=theme]");
    browser.until("the dark", "return document.documentElement.dataset.theme === 'dark'");
    look(browser, "live-dark-zh");
    for page in
        ["/console/reviews", "/console/rules", "/console/campaigns", "/console/account", "/playground"]
    {
        browser.go(&site.at(page));
        inspect(browser, page);
    }
    browser.leave(".prefs [name=theme]");
    browser.resize(390, 844);
    for (page, name) in [
        ("/console?show=acted", "live-phone-zh"),
        ("/console/reviews", "reviews-phone"),
        ("/console/rules", "rules-phone"),
        ("/console/people", "people-phone"),
        ("/console/account", "account-phone"),
        ("/playground", "playground-phone-zh"),
        ("/about", "landing-phone-zh"),
        ("/", "check-phone-zh"),
    ] {
        browser.go(&site.at(page));
        look(browser, name);
    }
    browser.go(&site.at("/console?show=block"));
    browser.click(".item");
    browser.sees("分数怎么来的");
    look(browser, "verdict-phone-zh");
    browser.click(".menu-button");
    browser.until("the menu", "return document.querySelector('.nav').checkVisibility()");
    browser.resize(1360, 900);
    browser.go(&site.at("/console?lang=en"));
    browser.sees("Live verdicts");
}

fn sessions_end(browser: &Browser, site: &Site) {
    browser.forget();
    browser.go(&site.at("/console/login?lang=en"));
    browser.fill("#login", "nobody@desk.example");
    browser.click("[data-passkey]");
    browser.sees("no passkey for this page");
    browser.complaints();
    browser.fill("#login", "lin@desk.example");
    browser.click("[data-passkey]");
    browser.arrives("/console");
    browser.go(&site.at("/console/account"));
    browser.until("two sessions", "return document.querySelectorAll('form[action$=\"/end\"]').length === 1");
    look(browser, "account");
    browser.leave("form[action$='/end'] button");
    browser.sees("The session was ended.");
    // A password needs an app for codes beside it.
    let secret = browser.run("return document.querySelector('.qr code').innerText");
    browser.fill("#new", "password password");
    browser.fill("#code", "000000");
    browser.leave("form[action$='/password'] button");
    browser.until("a refusal", "return document.querySelector('[role=alert]:not([hidden])') !== null");
    browser.complaints();
    browser.fill("#new", PASSWORD);
    browser.fill("#code", &code(secret.as_str().unwrap()));
    browser.leave("form[action$='/password'] button");
    browser.sees("The password was changed");
    browser.leave("form[action$='/logout'] button");
    browser.arrives("/console/login");
    browser.click("summary");
    // How long one must wait doubles from the fifth failure on; on a busy machine the first
    // waits are over before the next attempt is.
    for _ in 0..12 {
        browser.fill("#login", "lin@desk.example");
        browser.fill("#password", "not this one at all");
        browser.fill("#code", "123456");
        browser.leave("details button");
        browser.until(
            "an answer",
            "return document.querySelector('.note.bad[role=alert]:not([hidden])') !== null",
        );
        if browser.text().contains("Too many attempts") {
            break;
        }
    }
    browser.sees("Too many attempts");
    browser.complaints();
}

#[test]
fn somebody_joins_with_password_and_codes() {
    if !wanted() {
        return;
    }
    let site = Site::start();
    let browser = Browser::start("zh-CN");
    let invitation = site.first_invitation();
    browser.go(&invitation);
    browser.click("summary");
    browser.sees("用验证器应用扫描");
    look(&browser, "setup-password-zh");
    let secret = browser.run("return document.querySelector('#totp-secret').innerText");
    browser.fill("#name", "林月");
    browser.fill("#login", "lin@desk.example");
    browser.fill("#password", PASSWORD);
    browser.fill("#code", &code(secret.as_str().unwrap()));
    browser.click("details button");
    browser.sees("账号已建立");
    inspect(&browser, "first page");
    browser.go(&invitation);
    browser.sees("链接无效");
    browser.complaints(); // 404 is said aloud by the browser, as it should be.
}

#[test]
fn a_newcomer_plays_the_impostor() {
    if !wanted() {
        return;
    }
    let site = Site::start();
    let browser = Browser::start("zh-CN");
    browser.go(&site.at("/about"));
    browser.sees("是客服，还是骗子？");
    look(&browser, "landing-zh");
    browser.prefer("dark");
    inspect(&browser, "landing in the dark");
    browser.prefer("light");
    browser.click(".hero .primary");
    browser.arrives("/playground");
    browser.click(".scenes button");
    browser.until("a line", "return document.querySelectorAll('.bubble').length >= 2");
    for said in [2, 3] {
        browser.press("n");
        let lines = format!(
            "return document.querySelectorAll('#pane-victim')[0].closest('section').querySelectorAll('.bubble').length >= {said}"
        );
        browser.until("the next line", &lines);
    }
    browser.until("a warning", "return document.querySelector('.alert') !== null");
    browser.click("[value=rest]");
    browser.until("the end", "return document.querySelector('[value=rest]') === null");
    look(&browser, "playground-zh");
    browser.click("[value=support]");
    browser.sees("真正的客服在这里");
    browser.click("[value=report]");
    browser.sees("已举报");
    browser.click("[value=stop]");
    browser.sees("对话已停止");
    inspect(&browser, "playground, stopped");
    browser.go(&site.at("/playground?lang=en"));
    browser.fill("#p-name", "Lantern Support");
    browser.fill(
        "#say",
        "I am from Lantern support. Send me your 12 recovery words now or the wallet is frozen.",
    );
    browser.press("\u{e007}");
    browser.until("a warning", "return document.querySelector('.alert') !== null");
    browser.click(".meter summary");
    look(&browser, "playground");
    assert_eq!(
        browser.run("return document.activeElement.id === 'say' || document.querySelector('#say') !== null"),
        json!(true)
    );
    let kept = site.block_on(site.ctx.store.last_seq()).unwrap();
    assert_eq!(kept, touchstone_store::Seq::START, "nothing of the playground is kept");
}

/// What an attacker would write to break out of the page, or to hide in it.
fn hostile() -> Vec<String> {
    vec![
        "<script>window.broken = 1</script>".to_owned(),
        "\"><img src=x onerror=\"window.broken = 2\">".to_owned(),
        "'-alert(1)-' javascript:window.broken=3 </textarea></title></style><svg onload=window.broken=4>"
            .to_owned(),
        "{{7*7}} ${7*7} <%= 7*7 %> &lt;b&gt; </bdi></span></a></main>".to_owned(),
        "Support \u{202e}gpj.exe\u{202c} \u{2066}x".to_owned(),
        "s\u{200b}u\u{200d}p\u{2060}p\u{feff}o\u{ad}r\u{34f}t \u{e0041}".to_owned(),
        format!("Z{}algo", "\u{301}\u{489}".repeat(400)),
        "W".repeat(900),
        "官方客服".repeat(300),
    ]
}

#[test]
fn hostile_text_does_nothing_and_stays_in_its_place() {
    if !wanted() {
        return;
    }
    let site = Site::start();
    let browser = Browser::start("en-GB");
    let events: Vec<Value> = (0_usize..).zip(hostile()).flat_map(|(n, text)| {
        let account = json!({ "id": format!("a{n}{text}"), "handle": text, "display_name": text, "created_at": "2026-11-20T00:00:00Z" });
        let said = format!("{text} send me your 12 word recovery phrase now, official support");
        [0, 1, 2].map(|copy| json!({
            "id": format!("m{n}-{copy} <b>/?#&"), "source": "/im/<i>demo", "type": "message.sent", "time": "2026-11-21T08:30:00Z",
            "data": { "sender": account, "recipient": { "id": format!("u{copy}"), "display_name": text, "handle": text },
                "conversation": { "id": format!("c{n}{text}"), "kind": "direct", "started_by": account["id"], "mutual": false },
                "text": said },
        }))
    }).map(|mut event| {
        // Ids have no control characters and an end; everything else may be anything.
        for path in ["/data/sender/id", "/data/conversation/id", "/data/conversation/started_by"] {
            if let Some(id) = event.pointer_mut(path) {
                let cut: String = id.as_str().unwrap().chars().take(60).collect();
                *id = cut.into();
            }
        }
        event
    }).collect();
    site.post(&events);
    browser.add_authenticator();
    browser.go(&site.first_invitation());
    browser.fill("#name", "<script>window.broken=5</script>");
    browser.fill("#login", "\"><b>lin@desk.example");
    browser.click("[data-passkey]");
    browser.arrives("/console");
    let mut pages: Vec<String> = [
        "",
        "/campaigns",
        "/rules",
        "/audit",
        "/people",
        "/keys",
        "/account",
        "/search?q=%3Cscript%3Ewindow.broken%3D6%3C%2Fscript%3E&by=phrase",
        "/search?q=official+support&by=phrase",
    ]
    .iter()
    .map(|page| site.at(&format!("/console{page}")))
    .collect();
    browser.go(&site.at("/console"));
    let rows = browser.run("return [...document.querySelectorAll('.item')].map((it) => it.href)");
    pages.extend(rows.as_array().unwrap().iter().step_by(3).map(|it| it.as_str().unwrap().to_owned()));
    assert!(pages.len() > 15, "{pages:?}");
    browser.go(&site.at("/console/campaigns"));
    let rows = browser.run("return [...document.querySelectorAll('.item')].map((it) => it.href)");
    pages.extend(rows.as_array().unwrap().iter().take(3).map(|it| it.as_str().unwrap().to_owned()));
    for width in [1360, 390] {
        browser.resize(width, 900);
        for page in &pages {
            browser.go(page);
            inspect(&browser, page);
            assert_eq!(browser.run("return window.broken ?? null"), Value::Null, "{page}");
            let ours = "return document.querySelectorAll('main script, main img, [onerror], [onload], svg[onload]').length";
            assert_eq!(browser.run(ours), json!(0), "{page}");
            let hidden = "return /[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\ufeff]/.test(document.querySelector('main').innerText)";
            assert_eq!(browser.run(hidden), json!(false), "{page} shows hidden characters by name");
        }
    }
}
