//! A small policy and a small registry for tests of the room itself; what the default policy
//! says is tested by the corpus.

#![allow(dead_code)] // Each test binary uses its own part.

use std::sync::{Arc, LazyLock};

use touchstone_policy::SourceFile;
use touchstone_registry::Registry;
use touchstone_screening::{Directory, Policy, Screener};
use touchstone_types::{Event, Moment, Verdict};

const SETTINGS: &str = r#"
id = "test"
version = "1"
owner = "tests"
title = { zh = "测试", en = "Test" }
thresholds = { warn = 30, hold = 60, block = 100 }
thresholds_for = { "transfer.requested" = { warn = 20, hold = 50, block = 200 } }
hold = { duration = "15m", release_by = ["user"] }
hold_for = { "transfer.requested" = { duration = "24h", release_by = ["user", "guardian"] } }
[checks]
identity = { deadline_ms = 20, fail = "open" }
language = { deadline_ms = 20, fail = "warn" }
secrets = { deadline_ms = 20, fail = "warn" }
links = { deadline_ms = 20, fail = "warn" }
addresses = { deadline_ms = 20, fail = "warn" }
memory = { deadline_ms = 20, fail = "hold" }
"#;

const FINDINGS: &str = r#"
finding = [
  { name = "imitates_official", check = "identity", weight = 40, strength = "strong", sentence = { zh = "“{candidate}”在模仿{brand}的“{official}”。", en = "\"{candidate}\" copies {brand}'s \"{official}\"." } },
  { name = "resembles_official", check = "identity", weight = 15, sentence = { zh = "“{candidate}”像“{official}”。", en = "\"{candidate}\" resembles \"{official}\"." } },
  { name = "copies_picture", check = "identity", weight = 25, sentence = { zh = "头像和{brand}的一样。", en = "The picture is {brand}'s." } },
  { name = "contradicts_official", check = "identity", weight = 30, sentence = { zh = "{brand}的客服不会这样做。", en = "{brand} support {words}." } },
  { name = "asks_for_recovery_phrase", check = "language", weight = 70, strength = "strong", sentence = { zh = "对方在要助记词。", en = "They ask for the recovery phrase." } },
  { name = "hurries", check = "language", weight = 200, sentence = { zh = "对方在催。", en = "They hurry you." } },
  { name = "second_opinion", check = "language", weight = 30, sentence = { zh = "另一套判读也这样认为。", en = "A second reading says so too." } },
  { name = "claims_support", check = "language", weight = 20, sentence = { zh = "对方自称客服。", en = "They claim to be support." } },
  { name = "sends_recovery_phrase", check = "secrets", weight = 90, strength = "strong", sentence = { zh = "您正要发出助记词。", en = "You are about to send a recovery phrase." } },
  { name = "points_to_imitation", check = "links", weight = 60, strength = "strong", sentence = { zh = "{link} 在模仿 {official}。", en = "{link} copies {official}." } },
  { name = "listed_link", check = "links", weight = 80, strength = "strong", sentence = { zh = "{link} 在黑名单（{list}）上。", en = "{link} is on a list ({list})." } },
  { name = "listed_address", check = "addresses", weight = 90, strength = "strong", sentence = { zh = "{address} 在黑名单上。", en = "{address} is on a list." } },
  { name = "address_imitates_official", check = "addresses", weight = 70, strength = "strong", sentence = { zh = "{address} 像官方地址。", en = "{address} copies an official address." } },
  { name = "address_imitates_recent", check = "addresses", weight = 60, strength = "strong", sentence = { zh = "{address} 像您付过款的 {official}。", en = "{address} looks like {official}, which you have paid." } },
]
"#;

const FEATURES: &str = r#"
feature = [
  { name = "known_for", kind = "first_seen", on = ["message.sent"], by = ["actor.id", "user.id"], window = "365d" },
  { name = "sent", kind = "count", on = ["message.sent"], by = ["actor.id"], window = "1h" },
  { name = "strangers", kind = "distinct", on = ["message.sent"], by = ["actor.id"], of = "user.id", where = "conversation.mutual == false", window = "24h", limit = 64 },
  { name = "same_text_to", kind = "distinct", on = ["message.sent"], by = ["campaign"], of = "user.id", window = "24h", limit = 64 },
  { name = "paid", kind = "recent", on = ["transfer.requested"], by = ["user.identity"], of = "transfer.to", window = "90d", limit = 8 },
  { name = "drain", kind = "sequence", by = ["user.identity"], window = "24h", step = [
    { on = ["message.sent"], where = "found.asks_for_recovery_phrase" },
    { on = ["message.sent"], where = "size(links) > 0" },
  ] },
]
"#;

const RULES: &str = r#"
[[rule]]
id = "many_strangers"
title = { zh = "给很多陌生人发消息", en = "Writes to many strangers" }
owner = "tests"
status = "live"
wakes_on = ["message.sent"]
when = "feature.strangers >= 3"
weight = 35
sentence = { zh = "这个账号今天给很多陌生人发了消息。", en = "This account wrote to many strangers today ({count})." }
hits = [{ about = "holds", type = "message.sent", features = { strangers = 3 } }]
misses = [{ about = "does not", type = "message.sent", features = { strangers = 2 } }]

[[rule]]
id = "stranger_asks"
title = { zh = "陌生人索要", en = "A stranger asks" }
owner = "tests"
status = "live"
wakes_on = ["asks_for_recovery_phrase"]
when = "conversation.mutual == false"
weight = 20
sentence = { zh = "您不认识对方。", en = "You do not know them." }
hold = { duration = "1h", release_by = ["user", "staff"] }
hits = [{ about = "holds", type = "message.sent", found = ["asks_for_recovery_phrase"], data = { sender = { id = "a" }, conversation = { id = "c", mutual = false } } }]
misses = [{ about = "does not", type = "message.sent", found = ["asks_for_recovery_phrase"], data = { sender = { id = "a" }, conversation = { id = "c", mutual = true } } }]

[[rule]]
id = "transfer_after_ask"
title = { zh = "被索要之后转账", en = "Transfer after being asked" }
owner = "tests"
status = "live"
wakes_on = ["transfer.requested"]
when = "feature.drain >= 2"
weight = 60
strength = "strong"
sentence = { zh = "有人刚向您索要过助记词。", en = "Somebody has just asked you for your recovery phrase." }
hits = [{ about = "holds", type = "transfer.requested", data = { account = { id = "a" }, to = "eip155:1:0x9", amount = "1", asset = "ETH" }, features = { drain = 2 } }]
misses = [{ about = "does not", type = "transfer.requested", data = { account = { id = "a" }, to = "eip155:1:0x9", amount = "1", asset = "ETH" }, features = { drain = 1 } }]

[[rule]]
id = "same_text"
title = { zh = "同样的话发给很多人", en = "The same text to many" }
owner = "tests"
status = "shadow"
wakes_on = ["message.sent"]
when = "feature.same_text_to >= 2"
weight = 25
sentence = { zh = "同样的话发给了很多人。", en = "The same text went to many." }
hits = [{ about = "holds", type = "message.sent", features = { same_text_to = 2 } }]
misses = [{ about = "does not", type = "message.sent", features = { same_text_to = 1 } }]
"#;

const PHRASES: &str = r#"
[[list]]
finding = "asks_for_recovery_phrase"
phrases = ["send|tell|give ~20 recovery phrase|seed phrase|12 words", "发|给|告诉 ~10 助记词", "助记词 ~6 发|给"]

[[list]]
finding = "hurries"
phrases = ["right now", "immediately", "马上", "立刻"]

[[list]]
finding = "claims_support"
phrases = ["support team", "official support", "官方客服"]
"#;

const DOMAINS: &str = r#"
name = "bad_domains"
kind = "domain"
source = "written for tests"
finding = "listed_link"
values = ["claims.example"]
"#;

const ADDRESSES: &str = r#"
name = "bad_addresses"
kind = "address"
source = "written for tests"
finding = "listed_address"
values = ["0x1111111111111111111111111111111111111111"]
"#;

const OFFICIALS: &str = r#"{"brand":"acme","domains":["acme.example"],"handles":["acme_help"],"names":["Acme Support"],"zh":["顶点客服"],"accounts":[{"platform":"chat","id":"official","handle":"acme_help"}],"facts":["never_writes_first","never_asks_for_recovery_phrase"],"addresses":["eip155:1:0x44e9625868059ad8cf7fd7b1997f04579af4a587"]}"#;

pub(crate) fn files() -> Vec<SourceFile> {
    [
        ("policy.toml", SETTINGS),
        ("findings/all.toml", FINDINGS),
        ("features.toml", FEATURES),
        ("rules/all.toml", RULES),
        ("phrases/all.toml", PHRASES),
        ("lists/domains.toml", DOMAINS),
        ("lists/addresses.toml", ADDRESSES),
    ]
    .map(|(path, text)| SourceFile { path: path.to_owned(), text: text.to_owned() })
    .into()
}

pub(crate) fn policy() -> Arc<Policy> {
    static LOADED: LazyLock<Arc<Policy>> = LazyLock::new(|| Arc::new(Policy::load(files()).unwrap()));
    Arc::clone(&LOADED)
}

pub(crate) fn directory() -> Arc<Directory> {
    static READ: LazyLock<Arc<Directory>> =
        LazyLock::new(|| Arc::new(Directory::new(Registry::from_json_lines(OFFICIALS).unwrap())));
    Arc::clone(&READ)
}

pub(crate) fn screener() -> Screener {
    Screener::new(policy(), directory())
}

pub(crate) fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

/// An event of the chat platform, from its `data` as JSON.
pub(crate) fn event(kind: &str, time: &str, data: serde_json::Value) -> String {
    serde_json::json!({"id": format!("{kind}-{time}"), "source": "chat", "type": kind, "time": time, "data": data})
        .to_string()
}

/// A message from a stranger to `user`.
pub(crate) fn message(from: &str, to: &str, time: &str, text: &str) -> String {
    event(
        "message.sent",
        time,
        serde_json::json!({
            "sender": {"id": from}, "recipient": {"id": to},
            "conversation": {"id": format!("{from}-{to}"), "kind": "direct", "mutual": false},
            "text": text,
        }),
    )
}

/// Judges one line as if it had been taken in when it happened.
pub(crate) fn judge(screener: &mut Screener, line: &str) -> Verdict {
    let event = Event::parse(line.as_bytes()).unwrap();
    screener.process(&event, event.time)
}

/// `decision score = finding weight + …`
pub(crate) fn summary(verdict: &Verdict) -> String {
    let findings: Vec<_> = verdict.findings.iter().map(|it| format!("{} {}", it.name, it.weight)).collect();
    format!("{} {} = {}", verdict.decision, verdict.score, findings.join(" + "))
}
