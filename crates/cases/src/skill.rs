//! Who should have a case: by skill, load and deadline.

use serde::{Deserialize, Serialize};
use touchstone_types::{Bilingual, Moment};

use crate::case::Level;
use crate::charter::{CharterProblem, File};
use crate::report::Report;

/// A group of skills, such as languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkillGroup {
    /// What stands before the colon of a skill: `language` of `language:zh`.
    pub id: String,
    /// Name for people.
    pub title: Bilingual,
    /// Points for a match.
    pub counts: u16,
    /// Whether somebody without it is chosen only if nobody on duty has it.
    #[serde(default)]
    pub must: bool,
    /// The values to offer; others are possible.
    #[serde(default)]
    pub values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Load {
    each: u16,
    each_when_urgent: u16,
    urgent_minutes: u32,
}

/// What agents can be skilled in, and what a match counts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skills {
    group: Vec<SkillGroup>,
    load: Load,
}

/// What a case needs of whoever has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Skills, each `group:value`.
    pub skills: Vec<String>,
    /// How far up the case is.
    pub level: Level,
    /// Whether it is due so soon that a free hand counts for more.
    pub urgent: bool,
}

/// Somebody who may have a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Login name.
    pub login: String,
    /// Skills, each `group:value`.
    pub skills: Vec<String>,
    /// Open cases in their hands.
    pub load: u32,
    /// Whether they work now.
    pub on_duty: bool,
    /// Cases of which level they may have.
    pub level: Level,
}

/// Who should have a case, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Login name.
    pub login: String,
    /// What spoke for it, in Chinese and English.
    pub why: Vec<Bilingual>,
}

/// A wallet's name as a skill: skills are written with white space between them.
fn wallet_skill(name: &str) -> String {
    format!("wallet:{}", name.to_lowercase().split_whitespace().collect::<Vec<_>>().join("_"))
}

impl Skills {
    pub(crate) fn read(file: File<'_>) -> Result<Self, Vec<CharterProblem>> {
        let skills: Self = file.toml().map_err(|it| vec![it])?;
        let mut problems = Vec::new();
        for (at, group) in skills.group.iter().enumerate() {
            if skills.group[..at].iter().any(|it| it.id == group.id) {
                problems.push(file.about(&group.id, format!("group `{}` is there twice", group.id)));
            }
            if group.id.contains(':') || group.id.is_empty() {
                problems.push(file.about(&group.id, format!("`{}` is no name of a group", group.id)));
            }
        }
        if problems.is_empty() { Ok(skills) } else { Err(problems) }
    }

    /// The groups, in the order of the file.
    #[must_use]
    pub fn groups(&self) -> &[SkillGroup] {
        &self.group
    }

    /// What a report needs of whoever has it, at that level and with that deadline.
    #[must_use]
    pub fn needs(&self, report: &Report, level: Level, due: Moment, now: Moment) -> Needs {
        let mut skills = vec![format!("kind:{}", report.kind), format!("language:{}", report.language)];
        skills.extend(report.jurisdiction.iter().map(|it| format!("jurisdiction:{it}")));
        skills.extend(report.chains().into_iter().map(|it| format!("chain:{it}")));
        skills.extend(report.wallet.iter().map(|it| wallet_skill(it)));
        let urgent = due.since(now).as_secs() <= u64::from(self.load.urgent_minutes) * 60;
        Needs { skills, level, urgent }
    }

    /// Who of these should have the case: on duty at its level, with the skills it needs and
    /// hands free for it. Nobody, if nobody is on duty there.
    ///
    /// The order in which they are given does not matter; ties go to the lighter load, then to the
    /// name that comes first.
    #[must_use]
    pub fn assign(&self, needs: &Needs, agents: &[Agent]) -> Option<Choice> {
        // The complaints officer keeps what goes outside.
        let level = needs.level.min(Level::ComplaintsOfficer);
        let fits = |it: &&Agent| it.on_duty && it.level.min(Level::ComplaintsOfficer) == level;
        let best = agents.iter().filter(fits).max_by(|a, b| {
            let worth = |it: &Agent| (self.musts(needs, it), self.worth(needs, it));
            let by_worth = worth(a).cmp(&worth(b));
            by_worth.then(b.load.cmp(&a.load)).then_with(|| b.login.cmp(&a.login))
        })?;
        Some(Choice { login: best.login.clone(), why: self.why(needs, best) })
    }

    /// Whether somebody with these skills may read a case that needs those without saying why:
    /// they have all that it must have, and one more. A language alone would open every case in it.
    #[must_use]
    pub fn open(&self, needs: &[String], has: &[String]) -> bool {
        let must = |skill: &&String| self.group(skill).is_some_and(|group| group.must);
        let (musts, others): (Vec<_>, Vec<_>) = needs.iter().partition(must);
        musts.iter().all(|it| has.contains(it)) && others.iter().any(|it| has.contains(it))
    }

    fn group(&self, skill: &str) -> Option<&SkillGroup> {
        let (group, _) = skill.split_once(':')?;
        self.group.iter().find(|it| it.id == group)
    }

    fn matched<'a>(
        &'a self,
        needs: &'a Needs,
        agent: &'a Agent,
    ) -> impl Iterator<Item = (&'a SkillGroup, &'a str)> {
        let has = |it: &&String| agent.skills.contains(it);
        needs.skills.iter().filter(has).filter_map(|it| Some((self.group(it)?, it.as_str())))
    }

    fn musts(&self, needs: &Needs, agent: &Agent) -> usize {
        self.matched(needs, agent).filter(|(group, _)| group.must).count()
    }

    fn worth(&self, needs: &Needs, agent: &Agent) -> i64 {
        let skill: i64 = self.matched(needs, agent).map(|(group, _)| i64::from(group.counts)).sum();
        let each = if needs.urgent { self.load.each_when_urgent } else { self.load.each };
        skill - i64::from(each) * i64::from(agent.load)
    }

    fn why(&self, needs: &Needs, agent: &Agent) -> Vec<Bilingual> {
        let matched = self.matched(needs, agent).map(|(group, skill)| {
            let value = skill.split_once(':').map_or(skill, |it| it.1);
            Bilingual {
                zh: format!("{}：{value}", group.title.zh),
                en: format!("{}: {value}", group.title.en),
            }
        });
        let load = agent.load;
        let free = Bilingual {
            zh: format!("手上有 {load} 个未结案件"),
            en: format!("{load} open {} in hand", if load == 1 { "case" } else { "cases" }),
        };
        matched.chain([free]).collect()
    }
}
