//! Every state that a case can come to within a small span of time, by every order of events.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

mod common;

use std::sync::Arc;

use stateright::{Checker, Model, Property};
use touchstone_cases::{
    Answer, Case, ClockState, Closing, Event, Fact, Ladder, Level, Life, Outcome, Owner, PausePolicy, Rule,
    Staff, Step, StopsOn, Task, Trigger, Whose, advance, open,
};

use common::{Desk, lapse, minute, rule};

/// How far the time of the model goes, in minutes. At 6 there are 1,000,720 states.
const LAST: i64 = 6;

fn desk() -> Desk {
    let paused = |rule: Rule| Rule { pause: PausePolicy::WhileAsked, ..rule };
    Desk::new(
        [
            rule("answer", Whose::Ours, Trigger::Written, StopsOn::Answer, 2),
            paused(rule("outcome", Whose::Firm, Trigger::Opened, StopsOn::Outcome, 3)),
            rule("form", Whose::Victim, Trigger::PaymentStopped, StopsOn::Done, 1),
            rule("ombudsman", Whose::Victim, Trigger::Decided, StopsOn::Done, 1),
        ],
        Ladder::new([lapse(1), lapse(1), lapse(1), lapse(1)], lapse(2), lapse(2)).unwrap(),
    )
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    now: i64,
    case: Case,
    /// Which law the last step broke.
    broken: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Act {
    Wait,
    Do(Event),
}

struct Desks(Desk);

fn agent() -> Staff {
    Staff("agent".into())
}

fn events() -> Vec<Event> {
    let reason: Arc<str> = "a reason".into();
    let closing = Closing::new(Outcome::Recovered, &reason, agent(), minute(0)).unwrap();
    vec![
        Event::Written,
        Event::Answered(Answer::Person(agent())),
        Event::Answered(Answer::Template), // The other machine's words are the same arm.
        Event::Asked(agent()),
        Event::Complained,
        Event::Done("form".into()),
        Event::Happened(Fact::PaymentStopped),
        Event::Assigned(agent()),
        Event::Taken(agent()),
        Event::Escalated { by: None, reason },
        Event::PacketSent(agent()),
        Event::Closed(closing),
    ]
}

/// The first law that the way from `before` to `after` breaks.
fn broken(before: &Case, event: &Event, after: &Case, steps: &[Step], now: i64) -> Option<&'static str> {
    let raised = steps.iter().filter(|it| {
        matches!(it, Step::RecordBreach(_))
            || matches!(it, Step::RecordLapse(task) if *task != Task::AskAgain)
    });
    let raised = raised.count() + usize::from(matches!(event, Event::Escalated { .. }));
    let climbs = (0..raised).fold(before.level, |level, _| level.above());
    let waits = |case: &Case| {
        let open = |it: &&touchstone_cases::Clock| it.is_open() && it.rule.stops_on == StopsOn::Answer;
        case.clocks.iter().filter(open).count()
    };
    let laws = [
        (after.is_open() && after.due().is_none(), "an open case has a deadline"),
        (after.due().is_some_and(|due| due <= minute(now)), "what was due was dealt with"),
        (after.level != climbs, "each breach raises one level, and nothing else does or lowers it"),
        (
            before.is_open() && !after.is_open() && !matches!(event, Event::Closed(_)),
            "nothing closes by itself",
        ),
        (
            matches!(event, Event::Written | Event::Complained | Event::Escalated { by: None, .. })
                && waits(after) == 0,
            "a message has an answer clock",
        ),
        (
            matches!(event, Event::Written | Event::Complained | Event::Escalated { by: None, .. })
                && !after.is_open(),
            "whatever the victim says opens a closed case",
        ),
        (
            waits(after) < waits(before)
                && !matches!(event, Event::Answered(Answer::Person(_)) | Event::Closed(_))
                && !steps.iter().any(|it| matches!(it, Step::RecordBreach(_))),
            "only a person's answer stops the answer clock",
        ),
        (
            after.level == Level::Outside
                && before.level != Level::Outside
                && !steps.contains(&Step::PreparePacket),
            "at the last level the packet is prepared",
        ),
        (
            after
                .clocks
                .iter()
                .any(|it| matches!(it.state, ClockState::Paused(_)) && it.rule.whose == Whose::Victim),
            "the victim's own clock never stands still",
        ),
        (
            after.clocks.iter().any(|it| matches!(it.state, ClockState::Paused(_))) && !asked(after),
            "a clock stands still only while the victim was asked",
        ),
        (
            task(before) == Some(Task::SendPacket)
                && !matches!(event, Event::PacketSent(_) | Event::Closed(_))
                && task(after) != Some(Task::SendPacket),
            "a packet that is ready stays the next step",
        ),
    ];
    laws.into_iter().find(|(broken, _)| *broken).map(|(_, law)| law)
}

fn task(case: &Case) -> Option<Task> {
    match &case.life {
        Life::Open { next, .. } => Some(next.task),
        Life::Closed(_) => None,
    }
}

fn asked(case: &Case) -> bool {
    task(case) == Some(Task::AskAgain)
}

impl Model for Desks {
    type State = State;
    type Action = Act;

    fn init_states(&self) -> Vec<State> {
        vec![State { now: 0, case: open(minute(0), &self.0).case, broken: None }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Act>) {
        if state.now < LAST {
            actions.push(Act::Wait);
        }
        // More clocks than that only repeat what fewer show.
        if state.case.clocks.len() < 4 {
            actions.extend(events().into_iter().map(Act::Do));
        }
    }

    fn next_state(&self, last: &State, act: Act) -> Option<State> {
        let (now, event) = match act {
            Act::Wait => (last.now + 1, Event::Tick),
            Act::Do(event) => (last.now, event),
        };
        let next = advance(last.case.clone(), event.clone(), minute(now), &self.0);
        let broken = broken(&last.case, &event, &next.case, &next.steps, now);
        Some(State { now, case: next.case, broken })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        fn reached(state: &State, life: impl Fn(&Life) -> bool) -> bool {
            life(&state.case.life)
        }
        vec![
            Property::always("every law holds", |_, state: &State| state.broken.is_none()),
            Property::sometimes("it reaches the outside", |_, it: &State| it.case.level == Level::Outside),
            Property::sometimes("it is closed", |_, it: &State| !it.case.is_open()),
            Property::sometimes("the packet waits to be sent", |_, it: &State| {
                reached(it, |life| matches!(life, Life::Open { next, .. } if next.task == Task::SendPacket))
            }),
            Property::sometimes("a silent victim is asked again", |_, it: &State| {
                reached(it, |life| matches!(life, Life::Open { next, .. } if next.task == Task::AskAgain))
                    && it.now > 1
            }),
            Property::sometimes("somebody has it late", |_, it: &State| {
                reached(it, |life| matches!(life, Life::Open { owner: Owner::Person(_), .. }))
                    && it.case.level > Level::Agent
            }),
        ]
    }
}

#[test]
fn no_order_of_events_leads_to_a_case_that_nobody_looks_after() {
    let checker = Desks(desk()).checker().spawn_bfs().join();
    println!("{} states", checker.unique_state_count());
    checker.assert_properties();
    assert!(checker.unique_state_count() > 1_000);
}
