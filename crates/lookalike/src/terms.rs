//! What is looked for: each official string as a whole, and the name at its heart.

use crate::han;
use crate::hosts;
use crate::index::{Kind, Official};
use crate::letters::{Letter, Letters, Reading};
use crate::words::{self, Background, ROLES, Role, Word};

/// How much an official string says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Found in no dictionary: whoever bears the name means the brand.
    Unique,
    /// Also an ordinary word or a person's name.
    Common,
    /// Under five Latin letters or three Chinese characters.
    Short,
}

/// A string that is looked for.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    /// Place of its letters in the pool.
    pub(crate) text: (u32, u16),
    pub(crate) official: u32,
    pub(crate) class: Class,
    /// Number of symbols in its key.
    pub(crate) len: u8,
    /// The role word that was taken off, if any.
    pub(crate) role: Option<Role>,
    pub(crate) han: bool,
    /// How many ordinary words are one letter away.
    pub(crate) crowd: u8,
    /// Which of its first characters belong to general Chinese words: 银行, 客服.
    pub(crate) generic: u32,
}

impl Term {
    /// Is it long enough to be looked for within longer names?
    pub(crate) fn is_distinctive(&self) -> bool {
        self.len >= if self.han { 2 } else { 4 }
    }
}

/// The parts of an official string that become terms.
pub(crate) struct Parts {
    letters: Letters,
    costs: Vec<f32>,
}

impl Parts {
    pub(crate) fn new() -> Self {
        Self { letters: Letters::default(), costs: Vec::new() }
    }

    /// Calls `found` with each part's letters and what was taken off.
    pub(crate) fn each(
        &mut self,
        official: &Official,
        mut found: impl FnMut(&Letters, (usize, usize), Option<Role>),
    ) {
        let text = match official.kind {
            Kind::Domain | Kind::Url => hosts::name_of(&official.text),
            Kind::Email => hosts::name_of(official.text.rsplit('@').next().unwrap_or_default()),
            Kind::Package => package_name(&official.text),
            Kind::Phone | Kind::Address | Kind::Avatar => return,
            Kind::Handle | Kind::DisplayName => official.text.as_ref(),
        };
        self.letters.read(text, Reading::Forward);
        let letters = &self.letters;
        let all = (0, letters.len());
        if all.1 == 0 {
            return;
        }
        // Of t.me the label alone is a letter that stands everywhere.
        if all.1 > 1 || official.kind != Kind::Domain {
            found(letters, all, None);
        }
        if let Some((core, role)) = core(letters) {
            found(letters, core, Some(role));
        }
        if let Some(cut) = before_general_word(letters) {
            found(letters, (0, cut), Some(Role::Weak));
        }
        if matches!(official.kind, Kind::Domain) && is_weak_alone(letters, &mut self.costs) {
            // A domain that is a name only together with its ending: token.im, chain.link.
            let domain = official.text.to_string();
            if domain.matches('.').count() == 1 {
                self.letters.read(&domain.replace('.', ""), Reading::Forward);
                let all = (0, self.letters.len());
                found(&self.letters, all, None);
            }
        }
    }

    /// Is the domain a word that is spelt with its ending, so that its label alone is a stump:
    /// telegra.ph?
    pub(crate) fn is_spelt_with_ending(&mut self, official: &Official) -> bool {
        if official.kind != Kind::Domain || official.text.matches('.').count() != 1 {
            return false;
        }
        self.letters.read(&official.text.replace('.', ""), Reading::Forward);
        words::word(self.letters.all.iter().map(|it| it.code)).is_some()
    }

    /// How much the letters say by themselves.
    pub(crate) fn class(
        &mut self,
        letters: &Letters,
        (from, to): (usize, usize),
        background: &Background,
    ) -> Class {
        let range = letters.letters(from, to);
        let codes = letters.all[range].iter().map(|it| it.code);
        let han = codes.clone().filter(|it| han::is_han(*it)).count();
        let others = codes.clone().count() - han;
        if han < 3 && others + 2 * han < 5 {
            return Class::Short;
        }
        let is_word = matches!(words::word(codes), Some(Word::Dictionary(_) | Word::Person));
        const ORDINARY: u32 = 4; // As often as this among ordinary names, and it is one.
        let own = &letters.all[letters.letters(from, to)];
        let is_stump = others >= 5 && han == 0 && (is_stump(own) || is_word_with_ending(letters, from, to));
        let is_role = ROLES.get(letters.hash(from, to)).is_some(); // Crypto, wallet, 客服.
        if is_word || is_stump || is_role || background.count(letters.hash(from, to)) >= ORDINARY {
            return Class::Common;
        }
        Class::Unique
    }
}

/// Is it a common word short of its last letter, as `telegra` is? Endings of grammar do not count.
fn is_stump(letters: &[Letter]) -> bool {
    let word = |last: u8| words::word(letters.iter().map(|it| it.code).chain([u32::from(last)]));
    (b'a'..=b'z')
        .filter(|last| !b"sdry".contains(last))
        .any(|last| matches!(word(last), Some(Word::Dictionary(_))))
}

/// Too short or too ordinary to stand for the brand.
fn is_weak_alone(letters: &Letters, costs: &mut Vec<f32>) -> bool {
    let codes: Vec<u32> = letters.all.iter().map(|it| it.code).collect();
    costs.clear();
    codes.len() < 5 || words::word(codes.into_iter()).is_some()
}

/// The name without the role words at its ends: `MetaMask Support`, `binancehelpdesk`, `币安客服`.
fn core(letters: &Letters) -> Option<((usize, usize), Role)> {
    let len = letters.len();
    let strong = |from, to| ROLES.are_strong(letters, from, to);
    let min = if letters.han { 2 } else { 3 };
    let suffix = (min..len).find(|cut| strong(*cut, len));
    if let Some(cut) = suffix {
        return Some(((0, cut), Role::Strong));
    }
    (1..len.saturating_sub(min - 1)).rev().find(|cut| strong(0, *cut)).map(|cut| ((cut, len), Role::Strong))
}

/// Where a general Chinese word ends the name: the 塔罗 of 塔罗钱包, which counts only beside a claim.
fn before_general_word(letters: &Letters) -> Option<usize> {
    let len = letters.len();
    const GENERAL: &[&str] = &["钱包", "交易所", "浏览器", "协议", "平台"];
    let ends_so = |cut: &usize| {
        let ending = &letters.all[letters.letters(*cut, len)];
        GENERAL.iter().any(|it| it.chars().map(u32::from).eq(ending.iter().map(|it| it.code)))
    };
    (2..len.saturating_sub(1)).find(ends_so).filter(|_| letters.han)
}

/// A common word and an ending or a "my" that name no brand: `crypto.com` written as `cryptocom`.
fn is_word_with_ending(letters: &Letters, from: usize, to: usize) -> bool {
    const ENDINGS: &[&str] = &["com", "net", "org", "io", "to", "im", "me", "app", "hq", "inc"];
    let all = &letters.all[letters.letters(from, to)];
    let is_common = |range: std::ops::Range<usize>| {
        let word = words::word(all[range].iter().map(|it| it.code));
        matches!(word, Some(Word::Dictionary(_) | Word::Proper(0..=5)))
    };
    let is_role = |from: usize, to: usize| from + 3 <= to && ROLES.get(letters.hash(from, to)).is_some();
    let spells = |range: std::ops::Range<usize>, text: &str| {
        all[range].iter().map(|it| it.code).eq(text.bytes().map(u32::from))
    };
    let len = all.len();
    ENDINGS.iter().any(|ending| {
        let cut = len.saturating_sub(ending.len());
        let key_cut = to.saturating_sub(ending.len());
        cut >= 3 && spells(cut..len, ending) && (is_common(0..cut) || is_role(from, key_cut))
    }) || len >= 5 && spells(0..2, "my") && (is_common(2..len) || is_role(from + 2, to))
}

/// The telling part of a package name: `io.metamask` and `com.binance.dev` read as their second part.
fn package_name(package: &str) -> &str {
    package.split('.').nth(1).unwrap_or(package)
}
