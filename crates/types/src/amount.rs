use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Str;

/// A quantity of an asset as a decimal string, never negative: `"1250.50"`.
///
/// It is kept as written, because a float would change it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Amount<'a>(Str<'a>); // Invariant: digits, at most one point with digits on both sides, at most 78 + 1 + 78 long.

/// The text is no decimal number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an amount: a decimal string such as \"12.5\" is expected, without sign or exponent")]
pub struct InvalidAmount;

const MAX_DIGITS: usize = 78; // As many as a 256-bit integer has.

impl<'a> Amount<'a> {
    /// Checks the form.
    ///
    /// # Errors
    /// [`InvalidAmount`] for anything but digits with at most one point between them.
    pub fn parse(text: impl Into<Str<'a>>) -> Result<Self, InvalidAmount> {
        let text = text.into();
        let digits =
            |part: &str| (1..=MAX_DIGITS).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let fits = match text.split_once('.') {
            Some((whole, fraction)) => digits(whole) && digits(fraction),
            None => digits(&text),
        };
        if fits { Ok(Self(text)) } else { Err(InvalidAmount) }
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest float, for comparing with a threshold; not for book-keeping.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::INFINITY) // Not reached: the form was checked.
    }
}

impl fmt::Display for Amount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Amount<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Amount<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Amount::parse(Str::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl schemars::JsonSchema for Amount<'_> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^[0-9]{1,78}(\.[0-9]{1,78})?$",
            "description": "Decimal string, never negative."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_kept_as_written() {
        for good in [
            "0",
            "1250.50",
            "000.1",
            "115792089237316195423570985008687907853269984665640564039457584007913129639935",
        ] {
            assert_eq!(Amount::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for bad in ["", "-1", "+1", "1e18", "1.", ".5", "1,000", "1.2.3", "NaN", "٣", &"9".repeat(79)] {
            assert!(Amount::parse(bad).is_err(), "{bad}");
        }
    }
}
