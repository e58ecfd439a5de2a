//! The whole life of a listing in real browsers: applied for, proved, reviewed by two officers
//! with passkeys, on notice, listed, checked online and offline, renamed, void, proved again,
//! revoked. Skipped unless `TOUCHSTONE_TEST_BROWSER` is set, as tests/browser.rs says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may end at once")]

mod common;

#[path = "browser/driver.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod driver;
#[path = "browser/site.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod site;

use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use driver::Browser;
use serde_json::{Value, json};
use touchstone_accounts::Role;
use touchstone_registry::{IdentityKind, Snapshot, Status};
use touchstone_server::{Clock, ManualClock, SystemClock};
use touchstone_types::Lapse;

const PLATFORM: &str = "/im/demo";

/// A name server that answers every question with the text it was last given.
fn name_server() -> (SocketAddr, Arc<Mutex<String>>) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (at, text) = (socket.local_addr().unwrap(), Arc::new(Mutex::new(String::new())));
    let said = Arc::clone(&text);
    std::thread::spawn(move || {
        let mut query = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut query) {
            let text = said.lock().unwrap().clone();
            let answers = u8::from(!text.is_empty());
            let mut answer = query[..2].to_vec();
            answer.extend([0x81, 0x80, 0, 1, 0, answers, 0, 0, 0, 0]);
            answer.extend(&query[12..length]);
            if answers == 1 {
                let size = u8::try_from(text.len()).unwrap();
                answer.extend([0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 0, 60, 0, size + 1, size]);
                answer.extend(text.as_bytes());
            }
            let _ = socket.send_to(&answer, from);
        }
    });
    (at, text)
}

/// A server whose clock is moved by hand, and who asks our name server for proofs.
struct Site {
    site: site::Site,
    clock: Arc<ManualClock>,
    dns: Arc<Mutex<String>>,
}

impl std::ops::Deref for Site {
    type Target = site::Site;
    fn deref(&self) -> &site::Site {
        &self.site
    }
}

impl Site {
    fn start() -> Self {
        let (resolver, dns) = name_server();
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        let time: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let site = site::Site::start_with(time, |config, folder| {
            config.log = Some(site::log(folder, "log.harbour.example"));
            config.vetting.resolvers = vec![resolver];
            config.ingest.follow_millis = 50;
        });
        Self { site, clock, dns }
    }

    /// Something that happened on the platform to the account that is to be listed.
    fn event(&self, id: &str, kind: &str, data: &Value) {
        let event = json!({
            "specversion": "1.0", "id": id, "source": PLATFORM, "type": kind,
            "time": self.clock.now().to_string(), "data": data,
        });
        let answer = self.client().post("/v1/events", common::JSON, event.to_string().as_bytes()).unwrap();
        assert!(answer.status < 300, "{} {}", answer.status, answer.text());
    }

    fn post_text(&self, id: &str, text: &str) {
        let sender = json!({ "id": "u-900", "handle": "harbour_help", "display_name": "Harbour Help" });
        self.event(id, "message.sent", &json!({ "sender": sender, "text": text }));
    }

    /// How the account or the domain is listed by now.
    fn status(&self, kind: IdentityKind, value: &str) -> String {
        let listed = self.ctx.registry.now();
        let found = listed.registry.find(kind, value).next();
        found.map_or("none".into(), |it| it.status(self.clock.now()).name().to_owned())
    }

    fn becomes(&self, kind: IdentityKind, value: &str, wanted: &str) {
        let began = Instant::now();
        while self.status(kind, value) != wanted {
            assert!(began.elapsed() < Duration::from_secs(20), "{value} is {}", self.status(kind, value));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The same from the snapshot file alone, as an app without a network asks.
    fn offline(&self, kind: IdentityKind, value: &str, wanted: &str) {
        let began = Instant::now();
        loop {
            let answer = self.client().get("/log/snapshot").unwrap();
            if answer.status == 200 {
                let snapshot = Snapshot::open(answer.body).unwrap();
                let found = snapshot.find(kind, value).next().map(|it| it.status(self.clock.now()));
                if found.as_ref().map(Status::name) == Some(wanted) {
                    return;
                }
            }
            assert!(began.elapsed() < Duration::from_secs(20), "{value} is not {wanted} in the snapshot");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// The pictures that `docs/img/` shows.
const PICTURES: [&str; 6] = [
    "registry-apply-phone-zh",
    "registry-prove-phone-zh",
    "registry-notice",
    "registry-queue",
    "registry-case",
    "registry-alert-zh",
];

fn look(browser: &Browser, name: &str) {
    site::look(browser, name, &PICTURES);
}

fn join(browser: &Browser, name: &str, login: &str) {
    browser.fill("#name", name);
    browser.fill("#login", login);
    browser.click("[data-passkey]");
    browser.arrives("/console");
}

fn log_in(browser: &Browser, site: &Site, login: &str) {
    browser.forget();
    browser.go(&site.at("/console/login?next=/console/registry"));
    browser.fill("#login", login);
    browser.click("[data-passkey]");
    browser.arrives("/console/registry");
}

/// What has to be shown, from the applicant's page.
fn nonce(browser: &Browser, method: &str) -> String {
    let script = format!("return document.querySelector('#value-{method}').value");
    browser.run(&script).as_str().unwrap().to_owned()
}

#[test]
fn a_listing_lives_from_application_to_revocation() {
    if !site::wanted() {
        return;
    }
    let site = Site::start();
    let applicant = Browser::start("zh-CN");
    let links = two_applications(&applicant, &site);
    let (one, two) = (Browser::start("en-GB"), Browser::start("en-GB"));
    two_officers_agree(&one, &two, &site);
    it_waits_and_is_listed(&applicant, &site);
    the_organisation_has_to_say_so(&applicant, &one, &site);
    a_rename_voids_it(&applicant, &one, &site, &links.1);
    an_officer_voids_by_hand(&one, &site);
    one_officer_revokes(&applicant, &two, &site, &links.0);
}

/// Why officers do without the word of the organisation, as everybody reads it.
const INSTEAD: &str = "The same form brings the organisation and its handle.";

/// A further handle in the name of what is listed by now: to control the handle is not enough.
fn the_organisation_has_to_say_so(applicant: &Browser, officer: &Browser, site: &Site) {
    apply_for_a_handle(applicant, site, "harbour_news", "u-901");
    applicant.sees("并不说明机构愿意列入它");
    look(applicant, "registry-consent-phone-zh");
    let link = applicant.run("return document.querySelector('#link').value").as_str().unwrap().to_owned();
    let sender = json!({ "id": "u-901", "handle": "harbour_news", "display_name": "Harbour" });
    let text = nonce(applicant, "posted");
    site.event("m-9", "message.sent", &json!({ "sender": sender, "text": text }));
    let began = Instant::now();
    while !applicant.text().contains("正在等待两位身份专员审核") {
        assert!(began.elapsed() < Duration::from_secs(15), "{}", applicant.text());
        applicant.go(&link);
    }
    log_in(officer, site, "lin@desk.example");
    officer.leave("[data-item]");
    officer.sees("Who stands behind it");
    officer.leave("button[formaction$='/agree']");
    officer.sees("both officers write why they do without");
    // The text of the other application is still what the name server says.
    let button = "[data-consent='dns_txt harbour.example'] button";
    applicant.leave(button);
    applicant.sees("里面没有这段内容");
    *site.dns.lock().unwrap() = nonce(applicant, "consent");
    applicant.leave(button);
    applicant.sees("它自己的域名 harbour.example 确认这份申请出自该机构");
    officer.leave("nav a[href='/console/registry']");
    officer.leave("[data-item]");
    officer.sees("its own domain harbour.example says");
    officer.leave("button[formaction$='/agree']");
    officer.sees("Your agreement is recorded.");
    look(officer, "agreed to a further handle");
}

/// An officer saw that the further look of a listing is not what was vetted.
fn an_officer_voids_by_hand(officer: &Browser, site: &Site) {
    officer.go(&site.at("/console/registry/listed?q=harbour_help"));
    officer.leave("a[data-item]");
    officer.click("details summary:has(~ form[action$='/void'])");
    officer.fill("#void-reason", "The picture is another brand's.");
    officer.click("form[action$='/void'] button");
    officer.agree();
    officer.sees("已失效，立即生效。");
    site.becomes(IdentityKind::Handle, "harbour_help", "voided");
}

fn apply_for_a_handle(browser: &Browser, site: &Site, handle: &str, account: &str) {
    browser.go(&site.at("/registry/apply?kind=handle"));
    browser.fill("#value", handle);
    browser.fill("#platform", PLATFORM);
    browser.fill("#account", account);
    browser.fill("#organisation", "harbour");
    browser.leave("form button.wide");
}

fn two_applications(browser: &Browser, site: &Site) -> (String, String) {
    browser.resize(390, 844);
    browser.go(&site.at("/registry/apply"));
    browser.sees("要列入的是什么");
    look(browser, "registry-apply-phone-zh");
    browser.leave("a[href='/registry/apply?kind=domain']");
    browser.fill("#value", "harbour.example");
    browser.fill("#organisation", "harbour");
    browser.click("details summary");
    browser.fill("#name_zh", "海港钱包");
    browser.fill("#name_en", "Harbour Wallet");
    browser.click("input[name=fact]");
    browser.leave("form button.wide");
    browser.sees("您的申请链接");
    let domain = browser.run("return document.querySelector('#link').value").as_str().unwrap().to_owned();
    browser.leave("[data-step=dns_txt] form button");
    browser.sees("里面没有这段内容");
    look(browser, "registry-prove-phone-zh");
    *site.dns.lock().unwrap() = nonce(browser, "dns_txt");
    browser.leave("[data-step=dns_txt] form button");
    browser.sees("正在等待两位身份专员审核");
    look(browser, "proved");
    apply_for_a_handle(browser, site, "harbour_help", "u-900");
    browser.leave("[data-step=posted] form button");
    browser.sees("还没有看到这个账号发出这段内容");
    let handle = browser.run("return document.querySelector('#link').value").as_str().unwrap().to_owned();
    site.post_text("m-1", &format!("验证 {}", nonce(browser, "posted")));
    let began = Instant::now();
    while !browser.text().contains("正在等待两位身份专员审核") {
        assert!(began.elapsed() < Duration::from_secs(15), "{}", browser.text());
        browser.go(&handle);
    }
    (domain, handle)
}

fn two_officers_agree(one: &Browser, two: &Browser, site: &Site) {
    one.add_authenticator();
    one.go(&site.first_invitation());
    join(one, "Duty desk", "lin@desk.example");
    two.add_authenticator();
    two.go(&site.invitation(&[Role::IdentityOfficer]));
    join(two, "Second desk", "mei@desk.example");
    one.go(&site.at("/console/registry"));
    one.until("both", "return document.querySelectorAll('[data-item]').length === 2");
    look(one, "registry-queue");
    for _ in 0..2 {
        one.go(&site.at("/console/registry"));
        one.run("[...document.querySelectorAll('[data-item]')].find((it) => !it.innerText.includes('one officer')).id = 'next'");
        one.leave("#next");
        one.sees("Proofs of control");
        one.fill("#reason", "Harbour and Harbor are two companies; the register of firms has both.");
        // The handle waits for an organisation that the other application brings along.
        if one.run("return document.querySelector('#instead') !== null") == json!(true) {
            one.fill("#instead", INSTEAD);
        }
        one.leave("button[formaction$='/agree']");
        one.sees("Your agreement is recorded.");
        one.sees("It takes two different officers");
        assert_eq!(
            one.run("return document.querySelector('[formaction$=\"/agree\"]') === null"),
            json!(true)
        );
    }
    look(one, "registry-case");
    for left in [1, 0] {
        two.go(&site.at("/console/registry"));
        two.leave("[data-item]");
        two.fill("#reason", "Seen the same entry.");
        if two.run("return document.querySelector('#instead') !== null") == json!(true) {
            two.fill("#instead", INSTEAD);
        }
        two.leave("button[formaction$='/agree']");
        two.sees("Public notice");
        two.go(&site.at("/console/registry"));
        two.until("one less", &format!("return document.querySelectorAll('[data-item]').length === {left}"));
    }
    two.go(&site.at("/registry/notices"));
    two.until("both", "return document.querySelectorAll('[data-item]').length === 2");
    look(two, "notices");
    two.leave("[data-item]");
    look(two, "registry-notice");
}

fn it_waits_and_is_listed(applicant: &Browser, site: &Site) {
    site.clock.advance(Lapse::from_secs(71 * 3600));
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(site.status(IdentityKind::Domain, "harbour.example"), "none", "an hour is left");
    site.clock.advance(Lapse::from_secs(3600 + 60));
    site.becomes(IdentityKind::Domain, "harbour.example", "listed");
    site.becomes(IdentityKind::Handle, "harbour_help", "listed");
    site.offline(IdentityKind::Handle, "@Harbour_Help", "listed");
    applicant.go(&site.at("/registry?q=harbour"));
    applicant.sees("harbour.example");
    look(applicant, "listed online");
}

fn a_rename_voids_it(applicant: &Browser, officer: &Browser, site: &Site, link: &str) {
    let account = json!({ "id": "u-900", "handle": "harbour_he1p", "display_name": "Harbour Help" });
    let change = json!({ "account": account, "previous_handle": "harbour_help" });
    site.event("p-1", "profile.changed", &change);
    site.becomes(IdentityKind::Handle, "harbour_help", "voided");
    site.offline(IdentityKind::Handle, "harbour_help", "voided");
    log_in(officer, site, "lin@desk.example");
    officer.go(&site.at("/console/registry?lang=zh"));
    officer.sees("已列入的账号有变化");
    look(officer, "registry-alert-zh");
    officer.leave(".reg-alert form button");
    officer.sees("已标记为处理");
    applicant.go(link);
    applicant.sees("已失效");
    site.post_text("m-2", &nonce(applicant, "posted"));
    site.becomes(IdentityKind::Handle, "harbour_help", "listed");
}

fn one_officer_revokes(applicant: &Browser, officer: &Browser, site: &Site, link: &str) {
    log_in(officer, site, "mei@desk.example");
    officer.go(&site.at("/console/registry/listed?q=harbour.example"));
    officer.leave("a[data-item]");
    officer.fill("#revoke-reason", "The domain was sold.");
    officer.run("document.documentElement.dataset.left = 'yes'");
    officer.click("form[action$='/revoke'] button");
    officer.agree();
    officer.sees("Revoked, at once.");
    site.becomes(IdentityKind::Domain, "harbour.example", "revoked");
    site.offline(IdentityKind::Domain, "harbour.example", "revoked");
    look(officer, "revoked");
    applicant.go(link);
    applicant.sees("已撤销");
    look(applicant, "revoked, for the applicant");
}
