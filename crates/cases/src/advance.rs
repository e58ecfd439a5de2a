//! From case, event and time to the next case and the steps to perform.
//!
//! Always true here (held by property tests and by exhausting the states of a small model):
//! - An open case has an owner, a next step and a deadline.
//! - Nothing closes by itself; a closed case has an outcome and a reason the victim was told.
//! - Any message of the victim, on any channel, starts the answer clock anew, and opens a closed
//!   case again.
//! - Only a person's substantive answer stops the answer clock.
//! - A clock stands still only while the victim was asked something, and its end is shifted by
//!   exactly that.
//! - Every breach raises the case one level; at the last the packet for the authority is prepared,
//!   and stays the next step until a person sent it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use touchstone_types::{Lapse, Moment};

use crate::case::{Case, Clock, ClockState, Closing, Level, Life, Next, Owner, Staff, Task};
use crate::rule::{Fact, PausePolicy, Percent, Policy, Rule, StopsOn, Trigger, Whose};

/// Who or what answered the victim.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A person, in words for this case.
    Person(Staff),
    /// A text that fits every case, whoever sent it.
    Template,
    /// A confirmation of receipt.
    AutoReply,
    /// Words of a machine.
    Generated,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The victim wrote, on whichever channel.
    Written,
    /// Something was sent to the victim.
    Answered(Answer),
    /// A person asked the victim something that only the victim knows.
    Asked(Staff),
    /// The victim made a complaint in form.
    Complained,
    /// The victim says that their own step under that rule is done.
    Done(Arc<str>),
    /// Something happened outside that a clock waits for.
    Happened(Fact),
    /// The desk gave it to somebody on duty; they have not looked at it yet.
    Assigned(Staff),
    /// Somebody takes the case.
    Taken(Staff),
    /// The owner hands it to somebody else, and says why.
    HandedOver {
        /// To whom.
        to: Staff,
        /// Why.
        reason: Arc<str>,
    },
    /// The victim by right, or somebody of the staff with a reason, brings it one level up.
    Escalated {
        /// Who of the staff; the victim, if nobody.
        by: Option<Staff>,
        /// Why.
        reason: Arc<str>,
    },
    /// A person sent the packet to an authority.
    PacketSent(Staff),
    /// A person closed it and told the victim.
    Closed(Closing),
    /// Time went by.
    Tick,
}

/// What the shell performs. Everything is recorded, whatever else it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Tell whoever is on duty at that level, at once.
    Page(Level),
    /// Tell the owner that so much of a clock has run.
    Warn(Arc<Rule>, Percent),
    /// Tell the victim: who has the case, what comes next, by when.
    TellVictim,
    /// Remind the victim of their own deadline.
    RemindVictim(Arc<Rule>, Option<Percent>),
    /// A clock ran out.
    RecordBreach(Arc<Rule>),
    /// A next step was not done in time.
    RecordLapse(Task),
    /// A clock started for which there is no date: a person must set one.
    NoDate(Arc<Rule>, String),
    /// Put together the packet for each fitting authority.
    PreparePacket,
    /// An event that does not fit the case as it is; kept, never dropped: it is evidence.
    RecordUnexpected(Event),
}

/// A case after an event, and what is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advanced {
    /// The case from now on.
    pub case: Case,
    /// In this order.
    pub steps: Vec<Step>,
}

/// Opens a case. It is everybody's on duty until somebody takes it.
#[must_use]
pub fn open(now: Moment, policy: &impl Policy) -> Advanced {
    let by = after(now, policy.ladder().answer_at(Level::Agent));
    let life = Life::Open { owner: Owner::Duty, next: Next { task: Task::Take, by } };
    let mut desk = Desk {
        case: Case { opened: now, level: Level::Agent, life, clocks: Vec::new() },
        steps: vec![Step::TellVictim, Step::Page(Level::Agent)],
        now,
        policy,
    };
    desk.start(Trigger::Opened);
    desk.start(Trigger::Written);
    Advanced { case: desk.case, steps: desk.steps }
}

/// What follows from an event. Time that went by before it is dealt with first, so that a late
/// answer is late however seldom anybody looks.
#[must_use]
pub fn advance(case: Case, event: Event, now: Moment, policy: &impl Policy) -> Advanced {
    let mut desk = Desk { case, steps: Vec::new(), now, policy };
    desk.pass_time();
    desk.take(event);
    // A clock that goes on may stand at a warning already.
    desk.pass_time();
    Advanced { case: desk.case, steps: desk.steps }
}

struct Desk<'a, P> {
    case: Case,
    steps: Vec<Step>,
    now: Moment,
    policy: &'a P,
}

impl<P: Policy> Desk<'_, P> {
    fn take(&mut self, event: Event) {
        match (event, self.case.is_open()) {
            (Event::Tick, _) => {}
            (Event::Written, _) => self.written(),
            (Event::Answered(Answer::Person(by)), true) => self.answered(by),
            (Event::Answered(_), true) => {}
            (Event::Asked(by), true) => self.asked(by),
            (Event::Complained, _) => {
                self.written();
                self.start(Trigger::Complained);
            }
            // The victim's own terms run on after the case was closed.
            (Event::Happened(fact), _) => self.start(fact.trigger()),
            (Event::Done(rule), _) => {
                self.stop(|clock| clock.rule.stops_on == StopsOn::Done && clock.rule.name == rule)
            }
            (Event::Assigned(to), true) => self.assigned(to),
            (Event::Taken(by) | Event::HandedOver { to: by, .. }, true) => self.taken(by),
            // By right also after it was closed: the level above looks at it again.
            (Event::Escalated { by, .. }, _) => {
                if by.is_none() {
                    // What the victim says with it waits for an answer, as any message does.
                    self.start(Trigger::Written);
                }
                self.raise();
                self.steps.push(Step::TellVictim);
            }
            (Event::PacketSent(by), true) => {
                self.follow_up(by);
                self.steps.push(Step::TellVictim);
            }
            (Event::Closed(closing), true) => self.close(closing),
            (event, false) => self.steps.push(Step::RecordUnexpected(event)),
        }
    }

    /// Deals with every warning, breach and lapse up to now, in the order of time: whether
    /// somebody looks each minute or once a week, the case is the same in the end. Ends because
    /// a step of the ladder takes a minute at least.
    fn pass_time(&mut self) {
        while let Some(at) = self.case.due().filter(|at| *at <= self.now) {
            let now = std::mem::replace(&mut self.now, at);
            self.at_due(at);
            self.now = now;
        }
    }

    fn at_due(&mut self, at: Moment) {
        let Self { case, steps, .. } = self;
        let (mut breaches, mut overdue) = (0, false);
        for clock in &mut case.clocks {
            let Some((_, percent)) = clock.next().filter(|(due, _)| *due == at) else { continue };
            let rule = Arc::clone(&clock.rule);
            match (percent, rule.whose) {
                (Some(percent), whose) => {
                    clock.warned = Some(percent);
                    steps.push(match whose.is_here() {
                        false => Step::RemindVictim(rule, Some(percent)),
                        true => Step::Warn(rule, percent),
                    });
                }
                (None, whose) if !whose.is_here() => {
                    clock.state = ClockState::Breached(at);
                    steps.push(Step::RemindVictim(rule, None));
                }
                (None, whose) => {
                    clock.state = ClockState::Breached(at);
                    overdue |= whose == Whose::Firm && rule.stops_on == StopsOn::Outcome;
                    steps.push(Step::RecordBreach(rule));
                    breaches += 1;
                }
            }
        }
        if overdue {
            self.start(Trigger::Overdue);
        }
        // A breach of a closed case is recorded; there is nobody to raise it to.
        if let Life::Open { next, .. } = &self.case.life {
            let lapsed = *next;
            for _ in 0..breaches {
                self.raise();
            }
            if lapsed.by == at && breaches == 0 {
                self.lapse(lapsed.task);
            }
        }
    }

    /// A next step was not done in time.
    fn lapse(&mut self, task: Task) {
        self.steps.push(Step::RecordLapse(task));
        if task == Task::AskAgain {
            // The victim's silence is nobody's breach, but it does not let the case sleep.
            self.resume();
            self.next(Task::AskAgain, self.policy.ladder().ask_again());
            self.steps.push(Step::Page(self.case.level));
        } else {
            self.raise();
        }
    }

    fn raise(&mut self) {
        let below = self.case.level;
        let level = below.above();
        self.case.level = level;
        let mut task = Task::Answer;
        if level == Level::Outside && below != level {
            self.steps.push(Step::PreparePacket);
            task = Task::SendPacket;
        } else if self.must_send() {
            task = Task::SendPacket;
        }
        self.resume();
        self.reopen();
        let by = after(self.now, self.policy.ladder().answer_at(level));
        // Whoever let it lapse does not keep it alone.
        self.case.life = Life::Open { owner: Owner::Duty, next: Next { task, by } };
        self.steps.push(Step::Page(level));
    }

    /// Whether a packet is ready that nobody has sent.
    fn must_send(&self) -> bool {
        matches!(&self.case.life, Life::Open { next, .. } if next.task == Task::SendPacket)
    }

    /// What we promise for a report, we promise again when a closed case goes on.
    fn reopen(&mut self) {
        if !self.case.is_open() {
            self.start_those(Trigger::Opened, |rule| rule.whose == Whose::Ours);
        }
    }

    fn written(&mut self) {
        self.resume();
        self.reopen();
        // The answer clock starts anew. One that still runs, runs on: who writes twice must not
        // wait longer for it.
        self.start(Trigger::Written);
        let ladder = self.policy.ladder().answer_at(self.case.level);
        match &mut self.case.life {
            Life::Open { next, .. } if matches!(next.task, Task::Take | Task::Answer | Task::SendPacket) => {}
            Life::Open { next, .. } => *next = Next { task: Task::Answer, by: after(self.now, ladder) },
            Life::Closed(_) => {
                let next = Next { task: Task::Answer, by: after(self.now, ladder) };
                self.case.life = Life::Open { owner: Owner::Duty, next };
                self.steps.extend([Step::TellVictim, Step::Page(self.case.level)]);
            }
        }
    }

    fn answered(&mut self, by: Staff) {
        self.stop(|clock| clock.rule.stops_on == StopsOn::Answer);
        if self.must_send() {
            // An answer does not do away with the packet.
            self.own(Owner::Person(by));
        } else {
            self.follow_up(by);
        }
    }

    fn follow_up(&mut self, by: Staff) {
        self.resume();
        self.own(Owner::Person(by));
        self.next(Task::FollowUp, self.policy.ladder().follow_up());
    }

    fn asked(&mut self, by: Staff) {
        self.own(Owner::Person(by));
        if self.must_send() {
            // What is due outside does not wait for the victim.
            return;
        }
        let now = self.now;
        for clock in &mut self.case.clocks {
            let may = clock.rule.pause == PausePolicy::WhileAsked && clock.rule.whose.is_here();
            if may && clock.state == ClockState::Running {
                clock.state = ClockState::Paused(now);
            }
        }
        self.next(Task::AskAgain, self.policy.ladder().ask_again());
    }

    fn taken(&mut self, by: Staff) {
        self.own(Owner::Person(by));
        if let Life::Open { next, .. } = &mut self.case.life
            && next.task == Task::Take
        {
            // Taking a case buys no time: the deadline stays.
            next.task = Task::Answer;
        }
        self.steps.push(Step::TellVictim);
    }

    /// Whoever is given a case has not taken it: what comes next, and by when, stays.
    fn assigned(&mut self, to: Staff) {
        self.own(Owner::Person(to));
        self.steps.push(Step::TellVictim);
    }

    fn close(&mut self, closing: Closing) {
        self.stop(|clock| clock.rule.stops_on != StopsOn::Done && clock.rule.whose.is_here());
        self.case.life = Life::Closed(closing);
        self.start(Trigger::Decided);
        self.steps.push(Step::TellVictim);
    }

    fn own(&mut self, whose: Owner) {
        if let Life::Open { owner, .. } = &mut self.case.life {
            *owner = whose;
        }
    }

    fn next(&mut self, task: Task, within: Lapse) {
        if let Life::Open { next, .. } = &mut self.case.life {
            *next = Next { task, by: after(self.now, within) };
        }
    }

    fn start(&mut self, trigger: Trigger) {
        self.start_those(trigger, |_| true);
    }

    fn start_those(&mut self, trigger: Trigger, which: impl Fn(&Rule) -> bool) {
        for rule in self.policy.rules(trigger).iter().filter(|it| which(it)) {
            // A term that runs is not begun again by the same thing, or another: the earlier end counts.
            if self.case.clocks.iter().any(|it| it.rule.name == rule.name && it.is_open()) {
                continue;
            }
            let due = self.policy.due(rule, self.now, &[]);
            if let Err(cause) = &due {
                self.steps.push(Step::NoDate(Arc::clone(rule), cause.to_string()));
            }
            self.case.clocks.push(Clock {
                rule: Arc::clone(rule),
                started: self.now,
                pauses: Vec::new(),
                due: due.ok(),
                warned: None,
                state: ClockState::Running,
            });
        }
    }

    fn stop(&mut self, which: impl Fn(&Clock) -> bool) {
        let now = self.now;
        for clock in self.case.clocks.iter_mut().filter(|it| it.is_open() && which(it)) {
            clock.state = ClockState::Stopped(now);
        }
    }

    /// What stands still goes on, its end shifted by the pause.
    fn resume(&mut self) {
        let now = self.now;
        for clock in &mut self.case.clocks {
            let ClockState::Paused(since) = clock.state else { continue };
            clock.state = ClockState::Running;
            // No pause, or the clocks of two machines differ.
            if since >= now {
                continue;
            }
            clock.pauses.push((since, now));
            match self.policy.due(&clock.rule, clock.started, &clock.pauses) {
                Ok(due) => clock.due = Some(due),
                Err(cause) => {
                    self.steps.push(Step::NoDate(Arc::clone(&clock.rule), cause.to_string()));
                    clock.due = None;
                }
            }
        }
    }
}

/// So much later; at the end of time, if that is sooner.
fn after(moment: Moment, lapse: Lapse) -> Moment {
    moment + lapse
}
