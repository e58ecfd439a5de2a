use proptest::prelude::*;

use super::*;

const LIST: &str = r#"{"record":"organisation","id":"acme","name":{"zh":"顶点钱包","en":"Acme Wallet"},"facts":["never_writes_first","cannot_freeze_wallet"],"ways_in":[{"zh":"应用内：我的 → 帮助","en":"In the app: Me → Help"}]}
{"record":"identity","organisation":"acme","kind":"handle","value":"@Acme_Help","platform":"chat","account":"u1","from":"2026-01-01T00:00:00Z","until":"2027-01-01T00:00:00Z","purposes":["answers tickets"]}
{"record":"identity","organisation":"acme","kind":"handle","value":"acme_old","platform":"chat","account":"u0","revoked":"2026-03-01T00:00:00Z"}
{"record":"identity","organisation":"acme","kind":"address","value":"0xAB16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb","chain":"eip155:1"}

{"record":"owner","organisation":"acme","domains":["acme-cdn.example"]}
{"brand":"bolt","domains":["bolt.example"],"handles":["bolt"],"names":["Bolt"],"zh":["闪电钱包"],"cls":"unique"}"#;

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

#[test]
fn an_account_is_listed_by_its_id_from_start_to_end() {
    let registry = Registry::from_json_lines(LIST).unwrap();
    for (platform, account, when, listed) in [
        ("chat", "u1", "2026-06-01T00:00:00Z", true),
        ("chat", "u1", "2025-12-31T23:59:59Z", false),
        ("chat", "u1", "2027-01-01T00:00:00Z", false),
        ("mail", "u1", "2026-06-01T00:00:00Z", false),
        ("chat", "acme_help", "2026-06-01T00:00:00Z", false),
        ("chat", "u0", "2026-02-28T00:00:00Z", true),
        ("chat", "u0", "2026-03-01T00:00:00Z", false),
    ] {
        let found = registry.is_listed(platform, account, at(when)).is_some();
        assert_eq!(found, listed, "{platform} {account} {when}");
    }
}

#[test]
fn values_are_found_however_they_are_written() {
    let registry = Registry::from_json_lines(LIST).unwrap();
    let now = at("2026-06-01T00:00:00Z");
    for (kind, value) in [
        (IdentityKind::Handle, " @ACME_help"),
        (IdentityKind::Address, "0xab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb"),
        (IdentityKind::Domain, "BOLT.example."),
        (IdentityKind::DisplayName, "闪电钱包"),
    ] {
        assert!(registry.official(kind, value, now).is_some(), "{value}");
    }
    assert!(registry.official(IdentityKind::Handle, "acme-help", now).is_none());
}

#[test]
fn a_domain_belongs_to_whoever_owns_one_above_it() {
    let registry = Registry::from_json_lines(LIST).unwrap();
    let owner = |host| registry.owner_of(host).map(|it| &*it.id);
    assert_eq!(owner("static.acme-cdn.example"), Some("acme"));
    assert_eq!(owner("bolt.example"), Some("bolt"));
    assert_eq!(owner("notbolt.example"), None);
    assert_eq!(owner("bolt.example.evil.example"), None);
    assert_eq!(owner(""), None);
}

#[test]
fn the_host_of_a_site_is_found_however_it_is_written() {
    for site in [
        "https://claims.example/airdrop?x=1",
        "claims.example:8443/path",
        "https://bolt.example@claims.example/#",
        "claims.example.",
    ] {
        assert_eq!(host_of(site), "claims.example", "{site}");
    }
}

#[test]
fn facts_and_ways_in_come_with_the_organisation() {
    let registry = Registry::from_json_lines(LIST).unwrap();
    let acme = registry.organisation("acme").unwrap();
    assert_eq!(
        acme.facts.iter().map(Fact::name).collect::<Vec<_>>(),
        ["never_writes_first", "cannot_freeze_wallet"]
    );
    assert_eq!(acme.ways_in[0].zh, "应用内：我的 → 帮助");
    assert_eq!(registry.organisation("bolt").unwrap().name.zh, "闪电钱包");
}

#[test]
fn the_demo_list_is_read() {
    let registry = Registry::from_json_lines(include_str!("../../../corpus/registry/demo.jsonl")).unwrap();
    let now = at("2026-11-20T12:00:00Z");
    let listed = registry.is_listed("pelican", "p-9001", now).unwrap();
    assert_eq!(registry.holder(listed).map(|it| &*it.id), Some("lantern"));
    let address = "0x44E9625868059ad8cf7fd7b1997f04579af4a587";
    let deposit = registry.official(IdentityKind::Address, address, now).unwrap();
    assert_eq!(deposit.chain.as_deref(), Some("eip155:1"));
    assert!(registry.organisation("lantern").unwrap().facts.has(Fact::CannotFreezeWallet));
}

#[test]
fn every_bad_line_is_named_and_nothing_is_half_read() {
    let bad = concat!(
        "{\"brand\":\"a\",\"domains\":[\"a.example\"]}\n",
        "not json\n",
        "{}\n",
        "{\"record\":\"organisation\",\"id\":\"b\",\"facts\":[\"never_sleeps\"]}\n",
        "{\"record\":\"identity\",\"organisation\":\"nobody\",\"kind\":\"handle\",\"value\":\"x\"}\n",
        "{\"brand\":\"c\",\"domains\":[\"a.example\"]}\n",
        "{\"brand\":\"d\",\"domains\":[\"example\"]}\n",
        "{\"record\":\"identity\",\"organisation\":\"a\",\"kind\":\"handle\",\"value\":\"x\",\"account\":\"1\"}\n",
        "{\"record\":\"identity\",\"organisation\":\"a\",\"kind\":\"handle\",\"value\":\"x\",\"from\":\"soon\"}\n",
    );
    let RegistryError(lines) = Registry::from_json_lines(bad).unwrap_err();
    let reasons: Vec<_> = lines.iter().map(ToString::to_string).collect();
    for (reason, words) in reasons.iter().zip([
        "line 2: expected",
        "line 3: neither",
        "line 4: unknown fact `never_sleeps`",
        "line 5: organisation `nobody`",
        "line 6: domain `a.example` is already listed for `a`",
        "line 7: `example` is no domain",
        "line 8: `platform` and `account`",
        "line 9: not an RFC 3339 time",
    ]) {
        assert!(reason.starts_with(words), "{reason} / {words}");
    }
    assert_eq!(reasons.len(), 8);
}

proptest! {
    #[test]
    fn no_list_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = Registry::from_json_lines(&text);
    }

    #[test]
    fn comparing_twice_changes_nothing(value in "\\PC{0,40}") {
        for kind in IdentityKind::ALL {
            if let Some(once) = normal(*kind, &value) {
                let again = normal(*kind, &once);
                prop_assert_eq!(again.as_deref(), Some(&*once));
            }
        }
    }
}

#[test]
fn white_space_behind_the_at_sign_is_no_part_of_a_handle() {
    assert_eq!(normal(IdentityKind::Handle, "@ a").as_deref(), Some("a"));
    assert_eq!(normal(IdentityKind::Handle, " @"), None);
}

#[test]
fn a_value_is_found_whether_it_is_still_in_force_or_not() {
    let registry = Registry::from_json_lines(LIST).unwrap();
    let found = |kind, value| registry.find(kind, value).map(|it| it.shown.to_string()).collect::<Vec<_>>();
    assert_eq!(found(IdentityKind::Handle, " @ACME_old"), ["acme_old"]);
    assert_eq!(found(IdentityKind::Handle, "acme_help").len(), 1);
    assert!(found(IdentityKind::Domain, "acme_old").is_empty());
    assert!(found(IdentityKind::Handle, "").is_empty());
}
