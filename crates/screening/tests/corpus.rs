//! Every case in `corpus/messages` gets the verdicts that are written below its line.
//!
//! With `TOUCHSTONE_BLESS=1` the lines are rewritten instead; look at the difference before
//! it is committed. The form of a case is described in `corpus/messages/README.md`.

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use touchstone_policy::SourceFile;
use touchstone_registry::Registry;
use touchstone_screening::{Directory, Policy, Screener};
use touchstone_types::{Event, Lapse, Moment, Verdict};

const RULE: &str = "---";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_case_gets_the_verdicts_written_below_its_line() {
    let policy = Arc::new(default_policy());
    let bless = std::env::var_os("TOUCHSTONE_BLESS").is_some();
    let mut wrong = Vec::new();
    for path in cases() {
        let written = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (given, _) = written.split_once(&format!("\n{RULE}\n")).unwrap_or((written.trim_end(), ""));
        let lines = match run(given, &policy) {
            Ok(lines) => lines,
            Err(reason) => {
                wrong.push(format!("{name}: {reason}"));
                continue;
            }
        };
        let now = format!("{given}\n{RULE}\n{}\n", lines.join("\n"));
        if bless {
            fs::write(&path, now).unwrap();
        } else if now != written {
            wrong.push(format!("{name}:\n{}", now.split_once(RULE).unwrap().1.trim()));
        }
    }
    assert!(wrong.is_empty(), "TOUCHSTONE_BLESS=1 rewrites these:\n\n{}", wrong.join("\n\n"));
}

#[test]
fn there_are_cases_in_both_languages_for_and_against() {
    let all: Vec<String> = cases().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let with = |what: &dyn Fn(&str) -> bool| all.iter().filter(|case| what(case)).count();
    let chinese = |case: &str| case.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let quiet = |case: &str| {
        case.split_once(RULE)
            .is_some_and(|(_, said)| said.lines().all(|line| line.is_empty() || line.starts_with("allow")))
    };
    assert!(all.len() >= 30 && with(&chinese) >= 12 && with(&|case| !chinese(case)) >= 12);
    assert!(with(&quiet) >= 10, "genuine talk that looks alike must be there too: {}", with(&quiet));
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("corpus/messages")).unwrap();
    let mut cases: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|ending| ending == "case"));
    cases.sort();
    cases
}

fn default_policy() -> Policy {
    fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(root, &path, files);
            } else if path.extension().is_some_and(|ending| ending == "toml") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                files.push(SourceFile { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    let root = root().join("policies/default");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    Policy::load(files).unwrap()
}

/// Judges the events of a case in their order and gives a line for each.
fn run(given: &str, policy: &Arc<Policy>) -> Result<Vec<String>, String> {
    let mut officials = String::new();
    let mut blocks: Vec<Vec<(&str, &str)>> = Vec::new();
    for line in given.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let (key, value) =
            line.split_once("  ").ok_or_else(|| format!("two spaces are missing in `{line}`"))?;
        let value = value.trim();
        match key {
            "official" => officials.push_str(&official(value)?),
            "from" => blocks.push(vec![(key, value)]),
            _ => blocks.last_mut().ok_or("the first line of an event is `from`")?.push((key, value)),
        }
    }
    let registry = Registry::from_json_lines(&officials).map_err(|cause| cause.to_string())?;
    let mut screener = Screener::new(Arc::clone(policy), Arc::new(Directory::new(registry)));
    let mut case = Case { now: "2026-11-20T08:00:00Z".parse().unwrap(), first: HashMap::new(), count: 0 };
    blocks
        .iter()
        .map(|block| {
            let line = case.event(block)?;
            let event = Event::parse(line.as_bytes()).map_err(|cause| format!("{cause}: {line}"))?;
            Ok(said(&screener.process(&event, event.time)))
        })
        .collect()
}

fn said(verdict: &Verdict) -> String {
    let findings: Vec<_> = verdict.findings.iter().map(|it| format!("{} {}", it.name, it.weight)).collect();
    let person = if verdict.needs_person { ", a person decides" } else { "" };
    let sum = if findings.is_empty() { String::new() } else { format!(" = {}", findings.join(" + ")) };
    format!("{} {}{sum}{person}", verdict.decision, verdict.score)
}

/// `Lantern: @lantern_support, 灯塔客服, lantern.example, 0x…, account official-1`
fn official(value: &str) -> Result<String, String> {
    let (brand, items) = value.split_once(':').ok_or("`official` begins with a brand and a colon")?;
    let mut line = json!({
        "brand": brand, "domains": [], "handles": [], "names": [], "addresses": [], "accounts": [],
        "facts": ["never_writes_first", "has_no_phone_line", "never_asks_for_recovery_phrase", "never_asks_for_code"],
    });
    for item in items.split(',').map(str::trim) {
        let (list, item) = match item {
            it if it.starts_with('@') => ("handles", json!(it)),
            it if it.starts_with("0x") => ("addresses", json!(format!("eip155:1:{it}"))),
            it if it.is_ascii() && it.contains('.') => ("domains", json!(it)),
            it if it.starts_with("account ") => {
                let id = it.trim_start_matches("account ");
                ("accounts", json!({"platform": "chat", "id": id, "handle": id}))
            }
            it => ("names", json!(it)),
        };
        line[list].as_array_mut().unwrap().push(item);
    }
    Ok(format!("{line}\n"))
}

/// What goes on from one event of a case to the next.
struct Case {
    now: Moment,
    /// Who wrote first between two.
    first: HashMap<String, String>,
    count: usize,
}

impl Case {
    fn event(&mut self, block: &[(&str, &str)]) -> Result<String, String> {
        let get = |key: &str| block.iter().find(|(it, _)| *it == key).map(|(_, value)| *value);
        let after: Lapse = get("after").unwrap_or("1m").parse().map_err(|cause| format!("after: {cause}"))?;
        self.now = self.now + after;
        self.count += 1;
        let words: Vec<&str> = get("from").unwrap_or_default().split(',').map(str::trim).collect();
        let from = self.account(&words)?;
        let to = json!({"id": get("to").unwrap_or("user"), "person": get("to").unwrap_or("user")});
        let conversation = self.conversation(&from, &to, words.contains(&"contact"), get("group"));
        let (kind, data) = if let Some(text) = get("text") {
            let text = text.replace("\\n", "\n");
            let mut data =
                json!({"sender": from, "recipient": to, "conversation": conversation, "text": text});
            if get("group").is_some() {
                data.as_object_mut().unwrap().remove("recipient");
            }
            ("message.sent", data)
        } else if let Some(greeting) = get("adds") {
            ("contact.added", json!({"account": from, "contact": to, "greeting": greeting}))
        } else if let Some(how) = get("calls") {
            (
                "call.started",
                json!({"caller": from, "callee": to, "conversation": conversation, "screen_shared": how.contains("screen")}),
            )
        } else if let Some(pays) = get("pays") {
            // `250 USDT to 0x…`
            let part: Vec<&str> = pays.split_whitespace().collect();
            let [amount, asset, "to", address] = part[..] else { return Err(format!("pays {pays}")) };
            (
                "transfer.requested",
                json!({"account": from, "to": format!("eip155:1:{address}"), "amount": amount, "asset": asset, "usd": amount}),
            )
        } else if let Some(approves) = get("approves") {
            // `0x… at claims.example`
            let (spender, site) =
                approves.split_once(" at ").ok_or_else(|| format!("approves {approves}"))?;
            (
                "approval.requested",
                json!({"account": from, "chain": "eip155:1", "spender": format!("eip155:1:{spender}"), "method": "approve", "asset": "USDT", "site": site}),
            )
        } else if get("is").is_some() {
            ("profile.changed", json!({"account": from}))
        } else {
            return Err("an event is one of text, adds, calls, pays, approves, is".to_owned());
        };
        let time = self.now.to_string();
        Ok(json!({"id": self.count.to_string(), "source": "chat", "type": kind, "time": time, "data": data})
            .to_string())
    }

    /// `@handle, "Display Name", id x1, 2d old, contact, moderator`
    fn account(&self, words: &[&str]) -> Result<Value, String> {
        let mut account = json!({"flags": []});
        for word in words {
            if let Some(handle) = word.strip_prefix('@') {
                account["handle"] = json!(handle);
            } else if let Some(name) = word.strip_prefix('"') {
                account["display_name"] = json!(name.trim_end_matches('"'));
            } else if let Some(id) = word.strip_prefix("id ") {
                account["id"] = json!(id);
            } else if let Some(age) = word.strip_suffix(" old") {
                let age: Lapse = age.parse().map_err(|cause| format!("{word}: {cause}"))?;
                account["created_at"] = json!((self.now - age).to_string());
            } else if matches!(*word, "moderator" | "staff" | "bot" | "verified") {
                account["flags"].as_array_mut().unwrap().push(json!(word));
            } else if *word != "contact" {
                account["id"] = json!(word);
            }
        }
        if account.get("id").is_none() {
            let name = account.get("handle").or(account.get("display_name")).and_then(Value::as_str);
            account["id"] = json!(name.ok_or("an account needs a name")?);
        }
        // Who pays is the person who was written to.
        account["person"] = account["id"].clone();
        Ok(account)
    }

    fn conversation(&mut self, from: &Value, to: &Value, contact: bool, group: Option<&str>) -> Value {
        if let Some(group) = group {
            return json!({"id": group, "kind": "group"});
        }
        let (from, to) = (from["id"].as_str().unwrap_or_default(), to["id"].as_str().unwrap_or_default());
        let id = if from < to { format!("{from}+{to}") } else { format!("{to}+{from}") };
        let first = self.first.entry(id.clone()).or_insert_with(|| from.to_owned()).clone();
        json!({"id": id, "kind": "direct", "started_by": first, "mutual": contact})
    }
}
