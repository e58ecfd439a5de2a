use std::fmt;
use std::str::FromStr;

use touchstone_accounts::Role;
use touchstone_types::{Lapse, Moment};

use crate::{Kind, Money, Power, PowerName};

/// An account at the operator, by the operator's own name for it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Account(String); // Invariant: 1 to 256 bytes; no control characters, no white space at its ends.

/// The text names no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account has a name of 1 to 256 bytes without control characters")]
pub struct BadAccount;

impl Account {
    /// As the operator writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an account") // Whose it is does not belong in a log.
    }
}

impl FromStr for Account {
    type Err = BadAccount;
    fn from_str(text: &str) -> Result<Self, BadAccount> {
        let text = text.trim();
        let fits = (1..=256).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(BadAccount) }
    }
}

/// What was shown by whoever wants a freeze ended: how it was known that it is the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof(String); // Invariant: 10 to 2000 characters.

/// The proof says too little, or far too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("say in 10 to 2000 characters what proves that the freeze may end")]
pub struct TooLittle;

impl Proof {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Proof {
    type Err = TooLittle;
    fn from_str(text: &str) -> Result<Self, TooLittle> {
        let text = text.trim();
        if (10..=2_000).contains(&text.chars().count()) { Ok(Self(text.to_owned())) } else { Err(TooLittle) }
    }
}

/// Something that needs leave.
pub trait Deed {
    /// What has to be allowed.
    fn power(&self) -> Power;
}

/// A deed that somebody else has to be asked for: the operator's own systems.
pub trait Deliverable: Deed {
    /// What is asked for.
    fn kind(&self) -> Kind;
    /// On which account.
    fn account(&self) -> &Account;
    /// The action that it ends.
    fn undoes(&self) -> Option<&str> {
        None
    }
}

/// Stop an account from being used, until it lapses.
#[derive(Clone, Debug)]
pub struct Freeze(pub Account);

/// End every session of an account.
#[derive(Clone, Debug)]
pub struct RevokeSessions(pub Account);

/// End a freeze before its time.
#[derive(Clone, Debug)]
pub struct Unfreeze {
    /// Which account.
    pub account: Account,
    /// The id of the freeze.
    pub freeze: String,
    /// What proves that it may end.
    pub proof: Proof,
}

/// Give a user some of the firm's own money.
#[derive(Clone, Debug)]
pub struct Refund(pub Money);

/// Hand what is known of a case to an authority.
#[derive(Clone, Copy, Debug)]
pub struct Disclose;

/// Close a case.
#[derive(Clone, Copy, Debug)]
pub struct Close;

/// Set aside what somebody else decided.
#[derive(Clone, Copy, Debug)]
pub struct Override;

macro_rules! deeds {
    ($($deed:ty: |$it:ident| $power:expr),+ $(,)?) => {
        $(impl Deed for $deed {
            fn power(&self) -> Power {
                let $it = self;
                $power
            }
        })+
    };
}

deeds! {
    Freeze: |_it| Power::Freeze,
    RevokeSessions: |_it| Power::RevokeSessions,
    Unfreeze: |_it| Power::Unfreeze,
    Refund: |it| Power::Refund(it.0.clone()),
    Disclose: |_it| Power::Disclose,
    Close: |_it| Power::Close,
    Override: |_it| Power::Override,
    Power: |it| it.clone(),
}

impl Deliverable for Freeze {
    fn kind(&self) -> Kind {
        Kind::Freeze
    }
    fn account(&self) -> &Account {
        &self.0
    }
}

impl Deliverable for RevokeSessions {
    fn kind(&self) -> Kind {
        Kind::RevokeSessions
    }
    fn account(&self) -> &Account {
        &self.0
    }
}

impl Deliverable for Unfreeze {
    fn kind(&self) -> Kind {
        Kind::Unfreeze
    }
    fn account(&self) -> &Account {
        &self.account
    }
    fn undoes(&self) -> Option<&str> {
        Some(&self.freeze)
    }
}

/// A member of staff, for what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Log-in name: two people have two of them.
    pub login: String,
    /// What they are there for.
    pub roles: Vec<Role>,
}

/// Who wants something done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody who works here.
    Staff(Staff),
    /// The victim, from the page of the case.
    Victim {
        /// Whether the operator's own key said whose report it is.
        confirmed: bool,
    },
    /// The operator's own systems, by the name of their key.
    Operator(String),
}

impl Who {
    /// What stands in the record: a log-in name, `victim`, or `key` and its name.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Who::Staff(staff) => staff.login.clone(),
            Who::Victim { .. } => "victim".to_owned(),
            Who::Operator(key) => format!("key:{key}"),
        }
    }
}

/// The second person's yes.
#[derive(Clone, Debug)]
pub struct Second {
    /// Who it is.
    pub staff: Staff,
    /// When the first one asked.
    pub asked: Moment,
}

/// Proof of leave: made by [`crate::Authority::authorise`] alone, and taken by value by whatever does it.
#[derive(Clone, Debug)]
pub struct Authorised<A> {
    pub(crate) deed: A,
    pub(crate) by: Who,
    pub(crate) second: Option<String>,
    pub(crate) given: Moment,
    pub(crate) lasts: Option<Lapse>,
}

impl<A> Authorised<A> {
    /// What may be done.
    pub fn deed(&self) -> &A {
        &self.deed
    }

    /// By whom.
    pub fn by(&self) -> &Who {
        &self.by
    }

    /// Who agreed, if two had to.
    pub fn second(&self) -> Option<&str> {
        self.second.as_deref()
    }

    /// When leave was given.
    pub fn given(&self) -> Moment {
        self.given
    }

    /// When what is done ends by itself; none for what does not.
    pub fn lapses(&self) -> Option<Moment> {
        self.lasts.map(|lasts| self.given + lasts)
    }
}

/// Why there is no leave; a variant for each thing that comes next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAuthorised {
    /// Nobody can give it to them. Next: somebody else does it, or nobody.
    #[error("{who} may not {power}")]
    No {
        /// Who asked.
        who: String,
        /// For what.
        power: Power,
    },
    /// Next: ask another person who has the power.
    #[error("a second person has to agree to {0}")]
    NeedsSecond(PowerName),
    /// The second is the first. Next: ask somebody else.
    #[error("the second person has to be somebody else")]
    SamePerson,
    /// The second does not have the power. Next: ask somebody who has.
    #[error("{who} cannot agree to {power}")]
    SecondMayNot {
        /// The second.
        who: String,
        /// To what.
        power: Power,
    },
    /// The first asked too long ago. Next: ask again.
    #[error("it was asked for at {0}, which is too long ago")]
    Lapsed(Moment),
}
