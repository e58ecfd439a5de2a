use std::path::Path;

use super::*;

fn built_in() -> Playbooks {
    Playbooks::built_in().unwrap()
}

#[test]
fn every_file_of_the_folder_is_built_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/playbooks");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), built_in().iter().count());
}

const GOOD: &str = r#"
id = "lost"
kinds = ["other"]
words = ["lost"]
title = { zh = "丢", en = "Lost" }
about = { zh = "丢了", en = "It is lost" }
sources = ["a guideline"]

[[first_contact]]
zh = "您好 {name}"
en = "Hello {name}"

[[step]]
id = "look"
who = "agent"
text.zh = "找"
text.en = "Look"
why = { zh = "先", en = "First" }
proves = { zh = "记", en = "A note" }

[[step]]
id = "tell"
who = "agent"
after = ["look"]
power = "freeze"
text = { zh = "说", en = "Tell" }
why = { zh = "后", en = "Then" }
proves = { zh = "信", en = "A letter" }
wording = [{ zh = "{reference} 好", en = "{reference} is well" }]
"#;

#[test]
fn a_playbook_that_is_not_whole_is_refused_with_file_line_and_reason() {
    Playbooks::load([("x/lost.toml", GOOD)]).unwrap();
    for (from, to, line, reason) in [
        ("id = \"lost\"", "id = \"Lost Keys\"", 2, "is no name"),
        ("id = \"lost\"", "id = \"mislaid\"", 2, "is called mislaid.toml"),
        ("[\"other\"]", "[\"others\"]", 3, "no kind of report is called `others`"),
        ("[\"other\"]", "[]", 2, "names no kind"),
        ("words = [\"lost\"]", "words = [\" \"]", 4, "would fit every story"),
        ("en = \"Lost\"", "en = \" \"", 5, "the text in `en` is empty"),
        ("\"It is lost\"", "\"It is {asset}\"", 6, "filled in only in"),
        ("[\"a guideline\"]", "[]", 7, "names nothing"),
        ("Hello {name}", "Hello {nmae}", 9, "nothing is known as `{nmae}`"),
        ("Hello {name}", "Hello", 9, "`{name}` is in one language only"),
        ("why = { zh = \"先\"", "wy = { zh = \"先\"", 18, "unknown field `wy`"),
        ("id = \"tell\"", "id = \"look\"", 22, "there is another step `look`"),
        ("after = [\"look\"]", "after = [\"tell\"]", 24, "no step before this one is called `tell`"),
        ("power = \"freeze\"", "power = \"spend\"", 25, "no power is called `spend`"),
        ("who = \"agent\"\nafter", "who = \"boss\"\nafter", 23, "unknown variant `boss`"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let problems = Playbooks::load([("x/lost.toml", GOOD.replacen(from, to, 1).as_str())]).unwrap_err();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let wanted = format!("x/lost.toml:{line}: ");
        assert!(said.iter().any(|it| it.starts_with(&wanted) && it.contains(reason)), "{to}: {said:?}");
    }
    let twice = Playbooks::load([("a/lost.toml", GOOD), ("b/lost.toml", GOOD)]).unwrap_err();
    assert_eq!(twice[0].to_string(), "b/lost.toml:2: there is another playbook `lost`");
}

#[test]
fn a_wording_is_filled_and_what_is_missing_stays_in_sight() {
    let wording = Wording(Bilingual {
        zh: "{name}：{amount} {asset}，编号 {reference}".into(),
        en: "{name}: {amount} {asset}, case {reference}".into(),
    });
    assert_eq!(wording.places(), ["name", "amount", "asset", "reference"]);
    let filled = wording.fill(|place| match place {
        "name" => Some("{asset}".into()), // What somebody wrote is not read as a place.
        "asset" => Some("USDT".into()),
        "reference" => Some(" ".into()),
        _ => None,
    });
    assert_eq!(filled.text.en, "{asset}: [amount] USDT, case [reference]");
    assert_eq!(filled.text.zh, "{asset}：[金额] USDT，编号 [案件编号]");
    assert_eq!(filled.missing, ["amount", "reference"]);
}
