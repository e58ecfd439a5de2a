use std::ops::{BitOr, BitOrAssign};

use touchstone_text::Tricks;

/// The ways in which a candidate was made to resemble an official string; a small set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Techniques(u64);

macro_rules! techniques {
    ($($constant:ident $bit:literal $name:literal $doc:literal),+ $(,)?) => {
        impl Techniques {
            $(#[doc = $doc] pub const $constant: Techniques = Techniques(1 << $bit);)+

            const NAMES: &'static [(Techniques, &'static str)] = &[$((Techniques::$constant, $name)),+];
        }
    };
}

techniques! {
    SAME 0 "same" "The very string, as its platform compares it.",
    CONFUSABLE 1 "confusable" "Letters of another alphabet that look the same.",
    STYLED 2 "styled" "Mathematical, enclosed, small-capital, raised or regional letters.",
    WIDE 3 "wide" "Full-width or half-width forms.",
    MARKS 4 "marks" "Accents and other marks.",
    INVISIBLE 5 "invisible" "Characters that cannot be seen.",
    BIDI 6 "bidi" "Controls that change the direction of writing.",
    FLIPPED 7 "flipped" "Letters that stand on their head.",
    TRADITIONAL 8 "traditional" "Traditional Chinese for simplified, or the other way.",
    LEET 9 "leet" "Digits, signs or letters that look like other letters: 0 for o, I for l, rn for m.",
    REPEATED 10 "repeated" "A letter doubled, or one of two left out.",
    DROPPED 11 "dropped" "A letter or a word left out.",
    INSERTED 12 "inserted" "A letter put in.",
    SWAPPED 13 "swapped" "Two neighbouring letters in the wrong order.",
    VOWEL 14 "vowel" "A vowel for another.",
    KEYBOARD 15 "keyboard" "A letter for its neighbour on the keyboard.",
    BIT_FLIP 16 "bit_flip" "A letter that differs in one bit.",
    REPLACED 17 "replaced" "A letter for any other.",
    SEPARATOR 18 "separator" "Signs or spaces put in, left out or moved.",
    DECORATED 19 "decorated" "Emoji and other decoration.",
    WORD_ORDER 20 "word_order" "The same words in another order.",
    ROLE 21 "role_word" "A word that claims a role: support, official, 客服.",
    DIGITS 22 "digits" "Digits added at an end.",
    ADDED 23 "added" "Other words or letters added.",
    SUFFIX 24 "top_level_domain" "The same name under another top-level domain.",
    SUBDOMAIN 25 "subdomain" "The official name to the left of somebody else's domain.",
    PATH 26 "path" "The official name in the path of a page that anybody can make.",
    USER_INFO 27 "user_info" "The official name before an @ in a link.",
    FREE_HOST 28 "free_host" "A host that anybody can have a page or a mailbox on.",
    PUNYCODE 29 "punycode" "A domain of other letters, written in punycode.",
    SOUND 30 "sound" "A Chinese character that sounds the same, or its sound in Latin letters.",
    SHAPE 31 "shape" "A Chinese character that looks alike.",
    SPLIT 32 "split" "A Chinese character written as its parts.",
    SAME_HEAD 33 "same_head" "An address with the same beginning.",
    SAME_TAIL 34 "same_tail" "An address with the same end.",
    PICTURE 35 "picture" "A picture that is the same to the eye.",
    DISPLAYED 36 "displayed" "The official address shown as the name of another one.",
}

impl Techniques {
    /// None at all.
    pub const NONE: Techniques = Techniques(0);

    /// Is nothing in the set?
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Does the set hold all of `others`?
    #[must_use]
    pub const fn contains(self, others: Techniques) -> bool {
        self.0 & others.0 == others.0
    }

    /// Does the set hold any of `others`?
    #[must_use]
    pub const fn intersects(self, others: Techniques) -> bool {
        self.0 & others.0 != 0
    }

    pub(crate) const fn or(self, others: Techniques) -> Techniques {
        Techniques(self.0 | others.0)
    }

    /// The names of those in the set, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().filter(move |(it, _)| self.contains(*it)).map(|(_, name)| *name)
    }

    /// Every technique's name.
    pub fn all_names() -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().map(|(_, name)| *name)
    }

    pub(crate) fn of_tricks(tricks: Tricks) -> Self {
        let pairs = [
            (Tricks::INVISIBLE, Self::INVISIBLE),
            (Tricks::CONFUSABLE, Self::CONFUSABLE),
            (Tricks::STYLED, Self::STYLED),
            (Tricks::WIDE, Self::WIDE),
            (Tricks::MARKS, Self::MARKS),
            (Tricks::BIDI, Self::BIDI),
            (Tricks::TRADITIONAL, Self::TRADITIONAL),
            (Tricks::FLIPPED, Self::FLIPPED),
        ];
        let mut found = Self::NONE;
        for (_, technique) in pairs.iter().filter(|(trick, _)| tricks.intersects(*trick)) {
            found |= *technique;
        }
        found
    }
}

impl BitOr for Techniques {
    type Output = Techniques;
    fn bitor(self, other: Techniques) -> Techniques {
        Techniques(self.0 | other.0)
    }
}

impl BitOrAssign for Techniques {
    fn bitor_assign(&mut self, other: Techniques) {
        self.0 |= other.0;
    }
}
