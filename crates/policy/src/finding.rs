//! The catalogue: everything that can be found, with its price and its sentence.

use touchstone_types::{Bilingual, Check, Name, Strength};

/// A kind of finding: raised by a check, or by a rule of the same name.
#[derive(Clone, Debug)]
pub struct FindingSpec {
    /// Its number, by which sets and programs know it.
    pub id: u16,
    /// Its name: `asks_for_recovery_phrase`.
    pub name: Name,
    /// Its share of the score.
    pub weight: u32,
    /// How much it may decide alone.
    pub strength: Strength,
    /// What a user reads.
    pub sentence: Sentence,
    /// The part of screening that raises it; none if a rule does.
    pub check: Option<Check>,
}

macro_rules! placeholders {
    ($($variant:ident $name:literal $zh:literal $en:literal $doc:literal),+ $(,)?) => {
        /// What a sentence may leave open.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Placeholder { $(#[doc = $doc] $variant),+ }

        impl Placeholder {
            /// Every placeholder.
            pub const ALL: &'static [Placeholder] = &[$(Placeholder::$variant),+];

            /// As sentences spell it, without the braces.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Placeholder::$variant => $name),+ }
            }

            /// What it stands for.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Placeholder::$variant => $doc),+ }
            }

            /// What is said where nothing is known: (Chinese, English).
            #[must_use]
            pub const fn otherwise(self) -> (&'static str, &'static str) {
                match self { $(Placeholder::$variant => ($zh, $en)),+ }
            }
        }
    };
}

placeholders! {
    Official "official" "官方账号" "the official account" "The official string that is imitated.",
    Brand "brand" "官方" "the official service" "Whose identity is imitated.",
    Candidate "candidate" "这个账号" "this account" "The name that imitates.",
    Link "link" "这个链接" "this link" "The host name of a link.",
    Address "address" "这个地址" "this address" "A blockchain address.",
    Amount "amount" "这笔款项" "this amount" "An amount with its asset.",
    Site "site" "这个网站" "this site" "The web site or app that asks for a signature.",
    Words "words" "这句话" "these words" "The words it was found in.",
    List "list" "名单" "a list" "Where a listed entry is known from.",
    Count "count" "多" "many" "How many.",
    Way "way" "官方渠道" "the official way in" "The real way to reach the official service.",
}

/// A sentence in both languages, with places to fill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence {
    zh: Vec<Piece>,
    en: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    Open(Placeholder),
}

impl Sentence {
    /// Reads a template such as `写信的人自称是 {brand}`.
    ///
    /// # Errors
    /// The word between braces that is no [`Placeholder`].
    pub fn parse(template: &Bilingual) -> Result<Self, String> {
        Ok(Self { zh: pieces(&template.zh)?, en: pieces(&template.en)? })
    }

    /// The sentence with its places filled; what is not known is said in general words.
    #[must_use]
    pub fn fill<'a>(&self, known: impl Fn(Placeholder) -> Option<&'a str>) -> Bilingual {
        let write = |pieces: &[Piece], chinese: bool| {
            let mut out = String::new();
            for piece in pieces {
                match piece {
                    Piece::Words(words) => out.push_str(words),
                    Piece::Open(open) => {
                        let (zh, en) = open.otherwise();
                        out.push_str(known(*open).unwrap_or(if chinese { zh } else { en }));
                    }
                }
            }
            out
        };
        Bilingual { zh: write(&self.zh, true), en: write(&self.en, false) }
    }

    /// The places it leaves open.
    pub fn placeholders(&self) -> impl Iterator<Item = Placeholder> + '_ {
        self.zh.iter().chain(&self.en).filter_map(|piece| match piece {
            Piece::Open(open) => Some(*open),
            Piece::Words(_) => None,
        })
    }
}

fn pieces(template: &str) -> Result<Vec<Piece>, String> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or_else(|| after.to_owned())?;
        let open = Placeholder::ALL.iter().find(|it| it.name() == name).ok_or_else(|| name.to_owned())?;
        if !before.is_empty() {
            out.push(Piece::Words(before.to_owned()));
        }
        out.push(Piece::Open(*open));
        rest = after;
    }
    if !rest.is_empty() {
        out.push(Piece::Words(rest.to_owned()));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_what_is_known_and_never_shows_its_braces() {
        let template = Bilingual {
            zh: "{candidate}像{official}。".into(),
            en: "{candidate} looks like {official}.".into(),
        };
        let sentence = Sentence::parse(&template).unwrap();
        let filled = sentence.fill(|open| (open == Placeholder::Official).then_some("@metamask"));
        assert_eq!(filled.zh, "这个账号像@metamask。");
        assert_eq!(filled.en, "this account looks like @metamask.");
    }

    #[test]
    fn an_unknown_place_is_named() {
        for (template, bad) in [("a {oficial} b", "oficial"), ("a {official", "official"), ("{}", "")] {
            let template = Bilingual { zh: template.into(), en: String::new() };
            assert_eq!(Sentence::parse(&template), Err(bad.to_owned()));
        }
    }
}
