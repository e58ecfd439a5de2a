//! What the templates of the desk lay out.

use askama::Template;

use super::left::Left;
use crate::console::shell::Shell;
use crate::console::shown::{Marked, whole};
use crate::console::views::{Choice, Fact};

/// One case of a list; nothing of what its victim told.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) reference: String,
    pub(super) kind: String,
    /// `critical`, `high`, `normal`, `low`.
    pub(super) harm: &'static str,
    /// What is to be done next; of a closed case how it ended.
    pub(super) task: String,
    pub(super) left: Option<Left>,
    /// It waits to be taken, by whoever looks at it.
    pub(super) takes: bool,
    pub(super) owner: Option<String>,
    pub(super) mine: bool,
    /// Above an agent's.
    pub(super) level: Option<String>,
    pub(super) facts: Vec<String>,
    pub(super) opened: String,
    /// Why it is kin to the one that is open.
    pub(super) kin: Option<String>,
}

impl Line {
    /// Its page.
    pub(super) fn href(&self) -> String {
        format!("/console/cases/{}", self.reference)
    }

    /// How grave, as the key of a message.
    pub(super) fn harm_key(&self) -> String {
        format!("desk-harm-{}", self.harm)
    }
}

/// A tab with how many are behind it.
#[derive(Clone, Debug)]
pub(super) struct CountedTab {
    pub(super) href: String,
    pub(super) label: String,
    pub(super) count: String,
    pub(super) here: bool,
    pub(super) alarming: bool,
}

/// One filter of the queue.
#[derive(Clone, Debug)]
pub(super) struct Picker {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) choices: Vec<Choice>,
}

/// `/console/cases`
#[derive(Template)]
#[template(path = "desk_queue.html")]
pub(super) struct QueuePage {
    pub(super) s: Shell,
    pub(super) tabs: Vec<CountedTab>,
    pub(super) tab: String,
    pub(super) pickers: Vec<Picker>,
    pub(super) find: String,
    pub(super) filtered: bool,
    pub(super) list: Vec<Line>,
    pub(super) empty: (String, String),
    pub(super) next: Option<String>,
    pub(super) first: Option<String>,
    pub(super) stream: String,
    pub(super) on_duty: bool,
    /// When too few are planned, for leads.
    pub(super) short: Vec<String>,
}

/// The list by itself, for the stream.
#[derive(Template)]
#[template(path = "desk_lines_alone.html")]
pub(super) struct QueuePart<'a> {
    pub(super) s: &'a Shell,
    pub(super) tabs: &'a [CountedTab],
    pub(super) list: &'a [Line],
    pub(super) empty: &'a (String, String),
}

/// The page that asks why somebody wants to open a case that is not theirs.
#[derive(Template)]
#[template(path = "desk_reason.html")]
pub(super) struct ReasonPage {
    pub(super) s: Shell,
    pub(super) reference: String,
    /// What was typed before somebody asked why.
    pub(super) draft: Draft,
    pub(super) problem: bool,
}

/// A clock of a case.
#[derive(Clone, Debug)]
pub(super) struct ClockView {
    pub(super) name: String,
    pub(super) whose: String,
    pub(super) source: String,
    pub(super) state: String,
    /// `ok`, `soon`, `late`, `still`, `done`.
    pub(super) class: &'static str,
    pub(super) left: Option<Left>,
    pub(super) due: Option<String>,
    pub(super) pauses: usize,
}

/// A file of a case.
#[derive(Clone, Debug)]
pub(super) struct FileView {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) size: String,
    pub(super) is_image: bool,
    pub(super) by: String,
    pub(super) at: String,
    pub(super) hash: String,
}

/// One entry of the timeline.
#[derive(Clone, Debug)]
pub(super) struct EntryView {
    pub(super) n: i64,
    pub(super) at: String,
    pub(super) icon: &'static str,
    /// `victim`, `answer`, `memo`, `bad`, `plain`.
    pub(super) class: &'static str,
    pub(super) what: String,
    pub(super) who: String,
    pub(super) text: Option<String>,
    pub(super) more: Vec<String>,
    pub(super) visible: bool,
}

impl EntryView {
    /// What was written, contained.
    pub(super) fn whole(&self) -> Marked<'_> {
        whole(self.text.as_deref().unwrap_or_default())
    }
}

/// A playbook as it stands for a case.
#[derive(Clone, Debug)]
pub(super) struct PlaybookView {
    pub(super) title: String,
    pub(super) done: usize,
    pub(super) steps: Vec<StepView>,
}

/// One of its steps.
#[derive(Clone, Debug)]
pub(super) struct StepView {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) who: String,
    pub(super) may: bool,
    pub(super) proves: String,
    /// Who did it and when.
    pub(super) done: Option<(String, String)>,
    pub(super) wordings: Vec<WordingView>,
}

/// A wording of a step.
#[derive(Clone, Debug)]
pub(super) struct WordingView {
    pub(super) id: String,
    pub(super) text: String,
}

/// What somebody typed and was not done: it comes back with what is wrong.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// Which form.
    pub(super) form: String,
    /// What was typed.
    pub(super) text: String,
    /// A second field of the form.
    pub(super) extra: String,
    /// What is wrong.
    pub(super) problem: Option<String>,
}

impl Draft {
    /// What was typed in that form.
    pub(super) fn text_of(&self, form: &str) -> &str {
        if self.form == form { &self.text } else { "" }
    }

    /// The second field of that form.
    pub(super) fn extra_of(&self, form: &str) -> &str {
        if self.form == form { &self.extra } else { "" }
    }

    /// What is wrong with that form.
    pub(super) fn problem_of(&self, form: &str) -> Option<&str> {
        self.problem.as_deref().filter(|_| self.form == form)
    }
}

/// What the victim will read when the case is closed.
#[derive(Clone, Debug)]
pub(super) struct Preview {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) after: String,
    pub(super) lang: &'static str,
}

impl Preview {
    /// The reason, contained.
    pub(super) fn whole(&self) -> Marked<'_> {
        whole(&self.text)
    }
}

/// Somebody to whom a case may be given.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) login: String,
    pub(super) label: String,
}

/// What may be done to the world from a case.
#[derive(Clone, Debug)]
pub(super) struct PowerView {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) about: String,
    pub(super) amount: bool,
    pub(super) danger: bool,
    /// It waits for somebody else's approval too.
    pub(super) second: bool,
}

/// Something that was asked of the operator's systems.
#[derive(Clone, Debug)]
pub(super) struct ActionView {
    pub(super) what: String,
    pub(super) state: String,
    pub(super) class: &'static str,
    pub(super) until: Option<String>,
    pub(super) simulated: bool,
    /// Its name, if it is a freeze that may be ended.
    pub(super) undo: Option<String>,
}

/// An act that waits for a second person.
#[derive(Clone, Debug)]
pub(super) struct ApprovalView {
    pub(super) what: String,
    pub(super) why: String,
    pub(super) asked_by: String,
    pub(super) until: String,
}

/// How a closed case ended.
#[derive(Clone, Debug)]
pub(super) struct ClosedView {
    pub(super) outcome: String,
    pub(super) reason: String,
    pub(super) by: String,
    pub(super) at: String,
}

/// The top of a case's page.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) line: Line,
    pub(super) why: Vec<String>,
    pub(super) by: Option<String>,
    pub(super) closed: Option<ClosedView>,
    pub(super) level: String,
    pub(super) can_rise: bool,
}

/// What was reported.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) story: String,
    pub(super) losses: Vec<String>,
    pub(super) facts: Vec<Fact>,
    pub(super) lists: Vec<(String, Vec<String>)>,
}

impl Told {
    /// The victim's own words, contained.
    pub(super) fn whole(&self) -> Marked<'_> {
        whole(&self.story)
    }
}

/// What can be done to the world from a case, what was done, and what waits.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) powers: Vec<PowerView>,
    pub(super) actions: Vec<ActionView>,
    pub(super) approvals: Vec<ApprovalView>,
    /// Nothing can be frozen from here: the operator's systems are not connected.
    pub(super) off: bool,
}

/// `/console/cases/{reference}`
#[derive(Template)]
#[template(path = "desk_case.html")]
pub(super) struct CasePage {
    pub(super) s: Shell,
    pub(super) head: Head,
    /// How many entries there were when the page was drawn.
    pub(super) seen: i64,
    pub(super) clocks: Vec<ClockView>,
    pub(super) told: Told,
    pub(super) files: Vec<FileView>,
    pub(super) timeline: Vec<EntryView>,
    pub(super) views: Vec<EntryView>,
    pub(super) older: Option<String>,
    pub(super) playbooks: Vec<PlaybookView>,
    pub(super) draft: Draft,
    pub(super) preview: Option<Preview>,
    pub(super) outcomes: Vec<Choice>,
    pub(super) suggestion: Option<(Person, String)>,
    pub(super) people: Vec<Person>,
    pub(super) linked: Vec<Line>,
    pub(super) world: World,
}

/// What of it brings itself up to date.
#[derive(Template)]
#[template(path = "desk_case_live.html")]
pub(super) struct LiveParts<'a> {
    pub(super) s: &'a Shell,
    pub(super) head: &'a Head,
    pub(super) clocks: &'a [ClockView],
    pub(super) timeline: &'a [EntryView],
    pub(super) views: &'a [EntryView],
    pub(super) older: &'a Option<String>,
}

/// What was typed into the form for many cases.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    /// So that the form is sent once.
    pub(super) once: String,
    pub(super) what: String,
    pub(super) text: String,
    pub(super) to: String,
    pub(super) reason: String,
    pub(super) open: String,
    /// Words of their own by case.
    pub(super) own: Vec<(String, String)>,
    /// What is wrong.
    pub(super) problem: Option<String>,
}

impl Typed {
    /// Words for that case alone.
    pub(super) fn own_of(&self, reference: &str) -> &str {
        self.own.iter().find(|it| it.0 == reference).map_or("", |it| it.1.as_str())
    }
}

/// `/console/cases/together`
#[derive(Template)]
#[template(path = "desk_together.html")]
pub(super) struct TogetherPage {
    pub(super) s: Shell,
    pub(super) of: Option<String>,
    pub(super) list: Vec<Line>,
    pub(super) people: Vec<Person>,
    pub(super) typed: Typed,
}

/// The page on which results appear.
#[derive(Template)]
#[template(path = "desk_results.html")]
pub(super) struct ResultsPage {
    pub(super) s: Shell,
    pub(super) count: usize,
}

/// What became of one case.
#[derive(Template)]
#[template(path = "desk_result.html")]
pub(super) struct ResultLine<'a> {
    pub(super) s: &'a Shell,
    pub(super) reference: &'a str,
    pub(super) good: bool,
    pub(super) text: &'a str,
}

/// What happens outside and starts clocks: words, each with the key of a message.
pub(super) fn outside() -> impl Iterator<Item = (&'static str, String)> {
    let key = |it: &str| format!("desk-fact-{}", it.replace('_', "-"));
    touchstone_cases::Fact::ALL.iter().map(move |it| (it.as_str(), key(it.as_str())))
}
