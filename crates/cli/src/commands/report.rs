//! `touchstone report`: what `/report` does, at the prompt.

mod ask;

use std::fs;
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;
use touchstone_cases::report::RawReport;

use super::check::Lang;
use crate::out::{print, say};
use crate::web;

const A_MINUTE: Duration = Duration::from_secs(60);

/// Report fraud or theft to a running server, and get a case.
///
/// Without a file, and at a terminal, it asks step by step. Prints the case number, the secret
/// link (keep it: it is the only way into the case) and what to do first. Never write a recovery
/// phrase, key, password or code. The exit code is 0 if there is a case, 1 if there is one but a
/// file was not taken, and 2 if there is none.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The report as JSON or TOML, with the fields of `POST /v1/reports`; `-` is standard input
    file: Option<PathBuf>,
    /// Where the server is
    #[arg(long, value_name = "URL", env = "TOUCHSTONE_URL", default_value = "http://localhost:8787")]
    server: String,
    /// A file to hand in; may be given several times
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// A key with the scope `reports:write`, for an operator's own programs
    #[arg(long, env = "TOUCHSTONE_KEY", hide_env_values = true)]
    key: Option<String>,
    /// Language of the answer; otherwise that of the environment
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// Answer in JSON, as `POST /v1/reports` does
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let lang = args.lang.unwrap_or_else(Lang::of_environment);
    let server = Server::open(args)?;
    // Looked at before anything is sent: a slip in a name must not cost the report.
    let files = args.attach.iter().map(file).collect::<anyhow::Result<Vec<_>>>()?;
    let (report, asked) = match &args.file {
        Some(path) => (given(path)?, false),
        None if io::stdin().is_terminal() => {
            server.is_there()?; // Before all the questions: is there somebody to answer?
            (serde_json::to_value(ask::report(lang)?)?, true)
        }
        None => (given(&PathBuf::from("-"))?, false),
    };
    let receipt = match server.report(&report) {
        Ok((200, receipt)) => receipt,
        Ok((_, problem)) => {
            for line in problems(lang, &problem) {
                eprintln!("{line}");
            }
            if asked {
                keep(lang, report)?;
            }
            return Ok(ExitCode::from(2));
        }
        Err(error) => {
            if asked {
                keep(lang, report)?;
            }
            return Err(error);
        }
    };
    // First of all: whatever becomes of the files, this link is not told again.
    if args.json {
        say!("{}", serde_json::to_string_pretty(&receipt)?)?;
    } else {
        print(format_args!("{}", shown(lang, &receipt)))?;
    }
    let token = receipt["token"].as_str().context("the server answered without a token")?;
    let mut refused = 0;
    for (name, bytes) in files {
        let lines = match server.file(token, &name, &bytes) {
            Ok((200, _)) => continue,
            Ok((_, problem)) => problems(lang, &problem),
            Err(error) => vec![format!("{error:#}")],
        };
        refused += 1;
        for line in lines {
            eprintln!("{name}: {line}");
        }
    }
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Puts what was typed into a file of its owner's, without secrets, so that nobody types it twice.
fn keep(lang: Lang, mut report: Value) -> anyhow::Result<()> {
    touchstone_server::cases::mask(&mut report);
    let now = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S").to_string();
    let path = PathBuf::from(format!("touchstone-report-{now}.json"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let kept = options.open(&path).and_then(|mut file| {
        file.write_all(serde_json::to_string_pretty(&report)?.as_bytes())?;
        file.sync_all()
    });
    kept.with_context(|| format!("cannot write {}", path.display()))?;
    let path = path.display();
    let (zh, en) = (
        format!("您填的内容都在 {path}。改好以后运行：touchstone report {path}"),
        format!("All you wrote is in {path}. When it is mended, run: touchstone report {path}"),
    );
    eprintln!("{}", lang.say(&zh, &en));
    Ok(())
}

fn file(path: &PathBuf) -> anyhow::Result<(String, Vec<u8>)> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.file_name().map_or_else(|| "file".to_owned(), |it| it.to_string_lossy().into_owned());
    Ok((name, bytes))
}

/// A report that is written down. What it says is the server's to judge.
fn given(path: &PathBuf) -> anyhow::Result<Value> {
    let mut text = String::new();
    if path.as_os_str() == "-" {
        io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
    } else {
        text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    let value: Value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(_) if !text.trim_start().starts_with('{') => {
            toml::from_str(&text).context("the report is neither JSON nor TOML")?
        }
        Err(error) => return Err(error).context("the report is no JSON"),
    };
    let mut known = value.clone();
    if let Some(fields) = known.as_object_mut() {
        fields.remove("user");
    }
    serde_json::from_value::<RawReport>(known).context("the report has a field that there is not")?;
    Ok(value)
}

struct Server {
    base: String,
    agent: ureq::Agent,
    key: Option<String>,
}

impl Server {
    fn open(args: &Args) -> anyhow::Result<Self> {
        let base = args.server.trim_end_matches('/').to_owned();
        let host = base.strip_prefix("http://").map(|it| it.split(['/', '?']).next().unwrap_or_default());
        let here = |host: &str| {
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            matches!(name, "localhost" | "127.0.0.1" | "[::1]")
        };
        if host.is_some_and(|host| !here(host)) {
            bail!("{base} is not encrypted: a report must not be read on its way; use https://");
        }
        if host.is_none() && !base.starts_with("https://") {
            bail!("{base} is no address of a server; it begins with https://");
        }
        Ok(Self { agent: web::agent(&base)?, base, key: args.key.clone() })
    }

    /// Whether a server of ours answers there.
    fn is_there(&self) -> anyhow::Result<()> {
        let wrong = || format!("{} does not answer; nothing was reported", self.base);
        let request = self.agent.get(format!("{}/v1/reports/-", self.base));
        let answer = request.config().http_status_as_error(false).build().call().with_context(wrong)?;
        self.read(answer).map(drop)
    }

    /// Sends a report. Whoever hears nothing asks again: with the same name it is the same case.
    fn report(&self, report: &Value) -> anyhow::Result<(u16, Value)> {
        let name = format!("{:032x}", rand::random::<u128>());
        let body = report.to_string();
        let headers = [("content-type", "application/json"), ("idempotency-key", name.as_str())];
        let send = || self.send("/v1/reports", &headers, body.as_bytes(), A_MINUTE);
        let unknown = || format!("{}: whether the report came in is not known", self.base);
        self.is_there()?;
        send().or_else(|_| send()).with_context(unknown)
    }

    /// Hands in a file.
    fn file(&self, token: &str, name: &str, bytes: &[u8]) -> anyhow::Result<(u16, Value)> {
        let path = format!("/v1/reports/{token}/files?name={}", encoded(name));
        self.send(&path, &[("content-type", "application/octet-stream")], bytes, 10 * A_MINUTE)
    }

    /// What the server answers, also when it refuses.
    fn send(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        time: Duration,
    ) -> anyhow::Result<(u16, Value)> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let request = request.config().http_status_as_error(false).timeout_global(Some(time)).build();
        let mut request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let answer = request.send(body).with_context(|| format!("{} does not answer", self.base))?;
        self.read(answer)
    }

    fn read(&self, mut answer: ureq::http::Response<ureq::Body>) -> anyhow::Result<(u16, Value)> {
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(16 * 1024 * 1024).read_to_string()?;
        let value = serde_json::from_str(&text)
            .with_context(|| format!("{} answered {status}, but not as Touchstone does", self.base))?;
        Ok((status, value))
    }
}

/// The sentence of a pair in JSON.
fn of(lang: Lang, pair: &Value) -> &str {
    pair[lang.say("zh", "en")].as_str().unwrap_or_default()
}

/// What is wrong, a line each.
fn problems(lang: Lang, problem: &Value) -> Vec<String> {
    let fields = problem["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
    if fields.is_empty() {
        let detail = problem["detail"].as_str().filter(|it| !it.is_empty());
        return vec![match detail {
            Some(detail) => format!("{} ({detail})", of(lang, &problem["message"])),
            None => of(lang, &problem["message"]).to_owned(),
        }];
    }
    let line =
        |it: &Value| format!("{}: {}", it["field"].as_str().unwrap_or_default(), of(lang, &it["message"]));
    fields.iter().map(line).collect()
}

/// The receipt for people.
fn shown(lang: Lang, receipt: &Value) -> String {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let case = &receipt["case"];
    let mut lines = vec![
        format!("{} {}", lang.say("案件编号：", "Case number:"), text(&case["reference"])),
        format!("{} {}", lang.say("案件链接：", "Case link:  "), text(&receipt["link"])),
        lang.say(
            "请保存这个链接：它是进入案件的唯一凭据，不要发给别人。",
            "Keep this link: it is the only way into the case. Do not pass it on.",
        )
        .to_owned(),
        String::new(),
    ];
    if receipt["masked"].as_array().is_some_and(|it| !it.is_empty()) {
        lines.push(
            lang.say(
                "报告里有助记词、密钥或验证码，已经抹去、没有保存。请马上更换它，并把剩下的资产转到新的钱包。\n",
                "There was a recovery phrase, key or code in the report. It was taken out and not kept. Change it now, and move what is left to a new wallet.\n",
            )
            .to_owned(),
        );
    }
    let owner = case["owner"].as_str().map(str::to_owned);
    let duty = || lang.say("值班人员", "everybody on duty").to_owned();
    lines.push(format!("{} {}", lang.say("谁在处理：", "Who has it: "), owner.unwrap_or_else(duty)));
    lines.push(format!("{} {}", lang.say("下一步：", "Next:       "), of(lang, &case["next"]["text"])));
    let by = case["next"]["by"].as_str().unwrap_or_default();
    lines.push(format!("{} {}", lang.say("最迟：", "By:         "), on_the_wall(by)));
    lines.push(format!("\n{}", lang.say("现在按顺序做：", "Now, in this order:")));
    for (at, step) in receipt["first_hour"].as_array().into_iter().flatten().enumerate() {
        lines.push(format!("{}. {}\n   {}", at + 1, of(lang, &step["title"]), of(lang, &step["text"])));
    }
    lines.join("\n") + "\n"
}

/// A moment by the clock of whoever reads it.
fn on_the_wall(moment: &str) -> String {
    let zoned = moment.parse::<jiff::Timestamp>().map(|it| it.to_zoned(jiff::tz::TimeZone::system()));
    zoned.map_or_else(|_| moment.to_owned(), |it| it.strftime("%Y-%m-%d %H:%M (UTC%:z)").to_string())
}

fn encoded(name: &str) -> String {
    name.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}
