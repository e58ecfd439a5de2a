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
    AfterReview, AnyApplication, Application, Clash, NotYet, Record, Refusal, Review, Stage, Terms, Wanted,
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
    FirstOfficer,
    SecondOfficer,
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
    Advance, Compare, CompareAlike, CompareTaken, FirstOfficer, Notice, OfficerByPassword, ProveByDns,
    ProveByOfficer, Publish, PublishObjected, Refuse, SecondOfficer, SecondOfficerSilently, WaitNinetyDays,
    WaitThreeDays,
};

const ACTS: [Act; 16] = [
    ProveByOfficer,
    ProveByDns,
    Advance,
    Compare,
    CompareAlike,
    CompareTaken,
    FirstOfficer,
    SecondOfficer,
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
    noticed: Option<Moment>,
}

/// An application, the time, and what was seen; `published` is what was said at the end.
#[derive(Clone, Debug)]
struct World {
    record: Record,
    now: Moment,
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
    World { record: draft.record().clone(), now: hour(0), seen: Seen::default(), published: vec![] }
}

fn review(officer: &str, note: &str, at: Moment) -> Review {
    Review { officer: officer.to_owned(), at, note: note.to_owned(), passkey: true }
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
    // Each act begins from what is kept, as a server does after a restart.
    let application = match world.record.clone().read() {
        Ok(application) => application,
        Err(why) => return End::Refused(why),
    };
    use AnyApplication as A;
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
        (A::Cleared(it), FirstOfficer | SecondOfficer | SecondOfficerSilently | OfficerByPassword) => {
            let officer = if act == FirstOfficer { "heron" } else { "otter" };
            let note = if act == SecondOfficerSilently { "" } else { "the site is theirs" };
            let review = Review { passkey: act != OfficerByPassword, ..review(officer, note, now) };
            match it.review(review) {
                Ok(AfterReview::OneMore(it)) => {
                    next.seen.officers.insert(officer);
                    Ok(it.record().clone())
                }
                Ok(AfterReview::Both(it)) => {
                    next.seen.officers.insert(officer);
                    Ok(it.record().clone())
                }
                Err((_, why)) => Err(why),
            }
        }
        (A::Reviewed(it), Notice) => {
            next.seen.noticed = Some(now);
            Ok(it.wait(now, &terms).record().clone())
        }
        (A::Waiting(it), Publish | PublishObjected) => {
            it.publish(None, u64::from(act == PublishObjected), true, now, &terms).map(|(said, record)| {
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
fn likeness(world: &World) -> (String, Moment, Seen) {
    (serde_json::to_string(&world.record).unwrap(), world.now, world.seen.clone())
}

fn judge(world: &World, path: &[Act]) {
    let Seen { by_machine, compared, alike, officers, noticed } = &world.seen;
    let terms = Terms::default();
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

#[test]
fn every_sequence_of_acts_is_tried_and_none_skips_a_step() {
    let depth = 10;
    let mut met = BTreeSet::new();
    let mut edge = vec![(start(), Vec::new())];
    let (mut listed, mut tried) = (0, 0);
    for _ in 0..depth {
        let mut beyond = Vec::new();
        for (world, path) in edge {
            for act in ACTS {
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

/// What each act leads to from each stage, where everything before went the plain way.
fn table() -> String {
    let plain = [ProveByDns, Advance, Compare, FirstOfficer, SecondOfficer, Notice, WaitThreeDays, Publish];
    let mut worlds: BTreeMap<Stage, World> = BTreeMap::new();
    let mut world = start();
    worlds.insert(world.record.stage, world.clone());
    for act in plain {
        let End::Done(next) = step(&world, act) else { panic!("{act:?} leads on") };
        world = *next;
        // The last world in each stage: with the first officer's word, and after the wait.
        worlds.insert(world.record.stage, world.clone());
    }
    let End::Done(refused) = step(&start(), Refuse) else { panic!("one may refuse") };
    worlds.insert(Stage::Refused, *refused);
    let mut text = String::from(
        "# What each act leads to from each stage; acts that are not named would not compile there. The draft is proved\n\
         # by DNS, one officer has agreed, the time of notice is over. A change here is a change of vetting: say why.\n",
    );
    for (stage, world) in &worlds {
        text.push_str(&format!("\n{stage}\n"));
        for act in ACTS.into_iter().filter(|it| !matches!(it, WaitThreeDays | WaitNinetyDays)) {
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
