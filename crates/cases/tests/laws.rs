//! What must always be true of a case, whatever happens and in whichever order, at a desk of
//! minutes and under the charter that comes with this version.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

mod common;

use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use touchstone_cases::{
    Answer, Case, CaseKey, CasePolicy, Charter, Clock, ClockState, Closing, Event, Fact, Kind, Ladder, Level,
    Life, Outcome, PausePolicy, Policy, Rule, Staff, Step, StopsOn, Task, Trigger, Whose, advance, open,
};
use touchstone_types::Moment;

use common::{Desk, lapse, minute, rule};

fn desk() -> Desk {
    let paused = |rule: Rule| Rule { pause: PausePolicy::WhileAsked, ..rule };
    Desk::new(
        [
            rule("answer", Whose::Ours, Trigger::Written, StopsOn::Answer, 20),
            paused(rule("outcome", Whose::Ours, Trigger::Opened, StopsOn::Outcome, 100)),
            paused(rule("decision", Whose::Firm, Trigger::Complained, StopsOn::Outcome, 50)),
            rule("form", Whose::Victim, Trigger::PaymentStopped, StopsOn::Done, 30),
            rule("filing", Whose::Authority, Trigger::PoliceReported, StopsOn::Done, 40),
            rule("ombudsman", Whose::Victim, Trigger::Decided, StopsOn::Done, 60),
            rule("ombudsman", Whose::Victim, Trigger::Overdue, StopsOn::Done, 60),
        ],
        Ladder::new([lapse(30), lapse(25), lapse(20), lapse(40)], lapse(45), lapse(35)).unwrap(),
    )
}

fn charter() -> &'static Charter {
    static ONCE: OnceLock<Charter> = OnceLock::new();
    ONCE.get_or_init(|| Charter::built_in().unwrap())
}

fn staff(name: &str) -> Staff {
    Staff(name.into())
}

fn reason() -> Arc<str> {
    "a reason".into()
}

fn any_event() -> impl Strategy<Value = Event> {
    let closing = || Closing::new(Outcome::Recovered, "it came back", staff("ann"), minute(0)).unwrap();
    prop_oneof![
        4 => Just(Event::Written),
        4 => Just(Event::Answered(Answer::Person(staff("ann")))),
        1 => Just(Event::Answered(Answer::Template)),
        1 => Just(Event::Answered(Answer::AutoReply)),
        1 => Just(Event::Answered(Answer::Generated)),
        4 => Just(Event::Asked(staff("bob"))),
        1 => Just(Event::Complained),
        1 => Just(Event::Done("form".into())),
        1 => Just(Event::Happened(Fact::PaymentStopped)),
        1 => Just(Event::Happened(Fact::PoliceReported)),
        1 => Just(Event::Assigned(staff("ann"))),
        1 => Just(Event::Taken(staff("bob"))),
        1 => Just(Event::HandedOver { to: staff("ann"), reason: reason() }),
        1 => Just(Event::Escalated { by: None, reason: reason() }),
        1 => Just(Event::Escalated { by: Some(staff("bob")), reason: reason() }),
        1 => Just(Event::PacketSent(staff("bob"))),
        2 => Just(Event::Closed(closing())),
        2 => Just(Event::Tick),
    ]
}

/// What happens, and how many minutes after what happened before.
fn any_story() -> impl Strategy<Value = Vec<(i64, Event)>> {
    prop::collection::vec((prop_oneof![0_i64..3, 0_i64..60], any_event()), 1..25)
}

/// One event and what follows from it.
struct Turn<'a> {
    before: &'a Case,
    event: &'a Event,
    after: &'a Case,
    steps: &'a [Step],
    now: Moment,
}

/// Goes through a story and looks at each turn.
fn tell<P: Policy>(
    policy: &P,
    start: Moment,
    story: &[(i64, Event)],
    mut look: impl FnMut(&Turn<'_>) -> Result<(), TestCaseError>,
) -> Result<Case, TestCaseError> {
    let mut case = open(start, policy).case;
    let mut now = start;
    for (wait, event) in story {
        now = now + lapse(u64::try_from(*wait).unwrap());
        let next = advance(case.clone(), event.clone(), now, policy);
        look(&Turn { before: &case, event, after: &next.case, steps: &next.steps, now })?;
        case = next.case;
    }
    Ok(case)
}

fn by_victim(event: &Event) -> bool {
    matches!(event, Event::Written | Event::Complained | Event::Escalated { by: None, .. })
}

fn breaches(steps: &[Step]) -> usize {
    let raises = |it: &&Step| match it {
        Step::RecordBreach(_) => true,
        Step::RecordLapse(task) => *task != Task::AskAgain,
        _ => false,
    };
    steps.iter().filter(raises).count()
}

/// Every law that can be seen in one turn.
fn laws(turn: &Turn<'_>, policy: &impl Policy) -> Result<(), TestCaseError> {
    let Turn { before, event, after, steps, now } = turn;
    if let Life::Open { next, .. } = &after.life {
        prop_assert!(next.by > *now, "the next step of an open case is ahead of it");
        prop_assert!(after.due().is_some_and(|due| due > *now), "what was due was dealt with");
    }
    if before.is_open() && !after.is_open() {
        prop_assert!(matches!(event, Event::Closed(_)), "nothing closes by itself: {event:?}");
    }
    if let Life::Closed(closing) = &after.life {
        prop_assert!(!closing.reason().trim().is_empty(), "the victim was told why");
    }
    if by_victim(event) {
        prop_assert!(after.is_open(), "whatever the victim says opens the case: {event:?}");
        for rule in policy.rules(Trigger::Written) {
            let runs = |it: &Clock| it.rule == *rule && it.state == ClockState::Running;
            prop_assert!(after.clocks.iter().any(runs), "{event:?} has an answer clock that runs");
        }
    }
    for (at, clock) in after.clocks.iter().enumerate() {
        one_clock(turn, before.clocks.get(at), clock, policy)?;
    }
    let climbs = breaches(steps) + usize::from(matches!(event, Event::Escalated { .. }));
    let level = (0..climbs).fold(before.level, |level, _| level.above());
    prop_assert_eq!(after.level, level, "each breach raises one level, and nothing else does");
    let reached = after.level == Level::Outside && before.level != Level::Outside;
    prop_assert_eq!(
        steps.contains(&Step::PreparePacket),
        reached,
        "the packet is prepared once, at the last level"
    );
    Ok(())
}

fn one_clock(
    turn: &Turn<'_>,
    before: Option<&Clock>,
    clock: &Clock,
    policy: &impl Policy,
) -> Result<(), TestCaseError> {
    let Turn { event, after, .. } = turn;
    let asked = matches!(&after.life, Life::Open { next, .. } if next.task == Task::AskAgain);
    if matches!(clock.state, ClockState::Paused(_)) {
        prop_assert!(asked, "a clock stands still only while the victim was asked something");
        prop_assert!(clock.rule.pause == PausePolicy::WhileAsked && clock.rule.whose.is_here());
    }
    if before.is_some_and(Clock::is_open) && matches!(clock.state, ClockState::Stopped(_)) {
        let may = match clock.rule.stops_on {
            StopsOn::Answer => matches!(event, Event::Answered(Answer::Person(_)) | Event::Closed(_)),
            StopsOn::Outcome => matches!(event, Event::Closed(_)),
            StopsOn::Done => matches!(event, Event::Done(_)),
        };
        prop_assert!(may, "{event:?} stopped the clock {}", clock.rule.name);
    }
    prop_assert_eq!(
        clock.due,
        policy.due(&clock.rule, clock.started, &clock.pauses).ok(),
        "derived, not kept"
    );
    let open = |it: &&Clock| it.rule.name == clock.rule.name && it.is_open();
    prop_assert!(after.clocks.iter().filter(open).count() <= 1, "a term runs once at a time");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_law_holds_at_a_desk_of_minutes(story in any_story()) {
        let desk = desk();
        tell(&desk, minute(0), &story, |turn| laws(turn, &desk))?;
    }

    #[test]
    fn every_law_holds_under_the_charter(
        story in any_story(),
        kind in prop::sample::select(Kind::ALL.to_vec()),
        place in prop::sample::select(charter().jurisdictions().all().iter().map(|it| it.id.clone()).collect::<Vec<_>>()),
        hours in 0_i64..8_000,
    ) {
        let firm_kinds = ["CASP", "bank", "FCA_firm", "VASP", "AFS_licensee"].map(str::to_owned);
        let key = CaseKey { kind, jurisdiction: Some(&place), firm_kinds: &firm_kinds };
        let policy: CasePolicy = charter().policy_for(&key);
        let start = "2026-01-05T03:00:00Z".parse::<Moment>().unwrap() + lapse(u64::try_from(hours * 60).unwrap());
        // Waits of hours: the terms of law are days.
        let story: Vec<_> = story.into_iter().map(|(wait, event)| (wait * 60, event)).collect();
        tell(&policy, start, &story, |turn| laws(turn, &policy))?;
    }

    #[test]
    fn however_seldom_somebody_looks_the_case_is_the_same(story in any_story(), rest in 0_i64..300) {
        let desk = desk();
        let seldom = tell(&desk, minute(0), &story, |_| Ok(()))?;
        let mut often = open(minute(0), &desk).case;
        let mut now = 0;
        let last = (rest, Event::Tick);
        for (wait, event) in story.iter().chain([&last]) {
            for _ in 0..*wait {
                now += 1;
                often = advance(often, Event::Tick, minute(now), &desk).case;
            }
            often = advance(often, event.clone(), minute(now), &desk).case;
        }
        let seldom = advance(seldom, Event::Tick, minute(now), &desk).case;
        prop_assert_eq!(seldom, often);
    }

    #[test]
    fn what_no_person_wrote_changes_nothing(story in any_story(), wait in 0_i64..50) {
        let desk = desk();
        let case = tell(&desk, minute(0), &story, |_| Ok(()))?;
        let now = minute(story.iter().map(|it| it.0).sum::<i64>() + wait);
        let alone = advance(case.clone(), Event::Tick, now, &desk).case;
        for answer in [Answer::Template, Answer::AutoReply, Answer::Generated] {
            prop_assert_eq!(&advance(case.clone(), Event::Answered(answer), now, &desk).case, &alone);
        }
    }

    /// Asked at one time and answered at another, at most the time after which it is asked again.
    #[test]
    fn a_pause_moves_the_end_by_exactly_its_length(asked in 0_i64..18, length in 0_i64..44, victim in 0_i64..2) {
        let desk = desk();
        let find = |case: &Case, name: &str| case.clocks.iter().find(|it| &*it.rule.name == name).cloned().unwrap();
        let case = open(minute(0), &desk).case;
        let free = find(&case, "outcome").due.unwrap();
        let paused = advance(case, Event::Asked(staff("ann")), minute(asked), &desk).case;
        let back = [Event::Written, Event::Answered(Answer::Person(staff("ann")))][usize::try_from(victim).unwrap()].clone();
        let case = advance(paused, back, minute(asked + length), &desk).case;
        // By then somebody let the answer clock run out, if it took so long; the case went up, and
        // with it the pause ended.
        let stood = length.min(20 - asked).min(44);
        let outcome = find(&case, "outcome");
        prop_assert_eq!(outcome.due.unwrap(), free + lapse(u64::try_from(stood).unwrap()));
        prop_assert_eq!(find(&case, "answer").due.unwrap(), minute(20), "the answer clock never stands still");
        prop_assert_eq!(outcome.state, ClockState::Running);
    }

    #[test]
    fn rules_that_did_not_change_change_nothing(story in any_story()) {
        let desk = desk();
        tell(&desk, minute(0), &story, |turn| {
            prop_assert_eq!(turn.after.recount(&desk), None);
            Ok(())
        })?;
    }

    #[test]
    fn a_case_is_read_as_it_was_written(story in any_story()) {
        let desk = desk();
        tell(&desk, minute(0), &story, |turn| {
            let bytes = turn.after.to_bytes();
            prop_assert_eq!(&Case::from_bytes(&bytes).unwrap(), turn.after);
            let json = serde_json::to_string(turn.after).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Case>(&json).unwrap(), turn.after);
            Ok(())
        })?;
    }

    #[test]
    fn damaged_bytes_are_an_error_or_another_case_and_never_a_crash(
        story in any_story(), at in 0_usize..2_000, bit in 0_u8..8
    ) {
        let case = tell(&desk(), minute(0), &story, |_| Ok(()))?;
        let mut bytes = case.to_bytes();
        prop_assert!(Case::from_bytes(&bytes[..bytes.len() - 1]).is_err(), "cut short");
        let more = [&bytes[..], &[0]].concat();
        prop_assert!(Case::from_bytes(&more).is_err(), "something after its end");
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        // Whatever comes of it can be worked with.
        if let Ok(case) = Case::from_bytes(&bytes) {
            let _ = case.due();
        }
    }
}

#[test]
fn warnings_come_at_a_half_and_at_four_fifths_of_the_time_that_ran() {
    let desk = Desk::new(
        [Rule {
            pause: PausePolicy::WhileAsked,
            ..rule("outcome", Whose::Ours, Trigger::Opened, StopsOn::Outcome, 100)
        }],
        Ladder::new([lapse(10_000); 4], lapse(10_000), lapse(10_000)).unwrap(),
    );
    let mut case = open(minute(0), &desk).case;
    let mut seen = Vec::new();
    for now in 1..=200 {
        let event = match now {
            10 => Event::Asked(staff("ann")),
            40 => Event::Written,
            90 => Event::Asked(staff("ann")),
            95 => Event::Written,
            _ => Event::Tick,
        };
        let next = advance(case, event, minute(now), &desk);
        case = next.case;
        for step in next.steps {
            match step {
                Step::Warn(_, percent) => seen.push((now, percent.get())),
                Step::RecordBreach(_) => seen.push((now, 100)),
                _ => {}
            }
        }
    }
    // Half an hour stood still before the first warning, five minutes before the second.
    assert_eq!(seen, [(80, 50), (115, 80), (135, 100)]);
}

#[test]
fn a_closed_case_goes_up_by_right_the_moment_it_was_closed() {
    let desk = desk();
    let closing = Closing::new(Outcome::NotRecoverable, "nobody can", staff("ann"), minute(5)).unwrap();
    let case = advance(open(minute(0), &desk).case, Event::Closed(closing), minute(5), &desk).case;
    assert!(!case.is_open());
    let next = advance(case, Event::Escalated { by: None, reason: reason() }, minute(5), &desk);
    assert_eq!(next.case.level, Level::Lead);
    assert!(matches!(&next.case.life, Life::Open { next, .. } if next.task == Task::Answer));
    assert!(next.steps.contains(&Step::Page(Level::Lead)) && next.steps.contains(&Step::TellVictim));
    let running = |name: &str| {
        next.case.clocks.iter().filter(|it| &*it.rule.name == name && it.state == ClockState::Running).count()
    };
    assert_eq!((running("answer"), running("outcome"), running("ombudsman")), (1, 1, 1));
}

#[test]
fn a_packet_that_is_ready_stays_the_next_step_until_it_is_sent() {
    let desk = desk();
    let mut case = open(minute(0), &desk).case;
    for _ in 0..3 {
        case = advance(case, Event::Escalated { by: None, reason: reason() }, minute(1), &desk).case;
    }
    let task = |case: &Case| match &case.life {
        Life::Open { next, .. } => next.task,
        Life::Closed(_) => unreachable!("it was not closed"),
    };
    for event in [
        Event::Answered(Answer::Person(staff("ann"))),
        Event::Asked(staff("ann")),
        Event::Written,
        Event::Taken(staff("bob")),
        Event::Escalated { by: None, reason: reason() },
    ] {
        case = advance(case, event, minute(2), &desk).case;
        assert_eq!(task(&case), Task::SendPacket);
    }
    case = advance(case, Event::Tick, minute(500), &desk).case;
    assert_eq!(task(&case), Task::SendPacket, "and when nobody does it in time");
    case = advance(case, Event::PacketSent(staff("bob")), minute(501), &desk).case;
    assert_eq!(task(&case), Task::FollowUp);
}

#[test]
fn what_an_authority_or_the_victim_lets_pass_is_nobodys_breach_here() {
    let desk = desk();
    let mut case = open(minute(0), &desk).case;
    for fact in [Fact::PaymentStopped, Fact::PoliceReported] {
        case = advance(case, Event::Happened(fact), minute(0), &desk).case;
    }
    case = advance(case, Event::Answered(Answer::Person(staff("ann"))), minute(1), &desk).case;
    case = advance(case, Event::Answered(Answer::Person(staff("ann"))), minute(30), &desk).case;
    let next = advance(case, Event::Tick, minute(41), &desk);
    assert_eq!(next.case.level, Level::Agent);
    let reminded = next.steps.iter().filter(|it| matches!(it, Step::RemindVictim(_, None))).count();
    assert_eq!(reminded, 1, "{:?}", next.steps);
    let breached = next.case.clocks.iter().filter(|it| matches!(it.state, ClockState::Breached(_))).count();
    assert_eq!(breached, 2);
}

#[test]
fn clocks_that_still_run_go_by_the_rules_as_they_are_now() {
    let with = |minutes| {
        let rules = [
            rule("answer", Whose::Ours, Trigger::Written, StopsOn::Answer, 20),
            rule("outcome", Whose::Ours, Trigger::Opened, StopsOn::Outcome, minutes),
        ];
        Desk::new(rules, Ladder::new([lapse(500); 4], lapse(500), lapse(500)).unwrap())
    };
    let case = advance(open(minute(0), &with(100)).case, Event::Tick, minute(30), &with(100)).case;
    let ends = |case: &Case| case.clocks.iter().map(|it| it.due.unwrap()).collect::<Vec<_>>();
    assert_eq!(ends(&case), [minute(100), minute(20)]);
    let shorter = case.recount(&with(25)).unwrap();
    assert_eq!(ends(&shorter), [minute(25), minute(20)], "counted from its start");
    assert_eq!(shorter.clocks[1], case.clocks[1], "what was breached stays so");
    let next = advance(shorter, Event::Tick, minute(30), &with(25));
    assert!(next.steps.iter().any(|it| matches!(it, Step::RecordBreach(rule) if &*rule.name == "outcome")));
    let gone = Desk::new([], Ladder::new([lapse(500); 4], lapse(500), lapse(500)).unwrap());
    assert_eq!(case.recount(&gone), None, "a rule that is gone is kept to its end");
}

#[test]
fn there_is_no_closing_without_a_reason_not_even_a_stored_one() {
    for blank in ["", "  ", "\n\u{3000}"] {
        assert!(Closing::new(Outcome::Recovered, blank, staff("ann"), minute(1)).is_err(), "{blank:?}");
    }
    let good = Closing::new(Outcome::Recovered, " it came back ", staff("ann"), minute(1)).unwrap();
    assert_eq!((good.outcome(), good.reason()), (Outcome::Recovered, "it came back"));
    let json = serde_json::to_string(&good).unwrap();
    assert_eq!(serde_json::from_str::<Closing>(&json).unwrap(), good);
    assert!(serde_json::from_str::<Closing>(&json.replace("it came back", " ")).is_err());
}

#[test]
fn who_is_given_a_case_has_not_taken_it() {
    let desk = desk();
    let case = open(minute(0), &desk).case;
    let due = case.due();
    let case = advance(case, Event::Assigned(staff("ann")), minute(1), &desk).case;
    assert!(matches!(&case.life, Life::Open { next, .. } if next.task == Task::Take));
    assert_eq!(case.due(), due, "and it buys no time");
}
