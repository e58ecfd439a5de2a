use std::ops::{BitOr, BitOrAssign};

/// The ways in which a text was not what it reads as; a small set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tricks(u16);

macro_rules! tricks {
    ($($constant:ident $bit:literal $name:literal $doc:literal),+ $(,)?) => {
        impl Tricks {
            $(#[doc = $doc] pub const $constant: Tricks = Tricks(1 << $bit);)+

            const NAMES: &'static [(Tricks, &'static str)] = &[$((Tricks::$constant, $name)),+];
        }
    };
}

// The first eight bits are written by build.rs in this order.
tricks! {
    INVISIBLE 0 "invisible" "Characters that cannot be seen: zero width, soft hyphen, tags, control codes.",
    CONFUSABLE 1 "confusable" "A letter of another alphabet that looks like one of this word's alphabet.",
    STYLED 2 "styled" "Mathematical, enclosed, small-capital, raised or regional letters and digits.",
    WIDE 3 "wide" "Full-width or half-width forms, and spaces other than U+0020.",
    MARKS 4 "marks" "Accents and other marks upon a letter.",
    BIDI 5 "bidi" "Controls that change the direction of writing.",
    TRADITIONAL 6 "traditional" "Traditional Chinese characters.",
    FLIPPED 7 "flipped" "Letters that stand on their head.",
    SEPARATED 8 "separated" "Signs put between letters that belong together.",
    DIGITS 9 "digits" "A number spelt in Chinese digits.",
}

impl Tricks {
    /// No trick at all.
    pub const NONE: Tricks = Tricks(0);

    pub(crate) const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// Is nothing in the set?
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Does the set hold all of `others`?
    #[must_use]
    pub const fn contains(self, others: Tricks) -> bool {
        self.0 & others.0 == others.0
    }

    /// Does the set hold any of `others`?
    #[must_use]
    pub const fn intersects(self, others: Tricks) -> bool {
        self.0 & others.0 != 0
    }

    /// The names of those in the set, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().filter(move |(trick, _)| self.contains(*trick)).map(|(_, name)| *name)
    }
}

impl BitOr for Tricks {
    type Output = Tricks;
    fn bitor(self, other: Tricks) -> Tricks {
        Tricks(self.0 | other.0)
    }
}

impl BitOrAssign for Tricks {
    fn bitor_assign(&mut self, other: Tricks) {
        self.0 |= other.0;
    }
}
