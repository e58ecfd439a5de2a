//! Who gets which case, how bad it is, and what its victim does first.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::sync::OnceLock;

use touchstone_cases::{
    Agent, Charter, HarmLevel, Kind, Level, Offer, RawReport, Report, first_hour, harm, plan, report,
};
use touchstone_types::{Lapse, Moment};

fn charter() -> &'static Charter {
    static ONCE: OnceLock<Charter> = OnceLock::new();
    ONCE.get_or_init(|| Charter::built_in().unwrap())
}

fn now() -> Moment {
    "2026-11-22T08:00:00Z".parse().unwrap()
}

fn a_report(kind: Kind, change: impl FnOnce(&mut RawReport)) -> Report {
    let mut raw = RawReport { kind: kind.as_str().into(), story: "被盗".into(), ..RawReport::default() };
    raw.language = "zh".into();
    change(&mut raw);
    Report::parse(&raw, now(), charter()).unwrap()
}

fn lost(amount: &str) -> Vec<report::RawLoss> {
    vec![report::RawLoss {
        asset: "USDT".into(),
        chain: "TRC20".into(),
        amount: amount.into(),
        ..report::RawLoss::default()
    }]
}

#[test]
fn the_worst_and_the_freshest_come_first() {
    let at = |kind, from: &str, amount: &str| {
        let it = a_report(kind, |it| {
            it.happened_from = from.into();
            if !amount.is_empty() {
                it.losses = lost(amount);
            }
        });
        harm(&it, now(), charter())
    };
    for (kind, from, amount, level) in [
        (Kind::StolenWallet, "2026-11-22T07:30:00Z", "20000", HarmLevel::Critical),
        (Kind::LeakedSecret, "2026-11-22T07:30:00Z", "", HarmLevel::High),
        (Kind::StolenWallet, "2026-11-21T20:00:00Z", "500", HarmLevel::High),
        (Kind::FakeSupport, "2026-01-01", "50", HarmLevel::Normal),
        (Kind::LockedAccount, "", "", HarmLevel::Low),
        (Kind::Other, "", "", HarmLevel::Low),
    ] {
        let found = at(kind, from, amount);
        assert_eq!(found.level, level, "{kind} {from} {amount}: {found:?}");
        assert_eq!(found.score, found.why.iter().map(|it| it.0).sum::<u16>(), "the score is its reasons");
        assert!(found.why.iter().all(|it| !it.1.zh.is_empty() && !it.1.en.is_empty()));
    }
    assert!(HarmLevel::Critical < HarmLevel::Low, "so that they sort as a queue does");
    let more = at(Kind::StolenWallet, "2026-11-22T07:30:00Z", "200000").score;
    assert!(more > at(Kind::StolenWallet, "2026-11-22T07:30:00Z", "2000").score);
    assert!(more > at(Kind::StolenWallet, "2026-11-15T07:30:00Z", "200000").score);
}

fn agent(login: &str, skills: &[&str], load: u32) -> Agent {
    let skills = skills.iter().map(|it| (*it).to_owned()).collect();
    Agent { login: login.into(), skills, load, on_duty: true, level: Level::Agent }
}

fn chosen(agents: &[Agent], level: Level, minutes: u64) -> Option<String> {
    let report = a_report(Kind::StolenWallet, |it| {
        it.country = "HK".into();
        it.losses = lost("1");
    });
    let skills = charter().skills();
    let needs = skills.needs(&report, level, now() + Lapse::from_secs(minutes * 60), now());
    let choice = skills.assign(&needs, agents);
    let mut turned = agents.to_vec();
    turned.reverse();
    assert_eq!(choice, skills.assign(&needs, &turned), "the order in which they are asked does not matter");
    choice.map(|it| {
        assert!(!it.why.is_empty());
        it.login
    })
}

#[test]
fn a_case_goes_to_who_can_do_it_and_has_hands_free() {
    let chain = "chain:tron:0x2b6653dc";
    let pick = |agents: &[Agent]| chosen(agents, Level::Agent, 600);
    assert_eq!(pick(&[]), None);
    let away = Agent { on_duty: false, ..agent("ann", &["language:zh"], 0) };
    assert_eq!(pick(&[away]), None, "nobody who is not on duty");
    assert_eq!(pick(&[agent("bob", &[], 0), agent("ann", &[], 0)]).as_deref(), Some("ann"), "a tie");
    let zh = agent("zh", &["language:zh"], 5);
    assert_eq!(
        pick(&[agent("en", &["language:en", chain], 0), zh.clone()]).as_deref(),
        Some("zh"),
        "the language"
    );
    let both = agent("both", &["language:zh", chain, "jurisdiction:HK"], 7);
    assert_eq!(
        pick(&[zh.clone(), both.clone()]).as_deref(),
        Some("both"),
        "the chain outweighs two cases in hand"
    );
    assert_eq!(chosen(&[zh.clone(), both], Level::Agent, 10).as_deref(), Some("zh"), "not when it is urgent");
    let lead = Agent { level: Level::Lead, ..agent("lead", &[], 9) };
    assert_eq!(chosen(&[zh.clone(), lead.clone()], Level::Lead, 10).as_deref(), Some("lead"), "the level");
    let officer = Agent { level: Level::ComplaintsOfficer, ..agent("officer", &[], 1) };
    assert_eq!(
        chosen(&[zh, lead, officer], Level::Outside, 10).as_deref(),
        Some("officer"),
        "who sends the packet"
    );
}

#[test]
fn skills_open_a_case_that_asks_for_all_that_it_must_have_and_one_more() {
    let report = a_report(Kind::StolenWallet, |it| it.wallet = "Trust  Wallet".into());
    let skills = charter().skills();
    let needs = skills.needs(&report, Level::Agent, now(), now()).skills;
    for (has, opens) in [
        (&["language:zh", "wallet:trust_wallet"][..], true),
        (&["language:zh", "kind:stolen_wallet"], true),
        (&["language:zh"], false),
        (&["wallet:trust_wallet", "kind:stolen_wallet"], false),
        (&["language:en", "wallet:trust_wallet"], false),
        (&[], false),
    ] {
        let has: Vec<String> = has.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(skills.open(&needs, &has), opens, "{has:?}");
    }
}

#[test]
fn the_plan_is_in_order_and_fits_what_happened() {
    let ids = |steps: Vec<touchstone_cases::PlanStep>| steps.into_iter().map(|it| it.id).collect::<Vec<_>>();
    let stolen = a_report(Kind::StolenWallet, |it| it.losses = lost("1"));
    assert_eq!(
        ids(plan(&stolen, charter())),
        [
            "freeze",
            "not-the-stolen-device",
            "new-passwords",
            "second-factor",
            "fresh-keys",
            "record-the-loss",
            "tell-police",
            "keep-watching"
        ]
    );
    let first = first_hour(&stolen, charter());
    assert_eq!((first[0].offer, first[0].order), (Some(Offer::Freeze), 1));
    assert!(first.iter().zip(1..).all(|(it, order)| it.order == order));
    assert!(first.iter().any(|it| it.id == "issuer-packet"), "who issued USDT can freeze it");
    let told = a_report(Kind::Other, |it| it.police_reference = "A-1".into());
    let told = ids(first_hour(&told, charter()));
    assert!(
        !told.iter().any(|it| it == "police" || it == "issuer-packet" || it == "freeze-account"),
        "{told:?}"
    );
    for kind in Kind::ALL {
        let any = a_report(kind, |_| ());
        assert!(!first_hour(&any, charter()).is_empty() && !plan(&any, charter()).is_empty());
    }
}

#[test]
fn nothing_a_victim_is_told_asks_for_a_secret_or_promises_safety() {
    for kind in Kind::ALL {
        let it = a_report(kind, |it| (it.losses, it.wallet) = (lost("1"), "x".into()));
        for step in first_hour(&it, charter()).into_iter().chain(plan(&it, charter())) {
            for text in [&step.title, &step.text] {
                for bad in ["安全无虞", "放心", "提供助记词", "is safe", "guarantee", "send us"] {
                    assert!(!text.zh.contains(bad) && !text.en.contains(bad), "{}: {bad}", step.id);
                }
            }
        }
    }
}
