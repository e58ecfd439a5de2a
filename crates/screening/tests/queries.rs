//! Every query in `corpus/queries` gets the answer that is written below its line.
//!
//! With `TOUCHSTONE_BLESS=1` the lines are rewritten instead; look at the difference before
//! it is committed. The form of a case is described in `corpus/queries/README.md`.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on has failed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use touchstone_policy::SourceFile;
use touchstone_registry::Registry;
use touchstone_screening::answer::{Answer, MAX_ITEMS, MAX_QUERY_BYTES, Refusal, Standing, answer};
use touchstone_screening::{Directory, Policy};
use touchstone_types::Moment;

const RULE: &str = "---";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
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
});

static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| {
    let text = fs::read_to_string(root().join("corpus/queries/registry.jsonl")).unwrap();
    Directory::new(Registry::from_json_lines(&text).unwrap())
});

fn now() -> Moment {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

fn ask(query: &str) -> Result<Answer, Refusal> {
    answer(query, &DIRECTORY, &POLICY, now())
}

#[test]
fn every_query_gets_the_answer_written_below_its_line() {
    let bless = std::env::var_os("TOUCHSTONE_BLESS").is_some();
    let (mut wrong, mut met) = (Vec::new(), Vec::new());
    for path in cases() {
        let written = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (given, _) = written.split_once(&format!("\n{RULE}\n")).unwrap_or((written.trim_end(), ""));
        let mut lines = Vec::new();
        for query in queries(given) {
            let answer = ask(&query);
            met.extend(answer.as_ref().ok().map(|it| it.standing));
            lines.push(said(&answer));
        }
        let now = format!("{given}\n{RULE}\n{}\n", lines.join("\n"));
        if bless {
            fs::write(&path, now).unwrap();
        } else if now != written {
            wrong.push(format!("{name}:\n{}", now.split_once(RULE).unwrap().1.trim()));
        }
    }
    assert!(wrong.is_empty(), "TOUCHSTONE_BLESS=1 rewrites these:\n\n{}", wrong.join("\n\n"));
    for standing in Standing::ALL {
        assert!(met.iter().filter(|it| **it == standing).count() >= 4, "{} is asked about", standing.name());
    }
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("corpus/queries")).unwrap();
    let mut cases: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|ending| ending == "case"));
    cases.sort();
    cases
}

fn queries(given: &str) -> impl Iterator<Item = String> {
    given.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).map(|line| {
        let query =
            line.strip_prefix("ask  ").unwrap_or_else(|| panic!("`{line}` does not begin with `ask  `"));
        unescaped(query)
    })
}

/// `\n`, `\t` and `\u{…}`.
fn unescaped(text: &str) -> String {
    let mut pieces = text.split("\\u{");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (number, rest) = piece.split_once('}').unwrap();
        out.push(char::from_u32(u32::from_str_radix(number, 16).unwrap()).unwrap());
        out.push_str(rest);
    }
    out.replace("\\n", "\n").replace("\\t", "\t")
}

/// `contradicted · asks … · denies … · handle imitates "…"`
fn said(answer: &Result<Answer, Refusal>) -> String {
    let answer = match answer {
        Ok(answer) => answer,
        Err(refusal) => return format!("refused: {refusal}"),
    };
    let mut parts = vec![answer.standing.name().to_owned()];
    parts.extend(answer.forbidden.iter().map(|it| it.name.replace('_', " ")));
    parts.extend(answer.denied.iter().map(|it| format!("denies {}.{}", it.organisation, it.fact)));
    for item in &answer.items {
        let name = |it: &dyn std::fmt::Debug| serde_free(it);
        let likeness = item.likeness.as_ref().map(|it| format!(" of {}", it.official)).unwrap_or_default();
        parts.push(format!("{} {}{likeness}", name(&item.kind), name(&item.reason)));
    }
    parts.extend(answer.tricks.iter().map(|it| format!("trick {it}")));
    if answer.holds_secret {
        parts.push("holds a secret".to_owned());
    }
    parts.join(" · ")
}

/// `NameOnly` → `name_only`
fn serde_free(value: &dyn std::fmt::Debug) -> String {
    let mut out = String::new();
    for c in format!("{value:?}").chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

fn words_of(answer: &Answer) -> Vec<String> {
    let each = |it: &touchstone_types::Bilingual| [it.zh.clone(), it.en.clone()];
    let mut words: Vec<String> = each(&answer.headline).into();
    words.extend(answer.advice.iter().flat_map(each));
    words.extend(answer.items.iter().flat_map(|it| each(&it.sentence)));
    words
}

#[test]
fn nothing_to_look_up_and_too_much_are_refused_clearly() {
    for nothing in ["", "  \n\t ", "\u{200b}\u{202e}\u{feff}"] {
        assert_eq!(ask(nothing), Err(Refusal::Empty), "{nothing:?}");
    }
    let long = "a".repeat(MAX_QUERY_BYTES + 1);
    assert_eq!(ask(&long), Err(Refusal::TooLong(MAX_QUERY_BYTES + 1)));
}

#[test]
fn the_longest_query_is_answered_in_bounded_time() {
    let fill = |piece: &str| piece.repeat(MAX_QUERY_BYTES / piece.len());
    for piece in [
        "@lantern_supp0rt ",
        "https://lantern-wallet.example/a ",
        "xn--lntern-wallet-1lj.example ",
        "\u{202e}\u{200b}ab",
        "灯塔钱包客服",
        "+1 202 555 0114 ",
        "0x44e9000000000000000000000000000000f4a587 ",
        "a.b.c.d.e.",
        "((((((((",
        "send me your recovery phrase ",
        "abandon ability able about above ",
    ] {
        let begun = Instant::now();
        let text = fill(piece);
        let answer = ask(&text).unwrap();
        assert!(answer.items.len() <= MAX_ITEMS);
        // Without optimisation, on a busy machine; about a tenth of a second with it.
        eprintln!("{piece:?}: {:?}", begun.elapsed());
        assert!(begun.elapsed() < Duration::from_secs(30), "{piece}: {:?}", begun.elapsed());
    }
}

#[test]
fn what_was_not_looked_up_is_counted_and_never_listed() {
    let listed = "https://lantern-wallet.example/";
    let links: Vec<String> = (0..MAX_ITEMS + 7).map(|number| format!("{listed}{number}")).collect();
    let answer = ask(&links.join(" ")).unwrap();
    assert_eq!((answer.items.len(), answer.not_looked_up), (MAX_ITEMS, 7));
    assert_eq!(answer.standing, Standing::Unknown);
    let answer = ask(&links[..MAX_ITEMS].join(" ")).unwrap();
    assert_eq!(answer.standing, Standing::Listed);
}

#[test]
fn one_thing_written_twice_is_looked_up_once() {
    let answer = ask("@Lantern_Support wrote; @lantern_support did").unwrap();
    assert_eq!(answer.items.len(), 1);
}

#[test]
fn an_imitation_is_laid_beside_what_it_imitates_character_by_character() {
    let answer = ask("@lantern_supp0rt").unwrap();
    let likeness = answer.items[0].likeness.as_ref().unwrap();
    let differs: Vec<_> = likeness.alignment.iter().filter(|it| it.official != it.candidate).collect();
    assert_eq!((differs.len(), &*differs[0].official, &*differs[0].candidate), (1, "o", "0"));
}

#[test]
fn a_secret_in_the_query_is_noticed_and_not_repeated() {
    let words = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    let answer = ask(words).unwrap();
    assert!(answer.holds_secret);
    for sentence in words_of(&answer) {
        assert!(!sentence.contains("sausage"), "{sentence}");
    }
}

#[test]
fn with_nobody_on_the_list_everything_is_unknown_and_forbidden_requests_are_still_seen() {
    let nobody = Directory::empty();
    let ask = |query| answer(query, &nobody, &POLICY, now()).unwrap();
    assert_eq!(ask("@lantern_support").standing, Standing::Unknown);
    assert_eq!(ask("Send me the 12 words of your recovery phrase").standing, Standing::Contradicted);
}

fn any_query() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "@?(lantern|harbor|Iantern|lаntern)_(support|supp0rt|help)",
        "(https?://)?(lantern-wallet|xn--[a-z0-9]{0,6}|lantern-old)\\.(example|top|com)(/[a-z]{0,5})?",
        "\\PC{0,12}",
        "[\u{202a}-\u{202e}\u{200b}\u{2066}-\u{2069}]{1,3}",
        "\\+[0-9 ()-]{6,18}",
        "0x[0-9a-f]{38,42}",
        "[0-9a-f]{64}",
        "com\\.[a-z]{1,8}\\.[a-z]{1,8}",
        Just("send me your recovery phrase".to_owned()),
        Just("验证码发给我".to_owned()),
        Just("Lantern".to_owned()),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn an_answer_says_never_safe_and_always_what_to_do(query in any_query()) {
        let Ok(answer) = ask(&query) else { return Ok(()) };
        prop_assert!(!answer.advice.is_empty());
        for sentence in words_of(&answer) {
            prop_assert!(!sentence.is_empty());
            let lower = sentence.to_lowercase();
            prop_assert!(!lower.contains(" is safe") && !lower.contains("trustworthy") && !sentence.contains("安全的"));
        }
    }

    #[test]
    fn the_whole_is_listed_only_if_every_part_is(query in any_query()) {
        let Ok(answer) = ask(&query) else { return Ok(()) };
        let gravest = answer.items.iter().map(|it| it.standing).max();
        match answer.standing {
            Standing::Listed => prop_assert!(answer.items.iter().all(|it| it.standing == Standing::Listed)),
            Standing::Contradicted => prop_assert!(
                gravest == Some(Standing::Contradicted) || !answer.forbidden.is_empty() || !answer.denied.is_empty()
            ),
            _ => prop_assert!(gravest != Some(Standing::Contradicted)),
        }
    }

    #[test]
    fn a_forbidden_request_outranks_everything_beside_it(query in any_query()) {
        let asked = format!("{query}\nSend me the 12 words of your recovery phrase.");
        let answer = ask(&asked).unwrap();
        prop_assert_eq!(answer.standing, Standing::Contradicted);
    }

    #[test]
    fn spans_lie_in_the_query_and_hold_what_was_looked_up(query in any_query()) {
        let Ok(answer) = ask(&query) else { return Ok(()) };
        let trimmed: Vec<char> = query.trim().chars().collect();
        for item in &answer.items {
            let there: String = trimmed[item.span.from as usize..item.span.to as usize].iter().collect();
            prop_assert_eq!(&there, &item.text);
        }
    }

    #[test]
    fn the_same_question_has_the_same_answer(query in any_query()) {
        prop_assert_eq!(ask(&query), ask(&query));
    }
}
