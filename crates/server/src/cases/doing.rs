//! What can happen to a case and what comes of it: the words of [`super::flow`].

use serde_json::{Value, json};
use touchstone_cases::{BadCase, Case, CasePolicy, Event, Life, Next, NoReason, Owner, PlanStep, Report};
use touchstone_store::{CaseChange, CaseRow, EntryKind, StoreError};

use super::By;
use super::flow::{LONGEST_TEXT, status_token};
use super::vault::{Damaged, VaultError};
use crate::api::error::ApiError;
use crate::ctx::Ctx;
use crate::keys::KeyError;

/// Why something was not done; a variant for each thing that is said then.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// There is no such case, or it is not theirs: both look the same.
    #[error("not found")]
    NotFound,
    /// Whoever asks must first say why they want to see this case.
    #[error("a reason is needed to see this case")]
    NeedsReason,
    /// The case cannot be handed to that person.
    #[error("nobody of that name may have cases")]
    NoSuchColleague,
    /// The case is not as whoever acts saw it. Next: show what is there now.
    #[error("the case is not as it was")]
    Moved,
    /// It is closed: only the victim opens it again.
    #[error("the case is closed")]
    IsClosed,
    /// Nothing was written.
    #[error("the text is empty")]
    EmptyText,
    /// More was written than one entry takes.
    #[error("the text is longer than {LONGEST_TEXT} bytes")]
    TextTooLong,
    /// A file is larger than is taken.
    #[error("the file is larger than {limit} bytes")]
    FileTooLarge {
        /// How many bytes are taken.
        limit: usize,
    },
    /// The case has as many files as it takes.
    #[error("a case takes {limit} files")]
    TooManyFiles {
        /// How many.
        limit: usize,
    },
    /// There is nothing in the file.
    #[error("the file is empty")]
    EmptyFile,
    /// A program, or something that nobody can look at.
    #[error("files of this kind are not taken")]
    WrongFileKind,
    /// A case is closed only with a reason.
    #[error(transparent)]
    NoReason(#[from] NoReason),
    /// What is kept does not open.
    #[error(transparent)]
    Damaged(#[from] Damaged),
    /// What is kept does not read.
    #[error(transparent)]
    BadCase(#[from] BadCase),
    /// What was told does not read.
    #[error("the stored report does not read")]
    BadReport(#[source] serde_json::Error),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// No random numbers.
    #[error("no randomness")]
    Random(#[from] KeyError),
    /// The store.
    #[error("the store")]
    Store(StoreError),
}

impl From<StoreError> for FlowError {
    fn from(cause: StoreError) -> Self {
        match cause {
            StoreError::NotFound => FlowError::NotFound,
            cause => FlowError::Store(cause),
        }
    }
}

impl From<FlowError> for ApiError {
    fn from(error: FlowError) -> Self {
        match error {
            FlowError::NotFound => ApiError::NotFound,
            FlowError::IsClosed => ApiError::Conflict("the case is closed"),
            FlowError::Moved => ApiError::Conflict("the case is not as it was"),
            FlowError::FileTooLarge { .. } => ApiError::TooLarge(error.to_string()),
            FlowError::NeedsReason
            | FlowError::NoSuchColleague
            | FlowError::EmptyText
            | FlowError::TextTooLong
            | FlowError::TooManyFiles { .. }
            | FlowError::EmptyFile
            | FlowError::WrongFileKind
            | FlowError::NoReason(_) => ApiError::BadRequest(error.to_string()),
            FlowError::Store(StoreError::Conflict(what)) => ApiError::Conflict(what),
            FlowError::Store(cause) => ApiError::store(cause),
            FlowError::Damaged(_)
            | FlowError::BadCase(_)
            | FlowError::BadReport(_)
            | FlowError::Vault(_)
            | FlowError::Random(_) => ApiError::Internal(error.into()),
        }
    }
}

/// A file that comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// What whoever sent it calls it.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// How a report comes in.
#[derive(Clone, Debug)]
pub struct Intake {
    /// By which way: `page`, `api`, `desk`.
    pub channel: &'static str,
    /// Who sent it.
    pub by: By,
    /// The operator's own id of the user, if its key vouches for it.
    pub user: Option<String>,
    /// Files that came with it.
    pub files: Vec<Incoming>,
    /// Something random that names this report: sent again, it is the same case, and the same
    /// receipt. None: each is new.
    pub once: Option<[u8; 32]>,
}

/// What whoever reported is told at once.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The token in the victim's secret link. It is told here and never again.
    pub link_token: String,
    /// The token in the link that may be shared.
    pub status_token: String,
    /// The case.
    pub open: Open,
    /// What to do within the hour, in order.
    pub first_hour: Vec<PlanStep>,
    /// Kinds of secrets that were in the report and are not kept.
    pub masked: Vec<&'static str>,
    /// Whether the same report had made this case before.
    pub again: bool,
}

/// A case, open for reading.
#[derive(Clone, Debug)]
pub struct Open {
    /// Its columns.
    pub row: CaseRow,
    /// What the engine made of it.
    pub case: Case,
    /// What was told.
    pub report: Report,
    /// What it is led by.
    pub policy: CasePolicy,
}

impl Open {
    /// Login name of whoever has it; none if it is everybody's, or closed.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        match &self.case.life {
            Life::Open { owner: Owner::Person(staff), .. } => Some(&staff.0),
            _ => None,
        }
    }

    /// What comes next, and by when; none once it is closed.
    #[must_use]
    pub fn next(&self) -> Option<Next> {
        match &self.case.life {
            Life::Open { next, .. } => Some(*next),
            Life::Closed(_) => None,
        }
    }

    /// The token in the link that may be shared.
    #[must_use]
    pub fn status_token(&self, ctx: &Ctx) -> String {
        status_token(ctx, &self.row.reference).text()
    }
}

/// An entry that a caller adds.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// What.
    pub kind: EntryKind,
    /// What was written; it is sealed.
    pub text: Option<String>,
    /// Particulars, an object; nothing that somebody wrote.
    pub detail: Value,
    /// Whether the victim sees it.
    pub visible: bool,
}

impl Note {
    /// Something written that the victim sees.
    #[must_use]
    pub fn text(kind: EntryKind, text: &str) -> Self {
        Self { kind, text: Some(text.to_owned()), detail: json!({}), visible: true }
    }

    /// Something that the victim sees, without a text.
    #[must_use]
    pub fn plain(kind: EntryKind, detail: Value) -> Self {
        Self { kind, text: None, detail, visible: true }
    }

    /// The same, for the desk only.
    #[must_use]
    pub fn internal(mut self) -> Self {
        self.visible = false;
        self
    }
}

pub(super) type Extra = Box<dyn Fn(&mut CaseChange) + Send + Sync>;
pub(super) type Condition = Box<dyn Fn(&Open) -> bool + Send + Sync>;

/// What happens to a case, with all that is to be written with it.
pub struct Doing {
    pub(super) event: Event,
    pub(super) notes: Vec<Note>,
    pub(super) steps: Vec<(String, bool)>,
    pub(super) marks: Vec<(String, String)>,
    pub(super) files: Vec<Incoming>,
    pub(super) extra: Vec<Extra>,
    pub(super) condition: Option<Condition>,
}

impl Doing {
    /// That event. Where no note is added, taking, handing over, escalating, complaining, closing
    /// and what happens outside write their own.
    #[must_use]
    pub fn new(event: Event) -> Self {
        let (notes, steps, marks) = (Vec::new(), Vec::new(), Vec::new());
        Self { event, notes, steps, marks, files: Vec::new(), extra: Vec::new(), condition: None }
    }

    /// Nothing but that entry.
    #[must_use]
    pub fn record(note: Note) -> Self {
        Self::new(Event::Tick).note(note)
    }

    /// With that entry.
    #[must_use]
    pub fn note(mut self, note: Note) -> Self {
        self.notes.push(note);
        self
    }

    /// With that step of the plan or playbook done, or taken back.
    #[must_use]
    pub fn tick(mut self, step: &str, done: bool) -> Self {
        self.steps.push((step.to_owned(), done));
        self
    }

    /// With something more that makes it kin to other cases.
    #[must_use]
    pub fn mark(mut self, kind: &str, text: &str) -> Self {
        self.marks.push((kind.to_owned(), text.to_owned()));
        self
    }

    /// With those files.
    #[must_use]
    pub fn files(mut self, files: Vec<Incoming>) -> Self {
        self.files.extend(files);
        self
    }

    /// Only while that is so, else [`FlowError::Moved`]: of two who take a case at once, the
    /// second must not take it away.
    #[must_use]
    pub fn only_if(mut self, condition: impl Fn(&Open) -> bool + Send + Sync + 'static) -> Self {
        self.condition = Some(Box::new(condition));
        self
    }

    /// With whatever else is written in the same transaction. It may be called more than once,
    /// each time for a new attempt.
    #[must_use]
    pub fn with(mut self, extra: impl Fn(&mut CaseChange) + Send + Sync + 'static) -> Self {
        self.extra.push(Box::new(extra));
        self
    }
}
