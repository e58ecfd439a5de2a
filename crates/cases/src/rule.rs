//! Rules of clocks, and how long each step may take: data that lawyers and leads change.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use touchstone_types::{Bilingual, Lapse, Moment};

use crate::case::Level;
use crate::clock::{ClockError, Term};
use crate::words::words;

words! {
    /// Whose duty a clock measures.
    Whose {
        /// The desk's own promise.
        Ours = "ours",
        /// What the law asks of the firm.
        Firm = "firm",
        /// What the victim has to do in time, or a hold that lapses unless they do; nobody here
        /// can breach it, and it is not paused.
        Victim = "victim",
        /// What an authority outside has to do in time; the victim is told when it has not.
        Authority = "authority",
    }
}

impl Whose {
    /// Whether a breach is the desk's or the firm's, so that the case goes up.
    #[must_use]
    pub const fn is_here(self) -> bool {
        matches!(self, Whose::Ours | Whose::Firm)
    }
}

words! {
    /// What starts a clock.
    Trigger {
        /// The report.
        Opened = "opened",
        /// Each message of the victim, anew.
        Written = "written",
        /// That the complaint was made in form.
        Complained = "complained",
        /// That the victim was told the outcome.
        Decided = "decided",
        /// That a term which the law gives the firm for its decision ran out.
        Overdue = "overdue",
        /// That a bank or the police stopped a payment because the victim called.
        PaymentStopped = "payment_stopped",
        /// That a hold on what was lost began, at an exchange, a bank or an issuer.
        HoldBegan = "hold_began",
        /// That the police took the report.
        PoliceReported = "police_reported",
        /// That the police wrote that they open no case.
        PoliceRefused = "police_refused",
    }
}

words! {
    /// Something outside the desk that a clock can wait for. The victim or the staff record it.
    Fact {
        /// A bank or the police stopped a payment because the victim called.
        PaymentStopped = "payment_stopped",
        /// A hold on what was lost began, at an exchange, a bank or an issuer.
        HoldBegan = "hold_began",
        /// The police took the report.
        PoliceReported = "police_reported",
        /// The police wrote that they open no case.
        PoliceRefused = "police_refused",
    }
}

impl Fact {
    /// What it starts.
    #[must_use]
    pub const fn trigger(self) -> Trigger {
        match self {
            Fact::PaymentStopped => Trigger::PaymentStopped,
            Fact::HoldBegan => Trigger::HoldBegan,
            Fact::PoliceReported => Trigger::PoliceReported,
            Fact::PoliceRefused => Trigger::PoliceRefused,
        }
    }
}

words! {
    /// What stops a clock.
    StopsOn {
        /// A person's substantive answer.
        Answer = "answer",
        /// The outcome.
        Outcome = "outcome",
        /// That the victim says it is done.
        Done = "done",
    }
}

words! {
    /// When a clock may stand still.
    PausePolicy {
        /// Never.
        Never = "never",
        /// While the victim was asked something and has not written since.
        WhileAsked = "while_asked",
    }
}

/// A part of a term, in hundredths, below the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Percent(u8); // Invariant: 1 to 99.

impl TryFrom<u8> for Percent {
    type Error = &'static str;
    fn try_from(percent: u8) -> Result<Self, &'static str> {
        Self::new(percent).ok_or("a warning is given at 1 to 99 hundredths of the term")
    }
}

impl From<Percent> for u8 {
    fn from(percent: Percent) -> Self {
        percent.0
    }
}

impl Percent {
    /// So many hundredths, 1 to 99.
    #[must_use]
    pub const fn new(percent: u8) -> Option<Self> {
        if percent >= 1 && percent <= 99 { Some(Self(percent)) } else { None }
    }

    /// As a number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The moment at which so much of the time from `from` to `to` has run; `pauses`, in order of
    /// time, are no part of it.
    #[must_use]
    pub fn of(self, from: Moment, to: Moment, pauses: &[(Moment, Moment)]) -> Moment {
        let within = |it: Moment| i128::from(it.max(from).min(to).as_micros());
        let stood: i128 = pauses.iter().map(|it| within(it.1) - within(it.0)).sum();
        let runs = i128::from(to.as_micros()) - i128::from(from.as_micros()) - stood;
        let mut point = i128::from(from.as_micros()) + runs * i128::from(self.0) / 100;
        for (begins, ends) in pauses {
            if within(*begins) < point {
                point += within(*ends) - within(*begins);
            }
        }
        i64::try_from(point).ok().and_then(|it| Moment::from_micros(it).ok()).unwrap_or(to)
    }
}

/// One kind of clock.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rule {
    /// Short name, unique in a policy.
    pub name: Arc<str>,
    /// What it measures, for people.
    pub title: Bilingual,
    /// The law, licence or promise it comes from.
    pub source: Bilingual,
    /// Whose duty it measures.
    pub whose: Whose,
    /// What starts it.
    pub trigger: Trigger,
    /// What stops it.
    pub stops_on: StopsOn,
    /// How long it runs.
    pub term: Term,
    /// In which calendar.
    pub calendar: Arc<str>,
    /// When it stands still.
    pub pause: PausePolicy,
    /// Warnings on the way, rising.
    pub warnings: Vec<Percent>,
}

/// How long a next step may take at each level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ladder {
    // Invariant: each at least a minute, so that time passes between two lapses.
    answer: [Lapse; 4],
    ask_again: Lapse,
    follow_up: Lapse,
}

impl Default for Ladder {
    /// A day for everything.
    fn default() -> Self {
        let day = Lapse::from_secs(86_400);
        Self { answer: [day; 4], ask_again: day, follow_up: day }
    }
}

/// A step of the ladder that takes no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("each step of the ladder takes a minute at least")]
pub struct TooShort;

impl Ladder {
    /// Times for taking or answering a case after it came to each of the four levels, for asking
    /// a silent victim again, and for doing what an answer promised.
    ///
    /// # Errors
    /// [`TooShort`] if one of them is under a minute.
    pub fn new(answer: [Lapse; 4], ask_again: Lapse, follow_up: Lapse) -> Result<Self, TooShort> {
        let shortest = answer.into_iter().chain([ask_again, follow_up]).min();
        match shortest {
            Some(shortest) if shortest.as_secs() >= 60 => Ok(Self { answer, ask_again, follow_up }),
            _ => Err(TooShort),
        }
    }

    /// How long taking or answering may take at that level.
    #[must_use]
    pub fn answer_at(&self, level: Level) -> Lapse {
        self.answer[level as usize]
    }

    /// How long a silent victim is left alone.
    #[must_use]
    pub fn ask_again(&self) -> Lapse {
        self.ask_again
    }

    /// How long doing what was promised may take.
    #[must_use]
    pub fn follow_up(&self) -> Lapse {
        self.follow_up
    }
}

/// What a case is led by. Dates come from outside, so that the engine needs no calendar of its own.
pub trait Policy {
    /// The rules that apply to a case with that trigger.
    fn rules(&self, trigger: Trigger) -> &[Arc<Rule>];

    /// When a clock of that rule runs out.
    ///
    /// # Errors
    /// [`ClockError`] where the calendar has no date.
    fn due(&self, rule: &Rule, started: Moment, pauses: &[(Moment, Moment)]) -> Result<Moment, ClockError>;

    /// How long steps may take.
    fn ladder(&self) -> &Ladder;
}
