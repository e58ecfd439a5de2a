//! Rules of clocks, and how long each step may take: data that lawyers and leads change.

use std::sync::Arc;

use touchstone_types::{Lapse, Moment};

use crate::case::Level;
use crate::clock::{ClockError, Term};

/// Whose duty a clock measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// The desk's own promise.
    Ours,
    /// What the law asks of the firm.
    Firm,
    /// What the victim has to do in time; nobody here can breach it, and it is not paused.
    Victim,
}

/// What starts a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// The report.
    Opened,
    /// Each message of the victim, anew.
    Written,
    /// That the complaint was made in form.
    Complained,
}

/// What stops a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StopsOn {
    /// A person's substantive answer.
    Answer,
    /// The outcome.
    Outcome,
    /// That the victim says it is done.
    Done,
}

/// When a clock may stand still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PausePolicy {
    /// Never.
    Never,
    /// While the victim was asked something and has not written since.
    WhileAsked,
}

/// A part of a term, in hundredths, below the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Percent(u8); // Invariant: 1 to 99.

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

    /// The moment at which so much of the time from `from` to `to` has passed.
    #[must_use]
    pub fn of(self, from: Moment, to: Moment) -> Moment {
        let whole = i128::from(to.as_micros()) - i128::from(from.as_micros());
        let part = i128::from(from.as_micros()) + whole * i128::from(self.0) / 100;
        i64::try_from(part).ok().and_then(|it| Moment::from_micros(it).ok()).unwrap_or(to)
    }
}

/// One kind of clock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Short name, unique in a policy.
    pub name: Arc<str>,
    /// The law, licence or promise it comes from.
    pub source: Arc<str>,
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
