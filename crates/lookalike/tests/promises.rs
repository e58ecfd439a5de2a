//! What holds for every name, and some names that show it.

use proptest::prelude::*;
use touchstone_lookalike::{Background, Class, Index, Kind, Official, Scratch, Techniques, Tier};

fn official(brand: &str, kind: Kind, text: &str) -> Official {
    Official { brand: brand.into(), kind, text: text.into() }
}

fn registry() -> Vec<Official> {
    vec![
        official("tallowpay", Kind::DisplayName, "Tallowpay"),
        official("tallowpay", Kind::DisplayName, "Tallowpay Support"),
        official("tallowpay", Kind::Handle, "tallowpay_help"),
        official("tallowpay", Kind::Domain, "tallowpay.com"),
        official("tallowpay", Kind::DisplayName, "塔罗支付"),
        official("tallowpay", Kind::Phone, "+44 20 7946 0123"),
        official("tallowpay", Kind::Address, "0x52908400098527886E0F7030069857D2E4169EE7"),
        official("tallowpay", Kind::Package, "com.tallowpay.wallet"),
        official("lantern", Kind::DisplayName, "Lantern"),
        official("vq", Kind::Handle, "vqx"),
    ]
}

fn index() -> Index {
    Index::build(registry(), &Background::new())
}

fn found(candidate: &str, kind: Kind) -> Option<(String, Tier, Techniques)> {
    let index = index();
    let found = index.closest(candidate, kind, &mut Scratch::default())?;
    Some((index.official(found.official)?.brand.to_string(), found.tier, found.techniques))
}

#[test]
fn each_trick_is_seen_and_named() {
    for (candidate, kind, technique) in [
        ("Tallowpay", Kind::DisplayName, Techniques::SAME),
        ("Tаllowpаy", Kind::DisplayName, Techniques::CONFUSABLE),
        ("𝕋𝕒𝕝𝕝𝕠𝕨𝕡𝕒𝕪", Kind::DisplayName, Techniques::STYLED),
        ("Tal\u{200b}lowpay", Kind::DisplayName, Techniques::INVISIBLE),
        ("Tállowpäy", Kind::DisplayName, Techniques::MARKS),
        ("ʎɐdʍoןןɐʇ", Kind::DisplayName, Techniques::FLIPPED),
        ("\u{202e}yapwollaT\u{202c}", Kind::DisplayName, Techniques::BIDI),
        ("tallovvpay", Kind::Handle, Techniques::LEET),
        ("ta11owpay", Kind::Handle, Techniques::LEET),
        ("t a l l o w p a y", Kind::DisplayName, Techniques::SEPARATOR),
        ("tallowpay.net", Kind::Domain, Techniques::SUFFIX),
        ("tallowpay-refund.org", Kind::Domain, Techniques::ROLE),
        ("https://tallowpay.com.login-check.xyz/", Kind::Url, Techniques::SUBDOMAIN),
        ("https://tallowpay.com@login-check.xyz/", Kind::Url, Techniques::USER_INFO),
        ("\"Tallowpay <help@tallowpay.com>\" <x9@mail.ru>", Kind::Email, Techniques::DISPLAYED),
        ("塔羅支付", Kind::DisplayName, Techniques::TRADITIONAL),
        ("塔罗支付客服", Kind::DisplayName, Techniques::ROLE),
    ] {
        let (brand, tier, techniques) =
            found(candidate, kind).unwrap_or_else(|| panic!("{candidate} is not seen"));
        assert_eq!(
            (brand.as_str(), tier),
            ("tallowpay", Tier::Act),
            "{candidate} {:?}",
            techniques.names().collect::<Vec<_>>()
        );
        assert!(techniques.contains(technique), "{candidate} {:?}", techniques.names().collect::<Vec<_>>());
    }
}

#[test]
fn what_reads_the_same_is_the_same_however_much_was_changed() {
    for candidate in [
        "t|a|l|l|o|w|p|a|y",
        "T4ll0wp@y",
        "7411owp4y",
        "ƭǎǁǀöẉƿâƴ",
        "Tallowpay客服001",
        "Tallowpay 客 服",
        "Tallowpay官亠刀",
        "Tallowpay官fang",
        "Tallowpay倌芳",
        "Tallowpay 工作人员",
        "tallowpayyhelp",
        "helptallowpay",
        "support_tallowpay",
        "塔罗支付客服丨",
    ] {
        let (brand, tier, _) =
            found(candidate, Kind::DisplayName).unwrap_or_else(|| panic!("{candidate} is not seen"));
        assert_eq!((brand.as_str(), tier), ("tallowpay", Tier::Act), "{candidate}");
    }
}

#[test]
fn a_name_cut_out_of_other_words_is_none() {
    let index = Index::build(
        [
            official("qbank", Kind::Domain, "qbank.example"),
            official("stump", Kind::Domain, "lanter.nu"),
            official("stump", Kind::Domain, "telesco.pe"),
            official("hearth", Kind::Handle, "hearthcom"),
            official("firstbank", Kind::DisplayName, "南国银行"),
        ],
        &Background::new(),
    );
    let mut scratch = Scratch::default();
    for candidate in [
        "iraqbank",
        "lantern-shop",
        "telescope-maker",
        "hearthcompany",
        "hearthcom-tools",
        "南洋银行",
        "南银行",
    ] {
        let found = index.closest(candidate, Kind::DisplayName, &mut scratch);
        assert!(found.is_none_or(|it| it.tier == Tier::Review), "{candidate} {found:?}");
    }
}

#[test]
fn a_host_at_a_delivery_network_is_the_customers() {
    assert!(found("tallowpay.com.edgekey.net", Kind::Domain).is_none());
    assert_eq!(found("tallowpay.com.secure-login.top", Kind::Domain).unwrap().1, Tier::Act);
}

#[test]
fn a_brands_own_domains_resemble_nothing_but_themselves() {
    assert_eq!(found("tallowpay.com", Kind::Domain).unwrap().2, Techniques::SAME);
    assert!(found("mail.tallowpay.com", Kind::Domain).is_none());
    assert!(found("https://tallowpay.com/help", Kind::Url).unwrap().2.contains(Techniques::SAME));
}

#[test]
fn ordinary_names_are_left_alone() {
    for name in
        ["maria.lopez", "Tailor Paul", "hallway", "王小明", "lanterns-of-hope", "quiet_river", "john.smith42"]
    {
        assert!(found(name, Kind::DisplayName).is_none_or(|it| it.1 == Tier::Review), "{name}");
    }
}

#[test]
fn an_ordinary_word_or_a_short_name_needs_more_than_itself() {
    let index = index();
    let class =
        |text: &str| index.class(registry().iter().position(|it| &*it.text == text).unwrap() as u32).unwrap();
    assert_eq!(class("Lantern"), Class::Common);
    assert_eq!(class("vqx"), Class::Short);
    assert_eq!(class("Tallowpay"), Class::Unique);
    assert!(found("1antern", Kind::DisplayName).is_none_or(|it| it.1 == Tier::Review));
}

#[test]
fn phones_addresses_and_packages_have_their_own_measure() {
    assert_eq!(found("0044 20 7946-0123", Kind::Phone).unwrap().2, Techniques::SAME);
    assert_eq!(found("（０２０） ７９４６ ０１２３", Kind::Phone).unwrap().1, Tier::Act);
    assert_eq!(found("+44 20 7946 ０１２３", Kind::Phone).unwrap().2, Techniques::SAME);
    assert_eq!(found("+44 20 7946 0132", Kind::Phone).unwrap().2, Techniques::SWAPPED);
    assert_eq!(found("+44 20 7946 0133", Kind::Phone).unwrap().1, Tier::Review);
    assert!(found("+44 20 1111 2222", Kind::Phone).is_none());
    let poison = "0x52908aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa69EE7";
    assert_eq!(found(poison, Kind::Address).unwrap().1, Tier::Act);
    assert!(found("0x1111111111111111111111111111111111111111", Kind::Address).is_none());
    assert_eq!(found("com.tallowpay.wallet", Kind::Package).unwrap().2, Techniques::SAME);
    assert_eq!(found("com.tal1owpay.wallet", Kind::Package).unwrap().0, "tallowpay");
}

#[test]
fn packages_that_squat_beside_an_official_one_are_seen() {
    for candidate in [
        "com.tallowpays.wallet",
        "com.tal1owpay.wallet",
        "com.talowpay.wallet",
        "io.tallowpay",
        "org.tallowpay.app",
        "com.tallow.pay",
        "com.tallowpay-wallet.support",
        "com.wallettallowpay.android",
        "Com.Tallowpay.Wallet2",
    ] {
        let found = found(candidate, Kind::Package).map(|it| it.0);
        assert_eq!(found.as_deref(), Some("tallowpay"), "{candidate}");
    }
    for candidate in ["com.example.wallet", "org.telegram.messenger", "com.android.wallet"] {
        assert!(found(candidate, Kind::Package).is_none_or(|it| it.1 == Tier::Review), "{candidate}");
    }
}

#[test]
fn a_megabyte_is_answered_in_bounded_time() {
    let index = index();
    let mut scratch = Scratch::default();
    for piece in ["a", "tallowpay ", "support", "\u{200b}", "塔罗支付", "a.", "xn--", "@", "🅰"] {
        let long = piece.repeat(1_000_000 / piece.len());
        for kind in [
            Kind::Handle,
            Kind::DisplayName,
            Kind::Domain,
            Kind::Url,
            Kind::Email,
            Kind::Phone,
            Kind::Address,
            Kind::Package,
        ] {
            let start = std::time::Instant::now();
            index.closest(&long, kind, &mut scratch);
            // A debug build on a busy machine: some hundred times the budget of a release build.
            assert!(start.elapsed().as_millis() < 3_000, "{piece} {kind:?} {:?}", start.elapsed());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn an_official_string_resembles_itself(name in "[a-zA-Z]{5,20}|[a-z]{3,8}[_ .-][a-z]{2,8}|[\u{4e00}-\u{4fff}]{3,6}") {
        let index = Index::build([official("it", Kind::DisplayName, &name)], &Background::new());
        let found = index.closest(&name, Kind::DisplayName, &mut Scratch::default());
        prop_assert_eq!(found.map(|it| (it.techniques, it.closeness)), Some((Techniques::SAME, 1.0)));
    }

    #[test]
    fn an_official_string_of_any_kind_resembles_itself(
        name in "[a-z]{5,12}", digits in "[1-9][0-9]{7,12}", hex in "[0-9a-f]{40}", base58 in "T[1-9A-HJ-NP-Za-km-z]{33}",
    ) {
        for (kind, text) in [
            (Kind::Handle, name.clone()),
            (Kind::DisplayName, name.clone()),
            (Kind::Domain, format!("{name}.com")),
            (Kind::Email, format!("help@{name}.com")),
            (Kind::Phone, format!("+{digits}")),
            (Kind::Address, format!("0x{hex}")),
            (Kind::Address, base58.clone()),
            (Kind::Package, format!("io.{name}")),
            (Kind::Avatar, format!("{hex}{}", &hex[..24])),
        ] {
            let index = Index::build([official("it", kind, &text)], &Background::new());
            let found = index.closest(&text, kind, &mut Scratch::default());
            prop_assert_eq!(found.map(|it| (it.tier, it.closeness)), Some((Tier::Act, 1.0)), "{:?} {}", kind, text);
            let drawn = index.align(&text, kind, &found.unwrap());
            prop_assert_eq!(drawn.iter().map(|it| it.official.as_str()).collect::<String>(), text.as_str());
            prop_assert_eq!(drawn.iter().map(|it| it.candidate.as_str()).collect::<String>(), text.as_str());
        }
    }

    #[test]
    fn an_alignment_covers_both_strings(official_text in ".{1,20}", candidate in ".{0,30}") {
        let index = Index::build([official("it", Kind::DisplayName, &official_text)], &Background::new());
        let mut found = index.closest(&official_text, Kind::DisplayName, &mut Scratch::default());
        if let Some(found) = found.take() {
            for candidate in [candidate.as_str(), &format!("{official_text}{candidate}"), &official_text] {
                let drawn = index.align(candidate, Kind::DisplayName, &found);
                let left: String = drawn.iter().map(|it| it.official.as_str()).collect();
                let right: String = drawn.iter().map(|it| it.candidate.as_str()).collect();
                prop_assert_eq!(left, official_text.as_str());
                prop_assert_eq!(right, candidate);
            }
        }
    }

    #[test]
    fn any_candidate_of_any_kind_is_answered(candidate in ".{0,60}|[a-z0-9@:/.%-]{0,60}", kind in 0usize..9) {
        let kinds = ["handle", "display_name", "domain", "url", "email", "phone", "address", "package", "avatar"];
        let kind = Kind::from_name(kinds[kind]).unwrap();
        let index = index();
        if let Some(found) = index.closest(&candidate, kind, &mut Scratch::default()) {
            prop_assert!(index.official(found.official).is_some());
            prop_assert!((0.0..=1.0).contains(&found.closeness));
            prop_assert!(!found.techniques.is_empty());
        }
    }
}

#[test]
fn a_well_known_domain_is_nobodys_typing_error_but_may_still_hold_a_name() {
    // An invented brand, one letter away from a domain that everybody knows.
    let index = Index::build(vec![official("b", Kind::Domain, "tradingvieh.com")], &Background::new());
    let mut scratch = Scratch::default();
    let mut found = |candidate: &str| index.closest(candidate, Kind::Domain, &mut scratch).is_some();
    for (candidate, expected) in [
        ("tradingview.com", false),
        ("www.tradingview.com", false),
        ("tradingviek.com", true),             // As near, and nobody knows it.
        ("tradingvieh.net", true),             // The name itself under another ending.
        ("tradingvieh.tradingview.com", true), // The name to the left of somebody else's domain.
        ("tradingviеh.com", true),             // A Cyrillic letter is no accident.
    ] {
        assert_eq!(found(candidate), expected, "{candidate}");
    }
}
