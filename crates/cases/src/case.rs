//! What a case is: whose it is, what comes next, and which clocks run.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use touchstone_types::Moment;

use crate::rule::{Percent, Rule};
use crate::words::words;

words! {
    /// Who on the desk a case has come to. Each breach brings it one further.
    Level {
        /// Somebody who answers.
        Agent = "agent",
        /// Whoever answers for the desk.
        Lead = "lead",
        /// Whoever answers for the firm.
        ComplaintsOfficer = "complaints_officer",
        /// The packet for the authority outside is prepared; the complaints officer keeps the case.
        Outside = "outside",
    }
}

impl Level {
    /// The next one up; the last is its own.
    #[must_use]
    pub const fn above(self) -> Self {
        match self {
            Level::Agent => Level::Lead,
            Level::Lead => Level::ComplaintsOfficer,
            Level::ComplaintsOfficer | Level::Outside => Level::Outside,
        }
    }
}

/// Somebody of the staff, by login name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Staff(pub Arc<str>);

/// Whose a case is: somebody's, or everybody's at its level until somebody takes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// This person.
    Person(Staff),
    /// Whoever is on duty at the case's level: all of them see it and are told of it.
    Duty,
}

words! {
    /// What is to be done next.
    Task {
        /// Somebody takes it.
        Take = "take",
        /// A person answers what the victim wrote.
        Answer = "answer",
        /// The victim was asked something; if nothing comes, ask again.
        AskAgain = "ask_again",
        /// What the answer promised is done, and the victim told how it stands.
        FollowUp = "follow_up",
        /// The packet for the authority is looked through and sent.
        SendPacket = "send_packet",
    }
}

/// The next step of an open case, and by when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Next {
    /// What.
    pub task: Task,
    /// By when; then the case goes up by itself.
    pub by: Moment,
}

words! {
    /// How a case ended.
    Outcome {
        /// What was lost came back, or nothing was lost.
        Recovered = "recovered",
        /// A part of it came back.
        PartlyRecovered = "partly_recovered",
        /// It is frozen somewhere, and others decide.
        Frozen = "frozen",
        /// Handed to an authority that took it on.
        Referred = "referred",
        /// Nothing more can be done, and the victim was told why.
        NotRecoverable = "not_recoverable",
        /// It was something else.
        NotACase = "not_a_case",
    }
}

/// How and why a case was closed; there is none without a reason that the victim was told.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Told", into = "Told")]
pub struct Closing {
    outcome: Outcome,
    reason: Arc<str>, // Invariant: not blank.
    by: Staff,
    told: Moment,
}

/// A closing as it is written down.
#[derive(Serialize, Deserialize)]
struct Told {
    outcome: Outcome,
    reason: Arc<str>,
    by: Staff,
    told: Moment,
}

impl TryFrom<Told> for Closing {
    type Error = NoReason;
    fn try_from(it: Told) -> Result<Self, NoReason> {
        Self::new(it.outcome, &it.reason, it.by, it.told)
    }
}

impl From<Closing> for Told {
    fn from(it: Closing) -> Self {
        Self { outcome: it.outcome, reason: it.reason, by: it.by, told: it.told }
    }
}

/// A closing without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a case is closed only with a reason that the victim is told")]
pub struct NoReason;

impl Closing {
    /// A closing of which the victim was told at `told`.
    ///
    /// # Errors
    /// [`NoReason`] if the reason is blank.
    pub fn new(outcome: Outcome, reason: &str, by: Staff, told: Moment) -> Result<Self, NoReason> {
        let reason = reason.trim();
        if reason.is_empty() { Err(NoReason) } else { Ok(Self { outcome, reason: reason.into(), by, told }) }
    }

    /// How it ended.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Why, in the words that the victim was told.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Who closed it.
    #[must_use]
    pub fn by(&self) -> &Staff {
        &self.by
    }

    /// When the victim was told.
    #[must_use]
    pub fn told(&self) -> Moment {
        self.told
    }
}

/// Whether a case goes on. An open one always has an owner, a next step and a deadline: they
/// are not optional.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// It goes on.
    Open {
        /// Whose it is.
        owner: Owner,
        /// What comes next, and by when.
        next: Next,
    },
    /// It ended. The victim can open it again by writing.
    Closed(Closing),
}

/// How a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// It runs.
    Running,
    /// It stands still since then.
    Paused(Moment),
    /// What it waits for was done.
    Stopped(Moment),
    /// It ran out.
    Breached(Moment),
}

/// One term that runs for a case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Clock {
    /// By which rule.
    pub rule: Arc<Rule>,
    /// Since when.
    pub started: Moment,
    /// When it stood still.
    pub pauses: Vec<(Moment, Moment)>,
    /// When it runs out; `None` if no date can be had, which a person was told.
    pub due: Option<Moment>,
    /// The last warning that was given.
    pub warned: Option<Percent>,
    /// How it stands.
    pub state: ClockState,
}

impl Clock {
    /// Whether it still waits for something.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, ClockState::Running | ClockState::Paused(_))
    }

    /// When the next warning is due, or the breach; `None` while it stands still.
    #[must_use]
    pub fn next(&self) -> Option<(Moment, Option<Percent>)> {
        if self.state != ClockState::Running {
            return None;
        }
        let due = self.due?;
        let warning = self.rule.warnings.iter().find(|it| self.warned.is_none_or(|last| **it > last));
        Some(match warning {
            Some(percent) => (percent.of(self.started, due, &self.pauses), Some(*percent)),
            None => (due, None),
        })
    }
}

/// A report, from the victim's first click to its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Case {
    /// When it was reported.
    pub opened: Moment,
    /// How far up it is.
    pub level: Level,
    /// Whether it goes on.
    pub life: Life,
    /// Every clock that ever ran for it.
    pub clocks: Vec<Clock>,
}

impl Case {
    /// When something has to happen next, if nobody does anything: the earliest of the next
    /// step's deadline, the clocks' warnings and their ends. `None` for a closed case whose
    /// clocks have all stopped.
    #[must_use]
    pub fn due(&self) -> Option<Moment> {
        let step = match &self.life {
            Life::Open { next, .. } => Some(next.by),
            Life::Closed(_) => None,
        };
        self.clocks.iter().filter_map(|it| it.next().map(|(at, _)| at)).chain(step).min()
    }

    /// Whether it goes on.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.life, Life::Open { .. })
    }
}
