use std::sync::OnceLock;

use proptest::prelude::*;

use super::forms::Fit;
use super::*;
use crate::charter::Charter;

fn charter() -> &'static Charter {
    static ONCE: OnceLock<Charter> = OnceLock::new();
    ONCE.get_or_init(|| Charter::built_in().unwrap())
}

fn now() -> Moment {
    "2026-11-22T08:00:00Z".parse().unwrap()
}

fn least() -> RawReport {
    RawReport {
        kind: "stolen_wallet".into(),
        story: "钱包被盗了".into(),
        language: "zh-CN".into(),
        ..RawReport::default()
    }
}

fn parse(raw: &RawReport) -> Result<Report, Vec<(String, &'static str)>> {
    let wrong = |it: Vec<FieldError>| it.into_iter().map(|it| (it.field, it.code)).collect();
    Report::parse(raw, now(), charter()).map_err(wrong)
}

/// What is wrong with a report that differs from a good one in this.
fn wrong(change: impl FnOnce(&mut RawReport)) -> Vec<(String, &'static str)> {
    let mut raw = least();
    change(&mut raw);
    parse(&raw).err().unwrap_or_default()
}

const EVM: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"; // From EIP-55.
const BITCOIN: [&str; 4] = [
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",         // The first block's.
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",         // From the developer's guide.
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", // From BIP-173.
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", // From BIP-350.
];
const TRON: &str = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"; // The contract of USDT.
const SOLANA: &str = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"; // The mint of USDC.
const XRPL: &str = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"; // The first account.
const TON: &str = "EQCxE6mUtQJKFnGfaROTKOt1lZbDiiX1kCixRv7Nw2Id_sDs"; // The contract of USDT.

#[test]
fn an_offset_counts_however_it_is_written() {
    for written in ["2026-11-21T10:00:00+08:00", "2026-11-21T10:00+08:00", "2026-11-21 10:00:00+0800"] {
        let raw = RawReport { happened_from: written.into(), time_zone: "Europe/Brussels".into(), ..least() };
        let report = Report::parse(&raw, now(), charter()).unwrap();
        assert_eq!(report.happened_from, Some("2026-11-21T02:00:00Z".parse().unwrap()), "{written}");
    }
}

#[test]
fn addresses_are_known_by_their_form_and_checksum() {
    let good =
        [(Form::Evm, EVM), (Form::Tron, TRON), (Form::Solana, SOLANA), (Form::Xrpl, XRPL), (Form::Ton, TON)];
    for (form, text) in good.into_iter().chain(BITCOIN.map(|it| (Form::Bitcoin, it))) {
        assert_eq!(form.address(text), Fit::Yes, "{text}");
        for other in Form::ALL.into_iter().filter(|it| *it != form) {
            assert_ne!(other.address(text), Fit::Yes, "{text} is no address of {other}");
        }
        // One wrong character, in the middle: all but Solana's forms notice.
        let at = text.len() / 2;
        for slip in "2b9Ac".chars().filter(|it| !text[at..].starts_with(*it)) {
            let bad = format!("{}{slip}{}", &text[..at], &text[at + 1..]);
            if form != Form::Solana && form != Form::Evm {
                assert_ne!(form.address(&bad), Fit::Yes, "{bad}");
            }
        }
    }
    assert_eq!(Form::Evm.address(&EVM.to_lowercase()), Fit::Yes, "without capitals there is no checksum");
    assert_eq!(Form::Evm.address(&EVM.replace("aAeb", "aaEb")), Fit::Checksum);
    assert_eq!(Form::Bitcoin.address(&BITCOIN[2].to_uppercase()), Fit::Yes);
    assert_eq!(Form::Bitcoin.address(&BITCOIN[2].replace("qw5", "Qw5")), Fit::No, "both cases at once");
    for text in ["", "0x", "0x12", "bc1", "T", "中文地址", &"1".repeat(10_000), "0:zz"] {
        assert!(Form::ALL.into_iter().all(|it| it.address(text) != Fit::Yes), "{text}");
    }
}

#[test]
fn a_kind_and_a_story_are_enough() {
    let report = parse(&least()).unwrap();
    assert_eq!((report.kind, report.language.as_str(), report.country), (Kind::StolenWallet, "zh", None));
    assert_eq!(
        parse(&RawReport::default()),
        Err(vec![("kind".into(), "required"), ("story".into(), "required")])
    );
}

#[test]
fn whatever_is_wrong_is_said_beside_its_field() {
    fn loss(change: impl FnOnce(&mut RawLoss)) -> Vec<(String, &'static str)> {
        let mut loss = RawLoss {
            asset: "USDT".into(),
            chain: "TRC20".into(),
            amount: "12".into(),
            ..RawLoss::default()
        };
        change(&mut loss);
        wrong(|it| it.losses = vec![RawLoss::default(), loss])
    }
    fn address(text: &str, chain: &str) -> Vec<(String, &'static str)> {
        let (text, chain) = (text.to_owned(), chain.to_owned());
        wrong(|it| it.addresses = vec![RawAddress { text, chain, whose: "theirs".into() }])
    }
    let one = |field: &str, code| vec![(field.to_owned(), code)];
    assert_eq!(wrong(|it| it.kind = "theft".into()), one("kind", "unknown_kind"));
    assert_eq!(wrong(|it| it.story = " \n ".into()), one("story", "required"));
    assert_eq!(wrong(|it| it.story = "字".repeat(20_001)), one("story", "too_long"));
    assert_eq!(wrong(|it| it.language = "中文".into()), one("language", "unknown_language"));
    assert_eq!(wrong(|it| it.country = "China".into()), one("country", "unknown_country"));
    assert_eq!(wrong(|it| it.time_zone = "Mars/Olympus".into()), one("time_zone", "unknown_time_zone"));
    assert_eq!(wrong(|it| it.happened_from = "yesterday".into()), one("happened_from", "bad_date"));
    assert_eq!(wrong(|it| it.happened_from = "2026-02-30".into()), one("happened_from", "bad_date"));
    assert_eq!(wrong(|it| it.happened_from = "2026-11-24".into()), one("happened_from", "date_in_future"));
    assert_eq!(
        wrong(|it| it.happened_from = "2026-11-22T08:11:00Z".into()),
        one("happened_from", "date_in_future")
    );
    assert_eq!(wrong(|it| it.happened_from = "1926-11-22".into()), one("happened_from", "date_too_early"));
    let both = wrong(|it| {
        (it.happened_from, it.happened_until) = ("2026-11-21T10:00".into(), "2026-11-21T09:00".into());
    });
    assert_eq!(both, one("happened_until", "until_before_from"));
    assert_eq!(loss(|it| it.asset = "NOPECOIN".into()), one("losses.1.asset", "unknown_asset"));
    assert_eq!(loss(|it| it.asset = String::new()), one("losses.1.asset", "required"));
    assert_eq!(loss(|it| it.chain = "mainnet".into()), one("losses.1.chain", "unknown_chain"));
    assert_eq!(loss(|it| it.amount = "a lot".into()), one("losses.1.amount", "bad_amount"));
    assert_eq!(loss(|it| it.amount = "-5".into()), one("losses.1.amount", "bad_amount"));
    assert_eq!(loss(|it| it.amount = "0.00".into()), one("losses.1.amount", "amount_is_zero"));
    assert_eq!(
        loss(|it| it.token_contract = EVM.into()),
        one("losses.1.token_contract", "address_of_other_chain")
    );
    let no_chain = loss(|it| (it.chain, it.token_contract) = (String::new(), EVM.into()));
    assert_eq!(no_chain, one("losses.1.chain", "chain_needed"));
    assert_eq!(address("0x1234", ""), one("addresses.0.text", "bad_address"));
    assert_eq!(address(&TRON.replace("TR7", "TR8"), ""), one("addresses.0.text", "bad_checksum"));
    assert_eq!(address(TRON, "ethereum"), one("addresses.0.text", "address_of_other_chain"));
    assert_eq!(address(TRON, "nowhere"), one("addresses.0.chain", "unknown_chain"));
    let whose = |it: &mut RawReport| {
        it.addresses = vec![RawAddress { text: TRON.into(), whose: "his".into(), ..RawAddress::default() }];
    };
    assert_eq!(wrong(whose), one("addresses.0.whose", "unknown_whose"));
    let transaction = |it: &mut RawReport| {
        it.transactions = vec![RawTransaction { id: EVM.into(), chain: "eth".into() }];
    };
    assert_eq!(wrong(transaction), one("transactions.0.id", "bad_transaction"));
    assert_eq!(wrong(|it| it.contact.email = "me at home".into()), one("contact.email", "bad_email"));
    assert_eq!(wrong(|it| it.contact.phone = "call me".into()), one("contact.phone", "bad_phone"));
    assert_eq!(wrong(|it| it.wallet = "w".repeat(301)), one("wallet", "too_long"));
    assert_eq!(wrong(|it| it.suspects = vec![RawSuspect::default(); 101]), one("suspects", "too_many"));
    let answer = |it: &mut RawReport| drop(it.answers.insert("a b".into(), "x".into()));
    assert_eq!(wrong(answer), one("answers", "bad_answer_name"));
}

#[test]
fn everything_that_can_be_wrong_has_words_in_chinese_and_english() {
    for name in CODES {
        let text = code(name);
        assert!(text.zh.chars().any(|it| it > '\u{4e00}') && text.en.ends_with('.'), "{name}");
    }
    let raw = RawReport { happened_from: "2030-01-01".into(), ..least() };
    let errors = Report::parse(&raw, now(), charter()).unwrap_err();
    assert!(errors[0].sentence().zh.contains("2030-01-01") && errors[0].sentence().en.contains("2030-01-01"));
    let raw = RawReport { kind: "k".repeat(500), ..least() };
    let errors = Report::parse(&raw, now(), charter()).unwrap_err();
    assert_eq!(errors[0].given.chars().count(), 81, "what is given is repeated in part");
}

#[test]
fn what_people_write_is_understood() {
    let mut raw = least();
    raw.country = "de".into();
    (raw.happened_from, raw.happened_until) = ("2026-11-22".into(), "2026-11-22".into());
    raw.losses = vec![
        RawLoss {
            asset: "泰达币".into(),
            chain: "trc20".into(),
            amount: "12,500.5".into(),
            ..RawLoss::default()
        },
        RawLoss { asset: "btc".into(), amount: " 0.5 ".into(), ..RawLoss::default() },
        RawLoss {
            asset: "NOPECOIN".into(),
            chain: "BSC".into(),
            token_contract: EVM.into(),
            ..RawLoss::default()
        },
    ];
    raw.addresses = vec![RawAddress { text: TRON.into(), whose: "theirs".into(), ..RawAddress::default() }];
    raw.contact.email = " a.b@example.com ".into();
    let report = parse(&raw).unwrap();
    assert_eq!((report.country.as_deref(), report.jurisdiction.as_deref()), (Some("DE"), Some("EU")));
    assert_eq!(report.happened_from, Some("2026-11-21T23:00:00Z".parse().unwrap()), "midnight in Brussels");
    assert_eq!(report.happened_until, Some(now()), "today is not over");
    let losses: Vec<_> = report.losses.iter().map(|it| (it.asset.as_str(), it.amount.as_deref())).collect();
    assert_eq!(losses, [("USDT", Some("12500.5")), ("BTC", Some("0.5")), ("NOPECOIN", None)]);
    assert_eq!(report.addresses[0].chain.as_deref(), Some("tron:0x2b6653dc"), "only Tron's look like that");
    assert_eq!(report.contact.email.as_deref(), Some("a.b@example.com"));
    assert!(report.rough_usd().is_some_and(|usd| usd > 12_500.5));
    let bytes = serde_json::to_vec(&report).unwrap();
    assert_eq!(serde_json::from_slice::<Report>(&bytes).unwrap(), report);
}

#[test]
fn cases_are_linked_however_the_same_thing_was_written() {
    let marks = |account: &str, address: &str, id: &str| {
        let mut raw = least();
        let platform = "Telegram".to_owned();
        raw.suspects = vec![RawSuspect { platform, account: account.into(), name: String::new() }];
        raw.addresses =
            vec![RawAddress { text: address.into(), whose: "theirs".into(), ..RawAddress::default() }];
        raw.transactions = vec![RawTransaction { id: id.into(), ..RawTransaction::default() }];
        parse(&raw).unwrap().marks()
    };
    let id = "ab".repeat(32);
    let one = marks("@MetaMask_Help", EVM, &format!("0x{id}"));
    assert_eq!(one, marks("https://t.me/metamask_help/", &EVM.to_lowercase(), &id.to_uppercase()));
    assert_eq!(one.len(), 3);
    assert_ne!(one, marks("@metamask", EVM, &id));
    let mine = |it: &mut RawReport| {
        it.addresses = vec![RawAddress { text: EVM.into(), whose: "mine".into(), ..RawAddress::default() }];
    };
    let mut raw = least();
    mine(&mut raw);
    assert!(parse(&raw).unwrap().marks().is_empty(), "a victim's own address links nobody");
}

/// Anything at all, and often something that comes near to what is asked for.
fn any_text() -> impl Strategy<Value = String> {
    let near = [
        "",
        "2026-11-22",
        "2026-11-22T14:30",
        "TRC20",
        "usdt",
        "1,000",
        "0x",
        EVM,
        TRON,
        TON,
        "mine",
        "@a",
        "+86 1",
    ];
    prop_oneof![2 => prop::sample::select(near.to_vec()).prop_map(str::to_owned), 1 => any::<String>(), 1 => "[0-9a-zA-Z.:+@ -]{0,70}"]
}

proptest! {
    #[test]
    fn whatever_comes_in_is_checked_or_refused_in_words(texts in prop::collection::vec(any_text(), 24), kind in prop::sample::select(Kind::ALL.to_vec())) {
        let text = |at: usize| texts[at].clone();
        let raw = RawReport {
            kind: kind.as_str().to_owned(),
            language: text(0),
            country: text(1),
            happened_from: text(2),
            happened_until: text(3),
            time_zone: text(4),
            story: format!("x{}", text(5)),
            losses: vec![RawLoss { asset: text(6), chain: text(7), amount: text(8), token_contract: text(9) }],
            addresses: vec![RawAddress { text: text(10), chain: text(11), whose: text(12) }],
            transactions: vec![RawTransaction { id: text(13), chain: text(14) }],
            suspects: vec![RawSuspect { platform: text(15), account: text(16), name: text(17) }],
            account: text(18),
            contact: RawContact { name: text(19), email: text(20), phone: text(21) },
            wallet: text(22),
            device_compromised: None,
            police_reference: text(23),
            answers: [(text(6), text(5))].into(),
        };
        match Report::parse(&raw, now(), charter()) {
            Err(wrong) => {
                for it in wrong {
                    let sentence = it.sentence();
                    prop_assert!(!sentence.zh.contains("{wanted}") && !sentence.en.is_empty(), "{}", it.code);
                }
            }
            Ok(report) => {
                prop_assert!(!crate::first_hour(&report, charter()).is_empty());
                prop_assert!(crate::harm(&report, now(), charter()).score > 0 && report.marks().len() <= 3);
                let written = serde_json::to_vec(&report).unwrap();
                prop_assert_eq!(serde_json::from_slice::<Report>(&written).unwrap(), report);
            }
        }
    }
}
