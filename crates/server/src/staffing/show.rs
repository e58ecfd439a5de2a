//! Makes the page of what is known.

use fluent_bundle::FluentValue;
use touchstone_cases::staffing::{Basis, HourPlan, Promise, Traffic, Work, plan};
use touchstone_types::{Lapse, Moment};

use super::asked::{PlanForm, WhatIf, agents, number};
use super::known::{DAYS, Known};
use super::views::{Answer, AnswerRow, Day, HourRow, StaffingPage, WeekCell, WeekRow, WorkRow};
use crate::console::chart::{Staffed, StaffedHour};
use crate::console::shell::Shell;

/// How far ahead the plot and the warnings look, in hours.
const AHEAD: usize = 24;
const WEEK: u16 = 168;
/// How many numbers of agents are compared, below and above the one that is asked about.
const BESIDE: u32 = 2;

/// The page.
pub(super) fn page(
    s: Shell,
    known: &Known,
    now: Moment,
    asked: &WhatIf,
    form: PlanForm,
    problem: Option<&'static str>,
) -> StaffingPage {
    let promise = Promise::DEFAULT;
    let week =
        plan(&known.forecast, &known.zone, now, WEEK, (promise, known.work), |hour| known.planned(hour));
    let next = week.get(..AHEAD).unwrap_or_default();
    let what = what_if(&s, known, next, asked);
    StaffingPage {
        zone: format!(
            "{} (UTC{})",
            known.zone.name(),
            known.zone.offset(next.first().map_or(0, |it| it.hour))
        ),
        said: sentence(&s, known, next, promise),
        short: stretches(&s, known, next),
        chart: chart(&s, known, next),
        hours: next.iter().map(|it| row(known, it)).collect(),
        basis: basis(&s, known.forecast.basis()),
        empty: known.forecast.basis() == Basis::Nothing,
        work: work(&s, known.work),
        works: works(&s, known),
        asked: asked.clone(),
        what_problem: what.is_err().then(|| s.t("staffing-what-bad")),
        what: what.ok().flatten(),
        week: table(known, &week),
        days: DAYS
            .iter()
            .map(|day| Day {
                name: day,
                label: s.t(&format!("staffing-day-{day}")),
                here: form.days.iter().any(|it| it == day),
            })
            .collect(),
        form,
        problem: problem.map(|it| s.t(it)),
        s,
    }
}

/// When too few are planned in the hours to come.
pub(super) fn warnings(s: &Shell, known: &Known, now: Moment) -> Vec<String> {
    let ahead = u16::try_from(AHEAD).unwrap_or(WEEK);
    let reckoned = (Promise::DEFAULT, known.work);
    let next = plan(&known.forecast, &known.zone, now, ahead, reckoned, |hour| known.planned(hour));
    stretches(s, known, &next)
}

fn percent(share: f64) -> String {
    // Never more than there is: 79.9 % is not 80 %.
    format!("{:.0}", (share * 100.0).floor())
}

fn minutes(lapse: Lapse) -> u64 {
    lapse.as_secs().div_ceil(60)
}

fn told<'a>(s: &Shell, key: &str, values: &[(&'a str, FluentValue<'a>)]) -> String {
    s.lang.text_with(key, values)
}

/// "With 4 agents 80 % are answered within 15 minutes; you need 6 from 19:00."
fn sentence(s: &Shell, known: &Known, next: &[HourPlan], promise: Promise) -> String {
    let Some(now) = next.first() else { return String::new() };
    let traffic = Traffic::new(now.rates.urgent, now.rates.others, known.work.handling);
    let there = now.planned.unwrap_or(known.on_duty);
    let kept = now.kept.unwrap_or_else(|| {
        if promise.target > known.work.writing {
            traffic.answered_within(there, known.work.wait(promise))
        } else {
            0.0
        }
    });
    let first = match there {
        0 => s.t("staffing-nobody"),
        _ => told(
            s,
            "staffing-now",
            &[
                ("agents", there.into()),
                ("share", percent(kept).into()),
                ("minutes", minutes(promise.target).into()),
            ],
        ),
    };
    let short = next.iter().find(|it| it.needed.is_none_or(|needed| needed > it.planned.unwrap_or(there)));
    let then = match short {
        None => s.t("staffing-enough"),
        Some(HourPlan { needed: None, .. }) => s.t("staffing-hopeless"),
        Some(HourPlan { needed: Some(needed), hour, .. }) if *hour == now.hour => {
            told(s, "staffing-need-now", &[("needed", (*needed).into())])
        }
        Some(HourPlan { needed: Some(needed), hour, .. }) => {
            let time = known.zone.time(*hour);
            told(s, "staffing-need-from", &[("needed", (*needed).into()), ("time", time.into())])
        }
    };
    told(s, "staffing-sentence", &[("first", first.into()), ("then", then.into())])
}

/// Hours in a row for which too few are planned, as one sentence each.
fn stretches(s: &Shell, known: &Known, next: &[HourPlan]) -> Vec<String> {
    next.chunk_by(|a, b| a.is_short() == b.is_short())
        .filter(|it| it.first().is_some_and(HourPlan::is_short))
        .filter_map(|hours| {
            let (first, last) = (hours.first()?, hours.last()?);
            let planned = hours.iter().filter_map(|it| it.planned).min()?;
            let values = [
                ("from", known.zone.time(first.hour).into()),
                ("to", known.zone.time(last.hour + 1).into()),
                ("planned", planned.into()),
            ];
            // The most that an hour of the stretch needs; of some no number is enough.
            let Some(needed) = hours.iter().map(|it| it.needed).collect::<Option<Vec<_>>>() else {
                return Some(told(s, "staffing-short-hopeless", &values));
            };
            let needed = needed.into_iter().max()?;
            let [from, to, planned] = values;
            Some(told(s, "staffing-short", &[from, to, planned, ("needed", needed.into())]))
        })
        .collect()
}

fn shown(number: Option<u32>) -> String {
    number.map_or_else(|| "—".to_owned(), |it| it.to_string())
}

fn row(known: &Known, it: &HourPlan) -> HourRow {
    let share = |share: Option<f64>| share.map_or_else(|| "—".to_owned(), |it| format!("{} %", percent(it)));
    HourRow {
        time: known.zone.time(it.hour),
        expected: format!("{:.1} + {:.1}", it.rates.urgent, it.rates.others),
        needed: shown(it.needed),
        planned: shown(it.planned),
        kept: share(it.kept),
        occupancy: share(it.occupancy),
        is_short: it.is_short(),
    }
}

fn chart(s: &Shell, known: &Known, next: &[HourPlan]) -> String {
    let hours: Vec<StaffedHour> = next
        .iter()
        .map(|it| {
            let time = known.zone.time(it.hour);
            let values = [
                ("time", time.clone().into()),
                ("needed", shown(it.needed).into()),
                ("planned", shown(it.planned).into()),
            ];
            let told = told(s, "staffing-bar", &values);
            StaffedHour { label: time, needed: it.needed, planned: it.planned, is_short: it.is_short(), told }
        })
        .collect();
    let (title, description) = (s.t("staffing-chart"), s.t("staffing-chart-text"));
    Staffed { title: &title, description: &description, hours: &hours }.to_string()
}

fn basis(s: &Shell, basis: Basis) -> String {
    match basis {
        Basis::HourOfWeek(weeks) => told(s, "staffing-basis-week", &[("n", weeks.into())]),
        Basis::HourOfDay(days) => told(s, "staffing-basis-day", &[("n", days.into())]),
        Basis::AllHours(hours) => told(s, "staffing-basis-hours", &[("n", hours.into())]),
        Basis::Nothing => s.t("staffing-basis-nothing"),
    }
}

fn work(s: &Shell, work: Work) -> String {
    let (handling, writing) = (minutes(work.handling), minutes(work.writing));
    let times = [("handling", handling.into()), ("writing", writing.into())];
    match work.measured {
        Some(cases) => {
            let [handling, writing] = times;
            told(s, "staffing-work-measured", &[handling, writing, ("n", cases.into())])
        }
        None => told(s, "staffing-work-assumed", &times),
    }
}

fn works(s: &Shell, known: &Known) -> Vec<WorkRow> {
    let time = |work: &Work, lapse: Lapse| match work.measured {
        Some(_) => told(s, "staffing-minutes", &[("n", minutes(lapse).into())]),
        None => "—".to_owned(),
    };
    let row = |(kind, work, cases): &(String, Work, usize)| WorkRow {
        kind: s.t(&format!("desk-kind-{}", kind.replace('_', "-"))),
        cases: *cases,
        handling: time(work, work.handling),
        writing: time(work, work.writing),
    };
    known.by_kind.iter().map(row).collect()
}

/// One row an hour of the day, one column a day of the week.
fn table(known: &Known, week: &[HourPlan]) -> Vec<WeekRow> {
    (0..24_u8)
        .map(|hour| {
            let cell = |day: u8| {
                let is_it = |it: &&HourPlan| {
                    let slot = known.zone.slot(it.hour);
                    (slot.day, slot.hour) == (day, hour)
                };
                // An hour that the clock skips has no plan.
                week.iter().find(is_it).map_or_else(
                    || WeekCell { needed: "—".into(), planned: "—".into(), is_short: false },
                    |it| WeekCell {
                        needed: shown(it.needed),
                        planned: shown(it.planned),
                        is_short: it.is_short(),
                    },
                )
            };
            WeekRow { time: format!("{hour:02}:00"), cells: (0..7).map(cell).collect() }
        })
        .collect()
}

/// What so many agents would do; `Err` for a field that is no such number.
fn what_if(s: &Shell, known: &Known, next: &[HourPlan], asked: &WhatIf) -> Result<Option<Answer>, ()> {
    if !asked.is_asked() {
        return Ok(None);
    }
    // What is not said is as in the busiest hour to come.
    let busiest = next.iter().max_by(|a, b| a.rates.urgent.total_cmp(&b.rates.urgent)).map(|it| it.rates);
    let (rates, work) = (busiest.unwrap_or_default(), known.work);
    let in_minutes = |lapse: Lapse| f64::from(u32::try_from(minutes(lapse)).unwrap_or(u32::MAX));
    let target = number(&asked.minutes, (1.0, 1_440.0), in_minutes(Promise::DEFAULT.target)).ok_or(())?;
    let share = number(&asked.share, (1.0, 99.9), Promise::DEFAULT.share * 100.0).ok_or(())? / 100.0;
    let urgent = number(&asked.urgent, (0.0, 10_000.0), rates.urgent).ok_or(())?;
    let others = number(&asked.others, (0.0, 10_000.0), rates.others).ok_or(())?;
    let handling = number(&asked.handling, (1.0, 1_440.0), in_minutes(work.handling)).ok_or(())?;
    let lapse = |minutes: f64| -> Result<Lapse, ()> {
        let seconds = std::time::Duration::try_from_secs_f64(minutes * 60.0).map_err(|_| ())?;
        Ok(Lapse::from_secs(seconds.as_secs()))
    };
    let promise = Promise { target: lapse(target)?, share };
    let traffic = Traffic::new(urgent, others, lapse(handling)?);
    let in_time = promise.target > work.writing;
    let wait = work.wait(promise);
    let needed = if in_time { traffic.agents_needed(wait, share) } else { None };
    let agents = match asked.agents.trim().is_empty() {
        true => needed.unwrap_or(known.on_duty),
        false => agents(&asked.agents).ok_or(())?,
    };
    let kept = |agents| if in_time { traffic.answered_within(agents, wait) } else { 0.0 };
    let rows = (agents.saturating_sub(BESIDE)..=agents + BESIDE)
        .map(|it| AnswerRow {
            agents: it,
            kept: format!("{} %", percent(kept(it))),
            wait: traffic.mean_wait(it).map_or_else(
                || s.t("staffing-endless"),
                |wait| told(s, "staffing-minutes", &[("n", minutes(wait).into())]),
            ),
            occupancy: format!("{} %", percent(traffic.all.occupancy(it))),
            is_asked: it == agents,
            is_enough: needed.is_some_and(|needed| it >= needed),
        })
        .collect();
    let values = [
        ("agents", agents.into()),
        ("share", percent(kept(agents)).into()),
        ("minutes", minutes(promise.target).into()),
    ];
    let first = told(s, "staffing-would", &values);
    let then = match needed {
        Some(needed) => {
            told(s, "staffing-would-need", &[("needed", needed.into()), ("share", percent(share).into())])
        }
        None => s.t("staffing-hopeless"),
    };
    let said = told(s, "staffing-sentence", &[("first", first.into()), ("then", then.into())]);
    Ok(Some(Answer { said, rows }))
}
