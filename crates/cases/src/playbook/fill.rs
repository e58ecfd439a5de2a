//! Places in a wording, and what the case puts there.

use touchstone_types::Bilingual;

use super::Wording;

/// Something that a case knows, by the name it has between braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// As in `{reference}`.
    pub name: &'static str,
    /// What it is called where it is missing, in Chinese.
    pub zh: &'static str,
    /// And in English.
    pub en: &'static str,
}

const fn place(name: &'static str, zh: &'static str, en: &'static str) -> Place {
    Place { name, zh, en }
}

/// Every place a wording may have. A file with another one is refused.
pub const PLACES: [Place; 15] = [
    place("name", "称呼", "name"),
    place("agent", "经办人", "agent"),
    place("firm", "本公司", "our firm"),
    place("reference", "案件编号", "reference"),
    place("account", "账户", "account"),
    place("asset", "币种", "asset"),
    place("amount", "金额", "amount"),
    place("chain", "链", "chain"),
    place("address", "地址", "address"),
    place("transaction", "交易哈希", "transaction id"),
    place("suspect", "对方账号", "suspect's account"),
    place("wallet", "钱包", "wallet"),
    place("authority", "受理机关", "authority"),
    place("due", "下次回复时间", "time of the next answer"),
    place("link", "案件页面", "case page"),
];

/// A wording with what the case knows put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Ready to be adapted. An open place reads `[what is missing]`.
    pub text: Bilingual,
    /// The places that are still open.
    pub missing: Vec<&'static str>,
}

impl Wording {
    /// The names of its places, in order, each once.
    #[must_use]
    pub fn places(&self) -> Vec<&str> {
        places(&self.0.en)
    }

    /// Puts in what `value` knows by a place's name. What it does not know stays visible in
    /// square brackets, so that nobody sends it unseen.
    #[must_use]
    pub fn fill(&self, value: impl Fn(&str) -> Option<String>) -> Filled {
        let mut missing = Vec::new();
        let mut one = |text: &str, name_of: fn(&Place) -> &'static str| {
            let mut pieces = text.split('{');
            let mut filled = pieces.next().unwrap_or_default().to_owned();
            for piece in pieces {
                let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
                match (
                    value(name).filter(|it| !it.trim().is_empty()),
                    PLACES.iter().find(|it| it.name == name),
                ) {
                    (Some(value), _) => filled.push_str(&value),
                    (None, Some(place)) => {
                        filled.extend(["[", name_of(place), "]"]);
                        if !missing.contains(&place.name) {
                            missing.push(place.name);
                        }
                    }
                    // Loading refuses such a place.
                    (None, None) => filled.extend(["[", name, "]"]),
                }
                filled.push_str(rest);
            }
            filled
        };
        let text = Bilingual { zh: one(&self.0.zh, |it| it.zh), en: one(&self.0.en, |it| it.en) };
        Filled { text, missing }
    }
}

/// The names between braces, in order, each once.
pub(super) fn places(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for piece in text.split('{').skip(1) {
        let name = piece.split('}').next().unwrap_or_default();
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}
