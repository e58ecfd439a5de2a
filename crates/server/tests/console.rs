//! Who gets to see and do what on the pages, without a browser.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may end at once")]

mod common;

use std::sync::Arc;

use common::somebody::Somebody;
use common::{Running, Start, message};
use touchstone_accounts::{Permission, Role, one_may};
use touchstone_server::{Clock, ManualClock};
use touchstone_store::Seq;
use touchstone_types::Lapse;

const FORM: &str = "application/x-www-form-urlencoded";
/// Every page of staff, with the permission it asks for.
const PAGES: [(&str, Option<Permission>); 15] = [
    ("/console", Some(Permission::ReadVerdicts)),
    ("/console/verdicts/demo/m1", Some(Permission::ReadVerdicts)),
    ("/console/campaigns", Some(Permission::ReadVerdicts)),
    ("/console/search?q=x", Some(Permission::ReadVerdicts)),
    ("/console/reviews", Some(Permission::Review)),
    ("/console/reviews/next", Some(Permission::Review)),
    ("/console/labels.jsonl", Some(Permission::ExportLabels)),
    ("/console/cases", Some(Permission::WorkCases)),
    ("/console/cases/together", Some(Permission::WorkCases)),
    ("/console/duty", Some(Permission::WorkCases)),
    ("/console/rules", Some(Permission::ReadPolicy)),
    ("/console/audit", Some(Permission::ReadAudit)),
    ("/console/people", Some(Permission::ManageStaff)),
    ("/console/keys", Some(Permission::ManageKeys)),
    ("/console/account", None),
];

fn site(folder: &tempfile::TempDir) -> Running {
    let site = Running::start(folder.path());
    let mut event =
        message("m1", "eve", "ann", "Lantern support here: send me your 12 word recovery phrase now");
    event["source"] = "demo".into();
    let answer = site.client().post("/v1/events", common::JSON, event.to_string().as_bytes()).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    site
}

#[test]
fn nobody_sees_a_page_of_staff_without_a_session() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(&folder);
    for (path, _) in PAGES.iter().chain(&[("/console/stream", None)]) {
        for cookie in ["", "session=", "session=00", &format!("session={}", "ab".repeat(32))] {
            let answer = site.stranger().request("GET", path, &[("cookie", cookie)], b"").unwrap();
            assert_eq!(answer.status, 303, "{path}");
            assert!(answer.header("location").unwrap().starts_with("/console/login"), "{path}");
        }
    }
    site.stop();
}

#[test]
fn each_role_opens_what_its_permissions_say() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(&folder);
    for role in Role::ALL {
        let somebody = Somebody::joins(&site, role.name(), &[*role]);
        for (path, permission) in PAGES {
            let allowed = permission.is_none_or(|it| one_may(&[*role], it));
            let status = somebody.get(&site, path).status;
            assert_eq!(status == 403, !allowed, "{role} at {path}: {status}");
            assert!(matches!(status, 200 | 303 | 403), "{role} at {path}: {status}");
        }
    }
    site.stop();
}

#[test]
fn a_form_without_its_token_or_from_another_site_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(&folder);
    let boss = Somebody::joins(&site, "boss", Role::ALL);
    let keys = || site.block_on(site.ctx.store.api_keys()).unwrap().len();
    let before = keys();
    let body = format!("csrf={}&name=x&scope=events%3Awrite", boss.csrf);
    let send = |origin: &str, body: &str| {
        let headers = [("cookie", boss.cookie.as_str()), ("content-type", FORM), ("origin", origin)];
        site.stranger().request("POST", "/console/keys", &headers, body.as_bytes()).unwrap().status
    };
    assert_eq!(send("https://evil.example", &body), 403);
    assert_eq!(send("null", &body), 403);
    assert_eq!(send("http://loopback", "name=x&scope=events%3Awrite"), 403);
    assert_eq!(send("http://loopback", &body.replacen("csrf=", "csrf=0", 1)), 403);
    assert_eq!(keys(), before);
    assert_eq!(send("http://loopback", &body), 200);
    assert_eq!(keys(), before + 1);
    site.stop();
}

#[test]
fn pages_let_a_browser_run_nothing_but_our_own_files() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(&folder);
    let boss = Somebody::joins(&site, "boss", Role::ALL);
    for path in
        ["/", "/playground", "/console/login", "/console", "/console/verdicts/demo/m1", "/console/nothing"]
    {
        let answer = boss.get(&site, path);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        for inline in ["<script>", " style=\"", " onclick=", "javascript:"] {
            assert!(!answer.text().contains(inline), "{path} has {inline}");
        }
    }
    let page = boss.get(&site, "/");
    let at = page.text().find("/assets/touchstone.css?v=").unwrap();
    let address: String = page.text()[at..].chars().take_while(|it| *it != '"').collect();
    let asset = site.stranger().get(&address).unwrap();
    assert_eq!((asset.status, asset.header("content-type")), (200, Some("text/css; charset=utf-8")));
    assert!(asset.header("cache-control").unwrap().contains("immutable"));
    site.stop();
}

#[test]
fn two_reviewers_do_not_work_on_the_same_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(&folder);
    let (ann, ben) =
        (Somebody::joins(&site, "ann", &[Role::Analyst]), Somebody::joins(&site, "ben", &[Role::Analyst]));
    ann.post(&site, "/console/verdicts/demo/m1/queue", "");
    let taken = ann.get(&site, "/console/reviews/next");
    assert_eq!(taken.header("location"), Some("/console/reviews/1"));
    ann.get(&site, "/console/reviews/1");
    assert!(ben.get(&site, "/console/reviews/1").text().contains("ann is working on it"));
    assert!(ben.get(&site, "/console/reviews/next").header("location").unwrap().ends_with("/reviews"));
    ben.post(&site, "/console/reviews/1/decide", "decision=confirm");
    let label = || site.block_on(site.ctx.store.review(Seq(1))).unwrap().unwrap().label;
    assert_eq!(label(), None, "who has not taken it decides nothing");
    ann.post(&site, "/console/reviews/1/decide", "decision=overturn");
    assert_eq!(label(), None, "overturning needs a reason");
    ann.post(&site, "/console/reviews/1/decide", "decision=confirm");
    assert!(label().is_some());
    let act = site.block_on(site.ctx.store.acts(None, 1)).unwrap()[0].id;
    assert_eq!(
        ben.post(&site, &format!("/console/acts/{act}/undo"), "").status,
        403,
        "an act of somebody else"
    );
    ann.post(&site, &format!("/console/acts/{act}/undo"), "");
    assert_eq!(label(), None);
    site.stop();
}

#[test]
fn a_session_that_lay_idle_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at("2026-11-21T08:00:00Z".parse().unwrap()));
    let start = Start { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..Start::default() };
    let site = Running::start_with(folder.path(), start);
    let ann = Somebody::joins(&site, "ann", &[Role::Analyst]);
    assert_eq!(ann.get(&site, "/console").status, 200);
    clock.advance(Lapse::from_secs(50 * 60));
    assert_eq!(ann.get(&site, "/console").status, 200, "each request keeps it open");
    clock.advance(Lapse::from_secs(50 * 60));
    assert_eq!(ann.get(&site, "/console").status, 200);
    clock.advance(Lapse::from_secs(61 * 60));
    assert_eq!(ann.get(&site, "/console").status, 303);
    site.stop();
}

#[test]
fn the_playground_judges_every_line_and_keeps_none() {
    let folder = tempfile::tempdir().unwrap();
    let site = Running::start(folder.path());
    let said = "act=say&name=Lantern+Support&handle=lantern_supp0rt&age=1&say=I+am+Lantern+support.+Send+me+your+12+word+recovery+phrase+now";
    let headers = [("content-type", FORM), ("cookie", "lang=en")];
    let answer = site.stranger().request("POST", "/playground", &headers, said.as_bytes()).unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("class=\"alert "), "the other side is warned");
    let nonsense = b"act=say&say=x&state=%7Bnonsense";
    let answer = site.stranger().request("POST", "/playground", &headers, nonsense).unwrap();
    assert!(answer.text().contains("could not be read"));
    assert_eq!(site.block_on(site.ctx.store.last_seq()).unwrap(), Seq::START);
    site.stop();
}

#[test]
fn a_choice_of_language_is_kept_and_goes_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let site = Running::start(folder.path());
    let answer = site.stranger().get("/playground?lang=en&x=1").unwrap();
    assert_eq!((answer.status, answer.header("location")), (303, Some("/playground?x=1")));
    assert!(answer.header("set-cookie").unwrap().starts_with("lang=en;"));
    let body = b"theme=dark&back=https%3A%2F%2Fevil.example";
    let answer = site.stranger().post("/preferences", FORM, body).unwrap();
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    site.stop();
}
