//! What the desk knows of itself: reports by the hour, the time they take, who is planned.

use std::collections::BTreeMap;

use touchstone_cases::report::Kind;
use touchstone_cases::staffing::{Act, Counted, Forecast, History, WEEKS, Work, Zone, time_spent};
use touchstone_store::{Arrivals, StaffAct, StoreError};
use touchstone_types::{Lapse, Moment};

use crate::ctx::Ctx;

/// Of how many cases at most the time is measured that they took.
const MEASURED_CASES: usize = 500;
/// How far back these may be, in seconds: eight weeks.
const MEASURED_SINCE: u64 = 8 * 7 * 86_400;

/// The days of the plan, as the store calls them.
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What is known.
pub(super) struct Known {
    /// The desk's clock.
    pub(super) zone: Zone,
    /// What to expect.
    pub(super) forecast: Forecast,
    /// How long a report takes.
    pub(super) work: Work,
    /// The same by kind, each with its cases.
    pub(super) by_kind: Vec<(String, Work, usize)>,
    /// How many are on duty now.
    pub(super) on_duty: u32,
    /// How many are planned, by day and hour.
    pub(super) shifts: BTreeMap<(String, u8), u32>,
}

impl Known {
    /// How many are planned in an hour: by its date, else by its day of the week.
    pub(super) fn planned(&self, hour: i64) -> Option<u32> {
        let slot = self.zone.slot(hour);
        let on = |day: &str| self.shifts.get(&(day.to_owned(), slot.hour)).copied();
        on(&self.zone.date(hour)).or_else(|| DAYS.get(usize::from(slot.day)).and_then(|day| on(day)))
    }
}

/// Gathers it.
pub(super) async fn known(ctx: &Ctx, now: Moment) -> Result<Known, StoreError> {
    let zone = ctx.config.cases.time_zone.clone();
    let from = now - Lapse::from_secs(u64::try_from(WEEKS).unwrap_or_default() * 7 * 86_400);
    let arrivals = ctx.store.arrivals(from, now).await?;
    let history = History::new(ctx.store.first_case().await?, now, counted(&arrivals));
    let acts = ctx.store.staff_acts(now - Lapse::from_secs(MEASURED_SINCE), MEASURED_CASES).await?;
    let (all, by_kind) = spent(&acts);
    let today = zone.date(now.as_micros().div_euclid(3_600_000_000));
    let shifts = ctx.store.shifts(&today).await?;
    let on_duty = ctx.store.on_duty(now).await?.len();
    Ok(Known {
        forecast: Forecast::of(&history, &zone),
        work: Work::measured(&all),
        by_kind: by_kind
            .into_iter()
            .map(|(kind, cases)| (kind.to_owned(), Work::measured(&cases), cases.len()))
            .collect(),
        shifts: shifts.into_iter().map(|it| ((it.day, it.hour), it.agents)).collect(),
        on_duty: u32::try_from(on_duty).unwrap_or(u32::MAX),
        zone,
    })
}

/// Whether reports of that kind go first.
fn goes_first(kind: &str) -> bool {
    Kind::parse(kind).is_some_and(Kind::is_theft)
}

fn counted(arrivals: &[Arrivals]) -> Vec<Counted> {
    let mut hours: BTreeMap<i64, Counted> = BTreeMap::new();
    for it in arrivals {
        let counted = hours.entry(it.hour).or_insert(Counted { hour: it.hour, urgent: 0, others: 0 });
        let reports = u32::try_from(it.reports).unwrap_or(u32::MAX);
        let sum = if goes_first(&it.kind) { &mut counted.urgent } else { &mut counted.others };
        *sum = sum.saturating_add(reports);
    }
    hours.into_values().collect()
}

type Spent = Vec<(Lapse, Lapse)>;

/// Handling and writing time of each answered case: all, and by kind.
fn spent(acts: &[StaffAct]) -> (Spent, BTreeMap<&str, Spent>) {
    let (mut all, mut by_kind) = (Spent::new(), BTreeMap::<&str, Spent>::new());
    for case in acts.chunk_by(|a, b| a.case == b.case) {
        let acts: Vec<Act<'_>> =
            case.iter().map(|it| Act { at: it.at, by: &it.by, answers: it.act == "answer" }).collect();
        if let (Some(spent), Some(first)) = (time_spent(&acts), case.first()) {
            all.push(spent);
            by_kind.entry(&first.kind).or_default().push(spent);
        }
    }
    (all, by_kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thefts_are_counted_apart_from_what_can_wait() {
        let of = |hour, kind: &str, reports| Arrivals { hour, kind: kind.into(), reports };
        let arrivals = [
            of(7, "stolen_wallet", 2),
            of(7, "leaked_secret", 1),
            of(7, "locked_account", 4),
            of(9, "other", 1),
        ];
        assert_eq!(
            counted(&arrivals),
            [Counted { hour: 7, urgent: 3, others: 4 }, Counted { hour: 9, urgent: 0, others: 1 }]
        );
    }

    #[test]
    fn the_time_spent_is_measured_case_by_case() {
        let start: Moment = "2026-11-22T12:00:00Z".parse().unwrap();
        let act = |case, minute: u64, act: &str| StaffAct {
            case,
            kind: "other".into(),
            at: start + Lapse::from_secs(minute * 60),
            by: "ann".into(),
            act: act.into(),
        };
        let acts = [
            act(1, 0, "taken"),
            act(1, 5, "answer"),
            act(2, 6, "taken"),
            act(3, 7, "viewed"),
            act(3, 9, "answer"),
        ];
        let (all, by_kind) = spent(&acts);
        let minutes: Vec<_> = all.iter().map(|it| (it.0.as_secs() / 60, it.1.as_secs() / 60)).collect();
        assert_eq!(minutes, [(6, 5), (3, 2)], "the second case has no answer yet");
        assert_eq!(by_kind["other"].len(), 2);
    }
}
