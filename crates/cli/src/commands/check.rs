//! `touchstone check`: is this really support? The answer engine of `screening`, at the prompt.

mod offline;

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use anyhow::Context;
use serde::Serialize;
use touchstone_registry::Digest;
use touchstone_screening::answer::{Answer, Item, MAX_QUERY_BYTES, Standing, answer};
use touchstone_types::{Bilingual, Likeness};

use super::screen::{directory, visible};
use crate::out::{print, say};
use crate::policy_files;

/// Say whether a message, name, link, number, address or app is listed as official.
///
/// The exit code is 0 if it is listed, 1 if it is contradicted (it imitates, or asks for what no
/// real support asks for), 3 if it was listed and no longer is, 4 if it is unknown, and 2 if
/// there is no answer. Listed means whose it is, not who is using it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to look at, as it was received; read from standard input if it is `-` or left out
    text: Option<String>,
    /// An app's file: its SHA-256 is looked up
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<PathBuf>,
    /// Who is official, as JSON Lines
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    #[command(flatten)]
    offline: offline::Downloaded,
    /// Policy to judge by, instead of the one in this binary
    #[arg(long, value_name = "DIR")]
    policy: Option<PathBuf>,
    /// Language of the answer; otherwise that of the environment
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// Answer in JSON, as `GET /v1/check` does
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Lang {
    Zh,
    En,
}

impl Lang {
    pub(crate) fn of_environment() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| env::var(name).ok().filter(|it| !it.is_empty()));
        if set.is_some_and(|it| it.starts_with("zh")) { Lang::Zh } else { Lang::En }
    }

    pub(crate) fn pick(self, text: &Bilingual) -> &str {
        match self {
            Lang::Zh => &text.zh,
            Lang::En => &text.en,
        }
    }

    pub(crate) fn say<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let query = match (&args.file, args.text.as_deref()) {
        (Some(file), _) => fingerprint(file)?,
        (None, Some(text)) if text != "-" => text.to_owned(),
        (None, _) => from_stdin()?,
    };
    let policy = policy_files::load(args.policy.as_deref())?;
    let now = crate::judging::now()?;
    let (directory, list) = match args.offline.read(now)? {
        Some((directory, list)) => (directory, Some(list)),
        None => (directory(args.registry.as_deref())?, None),
    };
    let answer = answer(&query, &directory, &policy, now)?;
    if args.json {
        say!("{}", serde_json::to_string(&WithList { answer: &answer, list: list.as_ref() })?)?;
    } else {
        let lang = args.lang.unwrap_or_else(Lang::of_environment);
        let list = list.map(|it| it.words(lang)).unwrap_or_default();
        print(format_args!("{}{list}", words(&answer, lang)))?;
    }
    Ok(ExitCode::from(match answer.standing {
        Standing::Listed => 0,
        Standing::Contradicted => 1,
        Standing::Revoked => 3,
        Standing::Unknown => 4,
    }))
}

/// An answer, and the downloaded list it comes from.
#[derive(Serialize)]
struct WithList<'a> {
    #[serde(flatten)]
    answer: &'a Answer,
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<&'a offline::List>,
}

/// The SHA-256 of a file, in hexadecimal.
fn fingerprint(file: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Digest::of(&bytes).to_string())
}

fn from_stdin() -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    // One byte more than is read shows that there is too much.
    io::stdin().lock().take(MAX_QUERY_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn words(answer: &Answer, lang: Lang) -> String {
    let standing = match answer.standing {
        Standing::Listed => lang.say("在名单上", "LISTED"),
        Standing::Contradicted => lang.say("不是官方", "CONTRADICTED"),
        Standing::Revoked => lang.say("已撤销", "REVOKED"),
        Standing::Unknown => lang.say("不知道", "UNKNOWN"),
    };
    let mut lines = vec![format!("[{standing}] {}", lang.pick(&answer.headline))];
    let sentences = answer.forbidden.iter().map(|it| &it.sentence);
    let sentences = sentences.chain(answer.denied.iter().map(|it| &it.sentence));
    lines.extend(sentences.map(|it| format!("- {}", visible(lang.pick(it)))));
    for item in &answer.items {
        lines.push(format!("- {}", visible(lang.pick(&item.sentence))));
        lines.extend(particulars(item, lang).map(|it| format!("  {it}")));
        lines
            .extend(item.likeness.as_deref().and_then(|it| difference(it, lang)).map(|it| format!("  {it}")));
    }
    if answer.not_looked_up > 0 {
        let more = answer.not_looked_up;
        lines.push(match lang {
            Lang::Zh => format!("- 还有 {more} 处没有核对。"),
            Lang::En => format!("- {more} more were not looked up."),
        });
    }
    lines.extend(answer.signs.iter().map(|it| format!("- {}", visible(lang.pick(&it.sentence)))));
    for support in &answer.support {
        let name = lang.pick(&support.name);
        let join =
            |all: &[Bilingual], with: &str| all.iter().map(|it| lang.pick(it)).collect::<Vec<_>>().join(with);
        if !support.never.is_empty() {
            lines.push(match lang {
                Lang::Zh => format!("{name}的客服{}。", join(&support.never, "，")),
                Lang::En => format!("{name} support {}.", join(&support.never, ", ")),
            });
        }
        if !support.ways_in.is_empty() {
            lines.push(match lang {
                Lang::Zh => format!("{name}的真正入口：{}。", join(&support.ways_in, "；")),
                Lang::En => format!("The real way in to {name}: {}.", join(&support.ways_in, "; ")),
            });
        }
    }
    lines.extend(answer.advice.iter().map(|it| lang.pick(it).to_owned()));
    lines.join("\n") + "\n"
}

/// What a listing is for, since when, and where it stands in the log.
fn particulars(item: &Item, lang: Lang) -> Option<String> {
    let listing = item.listing.as_ref()?;
    let mut parts = Vec::new();
    if !listing.purposes.is_empty() {
        parts.push(format!("{} {}", lang.say("用途：", "for:"), visible(&listing.purposes.join(", "))));
    }
    if let Some(since) = listing.since {
        parts.push(format!("{} {since}", lang.say("列入时间：", "listed since")));
    }
    if let Some(index) = listing.log_index {
        parts.push(format!("{} {index}", lang.say("日志第", "log entry")));
    }
    (!parts.is_empty()).then(|| parts.join(lang.say("；", "; ")))
}

/// How an imitation differs, piece by piece.
fn difference(likeness: &Likeness, lang: Lang) -> Option<String> {
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
    (!pieces.is_empty()).then(|| match lang {
        Lang::Zh => format!("官方是“{official}”，这里是“{candidate}”，不同之处：{}。", pieces.join("，")),
        Lang::En => format!(
            "The official one is \"{official}\", this is \"{candidate}\"; what differs: {}.",
            pieces.join(", ")
        ),
    })
}
