//! Cases through every way that leads to them: what was acknowledged is there, time is not
//! forgotten, and whoever looks is seen.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it did not expect")]

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use touchstone_accounts::Role;
use touchstone_cases::{Event, Level, Outcome, RawReport, Report, Staff, Task};
use touchstone_server::cases::flow::{self, FlowError};
use touchstone_server::cases::{By, Doing, Incoming, Intake, Open, Receipt, by_staff};
use touchstone_server::{Ctx, ManualClock};
use touchstone_store::{CaseDeed, EntryKind, Invitation, Member, NewMember};
use touchstone_types::{Lapse, Moment};

mod common;

use common::{Running, Start, killed};

const CHILD: &str = "TOUCHSTONE_TEST_CASES_CHILD";

fn noon() -> Moment {
    "2026-11-23T04:00:00Z".parse().unwrap() // A Monday at noon in Shanghai.
}

fn minutes(n: u64) -> Lapse {
    Lapse::from_secs(n * 60)
}

/// A server with a clock that stands still.
struct Site {
    running: Running,
    clock: Arc<ManualClock>,
    _folder: tempfile::TempDir,
}

impl Site {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(noon()));
        let running = Self::at(folder.path(), &clock);
        Self { running, clock, _folder: folder }
    }

    fn at(folder: &Path, clock: &Arc<ManualClock>) -> Running {
        let start = Start::default();
        let time: Arc<dyn touchstone_server::Clock> = Arc::<ManualClock>::clone(clock);
        Running::start_with(folder, Start { clock: time, ..start })
    }

    fn ctx(&self) -> &Ctx {
        &self.running.ctx
    }

    /// Lets time pass and waits until what it brings is on disk.
    fn pass(&self, by: Lapse, id: i64, what: impl Fn(&Open) -> bool) -> Open {
        self.clock.advance(by);
        self.ctx().cases.changed();
        self.until(id, what)
    }

    fn until(&self, id: i64, what: impl Fn(&Open) -> bool) -> Open {
        let begun = Instant::now();
        loop {
            let open = self.running.block_on(flow::open(self.ctx(), id)).unwrap();
            if what(&open) {
                return open;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{open:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn join(&self, n: u8, login: &str, roles: &[Role], skills: &[&str], on_duty: bool) -> Member {
        let (store, now) = (&self.ctx().store, noon());
        self.running.block_on(async {
            let invitation = Invitation {
                token_hash: [n; 32],
                roles: roles.to_vec(),
                made_by: "system".into(),
                created: now,
                expires: now + minutes(600),
                used: None,
            };
            store.invite(&invitation).await.unwrap();
            let new = NewMember { login, name: login, language: "zh", credentials: &[] };
            store.join(&[n; 32], &new, now).await.unwrap();
            let member = store.member_by_login(login).await.unwrap();
            let skills: Vec<String> = skills.iter().map(|it| (*it).to_owned()).collect();
            store.set_skills(member.id, &skills, "lea", now).await.unwrap();
            if on_duty {
                store.set_duty(member.id, Some(now + minutes(100_000)), login, now).await.unwrap();
            }
            member
        })
    }

    fn by(&self, member: &Member) -> By {
        self.running.block_on(by_staff(self.ctx(), member)).unwrap()
    }

    fn report(&self, story: &str) -> Receipt {
        self.running.block_on(flow::report(self.ctx(), told(self.ctx(), story), page())).unwrap()
    }

    /// The page of the victim's.
    fn page(&self, link: &str) -> String {
        let headers = [("accept-language", "zh")];
        let answer = self.running.stranger().request("GET", &format!("/case/{link}"), &headers, b"").unwrap();
        answer.text().to_owned()
    }

    fn kinds(&self, open: &Open) -> Vec<EntryKind> {
        let told = self.running.block_on(flow::timeline(self.ctx(), &open.row, 0, 500)).unwrap();
        told.into_iter().map(|it| it.kind).collect()
    }
}

fn page() -> Intake {
    Intake { channel: "page", by: By::Victim, user: None, files: vec![], once: None }
}

fn told(ctx: &Ctx, story: &str) -> Report {
    let raw: RawReport = serde_json::from_value(json!({
        "kind": "stolen_wallet", "language": "zh", "country": "HK", "story": story,
        "losses": [{ "asset": "USDT", "chain": "tron", "amount": "52000" }],
        "suspects": [{ "platform": "telegram", "account": "@harbour_support_zh" }],
    }))
    .unwrap();
    Report::parse(&raw, ctx.clock.now(), &ctx.cases.charter).unwrap()
}

fn count(kinds: &[EntryKind], kind: EntryKind) -> usize {
    kinds.iter().filter(|it| **it == kind).count()
}

#[test]
fn a_report_is_acknowledged_with_an_owner_a_next_step_and_a_deadline() {
    let site = Site::start();
    site.join(1, "ann", &[Role::Agent], &["language:zh", "kind:stolen_wallet"], true);
    site.join(2, "ben", &[Role::Agent], &["language:en"], true);
    let receipt = site.report("对方冒充客服，让我转账，钱包里的 USDT 都没了。");
    let open = &receipt.open;
    assert!(open.row.reference.starts_with("TS-"), "{}", open.row.reference);
    assert_eq!(open.owner(), Some("ann"), "who speaks the victim's language gets it");
    let next = open.next().unwrap();
    assert_eq!((next.task, next.by), (Task::Take, noon() + minutes(15)));
    assert!(open.row.standing.due.unwrap() <= next.by);
    assert!(!receipt.first_hour.is_empty() && open.row.standing.harm >= 2);
    let again = site.running.block_on(flow::open_by_link(site.ctx(), &receipt.link_token)).unwrap();
    assert_eq!(again.report, open.report);
    let shared = site.running.block_on(flow::open_by_status(site.ctx(), &receipt.status_token)).unwrap();
    assert_eq!(shared.row.id, open.row.id);
    // Neither opens the other's page, and a wrong one looks like one that is not yours.
    for wrong in [&receipt.status_token, "x", &"0".repeat(64)] {
        assert!(matches!(
            site.running.block_on(flow::open_by_link(site.ctx(), wrong)),
            Err(FlowError::NotFound)
        ));
    }
    let pages = site.running.block_on(site.ctx().store.open_pages(&[0], "ann", 9)).unwrap();
    assert_eq!(pages.iter().map(|it| it.why.as_str()).collect::<Vec<_>>(), ["new"]);
    assert!(site.running.block_on(site.ctx().store.open_pages(&[0], "ben", 9)).unwrap().is_empty());
}

#[test]
fn the_same_report_sent_twice_is_one_case_with_one_receipt() {
    let site = Site::start();
    let send = || {
        let intake = Intake { once: Some([7; 32]), ..page() };
        site.running.block_on(flow::report(site.ctx(), told(site.ctx(), "钱包被盗了"), intake)).unwrap()
    };
    let (one, two) = (send(), send());
    assert_eq!((one.open.row.id, one.link_token), (two.open.row.id, two.link_token));
    assert_ne!(site.report("钱包被盗了").open.row.id, one.open.row.id);
}

#[test]
fn nothing_that_was_told_is_readable_in_the_database() {
    let site = Site::start();
    let receipt = site.report("请看 UNUSUALWORD 这个名字");
    let id = receipt.open.row.id;
    site.running.block_on(flow::write(site.ctx(), id, "还有 UNUSUALWORD 的截图")).unwrap();
    let file = Incoming { name: "UNUSUALWORD.txt".into(), bytes: b"UNUSUALWORD".to_vec() };
    site.running
        .block_on(flow::happen(site.ctx(), id, &By::Victim, Doing::new(Event::Tick).files(vec![file])))
        .unwrap();
    let folder = site._folder.path().to_owned();
    let open = site.running.block_on(flow::open(site.ctx(), id)).unwrap();
    let (view, bytes) = site.running.block_on(flow::file(site.ctx(), &open.row, 1)).unwrap();
    assert_eq!(
        (view.name.as_str(), view.kind.as_str(), bytes.as_slice()),
        ("UNUSUALWORD.txt", "text/plain", &b"UNUSUALWORD"[..])
    );
    site.running.stop();
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in [&b"UNUSUALWORD"[..], b"harbour_support_zh"] {
            assert!(!bytes.windows(secret.len()).any(|it| it == secret));
        }
    }
}

#[test]
fn a_recovery_phrase_is_masked_before_it_is_kept() {
    let site = Site::start();
    let phrase = "abandon ".repeat(11) + "about";
    let receipt = site.report(&format!("我把助记词 {phrase} 发给了他"));
    assert_eq!(receipt.masked, ["recovery_phrase"]);
    assert!(!receipt.open.report.story.contains("abandon"));
    let id = receipt.open.row.id;
    let (open, masked) =
        site.running.block_on(flow::write(site.ctx(), id, &format!("就是 {phrase}"))).unwrap();
    assert_eq!(masked, ["recovery_phrase"]);
    let told = site.running.block_on(flow::timeline(site.ctx(), &open.row, 0, 99)).unwrap();
    let message = told.iter().find(|it| it.kind == EntryKind::Message).unwrap();
    assert!(!message.text.as_deref().unwrap().contains("abandon"));
}

#[test]
fn only_an_answer_of_a_person_stops_the_clock_and_its_time_is_kept() {
    let site = Site::start();
    let ann = site.join(1, "ann", &[Role::Agent], &["language:zh"], true);
    let by = site.by(&ann);
    let id = site.report("钱包被盗了").open.row.id;
    let running =
        |open: &Open| open.case.clocks.iter().any(|it| &*it.rule.name == "answer-theft" && it.is_open());
    let say =
        |text: &str, kind| site.running.block_on(flow::answer(site.ctx(), id, &by, text, kind)).unwrap();
    site.clock.advance(minutes(2));
    for (text, kind) in [("我们已收到。", EntryKind::Template), ("给同事的备注", EntryKind::Note)]
    {
        let open = say(text, kind);
        assert!(running(&open) && open.row.standing.answered.is_none(), "{kind}");
    }
    let open = say("我看到了这两笔转账，正在联系发行方冻结。", EntryKind::Answer);
    assert!(!running(&open));
    assert_eq!(open.row.standing.answered, Some(noon() + minutes(2)));
    assert_eq!((open.owner(), open.next().unwrap().task), (Some("ann"), Task::FollowUp));
    site.clock.advance(minutes(5));
    let (open, _) = site.running.block_on(flow::write(site.ctx(), id, "还有一笔")).unwrap();
    assert!(running(&open), "the victim's message starts it anew");
    let open = say("第三笔也记下了。", EntryKind::Answer);
    assert_eq!(open.row.standing.answered, Some(noon() + minutes(2)), "the first time stays");
    // The victim sees no note for colleagues, and no login name.
    let told = site.running.block_on(flow::timeline(site.ctx(), &open.row, 0, 99)).unwrap();
    let shown: Vec<_> = told.into_iter().filter_map(|it| it.for_victim()).collect();
    assert!(shown.iter().all(|it| it.kind != EntryKind::Note && it.by.login().is_none_or(str::is_empty)));
    assert!(!format!("{shown:?}").contains("\"ann\""), "{shown:?}");
}

#[test]
fn silence_warns_then_breaches_then_climbs_to_the_packet_for_the_authority() {
    let site = Site::start();
    site.join(1, "ann", &[Role::Agent], &["language:zh"], true);
    site.join(2, "lea", &[Role::Lead], &["language:zh"], true);
    let receipt = site.report("钱包被盗了");
    let id = receipt.open.row.id;
    let warned = site.pass(minutes(8), id, |it| it.row.entries > receipt.open.row.entries);
    assert_eq!(count(&site.kinds(&warned), EntryKind::Warned), 1, "at half of the time");
    let up = site.pass(minutes(8), id, |it| it.case.level > Level::Agent);
    assert_eq!(
        (up.case.level, up.owner()),
        (Level::Lead, Some("lea")),
        "whoever let it lapse does not keep it"
    );
    let kinds = site.kinds(&up);
    assert_eq!((count(&kinds, EntryKind::Breached), count(&kinds, EntryKind::Escalated)), (1, 1));
    let breaches = site.running.block_on(site.ctx().store.breaches_of(id)).unwrap();
    assert_eq!(
        breaches.iter().map(|it| (it.rule.as_str(), it.at)).collect::<Vec<_>>(),
        [("answer-theft", noon() + minutes(15))]
    );
    let top = site.pass(minutes(120), id, |it| it.case.level == Level::Outside);
    assert_eq!(count(&site.kinds(&top), EntryKind::PacketPrepared), 1);
    assert_eq!(top.next().unwrap().task, Task::SendPacket);
    let pages = site.running.block_on(site.ctx().store.open_pages(&[2, 3], "eve", 99)).unwrap();
    assert!(pages.iter().any(|it| it.level == 3), "{pages:?}");
}

#[test]
fn a_case_is_closed_with_a_reason_and_opened_again_by_its_victim() {
    let site = Site::start();
    let ann = site.join(1, "ann", &[Role::Agent], &["language:zh"], true);
    let by = site.by(&ann);
    let receipt = site.report("钱包被盗了");
    let (id, link) = (receipt.open.row.id, receipt.link_token);
    let close = |reason: &str| {
        site.running.block_on(flow::close(site.ctx(), id, &by, Outcome::NotRecoverable, reason))
    };
    assert!(matches!(close("  "), Err(FlowError::NoReason(_))));
    let closed = close("资金已经过混币器，无法追回；材料已经整理给警方。").unwrap();
    assert_eq!(closed.row.standing.outcome.as_deref(), Some("not_recoverable"));
    assert!(closed.next().is_none() && closed.row.standing.answered.is_some());
    assert!(matches!(close("再一次"), Err(FlowError::IsClosed)));
    assert!(site.running.block_on(site.ctx().store.desk(&Default::default(), None, 9)).unwrap().is_empty());
    let page = site.page(&link);
    let text = page.split("id=\"now\"").nth(1).unwrap().split("</section>").next().unwrap();
    let By::Staff { name, .. } = &by else { panic!("{by:?}") };
    for shown in ["已无法追回", "已经过混币器", "由谁结案", name] {
        assert!(text.contains(shown), "{shown} is not in {text}");
    }
    assert!(!text.contains("值班人员"), "{text}");
    let (open, _) = site.running.block_on(flow::write(site.ctx(), id, "警方给了我案号")).unwrap();
    assert!(
        open.next().is_some() && open.row.standing.closed.is_none() && open.row.standing.outcome.is_none()
    );
    let kinds = site.kinds(&open);
    assert_eq!((count(&kinds, EntryKind::Closed), count(&kinds, EntryKind::Reopened)), (1, 1));
}

#[test]
fn whoever_looks_is_seen_and_a_stranger_to_the_case_says_why() {
    let site = Site::start();
    let ann = site.join(1, "ann", &[Role::Agent], &["language:zh", "kind:stolen_wallet"], true);
    let bob = site.join(2, "bob", &[Role::Agent], &["language:en"], false);
    let Receipt { open, link_token, .. } = site.report("钱包被盗了");
    let reference = open.row.reference.as_str();
    let look = |member: &Member, why: Option<&str>| {
        site.running.block_on(flow::open_for_staff(site.ctx(), member, reference, why))
    };
    assert!(matches!(look(&bob, None), Err(FlowError::NeedsReason)));
    assert!(matches!(look(&bob, Some("  ")), Err(FlowError::NeedsReason)));
    look(&bob, Some("值班交接")).unwrap();
    look(&bob, None).unwrap(); // Turns a page.
    look(&ann, None).unwrap();
    site.clock.advance(minutes(20));
    look(&ann, Some("受害人来电")).unwrap();
    let page = site.page(&link_token);
    let readers = page.split("id=\"readers\"").nth(1).unwrap();
    let place = |why: &str| readers.find(why).unwrap_or_else(|| panic!("{why} is not in {readers}"));
    assert!(place("受害人来电") < place("值班交接"), "the newest look stands first");
    site.clock.advance(minutes(61));
    assert!(matches!(look(&bob, None), Err(FlowError::NeedsReason)));
    let views = site.running.block_on(flow::views(site.ctx(), &open.row, 9)).unwrap();
    let seen: Vec<_> = views.iter().map(|it| (it.by.login().unwrap(), it.text.as_deref())).collect();
    assert_eq!(seen, [("ann", Some("受害人来电")), ("ann", None), ("bob", Some("值班交接"))]);
    assert!(views.into_iter().all(|it| it.for_victim().is_some()));
    let trail = site.running.block_on(site.ctx().store.audit_trail(Some("bob"), None, 9)).unwrap();
    let viewed: Vec<_> = trail
        .iter()
        .filter(|it| it.act == "case.viewed")
        .map(|it| (it.object.as_str(), it.detail.as_str()))
        .collect();
    assert_eq!(viewed, [(reference, ""), (reference, "值班交接")], "the trail has each look");
    assert!(matches!(
        site.running.block_on(flow::open_for_staff(site.ctx(), &ann, "TS-NONE-NONE", None)),
        Err(FlowError::NotFound)
    ));
}

#[test]
fn files_beyond_the_limits_are_refused_and_nothing_else_is_lost() {
    let site = Site::start();
    let id = site.report("钱包被盗了").open.row.id;
    let attach = |name: &str, bytes: Vec<u8>| {
        site.running.block_on(flow::attach(site.ctx(), id, &By::Victim, name, bytes))
    };
    assert_eq!(attach("a.txt", b"one".to_vec()).unwrap(), 1);
    assert!(matches!(attach("b.txt", vec![]), Err(FlowError::EmptyFile)));
    assert!(matches!(attach("c.exe", b"MZ\0\0".to_vec()), Err(FlowError::WrongFileKind)));
    let limit = site.ctx().config.cases.file_bytes;
    assert!(matches!(attach("d.txt", vec![b'x'; limit + 1]), Err(FlowError::FileTooLarge { .. })));
    for n in 2..=50 {
        assert_eq!(attach("e.txt", b"more".to_vec()).unwrap(), n);
    }
    assert!(matches!(attach("f.txt", b"one too many".to_vec()), Err(FlowError::TooManyFiles { limit: 50 })));
    let open = site.running.block_on(flow::open(site.ctx(), id)).unwrap();
    assert_eq!(site.running.block_on(flow::files(site.ctx(), &open.row)).unwrap().len(), 50);
}

#[test]
fn many_who_act_at_once_lose_nothing_and_only_one_takes_it() {
    let site = Site::start();
    let members: Vec<_> =
        (1..=4).map(|n| site.join(n, &format!("agent{n}"), &[Role::Agent], &[], false)).collect();
    let id = site.report("钱包被盗了").open.row.id;
    let hands = members.iter().map(|it| site.by(it)).map(|by| {
        let ctx = site.ctx().clone();
        site.running.spawn(async move {
            let taking = Event::Taken(Staff(by.login().unwrap().into()));
            let took =
                flow::happen(&ctx, id, &by, Doing::new(taking).only_if(|it| it.owner().is_none())).await;
            for n in 0..5 {
                flow::write(&ctx, id, &format!("{} {n}", by.login().unwrap())).await.unwrap();
            }
            took.is_ok()
        })
    });
    let hands: Vec<_> = hands.collect();
    let took = hands.into_iter().map(|it| site.running.block_on(it).unwrap());
    assert_eq!(took.filter(|it| *it).count(), 1);
    let open = site.running.block_on(flow::open(site.ctx(), id)).unwrap();
    assert_eq!(count(&site.kinds(&open), EntryKind::Message), 20);
    let told = site.running.block_on(flow::timeline(site.ctx(), &open.row, 0, 99)).unwrap();
    assert!(
        told.iter().map(|it| it.n).eq(1..=open.row.entries),
        "every number is there, and every text opens"
    );
}

#[test]
fn what_a_caller_adds_is_written_with_the_change_and_refused_with_it() {
    let site = Site::start();
    let id = site.report("钱包被盗了").open.row.id;
    let deed = |act: &str| CaseDeed { by: By::Key("ts_1".into()), act: act.into(), detail: String::new() };
    let doing = |act: &'static str| {
        Doing::new(Event::Tick).tick("freeze", true).with(move |it| it.deeds.push(deed(act)))
    };
    site.running.block_on(flow::happen(site.ctx(), id, &By::Victim, doing("case.kept"))).unwrap();
    let refused = site.running.block_on(flow::happen(
        site.ctx(),
        id,
        &By::Victim,
        doing("case.lost").only_if(|_| false),
    ));
    assert!(matches!(refused, Err(FlowError::Moved)));
    let trail = site.running.block_on(site.ctx().store.audit_trail(Some("key:ts_1"), None, 9)).unwrap();
    assert_eq!(trail.iter().map(|it| it.act.as_str()).collect::<Vec<_>>(), ["case.kept"]);
    assert_eq!(site.running.block_on(site.ctx().store.case_steps(id)).unwrap().len(), 1);
}

#[test]
fn cases_of_one_hand_are_kin() {
    let site = Site::start();
    let one = site.report("客服加我好友，说账户异常，让我把 USDT 转到安全账户，之后就被拉黑了。").open;
    let two = site.report("客服加我好友，说账户异常，让我把 USDT 转到安全账户，之后就被拉黑了！").open;
    let kin = site.running.block_on(site.ctx().store.kin(two.row.id, 9)).unwrap();
    assert_eq!(kin.len(), 1);
    assert_eq!(kin[0].row.id, one.row.id);
    let mut by = kin[0].by.clone();
    by.sort();
    assert_eq!(by, ["suspect", "text"]);
}

#[test]
fn a_server_with_another_key_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(noon()));
    Site::at(folder.path(), &clock).stop();
    let key = format!("touchstone cases key 1\n{}\n", "ab".repeat(32));
    std::fs::write(folder.path().join("cases.key"), key).unwrap();
    let refused = std::panic::catch_unwind(|| Site::at(folder.path(), &clock));
    let why = refused.err().and_then(|it| it.downcast::<String>().ok()).unwrap();
    assert!(why.contains("OtherKey"), "{why}");
}

/// What the child does: takes reports and says which it acknowledged. Another test runs it in a
/// process of its own; without that it does nothing.
#[test]
fn child_that_takes_reports_until_it_is_killed() {
    let Ok(folder) = std::env::var(CHILD) else { return };
    let clock = Arc::new(ManualClock::at(noon()));
    let running = Site::at(Path::new(&folder), &clock);
    loop {
        let report = told(&running.ctx, "钱包被盗了");
        let receipt = running.block_on(flow::report(&running.ctx, report, page())).unwrap();
        let line = format!("acknowledged {} {}\n", receipt.open.row.reference, receipt.link_token);
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    }
}

#[test]
fn a_case_that_was_acknowledged_outlives_kill_9_and_so_does_its_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let task = (CHILD, folder.path().to_str().unwrap());
    let acknowledged = killed::after("child_that_takes_reports_until_it_is_killed", task, 5, Duration::ZERO);
    assert!(acknowledged.len() >= 5);
    // Started again after the time to answer: each is there, and each breach is found.
    let clock = Arc::new(ManualClock::at(noon() + minutes(16)));
    let site = Site { running: Site::at(folder.path(), &clock), clock, _folder: folder };
    for (reference, token) in acknowledged.iter().map(|it| it.split_once(' ').unwrap()) {
        let open = site.running.block_on(flow::open_by_link(site.ctx(), token)).unwrap();
        assert_eq!(open.row.reference, reference);
        let up = site.until(open.row.id, |it| it.case.level > Level::Agent);
        let breaches = site.running.block_on(site.ctx().store.breaches_of(up.row.id)).unwrap();
        assert_eq!(breaches.len(), 1, "{reference}");
    }
}
