//! How bad it is, and whether minutes count: by what the queue is ordered.

use serde::Serialize;
use touchstone_types::{Bilingual, Moment};

use crate::charter::Charter;
use crate::report::Report;
use crate::words::words;

words! {
    /// How bad it is; the first is the worst, so that they sort as a queue does.
    HarmLevel {
        /// Somebody may be taking what is left right now.
        Critical = "critical",
        /// Much is gone, or it is fresh.
        High = "high",
        /// Something is gone.
        Normal = "normal",
        /// Nothing is known to be gone.
        Low = "low",
    }
}

/// How bad it is, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Harm {
    /// Where it comes in the queue.
    pub level: HarmLevel,
    /// The sum of what the reasons add.
    pub score: u16,
    /// What added to it, in Chinese and English.
    pub why: Vec<(u16, Bilingual)>,
}

/// How bad a report is at `now`, by the charter's scale. Pure: the same report, the same place.
#[must_use]
pub fn harm(report: &Report, now: Moment, charter: &Charter) -> Harm {
    let scale = charter.harm();
    let mut why = Vec::new();
    let mut add = |points: u16, zh: String, en: String| {
        if points > 0 {
            why.push((points, Bilingual { zh, en }));
        }
    };
    let kind = scale.kinds.get(&report.kind).copied().unwrap_or_default();
    let words = kind_words(report);
    add(kind, words.zh, words.en);
    if let Some(from) = report.happened_from {
        let last = report.happened_until.unwrap_or(from).max(from);
        let hours = now.since(last).as_secs() / 3_600;
        if let Some((within, points)) = scale.age.iter().find(|it| now.since(last).as_secs() <= it.0 * 3_600)
        {
            let ago = if hours == 0 { "不到 1".to_owned() } else { hours.to_string() };
            let within_en = if *within == 1 { "an hour".to_owned() } else { format!("{within} hours") };
            add(
                *points,
                format!("{ago} 小时前发生，仍在 {within} 小时之内"),
                format!("within {within_en} of it"),
            );
        }
    }
    match report.rough_usd() {
        Some(usd) => {
            #[allow(clippy::cast_precision_loss, reason = "the steps are far below 2^53")]
            let step = scale.loss.iter().rev().find(|it| usd >= it.0 as f64);
            if let Some((least, points)) = step {
                add(
                    *points,
                    format!("损失约 {least} 美元以上"),
                    format!("about {least} US dollars gone, or more"),
                );
            }
        }
        None if !report.losses.is_empty() => {
            add(
                scale.lost_unknown,
                "损失金额还不清楚".to_owned(),
                "it is not known how much is gone".to_owned(),
            );
        }
        None => {}
    }
    if report.device_compromised == Some(true) {
        let (zh, en) = ("设备可能仍被他人控制", "the device may still be in other hands");
        add(scale.device_compromised, zh.to_owned(), en.to_owned());
    }
    let score = why.iter().fold(0_u16, |sum, it| sum.saturating_add(it.0));
    let level = match score {
        it if it >= scale.critical => HarmLevel::Critical,
        it if it >= scale.high => HarmLevel::High,
        it if it >= scale.normal => HarmLevel::Normal,
        _ => HarmLevel::Low,
    };
    Harm { level, score, why }
}

fn kind_words(report: &Report) -> Bilingual {
    use crate::report::Kind;
    let (zh, en) = match report.kind {
        Kind::FakeSupport => ("遇到假客服", "somebody played support"),
        Kind::StolenWallet => ("钱包或账户被盗", "a wallet or account was emptied"),
        Kind::LockedAccount => ("账户被锁或被他人占用", "the account is locked or in other hands"),
        Kind::LeakedSecret => ("助记词、私钥或验证码泄露", "a recovery phrase, key or code leaked"),
        Kind::Other => ("其他情况", "something else"),
    };
    Bilingual { zh: zh.to_owned(), en: en.to_owned() }
}
