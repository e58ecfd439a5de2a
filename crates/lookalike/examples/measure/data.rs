//! Reads the measuring data, unpacked into one folder: `officials.jsonl`, `cases.jsonl`,
//! `benign.tsv`, `real_phishing.jsonl`, `addresses.jsonl`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use touchstone_lookalike::{Kind, Official};

/// A brand of the registry that is measured with.
pub(crate) struct Brand {
    pub(crate) name: String,
    pub(crate) officials: Vec<Official>,
    pub(crate) unique: bool,
}

/// A candidate that is known to imitate a brand.
pub(crate) struct Case {
    pub(crate) kind: Kind,
    pub(crate) brand: String,
    pub(crate) official: String,
    pub(crate) candidate: String,
    pub(crate) technique: String,
    pub(crate) source: String,
}

/// An ordinary name.
pub(crate) struct Ordinary {
    pub(crate) kind: Kind,
    /// It mentions a brand by name.
    pub(crate) mention: bool,
    pub(crate) source: String,
    pub(crate) text: String,
}

pub(crate) fn brands(folder: &Path) -> std::io::Result<Vec<Brand>> {
    let text = std::fs::read_to_string(folder.join("officials.jsonl"))?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).map(|row| brand(&row)).collect())
}

fn brand(row: &serde_json::Value) -> Brand {
    let name = row["brand"].as_str().unwrap_or_default();
    let brand: Arc<str> = name.into();
    let mut officials = Vec::new();
    for (field, kind) in [
        ("domains", Kind::Domain),
        ("handles", Kind::Handle),
        ("names", Kind::DisplayName),
        ("zh", Kind::DisplayName),
    ] {
        for text in row[field].as_array().into_iter().flatten().filter_map(|it| it.as_str()) {
            officials.push(Official { brand: brand.clone(), kind, text: text.into() });
        }
    }
    Brand { name: name.to_owned(), officials, unique: row["cls"] == "unique" }
}

pub(crate) fn cases(folder: &Path) -> std::io::Result<Vec<Case>> {
    let text = std::fs::read_to_string(folder.join("cases.jsonl"))?;
    let rows = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    Ok(rows
        .filter(|row| row["is_lookalike"] == true && row["brand"].is_string())
        .filter_map(|row| {
            let kind = match row["kind"].as_str()? {
                "domain_label" => Kind::Domain,
                other => Kind::from_name(other)?,
            };
            let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
            Some(Case {
                kind,
                brand: text("brand"),
                official: text("official"),
                candidate: text("candidate"),
                technique: text("technique"),
                source: text("source"),
            })
        })
        .collect())
}

pub(crate) fn ordinary(folder: &Path) -> std::io::Result<Vec<Ordinary>> {
    let text = std::fs::read_to_string(folder.join("benign.tsv"))?;
    Ok(text
        .lines()
        .filter_map(|line| {
            let mut fields = line.splitn(4, '\t');
            let kind = Kind::from_name(fields.next()?)?;
            let mention = fields.next()? == "1";
            let source = fields.next()?.to_owned();
            Some(Ordinary { kind, mention, source, text: fields.next()?.to_owned() })
        })
        .collect())
}

/// The groups in which techniques are reported.
pub(crate) fn group(technique: &str) -> &'static str {
    let groups: &[(&str, &[&str])] = &[
        ("invisible, bidi", &["zero_width", "bidi"]),
        (
            "styled, flipped",
            &["style_", "upside_down", "emoji_letters", "regional", "small_caps", "fullwidth", "leet_style"],
        ),
        ("diacritic", &["diacritic", "zalgo"]),
        ("homoglyph", &["homoglyph", "confusable", "cyrillic", "greek", "font_", "shamfinder", "idn"]),
        ("leet, ascii", &["ascii_homoglyph", "leet"]),
        (
            "separators",
            &[
                "separator",
                "emoji_decor",
                "spacing",
                "letter_spacing",
                "dnstwist:hyphenation",
                "dnstwist:subdomain",
            ],
        ),
        ("top-level domain", &["tld", "dnstwist:tld-swap"]),
        ("e-mail", &["email"]),
        ("url", &["url"]),
        ("brand + role", &["combo", "digit_suffix", "dnstwist:dictionary", "dnstwist:various", "word_swap"]),
        ("Chinese", &["zh_"]),
        ("real (CryptoScamDB)", &["csdb", "real"]),
    ];
    if technique == "ascii_homoglyph" {
        return "leet, ascii";
    }
    if technique.starts_with("zh_") {
        return "Chinese";
    }
    groups
        .iter()
        .find(|(_, prefixes)| prefixes.iter().any(|it| technique.contains(it)))
        .map_or("typo", |(name, _)| name)
}

/// Brands by name.
pub(crate) fn by_name(brands: &[Brand]) -> HashMap<&str, &Brand> {
    brands.iter().map(|it| (it.name.as_str(), it)).collect()
}

/// How many letters the name at the heart has, a Chinese character for two: without the ending of
/// a domain and without the role words of an account.
pub(crate) fn size(official: &str, kind: Kind) -> usize {
    const ROLES: &[&str] = &["customer service", "support", "official", "helpdesk", "help", "官方", "客服"];
    let lower = official.to_lowercase();
    let mut name = match (kind, lower.rsplit_once('.')) {
        (Kind::Email, _) => lower.rsplit('@').next().unwrap_or_default().to_owned(),
        (_, Some((_, ending))) if ending.chars().all(|c| c.is_ascii_alphabetic()) => lower.clone(),
        _ => ROLES.iter().fold(lower.clone(), |name, role| name.replace(role, "")),
    };
    if let (true, Some(dot)) = (name.contains('.'), name.find('.')) {
        name.truncate(dot);
    }
    name.chars().map(|c| if c.is_ascii() { usize::from(c.is_alphanumeric()) } else { 2 }).sum()
}
