//! What is true of every action, whatever the other side says, whenever it says it, and however often this
//! process dies.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

use proptest::prelude::*;
use touchstone_actions::{
    Account, Action, Authority, Call, Event, Freeze, Jitter, Kind, Next, PAGE_AFTER, Reply, RevokeSessions,
    State, Step, Unfreeze, Who, answer, read_reply,
};
use touchstone_types::{Lapse, Moment};

fn start() -> Moment {
    "2026-11-22T08:00:00Z".parse().unwrap()
}

fn after(seconds: u64) -> Moment {
    start() + Lapse::from_secs(seconds)
}

fn account() -> Account {
    "u-1001".parse().unwrap()
}

fn victim() -> Who {
    Who::Victim { confirmed: true }
}

fn freeze(simulated: bool) -> Action {
    let leave = Authority::built_in().unwrap().authorise(Freeze(account()), victim(), None, start()).unwrap();
    Action::ask("act_1".to_owned(), "TS-1", leave, "", simulated)
}

fn revoke() -> Action {
    let leave =
        Authority::built_in().unwrap().authorise(RevokeSessions(account()), victim(), None, start()).unwrap();
    Action::ask("act_2".to_owned(), "TS-1", leave, "", false)
}

fn undo_of(action: &Action, now: Moment) -> Option<Next> {
    let proof = "called back on the number on file".parse().unwrap();
    let deed = Unfreeze { account: account(), freeze: action.id.clone(), proof };
    let key = Who::Operator("core".to_owned());
    let leave = Authority::built_in().unwrap().authorise(deed, key, None, now).unwrap();
    action.clone().undo(&leave, now).ok()
}

/// Something that happens, after so many milliseconds.
#[derive(Clone, Debug)]
enum Move {
    /// The clock is looked at when something is due.
    Due,
    /// The call that is out comes back.
    Back(Reply),
    /// The process dies: the call that is out never comes back.
    Die,
    Ack,
    RefusedByItself,
    Retry,
    Undo,
}

fn reply() -> impl Strategy<Value = Reply> {
    let why = || "why".to_owned();
    prop_oneof![
        1 => Just(Reply::Done),
        1 => Just(Reply::Pending),
        1 => Just(Reply::Refused(why())),
        3 => Just(Reply::Unknown),
        3 => Just(Reply::NotDone(why())),
        6 => Just(Reply::Unclear(why())),
    ]
}

fn moves(all: bool) -> impl Strategy<Value = Vec<(u64, Move)>> {
    let rare = u32::from(all);
    let one = prop_oneof![
        12 => Just(Move::Due),
        12 => reply().prop_map(Move::Back),
        3 => Just(Move::Die),
        rare => Just(Move::Ack),
        rare => Just(Move::RefusedByItself),
        rare => Just(Move::Retry),
        rare => Just(Move::Undo),
    ];
    proptest::collection::vec((0u64..20_000, one), 1..120)
}

/// What came of a walk.
#[derive(Default)]
struct Seen {
    asks: u32,
    queries: u32,
    pages: u32,
    lifts: Vec<Action>,
    bodies: Vec<(String, String)>,
    paged_at: Option<Moment>,
}

/// Walks an action through what happens, and checks at each step what must always hold.
fn walk(mut action: Action, moves: &[(u64, Move)]) -> (Action, Seen, Moment) {
    let (mut seen, mut now, mut out) = (Seen::default(), start(), None);
    let mut known_not_done = true; // Nobody was asked yet.
    for (millis, it) in moves {
        now = now + Lapse::from_micros(millis * 1_000);
        // The sender wakes when something is due, not only when this test feels like it.
        let event = match it {
            Move::Due => Event::Due,
            Move::Back(reply) => match out.take() {
                Some(call) => {
                    let answers = matches!(
                        (call, reply),
                        (Call::Query, Reply::Unknown) | (Call::Ask, Reply::NotDone(_))
                    );
                    known_not_done |= answers && matches!(action.state, State::Sent | State::Unclear);
                    Event::Answered(call, reply.clone(), Jitter::new(1_000))
                }
                None => continue,
            },
            Move::Die => {
                out = None;
                continue;
            }
            Move::Ack => Event::Acknowledged,
            Move::RefusedByItself => Event::Refused("no".to_owned()),
            Move::Retry => Event::Retry,
            Move::Undo => {
                if let Some(next) = undo_of(&action, now) {
                    action = next.action.clone();
                    seen.take(&next, now);
                }
                continue;
            }
        };
        known_not_done |= matches!(event, Event::Retry) && action.state == State::Refused;
        let Ok(next) = action.clone().advance(event, now) else { continue };
        for step in &next.steps {
            if let Step::Call(call) = step {
                assert!(!next.action.simulated, "a trial is never delivered");
                assert!(next.action.call.is_some_and(|it| it > now), "a call that is lost is missed");
                if *call == Call::Ask {
                    assert!(known_not_done, "asked again without asking what became of it");
                    known_not_done = false;
                }
                out = Some(*call);
                seen.bodies.push(next.action.message(*call));
            }
        }
        assert_eq!(next.action.id, action.id, "the key never changes");
        action = next.action.clone();
        seen.take(&next, now);
        assert!(
            action.due().is_some()
                || action.has_ended()
                || (action.kind != Kind::Freeze && matches!(action.state, State::Dead | State::Refused)),
            "{:?} is forgotten",
            action.state
        );
    }
    (action, seen, now)
}

impl Seen {
    fn take(&mut self, next: &Next, now: Moment) {
        for step in &next.steps {
            match step {
                Step::Call(Call::Ask) => self.asks += 1,
                Step::Call(Call::Query) => self.queries += 1,
                Step::Page => {
                    self.pages += 1;
                    self.paged_at = Some(now);
                }
                Step::Lift(lift) => self.lifts.push((**lift).clone()),
                Step::Record(_) => {}
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_a_freeze_keeps_its_promises(moves in moves(true)) {
        let (action, seen, _) = walk(freeze(false), &moves);
        prop_assert!(seen.pages <= 1, "a person is called once");
        prop_assert!(seen.lifts.len() <= 1, "it ends once");
        prop_assert_eq!((seen.asks, seen.queries), (action.asks, action.queries));
        // Every attempt says the same under the same id; every question has an id of its own.
        let asks: Vec<_> = seen.bodies.iter().filter(|it| it.0 == "act_1").collect();
        prop_assert!(asks.windows(2).all(|it| it[0] == it[1]));
        let mut questions: Vec<_> = seen.bodies.iter().filter(|it| it.0 != "act_1").map(|it| &it.0).collect();
        let count = questions.len();
        questions.sort();
        questions.dedup();
        prop_assert_eq!(questions.len(), count);
        for lift in &seen.lifts {
            prop_assert_eq!((lift.kind, lift.undoes.as_deref()), (Kind::Unfreeze, Some("act_1")));
        }
    }

    #[test]
    fn revoking_sessions_is_never_undone(moves in moves(true)) {
        let (_, seen, _) = walk(revoke(), &moves);
        prop_assert!(seen.lifts.is_empty() && seen.pages <= 1);
    }

    #[test]
    fn a_trial_is_never_delivered_and_calls_nobody(moves in moves(true)) {
        let (action, seen, _) = walk(freeze(true), &moves);
        prop_assert_eq!((seen.asks, seen.queries, seen.pages), (0, 0, 0));
        prop_assert!(seen.lifts.iter().all(|it| it.simulated));
        prop_assert!(action.asks == 0);
    }

    #[test]
    fn a_freeze_always_ends_and_whoever_may_have_heard_of_it_hears_that(moves in moves(false)) {
        let (action, seen, _) = walk(freeze(false), &moves);
        let (before, late) = (action.state, action.lapses.unwrap());
        let next = action.clone().advance(Event::Due, late).unwrap();
        prop_assert!(next.action.has_ended() && next.action.due().is_none());
        let lifted = next.steps.iter().any(|it| matches!(it, Step::Lift(_)));
        if !action.has_ended() {
            prop_assert_eq!(lifted, action.asks > 0 && before != State::Refused);
        }
        prop_assert!(seen.lifts.is_empty(), "not before its time");
    }

    #[test]
    fn after_half_a_minute_without_an_answer_exactly_one_person_is_called(
        replies in proptest::collection::vec(prop_oneof![
            Just(Reply::Pending), Just(Reply::Unknown), Just(Reply::Unclear(String::new())),
            Just(Reply::NotDone(String::new())),
        ], 1..30),
        heard in 0usize..40,
    ) {
        // As the sender does it: it looks when something is due, and answers come at once or never.
        let (mut action, mut pages, mut replies) = (freeze(false), Vec::new(), replies.into_iter().cycle());
        for n in 0.. {
            let Some(now) = action.due().filter(|it| *it <= after(3_000)) else { break };
            let next = action.advance(Event::Due, now).unwrap();
            action = next.action;
            for step in next.steps {
                match step {
                    Step::Page => pages.push(now),
                    Step::Call(call) if n % 40 <= heard => {
                        let event = Event::Answered(call, replies.next().unwrap(), Jitter::new(1_000));
                        let next = action.clone().advance(event, now).unwrap();
                        prop_assert!(!next.steps.contains(&Step::Page));
                        action = next.action;
                    }
                    _ => {}
                }
            }
        }
        prop_assert_eq!(pages, vec![start() + PAGE_AFTER]);
    }

    #[test]
    fn once_the_other_side_works_it_is_done(
        replies in proptest::collection::vec(reply(), 0..10),
        lost in proptest::collection::vec(any::<bool>(), 10),
    ) {
        // The other side as the receiver is: it does a thing once, and says what it has done.
        let (mut action, mut now, mut n, mut done) = (revoke(), start(), 0, 0);
        while let Some(due) = action.due().filter(|_| !action.has_ended()) {
            now = now.max(due);
            let next = action.advance(Event::Due, now).unwrap();
            action = next.action;
            for step in next.steps {
                let Step::Call(call) = step else { continue };
                let reply = match (call, replies.get(n)) {
                    (_, Some(Reply::Refused(_) | Reply::Done) | None) => {
                        done = if call == Call::Ask { 1 } else { done };
                        if done == 1 { Reply::Done } else { Reply::Unknown }
                    }
                    (_, Some(other)) => other.clone(),
                };
                n += 1;
                if !lost.get(n).copied().unwrap_or_default() {
                    action = action.clone().advance(Event::Answered(call, reply, Jitter::new(1_200)), now).unwrap().action;
                }
            }
        }
        prop_assert_eq!((action.state, done), (State::Acknowledged, 1));
    }
}

#[test]
fn silence_is_followed_by_a_question_and_only_then_by_asking_again() {
    let mut action = freeze(false);
    let mut calls = Vec::new();
    for (seconds, reply) in [
        (0, Reply::Unclear("timeout".into())),
        (2, Reply::Unknown),
        (5, Reply::Unclear("reset".into())),
        (12, Reply::Done),
    ] {
        let next = action.advance(Event::Due, after(seconds)).unwrap();
        let [Step::Call(call)] = next.steps[..] else { panic!("{:?}", next.steps) };
        calls.push(call);
        action = next
            .action
            .advance(Event::Answered(call, reply, Jitter::new(1_000)), after(seconds))
            .unwrap()
            .action;
    }
    assert_eq!(calls, [Call::Ask, Call::Query, Call::Ask, Call::Query]);
    assert_eq!(action.state, State::Acknowledged);
}

#[test]
fn a_refusal_calls_a_person_at_once_and_nobody_again_later() {
    let next = freeze(false).advance(Event::Due, start()).unwrap();
    let no = Event::Answered(Call::Ask, Reply::Refused("no such account".into()), Jitter::new(1_000));
    let next = next.action.advance(no, after(1)).unwrap();
    assert_eq!(next.steps, [Step::Record(State::Refused), Step::Page]);
    let next = next.action.advance(Event::Due, after(60)).unwrap();
    assert!(next.steps.is_empty());
}

#[test]
fn what_was_tried_too_often_waits_for_a_person_who_asks_first_what_became_of_it() {
    let mut action = revoke();
    action.lapses = None;
    let mut tried = 0;
    while action.state != State::Dead {
        let now = action.due().unwrap();
        let next = action.advance(Event::Due, now).unwrap();
        let Some(Step::Call(call)) = next.steps.first().cloned() else { panic!("{:?}", next.steps) };
        tried += 1;
        action = next
            .action
            .advance(Event::Answered(call, Reply::Unclear("no".into()), Jitter::new(1_000)), now)
            .unwrap()
            .action;
    }
    assert_eq!((tried, action.due(), action.paged), (15, None, true));
    let next = action.advance(Event::Retry, after(400_000)).unwrap();
    assert_eq!((next.action.state, next.action.due()), (State::Unclear, Some(after(400_000))));
    let next = next.action.advance(Event::Due, after(400_000)).unwrap();
    assert_eq!(next.steps, [Step::Call(Call::Query)]);
}

#[test]
fn an_undo_is_for_one_freeze_and_needs_one_that_goes_on() {
    let asked = freeze(false).advance(Event::Due, start()).unwrap().action;
    let undone = undo_of(&asked, after(60)).unwrap();
    assert_eq!(undone.action.state, State::Undone);
    let Some(Step::Lift(lift)) = undone.steps.last() else { panic!("{:?}", undone.steps) };
    assert_eq!((lift.id.as_str(), lift.by.as_str()), ("act_1_end", "key:core"));
    assert_eq!(lift.reason, "called back on the number on file");
    assert!(undo_of(&undone.action, after(61)).is_none(), "twice");
    assert!(undo_of(&revoke(), after(1)).is_none(), "what is no freeze");
    let quiet = undo_of(&freeze(false), after(0)).unwrap();
    assert!(quiet.steps.iter().all(|it| !matches!(it, Step::Lift(_))), "nobody has heard of it");
    let other = {
        let proof = "called back on the number on file".parse().unwrap();
        let deed = Unfreeze { account: account(), freeze: "act_9".to_owned(), proof };
        Authority::built_in().unwrap().authorise(deed, Who::Operator("core".into()), None, start()).unwrap()
    };
    assert!(asked.undo(&other, start()).is_err(), "leave for another one");
    assert!("short".parse::<touchstone_actions::Proof>().is_err());
}

#[test]
fn what_the_other_side_says_is_read_so_that_nothing_is_done_twice() {
    let refused = Reply::Refused("no such account".to_owned());
    for (call, http, body, reply) in [
        (Call::Ask, 200, answer("done", ""), Reply::Done),
        (Call::Ask, 202, answer("pending", ""), Reply::Pending),
        (Call::Ask, 200, answer("refused", "no such account"), refused.clone()),
        (Call::Ask, 422, answer("refused", "no such account"), refused),
        (Call::Ask, 204, String::new(), Reply::Pending),
        (Call::Ask, 200, "<html>".to_owned(), Reply::Pending),
        (Call::Ask, 200, answer("unknown", ""), Reply::Pending),
        (Call::Ask, 401, String::new(), Reply::NotDone("HTTP 401".to_owned())),
        (Call::Ask, 500, answer("done", ""), Reply::Unclear("HTTP 500".to_owned())),
        (Call::Ask, 302, String::new(), Reply::Unclear("HTTP 302".to_owned())),
        (Call::Query, 200, answer("unknown", ""), Reply::Unknown),
        (Call::Query, 200, answer("done", ""), Reply::Done),
        (Call::Query, 200, String::new(), Reply::Unclear("HTTP 200".to_owned())),
        (Call::Query, 404, String::new(), Reply::Unclear("HTTP 404".to_owned())),
    ] {
        assert_eq!(read_reply(call, http, body.as_bytes()), reply, "{call:?} {http} {body}");
    }
}
