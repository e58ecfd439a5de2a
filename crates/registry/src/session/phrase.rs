//! What an agent says first: two everyday words and a number.
//!
//! The words are in `data/phrases/`, 256 of each language, told apart by ear, none of them on a
//! list of words for recovery phrases: what users learn to say aloud must never look like what
//! they must never say.

use serde::{Deserialize, Serialize};

const ZH: &str = include_str!("../../data/phrases/zh.txt");
const EN: &str = include_str!("../../data/phrases/en.txt");

/// The same words for whoever reads Chinese and for whoever reads English. Both are shown to
/// both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phrase {
    /// Two Chinese words and a number.
    pub zh: String,
    /// Two English words and the same number.
    pub en: String,
}

/// The random bytes of one phrase.
pub type PhraseDraw = [u8; 5];

impl Phrase {
    /// The phrase that random bytes draw: one of 65,280 pairs of different words in each
    /// language, and a number from 10 to 99.
    #[must_use]
    pub fn draw(random: PhraseDraw) -> Self {
        let [zh_1, zh_2, en_1, en_2, number] = random;
        // 256 values on 90 numbers: the first 76 come up three times in 256, the others twice.
        let number = 10 + u32::from(number) % 90;
        Self {
            zh: format!("{} {} {number}", word(ZH, zh_1), word(ZH, other(zh_1, zh_2))),
            en: format!("{} {} {number}", word(EN, en_1), word(EN, other(en_1, en_2))),
        }
    }
}

/// Twice the same word is hard to hear as two.
fn other(first: u8, second: u8) -> u8 {
    if first == second { second.wrapping_add(1) } else { second }
}

fn word(list: &'static str, at: u8) -> &'static str {
    list.lines().nth(usize::from(at)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use touchstone_language::secrets::{self, SecretKind};
    use touchstone_text::Folded;

    use super::*;

    #[test]
    fn each_list_has_256_different_words() {
        for list in [ZH, EN] {
            let words: BTreeSet<&str> = list.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
            assert_eq!((list.lines().count(), words.len()), (256, 256));
        }
        assert!(ZH.lines().all(|word| word.chars().count() == 2));
        assert!(EN.lines().all(|word| word.len() >= 4 && word.bytes().all(|b| b.is_ascii_lowercase())));
    }

    #[test]
    fn no_word_is_one_of_a_recovery_phrase() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../language/data/bip39");
        let mut taken = BTreeSet::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            taken.extend(text.split_whitespace().map(str::to_owned));
        }
        assert!(taken.len() > 10_000);
        for word in EN.lines().chain(ZH.lines()) {
            assert!(!taken.contains(word), "{word}");
        }
    }

    #[test]
    fn no_phrase_is_taken_for_a_secret() {
        let (mut folded, mut found) = (Folded::new(), Vec::new());
        for n in 0..=255_u8 {
            let phrase = Phrase::draw([n, n.wrapping_mul(7), n, n.wrapping_mul(11), n]);
            for text in [
                phrase.zh.clone(),
                phrase.en.clone(),
                format!("客服要先说：{}", phrase.zh),
                format!("The agent must say this first: {} / {}", phrase.en, phrase.zh),
            ] {
                touchstone_text::fold(&text, &mut folded);
                secrets::find(&text, &folded, &mut found);
                assert!(found.iter().all(|it| it.kind != SecretKind::RecoveryPhrase), "{text}: {found:?}");
                assert!(found.iter().all(|it| it.certainty <= 0.3), "{text}: {found:?}");
                assert_eq!(secrets::words_of_a_phrase(&text, &folded), 0, "{text}");
            }
        }
    }

    #[test]
    fn a_phrase_is_two_different_words_and_a_number_of_two_digits() {
        for a in 0..=255_u8 {
            for b in [a, a.wrapping_add(1), 0, 255] {
                let phrase = Phrase::draw([a, b, b, a, b]);
                for text in [phrase.zh, phrase.en] {
                    let parts: Vec<&str> = text.split(' ').collect();
                    assert_eq!(parts.len(), 3, "{text}");
                    assert_ne!(parts[0], parts[1]);
                    assert!((10..100).contains(&parts[2].parse::<u32>().unwrap()));
                }
            }
        }
    }
}
