//! Hexadecimal values (`0x…`) are the same whatever the case of their letters: the case of an address is a checksum at
//! most, and whoever copies an address from another app may get it in another case.

/// Whether these are the same value.
#[inline]
pub(crate) fn same(left: &str, right: &str) -> bool {
    left == right || left.len() == right.len() && is(left) && left.eq_ignore_ascii_case(right)
}

/// Whether it is `0x` and hexadecimal digits.
#[inline]
fn is(text: &str) -> bool {
    match text.as_bytes() {
        [b'0', b'x' | b'X', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit),
        _ => false,
    }
}

/// The longest value that is remembered in lower case, in bytes; no chain has addresses half as long.
const MAX_BYTES: usize = 256;

/// Hands over a value as it is remembered and counted: hexadecimal ones in lower case, others as
/// they are. Nothing is allocated.
#[inline]
pub fn remembered<R>(text: &str, take: impl FnOnce(&str) -> R) -> R {
    if text.len() > MAX_BYTES || !is(text) {
        return take(text);
    }
    let mut lower = [0; MAX_BYTES];
    let lower = &mut lower[..text.len()];
    lower.copy_from_slice(text.as_bytes());
    lower.make_ascii_lowercase();
    take(std::str::from_utf8(lower).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_of_hexadecimal_values_says_nothing_and_that_of_others_does() {
        let pairs = [("0xAbC1", "0xaBc1", true), ("0Xab", "0xAB", true), ("0xab", "0xac", false)];
        let others =
            [("0xAbg1", "0xabg1", false), ("TAbc", "Tabc", false), ("0x", "0X", false), ("a", "a", true)];
        for (left, right, expected) in pairs.into_iter().chain(others) {
            assert_eq!(same(left, right), expected, "{left} {right}");
            let kept = |text: &str| remembered(text, str::to_owned);
            assert_eq!(kept(left) == kept(right), expected, "{left} {right} as remembered");
        }
    }
}
