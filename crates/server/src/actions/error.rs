//! Why an action is not taken, and how that is said.

use touchstone_actions::{BadAccount, NotAuthorised, TooLittle, Unexpected};
use touchstone_store::StoreError;

use crate::cases::{Damaged, FlowError, VaultError};
use crate::keys::KeyError;

/// The longest reason, in bytes.
pub(super) const LONGEST_REASON: usize = 4_000;

/// Why nothing was done; a variant for each thing that is said then.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// The operator's systems cannot be asked. Next: the victim calls the operator.
    #[error("actions are not set up")]
    NotSetUp,
    /// The report names no account at the operator. Next: the victim names it.
    #[error("the case names no account")]
    NoAccount,
    /// Without proof of whose account it is, that was all for today.
    #[error("this account was frozen today already")]
    EnoughForToday,
    /// The case is closed.
    #[error("the case is closed")]
    IsClosed,
    /// No reason was given.
    #[error("a reason of at most {LONGEST_REASON} bytes is needed")]
    NeedsReason,
    /// There is no such action, or it is of another case.
    #[error("no such action")]
    NotFound,
    /// Somebody else changed it meanwhile, or decided. Next: look how it stands now.
    #[error("it was changed meanwhile")]
    Changed,
    /// There is no leave.
    #[error(transparent)]
    NotAuthorised(#[from] NotAuthorised),
    /// The proof says too little.
    #[error(transparent)]
    TooLittle(#[from] TooLittle),
    /// The account is none.
    #[error(transparent)]
    BadAccount(#[from] BadAccount),
    /// It does not fit how the action stands.
    #[error(transparent)]
    Unexpected(#[from] Unexpected),
    /// The case, the vault or the store.
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl ActionError {
    /// The message that a page shows.
    #[must_use]
    pub const fn text_key(&self) -> &'static str {
        match self {
            ActionError::NotSetUp => "wrong-action-not-set-up",
            ActionError::NoAccount | ActionError::BadAccount(_) => "wrong-action-no-account",
            ActionError::EnoughForToday => "wrong-action-enough-today",
            ActionError::IsClosed => "wrong-action-closed",
            ActionError::NeedsReason => "wrong-action-reason",
            ActionError::NotFound | ActionError::Changed | ActionError::Unexpected(_) => {
                "wrong-action-changed"
            }
            ActionError::TooLittle(_) => "wrong-action-proof",
            ActionError::NotAuthorised(NotAuthorised::SamePerson) => "wrong-action-same-person",
            ActionError::NotAuthorised(NotAuthorised::Lapsed(_)) => "wrong-action-too-late",
            ActionError::NotAuthorised(_) => "wrong-action-not-allowed",
            ActionError::Flow(_) => "wrong-action-try-again",
        }
    }
}

impl From<StoreError> for ActionError {
    fn from(cause: StoreError) -> Self {
        match cause {
            StoreError::NotFound => ActionError::NotFound,
            cause => ActionError::Flow(FlowError::Store(cause)),
        }
    }
}

impl From<VaultError> for ActionError {
    fn from(cause: VaultError) -> Self {
        ActionError::Flow(cause.into())
    }
}

impl From<Damaged> for ActionError {
    fn from(cause: Damaged) -> Self {
        ActionError::Flow(cause.into())
    }
}

impl From<KeyError> for ActionError {
    fn from(cause: KeyError) -> Self {
        ActionError::Flow(cause.into())
    }
}
