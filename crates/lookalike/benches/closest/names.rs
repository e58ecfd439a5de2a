//! Names made from the built-in word list and a counter.

use touchstone_lookalike::{Kind, Official};

/// How many names each set has.
const MANY: usize = 1_024;

/// A counter's number, well mixed.
fn mixed(number: usize) -> u64 {
    let mut mixed = (number as u64).wrapping_add(0x9E37_79B9_7F4A_7C15);
    for _ in 0..2 {
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    }
    mixed ^ mixed >> 31
}

fn pick<T>(from: &[T], number: u64) -> &T {
    &from[usize::try_from(number % from.len() as u64).unwrap_or(0)]
}

/// Common words and names of persons.
struct Words {
    common: Vec<String>,
    persons: Vec<String>,
}

impl Words {
    /// As `data/words.txt` has them: shared beginning, rest, kind.
    fn read() -> Self {
        let (mut words, mut before) = (Self { common: Vec::new(), persons: Vec::new() }, String::new());
        for line in include_str!("../../data/words.txt").lines() {
            let (Some(shared), Some(kind)) = (line.bytes().next(), line.bytes().last()) else { continue };
            before.truncate(usize::from(shared.saturating_sub(b'a')));
            before.push_str(&line[1..line.len() - 1]);
            match kind {
                b'0'..=b'6' if before.len() > 2 => words.common.push(before.clone()),
                b'N' if before.len() > 2 => words.persons.push(before.clone()),
                _ => {}
            }
        }
        words
    }
}

/// Handles and names of ordinary people: persons, words, numbers, one in four Chinese.
pub(crate) fn ordinary() -> Vec<String> {
    let (words, chinese) = (Words::read(), chinese());
    (0..MANY)
        .map(|number| {
            let it = mixed(number + 50_000_000);
            let (person, other) = (pick(&words.persons, it >> 8), pick(&words.persons, it >> 20));
            let (word, next) = (pick(&words.common, it >> 12), pick(&words.common, it >> 28));
            match it % 8 {
                0 => format!("{person}.{other}"),
                1 => format!("{person}{}", it >> 40 & 1023),
                2 => format!("{word}_{next}"),
                3 => format!("{person} {other}"),
                4 => format!("{word}{next}"),
                5 => format!("{person}_{word}{}", it >> 40 & 63),
                _ => pick(&chinese, it >> 16).clone(),
            }
        })
        .collect()
}

/// Names of Chinese persons.
pub(crate) fn chinese() -> Vec<String> {
    let families: Vec<char> = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗".chars().collect();
    let given: Vec<char> =
        "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文玉红建国春梅辉宇浩然子涵".chars().collect();
    (0..MANY)
        .map(|number| {
            let it = mixed(number + 60_000_000);
            let mut name = String::from(*pick(&families, it));
            name.push(*pick(&given, it >> 16));
            if it >> 60 > 4 {
                name.push(*pick(&given, it >> 32));
            }
            name
        })
        .collect()
}

/// A made-up name that can be pronounced.
fn invented(number: usize) -> String {
    const HEADS: [&str; 32] = [
        "ba", "ke", "mi", "to", "lu", "ra", "ne", "si", "po", "du", "fa", "ge", "vi", "zo", "ja", "he",
        "tra", "ble", "pri", "clo", "sku", "dra", "fle", "gri", "wo", "ya", "que", "chi", "sho", "thu", "na",
        "le",
    ];
    const TAILS: [&str; 8] = ["n", "r", "l", "x", "st", "nd", "m", "s"];
    let it = mixed(number);
    let syllables: String = (0..3 + it % 2).map(|at| *pick(&HEADS, it >> (5 * at + 8))).collect();
    syllables + *pick(&TAILS, it >> 40)
}

/// Names, handles and domains of firms: half are made up, half are two words.
pub(crate) fn officials(count: usize) -> Vec<Official> {
    let words = Words::read();
    (0..count)
        .map(|number| {
            let it = mixed(number + 70_000_000);
            let (word, next) = (pick(&words.common, it >> 12), pick(&words.common, it >> 28));
            let (kind, text) = match number % 4 {
                0 => (Kind::Handle, invented(number)),
                1 => (Kind::Domain, format!("{}.com", invented(number))),
                2 => (Kind::DisplayName, format!("{word} {next}")),
                _ => (Kind::Handle, format!("{word}{next}")),
            };
            Official { brand: format!("b{number}").into(), kind, text: text.into() }
        })
        .collect()
}

/// Domains of two words, or of a person.
pub(crate) fn domains() -> Vec<String> {
    let words = Words::read();
    (0..MANY)
        .map(|number| {
            let it = mixed(number + 80_000_000);
            let (word, next) = (pick(&words.common, it >> 12), pick(&words.common, it >> 28));
            match it % 4 {
                0 => format!("{word}-{next}.com"),
                1 => format!("www.{word}{next}.co.uk"),
                2 => format!("mail.{}.net", pick(&words.persons, it >> 20)),
                _ => format!("{word}{}.org", it >> 40 & 63),
            }
        })
        .collect()
}

/// Links to such domains.
pub(crate) fn links() -> Vec<String> {
    domains().iter().map(|domain| format!("https://{domain}/articles/2024?page=2")).collect()
}

/// Official names with a letter amiss, in disguise, or beside a role word.
pub(crate) fn imitations(officials: usize) -> Vec<String> {
    let officials = self::officials(officials);
    (0..MANY)
        .map(|number| {
            let it = mixed(number + 90_000_000);
            let text = pick(&officials, it).text.trim_end_matches(".com").to_owned();
            let at = 1 + usize::try_from(it >> 24).unwrap_or(1) % (text.len() - 2);
            match it >> 40 & 7 {
                0 => format!("{}{}", &text[..at], &text[at + 1..]),
                1 => format!("{}x{}", &text[..at], &text[at..]),
                2 => text.replace('o', "0").replace('l', "1"),
                3 => text.replace('a', "а").replace('e', "е"), // Cyrillic.
                4 => format!("{text} support"),
                5 => format!("official_{text}"),
                6 => text.chars().flat_map(|c| [c, ' ']).collect(),
                _ => format!("{text}客服"),
            }
        })
        .collect()
}
