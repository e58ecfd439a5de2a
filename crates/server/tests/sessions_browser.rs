//! A live conversation in two real browsers: the user's on a phone, the agent's at a desk.
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

use std::sync::Arc;

use common::http::Client;
use driver::Browser;
use serde_json::{Value, json};
use site::{phone, wanted};
use touchstone_registry::statement::{KeyUse, Revoked, StatedIdentity, StatedKey, StatedOrganisation};
use touchstone_registry::{Fact, IdentityKind, Statement};
use touchstone_server::{SystemClock, registry};
use touchstone_signed_log::SigningKey;
use touchstone_types::{Bilingual, Lapse, Moment};

const VECTORS: &str = include_str!("../../registry/tests/vectors/sessions.json");
const ORIGIN: &str = "log.harbour.example";
const NONCE: &str = "q6s1mF0Z3sPq1J1b8o4m7sQ2v5y8B0E3H6K9N2Q5T8U=";

/// A server of its own with a log that lists one agent.
struct Site(site::Site);

impl std::ops::Deref for Site {
    type Target = site::Site;
    fn deref(&self) -> &site::Site {
        &self.0
    }
}

fn both(zh: &str, en: &str) -> Bilingual {
    Bilingual { zh: zh.into(), en: en.into() }
}

fn statements(now: Moment) -> Vec<Statement> {
    let sessions = SigningKey::from_seed("log.harbour.example/sessions", &[8; 32]).unwrap();
    let year = now + Lapse::from_secs(365 * 86_400);
    vec![
        Statement::Key(StatedKey {
            uses: KeyUse::Sessions,
            key: sessions.verifier().to_string(),
            from: now,
            until: year,
            at: now,
        }),
        Statement::Organisation(StatedOrganisation {
            id: "harbour".into(),
            name: both("海港钱包", "Harbour Wallet"),
            facts: vec![Fact::NeverWritesFirst, Fact::NeverAsksForRecoveryPhrase, Fact::CannotFreezeWallet],
            ways_in: vec![both("应用内「帮助」", "“Help” in the app")],
            owned_domains: vec![],
            at: now,
        }),
        Statement::Identity(Box::new(StatedIdentity {
            id: "agent-lin".into(),
            organisation: "harbour".into(),
            kind: IdentityKind::Agent,
            value: "林静 Lin".into(),
            platform: None,
            account: None,
            chain: None,
            certificate: None,
            files: vec![],
            newest_safe: None,
            purposes: vec!["answers tickets".into(), "explains fees".into()],
            languages: vec!["zh".into(), "en".into()],
            role: Some("support agent".into()),
            proofs: vec![],
            reviewers: vec![],
            from: now,
            until: year,
            at: now,
        })),
    ]
}

impl Site {
    fn start() -> Self {
        let site = site::Site::start_with(Arc::new(SystemClock), |config, folder| {
            config.log = Some(site::log(folder, ORIGIN));
        });
        let site = Self(site);
        site.publish(statements(site.ctx.clock.now()));
        site
    }

    fn publish(&self, statements: Vec<Statement>) {
        self.block_on(registry::publish(&self.ctx, statements, "test")).unwrap();
    }

    /// What the operator's own app asks for its user.
    fn begin(&self, case: &str) -> Value {
        let body = json!({ "user": "u-17", "case": case, "channel": "phone", "user_nonce": NONCE });
        let answer = self.client().post("/v1/sessions", common::JSON, body.to_string().as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    fn send(&self, session: &str, text: &str) {
        let path = format!("/v1/sessions/{session}/messages");
        let body = json!({ "text": text }).to_string();
        let answer = self.client().post(&path, common::JSON, body.as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    fn current(&self, token: &str) -> Value {
        let address = ([127, 0, 0, 1], self.port).into();
        Client::connect(address).unwrap().with_key(token).get("/v1/sessions/current").unwrap().json()
    }
}

/// The pictures that `docs/img/` shows.
const PICTURES: [&str; 4] =
    ["session-verified-phone-zh", "session-none-phone-en", "session-desk-en", "announcements-zh"];

fn look(browser: &Browser, name: &str) {
    site::look(browser, name, &PICTURES);
}

/// The first of the staff has every role.
fn agent_at_the_desk(site: &Site) -> Browser {
    let desk = Browser::start("en-GB");
    desk.add_authenticator();
    desk.go(&site.first_invitation());
    desk.sees("Welcome");
    desk.fill("#name", "Duty desk");
    desk.fill("#login", "lin@desk.example");
    desk.click("[data-passkey]");
    desk.arrives("/console");
    desk
}

/// Sets the browser's language and opens the user's page anew.
fn open_page(browser: &Browser, site: &Site, page: &str) {
    browser.go(&site.at("/assets/mark.svg"));
    browser.go(page);
}

#[test]
fn a_user_learns_who_is_talking_and_an_impostor_is_found_out() {
    if !wanted() {
        return;
    }
    let site = Site::start();
    let (user, desk) = (phone("zh-CN"), agent_at_the_desk(&site));
    nobody_talks_without_a_session(&user, &site);
    the_agent_is_bound(&desk);
    let begun = site.begin("C-2041");
    let (page, token) = (begun["page"].as_str().unwrap().to_owned(), begun["user_token"].as_str().unwrap());
    the_phrase_waits(&user, &site, &begun);
    the_agent_takes_it(&desk, &begun);
    the_proof_is_verified(&user);
    an_altered_proof_is_refused(&user, &site, token);
    a_server_that_says_other_than_the_log_is_refused(&user, &site, token);
    another_users_proof_is_refused(&user, &site, &page);
    messages_are_told_apart(&user, &site, &begun);
    the_conversation_is_handed_over_and_ends(&user, &desk, &site, &begun);
    a_revoked_agent_is_verified_no_longer(&user, &desk, &site);
}

fn nobody_talks_without_a_session(user: &Browser, site: &Site) {
    user.go(&site.at("/session"));
    user.sees("我们现在没有与您通话");
    user.sees("请立即结束对话");
    look(user, "session-none-phone-zh");
    open_page(user, site, &site.at(&format!("/session#{}.{}", "0".repeat(64), "A".repeat(43))));
    user.sees("我们现在没有与您通话");
}

fn the_agent_is_bound(desk: &Browser) {
    desk.click("a[href='/console/sessions']");
    desk.sees("bound to no listed agent");
    desk.run("document.querySelector('select[name=agent]').value = '林静 Lin'");
    desk.leave("form[action='/console/sessions/agents'] button");
    desk.sees("You are 林静 Lin");
    desk.sees("Nobody is waiting");
    look(desk, "sessions-empty-en");
}

fn the_phrase_waits(user: &Browser, site: &Site, begun: &Value) {
    open_page(user, site, begun["page"].as_str().unwrap());
    user.sees("客服必须先说出这句话");
    user.sees(begun["phrase"]["zh"].as_str().unwrap());
    user.sees(begun["phrase"]["en"].as_str().unwrap());
    user.sees("对方说不出来，就请挂断");
    user.sees("正在等待客服接手");
    look(user, "session-waiting-phone-zh");
}

fn the_agent_takes_it(desk: &Browser, begun: &Value) {
    desk.until(
        "the list follows",
        "return [...document.querySelectorAll('.talk-row')].some((it) => it.innerText.includes('C-2041'))",
    );
    look(desk, "sessions-en");
    desk.leave(".talk-row");
    let phrase = begun["phrase"]["en"].as_str().unwrap();
    assert!(!desk.text().contains(phrase), "the phrase is for the one who took it");
    look(desk, "session-take-en");
    desk.run("document.querySelector('#purpose').value = 'answers tickets'");
    desk.leave("[data-take] button");
    desk.sees("Say this to the user first");
    desk.sees(phrase);
    look(desk, "session-desk-en");
}

fn the_proof_is_verified(user: &Browser) {
    user.sees("已核实");
    user.sees("林静 Lin · support agent · 海港钱包");
    user.sees("answers tickets");
    user.sees("海港钱包从不索要助记词或私钥");
    user.sees("由您的浏览器在公开日志的快照");
    user.sees("不会要求转账");
    look(user, "session-verified-phone-zh");
    user.resize(1280, 900);
    look(user, "session-verified-desk-zh");
    user.resize(390, 844);
}

/// Gives the page another answer than the server's, as someone in between would.
fn tamper(user: &Browser, site: &Site, page: &str, change: &str, current: &Value) {
    open_page(user, site, page);
    user.sees("已核实");
    let script = format!(
        "const now = {current}; {change}; const real = window.fetch; window.fetch = async (where, how) => \
         String(where).startsWith('/v1/sessions/current') ? new Response(new ReadableStream({{ start: (it) => it.enqueue(new TextEncoder().encode(`event: now\\ndata: ${{JSON.stringify(now)}}\\n\\n`)) }})) : real(where, how); \
         const module = await import(document.querySelector('script[src*=\"session.js\"]').src + '&again=1');"
    );
    user.run_later(&script);
}

fn an_altered_proof_is_refused(user: &Browser, site: &Site, token: &str) {
    let current = site.current(token);
    assert_eq!(current["state"], "live");
    let page = user.url();
    let text = "now.proof.session.text";
    for (change, said) in [
        (format!("{text} = {text}.replace('answers tickets', 'explains fees')"), "可能被人改动过"),
        (format!("{text} = {text}.replace('{{', '{{ ')"), "无法核对"),
        (format!("{text} = {text}.replaceAll('林静 Lin', '林静')"), "可能被人改动过"),
        (
            "[now.proof.agent_key, now.proof.session] = [now.proof.session, now.proof.agent_key]".to_owned(),
            "无法核对",
        ),
    ] {
        tamper(user, site, &page, &change, &current);
        is_refused(user, said);
    }
    look(user, "session-broken-phone-zh");
}

fn is_refused(user: &Browser, said: &str) {
    user.sees("无法证明对方是我们的客服");
    user.sees(said);
    assert_eq!(user.run("return document.querySelector('#proven').hidden"), json!(true));
}

/// All that a server can make without the log's key: a sessions key of its own, an agent's key
/// certified with it, and a session that holds in itself, for a purpose that nobody listed.
const FORGED: &str = r"
const pair = async () => {
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']);
  const raw = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))));
  return { raw, privateKey };
};
const sign = async (key, line, value) => {
  const text = `${line}\n${JSON.stringify(value)}`;
  const made = await crypto.subtle.sign({ name: 'Ed25519' }, key.privateKey, new TextEncoder().encode(text));
  return { text, signature: btoa(String.fromCharCode(...new Uint8Array(made))) };
};
const said = (it) => JSON.parse(it.text.slice(it.text.indexOf('\n') + 1));
const [sessions, agent] = [await pair(), await pair()];
now.proof.agent_key = await sign(sessions, 'touchstone agent key 1', { ...said(now.proof.agent_key), key: agent.raw });
now.proof.session = await sign(agent, 'touchstone session 1', { ...said(now.proof.session), purposes: ['moves funds'] });
now.keys[0].key = sessions.raw;
now.agents[0].purposes.push('moves funds');
";

fn a_server_that_says_other_than_the_log_is_refused(user: &Browser, site: &Site, token: &str) {
    let current = site.current(token);
    let page = user.url();
    let differs = "与公开日志里的不一致";
    for (change, said) in [
        (FORGED, differs),
        ("now.keys[0].key = btoa('a key that the log never named..')", differs),
        ("now.keys[0].until = '2099-01-01T00:00:00Z'", differs),
        ("now.keys = []", differs),
        ("now.agents[0].purposes.push('moves funds')", differs),
        ("now.agents[0].organisation.zh = '海港银行'", differs),
        ("now.agents[0].revoked = '2026-01-01T00:00:00Z'", differs),
        ("now.agents = []", differs),
        (
            "const web = window.fetch; window.fetch = async (where, how) => \
             String(where).startsWith('/log/') ? new Response('', { status: 404 }) : web(where, how)",
            "公开日志现在无法核对",
        ),
    ] {
        tamper(user, site, &page, change, &current);
        is_refused(user, said);
    }
    look(user, "session-log-unproven-phone-zh");
}

fn another_users_proof_is_refused(user: &Browser, site: &Site, page: &str) {
    let (address, fragment) = page.split_once('#').unwrap();
    let (token, _) = fragment.split_once('.').unwrap();
    open_page(user, site, &format!("{address}#{token}.{}", "B".repeat(42) + "A"));
    user.sees("不是给您的");
    look(user, "session-other-user-zh");
}

fn messages_are_told_apart(user: &Browser, site: &Site, begun: &Value) {
    let session = begun["session"].as_str().unwrap();
    site.send(session, "您好，您的工单 C-2041 已由林静接手。\n我们不会索要助记词。");
    open_page(user, site, begun["page"].as_str().unwrap());
    user.sees("已核实");
    let check = |text: &str, answer: &str| {
        user.run(&format!("document.querySelector('#message').value = {}", Value::from(text)));
        user.click("#check button");
        user.until(answer, &format!("return !document.querySelector('#checked').hidden && document.querySelector('#checked').dataset.answer === {}", Value::from(answer)));
    };
    check("  您好，您的工单 C-2041 已由林静接手。\r\n我们不会索要助记词。  ", "sent");
    user.sees("内容一字未改");
    look(user, "session-message-sent-zh");
    user.run("document.querySelector('#checked').hidden = true");
    check("您好，您的工单 C-2041 已由林静接手。\n请发助记词。", "not_sent");
    user.sees("请不要照它说的做");
    look(user, "session-message-not-sent-zh");
    let asked = user.run("return performance.getEntriesByType('resource').map((it) => it.name).filter((it) => it.includes('/v1/messages'))");
    assert_eq!(asked, json!([]), "what is pasted stays in the browser");
}

fn the_conversation_is_handed_over_and_ends(user: &Browser, desk: &Browser, site: &Site, begun: &Value) {
    let before = begun["phrase"]["zh"].as_str().unwrap();
    desk.fill("#reason", "needs the wallet team");
    desk.leave("[value=hand_over]");
    desk.sees("the user sees a new phrase");
    user.sees("正在等待客服接手");
    user.until("a new phrase", &format!("return !document.body.innerText.includes({})", Value::from(before)));
    desk.until("it waits again", "return document.querySelectorAll('.talk-row').length === 1");
    desk.leave(".talk-row");
    desk.leave("[data-take] button");
    desk.sees("Say this to the user first");
    user.sees("已核实");
    desk.fill("#reason", "solved");
    desk.leave("[value=end]");
    desk.sees("Nobody is waiting");
    user.sees("我们现在没有与您通话");
    user.sees("客服已结束这次会话");
    assert_eq!(site.current(begun["user_token"].as_str().unwrap())["over"], "ended_by_staff");
}

fn a_revoked_agent_is_verified_no_longer(user: &Browser, desk: &Browser, site: &Site) {
    let begun = site.begin("");
    open_page(user, site, begun["page"].as_str().unwrap());
    desk.until("it waits", "return document.querySelectorAll('.talk-row').length === 1");
    desk.leave(".talk-row");
    desk.leave("[data-take] button");
    user.sees("已核实");
    site.publish(vec![Statement::Revoked(Revoked {
        identity: "agent-lin".into(),
        reason: both("账号被盗", "the account was taken over"),
        at: site.ctx.clock.now(),
    })]);
    user.sees("正在等待客服接手");
    assert_eq!(site.current(begun["user_token"].as_str().unwrap())["state"], "waiting");
    user.click("#end button");
    user.sees("您已结束这次会话");
}

#[test]
fn a_browser_gives_the_answers_of_the_vectors() {
    if !wanted() {
        return;
    }
    let site = Site::start();
    let browser = phone("en-GB");
    browser.go(&site.at("/session"));
    browser.sees("We are not talking to you now");
    look(&browser, "session-none-phone-en");
    let script = format!(
        "const all = {VECTORS}; const url = document.querySelector('script[src*=\"session.js\"]').src.replace(/session\\.js.*/, 'proofs.js'); \
         const {{ verify, readInbox, findMessage, messageHash, inboxOf, bytes, base64 }} = await import(url); const wrong = []; \
         const name = (cause) => cause.name; \
         for (const it of all.sessions) {{ const got = await verify(it.proof, {{ now: Date.parse(it.now), userNonce: bytes(it.user_nonce), case: it.case, channel: it.channel, keys: it.keys, agents: it.agents }}).then(() => 'verified', name); if (got !== it.expect) wrong.push([it.name, got, it.expect]); }} \
         for (const it of all.messages) {{ const got = await readInbox(it.entries, bytes(it.inbox), it.keys, Date.parse(it.now)).then((read) => findMessage(read, it.text)).then((found) => found?.n ?? null, name); if (got !== it.expect) wrong.push([it.name, got, it.expect]); }} \
         for (const it of all.hashes) {{ const inbox = await inboxOf(it.user); const got = base64(await messageHash(inbox, bytes(it.salt), it.text)); if (base64(inbox) !== it.inbox || got !== it.hash) wrong.push([it.text, got]); }} \
         window.wrong = [all.sessions.length, all.messages.length, all.hashes.length, wrong];"
    );
    browser.run_later(&script);
    browser.until("all vectors", "return Array.isArray(window.wrong)");
    assert_eq!(browser.run("return window.wrong"), json!([28, 13, 5, []]));
}

#[test]
fn an_urgent_announcement_needs_two_and_is_in_the_log() {
    if !wanted() {
        return;
    }
    let site = Site::start();
    let desk = agent_at_the_desk(&site);
    desk.go(&site.at("/console/announcements"));
    look(&desk, "announcements-console-en");
    desk.run("document.querySelector('#severity').value = 'urgent'");
    desk.fill("#title_zh", "有人冒充我们的客服打电话");
    desk.fill("#text_zh", "我们从不主动来电。接到电话请直接挂断。");
    desk.fill("#title_en", "Somebody phones in our name");
    desk.fill("#text_en", "We never phone first. Please hang up.");
    desk.leave("form[action='/console/announcements'] .primary");
    desk.sees("Somebody else must agree");
    assert_eq!(
        desk.run(
            "return document.querySelector('#publish') === null && document.querySelector('#agree') === null"
        ),
        json!(true)
    );
    look(&desk, "announcement-draft-en");
    let id = desk.url().rsplit('/').next().unwrap().to_owned();
    site.block_on(site.ctx.store.approve_announcement(&id, "lea", site.ctx.clock.now())).unwrap();
    desk.go(&site.at(&format!("/console/announcements/{id}")));
    desk.leave("#publish");
    desk.sees("It is in the public log");
    let reader = phone("zh-CN");
    reader.go(&site.at("/announcements"));
    reader.sees("有人冒充我们的客服打电话");
    look(&reader, "announcements-phone-zh");
    let shown = site.client().get("/v1/announcements").unwrap().json();
    let proof = site.client().get(&format!("/log/proof/{}", shown[0]["index"])).unwrap();
    assert!(proof.status == 200 && proof.text().starts_with("c2sp.org/tlog-proof@"), "{}", proof.text());
    desk.fill("#why", "The number is switched off.");
    desk.leave("#withdraw");
    desk.sees("withdrawn");
    reader.go(&site.at("/announcements"));
    reader.sees("已撤回");
    reader.resize(1280, 900);
    look(&reader, "announcements-zh");
    let feed = site.client().get("/announcements/feed.atom").unwrap();
    assert!(
        feed.text().contains("<category term=\"urgent\"/>")
            && feed.text().contains("The number is switched off."),
        "{}",
        feed.text()
    );
}
