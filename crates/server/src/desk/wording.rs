//! Wording from the playbooks: put into the answer box, and told apart from an answer.
//!
//! Always true here:
//! - A wording that nobody adapted is a template, however its spaces, letter case, width and
//!   placeholders are changed, whatever greeting is put around it, and several in a row too.
//! - A text with an empty placeholder is not sent.

/// A placeholder that was filled in weighs at most so much, which is a transaction's id and a bit;
/// more are words of one's own.
const FILLED: usize = 72;
/// What weighs less around a wording is a greeting.
const GREETING: usize = 20;

/// What a letter says: a Chinese one is half a word.
fn weight(letter: char) -> usize {
    if letter >= '\u{2e80}' { 2 } else { 1 }
}

/// The text as it is compared: letters and digits only, in lower case, with pieces between
/// placeholders apart.
fn letters(text: &str) -> Vec<char> {
    text.chars().flat_map(narrow).filter(|it| it.is_alphanumeric()).collect()
}

/// Lower case, and of full width the plain form.
fn narrow(c: char) -> impl Iterator<Item = char> {
    let plain = match u32::from(c) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
        _ => c,
    };
    plain.to_lowercase()
}

/// A wording's pieces between its placeholders.
fn pieces(wording: &str) -> Vec<Vec<char>> {
    let mut pieces = Vec::new();
    let mut rest = wording;
    while let Some(place) = placeholder(rest) {
        pieces.push(letters(&rest[..place.start]));
        rest = &rest[place.end..];
    }
    pieces.push(letters(rest));
    pieces.retain(|it| !it.is_empty());
    pieces
}

/// The first `{name}` in a text.
fn placeholder(text: &str) -> Option<std::ops::Range<usize>> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|at| from + at) {
        let name: usize = text[open + 1..]
            .bytes()
            .take_while(|it| it.is_ascii_lowercase() || matches!(it, b'_' | b'-'))
            .count();
        if name > 0 && text[open + 1 + name..].starts_with('}') {
            return Some(open..open + name + 2);
        }
        from = open + 1;
    }
    None
}

/// Placeholders that nobody filled in.
pub(super) fn unfilled(text: &str) -> Option<&str> {
    placeholder(text).map(|it| &text[it])
}

/// A wording with what is known put into it; the rest is left for the agent to see.
pub(super) fn fill(wording: &str, known: &[(&str, &str)]) -> String {
    known
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .fold(wording.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Where a piece begins, with no more than so much before it.
fn find(text: &[char], piece: &[char], from: usize, most: usize) -> Option<usize> {
    let mut between: usize = 0;
    for at in from..=text.len().checked_sub(piece.len())? {
        if text[at..].starts_with(piece) {
            return Some(at);
        }
        between = between.saturating_add(weight(text[at]));
        if between > most {
            return None;
        }
    }
    None
}

/// Where the pieces stand in the text one after another, with no more between two of them than
/// a placeholder holds.
fn stands(text: &[char], pieces: &[Vec<char>]) -> Option<std::ops::Range<usize>> {
    let first = pieces.first()?;
    let mut start = find(text, first, 0, usize::MAX)?;
    loop {
        let mut end = start + first.len();
        let rest = pieces[1..].iter().try_for_each(|piece| {
            end = find(text, piece, end, FILLED)? + piece.len();
            Some(())
        });
        if rest.is_some() {
            return Some(start..end);
        }
        start = find(text, first, start + 1, usize::MAX)?;
    }
}

/// Whether a text says nothing but what these wordings say; what is `known` of the case anyway, such
/// as its number, says nothing either.
pub(super) fn is_template<'a>(
    text: &str,
    wordings: impl IntoIterator<Item = &'a str>,
    known: &[String],
) -> bool {
    let mut left = letters(text);
    let mut wordings: Vec<_> = wordings.into_iter().map(pieces).filter(|it| !it.is_empty()).collect();
    // The longest first: a short wording may be a part of it.
    wordings.sort_by_key(|it| std::cmp::Reverse(it.iter().map(Vec::len).sum::<usize>()));
    let mut found = false;
    for wording in &wordings {
        while let Some(place) = stands(&left, wording) {
            left.drain(place);
            found = true;
        }
    }
    if found {
        for value in known.iter().map(|it| letters(it)).filter(|it| it.len() > 1) {
            while let Some(at) = find(&left, &value, 0, usize::MAX) {
                left.drain(at..at + value.len());
            }
        }
    }
    left.is_empty() || (found && left.iter().map(|it| weight(*it)).sum::<usize>() < GREETING)
}

/// Whether a text is the same as another but for case, width, spaces and marks.
pub(super) fn same(one: &str, other: &str) -> bool {
    letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASK: &str =
        "Please send us the transaction hash and the time, {name}. We have frozen {amount} so far.";
    const ZH: &str = "请把交易哈希和时间发给我们。我们会在{time}前答复您。";

    const LINK: &str = "Keep the chat and upload it to {link}";

    fn known() -> Vec<String> {
        vec!["https://desk.example/case/5f3a9c0e7d1b4a6688aa".to_owned(), "TS-1".to_owned()]
    }

    #[test]
    fn an_unchanged_wording_is_a_template_however_it_is_dressed() {
        let known = known();
        for text in [
            ASK,
            "please send us the TRANSACTION hash and the time, Ann. We have frozen 3 ETH so far!",
            "  Please send us the transaction\n\nhash and the time . We have frozen so far",
            "Hi Ann,\nPlease send us the transaction hash and the time, Ann. We have frozen 2 ETH so far.",
            "您好！请把交易哈希和时间发给我们。 我们会在 18:00 前答复您。",
            "请把交易哈希和时间发给我们。我们会在１８点前答复您。Please send us the transaction hash and the time, x. We have frozen y so far.",
            "Keep the chat and upload it to https://desk.example/case/5f3a9c0e7d1b4a6688aa: TS-1",
            "",
            " … ",
        ] {
            assert!(is_template(text, [ASK, ZH, LINK], &known), "{text}");
        }
    }

    #[test]
    fn words_of_ones_own_are_an_answer() {
        let known = known();
        for text in [
            "Your 3 ETH went to an exchange at 14:02; we asked them to hold it and will write by 18:00.",
            "已冻结。",
            "Please send us the transaction hash and the time, Ann. We have frozen 3 ETH so far. I called the exchange at nine and they hold the account.",
            "请把交易哈希发给我们。我们会在今天之内答复您。",
        ] {
            assert!(!is_template(text, [ASK, ZH, LINK], &known), "{text}");
        }
    }

    #[test]
    fn a_long_text_in_a_placeholder_is_ones_own() {
        let own = format!(
            "Please send us the transaction hash and the time, Ann. We have frozen {} so far.",
            "3 ETH on the exchange where they arrived at two o'clock yesterday, by telephone and in writing, "
        );
        assert!(!is_template(&own, [ASK], &[]));
    }

    #[test]
    fn what_is_known_is_put_in_and_the_rest_is_seen() {
        let text = fill("{name}: case {reference}, by {time}", &[("reference", "T-1"), ("name", "")]);
        assert_eq!(text, "{name}: case T-1, by {time}");
        assert_eq!(unfilled(&text), Some("{name}"));
        assert_eq!(unfilled("a {b c} {} { d"), None);
        assert!(same(" A，b ", "a b") && !same("a", "b"));
    }
}
