//! The rules of the live policy, and what became of them.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use touchstone_accounts::Permission;
use touchstone_policy::{Policy, Rule};
use touchstone_store::{Hits, Quality, StoredVerdict, VerdictFilter};
use touchstone_types::{Decision, EventKind, Lapse, Moment};

use super::chart::Bar;
use super::i18n::Lang;
use super::reviews::share;
use super::shell::Shell;
use super::show;
use super::staff::{Instead, Staff, failed, not_found};
use super::views::{CandidateView, Fact, PolicyView, RulePage, RuleView, RulesPage, ShadowView, Tab};
use super::web;
use crate::ctx::Ctx;

/// How many days back hits are counted.
const DAYS: u64 = 30;
/// How many of the findings that wake a rule are named.
const WAKES: usize = 8;
const DAY: Lapse = Lapse::from_secs(86_400);

/// Which rules.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    status: String,
}

/// `GET /console/rules`
pub(crate) async fn list(
    State(ctx): State<Ctx>,
    Query(wanted): Query<Wanted>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::ReadPolicy)?;
    let s = staff.at("rules");
    let armed = ctx.live.now();
    let policy = armed.policy.core();
    let now = ctx.clock.now();
    let hits = hits(&ctx, None, now, &s).await?;
    let quality = ctx.store.quality().await.map_err(failed(&s))?;
    let mut list: Vec<RuleView> = policy
        .rules()
        .iter()
        .filter(|rule| wanted.status.is_empty() || rule.status.name() == wanted.status)
        .map(|rule| view(&s, policy, rule, &hits, &quality, now))
        .collect();
    list.sort_by(|a, b| b.hits.cmp(&a.hits).then_with(|| a.name.cmp(&b.name)));
    let mut shadows = Vec::new();
    for rule in policy.rules().iter().filter(|rule| rule.status == touchstone_policy::Status::Shadow) {
        shadows.push(shadow(&ctx, policy, rule, &hits, &s).await?);
    }
    let statuses = ["", "live", "shadow", "draft", "retired"];
    let tabs = statuses
        .iter()
        .map(|status| Tab {
            href: format!("/console/rules?status={status}"),
            label: if status.is_empty() { s.t("tab-all") } else { s.status(status) },
            here: wanted.status == *status,
        })
        .collect();
    let candidate = armed.candidate.as_ref().map(|it| candidate(&s, &it.hash().to_string(), &hits));
    let policy = policy_view(&s, policy);
    Ok(web::page(StatusCode::OK, &RulesPage { s, policy, candidate, tabs, list, shadows }))
}

fn policy_view(s: &Shell, policy: &Policy) -> PolicyView {
    let limits = policy.thresholds(EventKind::MessageSent);
    PolicyView {
        name: format!("{} ({})", s.lang.of(policy.title()), policy.id()),
        version: policy.version().to_owned(),
        hash: policy.hash().to_string(),
        warn: limits.warn,
        hold: limits.hold,
        block: limits.block,
    }
}

/// On how many events the candidate decides otherwise, by what it would decide.
fn candidate(s: &Shell, hash: &str, hits: &[Hits]) -> CandidateView {
    let lines = Decision::ALL.map(|decision| {
        let name = format!("candidate:{}", decision.name());
        let events: u64 = hits.iter().filter(|it| it.name == name).map(|it| it.events).sum();
        let href = format!("/console?finding={}", web::encoded(&name));
        (decision.name(), s.n("count-events", events), href)
    });
    CandidateView { hash: hash.to_owned(), lines: lines.to_vec() }
}

async fn hits(ctx: &Ctx, name: Option<&str>, now: Moment, s: &Shell) -> Result<Vec<Hits>, Instead> {
    ctx.store.hits(name, now - Lapse::from_secs(DAYS * 86_400), now).await.map_err(failed(s))
}

/// What a rule in shadow would have changed, by its newest hits.
async fn shadow(
    ctx: &Ctx,
    policy: &Policy,
    rule: &Rule,
    hits: &[Hits],
    s: &Shell,
) -> Result<ShadowView, Instead> {
    let filter = VerdictFilter { finding: Some(rule.id.to_string()), ..VerdictFilter::default() };
    let newest = ctx.store.verdicts(&filter, None, 100).await.map_err(failed(s))?.items;
    let passed = newest.iter().filter(|it| it.decision == Some(Decision::Allow)).count();
    Ok(ShadowView {
        name: rule.id.to_string(),
        hits: hits.iter().filter(|it| it.name == *rule.id).map(|it| it.events).sum(),
        weight: policy.finding(rule.finding).map_or(0, |it| it.weight),
        alone: format!("{passed} / {}", newest.len()),
    })
}

fn view(
    s: &Shell,
    policy: &Policy,
    rule: &Rule,
    hits: &[Hits],
    quality: &[Quality],
    now: Moment,
) -> RuleView {
    let mine: Vec<&Hits> = hits.iter().filter(|it| it.name == *rule.id).collect();
    let quality = quality.iter().find(|it| it.name == *rule.id);
    let spec = policy.finding(rule.finding);
    let mut facts = vec![Fact::new(s.t("fact-owner"), rule.owner.as_str())];
    if let Some(spec) = spec {
        facts.push(Fact::new(s.t("fact-weight"), spec.weight.to_string()));
        let blank = spec.sentence.fill(|_| None);
        facts.push(Fact::new(s.t("fact-sentence"), s.lang.of(&blank)));
    }
    let woken: Vec<String> = rule
        .wakes_on_found
        .iter()
        .filter_map(|id| policy.finding(id).map(|it| it.name.to_string()))
        .chain(rule.wakes_on_kinds.iter().map(|kind| kind.name().to_owned()))
        .collect();
    let rest = woken.len().saturating_sub(WAKES);
    let more = if rest > 0 { format!(" … +{rest}") } else { String::new() };
    let first: Vec<String> = woken.into_iter().take(WAKES).collect();
    facts.push(Fact::new(s.t("fact-wakes"), format!("{}{more}", first.join(", "))));
    facts.push(Fact::new(s.t("fact-cases"), format!("{} / {}", rule.hits.len(), rule.misses.len())));
    if !rule.notes.is_empty() {
        facts.push(Fact::new(s.t("about"), rule.notes.as_str()));
    }
    RuleView {
        name: rule.id.to_string(),
        title: title(s.lang, rule),
        status: rule.status.name(),
        owner: rule.owner.clone(),
        weight: spec.map_or(0, |it| it.weight),
        hits: mine.iter().map(|it| it.events).sum(),
        bars: bars(&mine, now),
        confirmed: quality.map_or(0, |it| it.fraud),
        overturned: quality.map_or(0, |it| it.benign),
        precision: share(quality.and_then(Quality::precision)),
        recall: share(quality.and_then(Quality::recall)),
        when: None,
        facts,
    }
}

fn title(lang: Lang, rule: &Rule) -> String {
    lang.of(&rule.title).to_owned()
}

/// One bar a day, today last; days without hits too.
fn bars(hits: &[&Hits], now: Moment) -> Vec<Bar> {
    let mut days: BTreeMap<String, u64> = BTreeMap::new();
    for it in hits {
        *days.entry(day(it.hour)).or_default() += it.events;
    }
    (0..DAYS)
        .rev()
        .map(|back| {
            let label = day(now - Lapse::from_secs(back * DAY.as_secs()));
            let count = days.get(&label).copied().unwrap_or(0);
            Bar { label, count }
        })
        .collect()
}

fn day(moment: Moment) -> String {
    moment.to_string().get(5..10).unwrap_or_default().to_owned()
}

/// `GET /console/rules/{name}`
pub(crate) async fn one(
    State(ctx): State<Ctx>,
    Path(name): Path<String>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::ReadPolicy)?;
    let s = staff.at("rules");
    let armed = ctx.live.now();
    let policy = armed.policy.core();
    let Some(rule) = policy.rules().iter().find(|rule| *rule.id == *name) else {
        return Ok(not_found(s));
    };
    let now = ctx.clock.now();
    let hits = hits(&ctx, Some(&name), now, &s).await?;
    let quality = ctx.store.quality().await.map_err(failed(&s))?;
    let filter = VerdictFilter { finding: Some(name.clone()), ..VerdictFilter::default() };
    let recent: Vec<StoredVerdict> = ctx.store.verdicts(&filter, None, 20).await.map_err(failed(&s))?.items;
    let mut view = view(&s, policy, rule, &hits, &quality, now);
    view.when = Some(rule.when.source().to_owned());
    Ok(web::page(StatusCode::OK, &RulePage { s, rule: view, list: recent.iter().map(show::row).collect() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_bar_for_every_day_and_today_is_the_last() {
        let now: Moment = "2026-11-21T22:00:00Z".parse().unwrap();
        let hit = |hour: &str, events| Hits {
            name: "r".into(),
            shadow: false,
            hour: hour.parse().unwrap(),
            events,
        };
        let hits =
            [hit("2026-11-21T01:00:00Z", 2), hit("2026-11-21T09:00:00Z", 3), hit("2026-11-20T09:00:00Z", 1)];
        let bars = bars(&hits.iter().collect::<Vec<_>>(), now);
        assert_eq!(bars.len(), 30);
        let last: Vec<(&str, u64)> =
            bars.iter().rev().take(3).map(|it| (it.label.as_str(), it.count)).collect();
        assert_eq!(last, [("11-21", 5), ("11-20", 1), ("11-19", 0)]);
    }
}
