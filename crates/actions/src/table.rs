use std::collections::BTreeSet;
use std::fmt::Write as _;

use touchstone_accounts::Role;

use crate::{Authority, Money, Permit, Power, PowerName, Staff, Who};

/// Who may do what, one line for each holder and power, in words of [`Authority::permit`]: held against
/// `tests/who-may-act.txt`, so that a wider authority shows up in review. Of refunds each limit is
/// asked for, and a little more than it.
#[must_use]
pub fn table(authority: &Authority) -> String {
    let mut out =
        String::from("# Who may act. A change here is a change of authority: say why in the commit.\n");
    for name in PowerName::ALL {
        out.push('\n');
        for (holder, who) in holders() {
            for power in powers(authority, name) {
                let answer = match authority.permit(&who, &power) {
                    Permit::Alone => "alone",
                    Permit::WithSecond => "with a second person",
                    Permit::No => "no",
                };
                let lasts = authority.lasts(&who, &power).map(|it| format!(", {it}")).unwrap_or_default();
                // Writing to a `String` does not fail.
                let _ = writeln!(out, "{:<24} {holder:<20} {answer}{lasts}", power.to_string());
            }
        }
    }
    out
}

/// Everybody there is, one role at a time.
fn holders() -> Vec<(String, Who)> {
    let staff =
        |role: &Role| (role.to_string(), Who::Staff(Staff { login: role.to_string(), roles: vec![*role] }));
    let mut all: Vec<_> = Role::ALL.iter().map(staff).collect();
    all.push(("victim".to_owned(), Who::Victim { confirmed: true }));
    all.push(("victim, unconfirmed".to_owned(), Who::Victim { confirmed: false }));
    all.push(("operator".to_owned(), Who::Operator("key".to_owned())));
    all
}

fn powers(authority: &Authority, name: PowerName) -> Vec<Power> {
    match name {
        PowerName::Freeze => vec![Power::Freeze],
        PowerName::Unfreeze => vec![Power::Unfreeze],
        PowerName::RevokeSessions => vec![Power::RevokeSessions],
        PowerName::Disclose => vec![Power::Disclose],
        PowerName::Close => vec![Power::Close],
        PowerName::Override => vec![Power::Override],
        PowerName::Refund => amounts(authority).into_iter().map(Power::Refund).collect(),
    }
}

/// Each limit and a little more than it, by currency and size; and a currency that has none.
fn amounts(authority: &Authority) -> Vec<Money> {
    let limits: BTreeSet<(String, usize, String)> = authority
        .limits()
        .map(|it| (it.currency().to_owned(), it.amount().len(), it.amount().to_owned()))
        .collect();
    let mut all: Vec<Money> = Vec::new();
    for (currency, _, amount) in limits {
        let more = if amount.contains('.') { format!("{amount}01") } else { format!("{amount}.01") };
        all.extend([amount, more].iter().filter_map(|it| format!("{it} {currency}").parse().ok()));
    }
    all.extend("1 OTHER".parse());
    all
}
