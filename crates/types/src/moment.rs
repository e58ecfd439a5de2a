use std::borrow::Cow;
use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

/// A point in time: microseconds since 1970-01-01T00:00:00Z, between the years 1 and 9999.
///
/// On the wire it is RFC 3339; any offset is read, UTC is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment(i64);

/// A length of time in microseconds; never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lapse(u64);

/// Why a text is no point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMoment {
    /// Not RFC 3339, or a date that does not exist.
    #[error("not an RFC 3339 time: {0}")]
    Syntax(String),
    /// Outside the years 1 to 9999, which RFC 3339 can write.
    #[error("time outside the years 1 to 9999")]
    OutOfRange,
}

const MIN_MICROS: i64 = -62_135_596_800_000_000; // 0001-01-01T00:00:00Z
const MAX_MICROS: i64 = 253_402_207_199_999_999; // the last moment that jiff's timestamps hold

impl Moment {
    /// The earliest moment there is.
    pub const MIN: Moment = Moment(MIN_MICROS);

    /// A moment from microseconds since the Unix epoch.
    ///
    /// # Errors
    /// [`InvalidMoment::OutOfRange`] outside the years 1 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self, InvalidMoment> {
        if (MIN_MICROS..=MAX_MICROS).contains(&micros) {
            Ok(Self(micros))
        } else {
            Err(InvalidMoment::OutOfRange)
        }
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub fn as_micros(self) -> i64 {
        self.0
    }

    /// How long after `earlier` this is; nothing if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Moment) -> Lapse {
        Lapse(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Lapse {
    /// No time at all.
    pub const ZERO: Lapse = Lapse(0);

    /// From microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// From whole seconds, at most about 584,000 years.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// In microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// In whole seconds, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000
    }
}

impl FromStr for Lapse {
    type Err = InvalidMoment;
    /// Reads `90s`, `15m`, `24h`, `30d`: a whole number and one unit.
    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        let bad = || InvalidMoment::Syntax(format!("`{text}` is no duration such as 15m, 24h or 30d"));
        let unit = text.chars().last().ok_or_else(bad)?;
        let seconds: u64 = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(bad()),
        };
        let digits = &text[..text.len() - 1];
        let number: u64 = digits.parse().map_err(|_| bad())?;
        number.checked_mul(seconds).map(Lapse::from_secs).ok_or_else(bad)
    }
}

impl fmt::Display for Lapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.as_secs();
        match seconds {
            0 => f.write_str("0s"),
            s if s % 86_400 == 0 => write!(f, "{}d", s / 86_400),
            s if s % 3_600 == 0 => write!(f, "{}h", s / 3_600),
            s if s % 60 == 0 => write!(f, "{}m", s / 60),
            s => write!(f, "{s}s"),
        }
    }
}

impl Add<Lapse> for Moment {
    type Output = Moment;
    /// Stops at the last moment there is.
    fn add(self, lapse: Lapse) -> Moment {
        let micros = i64::try_from(lapse.0).unwrap_or(i64::MAX);
        Moment(self.0.saturating_add(micros).min(MAX_MICROS))
    }
}

impl Sub<Lapse> for Moment {
    type Output = Moment;
    /// Stops at the first moment there is.
    fn sub(self, lapse: Lapse) -> Moment {
        let micros = i64::try_from(lapse.0).unwrap_or(i64::MAX);
        Moment(self.0.saturating_sub(micros).max(MIN_MICROS))
    }
}

impl FromStr for Moment {
    type Err = InvalidMoment;
    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        if !is_rfc_3339(text.as_bytes()) {
            return Err(InvalidMoment::Syntax(
                "a date, a time with seconds and an offset are needed, such as 2026-11-21T16:30:00+08:00"
                    .into(),
            ));
        }
        let stamp: jiff::Timestamp =
            text.parse().map_err(|cause: jiff::Error| InvalidMoment::Syntax(cause.to_string()))?;
        Moment::from_micros(stamp.as_microsecond())
    }
}

/// Whether it has the shape of RFC 3339. What a parser of ISO 8601 takes besides (no seconds, no
/// colons, a zone in brackets that nobody would look at) is not on the wire.
fn is_rfc_3339(text: &[u8]) -> bool {
    let like = |text: &[u8], shape: &[u8]| {
        text.len() == shape.len()
            && text.iter().zip(shape).all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                b'T' => matches!(byte, b'T' | b't' | b' '),
                _ => byte == shape,
            })
    };
    let Some((time, mut rest)) = text.split_at_checked(b"0000-00-00T00:00:00".len()) else { return false };
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|it| it.is_ascii_digit()).count();
        if digits == 0 {
            return false;
        }
        rest = &fraction[digits..];
    }
    let offset = match rest {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', offset @ ..] => {
            like(offset, b"00:00") && offset < b"24:00".as_slice() && offset[3] < b'6'
        }
        _ => false,
    };
    like(time, b"0000-00-00T00:00:00") && offset
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(stamp) => stamp.fmt(f),
            Err(_) => f.write_str("0001-01-01T00:00:00Z"), // Not reached: `from_micros` checked the range.
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rfc3339;
        impl Visitor<'_> for Rfc3339 {
            type Value = Moment;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 time such as 2026-11-21T08:30:00Z")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Moment, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Rfc3339)
    }
}

impl schemars::JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "RFC 3339 time; UTC is written, any offset is read."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_offset_is_read_and_utc_is_written() {
        let moment: Moment = "2026-11-21T16:30:00.25+08:00".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-11-21T08:30:00.25Z");
    }

    #[test]
    fn a_date_that_does_not_exist_is_refused() {
        for bad in ["2026-02-30T00:00:00Z", "2026-11-21", "yesterday", "", "99999-01-01T00:00:00Z"] {
            assert!(bad.parse::<Moment>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_not_rfc_3339_is_refused_though_it_could_be_read() {
        for good in
            ["2026-11-21t16:30:00.123456789z", "2026-11-21 16:30:00-00:00", "2026-11-21T16:30:60+23:59"]
        {
            assert!(good.parse::<Moment>().is_ok(), "{good}");
        }
        for bad in [
            "2026-11-21T16:30Z",
            "2026-11-21T16:30:00",
            "2026-11-21T16:30:00+0800",
            "2026-11-21T16:30:00+08",
            "2026-11-21T16:30:00+24:00",
            "2026-11-21T16:30:00+08:60",
            "2026-11-21T16:30:00,5Z",
            "2026-11-21T16:30:00.Z",
            "20261121T163000Z",
            "2026-11-21T16:30:00Z[Europe/Paris]",
            "2026-11-21T16:30:00Z ",
            "+002026-11-21T16:30:00Z",
        ] {
            assert!(bad.parse::<Moment>().is_err(), "{bad}");
        }
    }

    #[test]
    fn time_does_not_run_over_its_ends() {
        assert_eq!(Moment::MIN - Lapse::from_secs(1), Moment::MIN);
        assert_eq!(Moment::MIN.since(Moment::MIN + Lapse::from_secs(1)), Lapse::ZERO);
    }

    #[test]
    fn durations_read_back_as_written() {
        for text in ["90s", "15m", "24h", "30d"] {
            let lapse: Lapse = text.parse().unwrap();
            assert_eq!(lapse.to_string().parse::<Lapse>().unwrap(), lapse);
        }
        for bad in ["", "h", "-1h", "1.5h", "5 minutes", "99999999999999999999d", "五m"] {
            assert!(bad.parse::<Lapse>().is_err(), "{bad}");
        }
    }
}
