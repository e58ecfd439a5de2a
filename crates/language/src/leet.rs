//! Digits and signs that stand for letters: `d3p0sit`, `@irdrop`, `wa11et`.

/// The letter that a digit or sign is written for. All are one byte, as their letters are.
fn letter(sign: u8, next: Option<u8>) -> Option<u8> {
    Some(match sign {
        b'0' => b'o',
        // A one is an l before a vowel and beside another one, else an i: c1aim, wa11et, f1ll.
        b'1' | b'!' | b'|' => match next {
            Some(b'a' | b'e' | b'i' | b'o' | b'u' | b'0' | b'1' | b'3' | b'4' | b'@' | b'!' | b'|') => b'l',
            _ => b'i',
        },
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' => b't',
        _ => return None,
    })
}

fn is_of_a_word(byte: u8) -> bool {
    byte.is_ascii_lowercase() || letter(byte, None).is_some()
}

/// Writes the text with letters for digits in every word that has as many letters as such
/// signs, two at least. Says whether there was such a word; if not, `out` means nothing.
pub(crate) fn read(folded: &str, out: &mut String) -> bool {
    let bytes = folded.as_bytes();
    // Most texts have no digit or sign beside a letter.
    let beside = |pair: &[u8]| {
        pair[0].is_ascii_lowercase() != pair[1].is_ascii_lowercase()
            && is_of_a_word(pair[0])
            && is_of_a_word(pair[1])
    };
    if !bytes.windows(2).any(beside) {
        return false;
    }
    out.clear();
    let (mut some, mut at, mut kept) = (false, 0, 0);
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|it| is_of_a_word(**it)).count();
        let word = &bytes[at..at + length];
        let letters = word.iter().filter(|it| it.is_ascii_lowercase()).count();
        // A sign at the end is mostly what it looks like: "free!", "call 555-01".
        let signs = length - letters - usize::from(matches!(word.last(), Some(b'!' | b'|')));
        if letters >= 2 && signs > 0 && letters >= signs {
            some = true;
            out.push_str(&folded[kept..at]);
            for (nth, byte) in word.iter().enumerate() {
                let last = nth + 1 == length && matches!(byte, b'!' | b'|');
                let next = word.get(nth + 1).copied();
                let read = if last || byte.is_ascii_lowercase() { None } else { letter(*byte, next) };
                out.push(char::from(read.unwrap_or(*byte)));
            }
            kept = at + length;
        }
        at += length.max(1);
    }
    out.push_str(&folded[kept..]);
    some
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(folded: &str) -> Option<String> {
        let mut out = String::new();
        read(folded, &mut out).then_some(out)
    }

    #[test]
    fn digits_inside_words_are_read_as_letters_of_the_same_length() {
        for (folded, expected) in [
            ("d3p0sit n0w", "deposit now"),
            ("c1aim ur @irdrop fr0m the wa11et", "claim ur airdrop from the wallet"),
            ("tr@n$fer 500 usdt", "transfer 500 usdt"),
            ("助记词 s33d phr4se!", "助记词 seed phrase!"),
        ] {
            assert_eq!(letters(folded).as_deref(), Some(expected));
            assert_eq!(folded.len(), expected.len());
        }
    }

    #[test]
    fn numbers_and_plain_words_are_left_alone() {
        for folded in ["send 500 now", "free!", "12 words", "call 555-0142", "a1", "x", "", "你好 123"] {
            assert_eq!(letters(folded), None, "{folded}");
        }
    }
}
