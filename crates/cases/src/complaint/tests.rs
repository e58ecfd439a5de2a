use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::case::ClockState;
use crate::charter::CaseKey;
use crate::report::{Kind, RawAddress, RawContact, RawLoss, RawReport, RawSuspect, RawTransaction};
use crate::rule::{Trigger, Whose};
use crate::{Event, Fact, advance, open};

static CHARTER: LazyLock<Charter> = LazyLock::new(|| Charter::built_in().unwrap());
static FORMS: LazyLock<Forms> = LazyLock::new(|| Forms::built_in(&CHARTER).unwrap());

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn now() -> Moment {
    at("2026-11-20T08:00:00Z")
}

/// As little as anybody has to say.
fn least(country: &str, kind: &str) -> RawReport {
    RawReport {
        kind: kind.into(),
        country: country.into(),
        language: "en".into(),
        story: "My wallet is empty.".into(),
        ..RawReport::default()
    }
}

/// All that the form of intake has room for.
fn most(country: &str) -> RawReport {
    RawReport {
        happened_from: "2026-11-19T20:30:00Z".into(),
        happened_until: "2026-11-19T21:00:00Z".into(),
        losses: vec![
            RawLoss {
                asset: "USDT".into(),
                chain: "tron".into(),
                amount: "1250.50".into(),
                ..RawLoss::default()
            },
            RawLoss { asset: "TRX".into(), chain: "tron".into(), ..RawLoss::default() },
        ],
        addresses: vec![
            RawAddress {
                text: "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t".into(),
                chain: "tron".into(),
                whose: "theirs".into(),
            },
            RawAddress {
                text: "TKzxdSv2FZKQrEqkKVgp5DcwEXBEKMg2Ax".into(),
                chain: "tron".into(),
                whose: "mine".into(),
            },
        ],
        transactions: vec![RawTransaction { id: "ab".repeat(32), chain: "tron".into() }],
        suspects: vec![
            RawSuspect {
                platform: "telegram".into(),
                account: "@helpdesk_1".into(),
                name: "Official Help".into(),
            },
            RawSuspect {
                platform: "web".into(),
                account: "https://wallet-help.example".into(),
                ..RawSuspect::default()
            },
        ],
        account: "u-77".into(),
        contact: RawContact {
            name: "Lin".into(),
            email: "lin@mail.example".into(),
            phone: "+86 139 0000 0000".into(),
        },
        wallet: "TronLink".into(),
        police_reference: "2026-1120".into(),
        answers: BTreeMap::from([("desired_resolution".to_owned(), "Give back the fee.".to_owned())]),
        ..least(country, "fake_support")
    }
}

fn parsed(raw: &RawReport) -> Report {
    Report::parse(raw, now(), &CHARTER).unwrap()
}

fn opened(report: &Report, firm: &[String], events: &[(Event, Moment)]) -> Case {
    let key = CaseKey { kind: report.kind, jurisdiction: report.jurisdiction.as_deref(), firm_kinds: firm };
    let policy = CHARTER.policy_for(&key);
    let case = open(now(), &policy).case;
    events.iter().fold(case, |case, (event, at)| advance(case, event.clone(), *at, &policy).case)
}

fn facts<'a>(case: &'a Case, firm: &'a [String]) -> Facts<'a> {
    Facts {
        now: now(),
        reference: "TS-7K2M",
        case,
        answered: None,
        closed: None,
        firm: Firm { name: Some("Demo Wallet"), address: None, kinds: firm },
        zone: CHARTER.zone_of(Some("CN")),
        files: &[],
        filled: &[],
        sent: &[],
    }
}

fn firm(kinds: &[&str]) -> Vec<String> {
    kinds.iter().map(|it| (*it).to_owned()).collect()
}

fn channels(raw: &RawReport, kinds: &[&str]) -> Vec<String> {
    let (report, firm) = (parsed(raw), firm(kinds));
    let case = opened(&report, &firm, &[]);
    packets(&report, &facts(&case, &firm), &CHARTER, &FORMS).into_iter().map(|it| it.channel).collect()
}

fn one(raw: &RawReport, channel: &str, change: impl FnOnce(&mut Facts<'_>)) -> Packet {
    let (report, firm) = (parsed(raw), firm(&["CASP"]));
    let case = opened(&report, &firm, &[]);
    let mut facts = facts(&case, &firm);
    change(&mut facts);
    packets(&report, &facts, &CHARTER, &FORMS).into_iter().find(|it| it.channel == channel).unwrap()
}

fn states(packet: &Packet) -> Vec<(&str, Filled)> {
    packet.fields.iter().map(|it| (it.id.as_str(), it.state)).collect()
}

#[test]
fn every_field_and_text_of_the_list_is_known_in_both_languages() {
    // `Forms::load` refuses anything missing; here, that the check itself sees it.
    let fields = include_str!("../../../../policies/complaints/fields.toml");
    let channels = include_str!("../../../../policies/complaints/channels.toml");
    let asked: BTreeSet<&String> = CHARTER
        .jurisdictions()
        .all()
        .iter()
        .flat_map(|it| &it.channels)
        .flat_map(|it| &it.required_fields)
        .collect();
    assert_eq!(asked.len(), 79);
    for id in asked {
        let field = FORMS.field(id).unwrap();
        assert!(!field.label().zh.is_ascii() && field.label().en.is_ascii(), "{id}");
        let without = fields.replacen(&format!("[fields.{id}]\n"), &format!("[fields.x_{id}]\n"), 1);
        let problems = Forms::load(&without, channels, &CHARTER).unwrap_err();
        assert!(problems.iter().any(|it| it.reason.contains(id.as_str())), "{id}");
    }
    for place in CHARTER.jurisdictions().all() {
        for channel in &place.channels {
            assert!(!FORMS.name(channel).zh.is_ascii(), "{} has no Chinese name", channel.id);
        }
    }
}

#[test]
fn no_question_asks_for_a_secret() {
    for field in
        CHARTER.jurisdictions().all().iter().flat_map(|it| &it.channels).flat_map(|it| &it.required_fields)
    {
        let question = FORMS.question(&FORMS.field(field).unwrap().ask).unwrap();
        for (secret, refused) in [
            ("助记词", "不要助记词"),
            ("私钥", "不要助记词或私钥"),
            ("recovery phrase", "never a recovery phrase"),
            ("password", "-"),
            ("密码", "-"),
            ("验证码", "-"),
        ] {
            for text in [&question.zh, &question.en] {
                assert!(!text.contains(secret) || text.contains(refused), "{field}: {text}");
            }
        }
    }
}

#[test]
fn a_report_goes_where_it_is_taken_on() {
    let with_loss = |country: &str, kind: &str| RawReport {
        losses: vec![RawLoss {
            asset: "USDT".into(),
            chain: "tron".into(),
            amount: "5".into(),
            ..RawLoss::default()
        }],
        ..least(country, kind)
    };
    let with_suspect = |country: &str, kind: &str| RawReport {
        suspects: vec![RawSuspect { account: "@helpdesk_1".into(), ..RawSuspect::default() }],
        ..least(country, kind)
    };
    for (raw, firm, expected) in [
        (with_loss("CN", "stolen_wallet"), &["CASP"][..], &["cn-110", "cn-96110"][..]),
        (with_suspect("CN", "fake_support"), &[], &["cn-110", "cn-96110", "cn-12321", "cn-12377"]),
        // What is no crime goes to those who judge the firm, and the other way round.
        (least("CN", "locked_account"), &[], &["cn-12315"]),
        (least("CN", "locked_account"), &["bank"], &["cn-12315", "cn-12378"]),
        (with_loss("HK", "stolen_wallet"), &["licensed_VATP"], &["hk-adcc", "hk-sfc", "hk-fdrc"]),
        (with_loss("TW", "fake_support"), &[], &["tw-165"]),
        (with_loss("SG", "stolen_wallet"), &["DPT_service_provider"], &["sg-1799", "sg-spf", "sg-mas"]),
        (with_loss("US", "stolen_wallet"), &[], &["us-ic3", "us-ftc", "us-state-ag"]),
        (least("GB", "stolen_wallet"), &["FCA_firm"], &["uk-reportfraud", "uk-scot-101", "uk-fos"]),
        // A country of the Union has the Union's authorities.
        (
            with_suspect("DE", "fake_support"),
            &["CASP"],
            &["eu-police", "eu-nca", "eu-dsa16", "eu-casp-annex", "eu-adr"],
        ),
        (least("AU", "other"), &["AFS_licensee"], &["au-afca"]),
        (least("CA", "stolen_wallet"), &[], &["ca-cafc"]),
        (with_loss("CA", "stolen_wallet"), &[], &["ca-cafc", "ca-police"]),
        (with_loss("JP", "stolen_wallet"), &[], &["jp-9110", "jp-npa-cyber"]),
        (with_loss("KR", "fake_support"), &[], &["kr-112", "kr-1332"]),
        // Where no authority is listed, none is made up.
        (with_loss("BR", "stolen_wallet"), &["CASP"], &[]),
    ] {
        assert_eq!(channels(&raw, firm), expected, "{} {}", raw.country, raw.kind);
    }
}

#[test]
fn a_full_report_fills_the_form_and_the_rest_is_asked_for() {
    let packet = one(&most("US"), "us-ic3", |_| ());
    let value = |id: &str| packet.fields.iter().find(|it| it.id == id).unwrap().value.en.clone();
    assert_eq!(value("amount"), "1250.50 USDT (Tron)\nTRX: amount not known");
    assert_eq!(value("asset"), "USDT\nTRX");
    assert_eq!(value("destination_address"), "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t (Tron)");
    assert_eq!(value("victim_address"), "TKzxdSv2FZKQrEqkKVgp5DcwEXBEKMg2Ax (Tron)");
    assert_eq!(
        value("identifiers_of_scammer"),
        "telegram: @helpdesk_1 (Official Help)\nweb: https://wallet-help.example\nTR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t (Tron)"
    );
    assert_eq!(value("domains_apps"), "web: https://wallet-help.example");
    assert_eq!(
        value("timeline"),
        "2026-11-20 04:30 (UTC+08:00) It began\n2026-11-20 05:00 (UTC+08:00) It ended\n2026-11-20 16:00 (UTC+08:00) Reported to the platform, number TS-7K2M"
    );
    let missing: Vec<&str> = packet.missing().map(|it| it.id.as_str()).collect();
    assert_eq!(missing, ["tx_time", "token_contract", "how_contact_began"]);
    for field in packet.missing() {
        assert!(field.value.en.is_empty() && field.question.as_ref().is_some_and(|it| it.en.ends_with('?')));
    }
    assert_eq!(packet.police_reference.as_deref(), Some("2026-1120"));
}

#[test]
fn the_form_of_the_union_for_complaints_is_filled_and_keeps_no_id_number() {
    let packet = one(&most("DE"), "eu-casp-annex", |_| ());
    let field = |id: &str| packet.fields.iter().find(|it| it.id == id).unwrap();
    let complainant = field("annex_1a_complainant");
    assert_eq!(complainant.state, Filled::ByHand);
    assert_eq!(
        complainant.value.en,
        "Lin\nAccount at Demo Wallet: u-77\n+86 139 0000 0000\nlin@mail.example"
    );
    assert_eq!(field("annex_3d_damage").value.en, "1250.50 USDT (Tron)\nTRX: amount not known");
    let missing: Vec<&str> = packet.missing().map(|it| it.id.as_str()).collect();
    assert_eq!(missing, ["annex_attachments"]);
    assert_eq!(packet.clocks.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["eu-casp-2m"]);
}

#[test]
fn half_a_field_is_shown_and_still_asked_for() {
    let packet = one(&least("DE", "locked_account"), "eu-nca", |facts| facts.firm.address = None);
    let name = packet.fields.iter().find(|it| it.id == "business_name_address").unwrap();
    assert_eq!((name.state, name.value.en.as_str()), (Filled::Partly, "Demo Wallet"));
    assert!(name.question.is_some() && !packet.own_form);
    let packet = one(&least("DE", "locked_account"), "eu-nca", |facts| facts.firm.address = Some("Pier 1"));
    let name = packet.fields.iter().find(|it| it.id == "business_name_address").unwrap();
    assert_eq!((name.state, name.value.en.as_str()), (Filled::Whole, "Demo Wallet\nPier 1"));
}

#[test]
fn nothing_is_invented_for_who_said_little() {
    for place in CHARTER.jurisdictions().all() {
        for kind in Kind::ALL {
            let raw = least(if place.id == "EU" { "DE" } else { &place.id }, kind.as_str());
            let (report, firm) = (parsed(&raw), firm(&["CASP", "bank", "AFS_licensee", "FCA_firm"]));
            let case = opened(&report, &firm, &[]);
            let mut facts = facts(&case, &firm);
            facts.firm.name = None;
            for packet in packets(&report, &facts, &CHARTER, &FORMS) {
                for field in &packet.fields {
                    let known =
                        ["My wallet is empty.", "TS-7K2M"].iter().any(|it| field.value.en.contains(it))
                            || matches!(field.id.as_str(), "category" | "issue");
                    assert!(known || field.value == Bilingual::default(), "{}: {field:?}", packet.channel);
                    assert_eq!(field.question.is_none(), field.state == Filled::Whole, "{field:?}");
                }
            }
        }
    }
}

#[test]
fn what_is_done_in_person_is_never_kept_here() {
    let hand = |field: &str| Hand {
        channel: "cn-110".into(),
        field: field.into(),
        text: "110101199003070000".into(),
        by: "Chen".into(),
        at: now(),
    };
    let hands = [hand("victim_name_and_id_number")];
    let report = RawReport { losses: most("CN").losses, ..least("CN", "stolen_wallet") };
    let (report, firm) = (parsed(&report), firm(&[]));
    let case = opened(&report, &firm, &[]);
    let facts = Facts { filled: &hands, ..facts(&case, &firm) };
    let packet = &packets(&report, &facts, &CHARTER, &FORMS)[0];
    assert_eq!(states(packet)[0], ("victim_name_and_id_number", Filled::ByHand));
    assert!(packet.fields.iter().all(|it| !it.value.zh.contains("110101")));
}

#[test]
fn a_field_is_filled_by_hand_the_last_hand_counts_and_an_empty_one_takes_it_back() {
    let hand = |text: &str, channel: &str| Hand {
        channel: channel.into(),
        field: "tx_time".into(),
        text: text.into(),
        by: "Chen".into(),
        at: now(),
    };
    for (hands, expected) in [
        (vec![hand("20:41", "us-ic3")], ("20:41", Filled::Whole)),
        (vec![hand("20:41", "us-ic3"), hand("20:42", "us-ic3")], ("20:42", Filled::Whole)),
        (vec![hand("20:41", "us-ic3"), hand("", "us-ic3")], ("", Filled::Missing)),
        (vec![hand("20:41", "us-ftc")], ("", Filled::Missing)),
    ] {
        let (report, firm) = (parsed(&most("US")), firm(&[]));
        let case = opened(&report, &firm, &[]);
        let facts = Facts { filled: &hands, ..facts(&case, &firm) };
        let packets = packets(&report, &facts, &CHARTER, &FORMS);
        let packet = packets.iter().find(|it| it.channel == "us-ic3").unwrap();
        let field = packet.fields.iter().find(|it| it.id == "tx_time").unwrap();
        assert_eq!((field.value.en.as_str(), field.state), expected, "{hands:?}");
    }
}

#[test]
fn files_go_along_with_their_hashes() {
    let files = [
        Attachment {
            n: 1,
            name: "chat.png".into(),
            kind: "image/png".into(),
            sha256: "ab12".into(),
            at: now(),
        },
        Attachment {
            n: 2,
            name: "log.txt".into(),
            kind: "text/plain".into(),
            sha256: "cd34".into(),
            at: now(),
        },
    ];
    let (report, firm) =
        (parsed(&RawReport { losses: most("CN").losses, ..least("CN", "stolen_wallet") }), firm(&[]));
    let case = opened(&report, &firm, &[]);
    let facts = Facts { files: &files, ..facts(&case, &firm) };
    let packet = &packets(&report, &facts, &CHARTER, &FORMS)[0];
    let value = |id: &str| packet.fields.iter().find(|it| it.id == id).unwrap().value.en.clone();
    assert_eq!(value("chat_and_call_records"), "1. chat.png · SHA-256 ab12\n2. log.txt · SHA-256 cd34");
    assert_eq!(value("transfer_voucher_screenshot"), "1. chat.png · SHA-256 ab12");
}

fn stands(packet: &Packet) -> Vec<(&str, &Stand)> {
    packet.clocks.iter().map(|it| (it.id.as_str(), &it.stand)).collect()
}

#[test]
fn an_ombudsman_is_next_once_the_firm_is_late_or_done() {
    let (report, firm) = (parsed(&least("GB", "locked_account")), firm(&["FCA_firm"]));
    let fos = |events: &[(Event, Moment)], closed: Option<Moment>| {
        let case = opened(&report, &firm, events);
        let facts = Facts { closed, ..facts(&case, &firm) };
        packets(&report, &facts, &CHARTER, &FORMS).into_iter().find(|it| it.channel == "uk-fos").unwrap()
    };
    // Nobody complained in form: no term of law runs.
    assert_eq!(fos(&[], None).stage, Stage::AfterFirm { from: None });
    let complained = (Event::Complained, now());
    let waiting = fos(std::slice::from_ref(&complained), None);
    let Stage::AfterFirm { from: Some(from) } = waiting.stage else { panic!("{:?}", waiting.stage) };
    assert_eq!(from, at("2027-01-15T23:59:59Z"));
    let clock = waiting.clocks.iter().find(|it| it.id == "uk-disp-8w").unwrap();
    assert_eq!(clock.stand, Stand::Running { from: now(), due: Some(from) });
    assert!(!clock.sources.is_empty());
    // That the firm did not settle it within three days is not yet a matter for the ombudsman.
    let week = [complained.clone(), (Event::Tick, at("2026-11-28T00:00:00Z"))];
    let case = Case { level: Level::ComplaintsOfficer, ..opened(&report, &firm, &week) };
    let broken: Vec<&str> = case
        .clocks
        .iter()
        .filter(|it| it.rule.whose == Whose::Firm && matches!(it.state, ClockState::Breached(_)))
        .map(|it| &*it.rule.name)
        .collect();
    assert_eq!(broken, ["uk-disp-3bd"]);
    let all = packets(&report, &facts(&case, &firm), &CHARTER, &FORMS);
    let early = all.iter().find(|it| it.channel == "uk-fos").unwrap();
    assert_eq!(early.stage, Stage::AfterFirm { from: Some(from) });
    let late = fos(&[complained, (Event::Tick, at("2027-01-16T00:00:00Z"))], None);
    assert_eq!(late.stage, Stage::Now);
    assert!(late.clocks.iter().any(|it| it.stand == Stand::Breached { at: from }));
    assert_eq!(fos(&[], Some(now())).stage, Stage::Now);
}

#[test]
fn terms_wait_for_what_starts_them_and_what_is_not_sure_is_advice() {
    let raw = RawReport { losses: most("CN").losses, ..least("CN", "stolen_wallet") };
    let (report, firm) = (parsed(&raw), firm(&[]));
    let police = |events: &[(Event, Moment)]| {
        let case = opened(&report, &firm, events);
        packets(&report, &facts(&case, &firm), &CHARTER, &FORMS).remove(0)
    };
    let before = police(&[]);
    let waits = stands(&before);
    let find = |id: &str| waits.iter().find(|it| it.0 == id).map(|it| it.1).unwrap();
    assert_eq!(find("cn-filing-review"), &Stand::NotStarted { starts: vec![Trigger::PoliceReported] });
    // Its source is not solid (C): advice, and the contradiction is shown.
    assert!(matches!(find("cn-reconsider"), Stand::Advice { .. }));
    let review = before.clocks.iter().find(|it| it.id == "cn-reconsider").unwrap();
    assert_eq!(review.confidence, Confidence::C);
    assert!(review.conflict.as_ref().is_some_and(|it| it.zh.contains("10 日") && it.en.contains("10 days")));
    let after = police(&[(Event::Happened(Fact::PoliceReported), now())]);
    let filing = after.clocks.iter().find(|it| it.id == "cn-filing-review").unwrap();
    assert!(matches!(filing.stand, Stand::Running { due: Some(_), .. }), "{:?}", filing.stand);
    assert_eq!(filing.longer.len(), 3);
}

#[test]
fn warnings_of_the_list_are_shown_in_both_languages() {
    let packet =
        one(&RawReport { losses: most("CN").losses, ..least("CN", "stolen_wallet") }, "cn-96110", |_| ());
    assert_eq!(packet.contact, BTreeMap::from([("phone".to_owned(), "96110".to_owned())]));
    assert_eq!(packet.confidence, Confidence::C);
    assert!(packet.warnings[0].zh.contains("搜索") && packet.warnings[0].en.contains("Search engines"));
}

proptest! {
    /// Whatever a report says, what stands in a field was said: each line of a value holds a text
    /// of the report, or is one that the case itself makes.
    #[test]
    fn what_stands_in_a_field_was_said(story in "[a-z]{5,20}", name in "[A-Z][a-z]{3,9}", amount in 1_u32..1_000_000, place in 0_usize..11, drop in 0_u32..128) {
        let place = &CHARTER.jurisdictions().all()[place].id;
        let mut raw = most(if place == "EU" { "FR" } else { place });
        raw.story.clone_from(&story);
        raw.contact.name.clone_from(&name);
        raw.losses[0].amount = amount.to_string();
        if drop & 1 != 0 { raw.losses.clear(); }
        if drop & 2 != 0 { raw.addresses.clear(); }
        if drop & 4 != 0 { raw.suspects.clear(); }
        if drop & 8 != 0 { raw.transactions.clear(); }
        if drop & 16 != 0 { raw.contact = RawContact::default(); }
        if drop & 32 != 0 { raw.happened_from.clear(); raw.happened_until.clear(); }
        if drop & 64 != 0 { raw.answers.clear(); raw.wallet.clear(); raw.account.clear(); }
        let (report, firm) = (parsed(&raw), firm(&["CASP", "bank", "FCA_firm", "AFS_licensee", "DPT_service_provider"]));
        let case = opened(&report, &firm, &[]);
        let all = packets(&report, &facts(&case, &firm), &CHARTER, &FORMS);
        let mut said: Vec<String> = vec![story, "Demo Wallet".into(), "Give back the fee.".into(), "TS-7K2M".into()];
        said.extend(report.contact.name.iter().chain(&report.contact.email).chain(&report.contact.phone).cloned());
        said.extend(report.losses.iter().map(|it| it.asset.clone()));
        said.extend(report.losses.iter().filter_map(|it| it.chain.clone()));
        said.extend(report.addresses.iter().map(|it| it.text.clone()));
        said.extend(report.transactions.iter().map(|it| it.id.clone()));
        said.extend(report.suspects.iter().map(|it| it.account.clone()));
        said.extend(report.wallet.iter().chain(&report.account).cloned());
        for packet in all {
            for field in packet.fields.iter().filter(|it| !matches!(it.id.as_str(), "category" | "issue" | "reasons_illegal")) {
                for line in field.value.en.lines() {
                    let times = report.happened_from.is_some() && line.contains("2026-11-");
                    prop_assert!(times || said.iter().any(|it| line.contains(it.as_str())), "{}: {line}", field.id);
                }
            }
        }
    }
}
