//! The playbooks of a case: what is to be done, by whom, what proves it, and how to say it.

use touchstone_accounts::Role;
use touchstone_cases::report::{Address, Belongs};
use touchstone_cases::{Report, playbook};
use touchstone_store::{CaseRow, StepDone};
use touchstone_types::Bilingual;

use super::rows::{Names, worded};
use super::views::{PlaybookView, StepView, WordingView};
use crate::cases::Open;
use crate::console::i18n::Lang;
use crate::console::shell::Shell;
use crate::ctx::Ctx;

/// How many playbooks a page shows.
const SHOWN: usize = 3;

/// What a wording may be filled with.
pub(super) struct Known<'a> {
    /// The columns of the case.
    pub(super) row: &'a CaseRow,
    /// What was told.
    pub(super) report: &'a Report,
    /// The name under which the victim knows the reader.
    pub(super) agent: &'a str,
    /// When the next answer is due, as the victim reads it.
    pub(super) due: &'a str,
    /// What the operator calls itself; empty if it did not say.
    pub(super) firm: &'a str,
}

impl Known<'_> {
    fn value(&self, place: &str) -> Option<String> {
        let report = self.report;
        let loss = report.losses.first();
        let chain = || report.chains().first().map(|it| (*it).to_owned());
        let theirs = || {
            let theirs = |it: &&Address| it.whose == Belongs::Theirs;
            report.addresses.iter().find(theirs).map(|it| it.text.clone())
        };
        match place {
            "name" => report.contact.name.clone(),
            "agent" => Some(self.agent.to_owned()),
            "firm" => Some(self.firm.to_owned()),
            "reference" => Some(self.row.reference.clone()),
            "account" => report.account.clone(),
            "asset" => loss.map(|it| it.asset.clone()),
            "amount" => loss.and_then(|it| it.amount.clone()),
            "chain" => chain(),
            "address" => theirs(),
            "transaction" => report.transactions.first().map(|it| it.id.clone()),
            "suspect" => report.suspects.first().map(|it| it.account.clone()),
            "wallet" => report.wallet.clone(),
            "due" => Some(self.due.to_owned()),
            _ => None,
        }
        .filter(|it| !it.is_empty())
    }

    /// The wording with what the case knows, in the victim's language.
    pub(super) fn fill(&self, wording: &playbook::Wording) -> String {
        let filled = wording.fill(|place| self.value(place)).text;
        of_language(&self.row.language, filled)
    }
}

/// What the operator calls itself; empty if it did not say.
pub(super) fn firm(ctx: &Ctx) -> &str {
    ctx.config.cases.firm_name.as_deref().unwrap_or_default()
}

/// Everything about a case that a wording may be filled with: repeating it answers nothing.
pub(super) fn known_values(open: &Open) -> Vec<String> {
    let known = Known { row: &open.row, report: &open.report, agent: "", due: "", firm: "" };
    let mut values: Vec<String> =
        playbook::PLACES.iter().filter_map(|place| known.value(place.name)).collect();
    values.sort_by_key(|it| std::cmp::Reverse(it.len()));
    values
}

/// The sentence that somebody who reads that language understands best.
pub(super) fn of_language(language: &str, pair: Bilingual) -> String {
    if language.starts_with("zh") { pair.zh } else { pair.en }
}

/// The language in which the victim is written to.
pub(super) fn victims_language(language: &str) -> Lang {
    if language.starts_with("zh") { Lang::Zh } else { Lang::En }
}

/// Whether somebody with these roles may do a step; those above may too, and staff does for the
/// victim what it tells them to do.
pub(super) fn may(roles: &[Role], who: playbook::Who) -> bool {
    use playbook::Who;
    let has = |wanted: &[Role]| roles.iter().any(|it| wanted.contains(it));
    match who {
        Who::Victim | Who::Agent => has(&[Role::Agent, Role::Lead, Role::ComplaintsOfficer]),
        Who::Lead => has(&[Role::Lead, Role::ComplaintsOfficer]),
        Who::ComplaintsOfficer => has(&[Role::ComplaintsOfficer]),
        Who::Analyst => has(&[Role::Analyst, Role::Lead, Role::ComplaintsOfficer]),
    }
}

/// The name under which a step is ticked.
pub(super) fn tick_id(book: &str, step: &str) -> String {
    format!("{book}/{step}")
}

/// A step by the name under which it is ticked.
pub(super) fn step<'a>(
    books: &'a playbook::Playbooks,
    id: &str,
) -> Option<(&'a playbook::Playbook, &'a playbook::Step)> {
    let (book, step) = id.split_once('/')?;
    let book = books.get(book)?;
    Some((book, book.step(step)?))
}

/// A wording by its address: `book/step/number`, or `book/first/number`.
pub(super) fn wording<'a>(books: &'a playbook::Playbooks, id: &str) -> Option<&'a playbook::Wording> {
    let mut parts = id.splitn(3, '/');
    let (book, step, n) = (books.get(parts.next()?)?, parts.next()?, parts.next()?.parse::<usize>().ok()?);
    match step {
        "first" => book.first_contact.get(n),
        step => book.step(step)?.wording.get(n),
    }
}

/// Every wording there is, in both languages: none of them is an answer by itself.
pub(super) fn all_wordings(books: &playbook::Playbooks) -> impl Iterator<Item = &str> {
    let wordings = books.iter().flat_map(|it| {
        let steps = it.steps.iter().flat_map(|step| &step.wording);
        it.first_contact.iter().chain(steps).map(playbook::Wording::text)
    });
    wordings.flat_map(|it| [it.zh.as_str(), it.en.as_str()])
}

/// The first place of a wording that is still open in a text.
pub(super) fn open_place(text: &str) -> Option<String> {
    let labels = playbook::PLACES.iter().flat_map(|it| [it.zh, it.en]);
    labels.map(|label| format!("[{label}]")).find(|it| text.contains(it.as_str()))
}

/// What the steps are drawn with.
pub(super) struct Drawing<'a> {
    pub(super) s: &'a Shell,
    pub(super) names: &'a Names,
    pub(super) roles: &'a [Role],
    pub(super) done: &'a [StepDone],
}

/// The playbooks that fit a case, best first.
pub(super) fn views(
    books: &playbook::Playbooks,
    known: &Known<'_>,
    drawing: &Drawing<'_>,
) -> Vec<PlaybookView> {
    books.for_report(known.report).into_iter().take(SHOWN).map(|it| book(it, known, drawing)).collect()
}

fn book(it: &playbook::Playbook, known: &Known<'_>, drawing: &Drawing<'_>) -> PlaybookView {
    let mut steps = Vec::new();
    if !it.first_contact.is_empty() {
        steps.push(first_contact(it, known, drawing));
    }
    steps.extend(it.steps.iter().map(|step| step_view(it, step, known, drawing)));
    let done = steps.iter().filter(|it| it.done.is_some()).count();
    PlaybookView { title: drawing.s.lang.of(&it.title).to_owned(), done, steps }
}

/// Saying hello is no step to be ticked: the first answer is its proof.
fn first_contact(it: &playbook::Playbook, known: &Known<'_>, drawing: &Drawing<'_>) -> StepView {
    let s = drawing.s;
    let answered = known.row.standing.answered;
    StepView {
        id: tick_id(&it.id, "first"),
        text: s.t("desk-first-contact"),
        who: s.t("desk-who-agent"),
        may: false,
        proves: s.t("desk-first-contact-proves"),
        done: answered.map(|at| (s.t("desk-entry-answer"), at.to_string())),
        wordings: wordings(&it.id, "first", &it.first_contact, known),
    }
}

fn step_view(
    book: &playbook::Playbook,
    it: &playbook::Step,
    known: &Known<'_>,
    drawing: &Drawing<'_>,
) -> StepView {
    let s = drawing.s;
    let id = tick_id(&book.id, &it.id);
    let done = drawing.done.iter().find(|done| done.step == id);
    let who = |done: &StepDone| match done.login.as_str() {
        "" => s.t("desk-by-victim"),
        login => drawing.names.of(login),
    };
    StepView {
        text: s.lang.of(&it.text).to_owned(),
        who: worded(s, "who", it.who.as_str()),
        may: may(drawing.roles, it.who),
        proves: s.lang.of(&it.proves).to_owned(),
        done: done.map(|done| (who(done), done.at.to_string())),
        wordings: wordings(&book.id, &it.id, &it.wording, known),
        id,
    }
}

fn wordings(book: &str, step: &str, all: &[playbook::Wording], known: &Known<'_>) -> Vec<WordingView> {
    let view = |(n, it): (usize, &playbook::Wording)| WordingView {
        id: format!("{book}/{step}/{n}"),
        text: known.fill(it),
    };
    all.iter().enumerate().map(view).collect()
}
