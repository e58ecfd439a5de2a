//! No way leads to a listing but through every step: every sequence of acts is tried.
//!
//! `TOUCHSTONE_BLESS=1 cargo test -p touchstone-registry --test vetting` rewrites the reviewed table.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{hour, proof};
use touchstone_registry::vetting::{
    AfterReview, AnyApplication, Application, Clash, Consent, NotYet, Record, Refusal, Review, Stage,
    Standing, Terms, Wanted,
};
use touchstone_registry::{IdentityKind, ProofMethod, Statement, vetting};
use touchstone_types::{Lapse, Moment};

/// What somebody may try, whatever the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    ProveByOfficer,
    ProveByDns,
    Advance,
    Compare,
    CompareAlike,
    CompareTaken,
    OrganisationListed,
    Consent,
    ConsentFromElsewhere,
    FirstOfficer,
    FirstOfficerInstead,
    SecondOfficer,
    SecondOfficerInstead,
    SecondOfficerSilently,
    OfficerByPassword,
    Notice,
    WaitThreeDays,
    WaitNinetyDays,
    PublishObjected,
    Publish,
    Refuse,
}

use Act::{
    Advance, Compare, CompareAlike, CompareTaken, ConsentFromElsewhere, FirstOfficer, FirstOfficerInstead,
    Notice, OfficerByPassword, OrganisationListed, ProveByDns, ProveByOfficer, Publish, PublishObjected,
    Refuse, SecondOfficer, SecondOfficerInstead, SecondOfficerSilently, WaitNinetyDays, WaitThreeDays,
};

const ACTS: [Act; 21] = [
    ProveByOfficer,
    ProveByDns,
    Advance,
    Compare,
    CompareAlike,
    CompareTaken,
    OrganisationListed,
    Act::Consent,
    ConsentFromElsewhere,
    FirstOfficer,
    FirstOfficerInstead,
    SecondOfficer,
    SecondOfficerInstead,
    SecondOfficerSilently,
    OfficerByPassword,
    Notice,
    WaitThreeDays,
    WaitNinetyDays,
    PublishObjected,
    Publish,
    Refuse,
];

/// What a witness outside saw happen: what the listing is judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    by_machine: Option<Moment>,
    compared: bool,
    alike: bool,
    officers: BTreeSet<&'static str>,
    /// The organisation said so on its own domain.
    consented: Option<Moment>,
    /// Officers who wrote why they do without.
    instead: BTreeSet<&'static str>,
    noticed: Option<Moment>,
}

/// An application, the time, and what was seen; `published` is what was said at the end.
#[derive(Clone, Debug)]
struct World {
    record: Record,
    now: Moment,
    /// Whether the organisation is listed by now.
    listed: bool,
    seen: Seen,
    published: Vec<Statement>,
}

/// How an act ended.
#[derive(Debug)]
enum End {
    /// There is no such step in that stage: it would not compile.
    Impossible,
    Refused(NotYet),
    Done(Box<World>),
}

fn wanted() -> Wanted {
    Wanted::of("acme", IdentityKind::Domain, "acme.example")
}

fn start() -> World {
    let draft = Application::new("a1", wanted(), hour(0)).unwrap();
    let (record, seen) = (draft.record().clone(), Seen::default());
    World { record, now: hour(0), listed: false, seen, published: vec![] }
}

fn review(officer: &str, note: &str, at: Moment) -> Review {
    Review { officer: officer.to_owned(), at, note: note.to_owned(), passkey: true, instead: String::new() }
}

/// The organisation speaks from its old domain; the one applied for is not listed.
fn standing(listed: bool) -> Standing {
    Standing { listed, domains: if listed { vec!["acme.test".to_owned()] } else { vec![] } }
}

fn clash(value: &str) -> Clash {
    Clash { organisation: "bolt".to_owned(), value: value.to_owned(), closeness: 0.9 }
}

fn step(world: &World, act: Act) -> End {
    let mut next = world.clone();
    let now = world.now;
    let terms = Terms::default();
    if let WaitThreeDays | WaitNinetyDays = act {
        next.now = now + if act == WaitThreeDays { terms.wait } else { terms.proof_holds };
        return End::Done(Box::new(next));
    }
    if act == OrganisationListed {
        if world.listed {
            return End::Impossible;
        }
        next.listed = true;
        return End::Done(Box::new(next));
    }
    // Each act begins from what is kept, as a server does after a restart.
    let application = match world.record.clone().read() {
        Ok(application) => application,
        Err(why) => return End::Refused(why),
    };
    use AnyApplication as A;
    if let Act::Consent | ConsentFromElsewhere = act {
        let at_home = act == Act::Consent;
        let domain = if at_home { "acme.test" } else { "acme.example.test" }.to_owned();
        let consent = Consent { domain, proof: proof(ProofMethod::WellKnown, now) };
        let Some(record) = application.with_consent(consent) else { return End::Impossible };
        next.record = record;
        next.seen.consented = at_home.then_some(now);
        return End::Done(Box::new(next));
    }
    let taken = match (application, act) {
        (A::Draft(it), ProveByOfficer) => {
            Ok(it.with_proof(proof(ProofMethod::OfficerSeen, now)).record().clone())
        }
        (A::Draft(it), ProveByDns) => {
            next.seen.by_machine = Some(now);
            Ok(it.with_proof(proof(ProofMethod::DnsTxt, now)).record().clone())
        }
        (A::Draft(it), Advance) => it.prove(now, &terms).map(|it| it.record().clone()).map_err(|it| it.1),
        (A::Proved(it), Compare | CompareAlike | CompareTaken) => {
            let found = match act {
                Compare => vec![],
                CompareAlike => vec![clash("acne.example")],
                _ => vec![clash("Acme.example")],
            };
            next.seen.compared = true;
            next.seen.alike = act == CompareAlike;
            it.clear(found).map(|it| it.record().clone()).map_err(|it| it.1)
        }
        (
            A::Cleared(it),
            FirstOfficer
            | FirstOfficerInstead
            | SecondOfficer
            | SecondOfficerInstead
            | SecondOfficerSilently
            | OfficerByPassword,
        ) => {
            let officer = if matches!(act, FirstOfficer | FirstOfficerInstead) { "heron" } else { "otter" };
            let note = if act == SecondOfficerSilently { "" } else { "the site is theirs" };
            let instead = matches!(act, FirstOfficerInstead | SecondOfficerInstead);
            let why = if instead { "their director wrote to us" } else { "" };
            let passkey = act != OfficerByPassword;
            let review = Review { passkey, instead: why.to_owned(), ..review(officer, note, now) };
            it.review(review, &standing(world.listed), &terms).map_err(|it| it.1).map(|after| {
                next.seen.officers.insert(officer);
                if instead {
                    next.seen.instead.insert(officer);
                }
                match after {
                    AfterReview::OneMore(it) => it.record().clone(),
                    AfterReview::Both(it) => it.record().clone(),
                }
            })
        }
        (A::Reviewed(it), Notice) => {
            next.seen.noticed = Some(now);
            Ok(it.wait(now, &terms).record().clone())
        }
        (A::Waiting(it), Publish | PublishObjected) => {
            let open = u64::from(act == PublishObjected);
            it.publish(None, open, &standing(world.listed), now, &terms).map(|(said, record)| {
                next.published = said;
                record
            })
        }
        (A::Draft(it), Refuse) => Ok(it.refuse(refusal(now))),
        (A::Proved(it), Refuse) => Ok(it.refuse(refusal(now))),
        (A::Cleared(it), Refuse) => Ok(it.refuse(refusal(now))),
        (A::Reviewed(it), Refuse) => Ok(it.refuse(refusal(now))),
        (A::Waiting(it), Refuse) => Ok(it.refuse(refusal(now))),
        _ => return End::Impossible,
    };
    match taken {
        Err(why) => End::Refused(why),
        Ok(record) => {
            next.record = record;
            End::Done(Box::new(next))
        }
    }
}

fn refusal(at: Moment) -> Refusal {
    Refusal { officer: Some("heron".to_owned()), at, reason: "not theirs".to_owned() }
}

/// Two worlds in which the same can happen next, and of which the same was seen.
fn likeness(world: &World) -> (String, Moment, bool, Seen) {
    (serde_json::to_string(&world.record).unwrap(), world.now, world.listed, world.seen.clone())
}

fn judge(world: &World, path: &[Act]) {
    let Seen { by_machine, compared, alike, officers, consented, instead, noticed } = &world.seen;
    let terms = Terms::default();
    let word = consented.is_some_and(|it| world.now < it + terms.proof_holds);
    assert!(!world.listed || word || instead.len() == 2, "added to a listed organisation: {path:?}");
    let proved = by_machine.unwrap_or_else(|| panic!("listed unproved: {path:?}"));
    let noticed = noticed.unwrap_or_else(|| panic!("listed without notice: {path:?}"));
    assert!(*compared, "listed without a look for clashes: {path:?}");
    let reasons = world.record.reviews.iter().all(|it| !it.note.is_empty());
    assert!(!alike || reasons, "listed beside something like it without a reason: {path:?}");
    assert_eq!(officers.len(), 2, "listed without two officers: {path:?}");
    assert!(world.now >= noticed + terms.wait, "listed too early: {path:?}");
    assert!(world.now < proved + terms.proof_holds, "listed on an old proof: {path:?}");
    let [Statement::Identity(said)] = world.published.as_slice() else { panic!("one identity: {path:?}") };
    assert_eq!(said.reviewers.iter().map(String::as_str).collect::<BTreeSet<_>>(), *officers);
    assert!(said.until <= proved + terms.proof_holds && said.from >= world.now);
}

/// What the organisation does in a stage where nobody looks at it does the same in the next one.
fn is_worth_trying(world: &World, act: Act) -> bool {
    match act {
        Act::Consent | ConsentFromElsewhere => {
            // From elsewhere it counts as none, as the table below and the unit tests show.
            let stage = if act == Act::Consent { Stage::Draft } else { Stage::Waiting };
            world.record.consent.is_none()
                && (world.record.stage == stage || (world.listed && act == Act::Consent))
        }
        OrganisationListed => matches!(world.record.stage, Stage::Cleared | Stage::Waiting),
        // Officers are asked for that reason only where the organisation is listed.
        FirstOfficerInstead | SecondOfficerInstead => world.listed,
        _ => true,
    }
}

#[test]
fn every_sequence_of_acts_is_tried_and_none_skips_a_step() {
    let depth = 10;
    let mut met = BTreeSet::new();
    let mut edge = vec![(start(), Vec::new())];
    let (mut listed, mut tried) = (0, 0);
    for _ in 0..depth {
        let mut beyond = Vec::new();
        for (world, path) in edge {
            for act in ACTS.into_iter().filter(|it| is_worth_trying(&world, *it)) {
                tried += 1;
                let End::Done(next) = step(&world, act) else { continue };
                // A wait of ninety days and one of three show all that time can do.
                if next.now > hour(93 * 24) || !met.insert(likeness(&next)) {
                    continue;
                }
                let path: Vec<Act> = path.iter().copied().chain([act]).collect();
                match next.record.stage {
                    Stage::Published => {
                        judge(&next, &path);
                        listed += 1;
                    }
                    Stage::Refused => {}
                    _ => beyond.push((*next, path)),
                }
            }
        }
        edge = beyond;
    }
    assert!(listed > 10 && tried > 1_000, "{listed} listings among {tried} acts");
}

/// What each act leads to from each stage, where everything before went this way.
fn rows(first: World, way: &[Act]) -> String {
    let mut worlds: BTreeMap<Stage, World> = BTreeMap::new();
    let End::Done(refused) = step(&first, Refuse) else { panic!("one may refuse") };
    let mut world = first;
    worlds.insert(world.record.stage, world.clone());
    for act in way {
        let End::Done(next) = step(&world, *act) else { panic!("{act:?} leads on") };
        world = *next;
        // The last world in each stage: with the first officer's word, and after the wait.
        worlds.insert(world.record.stage, world.clone());
    }
    worlds.insert(Stage::Refused, *refused);
    let mut text = String::new();
    for (stage, world) in &worlds {
        text.push_str(&format!("\n{stage}\n"));
        let silent = |it: &Act| matches!(it, WaitThreeDays | WaitNinetyDays | OrganisationListed);
        for act in ACTS.into_iter().filter(|it| !silent(it)) {
            let end = match step(world, act) {
                End::Impossible => continue,
                End::Refused(why) => format!("refused: {why}"),
                End::Done(next) => next.record.stage.to_string(),
            };
            text.push_str(&format!("  {:<22} {end}\n", format!("{act:?}")));
        }
    }
    text
}

fn table() -> String {
    let new = [ProveByDns, Advance, Compare, FirstOfficer, SecondOfficer, Notice, WaitThreeDays, Publish];
    let further = [
        ProveByDns,
        Advance,
        Compare,
        FirstOfficerInstead,
        SecondOfficerInstead,
        Notice,
        WaitThreeDays,
        Publish,
    ];
    let mut unbacked = start();
    for act in
        [ProveByDns, Advance, Compare, FirstOfficer, SecondOfficer, Notice, WaitThreeDays, OrganisationListed]
    {
        let End::Done(next) = step(&unbacked, act) else { panic!("{act:?} leads on") };
        unbacked = *next;
    }
    let end = |act| match step(&unbacked, act) {
        End::Refused(why) => why.to_string(),
        _ => panic!("nobody stands behind it"),
    };
    let header = "# What each act leads to from each stage; acts that are not named would not compile there. The draft is proved\n\
         # by DNS, one officer has agreed, the time of notice is over. A change here is a change of vetting: say why.\n";
    format!(
        "{header}\n## Of an organisation that nobody has listed\n{}\n## Of an organisation that is listed\n{}\n\
         ## Of one that was listed during the notice, without its word\n\nwaiting\n  {:<22} refused: {}\n",
        rows(start(), &new),
        rows(World { listed: true, ..start() }, &further),
        "Publish",
        end(Publish),
    )
}

#[test]
fn the_steps_are_as_reviewed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vetting-steps.txt");
    if std::env::var_os("TOUCHSTONE_BLESS").is_some() {
        std::fs::write(path, table()).unwrap();
    }
    assert_eq!(table(), std::fs::read_to_string(path).unwrap());
}

#[test]
fn what_was_put_into_a_record_by_hand_cannot_jump_a_stage() {
    let mut world = start();
    for stage in [Stage::Proved, Stage::Cleared, Stage::Reviewed, Stage::Waiting, Stage::Published] {
        world.record.stage = stage;
        assert!(matches!(world.record.clone().read(), Err(NotYet::Contradiction(_))), "{stage}");
    }
    let far = hour(0) + Lapse::from_secs(400 * 86_400);
    world.record.stage = Stage::Waiting;
    world.record.waits_until = Some(hour(0));
    world.now = far;
    assert!(matches!(step(&world, Publish), End::Refused(NotYet::Contradiction(_))));
}

#[test]
fn the_page_shows_the_proofs_that_suffice() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/vetting.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (before, rest) = page.split_once("<!-- proofs -->\n").unwrap();
    let (shown, after) = rest.split_once("<!-- /proofs -->").unwrap();
    if std::env::var_os("TOUCHSTONE_BLESS").is_some() {
        let page = format!("{before}<!-- proofs -->\n{}<!-- /proofs -->{after}", vetting::table());
        std::fs::write(path, page).unwrap();
    } else {
        assert_eq!(shown, vetting::table());
    }
}
