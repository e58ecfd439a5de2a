//! A case as one line of a list: what it is looked for by, and nothing that its victim told.

use std::collections::BTreeMap;

use touchstone_cases::{CaseKey, Charter, Kind, Level, Policy, Task};
use touchstone_store::{CaseRow, StoreError, Worker};
use touchstone_types::{Lapse, Moment};

use super::left::Left;
use super::views::Line;
use crate::console::shell::Shell;
use crate::ctx::Ctx;

/// A word of the store as a part of a message's key.
pub(super) fn dashed(word: &str) -> String {
    word.replace('_', "-")
}

/// A word in the language of the page; as it stands if there is none for it.
pub(super) fn worded(s: &Shell, group: &str, word: &str) -> String {
    let key = format!("desk-{group}-{}", dashed(word));
    if s.lang.has(&key) { s.t(&key) } else { word.to_owned() }
}

/// How grave, as a class and a part of a key.
pub(super) fn harm(harm: u8) -> &'static str {
    match harm {
        3 => "critical",
        2 => "high",
        1 => "normal",
        _ => "low",
    }
}

/// The names of the staff by their login names.
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// Of everybody who is or was among the staff.
    pub(super) async fn read(ctx: &Ctx) -> Result<Self, StoreError> {
        Ok(Self(ctx.store.members().await?.into_iter().map(|it| (it.login, it.name)).collect()))
    }

    /// The name; the login name of somebody unknown.
    pub(super) fn of(&self, login: &str) -> String {
        self.0.get(login).cloned().unwrap_or_else(|| login.to_owned())
    }
}

/// What lines are drawn with.
pub(super) struct Drawing<'a> {
    pub(super) ctx: &'a Ctx,
    pub(super) s: &'a Shell,
    pub(super) names: &'a Names,
    /// Login name of the reader.
    pub(super) me: &'a str,
    pub(super) now: Moment,
}

impl Drawing<'_> {
    /// One case.
    pub(super) fn line(&self, row: &CaseRow) -> Line {
        let Self { s, me, now, .. } = *self;
        let it = &row.standing;
        let task = it.next_task.as_deref().unwrap_or_default();
        let mine = it.owner.as_deref() == Some(me);
        Line {
            reference: row.reference.clone(),
            kind: worded(s, "kind", &row.kind),
            harm: harm(it.harm),
            task: match &it.outcome {
                Some(outcome) if it.closed.is_some() => worded(s, "outcome", outcome),
                _ => worded(s, "task", task),
            },
            left: it
                .next_by
                .filter(|_| it.closed.is_none())
                .map(|by| Left::within(s, self.allowed(row), by, now)),
            takes: it.closed.is_none() && task == Task::Take.as_str() && (mine || it.owner.is_none()),
            owner: it.owner.as_deref().map(|login| self.names.of(login)),
            mine,
            level: (it.level > 0).then(|| s.t(&format!("desk-level-{}", it.level.min(3)))),
            facts: self.facts(row),
            opened: row.opened.to_string(),
            kin: None,
        }
    }

    /// The same, with why it is kin to another.
    pub(super) fn kin(&self, row: &CaseRow, by: &[String]) -> Line {
        let s = self.s;
        let mut why: Vec<String> = Vec::new();
        for it in by {
            let key = format!("desk-kin-{}", dashed(it));
            let word = if s.lang.has(&key) { s.t(&key) } else { s.t("desk-kin-other") };
            if !why.contains(&word) {
                why.push(word);
            }
        }
        Line { kin: (!why.is_empty()).then(|| why.join(" · ")), ..self.line(row) }
    }

    fn facts(&self, row: &CaseRow) -> Vec<String> {
        let chain = |id: &String| match self.ctx.cases.charter.chain(id) {
            Some(chain) => self.s.lang.of(&chain.name).to_owned(),
            None => id.clone(),
        };
        let place = Some(&row.jurisdiction).filter(|it| !it.is_empty()).cloned();
        [row.language.clone()].into_iter().chain(place).chain(row.chains.iter().map(chain)).collect()
    }

    /// How long the next step may take: its bar begins so long before the deadline.
    fn allowed(&self, row: &CaseRow) -> Lapse {
        let key = CaseKey {
            kind: Kind::parse(&row.kind).unwrap_or(Kind::Other),
            jurisdiction: Some(row.jurisdiction.as_str()).filter(|it| !it.is_empty()),
            firm_kinds: &self.ctx.config.cases.firm_kinds,
        };
        let policy = self.ctx.cases.charter.policy_for(&key);
        let ladder = policy.ladder();
        let level = Level::ALL.get(usize::from(row.standing.level)).copied().unwrap_or(Level::Outside);
        match row.standing.next_task.as_deref().and_then(Task::parse) {
            Some(Task::AskAgain) => ladder.ask_again(),
            Some(Task::FollowUp) => ladder.follow_up(),
            _ => ladder.answer_at(level),
        }
    }
}

/// Whether a case asks for what somebody can do, by its columns alone. What is sealed, the wallet,
/// is not in them.
pub(super) fn suits(charter: &Charter, skills: &[String], row: &CaseRow) -> bool {
    let place = Some(&row.jurisdiction).filter(|it| !it.is_empty());
    let mut needs = vec![format!("language:{}", row.language), format!("kind:{}", row.kind)];
    needs.extend(place.map(|it| format!("jurisdiction:{it}")));
    needs.extend(row.chains.iter().map(|it| format!("chain:{it}")));
    charter.skills().open(&needs, skills)
}

/// Somebody of the staff as one may be chosen: by name, with what they have in hand.
pub(super) fn person(s: &Shell, it: &Worker) -> super::views::Person {
    let key = if it.duty.is_some() { "desk-person" } else { "desk-person-off" };
    let label = s.lang.text_with(key, &[("name", it.name.clone().into()), ("n", it.load.into())]);
    super::views::Person { login: it.login.clone(), label }
}
