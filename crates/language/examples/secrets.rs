//! How many recovery phrases are found, and how many ordinary messages are taken for one.
//!
//! `cargo run --release -p touchstone-language --example secrets [TEXTS.jsonl …]`
//!
//! Phrases are made from the embedded word lists by a fixed generator, written in the ways in
//! which people write them down. Texts (`text` or `turns` of JSON Lines) are counted only:
//! nothing of them is printed but how many there are.

#![allow(clippy::unwrap_used)] // A measurement that cannot go on has failed.

use std::io::BufRead;

use sha2::{Digest, Sha256};
use touchstone_language::secrets::{self, Secret, SecretKind};
use touchstone_text::{Folded, fold};

const LISTS: [(&str, &str); 10] = [
    ("english", include_str!("../data/bip39/english.txt")),
    ("chinese_simplified", include_str!("../data/bip39/chinese_simplified.txt")),
    ("chinese_traditional", include_str!("../data/bip39/chinese_traditional.txt")),
    ("czech", include_str!("../data/bip39/czech.txt")),
    ("french", include_str!("../data/bip39/french.txt")),
    ("italian", include_str!("../data/bip39/italian.txt")),
    ("japanese", include_str!("../data/bip39/japanese.txt")),
    ("korean", include_str!("../data/bip39/korean.txt")),
    ("portuguese", include_str!("../data/bip39/portuguese.txt")),
    ("spanish", include_str!("../data/bip39/spanish.txt")),
];

/// How a phrase is written down; those from `TYPO` on are not whole.
const FORMS: [&str; 17] = [
    "plain",
    "lines",
    "numbered",
    "inline",
    "commas",
    "upper",
    "sentence",
    "zero-width",
    "cyrillic",
    "ideographic",
    "decomposed",
    "shuffled",
    "dense",
    "four letters",
    "typo",
    "missing",
    "swapped",
];

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((x ^ x >> 31) % end as u64) as usize
    }
}

fn phrase(list: &[&str], words: usize, random: &mut Random) -> Vec<String> {
    let entropy: Vec<u8> = (0..words * 4 / 3).map(|_| random.below(256) as u8).collect();
    let sum = Sha256::digest(&entropy)[0];
    let bit = |at: usize| match entropy.get(at / 8) {
        Some(byte) => usize::from(byte >> (7 - at % 8) & 1),
        None => usize::from(sum >> (7 - at % 8) & 1),
    };
    (0..words)
        .map(|word| (0..11).fold(0, |place, nth| place << 1 | bit(word * 11 + nth)))
        .map(|place| list[place].to_owned())
        .collect()
}

fn cyrillic(c: char) -> char {
    match c {
        'a' => 'а',
        'e' => 'е',
        'o' => 'о',
        'p' => 'р',
        'c' => 'с',
        'x' => 'х',
        c => c,
    }
}

/// One letter lost, doubled, changed, or swapped with the next; of a Chinese word, another.
fn misspell(word: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = random.below(letters.len());
    if letters.len() == 1 {
        return ["猫", "吧", "嘿", "鹅"][random.below(4)].to_owned();
    }
    match random.below(4) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        2 if letters[at].is_ascii() => letters[at] = (b'a' + random.below(26) as u8) as char,
        _ if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters.swap(at, at - 1),
    }
    letters.into_iter().collect()
}

fn write(mut words: Vec<String>, form: &str, random: &mut Random) -> String {
    let number = |(nth, word): (usize, &String)| format!("{}. {word}", nth + 1);
    match form {
        "lines" => words.join("\n"),
        "numbered" => words.iter().enumerate().map(number).collect::<Vec<_>>().join("\n"),
        "inline" => words
            .iter()
            .enumerate()
            .map(|(nth, it)| format!("{}){it}", nth + 1))
            .collect::<Vec<_>>()
            .join(" "),
        "commas" => words.join(", "),
        "upper" => words.join(" ").to_uppercase(),
        "sentence" if words[0].is_ascii() => {
            format!("ok here it is, my phrase: {} - please fix it now", words.join(" "))
        }
        "sentence" => format!("好的，我的助记词是：{}。谢谢", words.join(" ")),
        "zero-width" => words
            .iter()
            .map(|it| it.chars().map(|c| format!("{c}\u{200b}")).collect::<String>())
            .collect::<Vec<_>>()
            .join(" "),
        "cyrillic" => {
            words.join(" ").chars().map(|c| if random.below(3) == 0 { cyrillic(c) } else { c }).collect()
        }
        "ideographic" => words.join("\u{3000}"),
        "decomposed" => words.join(" ").chars().flat_map(decompose).collect(),
        "shuffled" => {
            let mut lines: Vec<String> = words.iter().enumerate().map(number).collect();
            (1..lines.len()).rev().for_each(|at| lines.swap(at, random.below(at + 1)));
            lines.join("\n")
        }
        "dense" if words[0].chars().count() == 1 => format!("助记词：{}", words.concat()),
        "four letters" if words[0].is_ascii() => {
            words.iter().map(|it| it.get(..4).unwrap_or(it)).collect::<Vec<_>>().join(" ")
        }
        "typo" => {
            let at = random.below(words.len());
            words[at] = misspell(&words[at], random);
            words.join(" ")
        }
        "missing" => {
            words.remove(random.below(words.len()));
            words.join(" ")
        }
        "swapped" => {
            let (a, b) = (random.below(words.len()), random.below(words.len()));
            words.swap(a, b);
            words.join(" ")
        }
        _ => words.join(" "),
    }
}

/// Hangul syllables as their letters, as some keyboards and file systems have them.
fn decompose(c: char) -> Vec<char> {
    match u32::from(c).checked_sub(0xAC00).filter(|it| *it < 11_172) {
        Some(at) => [0x1100 + at / 588, 0x1161 + at % 588 / 28, 0x11A7 + at % 28]
            .into_iter()
            .filter(|it| *it != 0x11A7)
            .filter_map(char::from_u32)
            .collect(),
        None => vec![c],
    }
}

fn certainty(text: &str, folded: &mut Folded, found: &mut Vec<Secret>) -> f32 {
    fold(text, folded);
    secrets::find(text, folded, found);
    let phrases = found.iter().filter(|it| it.kind == SecretKind::RecoveryPhrase);
    phrases.map(|it| it.certainty).fold(0.0, f32::max)
}

fn main() {
    let (mut folded, mut found) = (Folded::new(), Vec::new());
    let each: usize = 400;
    println!("{each} phrases of each length; found surely (0.9) / at least worth a warning (0.6), in %");
    for (language, list) in LISTS {
        let list: Vec<&str> = list.lines().collect();
        for form in FORMS {
            let only = match form {
                "dense" => language.starts_with("chinese"),
                "cyrillic" | "upper" => {
                    !language.starts_with("chinese") && !matches!(language, "japanese" | "korean")
                }
                "four letters" => language == "english",
                "decomposed" => language == "korean",
                _ => true,
            };
            if !only {
                continue;
            }
            let mut random = Random(39);
            print!("{language:20} {form:12}");
            for length in [12, 15, 18, 21, 24] {
                let (mut sure, mut some) = (0, 0);
                for _ in 0..each {
                    let words = phrase(&list, length, &mut random);
                    let text = write(words, form, &mut random);
                    let certainty = certainty(&text, &mut folded, &mut found);
                    sure += usize::from(certainty >= 0.9);
                    some += usize::from(certainty >= 0.6);
                }
                let percent = |it: usize| it as f64 * 100.0 / each as f64;
                print!("  {length}: {:6.2}/{:6.2}", percent(sure), percent(some));
            }
            println!();
        }
    }
    for file in std::env::args().skip(1) {
        count(&file, &mut folded, &mut found);
    }
}

fn count(file: &str, folded: &mut Folded, found: &mut Vec<Secret>) {
    let mut kinds = std::collections::BTreeMap::new();
    let mut texts = 0_u64;
    for line in std::io::BufReader::new(std::fs::File::open(file).unwrap()).lines() {
        let row: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let turns = row["turns"].as_array().cloned().unwrap_or_default();
        for text in turns.iter().chain([&row]).filter_map(|it| it["text"].as_str()) {
            texts += 1;
            certainty(text, folded, found);
            for secret in found.iter().filter(|it| it.certainty >= 0.6) {
                *kinds.entry(secret.kind).or_insert(0) += 1;
            }
        }
    }
    println!("{file}: {texts} texts, {kinds:?}");
}
