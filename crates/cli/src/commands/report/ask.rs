//! Asks for a report step by step; what is wrong is said at once and asked again.

use std::io;

use anyhow::{Context, bail};
use console::Term;
use touchstone_cases::report::{RawAddress, RawLoss, RawReport, RawSuspect, RawTransaction};
use touchstone_cases::{Charter, Kind, Report};
use touchstone_types::Moment;

use super::Lang;

struct Prompt {
    lang: Lang,
    term: Term,
    charter: Charter,
    now: Moment,
    raw: RawReport,
}

/// Everything that is asked; all but the first two may stay empty.
pub(super) fn report(lang: Lang) -> anyhow::Result<RawReport> {
    let charter = match Charter::built_in() {
        Ok(charter) => charter,
        Err(problems) => bail!("the charter is not whole: {} problems", problems.len()),
    };
    let now = Moment::from_micros(jiff::Timestamp::now().as_microsecond()).context("the clock")?;
    let language = lang.say("zh", "en").to_owned();
    let raw = RawReport { language, time_zone: zone(), ..RawReport::default() };
    let mut ask = Prompt { lang, term: Term::stderr(), charter, now, raw };
    ask.tell(
        "先别慌。除了前两项都可以直接按回车跳过。请不要写助记词、私钥、密码或验证码。",
        "Take a breath. All but the first two may be skipped with Enter. Write no recovery phrase, key, password or code.",
    )?;
    ask.kind()?;
    ask.story()?;
    ask.field(
        "happened_from",
        "什么时候开始的？（例如 2026-11-22T14:30）",
        "When did it begin? (such as 2026-11-22T14:30)",
        |raw, it| {
            raw.happened_from = it;
        },
    )?;
    ask.losses()?;
    ask.addresses()?;
    ask.transactions()?;
    ask.suspects()?;
    ask.field("account", "您在我们这里的账户", "Your account with us", |raw, it| raw.account = it)?;
    ask.field("contact.email", "电子邮箱", "E-mail", |raw, it| raw.contact.email = it)?;
    ask.field(
        "country",
        "您住在哪里？（两个字母，例如 CN、HK、SG）",
        "Where do you live? (two letters such as SG, US)",
        |raw, it| {
            raw.country = it;
        },
    )?;
    Ok(ask.raw)
}

/// The zone of this machine by its name; the country's is taken where it has none.
fn zone() -> String {
    jiff::tz::TimeZone::system().iana_name().unwrap_or_default().to_owned()
}

impl Prompt {
    fn tell(&self, zh: &str, en: &str) -> io::Result<()> {
        self.term.write_line(self.lang.say(zh, en))
    }

    fn line(&self, zh: &str, en: &str) -> io::Result<String> {
        self.term.write_str(&format!("{} ", console::style(self.lang.say(zh, en)).bold()))?;
        Ok(self.term.read_line()?.trim().to_owned())
    }

    /// Says what is wrong with a field; whether there was anything.
    fn is_wrong(&self, field: &str) -> io::Result<bool> {
        let errors = Report::parse(&self.raw, self.now, &self.charter).err().unwrap_or_default();
        let mut wrong = false;
        for error in
            errors.iter().filter(|it| it.field == field || it.field.starts_with(&format!("{field}.")))
        {
            wrong = true;
            self.term.write_line(&format!("  ! {}", self.lang.pick(&error.sentence())))?;
        }
        Ok(wrong)
    }

    fn field(
        &mut self,
        field: &str,
        zh: &str,
        en: &str,
        set: impl Fn(&mut RawReport, String),
    ) -> io::Result<()> {
        loop {
            let answer = self.line(zh, en)?;
            set(&mut self.raw, answer);
            if !self.is_wrong(field)? {
                return Ok(());
            }
        }
    }

    fn kind(&mut self) -> io::Result<()> {
        let name = |kind: Kind| match kind {
            Kind::FakeSupport => ("遇到假客服", "somebody played support"),
            Kind::StolenWallet => ("钱包或账户被盗", "a wallet or account was emptied"),
            Kind::LockedAccount => ("账户进不去", "I cannot get into my account"),
            Kind::LeakedSecret => ("泄露了助记词、私钥或验证码", "a recovery phrase, key or code got out"),
            Kind::Other => ("其他", "something else"),
        };
        for (at, kind) in Kind::ALL.into_iter().enumerate() {
            let (zh, en) = name(kind);
            self.term.write_line(&format!("  {} {}", at + 1, self.lang.say(zh, en)))?;
        }
        loop {
            let answer = self.line("发生了什么？（填数字）", "What happened? (a number)")?;
            let number = answer.parse::<usize>().ok();
            let chosen = number.and_then(|n| Kind::ALL.get(n.wrapping_sub(1)).copied());
            if let Some(kind) = chosen.or_else(|| Kind::parse(&answer)) {
                self.raw.kind = kind.as_str().to_owned();
                return Ok(());
            }
            self.tell(
                "  ! 请填上面的一个数字，例如 2。",
                "  ! Please give one of the numbers above, such as 2.",
            )?;
        }
    }

    fn story(&mut self) -> io::Result<()> {
        self.tell("用自己的话说说经过，空行结束：", "Tell it in your own words; an empty line ends it:")?;
        loop {
            let mut lines = Vec::new();
            loop {
                let line = self.line(">", ">")?;
                if line.is_empty() {
                    break;
                }
                lines.push(line);
            }
            self.raw.story = lines.join("\n");
            if !self.is_wrong("story")? {
                return Ok(());
            }
        }
    }

    fn losses(&mut self) -> io::Result<()> {
        loop {
            let asset = self.line(
                "损失了什么资产？（例如 USDT；没有了就按回车）",
                "What is gone? (such as USDT; Enter if nothing more)",
            )?;
            if asset.is_empty() {
                return Ok(());
            }
            let amount = self.line("数量", "How much")?;
            let chain = self.line("在哪条链上？（不清楚就按回车）", "On which chain? (Enter if not sure)")?;
            self.raw.losses.push(RawLoss { asset, amount, chain, token_contract: String::new() });
            let at = self.raw.losses.len() - 1;
            if self.is_wrong(&format!("losses.{at}"))? {
                self.raw.losses.pop();
            }
        }
    }

    fn addresses(&mut self) -> io::Result<()> {
        loop {
            let text =
                self.line("有关的地址（没有了就按回车）", "An address that plays a part (Enter if no more)")?;
            if text.is_empty() {
                return Ok(());
            }
            self.raw.addresses.push(RawAddress { text, ..RawAddress::default() });
            let at = self.raw.addresses.len() - 1;
            if self.is_wrong(&format!("addresses.{at}"))? {
                self.raw.addresses.pop();
            }
        }
    }

    fn transactions(&mut self) -> io::Result<()> {
        loop {
            let id = self.line("交易哈希（没有了就按回车）", "A transaction id (Enter if no more)")?;
            if id.is_empty() {
                return Ok(());
            }
            self.raw.transactions.push(RawTransaction { id, ..RawTransaction::default() });
            let at = self.raw.transactions.len() - 1;
            if self.is_wrong(&format!("transactions.{at}"))? {
                self.raw.transactions.pop();
            }
        }
    }

    fn suspects(&mut self) -> io::Result<()> {
        loop {
            let account = self.line(
                "对方的账号、号码或网址（没有了就按回车）",
                "Their account, number or link (Enter if no more)",
            )?;
            if account.is_empty() {
                return Ok(());
            }
            let platform = self.line("在哪个平台？", "On which platform?")?;
            self.raw.suspects.push(RawSuspect { platform, account, name: String::new() });
            let at = self.raw.suspects.len() - 1;
            if self.is_wrong(&format!("suspects.{at}"))? {
                self.raw.suspects.pop();
            }
        }
    }
}
