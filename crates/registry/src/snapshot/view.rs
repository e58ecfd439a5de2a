//! What lies in a snapshot, read where it lies.

use touchstone_types::Moment;

use super::layout::{Fields, NO_INDEX, i64_at, u32_at};
use crate::statement::{KeyUse, VoidReason};
use crate::status::Life;
use crate::{Fact, FactSet, IdentityKind, Lapsing, Reason, Status};

/// Tags of an identity's fields; see `docs/snapshot.md`.
pub(super) mod identity {
    pub(crate) const VALUE: u8 = 1;
    pub(crate) const SHOWN: u8 = 2;
    pub(crate) const PLATFORM: u8 = 3;
    pub(crate) const ACCOUNT: u8 = 4;
    pub(crate) const CHAIN: u8 = 5;
    pub(crate) const CERTIFICATE: u8 = 6;
    pub(crate) const FILE: u8 = 7;
    pub(crate) const NEWEST_SAFE: u8 = 8;
    pub(crate) const PURPOSE: u8 = 9;
    pub(crate) const LANGUAGE: u8 = 10;
    pub(crate) const ROLE: u8 = 11;
    pub(crate) const VOIDED: u8 = 12;
    pub(crate) const REVOKED: u8 = 13;
    pub(crate) const REASON_ZH: u8 = 14;
    pub(crate) const REASON_EN: u8 = 15;
}

/// Tags of an organisation's fields.
pub(super) mod organisation {
    pub(crate) const ID: u8 = 1;
    pub(crate) const NAME_ZH: u8 = 2;
    pub(crate) const NAME_EN: u8 = 3;
    pub(crate) const FACT: u8 = 4;
    pub(crate) const WAY_ZH: u8 = 5;
    pub(crate) const WAY_EN: u8 = 6;
    pub(crate) const DOMAIN: u8 = 7;
}

/// Tags of a key's fields.
pub(super) mod key {
    pub(crate) const USE: u8 = 1;
    pub(crate) const KEY: u8 = 2;
    pub(crate) const FROM: u8 = 3;
    pub(crate) const UNTIL: u8 = 4;
}

/// In the kind's byte: what ends the listing is that its proof becomes too old.
pub(super) const PROOF_OVERDUE: u8 = 0x40;

fn fields(item: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    Fields(item).filter_map(Result::ok)
}

fn texts(item: &[u8], tag: u8) -> impl Iterator<Item = &str> {
    fields(item).filter(move |(it, _)| *it == tag).filter_map(|(_, text)| std::str::from_utf8(text).ok())
}

fn moment(bytes: &[u8]) -> Option<Moment> {
    i64_at(bytes, 0).and_then(|it| Moment::from_micros(it).ok())
}

/// Which tags there are, as bits, if every field is of the form that its tag asks for.
fn tags(item: &[u8], fits: impl Fn(u8, &[u8]) -> bool) -> Option<u32> {
    Fields(item).try_fold(0, |seen, field| match field {
        Ok((tag, value)) if tag < 32 && fits(tag, value) => Some(seen | 1 << tag),
        _ => None,
    })
}

/// Whether every field is of its form, and those that must be there are.
fn whole(item: &[u8], fits: impl Fn(u8, &[u8]) -> bool, needed: &[u8]) -> bool {
    tags(item, fits).is_some_and(|seen| needed.iter().all(|tag| seen & 1 << tag != 0))
}

fn is_text(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok()
}

/// One identity.
#[derive(Clone, Copy)]
pub struct RecordView<'a> {
    pub(super) fixed: &'a [u8],
    pub(super) item: &'a [u8],
}

impl<'a> RecordView<'a> {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> IdentityKind {
        let code = usize::from(self.item.first().copied().unwrap_or_default() & !PROOF_OVERDUE);
        IdentityKind::ALL.get(code).copied().unwrap_or(IdentityKind::Handle)
    }

    /// As compared.
    #[must_use]
    pub fn value(&self) -> &'a str {
        self.text(identity::VALUE).unwrap_or_default()
    }

    /// As written, for people.
    #[must_use]
    pub fn shown(&self) -> &'a str {
        self.text(identity::SHOWN).unwrap_or_else(|| self.value())
    }

    /// The number of the organisation that vouches; see [`super::Snapshot::organisation`].
    #[must_use]
    pub fn organisation(&self) -> u32 {
        u32_at(self.fixed, 4).unwrap_or_default()
    }

    /// The place in the log of the statement that listed it.
    #[must_use]
    pub fn index(&self) -> Option<u64> {
        u32_at(self.fixed, 8).filter(|it| *it != NO_INDEX).map(u64::from)
    }

    /// The place in the log of the last statement about it.
    #[must_use]
    pub fn changed(&self) -> Option<u64> {
        u32_at(self.fixed, 12).filter(|it| *it != NO_INDEX).map(u64::from)
    }

    /// The platform it is on.
    #[must_use]
    pub fn platform(&self) -> Option<&'a str> {
        self.text(identity::PLATFORM)
    }

    /// The platform's immutable id of the account.
    #[must_use]
    pub fn account(&self) -> Option<&'a str> {
        self.text(identity::ACCOUNT)
    }

    /// The CAIP-2 chain of an address.
    #[must_use]
    pub fn chain(&self) -> Option<&'a str> {
        self.text(identity::CHAIN)
    }

    /// SHA-256 of an app's signing certificate, in hexadecimal digits.
    #[must_use]
    pub fn certificate(&self) -> Option<&'a str> {
        self.text(identity::CERTIFICATE)
    }

    /// SHA-256 of an app's files, in hexadecimal digits.
    pub fn files(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        texts(self.content(), identity::FILE)
    }

    /// The lowest version of an app without a known weakness.
    #[must_use]
    pub fn newest_safe(&self) -> Option<&'a str> {
        self.text(identity::NEWEST_SAFE)
    }

    /// What it is for.
    pub fn purposes(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        texts(self.content(), identity::PURPOSE)
    }

    /// Languages in which it answers.
    pub fn languages(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        texts(self.content(), identity::LANGUAGE)
    }

    /// What an agent is.
    #[must_use]
    pub fn role(&self) -> Option<&'a str> {
        self.text(identity::ROLE)
    }

    /// When it begins to count; since ever, if absent.
    #[must_use]
    pub fn from(&self) -> Option<Moment> {
        moment(self.fixed.get(16..)?)
    }

    /// When it lapses by itself, and why.
    #[must_use]
    pub fn ends(&self) -> Option<(Moment, Lapsing)> {
        let overdue = self.item.first().is_some_and(|it| it & PROOF_OVERDUE != 0);
        let why = if overdue { Lapsing::ProofOverdue } else { Lapsing::Ended };
        Some((moment(self.fixed.get(24..)?)?, why))
    }

    /// When it was withdrawn.
    #[must_use]
    pub fn revoked(&self) -> Option<Moment> {
        moment(self.field(identity::REVOKED)?)
    }

    /// Where it stands at that moment: what [`crate::Identity::status`] says.
    #[must_use]
    pub fn status(&self, at: Moment) -> Status<'a> {
        self.life().status(at)
    }

    pub(super) fn life(&self) -> Life<'a> {
        let voided = self.field(identity::VOIDED).and_then(void);
        let reason = || Reason {
            zh: self.text(identity::REASON_ZH).unwrap_or_default(),
            en: self.text(identity::REASON_EN).unwrap_or_default(),
        };
        let revoked = self.revoked().map(|at| (at, reason()));
        Life { from: self.from(), end: self.ends(), voided, revoked }
    }

    fn content(&self) -> &'a [u8] {
        self.item.get(1..).unwrap_or_default()
    }

    fn field(&self, tag: u8) -> Option<&'a [u8]> {
        fields(self.content()).find(|(it, _)| *it == tag).map(|(_, value)| value)
    }

    fn text(&self, tag: u8) -> Option<&'a str> {
        std::str::from_utf8(self.field(tag)?).ok()
    }

    pub(super) fn is_whole(&self, organisations: u32) -> bool {
        use identity::{REASON_EN, REASON_ZH, REVOKED, VALUE, VOIDED};
        let kind = self.item.first().map(|it| usize::from(it & !PROOF_OVERDUE));
        let bound = |at: usize, none: i64| {
            i64_at(self.fixed, at).is_some_and(|it| it == none || Moment::from_micros(it).is_ok())
        };
        let fits = |tag: u8, value: &[u8]| match tag {
            VOIDED => void(value).is_some(),
            REVOKED => value.len() == 8 && moment(value).is_some(),
            VALUE..=REASON_EN => is_text(value),
            _ => false,
        };
        let has = |seen: u32, tag: u8| seen & 1 << tag != 0;
        kind.is_some_and(|it| it < IdentityKind::ALL.len())
            && self.organisation() < organisations
            && bound(16, i64::MIN)
            && bound(24, i64::MAX)
            && tags(self.content(), fits).is_some_and(|seen| {
                let reasons = has(seen, REASON_ZH) && has(seen, REASON_EN);
                has(seen, VALUE) && (!has(seen, REVOKED) || reasons)
            })
    }
}

/// A time and the name of a reason.
fn void(bytes: &[u8]) -> Option<(Moment, VoidReason)> {
    let (at, name) = bytes.split_at_checked(8)?;
    Some((moment(at)?, VoidReason::from_name(std::str::from_utf8(name).ok()?)?))
}

/// One organisation.
#[derive(Clone, Copy)]
pub struct OrganisationView<'a> {
    pub(super) number: u32,
    pub(super) item: &'a [u8],
}

impl<'a> OrganisationView<'a> {
    /// Its number in the snapshot.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Its short name.
    #[must_use]
    pub fn id(&self) -> &'a str {
        self.text(organisation::ID)
    }

    /// Its name in Chinese and in English.
    #[must_use]
    pub fn name(&self) -> Reason<'a> {
        Reason { zh: self.text(organisation::NAME_ZH), en: self.text(organisation::NAME_EN) }
    }

    /// What its support never does, as far as this version knows the words.
    #[must_use]
    pub fn facts(&self) -> FactSet {
        texts(self.item, organisation::FACT)
            .filter_map(Fact::from_name)
            .fold(FactSet::default(), FactSet::with)
    }

    /// The real ways in, in Chinese and in English.
    pub fn ways_in(&self) -> impl Iterator<Item = Reason<'a>> + use<'a> {
        let zh = texts(self.item, organisation::WAY_ZH);
        zh.zip(texts(self.item, organisation::WAY_EN)).map(|(zh, en)| Reason { zh, en })
    }

    /// Domains it owns without answering users from them.
    pub fn owned_domains(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        texts(self.item, organisation::DOMAIN)
    }

    fn text(&self, tag: u8) -> &'a str {
        texts(self.item, tag).next().unwrap_or_default()
    }

    pub(super) fn is_whole(&self) -> bool {
        use organisation::{DOMAIN, ID, NAME_EN, NAME_ZH, WAY_EN, WAY_ZH};
        let fits = |tag: u8, value: &[u8]| (ID..=DOMAIN).contains(&tag) && is_text(value);
        whole(self.item, fits, &[ID, NAME_ZH, NAME_EN])
            && texts(self.item, WAY_ZH).count() == texts(self.item, WAY_EN).count()
    }
}

/// One key that the log has named.
#[derive(Clone, Copy)]
pub struct KeyView<'a> {
    pub(super) item: &'a [u8],
}

impl<'a> KeyView<'a> {
    /// What it signs.
    #[must_use]
    pub fn uses(&self) -> Option<KeyUse> {
        texts(self.item, key::USE).next().and_then(KeyUse::from_name)
    }

    /// The public key: a vkey text, or an Ed25519 key in base64.
    #[must_use]
    pub fn key(&self) -> &'a str {
        texts(self.item, key::KEY).next().unwrap_or_default()
    }

    /// From when, and until when, it signs.
    #[must_use]
    pub fn times(&self) -> Option<(Moment, Moment)> {
        let time = |tag| fields(self.item).find(|(it, _)| *it == tag).and_then(|(_, value)| moment(value));
        Some((time(key::FROM)?, time(key::UNTIL)?))
    }

    pub(super) fn is_whole(&self) -> bool {
        use key::{FROM, KEY, UNTIL, USE};
        let fits = |tag: u8, value: &[u8]| match tag {
            USE | KEY => is_text(value),
            FROM | UNTIL => value.len() == 8 && moment(value).is_some(),
            _ => false,
        };
        whole(self.item, fits, &[USE, KEY, FROM, UNTIL]) && self.uses().is_some()
    }
}
