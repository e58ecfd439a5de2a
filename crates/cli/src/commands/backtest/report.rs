//! What changes between two policies: by decision, by rule, in people and money.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;

use comfy_table::{Cell, CellAlignment, Table, presets::UTF8_HORIZONTAL_ONLY};
use serde::{Deserialize, Serialize};
use touchstone_screening::Policy;
use touchstone_types::{Data, Decision, Event, Name};

use super::Said;
use crate::commands::screen::visible;
use crate::input;

/// What an event was, as a person judged it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Label {
    /// Nothing wrong with it.
    #[serde(alias = "good", alias = "genuine")]
    Benign,
    /// Part of a fraud.
    #[serde(alias = "bad", alias = "fraud")]
    Scam,
}

/// As many examples are shown of each change.
const EXAMPLES: usize = 3;

/// How many characters of a text an example shows.
const SHOWN: usize = 60;

#[derive(Default, Serialize)]
struct Change {
    /// Events in which the finding stood under the old policy, and under the new.
    before: usize,
    after: usize,
    /// Events that have it now and did not, and the other way round.
    added: usize,
    removed: usize,
    /// Of those added, how many are labelled.
    #[serde(skip_serializing_if = "is_zero")]
    added_benign: usize,
    #[serde(skip_serializing_if = "is_zero")]
    added_scam: usize,
    examples: Vec<Example>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[derive(Serialize)]
struct Example {
    event: String,
    before: String,
    after: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
}

/// What would have been held or blocked.
#[derive(Default)]
struct Stopped {
    events: usize,
    people: HashSet<String>,
    transfers: usize,
    usd: f64,
    benign: usize,
    scam: usize,
}

#[derive(Serialize)]
struct StoppedView {
    events: usize,
    people: usize,
    transfers: usize,
    usd: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    benign: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scam: Option<usize>,
}

/// The whole comparison.
pub(super) struct Report {
    old: String,
    new: String,
    labels: HashMap<(String, String), Label>,
    events: usize,
    not_screened: usize,
    bad_lines: usize,
    decisions: [[usize; Decision::ALL.len()]; Decision::ALL.len()],
    rules: BTreeMap<Name, Change>,
    shadow: BTreeMap<Name, usize>,
    before: Stopped,
    after: Stopped,
}

#[derive(Serialize)]
pub(super) struct ReportView<'a> {
    old: &'a str,
    new: &'a str,
    events: usize,
    not_screened: usize,
    bad_lines: usize,
    decisions: BTreeMap<String, BTreeMap<&'static str, usize>>,
    stopped_before: StoppedView,
    stopped_after: StoppedView,
    rules: &'a BTreeMap<Name, Change>,
    shadow: &'a BTreeMap<Name, usize>,
}

impl Report {
    pub(super) fn new(old: &Policy, new: &Policy, labels: HashMap<(String, String), Label>) -> Self {
        let name = |policy: &Policy| {
            let hash = policy.hash().to_string();
            format!("{} {} ({})", policy.core().id(), policy.core().version(), &hash[..12])
        };
        Self {
            old: name(old),
            new: name(new),
            labels,
            events: 0,
            not_screened: 0,
            bad_lines: 0,
            decisions: Default::default(),
            rules: BTreeMap::new(),
            shadow: BTreeMap::new(),
            before: Stopped::default(),
            after: Stopped::default(),
        }
    }

    pub(super) fn bad_line(&mut self) {
        self.bad_lines += 1;
    }

    pub(super) fn bad_lines(&self) -> usize {
        self.bad_lines
    }

    pub(super) fn saw(&mut self, event: &Event<'_>) {
        self.events += 1;
        self.not_screened += usize::from(event.data == Data::Unknown);
    }

    /// Compares what both policies said about the event on that line.
    pub(super) fn count(&mut self, line: &[u8], old: &Said, new: &Said) {
        self.decisions[old.decision as usize][new.decision as usize] += 1;
        let quiet = |said: &Said| {
            said.decision == Decision::Allow && said.findings.is_empty() && said.shadow.is_empty()
        };
        if quiet(old) && quiet(new) {
            return;
        }
        let Ok((event, _)) = input::event(line) else { return };
        let key = (event.source.to_string(), event.id.to_string());
        let label = self.labels.get(&key).copied();
        self.before.count(&event, old, label);
        self.after.count(&event, new, label);
        for name in &new.shadow {
            *self.shadow.entry(name.clone()).or_default() += 1;
        }
        for name in old.findings.iter().chain(new.findings.iter().filter(|it| !old.findings.contains(it))) {
            let change = self.rules.entry(name.clone()).or_default();
            change.count(name, &event, old, new, label);
        }
    }

    pub(super) fn json(&self) -> ReportView<'_> {
        let row = |old: &Decision| {
            let new =
                Decision::ALL.iter().map(|new| (new.name(), self.decisions[*old as usize][*new as usize]));
            (old.name().to_owned(), new.collect())
        };
        let labelled = !self.labels.is_empty();
        ReportView {
            old: &self.old,
            new: &self.new,
            events: self.events,
            not_screened: self.not_screened,
            bad_lines: self.bad_lines,
            decisions: Decision::ALL.iter().map(row).collect(),
            stopped_before: self.before.view(labelled),
            stopped_after: self.after.view(labelled),
            rules: &self.rules,
            shadow: &self.shadow,
        }
    }

    pub(super) fn table(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "old  {}\nnew  {}", self.old, self.new); // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{} events, {} not screened, {} bad lines\n",
            self.events, self.not_screened, self.bad_lines
        );
        let _ = writeln!(out, "{}\n", self.decision_table());
        let _ = writeln!(out, "{}\n", self.stopped_table());
        let changed: Vec<_> = self.rules.iter().filter(|(_, it)| it.added + it.removed > 0).collect();
        if changed.is_empty() {
            let _ = writeln!(out, "No finding changes on these events.");
        } else {
            let _ = writeln!(out, "{}", self.rule_table(&changed));
            for (name, change) in changed {
                for example in &change.examples {
                    let _ = writeln!(
                        out,
                        "  {name}: {} {} -> {}  {}",
                        example.event, example.before, example.after, example.text
                    );
                }
            }
        }
        if !self.shadow.is_empty() {
            let fired = self.shadow.iter().map(|(name, count)| format!("{name} {count}"));
            let _ = writeln!(out, "\nin shadow: {}", fired.collect::<Vec<_>>().join(", "));
        }
        out
    }

    fn decision_table(&self) -> Table {
        let mut table = plain();
        table.set_header(
            ["old \\ new"].into_iter().chain(Decision::ALL.iter().map(|new| new.name())).map(Cell::new),
        );
        for old in Decision::ALL {
            let counts = self.decisions[old as usize].iter().map(|count| number(*count));
            table.add_row([Cell::new(old.name())].into_iter().chain(counts));
        }
        table
    }

    fn stopped_table(&self) -> Table {
        let mut table = plain();
        let labelled = !self.labels.is_empty();
        let mut header = vec!["held or blocked", "events", "people", "transfers", "usd"];
        header.extend(labelled.then_some(["of them benign", "of them scam"]).into_iter().flatten());
        table.set_header(header);
        for (name, stopped) in [("old", &self.before), ("new", &self.after)] {
            let mut row = vec![
                Cell::new(name),
                number(stopped.events),
                number(stopped.people.len()),
                number(stopped.transfers),
                Cell::new(format!("{:.2}", stopped.usd)).set_alignment(CellAlignment::Right),
            ];
            if labelled {
                row.extend([number(stopped.benign), number(stopped.scam)]);
            }
            table.add_row(row);
        }
        table
    }

    fn rule_table(&self, changed: &[(&Name, &Change)]) -> Table {
        let mut table = plain();
        let labelled = !self.labels.is_empty();
        let mut header = vec!["finding", "old", "new", "added", "removed"];
        header.extend(labelled.then_some(["added benign", "added scam"]).into_iter().flatten());
        table.set_header(header);
        for (name, it) in changed {
            let mut counts = vec![it.before, it.after, it.added, it.removed];
            if labelled {
                counts.extend([it.added_benign, it.added_scam]);
            }
            table.add_row([Cell::new(name)].into_iter().chain(counts.into_iter().map(number)));
        }
        table
    }
}

fn plain() -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table
}

fn number(count: usize) -> Cell {
    Cell::new(count).set_alignment(CellAlignment::Right)
}

impl Change {
    fn count(&mut self, name: &Name, event: &Event<'_>, old: &Said, new: &Said, label: Option<Label>) {
        let (was, is) = (old.findings.contains(name), new.findings.contains(name));
        self.before += usize::from(was);
        self.after += usize::from(is);
        self.added += usize::from(is && !was);
        self.removed += usize::from(was && !is);
        self.added_benign += usize::from(is && !was && label == Some(Label::Benign));
        self.added_scam += usize::from(is && !was && label == Some(Label::Scam));
        if was != is && self.examples.len() < EXAMPLES {
            let said = |said: &Said| format!("{} {}", said.decision, said.score);
            let text = event.data.text().unwrap_or_default();
            let mut shown: String = visible(text).chars().take(SHOWN).collect();
            if text.chars().count() > SHOWN {
                shown.push('…');
            }
            self.examples.push(Example {
                event: format!("{}/{}", event.source, event.id),
                before: said(old),
                after: said(new),
                text: shown,
            });
        }
    }
}

impl Stopped {
    fn count(&mut self, event: &Event<'_>, said: &Said, label: Option<Label>) {
        if said.decision < Decision::Hold {
            return;
        }
        self.events += 1;
        self.benign += usize::from(label == Some(Label::Benign));
        self.scam += usize::from(label == Some(Label::Scam));
        if let Some(person) = event.data.actor() {
            self.people.insert(person.identity().to_owned());
        }
        let usd = match &event.data {
            Data::TransferRequested(it) => it.usd.as_ref(),
            Data::ApprovalRequested(it) => it.usd.as_ref(),
            _ => return,
        };
        self.transfers += 1;
        self.usd += usd.map_or(0.0, |it| it.to_f64());
    }

    fn view(&self, labelled: bool) -> StoppedView {
        StoppedView {
            events: self.events,
            people: self.people.len(),
            transfers: self.transfers,
            usd: self.usd,
            benign: labelled.then_some(self.benign),
            scam: labelled.then_some(self.scam),
        }
    }
}
