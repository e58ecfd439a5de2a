use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

fn calendars() -> Calendars {
    Calendars::built_in().unwrap()
}

#[test]
fn every_file_of_the_folder_is_built_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/calendars");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), calendars().iter().count());
}

/// What a line of the corpus says beside its question.
#[derive(Deserialize)]
struct Case {
    why: String,
    due: Option<String>,
    error: Option<String>,
}

/// The date as the calendar's clock shows it, or the error.
fn answer(question: serde_json::Value, calendars: &Calendars) -> Result<String, String> {
    let question: Question = serde_json::from_value(question).map_err(|it| it.to_string())?;
    let (calendar, term, pauses) = question.parts(calendars).map_err(|it| it.to_string())?;
    let at = due(calendar, question.start, term, &pauses).map_err(|it| it.to_string())?;
    let explained = explain(calendar, question.start, term, &pauses).unwrap();
    assert_eq!(explained.0, at);
    Ok(calendar.show(at))
}

#[test]
fn terms_end_as_the_cases_say() {
    let calendars = calendars();
    let text = include_str!("../../../../corpus/clocks/due.jsonl");
    for line in text.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let mut question: serde_json::Value = serde_json::from_str(line).unwrap();
        question.as_object_mut().unwrap().retain(|key, _| !["why", "due", "error"].contains(&key.as_str()));
        let expected = case.due.ok_or_else(|| case.error.unwrap());
        assert_eq!(answer(question, &calendars), expected, "{}", case.why);
    }
}

#[test]
fn how_a_date_came_about_is_said_in_chinese_and_english() {
    let calendars = calendars();
    let start = "2026-09-30T02:00:00Z".parse().unwrap();
    let term = Term { duration: 2, unit: Unit::BusinessDay, roll: None };
    assert_eq!((term.say().zh.as_str(), term.say().en.as_str()), ("2 个工作日", "2 business days"));
    let (_, reasons) = explain(calendars.get("CN").unwrap(), start, term, &Pauses::default()).unwrap();
    let first = reasons[0].say();
    assert_eq!(first.zh, "2026-09-30：起算当天不计入");
    assert_eq!(first.en, "2026-09-30: the day of the trigger is not counted");
    for said in reasons.iter().map(Reason::say) {
        assert!(said.zh.contains('：') && said.en.contains(": "), "{said:?}");
    }
}

#[test]
fn every_calendar_names_its_sources_and_covers_two_years() {
    let calendars = calendars();
    let ids: Vec<&str> = calendars.iter().map(Calendar::id).collect();
    assert_eq!(ids, ["AU", "CN", "EU", "HK", "JP", "KR", "SG", "TW", "UK", "US"]);
    for calendar in calendars.iter() {
        assert!(!calendar.sources().is_empty() && !calendar.name().zh.is_empty());
        for date in ["2025-01-01", "2026-12-31"] {
            calendar.day(date.parse().unwrap()).unwrap();
        }
        assert_eq!(calendar.day("2026-01-01".parse().unwrap()).map(DayKind::is_business), Ok(false));
    }
}

#[test]
fn a_broken_calendar_is_refused_with_its_file_and_reason() {
    let good = "id='X'\nname={zh='甲',en='X'}\nzone='Asia/Tokyo'\nhours=[['09:00','17:00']]\nweekend=['sunday']\nyears=[2026]\nsources=['a law']\n";
    assert!(Calendars::load([("x.toml", good)]).is_ok());
    for (from, to, reason) in [
        ("Asia/Tokyo", "Mars/Olympus", "unknown time zone"),
        ("sunday", "someday", "no day of the week"),
        ("[2026]", "[]", "`years` is empty"),
        ("[2026]", "[2025, 2027]", "follow one another"),
        ("'09:00','17:00'", "'17:00','09:00'", "windows in order"),
        ("'09:00'", "'nine'", "no time such as"),
        ("sources", "sauces", "unknown field"),
    ] {
        let problems = Calendars::load([("x.toml", good.replace(from, to).as_str())]).unwrap_err();
        assert!(problems[0].to_string().starts_with("x.toml: "), "{problems:?}");
        assert!(problems[0].reason.contains(reason), "{reason}: {problems:?}");
    }
    for (table, reason) in [
        ("[days_off]\n2027-01-01={zh='甲',en='X'}", "is not in `years`"),
        ("[days_off]\n'2026-02-30'={zh='甲',en='X'}", "is no date"),
        ("[worked]\n2026-01-05={zh='甲',en='X'}", "is worked anyway"),
    ] {
        let problems = Calendars::load([("x.toml", format!("{good}{table}").as_str())]).unwrap_err();
        assert!(problems[0].reason.contains(reason), "{reason}: {problems:?}");
    }
    assert!(Calendars::load([("x.toml", good), ("y.toml", good)]).is_err(), "twice");
}

const YEAR_2025: i64 = 1_735_689_600; // 2025-01-01T00:00:00Z
const YEAR: i64 = 365 * 86_400;

fn any_moment() -> impl Strategy<Value = Moment> {
    (YEAR_2025 + 86_400..YEAR_2025 + YEAR).prop_map(|it| Moment::from_micros(it * 1_000_000).unwrap())
}

fn any_unit() -> impl Strategy<Value = Unit> {
    use Unit as U;
    prop_oneof![
        Just(U::Minute),
        Just(U::Hour),
        Just(U::BusinessHour),
        Just(U::CalendarDay),
        Just(U::BusinessDay),
        Just(U::Week),
        Just(U::Month)
    ]
}

fn any_pauses() -> impl Strategy<Value = Vec<(Moment, Moment)>> {
    let pause = (any_moment(), 0_i64..400_000).prop_map(|(from, seconds)| {
        (from, Moment::from_micros(from.as_micros() + seconds * 1_000_000).unwrap())
    });
    prop::collection::vec(pause, 0..5)
}

proptest! {
    #[test]
    fn a_term_ends_after_its_start_and_later_when_it_is_longer(
        start in any_moment(), duration in 1_u32..5, unit in any_unit(), pauses in any_pauses()
    ) {
        let (calendars, pauses) = (calendars_once(), Pauses::new(pauses).unwrap());
        for calendar in calendars.iter() {
            let ends = |duration| due(calendar, start, Term { duration, unit, roll: None }, &pauses);
            let (short, long) = (ends(duration).unwrap(), ends(duration + 1).unwrap());
            prop_assert!(start < short && short < long, "{} {start:?} {short:?} {long:?}", calendar.id());
        }
    }

    #[test]
    fn a_pause_never_brings_an_end_nearer_and_hours_are_moved_by_just_its_length(
        start in any_moment(), hours in 1_u32..100, after in 0_i64..100, length in 1_i64..1_000_000, unit in any_unit()
    ) {
        let calendars = calendars_once();
        let begins = Moment::from_micros(start.as_micros() + after * 3_600_000_000).unwrap();
        let ends = Moment::from_micros(begins.as_micros() + length).unwrap();
        let (none, one) = (Pauses::default(), Pauses::new([(begins, ends)]).unwrap());
        let calendar = calendars.get("CN").unwrap();
        let term = Term { duration: hours.min(60), unit: Unit::Hour, roll: None };
        let (free, paused) = (due(calendar, start, term, &none).unwrap(), due(calendar, start, term, &one).unwrap());
        let moved = if begins < free { length } else { 0 };
        prop_assert_eq!(paused.as_micros() - free.as_micros(), moved);
        let term = Term { duration: hours.min(6), unit, roll: None };
        prop_assert!(due(calendar, start, term, &one).unwrap() >= due(calendar, start, term, &none).unwrap());
    }

    #[test]
    fn a_rolled_end_is_a_business_day(start in any_moment(), duration in 1_u32..60) {
        let calendars = calendars_once();
        for calendar in calendars.iter() {
            let term = Term { duration, unit: Unit::CalendarDay, roll: Some(Roll::NextBusinessDay) };
            let end = due(calendar, start, term, &Pauses::default()).unwrap();
            prop_assert!(calendar.day(calendar.date(timestamp(end))).unwrap().is_business());
        }
    }
}

proptest! {
    #[test]
    fn counted_together_every_clock_ends_as_it_does_alone(
        rows in prop::collection::vec((any_moment(), 0_u16..60, any_pauses(), prop::bool::ANY), 1..60),
        threads in 1_usize..4, duration in 1_u32..90, far in -1_i64..2,
    ) {
        let calendars = calendars_once();
        // Every unit in every calendar, with and without a roll; some end where there is no data.
        let mut rules = Vec::new();
        for calendar in calendars.iter() {
            for unit in Unit::ALL.into_iter().filter(|it| duration < 40 || *it != Unit::Month) {
                let roll = (unit.is_by_the_day() && duration % 2 == 0).then_some(Roll::NextBusinessDay);
                rules.push(rule(calendar.id(), Term { duration, unit, roll }));
            }
        }
        let mut columns = Columns::default();
        for (at, which, pauses, still) in rows {
            let at = Moment::from_micros(at.as_micros() + far * 2 * YEAR * 1_000_000).unwrap();
            let pauses: Vec<_> = pauses.into_iter().filter(|_| still).collect();
            columns.push(at, which % u16::try_from(rules.len()).unwrap(), &pauses);
        }
        let together = recompute(&columns, &rules, calendars, threads).unwrap();
        prop_assert_eq!(together, one_by_one(&columns, &rules, calendars).unwrap());
    }
}

fn rule(calendar: &str, term: Term) -> std::sync::Arc<crate::Rule> {
    use crate::{PausePolicy, StopsOn, Trigger, Whose};
    std::sync::Arc::new(crate::Rule {
        name: "any".into(),
        title: Bilingual::default(),
        source: Bilingual::default(),
        whose: Whose::Ours,
        trigger: Trigger::Opened,
        stops_on: StopsOn::Outcome,
        term,
        calendar: calendar.into(),
        pause: PausePolicy::Never,
        warnings: Vec::new(),
    })
}

#[test]
fn a_row_without_a_rule_and_a_rule_without_a_calendar_are_errors() {
    let term = Term { duration: 1, unit: Unit::Hour, roll: None };
    let mut columns = Columns::default();
    assert!(recompute(&columns, &[], calendars_once(), 2).unwrap().is_empty());
    columns.push(Moment::from_micros(0).unwrap(), 1, &[]);
    let error = recompute(&columns, &[rule("CN", term)], calendars_once(), 2).unwrap_err();
    assert_eq!(error, Unreadable::NoRule { row: 0, rule: 1, rules: 1 });
    let error = recompute(&columns, &[rule("MARS", term)], calendars_once(), 2).unwrap_err();
    assert!(matches!(error, Unreadable::Calendar(ClockError::UnknownCalendar(..))));
}

fn calendars_once() -> &'static Calendars {
    static ONCE: std::sync::OnceLock<Calendars> = std::sync::OnceLock::new();
    ONCE.get_or_init(calendars)
}
