//! `touchstone check`: what is known of a pasted message, name, link or address, in words.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use touchstone_registry::{IdentityKind, Organisation, host_of, normal};
use touchstone_screening::{Directory, Facts, Policy, screen};
use touchstone_types::{Account, Bilingual, Data, Event, Finding, MessageSent, Moment, Str, Verdict};

use super::screen::{directory, visible};
use crate::policy_files;

/// Say what is known of a message, name, link, number or address.
///
/// The exit code is 0 if nothing was found against it, 1 if something was. Nothing found does
/// not mean that it can be trusted.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to look at, as it was received
    text: String,
    /// Who is official, as JSON Lines
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// Policy to judge by, instead of the one in this binary
    #[arg(long, value_name = "DIR")]
    policy: Option<PathBuf>,
    /// Language of the answer; otherwise that of the environment
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Lang {
    Zh,
    En,
}

impl Lang {
    fn of_environment() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| env::var(name).ok().filter(|it| !it.is_empty()));
        if set.is_some_and(|it| it.starts_with("zh")) { Lang::Zh } else { Lang::En }
    }

    fn pick(self, text: &Bilingual) -> &str {
        match self {
            Lang::Zh => &text.zh,
            Lang::En => &text.en,
        }
    }

    fn say<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let policy = policy_files::load(args.policy.as_deref())?;
    let directory = directory(args.registry.as_deref())?;
    let lang = args.lang.unwrap_or_else(Lang::of_environment);
    let answer = Answer::of(&args.text, now()?, &directory, &policy);
    print!("{}", answer.words(lang));
    Ok(ExitCode::from(u8::from(!answer.verdict.findings.is_empty())))
}

fn now() -> anyhow::Result<Moment> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    Ok(Moment::from_micros(i64::try_from(since.as_micros())?)?)
}

/// A name longer than this is a message.
const LONGEST_NAME: usize = 64;

struct Answer<'a> {
    listed: Vec<(&'a Organisation, String)>,
    verdict: Verdict,
    /// Whose real ways in are told.
    way: Option<&'a Organisation>,
}

impl<'a> Answer<'a> {
    fn of(text: &str, now: Moment, directory: &'a Directory, policy: &Policy) -> Self {
        let text = text.trim();
        let is_name = text.chars().count() <= LONGEST_NAME && !text.contains('\n');
        let listed = listed(text, now, directory);
        let name = (is_name && listed.is_empty()).then(|| Str::from(text));
        let is_handle = is_name && !text.contains(char::is_whitespace);
        let sender = Account {
            id: Str::from("unknown"),
            handle: name.clone().filter(|_| is_handle),
            display_name: name,
            ..Account::default()
        };
        let message = MessageSent { sender, text: Str::from(text), ..MessageSent::default() };
        let event = Event {
            source: Str::from("check"),
            id: Str::from("check"),
            kind: Str::from("message.sent"),
            time: now,
            data: Data::MessageSent(message),
        };
        let verdict = screen(&event, &Facts::new(now, directory), policy);
        let brand = verdict.findings.iter().find_map(|it| it.likeness.as_ref()).map(|it| it.brand.as_str());
        let registry = directory.registry();
        let way = brand.and_then(|it| registry.organisation(it)).or(listed.first().map(|it| it.0));
        Self { listed, verdict, way }
    }

    fn words(&self, lang: Lang) -> String {
        let mut lines = Vec::new();
        for (organisation, what) in &self.listed {
            let name = lang.pick(&organisation.name);
            lines.push(match lang {
                Lang::Zh => format!("“{}”在名单上，属于{name}。", visible(what)),
                Lang::En => format!("\"{}\" is listed; it belongs to {name}.", visible(what)),
            });
        }
        for finding in &self.verdict.findings {
            lines.push(format!("- {}", visible(lang.pick(&finding.sentence))));
            lines.extend(difference(finding, lang).map(|it| format!("  {it}")));
        }
        if self.verdict.findings.is_empty() && self.listed.is_empty() {
            lines.push(
                lang.say(
                    "名单上没有它，也没有发现已知的迹象。这不代表可以信任：没查到，只说明我们不知道。",
                    "It is not listed, and no known sign was found. That does not mean it can be trusted: it means that we do not know.",
                )
                .to_owned(),
            );
        }
        if let Some(organisation) = self.way {
            lines.extend(advice(organisation, lang));
        }
        lines.push(
            lang.say(
                "无论对方是谁，都不要告诉他助记词、私钥、密码或验证码。",
                "Whoever it is: do not tell them a recovery phrase, private key, password or code.",
            )
            .to_owned(),
        );
        lines.join("\n") + "\n"
    }
}

/// How an imitation differs, piece by piece.
fn difference(finding: &Finding, lang: Lang) -> Option<String> {
    let likeness = finding.likeness.as_ref()?;
    let pieces: Vec<String> = likeness
        .alignment
        .iter()
        .filter(|step| step.official != step.candidate)
        .map(|step| {
            let piece = |text: &str| if text.is_empty() { "∅".to_owned() } else { visible(text) };
            format!("{} → {}", piece(&step.official), piece(&step.candidate))
        })
        .collect();
    let (official, candidate) = (visible(&likeness.official), visible(&likeness.candidate));
    Some(match (lang, pieces.is_empty()) {
        (Lang::Zh, true) => format!("官方是“{official}”，这里是“{candidate}”。"),
        (Lang::Zh, false) => {
            format!("官方是“{official}”，这里是“{candidate}”，不同之处：{}。", pieces.join("，"))
        }
        (Lang::En, true) => format!("The official one is \"{official}\", this is \"{candidate}\"."),
        (Lang::En, false) => {
            format!(
                "The official one is \"{official}\", this is \"{candidate}\"; what differs: {}.",
                pieces.join(", ")
            )
        }
    })
}

/// What official support never does, and how it is really reached.
fn advice(organisation: &Organisation, lang: Lang) -> Vec<String> {
    let name = lang.pick(&organisation.name);
    let facts: Vec<String> =
        organisation.facts.iter().map(|it| lang.pick(&it.sentence()).to_owned()).collect();
    let ways: Vec<&str> = organisation.ways_in.iter().map(|it| lang.pick(it)).collect();
    let mut lines = Vec::new();
    if !facts.is_empty() {
        lines.push(match lang {
            Lang::Zh => format!("{name}的客服{}。", facts.join("，")),
            Lang::En => format!("{name} support {}.", facts.join(", ")),
        });
    }
    if !ways.is_empty() {
        lines.push(match lang {
            Lang::Zh => format!("真正的入口：{}。", ways.join("；")),
            Lang::En => format!("The real way in: {}.", ways.join("; ")),
        });
    }
    lines
}

/// What in the text is official, and whose.
fn listed<'a>(text: &str, now: Moment, directory: &'a Directory) -> Vec<(&'a Organisation, String)> {
    let registry = directory.registry();
    let mut found: Vec<(&Organisation, String)> = Vec::new();
    for kind in IdentityKind::ALL {
        if let Some(holder) = registry.official(*kind, text, now).and_then(|it| registry.holder(it)) {
            found.push((holder, text.to_owned()));
        }
    }
    let host = host_of(text);
    if let Some(holder) = normal(IdentityKind::Domain, host).and_then(|it| registry.owner_of(&it)) {
        found.push((holder, host.to_owned()));
    }
    found.dedup_by(|a, b| a.0.id == b.0.id);
    found.truncate(1);
    found
}
