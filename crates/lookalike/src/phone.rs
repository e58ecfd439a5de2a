//! Telephone numbers: the same digits, or all but one of them.

use crate::index::{Index, Resemblance, Tier};
use crate::techniques::Techniques;

/// The digit that a character is or reads as: ７ and ⑦ are 7.
fn digit(c: char) -> Option<u32> {
    c.to_digit(10).or_else(|| touchstone_text::reading(c)?.plain.parse().ok().filter(|it| *it < 10))
}

/// The digits of a number, without the signs between them and without leading zeros.
pub(crate) fn digits(text: &str) -> String {
    let digits: String =
        text.chars().filter_map(|c| digit(c).and_then(|it| char::from_digit(it, 10))).collect();
    digits.trim_start_matches('0').to_owned()
}

/// At most this many digits have telephone numbers (E.164), with some room for extensions.
const MAX_DIGITS: usize = 20;

impl Index {
    /// The number that is the same, or differs in one digit or in two neighbours swapped.
    pub(crate) fn closest_phone(&self, candidate: &str) -> Option<Resemblance> {
        let mut buffer = [0u8; MAX_DIGITS];
        let mut len = 0;
        for digit in candidate.chars().filter_map(digit) {
            if len == 0 && digit == 0 {
                continue;
            }
            *buffer.get_mut(len)? = u8::try_from(digit).ok()? + b'0';
            len += 1;
        }
        let candidate = &buffer[..len];
        if len < 5 {
            return None;
        }
        let found = |(_, official): &(String, u32), closeness, tier, techniques| {
            Some(Resemblance { official: *official, closeness, tier, techniques })
        };
        if let Ok(at) = self.phones.binary_search_by(|it| it.0.as_bytes().cmp(candidate)) {
            return found(&self.phones[at], 1.0, Tier::Act, Techniques::SAME);
        }
        for entry in &self.phones {
            let official = entry.0.as_bytes();
            if official.len() >= 7
                && (candidate.ends_with(official) || official.ends_with(candidate) && len >= 7)
            {
                return found(entry, 0.97, Tier::Act, Techniques::ADDED); // With or without the country's code.
            }
            if official.len() == len && len >= 7 {
                let differing = official.iter().zip(candidate).filter(|(a, b)| a != b).count();
                let swapped = differing == 2
                    && official
                        .windows(2)
                        .zip(candidate.windows(2))
                        .any(|(a, b)| a[0] == b[1] && a[1] == b[0] && a != b);
                if differing == 1 || swapped {
                    let technique = if swapped { Techniques::SWAPPED } else { Techniques::REPLACED };
                    return found(entry, 0.8, Tier::Review, technique);
                }
            }
        }
        None
    }
}
