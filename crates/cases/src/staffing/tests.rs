use proptest::prelude::*;
use touchstone_types::{Lapse, Moment};

use super::*;

fn minutes(minutes: u64) -> Lapse {
    Lapse::from_secs(minutes * 60)
}

fn close(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found}, not {expected}");
}

/// By hand for up to three agents; then the rows that introductions to the formula print: 10 Erlang
/// (100 calls of 3 minutes in half an hour), 48 Erlang (360 calls of 4 minutes in half an hour).
#[test]
fn the_chance_of_waiting_is_that_of_published_tables() {
    for (erlang, agents, busy, within) in [
        (0.5, 1, 0.5, 1e-12),       // One agent: the chance is the load.
        (1.0, 2, 1.0 / 3.0, 1e-12), // Two agents, by hand.
        (2.0, 3, 4.0 / 9.0, 1e-12), // Three agents, by hand.
        (3.0, 5, 0.2362, 5e-5),
        (10.0, 11, 0.682, 5e-4),
        (10.0, 14, 0.174, 5e-4),
        (48.0, 55, 0.239, 5e-4),
    ] {
        close(Load::new(erlang, minutes(60)).all_busy(agents), busy, within);
    }
}

#[test]
fn the_share_answered_in_time_is_that_of_published_examples() {
    // 200 an hour of 3 minutes, within 20 seconds.
    let twenty = Lapse::from_secs(20);
    close(answered_within(14, 200.0, minutes(3), twenty), 0.888, 5e-4);
    assert_eq!(agents_needed(200.0, minutes(3), twenty, 0.8), Some(14));
    close(Load::new(200.0, minutes(3)).occupancy(14), 0.714, 5e-4);
    // 720 an hour of 4 minutes, within 15 seconds.
    close(answered_within(55, 720.0, minutes(4), Lapse::from_secs(15)), 0.846, 5e-4);
    assert_eq!(Traffic::plain(720.0, minutes(4)).mean_wait(55), Some(Lapse::from_secs(8)));
}

/// The sum over states that the formula stands for, in logarithms; another way to the same number.
fn busy_by_states(erlang: f64, agents: u32) -> f64 {
    let mut terms = vec![0.0_f64];
    for agent in 1..=agents {
        terms.push(terms.last().unwrap() + erlang.ln() - f64::from(agent).ln());
    }
    let all = *terms.last().unwrap() - (1.0 - erlang / f64::from(agents)).ln();
    terms.pop();
    let most = terms.iter().copied().fold(all, f64::max);
    let sum: f64 = terms.iter().map(|it| (it - most).exp()).sum::<f64>() + (all - most).exp();
    (all - most).exp() / sum
}

proptest! {
    #[test]
    fn it_is_stable_and_right_from_one_agent_to_five_hundred(agents in 1_u32..=500, part in 0.01_f64..0.999) {
        let erlang = f64::from(agents) * part;
        let busy = Load::new(erlang, minutes(60)).all_busy(agents);
        prop_assert!((busy - busy_by_states(erlang, agents)).abs() < 1e-9, "{busy}");
    }

    #[test]
    fn another_agent_never_makes_it_worse_and_another_report_never_better(
        agents in 0_u32..500,
        (urgent, others) in (0.0_f64..400.0, 0.0_f64..400.0),
        (handling, target) in (1_u64..120, 0_u64..120),
    ) {
        let traffic = Traffic::new(urgent, others, minutes(handling));
        let share = traffic.answered_within(agents, minutes(target));
        prop_assert!((0.0..=1.0).contains(&share));
        prop_assert!(traffic.answered_within(agents + 1, minutes(target)) >= share - 1e-12);
        for more in [Traffic::new(urgent + 1.0, others, minutes(handling)), Traffic::new(urgent, others + 1.0, minutes(handling))] {
            prop_assert!(more.answered_within(agents, minutes(target)) <= share + 1e-12);
        }
    }

    #[test]
    fn the_agents_needed_are_enough_and_one_fewer_is_not(
        (urgent, others) in (0.01_f64..60.0, 0.0_f64..60.0),
        (handling, target) in (1_u64..60, 0_u64..60),
        share in 0.05_f64..0.99,
    ) {
        let traffic = Traffic::new(urgent, others, minutes(handling));
        let Some(needed) = traffic.agents_needed(minutes(target), share) else {
            return Err(TestCaseError::fail("120 an hour of an hour need no 500"));
        };
        prop_assert!(traffic.answered_within(needed, minutes(target)) >= share);
        prop_assert!(f64::from(needed) > traffic.all.erlang());
        let fewer = needed - 1;
        prop_assert!(
            f64::from(fewer) <= traffic.all.erlang() || traffic.answered_within(fewer, minutes(target)) < share
        );
    }

    #[test]
    fn what_is_no_number_is_no_work(arrivals in prop::num::f64::ANY, agents in 1_u32..10) {
        let share = answered_within(agents, arrivals, minutes(10), minutes(5));
        prop_assert!((0.0..=1.0).contains(&share), "{share}");
    }
}

/// A small generator of the tests' own (SplitMix64), so that the simulation is the same each time.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -(1.0 - self.unit()).ln() * mean
    }
}

/// The share of urgent reports that a simulated desk takes up within the target (hours).
fn simulated(agents: usize, urgent: f64, others: f64, handling: f64, target: f64) -> f64 {
    let mut dice = Dice(7);
    let (mut now, mut free) = (0.0_f64, vec![0.0_f64; agents]);
    let mut waiting: [std::collections::VecDeque<f64>; 2] = Default::default();
    let (mut came, mut in_time) = (0_u32, 0_u32);
    let mut next = dice.exponential(1.0 / (urgent + others));
    while came < 300_000 {
        let soonest = (0..agents).min_by(|a, b| free[*a].total_cmp(&free[*b])).unwrap();
        let queued = !(waiting[0].is_empty() && waiting[1].is_empty());
        if queued && free[soonest] <= next {
            now = now.max(free[soonest]);
            let class = usize::from(waiting[0].is_empty());
            let since = waiting[class].pop_front().unwrap();
            if class == 0 {
                came += 1;
                in_time += u32::from(now - since <= target);
            }
            free[soonest] = now + dice.exponential(handling);
        } else {
            now = next;
            waiting[usize::from(dice.unit() * (urgent + others) >= urgent)].push_back(now);
            next = now + dice.exponential(1.0 / (urgent + others));
        }
    }
    f64::from(in_time) / f64::from(came)
}

#[test]
fn reports_that_go_first_wait_as_long_as_in_a_simulated_desk() {
    for (agents, urgent, others) in [(3, 3.0, 3.0), (5, 2.0, 8.0), (4, 9.0, 0.0)] {
        let reckoned = Traffic::new(urgent, others, minutes(24)).answered_within(agents, minutes(9));
        close(simulated(agents as usize, urgent, others, 0.4, 0.15), reckoned, 0.01);
    }
}

fn hour(text: &str) -> i64 {
    text.parse::<Moment>().unwrap().as_micros() / 3_600_000_000
}

fn moment(hour: i64) -> Moment {
    Moment::from_micros(hour * 3_600_000_000 + 1).unwrap()
}

#[test]
fn a_forecast_finds_the_busy_hour_of_the_week_at_the_desks_clock() {
    let zone = Zone::new("Asia/Shanghai").unwrap();
    let until = hour("2026-11-22T00:00:00Z");
    let busy = Slot { day: 4, hour: 19 }; // Fridays, 19:00 in Shanghai.
    let counted = (until - 8 * 168..until)
        .map(|hour| Counted { hour, urgent: if zone.slot(hour) == busy { 9 } else { 1 }, others: 2 })
        .collect();
    let history = History::new(Some(moment(until - 8 * 168 - 1)), moment(until), counted);
    let forecast = Forecast::of(&history, &zone);
    assert_eq!(forecast.basis(), Basis::HourOfWeek(8));
    assert!(forecast.at(busy).urgent > 7.0, "{:?}", forecast.at(busy));
    assert!(forecast.at(Slot { day: 4, hour: 18 }).urgent < 1.2);
    close(forecast.at(busy).others, 2.0, 1e-9);
}

#[test]
fn recent_weeks_count_more() {
    let zone = Zone::new("UTC").unwrap();
    let until = hour("2026-11-22T00:00:00Z");
    let counted = |hour: i64| Counted { hour, urgent: u32::from(hour >= until - 4 * 168) * 4, others: 0 };
    let history = History::new(
        Some(moment(until - 8 * 168 - 1)),
        moment(until),
        (until - 8 * 168..until).map(counted).collect(),
    );
    let rate = Forecast::of(&history, &zone).at(Slot { day: 0, hour: 0 }).urgent;
    assert!(rate > 2.5 && rate < 4.0, "half of the time none, of late four an hour: {rate}");
}

#[test]
fn a_short_history_says_so_and_what_it_uses() {
    let zone = Zone::new("Europe/Berlin").unwrap();
    let until = hour("2026-11-22T00:00:00Z");
    for (hours, basis) in [
        (0, Basis::Nothing),
        (30, Basis::AllHours(30)),
        (5 * 24, Basis::HourOfDay(5)),
        (14 * 24, Basis::HourOfWeek(2)),
        (40 * 168, Basis::HourOfWeek(12)),
    ] {
        let counted = (until - hours..until).map(|hour| Counted { hour, urgent: 1, others: 0 }).collect();
        let history = History::new(Some(moment(until - hours - 1)), moment(until), counted);
        let forecast = Forecast::of(&history, &zone);
        assert_eq!(forecast.basis(), basis);
        close(forecast.at(Slot { day: 2, hour: 3 }).urgent, f64::from(u8::from(hours > 0)), 1e-9);
    }
    assert_eq!(Forecast::of(&History::new(None, moment(until), vec![]), &zone).basis(), Basis::Nothing);
}

#[test]
fn the_desk_is_warned_of_the_first_hour_with_too_few() {
    let zone = Zone::new("UTC").unwrap();
    let until = hour("2026-11-22T12:00:00Z");
    let counted = (until - 4 * 168..until)
        .map(|hour| Counted { hour, urgent: if zone.slot(hour).hour == 19 { 12 } else { 3 }, others: 0 })
        .collect();
    let forecast =
        Forecast::of(&History::new(Some(moment(until - 4 * 168 - 1)), moment(until), counted), &zone);
    let hours = plan(&forecast, &zone, moment(until), 24, (Promise::DEFAULT, Work::ASSUMED), |_| Some(4));
    let short = shortfall(&hours).unwrap();
    assert_eq!(zone.time(short.hour), "19:00");
    assert!(short.needed > Some(4) && short.kept.unwrap() < 0.8 && short.occupancy == Some(1.0), "{short:?}");
    assert!(
        hours.iter().filter(|it| it.hour != short.hour).all(|it| !it.is_short() && it.kept.unwrap() >= 0.8)
    );
    let nobody_said = plan(&forecast, &zone, moment(until), 24, (Promise::DEFAULT, Work::ASSUMED), |_| None);
    assert_eq!(shortfall(&nobody_said), None);
}

#[test]
fn a_promise_shorter_than_the_writing_is_kept_by_no_number_of_agents() {
    let zone = Zone::new("UTC").unwrap();
    let until = hour("2026-11-22T12:00:00Z");
    let counted = vec![Counted { hour: until - 1, urgent: 3, others: 0 }];
    let forecast = Forecast::of(&History::new(Some(moment(until - 20)), moment(until), counted), &zone);
    let promise = Promise { target: minutes(5), share: 0.8 };
    let hours = plan(&forecast, &zone, moment(until), 1, (promise, Work::ASSUMED), |_| Some(90));
    assert_eq!((hours[0].needed, hours[0].kept, hours[0].is_short()), (None, Some(0.0), true));
}

#[test]
fn handling_times_are_measured_only_on_enough_cases() {
    let case = (minutes(40), minutes(8));
    assert_eq!(Work::measured(&[case; 19]), Work::ASSUMED);
    let work = Work::measured(&[case; 20]);
    assert_eq!((work.handling, work.writing, work.measured), (minutes(40), minutes(8), Some(20)));
    assert_eq!(work.wait(Promise::DEFAULT), minutes(7));
}

#[test]
fn a_zone_that_does_not_exist_is_refused() {
    assert!(Zone::new("Mars/Olympus").unwrap_err().to_string().contains("`Mars/Olympus`"));
    let zone = Zone::new("Asia/Kolkata").unwrap();
    let noon = hour("2026-11-22T12:00:00Z");
    assert_eq!(
        (zone.time(noon), zone.offset(noon), zone.date(noon)),
        ("17:30".into(), "+05:30".into(), "2026-11-22".into())
    );
}

#[test]
fn the_time_a_case_takes_is_that_between_the_acts_of_one_person() {
    let acts = |minutes_and_answers: &[(u64, &'static str, bool)]| -> Option<(u64, u64)> {
        let start: Moment = "2026-11-22T12:00:00Z".parse().unwrap();
        let acts: Vec<Act<'_>> = minutes_and_answers
            .iter()
            .map(|(at, by, answers)| Act { at: start + minutes(*at), by, answers: *answers })
            .collect();
        time_spent(&acts).map(|(handling, writing)| (handling.as_secs() / 60, writing.as_secs() / 60))
    };
    assert_eq!(acts(&[(0, "ann", false), (7, "ann", true)]), Some((8, 7)));
    assert_eq!(acts(&[(0, "ann", false), (7, "ann", true), (20, "ann", false)]), Some((21, 7)));
    assert_eq!(
        acts(&[(0, "ann", false), (5, "bob", true), (9, "ann", false)]),
        Some((11, 1)),
        "each their own"
    );
    assert_eq!(
        acts(&[(0, "ann", false), (300, "ann", true)]),
        Some((30, 30)),
        "five hours were not spent on it"
    );
    assert_eq!(acts(&[(0, "ann", false)]), None, "nobody answered");
    assert_eq!(acts(&[]), None);
}
