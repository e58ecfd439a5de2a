//! The form of `/report`: what was typed, kept as it was, and read as a [`RawReport`].
//!
//! A field of the form is named as the report names it (`losses.0.asset`), so that what is wrong
//! finds its place by itself. Addresses and transactions come in one box of plain text.

use touchstone_cases::report::{RawAddress, RawContact, RawLoss, RawReport, RawSuspect, RawTransaction};

use super::secrets::Mask;
use crate::console::i18n::Lang;

/// The most rows of losses or suspects that are read.
const ROWS: usize = 100;

/// Further questions of the form; authorities ask for these.
pub(crate) const QUESTIONS: [&str; 9] = [
    "how_contact_began",
    "what_raised_suspicion",
    "domains_apps",
    "exchanges_used",
    "how_paid",
    "bank_account",
    "bank_reference",
    "victim_address",
    "desired_resolution",
];

/// What was typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// From the parts of a form, with secrets taken out of every text.
    pub(crate) fn read(pairs: Vec<(String, String)>, mask: &mut Mask) -> Self {
        let mut read = |(name, value): (String, String)| {
            let value = value.replace("\r\n", "\n");
            // The form's own token has the form of a key, and opens nothing of the victim's.
            let value = if name == "draft" { value } else { mask.text(value) };
            (name, value)
        };
        Self(pairs.into_iter().map(&mut read).collect())
    }

    /// What was typed there; empty if nothing was.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// How many rows of that list were sent.
    pub(crate) fn rows(&self, list: &str) -> usize {
        let number = |key: &str| {
            let rest = key.strip_prefix(list)?.strip_prefix('.')?;
            rest.split('.').next()?.parse::<usize>().ok()
        };
        self.0.iter().filter_map(|(key, _)| number(key)).filter(|it| *it < ROWS).max().map_or(0, |it| it + 1)
    }

    /// The report, every row in its place.
    pub(crate) fn report(&self, lang: Lang) -> RawReport {
        let text = |name: &str| self.get(name).to_owned();
        let pasted = Pasted::read(self.get("pasted"));
        let mut answers: std::collections::BTreeMap<String, String> = QUESTIONS
            .iter()
            .map(|name| ((*name).to_owned(), text(&format!("answers.{name}"))))
            .filter(|(_, value)| !value.trim().is_empty())
            .collect();
        if !self.get("pasted").trim().is_empty() {
            answers.insert("pasted".to_owned(), text("pasted"));
        }
        RawReport {
            kind: text("kind"),
            language: lang.code().to_owned(),
            country: text("country"),
            happened_from: text("happened_from"),
            happened_until: text("happened_until"),
            time_zone: text("time_zone"),
            story: text("story"),
            losses: (0..self.rows("losses")).map(|row| self.loss(row)).collect(),
            addresses: pasted.addresses,
            transactions: pasted.transactions,
            suspects: (0..self.rows("suspects")).map(|row| self.suspect(row)).collect(),
            account: text("account"),
            contact: RawContact {
                name: text("contact.name"),
                email: text("contact.email"),
                phone: text("contact.phone"),
            },
            wallet: text("wallet"),
            device_compromised: match self.get("device_compromised") {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            police_reference: text("police_reference"),
            answers,
        }
    }

    fn loss(&self, row: usize) -> RawLoss {
        let text = |name: &str| self.get(&format!("losses.{row}.{name}")).to_owned();
        RawLoss {
            asset: text("asset"),
            chain: text("chain"),
            amount: text("amount"),
            token_contract: text("token_contract"),
        }
    }

    fn suspect(&self, row: usize) -> RawSuspect {
        let text = |name: &str| self.get(&format!("suspects.{row}.{name}")).to_owned();
        let suspect = RawSuspect { platform: text("platform"), account: text("account"), name: text("name") };
        // A platform without an account says nothing; the row counts as empty.
        if suspect.account.trim().is_empty() && suspect.name.trim().is_empty() {
            return RawSuspect::default();
        }
        suspect
    }

    /// Whether a folded part of the form has something in it.
    pub(crate) fn has_any(&self, prefixes: &[&str]) -> bool {
        let filled = |(key, value): &(String, String)| {
            !value.trim().is_empty() && prefixes.iter().any(|it| key.starts_with(it))
        };
        self.0.iter().any(filled)
    }
}

/// Where in the form something is wrong: the field as the report names it, in the form's own name.
pub(crate) fn place(field: &str) -> &str {
    let list = field.split('.').next().unwrap_or_default();
    match list {
        "addresses" | "transactions" => "pasted",
        _ if field == "answers.pasted" => "pasted",
        _ => field,
    }
}

/// What the box of plain text holds.
#[derive(Debug, Default)]
pub(crate) struct Pasted {
    /// What may be addresses.
    pub(crate) addresses: Vec<RawAddress>,
    /// What may be transactions' ids.
    pub(crate) transactions: Vec<RawTransaction>,
}

const MINE: [&str; 5] = ["我的", "我自己", "本人", "my ", "mine"];
const THEIRS: [&str; 7] = ["对方", "骗子", "收款", "小偷", "their", "thief", "scam"];

impl Pasted {
    /// Finds addresses and ids among words and links. What cannot be either is left alone;
    /// what looks like one but is broken is kept, so that the victim hears of it.
    pub(crate) fn read(text: &str) -> Self {
        let mut pasted = Self::default();
        for line in text.lines() {
            let lower = line.to_lowercase();
            let says = |words: &[&str]| words.iter().any(|it| lower.contains(it));
            let whose = match (says(&MINE), says(&THEIRS)) {
                (true, false) => "mine",
                (false, true) => "theirs",
                _ => "unknown",
            };
            let part = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '@'));
            for word in line.split(part) {
                let word = word.trim_matches(['-', '_', '.']);
                pasted.add(word, whose);
            }
        }
        pasted
    }

    fn add(&mut self, word: &str, whose: &str) {
        match looks(word) {
            Looks::Transaction if self.transactions.iter().all(|it| it.id != word) => {
                self.transactions.push(RawTransaction { id: word.to_owned(), chain: String::new() });
            }
            Looks::Address if self.addresses.iter().all(|it| it.text != word) => {
                self.addresses.push(RawAddress {
                    text: word.to_owned(),
                    chain: String::new(),
                    whose: whose.to_owned(),
                });
            }
            _ => {}
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Looks {
    Transaction,
    Address,
    Nothing,
}

fn looks(word: &str) -> Looks {
    let hexadecimal = |it: &str| it.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(digits) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        return match digits.len() {
            64 if hexadecimal(digits) => Looks::Transaction,
            10.. if digits.bytes().all(|it| it.is_ascii_alphanumeric()) => Looks::Address,
            _ => Looks::Nothing,
        };
    }
    if word.len() == 64 && hexadecimal(word) {
        return Looks::Transaction;
    }
    // Names of hosts and people have dots; no address or id on any chain we know has one.
    if word.contains(['.', '@']) || !word.bytes().any(|it| it.is_ascii_digit()) {
        return Looks::Nothing;
    }
    match word.len() {
        86..=88 if word.bytes().all(|it| it.is_ascii_alphanumeric()) => Looks::Transaction,
        25..=110 => Looks::Address,
        _ => Looks::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (Vec<(String, String)>, Vec<String>) {
        let pasted = Pasted::read(text);
        let addresses = pasted.addresses.into_iter().map(|it| (it.text, it.whose)).collect();
        (addresses, pasted.transactions.into_iter().map(|it| it.id).collect())
    }

    #[test]
    fn addresses_and_ids_are_found_among_words_and_links() {
        let address = "0x52908400098527886E0F7030069857D2E4169EE7";
        let id = format!("0x{}", "ab".repeat(32));
        let tron = "TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC";
        for (text, addresses, ids) in [
            (format!("对方地址：{address}，哈希 {id}。"), vec![(address, "theirs")], vec![id.as_str()]),
            (format!("https://etherscan.io/tx/{id}?a=b"), vec![], vec![id.as_str()]),
            (format!("my wallet {tron}\nto {address}"), vec![(tron, "mine"), (address, "unknown")], vec![]),
            (format!("{address} {address}"), vec![(address, "unknown")], vec![]),
            (
                "ab".repeat(32),
                vec![],
                vec!["abababababababababababababababababababababababababababababababab"],
            ),
            (
                "0x52908400098527886E0F70300698".to_owned(),
                vec![("0x52908400098527886E0F70300698", "unknown")],
                vec![],
            ),
            (
                "www.a-very-long-name-of-a-fake-site-2026.example @helper_of_the_wallet_2026".to_owned(),
                vec![],
                vec![],
            ),
            ("他说要 100 USDT，2026-11-22 下午".to_owned(), vec![], vec![]),
        ] {
            let addresses: Vec<(String, String)> =
                addresses.into_iter().map(|(it, whose): (&str, &str)| (it.into(), whose.into())).collect();
            let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
            assert_eq!(found(&text), (addresses, ids), "{text}");
        }
    }

    #[test]
    fn rows_keep_their_place() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pairs = vec![
            pair("losses.2.asset", "USDT"),
            pair("losses.0.amount", "5"),
            pair("losses.9999.asset", "x"),
        ];
        let form = Form::read(pairs, &mut Mask::default());
        let report = form.report(Lang::En);
        assert_eq!(report.losses.len(), 3);
        assert_eq!((report.losses[0].amount.as_str(), report.losses[2].asset.as_str()), ("5", "USDT"));
    }

    #[test]
    fn what_is_wrong_in_the_box_is_said_beside_the_box() {
        for (field, expected) in [
            ("addresses.3.text", "pasted"),
            ("transactions", "pasted"),
            ("answers.pasted", "pasted"),
            ("losses.0.asset", "losses.0.asset"),
            ("answers.how_paid", "answers.how_paid"),
        ] {
            assert_eq!(place(field), expected);
        }
    }
}
