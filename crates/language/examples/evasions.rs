//! Writes labelled texts again as those write who are afraid of filters.
//!
//! `cargo run --release -p touchstone-language --example evasions CASES.jsonl | touchstone evaluate /dev/stdin`
//!
//! Each case with a `text` comes out once for each way, with the way as its `fine`; `plain`
//! is the text as it was. The generator is fixed: the same file gives the same lines.

#![allow(clippy::unwrap_used)] // A measurement that cannot go on has failed.

use std::io::{BufRead, Write};

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn one_in(&mut self, of: u64) -> bool {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (x ^ x >> 31).is_multiple_of(of)
    }
}

const WAYS: [&str; 9] = [
    "plain",
    "spaced",
    "zero-width",
    "homoglyphs",
    "digits for letters",
    "circled",
    "full width",
    "channels",
    "split links",
];

fn obscure(text: &str, way: &str, random: &mut Random) -> String {
    let each = |of: &mut dyn FnMut(char) -> Option<String>| -> String {
        text.chars().map(|c| of(c).unwrap_or_else(|| c.to_string())).collect()
    };
    match way {
        // Letters apart inside every third word; Chinese characters apart everywhere.
        "spaced" => {
            let apart = |word: &str| word.chars().map(|c| c.to_string()).collect::<Vec<_>>().join(" ");
            let word = |word: &str| match word {
                word if !word.is_ascii() => apart(word),
                word if word.len() > 3 && random.one_in(3) => apart(word),
                word => word.to_owned(),
            };
            text.split(' ').map(word).collect::<Vec<_>>().join(" ")
        }
        "zero-width" => each(&mut |c| random.one_in(3).then(|| format!("{c}\u{200b}"))),
        "homoglyphs" => each(&mut |c| cyrillic(c).filter(|_| random.one_in(3)).map(String::from)),
        "digits for letters" => each(&mut |c| digit(c).filter(|_| random.one_in(3)).map(String::from)),
        "circled" => each(&mut |c| {
            let digit = c.to_digit(10)?;
            let han = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'][digit as usize];
            let circled = char::from_u32(0x245F + digit).filter(|_| digit > 0).unwrap_or('⓪');
            Some(if random.one_in(2) { circled } else { han }.to_string())
        }),
        "full width" => each(&mut |c| match u32::from(c) {
            code @ 0x21..=0x7E => char::from_u32(code + 0xFEE0).map(String::from),
            _ => None,
        }),
        "channels" => text
            .replace("微信", "V信")
            .replace("加微", "加薇❤")
            .replace("QQ", "扣扣")
            .replace("qq", "扣扣")
            .replace("Telegram", "飞机")
            .replace("telegram", "tele gram")
            .replace("WhatsApp", "whats.app")
            .replace("验证码", "验*证*码")
            .replace("助记词", "助-记-词")
            .replace("转账", "转.账"),
        "split links" => {
            text.replace("://", " : / / ").replace(".com", " . com").replace(".example", "[.]example")
        }
        _ => text.to_owned(),
    }
}

fn cyrillic(c: char) -> Option<char> {
    Some(match c {
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'o' => 'о',
        'p' => 'р',
        'x' => 'х',
        'y' => 'у',
        'i' => 'і',
        's' => 'ѕ',
        'A' => 'А',
        'E' => 'Е',
        'O' => 'О',
        'T' => 'Т',
        _ => return None,
    })
}

fn digit(c: char) -> Option<char> {
    Some(match c {
        'o' => '0',
        'i' => '1',
        'e' => '3',
        'a' => '@',
        's' => '5',
        _ => return None,
    })
}

fn main() {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut random = Random(7);
    for file in std::env::args().skip(1) {
        for line in std::io::BufReader::new(std::fs::File::open(file).unwrap()).lines() {
            let mut case: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
            let Some(text) = case["text"].as_str().map(str::to_owned) else { continue };
            for way in WAYS {
                case["text"] = obscure(&text, way, &mut random).into();
                case["fine"] = way.into();
                writeln!(out, "{case}").unwrap();
            }
        }
    }
}
