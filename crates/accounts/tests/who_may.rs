//! The table of who may do what is held against a reviewed file, so that a wider permission shows
//! up in review. `TOUCHSTONE_BLESS=1 cargo test -p touchstone-accounts` rewrites it.

use touchstone_accounts::{Permission, Role, Scope, may, one_may, opens, who_may};

#[test]
fn who_may_do_what_is_as_reviewed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/who-may.txt");
    if std::env::var_os("TOUCHSTONE_BLESS").is_some() {
        std::fs::write(path, who_may()).unwrap();
    }
    assert_eq!(who_may(), std::fs::read_to_string(path).unwrap());
}

#[test]
fn no_role_may_do_everything_and_every_permission_is_somebodys() {
    for &role in Role::ALL {
        assert!(Permission::ALL.iter().any(|it| !may(role, *it)), "{role}");
    }
    for &permission in Permission::ALL {
        assert!(Role::ALL.iter().any(|it| may(*it, permission)), "{permission}");
    }
    assert!(!one_may(&[], Permission::ReadVerdicts));
    assert!(one_may(&[Role::Agent, Role::Administrator], Permission::ManageKeys));
}

#[test]
fn a_scope_opens_itself_and_admin_opens_all() {
    for &scope in Scope::ALL {
        assert!(opens(&[scope], scope) && opens(&[Scope::Admin], scope) && !opens(&[], scope));
        assert_eq!(scope.name().parse(), Ok(scope));
    }
    assert!(!opens(&[Scope::VerdictsRead], Scope::EventsWrite));
    assert!("events:read".parse::<Scope>().is_err());
}
