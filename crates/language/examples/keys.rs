//! How many private keys, wallet files, API secrets, identity numbers, cards and codes are found, and what else is taken for
//! one.
//!
//! `cargo run -p touchstone-language --example keys [TEXTS.jsonl …]`
//!
//! Everything is made by a fixed generator and put into the sentences in which people send it. Texts (`text` or `turns` of
//! JSON Lines) are counted only: nothing of them is printed but how many there are.

#![allow(clippy::unwrap_used)] // A measurement that cannot go on has failed.

use std::collections::BTreeMap;
use std::io::BufRead;

use sha2::{Digest, Sha256};
use touchstone_language::secrets::{self, Secret, SecretKind};
use touchstone_text::{Folded, fold};

const EACH: usize = 1_000;

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

    fn of(&mut self, alphabet: &str, count: usize) -> String {
        let chars: Vec<char> = alphabet.chars().collect();
        (0..count).map(|_| chars[self.below(chars.len())]).collect()
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| u8::try_from(self.below(256)).unwrap()).collect()
    }
}

const HEX: &str = "0123456789abcdef";
const DIGITS: &str = "0123456789";
const MIXED: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn with_check(mut payload: Vec<u8>) -> String {
    let sum = Sha256::digest(Sha256::digest(&payload));
    payload.extend_from_slice(&sum[..4]);
    bs58::encode(payload).into_string()
}

fn wif(random: &mut Random) -> String {
    let mut payload = vec![0x80];
    payload.extend(random.bytes(32));
    payload.push(1);
    with_check(payload)
}

fn luhn(mut digits: String) -> String {
    let sum: usize = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = usize::from(byte - b'0') * if at % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    digits.push_str(&((10 - sum % 10) % 10).to_string());
    digits
}

fn id_number(random: &mut Random) -> String {
    const WEIGHTS: [usize; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let places = ["110105", "310104", "440305", "510107", "330106"];
    let (year, month, day) = (1950 + random.below(55), 1 + random.below(12), 1 + random.below(28));
    let body =
        format!("{}{year}{month:02}{day:02}{:03}", places[random.below(places.len())], random.below(1000));
    let sum: usize = body.bytes().zip(WEIGHTS).map(|(byte, weight)| usize::from(byte - b'0') * weight).sum();
    let check = ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum % 11];
    body + check
}

fn card(random: &mut Random) -> String {
    let issuers = ["622848", "621700", "625965", "400000", "510510", "378282"];
    let issuer = issuers[random.below(issuers.len())];
    let length = if issuer.starts_with('3') { 14 } else { 15 };
    luhn(format!("{issuer}{}", random.of(DIGITS, length - issuer.len())))
}

fn spaced(digits: &str) -> String {
    let parts: Vec<&str> =
        (0..digits.len()).step_by(4).map(|at| &digits[at..digits.len().min(at + 4)]).collect();
    parts.join(" ")
}

fn keystore(random: &mut Random) -> String {
    let (address, text, iv) = (random.of(HEX, 40), random.of(HEX, 64), random.of(HEX, 32));
    format!(
        r#"{{"version":3,"address":"{address}","crypto":{{"ciphertext":"{text}","cipherparams":{{"iv":"{iv}"}},"cipher":"aes-128-ctr","kdf":"scrypt"}}}}"#
    )
}

type Make = fn(&mut Random) -> String;

/// What is sent, as what it should be found, and the sentences around it.
const SENT: [(&str, SecretKind, Make, [&str; 4]); 10] = [
    (
        "private key, hexadecimal",
        SecretKind::PrivateKey,
        |it| it.of(HEX, 64),
        [
            "my private key is {}",
            "私钥：{}",
            "here is the key of my wallet 0x{}",
            "privkey {} please import it",
        ],
    ),
    (
        "private key, WIF",
        SecretKind::PrivateKey,
        wif,
        ["{}", "发你了 {}", "import this: {}", "it says {} on the paper"],
    ),
    (
        "key pair, base58",
        SecretKind::PrivateKey,
        |it| bs58::encode(it.bytes(64)).into_string(),
        ["my secret key {}", "私钥 {}", "phantom private key: {}", "这是钱包的私钥{}"],
    ),
    (
        "wallet file",
        SecretKind::Keystore,
        keystore,
        ["{}", "my keystore: {}", "keystore 内容 {}", "{} and the password is next"],
    ),
    (
        "API secret",
        SecretKind::ApiSecret,
        |it| it.of(MIXED, 64),
        ["api secret: {}", "my exchange secret key is {}", "API密钥 {}", "apiSecret={}"],
    ),
    (
        "Chinese identity number",
        SecretKind::IdNumber,
        id_number,
        ["{}", "身份证号{}", "我的身份证是 {}", "my id number is {}"],
    ),
    (
        "bank card, named",
        SecretKind::CardNumber,
        card,
        ["卡号{}", "my card number is {}", "银行卡 {}", "card: {}"],
    ),
    (
        "bank card, in groups of four",
        SecretKind::CardNumber,
        |it| spaced(&card(it)),
        ["{}", "sure, {}", "你看一下 {}", "it is {} I think"],
    ),
    (
        "one-time code",
        SecretKind::OneTimeCode,
        |it| it.of(DIGITS, 6),
        ["the code is {}", "验证码是{}", "my otp: {}", "收到的验证码 {}"],
    ),
    (
        "passport",
        SecretKind::Passport,
        |it| format!("E{}", it.of(DIGITS, 8)),
        ["my passport number is {}", "护照号 {}", "passport: {}", "护照{}"],
    ),
];

/// What looks alike and is no secret.
const HARMLESS: [(&str, Make, [&str; 4]); 6] = [
    (
        "transaction hash",
        |it| format!("0x{}", it.of(HEX, 64)),
        ["tx hash {}", "交易哈希 {}", "{}", "can you see this transfer? {}"],
    ),
    (
        "chain address",
        |it| format!("0x{}", it.of(HEX, 40)),
        ["send to {}", "地址 {}", "{}", "my address is {}"],
    ),
    (
        "tracking number",
        |it| format!("SF{}", it.of(DIGITS, 13)),
        ["快递单号 {}", "tracking number {}", "{}", "your parcel {} is on its way"],
    ),
    (
        "phone number",
        |it| format!("1{}", it.of("3456789", 1) + &it.of(DIGITS, 9)),
        ["我电话{}", "call me on {}", "{}", "手机号是 {}"],
    ),
    ("order number", |it| it.of(DIGITS, 18), ["订单号 {}", "order {}", "{}", "order no. {} has not arrived"]),
    ("file digest", |it| it.of(HEX, 64), ["sha256 {}", "checksum: {}", "{}", "the file's digest is {}"]),
];

fn found(text: &str, folded: &mut Folded, all: &mut Vec<Secret>) {
    fold(text, folded);
    all.clear();
    secrets::find(text, folded, all);
}

fn main() {
    let (mut random, mut folded, mut all) = (Random(7), Folded::new(), Vec::new());
    println!("what was sent, found as such, surely (0.85 and more), of {EACH}");
    for (name, kind, make, sentences) in SENT {
        let (mut any, mut sure) = (0, 0);
        for nth in 0..EACH {
            let text = sentences[nth % sentences.len()].replace("{}", &make(&mut random));
            found(&text, &mut folded, &mut all);
            let best = all.iter().filter(|it| it.kind == kind).map(|it| it.certainty).fold(0.0f32, f32::max);
            any += usize::from(best > 0.0);
            sure += usize::from(best >= 0.85);
        }
        println!("{name:30} {any:5} {sure:5}");
    }
    println!("what is no secret, taken for one, surely, of {EACH}");
    for (name, make, sentences) in HARMLESS {
        let (mut any, mut sure) = (0, 0);
        for nth in 0..EACH {
            let text = sentences[nth % sentences.len()].replace("{}", &make(&mut random));
            found(&text, &mut folded, &mut all);
            any += usize::from(!all.is_empty());
            sure += usize::from(all.iter().any(|it| it.certainty >= 0.85));
        }
        println!("{name:30} {any:5} {sure:5}");
    }
    let (mut texts, mut kinds) = (0_usize, BTreeMap::new());
    for file in std::env::args().skip(1) {
        for line in std::io::BufReader::new(std::fs::File::open(file).unwrap()).lines() {
            let row: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
            let turns = row["turns"].as_array().into_iter().flatten().map(|it| &it["text"]);
            for text in turns.chain([&row["text"]]).filter_map(|it| it.as_str()) {
                texts += 1;
                found(text, &mut folded, &mut all);
                for secret in all.iter().filter(|it| it.certainty >= 0.85) {
                    *kinds.entry(secret.kind.name()).or_insert(0_usize) += 1;
                }
            }
        }
    }
    println!("{texts} ordinary texts and turns, taken surely for: {kinds:?}");
}
