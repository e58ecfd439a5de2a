//! Pages of identity officers: what waits for them, one application, what is listed.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use touchstone_accounts::Permission;
use touchstone_registry::ProofMethod;
use touchstone_registry::statement::VoidReason;
use touchstone_registry::vetting::{Review, Stage};
use touchstone_store::{Deed, KeptApplication, StoreError};

use super::apply::TEXT;
use super::flow::{self, FlowError};
use super::views::{self, AlertView, CasePage, ListedPage, ListedView, QueuePage, QueueView, SeenView};
use super::{backing, clash, proofs};
use crate::console::shell::Shell;
use crate::console::show::minutes;
use crate::console::staff::{Instead, Sent, Staff, busy, done, failed, not_found};
use crate::console::views::{LikenessView, StepView, Tab};
use crate::console::web;
use crate::ctx::Ctx;

/// How many lines a page shows.
const PAGE: usize = 200;

/// Officers appear in the log under a number, not under a name.
fn pseudonym(staff: &Staff) -> String {
    format!("officer-{}", staff.member.id)
}

/// Which part of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Part {
    part: String,
    q: String,
}

const PARTS: [(&str, &[Stage], &str); 4] = [
    ("", &[Stage::Cleared, Stage::Proved], "registry-tab-review"),
    ("notice", &[Stage::Waiting, Stage::Reviewed], "registry-tab-notice"),
    ("draft", &[Stage::Draft], "registry-tab-draft"),
    ("ended", &[Stage::Refused, Stage::Published], "registry-tab-ended"),
];

fn tabs(s: &Shell, here: &str) -> Vec<Tab> {
    let part = |(name, _, label): &(&str, &[Stage], &str)| Tab {
        href: if name.is_empty() {
            "/console/registry".into()
        } else {
            format!("/console/registry?part={name}")
        },
        label: s.t(label),
        here: *name == here,
    };
    let mut tabs: Vec<Tab> = PARTS.iter().map(part).collect();
    let listed = "/console/registry/listed".to_owned();
    tabs.push(Tab { href: listed, label: s.t("registry-tab-listed"), here: here == "listed" });
    tabs
}

/// `GET /console/registry`
pub(crate) async fn queue(
    State(ctx): State<Ctx>,
    Query(part): Query<Part>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::ProposeIdentity)?;
    let s = staff.at("registry");
    let (here, stages, _) = PARTS.iter().find(|it| it.0 == part.part).unwrap_or(&PARTS[0]);
    let mut list = Vec::new();
    for stage in *stages {
        let found = ctx.store.applications(*stage, PAGE).await.map_err(failed(&s))?;
        list.extend(found.iter().map(|it| row(&s, it)));
    }
    let alerts = ctx.store.open_alerts(20).await.map_err(failed(&s))?;
    let alerts = alerts.into_iter().map(|it| AlertView {
        id: it.id,
        href: format!("/console/registry/{}", web::encoded(&it.about)),
        title: s.t(&format!("alert-{}", it.kind)),
        detail: match it.kind.as_str() {
            "changed" => s.t(&format!("alert-changed-{}", it.detail.replace('_', "-"))),
            _ => it.detail,
        },
        at: minutes(it.at),
    });
    let alerts = alerts.collect();
    let (tabs, log) = (tabs(&s, here), ctx.registry.ledger().is_some());
    Ok(web::page(StatusCode::OK, &QueuePage { s, tabs, list, alerts, log }))
}

fn row(s: &Shell, kept: &KeptApplication) -> QueueView {
    let record = &kept.record;
    let note = match record.stage {
        Stage::Waiting => record.waits_until.map(|it| s.t1("queue-until", "until", minutes(it))),
        Stage::Cleared if record.reviews.len() == 1 => Some(s.t("queue-one-agreed")),
        Stage::Proved => Some(s.t("queue-taken")),
        Stage::Refused | Stage::Published => Some(s.t(&format!("stage-{}", record.stage.name()))),
        _ => None,
    };
    QueueView {
        href: format!("/console/registry/{}", web::encoded(&record.id)),
        value: record.wanted.value.clone(),
        organisation: record.wanted.organisation.clone(),
        kind: views::kind_name(s, record.wanted.kind),
        changed: minutes(kept.changed),
        note,
        clashes: record.clashes.len(),
    }
}

/// `GET /console/registry/listed`
pub(crate) async fn listed(
    State(ctx): State<Ctx>,
    Query(part): Query<Part>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::ProposeIdentity)?;
    let s = staff.at("registry");
    let (known, now) = (ctx.registry.now(), ctx.clock.now());
    let wanted = part.q.trim().to_lowercase();
    let fits = |it: &&touchstone_registry::Identity| {
        wanted.is_empty() || it.shown.to_lowercase().contains(&wanted) || it.value.contains(&wanted)
    };
    let mut found = known.registry.identities().iter().filter(fits);
    let list: Vec<ListedView> =
        found.by_ref().take(PAGE).map(|it| views::listed(&s, &known.registry, it, now)).collect();
    let more = found.next().is_some();
    let tabs = tabs(&s, "listed");
    Ok(web::page(StatusCode::OK, &ListedPage { s, tabs, list, query: part.q, more }))
}

/// `GET /console/registry/{id}`
pub(crate) async fn one(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::ProposeIdentity)?;
    let by_passkey = ctx.store.is_by_passkey(&staff.session.token_hash).await;
    let (may, me) = (staff.may(Permission::ApproveIdentity), pseudonym(&staff));
    let s = staff.at("registry");
    let by_passkey = by_passkey.map_err(failed(&s))?;
    let kept = match ctx.store.application(&id).await {
        Ok(kept) => Some(kept),
        Err(StoreError::NotFound) => None,
        Err(error) => return Err(failed(&s)(error)),
    };
    let (known, now) = (ctx.registry.now(), ctx.clock.now());
    let status = known.registry.identity(&id).map(|it| views::listed(&s, &known.registry, it, now));
    let Some(kept) = kept else {
        let Some(status) = status else { return Ok(not_found(s)) };
        return Ok(web::page(StatusCode::OK, &without_application(s, &id, status)));
    };
    let record = &kept.record;
    let evidence = ctx.store.evidence(&id).await.map_err(failed(&s))?;
    let objections = ctx.store.objections(&id).await.map_err(failed(&s))?;
    let agreed = record.reviews.iter().any(|it| it.officer == me);
    let blocked = if record.stage != Stage::Cleared || !may {
        None
    } else if !by_passkey {
        Some(s.t("wrong-no-passkey"))
    } else if agreed {
        Some(s.t("wrong-same-officer"))
    } else {
        None
    };
    let takes_word = matches!(record.stage, Stage::Draft | Stage::Published)
        && proofs::ways(&record.wanted).contains(&ProofMethod::OfficerSeen);
    let page = CasePage {
        action: format!("/console/registry/{}", web::encoded(&id)),
        title: record.wanted.value.clone(),
        kind: views::kind_name(&s, record.wanted.kind),
        stages: views::stages(&s, record.stage),
        facts: views::facts(&s, &record.wanted),
        proofs: evidence
            .iter()
            .map(|it| SeenView {
                method: s.t(&format!("prove-{}", it.method.name().replace('_', "-"))),
                at: minutes(it.at),
                text: String::from_utf8_lossy(&it.seen).chars().take(TEXT).collect(),
            })
            .collect(),
        clashes: record.clashes.iter().map(|it| format!("{} ({})", it.value, it.organisation)).collect(),
        likenesses: likenesses(&ctx, &kept),
        reviews: record
            .reviews
            .iter()
            .map(|it| (it.officer.clone(), minutes(it.at), it.note.clone()))
            .collect(),
        objections: views::objections(objections),
        asks_instead: {
            let standing = flow::standing(&known.registry, &record.wanted.organisation, now);
            backing::asks_officers(record, &standing, &ctx, now)
        },
        backing: backing::view(&ctx, &s, &kept, now),
        wait: record.waits_until.map(minutes),
        reason: record.refusal.as_ref().map(|it| it.reason.clone()),
        may_agree: may && record.stage == Stage::Cleared && blocked.is_none(),
        may_attest: may && by_passkey && takes_word,
        may_refuse: may && !matches!(record.stage, Stage::Published | Stage::Refused),
        blocked,
        status,
        s,
    };
    Ok(web::page(StatusCode::OK, &page))
}

/// A listing from before there were applications: it can only be looked at and revoked.
fn without_application(s: Shell, id: &str, status: ListedView) -> CasePage {
    CasePage {
        action: format!("/console/registry/{}", web::encoded(id)),
        title: status.value.clone(),
        kind: status.kind.clone(),
        stages: Vec::new(),
        facts: Vec::new(),
        proofs: Vec::new(),
        clashes: Vec::new(),
        likenesses: Vec::new(),
        reviews: Vec::new(),
        objections: Vec::new(),
        backing: None,
        asks_instead: false,
        wait: None,
        reason: None,
        may_agree: false,
        may_attest: false,
        may_refuse: false,
        blocked: None,
        status: Some(status),
        s,
    }
}

/// The closest listed string laid beside what is applied for, unless it is long decided.
fn likenesses(ctx: &Ctx, kept: &KeptApplication) -> Vec<LikenessView> {
    if matches!(kept.record.stage, Stage::Published | Stage::Refused) {
        return Vec::new();
    }
    let known = ctx.registry.now();
    let Some((clash, steps)) = clash::drawn(known.directory.index(), &kept.record.wanted) else {
        return Vec::new();
    };
    vec![LikenessView {
        official: clash.value,
        candidate: kept.record.wanted.value.clone(),
        brand: clash.organisation,
        percent: crate::console::show::percent(clash.closeness),
        steps: steps
            .into_iter()
            .map(|it| StepView {
                official: it.official,
                candidate: it.candidate,
                technique: it.technique.map(|it| it.replace('_', " ")),
            })
            .collect(),
    }]
}

/// What all acts have in common: who may, with what, on what.
async fn acting(ctx: &Ctx, sent: &Sent, id: &str) -> Result<(KeptApplication, bool), Instead> {
    sent.staff.must(Permission::ApproveIdentity)?;
    let s = &sent.staff.shell;
    let kept = ctx.store.application(id).await.map_err(failed(s))?;
    let by_passkey = ctx.store.is_by_passkey(&sent.staff.session.token_hash).await.map_err(failed(s))?;
    Ok((kept, by_passkey))
}

/// Back to the application, with what came of it.
fn after(s: &Shell, id: &str, key: &str, outcome: Result<(), FlowError>) -> Result<Response, Instead> {
    let here = format!("/console/registry/{}", web::encoded(id));
    let key = match outcome {
        Ok(()) => key,
        Err(FlowError::Store(StoreError::Conflict(_)) | FlowError::Over) => "registry-conflict",
        Err(FlowError::Store(error)) => return Err(busy(s, &error).into()),
        Err(FlowError::NotYet(why)) => {
            use touchstone_registry::vetting::NotYet as N;
            match why {
                N::SameOfficer | N::OwnApplication => "wrong-same-officer",
                N::NoPasskey => "wrong-no-passkey",
                N::NeedsReason => "wrong-needs-reason",
                N::NeedsBacking => "wrong-needs-backing",
                _ => "registry-conflict",
            }
        }
        Err(error @ FlowError::Publish(_)) => {
            tracing::warn!(%error, "the log did not take it");
            "registry-not-published"
        }
    };
    Ok(done(&here, key, None, None))
}

fn reason(sent: &Sent) -> String {
    sent.fields.get("reason").chars().take(TEXT).collect()
}

/// `POST /console/registry/{id}/agree`
pub(crate) async fn agree(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    let (kept, passkey) = acting(&ctx, &sent, &id).await?;
    let review = Review {
        officer: pseudonym(&sent.staff),
        passkey,
        at: ctx.clock.now(),
        note: reason(&sent),
        instead: sent.fields.get("instead").chars().take(TEXT).collect(),
    };
    let outcome = flow::agree(&ctx, &kept, review, sent.staff.login()).await;
    after(&sent.staff.shell, &id, "registry-agreed", outcome)
}

/// `POST /console/registry/{id}/refuse`
pub(crate) async fn refuse(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    let (kept, _) = acting(&ctx, &sent, &id).await?;
    let why = reason(&sent);
    if why.is_empty() {
        return after(&sent.staff.shell, &id, "wrong-needs-reason", Ok(()));
    }
    let officer = Some(pseudonym(&sent.staff));
    let outcome = flow::refuse(&ctx, &kept, officer, &why, sent.staff.login()).await;
    after(&sent.staff.shell, &id, "registry-refused", outcome)
}

/// `POST /console/registry/{id}/attest`: what an officer has seen.
pub(crate) async fn attest(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    let (kept, passkey) = acting(&ctx, &sent, &id).await?;
    let seen = reason(&sent);
    let ours = proofs::ways(&kept.record.wanted).contains(&ProofMethod::OfficerSeen);
    let key = match (passkey, seen.chars().count() >= 20, ours) {
        (false, _, _) => "wrong-no-passkey",
        (_, false, _) => "registry-say-more",
        (_, _, false) => "registry-conflict",
        _ => "",
    };
    if !key.is_empty() {
        return after(&sent.staff.shell, &id, key, Ok(()));
    }
    let (method, by) = (ProofMethod::OfficerSeen, sent.staff.login());
    let seen = format!("{}: {seen}", pseudonym(&sent.staff)).into_bytes();
    let outcome = flow::proved(&ctx, &kept, method, seen, by).await;
    after(&sent.staff.shell, &id, "registry-attested", outcome)
}

/// `POST /console/registry/{id}/answer/{objection}`
pub(crate) async fn answer(
    State(ctx): State<Ctx>,
    Path((id, objection)): Path<(String, i64)>,
    sent: Sent,
) -> Result<Response, Instead> {
    let (kept, _) = acting(&ctx, &sent, &id).await?;
    let text = reason(&sent);
    if text.is_empty() {
        return after(&sent.staff.shell, &id, "wrong-needs-reason", Ok(()));
    }
    let outcome = flow::answer(&ctx, &kept, objection, &text, sent.staff.login()).await;
    after(&sent.staff.shell, &id, "registry-answered", outcome)
}

/// The written reason of one officer who came by passkey; else where to go instead.
async fn alone(ctx: &Ctx, sent: &Sent, id: &str) -> Result<Result<String, Response>, Instead> {
    sent.staff.must(Permission::ApproveIdentity)?;
    let s = &sent.staff.shell;
    let by_passkey = ctx.store.is_by_passkey(&sent.staff.session.token_hash).await.map_err(failed(s))?;
    let why: String = sent.fields.get("reason").chars().take(160).collect();
    match (by_passkey, why.is_empty()) {
        (false, _) => after(s, id, "wrong-no-passkey", Ok(())).map(Err),
        (_, true) => after(s, id, "wrong-needs-reason", Ok(())).map(Err),
        _ => Ok(Ok(why)),
    }
}

/// `POST /console/registry/{id}/void`: at once, by one officer, until it is proved again.
pub(crate) async fn void(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    let seen = match alone(&ctx, &sent, &id).await? {
        Ok(seen) => seen,
        Err(instead) => return Ok(instead),
    };
    let s = &sent.staff.shell;
    let Some(reason) = VoidReason::from_name(sent.fields.get("void")) else {
        return after(s, &id, "wrong-needs-reason", Ok(()));
    };
    let outcome = flow::void(&ctx, &id, reason, &seen, sent.staff.login()).await;
    after(s, &id, "registry-voided", outcome)
}

/// `POST /console/registry/{id}/revoke`: at once, by one officer.
pub(crate) async fn revoke(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    let why = match alone(&ctx, &sent, &id).await? {
        Ok(why) => why,
        Err(instead) => return Ok(instead),
    };
    let s = &sent.staff.shell;
    let outcome = flow::revoke(&ctx, &id, &why, sent.staff.login()).await;
    after(s, &id, "registry-revoked", outcome)
}

/// `POST /console/registry/alerts/{id}/see`
pub(crate) async fn see(
    State(ctx): State<Ctx>,
    Path(id): Path<i64>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::ApproveIdentity)?;
    let number = id.to_string();
    let deed =
        Deed { at: ctx.clock.now(), by: sent.staff.login(), act: "alert.see", object: &number, detail: "" };
    match ctx.store.see_alert(id, &deed).await {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(done("/console/registry", "alert-seen", None, None)),
        Err(error) => Err(failed(&sent.staff.shell)(error)),
    }
}
