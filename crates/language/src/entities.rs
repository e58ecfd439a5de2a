//! What a text points to: links, addresses, handles, numbers to call.

use std::borrow::Cow;
use std::ops::Range;

use sha2::{Digest, Sha256};

/// What kind of thing is pointed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntityKind {
    /// A link with a scheme or a path.
    Url,
    /// A bare domain.
    Domain,
    /// An e-mail address.
    Email,
    /// `@name`
    Handle,
    /// A telephone number.
    Phone,
    /// An account on Ethereum and its like: `0x` and 40 hexadecimal digits.
    EvmAddress,
    /// An account on Tron.
    TronAddress,
    /// An account on Bitcoin.
    BitcoinAddress,
    /// An account on Solana.
    SolanaAddress,
}

/// One thing that a text points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// What kind.
    pub kind: EntityKind,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// The domain in it, for links, domains and e-mail addresses; else empty.
    host: Range<usize>,
}

impl Entity {
    /// The domain, lower case, with dots where the text wrote `[.]` or `(dot)`; none for
    /// other kinds and for another text.
    #[must_use]
    pub fn host<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        let raw = text.get(self.host.clone()).filter(|it| !it.is_empty())?;
        if !raw.contains(['[', '(']) && !raw.chars().any(char::is_uppercase) {
            return Some(Cow::Borrowed(raw));
        }
        let mut host = raw.to_lowercase();
        for hidden in HIDDEN_DOTS {
            if host.contains(hidden) {
                host = host.replace(hidden, ".");
            }
        }
        Some(Cow::Owned(host))
    }
}

/// How a dot is written where a plain one would be noticed.
const HIDDEN_DOTS: [&str; 6] = ["[.]", "(.)", "{.}", "[dot]", "(dot)", "{dot}"];

/// Endings that make a domain of a word with a dot in it where no scheme stands before it.
const ENDINGS: &[&str] = &[
    "com",
    "net",
    "org",
    "io",
    "co",
    "me",
    "app",
    "xyz",
    "top",
    "info",
    "site",
    "online",
    "vip",
    "cc",
    "cn",
    "hk",
    "tw",
    "jp",
    "kr",
    "sg",
    "my",
    "th",
    "vn",
    "id",
    "ph",
    "in",
    "pk",
    "bd",
    "ru",
    "ua",
    "by",
    "kz",
    "tr",
    "ir",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "be",
    "ch",
    "at",
    "pl",
    "cz",
    "se",
    "no",
    "fi",
    "dk",
    "gr",
    "ro",
    "hu",
    "uk",
    "ie",
    "us",
    "ca",
    "mx",
    "br",
    "ar",
    "cl",
    "pe",
    "ng",
    "za",
    "ke",
    "gh",
    "eg",
    "au",
    "nz",
    "eu",
    "asia",
    "biz",
    "dev",
    "pro",
    "live",
    "shop",
    "store",
    "club",
    "link",
    "click",
    "icu",
    "fun",
    "win",
    "bid",
    "loan",
    "work",
    "world",
    "website",
    "space",
    "tech",
    "cloud",
    "network",
    "finance",
    "exchange",
    "money",
    "cash",
    "bank",
    "support",
    "help",
    "wallet",
    "claims",
    "gift",
    "bet",
    "game",
    "games",
    "life",
    "today",
    "news",
    "email",
    "chat",
    "social",
    "digital",
    "team",
    "center",
    "services",
    "ai",
    "gg",
    "to",
    "ly",
    "tv",
    "ws",
    "so",
    "is",
    "la",
    "pw",
    "tk",
    "ml",
    "ga",
    "cf",
    "gq",
    "mobi",
    "name",
    "art",
    "one",
    "example",
    "invalid",
    "test",
    "gov",
    "edu",
    "int",
    "cfd",
    "sbs",
    "bond",
    "quest",
    "mom",
    "lol",
    "buzz",
    "rest",
    "ltd",
    "group",
    "plus",
    "zone",
    "page",
    "web",
    "foundation",
    "fyi",
    "run",
    "su",
    "moe",
    "ink",
    "wang",
    "ren",
    "eth",
];

/// Finds everything that a text points to; `found` is emptied first.
pub fn find(text: &str, found: &mut Vec<Entity>) {
    found.clear();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if !may_be_inside(c) {
            token(text, start..at, found);
            start = at + c.len_utf8();
        }
    }
    token(text, start..text.len(), found);
    phones(text, found);
    found.sort_by_key(|it| it.span.start);
}

/// What links are made of; scripts without spaces stand beside them, not inside.
fn may_be_inside(c: char) -> bool {
    match c {
        '!'..='~' => !matches!(c, '<' | '>' | '"' | '\'' | '`' | ',' | ';' | '|' | '\\' | '^'),
        _ => {
            c.is_alphanumeric()
                && !matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1100..=0x11FF | 0x2E80..=0xD7FF | 0xF900..=0xFAFF | 0xFF00..=0x3FFFF)
        }
    }
}

fn token(text: &str, mut range: Range<usize>, found: &mut Vec<Entity>) {
    if range.len() < 4 {
        return;
    }
    let raw = &text[range.clone()];
    let head = raw.len() - raw.trim_start_matches(['(', '[', '{', ':', '*', '_', '=', '-', '.']).len();
    let tail = raw.len() - raw.trim_end_matches(['.', ':', '!', '?', '*', '_', '=', '-', '&']).len();
    if head + tail >= raw.len() {
        return;
    }
    // A bracket that was opened before the token closes after it.
    let inner = &raw[head..raw.len() - tail];
    let tail = tail + usize::from(inner.ends_with([')', ']', '}']) && !inner.contains(['(', '[', '{']));
    range = range.start + head..range.end - tail;
    let token = &text[range.clone()];
    let entity = match address(token) {
        Some(kind) => Some(Entity { kind, span: range, host: 0..0 }),
        None => link(token, range.start).or_else(|| handle(token, range.start)),
    };
    found.extend(entity);
}

fn handle(token: &str, start: usize) -> Option<Entity> {
    let at = token.find('@')?;
    let name = &token[at + 1..];
    let length = name.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(name.len());
    let fits = (3..=64).contains(&length) && (at == 0 || !token.as_bytes()[at - 1].is_ascii_alphanumeric());
    fits.then(|| Entity { kind: EntityKind::Handle, span: start + at..start + at + 1 + length, host: 0..0 })
}

/// A link, a bare domain or an e-mail address.
fn link(token: &str, start: usize) -> Option<Entity> {
    let scheme = token.find("://").filter(|at| *at <= 8).map(|at| at + 3);
    if scheme.is_none() && !token.contains(['.', ']', ')', '}']) {
        return None;
    }
    // Text may lean on the scheme: `看https://…` was cut, `link:https://…` was not.
    let begin = scheme.map_or(0, |after| {
        token[..after - 3].rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |at| at + 1)
    });
    let authority = scheme.unwrap_or(0);
    let rest = &token[authority..];
    let length = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (user, host) = match rest[..length].rfind('@') {
        Some(at) => (Some(at), authority + at + 1..authority + length),
        None => (None, authority..authority + length),
    };
    let host = trim_port(token, host);
    let from_scheme = scheme.is_some();
    if user == Some(0) || !is_domain(&token[host.clone()], from_scheme) {
        return None;
    }
    let kind = match (user, from_scheme) {
        (Some(_), false) => EntityKind::Email,
        (None, false) if length == rest.len() => EntityKind::Domain,
        _ => EntityKind::Url,
    };
    let end = if kind == EntityKind::Email { host.end } else { token.len() };
    Some(Entity { kind, span: start + begin..start + end, host: start + host.start..start + host.end })
}

fn trim_port(token: &str, host: Range<usize>) -> Range<usize> {
    match token[host.clone()].rfind(':') {
        Some(at) if token[host.start + at + 1..host.end].bytes().all(|b| b.is_ascii_digit()) => {
            host.start..host.start + at
        }
        _ => host,
    }
}

/// The most that a domain of 253 characters takes, were they all Chinese and its dots hidden. A
/// longer one would be read in time that grows with its square.
const LONGEST_HOST: usize = 1024;

/// Labels with dots between them, and an ending that is one.
pub(crate) fn is_domain(host: &str, from_scheme: bool) -> bool {
    if host.len() > LONGEST_HOST {
        return false;
    }
    let mut rest = host;
    let mut labels = 0;
    loop {
        let dot = [
            ".",
            HIDDEN_DOTS[0],
            HIDDEN_DOTS[1],
            HIDDEN_DOTS[2],
            HIDDEN_DOTS[3],
            HIDDEN_DOTS[4],
            HIDDEN_DOTS[5],
        ]
        .iter()
        .filter_map(|dot| rest.find(dot).map(|at| (at, dot.len())))
        .min_by_key(|(at, length)| (*at, usize::MAX - length));
        let label = &rest[..dot.map_or(rest.len(), |(at, _)| at)];
        let fits = !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
            && !label.starts_with('-');
        if !fits {
            return false;
        }
        labels += 1;
        match dot {
            Some((at, length)) => rest = &rest[at + length..],
            None => break,
        }
    }
    let lower = rest.bytes().all(|b| b.is_ascii_lowercase());
    let is_word = rest.len() >= 2 && rest.chars().all(char::is_alphabetic) || rest.starts_with("xn--");
    let is_number = rest.bytes().all(|b| b.is_ascii_digit());
    labels >= 2
        && if from_scheme {
            is_word || is_number && labels == 4
        } else {
            // "end.So we" has a capital; "file.it" is rare enough.
            is_word
                && ENDINGS.iter().any(|it| it.eq_ignore_ascii_case(rest))
                && (lower || host.bytes().all(|b| !b.is_ascii_lowercase()))
        }
}

/// Whether the word is an account on a chain.
fn address(token: &str) -> Option<EntityKind> {
    let ascii = token.is_ascii();
    match token.len() {
        42 if token.starts_with("0x") && token[2..].bytes().all(|b| b.is_ascii_hexdigit()) => {
            Some(EntityKind::EvmAddress)
        }
        42 | 62 if ascii && token.starts_with("bc1") && token.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            Some(EntityKind::BitcoinAddress)
        }
        34 if ascii && token.starts_with('T') && version(token) == Some(0x41) => {
            Some(EntityKind::TronAddress)
        }
        26..=35 if ascii && token.starts_with(['1', '3']) && matches!(version(token), Some(0 | 5)) => {
            Some(EntityKind::BitcoinAddress)
        }
        32..=44 if ascii && is_solana(token) => Some(EntityKind::SolanaAddress),
        _ => None,
    }
}

/// The version byte of a base58check string of 21 bytes.
fn version(token: &str) -> Option<u8> {
    let mut bytes = [0_u8; 32];
    let length = bs58::decode(token).onto(&mut bytes[..]).ok()?;
    let sum = Sha256::digest(Sha256::digest(&bytes[..21]));
    (length == 25 && bytes[21..25] == sum[..4]).then_some(bytes[0])
}

/// 32 bytes in base58; words and hexadecimal do not look so.
fn is_solana(token: &str) -> bool {
    let upper = token.bytes().filter(u8::is_ascii_uppercase).count();
    let lower = token.bytes().filter(u8::is_ascii_lowercase).count();
    let digit = token.bytes().filter(u8::is_ascii_digit).count();
    let mut bytes = [0_u8; 48];
    upper >= 4 && lower >= 4 && digit >= 2 && bs58::decode(token).onto(&mut bytes[..]) == Ok(32)
}

/// `+` and 8 to 15 digits, Chinese mobile and service numbers, or three groups.
fn phones(text: &str, found: &mut Vec<Entity>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let (mut end, mut digits, mut groups) = (at, 0, 1);
        let mut next = at;
        while next < bytes.len() {
            match bytes[next] {
                b if b.is_ascii_digit() => {
                    digits += 1;
                    end = next + 1;
                }
                b' ' | b'-' | b'.' | b'(' | b')' if next - end < 2 => groups += usize::from(next == end),
                _ => break,
            }
            next += 1;
        }
        let plus = at > 0 && bytes[at - 1] == b'+';
        let start = at - usize::from(plus);
        let alone = start == 0
            || !bytes[start - 1].is_ascii_alphanumeric() && !matches!(bytes[start - 1], b'.' | b'/' | b'=');
        let plain = &bytes[at..end];
        let chinese = groups == 1 && digits == 11 && plain[0] == b'1' && (b'3'..=b'9').contains(&plain[1])
            || digits == 10 && (plain.starts_with(b"400") || plain.starts_with(b"800"));
        let grouped = (2..=5).contains(&groups)
            && (9..=13).contains(&digits)
            && (plain[0] == b'0' || digits <= 11 && groups == 3);
        let ends = !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
        if alone
            && ends
            && (plus && (8..=15).contains(&digits) || chinese || grouped)
            && found.iter().all(|it| it.span.end <= start || end <= it.span.start)
        {
            found.push(Entity { kind: EntityKind::Phone, span: start..end, host: 0..0 });
        }
        at = end.max(at + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(EntityKind, &str)> {
        let mut found = Vec::new();
        find(text, &mut found);
        found.iter().map(|it| (it.kind, &text[it.span.clone()])).collect()
    }

    #[test]
    fn links_stand_out_of_any_text() {
        use EntityKind::{Domain, Email, Url};
        for (text, kind, link) in [
            ("请登录https://pay.example/a?b=1。谢谢", Url, "https://pay.example/a?b=1"),
            ("visit (www.heron.example), please", Domain, "www.heron.example"),
            ("进t.me/heron_help聊", Url, "t.me/heron_help"),
            ("hxxps://heron-sync[.]example/x", Url, "hxxps://heron-sync[.]example/x"),
            ("write to care@heron.example.", Email, "care@heron.example"),
            ("Еxample: metаmask.io now", Domain, "metаmask.io"),
            ("http://user@203.0.113.7:8080/login", Url, "http://user@203.0.113.7:8080/login"),
        ] {
            assert_eq!(all(text), [(kind, link)], "{text}");
        }
    }

    #[test]
    fn hosts_are_plain_domains() {
        for (text, host) in [
            ("hxxps://Heron-Sync[.]example/x", "heron-sync.example"),
            ("heron(dot)example", "heron.example"),
            ("http://metamask.io@evil.example:8080/", "evil.example"),
            ("care@heron.example", "heron.example"),
        ] {
            let mut found = Vec::new();
            find(text, &mut found);
            assert_eq!(found[0].host(text).as_deref(), Some(host), "{text}");
        }
    }

    #[test]
    fn accounts_handles_and_numbers_are_told_apart() {
        use EntityKind::{BitcoinAddress, EvmAddress, Handle, Phone, SolanaAddress, TronAddress};
        for (text, kind, what) in [
            (
                "to 0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb now",
                EvmAddress,
                "0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb",
            ),
            ("转到TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t吧", TronAddress, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", BitcoinAddress, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
            (
                "So11111111111111111111111111111111111111112x EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
                SolanaAddress,
                "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
            ),
            ("找 @heron_help 处理", Handle, "@heron_help"),
            ("call +1 (555) 010-2345 now", Phone, "+1 (555) 010-2345"),
            ("联系13800138000", Phone, "13800138000"),
        ] {
            assert_eq!(all(text), [(kind, what)], "{text}");
        }
    }

    #[test]
    fn ordinary_text_points_to_nothing() {
        for text in [
            "See you at 10.30, it costs 3.50.",
            "我不想说了。你认真看吧",
            "e.g. this one, i.e. that",
            "Order 2024110512345678 was shipped",
            "It was the end.So we left",
            "a@b",
            "...",
            "2026-11-21 08:30:00",
        ] {
            assert_eq!(all(text), [], "{text}");
        }
    }
}
