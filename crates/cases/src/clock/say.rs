//! Terms and reasons in words, Chinese and English.

use touchstone_types::Bilingual;

use super::{Reason, Roll, Term, Unit};

impl Term {
    /// The term in words: “15 分钟”, “15 minutes”.
    #[must_use]
    pub fn say(&self) -> Bilingual {
        let number = self.duration;
        let (zh, one, many) = match self.unit {
            Unit::Minute => ("分钟", "minute", "minutes"),
            Unit::Hour => ("小时", "hour", "hours"),
            Unit::BusinessHour => ("个工作小时", "business hour", "business hours"),
            Unit::CalendarDay => ("天", "calendar day", "calendar days"),
            Unit::BusinessDay => ("个工作日", "business day", "business days"),
            Unit::Week => ("周", "week", "weeks"),
            Unit::Month => ("个月", "month", "months"),
        };
        let (mut zh, mut en) =
            (format!("{number} {zh}"), format!("{number} {}", if number == 1 { one } else { many }));
        if self.roll == Some(Roll::NextBusinessDay) {
            zh.push_str("，遇休息日顺延到下一个工作日");
            en.push_str(", moved to the next business day if it ends on a day off");
        }
        Bilingual { zh, en }
    }
}

impl Reason {
    /// What had a say in a date, in words; the English ones are those of its `Display`.
    #[must_use]
    pub fn say(&self) -> Bilingual {
        let zh = match self {
            Reason::TriggerDay(date) => format!("{date}：起算当天不计入"),
            Reason::Weekend(date) => format!("{date}：周末"),
            Reason::DayOff(date, name) => format!("{date}：休息日，{}", name.zh),
            Reason::Worked(date, name) => format!("{date}：要上班，{}", name.zh),
            Reason::Paused(date) => format!("{date}：当天暂停计时，不计入"),
            Reason::Stood(from, to) => format!("{from} 至 {to}：暂停计时"),
            Reason::Open(date, from, to) => {
                format!("{date}：工作时间 {} 至 {}", from.strftime("%H:%M"), to.strftime("%H:%M"))
            }
            Reason::MonthEnd(date) => format!("{date}：当月没有对应的日子，取最后一天"),
            Reason::Rolled(from, to) => format!("{from} 是休息日：顺延到 {to}"),
        };
        Bilingual { zh, en: self.to_string() }
    }
}
