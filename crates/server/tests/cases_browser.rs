//! The whole way of a case in real browsers: reported on a phone, taken and answered at the desk,
//! forgotten, brought up the ladder by time alone, handed to an authority, closed with a reason;
//! and the victim reads all of it, also who looked.
//!
//! Skipped unless `TOUCHSTONE_TEST_BROWSER` is set; see `browser.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may end at once")]

mod common;

#[path = "browser/driver.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod driver;
#[path = "browser/site.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod site;

use std::path::Path;
use std::sync::Arc;

use driver::Browser;
use serde_json::json;
use site::{Site, phone, wanted};
use touchstone_accounts::Role;
use touchstone_cases::{Case, ClockState, Level, Life, StopsOn, Task};
use touchstone_connectors::write_secret;
use touchstone_server::receiver::{Receiver, Trouble, router};
use touchstone_server::rehearsal::{self, Script};
use touchstone_server::{Clock, ManualClock, SystemClock, actions};
use touchstone_types::Lapse;

/// The pictures that `docs/img/` shows.
const PICTURES: [&str; 14] = [
    "report-phone-zh",
    "report-answer-phone-zh",
    "case-phone-zh",
    "case-closed-phone-zh",
    "status-phone-en",
    "cases-queue-en",
    "cases-queue-zh",
    "cases-desk-en",
    "cases-packet-en",
    "cases-actions-en",
    "staffing-en",
    "transparency-en",
    "report-en",
    "case-en",
];

fn look(browser: &Browser, name: &str) {
    site::look(browser, name, &PICTURES);
}

const SECRET: [u8; 32] = [9; 32];
const ACCOUNT: &str = "u-7719";
const STORY: &str = "刚才点了一个空投链接，签名之后钱包里的 USDT 一直在往外转，还剩一点，怎么办？";
const AGAIN: &str = "又转走了两笔，你们还在吗？";
const WHY: &str = "The packet for the police is mine to send";

/// A case as the victim knows it, and the clock that it runs by.
struct Way {
    site: Site,
    clock: Arc<ManualClock>,
    reference: String,
    link: String,
}

impl Way {
    /// The case as it is kept.
    fn case(&self) -> Case {
        let kept = self.site.block_on(self.site.ctx.store.case_by_reference(&self.reference)).unwrap();
        Case::from_bytes(&kept.state).unwrap()
    }

    /// How our promise to answer stands, for what the victim wrote last.
    fn answer_clock(&self) -> ClockState {
        let case = self.case();
        let ours = case.clocks.iter().filter(|it| it.rule.stops_on == StopsOn::Answer);
        ours.max_by_key(|it| it.started).expect("an answer is promised").state
    }

    /// Time goes by and nobody does anything, until the case has come to that level.
    fn nobody_until(&self, level: Level, minutes: u64) {
        self.clock.advance(Lapse::from_secs(minutes * 60));
        self.site.until(level.as_str(), || self.case().level == level);
    }

    fn desk_page(&self) -> String {
        self.site.at(&format!("/console/cases/{}", self.reference))
    }
}

#[test]
fn a_report_cannot_be_ignored() {
    if !wanted() {
        return;
    }
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let time: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let to = listener.local_addr().unwrap();
    let site = Site::start_with(time, |config, folder| {
        let secret = folder.join("actions.secret");
        std::fs::write(&secret, write_secret(&SECRET)).unwrap();
        config.actions.url = Some(format!("http://{to}/"));
        config.actions.secret_file = Some(secret);
    });
    let folder = tempfile::tempdir().unwrap();
    operators_systems(&site, &clock, listener, folder.path());
    let agent = somebody(&site.first_invitation(), "Duty desk", "heron@desk.example");
    on_duty(&agent, &site);
    let victim = phone("zh-CN");
    let (reference, link) = it_is_reported(&victim, &site);
    let way = Way { site, clock, reference, link };
    the_account_is_frozen(&victim, &way);
    the_agent_answers(&agent, &victim, &way);
    nobody_answers_again(&victim, &way);
    let officer =
        somebody(&way.site.invitation(&[Role::ComplaintsOfficer]), "Complaints", "badger@desk.example");
    the_packet_is_sent(&officer, &way);
    it_is_closed_with_a_reason(&officer, &way);
    the_victim_reads_all_of_it(&victim, &way);
    what_may_be_shared_says_little(&victim, &way);
    a_wrong_link_says_nothing(&victim, &way);
}

/// The systems that take freezes and say that they did, as `touchstone receiver` is them.
fn operators_systems(site: &Site, clock: &Arc<ManualClock>, listener: std::net::TcpListener, folder: &Path) {
    let time: Arc<dyn Clock> = Arc::<ManualClock>::clone(clock);
    let said = Box::new(|_: &str| {});
    let receiver =
        Receiver::open(SECRET.to_vec(), &folder.join("receiver"), time, Trouble::default(), said).unwrap();
    listener.set_nonblocking(true).unwrap();
    site.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::spawn(async move { axum::serve(listener, router(receiver)).await.unwrap() });
    });
}

/// Makes a log-in with a passkey.
fn somebody(invitation: &str, name: &str, login: &str) -> Browser {
    let browser = Browser::start("en-GB");
    browser.add_authenticator();
    browser.go(invitation);
    browser.fill("#name", name);
    browser.fill("#login", login);
    browser.click("[data-passkey]");
    browser.arrives("/console");
    browser
}

fn on_duty(browser: &Browser, site: &Site) {
    browser.go(&site.at("/console/cases"));
    browser.leave(".head form[action='/console/duty'] button");
    browser.sees("on duty");
}

/// What a field shows.
fn value(browser: &Browser, selector: &str) -> String {
    let script = format!("return document.querySelector({}).value", json!(selector));
    browser.run(&script).as_str().unwrap().to_owned()
}

fn it_is_reported(victim: &Browser, site: &Site) -> (String, String) {
    victim.go(&site.at("/report"));
    victim.sees("报告被骗或被盗");
    look(victim, "report-phone-zh");
    victim.leave("#send");
    victim.sees("请填写这一项");
    victim.complaints(); // An empty form is refused, which the browser says too.
    victim.click("label.kind:has([value=stolen_wallet])");
    victim.fill("#story", STORY);
    victim.until("the losses unfold", "return document.querySelector('#part-losses').open");
    victim.fill("[name='losses.0.asset']", "USDT");
    victim.fill("[name='losses.0.amount']", "18250.5");
    victim.click("[name='losses.0.chain'] option[value='eip155:1']");
    victim.click("#part-you summary");
    victim.fill("#account", ACCOUNT);
    victim.click("#country option[value=CN]");
    victim.leave("#send");
    victim.sees("已收到，案件已立");
    look(victim, "report-answer-phone-zh");
    let reference = victim.run("return document.querySelector('#reference').innerText");
    let reference = reference.as_str().unwrap().trim().to_owned();
    let link = value(victim, "#link");
    assert!(link.starts_with(&site.at("/case/")), "{link}");
    (reference, link)
}

/// One press on the page, and the operator's systems say that they did it.
fn the_account_is_frozen(victim: &Browser, way: &Way) {
    victim.go(&way.link);
    victim.sees("立即冻结我的账户");
    victim.leave("#freeze form button");
    way.site.until("the freeze is acknowledged", || {
        way.site.block_on(async {
            let ctx = &way.site.ctx;
            let case = ctx.store.case_by_reference(&way.reference).await.unwrap().row.id;
            let actions = actions::of_case(ctx, case).await.unwrap();
            actions.iter().any(|it| it.kind == "freeze" && it.state == "acknowledged")
        })
    });
    victim.go(&way.link);
    victim.until("frozen", "return document.querySelectorAll('#freeze .pill').length > 0");
}

fn the_agent_answers(agent: &Browser, victim: &Browser, way: &Way) {
    agent.go(&way.site.at("/console/cases"));
    agent.sees(&way.reference);
    look(agent, "the queue with one case");
    agent.leave(&format!("a.case-row[href='/console/cases/{}']", way.reference));
    agent.leave("#case-top form[action$='/take'] button");
    agent.fill(
        "#answer textarea",
        "请先不要再用这台手机。我看到两笔转账，正在和收款的平台联系，十分钟内再写给您。",
    );
    agent.leave("#answer button[value=answer]");
    agent.sees("十分钟内再写给您");
    assert!(matches!(way.answer_clock(), ClockState::Stopped(_)), "a person's answer stops the clock");
    victim.go(&way.link);
    victim.sees("十分钟内再写给您");
    victim.sees("落实答复中说的事");
    look(victim, "case-phone-zh");
}

/// The victim writes, nobody answers, and the case goes up by itself until the packet is there.
fn nobody_answers_again(victim: &Browser, way: &Way) {
    victim.fill("#text", AGAIN);
    victim.leave("#message button.primary");
    victim.sees("已送达");
    assert_eq!(way.answer_clock(), ClockState::Running, "what the victim writes starts the clock anew");
    way.nobody_until(Level::Lead, 16);
    assert!(matches!(way.answer_clock(), ClockState::Breached(_)), "nobody answered in time");
    victim.go(&way.link);
    victim.sees("客服主管");
    victim.sees("已超期");
    way.nobody_until(Level::ComplaintsOfficer, 16);
    way.nobody_until(Level::Outside, 31);
    let Life::Open { next, .. } = way.case().life else { panic!("nothing closes by itself") };
    assert_eq!(next.task, Task::SendPacket);
    victim.go(&way.link);
    victim.sees("整理材料，交给主管机关");
}

/// The complaints officer looks the packet through, fills in what is missing elsewhere, sends it
/// and notes under which number.
fn the_packet_is_sent(officer: &Browser, way: &Way) {
    on_duty(officer, &way.site);
    officer.go(&way.desk_page());
    // The case came to somebody else, who has every role: whoever looks must say why.
    officer.fill("#reason", WHY);
    officer.leave("form.card button.primary");
    officer.complaints();
    officer.sees(&way.reference);
    look(officer, "the case at the desk");
    officer.leave("#case-top a[href$='/complaints']");
    officer.leave("a.packet-row");
    officer.sees(ACCOUNT);
    look(officer, "cases-packet-en");
    officer.fill("#under", "DEMO-0417");
    officer.leave("form.send button.primary");
    officer.sees("DEMO-0417");
}

fn it_is_closed_with_a_reason(officer: &Browser, way: &Way) {
    officer.go(&way.desk_page());
    officer.click("#close summary");
    officer.click("#close input[value=frozen]");
    officer.fill(
        "#close-reason",
        "第二家平台冻结了 9000 USDT，等待警方手续；其余已经转走。材料已交给主管机关。",
    );
    officer.leave("#close form button.btn");
    officer.sees("第二家平台冻结了");
    officer.leave("#close button[name=sure]");
    officer.sees("Closed");
    assert!(!way.case().is_open());
}

fn the_victim_reads_all_of_it(victim: &Browser, way: &Way) {
    victim.go(&way.link);
    victim.sees("案件已结");
    victim.sees("已被冻结，等待有关方面决定");
    victim.sees("第二家平台冻结了 9000 USDT");
    victim.sees(AGAIN);
    let readers = victim.run("return document.querySelectorAll('#readers li').length");
    assert!(readers.as_u64().unwrap() >= 2, "the agent and the officer both looked: {readers}");
    let names = victim.run("return document.querySelector('#readers').innerText");
    assert!(names.as_str().unwrap().contains(WHY), "why somebody looked is told: {names}");
    assert!(!names.as_str().unwrap().contains("desk.example"), "log-in names are nobody's business");
    look(victim, "case-closed-phone-zh");
}

fn what_may_be_shared_says_little(victim: &Browser, way: &Way) {
    victim.leave("#share button[value=yes]");
    let shared = value(victim, "#shared");
    let friend = phone("en-GB");
    friend.go(&shared);
    friend.sees(&way.reference);
    look(&friend, "status-phone-en");
    let text = friend.text();
    for told in [STORY, AGAIN, "18250", ACCOUNT, "9000"] {
        assert!(!text.contains(told), "the page that is shared says {told}");
    }
    victim.leave("#share button[value=no]");
    friend.go(&shared);
    friend.sees("There is nothing here");
}

/// A link that is wrong and one that is somebody else's look the same.
fn a_wrong_link_says_nothing(victim: &Browser, way: &Way) {
    let mut other = way.link.clone();
    let last = other.pop().unwrap();
    other.push(if last == '0' { '1' } else { '0' });
    let mut texts = Vec::new();
    for wrong in [other, way.site.at("/case/nonsense")] {
        victim.go(&wrong);
        victim.sees("没有这个页面");
        texts.push(victim.text());
    }
    assert_eq!(texts[0], texts[1]);
}

/// The desk that `cargo xtask demo` shows, on every page that has something of it.
#[test]
fn a_busy_desk_is_read_on_every_page() {
    if !wanted() {
        return;
    }
    let files = ["desk", "en", "shifts", "zh"].map(|name| {
        let name = format!("corpus/cases/{name}.jsonl");
        let text = std::fs::read_to_string(common::repository(&name)).unwrap();
        (name, text)
    });
    let script = Script::read(&files).unwrap();
    let end = SystemClock.now();
    let clock = Arc::new(ManualClock::at(end - script.length()));
    let time: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
    let site = Site::start_with(time, |_, _| {});
    let played = site.block_on(rehearsal::play(&site.ctx, &clock, &script, end)).unwrap();
    let case = |id: &str| played.cases.iter().find(|it| it.id == id).unwrap();
    let invitation = site.at(&format!("/console/setup/{}", played.invitation));
    let desk = somebody(&invitation, "Newcomer", "newcomer@desk.example");
    on_duty(&desk, &site);
    let ring = format!("/console/cases/{}", case("zh-ring-1").reference);
    let mine = format!("/case/{}", case("en-c02").link);
    for (page, name) in [
        ("/console/cases?tab=all", "cases-queue-en"),
        (ring.as_str(), "cases-desk-en"),
        ("/console/staffing", "staffing-en"),
        ("/console/actions", "cases-actions-en"),
        ("/console/duty", "cases-duty-en"),
        ("/transparency", "transparency-en"),
        ("/report", "report-en"),
        (mine.as_str(), "case-en"),
        ("/console/cases?tab=all&lang=zh", "cases-queue-zh"),
    ] {
        desk.go(&site.at(page));
        desk.until("the page", "return document.readyState === 'complete'");
        if desk.run("return document.querySelector('#reason') !== null") == json!(true) {
            desk.fill("#reason", "Looking at the demo's campaign");
            desk.leave("form.card button.primary");
            desk.complaints(); // The page that asks for the reason is a refusal until there is one.
        }
        look(&desk, name);
    }
    let victim = phone("zh-CN");
    victim.go(&site.at(&format!("/case/{}", case("zh-ring-1").link)));
    victim.sees("这是第二次骗您");
    look(&victim, "case-busy-phone-zh");
}
