//! Numbers that open something: codes, cards, identity papers.

use std::ops::Range;

use touchstone_text::Folded;

use super::{Secret, SecretKind, context, is_free};

/// Digits that belong together; single spaces and hyphens between groups are allowed.
struct Group {
    span: Range<usize>,
    digits: [u8; 20],
    count: usize,
    /// Whether there is a space or hyphen inside.
    spaced: bool,
}

pub(super) fn find(text: &str, folded: &Folded, found: &mut Vec<Secret>) {
    let bytes = folded.text().as_bytes();
    let digits = bytes.iter().fold(false, |any, it| any | it.is_ascii_digit());
    if text.len() >= 8 {
        // A password has a digit or a sign in it; most messages have neither.
        let signs =
            bytes.iter().fold(false, |any, it| any | matches!(it, b'!' | b'@' | b'#'..=b'&' | b'^' | b'*'));
        if digits || signs {
            password(text, folded, found);
        }
    }
    if !digits {
        return;
    }
    let mut at = 0;
    let mut bare = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        bare += 1;
        let group = group(bytes, at);
        at = group.span.end.max(at + 1);
        if let Some((kind, span, certainty)) = judge(folded.text(), &group) {
            add(text, folded, kind, span, certainty, found);
        }
    }
    if bare > 0 {
        passport(text, folded, found);
    }
}

fn add(
    text: &str,
    folded: &Folded,
    kind: SecretKind,
    span: Range<usize>,
    certainty: f32,
    found: &mut Vec<Secret>,
) {
    let span = folded.original(span);
    if is_free(found, &span) && text.get(span.clone()).is_some() {
        found.push(Secret { kind, span, certainty });
    }
}

/// The longest group from here; more than 20 digits are no number of ours.
fn group(bytes: &[u8], start: usize) -> Group {
    let mut group = Group { span: start..start, digits: [0; 20], count: 0, spaced: false };
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            digit if digit.is_ascii_digit() => {
                if group.count < 20 {
                    group.digits[group.count] = digit - b'0';
                }
                group.count += 1;
                group.span.end = at + 1;
            }
            b' ' | b'-'
                if at > start
                    && bytes[at - 1].is_ascii_digit()
                    && group.count < 20
                    && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) =>
            {
                group.spaced = true;
            }
            _ => break,
        }
        at += 1;
    }
    group
}

fn judge(folded: &str, group: &Group) -> Option<(SecretKind, Range<usize>, f32)> {
    let bytes = folded.as_bytes();
    let (start, end) = (group.span.start, group.span.end);
    let before = start.checked_sub(1).map(|at| bytes[at]);
    if before.is_some_and(|b| b.is_ascii_alphabetic() || b == b'.' || b == b'#' || b == b'/') {
        return None; // Part of a word, a decimal, a reference or an address.
    }
    let after = bytes.get(end).copied();
    let checks_with_x = group.count == 17 && after == Some(b'x');
    if after.is_some_and(|b| b.is_ascii_alphabetic()) && !checks_with_x {
        return None;
    }
    let digits = &group.digits[..group.count.min(20)];
    match group.count {
        17 if checks_with_x && is_id_number(digits, 10) => Some((SecretKind::IdNumber, start..end + 1, 0.97)),
        18 if is_id_number(&digits[..17], u32::from(digits[17])) => {
            Some((SecretKind::IdNumber, group.span.clone(), 0.97))
        }
        12..=19 if is_card(digits) => card(folded, group),
        3 | 4 if context::has(context::around(folded, start, end), context::CARD_CODE) => {
            Some((SecretKind::CardCode, group.span.clone(), 0.9))
        }
        4..=8 => code(folded, group),
        _ => None,
    }
}

fn card(folded: &str, group: &Group) -> Option<(SecretKind, Range<usize>, f32)> {
    let named = context::has(context::around(folded, group.span.start, group.span.end), context::CARD);
    let certainty = match (named, group.spaced) {
        (true, _) => 0.97,
        (false, true) => 0.9,
        (false, false) => 0.6,
    };
    Some((SecretKind::CardNumber, group.span.clone(), certainty))
}

/// Digits beside a word for a code; digits that are the whole message count only if
/// somebody has just asked.
fn code(folded: &str, group: &Group) -> Option<(SecretKind, Range<usize>, f32)> {
    let (start, end) = (group.span.start, group.span.end);
    if folded.trim().len() == end - start {
        return matches!(group.count, 4 | 6 | 8).then(|| (SecretKind::OneTimeCode, group.span.clone(), 0.3));
    }
    let around = context::around(folded, start, end);
    let is_amount = ["$", "€", "£", "¥"].iter().any(|sign| folded[..start].trim_end().ends_with(sign));
    if group.spaced && group.count != 6
        || is_amount
        || !context::has(around, context::CODE)
        || context::has(around, context::OTHER_CODE)
    {
        return None;
    }
    Some((SecretKind::OneTimeCode, group.span.clone(), if group.count >= 6 { 0.9 } else { 0.7 }))
}

/// GB 11643-1999: province, date of birth, check digit modulo 11-2.
fn is_id_number(digits: &[u8], check: u32) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [u32; 11] = [1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2];
    let number = |range: Range<usize>| digits[range].iter().fold(0_u32, |sum, it| sum * 10 + u32::from(*it));
    let (province, year, month, day) = (number(0..2), number(6..10), number(10..12), number(12..14));
    let days = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    matches!(province, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
        && (1900..=2099).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days).contains(&day)
        && CHECKS[(sum % 11) as usize] == check
}

/// The check digit of ISO/IEC 7812 and the issuers' ranges with their lengths.
fn is_card(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(nth, digit)| {
            let value = u32::from(*digit) << (nth % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    if !sum.is_multiple_of(10) || digits.len() < 13 {
        return false;
    }
    let prefix = digits[..6].iter().fold(0_u32, |sum, it| sum * 10 + u32::from(*it));
    let length = digits.len();
    match prefix {
        400_000..=499_999 => matches!(length, 13 | 16 | 19),
        510_000..=559_999 | 222_100..=272_099 => length == 16,
        340_000..=349_999 | 370_000..=379_999 => length == 15,
        352_800..=358_999 => length == 16,
        300_000..=305_999 | 360_000..=369_999 | 380_000..=399_999 => length == 14,
        601_100..=601_199 | 644_000..=659_999 => length == 16,
        620_000..=629_999 => matches!(length, 16..=19),
        955_000..=955_999 => matches!(length, 16..=19), // The older debit cards of Chinese banks.
        _ => false,
    }
}

/// One or two letters and seven or eight digits, or nine digits, beside the word.
fn passport(text: &str, folded: &Folded, found: &mut Vec<Secret>) {
    let whole = folded.text();
    let Some(word) = context::PASSPORT.iter().find_map(|word| whole.find(word).map(|at| at + word.len()))
    else {
        return;
    };
    let bytes = whole.as_bytes();
    let mut start = word;
    for at in word..=bytes.len().min(word + 80) {
        if bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
            continue;
        }
        let token = &bytes[start.min(at)..at];
        let letters = token.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let digits = token.len() - letters;
        if token[letters..].iter().all(u8::is_ascii_digit)
            && (matches!(letters, 1 | 2) && matches!(digits, 6..=8) || letters == 0 && digits == 9)
        {
            add(text, folded, SecretKind::Passport, start..at, 0.85, found);
            return;
        }
        start = at + 1;
    }
}

/// What follows "my password is": a word with a letter and a digit or sign in it.
fn password(text: &str, folded: &Folded, found: &mut Vec<Secret>) {
    let whole = folded.text();
    if ![
        "pass",
        "pwd",
        "码",
        "令",
        "senha",
        "contrase",
        "парол",
        "sifre",
        "şifre",
        "비밀",
        "パス",
        "mat khau",
        "mật",
        "sandi",
    ]
    .iter()
    .any(|hint| whole.contains(hint))
    {
        return;
    }
    let Some(after) = context::PASSWORD.iter().find_map(|word| whole.find(word).map(|at| at + word.len()))
    else {
        return;
    };
    let rest = &whole[after..];
    let start = after + rest.len() - rest.trim_start().len();
    let token: &str =
        whole[start..].split(|c: char| c.is_whitespace() || !c.is_ascii() || c == ',').next().unwrap_or("");
    let letters = token.bytes().any(|b| b.is_ascii_alphabetic());
    let others = token.bytes().any(|b| b.is_ascii_digit() || b"!@#$%^&*".contains(&b));
    if (6..=40).contains(&token.len()) && letters && others && !token.contains("://") {
        add(text, folded, SecretKind::Password, start..start + token.len(), 0.7, found);
    }
}
