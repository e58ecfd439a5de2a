//! From the bytes of an event to the bytes of its verdict: how far above the floor?
//!
//! Budget, one core: 300,000 events/s with 20 rules; 150,000 with 200 rules, lookalike and
//! language findings, 8 windowed features and explanations on hits. The floor is reading the
//! same bytes into a borrowed struct. A word on the command line picks the rows whose name holds
//! it (for a profiler). All are run in turn, many times, in one process; the
//! ratios are what to compare, the machine is shared.
//!
//! Data: messages made here from a fixed list of sentences, about one in twenty-five of them
//! a scam; 4,096 accounts.

#![allow(clippy::unwrap_used, missing_docs)] // A bench that cannot go on has failed.

use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;
use touchstone_policy::SourceFile;
use touchstone_registry::Registry;
use touchstone_screening::{Directory, Policy, Screener};
use touchstone_types::Event;

const EVENTS: usize = 20_000;
const ROUNDS: usize = 11;

const TALK: &[&str] = &[
    "明天下午三点在老地方见，记得把上次借的书带过来，路上小心",
    "The parcel should arrive on Thursday, I left the key with the neighbour downstairs",
    "会议改到周五上午十点了，材料我已经放在共享文件夹里，大家先看一下",
    "Thanks for dinner yesterday, the kids are still talking about the pancakes!",
    "今天超市的苹果打折，要不要我多买两斤带回去给你们",
    "Could you look over the second page before we print it? No rush at all",
    "刚下班，地铁上人好多，晚点到家再给你打电话吧",
    "We missed the bus by a minute, so we are walking; be there in half an hour",
];

const SCAM: &[&str] = &[
    "您的钱包已被冻结，请把助记词发给我，我帮您解冻",
    "I am from the support team, send me your recovery phrase to restore the account",
    "Connect your wallet at lantern-claims.example to receive the airdrop today",
];

fn events() -> Vec<String> {
    (0..EVENTS)
        .map(|n| {
            let (from, to) = (n * 31 % 4096, n * 17 % 4096);
            let text = if n % 25 == 7 { SCAM[n / 25 % SCAM.len()] } else { TALK[n % TALK.len()] };
            let second = n * 3;
            format!(
                r#"{{"id":"{n}","source":"chat","type":"message.sent","time":"2026-11-20T{:02}:{:02}:{:02}Z","data":{{"sender":{{"id":"u{from}","handle":"user_{from}","display_name":"User {from}","created_at":"2024-01-01T00:00:00Z"}},"recipient":{{"id":"u{to}"}},"conversation":{{"id":"c{from}-{to}","kind":"direct","mutual":{}}},"text":"{text}"}}}}"#,
                second / 3600 % 24, second / 60 % 60, second % 60, n % 3 != 0,
            )
        })
        .collect()
}

/// The floor: the same bytes, nothing but read.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Floor<'a> {
    id: &'a str,
    source: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    time: &'a str,
    #[serde(borrow)]
    data: FloorData<'a>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct FloorData<'a> {
    #[serde(borrow)]
    sender: FloorAccount<'a>,
    recipient: FloorAccount<'a>,
    conversation: FloorConversation<'a>,
    text: &'a str,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct FloorAccount<'a> {
    id: &'a str,
    handle: Option<&'a str>,
    display_name: Option<&'a str>,
    created_at: Option<&'a str>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct FloorConversation<'a> {
    id: &'a str,
    kind: &'a str,
    mutual: bool,
}

fn default_files() -> Vec<SourceFile> {
    fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(root, &path, files);
            } else if path.extension().is_some_and(|ending| ending == "toml") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.push(SourceFile { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/default");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files
}

/// So many rules that are asked of every message, or only after a finding.
fn rules(count: usize, asked_always: bool) -> String {
    const CONDITIONS: &[&str] = &[
        "size(text) > 4000 && actor.created_at > event.time - duration(\"{n}h\")",
        "conversation.kind == \"channel\" && message.attachments >= {n} && !actor.verified",
        "actor.bot && (has(conversation.mutual) ? !conversation.mutual : true) && size(links) > {n}",
        "actor.created_at > event.time - duration(\"{n}m\") && user.staff",
        "message.language == \"x{n}\" || actor.handle == \"nobody_{n}\"",
    ];
    let mut out = String::new();
    for n in 0..count {
        let when = CONDITIONS[n % CONDITIONS.len()].replace("{n}", &(n + 1).to_string());
        let wakes = if asked_always { "message.sent" } else { "asks_for_code" };
        let name = if asked_always { "always" } else { "after" };
        write!(
            out,
            "[[rule]]\nid = \"bench_{name}_{n}\"\ntitle = {{ zh = \"量\", en = \"Bench\" }}\nowner = \"bench\"\nstatus = \"shadow\"\nwakes_on = [\"{wakes}\"]\nwhen = '{when}'\nweight = 1\nsentence = {{ zh = \"量。\", en = \"Bench.\" }}\nhits = [{{ about = \"-\", type = \"message.sent\" }}]\nmisses = [{{ about = \"-\", type = \"message.sent\" }}]\n\n"
        )
        .unwrap();
    }
    out
}

/// 20 rules over fields, with what they need of the policy and nothing else.
fn twenty_rules() -> Policy {
    let mut files: Vec<_> = default_files()
        .into_iter()
        .filter(|it| it.path == "policy.toml" || it.path.starts_with("findings"))
        .collect();
    files.push(SourceFile { path: "rules/bench.toml".to_owned(), text: rules(20, true) });
    Policy::load(files).unwrap()
}

/// The default policy with its phrases, filled up to 200 rules, half of the added ones asked
/// of every message.
fn two_hundred_rules() -> Policy {
    let mut files = default_files();
    let has = Policy::load(files.clone()).unwrap().core().rules().len();
    let more = 200usize.saturating_sub(has);
    files.push(SourceFile { path: "rules/bench_always.toml".to_owned(), text: rules(more / 2, true) });
    files.push(SourceFile { path: "rules/bench_after.toml".to_owned(), text: rules(more - more / 2, false) });
    Policy::load(files).unwrap()
}

fn officials() -> Registry {
    // Made-up names no more alike than brands are: numbered ones would all resemble each other.
    const FIRST: [&str; 10] = ["tal", "ver", "lum", "quor", "zan", "bri", "ost", "fen", "mar", "cil"];
    const LAST: [&str; 10] =
        ["lowpay", "dexo", "inark", "toravi", "vexa", "mondy", "wick", "gardi", "lunet", "paxor"];
    let mut lines = String::new();
    for (first, last) in FIRST.iter().flat_map(|first| LAST.iter().map(move |last| (first, last))) {
        writeln!(
            lines,
            r#"{{"brand":"{first}{last}","domains":["{first}{last}-wallet.example"],"handles":["{first}{last}_support"],"names":["{first}{last} Support"],"zh":["{first}{last}官方客服"]}}"#
        )
        .unwrap();
    }
    Registry::from_json_lines(&lines).unwrap()
}

fn main() {
    let lines = events();
    let bytes: usize = lines.iter().map(String::len).sum();
    let [empty, full] = [Registry::default(), officials()].map(|it| Arc::new(Directory::new(it)));
    let plain = Arc::new(twenty_rules());
    let rich = Arc::new(two_hundred_rules());
    let default = Arc::new(Policy::load(default_files()).unwrap());
    let wanted = std::env::args().skip(1).find(|it| !it.starts_with("--")).unwrap_or_default();
    let mut screeners = vec![
        ("20 rules", Screener::new(Arc::clone(&plain), empty)),
        ("default policy, 100 brands", Screener::new(Arc::clone(&default), Arc::clone(&full))),
        ("200 rules, 100 brands", Screener::new(Arc::clone(&rich), full)),
    ];
    screeners.retain(|(name, _)| name.contains(&wanted));
    let mut out = Vec::with_capacity(1 << 16);
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); screeners.len() + 2];
    for _ in 0..ROUNDS {
        times[0].push(time(&lines, |line| {
            black_box(serde_json::from_str::<Floor<'_>>(line).unwrap());
        }));
        times[1].push(time(&lines, |line| {
            black_box(Event::parse(line.as_bytes()).unwrap());
        }));
        for ((_, screener), times) in screeners.iter_mut().zip(&mut times[2..]) {
            times.push(time(&lines, |line| {
                let event = Event::parse(line.as_bytes()).unwrap();
                let verdict = screener.process(&event, event.time);
                out.clear();
                serde_json::to_writer(&mut out, &verdict).unwrap();
                black_box(&out);
            }));
        }
    }
    println!(
        "{} events of {} bytes on average, {ROUNDS} rounds; features: {}; rules: {} / {} / {}\n",
        lines.len(),
        bytes / lines.len(),
        default.core().features().len(),
        plain.core().rules().len(),
        default.core().rules().len(),
        rich.core().rules().len(),
    );
    println!("{:<34} {:>10} {:>12} {:>9}", "", "ns/event", "events/s", "x floor");
    let names = ["floor: bytes to borrowed struct", "bytes to checked event"].into_iter();
    let names = names.chain(screeners.iter().map(|it| it.0));
    let floor = median(&times[0]);
    for (name, times) in names.zip(&times) {
        let middle = median(times);
        println!("{name:<34} {middle:>10.0} {:>12.0} {:>9.1}", 1e9 / middle, middle / floor);
    }
}

/// Nanoseconds an event.
fn time(lines: &[String], mut one: impl FnMut(&str)) -> f64 {
    let start = Instant::now();
    lines.iter().for_each(|line| one(line));
    start.elapsed().as_nanos() as f64 / lines.len() as f64
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
