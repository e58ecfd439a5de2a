#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it did not expect")]

use super::*;

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

const T0: &str = "2026-03-01T00:00:00Z";

fn hours(hours: u64) -> Lapse {
    Lapse::from_secs(hours * 3600)
}

fn wanted() -> Wanted {
    let described = Described {
        name: Bilingual { zh: "灯笼钱包".into(), en: "Lantern".into() },
        facts: vec![Fact::ALL[2], Fact::ALL[0]],
        ways_in: vec![],
    };
    Wanted { describes: Some(described), ..Wanted::of("lantern", IdentityKind::Domain, "lantern.example") }
}

fn proof(method: ProofMethod, when: Moment) -> Proof {
    Proof { method, at: when, evidence: Digest::of(b"seen") }
}

fn review(officer: &str, note: &str) -> Review {
    Review { officer: officer.into(), at: at(T0), note: note.into(), passkey: true, instead: String::new() }
}

/// Nobody has listed the organisation.
fn unlisted() -> Standing {
    Standing::default()
}

/// It is listed, and speaks from this domain.
fn listed(domain: &str) -> Standing {
    Standing { listed: true, domains: vec![domain.into()] }
}

fn consent(domain: &str, method: ProofMethod, when: Moment) -> Consent {
    Consent { domain: domain.into(), proof: proof(method, when) }
}

fn cleared(clashes: Vec<Clash>) -> Application<Cleared> {
    let draft = Application::new("a1", wanted(), at(T0)).unwrap();
    let proved = draft.with_proof(proof(ProofMethod::DnsTxt, at(T0))).prove(at(T0), &Terms::default());
    proved.map_err(|it| it.1).unwrap().clear(clashes).map_err(|it| it.1).unwrap()
}

fn waiting() -> Application<Waiting> {
    let AfterReview::OneMore(one) =
        cleared(vec![]).review(review("officer-1", ""), &unlisted(), &Terms::default()).unwrap()
    else {
        panic!("one officer is not enough")
    };
    let AfterReview::Both(both) =
        one.review(review("officer-2", ""), &unlisted(), &Terms::default()).unwrap()
    else {
        panic!("two are")
    };
    both.wait(at(T0), &Terms::default())
}

#[test]
fn an_application_is_listed_only_after_proof_two_officers_and_the_wait() {
    let early = waiting().publish(None, 0, &unlisted(), at(T0) + hours(71), &Terms::default()).unwrap_err();
    assert_eq!(early, NotYet::Waiting(at(T0) + hours(72)));
    let now = at(T0) + hours(72);
    let (said, record) = waiting().publish(None, 0, &unlisted(), now, &Terms::default()).unwrap();
    assert_eq!(said.iter().map(Statement::name).collect::<Vec<_>>(), ["organisation", "identity"]);
    let Statement::Identity(identity) = &said[1] else { panic!("an identity") };
    assert_eq!(identity.reviewers, ["officer-1", "officer-2"]);
    assert_eq!(identity.until, at(T0) + Terms::default().proof_holds, "the term runs from the proof");
    assert_eq!(record.stage, Stage::Published);
    for statement in said {
        assert_eq!(Statement::from_leaf(&statement.to_leaf()).unwrap(), statement);
    }
}

#[test]
fn an_open_objection_or_a_proof_grown_old_stops_the_listing() {
    let now = at(T0) + hours(73);
    assert_eq!(
        waiting().publish(None, 1, &unlisted(), now, &Terms::default()).unwrap_err(),
        NotYet::Objections(1)
    );
    let late = at(T0) + Terms::default().proof_holds;
    let taken = waiting().publish(Some("other"), 0, &unlisted(), now, &Terms::default()).unwrap_err();
    assert_eq!(taken, NotYet::Taken("other".into()));
    assert_eq!(waiting().publish(None, 0, &unlisted(), late, &Terms::default()).unwrap_err(), NotYet::Stale);
}

#[test]
fn nothing_goes_on_unproved() {
    let draft = Application::new("a1", wanted(), at(T0)).unwrap();
    let (draft, why) = draft.prove(at(T0), &Terms::default()).unwrap_err();
    assert_eq!(why, NotYet::Unproved);
    let by_officer = draft.with_proof(proof(ProofMethod::OfficerSeen, at(T0)));
    let (draft, why) = by_officer.prove(at(T0), &Terms::default()).unwrap_err();
    assert_eq!(why, NotYet::Unproved, "an officer's word is not enough for a domain");
    let old = draft.with_proof(proof(ProofMethod::DnsTxt, at(T0)));
    let (_, why) = old.prove(at(T0) + Terms::default().proof_holds, &Terms::default()).unwrap_err();
    assert_eq!(why, NotYet::Stale);
}

#[test]
fn one_officer_cannot_be_two() {
    let AfterReview::OneMore(one) =
        cleared(vec![]).review(review("officer-1", ""), &unlisted(), &Terms::default()).unwrap()
    else {
        panic!("one officer is not enough")
    };
    assert_eq!(
        one.review(review("officer-1", "again"), &unlisted(), &Terms::default()).unwrap_err().1,
        NotYet::SameOfficer
    );
}

#[test]
fn who_filed_it_or_came_without_a_passkey_cannot_agree() {
    let filed = Application::new("a1", wanted(), at(T0)).unwrap().filed_by("officer-1");
    let proved = filed.with_proof(proof(ProofMethod::DnsTxt, at(T0))).prove(at(T0), &Terms::default());
    let cleared = proved.map_err(|it| it.1).unwrap().clear(vec![]).map_err(|it| it.1).unwrap();
    let (cleared, why) = cleared.review(review("officer-1", ""), &unlisted(), &Terms::default()).unwrap_err();
    assert_eq!(why, NotYet::OwnApplication);
    let by_password = Review { passkey: false, ..review("officer-2", "") };
    let (cleared, why) = cleared.review(by_password.clone(), &unlisted(), &Terms::default()).unwrap_err();
    assert_eq!(why, NotYet::NoPasskey);
    let forged = Record { reviews: vec![by_password], ..cleared.record().clone() };
    assert!(forged.read().is_err());
}

#[test]
fn what_resembles_something_listed_needs_a_reason_and_what_is_taken_stops() {
    let clash = |value: &str| Clash { organisation: "other".into(), value: value.into(), closeness: 0.9 };
    let near = cleared(vec![clash("lantem.example")]);
    let (near, why) = near.review(review("officer-1", " "), &unlisted(), &Terms::default()).unwrap_err();
    assert_eq!(why, NotYet::NeedsReason);
    assert!(near.review(review("officer-1", "both are theirs"), &unlisted(), &Terms::default()).is_ok());
    let draft = Application::new("a1", wanted(), at(T0)).unwrap();
    let proved = draft.with_proof(proof(ProofMethod::WellKnown, at(T0))).prove(at(T0), &Terms::default());
    let taken = proved.map_err(|it| it.1).unwrap().clear(vec![clash("Lantern.example")]);
    assert_eq!(taken.unwrap_err().1, NotYet::Taken("other".into()));
}

#[test]
fn a_record_that_skipped_a_step_is_not_read() {
    let good = waiting().record().clone();
    assert!(matches!(good.clone().read(), Ok(AnyApplication::Waiting(_))));
    for (forged, what) in [
        (Record { proofs: vec![], ..good.clone() }, "proofs"),
        (Record { reviews: vec![review("officer-1", "")], ..good.clone() }, "officers"),
        (Record { reviews: vec![review("o", ""), review("o", "")], ..good.clone() }, "officers"),
        (Record { waits_until: None, ..good.clone() }, "wait"),
        (Record { stage: Stage::Refused, ..good.clone() }, "refused"),
    ] {
        let why = forged.read().unwrap_err().to_string();
        assert!(why.contains(what), "{why}");
    }
    let kept: Record = serde_json::from_str(&serde_json::to_string(&good).unwrap()).unwrap();
    assert_eq!(kept, good);
}

#[test]
fn what_can_never_be_published_is_refused_at_once() {
    for bad in [
        Wanted::of("lantern", IdentityKind::Domain, "no dots"),
        Wanted::of("Lantern Wallet", IdentityKind::Domain, "lantern.example"),
        Wanted::of("lantern", IdentityKind::Handle, "lantern"),
        Wanted::of("lantern", IdentityKind::Address, "0x00"),
        Wanted::of("lantern", IdentityKind::App, "example.lantern"),
    ] {
        assert!(matches!(Application::new("a1", bad, at(T0)), Err(NotYet::Form(_))));
    }
}

#[test]
fn a_listing_is_renewed_by_what_proved_it_at_first() {
    let record = waiting().record().clone();
    let now = at(T0) + hours(24 * 80);
    assert_eq!(renew(&record, &record.proofs, now + hours(24 * 10), &Terms::default()), Err(NotYet::Stale));
    let by_officer = [proof(ProofMethod::OfficerSeen, now)];
    assert_eq!(renew(&record, &by_officer, now, &Terms::default()), Err(NotYet::Unproved));
    let Ok(Statement::Renewed(renewed)) =
        renew(&record, &[proof(ProofMethod::WellKnown, now)], now, &Terms::default())
    else {
        panic!("renewed")
    };
    assert_eq!(renewed.until, now + Terms::default().proof_holds);
}

#[test]
fn an_officers_word_alone_suffices_only_where_nothing_can_be_checked() {
    for kind in IdentityKind::ALL {
        for platform in [None, Some("/im".to_owned())] {
            for chain in [None, Some("eip155:1".to_owned()), Some("bip122:0".to_owned())] {
                let wanted = Wanted { platform: platform.clone(), chain: chain.clone(), ..empty(*kind) };
                let word_alone = sufficient(&wanted).contains(&&[ProofMethod::OfficerSeen][..]);
                let nothing_to_check = match kind {
                    IdentityKind::Agent => true,
                    IdentityKind::DisplayName | IdentityKind::Avatar => platform.is_none(),
                    IdentityKind::Address => chain.as_deref() != Some("eip155:1"),
                    _ => false,
                };
                assert_eq!(word_alone, nothing_to_check, "{kind:?} {platform:?} {chain:?}");
            }
        }
    }
}

/// An application for a further handle of an organisation, reviewed by two officers with these
/// reasons to do without its word.
fn further(consent: Option<Consent>, reasons: [&str; 2]) -> Record {
    let wanted = Wanted {
        platform: Some("/im".into()),
        account: Some("u-1".into()),
        ..Wanted::of("lantern", IdentityKind::Handle, "lantern_help")
    };
    let reviews = reasons.iter().enumerate();
    let reviews = reviews.map(|(at, it)| Review { instead: (*it).into(), ..review(&format!("o{at}"), "") });
    Record { consent, reviews: reviews.collect(), ..Record::new("a1", wanted, at(T0)) }
}

#[test]
fn a_listed_organisation_gets_nothing_added_but_by_its_own_word_or_two_officers_reasons() {
    let (terms, now) = (Terms::default(), at(T0) + hours(80));
    let dns = || Some(consent("Lantern.example", ProofMethod::DnsTxt, at(T0)));
    let home = listed("lantern.example");
    let rows = [
        ("not listed", None, ["", ""], unlisted(), Backing::Founding),
        ("nobody", None, ["", ""], home.clone(), Backing::Nobody),
        ("its DNS", dns(), ["", ""], home.clone(), Backing::Consented),
        ("its DNS, and reasons", dns(), ["x", "y"], home.clone(), Backing::Consented),
        ("a domain it no longer has", dns(), ["", ""], listed("other.example"), Backing::Nobody),
        ("below its domain", dns(), ["", ""], listed("a.lantern.example"), Backing::Nobody),
        ("one officer", None, ["they wrote to us", ""], home.clone(), Backing::Nobody),
        ("one officer and a blank", None, ["they wrote to us", " "], home.clone(), Backing::Nobody),
        ("two officers", None, ["they wrote to us", "so they did"], home.clone(), Backing::Reasoned),
        (
            "an officer's word for its domain",
            Some(consent("lantern.example", ProofMethod::OfficerSeen, at(T0))),
            ["", ""],
            home.clone(),
            Backing::Nobody,
        ),
    ];
    for (what, consent, reasons, standing, wanted) in rows {
        assert_eq!(backing(&further(consent, reasons), &standing, now, &terms), wanted, "{what}");
    }
    let late = at(T0) + terms.proof_holds;
    assert_eq!(backing(&further(dns(), ["", ""]), &home, late, &terms), Backing::Nobody, "grown old");
}

#[test]
fn a_proof_at_the_organisations_own_site_is_its_word() {
    let app = Wanted {
        site: Some("https://lantern.example/app".into()),
        ..Wanted::of("lantern", IdentityKind::App, "example.lantern")
    };
    let record =
        |method| Record { proofs: vec![proof(method, at(T0))], ..Record::new("a1", app.clone(), at(T0)) };
    let by = |method, standing: &Standing| backing(&record(method), standing, at(T0), &Terms::default());
    assert_eq!(by(ProofMethod::DnsTxt, &listed("lantern.example")), Backing::Consented);
    assert_eq!(by(ProofMethod::DnsTxt, &listed("lantern.test")), Backing::Nobody);
    assert_eq!(
        by(ProofMethod::AssetLinks, &listed("lantern.example")),
        Backing::Nobody,
        "links name the app"
    );
}

#[test]
fn who_becomes_listed_during_the_notice_has_to_say_so_before_anything_is_added() {
    let (now, terms, home) = (at(T0) + hours(72), Terms::default(), listed("lantern.example"));
    assert_eq!(
        waiting().publish(None, 0, &listed("other.example"), now, &terms).unwrap_err(),
        NotYet::NeedsBacking
    );
    let word = consent("other.example", ProofMethod::WellKnown, at(T0));
    let said = AnyApplication::Waiting(waiting()).with_consent(word).unwrap();
    let Ok(AnyApplication::Waiting(it)) = said.read() else { panic!("still on notice") };
    assert!(it.publish(None, 0, &listed("other.example"), now, &terms).is_ok());
    // The domain is its own, and proved: that is its word.
    assert!(waiting().publish(None, 0, &home, now, &terms).is_ok());
}
