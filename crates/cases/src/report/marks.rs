//! By what a case can be found to belong with others.

use super::{Belongs, Form, Report, Suspect};
use crate::words::words;

words! {
    /// What two cases can have in common.
    MarkKind {
        /// The same suspect's account.
        Suspect = "suspect",
        /// The same address that is not the victim's.
        Address = "address",
        /// The same transaction.
        Transaction = "transaction",
        /// The same words; the shell makes these, as it has the fingerprints of texts.
        Text = "text",
    }
}

/// What is written before an account's name in links to it.
const LINKS: [&str; 12] = [
    "https://",
    "http://",
    "www.",
    "t.me/",
    "telegram.me/",
    "twitter.com/",
    "x.com/",
    "instagram.com/",
    "facebook.com/",
    "m.facebook.com/",
    "wa.me/",
    "discord.com/users/",
];

impl Report {
    /// What this case can be linked by, each in one form however it was written, each once. The
    /// victim's own addresses are not among them.
    #[must_use]
    pub fn marks(&self) -> Vec<(MarkKind, String)> {
        let suspects = self.suspects.iter().filter_map(|it| Some((MarkKind::Suspect, suspect(it)?)));
        let theirs = self.addresses.iter().filter(|it| it.whose != Belongs::Mine);
        let addresses = theirs.map(|it| (MarkKind::Address, it.form.same(&it.text)));
        let transactions = self.transactions.iter().map(|it| (MarkKind::Transaction, Form::same_id(&it.id)));
        let mut marks: Vec<_> = suspects.chain(addresses).chain(transactions).collect();
        marks.sort_unstable();
        marks.dedup();
        marks
    }
}

/// `platform:account`, lower case, without `@`, link and spaces. Numbers keep their digits alone.
fn suspect(it: &Suspect) -> Option<String> {
    let lower = it.account.to_lowercase();
    let mut account = lower.trim();
    while let Some(rest) = LINKS.iter().find_map(|link| account.strip_prefix(link)) {
        account = rest;
    }
    let account = account.trim_start_matches('@').trim_end_matches('/');
    let number = |c: char| c.is_ascii_digit() || "+-() ".contains(c);
    let account: String = if account.chars().all(number) {
        account.chars().filter(char::is_ascii_digit).collect()
    } else {
        account.chars().filter(|c| !c.is_whitespace()).collect()
    };
    (!account.is_empty()).then(|| format!("{}:{account}", it.platform.as_deref().unwrap_or_default()))
}
