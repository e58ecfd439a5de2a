//! From the victim's button to the operator's systems, with a clock of the test's own: what is done
//! once, what is asked about, when a person is called, and who may do what.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::somebody::Somebody;
use common::{JSON, Running, Start};
use serde_json::{Value, json};
use touchstone_accounts::Role;
use touchstone_connectors::write_secret;
use touchstone_server::actions::{self, ActionError, Given, Wish};
use touchstone_server::receiver::{Receiver, Trouble, router};
use touchstone_server::{Clock, Config, ManualClock};
use touchstone_types::Lapse;

const SECRET: [u8; 32] = [9; 32];

/// A server, the operator's systems beside it, and one clock for both.
struct Site {
    running: Running,
    clock: Arc<ManualClock>,
    told: Arc<Mutex<Vec<String>>>,
    to: std::net::SocketAddr,
}

impl Site {
    fn start(folder: &Path, trouble: Trouble) -> Self {
        let clock = Arc::new(ManualClock::at("2026-11-24T04:00:00Z".parse().unwrap()));
        // Taken first, so that the server knows where to call.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let to = listener.local_addr().unwrap();
        let secret = folder.join("actions.secret");
        std::fs::write(&secret, write_secret(&SECRET)).unwrap();
        let mut config = Config::default();
        config.actions.url = Some(format!("http://{to}/"));
        config.actions.secret_file = Some(secret);
        config.actions.call_seconds = 1;
        let running = Running::start_with(
            folder,
            Start { config, clock: Arc::clone(&clock) as Arc<dyn Clock>, ..Start::default() },
        );
        let site = Self { running, clock, told: Arc::default(), to };
        site.receive(folder, trouble, listener);
        site
    }

    fn receive(&self, folder: &Path, trouble: Trouble, listener: std::net::TcpListener) {
        let told = Arc::clone(&self.told);
        let tell = Box::new(move |line: &str| told.lock().unwrap().push(line.to_owned()));
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let receiver =
            Receiver::open(SECRET.to_vec(), &folder.join("receiver"), clock, trouble, tell).unwrap();
        listener.set_nonblocking(true).unwrap();
        self.running.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            tokio::spawn(async move { axum::serve(listener, router(receiver)).await.unwrap() });
        });
    }

    /// A case of a user whom the operator's key vouches for, or of anybody; the token in its link.
    fn reported(&self, user: Option<&str>, account: &str) -> (String, String) {
        let mut body = json!({
            "kind": "stolen_wallet", "language": "en", "country": "SG", "happened_from": "2026-11-24T03:30:00Z",
            "story": "A support account asked me to install an app; an hour later it was gone.",
            "account": account, "contact": { "email": "reader@mail.example" },
            "losses": [{ "asset": "USDT", "chain": "tron", "amount": "1250.50" }],
        });
        if let Some(user) = user {
            body["user"] = user.into();
        }
        let answer = self.running.client().post("/v1/reports", JSON, body.to_string().as_bytes()).unwrap();
        assert!(answer.status < 300, "{}", answer.text());
        let answer = answer.json();
        let text = |it: &Value| it.as_str().unwrap().to_owned();
        (text(&answer["token"]), text(&answer["case"]["reference"]))
    }

    fn press(&self, token: &str) -> String {
        let path = format!("/case/{token}/freeze");
        let answer = self.running.stranger().post(&path, "application/x-www-form-urlencoded", b"").unwrap();
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("location").unwrap().to_owned()
    }

    /// The actions of a case: kind and state.
    fn actions(&self, reference: &str) -> Vec<(String, String)> {
        self.running.block_on(async {
            let ctx = &self.running.ctx;
            let case = ctx.store.case_by_reference(reference).await.unwrap().row.id;
            let views = actions::of_case(ctx, case).await.unwrap();
            views.into_iter().map(|it| (it.kind.to_owned(), it.state.to_owned())).collect()
        })
    }

    fn id(&self, reference: &str, kind: &str) -> String {
        self.running.block_on(async {
            let ctx = &self.running.ctx;
            let case = ctx.store.case_by_reference(reference).await.unwrap().row.id;
            let views = actions::of_case(ctx, case).await.unwrap();
            views.into_iter().find(|it| it.kind == kind).unwrap().id
        })
    }

    /// Calls to people because of an action, seen or not.
    fn pages(&self) -> usize {
        self.running.block_on(async {
            let pages = self.running.ctx.store.open_pages(&[0, 1, 2, 3], "", 100).await.unwrap();
            pages.iter().filter(|it| it.why == "action").count()
        })
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < Duration::from_secs(60), "{what}; {:?}", self.told.lock().unwrap());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Lets the test's clock run until something holds.
    fn later_until(&self, what: &str, holds: impl Fn() -> bool) {
        self.until(what, || {
            self.clock.advance(Lapse::from_secs(1));
            std::thread::sleep(Duration::from_millis(60));
            holds()
        });
    }

    /// What the other side has.
    fn there(&self) -> Value {
        let mut client = common::http::Client::connect(self.to).unwrap();
        client.get("/").unwrap().json()
    }
}

fn is(actions: &[(String, String)], kind: &str, state: &str) -> bool {
    actions.iter().any(|it| it.0 == kind && it.1 == state)
}

#[test]
fn a_victim_freezes_in_one_step_once_and_the_freeze_ends_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(folder.path(), Trouble::default());
    let (token, case) = site.reported(Some("u-1"), "u-1");
    for _ in 0..3 {
        assert!(site.press(&token).contains("said=froze"));
    }
    site.until("it is done", || {
        let all = site.actions(&case);
        is(&all, "freeze", "acknowledged") && is(&all, "revoke_sessions", "acknowledged")
    });
    assert_eq!(site.actions(&case).len(), 2, "pressed thrice, done once");
    let there = site.there();
    assert_eq!(there["frozen"]["u-1"].as_array().unwrap().len(), 1);
    assert_eq!(there["logged_out"]["u-1"], 1);
    let page = site.running.stranger().get(&format!("/case/{token}")).unwrap();
    assert!(page.text().contains("id=\"freeze\""));
    site.clock.advance(Lapse::from_secs(24 * 3_600));
    site.until("it has ended", || {
        let all = site.actions(&case);
        is(&all, "freeze", "lapsed") && is(&all, "unfreeze", "acknowledged")
    });
    assert_eq!(site.there()["frozen"], json!({}));
    assert_eq!(site.pages(), 0);
    site.running.stop();
}

#[test]
fn whoever_proves_nothing_freezes_an_account_for_two_hours_once_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(folder.path(), Trouble::default());
    let (first, case) = site.reported(None, "u-7");
    assert!(site.press(&first).contains("said=froze"));
    site.until("it is done", || is(&site.actions(&case), "freeze", "acknowledged"));
    assert_eq!(site.actions(&case).len(), 1, "sessions are not theirs to end");
    site.clock.advance(Lapse::from_secs(2 * 3_600));
    site.until("it has ended", || is(&site.actions(&case), "unfreeze", "acknowledged"));
    let (second, _) = site.reported(None, "u-7");
    assert!(site.press(&second).contains("wrong=wrong-action-enough-today"));
    let (other, _) = site.reported(None, "u-8");
    assert!(site.press(&other).contains("said=froze"), "another account");
    site.clock.advance(Lapse::from_secs(22 * 3_600 + 1));
    assert!(site.press(&second).contains("said=froze"), "another day");
    let wrong = format!("/case/{}/freeze", "0".repeat(64));
    let answer = site.running.stranger().post(&wrong, "application/x-www-form-urlencoded", b"").unwrap();
    assert_eq!(answer.status, 404);
}

#[test]
fn of_many_who_press_at_once_one_is_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(folder.path(), Trouble::default());
    let (token, case) = site.reported(Some("u-1"), "u-1");
    let all_at_once = |tokens: &[String]| -> Vec<String> {
        std::thread::scope(|scope| {
            let presses: Vec<_> = tokens.iter().map(|it| scope.spawn(|| site.press(it))).collect();
            presses.into_iter().map(|it| it.join().unwrap()).collect()
        })
    };
    let said = all_at_once(&vec![token; 8]);
    assert!(said.iter().all(|it| it.contains("said=froze")), "{said:?}");
    assert_eq!(site.actions(&case).iter().filter(|it| it.0 == "freeze").count(), 1, "of one case");
    // Cases are written side by side; what is counted is the account, which nobody proved to own.
    let tokens: Vec<String> = (0..6).map(|_| site.reported(None, "u-9").0).collect();
    let said = all_at_once(&tokens);
    let froze = said.iter().filter(|it| it.contains("said=froze")).count();
    let enough = said.iter().filter(|it| it.contains("wrong=wrong-action-enough-today")).count();
    assert_eq!((froze, enough), (1, 5), "{said:?}");
}

#[test]
fn silence_calls_one_person_after_half_a_minute_and_is_asked_about_before_it_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(folder.path(), Trouble { silent: true, ..Trouble::default() });
    let (token, case) = site.reported(Some("u-1"), "u-1");
    site.press(&token);
    site.until("it was heard", || site.there()["frozen"]["u-1"].is_array());
    site.clock.advance(Lapse::from_secs(29));
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(site.pages(), 0, "not yet");
    site.later_until("somebody is called", || site.pages() == 1);
    let freeze = site.id(&case, "freeze");
    let about = format!("asked about {freeze}");
    site.later_until("it is asked what became of it", || {
        site.told.lock().unwrap().iter().any(|it| it.starts_with(&about))
    });
    for _ in 0..20 {
        site.clock.advance(Lapse::from_secs(10));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(site.pages(), 1, "nobody is called twice");
    let told = site.told.lock().unwrap().clone();
    let asked = told.iter().filter(|it| it.starts_with("action.freeze") || it.contains("again")).count();
    assert_eq!(asked, 1, "it is asked what became of it, not asked again: {told:?}");
    // The operator's systems say so by themselves in the end, and say it twice.
    for _ in 0..2 {
        let path = format!("/v1/actions/{freeze}/ack");
        let answer = site.running.client().post(&path, JSON, b"{\"status\":\"done\"}").unwrap();
        assert_eq!((answer.status, answer.json()["state"].as_str()), (200, Some("acknowledged")));
    }
    let path = format!("/v1/actions/{freeze}/undo");
    let short = site.running.client().post(&path, JSON, b"{\"proof\":\"ok\"}").unwrap();
    assert_eq!(short.status, 400);
    let proof = b"{\"proof\":\"came to the counter with a passport\"}";
    // An answer on its way, or somebody else who ends it, does not get in between.
    let undo = || site.running.client().post(&path, JSON, proof).unwrap();
    let mut undone =
        std::thread::scope(|scope| [(); 4].map(|()| scope.spawn(undo)).map(|it| it.join().unwrap().status));
    undone.sort_unstable();
    assert_eq!(undone, [200, 409, 409, 409]);
    assert_eq!(undo().json()["detail"], "it does not fit how the action stands");
    site.until("the other side opens it", || site.there()["frozen"] == json!({}));
}

#[test]
fn what_fails_is_tried_until_it_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(folder.path(), Trouble { fail: 5, ..Trouble::default() });
    let (token, case) = site.reported(Some("u-1"), "u-1");
    site.press(&token);
    site.later_until("it is done", || {
        let all = site.actions(&case);
        is(&all, "freeze", "acknowledged") && is(&all, "revoke_sessions", "acknowledged")
    });
    assert_eq!(site.there()["logged_out"]["u-1"], 1);
}

#[test]
fn above_a_limit_another_person_agrees_and_a_trial_reaches_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(folder.path(), Trouble::default());
    let (_, case) = site.reported(Some("u-1"), "u-1");
    let people = [("ann", Role::Agent), ("bob", Role::Agent), ("leo", Role::Lead), ("ada", Role::Analyst)];
    let joined: Vec<Somebody> =
        people.iter().map(|(login, role)| Somebody::joins(&site.running, login, &[*role])).collect();
    let ctx = site.running.ctx.clone();
    site.running.block_on(async {
        let member = async |login: &str| ctx.store.member_by_login(login).await.unwrap();
        let open = touchstone_server::cases::flow::open_by_reference(&ctx, &case).await.unwrap();
        let ann = member("ann").await;
        let ask = async |wish: Wish, trial| {
            actions::by_staff(&ctx, &ann, &open, wish, None, "as agreed", trial).await
        };
        let refund = |text: &str| Wish::Refund(text.parse().unwrap());
        assert!(matches!(ask(refund("50 USDT"), false).await, Ok(Given::Allowed)));
        assert!(matches!(ask(refund("501 USDT"), false).await, Err(ActionError::NotAuthorised(_))));
        let Ok(Given::WaitsForSecond(id)) = ask(refund("51 USDT"), false).await else { panic!() };
        assert!(actions::approve(&ctx, &ann, id, true).await.is_err(), "the same person");
        assert!(actions::approve(&ctx, &member("ada").await, id, true).await.is_err(), "without the power");
        assert!(matches!(actions::approve(&ctx, &member("bob").await, id, true).await, Ok(Given::Allowed)));
        assert!(actions::approve(&ctx, &member("leo").await, id, true).await.is_err(), "it is decided");
        let Ok(Given::WaitsForSecond(late)) = ask(refund("52 USDT"), false).await else { panic!() };
        site.clock.advance(Lapse::from_secs(1_801));
        assert!(actions::approve(&ctx, &member("leo").await, late, true).await.is_err(), "it has lapsed");
        let Ok(Given::Asked(trial)) = ask(Wish::Freeze, true).await else { panic!() };
        assert!(trial.simulated);
        let nothing = actions::by_staff(&ctx, &ann, &open, Wish::Freeze, None, " ", false).await;
        assert!(matches!(nothing, Err(ActionError::NeedsReason)));
    });
    site.until("the trial has run", || is(&site.actions(&case), "freeze", "acknowledged"));
    assert_eq!(site.there()["actions"], 0, "nobody heard of it");
    let page = joined[0].get(&site.running, "/console/actions");
    assert!(page.status == 200 && page.text().contains(&case), "{}", page.text());
    assert_eq!(joined[3].get(&site.running, "/console/actions").status, 403);
}

#[test]
fn a_refusal_stays_in_sight_until_somebody_lets_it_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start(folder.path(), Trouble { silent: true, ..Trouble::default() });
    let (token, case) = site.reported(Some("u-1"), "u-1");
    site.press(&token);
    site.until("it is under way", || site.there()["frozen"]["u-1"].is_array());
    let freeze = site.id(&case, "freeze");
    let path = format!("/v1/actions/{freeze}/ack");
    let no = b"{\"status\":\"refused\",\"reason\":\"no such account\"}";
    assert_eq!(site.running.client().post(&path, JSON, no).unwrap().status, 200);
    assert_eq!(site.pages(), 1, "a person is called at once");
    let ann = Somebody::joins(&site.running, "ann", &[Role::Agent]);
    let page = ann.get(&site.running, "/console/actions");
    assert!(page.text().contains("no such account") && page.text().contains("/retry"));
    let answer = ann.post(&site.running, &format!("/console/actions/{freeze}/retry"), "");
    assert_eq!(answer.status, 303, "{}", answer.text());
    site.until("it is asked again", || !is(&site.actions(&case), "freeze", "refused"));
    let one = ann.get(&site.running, &format!("/console/actions/{freeze}"));
    assert!(one.status == 200 && one.text().contains(&freeze));
}
