use touchstone_types::{Lapse, Moment, words};

use crate::deed::{Account, Authorised, Deliverable};

/// How long after it was asked for a freeze that nobody acknowledged is brought to a person.
pub const PAGE_AFTER: Lapse = Lapse::from_secs(30);

words! {
    /// What the operator's systems are asked to do.
    Kind, "kind of an action" {
        /// Let nobody use the account until a time.
        Freeze = "freeze",
        /// End a freeze.
        Unfreeze = "unfreeze",
        /// End every session of the account.
        RevokeSessions = "revoke_sessions",
    }
}

words! {
    /// How far an action has come.
    State, "state of an action" {
        /// To be asked for: not tried yet, or known not to have been done.
        Asked = "asked",
        /// A call is under way, or the other side took it and has not said what came of it.
        Sent = "sent",
        /// Nobody knows what came of a call. The next call is a question.
        Unclear = "unclear",
        /// The other side says that it is done.
        Acknowledged = "acknowledged",
        /// The other side says that it will not do it.
        Refused = "refused",
        /// Tried too often; a person has to look.
        Dead = "dead",
        /// Its time is over.
        Lapsed = "lapsed",
        /// Ended with proof, before its time.
        Undone = "undone",
    }
}

/// Something done to the world, from the asking to the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Its name, and the key under which it is done once however often it is asked for.
    pub id: String,
    /// What is asked for.
    pub kind: Kind,
    /// On which account.
    pub account: Account,
    /// Reference of the case that it belongs to.
    pub case: String,
    /// Who wanted it: a log-in name, `victim`, `key:` and a key's name, or `lapse`.
    pub by: String,
    /// Who agreed, if two had to.
    pub second: Option<String>,
    /// Why; of an unfreeze, what proves that the freeze may end.
    pub reason: String,
    /// When it was asked for.
    pub requested: Moment,
    /// When it ends by itself.
    pub lapses: Option<Moment>,
    /// The freeze that it ends.
    pub undoes: Option<String>,
    /// Whether it is a trial: it takes the same way, and is never delivered.
    pub simulated: bool,
    /// How far it has come.
    pub state: State,
    /// Since when.
    pub since: Moment,
    /// What the other side said last, for the staff; empty before the first answer.
    pub said: String,
    /// How often it was asked for.
    pub asks: u32,
    /// How often was asked what became of it.
    pub queries: u32,
    /// Calls since the first one, or since a person tried again.
    pub tries: u32,
    /// When the next call is.
    pub call: Option<Moment>,
    /// Whether a person was called because of it.
    pub paged: bool,
}

impl Action {
    /// A deed for which there is leave becomes what is delivered. `id` is drawn by the caller and
    /// nobody else has it; `reason` is why.
    #[must_use]
    pub fn ask<A: Deliverable>(
        id: String,
        case: &str,
        leave: Authorised<A>,
        reason: &str,
        simulated: bool,
    ) -> Self {
        let (requested, lapses) = (leave.given(), leave.lapses());
        let Authorised { deed, by, second, .. } = leave;
        Self {
            id,
            kind: deed.kind(),
            account: deed.account().clone(),
            case: case.to_owned(),
            by: by.name(),
            second,
            reason: reason.to_owned(),
            requested,
            lapses,
            undoes: deed.undoes().map(str::to_owned),
            simulated,
            state: State::Asked,
            since: requested,
            said: String::new(),
            asks: 0,
            queries: 0,
            tries: 0,
            call: Some(requested),
            paged: false,
        }
    }

    /// Ends this freeze: the action that says so to the other side. Its id follows from this one's,
    /// so that there is one however often it is made.
    pub(crate) fn lift(&self, by: &str, reason: &str, now: Moment) -> Self {
        Self {
            id: format!("{}_end", self.id),
            kind: Kind::Unfreeze,
            by: by.to_owned(),
            second: None,
            reason: reason.to_owned(),
            requested: now,
            lapses: None,
            undoes: Some(self.id.clone()),
            state: State::Asked,
            since: now,
            said: String::new(),
            asks: 0,
            queries: 0,
            tries: 0,
            call: Some(now),
            paged: false,
            ..self.clone()
        }
    }

    /// When to look at it next: a call, a person to be called, or its end. None when nothing will come.
    #[must_use]
    pub fn due(&self) -> Option<Moment> {
        let ends = if self.has_ended() { None } else { self.lapses };
        [self.call, self.page_at(), ends].into_iter().flatten().min()
    }

    /// How many calls were made for it.
    #[must_use]
    pub fn calls(&self) -> u32 {
        self.asks.saturating_add(self.queries)
    }

    /// When a person is to be called, unless something happens before.
    #[must_use]
    pub fn page_at(&self) -> Option<Moment> {
        let waits = matches!(self.state, State::Asked | State::Sent | State::Unclear);
        (self.kind == Kind::Freeze && waits && !self.paged && !self.simulated)
            .then(|| self.requested + PAGE_AFTER)
    }

    /// Whether it is over, whatever the other side still says.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.state, State::Lapsed | State::Undone)
            || (self.state == State::Acknowledged && self.kind != Kind::Freeze)
    }
}
