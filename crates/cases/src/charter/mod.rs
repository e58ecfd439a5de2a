//! What the desk promises and what the law asks: data that leads and lawyers change.
//!
//! The way through: [`Charter::load`] reads the files of `policies/cases` and checks them against
//! each other and the calendars, [`Charter::policy_for`] gives the rules of one case.
//!
//! Always true here:
//! - A charter that was loaded is whole: every name in it leads somewhere.
//! - Only terms of law whose text or a solid source was read (confidence A or B) start a clock;
//!   the others are shown as advice, with the reason why they are no more.

mod assets;
mod desk;
mod jurisdictions;
mod policy;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use touchstone_types::PolicyHash;

use crate::clock::Calendars;
use crate::plan::{PlanFile, Plans};
use crate::skill::Skills;

pub use assets::{Asset, Chain};
pub(crate) use desk::HarmScale;
pub use jurisdictions::{
    Advice, Channel, Confidence, Extension, FormTemplate, Issuer, Jurisdiction, Jurisdictions, LegalClock,
    Length, Source, Variant,
};
pub use policy::{CaseKey, CasePolicy};

use assets::Assets;
use desk::Desk;

/// A file of the charter that says nothing we understand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct CharterProblem {
    /// Which file.
    pub file: String,
    /// In which line, counted from 1; the first if it is about the whole file.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Everything that cases are led by. Cloning it copies nothing.
#[derive(Clone, Debug)]
pub struct Charter(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    hash: PolicyHash,
    calendars: Arc<Calendars>,
    desk: Desk,
    assets: Assets,
    jurisdictions: Jurisdictions,
    plans: Plans,
    skills: Skills,
}

/// The files in `policies/cases` that a charter is made of, each with its name and text.
const BUILT_IN: [(&str, &str); 6] = [
    ("assets.toml", include_str!("../../../../policies/cases/assets.toml")),
    ("clocks.toml", include_str!("../../../../policies/cases/clocks.toml")),
    ("desk.toml", include_str!("../../../../policies/cases/desk.toml")),
    ("jurisdictions.json", include_str!("../../../../policies/cases/jurisdictions.json")),
    ("plan.toml", include_str!("../../../../policies/cases/plan.toml")),
    ("skills.toml", include_str!("../../../../policies/cases/skills.toml")),
];

/// One file while it is read: knows where in it something stands.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

impl File<'_> {
    pub(crate) fn problem(self, line: usize, reason: impl Into<String>) -> CharterProblem {
        CharterProblem { file: self.name.to_owned(), line: line.max(1), reason: reason.into() }
    }

    /// A problem with the thing of that name, in the line in which the name first stands.
    pub(crate) fn about(self, name: &str, reason: impl Into<String>) -> CharterProblem {
        let line = self.text.lines().position(|it| it.contains(name)).map_or(1, |at| at + 1);
        self.problem(line, reason)
    }

    pub(crate) fn toml<T: serde::de::DeserializeOwned>(self) -> Result<T, CharterProblem> {
        toml::from_str(self.text).map_err(|cause: toml::de::Error| {
            let at = cause.span().map_or(0, |it| it.start);
            let line = 1 + self.text.bytes().take(at).filter(|it| *it == b'\n').count();
            self.problem(line, cause.message())
        })
    }
}

impl Charter {
    /// The charter that comes with this version.
    ///
    /// # Errors
    /// None that a test of this crate would let through.
    pub fn built_in() -> Result<Self, Vec<CharterProblem>> {
        let calendars = Calendars::built_in().map_err(|problems| {
            let problem = |it: crate::clock::CalendarProblem| CharterProblem {
                file: it.file,
                line: 1,
                reason: it.reason,
            };
            problems.into_iter().map(problem).collect::<Vec<_>>()
        })?;
        Self::load([], calendars)
    }

    /// Reads files of a folder, each with its name (the path before it does not matter) and text;
    /// what is not among them is taken from those that come with this version.
    ///
    /// # Errors
    /// Everything that is wrong, with file and line; nothing is half-read.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        calendars: Calendars,
    ) -> Result<Self, Vec<CharterProblem>> {
        let mut texts: BTreeMap<&str, File<'_>> =
            BUILT_IN.iter().map(|&(name, text)| (name, File { name, text })).collect();
        let mut problems = Vec::new();
        for (name, text) in files {
            let file = File { name, text };
            let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
            match texts.get_mut(last) {
                Some(known) => *known = file,
                None => {
                    let known: Vec<&str> = BUILT_IN.iter().map(|it| it.0).collect();
                    problems.push(
                        file.problem(1, format!("no file of a charter; these are {}", known.join(", "))),
                    );
                }
            }
        }
        match Inner::read(&texts, calendars, &mut problems) {
            Some(inner) if problems.is_empty() => Ok(Self(Arc::new(inner))),
            _ => Err(problems),
        }
    }

    /// What these files are known by: another text, another hash.
    #[must_use]
    pub fn hash(&self) -> PolicyHash {
        self.0.hash
    }

    /// Short name and version of the desk's file.
    #[must_use]
    pub fn name(&self) -> (&str, u32) {
        (&self.0.desk.id, self.0.desk.version)
    }

    /// The calendars that terms are counted in.
    #[must_use]
    pub fn calendars(&self) -> &Calendars {
        &self.0.calendars
    }

    /// The calendar of the desk's own working hours.
    #[must_use]
    pub fn desk_calendar(&self) -> &str {
        &self.0.desk.calendar
    }

    /// Authorities, their forms, and the terms of law.
    #[must_use]
    pub fn jurisdictions(&self) -> &Jurisdictions {
        &self.0.jurisdictions
    }

    /// The chains that a report may name, in the order of the file.
    #[must_use]
    pub fn chains(&self) -> &[Chain] {
        self.0.assets.chains()
    }

    /// The assets that a report may name, in the order of the file.
    #[must_use]
    pub fn assets(&self) -> &[Asset] {
        self.0.assets.assets()
    }

    /// The chain of that CAIP-2 id, name, or word for it; upper and lower case are the same.
    #[must_use]
    pub fn chain(&self, text: &str) -> Option<&Chain> {
        self.0.assets.chain(text)
    }

    /// The asset of that symbol, name, or word for it; upper and lower case are the same.
    #[must_use]
    pub fn asset(&self, text: &str) -> Option<&Asset> {
        self.0.assets.asset(text)
    }

    /// Whose rules apply to somebody who lives there: an id of [`Jurisdictions`].
    #[must_use]
    pub fn jurisdiction_of(&self, country: &str) -> Option<&str> {
        let id = self.0.desk.countries.get(country).map_or(country, String::as_str);
        self.0.jurisdictions.get(id).map(|it| it.id.as_str())
    }

    /// The time zone of a place with rules of its own; else that of the desk.
    #[must_use]
    pub fn zone_of(&self, jurisdiction: Option<&str>) -> TimeZone {
        let place = jurisdiction.and_then(|it| self.0.jurisdictions.get(it));
        let calendar = place.and_then(|it| it.calendar.as_deref()).unwrap_or(&self.0.desk.calendar);
        self.0.calendars.get(calendar).map_or(TimeZone::UTC, |it| it.zone().clone())
    }

    pub(crate) fn plans(&self) -> &Plans {
        &self.0.plans
    }

    /// What agents can be skilled in.
    #[must_use]
    pub fn skills(&self) -> &Skills {
        &self.0.skills
    }

    pub(crate) fn harm(&self) -> &HarmScale {
        &self.0.desk.harm
    }
}

impl Inner {
    fn read(
        files: &BTreeMap<&str, File<'_>>,
        calendars: Calendars,
        problems: &mut Vec<CharterProblem>,
    ) -> Option<Self> {
        let hash = PolicyHash(hash(files));
        let file = |name: &str| files.get(name).copied().unwrap_or(File { name: "", text: "" });
        let mut keep = |it: Vec<CharterProblem>| problems.extend(it);
        let assets = Assets::read(file("assets.toml")).map_err(&mut keep).ok();
        let desk = Desk::read(file("desk.toml"), &calendars).map_err(&mut keep).ok();
        let plans = file("plan.toml").toml::<PlanFile>().map_err(|it| vec![it]);
        let plans = plans.and_then(|it| Plans::read(it, file("plan.toml"))).map_err(&mut keep).ok();
        let skills = Skills::read(file("skills.toml")).map_err(&mut keep).ok();
        let (assets, desk, plans, skills) = (assets?, desk?, plans?, skills?);
        let json = file("jurisdictions.json");
        let jurisdictions = Jurisdictions::read(json, file("clocks.toml"), &desk, &calendars);
        let jurisdictions = jurisdictions.map_err(&mut keep).ok()?;
        keep(desk.check_places(file("desk.toml"), &jurisdictions));
        Some(Self { hash, calendars: Arc::new(calendars), desk, assets, jurisdictions, plans, skills })
    }
}

/// SHA-256 over the names and texts, each after its length, so that nothing moves from one to another.
fn hash(files: &BTreeMap<&str, File<'_>>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for (name, file) in files {
        for part in [name.as_bytes(), file.text.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hash.finalize().into()
}
