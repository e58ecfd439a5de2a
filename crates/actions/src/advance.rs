use touchstone_types::{Lapse, Moment};

use crate::action::{Action, Kind, State};
use crate::deed::{Authorised, Unfreeze};

/// How long after each call that led nowhere the next one is, in seconds: quick at first, because a
/// thief is; then a person decides.
const PAUSES: [u64; 14] = [1, 2, 5, 10, 30, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// A process that dies with a call in hand is missed after this; longer than any call.
const IN_HAND: Lapse = Lapse::from_secs(20);

/// A call to the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Do it.
    Ask,
    /// What became of it?
    Query,
}

/// How much sooner or later than planned, in thousandths of the pause: chosen by the caller, by
/// chance, so that many actions do not come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jitter(u64); // Invariant: 800 to 1200.

impl Jitter {
    /// Brought within 800 to 1200.
    #[must_use]
    pub fn new(thousandths: u64) -> Self {
        Self(thousandths.clamp(800, 1_200))
    }

    fn of(self, seconds: u64) -> Lapse {
        Lapse::from_micros(seconds * 1_000 * self.0)
    }
}

/// What the other side said to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is done.
    Done,
    /// It was taken; what comes of it follows.
    Pending,
    /// It will not be done, and why.
    Refused(String),
    /// To a question only: they have never heard of it.
    Unknown,
    /// It was turned away before anything was done.
    NotDone(String),
    /// No answer, or one that says nothing.
    Unclear(String),
}

/// What happens to an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its time has come, see [`Action::due`].
    Due,
    /// A call came back.
    Answered(Call, Reply, Jitter),
    /// The other side says by itself that it is done.
    Acknowledged,
    /// The other side says by itself that it will not be done, and why.
    Refused(String),
    /// A person lets it be tried again.
    Retry,
}

/// What is to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Call, and bring back what was said as [`Event::Answered`].
    Call(Call),
    /// Call a person, once for each action.
    Page,
    /// Keep and deliver the action that ends this freeze.
    Lift(Box<Action>),
    /// It has come to another state that belongs into the case's record.
    Record(State),
}

/// The action as it is now, and what is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// As it is now.
    pub action: Action,
    /// What is to be done, in order.
    pub steps: Vec<Step>,
}

/// What somebody says of an action, or wants of it, does not fit how it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an action that is {0} does not go on like this")]
pub struct Unexpected(pub State);

impl Action {
    /// What follows from an event.
    ///
    /// # Errors
    /// [`Unexpected`] for an acknowledgement, a refusal or a retry that comes where none can be.
    /// Answers that come late and time never are: they change nothing then.
    pub fn advance(self, event: Event, now: Moment) -> Result<Next, Unexpected> {
        let mut next = Next { action: self, steps: Vec::new() };
        match event {
            Event::Due => next.look(now),
            Event::Answered(call, reply, jitter) => next.answered(call, reply, jitter, now),
            Event::Acknowledged => next.acknowledged(now)?,
            Event::Refused(why) => next.refused_by_itself(why, now)?,
            Event::Retry => next.retry(now)?,
        }
        Ok(next)
    }

    /// Ends a freeze before its time, by leave and with proof.
    ///
    /// # Errors
    /// [`Unexpected`] unless it is a freeze that has not ended, and the leave is for this one.
    pub fn undo(self, leave: &Authorised<Unfreeze>, now: Moment) -> Result<Next, Unexpected> {
        let fits = self.kind == Kind::Freeze && leave.deed().freeze == self.id;
        if !fits || self.has_ended() || self.state == State::Refused {
            return Err(Unexpected(self.state));
        }
        let mut next = Next { action: self, steps: Vec::new() };
        let (by, proof) = (leave.by().name(), leave.deed().proof.as_str().to_owned());
        next.end(State::Undone, &by, &proof, now);
        for step in &mut next.steps {
            if let Step::Lift(lift) = step {
                lift.second = leave.second().map(str::to_owned);
            }
        }
        Ok(next)
    }
}

impl Next {
    /// Time has passed.
    fn look(&mut self, now: Moment) {
        if self.action.lapses.is_some_and(|it| it <= now) && !self.action.has_ended() {
            return self.end(State::Lapsed, "lapse", "", now);
        }
        if self.action.page_at().is_some_and(|it| it <= now) {
            self.page();
        }
        if self.action.call.is_none_or(|it| it > now) {
            return;
        }
        if self.action.simulated {
            "simulated".clone_into(&mut self.action.said);
            return self.settle(State::Acknowledged, now);
        }
        // What is kept before a call is what holds if this process dies during it.
        self.action.call = Some(now + IN_HAND);
        self.action.tries = self.action.tries.saturating_add(1);
        match self.action.state {
            State::Asked => {
                self.action.asks = self.action.asks.saturating_add(1);
                self.to(State::Sent, now);
                self.steps.push(Step::Call(Call::Ask));
            }
            State::Sent | State::Unclear => {
                self.action.queries = self.action.queries.saturating_add(1);
                self.to(State::Unclear, now);
                self.steps.push(Step::Call(Call::Query));
            }
            _ => self.action.call = None,
        }
    }

    fn answered(&mut self, call: Call, reply: Reply, jitter: Jitter, now: Moment) {
        if !matches!(self.action.state, State::Sent | State::Unclear) {
            return; // It was settled while the call was under way.
        }
        match (reply, call) {
            (Reply::Done, _) => {
                "done".clone_into(&mut self.action.said);
                self.settle(State::Acknowledged, now);
            }
            (Reply::Refused(why), _) => self.refuse(why, now),
            (Reply::Pending, _) => self.again(State::Sent, "pending".to_owned(), jitter, now),
            (Reply::Unknown, Call::Query) => {
                "unknown".clone_into(&mut self.action.said);
                self.again(State::Asked, "unknown".to_owned(), jitter, now);
            }
            (Reply::NotDone(why), Call::Ask) => self.again(State::Asked, why, jitter, now),
            (Reply::NotDone(why) | Reply::Unclear(why), _) => self.again(State::Unclear, why, jitter, now),
            (Reply::Unknown, Call::Ask) => self.again(State::Unclear, "unknown".to_owned(), jitter, now),
        }
    }

    fn acknowledged(&mut self, now: Moment) -> Result<(), Unexpected> {
        match self.action.state {
            State::Acknowledged => {} // Said twice.
            state if state == State::Refused || self.waits_for_word() => {
                "done".clone_into(&mut self.action.said);
                self.settle(State::Acknowledged, now);
            }
            other => return Err(Unexpected(other)),
        }
        Ok(())
    }

    /// Whether they were told of it, and have not said what came of it.
    fn waits_for_word(&self) -> bool {
        match self.action.state {
            State::Sent | State::Unclear | State::Dead => true,
            State::Asked => self.action.asks > 0,
            _ => false,
        }
    }

    fn refused_by_itself(&mut self, why: String, now: Moment) -> Result<(), Unexpected> {
        match self.action.state {
            State::Refused => {}
            _ if self.waits_for_word() => self.refuse(why, now),
            other => return Err(Unexpected(other)),
        }
        Ok(())
    }

    fn retry(&mut self, now: Moment) -> Result<(), Unexpected> {
        let to = match self.action.state {
            State::Dead if self.action.asks > 0 => State::Unclear,
            State::Dead | State::Refused => State::Asked, // It is known that it was not done.
            other => return Err(Unexpected(other)),
        };
        self.action.tries = 0;
        self.action.call = Some(now);
        self.to(to, now);
        Ok(())
    }

    /// No later call is needed.
    fn settle(&mut self, state: State, now: Moment) {
        self.action.call = None;
        self.to(state, now);
        self.steps.push(Step::Record(state));
    }

    /// A "no" is for a person to deal with, and at once.
    fn refuse(&mut self, why: String, now: Moment) {
        self.action.said = why;
        self.settle(State::Refused, now);
        self.page();
    }

    /// Another call after a pause, if there have not been too many.
    fn again(&mut self, state: State, said: String, jitter: Jitter, now: Moment) {
        self.action.said = said;
        let tries = usize::try_from(self.action.tries.max(1) - 1).unwrap_or(usize::MAX);
        match PAUSES.get(tries) {
            Some(pause) => {
                self.action.call = Some(now + jitter.of(*pause));
                self.to(state, now);
            }
            None => {
                self.settle(State::Dead, now);
                self.page();
            }
        }
    }

    /// The end of a freeze, or of what could not be delivered in time. Who may have been told of a
    /// freeze is told of its end: what came of the call does not matter for that.
    fn end(&mut self, state: State, by: &str, reason: &str, now: Moment) {
        let may_hold = self.action.state != State::Refused
            && (self.action.asks > 0 || self.action.state == State::Acknowledged);
        self.settle(state, now);
        if self.action.kind == Kind::Freeze && may_hold {
            self.steps.push(Step::Lift(Box::new(self.action.lift(by, reason, now))));
        }
    }

    fn page(&mut self) {
        if !self.action.paged && !self.action.simulated {
            self.action.paged = true;
            self.steps.push(Step::Page);
        }
    }

    fn to(&mut self, state: State, now: Moment) {
        if self.action.state != state {
            self.action.state = state;
            self.action.since = now;
        }
    }
}
