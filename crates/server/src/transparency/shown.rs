//! An edition made ready for reading, in the reader's language.

use touchstone_cases::public::{Durations, Edition, Month, Period, Series, Times};

use crate::cases::Cases;
use crate::console::chart::{Bar, Bars};
use crate::console::shell::Shell;

/// How many periods a plot or table shows.
const SHOWN: usize = 24;

/// One number that says most.
pub(super) struct Figure {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) note: String,
}

/// A plot.
pub(super) struct Plot {
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) svg: String,
}

/// One line of a table.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) span: String,
    pub(super) n: String,
    pub(super) groups: Vec<(String, String)>,
    pub(super) is_running: bool,
}

/// A table of counts.
pub(super) struct Table {
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) column: String,
    pub(super) rows: Vec<Row>,
}

/// One line of a table of times.
pub(super) struct TimeRow {
    pub(super) span: String,
    pub(super) median: String,
    pub(super) p90: String,
    pub(super) is_running: bool,
}

/// A table of times.
pub(super) struct TimeTable {
    pub(super) title: String,
    pub(super) rows: Vec<TimeRow>,
}

fn span(from: Month, to: Month, s: &Shell) -> String {
    if from == to {
        return from.to_string();
    }
    s.lang.text_with("published-span", &[("from", from.to_string().into()), ("to", to.to_string().into())])
}

/// `12 min`, `3 h 20 min`, `2 d 4 h`: two units at most.
fn length(minutes: u64, s: &Shell) -> String {
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let key = match (days, hours, rest) {
        (0, 0, _) => "published-minutes",
        (0, _, 0) => "published-hours",
        (0, _, _) => "published-hours-minutes",
        (_, 0, _) => "published-days",
        _ => "published-days-hours",
    };
    s.lang.text_with(key, &[("d", days.into()), ("h", hours.into()), ("m", rest.into())])
}

/// How many there are at least, of what is not over.
fn least(n: u64, s: &Shell) -> String {
    if n == 0 { s.t("published-fewer") } else { s.t1("published-at-least", "n", n) }
}

/// The numbers that say most: of what was published last.
pub(super) fn figures(edition: &Edition, s: &Shell) -> Vec<Figure> {
    let count = |series: &Series, key: &str| match series.finished.last() {
        Some(it) => Figure { value: it.n.to_string(), label: s.t(key), note: span(it.from, it.to, s) },
        None => Figure {
            value: least(series.running.n, s),
            label: s.t(key),
            note: s.t1("published-so-far", "month", series.running.since.to_string()),
        },
    };
    let time = |of: &Durations, key: &str| {
        let it = of.finished.last().or(of.running.as_ref());
        Figure {
            value: it.map_or_else(|| "–".to_owned(), |it| length(it.median_minutes, s)),
            label: s.t(key),
            note: it.map_or_else(
                || s.t("published-too-few"),
                |it| {
                    let p90 = length(it.p90_minutes, s);
                    let span = span(it.from, it.to, s);
                    s.lang.text_with("published-p90-in", &[("p90", p90.into()), ("span", span.into())])
                },
            ),
        }
    };
    vec![
        count(&edition.reports, "published-reports"),
        time(&edition.first_answer, "published-first-answer"),
        time(&edition.outcome_after, "published-outcome-after"),
        count(&edition.breaches, "published-breaches"),
    ]
}

fn newest<T>(all: &[T]) -> &[T] {
    &all[all.len().saturating_sub(SHOWN)..]
}

/// Reports and the median of the first answer over time; nothing while there is nothing over.
pub(super) fn plots(edition: &Edition, s: &Shell) -> Vec<Plot> {
    let counts = |series: &Series| -> Vec<Bar> {
        let bar = |it: &Period| Bar { label: span(it.from, it.to, s), count: it.n };
        newest(&series.finished).iter().map(bar).collect()
    };
    let medians = |of: &Durations| -> Vec<Bar> {
        let bar = |it: &Times| Bar { label: span(it.from, it.to, s), count: it.median_minutes };
        newest(&of.finished).iter().map(bar).collect()
    };
    let plot = |title: &str, lead: &str, bars: Vec<Bar>| {
        let (title, lead) = (s.t(title), s.t(lead));
        (!bars.is_empty()).then(|| Plot {
            svg: Bars { title: &title, description: &lead, bars: &bars }.to_string(),
            title,
            lead,
        })
    };
    [
        plot("published-reports", "published-reports-plot", counts(&edition.reports)),
        plot("published-first-answer", "published-first-answer-plot", medians(&edition.first_answer)),
        plot("published-breaches", "published-breaches-plot", counts(&edition.breaches)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Times to the first answer and to the outcome.
pub(super) fn times(edition: &Edition, s: &Shell) -> Vec<TimeTable> {
    let table = |title: &str, of: &Durations| {
        let row = |it: &Times, is_running| TimeRow {
            span: if is_running {
                s.t1("published-so-far", "month", it.from.to_string())
            } else {
                span(it.from, it.to, s)
            },
            median: length(it.median_minutes, s),
            p90: length(it.p90_minutes, s),
            is_running,
        };
        let finished = newest(&of.finished).iter().rev().map(|it| row(it, false));
        TimeTable {
            title: s.t(title),
            rows: of.running.iter().map(|it| row(it, true)).chain(finished).collect(),
        }
    };
    vec![
        table("published-first-answer", &edition.first_answer),
        table("published-outcome-after", &edition.outcome_after),
    ]
}

/// What a group of a series is called: `kind`, `outcome`, `breach`, `channel` or `freeze`.
fn group(of: &str, name: &str, s: &Shell, cases: &Cases) -> String {
    if of == "channel" {
        let places = cases.charter.jurisdictions().all();
        let found = places.iter().find_map(|it| it.channel(name));
        return found.map_or_else(|| name.to_owned(), |it| s.lang.of(&cases.forms.name(it)).to_owned());
    }
    let key = format!("published-{of}-{}", name.replace('_', "-"));
    if s.lang.has(&key) { s.t(&key) } else { name.to_owned() }
}

fn series(edition: &Edition) -> [(&'static str, &'static str, &Series); 5] {
    [
        ("published-reports", "kind", &edition.reports),
        ("published-outcomes", "outcome", &edition.outcomes),
        ("published-breaches", "breach", &edition.breaches),
        ("published-referrals", "channel", &edition.referrals),
        ("published-freezes", "freeze", &edition.freezes),
    ]
}

/// Everything that is counted, newest first.
pub(super) fn tables(edition: &Edition, s: &Shell, cases: &Cases) -> Vec<Table> {
    let table = |(title, of, series): (&'static str, &str, &Series)| {
        let groups = |it: &Period| {
            let named = it.groups.iter().map(|it| (group(of, &it.name, s, cases), it.n.to_string()));
            let other = (it.other > 0).then(|| (s.t("published-other"), it.other.to_string()));
            named.chain(other).collect()
        };
        let running = &series.running;
        let mut rows = vec![Row {
            id: String::new(),
            span: s.t1("published-so-far", "month", running.since.to_string()),
            n: least(running.n, s),
            groups: Vec::new(),
            is_running: true,
        }];
        rows.extend(newest(&series.finished).iter().rev().map(|it| Row {
            id: if of == "kind" { it.to.to_string() } else { String::new() },
            span: span(it.from, it.to, s),
            n: it.n.to_string(),
            groups: groups(it),
            is_running: false,
        }));
        Table {
            title: s.t(title),
            lead: s.t(&format!("{title}-lead")),
            column: s.t(&format!("published-by-{of}")),
            rows,
        }
    };
    series(edition).into_iter().map(table).collect()
}

/// What is told of a month that is over, a sentence each.
pub(super) fn sentences(edition: &Edition, month: Month, s: &Shell, cases: &Cases) -> Vec<String> {
    let mut all = Vec::new();
    for (title, of, series) in series(edition) {
        let what = s.t(title);
        let Some(it) = series.finished.iter().find(|it| it.to == month) else {
            all.push(s.t1("published-waits", "what", what));
            continue;
        };
        let groups: Vec<String> =
            it.groups.iter().map(|it| format!("{} {}", group(of, &it.name, s, cases), it.n)).collect();
        let groups = match groups.is_empty() {
            true => String::new(),
            false => s.t1("published-of-these", "groups", groups.join(&s.t("list-comma"))),
        };
        all.push(s.lang.text_with(
            "published-sentence",
            &[
                ("what", what.into()),
                ("span", span(it.from, it.to, s).into()),
                ("n", it.n.into()),
                ("groups", groups.into()),
            ],
        ));
    }
    for (title, of) in [
        ("published-first-answer", &edition.first_answer),
        ("published-outcome-after", &edition.outcome_after),
    ] {
        for it in of.finished.iter().filter(|it| it.to == month) {
            let [median, p90] = [it.median_minutes, it.p90_minutes].map(|it| length(it, s));
            all.push(s.lang.text_with(
                "published-time-sentence",
                &[
                    ("what", s.t(title).into()),
                    ("span", span(it.from, it.to, s).into()),
                    ("median", median.into()),
                    ("p90", p90.into()),
                ],
            ));
        }
    }
    all
}
