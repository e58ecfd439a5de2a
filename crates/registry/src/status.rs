//! Where a listing stands at one moment.

use touchstone_types::{Bilingual, Lapse, Moment};

use crate::Identity;
use crate::names::worded;
use crate::statement::VoidReason;

/// No listing counts longer than this after control of it was last proved.
pub const REPROOF: Lapse = Lapse::from_secs(90 * 86_400);

worded! {
    /// Why a listing ran out.
    Lapsing, "a reason to lapse":
    Ended "ended" "有效期已过" "its time ran out",
    ProofOverdue "proof_overdue" "超过 90 天没有再次验证" "control of it was not proved again within 90 days",
}

/// Where a listing stands at one moment; see [`Identity::status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status<'a> {
    /// It counts.
    Listed {
        /// Since then; since ever, if absent.
        since: Option<Moment>,
    },
    /// It will count.
    NotYet {
        /// From then on.
        from: Moment,
    },
    /// It ran out.
    Lapsed {
        /// Since then.
        since: Moment,
        /// Why.
        reason: Lapsing,
    },
    /// It does not count until control is proved again.
    Voided {
        /// Since then.
        since: Moment,
        /// Why.
        reason: VoidReason,
    },
    /// It never counts again.
    Revoked {
        /// Since then.
        since: Moment,
        /// Why.
        reason: Reason<'a>,
    },
}

/// A reason in both languages, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reason<'a> {
    /// Simplified Chinese.
    pub zh: &'a str,
    /// English.
    pub en: &'a str,
}

/// What is said where a list gives a time of withdrawal but no reason.
const NO_REASON: Reason<'static> = Reason { zh: "已撤销", en: "withdrawn" };

impl<'a> Status<'a> {
    /// Whether it counts.
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(self, Status::Listed { .. })
    }

    /// `listed`, `not_yet`, `lapsed`, `voided`, `revoked`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Status::Listed { .. } => "listed",
            Status::NotYet { .. } => "not_yet",
            Status::Lapsed { .. } => "lapsed",
            Status::Voided { .. } => "voided",
            Status::Revoked { .. } => "revoked",
        }
    }

    /// Since when; for what is still to come, from when. `None` only for a listing without a start.
    #[must_use]
    pub fn since(&self) -> Option<Moment> {
        match self {
            Status::Listed { since } => *since,
            Status::NotYet { from: since }
            | Status::Lapsed { since, .. }
            | Status::Voided { since, .. }
            | Status::Revoked { since, .. } => Some(*since),
        }
    }

    /// Why, for people; `None` where nothing is wrong.
    #[must_use]
    pub fn reason(&self) -> Option<Bilingual> {
        match self {
            Status::Listed { .. } => None,
            Status::NotYet { .. } => {
                Some(Bilingual { zh: "尚未生效".to_owned(), en: "it does not count yet".to_owned() })
            }
            Status::Lapsed { reason, .. } => Some(reason.sentence()),
            Status::Voided { reason, .. } => Some(reason.sentence()),
            Status::Revoked { reason, .. } => {
                Some(Bilingual { zh: reason.zh.to_owned(), en: reason.en.to_owned() })
            }
        }
    }
}

/// What decides where a listing stands, wherever it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life<'a> {
    pub(crate) from: Option<Moment>,
    pub(crate) end: Option<(Moment, Lapsing)>,
    pub(crate) voided: Option<(Moment, VoidReason)>,
    pub(crate) revoked: Option<(Moment, Reason<'a>)>,
}

impl<'a> Life<'a> {
    /// The gravest that holds: what was withdrawn stays withdrawn, whatever else ran out.
    pub(crate) fn status(&self, at: Moment) -> Status<'a> {
        match *self {
            Life { revoked: Some((since, reason)), .. } if since <= at => Status::Revoked { since, reason },
            Life { voided: Some((since, reason)), .. } if since <= at => Status::Voided { since, reason },
            Life { from: Some(from), .. } if at < from => Status::NotYet { from },
            Life { end: Some((since, reason)), .. } if since <= at => Status::Lapsed { since, reason },
            Life { from: since, .. } => Status::Listed { since },
        }
    }
}

impl Identity {
    /// Where it stands at that moment. Of several that hold, the gravest: revoked, voided, not
    /// yet, lapsed. Earlier voids that a renewal ended, and what a renewal extended, are in the
    /// log, not here.
    #[must_use]
    pub fn status(&self, at: Moment) -> Status<'_> {
        self.life().status(at)
    }

    /// Whether it counts at that moment.
    #[must_use]
    pub fn in_force(&self, at: Moment) -> bool {
        self.status(at).counts()
    }

    /// When it lapses by itself, and why: at the earlier of its end and the time by which
    /// control must be proved again.
    #[must_use]
    pub fn ends(&self) -> Option<(Moment, Lapsing)> {
        let end = self.until.map(|until| (until, Lapsing::Ended));
        let due = self.proved.map(|proved| (proved + REPROOF, Lapsing::ProofOverdue));
        match (end, due) {
            (Some(end), Some(due)) => Some(if due.0 <= end.0 { due } else { end }),
            (one, other) => one.or(other),
        }
    }

    pub(crate) fn life(&self) -> Life<'_> {
        let reason =
            self.revoked_because.as_deref().map_or(NO_REASON, |it| Reason { zh: &it.zh, en: &it.en });
        Life {
            from: self.from,
            end: self.ends(),
            voided: self.voided,
            revoked: self.revoked.map(|at| (at, reason)),
        }
    }
}
