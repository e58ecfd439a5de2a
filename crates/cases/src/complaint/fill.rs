//! Fills the fields of a form from the report, the case, its files and what people wrote by hand.

use std::fmt::Write as _;

use serde::Deserialize;
use touchstone_types::{Bilingual, Moment};

use super::forms::FieldForm;
use super::{Attachment, Facts, Field, Filled, Forms, local_time};
use crate::case::ClockState;
use crate::charter::Charter;
use crate::report::{Belongs, Kind, Loss, Report, Suspect};
use crate::rule::Whose;

/// A part of what is known, by the name that `fields.toml` has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    Name,
    Email,
    Contact,
    Account,
    Wallet,
    Time,
    TimeUtc,
    Story,
    Category,
    Loss,
    LossAmount,
    LossAsset,
    Chain,
    TokenContract,
    MyAddress,
    TheirAddress,
    Transaction,
    HowPaid,
    Suspect,
    SuspectLink,
    SuspectHandle,
    Files,
    Images,
    Timeline,
    Firm,
    FirmAddress,
}

/// What a form is filled from.
pub(super) struct Filling<'a> {
    pub(super) report: &'a Report,
    pub(super) facts: &'a Facts<'a>,
    pub(super) charter: &'a Charter,
    pub(super) forms: &'a Forms,
    pub(super) channel: &'a str,
}

/// The same in both languages: what somebody wrote.
fn as_is(text: impl Into<String>) -> Bilingual {
    let text = text.into();
    Bilingual { zh: text.clone(), en: text }
}

fn both(zh: impl Into<String>, en: impl Into<String>) -> Bilingual {
    Bilingual { zh: zh.into(), en: en.into() }
}

/// A thing a line; nothing if there is none.
fn lines(all: impl IntoIterator<Item = Bilingual>) -> Option<Bilingual> {
    all.into_iter().reduce(|mut sum, it| {
        let _ = write!(sum.zh, "\n{}", it.zh);
        let _ = write!(sum.en, "\n{}", it.en);
        sum
    })
}

impl Filling<'_> {
    /// The field of that name, as far as it is known.
    pub(super) fn field(&self, id: &str) -> Field {
        let Some(form) = self.forms.field(id) else {
            // Not reached with forms that were checked against the list: a field without a name
            // in words is still named as missing.
            let (label, question) = (as_is(id), Some(as_is(id)));
            let (state, value) = (Filled::Missing, Bilingual::default());
            return Field { id: id.to_owned(), label, state, value, by_hand: None, question };
        };
        let question = self.forms.question(&form.ask).cloned().unwrap_or_else(|| form.label());
        let field = |state, value: Option<Bilingual>, by_hand, question| Field {
            id: id.to_owned(),
            label: form.label(),
            state,
            value: value.unwrap_or_default(),
            by_hand,
            question,
        };
        let (value, whole) = self.known(form);
        if form.by_hand {
            return field(Filled::ByHand, value, None, Some(question));
        }
        let hand = self.facts.filled.iter().rev().find(|it| it.channel == self.channel && it.field == id);
        if let Some(hand) = hand.filter(|it| !it.text.is_empty()) {
            return field(Filled::Whole, Some(as_is(&*hand.text)), Some((hand.by.clone(), hand.at)), None);
        }
        match (value, whole) {
            (Some(value), true) => field(Filled::Whole, Some(value), None, None),
            (Some(value), false) => field(Filled::Partly, Some(value), None, Some(question)),
            (None, _) => field(Filled::Missing, None, None, Some(question)),
        }
    }

    /// What is known of a field, and whether that is all of it.
    fn known(&self, form: &FieldForm) -> (Option<Bilingual>, bool) {
        let answered = self.report.answers.get(&form.ask).map(as_is);
        let parts: Vec<Option<Bilingual>> = form.from.iter().map(|it| self.part(*it)).collect();
        let whole = match (answered.is_some(), form.any) {
            (true, _) => true,
            (false, true) => parts.iter().any(Option::is_some),
            (false, false) => parts.iter().all(Option::is_some),
        };
        (lines(parts.into_iter().flatten().chain(answered)), whole)
    }

    fn part(&self, part: Part) -> Option<Bilingual> {
        let Self { report, facts, .. } = self;
        let contact = &report.contact;
        match part {
            Part::Name => contact.name.as_deref().map(as_is),
            Part::Email => contact.email.as_deref().map(as_is),
            Part::Contact => lines([&contact.phone, &contact.email].into_iter().flatten().map(as_is)),
            Part::Account => report.account.as_deref().map(|it| self.account(it)),
            Part::Wallet => {
                report.wallet.as_ref().map(|it| both(format!("钱包：{it}"), format!("Wallet: {it}")))
            }
            Part::Time => self.span(|it| self.local(it)),
            Part::TimeUtc => self.span(|it| it.to_string()),
            Part::Story => Some(as_is(&*report.story)).filter(|it| !it.zh.trim().is_empty()),
            Part::Category => category(report.kind),
            Part::Loss | Part::LossAmount => self.losses(),
            Part::LossAsset => lines(distinct(report.losses.iter().map(|it| it.asset.clone()))),
            Part::Chain => lines(
                distinct(report.losses.iter().filter_map(|it| it.chain.clone())).map(|it| self.chain(&it.zh)),
            ),
            Part::TokenContract => lines(report.losses.iter().filter_map(|it| {
                it.token_contract.as_ref().map(|contract| as_is(format!("{}: {contract}", it.asset)))
            })),
            Part::MyAddress => self.addresses(Belongs::Mine),
            Part::TheirAddress => self.addresses(Belongs::Theirs),
            Part::Transaction => {
                lines(report.transactions.iter().map(|it| self.on_chain(&it.id, it.chain.as_deref())))
            }
            Part::HowPaid => self.how_paid(),
            Part::Suspect => lines(report.suspects.iter().map(suspect)),
            Part::SuspectLink => lines(report.suspects.iter().filter(|it| is_link(it)).map(suspect)),
            Part::SuspectHandle => lines(report.suspects.iter().filter(|it| !is_link(it)).map(suspect)),
            Part::Files => lines(facts.files.iter().map(file)),
            Part::Images => lines(facts.files.iter().filter(|it| it.kind.starts_with("image/")).map(file)),
            Part::Timeline => Some(self.timeline()),
            Part::Firm => facts.firm.name.map(as_is),
            Part::FirmAddress => facts.firm.address.map(as_is),
        }
    }

    fn account(&self, account: &str) -> Bilingual {
        match self.facts.firm.name {
            Some(name) => both(format!("在{name}的账号：{account}"), format!("Account at {name}: {account}")),
            None => both(format!("在本平台的账号：{account}"), format!("Account at the platform: {account}")),
        }
    }

    /// When it happened, from and until where both are known.
    fn span(&self, written: impl Fn(Moment) -> String) -> Option<Bilingual> {
        let from = self.report.happened_from.map(&written);
        let until =
            self.report.happened_until.filter(|it| Some(*it) != self.report.happened_from).map(written);
        match (from, until) {
            (Some(from), Some(until)) => {
                Some(both(format!("{from} 至 {until}"), format!("{from} to {until}")))
            }
            (Some(at), None) | (None, Some(at)) => Some(as_is(at)),
            (None, None) => None,
        }
    }

    fn local(&self, at: Moment) -> String {
        local_time(&self.facts.zone, at)
    }

    fn chain(&self, id: &str) -> Bilingual {
        match self.charter.chain(id) {
            Some(chain) => both(format!("{}（{id}）", chain.name.zh), format!("{} ({id})", chain.name.en)),
            None => as_is(id),
        }
    }

    fn on_chain(&self, text: &str, chain: Option<&str>) -> Bilingual {
        let Some(chain) = chain else { return as_is(text) };
        let name = self.charter.chain(chain).map_or_else(|| as_is(chain), |it| it.name.clone());
        both(format!("{text}（{}）", name.zh), format!("{text} ({})", name.en))
    }

    /// `12.5 USDT (Tron)`; nothing if no amount at all is known.
    fn losses(&self) -> Option<Bilingual> {
        let losses = &self.report.losses;
        if losses.iter().all(|it| it.amount.is_none()) {
            return None;
        }
        lines(losses.iter().map(|Loss { asset, chain, amount, .. }| match amount {
            Some(amount) => self.on_chain(&format!("{amount} {asset}"), chain.as_deref()),
            None => both(format!("{asset}：数额不详"), format!("{asset}: amount not known")),
        }))
    }

    fn addresses(&self, whose: Belongs) -> Option<Bilingual> {
        let of = self.report.addresses.iter().filter(|it| it.whose == whose);
        lines(of.map(|it| self.on_chain(&it.text, it.chain.as_deref())))
    }

    /// What was on a chain was paid on that chain; of anything else the report says nothing.
    fn how_paid(&self) -> Option<Bilingual> {
        let paid = self.report.losses.iter().filter_map(|it| {
            let chain = self.chain(it.chain.as_deref()?);
            let asset = &it.asset;
            Some(both(format!("链上转账：{asset}，{}", chain.zh), format!("On chain: {asset}, {}", chain.en)))
        });
        lines(paid)
    }

    /// What the case itself knows of how it went.
    fn timeline(&self) -> Bilingual {
        let Self { report, facts, .. } = self;
        let mut all: Vec<(Moment, Bilingual)> = Vec::new();
        let mut say = |at: Option<Moment>, zh: &str, en: &str| all.extend(at.map(|at| (at, both(zh, en))));
        say(report.happened_from, "事情开始", "It began");
        let ended = report.happened_until.filter(|it| Some(*it) != report.happened_from);
        say(ended, "事情结束", "It ended");
        let reference = facts.reference;
        say(
            Some(facts.case.opened),
            &format!("向平台报告，编号 {reference}"),
            &format!("Reported to the platform, number {reference}"),
        );
        say(facts.answered, "平台工作人员首次答复", "First answer of a person at the platform");
        say(facts.closed, "平台结案", "The platform closed the case");
        for clock in facts.case.clocks.iter().filter(|it| it.rule.whose != Whose::Victim) {
            if let ClockState::Breached(at) = clock.state {
                let title = &clock.rule.title;
                say(Some(at), &format!("超过期限：{}", title.zh), &format!("Out of time: {}", title.en));
            }
        }
        for sent in facts.sent {
            let name = self.named(&sent.channel);
            say(Some(sent.at), &format!("材料已交：{}", name.zh), &format!("Packet sent: {}", name.en));
        }
        all.sort_by_key(|it| it.0);
        let written = all.into_iter().map(|(at, what)| {
            let at = self.local(at);
            both(format!("{at} {}", what.zh), format!("{at} {}", what.en))
        });
        lines(written).unwrap_or_default()
    }

    fn named(&self, channel: &str) -> Bilingual {
        let places = self.charter.jurisdictions().all();
        let found = places.iter().find_map(|it| it.channel(channel));
        found.map_or_else(|| as_is(channel), |it| self.forms.name(it))
    }
}

fn distinct(all: impl Iterator<Item = String>) -> impl Iterator<Item = Bilingual> {
    let mut seen = Vec::new();
    for it in all {
        if !seen.contains(&it) {
            seen.push(it);
        }
    }
    seen.into_iter().map(as_is)
}

/// `Telegram: @support (Official Support)`.
fn suspect(it: &Suspect) -> Bilingual {
    let platform = it.platform.as_ref().map(|it| format!("{it}: ")).unwrap_or_default();
    let name = it.name.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    as_is(format!("{platform}{}{name}", it.account))
}

/// Whether what is known of a suspect is an address on the web.
fn is_link(it: &Suspect) -> bool {
    let account = it.account.as_str();
    account.contains("://") || (account.contains('.') && !account.contains(['@', ' ']))
}

fn file(it: &Attachment) -> Bilingual {
    as_is(format!("{}. {} · SHA-256 {}", it.n, it.name, it.sha256))
}

fn category(kind: Kind) -> Option<Bilingual> {
    Some(match kind {
        Kind::FakeSupport => both("冒充客服的诈骗", "Fraud by somebody posing as support"),
        Kind::StolenWallet => both("钱包或账户内的资产被盗", "Theft of assets from a wallet or account"),
        Kind::LockedAccount => {
            both("账户被锁定或被他人控制", "Account locked, or under somebody else's control")
        }
        Kind::LeakedSecret => both(
            "助记词、私钥或验证码被他人取得",
            "Recovery phrase, key or one-time code obtained by somebody else",
        ),
        Kind::Other => return None,
    })
}
