//! Says what was masked in a text, and what to do about it at once.

use std::collections::BTreeSet;

use super::secrets::Mask;
use crate::console::i18n::Lang;

/// Kinds of secrets that were taken out, by name.
pub(crate) type Taken = BTreeSet<&'static str>;

/// The text without its secrets; their kinds are added to `taken`.
pub(crate) fn clean(text: String, taken: &mut Taken) -> String {
    let mut mask = Mask::default();
    let text = mask.text(text);
    taken.extend(mask.kinds());
    text
}

/// Kinds by their names, as an address of ours carries them; what is none is left out.
pub(crate) fn named(names: &str) -> Taken {
    let kinds = touchstone_language::secrets::SecretKind::ALL.map(|it| it.name());
    kinds.into_iter().filter(|it| names.split(',').any(|name| name == *it)).collect()
}

/// Says what was taken out and what to do at once; nothing if nothing was.
pub(crate) fn sentence(lang: Lang, taken: &Taken) -> Option<String> {
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
    fn the_sentence_names_what_was_taken_out_and_what_to_do() {
        assert_eq!(sentence(Lang::En, &Taken::new()), None);
        let said = sentence(Lang::En, &named("recovery_phrase,nonsense")).unwrap();
        assert!(said.contains("recovery phrase") && said.contains("new wallet"), "{said}");
        let said = sentence(Lang::Zh, &named("one_time_code")).unwrap();
        assert!(said.contains("验证码") && !said.contains("新建钱包"), "{said}");
    }
}
