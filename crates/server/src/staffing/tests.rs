use std::collections::BTreeMap;

use askama::Template;
use axum::http::{HeaderMap, header};
use touchstone_cases::staffing::{Counted, Forecast, History, Work, Zone};
use touchstone_types::Moment;

use super::asked::{PlanForm, WhatIf};
use super::known::{DAYS, Known};
use super::show::page;
use crate::console::shell::{Me, Shell};

const NOW: &str = "2026-11-22T04:30:00Z"; // A Sunday, half past noon in Shanghai.

fn shell(lang: &'static str) -> Shell {
    let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, lang.parse().unwrap())]);
    let mut shell = Shell::public(&headers, "staffing", "/console/staffing");
    let may = vec!["work_cases", "lead_cases", "set_duty"];
    shell.staff = Some(Me { name: "Lin".into(), roles: vec!["lead".into()], may });
    shell
}

/// A desk with three thefts an hour, twelve at seven in the evening, and so many agents planned.
fn desk(weeks: i64, planned: Option<u32>) -> Known {
    let zone = Zone::new("Asia/Shanghai").unwrap();
    let now: Moment = NOW.parse().unwrap();
    let until = now.as_micros() / 3_600_000_000;
    let urgent = |hour| if zone.slot(hour).hour == 19 { 12 } else { 3 };
    let hours = until - weeks * 168..until;
    let counted = hours.map(|hour| Counted { hour, urgent: urgent(hour), others: 2 }).collect();
    let began = (weeks > 0).then(|| Moment::from_micros((until - weeks * 168 - 1) * 3_600_000_000).unwrap());
    let mut shifts = BTreeMap::new();
    for (day, hour) in DAYS.iter().flat_map(|day| (0..24_u8).map(move |hour| (*day, hour))) {
        if let Some(planned) = planned {
            shifts.insert((day.to_owned(), hour), planned);
        }
    }
    Known {
        forecast: Forecast::of(&History::new(began, now, counted), &zone),
        zone,
        work: Work::ASSUMED,
        by_kind: vec![("stolen_wallet".into(), Work::ASSUMED, 3)],
        on_duty: 2,
        shifts,
    }
}

fn shown(known: &Known, lang: &'static str, asked: &WhatIf) -> String {
    page(shell(lang), known, NOW.parse().unwrap(), asked, PlanForm::default(), None).render().unwrap()
}

#[test]
fn a_lead_reads_hours_ahead_when_the_desk_will_be_too_small() {
    let known = desk(6, Some(5));
    let html = shown(&known, "en", &WhatIf::default());
    for text in [
        "Asia/Shanghai (UTC+08:00)",
        "With 5 agents",
        "of theft reports are answered within 15 minutes; you need",
        "from 19:00",
        "The desk will be too small",
        "From 19:00 to 20:00: 5 planned,",
        "class=\"needed\"",
        "by the hour of the week",
        "assumed",
        "Stolen wallet",
    ] {
        assert!(html.contains(text), "{text}\n{html}");
    }
    assert_eq!(html.matches("<tr class=\"short\">").count(), 1, "one hour of the 24");
    let html = shown(&known, "zh", &WhatIf::default());
    for text in ["现在 5 人当班", "19:00 起需要", "人手将会不足", "近的几周分量更大"] {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn enough_people_are_called_enough_and_no_plan_is_no_alarm() {
    let enough = shown(&desk(6, Some(20)), "en", &WhatIf::default());
    assert!(enough.contains("nobody more is needed in the next 24 hours."));
    assert!(!enough.contains("The desk will be too small"));
    let no_plan = shown(&desk(6, None), "en", &WhatIf::default());
    assert!(
        no_plan.contains("With 2 agents") && !no_plan.contains("The desk will be too small"),
        "those on duty count"
    );
}

#[test]
fn an_empty_desk_is_told_so_and_can_reckon_all_the_same() {
    let asked = WhatIf { urgent: "6".into(), agents: "4".into(), ..WhatIf::default() };
    let html = shown(&desk(0, None), "en", &asked);
    assert!(html.contains("Nothing was counted yet") && !html.contains("class=\"plot\""));
    assert!(html.contains("With 4 agents") && html.contains("would be answered within 15 minutes"));
    assert_eq!(html.matches("class=\"asked\"").count(), 1);
}

#[test]
fn what_cannot_be_read_comes_back_with_what_was_typed() {
    let asked = WhatIf { agents: "many".into(), ..WhatIf::default() };
    let html = shown(&desk(6, None), "en", &asked);
    assert!(html.contains("One of the fields is no number") && html.contains("value=\"many\""));
    let form = PlanForm { days: vec!["tue".into()], from: "9".into(), to: "3".into(), ..PlanForm::default() };
    let known = desk(6, None);
    let page =
        page(shell("en"), &known, NOW.parse().unwrap(), &WhatIf::default(), form, Some("staffing-bad-hours"));
    let html = page.render().unwrap();
    assert!(html.contains("The hours are from 0 to 24") && html.contains("value=\"tue\" checked"));
}
