//! We never ask for a secret; what somebody types all the same is masked before it is kept or shown
//! again, and the page says what to do about it at once.

use std::collections::BTreeSet;

use serde_json::Value;
use touchstone_language::secrets::{Secret, SecretKind, find};
use touchstone_text::{Folded, fold};

use crate::console::i18n::Lang;

/// Kinds of secrets that were taken out, by name.
pub(crate) type Taken = BTreeSet<&'static str>;

/// From here on something is taken for a secret. A transaction's id has the form of a key and has
/// less, unless a word beside it calls it one.
const CERTAIN: f32 = 0.5;

/// Whether whoever has it can take something. A number of an identity card cannot: forms of the
/// police ask for it.
fn opens_something(kind: SecretKind) -> bool {
    match kind {
        SecretKind::RecoveryPhrase
        | SecretKind::PrivateKey
        | SecretKind::Keystore
        | SecretKind::OneTimeCode
        | SecretKind::Password
        | SecretKind::CardCode
        | SecretKind::ApiSecret => true,
        SecretKind::IdNumber | SecretKind::Passport | SecretKind::CardNumber => false,
    }
}

/// Whether somebody who reads the text could take something with it. For what staff send: it is
/// refused rather than masked.
#[must_use]
pub fn holds_secret(text: &str) -> bool {
    let mut mask = Mask::default();
    mask.text(text.to_owned());
    !mask.masked.is_empty()
}

/// Masks texts one after another and remembers what kinds of secrets were in them.
#[derive(Default)]
pub(super) struct Mask {
    folded: Folded,
    found: Vec<Secret>,
    masked: Taken,
}

impl Mask {
    /// The text without its secrets: in the place of each stands what it was, and none of it.
    pub(super) fn text(&mut self, text: String) -> String {
        fold(&text, &mut self.folded);
        find(&text, &self.folded, &mut self.found);
        let mut clean = String::with_capacity(text.len());
        let mut end = 0;
        for secret in self.found.iter().filter(|it| it.certainty >= CERTAIN && opens_something(it.kind)) {
            self.masked.insert(secret.kind.name());
            // What begins within the one before is covered by its name.
            if secret.span.start >= end {
                clean.push_str(text.get(end..secret.span.start).unwrap_or_default());
                clean.push_str("[██ ");
                clean.push_str(secret.kind.name());
                clean.push_str(" ██]");
            }
            end = end.max(secret.span.end);
        }
        if end == 0 {
            return text;
        }
        clean.push_str(text.get(end..).unwrap_or_default());
        clean
    }

    /// The same of every text in it.
    pub(super) fn all(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(std::mem::take(text)),
            Value::Array(items) => items.iter_mut().for_each(|it| self.all(it)),
            Value::Object(fields) => fields.values_mut().for_each(|it| self.all(it)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The kinds of all that was masked.
    pub(super) fn taken(self) -> Taken {
        self.masked
    }
}

/// Kinds by their names, as an address of ours carries them; what is none is left out.
pub(super) fn named(names: &str) -> Taken {
    let kinds = SecretKind::ALL.map(|it| it.name());
    kinds.into_iter().filter(|it| names.split(',').any(|name| name == *it)).collect()
}

/// Says what was taken out and what to do at once; nothing if nothing was.
pub(super) fn sentence(lang: Lang, taken: &Taken) -> Option<String> {
    if taken.is_empty() {
        return None;
    }
    let words: Vec<String> =
        taken.iter().map(|it| lang.text(&format!("secret-{}", it.replace('_', "-")))).collect();
    let what = lang.text_with("masked-what", &[("what", words.join(&lang.text("list-comma")).into())]);
    let opens_wallet = ["recovery_phrase", "private_key", "keystore"].iter().any(|it| taken.contains(it));
    let then = lang.text(if opens_wallet { "masked-wallet" } else { "masked-account" });
    Some(format!("{what} {then}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_masked_and_the_rest_stays() {
        let phrase =
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
        let mut mask = Mask::default();
        let clean = mask.text(format!("他让我输入助记词：{phrase}，然后钱就没了"));
        assert!(
            !clean.contains("abandon") && clean.starts_with("他让我输入") && clean.ends_with("钱就没了"),
            "{clean}"
        );
        let plain = "0x52908400098527886E0F7030069857D2E4169EE7 took 1,250 USDT at 14:30";
        assert_eq!(mask.text(plain.to_owned()), plain);
        assert_eq!(mask.taken(), named("recovery_phrase"));
    }

    #[test]
    fn the_sentence_names_what_was_taken_out_and_what_to_do() {
        assert_eq!(sentence(Lang::En, &Taken::new()), None);
        let said = sentence(Lang::En, &named("recovery_phrase,nonsense")).unwrap();
        assert!(said.contains("recovery phrase") && said.contains("new wallet"), "{said}");
        let said = sentence(Lang::Zh, &named("one_time_code")).unwrap();
        assert!(said.contains("验证码") && !said.contains("新建钱包"), "{said}");
    }
}
