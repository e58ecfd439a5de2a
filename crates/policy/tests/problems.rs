//! What is wrong in a policy is told with file, line, column and a hint, and all at once.

use proptest::prelude::*;
use touchstone_policy::{Policy, Problem, SourceFile, default_files};

const SETTINGS: &str = r#"
id = "p"
version = "1"
owner = "team"
title = { zh = "策略", en = "policy" }
thresholds = { warn = 30, hold = 60, block = 100 }
hold = { duration = "1h", release_by = ["user"] }
[checks]
identity = { deadline_ms = 20, fail = "warn" }
language = { deadline_ms = 20, fail = "warn" }
secrets = { deadline_ms = 20, fail = "warn" }
links = { deadline_ms = 20, fail = "warn" }
addresses = { deadline_ms = 20, fail = "hold" }
memory = { deadline_ms = 20, fail = "open" }
"#;

const FINDINGS: &str = r#"
[[finding]]
name = "claims_support"
check = "language"
weight = 10
sentence = { zh = "自称客服。", en = "Claims to be support." }

[[finding]]
name = "asks_for_code"
check = "language"
weight = 35
sentence = { zh = "索要验证码。", en = "Asks for a code." }
"#;

const FEATURES: &str = r#"
[[feature]]
name = "known_for"
kind = "first_seen"
on = ["message.sent"]
by = ["actor.identity", "user.identity"]
window = "30d"

[[feature]]
name = "hosts"
kind = "recent"
on = ["message.sent"]
by = ["user.identity"]
of = "links"
window = "1d"
"#;

fn rule(id: &str, wakes_on: &str, when: &str) -> String {
    format!(
        r#"
[[rule]]
id = "{id}"
title = {{ zh = "规则", en = "rule" }}
owner = "team"
status = "draft"
wakes_on = ["{wakes_on}"]
when = '{when}'
weight = 10
sentence = {{ zh = "看到了。", en = "Seen." }}
"#
    )
}

fn load(files: &[(&str, &str)]) -> Result<Policy, Vec<Problem>> {
    let own: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let usual = [("policy.toml", SETTINGS), ("findings/f.toml", FINDINGS), ("features.toml", FEATURES)];
    let all = usual.iter().filter(|(path, _)| !own.contains(path)).chain(files);
    Policy::load(all.map(|(path, text)| SourceFile { path: (*path).into(), text: (*text).into() }).collect())
}

fn problems(path: &str, text: &str) -> Vec<String> {
    match load(&[(path, text)]) {
        Ok(_) => vec![],
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn what_is_wrong_in_a_condition_is_told_with_place_and_hint() {
    for (when, expected) in [
        ("found.claims_suport", "no finding is called `claims_suport` (did you mean `claims_support`?)"),
        (
            "claims_support",
            "no field is called `claims_support` (findings are written `found.claims_support`)",
        ),
        (
            "feature.known_fr < duration(\"1h\")",
            "no feature is called `known_fr` (did you mean `known_for`?)",
        ),
        ("actor.handel == \"x\"", "no field is called `actor.handel` (did you mean `actor.handle`?)"),
        ("actor == \"x\"", "no field is called `actor`"),
        ("actor.handle == 3", "`==` does not fit string and int"),
        ("actor.handle", "expected bool, found string"),
        ("message.attachments", "expected bool, found int (compare it: `… > 0`)"),
        ("feature.known_for < 3", "(a duration is written `duration(\"24h\")`)"),
        ("actor.created_at > duration(\"1h\")", "an age is the difference of two times"),
        ("text.matches(\"a.*\")", "there are no regular expressions here"),
        ("text in \"abc\"", "`in` needs a list on its right, found string and string"),
        ("text.startswith(\"a\")", "did you mean `startsWith`?"),
        ("duration(\"soon\") > duration(\"1h\")", "`soon` is no duration"),
        ("list(\"bad\", text)", "no list is called `bad`"),
        ("found.claims_support and found.asks_for_code", "write `&&`"),
        ("actor.handle = \"x\"", "`equals` is written `==`"),
        ("found.claims_support &&", "expected a value, found the end"),
        ("(found.claims_support", "expected `)`, found the end"),
        ("has(found.claims_support)", "a finding is found or not, never missing"),
        ("1 < 2 < 3", "`<` does not fit bool and int"),
        ("message.attachments * 2 > 4", "only + and - are there"),
        ("\"a\" + \"b\" == text", "strings are compared here, never joined"),
        ("text == \"a", "the string does not end on its line"),
        ("message.attachments > 99999999999999999999", "is no number"),
        ("true ? text : 1", "expected bool"),
        ("size(found.claims_support) > 1", "`size` needs a string or a list, found bool"),
        ("[1, \"a\"] == 1", "a list holds strings only, or whole numbers only"),
    ] {
        let told = problems("rules/r.toml", &rule("r", "claims_support", when));
        let fits = told
            .iter()
            .any(|it| it.contains(expected) || (expected == "expected bool" && it.contains("one type")));
        assert!(fits, "{when}: {told:?}");
        assert!(told.iter().all(|it| it.starts_with("rules/r.toml:8:")), "{when}: {told:?}");
    }
}

#[test]
fn the_column_is_that_of_the_word_that_is_meant() {
    let text = rule("r", "claims_support", "found.asks_for_code && found.nobody");
    let problem = &load(&[("rules/r.toml", &text)]).unwrap_err()[0];
    let line = text.lines().nth(problem.line as usize - 1).unwrap();
    assert!(line[problem.column as usize - 1..].starts_with("found.nobody"), "{problem}");
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_line() {
    for (path, text, expected) in [
        ("policy.toml", "id = ", "policy.toml:1:"),
        ("policy.toml", "id = \"p\"", "missing field"),
        ("policy.toml", &SETTINGS.replace("hold = 60", "hold = 20"), "thresholds must rise"),
        ("policy.toml", &SETTINGS.replace("\"1h\"", "\"1 hour\""), "`1 hour` is no duration"),
        ("policy.toml", &SETTINGS.replace("\"1h\"", "\"400d\""), "nothing is held longer than 30d"),
        ("policy.toml", &SETTINGS.replace("[\"user\"]", "[\"uesr\"]"), "did you mean `user`?"),
        ("policy.toml", &SETTINGS.replace("[\"user\"]", "[]"), "somebody must be able to release"),
        ("policy.toml", &SETTINGS.replace("fail = \"open\"", "fail = \"shut\""), "`shut` is no fail mode"),
        (
            "policy.toml",
            &SETTINGS.replace("memory = {", "memry = {"),
            "`memry` is no check (did you mean `memory`?)",
        ),
        (
            "policy.toml",
            &SETTINGS.replace("memory = { deadline_ms = 20, fail = \"open\" }", ""),
            "when the check `memory` fails",
        ),
        (
            "findings/f.toml",
            &FINDINGS.replace("asks_for_code", "claims_support"),
            "`claims_support` is named twice",
        ),
        ("findings/f.toml", &FINDINGS.replace("weight = 35", "weight = 35000"), "a weight is at most 1000"),
        ("findings/f.toml", &FINDINGS.replace("weight = 35", "weigth = 35"), "unknown field"),
        (
            "findings/f.toml",
            &FINDINGS.replace("Asks for a code.", "Asks {officail}."),
            "did you mean `official`?",
        ),
        ("findings/f.toml", &FINDINGS.replace("索要验证码。", " "), "the sentence says nothing in zh"),
        ("findings/f.toml", &FINDINGS.replace("asks_for_code", "Asks For Code"), "cannot be a name"),
        ("features.toml", &FEATURES.replace("first_seen", "first_sen"), "did you mean `first_seen`?"),
        ("features.toml", &FEATURES.replace("\"30d\"", "\"0d\""), "`0d` is no duration"),
        ("features.toml", &FEATURES.replace("of = \"links\"", ""), "`recent` needs `of`"),
        (
            "features.toml",
            &FEATURES.replace("\"actor.identity\", ", "\"actor.created_at\", "),
            "found timestamp",
        ),
        (
            "features.toml",
            &FEATURES.replace("\"message.sent\"", "\"message.send\""),
            "did you mean `message.sent`?",
        ),
        ("features.toml", &format!("{FEATURES}limit = 999"), "the limit of `recent` is 1 to 16"),
        (
            "features.toml",
            &format!("{FEATURES}where = 'feature.known_for > duration(\"1h\")'"),
            "no feature is called",
        ),
        (
            "lists/l.toml",
            "name = \"l\"\nkind = \"domain\"\nsource = \"s\"\nvalues = [\"com\"]",
            "`com` cannot be listed",
        ),
        ("lists/l.toml", "name = \"l\"\nkind = \"domian\"\nsource = \"s\"", "did you mean `domain`?"),
        (
            "lists/l.toml",
            "name = \"l\"\nkind = \"text\"\nsource = \"s\"\nexpires = \"soon\"",
            "`soon` is no time",
        ),
        (
            "phrases/p.toml",
            "[[list]]\nfinding = \"asks_for_cod\"\nphrases = [\"x\"]",
            "did you mean `asks_for_code`?",
        ),
        ("other/x.toml", "", "no such place in a policy"),
    ] {
        let told = problems(path, text);
        assert!(told.iter().any(|it| it.starts_with(path) && it.contains(expected)), "{expected}: {told:?}");
    }
}

#[test]
fn what_is_wrong_with_a_rule_is_told() {
    let live = |text: &str| text.replace("\"draft\"", "\"live\"");
    let case = "[[rule.hits]]\nabout = \"a\"\ntype = \"message.sent\"\n[[rule.misses]]\nabout = \"a\"\ntype = \"message.sent\"\n";
    let plain = rule("a", "claims_support", "found.claims_support");
    for (text, expected) in [
        (live(&plain), "a live rule needs a hit and a miss"),
        (rule("a", "claims_suport", "true"), "`claims_suport` is neither a finding nor a kind of event"),
        (rule("claims_support", "asks_for_code", "true"), "`claims_support` is named twice"),
        (format!("{plain}{plain}"), "`a` is named twice"),
        (
            rule("a", "b", "found.b") + &rule("b", "c", "found.c") + &rule("c", "a", "found.a"),
            "build on each other in a circle: a, b, c",
        ),
        (
            format!("{plain}{}{case}", live(&rule("b", "claims_support", "found.a"))),
            "`b` is live but builds on `a`, which is draft",
        ),
        (
            rule("a", "message.sent", "transfer.usd > 5"),
            "`transfer.usd` is in none of the events that wake this rule",
        ),
        (
            format!("{plain}{}", case.replace("message.sent", "message.snt")),
            "`message.snt` is no kind of event",
        ),
        (format!("{plain}{case}data = {{ text = 7 }}"), "no such event"),
        (format!("{plain}{case}found = [\"x\"]"), "no finding is called `x`"),
        (
            format!("{plain}{case}features = {{ known_for = 3 }}"),
            "`feature.known_for` gives duration, not this",
        ),
        (format!("{plain}{case}features = {{ know_for = \"3h\" }}"), "did you mean `known_for`?"),
        (format!("{plain}on_unknown = \"maybe\""), "`maybe` is no answer to unknown"),
    ] {
        let told = problems("rules/r.toml", &text);
        assert!(told.iter().any(|it| it.contains(expected)), "{expected}: {told:?}");
    }
}

#[test]
fn limits_hold() {
    let deep = format!("{}found.claims_support{}", "(".repeat(100), ")".repeat(100));
    let wide = vec!["true"; 600].join(" || ");
    let long = format!("text == \"{}\"", "a".repeat(9_000));
    for (when, expected) in [
        (deep.as_str(), "more than 32 levels"),
        (&"!".repeat(100), "more than 32 levels"),
        (&wide, "more than 512 parts"),
        (&long, "longer than 8192 bytes"),
    ] {
        let told = problems("rules/r.toml", &rule("r", "claims_support", when));
        assert!(told.iter().any(|it| it.contains(expected)), "{expected}: {told:?}");
    }
    let many: String = (0..1100).map(|at| rule(&format!("r{at}"), "claims_support", "true")).collect();
    assert!(problems("rules/r.toml", &many).iter().any(|it| it.contains("at most 1024 findings and rules")));
    assert!(problems("rules/r.toml", &many).len() <= 200);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let text = rule("a", "claims_suport", "found.x") + &rule("b", "asks_for_code", "text > 3");
    assert_eq!(problems("rules/r.toml", &text).len(), 3);
}

#[test]
fn the_hash_changes_with_every_byte_and_not_with_the_order_of_files() {
    let hash = |files: Vec<SourceFile>| Policy::load(files).unwrap().hash();
    let files = default_files();
    let mut turned = files.clone();
    turned.reverse();
    assert_eq!(hash(files.clone()), hash(turned));
    let mut changed = files.clone();
    changed[0].text.push('\n');
    assert_ne!(hash(files), hash(changed));
}

#[test]
fn rules_come_after_what_they_build_on() {
    let text = rule("c", "b", "found.b") + &rule("b", "a", "found.a") + &rule("a", "claims_support", "true");
    let policy = load(&[("rules/r.toml", &text)]).unwrap();
    let order: Vec<&str> = policy.rules().iter().map(|it| &*it.id).collect();
    assert_eq!(order, ["a", "b", "c"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_policy_is_refused_or_loaded_and_never_a_panic(
        file in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        cut in 0usize..40,
        put in "[\\x00-\\x7f词]{0,6}",
    ) {
        let mut files = default_files();
        files.retain(|it| !it.path.starts_with("phrases/"));
        let at_file = file.index(files.len());
        let text = &mut files[at_file].text;
        let mut from = at.index(text.len());
        let mut to = (from + cut).min(text.len());
        while !text.is_char_boundary(from) { from -= 1; }
        while !text.is_char_boundary(to) { to -= 1; }
        text.replace_range(from..to.max(from), &put);
        if let Err(problems) = Policy::load(files) {
            prop_assert!(!problems.is_empty());
        }
    }
}
