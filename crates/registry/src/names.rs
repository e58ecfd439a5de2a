//! Words that files spell in one way: each is written and read by its name.

/// Serde by `name()` and `from_name()`; an unknown name is an error that names the known ones.
macro_rules! by_name {
    ($type:ident, $what:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                $type::from_name(&name).ok_or_else(|| {
                    let known: Vec<_> = $type::ALL.iter().map(|it| it.name()).collect();
                    serde::de::Error::custom(format!(
                        concat!("`{}` is not ", $what, "; known are {}"),
                        name,
                        known.join(", ")
                    ))
                })
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

/// A set of words, each with its name in files and a sentence or half sentence for people.
macro_rules! worded {
    ($(#[$about:meta])* $type:ident, $what:literal: $($variant:ident $name:literal $zh:literal $en:literal),+ $(,)?) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $type { $(#[doc = $en] $variant),+ }

        impl $type {
            /// Every one, in a fixed order.
            pub const ALL: &'static [$type] = &[$($type::$variant),+];

            /// The name in files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($type::$variant => $name),+ }
            }

            /// The one of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some($type::$variant),)+ _ => None }
            }

            /// For people.
            #[must_use]
            pub fn sentence(self) -> touchstone_types::Bilingual {
                match self {
                    $($type::$variant => touchstone_types::Bilingual { zh: $zh.to_owned(), en: $en.to_owned() }),+
                }
            }
        }

        crate::names::by_name!($type, $what);
    };
}

pub(crate) use {by_name, worded};
