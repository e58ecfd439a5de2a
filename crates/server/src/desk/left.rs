//! How much time is left, in words and as a bar.

use touchstone_types::{Lapse, Moment};

use crate::console::shell::Shell;

/// The time until a deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// The deadline, as a machine reads it.
    pub(crate) by: String,
    /// When the time began to run.
    pub(crate) from: String,
    /// `ok`, `soon` (four fifths are gone) or `late`.
    pub(crate) class: &'static str,
    /// In words.
    pub(crate) words: String,
    /// How much of it is gone, in hundredths.
    pub(crate) gone: u8,
}

/// Hundredths after which a deadline is close.
const SOON: u8 = 80;

impl Left {
    /// From one moment to a deadline, as it stands now.
    pub(crate) fn until(s: &Shell, from: Moment, by: Moment, now: Moment) -> Self {
        let gone = gone(from, by, now);
        let (class, key, seconds) = match by > now {
            true if gone >= SOON => ("soon", "desk-left", by.since(now).as_secs()),
            true => ("ok", "desk-left", by.since(now).as_secs()),
            false => ("late", "desk-late", now.since(by).as_secs()),
        };
        let words = s.t1(key, "time", span(s, seconds));
        Self { by: by.to_string(), from: from.to_string(), class, words, gone }
    }

    /// For a step that may take so long.
    pub(crate) fn within(s: &Shell, lapse: Lapse, by: Moment, now: Moment) -> Self {
        Self::until(s, by - lapse, by, now)
    }
}

fn gone(from: Moment, by: Moment, now: Moment) -> u8 {
    let (from, by, now) =
        (i128::from(from.as_micros()), i128::from(by.as_micros()), i128::from(now.as_micros()));
    if by <= now || by <= from {
        return 100;
    }
    u8::try_from(((now - from).max(0) * 100 / (by - from)).clamp(0, 100)).unwrap_or(100)
}

/// A span in its two largest units.
pub(crate) fn span(s: &Shell, seconds: u64) -> String {
    let minutes = seconds / 60;
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let unit = |key: &str, n: u64| s.t1(key, "n", n);
    let parts = match (days, hours, rest) {
        (0, 0, 0) => return s.t("desk-moment"),
        (0, 0, m) => vec![unit("desk-minutes", m)],
        (0, h, 0) => vec![unit("desk-hours", h)],
        (0, h, m) => vec![unit("desk-hours", h), unit("desk-minutes", m)],
        (d, 0, _) => vec![unit("desk-days", d)],
        (d, h, _) => vec![unit("desk-days", d), unit("desk-hours", h)],
    };
    parts.join(" ")
}

/// A page without what time alone changes, the words and the bar of a deadline: these run on in the
/// browser and are no reason to send anything.
pub(super) fn without_time(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<progress") {
        let end = rest[at..].find("</span></span>").map_or(rest.len(), |it| at + it);
        kept.push_str(&rest[..at]);
        rest = &rest[end..];
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    #[test]
    fn time_alone_is_no_change() {
        let at = |words: &str, class: &str, owner: &str| {
            without_time(&format!(
                "<li>{owner}<span class=\"left {class}\"><progress max=\"100\" value=\"3\"></progress><span class=\"words\">{words}</span></span></li>"
            ))
        };
        assert_eq!(at("3 min left", "ok", "ann"), at("2 min left", "ok", "ann"));
        assert_ne!(at("3 min left", "ok", "ann"), at("1 min late", "late", "ann"));
        assert_ne!(at("3 min left", "ok", "ann"), at("3 min left", "ok", "bob"));
    }

    fn shell(lang: &'static str) -> Shell {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", format!("lang={lang}").parse().unwrap());
        Shell::public(&headers, "", "/")
    }

    #[test]
    fn a_span_is_said_in_its_two_largest_units() {
        for (seconds, zh, en) in [
            (0, "不到 1 分钟", "under a minute"),
            (59, "不到 1 分钟", "under a minute"),
            (61, "1 分钟", "1 min"),
            (3_600, "1 小时", "1 h"),
            (7_500, "2 小时 5 分钟", "2 h 5 min"),
            (86_400, "1 天", "1 d"),
            (93_700, "1 天 2 小时", "1 d 2 h"),
        ] {
            assert_eq!(span(&shell("zh"), seconds), zh);
            assert_eq!(span(&shell("en"), seconds), en);
        }
    }

    #[test]
    fn a_deadline_is_close_before_it_is_late() {
        let s = shell("en");
        let at = |minutes: i64| Moment::from_micros(minutes * 60_000_000).unwrap();
        for (now, class, gone, words) in [
            (0, "ok", 0, "1 h 40 min left"),
            (79, "ok", 79, "21 min left"),
            (80, "soon", 80, "20 min left"),
            (100, "late", 100, "under a minute late"),
            (160, "late", 100, "1 h late"),
        ] {
            let left = Left::until(&s, at(0), at(100), at(now));
            assert_eq!((left.class, left.gone, left.words.as_str()), (class, gone, words), "{now}");
        }
    }
}
