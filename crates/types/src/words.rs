//! Enums without content that are spelled one way in the database, on the wire and in files.

/// A text is none of the words that it should be one of; what it should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {0}")]
pub struct UnknownWord(pub &'static str);

/// An enum of words, each with its one spelling; what one of them is called, for [`UnknownWord`].
/// Whoever uses it depends on `serde` too.
///
/// ```
/// touchstone_types::words! {
///     /// Where a lamp stands.
///     Lamp, "lamp" {
///         /// It is lit.
///         On = "on",
///         /// It is not.
///         Off = "off",
///     }
/// }
/// assert_eq!("on".parse(), Ok(Lamp::On));
/// assert_eq!("dim".parse::<Lamp>().unwrap_err().to_string(), "unknown lamp");
/// assert_eq!((Lamp::ALL.len(), Lamp::Off.name()), (2, "off"));
/// ```
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $type:ident, $what:literal { $($(#[doc = $doc:literal])+ $variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
        )]
        pub enum $type { $($(#[doc = $doc])+ #[serde(rename = $name)] $variant),+ }

        impl $type {
            /// All of them, in a fixed order.
            pub const ALL: &'static [$type] = &[$($type::$variant),+];

            /// As it is spelled in the database, on the wire and in printed tables.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($type::$variant => $name),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::UnknownWord;
            fn from_str(name: &str) -> Result<Self, $crate::UnknownWord> {
                match name { $($name => Ok($type::$variant),)+ _ => Err($crate::UnknownWord($what)) }
            }
        }
    };
}
