//! `/console/duty`: who is there, and who can do what.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use touchstone_accounts::{Permission, one_may};
use touchstone_store::Worker;
use touchstone_types::Lapse;

use crate::cases::flow;
use crate::console::i18n::Lang;
use crate::console::shell::Shell;
use crate::console::staff::{Instead, Sent, Staff, done, failed};
use crate::console::web;
use crate::ctx::Ctx;

/// For how many hours somebody may go on duty at once.
const HOURS: [u64; 5] = [1, 4, 8, 10, 12];
/// How many cases that nobody has are given away when somebody comes on duty.
const SHARED_OUT: usize = 100;
/// How many skills somebody may have.
const SKILLS: usize = 60;

/// Somebody of the team.
struct Mate {
    id: i64,
    name: String,
    roles: String,
    load: u64,
    until: Option<String>,
    skills: String,
}

#[derive(Template)]
#[template(path = "desk_duty.html")]
struct DutyPage {
    s: Shell,
    problem: Option<String>,
    until: Option<String>,
    hours: [u64; 5],
    skills: Vec<String>,
    team: Vec<Mate>,
    may_set: bool,
}

/// `GET /console/duty`
pub(super) async fn page(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Instead> {
    show(&ctx, staff, None).await
}

async fn show(ctx: &Ctx, staff: Staff, problem: Option<String>) -> Result<Response, Instead> {
    staff.must(Permission::WorkCases)?;
    let (me, may_set) = (staff.member.id, staff.may(Permission::SetDuty));
    let s = staff.at("duty");
    let everybody = ctx.store.workers(ctx.clock.now()).await.map_err(failed(&s))?;
    let mine = everybody.iter().find(|it| it.member == me);
    let (until, skills) =
        mine.map_or((None, Vec::new()), |it| (it.duty.map(|until| until.to_string()), it.skills.clone()));
    let works = |it: &Worker| one_may(&it.roles, Permission::WorkCases);
    let team = everybody.into_iter().filter(works).map(|it| mate(s.lang, it)).collect();
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(web::page(status, &DutyPage { s, problem, until, hours: HOURS, skills, team, may_set }))
}

fn mate(lang: Lang, it: Worker) -> Mate {
    let roles = it.roles.iter().map(|role| lang.text(&format!("role-{}", role.name().replace('_', "-"))));
    Mate {
        id: it.member,
        name: it.name,
        roles: roles.collect::<Vec<_>>().join(" · "),
        load: it.load,
        until: it.duty.map(|until| until.to_string()),
        skills: it.skills.join(" "),
    }
}

/// `POST /console/duty`: on duty for some hours, or off it.
pub(super) async fn set(State(ctx): State<Ctx>, sent: Sent) -> Result<Response, Instead> {
    sent.staff.must(Permission::WorkCases)?;
    let now = ctx.clock.now();
    let hours = sent.fields.get("on").parse::<u64>().ok().filter(|it| HOURS.contains(it));
    let off = !sent.fields.get("off").is_empty();
    let back = match sent.fields.get("back") {
        "" => "/console/duty".to_owned(),
        back => web::local(back),
    };
    let until = hours.map(|it| now + Lapse::from_secs(it * 3_600));
    if until.is_none() && !off {
        return Ok(done(&back, "desk-changed-nothing", None, None));
    }
    let until = until.filter(|_| !off);
    let member = sent.staff.member.id;
    ctx.store.set_duty(member, until, sent.staff.login(), now).await.map_err(failed(&sent.staff.shell))?;
    if until.is_some() {
        // What nobody has goes to whoever is there now; the page does not wait for it.
        let ctx = ctx.clone();
        tokio::spawn(async move {
            if let Err(error) = flow::share_out(&ctx, SHARED_OUT).await {
                tracing::warn!(%error, "cases could not be given to whoever came on duty");
            }
        });
    }
    ctx.cases.changed();
    Ok(done(&back, if until.is_some() { "desk-duty-on" } else { "desk-duty-off" }, None, None))
}

/// The skills in a text; nothing if one of them is not `group:value`, with a group of the charter.
fn read_skills(text: &str, groups: &[&str]) -> Option<Vec<String>> {
    let mut skills = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '，' | '、')) {
        if word.is_empty() {
            continue;
        }
        let (group, value) = word.split_once(':')?;
        let short = !value.is_empty() && word.chars().count() <= 80 && !word.chars().any(char::is_control);
        if !groups.contains(&group) || !short {
            return None;
        }
        // Wallets are written as people please, and compared in lower case.
        let skill = if group == "wallet" { word.to_lowercase() } else { word.to_owned() };
        if !skills.contains(&skill) {
            skills.push(skill);
        }
    }
    (skills.len() <= SKILLS).then_some(skills)
}

/// `POST /console/duty/{id}/skills`: a lead says what somebody can do. Not one's own doing: with a
/// skill comes the right to read cases.
pub(super) async fn skills(
    State(ctx): State<Ctx>,
    Path(id): Path<i64>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::SetDuty)?;
    let groups = ctx.cases.charter.skills().groups();
    let groups: Vec<&str> = groups.iter().map(|it| it.id.as_str()).collect();
    let Some(skills) = read_skills(sent.fields.get("skills"), &groups) else {
        let problem = sent.staff.shell.t("duty-bad-skill");
        return show(&ctx, sent.staff, Some(problem)).await;
    };
    let s = &sent.staff.shell;
    ctx.store.member(id).await.map_err(failed(s))?;
    ctx.store.set_skills(id, &skills, sent.staff.login(), ctx.clock.now()).await.map_err(failed(s))?;
    ctx.cases.changed();
    Ok(done("/console/duty", "desk-skills-saved", None, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skill_is_a_group_and_a_value() {
        let groups = ["language", "chain"];
        assert_eq!(
            read_skills(" language:zh  chain:eip155:1\nlanguage:zh,", &groups).unwrap(),
            ["language:zh", "chain:eip155:1"]
        );
        assert_eq!(read_skills("wallet:MetaMask", &["wallet"]).unwrap(), ["wallet:metamask"]);
        assert_eq!(read_skills("", &groups), Some(Vec::new()));
        for bad in ["zh", "wallet:x", "language:", "language"] {
            assert_eq!(read_skills(bad, &groups), None, "{bad}");
        }
        let many: Vec<String> = (0..61).map(|it| format!("chain:{it}")).collect();
        assert_eq!(read_skills(&many.join(" "), &groups), None);
    }
}
