//! What staff can do to a case, what they cannot, and what the victim reads of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may end at once")]

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::http::Answer;
use common::somebody::Somebody;
use common::{Running, Start};
use touchstone_accounts::Role;
use touchstone_cases::playbook::Playbooks;
use touchstone_cases::report::{RawContact, RawSuspect};
use touchstone_cases::{ClockState, RawReport, Report};
use touchstone_server::cases::{By, Intake, Open, flow};
use touchstone_server::{Clock, Config, ManualClock};
use touchstone_store::EntryKind;
use touchstone_types::{Lapse, Moment};

fn encoded(text: &str) -> String {
    text.bytes().map(|it| format!("%{it:02X}")).collect()
}

/// A desk with a clock that the test moves.
struct Desk {
    site: Running,
    clock: Arc<ManualClock>,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn open() -> Self {
        Self::open_with(|_| {})
    }

    fn open_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at("2026-11-19T08:00:00Z".parse::<Moment>().unwrap()));
        let mut start = Start { clock: clock.clone(), ..Start::default() };
        change(&mut start.config);
        let site = Running::start_with(folder.path(), start);
        Self { site, clock, _folder: folder }
    }

    /// Somebody with skills and on duty.
    fn agent(&self, login: &str, roles: &[Role], skills: &[&str]) -> Somebody {
        let somebody = Somebody::joins(&self.site, login, roles);
        self.site.block_on(async {
            let store = &self.site.ctx.store;
            let member = store.member_by_login(login).await.unwrap().id;
            let skills: Vec<String> = skills.iter().map(|it| (*it).to_owned()).collect();
            store.set_skills(member, &skills, "test", self.clock.now()).await.unwrap();
        });
        somebody
    }

    fn on_duty(&self, login: &str) {
        self.site.block_on(async {
            let store = &self.site.ctx.store;
            let member = store.member_by_login(login).await.unwrap().id;
            let until = self.clock.now() + Lapse::from_secs(8 * 3600);
            store.set_duty(member, Some(until), "test", self.clock.now()).await.unwrap();
        });
    }

    /// A case of somebody who wrote to a fake support.
    fn case(&self, story: &str) -> String {
        let raw = RawReport {
            kind: "fake_support".into(),
            language: "en".into(),
            country: "SG".into(),
            story: story.into(),
            wallet: "Lantern Wallet".into(),
            suspects: vec![RawSuspect {
                platform: "telegram".into(),
                account: "@lantern_help_desk".into(),
                name: String::new(),
            }],
            contact: RawContact { name: "Lin".into(), ..RawContact::default() },
            ..RawReport::default()
        };
        let ctx = &self.site.ctx;
        let report = Report::parse(&raw, self.clock.now(), &ctx.cases.charter).unwrap();
        let intake = Intake { channel: "page", by: By::Victim, user: None, files: Vec::new(), once: None };
        self.site.block_on(flow::report(ctx, report, intake)).unwrap().open.row.reference
    }

    fn look(&self, reference: &str) -> Open {
        self.site.block_on(flow::open_by_reference(&self.site.ctx, reference)).unwrap()
    }

    fn entries(&self, reference: &str) -> Vec<(EntryKind, String, bool)> {
        let open = self.look(reference);
        let told = self.site.block_on(flow::timeline(&self.site.ctx, &open.row, 0, 200)).unwrap();
        told.into_iter().map(|it| (it.kind, it.text.unwrap_or_default(), it.visible)).collect()
    }

    /// Whether a clock of ours that an answer stops still runs.
    fn waits_for_an_answer(&self, reference: &str) -> bool {
        use touchstone_cases::StopsOn;
        let case = self.look(reference).case;
        case.clocks.iter().any(|it| it.rule.stops_on == StopsOn::Answer && it.state == ClockState::Running)
    }

    /// Login names of those whose looks the victim can read.
    fn lookers(&self, reference: &str) -> Vec<String> {
        let open = self.look(reference);
        let views = self.site.block_on(flow::views(&self.site.ctx, &open.row, 100)).unwrap();
        views.iter().filter_map(|it| it.by.login().map(str::to_owned)).collect()
    }

    fn post(&self, who: &Somebody, reference: &str, form: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        who.post(&self.site, &format!("/console/cases/{reference}/{form}"), &fields.join("&"))
    }
}

const OWN: &str = "Your account here was not touched. We have asked Telegram to take the account down, \
     and I write again by six.";
const SKILLS: [&str; 2] = ["language:en", "kind:fake_support"];

#[test]
fn a_template_does_not_stop_the_clock_and_own_words_do() {
    let desk = Desk::open();
    let ann = desk.agent("ann", &[Role::Agent], &SKILLS);
    let case = desk.case("A support account wrote to me first");
    let wording = Playbooks::built_in().unwrap();
    let wording = &wording.iter().find(|it| !it.first_contact.is_empty()).unwrap().first_contact[0];
    let ready = wording.fill(|place| Some(format!("the {place}"))).text.en;
    for dressed in [ready.clone(), format!("  Hello!\n{} ", ready.to_uppercase())] {
        let answer = desk.post(&ann, &case, "say", &[("text", &dressed), ("as", "answer"), ("seen", "99")]);
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert!(answer.header("set-cookie").unwrap().contains("desk-sent-template"));
        assert!(desk.waits_for_an_answer(&case));
    }
    let answer = desk.post(&ann, &case, "say", &[("text", OWN), ("as", "answer"), ("seen", "99")]);
    assert!(answer.header("set-cookie").unwrap().contains("desk-sent-answer"), "{}", answer.text());
    assert!(!desk.waits_for_an_answer(&case));
    let kinds: Vec<EntryKind> = desk.entries(&case).into_iter().map(|it| it.0).collect();
    assert_eq!(kinds.iter().filter(|it| **it == EntryKind::Template).count(), 2);
    assert_eq!(kinds.iter().filter(|it| **it == EntryKind::Answer).count(), 1);
    desk.site.stop();
}

#[test]
fn what_cannot_be_sent_comes_back_as_it_was_typed() {
    let desk = Desk::open();
    let ann = desk.agent("ann", &[Role::Agent], &SKILLS);
    let case = desk.case("A support account wrote to me first");
    let phrase = "your words are abandon abandon abandon abandon abandon abandon abandon abandon abandon \
         abandon abandon about";
    for (text, why) in [
        ("Dear [name], it is frozen at the exchange since noon", "still to be filled in"),
        (phrase, "recovery phrase"),
    ] {
        let answer = desk.post(&ann, &case, "say", &[("text", text), ("as", "answer")]);
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(why) && answer.text().contains(text), "{}", answer.text());
    }
    assert!(desk.waits_for_an_answer(&case));
    desk.site.stop();
}

#[test]
fn a_reason_is_asked_for_and_the_victim_reads_it() {
    let desk = Desk::open();
    let (ann, eve) =
        (desk.agent("ann", &[Role::Agent], &SKILLS), desk.agent("eve", &[Role::Agent], &["language:zh"]));
    let case = desk.case("They asked for my twelve words");
    assert_eq!(ann.get(&desk.site, &format!("/console/cases/{case}")).status, 200);
    let asked = eve.get(&desk.site, &format!("/console/cases/{case}"));
    assert_eq!(asked.status, 403);
    assert!(!asked.text().contains("twelve words") && asked.text().contains("takes a reason"));
    // What was typed into a form is not lost by being asked.
    let asked = desk.post(&eve, &case, "note", &[("text", "seen in another case")]);
    assert!(asked.status == 403 && asked.text().contains("seen in another case"));
    assert_eq!(desk.post(&eve, &case, "open", &[("reason", "curious")]).status, 422);
    let fields = [("reason", "Ann is ill today"), ("form", "note"), ("text", "seen in another case")];
    let opened = desk.post(&eve, &case, "open", &fields);
    assert_eq!(opened.status, 200);
    assert!(opened.text().contains("twelve words") && opened.text().contains("seen in another case"));
    let open = desk.look(&case);
    let told = desk.site.block_on(flow::timeline(&desk.site.ctx, &open.row, 0, 200)).unwrap();
    let views: Vec<_> = told.into_iter().filter_map(|it| it.for_victim()).collect();
    let views: Vec<_> = views.iter().filter(|it| it.kind == EntryKind::Viewed).collect();
    assert_eq!(views.len(), 2, "one look each");
    assert_eq!(views[1].text.as_deref(), Some("Ann is ill today"));
    desk.site.stop();
}

/// A picture, so that it may be shown too.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n....";

#[test]
fn no_address_of_a_case_opens_it_without_a_reason() {
    let desk = Desk::open();
    let eve = desk.agent("eve", &[Role::Agent], &["language:zh"]);
    let case = desk.case("They asked for my twelve words");
    let other = desk.case("They asked for my twelve words");
    let id = desk.look(&case).row.id;
    desk.site.block_on(flow::attach(&desk.site.ctx, id, &By::Victim, "b.png", PNG.to_vec())).unwrap();
    let before = desk.look(&case).row.entries;
    let here = format!("/console/cases/{case}");
    for path in [
        here.clone(),
        format!("{here}?wording=asked_for_phrase/first/0"),
        format!("{here}?before=5"),
        format!("{here}/stream"),
        format!("{here}/files/1"),
        format!("{here}/files/1?show=1"),
        format!("{here}/complaints"),
        format!("{here}/complaints/any"),
        format!("{here}/complaints/any/packet.json"),
        format!("/console/cases/together?of={case}"),
    ] {
        let answer = eve.get(&desk.site, &path);
        assert!([303, 403].contains(&answer.status), "{path}: {}", answer.status);
        if answer.status == 303 {
            assert_eq!(answer.header("location"), Some(here.as_str()), "{path}");
        }
        for told in ["twelve words", "lantern_help_desk", "Lin", other.as_str()] {
            assert!(!answer.text().contains(told), "{path} says {told}");
        }
    }
    for form in
        ["say", "note", "call", "take", "hand", "escalate", "fact", "step", "close", "reopen", "power"]
    {
        let fields = [("text", OWN), ("reason", OWN), ("as", "answer"), ("to", "eve"), ("power", "freeze")];
        let answer = desk.post(&eve, &case, form, &fields);
        assert_eq!(answer.status, 403, "{form}");
        assert!(!answer.text().contains("twelve words"), "{form}");
    }
    assert_eq!(desk.look(&case).row.entries, before, "nothing happened");
    assert!(desk.lookers(&case).is_empty());
    desk.site.stop();
}

#[test]
fn whoever_comes_by_a_side_door_is_noted_too() {
    let desk = Desk::open();
    let case = desk.case("They asked for my twelve words");
    let id = desk.look(&case).row.id;
    desk.site.block_on(flow::attach(&desk.site.ctx, id, &By::Victim, "b.png", PNG.to_vec())).unwrap();
    for (login, path) in [
        ("amy", format!("/console/cases/{case}/files/1?show=1")),
        ("ben", format!("/console/cases/{case}/files/1")),
        ("cal", format!("/console/cases/{case}/complaints")),
        ("dee", format!("/console/cases/together?of={case}")),
    ] {
        let agent = desk.agent(login, &[Role::Agent], &SKILLS);
        for _ in 0..2 {
            assert_eq!(agent.get(&desk.site, &path).status, 200, "{path}");
        }
        let looks = desk.lookers(&case).iter().filter(|it| *it == login).count();
        assert_eq!(looks, 1, "{path} is one look");
    }
    let fay = desk.agent("fay", &[Role::Agent], &SKILLS);
    // A form that is not taken shows the case again.
    assert_eq!(desk.post(&fay, &case, "say", &[("text", " "), ("as", "answer")]).status, 422);
    assert!(desk.lookers(&case).contains(&"fay".to_owned()));
    for login in ["amy", "ben", "cal", "dee", "fay"] {
        let trail = desk.site.ctx.store.audit_trail(Some(login), None, 50);
        let trail = desk.site.block_on(trail).unwrap();
        assert!(trail.iter().any(|it| it.act == "case.viewed" && it.object == case), "{login}");
    }
    desk.site.stop();
}

#[test]
fn a_clock_is_called_by_its_title_in_the_timeline() {
    let desk = Desk::open();
    let ann = desk.agent("ann", &[Role::Agent], &SKILLS);
    let case = desk.case("A support account wrote to me first");
    let open = desk.look(&case);
    let rule = &open.case.clocks.iter().min_by_key(|it| it.due).unwrap().rule;
    desk.clock.advance(Lapse::from_secs(40 * 60));
    desk.site.ctx.cases.changed();
    let began = Instant::now();
    while !desk.entries(&case).iter().any(|it| it.0 == EntryKind::Breached) {
        assert!(began.elapsed() < Duration::from_secs(60), "no breach is noted");
        std::thread::sleep(Duration::from_millis(20));
    }
    for (lang, title) in [("en", &rule.title.en), ("zh", &rule.title.zh)] {
        let reason = format!("reason={}", encoded("To see what it is called"));
        let path = format!("/console/cases/{case}/open?lang={lang}");
        let ann = Somebody {
            cookie: ann.cookie.replace("lang=en", &format!("lang={lang}")),
            csrf: ann.csrf.clone(),
        };
        let page = ann.post(&desk.site, &path, &reason);
        assert!(page.text().contains(&format!("<bdi>{title}</bdi>")), "{}", page.text());
        assert!(!page.text().contains(&format!(">{}<", rule.name)), "its short name says nothing");
    }
    desk.site.stop();
}

#[test]
fn playbooks_of_ones_own_take_the_place_of_the_built_in_ones() {
    let folder = tempfile::tempdir().unwrap();
    let own =
        std::fs::read_to_string(common::repository("policies/playbooks/asked_for_phrase.toml")).unwrap();
    let title = own.lines().find(|it| it.starts_with("title.en")).unwrap();
    let own = own.replace(title, "title.en = \"What our own lead wrote\"");
    std::fs::write(folder.path().join("asked_for_phrase.toml"), own).unwrap();
    let desk = Desk::open_with(|it| it.cases.playbooks = Some(folder.path().to_owned()));
    let ann = desk.agent("ann", &[Role::Agent], &SKILLS);
    let case = desk.case("A support account asked for my phrase");
    let page = ann.get(&desk.site, &format!("/console/cases/{case}"));
    assert!(page.text().contains("What our own lead wrote"), "{}", page.text());
    desk.site.stop();
}

#[test]
fn who_may_not_may_not() {
    let desk = Desk::open();
    let ann = desk.agent("ann", &[Role::Agent], &SKILLS);
    let bob = desk.agent("bob", &[Role::Agent], &SKILLS);
    let analyst = desk.agent("cid", &[Role::Analyst], &SKILLS);
    let lead = desk.agent("dan", &[Role::Lead], &SKILLS);
    let case = desk.case("A support account wrote to me first");
    for path in ["/console/cases", "/console/duty", &format!("/console/cases/{case}")] {
        assert_eq!(analyst.get(&desk.site, path).status, 403, "{path}");
    }
    assert_eq!(desk.post(&analyst, &case, "take", &[]).status, 403);
    assert_eq!(desk.post(&ann, &case, "take", &[]).status, 303);
    // Another agent neither takes it away nor hands it on; a lead does.
    let taken = desk.post(&bob, &case, "take", &[]);
    assert!(taken.header("set-cookie").unwrap().contains("desk-taken-by-other"));
    assert_eq!(desk.post(&bob, &case, "hand", &[("to", "bob"), ("reason", "mine")]).status, 422);
    assert_eq!(desk.look(&case).owner(), Some("ann"));
    // Somebody at another level says why they step in.
    assert_eq!(desk.post(&lead, &case, "hand", &[("to", "bob"), ("reason", "Ann goes home")]).status, 403);
    assert_eq!(desk.post(&lead, &case, "open", &[("reason", "Ann goes home early")]).status, 200);
    let handed = desk.post(&lead, &case, "hand", &[("to", "bob"), ("reason", "Ann goes home")]);
    assert_eq!(handed.status, 303, "{}", handed.text());
    assert_eq!(desk.look(&case).owner(), Some("bob"));
    // An analyst cannot be given one, and nobody is handed one without a reason.
    assert_eq!(desk.post(&bob, &case, "hand", &[("to", "cid"), ("reason", "x")]).status, 422);
    assert_eq!(desk.post(&bob, &case, "hand", &[("to", "ann"), ("reason", "")]).status, 422);
    // What went up is not an agent's any more.
    assert_eq!(desk.post(&bob, &case, "escalate", &[("reason", "beyond me")]).status, 303);
    assert_eq!(desk.post(&bob, &case, "say", &[("text", OWN), ("as", "answer")]).status, 422);
    assert_eq!(desk.post(&lead, &case, "say", &[("text", OWN), ("as", "answer")]).status, 303);
    // Skills, which open cases, are set by leads.
    assert_eq!(bob.post(&desk.site, "/console/duty/1/skills", "skills=language:en").status, 403);
    assert_eq!(lead.post(&desk.site, "/console/duty/1/skills", "skills=language:en").status, 303);
    assert_eq!(lead.post(&desk.site, "/console/duty/1/skills", "skills=english").status, 422);
    desk.site.stop();
}

#[test]
fn two_who_take_or_answer_at_once_lose_nothing() {
    let desk = Desk::open();
    let team: Vec<Somebody> =
        ["ann", "bob", "cat", "dan"].iter().map(|it| desk.agent(it, &[Role::Agent], &SKILLS)).collect();
    let case = desk.case("A support account wrote to me first");
    let said = |flash: &str, answers: &[Answer]| {
        answers.iter().filter(|it| it.header("set-cookie").is_some_and(|it| it.contains(flash))).count()
    };
    let at_once = |form: &'static str, fields: &'static [(&'static str, &'static str)]| {
        std::thread::scope(|scope| {
            let all: Vec<_> =
                team.iter().map(|who| scope.spawn(|| desk.post(who, &case, form, fields))).collect();
            all.into_iter().map(|it| it.join().unwrap()).collect::<Vec<Answer>>()
        })
    };
    let taken = at_once("take", &[]);
    assert_eq!((said("desk-taken-now", &taken), said("desk-taken-by-other", &taken)), (1, 3));
    let noted = at_once("note", &[("text", "the account is older than it says")]);
    assert_eq!(said("desk-noted", &noted), 4);
    let notes = desk.entries(&case).into_iter().filter(|it| it.0 == EntryKind::Note && !it.2).count();
    assert_eq!(notes, 4);
    // Who answers without having seen what a colleague wrote meanwhile is told, and keeps the text.
    let seen = desk.look(&case).row.entries.to_string();
    let fields = [("text", OWN), ("as", "answer"), ("seen", seen.as_str())];
    assert_eq!(desk.post(&team[0], &case, "say", &fields).status, 303);
    let late = desk.post(&team[1], &case, "say", &fields);
    assert_eq!(late.status, 422);
    assert!(late.text().contains("changed while you wrote") && late.text().contains("down,"));
    let seen = desk.look(&case).row.entries.to_string();
    let fields = [("text", OWN), ("as", "answer"), ("seen", seen.as_str())];
    assert_eq!(desk.post(&team[1], &case, "say", &fields).status, 303);
    desk.site.stop();
}

#[test]
fn a_case_is_closed_with_what_was_previewed_and_can_be_opened_again() {
    let desk = Desk::open();
    let ann = desk.agent("ann", &[Role::Agent], &SKILLS);
    let lead = desk.agent("dan", &[Role::Lead], &SKILLS);
    let case = desk.case("A support account wrote to me first");
    let reason = "The account is gone and nothing was taken.";
    let fields = [("outcome", "recovered"), ("reason", reason)];
    assert_eq!(desk.post(&ann, &case, "close", &[("outcome", "recovered"), ("reason", " ")]).status, 422);
    assert_eq!(desk.post(&ann, &case, "close", &[("outcome", "done"), ("reason", reason)]).status, 422);
    let preview = desk.post(&ann, &case, "close", &fields);
    assert!(preview.status == 200 && preview.text().contains("All that the reporter will read"));
    assert!(desk.look(&case).case.is_open());
    // Changed after the preview: shown again, not sent.
    let changed = [fields[0], ("reason", "Something else."), ("previewed", reason), ("sure", "1")];
    assert_eq!(desk.post(&ann, &case, "close", &changed).status, 200);
    assert!(desk.look(&case).case.is_open());
    let sure = [fields[0], fields[1], ("previewed", reason), ("sure", "1")];
    assert_eq!(desk.post(&lead, &case, "open", &[("reason", "Ann asked me to look")]).status, 200);
    let closed = desk.post(&lead, &case, "close", &sure);
    assert_eq!(closed.status, 303, "{}", closed.text());
    assert!(!desk.look(&case).case.is_open());
    assert!(desk.entries(&case).contains(&(EntryKind::Closed, reason.to_owned(), true)));
    assert_eq!(desk.post(&lead, &case, "say", &[("text", OWN), ("as", "answer")]).status, 422);
    assert_eq!(desk.post(&lead, &case, "reopen", &[("reason", "It was another account")]).status, 303);
    assert!(desk.look(&case).case.is_open());
    desk.site.stop();
}

#[test]
fn a_playbooks_step_asks_for_its_proof_and_those_before_it() {
    let desk = Desk::open();
    let ann = desk.agent("ann", &[Role::Agent], &SKILLS);
    let case = desk.case("A support account asked for my phrase");
    let books = Playbooks::built_in().unwrap();
    let book = books.get("asked_for_phrase").unwrap();
    let (first, second) = (&book.steps[0], book.steps.iter().find(|it| !it.after.is_empty()).unwrap());
    let id = |step: &str| format!("asked_for_phrase/{step}");
    let tick = |step: &str, proof: &str| {
        desk.post(&ann, &case, "step", &[("step", &id(step)), ("proof", proof)]).status
    };
    assert_eq!(tick(&first.id, ""), 422);
    assert_eq!(tick(&second.id, "they said so"), 422, "the steps before it are not done");
    assert_eq!(tick(&first.id, "said no to each, in the message of ten"), 303);
    let page = ann.get(&desk.site, &format!("/console/cases/{case}"));
    assert!(page.text().contains("in the message of ten"));
    let undone = desk.post(&ann, &case, "step", &[("step", &id(&first.id)), ("undo", "1")]);
    assert_eq!(undone.status, 303);
    assert!(desk.site.block_on(desk.site.ctx.store.case_steps(desk.look(&case).row.id)).unwrap().is_empty());
    desk.site.stop();
}

#[test]
fn many_cases_are_worked_on_at_once_and_each_keeps_its_record() {
    let desk = Desk::open();
    let ann = desk.agent("ann", &[Role::Agent], &SKILLS);
    let eve = desk.agent("eve", &[Role::Agent], &["language:zh"]);
    let cases: Vec<String> =
        (0..5).map(|it| desk.case(&format!("The same account wrote to me, {it}"))).collect();
    let page = ann.get(&desk.site, &format!("/console/cases/together?of={}", cases[0]));
    assert!(cases.iter().all(|it| page.text().contains(it.as_str())), "all linked are there");
    let once =
        page.text().split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let own = format!("own:{}", cases[1]);
    let mut fields = vec![("what", "answer"), ("once", once.as_str()), (own.as_str(), OWN)];
    fields.push(("text", "About {reference}: we know of this account and work on it."));
    fields.extend(cases.iter().map(|it| ("case", it.as_str())));
    fields.push(("case", "TS-NONE-SUCH"));
    let send = |who: &Somebody, fields: &[(&str, &str)]| {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        who.post(&desk.site, "/console/cases/together", &fields.join("&"))
    };
    let answer = send(&ann, &fields);
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("Finished: 5 done, 1 not"), "{}", answer.text());
    for (at, case) in cases.iter().enumerate() {
        let kind = if at == 1 { EntryKind::Answer } else { EntryKind::Template };
        let said = desk.entries(case).into_iter().find(|it| it.0 == kind).unwrap().1;
        assert!(said.starts_with(&format!("About {case}:")), "{said}");
        assert_eq!(desk.waits_for_an_answer(case), at != 1, "only its own words answer a case");
    }
    // What is missing is asked for, and nothing typed is lost.
    let half = [("what", "hand"), ("once", once.as_str()), ("case", cases[1].as_str()), (own.as_str(), OWN)];
    let again = send(&ann, &half);
    assert_eq!(again.status, 422);
    assert!(again.text().contains("Please say why") && again.text().contains("We have asked Telegram"));
    // Sent again, by the back button or a broken line, it does nothing twice.
    assert!(send(&ann, &fields).text().contains("Finished: 0 done, 6 not"));
    // Who must say why is not let in by working on many.
    let note = |reason: &'static str| {
        vec![
            ("what", "note"),
            ("once", "00112233445566778899aabbccddeeff"),
            ("text", "known"),
            ("open", reason),
        ]
    };
    let mut without = note("");
    without.push(("case", cases[0].as_str()));
    assert!(send(&eve, &without).text().contains("Finished: 0 done, 1 not"));
    let mut with = note("The same account is in a case of mine");
    with.push(("case", cases[0].as_str()));
    assert!(send(&eve, &with).text().contains("Finished: 1 done, 0 not"));
    desk.site.stop();
}

#[test]
fn the_queue_lists_by_harm_and_shows_nothing_that_was_told() {
    let desk = Desk::open();
    let ann = desk.agent("ann", &[Role::Agent], &SKILLS);
    let eve = desk.agent("eve", &[Role::Agent], &["language:zh"]);
    let gus = desk.agent("gus", &[Role::Agent], &["language:en", "wallet:lantern_wallet"]);
    let ida = desk.agent("ida", &[Role::Agent], &["language:en", "wallet:other"]);
    let case = desk.case("They asked for my twelve words");
    for (who, tab, there) in [
        (&ann, "all", true),
        (&ann, "duty", true),
        (&ann, "skills", true),
        (&ann, "mine", false),
        (&ann, "overdue", false),
        (&ann, "closed", false),
        (&eve, "skills", false),
        (&gus, "skills", true),
        (&ida, "skills", false),
        (&eve, "all", true),
    ] {
        let page = who.get(&desk.site, &format!("/console/cases?tab={tab}"));
        assert_eq!(page.text().contains(&case), there, "{tab}");
        assert!(!page.text().contains("twelve words") && !page.text().contains("lantern_help_desk"));
    }
    for (filter, there) in [
        ("language=en", true),
        ("language=zh", false),
        ("kind=fake_support", true),
        ("jurisdiction=HK", false),
    ] {
        assert_eq!(
            ann.get(&desk.site, &format!("/console/cases?{filter}")).text().contains(&case),
            there,
            "{filter}"
        );
    }
    let found = ann.get(&desk.site, &format!("/console/cases?find={}", case.to_lowercase()));
    assert_eq!(found.header("location"), Some(format!("/console/cases/{case}").as_str()));
    assert!(ann.get(&desk.site, "/console/cases?find=TS-7K2M-9QWX").text().contains("no case TS-7K2M-9QWX"));
    desk.clock.advance(Lapse::from_secs(40 * 60));
    // Nobody answered: it is late, or has gone up already.
    let page = ann.get(&desk.site, "/console/cases?tab=all");
    assert!(
        page.text().contains(" late")
            || page.text().contains("<b>Lead</b>")
            || page.text().contains("Outside authority")
    );
    desk.site.stop();
}

#[test]
fn whoever_is_on_duty_is_called_until_somebody_is_on_it() {
    let desk = Desk::open();
    let ann = desk.agent("ann", &[Role::Agent], &SKILLS);
    assert!(!ann.get(&desk.site, "/console/cases").text().contains("call waits"));
    assert_eq!(ann.post(&desk.site, "/console/duty", "on=8").status, 303);
    let case = desk.case("A support account wrote to me first");
    let page = ann.get(&desk.site, "/console/duty");
    assert!(page.text().contains("call waits") && page.text().contains(&case), "{}", page.text());
    let call = page.text().split("/console/calls/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Who is not called does not silence it.
    let bob = desk.agent("bob", &[Role::Agent, Role::Lead], &SKILLS);
    desk.on_duty("bob");
    let seen = bob.post(&desk.site, &format!("/console/calls/{call}"), "back=/console/cases");
    assert!(seen.header("set-cookie").unwrap().contains("desk-changed-nothing"));
    assert!(ann.get(&desk.site, "/console/duty").text().contains("call waits"));
    assert_eq!(ann.post(&desk.site, &format!("/console/calls/{call}"), "back=/console/cases").status, 303);
    assert!(!ann.get(&desk.site, "/console/duty").text().contains("call waits"));
    assert_eq!(ann.post(&desk.site, "/console/duty", "off=1").status, 303);
    desk.on_duty("ann");
    desk.site.stop();
}

#[test]
fn a_file_is_only_ever_kept_or_shown_as_a_picture() {
    let desk = Desk::open();
    let ann = desk.agent("ann", &[Role::Agent], &SKILLS);
    let case = desk.case("A support account wrote to me first");
    let id = desk.look(&case).row.id;
    for (name, bytes) in
        [("a.html", &b"<script>alert(1)</script>"[..]), ("b\".png", b"\x89PNG\r\n\x1a\n....")]
    {
        desk.site.block_on(flow::attach(&desk.site.ctx, id, &By::Victim, name, bytes.to_vec())).unwrap();
    }
    for (path, kind, how) in [
        ("1", "application/octet-stream", "attachment"),
        ("1?show=1", "application/octet-stream", "attachment"),
        ("2", "application/octet-stream", "attachment"),
        ("2?show=1", "image/png", "inline"),
    ] {
        let answer = ann.get(&desk.site, &format!("/console/cases/{case}/files/{path}"));
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        assert!(answer.header("content-disposition").unwrap().starts_with(how), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    assert_eq!(ann.get(&desk.site, &format!("/console/cases/{case}/files/3")).status, 404);
    desk.site.stop();
}
