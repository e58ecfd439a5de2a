use std::path::Path;

use super::*;
use crate::report::Kind;
use crate::rule::{Policy, StopsOn, Trigger, Whose};

fn charter() -> Charter {
    Charter::built_in().unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn rules(place: &str, firm_kinds: &[&str], trigger: Trigger) -> Vec<String> {
    let firm_kinds: Vec<String> = firm_kinds.iter().map(|it| (*it).to_owned()).collect();
    let key = CaseKey { kind: Kind::StolenWallet, jurisdiction: Some(place), firm_kinds: &firm_kinds };
    charter().policy_for(&key).rules(trigger).iter().map(|it| it.name.to_string()).collect()
}

#[test]
fn the_charter_that_comes_with_this_version_is_whole() {
    let charter = charter();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/cases");
    assert_eq!(
        std::fs::read_dir(folder).unwrap().count(),
        BUILT_IN.len(),
        "every file of the folder is built in"
    );
    let places = charter.jurisdictions();
    assert_eq!(places.all().len(), 11);
    let clocks: Vec<_> = places.all().iter().flat_map(|it| &it.clocks).collect();
    assert_eq!(clocks.len(), 44);
    for clock in clocks {
        assert!(
            !clock.sources.is_empty() && !clock.title.zh.is_empty() && !clock.title.en.is_empty(),
            "{}",
            clock.id
        );
        assert_eq!(clock.rules.is_empty(), clock.advice.is_some(), "{} runs, or says why not", clock.id);
        assert!(clock.confidence.is_solid() || clock.advice == Some(Advice::NotSure), "{}", clock.id);
    }
}

#[test]
fn the_law_of_the_place_and_the_kind_of_firm_decides_which_terms_run() {
    use Trigger as T;
    for (place, firm_kinds, trigger, expected) in [
        ("EU", &["CASP"][..], T::Complained, &["complaint-answer", "eu-casp-2m"][..]),
        ("EU", &[], T::Complained, &["complaint-answer"]),
        ("EU", &["payment_service_provider"], T::Complained, &["complaint-answer", "eu-psp-15bd"]),
        ("UK", &["FCA_firm"], T::Complained, &["complaint-answer", "uk-disp-3bd", "uk-disp-8w"]),
        ("UK", &["FCA_authorised_cryptoasset_firm"], T::Complained, &["complaint-answer"]), // Only proposed.
        ("UK", &[], T::Decided, &["uk-fos-6m"]),
        ("AU", &["AFS_licensee"], T::Complained, &["complaint-answer", "au-rg271-ack", "au-rg271-30"]),
        ("US", &["bank"], T::Opened, &["outcome", "us-rege-provisional"]),
        ("US", &["NY_virtual_currency_entity"], T::Opened, &["outcome"]), // A duty without a number.
        ("KR", &[], T::PaymentStopped, &["kr-written-relief"]),           // Beside one of confidence C.
        ("TW", &[], T::HoldBegan, &["tw-vasp-hold"]),
        ("TW", &["bank"], T::Overdue, &["tw-foi-60"]),
        ("TW", &["bank"], T::Decided, &["tw-foi-60"]),
        ("CN", &[], T::PoliceReported, &["cn-police-enter-30min", "cn-filing-review"]),
        ("CN", &[], T::PoliceRefused, &[]), // Confidence C.
        ("CA", &["federally_regulated_bank"], T::Complained, &["complaint-answer"]), // No calendar.
        ("JP", &["CASP"], T::Opened, &["outcome"]),
    ] {
        assert_eq!(rules(place, firm_kinds, trigger), expected, "{place} {firm_kinds:?} {trigger}");
    }
}

#[test]
fn what_starts_no_clock_says_why() {
    let charter = charter();
    let advice = |id: &str| charter.jurisdictions().clock(id).and_then(|it| it.1.advice);
    assert_eq!(advice("cn-reconsider"), Some(Advice::NotSure));
    assert_eq!(advice("us-nydfs-vce"), Some(Advice::NoNumber));
    assert_eq!(advice("uk-crypto-disp"), Some(Advice::NotInForce));
    assert_eq!(advice("kr-vasp-suspend"), Some(Advice::NotInForce));
    assert_eq!(advice("cn-samr-accept"), Some(Advice::NoTrigger));
    assert_eq!(advice("ca-bank-56"), Some(Advice::NoCalendar));
    assert_eq!(advice("eu-casp-2m"), None);
    let (_, review) = charter.jurisdictions().clock("cn-filing-review").unwrap();
    assert!(review.conflict.is_some() && review.extensions.len() == 3, "what contradicts it is kept");
}

#[test]
fn a_hold_that_lapses_is_the_victims_concern_wherever_the_list_has_it() {
    let charter = charter();
    let (place, hold) = charter.jurisdictions().clock("tw-vasp-hold").unwrap();
    assert_eq!((place.id.as_str(), hold.whose), ("TW", Whose::Victim));
    assert!(hold.applies_to_any(&[]), "whichever firm holds it");
    assert_eq!(hold.rules[0].stops_on, StopsOn::Done);
    let start: touchstone_types::Moment = "2026-11-22T08:00:00Z".parse().unwrap();
    let key = CaseKey { kind: Kind::StolenWallet, jurisdiction: Some("TW"), firm_kinds: &[] };
    let due = charter.policy_for(&key).due(&hold.rules[0], start, &[]).unwrap();
    assert_eq!(due.since(start).as_secs(), 48 * 3_600);
}

#[test]
fn each_kind_has_one_promise_of_an_answer_and_thefts_are_answered_in_minutes() {
    let charter = charter();
    for kind in Kind::ALL {
        let policy = charter.policy_for(&CaseKey { kind, jurisdiction: None, firm_kinds: &[] });
        let answer = policy.rules(Trigger::Written);
        assert_eq!(answer.len(), 1, "{kind}");
        assert_eq!(&*answer[0].name == "answer-theft", kind.is_theft());
        assert_eq!(answer[0].warnings.iter().map(|it| it.get()).collect::<Vec<_>>(), [50, 80]);
    }
}

#[test]
fn a_broken_file_is_refused_with_its_line_and_reason() {
    let calendars = || crate::clock::Calendars::built_in().unwrap();
    let text = |name: &str| BUILT_IN.iter().find(|it| it.0 == name).unwrap().1;
    for (name, from, to, reason) in [
        ("desk.toml", "agent = \"15m\"", "agent = \"15s\"", "a minute at least"),
        ("desk.toml", "agent = \"15m\"", "agent = \"soon\"", "no duration"),
        ("desk.toml", "calendar = \"CN\"", "calendar = \"MARS\"", "unknown calendar"),
        ("desk.toml", "term = \"15 minute\"", "term = \"15 moments\"", "no term such as"),
        ("desk.toml", "term = \"15 minute\"", "term = \"0 minute\"", "no term such as"),
        ("desk.toml", "warnings = [50, 80]", "warnings = [80, 50]", "must rise"),
        ("desk.toml", "warnings = [50, 80]", "warnings = [50, 100]", "1 to 99"),
        ("desk.toml", "starts = \"written\"", "starts = \"opened\"", "exactly one promise"),
        ("desk.toml", "name = \"answer\"", "name = \"outcome\"", "there twice"),
        ("desk.toml", "stops = \"outcome\"", "stops = \"done\"", "not by the victim"),
        ("desk.toml", "high = 50", "high = 90", "must rise"),
        ("desk.toml", "other = 5\n", "", "`other` is missing"),
        ("desk.toml", "GB = \"UK\"", "GB = \"XX\"", "of which nothing is known"),
        ("desk.toml", "KR = \"韩国\"\n", "", "no Chinese name"),
        ("assets.toml", "chains = [\"tron", "chains = [\"iron", "not in the list"),
        ("assets.toml", "id = \"eip155:1\"", "id = \"one\"", "no CAIP-2 chain"),
        ("assets.toml", "also = [\"tether\"", "also = [\"bitcoin\"", "stands for both"),
        ("assets.toml", "form = \"tron\"", "form = \"iron\"", "unknown variant"),
        ("clocks.toml", "[eu-casp-2m]", "[eu-casp-3m]", "no term `eu-casp-3m`"),
        ("clocks.toml", "[eu-casp-2m]", "[eu-casp-3m]", "says nothing of `eu-casp-2m`"),
        ("jurisdictions.json", "\"confidence\": \"A\"", "\"confidence\": \"Z\"", "unknown variant"),
        ("jurisdictions.json", "\"on_breach\": [", "\"on_breach\": [\"nobody\", ", "no channel of"),
        ("jurisdictions.json", "\"issuers\": [", "\"isuers\": [", "unknown field"),
        ("plan.toml", "id = \"clean-device\"", "id = \"freeze-account\"", "there twice"),
        ("skills.toml", "counts = 40", "counts = -1", "invalid value"),
    ] {
        let bad = text(name).replacen(from, to, 1);
        assert_ne!(bad, text(name), "{from} is in {name}");
        let problems =
            Charter::load([(format!("policies/{name}").as_str(), bad.as_str())], calendars()).unwrap_err();
        let found = problems.iter().find(|it| it.reason.contains(reason));
        let found = found.unwrap_or_else(|| panic!("{name} {to}: {problems:#?}"));
        assert!(found.file.ends_with(".toml") || found.file.ends_with(".json"), "{found}");
        // A mistake in one file may show in another.
        let read = if found.file.ends_with(name) { bad.as_str() } else { text(&found.file) };
        assert!(
            found.line <= read.lines().count() && found.to_string().contains(&format!(":{}:", found.line)),
            "{found}"
        );
    }
    let problems = Charter::load([("policies/desks.toml", "")], calendars()).unwrap_err();
    assert!(problems[0].reason.contains("these are assets.toml"), "{problems:?}");
}

#[test]
fn a_folder_replaces_what_it_holds_and_another_text_has_another_hash() {
    let text = BUILT_IN.iter().find(|it| it.0 == "desk.toml").unwrap().1;
    let mine = text.replacen("id = \"default\"", "id = \"ours\"", 1);
    let calendars = crate::clock::Calendars::built_in().unwrap();
    let other = Charter::load([("/etc/touchstone/cases/desk.toml", mine.as_str())], calendars).unwrap();
    assert_eq!(other.name(), ("ours", 1));
    assert_ne!(other.hash(), charter().hash());
    assert_eq!(charter().hash(), charter().hash());
    assert_eq!(other.assets().len(), charter().assets().len());
}
