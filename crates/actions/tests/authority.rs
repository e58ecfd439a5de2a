//! Who may act is held against a reviewed file, so that a wider authority shows up in review.
//! `TOUCHSTONE_BLESS=1 cargo test -p touchstone-actions` rewrites it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

use touchstone_accounts::Role;
use touchstone_actions::{
    Account, Authority, BadAuthority, Freeze, NotAuthorised, Permit, Power, PowerName, Refund, Second, Staff,
    Unfreeze, Who, table,
};
use touchstone_types::{Lapse, Moment};

const FILE: &str = include_str!("../../../policies/authority.toml");

fn built_in() -> Authority {
    Authority::built_in().unwrap()
}

fn staff(login: &str, roles: &[Role]) -> Staff {
    Staff { login: login.to_owned(), roles: roles.to_vec() }
}

fn at(seconds: u64) -> Moment {
    "2026-11-22T08:00:00Z".parse::<Moment>().unwrap() + Lapse::from_secs(seconds)
}

fn account() -> Account {
    "u-1001".parse().unwrap()
}

#[test]
fn who_may_act_is_as_reviewed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/who-may-act.txt");
    let printed = table(&built_in());
    if std::env::var_os("TOUCHSTONE_BLESS").is_some() {
        std::fs::write(path, &printed).unwrap();
    }
    assert_eq!(printed, std::fs::read_to_string(path).unwrap());
}

#[test]
fn what_is_no_power_cannot_be_written_down() {
    for power in ["move_funds", "withdraw", "transfer", "ask_secret", "read_recovery_phrase", "Freeze"] {
        let text = format!("{FILE}\n[powers.{power}]\nagent = {{ people = 1 }}\n");
        let message = Authority::load(&text).unwrap_err().to_string();
        assert!(message.contains(&format!("`{power}` is no power")), "{message}");
        assert!(message.contains("none moves a user's funds"), "{message}");
    }
    assert_eq!(PowerName::ALL.len(), 7);
}

#[test]
fn a_file_that_contradicts_itself_gives_nobody_anything_and_says_where() {
    for (from, to, says) in [
        ("agent = { lasts = \"24h\" }", "agent = {}", "powers.freeze.agent: it lapses by itself"),
        ("agent = { lasts = \"24h\" }", "agent = { lasts = \"1s\" }", "a time is between"),
        ("agent = { lasts = \"24h\" }", "agent = { lasts = \"a day\" }", "is no duration"),
        ("agent = { lasts = \"24h\" }", "angel = { lasts = \"24h\" }", "angel"),
        ("agent = { people = 2 }", "agent = { people = 3 }", "powers.unfreeze.agent: `people` is 1 or 2"),
        ("agent = { people = 2 }", "agent = { alone_up_to = [\"1 USDT\"] }", "only a refund has an amount"),
        ("\"50 USDT\", \"50 USDC\"", "\"50 usdt\"", "`50 usdt` is no amount"),
        ("\"50 USDT\", \"50 USDC\"", "\"50 USDT\", \"60 USDT\"", "a currency has one limit"),
        ("\"50 USDT\", \"50 USDC\"", "\"501 USDT\"", "two people may not give less"),
        (
            "complaints_officer = { two_up_to",
            "complaints_officer = { people = 1, two_up_to",
            "the limits say who",
        ),
        ("version = 1", "version = 2", "version 2"),
        ("times_a_day = 1", "times_a_day = 0", "at least 1"),
        ("unfreeze = true", "refund = true", "refund"),
        ("[victim.confirmed]", "[victim.confirmed]\nrefund = \"24h\"", "refund"),
        ("second_within = \"30m\"", "second_within = \"0s\"", "second_within"),
    ] {
        assert!(FILE.contains(from), "{from}");
        let message = Authority::load(&FILE.replacen(from, to, 1)).map(|_| from).unwrap_err().to_string();
        assert!(message.contains(says), "{to}: {message}");
    }
    assert!(matches!(Authority::load("version = 1"), Err(BadAuthority::Syntax(_))));
}

#[test]
fn above_a_limit_another_person_who_has_the_power_agrees_in_time() {
    let authority = built_in();
    let agent = || Who::Staff(staff("ann", &[Role::Agent]));
    let refund = |text: &str| Refund(text.parse().unwrap());
    let second = |login: &str, role| Second { staff: staff(login, &[role]), asked: at(0) };
    assert!(authority.authorise(refund("50 USDT"), agent(), None, at(0)).is_ok());
    let more = || refund("50.01 USDT");
    assert_eq!(
        authority.authorise(more(), agent(), None, at(0)).unwrap_err(),
        NotAuthorised::NeedsSecond(PowerName::Refund)
    );
    for (second, when, refused) in [
        (second("ann", Role::Lead), 0, Some("somebody else")),
        (second("bob", Role::Analyst), 0, Some("bob cannot agree")),
        (second("bob", Role::Agent), 30 * 60 + 1, Some("too long ago")),
        (second("bob", Role::Agent), 30 * 60, None),
        (second("bob", Role::Lead), 0, None),
    ] {
        let given = authority.authorise(more(), agent(), Some(&second), at(when));
        match refused {
            Some(why) => assert!(given.unwrap_err().to_string().contains(why)),
            None => assert_eq!(given.unwrap().second(), Some("bob")),
        }
    }
    let too_much =
        authority.authorise(refund("500.01 USDT"), agent(), Some(&second("bob", Role::Lead)), at(0));
    assert!(matches!(too_much, Err(NotAuthorised::No { .. })), "two agents' limit is 500");
    let small = Second { staff: staff("eve", &[Role::Agent]), asked: at(0) };
    let lead = Who::Staff(staff("leo", &[Role::Lead]));
    let given = authority.authorise(refund("9000 USDT"), lead, Some(&small), at(0));
    assert!(matches!(given, Err(NotAuthorised::SecondMayNot { .. })), "who agrees has to have the limit too");
}

#[test]
fn a_victim_may_freeze_and_end_sessions_and_nothing_else() {
    let authority = built_in();
    let may = |confirmed, power: &Power| authority.permit(&Who::Victim { confirmed }, power);
    let refund = Power::Refund("0.01 USDT".parse().unwrap());
    for power in [Power::Unfreeze, refund, Power::Disclose, Power::Close, Power::Override] {
        assert_eq!((may(true, &power), may(false, &power)), (Permit::No, Permit::No), "{power}");
    }
    let lapses = |confirmed| {
        let leave = authority.authorise(Freeze(account()), Who::Victim { confirmed }, None, at(0));
        leave.unwrap().lapses().unwrap()
    };
    assert_eq!((lapses(true), lapses(false)), (at(24 * 3_600), at(2 * 3_600)));
    assert_eq!((authority.times_a_day(true), authority.times_a_day(false)), (None, Some(1)));
}

#[test]
fn several_roles_give_what_the_widest_of_them_gives() {
    let authority = built_in();
    let both = || Who::Staff(staff("ann", &[Role::Agent, Role::Lead, Role::ComplaintsOfficer]));
    let alone = authority.authorise(Freeze(account()), both(), None, at(0)).unwrap();
    assert_eq!(alone.lapses(), Some(at(72 * 3_600)), "a month takes two people");
    let second = Second { staff: staff("bob", &[Role::Lead]), asked: at(0) };
    let two = authority.authorise(Freeze(account()), both(), Some(&second), at(0)).unwrap();
    assert_eq!(two.lapses(), Some(at(30 * 86_400)));
    let nobody = Who::Staff(staff("ann", &[]));
    assert!(matches!(
        authority.authorise(Freeze(account()), nobody, None, at(0)),
        Err(NotAuthorised::No { .. })
    ));
}

#[test]
fn the_operators_key_may_end_a_freeze_and_nothing_else() {
    let authority = built_in();
    let key = Who::Operator("core".to_owned());
    let may: Vec<_> = [Power::Freeze, Power::Unfreeze, Power::RevokeSessions, Power::Close]
        .iter()
        .map(|it| authority.permit(&key, it))
        .collect();
    assert_eq!(may, [Permit::No, Permit::Alone, Permit::No, Permit::No]);
    let proof = "came to the counter with a passport".parse().unwrap();
    let deed = Unfreeze { account: account(), freeze: "act_1".to_owned(), proof };
    assert_eq!(authority.authorise(deed, key, None, at(0)).unwrap().lapses(), None);
}
