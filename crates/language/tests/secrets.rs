//! What counts as giving a secret away, and what only looks like it.

#![allow(clippy::unwrap_used)] // A helper that cannot go on ends its test.

use sha2::{Digest, Sha256};
use touchstone_language::secrets::{self, Secret, SecretKind};
use touchstone_text::{Folded, fold};

fn find(text: &str) -> Vec<Secret> {
    let (mut folded, mut found) = (Folded::new(), Vec::new());
    fold(text, &mut folded);
    secrets::find(text, &folded, &mut found);
    for secret in &found {
        assert!(text.get(secret.span.clone()).is_some_and(|it| !it.is_empty()), "{text:?} {secret:?}");
    }
    found
}

fn certainty(text: &str, kind: SecretKind) -> f32 {
    find(text).iter().filter(|it| it.kind == kind).map(|it| it.certainty).fold(0.0, f32::max)
}

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

/// A phrase as BIP-39 makes it from entropy that the seed stands for.
fn phrase(list: &str, words: usize, seed: u64) -> Vec<String> {
    let digest = Sha256::digest(seed.to_be_bytes());
    let entropy = &digest[..words * 4 / 3];
    let sum = Sha256::digest(entropy)[0];
    let bit = |at: usize| match at / 8 {
        byte if byte < entropy.len() => u16::from(entropy[byte] >> (7 - at % 8) & 1),
        _ => u16::from(sum >> (7 - at % 8) & 1),
    };
    let all: Vec<&str> = list.lines().collect();
    (0..words)
        .map(|word| (0..11).fold(0, |place, nth| place << 1 | bit(word * 11 + nth)))
        .map(|place| all[place as usize].to_owned())
        .collect()
}

/// The ways in which people write a phrase down.
const FORMS: [&str; 8] =
    ["plain", "lines", "numbered", "commas", "upper", "sentence", "zero-width", "shuffled"];

fn write(words: &[String], form: &str) -> String {
    let numbered =
        || words.iter().enumerate().map(|(nth, word)| format!("{}. {word}", nth + 1)).collect::<Vec<_>>();
    match form {
        "lines" => words.join("\n"),
        "numbered" => numbered().join("\n"),
        "commas" => words.join(", "),
        "upper" => words.join(" ").to_uppercase(),
        "sentence" => format!("好的，我的助记词是：{}。谢谢", words.join(" ")),
        "zero-width" => words.join(" ").chars().flat_map(|c| [c, '\u{200b}']).collect(),
        "shuffled" => {
            let mut lines = numbered();
            lines.reverse();
            lines.swap(2, 7);
            lines.join("\n")
        }
        _ => words.join(" "),
    }
}

#[test]
fn a_phrase_of_any_language_length_and_form_is_found() {
    for (language, list) in LISTS {
        for form in FORMS {
            // Lines of Chinese in another order have no checksum; how they are drawn tells.
            let least = if form == "shuffled" && language.starts_with("chinese") { 0.6 } else { 0.9 };
            let missed = (0..50).filter(|seed| {
                let words = phrase(list, [12, 15, 18, 21, 24][*seed as usize % 5], *seed);
                certainty(&write(&words, form), SecretKind::RecoveryPhrase) < least
            });
            assert_eq!(missed.count(), 0, "{language} {form}");
        }
    }
}

#[test]
fn the_published_test_vectors_are_found() {
    for (word, last) in [
        (("abandon", 11), "about"),
        (("abandon", 17), "agent"),
        (("abandon", 23), "art"),
        (("zoo", 11), "wrong"),
        (("zoo", 17), "when"),
        (("zoo", 23), "vote"),
    ] {
        let text = format!("{}{last}", format!("{} ", word.0).repeat(word.1));
        assert!(certainty(&text, SecretKind::RecoveryPhrase) >= 0.9, "{text}");
        assert_eq!(certainty(&text.replace(last, word.0), SecretKind::RecoveryPhrase), 0.0, "no refrain");
    }
    for text in [
        "legal winner thank year wave sausage worth useful legal winner thank yellow",
        "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
        "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal will",
    ] {
        assert!(certainty(text, SecretKind::RecoveryPhrase) >= 0.9, "{text}");
    }
}

#[test]
fn four_letters_of_each_english_word_are_enough() {
    for seed in 0..50 {
        let words = phrase(LISTS[0].1, [12, 24][seed as usize % 2], seed);
        let short: Vec<&str> = words.iter().map(|it| it.get(..4).unwrap_or(it)).collect();
        assert!(certainty(&short.join(" "), SecretKind::RecoveryPhrase) >= 0.9, "{short:?}");
    }
}

#[test]
fn parts_of_a_phrase_are_counted_and_talk_is_not() {
    let count = |text: &str| {
        let mut folded = Folded::new();
        fold(text, &mut folded);
        secrets::words_of_a_phrase(text, &folded)
    };
    for (_, list) in LISTS {
        let words = phrase(list, 12, 3);
        assert_eq!(count(&words[..4].join(" ")), 4, "{:?}", &words[..4]);
        assert_eq!(count(&write(&words[4..8], "numbered")), 4, "{:?}", &words[4..8]);
    }
    for text in ["ok the first ones are", "thanks, see you at nine", "好的 我知道了", "12345", ""] {
        assert_eq!(count(text), 0, "{text}");
    }
}

#[test]
fn a_phrase_with_one_mistake_is_worth_a_warning() {
    for (language, list) in LISTS {
        let (mut misspelt, mut shortened) = (0, 0);
        for seed in 0..100 {
            let words = phrase(list, 12, seed);
            let mut typo = words.clone();
            let letters: Vec<char> = typo[5].chars().collect();
            typo[5] = letters.iter().enumerate().filter(|(nth, _)| *nth != 1).map(|(_, c)| c).collect();
            if letters.len() == 1 {
                typo[5] = "嘿".to_owned();
            }
            misspelt += usize::from(certainty(&typo.join(" "), SecretKind::RecoveryPhrase) < 0.6);
            shortened += usize::from(certainty(&words[1..].join(" "), SecretKind::RecoveryPhrase) < 0.6);
        }
        assert!(misspelt <= 3, "{language}: {misspelt} of 100 misspelt missed");
        assert!(shortened <= 3, "{language}: {shortened} of 100 shortened missed");
    }
}

#[test]
fn chinese_words_without_gaps_count_beside_a_word_for_them() {
    let words = phrase(LISTS[1].1, 12, 7).concat();
    assert!(certainty(&format!("助记词：{words}"), SecretKind::RecoveryPhrase) >= 0.9);
    assert_eq!(certainty(&words, SecretKind::RecoveryPhrase), 0.3);
}

#[test]
fn ordinary_text_is_no_phrase() {
    for text in [
        "我们今天的会议在三点开始请大家准时到场不要迟到",
        "的一是在不了有和人这中大",
        "今天天气不错，我们一起出去走走吧，你觉得怎么样呢？",
        "稳 赚 不 赔 ， 日 结 ， 五 百 起 ， 转 账 后 登 记",
        "about above absent action actor actual",
        "You can win a day at the beach with your family and friend if you enter the contest",
        "Please order apple, banana, orange and bread for the camp",
        "They always have stuff you can do. Often you can just walk there any time you like, come when you want",
    ] {
        assert!(find(text).is_empty(), "{text}: {:?}", find(text));
    }
}

#[test]
fn keys_are_found_by_checksum_or_by_name() {
    let hex = "1e99423a4ed27608a15a2616a2b0e9e52ced330ac530edcc32c8ffc6a526aedd";
    for (text, found) in [
        (format!("my private key is {hex}"), true),
        (format!("here is the key of my wallet 0x{hex}"), true),
        (format!("私钥：0x{hex}"), true),
        (format!("tx {hex} is confirmed"), false),
        (format!("sha256 {hex}"), false),
        ("KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn".to_owned(), true), // The key 1.
        ("KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWm".to_owned(), false),
        // BIP-32, test vector 1.
        ("xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi".to_owned(), true),
        ("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAoAoGCCqGSM49\n-----END EC PRIVATE KEY-----".to_owned(), true),
        (format!("[{}]", (0..64).map(|it| (it * 37 % 256).to_string()).collect::<Vec<_>>().join(",")), true),
    ] {
        assert_eq!(certainty(&text, SecretKind::PrivateKey) >= 0.9, found, "{text}");
    }
    let keystore = r#"{"version":3,"crypto":{"cipher":"aes-128-ctr","ciphertext":"00","kdf":"scrypt","kdfparams":{"n":262144},"mac":"00"}}"#;
    assert!(certainty(keystore, SecretKind::Keystore) > 0.9);
    assert!(certainty("api secret: 9fK2mQ7xTzB4wLr8VnC1sDhY6pEj3uGa", SecretKind::ApiSecret) > 0.8);
}

#[test]
fn numbers_count_by_their_check_digit_or_their_name() {
    for (text, kind, least) in [
        ("我的身份证号是11010519491231002X", SecretKind::IdNumber, 0.9), // The example of GB 11643.
        ("110105194912310021", SecretKind::IdNumber, 0.0),
        ("4111 1111 1111 1111", SecretKind::CardNumber, 0.9),
        ("卡号4111111111111111", SecretKind::CardNumber, 0.9),
        ("4111 1111 1111 1112", SecretKind::CardNumber, 0.0),
        ("order 2024110512345678", SecretKind::CardNumber, 0.0),
        ("the code is 482913", SecretKind::OneTimeCode, 0.9),
        ("验证码 482913", SecretKind::OneTimeCode, 0.9),
        ("验证码４８２９１３", SecretKind::OneTimeCode, 0.9),
        ("482 913 is your verification code", SecretKind::OneTimeCode, 0.9),
        ("482913", SecretKind::OneTimeCode, 0.3),
        ("meet at 1830", SecretKind::OneTimeCode, 0.0),
        ("error code 404404", SecretKind::OneTimeCode, 0.0),
        ("邮编 100080", SecretKind::OneTimeCode, 0.0),
        ("passport E12345678", SecretKind::Passport, 0.8),
        ("my password is hunter22", SecretKind::Password, 0.7),
        ("密码是abc12345", SecretKind::Password, 0.7),
        ("cvv 123", SecretKind::CardCode, 0.9),
    ] {
        let certainty = certainty(text, kind);
        assert!(if least == 0.0 { certainty == 0.0 } else { certainty >= least }, "{text}: {certainty}");
    }
}

#[test]
fn numbers_of_every_day_are_no_secrets() {
    for text in [
        "call me at 13800138000",
        "tracking SF1234567890123",
        "transfer 250000 today",
        "2026-11-21 08:30",
        "it costs $482913",
        "version 10.482913",
        "QQ 123456789",
    ] {
        assert!(find(text).is_empty(), "{text}: {:?}", find(text));
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_and_every_range_fits(text in "(?s).{0,200}") {
        find(&text);
    }

    #[test]
    fn digits_and_signs_in_any_order_are_read(text in "[0-9 xX.\\-验证码pasword:]{0,120}") {
        find(&text);
    }
}
